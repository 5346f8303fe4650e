//! The roles of IAM: who may assume them, and what they may do.
//!
//! Operations, parameters and error codes from the IAM service description of 2010-05-08.

mod policies;
mod request;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::customer::Policies;
use super::policy::Kind;
use super::query::{Form, QueryError, Xml};
use super::role::{Caller, Documents, SmsRoleError};
use crate::money::iso8601;
use crate::wire::percent_encoded;

pub(super) use request::{check, name_of, no_such_entity, path_of};

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
            _ => self.handle_policies(account_id, action, form, now_ms),
        }
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

fn no_such_role(name: &str) -> QueryError {
    no_such_entity(format!("The role with name {name} cannot be found."))
}
