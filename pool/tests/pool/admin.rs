//! Groups and the older forms of operations; and every operation with odd input.

use crate::common::*;
use cognito_pool::{Randomness, Request, SeededRandomness, built_operations, declares};
use serde_json::{Map, Value, json};

fn group(name: &str, more: Value) -> Value {
    with(json!({ "UserPoolId": POOL, "GroupName": name }), more)
}

#[test]
fn groups_have_members() {
    let mut local = Local::new(json!({}));
    for name in ["anna", "bert", "carl"] {
        local.ok(
            "SignUp",
            json!({ "ClientId": CLIENT, "Username": name, "Password": PASSWORD }),
        );
    }
    local.ok(
        "CreateGroup",
        group("staff", json!({ "Description": "those who work" })),
    );
    assert_eq!(
        local.err("CreateGroup", group("staff", json!({}))),
        "GroupExistsException"
    );
    local.ok("CreateGroup", group("guests", json!({})));
    let updated = local.ok("UpdateGroup", group("staff", json!({ "Precedence": 3 })));
    assert_eq!(updated["Group"]["Description"], "those who work");
    assert_eq!(
        local.ok("GetGroup", group("staff", json!({})))["Group"]["Precedence"],
        3
    );
    for name in ["anna", "bert"] {
        local.ok(
            "AdminAddUserToGroup",
            group("staff", json!({ "Username": name })),
        );
    }
    let first = local.ok("ListUsersInGroup", group("staff", json!({ "Limit": 1 })));
    assert_eq!(first["Users"][0]["Username"], "anna");
    let more = json!({ "Limit": 1, "NextToken": first["NextToken"] });
    let second = local.ok("ListUsersInGroup", group("staff", more));
    assert_eq!(second["Users"][0]["Username"], "bert");
    assert!(second.get("NextToken").is_none());
    let of_anna = json!({ "UserPoolId": POOL, "Username": "anna" });
    assert_eq!(
        local.ok("AdminListGroupsForUser", of_anna)["Groups"][0]["GroupName"],
        "staff"
    );
    local.ok(
        "AdminRemoveUserFromGroup",
        group("staff", json!({ "Username": "anna" })),
    );
    local.ok("DeleteGroup", group("staff", json!({})));
    assert_eq!(
        local.err("GetGroup", group("staff", json!({}))),
        "ResourceNotFoundException"
    );
    let left = local.ok("ListGroups", json!({ "UserPoolId": POOL }));
    assert_eq!(left["Groups"].as_array().unwrap().len(), 1);
    let of_bert = json!({ "UserPoolId": POOL, "Username": "bert" });
    assert_eq!(
        local.ok("AdminListGroupsForUser", of_bert.clone())["Groups"],
        json!([])
    );
    local.ok("AdminDeleteUser", of_bert.clone());
    assert_eq!(local.err("AdminGetUser", of_bert), "UserNotFoundException");
}

#[test]
fn the_older_settings_turn_sms_on_and_off() {
    let mut local = Local::verifying(json!({ "MfaConfiguration": "OPTIONAL" }));
    local.confirmed("alice");
    let tokens = local.tokens("alice");
    let sms = json!([{ "DeliveryMedium": "SMS", "AttributeName": "phone_number" }]);
    local.ok(
        "SetUserSettings",
        json!({ "AccessToken": tokens["AccessToken"], "MFAOptions": sms }),
    );
    assert_eq!(local.user(&tokens)["MFAOptions"], sms);
    assert_eq!(
        local.initiate("alice", PASSWORD).unwrap()["ChallengeName"],
        "SMS_MFA"
    );
    local.ok(
        "AdminSetUserSettings",
        json!({ "UserPoolId": POOL, "Username": "alice",
        "MFAOptions": [] }),
    );
    local.tokens("alice");
}

