//! The name of a sidecar.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

/// A sidecar's name: 1 to 32 of `a-z`, `0-9` and `-`, beginning with a letter.
///
/// It is the host part of the principal `sidecar-bridge://<name>`.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
pub struct SidecarName(#[schemars(regex(pattern = "^[a-z][a-z0-9-]{0,31}$"))] String);

impl SidecarName {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The origin that Tauri's ACL sees when this sidecar calls: `sidecar-bridge://<name>`.
    ///
    /// No URI scheme of that name may ever be registered: Tauri takes registered schemes for local pages.
    ///
    /// # Panics
    /// Never: what is valid in a name is valid in a host.
    #[must_use]
    pub fn principal(&self) -> Url {
        let url = Url::parse(&format!("sidecar-bridge://{}", self.0));
        url.expect("a checked name is a valid host")
    }
}

impl TryFrom<String> for SidecarName {
    type Error = String;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        let valid = name.len() <= 32
            && name.starts_with(|c: char| c.is_ascii_lowercase())
            && name
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        if valid {
            Ok(Self(name))
        } else {
            Err(format!(
                "`{name}` is not a sidecar name; use 1 to 32 of a-z, 0-9 and -, beginning with a letter"
            ))
        }
    }
}

impl From<SidecarName> for String {
    fn from(name: SidecarName) -> Self {
        name.0
    }
}

impl std::borrow::Borrow<str> for SidecarName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SidecarName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
