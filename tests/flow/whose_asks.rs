//! Whose session it is: what was asked for one person is done, stored, shown and given for nobody
//! else, whatever another tab does meanwhile.

use cognito_flow::Outcome;
use serde_json::{Value, json};

use crate::support::*;

/// How far a call has come when the session changes.
const STAGES: [Stage; 3] = [Stage::Sent, Stage::Refreshing, Stage::Locked];

#[derive(Clone, Copy, Debug, PartialEq)]
enum Stage {
    /// Its own request is on the wire.
    Sent,
    /// The refresh that it needs is on the wire.
    Refreshing,
    /// Another tab has the lock.
    Locked,
}

/// Everything that is asked of a session.
fn asks() -> Vec<(&'static str, Value)> {
    vec![
        ("session", json!({})),
        ("session", json!({ "refresh": true })),
        ("mfaPreference", json!({})),
        ("setMfaPreference", json!({ "preference": { "sms": "on" } })),
        ("startTotp", json!({})),
        ("confirmTotp", json!({ "code": "123456" })),
        (
            "updateAttributes",
            json!({ "attributes": { "nickname": "Al" } }),
        ),
        ("deleteAttributes", json!({ "names": ["nickname"] })),
        (
            "changePassword",
            json!({ "current": PASSWORD, "next": OTHER_PASSWORD }),
        ),
        ("deleteUser", json!({})),
        ("factors", json!({})),
        ("sessions", json!({})),
        ("endSession", json!({ "id": "tkn1" })),
        ("passkeys", json!({})),
        ("createPasskey", json!({})),
        ("deletePasskey", json!({ "id": "YWxpY2U" })),
        ("devices", json!({})),
        ("forgetDevice", json!({ "key": DEVICE_KEY })),
    ]
}

/// Alice's tab with a call that has come so far, and a second tab of hers.
fn asked(name: &str, arguments: &Value, stage: Stage) -> Option<(World, World, u32)> {
    let mut first = alice();
    let mut second = first.new_tab();
    if stage != Stage::Sent {
        first.pass(HOUR);
        second.pass(HOUR);
    }
    if stage == Stage::Locked {
        assert!(first.storage.as_ref().unwrap().lock(second.tab));
    }
    let ticket = first.start_call(name, arguments.clone()).unwrap();
    first.look_at_locks();
    first.sent();
    // Good tokens are given at once: there is nothing under way then.
    match first.answer(ticket) {
        Some(_) => None,
        None => Some((first, second, ticket)),
    }
}

/// What may still come for requests that were sent before: all of it is for alice.
fn late_answers(world: &mut World) {
    for id in 1..40 {
        let mut late = json!({ "AuthenticationResult": token_set(9), "Username": USER });
        late["UserAttributes"] = json!([{ "Name": "email", "Value": EMAIL }]);
        world.answer_late(id, late);
    }
}

fn late_refusals(world: &mut World) {
    for id in 1..40 {
        let body = json!({ "__type": "NotAuthorizedException", "message": "Access Token has been revoked" });
        let answer = Answer {
            status: 400,
            error_type: None,
            body: Some(body),
        };
        world.answer_with(id, answer);
    }
}

fn losses(world: &mut World) {
    for id in 1..40 {
        world.reply(id, Outcome::Lost);
    }
}

#[test]
fn what_alice_asked_for_is_rejected_when_the_session_changes_in_another_tab() {
    for (name, arguments) in asks() {
        for stage in STAGES {
            for change in CHANGES {
                for late in [late_answers, late_refusals, losses, World::notice_storage] {
                    let Some((mut first, mut second, ticket)) = asked(name, &arguments, stage)
                    else {
                        continue;
                    };
                    let case = format!("{name} {stage:?} {change:?}");
                    let round = first.round();
                    change_in(&mut second, change);
                    let stored = first.storage.as_ref().unwrap().session();
                    late(&mut first);
                    assert_eq!(first.refusal(ticket), "challengeSpent", "{case}");
                    assert_eq!(first.snapshot(), second.snapshot(), "{case}");
                    assert!(first.round() > round, "another form: {case}");
                    // Whatever comes later still.
                    first.storage.as_ref().unwrap().unlock(second.tab);
                    late_answers(&mut first);
                    late_refusals(&mut first);
                    first.pass(MINUTE);
                    assert_eq!(first.sent(), [""; 0], "{case}");
                    assert_eq!(
                        first.storage.as_ref().unwrap().session(),
                        stored,
                        "{case}: the record is the other tab's"
                    );
                    assert_eq!(first.snapshot(), second.snapshot(), "{case}");
                }
            }
        }
    }
}

