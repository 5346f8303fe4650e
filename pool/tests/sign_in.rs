//! Signing in: passwords, proofs, locks, sessions, choices, functions, devices.
#![allow(missing_docs)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod common;

use cognito_pool::Triggers;
use common::*;
use serde_json::{Value, json};

#[test]
fn srp_proves_the_password() {
    let mut local = Local::verifying(json!({}));
    local.confirmed("alice");
    let reply = local.srp("alice", PASSWORD).unwrap();
    let tokens = &reply["AuthenticationResult"];
    assert_eq!(tokens["TokenType"], "Bearer");
    assert_eq!(tokens["ExpiresIn"], 3600);
    assert_eq!(local.user(tokens)["Username"], "alice");
    let wrong = local.srp("alice", "Passw0rd?").unwrap_err();
    assert_eq!(
        wrong,
        Exception(
            "NotAuthorizedException".into(),
            "Incorrect username or password.".into()
        )
    );
}

#[test]
fn a_proof_is_taken_once_and_in_time() {
    let mut local = Local::verifying(json!({}));
    local.confirmed("alice");
    let client = SrpClient::new(POOL);
    let start = json!({ "ClientId": CLIENT, "AuthFlow": "USER_SRP_AUTH",
        "AuthParameters": { "USERNAME": "alice", "SRP_A": client.srp_a() } });
    let challenge = local.ok("InitiateAuth", start.clone());
    let responses = client.answer(&challenge["ChallengeParameters"], PASSWORD);
    local
        .respond(&challenge, "alice", responses.clone())
        .unwrap();
    let replayed = local.respond(&challenge, "alice", responses).unwrap_err();
    assert_eq!(
        replayed.1,
        "Invalid session for the user, session can only be used once."
    );

    let challenge = local.ok("InitiateAuth", start);
    let responses = client.answer(&challenge["ChallengeParameters"], PASSWORD);
    local.advance(3 * MINUTE);
    let late = local.respond(&challenge, "alice", responses).unwrap_err();
    assert_eq!(late.1, "Invalid session for the user, session is expired.");
}

#[test]
fn wrong_passwords_lock_for_longer_and_longer() {
    let mut local = Local::verifying(json!({}));
    local.confirmed("alice");
    for _ in 0..5 {
        assert_eq!(
            local.initiate("alice", "wrong").unwrap_err().1,
            "Incorrect username or password."
        );
    }
    let locked = local.initiate("alice", PASSWORD).unwrap_err();
    assert_eq!(
        locked,
        Exception(
            "NotAuthorizedException".into(),
            "Password attempts exceeded".into()
        )
    );
    assert_eq!(
        local.srp("alice", PASSWORD).unwrap_err().1,
        "Password attempts exceeded"
    );
    local.advance(1);
    assert_eq!(
        local.initiate("alice", "wrong").unwrap_err().1,
        "Incorrect username or password."
    );
    local.advance(1);
    assert_eq!(
        local.initiate("alice", PASSWORD).unwrap_err().1,
        "Password attempts exceeded"
    );
    local.advance(1);
    local.initiate("alice", PASSWORD).unwrap();
    for _ in 0..5 {
        assert_eq!(
            local.initiate("alice", "wrong").unwrap_err().1,
            "Incorrect username or password."
        );
    }
}

