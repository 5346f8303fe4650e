//! What an app may ask for, and who is told when it may not.

use cognito_pool::Request;
use serde_json::{Value, json};

use super::browser::{Browser, CALLBACK, asking, client, local, with};
use crate::common::{CLIENT, HOUR, MINUTE, PASSWORD, POOL};

#[test]
fn an_app_is_given_a_code_and_its_state() {
    let mut local = local();
    local.confirmed("alice");
    let mut browser = Browser::default();
    browser.go(&mut local, &asking(&[]));
    assert_eq!(browser.status, 200);
    assert!(browser.html.contains("for The App"));
    browser.sign_in(&mut local, "alice", PASSWORD);
    let away = browser.away.clone().unwrap();
    assert!(away.starts_with(&format!("{CALLBACK}&code=")), "{away}");
    assert_eq!(browser.returned("state").as_deref(), Some("a state/+"));
    assert_eq!(browser.code().len(), 36);
}

#[test]
fn a_wrong_app_or_address_leads_nowhere() {
    let mut local = local();
    let wrong: &[&[(&str, &str)]] = &[
        &[("client_id", "nobody")],
        &[("client_id", "")],
        &[("redirect_uri", "https://app.example.com/callback")],
        &[(
            "redirect_uri",
            "https://app.example.com/callback?from=pool&more=1",
        )],
        &[("redirect_uri", "https://evil.example.com/")],
        &[("redirect_uri", "")],
        // Not even with another fault beside it.
        &[
            ("redirect_uri", "https://evil.example.com/"),
            ("response_type", ""),
        ],
    ];
    for path in [
        "/oauth2/authorize",
        "/login",
        "/signup",
        "/forgotPassword",
        "/idp",
    ] {
        for changes in wrong {
            let mut browser = Browser::default();
            let query = asking(changes);
            browser.go(&mut local, &query.replace("/oauth2/authorize", path));
            assert_eq!(
                (browser.status, &browser.away),
                (400, &None),
                "{path} {changes:?}"
            );
            assert!(!browser.html.contains("evil.example.com"));
        }
    }
}

#[test]
fn every_other_fault_goes_back_to_the_app() {
    let mut local = local();
    for (changes, error) in [
        (&[("response_type", "")] as &[_], "invalid_request"),
        (&[("response_type", "id_token")], "invalid_request"),
        (&[("response_type", "token")], "unsupported_response_type"),
        (&[("scope", "openid unknown")], "invalid_scope"),
        (&[("scope", "notes/write")], "invalid_scope"),
        (&[("scope", "email")], "invalid_scope"),
        (&[("code_challenge_method", "plain")], "invalid_request"),
        (&[("code_challenge_method", "")], "invalid_request"),
        (&[("code_challenge", "")], "invalid_request"),
        (&[("code_challenge", "short")], "invalid_request"),
        (&[("code_challenge", "ab c+/=")], "invalid_request"),
        (&[("prompt", "none login")], "invalid_request"),
        (&[("prompt", "often")], "invalid_request"),
        (&[("prompt", "none")], "login_required"),
        (&[("max_age", "soon")], "invalid_request"),
        (&[("identity_provider", "Facebook")], "invalid_request"),
        (&[("idp_identifier", "example.com")], "invalid_request"),
    ] {
        let mut browser = Browser::default();
        browser.go(&mut local, &asking(changes));
        let away = browser.away.clone().unwrap_or_default();
        assert!(
            away.starts_with(&format!("{CALLBACK}&error=")),
            "{changes:?}: {away}"
        );
        assert_eq!(
            browser.returned("error").as_deref(),
            Some(error),
            "{changes:?}"
        );
        assert_eq!(browser.returned("state").as_deref(), Some("a state/+"));
        assert!(browser.returned("error_description").is_some());
    }
    let mut browser = Browser::default();
    browser.go(&mut local, &format!("{}&nonce=again", asking(&[])));
    assert_eq!(
        browser.returned("error").as_deref(),
        Some("invalid_request")
    );
}

