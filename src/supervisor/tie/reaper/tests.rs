use std::{os::unix::process::ExitStatusExt, process::Stdio};

use super::*;

/// A page that no reaper sees.
fn page() -> &'static Page {
    Page::map().expect("memory")
}

fn sleeping() -> Command {
    let mut command = Command::new("sleep");
    command.arg("1000").process_group(0).stdin(Stdio::null());
    command
}

#[tokio::test]
async fn a_process_is_known_by_its_own_number_until_its_tie_ends_and_is_killed_at_the_end() {
    let page = page();
    let mut command = sleeping();
    let mut tie = Tie(page.tie(&mut command));
    let mut child = command.spawn().expect("it starts");
    let place = tie.0.expect("a place");
    assert_eq!(u32::try_from(place.load(SeqCst)).ok(), child.id());
    page.kill_groups();
    let status = child.wait().await.expect("it is ours");
    assert_eq!(status.signal(), Some(libc::SIGKILL));
    tie.undo();
    assert_eq!(place.load(SeqCst), FREE);
}

#[tokio::test]
async fn a_process_that_starts_after_the_end_does_not_become_its_program() {
    let page = page();
    page.kill_groups();
    let mut command = sleeping();
    page.tie(&mut command).expect("a place");
    let error = command.spawn().expect_err("the host has ended");
    assert_eq!(error.raw_os_error(), Some(libc::ESRCH));
}

#[test]
fn places_that_name_no_group_kill_nothing() {
    let page = page();
    for (place, number) in page.groups.iter().zip([FREE, TAKEN, 1, i32::MIN]) {
        place.store(number, SeqCst);
    }
    // This process would not live to say so.
    page.kill_groups();
}

#[tokio::test]
async fn one_more_than_there_are_places_goes_without() {
    let page = page();
    let mut command = Command::new("true");
    let mut ties: Vec<_> = (0..GROUPS).map(|_| Tie(page.tie(&mut command))).collect();
    assert!(ties.iter().all(|tie| tie.0.is_some()));
    assert!(page.tie(&mut command).is_none());
    ties[7].undo();
    assert!(page.tie(&mut command).is_some());
}
