//! Challenges of the app's own: with and without a password first, round after round.

use cognito_pool::Triggers;
use serde_json::{Value, json};

use crate::support::*;

/// Asks for the double of a number, twice: first of three, then of four. Two wrong answers end it.
struct Doubling;

impl Triggers for Doubling {
    fn call(&mut self, name: &str, event: &Value) -> Result<Option<Value>, String> {
        let mut event = event.clone();
        let request = event["request"].clone();
        let asked = |result| {
            let session = request["session"].as_array();
            let of_ours = session.into_iter().flatten().filter(|round| {
                round["challengeName"] == "CUSTOM_CHALLENGE" && round["challengeResult"] == result
            });
            of_ours.count()
        };
        event["response"] = match name {
            "DefineAuthChallenge" if begins_with_password(&request) => json!({
                "challengeName": "PASSWORD_VERIFIER",
                "issueTokens": false,
                "failAuthentication": false,
            }),
            "DefineAuthChallenge" => json!({
                "challengeName": "CUSTOM_CHALLENGE",
                "issueTokens": asked(true) == 2,
                "failAuthentication": asked(false) == 2,
            }),
            "CreateAuthChallenge" => {
                let number = 3 + asked(true);
                json!({
                    "publicChallengeParameters": { "double": number.to_string() },
                    "privateChallengeParameters": { "answer": (2 * number).to_string() },
                })
            }
            "VerifyAuthChallengeResponse" => {
                if request["challengeAnswer"] == "throw" {
                    return Err("Not like this".into());
                }
                // What the app hands to the functions is an answer, too.
                let by_metadata = request["clientMetadata"]["captcha"] == "solved";
                let right = &request["privateChallengeParameters"]["answer"];
                json!({ "answerCorrect": by_metadata || request["challengeAnswer"] == *right })
            }
            _ => return Ok(None),
        };
        Ok(Some(event))
    }
}

/// Whether the sign-in is to prove a password first, and has not yet.
fn begins_with_password(request: &Value) -> bool {
    let session = request["session"].as_array();
    session.is_some_and(|rounds| rounds.len() == 1 && rounds[0]["challengeName"] == "SRP_A")
}

fn pool_with(settings: Value) -> LocalPool {
    let flows = json!({ "ExplicitAuthFlows": ["ALLOW_CUSTOM_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"] });
    let pool = LocalPool::with(settings, flows);
    pool.set_triggers(Doubling);
    let attributes = json!({ "email": EMAIL, "email_verified": "true" });
    pool.add_user(USER, PASSWORD, attributes, Clock::new().wall);
    pool
}

pub(crate) fn pool() -> LocalPool {
    pool_with(json!({}))
}

fn without_password() -> Value {
    json!({ "type": "signIn", "username": USER })
}

fn asked() -> World {
    let mut world = World::with_options(&pool(), json!({ "signInWith": "custom" }));
    assert_eq!(world.send(without_password())["step"], "customChallenge");
    world
}

#[test]
fn the_public_parameters_are_shown_and_each_round_is_another_form() {
    let mut world = asked();
    assert_eq!(
        world.snapshot(),
        json!({
            "step": "customChallenge", "busy": null, "error": null, "username": USER,
            "parameters": { "double": "3" }, "expiresAt": world.clock.wall + 3.0 * MINUTE,
        })
    );
    let first = world.round();
    assert_eq!(world.send(answer("6"))["parameters"]["double"], "4");
    assert!(world.round() > first);
    assert_eq!(world.send(answer("8"))["step"], "signedIn");
    assert_eq!(
        world.sent(),
        [
            "InitiateAuth CUSTOM_AUTH",
            "RespondToAuthChallenge CUSTOM_CHALLENGE",
            "RespondToAuthChallenge CUSTOM_CHALLENGE",
            "GetUser",
        ]
    );
}

