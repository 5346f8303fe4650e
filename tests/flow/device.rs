//! Devices that the pool tracks: confirmed once, named at each refresh, kept over signing out.

use std::collections::BTreeSet;

use num_bigint::BigUint;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::support::*;

/// RFC 5054's 3072-bit prime.
const PRIME: &str = concat!(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74",
    "020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B302B0A6DF25F1437",
    "4FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED",
    "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF05",
    "98DA48361C55D39A69163FA8FD24CF5F83655D23DCA3AD961C62F356208552BB",
    "9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B",
    "E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF695581718",
    "3995497CEA956AE515D2261898FA051015728E5A8AAAC42DAD33170D04507A33",
    "A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7",
    "ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864",
    "D87602733EC86A64521F2B18177B200CBBE117577A615D6C770988C0BAD946E2",
    "08E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF",
);

fn confirmed(asks: bool) -> Fault {
    ok(json!({ "UserConfirmationNecessary": asks }))
}

/// Signs alice in, at a pool that gives a device with the tokens.
fn sign_in_with_device(world: &mut World, confirmation: Fault) -> Value {
    world
        .expect("InitiateAuth", tokens_with_device(1))
        .expect("ConfirmDevice", confirmation)
        .expect("GetUser", alices_attributes());
    world.send(sign_in())
}

fn alice_with_device() -> World {
    let mut world = World::scripted();
    let snapshot = sign_in_with_device(&mut world, confirmed(false));
    assert_eq!(snapshot["device"], "remembered");
    world.sent();
    world
}

fn kept(world: &World) -> Value {
    let record = world.storage.as_ref().unwrap().devices();
    let record: Value = serde_json::from_str(&record.expect("devices are kept")).unwrap();
    record["devices"].clone()
}

/// An integer as Cognito keeps it: as short as its sign allows.
fn integer(number: &BigUint) -> Vec<u8> {
    let mut bytes = number.to_bytes_be();
    if bytes[0] >= 0x80 {
        bytes.insert(0, 0);
    }
    bytes
}

fn hash(parts: &[&[u8]]) -> Vec<u8> {
    let mut hash = Sha256::new();
    parts.iter().for_each(|part| hash.update(part));
    hash.finalize().to_vec()
}

/// Computes the verifier anew from the salt that was sent and the secret that was kept.
fn check_verifier(world: &World) {
    let body = world.body_of("ConfirmDevice");
    let config = &body["DeviceSecretVerifierConfig"];
    let salt = from_base64(config["Salt"].as_str().unwrap());
    assert!((1..=17).contains(&salt.len()), "16 random bytes: {salt:?}");
    assert_eq!(salt, integer(&BigUint::from_bytes_be(&salt)), "canonical");
    let devices = kept(world);
    let device = devices.as_array().unwrap().last().unwrap();
    assert_eq!(device["key"], DEVICE_KEY);
    assert_eq!(device["group"], DEVICE_GROUP_KEY);
    let secret = device["secret"].as_str().unwrap();
    assert_eq!(from_base64(secret).len(), 40);
    let identity = format!("{DEVICE_GROUP_KEY}{DEVICE_KEY}:{secret}");
    let x = hash(&[&salt, &hash(&[identity.as_bytes()])]);
    let prime = BigUint::parse_bytes(PRIME.as_bytes(), 16).unwrap();
    let verifier = BigUint::from(2_u8).modpow(&BigUint::from_bytes_be(&x), &prime);
    let expected = base64(&integer(&verifier), false);
    assert_eq!(config["PasswordVerifier"], expected.as_str());
}

#[test]
fn a_new_device_is_confirmed_with_a_verifier_that_anybody_can_compute() {
    let (mut secrets, mut salts) = (BTreeSet::new(), BTreeSet::new());
    let storage = Storage::default();
    // Each tab draws other bytes: among so many, some salts begin with a high bit.
    for drawn in 1..=20 {
        let options = json!({ "signInWith": "password" });
        let mut world = World::new(None, options, Some(storage.clone()), None);
        sign_in_with_device(&mut world, confirmed(false));
        assert_eq!(world.body_of("ConfirmDevice")["AccessToken"], ACCESS_TOKEN);
        assert_eq!(world.body_of("ConfirmDevice")["DeviceKey"], DEVICE_KEY);
        check_verifier(&world);
        secrets.insert(kept(&world)[0]["secret"].to_string());
        let config = &world.body_of("ConfirmDevice")["DeviceSecretVerifierConfig"];
        salts.insert(config["Salt"].to_string());
        world.leave();
        assert_eq!((secrets.len(), salts.len()), (drawn, drawn), "drawn anew");
    }
}

