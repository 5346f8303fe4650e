//! One lock for all tabs: Web Locks where there are any, a guard in the shared storage where not.

use std::{cell::RefCell, rc::Rc};

use gloo_timers::callback::Timeout;
use js_sys::{Function, Promise};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};

use super::{Inner, call_with, fields::JsFields, member, storage::Storage};
use crate::{effect::Slot, fields::Fields, flow::Input, json::Object, text};

/// How often a tab looks whether the guard is free.
const POLL_MS: u32 = 50;
/// Two tabs may write the guard at once; the one that still stands after this long has it.
const SETTLE_MS: u32 = 25;
/// A guard older than this was left by a tab that died.
const GUARD_MS: f64 = 20_000.0;

pub(crate) struct Lock {
    name: String,
    shared: bool,
    held: RefCell<Vec<Held>>,
}

/// A lock that is held or waited for.
struct Held {
    id: u32,
    /// Ends the Web Lock.
    release: Option<Function>,
    /// What this tab has written into the guard.
    mark: Option<String>,
    timer: Option<Timeout>,
}

impl Lock {
    pub(crate) fn new(storage: &Storage, key: &str) -> Self {
        Self {
            name: text::concat(&[key, ".lock"]),
            shared: storage.shared_area().is_some(),
            held: RefCell::default(),
        }
    }

    pub(crate) fn acquire(&self, inner: &Rc<Inner>, id: u32) {
        self.held.borrow_mut().push(Held {
            id,
            release: None,
            mark: None,
            timer: None,
        });
        if !self.shared {
            // Not from here: the machine is still handing out effects.
            return self.after(inner, id, 0, granted);
        }
        let locks = member(&member(&js_sys::global(), "navigator"), "locks");
        match member(&locks, "request").dyn_into::<Function>() {
            Ok(request) => self.request(inner, id, &locks, &request),
            Err(_) => try_guard(inner, id),
        }
    }

    pub(crate) fn release(&self, storage: &Storage, id: u32) {
        let held = {
            let mut held = self.held.borrow_mut();
            let position = held.iter().position(|held| held.id == id);
            position.map(|position| held.swap_remove(position))
        };
        if let Some(held) = held {
            self.end(storage, &held);
        }
    }

    pub(crate) fn release_all(&self, storage: &Storage) {
        for held in self.held.take() {
            self.end(storage, &held);
        }
    }

    fn end(&self, storage: &Storage, held: &Held) {
        if let Some(release) = &held.release {
            call_with(release, &JsValue::UNDEFINED);
        }
        if let (Some(mark), Some(area)) = (&held.mark, storage.shared_area())
            && area.get(&self.name).as_ref() == Some(mark)
        {
            area.remove(&self.name);
        }
    }

    /// Web Locks: held until the promise that the callback returns is done.
    fn request(&self, inner: &Rc<Inner>, id: u32, locks: &JsValue, request: &Function) {
        let weak = Rc::downgrade(inner);
        let callback = Closure::once(move |_: JsValue| -> JsValue {
            let Some(inner) = weak.upgrade() else {
                return JsValue::UNDEFINED;
            };
            let mut release = None;
            let promise = Promise::new(&mut |resolve, _| release = Some(resolve));
            if !inner.lock.with(id, |held| held.release = release) {
                // No longer waited for.
                return JsValue::UNDEFINED;
            }
            granted(&inner, id);
            promise.into()
        })
        .into_js_value();
        if request
            .call2(locks, &self.name.as_str().into(), &callback)
            .is_err()
        {
            try_guard(inner, id);
        }
    }

    fn after(&self, inner: &Rc<Inner>, id: u32, ms: u32, then: fn(&Rc<Inner>, u32)) {
        let weak = Rc::downgrade(inner);
        let timer = Timeout::new(ms, move || {
            if let Some(inner) = weak.upgrade() {
                then(&inner, id);
            }
        });
        self.with(id, |held| held.timer = Some(timer));
    }

    /// Whether the lock is still held or waited for.
    fn with(&self, id: u32, change: impl FnOnce(&mut Held)) -> bool {
        let mut held = self.held.borrow_mut();
        held.iter_mut()
            .find(|held| held.id == id)
            .map(change)
            .is_some()
    }
}

fn granted(inner: &Rc<Inner>, id: u32) {
    let record = inner.storage.read_slot(Slot::Session);
    // Only events are refused.
    let _ = inner.feed(Input::Locked {
        id,
        session: record.as_stored(),
    });
}

/// Writes the guard if it is free, and looks again a little later.
fn try_guard(inner: &Rc<Inner>, id: u32) {
    let Some(area) = inner.storage.shared_area() else {
        return granted(inner, id);
    };
    let now = js_sys::Date::now();
    let guard = area
        .get(&inner.lock.name)
        .and_then(|text| JsFields::parse(&text));
    // A guard from the future was left before the clock was set back.
    let free = guard
        .and_then(|guard| guard.number("at"))
        .is_none_or(|at| now - at > GUARD_MS || at > now + GUARD_MS);
    if !free {
        return inner.lock.after(inner, id, POLL_MS, try_guard);
    }
    let owner = js_sys::Math::random() * 9_007_199_254_740_992.0;
    let mark = {
        let mut o = Object::new();
        o.millis("at", now).millis("owner", owner);
        String::from(o.end().0.secret())
    };
    area.set(&inner.lock.name, &mark);
    inner.lock.with(id, |held| held.mark = Some(mark));
    inner.lock.after(inner, id, SETTLE_MS, check_guard);
}

fn check_guard(inner: &Rc<Inner>, id: u32) {
    let mut own = None;
    inner.lock.with(id, |held| own.clone_from(&held.mark));
    let found = inner
        .storage
        .shared_area()
        .and_then(|area| area.get(&inner.lock.name));
    // A storage that keeps nothing guards nothing.
    if found.is_none() || found == own {
        granted(inner, id);
    } else {
        inner.lock.after(inner, id, POLL_MS, try_guard);
    }
}