#[test]
fn without_a_password_first_none_is_sent_or_proven() {
    let mut world = World::with_options(&pool(), json!({ "signInWith": "custom" }));
    // One that was typed all the same is of no use.
    world.send(sign_in());
    let body = world.body_of("InitiateAuth");
    assert_eq!(body["AuthFlow"], "CUSTOM_AUTH");
    assert_eq!(body["AuthParameters"], json!({ "USERNAME": USER }));
}

#[test]
fn a_password_that_is_not_used_is_not_held() {
    let mut world = World::scripted_with(json!({ "signInWith": "custom" }));
    let words = "User is not confirmed.";
    world.expect("InitiateAuth", refused("UserNotConfirmedException", words));
    assert_eq!(world.send(sign_in())["step"], "confirmSignUp");
    assert_eq!(
        world.flow.deadline(),
        None,
        "there is nothing to be forgotten"
    );
}

#[test]
fn with_srp_first_the_password_is_proven_before_anything_is_asked() {
    let options = json!({ "signInWith": "customAfterSrp" });
    let mut world = World::with_options(&pool(), options.clone());
    assert_eq!(world.send(sign_in())["parameters"]["double"], "3");
    let parameters = world.body_of("InitiateAuth")["AuthParameters"].clone();
    assert_eq!(parameters["CHALLENGE_NAME"], "SRP_A");
    assert!(parameters["SRP_A"].is_string());
    world.send(answer("6"));
    assert_eq!(world.send(answer("8"))["step"], "signedIn");
    assert_eq!(
        world.sent(),
        [
            "InitiateAuth CUSTOM_AUTH",
            "RespondToAuthChallenge PASSWORD_VERIFIER",
            "RespondToAuthChallenge CUSTOM_CHALLENGE",
            "RespondToAuthChallenge CUSTOM_CHALLENGE",
            "GetUser",
        ]
    );

    let mut world = World::with_options(&pool(), options);
    let wrong = json!({ "type": "signIn", "username": USER, "password": OTHER_PASSWORD });
    assert_eq!(world.send(wrong)["step"], "signedOut");
    assert_eq!(world.error(), "wrongCredentials");
    let refused = world.start(without_password()).unwrap_err();
    assert_eq!(refused.code.as_str(), "malformed");
}

#[test]
fn the_answer_goes_to_the_pools_user_with_its_session_and_metadata() {
    let options = json!({ "signInWith": "custom", "clientMetadata": { "app": "9" } });
    let mut world = World::scripted_with(options);
    world
        .expect("InitiateAuth", custom_challenge())
        .expect("RespondToAuthChallenge", custom_challenge())
        .expect("RespondToAuthChallenge", tokens(1))
        .expect("GetUser", verified_user());
    world.send(without_password());
    for metadata in [json!({ "app": "9" }), json!({ "app": "10", "more": "x" })] {
        let mut event = answer(" 12 ");
        event["clientMetadata"] = metadata.clone();
        world.send(event);
        assert_eq!(
            world.body_of("RespondToAuthChallenge"),
            json!({
                "ChallengeName": "CUSTOM_CHALLENGE", "Session": SESSION,
                "ChallengeResponses": { "USERNAME": "u-1", "ANSWER": " 12 " },
                "ClientId": "scripted0client", "ClientMetadata": metadata,
            })
        );
    }
    assert_eq!(world.step(), "signedIn");
}

#[test]
fn what_the_app_hands_over_reaches_the_pools_functions_with_every_answer() {
    let options = json!({ "signInWith": "custom", "clientMetadata": { "captcha": "solved" } });
    let mut world = World::with_options(&pool(), options);
    world.send(without_password());
    world.send(answer("x"));
    assert_eq!(world.send(answer("x"))["step"], "signedIn");
}

#[test]
fn a_wrong_answer_is_asked_anew_until_the_pool_has_had_enough() {
    let mut world = asked();
    let first = world.round();
    let snapshot = world.send(answer("5"));
    assert_eq!(snapshot["step"], "customChallenge");
    assert_eq!(snapshot["parameters"]["double"], "3");
    assert!(world.round() > first, "the field is emptied");
    let snapshot = world.send(answer("5"));
    assert_eq!(snapshot["step"], "signedOut");
    assert_eq!(snapshot["username"], USER);
    assert_eq!(world.error(), "wrongCredentials");
}

