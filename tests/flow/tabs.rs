//! Tabs beside each other: who stands idle takes part, who is in the middle of something is not
//! disturbed, and a storage that cannot say is not one that says "gone".

use cognito_flow::{EventType, Input, Slot, Stored};
use serde_json::{Value, json};

use crate::support::*;

#[test]
fn a_person_who_signs_in_in_one_tab_is_signed_in_in_the_others_that_stand_idle() {
    let mut first = World::scripted();
    let mut second = first.new_tab();
    let round = second.round();
    first.sign_in_as(USER, tokens(1), alices_attributes());
    second.notice_storage();
    assert_eq!(second.snapshot(), first.snapshot());
    assert!(second.round() > round);
    assert_eq!(second.session().unwrap()["accessToken"], ACCESS_TOKEN);
    assert!(second.sent().is_empty(), "nothing had to be asked for");
}

/// Else two tabs could answer each other for ever.
#[test]
fn a_tab_that_hears_of_another_writes_nothing_itself() {
    let mut first = World::scripted();
    let mut second = first.new_tab();
    let storage = first.storage.clone().unwrap();
    let mut hears = |what: &str| {
        let before = storage.writes();
        second.notice_storage();
        second.wake();
        let third = second.new_tab();
        assert_eq!(third.step(), second.step(), "{what}");
        assert_eq!(storage.writes(), before, "{what}");
    };
    first
        .expect("InitiateAuth", tokens_with_device(1))
        .expect("ConfirmDevice", done())
        .expect("GetUser", alices_attributes());
    first.send(sign_in());
    hears("somebody signed in, on a device that is known now");
    first.pass(HOUR);
    first.expect("InitiateAuth", refreshed(2));
    first.session().unwrap();
    hears("the tokens are new");
    first.expect("RevokeToken", done());
    first.send(event("signOut"));
    hears("nobody is signed in any more");
}

#[test]
fn an_idle_tab_with_an_error_from_before_is_signed_in_too() {
    let mut second = World::scripted();
    second.expect("InitiateAuth", Fault::NotSent);
    second.send(sign_in());
    assert_eq!(second.error(), "offline");
    let mut first = second.new_tab();
    first.sign_in_as(USER, tokens(1), alices_attributes());
    second.notice_storage();
    assert_eq!(second.snapshot(), first.snapshot());
}

#[test]
fn an_idle_tab_signed_in_before_the_user_was_read_reads_the_user() {
    let mut first = World::scripted();
    let mut second = first.new_tab();
    first.expect("InitiateAuth", tokens(1));
    first.start(sign_in()).unwrap();
    first.answer_next();
    second.notice_storage();
    assert_eq!(
        second.step(),
        "signedOut",
        "the other tab may yet learn who it is"
    );
    second.expect("GetUser", alices_attributes());
    second.pass(5.0 * SECOND);
    assert_eq!(second.step(), "signedIn");
    assert_eq!(second.snapshot()["attributes"]["email"], EMAIL);
    assert_eq!(second.snapshot()["unverified"], json!([]));
}

/// Tabs that are in the middle of something for which nobody is signed in yet.
fn in_the_middle() -> Vec<World> {
    let mut confirming = World::scripted();
    confirming.expect("SignUp", signed_up());
    confirming.send(sign_up(phone_and_email()));
    let mut answering = World::scripted();
    answering.expect("InitiateAuth", sms_challenge());
    answering.send(sign_in());
    let mut choosing = World::scripted();
    choosing.expect("InitiateAuth", new_password_challenge());
    choosing.send(sign_in());
    let mut resetting = World::scripted();
    resetting.expect("ForgotPassword", email_sent());
    resetting.send(forgot());
    let mut waiting = World::scripted();
    waiting.start(sign_in()).unwrap();
    vec![confirming, answering, choosing, resetting, waiting]
}

#[test]
fn a_tab_in_the_middle_of_something_is_not_disturbed_by_a_sign_in_elsewhere() {
    for mut second in in_the_middle() {
        let (before, round) = (second.snapshot(), second.round());
        let mut first = second.new_tab();
        first.sign_in_as(OTHER, tokens(5), other_user());
        let stored = first.storage.as_ref().unwrap().session();
        second.notice_storage();
        assert_eq!(second.snapshot(), before);
        assert_eq!(second.round(), round);
        assert_eq!(second.rejected, None);
        assert_eq!(first.storage.as_ref().unwrap().session(), stored);
    }
}

#[test]
fn whoever_gives_up_in_one_tab_what_was_begun_there_is_signed_in_as_in_the_other() {
    for mut second in in_the_middle() {
        let mut first = second.new_tab();
        first.sign_in_as(OTHER, tokens(5), other_user());
        second.notice_storage();
        let step = second.step();
        second.send(event("cancel"));
        // The tab stands idle now, with the same storage.
        second.pass(SECOND);
        assert_eq!(second.snapshot(), first.snapshot(), "from {step}");
    }
}

#[test]
fn whoever_signs_out_here_while_somebody_signs_in_elsewhere_stands_idle_no_longer() {
    let mut second = alice();
    let mut first = second.new_tab();
    second
        .expect("RevokeToken", Fault::Silence)
        .expect("RevokeToken", done());
    second.start(event("signOut")).unwrap();
    first.notice_storage();
    first.sign_in_as(OTHER, tokens(5), other_user());
    second.notice_storage();
    second.pass(MINUTE);
    assert_eq!(second.snapshot(), first.snapshot());
}

