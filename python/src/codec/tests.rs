use super::*;

const LIMIT: usize = 64;

/// What a fixture must decode to: status, media type, body, whether the connection can be used again.
type Expected = (u16, &'static str, &'static [u8], bool);

const COMPLETE: &[(&[u8], Expected)] = &[
    (b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}", (200, "application/json", b"{}", true)),
    (b"HTTP/1.1 200 OK\r\nContent-Type: Text/HTML; charset=x\r\nContent-Length: 0\r\n\r\n", (200, "text/html", b"", true)),
    (b"HTTP/1.1 204 No Content\r\n\r\n", (204, "", b"", true)),
    (b"HTTP/1.1 204 No Content\r\nconnection: keep-alive, Close\r\n\r\n", (204, "", b"", false)),
    (b"HTTP/1.0 200 OK\r\ncontent-length: 1\r\n\r\nx", (200, "", b"x", false)),
    (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nx",
     (200, "", b"x", true)),
    (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\nA;ext=1\r\n0123456789\r\n0\r\n\r\n",
     (200, "", b"abc0123456789", true)),
    (b"HTTP/1.1 403 Forbidden\r\ntransfer-encoding: Chunked\r\n\r\n1\r\na\r\n0\r\nx-sum: 1\r\ny: 2\r\n\r\n", (403, "", b"a", true)),
];

const UNTIL_CLOSE: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\nuntil close";

fn outcome(decoder: &mut Decoder) -> (u16, String, Vec<u8>, bool) {
    assert!(decoder.is_complete());
    let reusable = decoder.is_reusable();
    let body = decoder.take_body();
    let head = decoder.head().expect("a complete response has a head");
    (head.status, head.content_type.clone(), body, reusable)
}

fn check(parts: &[&[u8]], (status, media_type, body, reusable): Expected) {
    let mut decoder = Decoder::new(LIMIT);
    for part in parts {
        decoder.receive(part).expect("the fixture is valid");
    }
    assert_eq!(
        outcome(&mut decoder),
        (status, media_type.to_owned(), body.to_vec(), reusable)
    );
    assert_eq!(decoder.end_of_input(), Ok(()));
}

#[test]
fn every_cut_decodes_to_the_same() {
    for (fixture, expected) in COMPLETE {
        for first in 0..=fixture.len() {
            for second in first..=fixture.len() {
                check(
                    &[
                        &fixture[..first],
                        &fixture[first..second],
                        &fixture[second..],
                    ],
                    *expected,
                );
            }
        }
        check(&fixture.chunks(1).collect::<Vec<_>>(), *expected);
    }
}

#[test]
fn a_decoder_that_begins_anew_reads_what_a_new_one_reads() {
    let mut again = Decoder::new(LIMIT);
    for (first, _) in COMPLETE {
        for (second, expected) in COMPLETE {
            for bytes in [first, first, second] {
                again.restart(LIMIT);
                again.receive(bytes).expect("the fixture is valid");
            }
            let (status, media_type, body, reusable) = *expected;
            let expected = (status, media_type.to_owned(), body.to_vec(), reusable);
            assert_eq!(outcome(&mut again), expected);
        }
    }
    // The limit of the second answer is its own.
    again.restart(1);
    let (bytes, _) = COMPLETE[0];
    assert_eq!(again.receive(bytes), Err(DecodeError::BodyTooLarge(1)));
}

#[test]
fn an_end_in_every_state_is_an_error() {
    for (fixture, _) in COMPLETE {
        for length in 0..fixture.len() {
            let mut decoder = Decoder::new(LIMIT);
            decoder
                .receive(&fixture[..length])
                .expect("a beginning of the fixture is valid");
            assert!(!decoder.is_complete() && !decoder.is_reusable());
            assert!(
                matches!(decoder.end_of_input(), Err(DecodeError::Truncated(_))),
                "{length} of {fixture:?}"
            );
        }
    }
}

