//! SRP-6a as the client of a Cognito user pool speaks it.
//!
//! The group is that of RFC 5054 with 3072 bits, the hash SHA-256. What Cognito adds: integers are
//! hashed as a Java `BigInteger` writes them (big-endian two's complement, as short as possible),
//! the identity is the pool's name and `USER_ID_FOR_SRP` together, and the shared secret signs the
//! pool's secret block and a timestamp instead of the transcript.
//!
//! Nothing here reads a clock or draws randomness: both come in as arguments. The time taken does
//! not depend on the password or the exponent (see `group`).

use std::fmt;

use zeroize::Zeroizing;

use crate::secret::Secret;

use group::{Element, Workspace};
use hash::{hmac, sha256};

mod encoding;
mod group;
mod hash;
mod timestamp;

/// One exchange, from the client's public key to the proof that the password is known.
///
/// `BYTES` is the length of the secret exponent: 32 bytes are as strong as this group is (RFC
/// 5054 §2.5.4 asks for no more); other lengths are there for known answers made with them.
pub struct Handshake<const BYTES: usize = 32> {
    // Boxed, so that a handshake that is moved leaves no copy of its secret behind.
    exponent: Box<Zeroizing<[u8; BYTES]>>,
    public_key: Box<[u8; group::BYTES]>,
}

impl<const BYTES: usize> Handshake<BYTES> {
    /// Starts an exchange. `exponent` is a big-endian integer, fresh from a cryptographic source
    /// and used for nothing else.
    ///
    /// An exponent of zero (a broken source) starts a handshake that never proves anything:
    /// [`prove`](Self::prove) refuses with [`BadChallenge::Exponent`].
    pub fn new(exponent: [u8; BYTES]) -> Self {
        let exponent = Box::new(Zeroizing::new(exponent));
        let work = &mut Workspace::new();
        let public_key = Box::new(*Element::power_of_two(work, &**exponent).to_be_bytes(work));
        Self {
            exponent,
            public_key,
        }
    }

    /// `SRP_A`: the public key in lowercase hexadecimal without leading zeros.
    pub fn public_key_hex(&self) -> String {
        encoding::hex(&*self.public_key)
    }

    /// Answers `PASSWORD_VERIFIER`. `wall_ms` is the wall clock in ms since the epoch; it goes
    /// into the signature and, as [`Proof::timestamp`], to the pool.
    ///
    /// # Errors
    ///
    /// When the challenge has values that no honest pool sends; see [`BadChallenge`].
    pub fn prove(
        self,
        challenge: &Challenge<'_>,
        password: &str,
        wall_ms: f64,
    ) -> Result<Proof, BadChallenge> {
        let salt =
            encoding::parse_hex(challenge.salt_hex, MAX_SALT_DIGITS).ok_or(BadChallenge::Salt)?;
        let b = encoding::parse_hex(challenge.b_hex, MAX_B_DIGITS)
            .ok_or(BadChallenge::ServerPublicKey)?;
        let secret_block = encoding::parse_base64(challenge.secret_block, MAX_BLOCK_CHARACTERS)
            .ok_or(BadChallenge::SecretBlock)?;
        if group::is_zero(&**self.exponent) {
            return Err(BadChallenge::Exponent);
        }
        let work = &mut Workspace::new();
        let server_key = Element::from_be_bytes(work, &b).ok_or(BadChallenge::ServerPublicKey)?;
        if server_key.is_zero(work) {
            return Err(BadChallenge::ServerPublicKey);
        }
        let u = checked_scrambler(*sha256(&[&integer(&*self.public_key), &integer(&b)]))?;
        let x = password_exponent(challenge, &salt, password);

        // S = (B - k * g^x) ^ (a + u * x)
        let verifier = Element::power_of_two(work, &*x);
        let base = server_key.minus_multiple(work, &verifier);
        let exponent = add_product(&**self.exponent, &u, &x);
        let secret = base.pow(work, &exponent).to_be_bytes(work);

        let key = derive_key(&u, &*secret);
        let timestamp = timestamp::utc(wall_ms);
        let signature = hmac(
            &*key,
            &[
                challenge.pool_name.as_bytes(),
                challenge.user_id_for_srp.as_bytes(),
                &secret_block,
                timestamp.as_bytes(),
            ],
        );
        Ok(Proof {
            signature: encoding::base64(&*signature),
            timestamp,
        })
    }
}

impl<const BYTES: usize> fmt::Debug for Handshake<BYTES> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Handshake(…)")
    }
}

