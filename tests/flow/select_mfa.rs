//! A choice of second factors: of those that a person has, and of those that can be set up.

use serde_json::{Value, json};

use crate::support::*;

const BOTH: [&str; 2] = ["SOFTWARE_TOKEN_MFA", "EMAIL_OTP"];

fn at(challenge: Fault) -> World {
    let mut world = World::scripted();
    world.expect("InitiateAuth", challenge);
    assert_eq!(world.send(sign_in())["step"], "selectFactor");
    world.sent();
    world
}

fn ends(world: &World, step: &str, error: &str) {
    assert_eq!(
        (world.step().as_str(), world.error().as_str()),
        (step, error)
    );
    assert_eq!(world.snapshot()["username"], USER);
}

#[test]
fn the_name_that_the_pool_gave_once_goes_with_each_answer() {
    let parameters = json!({ "USERNAME": "u-1",
        "MFAS_CAN_CHOOSE": json!(BOTH).to_string() });
    let mut world = at(challenge("SELECT_MFA_TYPE", parameters));
    world.expect(
        "RespondToAuthChallenge",
        challenge("SOFTWARE_TOKEN_MFA", json!({})),
    );
    world.send(select("totp"));
    world
        .expect("RespondToAuthChallenge", tokens(1))
        .expect("GetUser", verified_user());
    assert_eq!(world.send(submit("123456"))["step"], "signedIn");
    let answer = world.body_of("RespondToAuthChallenge");
    assert_eq!(answer["ChallengeResponses"]["USERNAME"], "u-1");
}

#[test]
fn the_second_factor_is_chosen_and_asked_for() {
    let settings = json!({ "MfaConfig": {
        "MfaConfiguration": "OPTIONAL", "SmsMfaConfiguration": {},
        "SoftwareTokenMfaConfiguration": { "Enabled": true } } });
    let pool = LocalPool::with(settings, json!({}));
    let attributes = json!({ "phone_number": PHONE, "phone_number_verified": "true" });
    pool.add_user(USER, PASSWORD, attributes, Clock::new().wall);
    let mut world = World::with(&pool);
    world.send(sign_in());
    let started = world.call("startTotp", json!({})).unwrap();
    let code = totp(started["secret"].as_str().unwrap(), world.clock.wall);
    world.call("confirmTotp", json!({ "code": code })).unwrap();
    let preference = json!({ "preference": { "sms": "on" } });
    world.call("setMfaPreference", preference).unwrap();
    world.send(event("signOut"));

    let snapshot = world.send(sign_in());
    assert_eq!(
        snapshot,
        json!({
            "step": "selectFactor", "busy": null, "error": null, "username": USER, "of": "mfa",
            "choices": ["sms", "totp"], "expiresAt": world.clock.wall + 3.0 * MINUTE,
        })
    );
    assert_eq!(world.send(select("sms"))["medium"], "sms");
    assert_eq!(world.send(submit(&pool.code()))["step"], "signedIn");

    world.send(event("signOut"));
    world.send(sign_in());
    world.reload();
    assert_eq!(world.send(select("totp"))["medium"], "totp");
    world.pass(MINUTE);
    let code = totp(started["secret"].as_str().unwrap(), world.clock.wall);
    assert_eq!(world.send(submit(&code))["step"], "signedIn");
}

#[test]
fn what_the_pool_called_it_is_what_it_is_answered() {
    for (kinds, choices, choice, said) in [
        (
            vec!["EMAIL_OTP", "SMS_MFA"],
            json!(["email", "sms"]),
            "email",
            "EMAIL_OTP",
        ),
        (
            vec!["SMS_MFA", "EMAIL_MFA"],
            json!(["sms", "email"]),
            "email",
            "EMAIL_MFA",
        ),
        (
            vec!["EMAIL_MFA", "EMAIL_OTP", "SMS_MFA", "SMS_MFA"],
            json!(["email", "sms"]),
            "email",
            "EMAIL_MFA",
        ),
        (
            vec!["SOFTWARE_TOKEN_MFA", "SMOKE_SIGNALS"],
            json!(["totp"]),
            "totp",
            "SOFTWARE_TOKEN_MFA",
        ),
    ] {
        for reloads in [false, true] {
            let mut world = at(select_mfa(&kinds));
            if reloads {
                world.reload();
            }
            assert_eq!(world.snapshot()["choices"], choices);
            let asked = challenge("EMAIL_OTP", json!({}));
            world.expect("RespondToAuthChallenge", asked);
            assert_eq!(world.send(select(choice))["step"], "mfaCode");
            assert_eq!(
                world.body_of("RespondToAuthChallenge"),
                json!({
                    "ChallengeName": "SELECT_MFA_TYPE", "Session": SESSION,
                    "ClientId": "scripted0client",
                    "ChallengeResponses": { "USERNAME": USER, "ANSWER": said },
                })
            );
        }
    }
}

