//! The second factor: SMS, email, authenticator app; wrong and late codes; another code.

use serde_json::{Value, json};

use crate::support::*;

fn pool_with_alice() -> LocalPool {
    let pool = LocalPool::with_sms_mfa();
    let attributes = json!({ "phone_number": PHONE, "phone_number_verified": "true" });
    pool.add_user(USER, PASSWORD, attributes, Clock::new().wall);
    pool
}

fn at_sms_code(pool: &LocalPool) -> World {
    let mut world = World::with(pool);
    assert_eq!(world.send(sign_in())["step"], "mfaCode");
    world
}

#[test]
fn a_code_by_sms_shows_where_it_went_exactly_as_the_pool_masked_it() {
    let pool = pool_with_alice();
    let mut world = at_sms_code(&pool);
    assert_eq!(
        world.snapshot(),
        json!({
            "step": "mfaCode", "busy": null, "error": null, "username": USER, "medium": "sms",
            "delivery": { "medium": "sms", "destination": "+*******1234", "attribute": null },
            "expiresAt": world.clock.wall + 3.0 * MINUTE, "canResend": true,
            "resendAt": world.clock.wall + 30.0 * SECOND,
        })
    );
    assert_eq!(world.send(submit(&pool.code()))["step"], "signedIn");
}

#[test]
fn a_code_by_email_works_the_same_way() {
    let settings = json!({
        "Schema": [{ "Name": "email", "Required": true }],
        "EmailConfiguration": {
            "EmailSendingAccount": "DEVELOPER",
            "SourceArn": "arn:aws:ses:eu-west-1:123456789012:identity/example.com",
        },
        "AccountRecoverySetting": {
            "RecoveryMechanisms": [{ "Name": "verified_phone_number", "Priority": 1 }],
        },
        "MfaConfig": { "MfaConfiguration": "ON", "EmailMfaConfiguration": {
            "Message": "Your code is {####}", "Subject": "Your code" } },
    });
    let pool = LocalPool::with(settings, json!({}));
    let attributes = json!({ "email": EMAIL, "email_verified": "true" });
    pool.add_user(USER, PASSWORD, attributes, Clock::new().wall);
    let mut world = World::with(&pool);
    let snapshot = world.send(sign_in());
    assert_eq!(snapshot["step"], "mfaCode");
    assert_eq!(snapshot["medium"], "email");
    assert_eq!(snapshot["delivery"]["destination"], "a***@e***");
    assert_eq!(world.send(submit(&pool.code()))["step"], "signedIn");
    assert!(
        world
            .sent()
            .contains(&"RespondToAuthChallenge EMAIL_OTP".into())
    );
}

#[test]
fn a_code_of_an_authenticator_app_has_no_destination_and_no_resending() {
    let mut world = World::scripted();
    world
        .expect(
            "InitiateAuth",
            challenge("SOFTWARE_TOKEN_MFA", json!({ "USER_ID_FOR_SRP": USER })),
        )
        .expect("RespondToAuthChallenge", tokens(1))
        .expect("GetUser", verified_user());
    let snapshot = world.send(sign_in());
    assert_eq!(snapshot["medium"], "totp");
    assert_eq!(snapshot["delivery"], Value::Null);
    assert_eq!(snapshot["canResend"], false);
    assert!(world.start(event("resendCode")).is_err());
    assert_eq!(world.send(submit("123456"))["step"], "signedIn");
    let body = world.body_of("RespondToAuthChallenge");
    assert_eq!(body["ChallengeName"], "SOFTWARE_TOKEN_MFA");
    assert_eq!(
        body["ChallengeResponses"]["SOFTWARE_TOKEN_MFA_CODE"],
        "123456"
    );
    assert_eq!(body["Session"], SESSION);
}

#[test]
fn a_wrong_code_of_an_authenticator_app_is_a_wrong_code() {
    let mut world = World::scripted();
    world
        .expect("InitiateAuth", challenge("SOFTWARE_TOKEN_MFA", json!({})))
        .expect(
            "RespondToAuthChallenge",
            refused("EnableSoftwareTokenMFAException", "Code mismatch"),
        );
    world.send(sign_in());
    world.send(submit("123456"));
    assert_eq!(
        (world.step().as_str(), world.error().as_str()),
        ("mfaCode", "codeMismatch")
    );
}

#[test]
fn a_wrong_code_stays_and_the_right_one_still_signs_in() {
    let pool = pool_with_alice();
    let mut world = at_sms_code(&pool);
    let expires = world.snapshot()["expiresAt"].clone();
    let snapshot = world.send(submit(&other_code(&pool.code())));
    assert_eq!(snapshot["step"], "mfaCode");
    assert_eq!(snapshot["error"]["code"], "codeMismatch");
    assert_eq!(snapshot["expiresAt"], expires, "a wrong code wins no time");
    assert_eq!(world.send(submit(&pool.code()))["step"], "signedIn");
}

