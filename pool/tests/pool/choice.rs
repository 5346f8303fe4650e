//! USER_AUTH: the first factor chosen, preferred, another one taken; after a sign-up none.

use crate::common::*;
use serde_json::{Value, json};

/// A pool with every first factor that is not a passkey.
fn local() -> Local {
    Local::verifying(json!({
        "Policies": { "SignInPolicy": { "AllowedFirstAuthFactors": ["PASSWORD", "SMS_OTP", "EMAIL_OTP"] } },
    }))
}

fn start(name: &str, more: Value) -> Value {
    let parameters = with(json!({ "USERNAME": name }), more);
    json!({ "ClientId": CLIENT, "AuthFlow": "USER_AUTH", "AuthParameters": parameters })
}

fn by_session(name: &str, session: &Value) -> Value {
    let mut input = start(name, json!({}));
    input["Session"] = session.clone();
    input
}

/// The other ways that a confirmed alice has.
fn ways() -> Value {
    json!(["PASSWORD", "PASSWORD_SRP", "SMS_OTP"])
}

#[test]
fn the_first_factor_can_be_chosen() {
    let mut local = local();
    local.confirmed("alice");
    let choice = local.ok("InitiateAuth", start("alice", json!({})));
    assert_eq!(choice["ChallengeName"], "SELECT_CHALLENGE");
    assert_eq!(choice["AvailableChallenges"], ways());
    let otp = local
        .respond(&choice, "alice", json!({ "ANSWER": "SMS_OTP" }))
        .unwrap();
    assert_eq!(otp["ChallengeName"], "SMS_OTP");
    assert_eq!(otp["AvailableChallenges"], ways());
    let code = local.code(PHONE);
    let reply = local
        .respond(&otp, "alice", json!({ "SMS_OTP_CODE": code }))
        .unwrap();
    assert!(reply["AuthenticationResult"]["AccessToken"].is_string());
    assert!(reply.get("AvailableChallenges").is_none());
    let spent = local.respond(&choice, "alice", json!({ "ANSWER": "SMS_OTP" }));
    assert_eq!(spent.unwrap_err().0, "NotAuthorizedException");
}

#[test]
fn a_preferred_factor_comes_at_once_with_the_others_beside_it() {
    let mut local = local();
    local.confirmed("alice");
    let srp_a = SrpClient::new(POOL).srp_a();
    for (preferred, more, expected) in [
        ("SMS_OTP", json!({}), "SMS_OTP"),
        ("PASSWORD", json!({}), "PASSWORD"),
        ("PASSWORD_SRP", json!({}), "PASSWORD_SRP"),
        (
            "PASSWORD_SRP",
            json!({ "SRP_A": srp_a }),
            "PASSWORD_VERIFIER",
        ),
        // Not hers: the email was never verified.
        ("EMAIL_OTP", json!({}), "SELECT_CHALLENGE"),
    ] {
        let mut parameters = more;
        parameters["PREFERRED_CHALLENGE"] = json!(preferred);
        let reply = local.ok("InitiateAuth", start("alice", parameters));
        assert_eq!(reply["ChallengeName"], expected);
        assert_eq!(reply["AvailableChallenges"], ways(), "{expected}");
        assert!(reply["Session"].is_string(), "{expected}");
    }
    let given = json!({ "PREFERRED_CHALLENGE": "PASSWORD", "PASSWORD": PASSWORD });
    let reply = local.ok("InitiateAuth", start("alice", given));
    assert!(reply["AuthenticationResult"]["AccessToken"].is_string());
}

#[test]
fn a_chosen_password_is_proved_with_the_session() {
    let mut local = local();
    local.confirmed("alice");
    let client = SrpClient::new(POOL);
    let begin = json!({ "PREFERRED_CHALLENGE": "PASSWORD_SRP", "SRP_A": client.srp_a() });
    let proof = local.ok("InitiateAuth", start("alice", begin.clone()));
    let answer = client.answer(&proof["ChallengeParameters"], PASSWORD);
    let mut without = proof.clone();
    without.as_object_mut().unwrap().remove("Session");
    let refused = local.respond(&without, "alice", answer.clone());
    assert_eq!(refused.unwrap_err().1, "Invalid session for the user.");
    let another = local.ok("InitiateAuth", start("alice", begin));
    let mut foreign = proof.clone();
    foreign["Session"] = another["Session"].clone();
    let refused = local.respond(&foreign, "alice", answer.clone());
    assert_eq!(refused.unwrap_err().1, "Invalid session for the user.");
    assert!(local.respond(&proof, "alice", answer).is_ok());
}

