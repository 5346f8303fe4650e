//! Writing JSON: the requests and the stored records. (Reading is [`crate::fields`].)

/// Writes one JSON object, member by member.
pub(crate) struct Object {
    text: String,
}

impl Object {
    pub(crate) fn new() -> Self {
        Self {
            text: String::from("{"),
        }
    }

    pub(crate) fn string(mut self, name: &str, value: &str) -> Self {
        self.name(name);
        quote(&mut self.text, value);
        self
    }

    pub(crate) fn optional(self, name: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.string(name, value),
            None => self,
        }
    }

    pub(crate) fn boolean(self, name: &str, value: bool) -> Self {
        self.raw(name, if value { "true" } else { "false" })
    }

    /// A whole number of milliseconds; fractions are cut off.
    pub(crate) fn millis(self, name: &str, value: f64) -> Self {
        let mut digits = [0_u8; 20];
        let mut rest = value.max(0.0) as u64;
        let mut text = String::new();
        let mut used = 0;
        for digit in digits.iter_mut().rev() {
            *digit = b'0' + (rest % 10) as u8;
            rest /= 10;
            used += 1;
            if rest == 0 {
                break;
            }
        }
        for digit in digits.iter().skip(digits.len() - used) {
            text.push(char::from(*digit));
        }
        self.raw(name, &text)
    }

    pub(crate) fn strings<'a>(mut self, name: &str, values: impl Iterator<Item = &'a str>) -> Self {
        self.name(name);
        self.text.push('[');
        for (index, value) in values.enumerate() {
            if index > 0 {
                self.text.push(',');
            }
            quote(&mut self.text, value);
        }
        self.text.push(']');
        self
    }

    /// A list of `{"Name": …, "Value": …}`, Cognito's form for attributes.
    pub(crate) fn attributes(mut self, name: &str, values: &[(String, String)]) -> Self {
        self.name(name);
        self.text.push('[');
        for (index, (name, value)) in values.iter().enumerate() {
            if index > 0 {
                self.text.push(',');
            }
            let item = Object::new()
                .string("Name", name)
                .string("Value", value)
                .end();
            self.text.push_str(&item);
        }
        self.text.push(']');
        self
    }

    /// A nested object of strings.
    pub(crate) fn map(self, name: &str, values: &[(String, String)]) -> Self {
        let inner = values.iter().fold(Object::new(), |inner, (name, value)| {
            inner.string(name, value)
        });
        self.object(name, inner)
    }

    pub(crate) fn object(self, name: &str, value: Object) -> Self {
        self.raw(name, &value.end())
    }

    pub(crate) fn end(mut self) -> String {
        self.text.push('}');
        self.text
    }

    fn raw(mut self, name: &str, value: &str) -> Self {
        self.name(name);
        self.text.push_str(value);
        self
    }

    fn name(&mut self, name: &str) {
        if self.text.len() > 1 {
            self.text.push(',');
        }
        quote(&mut self.text, name);
        self.text.push(':');
    }
}

fn quote(text: &mut String, value: &str) {
    text.push('"');
    for c in value.chars() {
        match c {
            '"' | '\\' => {
                text.push('\\');
                text.push(c);
            }
            '\u{0}'..='\u{1f}' => {
                text.push_str("\\u00");
                text.push(if c < '\u{10}' { '0' } else { '1' });
                text.push(char::from_digit(c as u32 & 15, 16).unwrap_or('0'));
            }
            _ => text.push(c),
        }
    }
    text.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_written_reads_back() {
        let awkward = "q\"b\\s/\u{0}\u{1f}\n\t é 名 😀";
        let attributes = [
            ("email".into(), awkward.into()),
            ("a".into(), String::new()),
        ];
        let text = Object::new()
            .string("s", awkward)
            .optional("none", None)
            .boolean("b", true)
            .millis("t", 1_781_308_548_123.9)
            .millis("zero", -5.0)
            .strings("l", ["x", awkward].into_iter())
            .attributes("as", &attributes)
            .map("m", &attributes)
            .object("o", Object::new())
            .end();
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(
            value,
            json!({
                "s": awkward, "b": true, "t": 1_781_308_548_123_u64, "zero": 0, "l": ["x", awkward],
                "as": [{"Name": "email", "Value": awkward}, {"Name": "a", "Value": ""}],
                "m": {"email": awkward, "a": ""}, "o": {}
            })
        );
    }
}
