use super::*;

fn sent_bytes(jar: &Jar, path: &str) -> Option<Vec<u8>> {
    let mut headers = HeaderMap::new();
    jar.add_to(&mut headers, &path.parse().expect("a path"));
    headers.get(COOKIE).map(|value| value.as_bytes().to_vec())
}

fn sent(jar: &Jar, path: &str) -> Option<String> {
    sent_bytes(jar, path).map(|bytes| String::from_utf8(bytes).expect("UTF-8"))
}

fn set_at(jar: &Jar, path: &str, cookie: impl AsRef<[u8]>) {
    let cookie = HeaderValue::from_bytes(cookie.as_ref()).expect("a header");
    let headers = HeaderMap::from_iter([(SET_COOKIE, cookie)]);
    jar.take_from(&headers, &path.parse().expect("a path"));
}

fn set(jar: &Jar, cookie: impl AsRef<[u8]>) {
    set_at(jar, "/login", cookie);
}

#[test]
fn a_session_lasts_until_it_is_ended() {
    let jar = Jar::default();
    assert_eq!(sent(&jar, "/"), None);
    set(&jar, "session=abc; Path=/; HttpOnly; Secure; SameSite=Lax");
    set(&jar, "other=1; Path=/admin");
    assert_eq!(sent(&jar, "/users?page=2").as_deref(), Some("session=abc"));
    set(&jar, "session=; Path=/; Max-Age=0");
    assert_eq!(sent(&jar, "/"), None);
    set(&jar, "elsewhere=1; Domain=example.com");
    assert_eq!(sent(&jar, "/login"), None);
}

#[test]
fn longer_paths_come_first_and_of_these_what_was_made_first() {
    let jar = Jar::default();
    for cookie in [
        "z=1; Path=/",
        "a=1; Path=/",
        "m=1; Path=/api/items",
        "b=1; Path=/api",
        "y=1; Path=/",
        "c=1; Path=/api",
    ] {
        set(&jar, cookie);
    }
    // A new value leaves a cookie as old as it was; one that was ended meanwhile is new.
    for cookie in ["z=2; Path=/", "b=; Path=/api; Max-Age=0", "b=2; Path=/api"] {
        set(&jar, cookie);
    }
    let wanted = "m=1; c=1; b=2; z=2; a=1; y=1";
    assert_eq!(sent(&jar, "/api/items/7").as_deref(), Some(wanted));
    assert_eq!(sent(&jar, "/apis").as_deref(), Some("z=2; a=1; y=1"));
}

#[test]
fn a_cookie_without_a_path_is_for_the_folder_that_set_it() {
    let jar = Jar::default();
    set_at(&jar, "/api/login?x=/y/z", "a=1");
    set_at(&jar, "/login", "b=1");
    assert_eq!(sent(&jar, "/api/users").as_deref(), Some("a=1; b=1"));
    assert_eq!(sent(&jar, "/users").as_deref(), Some("b=1"));
}

#[test]
fn bytes_stay_as_they_are() {
    let jar = Jar::default();
    // UTF-8, whose last byte is a space in Latin-1; no UTF-8; quotes.
    for value in ["voil\u{e0}".as_bytes(), b"\xa0J\xfcrgen\x85", b"\"a b\""] {
        set(&jar, [b"name=", value].concat());
        let wanted = [b"name=", value].concat();
        assert_eq!(sent_bytes(&jar, "/"), Some(wanted));
    }
}

#[test]
fn a_cookie_over_4096_bytes_is_ignored() {
    let jar = Jar::default();
    let name_and_attributes = "a=; Path=/".len();
    let value = "x".repeat(MOST_BYTES - name_and_attributes);
    set(&jar, format!("a={value}; Path=/"));
    set(&jar, format!("b={value}x; Path=/"));
    assert_eq!(sent(&jar, "/"), Some(format!("a={value}")));
}

#[test]
fn of_too_many_cookies_the_one_that_was_not_used_for_longest_goes() {
    let jar = Jar::default();
    set(&jar, "short=1; Path=/; Max-Age=100");
    for number in 0..MOST - 1 {
        set(&jar, format!("c{number}=1; Path=/p{number}"));
    }
    assert!(sent(&jar, "/p0").is_some(), "there is room for that many");
    // `short` and `c0` were used after all others.
    set(&jar, "last=1; Path=/last");
    assert_eq!(sent(&jar, "/p1").as_deref(), Some("short=1"));
    assert_eq!(sent(&jar, "/p0").as_deref(), Some("c0=1; short=1"));
    assert_eq!(sent(&jar, "/last").as_deref(), Some("last=1; short=1"));
}

