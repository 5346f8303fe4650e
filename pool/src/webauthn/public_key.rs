//! Public keys as COSE has them (RFC 9053): P-256 for ES256, RSA for RS256.

use ciborium::Value as Cbor;
use p256::ecdsa::signature::Verifier;
use p256::ecdsa::{Signature, VerifyingKey};
use rsa::traits::PublicKeyParts;
use rsa::{BigUint, RsaPublicKey};
use serde::{Deserialize, Serialize};

use super::{Fault, sha256};
use crate::tokens::scheme;

const ES256: i64 = -7;
const RS256: i64 = -257;

/// The algorithms that the options ask for, the preferred one first.
pub(crate) const ALGORITHMS: [i64; 2] = [ES256, RS256];

/// A key that a passkey signs with. Kept as hexadecimal digits of what it is made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum PublicKey {
    /// A point of P-256.
    Es256 {
        x: String,
        y: String,
    },
    Rs256 {
        n: String,
        e: String,
    },
}

impl PublicKey {
    /// Reads a COSE key, and checks that it is one.
    pub(super) fn read(key: &Cbor) -> Result<Self, Fault> {
        let members = Members(key.as_map().ok_or(Fault::Malformed("the public key"))?);
        let hex = |label: i64| members.bytes(label).map(hex);
        let read = match (members.number(1), members.number(3)) {
            (Some(2), Some(ES256)) if members.number(-1) == Some(1) => {
                hex(-2).zip(hex(-3)).map(|(x, y)| Self::Es256 { x, y })
            }
            (Some(3), Some(RS256)) => hex(-1).zip(hex(-2)).map(|(n, e)| Self::Rs256 { n, e }),
            _ => return Err(Fault::NotSupported("its algorithm is not ES256 or RS256")),
        };
        let fits = |key: &Self| match key {
            Self::Es256 { x, y } => point(x, y).is_some(),
            Self::Rs256 { n, e } => modulus(n, e).is_some(),
        };
        read.filter(fits)
            .ok_or(Fault::NotSupported("its public key is none"))
    }

    /// The COSE number of its algorithm.
    pub(super) fn algorithm(&self) -> i64 {
        match self {
            Self::Es256 { .. } => ES256,
            Self::Rs256 { .. } => RS256,
        }
    }

    /// Whether `signature` over `signed` was made with its private half.
    pub(super) fn verifies(&self, signed: &[u8], signature: &[u8]) -> bool {
        let verified = match self {
            Self::Es256 { x, y } => point(x, y).and_then(|key| {
                let signature = Signature::from_der(signature).ok()?;
                key.verify(signed, &signature).ok()
            }),
            Self::Rs256 { n, e } => {
                modulus(n, e).and_then(|key| key.verify(scheme(), &sha256(signed), signature).ok())
            }
        };
        verified.is_some()
    }
}

/// A point of the curve: what is not on it is none.
fn point(x: &str, y: &str) -> Option<VerifyingKey> {
    let (x, y) = (unhex(x)?, unhex(y)?);
    if x.len() != 32 || y.len() != 32 {
        return None;
    }
    let uncompressed = [&[4], x.as_slice(), y.as_slice()].concat();
    VerifyingKey::from_sec1_bytes(&uncompressed).ok()
}

/// A key of RSA as long as signatures of today need.
fn modulus(n: &str, e: &str) -> Option<RsaPublicKey> {
    let number = |hex: &str| unhex(hex).map(|bytes| BigUint::from_bytes_be(&bytes));
    let key = RsaPublicKey::new(number(n)?, number(e)?).ok()?;
    (2048..=4096).contains(&key.n().bits()).then_some(key)
}

/// A map of COSE, whose labels are numbers.
struct Members<'a>(&'a [(Cbor, Cbor)]);

impl Members<'_> {
    fn get(&self, label: i64) -> Option<&Cbor> {
        let is_it = |key: &Cbor| key.as_integer() == Some(label.into());
        let found = self.0.iter().find(|(key, _)| is_it(key));
        found.map(|(_, value)| value)
    }

    fn number(&self, label: i64) -> Option<i64> {
        i64::try_from(self.get(label)?.as_integer()?).ok()
    }

    fn bytes(&self, label: i64) -> Option<&[u8]> {
        self.get(label)?.as_bytes().map(Vec::as_slice)
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(digits: &str) -> Option<Vec<u8>> {
    let pairs = digits.as_bytes().chunks(2);
    pairs
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}
