//! What the app tells the pool's triggers: an event's own metadata is laid over the app's, goes with
//! each call of that event, and with none of another.

use serde_json::{Value, json};

use crate::support::*;

/// The operations that take it. (Service model: those with a member `ClientMetadata`.)
const TAKE_IT: [&str; 10] = [
    "SignUp",
    "ConfirmSignUp",
    "ResendConfirmationCode",
    "InitiateAuth",
    "RespondToAuthChallenge",
    "ForgotPassword",
    "ConfirmForgotPassword",
    "GetUserAttributeVerificationCode",
    "UpdateUserAttributes",
    "GetTokensFromRefreshToken",
];

fn of_the_app() -> Value {
    json!({ "app": "shop", "shared": "app" })
}

fn laid_over() -> Value {
    json!({ "app": "shop", "shared": "event", "captcha": "é\"1" })
}

fn with(mut event: Value) -> Value {
    event["clientMetadata"] = json!({ "shared": "event", "captcha": "é\"1" });
    event
}

fn world_at(pool: &LocalPool) -> World {
    World::with_options(pool, json!({ "clientMetadata": of_the_app() }))
}

/// Each request since the last look has this metadata, if its operation takes any.
#[track_caller]
fn assert_sent(world: &mut World, expected: &[&str], metadata: &Value) {
    let sent: Vec<_> = world.network.log.drain(..).collect();
    let operations: Vec<_> = sent.iter().map(|(operation, _)| *operation).collect();
    assert_eq!(operations, expected);
    for (operation, body) in sent {
        match TAKE_IT.contains(&operation) {
            true => assert_eq!(body["ClientMetadata"], *metadata, "{operation}"),
            false => assert_eq!(body.get("ClientMetadata"), None, "{operation}"),
        }
    }
}

#[test]
fn an_events_metadata_goes_with_each_call_of_a_sign_up_and_what_follows_by_itself() {
    let pool = LocalPool::new();
    let mut world = world_at(&pool);
    world.send(with(sign_up(phone_and_email())));
    assert_sent(&mut world, &["SignUp"], &laid_over());
    world.pass(MINUTE);
    world.send(with(event("resendCode")));
    assert_sent(&mut world, &["ResendConfirmationCode"], &laid_over());
    // Confirmed, signed in by SRP, the user read, a code sent for what is not verified.
    world.send(with(confirm(&pool.code())));
    let journey = [
        "ConfirmSignUp",
        "InitiateAuth",
        "RespondToAuthChallenge",
        "GetUser",
        "GetUserAttributeVerificationCode",
    ];
    assert_sent(&mut world, &journey, &laid_over());
    world.pass(MINUTE);
    world.send(with(event("resendCode")));
    assert_sent(
        &mut world,
        &["GetUserAttributeVerificationCode"],
        &laid_over(),
    );
    world.send(with(submit(&pool.code())));
    assert_sent(&mut world, &["VerifyUserAttribute"], &laid_over());
    world.send(with(
        json!({ "type": "verifyAttribute", "attribute": "email" }),
    ));
    assert_sent(
        &mut world,
        &["GetUserAttributeVerificationCode"],
        &laid_over(),
    );
}

#[test]
fn an_events_metadata_goes_with_each_call_of_a_sign_in_with_a_code() {
    let pool = LocalPool::with_sms_mfa();
    let attributes = json!({ "phone_number": PHONE, "phone_number_verified": "true" });
    pool.add_user(USER, PASSWORD, attributes, Clock::new().wall);
    let mut world = world_at(&pool);
    world.send(with(sign_in()));
    let by_srp = ["InitiateAuth", "RespondToAuthChallenge"];
    assert_sent(&mut world, &by_srp, &laid_over());
    world.pass(MINUTE);
    world.send(with(event("resendCode")));
    assert_sent(&mut world, &by_srp, &laid_over());
    world.send(with(submit(&pool.code())));
    assert_sent(
        &mut world,
        &["RespondToAuthChallenge", "GetUser"],
        &laid_over(),
    );
    world.send(with(event("signOut")));
    assert_sent(&mut world, &["RevokeToken"], &Value::Null);
}