/// What the pool sent with `PASSWORD_VERIFIER`, as it came over the wire.
#[derive(Clone, Copy)]
pub struct Challenge<'a> {
    /// The part of the pool's id behind the underscore.
    pub pool_name: &'a str,
    /// `USER_ID_FOR_SRP`.
    pub user_id_for_srp: &'a str,
    /// `SALT`, hexadecimal.
    pub salt_hex: &'a str,
    /// `SRP_B`, hexadecimal.
    pub b_hex: &'a str,
    /// `SECRET_BLOCK`, base64.
    pub secret_block: &'a str,
}

/// The two values that answer `PASSWORD_VERIFIER`.
pub struct Proof {
    /// `PASSWORD_CLAIM_SIGNATURE`, base64.
    pub signature: String,
    /// `TIMESTAMP`, as in `Mon Jan 2 15:04:05 UTC 2026`.
    pub timestamp: String,
}

impl fmt::Debug for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Proof(…)")
    }
}

/// What a pool checks a device by, and the secret that the device keeps. (Developer guide, *Working
/// with user devices*.)
///
/// It is proven as a password is: by a [`Handshake`] with the device's group in the place of the pool,
/// its key in that of the user, and its secret in that of the password.
pub struct DeviceVerifier {
    /// The device's password: 40 random bytes in base64.
    pub secret: Secret,
    /// Base64 of the salt.
    pub salt: String,
    /// Base64 of g^x mod N.
    pub verifier: String,
}

impl fmt::Debug for DeviceVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeviceVerifier(…)")
    }
}

impl DeviceVerifier {
    /// `secret` and `salt` are fresh from a cryptographic source.
    ///
    /// The salt is made canonical before it is hashed: Cognito keeps it as a number, and a zero byte
    /// in front that was hashed would be lost, for one device in 128.
    pub fn new(group: &str, key: &str, secret: &[u8; 40], salt: &[u8; 16]) -> Self {
        let secret = Secret::new(encoding::base64(secret));
        let salt = integer(salt);
        let identity = sha256(&[
            group.as_bytes(),
            key.as_bytes(),
            b":",
            secret.secret().as_bytes(),
        ]);
        let x = sha256(&[&salt, &*identity]);
        let work = &mut Workspace::new();
        let verifier = integer(&*Element::power_of_two(work, &*x).to_be_bytes(work));
        Self {
            secret,
            salt: encoding::base64(&salt),
            verifier: encoding::base64(&verifier),
        }
    }
}

/// The bytes in lowercase hexadecimal, without leading zeros.
pub(crate) fn hex(bytes: &[u8]) -> String {
    encoding::hex(bytes)
}

/// The SHA-256 of a text, in base64.
pub(crate) fn base64_hash(text: &str) -> String {
    encoding::base64(&*sha256(&[text.as_bytes()]))
}

/// Base64 of RFC 4648 §4 or §5, with or without its padding.
pub(crate) fn parse_base64(text: &str) -> Option<Vec<u8>> {
    encoding::parse_base64(text, MAX_BLOCK_CHARACTERS)
}

/// Why no proof was made. All but [`Exponent`](Self::Exponent) are the server's doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadChallenge {
    /// The salt is empty, not hexadecimal, or longer than 512 digits.
    Salt,
    /// `SRP_B` is not hexadecimal, longer than the group's prime, or zero modulo it.
    ServerPublicKey,
    /// The two public keys hash to zero.
    Scrambler,
    /// The secret block is empty, not base64, or longer than 16384 characters.
    SecretBlock,
    /// The exponent that the handshake was started with is zero: the shared secret would be a
    /// function of the password alone.
    Exponent,
}

/// A pool's salt has 32 digits.
const MAX_SALT_DIGITS: usize = 512;
/// Room for the zeros with which some servers pad.
const MAX_B_DIGITS: usize = 2 * group::BYTES + 8;
/// A pool's secret block has 1336 characters or a few more.
const MAX_BLOCK_CHARACTERS: usize = 16384;

/// Refuses u = 0, which would take the password out of the exchange.
fn checked_scrambler(u: [u8; 32]) -> Result<[u8; 32], BadChallenge> {
    if group::is_zero(&u) {
        Err(BadChallenge::Scrambler)
    } else {
        Ok(u)
    }
}

