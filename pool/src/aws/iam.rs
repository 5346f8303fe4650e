//! The roles of IAM: who may assume them, and what they may do.
//!
//! Operations, parameters and error codes from the IAM service description of 2010-05-08.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::customer::Policies;
use super::policy::{Kind, Policy};
use super::query::{Form, QueryError, Xml};
use super::role::{Caller, Documents, SmsRoleError, managed};
use crate::money::iso8601;
use crate::wire::percent_encoded;

/// The roles of one account, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Roles {
    by_name: BTreeMap<String, Role>,
    /// How many roles were ever made, so that ids are never used again.
    made: u64,
    #[serde(default)]
    policies: Policies,
}

/// A role and what IAM says of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Role {
    id: String,
    path: String,
    arn: String,
    created_at: u64,
    description: Option<String>,
    max_session_duration: u32,
    documents: Documents,
}

impl Roles {
    /// Answers an IAM operation.
    pub(super) fn handle(
        &mut self,
        account_id: &str,
        action: &str,
        form: &Form,
        now_ms: u64,
    ) -> Result<Option<Xml>, QueryError> {
        match action {
            "CreateRole" => self.create(account_id, form, now_ms).map(Some),
            "GetRole" => {
                let name = form.required("RoleName")?;
                let role = self.role(name)?;
                Ok(Some(Xml::default().element("Role", role.xml(name))))
            }
            "UpdateAssumeRolePolicy" => {
                let document = form.required("PolicyDocument")?;
                check(document, Kind::Trust)?;
                self.role_mut(form)?.documents.trust = document.to_owned();
                Ok(None)
            }
            "PutRolePolicy" => {
                let document = form.required("PolicyDocument")?;
                let name = name_of(form, "PolicyName", 128)?;
                check(document, Kind::Permission)?;
                let role = self.role_mut(form)?;
                role.documents
                    .inline
                    .insert(name.to_owned(), document.to_owned());
                Ok(None)
            }
            "DeleteRolePolicy" => {
                let name = form.required("PolicyName")?;
                if self.role_mut(form)?.documents.inline.remove(name).is_none() {
                    return Err(no_such_entity(format!(
                        "The role policy with name {name} cannot be found."
                    )));
                }
                Ok(None)
            }
            "AttachRolePolicy" => {
                let arn = form.required("PolicyArn")?;
                let known = managed(arn).is_some() || self.policies.document(arn).is_some();
                let role = self.role_mut(form)?;
                if !known {
                    return Err(no_such_entity(format!(
                        "Policy {arn} does not exist or is not attachable."
                    )));
                }
                role.documents.attached.insert(arn.to_owned());
                Ok(None)
            }
            "DetachRolePolicy" => {
                let arn = form.required("PolicyArn")?;
                if !self.role_mut(form)?.documents.attached.remove(arn) {
                    return Err(no_such_entity(format!("Policy {arn} was not found.")));
                }
                Ok(None)
            }
            "DeleteRole" => {
                let name = form.required("RoleName")?;
                let role = self.role(name)?;
                let left = match (
                    role.documents.attached.is_empty(),
                    role.documents.inline.is_empty(),
                ) {
                    (false, _) => "must detach all policies first",
                    (true, false) => "must delete policies first",
                    (true, true) => {
                        self.by_name.remove(name);
                        return Ok(None);
                    }
                };
                Err(QueryError::new(
                    409,
                    "DeleteConflict",
                    format!("Cannot delete entity, {left}."),
                ))
            }
            "GetRolePolicy" => {
                let name = form.required("PolicyName")?;
                let role_name = form.required("RoleName")?;
                let document = self.role(role_name)?.documents.inline.get(name);
                let document = document.ok_or_else(|| {
                    no_such_entity(format!("The role policy with name {name} cannot be found."))
                })?;
                Ok(Some(
                    Xml::default()
                        .text("RoleName", role_name)
                        .text("PolicyName", name)
                        .text("PolicyDocument", &percent_encoded(document)),
                ))
            }
            "ListRolePolicies" => {
                let role = self.role(form.required("RoleName")?)?;
                let names = role.documents.inline.keys();
                let names = names.fold(Xml::default(), |xml, name| xml.text("member", name));
                Ok(Some(
                    Xml::default()
                        .element("PolicyNames", names)
                        .text("IsTruncated", "false"),
                ))
            }
            "ListAttachedRolePolicies" => {
                let role = self.role(form.required("RoleName")?)?;
                let attached = role.documents.attached.iter();
                let attached = attached.fold(Xml::default(), |xml, arn| {
                    let name = arn.rsplit('/').next().unwrap_or_default();
                    let policy = Xml::default()
                        .text("PolicyName", name)
                        .text("PolicyArn", arn);
                    xml.element("member", policy)
                });
                Ok(Some(
                    Xml::default()
                        .element("AttachedPolicies", attached)
                        .text("IsTruncated", "false"),
                ))
            }
            "CreatePolicy" => self.policies.create(account_id, form, now_ms).map(Some),
            "GetPolicy" => self.policies.describe(form, self.attached(form)).map(Some),
            "GetPolicyVersion" => self.policies.version(form).map(Some),
            "ListPolicyVersions" => self.policies.versions(form).map(Some),
            "DeletePolicy" => {
                let attached = self.attached(form);
                self.policies.delete(form, attached).map(|()| None)
            }
            _ => Err(super::unknown_action(action, "2010-05-08")),
        }
    }

