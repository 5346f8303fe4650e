//! A browser and its authenticator: they make passkeys and sign with them, by WebAuthn Level 3. They
//! share nothing with the pool that checks them but the curve.

use std::cell::Cell;

use p256::ecdsa::{Signature, SigningKey, signature::Signer};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::base64;

const PRESENT: u8 = 1;
pub(crate) const VERIFIED: u8 = 4;
const HAS_CREDENTIAL: u8 = 64;

pub(crate) struct Authenticator {
    key: SigningKey,
    id: String,
    origin: String,
    /// Whether it finds out who is there.
    pub(crate) flags: u8,
    counter: Cell<u32>,
}

impl Authenticator {
    /// On a page of this relying party.
    pub(crate) fn new(seed: u8, relying_party: &str) -> Self {
        Self {
            key: SigningKey::from_slice(&[seed; 32]).unwrap(),
            id: encoded(&[seed; 20]),
            origin: format!("https://{relying_party}"),
            flags: VERIFIED,
            counter: Cell::default(),
        }
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// All that one needs to be this one: its key as a JSON Web Key, and how often it was used.
    #[allow(dead_code, reason = "stories are told of searches alone")]
    pub(crate) fn told(&self) -> Value {
        let point = self.key.verifying_key().to_sec1_point(false);
        let (x, y) = point.as_bytes()[1..].split_at(32);
        let key = json!({
            "kty": "EC", "crv": "P-256",
            "d": encoded(&self.key.to_bytes()), "x": encoded(x), "y": encoded(y),
        });
        json!({ "id": self.id, "origin": self.origin, "key": key, "uses": self.counter.get() })
    }

    /// `navigator.credentials.create`, as JSON.
    pub(crate) fn create(&self, options: &Value) -> Value {
        let mut data = self.data(&options["rp"]["id"], HAS_CREDENTIAL);
        let id = super::from_base64(&self.id);
        data.extend([0; 16]);
        data.extend([0, id.len() as u8]);
        data.extend(&id);
        // A COSE key: { 1: 2, 3: -7, -1: 1, -2: x, -3: y }.
        let point = self.key.verifying_key().to_sec1_point(false);
        data.extend([0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32]);
        data.extend(&point.as_bytes()[1..33]);
        data.extend([0x22, 0x58, 32]);
        data.extend(&point.as_bytes()[33..]);
        // { "fmt": "none", "attStmt": {}, "authData": … }, its length in one byte.
        let mut object = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58".to_vec();
        object.push(u8::try_from(data.len()).unwrap());
        object.extend(data);
        let client_data = self.client_data("webauthn.create", options);
        self.credential(json!({
            "clientDataJSON": encoded(client_data.as_bytes()),
            "attestationObject": encoded(&object),
            "transports": ["internal"],
        }))
    }

    /// `navigator.credentials.get`, as JSON.
    pub(crate) fn get(&self, options: &Value) -> Value {
        let data = self.data(&options["rpId"], 0);
        let client_data = self.client_data("webauthn.get", options);
        let signed = [data.as_slice(), &Sha256::digest(&client_data)].concat();
        let signature: Signature = self.key.sign(&signed);
        self.credential(json!({
            "clientDataJSON": encoded(client_data.as_bytes()),
            "authenticatorData": encoded(&data),
            "signature": encoded(signature.to_der().as_bytes()),
        }))
    }

    fn credential(&self, response: Value) -> Value {
        json!({
            "id": self.id, "rawId": self.id, "type": "public-key", "response": response,
            "authenticatorAttachment": "platform", "clientExtensionResults": {},
        })
    }

    fn client_data(&self, kind: &str, options: &Value) -> String {
        let challenge = &options["challenge"];
        json!({ "type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": false })
            .to_string()
    }

    /// Authenticator data up to its counter, which only goes up.
    fn data(&self, relying_party: &Value, flags: u8) -> Vec<u8> {
        self.counter.set(self.counter.get() + 1);
        let mut data = Sha256::digest(relying_party.as_str().unwrap()).to_vec();
        data.push(PRESENT | self.flags | flags);
        data.extend(self.counter.get().to_be_bytes());
        data
    }
}

fn encoded(bytes: &[u8]) -> String {
    base64(bytes, true)
}
