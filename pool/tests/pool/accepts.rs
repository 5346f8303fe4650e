//! What AWS accepts and refuses, and in which words. Each value has its source beside it; "guide" is
//! the Cognito developer guide, "model" the API model.

use crate::common::*;
use cognito_pool::Options;
use serde_json::{Value, json};

const ROLE: &str = "arn:aws:iam::123456789012:role/sms";

fn user(local: &mut Local, username: &str) -> Value {
    local.ok("AdminGetUser", of(username, json!({})))
}

fn unauthorized(message: &str) -> Exception {
    Exception("NotAuthorizedException".into(), message.into())
}

fn required_mfa() -> Value {
    json!({ "PoolName": "mfa", "MfaConfiguration": "ON",
        "SmsConfiguration": { "SnsCallerArn": ROLE, "ExternalId": "external" } })
}

/// Today the service asks for no required address; the guide of 2017 did.
#[test]
fn required_mfa_needs_a_required_address_by_the_guide_of_2017_alone() {
    let reachable = json!({ "Schema": [{ "Name": "phone_number", "Required": true }] });
    for guide_2017 in [false, true] {
        let options = Options {
            guide_2017,
            ..Options::default()
        };
        let mut local = Local::with_options(json!({}), options);
        local
            .pool
            .account_mut()
            .add_sms_role(ROLE, Some("external"), 0);
        let answer = local.call("CreateUserPool", required_mfa());
        assert_eq!(answer.is_err(), guide_2017);
        local.ok("CreateUserPool", with(required_mfa(), reachable.clone()));
    }
}

/// The app counts from the moment that its code was right.
#[test]
fn an_app_that_was_verified_is_asked_for_though_the_sign_in_was_left() {
    let mut local = Local::new(json!({
        "MfaConfig": { "MfaConfiguration": "ON", "SoftwareTokenMfaConfiguration": { "Enabled": true } },
    }));
    settled(&mut local, "alice", &[]);
    let challenge = local.initiate("alice", PASSWORD).unwrap();
    assert_eq!(challenge["ChallengeName"], "MFA_SETUP");
    let other = local.initiate("alice", PASSWORD).unwrap();
    let session = |reply: &Value| json!({ "Session": reply["Session"] });
    let reply = local.ok("AssociateSoftwareToken", session(&challenge));
    let secret = reply["SecretCode"].as_str().unwrap().to_owned();
    let late = local.ok("AssociateSoftwareToken", session(&other));
    let late_code = totp(late["SecretCode"].as_str().unwrap(), local.now);
    let verify = with(
        session(&reply),
        json!({ "UserCode": totp(&secret, local.now) }),
    );
    assert_eq!(local.ok("VerifySoftwareToken", verify)["Status"], "SUCCESS");

    // Somebody else who knows the password, and had begun before, does not take its place.
    let verify = with(session(&late), json!({ "UserCode": late_code }));
    assert_eq!(
        local.err("VerifySoftwareToken", verify),
        "NotAuthorizedException"
    );
    local.advance(30);
    let challenge = local.initiate("alice", PASSWORD).unwrap();
    assert_eq!(challenge["ChallengeName"], "SOFTWARE_TOKEN_MFA");
    let code = json!({ "SOFTWARE_TOKEN_MFA_CODE": totp(&secret, local.now) });
    let reply = local.respond(&challenge, "alice", code).unwrap();
    assert!(reply["AuthenticationResult"]["AccessToken"].is_string());
}

/// Terraform and Python write `True`; one spelling is stored.
#[test]
fn booleans_are_read_without_regard_to_case() {
    let schema = json!([{ "Name": "member", "AttributeDataType": "Boolean", "Mutable": true }]);
    let mut local = Local::new(json!({ "Schema": schema }));
    let user_made = made(
        &mut local,
        "alice",
        &[
            ("email", EMAIL),
            ("email_verified", "True"),
            ("custom:member", "FALSE"),
        ],
    );
    assert_eq!(
        attribute(&user_made, "email_verified").as_deref(),
        Some("true")
    );
    assert_eq!(
        attribute(&user_made, "custom:member").as_deref(),
        Some("false")
    );
    let update = pairs(&[("email_verified", "False"), ("custom:member", "tRUE")]);
    local.ok(
        "AdminUpdateUserAttributes",
        of("alice", json!({ "UserAttributes": update })),
    );
    let now = user(&mut local, "alice");
    assert_eq!(attribute(&now, "email_verified").as_deref(), Some("false"));
    assert_eq!(attribute(&now, "custom:member").as_deref(), Some("true"));
    let update = pairs(&[("custom:member", "yes"), ("email_verified", "1")]);
    let refused = local.refused(
        "AdminUpdateUserAttributes",
        of("alice", json!({ "UserAttributes": update })),
    );
    for name in ["user.custom:member: ", "user.email_verified: "] {
        assert!(refused.1.contains(name), "{refused:?}");
    }
}

