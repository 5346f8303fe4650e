//! What a signed-in person does without being asked for anything.

use serde_json::{Value, json};

use crate::support::*;

fn signed_in_at(pool: &LocalPool) -> World {
    let attributes = json!({
        "email": EMAIL, "email_verified": "true",
        "phone_number": PHONE, "phone_number_verified": "true",
        "nickname": "Al",
    });
    pool.add_user(USER, PASSWORD, attributes, Clock::new().wall);
    let mut world = World::with(pool);
    assert_eq!(world.send(sign_in())["step"], "signedIn");
    world.sent();
    world
}

fn optional_mfa() -> LocalPool {
    let sms = json!({
        "SnsCallerArn": "arn:aws:iam::123456789012:role/service-role/tests-sms",
        "ExternalId": "tests",
    });
    let settings = json!({ "MfaConfig": {
        "MfaConfiguration": "OPTIONAL",
        "SmsMfaConfiguration": { "SmsConfiguration": sms },
        "SoftwareTokenMfaConfiguration": { "Enabled": true },
    } });
    LocalPool::with(settings, json!({}))
}

#[test]
fn the_second_factor_is_turned_on_read_and_used() {
    let pool = optional_mfa();
    let mut world = signed_in_at(&pool);
    let none = world.call("mfaPreference", json!({})).unwrap();
    assert_eq!(none, json!({ "enabled": [], "preferred": null }));
    let preference = json!({ "preference": { "sms": "preferred" } });
    assert_eq!(
        world.call("setMfaPreference", preference).unwrap(),
        json!(null)
    );
    let sms = world.call("mfaPreference", json!({})).unwrap();
    assert_eq!(sms, json!({ "enabled": ["sms"], "preferred": "sms" }));
    world.send(event("signOut"));
    assert_eq!(world.send(sign_in())["step"], "mfaCode");
    assert_eq!(world.send(submit(&pool.code()))["step"], "signedIn");
    world
        .call(
            "setMfaPreference",
            json!({ "preference": { "sms": "off" } }),
        )
        .unwrap();
    world.send(event("signOut"));
    assert_eq!(world.send(sign_in())["step"], "signedIn");
}

#[test]
fn each_factor_has_its_name_on_the_wire() {
    let mut world = World::scripted();
    world
        .expect("InitiateAuth", tokens(1))
        .expect("GetUser", verified_user());
    world.send(sign_in());
    world.expect("SetUserMFAPreference", done());
    let preference = json!({ "sms": "off", "email": "on", "totp": "preferred" });
    world
        .call("setMfaPreference", json!({ "preference": preference }))
        .unwrap();
    let body = world.body_of("SetUserMFAPreference");
    let setting =
        |enabled: bool, preferred: bool| json!({ "Enabled": enabled, "PreferredMfa": preferred });
    assert_eq!(body["SMSMfaSettings"], setting(false, false));
    assert_eq!(body["EmailMfaSettings"], setting(true, false));
    assert_eq!(body["SoftwareTokenMfaSettings"], setting(true, true));
    let user = json!({
        "UserAttributes": [], "PreferredMfaSetting": "EMAIL_OTP",
        "UserMFASettingList": ["EMAIL_OTP", "SOFTWARE_TOKEN_MFA", "WEB_AUTHN_MFA"],
    });
    world.expect("GetUser", ok(user));
    let read = world.call("mfaPreference", json!({})).unwrap();
    assert_eq!(
        read,
        json!({ "enabled": ["email", "totp"], "preferred": "email" })
    );
}

/// Nobody is told by somebody else's answer that they have no factor.
#[test]
fn what_is_of_no_user_says_nothing_of_their_factors() {
    for foreign in [json!({}), json!({ "status": "ok" })] {
        let mut world = alice();
        for (call, operation) in [
            ("mfaPreference", "GetUser"),
            ("factors", "GetUserAuthFactors"),
            ("passkeys", "ListWebAuthnCredentials"),
        ] {
            world.expect(operation, ok(foreign.clone()));
            let error = world.call(call, json!({})).unwrap_err();
            assert_eq!(error.code.as_str(), "server", "{call}: {foreign}");
        }
        world.expect(
            "GetUser",
            ok(json!({ "Username": USER, "UserAttributes": [] })),
        );
        assert_eq!(
            world.call("mfaPreference", json!({})).unwrap(),
            json!({ "enabled": [], "preferred": null })
        );
    }
}

