//! Devices: confirmed, remembered, in the second factor's place, needed to refresh, forgotten.

use crate::common::*;
use base64ct::{Base64, Encoding};
use serde_json::{Value, json};

/// A key that no device has.
const UNKNOWN: &str = "eu-west-1_00000000-0000-4000-8000-000000000000";

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
        local.err(
            "GetDevice",
            json!({ "AccessToken": access, "DeviceKey": key })
        ),
        "ResourceNotFoundException"
    );
}

#[test]
fn devices_are_remembered_on_prompt() {
    let mut local = Local::verifying(json!({ "DeviceConfiguration": {
        "ChallengeRequiredOnNewDevice": true, "DeviceOnlyRememberedOnUserPrompt": true } }));
    local.confirmed("alice");
    let tokens = local.tokens("alice");
    let key = tokens["NewDeviceMetadata"]["DeviceKey"].clone();
    let named = json!({ "AccessToken": tokens["AccessToken"], "DeviceKey": key });
    let mut confirm = named.clone();
    confirm["DeviceSecretVerifierConfig"] =
        json!({ "Salt": "AQID", "PasswordVerifier": "AQIDBA==" });
    assert_eq!(
        local.ok("ConfirmDevice", confirm)["UserConfirmationNecessary"],
        true
    );
    let status = |device: &Value| device["Device"]["DeviceAttributes"][0]["Value"].clone();
    assert_eq!(
        status(&local.ok("GetDevice", named.clone())),
        "not_remembered"
    );
    let mut remember = named;
    remember["DeviceRememberedStatus"] = json!("remembered");
    local.ok("UpdateDeviceStatus", remember);
    let admin = json!({ "UserPoolId": POOL, "Username": "alice", "DeviceKey": key });
    assert_eq!(
        status(&local.ok("AdminGetDevice", admin.clone())),
        "remembered"
    );
    let list = json!({ "UserPoolId": POOL, "Username": "alice" });
    assert_eq!(
        local.ok("AdminListDevices", list)["Devices"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    // A refresh token of a remembered device is good on that device alone.
    let refresh = json!({ "ClientId": CLIENT, "AuthFlow": "REFRESH_TOKEN_AUTH",
        "AuthParameters": { "REFRESH_TOKEN": tokens["RefreshToken"] } });
    assert_eq!(
        local.err("InitiateAuth", refresh.clone()),
        "NotAuthorizedException"
    );
    let mut with_device = refresh;
    with_device["AuthParameters"]["DEVICE_KEY"] = key;
    local.ok("InitiateAuth", with_device);
    local.ok("AdminForgetDevice", admin.clone());
    assert_eq!(
        local.err("AdminGetDevice", admin),
        "ResourceNotFoundException"
    );
}

/// A pool that tracks devices, with a confirmed alice.
fn tracking() -> Local {
    let mut local = Local::verifying(json!({ "DeviceConfiguration": {} }));
    local.confirmed("alice");
    local
}

/// Confirms the device that the tokens were given to; gives its key.
fn confirm(local: &mut Local, tokens: &Value) -> String {
    let key = tokens["NewDeviceMetadata"]["DeviceKey"].as_str().unwrap();
    let confirmed = local.ok(
        "ConfirmDevice",
        json!({ "AccessToken": tokens["AccessToken"], "DeviceKey": key,
        "DeviceSecretVerifierConfig": { "Salt": "AQID", "PasswordVerifier": "AQIDBA==" } }),
    );
    assert_eq!(confirmed["UserConfirmationNecessary"], false);
    key.into()
}

/// Refreshes by both operations, which must agree.
fn refresh(local: &mut Local, tokens: &Value, key: Option<&str>) -> Result<Value, Exception> {
    let token = &tokens["RefreshToken"];
    let mut by_flow = json!({ "ClientId": CLIENT, "AuthFlow": "REFRESH_TOKEN_AUTH",
        "AuthParameters": { "REFRESH_TOKEN": token } });
    let mut by_name = json!({ "ClientId": CLIENT, "RefreshToken": token });
    if let Some(key) = key {
        by_flow["AuthParameters"]["DEVICE_KEY"] = json!(key);
        by_name["DeviceKey"] = json!(key);
    }
    let first = local.call("InitiateAuth", by_flow);
    let second = local.call("GetTokensFromRefreshToken", by_name);
    assert_eq!(first.as_ref().err(), second.as_ref().err());
    second
}

fn sign_in(local: &mut Local, key: &str) -> Result<Value, Exception> {
    local.call(
        "InitiateAuth",
        json!({ "ClientId": CLIENT, "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": { "USERNAME": "alice", "PASSWORD": PASSWORD, "DEVICE_KEY": key } }),
    )
}

fn invalid_refresh_token() -> Exception {
    Exception(
        "NotAuthorizedException".into(),
        "Invalid Refresh Token.".into(),
    )
}

fn no_such_device() -> Exception {
    Exception(
        "ResourceNotFoundException".into(),
        "Device does not exist.".into(),
    )
}

#[test]
fn tokens_of_a_tracked_device_are_refreshed_with_its_key_alone() {
    let mut local = tracking();
    let tokens = local.tokens("alice");
    // Nothing is tracked before the device is confirmed.
    refresh(&mut local, &tokens, None).unwrap();
    refresh(&mut local, &tokens, Some(UNKNOWN)).unwrap();
    let key = confirm(&mut local, &tokens);
    let other = local.tokens("alice");
    let other = confirm(&mut local, &other);
    assert_eq!(
        refresh(&mut local, &tokens, None).unwrap_err(),
        invalid_refresh_token()
    );
    assert_eq!(
        refresh(&mut local, &tokens, Some(&other)).unwrap_err(),
        invalid_refresh_token()
    );
    assert_eq!(
        refresh(&mut local, &tokens, Some(UNKNOWN)).unwrap_err(),
        no_such_device()
    );
    let fresh = refresh(&mut local, &tokens, Some(&key)).unwrap();
    let access = claims(&fresh["AuthenticationResult"]["AccessToken"]);
    assert_eq!(access["device_key"], json!(key));
    // The next sign-in with the device is tracked from its beginning.
    let tokens = sign_in(&mut local, &key).unwrap()["AuthenticationResult"].clone();
    assert!(tokens.get("NewDeviceMetadata").is_none());
    assert_eq!(
        refresh(&mut local, &tokens, None).unwrap_err(),
        invalid_refresh_token()
    );
    refresh(&mut local, &tokens, Some(&key)).unwrap();
}

#[test]
fn a_forgotten_device_does_not_exist() {
    let mut local = tracking();
    let tokens = local.tokens("alice");
    let key = confirm(&mut local, &tokens);
    let forget = json!({ "AccessToken": tokens["AccessToken"], "DeviceKey": key });
    local.ok("ForgetDevice", forget.clone());
    assert_eq!(local.refused("ForgetDevice", forget), no_such_device());
    // The access token lives on; it is not followed by another.
    local.user(&tokens);
    assert_eq!(
        refresh(&mut local, &tokens, Some(&key)).unwrap_err(),
        no_such_device()
    );
    assert_eq!(
        refresh(&mut local, &tokens, None).unwrap_err(),
        invalid_refresh_token()
    );
    assert_eq!(sign_in(&mut local, &key).unwrap_err(), no_such_device());
    let again = local.tokens("alice");
    assert_ne!(again["NewDeviceMetadata"]["DeviceKey"], json!(key));
}

#[test]
fn an_unknown_device_key_is_refused_after_the_password() {
    let mut local = tracking();
    let wrong = local.call(
        "InitiateAuth",
        json!({ "ClientId": CLIENT, "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": { "USERNAME": "alice", "PASSWORD": "x", "DEVICE_KEY": UNKNOWN } }),
    );
    assert_eq!(wrong.unwrap_err().0, "NotAuthorizedException");
    assert_eq!(sign_in(&mut local, UNKNOWN).unwrap_err(), no_such_device());
    // A key that was handed out and never confirmed is no device either.
    let tokens = local.tokens("alice");
    let key = tokens["NewDeviceMetadata"]["DeviceKey"].as_str().unwrap();
    assert_eq!(sign_in(&mut local, key).unwrap_err(), no_such_device());

    let client = SrpClient::new(POOL);
    let challenge = local.ok(
        "InitiateAuth",
        json!({ "ClientId": CLIENT, "AuthFlow": "USER_SRP_AUTH",
        "AuthParameters": { "USERNAME": "alice", "SRP_A": client.srp_a() } }),
    );
    let mut answer = client.answer(&challenge["ChallengeParameters"], PASSWORD);
    answer["DEVICE_KEY"] = json!(UNKNOWN);
    let refused = local.respond(&challenge, "alice", answer.clone());
    assert_eq!(refused.unwrap_err(), no_such_device());
    // The proof is spent: the whole sign-in begins anew, without the key.
    answer.as_object_mut().unwrap().remove("DEVICE_KEY");
    let spent = local.respond(&challenge, "alice", answer).unwrap_err();
    assert_eq!(spent.0, "NotAuthorizedException");
    assert!(local.srp("alice", PASSWORD).is_ok());
}

#[test]
fn a_device_forgotten_in_the_middle_of_a_sign_in_ends_it() {
    let mut local = Local::verifying(json!({
        "MfaConfiguration": "OPTIONAL",
        "DeviceConfiguration": { "ChallengeRequiredOnNewDevice": true },
    }));
    local.confirmed("alice");
    let tokens = local.tokens("alice");
    let key = confirm(&mut local, &tokens);
    let challenge = sign_in(&mut local, &key).unwrap();
    assert_eq!(challenge["ChallengeName"], "DEVICE_SRP_AUTH");
    let device = json!({ "UserPoolId": POOL, "Username": "alice", "DeviceKey": key });
    local.ok("AdminForgetDevice", device);
    let answer = json!({ "SRP_A": SrpClient::new(POOL).srp_a(), "DEVICE_KEY": key });
    let refused = local.respond(&challenge, "alice", answer);
    assert_eq!(refused.unwrap_err(), no_such_device());
    // The same between the two challenges of a device.
    let tokens = local.tokens("alice");
    let key = confirm(&mut local, &tokens);
    let challenge = sign_in(&mut local, &key).unwrap();
    let client = SrpClient::new(POOL);
    let srp_a = json!({ "SRP_A": client.srp_a(), "DEVICE_KEY": key });
    let foreign = json!({ "SRP_A": client.srp_a(), "DEVICE_KEY": UNKNOWN });
    let refused = local.respond(&challenge, "alice", foreign);
    assert_eq!(refused.unwrap_err(), no_such_device());
    let proof = local.respond(&challenge, "alice", srp_a).unwrap();
    let mut parameters = proof["ChallengeParameters"].clone();
    parameters["USER_ID_FOR_SRP"] = json!(key);
    let mut answer = client.answer(&parameters, "any");
    answer["DEVICE_KEY"] = json!(key);
    local.ok(
        "AdminForgetDevice",
        json!({ "UserPoolId": POOL, "Username": "alice", "DeviceKey": key }),
    );
    let refused = local.respond(&proof, "alice", answer);
    assert_eq!(refused.unwrap_err(), no_such_device());
}

#[test]
fn a_pool_that_tracks_no_devices_asks_for_none() {
    let mut local = Local::verifying(json!({}));
    local.confirmed("alice");
    let tokens = sign_in(&mut local, UNKNOWN).unwrap()["AuthenticationResult"].clone();
    assert!(tokens.get("NewDeviceMetadata").is_none());
    refresh(&mut local, &tokens, None).unwrap();
    refresh(&mut local, &tokens, Some(UNKNOWN)).unwrap();
}

#[test]
fn a_device_is_shown_with_its_name_and_its_times() {
    let mut local = tracking();
    let tokens = local.tokens("alice");
    local.advance(60);
    let key = tokens["NewDeviceMetadata"]["DeviceKey"].clone();
    let by = json!({ "AccessToken": tokens["AccessToken"], "DeviceKey": key });
    let verifier = json!({ "Salt": "AQID", "PasswordVerifier": "AQIDBA==" });
    let confirmed = with(
        by.clone(),
        json!({ "DeviceName": "phone", "DeviceSecretVerifierConfig": verifier }),
    );
    local.ok("ConfirmDevice", confirmed);
    let device = |local: &mut Local| local.ok("GetDevice", by.clone())["Device"].clone();
    let shown = device(&mut local);
    assert_eq!(
        shown,
        json!({
            "DeviceKey": key,
            "DeviceAttributes": pairs(&[
                ("dev:device_remembered_status", "remembered"), ("device_name", "phone"),
            ]),
            "DeviceCreateDate": 1_772_323_200,
            "DeviceLastModifiedDate": 1_772_323_260,
            "DeviceLastAuthenticatedDate": 1_772_323_200,
        })
    );
    local.advance(60);
    sign_in(&mut local, key.as_str().unwrap()).unwrap();
    let dated = json!({ "DeviceLastAuthenticatedDate": 1_772_323_320 });
    assert_eq!(device(&mut local), with(shown, dated));
    local.advance(60);
    let by_administrator = of("alice", json!({ "DeviceKey": key }));
    let status = |status: &str| json!({ "DeviceRememberedStatus": status });
    local.ok(
        "AdminUpdateDeviceStatus",
        with(by_administrator.clone(), status("not_remembered")),
    );
    let shown = device(&mut local);
    assert_eq!(shown["DeviceAttributes"][0]["Value"], "not_remembered");
    assert_eq!(shown["DeviceLastModifiedDate"], 1_772_323_380);
    assert_eq!(
        local.refused("AdminUpdateDeviceStatus", by_administrator),
        invalid("DeviceRememberedStatus is required.")
    );
}

#[test]
fn devices_are_listed_by_pages() {
    let mut local = tracking();
    let mut keys: Vec<String> = (0..3)
        .map(|_| {
            let tokens = local.tokens("alice");
            confirm(&mut local, &tokens)
        })
        .collect();
    keys.sort();
    let tokens = sign_in(&mut local, &keys[0]).unwrap()["AuthenticationResult"].clone();
    let by_user = json!({ "AccessToken": tokens["AccessToken"] });
    for (operation, input) in [
        ("ListDevices", by_user),
        ("AdminListDevices", of("alice", json!({}))),
    ] {
        for (limit, sizes) in [
            (1, vec![1, 1, 1]),
            (2, vec![2, 1]),
            (3, vec![3]),
            (0, vec![1; 3]),
        ] {
            let input = with(input.clone(), json!({ "Limit": limit }));
            let pages = local.pages((operation, "Devices", "DeviceKey"), input);
            let lengths: Vec<usize> = pages.iter().map(Vec::len).collect();
            assert_eq!(
                (pages.concat(), lengths),
                (keys.clone(), sizes),
                "{operation}"
            );
        }
        let all = local.ok(operation, input);
        assert_eq!(all["Devices"].as_array().unwrap().len(), 3);
    }
}

#[test]
fn what_is_no_verifier_confirms_no_device() {
    let mut local = tracking();
    let tokens = local.tokens("alice");
    let key = &tokens["NewDeviceMetadata"]["DeviceKey"];
    let long = |bytes: usize| Base64::encode_string(&vec![1; bytes]);
    let mut confirm = |salt: &str, verifier: &str| {
        local
            .call(
                "ConfirmDevice",
                json!({ "AccessToken": tokens["AccessToken"], "DeviceKey": key,
                    "DeviceSecretVerifierConfig": { "Salt": salt, "PasswordVerifier": verifier } }),
            )
            .map(drop)
    };
    let no = |member: &str| Err(invalid(&format!("{member} must be Base64.")));
    assert_eq!(confirm("", "AQIDBA=="), no("Salt"));
    assert_eq!(confirm("AQID", ""), no("PasswordVerifier"));
    assert_eq!(confirm("?", "AQIDBA=="), no("Salt"));
    assert_eq!(confirm(&long(513), "AQIDBA=="), no("Salt"));
    assert_eq!(confirm("AQID", &long(513)), no("PasswordVerifier"));
    confirm(&long(512), &long(512)).unwrap();
}

/// Who never confirms a device leaves one behind: the latest.
#[test]
fn devices_that_nobody_confirmed_are_not_kept() {
    let mut local = tracking();
    let kept = local.tokens("alice");
    let key = confirm(&mut local, &kept);
    for _ in 0..3 {
        local.advance(1);
        local.tokens("alice");
    }
    let list = local.ok("AdminListDevices", of("alice", json!({})));
    let devices = list["Devices"].as_array().unwrap();
    assert_eq!(devices.len(), 2);
    assert!(
        devices
            .iter()
            .any(|device| device["DeviceKey"] == json!(key))
    );
}

/// The API model, UpdateDeviceStatus and ConfirmDevice: of a device that is the user's.
#[test]
fn nobody_confirms_or_forgets_a_device_that_is_not_theirs() {
    let mut local = tracking();
    settled(&mut local, "bob", &[]);
    let tokens = local.tokens("alice");
    let bobs = local.tokens("bob");
    let key = confirm(&mut local, &tokens);
    let by = json!({ "AccessToken": bobs["AccessToken"], "DeviceKey": key });
    let verifier = json!({ "Salt": "AQID", "PasswordVerifier": "AQIDBA==" });
    for (operation, more) in [
        ("GetDevice", json!({})),
        ("ForgetDevice", json!({})),
        (
            "ConfirmDevice",
            json!({ "DeviceSecretVerifierConfig": verifier }),
        ),
        (
            "UpdateDeviceStatus",
            json!({ "DeviceRememberedStatus": "remembered" }),
        ),
    ] {
        let input = with(by.clone(), more);
        assert_eq!(local.refused(operation, input), no_such_device());
    }
    let nobodys = json!({ "DeviceKey": key });
    assert_eq!(
        local.message("ForgetDevice", nobodys),
        "AccessToken is required."
    );
    let mut untracked = Local::verifying(json!({}));
    untracked.confirmed("alice");
    let tokens = untracked.tokens("alice");
    let confirm = json!({ "AccessToken": tokens["AccessToken"], "DeviceKey": key,
        "DeviceSecretVerifierConfig": verifier });
    assert_eq!(
        untracked.err("ConfirmDevice", confirm),
        "InvalidUserPoolConfigurationException"
    );
}
