//! Functions of an app in the pool's flows: custom challenges, sign-ups, tokens.

use crate::common::*;
use cognito_pool::Triggers;
use serde_json::{Value, json};

struct Quiz;

impl Triggers for Quiz {
    fn call(&mut self, name: &str, event: &Value) -> Result<Option<Value>, String> {
        let mut event = event.clone();
        let request = &event["request"];
        event["response"] = match name {
            "DefineAuthChallenge" => {
                let asked = request["session"].as_array().unwrap();
                let right = asked
                    .last()
                    .is_some_and(|last| last["challengeResult"] == true);
                let tries = asked
                    .iter()
                    .filter(|c| c["challengeName"] == "CUSTOM_CHALLENGE")
                    .count();
                let password_first = asked.len() == 1 && asked[0]["challengeName"] == "SRP_A";
                json!({ "issueTokens": right && tries > 0, "failAuthentication": tries > 1 && !right,
                    "challengeName": if password_first { "PASSWORD_VERIFIER" } else { "CUSTOM_CHALLENGE" } })
            }
            "CreateAuthChallenge" => json!({
                "publicChallengeParameters": { "question": "2+2" },
                "privateChallengeParameters": { "answer": "4" },
            }),
            "VerifyAuthChallengeResponse" => json!({
                "answerCorrect":
                    request["privateChallengeParameters"]["answer"] == request["challengeAnswer"],
            }),
            "PreSignUp" if event["userName"] == "mallory" => return Err("not you".into()),
            "PreSignUp" => json!({ "autoConfirmUser": true, "autoVerifyPhone": true }),
            _ => return Ok(None),
        };
        Ok(Some(event))
    }
}

#[test]
fn functions_ask_their_own_challenges() {
    let mut local = Local::verifying(json!({}));
    local.confirmed("alice");
    let start = json!({ "ClientId": CLIENT, "AuthFlow": "CUSTOM_AUTH",
        "AuthParameters": { "USERNAME": "alice" } });
    assert_eq!(
        local.err("InitiateAuth", start.clone()),
        "InvalidParameterException"
    );
    local.pool.set_triggers(Box::new(Quiz));
    let asked = local.ok("InitiateAuth", start.clone());
    assert_eq!(
        asked["ChallengeParameters"],
        json!({ "question": "2+2", "USERNAME": "alice" })
    );
    let again = local
        .respond(&asked, "alice", json!({ "ANSWER": "5" }))
        .unwrap();
    assert_eq!(again["ChallengeName"], "CUSTOM_CHALLENGE");
    let failed = local
        .respond(&again, "alice", json!({ "ANSWER": "5" }))
        .unwrap_err();
    assert_eq!(failed.0, "NotAuthorizedException");
    let asked = local.ok("InitiateAuth", start);
    let reply = local
        .respond(&asked, "alice", json!({ "ANSWER": "4" }))
        .unwrap();
    assert!(reply["AuthenticationResult"]["AccessToken"].is_string());

    let client = SrpClient::new(POOL);
    let proof = local.ok(
        "InitiateAuth",
        json!({ "ClientId": CLIENT, "AuthFlow": "CUSTOM_AUTH",
        "AuthParameters": { "USERNAME": "alice", "CHALLENGE_NAME": "SRP_A",
            "SRP_A": client.srp_a() } }),
    );
    assert_eq!(proof["ChallengeName"], "PASSWORD_VERIFIER");
    let responses = client.answer(&proof["ChallengeParameters"], PASSWORD);
    let asked = local.respond(&proof, "alice", responses).unwrap();
    assert_eq!(asked["ChallengeName"], "CUSTOM_CHALLENGE");
}

