//! What somebody else has put into the storage, the options or a name: it is checked where it enters.

use cognito_flow::{Config, Event, Randomness};
use serde_json::{Value, json};

use crate::support::*;

/// Names that every object of JavaScript has.
const INHERITED: [&str; 5] = [
    "constructor",
    "__proto__",
    "toString",
    "hasOwnProperty",
    "endpoint",
];

/// A world loaded with this in place of members of alice's record.
fn loaded_with(changes: Value) -> World {
    let mut world = alice();
    let storage = world.storage.clone().unwrap();
    let mut record = world.record();
    merge(&mut record, changes);
    storage.set_session(Some(record.to_string()));
    world.reload();
    world
}

#[test]
fn a_planted_lifetime_that_no_pool_gives_is_no_session() {
    for lifetime in [
        json!(1e300),
        json!(-3_600_000),
        json!(0),
        json!(999),
        json!("3600000"),
        json!(null),
        json!([]),
        json!(864_000_001_u64),
        json!(1_u64 << 53),
    ] {
        let world = loaded_with(json!({ "lifetime": lifetime }));
        assert_eq!(world.step(), "signedOut", "{lifetime}");
        assert_eq!(world.storage.as_ref().unwrap().session(), None);
    }
}

#[test]
fn a_planted_time_does_not_make_the_page_fail_at_each_load() {
    for expires in [
        json!(1e300),
        json!(-1e300),
        json!(1e21),
        json!(-1),
        json!(0),
        json!("soon"),
        json!(null),
        json!(999_999_999_999_999_999_999_f64),
        json!(9_007_199_254_740_993_u64),
    ] {
        let mut world = loaded_with(json!({ "expiresAt": expires }));
        world.reload();
        if world.step() == "signedIn" {
            let latest = world.clock.wall + HOUR;
            let shown = world.snapshot()["tokensExpireAt"].as_f64().unwrap();
            assert!(shown <= latest, "capped like that of a reply: {shown}");
            world.pass(HOUR);
            world.expect("InitiateAuth", refreshed(2));
            assert_eq!(world.session().unwrap()["accessToken"], access_token(2));
        }
        assert_eq!(world.error(), "", "{expires}");
    }
}

#[test]
fn a_planted_time_of_a_step_is_capped_as_the_steps_own() {
    let at_code = || {
        let mut world = World::scripted();
        world.expect("InitiateAuth", sms_challenge());
        world.send(sign_in());
        world
    };
    for time in [json!(1e20), json!(9_007_199_254_740_993_u64)] {
        for member in ["expiresAt", "resendAt"] {
            let mut world = at_code();
            let mut record: Value = serde_json::from_str(world.pending.as_ref().unwrap()).unwrap();
            record[member] = time.clone();
            world.pending = Some(record.to_string());
            world.reload();
            if world.step() == "signedOut" {
                continue;
            }
            let latest = world.clock.wall + 3.0 * MINUTE;
            let shown = world.snapshot()[member].as_f64();
            assert!(shown.is_none_or(|shown| shown <= latest));
            world.pass(3.0 * MINUTE);
            assert_eq!(world.error(), "challengeExpired", "{member} {time}");
        }
    }
    for time in [json!(-5), json!(0)] {
        let mut world = at_code();
        let mut record: Value = serde_json::from_str(world.pending.as_ref().unwrap()).unwrap();
        record["expiresAt"] = time;
        world.pending = Some(record.to_string());
        world.reload();
        assert_eq!(world.step(), "signedOut");
    }
}

/// Alice, with an access token that is a JWT as Cognito makes them.
fn alice_with_jwt() -> World {
    let mut set = token_set(1);
    set["AccessToken"] = json!(jwt(
        &json!({ "sub": "sub-of-alice", "username": USER, "é": "{[\"}" })
    ));
    let mut world = World::scripted();
    let tokens = ok(json!({ "AuthenticationResult": set }));
    world.sign_in_as(USER, tokens, alices_attributes());
    world
}

fn planted(changes: Value) -> World {
    let mut world = alice_with_jwt();
    let mut record = world.record();
    merge(&mut record, changes);
    let storage = world.storage.clone().unwrap();
    storage.set_session(Some(record.to_string()));
    world.reload();
    world
}

#[test]
fn a_record_that_fits_its_token_is_taken_as_it_is() {
    let before = alice_with_jwt().snapshot();
    let mut world = planted(json!({}));
    assert_eq!(world.snapshot(), before);
    assert!(world.sent().is_empty());
}

#[track_caller]
fn assert_not_believed(attributes: Value) {
    let mut world = planted(json!({ "attributes": attributes }));
    let shown = world.snapshot();
    assert_eq!(shown["attributes"], json!({}), "{attributes}");
    assert_eq!(shown["unverified"], json!(["phone_number", "email"]));
    world.expect("GetUser", alices_attributes());
    world.answer_all();
    assert_eq!(world.snapshot()["attributes"]["email"], EMAIL);
}

