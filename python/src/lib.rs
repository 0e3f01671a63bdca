//! Native core of `sidecar_bridge`: an HTTP/1.1 client codec without I/O, connections and a pool over it, and the lease.
//!
//! The codec knows nothing of sockets or Python; [`codec`] and [`sse`] are tested without either. The feature `python`
//! adds the module `sidecar_bridge._native`, whose contract is in `sidecar_bridge/_native.pyi`.

pub mod address;
#[cfg(unix)]
pub mod backlog;
#[cfg(unix)]
pub mod calls;
pub mod codec;
pub mod connection;
pub mod dial;
pub mod lease;
#[cfg(all(windows, feature = "python"))]
mod owner;
#[cfg(windows)]
mod pipe;
pub mod pool;
#[cfg(feature = "python")]
mod python;
pub mod sse;

/// The version of what is said before and on the lease, see `docs/wire.md`.
pub const PROTOCOL: u32 = 2;