#[test]
fn what_is_asked_when_the_session_has_changed_already_is_not_carried_out() {
    for (name, arguments) in asks() {
        for change in CHANGES {
            let mut first = alice();
            let mut second = first.new_tab();
            change_in(&mut second, change);
            let stored = first.storage.as_ref().unwrap().session();
            let error = first.start_call(name, arguments.clone()).unwrap_err();
            assert_eq!(error.code.as_str(), "challengeSpent", "{name} {change:?}");
            first.pass(HOUR);
            assert_eq!(first.sent(), [""; 0], "{name} {change:?}");
            assert_eq!(first.storage.as_ref().unwrap().session(), stored);
            assert_eq!(first.snapshot(), second.snapshot(), "{name} {change:?}");
        }
    }
}

#[test]
fn what_is_asked_after_the_page_was_told_who_it_is_now_is_done_for_them() {
    let mut first = alice();
    let mut second = first.new_tab();
    change_in(&mut second, Change::SomebodyElse);
    first.notice_storage();
    assert_eq!(first.session().unwrap()["accessToken"], access_token(5));
    first.expect("DeleteUser", done());
    first.call("deleteUser", json!({})).unwrap();
    assert_eq!(first.body_of("DeleteUser")["AccessToken"], access_token(5));
    second.notice_storage();
    assert_eq!(second.step(), "signedOut");
}

fn shown_a_secret(world: &mut World) {
    world.expect(
        "AssociateSoftwareToken",
        ok(json!({ "SecretCode": TOTP_SECRET })),
    );
    world.call("startTotp", json!({})).unwrap();
}

fn confirms(world: &mut World) {
    world
        .expect("VerifySoftwareToken", ok(json!({ "Status": "SUCCESS" })))
        .expect("SetUserMFAPreference", done());
    world
        .call("confirmTotp", json!({ "code": "123456" }))
        .unwrap();
}

#[test]
fn a_code_for_the_secret_that_alice_was_shown_is_no_code_of_whoever_takes_her_place() {
    for change in [Change::SomebodyElse, Change::Anew] {
        let mut first = alice();
        shown_a_secret(&mut first);
        let mut second = first.new_tab();
        change_in(&mut second, change);
        // The page is told before the code is typed.
        first.notice_storage();
        first.sent();
        let error = first
            .call("confirmTotp", json!({ "code": "123456" }))
            .unwrap_err();
        assert_eq!(error.code.as_str(), "challengeSpent", "{change:?}");
        assert_eq!(first.sent(), [""; 0], "{change:?}");
        // What they set up themselves is theirs.
        shown_a_secret(&mut first);
        confirms(&mut first);
    }
}

#[test]
fn a_code_for_a_secret_of_before_a_reload_or_a_refresh_is_a_code_still() {
    let mut world = alice();
    shown_a_secret(&mut world);
    world.reload();
    confirms(&mut world);
    shown_a_secret(&mut world);
    world.expect("InitiateAuth", refreshed(2));
    world.call("session", json!({ "refresh": true })).unwrap();
    confirms(&mut world);
}