#[test]
fn a_password_comes_first_only_where_the_request_says_so() {
    let mut local = Local::verifying(json!({}));
    local.confirmed("alice");
    local.pool.set_triggers(Box::new(Quiz));
    let start = |more: Value| {
        let parameters = with(json!({ "USERNAME": "alice" }), more);
        json!({ "ClientId": CLIENT, "AuthFlow": "CUSTOM_AUTH", "AuthParameters": parameters })
    };
    let srp_a = SrpClient::new(POOL).srp_a();
    let without = local.ok("InitiateAuth", start(json!({ "SRP_A": srp_a })));
    assert_eq!(without["ChallengeName"], "CUSTOM_CHALLENGE");
    for (more, words) in [
        (
            json!({ "CHALLENGE_NAME": "SRP_A" }),
            "Missing required parameter SRP_A",
        ),
        (
            json!({ "CHALLENGE_NAME": "PASSWORD", "SRP_A": srp_a }),
            "CHALLENGE_NAME PASSWORD is not supported: SRP_A or none.",
        ),
    ] {
        let refused = local.refused("InitiateAuth", start(more));
        assert_eq!(refused, invalid(words));
    }
}

/// DefineAuthChallenge answers one after the other of what it was given. Notes what it was asked; of
/// CreateAuthChallenge, that it was.
struct Defines {
    verdicts: std::collections::VecDeque<Value>,
    asked: std::sync::mpsc::Sender<Value>,
}

impl Triggers for Defines {
    fn call(&mut self, name: &str, event: &Value) -> Result<Option<Value>, String> {
        let mut event = event.clone();
        self.asked.send(event.clone()).unwrap();
        event["response"] = match name {
            "DefineAuthChallenge" => self.verdicts.pop_front().unwrap(),
            "CreateAuthChallenge" => json!({}),
            _ => return Ok(None),
        };
        Ok(Some(event))
    }
}

/// A pool whose DefineAuthChallenge answers so, and what it is asked.
fn defining(verdicts: &[Value], errors: &str) -> (Local, std::sync::mpsc::Receiver<Value>) {
    let client = json!({ "ClientId": CLIENT, "PreventUserExistenceErrors": errors,
        "ExplicitAuthFlows": ["ALLOW_CUSTOM_AUTH", "ALLOW_REFRESH_TOKEN_AUTH",
            "ALLOW_USER_PASSWORD_AUTH"] });
    let mut local = Local::verifying(json!({ "Clients": [client] }));
    local.confirmed("alice");
    let (asked, events) = std::sync::mpsc::channel();
    let verdicts = verdicts.iter().cloned().collect();
    local
        .pool
        .set_triggers(Box::new(Defines { verdicts, asked }));
    (local, events)
}

fn with_srp(name: &str, client: &SrpClient) -> Value {
    json!({ "ClientId": CLIENT, "AuthFlow": "CUSTOM_AUTH",
        "AuthParameters": { "USERNAME": name, "CHALLENGE_NAME": "SRP_A", "SRP_A": client.srp_a() } })
}

/// The developer guide's "Define Auth challenge Lambda trigger": asked with SRP_A, it names
/// PASSWORD_VERIFIER; asked again once the password was proven, and not if it was not.
#[test]
fn the_function_is_asked_before_the_password_and_after() {
    let verdicts = [
        json!({ "challengeName": "PASSWORD_VERIFIER" }),
        json!({ "issueTokens": true }),
        json!({ "challengeName": "SRP_A" }),
    ];
    let (mut local, events) = defining(&verdicts, "LEGACY");
    let client = SrpClient::new(POOL);
    let proof = local.ok("InitiateAuth", with_srp("alice", &client));
    assert_eq!(proof["ChallengeName"], "PASSWORD_VERIFIER");
    let passed = |name: &str| {
        json!({ "challengeName": name, "challengeResult": true,
        "challengeMetadata": null })
    };
    let event = events.try_recv().unwrap();
    assert_eq!(event["triggerSource"], "DefineAuthChallenge_Authentication");
    assert_eq!(event["request"]["session"], json!([passed("SRP_A")]));
    assert_eq!(event["request"]["userNotFound"], false);
    assert_eq!(event["request"]["userAttributes"]["email"], EMAIL);
    let responses = client.answer(&proof["ChallengeParameters"], PASSWORD);
    let reply = local.respond(&proof, "alice", responses).unwrap();
    assert!(reply["AuthenticationResult"]["AccessToken"].is_string());
    let event = events.try_recv().unwrap();
    let both = json!([passed("SRP_A"), passed("PASSWORD_VERIFIER")]);
    assert_eq!(event["request"]["session"], both);

    // The older name of the same verdict (the guide's "Custom authentication flow" of 2018).
    let proof = local.ok("InitiateAuth", with_srp("alice", &client));
    assert!(
        events
            .try_iter()
            .any(|it| it["triggerSource"] == "DefineAuthChallenge_Authentication")
    );
    let wrong = client.answer(&proof["ChallengeParameters"], "Wrong-horse-7");
    let refused = local.respond(&proof, "alice", wrong).unwrap_err();
    assert_eq!(refused.0, "NotAuthorizedException");
    assert!(
        events.try_recv().is_err(),
        "it does not hear of a wrong password"
    );
}

