//! The functions that an app can put into a flow: Cognito's Lambda triggers.

pub(crate) mod remote;

use serde_json::Value;

/// Functions called at certain points of a flow, as Cognito calls Lambda functions. Given to
/// [`Pool::set_triggers`](crate::Pool::set_triggers).
pub trait Triggers: MaybeSend {
    /// Whether there is a function of that name, as far as one can tell without calling it.
    fn has(&self, name: &str) -> bool {
        let _ = name;
        true
    }

    /// Calls the function named as in `LambdaConfig` (`PreSignUp`, `PostConfirmation`,
    /// `PreAuthentication`, `PostAuthentication`, `PreTokenGeneration`, `CustomMessage`,
    /// `UserMigration`, `DefineAuthChallenge`, `CreateAuthChallenge`, `VerifyAuthChallengeResponse`)
    /// with Cognito's event, which it gives back with `response` filled in. `Ok(None)` when there is
    /// no such function.
    ///
    /// `PreTokenGeneration` gets the event of version 2: what it answers in
    /// `claimsAndScopeOverrideDetails` changes both tokens. An access token whose scope
    /// `aws.cognito.signin.user.admin` it withholds (`accessTokenGeneration.scopesToSuppress`) calls
    /// no operation. Where the pool's `LambdaConfig` names the function and does not say `V2_0`, the
    /// event is that of version 1, and `claimsOverrideDetails` changes the ID token and the groups.
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
    fn has(&self, _name: &str) -> bool {
        false
    }

    fn call(&mut self, _name: &str, _event: &Value) -> Result<Option<Value>, String> {
        Ok(None)
    }
}
