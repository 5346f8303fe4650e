//! What a test saw answered, asked again with one thing wrong at a time: whatever it is, the pool
//! answers as its API declares, and neither panics nor hangs.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use cognito_pool::{Pool, Request, SeededRandomness, declares};
use serde_json::{Value, json};

use super::shapes;

/// More than this many changes of one request say nothing new.
const MOST: usize = 400;

/// The operations that were asked so already in this test program: one of each is enough.
static SEEN: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// Whether no request of this operation was answered yet. `ASK_WRONGLY=no`: whoever runs a test by itself
/// may not want to wait for all of its operations.
pub(super) fn is_new(operation: &str) -> bool {
    !seen().contains(operation) && std::env::var_os("ASK_WRONGLY").is_none_or(|how| how != "no")
}

/// Whether this is the first that was.
pub(super) fn is_first(operation: &str) -> bool {
    seen().insert(operation.to_owned())
}

fn seen() -> MutexGuard<'static, BTreeSet<String>> {
    // A test that failed meanwhile says so itself.
    SEEN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Asks a pool, as it was before it answered, with each change.
pub(super) fn hold(mut pool: Pool, now: u64, operation: &str, input: &Value) {
    let mut randomness = SeededRandomness::new(7);
    let mut paths = Vec::new();
    collect(input, &mut String::new(), &mut paths);
    let mut tried = 0;
    for path in paths {
        for wrong in instead_of(input.pointer(&path).unwrap()) {
            let mut changed = input.clone();
            match wrong {
                Some(wrong) => *changed.pointer_mut(&path).unwrap() = wrong,
                None => remove(&mut changed, &path),
            }
            let request = Request::operation(operation, &changed);
            let response = pool.handle(&request, now, &mut randomness);
            let body = response.json();
            if response.status == 200 {
                let faults = shapes::faults(operation, &body);
                assert_eq!(faults, Vec::<String>::new(), "{operation} {changed}");
            } else {
                assert_eq!(response.status, 400, "{operation} {changed}");
                let name = body["__type"].as_str().unwrap();
                let fits = declares(operation, name) || name == "SerializationException";
                assert!(fits, "{operation} {changed}: {name} is not declared");
                assert!(body["message"].is_string(), "{operation} {changed}");
            }
            tried += 1;
            if tried == MOST {
                return;
            }
        }
    }
}

/// The place of each value, outer ones first, as a JSON pointer.
fn collect(value: &Value, path: &mut String, paths: &mut Vec<String>) {
    paths.push(path.clone());
    let length = path.len();
    let mut below = |name: &str, inner: &Value| {
        path.push('/');
        path.push_str(&name.replace('~', "~0").replace('/', "~1"));
        collect(inner, path, paths);
        path.truncate(length);
    };
    match value {
        Value::Object(members) => members.iter().for_each(|(name, inner)| below(name, inner)),
        Value::Array(items) => {
            (items.iter().enumerate()).for_each(|(at, inner)| below(&at.to_string(), inner));
        }
        _ => {}
    }
}

/// `None`: nothing at all.
fn instead_of(right: &Value) -> Vec<Option<Value>> {
    let mut wrong = vec![
        None,
        Some(Value::Null),
        Some(json!("")),
        Some(json!(-1)),
        Some(json!(1e300)),
        Some(json!(true)),
        Some(json!([])),
        Some(json!({})),
    ];
    match right {
        Value::String(text) => {
            let texts = [
                "x".repeat(70_000),
                format!("{text} "),
                format!("\u{0}{text}"),
                format!("{text}\u{1f600}\u{301}"),
                text.to_uppercase(),
                text.chars().rev().collect(),
                text.chars().take(text.chars().count() / 2).collect(),
            ];
            wrong.extend(texts.into_iter().map(|text| Some(text.into())));
        }
        Value::Number(_) => {
            wrong.extend([json!(0), json!(i64::MAX), json!(u64::MAX), json!(0.5)].map(Some));
        }
        Value::Array(items) => {
            let many = items.iter().cycle().take(300 * items.len()).cloned();
            wrong.push(Some(many.collect()));
            wrong.push(Some(json!([null])));
        }
        Value::Object(members) => {
            let mut more = members.clone();
            more.insert("Member/of~none".into(), json!([{}]));
            wrong.push(Some(more.into()));
        }
        Value::Null | Value::Bool(_) => {}
    }
    wrong
}

fn remove(value: &mut Value, path: &str) {
    let Some((outer, name)) = path.rsplit_once('/') else {
        *value = Value::Null;
        return;
    };
    match value.pointer_mut(outer) {
        Some(Value::Object(members)) => {
            members.remove(&name.replace("~1", "/").replace("~0", "~"));
        }
        Some(Value::Array(items)) => {
            items.remove(name.parse().unwrap());
        }
        _ => {}
    }
}
