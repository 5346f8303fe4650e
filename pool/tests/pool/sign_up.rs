//! Signing up: order, masks, codes, links, limits.

use crate::common::*;
use cognito_pool::Request;
use serde_json::{Value, json};

fn confirm(username: &str, code: &str) -> Value {
    json!({ "ClientId": CLIENT, "Username": username, "ConfirmationCode": code })
}

#[test]
fn with_phone_and_email_one_code_goes_to_the_phone() {
    let mut local = Local::verifying(json!({}));
    let reply = local.sign_up("alice");
    assert_eq!(reply["UserConfirmed"], false);
    assert_eq!(
        reply["CodeDeliveryDetails"],
        json!({
            "Destination": "+*******0108", "DeliveryMedium": "SMS", "AttributeName": "phone_number",
        })
    );
    let sent = local.outbox();
    assert_eq!(sent.len(), 1);
    assert_eq!(
        (&sent[0]["to"], &sent[0]["medium"], &sent[0]["kind"]),
        (&json!(PHONE), &json!("sms"), &json!("signUp"))
    );
    let code = local.code(PHONE);
    local.ok("ConfirmSignUp", confirm("alice", &code));
    let tokens = local.tokens("alice");
    let user = local.user(&tokens);
    assert_eq!(
        attribute(&user, "phone_number_verified").as_deref(),
        Some("true")
    );
    assert_eq!(attribute(&user, "email_verified").as_deref(), Some("false"));

    // The email is the app's business: by an operation of its own.
    let access = &tokens["AccessToken"];
    let input = json!({ "AccessToken": access, "AttributeName": "email" });
    let details = local.ok("GetUserAttributeVerificationCode", input);
    assert_eq!(details["CodeDeliveryDetails"]["Destination"], "a***@e***");
    let code = local.code(EMAIL);
    let wrong = json!({ "AccessToken": access, "AttributeName": "email", "Code": "0" });
    assert_eq!(
        local.err("VerifyUserAttribute", wrong),
        "CodeMismatchException"
    );
    let right = json!({ "AccessToken": access, "AttributeName": "email", "Code": code });
    local.ok("VerifyUserAttribute", right.clone());
    assert_eq!(
        local.err("VerifyUserAttribute", right),
        "ExpiredCodeException"
    );
    let user = local.user(&tokens);
    assert_eq!(attribute(&user, "email_verified").as_deref(), Some("true"));
}

#[test]
fn a_pool_that_verifies_the_email_alone_sends_there_even_with_a_phone() {
    let mut local = Local::verifying(json!({ "AutoVerifiedAttributes": ["email"] }));
    let reply = local.sign_up("alice");
    assert_eq!(reply["CodeDeliveryDetails"]["Destination"], "a***@e***");
    assert_eq!(reply["CodeDeliveryDetails"]["AttributeName"], "email");
}

#[test]
fn without_anything_verified_nothing_is_sent() {
    let mut local = Local::new(json!({}));
    let reply = local.sign_up("alice");
    assert!(reply.get("CodeDeliveryDetails").is_none());
    assert_eq!(reply["UserConfirmed"], false);
    assert!(local.outbox().is_empty());
    assert_eq!(
        local.initiate("alice", PASSWORD).unwrap_err().0,
        "UserNotConfirmedException"
    );
    local.ok(
        "AdminConfirmSignUp",
        json!({ "UserPoolId": POOL, "Username": "alice" }),
    );
    local.tokens("alice");
}

#[test]
fn codes_are_wrong_used_expired_or_replaced_in_the_real_pools_words() {
    let mut local = Local::verifying(json!({}));
    local.sign_up("alice");
    let first = local.code(PHONE);
    let wrong = local.refused("ConfirmSignUp", confirm("alice", "000000"));
    assert_eq!(
        wrong,
        Exception(
            "CodeMismatchException".into(),
            "Invalid verification code provided, please try again.".into()
        )
    );
    local.ok(
        "ResendConfirmationCode",
        json!({ "ClientId": CLIENT, "Username": "alice" }),
    );
    let second = local.code(PHONE);
    assert_ne!(first, second);
    assert_eq!(
        local.err("ConfirmSignUp", confirm("alice", &first)),
        "CodeMismatchException"
    );
    local.advance(DAY);
    let expired = local.refused("ConfirmSignUp", confirm("alice", &second));
    assert_eq!(
        expired,
        Exception(
            "ExpiredCodeException".into(),
            "Invalid code provided, please request a code again.".into()
        )
    );
    local.ok(
        "ResendConfirmationCode",
        json!({ "ClientId": CLIENT, "Username": "alice" }),
    );
    let third = local.code(PHONE);
    local.advance(DAY - 1);
    local.ok("ConfirmSignUp", confirm("alice", &third));
    let again = local.refused("ConfirmSignUp", confirm("alice", &third));
    assert_eq!(
        again.1,
        "User cannot be confirmed. Current status is CONFIRMED"
    );
    let resend = json!({ "ClientId": CLIENT, "Username": "alice" });
    assert_eq!(
        local.err("ResendConfirmationCode", resend),
        "InvalidParameterException"
    );
}