#[test]
fn a_code_for_the_secret_that_alice_was_shown_is_misuse_once_she_has_left() {
    let mut world = alice();
    shown_a_secret(&mut world);
    world.leave();
    let error = world
        .call("confirmTotp", json!({ "code": "123456" }))
        .unwrap_err();
    assert_eq!(error.code.as_str(), "notAccepted");
    world.sign_in_as(OTHER, tokens(5), other_user());
    let error = world
        .call("confirmTotp", json!({ "code": "123456" }))
        .unwrap_err();
    assert_eq!(error.code.as_str(), "challengeSpent");
}

#[test]
fn a_refresh_of_the_same_session_by_another_tab_rejects_nothing() {
    // What the browser asks for in the middle has tests of its own.
    let asks = asks().into_iter();
    for (name, arguments) in asks.filter(|(name, _)| *name != "createPasskey") {
        for stage in STAGES {
            let Some((mut first, mut second, ticket)) = asked(name, &arguments, stage) else {
                continue;
            };
            let case = format!("{name} {stage:?}");
            let round = first.round();
            let storage = first.storage.clone().unwrap();
            // The other tab does not wait for a lock that was given to it too soon.
            storage.unlock(first.tab);
            second.expect("InitiateAuth", refreshed(2));
            let refresh = json!({ "refresh": true });
            let given = second.call("session", refresh).unwrap();
            assert_eq!(given["accessToken"], access_token(2));
            first.notice_storage();
            assert!(
                first.answer(ticket).is_none(),
                "{case}: nothing is rejected"
            );
            for _ in 0..2 {
                first.expect("InitiateAuth", refreshed(3));
            }
            let operations = [
                "SetUserMFAPreference",
                "UpdateUserAttributes",
                "DeleteUserAttributes",
                "ChangePassword",
                "DeleteUser",
                "ForgetDevice",
                "RevokeUserSession",
                "DeleteWebAuthnCredential",
            ];
            for operation in operations {
                first.expect(operation, done());
            }
            first
                .expect("GetUser", alices_attributes())
                .expect(
                    "AssociateSoftwareToken",
                    ok(json!({ "SecretCode": TOTP_SECRET })),
                )
                .expect("VerifySoftwareToken", ok(json!({ "Status": "SUCCESS" })));
            first
                .expect("ListDevices", ok(json!({ "Devices": [] })))
                .expect("ListUserSessions", ok(json!({ "Sessions": [] })))
                .expect("GetUserAuthFactors", ok(json!({ "Username": USER })))
                .expect("ListWebAuthnCredentials", ok(json!({ "Credentials": [] })));
            first.run();
            assert!(first.answer(ticket).unwrap().is_ok(), "{case}");
            assert_eq!(first.rejected, None, "{case}");
            if name != "deleteUser" {
                assert_eq!((first.step(), first.round()), ("signedIn".into(), round));
            }
        }
    }
}

#[test]
fn a_call_that_was_refused_is_repeated_with_the_token_that_came_meanwhile() {
    let mut first = alice();
    let mut second = first.new_tab();
    let ticket = first.start_call("mfaPreference", json!({})).unwrap();
    second.expect("InitiateAuth", refreshed(2));
    second.call("session", json!({ "refresh": true })).unwrap();
    first
        .expect("GetUser", dead_access_token())
        .expect("GetUser", alices_attributes());
    first.run();
    assert!(first.answer(ticket).unwrap().is_ok());
    assert_eq!(first.body_of("GetUser")["AccessToken"], access_token(2));
    assert_eq!(first.sent(), ["GetUser", "GetUser"], "no refresh is needed");
}

#[test]
fn an_answer_to_a_refresh_token_that_was_replaced_meanwhile_is_dropped() {
    let mut first = alice();
    let mut second = first.new_tab();
    first.pass(HOUR);
    second.pass(HOUR);
    let ticket = first.start_call("session", json!({})).unwrap();
    first.look_at_locks();
    let id = first.network.under_way.front().unwrap().id;
    first.storage.as_ref().unwrap().unlock(first.tab);
    // Within the grace period both are answered, and the record is the other tab's.
    second.expect("InitiateAuth", tokens(2));
    second.session().unwrap();
    first.answer_late(id, json!({ "AuthenticationResult": token_set(9) }));
    let given = first.answer(ticket).unwrap().unwrap();
    assert_eq!(given["accessToken"], access_token(2));
    assert_eq!(first.record()["refreshToken"], refresh_token(2).as_str());
    assert_eq!(first.record()["accessToken"], access_token(2).as_str());
}

