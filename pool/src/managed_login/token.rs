//! `/oauth2/token`: a code, a refresh token or a client's own secret for tokens.

use std::collections::BTreeSet;

use base64ct::{Base64, Base64UrlUnpadded, Encoding};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::Answer;
use super::page::never_kept;
use super::parameters::{Parameters, app_at};
use crate::call::{App, Call};
use crate::error::{Refusal, internal_error};
use crate::operations::{Asked, Occasion};
use crate::randomness::Draw;
use crate::state::fingerprint;
use crate::wire::{Request, Response, percent_decoded};

const JSON: &str = "application/json;charset=UTF-8";

pub(super) fn token(call: &mut Call<'_>, request: &Request) -> Answer {
    let form = form_of(request)?;
    let app = client(call, request, &form)?;
    let tokens = match form.get("grant_type") {
        Some("authorization_code") => by_code(call, &app, &form)?,
        Some("refresh_token") => by_refresh_token(call, &app, &form)?,
        Some("client_credentials") => by_secret(call, &app, &form)?,
        Some(_) => return Err(Refusal::new("unsupported_grant_type", "")),
        None => return Err(invalid_request("grant_type is missing.")),
    };
    Ok(never_kept(Response::with_json(200, JSON, &tokens)))
}

/// An error as RFC 6749 names it, always with the status that Cognito's guide shows. What the rest of
/// the pool refuses is told in its words.
pub(super) fn refused(_: &mut Call<'_>, _: &Request, refusal: &Refusal) -> Response {
    let (status, error) = match refusal.name {
        name @ ("invalid_request"
        | "invalid_client"
        | "invalid_grant"
        | "unauthorized_client"
        | "unsupported_grant_type"
        | "invalid_scope"
        | "unsupported_token_type") => (400, name),
        "NotAuthorizedException"
        | "RefreshTokenReuseException"
        | "UserNotFoundException"
        | "PasswordResetRequiredException"
        | "UserLambdaValidationException" => (400, "invalid_grant"),
        _ => (500, "server_error"),
    };
    let mut body = Map::new();
    body.insert("error".into(), json!(error));
    if !refusal.message.is_empty() {
        body.insert("error_description".into(), json!(refusal.message));
    }
    never_kept(Response::with_json(status, JSON, &Value::Object(body)))
}

/// The form of a request that must be one.
pub(super) fn form_of(request: &Request) -> Result<Parameters, Refusal> {
    let kind = request.header("content-type").unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(invalid_request("The body must be a form."));
    }
    let form = Parameters::of_form(request);
    if form.repeats() {
        return Err(invalid_request("A parameter is there twice."));
    }
    Ok(form)
}

/// The client that asks, its secret checked where it has one: in a header, or in the form.
pub(super) fn client(
    call: &Call<'_>,
    request: &Request,
    form: &Parameters,
) -> Result<App, Refusal> {
    let invalid = || Refusal::new("invalid_client", "");
    let header = request.header("authorization");
    let basic = match header {
        Some(header) => Some(basic(header).ok_or_else(invalid)?),
        None => None,
    };
    let (id, secret) = match (&basic, form.get("client_id"), form.get("client_secret")) {
        (Some((id, _)), Some(other), _) if id != other => {
            return Err(invalid_request("client_id is not that of the header."));
        }
        (Some(_), _, Some(_)) => {
            return Err(invalid_request("The secret is there twice."));
        }
        (Some((id, secret)), _, None) => (id.as_str(), Some(secret.as_str())),
        (None, Some(id), secret) => (id, secret),
        (None, None, _) => return Err(invalid_request("client_id is missing.")),
    };
    let app = app_at(call, request, id).ok_or_else(invalid)?;
    let expected = app
        .client
        .as_ref()
        .and_then(|client| client.secret.as_deref());
    match (expected, secret) {
        (None, None) => Ok(app),
        (Some(expected), Some(secret)) if fingerprint(expected) == fingerprint(secret) => Ok(app),
        _ => Err(invalid()),
    }
}