#[test]
fn attempts_are_counted_by_the_hour() {
    let mut local = Local::verifying(json!({}));
    local.sign_up("alice");
    for _ in 0..15 {
        assert_eq!(
            local.err("ConfirmSignUp", confirm("alice", "x")),
            "CodeMismatchException"
        );
    }
    let code = local.code(PHONE);
    let limited = local.refused("ConfirmSignUp", confirm("alice", &code));
    assert_eq!(
        limited,
        Exception(
            "LimitExceededException".into(),
            "Attempt limit exceeded, please try after some time.".into()
        )
    );
    let resend = json!({ "ClientId": CLIENT, "Username": "alice" });
    for _ in 0..5 {
        local.ok("ResendConfirmationCode", resend.clone());
    }
    assert_eq!(
        local.err("ResendConfirmationCode", resend),
        "LimitExceededException"
    );
    local.advance(HOUR);
    let code = local.code(PHONE);
    local.ok("ConfirmSignUp", confirm("alice", &code));
}

#[test]
fn names_passwords_and_attributes_are_checked() {
    let mut local = Local::verifying(json!({
        "Schema": [{ "Name": "given_name", "Required": true }],
    }));
    let sign_up = |username: &str, password: &str, attributes: Value| {
        json!({ "ClientId": CLIENT, "Username": username, "Password": password,
            "UserAttributes": attributes })
    };
    let name = json!([{ "Name": "given_name", "Value": "Alice" }]);
    for (password, lacks) in [
        ("Sh0rt!", "not long enough"),
        ("passw0rd!", "uppercase"),
        ("PASSW0RD!", "lowercase"),
        ("Password!", "numeric"),
        ("Passw0rdd", "symbol"),
    ] {
        let refused = local.refused("SignUp", sign_up("alice", password, name.clone()));
        assert_eq!(refused.0, "InvalidPasswordException");
        assert!(refused.1.contains(lacks), "{}", refused.1);
        assert!(!refused.1.contains(password));
    }
    let refused = local.refused("SignUp", sign_up("alice", PASSWORD, json!([])));
    assert!(
        refused.1.contains("given_name: The attribute is required"),
        "{}",
        refused.1
    );
    for (attribute, value) in [
        ("email", "x"),
        ("phone_number", "12065550108"),
        ("unknown", "x"),
    ] {
        let mut attributes = name.as_array().unwrap().clone();
        attributes.push(json!({ "Name": attribute, "Value": value }));
        let refused = local.refused("SignUp", sign_up("alice", PASSWORD, json!(attributes)));
        assert_eq!(refused.0, "InvalidParameterException", "{attribute}");
    }
    let flag = json!([{ "Name": "email_verified", "Value": "true" }]);
    assert_eq!(
        local.err("SignUp", sign_up("alice", PASSWORD, flag)),
        "NotAuthorizedException"
    );
    local.ok("SignUp", sign_up("alice", PASSWORD, name.clone()));
    let taken = local.refused("SignUp", sign_up("alice", PASSWORD, name));
    assert_eq!(
        taken,
        Exception(
            "UsernameExistsException".into(),
            "User already exists".into()
        )
    );
}