#[test]
fn the_function_may_do_without_the_password_or_end_it() {
    let custom = json!({ "challengeName": "CUSTOM_CHALLENGE" });
    let verifier = json!({ "challengeName": "PASSWORD_VERIFIER" });
    let verdicts = [
        custom,
        json!({ "failAuthentication": true }),
        json!({}),
        verifier,
    ];
    let (mut local, events) = defining(&verdicts, "LEGACY");
    let client = SrpClient::new(POOL);
    let asked = local.ok("InitiateAuth", with_srp("alice", &client));
    assert_eq!(asked["ChallengeName"], "CUSTOM_CHALLENGE");
    let failed = local.refused("InitiateAuth", with_srp("alice", &client));
    assert_eq!(failed.0, "NotAuthorizedException");
    let nothing = local.refused("InitiateAuth", with_srp("alice", &client));
    assert_eq!(nothing.0, "UnexpectedLambdaException");
    // Without SRP_A in the request there is nothing to prove.
    let start = json!({ "ClientId": CLIENT, "AuthFlow": "CUSTOM_AUTH",
        "AuthParameters": { "USERNAME": "alice", "SRP_A": client.srp_a() } });
    let without = local.refused("InitiateAuth", start);
    assert_eq!(without.0, "UnexpectedLambdaException");
    assert_eq!(events.try_iter().count(), 5);
}

/// `userNotFound` is told where names may not be probed: the developer guide's parameters of Define
/// Auth challenge.
#[test]
fn whether_a_user_is_there_is_told_to_the_function_alone() {
    let verifier = json!({ "challengeName": "PASSWORD_VERIFIER" });
    let custom = json!({ "challengeName": "CUSTOM_CHALLENGE" });
    let verdicts = [verifier, custom, json!({ "issueTokens": true })];
    let (mut local, events) = defining(&verdicts, "ENABLED");
    let client = SrpClient::new(POOL);
    let proof = local.ok("InitiateAuth", with_srp("nobody", &client));
    assert_eq!(proof["ChallengeName"], "PASSWORD_VERIFIER");
    let event = events.try_recv().unwrap();
    assert_eq!(event["userName"], "nobody");
    assert_eq!(event["request"]["userNotFound"], true);
    assert_eq!(event["request"]["userAttributes"], json!({}));
    let responses = client.answer(&proof["ChallengeParameters"], PASSWORD);
    let refused = local.respond(&proof, "nobody", responses).unwrap_err();
    assert_eq!(refused.1, "Incorrect username or password.");
    for _ in 0..2 {
        let refused = local.refused("InitiateAuth", with_srp("nobody", &client));
        assert_eq!(refused.1, "Incorrect username or password.");
    }
    assert_eq!(events.try_iter().count(), 2);

    let (mut local, events) = defining(&[], "LEGACY");
    let refused = local.refused("InitiateAuth", with_srp("nobody", &client));
    assert_eq!(refused.0, "UserNotFoundException");
    assert!(events.try_recv().is_err());
}

