//! A passkey that is offered in the field for the name, while the form stays usable.

use cognito_flow::{EventType, Wanted};
use serde_json::{Value, json};

use crate::support::*;

const BY_CHOICE: &str = "InitiateAuth USER_AUTH";
const ANSWER: &str = "RespondToAuthChallenge WEB_AUTHN";

fn world() -> World {
    World::scripted_with(json!({ "signInWith": "choice" }))
}

fn idle(world: &World) {
    assert_eq!(
        world.snapshot(),
        json!({ "step": "signedOut", "busy": null, "error": null, "username": null })
    );
}

/// A browser that can, and the pool's first answer.
fn offered(answer: Fault) -> World {
    let mut world = world();
    world.expect("InitiateAuth", answer);
    world.send(offer());
    assert!(
        world.sent().is_empty(),
        "first the browser is asked whether it can"
    );
    assert_eq!(world.prompts[0].wanted, Wanted::Offer);
    assert_eq!(world.prompts[0].options, Value::Null);
    world.give(&json!({}));
    world.answer_all();
    idle(&world);
    world
}

fn with_challenge(challenge: &str) -> Fault {
    let options = json!({ "challenge": challenge, "rpId": "shop.example.com" });
    let parameters =
        json!({ "USERNAME": "u-1", "CREDENTIAL_REQUEST_OPTIONS": options.to_string() });
    first_factor(
        "WEB_AUTHN",
        parameters,
        json!(["WEB_AUTHN", "PASSWORD_SRP"]),
    )
}

#[test]
fn the_form_stays_usable_until_a_passkey_is_chosen_in_it() {
    let mut world = offered(passkey_first());
    let parameters = &world.body_of("InitiateAuth")["AuthParameters"];
    assert_eq!(
        *parameters,
        json!({ "USERNAME": USER, "PREFERRED_CHALLENGE": "WEB_AUTHN" })
    );
    assert_eq!(world.prompts[0].wanted, Wanted::Offer);
    assert_eq!(world.prompts[0].options, request_options());
    assert!(world.flow.accepts(EventType::SignIn));
    let round = world.round();
    world.give(&assertion());
    assert_eq!(world.step(), "passkey");
    assert_eq!(world.snapshot()["busy"], "signIn");
    assert_eq!(world.snapshot()["username"], USER);
    assert!(world.round() > round);
    world
        .expect("RespondToAuthChallenge", tokens(1))
        .expect("GetUser", verified_user());
    world.run();
    assert_eq!(world.step(), "signedIn");
    assert_eq!(world.sent(), [BY_CHOICE, ANSWER, "GetUser"]);
}

#[test]
fn where_the_browser_cannot_nothing_happens() {
    for exception in ["", "TypeError"] {
        let mut world = world();
        world.send(offer());
        world.refuse(exception);
        world.pass(HOUR);
        idle(&world);
        assert!(world.sent().is_empty());
        assert!(!world.flow.accepts(EventType::Cancel));
    }
}

#[test]
fn where_the_pool_has_no_passkey_for_them_nothing_happens() {
    for answer in [
        select_challenge(),
        password_challenge(),
        sms_challenge(),
        first_factor("WEB_AUTHN", json!({}), json!([])),
        ok(json!({})),
        wrong_credentials(),
        refused("UserNotFoundException", "User does not exist."),
        refused("InvalidParameterException", "USER_AUTH flow not enabled"),
        refused("UserNotConfirmedException", "User is not confirmed."),
        tokens(1),
    ] {
        let mut world = offered(answer);
        assert!(world.prompts.is_empty());
        assert_eq!(world.sent(), [BY_CHOICE]);
        world.pass(HOUR);
        idle(&world);
        assert!(world.sent().is_empty(), "nor is it asked for again");
    }
}

#[test]
fn the_challenge_is_renewed_before_its_time_is_over() {
    for (seconds, renewed) in [(180, 150.0), (900, 870.0), (40, 20.0)] {
        let mut world =
            World::scripted_with(json!({ "signInWith": "choice", "sessionSeconds": seconds }));
        world
            .expect("InitiateAuth", with_challenge("Zmlyc3Q"))
            .expect("InitiateAuth", with_challenge("c2Vjb25k"));
        world.send(offer());
        world.give(&json!({}));
        world.answer_all();
        world.sent();
        world.pass(renewed * SECOND - 1.0);
        assert!(world.sent().is_empty(), "{seconds} s");
        assert_eq!(world.prompts[0].options["challenge"], "Zmlyc3Q");
        world.pass(2.0);
        assert_eq!(world.sent(), [BY_CHOICE]);
        assert_eq!(world.prompts.len(), 1);
        assert_eq!(world.prompts[0].options["challenge"], "c2Vjb25k");
        idle(&world);
        world
            .expect("RespondToAuthChallenge", tokens(1))
            .expect("GetUser", verified_user());
        world.give(&assertion());
        world.run();
        assert_eq!(world.step(), "signedIn");
    }
}

