//! Signing out on all devices: it goes the right way, and is never only local in silence.

use serde_json::{Value, json};

use crate::support::*;

fn everywhere() -> Value {
    json!({ "type": "signOut", "everywhere": true })
}

/// Signs out everywhere; that is sent later, and refused, so that this session alone is revoked.
fn leave_and_be_refused_later(world: &mut World) {
    world
        .expect("GlobalSignOut", Fault::NotSent)
        .expect("GlobalSignOut", refused("NotAuthorizedException", "No"))
        .expect("RevokeToken", done());
    world.send(everywhere());
}

/// Alice in a pool that rotates refresh tokens: her second one is the good one.
fn alice_rotating() -> World {
    let mut world = alice();
    world.pass(HOUR);
    world
        .expect(
            "InitiateAuth",
            refused(
                "NotAuthorizedException",
                "Refresh token rotation is enabled",
            ),
        )
        .expect("GetTokensFromRefreshToken", tokens(2));
    world.session().unwrap();
    world.sent();
    world
}

#[test]
fn where_the_pool_rotates_an_access_token_that_ran_out_is_renewed_its_way() {
    let mut world = alice_rotating();
    world.pass(2.0 * HOUR);
    world
        .expect("GetTokensFromRefreshToken", tokens(3))
        .expect("GlobalSignOut", done());
    let snapshot = world.send(everywhere());
    assert_eq!(snapshot["error"], Value::Null);
    let renewal = world.body_of("GetTokensFromRefreshToken");
    assert_eq!(renewal["RefreshToken"], refresh_token(2));
    assert_eq!(
        world.body_of("GlobalSignOut")["AccessToken"],
        access_token(3)
    );
    assert_eq!(world.sent(), ["GetTokensFromRefreshToken", "GlobalSignOut"]);
}

#[test]
fn where_it_is_not_known_yet_that_the_pool_rotates_the_second_way_is_tried() {
    let mut world = alice();
    world.pass(2.0 * HOUR);
    world
        .expect(
            "InitiateAuth",
            refused(
                "NotAuthorizedException",
                "Refresh token rotation is enabled",
            ),
        )
        .expect("GetTokensFromRefreshToken", tokens(2))
        .expect("GlobalSignOut", done());
    assert_eq!(world.send(everywhere())["error"], Value::Null);
    assert_eq!(
        world.sent(),
        [
            "InitiateAuth REFRESH_TOKEN_AUTH",
            "GetTokensFromRefreshToken",
            "GlobalSignOut"
        ]
    );
}

#[test]
fn against_a_pool_that_rotates_the_other_devices_are_signed_out() {
    let rotating = json!({
        "ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH"],
        "RefreshTokenRotation": { "Feature": "ENABLED", "RetryGracePeriodSeconds": 0 },
    });
    let pool = LocalPool::with(json!({}), rotating);
    pool.add_user(USER, PASSWORD, json!({}), Clock::new().wall);
    let mut here = World::with(&pool);
    let mut elsewhere = World::with(&pool);
    for world in [&mut here, &mut elsewhere] {
        assert_eq!(world.send(sign_in())["step"], "signedIn");
        world.pass(2.0 * HOUR);
    }
    assert_eq!(here.send(everywhere())["error"], Value::Null);
    assert!(here.sent().contains(&"GlobalSignOut".into()));
    let error = elsewhere.session().unwrap_err();
    assert_eq!(error.code.as_str(), "challengeSpent");
    assert_eq!(elsewhere.step(), "signedOut");
}

#[test]
fn an_access_token_that_was_revoked_before_its_time_is_renewed_once() {
    let mut world = alice();
    world
        .expect("GlobalSignOut", dead_access_token())
        .expect("InitiateAuth", refreshed(2))
        .expect("GlobalSignOut", done());
    assert_eq!(world.send(everywhere())["error"], Value::Null);
    assert_eq!(
        world.body_of("GlobalSignOut")["AccessToken"],
        access_token(2)
    );
}

/// What the pool or the way to it may do to `GlobalSignOut`, and what the person is told.
fn refusals() -> Vec<Told> {
    vec![
        told(
            || {
                let words = "Access Token does not have required scopes";
                refused("NotAuthorizedException", words)
            },
            "refused",
        ),
        told(
            || refused("NotAuthorizedException", "User is disabled."),
            "userDisabled",
        ),
        told(
            || refused("UserNotFoundException", "User does not exist."),
            "challengeSpent",
        ),
        told(
            || refused("PasswordResetRequiredException", "Reset"),
            "passwordResetRequired",
        ),
        told(
            || refused("InvalidParameterException", "1 validation error"),
            "invalidParameter",
        ),
        told(|| refused("NobodyKnowsThisException", ""), "server"),
        told(|| refused("ForbiddenException", "Forbidden"), "blocked"),
    ]
}

