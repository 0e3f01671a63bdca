//! Documentation of every kind, and what is deprecated.
#![expect(clippy::empty_docs, reason = "one field has an empty line only")]

use arbitrary::Arbitrary;
use serde::{Deserialize, Serialize};
use specta::Type;

/// A task, and
/// what belongs to it.
///
/// Its docs have a "quote", a \ backslash, three quotes """ and a line that is so long that it does not fit, so that it has to be broken.
///   - an indented line
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Quotes {
    /// "quoted"
    pub first: u8,
    /// It ends with a "quote"
    pub second: u8,
    /// It ends with a backslash \
    pub third: u8,
    /// """three""" and '''three''' quotes, \n, \u1234, \N{BULLET} and {curly} %s
    pub fourth: u8,
    /// "
    pub fifth: u8,
}

/// Code:
///
/// ```python
/// def f() -> None:
///     print("""hello""")
/// ```
///
/// # A heading
///
/// | a | b |
/// |---|---|
/// | 1 | 2 |
///
///
/// Two empty lines were before this one, and an empty one follows.
///
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Markdown {
    /// - one
    /// - two
    ///
    /// 1. [a link](https://example.org/a/very/long/link/that/does/not/fit/on/one/line/of/python/because/it/has/no/space/in/it)
    pub list: u8,
    ///     indented by four
    pub indented: u8,
    ///
    pub nothing: u8,
    #[doc = "tab\there, trailing spaces   \n   and a line of its own   \r\nand another"]
    pub white_space: u8,
}

/// Größe, 日本語, עברית, \u{1f41b} is 🐛, a combining é, a zero-width​space and a no-break space.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct Foreign {
    /// Länge in µm; 「引用」 … – “so”
    pub value: u8,
}

/// Averylongwordwithoutanyspaceinitsothatitcannotbebrokenanywhereandhastostayasitiseventhoughitislongerthanthelineofpythonmaybe
/// and then words after it that follow on the next line, and that are many too, so that this line is too long as well as that one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub struct LongWords {
    /// A field with a very long description, which has to be broken, as it does not fit on a line of one hundred and twenty characters.
    pub value: u8,
}

/// Holds
///
///     nothing that is not indented
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
#[deprecated = "there is nothing in it"]
pub struct EmptyAndOld {}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
#[deprecated]
pub struct OldUnit;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
#[deprecated(since = "1.2.0", note = "use \"Foreign\", it's \\ better")]
pub struct Old {
    /// It was something.
    #[deprecated]
    pub plain: u8,
    #[deprecated(since = "1.0.0")]
    pub since: u8,
    #[deprecated(
        note = "a note that is so long that it does not fit on the line of the field, nor on a line of its own, at all"
    )]
    #[serde(default)]
    pub noted: Vec<Option<String>>,
}

/// Some of it is old.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
pub enum Ages {
    New,
    /// It was good.
    #[deprecated = "use `New`"]
    Old,
    #[deprecated]
    Older,
    /// Its docs are "quoted" and have three quotes """
    Quoted,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Arbitrary)]
#[deprecated = "use `Ages`"]
#[serde(tag = "type")]
pub enum OldAges {
    /// Still there.
    Kept { value: u8 },
    #[deprecated = "use `Kept`"]
    Dropped {
        #[deprecated]
        value: u8,
    },
}
