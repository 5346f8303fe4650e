//! Managed login over sockets: which pages may read what, and what is logged.

use base64ct::{Base64UrlUnpadded, Encoding};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::program::{Reply, Server};

const CLIENT: &str = "local0client0000000000000";
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const VERIFIER: &str = "a-verifier-of-forty-three-letters-or-more-0123456789";

fn asking(path: &str) -> String {
    let challenge = Base64UrlUnpadded::encode_string(&Sha256::digest(VERIFIER));
    format!(
        "{path}?response_type=code&client_id={CLIENT}&redirect_uri=http%3A%2F%2Flocalhost%3A8080%2F\
         &scope=openid&state=from-the-app&code_challenge={challenge}&code_challenge_method=S256"
    )
}

/// The value of a hidden member.
fn hidden(page: &str, name: &str) -> String {
    let (_, rest) = page
        .split_once(&format!("name=\"{name}\" value=\""))
        .unwrap();
    rest.split('"').next().unwrap().to_owned()
}

fn cookie(reply: &Reply) -> String {
    let cookie = reply.header("set-cookie").unwrap();
    cookie.split(';').next().unwrap().to_owned()
}

#[test]
fn a_person_signs_in_with_a_browser() {
    let mut server = Server::start(&[]);
    let user = json!({ "UserPoolId": "eu-west-1_LocalPool", "Username": "alice",
        "Password": "Correct-horse-7", "Permanent": true });
    server.call(
        "AdminCreateUser",
        &json!({ "UserPoolId": "eu-west-1_LocalPool",
        "Username": "alice", "MessageAction": "SUPPRESS" }),
    );
    assert_eq!(server.call("AdminSetUserPassword", &user).status, 200);
    // An app leads here: a navigation has no Origin.
    let reply = server.get(&asking("/oauth2/authorize"));
    assert_eq!(reply.status, 303);
    let login = reply.header("location").unwrap().to_owned();
    let page = server.get(&login);
    let body = page.text();
    let (token, cookies) = (hidden(&body, "_csrf"), cookie(&page));
    let form = format!("_csrf={token}&username=alice&password=Correct-horse-7");
    let own = server.url();
    let headers = [FORM, ("origin", own.as_str()), ("cookie", cookies.as_str())];
    let reply = server.request("POST", &login, &headers, form.as_bytes());
    assert_eq!(reply.status, 303, "{reply:?}");
    assert_eq!(reply.header("access-control-allow-origin"), None);
    let back = reply.header("location").unwrap();
    let (_, code) = back.split_once("http://localhost:8080/?code=").unwrap();
    let code = code.split('&').next().unwrap().to_owned();
    // The app, a page of elsewhere, changes the code for tokens.
    let form = format!(
        "grant_type=authorization_code&client_id={CLIENT}&code={code}&code_verifier={VERIFIER}\
         &redirect_uri=http%3A%2F%2Flocalhost%3A8080%2F"
    );
    let headers = [FORM, ("origin", "https://app.example.org")];
    let tokens = server.request("POST", "/oauth2/token", &headers, form.as_bytes());
    assert_eq!(tokens.status, 200, "{tokens:?}");
    assert_eq!(tokens.header("access-control-allow-origin"), Some("*"));
    let access = tokens.json()["access_token"].as_str().unwrap().to_owned();
    let bearer = format!("Bearer {access}");
    let headers = [
        ("authorization", bearer.as_str()),
        ("origin", "https://app.example.org"),
    ];
    let info = server.request("GET", "/oauth2/userInfo", &headers, b"");
    assert_eq!(info.json()["username"], "alice");
    assert_eq!(info.header("access-control-allow-origin"), Some("*"));
    server.signal("TERM");
    server.wait();
    let log = server.log();
    assert!(
        log.contains("/oauth2/token") && log.contains("/login"),
        "{log}"
    );
    for secret in [
        "Correct-horse",
        VERIFIER,
        &code,
        &access,
        &token,
        "from-the-app",
    ] {
        assert!(!log.contains(secret), "{log}");
    }
}

#[test]
fn preflights_for_the_endpoints_that_scripts_call() {
    let server = Server::start(&[]);
    for (path, method) in [
        ("/oauth2/token", "POST"),
        ("/oauth2/userInfo", "GET"),
        ("/oauth2/revoke", "POST"),
    ] {
        let headers = [
            ("origin", "https://app.example.org"),
            ("access-control-request-method", method),
            ("access-control-request-headers", "authorization"),
        ];
        let reply = server.request("OPTIONS", path, &headers, b"");
        assert_eq!(
            (reply.status, reply.header("access-control-allow-origin")),
            (200, Some("*"))
        );
        let allowed = reply.headers("access-control-allow-headers");
        assert!(allowed.contains(&"authorization"), "{allowed:?}");
    }
}

#[test]
fn pages_of_elsewhere_read_no_page_and_post_no_form() {
    let server = Server::start(&[]);
    for origin in ["https://evil.example", "null", "http://localhost:8080"] {
        let login = asking("/login");
        let page = server.request("GET", &login, &[("origin", origin)], b"");
        assert_eq!(page.header("access-control-allow-origin"), None);
        let body = page.text();
        let form = format!("_csrf={}&username=a&password=b", hidden(&body, "_csrf"));
        let cookie = cookie(&page);
        let headers = [FORM, ("origin", origin), ("cookie", cookie.as_str())];
        let reply = server.request("POST", &login, &headers, form.as_bytes());
        let body = reply.text();
        assert!(body.contains("was not sent by this page"), "{body}");
    }
}
