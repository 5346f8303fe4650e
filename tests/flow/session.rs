//! The tokens: fresh when asked for, refreshed once however many ask, and once across tabs.

use cognito_flow::Input;
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

fn access_token(number: u32) -> String {
    ACCESS_TOKEN.replace('1', &number.to_string())
}

fn signed_in_at(pool: &LocalPool) -> World {
    pool.add_user(USER, PASSWORD, json!({}), Clock::new().wall);
    let mut world = World::with(pool);
    world.send(sign_in());
    world.sent();
    world
}

#[test]
fn fresh_tokens_are_given_without_a_request() {
    let mut world = signed_in();
    let session = world.session().unwrap();
    assert_eq!(
        session,
        json!({
            "accessToken": ACCESS_TOKEN, "idToken": ID_TOKEN, "expiresAt": world.clock.wall + HOUR,
        })
    );
    assert!(world.sent().is_empty());
}

#[test]
fn tokens_are_refreshed_before_they_run_out() {
    let mut world = signed_in();
    world.pass(59.0 * MINUTE - 1.0);
    assert_eq!(world.session().unwrap()["accessToken"], ACCESS_TOKEN);
    world.pass(1.0);
    world.expect("InitiateAuth", refreshed(2));
    let session = world.session().unwrap();
    assert_eq!(session["accessToken"], access_token(2));
    assert_eq!(session["expiresAt"], json!(world.clock.wall + HOUR));
    assert_eq!(world.sent(), ["InitiateAuth REFRESH_TOKEN_AUTH"]);
    assert_eq!(world.snapshot()["tokensExpireAt"], session["expiresAt"]);
}

#[test]
fn so_they_are_when_one_of_the_clocks_alone_says_that_it_is_time() {
    let hands: [fn(&mut Clock) -> &mut f64; 2] =
        [|clock| &mut clock.wall, |clock| &mut clock.steady];
    for hand in hands {
        let mut world = signed_in();
        *hand(&mut world.clock) += 59.0 * MINUTE;
        world.expect("InitiateAuth", refreshed(2));
        assert_eq!(world.session().unwrap()["accessToken"], access_token(2));
    }
}

#[test]
fn tokens_of_a_short_life_are_good_for_half_of_it() {
    let mut set = token_set(1);
    set["ExpiresIn"] = json!(60);
    let mut world = World::scripted();
    let tokens = ok(json!({ "AuthenticationResult": set }));
    world.sign_in_as(USER, tokens, verified_user());
    world.pass(30.0 * SECOND - 1.0);
    assert_eq!(world.session().unwrap()["accessToken"], ACCESS_TOKEN);
    world.pass(1.0);
    world.expect("InitiateAuth", refreshed(2));
    assert_eq!(world.session().unwrap()["accessToken"], access_token(2));
}

#[test]
fn the_old_refresh_token_is_kept_where_the_pool_sends_no_other() {
    let mut world = signed_in();
    for number in [2, 3] {
        world.pass(HOUR);
        world.expect("InitiateAuth", refreshed(number));
        assert_eq!(
            world.session().unwrap()["accessToken"],
            access_token(number)
        );
        let body = world.body_of("InitiateAuth");
        assert_eq!(body["AuthParameters"]["REFRESH_TOKEN"], REFRESH_TOKEN);
    }
}

#[test]
fn however_many_ask_there_is_one_refresh() {
    let mut world = signed_in();
    world.pass(HOUR);
    world.expect("InitiateAuth", refreshed(2));
    let tickets: Vec<u32> = (0..7)
        .map(|_| world.start_call("session", json!({})).unwrap())
        .collect();
    world.run();
    assert_eq!(world.sent(), ["InitiateAuth REFRESH_TOKEN_AUTH"]);
    for ticket in tickets {
        let answer = world.answer(ticket).unwrap().unwrap();
        assert_eq!(answer["accessToken"], access_token(2));
    }
}

