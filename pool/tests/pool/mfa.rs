//! Second factors: which is asked for, what a code is worth, enrolment.

use crate::common::*;
use serde_json::{Value, json};

/// Required MFA by SMS.
fn required() -> Local {
    let mut local = Local::verifying(json!({
        "MfaConfiguration": "ON",
        "Schema": [{ "Name": "phone_number", "Required": true }],
    }));
    local.confirmed("alice");
    local
}

/// Optional MFA with every factor.
fn optional() -> Local {
    let mut local = Local::verifying(json!({
        "EmailConfiguration": { "EmailSendingAccount": "DEVELOPER",
            "SourceArn": "arn:aws:ses:eu-west-1:123456789012:identity/example.com" },
        "MfaConfig": {
            "MfaConfiguration": "OPTIONAL", "SmsMfaConfiguration": {},
            "SoftwareTokenMfaConfiguration": { "Enabled": true },
            "EmailMfaConfiguration": { "Subject": "Sign-in", "Message": "Type {####}" },
        },
    }));
    local.confirmed("alice");
    local
}

fn enrol(local: &mut Local, access: &Value) -> String {
    let reply = local.ok("AssociateSoftwareToken", json!({ "AccessToken": access }));
    let secret = reply["SecretCode"].as_str().unwrap().to_owned();
    let wrong = json!({ "AccessToken": access, "UserCode": "000000" });
    assert_eq!(
        local.refused("VerifySoftwareToken", wrong),
        Exception(
            "EnableSoftwareTokenMFAException".into(),
            "Code mismatch and fail enable Software Token MFA".into()
        )
    );
    let code = totp(&secret, local.now);
    let right = json!({ "AccessToken": access, "UserCode": code });
    assert_eq!(local.ok("VerifySoftwareToken", right)["Status"], "SUCCESS");
    secret
}

#[test]
fn required_mfa_asks_for_the_code_sent_to_the_phone() {
    let mut local = required();
    let challenge = local.srp("alice", PASSWORD).unwrap();
    assert_eq!(challenge["ChallengeName"], "SMS_MFA");
    assert_eq!(
        challenge["ChallengeParameters"],
        json!({
            "CODE_DELIVERY_DELIVERY_MEDIUM": "SMS", "CODE_DELIVERY_DESTINATION": "+*******0108",
            "USER_ID_FOR_SRP": "alice",
        })
    );
    assert!(challenge.get("AuthenticationResult").is_none());
    let wrong = local
        .respond(&challenge, "alice", json!({ "SMS_MFA_CODE": "x" }))
        .unwrap_err();
    assert_eq!(
        wrong,
        Exception(
            "CodeMismatchException".into(),
            "Invalid code or auth state for the user.".into()
        )
    );
    let code = local.code(PHONE);
    let right = json!({ "SMS_MFA_CODE": code });
    let reply = local.respond(&challenge, "alice", right.clone()).unwrap();
    assert!(reply["AuthenticationResult"]["RefreshToken"].is_string());
    let again = local.respond(&challenge, "alice", right).unwrap_err();
    assert_eq!(
        again.1,
        "Invalid session for the user, session can only be used once."
    );
}

#[test]
fn the_session_lives_as_long_as_the_client_says() {
    let mut local = required();
    let challenge = local.initiate("alice", PASSWORD).unwrap();
    let code = local.code(PHONE);
    local.advance(3 * MINUTE);
    let late = local
        .respond(&challenge, "alice", json!({ "SMS_MFA_CODE": code }))
        .unwrap_err();
    assert_eq!(
        late,
        Exception(
            "NotAuthorizedException".into(),
            "Invalid session for the user, session is expired.".into()
        )
    );
    local.ok(
        "UpdateUserPoolClient",
        json!({ "UserPoolId": POOL, "ClientId": CLIENT,
        "AuthSessionValidity": 15, "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"] }),
    );
    let challenge = local.initiate("alice", PASSWORD).unwrap();
    let code = local.code(PHONE);
    local.advance(15 * MINUTE - 1);
    local
        .respond(&challenge, "alice", json!({ "SMS_MFA_CODE": code }))
        .unwrap();
}

