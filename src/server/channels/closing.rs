//! Who is asked before a window closes: sidecars that hold the window, each for a limited time.
//!
//! A page that listens to `tauri://close-requested` keeps its window open whatever becomes of the page. Here nobody does: a holder
//! that is gone, or too slow, lets the window close.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use axum::{
    Json,
    extract::{Path, Query, State, rejection::PathRejection, rejection::QueryRejection},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tauri::{AppHandle, Manager, Runtime, async_runtime};
use tokio::{
    sync::oneshot,
    time::{Instant, timeout_at},
};

use super::mailbox::Mailbox;
use crate::{config::SidecarName, error::Result, server::Context};

/// The windows that sidecars hold, all of one app.
#[derive(Clone, Debug, Default)]
pub(crate) struct Closings(Arc<Mutex<Table>>);

#[derive(Debug, Default)]
struct Table {
    /// The newest number of a holder or a question.
    newest: u64,
    holders: HashMap<u64, Holder>,
    /// The questions that are not answered.
    asked: HashMap<u64, Asked>,
    /// The windows whose holders are asked just now: each label with the number of its round of questions. A later window may
    /// have the label of one that is gone.
    undecided: HashMap<String, u64>,
}

#[derive(Debug)]
struct Holder {
    sidecar: SidecarName,
    label: String,
    mailbox: Weak<Mailbox>,
    limit: Duration,
}

#[derive(Debug)]
struct Asked {
    holder: u64,
    sidecar: SidecarName,
    is_prevented: oneshot::Sender<bool>,
}

/// Holds a window until it is dropped.
#[derive(Debug)]
pub(super) struct Hold {
    closings: Closings,
    number: u64,
}

impl Drop for Hold {
    fn drop(&mut self) {
        let mut table = self.closings.lock();
        table.holders.remove(&self.number);
        // Who waits for these hears that nobody answers any more.
        table.asked.retain(|_, asked| asked.holder != self.number);
    }
}

impl Closings {
    /// Asks over the mailbox before the window of that label closes; the window waits for the answer for so long.
    pub(super) fn hold(
        &self,
        sidecar: SidecarName,
        label: String,
        mailbox: Weak<Mailbox>,
        limit: Duration,
    ) -> Hold {
        let mut table = self.lock();
        table.newest += 1;
        let number = table.newest;
        let holder = Holder {
            sidecar,
            label,
            mailbox,
            limit,
        };
        table.holders.insert(number, holder);
        Hold {
            closings: self.clone(),
            number,
        }
    }

    /// Whether a window that is to close stays open until its holders have been asked.
    pub(crate) fn asks<R: Runtime>(&self, app: &AppHandle<R>, label: &str) -> bool {
        let mut table = self.lock();
        // Its user is impatient.
        if table.undecided.contains_key(label) {
            return true;
        }
        let asked = table.ask(label);
        if asked.is_empty() {
            return false;
        }
        table.newest += 1;
        let round = table.newest;
        table.undecided.insert(label.to_owned(), round);
        drop(table);
        // This window: another one may have the label by then.
        let window = app.get_webview_window(label);
        let (closings, label) = (self.clone(), label.to_owned());
        async_runtime::spawn(async move {
            let mut is_prevented = false;
            for (answer, deadline) in asked {
                is_prevented |= matches!(timeout_at(deadline, answer).await, Ok(Ok(true)));
            }
            closings.lock().decided(&label, round);
            if !is_prevented && let Some(window) = window {
                // An error means that the window is gone.
                drop(window.destroy());
            }
        });
        true
    }

    /// Forgets a window that is gone: nobody holds it any more, and a later one of that label is asked anew.
    pub(crate) fn window_closed(&self, label: &str) {
        let mut table = self.lock();
        table.undecided.remove(label);
        let holders = &mut table.holders;
        let gone: HashSet<u64> = holders
            .extract_if(|_, holder| holder.label == *label)
            .map(|(number, _)| number)
            .collect();
        // Who waits for these hears that nobody answers any more.
        table.asked.retain(|_, asked| !gone.contains(&asked.holder));
    }

