//! Calling the functions that an app has put into a flow.

use serde_json::{Value, json};

use super::{App, Call};
use crate::error::{Refusal, bad_trigger_response, trigger_refused};
use crate::state::User;

impl Call<'_> {
    /// Calls a function; gives the `response` part of its event.
    pub(crate) fn trigger(
        &mut self,
        name: &str,
        source: &str,
        app: &App,
        user: &User,
        request: Value,
    ) -> Result<Option<Value>, Refusal> {
        let event = json!({
            "version": "1",
            "triggerSource": source,
            "region": self.options.region,
            "userPoolId": app.pool_id,
            "userName": user.username,
            "callerContext": { "awsSdkVersion": "unknown", "clientId": app.client_id() },
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
