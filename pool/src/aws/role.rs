//! What a role's policies permit: whether Cognito may assume it, and publish to phone numbers.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::policy::{Ask, Kind, Policy, Verdict};

/// The service that a role for SMS must trust.
const COGNITO: &str = "cognito-idp.amazonaws.com";

/// AWS-managed policies that one would attach to a role for SMS, as their pages in the "AWS managed
/// policy reference guide" (2025) show them, reduced to the statements that bear on `sns:`.
const MANAGED: [(&str, &str); 5] = [
    (
        "arn:aws:iam::aws:policy/AmazonSNSFullAccess",
        r#"{"Statement":[{"Effect":"Allow","Action":"sns:*","Resource":"*"}]}"#,
    ),
    (
        "arn:aws:iam::aws:policy/AmazonSNSReadOnlyAccess",
        r#"{"Statement":[{"Effect":"Allow","Action":["sns:GetTopicAttributes","sns:List*"],"Resource":"*"}]}"#,
    ),
    (
        "arn:aws:iam::aws:policy/service-role/AmazonSNSRole",
        r#"{"Statement":[{"Effect":"Allow","Action":["logs:CreateLogGroup","logs:CreateLogStream","logs:PutLogEvents","logs:PutMetricFilter","logs:PutRetentionPolicy"],"Resource":"*"}]}"#,
    ),
    (
        "arn:aws:iam::aws:policy/AdministratorAccess",
        r#"{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#,
    ),
    (
        "arn:aws:iam::aws:policy/PowerUserAccess",
        r#"{"Statement":[{"Effect":"Allow","NotAction":["iam:*","organizations:*","account:*"],"Resource":"*"}]}"#,
    ),
];

/// What keeps Cognito from sending through a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmsRoleError {
    /// There is no such role, or its trust policy does not let Cognito assume it:
    /// `InvalidSmsRoleTrustRelationshipException`.
    TrustRelationship,
    /// The role may not publish to phone numbers: `InvalidSmsRoleAccessPolicyException`.
    AccessPolicy,
}

impl SmsRoleError {
    /// The exception's name on the wire.
    #[must_use]
    pub fn exception(self) -> &'static str {
        match self {
            Self::TrustRelationship => "InvalidSmsRoleTrustRelationshipException",
            Self::AccessPolicy => "InvalidSmsRoleAccessPolicyException",
        }
    }

    /// The exception's message.
    #[must_use]
    pub fn message(self) -> &'static str {
        match self {
            Self::TrustRelationship => {
                "Role does not have a trust relationship allowing Cognito to assume the role"
            }
            Self::AccessPolicy => "Role does not have permission to publish with SNS",
        }
    }
}

/// Who asks for a role: one user pool.
#[derive(Clone, Copy, Debug)]
pub(super) struct Caller<'a> {
    pub(super) account_id: &'a str,
    pub(super) pool_arn: &'a str,
    pub(super) external_id: Option<&'a str>,
}

/// The policies of a role, as they were uploaded; each was read and checked then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Documents {
    /// Who may assume the role.
    pub(super) trust: String,
    /// What it may do: policies of its own by name.
    pub(super) inline: BTreeMap<String, String>,
    /// What it may do: ARNs of managed policies.
    pub(super) attached: BTreeSet<String>,
}

impl Documents {
    /// A role that may do nothing.
    pub(super) fn new(trust: &str) -> Self {
        Self {
            trust: trust.to_owned(),
            inline: BTreeMap::new(),
            attached: BTreeSet::new(),
        }
    }

    /// The two documents that the Cognito console writes: trust in Cognito, with `external_id` if
    /// there is one, and permission to publish to any phone number.
    pub(super) fn for_sms(external_id: Option<&str>) -> Self {
        let condition = external_id.map_or_else(
            || json!({}),
            |id| json!({ "StringEquals": { "sts:ExternalId": id } }),
        );
        let trust = json!({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Allow",
                "Principal": { "Service": COGNITO },
                "Action": "sts:AssumeRole",
                "Condition": condition,
            }],
        });
        let publish = json!({
            "Version": "2012-10-17",
            "Statement": [{ "Effect": "Allow", "Action": ["sns:publish"], "Resource": ["*"] }],
        });
        Self {
            inline: BTreeMap::from([("publish".to_owned(), publish.to_string())]),
            ..Self::new(&trust.to_string())
        }
    }

    /// Whether `caller` may assume the role and publish with it to `phone_number`; `*` asks for the
    /// permission in general. `customer` has the documents of the account's own policies.
    pub(super) fn permit<'a>(
        &'a self,
        caller: Caller<'_>,
        phone_number: &str,
        customer: impl Fn(&str) -> Option<&'a str>,
    ) -> Result<(), SmsRoleError> {
        let mut ask = Ask {
            service: Some(COGNITO),
            action: "sts:AssumeRole",
            resource: None,
            context: BTreeMap::from([
                ("aws:sourceaccount", caller.account_id),
                ("aws:sourcearn", caller.pool_arn),
            ]),
        };
        if let Some(external_id) = caller.external_id {
            ask.context.insert("sts:externalid", external_id);
        }
        if verdict(&self.trust, Kind::Trust, &ask) != Verdict::Allowed {
            return Err(SmsRoleError::TrustRelationship);
        }
        let ask = Ask {
            action: "sns:Publish",
            resource: Some(phone_number),
            ..Ask::default()
        };
        let attached = self.attached.iter();
        let attached = attached.filter_map(|arn| managed(arn).or_else(|| customer(arn)));
        let together = self
            .inline
            .values()
            .map(String::as_str)
            .chain(attached)
            .map(|document| verdict(document, Kind::Permission, &ask))
            .fold(Verdict::NotMentioned, Verdict::and);
        if together == Verdict::Allowed {
            Ok(())
        } else {
            Err(SmsRoleError::AccessPolicy)
        }
    }
}

/// The document of the AWS-managed policy of that ARN.
pub(super) fn managed(arn: &str) -> Option<&'static str> {
    MANAGED
        .iter()
        .find(|(known, _)| *known == arn)
        .map(|(_, document)| *document)
}

/// Documents were read when they were uploaded; one that cannot be read now says nothing.
fn verdict(document: &str, kind: Kind, ask: &Ask<'_>) -> Verdict {
    Policy::parse(document, kind).map_or(Verdict::NotMentioned, |policy| policy.verdict(ask))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_managed_policies_can_be_read() {
        for (arn, document) in MANAGED {
            assert!(Policy::parse(document, Kind::Permission).is_ok(), "{arn}");
        }
    }

    #[test]
    fn the_consoles_role_permits_the_pool_it_was_made_for() {
        let caller = |external_id| Caller {
            account_id: "123456789012",
            pool_arn: "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_A",
            external_id,
        };
        let role = Documents::for_sms(Some("e-1"));
        assert_eq!(role.permit(caller(Some("e-1")), "*", |_| None), Ok(()));
        assert_eq!(
            role.permit(caller(None), "*", |_| None),
            Err(SmsRoleError::TrustRelationship)
        );
        assert_eq!(
            Documents::for_sms(None).permit(caller(Some("e-1")), "+12025550100", |_| None),
            Ok(())
        );
    }
}