#[test]
fn a_challenge_takes_five_wrong_answers() {
    let mut local = required();
    let challenge = local.initiate("alice", PASSWORD).unwrap();
    let code = local.code(PHONE);
    for _ in 0..5 {
        let wrong = local.respond(&challenge, "alice", json!({ "SMS_MFA_CODE": "x" }));
        assert_eq!(wrong.unwrap_err().0, "CodeMismatchException");
    }
    let right = local.respond(&challenge, "alice", json!({ "SMS_MFA_CODE": code }));
    assert_eq!(right.unwrap_err().0, "NotAuthorizedException");
}

#[test]
fn made_up_and_foreign_sessions_get_nowhere() {
    let mut local = required();
    local.ok(
        "CreateUserPoolClient",
        json!({ "UserPoolId": POOL, "ClientName": "other" }),
    );
    let clients = local.ok("ListUserPoolClients", json!({ "UserPoolId": POOL }));
    let other = clients["UserPoolClients"]
        .as_array()
        .unwrap()
        .iter()
        .find(|client| client["ClientName"] == "other")
        .unwrap()["ClientId"]
        .clone();
    local.sign_up("bob");
    let challenge = local.initiate("alice", PASSWORD).unwrap();
    let code = local.code(PHONE);
    let respond = |client: &Value, session: &Value, name: &str, user: &str| {
        json!({ "ClientId": client, "Session": session, "ChallengeName": name,
            "ChallengeResponses": { "USERNAME": user, "SMS_MFA_CODE": code, "EMAIL_OTP_CODE": code,
                "NEW_PASSWORD": "An0ther!!", "SOFTWARE_TOKEN_MFA_CODE": code, "ANSWER": "SMS_MFA" } })
    };
    let session = &challenge["Session"];
    let app = json!(CLIENT);
    let made_up = json!("made-up-session-of-some-length");
    for input in [
        respond(&other, session, "SMS_MFA", "alice"),
        respond(&app, session, "SMS_MFA", "bob"),
        respond(&app, session, "SMS_MFA", "nobody"),
        respond(&app, session, "EMAIL_OTP", "alice"),
        respond(&app, session, "NEW_PASSWORD_REQUIRED", "alice"),
        respond(&app, session, "SOFTWARE_TOKEN_MFA", "alice"),
        respond(&app, session, "SELECT_MFA_TYPE", "alice"),
        respond(&app, session, "MFA_SETUP", "alice"),
        respond(&app, session, "CUSTOM_CHALLENGE", "alice"),
        respond(&app, session, "SELECT_CHALLENGE", "alice"),
        respond(&app, &made_up, "NEW_PASSWORD_REQUIRED", "alice"),
        respond(&app, &made_up, "SMS_MFA", "alice"),
    ] {
        let refused = local.refused("RespondToAuthChallenge", input.clone());
        assert_eq!(refused.1, "Invalid session for the user.", "{input}");
    }
    // The real one still works afterwards.
    local.ok(
        "RespondToAuthChallenge",
        respond(&app, session, "SMS_MFA", "alice"),
    );
}

#[test]
fn a_code_by_sms_marks_the_phone_verified() {
    let mut local = required();
    let admin = json!({ "UserPoolId": POOL, "Username": "alice" });
    let user = local.ok("AdminGetUser", admin);
    local.ok(
        "AdminUpdateUserAttributes",
        json!({ "UserPoolId": POOL, "Username": attribute(&user, "sub").unwrap(),
        "UserAttributes": [{ "Name": "phone_number", "Value": "+12065550199" }] }),
    );
    let admin = json!({ "UserPoolId": POOL, "Username": "alice" });
    let user = local.ok("AdminGetUser", admin.clone());
    assert_eq!(
        attribute(&user, "phone_number_verified").as_deref(),
        Some("false")
    );
    let challenge = local.initiate("alice", PASSWORD).unwrap();
    let code = local.code("+12065550199");
    local
        .respond(&challenge, "alice", json!({ "SMS_MFA_CODE": code }))
        .unwrap();
    let user = local.ok("AdminGetUser", admin);
    assert_eq!(
        attribute(&user, "phone_number_verified").as_deref(),
        Some("true")
    );
}