/// Every member that some operation takes, with values that fit, values that almost fit and values
/// that do not.
fn members(local: &mut Local) -> Vec<(&'static str, Vec<Value>)> {
    let tokens = local.tokens("alice");
    let challenge = local.ok(
        "InitiateAuth",
        json!({ "ClientId": CLIENT, "AuthFlow": "USER_AUTH",
        "AuthParameters": { "USERNAME": "alice" } }),
    );
    let strange = json!("\u{202e}💥é");
    let names = json!(["alice", "bob", strange]);
    let parameters: Vec<Value> = [
        "SRP_A",
        "PASSWORD",
        "USERNAME",
        "ANSWER",
        "SMS_MFA_CODE",
        "NEW_PASSWORD",
        "DEVICE_KEY",
        "PASSWORD_CLAIM_SECRET_BLOCK",
        "PASSWORD_CLAIM_SIGNATURE",
        "TIMESTAMP",
        "REFRESH_TOKEN",
        "SECRET_HASH",
        "SMS_OTP_CODE",
        "EMAIL_OTP_CODE",
        "SOFTWARE_TOKEN_MFA_CODE",
        "PREFERRED_CHALLENGE",
        "userAttributes.email",
        "userAttributes.sub",
    ]
    .iter()
    .map(|name| json!({ "USERNAME": "alice", "PASSWORD": PASSWORD, *name: "AAAA" }))
    .chain([json!({}), json!(5), json!({ "USERNAME": 5 })])
    .collect();
    let flows = [
        "USER_SRP_AUTH",
        "USER_PASSWORD_AUTH",
        "CUSTOM_AUTH",
        "USER_AUTH",
        "REFRESH_TOKEN_AUTH",
        "ADMIN_USER_PASSWORD_AUTH",
        "NONSENSE",
    ];
    let challenges = [
        "SMS_MFA",
        "EMAIL_OTP",
        "SOFTWARE_TOKEN_MFA",
        "SELECT_MFA_TYPE",
        "MFA_SETUP",
        "PASSWORD_VERIFIER",
        "CUSTOM_CHALLENGE",
        "SELECT_CHALLENGE",
        "DEVICE_SRP_AUTH",
        "DEVICE_PASSWORD_VERIFIER",
        "NEW_PASSWORD_REQUIRED",
        "SMS_OTP",
        "PASSWORD",
        "WEB_AUTHN",
        "PASSWORD_SRP",
    ];
    let texts = |list: &[&str]| list.iter().map(|text| json!(text)).collect::<Vec<_>>();
    let attributes = vec![
        json!([{ "Name": "email", "Value": "other@example.org" }]),
        json!([{ "Name": "phone_number", "Value": "" }]),
        json!([{ "Name": "nickname" }, { "Name": "nickname", "Value": "x" }]),
        json!([{ "Name": "sub", "Value": "x" }]),
        json!([{ "Value": "x" }]),
        json!("email"),
    ];
    vec![
        (
            "UserPoolId",
            vec![
                json!(POOL),
                json!("eu-west-1_unknown"),
                json!(""),
                json!(null),
            ],
        ),
        (
            "ClientId",
            vec![json!(CLIENT), json!("unknown"), strange.clone()],
        ),
        ("Username", names.as_array().unwrap().clone()),
        ("PoolName", texts(&["second", "", "x"])),
        ("ClientName", texts(&["web", ""])),
        ("Password", texts(&[PASSWORD, "weak", "with blank"])),
        ("TemporaryPassword", texts(&[PASSWORD, "weak"])),
        ("PreviousPassword", texts(&[PASSWORD, "wrong"])),
        ("ProposedPassword", texts(&[PASSWORD, "weak"])),
        (
            "AccessToken",
            vec![
                tokens["AccessToken"].clone(),
                json!("a.b.c"),
                strange.clone(),
            ],
        ),
        (
            "RefreshToken",
            vec![tokens["RefreshToken"].clone(), json!("x")],
        ),
        (
            "Token",
            vec![
                tokens["RefreshToken"].clone(),
                tokens["IdToken"].clone(),
                json!("x"),
            ],
        ),
        (
            "Session",
            vec![
                challenge["Session"].clone(),
                json!("x".repeat(20)),
                json!("short"),
            ],
        ),
        ("AuthFlow", texts(&flows)),
        ("ChallengeName", texts(&challenges)),
        ("AuthParameters", parameters.clone()),
        ("ChallengeResponses", parameters),
        ("ConfirmationCode", texts(&["000000", "x y", ""])),
        ("Code", texts(&["000000", ""])),
        ("UserCode", texts(&["000000", "abc"])),
        (
            "AttributeName",
            texts(&["email", "phone_number", "nickname", ""]),
        ),
        ("UserAttributes", attributes.clone()),
        (
            "UserAttributeNames",
            vec![json!(["nickname"]), json!(["sub"]), json!(["unknown"])],
        ),
        (
            "CustomAttributes",
            vec![json!([{ "Name": "x", "AttributeDataType": "Number" }])],
        ),
        ("GroupName", texts(&["staff", "unknown"])),
        ("DeviceKey", texts(&["eu-west-1_a1b2", "x"])),
        (
            "DeviceSecretVerifierConfig",
            vec![json!({}), json!({ "Salt": "?" })],
        ),
        ("DeviceRememberedStatus", texts(&["remembered", "x"])),
        ("SessionId", texts(&["tkn0123456789012345678901234"])),
        ("MfaConfiguration", texts(&["ON", "OPTIONAL", "OFF", "on"])),
        (
            "SoftwareTokenMfaConfiguration",
            vec![json!({ "Enabled": true }), json!({})],
        ),
        (
            "SmsMfaConfiguration",
            vec![json!({}), json!({ "SmsConfiguration": {} })],
        ),
        (
            "SMSMfaSettings",
            vec![json!({ "Enabled": true }), json!({ "PreferredMfa": true })],
        ),
        (
            "SoftwareTokenMfaSettings",
            vec![json!({ "Enabled": true, "PreferredMfa": true })],
        ),
        (
            "EmailMfaSettings",
            vec![json!({ "Enabled": true }), json!({ "Enabled": false })],
        ),
        (
            "MFAOptions",
            vec![json!([]), json!([{ "DeliveryMedium": "EMAIL" }])],
        ),
        ("MessageAction", texts(&["RESEND", "SUPPRESS"])),
        (
            "MaxResults",
            vec![json!(1), json!(0), json!(-1), json!(1.5), json!(u64::MAX)],
        ),
        ("Limit", vec![json!(0), json!(60), json!(61)]),
        ("NextToken", texts(&["x", "99999999999999999999"])),
        ("PaginationToken", texts(&["ff", "x", "616c696365"])),
        (
            "Filter",
            texts(&["username = \"alice\"", "=", "^=\"", "sub ^= \"\""]),
        ),
        ("Permanent", vec![json!(true), json!("true")]),
        ("Precedence", vec![json!(1), json!(-1)]),
    ]
}