#[test]
fn against_the_pool_refreshed_tokens_work() {
    let pool = LocalPool::new();
    let mut world = signed_in_at(&pool);
    let first = world.session().unwrap();
    world.pass(HOUR);
    let second = world.session().unwrap();
    assert_ne!(first["accessToken"], second["accessToken"]);
    assert_eq!(
        world.call("mfaPreference", json!({})).unwrap()["enabled"],
        json!([])
    );
    assert_eq!(world.sent(), ["InitiateAuth REFRESH_TOKEN_AUTH", "GetUser"]);
}

#[test]
fn a_pool_that_rotates_is_found_out_once_and_each_token_is_used_once() {
    let rotating = json!({
        "ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH"],
        "RefreshTokenRotation": { "Feature": "ENABLED", "RetryGracePeriodSeconds": 0 },
    });
    let pool = LocalPool::with(json!({}), rotating);
    let mut world = signed_in_at(&pool);
    world.pass(HOUR);
    world.session().unwrap();
    assert_eq!(
        world.sent(),
        [
            "InitiateAuth REFRESH_TOKEN_AUTH",
            "GetTokensFromRefreshToken"
        ]
    );
    for _ in 0..2 {
        world.pass(HOUR);
        world.session().unwrap();
        assert_eq!(world.sent(), ["GetTokensFromRefreshToken"]);
    }
    world.reload();
    world.pass(HOUR);
    world.session().unwrap();
    assert_eq!(
        world.sent(),
        ["GetTokensFromRefreshToken"],
        "the record remembers it"
    );
}

#[test]
fn trouble_on_the_way_does_not_sign_out() {
    for fault in [
        (|| Fault::NotSent) as fn() -> Fault,
        || Fault::Lost,
        || Fault::Silence,
        throttled,
        too_many,
        || unreadable(503),
        || unreadable(200),
        || refused("InternalErrorException", ""),
    ] {
        let mut world = signed_in();
        world.pass(HOUR);
        for _ in 0..3 {
            world.expect("InitiateAuth", fault());
        }
        assert!(world.session().is_err());
        assert_eq!(world.step(), "signedIn");
        let mut world = signed_in_and_refresh_answers(world);
        assert_eq!(world.session().unwrap()["accessToken"], access_token(9));
    }
}

/// It may be the app's `clientMetadata`: of the token the pool has said nothing.
#[test]
fn a_refresh_that_the_pool_cannot_read_does_not_sign_out() {
    let unread = || refused("InvalidParameterException", "1 validation error detected");
    for first in [
        unread(),
        refused("NotAuthorizedException", "Use GetTokensFromRefreshToken."),
    ] {
        let mut world = signed_in();
        world.pass(HOUR);
        world
            .expect("InitiateAuth", first)
            .expect("GetTokensFromRefreshToken", unread());
        let error = world.session().unwrap_err();
        assert_eq!(error.code.as_str(), "invalidParameter");
        assert_eq!(world.step(), "signedIn");
        world.expect("InitiateAuth", refreshed(2));
        assert_eq!(world.session().unwrap()["accessToken"], access_token(2));
    }
}

#[test]
fn a_refresh_before_its_time_that_fails_leaves_the_tokens_that_are_still_good() {
    let mut world = signed_in();
    world.pass(59.5 * MINUTE);
    for _ in 0..3 {
        world.expect("InitiateAuth", Fault::NotSent);
    }
    assert_eq!(world.session().unwrap()["accessToken"], ACCESS_TOKEN);
    world.expect("InitiateAuth", refreshed(2));
    assert_eq!(world.session().unwrap()["accessToken"], access_token(2));
}

/// The faults that were not met are used up, then a refresh succeeds.
fn signed_in_and_refresh_answers(mut world: World) -> World {
    while world.network.next_fault("InitiateAuth").is_some() {}
    world.expect("InitiateAuth", refreshed(9));
    world
}

