//! Signing in with a passkey: chosen, preferred, shown at once, instead of a second factor; and each
//! way in which it is refused.

use crate::common::authenticator::*;
use crate::common::*;
use serde_json::{Value, json};

/// A pool with passkeys of example.com, and a confirmed alice who has one.
fn local(mfa: Value, authenticator: &mut Authenticator) -> Local {
    let mut config = json!({ "WebAuthnConfiguration": { "RelyingPartyId": "example.com" } });
    for (name, value) in mfa.as_object().unwrap() {
        config[name] = value.clone();
    }
    let mut local = Local::verifying(json!({
        "Policies": { "SignInPolicy": {
            "AllowedFirstAuthFactors": ["PASSWORD", "SMS_OTP", "WEB_AUTHN"] } },
        "MfaConfig": config,
    }));
    local.confirmed("alice");
    let access = access(&mut local);
    register(&mut local, &access, authenticator);
    local
}

/// Signs alice in by her password, and by SMS where that is asked for.
fn access(local: &mut Local) -> Value {
    let mut reply = local.initiate("alice", PASSWORD).unwrap();
    if reply["ChallengeName"] == "SMS_MFA" {
        let code = json!({ "SMS_MFA_CODE": local.code(PHONE) });
        reply = local.respond(&reply, "alice", code).unwrap();
    }
    reply["AuthenticationResult"]["AccessToken"].clone()
}

fn register(local: &mut Local, access: &Value, authenticator: &mut Authenticator) {
    let input = json!({ "AccessToken": access });
    let started = local.ok("StartWebAuthnRegistration", input.clone());
    let mut complete = input;
    complete["Credential"] = authenticator.create(&started["CredentialCreationOptions"]);
    local.ok("CompleteWebAuthnRegistration", complete);
}

fn start(name: &str, preferred: Option<&str>) -> Value {
    let mut parameters = json!({ "USERNAME": name });
    if let Some(preferred) = preferred {
        parameters["PREFERRED_CHALLENGE"] = json!(preferred);
    }
    json!({ "ClientId": CLIENT, "AuthFlow": "USER_AUTH", "AuthParameters": parameters })
}

fn preferred(local: &mut Local) -> Value {
    let asked = local.ok("InitiateAuth", start("alice", Some("WEB_AUTHN")));
    assert_eq!(asked["ChallengeName"], "WEB_AUTHN");
    asked
}

fn options(challenge: &Value) -> Value {
    let text = challenge["ChallengeParameters"]["CREDENTIAL_REQUEST_OPTIONS"].as_str();
    serde_json::from_str(text.unwrap()).unwrap()
}

fn shown(authenticator: &mut Authenticator, challenge: &Value) -> Value {
    json!({ "CREDENTIAL": authenticator.get(&options(challenge)).to_string() })
}

fn signed_in(reply: Result<Value, Exception>) -> Value {
    let result = reply.unwrap()["AuthenticationResult"].clone();
    assert!(result["AccessToken"].is_string(), "{result}");
    result
}

#[test]
fn a_passkey_signs_in_in_each_way_that_there_is() {
    for mut authenticator in [Authenticator::new(1), Authenticator::rsa(1)] {
        let mut local = local(json!({}), &mut authenticator);
        let ways = json!(["PASSWORD", "PASSWORD_SRP", "SMS_OTP", "WEB_AUTHN"]);
        let asked = preferred(&mut local);
        assert_eq!(asked["AvailableChallenges"], ways);
        let request = options(&asked);
        assert_eq!(
            request,
            json!({ "challenge": request["challenge"], "timeout": 180_000, "rpId": "example.com",
                "userVerification": "preferred",
                "allowCredentials": [{ "type": "public-key", "id": authenticator.credential_id(),
                    "transports": ["internal", "hybrid"] }] })
        );
        assert_eq!(decoded(&request["challenge"]).len(), 32);
        let answer = shown(&mut authenticator, &asked);
        signed_in(local.respond(&asked, "alice", answer));

        let choice = local.ok("InitiateAuth", start("alice", None));
        assert_eq!(choice["ChallengeName"], "SELECT_CHALLENGE");
        assert_eq!(choice["AvailableChallenges"], ways);
        let mut at_once = shown(&mut authenticator, &choice);
        at_once["ANSWER"] = json!("WEB_AUTHN");
        signed_in(local.respond(&choice, "alice", at_once));

        let choice = local.ok("InitiateAuth", start("alice", None));
        let asked = local
            .respond(&choice, "alice", json!({ "ANSWER": "WEB_AUTHN" }))
            .unwrap();
        assert_eq!(asked["ChallengeName"], "WEB_AUTHN");
        assert_eq!(asked["AvailableChallenges"], ways);
        let answer = shown(&mut authenticator, &asked);
        let tokens = signed_in(local.respond(&asked, "alice", answer));

        let input = json!({ "AccessToken": tokens["AccessToken"] });
        let factors = local.ok("GetUserAuthFactors", input);
        assert_eq!(
            factors["ConfiguredUserAuthFactors"],
            json!(["PASSWORD", "SMS_OTP", "WEB_AUTHN"])
        );
    }
}