#[test]
fn no_input_leads_to_anything_but_a_declared_answer() {
    let mut local = Local::verifying(json!({}));
    local.confirmed("alice");
    local.ok("CreateGroup", group("staff", json!({})));
    let mut dice = SeededRandomness::new(2026);
    let mut below = |n: usize| {
        let mut bytes = [0; 8];
        dice.fill(&mut bytes);
        usize::try_from(u64::from_le_bytes(bytes) % u64::try_from(n).unwrap()).unwrap()
    };
    let mut answered = 0;
    let mut succeeded = std::collections::BTreeSet::new();
    let fresh = local.pool.save();
    for round in 0..40 {
        local.pool = cognito_pool::Pool::restore(Default::default(), &fresh).unwrap();
        let members = members(&mut local);
        for operation in built_operations() {
            // The first value of each member fits; the more rounds, the odder.
            let input: Map<String, Value> = members
                .iter()
                .filter_map(|(name, values)| {
                    let given = below(8) > 0;
                    let at = if below(4) > 0 { 0 } else { below(values.len()) };
                    given.then(|| ((*name).to_owned(), values[at].clone()))
                })
                .collect();
            let request = Request::operation(operation, &Value::Object(input.clone()));
            let reply = local
                .pool
                .handle(&request, local.now, &mut local.randomness);
            answered += 1;
            match reply.error_name() {
                None => {
                    assert_eq!(reply.status, 200);
                    succeeded.insert(operation);
                }
                Some(name) => assert!(
                    reply.status == 400
                        && name != "InternalErrorException"
                        && (declares(operation, name) || name == "SerializationException"),
                    "round {round}: {operation} answered {} {name}: {}\n{input:?}",
                    reply.status,
                    reply.json()
                ),
            }
        }
    }
    assert_eq!(answered, 40 * built_operations().count());
    assert!(succeeded.len() > 40, "only {succeeded:?} ever succeeded");
}
