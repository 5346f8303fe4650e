//! Time-based one-time passwords (RFC 6238): SHA-1, six digits, 30 seconds.

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

const STEP_MILLISECONDS: u64 = 30_000;
const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The step of a code that is right at `now`, one step early or one late.
pub(crate) fn step_of(secret: &str, code: &str, now: u64) -> Option<u64> {
    let key = base32_decoded(secret)?;
    let present = now / STEP_MILLISECONDS;
    [
        present,
        present.saturating_sub(1),
        present.saturating_add(1),
    ]
    .into_iter()
    .find(|step| code_of(&key, *step).as_deref() == Some(code))
}

/// A secret as Base32 (RFC 4648) without padding.
pub(crate) fn base32(bytes: &[u8]) -> String {
    let push = |out: &mut String, five_bits: u32| {
        let index = usize::try_from(five_bits & 31).unwrap_or_default();
        out.push(char::from(ALPHABET.get(index).copied().unwrap_or(b'A')));
    };
    let mut out = String::new();
    let (mut bits, mut held) = (0_u32, 0_u32);
    for byte in bytes {
        bits = (bits << 8) | u32::from(*byte);
        held += 8;
        while held >= 5 {
            held -= 5;
            push(&mut out, bits >> held);
        }
        bits &= (1 << held) - 1;
    }
    if held > 0 {
        // The last letter is filled up with zeros.
        push(&mut out, bits << (5 - held));
    }
    out
}

fn base32_decoded(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let (mut bits, mut held) = (0_u32, 0_u32);
    for letter in text.bytes() {
        let value = ALPHABET.iter().position(|known| *known == letter)?;
        bits = (bits << 5) | u32::try_from(value).ok()?;
        held += 5;
        if held >= 8 {
            held -= 8;
            out.push(u8::try_from((bits >> held) & 255).ok()?);
            bits &= (1 << held) - 1;
        }
    }
    Some(out)
}

/// RFC 4226, section 5.3.
fn code_of(key: &[u8], step: u64) -> Option<String> {
    let mut mac = <Hmac<Sha1> as KeyInit>::new_from_slice(key).ok()?;
    mac.update(&step.to_be_bytes());
    let hash = mac.finalize().into_bytes();
    let offset = usize::from(hash.last()? & 15);
    let four: [u8; 4] = hash.get(offset..offset + 4)?.try_into().ok()?;
    let number = u32::from_be_bytes(four) & 0x7fff_ffff;
    Some(format!("{:06}", number % 1_000_000))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// RFC 6238, appendix B, the last six digits of its eight.
    #[test]
    fn the_codes_of_the_rfc_are_right() {
        let secret = base32(b"12345678901234567890");
        assert_eq!(base32_decoded(&secret).unwrap(), b"12345678901234567890");
        // A last letter that holds fewer than five bits is written too: strict decoders want it.
        for (bytes, text) in [
            (&b"f"[..], "MY"),
            (b"fo", "MZXQ"),
            (b"foo", "MZXW6"),
            (b"foob", "MZXW6YQ"),
        ] {
            assert_eq!(base32(bytes), text);
            assert_eq!(base32_decoded(text).unwrap(), bytes);
        }
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (20_000_000_000, "353130"),
        ] {
            assert!(step_of(&secret, code, seconds * 1000).is_some());
        }
    }

    #[test]
    fn a_code_is_good_for_its_step_and_the_ones_beside_it() {
        let secret = base32(&[7; 20]);
        let key = base32_decoded(&secret).unwrap();
        let code = code_of(&key, 1000).unwrap();
        let at = |step: u64| step_of(&secret, &code, step * STEP_MILLISECONDS);
        assert_eq!([at(999), at(1000), at(1001)], [Some(1000); 3]);
        assert_eq!([at(998), at(1002)], [None; 2]);
        assert_eq!(step_of("not base 32!", &code, 0), None);
    }
}
