use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::AsyncReadExt;

use super::*;
use crate::endpoint::{Address, memory};

const HELLO: &[u8] = b"{\"protocol\":2}\n";

fn name() -> SidecarName {
    SidecarName::try_from("python".to_owned()).expect("valid")
}

/// A reception at work, over pipes in memory, whose peers are this process.
fn reception(joining: Option<mpsc::Sender<Order>>) -> (Arc<Admission>, Address) {
    let listener = memory::listen();
    let (admission, address) = (Arc::new(Admission::default()), listener.address());
    let reception = Reception {
        sidecar: name(),
        admission: admission.clone(),
        joining,
    };
    tokio::spawn(reception.receive(listener));
    (admission, address)
}

/// Dials, says that line, and gives what comes back until the host closes.
async fn dial(address: &Address, request: &str) -> Value {
    let mut stream = address.connect().await.expect("connected");
    stream
        .write_all(format!("{request}\n").as_bytes())
        .await
        .expect("written");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("an answer");
    serde_json::from_slice(&answer).expect("JSON")
}

fn role(role: &str) -> String {
    json!({ "protocol": 2, "role": role }).to_string()
}

#[tokio::test]
async fn one_process_gets_the_lease_and_the_next_is_told_why_not() {
    let (admission, address) = reception(None);
    let lease = admission.open(ProcessGroup::of_this_process(), HELLO.into());
    let mut stream = address.connect().await.expect("connected");
    let request = role("serve") + "\n";
    stream.write_all(request.as_bytes()).await.expect("written");
    lease.await.expect("its connection came");
    let refusal = dial(&address, &role("serve")).await;
    assert_eq!(refusal["code"], "permission_denied");
    let detail = refusal["detail"].as_str().expect("text");
    assert!(detail.contains("serves already"), "{detail}");
}

#[tokio::test]
async fn every_process_of_the_group_gets_the_hello_for_its_calls() {
    let (admission, address) = reception(None);
    let _lease = admission.open(ProcessGroup::of_this_process(), HELLO.into());
    for _ in 0..3 {
        assert_eq!(
            dial(&address, &role("calls")).await,
            json!({ "protocol": 2 })
        );
    }
}

#[tokio::test]
async fn nobody_gets_anything_from_outside_of_the_group_or_between_two_generations() {
    let (admission, address) = reception(None);
    for wanted in ["serve", "calls"] {
        let refusal = dial(&address, &role(wanted)).await;
        assert_eq!(refusal["code"], "unavailable", "{refusal}");
    }
    let _lease = admission.open(ProcessGroup::of_others(), HELLO.into());
    for wanted in ["serve", "calls"] {
        let refusal = dial(&address, &role(wanted)).await;
        assert_eq!(refusal["code"], "permission_denied", "{refusal}");
        let detail = refusal["detail"].as_str().expect("text");
        assert!(detail.contains("the host started"), "{detail}");
    }
    admission.close();
    assert_eq!(dial(&address, &role("calls")).await["code"], "unavailable");
}

#[tokio::test]
async fn joining_is_for_development() {
    let (_admission, address) = reception(None);
    let refusal = dial(&address, &role("join")).await;
    assert_eq!(refusal["code"], "permission_denied");

    let (orders, mut given) = mpsc::channel(1);
    let (_admission, address) = reception(Some(orders));
    let mut stream = address.connect().await.expect("connected");
    let request = role("join") + "\n";
    stream.write_all(request.as_bytes()).await.expect("written");
    assert!(matches!(given.recv().await, Some(Order::Join(_))));
}

#[tokio::test]
async fn what_is_no_request_is_refused_with_words() {
    let (_admission, address) = reception(None);
    let long = "x".repeat(MAX_REQUEST_BYTES + 1);
    for (request, words) in [
        ("hello", "no request for a lease"),
        ("{\"protocol\":2,\"role\":\"king\"}", "king"),
        ("{\"protocol\":1,\"role\":\"serve\"}", "speaks protocol 2"),
        (long.as_str(), "over 1024 bytes"),
    ] {
        let refusal = dial(&address, request).await;
        let detail = refusal["detail"].as_str().expect("text");
        assert!(detail.contains(words), "{detail}");
    }
}