#[test]
fn attributes_of_another_than_the_tokens_are_not_shown_as_verified() {
    for sub in ["sub-of-bob", "", "SUB-OF-ALICE"] {
        let attributes = json!({ "sub": sub, "email": OTHER_EMAIL, "email_verified": "true" });
        assert_not_believed(attributes);
    }
}

#[test]
fn attributes_that_do_not_say_whose_they_are_are_not_shown_as_verified() {
    // What GetUser gives always says it.
    assert_not_believed(json!({ "email": OTHER_EMAIL, "email_verified": "true" }));
}

#[test]
fn a_name_that_does_not_fit_the_token_is_not_shown() {
    for changes in [
        json!({ "username": OTHER, "userId": OTHER }),
        json!({ "username": OTHER, "userId": OTHER, "attributes": { "email": OTHER_EMAIL } }),
        json!({ "username": OTHER, "userId": "" }),
    ] {
        let mut world = planted(changes.clone());
        assert_eq!(world.snapshot()["username"], USER, "{changes}");
        assert_eq!(world.snapshot()["attributes"], json!({}), "{changes}");
        world.expect("GetUser", alices_attributes());
        world.answer_all();
        assert_eq!(world.snapshot()["attributes"]["email"], EMAIL);
    }
}

#[test]
fn an_alias_that_was_typed_stays_with_a_user_id_that_fits() {
    let mut world = planted(json!({ "username": EMAIL, "userId": USER }));
    assert_eq!(world.snapshot()["username"], EMAIL);
    assert!(world.sent().is_empty());
}

#[test]
fn an_access_token_that_is_no_jwt_says_nothing_against_a_record() {
    for token in [
        "opaque",
        "a.b.c",
        "a.b",
        "..",
        "a.bm8ganNvbg.c",
        "a.W10.c",
        "a.e30.c",
        "a.eyJzdWIiOjd9.c",
        "a.gICA.c",
    ] {
        let mut world = planted(json!({ "accessToken": token }));
        assert_eq!(world.snapshot()["attributes"]["email"], EMAIL, "{token}");
        assert!(world.sent().is_empty(), "{token}");
    }
}

#[test]
fn a_planted_devices_record_harms_nobody() {
    let device = json!({ "userId": "u", "typed": "u", "key": "k", "group": "g", "secret": "s" });
    for devices in [
        json!("x"),
        json!([7]),
        json!([{}]),
        json!([{ "userId": 7 }, device]),
        json!({ "0": device }),
        json!(vec![device.clone(); 1000]),
    ] {
        let mut world = alice();
        let mut record = world.record();
        record["devices"] = devices.clone();
        let storage = world.storage.clone().unwrap();
        storage.set_devices(Some(record.to_string()));
        world.reload();
        assert_eq!(world.step(), "signedIn", "{devices}");
        world
            .expect("InitiateAuth", tokens_with_device(2))
            .expect("ConfirmDevice", done())
            .expect("GetUser", alices_attributes());
        world.leave();
        assert_eq!(world.send(sign_in())["device"], "remembered", "{devices}");
        let kept = storage.devices().unwrap();
        assert!(kept.len() < 10_000, "a few devices are kept, not all");
    }
}

#[test]
fn an_attribute_may_be_called_as_every_object_is() {
    let mut attributes = json!({});
    let mut listed = Vec::new();
    for name in INHERITED {
        attributes[name] = json!("own");
        listed.push(json!({ "Name": name, "Value": "own" }));
    }
    let mut world = World::scripted();
    world.expect("SignUp", signed_up());
    world.send(sign_up(attributes.clone()));
    let sent = world.body_of("SignUp")["UserAttributes"].clone();
    assert_eq!(sent.as_array().unwrap().len(), INHERITED.len());
    for item in &listed {
        assert!(sent.as_array().unwrap().contains(item), "{item}");
    }

    let mut world = World::scripted();
    world.sign_in_as(USER, tokens(1), user(attributes.clone()));
    assert_eq!(world.snapshot()["attributes"], attributes);
    world.reload();
    assert_eq!(world.snapshot()["attributes"], attributes);
    world
        .expect("UpdateUserAttributes", done())
        .expect("GetUser", user(attributes.clone()));
    world
        .call("updateAttributes", json!({ "attributes": attributes }))
        .unwrap();
    world.expect("DeleteUserAttributes", done());
    world
        .call("deleteAttributes", json!({ "names": ["__proto__"] }))
        .unwrap();
    let mut rest = attributes;
    rest.as_object_mut().unwrap().remove("__proto__");
    assert_eq!(world.snapshot()["attributes"], rest);
}

