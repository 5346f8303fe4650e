//! Where the records are kept.

use std::cell::Cell;

use js_sys::Function;
use wasm_bindgen::{JsCast, JsValue};

use super::{fields::JsFields, has, malformed_option, member};
use crate::{effect::Slot, error::FlowError, flow::Stored, text};

/// The app's choice, and `sessionStorage` for what belongs to this tab.
pub(crate) struct Storage {
    session: Option<Area>,
    pending: Option<Area>,
    /// Whether other tabs use the same.
    shared: bool,
    key: String,
}

/// Something with `getItem`, `setItem` and `removeItem`. A full or forbidden one keeps nothing.
pub(crate) struct Area {
    object: JsValue,
    /// It took what was written: what is missing then was removed by another tab.
    works: Cell<bool>,
}

/// A record read, or why there is none.
pub(crate) enum Record {
    Unshared,
    Nothing,
    Found(JsFields),
}

impl Record {
    pub(crate) fn as_stored(&self) -> Stored<'_> {
        match self {
            Self::Unshared => Stored::Unshared,
            Self::Nothing => Stored::Nothing,
            Self::Found(fields) => Stored::Record(fields),
        }
    }
}

impl Storage {
    pub(crate) fn read(options: &JsValue, key: &str) -> Result<Self, FlowError> {
        let chosen = member(options, "storage");
        let kind = chosen.as_string();
        let session = match kind.as_deref() {
            None if !has(options, "storage") => None,
            Some("memory") => None,
            Some("session") => Some(global_area("sessionStorage")),
            Some("local") => Some(global_area("localStorage")),
            None if is_area(&chosen) => Some(Area::new(chosen)),
            _ => {
                let expected = "\"memory\", \"session\", \"local\" or an object like localStorage";
                return Err(malformed_option("storage", expected));
            }
        };
        Ok(Self {
            pending: session.is_some().then(|| global_area("sessionStorage")),
            shared: session.is_some() && kind.as_deref() != Some("session"),
            session,
            key: key.into(),
        })
    }

    /// The record of a slot; one that is no JSON object counts as one that is not ours.
    pub(crate) fn read_slot(&self, slot: Slot) -> Record {
        let Some(area) = self.area(slot) else {
            return Record::Unshared;
        };
        match area.get(&self.key_of(slot)) {
            Some(text) => Record::Found(
                JsFields::parse(&text).unwrap_or_else(|| JsFields::new(JsValue::UNDEFINED)),
            ),
            None if slot == Slot::Session && !(self.shared && area.works.get()) => Record::Unshared,
            None => Record::Nothing,
        }
    }

    pub(crate) fn write(&self, slot: Slot, record: &str) {
        if let Some(area) = self.area(slot) {
            area.set(&self.key_of(slot), record);
        }
    }

    pub(crate) fn erase(&self, slot: Slot) {
        if let Some(area) = self.area(slot) {
            area.remove(&self.key_of(slot));
        }
    }

    /// Where other tabs see the session change.
    pub(crate) fn session_key(&self) -> Option<String> {
        self.shared.then(|| self.key_of(Slot::Session))
    }

    /// The storage that all tabs share.
    pub(crate) fn shared_area(&self) -> Option<&Area> {
        self.session.as_ref().filter(|_| self.shared)
    }

    fn area(&self, slot: Slot) -> Option<&Area> {
        match slot {
            Slot::Session => self.session.as_ref(),
            Slot::Pending => self.pending.as_ref(),
        }
    }

    fn key_of(&self, slot: Slot) -> String {
        let suffix = match slot {
            Slot::Session => ".session",
            Slot::Pending => ".pending",
        };
        text::concat(&[&self.key, suffix])
    }
}

impl Area {
    fn new(object: JsValue) -> Self {
        Self {
            object,
            works: Cell::new(true),
        }
    }

    pub(crate) fn get(&self, key: &str) -> Option<String> {
        self.call("getItem", key, None)?.as_string()
    }

    pub(crate) fn set(&self, key: &str, value: &str) {
        self.works
            .set(self.call("setItem", key, Some(value)).is_some());
    }

    pub(crate) fn remove(&self, key: &str) {
        self.call("removeItem", key, None);
    }

    fn call(&self, method: &str, key: &str, value: Option<&str>) -> Option<JsValue> {
        let method = member(&self.object, method).dyn_into::<Function>().ok()?;
        match value {
            Some(value) => method.call2(&self.object, &key.into(), &value.into()),
            None => method.call1(&self.object, &key.into()),
        }
        .ok()
    }
}

fn global_area(name: &str) -> Area {
    Area::new(member(&js_sys::global(), name))
}

fn is_area(value: &JsValue) -> bool {
    ["getItem", "setItem", "removeItem"]
        .iter()
        .all(|name| member(value, name).is_function())
}
