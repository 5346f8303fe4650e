//! Users whom an administrator makes: how they are invited, and with which password.

use crate::common::*;
use serde_json::{Value, json};

fn create(local: &mut Local, more: Value) -> Result<Value, Exception> {
    local.call("AdminCreateUser", of("alice", more))
}

/// To whom something was sent.
fn sent(local: &mut Local) -> Vec<String> {
    let outbox = local.outbox();
    let to = outbox.iter().map(|message| message["to"].as_str().unwrap());
    to.map(String::from).collect()
}

/// The model, `DesiredDeliveryMediums`: SMS by default, and more than one can be named.
#[test]
fn an_invitation_goes_where_it_is_wanted() {
    let both = [("email", EMAIL), ("phone_number", PHONE)];
    let no = invalid("User does not have an attribute for the desired delivery mediums.");
    for (attributes, mediums, expected) in [
        (&both[..], None, Ok(vec![PHONE])),
        (&both, Some(vec!["SMS"]), Ok(vec![PHONE])),
        (&both, Some(vec!["EMAIL"]), Ok(vec![EMAIL])),
        (&both, Some(vec!["SMS", "EMAIL"]), Ok(vec![PHONE, EMAIL])),
        (&both[..1], None, Ok(vec![EMAIL])),
        (&both[..1], Some(vec!["SMS", "EMAIL"]), Ok(vec![EMAIL])),
        (&both[..1], Some(vec!["SMS"]), Err(&no)),
        (&both[1..], Some(vec!["EMAIL"]), Err(&no)),
        (&[], None, Ok(vec![])),
    ] {
        let mut local = Local::verifying(json!({}));
        let mut more = json!({ "UserAttributes": pairs(attributes) });
        if let Some(mediums) = &mediums {
            more["DesiredDeliveryMediums"] = json!(mediums);
        }
        let made = create(&mut local, more);
        match expected {
            Ok(to) => {
                made.unwrap();
                assert_eq!(sent(&mut local), to, "{attributes:?} {mediums:?}");
            }
            Err(refusal) => assert_eq!(made.unwrap_err(), *refusal),
        }
    }
    // A pool that sends no SMS.
    let mut local = Local::new(json!({}));
    create(&mut local, json!({ "UserAttributes": pairs(&both) })).unwrap();
    assert_eq!(sent(&mut local), [EMAIL]);
    let mut local = Local::new(json!({}));
    let by_sms = json!({ "UserAttributes": pairs(&both), "DesiredDeliveryMediums": ["SMS"] });
    assert_eq!(create(&mut local, by_sms).unwrap_err(), no);
    // Nobody is invited who is not to be.
    let suppressed = json!({ "UserAttributes": pairs(&both), "MessageAction": "SUPPRESS" });
    create(&mut local, suppressed).unwrap();
    assert!(local.outbox().is_empty());
}

#[test]
fn a_made_up_password_is_as_the_policy_asks() {
    for (length, expected) in [(6, 8), (12, 12), (99, 99)] {
        let policy = json!({ "MinimumLength": length, "RequireUppercase": true,
            "RequireLowercase": true, "RequireNumbers": true, "RequireSymbols": true });
        let mut local = Local::new(json!({ "Policies": { "PasswordPolicy": policy } }));
        let more = json!({ "UserAttributes": pairs(&[("email", EMAIL)]) });
        create(&mut local, more).unwrap();
        let password = local.code(EMAIL);
        assert_eq!(password.len(), expected, "{password}");
        let kinds: [fn(&u8) -> bool; 4] = [
            u8::is_ascii_uppercase,
            u8::is_ascii_lowercase,
            u8::is_ascii_digit,
            u8::is_ascii_punctuation,
        ];
        assert!(kinds.iter().all(|is| password.bytes().any(|it| is(&it))));
        let challenge = local.initiate("alice", &password).unwrap();
        assert_eq!(challenge["ChallengeName"], "NEW_PASSWORD_REQUIRED");
    }
}

/// The model: `UnusedAccountValidityDays`, and `TemporaryPasswordValidityDays` in its place.
#[test]
fn a_temporary_password_lives_as_long_as_the_pool_says() {
    let by_policy = json!({ "Policies": { "PasswordPolicy":
        { "MinimumLength": 8, "TemporaryPasswordValidityDays": 2 } } });
    let by_config = json!({ "AdminCreateUserConfig": { "UnusedAccountValidityDays": 2 } });
    for settings in [by_policy.clone(), by_config] {
        for (late, expected) in [(0, true), (1, false)] {
            let mut local = Local::new(settings.clone());
            made(&mut local, "alice", &[]);
            local.advance(2 * DAY - 1 + late);
            let signed_in = local.initiate("alice", PASSWORD).is_ok();
            assert_eq!(signed_in, expected, "{settings}");
        }
    }
    // One that an administrator sets later counts from then on.
    for (late, expected) in [(0, true), (1, false)] {
        let mut local = Local::new(by_policy.clone());
        settled(&mut local, "alice", &[]);
        local.advance(30 * DAY);
        let more = json!({ "Password": PASSWORD, "Permanent": false });
        local.ok("AdminSetUserPassword", of("alice", more));
        let user = local.ok("AdminGetUser", of("alice", json!({})));
        assert_eq!(user["UserStatus"], "FORCE_CHANGE_PASSWORD");
        local.advance(2 * DAY - 1 + late);
        assert_eq!(local.initiate("alice", PASSWORD).is_ok(), expected);
    }
}

