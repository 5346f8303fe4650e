//! The server's side of SRP-6a as Cognito speaks it, written from RFC 5054 and the hashing rules
//! below, apart from any client: a mistake in one must not cancel out in the other.
//!
//! Integers are hashed as big-endian two's complement of minimal length, so with a zero byte in
//! front when the top bit is set.

mod comb;
pub(crate) mod lately;

use std::sync::LazyLock;

use base64ct::{Base64, Encoding};
use hmac::{Hmac, KeyInit, Mac};
use rsa::BigUint;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The prime of RFC 5054's 3072-bit group, in hexadecimal digits.
const PRIME: &str = include_str!("srp/group-3072.hex");

struct Group {
    n: BigUint,
    g: BigUint,
    k: BigUint,
}

static GROUP: LazyLock<Group> = LazyLock::new(|| {
    let n = number(PRIME.trim()).unwrap_or_default();
    let g = BigUint::from(2_u32);
    let k = hash(&[&padded(&n), &padded(&g)]);
    Group { n, g, k }
});

/// What is kept of a password: enough to check it, not enough to say it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "InDigits", into = "InDigits")]
pub(crate) struct Verifier {
    /// Two integers, the salt and the verifier. There may be a hundred thousand of them.
    bytes: Box<[u8]>,
    /// How many bytes the salt has.
    salt: usize,
}

/// How a verifier is written.
#[derive(Serialize, Deserialize)]
struct InDigits {
    /// Hexadecimal digits of an integer, so without leading zeros.
    salt: String,
    verifier: String,
}

impl From<Verifier> for InDigits {
    fn from(it: Verifier) -> Self {
        Self {
            salt: it.salt_digits(),
            verifier: it.verifier().to_str_radix(16),
        }
    }
}

impl TryFrom<InDigits> for Verifier {
    type Error = &'static str;

    fn try_from(it: InDigits) -> Result<Self, Self::Error> {
        let numbers = number(&it.salt).zip(number(&it.verifier));
        let (salt, verifier) = numbers.ok_or("not hexadecimal digits")?;
        Ok(Self::of(&salt, &verifier))
    }
}

impl Verifier {
    fn of(salt: &BigUint, verifier: &BigUint) -> Self {
        let salt = salt.to_bytes_be();
        Self {
            bytes: [salt.as_slice(), &verifier.to_bytes_be()].concat().into(),
            salt: salt.len(),
        }
    }

    /// Of a user's password. `pool` is the pool id after its underscore; a device gives its group
    /// key there and its own key as `user`.
    pub(crate) fn new(pool: &str, user: &str, password: &str, salt: &[u8]) -> Self {
        let salt = BigUint::from_bytes_be(salt);
        let x = private_key(pool, user, password, &salt);
        let verifier = Self::of(&salt, &comb::power(&x));
        lately::note(&x, &verifier);
        verifier
    }

    /// Salt and verifier as a device computed them.
    pub(crate) fn from_bytes(salt: &[u8], verifier: &[u8]) -> Self {
        let [salt, verifier] = [salt, verifier].map(BigUint::from_bytes_be);
        Self::of(&salt, &verifier)
    }

    fn salt(&self) -> BigUint {
        BigUint::from_bytes_be(self.bytes.get(..self.salt).unwrap_or_default())
    }

    fn verifier(&self) -> BigUint {
        BigUint::from_bytes_be(self.bytes.get(self.salt..).unwrap_or_default())
    }

    /// The salt in hexadecimal digits of an integer, so without leading zeros.
    pub(crate) fn salt_digits(&self) -> String {
        self.salt().to_str_radix(16)
    }

    /// Whether this is the verifier of that password.
    pub(crate) fn matches(&self, pool: &str, user: &str, password: &str, worked: &Worked) -> bool {
        let x = private_key(pool, user, password, &self.salt());
        if lately::was_right(&x, self) {
            return true;
        }
        let right = match worked {
            Worked::Password { x: known, verifier } if *known == x => *verifier == self.verifier(),
            _ => comb::power(&x) == self.verifier(),
        };
        if right {
            lately::note(&x, self);
        }
        right
    }
}

/// Arithmetic that takes as long as everything else of a request, and needs nothing but numbers: it
/// can be done before the request's turn.
#[cfg_attr(
    any(not(feature = "server"), target_arch = "wasm32"),
    allow(dead_code, reason = "the server alone works ahead")
)]
pub(crate) enum Sum {
    /// For [`Verifier::matches`].
    Password(BigUint),
    /// For [`Exchange::proves`].
    Proof(Box<(Exchange, Verifier)>),
}

/// What was worked out before. Nothing depends on it but the time that an answer takes: the numbers
/// are those of a while ago, and are looked at only where they are still the same.
#[derive(Default)]
#[cfg_attr(
    any(not(feature = "server"), target_arch = "wasm32"),
    allow(dead_code, reason = "the server alone works ahead")
)]
pub(crate) enum Worked {
    #[default]
    Nothing,
    Password {
        x: BigUint,
        verifier: BigUint,
    },
    Proof {
        of: Box<(Exchange, Verifier)>,
        key: [u8; 16],
    },
}