/// Nobody is told by it that they have nothing, or that they are signed in nowhere else.
#[test]
fn a_list_that_is_none_or_holds_what_is_none_is_no_list() {
    for (call, operation, name) in [
        ("devices", "ListDevices", "Devices"),
        ("sessions", "ListUserSessions", "Sessions"),
        ("passkeys", "ListWebAuthnCredentials", "Credentials"),
    ] {
        let mut world = alice();
        let foreign = [json!(null), json!(5), json!("x"), json!({}), json!([{}, 5])];
        let foreign = foreign.map(|list| json!({ name: list }));
        let page = json!({ name: [], "NextToken": "2", "PaginationToken": "2" });
        for last in foreign.into_iter().chain([json!({})]) {
            for pages in [vec![last.clone()], vec![page.clone(), last.clone()]] {
                for page in pages {
                    world.expect(operation, ok(page));
                }
                let error = world.call(call, json!({})).unwrap_err();
                assert_eq!(error.code.as_str(), "server", "{call}: {last}");
            }
        }
        world.expect(operation, ok(json!({ name: [] })));
        assert_eq!(world.call(call, json!({})).unwrap(), json!([]), "{call}");
    }
}

#[test]
fn an_authenticator_is_set_up_and_on_in_one_step() {
    let pool = optional_mfa();
    let mut world = signed_in_at(&pool);
    let started = world.call("startTotp", json!({})).unwrap();
    let secret = started["secret"].as_str().unwrap();
    assert_eq!(
        started["uri"],
        format!("otpauth://totp/{USER}?secret={secret}").as_str()
    );
    let wrong = other_code(&totp(secret, world.clock.wall));
    let error = world
        .call("confirmTotp", json!({ "code": wrong }))
        .unwrap_err();
    assert_eq!(error.code.as_str(), "codeMismatch");
    let preference = world.call("mfaPreference", json!({})).unwrap();
    assert_eq!(preference["enabled"], json!([]));
    let code = totp(secret, world.clock.wall);
    let confirmed = json!({ "code": code, "deviceName": "Phone" });
    assert_eq!(world.call("confirmTotp", confirmed).unwrap(), json!(null));
    assert_eq!(
        world.body_of("VerifySoftwareToken")["FriendlyDeviceName"],
        "Phone"
    );
    let preference = world.call("mfaPreference", json!({})).unwrap();
    assert_eq!(
        preference,
        json!({ "enabled": ["totp"], "preferred": null })
    );
    world.send(event("signOut"));
    assert_eq!(world.send(sign_in())["medium"], "totp");
}

#[test]
fn what_is_sent_for_an_authenticator_is_what_was_asked_for() {
    for (used, sent) in [
        (None, Some(false)),
        (Some("on"), Some(false)),
        (Some("preferred"), Some(true)),
        (Some("off"), None),
    ] {
        let mut world = alice_with(json!({ "issuer": "example.com" }));
        world
            .expect(
                "AssociateSoftwareToken",
                ok(json!({ "SecretCode": TOTP_SECRET })),
            )
            .expect("VerifySoftwareToken", ok(json!({ "Status": "SUCCESS" })))
            .expect("SetUserMFAPreference", done());
        let started = world.call("startTotp", json!({})).unwrap();
        assert_eq!(
            started,
            json!({ "secret": TOTP_SECRET, "uri": format!(
                "otpauth://totp/example.com:{USER}?secret={TOTP_SECRET}&issuer=example.com") })
        );
        world
            .call("confirmTotp", json!({ "code": "123 456", "as": used }))
            .unwrap();
        assert_eq!(
            world.body_of("AssociateSoftwareToken"),
            json!({ "AccessToken": ACCESS_TOKEN })
        );
        assert_eq!(
            world.body_of("VerifySoftwareToken"),
            json!({ "AccessToken": ACCESS_TOKEN, "UserCode": "123456" })
        );
        let Some(preferred) = sent else {
            assert!(!world.sent().contains(&"SetUserMFAPreference".into()));
            continue;
        };
        assert_eq!(
            world.body_of("SetUserMFAPreference"),
            json!({ "AccessToken": ACCESS_TOKEN,
                "SoftwareTokenMfaSettings": { "Enabled": true, "PreferredMfa": preferred } })
        );
    }
}

