//! Signing out: here, everywhere, offline.

use serde_json::{Value, json};

use crate::support::*;

fn signed_in() -> World {
    let mut world = World::scripted();
    world
        .expect("InitiateAuth", tokens(1))
        .expect("GetUser", verified_user());
    world.send(sign_in());
    world.sent();
    world
}

fn signed_in_at(pool: &LocalPool) -> World {
    pool.add_user(USER, PASSWORD, json!({}), Clock::new().wall);
    let mut world = World::with(pool);
    world.send(sign_in());
    world.sent();
    world
}

fn everywhere() -> Value {
    json!({ "type": "signOut", "everywhere": true })
}

#[test]
fn here_the_tokens_are_revoked() {
    let pool = LocalPool::new();
    let mut world = signed_in_at(&pool);
    let session = world.session().unwrap();
    let snapshot = world.send(event("signOut"));
    assert_eq!(
        snapshot,
        json!({
            "step": "signedOut", "username": USER, "busy": null, "error": null
        })
    );
    assert_eq!(world.sent(), ["RevokeToken"]);
    assert_eq!(world.storage.as_ref().unwrap().session(), None);
    let used = json!({ "AccessToken": session["accessToken"] });
    assert_eq!(pool.answer("GetUser", &used, world.clock.wall).status, 400);
}

#[test]
fn everywhere_other_devices_are_signed_out_too() {
    let pool = LocalPool::new();
    let mut here = signed_in_at(&pool);
    let mut elsewhere = World::with(&pool);
    elsewhere.send(sign_in());
    here.send(everywhere());
    assert_eq!(here.sent(), ["GlobalSignOut"]);
    let preference = elsewhere.call("mfaPreference", json!({}));
    assert_eq!(preference.unwrap_err().code.as_str(), "challengeSpent");
    assert_eq!(elsewhere.step(), "signedOut");
    assert_eq!(elsewhere.error(), "challengeSpent");
}

#[test]
fn the_person_is_signed_out_at_once_and_sign_out_waits_for_the_first_attempt() {
    let mut world = signed_in();
    world.expect("RevokeToken", done());
    world.start(event("signOut")).unwrap();
    assert_eq!(world.step(), "signedOut");
    assert_eq!(world.snapshot()["busy"], "signOut");
    assert_eq!(world.storage.as_ref().unwrap().session(), None);
    world.answer_next();
    assert_eq!(world.snapshot()["busy"], Value::Null);
}

#[test]
fn it_waits_no_longer_than_three_seconds() {
    let mut world = signed_in();
    world.expect("RevokeToken", Fault::Silence);
    let start = world.clock.steady;
    world.send(event("signOut"));
    assert_eq!(world.clock.steady - start, 3.0 * SECOND);
}

#[test]
fn offline_the_person_is_signed_out_and_the_revocation_is_tried_until_it_is_done() {
    let mut world = signed_in();
    for _ in 0..4 {
        world.expect("RevokeToken", Fault::NotSent);
    }
    world.expect("RevokeToken", done());
    let snapshot = world.send(event("signOut"));
    assert_eq!(snapshot["step"], "signedOut");
    assert_eq!(snapshot["error"], Value::Null);
    world.pass(HOUR);
    assert_eq!(world.sent(), ["RevokeToken"; 5]);
    assert_eq!(world.flow.deadline(), None);
}

#[test]
fn a_revocation_is_retried_whatever_went_wrong_but_not_for_ever() {
    for fault in [
        throttled as fn() -> Fault,
        too_many,
        || unreadable(503),
        || Fault::Lost,
        || Fault::Silence,
    ] {
        let mut world = signed_in();
        for _ in 0..20 {
            world.expect("RevokeToken", fault());
        }
        world.send(event("signOut"));
        world.pass(DAY);
        assert_eq!(world.sent().len(), 10);
        assert_eq!(world.flow.deadline(), None);
    }
}

#[test]
fn a_revocation_is_tried_for_some_ten_minutes_with_waits_that_double() {
    let mut world = signed_in();
    for _ in 0..20 {
        world.expect("RevokeToken", Fault::NotSent);
    }
    world.send(event("signOut"));
    for seconds in [1, 2, 4, 8, 16, 32, 64, 128, 256] {
        let wait = world.flow.deadline().unwrap() - world.clock.steady;
        assert_eq!(wait, f64::from(seconds) * SECOND);
        world.pass(wait);
    }
    assert_eq!(world.sent(), ["RevokeToken"; 10]);
    assert_eq!(world.flow.deadline(), None);
}

