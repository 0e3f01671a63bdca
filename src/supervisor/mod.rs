//! One sidecar's life: started, ready, started again, stopped or failed.

mod attach;
mod diagnosis;
mod digest;
mod environment;
mod fork;
mod generation;
mod lease;
mod life;
mod order;
mod output;
mod redaction;
mod reload;
mod restart;
mod spawn;
mod stop;
mod watchdog;

pub(crate) use attach::Attached;
pub(crate) use generation::Spawned;
pub(crate) use life::{Source, Supervisor};
pub(crate) use order::Order;
pub(crate) use output::tell;
pub(crate) use reload::watch_files;
pub(crate) use spawn::Launch;
