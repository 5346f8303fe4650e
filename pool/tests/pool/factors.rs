//! Factors of users: how an authenticator app is set up, what must be there for a factor to be turned on,
//! what is said of them, and how they are taken away.

use crate::common::*;
use serde_json::{Value, json};

fn invalid_session() -> Exception {
    let words = "Invalid session for the user.";
    Exception("NotAuthorizedException".into(), words.into())
}

/// Optional MFA with every factor, and a confirmed alice.
fn every_factor(more: Value) -> Local {
    let mut local = Local::verifying(with(
        json!({
            "EmailConfiguration": { "EmailSendingAccount": "DEVELOPER",
                "SourceArn": "arn:aws:ses:eu-west-1:123456789012:identity/example.com" },
            "MfaConfig": { "MfaConfiguration": "OPTIONAL", "SmsMfaConfiguration": {},
                "SoftwareTokenMfaConfiguration": { "Enabled": true },
                "EmailMfaConfiguration": {} },
        }),
        more,
    ));
    local.confirmed("alice");
    local
}

/// MFA by an app is required, and nobody has one.
fn app_required() -> Local {
    let mut local = Local::new(json!({
        "MfaConfig": { "MfaConfiguration": "ON",
            "SoftwareTokenMfaConfiguration": { "Enabled": true } },
    }));
    settled(&mut local, "alice", &[]);
    local
}

fn associate(local: &mut Local, by: Value) -> (String, Value) {
    let reply = local.ok("AssociateSoftwareToken", by);
    let secret = reply["SecretCode"].as_str().unwrap().to_owned();
    (secret, reply["Session"].clone())
}

/// Sets an app up by an access token; gives its secret.
fn enrol(local: &mut Local, tokens: &Value) -> String {
    let by = json!({ "AccessToken": tokens["AccessToken"] });
    let (secret, _) = associate(local, by.clone());
    let code = totp(&secret, local.now);
    local.ok("VerifySoftwareToken", with(by, json!({ "UserCode": code })));
    secret
}

/// A code that is not the present one, nor one of those beside it.
fn wrong_code(secret: &str, now: u64) -> String {
    let right = [0, 1, 2].map(|at| totp(secret, now - 30_000 + at * 30_000));
    let mut codes = ["000000", "000001", "000002", "000003"].into_iter();
    codes
        .find(|code| !right.contains(&(*code).to_owned()))
        .unwrap()
        .into()
}

#[test]
fn an_app_is_set_up_by_a_token_or_by_a_session() {
    let mut local = every_factor(json!({}));
    for operation in ["AssociateSoftwareToken", "VerifySoftwareToken"] {
        let input = match operation {
            "VerifySoftwareToken" => json!({ "UserCode": "000000" }),
            _ => json!({}),
        };
        assert_eq!(
            local.refused(operation, input),
            invalid("Either AccessToken or Session must be given.")
        );
    }
    let tokens = local.tokens("alice");
    let none = json!({ "AccessToken": tokens["AccessToken"], "UserCode": "000000" });
    assert_eq!(
        local.refused("VerifySoftwareToken", none),
        Exception(
            "SoftwareTokenMFANotFoundException".into(),
            "No software token is waiting to be verified.".into()
        )
    );
    // The session of another challenge sets nothing up.
    let on = json!({ "Enabled": true });
    let sms = of("alice", json!({ "SMSMfaSettings": on }));
    local.ok("AdminSetUserMFAPreference", sms);
    let challenge = local.initiate("alice", PASSWORD).unwrap();
    assert_eq!(challenge["ChallengeName"], "SMS_MFA");
    let by = json!({ "Session": challenge["Session"] });
    assert_eq!(
        local.refused("AssociateSoftwareToken", by.clone()),
        invalid_session()
    );
    let verify = with(by, json!({ "UserCode": "000000" }));
    assert_eq!(
        local.refused("VerifySoftwareToken", verify),
        invalid_session()
    );
}

