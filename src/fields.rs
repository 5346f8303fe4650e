//! Reading values that came from elsewhere: replies, events, options, stored records.
//!
//! All of them enter as JSON text. In the browser it is what `JSON.stringify` makes of a value, or
//! of what `JSON.parse` took: the browser's own parser is the judge of what is JSON, only an
//! object's own members are in the text, and no code of the page runs while the machine reads.

use std::rc::Rc;

use crate::{
    error::FlowError,
    secret::{Secret, Text},
    snapshot::{Attribute, Choice},
    text,
};

/// An object whose members are read by name. A member of another type than the one asked for
/// reads as `None`, as does a missing one: nothing is converted.
#[derive(Clone, Copy)]
pub struct Fields<'a>(&'a str);

impl Default for Fields<'_> {
    /// An object without members.
    fn default() -> Self {
        Self("{}")
    }
}

impl<'a> Fields<'a> {
    /// The members of the object that a JSON text holds; `None` if it holds anything else. The text
    /// is as `JSON.stringify` writes it, without blanks; of any other the members are not promised.
    pub fn new(json: &'a str) -> Option<Self> {
        (json.starts_with('{') && json.ends_with('}')).then_some(Self(json))
    }

    /// The text of a member's value.
    fn get(self, name: &str) -> Option<&'a str> {
        for item in self.items() {
            let rest = item.strip_prefix('"').and_then(|r| r.strip_prefix(name));
            if let Some(value) = rest.and_then(|rest| rest.strip_prefix("\":")) {
                return Some(value);
            }
        }
        None
    }

    /// The object's own text.
    pub(crate) fn json(self) -> &'a str {
        self.0
    }

    /// The text of a list.
    pub(crate) fn list(self, name: &str) -> Option<&'a str> {
        self.get(name).filter(|text| text.starts_with('['))
    }

    fn items(self) -> Items<'a> {
        Items::of(self.0)
    }

    /// Whether there is such a member, and it is not `null`.
    pub fn has(self, name: &str) -> bool {
        self.get(name).is_some_and(|value| value != "null")
    }

    /// A string.
    pub fn string(self, name: &str) -> Option<Text> {
        Some(string(self.get(name)?)?.0)
    }

    /// A number that is written without an exponent: below 10²¹.
    pub fn number(self, name: &str) -> Option<f64> {
        number(self.get(name)?)
    }

    /// A boolean.
    pub fn boolean(self, name: &str) -> Option<bool> {
        match self.get(name)? {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        }
    }

    /// An object, and not a list.
    pub fn object(self, name: &str) -> Option<Self> {
        Self::new(self.get(name)?)
    }

    /// A list of objects; `None` if one of its items is anything else.
    pub fn objects(self, name: &str) -> Option<Vec<Self>> {
        objects(self.get(name)?)
    }

    /// A list of strings; `None` if one of its items is anything else.
    pub fn strings(self, name: &str) -> Option<Vec<Text>> {
        let mut strings = Vec::new();
        for item in Items::of(self.list(name)?) {
            strings.push(string(item)?.0);
        }
        Some(strings)
    }

    /// The members of an object of strings, in their order.
    ///
    /// # Errors
    /// The name of the first one that is no string.
    pub fn pairs(self) -> Result<Pairs, Text> {
        let mut pairs = Vec::new();
        for item in self.items() {
            let Some((name, rest)) = string(item) else {
                continue;
            };
            match rest.strip_prefix(':').and_then(string) {
                Some((value, _)) => pairs.push((name, value)),
                None => return Err(name),
            }
        }
        Ok(pairs.into())
    }

    /// The members that are strings, in their order, but for those of these names.
    pub(crate) fn strings_but(self, names: &[&str]) -> Pairs {
        let mut pairs = Vec::new();
        for item in self.items() {
            if let Some((name, rest)) = string(item)
                && let Some((value, _)) = rest.strip_prefix(':').and_then(string)
                && !names.iter().any(|other| name == *other)
            {
                pairs.push((name, value));
            }
        }
        pairs.into()
    }
}

