//! Answers that no honest pool gives. Each ends in an error, and the flow goes on working.

use serde_json::{Value, json};

use crate::support::*;

/// RFC 5054's 3072-bit prime, as the pool would send a number.
const PRIME: &str = concat!(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74",
    "020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B302B0A6DF25F1437",
    "4FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED",
    "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF05",
    "98DA48361C55D39A69163FA8FD24CF5F83655D23DCA3AD961C62F356208552BB",
    "9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B",
    "E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF695581718",
    "3995497CEA956AE515D2261898FA051015728E5A8AAAC42DAD33170D04507A33",
    "A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7",
    "ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864",
    "D87602733EC86A64521F2B18177B200CBBE117577A615D6C770988C0BAD946E2",
    "08E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF",
);

fn by_srp() -> World {
    World::scripted_with(json!({ "signInWith": "srp" }))
}

fn verifier() -> Value {
    json!({
        "USER_ID_FOR_SRP": USER,
        "SALT": "9a3b5c7d1e2f40516273849505162738",
        "SRP_B": "5".repeat(768),
        "SECRET_BLOCK": "c2VjcmV0LWJsb2NrLW9mLXRoZS1wb29s",
        "USERNAME": USER,
    })
}

/// A sign-in by SRP whose challenge has this in place of one parameter.
#[track_caller]
fn assert_refused(parameter: &str, value: Value) {
    let mut parameters = verifier();
    parameters[parameter] = value;
    let mut world = by_srp();
    world.expect("InitiateAuth", challenge("PASSWORD_VERIFIER", parameters));
    let snapshot = world.send(sign_in());
    assert_eq!(
        (world.step().as_str(), world.error().as_str()),
        ("signedOut", "server"),
        "{parameter}"
    );
    assert_eq!(snapshot["username"], USER);
    assert_eq!(world.sent().len(), 1, "no proof is sent");
    assert_eq!(world.pending, None, "nothing of it is kept");
}

#[test]
fn an_honest_challenge_is_answered() {
    let mut world = by_srp();
    world
        .expect("InitiateAuth", challenge("PASSWORD_VERIFIER", verifier()))
        .expect("RespondToAuthChallenge", tokens(1))
        .expect("GetUser", verified_user());
    assert_eq!(world.send(sign_in())["step"], "signedIn");
}

#[test]
fn a_public_value_that_is_zero_in_the_group_is_refused() {
    assert_refused("SRP_B", json!("0"));
    assert_refused("SRP_B", json!("00".repeat(384)));
    assert_refused("SRP_B", json!(PRIME));
    assert_refused("SRP_B", json!(format!("00{PRIME}")));
}

#[test]
fn a_public_value_that_is_no_number_of_the_group_is_refused() {
    for value in ["", "-1", "0x12", "zz", "12 34", "１２"] {
        assert_refused("SRP_B", json!(value));
    }
    assert_refused("SRP_B", json!("f".repeat(770)));
    assert_refused("SRP_B", json!("5".repeat(100_000)));
    assert_refused("SRP_B", json!(12));
    assert_refused("SRP_B", Value::Null);
}

#[test]
fn a_salt_of_no_or_of_ten_thousand_digits_is_refused() {
    assert_refused("SALT", json!(""));
    assert_refused("SALT", json!("a".repeat(10_000)));
    assert_refused("SALT", json!("not hex"));
    assert_refused("SALT", json!(7));
    assert_refused("SALT", Value::Null);
}

#[test]
fn a_secret_block_or_user_id_that_is_missing_or_absurd_is_refused() {
    assert_refused("SECRET_BLOCK", Value::Null);
    assert_refused("SECRET_BLOCK", json!("!!! not base64 !!!"));
    assert_refused("SECRET_BLOCK", json!({}));
    assert_refused("USER_ID_FOR_SRP", Value::Null);
    assert_refused("USER_ID_FOR_SRP", json!([USER]));
}

#[test]
fn after_a_hostile_answer_the_next_sign_in_works() {
    let mut world = by_srp();
    let mut parameters = verifier();
    parameters["SRP_B"] = json!("0");
    world.expect("InitiateAuth", challenge("PASSWORD_VERIFIER", parameters));
    world.send(sign_in());
    world
        .expect("InitiateAuth", challenge("PASSWORD_VERIFIER", verifier()))
        .expect("RespondToAuthChallenge", tokens(1))
        .expect("GetUser", verified_user());
    assert_eq!(world.send(sign_in())["step"], "signedIn");
}