#[test]
fn a_device_is_confirmed_before_anything_else_is_asked() {
    let mut world = World::scripted();
    sign_in_with_device(&mut world, confirmed(false));
    assert_eq!(
        world.sent(),
        [
            "InitiateAuth USER_PASSWORD_AUTH",
            "ConfirmDevice",
            "GetUser"
        ]
    );
}

#[test]
fn the_name_that_the_app_gives_goes_along() {
    let mut world = World::scripted_with(json!({ "deviceName": "Kitchen \"9\"" }));
    sign_in_with_device(&mut world, confirmed(false));
    assert_eq!(
        world.body_of("ConfirmDevice")["DeviceName"],
        "Kitchen \"9\""
    );
    let mut world = World::scripted();
    sign_in_with_device(&mut world, confirmed(false));
    assert_eq!(world.body_of("ConfirmDevice").get("DeviceName"), None);
}

#[test]
fn each_refresh_names_the_device_in_both_ways() {
    let mut world = alice_with_device();
    for number in 2..4 {
        world.pass(HOUR);
        world.expect("InitiateAuth", refreshed(number));
        world.session().unwrap();
        let body = world.body_of("InitiateAuth");
        assert_eq!(body["AuthParameters"]["DEVICE_KEY"], DEVICE_KEY);
    }
    // A pool that rotates now.
    for number in 4..7 {
        world.pass(HOUR);
        if number == 4 {
            let words = "Refresh token rotation is enabled";
            world.expect("InitiateAuth", refused("NotAuthorizedException", words));
        }
        world.expect("GetTokensFromRefreshToken", tokens(number));
        world.session().unwrap();
        let body = world.body_of("GetTokensFromRefreshToken");
        assert_eq!(body["DeviceKey"], DEVICE_KEY);
    }
    world.reload();
    world.pass(HOUR);
    world.expect("GetTokensFromRefreshToken", tokens(7));
    world.session().unwrap();
    let body = world.body_of("GetTokensFromRefreshToken");
    assert_eq!(body["DeviceKey"], DEVICE_KEY, "after a reload too");
}

#[test]
fn a_refresh_that_signs_out_everywhere_names_the_device_too() {
    let mut world = alice_with_device();
    world.pass(2.0 * HOUR);
    world
        .expect("InitiateAuth", refreshed(2))
        .expect("GlobalSignOut", done());
    world.send(json!({ "type": "signOut", "everywhere": true }));
    let body = world.body_of("InitiateAuth");
    assert_eq!(body["AuthParameters"]["DEVICE_KEY"], DEVICE_KEY);
}

#[test]
fn where_there_is_no_device_no_key_is_sent() {
    let mut world = alice();
    world.pass(HOUR);
    world.expect("InitiateAuth", refreshed(2));
    world.session().unwrap();
    let body = world.body_of("InitiateAuth");
    assert_eq!(body["AuthParameters"].get("DEVICE_KEY"), None);
    assert_eq!(world.snapshot()["device"], Value::Null);
}

#[test]
fn where_the_pool_wants_the_persons_word_the_page_can_give_it() {
    let mut world = World::scripted();
    let snapshot = sign_in_with_device(&mut world, confirmed(true));
    assert_eq!(snapshot["device"], "ask");
    world.reload();
    assert_eq!(world.snapshot()["device"], "ask", "until it is answered");
    world.expect("UpdateDeviceStatus", done());
    world.call("rememberDevice", json!({})).unwrap();
    assert_eq!(
        world.body_of("UpdateDeviceStatus"),
        json!({ "AccessToken": ACCESS_TOKEN, "DeviceKey": DEVICE_KEY,
            "DeviceRememberedStatus": "remembered" })
    );
    assert_eq!(world.snapshot()["device"], "remembered");
    world.reload();
    assert_eq!(world.snapshot()["device"], "remembered");
}

