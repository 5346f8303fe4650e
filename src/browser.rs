//! The browser host: it carries out what the machine asks for. There is no `if` about signing in
//! here, and no borrow is held while JavaScript runs.

mod clock;
mod fields;
mod lock;
mod network;
mod storage;

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use gloo_timers::callback::Timeout;
use js_sys::{Function, Reflect};
use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::{
    account::Call,
    config::Config,
    effect::{Effect, Slot},
    error::{Code, FlowError},
    event::{Event, EventType},
    fields::Fields,
    flow::{Flow, Input},
    text,
    value::Value,
};

use fields::JsFields;
use lock::Lock;
use network::Network;
use storage::Storage;

/// `setTimeout` counts in 31 bits; the machine is simply woken early.
const LONGEST_TIMER_MS: f64 = 2_147_483_647.0;

/// One flow, as `js/index.js` drives it.
#[wasm_bindgen]
pub struct Host {
    inner: Rc<Inner>,
}

struct Inner {
    flow: RefCell<Flow>,
    network: Network,
    storage: Storage,
    lock: Lock,
    wakers: clock::Wakers,
    timer: RefCell<Option<Timeout>>,
    calls: RefCell<Vec<Waiting>>,
    tickets: Cell<u32>,
    revision: Cell<u32>,
    disposed: Cell<bool>,
    changed: Function,
    error_class: Function,
}

/// Who waits for the answer to a call.
struct Waiting {
    ticket: u32,
    resolve: Function,
    reject: Function,
}

#[wasm_bindgen]
impl Host {
    /// Reads the options and what is stored. `error_class` makes the errors that are thrown;
    /// `changed` is called, with nothing borrowed, after each change of the snapshot.
    ///
    /// # Errors
    /// A `FlowError` if an option is malformed.
    #[wasm_bindgen(constructor)]
    pub fn new(
        options: JsValue,
        error_class: Function,
        changed: Function,
    ) -> Result<Host, JsValue> {
        let fail = |error: FlowError| throwable(&error_class, &error);
        let fields = JsFields::new(options.clone());
        let config = Config::read(&fields).map_err(fail)?;
        let key = text::concat(&[
            "cognito-flow.",
            &config.user_pool_id,
            ".",
            &config.client_id,
        ]);
        let network = Network::read(&options, &config.endpoint).map_err(fail)?;
        let storage = Storage::read(&options, &key).map_err(fail)?;
        let moment = clock::moment().map_err(fail)?;
        let session = storage.read_slot(Slot::Session);
        let pending = storage.read_slot(Slot::Pending);
        let flow = Flow::new(config, session.as_stored(), pending.as_stored(), &moment);
        let inner = Rc::new_cyclic(|weak| Inner {
            revision: Cell::new(flow.revision()),
            flow: RefCell::new(flow),
            network,
            lock: Lock::new(&storage, &key),
            wakers: clock::Wakers::new(weak, storage.session_key()),
            storage,
            timer: RefCell::default(),
            calls: RefCell::default(),
            tickets: Cell::new(0),
            disposed: Cell::new(false),
            changed,
            error_class,
        });
        inner
            .feed(Input::Wake)
            .map_err(|error| inner.throwable(&error))?;
        Ok(Self { inner })
    }

    /// The snapshot, made anew.
    pub fn snapshot(&self) -> JsValue {
        match self.inner.flow.try_borrow() {
            Ok(flow) => to_js(flow.snapshot()),
            Err(_) => JsValue::UNDEFINED,
        }
    }

    /// Whether an event of this name would be accepted now.
    pub fn accepts(&self, name: &str) -> bool {
        let flow = self.inner.flow.try_borrow();
        !self.inner.disposed.get()
            && EventType::parse(name)
                .is_some_and(|event| flow.is_ok_and(|flow| flow.accepts(event)))
    }

    /// Takes an event.
    ///
    /// # Errors
    /// A `FlowError` on misuse.
    pub fn send(&self, event: JsValue) -> Result<(), JsValue> {
        self.inner
            .usable()
            .map_err(|error| self.inner.throwable(&error))?;
        Event::read(&JsFields::new(event))
            .and_then(|event| self.inner.feed(Input::Event(event)))
            .map_err(|error| self.inner.throwable(&error))
    }

    /// Takes a call of the account or for the session; one of the functions gets the answer.
    pub fn call(&self, name: &str, arguments: JsValue, resolve: Function, reject: Function) {
        let read = self
            .inner
            .usable()
            .and_then(|()| Call::read(name, &JsFields::new(arguments)));
        let call = match read {
            Ok(call) => call,
            Err(error) => return call_with(&reject, &self.inner.throwable(&error)),
        };
        let ticket = self.inner.tickets.get().wrapping_add(1);
        self.inner.tickets.set(ticket);
        self.inner.calls.borrow_mut().push(Waiting {
            ticket,
            resolve,
            reject,
        });
        // Only events are refused here.
        let _ = self.inner.feed(Input::Call { ticket, call });
    }

