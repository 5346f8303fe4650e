//! Signing in on a device that the pool knows: it is named, and proves itself in place of a code.

use serde_json::{Value, json};

use crate::support::*;

const OPEN: &str = "InitiateAuth USER_SRP_AUTH";
const PROVE: &str = "RespondToAuthChallenge PASSWORD_VERIFIER";
pub(crate) const DEVICE: [&str; 2] = [
    "RespondToAuthChallenge DEVICE_SRP_AUTH",
    "RespondToAuthChallenge DEVICE_PASSWORD_VERIFIER",
];

/// A pool that wants a code by SMS, but not on a device that it knows.
fn pool_that(asks: bool, more: Value) -> LocalPool {
    let mut settings = json!({
        "Schema": [{ "Name": "phone_number", "Required": true }],
        "AliasAttributes": ["email"],
        "DeviceConfiguration": {
            "ChallengeRequiredOnNewDevice": true, "DeviceOnlyRememberedOnUserPrompt": asks },
        "MfaConfig": { "MfaConfiguration": "ON", "SmsMfaConfiguration": {} },
    });
    merge(&mut settings, more);
    let client = json!({ "ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH",
        "ALLOW_USER_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"] });
    let pool = LocalPool::with(settings, client);
    let attributes = json!({ "phone_number": PHONE, "phone_number_verified": "true",
        "email": EMAIL, "email_verified": "true" });
    pool.add_user(USER, PASSWORD, attributes, Clock::new().wall);
    pool
}

pub(crate) fn pool() -> LocalPool {
    pool_that(false, json!({}))
}

/// Signed in by a code and out again: the device is known.
pub(crate) fn known_at(pool: &LocalPool, options: Value) -> World {
    let mut world = World::with_options(pool, options);
    assert_eq!(world.send(sign_in())["step"], "mfaCode");
    assert_eq!(world.send(submit(&pool.code()))["step"], "signedIn");
    world.send(event("signOut"));
    world.sent();
    world
}

fn known_key(world: &World) -> String {
    kept(world)[0]["key"].as_str().unwrap().into()
}

pub(crate) fn kept(world: &World) -> Value {
    let record = world.storage.as_ref().unwrap().devices();
    record.map_or(json!([]), |record| {
        let record: Value = serde_json::from_str(&record).unwrap();
        record["devices"].clone()
    })
}

/// The bodies of everything that was sent since this was last asked.
fn bodies(world: &mut World) -> Vec<(&'static str, Value)> {
    world.network.log.drain(..).collect()
}

pub(crate) fn key_in(body: &Value) -> &Value {
    let of_answer = &body["ChallengeResponses"]["DEVICE_KEY"];
    match of_answer.is_null() {
        true => &body["AuthParameters"]["DEVICE_KEY"],
        false => of_answer,
    }
}

pub(crate) fn ends(world: &World, step: &str, error: &str) {
    assert_eq!(
        (world.step().as_str(), world.error().as_str()),
        (step, error)
    );
}

#[test]
fn a_known_device_takes_the_place_of_the_code() {
    let pool = pool();
    let mut world = known_at(&pool, json!({}));
    let key = known_key(&world);
    for reloads in [false, true] {
        if reloads {
            world.reload();
        }
        let snapshot = world.send(sign_in());
        assert_eq!(snapshot["step"], "signedIn");
        assert_eq!(snapshot["device"], "remembered");
        let all = bodies(&mut world);
        let kinds: Vec<_> = all
            .iter()
            .map(|(_, body)| body["AuthFlow"].as_str().or(body["ChallengeName"].as_str()))
            .collect();
        assert_eq!(
            kinds,
            [
                Some("USER_SRP_AUTH"),
                Some("PASSWORD_VERIFIER"),
                Some("DEVICE_SRP_AUTH"),
                Some("DEVICE_PASSWORD_VERIFIER"),
                None,
            ]
        );
        for (_, body) in all.iter().take(4) {
            assert_eq!(key_in(body), key.as_str(), "{body}");
        }
        // The session is the device's, and is refreshed with it.
        world.pass(HOUR);
        world.session().unwrap();
        assert_eq!(key_in(&world.body_of("InitiateAuth")), key.as_str());
        assert_eq!(known_key(&world), key, "it is confirmed once");
        world.send(event("signOut"));
        world.sent();
    }
}

#[test]
fn the_device_is_named_whichever_way_the_password_is_given() {
    for way in ["password", "choice"] {
        let pool = pool();
        let mut world = known_at(&pool, json!({ "signInWith": way }));
        assert_eq!(world.send(sign_in())["step"], "signedIn", "{way}");
        let sent = world.sent();
        assert!(sent.ends_with(&[DEVICE[0].into(), DEVICE[1].into(), "GetUser".into()]));
    }
}

