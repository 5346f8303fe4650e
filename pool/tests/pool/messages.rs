//! Messages, money, the clock, the saved state, and attributes that wait for their code.

use crate::common::*;
use cognito_pool::{Options, Pool, Request};
use serde_json::{Value, json};

fn sms_pool() -> Value {
    json!({ "AutoVerifiedAttributes": ["phone_number"],
        "SmsConfiguration": { "SnsCallerArn": "arn:aws:iam::123456789012:role/sms" } })
}

fn sign_up(name: &str, phone: &str) -> Value {
    json!({ "ClientId": CLIENT, "Username": name, "Password": PASSWORD,
        "UserAttributes": [{ "Name": "phone_number", "Value": phone }] })
}

fn spend_everything(local: &mut Local) {
    assert_eq!(
        local.form(
            "Action=SetSMSAttributes&Version=2010-03-31&attributes.entry.1.key=MonthlySpendLimit\
         &attributes.entry.1.value=0"
        ),
        200
    );
}

#[test]
fn over_the_spend_limit_a_message_is_lost_and_the_log_says_why() {
    let mut local = Local::new(sms_pool());
    local.ok("SignUp", sign_up("alice", PHONE));
    let spent = local.get("/_pool/spending");
    assert!(spent["monthToDateMicroUsd"].as_u64().unwrap() > 0);
    spend_everything(&mut local);
    let reply = local.ok("SignUp", sign_up("bob", PHONE));
    assert!(reply["CodeDeliveryDetails"].is_object());
    assert_eq!(local.outbox().len(), 1);
    let log = local.get("/_pool/deliveries");
    assert_eq!(
        (&log[0]["outcome"], &log[1]["outcome"]),
        (&json!("delivered"), &json!("dropped"))
    );
    assert_eq!(log[1]["reason"], "No quota left for account");
    assert_eq!(log[1]["costMicroUsd"], 0);
    assert_eq!(
        local.get("/_pool/spending")["monthToDateMicroUsd"],
        spent["monthToDateMicroUsd"]
    );
}

#[test]
fn a_strict_service_says_that_it_could_not_deliver() {
    let options = Options {
        strict_sms: true,
        ..Options::default()
    };
    let mut local = Local::with_options(sms_pool(), options);
    spend_everything(&mut local);
    assert_eq!(
        local.err("SignUp", sign_up("alice", PHONE)),
        "CodeDeliveryFailureException"
    );
    assert_eq!(local.get("/_pool/deliveries")[0]["outcome"], "dropped");
}

fn post(local: &mut Local, path: &str, body: &Value) -> u16 {
    let request = Request {
        method: "POST".into(),
        path: path.into(),
        headers: Vec::new(),
        body: body.to_string().into_bytes(),
    };
    let (pool, now) = (&mut local.pool, local.now);
    pool.handle(&request, now, &mut local.randomness).status
}

#[test]
fn money_can_be_spent_up_to_the_limit_without_sending() {
    let mut local = Local::new(sms_pool());
    let spend = |local: &mut Local, body: Value| post(local, "/_pool/spending", &body);
    assert_eq!(spend(&mut local, json!({ "microUsd": 990_000 })), 200);
    assert_eq!(local.get("/_pool/spending")["monthToDateMicroUsd"], 990_000);
    for wrong in [
        json!({ "microUsd": 990_000 }),
        json!({ "microUsd": -1 }),
        json!({ "microUsd": u64::MAX }),
        json!({}),
    ] {
        assert_eq!(spend(&mut local, wrong), 400);
    }
    assert_eq!(local.get("/_pool/spending")["monthToDateMicroUsd"], 990_000);
    // To this number it costs 0.00645: there is money for one message, not for two.
    local.ok("SignUp", sign_up("alice", PHONE));
    local.ok("SignUp", sign_up("bob", PHONE));
    assert_eq!(local.outbox().len(), 1);
}

#[test]
fn the_price_list_can_be_read_and_changed() {
    let mut local = Local::new(sms_pool());
    let mut prices = local.get("/_pool/prices");
    assert_eq!(prices["byPrefix"]["1"], 6_450);
    assert_eq!(prices["maxPerMessage"], json!(null));
    prices["maxPerMessage"] = json!(6_449);
    assert_eq!(post(&mut local, "/_pool/prices", &prices), 200);
    assert_eq!(local.get("/_pool/prices"), prices);
    local.ok("SignUp", sign_up("alice", PHONE));
    let log = local.get("/_pool/deliveries");
    assert_eq!(log[0]["reason"], "This delivery would exceed max price");
    assert_eq!(post(&mut local, "/_pool/prices", &json!({ "1": 5 })), 400);
    assert_eq!(local.get("/_pool/prices"), prices);
}

