//! A second factor that the pool wants and the person has not set up yet: an authenticator app.

use serde_json::{Value, json};

use crate::{
    enrol_email::{at_email, email},
    support::*,
};

const ONLY_TOTP: [&str; 1] = ["SOFTWARE_TOKEN_MFA"];

pub(crate) fn pool() -> LocalPool {
    let settings = json!({ "MfaConfig": {
        "MfaConfiguration": "ON", "SoftwareTokenMfaConfiguration": { "Enabled": true } } });
    let pool = LocalPool::with(settings, json!({}));
    let attributes = json!({ "email": EMAIL, "email_verified": "true" });
    pool.add_user(USER, PASSWORD, attributes, Clock::new().wall);
    pool
}

fn enrolling() -> World {
    let mut world = World::with_options(&pool(), json!({ "issuer": "example.com" }));
    assert_eq!(world.send(sign_in())["step"], "setUpTotp");
    world
}

fn scripted() -> World {
    let mut world = World::scripted();
    world
        .expect("InitiateAuth", set_up(&ONLY_TOTP))
        .expect("AssociateSoftwareToken", associated(2));
    assert_eq!(world.send(sign_in())["step"], "setUpTotp");
    world
}

pub(crate) fn code_of(world: &World) -> String {
    let secret = world.snapshot()["secret"].as_str().unwrap().to_owned();
    totp(&secret, world.clock.wall)
}

pub(crate) fn ends(world: &World, step: &str, error: &str) {
    assert_eq!(
        (world.step().as_str(), world.error().as_str()),
        (step, error)
    );
    assert_eq!(world.snapshot()["username"], USER);
}

#[test]
fn an_authenticator_is_set_up_in_the_middle_of_a_sign_in() {
    let mut world = enrolling();
    let secret = world.snapshot()["secret"].as_str().unwrap().to_owned();
    assert_eq!(
        world.snapshot(),
        json!({
            "step": "setUpTotp", "busy": null, "error": null, "username": USER, "secret": secret,
            "uri": format!(
                "otpauth://totp/example.com:{USER}?secret={secret}&issuer=example.com"),
            "expiresAt": world.clock.wall + 3.0 * MINUTE,
        })
    );
    let mut code = submit(&code_of(&world));
    code["deviceName"] = json!("Alice's phone");
    assert_eq!(world.send(code)["step"], "signedIn");
    assert_eq!(
        world.body_of("VerifySoftwareToken")["FriendlyDeviceName"],
        "Alice's phone"
    );
    assert_eq!(
        world.sent(),
        [
            "InitiateAuth USER_SRP_AUTH",
            "RespondToAuthChallenge PASSWORD_VERIFIER",
            "AssociateSoftwareToken",
            "VerifySoftwareToken",
            "RespondToAuthChallenge MFA_SETUP",
            "GetUser",
        ]
    );
    // From now on it is the second factor.
    world.send(event("signOut"));
    assert_eq!(world.send(sign_in())["medium"], "totp");
    world.pass(MINUTE);
    let code = totp(&secret, world.clock.wall);
    assert_eq!(world.send(submit(&code))["step"], "signedIn");
}

#[test]
fn each_call_has_the_session_of_the_one_before() {
    let mut world = scripted();
    world
        .expect("VerifySoftwareToken", totp_verified(3))
        .expect("RespondToAuthChallenge", tokens(1))
        .expect("GetUser", verified_user());
    assert_eq!(world.send(submit("123 456"))["step"], "signedIn");
    assert_eq!(
        world.body_of("AssociateSoftwareToken"),
        json!({ "Session": SESSION })
    );
    assert_eq!(
        world.body_of("VerifySoftwareToken"),
        json!({ "Session": session(2), "UserCode": "123456" })
    );
    assert_eq!(
        world.body_of("RespondToAuthChallenge"),
        json!({
            "ChallengeName": "MFA_SETUP", "Session": session(3), "ClientId": "scripted0client",
            "ChallengeResponses": { "USERNAME": USER },
        })
    );
}