/// The guide, "TOTP software token MFA".
#[test]
fn a_pool_without_totp_associates_no_app() {
    let mut local = Local::new(json!({}));
    settled(&mut local, "alice", &[]);
    let tokens = local.tokens("alice");
    let refused = local.refused(
        "AssociateSoftwareToken",
        json!({ "AccessToken": tokens["AccessToken"] }),
    );
    let expected = Exception(
        "SoftwareTokenMFANotFoundException".into(),
        "Software Token MFA has not been enabled by the userPool".into(),
    );
    assert_eq!(refused, expected);
}

/// Words as getmoto/moto's tests of CreateUserPool have them (pull request 4493, which compared with
/// AWS).
#[test]
fn a_schema_that_makes_no_sense_is_refused() {
    let mut local = Local::new(json!({}));
    let lengths = |least: &str, most: &str| json!({ "MinLength": least, "MaxLength": most });
    let text = |name: &str, lengths: Value| {
        json!([{ "Name": name, "AttributeDataType": "String",
            "StringAttributeConstraints": lengths }])
    };
    let standard = "You can not change AttributeDataType or set developerOnlyAttribute for standard \
                    schema attribute email";
    let cases = [
        (
            json!([{ "Name": "shop" }]),
            "Invalid AttributeDataType input, consider using the provided AttributeDataType enum.",
        ),
        (
            json!([{ "Name": "shop", "AttributeDataType": "String", "Required": true }]),
            "Required custom attributes are not supported currently.",
        ),
        (
            json!([{ "Name": "email", "AttributeDataType": "Number" }]),
            standard,
        ),
        (
            json!([{ "Name": "email", "DeveloperOnlyAttribute": true }]),
            standard,
        ),
        (
            text("email", lengths("0", "many")),
            "Invalid StringAttributeConstraints for schema attribute email",
        ),
        (
            text("shop", lengths("-1", "5")),
            "Invalid StringAttributeConstraints for schema attribute custom:shop",
        ),
        (
            text("email", lengths("0", "2049")),
            "user.email: String attributes cannot have a length of more than 2048",
        ),
        (
            text("email", json!({ "MinLength": "2049" })),
            "user.email: String attributes cannot have a length of more than 2048",
        ),
        (
            text("email", lengths("2", "1")),
            "user.email: Max length cannot be less than min length.",
        ),
        (
            json!([{ "Name": "n", "AttributeDataType": "Number",
                "NumberAttributeConstraints": { "MinValue": "2", "MaxValue": "1" } }]),
            "user.custom:n: Max value cannot be less than min value.",
        ),
        (
            json!([{ "Name": "n", "AttributeDataType": "Number",
                "NumberAttributeConstraints": { "MinValue": "a few" } }]),
            "Invalid NumberAttributeConstraints for schema attribute custom:n",
        ),
        (
            json!([{ "Name": "email" }, { "Name": "email", "Required": true }]),
            "email: Existing attribute already has name email.",
        ),
        (
            json!([{ "Name": "n", "AttributeDataType": "Number" },
                { "Name": "n", "AttributeDataType": "String" }]),
            "custom:n: Existing attribute already has name custom:n.",
        ),
    ];
    for (schema, words) in cases {
        let input = json!({ "PoolName": "p", "Schema": schema });
        assert_eq!(local.refused("CreateUserPool", input), invalid(words));
        let custom = !words.contains("email");
        if custom {
            let input = json!({ "UserPoolId": POOL, "CustomAttributes": schema });
            assert_eq!(local.refused("AddCustomAttributes", input), invalid(words));
        }
    }
    // Neither refusal left anything behind.
    let described = local.ok("DescribeUserPool", json!({ "UserPoolId": POOL }));
    assert!(!described.to_string().contains("custom:"));

    let schema = json!([
        { "Name": "n", "AttributeDataType": "Number", "StringAttributeConstraints": lengths("1", "2"),
            "NumberAttributeConstraints": { "MinValue": "-5", "MaxValue": "5" } },
        { "Name": "b", "AttributeDataType": "Boolean",
            "StringAttributeConstraints": lengths("1", "2") },
        { "Name": "t", "AttributeDataType": "String",
            "NumberAttributeConstraints": { "MinValue": "1" } },
    ]);
    let made = local.ok(
        "CreateUserPool",
        json!({ "PoolName": "p", "Schema": schema }),
    );
    let shown = |name: &str| {
        let schema = made["UserPool"]["SchemaAttributes"].as_array().unwrap();
        schema.iter().find(|it| it["Name"] == name).unwrap().clone()
    };
    let number = shown("custom:n");
    assert_eq!(number["NumberAttributeConstraints"]["MinValue"], "-5");
    assert!(number.get("StringAttributeConstraints").is_none());
    assert!(
        shown("custom:b")
            .get("StringAttributeConstraints")
            .is_none()
    );
    let text = shown("custom:t");
    assert!(text.get("NumberAttributeConstraints").is_none());
    // Terraform's documentation of `schema`: a text always shows a block of them.
    assert_eq!(text["StringAttributeConstraints"], json!({}));
}

