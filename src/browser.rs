//! The browser's side of the machine: what it needs of JavaScript, and what JavaScript calls.
//!
//! Requests, storage and the lock between tabs are in `js/`, where they take a quarter of the
//! bytes. There is no `if` about signing in on either side, and nothing of the machine is borrowed
//! while JavaScript runs.

mod fields;

use std::cell::{Cell, RefCell};

use gloo_timers::callback::Timeout;
use js_sys::{Date, Math};
use serde::Serialize;
use wasm_bindgen::prelude::*;
use web_sys::Performance;

use crate::{
    account::Call,
    config::Config,
    effect::{Effect, Slot},
    error::{Code, FlowError},
    event::{Event, EventType},
    flow::{Flow, Input, Outcome, Stored},
    secret::Text,
    time::Moment,
    value::Value,
};

use fields::JsFields;

/// `setTimeout` counts in 31 bits; the machine is simply woken early.
const LONGEST_TIMER_MS: f64 = 2_147_483_647.0;

/// The statuses by which [`Host::reply`] is told that there was no answer.
const NOT_SENT: i32 = -1;
const LOST: i32 = -2;

#[wasm_bindgen]
extern "C" {
    /// What `js/host.js` does for the machine. None of it throws, and none of it calls the machine
    /// before it has returned.
    pub type World;

    #[wasm_bindgen(method)]
    fn send(this: &World, id: u32, url: &str, operation: &str, body: &str, keepalive: bool);
    #[wasm_bindgen(method)]
    fn abort(this: &World, id: u32);
    #[wasm_bindgen(method)]
    fn save(this: &World, pending: bool, record: &str);
    #[wasm_bindgen(method)]
    fn erase(this: &World, pending: bool);
    #[wasm_bindgen(method)]
    fn lock(this: &World, id: u32);
    #[wasm_bindgen(method)]
    fn unlock(this: &World, id: u32);
    #[wasm_bindgen(method)]
    fn answer(this: &World, ticket: u32, done: bool, value: JsValue);
    /// The timer has run out: it wakes the machine.
    #[wasm_bindgen(method)]
    fn wake(this: &World);
    /// The snapshot is another one. This alone may call the machine.
    #[wasm_bindgen(method)]
    fn changed(this: &World);
}

/// One flow, as `js/host.js` drives it.
///
/// What is thrown are the members of a `FlowError`, as a plain object. A stored record is an
/// object, `null` if there is none, and `undefined` if nothing is kept.
#[wasm_bindgen]
pub struct Host {
    flow: RefCell<Flow>,
    world: World,
    clock: Performance,
    url: Text,
    timer: RefCell<Option<Timeout>>,
    revision: Cell<u32>,
    disposed: Cell<bool>,
}

#[wasm_bindgen]
impl Host {
    /// Reads the options and what is stored. Nothing happens before the first [`Host::wake`].
    ///
    /// # Errors
    /// `malformed` if an option is.
    #[wasm_bindgen(constructor)]
    pub fn new(
        options: JsValue,
        world: World,
        clock: Performance,
        session: JsValue,
        pending: JsValue,
    ) -> Result<Host, JsValue> {
        let make = || {
            let config = Config::read(&JsFields::new(options))?;
            let url = config.endpoint.clone();
            let (session, pending) = (Record::new(session), Record::new(pending));
            let now = moment(&clock)?;
            let flow = Flow::new(config, session.as_stored(), pending.as_stored(), &now);
            Ok((flow, url))
        };
        let (flow, url) = make().map_err(|error: FlowError| thrown(&error))?;
        Ok(Self {
            revision: Cell::new(flow.revision()),
            flow: RefCell::new(flow),
            world,
            clock,
            url,
            timer: RefCell::default(),
            disposed: Cell::new(false),
        })
    }

    /// The snapshot, made anew.
    pub fn snapshot(&self) -> JsValue {
        match self.flow.try_borrow() {
            Ok(flow) => to_js(flow.snapshot()),
            Err(_) => JsValue::UNDEFINED,
        }
    }

    /// Whether an event of this name would be accepted now.
    pub fn accepts(&self, name: &str) -> bool {
        let flow = self.flow.try_borrow();
        !self.disposed.get()
            && EventType::parse(name)
                .is_some_and(|event| flow.is_ok_and(|flow| flow.accepts(event)))
    }

    /// Takes an event.
    ///
    /// # Errors
    /// Those of misuse.
    pub fn send(&self, event: JsValue) -> Result<(), JsValue> {
        self.usable()
            .and_then(|()| Event::read(&JsFields::new(event)))
            .and_then(|event| self.feed(Input::Event(event)))
            .map_err(|error| thrown(&error))
    }

