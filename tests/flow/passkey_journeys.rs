//! Passkeys at the pool, which verifies what the browser gives.

use serde_json::{Value, json};

use crate::support::*;

pub(crate) const RELYING_PARTY: &str = "shop.example.com";
const BY_CHOICE: &str = "InitiateAuth USER_AUTH";
const ANSWER: &str = "RespondToAuthChallenge WEB_AUTHN";

pub(crate) fn pool_with(mfa: Value) -> LocalPool {
    let mut config = json!({ "WebAuthnConfiguration": {
        "RelyingPartyId": RELYING_PARTY, "UserVerification": "preferred",
    } });
    merge(&mut config, mfa);
    let factors = json!(["PASSWORD", "EMAIL_OTP", "WEB_AUTHN"]);
    let pool = LocalPool::with(
        json!({
            "Policies": { "SignInPolicy": { "AllowedFirstAuthFactors": factors } },
            "MfaConfig": config,
        }),
        json!({ "ExplicitAuthFlows": ["ALLOW_USER_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"] }),
    );
    let attributes = json!({ "email": EMAIL, "email_verified": "true",
        "phone_number": PHONE, "phone_number_verified": "true" });
    pool.add_user(USER, PASSWORD, attributes, Clock::new().wall);
    pool
}

pub(crate) fn at(pool: &LocalPool) -> World {
    World::with_options(pool, json!({ "signInWith": "choice" }))
}

/// Alice, signed in by her password, has the browser make a passkey.
fn alice_with_passkey(pool: &LocalPool, key: &Authenticator) -> World {
    let mut world = at(pool);
    assert_eq!(world.send(sign_in())["step"], "signedIn");
    make(&mut world, key);
    world
}

pub(crate) fn make(world: &mut World, key: &Authenticator) {
    let ticket = world.start_call("createPasskey", json!({})).unwrap();
    world.answer_all();
    let credential = key.create(&world.prompts[0].options);
    world.give(&credential);
    world.run();
    assert_eq!(world.answer(ticket), Some(Ok(Value::Null)));
}

pub(crate) fn left(mut world: World) -> World {
    world.send(event("signOut"));
    world.sent();
    world
}

/// Sends the event, and gives this passkey to the prompt that comes of it.
pub(crate) fn by_passkey(world: &mut World, event: Value, key: &Authenticator) -> Value {
    world.start(event).unwrap();
    world.answer_all();
    let credential = key.get(&world.prompts[0].options);
    world.give(&credential);
    world.run();
    world.snapshot()
}

#[test]
fn a_passkey_is_made_and_signs_in_and_is_deleted() {
    let key = Authenticator::new(1, RELYING_PARTY);
    let pool = pool_with(json!({}));
    let mut world = alice_with_passkey(&pool, &key);
    let list = world.call("passkeys", json!({})).unwrap();
    assert_eq!(list[0]["id"], key.id());
    assert_eq!(list[0]["transports"], json!(["internal"]));
    assert!(list[0]["name"].is_string());
    let now = world.clock.wall;
    assert!((now - list[0]["createdAt"].as_f64().unwrap()).abs() < MINUTE);

    let mut world = left(world);
    for _ in 0..2 {
        let snapshot = by_passkey(&mut world, prefer("passkey"), &key);
        assert_eq!(snapshot["step"], "signedIn");
        assert_eq!(world.sent(), [BY_CHOICE, ANSWER, "GetUser"]);
        world = left(world);
    }

    by_passkey(&mut world, prefer("passkey"), &key);
    world
        .call("deletePasskey", json!({ "id": key.id() }))
        .unwrap();
    assert_eq!(world.call("passkeys", json!({})), Ok(json!([])));
    assert_eq!(world.forgotten.len(), 1);
    let error = world.call("deletePasskey", json!({ "id": key.id() }));
    assert_eq!(
        error.unwrap_err().server.as_deref(),
        Some("ResourceNotFoundException")
    );
    let mut world = left(world);
    let snapshot = world.send(prefer("passkey"));
    assert_eq!(
        snapshot["step"], "selectFactor",
        "who has none is given the choice"
    );
    assert_eq!(snapshot["choices"], json!(["password", "email"]));
}

