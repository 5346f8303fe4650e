//! `remember: false`: a session that is kept in its tab alone.

use serde_json::{Value, json};

use crate::support::*;

fn here_only() -> Value {
    let mut event = sign_in();
    event["remember"] = false.into();
    event
}

/// A tab of alice's, whose session no other tab is to see.
fn alice_here_only() -> World {
    let mut world = World::scripted();
    sign_in_here(&mut world);
    world
}

fn sign_in_here(world: &mut World) {
    world
        .expect("InitiateAuth", tokens(1))
        .expect("GetUser", alices_attributes());
    assert_eq!(world.send(here_only())["step"], "signedIn");
    world.sent();
}

#[test]
fn it_is_in_no_place_that_other_tabs_see() {
    let world = alice_here_only();
    assert_eq!(world.record(), Value::Null);
    let own = world.own_session.clone().unwrap();
    assert!(own.contains(ACCESS_TOKEN));
    let other = world.new_tab();
    assert_eq!(other.step(), "signedOut");
}

#[test]
fn it_outlives_a_reload_and_a_refresh_in_its_own_place() {
    let mut world = alice_here_only();
    for number in 2..4 {
        world.reload();
        assert_eq!(world.step(), "signedIn");
        world.pass(HOUR);
        world.expect("InitiateAuth", refreshed(number));
        let session = world.session().unwrap();
        assert_eq!(session["accessToken"], access_token(number));
        let own = world.own_session.clone().unwrap();
        assert!(own.contains(&access_token(number)));
        assert_eq!(world.record(), Value::Null);
    }
}

#[test]
fn whoever_signs_in_in_another_tab_meanwhile_does_not_take_its_place() {
    let mut here = World::scripted();
    let mut other = here.new_tab();
    sign_in_here(&mut here);
    other.sign_in_as(OTHER, tokens(5), other_user());
    here.notice_storage();
    assert_eq!(here.snapshot()["username"], USER);
    assert_eq!(here.session().unwrap()["accessToken"], ACCESS_TOKEN);
    here.reload();
    assert_eq!(here.snapshot()["username"], USER, "after a reload too");
    assert_eq!(other.record()["username"], OTHER);
    other.leave();
    here.notice_storage();
    assert_eq!(here.snapshot()["username"], USER);
}

#[test]
fn somebody_else_who_signs_in_while_it_begins_stays_signed_in() {
    let mut here = World::scripted();
    let mut other = here.new_tab();
    here.expect("InitiateAuth", tokens(1))
        .expect("GetUser", alices_attributes());
    here.start(here_only()).unwrap();
    other.sign_in_as(OTHER, tokens(5), other_user());
    here.run();
    assert_eq!(here.snapshot()["username"], USER);
    assert_eq!(here.record()["username"], OTHER);
    other.notice_storage();
    assert_eq!(other.snapshot()["username"], OTHER);
}

#[test]
fn signing_out_in_either_place_leaves_the_other_alone() {
    let mut here = World::scripted();
    let mut other = here.new_tab();
    sign_in_here(&mut here);
    other.sign_in_as(OTHER, tokens(5), other_user());
    here.notice_storage();
    here.expect("RevokeToken", done());
    let snapshot = here.send(event("signOut"));
    assert_eq!(snapshot["step"], "signedOut", "and nobody else signed in");
    assert_eq!(here.body_of("RevokeToken")["Token"], REFRESH_TOKEN);
    assert_eq!(here.own_session, None);
    here.notice_storage();
    here.pass(HOUR);
    assert_eq!(here.step(), "signedOut", "what was there before is no news");
    assert_eq!(here.record()["username"], OTHER);
    other.notice_storage();
    assert_eq!(other.snapshot()["username"], OTHER);

    sign_in_here(&mut here);
    other.leave();
    here.notice_storage();
    assert_eq!(here.snapshot()["username"], USER);
}