#[test]
fn a_wrong_password_leaves_the_choice_open_five_times() {
    for name in ["alice", "nobody"] {
        let mut local = local();
        local.confirmed("alice");
        local.ok(
            "UpdateUserPoolClient",
            json!({ "UserPoolId": POOL, "ClientId": CLIENT, "PreventUserExistenceErrors": "ENABLED",
            "ExplicitAuthFlows": ["ALLOW_USER_AUTH"] }),
        );
        let choice = local.ok("InitiateAuth", start(name, json!({})));
        let client = SrpClient::new(POOL);
        let chosen = json!({ "ANSWER": "PASSWORD_SRP", "SRP_A": client.srp_a() });
        for _ in 0..2 {
            let proof = local.respond(&choice, name, chosen.clone()).unwrap();
            let wrong = client.answer(&proof["ChallengeParameters"], "wrong");
            let refused = local.respond(&proof, name, wrong.clone()).unwrap_err();
            assert_eq!(refused.1, "Incorrect username or password.", "{name}");
            let again = local.respond(&proof, name, wrong).unwrap_err();
            assert!(again.1.contains("only be used once"), "{name}: {again:?}");
        }
        let wrong = json!({ "ANSWER": "PASSWORD", "PASSWORD": "wrong" });
        for _ in 0..3 {
            let refused = local.respond(&choice, name, wrong.clone()).unwrap_err();
            assert_eq!(refused.1, "Incorrect username or password.", "{name}");
        }
        let over = local.respond(&choice, name, wrong).unwrap_err();
        assert!(over.1.contains("only be used once"), "{name}: {over:?}");
    }
    let mut local = local();
    local.confirmed("alice");
    let choice = local.ok("InitiateAuth", start("alice", json!({})));
    let wrong = json!({ "ANSWER": "PASSWORD", "PASSWORD": "wrong" });
    local.respond(&choice, "alice", wrong).unwrap_err();
    let client = SrpClient::new(POOL);
    let chosen = json!({ "ANSWER": "PASSWORD_SRP", "SRP_A": client.srp_a() });
    let proof = local.respond(&choice, "alice", chosen.clone()).unwrap();
    assert_eq!(proof["AvailableChallenges"], ways());
    let right = client.answer(&proof["ChallengeParameters"], PASSWORD);
    local.respond(&proof, "alice", right).unwrap();
    let spent = local.respond(&choice, "alice", chosen).unwrap_err();
    assert!(spent.1.contains("only be used once"), "{spent:?}");
}

#[test]
fn a_sign_up_leads_to_the_first_sign_in_without_asking_again() {
    let mut local = local();
    let signed_up = local.sign_up("alice");
    let code = local.code(PHONE);
    let confirm = json!({ "ClientId": CLIENT, "Username": "alice", "ConfirmationCode": code,
        "Session": signed_up["Session"] });
    let mut made_up = confirm.clone();
    made_up["Session"] = json!("made up, but long enough");
    assert_eq!(
        local.err("ConfirmSignUp", made_up),
        "NotAuthorizedException"
    );
    // A code that was mistyped does not cost the session.
    let mut wrong = confirm.clone();
    wrong["ConfirmationCode"] = json!("000000");
    assert_eq!(local.err("ConfirmSignUp", wrong), "CodeMismatchException");
    let confirmed = local.ok("ConfirmSignUp", confirm);
    let session = &confirmed["Session"];
    assert_ne!(session, &signed_up["Session"]);
    // The session of the step before, and one that is somebody else's, sign nobody in.
    for input in [
        by_session("alice", &signed_up["Session"]),
        by_session("bob", session),
    ] {
        assert_eq!(local.err("InitiateAuth", input), "NotAuthorizedException");
    }
    let reply = local.ok("InitiateAuth", by_session("alice", session));
    assert!(reply["AuthenticationResult"]["RefreshToken"].is_string());
    assert_eq!(
        local.refused("InitiateAuth", by_session("alice", session)),
        Exception(
            "NotAuthorizedException".into(),
            "Invalid session for the user, session can only be used once.".into()
        )
    );
}

