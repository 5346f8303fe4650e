//! Sign-ins that are there: their refresh tokens used and revoked, their sessions listed and ended.

use serde_json::{Value, json};

use super::settings::pools::seconds;
use crate::call::{App, Bearer, Call, Input, Who, check_secret_hash};
use crate::error::{
    Outcome, Refusal, invalid_parameter, not_authorized, nothing, resource_not_found,
    unsupported_token_type,
};
use crate::state::{SignedIn, fingerprint};

pub(crate) fn from_refresh_token(call: &mut Call<'_>, input: &Value) -> Outcome {
    let app = call.app_of(input.text("ClientId"))?;
    check_secret(&app, input.optional("ClientSecret"))?;
    let result = call.refresh(
        &app,
        input.text("RefreshToken"),
        input.optional("DeviceKey"),
        input,
    )?;
    Ok(json!({ "AuthenticationResult": result }))
}

pub(crate) fn revoke(call: &mut Call<'_>, input: &Value) -> Outcome {
    let app = call.app_of(input.text("ClientId")).map_err(|_| {
        // The API declares no ResourceNotFoundException here.
        invalid_parameter("Invalid client.")
    })?;
    check_secret(&app, input.optional("ClientSecret"))
        .map_err(|refusal| Refusal::new("UnauthorizedException", refusal.message))?;
    if !app.client_settings().revokes_tokens() {
        return Err(Refusal::new(
            "UnsupportedOperationException",
            "Token revocation is not enabled for this client.",
        ));
    }
    let token = input.text("Token");
    if call.options.key.verify(token).is_some() {
        return Err(unsupported_token_type("Unsupported token type."));
    }
    let pool = call.pool_mut(&app.pool_id)?;
    let Some(refresh_token) = pool.refresh_tokens.get(&fingerprint(token)) else {
        // RFC 7009: an unknown token is as good as revoked.
        return Ok(nothing());
    };
    let id = refresh_token.sign_in.clone();
    let client = app.client_id();
    if let Some(sign_in) = pool.sign_ins.get_mut(&id) {
        if sign_in.client_id != client {
            return Err(Refusal::new("UnauthorizedException", "Invalid client."));
        }
        sign_in.revoked = true;
    }
    Ok(nothing())
}

pub(crate) fn global_sign_out(call: &mut Call<'_>, input: &Value) -> Outcome {
    let Bearer { who, .. } = call.bearer(input)?;
    call.sign_out_everywhere(&who)?;
    Ok(nothing())
}

pub(crate) fn admin_global_sign_out(call: &mut Call<'_>, input: &Value) -> Outcome {
    let who = call.administered_user(input)?;
    call.sign_out_everywhere(&who)?;
    Ok(nothing())
}

pub(crate) fn list_sessions(call: &mut Call<'_>, input: &Value) -> Outcome {
    let Bearer { who, sign_in } = call.bearer(input)?;
    sessions(call, &who, Some(&sign_in))
}

pub(crate) fn admin_list_sessions(call: &mut Call<'_>, input: &Value) -> Outcome {
    let who = call.administered_user(input)?;
    sessions(call, &who, None)
}

fn sessions(call: &Call<'_>, who: &Who, current: Option<&SignedIn>) -> Outcome {
    check_tracks(call, who)?;
    let sessions: Vec<Value> = call
        .sessions_of(who)?
        .into_iter()
        .map(|sign_in| {
            let Value::Object(mut session) = json!({
                "SessionId": session_id(&sign_in.id),
                "SessionType": "TOKEN",
                "ClientId": sign_in.client_id,
                "CreateDate": seconds(sign_in.auth_time),
                "LastActiveDate": seconds(sign_in.last_used),
                "IsCurrentSession": current.is_some_and(|current| current.id == sign_in.id),
            }) else {
                return Value::Null;
            };
            sign_in.caller.describe(&mut session);
            Value::Object(session)
        })
        .collect();
    Ok(json!({ "Sessions": sessions }))
}

/// A pool that keeps no records has none to list or to end.
fn check_tracks(call: &Call<'_>, who: &Who) -> Result<(), Refusal> {
    if call.pool(&who.app.pool_id)?.sessions.tracked {
        return Ok(());
    }
    Err(invalid_parameter(
        "User session tracking is not enabled for the user pool.",
    ))
}

pub(crate) fn revoke_session(call: &mut Call<'_>, input: &Value) -> Outcome {
    let Bearer { who, sign_in } = call.bearer(input)?;
    if session_id(&sign_in.id) == input.text("SessionId") {
        return Err(invalid_parameter(
            "The current session cannot be revoked; use RevokeToken.",
        ));
    }
    end_session(call, &who, input)
}

pub(crate) fn admin_revoke_session(call: &mut Call<'_>, input: &Value) -> Outcome {
    let who = call.administered_user(input)?;
    end_session(call, &who, input)
}

fn end_session(call: &mut Call<'_>, who: &Who, input: &Value) -> Outcome {
    check_tracks(call, who)?;
    let wanted = input.text("SessionId");
    let sessions = call.sessions_of(who)?;
    let found = sessions.iter().find(|it| session_id(&it.id) == wanted);
    let id = found.map(|it| it.id.clone());
    let pool = call.pool_mut(&who.app.pool_id)?;
    match id.and_then(|id| pool.sign_ins.get_mut(&id)) {
        Some(sign_in) => sign_in.revoked = true,
        None => return Err(resource_not_found("Session not found.")),
    }
    Ok(nothing())
}

/// The secret itself stands where these two operations take it.
fn check_secret(app: &App, secret: Option<&str>) -> Result<(), Refusal> {
    let expected = app
        .client
        .as_ref()
        .and_then(|client| client.secret.as_deref());
    match (expected, secret) {
        (None, None) => Ok(()),
        (Some(expected), Some(secret)) if fingerprint(expected) == fingerprint(secret) => Ok(()),
        (None, Some(_)) => check_secret_hash(app, None, secret),
        (Some(_), _) => Err(not_authorized("Invalid client secret.")),
    }
}

/// A sign-in's id in the shape that the API gives session ids.
fn session_id(id: &str) -> String {
    let hash = fingerprint(id);
    format!("tkn{}", hash.chars().take(25).collect::<String>())
}
