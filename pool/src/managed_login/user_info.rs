//! `/oauth2/userInfo`: what an access token with `openid` may know of its user.

use serde_json::{Map, Value, json};

use super::Answer;
use super::page::never_kept;
use super::parameters::app_at;
use crate::call::{Bearer, Call};
use crate::error::{Refusal, not_authorized};
use crate::operations::shows;
use crate::wire::{Request, Response};

const JSON: &str = "application/json;charset=UTF-8";

pub(super) fn user_info(call: &mut Call<'_>, request: &Request) -> Answer {
    let header = request.header("authorization").unwrap_or_default();
    let token = match header.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
        _ => {
            return Err(Refusal::new(
                "invalid_request",
                "Bad OAuth2 request at UserInfo Endpoint",
            ));
        }
    };
    let Bearer { who, sign_in } = call.bearer_with(token, "openid").map_err(|refusal| {
        // Said of the one thing that the caller can do something about.
        if refusal.message.contains("required scopes") {
            not_authorized("Access token does not contain openid scope")
        } else {
            refusal
        }
    })?;
    if app_at(call, request, who.app.client_id()).is_none() {
        return Err(not_authorized("Access token is not of this domain"));
    }
    let settings = who.app.client_settings();
    let user = call.user(&who)?;
    if !user.enabled {
        return Err(not_authorized("User is disabled."));
    }
    let scopes = sign_in.scopes.unwrap_or_default();
    let mut out = Map::new();
    out.insert("sub".into(), json!(user.sub()));
    for (name, value) in user.attributes.iter() {
        if name != "sub" && settings.may_read(name) && shows(&scopes, name) {
            out.insert(name.to_owned(), json!(value));
        }
    }
    out.insert("username".into(), json!(user.username));
    Ok(never_kept(Response::with_json(
        200,
        JSON,
        &Value::Object(out),
    )))
}

pub(super) fn refused(_: &mut Call<'_>, _: &Request, refusal: &Refusal) -> Response {
    let (status, error) = match refusal.name {
        "invalid_request" => (400, "invalid_request"),
        _ => (401, "invalid_token"),
    };
    let body = json!({ "error": error, "error_description": refusal.message });
    let mut response = Response::with_json(status, JSON, &body);
    let challenge = format!(
        "Bearer error=\"{error}\", error_description=\"{}\"",
        refusal.message
    );
    response
        .headers
        .push(("www-authenticate".into(), challenge));
    never_kept(response)
}
