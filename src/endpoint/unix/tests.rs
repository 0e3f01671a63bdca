use std::os::unix::fs::MetadataExt;

use super::*;

#[test]
fn directory_and_sockets_are_ours_alone_and_go_with_the_directory() {
    let private = tempfile::tempdir().expect("private parent");
    let directory = Directory::create_in(private.path()).expect("run directory");
    let sockets = directory.bind().expect("sockets");
    let mode = |path: &Path| fs::symlink_metadata(path).expect("exists").mode() & 0o777;
    let directory = sockets.directory.path().to_owned();
    for name in ["host.sock", "lease.sock", "sidecar.sock"] {
        assert_eq!(mode(&directory.join(name)), 0o600, "{name}");
    }
    assert_eq!(mode(&directory), 0o700);
    drop(sockets);
    assert!(!directory.exists());
}

#[test]
fn a_path_that_is_too_long_is_refused_with_its_length() {
    let longest = Path::new("/").join("d".repeat(longest_path() - 1));
    check_length(&longest).expect("it just fits");
    SockAddr::unix(&longest).expect("so says the system");
    let error = check_length(&longest.join("host.sock")).expect_err("too long");
    let length = longest_path() + "/host.sock".len();
    assert!(
        error
            .to_string()
            .contains(&format!("is {length} bytes long")),
        "{error}"
    );
}

#[tokio::test]
async fn a_peer_is_known_by_its_process_group() {
    let directory = Directory::create().expect("a directory");
    let sockets = directory.bind().expect("sockets");
    let address = sockets.lease.address();
    let mut accepting = sockets.lease.accepting().expect("it listens");
    let _ours = address.connect().await.expect("connected");
    let accepted = accepting.accept().await.expect("accepted");
    let own = ProcessGroup::of_this_process();
    accepted.peer.check(&own).expect("it is this process");
    let other = ProcessGroup::of_others();
    let words = accepted.peer.check(&other).expect_err("another group");
    assert!(words.contains("in process group"), "{words}");
}

/// The number of a process that has ended may mean another one by the time that somebody looks at the number.
#[tokio::test]
async fn a_peer_that_has_ended_is_in_no_group() {
    let directory = Directory::create().expect("a directory");
    let sockets = directory.bind().expect("sockets");
    let path = sockets.directory.path().join("lease.sock");
    let mut accepting = sockets.lease.accepting().expect("it listens");
    let script = "import socket, sys; socket.socket(socket.AF_UNIX).connect(sys.argv[1])";
    let dialled = std::process::Command::new("python3")
        .args(["-c", script])
        .arg(path)
        .status();
    assert!(dialled.expect("python3 runs").success());
    let accepted = accepting.accept().await.expect("accepted");
    let own = ProcessGroup::of_this_process();
    let words = accepted.peer.check(&own).expect_err("it has ended");
    assert!(words.contains("has ended"), "{words}");
}
