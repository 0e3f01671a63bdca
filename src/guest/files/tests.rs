use std::{fs, path::Path};

use bytes::Bytes;
use futures_util::StreamExt;
use tauri::{scope, test::mock_app, utils::config::FsScope};
use tempfile::{TempDir, tempdir};

use super::*;
use crate::error::{Error, ErrorCode, Kind, Result};

/// A folder, and a scope that allows nothing yet.
fn world() -> (TempDir, scope::fs::Scope) {
    let scope = scope::fs::Scope::new(mock_app().handle(), &FsScope::default());
    (
        tempdir().expect("a directory"),
        scope.expect("an empty scope"),
    )
}

fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("it is there");
    let names = entries.map(|entry| {
        let entry = entry.expect("it is there");
        entry.file_name().into_string().expect("UTF-8")
    });
    let mut names: Vec<_> = names.collect();
    names.sort();
    names
}

fn chunks(
    given: impl IntoIterator<Item = Result<&'static str>>,
) -> impl FnMut() -> Result<Option<Bytes>> {
    let mut given: Vec<_> = given.into_iter().collect();
    given.reverse();
    move || given.pop().transpose().map(|chunk| chunk.map(Bytes::from))
}

fn refused(chosen: &ChosenFiles, path: &Path) -> String {
    let error = chosen.find(text(path)).expect_err("nobody chose it");
    assert_eq!(error.code(), ErrorCode::PermissionDenied, "{error}");
    error.to_string()
}

#[test]
fn a_page_may_name_what_somebody_chose_and_nothing_else() {
    let (folder, scope) = world();
    let (mine, other) = (folder.path().join("mine"), folder.path().join("other"));
    fs::write(&other, "secret").expect("written");
    scope.allow_file(&mine).expect("allowed");
    let chosen = ChosenFiles(Some(scope));
    let real = fs::canonicalize(folder.path()).expect("it is there");
    let found = chosen.find(text(&mine)).expect("somebody chose it");
    assert_eq!(found, real.join("mine"));
    // What is there and what is not look the same.
    for other in [other, folder.path().join("nowhere")] {
        let said = refused(&chosen, &other);
        assert!(
            said.contains(text(&other)) && said.contains("plugin-dialog"),
            "{said}"
        );
    }
    refused(&chosen, Path::new("mine"));
    refused(&chosen, Path::new(""));
    let none = ChosenFiles(None);
    assert!(refused(&none, &mine).contains("tauri_plugin_fs::init()"));
}