/// aws-amplify/amplify-js#7401, and many apps that match it.
#[test]
fn custom_challenges_want_functions() {
    let mut local = Local::new(json!({}));
    settled(&mut local, "alice", &[]);
    for parameters in [
        json!({ "USERNAME": "alice" }),
        json!({ "USERNAME": "nobody" }),
        json!({ "USERNAME": "alice", "CHALLENGE_NAME": "SRP_A", "SRP_A": "ab" }),
    ] {
        let input = json!({ "ClientId": CLIENT, "AuthFlow": "CUSTOM_AUTH",
            "AuthParameters": parameters });
        assert_eq!(
            local.refused("InitiateAuth", input),
            invalid("Custom auth lambda trigger is not configured for the user pool.")
        );
    }
}

/// The words of real pools, as aws-amplify/amplify-js apps quote them: NotAuthorizedException, of
/// RespondToAuthChallenge and AdminRespondToAuthChallenge.
#[test]
fn a_new_password_comes_with_missing_attributes_alone() {
    let required = |name: &str| json!({ "Name": name, "Required": true });
    let schema = json!([
        required("given_name"),
        required("family_name"),
        required("email")
    ]);
    let mut local = Local::new(json!({ "Schema": schema }));
    made(&mut local, "alice", &[("email", EMAIL)]);
    let challenge = local.initiate("alice", PASSWORD).unwrap();
    assert_eq!(challenge["ChallengeName"], "NEW_PASSWORD_REQUIRED");
    let mut answer = |more: Value| {
        let base = json!({ "NEW_PASSWORD": "An0ther!!" });
        local.respond(&challenge, "alice", with(base, more))
    };
    // Terraform's and Amplify's users have met both.
    assert_eq!(
        answer(json!({})).unwrap_err(),
        invalid("Invalid attributes given, given_name and family_name is missing")
    );
    let names = json!({ "userAttributes.given_name": "A", "userAttributes.family_name": "B" });
    let again = with(names.clone(), json!({ "userAttributes.email": EMAIL }));
    assert_eq!(
        answer(again).unwrap_err(),
        unauthorized("Cannot modify an already provided email")
    );
    let flagged = with(names, json!({ "userAttributes.email_verified": "true" }));
    answer(flagged).unwrap();
    let user = user(&mut local, "alice");
    assert_eq!(attribute(&user, "email_verified"), None);
    assert_eq!(attribute(&user, "given_name").as_deref(), Some("A"));
}

