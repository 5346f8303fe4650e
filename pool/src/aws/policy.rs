//! IAM policy documents: read, checked as IAM checks them at upload, and evaluated.
//!
//! Facts from the IAM user guide, "IAM JSON policy elements reference" and "Policy evaluation
//! logic": nothing is allowed unless a statement says so, and a denial outweighs every permission.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::condition::{Condition, strings};
use super::wildcard::wildcard;

/// What is asked of a policy.
#[derive(Clone, Debug, Default)]
pub(super) struct Ask<'a> {
    /// The service that wants to act; only a trust policy names principals.
    pub(super) service: Option<&'a str>,
    /// The action, such as `sns:Publish`.
    pub(super) action: &'a str,
    /// What the action is done to; `None` in a trust policy, which has no resources.
    pub(super) resource: Option<&'a str>,
    /// Condition keys in lower case (they compare without case) and their values.
    pub(super) context: BTreeMap<&'static str, &'a str>,
}

/// What one or more policies say to an [`Ask`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Some statement allows it and none denies it.
    Allowed,
    /// A statement denies it.
    Denied,
    /// No statement speaks of it.
    NotMentioned,
}

impl Verdict {
    /// The verdict of two policies together.
    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Denied, _) | (_, Self::Denied) => Self::Denied,
            (Self::Allowed, _) | (_, Self::Allowed) => Self::Allowed,
            _ => Self::NotMentioned,
        }
    }
}

/// What a document is for, which decides what it must and must not contain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Who may assume a role.
    Trust,
    /// What a role may do.
    Permission,
}

/// A policy document that was read and checked.
#[derive(Clone, Debug)]
pub(super) struct Policy {
    statements: Vec<Statement>,
}

#[derive(Clone, Debug)]
struct Statement {
    allow: bool,
    principal: Option<Principal>,
    actions: Selection,
    resources: Option<Selection>,
    conditions: Vec<Condition>,
}

#[derive(Clone, Debug)]
enum Principal {
    Anyone,
    Services(Vec<String>),
}

/// `Action` and `Resource`, or their `Not…` forms.
#[derive(Clone, Debug)]
struct Selection {
    patterns: Vec<String>,
    inverted: bool,
}

impl Policy {
    /// Reads a document; what IAM (or this pool) does not accept is an explanation for
    /// `MalformedPolicyDocument`.
    pub(super) fn parse(document: &str, kind: Kind) -> Result<Self, &'static str> {
        let Ok(Value::Object(document)) = serde_json::from_str(document) else {
            return Err("This policy contains invalid Json");
        };
        for (name, value) in &document {
            match name.as_str() {
                "Version" if matches!(value.as_str(), Some("2012-10-17" | "2008-10-17")) => {}
                "Id" if value.is_string() => {}
                "Statement" => {}
                _ => return Err(SYNTAX),
            }
        }
        let statements = match document.get("Statement") {
            Some(Value::Array(statements)) => statements.as_slice(),
            Some(one @ Value::Object(_)) => std::slice::from_ref(one),
            _ => return Err(SYNTAX),
        };
        let statements = statements
            .iter()
            .map(|statement| Statement::parse(statement, kind))
            .collect::<Result<Vec<_>, _>>()?;
        if statements.is_empty() {
            return Err(SYNTAX);
        }
        Ok(Self { statements })
    }

    /// What the document says to `ask`.
    pub(super) fn verdict(&self, ask: &Ask<'_>) -> Verdict {
        self.statements
            .iter()
            .filter(|statement| statement.covers(ask))
            .map(|statement| {
                if statement.allow {
                    Verdict::Allowed
                } else {
                    Verdict::Denied
                }
            })
            .fold(Verdict::NotMentioned, Verdict::and)
    }
}

const SYNTAX: &str = "Syntax errors in policy.";

