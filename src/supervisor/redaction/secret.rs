//! One secret, and the forms in which text may show it.

/// How many backslashes may stand where one is meant: `repr` doubles them, and the `repr` of a `repr` doubles them again.
const MOST_BACKSLASHES: usize = 4;

/// A text that is found as it is, as Python and JSON escape it, and percent-encoded (RFC 3986).
#[derive(Debug)]
pub(super) struct Secret(String);

impl Secret {
    pub(super) const fn new(text: String) -> Self {
        Self(text)
    }

    /// The bytes with which a form of the secret may begin.
    pub(super) fn starts(&self) -> Vec<u8> {
        let first = self.0.chars().next().unwrap_or_default();
        let plain = self.0.bytes().next().unwrap_or_default();
        if is_plain(first) {
            vec![plain]
        } else {
            vec![plain, b'\\', b'%', b'+']
        }
    }

    /// The length of the longest form, in bytes.
    pub(super) fn longest(&self) -> usize {
        let letters = self.0.chars().map(|letter| {
            if is_plain(letter) {
                return 1;
            }
            if letter == '\\' {
                // Those of the letter behind it are counted here, too, each as `%5C`.
                return 2 * MOST_BACKSLASHES * 3;
            }
            // Each byte as `\xff`, or the whole letter as `\Uffffffff`, or in two parts as `\uffff`.
            let bytes = letter.len_utf8() * (MOST_BACKSLASHES + 3);
            bytes.max(2 * (MOST_BACKSLASHES + 5))
        });
        letters.sum()
    }

    /// The length of the form with which the text begins, in bytes.
    pub(super) fn length_at(&self, text: &str) -> Option<usize> {
        let mut rest = text;
        let mut letters = self.0.chars().peekable();
        while let Some(letter) = letters.next() {
            if letter != '\\' {
                rest = after(rest, letter, false)?;
                continue;
            }
            let mut wanted = 1;
            while letters.next_if_eq(&'\\').is_some() {
                wanted += 1;
            }
            // There are more of them if each is doubled, and the last may belong to the letter that follows.
            let found = backslashes(&mut rest, (wanted + 1) * MOST_BACKSLASHES);
            if found < wanted {
                return None;
            }
            if let Some(letter) = letters.next() {
                rest = after(rest, letter, true)?;
            }
        }
        Some(text.len() - rest.len())
    }
}

/// Whether no encoding changes a letter (RFC 3986, section 2.3).
fn is_plain(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '-' | '.' | '_' | '~')
}

/// What follows a form of the letter. If backslashes are behind already, they may be those of an escape.
fn after(text: &str, letter: char, is_escaped: bool) -> Option<&str> {
    let escaped = |text| after_escaped(text, letter);
    if let Some(rest) = text.strip_prefix(letter) {
        return Some(rest);
    }
    if is_plain(letter) {
        return None;
    }
    if is_escaped && let Some(rest) = escaped(text) {
        return Some(rest);
    }
    let mut behind = text;
    if backslashes(&mut behind, MOST_BACKSLASHES) > 0 {
        return behind.strip_prefix(letter).or_else(|| escaped(behind));
    }
    match text.strip_prefix('+') {
        Some(rest) if letter == ' ' => Some(rest),
        _ => after_bytes(text, letter, |text| text.strip_prefix('%')),
    }
}

/// What follows the letter as an escape says it, behind the backslashes.
fn after_escaped(text: &str, letter: char) -> Option<&str> {
    let short = match letter {
        '\n' => Some('n'),
        '\r' => Some('r'),
        '\t' => Some('t'),
        '\u{8}' => Some('b'),
        '\u{c}' => Some('f'),
        _ => None,
    };
    if let Some(rest) = short.and_then(|short| text.strip_prefix(short)) {
        return Some(rest);
    }
    let code = u32::from(letter);
    let mut units = [0; 2];
    let units = letter.encode_utf16(&mut units);
    let behind = |text, mark: char| behind_backslashes(text)?.strip_prefix(mark);
    // The first of several parts has its backslashes behind it.
    let mut of_units = text.strip_prefix('u');
    for (index, unit) in units.iter().enumerate() {
        of_units = of_units.and_then(|text| {
            if index == 0 {
                Some(text)
            } else {
                behind(text, 'u')
            }
        });
        of_units = of_units.and_then(|text| after_hex(text, (*unit).into(), 4));
    }
    let whole = |mark: char, digits| after_hex(text.strip_prefix(mark)?, code, digits);
    let mut is_first = true;
    of_units
        .or_else(|| whole('U', 8))
        .or_else(|| if code < 0x100 { whole('x', 2) } else { None })
        .or_else(|| {
            after_bytes(text, letter, |text| {
                if std::mem::take(&mut is_first) {
                    text.strip_prefix('x')
                } else {
                    behind(text, 'x')
                }
            })
        })
}

/// What follows the bytes of a letter, of which each is two hexadecimal digits behind a mark.
fn after_bytes<'a>(
    mut text: &'a str,
    letter: char,
    mut behind_mark: impl FnMut(&'a str) -> Option<&'a str>,
) -> Option<&'a str> {
    for byte in letter.encode_utf8(&mut [0; 4]).bytes() {
        text = after_hex(behind_mark(text)?, byte.into(), 2)?;
    }
    Some(text)
}

/// What follows that number in that many hexadecimal digits.
fn after_hex(text: &str, number: u32, digits: usize) -> Option<&str> {
    let found = text.get(..digits)?;
    let is_hex = found.bytes().all(|digit| digit.is_ascii_hexdigit());
    (is_hex && u32::from_str_radix(found, 16) == Ok(number)).then(|| &text[digits..])
}

fn behind_backslashes(mut text: &str) -> Option<&str> {
    (backslashes(&mut text, MOST_BACKSLASHES) > 0).then_some(text)
}

/// Takes backslashes off the text, also percent-encoded ones, and gives their number.
fn backslashes(text: &mut &str, most: usize) -> usize {
    let mut found = 0;
    while found < most {
        let rest = text.strip_prefix('\\');
        let rest = rest.or_else(|| after_hex(text.strip_prefix('%')?, 0x5c, 2));
        let Some(rest) = rest else { break };
        *text = rest;
        found += 1;
    }
    found
}