#[test]
fn a_refused_word_leaves_the_question_open() {
    let mut world = World::scripted();
    sign_in_with_device(&mut world, confirmed(true));
    world.expect(
        "UpdateDeviceStatus",
        refused("InvalidParameterException", "No."),
    );
    let error = world.call("rememberDevice", json!({})).unwrap_err();
    assert_eq!(error.code.as_str(), "invalidParameter");
    assert_eq!(world.snapshot()["device"], "ask");
}

#[test]
fn this_device_is_forgotten_with_all_that_is_kept_of_it() {
    for arguments in [json!({}), json!({ "key": DEVICE_KEY })] {
        let mut world = alice_with_device();
        world.expect("ForgetDevice", done());
        world.call("forgetDevice", arguments).unwrap();
        assert_eq!(world.body_of("ForgetDevice")["DeviceKey"], DEVICE_KEY);
        assert_eq!(world.snapshot()["device"], Value::Null);
        assert_eq!(world.storage.as_ref().unwrap().devices(), None);
        world.pass(HOUR);
        world.expect("InitiateAuth", refreshed(2));
        world.session().unwrap();
        let body = world.body_of("InitiateAuth");
        assert_eq!(body["AuthParameters"].get("DEVICE_KEY"), None);
    }
}

#[test]
fn another_device_is_forgotten_and_this_one_stays() {
    let mut world = alice_with_device();
    world.expect("ForgetDevice", done());
    world
        .call("forgetDevice", json!({ "key": "eu-west-1_other" }))
        .unwrap();
    assert_eq!(
        world.body_of("ForgetDevice")["DeviceKey"],
        "eu-west-1_other"
    );
    assert_eq!(world.snapshot()["device"], "remembered");
    assert_eq!(kept(&world)[0]["key"], DEVICE_KEY);
}

#[test]
fn a_device_that_the_pool_has_forgotten_before_is_forgotten_here_too() {
    for words in [
        "Device does not exist.",
        "Device with key x does not exist in device pool y",
    ] {
        let mut world = alice_with_device();
        world.expect("ForgetDevice", refused("ResourceNotFoundException", words));
        assert!(world.call("forgetDevice", json!({})).is_err());
        assert_eq!(world.snapshot()["device"], Value::Null, "{words}");
        assert_eq!(world.storage.as_ref().unwrap().devices(), None);
    }
}

#[test]
fn without_a_device_there_is_none_to_remember_or_forget() {
    let mut world = alice();
    for name in ["rememberDevice", "forgetDevice"] {
        let error = world.call(name, json!({})).unwrap_err();
        assert_eq!(error.code.as_str(), "notAccepted", "{name}");
    }
    assert!(world.sent().is_empty());
}

#[test]
fn the_devices_are_listed_and_this_one_is_told() {
    let mut world = alice_with_device();
    let named = json!([{ "Name": "device_status", "Value": "valid" },
        { "Name": "device_name", "Value": "Kitchen" }]);
    world.expect(
        "ListDevices",
        ok(json!({ "Devices": [
        { "DeviceKey": DEVICE_KEY, "DeviceAttributes": named,
          "DeviceCreateDate": 1_781_308_548.25, "DeviceLastAuthenticatedDate": 1_781_308_600 },
        { "DeviceKey": "eu-west-1_other", "DeviceCreateDate": 1_781_308_548 },
        { "DeviceAttributes": [], "DeviceCreateDate": 1 },
    ] })),
    );
    assert_eq!(
        world.call("devices", json!({})).unwrap(),
        json!([
            { "key": DEVICE_KEY, "name": "Kitchen", "createdAt": 1_781_308_548_250.0,
              "lastUsedAt": 1_781_308_600_000.0, "current": true },
            { "key": "eu-west-1_other", "name": null, "createdAt": 1_781_308_548_000.0,
              "lastUsedAt": null, "current": false },
        ])
    );
}