/// x = H(salt ‖ H(pool name ‖ user id ‖ ":" ‖ password))
fn password_exponent(
    challenge: &Challenge<'_>,
    salt: &[u8],
    password: &str,
) -> Zeroizing<[u8; 32]> {
    let identity = sha256(&[
        challenge.pool_name.as_bytes(),
        challenge.user_id_for_srp.as_bytes(),
        b":",
        password.as_bytes(),
    ]);
    sha256(&[&integer(salt), &*identity])
}

/// a + u * x, big-endian, in a number of bytes that depends on the lengths alone.
fn add_product(a: &[u8], u: &[u8; 32], x: &[u8; 32]) -> Zeroizing<Vec<u8>> {
    // (2^256 − 1)² leaves room for 32 more bytes below 2^512.
    let length = if a.len() <= 32 {
        64
    } else {
        a.len().max(64) + 1
    };
    let mut sum = Zeroizing::new(vec![0; length]);
    for (to, from) in sum.iter_mut().rev().zip(a.iter().rev()) {
        *to = *from;
    }
    for (place, factor) in u.iter().rev().enumerate() {
        let mut carry = 0;
        let digits = x.iter().rev().chain(std::iter::repeat(&0));
        for (to, digit) in sum.iter_mut().rev().skip(place).zip(digits) {
            let value = u32::from(*to) + u32::from(*factor) * u32::from(*digit) + carry;
            *to = value as u8;
            carry = value >> 8;
        }
    }
    sum
}

/// HKDF of RFC 5869, salted with u, cut to 16 bytes.
fn derive_key(u: &[u8; 32], secret: &[u8]) -> Zeroizing<[u8; 16]> {
    let extracted = hmac(&integer(u), &[&integer(secret)]);
    let expanded = hmac(&*extracted, &[b"Caldera Derived Key", &[1]]);
    let mut key = Zeroizing::new([0; 16]);
    for (to, from) in key.iter_mut().zip(expanded.iter()) {
        *to = *from;
    }
    key
}

/// An unsigned integer as Cognito hashes it: no leading zeros, but one where the top bit is set,
/// and for zero itself.
///
/// The length of the shared secret shows in the time this and the hash take. That is the
/// protocol's doing; it tells an onlooker less than a bit, and of a value used once.
fn integer(be_bytes: &[u8]) -> Zeroizing<Vec<u8>> {
    let digits = encoding::without_leading_zeros(be_bytes);
    let mut encoded = Zeroizing::new(Vec::with_capacity(digits.len() + 1));
    if digits.first().is_none_or(|top| *top >= 0x80) {
        encoded.push(0);
    }
    encoded.extend_from_slice(digits);
    encoded
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use num_bigint::BigUint;

    /// The code challenge is that of RFC 7636, appendix B, in the other alphabet and padded.
    #[test]
    fn what_others_here_are_given_is_hex_base64_and_the_hash_in_it() {
        assert_eq!(hex(&[0, 0xab, 0x01]), "ab01");
        assert_eq!(parse_base64("Zm9v").as_deref(), Some(&b"foo"[..]));
        assert_eq!(parse_base64("Zm9v Zm9v"), None);
        assert_eq!(
            base64_hash("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw+cM="
        );
    }

    #[test]
    fn a_scrambler_of_zero_is_refused() {
        assert_eq!(checked_scrambler([0; 32]), Err(BadChallenge::Scrambler));
        let mut one = [0; 32];
        one[31] = 1;
        assert_eq!(checked_scrambler(one), Ok(one));
    }

    #[test]
    fn the_exponent_has_no_overflow_at_any_length() {
        let factor = [0xff; 32];
        for length in [0, 1, 31, 32, 33, 63, 64, 65, 128] {
            let a = vec![0xff; length];
            let sum = add_product(&a, &factor, &factor);
            let factor = BigUint::from_bytes_be(&factor);
            let expected = BigUint::from_bytes_be(&a) + &factor * &factor;
            assert_eq!(BigUint::from_bytes_be(&sum), expected, "{length} bytes");
        }
    }

    #[test]
    fn integers_are_encoded_as_short_as_their_sign_allows() {
        assert_eq!(**integer(&[]), [0]);
        assert_eq!(**integer(&[0, 0]), [0]);
        assert_eq!(**integer(&[0, 0x7f]), [0x7f]);
        assert_eq!(**integer(&[0x80]), [0, 0x80]);
        assert_eq!(**integer(&[0, 0, 0x80, 0]), [0, 0x80, 0]);
        assert_eq!(**integer(&[1, 0]), [1, 0]);
    }
}