#[test]
fn too_many_wrong_codes_use_up_the_session() {
    let pool = pool_with_alice();
    let mut world = at_sms_code(&pool);
    for _ in 0..20 {
        if world.step() == "mfaCode" {
            world.send(submit(&other_code(&pool.code())));
        }
    }
    assert_eq!(world.step(), "signedOut");
    assert_eq!(world.error(), "challengeSpent");
    assert_eq!(world.snapshot()["username"], USER);
}

#[test]
fn when_three_minutes_are_over_the_person_signs_in_again_with_the_name_kept() {
    let mut world = at_sms_code(&pool_with_alice());
    world.pass(3.0 * MINUTE - 1.0);
    assert_eq!(world.step(), "mfaCode");
    world.pass(1.0);
    assert_eq!(world.snapshot()["step"], "signedOut");
    assert_eq!(world.snapshot()["username"], USER);
    assert_eq!(world.error(), "challengeExpired");
}

#[test]
fn a_code_given_too_late_is_not_sent() {
    let pool = pool_with_alice();
    let mut world = at_sms_code(&pool);
    world.sent();
    world.clock.pass(3.0 * MINUTE);
    let snapshot = world.send(submit(&pool.code()));
    assert_eq!(snapshot["step"], "signedOut");
    assert_eq!(snapshot["error"]["code"], "challengeExpired");
    assert!(world.sent().is_empty());
}

#[test]
fn a_session_that_is_over_at_the_pool_first_is_expired_too() {
    let pool = pool_with_alice();
    let mut world = World::with_options(&pool, json!({ "sessionSeconds": 900 }));
    world.send(sign_in());
    world.pass(4.0 * MINUTE);
    world.send(submit(&pool.code()));
    assert_eq!(
        (world.step().as_str(), world.error().as_str()),
        ("signedOut", "challengeExpired")
    );
}

#[test]
fn the_time_that_an_answer_takes_does_not_expire_the_step_under_it() {
    let pool = pool_with_alice();
    let mut world = at_sms_code(&pool);
    world.pass(3.0 * MINUTE - 2.0 * SECOND);
    world.expect("RespondToAuthChallenge", Fault::Late(10.0 * SECOND));
    world.send(submit(&pool.code()));
    assert_eq!(world.step(), "signedIn");
}

#[test]
fn another_code_swaps_in_only_when_it_is_on_its_way() {
    let pool = pool_with_alice();
    let mut world = at_sms_code(&pool);
    let (before, first) = (world.snapshot(), pool.code());
    world.pass(MINUTE);
    world.start(event("resendCode")).unwrap();
    while world.snapshot()["busy"] == "resendCode" {
        assert_eq!(world.snapshot()["expiresAt"], before["expiresAt"]);
        world.answer_next();
    }
    assert_eq!(
        world.snapshot()["expiresAt"],
        json!(world.clock.wall + 3.0 * MINUTE)
    );
    assert_ne!(pool.code(), first);
    assert_eq!(world.send(submit(&pool.code()))["step"], "signedIn");
}

#[test]
fn when_another_code_cannot_be_had_the_first_one_still_works() {
    for fault in [Fault::NotSent, throttled(), unreadable(502), Fault::Lost] {
        let pool = pool_with_alice();
        let mut world = World::with_options(&pool, json!({ "signInWith": "password" }));
        world.send(sign_in());
        world.pass(30.0 * SECOND);
        let before = world.snapshot();
        world.expect("InitiateAuth", fault);
        world
            .expect("InitiateAuth", throttled())
            .expect("InitiateAuth", throttled());
        world.send(event("resendCode"));
        let after = world.snapshot();
        assert_ne!(after["error"], Value::Null);
        assert_eq!(after["expiresAt"], before["expiresAt"]);
        assert_eq!(world.send(submit(&pool.code()))["step"], "signedIn");
    }
}

#[test]
fn the_challenge_can_be_left() {
    let mut world = at_sms_code(&pool_with_alice());
    let snapshot = world.send(event("cancel"));
    assert_eq!(
        snapshot,
        json!({
            "step": "signedOut", "username": USER, "busy": null, "error": null
        })
    );
}

#[test]
fn without_the_password_no_other_code_can_be_asked_for() {
    let pool = pool_with_alice();
    let mut world = World::with_options(&pool, json!({ "sessionSeconds": 900 }));
    world.send(sign_in());
    world.pass(10.0 * MINUTE);
    assert_eq!(world.snapshot()["canResend"], false);
    assert_eq!(
        world.start(event("resendCode")).unwrap_err().code.as_str(),
        "notAccepted"
    );
}

#[test]
fn asking_for_another_code_when_the_password_was_just_forgotten_is_refused_not_hung() {
    let pool = pool_with_alice();
    let mut world = World::with_options(&pool, json!({ "sessionSeconds": 900 }));
    world.send(sign_in());
    // The timer of the host is late: nobody has woken the flow.
    world.clock.pass(10.0 * MINUTE);
    let _ = world.start(event("resendCode"));
    assert_eq!(world.snapshot()["busy"], Value::Null);
    assert_eq!(world.snapshot()["canResend"], false);
}