/// Notes what the three functions of a custom challenge see of ClientMetadata.
struct Listens(std::sync::mpsc::Sender<(String, Value)>);

impl Triggers for Listens {
    fn call(&mut self, name: &str, event: &Value) -> Result<Option<Value>, String> {
        let metadata = event["request"]["clientMetadata"].clone();
        self.0.send((name.into(), metadata)).unwrap();
        Quiz.call(name, event)
    }
}

#[test]
fn metadata_reaches_the_functions_with_each_answer() {
    let mut local = Local::verifying(json!({}));
    local.confirmed("alice");
    let (told, seen) = std::sync::mpsc::channel();
    local.pool.set_triggers(Box::new(Listens(told)));
    let metadata = json!({ "page": "checkout" });
    let asked = local.ok(
        "InitiateAuth",
        json!({ "ClientId": CLIENT, "AuthFlow": "CUSTOM_AUTH", "ClientMetadata": metadata,
        "AuthParameters": { "USERNAME": "alice" } }),
    );
    let null = Value::Null;
    let expected = [
        ("DefineAuthChallenge", &null),
        ("CreateAuthChallenge", &null),
    ];
    for (name, value) in expected {
        assert_eq!(seen.try_recv().unwrap(), (name.into(), value.clone()));
    }
    local.ok(
        "RespondToAuthChallenge",
        json!({ "ClientId": CLIENT, "ChallengeName": "CUSTOM_CHALLENGE",
        "Session": asked["Session"], "ClientMetadata": metadata,
        "ChallengeResponses": { "USERNAME": "alice", "ANSWER": "5" } }),
    );
    for name in [
        "VerifyAuthChallengeResponse",
        "DefineAuthChallenge",
        "CreateAuthChallenge",
    ] {
        assert_eq!(seen.try_recv().unwrap(), (name.into(), metadata.clone()));
    }
}

#[test]
fn a_function_can_confirm_or_refuse_a_sign_up() {
    let mut local = Local::verifying(json!({}));
    local.pool.set_triggers(Box::new(Quiz));
    let reply = local.sign_up("alice");
    assert_eq!(reply["UserConfirmed"], true);
    assert!(local.outbox().is_empty());
    let tokens = local.tokens("alice");
    let user = local.user(&tokens);
    assert_eq!(
        attribute(&user, "phone_number_verified").as_deref(),
        Some("true")
    );
    let refused = local.refused(
        "SignUp",
        json!({ "ClientId": CLIENT, "Username": "mallory",
        "Password": PASSWORD }),
    );
    assert_eq!(
        refused,
        Exception(
            "UserLambdaValidationException".into(),
            "PreSignUp failed with error not you.".into()
        )
    );
}

/// PreTokenGeneration with one answer for all, or none. Notes what it was asked.
struct Tokens {
    answer: Result<Value, String>,
    asked: std::sync::mpsc::Sender<Value>,
}

impl Triggers for Tokens {
    fn call(&mut self, name: &str, event: &Value) -> Result<Option<Value>, String> {
        if name != "PreTokenGeneration" {
            return Ok(None);
        }
        self.asked.send(event.clone()).unwrap();
        let mut event = event.clone();
        event["response"] = json!({ "claimsAndScopeOverrideDetails": self.answer.clone()? });
        Ok(Some(event))
    }
}

/// A pool with a confirmed alice whose tokens are changed so, and what the function is asked.
fn changing(answer: Result<Value, &str>) -> (Local, std::sync::mpsc::Receiver<Value>) {
    let mut local = Local::verifying(json!({ "SessionConfiguration": {
        "UserSessionTracking": "ENABLED", "TokenSession": { "MaxPerUser": 20 } } }));
    local.confirmed("alice");
    let (asked, events) = std::sync::mpsc::channel();
    local.pool.set_triggers(Box::new(Tokens {
        answer: answer.map_err(String::from),
        asked,
    }));
    (local, events)
}

