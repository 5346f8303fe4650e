//! Verifying attributes one after the other.

use serde_json::{Value, json};

use crate::support::*;

/// A world after a sign-up with phone and email whose SMS code was given.
fn signed_up_by_phone(pool: &LocalPool, verify: Value) -> World {
    let mut world = World::with_options(pool, json!({ "verify": verify }));
    world.send(sign_up(phone_and_email()));
    world.send(confirm(&pool.code()));
    world
}

fn unverified_pool() -> LocalPool {
    let pool = LocalPool::new();
    pool.add_user(USER, PASSWORD, phone_and_email(), Clock::new().wall);
    pool
}

#[test]
fn after_a_sign_up_by_phone_the_email_is_verified_next() {
    let pool = LocalPool::new();
    let mut world = signed_up_by_phone(&pool, json!({}));
    assert_eq!(
        world.snapshot(),
        json!({
            "step": "verifyAttribute", "busy": null, "error": null, "attribute": "email",
            "remaining": [], "skippable": true,
            "delivery": { "medium": "email", "destination": "a***@e***", "attribute": "email" },
            "codeExpiresAt": world.clock.wall + DAY, "resendAt": world.clock.wall + 30.0 * SECOND,
        })
    );
    let snapshot = world.send(submit(&pool.code()));
    assert_eq!(snapshot["step"], "signedIn");
    assert_eq!(snapshot["unverified"], json!([]));
    assert_eq!(snapshot["attributes"]["email_verified"], "true");
}

#[test]
fn two_attributes_come_in_the_order_asked_for() {
    for order in [["phone_number", "email"], ["email", "phone_number"]] {
        let pool = unverified_pool();
        let options = json!({ "verify": { "attributes": order } });
        let mut world = World::with_options(&pool, options);
        let first = world.send(sign_in());
        assert_eq!(first["attribute"], order[0]);
        assert_eq!(first["remaining"], json!([order[1]]));
        let second = world.send(submit(&pool.code()));
        assert_eq!(second["attribute"], order[1]);
        assert_eq!(second["remaining"], json!([]));
        assert_eq!(world.send(submit(&pool.code()))["unverified"], json!([]));
    }
}

#[test]
fn the_phone_comes_first_unless_said_otherwise() {
    let snapshot = World::with(&unverified_pool()).send(sign_in());
    assert_eq!(snapshot["attribute"], "phone_number");
}

#[test]
fn skipping_goes_on_to_the_next_and_says_what_was_left_out() {
    let pool = unverified_pool();
    let mut world = World::with(&pool);
    world.send(sign_in());
    assert_eq!(world.send(event("skipVerification"))["attribute"], "email");
    let snapshot = world.send(event("skipVerification"));
    assert_eq!(snapshot["step"], "signedIn");
    assert_eq!(snapshot["unverified"], json!(["phone_number", "email"]));
}

#[test]
fn what_cannot_be_skipped_is_not_skipped() {
    let pool = unverified_pool();
    let options = json!({ "verify": { "skippable": false } });
    let mut world = World::with_options(&pool, options);
    assert_eq!(world.send(sign_in())["skippable"], false);
    let refused = world.start(event("skipVerification")).unwrap_err();
    assert_eq!(refused.code.as_str(), "notAccepted");
    let left = world.send(event("cancel"));
    assert_eq!(left["step"], "signedOut");
    assert_eq!(left["username"], USER);
    assert_eq!(world.sent().last().unwrap(), "RevokeToken");
}

#[test]
fn leaving_what_can_be_skipped_signs_in() {
    let mut world = World::with(&unverified_pool());
    world.send(sign_in());
    let snapshot = world.send(event("cancel"));
    assert_eq!(snapshot["step"], "signedIn");
    assert_eq!(snapshot["unverified"], json!(["phone_number", "email"]));
}

#[test]
fn signing_out_is_possible_while_verifying() {
    let mut world = World::with(&unverified_pool());
    world.send(sign_in());
    assert_eq!(world.send(event("signOut"))["step"], "signedOut");
}

#[test]
fn a_wrong_code_stays_and_the_right_one_still_verifies() {
    let pool = LocalPool::new();
    let mut world = signed_up_by_phone(&pool, json!({}));
    world.send(submit(&other_code(&pool.code())));
    assert_eq!(
        (world.step().as_str(), world.error().as_str()),
        ("verifyAttribute", "codeMismatch")
    );
    assert_eq!(world.send(submit(&pool.code()))["step"], "signedIn");
}

#[test]
fn another_code_can_be_asked_for_after_the_cool_down() {
    let pool = LocalPool::new();
    let mut world = signed_up_by_phone(&pool, json!({}));
    let early = world.start(event("resendCode")).unwrap_err();
    assert_eq!(early.code.as_str(), "notAccepted");
    assert_eq!(early.retry_at, Some(world.clock.wall + 30.0 * SECOND));
    world.pass(30.0 * SECOND);
    let first = pool.code();
    world.send(event("resendCode"));
    assert_ne!(pool.code(), first);
    assert_eq!(world.send(submit(&pool.code()))["step"], "signedIn");
}

