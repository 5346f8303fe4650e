//! Passkeys registered: options, checks, each of the seven errors, lists.

mod attestation;

use crate::common::authenticator::*;
use crate::common::*;
use serde_json::{Value, json};

/// A pool with passkeys of example.com, and what more `WebAuthnConfiguration` says; a confirmed alice
/// and her access token.
fn local(more: Value) -> (Local, Value) {
    let webauthn = with(json!({ "RelyingPartyId": "example.com" }), more);
    let mut local = Local::verifying(json!({
        "Policies": { "SignInPolicy": { "AllowedFirstAuthFactors": ["PASSWORD", "WEB_AUTHN"] } },
        "MfaConfig": { "WebAuthnConfiguration": webauthn },
    }));
    local.confirmed("alice");
    let access = local.tokens("alice")["AccessToken"].clone();
    (local, access)
}

fn start(local: &mut Local, access: &Value) -> Value {
    let started = local.ok(
        "StartWebAuthnRegistration",
        json!({ "AccessToken": access }),
    );
    started["CredentialCreationOptions"].clone()
}

fn complete(access: &Value, credential: Value) -> Value {
    json!({ "AccessToken": access, "Credential": credential })
}

fn register(local: &mut Local, access: &Value, authenticator: &mut Authenticator) {
    let options = start(local, access);
    let credential = authenticator.create(&options);
    let done = local.ok("CompleteWebAuthnRegistration", complete(access, credential));
    assert_eq!(done, json!({}));
}

fn list(local: &mut Local, access: &Value) -> Vec<Value> {
    let list = local.ok("ListWebAuthnCredentials", json!({ "AccessToken": access }));
    list["Credentials"].as_array().unwrap().clone()
}

#[test]
fn a_passkey_is_registered_listed_and_deleted() {
    for mut authenticator in [Authenticator::new(1), Authenticator::rsa(2)] {
        for format in ["none", "packed"] {
            authenticator.format = format;
            let (mut local, access) = local(json!({}));
            let user = local.ok("GetUser", json!({ "AccessToken": access }));
            let options = start(&mut local, &access);
            assert_eq!(
                options["rp"],
                json!({ "id": "example.com", "name": "example.com" })
            );
            assert_eq!(options["timeout"], 180_000);
            assert_eq!(options["excludeCredentials"], json!([]));
            assert_eq!(
                options["pubKeyCredParams"],
                json!([{ "type": "public-key", "alg": -7 }, { "type": "public-key", "alg": -257 }])
            );
            assert_eq!(
                options["authenticatorSelection"],
                json!({ "requireResidentKey": true, "residentKey": "required",
                    "userVerification": "preferred" })
            );
            assert_eq!(options["user"]["name"], "alice");
            assert_eq!(
                decoded(&options["user"]["id"]),
                attribute(&user, "sub").unwrap().into_bytes()
            );
            assert_eq!(decoded(&options["challenge"]).len(), 32);
            let credential = authenticator.create(&options);
            let input = complete(&access, credential);
            local.ok("CompleteWebAuthnRegistration", input);
            let created = local.now / 1000;
            assert_eq!(
                list(&mut local, &access),
                [json!({
                    "CredentialId": authenticator.credential_id(),
                    "FriendlyCredentialName": "Passkey",
                    "RelyingPartyId": "example.com",
                    "AuthenticatorAttachment": "platform",
                    "AuthenticatorTransports": ["internal", "hybrid"],
                    "CreatedAt": created,
                })]
            );
            assert_eq!(
                start(&mut local, &access)["excludeCredentials"],
                json!([{ "type": "public-key", "id": authenticator.credential_id(),
                    "transports": ["internal", "hybrid"] }])
            );
            let named =
                json!({ "AccessToken": access, "CredentialId": authenticator.credential_id() });
            local.ok("DeleteWebAuthnCredential", named.clone());
            assert_eq!(list(&mut local, &access), [] as [Value; 0]);
            assert_eq!(
                local.err("DeleteWebAuthnCredential", named),
                "ResourceNotFoundException"
            );
        }
    }
}

