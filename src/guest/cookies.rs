//! The cookies that one sidecar sets, for all pages of the app. They are in memory, and last as long as the app runs.

use std::sync::{Mutex, MutexGuard, PoisonError};

use cookie_store::CookieStore;
use hyper::{
    HeaderMap, Uri,
    header::{COOKIE, HeaderValue, SET_COOKIE},
};
use url::Url;

/// Keeps cookies (RFC 6265, section 5). `Secure` cookies are kept too, since a private socket is as good as an encrypted
/// connection.
#[derive(Debug, Default)]
pub(crate) struct Jar(Mutex<CookieStore>);

impl Jar {
    /// Adds the cookies for a path to a request.
    pub(crate) fn add_to(&self, headers: &mut HeaderMap, uri: &Uri) {
        let Some(url) = to_url(uri) else { return };
        let pairs: Vec<String> = self
            .lock()
            .get_request_values(&url)
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        if let Ok(value) = HeaderValue::try_from(pairs.join("; "))
            && !pairs.is_empty()
        {
            headers.insert(COOKIE, value);
        }
    }

    /// Keeps the cookies that an answer sets.
    pub(crate) fn take_from(&self, headers: &HeaderMap, uri: &Uri) {
        let Some(url) = to_url(uri) else { return };
        let mut store = self.lock();
        for cookie in headers.get_all(SET_COOKIE) {
            let kept = cookie.to_str().ok().map(|cookie| store.parse(cookie, &url));
            if let None | Some(Err(_)) = kept {
                log::debug!("{uri} set a cookie that cannot be read");
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, CookieStore> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn to_url(uri: &Uri) -> Option<Url> {
    let mut url = Url::parse("https://localhost").ok()?;
    url.set_path(uri.path());
    Some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(jar: &Jar, path: &'static str) -> Option<String> {
        let mut headers = HeaderMap::new();
        jar.add_to(&mut headers, &Uri::from_static(path));
        headers
            .get(COOKIE)
            .map(|value| value.to_str().expect("text").to_owned())
    }

    #[test]
    fn a_session_lasts_until_it_is_ended() {
        let jar = Jar::default();
        let set = |cookie: &'static str| {
            let headers = HeaderMap::from_iter([(SET_COOKIE, HeaderValue::from_static(cookie))]);
            jar.take_from(&headers, &Uri::from_static("/login"));
        };
        assert_eq!(sent(&jar, "/"), None);
        set("session=abc; Path=/; HttpOnly; Secure; SameSite=Lax");
        set("other=1; Path=/admin");
        assert_eq!(sent(&jar, "/users?page=2").as_deref(), Some("session=abc"));
        let admin = sent(&jar, "/admin/x").expect("both");
        assert!(
            admin.contains("session=abc") && admin.contains("other=1"),
            "{admin}"
        );
        set("session=; Path=/; Max-Age=0");
        assert_eq!(sent(&jar, "/"), None);
        set("elsewhere=1; Domain=example.com");
        assert_eq!(sent(&jar, "/login"), None);
    }
}