#[test]
fn a_dead_refresh_token_signs_out_and_says_so() {
    for message in [
        "Refresh Token has been revoked",
        "Refresh Token has expired",
        "Invalid Refresh Token",
    ] {
        let mut world = signed_in();
        world.pass(HOUR);
        world.expect("InitiateAuth", refused("NotAuthorizedException", message));
        let error = world.session().unwrap_err();
        assert_eq!(error.code.as_str(), "challengeSpent");
        assert_eq!(world.snapshot()["step"], "signedOut");
        assert_eq!(world.snapshot()["username"], USER);
        assert_eq!(world.error(), "challengeSpent");
        assert_eq!(world.storage.as_ref().unwrap().session(), None);
    }
}

#[test]
fn a_user_who_is_disabled_or_gone_is_signed_out() {
    let cases = [
        (
            refused("NotAuthorizedException", "User is disabled."),
            "userDisabled",
        ),
        (
            refused("UserNotFoundException", "User does not exist."),
            "challengeSpent",
        ),
        (
            refused("PasswordResetRequiredException", "Password reset required"),
            "challengeSpent",
        ),
    ];
    for (fault, code) in cases {
        let mut world = signed_in();
        world.pass(HOUR);
        world.expect("InitiateAuth", fault);
        assert_eq!(world.session().unwrap_err().code.as_str(), code);
        assert_eq!(
            (world.step().as_str(), world.error().as_str()),
            ("signedOut", code)
        );
    }
}

#[test]
fn tokens_that_cannot_be_refreshed_end_with_their_time() {
    let mut world = World::scripted();
    let mut set = token_set(1);
    set.as_object_mut().unwrap().remove("RefreshToken");
    world
        .expect("InitiateAuth", ok(json!({ "AuthenticationResult": set })))
        .expect("GetUser", verified_user());
    world.send(sign_in());
    world.pass(HOUR);
    assert_eq!(world.session().unwrap_err().code.as_str(), "challengeSpent");
    assert_eq!(
        (world.step().as_str(), world.error().as_str()),
        ("signedOut", "challengeSpent")
    );
}

#[test]
fn an_access_token_that_was_revoked_is_refreshed_and_the_call_repeated_once() {
    let mut world = signed_in();
    world
        .expect("GetUser", dead_access_token())
        .expect("InitiateAuth", refreshed(2))
        .expect(
            "GetUser",
            ok(json!({ "UserAttributes": [], "UserMFASettingList": ["SMS_MFA"] })),
        );
    let preference = world.call("mfaPreference", json!({})).unwrap();
    assert_eq!(preference["enabled"], json!(["sms"]));
    assert_eq!(
        world.sent(),
        ["GetUser", "InitiateAuth REFRESH_TOKEN_AUTH", "GetUser"]
    );
}

#[test]
fn a_fresh_access_token_that_is_refused_too_ends_the_session() {
    let mut world = signed_in();
    world
        .expect("GetUser", dead_access_token())
        .expect("InitiateAuth", refreshed(2))
        .expect("GetUser", dead_access_token());
    let error = world.call("mfaPreference", json!({})).unwrap_err();
    assert_eq!(error.code.as_str(), "challengeSpent");
    assert_eq!(world.step(), "signedOut");
}

#[test]
fn a_code_that_waits_for_fresh_tokens_is_sent_with_them() {
    let mut world = World::scripted();
    world
        .expect("InitiateAuth", tokens(1))
        .expect("GetUser", unverified_user())
        .expect("GetUserAttributeVerificationCode", email_sent());
    world.send(sign_in());
    world.pass(2.0 * HOUR);
    world
        .expect("InitiateAuth", refreshed(2))
        .expect("VerifyUserAttribute", done());
    assert_eq!(world.send(submit("123456"))["step"], "signedIn");
    assert_eq!(
        world.body_of("VerifyUserAttribute")["AccessToken"],
        access_token(2)
    );
}