#[test]
fn who_is_invited_again_has_another_password_and_was_changed() {
    let mut local = Local::new(json!({}));
    let more = json!({ "UserAttributes": pairs(&[("email", EMAIL)]) });
    create(&mut local, more).unwrap();
    let first = local.code(EMAIL);
    local.advance(60);
    let again = create(&mut local, json!({ "MessageAction": "RESEND" })).unwrap();
    assert_eq!(again["User"]["UserCreateDate"], 1_772_323_200);
    assert_eq!(again["User"]["UserLastModifiedDate"], 1_772_323_260);
    assert_eq!(attribute(&again["User"], "email").as_deref(), Some(EMAIL));
    let second = local.code(EMAIL);
    local.initiate("alice", &first).unwrap_err();
    local.initiate("alice", &second).unwrap();
    // A policy holds for a password that is given here, too.
    let weak = json!({ "MessageAction": "RESEND", "TemporaryPassword": "Passw0rd" });
    assert_eq!(
        create(&mut local, weak).unwrap_err().0,
        "InvalidPasswordException"
    );
    // Who has a password to keep needs no invitation; nor does nobody.
    let more = json!({ "Password": PASSWORD, "Permanent": true });
    local.ok("AdminSetUserPassword", of("alice", more));
    assert_eq!(
        create(&mut local, json!({ "MessageAction": "RESEND" })).unwrap_err(),
        Exception(
            "UnsupportedUserStateException".into(),
            "Resend not possible. alice status is not FORCE_CHANGE_PASSWORD".into()
        )
    );
    let nobody = of("nobody", json!({ "MessageAction": "RESEND" }));
    assert_eq!(
        local.err("AdminCreateUser", nobody),
        "UserNotFoundException"
    );
    let sub = json!({ "UserAttributes": pairs(&[("sub", "1")]) });
    assert_eq!(
        local.refused("AdminCreateUser", of("bob", sub)).1,
        "Cannot modify the non-mutable attribute sub"
    );
}

/// The model, `ForceAliasCreation`: the alias moves from its former owner.
#[test]
fn who_is_made_with_a_verified_alias_signs_in_by_it() {
    let aliases = json!({ "AliasAttributes": ["email", "phone_number", "preferred_username"] });
    for (name, verified) in [
        ("email", Some("email_verified")),
        ("phone_number", Some("phone_number_verified")),
        ("preferred_username", None),
    ] {
        let mut local = Local::new(aliases.clone());
        let value = match name {
            "email" => EMAIL,
            "phone_number" => PHONE,
            _ => "ally",
        };
        let mut attributes = vec![(name, value)];
        if let Some(flag) = verified {
            made(&mut local, "unverified", &attributes);
            assert!(local.initiate(value, PASSWORD).is_err());
            attributes.push((flag, "true"));
        }
        settled(&mut local, "alice", &attributes);
        local.initiate(value, PASSWORD).unwrap();
        let again = json!({ "UserAttributes": pairs(&attributes), "MessageAction": "SUPPRESS",
            "TemporaryPassword": PASSWORD });
        assert_eq!(
            local.refused("AdminCreateUser", of("bob", again.clone())),
            Exception(
                "UsernameExistsException".into(),
                format!("An account with the given {name} already exists.")
            )
        );
        let forced = with(again, json!({ "ForceAliasCreation": true }));
        local.ok("AdminCreateUser", of("bob", forced));
        let challenge = local.initiate(value, PASSWORD).unwrap();
        assert_eq!(challenge["ChallengeName"], "NEW_PASSWORD_REQUIRED");
        let parameters = &challenge["ChallengeParameters"];
        assert_eq!(parameters["USER_ID_FOR_SRP"], "bob");
    }
    // What is no alias is nobody's name.
    let mut local = Local::new(json!({}));
    let attributes = [("email", EMAIL), ("email_verified", "true")];
    for name in ["alice", "bob"] {
        settled(&mut local, name, &attributes);
    }
    assert!(local.initiate(EMAIL, PASSWORD).is_err());
}