#[test]
fn the_session_of_a_sign_up_is_for_the_first_sign_in_and_a_short_time() {
    let mut local = local();
    local.sign_up("alice");
    let code = local.code(PHONE);
    let confirm = json!({ "ClientId": CLIENT, "Username": "alice", "ConfirmationCode": code });
    // It comes also without the session of SignUp: the code is what counts.
    let session = local.ok("ConfirmSignUp", confirm)["Session"].clone();
    local.tokens("alice");
    let second = local.refused("InitiateAuth", by_session("alice", &session));
    assert_eq!(second.0, "NotAuthorizedException");

    let mut local = self::local();
    let signed_up = local.sign_up("alice");
    local.advance(3 * MINUTE);
    let code = local.code(PHONE);
    let mut confirm = json!({ "ClientId": CLIENT, "Username": "alice", "ConfirmationCode": code,
        "Session": signed_up["Session"] });
    assert_eq!(
        local.message("ConfirmSignUp", confirm.clone()),
        "Invalid session for the user, session is expired."
    );
    // Nothing is lost by it: the code still confirms.
    confirm.as_object_mut().unwrap().remove("Session");
    let session = local.ok("ConfirmSignUp", confirm)["Session"].clone();
    local.advance(3 * MINUTE);
    assert_eq!(
        local.message("InitiateAuth", by_session("alice", &session)),
        "Invalid session for the user, session is expired."
    );
}

/// Signs alice up; gives the session of the confirmation.
fn signed_up(local: &mut Local) -> Value {
    local.sign_up("alice");
    let code = local.code(PHONE);
    let confirm = json!({ "ClientId": CLIENT, "Username": "alice", "ConfirmationCode": code });
    local.ok("ConfirmSignUp", confirm)["Session"].clone()
}

#[test]
fn a_session_dies_with_its_user() {
    let mut local = local();
    let first = signed_up(&mut local);
    local.ok(
        "AdminDeleteUser",
        json!({ "UserPoolId": POOL, "Username": "alice" }),
    );
    let second = signed_up(&mut local);
    assert_eq!(
        local.err("InitiateAuth", by_session("alice", &first)),
        "NotAuthorizedException",
        "another person has the name now"
    );
    local.ok("InitiateAuth", by_session("alice", &second));
}

#[test]
fn a_client_without_user_auth_gets_no_session() {
    let mut local = local();
    local.ok(
        "UpdateUserPoolClient",
        json!({ "UserPoolId": POOL, "ClientId": CLIENT,
        "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"] }),
    );
    assert!(local.sign_up("alice").get("Session").is_none());
    let code = local.code(PHONE);
    let confirm = json!({ "ClientId": CLIENT, "Username": "alice", "ConfirmationCode": code });
    assert_eq!(local.ok("ConfirmSignUp", confirm), json!({}));
}

#[test]
fn after_a_sign_up_the_second_factor_is_asked_for_all_the_same() {
    let mut local = Local::verifying(json!({
        "MfaConfiguration": "ON",
        "Schema": [{ "Name": "phone_number", "Required": true }],
    }));
    local.sign_up("alice");
    let code = local.code(PHONE);
    let confirm = json!({ "ClientId": CLIENT, "Username": "alice", "ConfirmationCode": code });
    let session = local.ok("ConfirmSignUp", confirm)["Session"].clone();
    let asked = local.ok("InitiateAuth", by_session("alice", &session));
    assert_eq!(asked["ChallengeName"], "SMS_MFA");
    let code = local.code(PHONE);
    let reply = local.respond(&asked, "alice", json!({ "SMS_MFA_CODE": code }));
    assert!(reply.unwrap()["AuthenticationResult"]["AccessToken"].is_string());
}

fn without_password(name: &str, attributes: Value) -> Value {
    json!({ "ClientId": CLIENT, "Username": name, "UserAttributes": attributes })
}

