//! When two states are the same: what cannot matter is folded away.
//!
//! - A time is told by how far it is from now, in classes; the machine compares times with now alone.
//! - Ids, tokens, codes and session strings are told by which of them are the same.
//! - Of the pool there is what it would decide by: users, their codes, the challenges and tokens that
//!   the client still has, and how many more of those there are.

use std::{
    collections::{HashMap, hash_map::DefaultHasher},
    hash::{Hash, Hasher},
};

use cognito_flow::EventType;
use serde_json::{Value, json};

use crate::{
    browser::Browser,
    support::{DAY, HOUR, MINUTE, SECOND, Storage, World},
};

/// A state's fingerprint, of 128 bits: that two of some millions are the same by chance is not to be
/// expected.
pub(crate) fn fingerprint(browser: &Browser, pool: &Value, more: &Value) -> u128 {
    let text = folded(browser, pool, more).to_string();
    let half = |salt: u8| {
        let mut hasher = DefaultHasher::new();
        (salt, &text).hash(&mut hasher);
        u128::from(hasher.finish())
    };
    half(0) << 64 | half(1)
}

fn folded(browser: &Browser, pool: &Value, more: &Value) -> Value {
    let first = &browser.tabs[0];
    let storage = first.storage.as_ref();
    let tabs: Vec<_> = browser.tabs.iter().map(tab).collect();
    let away: Vec<_> = browser.away.iter().map(Option::is_some).collect();
    let client = json!([
        tabs,
        read(storage.and_then(Storage::session)),
        read(storage.and_then(Storage::devices)),
        storage.and_then(Storage::locked_by),
        away,
        browser.back,
    ]);
    let known = client.to_string();
    let mut fold = Fold {
        now: first.clock.wall,
        names: HashMap::new(),
    };
    fold.value(&json!([client, pool_as_it_decides(pool, &known), more]))
}

fn tab(world: &World) -> Value {
    let requests: Vec<_> = (world.network.under_way.iter())
        .map(|request| json!([request.operation, request.body]))
        .collect();
    let prompts: Vec<_> = (world.prompts.iter())
        .map(|prompt| prompt.wanted.as_str())
        .collect();
    json!([
        world.snapshot(),
        read(world.pending.clone()),
        world.known_record(),
        requests,
        prompts,
        world.locks_wanted(),
        EventType::ALL.map(|kind| world.flow.accepts(kind)),
        world.is_asked(),
        world
            .flow
            .deadline()
            .map(|at| class(at - world.clock.steady)),
    ])
}

fn read(record: Option<String>) -> Value {
    record.map_or(Value::Null, |text| serde_json::from_str(&text).unwrap())
}

/// The part of a saved pool that its answers depend on.
fn pool_as_it_decides(saved: &Value, known: &str) -> Value {
    let Some(pool) = saved["pools"]
        .as_object()
        .and_then(|pools| pools.values().next())
    else {
        return Value::Null;
    };
    let users: Vec<_> = pool["users"]
        .as_object()
        .unwrap()
        .values()
        .map(user)
        .collect();
    let mut challenges = Vec::new();
    for (session, challenge) in pool["challenges"].as_object().unwrap() {
        if known.contains(session.as_str()) {
            let kind = match &challenge["expects"] {
                Value::String(kind) => kind.clone(),
                kind => kind.as_object().unwrap().keys().next().unwrap().clone(),
            };
            challenges.push(json!([
                session,
                kind,
                challenge["expires"],
                challenge["tries"],
                challenge["used"]
            ]));
        }
    }
    let tokens = pool["refresh_tokens"].as_object().unwrap().len().min(2);
    let codes = pool["managed_login"]["codes"].as_object().unwrap();
    let codes: Vec<_> = codes
        .iter()
        .filter(|(code, _)| known.contains(*code))
        .collect();
    json!([users, challenges, tokens, codes])
}

fn user(user: &Value) -> Value {
    let mut user = user.clone();
    let members = user.as_object_mut().unwrap();
    // Passwords are salted, so the search keeps itself which one it is; the others are of no moment.
    for of_no_moment in [
        "created",
        "modified",
        "password",
        "former_passwords",
        "events",
    ] {
        members.remove(of_no_moment);
    }
    user
}

struct Fold {
    now: f64,
    names: HashMap<String, usize>,
}

impl Fold {
    fn value(&mut self, value: &Value) -> Value {
        match value {
            Value::Number(number) => match number.as_f64() {
                Some(time) if time > 1e12 => class(time - self.now).into(),
                _ => value.clone(),
            },
            Value::String(text) if is_name(text) => {
                let next = self.names.len();
                json!([*self.names.entry(text.clone()).or_insert(next)])
            }
            Value::Array(items) => items.iter().map(|item| self.value(item)).collect(),
            Value::Object(members) => (members.iter())
                .map(|(name, value)| (name.clone(), self.value(value)))
                .collect(),
            _ => value.clone(),
        }
    }
}

/// Codes, ids and tokens: what is drawn by chance.
fn is_name(text: &str) -> bool {
    let is_code = text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit());
    is_code || text.len() >= 20
}

/// How far away a time is.
fn class(ms: f64) -> &'static str {
    let classes = [
        (0.0, "over"),
        (SECOND, "at once"),
        (5.0 * SECOND, "seconds"),
        (30.0 * SECOND, "half a minute"),
        (3.0 * MINUTE, "three minutes"),
        (5.0 * MINUTE, "five minutes"),
        (15.0 * MINUTE, "a quarter"),
        (HOUR, "an hour"),
        (DAY, "a day"),
    ];
    let class = classes.into_iter().find(|(most, _)| ms <= *most);
    class.map_or("later", |(_, name)| name)
}
