//! `USER_AUTH`: the person chooses with what to begin, and how to go on.

use cognito_flow::EventType;
use serde_json::{Value, json};

use crate::support::*;

const BY_CHOICE: &str = "InitiateAuth USER_AUTH";
const PROVE: &str = "RespondToAuthChallenge PASSWORD_VERIFIER";
const SELECT: &str = "RespondToAuthChallenge SELECT_CHALLENGE";

/// A pool where people begin with these, and alice, who has them all.
fn pool_with(factors: Value) -> LocalPool {
    let pool = LocalPool::with(
        json!({ "Policies": { "SignInPolicy": { "AllowedFirstAuthFactors": factors } } }),
        json!({ "ExplicitAuthFlows": ["ALLOW_USER_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"] }),
    );
    let attributes = json!({
        "phone_number": PHONE, "phone_number_verified": "true",
        "email": EMAIL, "email_verified": "true",
    });
    pool.add_user(USER, PASSWORD, attributes, Clock::new().wall);
    pool
}

fn pool() -> LocalPool {
    pool_with(json!(["PASSWORD", "EMAIL_OTP", "SMS_OTP"]))
}

fn at(pool: &LocalPool) -> World {
    World::with_options(pool, json!({ "signInWith": "choice" }))
}

fn at_sms_code(pool: &LocalPool) -> World {
    let mut world = at(pool);
    world.send(begin());
    assert_eq!(world.send(select("sms"))["step"], "signInCode");
    world
}

fn scripted() -> World {
    World::scripted_with(json!({ "signInWith": "choice" }))
}

fn parameters(world: &World) -> Value {
    world.body_of("InitiateAuth")["AuthParameters"].clone()
}

fn responses(world: &World) -> Value {
    world.body_of("RespondToAuthChallenge")["ChallengeResponses"].clone()
}

#[test]
fn with_a_password_its_proof_goes_along_at_once() {
    let mut world = at(&pool());
    assert_eq!(world.send(sign_in())["step"], "signedIn");
    let sent = parameters(&world);
    assert_eq!(sent["PREFERRED_CHALLENGE"], "PASSWORD_SRP");
    assert!(sent["SRP_A"].is_string());
    assert_eq!(sent["PASSWORD"], Value::Null);
    assert_eq!(world.sent(), [BY_CHOICE, PROVE, "GetUser"]);
}

#[test]
fn a_wrong_password_leads_back_to_the_form_with_the_name_kept() {
    let mut world = at(&pool());
    let event = json!({ "type": "signIn", "username": USER, "password": OTHER_PASSWORD });
    let snapshot = world.send(event);
    assert_eq!(snapshot["step"], "signedOut");
    assert_eq!(snapshot["username"], USER);
    assert_eq!(world.error(), "wrongCredentials");
}

#[test]
fn with_a_name_alone_the_person_chooses_in_the_pools_order() {
    let mut world = at(&pool());
    let snapshot = world.send(begin());
    let expires = world.clock.wall + 3.0 * MINUTE;
    assert_eq!(
        snapshot,
        json!({
            "step": "selectFactor", "busy": null, "error": null, "username": USER,
            "of": "firstFactor", "choices": ["password", "email", "sms"], "expiresAt": expires,
        })
    );
    assert_eq!(parameters(&world), json!({ "USERNAME": USER }));
}

#[test]
fn each_code_can_be_chosen_and_signs_in() {
    for (choice, medium, name) in [("sms", "sms", "SMS_OTP"), ("email", "email", "EMAIL_OTP")] {
        let pool = pool();
        let mut world = at(&pool);
        world.send(begin());
        let snapshot = world.send(select(choice));
        assert_eq!(snapshot["step"], "signInCode");
        assert_eq!(snapshot["medium"], medium);
        assert_eq!(snapshot["delivery"]["medium"], medium);
        let others = match choice {
            "sms" => ["password", "email"],
            _ => ["password", "sms"],
        };
        assert_eq!(snapshot["alternatives"], json!(others));
        assert_eq!(snapshot["canResend"], true);
        assert_eq!(responses(&world)["ANSWER"], name);
        assert_eq!(world.send(submit(&pool.code()))["step"], "signedIn");
        let answered = format!("RespondToAuthChallenge {name}");
        assert_eq!(world.sent(), [BY_CHOICE, SELECT, &answered, "GetUser"]);
    }
}

#[test]
fn what_is_preferred_is_asked_for_first() {
    for (choice, name) in [("sms", "SMS_OTP"), ("email", "EMAIL_OTP")] {
        let pool = pool();
        let mut world = at(&pool);
        assert_eq!(world.send(prefer(choice))["step"], "signInCode");
        assert_eq!(parameters(&world)["PREFERRED_CHALLENGE"], name);
        assert_eq!(world.send(submit(&pool.code()))["step"], "signedIn");
    }
}

