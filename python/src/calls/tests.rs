use std::time::Duration;

use super::*;
use crate::codec;

const AGREED: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: sidecar-bridge-calls\r\n\r\n";

fn receive<T>(calls: &mut Calls<T>, input: &[u8]) -> Result<Vec<Ended<T>>, DecodeError> {
    let mut ended = Vec::new();
    calls.receive(input, &mut ended).map(|()| ended)
}

fn opened(max_body_bytes: usize) -> Calls<&'static str> {
    let mut calls = Calls::new(asking("token").expect("a token"), max_body_bytes);
    let asked = calls.output().len();
    calls.sent(asked);
    assert!(receive(&mut calls, AGREED).expect("agreed").is_empty());
    assert!(calls.is_open());
    calls
}

fn framed(call: u32, more: bool, piece: &[u8]) -> Vec<u8> {
    let length = u32::try_from(piece.len()).expect("short") | if more { MORE } else { 0 };
    [&length.to_be_bytes(), &call.to_be_bytes(), piece].concat()
}

fn answer(body: &[u8]) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

/// All that waits to be sent, as calls and requests.
fn sent<T>(calls: &mut Calls<T>) -> Vec<(u32, Vec<u8>)> {
    let output = calls.output().to_vec();
    calls.sent(output.len());
    let (mut rest, mut found) = (&output[..], Vec::new());
    while let Some((head, behind)) = rest.split_at_checked(HEAD_BYTES) {
        let piece = Piece::announced(head)
            .expect("a frame")
            .expect("a whole head");
        assert!(piece.is_last, "a request is whole");
        let (request, behind) = behind.split_at(piece.left);
        found.push((piece.call, request.to_vec()));
        rest = behind;
    }
    assert!(rest.is_empty(), "frames are whole");
    found
}

fn bodies(ended: Vec<Ended<&'static str>>) -> Vec<(&'static str, Vec<u8>)> {
    let body = |(who, answer): Ended<_>| (who, answer.expect("an answer").body);
    ended.into_iter().map(body).collect()
}

#[test]
fn calls_that_are_begun_together_leave_together_and_in_their_order() {
    let mut calls = opened(100);
    let first = calls.begin(b"a".to_vec(), b"1", None, "first");
    let second = calls.begin(b"b".to_vec(), b"", None, "second");
    let expected = [(first, b"a1".to_vec()), (second, b"b".to_vec())];
    assert_eq!(sent(&mut calls), expected);
    assert!(calls.output().is_empty());
}

#[test]
fn an_answer_finds_its_call_however_the_bytes_are_cut_and_the_pieces_are_mixed() {
    let (long, short) = (answer(b"[1,2,3]"), answer(b"7"));
    let (mut calls, mut seed) = (opened(100), fastrand::Rng::with_seed(18));
    for _ in 0..500 {
        let first = calls.begin(Vec::new(), b"", None, "first");
        let second = calls.begin(Vec::new(), b"", None, "second");
        let at = seed.usize(1..long.len());
        let bytes = [
            framed(first, true, &long[..at]),
            framed(second, false, &short),
            framed(first, false, &long[at..]),
        ]
        .concat();
        let (mut rest, mut ended) = (&bytes[..], Vec::new());
        while !rest.is_empty() {
            let (piece, behind) = rest.split_at(seed.usize(1..=rest.len()));
            ended.extend(bodies(receive(&mut calls, piece).expect("frames")));
            rest = behind;
        }
        let expected = [("second", b"7".to_vec()), ("first", b"[1,2,3]".to_vec())];
        assert_eq!(ended, expected);
        assert_eq!(calls.count(), 0);
    }
}

