//! Which web pages may call what: browsers send the `Origin` of the page, programs send none.

use serde_json::{Value, json};

use crate::program::{Reply, Server};

const PREFIX: &str = "AWSCognitoIdentityProviderService";
const JSON: &str = "application/x-amz-json-1.1";
const FORM: &str = "application/x-www-form-urlencoded";
const POOL: &str = "eu-west-1_LocalPool";
const ELSEWHERE: [&str; 7] = [
    "https://evil.example",
    "http://evil.example:9229",
    "http://localhost.evil.example",
    "http://192.168.0.7:8080",
    "http://127.0.0.1.evil.example",
    "file://",
    "null",
];
const HERE: [&str; 4] = [
    "http://localhost:8080",
    "http://app.localhost",
    "http://127.1.2.3:3000",
    "https://[::1]:8443",
];

fn post(server: &Server, origin: &str, target: &str, input: &Value) -> Reply {
    let headers = [
        ("origin", origin),
        ("content-type", JSON),
        ("x-amz-target", target),
    ];
    server.request("POST", "/", &headers, input.to_string().as_bytes())
}

fn is_refused(reply: &Reply) {
    assert_eq!(
        (reply.status, reply.error()),
        (403, Some("ForbiddenException"))
    );
    assert_eq!(reply.header("access-control-allow-origin"), None);
    assert_eq!(reply.header("access-control-allow-headers"), None);
    assert_eq!(reply.header("access-control-allow-private-network"), None);
}

fn create_user(name: &str) -> Value {
    json!({ "UserPoolId": POOL, "Username": name, "MessageAction": "SUPPRESS" })
}

fn users(server: &Server) -> usize {
    let list = server.call("ListUsers", &json!({ "UserPoolId": POOL }));
    list.json()["Users"].as_array().unwrap().len()
}

#[test]
fn browsers_may_call_and_read() {
    let server = Server::start(&[]);
    let origin = ("origin", "https://app.example.org");
    let asked = (
        "access-control-request-headers",
        "content-type,x-amz-target",
    );
    let method = ("access-control-request-method", "POST");
    let private = ("access-control-request-private-network", "true");
    let reply = server.request("OPTIONS", "/", &[origin, asked, method, private], b"");
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("access-control-allow-origin"), Some("*"));
    assert_eq!(
        reply.header("access-control-allow-private-network"),
        Some("true")
    );
    let allowed = reply.header("access-control-allow-headers").unwrap();
    for name in [
        "content-type",
        "x-amz-target",
        "x-amz-user-agent",
        "cache-control",
        "amz-sdk-invocation-id",
        "amz-sdk-request",
    ] {
        assert!(
            allowed.split(", ").any(|it| it == name),
            "{name} in {allowed}"
        );
    }
    let target = ("x-amz-target", "AWSCognitoIdentityProviderService.SignUp");
    let reply = server.request("POST", "/", &[origin, target], b"{}");
    assert_eq!(reply.status, 400);
    assert_eq!(reply.header("access-control-allow-origin"), Some("*"));
    assert_eq!(
        reply.header("access-control-expose-headers"),
        Some("x-amzn-RequestId, x-amzn-ErrorType, x-amzn-ErrorMessage, Date")
    );
}

#[test]
fn the_control_surface_is_for_this_machine_alone() {
    let server = Server::start(&[]);
    let with = |name: &'static str, value: &str| {
        server.request("GET", "/_pool/outbox", &[(name, value)], b"")
    };
    let local = with("origin", "http://localhost:8080");
    assert_eq!(local.status, 200);
    assert_eq!(
        local.header("access-control-allow-origin"),
        Some("http://localhost:8080")
    );
    let foreign = with("origin", "https://evil.example");
    assert_eq!(foreign.status, 403);
    assert_eq!(foreign.header("access-control-allow-origin"), None);
    // A name of elsewhere that was made to point here.
    assert_eq!(with("host", "evil.example:9229").status, 404);
    let events = server.request("GET", "/_pool/events", &[("host", "evil.example")], b"");
    assert_eq!(events.status, 404);
}

#[test]
fn a_website_is_no_administrator() {
    let server = Server::start(&[]);
    let create = format!("{PREFIX}.AdminCreateUser");
    for origin in ELSEWHERE {
        is_refused(&post(&server, origin, &create, &create_user("mallory")));
    }
    // A target that is none, several in one, and none at all.
    let odd = format!("{PREFIX}.SignUp, {PREFIX}.AdminCreateUser");
    for target in [odd.as_str(), "x", ""] {
        is_refused(&post(
            &server,
            ELSEWHERE[0],
            target,
            &create_user("mallory"),
        ));
    }
    assert_eq!(users(&server), 0);

    for (number, origin) in HERE.into_iter().enumerate() {
        let name = format!("user{number}");
        let reply = post(&server, origin, &create, &create_user(&name));
        assert_eq!(reply.status, 200, "{origin} {reply:?}");
        assert_eq!(reply.header("access-control-allow-origin"), Some(origin));
        assert_eq!(reply.header("vary"), Some("origin"));
    }
    assert_eq!(users(&server), HERE.len());
}

#[test]
fn a_program_is_whatever_host_it_calls() {
    let server = Server::start(&[]);
    let target = format!("{PREFIX}.AdminCreateUser");
    let headers = [
        ("host", "pool.internal:9229"),
        ("content-type", JSON),
        ("x-amz-target", target.as_str()),
    ];
    let body = create_user("jane").to_string();
    let reply = server.request("POST", "/", &headers, body.as_bytes());
    assert_eq!(reply.status, 200, "{reply:?}");
    assert_eq!(reply.header("access-control-allow-origin"), None);
}