#[test]
fn leaving_while_fresh_tokens_are_awaited_does_not_send_the_code_after_all() {
    let mut world = World::scripted();
    world
        .expect("InitiateAuth", tokens(1))
        .expect("GetUser", unverified_user())
        .expect("GetUserAttributeVerificationCode", email_sent());
    world.send(sign_in());
    world.pass(2.0 * HOUR);
    world.expect("InitiateAuth", refreshed(2));
    world.start(submit("123456")).unwrap();
    world.send(event("cancel"));
    world.run();
    assert_eq!(world.step(), "signedIn");
    assert!(!world.sent().contains(&"VerifyUserAttribute".into()));
}

#[test]
fn two_tabs_refresh_once_and_the_second_takes_over_what_the_first_got() {
    let mut first = signed_in();
    let mut second = first.new_tab();
    assert_eq!(second.step(), "signedIn");
    first.pass(HOUR);
    second.pass(HOUR);
    first.expect("InitiateAuth", refreshed(2));
    let mine = first.start_call("session", json!({})).unwrap();
    // The first tab has the lock and waits for the pool; the second waits for the lock.
    second.start_call("session", json!({})).unwrap();
    first.answer_all();
    assert_eq!(
        first.answer(mine).unwrap().unwrap()["accessToken"],
        access_token(2)
    );
    second.run();
    assert_eq!(second.sent(), [""; 0]);
    assert_eq!(second.session().unwrap()["accessToken"], access_token(2));
}

#[test]
fn a_tab_that_died_with_the_lock_does_not_stop_the_others_for_ever() {
    let mut first = signed_in();
    let mut second = first.new_tab();
    first.pass(HOUR);
    second.pass(HOUR);
    assert!(
        first.storage.as_ref().unwrap().lock(99),
        "the tab that died has it"
    );
    first.expect("InitiateAuth", refreshed(2));
    assert_eq!(first.session().unwrap()["accessToken"], access_token(2));
}

#[test]
fn a_lock_that_comes_when_it_is_no_longer_waited_for_sends_nothing() {
    let mut world = signed_in();
    world.pass(HOUR);
    let storage = world.storage.clone().unwrap();
    assert!(storage.lock(99), "another tab has it");
    let ticket = world
        .start_call("session", json!({ "refresh": true }))
        .unwrap();
    let id = 1_000;
    world
        .flow
        .handle(Input::Locked { id }, &world.clock.moment())
        .unwrap();
    world.wake();
    assert!(world.sent().is_empty(), "that was a lock of nobody's");
    world.pass_without_answers(MINUTE);
    assert_eq!(
        world.sent(),
        ["InitiateAuth REFRESH_TOKEN_AUTH"],
        "the other tab has died"
    );
    storage.unlock(99);
    world.look_at_locks();
    assert!(world.sent().is_empty(), "one request is under way");
    world.expect("InitiateAuth", refreshed(2));
    world.answer_all();
    let session = world.answer(ticket).unwrap().unwrap();
    assert_eq!(session["accessToken"], access_token(2));
}

#[test]
fn tokens_that_another_tab_got_are_taken_over() {
    let mut first = signed_in();
    let mut second = first.new_tab();
    first.pass(HOUR);
    second.pass(HOUR);
    first.expect("InitiateAuth", refreshed(2));
    first.session().unwrap();
    second.notice_storage();
    assert_eq!(second.session().unwrap()["accessToken"], access_token(2));
    assert!(second.sent().is_empty());
}

#[test]
fn a_tab_whose_refresh_is_refused_goes_on_with_what_another_tab_got_meanwhile() {
    let refusals = [
        refused("NotAuthorizedException", "Invalid Refresh Token"),
        refused("RefreshTokenReuseException", "The refresh token was used."),
    ];
    for refusal in refusals {
        let mut first = signed_in();
        let mut second = first.new_tab();
        first.pass(HOUR);
        second.pass(HOUR);
        second.expect("InitiateAuth", refusal);
        let asked = second.start_call("session", json!({})).unwrap();
        second.look_at_locks();
        // A tab that did not wait for the lock, or was given it too soon.
        let storage = first.storage.clone().unwrap();
        storage.unlock(second.tab);
        first.expect("InitiateAuth", refreshed(2));
        first.session().unwrap();
        second.notice_storage();
        second.answer_all();
        let session = second.answer(asked).unwrap().unwrap();
        assert_eq!(session["accessToken"], access_token(2));
        assert_eq!(second.step(), "signedIn");
        assert_ne!(storage.session(), None, "the other tab's tokens are kept");
    }
}