#[test]
fn a_country_that_cannot_be_reached_costs_nothing() {
    let mut local = Local::new(sms_pool());
    local.ok("SignUp", sign_up("alice", "+989121234567"));
    assert!(local.outbox().is_empty());
    assert_eq!(local.get("/_pool/spending")["monthToDateMicroUsd"], 0);
}

#[test]
fn the_outbox_shows_one_recipient_or_all() {
    let mut local = Local::verifying(json!({}));
    local.confirmed("alice");
    let access = local.tokens("alice")["AccessToken"].clone();
    let input = json!({ "AccessToken": access, "AttributeName": "email" });
    local.ok("GetUserAttributeVerificationCode", input);
    assert_eq!(local.outbox().len(), 2);
    let phone = local.get("/_pool/outbox?to=%2B12065550108");
    assert_eq!(phone.as_array().unwrap().len(), 1);
    let email = local.get("/_pool/outbox?to=alice%40example.com");
    let message = email[0].as_object().unwrap();
    let mut members: Vec<&str> = message.keys().map(String::as_str).collect();
    members.sort_unstable();
    assert_eq!(
        members,
        ["at", "code", "kind", "link", "medium", "text", "to"]
    );
    assert_eq!(message["at"], local.now);
    assert_eq!(local.pool.sequence(), 4);
    assert_eq!(local.pool.events(3).len(), 1);
    assert!(local.pool.events(4).is_empty() && local.pool.events(9).is_empty());
}

#[test]
fn the_clock_can_be_put_forward_and_the_surface_closed() {
    let mut local = Local::verifying(json!({}));
    local.sign_up("alice");
    let code = local.code(PHONE);
    let advance = |seconds: Value| Request {
        method: "POST".into(),
        path: "/_pool/clock".into(),
        headers: Vec::new(),
        body: json!({ "advanceSeconds": seconds })
            .to_string()
            .into_bytes(),
    };
    let reply = local
        .pool
        .handle(&advance(json!(DAY)), local.now, &mut local.randomness);
    assert_eq!(reply.json()["now"], local.now + DAY * 1000);
    for nonsense in [json!(-1), json!("x"), json!(null)] {
        let reply = local
            .pool
            .handle(&advance(nonsense), local.now, &mut local.randomness);
        assert_eq!(reply.status, 400);
    }
    let input = json!({ "ClientId": CLIENT, "Username": "alice", "ConfirmationCode": code });
    assert_eq!(local.err("ConfirmSignUp", input), "ExpiredCodeException");

    let mut closed = Pool::new(Options {
        control: false,
        ..Options::default()
    });
    for path in ["/_pool/outbox", "/_pool/deliveries", "/_pool/spending"] {
        let reply = closed.handle(&Request::get(path), 0, &mut local.randomness);
        assert_eq!(reply.status, 404);
    }
}

#[test]
fn a_saved_service_goes_on_where_it_was() {
    let mut local = Local::verifying(json!({}));
    local.confirmed("alice");
    let tokens = local.tokens("alice");
    let saved = local.pool.save();
    assert!(!saved.contains(PASSWORD));
    assert!(!saved.contains(tokens["RefreshToken"].as_str().unwrap()));
    local.pool = Pool::restore(Options::default(), &saved).unwrap();
    local.user(&tokens);
    assert_eq!(local.pool.save(), saved);
    assert!(Pool::restore(Options::default(), "{}").is_err());
    let newer = saved.replacen("\"version\":1", "\"version\":2", 1);
    assert!(Pool::restore(Options::default(), &newer).is_err());
}

#[test]
fn the_same_requests_give_the_same_bytes() {
    let run = || {
        let mut local = Local::verifying(json!({}));
        local.confirmed("alice");
        let tokens = local.srp("alice", PASSWORD).unwrap();
        (tokens, local.pool.save())
    };
    assert_eq!(run(), run());
}

