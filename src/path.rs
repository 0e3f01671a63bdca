//! Paths of requests to a sidecar.

use hyper::Uri;

use crate::error::{Kind, Result};

/// A path with an optional query, as a URI.
///
/// # Errors
/// `invalid_argument` when the text is not a path, such as a URL with a host.
pub(crate) fn parse(path: &str) -> Result<Uri> {
    let parsed = path.parse::<Uri>().map_err(|error| error.to_string());
    match parsed {
        Ok(uri) if uri.authority().is_none() && path.starts_with('/') => Ok(uri),
        Ok(_) => {
            Err(Kind::InvalidRequest(format!("`{path}` is not a path; begin it with `/`")).into())
        }
        Err(error) => Err(Kind::InvalidRequest(format!(
            "`{path}` is not a path: {error}; begin it with `/` and percent-encode what is no ASCII"
        ))
        .into()),
    }
}
