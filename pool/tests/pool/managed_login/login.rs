//! The pages: passwords, second factors, new accounts, forgotten passwords, foreign forms.

use serde_json::json;

use super::browser::{Browser, Heard, asking, client, encoded, exchange, local, with};
use crate::common::{EMAIL, HOUR, MINUTE, PASSWORD, PHONE, POOL};

#[test]
fn a_wrong_password_is_said_and_may_be_mended() {
    let mut local = local();
    local.confirmed("alice");
    let mut browser = Browser::default();
    browser.go(&mut local, &asking(&[]));
    browser.sign_in(&mut local, "alice", "Wrong0ne!");
    assert_eq!(browser.status, 400);
    assert!(
        browser
            .html
            .contains("<p role=\"alert\">Incorrect username or password.</p>")
    );
    assert!(browser.html.contains("value=\"alice\"") && !browser.html.contains("Wrong0ne!"));
    browser.sign_in(&mut local, "alice", PASSWORD);
    browser.code();
}

#[test]
fn wrong_passwords_lock_here_as_in_the_api() {
    let mut local = local();
    local.confirmed("alice");
    let mut browser = Browser::default();
    browser.go(&mut local, &asking(&[]));
    for _ in 0..5 {
        browser.sign_in(&mut local, "alice", "Wrong0ne!");
    }
    browser.sign_in(&mut local, "alice", PASSWORD);
    assert!(browser.html.contains("Password attempts exceeded"));
    local.advance(MINUTE);
    browser.sign_in(&mut local, "alice", PASSWORD);
    browser.code();
}

#[test]
fn text_from_elsewhere_is_escaped() {
    let mut local = local();
    let mut browser = Browser::default();
    let hint = "\"><script>alert('x')</script>&";
    browser.go(
        &mut local,
        &asking(&[("login_hint", hint), ("state", hint)]),
    );
    assert!(
        browser
            .html
            .contains("value=\"&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)")
    );
    browser.sign_in(&mut local, hint, "x");
    assert_eq!(browser.status, 400);
    assert!(!browser.html.contains("<script"));
}

#[test]
fn forms_of_elsewhere_are_refused() {
    let mut local = local();
    local.confirmed("alice");
    let mut browser = Browser::default();
    browser.go(&mut local, &asking(&[]));
    let (action, _) = browser.form("username");
    let fields = [("username", "alice"), ("password", PASSWORD)];
    // Without the token, with a made-up one, and in a browser that was never here.
    for (token, keeps_cookies) in [("", true), ("made-up", true), ("made-up", false)] {
        let mut victim = Browser::default();
        if keeps_cookies {
            victim.cookies = browser.cookies.clone();
        }
        let body = encoded(fields.into_iter().chain([("_csrf", token)]));
        let response = victim.send(&mut local, "POST", &action, &body);
        assert_eq!(response.status, 400);
        assert!(response.header("location").is_none());
    }
    // With it, but by a page of elsewhere.
    browser.headers = vec![
        ("Host".into(), "127.0.0.1:9229".into()),
        ("Origin".into(), "https://evil.example.com".into()),
    ];
    browser.submit(&mut local, &fields);
    assert_eq!((browser.status, &browser.away), (400, &None));
    browser.headers[1].1 = "null".into();
    browser.submit(&mut local, &fields);
    assert_eq!((browser.status, &browser.away), (400, &None));
    browser.headers[1].1 = "http://127.0.0.1:9229".into();
    browser.submit(&mut local, &fields);
    browser.code();
}

#[test]
fn an_account_is_made_and_confirmed() {
    let mut local = local();
    let mut browser = Browser::default();
    browser.go(&mut local, &asking(&[]));
    browser.follow(&mut local, "Create an account");
    browser.submit(
        &mut local,
        &[
            ("username", "bob"),
            ("password", "weak"),
            ("attribute.email", EMAIL),
        ],
    );
    assert_eq!(browser.status, 400);
    assert!(
        browser
            .html
            .contains("Password did not conform with policy")
    );
    assert!(browser.html.contains(EMAIL), "what was typed is kept");
    browser.submit(
        &mut local,
        &[
            ("username", "bob"),
            ("password", PASSWORD),
            ("attribute.email", EMAIL),
            ("attribute.phone_number", PHONE),
        ],
    );
    assert!(browser.html.contains("Confirm your account"));
    browser.submit(&mut local, &[("code", "000000")]);
    assert_eq!(browser.status, 400);
    browser.submit(&mut local, &[("action", "resend")]);
    assert_eq!(browser.status, 200);
    // Who goes away meanwhile comes back to the same page.
    browser.go(&mut local, &asking(&[]));
    browser.sign_in(&mut local, "bob", PASSWORD);
    assert!(browser.html.contains("Confirm your account"));
    let code = local.code(PHONE);
    browser.submit(&mut local, &[("code", &code)]);
    assert!(browser.html.contains("Your account is confirmed."));
    browser.sign_in(&mut local, "bob", PASSWORD);
    browser.code();
}

#[test]
fn no_accounts_where_administrators_make_them() {
    let admin_only = json!({ "AllowAdminCreateUserOnly": true });
    let mut local = with(json!({ "AdminCreateUserConfig": admin_only }));
    let mut browser = Browser::default();
    browser.go(&mut local, &asking(&[]));
    assert!(!browser.html.contains("Create an account"));
    browser.go(
        &mut local,
        &asking(&[]).replace("/oauth2/authorize", "/signup"),
    );
    assert_eq!(browser.status, 403);
}

