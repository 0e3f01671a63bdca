use serde_json::json;

use super::*;
use crate::error::ErrorCode;

fn rule(value: serde_json::Value) -> Rule {
    serde_json::from_value(value).expect("a valid entry")
}

fn meets(rule: &Rule, sidecar: &str, method: &Method, path: &str) -> bool {
    let path = judged_path(path).expect("a plain path");
    rule.is_met_by(&Request {
        sidecar,
        method,
        path: &path,
    })
}

#[test]
fn a_glob_stands_for_segments_and_never_for_half_a_path() {
    for (glob, path, expected) in [
        ("/**", "/", true),
        ("/**", "/a/b", true),
        ("/users", "/users", true),
        ("/users", "/users/", false),
        ("/users/*", "/users/7", true),
        ("/users/*", "/users/7/log", false),
        ("/users/**", "/users/7/log", true),
        ("/users/**", "/users", true),
        ("/users/**", "/usersx", false),
        ("/api/*/log", "/api/x/log", true),
        ("/api/**/log", "/api/x/y/log", true),
        ("/users", "/Users", false),
        // What is judged is what the sidecar routes.
        ("/users/**", "//users//7", true),
        ("/users/*", "/users/a%2Fb", false),
        ("/users/*", "/users/a%20b", true),
        ("/größe", "/gr%C3%B6%C3%9Fe", true),
    ] {
        let rule = rule(json!({ "path": glob }));
        assert_eq!(
            meets(&rule, "python", &Method::GET, path),
            expected,
            "{glob} {path}"
        );
    }
}

#[test]
fn an_entry_may_name_a_sidecar_and_methods() {
    let rule = rule(json!({ "sidecar": "python", "methods": ["GET"], "path": "/**" }));
    assert!(meets(&rule, "python", &Method::GET, "/"));
    assert!(meets(&rule, "python", &Method::HEAD, "/"));
    assert!(!meets(&rule, "python", &Method::POST, "/"));
    assert!(!meets(&rule, "worker", &Method::GET, "/"));
}

#[test]
fn how_a_sidecar_reads_a_path_matters_unless_every_path_is_allowed() {
    let every = json!({ "path": "/**" });
    let reading = json!({ "path": "/**", "methods": ["GET"] });
    let of_worker = json!({ "path": "/admin/**", "sidecar": "worker" });
    let writing = json!({ "path": "/admin/**", "methods": ["POST"] });
    let below = json!({ "path": "/api/**" });
    for (allow, deny, method, expected) in [
        (&every, None, Method::GET, true),
        (&every, None, Method::POST, true),
        (&reading, None, Method::HEAD, true),
        (&reading, None, Method::POST, false),
        (&below, None, Method::GET, false),
        (&every, Some(&every), Method::GET, false),
        (&every, Some(&below), Method::GET, false),
        // An entry about another sidecar or method does not concern the request.
        (&every, Some(&of_worker), Method::GET, true),
        (&every, Some(&writing), Method::GET, true),
        (&every, Some(&writing), Method::POST, false),
    ] {
        let rules = |value: Option<&serde_json::Value>| -> Vec<_> {
            let values = value.into_iter().cloned();
            values.map(|value| Arc::new(rule(value))).collect()
        };
        assert_eq!(
            every_path_is_allowed(&rules(Some(allow)), &rules(deny), "python", &method),
            expected,
            "{allow} but {deny:?}, {method}"
        );
    }
}

#[test]
fn a_path_that_may_mean_another_one_is_refused() {
    for path in [
        "/a/%2e%2e/admin",
        "/a/..%2fadmin",
        "/a%2f..%2fadmin",
        "/a/./b",
        r"/a\b",
        "/a%5cb",
        "/a%00",
        "/a%ff",
    ] {
        let error = judged_path(path).expect_err(path);
        assert_eq!(error.code(), ErrorCode::InvalidArgument, "{error}");
    }
    assert_eq!(
        judged_path("/a/%252e%252e/b").expect("plain"),
        "/a/%2e%2e/b"
    );
}

#[test]
fn a_mistake_in_an_entry_is_named() {
    for (value, words) in [
        (json!({}), "missing field `path`"),
        (json!({ "path": "users" }), "begin it with `/`"),
        (json!({ "path": "/a***" }), "is not a glob"),
        (json!({ "path": "/", "methods": ["get"] }), "in upper case"),
        (
            json!({ "path": "/", "method": "GET" }),
            "unknown field `method`",
        ),
    ] {
        let error = serde_json::from_value::<Rule>(value.clone()).expect_err("refused");
        assert!(error.to_string().contains(words), "{value}: {error}");
    }
}
