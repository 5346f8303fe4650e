//! What the pages ask for beside a password, or in its place.

use serde_json::json;

use super::browser::{Browser, asking, client, encoded, local, with};
use crate::common::{CLIENT, EMAIL, Local, MINUTE, PASSWORD, PHONE, POOL, totp};

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