#[test]
fn what_is_preferred_and_not_to_be_had_leads_to_a_choice() {
    let mut world = at(&pool_with(json!(["PASSWORD", "EMAIL_OTP"])));
    let snapshot = world.send(prefer("sms"));
    assert_eq!(snapshot["step"], "selectFactor");
    assert_eq!(snapshot["choices"], json!(["password", "email"]));
}

#[test]
fn the_password_is_asked_for_where_it_is_preferred() {
    let mut world = at(&pool());
    let snapshot = world.send(prefer("password"));
    assert_eq!(snapshot["step"], "password");
    assert_eq!(world.send(give_password(PASSWORD))["step"], "signedIn");
    assert_eq!(
        world.sent(),
        [
            BY_CHOICE,
            "RespondToAuthChallenge PASSWORD_SRP",
            PROVE,
            "GetUser"
        ]
    );
}

#[test]
fn a_pool_that_wants_to_be_told_of_the_password_only_with_it_is_asked_for_a_choice() {
    let mut world = scripted();
    world
        .expect(
            "InitiateAuth",
            refused(
                "InvalidParameterException",
                "Missing required parameter SRP_A",
            ),
        )
        .expect("InitiateAuth", select_challenge());
    let snapshot = world.send(prefer("password"));
    assert_eq!(snapshot["step"], "password");
    assert_eq!(snapshot["alternatives"], json!(["email", "sms"]));
    assert_eq!(parameters(&world), json!({ "USERNAME": USER }));
    world
        .expect("RespondToAuthChallenge", password_verifier())
        .expect("RespondToAuthChallenge", tokens(1))
        .expect("GetUser", verified_user());
    world.sent();
    assert_eq!(world.send(give_password(PASSWORD))["step"], "signedIn");
    assert_eq!(world.sent(), [SELECT, PROVE, "GetUser"]);
    // Once is enough.
    let mut world = scripted();
    for _ in 0..2 {
        let no = refused("InvalidParameterException", "No.");
        world.expect("InitiateAuth", no);
    }
    world.send(prefer("password"));
    assert_eq!(world.error(), "invalidParameter");
}

#[test]
fn a_password_that_comes_with_another_choice_is_left_alone() {
    let mut world = choosing(sms_first());
    world.expect("InitiateAuth", email_first());
    let mut event = select("email");
    event["password"] = PASSWORD.into();
    assert_eq!(world.send(event)["step"], "signInCode");
    assert_eq!(
        parameters(&world),
        json!({ "USERNAME": USER, "PREFERRED_CHALLENGE": "EMAIL_OTP" })
    );
    assert_eq!(world.sent(), [BY_CHOICE]);
}

#[test]
fn the_password_chosen_is_asked_for_without_a_request_and_answers_the_choice() {
    let mut world = at(&pool());
    let before = world.send(begin());
    world.sent();
    let snapshot = world.send(select("password"));
    assert_eq!(snapshot["step"], "password");
    assert_eq!(snapshot["alternatives"], json!(["email", "sms"]));
    assert_eq!(snapshot["expiresAt"], before["expiresAt"]);
    assert!(world.sent().is_empty());
    assert_eq!(world.send(give_password(PASSWORD))["step"], "signedIn");
    assert_eq!(world.sent(), [SELECT, PROVE, "GetUser"]);
}

#[test]
fn the_password_chosen_and_given_is_proven_at_once() {
    let mut world = at(&pool());
    world.send(begin());
    world.sent();
    assert_eq!(world.send(select_password())["step"], "signedIn");
    assert_eq!(world.sent(), [SELECT, PROVE, "GetUser"]);
}

#[test]
fn the_session_of_a_proof_goes_with_it_and_answers_carry_the_pools_user_id() {
    let mut world = choosing(select_challenge());
    world
        .expect("RespondToAuthChallenge", password_verifier())
        .expect("RespondToAuthChallenge", tokens(1))
        .expect("GetUser", verified_user());
    world.start(select_password()).unwrap();
    let chosen = world.body_of("RespondToAuthChallenge");
    assert_eq!(chosen["ChallengeResponses"]["USERNAME"], "u-1");
    assert_eq!(chosen["ChallengeResponses"]["ANSWER"], "PASSWORD_SRP");
    assert_eq!(chosen["Session"], SESSION);
    world.run();
    let proof = world.body_of("RespondToAuthChallenge");
    assert_eq!(proof["ChallengeName"], "PASSWORD_VERIFIER");
    assert_eq!(proof["Session"], SESSION);
    assert_eq!(proof["ChallengeResponses"]["USERNAME"], "u-1");
}

