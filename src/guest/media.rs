//! What elements of a page get by URL, such as pictures and fonts: answers of sidecars, over a URI scheme.
//!
//! To Tauri, whatever a registered scheme serves is a page of the app. So nothing may become a page here, and each of these
//! holds without the others:
//! - The webview opens no page and no frame of the scheme, see `is_of_scheme`.
//! - The scheme is no principal of Tauri's ACL, see `SCHEME`.
//! - What a browser could open as a document does not come through, see `kind`; the rest comes in a sandbox that runs nothing.
//! - A URL has a secret, the `pass`, which one page gets by a command that the ACL judges. The scope of that page judges each
//!   request.

mod answer;
mod kind;
mod pass;
mod request;

pub(crate) use self::{
    answer::answer,
    pass::{Pass, Passes},
    request::is_of_scheme,
};

/// The name under which the scheme is registered.
///
/// Webviews, and URLs, have it in lower case. Tauri looks for the scheme of a page among the registered names as they are, so it
/// does not find this one, and takes a page of the scheme for another origin, which no capability names. On Windows the name is
/// in a host, which wry compares as it is; there `HOST` does the same.
pub(crate) const SCHEME: &str = if cfg!(windows) {
    "sidecar-media"
} else {
    "Sidecar-Media"
};

/// The host of all URLs. On Windows a URL begins with `http://sidecar-media.bridge.localhost`, and Tauri takes only
/// `http://sidecar-media.localhost` for a page of the scheme.
const HOST: &str = "bridge.localhost";

/// How a URL begins, as the page has it.
const BASE: &str = if cfg!(windows) {
    "http://sidecar-media.bridge.localhost"
} else {
    "sidecar-media://bridge.localhost"
};
