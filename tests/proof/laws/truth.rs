//! What a person was told is what the pool did.

use serde_json::{Value, json};

use super::user;
use crate::support::{OTHER_PASSWORD, USER, World};

/// Errors after which nobody can say what the pool did.
const UNKNOWN: [&str; 3] = ["outcomeUnknown", "timeout", "server"];

/// An event or a call under way.
#[derive(Clone)]
pub(crate) struct Started {
    kind: String,
    /// The snapshot that an event began in, the arguments of a call.
    from: Value,
    /// Whom it is about.
    who: String,
    /// What the pool then knew of them.
    facts: Value,
    /// Whether anything went wrong since.
    pub(super) lost: bool,
    /// Whether somebody else did something since, or this tab something else: what the pool then has
    /// need not be of this.
    pub(super) disturbed: bool,
}

impl Started {
    pub(super) fn new(
        (kind, who): (&str, &str),
        from: Value,
        pool: &Value,
        password: &Option<String>,
    ) -> Self {
        Self {
            kind: kind.into(),
            who: who.into(),
            from,
            facts: facts(pool, who, password),
            lost: false,
            disturbed: false,
        }
    }

    pub(super) fn folded(&self) -> Value {
        json!([
            self.kind,
            self.from["step"],
            self.facts,
            self.lost,
            self.disturbed
        ])
    }

    pub(super) fn is_true(
        &self,
        after: &World,
        pool: &Value,
        password: &Option<String>,
    ) -> Result<(), String> {
        let (told, error) = (after.snapshot(), after.error());
        // Who signs out everywhere does not wait for the tries that follow a failed one: while those
        // go on nobody can know what will have come of it, and success takes the word back.
        let is_tried_on = self.kind == "signOut" && after.flow.deadline().is_some();
        if error == "outcomeUnknown" && !self.lost && !is_tried_on {
            return Err("the outcome is said to be unknown, and nothing was lost".into());
        }
        let mut facts = facts(pool, &self.who, password);
        // An authenticator app is set up by two requests: after the first one it counts already.
        if self.from["step"] == "setUpTotp" {
            facts["mfa"].clone_from(&self.facts["mfa"]);
        }
        let same = told["step"] == self.from["step"] && told["attribute"] == self.from["attribute"];
        if !error.is_empty() {
            return match same {
                true => self.changed_nothing(&error, &facts),
                false => Ok(()),
            };
        }
        let holds = match self.kind.as_str() {
            "signUp" => !facts["status"].is_null(),
            "confirmSignUp" => facts["status"] == "CONFIRMED",
            "submitCode" if self.from["step"] == "verifyAttribute" => {
                let attribute = self.from["attribute"].as_str().unwrap();
                facts["attributes"][format!("{attribute}_verified")] == "true"
            }
            "resetPassword" | "setNewPassword" => facts["password"] == OTHER_PASSWORD,
            // A step that time ended under an event took nothing of it.
            _ => true,
        };
        self.was_done(holds, &facts)
    }

    pub(super) fn is_true_of_call(
        &self,
        error: Option<&str>,
        pool: &Value,
        password: &Option<String>,
    ) -> Result<(), String> {
        if error == Some("outcomeUnknown") && !self.lost {
            return Err("the outcome is said to be unknown, and nothing was lost".into());
        }
        let facts = facts(pool, &self.who, password);
        if let Some(error) = error {
            return self.changed_nothing(error, &facts);
        }
        let holds = match self.kind.as_str() {
            "changePassword" => facts["password"] == self.from["next"],
            "deleteUser" => facts["status"].is_null(),
            "createPasskey" => facts["passkeys"] != json!(0),
            "updateAttributes" => {
                let changed = self.from["attributes"].as_object().unwrap();
                changed.iter().all(|(name, value)| {
                    facts["attributes"][name] == *value || facts["pending"][name] == *value
                })
            }
            _ => true,
        };
        self.was_done(holds, &facts)
    }

    fn changed_nothing(&self, error: &str, facts: &Value) -> Result<(), String> {
        let is_known = !UNKNOWN.contains(&error) && !self.lost && !self.disturbed;
        match is_known && *facts != self.facts {
            true => Err(format!(
                "told {error}, but the pool went from {} to {facts}",
                self.facts
            )),
            false => Ok(()),
        }
    }

    fn was_done(&self, holds: bool, facts: &Value) -> Result<(), String> {
        match holds || self.lost || self.disturbed {
            true => Ok(()),
            false => Err(format!(
                "told that {} was done, but the pool has {facts}",
                self.kind
            )),
        }
    }
}

/// What of somebody the pool would tell an administrator; the password is known of alice alone.
fn facts(pool: &Value, who: &str, password: &Option<String>) -> Value {
    let user = user(pool, who);
    let password = password.as_ref().filter(|_| who == USER);
    let count = |name: &str| match &user[name] {
        Value::Array(all) => all.len(),
        Value::Object(all) => all.len(),
        _ => 0,
    };
    json!({
        "status": user["status"],
        "attributes": user["attributes"],
        "pending": user["pending"],
        "mfa": user["mfa"],
        "password": password,
        "passkeys": count("passkeys"),
    })
}