#[test]
fn what_ends_the_session_outlives_the_page_and_nothing_else_does() {
    let mut world = World::scripted();
    world.expect("InitiateAuth", tokens(1));
    world.start(sign_in()).unwrap();
    assert!(!world.network.under_way[0].keepalive);
    world.expect("GetUser", verified_user());
    world.run();
    world.start(event("signOut")).unwrap();
    assert!(world.network.under_way[0].keepalive);
}

#[test]
fn a_refused_revocation_is_not_repeated() {
    let mut world = signed_in();
    world.expect(
        "RevokeToken",
        refused("UnauthorizedException", "Invalid token"),
    );
    world.send(event("signOut"));
    world.pass(DAY);
    assert_eq!(world.sent(), ["RevokeToken"]);
    assert_eq!(world.error(), "");
}

/// The first revocation was not sent, the next will be done; and somebody may sign in meanwhile.
fn signed_out_while_offline() -> World {
    let mut world = signed_in();
    world
        .expect("RevokeToken", Fault::NotSent)
        .expect("RevokeToken", done());
    world.send(event("signOut"));
    world
        .expect("InitiateAuth", tokens(2))
        .expect("GetUser", verified_user());
    world
}

#[test]
fn one_can_sign_in_again_while_the_revocation_is_still_tried() {
    let mut world = signed_out_while_offline();
    world.send(sign_in());
    world.pass(MINUTE);
    assert_eq!(world.step(), "signedIn");
    assert_eq!(
        world.session().unwrap()["accessToken"],
        ACCESS_TOKEN.replace('1', "2")
    );
    assert_eq!(
        world.body_of("RevokeToken")["Token"],
        REFRESH_TOKEN,
        "the old one"
    );
}

#[test]
fn the_revocation_goes_on_though_the_next_session_is_lost_meanwhile() {
    let mut world = signed_out_while_offline();
    world.expect(
        "InitiateAuth",
        refused("NotAuthorizedException", "Refresh Token has been revoked"),
    );
    world.send(sign_in());
    world.sent();
    let lost = world.call("session", json!({ "refresh": true }));
    assert_eq!(lost.unwrap_err().code.as_str(), "challengeSpent");
    assert_eq!(world.sent(), ["InitiateAuth REFRESH_TOKEN_AUTH"]);
    world.pass(MINUTE);
    assert_eq!(world.sent(), ["RevokeToken"]);
}

#[test]
fn everywhere_with_tokens_that_ran_out_gets_fresh_ones_first() {
    let mut world = signed_in();
    world.pass(2.0 * HOUR);
    world
        .expect("InitiateAuth", refreshed(2))
        .expect("GlobalSignOut", done());
    world.send(everywhere());
    assert_eq!(
        world.sent(),
        ["InitiateAuth REFRESH_TOKEN_AUTH", "GlobalSignOut"]
    );
}

#[test]
fn everywhere_with_a_dead_access_token_ends_at_least_this_session() {
    let mut world = signed_in();
    world
        .expect("GlobalSignOut", dead_access_token())
        .expect(
            "InitiateAuth",
            refused("NotAuthorizedException", "Refresh Token has been revoked"),
        )
        .expect("RevokeToken", done());
    let snapshot = world.send(everywhere());
    assert_eq!(
        world.sent(),
        [
            "GlobalSignOut",
            "InitiateAuth REFRESH_TOKEN_AUTH",
            "RevokeToken"
        ]
    );
    assert_eq!(snapshot["step"], "signedOut");
    assert_eq!(
        snapshot["error"]["code"], "challengeSpent",
        "the person is told that the other devices were not signed out"
    );
}

#[test]
fn a_call_that_waits_is_told_when_the_person_signs_out() {
    let mut world = signed_in();
    world
        .expect("GetUser", Fault::Silence)
        .expect("RevokeToken", done());
    let ticket = world.start_call("mfaPreference", json!({})).unwrap();
    world.send(event("signOut"));
    let answer = world.answer(ticket).unwrap();
    assert_eq!(answer.unwrap_err().code.as_str(), "notAccepted");
}

#[test]
fn signing_out_cannot_be_called_off() {
    let mut world = signed_in();
    world.expect("RevokeToken", Fault::Silence);
    world.start(event("signOut")).unwrap();
    assert_eq!(
        world.start(event("cancel")).unwrap_err().code.as_str(),
        "busy"
    );
}