#[test]
fn a_pool_that_takes_the_password_alone_gets_it_without_asking_again() {
    let only = || json!(["PASSWORD", "EMAIL_OTP"]);
    for challenge in ["SELECT_CHALLENGE", "PASSWORD"] {
        let mut world = scripted();
        world
            .expect("InitiateAuth", first_factor(challenge, json!({}), only()))
            .expect("RespondToAuthChallenge", tokens(1))
            .expect("GetUser", verified_user());
        assert_eq!(world.send(sign_in())["step"], "signedIn");
        assert_eq!(responses(&world)["PASSWORD"], PASSWORD);
        let answer = &responses(&world)["ANSWER"];
        assert_eq!(answer == "PASSWORD", challenge == "SELECT_CHALLENGE");
        // The same from a choice, and where the password is asked for.
        for first in [challenge, "SELECT_CHALLENGE"] {
            let mut world = choosing(first_factor(first, json!({}), only()));
            world
                .expect("RespondToAuthChallenge", tokens(1))
                .expect("GetUser", verified_user());
            let event = match world.step().as_str() {
                "password" => give_password(PASSWORD),
                _ => select_password(),
            };
            assert_eq!(world.send(event)["step"], "signedIn");
            assert_eq!(responses(&world)["PASSWORD"], PASSWORD);
        }
    }
}

#[test]
fn the_password_is_never_sent_where_it_can_be_proven() {
    let mut world = choosing(first_factor("PASSWORD", json!({}), all_factors()));
    assert_eq!(world.step(), "password");
    world
        .expect("InitiateAuth", password_verifier())
        .expect("RespondToAuthChallenge", tokens(1))
        .expect("GetUser", verified_user());
    assert_eq!(world.send(give_password(PASSWORD))["step"], "signedIn");
    assert_eq!(parameters(&world)["PREFERRED_CHALLENGE"], "PASSWORD_SRP");
    assert_eq!(world.sent(), [BY_CHOICE, PROVE, "GetUser"]);
}

#[test]
fn a_user_without_a_password_who_gives_one_is_given_the_choice() {
    let mut world = scripted();
    let codes = json!(["EMAIL_OTP", "SMS_OTP"]);
    world.expect(
        "InitiateAuth",
        first_factor("SELECT_CHALLENGE", json!({}), codes),
    );
    let snapshot = world.send(sign_in());
    assert_eq!(snapshot["step"], "selectFactor");
    assert_eq!(snapshot["choices"], json!(["email", "sms"]));
}

#[test]
fn a_wrong_password_stays_where_it_is_asked_for_and_the_right_one_signs_in() {
    let ways: [fn(&mut World); 2] = [
        |world| drop(world.send(prefer("password"))),
        |world| {
            world.send(begin());
            world.send(select("password"));
        },
    ];
    for way in ways {
        let mut world = at(&pool());
        way(&mut world);
        let expires = world.snapshot()["expiresAt"].clone();
        let round = world.round();
        for _ in 0..2 {
            let snapshot = world.send(give_password(OTHER_PASSWORD));
            assert_eq!(snapshot["step"], "password");
            assert_eq!(world.error(), "wrongCredentials");
            assert_eq!(snapshot["expiresAt"], expires, "it wins no time");
            assert_eq!(world.round(), round, "it is the same form");
        }
        world.reload();
        assert_eq!(world.step(), "password");
        assert_eq!(world.send(give_password(PASSWORD))["step"], "signedIn");
    }
}

#[test]
fn a_wrong_password_chosen_leaves_the_choice() {
    let pool = pool();
    let mut world = at(&pool);
    world.send(begin());
    let event = json!({ "type": "selectFactor", "choice": "password", "password": OTHER_PASSWORD });
    assert_eq!(world.send(event)["step"], "selectFactor");
    assert_eq!(world.error(), "wrongCredentials");
    world.sent();
    assert_eq!(world.send(select("email"))["step"], "signInCode");
    assert_eq!(world.sent(), [SELECT]);
    assert_eq!(world.send(submit(&pool.code()))["step"], "signedIn");
}

#[test]
fn too_many_wrong_passwords_use_up_the_session() {
    for choose in [prefer("password"), begin()] {
        let mut world = at(&pool());
        if world.send(choose)["step"] == "selectFactor" {
            world.send(select("password"));
        }
        for _ in 0..20 {
            if world.step() == "password" {
                world.send(give_password(OTHER_PASSWORD));
            }
        }
        assert_eq!(world.step(), "signedOut");
        assert_eq!(world.error(), "challengeSpent");
        assert_eq!(world.snapshot()["username"], USER);
    }
}

#[test]
fn blanks_around_a_wrong_password_are_pointed_out() {
    let mut world = choosing(password_challenge());
    world.expect("RespondToAuthChallenge", wrong_credentials());
    let snapshot = world.send(give_password(" Correct-Horse-9"));
    let message = snapshot["error"]["message"].as_str().unwrap();
    assert!(message.contains("blank"), "{message}");
}

