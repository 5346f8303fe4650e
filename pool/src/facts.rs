//! The API model: which operations there are, what they take, which errors they may answer.
//!
//! Facts of botocore's service model of `cognito-idp` (see `facts/generate.py`); requests are
//! checked against them before an operation sees them.

mod pattern;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::Value;

use crate::error::{Refusal, cut, invalid_parameter};

#[derive(Deserialize)]
struct Facts {
    operations: BTreeMap<String, Operation>,
    shapes: BTreeMap<String, Shape>,
}

#[derive(Deserialize)]
struct Operation {
    input: String,
    errors: Vec<String>,
    /// Whether AWS takes it only with a signature: an administrator's, not a browser's.
    signed: bool,
}

#[derive(Deserialize)]
struct Shape {
    #[serde(rename = "type")]
    kind: Kind,
    min: Option<f64>,
    max: Option<f64>,
    pattern: Option<String>,
    #[serde(default, rename = "enum")]
    values: Vec<String>,
    #[serde(default)]
    required: Vec<String>,
    #[serde(default)]
    sensitive: bool,
    #[serde(default)]
    members: BTreeMap<String, String>,
    member: Option<String>,
    key: Option<String>,
    value: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Structure,
    List,
    Map,
    String,
    Integer,
    Long,
    Double,
    Float,
    Boolean,
    Timestamp,
    Blob,
}

static FACTS: LazyLock<Facts> = LazyLock::new(|| {
    // A test holds that the file can be read.
    serde_json::from_str(include_str!("facts/cognito-idp.json")).unwrap_or_else(|_| Facts {
        operations: BTreeMap::new(),
        shapes: BTreeMap::new(),
    })
});

/// Whether the API has an operation of that name.
pub(crate) fn has_operation(name: &str) -> bool {
    FACTS.operations.contains_key(name)
}

/// The names of all operations of the API.
pub fn operations() -> impl Iterator<Item = &'static str> {
    FACTS.operations.keys().map(String::as_str)
}

/// Whether `name` is an operation for browsers: one that AWS takes without a signature.
pub fn is_unsigned(name: &str) -> bool {
    FACTS
        .operations
        .get(name)
        .is_some_and(|facts| !facts.signed)
}

/// Whether the API declares `error` for `operation`.
pub fn declares(operation: &str, error: &str) -> bool {
    FACTS
        .operations
        .get(operation)
        .is_some_and(|facts| facts.errors.iter().any(|declared| declared == error))
}

/// A refusal under a name that the API declares for `operation`. Helpers serve many
/// operations, and not each declares the name that fits best.
pub(crate) fn as_declared(mut refusal: Refusal, operation: &str) -> Refusal {
    if refusal.name == "SerializationException" || declares(operation, refusal.name) {
        return refusal;
    }
    let next_best: &[&'static str] = match refusal.name {
        "UserNotFoundException" => &["ResourceNotFoundException"],
        "PasswordHistoryPolicyViolationException" => &["InvalidPasswordException"],
        "AliasExistsException" => &["UsernameExistsException"],
        "LimitExceededException" => &["TooManyRequestsException"],
        "PasswordResetRequiredException" | "UserNotConfirmedException" => {
            &["NotAuthorizedException"]
        }
        "ResourceNotFoundException" | "NotAuthorizedException" => {
            &["UnauthorizedException", "NotAuthorizedException"]
        }
        "RefreshTokenReuseException" => &["NotAuthorizedException"],
        _ => &[],
    };
    let declared = next_best.iter().find(|name| declares(operation, name));
    // Every operation declares this one, which a test holds.
    refusal.name = declared.copied().unwrap_or("InvalidParameterException");
    refusal
}

/// Checks a request against the model. A value of the wrong type is a `SerializationException`; one
/// outside its constraints an `InvalidParameterException` that names each constraint broken.
pub(crate) fn check(operation: &str, input: &Value) -> Result<(), Refusal> {
    let Some(facts) = FACTS.operations.get(operation) else {
        return Ok(());
    };
    let mut check = Check {
        broken: Vec::new(),
        secret: false,
    };
    check.value(&facts.input, input, "", 0)?;
    match check.broken.as_slice() {
        [] => Ok(()),
        [one] => Err(invalid_parameter(format!(
            "1 validation error detected: {one}"
        ))),
        several => Err(invalid_parameter(format!(
            "{} validation errors detected: {}",
            several.len(),
            several.join("; ")
        ))),
    }
}