#[test]
fn an_authenticator_that_was_not_verified_is_not_turned_on() {
    for (answer, code) in [
        (ok(json!({ "Status": "ERROR" })), "codeMismatch"),
        (done(), "server"),
        (
            refused("EnableSoftwareTokenMFAException", "No."),
            "codeMismatch",
        ),
        (Fault::Lost, "outcomeUnknown"),
    ] {
        let mut world = alice();
        world.expect("VerifySoftwareToken", answer);
        let error = world
            .call("confirmTotp", json!({ "code": "123456" }))
            .unwrap_err();
        assert_eq!(error.code.as_str(), code);
        assert_eq!(world.sent(), ["VerifySoftwareToken"]);
    }
}

#[test]
fn an_authenticator_that_could_not_be_turned_on_is_told() {
    let mut world = alice();
    world
        .expect("VerifySoftwareToken", ok(json!({ "Status": "SUCCESS" })))
        .expect(
            "SetUserMFAPreference",
            refused("InvalidParameterException", "No."),
        );
    let error = world
        .call("confirmTotp", json!({ "code": "123456" }))
        .unwrap_err();
    assert_eq!(error.code.as_str(), "invalidParameter");
}

#[test]
fn a_secret_is_asked_for_again_when_its_answer_was_lost_and_is_none_unless_it_is_one() {
    let mut world = alice();
    world
        .expect("AssociateSoftwareToken", Fault::Lost)
        .expect("AssociateSoftwareToken", unreadable(503))
        .expect(
            "AssociateSoftwareToken",
            ok(json!({ "SecretCode": TOTP_SECRET })),
        )
        .expect(
            "AssociateSoftwareToken",
            ok(json!({ "SecretCode": "A&issuer=evil" })),
        );
    let started = world.call("startTotp", json!({})).unwrap();
    assert_eq!(started["secret"], TOTP_SECRET);
    let error = world.call("startTotp", json!({})).unwrap_err();
    assert_eq!(error.code.as_str(), "server");
}

#[test]
fn a_changed_email_is_unverified_and_can_be_verified_with_the_code_already_sent() {
    let pool = LocalPool::new();
    let mut world = signed_in_at(&pool);
    let before = pool.outbox().len();
    let changed = json!({ "attributes": { "email": "new@example.com" } });
    let answer = world.call("updateAttributes", changed).unwrap();
    assert_eq!(answer, json!({ "unverified": ["email"] }));
    let snapshot = world.snapshot();
    assert_eq!(snapshot["attributes"]["email"], "new@example.com");
    assert_eq!(snapshot["unverified"], json!(["email"]));
    let snapshot = world.send(json!({ "type": "verifyAttribute", "attribute": "email" }));
    assert_eq!(snapshot["delivery"]["destination"], "n***@e***");
    assert_eq!(pool.outbox().len(), before + 1, "one code, not two");
    let snapshot = world.send(submit(&pool.code()));
    assert_eq!(snapshot["step"], "signedIn");
    assert_eq!(snapshot["unverified"], json!([]));
}

#[test]
fn a_changed_phone_number_that_took_part_in_the_sign_in_is_unverified_again() {
    let pool = LocalPool::with_sms_mfa();
    pool.add_user(
        USER,
        PASSWORD,
        json!({ "phone_number": PHONE }),
        Clock::new().wall,
    );
    let mut world = World::with(&pool);
    world.send(sign_in());
    assert_eq!(world.send(submit(&pool.code()))["unverified"], json!([]));
    let changed = json!({ "attributes": { "phone_number": "+15555559876" } });
    let answer = world.call("updateAttributes", changed).unwrap();
    assert_eq!(answer["unverified"], json!(["phone_number"]));
}

#[test]
fn where_the_pool_holds_the_change_back_the_new_value_shows_after_its_code() {
    let settings = json!({ "UserAttributeUpdateSettings": {
        "AttributesRequireVerificationBeforeUpdate": ["email"] } });
    let pool = LocalPool::with(settings, json!({}));
    let mut world = signed_in_at(&pool);
    let changed = json!({ "attributes": { "email": "new@example.com" } });
    let answer = world.call("updateAttributes", changed).unwrap();
    assert_eq!(answer, json!({ "unverified": ["email"] }));
    assert_eq!(
        world.snapshot()["attributes"]["email"],
        EMAIL,
        "the old one still holds"
    );
    world.send(json!({ "type": "verifyAttribute", "attribute": "email" }));
    let snapshot = world.send(submit(&pool.code()));
    assert_eq!(snapshot["step"], "signedIn");
    assert_eq!(snapshot["attributes"]["email"], "new@example.com");
}