#[test]
fn another_way_begins_anew_and_the_old_one_stays_until_it_is_there() {
    let pool = pool();
    let mut world = at_sms_code(&pool);
    let first = pool.code();
    let before = world.snapshot();
    world.sent();
    world
        .start(json!({ "type": "selectFactor", "choice": "email" }))
        .unwrap();
    assert_eq!(parameters(&world)["PREFERRED_CHALLENGE"], "EMAIL_OTP");
    let meanwhile = world.snapshot();
    assert_eq!(meanwhile["busy"], "selectFactor");
    assert_eq!(meanwhile["medium"], before["medium"]);
    world.run();
    assert_eq!(world.snapshot()["medium"], "email");
    assert_eq!(world.sent(), [BY_CHOICE]);
    assert_ne!(pool.code(), first);
    assert_eq!(world.send(submit(&pool.code()))["step"], "signedIn");
}

#[test]
fn when_another_way_fails_the_old_one_still_works() {
    for fault in [
        Fault::NotSent,
        Fault::Lost,
        throttled(),
        unreadable(502),
        refused("LimitExceededException", "Limit"),
        refused("CodeDeliveryFailureException", "No."),
    ] {
        let pool = pool();
        let mut world = at_sms_code(&pool);
        world.expect("InitiateAuth", fault);
        for _ in 0..2 {
            world.expect("InitiateAuth", throttled());
        }
        let round = world.round();
        let snapshot = world.send(select("email"));
        assert_ne!(snapshot["error"], Value::Null);
        assert_eq!(snapshot["medium"], "sms");
        assert_eq!(world.round(), round);
        assert_eq!(world.send(submit(&pool.code()))["step"], "signedIn");
    }
}

#[test]
fn the_password_is_another_way_too() {
    let mut world = at_sms_code(&pool());
    world.sent();
    let wrong = json!({ "type": "selectFactor", "choice": "password", "password": OTHER_PASSWORD });
    let snapshot = world.send(wrong);
    assert_eq!(snapshot["step"], "signInCode", "the code is still good");
    assert_eq!(world.error(), "wrongCredentials");
    assert_eq!(world.send(select("password"))["step"], "password");
    assert_eq!(world.send(give_password(PASSWORD))["step"], "signedIn");
    let mut world = at_sms_code(&pool());
    assert_eq!(world.send(select_password())["step"], "signedIn");
}

#[test]
fn a_choice_that_is_not_offered_is_misuse() {
    for (world, choice) in [
        (choosing(select_challenge()), "totp"),
        (choosing(select_challenge()), "passkey"),
        (choosing(sms_first()), "sms"),
        (choosing(password_challenge()), "password"),
    ] {
        let mut world = world;
        let before = world.snapshot();
        let error = world.start(select(choice)).unwrap_err();
        assert_eq!(error.code.as_str(), "malformed");
        assert_eq!(world.snapshot(), before);
        assert!(world.sent().is_empty());
    }
    let mut alone = choosing(first_factor("SMS_OTP", json!({}), json!(["SMS_OTP"])));
    let error = alone.start(select("email")).unwrap_err();
    assert_eq!(error.code.as_str(), "notAccepted");
}

#[test]
fn another_code_waits_for_the_cool_down_and_comes_by_beginning_anew() {
    let pool = pool();
    let mut world = at(&pool);
    let snapshot = world.send(prefer("email"));
    assert_eq!(
        snapshot["resendAt"],
        json!(world.clock.wall + 30.0 * SECOND)
    );
    let error = world.start(event("resendCode")).unwrap_err();
    assert_eq!(error.retry_at, Some(world.clock.wall + 30.0 * SECOND));
    world.pass(30.0 * SECOND);
    assert_eq!(world.snapshot()["resendAt"], Value::Null);
    let first = pool.code();
    world.sent();
    let snapshot = world.send(event("resendCode"));
    assert_eq!(parameters(&world)["PREFERRED_CHALLENGE"], "EMAIL_OTP");
    assert_eq!(world.sent(), [BY_CHOICE]);
    assert_eq!(
        snapshot["expiresAt"],
        json!(world.clock.wall + 3.0 * MINUTE)
    );
    assert_ne!(pool.code(), first);
    assert_eq!(world.send(submit(&pool.code()))["step"], "signedIn");
}

#[test]
fn when_another_code_cannot_be_had_the_first_one_still_works() {
    for fault in [Fault::NotSent, Fault::Lost, throttled(), unreadable(502)] {
        let pool = pool();
        let mut world = at(&pool);
        world.send(prefer("email"));
        world.pass(30.0 * SECOND);
        world.expect("InitiateAuth", fault);
        for _ in 0..2 {
            world.expect("InitiateAuth", throttled());
        }
        let before = world.snapshot()["expiresAt"].clone();
        let after = world.send(event("resendCode"));
        assert_ne!(after["error"], Value::Null);
        assert_eq!(after["expiresAt"], before);
        assert_eq!(world.send(submit(&pool.code()))["step"], "signedIn");
    }
}

