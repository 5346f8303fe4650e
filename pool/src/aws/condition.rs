//! The `Condition` element of an IAM policy.
//!
//! Evaluated are the operators that a role for Cognito's SMS can sensibly have: `String…`, `Arn…`,
//! `Bool` and `Null`, each also with `IfExists`. A document with any other is refused when it is
//! uploaded, rather than accepted and then judged wrongly.

use std::collections::BTreeMap;

use serde_json::Value;

use super::wildcard::wildcard;

/// One operator on one condition key.
#[derive(Clone, Debug)]
pub(super) struct Condition {
    operator: Operator,
    /// In lower case: keys compare without case.
    key: String,
    values: Vec<String>,
}

#[derive(Clone, Copy, Debug)]
enum Operator {
    /// Whether the key is absent.
    Null,
    Compare {
        comparison: Comparison,
        /// `…Not…`: none of the values may fit.
        negated: bool,
        /// `…IfExists`: an absent key is no objection.
        if_exists: bool,
    },
}

#[derive(Clone, Copy, Debug)]
enum Comparison {
    Equal,
    EqualIgnoringCase,
    Wildcard,
    Arn,
}

impl Condition {
    /// Reads the element; the error is an explanation for `MalformedPolicyDocument`.
    pub(super) fn parse_all(element: &Value) -> Result<Vec<Self>, &'static str> {
        const SYNTAX: &str = "Syntax errors in policy.";
        let mut conditions = Vec::new();
        for (operator, keys) in element.as_object().ok_or(SYNTAX)? {
            let operator = Operator::parse(operator)?;
            for (key, values) in keys.as_object().ok_or(SYNTAX)? {
                let values = match values {
                    Value::Bool(value) => vec![value.to_string()],
                    _ => strings(values).ok_or(SYNTAX)?,
                };
                conditions.push(Self {
                    operator,
                    key: key.to_ascii_lowercase(),
                    values,
                });
            }
        }
        Ok(conditions)
    }

    /// Whether the condition is met by the request's keys (lower case) and values.
    pub(super) fn holds(&self, context: &BTreeMap<&'static str, &str>) -> bool {
        let actual = context.get(self.key.as_str()).copied();
        match self.operator {
            Operator::Null => {
                let absent = if actual.is_none() { "true" } else { "false" };
                self.values.iter().any(|value| value == absent)
            }
            Operator::Compare {
                comparison,
                negated,
                if_exists,
            } => match actual {
                Some(actual) => {
                    let any = self
                        .values
                        .iter()
                        .any(|value| comparison.fits(value, actual));
                    any != negated
                }
                None => negated || if_exists,
            },
        }
    }
}

impl Operator {
    fn parse(name: &str) -> Result<Self, &'static str> {
        let (base, if_exists) = match name.strip_suffix("IfExists") {
            Some(base) => (base, true),
            None => (name, false),
        };
        let (comparison, negated) = match base {
            "Null" if !if_exists => return Ok(Self::Null),
            "StringEquals" => (Comparison::Equal, false),
            "StringNotEquals" => (Comparison::Equal, true),
            "StringEqualsIgnoreCase" | "Bool" => (Comparison::EqualIgnoringCase, false),
            "StringNotEqualsIgnoreCase" => (Comparison::EqualIgnoringCase, true),
            "StringLike" => (Comparison::Wildcard, false),
            "StringNotLike" => (Comparison::Wildcard, true),
            "ArnEquals" | "ArnLike" => (Comparison::Arn, false),
            "ArnNotEquals" | "ArnNotLike" => (Comparison::Arn, true),
            _ => {
                return Err(
                    "This pool evaluates the condition operators String…, Arn…, Bool and Null only",
                );
            }
        };
        Ok(Self::Compare {
            comparison,
            negated,
            if_exists,
        })
    }
}

