//! Connections to a pipe whose server this is.

use std::{
    fs::File,
    io::{Read, Write},
    os::windows::{ffi::OsStrExt, io::FromRawHandle},
    path::PathBuf,
    process, ptr, thread,
    time::Duration,
};

use windows_sys::Win32::{
    Foundation::INVALID_HANDLE_VALUE,
    Storage::FileSystem::PIPE_ACCESS_DUPLEX,
    System::Pipes::{CreateNamedPipeW, PIPE_TYPE_BYTE, PIPE_WAIT},
};

use super::*;
use crate::connection::{Connection, Until};

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const HEAD: &[u8] = b"POST / HTTP/1.1\r\n\r\n";

/// A pipe of which one process can be served.
struct Server {
    name: PathBuf,
    pipe: File,
}

impl Server {
    fn new(name: &str) -> Self {
        let name = PathBuf::from(format!(r"\\.\pipe\bridge-{}-{name}", process::id()));
        let wide: Vec<u16> = name.as_os_str().encode_wide().chain([0]).collect();
        // SAFETY: the name ends with a zero, and null stands for the usual attributes.
        let pipe = unsafe {
            CreateNamedPipeW(
                wide.as_ptr(),
                PIPE_ACCESS_DUPLEX,
                PIPE_TYPE_BYTE | PIPE_WAIT,
                1,
                4096,
                4096,
                0,
                ptr::null(),
            )
        };
        assert_ne!(pipe, INVALID_HANDLE_VALUE);
        // SAFETY: the handle was made just now and is nobody else's.
        let pipe = unsafe { File::from_raw_handle(pipe) };
        Self { name, pipe }
    }

    fn address(&self) -> Address {
        Address::anybody(self.name.clone())
    }

    fn connection(&self) -> Connection {
        let connection = Connection::open(&self.address(), None).expect("it is there");
        connection.begin(1000);
        connection
    }
}

fn soon() -> Option<Instant> {
    Some(Instant::now() + Duration::from_millis(50))
}

#[test]
fn a_write_that_was_waited_for_in_vain_goes_on_and_nothing_is_sent_twice() {
    let mut server = Server::new("write");
    let connection = server.connection();
    let body: Vec<u8> = (0..500_000_u32)
        .map(|number| number.to_le_bytes()[0])
        .collect();
    let late = connection.send(HEAD, &body, soon());
    assert!(
        matches!(late, Err(Failure::Deadline | Failure::Interrupted)),
        "{late:?}"
    );
    thread::scope(|scope| {
        scope.spawn(|| connection.send(HEAD, &body, None).expect("it reads"));
        let mut came = vec![0; HEAD.len() + body.len()];
        server.pipe.read_exact(&mut came).expect("all of it");
        assert_eq!(came, [HEAD, &body].concat());
    });
}

#[test]
fn a_read_that_was_waited_for_in_vain_goes_on() {
    let mut server = Server::new("read");
    let connection = server.connection();
    connection.send(HEAD, b"", None).expect("there is room");
    assert!(connection.is_quiet());
    let late = connection.receive(Until::End, soon());
    assert!(
        matches!(late, Err(Failure::Deadline | Failure::Interrupted)),
        "{late:?}"
    );
    server.pipe.write_all(ANSWER).expect("it is open");
    connection.receive(Until::End, None).expect("an answer");
    assert_eq!(connection.take_body(), b"ok");
    assert!(connection.is_quiet());
}

#[test]
fn a_close_ends_the_wait_of_another_thread_and_the_pipe() {
    let mut server = Server::new("close");
    let connection = server.connection();
    thread::scope(|scope| {
        let waits = scope.spawn(|| connection.receive(Until::Head, None));
        thread::sleep(Duration::from_millis(50));
        let began = Instant::now();
        connection.close();
        assert!(waits.join().expect("no panic").is_err());
        assert!(
            began.elapsed() < Duration::from_millis(900),
            "it waited for a look"
        );
    });
    assert!(!connection.is_quiet());
    // The server sees the end, though the connection is still there.
    let mut rest = Vec::new();
    assert_eq!(server.pipe.read_to_end(&mut rest).expect("its end"), 0);
}

#[test]
fn a_host_that_has_gone_was_sent_nothing() {
    let server = Server::new("gone");
    let (connection, address) = (server.connection(), server.address());
    drop(server);
    assert!(!connection.is_quiet());
    let failure = connection.send(HEAD, b"", None);
    assert!(matches!(failure, Err(Failure::NotSent(_))), "{failure:?}");
    let failure = Connection::open(&address, None).expect_err("nobody");
    assert!(matches!(failure, Failure::Broken(error) if error.kind() == ErrorKind::NotFound));
}

#[test]
fn a_busy_pipe_is_waited_for_until_the_deadline() {
    let server = Server::new("busy");
    let _other = server.connection();
    let began = Instant::now();
    let failure = Connection::open(&server.address(), soon()).expect_err("one instance");
    assert!(matches!(failure, Failure::Interrupted), "{failure:?}");
    assert!(began.elapsed() >= Duration::from_millis(40));
}

#[test]
fn a_pipe_of_another_process_is_refused_and_so_is_what_is_no_pipe() {
    let server = Server::new("whose");
    let mut address = server.address();
    address.process = Some(process::id());
    drop(Connection::open(&address, None).expect("our own"));
    let other = Server::new("another");
    let mut address = other.address();
    address.process = Some(process::id() + 1);
    let failure = Connection::open(&address, None).expect_err("another's");
    assert!(failure.to_string().contains("is behind"), "{failure}");
    for name in [
        r"C:\windows\win.ini",
        r"\\server\pipe\bridge",
        &format!(r"\\.\pipe\{}", "x".repeat(250)),
    ] {
        let failure = Connection::open(&Address::anybody(name.into()), None).expect_err("no pipe");
        assert!(
            matches!(failure, Failure::Broken(error) if error.kind() == ErrorKind::InvalidInput)
        );
    }
}