#[test]
fn other_attributes_change_without_a_code() {
    let mut world = signed_in_at(&LocalPool::new());
    let changed = json!({ "attributes": { "nickname": "Ally" } });
    assert_eq!(
        world.call("updateAttributes", changed).unwrap(),
        json!({ "unverified": [] })
    );
    assert_eq!(world.snapshot()["attributes"]["nickname"], "Ally");
}

#[test]
fn deleted_attributes_are_gone_with_what_was_known_of_them() {
    let mut world = signed_in_at(&LocalPool::new());
    let names = json!({ "names": ["nickname", "phone_number"] });
    assert_eq!(world.call("deleteAttributes", names).unwrap(), json!(null));
    let attributes = world.snapshot()["attributes"].clone();
    for name in ["nickname", "phone_number", "phone_number_verified"] {
        assert_eq!(attributes.get(name), None, "{name}");
    }
    assert_eq!(attributes["email"], EMAIL);
}

#[test]
fn the_password_is_changed() {
    let mut world = signed_in_at(&LocalPool::new());
    let wrong = json!({ "current": "Wrong-9-wrong", "next": OTHER_PASSWORD });
    let error = world.call("changePassword", wrong).unwrap_err();
    assert_eq!(error.code.as_str(), "wrongCredentials");
    let plain = json!({ "current": PASSWORD, "next": "short" });
    assert_eq!(
        world
            .call("changePassword", plain)
            .unwrap_err()
            .code
            .as_str(),
        "invalidPassword"
    );
    let right = json!({ "current": PASSWORD, "next": OTHER_PASSWORD });
    assert_eq!(world.call("changePassword", right).unwrap(), json!(null));
    assert_eq!(world.step(), "signedIn");
    world.send(event("signOut"));
    let event = json!({ "type": "signIn", "username": USER, "password": OTHER_PASSWORD });
    assert_eq!(world.send(event)["step"], "signedIn");
}

#[test]
fn a_deleted_user_is_signed_out() {
    let pool = LocalPool::new();
    let mut world = signed_in_at(&pool);
    assert_eq!(world.call("deleteUser", json!({})).unwrap(), json!(null));
    assert_eq!(world.step(), "signedOut");
    assert_eq!(world.storage.as_ref().unwrap().session(), None);
    assert_eq!(world.sent(), ["DeleteUser"]);
    assert_eq!(world.send(sign_in())["error"]["code"], "wrongCredentials");
}

#[test]
fn every_call_when_signed_out_is_misuse_and_sends_nothing() {
    for (name, arguments) in calls() {
        let mut world = World::scripted();
        let (before, revision) = (world.snapshot(), world.flow.revision());
        let error = world.call(name, arguments).unwrap_err();
        assert_eq!(error.code.as_str(), "notAccepted", "{name}");
        assert_eq!(
            (world.snapshot(), world.flow.revision()),
            (before, revision)
        );
        assert!(world.sent().is_empty());
    }
}

#[test]
fn a_call_does_not_disturb_the_step() {
    let pool = LocalPool::new();
    pool.add_user(USER, PASSWORD, json!({ "email": EMAIL }), Clock::new().wall);
    let mut world = World::with(&pool);
    let before = world.send(sign_in());
    assert_eq!(before["step"], "verifyAttribute");
    world.call("mfaPreference", json!({})).unwrap();
    assert_eq!(world.snapshot(), before);
}

#[test]
fn an_error_of_a_call_is_its_answer_and_not_the_snapshots() {
    let mut world = signed_in_at(&LocalPool::new());
    let (before, revision) = (world.snapshot(), world.flow.revision());
    let change = json!({ "attributes": { "phone_number": "not a number" } });
    let error = world.call("updateAttributes", change).unwrap_err();
    assert_eq!(error.code.as_str(), "invalidParameter");
    assert_eq!(error.attribute.as_deref(), Some("phone_number"));
    assert_eq!(
        (world.snapshot(), world.flow.revision()),
        (before, revision)
    );
}

fn calls() -> [(&'static str, Value); 9] {
    [
        ("session", json!({})),
        ("mfaPreference", json!({})),
        ("setMfaPreference", json!({ "preference": { "sms": "on" } })),
        ("startTotp", json!({})),
        ("confirmTotp", json!({ "code": "123456" })),
        (
            "updateAttributes",
            json!({ "attributes": { "email": EMAIL } }),
        ),
        ("deleteAttributes", json!({ "names": ["email"] })),
        (
            "changePassword",
            json!({ "current": PASSWORD, "next": OTHER_PASSWORD }),
        ),
        ("deleteUser", json!({})),
    ]
}