    /// To how many roles the policy of the request is attached.
    fn attached(&self, form: &Form) -> usize {
        let arn = form.value("PolicyArn").unwrap_or_default();
        let roles = self.by_name.values();
        roles
            .filter(|role| role.documents.attached.contains(arn))
            .count()
    }

    /// Adds a role as the Cognito console makes it. False, and no change, when there is a role of
    /// that name or `role_arn` is not a role's ARN in this account.
    pub(super) fn add_sms_role(
        &mut self,
        account_id: &str,
        role_arn: &str,
        external_id: Option<&str>,
        now_ms: u64,
    ) -> bool {
        let prefix = arn(account_id, "", "");
        let Some((path, name)) = role_arn
            .strip_prefix(&prefix)
            .filter(|rest| rest.starts_with('/'))
            .and_then(|rest| Some(rest.split_at(rest.rfind('/')?.saturating_add(1))))
        else {
            return false;
        };
        if name.is_empty() || self.by_name.contains_key(name) {
            return false;
        }
        self.made = self.made.saturating_add(1);
        let role = Role {
            id: id(self.made),
            path: path.to_owned(),
            arn: role_arn.to_owned(),
            created_at: now_ms,
            description: None,
            max_session_duration: 3600,
            documents: Documents::for_sms(external_id),
        };
        self.by_name.insert(name.to_owned(), role);
        true
    }

    /// Whether `caller` may assume the role of that ARN and publish to `phone_number` with it; `*`
    /// asks for the permission in general.
    pub(super) fn may_send(
        &self,
        role_arn: &str,
        caller: Caller<'_>,
        phone_number: &str,
    ) -> Result<(), SmsRoleError> {
        self.by_name
            .values()
            .find(|role| role.arn == role_arn)
            .ok_or(SmsRoleError::TrustRelationship)?
            .documents
            .permit(caller, phone_number, |arn| self.policies.document(arn))
    }

    fn create(&mut self, account_id: &str, form: &Form, now_ms: u64) -> Result<Xml, QueryError> {
        let name = name_of(form, "RoleName", 64)?;
        let trust = form.required("AssumeRolePolicyDocument")?;
        let path = path_of(form)?;
        let max_session_duration = match form.value("MaxSessionDuration").map(str::parse) {
            None => 3600,
            Some(Ok(seconds @ 3600..=43_200)) => seconds,
            Some(_) => {
                return Err(QueryError::validation(
                    "1 validation error detected: Value at 'maxSessionDuration' failed to satisfy \
                     constraint: Member must be between 3600 and 43200",
                ));
            }
        };
        check(trust, Kind::Trust)?;
        if self.by_name.contains_key(name) {
            return Err(QueryError::new(
                409,
                "EntityAlreadyExists",
                format!("Role with name {name} already exists."),
            ));
        }
        self.made = self.made.saturating_add(1);
        let role = Role {
            id: id(self.made),
            path: path.to_owned(),
            arn: arn(account_id, path, name),
            created_at: now_ms,
            description: form.value("Description").map(str::to_owned),
            max_session_duration,
            documents: Documents::new(trust),
        };
        let reply = Xml::default().element("Role", role.xml(name));
        self.by_name.insert(name.to_owned(), role);
        Ok(reply)
    }

    fn role(&self, name: &str) -> Result<&Role, QueryError> {
        self.by_name.get(name).ok_or_else(|| no_such_role(name))
    }

