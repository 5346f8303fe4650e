//! What a reload of the page keeps: the session, and what the person was in the middle of.

use serde_json::{Value, json};

use crate::support::*;

fn at_mfa_code() -> World {
    let mut world = World::scripted();
    world.expect("InitiateAuth", sms_challenge());
    world.send(sign_in());
    world
}

fn pending(world: &World) -> Value {
    serde_json::from_str(world.pending.as_ref().unwrap()).unwrap()
}

#[test]
fn a_second_factor_goes_on_after_a_reload() {
    let pool = LocalPool::with_sms_mfa();
    pool.add_user(
        USER,
        PASSWORD,
        json!({ "phone_number": PHONE }),
        Clock::new().wall,
    );
    let mut world = World::with(&pool);
    let before = world.send(sign_in());
    world.pass(MINUTE);
    world.reload();
    let after = world.snapshot();
    for member in ["step", "username", "medium", "delivery", "expiresAt"] {
        assert_eq!(after[member], before[member], "{member}");
    }
    assert_eq!(after["canResend"], false, "the password is not stored");
    assert_eq!(world.send(submit(&pool.code()))["step"], "signedIn");
}

#[test]
fn every_waiting_step_comes_back_as_it_was() {
    let mut confirming = World::scripted();
    confirming.expect("SignUp", signed_up());
    confirming.send(sign_up(phone_and_email()));

    let mut choosing = World::scripted();
    choosing.expect("InitiateAuth", new_password_challenge());
    choosing.send(sign_in());

    let mut resetting = World::scripted();
    resetting.expect("ForgotPassword", email_sent());
    resetting.send(forgot());

    let mut verifying = World::scripted();
    verifying
        .expect("InitiateAuth", tokens(1))
        .expect("GetUser", unverified_user())
        .expect("GetUserAttributeVerificationCode", email_sent());
    verifying.send(sign_in());

    for (mut world, step) in [
        (confirming, "confirmSignUp"),
        (choosing, "newPassword"),
        (resetting, "resetPassword"),
        (verifying, "verifyAttribute"),
    ] {
        let before = world.snapshot();
        assert_eq!(before["step"], step);
        world.reload();
        assert_eq!(world.snapshot(), before);
    }
}

#[test]
fn resuming_after_the_time_is_over_leads_to_signing_in_with_the_name_kept() {
    let mut world = at_mfa_code();
    world.clock.wall += 3.0 * MINUTE;
    world.reload();
    assert_eq!(world.snapshot()["username"], USER);
    assert_eq!(
        (world.step().as_str(), world.error().as_str()),
        ("signedOut", "challengeExpired")
    );
    assert_eq!(world.pending, None);
}

#[test]
fn resuming_with_a_code_that_ran_out_says_so() {
    let mut world = World::scripted();
    world.expect("ForgotPassword", email_sent());
    world.send(forgot());
    world.clock.wall += HOUR;
    world.reload();
    assert_eq!(
        (world.step().as_str(), world.error().as_str()),
        ("resetPassword", "codeExpired")
    );
}

#[test]
fn a_clock_set_back_before_the_reload_does_not_prolong_the_challenge() {
    let mut world = at_mfa_code();
    world.clock.wall -= DAY;
    world.reload();
    world.pass(3.0 * MINUTE);
    assert_eq!(world.error(), "challengeExpired");
}

#[test]
fn a_record_is_versioned_and_bound_to_pool_and_client() {
    let world = at_mfa_code();
    let record = pending(&world);
    assert_eq!(record["pool"], "eu-west-1_Scripted1");
    assert_eq!(record["client"], "scripted0client");
    for (member, other) in [
        ("version", json!(1)),
        ("version", json!("2")),
        ("pool", json!("eu-west-1_Another00")),
        ("client", json!("another0client")),
        ("step", json!("unheardOf")),
        ("medium", json!("pigeon")),
        ("session", json!("")),
        ("username", Value::Null),
        ("expiresAt", json!("soon")),
    ] {
        let mut world = at_mfa_code();
        let mut changed = record.clone();
        changed[member] = other;
        world.pending = Some(changed.to_string());
        world.reload();
        assert_eq!(world.step(), "signedOut", "{member}");
        assert_eq!(world.pending, None, "what is not ours is erased: {member}");
    }
}

