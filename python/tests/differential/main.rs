//! Our parsers against others on random bytes: the response decoder against hyper's client, the event parser against a
//! plain reading of its standard.
//!
//! Each run takes a new seed and prints it. `SIDECAR_BRIDGE_FUZZ_SEED` repeats a run, `SIDECAR_BRIDGE_FUZZ_INPUTS` says
//! how long it is. The long form is
//!
//! ```text
//! SIDECAR_BRIDGE_FUZZ_INPUTS=10000000 cargo test --release --locked -p tauri-sidecar-bridge-native \
//!     --no-default-features --test differential -- --nocapture
//! ```

mod codec;
mod fuzz;
mod memory;
mod mutation;
mod peer;
mod responses;
mod sse;

/// The limit of the decoders under test, small enough to be met.
const MAX_BODY_BYTES: usize = 64;

/// One whole answer, as far as a client of the bridge cares.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Answer {
    status: u16,
    body: Vec<u8>,
    /// Whether the connection can carry another request.
    reusable: bool,
}
