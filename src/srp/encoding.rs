//! Hexadecimal and base64, strict in what they read and without formatting machinery.
//!
//! What is read here comes from the server and is public. What is written may be a secret (a device's,
//! a verifier): how long it is may show, and nothing else; so there is no branch on a digit.

use std::hint::black_box;

/// Lowercase, without leading zeros; zero is `"0"`.
pub(super) fn hex(be_bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * be_bytes.len());
    for byte in be_bytes {
        for digit in [byte >> 4, byte & 15] {
            text.push(moved(digit, b'0', &[(10, b'a' - b'9' - 1)]));
        }
    }
    match text.trim_start_matches('0') {
        "" => "0".into(),
        significant => significant.into(),
    }
}

/// An unsigned integer of 1 to `max_digits` digits of either case, as big-endian bytes. An odd
/// number of digits is as good as an even one.
pub(super) fn parse_hex(text: &str, max_digits: usize) -> Option<Vec<u8>> {
    if text.is_empty() || text.len() > max_digits {
        return None;
    }
    let mut bytes = Vec::with_capacity(text.len() / 2 + 1);
    let mut high = 0;
    for (place, digit) in (0..text.len()).rev().zip(text.bytes()) {
        let value = match digit {
            b'0'..=b'9' => digit - b'0',
            b'a'..=b'f' => digit - b'a' + 10,
            b'A'..=b'F' => digit - b'A' + 10,
            _ => return None,
        };
        if place % 2 == 0 {
            bytes.push((high << 4) + value);
        }
        high = value;
    }
    // The first digit of an odd number has no high half, and `high` was still 0 there.
    Some(bytes)
}

/// The significant bytes of a big-endian integer; none for zero.
pub(super) fn without_leading_zeros(mut be_bytes: &[u8]) -> &[u8] {
    while let [0, rest @ ..] = be_bytes {
        be_bytes = rest;
    }
    be_bytes
}

/// Base64 of RFC 4648 §4, padded.
pub(super) fn base64(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let group = chunk
            .iter()
            .fold(0, |group, byte| (group << 8) + u32::from(*byte))
            << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let value = (group >> (18 - 6 * place)) as u8 & 63;
            text.push(if place > chunk.len() {
                '='
            } else {
                base64_digit(value)
            });
        }
    }
    text
}

fn base64_digit(value: u8) -> char {
    const JUMPS: [(u8, u8); 4] = [
        (26, b'a' - b'Z' - 1),
        (52, b'0'.wrapping_sub(b'z' + 1)),
        (62, b'+'.wrapping_sub(b'9' + 1)),
        (63, b'/' - b'+' - 1),
    ];
    moved(value, b'A', &JUMPS)
}

/// The value counted from a first character, which jumps where the value reaches others.
fn moved(value: u8, first: u8, jumps: &[(u8, u8)]) -> char {
    let mut character = first.wrapping_add(value);
    for (from, by) in jumps {
        // All ones from there on; in a way that no optimizer turns into a branch.
        let reached = black_box(!(value.wrapping_sub(*from) as i8) >> 7) as u8;
        character = character.wrapping_add(by & reached);
    }
    char::from(character)
}

/// Base64 of RFC 4648 §4 or §5 of 1 to `max_characters`, with or without its padding: pools other
/// than Amazon's send either.
pub(super) fn parse_base64(text: &str, max_characters: usize) -> Option<Vec<u8>> {
    if text.is_empty() || text.len() > max_characters {
        return None;
    }
    let digits = if text.len().is_multiple_of(4) {
        text.strip_suffix("==")
            .or(text.strip_suffix('='))
            .unwrap_or(text)
    } else {
        text
    };
    if digits.len() % 4 == 1 {
        return None;
    }
    let mut bytes = Vec::with_capacity(digits.len() / 4 * 3 + 2);
    let mut group = 0;
    let mut bits = 0;
    for digit in digits.bytes() {
        let value = match digit {
            b'A'..=b'Z' => digit - b'A',
            b'a'..=b'z' => digit - b'a' + 26,
            b'0'..=b'9' => digit - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        group = (group << 6) + u32::from(value);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((group >> bits) as u8);
        }
    }
    Some(bytes)
}

#[cfg(any(test, kani))]
mod proofs;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_is_written_without_leading_zeros() {
        assert_eq!(hex(&[]), "0");
        assert_eq!(hex(&[0, 0]), "0");
        assert_eq!(hex(&[0, 0x0a, 0xb0, 0x09]), "ab009");
    }

    #[test]
    fn hex_is_read_with_any_number_of_digits_in_either_case() {
        assert_eq!(parse_hex("0", 1), Some(vec![0]));
        assert_eq!(parse_hex("aBc", 3), Some(vec![0x0a, 0xbc]));
        assert_eq!(parse_hex("00fF", 4), Some(vec![0, 0xff]));
    }

    #[test]
    fn hex_of_no_or_too_many_or_other_digits_is_refused() {
        for text in ["", "12345", "0x1", "12g", " 12", "1 2", "-1", "é", "１２"] {
            assert_eq!(parse_hex(text, 4), None, "{text}");
        }
    }

    #[test]
    fn base64_agrees_with_rfc_4648_both_ways() {
        for (plain, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(plain.as_bytes()), text);
            if !text.is_empty() {
                assert_eq!(parse_base64(text, 8).as_deref(), Some(plain.as_bytes()));
                let unpadded = text.trim_end_matches('=');
                assert_eq!(parse_base64(unpadded, 8).as_deref(), Some(plain.as_bytes()));
            }
        }
        assert_eq!(base64(&[0xfb, 0xff, 0xfe]), "+//+");
    }

    #[test]
    fn base64_is_read_in_both_alphabets() {
        assert_eq!(parse_base64("+//+", 4), Some(vec![0xfb, 0xff, 0xfe]));
        assert_eq!(parse_base64("-__-", 4), Some(vec![0xfb, 0xff, 0xfe]));
    }

    #[test]
    fn base64_that_is_empty_too_long_or_broken_is_refused() {
        for text in [
            "",
            "A",
            "AAAAA",
            "AAAAAAAAA",
            "A===",
            "====",
            "=AAA",
            "A=AA",
            "AA=",
            "AA A",
        ] {
            assert_eq!(parse_base64(text, 8), None, "{text}");
        }
    }
}