#[test]
fn who_has_no_password_signs_in_by_a_code() {
    let mut local = local();
    let email = json!([{ "Name": "email", "Value": EMAIL }]);
    let signed_up = local.ok("SignUp", without_password("alice", email));
    assert!(signed_up["Session"].is_string());
    // Not confirmed yet: no code is good for signing in, and there is nothing else.
    assert_eq!(
        local.err("InitiateAuth", start("alice", json!({}))),
        "UserNotConfirmedException"
    );
    let code = local.code(EMAIL);
    let confirm = json!({ "ClientId": CLIENT, "Username": "alice", "ConfirmationCode": code });
    local.ok("ConfirmSignUp", confirm);
    let choice = local.ok("InitiateAuth", start("alice", json!({})));
    assert_eq!(choice["AvailableChallenges"], json!(["EMAIL_OTP"]));
    let otp = local.respond(&choice, "alice", json!({ "ANSWER": "EMAIL_OTP" }));
    let code = local.code(EMAIL);
    let reply = local
        .respond(&otp.unwrap(), "alice", json!({ "EMAIL_OTP_CODE": code }))
        .unwrap();
    let access = &reply["AuthenticationResult"]["AccessToken"];
    let factors = local.ok("GetUserAuthFactors", json!({ "AccessToken": access }));
    assert_eq!(factors["ConfiguredUserAuthFactors"], json!(["EMAIL_OTP"]));
    // No password is right, neither shown nor proved.
    for password in ["", PASSWORD] {
        let shown = json!({ "PREFERRED_CHALLENGE": "PASSWORD", "PASSWORD": password });
        let reply = local.ok("InitiateAuth", start("alice", shown));
        assert_eq!(reply["ChallengeName"], "SELECT_CHALLENGE");
    }
    assert!(local.initiate("alice", PASSWORD).is_err());
    assert!(local.srp("alice", PASSWORD).is_err());
    // The first password needs no former one.
    let change = json!({ "AccessToken": access, "ProposedPassword": PASSWORD });
    local.ok("ChangePassword", change.clone());
    local.tokens("alice");
    assert_eq!(
        local.err("ChangePassword", change),
        "NotAuthorizedException"
    );
}

#[test]
fn a_password_is_needed_where_no_code_could_take_its_place() {
    let email = json!([{ "Name": "email", "Value": EMAIL }]);
    let needed = invalid("Password is required for this user pool.");
    let mut by_password = Local::verifying(json!({}));
    let input = without_password("alice", email.clone());
    assert_eq!(by_password.refused("SignUp", input), needed);
    let mut nowhere = local();
    let input = without_password("alice", json!([]));
    assert_eq!(nowhere.refused("SignUp", input), needed, "no address");
    let mut with_mfa = local();
    with_mfa.ok(
        "SetUserPoolMfaConfig",
        json!({ "UserPoolId": POOL, "MfaConfiguration": "ON",
        "SoftwareTokenMfaConfiguration": { "Enabled": true } }),
    );
    let input = without_password("alice", email);
    assert_eq!(
        with_mfa.refused("SignUp", input),
        needed,
        "a code is not enough"
    );
}

/// The guide, "Authentication flows": a code by email or SMS is for users whose state lets them sign in,
/// and for whom there is no second factor.
#[test]
fn who_may_not_begin_with_a_code_is_offered_none() {
    let verified = [("email", EMAIL), ("email_verified", "true")];
    let passwords = json!(["PASSWORD", "PASSWORD_SRP"]);
    let ways = |local: &mut Local| {
        let choice = local.ok("InitiateAuth", start("alice", json!({})));
        choice["AvailableChallenges"].clone()
    };
    let mut local = local();
    made(&mut local, "alice", &verified);
    assert_eq!(ways(&mut local), passwords, "a temporary password");
    let more = json!({ "Password": PASSWORD, "Permanent": true });
    local.ok("AdminSetUserPassword", of("alice", more));
    assert_eq!(
        ways(&mut local),
        json!(["PASSWORD", "PASSWORD_SRP", "EMAIL_OTP"])
    );
    local.ok("AdminDisableUser", of("alice", json!({})));
    assert_eq!(ways(&mut local), passwords, "disabled");
    local.ok("AdminEnableUser", of("alice", json!({})));
    // A second factor is required, though none is there yet.
    local.ok(
        "SetUserPoolMfaConfig",
        json!({ "UserPoolId": POOL, "MfaConfiguration": "ON",
        "SoftwareTokenMfaConfiguration": { "Enabled": true } }),
    );
    assert_eq!(ways(&mut local), passwords, "a code is not enough");
}
