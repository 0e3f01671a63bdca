//! Development: a change of a Python file starts the sidecar again.

use std::{
    collections::HashSet,
    ffi::OsStr,
    fs, mem,
    path::{Path, PathBuf},
    slice,
    time::Duration,
};

use ignore::{DirEntry, WalkBuilder};
use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher, recommended_watcher};
use tokio::{
    sync::mpsc::{self, UnboundedReceiver},
    task::spawn_blocking,
    time::timeout,
};

use super::Order;
use crate::error::{Error, Kind, Result};

/// A change is over once no file has changed for this long: editors and git write many files.
const CALM: Duration = Duration::from_millis(50);

/// Directories with other people's code, or with files that Python writes itself. Hidden ones, such as `.venv`, and those that
/// `.gitignore` names are left out, too.
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
    let seen = move |event: notify::Result<Event>| {
        // Somebody who opens and reads files all the time would put a reload off for ever.
        if let Ok(event) = event
            && !event.kind.is_access()
        {
            let _ = sender.send(event);
        }
    };
    let watcher = recommended_watcher(seen).map_err(cannot(directories))?;
    let mut folders = Folders {
        watcher,
        watched: HashSet::new(),
        roots,
    };
    folders.watch().map_err(cannot(directories))?;
    Ok(pass_on(folders, changes, orders))
}

/// The folders that are watched. Each has a watch of its own: a watch of a whole tree would also count those with other people's
/// code, and there may be tens of thousands.
struct Folders {
    watcher: RecommendedWatcher,
    watched: HashSet<PathBuf>,
    roots: Vec<PathBuf>,
}

/// What a few events say together.
#[derive(Debug, Default)]
struct Seen {
    /// Sources have changed.
    changed: bool,
    /// Those that are known by name.
    sources: HashSet<PathBuf>,
    /// Folders have come or gone.
    moved: bool,
}

impl Folders {
    /// Watches the folders that are not watched yet. Tells whether any of those has sources.
    fn watch(&mut self) -> notify::Result<bool> {
        let mut has_sources = false;
        for folder in self.roots.iter().flat_map(|root| folders_below(root)) {
            if !self.watched.contains(&folder) {
                self.watcher.watch(&folder, RecursiveMode::NonRecursive)?;
                has_sources |= has_source(&folder);
                self.watched.insert(folder);
            }
        }
        // A root that is removed and made again is seen from its parent alone.
        for parent in self.roots.iter().filter_map(|root| root.parent()) {
            if !self.watched.contains(parent)
                && self
                    .watcher
                    .watch(parent, RecursiveMode::NonRecursive)
                    .is_ok()
            {
                self.watched.insert(parent.to_path_buf());
            }
        }
        Ok(has_sources)
    }

    /// Takes an event in.
    fn take(&mut self, event: &Event, seen: &mut Seen) {
        use notify::{
            EventKind::{Create, Modify, Remove},
            event::ModifyKind::Name,
        };
        if !matches!(event.kind, Create(_) | Modify(_) | Remove(_)) {
            return;
        }
        for path in &event.paths {
            let mut below = self.roots.iter().filter_map(|r| path.strip_prefix(r).ok());
            let Some(below) = below.find(|below| !below.iter().any(is_foreign)) else {
                continue;
            };
            if is_source(below) {
                seen.changed = true;
                seen.sources.insert(path.clone());
            }
            // What has this path now may be another folder, of which nobody has a watch.
            let is_gone = matches!(event.kind, Remove(_) | Modify(Name(_)));
            let was_folder = is_gone && self.watched.contains(path);
            if was_folder {
                self.forget(path);
                seen.changed = true;
            }
            seen.moved |= was_folder || path.is_dir() && !self.watched.contains(path);
        }
    }

    fn forget(&mut self, folder: &Path) {
        let watcher = &mut self.watcher;
        self.watched.retain(|path| {
            let stays = !path.starts_with(folder);
            if !stays {
                // The system may have dropped the watch with the folder.
                drop(watcher.unwatch(path));
            }
            stays
        });
    }
}

/// The folders that may have the app's own Python, the root first.
fn folders_below(root: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let is_own = |entry: &DirEntry| {
        let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
        is_folder && (entry.depth() == 0 || !is_foreign(entry.file_name()))
    };
    let walk = WalkBuilder::new(root)
        .require_git(false)
        .git_global(false)
        .filter_entry(is_own)
        .build();
    walk.filter_map(|entry| Some(entry.ok()?.into_path()))
}

fn has_source(folder: &Path) -> bool {
    let entries = folder.read_dir().into_iter().flatten().flatten();
    entries
        .into_iter()
        .any(|entry| is_source(Path::new(&entry.file_name())))
}

