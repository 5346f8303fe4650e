//! Somebody whom a function of the app knows and the pool does not: the developer guide's "Migrate user
//! Lambda trigger".

use crate::common::*;
use cognito_pool::Triggers;
use serde_json::{Value, json};

/// An older directory that knows one person.
struct Directory(Value);

impl Triggers for Directory {
    fn call(&mut self, name: &str, event: &Value) -> Result<Option<Value>, String> {
        if name != "UserMigration" {
            return Ok(None);
        }
        let mut event = event.clone();
        let request = &event["request"];
        assert!(request.get("userAttributes").is_none());
        match event["triggerSource"].as_str().unwrap() {
            "UserMigration_ForgotPassword" => assert!(request.get("password").is_none()),
            _ if request["password"] != "short" => return Err("Bad password".into()),
            // InitiateAuth hands its metadata on as validation data, RespondToAuthChallenge as itself.
            _ => {
                let given = [&request["validationData"], &request["clientMetadata"]];
                let null = Value::Null;
                let why = json!({ "why": "test" });
                assert!(
                    given == [&why, &null] || given == [&null, &why],
                    "{request}"
                );
            }
        }
        if event["userName"] == "grace" {
            event["response"] = self.0.clone();
        }
        Ok(Some(event))
    }
}

fn with_directory(response: Value) -> Local {
    let mut local = Local::verifying(json!({ "AliasAttributes": ["email"] }));
    local.pool.set_triggers(Box::new(Directory(response)));
    local
}

fn first_sign_in(name: &str, password: &str) -> Value {
    json!({ "ClientId": CLIENT, "AuthFlow": "USER_PASSWORD_AUTH",
        "ClientMetadata": { "why": "test" },
        "AuthParameters": { "USERNAME": name, "PASSWORD": password } })
}

#[test]
fn somebody_is_taken_over_at_the_first_sign_in() {
    let known = json!({ "userAttributes": { "email": EMAIL, "email_verified": "true" },
        "messageAction": "SUPPRESS" });
    let mut local = with_directory(known.clone());
    // The password is the one of the older directory, whatever the policy here says.
    let reply = local.ok("InitiateAuth", first_sign_in("grace", "short"));
    let user = local.user(&reply["AuthenticationResult"]);
    assert_eq!(attribute(&user, "email_verified").as_deref(), Some("true"));
    // From now on the pool knows her, by her email too, and checks by itself.
    local.srp("grace", "short").unwrap();
    local.initiate(EMAIL, "short").unwrap();
    let wrong = local.initiate("grace", "Wr0ng-one!").unwrap_err();
    assert_eq!(wrong.0, "NotAuthorizedException");

    for (name, password, expected, words) in [
        (
            "grace",
            "wrong",
            "UserLambdaValidationException",
            "UserMigration failed with error Bad password.",
        ),
        (
            "nobody",
            "short",
            "UserNotFoundException",
            "Exception migrating user in app client app",
        ),
    ] {
        let mut local = with_directory(known.clone());
        let refused = local.refused("InitiateAuth", first_sign_in(name, password));
        assert_eq!(refused, Exception(expected.into(), words.into()));
        let user = json!({ "UserPoolId": POOL, "Username": name });
        assert_eq!(local.err("AdminGetUser", user), "UserNotFoundException");
    }
    // A schema that the older directory does not know of.
    let strange = json!({ "userAttributes": { "email": EMAIL, "shoe_size": "44" } });
    let mut local = with_directory(strange);
    let refused = local.err("InitiateAuth", first_sign_in("grace", "short"));
    assert_eq!(refused, "UserNotFoundException");
}

/// The same where the way of signing in is chosen; the choice lets a password be shown at once.
fn chosen(name: &str, password: Option<&str>) -> Value {
    let mut parameters = json!({ "USERNAME": name, "PREFERRED_CHALLENGE": "PASSWORD" });
    if let Some(password) = password {
        parameters["PASSWORD"] = json!(password);
    }
    json!({ "ClientId": CLIENT, "AuthFlow": "USER_AUTH", "AuthParameters": parameters,
        "ClientMetadata": { "why": "test" } })
}

// The developer guide, "Migrate user Lambda trigger": invoked for who is not in the pool at a sign-in
// with a password, and not where a way without one is chosen.
#[test]
fn somebody_is_taken_over_who_chose_the_password() {
    let known = json!({ "userAttributes": { "email": EMAIL, "email_verified": "true" } });
    let mut local = with_directory(known.clone());
    let reply = local.ok("InitiateAuth", chosen("grace", Some("short")));
    let user = local.user(&reply["AuthenticationResult"]);
    assert_eq!(user["Username"], "grace");
    local.srp("grace", "short").unwrap();

    for (name, password, expected) in [
        ("grace", Some("wrong"), "UserLambdaValidationException"),
        ("nobody", Some("short"), "UserNotFoundException"),
        ("grace", None, "UserNotFoundException"),
    ] {
        let mut local = with_directory(known.clone());
        assert_eq!(local.err("InitiateAuth", chosen(name, password)), expected);
        let user = json!({ "UserPoolId": POOL, "Username": name });
        assert_eq!(local.err("AdminGetUser", user), "UserNotFoundException");
    }
    let mut local = with_directory(known);
    let mut by_code = chosen("grace", Some("short"));
    by_code["AuthParameters"]["PREFERRED_CHALLENGE"] = json!("EMAIL_OTP");
    assert_eq!(local.err("InitiateAuth", by_code), "UserNotFoundException");
}