#[test]
fn a_refusal_is_seen_by_the_person_and_this_session_ends_at_least() {
    for Told {
        fault: refusal,
        code,
    } in refusals()
    {
        let mut world = alice();
        for _ in 0..12 {
            world.expect("GlobalSignOut", refusal());
        }
        world.expect("RevokeToken", done());
        let snapshot = world.send(everywhere());
        world.pass(DAY);
        let shown = world.snapshot();
        assert_eq!(shown["step"], "signedOut", "{code}");
        assert_eq!(shown["error"]["code"], code, "{snapshot}");
        assert_eq!(world.body_of("RevokeToken")["Token"], REFRESH_TOKEN);
        assert_eq!(world.storage.as_ref().unwrap().session(), None);
    }
}

#[test]
fn a_refresh_that_is_refused_on_the_way_is_seen_by_the_person() {
    for Told { fault, code } in [
        told(
            || refused("NotAuthorizedException", "Refresh Token has expired"),
            "challengeSpent",
        ),
        told(
            || refused("NotAuthorizedException", "User is disabled."),
            "userDisabled",
        ),
        told(
            || refused("NotAuthorizedException", "Refresh Token has been revoked"),
            "challengeSpent",
        ),
        told(done, "server"),
    ] {
        for rotating in [false, true] {
            let mut world = match rotating {
                true => alice_rotating(),
                false => alice(),
            };
            world.pass(2.0 * HOUR);
            world
                .expect("InitiateAuth", fault())
                .expect("GetTokensFromRefreshToken", fault())
                .expect("RevokeToken", done());
            world.send(everywhere());
            world.pass(DAY);
            assert_eq!(world.step(), "signedOut");
            assert_eq!(world.error(), code, "{rotating}");
            assert!(!world.sent().contains(&"GlobalSignOut".into()));
        }
    }
}

#[test]
fn a_session_that_ran_out_without_a_refresh_token_says_that_the_others_go_on() {
    let mut world = World::scripted();
    let mut set = token_set(1);
    set.as_object_mut().unwrap().remove("RefreshToken");
    let tokens = ok(json!({ "AuthenticationResult": set }));
    world.sign_in_as(USER, tokens, alices_attributes());
    world.clock.pass(2.0 * HOUR);
    let snapshot = world.send(everywhere());
    assert_eq!(snapshot["step"], "signedOut");
    assert_eq!(snapshot["error"]["code"], "challengeSpent");
    assert!(world.sent().is_empty());
}

#[test]
fn no_answer_for_three_seconds_is_seen_and_success_later_takes_it_back() {
    for fault in [
        || Fault::Silence,
        || Fault::Lost,
        || Fault::NotSent,
        throttled,
    ] as [fn() -> Fault; 4]
    {
        let mut world = alice();
        world.expect("GlobalSignOut", fault());
        world.expect("GlobalSignOut", done());
        let start = world.clock.steady;
        let snapshot = world.send(everywhere());
        assert!(world.clock.steady - start <= 3.0 * SECOND);
        assert_eq!(snapshot["step"], "signedOut");
        assert_eq!(snapshot["error"]["code"], "outcomeUnknown");
        world.pass(MINUTE);
        assert_eq!(
            world.snapshot()["error"],
            Value::Null,
            "it was done after all"
        );
        assert_eq!(world.sent(), ["GlobalSignOut", "GlobalSignOut"]);
    }
}

#[test]
fn an_answer_within_three_seconds_is_waited_for() {
    let mut world = alice();
    world.expect("GlobalSignOut", Fault::Silence);
    world.start(everywhere()).unwrap();
    let id = world.network.under_way.front().unwrap().id;
    world.pass_without_answers(2.9 * SECOND);
    assert_eq!(world.snapshot()["busy"], "signOut");
    world.answer_late(id, json!({}));
    assert_eq!(world.snapshot()["busy"], Value::Null);
    assert_eq!(world.snapshot()["error"], Value::Null);
}

#[test]
fn what_never_comes_through_stays_an_error() {
    for fault in [
        || Fault::Silence,
        || Fault::Lost,
        throttled,
        || unreadable(503),
    ] as [fn() -> Fault; 4]
    {
        let mut world = alice();
        for _ in 0..20 {
            world.expect("GlobalSignOut", fault());
            world.expect("RevokeToken", fault());
        }
        world.send(everywhere());
        world.pass(DAY);
        assert_eq!(world.step(), "signedOut");
        assert_ne!(world.error(), "", "local only, and nobody was told");
        assert_eq!(world.flow.deadline(), None);
    }
}

#[test]
fn success_later_does_not_take_away_an_error_of_what_the_person_did_since() {
    let mut world = alice();
    world
        .expect("GlobalSignOut", Fault::NotSent)
        .expect("GlobalSignOut", done());
    world.send(everywhere());
    let words = "Incorrect username or password.";
    world.expect("InitiateAuth", refused("NotAuthorizedException", words));
    world.send(sign_in());
    assert_eq!(world.error(), "wrongCredentials");
    world.pass(MINUTE);
    assert_eq!(world.sent().last().unwrap(), "GlobalSignOut");
    assert_eq!(world.error(), "wrongCredentials");
}

