//! The two clocks, randomness, and what wakes the machine besides its timer.

use std::rc::{Rc, Weak};

use js_sys::{Date, Math};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{EventTarget, Performance, StorageEvent};

use super::{Inner, member};
use crate::{
    effect::Slot,
    error::{Code, FlowError},
    flow::Input,
    time::Moment,
};

/// Now, with fresh randomness.
///
/// # Errors
/// `server` where the browser gives no randomness: without it nothing may be proven.
pub(crate) fn moment() -> Result<Moment, FlowError> {
    let mut random = [0_u8; 32];
    getrandom::fill(&mut random).map_err(|_| Code::Server)?;
    let wall = Date::now();
    let performance = member(&js_sys::global(), "performance");
    let steady = match performance.is_object() {
        true => performance.unchecked_ref::<Performance>().now(),
        false => wall,
    };
    Ok(Moment {
        wall,
        steady,
        random,
        jitter: Math::random(),
    })
}

/// Lets the machine see what time it is.
pub(crate) fn wake(weak: &Weak<Inner>) {
    if let Some(inner) = weak.upgrade() {
        // Only events are refused.
        let _ = inner.feed(Input::Wake);
    }
}

/// A page that comes back to the front, or out of the cache, has missed its timers; and another
/// tab may have changed the session record.
pub(crate) struct Wakers {
    targets: Vec<(EventTarget, &'static str)>,
    listener: Closure<dyn FnMut(JsValue)>,
}

impl Wakers {
    pub(crate) fn new(weak: &Weak<Inner>, session_key: Option<String>) -> Self {
        let weak = weak.clone();
        let listener = Closure::new(move |event: JsValue| {
            let key = event.unchecked_ref::<StorageEvent>().key();
            match (key, &session_key) {
                // Only storage events have a key; `clear()` sends one without.
                (Some(key), Some(own)) if key == *own => session_changed(&weak),
                (Some(_), _) => {}
                (None, _) => wake(&weak),
            }
        });
        let global = js_sys::global();
        let mut targets = Vec::new();
        for (target, name) in [
            (member(&global, "document"), "visibilitychange"),
            (global.clone().into(), "pageshow"),
            (global.into(), "storage"),
        ] {
            // Workers and Node have less of this.
            if !member(&target, "addEventListener").is_function() {
                continue;
            }
            let target: EventTarget = target.unchecked_into();
            let callback = listener.as_ref().unchecked_ref();
            if target
                .add_event_listener_with_callback(name, callback)
                .is_ok()
            {
                targets.push((target, name));
            }
        }
        Self { targets, listener }
    }

    pub(crate) fn remove(&self) {
        for (target, name) in &self.targets {
            let callback = self.listener.as_ref().unchecked_ref();
            let _ = target.remove_event_listener_with_callback(name, callback);
        }
    }
}

fn session_changed(weak: &Weak<Inner>) {
    let Some(inner): Option<Rc<Inner>> = weak.upgrade() else {
        return;
    };
    let record = inner.storage.read_slot(Slot::Session);
    let _ = inner.feed(Input::SessionChanged(record.as_stored()));
}