#[test]
fn a_phone_number_that_took_part_in_the_sign_in_is_not_asked_for_again() {
    let pool = LocalPool::with_sms_mfa();
    pool.add_user(USER, PASSWORD, phone_and_email(), Clock::new().wall);
    let mut world = World::with(&pool);
    world.send(sign_in());
    let snapshot = world.send(submit(&pool.code()));
    assert_eq!(snapshot["attribute"], "email");
    assert_eq!(snapshot["remaining"], json!([]));
    assert_eq!(world.send(submit(&pool.code()))["unverified"], json!([]));
    let attributes = json!({ "attributes": { "phone_number": "+12065550199" } });
    world.call("updateAttributes", attributes).unwrap();
    let unverified = &world.snapshot()["unverified"];
    assert_eq!(*unverified, json!(["phone_number"]), "it was another one");
}

#[test]
fn a_code_whose_time_is_over_is_not_sent() {
    let mut world = alice_verifying();
    world.pass(DAY);
    assert_eq!(world.error(), "codeExpired");
    world.start(submit("123456")).unwrap();
    assert_eq!(world.error(), "codeExpired");
    assert!(world.sent().is_empty());
}

#[test]
fn another_code_is_asked_for_in_the_same_form_which_stays_as_it_was_where_none_was_sent() {
    const ASK: &str = "GetUserAttributeVerificationCode";
    let mut world = alice_verifying();
    let round = world.round();
    world.pass(30.0 * SECOND);
    world.expect(ASK, email_sent());
    let sent = world.send(event("resendCode"));
    assert_eq!(sent["resendAt"], json!(world.clock.wall + 30.0 * SECOND));
    world.pass(30.0 * SECOND);
    let words = "Attempt limit exceeded, please try after some time.";
    world.expect(ASK, refused("LimitExceededException", words));
    let stays = world.send(event("resendCode"));
    assert_eq!(world.error(), "attemptLimit");
    assert_eq!(stays["delivery"], sent["delivery"]);
    assert_eq!(stays["codeExpiresAt"], sent["codeExpiresAt"]);
    assert_eq!(world.round(), round);
}

#[test]
fn after_sign_up_means_the_sign_in_that_follows_it_and_no_other() {
    let pool = LocalPool::new();
    let mut world = signed_up_by_phone(&pool, json!({ "when": "afterSignUp" }));
    assert_eq!(world.step(), "verifyAttribute");
    world.send(event("skipVerification"));
    world.send(event("signOut"));
    assert_eq!(world.send(sign_in())["step"], "signedIn");
}

#[test]
fn the_sign_in_after_a_sign_up_counts_though_the_first_try_failed() {
    let pool = LocalPool::new();
    let options = json!({ "signInWith": "password", "verify": { "when": "afterSignUp" } });
    let mut world = World::with_options(&pool, options);
    world.send(sign_up(phone_and_email()));
    world.expect("InitiateAuth", Fault::NotSent);
    world.send(confirm(&pool.code()));
    assert_eq!(
        (world.step().as_str(), world.error().as_str()),
        ("signedOut", "offline")
    );
    assert_eq!(world.send(sign_in())["step"], "verifyAttribute");
}

#[test]
fn never_means_that_the_page_asks_itself() {
    let pool = unverified_pool();
    let mut world = World::with_options(&pool, json!({ "verify": { "when": "never" } }));
    let snapshot = world.send(sign_in());
    assert_eq!(snapshot["step"], "signedIn");
    assert_eq!(snapshot["unverified"], json!(["phone_number", "email"]));
    let event = json!({ "type": "verifyAttribute", "attribute": "email" });
    assert_eq!(world.send(event)["step"], "verifyAttribute");
    let snapshot = world.send(submit(&pool.code()));
    assert_eq!(snapshot["step"], "signedIn");
    assert_eq!(snapshot["unverified"], json!(["phone_number"]));
}

#[test]
fn attributes_that_are_not_wanted_are_not_asked_for() {
    let options = json!({ "verify": { "attributes": ["email"] } });
    let mut world = World::with_options(&unverified_pool(), options);
    let snapshot = world.send(sign_in());
    assert_eq!(
        (&snapshot["attribute"], &snapshot["remaining"]),
        (&json!("email"), &json!([]))
    );
}

#[test]
fn when_the_user_cannot_be_read_nothing_is_said_to_be_verified() {
    let mut world = World::scripted();
    world.expect("InitiateAuth", tokens(1));
    for _ in 0..3 {
        world.expect("GetUser", unreadable(503));
    }
    let snapshot = world.send(sign_in());
    assert_eq!(snapshot["step"], "signedIn");
    assert_eq!(snapshot["error"]["code"], "server");
    assert_eq!(snapshot["unverified"], json!(["phone_number", "email"]));
}

#[test]
fn when_the_code_cannot_be_sent_the_step_says_so_and_offers_to_try_again() {
    let mut world = World::scripted();
    world
        .expect("InitiateAuth", tokens(1))
        .expect("GetUser", unverified_user())
        .expect(
            "GetUserAttributeVerificationCode",
            refused("CodeDeliveryFailureException", "Unable to deliver."),
        )
        .expect("GetUserAttributeVerificationCode", email_sent());
    let snapshot = world.send(sign_in());
    assert_eq!(snapshot["step"], "verifyAttribute");
    assert_eq!(snapshot["error"]["code"], "deliveryFailed");
    assert_eq!(snapshot["resendAt"], Value::Null);
    let snapshot = world.send(event("resendCode"));
    assert_eq!(snapshot["error"], Value::Null);
    assert_eq!(snapshot["delivery"]["destination"], "a***@e***");
}