#[test]
fn who_is_taken_over_late_in_a_choice_is_whole_or_not_there() {
    // Where names may not be probed there is a challenge to answer, whoever asks.
    let hiding = |response: Value| {
        let mut local = with_directory(response);
        let client = json!({ "UserPoolId": POOL, "ClientId": CLIENT,
            "PreventUserExistenceErrors": "ENABLED", "ExplicitAuthFlows": ["ALLOW_USER_AUTH"] });
        local.ok("UpdateUserPoolClient", client);
        let asked = local.ok("InitiateAuth", chosen("grace", None));
        assert_eq!(asked["ChallengeName"], "PASSWORD");
        let answer = json!({ "PASSWORD": "short" });
        let metadata = json!({ "why": "test" });
        let input = json!({ "ClientId": CLIENT, "ChallengeName": "PASSWORD",
            "Session": asked["Session"], "ClientMetadata": metadata,
            "ChallengeResponses": with(json!({ "USERNAME": "grace" }), answer) });
        (local, input)
    };
    let (mut local, input) = hiding(json!({ "userAttributes": { "email": EMAIL } }));
    let reply = local.ok("RespondToAuthChallenge", input);
    assert_eq!(
        local.user(&reply["AuthenticationResult"])["Username"],
        "grace"
    );

    // A wrong answer is counted, and of a user who cannot be made nothing stays with the count.
    let strange = json!({ "userAttributes": { "email": EMAIL, "shoe_size": "44" } });
    let (mut local, input) = hiding(strange);
    for _ in 0..5 {
        let refused = local.refused("RespondToAuthChallenge", input.clone());
        assert_eq!(refused.1, "Incorrect username or password.");
    }
    let refused = local.refused("RespondToAuthChallenge", input);
    assert_eq!(
        refused.1,
        "Invalid session for the user, session can only be used once."
    );
    let grace = json!({ "UserPoolId": POOL, "Username": "grace" });
    assert_eq!(local.err("AdminGetUser", grace), "UserNotFoundException");
    let same = json!({ "UserPoolId": POOL, "Username": "grace", "MessageAction": "SUPPRESS" });
    local.ok("AdminCreateUser", same);
}

#[test]
fn who_must_reset_the_password_is_there_all_the_same() {
    let mut local = with_directory(json!({ "userAttributes": { "email": EMAIL,
        "email_verified": "true" }, "finalUserStatus": "RESET_REQUIRED" }));
    let refused = local.err("InitiateAuth", first_sign_in("grace", "short"));
    assert_eq!(refused, "PasswordResetRequiredException");
    let grace = json!({ "UserPoolId": POOL, "Username": "grace" });
    let user = local.ok("AdminGetUser", grace);
    assert_eq!(user["UserStatus"], "RESET_REQUIRED");
}

#[test]
fn somebody_is_taken_over_who_forgot_the_password() {
    let known = json!({ "userAttributes": { "email": EMAIL, "email_verified": "true" } });
    let mut local = with_directory(known);
    let grace = json!({ "ClientId": CLIENT, "Username": "grace" });
    local.ok("ForgotPassword", grace.clone());
    let code = local.code(EMAIL);
    let new = with(
        grace,
        json!({ "ConfirmationCode": code, "Password": PASSWORD }),
    );
    local.ok("ConfirmForgotPassword", new);
    local.initiate("grace", PASSWORD).unwrap();

    // Where names may not be probed, one that nobody has looks like any other.
    let client = json!({ "UserPoolId": POOL, "ClientId": CLIENT,
        "PreventUserExistenceErrors": "ENABLED" });
    local.ok("UpdateUserPoolClient", client);
    let nobody = json!({ "ClientId": CLIENT, "Username": "nobody" });
    let sent = local.ok("ForgotPassword", nobody);
    assert!(sent["CodeDeliveryDetails"]["Destination"].is_string());
    let user = json!({ "UserPoolId": POOL, "Username": "nobody" });
    assert_eq!(local.err("AdminGetUser", user), "UserNotFoundException");
}

