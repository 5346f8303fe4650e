//! What is shown to the page, as a tree of one type: each other type that is serialised would
//! bring its own copy of the serializer into the module.

use std::mem;

use serde::{
    Serialize, Serializer,
    ser::{SerializeMap, SerializeSeq},
};

use crate::{
    fields::Pairs,
    secret::{Secret, Text},
    time::Deadline,
};

/// A value of JavaScript: a snapshot, the answer to a call, the data of an error.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `null`
    Null,
    /// `true` or `false`
    Boolean(bool),
    /// A number.
    Number(f64),
    /// One of the strings that this crate defines.
    Name(&'static str),
    /// Any other string.
    Text(Text),
    /// A token that the app asked for.
    Secret(Secret),
    /// An array.
    List(Vec<Self>),
    /// An object whose members are defined by this crate, in their order.
    Object(Vec<(&'static str, Self)>),
    /// An object of strings.
    Map(Pairs),
}

impl Value {
    pub(crate) fn texts(texts: &[Text]) -> Self {
        let mut items = Vec::new();
        for text in texts {
            items.push(Self::Text(text.clone()));
        }
        Self::List(items)
    }

    /// A string's text; of what is no string, an empty one.
    pub(crate) fn as_str(&self) -> &str {
        match self {
            Self::Name(name) => name,
            Self::Text(text) => text,
            Self::Secret(secret) => secret.secret(),
            _ => "",
        }
    }
}

/// Collects the members of an object. What is not there is `null`.
#[derive(Default)]
pub(crate) struct Members(Vec<(&'static str, Value)>);

impl Members {
    pub(crate) fn add(&mut self, name: &'static str, value: Value) -> &mut Self {
        self.0.push((name, value));
        self
    }

    pub(crate) fn text(&mut self, name: &'static str, text: Option<&Text>) -> &mut Self {
        let value = match text {
            Some(text) => Value::Text(text.clone()),
            None => Value::Null,
        };
        self.add(name, value)
    }

    pub(crate) fn name(&mut self, name: &'static str, value: Option<&'static str>) -> &mut Self {
        self.add(name, value.map_or(Value::Null, Value::Name))
    }

    pub(crate) fn time(&mut self, name: &'static str, deadline: Deadline) -> &mut Self {
        let value = match deadline.shown() {
            Some(wall) => Value::Number(wall),
            None => Value::Null,
        };
        self.add(name, value)
    }

    pub(crate) fn members(&self) -> &[(&'static str, Value)] {
        &self.0
    }

    pub(crate) fn flag(&mut self, name: &'static str, value: bool) -> &mut Self {
        self.add(name, Value::Boolean(value))
    }

    pub(crate) fn end(&mut self) -> Value {
        Value::Object(mem::take(&mut self.0))
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Boolean(boolean) => serializer.serialize_bool(*boolean),
            Self::Number(number) => serializer.serialize_f64(*number),
            Self::Name(_) | Self::Text(_) | Self::Secret(_) => {
                serializer.serialize_str(self.as_str())
            }
            Self::List(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    list.serialize_element(item)?;
                }
                list.end()
            }
            Self::Object(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (name, value) in members {
                    map.serialize_entry(&Self::Name(name), value)?;
                }
                map.end()
            }
            Self::Map(pairs) => {
                let mut map = serializer.serialize_map(Some(pairs.len()))?;
                for (name, value) in pairs.iter() {
                    map.serialize_entry(&Self::Text(name.clone()), &Self::Text(value.clone()))?;
                }
                map.end()
            }
        }
    }
}
