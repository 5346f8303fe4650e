//! The first half of a proof, made while the page is idle: sent by the next sign-in, once, if that
//! comes within ten minutes; and made for nobody who does not prove a password.

use serde_json::{Value, json};

use crate::support::*;

fn pool() -> LocalPool {
    let client = json!({ "ExplicitAuthFlows": [
        "ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH",
    ] });
    let pool = LocalPool::with(json!({}), client);
    let verified = json!({ "email": EMAIL, "email_verified": "true" });
    pool.add_user(USER, PASSWORD, verified, Clock::new().wall);
    pool
}

fn world() -> World {
    World::with(&pool())
}

/// The public key of the latest sign-in, where there is one.
fn public_key(world: &World) -> Value {
    let body = world.body_of("InitiateAuth");
    let key = body["AuthParameters"]["SRP_A"].clone();
    assert!(key.as_str().is_some_and(|key| key.len() > 700), "{body}");
    key
}

/// What the second moment of a flow makes: no two moments bring the same chance.
fn key_of_the_second_moment() -> Value {
    let mut world = world();
    world.send(sign_in());
    public_key(&world)
}

#[test]
fn what_was_made_while_idle_is_sent_and_proves_the_password() {
    let mut idle = world();
    idle.idle();
    assert_eq!(idle.send(sign_in())["step"], "signedIn");
    assert_eq!(public_key(&idle), key_of_the_second_moment());

    let mut never_idle = world();
    never_idle.wake();
    assert_eq!(never_idle.send(sign_in())["step"], "signedIn");
    assert_ne!(public_key(&never_idle), key_of_the_second_moment());
}

#[test]
fn it_is_made_once_and_sent_once() {
    let mut world = world();
    world.idle();
    world.idle();
    let wrong = json!({ "type": "signIn", "username": USER, "password": OTHER_PASSWORD });
    assert_eq!(world.send(wrong)["error"]["code"], "wrongCredentials");
    assert_eq!(public_key(&world), key_of_the_second_moment());
    assert_eq!(world.send(sign_in())["step"], "signedIn");
    assert_ne!(public_key(&world), key_of_the_second_moment());
}

#[test]
fn after_ten_minutes_it_is_gone() {
    let mut world = world();
    world.idle();
    let until = world.clock.steady + 10.0 * MINUTE;
    assert_eq!(world.flow.deadline(), Some(until));
    world.pass(10.0 * MINUTE - 1.0);
    assert_eq!(world.flow.deadline(), Some(until));
    world.pass(1.0);
    assert_eq!(world.flow.deadline(), None);
    assert_eq!(world.send(sign_in())["step"], "signedIn");
    assert_ne!(public_key(&world), key_of_the_second_moment());
}

#[test]
fn after_ten_minutes_of_sleep_it_is_not_sent_though_no_timer_said_so() {
    let mut world = world();
    world.idle();
    world.clock.wall += 10.0 * MINUTE;
    assert_eq!(world.send(sign_in())["step"], "signedIn");
    assert_ne!(public_key(&world), key_of_the_second_moment());
}

#[test]
fn another_one_can_be_made_when_the_first_is_gone() {
    let mut world = world();
    world.idle();
    world.pass(11.0 * MINUTE);
    world.idle();
    assert_eq!(
        world.flow.deadline(),
        Some(world.clock.steady + 10.0 * MINUTE)
    );
    assert_eq!(world.send(sign_in())["step"], "signedIn");
}

#[test]
fn it_is_sent_with_a_choice_and_before_a_custom_challenge_too() {
    for sign_in_with in ["choice", "customAfterSrp"] {
        let keys = [true, false].map(|is_idle| {
            let mut world = World::scripted_with(json!({ "signInWith": sign_in_with }));
            if is_idle {
                world.idle();
                world.clock.pass(MINUTE);
            }
            world.start(sign_in()).unwrap();
            public_key(&world)
        });
        assert_eq!(keys[0], keys[1], "{sign_in_with}");
    }
}

#[test]
fn nothing_is_made_where_no_password_is_proven() {
    for sign_in_with in ["password", "custom"] {
        let mut world = World::scripted_with(json!({ "signInWith": sign_in_with }));
        world.idle();
        assert_eq!(world.flow.deadline(), None, "{sign_in_with}");
    }
}

#[test]
fn nothing_is_made_for_whoever_is_signed_in() {
    let mut world = world();
    world.send(sign_in());
    let deadline = world.flow.deadline();
    world.idle();
    assert_eq!(world.flow.deadline(), deadline);
    world.reload();
    let deadline = world.flow.deadline();
    world.idle();
    assert_eq!(world.flow.deadline(), deadline);
}

#[test]
fn nothing_is_made_while_a_sign_in_is_under_way() {
    let mut world = world();
    let wrong = json!({ "type": "signIn", "username": USER, "password": OTHER_PASSWORD });
    world.start(wrong).unwrap();
    let deadline = world.flow.deadline();
    world.idle();
    assert_eq!(world.flow.deadline(), deadline);
    world.run();
    assert_eq!(world.send(sign_in())["step"], "signedIn");
}

#[test]
fn who_signs_in_in_another_way_leaves_nothing_behind() {
    let mut world = World::scripted_with(json!({ "signInWith": "choice" }));
    world.idle();
    let made = world.flow.deadline();
    assert!(made.is_some());
    world.expect("InitiateAuth", email_first());
    world.expect("RespondToAuthChallenge", tokens(1));
    world.expect("GetUser", verified_user());
    world.send(prefer("email"));
    assert_eq!(world.send(submit("123456"))["step"], "signedIn");
    assert_ne!(world.flow.deadline(), made);
}
