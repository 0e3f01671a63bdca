use futures_util::FutureExt as _;
use tauri::{
    Emitter as _, Listener as _,
    test::{MockRuntime, mock_app},
};
use tokio::time::{sleep, timeout};

use super::*;
use crate::error::ErrorCode;

/// Long enough to come back in.
const SHORT: Duration = Duration::from_millis(500);

fn journals(kept: Duration) -> (Journals<MockRuntime>, AppHandle<MockRuntime>) {
    let app = mock_app().handle().clone();
    (Journals::kept_for(kept, app.clone()), app)
}

async fn subscribe(journals: &Journals<MockRuntime>, last: Option<Id>) -> Reader<MockRuntime> {
    let reader = journals.subscribe("tick".into(), last).await;
    reader.expect("a subscription")
}

fn is_known(journals: &Journals<MockRuntime>) -> bool {
    journals.0.lock().contains_key("tick")
}

/// Waits for the end of the listener, which has a weak reference.
async fn is_dropped(journal: &Arc<Journal>) -> bool {
    for _ in 0..200 {
        if Arc::weak_count(journal) == 0 {
            return true;
        }
        sleep(Duration::from_millis(10)).await;
    }
    false
}

#[tokio::test]
async fn a_journal_is_dropped_some_time_after_its_last_reader() {
    let (journals, app) = journals(SHORT);
    let one = subscribe(&journals, None).await;
    let other = subscribe(&journals, None).await;
    let journal = one.journal.clone();
    assert!(Arc::ptr_eq(&journal, &other.journal));
    drop(one);
    sleep(2 * SHORT).await;
    assert!(is_known(&journals), "there is another reader");
    drop(other);
    assert!(is_known(&journals), "it is kept for a while");
    let empty = journal.cursor(None).ok();
    app.emit("tick", 1).expect("emits");
    let one_event = journal.cursor(None).ok();
    assert_ne!(one_event, empty, "what comes in that while is kept");
    assert!(is_dropped(&journal).await, "the listener is still there");
    assert!(!is_known(&journals));
    app.emit("tick", 2).expect("emits");
    assert_eq!(journal.cursor(None).ok(), one_event);
}

#[tokio::test]
async fn whoever_comes_back_in_time_keeps_it() {
    let (journals, app) = journals(SHORT);
    let mut reader = subscribe(&journals, None).await;
    let journal = reader.journal.clone();
    app.emit("tick", 1).expect("emits");
    let first = reader.next().await;
    drop(reader);
    app.emit("tick", 2).expect("emits");
    let line = first.lines().next();
    let id = line.and_then(|line| line.strip_prefix("id: "));
    let id: Id = id.expect("an id").parse().expect("an id");
    let mut reader = subscribe(&journals, Some(id)).await;
    assert!(Arc::ptr_eq(&journal, &reader.journal));
    sleep(2 * SHORT).await;
    assert!(is_known(&journals), "its end was not called off");
    assert!(reader.next().await.ends_with("-2\ndata: 2\n\n"));
    let ahead = Id { sequence: 3, ..id };
    assert!(
        journals
            .subscribe("tick".into(), Some(ahead))
            .await
            .is_err()
    );
    let readers = journals.0.lock()["tick"].readers;
    assert_eq!(readers, 1, "who is refused leaves");
}

#[tokio::test]
async fn there_are_so_many_readers_that_calls_have_connections_left() {
    let (journals, _app) = journals(SHORT);
    let mut readers = Vec::new();
    for _ in 0..journals.0.most {
        readers.push(subscribe(&journals, None).await);
    }
    assert!(journals.0.most < most_connections());
    let refused = journals.subscribe("tick".into(), None).await.err();
    let code = refused.map(|error| error.code());
    assert_eq!(code, Some(ErrorCode::ResourceExhausted));
    readers.pop();
    subscribe(&journals, None).await;
}

#[tokio::test]
async fn all_go_with_the_endpoint_and_its_readers() {
    let (journals, _app) = journals(Duration::MAX);
    let gone = journals.subscribe("gone".into(), None).await;
    let gone = gone.map(|reader| reader.journal.clone()).expect("a reader");
    let reader = subscribe(&journals, None).await;
    let journal = reader.journal.clone();
    drop(journals);
    assert_eq!(Arc::weak_count(&gone), 1, "a reader is left");
    drop(reader);
    assert!(is_dropped(&gone).await);
    assert!(is_dropped(&journal).await);
}

