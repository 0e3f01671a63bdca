use std::{borrow::Cow, collections::BTreeMap};

use crate::endpoint::Token;

const REDACTED: &str = "[redacted]";

/// The shortest value that is replaced, in bytes. A shorter value would also match harmless text.
const SHORTEST_SECRET: usize = 6;

/// Parts of a variable's name that mark its value as a secret.
const SECRET_NAMES: [&str; 8] = [
    "TOKEN",
    "SECRET",
    "PASSWORD",
    "PASSWD",
    "API_KEY",
    "APIKEY",
    "PRIVATE_KEY",
    "CREDENTIAL",
];

/// The secrets that one generation knows. Its output must not show them.
#[derive(Debug)]
pub(super) struct Redaction {
    /// Longest first, so that a secret which contains another one is replaced as a whole.
    secrets: Vec<String>,
}

impl Redaction {
    /// The token, and the values of configured variables whose names say that they are secret.
    pub(super) fn new(token: &Token, env: &BTreeMap<String, String>) -> Self {
        let configured = env.iter().filter(|(name, _)| is_secret(name));
        let mut secrets: Vec<_> = configured
            .map(|(_, value)| value.clone())
            .filter(|value| value.len() >= SHORTEST_SECRET)
            .collect();
        secrets.push(token.reveal().to_owned());
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        Self { secrets }
    }

    /// The length of the longest secret, in bytes.
    pub(super) fn longest(&self) -> usize {
        self.secrets.first().map_or(0, String::len)
    }

    pub(super) fn apply<'a>(&self, line: &'a str) -> Cow<'a, str> {
        let mut line = Cow::Borrowed(line);
        for secret in &self.secrets {
            if line.contains(secret.as_str()) {
                line = line.replace(secret.as_str(), REDACTED).into();
            }
        }
        line
    }
}

fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    SECRET_NAMES.iter().any(|secret| name.contains(secret))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_and_the_values_of_secret_variables_are_never_shown() {
        let token = Token::generate().expect("random");
        let env = [
            ("OPENAI_API_KEY", "sk-123456"),
            ("db_password", "sk-123456-longer"),
            ("APP_TOKEN", "short"),
            ("HOME", "/home/ada"),
        ];
        let env = env.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let redaction = Redaction::new(&token, &BTreeMap::from(env));
        let line = format!(
            "{} sk-123456-longer sk-123456 short /home/ada",
            token.reveal()
        );
        assert_eq!(
            redaction.apply(&line),
            "[redacted] [redacted] [redacted] short /home/ada"
        );
        assert!(matches!(
            redaction.apply("nothing"),
            Cow::Borrowed("nothing")
        ));
    }
}