/// The input of an operation, held to the model by [`check`], and without what the model does not know and
/// what is null, as AWS passes over both: what an operation keeps as it was sent would be shown again
/// otherwise.
pub(crate) fn accepted(operation: &str, mut input: Value) -> Result<Value, Refusal> {
    check(operation, &input)?;
    if let Some(facts) = FACTS.operations.get(operation) {
        drop_unknown(&facts.input, &mut input);
    }
    Ok(input)
}

/// Goes no deeper than the model, which [`check`] held the value to.
fn drop_unknown(name: &str, value: &mut Value) {
    let Some(shape) = FACTS.shapes.get(name) else {
        return;
    };
    match (shape.kind, value) {
        // One without members is a document: whatever is in it is known.
        (Kind::Structure, Value::Object(members)) if !shape.members.is_empty() => {
            members.retain(|member, value| {
                let inner = shape.members.get(member).filter(|_| !value.is_null());
                if let Some(inner) = inner {
                    drop_unknown(inner, value);
                }
                inner.is_some()
            });
        }
        (Kind::List, Value::Array(list)) => {
            if let Some(inner) = &shape.member {
                list.iter_mut().for_each(|value| drop_unknown(inner, value));
            }
        }
        (Kind::Map, Value::Object(map)) => {
            map.retain(|_, value| !value.is_null());
            if let Some(inner) = &shape.value {
                map.values_mut()
                    .for_each(|value| drop_unknown(inner, value));
            }
        }
        _ => {}
    }
}

struct Check {
    broken: Vec<String>,
    /// Whether what is being checked stands within something that is sensitive as a whole.
    secret: bool,
}

/// The longest value that a message repeats, in bytes.
const LONGEST_VALUE: usize = 256;

/// Strings that prove who somebody is, though the model does not mark them as sensitive.
const SECRETS: [&str; 1] = ["ConfirmationCodeType"];

/// Deeper than any shape of the API.
const DEEPEST: u32 = 16;

impl Check {
    fn value(&mut self, name: &str, value: &Value, at: &str, depth: u32) -> Result<(), Refusal> {
        let Some(shape) = FACTS.shapes.get(name) else {
            return Ok(());
        };
        let outside = self.secret;
        self.secret |= shape.sensitive;
        let checked = self.shape(name, shape, value, at, depth);
        self.secret = outside;
        checked
    }

    fn shape(
        &mut self,
        name: &str,
        shape: &Shape,
        value: &Value,
        at: &str,
        depth: u32,
    ) -> Result<(), Refusal> {
        if depth > DEEPEST {
            return Err(wrong_type(value, "something less deep"));
        }
        match (shape.kind, value) {
            (Kind::Structure, Value::Object(object)) => {
                for member in &shape.required {
                    if object.get(member).is_none_or(Value::is_null) {
                        let place = within(at, &lower_first(member));
                        self.broken.push(format!(
                            "Value null at '{place}' failed to satisfy constraint: Member must \
                             not be null"
                        ));
                    }
                }
                for (member, inner) in &shape.members {
                    if let Some(value) = object.get(member).filter(|value| !value.is_null()) {
                        self.value(inner, value, &within(at, &lower_first(member)), depth + 1)?;
                    }
                }
            }
            (Kind::List, Value::Array(list)) => {
                self.size(shape, list.len(), at);
                if let Some(inner) = &shape.member {
                    for (index, value) in (1_u32..).zip(list) {
                        self.value(inner, value, &format!("{at}.{index}.member"), depth + 1)?;
                    }
                }
            }
            (Kind::Map, Value::Object(map)) => {
                self.size(shape, map.len(), at);
                // One that is null is left out: identity-js in a browser names a device so that it has not.
                for (key, value) in map.iter().filter(|(_, value)| !value.is_null()) {
                    if let Some(inner) = &shape.key {
                        self.text(inner, key, at);
                    }
                    if let Some(inner) = &shape.value {
                        self.value(inner, value, &format!("{at}.value"), depth + 1)?;
                    }
                }
            }
            (Kind::String, Value::String(text)) => self.text(name, text, at),
            (Kind::Integer | Kind::Long, Value::Number(number)) if !number.is_f64() => {
                self.number(shape, number.as_f64().unwrap_or(f64::MAX), at);
            }
            (Kind::Double | Kind::Float | Kind::Timestamp, Value::Number(_))
            | (Kind::Boolean, Value::Bool(_))
            | (Kind::Blob | Kind::Timestamp, Value::String(_)) => {}
            (kind, _) => return Err(wrong_type(value, kind.name())),
        }
        Ok(())
    }