#[test]
fn unknown_users_look_like_known_ones_where_existence_is_hidden() {
    let hidden = json!({ "ClientId": CLIENT, "PreventUserExistenceErrors": "ENABLED",
        "ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_AUTH"] });
    let mut local = Local::verifying(json!({ "Clients": [hidden] }));
    local.confirmed("alice");
    let client = SrpClient::new(POOL);
    let mut start = |name: &str| {
        local.ok(
            "InitiateAuth",
            json!({ "ClientId": CLIENT, "AuthFlow": "USER_SRP_AUTH",
            "AuthParameters": { "USERNAME": name, "SRP_A": client.srp_a() } }),
        )
    };
    let (known, unknown, again) = (start("alice"), start("nobody"), start("nobody"));
    let parameters = |reply: &Value| reply["ChallengeParameters"].as_object().unwrap().clone();
    let names = |reply: &Value| parameters(reply).keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&known), names(&unknown));
    assert_eq!(parameters(&unknown)["SALT"], parameters(&again)["SALT"]);
    assert_ne!(parameters(&unknown)["SALT"], parameters(&known)["SALT"]);
    assert_ne!(parameters(&unknown)["SRP_B"], parameters(&again)["SRP_B"]);
    assert_eq!(
        local.srp("nobody", PASSWORD).unwrap_err(),
        local.srp("alice", "wrong password").unwrap_err()
    );
    assert_eq!(
        local.initiate("nobody", PASSWORD).unwrap_err(),
        local.initiate("alice", "wrong password").unwrap_err()
    );
    let forgot = json!({ "ClientId": CLIENT, "Username": "nobody" });
    let made_up = local.ok("ForgotPassword", forgot.clone());
    assert_eq!(made_up, local.ok("ForgotPassword", forgot));
    assert_eq!(made_up["CodeDeliveryDetails"]["DeliveryMedium"], "SMS");
    let confirm = json!({ "ClientId": CLIENT, "Username": "nobody", "ConfirmationCode": "1",
        "Password": PASSWORD });
    assert_eq!(
        local.err("ConfirmForgotPassword", confirm),
        "ExpiredCodeException"
    );
    let choice = local.ok(
        "InitiateAuth",
        json!({ "ClientId": CLIENT, "AuthFlow": "USER_AUTH",
        "AuthParameters": { "USERNAME": "nobody" } }),
    );
    assert_eq!(choice["ChallengeName"], "SELECT_CHALLENGE");
}

#[test]
fn without_hiding_an_unknown_user_is_said_to_be() {
    let mut local = Local::verifying(json!({}));
    let refused = local.srp("nobody", PASSWORD).unwrap_err();
    assert_eq!(
        refused,
        Exception(
            "UserNotFoundException".into(),
            "User does not exist.".into()
        )
    );
    let forgot = json!({ "ClientId": CLIENT, "Username": "nobody" });
    assert_eq!(
        local.message("ForgotPassword", forgot),
        "Username/client id combination not found."
    );
}

#[test]
fn flows_must_be_enabled_and_parameters_given() {
    let mut local = Local::verifying(json!({ "Clients": [{ "ClientId": CLIENT }] }));
    local.confirmed("alice");
    let refused = local.initiate("alice", PASSWORD).unwrap_err();
    assert_eq!(
        refused.1,
        "USER_PASSWORD_AUTH flow not enabled for this client"
    );
    local.srp("alice", PASSWORD).unwrap();
    let incomplete = json!({ "ClientId": CLIENT, "AuthFlow": "USER_SRP_AUTH",
        "AuthParameters": { "USERNAME": "alice" } });
    assert_eq!(
        local.message("InitiateAuth", incomplete),
        "Missing required parameter SRP_A"
    );
    let zero = json!({ "ClientId": CLIENT, "AuthFlow": "USER_SRP_AUTH",
        "AuthParameters": { "USERNAME": "alice", "SRP_A": "0" } });
    assert_eq!(local.err("InitiateAuth", zero), "InvalidParameterException");
    let unknown = json!({ "ClientId": "unknown", "AuthFlow": "USER_SRP_AUTH" });
    assert_eq!(
        local.err("InitiateAuth", unknown),
        "ResourceNotFoundException"
    );
}

#[test]
fn a_client_with_a_secret_must_prove_it() {
    let client = json!({ "ClientId": CLIENT, "ClientSecret": "correct1horse2battery3staple",
        "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"] });
    let mut local = Local::verifying(json!({ "Clients": [client] }));
    let sign_up = |hash: Option<&str>| {
        let mut input = json!({ "ClientId": CLIENT, "Username": "alice", "Password": PASSWORD });
        if let Some(hash) = hash {
            input["SecretHash"] = json!(hash);
        }
        input
    };
    assert_eq!(local.err("SignUp", sign_up(None)), "NotAuthorizedException");
    assert_eq!(
        local.err("SignUp", sign_up(Some("AAAA"))),
        "NotAuthorizedException"
    );
    // printf 'aliceapp' | openssl dgst -sha256 -hmac correct1horse2battery3staple -binary | base64
    let hash = secret_hash("alice");
    local.ok("SignUp", sign_up(Some(&hash)));
    local.ok(
        "AdminConfirmSignUp",
        json!({ "UserPoolId": POOL, "Username": "alice" }),
    );
    assert_eq!(
        local.initiate("alice", PASSWORD).unwrap_err().0,
        "NotAuthorizedException"
    );
    let signed_in = local.ok(
        "InitiateAuth",
        json!({ "ClientId": CLIENT, "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": { "USERNAME": "alice", "PASSWORD": PASSWORD, "SECRET_HASH": hash } }),
    );
    let refresh = |hash: &str| {
        json!({ "ClientId": CLIENT, "AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": {
            "REFRESH_TOKEN": signed_in["AuthenticationResult"]["RefreshToken"], "SECRET_HASH": hash } })
    };
    local.ok("InitiateAuth", refresh(&hash));
    assert_eq!(
        local.err("InitiateAuth", refresh(&secret_hash("bob"))),
        "NotAuthorizedException"
    );
}

