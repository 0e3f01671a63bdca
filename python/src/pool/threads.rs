//! Threads without a GIL, and the child of a fork.

use std::{
    collections::HashSet,
    fs,
    io::{Read, Write},
    os::unix::net::{UnixListener, UnixStream},
    path::PathBuf,
    thread,
};

use super::*;
use crate::connection::Until;

/// Answers each request on a connection with `ok`, until the client leaves.
fn serve(mut stream: UnixStream) {
    let mut request = Vec::new();
    let mut buffer = [0; 1024];
    while let Ok(count @ 1..) = stream.read(&mut buffer) {
        request.extend_from_slice(&buffer[..count]);
        if request.ends_with(b"\r\n\r\n") {
            request.clear();
            let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
            stream.write_all(answer).expect("the client reads");
        }
    }
}

fn ask(pool: &Pool) {
    let mut taken = pool.own().try_take().expect("a turn");
    let connection = pool.connect(&mut taken, None).expect("it listens");
    connection.begin(1000);
    let head = b"GET / HTTP/1.1\r\n\r\n";
    connection.send(head, b"", None).expect("it reads");
    connection.receive(Until::End, None).expect("it answers");
    assert_eq!(connection.take_body(), b"ok");
    taken.give_back();
}

#[test]
fn threads_share_a_pool_without_a_gil() {
    let folder = std::env::temp_dir().join(format!("bridge-pool-{}", process::id()));
    fs::create_dir(&folder).expect("a folder");
    let path = folder.join("host.sock");
    let listener = UnixListener::bind(&path).expect("a socket");
    thread::spawn(move || {
        for stream in listener.incoming() {
            let stream = stream.expect("a connection");
            thread::spawn(move || serve(stream));
        }
    });
    let pool = Pool::new(Address::anybody(path));
    thread::scope(|scope| {
        for _ in 0..MOST {
            scope.spawn(|| (0..20).for_each(|_| ask(&pool)));
        }
    });
    let own = pool.own();
    assert_eq!(own.lock().taken, 0);
    assert!((1..=MOST).contains(&own.lock().idle.len()));
    pool.close();
    assert!(own.lock().idle.is_empty());
    fs::remove_dir_all(folder).expect("it is there");
}

#[test]
fn all_threads_of_a_child_begin_with_the_same_connections() {
    let pool = Pool::new(Address::anybody(PathBuf::new()));
    let parents = Arc::as_ptr(&pool.own()) as usize;
    for child in [u32::MAX, u32::MAX - 1] {
        let found: HashSet<usize> = thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| Arc::as_ptr(&pool.of(child)) as usize))
                .collect();
            let found = threads.into_iter().map(thread::ScopedJoinHandle::join);
            found.map(|found| found.expect("no panic")).collect()
        });
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(!found.contains(&parents));
    }
    assert_ne!(Arc::as_ptr(&pool.own()) as usize, 0);
}

#[test]
fn a_turn_of_the_parent_ends_in_the_child_though_its_lock_is_held() {
    let parents = Connections::of(u32::MAX);
    let turn = parents.try_take().expect("a turn");
    let held = parents.lock();
    drop(turn);
    assert_eq!(held.taken, 1);
}