    fn text(&mut self, name: &str, text: &str, at: &str) {
        let Some(shape) = FACTS.shapes.get(name) else {
            return;
        };
        let value = if shape.sensitive || self.secret || SECRETS.contains(&name) {
            String::new()
        } else {
            format!(" '{}'", cut(text, LONGEST_VALUE))
        };
        let mut broken = |what: String| {
            self.broken.push(format!(
                "Value{value} at '{at}' failed to satisfy constraint: Member must {what}"
            ));
        };
        if let Some(what) = out_of_bounds(shape, text.chars().count(), "length") {
            broken(what);
        }
        if let Some(pattern) = &shape.pattern
            && !pattern::matches(pattern, text)
        {
            broken(format!("satisfy regular expression pattern: {pattern}"));
        }
        if !shape.values.is_empty() && !shape.values.iter().any(|allowed| allowed == text) {
            broken(format!(
                "satisfy enum value set: [{}]",
                shape.values.join(", ")
            ));
        }
    }

    fn size(&mut self, shape: &Shape, length: usize, at: &str) {
        if let Some(what) = out_of_bounds(shape, length, "length") {
            self.broken.push(format!(
                "Value at '{at}' failed to satisfy constraint: Member must {what}"
            ));
        }
    }

    fn number(&mut self, shape: &Shape, number: f64, at: &str) {
        let bound = match (shape.min, shape.max) {
            (Some(least), _) if number < least => format!("greater than or equal to {least}"),
            (_, Some(most)) if number > most => format!("less than or equal to {most}"),
            _ => return,
        };
        self.broken.push(format!(
            "Value '{number}' at '{at}' failed to satisfy constraint: Member must have value \
             {bound}"
        ));
    }
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Structure => "structure",
            Self::List => "list",
            Self::Map => "map",
            Self::String | Self::Blob => "string",
            Self::Integer | Self::Long => "integer",
            Self::Double | Self::Float => "number",
            Self::Boolean => "boolean",
            Self::Timestamp => "timestamp",
        }
    }
}

fn out_of_bounds(shape: &Shape, length: usize, of: &str) -> Option<String> {
    let exact = u32::try_from(length).map_or(f64::MAX, f64::from);
    match (shape.min, shape.max) {
        (Some(least), _) if exact < least => {
            Some(format!("have {of} greater than or equal to {least}"))
        }
        (_, Some(most)) if exact > most => Some(format!("have {of} less than or equal to {most}")),
        _ => None,
    }
}

/// The value itself is not repeated: it may be a password in the wrong place.
fn wrong_type(value: &Value, expected: &str) -> Refusal {
    let found = match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "a structure",
    };
    Refusal::new(
        "SerializationException",
        format!("Expected {expected}, found {found}"),
    )
}

fn within(at: &str, member: &str) -> String {
    if at.is_empty() {
        member.into()
    } else {
        format!("{at}.{member}")
    }
}

fn lower_first(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_lowercase().chain(letters).collect()
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    #[test]
    fn the_facts_can_be_read() {
        assert_eq!(FACTS.operations.len(), 141);
        assert!(declares("SignUp", "UsernameExistsException"));
        assert!(!declares("SignUp", "CodeMismatchException"));
        assert!(operations().all(|name| declares(name, "InvalidParameterException")));
    }

    #[test]
    fn constraints_are_named_and_secrets_are_not_repeated() {
        let refusal = check(
            "SignUp",
            &json!({ "ClientId": "a-b", "Password": "with blank" }),
        )
        .unwrap_err();
        assert_eq!(refusal.name, "InvalidParameterException");
        assert!(
            refusal
                .message
                .starts_with("3 validation errors detected: ")
        );
        assert!(refusal.message.contains("Value null at 'username'"));
        assert!(refusal.message.contains("Value at 'clientId'"));
        assert!(refusal.message.contains("Value at 'password'"));
        assert!(!refusal.message.contains("with blank"));
    }

    #[test]
    fn wrong_types_are_told_apart_from_wrong_values() {
        for input in [
            json!([]),
            json!("x"),
            json!({ "ClientId": 5, "Username": "a" }),
        ] {
            assert_eq!(
                check("SignUp", &input).unwrap_err().name,
                "SerializationException"
            );
        }
        let attributes = json!({ "ClientId": "a", "Username": "a", "UserAttributes": [{}] });
        let refusal = check("SignUp", &attributes).unwrap_err();
        assert!(
            refusal.message.contains("'userAttributes.1.member.name'"),
            "{}",
            refusal.message
        );
    }
}