#[test]
fn wrong_codes_stay_until_the_session_is_used_up() {
    let pool = pool();
    let mut world = at(&pool);
    world.send(prefer("sms"));
    let round = world.round();
    world.send(submit(&other_code(&pool.code())));
    assert_eq!(world.step(), "signInCode");
    assert_eq!(world.error(), "codeMismatch");
    assert_eq!(world.round(), round);
    for _ in 0..20 {
        if world.step() == "signInCode" {
            world.send(submit(&other_code(&pool.code())));
        }
    }
    assert_eq!(world.step(), "signedOut");
    assert_eq!(world.error(), "challengeSpent");
    assert_eq!(world.snapshot()["username"], USER);
}

#[test]
fn a_code_by_email_after_the_password_is_the_second_factor() {
    let email = || {
        challenge(
            "EMAIL_OTP",
            json!({ "CODE_DELIVERY_DELIVERY_MEDIUM": "EMAIL", "CODE_DELIVERY_DESTINATION": "a***" }),
        )
    };
    let mut world = scripted();
    world
        .expect("InitiateAuth", password_verifier())
        .expect("RespondToAuthChallenge", email());
    assert_eq!(world.send(sign_in())["step"], "mfaCode");
    // Where the password is still held, another code can be had.
    world.pass(30.0 * SECOND);
    world
        .expect("InitiateAuth", password_verifier())
        .expect("RespondToAuthChallenge", email());
    assert_eq!(world.send(event("resendCode"))["step"], "mfaCode");
    // The same where the password was chosen, proven or sent, or was another way.
    let mut world = choosing(select_challenge());
    world
        .expect("RespondToAuthChallenge", password_verifier())
        .expect("RespondToAuthChallenge", email());
    assert_eq!(world.send(select_password())["step"], "mfaCode");
    let only = json!(["PASSWORD", "EMAIL_OTP"]);
    let mut world = choosing(first_factor("SELECT_CHALLENGE", json!({}), only));
    world.expect("RespondToAuthChallenge", email());
    assert_eq!(world.send(select_password())["step"], "mfaCode");
    let mut world = choosing(sms_first());
    world
        .expect("InitiateAuth", password_verifier())
        .expect("RespondToAuthChallenge", email());
    assert_eq!(world.send(select_password())["step"], "mfaCode");
    // After a code, too.
    let mut world = choosing(sms_first());
    world.expect("RespondToAuthChallenge", email());
    let snapshot = world.send(submit("123456"));
    assert_eq!(snapshot["step"], "mfaCode");
    assert_eq!(snapshot["canResend"], false, "there is no password");
}

#[test]
fn each_step_ends_with_its_time_and_after_a_reload_too() {
    for first in [select_challenge, password_challenge, sms_first, email_first] {
        let mut world = choosing(first());
        let step = world.step();
        world.pass(3.0 * MINUTE - 1.0);
        assert_eq!(world.step(), step);
        world.pass(1.0);
        assert_eq!(world.step(), "signedOut", "{step}");
        assert_eq!(world.error(), "challengeExpired");
        assert_eq!(world.snapshot()["username"], USER);
        assert_eq!(world.pending, None);
        let mut world = choosing(first());
        world.clock.wall += 3.0 * MINUTE;
        world.reload();
        assert_eq!(world.error(), "challengeExpired", "{step}");
    }
}

#[test]
fn a_session_that_is_over_at_the_pool_first_is_expired_too() {
    for (first, event) in [
        (prefer("sms"), submit("123456")),
        (prefer("password"), give_password(PASSWORD)),
        (begin(), select("email")),
        (begin(), select_password()),
    ] {
        let options = json!({ "signInWith": "choice", "sessionSeconds": 900 });
        let mut world = World::with_options(&pool(), options);
        world.send(first);
        world.pass(4.0 * MINUTE);
        world.send(event.clone());
        assert_eq!(world.step(), "signedOut", "{event}");
        assert_eq!(world.error(), "challengeExpired");
    }
}

#[test]
fn each_step_goes_on_after_a_reload() {
    let pool = pool();
    let mut world = at(&pool);
    world.send(begin());
    world.reload();
    assert_eq!(world.send(select("sms"))["step"], "signInCode");
    world.reload();
    assert_eq!(world.snapshot()["canResend"], true);
    assert_eq!(world.send(select("password"))["step"], "password");
    world.reload();
    assert_eq!(world.send(give_password(PASSWORD))["step"], "signedIn");
    let mut world = at(&pool);
    world.send(prefer("email"));
    world.reload();
    assert_eq!(world.send(submit(&pool.code()))["step"], "signedIn");
}