#[test]
fn signing_in_in_a_tab_that_stood_idle_meanwhile_is_misuse_and_leaves_who_is_there() {
    let mut first = World::scripted();
    let mut second = first.new_tab();
    first.sign_in_as(OTHER, tokens(5), other_user());
    let error = second.start(sign_in()).unwrap_err();
    assert_eq!(error.code.as_str(), "notAccepted");
    assert!(second.sent().is_empty());
    assert_eq!(second.snapshot(), first.snapshot());
}

#[test]
fn what_a_page_without_anybody_asks_for_is_not_done_to_whoever_has_signed_in_elsewhere() {
    let asks = [
        ("deleteUser", json!({})),
        ("deleteAttributes", json!({ "names": ["email"] })),
        (
            "updateAttributes",
            json!({ "attributes": { "nickname": "Al" } }),
        ),
        (
            "changePassword",
            json!({ "current": PASSWORD, "next": OTHER_PASSWORD }),
        ),
        ("setMfaPreference", json!({ "preference": { "sms": "on" } })),
        ("forgetDevice", json!({ "key": DEVICE_KEY })),
    ];
    for (name, arguments) in asks {
        let mut second = World::scripted();
        let mut first = second.new_tab();
        first.sign_in_as(OTHER, tokens(5), other_user());
        assert_eq!(second.step(), "signedOut", "nobody has told it yet");
        let asked = second.start_call(name, arguments);
        assert!(second.sent().is_empty(), "{name} is done to {OTHER}");
        if let Ok(ticket) = asked {
            assert_eq!(second.refusal(ticket), "notAccepted");
        }
    }
    for event in [
        event("signOut"),
        json!({ "type": "signOut", "everywhere": true }),
        json!({ "type": "verifyAttribute", "attribute": "email" }),
    ] {
        let mut second = World::scripted();
        let mut first = second.new_tab();
        first.sign_in_as(OTHER, tokens(5), other_user());
        let stored = first.storage.as_ref().unwrap().session();
        assert!(second.start(event.clone()).is_err(), "{event}");
        assert!(second.sent().is_empty(), "{event}");
        assert_eq!(first.storage.as_ref().unwrap().session(), stored, "{event}");
    }
}

#[test]
fn storage_cleared_elsewhere_is_a_sign_out() {
    for mut world in [alice(), alice_verifying()] {
        let storage = world.storage.clone().unwrap();
        let ticket = world.start_call("mfaPreference", json!({})).unwrap();
        storage.set_session(None);
        storage.set_devices(None);
        world.notice_storage();
        assert_eq!(world.step(), "signedOut");
        assert_eq!(world.snapshot()["username"], USER);
        assert_eq!(world.refusal(ticket), "challengeSpent");
        assert_eq!(storage.session(), None);
    }
}

/// Everything in a session that could take "no record" for "signed out elsewhere".
#[test]
fn a_storage_that_keeps_nothing_signs_nobody_out() {
    let mut world = World::scripted();
    world.storage.as_ref().unwrap().forget_all();
    world.sign_in_as(USER, tokens(1), alices_attributes());
    for number in 2..5 {
        world.pass(HOUR);
        world.expect("InitiateAuth", refreshed(number));
        let session = world.session().unwrap();
        assert_eq!(session["accessToken"], access_token(number));
        assert_eq!(world.sent(), ["InitiateAuth REFRESH_TOKEN_AUTH"]);
    }
    world.expect("GetUser", alices_attributes());
    world.call("mfaPreference", json!({})).unwrap();
    assert_eq!(world.step(), "signedIn");
    world.leave();
}

#[test]
fn a_storage_that_keeps_nothing_from_some_time_on_signs_nobody_out() {
    let mut world = alice();
    world.storage.as_ref().unwrap().forget_all();
    world.pass(HOUR);
    world.expect("InitiateAuth", refreshed(2));
    assert_eq!(world.session().unwrap()["accessToken"], access_token(2));
    assert_eq!(world.step(), "signedIn");
}

#[test]
fn a_storage_that_cannot_say_what_is_in_it_changes_nothing() {
    for mut world in [alice(), alice_verifying(), World::scripted()] {
        let (before, round) = (world.snapshot(), world.round());
        for slot in Slot::ALL {
            let record = Stored::Unshared;
            let input = Input::Stored { slot, record };
            world.flow.handle(input, &world.clock.moment()).unwrap();
            assert!(world.flow.poll_effect().is_none(), "nothing is to be done");
        }
        world.wake();
        assert_eq!((world.snapshot(), world.round()), (before, round));
    }
}

#[test]
fn what_another_document_of_the_tab_is_in_the_middle_of_is_no_matter_of_this_one() {
    let pending = in_the_middle()[1].pending.clone().unwrap();
    let record = cognito_flow::Fields::new(&pending).unwrap();
    for mut world in [World::scripted(), alice()] {
        let before = world.snapshot();
        for record in [Stored::Record(record), Stored::Nothing] {
            let input = Input::Stored {
                slot: Slot::Pending,
                record,
            };
            world.flow.handle(input, &world.clock.moment()).unwrap();
            world.wake();
            assert_eq!(world.snapshot(), before);
        }
    }
}

#[test]
fn a_tab_that_is_signed_in_from_elsewhere_can_do_whatever_one_who_signed_in_there_can() {
    let mut first = World::scripted();
    let mut second = first.new_tab();
    first.sign_in_as(USER, tokens(1), alices_attributes());
    second.notice_storage();
    for kind in EventType::ALL {
        assert_eq!(first.flow.accepts(kind), second.flow.accepts(kind));
    }
    second.pass(HOUR);
    second.expect("InitiateAuth", refreshed(2));
    assert_eq!(second.session().unwrap()["accessToken"], access_token(2));
    second.leave();
    first.notice_storage();
    assert_eq!(first.step(), "signedOut");
    assert_eq!(first.snapshot()["error"], Value::Null);
}
