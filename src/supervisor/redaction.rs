//! Secrets in a sidecar's output: where they stand as they are, and in the forms in which programs write text.

mod secret;

use std::{borrow::Cow, collections::BTreeMap};

use self::secret::Secret;
use crate::endpoint::Token;

const REDACTED: &str = "[redacted]";

/// The shortest value, and the shortest line of one, that is replaced, in bytes. A shorter one would also match harmless text.
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
///
/// Output is read by lines, so of a value with line breaks each line is a secret of its own. Values are found as they are, as
/// Python's `repr` and JSON escape them, and percent-encoded as in a URL. What a program makes of a value otherwise, such as its
/// base64 or a part of it, is not found.
#[derive(Debug)]
pub(super) struct Redaction {
    /// Longest first, so that a secret which contains another one is replaced as a whole.
    secrets: Vec<Secret>,
    /// The bytes with which one of them may begin.
    starts: [bool; 256],
}

impl Redaction {
    /// The token, and the values of configured variables whose names say that they are secret.
    pub(super) fn new(token: &Token, env: &BTreeMap<String, String>) -> Self {
        let configured = env.iter().filter(|(name, _)| is_secret(name));
        let mut secrets: Vec<&str> = configured
            .flat_map(|(_, value)| std::iter::once(value.trim()).chain(lines(value)))
            .filter(|value| value.len() >= SHORTEST_SECRET)
            .collect();
        secrets.push(token.reveal());
        secrets.sort_by_key(|secret| (std::cmp::Reverse(secret.len()), *secret));
        secrets.dedup();
        let secrets = secrets.into_iter().map(|text| Secret::new(text.to_owned()));
        let secrets: Vec<Secret> = secrets.collect();
        let mut starts = [false; 256];
        for byte in secrets.iter().flat_map(Secret::starts) {
            starts[usize::from(byte)] = true;
        }
        Self { secrets, starts }
    }

    /// The length of the longest form of a secret, in bytes.
    pub(super) fn longest(&self) -> usize {
        self.secrets.iter().map(Secret::longest).max().unwrap_or(0)
    }

    pub(super) fn apply<'a>(&self, line: &'a str) -> Cow<'a, str> {
        let (mut redacted, mut kept, mut place) = (String::new(), 0, 0);
        while let Some(byte) = line.as_bytes().get(place) {
            match self.length_at(line, place, *byte) {
                Some(length) => {
                    redacted += &line[kept..place];
                    redacted += REDACTED;
                    place += length;
                    kept = place;
                }
                None => place += 1,
            }
        }
        if kept == 0 {
            return Cow::Borrowed(line);
        }
        redacted += &line[kept..];
        Cow::Owned(redacted)
    }

    /// The length of the secret at a place of a line, where that byte is.
    fn length_at(&self, line: &str, place: usize, byte: u8) -> Option<usize> {
        if !self.starts[usize::from(byte)] {
            return None;
        }
        let rest = line.get(place..)?;
        self.secrets
            .iter()
            .find_map(|secret| secret.length_at(rest))
    }
}

fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    SECRET_NAMES.iter().any(|secret| name.contains(secret))
}