const SELF_SERVICE: &str = "aws.cognito.signin.user.admin";

#[test]
fn a_token_without_the_scope_calls_no_operation() {
    let withhold = json!({ "accessTokenGeneration": { "scopesToSuppress": [SELF_SERVICE] } });
    let (mut local, _events) = changing(Ok(withhold));
    for tokens in [
        local.tokens("alice"),
        local.srp("alice", PASSWORD).unwrap()["AuthenticationResult"].clone(),
    ] {
        assert!(claims(&tokens["AccessToken"]).get("scope").is_none());
        let access = &tokens["AccessToken"];
        let email = json!([{ "Name": "email", "Value": "other@example.com" }]);
        for (operation, more) in [
            ("GetUser", json!({})),
            ("GetUserAuthFactors", json!({})),
            ("UpdateUserAttributes", json!({ "UserAttributes": email })),
            (
                "GetUserAttributeVerificationCode",
                json!({ "AttributeName": "email" }),
            ),
            ("GlobalSignOut", json!({})),
            ("DeleteUser", json!({})),
            ("AssociateSoftwareToken", json!({})),
            ("ListDevices", json!({})),
        ] {
            let mut input = more;
            input["AccessToken"] = access.clone();
            assert_eq!(
                local.refused(operation, input),
                Exception(
                    "NotAuthorizedException".into(),
                    "Access Token does not have required scopes".into()
                ),
                "{operation}"
            );
        }
        // The sign-in itself stands: it is refreshed, to no more.
        let refreshed = local.ok(
            "InitiateAuth",
            json!({ "ClientId": CLIENT, "AuthFlow": "REFRESH_TOKEN_AUTH",
            "AuthParameters": { "REFRESH_TOKEN": tokens["RefreshToken"] } }),
        );
        let access = &refreshed["AuthenticationResult"]["AccessToken"];
        assert!(claims(access).get("scope").is_none());
        let revoke = json!({ "ClientId": CLIENT, "Token": tokens["RefreshToken"] });
        local.ok("RevokeToken", revoke);
    }
}

#[test]
fn claims_are_added_replaced_and_left_out() {
    let (mut local, _events) = changing(Ok(json!({
        "idTokenGeneration": {
            "claimsToAddOrOverride": { "tier": { "name": "gold" }, "email": "hidden@example.com",
                "sub": "somebody else", "cognito:username": "somebody else" },
            "claimsToSuppress": ["phone_number", "exp"],
        },
        "accessTokenGeneration": {
            "claimsToAddOrOverride": { "tier": 3, "scope": "everything", "client_id": "other" },
            "claimsToSuppress": ["username", "iat"],
            "scopesToAdd": ["photos/read"],
        },
        "groupOverrideDetails": { "groupsToOverride": ["readers"],
            "iamRolesToOverride": ["arn:aws:iam::123456789012:role/reader"],
            "preferredRole": "arn:aws:iam::123456789012:role/reader" },
    })));
    let tokens = local.tokens("alice");
    let (id, access) = (claims(&tokens["IdToken"]), claims(&tokens["AccessToken"]));
    assert_eq!(id["tier"], json!({ "name": "gold" }));
    assert_eq!(id["email"], "hidden@example.com");
    assert!(id.get("phone_number").is_none());
    assert_eq!(id["cognito:username"], "alice");
    assert_ne!(id["sub"], "somebody else");
    assert!(id["exp"].is_u64());
    assert_eq!(id["cognito:groups"], json!(["readers"]));
    let role = "arn:aws:iam::123456789012:role/reader";
    assert_eq!(id["cognito:roles"], json!([role]));
    assert_eq!(id["cognito:preferred_role"], role);

    assert_eq!(access["tier"], 3);
    assert_eq!(access["scope"], format!("{SELF_SERVICE} photos/read"));
    assert_eq!(access["client_id"], CLIENT);
    assert!(access.get("username").is_none());
    assert!(access["iat"].is_u64());
    assert_eq!(access["cognito:groups"], json!(["readers"]));
    // The name in the token is only a word: the user is found by the sign-in.
    local.user(&tokens);
}

