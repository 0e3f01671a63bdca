//! A grammar of responses: what servers send, and beside it what they must not.

use fastrand::Rng;

use crate::MAX_BODY_BYTES;

/// A response, most often a right one.
pub fn response(rng: &mut Rng) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(512);
    if one_in(rng, 50) {
        bytes.extend(b"\r\n");
    }
    while one_in(rng, 6) {
        status_line(rng, &mut bytes, INTERIM);
        let fields = (0..rng.usize(..3)).map(|_| noise(rng)).collect();
        header(rng, &mut bytes, fields);
    }
    let line = if one_in(rng, 30) { ODD } else { FINAL };
    status_line(rng, &mut bytes, line);

    let body = body(rng);
    let framing = rng.u8(..20);
    let is_chunked = matches!(framing, 0..8 | 19);
    let mut fields: Vec<Vec<u8>> = (0..rng.usize(..4)).map(|_| noise(rng)).collect();
    if one_in(rng, 200) {
        fields.extend((0..rng.usize(58..68)).map(|_| noise(rng)));
    }
    if is_chunked {
        let coding = if one_in(rng, 20) {
            ODD_CODINGS
        } else {
            CHUNKED
        };
        let coding = pick(rng, coding);
        fields.push(field(rng, "transfer-encoding", coding));
    }
    if matches!(framing, 8..17 | 19) {
        let length = length(rng, body.len());
        fields.push(field(rng, "content-length", &length));
    }
    if one_in(rng, 3) {
        let options = pick(rng, CONNECTION);
        fields.push(field(rng, "connection", options));
    }
    if one_in(rng, 25) {
        let repeated = rng.usize(..fields.len().max(1));
        fields.extend(fields.get(repeated).cloned());
    }
    rng.shuffle(&mut fields);
    header(rng, &mut bytes, fields);
    if is_chunked {
        chunks(rng, &mut bytes, &body);
    } else {
        bytes.extend(body);
    }
    bytes
}

/// A response whose header is as large as the limit, or nearly.
pub fn large(rng: &mut Rng) -> Vec<u8> {
    let size = _native::codec::MAX_HEADER_BYTES + rng.usize(..8) - 60;
    let padding = "y".repeat(size);
    format!("HTTP/1.1 200 OK\r\nx-padding: {padding}\r\ncontent-length: 2\r\n\r\n{{}}").into_bytes()
}

pub fn pick<'a, T: ?Sized>(rng: &mut Rng, choices: &[&'a T]) -> &'a T {
    choices[rng.usize(..choices.len())]
}

pub fn one_in(rng: &mut Rng, count: usize) -> bool {
    rng.usize(..count) == 0
}

const INTERIM: &[&str] = &[
    "100 Continue",
    "103 Early Hints",
    "102 ",
    "199",
    "101 Switching Protocols",
];
const FINAL: &[&str] = &[
    "200 OK",
    "200 OK",
    "200 OK",
    "200 OK",
    "201 Created",
    "204 No Content",
    "205 Reset Content",
    "304 Not Modified",
    "400 Bad Request",
    "404 Not Found",
    "500 Internal Server Error",
    "503 ",
    "200",
    "418 I'm a teapot",
];
const ODD: &[&str] = &[
    "000 x",
    "099 x",
    "101 Switching Protocols",
    "600 x",
    "999 x",
    "1000 x",
    "20 OK",
    "2x0 OK",
    " 200 OK",
    "200  OK",
    "200\tOK",
    "200 t\u{e9}l\u{e9}",
    "200 a\x01b",
    "200 a\rb",
    "-200 OK",
    "",
];
const VERSIONS: &[&str] = &[
    "HTTP/1.2",
    "HTTP/2.0",
    "HTTP/0.9",
    "HTTP/1.",
    "http/1.1",
    "HTTP/1.10",
    "ICY",
    "HTTP /1.1",
    "",
];

fn status_line(rng: &mut Rng, bytes: &mut Vec<u8>, statuses: &[&str]) {
    let version = match rng.u8(..40) {
        0 => pick(rng, VERSIONS),
        1..6 => "HTTP/1.0",
        _ => "HTTP/1.1",
    };
    bytes.extend([version, " ", pick(rng, statuses)].concat().into_bytes());
    line_end(rng, bytes);
}

fn header(rng: &mut Rng, bytes: &mut Vec<u8>, fields: Vec<Vec<u8>>) {
    for line in fields {
        bytes.extend(line);
        line_end(rng, bytes);
    }
    line_end(rng, bytes);
}

fn line_end(rng: &mut Rng, bytes: &mut Vec<u8>) {
    let end: &[u8] = match rng.u8(..250) {
        0 => b"\r",
        1 => b"\r\r\n",
        2..8 => b"\n",
        _ => b"\r\n",
    };
    bytes.extend(end);
}