#[test]
fn no_record_holds_a_password_or_a_code() {
    // The world looks for them in every record that is kept; this is a journey with all of them.
    let pool = LocalPool::with_sms_mfa();
    let mut world = World::with(&pool);
    world.send(sign_up(phone_and_email()));
    world.send(confirm(&other_code(&pool.code())));
    world.send(confirm(&pool.code()));
    assert_eq!(world.step(), "mfaCode");
    assert_eq!(pending(&world)["step"], "mfaCode");
    world.send(submit(&pool.code()));
    assert_eq!(world.step(), "verifyAttribute");
    world.send(submit(&pool.code()));
    assert_eq!(world.step(), "signedIn");
    let stored = world.storage.as_ref().unwrap().session().unwrap();
    assert!(!stored.contains(PASSWORD));
}

#[test]
fn the_record_of_a_step_goes_when_the_step_is_left() {
    let mut world = at_mfa_code();
    assert!(world.pending.is_some());
    world.send(event("cancel"));
    assert_eq!(world.pending, None);
}

#[test]
fn a_session_is_restored_without_a_request() {
    let mut world = World::scripted();
    world
        .expect("InitiateAuth", tokens(1))
        .expect("GetUser", verified_user());
    let before = world.send(sign_in());
    world.sent();
    world.reload();
    assert_eq!(world.snapshot(), before);
    assert!(world.sent().is_empty());
    assert_eq!(world.session().unwrap()["accessToken"], ACCESS_TOKEN);
}

#[test]
fn a_verification_that_was_put_off_is_not_asked_for_again_by_a_reload() {
    let mut world = World::scripted();
    world
        .expect("InitiateAuth", tokens(1))
        .expect("GetUser", unverified_user())
        .expect("GetUserAttributeVerificationCode", email_sent());
    world.send(sign_in());
    world.send(event("skipVerification"));
    world.reload();
    assert_eq!(world.step(), "signedIn");
}

#[test]
fn a_session_stored_before_the_user_was_read_reads_the_user_after_the_reload() {
    let mut world = World::scripted();
    world.expect("InitiateAuth", tokens(1));
    world.start(sign_in()).unwrap();
    world.answer_next();
    world.reload();
    assert_eq!(
        world.snapshot()["unverified"],
        json!(["phone_number", "email"]),
        "not known yet"
    );
    world.expect("GetUser", verified_user());
    world.answer_all();
    assert_eq!(world.step(), "signedIn");
    assert_eq!(world.snapshot()["unverified"], json!([]));
}

#[test]
fn a_session_record_that_is_not_ours_or_broken_is_erased() {
    let mut world = World::scripted();
    world
        .expect("InitiateAuth", tokens(1))
        .expect("GetUser", verified_user());
    world.send(sign_in());
    let storage = world.storage.clone().unwrap();
    let record: Value = serde_json::from_str(&storage.session().unwrap()).unwrap();
    for (member, other) in [
        ("version", json!(7)),
        ("pool", json!("eu-west-1_Another00")),
        ("client", json!("another0client")),
        ("accessToken", Value::Null),
        ("idToken", json!("")),
        ("expiresAt", Value::Null),
        ("lifetime", json!("3600")),
    ] {
        let mut changed = record.clone();
        changed[member] = other;
        storage.set_session(Some(changed.to_string()));
        world.reload();
        assert_eq!(world.step(), "signedOut", "{member}");
        assert_eq!(storage.session(), None, "{member}");
    }
}

#[test]
fn without_a_storage_nothing_is_kept() {
    let mut world = World::new(None, json!({ "signInWith": "password" }), None, None);
    world
        .expect("InitiateAuth", tokens(1))
        .expect("GetUser", verified_user());
    assert_eq!(world.send(sign_in())["step"], "signedIn");
    world.reload();
    assert_eq!(world.step(), "signedOut");
}
