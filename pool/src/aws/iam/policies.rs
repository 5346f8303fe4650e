//! The policies of roles, inline and attached, and those of the account that can be attached.

use super::super::policy::Kind;
use super::super::query::{Form, QueryError, Xml};
use super::super::role::managed;
use super::super::unknown_action;
use super::Roles;
use super::request::{check, name_of, no_such_entity};
use crate::wire::percent_encoded;

impl Roles {
    /// Answers an operation about policies.
    pub(super) fn handle_policies(
        &mut self,
        account_id: &str,
        action: &str,
        form: &Form,
        now_ms: u64,
    ) -> Result<Option<Xml>, QueryError> {
        match action {
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
            _ => Err(unknown_action(action, "2010-05-08")),
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
}
