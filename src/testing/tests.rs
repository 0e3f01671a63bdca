use std::panic::{AssertUnwindSafe, catch_unwind};

use hyper::{Method, StatusCode};
use tauri::{
    App,
    async_runtime::block_on,
    test::{MockRuntime, mock_builder, mock_context, noop_assets},
};

use super::*;
use crate::{
    SidecarBridgeExt,
    client::Client,
    error::{ErrorCode, Result},
    sidecar::Sidecar,
    status::State,
};

fn app(fakes: [&FakeSidecar; 1]) -> App<MockRuntime> {
    let builder = mock_builder().plugin(plugin(fakes));
    builder
        .build(mock_context(noop_assets()))
        .expect("the app builds")
}

fn python(app: &App<MockRuntime>) -> Sidecar {
    app.sidecar_bridge().sidecar("python").expect("it is there")
}

/// A fake with these routes, and the client of an app that is attached to it.
fn attached() -> (FakeSidecar, App<MockRuntime>, Client) {
    let fake = FakeSidecar::new("python");
    let app = app([&fake]);
    let client = python(&app).client();
    (fake, app, client)
}

async fn text(client: &Client, path: &str) -> Result<String> {
    let answer = client.get(path).send().await?.success().await?;
    let body = answer.bytes().await?;
    Ok(String::from_utf8_lossy(&body).into_owned())
}

#[test]
fn routes_answer_and_what_came_is_recorded() {
    let (fake, _app, client) = attached();
    fake.route("GET /users/{id}", |request| {
        Answer::text(format!("user {}", request.params["id"]))
            .status(StatusCode::ACCEPTED)
            .header("x-kind", "test")
    });
    block_on(async {
        let answer = client.get("/users/%C3%A9?page=2").header("x-a", "b");
        let answer = answer.send().await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::ACCEPTED);
        assert_eq!(answer.headers()["x-kind"], "test");
        assert_eq!(answer.bytes().await.expect("a body"), "user é");
        let posted = client.post("/users/1").json(&7).send().await;
        assert_eq!(
            posted.expect("an answer").status(),
            StatusCode::METHOD_NOT_ALLOWED
        );
        let missing = text(&client, "/users/1/2").await.expect_err("no route");
        assert_eq!(missing.code(), ErrorCode::NotFound);
    });
    let came = fake.requests();
    let paths: Vec<_> = came.iter().map(|request| &*request.path).collect();
    assert_eq!(paths, ["/users/%C3%A9", "/users/1", "/users/1/2"]);
    assert_eq!(came[0].query.as_deref(), Some("page=2"));
    assert_eq!(came[0].headers["x-a"], "b");
    assert_eq!(
        (&came[1].method, came[1].json::<u8>()),
        (&Method::POST, 7_u8)
    );
}

#[test]
fn the_status_is_that_of_a_sidecar_and_its_orders_are_obeyed() {
    let (fake, app, client) = attached();
    let python = python(&app);
    block_on(async {
        python.wait_ready(PATIENCE).await.expect("it is ready");
        assert_eq!(python.status().state, State::Ready { pid: None });
        python.restart().await.expect("it serves again");
        assert_eq!(python.status().generation, 2);
        python.stop().await.expect("it stops");
        let refused = text(&client, "/").await.expect_err("stopped");
        assert_eq!(refused.code(), ErrorCode::Unavailable);
        python.start().await.expect("it starts");
    });
    assert_eq!(fake.requests().len(), 0);
    drop(fake);
    assert_eq!(python.status().state, State::Stopped);
}

#[test]
fn a_route_can_be_answered_anew() {
    let (fake, _app, client) = attached();
    for answer in ["one", "two"] {
        fake.route("GET /", move |_| Answer::text(answer));
        assert_eq!(block_on(text(&client, "/")).expect("an answer"), answer);
    }
}

#[test]
fn it_is_slow_fails_and_breaks_off() {
    let (fake, _app, client) = attached();
    fake.route("GET /never", |_| Answer::none())
        .route("GET /half", |_| Answer::stream(["ha", "lf"]).broken_off())
        .route("GET /cut", |_| Answer::text("cut").broken_off())
        .route("GET /lines", |_| Answer::stream(["1\n", "2\n"]))
        .route("GET /late", |_| Answer::text("late").after(PATIENCE));
    block_on(async {
        assert_eq!(text(&client, "/lines").await.expect("both"), "1\n2\n");
        let error = text(&client, "/never").await.expect_err("no answer");
        assert_eq!(error.code(), ErrorCode::Unavailable);
        for (path, there) in [("/half", "half"), ("/cut", "cut")] {
            let mut broken = client.get(path).send().await.expect("a head");
            let mut came = Vec::new();
            let error = loop {
                match broken.chunk().await {
                    Ok(chunk) => came.extend(chunk.expect("it is not at its end")),
                    Err(error) => break error,
                }
            };
            assert_eq!(came, there.as_bytes());
            assert_eq!(error.code(), ErrorCode::Unavailable);
        }
        let late = client.get("/late").timeout(Duration::from_millis(20));
        let error = late.send().await.expect_err("too late");
        assert_eq!(error.code(), ErrorCode::DeadlineExceeded);
    });
    // A GET may be sent again, and is.
    let to_never = |request: &&Request| request.path == "/never";
    assert_eq!(fake.requests().iter().filter(to_never).count(), 3);
}

#[test]
fn answers_are_held_until_they_are_released() {
    let (fake, _app, client) = attached();
    fake.route("GET /", |_| Answer::text("released")).hold();
    let asked = async_runtime::spawn(async move { text(&client, "/").await });
    assert_eq!(fake.wait_until(|came| !came.is_empty())[0].path, "/");
    assert!(!asked.inner().is_finished());
    fake.release();
    let answer = block_on(asked).expect("no panic").expect("an answer");
    assert_eq!(answer, "released");
}

#[test]
fn what_a_route_asserts_fails_the_test() {
    let (fake, _app, client) = attached();
    fake.route("GET /", |_| panic!("it was asked for"));
    let error = block_on(text(&client, "/")).expect_err("500");
    assert_eq!(error.code(), ErrorCode::Internal);
    let panic = catch_unwind(AssertUnwindSafe(|| drop(fake))).expect_err("it goes on");
    assert_eq!(panic.downcast_ref(), Some(&"it was asked for"));
}

#[tokio::test]
async fn a_test_may_be_asynchronous() {
    let (fake, app, client) = attached();
    fake.route("GET /", |_| Answer::text("here"));
    assert_eq!(text(&client, "/").await.expect("an answer"), "here");
    drop((fake, app));
}

#[test]
fn what_is_no_route_says_how_to_write_one() {
    let fake = FakeSidecar::new("python");
    for route in ["/", "get /", "GET users", "GET /a?b=c", "GET  /"] {
        let add = || fake.route(route, |_| Answer::none()).requests();
        let panic = catch_unwind(AssertUnwindSafe(add)).expect_err(route);
        let said = panic.downcast_ref::<String>().expect("a message");
        assert!(
            said.ends_with("is not a route; write it like `GET /users/{id}`"),
            "{said}"
        );
    }
}