impl Comparison {
    fn fits(self, wanted: &str, actual: &str) -> bool {
        match self {
            Self::Equal => wanted == actual,
            Self::EqualIgnoringCase => wanted.eq_ignore_ascii_case(actual),
            Self::Wildcard => wildcard(wanted, actual),
            // Each of the six parts on its own: a wildcard does not reach over a colon.
            Self::Arn => {
                let mut wanted = wanted.splitn(6, ':');
                let mut actual = actual.splitn(6, ':');
                loop {
                    match (wanted.next(), actual.next()) {
                        (Some(wanted), Some(actual)) if wildcard(wanted, actual) => {}
                        (None, None) => break true,
                        _ => break false,
                    }
                }
            }
        }
    }
}

/// A string or a list of strings, as most elements of a policy may be given.
pub(super) fn strings(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::String(one) => Some(vec![one.clone()]),
        Value::Array(several) => several
            .iter()
            .map(|one| one.as_str().map(str::to_owned))
            .collect(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn holds(element: &str, context: &[(&'static str, &'static str)]) -> bool {
        let context = context.iter().copied().collect();
        Condition::parse_all(&serde_json::from_str(element).unwrap())
            .unwrap()
            .iter()
            .all(|condition| condition.holds(&context))
    }

    const ID: (&str, &str) = ("sts:externalid", "e-1");
    const ARN: (&str, &str) = (
        "aws:sourcearn",
        "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_A",
    );

    #[test]
    fn the_operators() {
        for (element, met) in [
            (r#"{"StringEquals":{"sts:ExternalId":"e-1"}}"#, true),
            (r#"{"StringEquals":{"STS:EXTERNALID":["x","e-1"]}}"#, true),
            (r#"{"StringEquals":{"sts:ExternalId":"E-1"}}"#, false),
            (r#"{"StringEquals":{"sts:ExternalId":"e-*"}}"#, false),
            (
                r#"{"StringEqualsIgnoreCase":{"sts:ExternalId":"E-1"}}"#,
                true,
            ),
            (r#"{"StringNotEquals":{"sts:ExternalId":"e-1"}}"#, false),
            (
                r#"{"StringNotEquals":{"sts:ExternalId":["e-2","e-3"]}}"#,
                true,
            ),
            (r#"{"StringLike":{"sts:ExternalId":"e-*"}}"#, true),
            (r#"{"StringNotLike":{"sts:ExternalId":"e-?"}}"#, false),
            (
                r#"{"StringEquals":{"sts:ExternalId":"e-1","aws:SourceAccount":"1"}}"#,
                false,
            ),
            (r#"{"StringEquals":{"aws:SourceAccount":"1"}}"#, false),
            (
                r#"{"StringEqualsIfExists":{"aws:SourceAccount":"1"}}"#,
                true,
            ),
            (r#"{"StringNotEquals":{"aws:SourceAccount":"1"}}"#, true),
            (
                r#"{"ArnLike":{"aws:SourceArn":"arn:aws:cognito-idp:*:123456789012:userpool/*"}}"#,
                true,
            ),
            (r#"{"ArnLike":{"aws:SourceArn":"arn:*"}}"#, false),
            (
                r#"{"ArnNotLike":{"aws:SourceArn":"arn:aws:cognito-idp:us-east-1:*:*"}}"#,
                true,
            ),
            (r#"{"Null":{"aws:SourceAccount":"true"}}"#, true),
            (r#"{"Null":{"sts:ExternalId":true}}"#, false),
            (r#"{"Bool":{"aws:SecureTransport":"true"}}"#, false),
            (r#"{"BoolIfExists":{"aws:SecureTransport":true}}"#, true),
            ("{}", true),
        ] {
            assert_eq!(holds(element, &[ID, ARN]), met, "{element}");
        }
    }

    #[test]
    fn what_is_not_evaluated_is_refused() {
        for element in [
            r#"{"DateGreaterThan":{"aws:CurrentTime":"2020-01-01T00:00:00Z"}}"#,
            r#"{"ForAnyValue:StringEquals":{"aws:PrincipalOrgPaths":"x"}}"#,
            r#"{"StringEquals":{"sts:ExternalId":7}}"#,
            r#"{"StringEquals":"x"}"#,
            r#""x""#,
        ] {
            let parsed = Condition::parse_all(&serde_json::from_str(element).unwrap());
            assert!(parsed.is_err(), "{element}");
        }
    }
}
