//! Where random bytes come from: always the caller.

use rsa::rand_core::{CryptoRng, Error, RngCore};
use sha2::{Digest, Sha256};

/// A source of random bytes. The pool draws from nowhere else, so that the same requests with the
/// same times and the same bytes give the same replies.
///
/// Implemented by every `FnMut(&mut [u8])`, for instance a closure around the operating system's
/// generator.
pub trait Randomness {
    /// Fills `bytes`.
    fn fill(&mut self, bytes: &mut [u8]);
}

impl<F: FnMut(&mut [u8])> Randomness for F {
    fn fill(&mut self, bytes: &mut [u8]) {
        self(bytes);
    }
}

/// Bytes that follow from a seed: SHA-256 in counter mode. For tests and reproducible runs, never
/// for secrets that matter.
#[derive(Clone, Debug)]
pub struct SeededRandomness {
    seed: u64,
    counter: u64,
    left: Vec<u8>,
}

impl SeededRandomness {
    /// The sequence of `seed`.
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            counter: 0,
            left: Vec::new(),
        }
    }
}

impl Randomness for SeededRandomness {
    fn fill(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            if self.left.is_empty() {
                let block = Sha256::new()
                    .chain_update(b"cognito-pool seeded randomness")
                    .chain_update(self.seed.to_be_bytes())
                    .chain_update(self.counter.to_be_bytes())
                    .finalize();
                self.counter = self.counter.wrapping_add(1);
                self.left.extend_from_slice(&block);
            }
            *byte = self.left.pop().unwrap_or_default();
        }
    }
}

/// What the pool makes of random bytes.
pub(crate) trait Draw {
    fn array<const N: usize>(&mut self) -> [u8; N];

    /// `length` characters of `alphabet`, each as likely as the other.
    fn text(&mut self, length: usize, alphabet: &[u8]) -> String;

    /// A UUID of version 4 (RFC 9562).
    fn uuid(&mut self) -> String {
        uuid_of(self.array())
    }

    /// Six decimal digits.
    fn code(&mut self) -> String {
        self.text(6, b"0123456789")
    }

    /// 256 bits as base64url: a session, a refresh token.
    fn opaque(&mut self) -> String {
        use base64ct::{Base64UrlUnpadded, Encoding};
        Base64UrlUnpadded::encode_string(&self.array::<32>())
    }
}

impl Draw for dyn Randomness + '_ {
    fn array<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }

    fn text(&mut self, length: usize, alphabet: &[u8]) -> String {
        // Bytes from the uneven rest above the largest multiple are thrown away: no modulo bias.
        let size = alphabet.len().clamp(1, 256);
        let usable = 256 - 256 % size;
        let mut out = String::with_capacity(length);
        while out.len() < length {
            let [byte] = self.array();
            if usize::from(byte) < usable
                && let Some(letter) = alphabet.get(usize::from(byte) % size)
            {
                out.push(char::from(*letter));
            }
        }
        out
    }
}

/// Sixteen bytes written as a UUID of version 4.
pub(crate) fn uuid_of(mut bytes: [u8; 16]) -> String {
    let [.., version, _, variant, _, _, _, _, _, _, _] = &mut bytes;
    *version = (*version & 0x0f) | 0x40;
    *variant = (*variant & 0x3f) | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut out = String::with_capacity(36);
    for (at, digit) in hex.chars().enumerate() {
        if matches!(at, 8 | 12 | 16 | 20) {
            out.push('-');
        }
        out.push(digit);
    }
    out
}

/// The face of [`Randomness`] that the RSA library asks for when it makes a key.
pub(crate) struct RsaRandomness<'a>(pub(crate) &'a mut dyn Randomness);

impl RngCore for RsaRandomness<'_> {
    fn next_u32(&mut self) -> u32 {
        u32::from_le_bytes(self.0.array())
    }

    fn next_u64(&mut self) -> u64 {
        u64::from_le_bytes(self.0.array())
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        self.0.fill(bytes);
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Error> {
        self.0.fill(bytes);
        Ok(())
    }
}

// Whoever makes a key answers for the bytes being unpredictable.
impl CryptoRng for RsaRandomness<'_> {}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing)]
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_bytes() {
        let (mut one, mut two) = (SeededRandomness::new(7), SeededRandomness::new(7));
        let (mut a, mut b) = ([0; 50], [0; 50]);
        one.fill(&mut a);
        two.fill(&mut b);
        assert_eq!(a, b);
        SeededRandomness::new(8).fill(&mut b);
        assert_ne!(a, b);
    }

    #[test]
    fn codes_are_six_digits_and_uuids_of_version_4() {
        let mut seeded = SeededRandomness::new(1);
        let randomness: &mut dyn Randomness = &mut seeded;
        for _ in 0..100 {
            let code = randomness.code();
            assert!(code.len() == 6 && code.bytes().all(|digit| digit.is_ascii_digit()));
        }
        let uuid = randomness.uuid();
        let bytes = uuid.as_bytes();
        assert_eq!((uuid.len(), bytes[8], bytes[14]), (36, b'-', b'4'));
        assert!(b"89ab".contains(&bytes[19]));
    }
}
