//! SRP against known answers made by two other implementations, and against hostile challenges.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use std::{env, fs};

use cognito_flow::srp::{BadChallenge, Challenge, DeviceVerifier, Handshake};
use serde_json::{Value, json};

// The arithmetic is another one in a browser: its instructions instead of their stand-ins.
#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

const VECTORS: &str = include_str!("data/srp-vectors.json");

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
fn every_known_answer_is_reproduced() {
    let vectors = vectors();
    assert_eq!(vectors.len(), 28);
    for vector in &vectors {
        match text(vector, "a").len() {
            64 => reproduce::<32>(vector),
            256 => reproduce::<128>(vector),
            digits => panic!("an exponent of {digits} digits"),
        }
    }
}

fn reproduce<const BYTES: usize>(vector: &Value) {
    let kind = text(vector, "kind");
    let handshake = Handshake::new(bytes::<BYTES>(text(vector, "a")));
    assert_eq!(handshake.public_key_hex(), text(vector, "srp_a"), "{kind}");

    let wall_ms = vector["time_unix"].as_f64().unwrap() * 1000.0;
    let proof = handshake
        .prove(&challenge(vector), text(vector, "password"), wall_ms)
        .unwrap();
    assert_eq!(proof.timestamp, text(vector, "timestamp"), "{kind}");
    assert_eq!(proof.signature, text(vector, "signature"), "{kind}");
}

#[test]
fn another_password_user_or_pool_gives_another_signature() {
    let vectors = vectors();
    let vector = &vectors[0];
    let prove = |challenge: &Challenge<'_>, password: &str| {
        let wall_ms = vector["time_unix"].as_f64().unwrap() * 1000.0;
        let handshake = Handshake::new(bytes::<32>(text(vector, "a")));
        handshake
            .prove(challenge, password, wall_ms)
            .unwrap()
            .signature
    };
    let right = challenge(vector);
    let password = text(vector, "password");
    assert_eq!(prove(&right, password), text(vector, "signature"));
    assert_ne!(prove(&right, "passw0rd!"), text(vector, "signature"));
    assert_ne!(
        prove(
            &Challenge {
                user_id_for_srp: "mallory",
                ..right
            },
            password
        ),
        text(vector, "signature")
    );
    assert_ne!(
        prove(
            &Challenge {
                pool_name: "000000002",
                ..right
            },
            password
        ),
        text(vector, "signature")
    );
}

#[test]
fn a_server_key_padded_with_zeros_is_the_same_key() {
    let vectors = vectors();
    let vector = &vectors[0];
    let padded = ["00", text(vector, "srp_b")].concat();
    let wall_ms = vector["time_unix"].as_f64().unwrap() * 1000.0;
    let proof = Handshake::new(bytes::<32>(text(vector, "a")))
        .prove(
            &Challenge {
                b_hex: &padded,
                ..challenge(vector)
            },
            text(vector, "password"),
            wall_ms,
        )
        .unwrap();
    assert_eq!(proof.signature, text(vector, "signature"));
}

#[test]
fn a_salt_that_is_none_is_refused() {
    for salt_hex in [
        "",
        "xyz",
        "12 34",
        "0x12",
        "-1",
        "é",
        &"0".repeat(513),
        &"a".repeat(10_000),
    ] {
        let refusal = refusal(Challenge { salt_hex, ..BENIGN });
        assert_eq!(refusal, BadChallenge::Salt, "{salt_hex}");
    }
}

#[test]
fn a_server_key_that_is_none_is_refused() {
    let prime = text(&serde_json::from_str(VECTORS).unwrap(), "N").to_owned();
    let longer = ["1", &"0".repeat(768)].concat();
    let endless = "0".repeat(10_000);
    let padded_too_far = ["000000000", &"5".repeat(768)].concat();
    for b_hex in [
        "",
        "0",
        "00",
        &"0".repeat(768),
        &prime,
        "xyz",
        "-1",
        "é",
        &longer,
        &endless,
        &padded_too_far,
    ] {
        let refusal = refusal(Challenge { b_hex, ..BENIGN });
        assert_eq!(refusal, BadChallenge::ServerPublicKey, "{b_hex}");
    }
}

#[test]
fn a_secret_block_that_is_none_is_refused() {
    for secret_block in [
        "",
        "A",
        "AAAAA",
        "A===",
        "AA AA",
        "{}",
        "é",
        &"A".repeat(16_388),
    ] {
        let refusal = refusal(Challenge {
            secret_block,
            ..BENIGN
        });
        assert_eq!(refusal, BadChallenge::SecretBlock, "{secret_block}");
    }
}

