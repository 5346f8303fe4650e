//! Reading JS values.

use js_sys::{Array, JSON, Object};
use wasm_bindgen::{JsCast, JsValue};

use super::member;
use crate::{fields::Fields, secret::Text};

/// A JS value whose members are read. What is not an object has none.
pub(crate) struct JsFields(JsValue);

impl JsFields {
    pub(crate) fn new(value: JsValue) -> Self {
        Self(value)
    }

    /// The object that a JSON text holds.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let value = JSON::parse(text).ok()?;
        is_object(&value).then_some(Self(value))
    }

    fn list(&self, name: &str) -> Option<Vec<JsValue>> {
        let value = member(&self.0, name);
        value.dyn_ref::<Array>().map(|array| array.iter().collect())
    }
}

impl Fields for JsFields {
    fn has(&self, name: &str) -> bool {
        let value = member(&self.0, name);
        !value.is_undefined() && !value.is_null()
    }

    fn string(&self, name: &str) -> Option<Text> {
        text(&member(&self.0, name))
    }

    fn number(&self, name: &str) -> Option<f64> {
        member(&self.0, name)
            .as_f64()
            .filter(|number| number.is_finite())
    }

    fn boolean(&self, name: &str) -> Option<bool> {
        member(&self.0, name).as_bool()
    }

    fn object(&self, name: &str) -> Option<Box<dyn Fields>> {
        boxed(member(&self.0, name))
    }

    fn objects(&self, name: &str) -> Option<Vec<Box<dyn Fields>>> {
        self.list(name)?.into_iter().map(boxed).collect()
    }

    fn strings(&self, name: &str) -> Option<Vec<Text>> {
        self.list(name)?.iter().map(text).collect()
    }

    fn embedded_strings(&self, name: &str) -> Option<Vec<Text>> {
        let list = JSON::parse(&self.string(name)?).ok()?;
        list.dyn_ref::<Array>()?
            .iter()
            .map(|item| text(&item))
            .collect()
    }

    fn names(&self) -> Vec<Text> {
        match self.0.dyn_ref::<Object>() {
            Some(object) => Object::keys(object)
                .iter()
                .filter_map(|key| text(&key))
                .collect(),
            None => Vec::new(),
        }
    }
}

fn boxed(value: JsValue) -> Option<Box<dyn Fields>> {
    is_object(&value).then(|| Box::new(JsFields(value)) as Box<dyn Fields>)
}

fn is_object(value: &JsValue) -> bool {
    value.is_object() && !Array::is_array(value)
}

fn text(value: &JsValue) -> Option<Text> {
    value.as_string().map(Text::from)
}
