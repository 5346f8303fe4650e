//! What a request says, member by member.

use std::collections::BTreeMap;

use serde_json::Value;

/// Reads members of a request that the API model was checked against.
pub(crate) trait Input {
    /// A string, empty when absent.
    fn text(&self, name: &str) -> &str;
    fn optional(&self, name: &str) -> Option<&str>;
    fn flag(&self, name: &str) -> bool;
    fn list(&self, name: &str) -> &[Value];
    /// The strings of a map such as `AuthParameters`.
    fn entry(&self, map: &str, name: &str) -> Option<&str>;
    /// A list of `{ Name, Value }`; a missing value is an empty one.
    fn attributes(&self, name: &str) -> BTreeMap<String, String>;
    fn texts(&self, name: &str) -> Vec<String>;
}

impl Input for Value {
    fn text(&self, name: &str) -> &str {
        self.optional(name).unwrap_or_default()
    }

    fn optional(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Value::as_str)
    }

    fn flag(&self, name: &str) -> bool {
        self.get(name).and_then(Value::as_bool).unwrap_or(false)
    }

    fn list(&self, name: &str) -> &[Value] {
        self.get(name)
            .and_then(Value::as_array)
            .map_or(&[], Vec::as_slice)
    }

    fn entry(&self, map: &str, name: &str) -> Option<&str> {
        self.get(map)?.get(name)?.as_str()
    }

    fn attributes(&self, name: &str) -> BTreeMap<String, String> {
        let pairs = self.list(name).iter();
        pairs
            .map(|pair| (pair.text("Name").into(), pair.text("Value").into()))
            .collect()
    }

    fn texts(&self, name: &str) -> Vec<String> {
        self.list(name)
            .iter()
            .filter_map(Value::as_str)
            .map(String::from)
            .collect()
    }
}