#[test]
fn a_device_that_the_pool_does_not_know_is_not_asked_about_any_longer() {
    let mut world = World::scripted();
    let snapshot = sign_in_with_device(&mut world, confirmed(true));
    assert_eq!(snapshot["device"], "ask");
    world.expect(
        "UpdateDeviceStatus",
        refused("ResourceNotFoundException", "Device does not exist."),
    );
    assert!(world.call("rememberDevice", json!({})).is_err());
    assert_eq!(world.snapshot()["device"], Value::Null);
    assert_eq!(world.storage.as_ref().unwrap().devices(), None);
}

#[test]
fn all_pages_of_devices_are_asked_for() {
    let page = |key: &str, next: Option<&str>| {
        let mut page = json!({ "Devices": [{ "DeviceKey": key, "DeviceCreateDate": 1 }] });
        if let Some(next) = next {
            page["PaginationToken"] = next.into();
        }
        ok(page)
    };
    let mut world = alice_with_device();
    world
        .expect("ListDevices", page("eu-west-1_other", Some("page 2")))
        .expect("ListDevices", page(DEVICE_KEY, None));
    world.sent();
    let devices = world.call("devices", json!({})).unwrap();
    assert_eq!(devices[0]["key"], "eu-west-1_other");
    assert_eq!(devices[1]["key"], DEVICE_KEY);
    assert_eq!(devices[1]["current"], true);
    assert_eq!(devices.as_array().unwrap().len(), 2);
    let sent = world.body_of("ListDevices");
    assert_eq!(sent["PaginationToken"], "page 2");
    assert_eq!(sent["NextToken"], Value::Null);
    // Of a list that has no end there is none; nor of one that lacks a page.
    let mut endless = alice_with_device();
    for _ in 0..200 {
        endless.expect("ListDevices", page(DEVICE_KEY, Some("again")));
    }
    let error = endless.call("devices", json!({})).unwrap_err();
    assert_eq!(error.code.as_str(), "server");
    world
        .expect("ListDevices", page(DEVICE_KEY, Some("page 2")))
        .expect("ListDevices", refused("InvalidParameterException", "Gone."));
    let error = world.call("devices", json!({})).unwrap_err();
    assert_eq!(error.code.as_str(), "invalidParameter");
}

#[test]
fn with_devices_off_nothing_is_confirmed_kept_or_named() {
    let mut world = World::scripted_with(json!({ "devices": "off" }));
    world
        .expect("InitiateAuth", tokens_with_device(1))
        .expect("GetUser", alices_attributes());
    let snapshot = world.send(sign_in());
    assert_eq!(snapshot["device"], Value::Null);
    assert_eq!(world.storage.as_ref().unwrap().devices(), None);
    world.pass(HOUR);
    world.expect("InitiateAuth", refreshed(2));
    world.session().unwrap();
    let body = world.body_of("InitiateAuth");
    assert_eq!(body["AuthParameters"].get("DEVICE_KEY"), None);
    assert!(!world.sent().contains(&"ConfirmDevice".into()));
}

#[test]
fn a_device_that_could_not_be_confirmed_keeps_nobody_from_being_signed_in() {
    let faults: [fn() -> Fault; 6] = [
        || refused("InvalidUserPoolConfigurationException", "No."),
        || refused("DeviceKeyExistsException", "Exists"),
        || refused("ResourceNotFoundException", "Device does not exist."),
        || {
            let words = "Access Token does not have required scopes";
            refused("NotAuthorizedException", words)
        },
        || unreadable(503),
        || Fault::NotSent,
    ];
    for fault in faults {
        let mut world = World::scripted();
        let snapshot = sign_in_with_device(&mut world, fault());
        assert_eq!(snapshot["step"], "signedIn");
        assert_eq!(snapshot["device"], Value::Null);
        assert_eq!(snapshot["unverified"], json!([]));
        assert_eq!(world.storage.as_ref().unwrap().devices(), None);
    }
}

#[test]
fn a_confirmation_whose_answer_was_lost_is_kept_for_the_pool_may_know_the_device() {
    for fault in [|| Fault::Lost, || Fault::Silence] as [fn() -> Fault; 2] {
        let mut world = World::scripted();
        let snapshot = sign_in_with_device(&mut world, fault());
        assert_eq!(snapshot["step"], "signedIn");
        assert_eq!(snapshot["error"], Value::Null);
        assert_eq!(kept(&world)[0]["key"], DEVICE_KEY);
        world.pass(HOUR);
        world.expect("InitiateAuth", refreshed(2));
        world.session().unwrap();
        let body = world.body_of("InitiateAuth");
        assert_eq!(body["AuthParameters"]["DEVICE_KEY"], DEVICE_KEY);
    }
}