#[test]
fn chosen_among_the_factors_it_signs_in_and_another_way_can_be_tried() {
    let key = Authenticator::new(1, RELYING_PARTY);
    let pool = pool_with(json!({}));
    let mut world = left(alice_with_passkey(&pool, &key));
    let snapshot = world.send(begin());
    assert_eq!(snapshot["choices"], json!(["password", "email", "passkey"]));
    let snapshot = by_passkey(&mut world, select("passkey"), &key);
    assert_eq!(snapshot["step"], "signedIn");

    let mut world = left(world);
    world.start(prefer("passkey")).unwrap();
    world.answer_all();
    assert_eq!(
        world.snapshot()["alternatives"],
        json!(["password", "email"])
    );
    world.refuse("NotAllowedError");
    assert_eq!(world.send(select("email"))["step"], "signInCode");
    assert_eq!(
        by_passkey(&mut world, select("passkey"), &key)["step"],
        "signedIn"
    );
    let mut world = left(world);
    world.start(prefer("passkey")).unwrap();
    world.answer_all();
    world.refuse("NotAllowedError");
    assert_eq!(world.send(select_password())["step"], "signedIn");
}

#[test]
fn a_passkey_chosen_in_the_field_signs_in_after_any_number_of_renewals() {
    let key = Authenticator::new(1, RELYING_PARTY);
    let pool = pool_with(json!({}));
    let mut world = left(alice_with_passkey(&pool, &key));
    world.send(offer());
    world.give(&json!({}));
    world.answer_all();
    world.sent();
    world.pass(10.0 * MINUTE);
    assert_eq!(world.sent(), [BY_CHOICE; 4]);
    let credential = key.get(&world.prompts[0].options);
    world.give(&credential);
    world.run();
    assert_eq!(world.step(), "signedIn");
}

#[test]
fn nobody_is_told_by_an_offer_who_has_a_passkey() {
    let pool = pool_with(json!({}));
    for name in [USER, "nobody"] {
        let mut world = at(&pool);
        let mut event = offer();
        event["username"] = json!(name);
        world.send(event);
        world.give(&json!({}));
        world.pass(MINUTE);
        assert_eq!(world.step(), "signedOut");
        assert_eq!(world.snapshot()["error"], Value::Null);
        assert!(world.prompts.is_empty());
    }
}

#[test]
fn a_passkey_that_the_pool_knows_no_longer_is_refused_and_forgotten_by_the_browser() {
    let (key, other) = (
        Authenticator::new(1, RELYING_PARTY),
        Authenticator::new(2, RELYING_PARTY),
    );
    let pool = pool_with(json!({}));
    let mut world = alice_with_passkey(&pool, &key);
    make(&mut world, &other);
    let mut elsewhere = at(&pool);
    elsewhere.storage = Some(Storage::default());
    elsewhere.reload();
    elsewhere.send(sign_in());
    let mut world = left(world);
    world.start(prefer("passkey")).unwrap();
    world.answer_all();
    elsewhere
        .call("deletePasskey", json!({ "id": key.id() }))
        .unwrap();
    let credential = key.get(&world.prompts[0].options);
    world.give(&credential);
    world.run();
    assert_eq!(world.error(), "refused");
    let told = (Some(RELYING_PARTY.to_owned()), key.id().to_owned());
    assert_eq!(world.forgotten, [told]);
    // The other one is as good as before.
    assert_eq!(
        by_passkey(&mut world, prefer("passkey"), &other)["step"],
        "signedIn"
    );
    assert_eq!(world.forgotten.len(), 1);
}

#[test]
fn what_is_signed_for_another_page_is_refused_and_nothing_is_forgotten() {
    let key = Authenticator::new(1, RELYING_PARTY);
    let pool = pool_with(json!({}));
    let mut world = left(alice_with_passkey(&pool, &key));
    let elsewhere = Authenticator::new(1, "shop.example.org");
    let snapshot = by_passkey(&mut world, prefer("passkey"), &elsewhere);
    assert_eq!(snapshot["step"], "signedOut");
    assert_eq!(world.error(), "refused");
    assert!(world.forgotten.is_empty());

    // Nor is one made there: the pool refuses it, and it is of no use to anybody.
    world.send(sign_in());
    let ticket = world.start_call("createPasskey", json!({})).unwrap();
    world.answer_all();
    let credential = Authenticator::new(3, "shop.example.org").create(&world.prompts[0].options);
    world.give(&credential);
    world.run();
    let error = world.answer(ticket).unwrap().unwrap_err();
    assert_eq!(
        error.server.as_deref(),
        Some("WebAuthnOriginNotAllowedException")
    );
    assert_eq!(error.code.as_str(), "passkeyFailed");
    assert_eq!(world.forgotten.len(), 1);
}

