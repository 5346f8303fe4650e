//! What can go wrong with a device that is named or proven: above all that the pool knows it no longer.

use serde_json::{Value, json};

use crate::{
    device_proof::{DEVICE, ends, kept, key_in},
    support::*,
};

fn gone() -> Fault {
    refused("ResourceNotFoundException", "Device does not exist.")
}

fn gone_in_other_words() -> Fault {
    let words = "Device with key x does not exist in device pool y";
    refused("ResourceNotFoundException", words)
}

fn srp_asked() -> Fault {
    let parameters = json!({ "USER_ID_FOR_SRP": USER, "SALT": "9a3b5c7d",
        "SRP_B": "5".repeat(768), "SECRET_BLOCK": "c2VjcmV0LWJsb2Nr" });
    challenge("PASSWORD_VERIFIER", parameters)
}

/// Lets alice's browser meet this at one of the four calls that name the device.
fn meets(call: usize, fault: Fault) -> World {
    let mut world = alice_known();
    world.reload_with(json!({ "signInWith": "srp" }));
    if call == 0 {
        world.expect("InitiateAuth", fault);
        return world;
    }
    world.expect("InitiateAuth", srp_asked());
    if call > 1 {
        world.expect("RespondToAuthChallenge", device_asked());
    }
    if call > 2 {
        world.expect("RespondToAuthChallenge", device_proof_asked());
    }
    world.expect("RespondToAuthChallenge", fault);
    world
}

#[test]
fn a_device_that_is_known_no_longer_is_forgotten_at_each_call_and_one_signs_in_without() {
    for call in 0..4 {
        for fault in [gone, gone_in_other_words] {
            let mut world = meets(call, fault());
            world
                .expect("InitiateAuth", srp_asked())
                .expect("RespondToAuthChallenge", sms_challenge());
            world.send(sign_in());
            ends(&world, "mfaCode", "");
            assert_eq!(kept(&world), json!([]), "{call}");
            for operation in ["InitiateAuth", "RespondToAuthChallenge"] {
                let last = world.body_of(operation);
                assert!(key_in(&last).is_null(), "{call}: {last}");
            }
        }
    }
}

#[test]
fn that_is_tried_once() {
    for call in 0..4 {
        let mut world = meets(call, gone());
        world.expect("InitiateAuth", gone());
        world.send(sign_in());
        ends(&world, "signedOut", "invalidParameter");
        assert_eq!(world.snapshot()["username"], USER);
    }
}

#[test]
fn what_else_goes_wrong_leaves_the_device() {
    for call in 0..4 {
        for Told { fault, code } in [
            told(expired_session, "challengeExpired"),
            told(|| refused("NobodyKnowsThisException", "?"), "server"),
            told(
                || {
                    refused(
                        "ResourceNotFoundException",
                        "User pool client x does not exist.",
                    )
                },
                "invalidParameter",
            ),
            told(
                || refused("UserNotConfirmedException", "No."),
                "userNotConfirmed",
            ),
        ] {
            let mut world = meets(call, fault());
            world.send(sign_in());
            assert_eq!(world.error(), code, "{call}");
            assert_eq!(kept(&world)[0]["key"], DEVICE_KEY, "{call}");
        }
    }
    for call in 1..4 {
        let mut world = meets(call, Fault::Lost);
        world.send(sign_in());
        ends(&world, "signedOut", "outcomeUnknown");
        assert_eq!(kept(&world)[0]["key"], DEVICE_KEY);
    }
}

#[test]
fn a_device_whose_proof_the_pool_does_not_take_is_of_no_use() {
    let wrong = "Incorrect username or password.";
    let mut world = meets(3, refused("NotAuthorizedException", wrong));
    world
        .expect("InitiateAuth", srp_asked())
        .expect("RespondToAuthChallenge", sms_challenge());
    world.send(sign_in());
    ends(&world, "mfaCode", "");
    assert_eq!(kept(&world), json!([]));
    // Of the password it is what it says.
    let mut world = meets(1, refused("NotAuthorizedException", wrong));
    world.send(sign_in());
    ends(&world, "signedOut", "wrongCredentials");
    assert_eq!(kept(&world)[0]["key"], DEVICE_KEY);
}

#[test]
fn a_code_whose_device_was_forgotten_meanwhile_is_asked_for_anew() {
    let mut world = alice_known();
    world
        .expect("InitiateAuth", sms_challenge())
        .expect("RespondToAuthChallenge", gone())
        .expect("InitiateAuth", sms_challenge());
    world.send(sign_in());
    let round = world.round();
    world.send(submit("123456"));
    ends(&world, "mfaCode", "");
    assert!(world.round() > round, "it is another code");
    assert!(key_in(&world.body_of("InitiateAuth")).is_null());

    // Without the password, the person is asked for it.
    let mut world = alice_known();
    world
        .expect("InitiateAuth", sms_challenge())
        .expect("RespondToAuthChallenge", gone());
    world.send(sign_in());
    world.reload();
    world.send(submit("123456"));
    ends(&world, "signedOut", "challengeSpent");
    assert_eq!(world.snapshot()["username"], USER);
    assert_eq!(kept(&world), json!([]));
}

