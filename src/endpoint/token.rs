//! The token, which proves that a request comes from the present generation of the sidecar.

use std::{
    fmt,
    sync::{Arc, PoisonError, RwLock, RwLockWriteGuard},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Serialize, Serializer};
use subtle::ConstantTimeEq;
use tokio_util::sync::CancellationToken;

use crate::error::{Error, Result};

/// Proves that a request comes from the present generation of the sidecar: 32 random bytes from the operating system.
pub(crate) struct Token(String);

impl Token {
    pub(crate) fn generate() -> Result<Self> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(|error| {
            Error::io("asking the operating system for random bytes")(error.into())
        })?;
        Ok(Self(URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// The token itself, for code that removes it from output.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }

    /// Compares in constant time, so that the delay of an answer reveals nothing of the token.
    pub(crate) fn matches(&self, candidate: &[u8]) -> bool {
        self.0.as_bytes().ct_eq(candidate).into()
    }
}

/// The token of the present generation. Between two generations there is none, and all calls are refused.
#[derive(Debug, Default)]
pub(crate) struct CurrentToken(RwLock<Option<Present>>);

#[derive(Debug)]
struct Present {
    token: Arc<Token>,
    generation: Generation,
}

impl Drop for Present {
    fn drop(&mut self) {
        self.generation.0.cancel();
    }
}

/// The generation that a request comes from: whether it has ended. Each request has a copy, and a copy of the token itself
/// would take a lock.
#[derive(Clone, Debug, Default)]
pub(crate) struct Generation(Arc<CancellationToken>);

impl Generation {
    pub(crate) fn has_ended(&self) -> bool {
        self.0.is_cancelled()
    }

    /// Waits for its end.
    pub(crate) async fn ended(&self) {
        self.0.cancelled().await;
    }
}

impl CurrentToken {
    /// Makes the token of a new generation. From now on it is the only valid token.
    pub(crate) fn renew(&self) -> Result<Arc<Token>> {
        let token = Arc::new(Token::generate()?);
        *self.write() = Some(Present {
            token: token.clone(),
            generation: Generation::default(),
        });
        Ok(token)
    }

    /// Ends the present generation's access.
    pub(crate) fn revoke(&self) {
        *self.write() = None;
    }

    pub(crate) fn matches(&self, candidate: &[u8]) -> bool {
        self.generation_of(candidate).is_some()
    }

    /// The present generation, if that is its token.
    pub(crate) fn generation_of(&self, candidate: &[u8]) -> Option<Generation> {
        let current = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let present = current.as_ref()?;
        let is_present = present.token.matches(candidate);
        is_present.then(|| present.generation.clone())
    }

    fn write(&self) -> RwLockWriteGuard<'_, Option<Present>> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

impl Serialize for Token {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_differ_and_match_only_themselves() {
        let (a, b) = (
            Token::generate().expect("random"),
            Token::generate().expect("random"),
        );
        assert_eq!(a.0.len(), 43);
        assert!(a.matches(a.0.as_bytes()));
        assert!(!a.matches(b.0.as_bytes()) && !a.matches(b"") && !a.matches(&a.0.as_bytes()[..42]));
    }

    #[test]
    fn only_the_token_of_the_present_generation_gets_in() {
        let current = CurrentToken::default();
        assert!(!current.matches(b""));
        let first = current.renew().expect("random");
        assert!(current.matches(first.0.as_bytes()));
        let second = current.renew().expect("random");
        assert!(!current.matches(first.0.as_bytes()) && current.matches(second.0.as_bytes()));
        current.revoke();
        assert!(!current.matches(second.0.as_bytes()) && !current.matches(b""));
    }

    #[test]
    fn a_generation_has_ended_once_its_token_is_revoked_or_renewed() {
        let current = CurrentToken::default();
        for end in [
            |current: &CurrentToken| current.revoke(),
            |current: &CurrentToken| drop(current.renew()),
        ] {
            let token = current.renew().expect("random");
            let generation = current.generation_of(token.0.as_bytes()).expect("present");
            assert!(!generation.has_ended());
            end(&current);
            assert!(generation.has_ended());
        }
    }

    #[test]
    fn a_token_never_shows_in_debug_output() {
        let token = Token::generate().expect("random");
        assert!(!format!("{token:?}").contains(&token.0));
    }
}
