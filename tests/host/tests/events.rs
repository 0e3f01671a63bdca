//! Streams of events to a sidecar: what a slow reader gets, and one that comes back.
#![cfg(unix)]

mod support;

use std::thread;

use http_body_util::Full;
use serde_json::json;
use support::{Events, Joined, Said};
use tauri::{AppHandle, Emitter, test::MockRuntime};

fn emit(app: &AppHandle<MockRuntime>, payload: u64) {
    app.emit("tick", payload).expect("emits");
}

/// What the stream says until the event with that payload: events in their order, and how many it lost among them.
async fn until(events: &mut Events, last: u64) -> (Vec<u64>, u64) {
    let (mut seen, mut all_lost) = (vec![], 0);
    while seen.last() != Some(&last) {
        match events.said().await {
            Said::Event { id, payload } => {
                let payload = payload.as_u64().expect("a number");
                let sequence = id.split_once('-').expect("an id").1;
                assert_eq!(sequence, payload.to_string(), "in the order of emission");
                assert!(seen.last() < Some(&payload), "an event came twice");
                seen.push(payload);
            }
            Said::Gap { lost } => {
                let missing = lost.expect("a number");
                assert!(missing > 0, "an empty gap");
                all_lost += missing;
            }
        }
    }
    (seen, all_lost)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_lags_is_told_what_it_lost() {
    let python = Joined::start(json!({})).await;
    let mut events = support::events(&python, "tick").await;
    (1..=50_000).for_each(|n| emit(&python.host.app, n));
    let (seen, lost) = until(&mut events, 50_000).await;
    assert!(lost > 0, "all of them waited");
    assert_eq!(seen.len() as u64 + lost, 50_000);
    assert!(seen.ends_with(&(50_000 - 16_383..=50_000).collect::<Vec<_>>()));
    emit(&python.host.app, 50_001);
    assert_eq!(events.next().await, 50_001, "the stream goes on");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_when_connections_are_cut() {
    const EVENTS: u64 = 10_000;
    let python = Joined::start(json!({})).await;
    let mut events = support::events(&python, "tick").await;
    let app = python.host.app.clone();
    let emitting = thread::spawn(move || (1..=EVENTS).for_each(|n| emit(&app, n)));
    let (mut seen, mut last) = (0, String::new());
    while seen < EVENTS {
        for _ in 0..1_000 {
            let Said::Event { id, payload } = events.said().await else {
                panic!("something was lost after {last}");
            };
            (seen, last) = (seen + 1, id);
            assert_eq!(payload, seen, "after {last}");
        }
        drop(events);
        events = support::events_behind(&python, "tick", Some(&last)).await;
    }
    emitting.join().expect("no panic");
    emit(&python.host.app, EVENTS + 1);
    assert_eq!(events.next().await, EVENTS + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_may_be_cut_before_the_first_event() {
    let python = Joined::start(json!({})).await;
    let events = support::events(&python, "tick").await;
    let begins = events.begins.clone().expect("an id");
    drop(events);
    emit(&python.host.app, 1);
    let mut events = support::events_behind(&python, "tick", Some(&begins)).await;
    assert_eq!(events.begins, Some(begins));
    assert_eq!(events.next().await, 1);
    let events = support::events(&python, "tick").await;
    assert!(events.begins.is_some_and(|begins| begins.ends_with("-1")));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_while_nobody_read_is_kept_or_counted() {
    let python = Joined::start(json!({})).await;
    let mut events = support::events(&python, "tick").await;
    emit(&python.host.app, 1);
    let Said::Event { id, .. } = events.said().await else {
        panic!("nothing is lost");
    };
    drop(events);
    (2..=20_001).for_each(|n| emit(&python.host.app, n));
    let mut events = support::events_behind(&python, "tick", Some(&id)).await;
    let lost = Some(20_000 - 16_384);
    assert_eq!(events.said().await, Said::Gap { lost });
    let (seen, lost) = until(&mut events, 20_001).await;
    assert_eq!((seen.len(), lost), (16_384, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_knows_what_was_lost_since_another_journal() {
    let python = Joined::start(json!({})).await;
    let mut events = support::events_behind(&python, "tick", Some("4000000000-1")).await;
    assert_eq!(events.said().await, Said::Gap { lost: None });
    emit(&python.host.app, 1);
    assert_eq!(events.next().await, 1);
    let mut events = support::events_behind(&python, "tick", Some("0-0")).await;
    assert_eq!(events.said().await, Said::Gap { lost: None });
    assert_eq!(events.next().await, 1, "all there is comes after it");
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_that_no_event_has_are_refused() {
    let python = Joined::start(json!({})).await;
    let mut events = support::events(&python, "tick").await;
    emit(&python.host.app, 1);
    let Said::Event { id, .. } = events.said().await else {
        panic!("nothing is lost");
    };
    let epoch = id.split_once('-').expect("an id").0;
    for (sent, detail) in [
        ("", "`last-event-id` is ``, which is no event's id"),
        ("tick", "`last-event-id` is `tick`, which is no event's id"),
        (
            &format!("{epoch}-2"),
            &format!("ahead of the newest event, `{id}`"),
        ),
    ] {
        let request = python
            .request("GET", "/v1/events?name=tick")
            .header("last-event-id", sent)
            .body(Full::default());
        let (status, problem) = python.json(request.expect("a request")).await;
        assert_eq!(
            (status, &problem["code"]),
            (422, &json!("invalid_argument"))
        );
        let text = problem["detail"].as_str().expect("text");
        assert!(text.contains(detail), "{text}");
        assert!(text.contains("send the id of the last event"), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_readers_get_the_same() {
    let python = Joined::start(json!({})).await;
    let mut one = support::events(&python, "tick").await;
    emit(&python.host.app, 1);
    let mut other = support::events(&python, "tick").await;
    emit(&python.host.app, 2);
    assert_eq!(one.next().await, 1);
    let second = one.said().await;
    assert!(matches!(&second, Said::Event { payload, .. } if payload == 2));
    assert_eq!(other.said().await, second);
    drop(one);
    emit(&python.host.app, 3);
    assert_eq!(other.next().await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_may_be_larger_than_the_journal() {
    let python = Joined::start(json!({})).await;
    let mut events = support::events(&python, "tick").await;
    let large = "x".repeat(20 * 1024 * 1024);
    python.host.app.emit("tick", &large).expect("emits");
    assert!(events.next().await == large, "it came otherwise");
    emit(&python.host.app, 2);
    assert_eq!(events.next().await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payload_may_have_lines() {
    let python = Joined::start(json!({})).await;
    let mut events = support::events(&python, "tick").await;
    let lines = "{\r\n\t\"id: 1\":\n1\r}".to_owned();
    python.host.app.emit_str("tick", lines).expect("emits");
    assert_eq!(events.next().await, json!({ "id: 1": 1 }));
}