#[test]
fn an_answer_that_was_lost_is_followed_by_a_new_challenge() {
    let key = Authenticator::new(1, RELYING_PARTY);
    let pool = pool_with(json!({}));
    for fault in [Fault::Lost, Fault::AnswerLost, Fault::Silence] {
        let mut world = left_again(&pool, &key);
        world.expect("RespondToAuthChallenge", fault);
        let snapshot = by_passkey(&mut world, prefer("passkey"), &key);
        assert_eq!(snapshot["step"], "passkey");
        assert_eq!(world.error(), "outcomeUnknown");
        let snapshot = by_passkey(&mut world, event("usePasskey"), &key);
        assert_eq!(snapshot["step"], "signedIn");
        world
            .call("deletePasskey", json!({ "id": key.id() }))
            .unwrap();
        assert_eq!(
            world.sent(),
            [
                BY_CHOICE,
                ANSWER,
                BY_CHOICE,
                ANSWER,
                "GetUser",
                "DeleteWebAuthnCredential"
            ]
        );
    }
}

fn left_again(pool: &LocalPool, key: &Authenticator) -> World {
    left(alice_with_passkey(pool, key))
}

#[test]
fn where_one_passkey_is_two_factors_it_is_so_only_if_it_knows_who_is_there() {
    let mut key = Authenticator::new(1, RELYING_PARTY);
    let pool = pool_with(json!({
        "MfaConfiguration": "OPTIONAL",
        "SmsMfaConfiguration": { "SmsConfiguration": sms_configuration() },
    }));
    let mut world = alice_with_passkey(&pool, &key);
    let on = json!({ "sms": "preferred" });
    world
        .call("setMfaPreference", json!({ "preference": on }))
        .unwrap();
    let mut world = left(world);
    let snapshot = by_passkey(&mut world, prefer("passkey"), &key);
    assert_eq!(
        snapshot["step"], "mfaCode",
        "one factor, and then the other"
    );
    assert_eq!(world.send(submit(&pool.code()))["step"], "signedIn");

    pool.admin(
        "SetUserPoolMfaConfig",
        json!({
            "MfaConfiguration": "OPTIONAL",
            "SmsMfaConfiguration": { "SmsConfiguration": sms_configuration() },
            "WebAuthnConfiguration": {
                "RelyingPartyId": RELYING_PARTY, "UserVerification": "required",
                "FactorConfiguration": "MULTI_FACTOR_WITH_USER_VERIFICATION",
            },
        }),
        world.clock.wall,
    );
    let on = json!({ "passkey": "on" });
    world
        .call("setMfaPreference", json!({ "preference": on }))
        .unwrap();
    let mut world = left(world);
    assert_eq!(
        by_passkey(&mut world, prefer("passkey"), &key)["step"],
        "signedIn"
    );
    let mut world = left(world);
    key.flags = 0;
    by_passkey(&mut world, prefer("passkey"), &key);
    assert_eq!(world.error(), "refused");
}

#[test]
fn a_challenge_of_three_minutes_is_over_for_the_browser_too() {
    let key = Authenticator::new(1, RELYING_PARTY);
    let pool = pool_with(json!({}));
    let mut world = left(alice_with_passkey(&pool, &key));
    world.start(prefer("passkey")).unwrap();
    world.answer_all();
    let (id, options) = (world.prompts[0].id, world.prompts[0].options.clone());
    world.pass(3.0 * MINUTE);
    assert_eq!(world.error(), "challengeExpired");
    world.sent();
    world.give_to(id, &key.get(&options));
    assert!(world.sent().is_empty());
    assert_eq!(
        by_passkey(&mut world, prefer("passkey"), &key)["step"],
        "signedIn"
    );
}
