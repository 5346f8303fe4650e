//! The AWS query protocol: `Action` and parameters as a form, replies as XML.
//!
//! Shapes from the service descriptions of IAM (2010-05-08) and SNS (2010-03-31): a reply is
//! `<OperationResponse><OperationResult>…`, an error is `<ErrorResponse><Error>…`.

use std::collections::HashMap;

use crate::wire::{Response, percent_decoded};

/// A parsed form: of each name its first value.
#[derive(Clone)]
pub(super) struct Form(HashMap<String, String>);

impl Form {
    /// Reads a body of `application/x-www-form-urlencoded`.
    pub(super) fn parse(body: &[u8]) -> Self {
        let body = String::from_utf8_lossy(body);
        let pairs = body
            .split('&')
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        let mut form = HashMap::new();
        for (key, value) in pairs {
            let value = || percent_decoded(value);
            form.entry(percent_decoded(key)).or_insert_with(value);
        }
        Self(form)
    }

    /// The first value of that name.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The value of that name, which the operation cannot do without.
    pub(super) fn required(&self, name: &str) -> Result<&str, QueryError> {
        self.value(name)
            .filter(|value| !value.is_empty())
            .ok_or_else(|| {
                QueryError::validation(format!(
                    "1 validation error detected: Value null at '{}' failed to satisfy constraint: \
                     Member must not be null",
                    lower_first(name)
                ))
            })
    }

    /// The members of a list: `prefix.member.1`, `prefix.member.2`, …
    pub(super) fn members(&self, prefix: &str) -> Vec<&str> {
        (1..)
            .map_while(|at: u32| self.value(&format!("{prefix}.member.{at}")))
            .collect()
    }

    /// The entries of a map: `prefix.entry.1.key` and `prefix.entry.1.value`, …
    pub(super) fn entries(&self, prefix: &str) -> Vec<(&str, &str)> {
        (1..)
            .map_while(|at: u32| {
                let key = self.value(&format!("{prefix}.entry.{at}.key"))?;
                let value = self.value(&format!("{prefix}.entry.{at}.value"));
                Some((key, value.unwrap_or_default()))
            })
            .collect()
    }
}

/// A refusal: HTTP status, the error's code and what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct QueryError {
    pub(super) status: u16,
    pub(super) code: &'static str,
    pub(super) message: String,
}

impl QueryError {
    pub(super) fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: crate::error::bounded(&message.into()).into_owned(),
        }
    }

    /// A parameter is missing or breaks a constraint.
    pub(super) fn validation(message: impl Into<String>) -> Self {
        Self::new(400, "ValidationError", message)
    }
}

/// One piece of XML: elements are written by name, text is escaped.
#[derive(Default)]
pub(super) struct Xml(String);

impl Xml {
    /// An element holding text.
    pub(super) fn text(mut self, name: &str, text: &str) -> Self {
        self.open(name);
        for character in text.chars() {
            match character {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                // XML 1.0 has no way to write most control characters, not even escaped.
                '\u{0}'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' => {
                    self.0.push('\u{fffd}');
                }
                other => self.0.push(other),
            }
        }
        self.close(name)
    }

    /// An element holding elements.
    pub(super) fn element(mut self, name: &str, inside: Self) -> Self {
        self.open(name);
        self.0.push_str(&inside.0);
        self.close(name)
    }

    fn open(&mut self, name: &str) {
        self.0.push('<');
        self.0.push_str(name);
        self.0.push('>');
    }

    fn close(mut self, name: &str) -> Self {
        self.0.push_str("</");
        self.0.push_str(name);
        self.0.push('>');
        self
    }
}

/// The reply to `action`, whose result is empty for operations that return nothing.
pub(super) fn reply(
    action: &str,
    namespace: &str,
    request_id: &str,
    outcome: Result<Option<Xml>, QueryError>,
) -> Response {
    let (status, root, inside) = match outcome {
        Ok(result) => {
            let inside = match result {
                Some(result) => Xml::default().element(&format!("{action}Result"), result),
                None => Xml::default(),
            };
            let metadata = Xml::default().text("RequestId", request_id);
            (
                200,
                format!("{action}Response"),
                inside.element("ResponseMetadata", metadata),
            )
        }
        Err(error) => {
            let inside = Xml::default()
                .text("Type", "Sender")
                .text("Code", error.code)
                .text("Message", &error.message);
            let inside = Xml::default().element("Error", inside);
            (
                error.status,
                "ErrorResponse".to_owned(),
                inside.text("RequestId", request_id),
            )
        }
    };
    let body = format!("<{root} xmlns=\"{namespace}\">{}</{root}>\n", inside.0);
    let mut response = Response::with_text(status, "text/xml", &body);
    response
        .headers
        .push(("x-amzn-requestid".to_owned(), request_id.to_owned()));
    response
}

fn lower_first(name: &str) -> String {
    let mut characters = name.chars();
    characters.next().map_or_else(String::new, |first| {
        first.to_ascii_lowercase().to_string() + characters.as_str()
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn forms_are_decoded_with_their_lists_and_maps() {
        let form = Form::parse(
            b"Action=SetSMSAttributes&attributes.entry.1.key=A&attributes.entry.1.value=%7B+1%7D\
              &attributes.entry.2.key=B&x.member.1=one&x.member.2=two&x.member.4=four",
        );
        assert_eq!(form.value("Action"), Some("SetSMSAttributes"));
        assert_eq!(form.entries("attributes"), [("A", "{ 1}"), ("B", "")]);
        assert_eq!(form.members("x"), ["one", "two"]);
        let missing = form.required("RoleName").unwrap_err();
        assert!(
            missing.message.contains("'roleName'"),
            "{}",
            missing.message
        );
    }

    /// Each member is looked up, not looked for: otherwise this is two milliards of comparisons.
    #[test]
    fn a_form_of_a_mebibyte_is_read_in_one_go() {
        let body: String = (1..70_001).map(|at| format!("x.member.{at}=v&")).collect();
        assert!(body.len() > 1 << 20);
        assert_eq!(Form::parse(body.as_bytes()).members("x").len(), 70_000);
        let twice = Form::parse(b"a=first&a=second");
        assert_eq!(twice.value("a"), Some("first"));
    }

    #[test]
    fn replies_are_escaped() {
        let result = Xml::default().text("Message", "<a> & \u{1}b");
        let response = reply("Op", "urn:x", "id-1", Ok(Some(result)));
        assert_eq!(
            String::from_utf8(response.body).unwrap(),
            "<OpResponse xmlns=\"urn:x\"><OpResult><Message>&lt;a&gt; &amp; \u{fffd}b</Message>\
             </OpResult><ResponseMetadata><RequestId>id-1</RequestId></ResponseMetadata>\
             </OpResponse>\n"
        );
    }

    #[test]
    fn errors_name_their_code() {
        let error = QueryError::new(404, "NoSuchEntity", "gone");
        let response = reply("Op", "urn:x", "id-1", Err(error));
        assert_eq!(response.status, 404);
        assert_eq!(
            String::from_utf8(response.body).unwrap(),
            "<ErrorResponse xmlns=\"urn:x\"><Error><Type>Sender</Type><Code>NoSuchEntity</Code>\
             <Message>gone</Message></Error><RequestId>id-1</RequestId></ErrorResponse>\n"
        );
    }
}
