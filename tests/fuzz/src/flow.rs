//! The machine, told anything by anybody: the page, the pool, the storage, the browser, time.
//!
//! An input is a script, a line for each thing that happens:
//!
//! ```text
//! o{…}      (first) options besides the pool's
//! s{…}      a session record is found (before anything else: when the flow opens); p, d likewise
//! e{…}      an event                    a name {…}   something is asked
//! r200 Type {…}   the oldest request is answered; `-` for no type. l: lost. n: not sent
//! k{…}, kName     the browser's prompt ends, with a credential or without
//! g         the lock is had            b{…}   back from another page
//! w1000     ms pass                    i      idle                    R   a reload
//! ```

use std::collections::VecDeque;

use cognito_flow::{
    Ask, Body, Config, Effect, Event, EventType, Fields, Flow, Given, Input, Moment, Outcome,
    Randomness, Slot, Stored,
};
use serde_json::{Value, json};

use crate::values::shows;

/// Stands for each password and each token, and is seen nowhere.
const SECRET: &str = "s3cr3t-W0rd-0f-th3-w0rld";
const LONGEST: usize = 48;

pub(crate) fn flow(bytes: &[u8]) {
    let Ok(script) = std::str::from_utf8(bytes) else {
        return;
    };
    if script.contains(SECRET) {
        return;
    }
    let mut lines = script.lines().take(LONGEST).peekable();
    let mut options = json!({ "userPoolId": "eu-west-1_Fuzzed001", "clientId": "fuzzed0client" });
    if let Some(more) = lines.next_if(|line| line.starts_with('o'))
        && let Ok(Value::Object(more)) = serde_json::from_str(&more[1..])
    {
        options.as_object_mut().expect("an object").extend(more);
    }
    let Ok(config) = Config::read(&options.to_string()) else {
        return;
    };
    let mut kept = [const { None }; 3];
    while let Some(line) = lines.next_if(|line| line.starts_with(['s', 'p', 'd'])) {
        let slot = slot_of(line.as_bytes()[0]);
        kept[slot as usize] = record(&line[1..]);
    }
    let mut host = Host::open(config, kept);
    for line in lines {
        host.take(line);
    }
}

struct Host {
    config: Config,
    flow: Flow,
    wall: f64,
    steady: f64,
    drawn: u8,
    kept: [Option<String>; 3],
    sent: VecDeque<u32>,
    prompt: u32,
    lock: u32,
    tickets: u32,
    last: (u32, String),
}

impl Host {
    fn open(config: Config, kept: [Option<String>; 3]) -> Self {
        let (wall, steady) = (1_800_000_000_000.0, 4_321.0);
        let flow = open(&config, &kept, &moment(wall, steady, 0));
        let mut host = Self {
            config,
            last: (flow.revision(), flow.snapshot().to_owned()),
            flow,
            wall,
            steady,
            drawn: 0,
            kept,
            sent: VecDeque::new(),
            prompt: 0,
            lock: 0,
            tickets: 0,
        };
        host.after();
        host
    }

    fn take(&mut self, line: &str) {
        let Some(kind) = line.chars().next() else {
            return;
        };
        let rest = &line[kind.len_utf8()..];
        match kind {
            'e' => {
                let Some(mut event) = object(rest) else {
                    return;
                };
                hide(&mut event);
                match Event::read(&event.to_string()) {
                    Ok((event, metadata)) => self.feed(Input::Event { event, metadata }),
                    Err(error) => shows(&error),
                }
            }
            'a' => {
                let (name, arguments) = rest.split_once(' ').unwrap_or((rest, "{}"));
                let Some(mut arguments) = object(arguments) else {
                    return;
                };
                hide(&mut arguments);
                match Ask::read(name, &arguments.to_string()) {
                    Ok(ask) => {
                        self.tickets += 1;
                        self.feed(Input::Ask {
                            ticket: self.tickets,
                            ask,
                        });
                    }
                    Err(error) => shows(&error),
                }
            }
            'r' => self.reply(rest),
            'l' | 'n' => {
                let outcome = if kind == 'l' {
                    Outcome::Lost
                } else {
                    Outcome::NotSent
                };
                let id = self.sent.pop_front().unwrap_or(0);
                self.feed(Input::Reply { id, outcome });
            }
            'k' => {
                let credential = object(rest).map(|object| object.to_string());
                let given = match &credential {
                    Some(credential) => {
                        Given::Credential(Fields::new(credential).expect("an object"))
                    }
                    None => Given::Ended(rest),
                };
                let id = self.prompt;
                self.feed(Input::Passkey { id, given });
            }
            'g' => self.feed(Input::Locked { id: self.lock }),
            's' | 'p' | 'd' => {
                let slot = slot_of(kind as u8);
                let text = record(rest);
                self.kept[slot as usize].clone_from(&text);
                self.feed(Input::Stored {
                    slot,
                    record: stored(text.as_deref()),
                });
            }
            'b' => {
                let with = object(rest).unwrap_or(json!({})).to_string();
                self.feed(Input::Returned {
                    with: Fields::new(&with).expect("an object"),
                });
            }
            'w' => {
                let ms = rest.parse::<u32>().unwrap_or(0);
                self.wall += f64::from(ms);
                self.steady += f64::from(ms);
                self.feed(Input::Wake);
            }
            'i' => self.feed(Input::Idle),
            'R' => {
                let now = self.moment();
                self.flow = open(&self.config, &self.kept, &now);
                self.last = (self.flow.revision(), self.flow.snapshot().to_owned());
                self.sent.clear();
                self.after();
            }
            _ => {}
        }
    }