#[test]
fn a_record_that_is_not_whole_is_none() {
    for (first, member, value) in [
        (select_challenge as fn() -> Fault, "of", json!("everything")),
        (select_challenge, "available", json!([])),
        (select_challenge, "available", json!("PASSWORD")),
        (select_challenge, "available", json!(["constructor"])),
        (select_challenge, "session", json!("")),
        (password_challenge, "challenge", json!("SMS_MFA")),
        (password_challenge, "challenge", Value::Null),
        (sms_first, "medium", json!("totp")),
        (sms_first, "session", Value::Null),
        (sms_first, "first", json!("yes")),
        (sms_first, "expiresAt", Value::Null),
    ] {
        let mut world = choosing(first());
        let mut record: Value = serde_json::from_str(world.pending.as_ref().unwrap()).unwrap();
        record[member] = value;
        world.pending = Some(record.to_string());
        world.reload();
        assert_eq!(world.step(), "signedOut", "{member}");
        assert_eq!(world.pending, None, "{member}");
    }
}

#[test]
fn what_has_a_code_sent_is_never_repeated_and_what_does_not_is() {
    for (event, tries) in [
        (begin(), 3),
        (sign_in(), 3),
        (prefer("password"), 3),
        (prefer("sms"), 1),
        (prefer("email"), 1),
    ] {
        let mut world = scripted();
        for _ in 0..tries {
            world.expect("InitiateAuth", Fault::Lost);
        }
        world.send(event.clone());
        assert_eq!(world.sent().len(), tries, "{event}");
        let code = if tries == 1 {
            "outcomeUnknown"
        } else {
            "offline"
        };
        assert_eq!(world.error(), code, "{event}");
        assert_eq!(world.snapshot()["username"], USER);
    }
}

#[test]
fn a_lost_answer_to_what_uses_a_session_up_is_not_known() {
    for (first, event, step) in [
        (
            select_challenge as fn() -> Fault,
            select("email"),
            "signedOut",
        ),
        (sms_first, submit("123456"), "signedOut"),
        // The password can be given again.
        (select_challenge, select_password(), "selectFactor"),
        (password_challenge, give_password(PASSWORD), "password"),
    ] {
        let mut world = choosing(first());
        world.expect("RespondToAuthChallenge", Fault::Lost);
        world.send(event.clone());
        assert_eq!(world.sent().len(), 1);
        assert_eq!(world.error(), "outcomeUnknown", "{event}");
        assert_eq!(world.step(), step, "{event}");
        assert_eq!(world.snapshot()["username"], USER);
    }
}

#[test]
fn each_step_can_be_left_also_while_it_is_busy() {
    for (first, event) in [
        (select_challenge as fn() -> Fault, select("email")),
        (select_challenge, select_password()),
        (password_challenge, give_password(PASSWORD)),
        (sms_first, submit("123456")),
        (sms_first, select("email")),
    ] {
        let mut world = choosing(first());
        world.start(event).unwrap();
        let id = world.network.under_way[0].id;
        let left = world.send(json!({ "type": "cancel" }));
        assert_eq!(left["step"], "signedOut");
        assert_eq!(left["username"], USER);
        assert_eq!(world.pending, None);
        world.answer_late(id, json!({ "AuthenticationResult": token_set(1) }));
        assert_eq!(world.snapshot(), left, "a late answer is nobody's");
    }
    let mut world = scripted();
    world.start(begin()).unwrap();
    assert_eq!(world.send(event("cancel"))["username"], USER);
}

#[test]
fn what_no_honest_pool_offers_is_passed_over() {
    let many: Vec<_> = (0..10_000).map(|number| format!("WAY_{number}")).collect();
    let twice: Vec<_> = ["PASSWORD", "PASSWORD_SRP", "SMS_OTP"].repeat(3_000);
    for (available, choices) in [
        (
            json!(["PASSWORD", "constructor", "__proto__"]),
            json!(["password"]),
        ),
        (json!(twice), json!(["password", "sms"])),
        (
            json!(["password", "sms_otp", "SMS_MFA", "EMAIL_OTP"]),
            json!(["email"]),
        ),
    ] {
        let first = first_factor("SELECT_CHALLENGE", json!({}), available);
        assert_eq!(choosing(first).snapshot()["choices"], choices);
    }
    for available in [
        json!([]),
        json!(many),
        json!("PASSWORD"),
        json!({ "0": "PASSWORD", "length": 1 }),
        json!(["PASSWORD", 7]),
        json!([["PASSWORD"]]),
        json!(null),
        json!(7),
    ] {
        let first = first_factor("SELECT_CHALLENGE", json!({}), available.clone());
        let world = choosing(first);
        assert_eq!(world.error(), "server", "{available}");
        assert_eq!(world.snapshot()["error"]["server"], "SELECT_CHALLENGE");
        assert_eq!(world.step(), "signedOut");
        // Beside a code it is only the other ways that are not known.
        let first = first_factor("SMS_OTP", json!({}), available);
        let snapshot = choosing(first).snapshot();
        assert_eq!(snapshot["step"], "signInCode");
        assert_eq!(snapshot["alternatives"], json!([]));
    }
}

