//! `floor`: bodies to and from the host as fast as blocking Rust sends and reads them, into memory that it has already.
//!
//! The first line of standard input is the endpoint's path and token; each line after that is `up` or `down`, bytes, calls.

use std::{
    io::{Read, Write, stdin},
    os::unix::net::UnixStream,
};

use bench_peers::{Sample, answer_lines, number, timed};

fn main() {
    let mut line = String::new();
    stdin().read_line(&mut line).expect("text");
    let (path, token) = line.trim().split_once(' ').expect("a path and a token");
    let mut answer = Vec::new();
    answer_lines(|words| {
        let [direction, bytes, calls] = words else {
            panic!("not three words: {words:?}");
        };
        let bytes = number(bytes);
        let (command, media_type, body) = match *direction {
            "up" => ("take_bytes", "application/octet-stream", vec![7; bytes]),
            _ => (
                "give_bytes",
                "application/json",
                format!(r#"{{"count":{bytes}}}"#).into(),
            ),
        };
        let head = format!(
            "POST /v1/invoke/{command} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n\
             content-type: {media_type}\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        // The host closes a connection that was idle for 5 s.
        let mut stream = UnixStream::connect(path).expect("the host accepts");
        let mut call = || {
            stream.write_all(head.as_bytes()).expect("it is read");
            stream.write_all(&body).expect("it is read");
            let length = read_answer(&mut stream, &mut answer);
            assert!(*direction == "up" || length == bytes, "{length} bytes");
        };
        call();
        Sample::of(|| timed(number(calls), call))
    });
}

/// Reads one answer and gives the length of its body.
fn read_answer(stream: &mut UnixStream, answer: &mut Vec<u8>) -> usize {
    let mut filled = 0;
    let (head, length) = loop {
        filled += read(stream, answer, filled, 4096);
        if let Some(found) = head(&answer[..filled]) {
            break found;
        }
    };
    while filled < head + length {
        filled += read(stream, answer, filled, head + length - filled);
    }
    length
}

fn read(stream: &mut UnixStream, answer: &mut Vec<u8>, filled: usize, most: usize) -> usize {
    if answer.len() < filled + most {
        answer.resize(filled + most, 0);
    }
    let count = stream.read(&mut answer[filled..filled + most]);
    let count = count.expect("the host answers");
    assert_ne!(count, 0, "the connection ended");
    count
}

/// The lengths of the head and of the body, once the head is there.
fn head(answer: &[u8]) -> Option<(usize, usize)> {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n")?;
    let text = std::str::from_utf8(&answer[..end]).expect("text");
    assert!(text.starts_with("HTTP/1.1 200 "), "{text}");
    let mut lines = text.lines();
    let length = lines.find_map(|line| line.strip_prefix("content-length: "));
    Some((end + 4, number(length.expect("a length"))))
}
