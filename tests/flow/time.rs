//! Time: two clocks, late timers, wakes that change nothing.

use serde_json::{Value, json};

use crate::support::*;

fn at_mfa_code() -> World {
    let mut world = World::scripted();
    world.expect("InitiateAuth", sms_challenge());
    assert_eq!(world.send(sign_in())["step"], "mfaCode");
    world
}

fn at_confirm_sign_up() -> World {
    let mut world = World::scripted();
    world.expect("SignUp", signed_up());
    world.send(sign_up(phone_and_email()));
    world
}

#[test]
fn a_laptop_that_slept_is_noticed_by_the_wall_clock() {
    let mut world = at_mfa_code();
    world.clock.wall += HOUR;
    world.wake();
    assert_eq!(
        (world.step().as_str(), world.error().as_str()),
        ("signedOut", "challengeExpired")
    );
}

#[test]
fn a_clock_that_was_set_back_is_noticed_by_the_steady_one() {
    let mut world = at_mfa_code();
    world.clock.wall -= DAY;
    world.pass(3.0 * MINUTE);
    assert_eq!(
        (world.step().as_str(), world.error().as_str()),
        ("signedOut", "challengeExpired")
    );
}

#[test]
fn that_holds_after_a_reload_too_for_what_was_left_then() {
    let mut world = at_mfa_code();
    world.pass(MINUTE);
    world.reload();
    assert_eq!(world.step(), "mfaCode");
    world.clock.wall -= DAY;
    world.pass(2.0 * MINUTE - SECOND);
    assert_eq!(world.step(), "mfaCode");
    world.pass(SECOND);
    assert_eq!(world.error(), "challengeExpired");
}

#[test]
fn a_clock_that_was_set_back_does_not_prolong_a_cool_down() {
    let mut world = at_confirm_sign_up();
    world.clock.wall -= DAY;
    world.pass(30.0 * SECOND);
    assert_eq!(world.snapshot()["resendAt"], Value::Null);
}

#[test]
fn a_code_that_ran_out_is_said_once_and_not_sent() {
    let mut world = at_confirm_sign_up();
    world.sent();
    world.pass(DAY);
    assert_eq!(
        (world.step().as_str(), world.error().as_str()),
        ("confirmSignUp", "codeExpired")
    );
    world.send(confirm("123456"));
    assert_eq!(world.error(), "codeExpired");
    assert!(
        world.sent().is_empty(),
        "nothing is sent after the time is over"
    );
}

#[test]
fn a_spurious_wake_changes_nothing_and_asks_for_nothing() {
    let mut signed_in = World::scripted();
    signed_in
        .expect("InitiateAuth", tokens(1))
        .expect("GetUser", verified_user());
    signed_in.send(sign_in());
    for mut world in [
        World::scripted(),
        at_mfa_code(),
        at_confirm_sign_up(),
        signed_in,
    ] {
        let before = (
            world.snapshot(),
            world.flow.revision(),
            world.flow.deadline(),
        );
        world.sent();
        for _ in 0..5 {
            world.wake();
        }
        let after = (
            world.snapshot(),
            world.flow.revision(),
            world.flow.deadline(),
        );
        assert_eq!(before, after);
        assert!(world.sent().is_empty());
    }
}

#[test]
fn the_flow_asks_to_be_woken_for_the_cool_down_then_for_the_end_of_the_held_password() {
    let mut world = at_confirm_sign_up();
    let start = world.clock.steady;
    assert_eq!(world.flow.deadline(), Some(start + 30.0 * SECOND));
    world.pass(30.0 * SECOND);
    assert_eq!(world.flow.deadline(), Some(start + 10.0 * MINUTE));
    world.pass(10.0 * MINUTE);
    assert_eq!(world.flow.deadline(), Some(start + DAY));
    world.pass(DAY);
    assert_eq!(world.flow.deadline(), None);
}

#[test]
fn a_cool_down_that_ends_while_an_answer_is_awaited_does_not_keep_the_host_awake() {
    let mut world = at_confirm_sign_up();
    world.pass(25.0 * SECOND);
    world.expect("ConfirmSignUp", Fault::Silence);
    world.start(confirm("123456")).unwrap();
    world.answer_next();
    world.clock.pass(10.0 * SECOND);
    // The world fails if the flow now asks to be woken at once, again and again.
    world.wake();
    assert_eq!(world.snapshot()["busy"], "confirmSignUp");
}

#[test]
fn a_signed_in_flow_without_work_needs_no_timer() {
    let mut world = World::scripted();
    world
        .expect("InitiateAuth", tokens(1))
        .expect("GetUser", verified_user());
    world.send(sign_in());
    assert_eq!(world.flow.deadline(), None);
}

#[test]
fn the_session_of_a_challenge_lives_as_long_as_the_app_client_says() {
    let mut world = World::scripted_with(json!({ "sessionSeconds": 900 }));
    world.expect("InitiateAuth", sms_challenge());
    let snapshot = world.send(sign_in());
    assert_eq!(
        snapshot["expiresAt"],
        json!(world.clock.wall + 15.0 * MINUTE)
    );
    world.pass(15.0 * MINUTE - 1.0);
    assert_eq!(world.step(), "mfaCode");
}

#[test]
fn a_request_that_is_not_answered_in_time_is_given_up() {
    let mut world = World::scripted_with(json!({ "timeoutMs": 4000 }));
    world.expect("InitiateAuth", Fault::Silence);
    let start = world.clock.steady;
    world.send(sign_in());
    assert_eq!(world.clock.steady - start, 4.0 * SECOND);
    assert_eq!(world.error(), "outcomeUnknown");
    assert!(world.network.under_way.is_empty());
}

#[test]
fn the_debug_output_says_where_the_flow_is_and_what_it_is_busy_with() {
    let mut world = at_mfa_code();
    world.start(submit("123456")).unwrap();
    let shown = format!("{:?}", world.flow);
    assert!(shown.contains("MfaCode"), "{shown}");
    assert!(shown.contains("SubmitCode"), "{shown}");
}

#[test]
fn the_flow_asks_to_be_woken_when_another_code_may_be_asked_for() {
    for world in [at_mfa_code(), at_confirm_sign_up()] {
        let wait = world.flow.deadline().unwrap() - world.clock.steady;
        assert_eq!(wait, 30.0 * SECOND);
    }
}