#[test]
fn a_device_is_good_for_many_sign_ins_whatever_its_salt() {
    // Each tab draws other bytes: among so many, some salts begin with a high bit.
    let (pool, storage) = (pool(), Storage::default());
    let mut firsts = Vec::new();
    for _ in 0..12 {
        let mut world = World::new(Some(pool.clone()), json!({}), Some(storage.clone()), None);
        storage.set_devices(None);
        world.notice_storage();
        world.clock.wall += f64::from(world.tab) * HOUR;
        world.send(sign_in());
        world.send(submit(&pool.code()));
        let body = world.body_of("ConfirmDevice");
        let salt = body["DeviceSecretVerifierConfig"]["Salt"].as_str();
        firsts.push(from_base64(salt.unwrap())[0]);
        world.send(event("signOut"));
        assert_eq!(world.send(sign_in())["step"], "signedIn");
        world.send(event("signOut"));
    }
    assert!(firsts.contains(&0), "a high bit");
}

#[test]
fn a_device_is_found_by_the_users_id_where_another_alias_was_typed() {
    let pool = pool();
    let mut world = known_at(&pool, json!({}));
    let key = known_key(&world);
    let event = json!({ "type": "signIn", "username": EMAIL, "password": PASSWORD });
    assert_eq!(world.send(event)["step"], "signedIn");
    let all = bodies(&mut world);
    assert!(key_in(&all[0].1).is_null(), "nobody knows yet who it is");
    assert_eq!(key_in(&all[1].1), key.as_str());
}

#[test]
fn another_user_of_the_browser_is_not_given_the_device() {
    let pool = pool();
    let attributes = json!({ "phone_number": "+15555550000", "phone_number_verified": "true" });
    pool.add_user(OTHER, PASSWORD, attributes, Clock::new().wall);
    let mut world = known_at(&pool, json!({}));
    let event_of = json!({ "type": "signIn", "username": OTHER, "password": PASSWORD });
    assert_eq!(world.send(event_of)["step"], "mfaCode");
    for (_, body) in bodies(&mut world) {
        assert!(key_in(&body).is_null(), "{body}");
    }
    world.send(submit(&pool.code()));
    assert_eq!(kept(&world).as_array().unwrap().len(), 2);
    world.send(event("signOut"));
    assert_eq!(world.send(sign_in())["step"], "signedIn", "hers is kept");
}

#[test]
fn an_alias_that_has_become_somebody_elses_does_not_bring_the_device_along() {
    let mut world = World::scripted();
    world
        .expect("InitiateAuth", sms_challenge())
        .expect("RespondToAuthChallenge", tokens_with_device(1))
        .expect("ConfirmDevice", done())
        .expect("GetUser", alices_attributes());
    world.send(json!({ "type": "signIn", "username": EMAIL, "password": PASSWORD }));
    world.send(submit("123456"));
    assert_eq!(kept(&world)[0]["userId"], USER);
    world.leave();
    let parameters = json!({ "USER_ID_FOR_SRP": OTHER });
    world
        .expect("InitiateAuth", challenge("SMS_MFA", parameters))
        .expect("RespondToAuthChallenge", tokens(5))
        .expect("GetUser", other_user());
    world.send(json!({ "type": "signIn", "username": EMAIL, "password": PASSWORD }));
    assert_eq!(key_in(&world.body_of("InitiateAuth")), DEVICE_KEY);
    world.send(submit("123456"));
    assert!(key_in(&world.body_of("RespondToAuthChallenge")).is_null());
    assert_eq!(world.snapshot()["device"], Value::Null);
}

#[test]
fn the_device_goes_with_codes_and_custom_answers_also_after_a_reload() {
    let cases: [(fn() -> Fault, Value); 2] = [
        (sms_challenge, submit("123456")),
        (custom_challenge, answer("12")),
    ];
    for (asked, answer) in cases {
        for reloads in [false, true] {
            let mut world = alice_known();
            world.expect("InitiateAuth", asked());
            world.send(sign_in());
            if reloads {
                world.reload();
            }
            world
                .expect("RespondToAuthChallenge", tokens(1))
                .expect("GetUser", alices_attributes());
            // What the pool calls her in the challenge of its own is not what she is kept by.
            let told = world.body_of("InitiateAuth");
            assert_eq!(key_in(&told), DEVICE_KEY);
            let snapshot = world.send(answer.clone());
            assert_eq!(snapshot["step"], "signedIn");
        }
    }
    let mut world = alice_known();
    world
        .expect("InitiateAuth", sms_challenge())
        .expect("RespondToAuthChallenge", tokens(1))
        .expect("GetUser", alices_attributes());
    world.send(sign_in());
    world.reload();
    assert_eq!(world.send(submit("123456"))["device"], "remembered");
    assert_eq!(key_in(&world.body_of("RespondToAuthChallenge")), DEVICE_KEY);
}

