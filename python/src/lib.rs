//! Native core of `sidecar_bridge`: an HTTP/1.1 client codec without I/O, connections and a pool over it, and the lease.
//!
//! The codec knows nothing of sockets or Python; [`codec`] and [`sse`] are tested without either. The feature `python`
//! adds the module `sidecar_bridge._native`, whose contract is in `sidecar_bridge/_native.pyi`.

#[cfg(unix)]
pub mod backlog;
pub mod codec;
#[cfg(unix)]
pub mod connection;
#[cfg(unix)]
pub mod dial;
#[cfg(unix)]
pub mod lease;
#[cfg(unix)]
pub mod pool;
#[cfg(feature = "python")]
mod python;
pub mod sse;

/// The version of what is said before and on the lease, see `docs/wire.md`.
pub const PROTOCOL: u32 = 2;