impl Sum {
    /// Of a password for this verifier, unless it is known to be right.
    #[cfg(all(feature = "server", not(target_arch = "wasm32")))]
    pub(crate) fn password(
        verifier: &Verifier,
        pool: &str,
        user: &str,
        password: &str,
    ) -> Option<Self> {
        let x = private_key(pool, user, password, &verifier.salt());
        (!lately::was_right(&x, verifier)).then_some(Self::Password(x))
    }

    #[cfg(all(feature = "server", not(target_arch = "wasm32")))]
    pub(crate) fn work(self) -> Worked {
        match self {
            Self::Password(x) => Worked::Password {
                verifier: comb::power(&x),
                x,
            },
            Self::Proof(of) => match of.0.key(&of.1, &Worked::Nothing) {
                Some(key) => Worked::Proof { of, key },
                None => Worked::Nothing,
            },
        }
    }
}

impl std::fmt::Debug for Verifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Verifier")
    }
}

/// What the server remembers between SRP_A and the proof.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Exchange {
    a: String,
    b: String,
    srp_b: String,
}

impl Exchange {
    /// Begins with the client's A and 256 random bits. `None` when A is not a hexadecimal number or
    /// is a multiple of N, which would fix the shared secret (RFC 5054, section 2.5.4).
    pub(crate) fn begin(srp_a: &str, verifier: &Verifier, secret: &[u8]) -> Option<Self> {
        let a = number(srp_a)?;
        if srp_a.len() > 2 * 385 || (&a % &GROUP.n) == BigUint::default() {
            return None;
        }
        let b = BigUint::from_bytes_be(secret);
        let v = verifier.verifier();
        let srp_b = (&GROUP.k * v + comb::power(&b)) % &GROUP.n;
        Some(Self {
            a: a.to_str_radix(16),
            b: b.to_str_radix(16),
            srp_b: srp_b.to_str_radix(16),
        })
    }

    /// B in hexadecimal digits.
    pub(crate) fn srp_b(&self) -> &str {
        &self.srp_b
    }

    /// Whether `signature` (Base64) proves the password behind `verifier`.
    pub(crate) fn proves(
        &self,
        verifier: &Verifier,
        claim: &Claim<'_>,
        signature: &str,
        worked: &Worked,
    ) -> Option<bool> {
        let key = self.key(verifier, worked)?;
        let secret_block = Base64::decode_vec(claim.secret_block).ok()?;
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&key).ok()?;
        for part in [
            claim.pool.as_bytes(),
            claim.user.as_bytes(),
            &secret_block,
            claim.timestamp.as_bytes(),
        ] {
            mac.update(part);
        }
        let Ok(signature) = Base64::decode_vec(signature) else {
            return Some(false);
        };
        Some(mac.verify_slice(&signature).is_ok())
    }

    /// The first 16 bytes of HKDF's first block, salted with u.
    fn key(&self, verifier: &Verifier, worked: &Worked) -> Option<[u8; 16]> {
        if let Worked::Proof { of, key } = worked
            && of.0 == *self
            && of.1 == *verifier
        {
            return Some(*key);
        }
        let (a, b, srp_b) = (number(&self.a)?, number(&self.b)?, number(&self.srp_b)?);
        let v = verifier.verifier();
        let u = hash(&[&padded(&a), &padded(&srp_b)]);
        let secret = (a * v.modpow(&u, &GROUP.n)).modpow(&b, &GROUP.n);
        let pseudorandom = hmac(&padded(&u), &padded(&secret))?;
        let block = hmac(&pseudorandom, b"Caldera Derived Key\x01")?;
        block.first_chunk().copied()
    }
}

impl std::fmt::Debug for Exchange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Exchange")
    }
}

/// What a proof is made over.
pub(crate) struct Claim<'a> {
    pub(crate) pool: &'a str,
    pub(crate) user: &'a str,
    /// Base64, as it was sent.
    pub(crate) secret_block: &'a str,
    pub(crate) timestamp: &'a str,
}

/// x of the RFC.
fn private_key(pool: &str, user: &str, password: &str, salt: &BigUint) -> BigUint {
    let identity = Sha256::digest(format!("{pool}{user}:{password}"));
    hash(&[&padded(salt), &identity])
}

fn hash(parts: &[&[u8]]) -> BigUint {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    BigUint::from_bytes_be(&hash.finalize())
}

fn hmac(key: &[u8], data: &[u8]) -> Option<[u8; 32]> {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key).ok()?;
    mac.update(data);
    Some(mac.finalize().into_bytes().into())
}

fn padded(number: &BigUint) -> Vec<u8> {
    let mut bytes = number.to_bytes_be();
    if bytes.first().is_some_and(|byte| byte & 0x80 != 0) {
        bytes.insert(0, 0);
    }
    bytes
}