#[test]
fn the_address_of_the_qr_code_is_escaped() {
    for (issuer, username, uri) in [
        (
            Some("Ex & Co: Größe/1"),
            "alice+1@example.com",
            format!(
                "otpauth://totp/Ex%20%26%20Co%3A%20Gr%C3%B6%C3%9Fe%2F1:alice%2B1%40example.com\
                 ?secret={TOTP_SECRET}&issuer=Ex%20%26%20Co%3A%20Gr%C3%B6%C3%9Fe%2F1"
            ),
        ),
        (
            Some("a-b.c_d~e"),
            "名?x=1&#%",
            format!(
                "otpauth://totp/a-b.c_d~e:%E5%90%8D%3Fx%3D1%26%23%25\
                 ?secret={TOTP_SECRET}&issuer=a-b.c_d~e"
            ),
        ),
        // A page without a host.
        (
            Some(""),
            USER,
            format!("otpauth://totp/alice?secret={TOTP_SECRET}"),
        ),
        (
            None,
            USER,
            format!("otpauth://totp/alice?secret={TOTP_SECRET}"),
        ),
    ] {
        let mut world = World::scripted_with(json!({ "issuer": issuer }));
        world
            .expect("InitiateAuth", set_up(&ONLY_TOTP))
            .expect("AssociateSoftwareToken", associated(2));
        let event = json!({ "type": "signIn", "username": username, "password": PASSWORD });
        assert_eq!(world.send(event)["uri"], uri.as_str());
    }
}

#[test]
fn a_wrong_code_stays_in_the_same_form_and_the_right_one_still_signs_in() {
    let mut world = enrolling();
    let (before, round) = (world.snapshot(), world.round());
    let wrong = other_code(&code_of(&world));
    let snapshot = world.send(submit(&wrong));
    assert_eq!(snapshot["error"]["code"], "codeMismatch");
    assert_eq!(snapshot["secret"], before["secret"]);
    assert_eq!(snapshot["expiresAt"], before["expiresAt"]);
    assert_eq!(world.round(), round);
    let right = code_of(&world);
    assert_eq!(world.send(submit(&right))["step"], "signedIn");
}

#[test]
fn a_wrong_code_that_is_told_as_an_answer_brings_a_new_session() {
    let mut world = scripted();
    world
        .expect(
            "VerifySoftwareToken",
            ok(json!({ "Status": "ERROR", "Session": session(3) })),
        )
        .expect("VerifySoftwareToken", totp_verified(4))
        .expect("RespondToAuthChallenge", tokens(1))
        .expect("GetUser", verified_user());
    world.send(submit("123456"));
    ends(&world, "setUpTotp", "codeMismatch");
    assert_eq!(world.send(submit("123457"))["step"], "signedIn");
    assert_eq!(
        world.body_of("VerifySoftwareToken")["Session"],
        session(3).as_str()
    );
}

#[test]
fn too_many_wrong_codes_use_up_the_session() {
    let mut world = enrolling();
    for _ in 0..20 {
        if world.step() == "setUpTotp" {
            let wrong = other_code(&code_of(&world));
            world.send(submit(&wrong));
        }
    }
    ends(&world, "signedOut", "challengeSpent");
}

#[test]
fn what_is_no_success_sets_nothing_up() {
    for body in [
        json!({}),
        json!({ "Session": session(3) }),
        json!({ "Status": "SUCCESSFUL" }),
        json!({ "Status": true }),
    ] {
        let mut world = scripted();
        world.sent();
        world.expect("VerifySoftwareToken", ok(body));
        world.send(submit("123456"));
        ends(&world, "setUpTotp", "server");
        assert_eq!(world.sent(), ["VerifySoftwareToken"]);
    }
}

#[test]
fn a_secret_that_is_none_ends_the_sign_in() {
    for secret in [
        Value::Null,
        json!(""),
        json!(7),
        json!("A&issuer=evil"),
        json!("A\u{202e}B"),
        json!("A".repeat(257)),
    ] {
        let mut world = World::scripted();
        world.expect("InitiateAuth", set_up(&ONLY_TOTP)).expect(
            "AssociateSoftwareToken",
            ok(json!({ "SecretCode": secret, "Session": session(2) })),
        );
        world.send(sign_in());
        ends(&world, "signedOut", "server");
    }
}