#[test]
fn challenges_that_are_not_known_are_named() {
    for name in ["MFA_SETUP", "SELECT_MFA_TYPE", "WEB_AUTHN", "NEW_ONE_2031"] {
        let mut world = World::scripted();
        world.expect("InitiateAuth", challenge(name, json!({})));
        let snapshot = world.send(sign_in());
        assert_eq!(snapshot["error"]["code"], "server");
        assert_eq!(snapshot["error"]["server"], name);
        let mut world = by_srp();
        world.expect("InitiateAuth", challenge(name, json!({})));
        assert_eq!(world.send(sign_in())["error"]["server"], name);
    }
}

#[test]
fn a_challenges_name_that_is_no_name_is_not_repeated() {
    for name in [
        "<img src=x onerror=alert(1)>".into(),
        "A".repeat(65),
        "a b".into(),
    ] {
        let mut world = World::scripted();
        world.expect("InitiateAuth", challenge(&name, json!({})));
        let snapshot = world.send(sign_in());
        assert_eq!(snapshot["error"]["code"], "server");
        assert_eq!(snapshot["error"].get("server"), None);
    }
}

#[test]
fn a_lifetime_that_is_no_lifetime_is_refused() {
    for lifetime in [json!(0), json!(-5), json!(1e300), json!("3600"), json!([1])] {
        let mut set = token_set(1);
        set["ExpiresIn"] = lifetime;
        let mut world = World::scripted();
        world.expect("InitiateAuth", ok(json!({ "AuthenticationResult": set })));
        world.send(sign_in());
        assert_eq!(
            (world.step().as_str(), world.error().as_str()),
            ("signedOut", "server")
        );
        assert_eq!(world.storage.as_ref().unwrap().session(), None);
    }
}

#[test]
fn a_lifetime_that_is_left_out_is_an_hour() {
    let mut set = token_set(1);
    set["ExpiresIn"] = Value::Null;
    let mut world = World::scripted();
    world.expect("InitiateAuth", ok(json!({ "AuthenticationResult": set })));
    world.expect("GetUser", verified_user());
    let before = world.clock.wall;
    let snapshot = world.send(sign_in());
    assert_eq!(snapshot["step"], "signedIn");
    let expires = snapshot["tokensExpireAt"].as_f64().unwrap();
    assert!((3_600_000.0..3_700_000.0).contains(&(expires - before)));
}

#[test]
fn a_destination_of_absurd_length_is_not_shown() {
    let mut world = World::scripted();
    world.expect("SignUp", ok(json!({ "UserConfirmed": false, "CodeDeliveryDetails": {
        "DeliveryMedium": "SMS", "Destination": "9".repeat(100_000), "AttributeName": "phone_number",
    } })));
    let snapshot = world.send(sign_up(phone_and_email()));
    assert_eq!(snapshot["step"], "confirmSignUp");
    assert_eq!(snapshot["delivery"], Value::Null);
}

/// An answer, how to bring a world to the request, and the event that sends it.
struct Case {
    operation: &'static str,
    answer: fn() -> Fault,
    prepare: fn(&mut World),
    event: fn() -> Value,
}