#[test]
fn a_session_that_sets_an_app_up_takes_five_wrong_codes() {
    let mut local = app_required();
    let challenge = local.initiate("alice", PASSWORD).unwrap();
    assert_eq!(challenge["ChallengeName"], "MFA_SETUP");
    let begun = json!({ "Session": challenge["Session"], "UserCode": "000000" });
    assert_eq!(
        local.refused("VerifySoftwareToken", begun),
        invalid_session(),
        "there is no secret yet"
    );
    let (secret, session) = associate(&mut local, json!({ "Session": challenge["Session"] }));
    let verify = |code: &str| json!({ "Session": session, "UserCode": code });
    for _ in 0..5 {
        let wrong = wrong_code(&secret, local.now);
        assert_eq!(
            local.err("VerifySoftwareToken", verify(&wrong)),
            "EnableSoftwareTokenMFAException"
        );
    }
    let right = totp(&secret, local.now);
    assert_eq!(
        local.err("VerifySoftwareToken", verify(&right)),
        "NotAuthorizedException"
    );
    let user = local.ok("AdminGetUser", of("alice", json!({})));
    assert_eq!(user.get("UserMFASettingList"), None);
}

#[test]
fn an_app_that_was_set_up_meanwhile_is_not_replaced() {
    let mut local = app_required();
    let [first, second] = [(); 2].map(|()| {
        let challenge = local.initiate("alice", PASSWORD).unwrap();
        associate(&mut local, json!({ "Session": challenge["Session"] }))
    });
    let mut verify = |(secret, session): &(String, Value)| {
        let code = totp(secret, local.now);
        let input = json!({ "Session": session, "UserCode": code });
        local.call("VerifySoftwareToken", input)
    };
    assert_eq!(verify(&first).unwrap()["Status"], "SUCCESS");
    assert_eq!(verify(&second).unwrap_err(), invalid_session());
    local.advance(60);
    let challenge = local.initiate("alice", PASSWORD).unwrap();
    let code = totp(&first.0, local.now);
    let answer = json!({ "SOFTWARE_TOKEN_MFA_CODE": code });
    local.respond(&challenge, "alice", answer).unwrap();
}

/// The model declares no LimitExceededException for VerifySoftwareToken, as it does for other codes.
#[test]
fn an_app_is_not_guessed_with_an_access_token() {
    let mut local = every_factor(json!({}));
    let tokens = local.tokens("alice");
    let (secret, _) = associate(&mut local, json!({ "AccessToken": tokens["AccessToken"] }));
    let verify = |code: &str| json!({ "AccessToken": tokens["AccessToken"], "UserCode": code });
    let wrong = wrong_code(&secret, local.now);
    for _ in 0..15 {
        assert_eq!(
            local.err("VerifySoftwareToken", verify(&wrong)),
            "EnableSoftwareTokenMFAException"
        );
    }
    assert_eq!(
        local.err("VerifySoftwareToken", verify(&wrong)),
        "TooManyRequestsException"
    );
}

/// RFC 6238, section 5.2: a code is taken once; one of the window before it proves no more.
#[test]
fn no_code_is_taken_that_is_older_than_the_last() {
    let mut local = every_factor(json!({}));
    let tokens = local.tokens("alice");
    let secret = enrol(&mut local, &tokens);
    let on = json!({ "Enabled": true });
    let app = of("alice", json!({ "SoftwareTokenMfaSettings": on }));
    local.ok("AdminSetUserMFAPreference", app);
    local.advance(90);
    let mut answer = |code: String| {
        let challenge = local.initiate("alice", PASSWORD).unwrap();
        let answer = json!({ "SOFTWARE_TOKEN_MFA_CODE": code });
        local.respond(&challenge, "alice", answer).map(drop)
    };
    let now = 1_772_323_290_000;
    answer(totp(&secret, now)).unwrap();
    for used in [now, now - 30_000] {
        assert_eq!(
            answer(totp(&secret, used)).unwrap_err().1,
            "Your software token has already been used once."
        );
    }
    answer(totp(&secret, now + 30_000)).unwrap();
}

#[test]
fn an_app_that_was_taken_away_signs_nobody_in() {
    let mut local = every_factor(json!({}));
    let tokens = local.tokens("alice");
    enrol(&mut local, &tokens);
    let preferred = json!({ "Enabled": true, "PreferredMfa": true });
    let app = of("alice", json!({ "SoftwareTokenMfaSettings": preferred }));
    local.ok("AdminSetUserMFAPreference", app.clone());
    let challenge = local.initiate("alice", PASSWORD).unwrap();
    assert_eq!(challenge["ChallengeName"], "SOFTWARE_TOKEN_MFA");
    local.ok("AdminDeleteSoftwareToken", of("alice", json!({})));
    // The code of an empty secret is not one.
    let code = totp("", local.now);
    let answer = json!({ "SOFTWARE_TOKEN_MFA_CODE": code });
    assert_eq!(
        local.respond(&challenge, "alice", answer).unwrap_err(),
        Exception(
            "CodeMismatchException".into(),
            "Invalid code received for user".into()
        )
    );
    let user = local.ok("AdminGetUser", of("alice", json!({})));
    assert_eq!(user.get("UserMFASettingList"), None);
    assert_eq!(user.get("PreferredMfaSetting"), None);
    assert_eq!(
        local.err("AdminSetUserMFAPreference", app),
        "InvalidParameterException"
    );
    local.tokens("alice");
}

