//! A second factor that the pool wants and the person has not set up yet: codes by email, or what cannot
//! be set up here.

use serde_json::{Value, json};

use crate::{
    enrol::{code_of, ends},
    support::*,
};

pub(crate) fn at_email() -> World {
    let mut world = World::scripted();
    world.expect("InitiateAuth", set_up(&["EMAIL_OTP"]));
    assert_eq!(world.send(sign_in())["step"], "setUpEmail");
    world
}

pub(crate) fn email(address: &str) -> Value {
    json!({ "type": "setUpEmail", "email": address })
}

#[test]
fn an_address_for_codes_is_set_up_in_the_middle_of_a_sign_in() {
    let mut world = at_email();
    assert_eq!(
        world.snapshot(),
        json!({ "step": "setUpEmail", "busy": null, "error": null, "username": USER,
            "expiresAt": world.clock.wall + 3.0 * MINUTE })
    );
    let sent = json!({ "CODE_DELIVERY_DELIVERY_MEDIUM": "EMAIL",
        "CODE_DELIVERY_DESTINATION": "a***@e***" });
    world
        .expect("RespondToAuthChallenge", challenge("EMAIL_OTP", sent))
        .expect("RespondToAuthChallenge", tokens(1))
        .expect("GetUser", verified_user());
    let snapshot = world.send(email(" alice@example.com "));
    assert_eq!(
        world.body_of("RespondToAuthChallenge"),
        json!({
            "ChallengeName": "MFA_SETUP", "Session": SESSION, "ClientId": "scripted0client",
            "ChallengeResponses": { "USERNAME": USER, "EMAIL": EMAIL },
        })
    );
    assert_eq!(snapshot["step"], "mfaCode");
    assert_eq!(snapshot["medium"], "email");
    assert_eq!(snapshot["delivery"]["destination"], "a***@e***");
    assert_eq!(world.send(submit("123456"))["step"], "signedIn");
}

#[test]
fn against_a_pool_that_offers_both_either_can_be_set_up_and_is_used_from_then_on() {
    let pool = LocalPool::to_set_up_either();
    let mut world = World::with(&pool);
    assert_eq!(world.send(sign_in())["choices"], json!(["totp", "email"]));
    world.send(select("email"));
    world.send(email("no address"));
    ends(&world, "setUpEmail", "invalidParameter");
    assert_eq!(world.send(email(EMAIL))["medium"], "email");
    world.send(submit(&other_code(&pool.code())));
    ends(&world, "mfaCode", "codeMismatch");
    assert_eq!(world.send(submit(&pool.code()))["step"], "signedIn");
    assert_eq!(world.snapshot()["attributes"]["email"], EMAIL);
    world.send(event("signOut"));
    assert_eq!(world.send(sign_in())["medium"], "email");

    let mut world = World::with(&LocalPool::to_set_up_either());
    world.send(sign_in());
    world.reload();
    world.send(select("totp"));
    let code = code_of(&world);
    assert_eq!(world.send(submit(&code))["step"], "signedIn");
}

#[test]
fn another_code_is_sent_to_the_same_address() {
    let mut world = at_email();
    world.expect("RespondToAuthChallenge", challenge("EMAIL_OTP", json!({})));
    let snapshot = world.send(email(EMAIL));
    assert_eq!(snapshot["canResend"], true);
    let round = world.round();
    world.pass(30.0 * SECOND);
    world.sent();
    world
        .expect("InitiateAuth", set_up(&["SOFTWARE_TOKEN_MFA", "EMAIL_OTP"]))
        .expect("RespondToAuthChallenge", challenge("EMAIL_OTP", json!({})));
    world.send(event("resendCode"));
    ends(&world, "mfaCode", "");
    assert!(world.round() > round, "it is another code");
    let again = world.body_of("RespondToAuthChallenge");
    assert_eq!(again["ChallengeName"], "MFA_SETUP");
    assert_eq!(again["ChallengeResponses"]["EMAIL"], EMAIL);
    // Where that fails the code there is still good.
    world.pass(30.0 * SECOND);
    world
        .expect("InitiateAuth", set_up(&["EMAIL_OTP"]))
        .expect("RespondToAuthChallenge", Fault::Lost);
    world.send(event("resendCode"));
    ends(&world, "mfaCode", "outcomeUnknown");
    world
        .expect("RespondToAuthChallenge", tokens(1))
        .expect("GetUser", verified_user());
    assert_eq!(world.send(submit("123456"))["step"], "signedIn");
}

#[test]
fn an_address_that_the_pool_refuses_can_be_corrected() {
    let mut world = at_email();
    let round = world.round();
    world
        .expect(
            "RespondToAuthChallenge",
            refused("InvalidParameterException", "Invalid email address format."),
        )
        .expect(
            "RespondToAuthChallenge",
            refused("CodeDeliveryFailureException", "No."),
        )
        .expect("RespondToAuthChallenge", challenge("EMAIL_OTP", json!({})));
    let snapshot = world.send(email("x"));
    ends(&world, "setUpEmail", "invalidParameter");
    assert_eq!(snapshot["error"]["attribute"], "email");
    world.send(email("a@example.com"));
    ends(&world, "setUpEmail", "deliveryFailed");
    assert_eq!(world.round(), round);
    assert_eq!(world.send(email("a@example.com"))["step"], "mfaCode");
}

#[test]
fn an_address_whose_answer_was_lost_is_not_sent_again() {
    let mut world = at_email();
    world.sent();
    world.expect("RespondToAuthChallenge", Fault::Lost);
    world.send(email("a@example.com"));
    ends(&world, "signedOut", "outcomeUnknown");
    assert_eq!(world.sent().len(), 1);
}

#[test]
fn after_a_reload_the_address_can_be_given() {
    let mut world = at_email();
    world.reload();
    world.expect("RespondToAuthChallenge", challenge("EMAIL_OTP", json!({})));
    assert_eq!(world.send(email("a@example.com"))["step"], "mfaCode");
}

#[test]
fn a_phone_number_cannot_be_set_up_here() {
    let mut world = World::scripted();
    world.expect("InitiateAuth", set_up(&["SMS_MFA"]));
    world.send(sign_in());
    ends(&world, "signedOut", "refused");
    assert_eq!(world.sent().len(), 1);
    // Beside another kind it is not offered.
    let mut world = World::scripted();
    world.expect("InitiateAuth", set_up(&["SMS_MFA", "EMAIL_OTP"]));
    assert_eq!(world.send(sign_in())["step"], "setUpEmail");
}

#[test]
fn kinds_that_are_none_end_the_sign_in() {
    for kinds in [
        json!("[]"),
        json!("[\"SMOKE_SIGNALS\"]"),
        json!("no list"),
        json!(["SOFTWARE_TOKEN_MFA"]),
        Value::Null,
    ] {
        let mut world = World::scripted();
        let parameters = json!({ "MFAS_CAN_SETUP": kinds });
        world.expect("InitiateAuth", challenge("MFA_SETUP", parameters));
        world.send(sign_in());
        ends(&world, "signedOut", "server");
        assert_eq!(world.snapshot()["error"]["server"], "MFA_SETUP");
    }
}