#[test]
fn the_function_is_told_why_and_what() {
    let (mut local, events) = changing(Ok(json!({})));
    let metadata = json!({ "page": "checkout" });
    let mut input = json!({ "ClientId": CLIENT, "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": { "USERNAME": "alice", "PASSWORD": PASSWORD } });
    input["ClientMetadata"] = metadata.clone();
    let tokens = local.ok("InitiateAuth", input)["AuthenticationResult"].clone();
    let event = events.try_recv().unwrap();
    assert_eq!(event["version"], "2");
    assert_eq!(event["triggerSource"], "TokenGeneration_Authentication");
    assert_eq!(event["userName"], "alice");
    assert_eq!(event["request"]["scopes"], json!([SELF_SERVICE]));
    assert_eq!(event["request"]["userAttributes"]["email"], EMAIL);
    assert_eq!(
        event["request"]["groupConfiguration"]["groupsToOverride"],
        json!([])
    );
    // InitiateAuth does not hand its metadata on, GetTokensFromRefreshToken does.
    assert_eq!(event["request"]["clientMetadata"], Value::Null);
    local.ok(
        "GetTokensFromRefreshToken",
        json!({ "ClientId": CLIENT, "RefreshToken": tokens["RefreshToken"],
        "ClientMetadata": metadata }),
    );
    let event = events.try_recv().unwrap();
    assert_eq!(event["triggerSource"], "TokenGeneration_RefreshTokens");
    assert_eq!(event["request"]["clientMetadata"], metadata);
}

#[test]
fn the_older_event_changes_the_id_token_and_the_groups() {
    let arn = "arn:aws:lambda:eu-west-1:123456789012:function:tokens";
    for config in [
        json!({ "PreTokenGeneration": arn }),
        json!({ "PreTokenGenerationConfig": { "LambdaVersion": "V1_0", "LambdaArn": arn } }),
    ] {
        let (mut local, events) = older(config);
        let tokens = local.tokens("alice");
        let event = events.try_recv().unwrap();
        assert_eq!(event["version"], "1");
        assert!(event["request"].get("scopes").is_none());
        assert_eq!(event["response"], json!({ "claimsOverrideDetails": null }));
        let (id, access) = (claims(&tokens["IdToken"]), claims(&tokens["AccessToken"]));
        assert_eq!(id["tier"], "gold");
        assert!(id.get("phone_number").is_none());
        assert!(access.get("tier").is_none());
        for token in [id, access] {
            assert_eq!(token["cognito:groups"], json!(["readers"]));
        }
    }
    let newer = json!({ "LambdaVersion": "V2_0", "LambdaArn": arn });
    let (mut local, events) = older(json!({ "PreTokenGenerationConfig": newer }));
    local.tokens("alice");
    assert_eq!(events.try_recv().unwrap()["version"], "2");
}

/// Answers as functions did before there was a second version.
struct OlderTokens(std::sync::mpsc::Sender<Value>);

impl Triggers for OlderTokens {
    fn call(&mut self, name: &str, event: &Value) -> Result<Option<Value>, String> {
        if name != "PreTokenGeneration" {
            return Ok(None);
        }
        self.0.send(event.clone()).unwrap();
        let mut event = event.clone();
        event["response"]["claimsOverrideDetails"] = json!({
            "claimsToAddOrOverride": { "tier": "gold" }, "claimsToSuppress": ["phone_number"],
            "groupOverrideDetails": { "groupsToOverride": ["readers"] },
        });
        Ok(Some(event))
    }
}

