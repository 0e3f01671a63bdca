//! Runs one sidecar: starts it, watches it, starts it again, stops it, and says why it failed.

mod accept;
mod admission;
mod attach;
mod control;
mod diagnosis;
mod digest;
mod drain;
mod end;
mod environment;
mod flood;
mod fork;
mod generation;
mod intake;
mod lease;
mod level;
mod life;
mod order;
mod redaction;
mod reload;
mod restart;
mod spawn;
mod stop;
mod tie;
mod watchdog;

pub(crate) use admission::{Admission, Reception};
pub(crate) use attach::Attached;
pub(crate) use control::Control;
pub(crate) use drain::log_line;
pub(crate) use generation::Spawned;
pub(crate) use intake::Intake;
pub(crate) use life::{Source, Supervisor};
pub(crate) use order::Order;
pub(crate) use reload::watch_files;
pub(crate) use spawn::Launch;
pub(crate) use stop::BEYOND as BEYOND_STOP_TIMEOUT;