#[test]
fn a_page_reads_what_is_not_http_only() {
    let jar = Jar::default();
    set(&jar, "session=abc; Path=/; HttpOnly");
    set(&jar, "csrftoken=xyz; Path=/; Secure; SameSite=Strict");
    set(
        &jar,
        ["name=voil\u{e0}".as_bytes(), b"\xff; Path=/api"].concat(),
    );
    let read = |path: &str| jar.readable(&path.parse().expect("a path"));
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let token = pair("csrftoken", "xyz");
    assert_eq!(read("/"), std::slice::from_ref(&token));
    let name = pair("name", "voil\u{e0}\u{fffd}");
    assert_eq!(read("/api/items"), [name, token]);
}

mod kept {
    use std::{fs, sync::Arc};

    use tempfile::TempDir;
    use tokio::task::JoinHandle;
    use tokio_util::sync::CancellationToken;

    use super::*;

    /// A jar and its file, for as long as an app runs.
    struct Run {
        jar: Arc<Jar>,
        stop: CancellationToken,
        following: JoinHandle<()>,
    }

    fn begin(data: &TempDir) -> Run {
        let file = CookieFile::of("python", data.path());
        let (jar, stop) = (Arc::new(file.load()), CancellationToken::new());
        let following = tokio::spawn(file.follow(jar.clone(), stop.clone()));
        Run {
            jar,
            stop,
            following,
        }
    }

    impl Run {
        async fn end(self) {
            self.stop.cancel();
            self.following.await.expect("no panic");
        }
    }

    #[tokio::test]
    async fn what_has_an_expiry_outlasts_the_app() {
        let data = tempfile::tempdir().expect("a directory");
        let run = begin(&data);
        for cookie in [
            &b"b=2; Path=/; Max-Age=1000; HttpOnly"[..],
            b"session=1; Path=/",
            b"gone=1; Path=/; Max-Age=0",
            b"a=\xfc\xa0; Path=/; Expires=Wed, 21 Oct 2099 07:28:00 GMT",
            b"c=1; Path=/api; Max-Age=1000",
        ] {
            set(&run.jar, cookie);
        }
        run.end().await;
        let run = begin(&data);
        let wanted = b"c=1; b=2; a=\xfc\xa0".to_vec();
        assert_eq!(sent_bytes(&run.jar, "/api"), Some(wanted));
        let readable = run.jar.readable(&Uri::from_static("/"));
        assert_eq!(readable.len(), 1, "{readable:?}");
        set(&run.jar, "b=; Path=/; Max-Age=0");
        run.end().await;
        let run = begin(&data);
        assert_eq!(sent_bytes(&run.jar, "/"), Some(b"a=\xfc\xa0".to_vec()));
        run.end().await;
    }

    #[tokio::test]
    async fn only_the_user_reads_the_file() {
        let data = tempfile::tempdir().expect("a directory");
        let run = begin(&data);
        set(&run.jar, "a=1; Max-Age=1000");
        run.end().await;
        let directory = data.path().join("sidecar-bridge");
        let files = fs::read_dir(directory).expect("it is there");
        let files: Vec<_> = files.map(|file| file.expect("a file")).collect();
        assert_eq!(files.len(), 1, "nothing else is left");
        assert_eq!(files[0].file_name(), "python-cookies.json");
        #[cfg(unix)]
        let mode = files[0].metadata().expect("it is there").permissions();
        #[cfg(unix)]
        assert_eq!(
            std::os::unix::fs::PermissionsExt::mode(&mode) & 0o777,
            0o600
        );
    }

    #[tokio::test]
    async fn no_file_is_written_without_a_reason() {
        let data = tempfile::tempdir().expect("a directory");
        let run = begin(&data);
        set(&run.jar, "session=1; Path=/");
        run.end().await;
        let files = fs::read_dir(data.path()).expect("it is there");
        assert_eq!(files.count(), 0);
    }

    #[tokio::test]
    async fn a_file_that_cannot_be_read_is_no_cookies() {
        let data = tempfile::tempdir().expect("a directory");
        let path = data.path().join("sidecar-bridge");
        fs::create_dir(&path).expect("a directory");
        let path = path.join("python-cookies.json");
        for text in ["", "[]", r#"{"version":2,"cookies":[]}"#] {
            fs::write(&path, text).expect("it is written");
            let run = begin(&data);
            assert_eq!(sent(&run.jar, "/"), None);
            set(&run.jar, "a=1; Path=/; Max-Age=1000");
            run.end().await;
            let run = begin(&data);
            assert_eq!(sent(&run.jar, "/").as_deref(), Some("a=1"));
            run.end().await;
        }
    }
}