#[test]
fn a_factor_is_turned_on_where_the_user_and_the_pool_have_what_it_needs() {
    // An app is all that the pool has.
    let mut local = Local::new(json!({
        "MfaConfig": { "MfaConfiguration": "OPTIONAL",
            "SoftwareTokenMfaConfiguration": { "Enabled": true } },
    }));
    settled(&mut local, "alice", &[]);
    let tokens = local.tokens("alice");
    let turn_on = |local: &mut Local, member: &str| {
        let on = json!({ "AccessToken": tokens["AccessToken"], member: { "Enabled": true } });
        local.call("SetUserMFAPreference", on).map(drop)
    };
    for (member, words) in [
        (
            "SMSMfaSettings",
            "User does not have a phone_number set to turn on SMS MFA",
        ),
        (
            "EmailMfaSettings",
            "User does not have an email set to turn on Email MFA",
        ),
        (
            "SoftwareTokenMfaSettings",
            "User has not verified software token mfa",
        ),
    ] {
        assert_eq!(turn_on(&mut local, member), Err(invalid(words)));
    }
    let both = json!({ "UserAttributes": pairs(&[("email", EMAIL), ("phone_number", PHONE)]) });
    local.ok("AdminUpdateUserAttributes", of("alice", both));
    for (member, words) in [
        (
            "SMSMfaSettings",
            "SMS MFA is not enabled for the user pool.",
        ),
        (
            "EmailMfaSettings",
            "Email MFA is not enabled for the user pool.",
        ),
    ] {
        assert_eq!(turn_on(&mut local, member), Err(invalid(words)));
    }
    let phone = json!([{ "DeliveryMedium": "SMS", "AttributeName": "phone_number" }]);
    let older = json!({ "AccessToken": tokens["AccessToken"], "MFAOptions": phone });
    assert_eq!(
        local.refused("SetUserSettings", older),
        invalid("SMS MFA is not enabled for the user pool.")
    );
    enrol(&mut local, &tokens);
    turn_on(&mut local, "SoftwareTokenMfaSettings").unwrap();
}

#[test]
fn what_is_said_of_a_factor_is_done_and_the_rest_stays() {
    let mut local = every_factor(json!({}));
    let mut set = |more: Value| {
        local.call("AdminSetUserMFAPreference", of("alice", more))?;
        let user = local.ok("AdminGetUser", of("alice", json!({})));
        let of = |member: &str| user.get(member).cloned().unwrap_or_default();
        Ok::<_, Exception>((of("UserMFASettingList"), of("PreferredMfaSetting")))
    };
    let (on, null) = (json!({ "Enabled": true }), Value::Null);
    let both = json!(["SMS_MFA", "EMAIL_OTP"]);
    let email = json!(["EMAIL_OTP"]);
    let turned_on = json!({ "SMSMfaSettings": on, "EmailMfaSettings": on });
    assert_eq!(
        set(turned_on.clone()).unwrap(),
        (both.clone(), null.clone())
    );
    // Nothing is said of either.
    assert_eq!(set(json!({})).unwrap(), (both.clone(), null.clone()));
    for off in [
        json!({}),
        json!({ "Enabled": false }),
        json!({ "PreferredMfa": false }),
        json!({ "Enabled": false, "PreferredMfa": false }),
    ] {
        let said = set(json!({ "SMSMfaSettings": off })).unwrap();
        assert_eq!(said, (email.clone(), null.clone()), "{off}");
        set(turned_on.clone()).unwrap();
    }
    let preferred = json!({ "PreferredMfa": true });
    assert_eq!(
        set(json!({ "SMSMfaSettings": preferred })).unwrap(),
        (both.clone(), json!("SMS_MFA"))
    );
    // One that is preferred is replaced by another, but not by two at once.
    assert_eq!(
        set(json!({ "SMSMfaSettings": preferred, "EmailMfaSettings": preferred })),
        Err(invalid("Only one MFA factor can be preferred."))
    );
    assert_eq!(
        set(json!({ "EmailMfaSettings": preferred })).unwrap(),
        (both.clone(), json!("EMAIL_OTP"))
    );
    assert_eq!(
        set(json!({ "SMSMfaSettings": { "Enabled": false, "PreferredMfa": true } })),
        Err(invalid(
            "Invalid MFA preference: a preferred factor must be enabled."
        ))
    );
    assert_eq!(
        set(json!({ "EmailMfaSettings": on })).unwrap(),
        (both, null)
    );
}

