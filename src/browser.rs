//! The browser's side of the machine: what it needs of JavaScript, and what JavaScript calls.
//!
//! Requests, storage and the lock between tabs are in `js/`, where they take a quarter of the
//! bytes. There is no `if` about signing in on either side, and nothing of the machine is borrowed
//! while JavaScript runs.

use std::cell::{Cell, RefCell};

use gloo_timers::callback::Timeout;
use js_sys::{Date, Math};
use serde::Serialize;
use wasm_bindgen::prelude::*;
use web_sys::Performance;

use crate::{
    ask::Ask,
    config::Config,
    effect::{Effect, Slot},
    error::{Code, FlowError},
    event::{Event, EventType},
    fields::Fields,
    flow::{Body, Flow, Input, Outcome, Stored},
    secret::Text,
    time::{Moment, Randomness},
    value::Value,
};

/// `setTimeout` counts in 31 bits; the machine is simply woken early.
const LONGEST_TIMER_MS: f64 = 2_147_483_647.0;

/// The statuses by which [`Machine::reply`] is told that there was no answer.
const NOT_SENT: i32 = -1;
const LOST: i32 = -2;

#[wasm_bindgen]
extern "C" {
    /// What `js/host.js` does for the machine. None of it throws, and none of it calls the machine
    /// before it has returned. A slot is a number: the session 0, what is pending 1, the devices 2.
    pub type Host;

    #[wasm_bindgen(method)]
    fn send(this: &Host, id: u32, url: &str, operation: &str, body: &str, keepalive: bool);
    #[wasm_bindgen(method)]
    fn abort(this: &Host, id: u32);
    #[wasm_bindgen(method)]
    fn save(this: &Host, slot: u32, record: &str);
    #[wasm_bindgen(method)]
    fn erase(this: &Host, slot: u32);
    #[wasm_bindgen(method)]
    fn lock(this: &Host, id: u32);
    #[wasm_bindgen(method)]
    fn unlock(this: &Host, id: u32);
    #[wasm_bindgen(method)]
    fn answer(this: &Host, ticket: u32, done: bool, value: JsValue);
    #[wasm_bindgen(method)]
    fn reject(this: &Host, error: JsValue);
    /// The timer has run out: it wakes the machine.
    #[wasm_bindgen(method)]
    fn wake(this: &Host);
    /// The snapshot is another one.
    #[wasm_bindgen(method)]
    fn changed(this: &Host);
}

/// One flow, as `js/host.js` drives it.
///
/// What comes in is JSON text as `JSON.stringify` writes it; what is thrown are the members of a
/// `FlowError`, as a plain object. A stored record is its text, empty if there is none, and
/// `undefined` if nothing is kept.
#[wasm_bindgen]
pub struct Machine {
    flow: RefCell<Option<Flow>>,
    host: Host,
    clock: Performance,
    url: Text,
    timer: RefCell<Option<Timeout>>,
    revision: Cell<u32>,
}

#[wasm_bindgen]
impl Machine {
    /// Reads the options and what is stored. Nothing happens before the first [`Machine::wake`].
    ///
    /// # Errors
    /// `malformed` if an option is.
    #[wasm_bindgen(constructor)]
    pub fn new(
        options: String,
        host: Host,
        clock: Performance,
        session: Option<String>,
        pending: Option<String>,
        devices: Option<String>,
    ) -> Result<Machine, JsValue> {
        let options = Text::from(options);
        let records = [session, pending, devices].map(Record::new);
        let make = || {
            let config = Config::read(&options)?;
            let url = config.endpoint.clone();
            let now = moment(&clock)?;
            let [session, pending, devices] = records.each_ref().map(Record::as_stored);
            let flow = Flow::new(config, session, pending, devices, &now);
            Ok((flow, url))
        };
        let (flow, url) = make().map_err(|error: FlowError| thrown(&error))?;
        Ok(Self {
            revision: Cell::new(flow.revision()),
            flow: RefCell::new(Some(flow)),
            host,
            clock,
            url,
            timer: RefCell::default(),
        })
    }

    /// The snapshot, made anew.
    pub fn snapshot(&self) -> JsValue {
        match self.flow.try_borrow().as_deref() {
            Ok(Some(flow)) => to_js(flow.snapshot()),
            _ => JsValue::UNDEFINED,
        }
    }

    /// Whether an event of this name would be accepted now.
    pub fn accepts(&self, name: &str) -> bool {
        let flow = self.flow.try_borrow();
        match (flow.as_deref(), EventType::parse(name)) {
            (Ok(Some(flow)), Some(event)) => flow.accepts(event),
            _ => false,
        }
    }

    /// Takes an event.
    ///
    /// # Errors
    /// Those of misuse.
    pub fn send(&self, event: String) -> Result<(), JsValue> {
        Event::read(&Text::from(event))
            .and_then(|(event, metadata)| self.feed(Input::Event { event, metadata }))
            .map_err(|error| thrown(&error))
    }

    /// Takes what the page asks of the account or the session; the host is given the answer.
    ///
    /// # Errors
    /// `malformed` if an argument is, and `disposed`.
    pub fn ask(&self, ticket: u32, name: &str, arguments: String) -> Result<(), JsValue> {
        Ask::read(name, &Text::from(arguments))
            .and_then(|ask| self.feed(Input::Ask { ticket, ask }))
            .map_err(|error| thrown(&error))
    }

