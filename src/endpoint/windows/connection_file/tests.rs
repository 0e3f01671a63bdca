use super::*;
use crate::endpoint::Address;

fn publish(parent: &Path, pipe: &str) -> ConnectionFile {
    let name = SidecarName::try_from("python".to_owned()).expect("valid");
    let location = Location::Spawned {
        join: Address::System(super::super::Address(pipe.to_owned())),
        listen: None,
    };
    let sidecars = BTreeMap::from([(name, location)]);
    ConnectionFile::publish_in(parent, "com.example.app", &sidecars).expect("published")
}

#[test]
fn it_says_where_to_go_and_goes_with_its_host() {
    let parent = tempfile::tempdir().expect("a directory");
    let published = publish(parent.path(), r"\\.\pipe\j");
    let path = parent.path().join("sidecar-bridge-com.example.app.json");
    let said: serde_json::Value =
        serde_json::from_slice(&fs::read(&path).expect("readable")).expect("JSON");
    assert_eq!(
        said,
        serde_json::json!({
            "protocol": 2, "identifier": "com.example.app", "pid": std::process::id(),
            "sidecars": { "python": { "join": { "pipe": r"\\.\pipe\j" } } },
        })
    );
    drop(published);
    assert_eq!(fs::read_dir(parent.path()).expect("read").count(), 0);
}

#[test]
fn a_later_instance_takes_the_name_over_and_keeps_it() {
    let parent = tempfile::tempdir().expect("a directory");
    let first = publish(parent.path(), r"\\.\pipe\1");
    let second = publish(parent.path(), r"\\.\pipe\2");
    drop(first);
    assert!(second.path.exists());
}