#[test]
fn the_default_address_stands_for_one_that_is_missing() {
    let mut one = client();
    one["DefaultRedirectURI"] = json!("http://localhost:8080/");
    let mut local = with(json!({ "Clients": [one] }));
    let mut browser = Browser::default();
    browser.go(
        &mut local,
        &asking(&[("redirect_uri", ""), ("prompt", "none")]),
    );
    let away = browser.away.unwrap();
    assert!(
        away.starts_with("http://localhost:8080/?error=login_required&"),
        "{away}"
    );
}

#[test]
fn clients_that_may_not() {
    for (member, value, page) in [
        ("AllowedOAuthFlowsUserPoolClient", json!(false), true),
        ("SupportedIdentityProviders", json!([]), true),
        ("AllowedOAuthFlows", json!(["implicit"]), false),
    ] {
        let mut one = client();
        one[member] = value;
        let mut local = with(json!({ "Clients": [one] }));
        let mut browser = Browser::default();
        browser.go(&mut local, &asking(&[]));
        if page {
            assert_eq!((browser.status, &browser.away), (400, &None), "{member}");
        } else {
            assert_eq!(
                browser.returned("error").as_deref(),
                Some("unauthorized_client")
            );
        }
    }
}

#[test]
fn a_browser_is_remembered_for_an_hour() {
    let mut local = local();
    local.confirmed("alice");
    let mut browser = Browser::default();
    browser.go(&mut local, &asking(&[]));
    browser.sign_in(&mut local, "alice", PASSWORD);
    local.advance(HOUR - MINUTE);
    let silent = asking(&[("prompt", "none")]);
    browser.go(&mut local, &silent);
    browser.code();
    // Without prompt too: no page in between.
    browser.go(&mut local, &asking(&[]));
    browser.code();
    // Asked to sign in again, or as whom.
    browser.go(&mut local, &asking(&[("prompt", "login")]));
    assert!(browser.html.contains("name=\"password\"") && !browser.html.contains("Continue as"));
    browser.submit(&mut local, &[("action", "continue")]);
    assert_eq!((browser.status, &browser.away), (400, &None));
    browser.go(&mut local, &asking(&[("prompt", "select_account")]));
    assert!(browser.html.contains("Continue as alice@example.com"));
    browser.submit(&mut local, &[("action", "continue")]);
    browser.code();
    // Too long ago for this app.
    browser.go(
        &mut local,
        &asking(&[("prompt", "none"), ("max_age", "60")]),
    );
    assert_eq!(browser.returned("error").as_deref(), Some("login_required"));
    // Another provider is another person.
    browser.go(
        &mut local,
        &asking(&[("prompt", "none"), ("identity_provider", "Google")]),
    );
    assert_eq!(browser.returned("error").as_deref(), Some("login_required"));
    local.advance(MINUTE);
    browser.go(&mut local, &silent);
    assert_eq!(browser.returned("error").as_deref(), Some("login_required"));
}

#[test]
fn a_browser_is_forgotten_with_the_user() {
    let mut local = local();
    local.confirmed("alice");
    let mut browser = Browser::default();
    browser.go(&mut local, &asking(&[]));
    browser.sign_in(&mut local, "alice", PASSWORD);
    let named = json!({ "UserPoolId": POOL, "Username": "alice" });
    let silent = asking(&[("prompt", "none")]);
    local.ok("AdminDisableUser", named.clone());
    browser.go(&mut local, &silent);
    assert_eq!(browser.returned("error").as_deref(), Some("login_required"));
    local.ok("AdminEnableUser", named.clone());
    browser.go(&mut local, &silent);
    browser.code();
    // Whoever has the name next is somebody else.
    local.ok("AdminDeleteUser", named);
    local.confirmed("alice");
    browser.go(&mut local, &silent);
    assert_eq!(browser.returned("error").as_deref(), Some("login_required"));
}