#[test]
fn nothing_but_what_is_offered_can_be_chosen() {
    for offered in [select_mfa(&["SMS_MFA", "EMAIL_OTP"]), set_up(&BOTH)] {
        let mut world = at(offered);
        let choices = world.snapshot()["choices"].clone();
        for choice in ["password", "sms", "email", "passkey", "totp"] {
            if choices.as_array().unwrap().contains(&json!(choice)) {
                continue;
            }
            let error = world.start(select(choice)).unwrap_err();
            assert_eq!(error.code.as_str(), "malformed", "{choice}");
        }
        assert!(world.sent().is_empty());
    }
}

#[test]
fn a_choice_of_nothing_that_is_known_ends_the_sign_in() {
    for kinds in [json!("[]"), json!("[\"SMOKE_SIGNALS\"]"), Value::Null] {
        let mut world = World::scripted();
        let parameters = json!({ "MFAS_CAN_CHOOSE": kinds });
        world.expect("InitiateAuth", challenge("SELECT_MFA_TYPE", parameters));
        world.send(sign_in());
        ends(&world, "signedOut", "server");
        assert_eq!(world.snapshot()["error"]["server"], "SELECT_MFA_TYPE");
    }
}

#[test]
fn what_is_set_up_is_chosen_without_a_call_of_its_own() {
    let mut world = at(set_up(&["SMS_MFA", "EMAIL_OTP", "SOFTWARE_TOKEN_MFA"]));
    assert_eq!(
        world.snapshot(),
        json!({
            "step": "selectFactor", "busy": null, "error": null, "username": USER,
            "of": "mfaSetUp", "choices": ["email", "totp"],
            "expiresAt": world.clock.wall + 3.0 * MINUTE,
        })
    );
    let before = world.round();
    assert_eq!(world.send(select("email"))["step"], "setUpEmail");
    assert!(world.sent().is_empty());
    assert!(world.round() > before);
    world.expect("RespondToAuthChallenge", challenge("EMAIL_OTP", json!({})));
    let address = json!({ "type": "setUpEmail", "email": EMAIL });
    assert_eq!(world.send(address)["step"], "mfaCode");

    let mut world = at(set_up(&BOTH));
    let expires = world.snapshot()["expiresAt"].clone();
    world.reload();
    world
        .expect("AssociateSoftwareToken", associated(2))
        .expect("VerifySoftwareToken", totp_verified(3))
        .expect("RespondToAuthChallenge", tokens(1))
        .expect("GetUser", verified_user());
    world.pass(MINUTE);
    let snapshot = world.send(select("totp"));
    assert_eq!(snapshot["step"], "setUpTotp");
    assert_eq!(snapshot["expiresAt"], expires, "it is the same challenge");
    assert_eq!(
        world.body_of("AssociateSoftwareToken"),
        json!({ "Session": SESSION })
    );
    assert_eq!(world.send(submit("123456"))["step"], "signedIn");
}

#[test]
fn a_choice_that_could_not_be_sent_can_be_made_again() {
    for offered in [
        || set_up(&BOTH),
        || select_mfa(&["SMS_MFA", "SOFTWARE_TOKEN_MFA"]),
    ] {
        for Told { fault, code } in [
            told(throttled, "throttled"),
            told(|| Fault::NotSent, "offline"),
            told(|| refused("ForbiddenException", "No."), "blocked"),
        ] {
            let mut world = at(offered());
            for operation in ["AssociateSoftwareToken", "RespondToAuthChallenge"] {
                for _ in 0..3 {
                    world.expect(operation, fault());
                }
            }
            world.send(select("totp"));
            ends(&world, "selectFactor", code);
        }
    }
}

#[test]
fn a_choice_that_the_pool_will_not_take_ends_the_sign_in() {
    for offered in [
        || set_up(&BOTH),
        || select_mfa(&["SMS_MFA", "SOFTWARE_TOKEN_MFA"]),
    ] {
        for Told { fault, code } in [
            told(expired_session, "challengeExpired"),
            told(
                || refused("NotAuthorizedException", "Invalid session for the user."),
                "challengeSpent",
            ),
            told(|| Fault::Lost, "outcomeUnknown"),
        ] {
            let mut world = at(offered());
            for operation in ["AssociateSoftwareToken", "RespondToAuthChallenge"] {
                world.expect(operation, fault());
            }
            world.send(select("totp"));
            ends(&world, "signedOut", code);
        }
    }
}

#[test]
fn it_can_be_left_and_runs_out() {
    for offered in [|| set_up(&BOTH), || select_mfa(&BOTH)] {
        let mut world = at(offered());
        world.send(event("cancel"));
        ends(&world, "signedOut", "");
        let mut world = at(offered());
        world.start(select("totp")).unwrap();
        world.start(event("cancel")).unwrap();
        ends(&world, "signedOut", "");
        let mut world = at(offered());
        world.pass(3.0 * MINUTE);
        ends(&world, "signedOut", "challengeExpired");
    }
}
