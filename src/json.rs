//! Writing JSON: the requests and the stored records. (Reading is [`crate::fields`].)

use crate::{
    secret::{Secret, Text},
    text,
    time::Deadline,
};

/// Writes one JSON object, member by member.
pub(crate) struct Object {
    text: String,
    secrets: Vec<Secret>,
}

impl Object {
    pub(crate) fn new() -> Self {
        Self {
            text: String::from("{"),
            secrets: Vec::new(),
        }
    }

    /// A list at the top, to be ended by [`Object::written`].
    pub(crate) fn list() -> Self {
        Self {
            text: String::from("["),
            secrets: Vec::new(),
        }
    }

    pub(crate) fn string(&mut self, name: &str, value: &str) -> &mut Self {
        self.name(name);
        quote(&mut self.text, value);
        self
    }

    /// A string that no error may repeat; it is kept for [`Object::end`].
    pub(crate) fn secret(&mut self, name: &str, value: &Secret) -> &mut Self {
        self.secrets.push(value.clone());
        self.string(name, value.secret())
    }

    /// A secret in another form than the one that is sent, as it was typed: no error may repeat it.
    pub(crate) fn hide(&mut self, value: &Secret) -> &mut Self {
        self.secrets.push(value.clone());
        self
    }

    pub(crate) fn optional(&mut self, name: &str, value: Option<&str>) -> &mut Self {
        match value {
            Some(value) => self.string(name, value),
            None => self,
        }
    }

    /// A string, or `null`.
    pub(crate) fn text(&mut self, name: &str, value: Option<&str>) -> &mut Self {
        match value {
            Some(value) => self.string(name, value),
            None => self.raw(name, "null"),
        }
    }

    /// A time in ms since the epoch, or `null` for what has no end.
    pub(crate) fn time(&mut self, name: &str, deadline: Deadline) -> &mut Self {
        match deadline.shown() {
            Some(wall) => self.millis(name, wall),
            None => self.raw(name, "null"),
        }
    }

    /// A time of the pool's, which is in seconds since the epoch, in ms; or `null`.
    pub(crate) fn seconds(&mut self, name: &str, seconds: Option<f64>) -> &mut Self {
        match seconds {
            Some(seconds) => self.millis(name, seconds * 1000.0),
            None => self.raw(name, "null"),
        }
    }

    pub(crate) fn boolean(&mut self, name: &str, value: bool) -> &mut Self {
        self.raw(name, if value { "true" } else { "false" })
    }

    /// A whole number of milliseconds; fractions are cut off.
    pub(crate) fn millis(&mut self, name: &str, value: f64) -> &mut Self {
        self.raw(name, &text::digits(value))
    }

    pub(crate) fn strings(
        &mut self,
        name: &str,
        values: &mut dyn Iterator<Item = &str>,
    ) -> &mut Self {
        self.begin_list(name);
        for value in values {
            self.string_item(value);
        }
        self.end_list()
    }

    /// A list of `{"Name": …, "Value": …}`, Cognito's form for attributes.
    pub(crate) fn attributes(&mut self, name: &str, values: &[(Text, Text)]) -> &mut Self {
        self.begin_list(name);
        for (name, value) in values {
            self.item()
                .string("Name", name)
                .string("Value", value)
                .close();
        }
        self.end_list()
    }

    /// Begins a list: the objects of [`Object::item`], until [`Object::end_list`].
    pub(crate) fn begin_list(&mut self, name: &str) -> &mut Self {
        self.raw(name, "[")
    }

    /// Begins an object of a list: what is written until [`Object::close`] belongs to it.
    pub(crate) fn item(&mut self) -> &mut Self {
        if !self.text.ends_with('[') {
            self.text.push(',');
        }
        self.text.push('{');
        self
    }

    /// A string of a list.
    pub(crate) fn string_item(&mut self, value: &str) -> &mut Self {
        quote(&mut self.raw_item("").text, value);
        self
    }

    /// Something of a list that is JSON already; `[` begins a list in it.
    pub(crate) fn raw_item(&mut self, json: &str) -> &mut Self {
        if !self.text.ends_with('[') {
            self.text.push(',');
        }
        self.text.push_str(json);
        self
    }