#[test]
fn a_required_attribute_called_constructor_does_not_stop_the_form() {
    let mut world = World::scripted();
    let parameters = json!({
        "USER_ID_FOR_SRP": "alice",
        "requiredAttributes": "[\"userAttributes.constructor\",\"userAttributes.__proto__\"]",
    });
    world.expect(
        "InitiateAuth",
        challenge("NEW_PASSWORD_REQUIRED", parameters),
    );
    let snapshot = world.send(sign_in());
    assert_eq!(
        snapshot["missingAttributes"],
        json!(["constructor", "__proto__"])
    );
    world.reload();
    assert_eq!(world.snapshot(), snapshot);
    world
        .expect("RespondToAuthChallenge", tokens(1))
        .expect("GetUser", alices_attributes());
    let event = json!({ "type": "setNewPassword", "password": OTHER_PASSWORD,
        "attributes": { "constructor": "a", "__proto__": "b" } });
    assert_eq!(world.send(event)["step"], "signedIn");
    let responses = world.body_of("RespondToAuthChallenge")["ChallengeResponses"].clone();
    assert_eq!(responses["userAttributes.constructor"], "a");
    assert_eq!(responses["userAttributes.__proto__"], "b");
}

#[test]
fn options_and_events_are_read_from_their_own_members_alone() {
    let evil = json!({
        "endpoint": "https://evil.example/", "signInWith": "password", "username": "mallory",
        "clientMetadata": { "a": "b" }, "type": "signOut", "password": "x",
    });
    for name in ["__proto__", "constructor", "prototype", "toString"] {
        let options = json!({ "userPoolId": "eu-west-1_AbCdEfGhI", "clientId": "c", name: evil });
        let config = Config::read(&options.to_string()).unwrap();
        assert!(!config.endpoint.contains("evil"), "{name}");
        assert_eq!(config.sign_in_with, cognito_flow::SignInWith::Srp, "{name}");
        assert!(config.client_metadata.is_empty(), "{name}");
        let error = Config::read(&json!({ name: options }).to_string()).unwrap_err();
        assert_eq!(error.code.as_str(), "malformed");
        let error = Event::read(&json!({ name: evil }).to_string()).unwrap_err();
        assert_eq!(error.code.as_str(), "malformed", "{name}");
        let event = json!({ "type": "signIn", name: evil });
        let error = Event::read(&event.to_string()).unwrap_err();
        assert!(error.message().contains("`username`"), "{name}");
    }
}

#[test]
fn a_reply_is_read_from_its_own_members_alone() {
    for name in ["__proto__", "constructor"] {
        let mut world = World::scripted();
        let tokens = json!({ "AuthenticationResult": token_set(1) });
        world.expect("InitiateAuth", ok(json!({ name: tokens })));
        world.send(sign_in());
        assert_eq!(
            (world.step(), world.error()),
            ("signedOut".into(), "server".into())
        );
    }
}

#[test]
fn randomness_that_cannot_be_had_is_told_and_nothing_is_made_of_zeros() {
    let refused = Randomness::drawn(|_| Err("no source"));
    assert_eq!(refused.err(), Some("no source"));
}

#[test]
fn a_lock_that_another_tab_never_gives_back_does_not_hold_up_good_tokens() {
    let mut world = alice();
    world.pass(59.5 * MINUTE);
    let storage = world.storage.clone().unwrap();
    assert!(storage.lock(99), "a tab that hangs has it");
    let start = world.clock.steady;
    assert_eq!(world.session().unwrap()["accessToken"], access_token(1));
    assert!(world.clock.steady - start <= 5.0 * SECOND);
    assert!(world.sent().is_empty());
}

#[test]
fn nor_does_it_hold_up_those_who_ask_later() {
    let mut world = alice();
    world.pass(59.5 * MINUTE);
    assert!(world.storage.as_ref().unwrap().lock(99));
    world.session().unwrap();
    world.expect("GetUser", alices_attributes());
    let later: Vec<_> = [("session", 5.0), ("mfaPreference", 9.0)]
        .map(|(name, seconds)| {
            world.pass_without_answers(seconds * SECOND);
            (name, world.start_call(name, json!({})).unwrap())
        })
        .into();
    world.pass(5.0 * SECOND);
    for (name, ticket) in later {
        assert!(world.answer(ticket).is_some(), "{name} is still held up");
    }
    assert_eq!(world.sent(), ["GetUser"]);
}

#[test]
fn whoever_asks_for_fresh_tokens_waits_for_the_lock_and_not_for_ever() {
    let mut world = alice();
    let storage = world.storage.clone().unwrap();
    assert!(storage.lock(99));
    let start = world.clock.steady;
    world.expect("InitiateAuth", refreshed(2));
    let fresh = world.call("session", json!({ "refresh": true })).unwrap();
    assert_eq!(fresh["accessToken"], access_token(2), "not the old ones");
    assert_eq!(world.clock.steady - start, MINUTE);
}

#[test]
fn an_event_that_needs_a_token_is_not_held_up_by_a_lock_either() {
    let mut world = alice();
    world.pass(59.5 * MINUTE);
    assert!(world.storage.as_ref().unwrap().lock(99));
    world.expect("GetUserAttributeVerificationCode", email_sent());
    let start = world.clock.steady;
    let event = json!({ "type": "verifyAttribute", "attribute": "email" });
    assert_eq!(world.send(event)["step"], "verifyAttribute");
    assert!(world.clock.steady - start <= 5.0 * SECOND);
}
