//! One sidecar's life: started, ready, stopped or failed.

mod attach;
mod output;
mod spawn;

pub(crate) use attach::attach;
pub(crate) use output::tell;
pub(crate) use spawn::{Introduction, Launch, supervise};
