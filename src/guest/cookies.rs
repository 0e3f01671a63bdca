//! The cookies that one sidecar sets, for all pages of the app (RFC 6265). They last as long as the app runs, and those with
//! an expiry longer if the configuration says so, see `file`.

mod file;
mod octets;
#[cfg(test)]
mod tests;

use std::{
    cmp::Reverse,
    sync::{Mutex, MutexGuard, PoisonError},
};

use cookie_store::{Cookie, CookieExpiration};
use hyper::{
    HeaderMap, Uri,
    header::{COOKIE, HeaderValue, SET_COOKIE},
};
use tokio::sync::Notify;
use url::Url;

pub(crate) use self::file::CookieFile;
use self::octets::{to_octets, to_text};

/// How many cookies a jar has. RFC 6265, section 6.1, asks for 50 of one domain, and a sidecar is one.
const MOST: usize = 50;

/// How long a `Set-Cookie` may be, in bytes (RFC 6265, section 6.1: name, value and attributes).
const MOST_BYTES: usize = 4096;

/// Keeps cookies. `Secure` cookies are kept too, since a private socket is as good as an encrypted connection.
#[derive(Debug, Default)]
pub(crate) struct Jar {
    kept: Mutex<Kept>,
    /// Told of each change of what a file would have.
    changed: Notify,
}

#[derive(Debug, Default)]
struct Kept {
    /// In the order of their creation.
    cookies: Vec<Used>,
    /// Counts up with each use of some cookies.
    clock: u64,
}

#[derive(Debug)]
struct Used {
    cookie: Cookie<'static>,
    /// When it was set or sent last.
    at: u64,
}

impl Jar {
    /// Adds the cookies for a path to a request.
    pub(crate) fn add_to(&self, headers: &mut HeaderMap, uri: &Uri) {
        let Some(url) = to_url(uri) else { return };
        let pairs = self.lock().matching(&url, |_| true);
        let pairs: Vec<_> = pairs
            .iter()
            .map(|(name, value)| [name, &b"="[..], value].concat())
            .collect();
        if let Ok(value) = HeaderValue::from_bytes(&pairs.join(&b"; "[..]))
            && !pairs.is_empty()
        {
            headers.insert(COOKIE, value);
        }
    }

    /// The names and values of the cookies for a path that code of a page may read, those without `HttpOnly`, in the order in
    /// which a request has them. What is not UTF-8 becomes U+FFFD, as in `document.cookie`.
    pub(crate) fn readable(&self, uri: &Uri) -> Vec<(String, String)> {
        let Some(url) = to_url(uri) else {
            return Vec::new();
        };
        let pairs = self
            .lock()
            .matching(&url, |cookie| cookie.http_only() != Some(true));
        let text = |octets: Vec<u8>| String::from_utf8_lossy(&octets).into_owned();
        let pairs = pairs.into_iter();
        pairs
            .map(|(name, value)| (text(name), text(value)))
            .collect()
    }

    /// Keeps the cookies that an answer sets.
    pub(crate) fn take_from(&self, headers: &HeaderMap, uri: &Uri) {
        let Some(url) = to_url(uri) else { return };
        for header in headers.get_all(SET_COOKIE) {
            if header.len() > MOST_BYTES {
                log::debug!("{uri} set a cookie of more than {MOST_BYTES} bytes");
                continue;
            }
            match Cookie::parse(to_text(header.as_bytes()), &url) {
                Ok(cookie) => self.lock().keep(cookie.into_owned()),
                Err(error) => log::debug!("{uri} set a cookie that cannot be kept: {error}"),
            }
            self.changed.notify_one();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    /// Uses the cookies for a URL, in the order of RFC 6265, section 5.4: longer paths first, then what was created first.
    fn matching(&mut self, url: &Url, wanted: impl Fn(&Cookie) -> bool) -> Vec<(Vec<u8>, Vec<u8>)> {
        self.clock += 1;
        let cookies = self.cookies.iter_mut();
        let mut found: Vec<_> = cookies
            .filter(|Used { cookie, .. }| {
                !cookie.is_expired() && cookie.matches(url) && wanted(cookie)
            })
            .collect();
        found.sort_by_key(|used| Reverse(used.cookie.path.len()));
        let pairs = found.into_iter().map(|used| {
            used.at = self.clock;
            let (name, value) = used.cookie.name_value();
            (to_octets(name), to_octets(value))
        });
        pairs.collect()
    }

    /// Keeps a cookie as RFC 6265, section 5.3, says: in the place of the one that it replaces, and only if it lasts.
    fn keep(&mut self, cookie: Cookie<'static>) {
        self.clock += 1;
        self.cookies.retain(|used| !used.cookie.is_expired());
        let used = Used {
            cookie,
            at: self.clock,
        };
        let old = self.cookies.iter().position(|old| {
            old.cookie.name() == used.cookie.name() && *old.cookie.path == *used.cookie.path
        });
        match old {
            Some(place) if used.cookie.is_expired() => drop(self.cookies.remove(place)),
            Some(place) => self.cookies[place] = used,
            None if used.cookie.is_expired() => {}
            None => self.cookies.push(used),
        }
        if self.cookies.len() > MOST {
            let oldest = (0..).zip(&self.cookies).min_by_key(|(_, used)| used.at);
            if let Some((place, _)) = oldest {
                self.cookies.remove(place);
            }
        }
    }

    /// The cookies that outlast the app.
    fn lasting(&self) -> impl Iterator<Item = &Cookie<'static>> {
        let cookies = self.cookies.iter().map(|used| &used.cookie);
        cookies.filter(|cookie| {
            !cookie.is_expired() && !matches!(cookie.expires, CookieExpiration::SessionEnd)
        })
    }
}

/// The address of all sidecars, in which cookies differ by the path alone.
fn to_url(uri: &Uri) -> Option<Url> {
    let mut url = Url::parse("https://localhost").ok()?;
    url.set_path(uri.path());
    Some(url)
}