#[test]
fn a_later_sign_in_that_is_to_be_remembered_is_where_all_tabs_see_it() {
    let mut here = alice_here_only();
    let mut other = here.new_tab();
    here.leave();
    here.sign_in_as(USER, tokens(2), alices_attributes());
    assert_eq!(here.own_session, None);
    assert_eq!(here.record()["username"], USER);
    other.notice_storage();
    assert_eq!(other.step(), "signedIn");
}

#[test]
fn after_it_the_tab_follows_the_others_again() {
    let mut here = alice_here_only();
    let mut other = here.new_tab();
    here.leave();
    other.sign_in_as(OTHER, tokens(5), other_user());
    here.notice_storage();
    assert_eq!(here.snapshot()["username"], OTHER);
}

#[test]
fn the_persons_word_outlives_a_reload_in_the_middle_of_the_sign_in() {
    let mut world = World::scripted();
    world.expect("InitiateAuth", sms_challenge());
    world.send(here_only());
    assert_eq!(world.step(), "mfaCode");
    world.reload();
    world
        .expect("RespondToAuthChallenge", tokens(1))
        .expect("GetUser", verified_user());
    assert_eq!(world.send(submit("123456"))["step"], "signedIn");
    assert_eq!(world.record(), Value::Null);
    assert!(world.own_session.is_some());
}

#[test]
fn it_holds_for_a_sign_in_that_goes_on_by_itself_and_for_no_other() {
    let mut world = World::scripted();
    world.expect(
        "InitiateAuth",
        refused("UserNotConfirmedException", "User is not confirmed."),
    );
    assert_eq!(world.send(here_only())["step"], "confirmSignUp");
    world
        .expect("ConfirmSignUp", done())
        .expect("InitiateAuth", tokens(1))
        .expect("GetUser", verified_user());
    assert_eq!(world.send(confirm("123456"))["step"], "signedIn");
    assert_eq!(world.record(), Value::Null);
    world.leave();

    world.expect("InitiateAuth", Fault::NotSent);
    world.send(here_only());
    let up = ok(json!({ "UserConfirmed": true, "UserSub": "sub" }));
    world
        .expect("SignUp", up)
        .expect("InitiateAuth", tokens(2))
        .expect("GetUser", verified_user());
    assert_eq!(world.send(sign_up(json!({})))["step"], "signedIn");
    assert_eq!(world.record()["username"], USER, "a sign-up is remembered");
}

#[test]
fn the_step_of_a_verification_is_come_back_to_as_well() {
    let mut world = World::scripted();
    world
        .expect("InitiateAuth", tokens(1))
        .expect("GetUser", unverified_user())
        .expect("GetUserAttributeVerificationCode", email_sent());
    assert_eq!(world.send(here_only())["step"], "verifyAttribute");
    world.reload();
    assert_eq!(world.step(), "verifyAttribute");
    world
        .expect("VerifyUserAttribute", done())
        .expect("GetUser", verified_user());
    assert_eq!(world.send(submit("123456"))["step"], "signedIn");
    assert_eq!(world.record(), Value::Null);
}

#[test]
fn a_dead_token_ends_it_where_it_is() {
    let mut here = World::scripted();
    let mut other = here.new_tab();
    sign_in_here(&mut here);
    other.sign_in_as(OTHER, tokens(5), other_user());
    here.pass(HOUR);
    here.expect(
        "InitiateAuth",
        refused("NotAuthorizedException", "Refresh Token has been revoked"),
    );
    here.session().unwrap_err();
    assert_eq!(here.step(), "signedOut");
    assert_eq!(here.error(), "challengeSpent");
    assert_eq!(here.own_session, None);
    assert_eq!(here.record()["username"], OTHER);
}

#[test]
fn where_nothing_is_kept_it_is_like_any_other() {
    let mut world = World::new(None, json!({ "signInWith": "password" }), None, None);
    sign_in_here(&mut world);
    world.leave();
}
