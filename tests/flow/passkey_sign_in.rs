//! Signing in by a passkey: as the first factor, and as the second.

use cognito_flow::Wanted;
use serde_json::{Value, json};

use crate::support::*;

const BY_CHOICE: &str = "InitiateAuth USER_AUTH";
const ANSWER: &str = "RespondToAuthChallenge WEB_AUTHN";

fn choosing_world() -> World {
    World::scripted_with(json!({ "signInWith": "choice" }))
}

/// Alice has given her passkey, and the pool says this to it.
fn given(mut world: World, answer: Fault) -> World {
    world.expect("RespondToAuthChallenge", answer);
    world.give(&assertion());
    world.run();
    world
}

fn signs_in(world: World) -> World {
    let mut world = world;
    world.expect("GetUser", verified_user());
    let world = given(world, tokens(1));
    assert_eq!(world.step(), "signedIn");
    world
}

#[test]
fn the_browser_is_asked_at_once_and_the_step_is_there_meanwhile() {
    let mut world = choosing_world();
    world.expect("InitiateAuth", passkey_first());
    let round = world.round();
    world.start(prefer("passkey")).unwrap();
    world.answer_all();
    let expires = world.clock.wall + 3.0 * MINUTE;
    assert_eq!(
        world.snapshot(),
        json!({
            "step": "passkey", "busy": "signIn", "error": null, "username": USER,
            "alternatives": ["password", "email"], "expiresAt": expires,
        })
    );
    assert!(world.round() > round);
    let parameters = &world.body_of("InitiateAuth")["AuthParameters"];
    assert_eq!(
        *parameters,
        json!({ "USERNAME": USER, "PREFERRED_CHALLENGE": "WEB_AUTHN" })
    );
    let prompt = &world.prompts[0];
    assert_eq!(prompt.wanted, Wanted::Get);
    assert_eq!(prompt.options, request_options());

    let mut world = signs_in(world);
    let responses = &world.body_of("RespondToAuthChallenge")["ChallengeResponses"];
    assert_eq!(responses["USERNAME"], "u-1");
    let credential: Value =
        serde_json::from_str(responses["CREDENTIAL"].as_str().unwrap()).unwrap();
    assert_eq!(credential, assertion());
    assert_eq!(world.body_of("RespondToAuthChallenge")["Session"], SESSION);
    assert_eq!(world.sent(), [BY_CHOICE, ANSWER, "GetUser"]);
}

#[test]
fn whoever_closes_the_prompt_stays_and_can_be_asked_again() {
    for (exception, code) in [
        ("NotAllowedError", "passkeyFailed"),
        ("AbortError", "passkeyFailed"),
        ("SecurityError", "passkeyUnsupported"),
        ("", "passkeyUnsupported"),
        ("options", "server"),
    ] {
        let mut world = asked_for_passkey();
        let round = world.round();
        world.refuse(exception);
        assert_eq!(world.step(), "passkey");
        assert_eq!(world.error(), code);
        assert_eq!(world.snapshot()["busy"], Value::Null);
        world.start(event("usePasskey")).unwrap();
        assert_eq!(world.snapshot()["busy"], "usePasskey");
        assert_eq!(world.snapshot()["error"], Value::Null);
        assert_eq!(world.round(), round, "the same form");
        assert_eq!(world.prompts[0].options, request_options());
        let mut world = signs_in(world);
        assert_eq!(world.sent(), [BY_CHOICE, ANSWER, "GetUser"]);
    }
}

#[test]
fn what_the_pool_took_up_is_answered_once_and_then_asked_for_anew() {
    for (fault, code) in [
        (wrong_credentials(), "wrongCredentials"),
        (Fault::Lost, "outcomeUnknown"),
        (Fault::NotSent, "offline"),
        (status(500, json!({})), "server"),
        (
            refused("WebAuthnChallengeNotFoundException", "Gone."),
            "passkeyFailed",
        ),
    ] {
        let mut world = given(asked_for_passkey(), fault);
        assert_eq!(
            (world.step().as_str(), world.error().as_str()),
            ("passkey", code)
        );
        let sent = world.sent();
        assert_eq!(sent, [BY_CHOICE, ANSWER], "never repeated");
        // Another challenge, and its options.
        let mut fresh = passkey_parameters();
        let options = json!({ "challenge": "bmV3", "rpId": "shop.example.com" });
        fresh["CREDENTIAL_REQUEST_OPTIONS"] = json!(options.to_string());
        world.expect(
            "InitiateAuth",
            first_factor("WEB_AUTHN", fresh, json!(["WEB_AUTHN"])),
        );
        world.start(event("usePasskey")).unwrap();
        assert_eq!(world.step(), "passkey");
        world.answer_all();
        assert_eq!(world.prompts[0].options, options);
        signs_in(world);
    }
    for (fault, code) in [
        (expired_session(), "challengeExpired"),
        (
            refused("NotAuthorizedException", "Invalid session for the user."),
            "challengeSpent",
        ),
        (refused("NotAuthorizedException", "Blocked."), "refused"),
    ] {
        let world = given(asked_for_passkey(), fault);
        assert_eq!(
            (world.step().as_str(), world.error().as_str()),
            ("signedOut", code)
        );
        assert_eq!(world.snapshot()["username"], USER);
    }
}

