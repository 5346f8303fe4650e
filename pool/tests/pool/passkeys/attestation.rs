//! What an authenticator hands over at a registration, part by part: attestation, key, lengths.

use super::*;
use ciborium::Value as Cbor;

/// Registers with the attestation's parts made by `make`; gives the error's name.
fn with_attestation(
    make: impl FnOnce(&mut Authenticator, &Value) -> (Vec<u8>, Vec<u8>, Cbor),
) -> Result<Value, Exception> {
    let (mut local, access) = local(json!({}));
    let options = start(&mut local, &access);
    let mut authenticator = Authenticator::new(1);
    let (client_data, data, statement) = make(&mut authenticator, &options);
    let credential = authenticator.registration(&client_data, data, statement);
    local.call(
        "CompleteWebAuthnRegistration",
        complete(&access, credential),
    )
}

fn parts(authenticator: &Authenticator, options: &Value) -> (Vec<u8>, Vec<u8>) {
    let client_data = authenticator.client_data("webauthn.create", &options["challenge"]);
    (client_data, authenticator.data(&options["rp"]["id"], true))
}

fn no_statement() -> Cbor {
    Cbor::Map(Vec::new())
}

#[test]
fn an_attestation_holds_or_is_refused() {
    let not_supported = "WebAuthnCredentialNotSupportedException";
    let packed = |members: Vec<(&'static str, Cbor)>| {
        with_attestation(move |authenticator, options| {
            authenticator.format = "packed";
            let (client_data, data) = parts(authenticator, options);
            let members = members.into_iter().map(|(name, it)| (text(name), it));
            (client_data, data, Cbor::Map(members.collect()))
        })
    };
    let bytes = || Cbor::Bytes(vec![1, 2, 3]);
    for members in [
        vec![],
        vec![("alg", Cbor::from(-7))],
        vec![("sig", bytes())],
        // Signed by nobody.
        vec![("alg", Cbor::from(-7)), ("sig", bytes())],
        vec![
            ("alg", Cbor::from(-7)),
            ("sig", bytes()),
            ("x5c", Cbor::Array(vec![])),
        ],
        vec![
            ("alg", Cbor::from(-7)),
            ("sig", bytes()),
            ("x5c", Cbor::Array(vec![text("x")])),
        ],
    ] {
        assert_eq!(packed(members).unwrap_err().0, not_supported);
    }
    // Signed, under the name of another algorithm.
    let other_name = with_attestation(|authenticator, options| {
        authenticator.format = "packed";
        let (client_data, data) = parts(authenticator, options);
        let signed = [data.as_slice(), &sha256(&client_data)].concat();
        let signature = Cbor::Bytes(authenticator.sign(&signed));
        let statement = vec![(text("alg"), Cbor::from(-257)), (text("sig"), signature)];
        (client_data, data, Cbor::Map(statement))
    });
    assert_eq!(other_name.unwrap_err().0, not_supported);
    // By a certificate, which is not judged.
    let certified = packed(vec![
        ("alg", Cbor::from(-7)),
        ("sig", bytes()),
        ("x5c", Cbor::Array(vec![bytes()])),
    ]);
    assert!(certified.is_ok());
    let none_that_says_something = with_attestation(|authenticator, options| {
        let (client_data, data) = parts(authenticator, options);
        (client_data, data, Cbor::Map(vec![(text("x"), text("y"))]))
    });
    assert_eq!(none_that_says_something.unwrap_err().0, not_supported);
}

fn sha256(bytes: &[u8]) -> Vec<u8> {
    use sha2::Digest;
    sha2::Sha256::digest(bytes).to_vec()
}

/// Registers with the COSE key replaced.
fn with_key(members: Vec<(i64, Cbor)>) -> String {
    with_attestation(|authenticator, options| {
        let (client_data, data) = parts(authenticator, options);
        let front = 37 + 16 + 2 + authenticator.id.len();
        let members = members.into_iter().map(|(label, it)| (label.into(), it));
        let key = cbor(&Cbor::Map(members.collect()));
        (client_data, [&data[..front], &key].concat(), no_statement())
    })
    .unwrap_err()
    .0
}