#[test]
fn a_pool_that_knows_no_such_device_at_a_refresh_does_not_end_the_session() {
    for words in [
        "Device does not exist.",
        "Device with key x does not exist in device pool y",
    ] {
        let mut world = alice_with_device();
        world.pass(HOUR);
        world
            .expect("InitiateAuth", refused("ResourceNotFoundException", words))
            .expect("InitiateAuth", refreshed(2));
        let _ = world.session();
        assert_eq!(world.step(), "signedIn", "{words}");
    }
}

#[test]
fn the_device_is_kept_over_signing_out_and_reloading_but_not_shown_to_the_signed_out() {
    let mut world = alice_with_device();
    let before = kept(&world);
    world.leave();
    world.reload();
    assert_eq!(kept(&world), before);
    assert!(!world.snapshot().to_string().contains(DEVICE_KEY));
    world.sign_in_as(OTHER, tokens(5), other_user());
    assert_eq!(world.snapshot()["device"], Value::Null, "it is alice's");
    assert_eq!(kept(&world), before);
}

#[test]
fn each_user_has_a_device_of_their_own() {
    let mut world = alice_with_device();
    world.leave();
    world
        .expect("InitiateAuth", tokens_with_device(5))
        .expect("ConfirmDevice", confirmed(false))
        .expect("GetUser", other_user());
    world.send(json!({ "type": "signIn", "username": OTHER, "password": PASSWORD }));
    let devices = kept(&world);
    let typed: Vec<_> = devices
        .as_array()
        .unwrap()
        .iter()
        .map(|d| &d["typed"])
        .collect();
    assert_eq!(typed, [USER, OTHER]);
    // A device that is confirmed anew takes the place of the same user's old one.
    world.leave();
    sign_in_with_device(&mut world, confirmed(false));
    assert_eq!(kept(&world).as_array().unwrap().len(), 2);
}

fn sign_in_as_number(world: &mut World, number: u32) {
    let name = format!("person{number}");
    let mut set = token_set(1);
    let key = format!("eu-west-1_{number}");
    set["NewDeviceMetadata"] = json!({ "DeviceKey": key, "DeviceGroupKey": DEVICE_GROUP_KEY });
    world
        .expect("InitiateAuth", ok(json!({ "AuthenticationResult": set })))
        .expect("ConfirmDevice", confirmed(false))
        .expect("GetUser", user_named(&name));
    world.send(json!({ "type": "signIn", "username": name, "password": PASSWORD }));
    assert_eq!(world.snapshot()["device"], "remembered");
}

/// Whose devices are kept, by their numbers.
fn numbers(world: &World) -> Vec<u32> {
    let devices = kept(world);
    let number = |device: &Value| {
        device["key"]
            .as_str()?
            .strip_prefix("eu-west-1_")?
            .parse()
            .ok()
    };
    devices
        .as_array()
        .unwrap()
        .iter()
        .filter_map(number)
        .collect()
}

#[test]
fn of_many_people_the_latest_sixteen_are_known() {
    let mut world = World::scripted();
    for number in 1..=17 {
        sign_in_as_number(&mut world, number);
        world.leave();
    }
    assert_eq!(numbers(&world), Vec::from_iter(2..=17));
}

#[test]
fn only_who_is_new_takes_the_place_of_the_one_who_was_there_first() {
    let mut world = World::scripted();
    for number in 1..=16 {
        sign_in_as_number(&mut world, number);
        world.leave();
    }
    sign_in_as_number(&mut world, 7);
    let order = [1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14, 15, 16, 7];
    assert_eq!(numbers(&world), order, "the same person again");
    for key in ["eu-west-1_of_another_browser", "eu-west-1_7"] {
        world.expect("ForgetDevice", done());
        world.call("forgetDevice", json!({ "key": key })).unwrap();
        let left: Vec<u32> = order
            .into_iter()
            .filter(|n| *n != 7 || !key.ends_with("_7"))
            .collect();
        assert_eq!(numbers(&world), left, "{key} alone is forgotten");
    }
}

