//! What is shown to the page, as a tree of one type: each other type that is serialised would
//! bring its own copy of the serializer into the module.

use serde::{
    Serialize, Serializer,
    ser::{SerializeMap, SerializeSeq},
};

use crate::{
    fields::Pairs,
    secret::{Secret, Text},
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
    pub(crate) fn object() -> Self {
        Self::Object(Vec::new())
    }

    pub(crate) fn texts(texts: &[Text]) -> Self {
        Self::List(texts.iter().map(Self::from).collect())
    }

    /// One more member of an object.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<Self>) -> Self {
        self.add(name, value.into());
        self
    }

    fn as_str(&self) -> &str {
        match self {
            Self::Name(name) => name,
            Self::Text(text) => text,
            Self::Secret(secret) => secret.secret(),
            _ => "",
        }
    }

    fn add(&mut self, name: &'static str, value: Self) {
        if let Self::Object(members) = self {
            members.push((name, value));
        }
    }
}

impl From<&'static str> for Value {
    fn from(name: &'static str) -> Self {
        Self::Name(name)
    }
}

impl From<Text> for Value {
    fn from(text: Text) -> Self {
        Self::Text(text)
    }
}

impl From<&Secret> for Value {
    fn from(secret: &Secret) -> Self {
        Self::Secret(secret.clone())
    }
}

impl From<&Text> for Value {
    fn from(text: &Text) -> Self {
        Self::Text(text.clone())
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<bool> for Value {
    fn from(boolean: bool) -> Self {
        Self::Boolean(boolean)
    }
}

/// What is not there is `null`.
impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
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
                    map.serialize_entry(&Self::from(name), &Self::from(value))?;
                }
                map.end()
            }
        }
    }
}