#[test]
fn an_events_metadata_goes_with_a_forgotten_and_a_first_password() {
    let pool = LocalPool::new();
    let attributes = json!({ "email": EMAIL, "email_verified": "true" });
    pool.add_user(USER, PASSWORD, attributes, Clock::new().wall);
    let mut world = world_at(&pool);
    world.send(with(forgot()));
    assert_sent(&mut world, &["ForgotPassword"], &laid_over());
    world.pass(MINUTE);
    world.send(with(event("resendCode")));
    assert_sent(&mut world, &["ForgotPassword"], &laid_over());
    world.send(with(reset(&pool.code())));
    assert_sent(&mut world, &["ConfirmForgotPassword"], &laid_over());
    let mut world = World::scripted_with(json!({ "clientMetadata": of_the_app() }));
    world.expect("InitiateAuth", new_password_challenge());
    world.send(sign_in());
    assert_sent(&mut world, &["InitiateAuth"], &of_the_app());
    world
        .expect("RespondToAuthChallenge", tokens(1))
        .expect("GetUser", verified_user());
    let choice = json!({ "type": "setNewPassword", "password": OTHER_PASSWORD });
    world.send(with(choice));
    assert_sent(
        &mut world,
        &["RespondToAuthChallenge", "GetUser"],
        &laid_over(),
    );
}

#[test]
fn the_next_attribute_is_asked_for_with_the_metadata_of_the_event_that_led_there() {
    let mut world = World::scripted_with(json!({ "clientMetadata": of_the_app() }));
    let unverified = json!({ "email": EMAIL, "email_verified": "false",
        "phone_number": PHONE, "phone_number_verified": "false" });
    world
        .expect("InitiateAuth", tokens(1))
        .expect("GetUser", user(unverified))
        .expect("GetUserAttributeVerificationCode", email_sent())
        .expect("GetUserAttributeVerificationCode", email_sent());
    world.send(sign_in());
    world.sent();
    world.send(with(event("skipVerification")));
    assert_sent(
        &mut world,
        &["GetUserAttributeVerificationCode"],
        &laid_over(),
    );
}

#[test]
fn each_try_of_a_call_has_the_events_metadata() {
    let mut world = World::scripted_with(json!({ "clientMetadata": of_the_app() }));
    world
        .expect("InitiateAuth", throttled())
        .expect("InitiateAuth", too_many())
        .expect("InitiateAuth", tokens(1))
        .expect("GetUser", unreadable(503))
        .expect("GetUser", verified_user());
    world.send(with(sign_in()));
    let tries = [
        "InitiateAuth",
        "InitiateAuth",
        "InitiateAuth",
        "GetUser",
        "GetUser",
    ];
    assert_sent(&mut world, &tries, &laid_over());
}

#[test]
fn one_events_metadata_is_not_told_with_another() {
    let pool = LocalPool::new();
    let mut world = world_at(&pool);
    world.send(with(sign_up(phone_and_email())));
    world.sent();
    world.send(confirm(&other_code(&pool.code())));
    assert_sent(&mut world, &["ConfirmSignUp"], &of_the_app());
    // Nor after one that was refused before anything was sent, or was called off.
    assert!(world.start(with(event("resendCode"))).is_err());
    world.pass(MINUTE);
    world.send(event("resendCode"));
    assert_sent(&mut world, &["ResendConfirmationCode"], &of_the_app());
    world.start(with(confirm("123456"))).unwrap();
    world.send(event("cancel"));
    world.sent();
    world.send(forgot());
    assert_sent(&mut world, &["ForgotPassword"], &of_the_app());
}

#[test]
fn a_call_of_the_account_has_the_apps_metadata_though_an_event_is_under_way() {
    let mut world = alice_with(json!({ "clientMetadata": of_the_app() }));
    let verify = json!({ "type": "verifyAttribute", "attribute": "email" });
    world.start(with(verify)).unwrap();
    let attributes = json!({ "attributes": { "nickname": "Al" } });
    world.start_call("updateAttributes", attributes).unwrap();
    let of_the_ask = world.body_of("UpdateUserAttributes");
    assert_eq!(of_the_ask["ClientMetadata"], of_the_app());
    let of_the_event = world.body_of("GetUserAttributeVerificationCode");
    assert_eq!(of_the_event["ClientMetadata"], laid_over());
}

