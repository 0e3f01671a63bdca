use std::{
    fs,
    io::{Read, Write},
    os::unix::net::UnixListener,
    path::{Path, PathBuf},
    process,
    time::Duration,
};

use socket2::SockRef;

use super::*;
use crate::{
    backlog::FULL_AT_MOST,
    connection::{Connection, Until},
};

const SHORT: Duration = Duration::from_millis(50);

/// The address of the host at that path.
fn at(path: &Path) -> Address {
    Address::anybody(path.to_owned())
}

/// A path for a socket of this test alone.
fn path(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("connection-{}-{name}", process::id()))
}

/// A connection, and its other end.
fn connected(name: &str) -> (Connection, UnixStream) {
    let path = path(name);
    let listener = UnixListener::bind(&path).expect("a socket");
    let connection = Connection::open(&at(&path), None).expect("somebody listens");
    let (host, _) = listener.accept().expect("a connection");
    fs::remove_file(path).expect("it is there");
    connection.begin(1024);
    (connection, host)
}

fn soon() -> Instant {
    Instant::now() + SHORT
}

/// Does this again until it is more than an interruption.
fn again<T>(mut step: impl FnMut() -> Result<T, Failure>) -> Result<T, Failure> {
    loop {
        match step() {
            Err(Failure::Interrupted) => {}
            other => return other,
        }
    }
}

#[test]
fn an_answer_is_read_after_the_host_has_closed_and_no_timeout_was_set_for_it() {
    let (connection, mut host) = connected("closed");
    connection
        .send(b"x", b"", Some(soon()))
        .expect("it is open");
    host.read_exact(&mut [0]).expect("it was sent");
    let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
    host.write_all(answer).expect("it is open");
    drop(host);
    connection
        .receive(Until::End, Some(soon()))
        .expect("an answer");
    assert_eq!(connection.take_body(), b"ok");
    // Less was left. macOS refuses to set that by now.
    let timeout = SockRef::from(&connection.stream.socket).read_timeout();
    assert_eq!(timeout.expect("a socket"), Some(LOOK));
}

#[test]
fn a_deadline_ends_the_wait_for_a_host_that_says_nothing_and_for_one_that_reads_nothing() {
    let (connection, _host) = connected("silent");
    let deadline = Some(soon());
    let heard = again(|| connection.receive(Until::Head, deadline));
    assert!(matches!(heard, Err(Failure::Deadline)), "{heard:?}");
    let (body, deadline) = (vec![0; 16 << 20], Some(soon()));
    let sent = again(|| connection.send(b"", &body, deadline));
    assert!(matches!(sent, Err(Failure::Deadline)), "{sent:?}");
}

#[test]
fn a_connection_that_does_not_block_never_waits() {
    let path = path("nonblocking");
    let listener = UnixListener::bind(&path).expect("a socket");
    let connection = Connection::open_nonblocking(&at(&path)).expect("somebody listens");
    let (_host, _) = listener.accept().expect("a connection");
    fs::remove_file(path).expect("it is there");
    connection.begin(1024);
    let began = Instant::now();
    let heard = connection.receive(Until::Head, None);
    assert!(matches!(heard, Err(Failure::Interrupted)), "{heard:?}");
    assert!(began.elapsed() < LOOK);
}

#[test]
fn where_a_full_backlog_refuses_a_refused_connection_is_tried_again() {
    let path = path("refused");
    drop(UnixListener::bind(&path).expect("a socket"));
    let refuses = FULL_AT_MOST > Duration::ZERO;
    let opened = again(|| Connection::open(&at(&path), Some(soon())));
    let late = matches!(opened, Err(Failure::Deadline));
    assert_eq!(late, refuses, "{opened:?}");
    if refuses {
        thread::scope(|scope| {
            let opened = scope.spawn(|| Connection::open(&at(&path), None));
            thread::sleep(SHORT);
            let other = path.with_extension("other");
            let listener = UnixListener::bind(&other).expect("a socket");
            fs::rename(other, &path).expect("one takes the other's place");
            let opened = opened.join().expect("no panic");
            opened.expect("somebody listens by now");
            drop(listener);
        });
    }
    fs::remove_file(path).expect("it is there");
}