#[tokio::test]
async fn those_who_say_nothing_keep_nobody_out() {
    let (admission, address) = reception(None);
    let _lease = admission.open(ProcessGroup::of_this_process(), HELLO.into());
    let mut silent = Vec::new();
    for _ in 0..3 * accept::MOST_DIALLING {
        silent.push(address.connect().await.expect("connected"));
    }
    assert_eq!(
        dial(&address, &role("calls")).await,
        json!({ "protocol": 2 })
    );
}

#[tokio::test]
async fn a_spare_gets_one_line_and_nothing_else_until_it_is_called() {
    let (admission, address) = reception(None);
    let _serving = admission.open(ProcessGroup::of_others(), HELLO.into());
    let line = admission.expect_spare(ProcessGroup::of_this_process());
    let mut stream = address.connect().await.expect("connected");
    let request = role("standby") + "\n";
    stream.write_all(request.as_bytes()).await.expect("written");
    let dialled = line.await.expect("its connection came");
    assert_eq!(dialled.pid, Some(std::process::id()));
    for wanted in ["standby", "serve", "calls"] {
        let refusal = dial(&address, &role(wanted)).await;
        let code = if wanted == "standby" {
            "permission_denied"
        } else {
            "unavailable"
        };
        assert_eq!(refusal["code"], code, "{wanted}: {refusal}");
    }
    assert_eq!(
        admission.close(),
        None,
        "no reason for the end of the generation that serves"
    );
    // It is called.
    admission.forget_spare();
    let _lease = admission.open(ProcessGroup::of_this_process(), HELLO.into());
    assert_eq!(
        dial(&address, &role("calls")).await,
        json!({ "protocol": 2 })
    );
}

#[tokio::test]
async fn no_process_is_a_spare_that_the_host_did_not_start_as_one() {
    let (admission, address) = reception(None);
    assert_eq!(
        dial(&address, &role("standby")).await["code"],
        "permission_denied"
    );
    let _line = admission.expect_spare(ProcessGroup::of_others());
    assert_eq!(
        dial(&address, &role("standby")).await["code"],
        "permission_denied"
    );
}

#[tokio::test]
async fn a_process_that_dials_before_the_host_knows_its_group_is_waited_for() {
    let (admission, address) = reception(None);
    admission.begin();
    let wanted = role("calls");
    let mut early = Box::pin(dial(&address, &wanted));
    assert!(
        timeout(Duration::from_millis(50), &mut early)
            .await
            .is_err()
    );
    let _lease = admission.open(ProcessGroup::of_this_process(), HELLO.into());
    assert_eq!(early.await, json!({ "protocol": 2 }));

    admission.close();
    admission.begin();
    let mut early = Box::pin(dial(&address, &wanted));
    assert!(
        timeout(Duration::from_millis(50), &mut early)
            .await
            .is_err()
    );
    admission.close();
    assert_eq!(early.await["code"], "unavailable");
}

#[tokio::test]
async fn a_spare_that_dials_before_the_host_knows_its_group_is_waited_for() {
    let (admission, address) = reception(None);
    admission.begin_spare();
    let mut stream = address.connect().await.expect("connected");
    let request = role("standby") + "\n";
    stream.write_all(request.as_bytes()).await.expect("written");
    let answer = timeout(Duration::from_millis(50), stream.read_u8()).await;
    assert!(answer.is_err(), "neither taken nor refused");
    let line = admission.expect_spare(ProcessGroup::of_this_process());
    line.await.expect("its connection came");

    admission.begin_spare();
    // It could not be started.
    admission.forget_spare();
    let refusal = dial(&address, &role("standby")).await;
    assert_eq!(refusal["code"], "permission_denied");
}
