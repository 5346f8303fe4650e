//! Cross-origin requests: which browser pages may call what, and read what of the reply.

use std::net::IpAddr;

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// What Cognito's clients send, and what a signed request of the AWS SDKs carries.
const ALLOWED_HEADERS: &str = "content-type, x-amz-target, x-amz-user-agent, cache-control, \
    amz-sdk-invocation-id, amz-sdk-request, authorization, x-amz-date, x-amz-content-sha256, \
    x-amz-security-token";

/// What Cognito lets pages read of a reply.
const EXPOSED_HEADERS: &str = "x-amzn-RequestId, x-amzn-ErrorType, x-amzn-ErrorMessage, Date";

/// Answers preflights and names the origins that may read a reply.
///
/// The user pool itself answers every origin, as Cognito does. The control surface, which hands out
/// codes, answers only pages of this machine, and only under a name of this machine: a page of
/// elsewhere that had its own name point here (DNS rebinding) gets nothing.
pub(super) async fn layer(request: Request, next: Next) -> Response {
    let control = request.uri().path().starts_with("/_pool/");
    let origin = request.headers().get(header::ORIGIN).cloned();
    let allowed = match &origin {
        None => None,
        Some(origin) if control => is_local_origin(origin).then(|| origin.clone()),
        Some(_) => Some(HeaderValue::from_static("*")),
    };
    if control && origin.is_some() && allowed.is_none() {
        return (
            StatusCode::FORBIDDEN,
            "The control surface is for pages of this machine.\n",
        )
            .into_response();
    }
    let mut response = if request.method() == Method::OPTIONS {
        preflight(request.headers())
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    if let Some(allowed) = allowed {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
        let exposed = HeaderValue::from_static(EXPOSED_HEADERS);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
    }
    if control {
        headers.insert(header::VARY, HeaderValue::from_static("origin"));
    }
    response
}

/// Whether a `Host` header names this machine.
pub(super) fn is_local_host(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|it| it.is_ascii_digit()) => name,
        _ => host,
    };
    let name = name.trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost")
        || name.to_ascii_lowercase().ends_with(".localhost")
        || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn is_local_origin(origin: &HeaderValue) -> bool {
    origin
        .to_str()
        .ok()
        .and_then(|origin| origin.split_once("://"))
        .is_some_and(|(_, host)| is_local_host(host))
}

fn preflight(asked: &HeaderMap) -> Response {
    const PRIVATE_NETWORK: HeaderName =
        HeaderName::from_static("access-control-request-private-network");
    let mut response = StatusCode::OK.into_response();
    let headers = response.headers_mut();
    for (name, value) in [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, OPTIONS"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, ALLOWED_HEADERS),
        (header::ACCESS_CONTROL_MAX_AGE, "172800"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // Chromium asks before a page of the public web may call loopback.
    if asked.contains_key(PRIVATE_NETWORK) {
        headers.insert(
            HeaderName::from_static("access-control-allow-private-network"),
            HeaderValue::from_static("true"),
        );
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_this_machine() {
        for host in [
            "localhost",
            "LOCALHOST:80",
            "a.localhost",
            "127.0.0.1:9229",
            "[::1]:1",
            "[::1]",
        ] {
            assert!(is_local_host(host), "{host}");
        }
        for host in [
            "example.org",
            "localhost.example.org:80",
            "192.168.0.1",
            "",
            "notlocalhost",
        ] {
            assert!(!is_local_host(host), "{host}");
        }
        assert!(is_local_origin(&HeaderValue::from_static(
            "http://127.0.0.1:8080"
        )));
        assert!(!is_local_origin(&HeaderValue::from_static(
            "https://example.org"
        )));
        assert!(!is_local_origin(&HeaderValue::from_static("null")));
    }
}
