//! Who calls with an access token.

use serde_json::Value;

use super::input::Input;
use super::{Call, Who, app_in};
use crate::error::{Refusal, not_authorized};
use crate::state::{EVENT, SignedIn, UserPool, UserStatus};

/// Who calls with an access token.
pub(crate) struct Bearer {
    pub(crate) who: Who,
    pub(crate) sign_in: SignedIn,
}

/// The scope by which an access token may call the operations for signed-in users. Tokens of every
/// sign-in through the API have it, unless the function PreTokenGeneration withholds it; those of
/// managed login where the app asked for it.
pub(crate) const SELF_SERVICE: &str = "aws.cognito.signin.user.admin";

impl Call<'_> {
    /// Who presents this access token.
    pub(crate) fn bearer(&self, input: &Value) -> Result<Bearer, Refusal> {
        let bearer = self.bearer_with(input.text("AccessToken"), SELF_SERVICE)?;
        let user = self.user(&bearer.who)?;
        if !user.enabled {
            return Err(not_authorized("User is disabled."));
        }
        let declared = |name| crate::facts::declares(self.operation, name);
        match user.status {
            UserStatus::ResetRequired if declared("PasswordResetRequiredException") => Err(
                crate::error::password_reset_required("Password reset required for the user"),
            ),
            _ => Ok(bearer),
        }
    }

    /// Whose access token this is, if it is good and has the scope.
    pub(crate) fn bearer_with(&self, token: &str, scope: &str) -> Result<Bearer, Refusal> {
        let invalid = || not_authorized("Invalid Access Token");
        let claims = self.options.key.verify(token).ok_or_else(invalid)?;
        let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
        let pool_id = text("iss").strip_prefix(&self.options.issuer);
        let pool_id = pool_id
            .and_then(|rest| rest.strip_prefix('/'))
            .ok_or_else(invalid)?;
        if text("token_use") != "access" {
            return Err(invalid());
        }
        let expires = claims
            .get("exp")
            .and_then(Value::as_u64)
            .ok_or_else(invalid)?;
        if self.now / 1000 >= expires {
            return Err(not_authorized("Access Token has expired"));
        }
        // The words are those of aws-amplify/amplify-js#1906.
        if !text("scope").split(' ').any(|granted| granted == scope) {
            return Err(not_authorized("Access Token does not have required scopes"));
        }
        let pool = self.state.pools.get(pool_id).ok_or_else(invalid)?;
        let client = pool
            .clients
            .get(text("client_id"))
            .ok_or_else(invalid)?
            .clone();
        let revoked = || not_authorized("Access Token has been revoked");
        let sign_in = sign_in_of(pool, &claims).ok_or_else(revoked)?.clone();
        if sign_in.revoked {
            return Err(revoked());
        }
        let app = app_in(pool, Some(client));
        let who = self.find_key(&app, &sign_in.user).ok_or_else(|| {
            if crate::facts::declares(self.operation, "UserNotFoundException") {
                crate::error::no_such_user()
            } else {
                invalid()
            }
        })?;
        Ok(Bearer { who, sign_in })
    }
}

/// The sign-in that a token is of. Clients without revocation get tokens that do not name it; their
/// event does.
fn sign_in_of<'a>(pool: &'a UserPool, claims: &Value) -> Option<&'a SignedIn> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    if let Some(id) = text("origin_jti") {
        return pool.sign_ins.get(id);
    }
    let mut found = pool.sign_ins.with(EVENT, text("event_id")?, None);
    pool.sign_ins.get(found.next()?)
}
