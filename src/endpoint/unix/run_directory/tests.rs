use std::{
    io::{BufRead, BufReader},
    os::unix::{
        fs::{DirBuilderExt, chown, symlink},
        net::UnixListener,
    },
    process::{Command, Stdio},
    thread,
};

use super::*;

const STAND_IN_PARENT: &str = "SIDECAR_BRIDGE_TEST_STAND_IN_PARENT";

fn private() -> TempDir {
    tempfile::tempdir().expect("private parent")
}

/// What a killed host leaves: a directory with a socket that nobody listens on.
fn abandoned(path: PathBuf, mode: u32) -> PathBuf {
    fs::DirBuilder::new()
        .mode(mode)
        .create(&path)
        .expect("made");
    fs::set_permissions(&path, Permissions::from_mode(mode)).expect("whatever the umask");
    UnixListener::bind(path.join("host.sock")).expect("bound");
    path
}

fn create_in(parent: &Path) -> RunDirectory {
    RunDirectory::create_in(parent).expect("run directory")
}

#[test]
fn stale_directories_are_swept_even_those_that_were_half_made_or_half_removed() {
    let parent = private();
    let stale = abandoned(parent.path().join("sidecar-bridge-stale"), 0o700);
    let empty = abandoned(parent.path().join("sidecar-bridge-empty"), 0o700);
    fs::remove_file(empty.join("host.sock")).expect("removed");
    let _own = create_in(parent.path());
    assert!(!stale.exists() && !empty.exists());
}

#[test]
fn living_directories_of_this_process_are_kept() {
    let parent = private();
    let first = create_in(parent.path());
    UnixListener::bind(first.path().join("host.sock")).expect("bound");
    let second = create_in(parent.path());
    assert!(first.path().join("host.sock").exists() && second.path().exists());
    drop((first, second));
    assert_eq!(fs::read_dir(parent.path()).expect("read").count(), 0);
}

#[test]
fn nothing_but_our_own_private_directories_of_sockets_is_touched() {
    let parent = private();
    let at = |name: &str| parent.path().join(name);
    let mut kept = vec![
        abandoned(at("sidecar-bridge-open"), 0o755),
        abandoned(at("something-else"), 0o700),
    ];
    symlink(at("something-else"), at("sidecar-bridge-link")).expect("linked");
    fs::write(at("sidecar-bridge-file"), "").expect("written");
    let mixed = abandoned(at("sidecar-bridge-mixed"), 0o700);
    fs::write(mixed.join("notes.txt"), "").expect("written");
    let nested = abandoned(at("sidecar-bridge-nested"), 0o700);
    symlink(at("something-else"), nested.join("link")).expect("linked");
    kept.extend([mixed, nested]);
    if geteuid().is_root() {
        let foreign = abandoned(at("sidecar-bridge-foreign"), 0o700);
        chown(&foreign, Some(1), None).expect("given away");
        kept.push(foreign);
    }

    let _own = create_in(parent.path());

    for path in kept {
        assert!(path.join("host.sock").exists(), "{}", path.display());
    }
    let is = |name: &str| fs::symlink_metadata(at(name)).expect("kept").file_type();
    assert!(is("sidecar-bridge-link").is_symlink());
    assert!(is("sidecar-bridge-file").is_file());
    assert!(lock(&at("sidecar-bridge-link")).is_err(), "never followed");
}

#[test]
fn an_unreadable_parent_is_the_error_of_creating_and_not_of_sweeping() {
    let gone = private().path().join("gone");
    let error = RunDirectory::create_in(&gone).expect_err("no parent");
    assert!(
        error.to_string().contains("creating a run directory"),
        "{error}"
    );
}

#[test]
fn instances_that_start_and_stop_at_once_never_lose_a_directory() {
    let parent = private();
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..200 {
                    let own = create_in(parent.path());
                    let socket = own.path().join("host.sock");
                    let _listener = UnixListener::bind(&socket).expect("the directory is there");
                    thread::yield_now();
                    assert!(socket.exists(), "swept while it lived");
                }
            });
        }
    });
    assert_eq!(fs::read_dir(parent.path()).expect("read").count(), 0);
}

#[test]
fn another_process_keeps_its_directory_until_it_is_killed_whatever_survives_it() {
    let parent = private();
    let mut host = Command::new(std::env::current_exe().expect("this test"))
        .args(["--exact", "--nocapture"])
        .arg("endpoint::unix::run_directory::tests::stand_in_for_a_host")
        .env(STAND_IN_PARENT, parent.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("spawned");
    // Its child reads the other end and so lives for as long as this one.
    let lease = host.stdin.take().expect("piped");
    let mut line = String::new();
    BufReader::new(host.stderr.take().expect("piped"))
        .read_line(&mut line)
        .expect("its directory");
    let directory = PathBuf::from(line.trim_end());
    assert!(directory.starts_with(parent.path()), "{line}");

    drop(create_in(parent.path()));
    assert!(directory.exists(), "its host lives");

    host.kill().expect("killed");
    host.wait().expect("reaped");
    assert!(directory.exists(), "nobody tidied up");
    drop(create_in(parent.path()));
    assert!(!directory.exists(), "its host is gone");
    drop(lease);
}

/// Not a test of its own: the other process of the test above.
#[test]
fn stand_in_for_a_host() {
    let Some(parent) = std::env::var_os(STAND_IN_PARENT) else {
        return;
    };
    let own = create_in(Path::new(&parent));
    let mut survivor = Command::new("cat").spawn().expect("spawned");
    eprintln!("{}", own.path().display());
    survivor.wait().expect("reaped");
}
