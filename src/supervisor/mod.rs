//! One sidecar's life: started, ready, started again, stopped or failed.

mod attach;
mod fork;
mod lease;
mod life;
mod output;
mod restart;
mod spawn;
mod stop;

pub(crate) use attach::attach;
pub(crate) use lease::Introduction;
pub(crate) use life::supervise;
pub(crate) use output::tell;
pub(crate) use spawn::Launch;