#[test]
fn signing_out_in_one_tab_signs_out_in_all() {
    let mut first = signed_in();
    let mut second = first.new_tab();
    first.expect("RevokeToken", done());
    first.send(event("signOut"));
    second.notice_storage();
    assert_eq!(second.snapshot(), first.snapshot());
}

#[test]
fn a_tab_that_missed_the_signing_out_notices_with_its_next_input() {
    let mut first = signed_in();
    let mut second = first.new_tab();
    first.expect("RevokeToken", done());
    first.send(event("signOut"));
    // Whoever asks still believes that somebody is signed in.
    assert_eq!(
        second.session().unwrap_err().code.as_str(),
        "challengeSpent"
    );
    assert_eq!(second.step(), "signedOut");
    assert!(second.sent().is_empty());
}

#[test]
fn a_session_when_signed_out_is_misuse() {
    let mut world = World::scripted();
    let before = world.snapshot();
    assert_eq!(world.session().unwrap_err().code.as_str(), "notAccepted");
    assert_eq!(world.snapshot(), before);
}

#[test]
fn a_late_answer_to_a_refresh_after_signing_out_does_not_sign_in_again() {
    let mut world = signed_in();
    world.pass(HOUR);
    let ticket = world.start_call("session", json!({})).unwrap();
    let mut requests = std::mem::take(&mut world.network.under_way);
    // The lock is granted only when the network is looked at.
    world.expect("InitiateAuth", Fault::Silence);
    world.answer_all();
    requests.append(&mut world.network.under_way);
    world.expect("RevokeToken", done());
    world.send(event("signOut"));
    assert_eq!(
        world.answer(ticket).unwrap().unwrap_err().code.as_str(),
        "notAccepted"
    );
    for id in 0..20 {
        world.answer_late(id, json!({ "AuthenticationResult": token_set(2) }));
    }
    assert_eq!(world.step(), "signedOut");
    assert_eq!(world.storage.as_ref().unwrap().session(), None);
}

#[test]
fn a_refresh_by_one_who_verifies_keeps_the_step() {
    let mut world = World::scripted();
    world
        .expect("InitiateAuth", tokens(1))
        .expect("GetUser", unverified_user())
        .expect("GetUserAttributeVerificationCode", email_sent());
    world.send(sign_in());
    world.pass(2.0 * HOUR);
    for _ in 0..3 {
        world.expect("InitiateAuth", Fault::NotSent);
    }
    let snapshot = world.send(submit("123456"));
    assert_eq!(snapshot["step"], "verifyAttribute");
    assert_eq!(snapshot["error"]["code"], "offline");
    assert_ne!(snapshot["codeExpiresAt"], Value::Null);
}

#[test]
fn somebody_else_signed_in_in_another_tab_does_not_go_on_with_this_persons_verification() {
    let pool = LocalPool::new();
    pool.add_user(USER, PASSWORD, json!({ "email": EMAIL }), Clock::new().wall);
    pool.add_user("bob", PASSWORD, json!({}), Clock::new().wall);
    let mut first = World::with(&pool);
    let mut second = first.new_tab();
    assert_eq!(first.send(sign_in())["step"], "verifyAttribute");
    second.reload();
    second.send(event("signOut"));
    second.send(json!({ "type": "signIn", "username": "bob", "password": PASSWORD }));
    first.notice_storage();
    assert_eq!(first.snapshot()["step"], "signedIn");
    assert_eq!(first.snapshot()["username"], "bob");
}