#[test]
fn the_older_settings_know_the_phone_alone() {
    let mut local = every_factor(json!({}));
    let mut set = |options: Value| {
        let input = of("alice", json!({ "MFAOptions": options }));
        local.call("AdminSetUserSettings", input)?;
        let user = local.ok("AdminGetUser", of("alice", json!({})));
        Ok::<_, Exception>(user.get("MFAOptions").is_some())
    };
    let option = |medium: &str, attribute: &str| json!([{ "DeliveryMedium": medium, "AttributeName": attribute }]);
    for other in [
        option("EMAIL", "phone_number"),
        option("SMS", "email"),
        json!([]),
    ] {
        assert_eq!(set(option("SMS", "phone_number")), Ok(true));
        assert_eq!(set(other), Ok(false));
    }
    let gone = json!({ "UserAttributeNames": ["phone_number"] });
    local.ok("AdminDeleteUserAttributes", of("alice", gone));
    let input = json!({ "MFAOptions": option("SMS", "phone_number") });
    assert_eq!(
        local.refused("AdminSetUserSettings", of("alice", input)),
        invalid("User does not have a phone_number set to turn on SMS MFA")
    );
}

/// The model, `ConfiguredUserAuthFactors`.
#[test]
fn the_factors_that_a_user_can_begin_with_are_told() {
    let allows = |factors: Value| json!({ "Policies": { "SignInPolicy": { "AllowedFirstAuthFactors": factors } } });
    let configured = |local: &mut Local| {
        let told = local.ok("AdminGetUserAuthFactors", of("alice", json!({})));
        assert_eq!(told["Username"], "alice");
        assert_eq!(told.get("MFAOptions"), None);
        told["ConfiguredUserAuthFactors"].clone()
    };
    let all = allows(json!(["PASSWORD", "EMAIL_OTP", "SMS_OTP", "WEB_AUTHN"]));
    let mut local = every_factor(all);
    // Of her two addresses the phone is verified; there is no passkey.
    assert_eq!(configured(&mut local), json!(["PASSWORD", "SMS_OTP"]));
    let email = json!({ "UserAttributes": pairs(&[("email_verified", "true")]) });
    local.ok("AdminUpdateUserAttributes", of("alice", email));
    let three = json!(["PASSWORD", "EMAIL_OTP", "SMS_OTP"]);
    assert_eq!(configured(&mut local), three);
    let tokens = local.tokens("alice");
    let by_user = json!({ "AccessToken": tokens["AccessToken"] });
    let told = local.ok("GetUserAuthFactors", by_user);
    assert_eq!(told["ConfiguredUserAuthFactors"], three);
    enrol(&mut local, &tokens);
    assert_eq!(
        configured(&mut local),
        json!(["PASSWORD", "EMAIL_OTP", "SMS_OTP", "SOFTWARE_TOKEN"])
    );
    // What the pool no longer has is not told.
    let sms_alone = json!({ "UserPoolId": POOL, "MfaConfiguration": "OPTIONAL",
        "SmsMfaConfiguration": {} });
    local.ok("SetUserPoolMfaConfig", sms_alone);
    assert_eq!(configured(&mut local), three);

    let mut local = every_factor(allows(json!(["PASSWORD", "EMAIL_OTP"])));
    assert_eq!(configured(&mut local), json!(["PASSWORD"]));
}

/// The model declares PasswordResetRequiredException for most operations by access token; not for this one.
#[test]
fn who_must_reset_the_password_is_told_so_where_the_api_can_say_it() {
    let mut local = every_factor(json!({}));
    let tokens = local.tokens("alice");
    local.ok("AdminResetUserPassword", of("alice", json!({})));
    let by = json!({ "AccessToken": tokens["AccessToken"] });
    assert_eq!(
        local.err("GetUserAuthFactors", by.clone()),
        "PasswordResetRequiredException"
    );
    local.ok("AssociateSoftwareToken", by);
}