#[test]
fn success_later_does_not_take_away_that_something_else_is_not_known() {
    let mut world = alice();
    world
        .expect("GlobalSignOut", Fault::NotSent)
        .expect("GlobalSignOut", done())
        .expect("InitiateAuth", Fault::Lost);
    world.send(everywhere());
    world.send(sign_in());
    assert_eq!(world.error(), "outcomeUnknown", "of the sign-in");
    world.pass(MINUTE);
    assert_eq!(world.error(), "outcomeUnknown", "it is still not known");
}

#[test]
fn whoever_has_signed_in_again_meanwhile_is_told_nothing_of_it() {
    let mut world = alice();
    leave_and_be_refused_later(&mut world);
    world.sign_in_as(OTHER, tokens(5), other_user());
    world.pass(MINUTE);
    assert_eq!(world.step(), "signedIn");
    assert_eq!(world.error(), "");
    assert_eq!(world.session().unwrap()["accessToken"], access_token(5));
}

/// Alice's signing out everywhere is under way still when bob, who came after her, signs out everywhere.
fn bob_after_alice() -> (World, u32) {
    let mut world = alice();
    world.expect("GlobalSignOut", Fault::Silence);
    world.start(everywhere()).unwrap();
    let of_alice = world.network.under_way.front().unwrap().id;
    world.run();
    assert_eq!(world.error(), "outcomeUnknown");
    world.sign_in_as(OTHER, tokens(5), other_user());
    world.start(everywhere()).unwrap();
    (world, of_alice)
}

#[test]
fn an_answer_to_somebody_who_left_before_ends_nobody_elses_wait() {
    for answer in [done(), refused("NotAuthorizedException", "No")] {
        let Fault::Answer(answer) = answer else {
            panic!("an answer")
        };
        let (mut world, of_alice) = bob_after_alice();
        world.answer_with(of_alice, answer);
        assert_eq!(world.snapshot()["busy"], "signOut", "bob's has no answer");
        world.expect("GlobalSignOut", Fault::Silence);
        world.expect("RevokeToken", done());
        world.answer_next();
        world.run();
        assert_eq!(world.error(), "outcomeUnknown", "nobody knows of bob's");
    }
}

#[test]
fn an_answer_to_somebody_who_left_before_says_nothing_of_anybody_else() {
    let (mut world, of_alice) = bob_after_alice();
    world.expect("GlobalSignOut", Fault::Silence);
    world.answer_next();
    world.pass_without_answers(3.0 * SECOND);
    assert_eq!(world.error(), "outcomeUnknown");
    world.answer_late(of_alice, json!({}));
    assert_eq!(
        world.error(),
        "outcomeUnknown",
        "alice's was done, not bob's"
    );
}

#[test]
fn a_refusal_that_comes_late_is_not_told_to_the_next_who_signs_out() {
    let mut world = alice();
    leave_and_be_refused_later(&mut world);
    world.expect("RevokeToken", done());
    world.sign_in_as(OTHER, tokens(5), other_user());
    assert_eq!(world.send(event("signOut"))["error"], Value::Null);
    world.pass(MINUTE);
    assert_eq!(world.sent().len(), 3, "alice's was refused");
    assert_eq!(world.error(), "", "bob has signed out here alone");
}

#[test]
fn a_refusal_that_comes_late_takes_nothing_away_of_what_the_person_did_since() {
    let mut world = alice();
    leave_and_be_refused_later(&mut world);
    let words = "Incorrect username or password.";
    world.expect("InitiateAuth", refused("NotAuthorizedException", words));
    world.send(sign_in());
    world.pass(MINUTE);
    assert_eq!(world.error(), "wrongCredentials");
}

#[test]
fn who_signs_out_while_an_earlier_revocation_is_under_way_does_not_wait_for_that_one() {
    let mut world = alice();
    world.expect("RevokeToken", Fault::Silence);
    world.send(event("signOut"));
    world.sign_in_as(OTHER, tokens(5), other_user());
    world.expect("RevokeToken", Fault::NotSent);
    let start = world.clock.steady;
    world.send(event("signOut"));
    assert_eq!(world.clock.steady, start, "it goes on without the person");
}

#[test]
fn here_alone_nothing_is_said_of_what_the_pool_makes_of_it() {
    for Told { fault: refusal, .. } in refusals() {
        let mut world = alice();
        for _ in 0..12 {
            world.expect("RevokeToken", refusal());
        }
        world.send(event("signOut"));
        world.pass(DAY);
        assert_eq!(
            (world.step(), world.error()),
            ("signedOut".into(), String::new())
        );
    }
}