fn older(config: Value) -> (Local, std::sync::mpsc::Receiver<Value>) {
    let mut local = Local::verifying(json!({ "LambdaConfig": config }));
    local.confirmed("alice");
    let (told, events) = std::sync::mpsc::channel();
    local.pool.set_triggers(Box::new(OlderTokens(told)));
    (local, events)
}

#[test]
fn who_is_confirmed_at_once_is_told_to_the_function_for_it() {
    struct Eager(std::sync::mpsc::Sender<Value>);
    impl Triggers for Eager {
        fn call(&mut self, name: &str, event: &Value) -> Result<Option<Value>, String> {
            self.0.send(event.clone()).unwrap();
            let mut event = event.clone();
            event["response"]["autoConfirmUser"] = json!(name == "PreSignUp");
            Ok(Some(event))
        }
    }
    let mut local = Local::verifying(json!({}));
    let (told, events) = std::sync::mpsc::channel();
    local.pool.set_triggers(Box::new(Eager(told)));
    local.ok(
        "SignUp",
        json!({ "ClientId": CLIENT, "Username": "alice", "Password": PASSWORD,
            "ClientMetadata": { "from": "test" } }),
    );
    let sources: Vec<Value> = events.try_iter().collect();
    assert_eq!(sources[0]["triggerSource"], "PreSignUp_SignUp");
    assert_eq!(
        sources[1]["triggerSource"],
        "PostConfirmation_ConfirmSignUp"
    );
    assert_eq!(sources[1]["request"]["clientMetadata"]["from"], "test");
    let status = &sources[1]["request"]["userAttributes"]["cognito:user_status"];
    assert_eq!(status, "CONFIRMED");
    assert_eq!(sources.len(), 2);
}

#[test]
fn a_function_can_refuse_the_tokens() {
    let (mut local, _events) = changing(Err("not today"));
    let refusal = Exception(
        "UserLambdaValidationException".into(),
        "PreTokenGeneration failed with error not today.".into(),
    );
    assert_eq!(local.initiate("alice", PASSWORD).unwrap_err(), refusal);
    assert_eq!(local.srp("alice", PASSWORD).unwrap_err(), refusal);
    let user = json!({ "UserPoolId": POOL, "Username": "alice" });
    let sessions = local.ok("AdminListUserSessions", user);
    assert_eq!(sessions["Sessions"], json!([]), "no tokens, no session");
}

/// The guide, "Pre token generation Lambda trigger": claims that no function changes, and groups that it
/// may.
#[test]
fn what_no_function_may_change_stays() {
    let fixed = [
        "acr",
        "amr",
        "at_hash",
        "aud",
        "auth_time",
        "azp",
        "client_id",
        "device_key",
        "event_id",
        "exp",
        "iat",
        "identities",
        "iss",
        "jti",
        "nbf",
        "nonce",
        "origin_jti",
        "sub",
        "token_use",
        "version",
    ];
    let plain = {
        let (mut local, _events) = changing(Ok(json!({})));
        local.tokens("alice")
    };
    let mut added = json!({ "cognito:username": "x", "cognito:own": "x", "scope": "x" });
    for name in fixed {
        added[name] = json!("x");
    }
    let names: Vec<&String> = added.as_object().unwrap().keys().collect();
    for part in [
        json!({ "claimsToAddOrOverride": added }),
        json!({ "claimsToSuppress": names }),
    ] {
        let details = json!({ "idTokenGeneration": part, "accessTokenGeneration": part });
        let (mut local, _events) = changing(Ok(details));
        let tokens = local.tokens("alice");
        for token in ["IdToken", "AccessToken"] {
            let names = |tokens: &Value| -> Vec<String> {
                let claims = claims(&tokens[token]);
                claims.as_object().unwrap().keys().cloned().collect()
            };
            assert_eq!(names(&tokens), names(&plain), "{part}");
            assert!(claims(&tokens[token])["token_use"] != "x");
        }
    }
    let groups = json!({ "cognito:groups": ["own"], "cognito:roles": ["r"],
        "cognito:preferred_role": "r" });
    let details = json!({ "idTokenGeneration": { "claimsToAddOrOverride": groups } });
    let (mut local, _events) = changing(Ok(details));
    let id = claims(&local.tokens("alice")["IdToken"]);
    for (name, value) in groups.as_object().unwrap() {
        assert_eq!(&id[name], value, "{name}");
    }
    // What is both added and suppressed is not there.
    let both = json!({ "claimsToAddOrOverride": { "tier": "gold" }, "claimsToSuppress": ["tier"] });
    let (mut local, _events) = changing(Ok(json!({ "idTokenGeneration": both })));
    assert_eq!(claims(&local.tokens("alice")["IdToken"]).get("tier"), None);
}