#[test]
fn another_way_begins_anew_and_the_step_stays_until_it_is_there() {
    let mut world = at_passkey();
    world.expect("InitiateAuth", Fault::NotSent);
    assert_eq!(world.send(select("email"))["step"], "passkey");
    world.expect("InitiateAuth", email_first());
    let snapshot = world.send(select("email"));
    assert_eq!(snapshot["step"], "signInCode");
    let parameters = &world.body_of("InitiateAuth")["AuthParameters"];
    assert_eq!(parameters["PREFERRED_CHALLENGE"], "EMAIL_OTP");
    assert!(
        world.start(select("passkey")).is_err(),
        "not among its alternatives"
    );

    // From there to a passkey, where the pool offers one.
    let mut world = choosing_world();
    let available = json!(["WEB_AUTHN", "SMS_OTP"]);
    world.expect(
        "InitiateAuth",
        first_factor("SMS_OTP", json!({ "USERNAME": "u-1" }), available),
    );
    world.send(begin());
    world.expect("InitiateAuth", passkey_first());
    world.start(select("passkey")).unwrap();
    assert_eq!(world.step(), "signInCode");
    world.answer_all();
    assert_eq!(world.step(), "passkey");
    assert_eq!(world.snapshot()["busy"], "selectFactor");
    signs_in(world);
}

#[test]
fn a_choice_leads_to_a_passkey() {
    let mut world = choosing_world();
    let available = json!(["PASSWORD_SRP", "WEB_AUTHN"]);
    let parameters = json!({ "USERNAME": "u-1" });
    world.expect(
        "InitiateAuth",
        first_factor("SELECT_CHALLENGE", parameters, available),
    );
    assert_eq!(
        world.send(begin())["choices"],
        json!(["password", "passkey"])
    );
    world.expect(
        "RespondToAuthChallenge",
        challenge("WEB_AUTHN", passkey_parameters()),
    );
    world.start(select("passkey")).unwrap();
    world.answer_all();
    let body = world.body_of("RespondToAuthChallenge");
    assert_eq!(body["ChallengeResponses"]["ANSWER"], "WEB_AUTHN");
    assert_eq!(world.snapshot()["alternatives"], json!(["password"]));
    signs_in(world);
}

#[test]
fn the_prompt_ends_with_cancel_and_with_what_else_the_step_takes() {
    let mut world = asked_for_passkey();
    let stale = world.prompts[0].id;
    assert_eq!(world.send(event("cancel"))["step"], "signedOut");
    assert_eq!(world.error(), "");
    assert!(world.prompts.is_empty());
    world.sent();
    world.give_to(stale, &assertion());
    assert!(world.sent().is_empty());

    let mut world = asked_for_passkey();
    assert_eq!(world.start(sign_in()).unwrap_err().code.as_str(), "busy");
    assert_eq!(world.prompts.len(), 1, "a refused event ends nothing");
    world.expect("InitiateAuth", email_first());
    world.start(select("email")).unwrap();
    assert!(world.prompts.is_empty());
    assert_eq!(world.snapshot()["busy"], "selectFactor");
    world.run();
    assert_eq!(world.step(), "signInCode");

    let mut world = asked_for_passkey();
    let first = world.prompts[0].id;
    world.start(event("usePasskey")).unwrap();
    assert_ne!(world.prompts[0].id, first);
    world.give_to(first, &assertion());
    assert_eq!(world.snapshot()["busy"], "usePasskey");
    signs_in(world);
}

#[test]
fn while_the_answer_is_under_way_nothing_but_cancel_is_taken() {
    let mut world = asked_for_passkey();
    world.expect("RespondToAuthChallenge", Fault::Silence);
    world.give(&assertion());
    world.answer_all();
    for kind in ["usePasskey", "resendCode"] {
        assert_eq!(world.start(event(kind)).unwrap_err().code.as_str(), "busy");
    }
    assert_eq!(
        world.start(select("email")).unwrap_err().code.as_str(),
        "busy"
    );
    assert_eq!(world.send(event("cancel"))["step"], "signedOut");
}

#[test]
fn the_challenge_ends_whether_or_not_the_browser_asks() {
    for prompting in [true, false] {
        let mut world = match prompting {
            true => asked_for_passkey(),
            false => at_passkey(),
        };
        let stale = world.prompts.first().map(|prompt| prompt.id);
        world.pass_without_answers(3.0 * MINUTE - 1.0);
        assert_eq!(world.step(), "passkey");
        world.sent();
        world.pass_without_answers(2.0);
        assert_eq!(world.step(), "signedOut");
        assert_eq!(world.error(), "challengeExpired");
        assert_eq!(world.snapshot()["busy"], Value::Null);
        assert!(world.prompts.is_empty());
        if let Some(id) = stale {
            world.give_to(id, &assertion());
        }
        assert!(world.sent().is_empty(), "after its time nothing is sent");
    }
    // A credential that comes after a laptop has slept.
    let mut world = asked_for_passkey();
    world.sent();
    world.clock.wall += HOUR;
    world.give(&assertion());
    world.run();
    assert_eq!(world.error(), "challengeExpired");
    assert!(world.sent().is_empty());
}

