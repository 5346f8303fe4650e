//! A story as JSON, which can be pasted into a test: a line for each thing that happened. A code is told
//! by which one it is, as chance may draw others.

use serde_json::{Map, Value, json};

use crate::{
    browser::Browser,
    domain::DENIED,
    moves::{Act, Came, Codes, Move, NO_PASSKEY, faults},
    support::{Authenticator, PASSWORD, USER, World},
};

/// A request that the pool hears of, and whether its answer is then lost.
pub(crate) type Heard = Option<(usize, bool)>;

/// One line; `heard` says whether the pool did it.
pub(crate) fn line(did: &Move, before: &Browser, heard: bool, codes: &Codes) -> Value {
    let codes = codes.typed_in(&before.tabs[did.tab]);
    let mut line = match &did.act {
        Act::Event(event) => json!({ "event": named(event, &codes) }),
        Act::Call(name, arguments) => json!({ "call": name, "with": named(arguments, &codes) }),
        Act::Reply(at, came) => json!({ "reply": at, "came": name_of(came, heard) }),
        Act::Passkey(Ok(_)) => json!({ "passkey": "given" }),
        Act::Passkey(Err(name)) => json!({ "passkey": name }),
        Act::Wait => json!({ "wait": true, "ms": waits(before) }),
        Act::Oversleep(ms) => json!({ "oversleep": ms, "ms": waits(before) + ms }),
        Act::Reload => json!({ "reload": true }),
        Act::Return(Ok(_)) => {
            json!({ "return": "signed in", "username": USER, "password": PASSWORD })
        }
        Act::Return(Err(name)) => json!({ "return": name }),
        Act::Notice => json!({ "notice": true }),
        Act::Administrator(operation) => json!({ "administrator": operation }),
    };
    if did.tab > 0 {
        line["tab"] = did.tab.into();
    }
    line
}

/// How long it is until a machine is to be woken.
pub(crate) fn waits(before: &Browser) -> f64 {
    before.deadline().unwrap() - before.tabs[0].clock.steady
}

fn name_of(came: &Came, heard: bool) -> &'static str {
    let same = |other: &Came| match (came, other) {
        (Came::NotSent, Came::NotSent) | (Came::Lost, Came::Lost) => true,
        (Came::Answer(one), Came::Answer(other)) => one.status == other.status,
        _ => false,
    };
    match (came, heard) {
        (Came::Lost, true) => "done and lost",
        (_, true) => "answered",
        (_, false) => {
            let known = faults().into_iter().find(|(_, fault)| same(fault));
            known.map_or("answered", |(name, _)| name)
        }
    }
}

/// The same with each code by its name.
fn named(value: &Value, codes: &Codes) -> Value {
    each_text(value, &|text| {
        let is = |code: &Option<String>| code.as_deref() == Some(text);
        match text {
            _ if is(&codes.latest) => "{latest}".into(),
            _ if is(&codes.earlier) => "{earlier}".into(),
            _ if text == codes.wrong() => "{wrong}".into(),
            _ => text.into(),
        }
    })
}

fn each_text(value: &Value, change: &dyn Fn(&str) -> String) -> Value {
    match value {
        Value::String(text) => change(text).into(),
        Value::Array(items) => items.iter().map(|item| each_text(item, change)).collect(),
        Value::Object(members) => (members.iter())
            .map(|(name, value)| (name.clone(), each_text(value, change)))
            .collect::<Map<_, _>>()
            .into(),
        _ => value.clone(),
    }
}

/// What a line says, where the browser is as it was then.
pub(crate) fn read(
    line: &Value,
    browser: &Browser,
    codes: &Codes,
    key: Option<&Authenticator>,
) -> (Move, Heard) {
    let tab = line["tab"].as_u64().unwrap_or_default() as usize;
    let world = &browser.tabs[tab];
    let (act, heard) = act(line, world, &codes.typed_in(world), key);
    (Move { tab, act }, heard)
}

fn act(line: &Value, world: &World, codes: &Codes, key: Option<&Authenticator>) -> (Act, Heard) {
    let full = |value: &Value| {
        each_text(value, &|text| match text {
            "{latest}" => codes.latest.clone().unwrap(),
            "{earlier}" => codes.earlier.clone().unwrap(),
            "{wrong}" => codes.wrong(),
            _ => text.into(),
        })
    };
    let name_in = |member: &str| line[member].as_str().unwrap().to_owned();
    let act = if line["event"].is_object() {
        Act::Event(full(&line["event"]))
    } else if line["call"].is_string() {
        Act::Call(name_in("call").leak(), full(&line["with"]))
    } else if let Some(at) = line["reply"].as_u64() {
        let (at, came) = (at as usize, name_in("came"));
        let known = faults().into_iter().find(|(name, _)| *name == came);
        return match known {
            Some((_, came)) => (Act::Reply(at, came), None),
            None => (Act::Wait, Some((at, came == "done and lost"))),
        };
    } else if let Some(came) = line["passkey"].as_str() {
        let options = &world.prompts[0].options;
        let refused = NO_PASSKEY.into_iter().find(|name| *name == came);
        let key = key.expect("a setting with a key");
        Act::Passkey(match (refused, &options["rp"]) {
            (Some(name), _) => Err(name),
            (None, Value::Null) => Ok(key.get(options)),
            (None, _) => Ok(key.create(options)),
        })
    } else if let Some(with) = line["return"].as_str() {
        // The code is got when it happens.
        Act::Return(if with == DENIED {
            Err(DENIED)
        } else {
            Ok(String::new())
        })
    } else if let Some(ms) = line["oversleep"].as_f64() {
        Act::Oversleep(ms)
    } else if line["administrator"].is_string() {
        Act::Administrator(name_in("administrator").leak())
    } else {
        let is = |name: &str| line[name] == true;
        match (is("wait"), is("reload"), is("notice")) {
            (true, ..) => Act::Wait,
            (_, true, _) => Act::Reload,
            (.., true) => Act::Notice,
            _ => panic!("nobody knows what {line} is"),
        }
    };
    (act, None)
}