#[test]
fn a_changed_email_is_not_verified_and_gets_a_code() {
    let mut local = Local::verifying(json!({}));
    local.confirmed("alice");
    let tokens = local.tokens("alice");
    let change = json!({ "AccessToken": tokens["AccessToken"], "UserAttributes": [
        { "Name": "email", "Value": "new@example.org" }, { "Name": "nickname", "Value": "Al" } ] });
    let details = local.ok("UpdateUserAttributes", change);
    assert_eq!(
        details["CodeDeliveryDetailsList"][0]["Destination"],
        "n***@e***"
    );
    let user = local.user(&tokens);
    assert_eq!(
        attribute(&user, "email").as_deref(),
        Some("new@example.org")
    );
    assert_eq!(attribute(&user, "email_verified").as_deref(), Some("false"));
    let delete =
        json!({ "AccessToken": tokens["AccessToken"], "UserAttributeNames": ["nickname"] });
    local.ok("DeleteUserAttributes", delete);
    assert_eq!(attribute(&local.user(&tokens), "nickname"), None);
}

#[test]
fn a_pool_can_keep_the_old_email_until_the_new_one_is_verified() {
    let mut local = Local::verifying(json!({
        "AliasAttributes": ["email"],
        "UserAttributeUpdateSettings": { "AttributesRequireVerificationBeforeUpdate": ["email"] },
    }));
    local.confirmed("alice");
    let tokens = local.tokens("alice");
    let access = &tokens["AccessToken"];
    let email = "new@example.org";
    local.ok(
        "UpdateUserAttributes",
        json!({ "AccessToken": access,
        "UserAttributes": [{ "Name": "email", "Value": email }] }),
    );
    assert_eq!(
        attribute(&local.user(&tokens), "email").as_deref(),
        Some(EMAIL)
    );
    let code = local.code(email);
    local.ok(
        "VerifyUserAttribute",
        json!({ "AccessToken": access, "AttributeName": "email",
        "Code": code }),
    );
    let user = local.user(&tokens);
    assert_eq!(attribute(&user, "email").as_deref(), Some(email));
    assert_eq!(attribute(&user, "email_verified").as_deref(), Some("true"));
    local.initiate(email, PASSWORD).unwrap();
}

#[test]
fn a_code_for_an_old_address_verifies_no_new_one() {
    let mut local = Local::verifying(json!({ "AutoVerifiedAttributes": ["phone_number"] }));
    local.confirmed("alice");
    let tokens = local.tokens("alice");
    let access = &tokens["AccessToken"];
    let ask = json!({ "AccessToken": access, "AttributeName": "email" });
    local.ok("GetUserAttributeVerificationCode", ask);
    let code = local.code(EMAIL);
    local.ok(
        "UpdateUserAttributes",
        json!({ "AccessToken": access,
        "UserAttributes": [{ "Name": "email", "Value": "victim@example.org" }] }),
    );
    let verify = json!({ "AccessToken": access, "AttributeName": "email", "Code": code });
    assert_eq!(
        local.err("VerifyUserAttribute", verify),
        "ExpiredCodeException"
    );
    let user = local.user(&tokens);
    assert_eq!(attribute(&user, "email_verified").as_deref(), Some("false"));
}

#[test]
fn users_are_found_by_filter_and_page() {
    let mut local = Local::new(json!({}));
    for name in ["anna", "bert", "carl", "carla", "dora"] {
        let input = json!({ "ClientId": CLIENT, "Username": name, "Password": PASSWORD,
            "UserAttributes": [{ "Name": "email", "Value": format!("{name}@example.com") }] });
        local.ok("SignUp", input);
    }
    let names = |reply: &Value| column(&reply["Users"], "Username");
    let list = |more: Value| with(json!({ "UserPoolId": POOL }), more);
    let found = local.ok(
        "ListUsers",
        list(json!({ "Filter": "username ^= \"carl\"" })),
    );
    assert_eq!(names(&found), ["carl", "carla"]);
    let found = local.ok(
        "ListUsers",
        list(json!({ "Filter": "email = \"bert@example.com\"" })),
    );
    assert_eq!(names(&found), ["bert"]);
    let found = local.ok(
        "ListUsers",
        list(json!({
        "Filter": "cognito:user_status = \"CONFIRMED\"" })),
    );
    assert!(names(&found).is_empty());
    for broken in ["username", "password = \"x\"", "username = x"] {
        assert_eq!(
            local.err("ListUsers", list(json!({ "Filter": broken }))),
            "InvalidParameterException"
        );
    }
    let pages = local.pages(
        ("ListUsers", "Users", "Username"),
        list(json!({ "Limit": 2 })),
    );
    assert_eq!(pages.concat(), ["anna", "bert", "carl", "carla", "dora"]);
}