    /// Takes what came of a request: the HTTP status, or -1 if nothing was sent, or -2 if no
    /// answer will come; the header `x-amzn-ErrorType`; whether a firewall says that it answered
    /// (`x-amzn-waf-action`); the body if it is an object, `""` if there is none.
    pub fn reply(
        &self,
        id: u32,
        status: i32,
        error_type: Option<String>,
        blocked: bool,
        body: Option<String>,
    ) {
        let body = body.map(Text::from);
        let outcome = match status {
            NOT_SENT => Outcome::NotSent,
            LOST => Outcome::Lost,
            _ => Outcome::Answer {
                status: u16::try_from(status).unwrap_or_default(),
                error_type: error_type.map(Text::from),
                blocked,
                body: match &body {
                    Some(body) if body.is_empty() => Body::Empty,
                    Some(body) => Fields::new(body).map_or(Body::Other, Body::Object),
                    None => Body::Other,
                },
            },
        };
        self.feed_harmless(Input::Reply { id, outcome });
    }

    /// The lock is ours.
    pub fn locked(&self, id: u32) {
        self.feed_harmless(Input::Locked { id });
    }

    /// A record is not what this flow last wrote or was told.
    ///
    /// # Errors
    /// `challengeSpent` where the session is no longer the one that it was: what the page is about
    /// to ask for must not be done with another.
    pub fn stored(&self, slot: u32, record: Option<String>) -> Result<(), JsValue> {
        let record = Record::new(record);
        let Some(slot) = Slot::ALL.get(slot as usize).copied() else {
            return Ok(());
        };
        let record = record.as_stored();
        self.feed(Input::Stored { slot, record })
            .map_err(|error| thrown(&error))
    }

    /// Lets the machine see what time it is.
    pub fn wake(&self) {
        self.feed_harmless(Input::Wake);
    }

    /// Ends the flow and drops it, with all that it holds.
    pub fn dispose(&self) {
        self.timer.take();
        if let Ok(mut flow) = self.flow.try_borrow_mut() {
            flow.take();
        }
    }
}

impl Machine {
    /// Only events are refused.
    fn feed_harmless(&self, input: Input<'_>) {
        let _ = self.feed(input);
    }

    /// Gives the machine an input and does what it asks for.
    fn feed(&self, input: Input<'_>) -> Result<(), FlowError> {
        let now = moment(&self.clock)?;
        let mut effects = Vec::new();
        let (result, deadline, revision) = {
            // Only a trap can have left it borrowed; the flow is then of no more use.
            let mut flow = self.flow.try_borrow_mut().map_err(|_| Code::Disposed)?;
            let flow = flow.as_mut().ok_or(Code::Disposed)?;
            let result = flow.handle(input, &now);
            while let Some(effect) = flow.poll_effect() {
                effects.push(effect);
            }
            (result, flow.deadline(), flow.revision())
        };
        for effect in effects {
            self.perform(effect);
        }
        self.timer.replace(deadline.map(|deadline| {
            #[allow(clippy::manual_clamp)] // which could panic
            let delay = (deadline - now.steady)
                .ceil()
                .max(0.0)
                .min(LONGEST_TIMER_MS);
            let host: Host = self.host.clone().unchecked_into();
            Timeout::new(delay as u32, move || host.wake())
        }));
        if self.revision.replace(revision) != revision {
            self.host.changed();
        }
        result
    }

    fn perform(&self, effect: Effect) {
        let host = &self.host;
        match effect {
            Effect::Send { id, request } => {
                let body = request.body.secret();
                host.send(id, &self.url, request.operation, body, request.keepalive);
            }
            Effect::Abort { id } => host.abort(id),
            Effect::Save { slot, record } => host.save(slot as u32, record.secret()),
            Effect::Erase { slot } => host.erase(slot as u32),
            Effect::Lock { id } => host.lock(id),
            Effect::Unlock { id } => host.unlock(id),
            Effect::Reject { error } => host.reject(thrown(&error)),
            Effect::Answer { ticket, result } => match result {
                Ok(Value::Null) => host.answer(ticket, true, JsValue::UNDEFINED),
                Ok(value) => host.answer(ticket, true, to_js(&value)),
                Err(error) => host.answer(ticket, false, thrown(&error)),
            },
        }
    }
}

/// A stored record as JavaScript hands it over.
struct Record(Option<Text>);

impl Record {
    fn new(text: Option<String>) -> Self {
        Self(text.map(Text::from))
    }

    fn as_stored(&self) -> Stored<'_> {
        match &self.0 {
            None => Stored::Unshared,
            Some(text) if text.is_empty() => Stored::Nothing,
            Some(text) => Stored::Record(Fields::new(text).unwrap_or_default()),
        }
    }
}

/// Now, with fresh randomness.
///
/// # Errors
/// `unsupported` where the browser gives no randomness: without it nothing may be proven.
fn moment(clock: &Performance) -> Result<Moment, FlowError> {
    let random = Randomness::drawn(getrandom::fill).map_err(|_| Code::Unsupported)?;
    Ok(Moment {
        wall: Date::now(),
        steady: clock.now(),
        random,
        jitter: Math::random(),
    })
}

fn thrown(error: &FlowError) -> JsValue {
    to_js(&error.value())
}

/// `None` becomes `null`, and maps become plain objects.
fn to_js(value: &Value) -> JsValue {
    let serializer = serde_wasm_bindgen::Serializer::new()
        .serialize_missing_as_null(true)
        .serialize_maps_as_objects(true);
    value.serialize(&serializer).unwrap_or(JsValue::UNDEFINED)
}
