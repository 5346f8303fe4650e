//! From a sign-up to the first sign-in without being asked again, and sign-ups without a password.

use serde_json::{Value, json};

use crate::support::*;

const BY_CHOICE: &str = "InitiateAuth USER_AUTH";
const SIGN_UP_SESSION: &str = "session-string-2-of-the-sign-up";
const CONFIRMED_SESSION: &str = "session-string-3-of-the-confirmation";

/// A pool where people begin with a password or a code, by choice or by SRP.
fn pool() -> LocalPool {
    LocalPool::with(
        json!({ "Policies": { "SignInPolicy": {
            "AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP", "SMS_OTP"] } } }),
        json!({ "ExplicitAuthFlows": [
            "ALLOW_USER_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH",
        ] }),
    )
}

fn at(pool: &LocalPool) -> World {
    World::with_options(pool, json!({ "signInWith": "choice" }))
}

fn without_password() -> Value {
    json!({ "type": "signUp", "username": USER, "attributes": { "email": EMAIL } })
}

fn scripted() -> World {
    World::scripted_with(json!({ "signInWith": "choice" }))
}

fn signed_up_with(session: Value) -> Fault {
    ok(
        json!({ "UserConfirmed": false, "Session": session, "CodeDeliveryDetails": {
        "DeliveryMedium": "EMAIL", "Destination": "a***@e***", "AttributeName": "email" } }),
    )
}

fn confirmed_with(session: Value) -> Fault {
    ok(json!({ "Session": session }))
}

/// At the confirmation of a sign-up, whose session the pool will take.
fn confirming(event: Value) -> World {
    let mut world = scripted();
    world
        .expect("SignUp", signed_up_with(json!(SIGN_UP_SESSION)))
        .expect("ConfirmSignUp", confirmed_with(json!(CONFIRMED_SESSION)));
    assert_eq!(world.send(event)["step"], "confirmSignUp");
    world.sent();
    world
}

#[test]
fn who_signs_up_without_a_password_is_signed_in_by_the_code_that_confirms() {
    let pool = pool();
    let mut world = at(&pool);
    assert_eq!(world.send(without_password())["step"], "confirmSignUp");
    assert_eq!(world.body_of("SignUp")["Password"], Value::Null);
    assert_eq!(world.send(confirm(&pool.code()))["step"], "signedIn");
    let begun = world.body_of("InitiateAuth");
    assert_eq!(begun["AuthParameters"], json!({ "USERNAME": USER }));
    assert!(begun["Session"].is_string());
    assert_eq!(
        world.sent(),
        ["SignUp", "ConfirmSignUp", BY_CHOICE, "GetUser"]
    );
}

#[test]
fn the_same_after_a_reload_and_a_code_that_was_mistyped() {
    let pool = pool();
    let mut world = at(&pool);
    world.send(without_password());
    world.reload();
    world.send(confirm(&other_code(&pool.code())));
    assert_eq!(world.error(), "codeMismatch");
    world.reload();
    assert_eq!(world.send(confirm(&pool.code()))["step"], "signedIn");
}

#[test]
fn each_session_goes_where_it_belongs() {
    let mut world = confirming(without_password());
    world
        .expect("InitiateAuth", tokens(1))
        .expect("GetUser", verified_user());
    world.send(confirm("123456"));
    assert_eq!(world.body_of("ConfirmSignUp")["Session"], SIGN_UP_SESSION);
    assert_eq!(world.body_of("InitiateAuth")["Session"], CONFIRMED_SESSION);
    assert_eq!(world.step(), "signedIn");
}

#[test]
fn another_code_leaves_the_session() {
    let mut world = confirming(without_password());
    world.pass(30.0 * SECOND);
    world.expect("ResendConfirmationCode", email_sent());
    world.send(event("resendCode"));
    world
        .expect("InitiateAuth", tokens(1))
        .expect("GetUser", verified_user());
    assert_eq!(world.send(confirm("123456"))["step"], "signedIn");
    assert_eq!(world.body_of("ConfirmSignUp")["Session"], SIGN_UP_SESSION);
}

#[test]
fn a_code_that_outlives_the_session_confirms_without_it() {
    let pool = pool();
    let mut world = at(&pool);
    world.send(without_password());
    world.pass(HOUR);
    assert_eq!(world.send(confirm(&pool.code()))["step"], "signedIn");
    assert_eq!(world.body_of("ConfirmSignUp")["Session"], Value::Null);
    assert_eq!(
        world.sent(),
        [
            "SignUp",
            "ConfirmSignUp",
            "ConfirmSignUp",
            BY_CHOICE,
            "GetUser"
        ]
    );
}