#[test]
fn a_forgotten_password_is_replaced() {
    let mut local = local();
    local.confirmed("alice");
    let mut browser = Browser::default();
    browser.go(&mut local, &asking(&[]));
    browser.follow(&mut local, "Forgot your password?");
    browser.submit(&mut local, &[("username", "alice")]);
    assert!(browser.html.contains("A code was sent to +*******0108."));
    let next = "An0ther!word";
    browser.submit(&mut local, &[("code", "000000"), ("password", next)]);
    assert_eq!(browser.status, 400);
    let code = local.code(PHONE);
    browser.submit(&mut local, &[("code", &code), ("password", next)]);
    assert!(browser.html.contains("Your password is changed."));
    browser.sign_in(&mut local, "alice", PASSWORD);
    assert_eq!(browser.status, 400);
    browser.sign_in(&mut local, "alice", next);
    browser.code();
    // Who must reset it is led there.
    local.ok(
        "AdminResetUserPassword",
        json!({ "UserPoolId": POOL, "Username": "alice" }),
    );
    browser.go(&mut local, &asking(&[("prompt", "login")]));
    browser.sign_in(&mut local, "alice", next);
    assert!(browser.html.contains("Reset your password"));
}

#[test]
fn a_client_with_a_secret_has_pages_too() {
    let mut one = client();
    one["GenerateSecret"] = json!(true);
    let mut local = with(json!({ "Clients": [one] }));
    let mut browser = Browser::default();
    browser.go(&mut local, &asking(&[]));
    browser.follow(&mut local, "Create an account");
    browser.submit(
        &mut local,
        &[
            ("username", "alice"),
            ("password", PASSWORD),
            ("attribute.phone_number", PHONE),
        ],
    );
    let code = local.code(PHONE);
    browser.submit(&mut local, &[("code", &code)]);
    browser.sign_in(&mut local, "alice", PASSWORD);
    browser.code();
}

#[test]
fn the_session_cookie_is_for_an_hour_and_not_a_token() {
    let mut local = local();
    local.confirmed("alice");
    let mut browser = Browser::default();
    browser.go(&mut local, &asking(&[]));
    browser.sign_in(&mut local, "alice", PASSWORD);
    let cookie = browser.cookies["cognito-AbCdEfGhI"].clone();
    assert!(
        !local.pool.save().contains(&cookie),
        "a saved state signs nobody in"
    );
    assert!(!local.pool.save().contains(&browser.code()));
    local.advance(HOUR);
    browser.go(&mut local, &asking(&[("prompt", "none")]));
    assert_eq!(browser.returned("error").as_deref(), Some("login_required"));
}

#[test]
fn methods_that_an_address_does_not_take() {
    let mut local = local();
    let mut browser = Browser::default();
    for (method, path) in [
        ("POST", "/oauth2/authorize"),
        ("GET", "/oauth2/token"),
        ("GET", "/confirm"),
        ("DELETE", "/login"),
        ("POST", "/logout"),
    ] {
        let response = browser.send(&mut local, method, path, "");
        assert_eq!(response.status, 405, "{method} {path}");
    }
    let style = browser.send(&mut local, "GET", "/managed-login.css", "");
    assert_eq!(
        style.header("content-type"),
        Some("text/css; charset=utf-8")
    );
}

// The developer guide: PreAuthentication where a user attempts to sign in, not where an existing session
// is renewed; PostAuthentication once it is complete, before there are tokens.
#[test]
fn functions_hear_of_a_sign_in_at_the_pages() {
    let mut local = local();
    local.confirmed("alice");
    let heard = Heard::default();
    local.pool.set_triggers(Box::new(heard.clone()));
    let sources = || heard.sources();
    let mut browser = Browser::default();
    browser.go(&mut local, &asking(&[]));
    assert!(sources().is_empty());
    browser.sign_in(&mut local, "alice", "Wr0ng-one!");
    assert_eq!(sources(), ["PreAuthentication_Authentication"]);
    browser.sign_in(&mut local, "alice", PASSWORD);
    let code = browser.code();
    let both = [
        "PreAuthentication_Authentication",
        "PostAuthentication_Authentication",
    ];
    assert_eq!(sources(), both);
    exchange(&mut local, &code);
    assert_eq!(sources(), ["TokenGeneration_HostedAuth"]);
    browser.go(&mut local, &asking(&[]));
    browser.code();
    assert!(sources().is_empty(), "whom the browser knows goes on");

    for name in ["PreAuthentication", "PostAuthentication"] {
        local
            .pool
            .set_triggers(Box::new(Heard::refusing(name, "<b>not now</b>")));
        let mut browser = Browser::default();
        browser.go(&mut local, &asking(&[]));
        browser.sign_in(&mut local, "alice", PASSWORD);
        assert!(browser.away.is_none() && browser.status == 400);
        let words = format!("{name} failed with error &lt;b&gt;not now&lt;/b&gt;.");
        assert!(browser.html.contains(&words), "{}", browser.html);
        // Nobody is remembered by a sign-in that was refused.
        browser.go(&mut local, &asking(&[]));
        assert!(browser.away.is_none());
    }
}

#[test]
fn a_second_factor_comes_between_the_two_functions() {
    let mut local =
        with(json!({ "MfaConfig": { "MfaConfiguration": "ON", "SmsMfaConfiguration": {} } }));
    local.confirmed("alice");
    let heard = Heard::default();
    local.pool.set_triggers(Box::new(heard.clone()));
    let mut browser = Browser::default();
    browser.go(&mut local, &asking(&[]));
    browser.sign_in(&mut local, "alice", PASSWORD);
    let code = local.code(PHONE);
    browser.submit(&mut local, &[("code", &code)]);
    browser.code();
    let sources = heard.sources();
    assert_eq!(
        *sources,
        [
            "PreAuthentication_Authentication",
            "CustomMessage_Authentication",
            "PostAuthentication_Authentication"
        ]
    );
}