#[test]
fn what_the_person_has_not_said_yet_is_asked_again_at_the_next_sign_in() {
    let pool = pool_that(true, json!({}));
    let mut world = known_at(&pool, json!({}));
    assert_eq!(world.send(sign_in())["step"], "mfaCode", "not remembered");
    assert_eq!(world.send(submit(&pool.code()))["device"], "ask");
    world.call("rememberDevice", json!({})).unwrap();
    assert_eq!(world.snapshot()["device"], "remembered");
    world.send(event("signOut"));
    let snapshot = world.send(sign_in());
    assert_eq!(snapshot["step"], "signedIn");
    assert_eq!(snapshot["device"], "remembered");
}

#[test]
fn a_device_that_was_forgotten_at_the_pool_is_forgotten_here_and_another_one_begins() {
    let pool = pool();
    let mut world = known_at(&pool, json!({}));
    let key = known_key(&world);
    let input = json!({ "Username": USER, "DeviceKey": key });
    pool.admin("AdminForgetDevice", input, world.clock.wall);
    assert_eq!(world.send(sign_in())["step"], "mfaCode");
    assert_eq!(world.sent(), [OPEN, PROVE, OPEN, PROVE]);
    assert_eq!(kept(&world), json!([]));
    assert_eq!(world.send(submit(&pool.code()))["device"], "remembered");
    assert_ne!(known_key(&world), key);
    world.send(event("signOut"));
    assert_eq!(world.send(sign_in())["step"], "signedIn");
}

#[test]
fn a_user_who_was_made_again_signs_in_without_the_old_device() {
    let pool = pool();
    let mut world = known_at(&pool, json!({}));
    let wall = world.clock.wall;
    pool.admin("AdminDeleteUser", json!({ "Username": USER }), wall);
    let attributes = json!({ "phone_number": PHONE, "phone_number_verified": "true" });
    pool.add_user(USER, PASSWORD, attributes, wall);
    assert_eq!(world.send(sign_in())["step"], "mfaCode");
}

#[test]
fn with_devices_off_none_is_named_and_those_of_before_are_erased() {
    let mut world = alice_known();
    world.reload_with(json!({ "devices": "off" }));
    assert_eq!(world.storage.as_ref().unwrap().devices(), None);
    world
        .expect("InitiateAuth", sms_challenge())
        .expect("RespondToAuthChallenge", tokens_with_device(1))
        .expect("GetUser", alices_attributes());
    world.send(sign_in());
    world.send(submit("123456"));
    for (_, body) in bodies(&mut world) {
        assert!(key_in(&body).is_null(), "{body}");
    }
    assert_eq!(world.storage.as_ref().unwrap().devices(), None);
}

#[test]
fn with_the_user_the_device_is_forgotten() {
    let mut world = alice_known();
    world.sign_in_as(USER, tokens(1), alices_attributes());
    assert_eq!(world.snapshot()["device"], "remembered");
    world.expect("DeleteUser", empty(200));
    world.call("deleteUser", json!({})).unwrap();
    assert_eq!(kept(&world), json!([]));
}

#[test]
fn a_new_device_takes_the_place_of_one_that_the_pool_did_not_take() {
    let mut world = alice_known();
    let mut set = token_set(1);
    set["NewDeviceMetadata"] = json!({ "DeviceKey": "eu-west-1_new", "DeviceGroupKey": "g" });
    world
        .expect("InitiateAuth", ok(json!({ "AuthenticationResult": set })))
        .expect("ConfirmDevice", done())
        .expect("GetUser", alices_attributes());
    world.send(sign_in());
    let devices = kept(&world);
    assert_eq!(devices.as_array().unwrap().len(), 1);
    assert_eq!(devices[0]["key"], "eu-west-1_new");
}

#[test]
fn a_planted_devices_record_harms_nobody_who_signs_in() {
    for devices in [
        json!([{}]),
        json!([{ "typed": USER }]),
        json!([{ "typed": USER, "userId": USER, "key": 7 }]),
        json!([{ "typed": USER, "userId": USER, "key": "k", "group": 7, "secret": [] }]),
        json!([7, { "typed": USER, "userId": USER, "key": "k" }]),
    ] {
        let mut world = alice_known();
        let storage = world.storage.clone().unwrap();
        let mut record: Value = serde_json::from_str(&storage.devices().unwrap()).unwrap();
        record["devices"] = devices.clone();
        storage.set_devices(Some(record.to_string()));
        world.notice_storage();
        world
            .expect("InitiateAuth", device_asked())
            .expect("RespondToAuthChallenge", device_proof_asked())
            .expect("InitiateAuth", sms_challenge());
        world.send(sign_in());
        // Where there is no key the challenge is nobody's; the next sign-in works.
        if world.step() == "signedOut" {
            ends(&world, "signedOut", "server");
            world.send(sign_in());
        }
        ends(&world, "mfaCode", "");
    }
}
