//! Wine enforces neither the list of who may open a pipe nor that a first instance is the first: that is for a real Windows.

use std::{
    os::windows::io::{AsHandle, AsRawHandle},
    process::{Command, Stdio},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    sync::mpsc,
    time::timeout,
};
use windows::{
    Win32::{
        Foundation::HANDLE,
        Security::{
            Authorization::{
                ConvertSecurityDescriptorToStringSecurityDescriptorW, GetSecurityInfo,
                SDDL_REVISION_1, SE_KERNEL_OBJECT,
            },
            DACL_SECURITY_INFORMATION, OBJECT_SECURITY_INFORMATION, OWNER_SECURITY_INFORMATION,
            PSECURITY_DESCRIPTOR,
        },
    },
    core::PWSTR,
};

use super::{descriptor::this_user, *};
use crate::endpoint::{Address as AnyAddress, Stream as AnyStream};

/// Longer than anything here takes.
const LIMIT: Duration = Duration::from_secs(20);

/// Dials, again while no instance waits.
async fn dial(address: &AnyAddress) -> AnyStream {
    let dialled = async {
        loop {
            match address.connect().await {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    tokio::task::yield_now().await;
                }
                dialled => return dialled.expect("dialled"),
            }
        }
    };
    timeout(LIMIT, dialled).await.expect("an instance waits")
}

fn names(sockets: &Sockets) -> Vec<String> {
    let dialled = sockets.dialled.as_ref().expect("a sidecar dials");
    [&sockets.host, &sockets.lease, dialled]
        .map(|listener| listener.address().to_string())
        .to_vec()
}

#[test]
fn the_pipes_of_a_sidecar_share_a_number_that_no_other_sidecar_has() {
    let (ours, others) = (bind().expect("pipes"), bind().expect("pipes"));
    let (ours, others) = (names(&ours), names(&others));
    let begin = r"pipe:\\.\pipe\sidecar-bridge-";
    let number = &ours[0][begin.len()..][..32];
    assert!(
        number.bytes().all(|byte| byte.is_ascii_hexdigit()),
        "{number}"
    );
    for (name, purpose) in ours.iter().zip(["host", "lease", "sidecar"]) {
        assert_eq!(name, &format!("{begin}{number}-{purpose}"));
    }
    assert!(!others[0].contains(number));
}

#[test]
fn a_pipe_is_this_users_alone() {
    let user = this_user().expect("a user");
    assert!(user.starts_with("S-1-"), "{user}");
    let first = Instance::first(&format!(r"\\.\pipe\{:032x}", random_number().expect("one")));
    let first = first.expect("a pipe");
    let said = text_of(HANDLE(first.handle().as_raw_handle()));
    // The system may have mapped the generic right to those of a file.
    let entries = [
        format!("D:P(A;;GA;;;{user})"),
        format!("D:P(A;;FA;;;{user})"),
    ];
    assert!(
        said.starts_with(&format!("O:{user}")) && entries.iter().any(|entry| said.ends_with(entry)),
        "{said}"
    );
}

/// What the system says of an object's owner and of who may do what with it.
fn text_of(object: HANDLE) -> String {
    let wanted: OBJECT_SECURITY_INFORMATION =
        OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION;
    let (mut descriptor, mut text) = (PSECURITY_DESCRIPTOR::default(), PWSTR::null());
    // SAFETY: the pointers live for longer than the calls, and the handle is open.
    unsafe {
        let said = GetSecurityInfo(
            object,
            SE_KERNEL_OBJECT,
            wanted,
            None,
            None,
            None,
            None,
            Some(&raw mut descriptor),
        );
        said.ok().expect("a descriptor");
        ConvertSecurityDescriptorToStringSecurityDescriptorW(
            descriptor,
            SDDL_REVISION_1,
            wanted,
            &raw mut text,
            None,
        )
        .expect("a text");
        text.to_string().expect("Unicode")
    }
}

#[tokio::test]
async fn many_processes_dial_at_once_and_all_are_served() {
    let sockets = bind().expect("pipes");
    let address = sockets.host.address();
    let mut accepting = sockets.host.accepting().expect("it listens");
    tokio::spawn(async move {
        loop {
            let mut stream = accepting.accept().await.expect("accepted").stream;
            tokio::spawn(async move {
                let byte = stream.read_u8().await.expect("a byte");
                stream.write_u8(byte + 1).await.expect("written");
            });
        }
    });
    let mut calls = JoinSet::new();
    for _ in 0..20 * WAITING {
        let address = address.clone();
        calls.spawn(async move {
            let mut stream = dial(&address).await;
            stream.write_u8(41).await.expect("written");
            assert_eq!(stream.read_u8().await.expect("an answer"), 42);
            assert!(stream.read_u8().await.is_err(), "the host has closed");
        });
    }
    let all = timeout(LIMIT, calls.join_all());
    all.await.expect("all are served");
}

#[tokio::test]
async fn a_client_that_goes_at_once_keeps_nobody_out() {
    let sockets = bind().expect("pipes");
    let address = sockets.host.address();
    let mut accepting = sockets.host.accepting().expect("it listens");
    let (send, mut came) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        loop {
            let mut stream = accepting.accept().await.expect("accepted").stream;
            if let Ok(byte) = stream.read_u8().await {
                send.send(byte).expect("the test hears");
            }
        }
    });
    for _ in 0..3 * WAITING {
        drop(dial(&address).await);
        let mut stays = dial(&address).await;
        stays.write_u8(7).await.expect("written");
        let byte = timeout(LIMIT, came.recv()).await;
        assert_eq!(byte.expect("accepted"), Some(7));
    }
}

#[tokio::test]
async fn a_peer_is_known_by_its_job() {
    let sockets = bind().expect("pipes");
    let address = sockets.lease.address();
    let mut accepting = sockets.lease.accepting().expect("it listens");
    let _ours = dial(&address).await;
    let peer = accepting.accept().await.expect("accepted").peer;
    peer.check(&ProcessGroup::of_this_process())
        .expect("it is this process");
    let words = peer.check(&ProcessGroup::of_others());
    let words = words.expect_err("another job");
    assert!(
        words.contains(&format!("process {} is not in the job", std::process::id())),
        "{words}"
    );
}

/// The children of a member are members, from the first moment on.
#[test]
fn a_group_has_the_children_of_its_processes() {
    let group = ProcessGroup::of_this_process();
    let mut child = Command::new("cmd")
        .args(["/c", "set /p line="])
        .stdin(Stdio::piped())
        .spawn()
        .expect("a child");
    let is_member = group.has(child.as_handle());
    child.kill().expect("ended");
    child.wait().expect("ended");
    assert!(is_member.expect("the system says"));
}