fn number(hex: &str) -> Option<BigUint> {
    if hex.is_empty() || !hex.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    BigUint::parse_bytes(hex.as_bytes(), 16)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;
    use serde_json::Value;

    fn vectors() -> Value {
        serde_json::from_str(include_str!("../../tests/data/srp-vectors.json")).unwrap()
    }

    fn bytes(hex: &str) -> Vec<u8> {
        number(hex).unwrap().to_bytes_be()
    }

    #[test]
    fn the_group_is_that_of_the_vectors() {
        let vectors = vectors();
        assert_eq!(GROUP.n.to_str_radix(16), vectors["N"].as_str().unwrap());
        assert_eq!(GROUP.k.to_str_radix(16), vectors["k"].as_str().unwrap());
    }

    #[test]
    fn every_known_answer_is_reached() {
        let vectors = vectors();
        for vector in vectors["vectors"].as_array().unwrap() {
            let text = |name: &str| vector[name].as_str().unwrap();
            let (pool, user) = (text("pool_name"), text("user_id_for_srp"));
            let verifier = Verifier::new(pool, user, text("password"), &bytes(text("salt")));
            assert_eq!(
                Some(verifier.verifier()),
                number(text("verifier")),
                "{}",
                text("kind")
            );
            assert!(verifier.matches(pool, user, text("password"), &Worked::Nothing));
            assert!(!verifier.matches(pool, user, "another password", &Worked::Nothing));

            let exchange = Exchange::begin(text("srp_a"), &verifier, &bytes(text("b"))).unwrap();
            assert_eq!(
                number(exchange.srp_b()),
                number(text("srp_b")),
                "{}",
                text("kind")
            );
            let key: String = exchange
                .key(&verifier, &Worked::Nothing)
                .unwrap()
                .iter()
                .map(|b| format!("{b:02x}"))
                .collect();
            assert_eq!(key, text("key"), "{}", text("kind"));
            let mut claim = Claim {
                pool,
                user,
                secret_block: text("secret_block"),
                timestamp: text("timestamp"),
            };
            assert_eq!(
                exchange.proves(&verifier, &claim, text("signature"), &Worked::Nothing),
                Some(true)
            );
            #[cfg(feature = "server")]
            {
                let sum = Sum::Proof(Box::new((exchange.clone(), verifier.clone())));
                let worked = sum.work();
                assert!(matches!(worked, Worked::Proof { .. }));
                let prove = |exchange: &Exchange, verifier: &Verifier| {
                    exchange.proves(verifier, &claim, text("signature"), &worked)
                };
                assert_eq!(prove(&exchange, &verifier), Some(true));
                let other = Verifier::new(pool, user, "another password", &[7; 16]);
                assert_eq!(prove(&exchange, &other), Some(false));
                let other = Exchange::begin(text("srp_a"), &verifier, &[8; 32]).unwrap();
                assert_eq!(prove(&other, &verifier), Some(false));
            }
            claim.timestamp = "Thu Jan 1 00:00:00 UTC 1970";
            assert_eq!(
                exchange.proves(&verifier, &claim, text("signature"), &Worked::Nothing),
                Some(false)
            );
        }
    }

    #[test]
    #[cfg(feature = "server")]
    fn a_sum_of_another_password_says_nothing() {
        let verifier = Verifier::new("pool", "user", "password", &[9; 16]);
        let of = |password| Sum::password(&verifier, "pool", "user", password);
        for password in ["password", "wrong"] {
            lately::forget();
            let worked = of(password).unwrap().work();
            assert!(verifier.matches("pool", "user", "password", &worked));
            assert!(!verifier.matches("pool", "user", "wrong", &worked));
        }
    }

    #[test]
    fn nothing_of_it_is_printed() {
        let verifier = Verifier::new("pool", "user", "password", &[1; 16]);
        let exchange = Exchange::begin("5", &verifier, &[1; 32]).unwrap();
        assert_eq!(format!("{verifier:?} {exchange:?}"), "Verifier Exchange");
    }

    #[test]
    fn a_that_fixes_the_secret_is_refused() {
        let verifier = Verifier::new("pool", "user", "password", &[1; 16]);
        let n = GROUP.n.to_str_radix(16);
        let twice = (&GROUP.n * 2_u32).to_str_radix(16);
        for a in [
            "0",
            "00",
            &n,
            &twice,
            "",
            "xyz",
            "-1",
            "+5",
            "5_5",
            &"f".repeat(10_000),
        ] {
            assert!(Exchange::begin(a, &verifier, &[1; 32]).is_none());
        }
        // Zeros in front do no harm, up to the length that N has when it is hashed.
        for (length, taken) in [(770, true), (771, false)] {
            let a = format!("{:0>length$}", "5");
            let begun = Exchange::begin(&a, &verifier, &[1; 32]);
            assert_eq!(begun.is_some(), taken, "{length}");
        }
    }
}