impl Statement {
    fn parse(statement: &Value, kind: Kind) -> Result<Self, &'static str> {
        let statement = statement.as_object().ok_or(SYNTAX)?;
        const KNOWN: [&str; 8] = [
            "Sid",
            "Effect",
            "Principal",
            "Action",
            "NotAction",
            "Resource",
            "NotResource",
            "Condition",
        ];
        if let Some(other) = statement.keys().find(|key| !KNOWN.contains(&key.as_str())) {
            return Err(match other.as_str() {
                "NotPrincipal" => "NotPrincipal is not evaluated by this pool",
                _ => SYNTAX,
            });
        }
        let allow = match statement.get("Effect").and_then(Value::as_str) {
            Some("Allow") => true,
            Some("Deny") => false,
            _ => return Err(SYNTAX),
        };
        let actions = Selection::parse(statement, "Action", "NotAction")?
            .ok_or("Policy statement must contain actions.")?;
        if !actions.patterns.iter().all(|action| names_a_vendor(action)) {
            return Err(
                "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
            );
        }
        let resources = Selection::parse(statement, "Resource", "NotResource")?;
        let principal = statement
            .get("Principal")
            .map(Principal::parse)
            .transpose()?;
        match kind {
            Kind::Trust => {
                if resources.is_some() {
                    return Err("Has prohibited field Resource");
                }
                if principal.is_none() {
                    return Err("Missing required field Principal");
                }
                let only_sts = |action: &String| action.to_ascii_lowercase().starts_with("sts:");
                if !actions.patterns.iter().all(only_sts) {
                    return Err("AssumeRole policy may only specify STS AssumeRole actions.");
                }
            }
            Kind::Permission => {
                if resources.is_none() {
                    return Err("Policy statement must contain resources.");
                }
                if principal.is_some() {
                    return Err("Policy document should not specify a principal.");
                }
            }
        }
        let conditions = statement
            .get("Condition")
            .map(Condition::parse_all)
            .transpose()?
            .unwrap_or_default();
        Ok(Self {
            allow,
            principal,
            actions,
            resources,
            conditions,
        })
    }

    fn covers(&self, ask: &Ask<'_>) -> bool {
        let principal = match (&self.principal, ask.service) {
            (Some(principal), Some(service)) => principal.covers(service),
            (None, None) => true,
            _ => false,
        };
        let resource = match (&self.resources, ask.resource) {
            (Some(resources), Some(resource)) => {
                resources.covers(|pattern| wildcard(pattern, resource))
            }
            (None, None) => true,
            _ => false,
        };
        let action = ask.action.to_ascii_lowercase();
        principal
            && resource
            && self
                .actions
                .covers(|pattern| wildcard(&pattern.to_ascii_lowercase(), &action))
            && self
                .conditions
                .iter()
                .all(|condition| condition.holds(&ask.context))
    }
}

impl Principal {
    fn parse(value: &Value) -> Result<Self, &'static str> {
        const INVALID: &str = "Invalid principal in policy";
        match value {
            Value::String(anyone) if anyone == "*" => Ok(Self::Anyone),
            Value::Object(kinds) if !kinds.is_empty() => {
                let mut services = Vec::new();
                for (kind, names) in kinds {
                    let names = strings(names).ok_or(INVALID)?;
                    match kind.as_str() {
                        "AWS" if names.iter().any(|name| name == "*") => return Ok(Self::Anyone),
                        // Accounts, identity providers and users are never the service that asks.
                        "AWS" | "Federated" | "CanonicalUser" => {}
                        "Service" => services.extend(names),
                        _ => return Err(INVALID),
                    }
                }
                Ok(Self::Services(services))
            }
            _ => Err(INVALID),
        }
    }

    fn covers(&self, service: &str) -> bool {
        match self {
            Self::Anyone => true,
            // A service's name takes no wildcards.
            Self::Services(services) => services.iter().any(|name| name == service),
        }
    }
}

impl Selection {
    fn parse(
        statement: &Map<String, Value>,
        name: &str,
        not_name: &str,
    ) -> Result<Option<Self>, &'static str> {
        let (patterns, inverted) = match (statement.get(name), statement.get(not_name)) {
            (None, None) => return Ok(None),
            (Some(patterns), None) => (patterns, false),
            (None, Some(patterns)) => (patterns, true),
            (Some(_), Some(_)) => return Err(SYNTAX),
        };
        match strings(patterns) {
            Some(patterns) if !patterns.is_empty() => Ok(Some(Self { patterns, inverted })),
            _ => Err(SYNTAX),
        }
    }

    fn covers(&self, matches: impl Fn(&str) -> bool) -> bool {
        self.patterns.iter().any(|pattern| matches(pattern)) != self.inverted
    }
}

