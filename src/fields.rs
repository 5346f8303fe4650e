//! Reading values that came from elsewhere: replies, events, options, stored records.
//!
//! The machine reads through this trait alone. In the browser it is implemented over JS values,
//! so that the browser's own JSON parser is the only one; in native tests over `serde_json`.

use std::rc::Rc;

use crate::{
    error::FlowError,
    secret::{Secret, Text},
    snapshot::Attribute,
};

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

/// Reads the members of one object one after the other, and remembers the first one that is
/// missing or of another type: whoever reads does not have to stop at each of them.
pub(crate) struct Reader<'a> {
    fields: &'a dyn Fields,
    /// The member's name, and what it must be.
    wrong: Option<(&'static str, &'static str)>,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(fields: &'a dyn Fields) -> Self {
        Self {
            fields,
            wrong: None,
        }
    }

    /// What was made of the members, or which of them is wrong.
    pub(crate) fn finish<T>(self, owner: &str, value: T) -> Result<T, FlowError> {
        match self.wrong {
            None => Ok(value),
            Some((name, expected)) => Err(FlowError::malformed(owner, name, expected)),
        }
    }

    /// What was made of the members, if none of them is wrong.
    pub(crate) fn complete<T>(self, value: T) -> Option<T> {
        self.wrong.is_none().then_some(value)
    }

    /// Remembers what is wrong, unless something else was before.
    pub(crate) fn complain(&mut self, name: &'static str, expected: &'static str) {
        self.wrong.get_or_insert((name, expected));
    }

    /// What is wrong with another object is wrong with this one, too.
    pub(crate) fn take_over(&mut self, other: Reader<'_>) {
        self.wrong = self.wrong.or(other.wrong);
    }

    /// A string that must be there.
    pub(crate) fn text(&mut self, name: &'static str) -> Text {
        let text = self.fields.string(name);
        if text.is_none() {
            self.complain(name, "a string");
        }
        text.unwrap_or_default()
    }

    pub(crate) fn optional_text(&mut self, name: &'static str) -> Option<Text> {
        self.fields.has(name).then(|| self.text(name))
    }

    pub(crate) fn secret(&mut self, name: &'static str) -> Secret {
        Secret::new(self.text(name))
    }

    /// A secret that the pool once sent: never empty.
    pub(crate) fn token(&mut self, name: &'static str) -> Secret {
        let token = self.secret(name);
        if token.secret().is_empty() {
            self.complain(name, "a string");
        }
        token
    }

    /// A boolean that may be left out.
    pub(crate) fn flag(&mut self, name: &'static str, unless_given: bool) -> bool {
        if !self.fields.has(name) {
            return unless_given;
        }
        let flag = self.fields.boolean(name);
        if flag.is_none() {
            self.complain(name, "a boolean");
        }
        flag.unwrap_or_default()
    }

    /// A number that must be there.
    pub(crate) fn number(&mut self, name: &'static str) -> f64 {
        let number = self.fields.number(name);
        if number.is_none() {
            self.complain(name, "a number");
        }
        number.unwrap_or_default()
    }

    /// A number above zero that may be left out.
    pub(crate) fn positive(&mut self, name: &'static str, unless_given: f64) -> f64 {
        if !self.fields.has(name) {
            return unless_given;
        }
        let number = self.fields.number(name).unwrap_or_default();
        if number <= 0.0 {
            self.complain(name, "a number above 0");
        }
        number
    }

    /// Which of these it is; the first unless it is given.
    pub(crate) fn choice(
        &mut self,
        name: &'static str,
        choices: &[&str],
        expected: &'static str,
    ) -> usize {
        if !self.fields.has(name) {
            return 0;
        }
        let chosen = self.fields.string(name);
        let place = chosen.and_then(|chosen| choices.iter().position(|choice| chosen == *choice));
        if place.is_none() {
            self.complain(name, expected);
        }
        place.unwrap_or_default()
    }

    pub(crate) fn attribute(&mut self, name: &'static str) -> Attribute {
        let attribute = self
            .fields
            .string(name)
            .and_then(|name| Attribute::parse(&name));
        if attribute.is_none() {
            self.complain(name, "\"email\" or \"phone_number\"");
        }
        attribute.unwrap_or(Attribute::Email)
    }

    /// A list of strings that must be there.
    pub(crate) fn texts(&mut self, name: &'static str) -> Vec<Text> {
        let texts = self.fields.strings(name);
        if texts.is_none() {
            self.complain(name, "a list of strings");
        }
        texts.unwrap_or_default()
    }

    /// An object of strings that may be left out.
    pub(crate) fn pairs(&mut self, name: &'static str) -> Pairs {
        match self.fields.has(name) {
            true => self.required_pairs(name),
            false => Pairs::default(),
        }
    }

    /// An object of strings that must be there.
    pub(crate) fn required_pairs(&mut self, name: &'static str) -> Pairs {
        let pairs = self.fields.object(name).and_then(|object| pairs(&*object));
        if pairs.is_none() {
            self.complain(name, "an object of strings");
        }
        pairs.unwrap_or_default()
    }
}