#[test]
fn who_has_no_passkey_is_asked_for_none() {
    let mut authenticator = Authenticator::new(1);
    let mut local = local(json!({}), &mut authenticator);
    local.ok(
        "AdminCreateUser",
        json!({ "UserPoolId": POOL, "Username": "bob", "MessageAction": "SUPPRESS" }),
    );
    local.ok(
        "AdminSetUserPassword",
        json!({ "UserPoolId": POOL, "Username": "bob", "Password": PASSWORD, "Permanent": true }),
    );
    let choice = local.ok("InitiateAuth", start("bob", Some("WEB_AUTHN")));
    assert_eq!(choice["ChallengeName"], "SELECT_CHALLENGE");
    assert_eq!(choice["ChallengeParameters"], json!({}));
    let refused = local.respond(&choice, "bob", json!({ "ANSWER": "WEB_AUTHN" }));
    assert_eq!(refused.unwrap_err().0, "InvalidParameterException");

    // Passkeys of another relying party are good for nothing.
    local.ok(
        "SetUserPoolMfaConfig",
        json!({ "UserPoolId": POOL, "WebAuthnConfiguration": { "RelyingPartyId": "example.org" } }),
    );
    let choice = local.ok("InitiateAuth", start("alice", Some("WEB_AUTHN")));
    assert_eq!(choice["ChallengeName"], "SELECT_CHALLENGE");
    assert_eq!(
        choice["AvailableChallenges"],
        json!(["PASSWORD", "PASSWORD_SRP", "SMS_OTP"])
    );
}

#[test]
fn a_challenge_lives_three_minutes_and_once() {
    let mut authenticator = Authenticator::new(1);
    let mut local = local(json!({}), &mut authenticator);
    local.ok(
        "UpdateUserPoolClient",
        json!({ "UserPoolId": POOL, "ClientId": CLIENT, "AuthSessionValidity": 15,
        "ExplicitAuthFlows": ["ALLOW_USER_AUTH"] }),
    );
    let asked = preferred(&mut local);
    local.advance(3 * MINUTE);
    let late = shown(&mut authenticator, &asked);
    assert_eq!(
        local.respond(&asked, "alice", late).unwrap_err(),
        Exception(
            "NotAuthorizedException".into(),
            "Invalid session for the user, session is expired.".into()
        )
    );
    let asked = preferred(&mut local);
    local.advance(3 * MINUTE - 1);
    let answer = shown(&mut authenticator, &asked);
    signed_in(local.respond(&asked, "alice", answer.clone()));
    let again = local.respond(&asked, "alice", answer).unwrap_err();
    assert_eq!(
        again.1,
        "Invalid session for the user, session can only be used once."
    );
    // What was refused has used its challenge up too.
    let asked = preferred(&mut local);
    authenticator.origin = "https://example.org".into();
    let foreign = shown(&mut authenticator, &asked);
    local.respond(&asked, "alice", foreign).unwrap_err();
    authenticator.origin = "https://example.com".into();
    let second = shown(&mut authenticator, &asked);
    let refused = local.respond(&asked, "alice", second).unwrap_err();
    assert!(refused.1.contains("only be used once"), "{refused:?}");
    // The choice outlives the challenge that came with it.
    let choice = local.ok("InitiateAuth", start("alice", None));
    local.advance(3 * MINUTE);
    let asked = local
        .respond(&choice, "alice", json!({ "ANSWER": "WEB_AUTHN" }))
        .unwrap();
    let answer = shown(&mut authenticator, &asked);
    signed_in(local.respond(&asked, "alice", answer));
}

