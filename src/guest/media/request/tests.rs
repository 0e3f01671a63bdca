use hyper::header::{AUTHORIZATION, COOKIE};

use super::*;

fn request(url: &str, headers: &[(&str, &str)]) -> Request<()> {
    let builder = headers
        .iter()
        .fold(Request::get(url), |builder, (name, value)| {
            builder.header(*name, *value)
        });
    builder.body(()).expect("valid")
}

fn read(url: &str, headers: &[(&str, &str)]) -> Result<Asked, StatusCode> {
    Asked::read(&request(url, headers))
}

const PICTURE: &str = "sidecar-media://bridge.localhost/secret/a/b.png?c=d/e";

#[test]
fn a_url_has_a_secret_and_a_path_of_the_sidecar() {
    let asked = read(PICTURE, &[]).expect("well-formed");
    assert_eq!(
        (asked.secret.as_str(), asked.uri.to_string().as_str()),
        ("secret", "/a/b.png?c=d/e")
    );
    assert!(asked.headers.is_empty());
}

#[test]
fn no_other_host_has_anything() {
    for url in [
        "sidecar-media://localhost/secret/a",
        "sidecar-media://bridge.localhost:80/secret/a",
        "sidecar-media://user@bridge.localhost/secret/a",
        "sidecar-media://bridge.localhost.example/secret/a",
        "sidecar-media://bridge.localhost/secret",
        "sidecar-media://bridge.localhost/",
        "/secret/a",
    ] {
        assert_eq!(read(url, &[]).expect_err(url), StatusCode::NOT_FOUND);
    }
}

#[test]
fn only_get_and_head_ask() {
    for method in ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"] {
        let mut request = request(PICTURE, &[]);
        *request.method_mut() = method.parse().expect("a method");
        let refused = Asked::read(&request).expect_err(method);
        assert_eq!(refused, StatusCode::METHOD_NOT_ALLOWED);
    }
    let mut head = request(PICTURE, &[]);
    *head.method_mut() = Method::HEAD;
    Asked::read(&head).expect("as GET");
}

#[test]
fn nothing_is_for_a_document_a_frame_a_script_or_a_style() {
    for usage in USES {
        read(PICTURE, &[("sec-fetch-dest", usage)]).expect(usage);
    }
    for usage in [
        "document", "iframe", "frame", "object", "embed", "script", "style", "worker", "manifest",
        "",
    ] {
        let refused = read(PICTURE, &[("sec-fetch-dest", usage)]).expect_err(usage);
        assert_eq!(refused, StatusCode::FORBIDDEN);
    }
}

#[test]
fn a_range_is_asked_for_piece_by_piece() {
    for (asked, sent) in [
        ("bytes=0-", Some("bytes=0-4194303")),
        ("bytes=100-199", Some("bytes=100-199")),
        ("bytes=100-99999999", Some("bytes=100-4194403")),
        ("bytes=-100", None),
        ("bytes=0-1,5-6", None),
        ("bytes=18446744073709551615-", None),
        ("pages=1-2", None),
        ("bytes", None),
    ] {
        let passed_on = read(PICTURE, &[("range", asked)]).expect("well-formed");
        let range = passed_on.headers.get(RANGE);
        assert_eq!(range.and_then(|range| range.to_str().ok()), sent, "{asked}");
    }
}

#[test]
fn the_pages_own_cookies_and_secrets_do_not_reach_the_sidecar() {
    let given = [
        ("cookie", "a=b"),
        ("authorization", "x"),
        ("accept", "image/*"),
        ("x-other", "y"),
    ];
    let headers = read(PICTURE, &given).expect("well-formed").headers;
    assert_eq!(
        (headers.len(), &headers[ACCEPT]),
        (1, &HeaderValue::from_static("image/*"))
    );
    assert!(!headers.contains_key(COOKIE) && !headers.contains_key(AUTHORIZATION));
}

#[test]
fn pages_and_frames_of_the_scheme_are_known_by_their_urls() {
    let url = |text: &str| Url::parse(text).expect("a URL");
    let (ours, others) = if cfg!(windows) {
        (
            [
                "http://sidecar-media.bridge.localhost/a",
                "https://sidecar-media.localhost/",
            ],
            [
                "http://tauri.localhost/",
                "http://sidecar-mediaa.localhost/",
            ],
        )
    } else {
        (
            ["sidecar-media://bridge.localhost/a", "SIDECAR-MEDIA:a"],
            ["tauri://localhost/", "http://sidecar-media.localhost/"],
        )
    };
    assert!(ours.iter().all(|ours| is_of_scheme(&url(ours))));
    assert!(!others.iter().any(|other| is_of_scheme(&url(other))));
}
