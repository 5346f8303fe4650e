//! An authenticator in software, and the browser around it: it makes what
//! `navigator.credentials.create` and `get` give as JSON. It shares nothing with the pool's checks
//! but the libraries for numbers and CBOR.

use base64ct::{Base64UrlUnpadded, Encoding};
use ciborium::Value as Cbor;
use p256::ecdsa::signature::Signer;
use rsa::pkcs8::DecodePrivateKey;
use rsa::traits::PublicKeyParts;
use rsa::{Pkcs1v15Sign, RsaPrivateKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

pub(crate) const PRESENT: u8 = 1;
pub(crate) const VERIFIED: u8 = 4;
pub(crate) const BACKED_UP: u8 = 16;
const HAS_CREDENTIAL: u8 = 64;

pub(crate) enum Key {
    Es256(Box<p256::ecdsa::SigningKey>),
    Rs256(Box<RsaPrivateKey>),
}

pub(crate) struct Authenticator {
    pub(crate) key: Key,
    pub(crate) id: Vec<u8>,
    pub(crate) counter: u32,
    /// Without the bit for a new credential, which sets itself.
    pub(crate) flags: u8,
    /// The page that asks.
    pub(crate) origin: String,
    /// In place of the one that the options name.
    pub(crate) relying_party: Option<String>,
    pub(crate) user_handle: Option<String>,
    pub(crate) format: &'static str,
}

impl Authenticator {
    pub(crate) fn new(seed: u8) -> Self {
        let key = p256::ecdsa::SigningKey::from_slice(&[seed; 32]).unwrap();
        Self {
            key: Key::Es256(Box::new(key)),
            id: vec![seed; 16],
            counter: 0,
            flags: PRESENT | VERIFIED,
            origin: "https://example.com".into(),
            relying_party: None,
            user_handle: None,
            format: "none",
        }
    }

    /// One with a key of RSA.
    pub(crate) fn rsa(seed: u8) -> Self {
        let pem = include_str!("../../../src/tokens/development-only.pem");
        let key = RsaPrivateKey::from_pkcs8_pem(pem).unwrap();
        Self {
            key: Key::Rs256(Box::new(key)),
            ..Self::new(seed)
        }
    }

    pub(crate) fn credential_id(&self) -> String {
        encoded(&self.id)
    }

    /// `navigator.credentials.create`: a `RegistrationResponseJSON`.
    pub(crate) fn create(&mut self, options: &Value) -> Value {
        self.user_handle = options["user"]["id"].as_str().map(String::from);
        let client_data = self.client_data("webauthn.create", &options["challenge"]);
        let data = self.data(&options["rp"]["id"], true);
        let statement = self.statement(&data, &client_data);
        self.registration(&client_data, data, statement)
    }

    pub(crate) fn registration(&self, client_data: &[u8], data: Vec<u8>, statement: Cbor) -> Value {
        let object = Cbor::Map(vec![
            (text("fmt"), text(self.format)),
            (text("attStmt"), statement),
            (text("authData"), Cbor::Bytes(data)),
        ]);
        json!({
            "id": self.credential_id(),
            "rawId": self.credential_id(),
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": encoded(client_data),
                "attestationObject": encoded(&cbor(&object)),
                "transports": ["internal", "hybrid"],
            },
        })
    }

    /// `navigator.credentials.get`: an `AuthenticationResponseJSON`.
    pub(crate) fn get(&mut self, options: &Value) -> Value {
        let client_data = self.client_data("webauthn.get", &options["challenge"]);
        let data = self.data(&options["rpId"], false);
        let signed = [data.as_slice(), &Sha256::digest(&client_data)].concat();
        json!({
            "id": self.credential_id(),
            "rawId": self.credential_id(),
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": encoded(&client_data),
                "authenticatorData": encoded(&data),
                "signature": encoded(&self.sign(&signed)),
                "userHandle": self.user_handle,
            },
        })
    }

    pub(crate) fn client_data(&self, kind: &str, challenge: &Value) -> Vec<u8> {
        let data = json!({ "type": kind, "challenge": challenge, "origin": self.origin,
            "crossOrigin": false });
        data.to_string().into_bytes()
    }

    pub(crate) fn data(&self, relying_party: &Value, with_credential: bool) -> Vec<u8> {
        let relying_party = relying_party.as_str().unwrap_or_default();
        let named = self.relying_party.as_deref().unwrap_or(relying_party);
        let mut data = Sha256::digest(named).to_vec();
        let extra = if with_credential { HAS_CREDENTIAL } else { 0 };
        data.push(self.flags | extra);
        data.extend(self.counter.to_be_bytes());
        if with_credential {
            data.extend([0; 16]);
            data.extend(u16::try_from(self.id.len()).unwrap().to_be_bytes());
            data.extend(&self.id);
            data.extend(cbor(&self.public_key()));
        }
        data
    }

    /// The COSE key.
    fn public_key(&self) -> Cbor {
        let members: Vec<(i64, Cbor)> = match &self.key {
            Key::Es256(key) => {
                let point = key.verifying_key().to_sec1_point(false);
                let (x, y) = (point.x().unwrap().to_vec(), point.y().unwrap().to_vec());
                let (x, y) = (Cbor::Bytes(x), Cbor::Bytes(y));
                vec![
                    (1, 2.into()),
                    (3, (-7).into()),
                    (-1, 1.into()),
                    (-2, x),
                    (-3, y),
                ]
            }
            Key::Rs256(key) => {
                let n = Cbor::Bytes(key.n().to_bytes_be());
                let e = Cbor::Bytes(key.e().to_bytes_be());
                vec![(1, 3.into()), (3, (-257).into()), (-1, n), (-2, e)]
            }
        };
        let members = members.into_iter();
        Cbor::Map(
            members
                .map(|(label, value)| (label.into(), value))
                .collect(),
        )
    }

    fn statement(&self, data: &[u8], client_data: &[u8]) -> Cbor {
        if self.format != "packed" {
            return Cbor::Map(Vec::new());
        }
        let algorithm: i64 = match self.key {
            Key::Es256(_) => -7,
            Key::Rs256(_) => -257,
        };
        let signed = [data, &Sha256::digest(client_data)].concat();
        Cbor::Map(vec![
            (text("alg"), algorithm.into()),
            (text("sig"), Cbor::Bytes(self.sign(&signed))),
        ])
    }

    pub(crate) fn sign(&self, signed: &[u8]) -> Vec<u8> {
        match &self.key {
            Key::Es256(key) => {
                let signature: p256::ecdsa::Signature = key.sign(signed);
                signature.to_der().as_bytes().to_vec()
            }
            Key::Rs256(key) => {
                let prefix = [
                    0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04,
                    0x02, 0x01, 0x05, 0x00, 0x04, 0x20,
                ];
                let scheme = Pkcs1v15Sign {
                    hash_len: Some(32),
                    prefix: prefix.into(),
                };
                key.sign(scheme, &Sha256::digest(signed)).unwrap()
            }
        }
    }
}

pub(crate) fn text(text: &str) -> Cbor {
    Cbor::Text(text.into())
}

pub(crate) fn cbor(value: &Cbor) -> Vec<u8> {
    let mut out = Vec::new();
    ciborium::into_writer(value, &mut out).unwrap();
    out
}

pub(crate) fn encoded(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}

pub(crate) fn decoded(text: &Value) -> Vec<u8> {
    Base64UrlUnpadded::decode_vec(text.as_str().unwrap()).unwrap()
}