#[tokio::test]
async fn a_listener_that_tauri_put_off_is_in_place() {
    let (journals, app) = journals(SHORT);
    // Tauri puts off each listener that comes while another thread is inside an emission.
    let (entered, inside) = std::sync::mpsc::channel();
    let (leave, leaving) = std::sync::mpsc::channel::<()>();
    let leaving = Mutex::new(leaving);
    app.listen_any("noise", move |_| {
        entered.send(()).expect("the test waits");
        leaving.lock().expect("no panic").recv().ok();
    });
    for _ in 0..100 {
        let emitting = {
            let app = app.clone();
            std::thread::spawn(move || app.emit("noise", ()).expect("emits"))
        };
        inside.recv().expect("the listener is called");
        let mut subscribing = std::pin::pin!(subscribe(&journals, None));
        assert!(subscribing.as_mut().now_or_never().is_none());
        leave.send(()).expect("the listener waits");
        let mut reader = subscribing.await;
        app.emit("tick", ()).expect("emits");
        let event = timeout(Duration::from_secs(10), reader.next()).await;
        assert!(event.is_ok(), "an event was lost");
        emitting.join().expect("no panic");
        drop(reader);
        // So that the next one needs a listener again.
        journals.0.lock().clear();
    }
}

/// Holds Tauri's table of listeners, as a thread does that was stopped within `unlisten`, until it is told to let go.
fn hold_listeners(app: &AppHandle<MockRuntime>) -> impl FnOnce() {
    struct Held {
        entered: std::sync::mpsc::Sender<()>,
        leaving: Mutex<std::sync::mpsc::Receiver<()>>,
    }
    impl Drop for Held {
        fn drop(&mut self) {
            self.entered.send(()).expect("the test waits");
            self.leaving.lock().expect("no panic").recv().ok();
        }
    }
    let (entered, inside) = std::sync::mpsc::channel();
    let (leave, leaving) = std::sync::mpsc::channel();
    let held = Held {
        entered,
        leaving: Mutex::new(leaving),
    };
    // Tauri drops the listener while it holds its table.
    let id = app.listen_any("noise", move |_| drop(held.entered.clone()));
    let unlistening = std::thread::spawn({
        let app = app.clone();
        move || app.unlisten(id)
    });
    inside.recv().expect("the listener is dropped");
    move || {
        leave.send(()).expect("the drop waits");
        unlistening.join().expect("no panic");
    }
}

#[tokio::test]
async fn an_emission_of_the_sidecar_that_tauri_put_off_comes_at_once() {
    let (journals, app) = journals(SHORT);
    let mut reader = subscribe(&journals, None).await;
    let let_go = hold_listeners(&app);
    let emission = journals.emit(async { app.emit("tick", 1).expect("emits") });
    let mut emission = std::pin::pin!(emission);
    assert!(emission.as_mut().now_or_never().is_none(), "it is put off");
    let_go();
    emission.await;
    let event = reader.next().now_or_never();
    assert!(event.is_some(), "it is still put off");
}

#[tokio::test]
async fn what_others_emit_and_tauri_put_off_comes_some_time_later() {
    let (journals, app) = journals(SHORT);
    let mut reader = subscribe(&journals, None).await;
    let let_go = hold_listeners(&app);
    app.emit("tick", 1).expect("emits");
    let_go();
    assert!(reader.next().now_or_never().is_none(), "it is put off");
    let event = timeout(Duration::from_secs(30), reader.next()).await;
    assert!(event.is_ok(), "it is never heard");
}

#[tokio::test]
async fn who_heeds_its_own_listeners_hears_what_others_emit_and_tauri_put_off() {
    let (journals, app) = journals(SHORT);
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    // As a channel with events does, which has no journal.
    app.listen_any("tick", move |_| {
        tell.send(()).ok();
    });
    let sweep = journals.heed().await;
    let let_go = hold_listeners(&app);
    app.emit("tick", 1).expect("emits");
    let_go();
    assert!(told.try_recv().is_err(), "it is put off");
    let event = timeout(Duration::from_secs(30), told.recv()).await;
    assert_eq!(event, Ok(Some(())), "it is never heard");
    drop(sweep);
}
