//! The policies of IAM that an account has made itself, to be attached to roles.
//!
//! Operations, parameters and error codes from the IAM service description of 2010-05-08. A policy
//! has one version here, `v1`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::iam::{check, name_of, no_such_entity, path_of};
use super::policy::Kind;
use super::query::{Form, QueryError, Xml};
use crate::money::iso8601;
use crate::wire::percent_encoded;

/// The policies of one account, by ARN.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Policies {
    by_arn: BTreeMap<String, CustomerPolicy>,
    /// How many were ever made, so that ids are never used again.
    made: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct CustomerPolicy {
    id: String,
    name: String,
    path: String,
    description: Option<String>,
    created_at: u64,
    document: String,
}

impl Policies {
    /// The document of the policy of that ARN.
    pub(super) fn document(&self, arn: &str) -> Option<&str> {
        self.by_arn.get(arn).map(|policy| policy.document.as_str())
    }

    pub(super) fn create(
        &mut self,
        account_id: &str,
        form: &Form,
        now_ms: u64,
    ) -> Result<Xml, QueryError> {
        let name = name_of(form, "PolicyName", 128)?;
        let document = form.required("PolicyDocument")?;
        let path = path_of(form)?;
        check(document, Kind::Permission)?;
        let arn = format!("arn:aws:iam::{account_id}:policy{path}{name}");
        // Names are the account's, whatever the path.
        if self.by_arn.values().any(|policy| policy.name == name) {
            return Err(QueryError::new(
                409,
                "EntityAlreadyExists",
                format!("A policy called {name} already exists. Duplicate names are not allowed."),
            ));
        }
        self.made = self.made.saturating_add(1);
        let policy = CustomerPolicy {
            id: format!("ANPALOCAL{:012}", self.made),
            name: name.to_owned(),
            path: path.to_owned(),
            description: form.value("Description").map(str::to_owned),
            created_at: now_ms,
            document: document.to_owned(),
        };
        let reply = Xml::default().element("Policy", policy.xml(&arn, 0));
        self.by_arn.insert(arn, policy);
        Ok(reply)
    }

    /// The policy, which is attached to so many roles.
    pub(super) fn describe(&self, form: &Form, attached: usize) -> Result<Xml, QueryError> {
        let (arn, policy) = self.find(form)?;
        Ok(Xml::default().element("Policy", policy.xml(arn, attached)))
    }

    pub(super) fn version(&self, form: &Form) -> Result<Xml, QueryError> {
        let (_, policy) = self.find(form)?;
        let id = form.required("VersionId")?;
        if id != "v1" {
            return Err(no_such_entity(format!(
                "Policy version {id} was not found."
            )));
        }
        Ok(Xml::default().element("PolicyVersion", policy.version_xml(true)))
    }

    pub(super) fn versions(&self, form: &Form) -> Result<Xml, QueryError> {
        let (_, policy) = self.find(form)?;
        let member = Xml::default().element("member", policy.version_xml(false));
        Ok(Xml::default()
            .element("Versions", member)
            .text("IsTruncated", "false"))
    }

    pub(super) fn delete(&mut self, form: &Form, attached: usize) -> Result<(), QueryError> {
        let arn = self.find(form)?.0.to_owned();
        if attached > 0 {
            return Err(QueryError::new(
                409,
                "DeleteConflict",
                "Cannot delete a policy attached to entities.",
            ));
        }
        self.by_arn.remove(&arn);
        Ok(())
    }

    fn find(&self, form: &Form) -> Result<(&str, &CustomerPolicy), QueryError> {
        let arn = form.required("PolicyArn")?;
        let found = self.by_arn.get_key_value(arn);
        found
            .map(|(arn, policy)| (arn.as_str(), policy))
            .ok_or_else(|| no_such_entity(format!("Policy {arn} was not found.")))
    }
}

impl CustomerPolicy {
    fn xml(&self, arn: &str, attached: usize) -> Xml {
        let created = iso8601(self.created_at);
        let xml = Xml::default()
            .text("PolicyName", &self.name)
            .text("PolicyId", &self.id)
            .text("Arn", arn)
            .text("Path", &self.path)
            .text("DefaultVersionId", "v1")
            .text("AttachmentCount", &attached.to_string())
            .text("PermissionsBoundaryUsageCount", "0")
            .text("IsAttachable", "true")
            .text("CreateDate", &created)
            .text("UpdateDate", &created);
        match &self.description {
            Some(description) => xml.text("Description", description),
            None => xml,
        }
    }

    fn version_xml(&self, with_document: bool) -> Xml {
        let xml = Xml::default();
        let xml = if with_document {
            xml.text("Document", &percent_encoded(&self.document))
        } else {
            xml
        };
        xml.text("VersionId", "v1")
            .text("IsDefaultVersion", "true")
            .text("CreateDate", &iso8601(self.created_at))
    }
}
