//! The checksum of a sidecar's program.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A SHA-256 (FIPS 180-4): 64 hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String", extend("pattern" = "^[0-9a-fA-F]{64}$"))]
pub struct Sha256Digest(pub(crate) [u8; 32]);

impl TryFrom<String> for Sha256Digest {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let mut digest = [0; 32];
        let valid = text.len() == 64
            && text.bytes().all(|digit| digit.is_ascii_hexdigit())
            && (0..32).all(|i| {
                let byte = u8::from_str_radix(&text[2 * i..2 * i + 2], 16);
                byte.map(|byte| digest[i] = byte).is_ok()
            });
        if valid {
            Ok(Self(digest))
        } else {
            Err(format!(
                "`{text}` is not a SHA-256; give 64 hexadecimal digits, such as sha256sum prints"
            ))
        }
    }
}

impl From<Sha256Digest> for String {
    fn from(digest: Sha256Digest) -> Self {
        digest.to_string()
    }
}

impl fmt::Display for Sha256Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