#[test]
fn what_a_function_of_the_pool_refuses_is_said_and_can_be_answered_again() {
    let mut world = asked();
    let round = world.round();
    let snapshot = world.send(answer("throw"));
    assert_eq!(snapshot["step"], "customChallenge");
    assert_eq!(snapshot["error"]["code"], "invalidParameter");
    assert_eq!(snapshot["error"]["message"], "Not like this");
    assert_eq!(world.round(), round);
    world.send(answer("6"));
    assert_eq!(world.send(answer("8"))["step"], "signedIn");
}

#[test]
fn a_second_factor_may_follow_and_come_before() {
    let mut world = World::scripted();
    world
        .expect("InitiateAuth", sms_challenge())
        .expect("RespondToAuthChallenge", custom_challenge())
        .expect("RespondToAuthChallenge", new_password_challenge())
        .expect("RespondToAuthChallenge", custom_challenge())
        .expect("RespondToAuthChallenge", sms_challenge())
        .expect("RespondToAuthChallenge", tokens(1))
        .expect("GetUser", verified_user());
    world.send(sign_in());
    assert_eq!(world.send(submit("123456"))["step"], "customChallenge");
    assert_eq!(world.send(answer("12"))["step"], "newPassword");
    let event = json!({ "type": "setNewPassword", "password": OTHER_PASSWORD });
    assert_eq!(world.send(event)["step"], "customChallenge");
    assert_eq!(world.send(answer("12"))["step"], "mfaCode");
    assert_eq!(world.send(submit("123456"))["step"], "signedIn");
}

#[test]
fn who_has_just_signed_up_is_asked_at_once() {
    let pool = pool();
    let mut world = World::with_options(&pool, json!({ "signInWith": "custom" }));
    let mut event = sign_up(json!({ "email": "bob@example.com" }));
    event["username"] = json!(OTHER);
    world.send(event);
    assert_eq!(world.send(confirm(&pool.code()))["step"], "customChallenge");
    world.send(answer("6"));
    assert_eq!(world.send(answer("8"))["step"], "signedIn");
}

#[test]
fn after_a_reload_the_same_is_asked_and_can_be_answered() {
    let mut world = asked();
    let before = world.snapshot();
    world.reload();
    assert_eq!(world.snapshot(), before);
    world.send(answer("6"));
    world.reload();
    assert_eq!(world.send(answer("8"))["step"], "signedIn");
}

#[test]
fn when_its_time_is_over_the_person_begins_again() {
    let mut world = asked();
    world.pass(3.0 * MINUTE);
    assert_eq!(world.step(), "signedOut");
    assert_eq!(world.error(), "challengeExpired");
    assert_eq!(world.snapshot()["username"], USER);

    let mut world = asked();
    world.sent();
    world.clock.pass(3.0 * MINUTE);
    world.send(answer("6"));
    assert_eq!(world.error(), "challengeExpired");
    assert!(world.sent().is_empty(), "a late answer is not sent");
}

#[test]
fn an_answer_that_may_have_arrived_is_not_repeated() {
    for fault in [Fault::AnswerLost, Fault::Silence] {
        let mut world = asked();
        world.sent();
        world.expect("RespondToAuthChallenge", fault);
        assert_eq!(world.send(answer("6"))["step"], "signedOut");
        assert_eq!(world.error(), "outcomeUnknown");
        assert_eq!(world.sent().len(), 1);
    }
}

#[test]
fn the_opening_is_asked_again_when_its_answer_was_lost() {
    let mut world = World::with_options(&pool(), json!({ "signInWith": "custom" }));
    world
        .expect("InitiateAuth", Fault::AnswerLost)
        .expect("InitiateAuth", unreadable(502));
    assert_eq!(world.send(without_password())["step"], "customChallenge");
    assert_eq!(world.sent().len(), 3);
}