#[test]
fn a_device_challenge_of_no_honest_pool_is_refused_and_the_device_stays() {
    for (parameter, value) in [
        ("SRP_B", json!("0")),
        ("SRP_B", Value::Null),
        ("SRP_B", json!("zz")),
        ("SALT", json!("")),
        ("SALT", json!(7)),
        ("SECRET_BLOCK", json!("!!!")),
    ] {
        let mut parameters = device_verifier();
        parameters[parameter] = value;
        let mut world = meets(2, challenge("DEVICE_PASSWORD_VERIFIER", parameters));
        world.send(sign_in());
        ends(&world, "signedOut", "server");
        assert_eq!(kept(&world)[0]["key"], DEVICE_KEY, "{parameter}");
    }
    let mut world = meets(2, sms_challenge());
    world.send(sign_in());
    ends(&world, "signedOut", "server");
    assert_eq!(world.snapshot()["error"]["server"], "SMS_MFA");
}

#[test]
fn who_has_no_device_cannot_prove_one() {
    let mut world = World::scripted();
    world.expect("InitiateAuth", device_asked());
    world.send(sign_in());
    ends(&world, "signedOut", "server");
    assert_eq!(world.snapshot()["error"]["server"], "DEVICE_SRP_AUTH");
}

#[test]
fn a_device_that_another_tab_forgets_meanwhile_is_not_proven() {
    let mut world = meets(2, device_proof_asked());
    world
        .expect("InitiateAuth", srp_asked())
        .expect("RespondToAuthChallenge", sms_challenge());
    world.start(sign_in()).unwrap();
    (0..2).for_each(|_| world.answer_next());
    world.storage.clone().unwrap().set_devices(None);
    world.run();
    ends(&world, "mfaCode", "");
    assert!(!world.sent().contains(&DEVICE[1].into()));
}

#[test]
fn it_can_be_left_at_each_call() {
    for answered in 0..4 {
        let mut world = meets(3, tokens(1));
        world.start(sign_in()).unwrap();
        (0..answered).for_each(|_| world.answer_next());
        world.start(event("cancel")).unwrap();
        ends(&world, "signedOut", "");
        assert_eq!(world.snapshot()["username"], USER);
        assert!(world.network.under_way.is_empty());
        assert_eq!(kept(&world)[0]["key"], DEVICE_KEY);
    }
}

/// By choice, with the device known and this begun with; the first answer is at hand.
fn choosing_known(more: Value, first: Fault) -> World {
    let mut world = alice_known();
    world.reload_with(json!({ "signInWith": "choice" }));
    world.expect("InitiateAuth", first);
    let mut event = json!({ "type": "signIn", "username": USER });
    event
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    world.start(event).unwrap();
    world.answer_all();
    assert!(!key_in(&world.body_of("InitiateAuth")).is_null());
    world
}

fn preferred(world: &World) -> Value {
    world.body_of("InitiateAuth")["AuthParameters"]["PREFERRED_CHALLENGE"].clone()
}

#[test]
fn what_was_begun_with_is_begun_with_again_without_the_device() {
    // Preferred, before and after a reload.
    for reloads in [false, true] {
        let mut world = choosing_known(json!({ "preferred": "sms" }), sms_first());
        assert_eq!(world.step(), "signInCode");
        if reloads {
            world.reload();
        }
        world
            .expect("RespondToAuthChallenge", gone())
            .expect("InitiateAuth", sms_first());
        world.send(submit("123456"));
        ends(&world, "signInCode", "");
        assert_eq!(preferred(&world), "SMS_OTP", "{reloads}");
        assert_eq!(kept(&world), json!([]));
    }
    // Chosen, as the answer to the challenge.
    let mut world = choosing_known(json!({}), select_challenge());
    world
        .expect("RespondToAuthChallenge", gone())
        .expect("InitiateAuth", sms_first());
    world.send(select("sms"));
    ends(&world, "signInCode", "");
    assert_eq!(preferred(&world), "SMS_OTP");
}

#[test]
fn after_a_passkey_too() {
    let mut world = choosing_known(json!({ "preferred": "passkey" }), passkey_first());
    world
        .expect("RespondToAuthChallenge", device_asked())
        .expect("RespondToAuthChallenge", gone())
        .expect("InitiateAuth", passkey_first());
    world.give(&assertion());
    world.answer_all();
    assert_eq!(world.step(), "passkey");
    assert_eq!(
        world.snapshot()["busy"],
        "signIn",
        "the browser is asked again"
    );
    assert_eq!(preferred(&world), "WEB_AUTHN");
    assert_eq!(kept(&world), json!([]));
    // A passkey as the second factor, after the proof of a device: nothing to choose.
    let mut world = meets(3, challenge("WEB_AUTHN", passkey_parameters()));
    world.start(sign_in()).unwrap();
    world.answer_all();
    assert_eq!(world.step(), "passkey");
    assert_eq!(world.snapshot()["alternatives"], json!([]));
}