/// Shows a passkey with something wrong; gives the refusal.
fn refused(mfa: Value, change: impl Fn(&mut Authenticator, &mut Value)) -> Exception {
    let mut authenticator = Authenticator::new(1);
    let mut local = local(mfa, &mut authenticator);
    let asked = preferred(&mut local);
    let mut request = options(&asked);
    change(&mut authenticator, &mut request);
    let answer = json!({ "CREDENTIAL": authenticator.get(&request).to_string() });
    let refused = local.respond(&asked, "alice", answer).unwrap_err();
    // It was not for anything else.
    let mut right = Authenticator::new(1);
    let asked = preferred(&mut local);
    let answer = shown(&mut right, &asked);
    signed_in(local.respond(&asked, "alice", answer));
    refused
}

#[test]
fn what_does_not_hold_is_refused_in_words() {
    let single = json!({});
    let words = |refused: Exception| {
        assert_eq!(refused.0, "NotAuthorizedException");
        let words = refused.1.strip_prefix("The passkey was refused: ");
        words.unwrap().to_owned()
    };
    let other_challenge = refused(single.clone(), |_, request| {
        request["challenge"] = json!(encoded(&[7; 32]));
    });
    assert_eq!(words(other_challenge), "its challenge is another one.");
    for origin in [
        "https://example.org",
        "http://example.com",
        "https://example.com:8443",
        "http://localhost:3000",
    ] {
        let foreign = refused(single.clone(), |it, _| it.origin = origin.into());
        let expected = "the page is not one of the relying party's.";
        assert_eq!(words(foreign), expected, "{origin}");
    }
    let other_site = refused(single.clone(), |_, request| {
        request["rpId"] = json!("example.org");
    });
    assert_eq!(words(other_site), "it belongs to another relying party.");
    let absent = refused(single.clone(), |it, _| it.flags = VERIFIED);
    assert_eq!(words(absent), "nobody was present.");
    let other_key = refused(single.clone(), |it, _| it.key = Authenticator::new(2).key);
    assert_eq!(words(other_key), "the signature is not that of its key.");
    let other_kind = refused(single.clone(), |it, _| it.key = Authenticator::rsa(2).key);
    assert_eq!(words(other_kind), "the signature is not that of its key.");
    let unknown = refused(single.clone(), |it, _| it.id = vec![9; 16]);
    assert_eq!(words(unknown), "it is not registered for the user.");
    let somebody = refused(single, |it, _| it.user_handle = Some(encoded(b"bob")));
    assert_eq!(words(somebody), "it is somebody else's.");
}

#[test]
fn who_holds_it_is_verified_where_the_pool_requires_it() {
    let with = |name: &str, value: &str| {
        let mut webauthn = json!({ "RelyingPartyId": "example.com" });
        webauthn[name] = json!(value);
        json!({ "WebAuthnConfiguration": webauthn })
    };
    for config in [
        with("UserVerification", "required"),
        with("FactorConfiguration", "MULTI_FACTOR_WITH_USER_VERIFICATION"),
    ] {
        let unverified = refused(config, |it, request| {
            assert_eq!(request["userVerification"], "required");
            it.flags = PRESENT;
        });
        assert!(unverified.1.ends_with("the user was not verified."));
    }
    let mut authenticator = Authenticator::new(1);
    let mut local = local(with("UserVerification", "preferred"), &mut authenticator);
    authenticator.flags = PRESENT;
    let asked = preferred(&mut local);
    let answer = shown(&mut authenticator, &asked);
    signed_in(local.respond(&asked, "alice", answer));
}