#[test]
fn a_challenge_lives_three_minutes_and_once() {
    let not_found = "WebAuthnChallengeNotFoundException";
    let operation = "CompleteWebAuthnRegistration";
    let (mut local, access) = local(json!({}));
    let mut authenticator = Authenticator::new(1);
    let options = start(&mut local, &access);
    let credential = authenticator.create(&options);
    local.advance(3 * MINUTE);
    let late = complete(&access, credential);
    assert_eq!(local.err(operation, late), not_found);

    let made_up = json!({ "challenge": encoded(&[7; 32]), "rp": { "id": "example.com" } });
    let unknown = complete(&access, authenticator.create(&made_up));
    assert_eq!(local.err(operation, unknown), not_found);

    // Good once, also when it led to nothing.
    let options = start(&mut local, &access);
    authenticator.origin = "https://example.org".into();
    let foreign = complete(&access, authenticator.create(&options));
    assert_eq!(
        local.err(operation, foreign),
        "WebAuthnOriginNotAllowedException"
    );
    authenticator.origin = "https://example.com".into();
    let second = complete(&access, authenticator.create(&options));
    assert_eq!(local.err(operation, second), not_found);

    let options = start(&mut local, &access);
    local.advance(3 * MINUTE - 1);
    let right = complete(&access, authenticator.create(&options));
    local.ok(operation, right.clone());
    assert_eq!(local.err(operation, right), not_found);

    // A challenge of a sign-in is none of a registration, and the other way round.
    let asked = local.ok(
        "InitiateAuth",
        json!({ "ClientId": CLIENT, "AuthFlow": "USER_AUTH",
        "AuthParameters": { "USERNAME": "alice", "PREFERRED_CHALLENGE": "WEB_AUTHN" } }),
    );
    let text = asked["ChallengeParameters"]["CREDENTIAL_REQUEST_OPTIONS"].as_str();
    let request: Value = serde_json::from_str(text.unwrap()).unwrap();
    let mut other = Authenticator::new(9);
    let mixed = json!({ "challenge": request["challenge"], "rp": { "id": "example.com" } });
    let mixed = complete(&access, other.create(&mixed));
    assert_eq!(local.err(operation, mixed), not_found);
    let options = start(&mut local, &access);
    let session = json!({ "ChallengeName": "WEB_AUTHN", "Session": options["challenge"] });
    let answer = json!({ "CREDENTIAL": authenticator.get(&json!({ "challenge": options["challenge"],
        "rpId": "example.com" })).to_string() });
    let refused = local.respond(&session, "alice", answer).unwrap_err();
    assert_eq!(refused.0, "NotAuthorizedException");
}

#[test]
fn another_persons_or_clients_challenge_is_not_taken() {
    let operation = "CompleteWebAuthnRegistration";
    let (mut local, access) = local(json!({}));
    local.ok(
        "AdminCreateUser",
        json!({ "UserPoolId": POOL, "Username": "bob", "MessageAction": "SUPPRESS" }),
    );
    local.ok(
        "AdminSetUserPassword",
        json!({ "UserPoolId": POOL, "Username": "bob", "Password": PASSWORD, "Permanent": true }),
    );
    let bobs = local.tokens("bob")["AccessToken"].clone();
    let mut authenticator = Authenticator::new(1);
    let options = start(&mut local, &access);
    let stolen = complete(&bobs, authenticator.create(&options));
    assert_eq!(
        local.err(operation, stolen),
        "WebAuthnChallengeNotFoundException"
    );
    let other = local.ok(
        "CreateUserPoolClient",
        json!({ "UserPoolId": POOL, "ClientName": "other",
        "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"] }),
    );
    let reply = local.ok(
        "InitiateAuth",
        json!({ "ClientId": other["UserPoolClient"]["ClientId"], "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": { "USERNAME": "alice", "PASSWORD": PASSWORD } }),
    );
    let elsewhere = &reply["AuthenticationResult"]["AccessToken"];
    let input = complete(elsewhere, authenticator.create(&options));
    assert_eq!(
        local.err(operation, input),
        "WebAuthnClientMismatchException"
    );
    // Neither used the challenge up.
    let right = complete(&access, authenticator.create(&options));
    local.ok(operation, right);
    // A credential belongs to one user.
    let options = start(&mut local, &bobs);
    let same = complete(&bobs, authenticator.create(&options));
    assert_eq!(local.err(operation, same), "InvalidParameterException");
}