    pub(crate) fn end_list(&mut self) -> &mut Self {
        self.text.push(']');
        self
    }

    /// A nested object of strings.
    pub(crate) fn map(&mut self, name: &str, values: &[(Text, Text)]) -> &mut Self {
        self.begin(name);
        for (name, value) in values {
            self.string(name, value);
        }
        self.close()
    }

    /// Begins a nested object: what is written until [`Object::close`] belongs to it.
    pub(crate) fn begin(&mut self, name: &str) -> &mut Self {
        self.raw(name, "{")
    }

    #[inline(never)]
    pub(crate) fn close(&mut self) -> &mut Self {
        self.text.push('}');
        self
    }

    /// The whole text, and the secrets in it.
    pub(crate) fn end(mut self) -> (Secret, Vec<Secret>) {
        self.close();
        (Secret::new(self.text), self.secrets)
    }

    /// The whole list.
    pub(crate) fn written(mut self) -> Secret {
        self.end_list();
        Secret::new(self.text)
    }

    /// The whole text.
    pub(crate) fn json(self) -> Text {
        self.end().0.into_text()
    }

    /// A member whose value is JSON already.
    pub(crate) fn raw(&mut self, name: &str, value: &str) -> &mut Self {
        self.name(name);
        self.text.push_str(value);
        self
    }

    fn name(&mut self, name: &str) {
        if !self.text.ends_with('{') {
            self.text.push(',');
        }
        quote(&mut self.text, name);
        self.text.push(':');
    }
}

/// A text as it stands in JSON, between its quotes.
pub(crate) fn escaped(value: &str) -> String {
    let mut text = String::new();
    escape(&mut text, value);
    text
}

fn quote(text: &mut String, value: &str) {
    text.push('"');
    escape(text, value);
    text.push('"');
}

fn escape(text: &mut String, value: &str) {
    for c in value.chars() {
        let short = match c {
            '"' | '\\' => c,
            '\n' => 'n',
            '\r' => 'r',
            '\t' => 't',
            '\u{8}' => 'b',
            '\u{c}' => 'f',
            '\u{0}'..='\u{1f}' => {
                text.push_str("\\u00");
                text.push(if c < '\u{10}' { '0' } else { '1' });
                text.push(char::from_digit(c as u32 & 15, 16).unwrap_or('0'));
                continue;
            }
            _ => {
                text.push(c);
                continue;
            }
        };
        text.push('\\');
        text.push(short);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// What somebody else repeats of it is recognized.
    #[test]
    fn a_text_is_escaped_as_others_do() {
        for c in '\u{0}'..='\u{ff}' {
            let text = c.to_string();
            let theirs = serde_json::to_string(&text).unwrap();
            assert_eq!(format!("\"{}\"", escaped(&text)), theirs);
        }
    }

    #[test]
    fn what_is_written_reads_back() {
        let awkward = "q\"b\\s/\u{0}\u{1f}\n\t é 名 😀";
        let attributes = [("email".into(), awkward.into()), ("a".into(), "".into())];
        let mut object = Object::new();
        object
            .string("s", awkward)
            .optional("none", None)
            .boolean("b", true)
            .millis("t", 1_781_308_548_123.9)
            .millis("zero", -5.0)
            .strings("l", &mut ["x", awkward].into_iter())
            .attributes("as", &attributes)
            .map("m", &attributes)
            .begin("o")
            .close()
            .begin("p")
            .string("x", "y")
            .close();
        let (text, secrets) = object.end();
        assert!(secrets.is_empty());
        let value: serde_json::Value = serde_json::from_str(text.secret()).unwrap();
        assert_eq!(
            value,
            json!({
                "s": awkward, "b": true, "t": 1_781_308_548_123_u64, "zero": 0, "l": ["x", awkward],
                "as": [{"Name": "email", "Value": awkward}, {"Name": "a", "Value": ""}],
                "m": {"email": awkward, "a": ""}, "o": {}, "p": {"x": "y"}
            })
        );
    }
}
