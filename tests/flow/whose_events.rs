//! Whose session it is: an event that was begun for one person is carried out for nobody else, and
//! another person is another form.

use cognito_flow::Outcome;
use serde_json::{Value, json};

use crate::support::*;

/// Alice at a form, and what she does in it.
struct Case {
    name: &'static str,
    at: fn() -> World,
    does: fn() -> Value,
}

const CASES: [Case; 4] = [
    Case {
        name: "asks to verify her address",
        at: alice,
        does: || json!({ "type": "verifyAttribute", "attribute": "email" }),
    },
    Case {
        name: "gives the code",
        at: alice_verifying,
        does: || submit("123456"),
    },
    Case {
        name: "asks for another code",
        at: || {
            let mut world = alice_verifying();
            world.pass(MINUTE);
            world
        },
        does: || event("resendCode"),
    },
    Case {
        name: "skips to the next attribute",
        at: || {
            let mut world = World::scripted();
            world
                .expect("InitiateAuth", tokens(1))
                .expect("GetUser", user(all_unverified()))
                .expect("GetUserAttributeVerificationCode", email_sent());
            let snapshot = world.send(sign_in());
            assert_eq!(snapshot["remaining"], json!(["email"]));
            world
        },
        does: || event("skipVerification"),
    },
];

fn all_unverified() -> Value {
    json!({ "email": EMAIL, "email_verified": "false",
        "phone_number": PHONE, "phone_number_verified": "false" })
}

/// The same at three stages: sent, waiting for a refresh, waiting for the lock.
fn begun(case: &Case, stage: usize) -> (World, World) {
    let mut first = (case.at)();
    let mut second = first.new_tab();
    if stage > 0 {
        for tab in [&mut first, &mut second] {
            tab.pass(2.0 * HOUR);
        }
    }
    if stage == 2 {
        assert!(first.storage.as_ref().unwrap().lock(second.tab));
    }
    first.start((case.does)()).unwrap();
    first.look_at_locks();
    assert!(!first.snapshot()["busy"].is_null(), "{}", case.name);
    first.sent();
    (first, second)
}

#[test]
fn what_alice_was_about_to_do_is_rejected_when_the_session_changes_in_another_tab() {
    for case in &CASES {
        for stage in 0..3 {
            for change in CHANGES {
                let (mut first, mut second) = begun(case, stage);
                let round = first.round();
                let told = format!("{} {stage} {change:?}", case.name);
                change_in(&mut second, change);
                let stored = first.storage.as_ref().unwrap().session();
                first.notice_storage();
                let rejected = first.rejected.take().expect("whoever waits is told");
                assert_eq!(rejected.code.as_str(), "challengeSpent", "{told}");
                assert_eq!(first.snapshot(), second.snapshot(), "{told}");
                assert!(first.round() > round, "{told}");
                first.storage.as_ref().unwrap().unlock(second.tab);
                for id in 1..40 {
                    first.answer_late(id, json!({ "AuthenticationResult": token_set(9) }));
                    first.reply(id, Outcome::Lost);
                }
                first.pass(MINUTE);
                assert_eq!(first.sent(), [""; 0], "{told}");
                assert_eq!(first.storage.as_ref().unwrap().session(), stored, "{told}");
                assert_eq!(first.snapshot(), second.snapshot(), "{told}");
                assert_eq!(first.pending, None, "{told}: nothing of alice's is kept");
            }
        }
    }
}

#[test]
fn a_sign_in_that_is_all_but_done_does_not_go_on_when_somebody_else_has_signed_in() {
    // The tokens are there, and the user is being read, or a code sent.
    for answered in 1..3 {
        for change in CHANGES {
            let mut first = World::scripted();
            first
                .expect("InitiateAuth", tokens(1))
                .expect("GetUser", unverified_user());
            first.start(sign_in()).unwrap();
            for _ in 0..answered {
                first.answer_next();
            }
            assert_eq!(first.snapshot()["busy"], "signIn");
            let id = first.network.under_way.front().unwrap().id;
            let mut second = first.new_tab();
            second.network.under_way.clear();
            change_in(&mut second, change);
            let stored = first.storage.as_ref().unwrap().session();
            first.sent();
            first.answer_late(id, json!({ "Username": USER, "UserAttributes": [] }));
            let rejected = first.rejected.take().expect("whoever waits is told");
            assert_eq!(rejected.code.as_str(), "challengeSpent");
            assert_eq!(first.snapshot(), second.snapshot(), "{change:?}");
            assert_eq!(first.storage.as_ref().unwrap().session(), stored);
            assert_eq!(first.sent(), [""; 0], "{change:?}");
        }
    }
}

/// Everything that one who is signed in can send, where it can be sent.
fn events_of_a_session() -> Vec<(fn() -> World, Value)> {
    let everywhere = json!({ "type": "signOut", "everywhere": true });
    let verify = json!({ "type": "verifyAttribute", "attribute": "email" });
    vec![
        (alice, verify),
        (alice, event("signOut")),
        (alice, everywhere.clone()),
        (alice_verifying, submit("123456")),
        (alice_verifying, event("skipVerification")),
        (alice_verifying, event("signOut")),
        (alice_verifying, everywhere),
        (alice_verifying, event("cancel")),
    ]
}