/// Registers with something wrong; gives the error.
fn refused(more: Value, change: impl FnOnce(&mut Authenticator)) -> Exception {
    let (mut local, access) = local(more);
    let options = start(&mut local, &access);
    let mut authenticator = Authenticator::new(1);
    change(&mut authenticator);
    let credential = authenticator.create(&options);
    let refused = local.refused(
        "CompleteWebAuthnRegistration",
        complete(&access, credential),
    );
    assert_eq!(list(&mut local, &access), [] as [Value; 0]);
    refused
}

#[test]
fn what_will_not_do_is_refused_by_name() {
    let none = json!({});
    for origin in [
        "https://example.org",
        "http://example.com",
        "https://example.com:8443",
        "http://localhost:3000",
        "https://badexample.com",
    ] {
        let refused = refused(none.clone(), |it| it.origin = origin.into());
        assert_eq!(refused.0, "WebAuthnOriginNotAllowedException", "{origin}");
    }
    let other_site = refused(none.clone(), |it| {
        it.relying_party = Some("example.org".into());
    });
    assert_eq!(other_site.0, "WebAuthnRelyingPartyMismatchException");
    let not_supported = "WebAuthnCredentialNotSupportedException";
    let absent = refused(none.clone(), |it| it.flags = VERIFIED);
    assert_eq!(absent.0, not_supported);
    for more in [
        json!({ "UserVerification": "required" }),
        json!({ "FactorConfiguration": "MULTI_FACTOR_WITH_USER_VERIFICATION" }),
    ] {
        let unverified = refused(more, |it| it.flags = PRESENT);
        assert_eq!(unverified.0, not_supported);
    }
    let contradictory = refused(none.clone(), |it| it.flags = PRESENT | BACKED_UP);
    assert_eq!(contradictory.0, not_supported);
    for format in ["fido-u2f", "tpm", "android-key", "apple", "compound"] {
        let foreign = refused(none.clone(), |it| it.format = format);
        assert_eq!(foreign.0, not_supported, "{format}");
    }
    // And where verification is only preferred, without it.
    let (mut local, access) = local(none);
    let mut unverified = Authenticator::new(1);
    unverified.flags = PRESENT;
    register(&mut local, &access, &mut unverified);
}

#[test]
fn a_pool_without_passkeys_says_which_of_both_is_missing() {
    let factors =
        |factors: Value| json!({ "SignInPolicy": { "AllowedFirstAuthFactors": factors } });
    let mut local =
        Local::verifying(json!({ "Policies": factors(json!(["PASSWORD", "WEB_AUTHN"])) }));
    local.confirmed("alice");
    let access = local.tokens("alice")["AccessToken"].clone();
    let input = json!({ "AccessToken": access });
    assert_eq!(
        local.err("StartWebAuthnRegistration", input.clone()),
        "WebAuthnConfigurationMissingException"
    );
    local.ok(
        "SetUserPoolMfaConfig",
        json!({ "UserPoolId": POOL, "WebAuthnConfiguration": { "RelyingPartyId": "example.com" } }),
    );
    let options = start(&mut local, &access);
    local.ok(
        "UpdateUserPool",
        json!({ "UserPoolId": POOL, "Policies": factors(json!(["PASSWORD"])),
        "AutoVerifiedAttributes": ["phone_number"] }),
    );
    assert_eq!(
        local.err("StartWebAuthnRegistration", input),
        "WebAuthnNotEnabledException"
    );
    let credential = Authenticator::new(1).create(&options);
    assert_eq!(
        local.err(
            "CompleteWebAuthnRegistration",
            complete(&access, credential)
        ),
        "WebAuthnNotEnabledException"
    );
}

