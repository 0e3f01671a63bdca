//! Python text, laid out as `ruff format` would at [`LINE_LENGTH`].

/// The line length that the output is formatted for.
const LINE_LENGTH: usize = 120;

/// An expression that may have to be broken over lines.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Expr {
    /// What is never broken.
    Text(String),
    /// Things between brackets: `before` ends in the opening one.
    Bracket {
        before: String,
        items: Vec<Expr>,
        kind: Kind,
    },
    /// A union: `A | B`.
    Or(Vec<Expr>),
    /// Text that stands directly in front, such as `name=`, and directly behind.
    Between(String, Box<Expr>, String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Call,
    Subscript,
    List,
    Dict,
}

impl Kind {
    fn closing(self) -> &'static str {
        match self {
            Self::Call => ")",
            Self::Subscript | Self::List => "]",
            Self::Dict => "}",
        }
    }
}

impl From<&str> for Expr {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Expr {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl Expr {
    pub(super) fn call(function: &str, items: Vec<Self>) -> Self {
        Self::bracket(format!("{function}("), items, Kind::Call)
    }

    pub(super) fn subscript(name: &str, items: Vec<Self>) -> Self {
        Self::bracket(format!("{name}["), items, Kind::Subscript)
    }

    /// A `dict` display, of keys as they stand in the text.
    pub(super) fn dict(items: impl IntoIterator<Item = (String, Self)>) -> Self {
        let items = items
            .into_iter()
            .map(|(key, value)| value.between(format!("{key}: "), ""));
        Self::bracket("{", items.collect(), Kind::Dict)
    }

    fn bracket(before: impl Into<String>, items: Vec<Self>, kind: Kind) -> Self {
        Self::Bracket {
            before: before.into(),
            items,
            kind,
        }
    }

    pub(super) fn list(items: Vec<Self>) -> Self {
        Self::bracket("[", items, Kind::List)
    }

    /// The expression as the annotation of a parameter.
    pub(super) fn parameter(self, name: &str, default: Option<&str>) -> Self {
        let default = default.map_or_else(String::new, |default| format!(" = {default}"));
        self.between(format!("{name}: "), default)
    }

    /// The expression as an argument with a name.
    pub(super) fn keyword(self, name: &str) -> Self {
        self.between(format!("{name}="), "")
    }

    fn between(self, before: impl Into<String>, after: impl Into<String>) -> Self {
        Self::Between(before.into(), Box::new(self), after.into())
    }

    /// All on one line.
    pub(super) fn flat(&self) -> String {
        let join = |items: &[Self], between: &str| {
            let items: Vec<String> = items.iter().map(Self::flat).collect();
            items.join(between)
        };
        match self {
            Self::Text(text) => text.clone(),
            Self::Or(items) => join(items, " | "),
            Self::Between(before, inner, after) => format!("{before}{}{after}", inner.flat()),
            Self::Bracket {
                before,
                items,
                kind,
            } => format!("{before}{}{}", join(items, ", "), kind.closing()),
        }
    }

    /// The lines of a statement: `before`, the expression and `after`, indented by `indent` spaces.
    pub(super) fn statement(&self, indent: usize, before: &str, after: &str) -> String {
        let text = match self {
            Self::Or(_) if !fits(indent, &[before, &self.flat(), after]) => {
                let pad = " ".repeat(indent);
                let inner = self.lines(indent + 4, "", "");
                format!("{pad}{before}(\n{inner}\n{pad}){after}")
            }
            // A value that is too long for its line has brackets, if that helps.
            Self::Text(value)
                if before.ends_with("= ")
                    && !fits(indent, &[before, value, after])
                    && fits(indent + 4, &[value]) =>
            {
                let pad = " ".repeat(indent);
                format!("{pad}{before}(\n{pad}    {value}\n{pad}){after}")
            }
            _ => self.lines(indent, before, after),
        };
        text + "\n"
    }