    fn role_mut(&mut self, form: &Form) -> Result<&mut Role, QueryError> {
        let name = form.required("RoleName")?;
        self.by_name.get_mut(name).ok_or_else(|| no_such_role(name))
    }
}

impl Role {
    fn xml(&self, name: &str) -> Xml {
        let xml = Xml::default()
            .text("Path", &self.path)
            .text("RoleName", name)
            .text("RoleId", &self.id)
            .text("Arn", &self.arn)
            .text("CreateDate", &iso8601(self.created_at))
            // IAM returns documents percent-encoded; clients decode them.
            .text(
                "AssumeRolePolicyDocument",
                &percent_encoded(&self.documents.trust),
            )
            .text("MaxSessionDuration", &self.max_session_duration.to_string());
        match &self.description {
            Some(description) => xml.text("Description", description),
            None => xml,
        }
    }
}

fn id(number: u64) -> String {
    format!("AROALOCAL{number:012}")
}

fn arn(account_id: &str, path: &str, name: &str) -> String {
    format!("arn:aws:iam::{account_id}:role{path}{name}")
}

pub(super) fn path_of(form: &Form) -> Result<&str, QueryError> {
    let path = form.value("Path").unwrap_or("/");
    if path.starts_with('/') && path.ends_with('/') && path.len() <= 512 {
        return Ok(path);
    }
    Err(QueryError::validation(
        "The specified value for path is invalid. It must begin and end with / and contain only \
         alphanumeric characters and/or / characters.",
    ))
}

pub(super) fn check(document: &str, kind: Kind) -> Result<(), QueryError> {
    match Policy::parse(document, kind) {
        Ok(_) => Ok(()),
        Err(why) => Err(QueryError::new(400, "MalformedPolicyDocument", why)),
    }
}

/// A name of IAM's pattern `[\w+=,.@-]+`, at most `max` long.
pub(super) fn name_of<'a>(
    form: &'a Form,
    parameter: &str,
    max: usize,
) -> Result<&'a str, QueryError> {
    let name = form.required(parameter)?;
    let fits = |it: char| it.is_ascii_alphanumeric() || "_+=,.@-".contains(it);
    if name.len() <= max && name.chars().all(fits) {
        return Ok(name);
    }
    Err(QueryError::validation(format!(
        "The specified value for {parameter} is invalid. It must contain only alphanumeric \
         characters and/or the following: +=,.@_- and be at most {max} long."
    )))
}

fn no_such_role(name: &str) -> QueryError {
    no_such_entity(format!("The role with name {name} cannot be found."))
}