#[test]
fn a_public_key_is_one_that_the_pool_knows() {
    let ec = |algorithm: i64, curve: i64, x: Vec<u8>, y: Vec<u8>| {
        vec![
            (1, 2.into()),
            (3, algorithm.into()),
            (-1, curve.into()),
            (-2, Cbor::Bytes(x)),
            (-3, Cbor::Bytes(y)),
        ]
    };
    let rsa = |n: Vec<u8>| {
        let (n, e) = (Cbor::Bytes(n), Cbor::Bytes(vec![1, 0, 1]));
        vec![(1, 3.into()), (3, (-257).into()), (-1, n), (-2, e)]
    };
    let ed25519 = vec![
        (1, 1.into()),
        (3, (-8).into()),
        (-1, 6.into()),
        (-2, Cbor::Bytes(vec![1; 32])),
    ];
    for key in [
        vec![],
        ed25519,
        // ES384 and its curve, ES256 on a curve that it has not, a point that is on none.
        ec(-35, 2, vec![1; 48], vec![1; 48]),
        ec(-7, 2, vec![1; 32], vec![1; 32]),
        ec(-7, 1, vec![1; 32], vec![1; 32]),
        ec(-7, 1, vec![], vec![]),
        // Too short to be safe, too long to be borne.
        rsa(vec![0xff; 128]),
        rsa(vec![0xff; 1025]),
        rsa(vec![]),
    ] {
        let name = with_key(key.clone());
        assert_eq!(name, "WebAuthnCredentialNotSupportedException", "{key:?}");
    }
}

#[test]
fn what_no_browser_makes_is_an_invalid_parameter() {
    let malformed = |change: &dyn Fn(&mut Value)| {
        let (mut local, access) = local(json!({}));
        let options = start(&mut local, &access);
        let mut credential = Authenticator::new(1).create(&options);
        change(&mut credential);
        let refused = local.refused(
            "CompleteWebAuthnRegistration",
            complete(&access, credential),
        );
        assert_eq!(refused.0, "InvalidParameterException", "{refused:?}");
    };
    for member in ["id", "rawId", "type", "response"] {
        malformed(&|it| drop(it.as_object_mut().unwrap().remove(member)));
    }
    malformed(&|it| it["rawId"] = json!(encoded(&[9; 16])));
    malformed(&|it| {
        it["id"] = json!(encoded(&[9; 16]));
        it["rawId"] = it["id"].clone();
    });
    malformed(&|it| it["type"] = json!("password"));
    for member in ["clientDataJSON", "attestationObject"] {
        for value in [json!(null), json!(""), json!("*"), json!("AAAA"), json!(5)] {
            malformed(&|it| it["response"][member] = value.clone());
        }
    }
    let get =
        json!({ "type": "webauthn.get", "challenge": "AAAA", "origin": "https://example.com" });
    malformed(&|it| it["response"]["clientDataJSON"] = json!(encoded(get.to_string().as_bytes())));
    // Cut short at each place, and longer than it says.
    for length in [0, 36, 37, 52, 54, 60, 80] {
        let cut = with_attestation(|authenticator, options| {
            let (client_data, data) = parts(authenticator, options);
            (client_data, data[..length].to_vec(), no_statement())
        });
        assert_eq!(cut.unwrap_err().0, "InvalidParameterException", "{length}");
    }
    let longer = with_attestation(|authenticator, options| {
        let (client_data, data) = parts(authenticator, options);
        (client_data, [data, vec![0]].concat(), no_statement())
    });
    assert_eq!(longer.unwrap_err().0, "InvalidParameterException");
    // Without a credential in it there is nothing to register.
    let nothing = with_attestation(|authenticator, options| {
        let (client_data, _) = parts(authenticator, options);
        let data = authenticator.data(&options["rp"]["id"], false);
        (client_data, data, no_statement())
    });
    assert_eq!(
        nothing.unwrap_err().0,
        "WebAuthnCredentialNotSupportedException"
    );
    // Extensions behind the key are read over.
    let extended = with_attestation(|authenticator, options| {
        authenticator.flags |= 128;
        let (client_data, data) = parts(authenticator, options);
        let extensions = cbor(&Cbor::Map(vec![(text("credProps"), Cbor::Bool(true))]));
        (client_data, [data, extensions].concat(), no_statement())
    });
    assert!(extended.is_ok());
}