#[test]
fn a_link_confirms_once() {
    let mut local = Local::verifying(json!({
        "AutoVerifiedAttributes": ["email"],
        "VerificationMessageTemplate": {
            "DefaultEmailOption": "CONFIRM_WITH_LINK",
            "EmailSubjectByLink": "Welcome",
            "EmailMessageByLink": "Hello {username}, {##this way##} please.",
        },
    }));
    local.sign_up("alice");
    let message = local.outbox().remove(0);
    let link = message["link"].as_str().unwrap().to_owned();
    assert_eq!(
        message["text"],
        format!("Welcome\nHello alice, this way <{link}> please.")
    );
    let path = link
        .strip_prefix("http://127.0.0.1:9229")
        .unwrap()
        .to_owned();
    let broken = path.replace("confirmation_code=", "confirmation_code=9");
    let mut open = |path: &str| {
        let request = Request::get(path);
        local
            .pool
            .handle(&request, local.now, &mut local.randomness)
            .status
    };
    assert_eq!([open(&broken), open(&path), open(&path)], [400, 200, 400]);
    let tokens = local.tokens("alice");
    let user = local.user(&tokens);
    assert_eq!(attribute(&user, "email_verified").as_deref(), Some("true"));
}

#[test]
fn a_link_dies_after_a_day() {
    let mut local = Local::verifying(json!({
        "AutoVerifiedAttributes": ["email"],
        "VerificationMessageTemplate": { "DefaultEmailOption": "CONFIRM_WITH_LINK" },
    }));
    local.sign_up("alice");
    let link = local.outbox().remove(0)["link"]
        .as_str()
        .unwrap()
        .to_owned();
    let path = link
        .strip_prefix("http://127.0.0.1:9229")
        .unwrap()
        .to_owned();
    local.advance(DAY);
    let request = Request::get(&path);
    assert_eq!(
        local
            .pool
            .handle(&request, local.now, &mut local.randomness)
            .status,
        400
    );
}

#[test]
fn templates_shape_the_messages() {
    let mut local = Local::verifying(json!({
        "VerificationMessageTemplate": { "SmsMessage": "{####} is it, {username}" },
    }));
    local.sign_up("alice");
    let message = local.outbox().remove(0);
    assert_eq!(
        message["text"],
        format!("{} is it, alice", message["code"].as_str().unwrap())
    );
}

#[test]
fn an_alias_belongs_to_whoever_verified_it() {
    let mut local = Local::verifying(json!({
        "AliasAttributes": ["email"], "AutoVerifiedAttributes": ["email"],
    }));
    let email_name = json!({ "ClientId": CLIENT, "Username": EMAIL, "Password": PASSWORD });
    assert_eq!(local.err("SignUp", email_name), "InvalidParameterException");
    local.sign_up("alice");
    let first = local.code(EMAIL);
    local.sign_up("bob");
    let second = local.code(EMAIL);
    assert_eq!(
        local.initiate(EMAIL, PASSWORD).unwrap_err().0,
        "UserNotFoundException"
    );
    local.ok("ConfirmSignUp", confirm("alice", &first));
    local.initiate(EMAIL, PASSWORD).unwrap();
    assert_eq!(
        local.err("ConfirmSignUp", confirm("bob", &second)),
        "AliasExistsException"
    );
    let mut forced = confirm("bob", &second);
    forced["ForceAliasCreation"] = json!(true);
    local.ok("ConfirmSignUp", forced);
    let tokens = local.tokens(EMAIL);
    assert_eq!(local.user(&tokens)["Username"], "bob");
    let alice = local.ok(
        "AdminGetUser",
        json!({ "UserPoolId": POOL, "Username": "alice" }),
    );
    assert_eq!(
        attribute(&alice, "email_verified").as_deref(),
        Some("false")
    );
}

#[test]
fn where_users_are_known_by_email_the_user_name_is_made_up() {
    let mut local = Local::verifying(json!({
        "UsernameAttributes": ["email"], "AutoVerifiedAttributes": ["email"],
        "UsernameConfiguration": { "CaseSensitive": false },
    }));
    let sign_up =
        |name: &str| json!({ "ClientId": CLIENT, "Username": name, "Password": PASSWORD });
    assert_eq!(
        local.message("SignUp", sign_up("alice")),
        "Username should be an email."
    );
    let sub = local.ok("SignUp", sign_up(EMAIL))["UserSub"].clone();
    assert_eq!(
        local.err("SignUp", sign_up("ALICE@example.com")),
        "UsernameExistsException"
    );
    let code = local.code(EMAIL);
    local.ok("ConfirmSignUp", confirm("Alice@Example.com", &code));
    let tokens = local.srp(EMAIL, PASSWORD).unwrap()["AuthenticationResult"].clone();
    assert_eq!(local.user(&tokens)["Username"], sub);
}

