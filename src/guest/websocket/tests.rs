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
    let messages = parse(frames.concat().into()).expect("frames");
    assert_eq!(
        messages,
        [
            Message::text("grüß"),
            Message::binary([0, 255].as_slice()),
            Message::text(""),
            Message::Close(Some(close.clone())),
            Message::Close(None),
        ]
    );
    assert_eq!(closed(Some(&close)), frames[3]);
}

#[test]
fn what_is_no_frame_is_none() {
    let whole = framed(TEXT, &[b"text"]);
    for end in 1..whole.len() {
        assert_eq!(parse(whole.slice(..end)), None, "{end}");
    }
    assert_eq!(parse(framed(9, &[])), None);
    assert_eq!(parse(framed(TEXT, &[&[0xff]])), None);
    assert_eq!(parse(framed(CLOSE, &[&[1]])), None);
}
