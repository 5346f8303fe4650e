//! Reading JSON values the way the browser reads JS values.

use cognito_flow::{Fields, Text};
use serde_json::Value;

/// A JSON value whose members are read. What is not an object has none.
pub(crate) struct Json(pub(crate) Value);

impl Json {
    fn list<T>(&self, name: &str, read: impl Fn(&Value) -> Option<T>) -> Option<Vec<T>> {
        self.0.get(name)?.as_array()?.iter().map(read).collect()
    }
}

impl Fields for Json {
    fn has(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(|value| !value.is_null())
    }

    fn string(&self, name: &str) -> Option<Text> {
        self.0.get(name)?.as_str().map(Into::into)
    }

    fn number(&self, name: &str) -> Option<f64> {
        self.0.get(name)?.as_f64()
    }

    fn boolean(&self, name: &str) -> Option<bool> {
        self.0.get(name)?.as_bool()
    }

    fn object(&self, name: &str) -> Option<Box<dyn Fields>> {
        boxed(self.0.get(name)?)
    }

    fn objects(&self, name: &str) -> Option<Vec<Box<dyn Fields>>> {
        self.list(name, boxed)
    }

    fn strings(&self, name: &str) -> Option<Vec<Text>> {
        self.list(name, |item| item.as_str().map(Into::into))
    }

    fn names(&self) -> Vec<Text> {
        let object = self.0.as_object();
        object.map_or_else(Vec::new, |object| {
            object.keys().map(|name| name.as_str().into()).collect()
        })
    }
}

fn boxed(value: &Value) -> Option<Box<dyn Fields>> {
    value
        .is_object()
        .then(|| Box::new(Json(value.clone())) as Box<dyn Fields>)
}