    /// The same between brackets, without the end of the last line.
    fn lines(&self, indent: usize, before: &str, after: &str) -> String {
        let pad = " ".repeat(indent);
        let flat = self.flat();
        if fits(indent, &[before, &flat, after]) {
            return format!("{pad}{before}{flat}{after}");
        }
        match self {
            Self::Text(text) => format!("{pad}{before}{text}{after}"),
            Self::Between(front, inner, behind) => inner.lines(
                indent,
                &format!("{before}{front}"),
                &format!("{behind}{after}"),
            ),
            Self::Or(items) => {
                let last = items.len().saturating_sub(1);
                let lines = items.iter().enumerate().map(|(index, item)| {
                    let before = if index == 0 { before } else { "| " };
                    item.lines(indent, before, if index == last { after } else { "" })
                });
                lines.collect::<Vec<_>>().join("\n")
            }
            Self::Bracket { items, .. } if items.is_empty() => {
                format!("{pad}{before}{flat}{after}")
            }
            Self::Bracket {
                before: open,
                items,
                kind,
            } => {
                let inner = between(items, *kind, indent + 4);
                format!(
                    "{pad}{before}{open}\n{inner}\n{pad}{}{after}",
                    kind.closing()
                )
            }
        }
    }
}

/// What stands between brackets once these have lines of their own: one line if all fits there, but for displays.
fn between(items: &[Expr], kind: Kind, indent: usize) -> String {
    let flat: Vec<String> = items.iter().map(Expr::flat).collect();
    let shared = flat.join(", ");
    if !matches!(kind, Kind::Dict | Kind::List) && fits(indent, &[&shared]) {
        return " ".repeat(indent) + &shared;
    }
    // A comma after the only index would make it a tuple.
    let comma = if kind == Kind::Subscript && items.len() == 1 {
        ""
    } else {
        ","
    };
    let lines: Vec<String> = items
        .iter()
        .map(|item| item.lines(indent, "", comma))
        .collect();
    lines.join("\n")
}

/// The first line or lines of a function or method.
pub(super) fn signature(indent: usize, name: &str, parameters: &[Expr], result: &Expr) -> String {
    let flat: Vec<String> = parameters.iter().map(Expr::flat).collect();
    let line = format!("{name}({}) -> {}:", flat.join(", "), result.flat());
    let pad = " ".repeat(indent);
    if fits(indent, &[&line]) {
        return format!("{pad}{line}\n");
    }
    let inner = between(parameters, Kind::Call, indent + 4);
    let plain = result.flat();
    let result = match result {
        Expr::Text(_) if !fits(indent, &[") -> ", &plain, ":"]) && fits(indent + 4, &[&plain]) => {
            format!("{pad}) -> (\n{pad}    {plain}\n{pad}):\n")
        }
        _ => result.statement(indent, ") -> ", ":"),
    };
    format!("{pad}{name}(\n{inner}\n{result}")
}

fn fits(indent: usize, parts: &[&str]) -> bool {
    indent + parts.iter().map(|part| width(part)).sum::<usize>() <= LINE_LENGTH
}

/// An import statement; the names are sorted, each with the name that it has here.
pub(super) fn import(module: &str, names: &[String]) -> String {
    let flat = format!("from {module} import {}", names.join(", "));
    if fits(0, &[&flat]) {
        return flat + "\n";
    }
    format!(
        "from {module} import (\n    {},\n)\n",
        names.join(",\n    ")
    )
}

/// A docstring's lines, indented by `indent` spaces: the first paragraph on one line if it fits, then the others.
pub(super) fn docstring(docs: &str, indent: usize) -> String {
    let pad = " ".repeat(indent);
    // Quotes that would end the docstring are replaced, since escaping them would need backslashes, and a docstring with
    // backslashes has to be a raw one.
    let docs = docs.replace("\"\"\"", "'''");
    let raw = if docs.contains('\\') { "r" } else { "" };
    let mut lines = paragraphs(&docs, LINE_LENGTH - indent - raw.len());
    if lines[0].starts_with('"') {
        lines[0].insert(0, ' ');
    }
    if let [only] = &mut *lines {
        if only.ends_with(['"', '\\']) {
            only.push(' ');
        }
        let line = format!("{pad}{raw}\"\"\"{only}\"\"\"\n");
        // A summary that leaves no room for the closing quotes has them on the next line.
        if width(&line) <= LINE_LENGTH + 1 {
            return line;
        }
    }
    let mut text = format!("{pad}{raw}\"\"\"{}\n", lines[0].trim_end());
    for line in &lines[1..] {
        text += format!("{pad}{line}").trim_end();
        text.push('\n');
    }
    text + &pad + "\"\"\"\n"
}

/// Documentation as rustdoc would read it, without the blank that follows `///`.
pub(super) fn rustdoc(docs: &str) -> String {
    let lines: Vec<&str> = docs
        .lines()
        .map(|line| line.strip_prefix(' ').unwrap_or(line).trim_end())
        .collect();
    lines.join("\n").trim_matches('\n').to_owned()
}

/// Brings documentation into lines of at most `room`: the first paragraph on one line if it fits, then the rest.
fn paragraphs(docs: &str, room: usize) -> Vec<String> {
    let docs: String = docs
        .replace("\r\n", "\n")
        .replace('\r', "\n")
        .replace('\t', "    ")
        .chars()
        .filter(|c| *c == '\n' || !is_hidden(*c))
        .collect();
    let all: Vec<&str> = docs.trim().lines().collect();
    let ends = |line: &&str| line.is_empty() || is_markup(line);
    let mut lines = all.iter().skip(1);
    let summary_end = lines.position(ends).map_or(all.len(), |index| index + 1);
    let (summary, rest) = all.split_at(summary_end);
    let mut summary = summary.join(" ");
    // pydocstyle's D415, which ruff has, wants a full stop.
    if summary.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '`' | ')' | '"' | '\'')) {
        summary.push('.');
    }
    let mut lines = wrapped(&summary, room - "\"\"\"".len());
    if rest.first().is_some_and(|line| !line.is_empty()) {
        lines.push(String::new());
    }
    // ruff takes away what all lines are indented by.
    let indents = rest
        .iter()
        .filter(|line| !line.is_empty())
        .map(|line| indent(line));
    let shared = indents.min().unwrap_or_default();
    for line in rest {
        lines.extend(wrapped(line.get(shared..).unwrap_or_default(), room));
    }
    lines
}