#[test]
fn an_event_meant_for_alices_page_does_nothing_to_whoever_has_taken_her_place() {
    for (at, event) in events_of_a_session() {
        for change in CHANGES {
            let mut first = at();
            let mut second = first.new_tab();
            change_in(&mut second, change);
            let stored = first.storage.as_ref().unwrap().session();
            first.sent();
            let error = first.start(event.clone()).unwrap_err();
            assert_eq!(error.code.as_str(), "challengeSpent", "{event} {change:?}");
            first.pass(MINUTE);
            assert_eq!(first.sent(), [""; 0], "{event} {change:?}");
            assert_eq!(first.storage.as_ref().unwrap().session(), stored, "{event}");
            assert_eq!(first.snapshot(), second.snapshot(), "{event} {change:?}");
        }
    }
}

#[test]
fn another_person_is_another_form_and_the_same_session_is_the_same_form() {
    let mut first = alice();
    let mut second = first.new_tab();
    let round = first.round();
    second.expect("InitiateAuth", refreshed(2));
    second.call("session", json!({ "refresh": true })).unwrap();
    first.notice_storage();
    assert_eq!(first.round(), round, "a refresh is no other form");
    second
        .expect("UpdateUserAttributes", done())
        .expect("GetUser", alices_attributes());
    let change = json!({ "attributes": { "nickname": "Al" } });
    second.call("updateAttributes", change).unwrap();
    first.notice_storage();
    assert_eq!(first.round(), round, "nor is a changed attribute");
    change_in(&mut second, Change::SomebodyElse);
    first.notice_storage();
    assert_eq!(first.snapshot()["username"], OTHER);
    assert!(first.round() > round);
    let round = first.round();
    second.leave();
    first.notice_storage();
    assert_eq!(first.step(), "signedOut");
    assert!(first.round() > round);
}

#[test]
fn what_alice_typed_to_verify_is_no_form_of_bobs() {
    let mut first = alice_verifying();
    let mut second = first.new_tab();
    change_in(&mut second, Change::SomebodyElse);
    first.notice_storage();
    assert_eq!(first.step(), "signedIn");
    // Nor after a reload: what was kept of her step is gone with her.
    first.reload();
    assert_eq!(first.step(), "signedIn");
    assert_eq!(first.snapshot()["username"], OTHER);
}

#[test]
fn a_step_kept_by_a_tab_that_was_asleep_is_not_shown_to_somebody_else_after_its_reload() {
    let mut first = alice_verifying();
    let mut second = first.new_tab();
    change_in(&mut second, Change::SomebodyElse);
    assert!(first.pending.is_some());
    first.reload();
    assert_eq!(first.snapshot(), second.snapshot());
    assert_eq!(first.pending, None);
}

#[test]
fn changed_attributes_show_in_the_other_tab() {
    let mut first = alice();
    let mut second = first.new_tab();
    second.expect("UpdateUserAttributes", done()).expect(
        "GetUser",
        user(json!({ "sub": "sub-of-alice", "nickname": "Al" })),
    );
    let change = json!({ "attributes": { "nickname": "Al" } });
    second.call("updateAttributes", change).unwrap();
    first.notice_storage();
    assert_eq!(first.snapshot()["attributes"]["nickname"], "Al");
    assert_eq!(first.snapshot(), second.snapshot());
}

/// Records that are no session of this flow's.
fn foreign(record: &Value) -> Vec<String> {
    let mut changed = Vec::new();
    for (member, value) in [
        ("version", json!(1)),
        ("pool", json!("eu-west-1_Another00")),
        ("client", json!("another0client")),
        ("endpoint", json!("https://elsewhere.example/")),
        ("accessToken", Value::Null),
        ("id", json!(7)),
    ] {
        let mut other = record.clone();
        other[member] = value;
        changed.push(other.to_string());
    }
    changed.extend(["{}", "[]", "null", "garbage", ""].map(String::from));
    changed
}

#[test]
fn a_record_that_is_no_session_of_this_flows_in_the_place_of_ours_is_a_sign_out() {
    for record in foreign(&alice().record()) {
        let mut world = alice();
        let storage = world.storage.clone().unwrap();
        let ticket = world.start_call("mfaPreference", json!({})).unwrap();
        world.sent();
        storage.set_session(Some(record.clone()));
        world.notice_storage();
        assert_eq!(world.refusal(ticket), "challengeSpent", "{record}");
        assert_eq!(world.step(), "signedOut", "{record}");
        assert_eq!(world.sent(), [""; 0], "{record}");
        // Signing in again works as ever, and is kept.
        world.sign_in_as(USER, tokens(2), alices_attributes());
        assert_eq!(world.record()["accessToken"], access_token(2).as_str());
    }
}
