//! The functions that an app can put into a flow: Cognito's Lambda triggers.

use serde_json::{Value, json};

use crate::call::{App, Call};
use crate::error::{Refusal, bad_trigger_response, trigger_refused};
use crate::state::User;

/// Functions called at certain points of a flow, as Cognito calls Lambda functions. Given to
/// [`Pool::set_triggers`](crate::Pool::set_triggers).
pub trait Triggers: MaybeSend {
    /// Calls the function named as in `LambdaConfig` (`DefineAuthChallenge`, `CreateAuthChallenge`,
    /// `VerifyAuthChallengeResponse`) with Cognito's event, which it gives back with `response`
    /// filled in. `Ok(None)` when there is no such function.
    ///
    /// # Errors
    /// What the function throws; the person sees it as `UserLambdaValidationException`.
    fn call(&mut self, name: &str, event: &Value) -> Result<Option<Value>, String>;
}

/// `Send`, except in a browser, where JavaScript's functions stay on their thread.
#[cfg(not(target_arch = "wasm32"))]
pub trait MaybeSend: Send {}
#[cfg(not(target_arch = "wasm32"))]
impl<T: Send> MaybeSend for T {}

/// `Send`, except in a browser, where JavaScript's functions stay on their thread.
#[cfg(target_arch = "wasm32")]
pub trait MaybeSend {}
#[cfg(target_arch = "wasm32")]
impl<T> MaybeSend for T {}

/// No functions at all.
pub(crate) struct NoTriggers;

impl Triggers for NoTriggers {
    fn call(&mut self, _name: &str, _event: &Value) -> Result<Option<Value>, String> {
        Ok(None)
    }
}

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