fn cannot(directories: &[PathBuf]) -> impl FnOnce(notify::Error) -> Error {
    let names = directories
        .iter()
        .map(|directory| directory.display().to_string());
    let names = names.collect::<Vec<_>>().join("`, `");
    move |error| {
        // ENOSPC, see inotify_add_watch(2).
        let remedy = match error.kind {
            notify::ErrorKind::MaxFilesWatch => "raise `fs.inotify.max_user_watches`",
            _ => "correct `dev.reload`",
        };
        Kind::InvalidRequest(format!("`{names}` cannot be watched: {error}; {remedy}")).into()
    }
}

async fn pass_on(
    mut folders: Folders,
    mut events: UnboundedReceiver<Event>,
    orders: mpsc::Sender<Order>,
) {
    while let Some(event) = events.recv().await {
        let mut seen = Seen::default();
        folders.take(&event, &mut seen);
        while let Ok(Some(event)) = timeout(CALM, events.recv()).await {
            folders.take(&event, &mut seen);
        }
        let sources = mem::take(&mut seen.sources);
        if !sources.is_empty()
            && spawn_blocking(move || forget_bytecode(&sources))
                .await
                .is_err()
        {
            return;
        }
        if seen.moved {
            // A tree may be large, and this thread serves all sidecars.
            let watching = spawn_blocking(move || {
                let has_sources = folders.watch();
                (folders, has_sources)
            });
            let Ok((back, has_sources)) = watching.await else {
                return;
            };
            folders = back;
            match has_sources {
                Ok(has_sources) => seen.changed |= has_sources,
                Err(error) => log::warn!("a new folder is not watched: {error}"),
            }
        }
        if seen.changed && orders.send(Order::Reload).await.is_err() {
            return;
        }
    }
}

/// Lets Python compile these sources again. It takes bytecode for that of a source of the same size and second: a save soon after
/// the last one may change neither, and the next generation would run the older code.
fn forget_bytecode(sources: &HashSet<PathBuf>) {
    let folders: HashSet<&Path> = sources
        .iter()
        .filter_map(|source| source.parent())
        .collect();
    for folder in folders {
        let entries = folder.join("__pycache__").read_dir();
        for entry in entries.into_iter().flatten().flatten() {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let module = name.split('.').next().unwrap_or_default();
            if name.ends_with(".pyc") && sources.contains(&folder.join(format!("{module}.py"))) {
                // Without the right to, Python had none to write it either.
                drop(fs::remove_file(entry.path()));
            }
        }
    }
}

/// Whether a path below a watched directory is the app's own Python.
fn is_source(path: &Path) -> bool {
    path.extension() == Some(OsStr::new("py")) && !path.iter().any(is_foreign)
}