#[test]
fn with_a_password_that_is_held_the_session_comes_first_where_people_choose() {
    let pool = pool();
    let mut world = at(&pool);
    world.send(sign_up(json!({ "email": EMAIL })));
    assert_eq!(world.send(confirm(&pool.code()))["step"], "signedIn");
    assert_eq!(
        world.sent(),
        ["SignUp", "ConfirmSignUp", BY_CHOICE, "GetUser"]
    );
}

#[test]
fn where_people_do_not_choose_the_password_comes_first_and_the_session_after_a_reload() {
    let pool = pool();
    let mut world = World::with(&pool);
    world.send(sign_up(json!({ "email": EMAIL })));
    assert_eq!(world.send(confirm(&pool.code()))["step"], "signedIn");
    assert!(world.sent().contains(&"InitiateAuth USER_SRP_AUTH".into()));
    let pool = self::pool();
    let mut world = World::with(&pool);
    world.send(sign_up(json!({ "email": EMAIL })));
    world.reload();
    assert_eq!(world.send(confirm(&pool.code()))["step"], "signedIn");
    assert!(world.sent().contains(&BY_CHOICE.into()));
}

#[test]
fn a_session_that_is_refused_falls_back_to_the_password_that_is_held() {
    for fault in [
        refused("NotAuthorizedException", "Invalid session for the user."),
        refused(
            "InvalidParameterException",
            "USER_AUTH flow not enabled for this client",
        ),
        first_factor("SELECT_CHALLENGE", json!({}), all_factors()),
        Fault::Lost,
    ] {
        let mut world = confirming(sign_up(json!({ "email": EMAIL })));
        world
            .expect("InitiateAuth", fault)
            .expect("InitiateAuth", password_verifier())
            .expect("RespondToAuthChallenge", tokens(1))
            .expect("GetUser", verified_user());
        assert_eq!(world.send(confirm("123456"))["step"], "signedIn");
        assert_eq!(world.body_of("InitiateAuth")["Session"], Value::Null);
        assert_eq!(world.sent().len(), 5);
    }
}

#[test]
fn without_a_password_the_person_signs_in_and_is_told_of_trouble_alone() {
    for (fault, code) in [
        (
            refused("NotAuthorizedException", "Invalid session for the user."),
            "",
        ),
        (
            refused("InvalidParameterException", "USER_AUTH flow not enabled"),
            "",
        ),
        (
            first_factor("SELECT_CHALLENGE", json!({}), all_factors()),
            "",
        ),
        (Fault::NotSent, "offline"),
        (Fault::Lost, "outcomeUnknown"),
        (unreadable(502), "server"),
    ] {
        let mut world = confirming(without_password());
        world.expect("InitiateAuth", fault);
        let snapshot = world.send(confirm("123456"));
        assert_eq!(snapshot["step"], "signedOut");
        assert_eq!(snapshot["username"], USER);
        assert_eq!(world.error(), code);
        assert_eq!(
            world.sent(),
            ["ConfirmSignUp", BY_CHOICE],
            "it is never repeated"
        );
    }
}

#[test]
fn a_factor_that_follows_is_the_second_one() {
    let email = || {
        challenge(
            "EMAIL_OTP",
            json!({ "CODE_DELIVERY_DESTINATION": "a***@e***" }),
        )
    };
    for second in [sms_challenge(), email()] {
        let mut world = confirming(without_password());
        world.expect("InitiateAuth", second);
        let snapshot = world.send(confirm("123456"));
        assert_eq!(snapshot["step"], "mfaCode");
        assert_eq!(snapshot["canResend"], false, "there is no password");
    }
}

#[test]
fn a_refused_session_of_the_sign_up_is_given_up_once() {
    let dead = || refused("NotAuthorizedException", "Invalid session for the user.");
    let mut world = scripted();
    world
        .expect("SignUp", signed_up_with(json!(SIGN_UP_SESSION)))
        .expect("ConfirmSignUp", dead())
        .expect("ConfirmSignUp", dead());
    world.send(without_password());
    world.sent();
    world.send(confirm("123456"));
    assert_eq!(world.sent(), ["ConfirmSignUp", "ConfirmSignUp"]);
    assert_eq!(world.error(), "challengeSpent");
    assert_eq!(world.step(), "confirmSignUp");
    world.expect("ConfirmSignUp", done());
    assert_eq!(world.send(confirm("123456"))["step"], "signedOut");
    assert_eq!(world.body_of("ConfirmSignUp")["Session"], Value::Null);
    assert_eq!(world.error(), "");
}

