//! The functions that are told of what happens, and the one that writes messages: their events are
//! those of the developer guide, "Customizing user pool workflows with Lambda triggers".

use std::sync::{Arc, Mutex};

use crate::common::*;
use cognito_pool::{Request, Triggers};
use serde_json::{Value, json};

/// Writes down what it is called with; answers and refuses as it is told.
#[derive(Clone, Default)]
struct Functions {
    called: Arc<Mutex<Vec<Value>>>,
    refuses: Arc<Mutex<Option<&'static str>>>,
    answers: Value,
}

impl Functions {
    fn sources(&self) -> Vec<String> {
        let mut called = self.called.lock().unwrap();
        let sources = called.iter().map(|event| &event["triggerSource"]);
        let sources = sources.map(|it| it.as_str().unwrap().to_owned()).collect();
        called.clear();
        sources
    }

    fn last(&self) -> Value {
        self.called.lock().unwrap().last().unwrap().clone()
    }
}

impl Triggers for Functions {
    fn call(&mut self, name: &str, event: &Value) -> Result<Option<Value>, String> {
        self.called.lock().unwrap().push(event.clone());
        if *self.refuses.lock().unwrap() == Some(name) {
            return Err("not now".into());
        }
        let mut event = event.clone();
        event["response"] = match name {
            "CustomMessage" if self.answers.is_object() => self.answers.clone(),
            _ => json!({}),
        };
        Ok(Some(event))
    }
}

fn with(functions: &Functions) -> Local {
    let mut local = Local::verifying(json!({}));
    local.pool.set_triggers(Box::new(functions.clone()));
    local
}

#[test]
fn functions_are_told_of_a_sign_up_and_a_sign_in() {
    let functions = Functions::default();
    let mut local = with(&functions);
    local.confirmed("alice");
    assert_eq!(
        functions.sources(),
        [
            "PreSignUp_SignUp",
            "CustomMessage_SignUp",
            "PostConfirmation_ConfirmSignUp"
        ]
    );
    let metadata = json!({ "why": "test" });
    let input = json!({ "ClientId": CLIENT, "AuthFlow": "USER_PASSWORD_AUTH",
        "ClientMetadata": metadata,
        "AuthParameters": { "USERNAME": "alice", "PASSWORD": PASSWORD } });
    local.ok("InitiateAuth", input);
    let before = functions.called.lock().unwrap()[0].clone();
    assert_eq!(before["request"]["validationData"], metadata);
    assert_eq!(before["request"]["userNotFound"], false);
    assert_eq!(before["userName"], "alice");
    assert_eq!(
        functions.sources(),
        [
            "PreAuthentication_Authentication",
            "PostAuthentication_Authentication",
            "TokenGeneration_Authentication"
        ]
    );
    // A wrong password is not told to the last two.
    local.initiate("alice", "Wr0ng-one!").unwrap_err();
    assert_eq!(functions.sources(), ["PreAuthentication_Authentication"]);
    local.initiate("nobody", PASSWORD).unwrap_err();
    assert_eq!(functions.sources(), ["UserMigration_Authentication"]);

    let by_pool = |name: &str| json!({ "UserPoolId": POOL, "Username": name });
    let mut create = by_pool("bob");
    create["ClientMetadata"] = metadata.clone();
    create["UserAttributes"] = json!([{ "Name": "email", "Value": EMAIL }]);
    local.ok("AdminCreateUser", create);
    assert_eq!(functions.last()["request"]["clientMetadata"], metadata);
    assert_eq!(
        functions.last()["request"]["usernameParameter"],
        "{username}"
    );
    assert_eq!(
        functions.sources(),
        ["PreSignUp_AdminCreateUser", "CustomMessage_AdminCreateUser"]
    );
    local.ok(
        "ForgotPassword",
        json!({ "ClientId": CLIENT, "Username": "alice" }),
    );
    let code = local.code(PHONE);
    local.ok(
        "ConfirmForgotPassword",
        json!({ "ClientId": CLIENT, "Username": "alice", "ConfirmationCode": code,
            "Password": "An0ther!!" }),
    );
    assert_eq!(
        functions.sources(),
        [
            "CustomMessage_ForgotPassword",
            "PostConfirmation_ConfirmForgotPassword"
        ]
    );
}