#[test]
fn after_a_reload_the_person_is_asked_when_they_say_so() {
    for world in [asked_for_passkey(), at_passkey()] {
        let mut world = world;
        world.reload();
        assert_eq!(world.step(), "passkey");
        assert_eq!(world.snapshot()["busy"], Value::Null);
        assert!(world.prompts.is_empty());
        world.start(event("usePasskey")).unwrap();
        assert_eq!(world.prompts[0].options, request_options());
        signs_in(world);
    }
    // What was answered before the reload is used up.
    let mut world = asked_for_passkey();
    world.expect("RespondToAuthChallenge", Fault::Silence);
    world.give(&assertion());
    world.answer_all();
    world.reload();
    assert_eq!(world.step(), "passkey");
    world.expect("InitiateAuth", passkey_first());
    world.start(event("usePasskey")).unwrap();
    world.answer_all();
    assert_eq!(world.prompts.len(), 1);
    signs_in(world);
}

#[test]
fn as_a_second_factor_it_has_no_alternatives() {
    for sign_in_with in ["password", "choice"] {
        let mut world = World::scripted_with(json!({ "signInWith": sign_in_with }));
        match sign_in_with {
            "choice" => {
                world.expect("InitiateAuth", password_verifier()).expect(
                    "RespondToAuthChallenge",
                    challenge("WEB_AUTHN", passkey_parameters()),
                );
            }
            _ => {
                world.expect("InitiateAuth", challenge("WEB_AUTHN", passkey_parameters()));
            }
        }
        world.start(sign_in()).unwrap();
        world.answer_all();
        assert_eq!(world.step(), "passkey");
        assert_eq!(world.snapshot()["alternatives"], json!([]));
        assert!(!world.flow.accepts(cognito_flow::EventType::SelectFactor));
        world.refuse("NotAllowedError");
        world.start(event("usePasskey")).unwrap();
        // The session of a second factor stays good.
        let mut world = given(world, throttled_to_the_end());
        world.start(event("usePasskey")).unwrap();
        assert_eq!(world.prompts.len(), 1);
        signs_in(world);
    }
}

#[test]
fn as_a_second_factor_it_has_none_either_where_the_first_was_chosen_among_others() {
    let mut world = choosing(select_challenge());
    world
        .expect("RespondToAuthChallenge", password_verifier())
        .expect(
            "RespondToAuthChallenge",
            challenge("WEB_AUTHN", passkey_parameters()),
        );
    world.start(select_password()).unwrap();
    world.answer_all();
    world.answer_all();
    assert_eq!(world.step(), "passkey");
    assert_eq!(world.snapshot()["alternatives"], json!([]));
    assert!(!world.flow.accepts(cognito_flow::EventType::SelectFactor));
}

fn throttled_to_the_end() -> Fault {
    refused("LimitExceededException", "Slow down.")
}

#[test]
fn a_second_factor_can_follow_a_passkey() {
    let mut world = given(
        asked_for_passkey(),
        challenge("SOFTWARE_TOKEN_MFA", json!({})),
    );
    assert_eq!(world.step(), "mfaCode");
    world
        .expect("RespondToAuthChallenge", tokens(1))
        .expect("GetUser", verified_user());
    assert_eq!(world.send(submit("123456"))["step"], "signedIn");
}

#[test]
fn a_challenge_without_options_is_none_that_can_be_met() {
    for options in [
        Value::Null,
        json!(""),
        json!("[]"),
        json!(7),
        json!("null"),
        json!({}),
    ] {
        let mut world = choosing_world();
        let parameters = json!({ "USERNAME": "u-1", "CREDENTIAL_REQUEST_OPTIONS": options });
        world.expect(
            "InitiateAuth",
            first_factor("WEB_AUTHN", parameters, json!([])),
        );
        let snapshot = world.send(prefer("passkey"));
        assert_eq!(snapshot["step"], "signedOut");
        assert_eq!(snapshot["error"]["code"], "server");
        assert_eq!(snapshot["error"]["server"], "WEB_AUTHN");
    }
}

#[test]
fn the_metadata_of_the_event_goes_with_the_answer() {
    let mut world = choosing_world();
    world.expect("InitiateAuth", passkey_first());
    let mut event = prefer("passkey");
    event["clientMetadata"] = json!({ "shop": "7" });
    world.start(event).unwrap();
    world.answer_all();
    let mut world = signs_in(world);
    for operation in ["InitiateAuth", "RespondToAuthChallenge"] {
        assert_eq!(
            world.body_of(operation)["ClientMetadata"],
            json!({ "shop": "7" })
        );
    }
    world.sent();
}

#[test]
fn what_else_one_can_begin_with_is_said_once() {
    let world = at_passkey();
    let shown = world.flow.snapshot();
    assert_eq!(shown.matches(r#""alternatives":"#).count(), 1, "{shown}");
}