/// The objects of a list; `None` if it is no list, or one of its items is anything else.
pub(crate) fn objects(json: &str) -> Option<Vec<Fields<'_>>> {
    if !json.starts_with('[') {
        return None;
    }
    let mut objects = Vec::new();
    for item in Items::of(json) {
        objects.push(Fields::new(item)?);
    }
    Some(objects)
}

/// What stands between the commas of an object or a list.
struct Items<'a>(&'a str);

impl<'a> Items<'a> {
    fn of(text: &'a str) -> Self {
        Self(text.get(1..).unwrap_or_default())
    }
}

impl<'a> Iterator for Items<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let (mut depth, mut quoted, mut escaped) = (0_u32, false, false);
        for (at, byte) in self.0.bytes().enumerate() {
            if quoted {
                quoted = escaped || byte != b'"';
                escaped = byte == b'\\' && !escaped;
                continue;
            }
            let ends = match byte {
                b'"' => {
                    quoted = true;
                    false
                }
                b'{' | b'[' => {
                    depth += 1;
                    false
                }
                b'}' | b']' if depth > 0 => {
                    depth -= 1;
                    false
                }
                b'}' | b']' => true,
                _ => byte == b',' && depth == 0,
            };
            if ends {
                let item = self.0.get(..at);
                // Behind the closing bracket there is nothing more.
                let rest = if byte == b',' {
                    self.0.get(at + 1..)
                } else {
                    None
                };
                self.0 = rest.unwrap_or_default();
                return item.filter(|item| !item.is_empty());
            }
        }
        None
    }
}

/// The quoted string at the beginning of a text, and what follows it.
fn string(raw: &str) -> Option<(Text, &str)> {
    let mut chars = raw.strip_prefix('"')?.chars();
    let mut text = String::with_capacity(raw.len());
    loop {
        text.push(match chars.next()? {
            '"' => return Some((text.into(), chars.as_str())),
            '\\' => match chars.next()? {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                'b' => '\u{8}',
                'f' => '\u{c}',
                'u' => {
                    let mut code = 0;
                    for _ in 0..4 {
                        code = code * 16 + chars.next()?.to_digit(16)?;
                    }
                    // Half a character stands alone, or it would not be escaped.
                    char::from_u32(code).unwrap_or('\u{fffd}')
                }
                c => c,
            },
            c => c,
        });
    }
}

fn number(raw: &str) -> Option<f64> {
    let digits = raw.strip_prefix('-').unwrap_or(raw);
    let (mut value, mut scale) = (0.0, 0.0);
    for byte in digits.bytes() {
        match byte {
            b'0'..=b'9' => {
                value = value * 10.0 + f64::from(byte - b'0');
                scale *= 10.0;
            }
            b'.' => scale = 1.0,
            _ => return None,
        }
    }
    if scale > 0.0 {
        value /= scale;
    }
    if digits.is_empty() {
        return None;
    }
    Some(if digits.len() < raw.len() {
        -value
    } else {
        value
    })
}

/// The members of an object of strings, in their order.
pub type Pairs = Rc<Vec<(Text, Text)>>;

/// Reads the members of one object one after the other, and remembers the first one that is
/// missing or of another type: whoever reads does not have to stop at each of them.
pub(crate) struct Reader<'a> {
    fields: Fields<'a>,
    wrong: Option<Wrong>,
}

/// The member's name, what in it is wrong, and what it must be.
struct Wrong {
    name: &'static str,
    member: Option<Text>,
    expected: &'static str,
}

impl Wrong {
    #[inline(never)]
    fn error(self, owner: &str) -> FlowError {
        let Self {
            name,
            member,
            expected,
        } = self;
        let named = member.map(|member| text::concat(&[expected, ", and `", &member, "` is none"]));
        FlowError::malformed(owner, name, named.as_deref().unwrap_or(expected))
    }
}