#[test]
fn it_can_be_left_at_each_point_and_the_name_stays() {
    let mut world = World::with_options(&pool(), json!({ "signInWith": "custom" }));
    world.start(without_password()).unwrap();
    world.start(event("cancel")).unwrap();
    assert_eq!(world.snapshot()["username"], USER, "while it begins");
    world.run();
    assert_eq!(world.step(), "signedOut");

    let mut world = asked();
    assert_eq!(world.send(event("cancel"))["username"], USER);

    let mut world = asked();
    world.start(answer("6")).unwrap();
    world.start(event("cancel")).unwrap();
    assert_eq!(world.step(), "signedOut");
    assert_eq!(world.snapshot()["username"], USER, "while it is answered");
}

#[test]
fn somebody_unknown_is_not_told_from_a_wrong_answer() {
    let mut world = World::with_options(&pool(), json!({ "signInWith": "custom" }));
    world.send(json!({ "type": "signIn", "username": "nobody" }));
    assert_eq!(
        (world.step().as_str(), world.error().as_str()),
        ("signedOut", "wrongCredentials")
    );
}

#[test]
fn what_is_the_machines_or_no_text_is_no_parameter() {
    let mut world = World::scripted();
    world.expect(
        "InitiateAuth",
        challenge(
            "CUSTOM_CHALLENGE",
            json!({ "USERNAME": "u-1", "USER_ID_FOR_SRP": "u-1", "DEVICE_KEY": DEVICE_KEY,
                "question": "7 + 5?", "number": 7, "list": ["x"], "none": null }),
        ),
    );
    let snapshot = world.send(sign_in());
    assert_eq!(snapshot["parameters"], json!({ "question": "7 + 5?" }));
}

#[test]
fn who_signs_in_in_another_tab_does_not_disturb_the_answer() {
    let mut world = World::scripted();
    let mut other = world.new_tab();
    world
        .expect("InitiateAuth", custom_challenge())
        .expect("RespondToAuthChallenge", tokens(1))
        .expect("GetUser", alices_attributes());
    world.send(sign_in());
    other.sign_in_as(OTHER, tokens(5), other_user());
    world.notice_storage();
    assert_eq!(world.step(), "customChallenge");
    assert_eq!(world.send(answer("12"))["username"], USER);
    other.notice_storage();
    assert_eq!(other.snapshot()["username"], USER);
}

/// What the pool will not look at now is not judged: the same challenge can be answered later. A pool
/// that has ended it all the same says so then, and the person begins anew.
#[test]
fn too_many_tries_leave_the_challenge_as_it_is() {
    let scripted = json!({ "signInWith": "custom" });
    for name in ["LimitExceededException", "TooManyFailedAttemptsException"] {
        let mut world = World::scripted_with(scripted.clone());
        world
            .expect("InitiateAuth", custom_challenge())
            .expect("RespondToAuthChallenge", refused(name, "Too many"))
            .expect("RespondToAuthChallenge", tokens(1))
            .expect("GetUser", verified_user());
        world.send(without_password());
        let round = world.round();
        assert_eq!(world.send(answer("12"))["step"], "customChallenge");
        assert_eq!(
            (world.error(), world.round()),
            ("attemptLimit".into(), round)
        );
        assert_eq!(world.send(answer("12"))["step"], "signedIn", "{name}");
    }

    let mut world = World::scripted_with(scripted);
    let spent = "Invalid session for the user.";
    world
        .expect("InitiateAuth", custom_challenge())
        .expect(
            "RespondToAuthChallenge",
            refused("LimitExceededException", "Too many"),
        )
        .expect(
            "RespondToAuthChallenge",
            refused("NotAuthorizedException", spent),
        );
    world.send(without_password());
    world.send(answer("12"));
    assert_eq!(world.send(answer("12"))["step"], "signedOut");
    assert_eq!(world.error(), "challengeSpent");
}