#[test]
fn what_a_function_refuses_does_not_happen_save_a_confirmation() {
    let functions = Functions::default();
    let mut local = with(&functions);
    let refused = |name: &str| {
        Exception(
            "UserLambdaValidationException".into(),
            format!("{name} failed with error not now."),
        )
    };
    let refuse = |name| *functions.refuses.lock().unwrap() = Some(name);
    local.sign_up("alice");
    let code = local.code(PHONE);
    refuse("PostConfirmation");
    let confirm = json!({ "ClientId": CLIENT, "Username": "alice", "ConfirmationCode": code });
    assert_eq!(
        local.refused("ConfirmSignUp", confirm),
        refused("PostConfirmation")
    );
    let user = local.ok(
        "AdminGetUser",
        json!({ "UserPoolId": POOL, "Username": "alice" }),
    );
    assert_eq!(user["UserStatus"], "CONFIRMED");
    for name in ["PreAuthentication", "PostAuthentication"] {
        refuse(name);
        assert_eq!(
            local.initiate("alice", PASSWORD).unwrap_err(),
            refused(name)
        );
    }
    refuse("PreSignUp");
    let create = json!({ "UserPoolId": POOL, "Username": "bob" });
    assert_eq!(
        local.refused("AdminCreateUser", create.clone()),
        refused("PreSignUp")
    );
    assert_eq!(local.err("AdminGetUser", create), "UserNotFoundException");
}

#[test]
fn a_function_writes_messages_that_have_the_code_in_them() {
    for (answers, sms) in [
        (
            json!({ "smsMessage": "{####} it is", "emailMessage": "no" }),
            Some(" it is"),
        ),
        (json!({ "smsMessage": "no code in here" }), None),
        (json!({ "smsMessage": "" }), None),
        (json!({}), None),
    ] {
        let functions = Functions {
            answers: answers.clone(),
            ..Functions::default()
        };
        let mut local = with(&functions);
        local.sign_up("alice");
        let sent = local.outbox();
        let text = sent[0]["text"].as_str().unwrap();
        let code = sent[0]["code"].as_str().unwrap();
        let expected = match sms {
            Some(rest) => format!("{code}{rest}"),
            None => format!("Your verification code is {code}. "),
        };
        assert_eq!(text, expected, "{answers}");
    }
    let functions = Functions {
        answers: json!({ "emailMessage": "{username}: {####}", "emailSubject": "Come in" }),
        ..Functions::default()
    };
    let mut local = with(&functions);
    local.ok(
        "AdminCreateUser",
        json!({ "UserPoolId": POOL, "Username": "bob", "TemporaryPassword": PASSWORD,
            "DesiredDeliveryMediums": ["EMAIL"],
            "UserAttributes": [{ "Name": "email", "Value": EMAIL }] }),
    );
    let sent = local.outbox();
    assert_eq!(sent[0]["text"], format!("Come in\nbob: {PASSWORD}"));
}

#[test]
fn an_event_has_the_members_of_the_guide() {
    let functions = Functions::default();
    let mut local = with(&functions);
    local.confirmed("alice");
    let called = functions.called.lock().unwrap().clone();
    for event in &called {
        assert_eq!(event["version"], "1");
        assert_eq!(event["region"], "eu-west-1");
        assert_eq!(event["userPoolId"], POOL);
        assert_eq!(event["userName"], "alice");
        assert_eq!(event["callerContext"]["clientId"], CLIENT);
        assert!(event["callerContext"]["awsSdkVersion"].is_string());
        // None was sent, and AWS leaves the member out then.
        assert!(event["request"].get("clientMetadata").is_none(), "{event}");
    }
    let [before, message, confirmed] = called.as_slice() else {
        panic!("{called:?}");
    };
    // Who is not there yet has neither id nor status.
    let attributes = &before["request"]["userAttributes"];
    assert_eq!(attributes["email"], EMAIL);
    assert!(attributes.get("sub").is_none() && attributes.get("cognito:user_status").is_none());
    assert_eq!(
        before["response"],
        json!({ "autoConfirmUser": false, "autoVerifyEmail": false, "autoVerifyPhone": false })
    );
    let attributes = &message["request"]["userAttributes"];
    assert_eq!(attributes["cognito:user_status"], "UNCONFIRMED");
    assert_eq!(message["request"]["codeParameter"], "{####}");
    assert_eq!(message["response"]["smsMessage"], Value::Null);
    let attributes = &confirmed["request"]["userAttributes"];
    assert_eq!(attributes["cognito:user_status"], "CONFIRMED");
    assert_eq!(attributes["phone_number_verified"], "true");
    assert!(attributes["sub"].is_string());

    let create = json!({ "UserPoolId": POOL, "Username": "bob", "MessageAction": "SUPPRESS" });
    local.ok("AdminCreateUser", create);
    let client = &functions.last()["callerContext"]["clientId"];
    assert_eq!(client, "CLIENT_ID_NOT_APPLICABLE");
}