fn is_foreign(part: &OsStr) -> bool {
    let part = part.to_string_lossy();
    part.starts_with('.') || IGNORED.contains(&part.as_ref())
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    };

    use tokio::task::JoinHandle;

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

    #[test]
    fn the_bytecode_of_what_has_changed_alone_is_forgotten() {
        let root = tempfile::tempdir().expect("a directory");
        let cache = root.path().join("__pycache__");
        fs::create_dir(&cache).expect("a folder");
        for name in [
            "a.cpython-311.pyc",
            "a.cpython-311.opt-1.pyc",
            "b.cpython-311.pyc",
            "a.f-1.nbi",
        ] {
            fs::write(cache.join(name), "").expect("a file");
        }
        forget_bytecode(&HashSet::from([
            root.path().join("a.py"),
            root.path().join("none/a.py"),
        ]));
        let left = cache.read_dir().expect("a folder").flatten();
        let mut left: Vec<_> = left.map(|entry| entry.file_name()).collect();
        left.sort();
        assert_eq!(left, ["a.f-1.nbi", "b.cpython-311.pyc"]);
    }

    #[test]
    fn folders_of_others_are_not_watched() {
        let root = tempfile::tempdir().expect("a directory");
        let at = |path: &str| root.path().join(path);
        for folder in [
            "app/api",
            ".venv/lib",
            "app/node_modules/x",
            "build/lib",
            "app/generated",
        ] {
            fs::create_dir_all(at(folder)).expect("a directory");
        }
        fs::write(at(".gitignore"), "/build\ngenerated/\n").expect("a file");
        #[cfg(unix)]
        std::os::unix::fs::symlink("/usr", at("linked")).expect("a link");
        let mut folders: Vec<_> = folders_below(root.path()).collect();
        folders.sort();
        assert_eq!(
            folders,
            [root.path().to_path_buf(), at("app"), at("app/api")]
        );
    }

    /// Watches a folder, and gives the orders that come of it.
    fn watch(folder: &Path) -> (mpsc::Receiver<Order>, JoinHandle<()>) {
        let (sender, orders) = mpsc::channel(8);
        let watching = watch_files(&[folder.to_path_buf()], sender).expect("it is watched");
        (orders, tokio::spawn(watching))
    }

    async fn expect_reload(orders: &mut mpsc::Receiver<Order>, why: &str) {
        let order = timeout(Duration::from_secs(10), orders.recv()).await;
        assert!(matches!(order, Ok(Some(Order::Reload))), "{why}: {order:?}");
        // Each write is a change of its own.
        while timeout(3 * CALM, orders.recv()).await.is_ok() {}
    }

    /// Closes the watches: Wine keeps a folder that is removed for as long as one is open, and the removal of its parent waits.
    async fn end(watching: JoinHandle<()>) {
        watching.abort();
        assert!(watching.await.expect_err("aborted").is_cancelled());
    }

    /// An editor's search, a virus scanner or a backup opens files all the time.
    #[tokio::test]
    async fn who_reads_files_without_a_pause_puts_no_reload_off() {
        let root = tempfile::tempdir().expect("a directory");
        let file = root.path().join("main.py");
        fs::write(&file, "a = 1").expect("a file");
        let (mut orders, watching) = watch(root.path());
        let reads = Arc::new(AtomicBool::new(true));
        let reading = std::thread::spawn({
            let (reads, file) = (reads.clone(), file.clone());
            move || {
                while reads.load(Ordering::Relaxed) {
                    fs::read(&file).expect("it is there");
                    std::thread::sleep(CALM / 10);
                }
            }
        });
        fs::write(&file, "a = 2").expect("a file");
        let order = timeout(Duration::from_secs(10), orders.recv()).await;
        reads.store(false, Ordering::Relaxed);
        reading.join().expect("no panic");
        assert!(matches!(order, Ok(Some(Order::Reload))), "{order:?}");
        end(watching).await;
    }

    #[tokio::test]
    async fn a_folder_that_comes_later_is_watched_too() {
        let root = tempfile::tempdir().expect("a directory");
        let (mut orders, watching) = watch(root.path());
        let folder = root.path().join("app/api");
        fs::create_dir_all(&folder).expect("a directory");
        for text in ["a = 1", "a = 2"] {
            fs::write(folder.join("main.py"), text).expect("a file");
            expect_reload(&mut orders, text).await;
        }
        end(watching).await;
    }

    // Windows ends the watch of a folder that is removed, with ERROR_ACCESS_DENIED, and notify closes it.
    #[cfg_attr(
        windows,
        ignore = "Wine keeps the name of a removed folder for as long as its watch is open, and does not end the watch"
    )]
    #[tokio::test]
    async fn what_takes_the_place_of_a_folder_at_once_is_another_one() {
        let root = tempfile::tempdir().expect("a directory");
        let folder = root.path().join("app/api");
        fs::create_dir_all(&folder).expect("a directory");
        fs::write(folder.join("main.py"), "a = 1").expect("a file");
        let (mut orders, watching) = watch(root.path());
        fs::remove_dir_all(&folder).expect("it is there");
        fs::create_dir(&folder).expect("a directory");
        for text in ["a = 2", "a = 3"] {
            fs::write(folder.join("main.py"), text).expect("a file");
            expect_reload(&mut orders, text).await;
        }
        end(watching).await;
    }

    #[cfg_attr(
        windows,
        ignore = "Wine keeps the name of a removed folder for as long as its watch is open, and does not end the watch"
    )]
    #[tokio::test]
    async fn a_directory_that_is_removed_and_made_again_is_watched_again() {
        let parent = tempfile::tempdir().expect("a directory");
        let root = parent.path().join("sidecar");
        fs::create_dir(&root).expect("a directory");
        let (mut orders, watching) = watch(&root);
        fs::remove_dir(&root).expect("it is there");
        let order = timeout(Duration::from_secs(10), orders.recv()).await;
        assert!(matches!(order, Ok(Some(Order::Reload))), "{order:?}");
        fs::create_dir(&root).expect("a directory");
        // The directory is watched again a moment after it is there; a file written before that is seen with it.
        fs::write(root.join("main.py"), "a = 1").expect("a file");
        let order = timeout(Duration::from_secs(10), orders.recv()).await;
        assert!(matches!(order, Ok(Some(Order::Reload))), "{order:?}");
        end(watching).await;
    }
}
