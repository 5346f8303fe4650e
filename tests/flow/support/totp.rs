//! What an authenticator app does: RFC 6238 with SHA-1, six digits and 30 seconds.

use sha1::{Digest, Sha1};

/// The code that the app shows at this time, in ms since the epoch.
pub(crate) fn totp(secret: &str, wall: f64) -> String {
    let counter = (wall / 30_000.0) as u64;
    let mac = hmac(&from_base32(secret), &counter.to_be_bytes());
    let at = usize::from(mac[19] & 15);
    let number = u32::from_be_bytes(mac[at..at + 4].try_into().unwrap()) & 0x7fff_ffff;
    format!("{:06}", number % 1_000_000)
}

fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut block = [0; 64];
    block[..key.len()].copy_from_slice(key);
    let keyed = |pad: u8, rest: &[u8]| {
        let mut hash = Sha1::new();
        hash.update(block.map(|byte| byte ^ pad));
        hash.update(rest);
        hash.finalize().to_vec()
    };
    keyed(0x5c, &keyed(0x36, message))
}

fn from_base32(text: &str) -> Vec<u8> {
    let (mut bytes, mut bits, mut held) = (Vec::new(), 0_u32, 0);
    for letter in text.bytes() {
        let digit = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'2'..=b'7' => letter - b'2' + 26,
            other => panic!("no base32: {other}"),
        };
        (bits, held) = ((bits << 5 | u32::from(digit)) & 0xffff, held + 5);
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
        }
    }
    bytes
}

#[test]
fn the_codes_are_those_of_the_rfc() {
    // Appendix B, cut to six digits.
    let secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
    for (seconds, code) in [
        (59.0, "287082"),
        (1_111_111_109.0, "081804"),
        (20_000_000_000.0, "353130"),
    ] {
        assert_eq!(totp(secret, seconds * 1000.0), code);
    }
}