#[test]
fn a_refused_sign_up_leaves_no_user() {
    let mut local = Local::verifying(json!({}));
    let trust = "%7B%22Version%22:%222012-10-17%22,%22Statement%22:%5B%7B%22Effect%22:%22Allow%22,\
                 %22Principal%22:%7B%22Service%22:%22example.com%22%7D,\
                 %22Action%22:%22sts:AssumeRole%22%7D%5D%7D";
    let status = local.form(&format!(
        "Action=UpdateAssumeRolePolicy&Version=2010-05-08&RoleName=sms&PolicyDocument={trust}"
    ));
    assert_eq!(status, 200);
    let attributes = json!([{ "Name": "phone_number", "Value": PHONE }]);
    let input = json!({ "ClientId": CLIENT, "Username": "alice", "Password": PASSWORD,
        "UserAttributes": attributes });
    let error = local.err("SignUp", input);
    assert_eq!(error, "InvalidSmsRoleTrustRelationshipException");
    let users = local.ok("ListUsers", json!({ "UserPoolId": POOL }));
    assert_eq!(users["Users"], json!([]));
    assert!(local.outbox().is_empty());
}

#[test]
fn an_app_writes_no_attribute_but_those_it_may() {
    let client = json!({ "ClientId": CLIENT, "WriteAttributes": ["email", "phone_number"],
        "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"] });
    let mut local = Local::verifying(json!({ "Clients": [client] }));
    local.confirmed("alice");
    let tokens = local.tokens("alice");
    let words = "A client attempted to write unauthorized attribute";
    for name in ["nickname", "email_verified", "phone_number_verified", "sub"] {
        let change = json!({ "AccessToken": tokens["AccessToken"],
            "UserAttributes": pairs(&[(name, "true")]) });
        assert_eq!(
            local.message("UpdateUserAttributes", change),
            words,
            "{name}"
        );
    }
    let change = json!({ "AccessToken": tokens["AccessToken"],
        "UserAttributes": pairs(&[("email", "alice@example.org")]) });
    local.ok("UpdateUserAttributes", change);
}

#[test]
fn a_preferred_name_is_one_persons_until_they_take_another() {
    let mut local = Local::verifying(json!({ "AliasAttributes": ["preferred_username"] }));
    for name in ["alice", "bob"] {
        settled(&mut local, name, &[]);
    }
    let mut named = |who: &str, name: &str| {
        let attributes = pairs(&[("preferred_username", name)]);
        let change = of(who, json!({ "UserAttributes": attributes }));
        local.call("AdminUpdateUserAttributes", change).map(|_| {
            let tokens = local.tokens(name);
            local.user(&tokens)["Username"].clone()
        })
    };
    assert_eq!(named("alice", "ally"), Ok(json!("alice")));
    assert_eq!(named("bob", "ally").unwrap_err().0, "AliasExistsException");
    assert_eq!(named("alice", "al"), Ok(json!("alice")));
    assert_eq!(named("bob", "ally"), Ok(json!("bob")), "it is free again");
}

/// The words are those of reports on amplify-js and others: a name is what the pool's settings make of it.
#[test]
fn a_name_has_the_form_that_the_pool_wants() {
    let sign_up =
        |name: &str| json!({ "ClientId": CLIENT, "Username": name, "Password": PASSWORD });
    let named = |attributes: &[&str]| json!({ "UsernameAttributes": attributes });
    let aliased = |attributes: &[&str]| json!({ "AliasAttributes": attributes });
    let no_email =
        "Username cannot be of email format, since user pool is configured for email alias.";
    let no_phone = "Username cannot be of phone number format, since user pool is configured for \
                    phone number alias.";
    for (settings, name, words) in [
        (
            named(&["email"]),
            "alice",
            Some("Username should be an email."),
        ),
        (
            named(&["email"]),
            PHONE,
            Some("Username should be an email."),
        ),
        (named(&["email"]), EMAIL, None),
        (
            named(&["phone_number"]),
            EMAIL,
            Some("Username should be a phone number."),
        ),
        (named(&["phone_number"]), PHONE, None),
        (
            named(&["email", "phone_number"]),
            "alice",
            Some("Username should be either an email or a phone number."),
        ),
        (named(&["email", "phone_number"]), EMAIL, None),
        (named(&["email", "phone_number"]), PHONE, None),
        (aliased(&["email"]), EMAIL, Some(no_email)),
        (aliased(&["email"]), PHONE, None),
        (aliased(&["phone_number"]), PHONE, Some(no_phone)),
        (aliased(&["phone_number"]), EMAIL, None),
        (aliased(&["preferred_username"]), EMAIL, None),
        (json!({}), EMAIL, None),
    ] {
        let mut local = Local::new(settings.clone());
        let made = local.call("SignUp", sign_up(name));
        assert_eq!(
            made.err().map(|it| it.1).as_deref(),
            words,
            "{settings} {name}"
        );
    }
    // The phone that is a name is an attribute, as the email is.
    let mut local = Local::new(named(&["email", "phone_number"]));
    for (name, attribute_of) in [(EMAIL, "email"), (PHONE, "phone_number")] {
        local.ok("SignUp", sign_up(name));
        let user = local.ok("AdminGetUser", of(name, json!({})));
        assert_eq!(attribute(&user, attribute_of).as_deref(), Some(name));
    }
}

