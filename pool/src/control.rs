//! What is answered apart from operations: the well-known documents, the link in an email, and the
//! control surface under `/_pool/` by which tests and pages read the outbox and move the clock, with a
//! window on it for people.

use serde_json::{Value, json};

use crate::call::Call;
use crate::error::{Refusal, is_of_a_function};
use crate::managed_login::openid_configuration;
use crate::money::{MicroUsd, Prices};
use crate::operations::sign_up::confirm_by_link;
use crate::options::Options;
use crate::randomness::Randomness;
use crate::snapshots::Snapshots;
use crate::state::State;
use crate::transfer::export;
use crate::wire::{Request, Response};

pub(crate) const JSON: &str = "application/json";
const PAGE: &str = "text/html; charset=utf-8";

/// `now` is the caller's clock, not the service's, which may stand further ahead.
pub(crate) fn answer(
    options: &Options,
    state: &mut State,
    snapshots: &mut Snapshots,
    request: &Request,
    now: u64,
    randomness: &mut dyn Randomness,
) -> Response {
    let path = request.path_only();
    if let Some(rest) = path.strip_prefix("/_pool/") {
        if !options.control {
            return not_found();
        }
        if let ("GET", Some(part)) = (request.method.as_str(), window(rest)) {
            return part;
        }
        return match (request.method.as_str(), rest) {
            ("POST", "snapshot") => {
                let id = snapshots.take(state, randomness);
                Response::with_json(200, JSON, &json!({ "id": id }))
            }
            ("POST", "restore") => restore(state, snapshots, request),
            _ => control(state, request, rest, now),
        };
    }
    let mut parts = path.trim_start_matches('/').splitn(2, '/');
    let (pool, document) = (
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default(),
    );
    let Some(pool) = state.pools.get(pool) else {
        return not_found();
    };
    match document {
        ".well-known/jwks.json" => Response::with_json(200, JSON, &options.key.jwks()),
        ".well-known/openid-configuration" => {
            Response::with_json(200, JSON, &openid_configuration(options, pool))
        }
        _ => not_found(),
    }
}

/// The window for people: a page, its style and its script, which may load and call nothing but what is
/// here.
fn window(part: &str) -> Option<Response> {
    const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
        connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; \
        frame-ancestors 'none'";
    let (kind, text) = match part {
        "" => (PAGE, include_str!("control/window.html")),
        "window.css" => (
            "text/css; charset=utf-8",
            include_str!("control/window.css"),
        ),
        "window.js" => {
            let script = include_str!("control/window.js");
            ("text/javascript; charset=utf-8", script)
        }
        _ => return None,
    };
    let mut response = Response::with_text(200, kind, text);
    for (name, value) in [
        ("content-security-policy", POLICY),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cache-control", "no-store"),
    ] {
        response.headers.push((name.into(), value.into()));
    }
    Some(response)
}

fn restore(state: &mut State, snapshots: &Snapshots, request: &Request) -> Response {
    let input: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    let id = input.get("id").and_then(Value::as_str).unwrap_or_default();
    if snapshots.restore(id, state) {
        return Response::with_json(200, JSON, &json!({}));
    }
    let message = "There is no snapshot of that id: they are kept in memory, the latest thousand.";
    Response::with_json(404, JSON, &json!({ "message": message }))
}

fn control(state: &mut State, request: &Request, what: &str, now: u64) -> Response {
    let time = now.saturating_add(*state.clock_offset.get());
    match (request.method.as_str(), what) {
        ("GET", "outbox") => {
            let to = request.query("to");
            of_log(state, &state.log.outbox(to.as_deref()))
        }
        ("GET", "export") => {
            let id = request.query("pool").unwrap_or_default();
            match export(state, &id) {
                Some(pool) => Response::with_json(200, JSON, &pool),
                None => not_found(),
            }
        }
        ("GET", "deliveries") => of_log(state, &state.log.deliveries()),
        ("GET", "spending") => {
            let spending = state.account.get().spending();
            let body = json!({
                "monthToDateMicroUsd": spending.month_to_date(time).micro_usd(),
                "limitMicroUsd": spending.limit().micro_usd(),
            });
            Response::with_json(200, JSON, &body)
        }
        ("POST", "spending") => spend(state, request, time),
        ("GET", "prices") => Response::with_json(200, JSON, &json!(state.account.get().prices())),
        ("POST", "prices") => set_prices(state, request),
        ("POST", "clock") => {
            let input: Value = serde_json::from_slice(&request.body).unwrap_or_default();
            let Some(seconds) = input.get("advanceSeconds").and_then(Value::as_u64) else {
                return refused("advanceSeconds must be a whole number, 0 or more");
            };
            // A hundred years are enough, and keep every later sum within bounds.
            let advance = seconds.min(3_153_600_000).saturating_mul(1000);
            let most = 3_153_600_000_000;
            let offset = state.clock_offset.get_mut();
            *offset = offset.saturating_add(advance).min(most);
            let now = now.saturating_add(*offset);
            Response::with_json(200, JSON, &json!({ "now": now }))
        }
        _ => not_found(),
    }
}

/// As if messages of that cost had been sent: a month's limit is not reached by hand otherwise.
fn spend(state: &mut State, request: &Request, now: u64) -> Response {
    let input: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    let Some(cost) = input.get("microUsd").and_then(Value::as_u64) else {
        return refused("microUsd must be a whole number, 0 or more");
    };
    if !state.account.get_mut().spend(MicroUsd::new(cost), now) {
        return refused("That would pass the month's limit; nothing was spent");
    }
    Response::with_json(200, JSON, &json!({}))
}

fn set_prices(state: &mut State, request: &Request) -> Response {
    match serde_json::from_slice::<Prices>(&request.body) {
        Ok(prices) => {
            state.account.get_mut().set_prices(prices);
            Response::with_json(200, JSON, &json!({}))
        }
        Err(error) => refused(&error.to_string()),
    }
}

fn refused(why: &str) -> Response {
    Response::with_json(400, JSON, &json!({ "message": why }))
}

/// A part of the log; a header says how many older entries of it there are no more.
fn of_log(state: &State, entries: &Value) -> Response {
    let mut response = Response::with_json(200, JSON, entries);
    if state.log.given_up() > 0 {
        let count = state.log.given_up().to_string();
        response.headers.push(("x-pool-given-up".into(), count));
    }
    response
}

/// Where the link in an email leads.
pub(crate) const LINK: &str = "/confirmUser";

/// Does what the link in an email says.
pub(crate) fn confirm(call: &mut Call<'_>, request: &Request) -> Result<(), Refusal> {
    let text = |name: &str| request.query(name).unwrap_or_default();
    let (client, username) = (text("client_id"), text("user_name"));
    confirm_by_link(call, &client, &username, &text("confirmation_code"))
}

/// The page that the person sees then.
pub(crate) fn confirmation(done: &Result<(), Refusal>) -> Response {
    let (status, sentence) = match done {
        Ok(()) => (200, "Your registration has been confirmed!"),
        Err(refusal) if is_of_a_function(refusal) => (
            400,
            "Your registration has been confirmed, but a function of the app failed.",
        ),
        Err(_) => (
            400,
            "This link is not valid, or not any more. Ask for a new one.",
        ),
    };
    Response::with_text(
        status,
        PAGE,
        &format!(
            "<!doctype html><html lang=en><meta charset=utf-8><title>Confirmation</title>\
             <p>{sentence}</p></html>"
        ),
    )
}

fn not_found() -> Response {
    Response::with_json(404, JSON, &json!({ "message": "Not found" }))
}
