//! Calling the functions that an app has put into a flow.

use serde_json::{Value, json};

use super::{Call, Who};
use crate::error::{Refusal, bad_trigger_response, trigger_refused};

impl Call<'_> {
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
