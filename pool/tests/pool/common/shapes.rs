//! The API model's shapes of replies, which every reply of every test is held against.

use std::sync::LazyLock;

use serde_json::{Map, Value};

static MODEL: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("replies.json")).unwrap());

/// What a reply has that the model does not, and what it lacks.
pub(crate) fn faults(operation: &str, reply: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    match MODEL["operations"][operation].as_str() {
        Some(shape) => look(shape, reply, operation, &mut faults),
        None => {
            let empty = reply.as_object().is_some_and(Map::is_empty);
            if !empty {
                faults.push(format!("{operation} answers nothing, not {reply}"));
            }
        }
    }
    faults
}

fn look(name: &str, value: &Value, at: &str, faults: &mut Vec<String>) {
    let shape = &MODEL["shapes"][name];
    if shape["document"] == true {
        return;
    }
    let kind = shape["type"].as_str().unwrap();
    let right = match kind {
        "structure" | "map" => value.is_object(),
        "list" => value.is_array(),
        "string" | "blob" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" | "long" => value.is_i64() || value.is_u64(),
        "double" | "float" | "timestamp" => value.is_number(),
        other => panic!("a shape of the type {other}"),
    };
    if !right {
        faults.push(format!("{at} is no {kind}: {value}"));
        return;
    }
    if let (Some(values), false) = (shape["enum"].as_array(), kind != "string")
        && !values.contains(value)
    {
        faults.push(format!("{at} is none of its values: {value}"));
    }
    for (member, inner) in value.as_object().into_iter().flatten() {
        let place = format!("{at}.{member}");
        let known = match kind {
            "map" => shape["value"].as_str(),
            _ => shape["members"][member].as_str(),
        };
        match known {
            Some(known) => look(known, inner, &place, faults),
            None => faults.push(format!("{place} is not in the model")),
        }
    }
    // The CLI's reference shows an empty one of a domain that is a prefix.
    let empty = name == "CustomDomainConfigType" && value.as_object().is_some_and(Map::is_empty);
    for required in shape["required"].as_array().into_iter().flatten() {
        if value.get(required.as_str().unwrap()).is_none() && !empty {
            faults.push(format!("{at} lacks {required}"));
        }
    }
    for inner in value.as_array().into_iter().flatten() {
        look(shape["member"].as_str().unwrap(), inner, at, faults);
    }
}
