//! Development: a change of a Python file starts the sidecar again.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
    slice,
    time::Duration,
};

use notify::{Event, RecursiveMode, Watcher, recommended_watcher};
use tokio::{
    sync::mpsc::{self, UnboundedReceiver},
    time::timeout,
};

use super::Order;
use crate::error::{Error, Kind, Result};

/// A change is over once no file has changed for this long: editors and git write many files.
const CALM: Duration = Duration::from_millis(100);

/// Directories with other people's code, or with files that Python writes itself.
const IGNORED: [&str; 4] = ["__pycache__", "node_modules", "site-packages", "target"];

/// Orders a reload after each change of a `.py` file in or below the directories. Ends when nobody takes orders any more.
///
/// # Errors
/// When a directory cannot be watched, such as one that does not exist.
pub(crate) fn watch_files(
    directories: &[PathBuf],
    orders: mpsc::Sender<Order>,
) -> Result<impl Future<Output = ()> + Send + use<>> {
    // Some systems report the target of a link instead of the link.
    let roots = directories.iter().map(|directory| {
        let root = directory.canonicalize();
        root.map_err(|error| cannot(slice::from_ref(directory))(error.into()))
    });
    let roots: Vec<PathBuf> = roots.collect::<Result<_>>()?;
    let (sender, changes) = mpsc::unbounded_channel();
    let below = roots.clone();
    let seen = move |event: notify::Result<Event>| {
        if event.is_ok_and(|event| is_change(&event, &below)) {
            let _ = sender.send(());
        }
    };
    let mut watcher = recommended_watcher(seen).map_err(cannot(directories))?;
    for (directory, root) in directories.iter().zip(&roots) {
        let begun = watcher.watch(root, RecursiveMode::Recursive);
        begun.map_err(cannot(slice::from_ref(directory)))?;
    }
    Ok(async move {
        let _watched_as_long_as_this_runs = watcher;
        pass_on(changes, orders).await;
    })
}

fn cannot(directories: &[PathBuf]) -> impl FnOnce(notify::Error) -> Error {
    let names = directories
        .iter()
        .map(|directory| directory.display().to_string());
    let names = names.collect::<Vec<_>>().join("`, `");
    move |error| {
        Kind::InvalidRequest(format!(
            "`{names}` cannot be watched: {error}; correct `dev.reload`"
        ))
        .into()
    }
}

async fn pass_on(mut changes: UnboundedReceiver<()>, orders: mpsc::Sender<Order>) {
    while changes.recv().await.is_some() {
        while let Ok(Some(())) = timeout(CALM, changes.recv()).await {}
        if orders.send(Order::Reload).await.is_err() {
            return;
        }
    }
}

fn is_change(event: &Event, roots: &[PathBuf]) -> bool {
    use notify::EventKind::{Create, Modify, Remove};
    matches!(event.kind, Create(_) | Modify(_) | Remove(_))
        && event.paths.iter().any(|path| {
            let below = |root| path.strip_prefix(root).ok();
            roots.iter().filter_map(below).any(is_source)
        })
}

/// Whether a path below a watched directory is the app's own Python.
fn is_source(path: &Path) -> bool {
    let foreign = |part: &OsStr| {
        let part = part.to_string_lossy();
        part.starts_with('.') || IGNORED.contains(&part.as_ref())
    };
    path.extension() == Some(OsStr::new("py")) && !path.iter().any(foreign)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_apps_own_python_counts() {
        for source in ["main.py", "app/main.py", "app/b/__init__.py"] {
            assert!(is_source(Path::new(source)), "{source}");
        }
        for other in [
            "app/main.pyc",
            "app/data.json",
            ".venv/lib/x.py",
            "app/__pycache__/x.py",
            "venv/lib/python3.11/site-packages/a.py",
            "app/.main.py.swp",
            "app/.#main.py",
        ] {
            assert!(!is_source(Path::new(other)), "{other}");
        }
    }
}