/// aws/aws-sdk-js#3091 (an attribute that one of them lacks) and #2203 (an empty list).
#[test]
fn users_are_listed_by_what_they_all_have() {
    let mut local = Local::new(json!({}));
    made(
        &mut local,
        "alice",
        &[("email", EMAIL), ("given_name", "A")],
    );
    made(&mut local, "bob", &[("email", "bob@example.com")]);
    settled(&mut local, "carl", &[("email", "carl@example.com")]);
    let mut list = |more: Value| {
        let input = with(json!({ "UserPoolId": POOL }), more);
        local.call("ListUsers", input)
    };
    let asked = json!({ "AttributesToGet": ["email", "given_name"] });
    assert_eq!(
        list(asked.clone()).unwrap_err(),
        invalid("One or more requested attributes do not exist.")
    );
    // Of a page without such users there is nothing to say.
    let filtered = with(asked, json!({ "Filter": "username = \"alice\"" }));
    let shown = list(filtered).unwrap();
    assert_eq!(shown["Users"][0]["Attributes"].as_array().unwrap().len(), 2);
    let empty = list(json!({ "AttributesToGet": [] })).unwrap();
    assert_eq!(empty["Users"][2]["Attributes"], json!([]));
    let all = list(json!({})).unwrap();
    assert!(attribute(&all["Users"][0], "sub").is_some());

    for (filter, names) in [
        (
            "cognito:user_status = \"force_change_password\"",
            vec!["alice", "bob"],
        ),
        ("cognito:user_status ^= \"Force\"", vec!["alice", "bob"]),
        ("cognito:user_status = \"Confirmed\"", vec!["carl"]),
        ("cognito:user_status = \"CONFIRM\"", vec![]),
    ] {
        let found = list(json!({ "Filter": filter })).unwrap();
        let found = found["Users"].as_array().unwrap();
        let found: Vec<_> = found.iter().map(|user| user["Username"].clone()).collect();
        assert_eq!(found, names, "{filter}");
    }
    for filter in [
        "email",
        "email =",
        "email = x",
        "= \"x\"",
        "^= \"x\"",
        "= \"x\"y",
    ] {
        assert_eq!(
            list(json!({ "Filter": filter })).unwrap_err(),
            invalid("Error while parsing filter."),
            "{filter}"
        );
    }
}

/// The API reference: "To delete an attribute from your user, submit the attribute in your API request
/// with a blank value."
#[test]
fn a_blank_value_removes_an_attribute() {
    let mut local = Local::verifying(json!({}));
    let user_made = made(
        &mut local,
        "alice",
        &[("email", EMAIL), ("nickname", "Al"), ("locale", "")],
    );
    assert_eq!(attribute(&user_made, "locale"), None);
    let more = json!({ "Password": PASSWORD, "Permanent": true });
    local.ok("AdminSetUserPassword", of("alice", more));
    let blank = json!({ "UserAttributes": pairs(&[("email", ""), ("nickname", "")]) });
    local.ok("AdminUpdateUserAttributes", of("alice", blank));
    let now = user(&mut local, "alice");
    for name in ["email", "email_verified", "nickname"] {
        assert_eq!(attribute(&now, name), None, "{name}");
    }
    let tokens = local.tokens("alice");
    let mut update = |value: &str| {
        let attributes = pairs(&[("nickname", value)]);
        let input = json!({ "AccessToken": tokens["AccessToken"], "UserAttributes": attributes });
        local.ok("UpdateUserAttributes", input);
        attribute(&local.user(&tokens), "nickname")
    };
    assert_eq!(update("Ally").as_deref(), Some("Ally"));
    assert_eq!(update(""), None);
}

#[test]
fn a_disabled_users_password_is_not_reset() {
    let mut local = Local::verifying(json!({}));
    settled(
        &mut local,
        "alice",
        &[("email", EMAIL), ("email_verified", "true")],
    );
    local.ok("AdminDisableUser", of("alice", json!({})));
    assert_eq!(
        local.refused("AdminResetUserPassword", of("alice", json!({}))),
        unauthorized("User is disabled")
    );
    local.ok("AdminEnableUser", of("alice", json!({})));
    local.ok("AdminResetUserPassword", of("alice", json!({})));
    made(&mut local, "bob", &[("email", "bob@example.com")]);
    // Of a user who has not set a password yet: so real pools, and no more.
    assert_eq!(
        local.refused("AdminResetUserPassword", of("bob", json!({}))),
        unauthorized("User password cannot be reset in the current state.")
    );
}

