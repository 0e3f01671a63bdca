use super::*;

fn filled(events: u64) -> Ring {
    let mut ring = Ring::default();
    (1..=events).for_each(|n| ring.append(n.to_string().into()));
    ring
}

fn at(next: u64) -> Cursor {
    Cursor { next: Some(next) }
}

/// All that is behind the cursor: what was lost, how many events came, the first and the last.
fn rest(ring: &Ring, cursor: &mut Cursor) -> (Vec<Gap>, usize, Option<u64>, Option<u64>) {
    let (mut gaps, mut all) = (vec![], vec![]);
    loop {
        let (gap, events) = ring.read(cursor);
        gaps.extend(gap);
        if events.is_empty() {
            let of = |event: Option<&Numbered>| event.map(|(sequence, _)| *sequence);
            return (gaps, all.len(), of(all.first()), of(all.last()));
        }
        assert!(
            events
                .iter()
                .all(|(sequence, payload)| *payload == sequence.to_string().into())
        );
        all.extend(events);
    }
}

#[test]
fn a_cursor_sees_each_event_once() {
    let mut ring = Ring::default();
    let mut cursor = at(1);
    assert_eq!(ring.read(&mut cursor), (None, vec![]));
    ring.append("1".into());
    assert_eq!(ring.read(&mut cursor), (None, vec![(1, "1".into())]));
    assert_eq!(ring.read(&mut cursor), (None, vec![]));
    ring.append("2".into());
    ring.append("3".into());
    assert_eq!(
        ring.read(&mut cursor),
        (None, vec![(2, "2".into()), (3, "3".into())])
    );
}

#[test]
fn two_cursors_are_apart() {
    let ring = filled(10);
    let (mut one, mut other) = (at(1), at(6));
    assert_eq!(rest(&ring, &mut one), (vec![], 10, Some(1), Some(10)));
    assert_eq!(rest(&ring, &mut other), (vec![], 5, Some(6), Some(10)));
}

#[test]
fn what_fell_off_is_counted_once() {
    let kept = u64::try_from(MOST_EVENTS).expect("a small number");
    let mut ring = filled(kept);
    assert_eq!(
        rest(&ring, &mut at(1)),
        (vec![], MOST_EVENTS, Some(1), Some(kept))
    );
    ring.append((kept + 1).to_string().into());
    let mut cursor = at(1);
    let gap = Gap { lost: Some(1) };
    assert_eq!(
        rest(&ring, &mut cursor),
        (vec![gap], MOST_EVENTS, Some(2), Some(kept + 1))
    );
    assert_eq!(rest(&ring, &mut cursor), (vec![], 0, None, None));
}

#[test]
fn a_full_ring_has_room_for_what_it_keeps_and_no_more() {
    let more = u64::try_from(MOST_EVENTS + 1).expect("a small number");
    assert_eq!(filled(more).events.capacity(), MOST_EVENTS);
}

#[test]
fn a_cursor_of_another_journal_begins_with_the_oldest() {
    let unknown = Gap { lost: None };
    let mut cursor = Cursor::default();
    let empty = Ring::default();
    assert_eq!(rest(&empty, &mut cursor), (vec![unknown], 0, None, None));
    assert_eq!(rest(&filled(3), &mut cursor), (vec![], 3, Some(1), Some(3)));
    assert_eq!(
        rest(&filled(3), &mut Cursor::default()),
        (vec![unknown], 3, Some(1), Some(3))
    );
}

#[test]
fn a_batch_has_about_its_size() {
    let mut ring = Ring::default();
    (0..100).for_each(|_| ring.append("x".repeat(1000).into()));
    let (_, events) = ring.read(&mut at(1));
    assert_eq!(events.len(), BATCH_BYTES.div_ceil(1000 + FRAME_BYTES));
    ring.append("x".repeat(2 * BATCH_BYTES).into());
    assert_eq!(ring.read(&mut at(101)).1.len(), 1, "one fits always");
}

#[test]
fn the_ring_holds_so_many_bytes_or_one_event() {
    let mut ring = Ring::default();
    let quarter: Arc<str> = "x".repeat(MOST_BYTES / 4).into();
    (0..4).for_each(|_| ring.append(quarter.clone()));
    assert_eq!((ring.events.len(), ring.bytes), (4, MOST_BYTES));
    ring.append("x".into());
    assert_eq!((ring.events.len(), ring.bytes), (4, MOST_BYTES / 4 * 3 + 1));
    ring.append("x".repeat(MOST_BYTES + 1).into());
    assert_eq!((ring.events.len(), ring.bytes), (1, MOST_BYTES + 1));
    ring.append("x".into());
    assert_eq!((ring.events.len(), ring.bytes), (1, 1));
    let (gap, events) = ring.read(&mut at(1));
    assert_eq!((gap, events.len()), (Some(Gap { lost: Some(6) }), 1));
}

#[test]
fn a_reader_resumes_behind_the_events_of_its_own_journal() {
    let (journal, other) = (Journal::new(), Journal::new());
    assert_ne!(journal.epoch, other.epoch);
    for text in ["1", "2", "3"] {
        journal.append(text);
    }
    let behind = |epoch, sequence| {
        let cursor = journal.cursor(Some(Id { epoch, sequence }));
        cursor.map(|cursor| cursor.next)
    };
    let own = journal.epoch;
    assert_eq!(behind(own, 0).ok(), Some(Some(1)));
    assert_eq!(behind(own, 3).ok(), Some(Some(4)));
    assert_eq!(behind(other.epoch, 1).ok(), Some(None));
    assert_eq!(journal.cursor(None).ok().and_then(|c| c.next), Some(4));
    let refused = behind(own, 4).expect_err("it has not been").to_string();
    assert_eq!(
        refused,
        format!(
            "`last-event-id` is `{own}-4`, ahead of the newest event, `{own}-3`; send the id of the last event that came"
        )
    );
}