#[test]
fn a_user_has_twenty_passkeys_and_sees_them_in_pages() {
    let (mut local, access) = local(json!({}));
    for seed in 1..=20 {
        register(&mut local, &access, &mut Authenticator::new(seed));
        local.advance(1);
    }
    assert_eq!(
        local.err(
            "StartWebAuthnRegistration",
            json!({ "AccessToken": access })
        ),
        "LimitExceededException"
    );
    assert_eq!(list(&mut local, &access).len(), 20);
    let mut page = json!({ "AccessToken": access, "MaxResults": 8 });
    let what = ("ListWebAuthnCredentials", "Credentials", "CredentialId");
    let pages = local.pages(what, page.clone());
    let all: Vec<String> = (1..=20).map(|seed| encoded(&[seed; 16])).collect();
    assert_eq!(pages.concat(), all);
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [8, 8, 4]);
    // The model: from 0. Nobody asks for nothing.
    let none = json!({ "AccessToken": access, "MaxResults": 0 });
    let reply = local.ok("ListWebAuthnCredentials", none);
    assert_eq!(reply["Credentials"].as_array().unwrap().len(), 20);
    page["NextToken"] = json!("made-up");
    assert_eq!(
        local.err("ListWebAuthnCredentials", page),
        "InvalidParameterException"
    );
}

#[test]
fn what_a_pool_says_of_passkeys_is_kept_and_checked() {
    let (mut local, _) = local(json!({ "UserVerification": "required" }));
    let pool = json!({ "UserPoolId": POOL });
    let webauthn = json!({ "RelyingPartyId": "example.com", "UserVerification": "required" });
    let config = local.ok("GetUserPoolMfaConfig", pool.clone());
    assert_eq!(
        config,
        json!({ "MfaConfiguration": "OFF", "WebAuthnConfiguration": webauthn })
    );
    let set = |more: Value| with(json!({ "UserPoolId": POOL }), more);
    for id in ["com", "https://example.com", "Example.com", "127.0.0.1"] {
        let input = set(json!({ "WebAuthnConfiguration": { "RelyingPartyId": id } }));
        assert_eq!(
            local.err("SetUserPoolMfaConfig", input),
            "InvalidParameterException",
            "{id}"
        );
    }
    // What says nothing of passkeys leaves them alone, also where it turns everything else off.
    let token = json!({ "SoftwareTokenMfaConfiguration": { "Enabled": true } });
    let mut optional = set(token.clone());
    optional["MfaConfiguration"] = json!("OPTIONAL");
    let reply = local.ok("SetUserPoolMfaConfig", optional);
    assert_eq!(reply["WebAuthnConfiguration"], webauthn);
    let reply = local.ok(
        "SetUserPoolMfaConfig",
        set(json!({ "MfaConfiguration": "OFF" })),
    );
    assert_eq!(reply["WebAuthnConfiguration"], webauthn);
    // A single factor is not enough where two are required.
    let mut required = set(token);
    required["MfaConfiguration"] = json!("ON");
    for more in [json!(null), json!("SINGLE_FACTOR")] {
        if more.is_string() {
            required["WebAuthnConfiguration"] =
                json!({ "RelyingPartyId": "example.com", "FactorConfiguration": more });
        }
        assert_eq!(
            local.refused("SetUserPoolMfaConfig", required.clone()),
            invalid(
                "Cannot set WebAuthn factor configuration to SINGLE_FACTOR if MFA is required and \
                 WebAuthn is an allowed first auth factor"
            )
        );
    }
    required["WebAuthnConfiguration"]["FactorConfiguration"] =
        json!("MULTI_FACTOR_WITH_USER_VERIFICATION");
    local.ok("SetUserPoolMfaConfig", required);
}