#[test]
fn optional_mfa_is_each_users_choice() {
    let mut local = optional();
    let tokens = local.tokens("alice");
    let access = &tokens["AccessToken"];
    assert!(local.user(&tokens).get("UserMFASettingList").is_none());
    let set = |settings: Value| {
        let mut input = json!({ "AccessToken": access });
        for (name, value) in settings.as_object().unwrap() {
            input[name] = value.clone();
        }
        input
    };
    let on = json!({ "Enabled": true });
    assert_eq!(
        local.message(
            "SetUserMFAPreference",
            set(json!({ "SoftwareTokenMfaSettings": on }))
        ),
        "User has not verified software token mfa"
    );
    let secret = enrol(&mut local, access);
    local.ok(
        "SetUserMFAPreference",
        set(json!({ "SoftwareTokenMfaSettings": on,
        "SMSMfaSettings": on, "EmailMfaSettings": on })),
    );
    let user = local.user(&tokens);
    assert_eq!(
        user["UserMFASettingList"],
        json!(["SMS_MFA", "SOFTWARE_TOKEN_MFA", "EMAIL_OTP"])
    );
    assert!(user.get("PreferredMfaSetting").is_none());

    let choice = local.initiate("alice", PASSWORD).unwrap();
    assert_eq!(choice["ChallengeName"], "SELECT_MFA_TYPE");
    let names = choice["ChallengeParameters"]["MFAS_CAN_CHOOSE"]
        .as_str()
        .unwrap();
    assert_eq!(names, r#"["SMS_MFA","SOFTWARE_TOKEN_MFA","EMAIL_OTP"]"#);
    let email = local
        .respond(&choice, "alice", json!({ "ANSWER": "EMAIL_OTP" }))
        .unwrap();
    assert_eq!(email["ChallengeName"], "EMAIL_OTP");
    let code = local.code(EMAIL);
    assert_eq!(
        local.outbox().last().unwrap()["text"],
        format!("Sign-in\nType {code}")
    );
    local
        .respond(&email, "alice", json!({ "EMAIL_OTP_CODE": code }))
        .unwrap();

    let preferred = json!({ "Enabled": true, "PreferredMfa": true });
    local.ok(
        "SetUserMFAPreference",
        set(json!({ "SoftwareTokenMfaSettings": preferred })),
    );
    assert_eq!(
        local.user(&tokens)["PreferredMfaSetting"],
        "SOFTWARE_TOKEN_MFA"
    );
    local.advance(60);
    let challenge = local.initiate("alice", PASSWORD).unwrap();
    assert_eq!(challenge["ChallengeName"], "SOFTWARE_TOKEN_MFA");
    let code = totp(&secret, local.now);
    let answer = json!({ "SOFTWARE_TOKEN_MFA_CODE": code });
    local.respond(&challenge, "alice", answer.clone()).unwrap();
    let challenge = local.initiate("alice", PASSWORD).unwrap();
    let used = local.respond(&challenge, "alice", answer).unwrap_err();
    assert_eq!(
        used,
        Exception(
            "ExpiredCodeException".into(),
            "Your software token has already been used once.".into()
        )
    );

    let admin = json!({ "UserPoolId": POOL, "Username": "alice" });
    let factors = local.ok("AdminGetUserAuthFactors", admin.clone());
    assert_eq!(factors["PreferredMfaSetting"], "SOFTWARE_TOKEN_MFA");
    let configured = &factors["ConfiguredUserAuthFactors"];
    assert_eq!(configured, &json!(["PASSWORD", "SOFTWARE_TOKEN"]));
    local.ok("AdminDeleteSoftwareToken", admin);
    let user = local.user(&tokens);
    assert_eq!(user["UserMFASettingList"], json!(["SMS_MFA", "EMAIL_OTP"]));

    let off = json!({ "Enabled": false });
    local.ok(
        "SetUserMFAPreference",
        set(json!({ "SoftwareTokenMfaSettings": off,
        "SMSMfaSettings": off, "EmailMfaSettings": off })),
    );
    local.tokens("alice");
}

#[test]
fn sms_needs_a_phone() {
    let mut local = optional();
    local.ok(
        "AdminDeleteUserAttributes",
        json!({ "UserPoolId": POOL, "Username": "alice",
        "UserAttributeNames": ["phone_number"] }),
    );
    let tokens = local.tokens("alice");
    let refused = local.refused(
        "SetUserMFAPreference",
        json!({
        "AccessToken": tokens["AccessToken"], "SMSMfaSettings": { "Enabled": true } }),
    );
    assert_eq!(
        refused,
        invalid("User does not have a phone_number set to turn on SMS MFA")
    );
}

#[test]
fn without_a_factor_required_mfa_leads_through_setup() {
    let mut local = Local::verifying(json!({
        "AutoVerifiedAttributes": ["email"],
        "MfaConfig": { "MfaConfiguration": "ON", "SoftwareTokenMfaConfiguration": { "Enabled": true } },
    }));
    local.sign_up("alice");
    let code = local.code(EMAIL);
    local.ok(
        "ConfirmSignUp",
        json!({ "ClientId": CLIENT, "Username": "alice",
        "ConfirmationCode": code }),
    );
    let challenge = local.initiate("alice", PASSWORD).unwrap();
    assert_eq!(challenge["ChallengeName"], "MFA_SETUP");
    assert_eq!(
        challenge["ChallengeParameters"]["MFAS_CAN_SETUP"],
        r#"["SOFTWARE_TOKEN_MFA"]"#
    );
    let early = local.respond(&challenge, "alice", json!({})).unwrap_err();
    assert_eq!(early.0, "NotAuthorizedException");
    let associated = local.ok(
        "AssociateSoftwareToken",
        json!({ "Session": challenge["Session"] }),
    );
    let secret = associated["SecretCode"].as_str().unwrap().to_owned();
    let code = totp(&secret, local.now);
    let verified = local.ok(
        "VerifySoftwareToken",
        json!({ "Session": associated["Session"],
        "UserCode": code }),
    );
    let ready = json!({ "ChallengeName": "MFA_SETUP", "Session": verified["Session"] });
    let reply = local.respond(&ready, "alice", json!({})).unwrap();
    assert!(reply["AuthenticationResult"]["AccessToken"].is_string());
    // The code that enrolled the app signs nobody in.
    let next = local.initiate("alice", PASSWORD).unwrap();
    let answer = json!({ "SOFTWARE_TOKEN_MFA_CODE": code });
    let used = local.respond(&next, "alice", answer).unwrap_err();
    assert_eq!(used.1, "Your software token has already been used once.");
    local.advance(60);
    let next = local.initiate("alice", PASSWORD).unwrap();
    assert_eq!(next["ChallengeName"], "SOFTWARE_TOKEN_MFA");
}

/// A pool that requires a second factor, any but SMS, and a confirmed user without an email.
fn nothing_set_up() -> Local {
    let mut local = Local::verifying(json!({
        "AliasAttributes": ["email"],
        "EmailConfiguration": { "EmailSendingAccount": "DEVELOPER",
            "SourceArn": "arn:aws:ses:eu-west-1:123456789012:identity/example.com" },
        "MfaConfig": { "MfaConfiguration": "ON",
            "SoftwareTokenMfaConfiguration": { "Enabled": true },
            "EmailMfaConfiguration": {} },
    }));
    phone_alone(&mut local, "alice", PHONE);
    local
}

fn phone_alone(local: &mut Local, name: &str, phone: &str) {
    local.ok(
        "SignUp",
        json!({ "ClientId": CLIENT, "Username": name, "Password": PASSWORD,
        "UserAttributes": [{ "Name": "phone_number", "Value": phone }] }),
    );
    let code = local.code(phone);
    let confirm = json!({ "ClientId": CLIENT, "Username": name, "ConfirmationCode": code });
    local.ok("ConfirmSignUp", confirm);
}

#[test]
fn an_email_is_set_up_as_the_second_factor() {
    let mut local = nothing_set_up();
    let asked = local.initiate("alice", PASSWORD).unwrap();
    assert_eq!(asked["ChallengeName"], "MFA_SETUP");
    assert_eq!(
        asked["ChallengeParameters"]["MFAS_CAN_SETUP"],
        r#"["SOFTWARE_TOKEN_MFA","EMAIL_OTP"]"#
    );
    let not_an_email = local.respond(&asked, "alice", json!({ "EMAIL": "x" }));
    assert_eq!(not_an_email.unwrap_err().0, "InvalidParameterException");
    let empty = local.respond(&asked, "alice", json!({ "EMAIL": "" }));
    assert_eq!(empty.unwrap_err().0, "InvalidParameterException");
    let sent = local
        .respond(&asked, "alice", json!({ "EMAIL": EMAIL }))
        .unwrap();
    assert_eq!(sent["ChallengeName"], "EMAIL_OTP");
    assert_eq!(
        sent["ChallengeParameters"]["CODE_DELIVERY_DESTINATION"],
        "a***@e***"
    );
    let again = local.respond(&asked, "alice", json!({ "EMAIL": EMAIL }));
    assert_eq!(again.unwrap_err().0, "NotAuthorizedException");
    let wrong = local.respond(&sent, "alice", json!({ "EMAIL_OTP_CODE": "x" }));
    assert_eq!(wrong.unwrap_err().0, "CodeMismatchException");
    let admin = json!({ "UserPoolId": POOL, "Username": "alice" });
    let user = local.ok("AdminGetUser", admin);
    assert_eq!(user.get("UserMFASettingList"), None);
    let code = local.code(EMAIL);
    let reply = local.respond(&sent, "alice", json!({ "EMAIL_OTP_CODE": code }));
    let tokens = reply.unwrap()["AuthenticationResult"].clone();
    let user = local.user(&tokens);
    assert_eq!(attribute(&user, "email").as_deref(), Some(EMAIL));
    assert_eq!(attribute(&user, "email_verified").as_deref(), Some("true"));
    assert_eq!(user["PreferredMfaSetting"], "EMAIL_OTP");
    // From now on it is asked for, also of who signs in by the address.
    let asked = local.initiate(EMAIL, PASSWORD).unwrap();
    assert_eq!(asked["ChallengeName"], "EMAIL_OTP");
}

#[test]
fn an_email_that_is_somebody_elses_is_not_set_up() {
    let mut local = nothing_set_up();
    phone_alone(&mut local, "bob", "+12065550199");
    let mut set_up = |name: &str| {
        let asked = local.initiate(name, PASSWORD).unwrap();
        let sent = local.respond(&asked, name, json!({ "EMAIL": EMAIL }));
        let code = local.code(EMAIL);
        local.respond(&sent.unwrap(), name, json!({ "EMAIL_OTP_CODE": code }))
    };
    set_up("alice").unwrap();
    assert_eq!(set_up("bob").unwrap_err().0, "AliasExistsException");
    let admin = json!({ "UserPoolId": POOL, "Username": "bob" });
    let bob = local.ok("AdminGetUser", admin);
    assert_eq!(attribute(&bob, "email"), None);
}

#[test]
fn an_email_is_taken_only_where_it_is_offered() {
    let mut local = Local::verifying(json!({
        "AutoVerifiedAttributes": ["phone_number"],
        "MfaConfig": { "MfaConfiguration": "ON",
            "SoftwareTokenMfaConfiguration": { "Enabled": true } },
    }));
    phone_alone(&mut local, "alice", PHONE);
    let asked = local.initiate("alice", PASSWORD).unwrap();
    let refused = local.respond(&asked, "alice", json!({ "EMAIL": EMAIL }));
    assert_eq!(refused.unwrap_err().0, "InvalidParameterException");
    assert!(local.outbox().iter().all(|message| message["to"] != EMAIL));
}

#[test]
fn one_factor_is_preferred_and_none_that_is_not_on() {
    let mut local = optional();
    let tokens = local.tokens("alice");
    let mut set = |settings: Value| {
        let input = with(json!({ "AccessToken": tokens["AccessToken"] }), settings);
        local.call("SetUserMFAPreference", input)?;
        let user = local.user(&tokens);
        Ok::<_, Exception>(json!([
            user["PreferredMfaSetting"],
            user["UserMFASettingList"]
        ]))
    };
    let preferred = json!({ "Enabled": true, "PreferredMfa": true });
    let both = json!({ "SMSMfaSettings": preferred, "EmailMfaSettings": preferred });
    assert_eq!(
        set(both).unwrap_err().1,
        "Only one MFA factor can be preferred."
    );
    let off = set(json!({ "EmailMfaSettings": { "PreferredMfa": true } })).unwrap_err();
    assert_eq!(
        off.1,
        "Invalid MFA preference: a preferred factor must be enabled."
    );
    let sms = set(json!({ "SMSMfaSettings": preferred })).unwrap();
    assert_eq!(sms, json!(["SMS_MFA", ["SMS_MFA"]]));
    let email = set(json!({ "EmailMfaSettings": preferred })).unwrap();
    assert_eq!(email[0], "EMAIL_OTP", "the latest");
    let other = set(json!({ "SMSMfaSettings": { "Enabled": true } })).unwrap();
    assert_eq!(other[0], "EMAIL_OTP", "nothing was said of it");
    let no_more = set(json!({ "EmailMfaSettings": { "Enabled": true } })).unwrap();
    assert_eq!(no_more[0], Value::Null);
    let off = set(json!({ "EmailMfaSettings": { "Enabled": false } })).unwrap();
    assert_eq!(off[1], json!(["SMS_MFA"]));
}

#[test]
fn a_code_that_sets_an_email_up_answers_that_challenge_alone() {
    let mut local = nothing_set_up();
    let asked = local.initiate("alice", PASSWORD).unwrap();
    let sent = local
        .respond(&asked, "alice", json!({ "EMAIL": EMAIL }))
        .unwrap();
    let code = local.code(EMAIL);
    let other = json!({ "ChallengeName": "SMS_MFA", "Session": sent["Session"] });
    let answer = json!({ "SMS_MFA_CODE": code });
    assert_eq!(
        local.respond(&other, "alice", answer).unwrap_err().1,
        "Invalid session for the user."
    );
    let answer = json!({ "EMAIL_OTP_CODE": code });
    local.respond(&sent, "alice", answer).unwrap();
}

/// [D] A code by SMS marks the phone verified that it went to, not one that is there since.
#[test]
fn a_code_verifies_no_phone_but_the_one_that_it_went_to() {
    let mut local = required();
    let challenge = local.initiate("alice", PASSWORD).unwrap();
    let code = local.code(PHONE);
    let other = json!({ "UserAttributes": pairs(&[("phone_number", "+12065550199")]) });
    local.ok("AdminUpdateUserAttributes", of("alice", other));
    let answer = json!({ "SMS_MFA_CODE": code });
    local.respond(&challenge, "alice", answer).unwrap();
    let user = local.ok("AdminGetUser", of("alice", json!({})));
    let verified = attribute(&user, "phone_number_verified");
    assert_eq!(verified.as_deref(), Some("false"));
    // Nor one by which somebody else signs in.
    let mut local = Local::verifying(json!({ "MfaConfiguration": "ON",
        "AliasAttributes": ["phone_number"] }));
    for name in ["alice", "bob"] {
        settled(&mut local, name, &[("phone_number", PHONE)]);
    }
    for (name, expected) in [("alice", Some("true")), ("bob", None)] {
        let challenge = local.initiate(name, PASSWORD).unwrap();
        let code = local.code(PHONE);
        let answer = json!({ "SMS_MFA_CODE": code });
        local.respond(&challenge, name, answer).unwrap();
        let user = local.ok("AdminGetUser", of(name, json!({})));
        let verified = attribute(&user, "phone_number_verified");
        assert_eq!(verified.as_deref(), expected, "{name}");
    }
}

#[test]
fn what_can_be_set_up_is_what_the_pool_has_and_the_user_has_not() {
    // An email alone: who has none gives one.
    let mut local = Local::verifying(json!({
        "EmailConfiguration": { "EmailSendingAccount": "DEVELOPER",
            "SourceArn": "arn:aws:ses:eu-west-1:123456789012:identity/example.com" },
        "MfaConfig": { "MfaConfiguration": "ON", "EmailMfaConfiguration": {} },
    }));
    settled(&mut local, "alice", &[]);
    let asked = local.initiate("alice", PASSWORD).unwrap();
    assert_eq!(asked["ChallengeName"], "MFA_SETUP");
    assert_eq!(
        asked["ChallengeParameters"]["MFAS_CAN_SETUP"],
        r#"["EMAIL_OTP"]"#
    );
    // A phone alone: who has none cannot set one up.
    let mut local = Local::verifying(json!({ "MfaConfiguration": "ON" }));
    settled(&mut local, "alice", &[]);
    assert_eq!(
        local.initiate("alice", PASSWORD).unwrap_err(),
        invalid("User does not have delivery config set to turn on SMS_MFA")
    );
}