pub(super) fn no_such_entity(message: String) -> QueryError {
    QueryError::new(404, "NoSuchEntity", message)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const ACCOUNT: &str = "123456789012";
    const ROLE: &str = "arn:aws:iam::123456789012:role/sms";
    const POOL: &str = "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_AbCdEfGhI";
    const PUBLISH: &str =
        r#"{"Statement":[{"Effect":"Allow","Action":"sns:publish","Resource":"*"}]}"#;

    fn call(roles: &mut Roles, action: &str, form: &[(&str, &str)]) -> Result<(), QueryError> {
        let form = form
            .iter()
            .map(|(key, value)| format!("{key}={}", percent_encoded(value)))
            .collect::<Vec<_>>()
            .join("&");
        roles
            .handle(ACCOUNT, action, &Form::parse(form.as_bytes()), 0)
            .map(|_| ())
    }

    fn trust(condition: &str) -> String {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"Service":"cognito-idp.amazonaws.com"}},"Action":"sts:AssumeRole","Condition":{condition}}}]}}"#
        )
    }

    fn with_role(trust: &str) -> Roles {
        let mut roles = Roles::default();
        let form = [("RoleName", "sms"), ("AssumeRolePolicyDocument", trust)];
        call(&mut roles, "CreateRole", &form).unwrap();
        roles
    }

    fn put(roles: &mut Roles, name: &str, document: &str) -> Result<(), QueryError> {
        let form = [
            ("RoleName", "sms"),
            ("PolicyName", name),
            ("PolicyDocument", document),
        ];
        call(roles, "PutRolePolicy", &form)
    }

    fn may_send(roles: &Roles, external_id: Option<&str>) -> Result<(), SmsRoleError> {
        let caller = Caller {
            account_id: ACCOUNT,
            pool_arn: POOL,
            external_id,
        };
        roles.may_send(ROLE, caller, "+15550100")
    }

    #[test]
    fn an_unknown_role_is_a_matter_of_trust() {
        assert_eq!(
            may_send(&Roles::default(), None),
            Err(SmsRoleError::TrustRelationship)
        );
    }

    #[test]
    fn the_external_id_must_be_the_one_that_the_role_asks_for() {
        let mut roles = with_role(&trust(r#"{"StringEquals":{"sts:ExternalId":"e-1"}}"#));
        put(&mut roles, "publish", PUBLISH).unwrap();
        assert_eq!(may_send(&roles, Some("e-1")), Ok(()));
        for wrong in [None, Some("e-2"), Some("")] {
            assert_eq!(
                may_send(&roles, wrong),
                Err(SmsRoleError::TrustRelationship)
            );
        }
    }

    #[test]
    fn source_account_and_source_arn_are_checked_where_the_role_asks_for_them() {
        for (condition, allowed) in [
            ("{}", true),
            (
                r#"{"StringEquals":{"aws:SourceAccount":"123456789012"}}"#,
                true,
            ),
            (
                r#"{"StringEquals":{"aws:SourceAccount":"999999999999"}}"#,
                false,
            ),
            (
                r#"{"ArnLike":{"aws:SourceArn":"arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_AbCdEfGhI"}}"#,
                true,
            ),
            (
                r#"{"ArnLike":{"aws:SourceArn":"arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_Other"}}"#,
                false,
            ),
        ] {
            let mut roles = with_role(&trust(condition));
            put(&mut roles, "publish", PUBLISH).unwrap();
            assert_eq!(may_send(&roles, None).is_ok(), allowed, "{condition}");
        }
    }

    #[test]
    fn a_role_that_trusts_another_service_cannot_be_assumed() {
        let mut roles =
            with_role(&trust("{}").replace("cognito-idp.amazonaws.com", "lambda.amazonaws.com"));
        put(&mut roles, "publish", PUBLISH).unwrap();
        assert_eq!(may_send(&roles, None), Err(SmsRoleError::TrustRelationship));
        let form = [("RoleName", "sms"), ("PolicyDocument", &trust("{}"))];
        call(&mut roles, "UpdateAssumeRolePolicy", &form).unwrap();
        assert_eq!(may_send(&roles, None), Ok(()));
    }

    #[test]
    fn a_role_without_permission_to_publish() {
        let mut roles = with_role(&trust("{}"));
        assert_eq!(may_send(&roles, None), Err(SmsRoleError::AccessPolicy));
        put(&mut roles, "a", PUBLISH).unwrap();
        assert_eq!(may_send(&roles, None), Ok(()));
        put(&mut roles, "b", &PUBLISH.replace("Allow", "Deny")).unwrap();
        assert_eq!(may_send(&roles, None), Err(SmsRoleError::AccessPolicy));
    }

    #[test]
    fn managed_policies_permit_what_they_are_for() {
        for (arn, allowed) in [
            ("arn:aws:iam::aws:policy/AmazonSNSFullAccess", true),
            ("arn:aws:iam::aws:policy/AdministratorAccess", true),
            ("arn:aws:iam::aws:policy/PowerUserAccess", true),
            ("arn:aws:iam::aws:policy/AmazonSNSReadOnlyAccess", false),
            ("arn:aws:iam::aws:policy/service-role/AmazonSNSRole", false),
        ] {
            let mut roles = with_role(&trust("{}"));
            let form = [("RoleName", "sms"), ("PolicyArn", arn)];
            call(&mut roles, "AttachRolePolicy", &form).unwrap();
            assert_eq!(may_send(&roles, None).is_ok(), allowed, "{arn}");
            call(&mut roles, "DetachRolePolicy", &form).unwrap();
            assert_eq!(may_send(&roles, None), Err(SmsRoleError::AccessPolicy));
        }
    }

    #[test]
    fn a_policy_of_the_accounts_own_permits_what_it_says() {
        let mut roles = with_role(&trust("{}"));
        let arn = "arn:aws:iam::123456789012:policy/teams/publish";
        let attach = [("RoleName", "sms"), ("PolicyArn", arn)];
        let error = call(&mut roles, "AttachRolePolicy", &attach).unwrap_err();
        assert_eq!(error.code, "NoSuchEntity");
        let form = [
            ("PolicyName", "publish"),
            ("Path", "/teams/"),
            ("PolicyDocument", PUBLISH),
        ];
        call(&mut roles, "CreatePolicy", &form).unwrap();
        let error = call(&mut roles, "CreatePolicy", &form).unwrap_err();
        assert_eq!((error.status, error.code), (409, "EntityAlreadyExists"));
        assert_eq!(may_send(&roles, None), Err(SmsRoleError::AccessPolicy));
        call(&mut roles, "AttachRolePolicy", &attach).unwrap();
        assert_eq!(may_send(&roles, None), Ok(()));

        let of = [("PolicyArn", arn), ("VersionId", "v1")];
        for action in ["GetPolicy", "GetPolicyVersion", "ListPolicyVersions"] {
            call(&mut roles, action, &of).unwrap();
        }
        for action in ["ListAttachedRolePolicies", "ListRolePolicies"] {
            call(&mut roles, action, &attach).unwrap();
        }
        let error = call(&mut roles, "DeletePolicy", &of).unwrap_err();
        assert_eq!((error.status, error.code), (409, "DeleteConflict"));
        call(&mut roles, "DetachRolePolicy", &attach).unwrap();
        call(&mut roles, "DeletePolicy", &of).unwrap();
        assert_eq!(
            call(&mut roles, "GetPolicy", &of).unwrap_err().code,
            "NoSuchEntity"
        );
        let broken = [("PolicyName", "p"), ("PolicyDocument", "{}")];
        assert_eq!(
            call(&mut roles, "CreatePolicy", &broken).unwrap_err().code,
            "MalformedPolicyDocument"
        );
    }

    #[test]
    fn errors_are_iams() {
        let good = trust("{}");
        let mut roles = with_role(&good);
        let unknown = "arn:aws:iam::aws:policy/NoSuchPolicy";
        for (action, form, status, code) in [
            ("GetRole", vec![("RoleName", "x")], 404, "NoSuchEntity"),
            ("GetRole", vec![], 400, "ValidationError"),
            (
                "CreateRole",
                vec![("RoleName", "sms"), ("AssumeRolePolicyDocument", &good)],
                409,
                "EntityAlreadyExists",
            ),
            (
                "CreateRole",
                vec![("RoleName", "a b"), ("AssumeRolePolicyDocument", &good)],
                400,
                "ValidationError",
            ),
            (
                "CreateRole",
                vec![("RoleName", "b"), ("AssumeRolePolicyDocument", "{}")],
                400,
                "MalformedPolicyDocument",
            ),
            (
                "CreateRole",
                vec![
                    ("RoleName", "b"),
                    ("AssumeRolePolicyDocument", &good),
                    ("MaxSessionDuration", "60"),
                ],
                400,
                "ValidationError",
            ),
            (
                "PutRolePolicy",
                vec![
                    ("RoleName", "sms"),
                    ("PolicyName", "p"),
                    ("PolicyDocument", &good),
                ],
                400,
                "MalformedPolicyDocument",
            ),
            (
                "AttachRolePolicy",
                vec![("RoleName", "sms"), ("PolicyArn", unknown)],
                404,
                "NoSuchEntity",
            ),
            (
                "DetachRolePolicy",
                vec![("RoleName", "sms"), ("PolicyArn", unknown)],
                404,
                "NoSuchEntity",
            ),
            (
                "DeleteRolePolicy",
                vec![("RoleName", "sms"), ("PolicyName", "p")],
                404,
                "NoSuchEntity",
            ),
            ("DeleteRole", vec![("RoleName", "x")], 404, "NoSuchEntity"),
            ("CreateUser", vec![], 400, "InvalidAction"),
        ] {
            let error = call(&mut roles, action, &form).unwrap_err();
            assert_eq!((error.status, error.code), (status, code), "{action}");
        }
    }

    #[test]
    fn a_role_is_deleted_only_when_nothing_hangs_on_it() {
        let mut roles = with_role(&trust("{}"));
        put(&mut roles, "p", PUBLISH).unwrap();
        let error = call(&mut roles, "DeleteRole", &[("RoleName", "sms")]).unwrap_err();
        assert_eq!(
            (error.code, error.message.as_str()),
            (
                "DeleteConflict",
                "Cannot delete entity, must delete policies first."
            )
        );
        call(
            &mut roles,
            "DeleteRolePolicy",
            &[("RoleName", "sms"), ("PolicyName", "p")],
        )
        .unwrap();
        call(&mut roles, "DeleteRole", &[("RoleName", "sms")]).unwrap();
        assert!(call(&mut roles, "GetRole", &[("RoleName", "sms")]).is_err());
    }
}