    /// Takes a sidecar's answer, and says whether it came in time.
    fn answer(&self, number: u64, sidecar: &SidecarName, is_prevented: bool) -> bool {
        let mut table = self.lock();
        let is_theirs = |asked: &Asked| asked.sidecar == *sidecar;
        if !table.asked.get(&number).is_some_and(is_theirs) {
            return false;
        }
        let asked = table.asked.remove(&number);
        asked.is_some_and(|asked| asked.is_prevented.send(is_prevented).is_ok())
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    /// Notes that the questions of that round are over. Those of a later window of that label may not be.
    fn decided(&mut self, label: &str, round: u64) {
        if self.undecided.get(label) == Some(&round) {
            self.undecided.remove(label);
        }
    }

    /// Asks all holders of a window; gives what each answers, and until when.
    fn ask(&mut self, label: &str) -> Vec<(oneshot::Receiver<bool>, Instant)> {
        let mut asked = Vec::new();
        for (number, holder) in &self.holders {
            let Some(mailbox) = holder.mailbox.upgrade().filter(|_| holder.label == *label) else {
                continue;
            };
            self.newest += 1;
            let (is_prevented, answer) = oneshot::channel();
            let question = Asked {
                holder: *number,
                sidecar: holder.sidecar.clone(),
                is_prevented,
            };
            self.asked.insert(self.newest, question);
            mailbox.push_json(&json!({ "closing": self.newest }).to_string());
            asked.push((answer, Instant::now() + holder.limit));
        }
        asked
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::server) struct AnswerQuery {
    prevent: bool,
}

#[derive(JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::server) struct Taken {
    /// Whether the window still waited for the answer.
    in_time: bool,
}

/// `POST /v1/closing/{number}?prevent=true`: says whether a window that is to close stays open.
pub(in crate::server) async fn answer<R: Runtime>(
    State(context): State<Arc<Context<R>>>,
    number: Result<Path<u64>, PathRejection>,
    query: Result<Query<AnswerQuery>, QueryRejection>,
) -> Result<Json<Taken>> {
    let (Path(number), Query(AnswerQuery { prevent })) = (number?, query?);
    let closings = context.app.state::<Closings>();
    let in_time = closings.answer(number, &context.sidecar, prevent);
    Ok(Json(Taken { in_time }))
}

#[cfg(test)]
mod tests {
    use tauri::test::{MockRuntime, mock_app};

    use super::*;

    const LIMIT: Duration = Duration::from_secs(20);

    fn name(name: &str) -> SidecarName {
        SidecarName::try_from(name.to_owned()).expect("a name")
    }

    struct Holding {
        mailbox: Arc<Mailbox>,
        _hold: Hold,
    }

    fn holds(closings: &Closings, sidecar: &str, label: &str, limit: Duration) -> Holding {
        let mailbox = Arc::new(Mailbox::new());
        let weak = Arc::downgrade(&mailbox);
        let hold = closings.hold(name(sidecar), label.to_owned(), weak, limit);
        Holding {
            mailbox,
            _hold: hold,
        }
    }

    /// Waits until nobody is asked about that window any more.
    async fn decided(closings: &Closings, label: &str) {
        let over = async {
            while closings.lock().undecided.contains_key(label) {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(LIMIT, over).await.expect("in time");
    }

    fn asked(closings: &Closings) -> Vec<u64> {
        let mut numbers: Vec<_> = closings.lock().asked.keys().copied().collect();
        numbers.sort_unstable();
        numbers
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn only_windows_that_somebody_holds_wait_for_answers() {
        let (app, closings) = (mock_app(), Closings::default());
        let held = holds(&closings, "python", "main", LIMIT);
        assert!(!closings.asks::<MockRuntime>(app.handle(), "settings"));
        assert!(closings.asks(app.handle(), "main"));
        let [number] = asked(&closings)[..] else {
            panic!("one is asked");
        };
        // An impatient user asks nobody again.
        assert!(closings.asks(app.handle(), "main"));
        assert_eq!(asked(&closings), [number]);
        assert!(!closings.answer(number, &name("other"), true));
        assert!(closings.answer(number, &name("python"), true));
        assert!(!closings.answer(number, &name("python"), true));
        decided(&closings, "main").await;
        drop(held);
        assert!(!closings.asks(app.handle(), "main"));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn all_are_asked_and_who_is_gone_or_late_answers_nothing() {
        let (app, closings) = (mock_app(), Closings::default());
        let gone = holds(&closings, "python", "main", LIMIT);
        let late = holds(&closings, "tools", "main", Duration::ZERO);
        assert!(closings.asks(app.handle(), "main"));
        let numbers = asked(&closings);
        assert_eq!(numbers.len(), 2);
        drop(gone);
        decided(&closings, "main").await;
        for number in numbers {
            assert!(!closings.answer(number, &name("python"), true));
            assert!(!closings.answer(number, &name("tools"), true));
        }
        assert!(Arc::strong_count(&late.mailbox) == 1);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_later_window_of_the_same_label_is_asked_while_an_old_question_is_open() {
        let (app, closings) = (mock_app(), Closings::default());
        let old = holds(&closings, "python", "main", LIMIT);
        assert!(closings.asks::<MockRuntime>(app.handle(), "main"));
        let [old_question] = asked(&closings)[..] else {
            panic!("one is asked");
        };
        closings.window_closed("main");
        // What has ended is not answered any more, and holds nothing.
        assert!(!closings.asks(app.handle(), "main"));
        assert!(!closings.answer(old_question, &name("python"), true));
        let new = holds(&closings, "python", "main", LIMIT);
        assert!(closings.asks(app.handle(), "main"));
        let [new_question] = asked(&closings)[..] else {
            panic!("one is asked");
        };
        assert_ne!(new_question, old_question);
        // The end of the old channel and of the old round ends no question of the new one.
        drop(old);
        closings.lock().decided("main", 0);
        assert!(closings.asks(app.handle(), "main"));
        assert_eq!(asked(&closings), [new_question]);
        assert!(closings.answer(new_question, &name("python"), true));
        decided(&closings, "main").await;
        drop(new);
    }
}