#[test]
fn the_old_challenge_is_good_until_the_new_one_is_there() {
    let mut world = offered(passkey_first());
    world.expect("InitiateAuth", Fault::Silence);
    world.pass_without_answers(151.0 * SECOND);
    assert_eq!(world.network.under_way.len(), 1);
    let late = world.network.under_way[0].id;
    world
        .expect("RespondToAuthChallenge", tokens(1))
        .expect("GetUser", verified_user());
    world.give(&assertion());
    assert_eq!(world.network.under_way.len(), 1, "the renewal is given up");
    world.answer_late(late, json!({}));
    world.run();
    assert_eq!(world.step(), "signedIn");
}

#[test]
fn trouble_on_the_way_is_tried_again_with_the_next_renewal() {
    for fault in [
        || Fault::NotSent,
        || unreadable(503),
        throttled,
        || Fault::Lost,
    ] {
        let mut world = world();
        for _ in 0..3 {
            world.expect("InitiateAuth", fault());
        }
        world.expect("InitiateAuth", passkey_first());
        world.send(offer());
        world.give(&json!({}));
        world.pass(MINUTE);
        assert!(world.prompts.is_empty());
        idle(&world);
        world.pass(2.0 * MINUTE);
        assert_eq!(world.prompts.len(), 1);
        idle(&world);
    }
}

#[test]
fn whatever_else_is_done_ends_the_wait() {
    let signs_up = sign_up(json!({}));
    for event in [sign_in(), begin(), forgot(), signs_up, event("cancel")] {
        for stage in 0..4 {
            let mut world = world();
            world.send(offer());
            let mut stale = vec![world.prompts[0].id];
            if stage > 0 {
                world.give(&json!({}));
            }
            let asked = world.network.under_way.front().map(|pending| pending.id);
            if stage > 1 {
                world.expect("InitiateAuth", passkey_first());
                world.answer_all();
                stale.push(world.prompts[0].id);
            }
            if stage > 2 {
                world.pass_without_answers(151.0 * SECOND);
            }
            world.sent();
            world.start(event.clone()).unwrap();
            assert!(world.prompts.is_empty(), "{event} {stage}");
            assert!(world.network.under_way.len() <= 1);
            world.sent();
            // What comes too late is nobody's.
            let (before, busy) = (world.snapshot(), world.network.under_way.len());
            for id in stale {
                world.give_to(id, &assertion());
            }
            if let Some(id) = asked {
                world.answer_late(id, json!({}));
            }
            assert_eq!(world.snapshot(), before);
            assert_eq!(world.network.under_way.len(), busy);
            assert!(world.sent().is_empty());
            if event["type"] == "cancel" {
                world.pass(HOUR);
                idle_but_for_name(&world);
                assert!(world.sent().is_empty(), "nothing is renewed");
            }
        }
    }
}

fn idle_but_for_name(world: &World) {
    assert_eq!(world.step(), "signedOut");
    assert_eq!(world.snapshot()["busy"], Value::Null);
    assert_eq!(world.error(), "");
}

#[test]
fn what_is_refused_ends_nothing() {
    let mut world = offered(passkey_first());
    assert_eq!(
        world.start(submit("123456")).unwrap_err().code.as_str(),
        "notAccepted"
    );
    assert!(world.start(json!({ "type": "signIn" })).is_err());
    assert_eq!(world.prompts.len(), 1);
    // It can be asked for twice: the second takes the place of the first.
    world.send(offer());
    assert_eq!(world.prompts.len(), 1);
    assert_eq!(world.prompts[0].options, Value::Null);
}

#[test]
fn another_tab_that_signs_in_ends_the_wait() {
    let mut one = offered(passkey_first());
    let mut two = one.new_tab();
    two.expect("InitiateAuth", tokens(1))
        .expect("GetUser", alices_attributes());
    let by_password = json!({ "type": "signIn", "username": USER, "password": PASSWORD });
    two.expect("RespondToAuthChallenge", tokens(1));
    two.send(by_password);
    assert_eq!(two.step(), "signedIn");
    one.notice_storage();
    assert_eq!(one.step(), "signedIn");
    assert!(one.prompts.is_empty());
    one.sent();
    one.pass(10.0 * MINUTE);
    assert!(!one.sent().contains(&BY_CHOICE.into()));
}

#[test]
fn a_passkey_that_is_chosen_too_late_is_not_sent() {
    let mut world = offered(passkey_first());
    world.sent();
    world.clock.wall += HOUR;
    world.give(&assertion());
    assert_eq!(world.step(), "signedOut");
    assert_eq!(world.error(), "challengeExpired");
    assert!(!world.sent().contains(&ANSWER.into()));
}

#[test]
fn a_prompt_that_ends_by_itself_is_offered_again_with_the_next_challenge() {
    let mut world = offered(passkey_first());
    world.refuse("NotAllowedError");
    idle(&world);
    world.sent();
    world.expect("InitiateAuth", with_challenge("c2Vjb25k"));
    world.pass(160.0 * SECOND);
    assert_eq!(world.sent(), [BY_CHOICE]);
    assert_eq!(world.prompts[0].options["challenge"], "c2Vjb25k");

    for for_good in ["SecurityError", "NotSupportedError", "options"] {
        let mut world = offered(passkey_first());
        world.refuse(for_good);
        world.sent();
        world.pass(HOUR);
        idle(&world);
        assert!(world.sent().is_empty());
    }
}

