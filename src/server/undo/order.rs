//! What a caller says of how its command is undone: the header `Bridge-Undo`.

use std::collections::BTreeMap;

use axum::http::HeaderMap;
use serde::Deserialize;
use serde_json::{Map, Value};
use tauri::ipc::InvokeResponseBody;

use crate::{
    error::{Kind, Result},
    json,
};

/// A command that undoes another, with arguments that the other's answer completes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Order {
    pub command: String,
    #[serde(default)]
    args: Map<String, Value>,
    /// Further arguments, by JSON Pointers (RFC 6901) into the answer.
    #[serde(default)]
    answer: BTreeMap<String, String>,
    /// Whether what was made is the app's, and stays when the window is closed in which it was made.
    #[serde(default)]
    pub anywhere: bool,
}

impl Order {
    /// The order of a request, if it has one.
    ///
    /// # Errors
    /// `invalid_argument` for what is none.
    pub(super) fn of(headers: &HeaderMap) -> Result<Option<Self>> {
        let Some(value) = headers.get("bridge-undo") else {
            return Ok(None);
        };
        let invalid = |why: String| {
            Kind::InvalidRequest(format!(
                "the header `bridge-undo` does not fit: {why}; send such as \
                 `{{\"command\":\"plugin:resources|close\",\"answer\":{{\"rid\":\"/0\"}}}}`"
            ))
        };
        let value = json::from_slice(value.as_bytes()).map_err(invalid)?;
        let order: Self = serde_json::from_value(value).map_err(|why| invalid(why.to_string()))?;
        let mut pointers = order.answer.values();
        if let Some(pointer) =
            pointers.find(|pointer| !pointer.is_empty() && !pointer.starts_with('/'))
        {
            return Err(invalid(format!(
                "`{pointer}` is no JSON Pointer (RFC 6901), which begins with `/` or is empty"
            ))
            .into());
        }
        Ok(Some(order))
    }

    /// The arguments, once the command has answered. None if the answer has nothing, or `null`, where it is to complete them:
    /// then the command made nothing.
    pub(super) fn arguments(&self, answer: &InvokeResponseBody) -> Option<Value> {
        let mut arguments = self.args.clone();
        if !self.answer.is_empty() {
            let InvokeResponseBody::Json(answer) = answer else {
                return None;
            };
            let answer: Value = serde_json::from_str(answer).ok()?;
            for (name, pointer) in &self.answer {
                let value = answer.pointer(pointer).filter(|value| !value.is_null())?;
                arguments.insert(name.clone(), value.clone());
            }
        }
        Some(arguments.into())
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use serde_json::json;

    use super::*;

    fn order(text: &str) -> Result<Option<Order>> {
        let value = HeaderValue::from_bytes(text.as_bytes()).expect("a value");
        let mut headers = HeaderMap::new();
        headers.insert("bridge-undo", value);
        Order::of(&headers)
    }

    fn arguments(order: &str, answer: &Value) -> Option<Value> {
        let order = self::order(order).expect("valid").expect("there");
        order.arguments(&InvokeResponseBody::Json(answer.to_string()))
    }

    #[test]
    fn the_answer_completes_the_arguments() {
        let whole = r#"{"command":"c","args":{"a":1},"answer":{"rid":""}}"#;
        assert_eq!(
            arguments(whole, &json!(7)),
            Some(json!({ "a": 1, "rid": 7 }))
        );
        let part = r#"{"command":"c","answer":{"rid":"/0/a~1b"}}"#;
        let answer = json!([{ "a/b": 7 }]);
        assert_eq!(arguments(part, &answer), Some(json!({ "rid": 7 })));
        assert_eq!(
            arguments(r#"{"command":"c"}"#, &json!(null)),
            Some(json!({}))
        );
    }

    #[test]
    fn an_answer_without_the_value_made_nothing() {
        let part = r#"{"command":"c","answer":{"rid":"/rid"}}"#;
        for answer in [json!(null), json!([7]), json!({ "rid": null })] {
            assert_eq!(arguments(part, &answer), None);
        }
        let raw = InvokeResponseBody::Raw(vec![1]);
        let order = order(part).expect("valid").expect("there");
        assert_eq!(order.arguments(&raw), None);
    }

    #[test]
    fn what_is_no_order_is_refused_with_an_example() {
        for text in [
            "x",
            "[]",
            r#"{"args":{}}"#,
            r#"{"command":"c","arg":{}}"#,
            r#"{"command":"c","command":"d"}"#,
            r#"{"command":"c","answer":{"rid":"0"}}"#,
        ] {
            let refused = order(text).expect_err(text).to_string();
            assert!(refused.contains("plugin:resources|close"), "{refused}");
        }
        assert!(Order::of(&HeaderMap::new()).expect("valid").is_none());
    }
}