/// boto/boto3#3213 by a user and aws-amplify/aws-sdk-ios#515 by an engineer of the service: "the alias
/// will migrate to that username".
#[test]
fn an_alias_moves_to_whom_an_administrator_says_it_is_verified_of() {
    let mut local = Local::new(json!({ "AliasAttributes": ["email"] }));
    let verified = [("email", EMAIL), ("email_verified", "true")];
    settled(&mut local, "alice", &verified);
    settled(&mut local, "bob", &[("email", "bob@example.com")]);
    let username = |local: &mut Local| {
        let user = user(local, EMAIL);
        user["Username"].as_str().unwrap().to_owned()
    };
    assert_eq!(username(&mut local), "alice");
    // Without a word of being verified it stays.
    let unverified = json!({ "UserAttributes": pairs(&[("email", EMAIL)]) });
    local.ok("AdminUpdateUserAttributes", of("bob", unverified));
    assert_eq!(username(&mut local), "alice");
    let moved = json!({ "UserAttributes": pairs(&verified) });
    local.ok("AdminUpdateUserAttributes", of("bob", moved));
    assert_eq!(username(&mut local), "bob");
    let former = user(&mut local, "alice");
    assert_eq!(attribute(&former, "email").as_deref(), Some(EMAIL));
    assert_eq!(
        attribute(&former, "email_verified").as_deref(),
        Some("false")
    );

    // Where the address is the user name there is nothing to move.
    let mut local = Local::new(json!({ "UsernameAttributes": ["email"] }));
    settled(&mut local, EMAIL, &[]);
    settled(&mut local, "bob@example.com", &[]);
    let moved = json!({ "UserAttributes": pairs(&verified) });
    assert_eq!(
        local.err("AdminUpdateUserAttributes", of("bob@example.com", moved)),
        "AliasExistsException"
    );
}

/// Clients send back what they were shown in NEW_PASSWORD_REQUIRED.
#[test]
fn what_was_shown_with_a_temporary_password_may_be_sent_back() {
    let client = json!({ "ClientId": CLIENT, "WriteAttributes": ["given_name"],
        "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"] });
    let mut local = Local::new(json!({ "Clients": [client] }));
    made(&mut local, "alice", &[("locale", "en")]);
    let challenge = local.initiate("alice", PASSWORD).unwrap();
    let shown = challenge["ChallengeParameters"]["userAttributes"].as_str();
    let shown: Value = serde_json::from_str(shown.unwrap()).unwrap();
    assert_eq!(shown, json!({ "locale": "en" }), "no sub");
    let mut answer = |name: &str| {
        let answer =
            json!({ "NEW_PASSWORD": "An0ther!!", (format!("userAttributes.{name}")): "A" });
        local.respond(&challenge, "alice", answer)
    };
    for not_hers in ["sub", "nickname"] {
        assert_eq!(
            answer(not_hers).unwrap_err(),
            unauthorized("A client attempted to write unauthorized attribute"),
            "{not_hers}"
        );
    }
    answer("given_name").unwrap();
    let all = json!({ "ClientId": CLIENT, "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"] });
    for flag in ["email_verified", "phone_number_verified"] {
        let mut local = Local::new(json!({ "Clients": [all] }));
        made(&mut local, "alice", &[]);
        let challenge = local.initiate("alice", PASSWORD).unwrap();
        let answer =
            json!({ "NEW_PASSWORD": "An0ther!!", (format!("userAttributes.{flag}")): "true" });
        local.respond(&challenge, "alice", answer).unwrap();
        assert_eq!(attribute(&user(&mut local, "alice"), flag), None);
    }
}

/// The API reference, AdminUpdateUserAttributes: an address is verified, or not, by the word beside it.
#[test]
fn an_administrators_word_on_an_address_can_be_taken_back() {
    let mut local = Local::new(json!({ "AliasAttributes": ["email"] }));
    let verified = [("email", EMAIL), ("email_verified", "true")];
    settled(&mut local, "alice", &verified);
    let mut say = |attributes: &[(&str, &str)]| {
        let more = json!({ "UserAttributes": pairs(attributes) });
        local.ok("AdminUpdateUserAttributes", of("alice", more));
        let alice = user(&mut local, "alice");
        let signs_in = local.initiate(EMAIL, PASSWORD).is_ok();
        (attribute(&alice, "email_verified"), signs_in)
    };
    let flag = |value: &str| Some(value.to_owned());
    assert_eq!(say(&[("email_verified", "false")]), (flag("false"), false));
    assert_eq!(say(&[("email_verified", "true")]), (flag("true"), true));
    assert_eq!(say(&[("email_verified", "")]), (None, false));
    // Of an address that nobody has there is nothing to sign in by.
    let phone = json!({ "UserAttributes": pairs(&[("phone_number_verified", "true")]) });
    local.ok("AdminUpdateUserAttributes", of("alice", phone));
}
