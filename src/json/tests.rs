use serde_json::json;

use super::*;

#[track_caller]
fn assert_refused(json: impl AsRef<[u8]>, parts: [&str; 3]) {
    let refusal = from_slice(json.as_ref()).expect_err("refused");
    let [path, reason, remedy] = parts;
    assert!(
        refusal.starts_with(&format!("`{path}`: {reason}"))
            && refusal.ends_with(&format!("; {remedy}")),
        "{refusal}"
    );
}

fn nested(depth: usize) -> String {
    "[".repeat(depth) + &"]".repeat(depth)
}

#[test]
fn a_document_is_read_whole() {
    let value = json!({
        "null": null, "bools": [true, false], "text": "grüße 👋 \0 \u{2028} \" \\ 1", "": {}, "empty": [],
        "$serde_json::private::RawValue": 1,
        "numbers": [0, -1, i64::MIN, i64::MAX, u64::MAX, 0.1, -2.5e-300, 1e300, 18_446_744_073_709_551_616.0],
    });
    assert_eq!(from_slice(value.to_string().as_bytes()), Ok(value));
    assert_eq!(
        from_slice(r#" {"a":"👋"} "#.as_bytes()),
        Ok(json!({ "a": "👋" }))
    );
}

#[test]
fn the_key_of_serde_jsons_own_numbers_is_the_callers_too() {
    if !numbers_are_maps() {
        let value = json!({ NUMBER_KEY: "no number" });
        assert_eq!(from_slice(value.to_string().as_bytes()), Ok(value));
    }
}

#[test]
fn every_float_is_the_nearest_one() {
    let texts = [
        "0.1",
        "-0.0",
        "-0",
        "1e23",
        "5e-324",
        "1e-400",
        "31.245270191439438",
        "121.48791951161945",
        "2.2250738585072011e-308",
        "123456789012345678901234567890.0",
        "9007199254740993.0",
    ];
    let document = format!(r#"[1,"\"2\\",{{"3":-4,"5":[{}]}}]"#, texts.join(" , "));
    let value = from_slice(document.as_bytes()).expect("a document");
    let floats = value[2]["5"].as_array().expect("an array");
    assert_eq!(floats.len(), texts.len());
    for (float, text) in floats.iter().zip(texts) {
        let nearest: f64 = text.parse().expect("a float");
        assert_eq!(
            float.as_f64().map(f64::to_bits),
            Some(nearest.to_bits()),
            "{text}"
        );
    }
}

#[test]
fn integers_end_at_64_bits() {
    for json in ["18446744073709551615", "-9223372036854775808"] {
        let value = from_slice(json.as_bytes()).expect("an integer");
        assert_eq!(value.to_string(), json);
    }
    let as_text = "send it as a string";
    for json in ["18446744073709551616", "-9223372036854775809"] {
        assert_refused(json, ["$", TOO_LARGE, as_text]);
    }
    let before = r#"{"1":"2, \"3","f":0.5,"items":[1,-2,3e0,{"id":"#;
    let document = format!("{before}100000000000000000000}}]}}");
    assert_refused(document, ["$.items[3].id", TOO_LARGE, as_text]);
}

#[test]
fn floats_end_before_infinity() {
    let remedy = "send a finite number, or a string";
    assert_refused(r#"{"a":[1e400]}"#, ["$.a[0]", OUT_OF_RANGE, remedy]);
    assert_refused("-1e309", ["$", OUT_OF_RANGE, remedy]);
    for json in ["NaN", "Infinity", "-Infinity"] {
        let refusal = from_slice(format!("[0,{json}]").as_bytes()).expect_err("refused");
        assert!(refusal.starts_with("`$[1]`: "), "{refusal}");
        assert!(refusal.contains("which has no NaN"), "{refusal}");
    }
}

#[test]
fn keys_are_unique() {
    let once = "send each key once";
    assert_refused(r#"{"a":1,"a":1}"#, ["$.a", TWICE, once]);
    assert_refused(r#"{"a":1,"\u0061":2}"#, ["$.a", TWICE, once]);
    assert_refused(
        r#"[{"x y":{"":0,"":0}}]"#,
        [r#"$[0]["x y"][""]"#, TWICE, once],
    );
    assert!(from_slice(br#"[{"a":1},{"a":{"a":2}}]"#).is_ok());
}

#[test]
fn characters_are_whole() {
    let halves = "send both halves of the character";
    for json in [
        r#"["\ud800"]"#,
        r#"["\udc00"]"#,
        r#"["\ud800x"]"#,
        r#"["\ud800\u0041"]"#,
    ] {
        let refusal = from_slice(json.as_bytes()).expect_err("refused");
        assert!(refusal.starts_with("`$[0]`: "), "{refusal}");
        assert!(refusal.ends_with(halves), "{json}: {refusal}");
    }
    let escaped = from_slice(br#"{"\ud83d\udc4b":1}"#);
    assert_eq!(escaped, Ok(json!({ "👋": 1 })));
    let reason = "invalid unicode code point";
    assert_refused(b"{\"a\":\"\xff\"}", ["$.a", reason, "send UTF-8"]);
    assert_refused(b"{\"a\":\"\xed\xa0\x80\"}", ["$.a", reason, "send UTF-8"]);
}

#[test]
fn nesting_ends_at_128() {
    assert!(from_slice(nested(MAX_DEPTH).as_bytes()).is_ok());
    let siblings = format!("[{}]", vec![nested(MAX_DEPTH - 1); 3].join(","));
    assert!(from_slice(siblings.as_bytes()).is_ok());
    let flatter = "send a flatter value";
    let path = format!("${}", "[0]".repeat(MAX_DEPTH));
    assert_refused(nested(MAX_DEPTH + 1), [&path, TOO_DEEP, flatter]);
    assert_refused(nested(1_000_000), [&path, TOO_DEEP, flatter]);
}

#[test]
fn one_document_is_one_value() {
    assert_refused("{} 1", ["$", "trailing characters", "send one JSON value"]);
    assert_refused("", ["$", "EOF", "send the whole value"]);
    assert_refused(r#"{"a":[1,"#, ["$.a[1]", "EOF", "send the whole value"]);
}

#[test]
fn a_long_key_is_cut_in_the_message() {
    let key = "ü".repeat(100_000);
    let refusal = from_slice(format!("{{\"{key}\":x}}").as_bytes()).expect_err("refused");
    assert!(refusal.len() < 400, "{refusal}");
    assert!(refusal.contains("ü…\"]`"), "{refusal}");
}