#[test]
fn a_choice_is_none_where_it_was_not_asked_for_or_comes_too_late() {
    // The pool of another way of signing in.
    for first in [select_challenge, password_challenge, sms_first] {
        let mut world = World::scripted();
        world.expect("InitiateAuth", first());
        world.send(sign_in());
        assert_eq!(world.error(), "server");
    }
    // After something was proven.
    for next in [select_challenge, password_challenge, sms_first] {
        let mut world = choosing(email_first());
        world.expect("RespondToAuthChallenge", next());
        world.send(submit("123456"));
        assert_eq!(world.error(), "server");
        assert_eq!(world.step(), "signedOut");
    }
}

#[test]
fn a_challenge_without_a_session_is_refused() {
    for name in ["SELECT_CHALLENGE", "PASSWORD", "SMS_OTP"] {
        for session in [Value::Null, json!(""), json!(7), json!("x".repeat(70_000))] {
            let world = choosing(ok(json!({
                "ChallengeName": name, "Session": session, "ChallengeParameters": {},
                "AvailableChallenges": all_factors(),
            })));
            assert_eq!(world.error(), "server", "{name}");
        }
    }
}

#[test]
fn a_tab_that_is_choosing_follows_another_only_when_it_is_left() {
    for first in [select_challenge, password_challenge, sms_first] {
        let mut world = choosing(first());
        let mut other = world.new_tab();
        other
            .expect("InitiateAuth", tokens(1))
            .expect("GetUser", verified_user());
        other.send(begin());
        assert_eq!(other.step(), "signedIn");
        let before = world.snapshot();
        world.notice_storage();
        assert_eq!(world.snapshot(), before, "what is under way goes on");
        world.send(event("cancel"));
        world.pass(MINUTE);
        assert_eq!(world.step(), "signedIn");
    }
}

#[test]
fn a_user_who_is_not_confirmed_or_must_reset_is_led_on_from_the_password() {
    for (fault, step) in [
        (
            refused("UserNotConfirmedException", "User is not confirmed."),
            "confirmSignUp",
        ),
        (
            refused("PasswordResetRequiredException", "Reset."),
            "resetPassword",
        ),
    ] {
        let mut world = choosing(password_challenge());
        world
            .expect("RespondToAuthChallenge", password_verifier())
            .expect("RespondToAuthChallenge", fault);
        assert_eq!(world.send(give_password(PASSWORD))["step"], step);
    }
}

#[test]
fn what_the_app_tells_the_triggers_goes_with_every_call() {
    let mut world = scripted();
    world
        .expect("InitiateAuth", select_challenge())
        .expect("RespondToAuthChallenge", sms_first());
    let mut event = begin();
    event["clientMetadata"] = json!({ "shop": "a" });
    world.send(event);
    assert_eq!(
        world.body_of("InitiateAuth")["ClientMetadata"],
        json!({ "shop": "a" })
    );
    let mut event = select("sms");
    event["clientMetadata"] = json!({ "shop": "b" });
    world.send(event);
    let body = world.body_of("RespondToAuthChallenge");
    assert_eq!(body["ClientMetadata"], json!({ "shop": "b" }));
}

#[test]
fn a_challenge_without_parameters_is_one_whose_parameters_are_not_there() {
    for (name, step) in [
        ("SELECT_CHALLENGE", "selectFactor"),
        ("PASSWORD", "password"),
        ("SMS_OTP", "signInCode"),
    ] {
        let mut world = choosing(ok(json!({
            "ChallengeName": name, "Session": SESSION, "AvailableChallenges": all_factors(),
        })));
        assert_eq!(world.step(), step);
        assert!(world.flow.accepts(EventType::SelectFactor));
        assert_eq!(world.send(event("cancel"))["username"], USER);
        let parameters = json!({
            "ChallengeName": name, "Session": SESSION, "ChallengeParameters": [],
            "AvailableChallenges": all_factors(),
        });
        assert_eq!(choosing(ok(parameters)).error(), "server");
    }
}

