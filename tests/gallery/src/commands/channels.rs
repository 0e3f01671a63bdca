//! Commands that send messages while they run.

use tauri::ipc::Channel;

use crate::{
    enums::internal::Message, errors::TaskError, events::Progress, generics::Page, structs::Point,
    tasks::Task,
};

fn send<T: tauri::ipc::IpcResponse>(
    channel: &Channel<T>,
    messages: impl IntoIterator<Item = T>,
) -> Result<(), String> {
    let mut messages = messages.into_iter();
    messages
        .try_for_each(|message| channel.send(message))
        .map_err(|error| error.to_string())
}

/// Counts from one to `to`.
#[tauri::command]
#[specta::specta]
pub(crate) fn count_up(to: u32, on_number: Channel<u32>) -> Result<(), String> {
    send(&on_number, 1..=to)
}

/// Says how far it is in `steps` steps.
#[tauri::command]
#[specta::specta]
pub(crate) async fn work(steps: u8, on_progress: Channel<Progress>) -> Result<u8, String> {
    let progress = |step: u8| Progress {
        percent: f64::from(step) * 100.0 / f64::from(steps),
        note: None,
    };
    send(&on_progress, (1..=steps).map(progress)).map(|()| steps)
}

/// Sends the messages that it is given.
#[tauri::command]
#[specta::specta]
pub(crate) async fn replay(
    messages: Vec<Message>,
    on_message: Channel<Message>,
) -> Result<(), String> {
    send(&on_message, messages)
}

/// Divides numbers into those that are even and those that are odd.
#[tauri::command]
#[specta::specta]
pub(crate) fn sort_out(
    numbers: Vec<i64>,
    even: Channel<i64>,
    odd: Channel<i64>,
) -> Result<(), String> {
    let (evens, odds): (Vec<i64>, Vec<i64>) =
        numbers.into_iter().partition(|number| number % 2 == 0);
    send(&even, evens).and_then(|()| send(&odd, odds))
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn watch_tasks(
    tasks: Vec<Task>,
    on_change: Channel<Option<Task>>,
) -> Result<(), TaskError> {
    let all = tasks.into_iter().map(Some).chain([None]);
    send(&on_change, all).map_err(|_| TaskError::Locked)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn pages(
    points: Vec<Point>,
    size: usize,
    on_page: Channel<Page<Point>>,
    on_text: Channel<String>,
) -> Result<usize, String> {
    let pages = points.chunks(size.max(1)).map(|items| Page {
        items: items.to_vec(),
        next: None,
    });
    let pages: Vec<Page<Point>> = pages.collect();
    let count = pages.len();
    send(&on_page, pages)?;
    send(&on_text, [format!("{count} pages")])?;
    Ok(count)
}

/// Counts over a channel that has its name in Rust.
#[tauri::command(rename_all = "snake_case")]
#[specta::specta]
pub(crate) fn count_as_in_rust(up_to: u8, on_number: Channel<u8>) -> Result<(), String> {
    send(&on_number, 1..=up_to)
}
