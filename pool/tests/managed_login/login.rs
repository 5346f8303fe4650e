//! The pages: passwords, second factors, new accounts, forgotten passwords, foreign forms.

use serde_json::json;

use super::browser::{Browser, asking, client, encoded, local, with};
use crate::common::{CLIENT, EMAIL, HOUR, Local, MINUTE, PASSWORD, PHONE, POOL, totp};

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

fn mfa(mode: &str) -> serde_json::Value {
    json!({ "MfaConfig": { "MfaConfiguration": mode, "SmsMfaConfiguration": {},
        "SoftwareTokenMfaConfiguration": { "Enabled": true } } })
}

#[test]
fn a_code_by_sms() {
    let mut local = with(mfa("ON"));
    local.confirmed("alice");
    let mut browser = Browser::default();
    browser.go(&mut local, &asking(&[]));
    browser.sign_in(&mut local, "alice", PASSWORD);
    assert!(browser.html.contains("A code was sent to +*******0108."));
    let code = local.code(PHONE);
    let wrong = if code == "000000" { "000001" } else { "000000" };
    browser.submit(&mut local, &[("code", wrong)]);
    assert!(browser.html.contains("Invalid code"));
    browser.submit(&mut local, &[("code", &code)]);
    browser.code();
}

#[test]
fn a_challenge_ends_by_time_and_by_tries() {
    let mut local = with(mfa("ON"));
    local.confirmed("alice");
    let mut browser = Browser::default();
    browser.go(&mut local, &asking(&[]));
    browser.sign_in(&mut local, "alice", PASSWORD);
    let code = local.code(PHONE);
    let late = browser.form("code");
    local.advance(3 * MINUTE);
    browser.submit(&mut local, &[("code", &code)]);
    assert!(
        browser
            .html
            .contains("This took too long, or was tried too often.")
    );
    assert!(browser.html.contains("name=\"password\""));
    browser.sign_in(&mut local, "alice", PASSWORD);
    let code = local.code(PHONE);
    let wrong = if code == "000000" { "000001" } else { "000000" };
    for _ in 0..5 {
        browser.submit(&mut local, &[("code", wrong)]);
    }
    browser.submit(&mut local, &[("code", &code)]);
    assert!(
        browser
            .html
            .contains("This took too long, or was tried too often.")
    );
    assert!(browser.away.is_none());
    drop(late);
}

#[test]
fn an_authenticator_app_is_set_up_and_used() {
    let mut local = with(mfa("ON"));
    let user = json!({ "UserPoolId": POOL, "Username": "carol" });
    local.ok("AdminCreateUser", user.clone());
    let mut password = user.clone();
    password["Password"] = json!(PASSWORD);
    password["Permanent"] = json!(true);
    local.ok("AdminSetUserPassword", password);
    let mut browser = Browser::default();
    browser.go(&mut local, &asking(&[]));
    browser.sign_in(&mut local, "carol", PASSWORD);
    assert!(
        browser.html.contains("Set up a second factor"),
        "{}",
        browser.html
    );
    let secret = browser.html.split("<code>").nth(1).unwrap();
    let secret = secret.split("</code>").next().unwrap().to_owned();
    let code = totp(&secret, local.now);
    let wrong = if code == "000000" { "000001" } else { "000000" };
    browser.submit(&mut local, &[("code", wrong)]);
    assert!(
        browser.html.contains(&secret),
        "the same key is shown again"
    );
    browser.submit(&mut local, &[("code", &code)]);
    browser.code();
    local.advance(MINUTE);
    browser.go(&mut local, &asking(&[("prompt", "login")]));
    browser.sign_in(&mut local, "carol", PASSWORD);
    let code = totp(&secret, local.now);
    browser.submit(&mut local, &[("code", &code)]);
    browser.code();
}

#[test]
fn one_of_two_factors_is_chosen() {
    let mut local = with(mfa("OPTIONAL"));
    local.confirmed("alice");
    let access = local.tokens("alice")["AccessToken"].clone();
    let secret = local.ok("AssociateSoftwareToken", json!({ "AccessToken": access }));
    let secret = secret["SecretCode"].as_str().unwrap().to_owned();
    let code = totp(&secret, local.now);
    local.ok(
        "VerifySoftwareToken",
        json!({ "AccessToken": access, "UserCode": code }),
    );
    local.ok(
        "SetUserMFAPreference",
        json!({ "AccessToken": access,
        "SMSMfaSettings": { "Enabled": true }, "SoftwareTokenMfaSettings": { "Enabled": true } }),
    );
    local.advance(MINUTE);
    let mut browser = Browser::default();
    browser.go(&mut local, &asking(&[]));
    browser.sign_in(&mut local, "alice", PASSWORD);
    assert!(
        browser.html.contains("A code by SMS") && browser.html.contains("An authenticator app")
    );
    browser.submit(&mut local, &[("factor", "SOFTWARE_TOKEN_MFA")]);
    let code = totp(&secret, local.now);
    browser.submit(&mut local, &[("code", &code)]);
    browser.code();
}