#[test]
fn a_passkey_that_the_pool_refuses_is_said_like_any_other() {
    let mut world = offered(passkey_first());
    world.expect("RespondToAuthChallenge", wrong_credentials());
    world.give(&assertion());
    world.run();
    assert_eq!(world.step(), "passkey");
    assert_eq!(world.error(), "wrongCredentials");
}

#[test]
fn after_a_reload_the_page_offers_it_again() {
    let mut world = offered(passkey_first());
    world.sent();
    world.reload();
    idle(&world);
    world.pass(HOUR);
    assert!(world.sent().is_empty() && world.prompts.is_empty());
}

#[test]
fn with_a_password_or_another_way_it_is_a_sign_in_like_any_other() {
    let mut world = world();
    world.expect("InitiateAuth", email_first());
    let mut event = offer();
    event["preferred"] = json!("email");
    assert_eq!(world.send(event)["step"], "signInCode");
}

#[test]
fn the_metadata_of_the_event_goes_with_each_call_for_it() {
    let mut world =
        World::scripted_with(json!({ "signInWith": "choice", "clientMetadata": { "shop": "1" } }));
    world
        .expect("InitiateAuth", passkey_first())
        .expect("InitiateAuth", passkey_first())
        .expect("RespondToAuthChallenge", tokens(1))
        .expect("GetUser", verified_user());
    let mut event = offer();
    event["clientMetadata"] = json!({ "shop": "7" });
    world.send(event);
    world.give(&json!({}));
    world.answer_all();
    world.pass(160.0 * SECOND);
    world.give(&assertion());
    world.run();
    let all = world
        .network
        .log
        .iter()
        .filter(|(name, _)| *name != "GetUser");
    for (name, body) in all {
        assert_eq!(body["ClientMetadata"], json!({ "shop": "7" }), "{name}");
    }
}

/// Alice has signed in here before, on a device that the pool tracks.
fn with_device() -> World {
    let mut world = world();
    world
        .expect("InitiateAuth", tokens_with_device(1))
        .expect(
            "ConfirmDevice",
            ok(json!({ "UserConfirmationNecessary": false })),
        )
        .expect("GetUser", alices_attributes());
    assert_eq!(world.send(sign_in())["step"], "signedIn");
    world.leave();
    world
}

fn gone() -> Fault {
    refused("ResourceNotFoundException", "Device does not exist.")
}

fn named(world: &World) -> Value {
    world.body_of("InitiateAuth")["AuthParameters"]["DEVICE_KEY"].clone()
}

#[test]
fn the_device_is_named_and_one_that_is_gone_is_forgotten() {
    let mut world = with_device();
    world.expect("InitiateAuth", passkey_first());
    world.send(offer());
    world.give(&json!({}));
    world.answer_all();
    assert_eq!(named(&world), DEVICE_KEY);
    world.send(event("cancel"));
    world.sent();

    world
        .expect("InitiateAuth", gone())
        .expect("InitiateAuth", passkey_first());
    world.send(offer());
    world.give(&json!({}));
    world.answer_all();
    assert_eq!(world.sent(), [BY_CHOICE; 2]);
    assert_eq!(world.prompts.len(), 1);
    assert!(world.storage.as_ref().unwrap().devices().is_none());
}

#[test]
fn who_wanted_a_passkey_wants_one_without_the_device_too() {
    let mut world = with_device();
    world
        .expect("InitiateAuth", gone())
        .expect("InitiateAuth", passkey_first());
    world.start(prefer("passkey")).unwrap();
    world.answer_all();
    assert_eq!(named(&world), Value::Null);
    let parameters = &world.body_of("InitiateAuth")["AuthParameters"];
    assert_eq!(parameters["PREFERRED_CHALLENGE"], "WEB_AUTHN");
    assert_eq!(world.step(), "passkey");

    // The answer names it as well.
    let mut world = with_device();
    world.expect("InitiateAuth", passkey_first());
    world.start(prefer("passkey")).unwrap();
    world.answer_all();
    world
        .expect("RespondToAuthChallenge", gone())
        .expect("InitiateAuth", passkey_first());
    world.give(&assertion());
    world.answer_all();
    let body = world.body_of("RespondToAuthChallenge");
    assert_eq!(body["ChallengeResponses"]["DEVICE_KEY"], DEVICE_KEY);
    assert_eq!(world.step(), "passkey");
    assert_eq!(
        world.prompts.len(),
        1,
        "asked once more, by a new challenge"
    );
    world
        .expect("RespondToAuthChallenge", tokens(1))
        .expect("GetUser", verified_user());
    world.give(&assertion());
    world.run();
    assert_eq!(world.step(), "signedIn");
}