const NOISE: &[&[u8]] = &[
    b"content-type: application/json",
    b"Content-Type: text/html; charset=utf-8",
    b"content-type: text/event-stream",
    b"content-type:",
    b"date: Mon, 01 Jan 2024 00:00:00 GMT",
    b"x-empty:",
    b"x-obs: t\xe9l\xff",
    b"keep-alive: timeout=5",
    b"upgrade: websocket",
    b"trailer: x-sum",
    b"te: trailers",
    b"content-encoding: gzip",
    b"x-content-length: 3",
    b"x!#$%&'*+-.^_`|~: 1",
];
const ODD_NOISE: &[&[u8]] = &[
    b"no colon",
    b": no name",
    b"space before : x",
    b" leading: x",
    b"x: a\r\n folded",
    b"x: a\x00b",
    b"x: a\x7fb",
    b"x: a\rb",
    b"na\xc3\xafve: x",
    b"content-length : 3",
    b"transfer-encoding : chunked",
    b"content-length",
    b"x: \t ",
    b"a\tb: x",
];
const CONNECTION: &[&str] = &[
    "close",
    "keep-alive",
    "Close",
    "keep-alive, close",
    "close,x",
    "upgrade",
    " close ",
    "x;close",
    "closed",
    ",close",
    "\"close\"",
    "close\u{e9}",
    "",
];
const CHUNKED: &[&str] = &["chunked", "chunked", "chunked", "Chunked", "CHUNKED"];
const ODD_CODINGS: &[&str] = &[
    "gzip, chunked",
    "chunked, chunked",
    "chunked, gzip",
    "gzip",
    "identity",
    "chunked;q=1",
    "xchunked",
    ",chunked",
    "chunked,",
    "",
    "\"chunked\"",
    "chunked\u{b}",
];

fn noise(rng: &mut Rng) -> Vec<u8> {
    let lines = if one_in(rng, 40) { ODD_NOISE } else { NOISE };
    pick(rng, lines).to_vec()
}

/// A field in one of the ways in which it can be written.
fn field(rng: &mut Rng, name: &str, value: &str) -> Vec<u8> {
    let name = match rng.u8(..8) {
        0 => name.to_uppercase(),
        1 => name.replacen(['c', 't'], "C", 1),
        _ => name.to_owned(),
    };
    let space = match rng.u8(..12) {
        0 => "",
        1 => "\t",
        2 => "  ",
        _ => " ",
    };
    let end = if one_in(rng, 20) { " \t" } else { "" };
    [&name, ":", space, value, end].concat().into_bytes()
}

fn length(rng: &mut Rng, right: usize) -> String {
    match rng.u8(..60) {
        0 => format!("{right}, {right}"),
        1 => format!("+{right}"),
        2 => format!("00{right}"),
        3 => format!("{right:#x}"),
        4 => (right + 1).to_string(),
        5 => right.saturating_sub(1).to_string(),
        6 => format!("{right} {right}"),
        7 => format!("{right}."),
        8 => pick(
            rng,
            &[
                "",
                "-1",
                "0",
                "10000000",
                "9223372036854775808",
                "18446744073709551613",
                "18446744073709551615",
                "18446744073709551616",
                "99999999999999999999",
                "1e3",
                "\u{661}",
            ],
        )
        .to_owned(),
        _ => right.to_string(),
    }
}

fn body(rng: &mut Rng) -> Vec<u8> {
    let length = match rng.u8(..40) {
        0 => rng.usize(MAX_BODY_BYTES - 2..MAX_BODY_BYTES + 3),
        1..6 => 0,
        _ => rng.usize(..24),
    };
    (0..length)
        .map(|_| pick(rng, &[&b'a', &b'{', &b'0', &b'\r', &b'\n', &0, &255]).to_owned())
        .collect()
}

fn chunks(rng: &mut Rng, bytes: &mut Vec<u8>, mut body: &[u8]) {
    while !body.is_empty() {
        let length = if one_in(rng, 3) {
            rng.usize(1..=body.len())
        } else {
            body.len().min(9)
        };
        chunk_line(rng, bytes, length);
        bytes.extend(&body[..length]);
        line_end(rng, bytes);
        body = &body[length..];
    }
    if !one_in(rng, 60) {
        chunk_line(rng, bytes, 0);
    }
    let fields = (0..rng.usize(..6).saturating_sub(3))
        .map(|_| noise(rng))
        .collect();
    header(rng, bytes, fields);
}

fn chunk_line(rng: &mut Rng, bytes: &mut Vec<u8>, length: usize) {
    let size = match rng.u8(..80) {
        0 => String::new(),
        1 => format!("{length:016x}"),
        2 => format!("{length:017x}"),
        3 => format!("{length:#x}"),
        4 => format!("+{length:x}"),
        5 => format!(" {length:x}"),
        6 => "ffffffffffffffff".into(),
        7 => "10000000000000000".into(),
        8..20 => format!("{length:X}"),
        20..30 => format!("0{length:x}"),
        _ => format!("{length:x}"),
    };
    let extension = match rng.u8(..60) {
        0..6 => pick(
            rng,
            &[
                ";a=b",
                ";a",
                ";",
                " ;a=b",
                "\t",
                " ",
                ";a=\"b;c\"",
                ";a=\u{e9}",
                ";\x01",
                " 1",
                ";a;b",
            ],
        )
        .to_owned(),
        6 => pick(rng, &[";a\nb", ";a\rb", ";\n", "\n", ";a=\"\r\n\""]).to_owned(),
        7 => [";", &"x".repeat(rng.usize(240..270))].concat(),
        8 => [";", &"x".repeat(rng.usize(250..530))].concat(),
        _ => String::new(),
    };
    bytes.extend([size, extension].concat().into_bytes());
    line_end(rng, bytes);
}
