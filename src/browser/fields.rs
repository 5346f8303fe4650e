//! Reading JS values.

use js_sys::{Array, Object};
use wasm_bindgen::prelude::*;

use crate::{fields::Fields, secret::Text};

#[wasm_bindgen]
extern "C" {
    /// An object of any kind.
    type Record;

    #[wasm_bindgen(method, structural, indexing_getter)]
    fn get(this: &Record, name: &str) -> JsValue;
}

/// A JS value whose members are read. What is not an object has none.
pub(crate) struct JsFields(Record);

impl JsFields {
    pub(crate) fn new(value: JsValue) -> Self {
        let object = match is_object(&value) {
            true => value,
            false => Object::new().into(),
        };
        Self(object.unchecked_into())
    }

    /// Reads each item of a list.
    fn list<T>(&self, name: &str, read: fn(JsValue) -> Option<T>) -> Option<Vec<T>> {
        let value = self.0.get(name);
        if !Array::is_array(&value) {
            return None;
        }
        let array: Array = value.unchecked_into();
        let mut items = Vec::new();
        for index in 0..array.length() {
            items.push(read(array.get(index))?);
        }
        Some(items)
    }
}

impl Fields for JsFields {
    fn has(&self, name: &str) -> bool {
        let value = self.0.get(name);
        !value.is_undefined() && !value.is_null()
    }

    fn string(&self, name: &str) -> Option<Text> {
        text(self.0.get(name))
    }

    fn number(&self, name: &str) -> Option<f64> {
        self.0
            .get(name)
            .as_f64()
            .filter(|number| number.is_finite())
    }

    fn boolean(&self, name: &str) -> Option<bool> {
        self.0.get(name).as_bool()
    }

    fn object(&self, name: &str) -> Option<Box<dyn Fields>> {
        boxed(self.0.get(name))
    }

    fn objects(&self, name: &str) -> Option<Vec<Box<dyn Fields>>> {
        self.list(name, boxed)
    }

    fn strings(&self, name: &str) -> Option<Vec<Text>> {
        self.list(name, text)
    }

    fn names(&self) -> Vec<Text> {
        let object: &Object = self.0.unchecked_ref();
        let keys = Object::keys(object);
        let mut names = Vec::new();
        for index in 0..keys.length() {
            names.extend(text(keys.get(index)));
        }
        names
    }
}

fn text(value: JsValue) -> Option<Text> {
    value.as_string().map(Text::from)
}

fn boxed(value: JsValue) -> Option<Box<dyn Fields>> {
    is_object(&value).then(|| Box::new(JsFields::new(value)) as Box<dyn Fields>)
}

fn is_object(value: &JsValue) -> bool {
    value.is_object() && !Array::is_array(value)
}