#[test]
fn who_sends_the_password_is_led_on_as_who_proves_it() {
    let only = || first_factor("SELECT_CHALLENGE", json!({}), json!(["PASSWORD"]));
    for (fault, step) in [
        (
            refused("UserNotConfirmedException", "User is not confirmed."),
            "confirmSignUp",
        ),
        (
            refused("PasswordResetRequiredException", "Reset."),
            "resetPassword",
        ),
        (wrong_credentials(), "signedOut"),
    ] {
        let mut world = scripted();
        world
            .expect("InitiateAuth", only())
            .expect("RespondToAuthChallenge", fault);
        let event = json!({ "type": "signIn", "username": USER, "password": "blank " });
        let snapshot = world.send(event);
        assert_eq!(snapshot["step"], step);
        if step == "signedOut" {
            let message = snapshot["error"]["message"].as_str().unwrap();
            assert!(message.contains("blank"), "{message}");
        }
    }
    // Chosen, a wrong one can be given again.
    let mut world = choosing(only());
    world.expect("RespondToAuthChallenge", wrong_credentials());
    assert_eq!(world.send(select_password())["step"], "selectFactor");
    world.expect(
        "RespondToAuthChallenge",
        refused("UserNotConfirmedException", "User is not confirmed."),
    );
    assert_eq!(world.send(select_password())["step"], "confirmSignUp");
}

#[test]
fn who_was_never_confirmed_and_has_no_password_is_led_to_the_code() {
    let pool = pool();
    let mut world = at(&pool);
    let event = json!({ "type": "signUp", "username": "bob", "attributes": { "email": EMAIL } });
    world.send(event);
    world.send(json!({ "type": "cancel" }));
    let event = json!({ "type": "signIn", "username": "bob", "preferred": "email" });
    assert_eq!(world.send(event)["step"], "confirmSignUp");
    assert_eq!(world.error(), "userNotConfirmed");
    assert_eq!(world.send(confirm(&pool.code()))["step"], "signedIn");
}

#[test]
fn what_follows_a_first_password_is_the_second_factor() {
    let mut world = choosing(new_password_challenge());
    let email = challenge("EMAIL_OTP", json!({ "USERNAME": "u-1" }));
    world.expect("RespondToAuthChallenge", email);
    world.send(json!({ "type": "setNewPassword", "password": OTHER_PASSWORD }));
    assert_eq!(world.step(), "mfaCode");
}

#[test]
fn answers_that_are_late_twice_or_for_nobody_change_nothing() {
    let mut world = choosing(select_challenge());
    world.start(select("email")).unwrap();
    let id = world.network.under_way[0].id;
    world.expect("RespondToAuthChallenge", email_first());
    world.run();
    let before = world.snapshot();
    let tokens = json!({ "AuthenticationResult": token_set(1) });
    for id in [id, id + 1, id + 1_000, 0] {
        world.answer_late(id, tokens.clone());
        assert_eq!(world.snapshot(), before);
    }
    // One that took too long is given up: nobody knows what became of the code.
    let mut world = choosing(sms_first());
    world.expect("InitiateAuth", Fault::Silence);
    world.start(select("email")).unwrap();
    let id = world.network.under_way[0].id;
    world.run();
    assert_eq!(world.error(), "outcomeUnknown");
    assert_eq!(world.snapshot()["medium"], "sms");
    world.answer_late(id, tokens);
    assert_eq!(world.step(), "signInCode");
}

#[test]
fn a_reload_in_the_middle_of_an_answer_comes_back_to_the_step() {
    for (first, event, step) in [
        (
            select_challenge as fn() -> Fault,
            select("email"),
            "selectFactor",
        ),
        (password_challenge, give_password(PASSWORD), "password"),
        (sms_first, submit("123456"), "signInCode"),
        (sms_first, select("email"), "signInCode"),
    ] {
        let mut world = choosing(first());
        world.start(event).unwrap();
        world.reload();
        assert_eq!(world.step(), step);
        assert_eq!(world.snapshot()["busy"], Value::Null);
        // What was under way has used the session up: the pool says so, and the person begins again.
        let spent = "Invalid session for the user, session can only be used once.";
        world.expect(
            "RespondToAuthChallenge",
            refused("NotAuthorizedException", spent),
        );
        let event = match step {
            "selectFactor" => select("email"),
            "password" => give_password(PASSWORD),
            _ => submit("123456"),
        };
        assert_eq!(world.send(event)["step"], "signedOut");
        assert_eq!(world.error(), "challengeSpent");
    }
}

#[test]
fn a_password_of_which_nothing_was_heard_sends_no_other_code() {
    for fault in [Fault::Lost, refused("InternalErrorException", "Trouble.")] {
        let mut world = choosing(first_factor(
            "PASSWORD",
            json!({}),
            json!(["PASSWORD", "SMS_OTP"]),
        ));
        world.expect("RespondToAuthChallenge", fault);
        world.send(give_password(OTHER_PASSWORD));
        assert_eq!(world.step(), "password");
        world.expect("InitiateAuth", sms_first());
        assert_eq!(world.send(select("sms"))["step"], "signInCode");
        world.expect("RespondToAuthChallenge", sms_challenge());
        let snapshot = world.send(submit("123456"));
        assert_eq!(snapshot["step"], "mfaCode");
        assert_eq!(snapshot["canResend"], false, "it may be wrong");
    }
}