#[test]
fn a_late_answer_about_the_user_does_not_put_one_persons_attributes_under_anothers_name() {
    // The page was loaded before the user was known: it asks by itself.
    let loading = || {
        let mut world = World::scripted();
        world.expect("InitiateAuth", tokens(1));
        world.start(sign_in()).unwrap();
        world.answer_next();
        world.reload();
        (world, None)
    };
    // An attribute was changed, and the pool is asked for what has come of it.
    let changing = || {
        let mut world = alice();
        let attributes = json!({ "attributes": { "nickname": "Al" } });
        let ticket = world.start_call("updateAttributes", attributes).unwrap();
        world.expect("UpdateUserAttributes", done());
        world.answer_next();
        (world, Some(ticket))
    };
    for prepare in [loading as fn() -> (World, Option<u32>), changing] {
        for change in CHANGES {
            let (mut first, ticket) = prepare();
            assert_eq!(first.network.under_way.back().unwrap().operation, "GetUser");
            let id = first.network.under_way.back().unwrap().id;
            let mut second = first.new_tab();
            second.network.under_way.clear();
            change_in(&mut second, change);
            let stored = first.storage.as_ref().unwrap().session();
            let late = json!({ "Username": USER, "UserAttributes": [
                { "Name": "email", "Value": "late@example.com" },
            ] });
            first.answer_late(id, late);
            assert_eq!(first.snapshot(), second.snapshot(), "{change:?}");
            assert_eq!(first.storage.as_ref().unwrap().session(), stored);
            if let Some(ticket) = ticket {
                assert_eq!(first.refusal(ticket), "challengeSpent", "{change:?}");
            }
        }
    }
}

#[test]
fn an_answer_that_comes_after_the_signing_out_in_a_frame_does_not_write_the_record_back() {
    for (name, arguments) in asks() {
        for stage in [Stage::Sent, Stage::Refreshing] {
            let Some((mut first, _, ticket)) = asked(name, &arguments, stage) else {
                continue;
            };
            let storage = first.storage.clone().unwrap();
            let id = first.network.under_way.front().unwrap().id;
            storage.set_session(None);
            // Nobody has told this flow: it is the answer that makes it look.
            first.answer_late(id, json!({ "AuthenticationResult": token_set(2) }));
            assert_eq!(first.refusal(ticket), "challengeSpent", "{name} {stage:?}");
            assert_eq!(first.step(), "signedOut", "{name} {stage:?}");
            assert_eq!(storage.session(), None, "{name} {stage:?}");
            first.pass(HOUR);
            assert_eq!(storage.session(), None, "{name} {stage:?}");
        }
    }
}

#[test]
fn the_lock_is_given_back_when_the_session_changes_underneath() {
    for change in CHANGES {
        let (mut first, mut second, _) =
            asked("session", &json!({}), Stage::Refreshing).expect("a refresh is under way");
        change_in(&mut second, change);
        first.notice_storage();
        let storage = first.storage.as_ref().unwrap();
        assert!(storage.lock(99), "{change:?}: any tab can have it");
    }
}

#[test]
fn a_lock_that_comes_for_a_session_that_is_gone_refreshes_nothing() {
    for change in CHANGES {
        let (mut first, mut second, _) =
            asked("session", &json!({}), Stage::Locked).expect("the lock is another tab's");
        change_in(&mut second, change);
        // The tab is given the lock before it was told of anything.
        first.storage.as_ref().unwrap().unlock(second.tab);
        first.look_at_locks();
        first.pass(MINUTE);
        assert_eq!(first.sent(), [""; 0], "{change:?}");
        assert_eq!(first.snapshot(), second.snapshot(), "{change:?}");
    }
}
