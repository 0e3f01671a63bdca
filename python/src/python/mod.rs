//! The module `sidecar_bridge._native`; its contract is in `sidecar_bridge/_native.pyi`.

mod form;
mod http;
mod json;
#[cfg(unix)]
mod lease;
#[cfg(unix)]
mod unix;

use pyo3::prelude::*;

#[pymodule]
mod _native {
    #[pymodule_export]
    use super::http::{EventParser, ProtocolError, Reply, Request, ResponseDecoder, quote};
    #[pymodule_export]
    use super::json::{decode_json, encode_json};
    #[cfg(unix)]
    #[pymodule_export]
    use super::lease::{NoAnswerError, PyLease, PyPulse};
    #[cfg(unix)]
    #[pymodule_export]
    use super::unix::{NotSentError, PyConnection, PyPool, PyTurn};

    #[pymodule_export]
    const PROTOCOL: u32 = crate::PROTOCOL;
    #[pymodule_export]
    const VERSION: &str = env!("CARGO_PKG_VERSION");
}