const ANSWERS: [Case; 20] = [
    Case {
        operation: "InitiateAuth",
        answer: device_asked,
        prepare: |world| {
            world.become_known();
            world.expect("RespondToAuthChallenge", tokens(1));
        },
        event: sign_in,
    },
    Case {
        operation: "RespondToAuthChallenge",
        answer: device_proof_asked,
        prepare: |world| {
            world.become_known();
            world.expect("InitiateAuth", device_asked());
        },
        event: sign_in,
    },
    Case {
        operation: "InitiateAuth",
        answer: || select_mfa(&["SMS_MFA", "EMAIL_OTP"]),
        prepare: |_| {},
        event: sign_in,
    },
    Case {
        operation: "AssociateSoftwareToken",
        answer: || associated(2),
        prepare: |world| {
            let kinds = set_up(&["SOFTWARE_TOKEN_MFA", "EMAIL_OTP"]);
            world.expect("InitiateAuth", kinds);
            world.send(sign_in());
        },
        event: || select("totp"),
    },
    Case {
        operation: "InitiateAuth",
        answer: || set_up(&["SOFTWARE_TOKEN_MFA", "SMS_MFA"]),
        prepare: |_| {},
        event: sign_in,
    },
    Case {
        operation: "InitiateAuth",
        answer: || set_up(&["EMAIL_OTP"]),
        prepare: |_| {},
        event: sign_in,
    },
    Case {
        operation: "AssociateSoftwareToken",
        answer: || associated(2),
        prepare: |world| {
            world.expect("InitiateAuth", set_up(&["SOFTWARE_TOKEN_MFA"]));
        },
        event: sign_in,
    },
    Case {
        operation: "VerifySoftwareToken",
        answer: || totp_verified(3),
        prepare: |world| {
            world
                .expect("InitiateAuth", set_up(&["SOFTWARE_TOKEN_MFA"]))
                .expect("AssociateSoftwareToken", associated(2))
                .expect("RespondToAuthChallenge", tokens(1));
            world.send(sign_in());
        },
        event: || submit("123456"),
    },
    Case {
        operation: "RespondToAuthChallenge",
        answer: || challenge("EMAIL_OTP", json!({})),
        prepare: |world| {
            world.expect("InitiateAuth", set_up(&["EMAIL_OTP"]));
            world.send(sign_in());
        },
        event: || json!({ "type": "setUpEmail", "email": EMAIL }),
    },
    Case {
        operation: "SignUp",
        answer: signed_up,
        prepare: |_| {},
        event: || sign_up(phone_and_email()),
    },
    Case {
        operation: "InitiateAuth",
        answer: || tokens(1),
        prepare: |_| {},
        event: sign_in,
    },
    Case {
        operation: "InitiateAuth",
        answer: sms_challenge,
        prepare: |_| {},
        event: sign_in,
    },
    Case {
        operation: "InitiateAuth",
        answer: new_password_challenge,
        prepare: |_| {},
        event: sign_in,
    },
    Case {
        operation: "InitiateAuth",
        answer: custom_challenge,
        prepare: |_| {},
        event: sign_in,
    },
    Case {
        operation: "RespondToAuthChallenge",
        answer: custom_challenge,
        prepare: |world| {
            world.expect("InitiateAuth", custom_challenge());
            world.send(sign_in());
        },
        event: || answer("12"),
    },
    Case {
        operation: "ForgotPassword",
        answer: email_sent,
        prepare: |_| {},
        event: forgot,
    },
    Case {
        operation: "GetUser",
        answer: unverified_user,
        prepare: |world| {
            world.expect("InitiateAuth", tokens(1));
        },
        event: sign_in,
    },
    Case {
        operation: "GetUserAttributeVerificationCode",
        answer: email_sent,
        prepare: |world| {
            world
                .expect("InitiateAuth", tokens(1))
                .expect("GetUser", unverified_user());
        },
        event: sign_in,
    },
    Case {
        operation: "RespondToAuthChallenge",
        answer: || tokens(1),
        prepare: |world| {
            world.expect("InitiateAuth", sms_challenge());
            world.send(sign_in());
        },
        event: || submit("123456"),
    },
    Case {
        operation: "ResendConfirmationCode",
        answer: email_sent,
        prepare: |world| {
            world.expect("SignUp", Fault::Lost);
            world.send(sign_up(phone_and_email()));
        },
        event: || event("resendCode"),
    },
];

#[test]
fn every_member_of_every_answer_may_be_missing_or_of_another_type() {
    for case in &ANSWERS {
        let Fault::Answer(answer) = (case.answer)() else {
            panic!("an answer is scripted")
        };
        let body = answer.body.unwrap();
        for path in paths(&body) {
            for other in others() {
                let mut changed = body.clone();
                change(&mut changed, &path, other);
                let mut world = World::scripted();
                (case.prepare)(&mut world);
                world.expect(case.operation, ok(changed));
                // What may follow is answered honestly.
                world
                    .expect("InitiateAuth", tokens(1))
                    .expect("RespondToAuthChallenge", tokens(1))
                    .expect("AssociateSoftwareToken", associated(8))
                    .expect("AssociateSoftwareToken", associated(9))
                    .expect("GetUser", verified_user())
                    .expect("GetUserAttributeVerificationCode", email_sent());
                world.send((case.event)());
                world.reload();
                world.run();
            }
        }
    }
}

/// Where each member of a value is, as JSON pointers.
fn paths(value: &Value) -> Vec<String> {
    let children: Vec<(String, &Value)> = match value {
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| (name.clone(), value))
            .collect(),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .map(|(at, item)| (at.to_string(), item))
            .collect(),
        _ => Vec::new(),
    };
    let below = children.into_iter().flat_map(|(name, child)| {
        let here = format!("/{name}");
        let deeper = paths(child)
            .into_iter()
            .map(|path| format!("{here}{path}"))
            .collect::<Vec<_>>();
        std::iter::once(here).chain(deeper)
    });
    below.collect()
}

fn others() -> [Value; 9] {
    [
        Value::Null,
        json!(true),
        json!(-1),
        json!(1e308),
        json!(""),
        json!("x".repeat(70_000)),
        json!([]),
        json!([[{}], null]),
        json!({}),
    ]
}

fn change(body: &mut Value, path: &str, other: Value) {
    *body.pointer_mut(path).unwrap() = other;
}
