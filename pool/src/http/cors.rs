//! Cross-origin requests: which browser pages may call what, and read what of the reply.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::{log, reply};
use crate::settings::is_this_machine;
use crate::wire::operation_of;
use crate::{facts, managed_login};

/// What Cognito's clients send.
const CLIENT_HEADERS: &str = "content-type, x-amz-target, x-amz-user-agent, cache-control, \
    amz-sdk-invocation-id, amz-sdk-request";

/// What a signed request of the AWS SDKs carries besides.
const SIGNING_HEADERS: &str =
    "authorization, x-amz-date, x-amz-content-sha256, x-amz-security-token";

/// What Cognito lets pages read of a reply.
const EXPOSED_HEADERS: &str = "x-amzn-RequestId, x-amzn-ErrorType, x-amzn-ErrorMessage, Date";

/// Whom a request is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Audience {
    /// Pages of any origin, as Cognito does.
    Everybody,
    /// Pages of this machine, and programs: those send no `Origin`.
    ThisMachine,
    /// The person who looks at it: the pages of managed login, which no script may read. They look
    /// themselves at where a form comes from.
    Person,
}

/// The origins of elsewhere that were named at the start.
#[derive(Clone)]
pub(super) struct AllowedOrigins(pub(super) Arc<[String]>);

impl AllowedOrigins {
    fn has(&self, origin: &HeaderValue) -> bool {
        let is = |allowed: &String| origin.as_bytes().eq_ignore_ascii_case(allowed.as_bytes());
        self.0.iter().any(is)
    }
}

/// Answers preflights and names the origins that may read a reply.
///
/// The operations that AWS takes without a signature are for browsers of any origin. All others are
/// an administrator's: the pool checks no signature, so a website that somebody happens to visit
/// could delete the users of the pool that runs on their laptop. They, and the control surface that
/// hands out codes, are refused to pages of elsewhere before anything is done, with or without a
/// preflight.
pub(super) async fn layer(
    State(allowed): State<AllowedOrigins>,
    request: Request,
    next: Next,
) -> Response {
    // Two servers in a row could each believe another one (RFC 9112, section 3.2).
    if request.headers().get_all(header::HOST).iter().count() > 1 {
        let why = "A request has one Host.";
        return reply::error(400, "BadRequest", why).into_response();
    }
    let audience = audience(&request);
    let origin = Origin::of(request.headers(), &allowed);
    if audience == Audience::ThisMachine && matches!(origin, Origin::Foreign) {
        return refusal();
    }
    let mut response = if request.method() == Method::OPTIONS {
        let shows_token = managed_login::is_for_scripts(request.uri().path());
        preflight(request.headers(), audience, shows_token)
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    let allowed = match (origin, audience) {
        (Origin::None, _) | (_, Audience::Person) => None,
        (Origin::Local(origin), Audience::ThisMachine) => Some(origin),
        _ => Some(HeaderValue::from_static("*")),
    };
    if let Some(allowed) = allowed {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
        let exposed = HeaderValue::from_static(EXPOSED_HEADERS);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
    }
    if audience == Audience::ThisMachine {
        headers.insert(header::VARY, HeaderValue::from_static("origin"));
    }
    response
}

fn refusal() -> Response {
    let reply = reply::error(
        403,
        "ForbiddenException",
        "This is for pages of this machine or of an --allow-origin, and for programs, which send \
         no Origin.",
    );
    log::request("page of elsewhere", &reply, Duration::ZERO);
    reply.into_response()
}

fn audience(request: &Request) -> Audience {
    let headers = request.headers();
    let path = request.uri().path();
    if managed_login::known_path(path).is_some() {
        return if managed_login::is_for_scripts(path) {
            Audience::Everybody
        } else {
            Audience::Person
        };
    }
    let is_for_everybody = if path.starts_with("/_pool/") {
        false
    } else if request.method() == Method::OPTIONS {
        asks_for_everybodys(headers)
    } else {
        match headers.get("x-amz-target") {
            Some(target) => is_unsigned_operation(target),
            // Documents are; what is posted without a target is for IAM and SNS.
            None => is_read(request.method().as_str()),
        }
    };
    if is_for_everybody {
        Audience::Everybody
    } else {
        Audience::ThisMachine
    }
}

fn is_unsigned_operation(target: &HeaderValue) -> bool {
    let name = target.to_str().ok().and_then(operation_of);
    name.is_some_and(facts::is_unsigned)
}

fn is_read(method: &str) -> bool {
    matches!(method, "GET" | "HEAD")
}

/// Whether a preflight can be one for an unsigned operation. It says which headers will be sent,
/// not what is in them: that is looked at when the request itself comes.
fn asks_for_everybodys(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let method = text(header::ACCESS_CONTROL_REQUEST_METHOD).unwrap_or_default();
    let asked = text(header::ACCESS_CONTROL_REQUEST_HEADERS).unwrap_or_default();
    let asked = || asked.split(',').map(str::trim);
    let is = |name: &str, other: &str| name.eq_ignore_ascii_case(other);
    let signs = asked().any(|name| SIGNING_HEADERS.split(", ").any(|other| is(name, other)));
    is_read(method) || (method == "POST" && asked().any(|name| is(name, "x-amz-target")) && !signs)
}

/// Where a request comes from.
enum Origin {
    /// From a program.
    None,
    /// From a page of this machine, or of an origin that was named.
    Local(HeaderValue),
    /// From a page of elsewhere, or of nowhere (`null`).
    Foreign,
}

impl Origin {
    fn of(headers: &HeaderMap, allowed: &AllowedOrigins) -> Self {
        let mut origins = headers.get_all(header::ORIGIN).iter();
        match (origins.next(), origins.next()) {
            (None, _) => Self::None,
            (Some(origin), None) if is_local_origin(origin) || allowed.has(origin) => {
                Self::Local(origin.clone())
            }
            _ => Self::Foreign,
        }
    }
}

fn is_local_origin(origin: &HeaderValue) -> bool {
    origin
        .to_str()
        .ok()
        .and_then(|origin| origin.split_once("://"))
        .is_some_and(|(_, host)| is_this_machine(host))
}

/// `shows_token`: at the endpoints that take tokens and clients' secrets in `authorization`.
fn preflight(asked: &HeaderMap, audience: Audience, shows_token: bool) -> Response {
    const PRIVATE_NETWORK: HeaderName =
        HeaderName::from_static("access-control-request-private-network");
    let mut response = StatusCode::OK.into_response();
    let headers = response.headers_mut();
    for (name, value) in [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, OPTIONS"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, CLIENT_HEADERS),
        (header::ACCESS_CONTROL_MAX_AGE, "172800"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if audience == Audience::ThisMachine {
        let signing = HeaderValue::from_static(SIGNING_HEADERS);
        headers.append(header::ACCESS_CONTROL_ALLOW_HEADERS, signing);
    }
    if shows_token {
        let authorization = HeaderValue::from_static("authorization");
        headers.append(header::ACCESS_CONTROL_ALLOW_HEADERS, authorization);
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
            assert!(is_this_machine(host), "{host}");
        }
        for host in [
            "example.org",
            "localhost.example.org:80",
            "192.168.0.1",
            "",
            "notlocalhost",
        ] {
            assert!(!is_this_machine(host), "{host}");
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