#[test]
fn a_lost_confirmation_is_not_repeated_and_keeps_the_session() {
    let mut world = scripted();
    world
        .expect("SignUp", signed_up_with(json!(SIGN_UP_SESSION)))
        .expect("ConfirmSignUp", Fault::Lost);
    world.send(without_password());
    world.sent();
    world.send(confirm("123456"));
    assert_eq!(world.error(), "outcomeUnknown");
    assert_eq!(world.sent(), ["ConfirmSignUp"]);
    world
        .expect("ConfirmSignUp", confirmed_with(json!(CONFIRMED_SESSION)))
        .expect("InitiateAuth", tokens(1))
        .expect("GetUser", verified_user());
    assert_eq!(world.send(confirm("123456"))["step"], "signedIn");
}

#[test]
fn a_pool_that_wants_a_password_says_so() {
    let mut world = at(&LocalPool::with(
        json!({}),
        json!({ "ExplicitAuthFlows": ["ALLOW_USER_AUTH"] }),
    ));
    let snapshot = world.send(without_password());
    assert_eq!(snapshot["step"], "signedOut");
    assert_eq!(snapshot["username"], USER);
    assert_eq!(world.error(), "invalidParameter");
    let message = snapshot["error"]["message"].as_str().unwrap();
    assert!(message.contains("Password is required"), "{message}");
}

#[test]
fn a_sign_up_without_a_password_can_be_left_with_the_name_kept() {
    let mut world = scripted();
    world.start(without_password()).unwrap();
    let left = world.send(event("cancel"));
    assert_eq!(left["step"], "signedOut");
    assert_eq!(left["username"], USER);
}

#[test]
fn what_is_no_session_is_none() {
    for session in [
        json!(""),
        json!(7),
        json!(null),
        json!([SESSION]),
        json!("x".repeat(70_000)),
    ] {
        let mut world = scripted();
        world
            .expect("SignUp", signed_up_with(session.clone()))
            .expect("ConfirmSignUp", confirmed_with(session));
        world.send(without_password());
        assert_eq!(world.send(confirm("123456"))["step"], "signedOut");
        assert_eq!(world.error(), "");
        assert_eq!(world.body_of("ConfirmSignUp")["Session"], Value::Null);
        assert_eq!(world.sent(), ["SignUp", "ConfirmSignUp"]);
    }
    for planted in [json!(""), json!(7), json!([])] {
        let mut world = confirming(without_password());
        let mut record: Value = serde_json::from_str(world.pending.as_ref().unwrap()).unwrap();
        assert_eq!(record["session"], SIGN_UP_SESSION);
        record["session"] = planted;
        world.pending = Some(record.to_string());
        world.reload();
        assert_eq!(world.step(), "signedOut");
    }
}

#[test]
fn a_confirmation_that_comes_late_finds_nobody() {
    let mut world = confirming(without_password());
    world.start(confirm("123456")).unwrap();
    world.answer_next();
    let id = world.network.under_way[0].id;
    let left = world.send(event("cancel"));
    assert_eq!(left["step"], "signedOut");
    world.answer_late(id, json!({ "AuthenticationResult": token_set(1) }));
    assert_eq!(world.snapshot(), left);
}

#[test]
fn who_left_and_confirms_later_is_signed_in_to_whatever_comes_next() {
    let pool = pool();
    let mut world = at(&pool);
    world.send(without_password());
    world.send(event("cancel"));
    let code = pool.code();
    let snapshot = world.send(json!({ "type": "confirmSignUp", "code": code, "username": USER }));
    assert_ne!(snapshot["step"], "signedOut");
    assert_eq!(world.error(), "");
}

/// The form stays, so that an error would be read as one of the code, which was taken.
#[test]
fn who_confirms_later_is_not_told_that_signing_in_by_itself_has_failed() {
    for fault in [Fault::NotSent, Fault::Lost, unreadable(502)] {
        let mut world = scripted();
        world
            .expect("ConfirmSignUp", confirmed_with(json!(CONFIRMED_SESSION)))
            .expect("InitiateAuth", fault);
        let later = json!({ "type": "confirmSignUp", "code": "123456", "username": USER });
        let snapshot = world.send(later);
        assert_eq!(world.sent(), ["ConfirmSignUp", BY_CHOICE]);
        assert_eq!(snapshot["step"], "signedOut");
        assert_eq!(snapshot["username"], USER);
        assert_eq!(world.error(), "");
    }
}