#[test]
fn no_way_leads_out_of_a_folder_that_is_allowed() {
    let (folder, scope) = world();
    let (open, closed) = (folder.path().join("open"), folder.path().join("closed"));
    fs::create_dir(&open).expect("made");
    fs::create_dir(&closed).expect("made");
    scope.allow_directory(&open, true).expect("allowed");
    let chosen = ChosenFiles(Some(scope));
    chosen.find(text(&open.join("new"))).expect("inside");
    refused(&chosen, &open.join("../closed/new"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::symlink;
        symlink(&closed, open.join("link")).expect("made");
        symlink(closed.join("new"), open.join("broken")).expect("made");
        refused(&chosen, &open.join("link/new"));
        refused(&chosen, &open.join("broken"));
    }
    let lost = chosen.find(text(&open.join("nowhere/new")));
    assert_eq!(lost.expect_err("no folder").code(), ErrorCode::NotFound);
}

#[test]
fn a_file_takes_its_place_once_it_is_whole() {
    let (folder, _) = world();
    let target = folder.path().join("export.csv");
    fs::write(&target, "before").expect("written");
    let mut given = chunks([Ok("a,b\n"), Ok("1,2\n")]);
    let (seen, mut told) = (target.clone(), Vec::new());
    let next = || {
        assert_eq!(fs::read_to_string(&seen).expect("it stays"), "before");
        given()
    };
    let bytes = save(&target, next, |bytes| told.push(bytes)).expect("saved");
    assert_eq!(bytes, 8);
    assert_eq!(fs::read_to_string(&target).expect("there"), "a,b\n1,2\n");
    assert_eq!(names(folder.path()), ["export.csv"]);
    assert_eq!(told.last(), Some(&8));
}

#[test]
fn nothing_is_left_of_a_file_that_breaks_off_and_the_one_before_stays() {
    let (folder, _) = world();
    let target = folder.path().join("export.csv");
    let gone = || Error::from(Kind::Cancelled("given up".into()));
    let error = save(&target, chunks([Ok("a,b\n"), Err(gone())]), |_| {}).expect_err("broken off");
    assert_eq!(error.code(), ErrorCode::Cancelled);
    assert!(names(folder.path()).is_empty());
    fs::write(&target, "before").expect("written");
    // Also once all of it is there: who gave up gets no file.
    let mut given = chunks([Ok("a,b\n")]);
    let mut ended = false;
    let next = || match given()? {
        Some(chunk) => Ok(Some(chunk)),
        None if ended => Err(gone()),
        None => {
            ended = true;
            Ok(None)
        }
    };
    save(&target, next, |_| {}).expect_err("given up");
    assert_eq!(names(folder.path()), ["export.csv"]);
    assert_eq!(fs::read_to_string(&target).expect("it stays"), "before");
}

#[test]
fn what_is_no_place_for_a_file_is_named() {
    let (folder, _) = world();
    let error = save(folder.path(), chunks([]), |_| {}).expect_err("a folder");
    assert_eq!(error.code(), ErrorCode::FailedPrecondition);
    let missing = folder.path().join("nowhere/export.csv");
    let error = save(&missing, chunks([]), |_| {}).expect_err("no folder");
    assert_eq!(error.code(), ErrorCode::NotFound);
    let told = error.problem().detail;
    assert!(!told.contains(text(folder.path())), "{told}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_named() {
    let mut full = fs::File::options()
        .write(true)
        .open("/dev/full")
        .expect("it is there");
    let error = saved::copy(&mut chunks([Ok("a,b\n")]), &mut full, |_| {}).expect_err("full");
    assert_eq!(error.code(), ErrorCode::ResourceExhausted);
    assert_eq!(
        error.problem().detail,
        "the download cannot be saved: no storage space; free some space, or choose another disk"
    );
}

#[cfg(unix)]
#[test]
fn a_file_keeps_who_may_read_it_and_a_new_one_is_as_any_other() {
    use std::os::unix::fs::PermissionsExt;

    let (folder, _) = world();
    let mode = |name: &str| {
        let path = folder.path().join(name);
        let mode = fs::metadata(path).expect("there").permissions().mode();
        mode & 0o777
    };
    let (kept, new) = (folder.path().join("kept"), folder.path().join("new"));
    fs::write(&kept, "").expect("written");
    fs::write(folder.path().join("other"), "").expect("written");
    fs::set_permissions(&kept, fs::Permissions::from_mode(0o600)).expect("set");
    for target in [&kept, &new] {
        save(target, chunks([Ok("a")]), |_| {}).expect("saved");
    }
    assert_eq!((mode("kept"), mode("new")), (0o600, mode("other")));
}

#[test]
fn names_of_any_length_have_a_file_beside_them() {
    let (folder, _) = world();
    let target = folder.path().join("\u{e4}".repeat(120));
    save(&target, chunks([Ok("a")]), |_| {}).expect("saved");
}

/// The whole form, what was told of it, and why it could not be read. It is taken as a connection does: no further than its length.
async fn sent(form: Form) -> (String, Vec<u64>, Option<Error>) {
    let (failure, length) = (form.failure(), form.length());
    let (tell, told) = std::sync::mpsc::channel();
    let mut stream = form.into_stream(move |bytes| tell.send(bytes).expect("heard"));
    let mut whole = Vec::new();
    while (whole.len() as u64) < length
        && let Some(Ok(piece)) = stream.next().await
    {
        whole.extend_from_slice(&piece);
    }
    let whole = String::from_utf8(whole).expect("text");
    (whole, told.try_iter().collect(), failure.take())
}

fn pair(name: &str, value: &str) -> (String, String) {
    (name.into(), value.into())
}

#[tokio::test]
async fn a_form_is_as_a_browser_sends_it() {
    let (folder, scope) = world();
    let path = folder.path().join("or ders.CSV");
    fs::write(&path, "a,b\n").expect("written");
    scope.allow_file(&path).expect("allowed");
    let fields = [pair("n\"o\nte", "one\ntwo")];
    let files = [pair("file", text(&path))];
    let form = Form::open(&ChosenFiles(Some(scope)), &fields, &files).expect("it is there");
    let (length, kind) = (form.length(), form.content_type());
    let boundary = kind
        .strip_prefix("multipart/form-data; boundary=")
        .expect("a boundary");
    let (whole, told, _) = sent(form).await;
    assert_eq!(
        whole,
        format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"n%22o%0D%0Ate\"\r\n\r\none\r\ntwo\r\n\
             --{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"or ders.CSV\"\r\n\
             Content-Type: text/csv\r\n\r\na,b\n\r\n--{boundary}--\r\n"
        )
    );
    assert_eq!(whole.len() as u64, length);
    assert_eq!(told.last(), Some(&length));
}

#[tokio::test]
async fn a_file_that_becomes_shorter_breaks_the_form_off_and_says_so() {
    let (folder, scope) = world();
    let path = folder.path().join("log");
    fs::write(&path, "a long line").expect("written");
    scope.allow_file(&path).expect("allowed");
    let form = Form::open(&ChosenFiles(Some(scope)), &[], &[pair("file", text(&path))]);
    let form = form.expect("it is there");
    fs::write(&path, "a").expect("written");
    let (whole, _, failure) = sent(form).await;
    assert!(whole.ends_with("\r\n\r\na"), "{whole}");
    let code = failure.expect("a reason").code();
    assert_eq!(code, ErrorCode::FailedPrecondition);
}

/// Several files that a page may name, and the fields that have them.
fn many() -> (TempDir, ChosenFiles, Vec<(String, String)>) {
    let (folder, scope) = world();
    scope
        .allow_directory(folder.path(), false)
        .expect("allowed");
    let files = ["one", "two", "three"].map(|name| {
        let path = folder.path().join(name);
        fs::write(&path, name).expect("written");
        pair("file", text(&path))
    });
    (folder, ChosenFiles(Some(scope)), files.into())
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn one_file_of_a_form_is_open_while_it_is_sent_and_none_before() {
    let (folder, chosen, files) = many();
    let real = fs::canonicalize(folder.path()).expect("it is there");
    let open = || {
        let all = fs::read_dir("/proc/self/fd").expect("it is there");
        let paths = all.filter_map(|entry| fs::read_link(entry.ok()?.path()).ok());
        paths.filter(|path| path.starts_with(&real)).count()
    };
    let form = Form::open(&chosen, &[], &files).expect("they are there");
    assert_eq!(open(), 0);
    let mut stream = form.into_stream(|_| {});
    // Of all threads that may read, each has had its time to begin.
    tokio::task::spawn_blocking(|| {}).await.expect("no panic");
    assert_eq!(open(), 0);
    while let Some(piece) = stream.next().await {
        piece.expect("a piece");
        assert!(open() <= 1);
    }
}

#[tokio::test]
async fn a_file_whose_place_another_one_takes_breaks_the_form_off_and_says_so() {
    let (folder, chosen, files) = many();
    let form = Form::open(&chosen, &[], &files).expect("they are there");
    let other = folder.path().join("other");
    fs::write(&other, "a longer file").expect("written");
    fs::rename(&other, folder.path().join("two")).expect("moved");
    let (whole, _, failure) = sent(form).await;
    assert!(whole.contains("\r\n\r\none\r\n") && !whole.contains("a l"));
    let failure = failure.expect("a reason");
    assert_eq!(failure.code(), ErrorCode::FailedPrecondition);
    assert_eq!(
        failure.problem().detail,
        "the file cannot be sent: unexpected end of file; the file has changed meanwhile; choose it again once it stays as it is"
    );
}

#[test]
fn a_form_has_no_file_that_nobody_chose_and_nothing_that_is_no_file() {
    let (folder, scope) = world();
    let secret = folder.path().join("secret");
    fs::write(&secret, "secret").expect("written");
    let allowed = folder.path().join("folder");
    fs::create_dir(&allowed).expect("made");
    scope.allow_directory(&allowed, true).expect("allowed");
    let chosen = ChosenFiles(Some(scope));
    let code = |path: &Path| {
        let form = Form::open(&chosen, &[], &[pair("file", text(path))]);
        form.map(drop).expect_err("refused").code()
    };
    assert_eq!(code(&secret), ErrorCode::PermissionDenied);
    assert_eq!(code(&allowed), ErrorCode::FailedPrecondition);
    assert_eq!(code(&allowed.join("nowhere")), ErrorCode::NotFound);
}

#[cfg(unix)]
#[test]
fn what_is_neither_a_file_nor_a_folder_is_told_as_that() {
    let (folder, scope) = world();
    let socket = folder.path().join("socket");
    std::os::unix::net::UnixListener::bind(&socket).expect("bound");
    scope.allow_file(&socket).expect("allowed");
    let form = Form::open(
        &ChosenFiles(Some(scope)),
        &[],
        &[pair("file", text(&socket))],
    );
    let sent = form.map(drop).expect_err("refused");
    let saved = save(&socket, chunks([Ok("a")]), |_| {}).expect_err("refused");
    for (error, attempt) in [
        (sent, "the file cannot be sent"),
        (saved, "the download cannot be saved"),
    ] {
        assert_eq!(
            error.problem().detail,
            format!("{attempt}: unsupported; choose a file, and no pipe, socket or device")
        );
        assert_eq!(error.code(), ErrorCode::FailedPrecondition);
    }
}
