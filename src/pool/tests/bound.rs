//! How many connections there are, and which caller gets the next.

use futures_util::future::join_all;
use std::sync::Mutex;
use tokio::task::yield_now;

use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn four_hundred_requests_share_eight_connections() {
    let (_directory, path) = path();
    let connections = serve(UnixListener::bind(&path).expect("bound"));
    let pool = pool(path, 8);
    let requests = (0..400).map(|_| exchange(&pool, 1, get("/slow")));
    let answers = timeout(LIMIT, join_all(requests))
        .await
        .expect("all of them");
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert_eq!(connections.load(Ordering::Relaxed), 8);
}

#[tokio::test]
async fn who_came_first_is_served_first() {
    let (_directory, path) = path();
    let listener = UnixListener::bind(&path).expect("bound");
    let seen = Arc::new(Mutex::new(Vec::new()));
    let pool = pool(path, 1);
    let first = tokio::spawn({
        let pool = pool.clone();
        async move { exchange(&pool, 1, get("/slow")).await }
    });
    let others: Vec<_> = (0..50)
        .map(|number| {
            let (pool, seen) = (pool.clone(), seen.clone());
            tokio::spawn(async move {
                let answer = exchange(&pool, 1, get("/a")).await;
                seen.lock().expect("no panic").push(number);
                answer
            })
        })
        .collect();
    yield_now().await;
    serve(listener);
    first.await.expect("no panic").expect("an answer");
    for other in others {
        other.await.expect("no panic").expect("an answer");
    }
    let seen = seen.lock().expect("no panic").clone();
    assert_eq!(seen, (0..50).collect::<Vec<_>>());
}

#[tokio::test]
async fn who_gives_up_frees_a_place() {
    let (_directory, path) = path();
    serve(UnixListener::bind(&path).expect("bound"));
    let pool = pool(path, 1);
    let unread = pool.send(1, get("/a"), None).await.expect("an answer");
    let waiting = || {
        let pool = pool.clone();
        tokio::spawn(async move { exchange(&pool, 1, get("/b")).await })
    };
    let (gives_up, stays) = (waiting(), waiting());
    sleep(Duration::from_millis(20)).await;
    assert!(
        !stays.is_finished(),
        "there is one connection, and it is in use"
    );
    gives_up.abort();
    drop(unread);
    let answer = timeout(LIMIT, stays).await.expect("its turn");
    answer.expect("no panic").expect("an answer");
    for _ in 0..20 {
        // Whatever it waits for just then.
        let short = timeout(Duration::from_micros(300), exchange(&pool, 1, get("/slow")));
        short.await.expect_err("it takes longer");
    }
    let answer = timeout(LIMIT, exchange(&pool, 1, get("/b"))).await;
    answer.expect("nobody has the place").expect("an answer");
}

#[tokio::test]
async fn what_is_no_request_counts_too_and_patience_ends() {
    let (_directory, path) = path();
    let connections = serve(UnixListener::bind(&path).expect("bound"));
    let pool = pool(path, 2);
    exchange(&pool, 1, get("/a")).await.expect("an answer");
    let (now, soon) = (Duration::ZERO, Duration::from_millis(20));
    let one = pool
        .connect(1, Some(Deadline::after(now)))
        .await
        .expect("it is free");
    let other = pool
        .connect(1, Some(Deadline::after(now)))
        .await
        .expect("so is the idle one's");
    assert_eq!(
        connections.load(Ordering::Relaxed),
        3,
        "the idle one was closed for it"
    );
    for patience in [now, soon] {
        let error = pool
            .send(1, get("/a"), Some(Deadline::after(patience)))
            .await;
        let error = error.expect_err("both are in use");
        assert!(
            matches!(error.kind(), Kind::Busy { most: 2, .. }),
            "{error:?}"
        );
        let error = pool
            .connect(1, Some(Deadline::after(patience)))
            .await
            .err()
            .expect("likewise");
        assert!(matches!(error.kind(), Kind::Busy { .. }), "{error:?}");
    }
    drop(one);
    pool.send(1, get("/a"), Some(Deadline::after(now)))
        .await
        .expect("an answer");
    drop(other);
}

#[tokio::test]
async fn websockets_leave_places_for_requests() {
    let (_directory, path) = path();
    serve(UnixListener::bind(&path).expect("bound"));
    let pool = pool(path, 8);
    let now = Duration::ZERO;
    let mut open = Vec::new();
    for _ in 0..6 {
        open.push(
            pool.connect(1, Some(Deadline::after(now)))
                .await
                .expect("it is free"),
        );
    }
    let error = pool
        .connect(1, Some(Deadline::after(now)))
        .await
        .err()
        .expect("too many");
    assert!(matches!(error.kind(), Kind::Busy { .. }), "{error:?}");
    exchange(&pool, 1, get("/a")).await.expect("an answer");
    open.pop();
    pool.connect(1, Some(Deadline::after(now)))
        .await
        .expect("one has ended");
}