impl<'a> Reader<'a> {
    pub(crate) fn new(fields: Fields<'a>) -> Self {
        Self {
            fields,
            wrong: None,
        }
    }

    /// Of a JSON text. What is no object has no members.
    pub(crate) fn of(json: &'a str) -> Self {
        Self::new(Fields::new(json).unwrap_or_default())
    }

    pub(crate) fn fields(&self) -> Fields<'a> {
        self.fields
    }

    /// What was made of the members, or which of them is wrong.
    pub(crate) fn finish<T>(self, owner: &str, value: T) -> Result<T, FlowError> {
        self.wrong
            .map_or(Ok(value), |wrong| Err(wrong.error(owner)))
    }

    /// What was made of the members, if none of them is wrong.
    pub(crate) fn complete<T>(self, value: T) -> Option<T> {
        self.wrong.is_none().then_some(value)
    }

    /// Remembers what is wrong, unless something else was before.
    pub(crate) fn complain(&mut self, name: &'static str, expected: &'static str) {
        self.complain_of(name, None, expected);
    }

    fn complain_of(&mut self, name: &'static str, member: Option<Text>, expected: &'static str) {
        self.wrong.get_or_insert(Wrong {
            name,
            member,
            expected,
        });
    }

    /// What is wrong with another object is wrong with this one, too.
    pub(crate) fn take_over(&mut self, other: Reader<'_>) {
        if self.wrong.is_none() {
            self.wrong = other.wrong;
        }
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

    pub(crate) fn optional_secret(&mut self, name: &'static str) -> Option<Secret> {
        self.fields.has(name).then(|| self.secret(name))
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

    /// Which of the names that stand quoted in `choices`, counted from 0; none if it is left out.
    pub(crate) fn choice(&mut self, name: &'static str, choices: &'static str) -> Option<usize> {
        if !self.fields.has(name) {
            return None;
        }
        let place = self.fields.get(name).and_then(|value| {
            let rest = text::after(choices, value)?;
            let before = choices.get(..choices.len() - rest.len() - value.len())?;
            let quotes = before.bytes().filter(|byte| *byte == b'"').count();
            // What begins where a name ends is none.
            (value.starts_with('"') && quotes % 2 == 0).then_some(quotes / 2)
        });
        if place.is_none() {
            self.complain(name, choices);
        }
        place
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

    pub(crate) fn factor(&mut self, name: &'static str) -> Choice {
        let factor = self.fields.string(name);
        let factor = factor.and_then(|name| Choice::parse(&name));
        if factor.is_none() {
            let expected = "\"password\", \"sms\", \"email\", \"passkey\" or \"totp\"";
            self.complain(name, expected);
        }
        factor.unwrap_or(Choice::Password)
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
        match self.fields.object(name).map(Fields::pairs) {
            Some(Ok(pairs)) => return pairs,
            Some(Err(member)) => self.complain_of(name, Some(member), "an object of strings"),
            None => self.complain(name, "an object of strings"),
        }
        Pairs::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_choice_is_one_of_the_names_that_are_expected_and_nothing_between_them() {
        let choices = "\"on\", \"off\" or \"onOff\"";
        for (value, place) in [
            (json!("on"), Some(0)),
            (json!("off"), Some(1)),
            (json!("onOff"), Some(2)),
            (json!(", "), None),
            (json!(" or "), None),
            (json!(""), None),
            (json!("o"), None),
            (json!("on\", \"off"), None),
            (json!(1), None),
            (json!(["on"]), None),
        ] {
            let json = json!({ "c": value }).to_string();
            let mut reader = Reader::of(&json);
            assert_eq!(reader.choice("c", choices), place, "{value}");
            assert_eq!(reader.complete(()).is_some(), place.is_some(), "{value}");
        }
        for left_out in ["{}", "{\"c\":null}"] {
            let mut reader = Reader::of(left_out);
            assert_eq!(reader.choice("c", choices), None);
            assert!(reader.complete(()).is_some(), "{left_out}");
        }
    }

    #[test]
    fn what_json_says_is_read() {
        let awkward = "q\"b\\s/\u{0}\u{1f}\n\t\r\u{8}\u{c} é 名 😀 {[,]}:";
        let value = json!({
            "s": awkward, awkward: "odd name", "n": 1_781_308_548_123.25_f64, "i": -42, "z": 0,
            "t": true, "f": false, "null": null, "o": { "s": "inner", "o": { "x": "}" } },
            "e": {}, "l": ["a", awkward, ""], "el": [], "os": [{ "a": "1" }, { "a": "2" }],
            "mixed": ["a", 1], "big": 1e300,
        });
        let text = value.to_string();
        let fields = Fields::new(&text).unwrap();
        assert_eq!(fields.string("s").unwrap(), awkward);
        assert_eq!(fields.number("n"), Some(1_781_308_548_123.25));
        assert_eq!(fields.number("i"), Some(-42.0));
        assert_eq!(fields.number("z"), Some(0.0));
        assert_eq!(fields.number("big"), None);
        assert_eq!(fields.number("s"), None);
        assert_eq!(fields.boolean("t"), Some(true));
        assert_eq!(fields.boolean("f"), Some(false));
        assert_eq!(fields.boolean("n"), None);
        assert!(fields.has("f") && !fields.has("null") && !fields.has("nowhere"));
        let inner = fields.object("o").unwrap();
        assert_eq!(inner.string("s").unwrap(), "inner");
        assert_eq!(inner.object("o").unwrap().string("x").unwrap(), "}");
        assert!(fields.object("l").is_none() && fields.object("e").is_some());
        assert_eq!(fields.strings("l").unwrap(), ["a", awkward, ""]);
        assert!(fields.strings("el").unwrap().is_empty());
        assert!(fields.strings("mixed").is_none() && fields.strings("o").is_none());
        let seconds: Vec<_> = fields.objects("os").unwrap();
        assert_eq!(seconds.len(), 2);
        assert_eq!(seconds.last().unwrap().string("a").unwrap(), "2");
    }

    #[test]
    fn an_object_of_strings_is_read_in_its_order_or_its_first_other_member_named() {
        let fields = Fields::new(r#"{"b":"1","a\"":"2"}"#).unwrap();
        let pairs = fields.pairs().unwrap();
        assert_eq!(
            *pairs,
            [("b".into(), "1".into()), ("a\"".into(), "2".into())]
        );
        let fields = Fields::new(r#"{"b":"1","a":2,"c":null}"#).unwrap();
        assert_eq!(fields.pairs().unwrap_err(), "a");
        assert!(Fields::new("{}").unwrap().pairs().unwrap().is_empty());
    }

    #[test]
    fn half_a_surrogate_pair_is_read_as_the_replacement_character() {
        let fields = Fields::new(r#"{"a":"x\ud83dy"}"#).unwrap();
        assert_eq!(fields.string("a").unwrap(), "x\u{fffd}y");
    }

    #[test]
    fn whatever_the_text_is_nothing_panics() {
        let whole = json!({ "a": ["\"\\", { "b": [1, 2, "é"] }], "c": { "d": "x" } }).to_string();
        for end in 0..=whole.len() {
            for start in 0..=end {
                let Some(text) = whole.get(start..end) else {
                    continue;
                };
                for text in [text.to_owned(), format!("{{{text}}}")] {
                    let Some(fields) = Fields::new(&text) else {
                        continue;
                    };
                    let _ = (fields.string("a"), fields.object("c"), fields.number("c"));
                    let _ = (fields.objects("a"), fields.strings("a"), fields.pairs());
                }
            }
        }
        for text in ["", "null", "[]", "1", "\"{}\""] {
            assert!(Fields::new(text).is_none(), "{text}");
        }
    }
}
