//! A forgotten password.

use serde_json::{Value, json};

use crate::support::*;

fn pool_with_alice() -> LocalPool {
    let pool = LocalPool::new();
    let verified = json!({ "email": EMAIL, "email_verified": "true" });
    pool.add_user(USER, PASSWORD, verified, Clock::new().wall);
    pool
}

#[test]
fn a_code_sets_a_new_password_and_the_person_signs_in_with_it() {
    let pool = pool_with_alice();
    let mut world = World::with(&pool);
    let snapshot = world.send(forgot());
    assert_eq!(
        snapshot,
        json!({
            "step": "resetPassword", "busy": null, "error": null, "username": USER,
            "delivery": { "medium": "email", "destination": "a***@e***", "attribute": "email" },
            "codeExpiresAt": world.clock.wall + HOUR, "resendAt": world.clock.wall + 30.0 * SECOND,
        })
    );
    let snapshot = world.send(reset(&pool.code()));
    assert_eq!(
        snapshot,
        json!({
            "step": "signedOut", "username": USER, "busy": null, "error": null
        })
    );
    let event = json!({ "type": "signIn", "username": USER, "password": OTHER_PASSWORD });
    assert_eq!(world.send(event)["step"], "signedIn");
}

#[test]
fn without_a_verified_contact_there_is_no_way() {
    let pool = LocalPool::new();
    pool.add_user(USER, PASSWORD, json!({ "email": EMAIL }), Clock::new().wall);
    let snapshot = World::with(&pool).send(forgot());
    assert_eq!(snapshot["step"], "signedOut");
    assert_eq!(snapshot["username"], USER);
    assert_eq!(snapshot["error"]["code"], "noVerifiedContact");
}

#[test]
fn a_wrong_code_and_a_plain_password_stay_in_the_step() {
    let pool = pool_with_alice();
    let mut world = World::with(&pool);
    world.send(forgot());
    world.send(reset(&other_code(&pool.code())));
    assert_eq!(
        (world.step().as_str(), world.error().as_str()),
        ("resetPassword", "codeMismatch")
    );
    world.send(json!({ "type": "resetPassword", "code": pool.code(), "password": "plain" }));
    assert_eq!(
        (world.step().as_str(), world.error().as_str()),
        ("resetPassword", "invalidPassword")
    );
    assert_eq!(world.send(reset(&pool.code()))["step"], "signedOut");
}

#[test]
fn after_an_hour_the_code_is_not_sent_and_another_can_be_asked_for() {
    let pool = pool_with_alice();
    let mut world = World::with(&pool);
    world.send(forgot());
    world.sent();
    world.pass(HOUR);
    assert_eq!(world.error(), "codeExpired");
    world.send(reset(&pool.code()));
    assert_eq!(
        (world.step().as_str(), world.error().as_str()),
        ("resetPassword", "codeExpired")
    );
    assert!(world.sent().is_empty());
    assert_eq!(world.send(event("resendCode"))["error"], Value::Null);
    assert_eq!(world.send(reset(&pool.code()))["step"], "signedOut");
}

#[test]
fn an_unconfirmed_user_is_led_to_confirm() {
    let mut world = World::scripted();
    world.expect(
        "ForgotPassword",
        refused("UserNotConfirmedException", "User is not confirmed."),
    );
    world.send(forgot());
    assert_eq!(
        (world.step().as_str(), world.error().as_str()),
        ("confirmSignUp", "userNotConfirmed")
    );
    let mut world = World::scripted();
    world.expect("ForgotPassword", done()).expect(
        "ConfirmForgotPassword",
        refused("UserNotConfirmedException", "User is not confirmed."),
    );
    world.send(forgot());
    world.send(reset("123456"));
    assert_eq!(
        (world.step().as_str(), world.error().as_str()),
        ("confirmSignUp", "userNotConfirmed")
    );
}

#[test]
fn it_can_be_left() {
    let mut world = World::with(&pool_with_alice());
    world.send(forgot());
    assert_eq!(world.send(event("cancel"))["username"], USER);
    assert_eq!(world.step(), "signedOut");
}

#[test]
fn the_pool_limits_how_often_a_code_is_sent() {
    let mut world = World::with(&pool_with_alice());
    world.send(forgot());
    for _ in 0..10 {
        world.pass(30.0 * SECOND);
        world.send(event("resendCode"));
    }
    assert_eq!(
        (world.step().as_str(), world.error().as_str()),
        ("resetPassword", "attemptLimit")
    );
}