#[test]
fn a_new_password_is_asked_for() {
    let mut local = local();
    local.ok(
        "AdminCreateUser",
        json!({ "UserPoolId": POOL, "Username": "dora",
        "TemporaryPassword": "Temp0rary!", "MessageAction": "SUPPRESS" }),
    );
    let mut browser = Browser::default();
    browser.go(&mut local, &asking(&[]));
    browser.sign_in(&mut local, "dora", "Temp0rary!");
    browser.submit(&mut local, &[("new_password", "weak")]);
    assert!(
        browser
            .html
            .contains("Password did not conform with policy")
    );
    browser.submit(&mut local, &[("new_password", PASSWORD)]);
    browser.code();
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
fn a_challenge_of_another_client_or_made_up_is_worth_nothing() {
    let mut second = client();
    second["ClientId"] = json!("second");
    let mut local =
        with(json!({ "Clients": [client(), second], "MfaConfig": mfa("ON")["MfaConfig"] }));
    local.confirmed("alice");
    let mut browser = Browser::default();
    browser.go(&mut local, &asking(&[]));
    browser.sign_in(&mut local, "alice", PASSWORD);
    let code = local.code(PHONE);
    let (action, mut hidden) = browser.form("code");
    let other = action.replace(&format!("client_id={CLIENT}"), "client_id=second");
    assert_ne!(other, action);
    hidden.push(("code".into(), code));
    let body = |hidden: &[(String, String)]| {
        encoded(
            hidden
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str())),
        )
    };
    let response = browser.send(&mut local, "POST", &other, &body(&hidden));
    assert_eq!(response.status, 400);
    let mut forged = hidden.clone();
    for (name, value) in &mut forged {
        if name == "challenge" {
            *value = json!({ "ChallengeName": "SMS_MFA", "Session": "x".repeat(43),
                "ChallengeParameters": { "USER_ID_FOR_SRP": "alice" } })
            .to_string();
        }
    }
    let response = browser.send(&mut local, "POST", &action, &body(&forged));
    assert_eq!(response.status, 400);
    let response = browser.send(&mut local, "POST", &action, &body(&hidden));
    assert_eq!(response.status, 303);
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

fn passwordless() -> Local {
    let mut one = client();
    one["ExplicitAuthFlows"] = json!(["ALLOW_USER_AUTH"]);
    let factors = ["PASSWORD", "EMAIL_OTP", "SMS_OTP"];
    with(json!({ "Clients": [one],
        "Policies": { "SignInPolicy": { "AllowedFirstAuthFactors": factors } } }))
}

#[test]
fn a_code_stands_in_the_place_of_a_password() {
    let mut local = passwordless();
    local.confirmed("alice");
    let mut browser = Browser::default();
    browser.go(&mut local, &asking(&[]));
    browser.submit(
        &mut local,
        &[
            ("username", "alice"),
            ("password", ""),
            ("action", "SMS_OTP"),
        ],
    );
    assert!(browser.html.contains("A code was sent to +*******0108."));
    let code = local.code(PHONE);
    let wrong = if code == "000000" { "000001" } else { "000000" };
    browser.submit(&mut local, &[("code", wrong)]);
    assert_eq!(browser.status, 400);
    browser.submit(&mut local, &[("code", &code)]);
    browser.code();
    // The email is not verified; nobody has that name; that is no factor.
    for (name, factor) in [
        ("alice", "EMAIL_OTP"),
        ("nobody", "SMS_OTP"),
        ("alice", "PASSWORD"),
    ] {
        let sent = local.outbox().len();
        browser.go(&mut local, &asking(&[("prompt", "login")]));
        browser.submit(
            &mut local,
            &[("username", name), ("password", ""), ("action", factor)],
        );
        assert_eq!(
            (browser.status, &browser.away),
            (400, &None),
            "{name} {factor}"
        );
        assert_eq!(local.outbox().len(), sent);
    }
    // Where codes are no first factor, none is sent.
    let mut local = super::browser::local();
    local.confirmed("alice");
    let sent = local.outbox().len();
    browser.go(&mut local, &asking(&[]));
    assert!(!browser.html.contains("Send me a code"));
    browser.submit(
        &mut local,
        &[
            ("username", "alice"),
            ("password", ""),
            ("action", "SMS_OTP"),
        ],
    );
    assert_eq!((browser.status, local.outbox().len()), (400, sent));
}

#[test]
fn who_confirms_is_signed_in_where_the_code_counts() {
    let mut local = passwordless();
    let mut browser = Browser::default();
    browser.go(&mut local, &asking(&[]));
    browser.follow(&mut local, "Create an account");
    browser.submit(
        &mut local,
        &[
            ("username", "bob"),
            ("password", ""),
            ("attribute.phone_number", PHONE),
        ],
    );
    assert!(
        browser.html.contains("Confirm your account"),
        "{}",
        browser.html
    );
    let code = local.code(PHONE);
    browser.submit(&mut local, &[("code", &code)]);
    browser.code();
}

#[test]
fn an_email_is_set_up_as_second_factor() {
    let mut local = with(json!({
        "EmailConfiguration": { "EmailSendingAccount": "DEVELOPER", "SourceArn":
            "arn:aws:ses:eu-west-1:123456789012:identity/example.com" },
        "MfaConfig": { "MfaConfiguration": "ON", "EmailMfaConfiguration": {},
            "SoftwareTokenMfaConfiguration": { "Enabled": true } } }));
    let user = json!({ "UserPoolId": POOL, "Username": "carol", "MessageAction": "SUPPRESS" });
    local.ok("AdminCreateUser", user);
    local.ok(
        "AdminSetUserPassword",
        json!({ "UserPoolId": POOL, "Username": "carol",
        "Password": PASSWORD, "Permanent": true }),
    );
    let mut browser = Browser::default();
    browser.go(&mut local, &asking(&[]));
    browser.sign_in(&mut local, "carol", PASSWORD);
    assert!(browser.html.contains("authenticator app") && browser.html.contains("Email for codes"));
    browser.submit(&mut local, &[("email", EMAIL)]);
    let code = local.code(EMAIL);
    browser.submit(&mut local, &[("code", &code)]);
    browser.code();
}
