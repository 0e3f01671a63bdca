//! What the codec does for one call, in the forms that cost differently.

use std::hint::black_box;

use _native::codec::{Decoder, Request};

const TOKEN: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

const SMALL: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 26\r\n\
    date: Wed, 25 Nov 2026 08:00:00 GMT\r\n\r\n{\"message\":\"Hello, Ada!\"}\n";

const CHUNKED_HEAD: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\
    transfer-encoding: chunked\r\n\r\n";

/// Each form by its name.
pub const WORK: [(&str, fn()); 4] = [
    ("encode", encode),
    ("decode", || decode(SMALL.len())),
    ("decode in pieces", || decode(7)),
    ("decode 64 chunks", decode_chunks),
];

fn encode() {
    let request = Request {
        method: "POST",
        target: black_box("/v1/invoke/greet"),
        token: black_box(TOKEN),
        body: Some(("application/json", black_box(14))),
        ..Request::default()
    };
    black_box(request.encode().expect("a valid request"));
}

/// Decodes a small answer that comes so many bytes at a time.
fn decode(piece: usize) {
    let mut decoder = Decoder::new(black_box(1 << 20));
    for bytes in SMALL.chunks(piece) {
        decoder.receive(black_box(bytes)).expect("a valid answer");
    }
    assert!(decoder.is_complete() && decoder.head().is_some());
    black_box(decoder.take_body());
}

/// Decodes an answer in small chunks, whose content is taken as it comes.
fn decode_chunks() {
    let mut decoder = Decoder::new(black_box(1 << 20));
    decoder.receive(CHUNKED_HEAD).expect("a valid head");
    for _ in 0..64 {
        let chunk = b"15\r\ndata: {\"n\":1000000}\n\n\r\n";
        decoder.receive(black_box(chunk)).expect("a valid chunk");
        black_box(decoder.take_body());
    }
    decoder.receive(b"0\r\n\r\n").expect("a valid end");
    assert!(decoder.is_complete());
}