#[test]
fn an_answer_is_the_same_as_over_a_connection_of_its_own() {
    let mut seed = fastrand::Rng::with_seed(20_261_130);
    let heads: [&[u8]; 6] = [
        b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello",
        b"HTTP/1.1 204 \r\n\r\n",
        b"HTTP/1.1 200 \r\ntransfer-encoding: chunked\r\n\r\n2\r\nhe\r\n0\r\n\r\n",
        b"HTTP/1.1 403 \r\ncontent-type: application/problem+json\r\ncontent-length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 \r\nbridge-undo: 17; window=main\r\ncontent-length: 0\r\n\r\n",
        b"HTTP/1.1 200 \r\ncontent-length: 5\r\ncontent-length: 5\r\n\r\nhello",
    ];
    for _ in 0..20_000 {
        let mut message = seed.choice(heads).expect("one").to_vec();
        for _ in 0..seed.usize(0..3) {
            let at = seed.usize(0..message.len());
            message[at] = seed.u8(..);
        }
        message.truncate(seed.usize(message.len() / 2..=message.len()));
        let mut alone = Decoder::new(4);
        let alone_read = alone.receive(&message);
        let mut calls = opened(4);
        let call = calls.begin(Vec::new(), b"", None, "it");
        match receive(&mut calls, &framed(call, false, &message)) {
            Ok(ended) => match ended.into_iter().next().expect("it ended").1 {
                Ok(Answer { head, body }) => {
                    assert!(alone.is_complete());
                    assert_eq!(Some(&head), alone.head());
                    assert_eq!(body, alone.take_body());
                }
                Err(error) => assert_eq!(Err(error), alone_read),
            },
            Err(error) => assert!(
                alone_read == Err(error) || !alone.is_complete(),
                "{message:?}"
            ),
        }
    }
}

#[test]
fn a_call_that_is_given_up_before_it_left_never_leaves() {
    let mut calls = opened(100);
    let gone = calls.begin(b"a".to_vec(), b"", None, "gone");
    let stays = calls.begin(b"b".to_vec(), b"", None, "stays");
    assert_eq!(calls.cancel(gone), Some("gone"));
    assert_eq!(sent(&mut calls), [(stays, b"b".to_vec())]);
}

#[test]
fn a_call_that_is_given_up_later_is_taken_back_and_its_answer_dropped() {
    let mut calls = opened(100);
    let call = calls.begin(b"a".to_vec(), b"", None, "it");
    sent(&mut calls);
    assert_eq!(calls.cancel(call), Some("it"));
    assert_eq!(calls.cancel(call), None);
    assert_eq!(sent(&mut calls), [(call, Vec::new())]);
    let late = framed(call, false, &answer(b"1"));
    assert!(receive(&mut calls, &late).expect("frames").is_empty());
}

#[test]
fn a_deadline_ends_its_own_call_alone() {
    let (mut calls, now) = (opened(100), Instant::now());
    let soon = now + Duration::from_secs(1);
    let late = calls.begin(b"a".to_vec(), b"", Some(soon), "late");
    let fine = calls.begin(
        b"b".to_vec(),
        b"",
        Some(soon + Duration::from_secs(1)),
        "fine",
    );
    sent(&mut calls);
    assert_eq!(calls.deadline(), Some(soon));
    assert!(calls.expire(now).is_empty());
    assert_eq!(calls.expire(soon), ["late"]);
    assert_eq!(sent(&mut calls), [(late, Vec::new())]);
    let ended = receive(&mut calls, &framed(fine, false, &answer(b"1")));
    assert_eq!(bodies(ended.expect("frames")), [("fine", b"1".to_vec())]);
}

#[test]
fn an_answer_over_the_limit_ends_its_own_call_alone_however_the_bytes_are_cut() {
    for most_at_once in [1, 7, usize::MAX] {
        let mut calls = opened(4);
        let large = calls.begin(b"a".to_vec(), b"", None, "large");
        let small = calls.begin(b"b".to_vec(), b"", None, "small");
        sent(&mut calls);
        let bytes = [
            framed(large, true, &answer(b"12345")),
            framed(small, false, &answer(b"1234")),
            framed(large, false, b"6"),
        ];
        let mut ended = Vec::new();
        for part in bytes.concat().chunks(most_at_once) {
            calls.receive(part, &mut ended).expect("frames");
        }
        let [(who, refused), (other, whole)] = <[_; 2]>::try_from(ended).expect("two");
        assert_eq!((who, other), ("large", "small"));
        assert_eq!(
            refused.expect_err("too large"),
            DecodeError::BodyTooLarge(4)
        );
        assert_eq!(whole.expect("an answer").body, b"1234");
        // The host need not go on with it.
        assert_eq!(sent(&mut calls), [(large, Vec::new())]);
    }
}

