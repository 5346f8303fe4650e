//! The log: one line per request, in which no secret can stand.
//!
//! What is logged is taken from closed lists or short patterns, never from a body, a query or a
//! path as it came: those hold passwords, codes and tokens.

use std::time::Duration;

use super::args::LogFormat;
use crate::{Request, Response, managed_login};

/// Sends the log to standard error.
pub(super) fn start(format: LogFormat) {
    let builder = tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_target(false);
    // Where a subscriber is set already (a test's), that one stays.
    let _ = match format {
        LogFormat::Text => builder.with_ansi(false).try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
        LogFormat::Off => return,
    };
}

/// One line for one answered request.
pub(super) fn request(what: &str, reply: &Response, took: Duration) {
    let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
    let error = reply.error_name().unwrap_or_default();
    let id = reply.header("x-amzn-requestid").unwrap_or_default();
    tracing::info!(what, status = reply.status, error, micros, id, "request");
}

/// What a request is about, in words that hold nothing of what its client sent but an operation's
/// name.
pub(super) fn subject(request: &Request) -> String {
    if let Some(target) = request.header("x-amz-target") {
        let operation = target.rsplit('.').next().unwrap_or_default();
        let is_name = (1..=64).contains(&operation.len())
            && operation.bytes().all(|it| it.is_ascii_alphanumeric());
        return if is_name {
            operation.to_owned()
        } else {
            "unknown operation".to_owned()
        };
    }
    let path = request.path.split('?').next().unwrap_or_default();
    let known = [
        "/_pool/",
        "/_pool/outbox",
        "/_pool/deliveries",
        "/_pool/spending",
        "/_pool/clock",
        "/_pool/events",
        "/confirmUser",
        "/health",
    ];
    let known = (known.iter().copied().find(|known| *known == path))
        .or_else(|| managed_login::known_path(path));
    match known {
        Some(known) => known.to_owned(),
        None if path.ends_with("/.well-known/jwks.json") => "jwks.json".to_owned(),
        None if path.ends_with("/.well-known/openid-configuration") => {
            "openid-configuration".to_owned()
        }
        None if request.method == "POST" => "query protocol".to_owned(),
        None => "other".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_hold_nothing_secret() {
        let operation = Request::operation("SignUp", &serde_json::json!({ "Password": "secret" }));
        assert_eq!(subject(&operation), "SignUp");
        for (path, expected) in [
            ("/_pool/outbox?to=%2B12025550100", "/_pool/outbox"),
            ("/confirmUser?confirmation_code=secret", "/confirmUser"),
            ("/eu-west-1_A/.well-known/jwks.json", "jwks.json"),
            ("/login?state=secret", "/login"),
            ("/oauth2/token?code=secret", "/oauth2/token"),
            ("/secret", "other"),
        ] {
            assert_eq!(subject(&Request::get(path)), expected);
        }
        let mut odd = Request::get("/");
        odd.headers
            .push(("X-Amz-Target".to_owned(), "A.b c\nsecret".to_owned()));
        assert_eq!(subject(&odd), "unknown operation");
    }
}
