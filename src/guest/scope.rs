//! What a page may ask of which sidecar: the scope of `fetch` and `connect` in Tauri's capability files.

mod entry;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use glob::{MatchOptions, Pattern};
use hyper::{Method, Uri};
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use tauri::ipc::CommandScope;

use self::entry::Entry;
use crate::error::{Kind, Result};

/// An entry of a capability file, parsed.
#[derive(Debug, Deserialize)]
#[serde(try_from = "Entry")]
pub(crate) struct Rule {
    sidecar: Option<String>,
    methods: Option<Vec<Method>>,
    path: PathGlob,
}

#[derive(Debug)]
struct PathGlob {
    pattern: Pattern,
    /// The part before a final `/**`: the glob stands for this path, too.
    base: Option<Pattern>,
}

impl TryFrom<Entry> for Rule {
    type Error = String;

    fn try_from(entry: Entry) -> Result<Self, String> {
        let methods = entry
            .methods
            .map(|names| names.iter().map(|name| parse_method(name)).collect());
        Ok(Self {
            sidecar: entry.sidecar,
            methods: methods.transpose()?,
            path: PathGlob::parse(&entry.path)?,
        })
    }
}

fn parse_method(name: &str) -> Result<Method, String> {
    let method = Method::from_bytes(name.as_bytes()).ok();
    method
        .filter(|_| !name.bytes().any(|byte| byte.is_ascii_lowercase()))
        .ok_or_else(|| {
            format!("`{name}` is not an HTTP method; write it in upper case, such as GET")
        })
}

impl PathGlob {
    fn parse(glob: &str) -> Result<Self, String> {
        if !glob.starts_with('/') {
            return Err(format!("`{glob}` is not a path; begin it with `/`"));
        }
        let parse = |glob: &str| {
            Pattern::new(glob).map_err(|error| format!("`{glob}` is not a glob: {error}"))
        };
        let base = glob.strip_suffix("/**").filter(|base| !base.is_empty());
        Ok(Self {
            pattern: parse(glob)?,
            base: base.map(parse).transpose()?,
        })
    }

    fn is_every(&self) -> bool {
        self.pattern.as_str() == "/**"
    }

    fn matches(&self, path: &str) -> bool {
        let options = MatchOptions {
            case_sensitive: true,
            require_literal_separator: true,
            require_literal_leading_dot: false,
        };
        self.pattern.matches_with(path, options)
            || self
                .base
                .as_ref()
                .is_some_and(|base| base.matches_with(path, options))
    }
}

/// Whether a scope allows a method with every path of a sidecar: then it does not matter how the sidecar reads the path.
fn every_path_is_allowed(
    allows: &[Arc<Rule>],
    denies: &[Arc<Rule>],
    sidecar: &str,
    method: &Method,
) -> bool {
    let concerns = |rule: &Arc<Rule>| rule.concerns(sidecar, method);
    allows
        .iter()
        .any(|rule| concerns(rule) && rule.path.is_every())
        && !denies.iter().any(concerns)
}

/// A request that the scope judges.
struct Request<'a> {
    sidecar: &'a str,
    method: &'a Method,
    path: &'a str,
}

impl Rule {
    fn is_met_by(&self, request: &Request<'_>) -> bool {
        self.concerns(request.sidecar, request.method) && self.path.matches(request.path)
    }

    /// Whether the rule is about a method of a sidecar, with some path.
    fn concerns(&self, sidecar: &str, method: &Method) -> bool {
        let method = if method == Method::HEAD {
            &Method::GET
        } else {
            method
        };
        let methods = self.methods.as_ref();
        self.sidecar.as_deref().is_none_or(|name| name == sidecar)
            && methods.is_none_or(|methods| methods.contains(method))
    }
}

/// Judges a request of a page: some entry has to allow it, and none may deny it.
///
/// # Errors
/// `permission_denied` when no entry allows the request or one denies it; `invalid_argument` for a path that servers may read
/// in different ways, unless the entries allow every path.
pub(crate) fn judge(
    scope: &CommandScope<Rule>,
    sidecar: &str,
    method: &Method,
    uri: &Uri,
) -> Result<()> {
    if every_path_is_allowed(scope.allows(), scope.denies(), sidecar, method) {
        return Ok(());
    }
    let path = judged_path(uri.path())?;
    let request = Request {
        sidecar,
        method,
        path: &path,
    };
    let meets = |rule: &Arc<Rule>| rule.is_met_by(&request);
    let reason = if scope.denies().iter().any(meets) {
        "a scope denies it"
    } else if scope.allows().iter().any(meets) {
        return Ok(());
    } else {
        "no scope allows it"
    };
    Err(Kind::Forbidden(format!(
        "{method} {path} of sidecar `{sidecar}` is not for this window: {reason}; change the scope of \
         `sidecar-bridge:fetch` in its capability"
    )).into())
}

/// The path as the sidecar's server sees it: decoded once, as uvicorn does, and with two slashes taken for one.
///
/// A path with dot segments is refused. Some servers resolve them and some do not, so the scope might judge another path than
/// the sidecar serves.
fn judged_path(path: &str) -> Result<String> {
    let ambiguous = |why: &str| {
        Kind::InvalidRequest(format!(
            "the path `{path}` {why}; send the plain path that is meant"
        ))
        .into()
    };
    let decoded = percent_decode_str(path)
        .decode_utf8()
        .map_err(|_| ambiguous("is not UTF-8 once it is decoded"))?;
    if decoded.contains(['\\', '\0']) {
        return Err(ambiguous("holds a backslash or a zero byte"));
    }
    let segments = decoded.split('/').filter(|segment| !segment.is_empty());
    let mut judged = String::with_capacity(decoded.len());
    for segment in segments {
        if segment == "." || segment == ".." {
            return Err(ambiguous("holds dot segments"));
        }
        judged.push('/');
        judged.push_str(segment);
    }
    if decoded.ends_with('/') {
        judged.push('/');
    }
    Ok(judged)
}