#[test]
fn a_pool_that_gives_no_new_session_is_given_the_newest() {
    let mut world = World::scripted();
    world
        .expect("InitiateAuth", set_up(&ONLY_TOTP))
        .expect(
            "AssociateSoftwareToken",
            ok(json!({ "SecretCode": TOTP_SECRET })),
        )
        .expect("VerifySoftwareToken", ok(json!({ "Status": "SUCCESS" })))
        .expect("RespondToAuthChallenge", tokens(1))
        .expect("GetUser", verified_user());
    world.send(sign_in());
    assert_eq!(world.send(submit("123456"))["step"], "signedIn");
    assert_eq!(world.body_of("RespondToAuthChallenge")["Session"], SESSION);
}

#[test]
fn after_a_right_code_whose_sign_in_could_not_go_on_the_newest_session_counts() {
    let mut world = scripted();
    world.expect("VerifySoftwareToken", totp_verified(3));
    for _ in 0..3 {
        world.expect("RespondToAuthChallenge", throttled());
    }
    world.send(submit("123456"));
    ends(&world, "setUpTotp", "throttled");
    world.sent();
    world
        .expect("RespondToAuthChallenge", tokens(1))
        .expect("GetUser", verified_user());
    assert_eq!(world.send(submit("123456"))["step"], "signedIn");
    let again = world.body_of("RespondToAuthChallenge");
    assert_eq!(again["Session"], session(3).as_str());
    assert_eq!(
        world.sent(),
        ["RespondToAuthChallenge MFA_SETUP", "GetUser"],
        "the code was right, and is not asked of the pool twice"
    );
}

#[test]
fn the_secret_is_in_the_snapshot_alone_and_another_one_comes_after_a_reload() {
    let mut world = enrolling();
    let before = world.snapshot();
    let secret = before["secret"].as_str().unwrap().to_owned();
    let pending = world.pending.clone().unwrap();
    assert!(!pending.contains(&secret) && !pending.contains("otpauth"));
    assert!(!format!("{:?}", world.flow).contains(&secret));
    world.reload();
    let snapshot = world.snapshot();
    assert_eq!(snapshot["step"], "signedOut");
    assert_eq!(snapshot["busy"], "signIn", "while the pool is asked");
    assert_eq!(snapshot["username"], USER);
    world.run();
    let after = world.snapshot();
    assert_eq!(after["step"], "setUpTotp");
    assert_ne!(after["secret"], before["secret"]);
    assert_eq!(after["expiresAt"], before["expiresAt"], "it wins no time");
    world.reload();
    world.run();
    let right = code_of(&world);
    assert_eq!(world.send(submit(&right))["step"], "signedIn");
}

#[test]
fn after_a_reload_the_newest_session_is_used() {
    let mut world = scripted();
    world.reload();
    world.expect("AssociateSoftwareToken", associated(3));
    world.run();
    assert_eq!(
        world.body_of("AssociateSoftwareToken")["Session"],
        session(2).as_str()
    );
    assert!(world.pending.clone().unwrap().contains(&session(3)));
}

#[test]
fn a_reload_after_which_the_pool_will_not_go_on_ends_the_sign_in() {
    let faults = [
        told(expired_session, "challengeSpent"),
        told(
            || refused("NotAuthorizedException", "Invalid session for the user."),
            "challengeSpent",
        ),
        told(
            || refused("InvalidParameterException", "No."),
            "challengeSpent",
        ),
        told(|| Fault::NotSent, "offline"),
        told(|| Fault::Lost, "outcomeUnknown"),
        told(|| unreadable(200), "server"),
        // It is not the pool that has anything against the session.
        told(
            || status(500, json!({ "__type": "InternalErrorException" })),
            "server",
        ),
        told(|| refused("ForbiddenException", "Blocked."), "blocked"),
    ];
    for Told { fault, code } in faults {
        let mut world = scripted();
        world.reload();
        world.expect("AssociateSoftwareToken", fault());
        world.run();
        ends(&world, "signedOut", code);
        assert_eq!(world.pending, None);
    }
}

#[test]
fn a_reload_when_the_time_is_over_asks_for_nothing() {
    let mut world = scripted();
    world.sent();
    world.clock.pass(3.0 * MINUTE);
    world.reload();
    ends(&world, "signedOut", "challengeExpired");
    assert!(world.sent().is_empty());
}

#[test]
fn a_reload_can_be_left_while_the_pool_is_asked() {
    let mut world = scripted();
    world.reload();
    world.start(event("cancel")).unwrap();
    ends(&world, "signedOut", "");
    assert!(world.network.under_way.is_empty());
}