#[test]
fn a_counter_only_goes_up() {
    let mut authenticator = Authenticator::new(1);
    authenticator.counter = 5;
    let mut local = local(json!({}), &mut authenticator);
    let mut show = |counter: u32| {
        authenticator.counter = counter;
        let asked = preferred(&mut local);
        let answer = shown(&mut authenticator, &asked);
        local.respond(&asked, "alice", answer)
    };
    for copied in [5, 4, 0] {
        let refused = show(copied).unwrap_err();
        assert!(refused.1.contains("its counter went back"), "{refused:?}");
    }
    signed_in(show(6));
    show(6).unwrap_err();
    signed_in(show(u32::MAX));
}

#[test]
fn what_was_changed_on_the_way_is_refused() {
    let mut authenticator = Authenticator::new(1);
    let mut local = local(json!({}), &mut authenticator);
    for (member, at) in [("authenticatorData", 36), ("signature", 20)] {
        let asked = preferred(&mut local);
        let mut credential = authenticator.get(&options(&asked));
        let mut bytes = decoded(&credential["response"][member]);
        bytes[at] ^= 1;
        credential["response"][member] = json!(encoded(&bytes));
        let answer = json!({ "CREDENTIAL": credential.to_string() });
        let refused = local.respond(&asked, "alice", answer).unwrap_err();
        assert_eq!(refused.0, "NotAuthorizedException", "{member}");
    }
    let asked = preferred(&mut local);
    let mut credential = authenticator.get(&options(&asked));
    let mut data: Value =
        serde_json::from_slice(&decoded(&credential["response"]["clientDataJSON"])).unwrap();
    data["more"] = json!(1);
    credential["response"]["clientDataJSON"] = json!(encoded(data.to_string().as_bytes()));
    let answer = json!({ "CREDENTIAL": credential.to_string() });
    let refused = local.respond(&asked, "alice", answer).unwrap_err();
    assert_eq!(refused.0, "NotAuthorizedException");
}

#[test]
fn what_no_browser_makes_is_an_invalid_parameter_and_spends_nothing() {
    let mut authenticator = Authenticator::new(1);
    let mut local = local(json!({}), &mut authenticator);
    let asked = preferred(&mut local);
    let right = authenticator.get(&options(&asked));
    for credential in ["", "x", "{}", "[]", "null", "5"] {
        let answer = json!({ "CREDENTIAL": credential });
        let refused = local.respond(&asked, "alice", answer).unwrap_err();
        assert_eq!(refused.0, "InvalidParameterException", "{credential}");
    }
    let none = local.respond(&asked, "alice", json!({})).unwrap_err();
    assert_eq!(none.1, "Missing required parameter CREDENTIAL");
    let mut created = right.clone();
    let data = json!({ "type": "webauthn.create", "challenge": "AAAA", "origin": "x" });
    created["response"]["clientDataJSON"] = json!(encoded(data.to_string().as_bytes()));
    let answer = json!({ "CREDENTIAL": created.to_string() });
    let refused = local.respond(&asked, "alice", answer).unwrap_err();
    assert_eq!(refused.0, "InvalidParameterException");
    let answer = json!({ "CREDENTIAL": right.to_string() });
    signed_in(local.respond(&asked, "alice", answer));
    for member in ["authenticatorData", "signature"] {
        let asked = preferred(&mut local);
        let mut credential = authenticator.get(&options(&asked));
        credential["response"][member] = json!("*");
        let answer = json!({ "CREDENTIAL": credential.to_string() });
        let refused = local.respond(&asked, "alice", answer).unwrap_err();
        assert_eq!(refused.0, "InvalidParameterException", "{member}");
    }
}