#[test]
fn a_body_until_close_ends_with_the_connection() {
    let body_at = UNTIL_CLOSE.len() - b"until close".len();
    for length in 0..=UNTIL_CLOSE.len() {
        let mut decoder = Decoder::new(LIMIT);
        decoder
            .receive(&UNTIL_CLOSE[..length])
            .expect("a beginning of the fixture is valid");
        assert!(!decoder.is_complete());
        if length < body_at {
            assert!(decoder.end_of_input().is_err());
        } else {
            assert_eq!(decoder.end_of_input(), Ok(()));
            assert_eq!(
                outcome(&mut decoder),
                (
                    200,
                    "text/plain".into(),
                    UNTIL_CLOSE[body_at..length].to_vec(),
                    false
                )
            );
        }
    }
}

#[test]
fn a_body_can_be_taken_as_it_comes() {
    let mut decoder = Decoder::new(4);
    decoder
        .receive(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
        .expect("valid");
    for _ in 0..100 {
        decoder.receive(b"4\r\nabcd\r\n").expect("valid");
        assert_eq!(decoder.take_body(), b"abcd");
    }
    assert!(!decoder.is_complete());
}

#[test]
fn the_rest_of_a_body_can_be_read_elsewhere() {
    let mut decoder = Decoder::new(LIMIT);
    decoder
        .receive(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nab")
        .expect("valid");
    assert_eq!(decoder.announced_bytes(), 3);
    decoder.pass(2);
    assert_eq!(
        (decoder.announced_bytes(), decoder.is_complete()),
        (1, false)
    );
    decoder.pass(1);
    assert_eq!(
        (decoder.announced_bytes(), decoder.is_complete()),
        (0, true)
    );
    assert_eq!(decoder.take_body(), b"ab");
}

#[test]
fn a_body_over_the_limit_is_refused_in_every_framing() {
    for head in [
        "content-length: 5\r\n\r\n",
        "transfer-encoding: chunked\r\n\r\n5\r\n",
        "\r\n",
    ] {
        let mut decoder = Decoder::new(4);
        let response = format!("HTTP/1.1 200 OK\r\n{head}01234");
        assert_eq!(
            decoder.receive(response.as_bytes()),
            Err(DecodeError::BodyTooLarge(4)),
            "{head:?}"
        );
    }
}

#[test]
fn a_header_over_the_limit_is_refused_however_it_comes() {
    let response = format!(
        "HTTP/1.1 200 OK\r\nx: {}\r\n\r\n",
        "y".repeat(MAX_HEADER_BYTES)
    );
    assert_eq!(
        Decoder::new(LIMIT).receive(response.as_bytes()),
        Err(DecodeError::HeaderTooLarge)
    );
    let mut decoder = Decoder::new(LIMIT);
    let mut parts = response.as_bytes().chunks(9_000);
    assert_eq!(
        parts.find_map(|part| decoder.receive(part).err()),
        Some(DecodeError::HeaderTooLarge)
    );
}

#[test]
fn malformed_responses_are_refused() {
    let long_chunk = format!(
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1;{}",
        "x".repeat(300)
    );
    let fields = (0..65).fold(String::new(), |fields, number| {
        fields + &format!("x{number}: y\r\n")
    });
    let many = format!("HTTP/1.1 200 OK\r\n{fields}\r\n");
    let fixtures: [&[u8]; 20] = [
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n\r\n\r\n",
        b"HTTP/1.1 099 OK\r\ncontent-length: 0\r\n\r\n",
        b"SSH-2.0-OpenSSH_9\r\n",
        b"HTTP/2 200 OK\r\n\r\n",
        b"HTTP/1.1 2x0 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 1\r\n\r\nx",
        b"HTTP/1.1 200 OK\r\ncontent-length: +1\r\n\r\nx",
        b"HTTP/1.1 200 OK\r\ncontent-length: \r\n\r\nx",
        b"HTTP/1.1 200 OK\r\ncontent-length: 1, 1\r\n\r\nx",
        b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999999999999\r\n\r\nx",
        b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nx\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nab\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\nno colon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nxy",
        long_chunk.as_bytes(),
        many.as_bytes(),
    ];
    for fixture in fixtures {
        let mut decoder = Decoder::new(LIMIT);
        let refused = matches!(decoder.receive(fixture), Err(DecodeError::Malformed(_)));
        assert!(refused, "{}", String::from_utf8_lossy(fixture));
    }
}

#[test]
fn a_request_is_written_as_rfc_9112_wants_it() {
    let headers = [("Path".to_owned(), "/a%20b".to_owned())];
    let request = Request {
        method: "POST",
        target: "/v1/invoke/greet",
        token: "secret",
        window: Some("main"),
        channels: Some("onProgress,log"),
        headers: &headers,
        undo: Some(r#"{"command":"ü"}"#),
        timeout_ms: Some(1500),
        last_event_id: Some("3-14"),
        body: Some(("application/json", 2)),
    };
    let expected = "POST /v1/invoke/greet HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer secret\r\n\
        bridge-window: main\r\nbridge-channels: onProgress,log\r\n\
        bridge-header-Path: /a%20b\r\nbridge-undo: {\"command\":\"ü\"}\r\n\
        bridge-timeout-ms: 1500\r\nlast-event-id: 3-14\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n";
    assert_eq!(request.encode(), Ok(expected.as_bytes().to_vec()));
    let empty = Request {
        window: None,
        channels: None,
        body: None,
        ..request
    }
    .encode()
    .expect("valid");
    assert!(empty.ends_with(b"\r\ncontent-length: 0\r\n\r\n"));
    let get = Request {
        method: "GET",
        target: "/health",
        token: "secret",
        ..Request::default()
    };
    assert!(
        get.encode()
            .expect("valid")
            .ends_with(b"Bearer secret\r\n\r\n")
    );
}

#[test]
fn a_header_for_the_command_is_a_token_with_visible_ascii() {
    for (name, value) in [
        ("", "x"),
        ("a b", "x"),
        ("a:", "x"),
        ("a\r\nb", "x"),
        ("ä", "x"),
        ("a", ""),
        ("a", "b\r\nc"),
        ("a", "ä"),
    ] {
        let headers = [(name.to_owned(), value.to_owned())];
        let request = Request {
            method: "GET",
            target: "/",
            token: "t",
            headers: &headers,
            ..Request::default()
        };
        assert!(request.encode().is_err(), "{name:?}: {value:?}");
    }
    let undo = Request {
        method: "GET",
        target: "/",
        token: "t",
        undo: Some("a\r\nb"),
        ..Request::default()
    };
    assert!(undo.encode().is_err());
}

#[test]
fn the_header_that_names_an_undo_is_kept() {
    let mut decoder = Decoder::new(LIMIT);
    let response = b"HTTP/1.1 200 OK\r\nBridge-Undo: 17; window=main\r\ncontent-length: 0\r\n\r\n";
    decoder.receive(response).expect("valid");
    let head = decoder.head().expect("it came");
    assert_eq!(head.undo.as_deref(), Some("17; window=main"));
}

#[test]
fn nothing_in_a_request_can_begin_another_header_field() {
    let request = Request {
        method: "GET",
        target: "/",
        token: "t",
        ..Request::default()
    };
    for bad in ["", "a\rb", "a\nb", "a\0b"] {
        assert!(
            Request {
                method: bad,
                ..request
            }
            .encode()
            .is_err()
        );
        assert!(
            Request {
                target: bad,
                ..request
            }
            .encode()
            .is_err()
        );
        assert!(
            Request {
                token: bad,
                ..request
            }
            .encode()
            .is_err()
        );
        assert!(
            Request {
                window: Some(bad),
                ..request
            }
            .encode()
            .is_err()
        );
        assert!(
            Request {
                body: Some((bad, 0)),
                ..request
            }
            .encode()
            .is_err()
        );
    }
    assert!(
        Request {
            target: "/a b",
            ..request
        }
        .encode()
        .is_err()
    );
    assert!(
        Request {
            window: Some("fenêtre"),
            ..request
        }
        .encode()
        .is_ok()
    );
}