#[test]
fn what_a_pool_gives_as_a_device_that_is_none_is_not_confirmed() {
    for metadata in [
        json!({}),
        json!(null),
        json!("x"),
        json!({ "DeviceKey": DEVICE_KEY }),
        json!({ "DeviceGroupKey": DEVICE_GROUP_KEY }),
        json!({ "DeviceKey": "", "DeviceGroupKey": DEVICE_GROUP_KEY }),
        json!({ "DeviceKey": DEVICE_KEY, "DeviceGroupKey": "" }),
        json!({ "DeviceKey": "x".repeat(10_000), "DeviceGroupKey": DEVICE_GROUP_KEY }),
        json!({ "DeviceKey": 7, "DeviceGroupKey": DEVICE_GROUP_KEY }),
    ] {
        let mut set = token_set(1);
        set["NewDeviceMetadata"] = metadata.clone();
        let mut world = World::scripted();
        let tokens = ok(json!({ "AuthenticationResult": set }));
        world.sign_in_as(USER, tokens, alices_attributes());
        assert_eq!(world.snapshot()["device"], Value::Null, "{metadata}");
        assert_eq!(world.storage.as_ref().unwrap().devices(), None);
    }
}

#[test]
fn another_tab_shows_the_device_and_what_becomes_of_it() {
    let mut first = World::scripted();
    let mut second = first.new_tab();
    sign_in_with_device(&mut first, confirmed(true));
    second.notice_storage();
    assert_eq!(second.snapshot()["device"], "ask");
    second.expect("UpdateDeviceStatus", done());
    second.call("rememberDevice", json!({})).unwrap();
    first.notice_storage();
    assert_eq!(first.snapshot()["device"], "remembered");
    first.expect("ForgetDevice", done());
    first.call("forgetDevice", json!({})).unwrap();
    second.notice_storage();
    assert_eq!(second.snapshot()["device"], Value::Null);
    assert_eq!(first.storage.as_ref().unwrap().devices(), None);
}

#[test]
fn against_a_pool_that_tracks_devices_nobody_is_signed_out_after_one_token_life() {
    let settings = json!({ "DeviceConfiguration": {
        "ChallengeRequiredOnNewDevice": true, "DeviceOnlyRememberedOnUserPrompt": false } });
    let rotating = json!({
        "ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH"],
        "RefreshTokenRotation": { "Feature": "ENABLED", "RetryGracePeriodSeconds": 0 },
    });
    for client in [json!({}), rotating] {
        let pool = LocalPool::with(settings.clone(), client);
        pool.add_user(USER, PASSWORD, json!({}), Clock::new().wall);
        let mut world = World::with(&pool);
        let snapshot = world.send(sign_in());
        assert_eq!(snapshot["device"], "remembered");
        for _ in 0..3 {
            world.pass(HOUR);
            world.session().unwrap();
        }
        let devices = world.call("devices", json!({})).unwrap();
        assert_eq!(devices[0]["current"], true);
        world.call("forgetDevice", json!({})).unwrap();
        assert_eq!(world.snapshot()["device"], Value::Null);
    }
}

#[test]
fn against_a_pool_that_asks_the_person_the_device_is_remembered_on_their_word() {
    let settings = json!({ "DeviceConfiguration": {
        "ChallengeRequiredOnNewDevice": true, "DeviceOnlyRememberedOnUserPrompt": true } });
    let pool = LocalPool::with(settings, json!({}));
    pool.add_user(USER, PASSWORD, json!({}), Clock::new().wall);
    let mut world = World::with_options(&pool, json!({ "deviceName": "Kitchen" }));
    assert_eq!(world.send(sign_in())["device"], "ask");
    world.call("rememberDevice", json!({})).unwrap();
    assert_eq!(world.snapshot()["device"], "remembered");
    let devices = world.call("devices", json!({})).unwrap();
    assert_eq!(devices[0]["name"], "Kitchen");
    world.pass(HOUR);
    world.session().unwrap();
}