#[test]
fn signing_out_forgets_the_browser() {
    let mut local = local();
    local.confirmed("alice");
    let mut browser = Browser::default();
    let silent = asking(&[("prompt", "none")]);
    for uri in [
        "/logout?client_id=app&logout_uri=https%3A%2F%2Fevil.example.com%2F",
        "/logout?client_id=nobody&logout_uri=https%3A%2F%2Fapp.example.com%2Fgoodbye",
        "/logout?client_id=app",
        "/logout",
    ] {
        browser.go(&mut local, uri);
        assert_eq!((browser.status, &browser.away), (400, &None), "{uri}");
    }
    browser.go(&mut local, &asking(&[]));
    browser.sign_in(&mut local, "alice", PASSWORD);
    let stolen = browser.cookies.clone();
    browser.go(
        &mut local,
        "/logout?client_id=app&logout_uri=https%3A%2F%2Fapp.example.com%2Fgoodbye",
    );
    assert_eq!(
        browser.away.as_deref(),
        Some("https://app.example.com/goodbye")
    );
    browser.go(&mut local, &silent);
    assert_eq!(browser.returned("error").as_deref(), Some("login_required"));
    // Nor does a copy of the cookie.
    browser.cookies = stolen;
    browser.go(&mut local, &silent);
    assert_eq!(browser.returned("error").as_deref(), Some("login_required"));
    // The other form leads to signing in.
    browser.go(
        &mut local,
        &asking(&[]).replace("/oauth2/authorize", "/logout"),
    );
    assert!(browser.html.contains("name=\"password\""));
}

#[test]
fn a_domain_is_answered_under_its_own_name() {
    let mut local = local();
    let other = json!({ "Id": "eu-west-1_Other", "PoolName": "other", "Domain": "other",
        "Clients": [{ "ClientId": "otherapp" }] });
    local
        .pool
        .create_user_pool(&other, local.now, &mut local.randomness)
        .unwrap();
    for (host, status) in [
        ("127.0.0.1:9229", 200),
        ("demo.localhost:9229", 200),
        ("demo.auth.eu-west-1.amazoncognito.com", 200),
        ("other.localhost:9229", 400),
        ("other.auth.eu-west-1.amazoncognito.com", 400),
        // Not a domain of any pool: the service's own name, whatever it is.
        ("pool.example.org", 200),
    ] {
        let mut browser = Browser {
            headers: vec![("Host".into(), host.into())],
            ..Browser::default()
        };
        browser.go(&mut local, &asking(&[]));
        assert_eq!(browser.status, status, "{host}");
    }
}

#[test]
fn without_a_domain_there_is_no_managed_login() {
    let mut local = local();
    let path = format!("/{POOL}/.well-known/openid-configuration");
    let names = |local: &mut crate::common::Local| {
        let reply = local
            .pool
            .handle(&Request::get(&path), local.now, &mut local.randomness);
        let body: Value = reply.json();
        let endpoints = [
            "authorization_endpoint",
            "token_endpoint",
            "userinfo_endpoint",
            "revocation_endpoint",
            "end_session_endpoint",
        ];
        endpoints.map(|name| body[name].as_str().map(String::from))
    };
    let base = "http://127.0.0.1:9229";
    let expected = [
        "/oauth2/authorize",
        "/oauth2/token",
        "/oauth2/userInfo",
        "/oauth2/revoke",
        "/logout",
    ];
    assert_eq!(
        names(&mut local),
        expected.map(|path| Some(format!("{base}{path}")))
    );
    let domain = json!({ "UserPoolId": POOL, "Domain": "demo" });
    local.ok("DeleteUserPoolDomain", domain);
    assert_eq!(names(&mut local), [const { None }; 5]);
    let mut browser = Browser::default();
    browser.go(&mut local, &asking(&[]));
    assert_eq!((browser.status, &browser.away), (400, &None));
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", CLIENT),
        ("refresh_token", "x"),
    ];
    let (status, body) = super::browser::post(&mut local, "/oauth2/token", &form);
    assert_eq!((status, &body["error"]), (400, &json!("invalid_client")));
}
