//! UserMigration: somebody who is not in the pool, and whom a function of the app knows.
//!
//! The developer guide's "Migrate user Lambda trigger".

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::sign_up::claim_names;
use crate::call::{App, Call, Input, Who};
use crate::error::{Refusal, user_not_found, wrong_credentials};
use crate::settings::AttributeFaults;
use crate::state::{Factor, UserStatus};

/// Where the person is met.
#[derive(Clone, Copy)]
pub(crate) enum Met<'a> {
    /// At a sign-in with this password.
    SigningIn(&'a str),
    /// Where a password was forgotten.
    Forgetful,
}

impl Call<'_> {
    /// Asks the function for a user of that name and makes it. `None` where there is no function; a
    /// refusal where it knows nobody of that name, or nobody whom the pool can have.
    pub(crate) fn migrate(
        &mut self,
        app: &App,
        name: &str,
        met: Met<'_>,
    ) -> Result<Option<Who>, Refusal> {
        // InitiateAuth hands its metadata on as validation data, the others as what it is.
        let initiates = matches!(self.operation, "InitiateAuth" | "AdminInitiateAuth");
        let (validation, client) = match initiates {
            true => (self.metadata.clone(), Value::Null),
            false => (Value::Null, self.metadata.clone()),
        };
        let (source, password) = match met {
            Met::SigningIn(password) => ("UserMigration_Authentication", Some(password)),
            Met::Forgetful => ("UserMigration_ForgotPassword", None),
        };
        let request = json!({
            "password": password,
            "validationData": validation,
            "clientMetadata": client,
        });
        let Some(answer) = self.function("UserMigration", source, app, name, request)? else {
            return Ok(None);
        };
        let knows = answer.get("userAttributes").is_some_and(Value::is_object);
        if !knows && matches!(met, Met::Forgetful) && app.prevents_user_existence_errors() {
            // It looks like anybody else's forgotten password.
            return Ok(None);
        }
        // Why not is told to nobody who may not even know whether there is such a user.
        let made = self.make_migrated(app, name, met, &answer);
        let failed = |_| {
            if app.prevents_user_existence_errors() {
                return wrong_credentials();
            }
            let client = app.client_id();
            user_not_found(format!("Exception migrating user in app client {client}"))
        };
        made.map(Some).map_err(failed)
    }

    fn make_migrated(
        &mut self,
        app: &App,
        name: &str,
        met: Met<'_>,
        answer: &Value,
    ) -> Result<Who, Refusal> {
        let nobody = || user_not_found("");
        let given = answer.get("userAttributes").and_then(Value::as_object);
        let mut attributes = BTreeMap::new();
        for (name, value) in given.filter(|it| !it.is_empty()).ok_or_else(nobody)? {
            let value = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            // These two are the pool's own, whatever the other directory has.
            if !matches!(name.as_str(), "sub" | "cognito:user_status") {
                attributes.insert(name.clone(), value);
            }
        }
        let (attributes, faults) = app.settings.read_attributes(attributes);
        let status = match (answer.text("finalUserStatus"), met) {
            ("CONFIRMED", _) | ("", Met::SigningIn(_)) => UserStatus::Confirmed,
            ("RESET_REQUIRED" | "", _) => UserStatus::ResetRequired,
            _ => return Err(nobody()),
        };
        let who = self.new_user(app, name, status)?;
        let made = self.make_whole(&who, attributes, faults, met, answer);
        if made.is_err() {
            // A refusal that keeps what was counted must not keep half a user.
            self.remove_user(&who)?;
        }
        made.map(|()| who)
    }

    fn make_whole(
        &mut self,
        who: &Who,
        attributes: BTreeMap<String, String>,
        mut faults: AttributeFaults,
        met: Met<'_>,
        answer: &Value,
    ) -> Result<(), Refusal> {
        let app = &who.app;
        let user = self.user_mut(who)?;
        user.give(&attributes);
        for missing in (app.settings).missing_attributes(|name| user.attribute(name).is_some()) {
            faults.add(missing, "The attribute is required");
        }
        faults.at_creation()?;
        if answer.flag("enableSMSMFA") && user.attribute("phone_number").is_some() {
            user.more.mfa.turn_on(Factor::Sms);
        }
        claim_names(self, who)?;
        for attribute in &app.settings.alias_attributes {
            let user = self.user(who)?;
            if attribute == "preferred_username" || user.is_verified(attribute) {
                let value = user.attribute(attribute).unwrap_or_default().to_owned();
                self.claim_alias(who, attribute, &value, answer.flag("forceAliasCreation"))?;
            }
        }
        // Whatever the pool's policy asks: the guide has it so.
        if let Met::SigningIn(password) = met {
            self.set_password(who, password)?;
        }
        Ok(())
    }
}