#[test]
fn the_end_tells_which_requests_may_have_left() {
    let mut calls = opened(100);
    calls.begin(b"a".to_vec(), b"", None, "left");
    let output = calls.output().len();
    calls.sent(output / 2);
    calls.begin(b"b".to_vec(), b"", None, "here");
    let mut ended = calls.end();
    ended.sort_unstable();
    assert_eq!(ended, [("here", false), ("left", true)]);
}

#[test]
fn a_host_that_does_not_switch_is_told_from_one_that_has_not_answered_yet() {
    for refused in [
        &b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n"[..],
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"\x00\x00\x00\x01",
    ] {
        let mut calls: Calls<()> = Calls::new(Vec::new(), 1);
        assert!(receive(&mut calls, refused).is_err(), "{refused:?}");
        assert!(!calls.is_open());
    }
    for at in 1..AGREED.len() {
        let mut calls: Calls<()> = Calls::new(Vec::new(), 1);
        assert!(
            receive(&mut calls, &AGREED[..at])
                .expect("it may come")
                .is_empty()
        );
        assert!(!calls.is_open());
        receive(&mut calls, &AGREED[at..]).expect("it came");
        assert!(calls.is_open());
    }
}

#[test]
fn what_is_no_frame_ends_the_connection() {
    let whole = answer(b"1");
    let long = vec![0; MOST_PIECE_BYTES + 1];
    for (what, bytes) in [
        ("a piece that is too long", framed(1, true, &long)),
        (
            "half an answer",
            framed(1, false, &whole[..whole.len() - 1]),
        ),
        (
            "more than an answer",
            framed(1, false, &[&whole[..], b"2"].concat()),
        ),
        ("no answer", framed(1, false, b"")),
    ] {
        let mut calls = opened(100);
        assert_eq!(calls.begin(Vec::new(), b"", None, "it"), 1);
        receive(&mut calls, &bytes).expect_err(what);
        assert_eq!(calls.end().len(), 1, "who waited hears of it");
    }
}

#[test]
fn what_came_before_the_end_has_come() {
    let mut calls = opened(100);
    calls.begin(Vec::new(), b"", None, "first");
    calls.begin(Vec::new(), b"", None, "second");
    let bytes = [framed(1, false, &answer(b"1")), framed(2, false, b"no")].concat();
    let mut ended = Vec::new();
    calls.receive(&bytes, &mut ended).expect_err("no answer");
    assert_eq!(bodies(ended), [("first", b"1".to_vec())]);
    assert_eq!(calls.end(), [("second", false)]);
}

#[test]
fn random_bytes_never_panic() {
    let mut seed = fastrand::Rng::with_seed(7);
    for _ in 0..2000 {
        let mut calls = opened(64);
        for _ in 0..4 {
            calls.begin(Vec::new(), b"", None, "it");
        }
        for _ in 0..20 {
            let count = seed.usize(0..40);
            let mut bytes: Vec<u8> = std::iter::repeat_with(|| seed.u8(..)).take(count).collect();
            if seed.bool() {
                let call = seed.u32(0..6);
                bytes = framed(call, seed.bool(), &answer(&bytes));
            }
            if receive(&mut calls, &bytes).is_err() {
                break;
            }
        }
    }
}

#[test]
fn a_token_that_a_header_cannot_carry_is_refused() {
    asking("a\r\nb").expect_err("it would begin another field");
    let asked = asking("token").expect("a token");
    assert!(asked.starts_with(b"GET /v1/calls HTTP/1.1\r\n"));
    assert!(asked.len() < codec::MAX_HEADER_BYTES);
}