#[test]
fn a_refresh_after_the_event_has_the_apps_metadata() {
    let mut world = World::scripted_with(json!({ "clientMetadata": of_the_app() }));
    world
        .expect("InitiateAuth", tokens(1))
        .expect("GetUser", verified_user());
    world.send(with(sign_in()));
    world.sent();
    world.expect("InitiateAuth", refreshed(2));
    world.call("session", json!({ "refresh": true })).unwrap();
    assert_sent(&mut world, &["InitiateAuth"], &of_the_app());
}

#[test]
fn without_the_apps_metadata_the_events_goes_alone_and_without_both_there_is_none() {
    let mut world = World::scripted();
    world.expect("ForgotPassword", Fault::NotSent);
    world.send(with(forgot()));
    let own = json!({ "shared": "event", "captcha": "é\"1" });
    assert_sent(&mut world, &["ForgotPassword"], &own);
    for nothing in [json!({}), Value::Null] {
        let mut event = forgot();
        event["clientMetadata"] = nothing;
        world.expect("ForgotPassword", Fault::NotSent);
        world.send(event);
        assert_eq!(world.body_of("ForgotPassword").get("ClientMetadata"), None);
    }
}

#[test]
fn metadata_that_is_none_is_malformed_and_names_the_member() {
    for (metadata, named) in [
        (json!("a=b"), "clientMetadata"),
        (json!(["a"]), "clientMetadata"),
        (json!({ "captcha": 7 }), "captcha"),
        (json!({ "captcha": null }), "captcha"),
    ] {
        let mut world = World::scripted();
        let mut event = sign_in();
        event["clientMetadata"] = metadata;
        let error = world.start(event).unwrap_err();
        assert_eq!(error.code.as_str(), "malformed");
        assert!(error.message().contains(&format!("`{named}`")), "{error}");
        assert!(world.sent().is_empty());
    }
}

#[test]
fn the_answer_to_a_captcha_goes_with_the_sign_up_alone() {
    let mut world = World::scripted();
    world
        .expect("SignUp", ok(json!({ "UserConfirmed": true })))
        .expect("InitiateAuth", tokens(1))
        .expect("GetUser", verified_user());
    let mut event = sign_up(json!({ "email": EMAIL }));
    event["validationData"] = json!({ "captcha": "é\"1", "toString": "own" });
    world.send(event);
    let body = world.body_of("SignUp");
    let mut data = body["ValidationData"].as_array().unwrap().clone();
    data.sort_by_key(Value::to_string);
    assert_eq!(
        data,
        [
            json!({ "Name": "captcha", "Value": "é\"1" }),
            json!({ "Name": "toString", "Value": "own" }),
        ]
    );
    assert_eq!(
        body["UserAttributes"],
        json!([{ "Name": "email", "Value": EMAIL }])
    );
    let others = world
        .network
        .log
        .iter()
        .filter(|(name, _)| *name != "SignUp");
    for (operation, body) in others {
        assert!(!body.to_string().contains("captcha"), "{operation}");
    }
    let mut world = World::scripted();
    world.expect("SignUp", signed_up());
    world.send(sign_up(json!({})));
    assert_eq!(world.body_of("SignUp").get("ValidationData"), None);
}

#[test]
fn validation_data_that_is_none_is_malformed_and_names_the_member() {
    for (data, named) in [
        (json!("x"), "validationData"),
        (json!({ "captcha": 7 }), "captcha"),
    ] {
        let mut event = sign_up(json!({}));
        event["validationData"] = data;
        let error = World::scripted().start(event).unwrap_err();
        assert_eq!(error.code.as_str(), "malformed");
        assert!(error.message().contains(&format!("`{named}`")), "{error}");
    }
}
