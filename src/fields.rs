//! Reading values that came from elsewhere: replies, events, options, stored records.
//!
//! The machine reads through this trait alone. In the browser it is implemented over JS values,
//! so that the browser's own JSON parser is the only one; in native tests over `serde_json`.

use std::rc::Rc;

use crate::secret::Text;

/// An object whose members are read by name. A member of another type than the one asked for
/// reads as `None`, as does a missing one: nothing is converted.
pub trait Fields {
    /// Whether there is such a member, and it is neither `null` nor `undefined`.
    fn has(&self, name: &str) -> bool;
    /// A string.
    fn string(&self, name: &str) -> Option<Text>;
    /// A finite number.
    fn number(&self, name: &str) -> Option<f64>;
    /// A boolean.
    fn boolean(&self, name: &str) -> Option<bool>;
    /// An object, and not a list.
    fn object(&self, name: &str) -> Option<Box<dyn Fields>>;
    /// A list of objects; `None` if one of its items is anything else.
    fn objects(&self, name: &str) -> Option<Vec<Box<dyn Fields>>>;
    /// A list of strings; `None` if one of its items is anything else.
    fn strings(&self, name: &str) -> Option<Vec<Text>>;
    /// A string that holds, as JSON, a list of strings (Cognito's `requiredAttributes`).
    fn embedded_strings(&self, name: &str) -> Option<Vec<Text>>;
    /// The names of this object's own members.
    fn names(&self) -> Vec<Text>;
}

/// The members of an object of strings, in their order.
pub type Pairs = Rc<Vec<(Text, Text)>>;

/// The string members of an object; `None` if one of them is no string.
pub(crate) fn pairs(fields: &dyn Fields) -> Option<Pairs> {
    let mut pairs = Vec::new();
    for name in fields.names() {
        let value = fields.string(&name)?;
        pairs.push((name, value));
    }
    Some(pairs.into())
}