#[test]
fn passkeys_begin_no_sign_in_to_a_pool_that_requires_mfa_unless_they_are_both_factors() {
    let mut local = Local::verifying(json!({
        "MfaConfig": { "MfaConfiguration": "ON", "SmsMfaConfiguration": {},
            "WebAuthnConfiguration": { "RelyingPartyId": "example.com" } },
    }));
    let factors =
        json!({ "SignInPolicy": { "AllowedFirstAuthFactors": ["PASSWORD", "WEB_AUTHN"] } });
    let sms = json!({ "SnsCallerArn": "arn:aws:iam::123456789012:role/sms",
        "ExternalId": "external" });
    let update = json!({ "UserPoolId": POOL, "Policies": factors, "SmsConfiguration": sms,
        "AutoVerifiedAttributes": ["phone_number"] });
    let words =
        "WEB_AUTHN cannot be used as an auth factor when MFA is enabled if not configured for MFA.";
    let refused = invalid(words);
    assert_eq!(local.refused("UpdateUserPool", update.clone()), refused);
    let create = json!({ "PoolName": "other", "MfaConfiguration": "ON", "Policies": factors,
        "SmsConfiguration": sms, "Schema": [{ "Name": "phone_number", "Required": true }] });
    assert_eq!(local.refused("CreateUserPool", create), refused);
    local.ok(
        "SetUserPoolMfaConfig",
        json!({ "UserPoolId": POOL, "WebAuthnConfiguration": { "RelyingPartyId": "example.com",
            "FactorConfiguration": "MULTI_FACTOR_WITH_USER_VERIFICATION" } }),
    );
    local.ok("UpdateUserPool", update);
}

/// WebAuthn level 3, section 5.1.3: transports that are not known are kept, and a list may be cut.
#[test]
fn what_an_authenticator_says_of_itself_is_kept_as_far_as_it_makes_sense() {
    let (mut local, access) = local(json!({}));
    let long = "x".repeat(33);
    let many: Vec<String> = (0..9).map(|at| format!("t{at}")).collect();
    let mut seed = 0;
    for (attachment, transports, name, kept) in [
        (
            json!("cross-platform"),
            json!(["usb", "", "no good", "\u{e4}", &long[1..], long]),
            "Security key",
            json!(["usb", &long[1..]]),
        ),
        (json!("platform"), json!(many), "Passkey", json!(many[..8])),
        (json!("implanted"), json!([]), "Passkey", json!([])),
        (Value::Null, Value::Null, "Passkey", json!([])),
    ] {
        seed += 1;
        let mut authenticator = Authenticator::new(seed);
        let options = start(&mut local, &access);
        let mut credential = authenticator.create(&options);
        credential["authenticatorAttachment"] = attachment.clone();
        credential["response"]["transports"] = transports;
        local.ok(
            "CompleteWebAuthnRegistration",
            complete(&access, credential),
        );
        let shown = list(&mut local, &access).pop().unwrap();
        assert_eq!(shown["FriendlyCredentialName"], name);
        assert_eq!(shown["AuthenticatorTransports"], kept);
        let known = [json!("platform"), json!("cross-platform")].contains(&attachment);
        assert_eq!(
            shown.get("AuthenticatorAttachment"),
            known.then_some(&attachment)
        );
    }
}

/// Where the user name is made up, a key store shows the address.
#[test]
fn a_key_store_shows_a_name_that_the_person_knows() {
    let passkeys = json!({
        "Policies": { "SignInPolicy": { "AllowedFirstAuthFactors": ["PASSWORD", "WEB_AUTHN"] } },
        "MfaConfig": { "WebAuthnConfiguration": { "RelyingPartyId": "example.com" } },
    });
    let shown = |settings: Value, name: &str, attributes: &[(&str, &str)]| {
        let mut local = Local::new(with(passkeys.clone(), settings));
        settled(&mut local, name, attributes);
        let access = local.tokens(name)["AccessToken"].clone();
        let user = start(&mut local, &access)["user"].clone();
        let of = |member: &str| user[member].as_str().unwrap().to_owned();
        [of("name"), of("displayName")]
    };
    let by_address = json!({ "UsernameAttributes": ["email", "phone_number"] });
    assert_eq!(shown(by_address.clone(), EMAIL, &[]), [EMAIL, EMAIL]);
    assert_eq!(shown(by_address.clone(), PHONE, &[]), [PHONE, PHONE]);
    let both = [("email", EMAIL), ("name", "Al")];
    assert_eq!(shown(by_address, PHONE, &both), [EMAIL, "Al"]);
    assert_eq!(shown(json!({}), "alice", &both), ["alice", "Al"]);
}