#[test]
fn a_function_writes_the_email_with_a_link() {
    let functions = Functions {
        answers: json!({ "emailMessage": "{##Click Here##}, {username}", "emailSubject": "Hello" }),
        ..Functions::default()
    };
    let mut local = Local::verifying(json!({
        "AutoVerifiedAttributes": ["email"],
        "VerificationMessageTemplate": { "DefaultEmailOption": "CONFIRM_WITH_LINK" },
    }));
    local.pool.set_triggers(Box::new(functions.clone()));
    local.sign_up("alice");
    let sent = local.outbox();
    let link = sent[0]["link"].as_str().unwrap();
    assert_eq!(
        sent[0]["text"],
        format!("Hello\nClick Here <{link}>, alice")
    );
    assert_eq!(
        functions.last()["request"]["linkParameter"],
        "{##Click Here##}"
    );
}

/// A pool that sends a link, with bob who has signed up; gives the address that the link leads to.
fn with_link(functions: &Functions) -> (Local, String) {
    let mut local = Local::verifying(json!({
        "AutoVerifiedAttributes": ["email"],
        "VerificationMessageTemplate": { "DefaultEmailOption": "CONFIRM_WITH_LINK" },
    }));
    local.pool.set_triggers(Box::new(functions.clone()));
    local.sign_up("bob");
    let link = local.outbox()[0]["link"].as_str().unwrap().to_owned();
    let path = link.find("/confirmUser").unwrap();
    (local, link[path..].to_owned())
}

/// Follows a link; gives the status and the page.
fn visit(local: &mut Local, path: &str) -> (u16, String) {
    let response = (local.pool).handle(&Request::get(path), local.now, &mut local.randomness);
    (response.status, String::from_utf8(response.body).unwrap())
}

// The developer guide, "Post confirmation Lambda trigger": after a person who signed up confirms the
// account; "PostConfirmation_ConfirmSignUp" is the one source for it.
#[test]
fn a_confirmation_by_a_link_is_told_as_well() {
    let functions = Functions::default();
    let (mut local, link) = with_link(&functions);
    functions.sources();
    let done = visit(&mut local, &link);
    assert_eq!(done.0, 200, "{}", done.1);
    let attributes = functions.last()["request"]["userAttributes"].clone();
    assert_eq!(attributes["cognito:user_status"], "CONFIRMED");
    assert_eq!(attributes["email_verified"], "true");
    assert_eq!(functions.last()["userName"], "bob");
    assert_eq!(functions.sources(), ["PostConfirmation_ConfirmSignUp"]);
    assert_eq!(visit(&mut local, &link).0, 400);
    assert!(functions.sources().is_empty(), "it is told once");
}

#[test]
fn who_came_by_a_link_stays_confirmed_whatever_the_function_says() {
    let functions = Functions::default();
    let (mut local, link) = with_link(&functions);
    *functions.refuses.lock().unwrap() = Some("PostConfirmation");
    let done = visit(&mut local, &link);
    assert_eq!(done.0, 400);
    assert!(done.1.contains("has been confirmed, but"), "{}", done.1);
    let bob = json!({ "UserPoolId": POOL, "Username": "bob" });
    assert_eq!(local.ok("AdminGetUser", bob)["UserStatus"], "CONFIRMED");
}