#[test]
fn a_passkey_deleted_in_the_middle_signs_nobody_in() {
    let mut authenticator = Authenticator::new(1);
    let mut local = local(json!({}), &mut authenticator);
    let access = access(&mut local);
    let asked = preferred(&mut local);
    let named = json!({ "AccessToken": access, "CredentialId": authenticator.credential_id() });
    local.ok("DeleteWebAuthnCredential", named);
    let answer = shown(&mut authenticator, &asked);
    let refused = local.respond(&asked, "alice", answer).unwrap_err();
    assert_eq!(
        refused.1,
        "The passkey was refused: it is not registered for the user."
    );
    // What the user's state forbids, no passkey allows.
    register(&mut local, &access, &mut authenticator);
    let asked = preferred(&mut local);
    local.ok(
        "AdminDisableUser",
        json!({ "UserPoolId": POOL, "Username": "alice" }),
    );
    let answer = shown(&mut authenticator, &asked);
    let refused = local.respond(&asked, "alice", answer).unwrap_err();
    assert_eq!(refused.1, "User is disabled.");
}

/// Optional MFA by SMS, which alice has turned on; passkeys as `factor` says.
fn with_mfa(factor: &str, authenticator: &mut Authenticator) -> Local {
    let mfa = json!({
        "MfaConfiguration": "OPTIONAL", "SmsMfaConfiguration": {},
        "WebAuthnConfiguration": { "RelyingPartyId": "example.com", "FactorConfiguration": factor },
    });
    let mut local = local(mfa, authenticator);
    let access = access(&mut local);
    prefer(
        &mut local,
        &access,
        json!({ "SMSMfaSettings": { "Enabled": true } }),
    )
    .unwrap();
    local
}

fn prefer(local: &mut Local, access: &Value, settings: Value) -> Result<Value, Exception> {
    let mut input = settings;
    input["AccessToken"] = access.clone();
    local.call("SetUserMFAPreference", input)
}

#[test]
fn a_single_factor_is_followed_by_a_second_one() {
    let mut authenticator = Authenticator::new(1);
    let mut local = with_mfa("SINGLE_FACTOR", &mut authenticator);
    let asked = preferred(&mut local);
    let answer = shown(&mut authenticator, &asked);
    let second = local.respond(&asked, "alice", answer).unwrap();
    assert_eq!(second["ChallengeName"], "SMS_MFA");
    let code = json!({ "SMS_MFA_CODE": local.code(PHONE) });
    signed_in(local.respond(&second, "alice", code));
    let access = access(&mut local);
    let enable = json!({ "WebAuthnMfaSettings": { "Enabled": true } });
    let refused = prefer(&mut local, &access, enable).unwrap_err();
    assert_eq!(refused.0, "InvalidParameterException");
}

#[test]
fn a_passkey_with_verification_is_both_factors_unless_the_user_says_no() {
    let mut authenticator = Authenticator::new(1);
    let mut local = with_mfa("MULTI_FACTOR_WITH_USER_VERIFICATION", &mut authenticator);
    let access = access(&mut local);
    let mut next = |local: &mut Local| {
        let asked = preferred(local);
        let answer = shown(&mut authenticator, &asked);
        local.respond(&asked, "alice", answer).unwrap()
    };
    assert!(next(&mut local)["AuthenticationResult"].is_object());
    let set = |enabled: bool| json!({ "WebAuthnMfaSettings": { "Enabled": enabled } });
    prefer(&mut local, &access, set(false)).unwrap();
    assert_eq!(next(&mut local)["ChallengeName"], "SMS_MFA");
    prefer(&mut local, &access, set(true)).unwrap();
    assert!(next(&mut local)["AuthenticationResult"].is_object());
    // Never the only second factor.
    let off = json!({ "SMSMfaSettings": { "Enabled": false } });
    let refused = prefer(&mut local, &access, off.clone()).unwrap_err();
    assert_eq!(refused.0, "InvalidParameterException");
    let mut both_off = off.clone();
    both_off["WebAuthnMfaSettings"] = json!({ "Enabled": false });
    prefer(&mut local, &access, both_off).unwrap();
    let refused = prefer(&mut local, &access, set(true)).unwrap_err();
    assert_eq!(refused.0, "InvalidParameterException");
    let mut admin = json!({ "UserPoolId": POOL, "Username": "alice" });
    admin["WebAuthnMfaSettings"] = json!({ "Enabled": true });
    admin["SMSMfaSettings"] = json!({ "Enabled": true });
    local.ok("AdminSetUserMFAPreference", admin);
}