/// Id and secret of `Basic …`, each encoded as in a form.
fn basic(header: &str) -> Option<(String, String)> {
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(Base64::decode_vec(encoded.trim()).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    Some((percent_decoded(id), percent_decoded(secret)))
}

fn by_code(call: &mut Call<'_>, app: &App, form: &Parameters) -> Result<Value, Refusal> {
    may(app, "code")?;
    let needed = |name: &str| {
        let missing = || invalid_request(&format!("{name} is missing."));
        form.get(name).ok_or_else(missing)
    };
    let key = fingerprint(needed("code")?);
    let redirect_uri = needed("redirect_uri")?;
    let codes = &mut call.pool_mut(&app.pool_id)?.managed_login.codes;
    let grant = codes
        .get(&key)
        .filter(|grant| grant.client_id == app.client_id());
    let grant = grant.cloned().ok_or_else(|| invalid_grant(""))?;
    // Whatever comes of it: one code is good for one request.
    codes.remove(&key);
    let late = call.now >= grant.expires;
    if late || redirect_uri != grant.redirect_uri {
        return Err(invalid_grant("").keeping_changes());
    }
    check_verifier(grant.code_challenge.as_deref(), form.get("code_verifier"))
        .map_err(Refusal::keeping_changes)?;
    let who = call.find_key(app, &grant.user);
    let who = who.filter(|who| call.user(who).is_ok_and(|user| user.sub() == grant.sub));
    let who = who.ok_or_else(|| invalid_grant("").keeping_changes())?;
    if !call.user(&who)?.enabled {
        return Err(invalid_grant("User is disabled.").keeping_changes());
    }
    let changes = call
        .pre_token_generation_for(&who, Occasion::HostedAuth, &Value::Null, &grant.scopes)
        .map_err(Refusal::keeping_changes)?;
    let asked = Asked {
        scopes: Some(&grant.scopes),
        nonce: grant.nonce.as_deref(),
        auth_time: Some(grant.auth_time),
    };
    let result = call.sign_in_asked(&who, None, &changes, &asked)?;
    Ok(in_oauth(&result))
}

/// RFC 7636: who asks for tokens is who asked for the code. A verifier for a code that was asked for
/// without one is refused too (RFC 9700, 2.1.1).
fn check_verifier(challenge: Option<&str>, verifier: Option<&str>) -> Result<(), Refusal> {
    let well_formed = |verifier: &&str| {
        (43..=128).contains(&verifier.len())
            && (verifier.bytes()).all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b))
    };
    match (challenge, verifier) {
        (None, None) => Ok(()),
        (Some(challenge), Some(verifier)) => {
            let Some(verifier) = Some(verifier).filter(well_formed) else {
                return Err(invalid_request("code_verifier is not well formed."));
            };
            let hash = Base64UrlUnpadded::encode_string(&Sha256::digest(verifier));
            if hash == challenge {
                Ok(())
            } else {
                Err(invalid_grant(""))
            }
        }
        _ => Err(invalid_grant("")),
    }
}

fn by_refresh_token(call: &mut Call<'_>, app: &App, form: &Parameters) -> Result<Value, Refusal> {
    may(app, "code")?;
    let missing = || invalid_request("refresh_token is missing.");
    let token = form.get("refresh_token").ok_or_else(missing)?;
    let result = call.refresh(app, token, None, &Value::Null)?;
    Ok(in_oauth(&result))
}

/// A client in its own name: an access token with custom scopes.
fn by_secret(call: &mut Call<'_>, app: &App, form: &Parameters) -> Result<Value, Refusal> {
    may(app, "client_credentials")?;
    let settings = app.client_settings();
    let pool = call.pool(&app.pool_id)?;
    let mut allowed = settings.oauth.scopes.iter();
    let asked: BTreeSet<&str> = match form.get("scope") {
        Some(asked) => asked.split(' ').filter(|scope| !scope.is_empty()).collect(),
        None => allowed.clone().map(String::as_str).collect(),
    };
    let may_have = |scope: &&str| {
        pool.managed_login.has_scope(scope) && allowed.any(|allowed| allowed == scope)
    };
    let granted: Vec<&str> = asked.iter().copied().filter(may_have).collect();
    if granted.len() < asked.len() || granted.is_empty() {
        return Err(Refusal::new("invalid_scope", ""));
    }
    let scope = granted.join(" ");
    let now = call.now / 1000;
    let seconds = settings.access_seconds();
    let claims = json!({
        "sub": app.client_id(),
        "token_use": "access",
        "scope": scope,
        "auth_time": now,
        "iss": format!("{}/{}", call.options.issuer, app.pool_id),
        "exp": now + seconds,
        "iat": now,
        "version": 2,
        "jti": call.randomness.uuid(),
        "client_id": app.client_id(),
    });
    let token = call.options.key.sign(&claims);
    let token = token.ok_or_else(|| internal_error("The token could not be signed."))?;
    Ok(json!({ "access_token": token, "expires_in": seconds, "token_type": "Bearer" }))
}

/// Whether the client may use a grant.
fn may(app: &App, flow: &str) -> Result<(), Refusal> {
    if app.client_settings().oauth.allows(flow) {
        Ok(())
    } else {
        Err(Refusal::new("unauthorized_client", ""))
    }
}

/// `AuthenticationResult` under the names that RFC 6749 and OpenID Connect have.
fn in_oauth(result: &Value) -> Value {
    let names = [
        ("AccessToken", "access_token"),
        ("IdToken", "id_token"),
        ("RefreshToken", "refresh_token"),
        ("TokenType", "token_type"),
        ("ExpiresIn", "expires_in"),
    ];
    let member =
        |(theirs, ours): (&str, &str)| Some((ours.to_owned(), result.get(theirs)?.clone()));
    names.into_iter().filter_map(member).collect()
}

pub(super) fn invalid_request(why: &str) -> Refusal {
    Refusal::new("invalid_request", why)
}

fn invalid_grant(why: &str) -> Refusal {
    Refusal::new("invalid_grant", why)
}