#[test]
fn a_link_is_not_guessed() {
    let functions = Functions::default();
    let (mut local, link) = with_link(&functions);
    let (address, code) = link.rsplit_once('=').unwrap();
    for _ in 0..20 {
        let wrong = if code == "000000" { "000001" } else { "000000" };
        assert_eq!(visit(&mut local, &format!("{address}={wrong}")).0, 400);
    }
    assert_eq!(
        visit(&mut local, &link).0,
        400,
        "too many wrong ones end it"
    );
}

// The developer guide, "Pre authentication Lambda trigger": not activated by a user who does not exist
// unless PreventUserExistenceErrors is ENABLED, which is when userNotFound is populated.
#[test]
fn somebody_who_is_not_there_is_told_where_names_may_not_be_probed() {
    let functions = Functions::default();
    let mut local = with(&functions);
    let client = json!({ "UserPoolId": POOL, "ClientId": CLIENT,
        "PreventUserExistenceErrors": "ENABLED",
        "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"] });
    local.ok("UpdateUserPoolClient", client);
    functions.sources();
    let refused = local.initiate("nobody", PASSWORD).unwrap_err();
    assert_eq!(refused.1, "Incorrect username or password.");
    let event = functions.called.lock().unwrap()[0].clone();
    assert_eq!(event["triggerSource"], "PreAuthentication_Authentication");
    assert_eq!(event["userName"], "nobody");
    assert_eq!(event["request"]["userNotFound"], true);
    assert_eq!(event["request"]["userAttributes"], json!({}));
    assert_eq!(
        functions.sources(),
        [
            "PreAuthentication_Authentication",
            "UserMigration_Authentication"
        ]
    );
}

/// The developer guide, the parameters of each trigger: "response" has its members before the function has
/// filled them in.
#[test]
fn a_function_is_given_the_response_that_it_is_to_fill_in() {
    struct Asks(Functions);
    impl Triggers for Asks {
        fn call(&mut self, name: &str, event: &Value) -> Result<Option<Value>, String> {
            self.0.call(name, event)?;
            let mut event = event.clone();
            let response = &mut event["response"];
            match name {
                "DefineAuthChallenge" => response["challengeName"] = json!("CUSTOM_CHALLENGE"),
                "CreateAuthChallenge" => response["publicChallengeParameters"] = json!({}),
                "VerifyAuthChallengeResponse" => response["answerCorrect"] = json!(false),
                _ => return Ok(None),
            }
            Ok(Some(event))
        }
    }
    let functions = Functions::default();
    let mut local = Local::verifying(json!({}));
    local.pool.set_triggers(Box::new(Asks(functions.clone())));
    local.confirmed("alice");
    local.tokens("alice");
    local.initiate("nobody", PASSWORD).unwrap_err();
    let start = json!({ "ClientId": CLIENT, "AuthFlow": "CUSTOM_AUTH",
        "AuthParameters": { "USERNAME": "alice" } });
    let asked = local.ok("InitiateAuth", start);
    local
        .respond(&asked, "alice", json!({ "ANSWER": "5" }))
        .unwrap();
    let called = functions.called.lock().unwrap().clone();
    let nulls = |names: &[&str]| -> Value {
        let member = |name: &&str| ((*name).to_owned(), Value::Null);
        Value::Object(names.iter().map(member).collect())
    };
    for (name, expected) in [
        (
            "PreSignUp",
            json!({ "autoConfirmUser": false, "autoVerifyEmail": false, "autoVerifyPhone": false }),
        ),
        (
            "CustomMessage",
            nulls(&["smsMessage", "emailMessage", "emailSubject"]),
        ),
        ("PostConfirmation", json!({})),
        ("PreAuthentication", json!({})),
        ("PostAuthentication", json!({})),
        ("TokenGeneration", nulls(&["claimsAndScopeOverrideDetails"])),
        (
            "UserMigration",
            nulls(&[
                "userAttributes",
                "finalUserStatus",
                "messageAction",
                "desiredDeliveryMediums",
                "forceAliasCreation",
                "enableSMSMFA",
            ]),
        ),
        (
            "DefineAuthChallenge",
            nulls(&["challengeName", "issueTokens", "failAuthentication"]),
        ),
        (
            "CreateAuthChallenge",
            nulls(&[
                "publicChallengeParameters",
                "privateChallengeParameters",
                "challengeMetadata",
            ]),
        ),
        ("VerifyAuthChallengeResponse", nulls(&["answerCorrect"])),
    ] {
        let source = format!("{name}_");
        let is = |event: &&Value| {
            event["triggerSource"]
                .as_str()
                .unwrap()
                .starts_with(&source)
        };
        let event = called.iter().find(is).unwrap_or_else(|| panic!("{name}"));
        assert_eq!(event["response"], expected, "{name}");
    }
}

