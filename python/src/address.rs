//! Where a host can be reached.

use std::path::PathBuf;

/// A Unix socket, or a named pipe and the process that has to be behind it.
#[derive(Clone, Debug)]
pub struct Address {
    /// The path of the socket, or the name of the pipe.
    pub path: PathBuf,
    /// The process of the host. A pipe of another process is refused; of a socket the path's directory says enough.
    pub process: Option<u32>,
}

impl Address {
    /// An address of which nobody has said whose process is behind it.
    #[must_use]
    pub const fn anybody(path: PathBuf) -> Self {
        Self {
            path,
            process: None,
        }
    }
}
