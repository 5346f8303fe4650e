//! Calling the functions that an app has put into a flow.

use serde_json::{Value, json};

use super::{Call, Who};
use crate::error::{Refusal, bad_trigger_response, trigger_refused};

impl Call<'_> {
    /// Tells a function of what has happened: it may refuse, and has nothing to answer.
    pub(crate) fn tell(
        &mut self,
        name: &str,
        source: &str,
        who: &Who,
        more: Value,
    ) -> Result<(), Refusal> {
        let mut request = json!({ "userAttributes": self.user(who)?.attributes });
        if let (Some(members), Value::Object(more)) = (request.as_object_mut(), more) {
            members.extend(more);
        }
        self.trigger(name, source, who, request).map(drop)
    }

    /// Tells PostConfirmation of a user. Who is confirmed stays so, whatever it says.
    pub(crate) fn tell_confirmed(&mut self, who: &Who, source: &str) -> Result<(), Refusal> {
        let source = format!("PostConfirmation_{source}");
        let metadata = json!({ "clientMetadata": self.metadata });
        self.tell("PostConfirmation", &source, who, metadata)
            .map_err(Refusal::keeping_changes)
    }

    /// Calls a function; gives the `response` part of its event.
    pub(crate) fn trigger(
        &mut self,
        name: &str,
        source: &str,
        who: &Who,
        request: Value,
    ) -> Result<Option<Value>, Refusal> {
        // Version 2 is the first with which PreTokenGeneration sees the access token.
        let version = if name == "PreTokenGeneration" {
            "2"
        } else {
            "1"
        };
        let event = json!({
            "version": version,
            "triggerSource": source,
            "region": who.app.region(),
            "userPoolId": who.app.pool_id,
            "userName": self.user(who)?.username,
            "callerContext": { "awsSdkVersion": "unknown", "clientId": who.app.client_id() },
            "request": request,
            "response": {},
        });
        match self.triggers.call(name, &event) {
            Ok(None) => Ok(None),
            Ok(Some(event)) => match event.get("response") {
                Some(response @ Value::Object(_)) => Ok(Some(response.clone())),
                _ => Err(bad_trigger_response("Unrecognizable lambda output")),
            },
            Err(message) => Err(trigger_refused(format!(
                "{name} failed with error {message}."
            ))),
        }
    }
}
