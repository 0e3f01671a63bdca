use super::*;

#[test]
fn messages_come_apart_as_they_were_put_together() {
    let frames = [
        framed(TEXT, &["grüß".as_bytes()]),
        framed(BINARY, &[&[0, 255]]),
        framed(TEXT, &[]),
        framed(CLOSE, &[&4001_u16.to_be_bytes(), b"bye"]),
        framed(CLOSE, &[]),
    ];
    let close = CloseFrame {
        code: 4001.into(),
        reason: "bye".into(),
    };
    let whole = frames.concat();
    // A message may be written in several pieces, and several messages in one.
    for length in [1, 3, whole.len()] {
        let mut rest = BytesMut::new();
        let mut messages = Vec::new();
        for piece in whole.chunks(length) {
            rest.extend_from_slice(piece);
            messages.extend(parse(&mut rest).expect("frames"));
        }
        assert_eq!(
            messages,
            [
                Message::text("grüß"),
                Message::binary([0, 255].as_slice()),
                Message::text(""),
                Message::Close(Some(close.clone())),
                Message::Close(None),
            ],
            "pieces of {length} bytes"
        );
    }
    assert_eq!(closed(Some(&close)), frames[3]);
}

#[test]
fn what_is_no_frame_is_none() {
    let parse = |frame: Bytes| parse(&mut BytesMut::from(&frame[..]));
    assert_eq!(parse(framed(9, &[])), None);
    assert_eq!(parse(framed(TEXT, &[&[0xff]])), None);
    assert_eq!(parse(framed(CLOSE, &[&[1]])), None);
}

#[tokio::test]
async fn a_close_that_no_server_may_send_breaks_off() {
    let with = |code: u16, reason: &str| {
        Some(CloseFrame {
            code: code.into(),
            reason: reason.into(),
        })
    };
    for (close, legal) in [
        (None, true),
        (with(1000, ""), true),
        (with(1002, "unreadable"), true),
        (with(4999, "bye"), true),
        (with(999, ""), false),
        (with(1005, ""), false),
        (with(1006, ""), false),
        (with(1015, ""), false),
        (with(2999, ""), false),
        // The library's own, where the server's was one of those.
        (with(1002, "Protocol violation"), false),
    ] {
        let source = stream::iter([Ok(Message::Close(close.clone()))]);
        let mut frames = Box::pin(incoming(source, "python".to_owned()));
        let frame = frames.next().await.expect("an outcome");
        assert_eq!(frame.is_ok(), legal, "{close:?}");
    }
}