#[test]
fn an_exponent_of_zero_proves_nothing() {
    let refusal = Handshake::new([0; 32])
        .prove(&BENIGN, "password", 0.0)
        .unwrap_err();
    assert_eq!(refusal, BadChallenge::Exponent);
}

#[test]
fn odd_values_that_are_legal_are_answered() {
    let longest_salt = "f".repeat(512);
    let largest_key = "f".repeat(768);
    let padded_key = ["00000000", &"5".repeat(768)].concat();
    for odd in [
        Challenge {
            salt_hex: "0",
            ..BENIGN
        },
        Challenge {
            salt_hex: "F",
            ..BENIGN
        },
        Challenge {
            salt_hex: &longest_salt,
            ..BENIGN
        },
        Challenge {
            b_hex: "1",
            ..BENIGN
        },
        Challenge {
            b_hex: &largest_key,
            ..BENIGN
        },
        Challenge {
            b_hex: &padded_key,
            ..BENIGN
        },
        Challenge {
            user_id_for_srp: "",
            ..BENIGN
        },
    ] {
        let proof = Handshake::new([7; 32]).prove(&odd, "", 0.0).unwrap();
        assert_eq!(proof.signature.len(), 44);
    }
}

#[test]
fn nothing_secret_is_in_debug_output() {
    let handshake = Handshake::new([7; 32]);
    assert_eq!(format!("{handshake:?}"), "Handshake(…)");
    let proof = handshake.prove(&BENIGN, "password", 0.0).unwrap();
    assert_eq!(format!("{proof:?}"), "Proof(…)");
    let verifier = DeviceVerifier::new("-group", "key", &[7; 40], &[7; 16]);
    assert_eq!(format!("{verifier:?}"), "DeviceVerifier(…)");
}

const BENIGN: Challenge<'static> = Challenge {
    pool_name: "AbCdEfGhI",
    user_id_for_srp: "alice",
    salt_hex: "67f865fb00e0caf4e80a4a3935407911",
    b_hex: "59d9ccb97df9b8308b1d4cafad6f01bc836ffda0a8c003873bd5da380daae2e9",
    secret_block: "AAAA",
};

/// Says what this client makes of devices, beside what other clients do
/// (`pool/tests/clients/devices.test.mjs`).
#[test]
#[ignore = "the devices are given by another test: in files that DEVICES and DEVICES_MADE name"]
fn devices_are_as_others_make_them() {
    let given = fs::read_to_string(env::var("DEVICES").unwrap()).unwrap();
    let devices: Vec<Value> = serde_json::from_str(&given).unwrap();
    let made: Vec<Value> = devices.iter().map(device).collect();
    let made = serde_json::to_string(&made).unwrap();
    fs::write(env::var("DEVICES_MADE").unwrap(), made).unwrap();
}

fn device(given: &Value) -> Value {
    let (group, key) = (text(given, "group"), text(given, "key"));
    let (secret, salt) = (bytes(text(given, "secret")), bytes(text(given, "salt")));
    let verifier = DeviceVerifier::new(group, key, &secret, &salt);
    let challenge = Challenge {
        pool_name: group,
        user_id_for_srp: key,
        // A pool sends the salt as the number that it keeps.
        salt_hex: text(given, "salt").trim_start_matches('0'),
        b_hex: text(given, "b"),
        secret_block: text(given, "block"),
    };
    let handshake = Handshake::new(bytes::<32>(text(given, "a")));
    let (a, wall_ms) = (handshake.public_key_hex(), given["wall"].as_f64().unwrap());
    let proof = handshake
        .prove(&challenge, verifier.secret.secret(), wall_ms)
        .unwrap();
    json!({
        "secret": verifier.secret.secret(), "salt": verifier.salt, "verifier": verifier.verifier,
        "srpA": a, "timestamp": proof.timestamp, "signature": proof.signature,
    })
}

fn refusal(challenge: Challenge<'_>) -> BadChallenge {
    Handshake::new([7; 32])
        .prove(&challenge, "password", 0.0)
        .unwrap_err()
}

fn vectors() -> Vec<Value> {
    let file: Value = serde_json::from_str(VECTORS).unwrap();
    file["vectors"].as_array().unwrap().clone()
}

fn challenge(vector: &Value) -> Challenge<'_> {
    Challenge {
        pool_name: text(vector, "pool_name"),
        user_id_for_srp: text(vector, "user_id_for_srp"),
        salt_hex: text(vector, "salt"),
        b_hex: text(vector, "srp_b"),
        secret_block: text(vector, "secret_block"),
    }
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap()
}

fn bytes<const BYTES: usize>(hex: &str) -> [u8; BYTES] {
    let mut bytes = [0; BYTES];
    for (place, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&hex[2 * place..2 * place + 2], 16).unwrap();
    }
    bytes
}