    fn reply(&mut self, rest: &str) {
        let mut parts = rest.splitn(3, ' ');
        let status = parts
            .next()
            .and_then(|text| text.parse().ok())
            .unwrap_or(200);
        let error_type = parts.next().filter(|name| *name != "-").map(Into::into);
        let body = parts.next().unwrap_or_default();
        let read = object(body).map(|mut body| {
            hide(&mut body);
            body.to_string()
        });
        let body = match &read {
            Some(json) => Body::Object(Fields::new(json).expect("an object")),
            None if body.is_empty() => Body::Empty,
            None => Body::Other,
        };
        let id = self.sent.pop_front().unwrap_or(0);
        self.feed(Input::Reply {
            id,
            outcome: Outcome::Answer {
                status,
                error_type,
                blocked: false,
                body,
            },
        });
    }

    fn feed(&mut self, input: Input<'_>) {
        let now = self.moment();
        if let Err(error) = self.flow.handle(input, &now) {
            self.hold_error(&error);
        }
        self.after();
    }

    fn moment(&mut self) -> Moment {
        self.drawn = self.drawn.wrapping_add(1);
        moment(self.wall, self.steady, self.drawn)
    }

    /// Does what the machine asks for, and holds it to its law.
    fn after(&mut self) {
        while let Some(effect) = self.flow.poll_effect() {
            assert!(
                !format!("{effect:?}").contains(SECRET),
                "a secret in an effect's Debug"
            );
            match effect {
                Effect::Send { id, request } => {
                    let body = object(request.body.secret());
                    assert!(
                        body.is_some(),
                        "the body of {} is an object",
                        request.operation
                    );
                    self.sent.push_back(id);
                }
                Effect::Abort { id } => self.sent.retain(|sent| *sent != id),
                Effect::Passkey { id, options, .. } => {
                    let options = options.secret();
                    assert!(options.is_empty() || object(options).is_some(), "{options}");
                    self.prompt = id;
                }
                Effect::Save { slot, record, .. } => {
                    assert!(object(record.secret()).is_some(), "a record is an object");
                    self.kept[slot as usize] = Some(record.secret().to_owned());
                }
                Effect::Erase { slot } => self.kept[slot as usize] = None,
                Effect::Lock { id } => self.lock = id,
                Effect::Redirect { to } => assert!(object(to.secret()).is_some()),
                Effect::Answer {
                    result: Ok(answer), ..
                } => {
                    let json = serde_json::from_str::<Value>(answer.secret());
                    assert!(json.is_ok(), "an answer is JSON");
                }
                Effect::Answer {
                    result: Err(error), ..
                }
                | Effect::Reject { error } => {
                    self.hold_error(&error);
                }
                Effect::Unlock { .. } | Effect::PasskeyUnknown { .. } => {}
            }
        }
        let text = self.flow.snapshot();
        let snapshot: Value = serde_json::from_str(text).expect("a snapshot is JSON");
        assert!(!text.contains(SECRET), "a secret in the snapshot: {text}");
        let debug = format!("{:?}", self.flow);
        assert!(!debug.contains(SECRET), "a secret in the flow's Debug");
        let revision = self.flow.revision();
        assert_eq!(revision != self.last.0, text != self.last.1, "{text}");
        self.last = (revision, text.to_owned());
        if snapshot["busy"].is_null() {
            let accepts = |event| self.flow.accepts(event);
            assert!(
                EventType::ALL.into_iter().any(accepts),
                "a dead end: {text}"
            );
        } else {
            assert!(self.flow.deadline().is_some(), "busy for ever: {text}");
        }
    }

    fn hold_error(&self, error: &cognito_flow::FlowError) {
        shows(error);
        let said = format!("{error} {error:?} {}", error.json().as_str());
        assert!(!said.contains(SECRET), "a secret in an error: {said}");
    }
}

fn open(config: &Config, kept: &[Option<String>; 3], now: &Moment) -> Flow {
    let [session, pending, devices] = kept.each_ref().map(|text| stored(text.as_deref()));
    Flow::new(config.clone(), session, pending, devices, now)
}

fn stored(text: Option<&str>) -> Stored<'_> {
    match text {
        None => Stored::Nothing,
        Some(text) => Stored::Record(Fields::new(text).unwrap_or_default()),
    }
}

fn slot_of(kind: u8) -> Slot {
    match kind {
        b's' => Slot::Session,
        b'p' => Slot::Pending,
        _ => Slot::Devices,
    }
}

fn moment(wall: f64, steady: f64, drawn: u8) -> Moment {
    let random = Randomness::drawn(|bytes| {
        bytes.fill(drawn);
        Ok::<(), ()>(())
    });
    Moment {
        wall,
        steady,
        random: random.expect("bytes"),
        jitter: 0.5,
    }
}

/// A JSON object, as the browser would hand it on.
fn object(json: &str) -> Option<Value> {
    serde_json::from_str(json).ok().filter(Value::is_object)
}

fn record(json: &str) -> Option<String> {
    let mut record = object(json)?;
    hide(&mut record);
    Some(record.to_string())
}

/// Puts the one secret in the place of each; of a token that has parts, of the last.
fn hide(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                match (name.as_str(), value) {
                    // What these hold is public, whatever it is called.
                    ("ChallengeParameters" | "parameters" | "attributes", _) => {}
                    (
                        "password" | "answer" | "AccessToken" | "IdToken" | "RefreshToken"
                        | "Session" | "accessToken" | "idToken" | "refreshToken" | "session",
                        Value::String(text),
                    ) if !text.is_empty() => {
                        let kept = text.rfind('.').map_or(0, |at| at + 1);
                        text.replace_range(kept.., SECRET);
                    }
                    (_, value) => hide(value),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(hide),
        _ => {}
    }
}
