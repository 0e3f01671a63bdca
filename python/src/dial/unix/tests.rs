use std::{
    io::{BufRead, BufReader, IoSlice, Write},
    os::{
        fd::{AsRawFd, BorrowedFd},
        unix::net::UnixListener,
    },
    path::PathBuf,
    process, thread,
};

use rustix::{
    io::{FdFlags, fcntl_getfd},
    net::{SendAncillaryBuffer, SendAncillaryMessage, sendmsg},
};

use super::*;
use crate::dial::{Answer, MAX_ANSWER_BYTES, Role, dial};

const LONG: Duration = Duration::from_secs(20);

/// A host for one process; its socket is gone when this is dropped.
struct Host {
    path: PathBuf,
    listener: UnixListener,
}

impl Host {
    fn listening(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("dial-{}-{name}", process::id()));
        let listener = UnixListener::bind(&path).expect("a socket");
        Self { path, listener }
    }

    /// Answers the only question with these bytes, a socket attached to the first, and keeps the connection.
    fn answer(&self, bytes: &[u8], attached: Option<BorrowedFd<'_>>) -> (String, UnixStream) {
        let (stream, _) = self.listener.accept().expect("a connection");
        let mut question = String::new();
        BufReader::new(&stream)
            .read_line(&mut question)
            .expect("text");
        let mut space = [MaybeUninit::uninit(); cmsg_space!(ScmRights(1))];
        let mut control = SendAncillaryBuffer::new(&mut space);
        let descriptors: Vec<_> = attached.into_iter().collect();
        if !descriptors.is_empty() {
            control.push(SendAncillaryMessage::ScmRights(&descriptors));
        }
        if !bytes.is_empty() {
            let first = [IoSlice::new(&bytes[..1])];
            sendmsg(&stream, &first, &mut control, NO_SIGNAL).expect("it reads");
            // It may have had enough before the end.
            let _ = (&stream).write_all(&bytes[1..]);
        }
        (question, stream)
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

fn answered(name: &str, bytes: &[u8]) -> Result<Answer, NoAnswer> {
    let host = Host::listening(name);
    thread::scope(|scope| {
        let said = scope.spawn(|| drop(host.answer(bytes, None)));
        let heard = dial(&host.path, Role::Serve, LONG);
        said.join().expect("no panic");
        heard
    })
}

#[test]
fn it_asks_for_its_role_and_gets_the_line_and_the_socket() {
    let host = Host::listening("serve");
    let listener = host.listener.as_fd();
    thread::scope(|scope| {
        let said = scope.spawn(|| host.answer(b"{}\nstop\n", Some(listener)));
        let answer = dial(&host.path, Role::Serve, LONG).expect("an answer");
        let (question, stream) = said.join().expect("no panic");
        assert_eq!(question, "{\"protocol\":2,\"role\":\"serve\"}\n");
        assert_eq!(answer.line, b"{}");
        let passed = answer.listener.expect("a socket");
        assert_ne!(passed.as_raw_fd(), listener.as_raw_fd());
        let flags = fcntl_getfd(&passed).expect("open");
        assert_eq!(flags, FdFlags::CLOEXEC);
        drop(stream);
        let mut rest = String::new();
        let mut connection = answer.connection;
        connection.read_to_string(&mut rest).expect("text");
        assert_eq!(rest, "stop\n", "what follows is the lease's");
    });
}

#[test]
fn a_refusal_is_a_line_like_another() {
    let answer = answered("refusal", b"{\"detail\":\"no\"}\n").expect("an answer");
    assert_eq!(answer.line, b"{\"detail\":\"no\"}");
    assert!(answer.listener.is_none());
    let empty = answered("empty", b"\n").expect("an answer");
    assert_eq!(empty.line, b"");
}

#[test]
fn what_is_not_a_line_is_told_apart() {
    assert!(matches!(answered("nothing", b""), Err(NoAnswer::Ended)));
    assert!(matches!(answered("half", b"half"), Err(NoAnswer::Ended)));
    let long = answered("long", &vec![b'x'; MAX_ANSWER_BYTES + 2]);
    assert!(matches!(long, Err(NoAnswer::TooLong)));
}

#[test]
fn a_host_that_says_nothing_and_one_that_takes_nobody_are_late() {
    let host = Host::listening("silent");
    let short = Duration::from_millis(20);
    let silent = dial(&host.path, Role::Calls, short);
    assert!(matches!(silent, Err(NoAnswer::Late(_))));
    #[cfg(target_os = "linux")]
    {
        rustix::net::listen(&host.listener, 0).expect("a listener");
        // The first call above still stands in the backlog, which has room for one.
        let full = dial(&host.path, Role::Calls, short);
        assert!(matches!(full, Err(NoAnswer::Late(_))));
    }
}

#[test]
fn where_nobody_listens_is_said() {
    let gone = Host::listening("gone").path.clone();
    let error = dial(&gone, Role::Join, LONG).expect_err("nobody");
    assert!(error.to_string().starts_with("nobody listens at /"));
    let long = PathBuf::from(format!("/{}", "x".repeat(200)));
    let error = dial(&long, Role::Join, LONG).expect_err("no path");
    assert!(error.to_string().starts_with("no socket can be at /xxx"));
}