/// Whether a line begins a list, a table, a quotation, a heading or code, and is no part of the paragraph above it.
fn is_markup(line: &str) -> bool {
    let line = line.trim_start();
    let number = line.trim_start_matches(|c: char| c.is_ascii_digit());
    ["- ", "* ", "+ ", "> ", "#", "|", "```", "~~~"]
        .iter()
        .any(|start| line.starts_with(start))
        || (number.len() < line.len() && number.starts_with(". "))
}

/// Breaks a line that is too long at blanks; the further lines keep its indentation.
fn wrapped(line: &str, room: usize) -> Vec<String> {
    if width(line) <= room {
        return vec![line.to_owned()];
    }
    let pad = &line[..indent(line)];
    let mut lines: Vec<String> = Vec::new();
    for word in line.split_whitespace() {
        match lines.last_mut() {
            Some(last) if width(last) + 1 + width(word) <= room => {
                last.push(' ');
                last.push_str(word);
            }
            _ => lines.push(format!("{pad}{word}")),
        }
    }
    lines
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// A string literal, in the quotes that need fewer escapes.
pub(super) fn string(text: &str) -> String {
    let quote = if text.matches('"').count() > text.matches('\'').count() {
        '\''
    } else {
        '"'
    };
    let mut literal = String::from(quote);
    for c in text.chars() {
        match c {
            '\\' => literal.push_str("\\\\"),
            '\n' => literal.push_str("\\n"),
            '\r' => literal.push_str("\\r"),
            '\t' => literal.push_str("\\t"),
            c if c == quote => literal.extend(['\\', c]),
            c if is_hidden(c) && u32::from(c) < 0x100 => {
                literal += &format!("\\x{:02x}", u32::from(c));
            }
            c if is_hidden(c) => {
                literal += &format!("\\u{:04x}", u32::from(c));
            }
            c => literal.push(c),
        }
    }
    literal.push(quote);
    literal
}

/// Whether nobody would see it in the text, or it would turn what follows around: pylint's PLE2502 to PLE2515.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn width(text: &str) -> usize {
    text.chars().count()
}