#[test]
fn a_form_of_a_website_changes_no_role_and_no_limit() {
    let server = Server::start(&[]);
    let form = "Action=CreateRole&Version=2010-05-08&RoleName=mine&AssumeRolePolicyDocument=%7B%7D";
    let post = |origin: &str, type_: &str, body: &str| {
        let headers = [("origin", origin), ("content-type", type_)];
        server.request("POST", "/", &headers, body.as_bytes())
    };
    // The three types that a browser sends without asking first.
    for type_ in [FORM, "text/plain", "multipart/form-data; boundary=x"] {
        for origin in ELSEWHERE {
            is_refused(&post(origin, type_, form));
        }
    }
    let here = post(HERE[0], FORM, form);
    assert_ne!(here.status, 403);
    assert_eq!(here.header("access-control-allow-origin"), Some(HERE[0]));

    let case = [
        ("origin", ELSEWHERE[0]),
        ("x-amz-target", "AWSSupport_20130415.CreateCase"),
    ];
    is_refused(&server.request("POST", "/", &case, b"{}"));
    is_refused(&server.request("GET", "/", &case, b"{}"));
}

#[test]
fn what_a_browser_asks_before_says_no_too() {
    let server = Server::start(&[]);
    let ask = |origin: &str, path: &str, method: &str, headers: &str| {
        let headers = [
            ("origin", origin),
            ("access-control-request-method", method),
            ("access-control-request-headers", headers),
            ("access-control-request-private-network", "true"),
        ];
        server.request("OPTIONS", path, &headers, b"")
    };
    let signed = "content-type,x-amz-target,authorization,x-amz-date";
    for origin in ELSEWHERE {
        is_refused(&ask(origin, "/", "POST", signed));
        is_refused(&ask(origin, "/", "POST", "content-type"));
        is_refused(&ask(origin, "/", "DELETE", "x-amz-target"));
        is_refused(&ask(origin, "/_pool/clock", "POST", "content-type"));
        // Not told from one for an unsigned operation, which this origin may call.
        let open = ask(origin, "/", "POST", "content-type,x-amz-target");
        assert_eq!(open.header("access-control-allow-origin"), Some("*"));
    }
    for origin in HERE {
        let reply = ask(origin, "/", "POST", signed);
        assert_eq!(reply.header("access-control-allow-origin"), Some(origin));
    }
}

#[test]
fn the_34_operations_for_browsers_are_open_to_every_page() {
    let unsigned = [
        "AssociateSoftwareToken",
        "ChangePassword",
        "CompleteWebAuthnRegistration",
        "ConfirmDevice",
        "ConfirmForgotPassword",
        "ConfirmSignUp",
        "DeleteUser",
        "DeleteUserAttributes",
        "DeleteWebAuthnCredential",
        "ForgetDevice",
        "ForgotPassword",
        "GetDevice",
        "GetTokensFromRefreshToken",
        "GetUser",
        "GetUserAttributeVerificationCode",
        "GetUserAuthFactors",
        "GlobalSignOut",
        "InitiateAuth",
        "ListDevices",
        "ListUserSessions",
        "ListWebAuthnCredentials",
        "ResendConfirmationCode",
        "RespondToAuthChallenge",
        "RevokeToken",
        "RevokeUserSession",
        "SetUserMFAPreference",
        "SetUserSettings",
        "SignUp",
        "StartWebAuthnRegistration",
        "UpdateAuthEventFeedback",
        "UpdateDeviceStatus",
        "UpdateUserAttributes",
        "VerifySoftwareToken",
        "VerifyUserAttribute",
    ];
    assert_eq!(unsigned.len(), 34);
    let server = Server::start(&[]);
    for name in cognito_pool::api_operations() {
        let reply = post(&server, "null", &format!("{PREFIX}.{name}"), &json!({}));
        if unsigned.contains(&name) {
            assert_ne!(reply.status, 403, "{name}");
            assert_eq!(reply.header("access-control-allow-origin"), Some("*"));
        } else {
            is_refused(&reply);
        }
    }
    // Documents are public as well.
    let jwks = format!("/{POOL}/.well-known/jwks.json");
    let reply = server.request("GET", &jwks, &[("origin", ELSEWHERE[0])], b"");
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("access-control-allow-origin"), Some("*"));
}

#[test]
fn an_origin_that_was_named_may_do_what_this_machine_may() {
    let named = "https://admin.example";
    let server = Server::start(&[
        "--allow-origin",
        named,
        "--allow-origin",
        "http://b.example:8",
    ]);
    let target = format!("{PREFIX}.AdminCreateUser");
    let reply = post(&server, named, &target, &create_user("jane"));
    assert_eq!(reply.status, 200, "{reply:?}");
    assert_eq!(reply.header("access-control-allow-origin"), Some(named));
    let outbox = server.request(
        "GET",
        "/_pool/outbox",
        &[("origin", "http://b.example:8")],
        b"",
    );
    assert_eq!(outbox.status, 200);
    for other in [
        "https://admin.example:444",
        "http://admin.example",
        "http://b.example",
        "null",
    ] {
        is_refused(&post(&server, other, &target, &create_user("mallory")));
    }
    assert_eq!(users(&server), 1);
}