fn secret_hash(name: &str) -> String {
    use base64ct::{Base64, Encoding};
    use hmac::{Hmac, KeyInit, Mac};
    let mut mac =
        <Hmac<sha2::Sha256> as KeyInit>::new_from_slice(b"correct1horse2battery3staple").unwrap();
    mac.update(format!("{name}{CLIENT}").as_bytes());
    Base64::encode_string(&mac.finalize().into_bytes())
}

#[test]
fn the_first_factor_can_be_chosen() {
    let mut local = Local::verifying(json!({
        "Policies": { "SignInPolicy": { "AllowedFirstAuthFactors": ["PASSWORD", "SMS_OTP", "EMAIL_OTP"] } },
    }));
    local.confirmed("alice");
    let choice = local.ok(
        "InitiateAuth",
        json!({ "ClientId": CLIENT, "AuthFlow": "USER_AUTH",
        "AuthParameters": { "USERNAME": "alice" } }),
    );
    assert_eq!(
        choice["AvailableChallenges"],
        json!(["PASSWORD", "PASSWORD_SRP", "SMS_OTP"])
    );
    let otp = local
        .respond(&choice, "alice", json!({ "ANSWER": "SMS_OTP" }))
        .unwrap();
    assert_eq!(otp["ChallengeName"], "SMS_OTP");
    let code = local.code(PHONE);
    let reply = local
        .respond(&otp, "alice", json!({ "SMS_OTP_CODE": code }))
        .unwrap();
    assert!(reply["AuthenticationResult"]["AccessToken"].is_string());

    let preferred = local.ok(
        "InitiateAuth",
        json!({ "ClientId": CLIENT, "AuthFlow": "USER_AUTH",
        "AuthParameters": { "USERNAME": "alice", "PREFERRED_CHALLENGE": "PASSWORD" } }),
    );
    assert_eq!(preferred["ChallengeName"], "PASSWORD");
    let reply = local
        .respond(&preferred, "alice", json!({ "PASSWORD": PASSWORD }))
        .unwrap();
    assert!(reply["AuthenticationResult"]["AccessToken"].is_string());

    let client = SrpClient::new(POOL);
    let srp = local.ok(
        "InitiateAuth",
        json!({ "ClientId": CLIENT, "AuthFlow": "USER_AUTH",
        "AuthParameters": { "USERNAME": "alice", "PREFERRED_CHALLENGE": "PASSWORD_SRP",
            "SRP_A": client.srp_a() } }),
    );
    let responses = client.answer(&srp["ChallengeParameters"], PASSWORD);
    assert!(local.respond(&srp, "alice", responses).is_ok());
}

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
                json!({ "issueTokens": right && tries > 0, "failAuthentication": tries > 1 && !right,
                    "challengeName": "CUSTOM_CHALLENGE" })
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
        "UnexpectedLambdaException"
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
        "AuthParameters": { "USERNAME": "alice", "SRP_A": client.srp_a() } }),
    );
    let responses = client.answer(&proof["ChallengeParameters"], PASSWORD);
    let asked = local.respond(&proof, "alice", responses).unwrap();
    assert_eq!(asked["ChallengeName"], "CUSTOM_CHALLENGE");
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