    /// Ends the flow: requests are aborted, late answers dropped, callers told.
    pub fn dispose(&self) {
        if self.inner.disposed.replace(true) {
            return;
        }
        self.inner.timer.take();
        self.inner.wakers.remove();
        self.inner.network.abort_all();
        self.inner.lock.release_all(&self.inner.storage);
        let error = self.inner.throwable(&Code::Disposed.into());
        for waiting in self.inner.calls.take() {
            call_with(&waiting.reject, &error);
        }
    }
}

impl Inner {
    fn usable(&self) -> Result<(), FlowError> {
        if self.disposed.get() {
            Err(Code::Disposed.into())
        } else {
            Ok(())
        }
    }

    /// Gives the machine an input and does what it asks for.
    fn feed(self: &Rc<Self>, input: Input<'_>) -> Result<(), FlowError> {
        self.usable()?;
        let moment = clock::moment()?;
        let mut effects = Vec::new();
        let result = {
            // Only a trap can have left it borrowed; the flow is then of no more use.
            let mut flow = self.flow.try_borrow_mut().map_err(|_| Code::Disposed)?;
            let result = flow.handle(input, &moment);
            effects.extend(std::iter::from_fn(|| flow.poll_effect()));
            result
        };
        for effect in effects {
            self.perform(effect);
        }
        self.arm(moment.steady);
        self.tell();
        result
    }

    fn perform(self: &Rc<Self>, effect: Effect) {
        match effect {
            Effect::Send { id, request } => self.network.send(self, id, &request),
            Effect::Abort { id } => self.network.abort(id),
            Effect::Save { slot, record } => self.storage.write(slot, record.secret()),
            Effect::Erase { slot } => self.storage.erase(slot),
            Effect::Lock { id } => self.lock.acquire(self, id),
            Effect::Unlock { id } => self.lock.release(&self.storage, id),
            Effect::Answer { ticket, result } => self.answer(ticket, &result),
        }
    }

    fn answer(&self, ticket: u32, result: &Result<Value, FlowError>) {
        let waiting = {
            let mut calls = self.calls.borrow_mut();
            let position = calls.iter().position(|waiting| waiting.ticket == ticket);
            position.map(|position| calls.swap_remove(position))
        };
        let Some(waiting) = waiting else { return };
        match result {
            Ok(Value::Null) => call_with(&waiting.resolve, &JsValue::UNDEFINED),
            Ok(answer) => call_with(&waiting.resolve, &to_js(answer)),
            Err(error) => call_with(&waiting.reject, &self.throwable(error)),
        }
    }

    /// Sets the one timer to the machine's deadline.
    fn arm(self: &Rc<Self>, steady: f64) {
        let deadline = self.flow.try_borrow().ok().and_then(|flow| flow.deadline());
        let timer = deadline.filter(|_| !self.disposed.get()).map(|deadline| {
            let weak = Rc::downgrade(self);
            #[allow(clippy::manual_clamp)] // which could panic
            let delay = (deadline - steady).ceil().max(0.0).min(LONGEST_TIMER_MS);
            Timeout::new(delay as u32, move || clock::wake(&weak))
        });
        self.timer.replace(timer);
    }

    fn tell(&self) {
        let Ok(revision) = self.flow.try_borrow().map(|flow| flow.revision()) else {
            return;
        };
        if self.revision.replace(revision) != revision && !self.disposed.get() {
            let _ = self.changed.call0(&JsValue::UNDEFINED);
        }
    }

    fn throwable(&self, error: &FlowError) -> JsValue {
        throwable(&self.error_class, error)
    }
}

fn throwable(class: &Function, error: &FlowError) -> JsValue {
    let data = to_js(&error.value());
    Reflect::construct(class, &js_sys::Array::of1(&data)).unwrap_or(data)
}

/// `None` becomes `null`, and maps become plain objects.
fn to_js(value: &Value) -> JsValue {
    let serializer = serde_wasm_bindgen::Serializer::new()
        .serialize_missing_as_null(true)
        .serialize_maps_as_objects(true);
    value.serialize(&serializer).unwrap_or(JsValue::UNDEFINED)
}

fn call_with(function: &Function, value: &JsValue) {
    let _ = function.call1(&JsValue::UNDEFINED, value);
}

/// A function for JavaScript to call once. Whatever is called is boxed first: each type of its own
/// would bring its own glue.
fn once(callback: impl FnOnce(JsValue) + 'static) -> Closure<dyn FnMut(JsValue)> {
    let callback: Box<dyn FnOnce(JsValue)> = Box::new(callback);
    Closure::once(callback)
}

/// A member of an object; `undefined` where there is none or reading it throws.
fn member(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap_or(JsValue::UNDEFINED)
}

fn malformed_option(name: &str, expected: &str) -> FlowError {
    FlowError::malformed("the options", name, expected)
}

fn has(options: &JsValue, name: &str) -> bool {
    JsFields::new(options.clone()).has(name)
}
