use super::{headers::NOT_SENT, *};

fn request(path: &str) -> FetchRequest {
    FetchRequest {
        exchange: "1".into(),
        sidecar: None,
        method: "GET".into(),
        path: path.into(),
        headers: vec![],
        streams: false,
        body_bytes: None,
        cookies: false,
        wait_ms: None,
    }
}

#[test]
fn a_path_cannot_name_another_server() {
    for path in ["", "a", "http://example.com/", "*", "/a b", "/\r\nX: y"] {
        request(path).target().expect_err(path);
    }
    request("//example.com/a")
        .target()
        .expect("a path with two slashes");
}

#[test]
fn a_header_is_bytes_and_each_character_is_one() {
    let headers = to_headers(&[("X-Name".into(), "J\u{fc}rgen".into())]).expect("Latin-1");
    assert_eq!(headers["x-name"].as_bytes(), b"J\xfcrgen");
    assert_eq!(decode(headers["x-name"].as_bytes()), "J\u{fc}rgen");
    assert!(to_headers(&[("X-Name".into(), "\u{20ac}".into())]).is_err());
}

#[test]
fn what_belongs_to_a_connection_or_to_the_page_does_not_reach_the_sidecar() {
    let pairs = NOT_SENT.map(|name| (name.to_owned(), "x".to_owned()));
    assert!(to_headers(&pairs).expect("headers").is_empty());
}

#[test]
fn repeated_headers_stay_repeated_and_cookies_are_not_shown() {
    let response = Response::builder()
        .header("link", "<a>")
        .header("link", "<b>")
        .header("set-cookie", "c")
        .body(());
    let head = to_head(&response.expect("valid"), "http://localhost".into());
    let pair = |value: &str| ("link".to_owned(), value.to_owned());
    assert_eq!(head.headers, [pair("<a>"), pair("<b>")]);
    assert_eq!(head.status_text, "OK");
}

#[test]
fn a_reason_phrase_is_shown_as_it_came() {
    let mut response = Response::new(());
    let phrase = ReasonPhrase::try_from(&b"N\xe3o"[..]).expect("a phrase");
    response.extensions_mut().insert(phrase);
    let head = to_head(&response, "http://localhost".into());
    assert_eq!(head.status_text, "N\u{e3}o");
}
