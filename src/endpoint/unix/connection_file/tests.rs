use std::os::unix::fs::{MetadataExt, symlink};

use super::*;
use crate::endpoint::Address;

fn publish(parent: &Path) -> ConnectionFile {
    let name = SidecarName::try_from("python".to_owned()).expect("valid");
    let meeting = Location::Spawned {
        join: Address::System(super::super::Address("/run/j".into())),
        listen: Some(Address::System(super::super::Address("/run/s".into()))),
    };
    let sidecars = BTreeMap::from([(name, meeting)]);
    ConnectionFile::publish_in(parent, "com.example.app", &sidecars).expect("published")
}

#[test]
fn it_is_private_says_where_to_go_and_goes_with_its_host() {
    let parent = tempfile::tempdir().expect("a directory");
    let published = publish(parent.path());
    let path = parent.path().join("sidecar-bridge-com.example.app.json");
    assert_eq!(fs::metadata(&path).expect("there").mode() & 0o777, 0o600);
    let said: serde_json::Value =
        serde_json::from_slice(&fs::read(&path).expect("readable")).expect("JSON");
    assert_eq!(
        said,
        serde_json::json!({
            "protocol": 2, "identifier": "com.example.app", "pid": std::process::id(),
            "sidecars": { "python": { "join": { "unix": "/run/j" }, "listen": { "unix": "/run/s" } } },
        })
    );
    drop(published);
    assert_eq!(fs::read_dir(parent.path()).expect("read").count(), 0);
}

#[test]
fn a_later_instance_takes_the_name_over_and_keeps_it() {
    let parent = tempfile::tempdir().expect("a directory");
    let first = publish(parent.path());
    let second = publish(parent.path());
    drop(first);
    assert!(second.path.exists());
}

#[test]
fn a_link_under_its_name_is_replaced_and_not_followed() {
    let parent = tempfile::tempdir().expect("a directory");
    let target = parent.path().join("target");
    fs::write(&target, "untouched").expect("written");
    symlink(
        &target,
        parent.path().join("sidecar-bridge-com.example.app.json"),
    )
    .expect("linked");
    let _published = publish(parent.path());
    assert_eq!(fs::read_to_string(target).expect("there"), "untouched");
}