    /// Takes a call of the account or for the session; the world is given the answer.
    ///
    /// # Errors
    /// `malformed` if an argument is, and `disposed`.
    pub fn call(&self, ticket: u32, name: &str, arguments: JsValue) -> Result<(), JsValue> {
        self.usable()
            .and_then(|()| Call::read(name, &JsFields::new(arguments)))
            .and_then(|call| self.feed(Input::Call { ticket, call }))
            .map_err(|error| thrown(&error))
    }

    /// Takes what came of a request: the HTTP status, or -1 if nothing was sent, or -2 if no
    /// answer will come; the header `x-amzn-ErrorType`; the body, should it be an object.
    pub fn reply(&self, id: u32, status: i32, error_type: Option<String>, body: JsValue) {
        let body = body.is_object().then(|| JsFields::new(body));
        let outcome = match status {
            NOT_SENT => Outcome::NotSent,
            LOST => Outcome::Lost,
            _ => Outcome::Answer {
                status: status as u16,
                error_type: error_type.map(Text::from),
                body: body.as_ref().map(|body| body as _),
            },
        };
        self.feed_harmless(Input::Reply { id, outcome });
    }

    /// The lock is ours, and this is the session record as it stands.
    pub fn locked(&self, id: u32, session: JsValue) {
        let session = Record::new(session);
        self.feed_harmless(Input::Locked {
            id,
            session: session.as_stored(),
        });
    }

    /// Another tab has changed the session record.
    #[wasm_bindgen(js_name = sessionChanged)]
    pub fn session_changed(&self, session: JsValue) {
        let session = Record::new(session);
        self.feed_harmless(Input::SessionChanged(session.as_stored()));
    }

    /// Lets the machine see what time it is.
    pub fn wake(&self) {
        self.feed_harmless(Input::Wake);
    }

    /// Ends the flow: nothing is asked of the world any more.
    pub fn dispose(&self) {
        self.disposed.set(true);
        self.timer.take();
    }
}

impl Host {
    fn usable(&self) -> Result<(), FlowError> {
        match self.disposed.get() {
            true => Err(Code::Disposed.into()),
            false => Ok(()),
        }
    }

    /// Only events are refused.
    fn feed_harmless(&self, input: Input<'_>) {
        let _ = self.feed(input);
    }

    /// Gives the machine an input and does what it asks for.
    fn feed(&self, input: Input<'_>) -> Result<(), FlowError> {
        self.usable()?;
        let now = moment(&self.clock)?;
        let mut effects = Vec::new();
        let (result, deadline, revision) = {
            // Only a trap can have left it borrowed; the flow is then of no more use.
            let mut flow = self.flow.try_borrow_mut().map_err(|_| Code::Disposed)?;
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
            let world: World = self.world.clone().unchecked_into();
            Timeout::new(delay as u32, move || world.wake())
        }));
        if self.revision.replace(revision) != revision {
            self.world.changed();
        }
        result
    }

    fn perform(&self, effect: Effect) {
        let world = &self.world;
        match effect {
            Effect::Send { id, request } => {
                let body = request.body.secret();
                world.send(id, &self.url, request.operation, body, request.keepalive);
            }
            Effect::Abort { id } => world.abort(id),
            Effect::Save { slot, record } => world.save(slot == Slot::Pending, record.secret()),
            Effect::Erase { slot } => world.erase(slot == Slot::Pending),
            Effect::Lock { id } => world.lock(id),
            Effect::Unlock { id } => world.unlock(id),
            Effect::Answer { ticket, result } => match result {
                Ok(Value::Null) => world.answer(ticket, true, JsValue::UNDEFINED),
                Ok(value) => world.answer(ticket, true, to_js(&value)),
                Err(error) => world.answer(ticket, false, thrown(&error)),
            },
        }
    }
}

/// A stored record as JavaScript hands it over.
struct Record {
    kept: bool,
    fields: Option<JsFields>,
}

impl Record {
    fn new(value: JsValue) -> Self {
        Self {
            kept: !value.is_undefined(),
            fields: value.is_object().then(|| JsFields::new(value)),
        }
    }

    fn as_stored(&self) -> Stored<'_> {
        match &self.fields {
            Some(fields) => Stored::Record(fields),
            None if self.kept => Stored::Nothing,
            None => Stored::Unshared,
        }
    }
}

/// Now, with fresh randomness.
///
/// # Errors
/// `server` where the browser gives no randomness: without it nothing may be proven.
fn moment(clock: &Performance) -> Result<Moment, FlowError> {
    let mut random = [0_u8; 32];
    getrandom::fill(&mut random).map_err(|_| Code::Server)?;
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