#[test]
fn when_its_time_is_over_the_person_begins_again() {
    for mut world in [enrolling(), at_email()] {
        world.pass(3.0 * MINUTE - 1.0);
        assert_ne!(world.step(), "signedOut");
        world.pass(1.0);
        ends(&world, "signedOut", "challengeExpired");
    }
    for (mut world, event) in [
        (enrolling(), submit("123456")),
        (at_email(), email("a@example.com")),
    ] {
        world.sent();
        world.clock.pass(3.0 * MINUTE);
        world.send(event);
        ends(&world, "signedOut", "challengeExpired");
        assert!(world.sent().is_empty(), "what is late is not sent");
    }
}

#[test]
fn a_session_that_is_over_at_the_pool_first_is_expired_too() {
    let options = json!({ "sessionSeconds": 900 });
    let mut world = World::with_options(&pool(), options);
    world.send(sign_in());
    world.pass(4.0 * MINUTE);
    let code = code_of(&world);
    world.send(submit(&code));
    ends(&world, "signedOut", "challengeExpired");
}

#[test]
fn a_lost_answer_at_each_point_ends_the_sign_in_and_it_can_begin_again() {
    for operation in [
        "AssociateSoftwareToken",
        "VerifySoftwareToken",
        "RespondToAuthChallenge",
    ] {
        let mut world = World::with_options(&pool(), json!({ "signInWith": "password" }));
        world.expect(operation, Fault::AnswerLost);
        world.send(sign_in());
        if world.step() == "setUpTotp" {
            let code = code_of(&world);
            world.send(submit(&code));
        }
        ends(&world, "signedOut", "outcomeUnknown");
        let begun = world.send(sign_in());
        match operation {
            "AssociateSoftwareToken" => assert_eq!(begun["step"], "setUpTotp"),
            // The pool has taken the app's code: it counts, whether we heard of it or not.
            _ => assert_eq!(begun["medium"], "totp"),
        }
    }
}

#[test]
fn it_can_be_left_at_each_point() {
    let mut world = World::with(&pool());
    world.start(sign_in()).unwrap();
    while world
        .network
        .under_way
        .front()
        .is_none_or(|sent| sent.operation != "AssociateSoftwareToken")
    {
        world.answer_next();
    }
    world.start(event("cancel")).unwrap();
    ends(&world, "signedOut", "");

    let mut world = enrolling();
    world.send(event("cancel"));
    ends(&world, "signedOut", "");

    for answered in 0..2 {
        let mut world = enrolling();
        let code = code_of(&world);
        world.start(submit(&code)).unwrap();
        (0..answered).for_each(|_| world.answer_next());
        world.start(event("cancel")).unwrap();
        ends(&world, "signedOut", "");
        assert!(!world.flow.snapshot().contains("secret"));
    }
}

#[test]
fn who_signs_in_in_another_tab_does_not_disturb_it() {
    let mut world = scripted();
    let mut other = world.new_tab();
    other.sign_in_as(OTHER, tokens(5), other_user());
    world.notice_storage();
    assert_eq!(world.step(), "setUpTotp");
    world
        .expect("VerifySoftwareToken", totp_verified(3))
        .expect("RespondToAuthChallenge", tokens(1))
        .expect("GetUser", alices_attributes());
    assert_eq!(world.send(submit("123456"))["username"], USER);
    // Loaded anew, the tab is the one that is signed in.
    let mut late = scripted();
    late.storage
        .clone()
        .unwrap()
        .set_session(world.storage.as_ref().unwrap().session());
    late.reload();
    assert_eq!(late.step(), "signedIn");
}

#[test]
fn who_could_not_finish_after_the_right_code_finishes_with_the_next_try() {
    let mut world = enrolling();
    world.expect("RespondToAuthChallenge", Fault::NotSent);
    let code = code_of(&world);
    world.send(submit(&code));
    ends(&world, "setUpTotp", "offline");
    world.sent();
    assert_eq!(world.send(submit(&code))["step"], "signedIn");
    assert_eq!(
        world.sent(),
        ["RespondToAuthChallenge MFA_SETUP", "GetUser"],
        "the pool takes no second code for an app that is set up"
    );
}