/// The guide, "Pre token generation Lambda trigger": three versions of the event, by
/// PreTokenGenerationConfig.
#[test]
fn a_pool_says_which_version_of_the_event_for_tokens_there_is() {
    let arn = "arn:aws:lambda:eu-west-1:123456789012:function:tokens";
    let of = |version: &str| json!({ "PreTokenGenerationConfig": { "LambdaVersion": version, "LambdaArn": arn } });
    for (config, version, scopes, response) in [
        (of("V1_0"), "1", false, "claimsOverrideDetails"),
        (of("V2_0"), "2", true, "claimsAndScopeOverrideDetails"),
        (of("V3_0"), "3", true, "claimsAndScopeOverrideDetails"),
        (
            json!({ "PreTokenGeneration": arn }),
            "1",
            false,
            "claimsOverrideDetails",
        ),
    ] {
        let functions = Functions::default();
        let mut local = Local::verifying(json!({ "LambdaConfig": config }));
        local.confirmed("alice");
        local.pool.set_triggers(Box::new(functions.clone()));
        local.tokens("alice");
        let event = functions.last();
        assert_eq!(event["version"], version, "{config}");
        assert_eq!(event["request"].get("scopes").is_some(), scopes, "{config}");
        assert_eq!(event["response"], json!({ response: null }), "{config}");
        // Of the other functions there is one version.
        let called = functions.called.lock().unwrap().clone();
        assert_eq!(
            called[0]["triggerSource"],
            "PreAuthentication_Authentication"
        );
        assert_eq!(called[0]["version"], "1");
    }
}

/// The guide, "Post authentication Lambda trigger": `newDeviceUsed` is set only where the pool remembers
/// devices.
#[test]
fn a_new_device_is_told_where_devices_are_remembered() {
    let functions = Functions::default();
    let told = |local: &mut Local, key: &Value| {
        let mut input = json!({ "ClientId": CLIENT, "AuthFlow": "USER_PASSWORD_AUTH",
            "AuthParameters": { "USERNAME": "alice", "PASSWORD": PASSWORD } });
        if key.is_string() {
            input["AuthParameters"]["DEVICE_KEY"] = key.clone();
        }
        let reply = local.ok("InitiateAuth", input);
        let called = std::mem::take(&mut *functions.called.lock().unwrap());
        let is = |event: &&Value| event["triggerSource"] == "PostAuthentication_Authentication";
        let new = called.iter().find(is).unwrap()["request"]["newDeviceUsed"].clone();
        (new, reply["AuthenticationResult"].clone())
    };
    let mut local = with(&functions);
    local.confirmed("alice");
    assert_eq!(told(&mut local, &Value::Null).0, false);

    let mut local = Local::verifying(json!({ "DeviceConfiguration": {} }));
    local.confirmed("alice");
    local.pool.set_triggers(Box::new(functions.clone()));
    let (new, tokens) = told(&mut local, &Value::Null);
    assert_eq!(new, true);
    let key = &tokens["NewDeviceMetadata"]["DeviceKey"];
    let verifier = json!({ "Salt": "AQID", "PasswordVerifier": "AQIDBA==" });
    local.ok(
        "ConfirmDevice",
        json!({ "AccessToken": tokens["AccessToken"], "DeviceKey": key,
            "DeviceSecretVerifierConfig": verifier }),
    );
    assert_eq!(told(&mut local, key).0, false);
}