#[test]
fn a_remembered_device_stands_in_for_the_second_factor() {
    let mut local = Local::verifying(json!({
        "MfaConfiguration": "OPTIONAL",
        "DeviceConfiguration": { "ChallengeRequiredOnNewDevice": true,
            "DeviceOnlyRememberedOnUserPrompt": false },
    }));
    local.confirmed("alice");
    let tokens = local.tokens("alice");
    let metadata = tokens["NewDeviceMetadata"].clone();
    let (key, group) = (
        metadata["DeviceKey"].as_str().unwrap().to_owned(),
        metadata["DeviceGroupKey"].as_str().unwrap().to_owned(),
    );
    let access = &tokens["AccessToken"];
    let salt = [7_u8; 16];
    let verifier = device_verifier(&group, &key, "device secret", &salt);
    use base64ct::{Base64, Encoding};
    let confirmed = local.ok("ConfirmDevice", json!({
        "AccessToken": access, "DeviceKey": key, "DeviceName": "test",
        "DeviceSecretVerifierConfig": {
            "Salt": Base64::encode_string(&salt), "PasswordVerifier": Base64::encode_string(&verifier),
        },
    }));
    assert_eq!(confirmed["UserConfirmationNecessary"], false);
    local.ok(
        "SetUserMFAPreference",
        json!({ "AccessToken": access,
        "SMSMfaSettings": { "Enabled": true } }),
    );

    assert_eq!(
        local.initiate("alice", PASSWORD).unwrap()["ChallengeName"],
        "SMS_MFA"
    );
    let challenge = local.ok(
        "InitiateAuth",
        json!({ "ClientId": CLIENT,
        "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": { "USERNAME": "alice", "PASSWORD": PASSWORD, "DEVICE_KEY": key } }),
    );
    assert_eq!(challenge["ChallengeName"], "DEVICE_SRP_AUTH");
    let client = SrpClient::new(&format!("x_{group}"));
    let proof = local
        .respond(
            &challenge,
            "alice",
            json!({ "SRP_A": client.srp_a(), "DEVICE_KEY": key }),
        )
        .unwrap();
    assert_eq!(proof["ChallengeName"], "DEVICE_PASSWORD_VERIFIER");
    let mut parameters = proof["ChallengeParameters"].clone();
    parameters["USER_ID_FOR_SRP"] = json!(key);
    let wrong = client.answer(&parameters, "another secret");
    assert_eq!(
        local.respond(&proof, "alice", wrong).unwrap_err().0,
        "NotAuthorizedException"
    );

    let challenge = local.ok(
        "InitiateAuth",
        json!({ "ClientId": CLIENT,
        "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": { "USERNAME": "alice", "PASSWORD": PASSWORD, "DEVICE_KEY": key } }),
    );
    let proof = local
        .respond(
            &challenge,
            "alice",
            json!({ "SRP_A": client.srp_a(), "DEVICE_KEY": key }),
        )
        .unwrap();
    let mut parameters = proof["ChallengeParameters"].clone();
    parameters["USER_ID_FOR_SRP"] = json!(key);
    let right = client.answer(&parameters, "device secret");
    let reply = local.respond(&proof, "alice", right).unwrap();
    let access = reply["AuthenticationResult"]["AccessToken"].clone();
    let devices = local.ok("ListDevices", json!({ "AccessToken": access }));
    assert_eq!(devices["Devices"][0]["DeviceKey"], key);
    local.ok(
        "ForgetDevice",
        json!({ "AccessToken": access, "DeviceKey": key }),
    );
    assert_eq!(
        local.err("GetUser", json!({ "AccessToken": access })),
        "NotAuthorizedException"
    );
}

fn device_verifier(group: &str, key: &str, secret: &str, salt: &[u8]) -> Vec<u8> {
    use rsa::BigUint;
    use sha2::{Digest, Sha256};
    let vectors: Value =
        serde_json::from_str(include_str!("../../tests/data/srp-vectors.json")).unwrap();
    let n = BigUint::parse_bytes(vectors["N"].as_str().unwrap().as_bytes(), 16).unwrap();
    let identity = Sha256::digest(format!("{group}{key}:{secret}"));
    let x = Sha256::digest([salt, &identity].concat());
    BigUint::from(2_u32)
        .modpow(&BigUint::from_bytes_be(&x), &n)
        .to_bytes_be()
}
