//! Connections that the sidecar makes.

use std::sync::atomic::AtomicU32;

use tokio::{io::AsyncReadExt, net::UnixStream, sync::mpsc, task::JoinSet, time::timeout};

use super::*;

/// How many connections a sidecar has in store.
const SPARE: usize = 4;

/// Dials, serves on what it has dialled, and dials another for each that is used. Dropped, it is killed.
fn sidecar(pool: &Pool, generation: u32) -> JoinSet<()> {
    let (wanted, mut want) = mpsc::unbounded_channel();
    for _ in 0..SPARE {
        wanted.send(()).expect("it is here");
    }
    let pool = pool.clone();
    let mut living = JoinSet::new();
    living.spawn(async move {
        let mut serving = JoinSet::new();
        while want.recv().await.is_some() {
            let (ours, theirs) = UnixStream::pair().expect("a pair");
            pool.take_in(generation, Box::new(ours));
            let (wanted, first) = (wanted.clone(), AtomicUsize::new(0));
            serving.spawn(answer(theirs, move || {
                if first.fetch_add(1, Ordering::Relaxed) == 0 {
                    wanted.send(()).ok();
                }
            }));
        }
    });
    living
}

/// Dials once, and gives the other end.
fn dial(pool: &Pool, generation: u32) -> UnixStream {
    let (ours, theirs) = UnixStream::pair().expect("a pair");
    pool.take_in(generation, Box::new(ours));
    theirs
}

async fn is_closed(mut stream: UnixStream) -> bool {
    let read = timeout(Duration::from_millis(50), stream.read_u8()).await;
    read.is_ok_and(|outcome| outcome.is_err())
}

async fn kills(callers: usize) {
    let pool = Pool::dialled(name(), reactors());
    let (present, over) = (Arc::new(AtomicU32::new(1)), Arc::new(AtomicUsize::new(0)));
    let answers = Arc::new(AtomicUsize::new(0));
    let calls: Vec<_> = (0..callers)
        .map(|_| {
            let (pool, present, over) = (pool.clone(), present.clone(), over.clone());
            let answers = answers.clone();
            tokio::spawn(async move {
                while over.load(Ordering::Relaxed) == 0 {
                    let mut resends = 0;
                    loop {
                        let generation = present.load(Ordering::Relaxed);
                        let outcome = timeout(LIMIT, exchange(&pool, generation, get("/a"))).await;
                        match outcome.expect("no call hangs") {
                            Ok(_) => break,
                            Err(error) => assert!(resends < 8, "{error:?}"),
                        }
                        resends += 1;
                    }
                    answers.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    for generation in 1..=10 {
        present.store(generation, Ordering::Relaxed);
        let living = sidecar(&pool, generation);
        let enough = answers.load(Ordering::Relaxed) + 2 * callers;
        let answering = async {
            while answers.load(Ordering::Relaxed) < enough {
                sleep(Duration::from_millis(1)).await;
            }
        };
        timeout(LIMIT, answering)
            .await
            .expect("each generation answers");
        drop(living);
        sleep(Duration::from_millis(10)).await;
    }
    over.store(1, Ordering::Relaxed);
    let _last = sidecar(&pool, 11);
    for call in calls {
        timeout(LIMIT, call)
            .await
            .expect("it ends")
            .expect("no panic");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixteen_callers_outlive_ten_generations() {
    kills(16).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixty_four_callers_outlive_ten_generations() {
    kills(64).await;
}

#[tokio::test]
async fn what_was_used_is_used_again_before_what_was_not() {
    let pool = Pool::dialled(name(), reactors());
    let (first, second) = (dial(&pool, 1), dial(&pool, 1));
    tokio::spawn(answer(first, || {}));
    for _ in 0..10 {
        exchange(&pool, 1, get("/a")).await.expect("an answer");
    }
    let mut own = pool
        .connect(1, Some(Deadline::after(LIMIT)))
        .await
        .expect("a fresh one");
    tokio::spawn(answer(second, || {}));
    let nobody = pool
        .connect(1, Some(Deadline::after(Duration::from_millis(10))))
        .await;
    assert!(nobody.is_err(), "the idle one speaks HTTP already");
    tokio::io::AsyncWriteExt::write_all(&mut own, b"GET /b HTTP/1.0\r\n\r\n")
        .await
        .expect("sent");
    let mut answer = String::new();
    own.read_to_string(&mut answer).await.expect("an answer");
    assert!(answer.ends_with("/b"), "{answer}");
}

#[tokio::test]
async fn what_was_closed_before_its_first_use_is_not_used() {
    let pool = Pool::dialled(name(), reactors());
    let (closed, gone) = UnixStream::pair().expect("a pair");
    drop(gone);
    closed.readable().await.expect("the reactor sees its end");
    pool.take_in(1, Box::new(closed));
    tokio::spawn(answer(dial(&pool, 1), || {}));
    let answer = exchange(&pool, 1, get("/a")).await;
    answer.expect("over the second");
}

#[tokio::test]
async fn what_an_older_generation_dialled_is_closed() {
    let pool = Pool::dialled(name(), reactors());
    let (unused, waiting) = (dial(&pool, 1), pool.clone());
    let second = dial(&pool, 2);
    assert!(is_closed(unused).await, "a newer one lives");
    assert!(is_closed(dial(&pool, 1)).await, "it comes too late");
    tokio::spawn(answer(second, || {}));
    let answer = exchange(&waiting, 2, get("/a")).await;
    answer.expect("an answer");
}

#[tokio::test]
async fn who_waits_for_a_generation_that_ends_gets_the_next_one_and_those_that_gave_up_nothing() {
    let pool = Pool::dialled(name(), reactors());
    let call = |generation| {
        let pool = pool.clone();
        tokio::spawn(async move { exchange(&pool, generation, get("/a")).await })
    };
    let (gives_up, stays, next) = (call(1), call(1), call(2));
    sleep(Duration::from_millis(10)).await;
    gives_up.abort();
    assert!(is_closed(dial(&pool, 1)).await, "the second was asked for");
    tokio::spawn(answer(dial(&pool, 2), || {}));
    for call in [stays, next] {
        let answer = timeout(LIMIT, call).await.expect("over the one connection");
        answer.expect("no panic").expect("an answer");
    }
}

#[tokio::test]
async fn where_one_breaks_all_of_that_generation_go() {
    let pool = Pool::dialled(name(), reactors());
    let (broken, other) = (dial(&pool, 1), dial(&pool, 1));
    tokio::spawn(answer(broken, || {}));
    let error = exchange(&pool, 1, get("/break")).await;
    assert_eq!(
        progress(&error.expect_err("no answer")),
        Progress::PerhapsCarriedOut
    );
    assert!(is_closed(other).await, "it may be as dead");
}
