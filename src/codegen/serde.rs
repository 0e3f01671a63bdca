//! Serde's attributes, which specta keeps with its types.

use specta::datatype::Attributes;

/// The names of one field or variant on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Names {
    /// As Rust writes it, and Python reads it.
    pub(super) read: String,
    /// As Python writes it, and Rust reads it.
    pub(super) write: String,
}

/// The rules of `rename_all`, for each direction.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Rules {
    serialize: Option<Rule>,
    deserialize: Option<Rule>,
}

impl Rules {
    /// Reads `serde:{level}:{attribute}_serialize` and `…_deserialize`, such as for `container` and `rename_all`.
    pub(super) fn of(attributes: &Attributes, level: &str, attribute: &str) -> Self {
        let rule = |direction: &str| {
            let rule = text(
                attributes,
                &format!("serde:{level}:{attribute}_{direction}"),
            )?;
            Rule::parse(&rule)
        };
        Self {
            serialize: rule("serialize"),
            deserialize: rule("deserialize"),
        }
    }

    /// These rules, and `others` for a direction without one.
    pub(super) fn or(self, others: Self) -> Self {
        Self {
            serialize: self.serialize.or(others.serialize),
            deserialize: self.deserialize.or(others.deserialize),
        }
    }

    pub(super) fn field(self, rust: &str, attributes: &Attributes) -> Names {
        self.names("field", rust, attributes, Rule::field)
    }

    pub(super) fn variant(self, rust: &str, attributes: &Attributes) -> Names {
        self.names("variant", rust, attributes, Rule::variant)
    }

    fn names(
        self,
        level: &str,
        rust: &str,
        attributes: &Attributes,
        apply: fn(Rule, &str) -> String,
    ) -> Names {
        let name = |direction: &str, rule: Option<Rule>| {
            text(attributes, &format!("serde:{level}:rename_{direction}"))
                .or_else(|| rule.map(|rule| apply(rule, rust)))
                .unwrap_or_else(|| rust.to_owned())
        };
        Names {
            read: name("serialize", self.serialize),
            write: name("deserialize", self.deserialize),
        }
    }
}

/// A rule for the case of names; a copy of serde_derive's `internals/case.rs`, which no crate exports.
#[derive(Debug, Clone, Copy)]
enum Rule {
    Lower,
    Upper,
    Pascal,
    Camel,
    Snake,
    ScreamingSnake,
    Kebab,
    ScreamingKebab,
}

impl Rule {
    fn parse(rule: &str) -> Option<Self> {
        Some(match rule {
            "lowercase" => Self::Lower,
            "UPPERCASE" => Self::Upper,
            "PascalCase" => Self::Pascal,
            "camelCase" => Self::Camel,
            "snake_case" => Self::Snake,
            "SCREAMING_SNAKE_CASE" => Self::ScreamingSnake,
            "kebab-case" => Self::Kebab,
            "SCREAMING-KEBAB-CASE" => Self::ScreamingKebab,
            _ => return None,
        })
    }

    fn variant(self, name: &str) -> String {
        match self {
            Self::Pascal => name.to_owned(),
            Self::Lower => name.to_ascii_lowercase(),
            Self::Upper => name.to_ascii_uppercase(),
            Self::Camel => lower_first(name),
            Self::Snake => {
                let mut snake = String::new();
                for (index, letter) in name.char_indices() {
                    if index > 0 && letter.is_uppercase() {
                        snake.push('_');
                    }
                    snake.push(letter.to_ascii_lowercase());
                }
                snake
            }
            Self::ScreamingSnake => Self::Snake.variant(name).to_ascii_uppercase(),
            Self::Kebab => Self::Snake.variant(name).replace('_', "-"),
            Self::ScreamingKebab => Self::ScreamingSnake.variant(name).replace('_', "-"),
        }
    }

