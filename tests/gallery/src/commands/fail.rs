//! Commands that may fail.

use crate::{
    enums::plain::Urgency,
    errors::{AnyError, Code, DrawError, ParseFailure, Refusal, StorageError, TaskError},
    generics::Page,
    structs::{Point, UserId},
    tasks::Task,
};

/// A command for each type of error, which fails with the one that it is given.
macro_rules! fail {
    ($($name:ident: $error:ty,)*) => {$(
        #[tauri::command]
        #[specta::specta]
        pub(crate) fn $name(error: $error) -> Result<(), $error> {
            Err(error)
        }
    )*};
}

fail! {
    fail_task: TaskError,
    fail_refusal: Refusal,
    fail_draw: DrawError,
    fail_storage: StorageError,
    fail_parse: ParseFailure,
    fail_any: AnyError,
    fail_code: Code,
    fail_text: String,
    fail_number: u32,
    fail_point: Point,
    fail_user: UserId,
    fail_optional: Option<TaskError>,
    fail_tuple: (u8, String),
    fail_page: Page<TaskError>,
    fail_unit: (),
}

/// Finds tasks.
///
/// The best ones first; it "ends"
#[tauri::command]
#[specta::specta]
pub(crate) async fn find_tasks(
    search_text: String,
    limit: Option<u32>,
) -> Result<Vec<Task>, TaskError> {
    match (&*search_text, limit) {
        ("", _) => Err(TaskError::NotFound),
        (_, Some(0)) => Err(TaskError::Locked),
        _ => Ok(vec![]),
    }
}

#[tauri::command]
#[specta::specta]
pub(crate) fn store(
    first: Option<String>,
    task: Task,
    r#class: Option<Urgency>,
) -> Result<(), Refusal> {
    drop((task, r#class));
    first.map(drop).ok_or_else(|| Refusal {
        reason: "it is not the first".into(),
    })
}

#[tauri::command]
#[specta::specta]
pub(crate) fn count(of: Urgency) -> Result<u64, String> {
    match of {
        Urgency::Hidden => Err("nobody may count them".into()),
        shown => Ok(shown as u64),
    }
}

/// Divides, and fails with text.
#[tauri::command]
#[specta::specta]
pub(crate) fn divide(dividend: i32, divisor: i32) -> Result<i32, String> {
    dividend
        .checked_div(divisor)
        .ok_or_else(|| format!("{dividend} cannot be divided by {divisor}"))
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn always_fine() -> Result<Option<Point>, StorageError> {
    Ok(Some(Point { x: 1, y: -1 }))
}