/// The lines of a value, also of one in which `\n` stands for a line break, as in files of variables.
fn lines(value: &str) -> impl Iterator<Item = &str> {
    value
        .split(['\n', '\r'])
        .flat_map(|line| line.split("\\n"))
        .flat_map(|line| line.split("\\r"))
        .map(str::trim)
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

    /// What is left of a line where `secret` is the only configured secret.
    fn redacted(secret: &str, line: &str) -> String {
        let token = Token::generate().expect("random");
        let env = BTreeMap::from([("APP_SECRET".to_owned(), secret.to_owned())]);
        Redaction::new(&token, &env).apply(line).into_owned()
    }

    const PEM: &str = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\r\n\
        BKcwggSjAgEAAoIBAQC7VJTUt9Us8c+/\n\nab==\n-----END PRIVATE KEY-----\n";

    #[test]
    fn each_line_of_a_secret_is_a_secret() {
        let lines: Vec<String> = PEM.lines().map(|line| redacted(PEM, line)).collect();
        assert_eq!(
            lines,
            [
                "[redacted]",
                "[redacted]",
                "[redacted]",
                "",
                "ab==",
                "[redacted]"
            ],
            "a line of less than six bytes is too short to tell it from other text"
        );
        let in_one_line = PEM.replace("\r\n", "\\n").replace('\n', "\\n");
        assert_eq!(
            redacted(&in_one_line, "key BKcwggSjAgEAAoIBAQC7VJTUt9Us8c+/"),
            "key [redacted]"
        );
        assert_eq!(redacted(&in_one_line, &in_one_line), "[redacted]");
    }

    #[test]
    fn a_secret_is_found_as_programs_write_it() {
        // Each as Python prints it: `repr` of text and of bytes, `ascii`, `json.dumps` with and without `ensure_ascii`, the
        // `repr` of JSON, `quote`, `quote_plus` and `quote` with `safe=""`.
        let secret = "it's \"quoted\" \\ a/b+c=\u{7f} größe \u{1f511}\n\tend of it";
        for line in [
            r#"'it\'s "quoted" \\ a/b+c=\x7f größe 🔑\n\tend of it'"#,
            r#"b'it\'s "quoted" \\ a/b+c=\x7f gr\xc3\xb6\xc3\x9fe \xf0\x9f\x94\x91\n\tend of it'"#,
            r#"'it\'s "quoted" \\ a/b+c=\x7f gr\xf6\xdfe \U0001f511\n\tend of it'"#,
            r#""it's \"quoted\" \\ a/b+c=\u007f gr\u00f6\u00dfe \ud83d\udd11\n\tend of it""#,
            r#""it's \"quoted\" \\ a/b+c=\u007F größe 🔑\n\tend of it""#,
            r#"'"it\'s \\"quoted\\" \\\\ a/b+c=\\u007f gr\\u00f6\\u00dfe \\ud83d\\udd11\\n\\tend of it"'"#,
            "'it%27s%20%22quoted%22%20%5C%20a/b%2Bc%3D%7F%20gr%C3%B6%C3%9Fe%20%F0%9F%94%91%0A%09end%20of%20it'",
            "'it%27s+%22quoted%22+%5c+a%2fb%2bc%3d%7f+gr%c3%b6%c3%9fe+%f0%9f%94%91%0a%09end+of+it'",
        ] {
            let left = redacted(secret, line);
            assert!(
                matches!(
                    &*left,
                    "'[redacted]'" | "\"[redacted]\"" | "b'[redacted]'" | "'\"[redacted]\"'"
                ),
                "{line} became {left}"
            );
        }
    }

    #[test]
    fn no_form_is_longer_than_the_longest() {
        let token = Token::generate().expect("random");
        let secret = "\u{1f511}\u{20ac}\n\"";
        let env = BTreeMap::from([("APP_SECRET".to_owned(), format!("{secret}abc"))]);
        let redaction = Redaction::new(&token, &env);
        for escaped in [
            r"\\\\xf0\\\\x9f\\\\x94\\\\x91\\\\xe2\\\\x82\\\\xac\\\\x0a\\\\x22abc",
            r"\\\\ud83d\\\\udd11\\\\u20ac\\\\u000a\\\\u0022abc",
            r"\\\\U0001f511\\\\U000020ac\\\\U0000000a\\\\U00000022abc",
        ] {
            assert_eq!(redaction.apply(escaped), REDACTED);
            assert!(escaped.len() <= redaction.longest(), "{escaped}");
        }
    }

    #[test]
    fn a_large_secret_is_one_too() {
        let secret = "/+=\"\\".repeat(20_000);
        assert_eq!(
            redacted(&secret, &format!("it is {secret}.")),
            "it is [redacted]."
        );
    }
}