/// The guide, "Migrate user Lambda trigger": the members of the response.
#[test]
fn the_function_says_what_the_user_is() {
    let take_over = |response: Value, settings: Value| {
        let mut local = Local::verifying(settings);
        local.pool.set_triggers(Box::new(Directory(response)));
        let reply = local.call("InitiateAuth", first_sign_in("grace", "short"));
        (local, reply)
    };
    let known = |more: Value| {
        let attributes = json!({ "email": EMAIL, "phone_number": PHONE, "email_verified": true,
            "sub": "another-directorys", "cognito:user_status": "CONFIRMED" });
        with(json!({ "userAttributes": attributes }), more)
    };
    let optional = json!({ "MfaConfiguration": "OPTIONAL" });
    let (mut local, reply) = take_over(known(json!({})), optional.clone());
    let user = local.user(&reply.unwrap()["AuthenticationResult"]);
    // A value that is no text is written as one.
    assert_eq!(attribute(&user, "email_verified").as_deref(), Some("true"));
    assert_ne!(attribute(&user, "sub").unwrap(), "another-directorys");
    assert_eq!(user.get("UserMFASettingList"), None);

    let by_sms = known(json!({ "enableSMSMFA": true }));
    let (mut local, reply) = take_over(by_sms.clone(), optional.clone());
    assert_eq!(reply.unwrap()["ChallengeName"], "SMS_MFA");
    let user = local.ok("AdminGetUser", of("grace", json!({})));
    assert_eq!(user["UserMFASettingList"], json!(["SMS_MFA"]));
    // Without a phone there is nothing to turn on.
    let mut no_phone = by_sms;
    no_phone["userAttributes"]
        .as_object_mut()
        .unwrap()
        .remove("phone_number");
    let (mut local, reply) = take_over(no_phone, optional.clone());
    let user = local.user(&reply.unwrap()["AuthenticationResult"]);
    assert_eq!(user.get("UserMFASettingList"), None);

    for (status, error) in [
        ("CONFIRMED", None),
        ("RESET_REQUIRED", Some("PasswordResetRequiredException")),
        ("ARCHIVED", Some("UserNotFoundException")),
    ] {
        let (_, reply) = take_over(
            known(json!({ "finalUserStatus": status })),
            optional.clone(),
        );
        assert_eq!(reply.err().map(|it| it.0).as_deref(), error, "{status}");
    }
    // Nobody is made of nothing.
    let (mut local, reply) = take_over(json!({ "userAttributes": {} }), optional.clone());
    assert_eq!(reply.unwrap_err().0, "UserNotFoundException");
    assert_eq!(
        local.err("AdminGetUser", of("grace", json!({}))),
        "UserNotFoundException"
    );
    // Nor of less than the pool requires.
    let required = json!({ "Schema": [{ "Name": "given_name", "Required": true }] });
    let (_, reply) = take_over(known(json!({})), required);
    assert_eq!(reply.unwrap_err().0, "UserNotFoundException");
}

/// `forceAliasCreation`: an alias of somebody else moves only where the function wants it.
#[test]
fn an_alias_moves_to_who_is_taken_over_where_the_function_says_so() {
    for (name, value, verified) in [
        ("email", EMAIL, Some("email_verified")),
        ("preferred_username", "ally", None),
    ] {
        for force in [false, true] {
            let mut attributes = vec![(name, value)];
            attributes.extend(verified.map(|flag| (flag, "true")));
            let given: serde_json::Map<String, Value> = (attributes.iter())
                .map(|(name, value)| ((*name).to_owned(), json!(value)))
                .collect();
            let response = json!({ "userAttributes": given, "forceAliasCreation": force });
            let aliases = json!({ "AliasAttributes": ["email", "preferred_username"] });
            let mut local = Local::verifying(aliases);
            local.pool.set_triggers(Box::new(Directory(response)));
            settled(&mut local, "alice", &attributes);
            let reply = local.call("InitiateAuth", first_sign_in("grace", "short"));
            assert_eq!(reply.is_ok(), force, "{name}");
            let owner = local.ok("AdminGetUser", of(value, json!({})));
            let expected = if force { "grace" } else { "alice" };
            assert_eq!(owner["Username"], expected, "{name}");
        }
    }
    // What is not verified is no name, and is taken from nobody.
    let response = json!({ "userAttributes": { "email": EMAIL } });
    let mut local = with_directory(response);
    let verified = [("email", EMAIL), ("email_verified", "true")];
    settled(&mut local, "alice", &verified);
    local.ok("InitiateAuth", first_sign_in("grace", "short"));
    let owner = local.ok("AdminGetUser", of(EMAIL, json!({})));
    assert_eq!(owner["Username"], "alice");
}

/// Where names may not be probed, who is known to the function is taken over all the same.
#[test]
fn who_forgot_the_password_is_taken_over_where_names_may_not_be_probed() {
    let known = json!({ "userAttributes": { "email": EMAIL, "email_verified": "true" } });
    let mut local = with_directory(known);
    let client = json!({ "UserPoolId": POOL, "ClientId": CLIENT,
        "PreventUserExistenceErrors": "ENABLED" });
    local.ok("UpdateUserPoolClient", client);
    let forgot = json!({ "ClientId": CLIENT, "Username": "grace" });
    let told = local.ok("ForgotPassword", forgot);
    assert_eq!(told["CodeDeliveryDetails"]["Destination"], "a***@e***");
    local.code(EMAIL);
    let grace = local.ok("AdminGetUser", of("grace", json!({})));
    assert_eq!(grace["UserStatus"], "RESET_REQUIRED");
}