/// Apps match the words, also of a name that nobody has: without the function there is no such flow.
#[test]
fn without_the_function_the_flow_is_not_there_for_anybody() {
    let mut local = Local::verifying(json!({}));
    for name in ["alice", "nobody"] {
        let start = json!({ "ClientId": CLIENT, "AuthFlow": "CUSTOM_AUTH",
            "AuthParameters": { "USERNAME": name } });
        assert_eq!(
            local.message("InitiateAuth", start),
            "Custom auth lambda trigger is not configured for the user pool."
        );
    }
}

/// The guide, "Pre token generation Lambda trigger": the sources of the event, by what the sign-in ended
/// with.
#[test]
fn the_function_is_told_what_a_sign_in_ended_with() {
    use base64ct::{Base64, Encoding};
    let (mut local, events) = changing(Ok(json!({})));
    let source = || events.try_iter().last().unwrap()["triggerSource"].clone();
    made(&mut local, "bob", &[]);
    let challenge = local.initiate("bob", PASSWORD).unwrap();
    let answer = json!({ "NEW_PASSWORD": "An0ther!!" });
    local.respond(&challenge, "bob", answer).unwrap();
    assert_eq!(source(), "TokenGeneration_NewPasswordChallenge");

    let sms = json!({ "SnsCallerArn": "arn:aws:iam::123456789012:role/sms",
        "ExternalId": "external" });
    local.ok(
        "UpdateUserPool",
        json!({ "UserPoolId": POOL, "SmsConfiguration": sms,
            "DeviceConfiguration": { "ChallengeRequiredOnNewDevice": true } }),
    );
    let tokens = local.tokens("alice");
    assert_eq!(source(), "TokenGeneration_Authentication");
    let metadata = &tokens["NewDeviceMetadata"];
    let [key, group] = ["DeviceKey", "DeviceGroupKey"].map(|it| metadata[it].as_str().unwrap());
    let verifier = device_verifier(group, key, "device secret", &[7; 16]);
    local.ok(
        "ConfirmDevice",
        json!({ "AccessToken": tokens["AccessToken"], "DeviceKey": key,
            "DeviceSecretVerifierConfig": { "Salt": Base64::encode_string(&[7; 16]),
                "PasswordVerifier": Base64::encode_string(&verifier) } }),
    );
    let challenge = local.ok(
        "InitiateAuth",
        json!({ "ClientId": CLIENT, "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": { "USERNAME": "alice", "PASSWORD": PASSWORD, "DEVICE_KEY": key } }),
    );
    let client = SrpClient::new(&format!("x_{group}"));
    let begin = json!({ "SRP_A": client.srp_a(), "DEVICE_KEY": key });
    let proof = local.respond(&challenge, "alice", begin).unwrap();
    let mut parameters = proof["ChallengeParameters"].clone();
    parameters["USER_ID_FOR_SRP"] = json!(key);
    let right = client.answer(&parameters, "device secret");
    local.respond(&proof, "alice", right).unwrap();
    assert_eq!(source(), "TokenGeneration_AuthenticateDevice");
}
