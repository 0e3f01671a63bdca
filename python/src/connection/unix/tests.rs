use std::{
    fs,
    io::{Read, Write},
    os::unix::net::UnixListener,
    path::{Path, PathBuf},
    process,
    sync::mpsc,
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

/// More than [`LOOK`], so that the first waits are not cut short by the deadline.
const LONG: Duration = Duration::from_millis(1300);

/// A deadline that far away, and a check that it has passed not long ago.
fn ends_at_the_deadline(exchange: impl FnOnce(Option<Instant>) -> Result<(), Failure>) {
    let deadline = Instant::now() + LONG;
    let ended = exchange(Some(deadline));
    assert!(matches!(ended, Err(Failure::Deadline)), "{ended:?}");
    assert!(deadline.elapsed() < LOOK, "{:?} late", deadline.elapsed());
}

#[test]
fn a_deadline_ends_the_wait_for_a_host_that_reads_slowly() {
    let (connection, mut host) = connected("slow-reader");
    let body = vec![0; 16 << 20];
    thread::scope(|scope| {
        scope.spawn(move || {
            let mut piece = [0; 16 << 10];
            while matches!(host.read(&mut piece), Ok(1..)) {
                thread::sleep(SHORT);
            }
        });
        ends_at_the_deadline(|deadline| again(|| connection.send(b"", &body, deadline)));
        connection.close();
    });
}

#[test]
fn a_deadline_ends_the_wait_for_a_host_that_answers_slowly() {
    let (connection, mut host) = connected("slow-writer");
    thread::scope(|scope| {
        scope.spawn(move || {
            let mut head = b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n".as_slice();
            while host.write_all(head).is_ok() {
                head = b"x";
                thread::sleep(SHORT);
            }
        });
        ends_at_the_deadline(|deadline| again(|| connection.receive(Until::End, deadline)));
        connection.close();
    });
}

#[test]
fn a_body_larger_than_the_socket_takes_comes_whole() {
    let (connection, mut host) = connected("large");
    let body: Vec<u8> = (0..5 << 20)
        .map(|number: u32| number.to_le_bytes()[1])
        .collect();
    let read = thread::scope(|scope| {
        let reader = scope.spawn(move || {
            let mut read = Vec::new();
            host.read_to_end(&mut read).map(|_| read)
        });
        again(|| connection.send(b"head", &body, None)).expect("it reads");
        connection.close();
        reader.join().expect("no panic").expect("it is open")
    });
    assert!(read == [b"head", body.as_slice()].concat());
}

#[cfg(target_os = "linux")]
#[test]
fn a_deadline_however_near_ends_the_wait_for_a_host_with_a_full_backlog() {
    let path = path("full");
    let listener = unconnected().expect("a socket");
    let address = SockAddr::unix(&path).expect("a path");
    listener.bind(&address).expect("a socket");
    listener.listen(0).expect("a socket");
    let _first = Connection::open(&at(&path), None).expect("there is room for one");
    let (tell, ended) = mpsc::channel();
    let address = at(&path);
    // Not joined: without a timeout it would wait for ever. Some of these leave connect(2) less than sockets can count in.
    thread::spawn(move || {
        for nanos in (0..40_000).step_by(100) {
            let deadline = Instant::now() + Duration::from_nanos(nanos);
            let opened = again(|| Connection::open(&address, Some(deadline)));
            assert!(matches!(opened, Err(Failure::Deadline)), "{opened:?}");
        }
        tell.send(()).expect("the test waits");
    });
    let ended = ended.recv_timeout(30 * LOOK);
    fs::remove_file(path).expect("it is there");
    assert_eq!(ended, Ok(()));
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