fn names_a_vendor(action: &str) -> bool {
    action == "*"
        || action
            .split_once(':')
            .is_some_and(|(vendor, name)| !vendor.is_empty() && !name.is_empty())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn publish<'a>(resource: &'a str) -> Ask<'a> {
        Ask {
            action: "sns:Publish",
            resource: Some(resource),
            ..Ask::default()
        }
    }

    fn permission(document: &str) -> Policy {
        Policy::parse(document, Kind::Permission).unwrap()
    }

    #[test]
    fn actions_compare_without_case_and_with_wildcards() {
        for action in [
            "sns:publish",
            "SNS:PUBLISH",
            "sns:Pub*",
            "sns:*",
            "*",
            "sns:P?blish",
        ] {
            let policy = permission(&format!(
                r#"{{"Statement":[{{"Effect":"Allow","Action":"{action}","Resource":"*"}}]}}"#
            ));
            assert_eq!(
                policy.verdict(&publish("+15550100")),
                Verdict::Allowed,
                "{action}"
            );
        }
        let other = permission(
            r#"{"Statement":{"Effect":"Allow","Action":["sns:Subscribe","sqs:*"],"Resource":"*"}}"#,
        );
        assert_eq!(other.verdict(&publish("+15550100")), Verdict::NotMentioned);
    }

    #[test]
    fn a_denial_outweighs_a_permission_in_any_order() {
        let allow = r#"{"Effect":"Allow","Action":"sns:*","Resource":"*"}"#;
        let deny = r#"{"Effect":"Deny","Action":"sns:Publish","Resource":"*"}"#;
        for (first, second) in [(allow, deny), (deny, allow)] {
            let policy = permission(&format!(r#"{{"Statement":[{first},{second}]}}"#));
            assert_eq!(policy.verdict(&publish("+15550100")), Verdict::Denied);
        }
    }

    #[test]
    fn topics_alone_do_not_permit_phone_numbers() {
        let topics = permission(
            r#"{"Statement":[{"Effect":"Allow","Action":"sns:Publish","Resource":"arn:aws:sns:*:*:*"}]}"#,
        );
        assert_eq!(topics.verdict(&publish("+15550100")), Verdict::NotMentioned);
        let all_but_topics = permission(
            r#"{"Statement":[{"Effect":"Allow","Action":"sns:Publish","NotResource":"arn:aws:sns:*"}]}"#,
        );
        assert_eq!(
            all_but_topics.verdict(&publish("+15550100")),
            Verdict::Allowed
        );
    }

    #[test]
    fn not_action_covers_everything_else() {
        let policy = permission(
            r#"{"Statement":[{"Effect":"Allow","NotAction":["iam:*"],"Resource":"*"}]}"#,
        );
        assert_eq!(policy.verdict(&publish("+15550100")), Verdict::Allowed);
        let policy =
            permission(r#"{"Statement":[{"Effect":"Allow","NotAction":"sns:*","Resource":"*"}]}"#);
        assert_eq!(policy.verdict(&publish("+15550100")), Verdict::NotMentioned);
    }

    #[test]
    fn who_may_assume() {
        let ask = Ask {
            service: Some("cognito-idp.amazonaws.com"),
            action: "sts:AssumeRole",
            ..Ask::default()
        };
        for (principal, verdict) in [
            (r#""*""#, Verdict::Allowed),
            (
                r#"{"Service":"cognito-idp.amazonaws.com"}"#,
                Verdict::Allowed,
            ),
            (
                r#"{"Service":["lambda.amazonaws.com","cognito-idp.amazonaws.com"]}"#,
                Verdict::Allowed,
            ),
            (
                r#"{"Service":"lambda.amazonaws.com"}"#,
                Verdict::NotMentioned,
            ),
            (r#"{"Service":"*.amazonaws.com"}"#, Verdict::NotMentioned),
            (r#"{"AWS":"123456789012"}"#, Verdict::NotMentioned),
        ] {
            let document = format!(
                r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{principal},"Action":"sts:AssumeRole"}}]}}"#
            );
            let policy = Policy::parse(&document, Kind::Trust).unwrap();
            assert_eq!(policy.verdict(&ask), verdict, "{principal}");
        }
    }

    #[test]
    fn documents_that_iam_refuses() {
        use Kind::{Permission, Trust};
        for (kind, document, why) in [
            (Trust, "{", "This policy contains invalid Json"),
            (Trust, "[]", "This policy contains invalid Json"),
            (Permission, "{}", SYNTAX),
            (Permission, r#"{"Statement":[]}"#, SYNTAX),
            (
                Permission,
                r#"{"Version":"2020-01-01","Statement":[]}"#,
                SYNTAX,
            ),
            (
                Permission,
                r#"{"Statement":[{"Effect":"Maybe","Action":"sns:*","Resource":"*"}]}"#,
                SYNTAX,
            ),
            (
                Permission,
                r#"{"Statement":[{"Effect":"Allow","Action":"sns:*"}]}"#,
                "Policy statement must contain resources.",
            ),
            (
                Permission,
                r#"{"Statement":[{"Effect":"Allow","Resource":"*"}]}"#,
                "Policy statement must contain actions.",
            ),
            (
                Permission,
                r#"{"Statement":[{"Effect":"Allow","Action":"publish","Resource":"*"}]}"#,
                "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
            ),
            (
                Permission,
                r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"sns:*","Resource":"*"}]}"#,
                "Policy document should not specify a principal.",
            ),
            (
                Trust,
                r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole","Resource":"*"}]}"#,
                "Has prohibited field Resource",
            ),
            (
                Trust,
                r#"{"Statement":[{"Effect":"Allow","Action":"sts:AssumeRole"}]}"#,
                "Missing required field Principal",
            ),
            (
                Trust,
                r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"sns:Publish"}]}"#,
                "AssumeRole policy may only specify STS AssumeRole actions.",
            ),
            (
                Trust,
                r#"{"Statement":[{"Effect":"Allow","Principal":{"Robot":"x"},"Action":"sts:AssumeRole"}]}"#,
                "Invalid principal in policy",
            ),
        ] {
            assert_eq!(
                Policy::parse(document, kind).map(|_| ()),
                Err(why),
                "{document}"
            );
        }
    }
}