/// The guide, "Pre sign-up Lambda trigger": each address is verified by itself.
#[test]
fn a_function_verifies_the_address_that_it_names() {
    struct Verifies(&'static str);
    impl cognito_pool::Triggers for Verifies {
        fn call(&mut self, name: &str, event: &Value) -> Result<Option<Value>, String> {
            let mut event = event.clone();
            if name == "PreSignUp" {
                event["response"] = json!({ "autoConfirmUser": true, self.0: true });
            }
            Ok(Some(event))
        }
    }
    for (member, expected) in [
        ("autoVerifyEmail", ["true", "false"]),
        ("autoVerifyPhone", ["false", "true"]),
    ] {
        let mut local = Local::verifying(json!({}));
        local.pool.set_triggers(Box::new(Verifies(member)));
        local.sign_up("alice");
        let user = local.ok("AdminGetUser", of("alice", json!({})));
        let flags = ["email_verified", "phone_number_verified"];
        let flags = flags.map(|flag| attribute(&user, flag).unwrap());
        assert_eq!(flags, expected, "{member}");
    }
}

#[test]
fn who_is_not_there_is_told_so_or_not() {
    let confirm_nobody = confirm("nobody", "123456");
    let resend = json!({ "ClientId": CLIENT, "Username": "nobody" });
    let mut local = Local::verifying(json!({}));
    for (operation, input) in [
        ("ConfirmSignUp", &confirm_nobody),
        ("ResendConfirmationCode", &resend),
    ] {
        assert_eq!(
            local.refused(operation, input.clone()),
            Exception(
                "UserNotFoundException".into(),
                "Username/client id combination not found.".into()
            )
        );
    }
    let hidden = json!([{ "ClientId": CLIENT, "PreventUserExistenceErrors": "ENABLED" }]);
    let mut local = Local::verifying(json!({ "Clients": hidden }));
    assert_eq!(
        local.err("ConfirmSignUp", confirm_nobody),
        "ExpiredCodeException"
    );
    let told = local.ok("ResendConfirmationCode", resend);
    assert_eq!(told["CodeDeliveryDetails"]["DeliveryMedium"], "SMS");
    assert!(local.outbox().is_empty());
    // Where nothing is verified there is no code to send again.
    let mut local = Local::new(json!({}));
    local.sign_up("alice");
    let resend = json!({ "ClientId": CLIENT, "Username": "alice" });
    assert_eq!(
        local.message("ResendConfirmationCode", resend),
        "Auto verification not turned on."
    );
}

/// Whoever uses the name of an attribute first has it, verified or not; who is refused has none.
#[test]
fn a_name_that_is_an_address_is_taken_by_an_attribute_too() {
    let mut local = Local::new(json!({ "UsernameAttributes": ["email", "phone_number"] }));
    let sign_up = |name: &str, attributes: &[(&str, &str)]| {
        json!({ "ClientId": CLIENT, "Username": name, "Password": PASSWORD,
            "UserAttributes": pairs(attributes) })
    };
    local.ok("SignUp", sign_up(EMAIL, &[("phone_number", PHONE)]));
    assert_eq!(
        local.refused("SignUp", sign_up(PHONE, &[])),
        Exception(
            "UsernameExistsException".into(),
            "An account with the given phone_number already exists.".into()
        )
    );
    let second = sign_up("bob@example.com", &[("phone_number", PHONE)]);
    assert!(local.call("SignUp", second).is_err());
    assert_eq!(
        local.err("AdminGetUser", of("bob@example.com", json!({}))),
        "UserNotFoundException"
    );
}