#[test]
fn where_mfa_is_required_a_passkey_is_enough() {
    let mut authenticator = Authenticator::new(1);
    let mfa = json!({
        "MfaConfiguration": "ON", "SmsMfaConfiguration": {},
        "WebAuthnConfiguration": { "RelyingPartyId": "example.com",
            "FactorConfiguration": "MULTI_FACTOR_WITH_USER_VERIFICATION" },
    });
    let mut local = local(mfa, &mut authenticator);
    let choice = local.ok("InitiateAuth", start("alice", None));
    assert_eq!(
        choice["AvailableChallenges"],
        json!(["PASSWORD", "PASSWORD_SRP", "WEB_AUTHN"]),
        "a code is not enough"
    );
    let mut at_once = shown(&mut authenticator, &choice);
    at_once["ANSWER"] = json!("WEB_AUTHN");
    signed_in(local.respond(&choice, "alice", at_once));
}

#[test]
fn a_saved_pool_knows_its_passkeys() {
    let mut authenticator = Authenticator::new(1);
    let mut local = local(json!({}), &mut authenticator);
    let asked = preferred(&mut local);
    let saved = local.pool.save();
    local.pool = cognito_pool::Pool::restore(cognito_pool::Options::default(), &saved).unwrap();
    let answer = shown(&mut authenticator, &asked);
    signed_in(local.respond(&asked, "alice", answer));
}

#[test]
fn a_passkey_is_offered_to_who_may_sign_in_and_where_the_pool_still_takes_them() {
    let mut authenticator = Authenticator::new(1);
    let mut local = local(json!({}), &mut authenticator);
    let ways = |local: &mut Local| {
        let choice = local.ok("InitiateAuth", start("alice", None));
        let ways = choice["AvailableChallenges"].as_array().unwrap().clone();
        ways.contains(&json!("WEB_AUTHN"))
    };
    assert!(ways(&mut local));
    local.ok("AdminDisableUser", of("alice", json!({})));
    assert!(!ways(&mut local), "disabled");
    local.ok("AdminEnableUser", of("alice", json!({})));
    let temporary = |permanent: bool| json!({ "Password": PASSWORD, "Permanent": permanent });
    local.ok("AdminSetUserPassword", of("alice", temporary(false)));
    assert!(!ways(&mut local), "a temporary password");
    local.ok("AdminSetUserPassword", of("alice", temporary(true)));
    assert!(ways(&mut local));
    let policy = json!({ "SignInPolicy": { "AllowedFirstAuthFactors": ["PASSWORD"] } });
    local.ok(
        "UpdateUserPool",
        json!({ "UserPoolId": POOL, "Policies": policy }),
    );
    assert!(!ways(&mut local), "not any more");
}

/// A passkey alone is no second factor: who loses it would be locked out.
#[test]
fn a_passkey_is_both_factors_beside_another_second_factor_alone() {
    let factors = json!({ "MfaConfiguration": "OPTIONAL", "SmsMfaConfiguration": {},
        "WebAuthnConfiguration": { "RelyingPartyId": "example.com",
            "FactorConfiguration": "MULTI_FACTOR_WITH_USER_VERIFICATION" } });
    let mut authenticator = Authenticator::new(1);
    let mut local = local(factors, &mut authenticator);
    let mut set = |more: Value| {
        let refused = local.call("AdminSetUserMFAPreference", of("alice", more));
        refused.err().map(|it| it.1)
    };
    let (on, off) = (json!({ "Enabled": true }), json!({ "Enabled": false }));
    let alone = "Passkey MFA needs at least one other MFA method to be enabled.".to_owned();
    let passkey = json!({ "WebAuthnMfaSettings": on });
    assert_eq!(set(passkey.clone()), Some(alone.clone()));
    assert_eq!(set(json!({ "WebAuthnMfaSettings": off })), None);
    assert_eq!(set(json!({ "SMSMfaSettings": on })), None);
    assert_eq!(set(passkey), None);
    assert_eq!(set(json!({ "SMSMfaSettings": off })), Some(alone));
    assert_eq!(
        set(json!({ "SMSMfaSettings": off, "WebAuthnMfaSettings": off })),
        None
    );
}