    fn field(self, name: &str) -> String {
        match self {
            Self::Lower | Self::Snake => name.to_owned(),
            Self::Upper | Self::ScreamingSnake => name.to_ascii_uppercase(),
            Self::Pascal => name
                .split('_')
                .map(|word| {
                    let mut letters = word.chars();
                    let first = letters.next().map(|first| first.to_ascii_uppercase());
                    first.into_iter().chain(letters).collect::<String>()
                })
                .collect(),
            Self::Camel => lower_first(&Self::Pascal.field(name)),
            Self::Kebab => name.replace('_', "-"),
            Self::ScreamingKebab => name.to_ascii_uppercase().replace('_', "-"),
        }
    }
}

fn lower_first(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().map(|first| first.to_ascii_lowercase());
    first.into_iter().chain(letters).collect()
}

/// The value of an attribute that holds text.
pub(super) fn text(attributes: &Attributes, key: &str) -> Option<String> {
    attributes.get_named_as::<String>(key).cloned()
}

/// How serde writes an enum, see <https://serde.rs/enum-representations.html>.
#[derive(Debug, Clone)]
pub(super) enum Representation {
    External,
    Internal { tag: String },
    Adjacent { tag: String, content: String },
    Untagged,
}

impl Representation {
    pub(super) fn of(attributes: &Attributes) -> Self {
        if attributes.contains_key("serde:container:untagged") {
            return Self::Untagged;
        }
        let tag = text(attributes, "serde:container:tag");
        match (tag, text(attributes, "serde:container:content")) {
            (None, _) => Self::External,
            (Some(tag), None) => Self::Internal { tag },
            (Some(tag), Some(content)) => Self::Adjacent { tag, content },
        }
    }
}

#[cfg(test)]
mod tests {
    use serde::Serialize;

    use super::Rule;

    const RULES: [(&str, Rule); 8] = [
        ("lowercase", Rule::Lower),
        ("UPPERCASE", Rule::Upper),
        ("PascalCase", Rule::Pascal),
        ("camelCase", Rule::Camel),
        ("snake_case", Rule::Snake),
        ("SCREAMING_SNAKE_CASE", Rule::ScreamingSnake),
        ("kebab-case", Rule::Kebab),
        ("SCREAMING-KEBAB-CASE", Rule::ScreamingKebab),
    ];

    /// What serde itself makes of awkward names under one rule: first the field, then the variants.
    macro_rules! serde_names {
        ($rule:literal) => {{
            #[derive(Serialize)]
            #[serde(rename_all = $rule)]
            struct Fields {
                a_b_2c: u8,
                html: u8,
                __x_: u8,
            }
            #[derive(Serialize)]
            #[serde(rename_all = $rule)]
            enum Variants {
                A,
                HtmlPage,
                XML2Json,
            }
            let fields = Fields {
                a_b_2c: 0,
                html: 0,
                __x_: 0,
            };
            let fields = serde_json::to_value(fields).expect("serde writes it");
            let fields = fields.as_object().expect("a map").keys().cloned();
            let variants = [Variants::A, Variants::HtmlPage, Variants::XML2Json].map(|variant| {
                let written = serde_json::to_value(variant).expect("serde writes it");
                written.as_str().expect("a string").to_owned()
            });
            (fields.collect::<Vec<_>>(), variants.to_vec())
        }};
    }

    #[test]
    fn names_change_as_serde_changes_them() {
        let of_serde = [
            serde_names!("lowercase"),
            serde_names!("UPPERCASE"),
            serde_names!("PascalCase"),
            serde_names!("camelCase"),
            serde_names!("snake_case"),
            serde_names!("SCREAMING_SNAKE_CASE"),
            serde_names!("kebab-case"),
            serde_names!("SCREAMING-KEBAB-CASE"),
        ];
        for ((name, rule), (mut fields, variants)) in RULES.into_iter().zip(of_serde) {
            assert!(Rule::parse(name).is_some(), "{name}");
            let mut ours = ["a_b_2c", "html", "__x_"].map(|field| rule.field(field));
            ours.sort();
            fields.sort();
            assert_eq!(ours.to_vec(), fields, "{name}");
            let ours = ["A", "HtmlPage", "XML2Json"].map(|variant| rule.variant(variant));
            assert_eq!(ours.to_vec(), variants, "{name}");
        }
    }
}
