//! What is true of the encodings whatever they are given. Kani proves it for all values of the lengths
//! here (`cargo kani`), the tests try what can be tried in a moment.

use super::{base64, hex, parse_base64, parse_hex, without_leading_zeros};

fn hex_comes_back(bytes: &[u8]) {
    let text = hex(bytes);
    let read = parse_hex(&text, 2 * bytes.len() + 1);
    let significant = without_leading_zeros(bytes);
    assert!(read.is_some_and(|read| without_leading_zeros(&read) == significant));
    assert!(text == "0" || !text.starts_with('0'));
}

fn base64_comes_back(bytes: &[u8]) {
    let text = base64(bytes);
    assert!(text.len() == bytes.len().div_ceil(3) * 4);
    let read = parse_base64(&text, text.len());
    assert!(read.is_some_and(|read| read == bytes));
}

fn what_is_read_is_no_longer_than_its_text(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    if let Some(read) = parse_hex(text, 8) {
        assert!(read.len() == text.len().div_ceil(2));
    }
    if let Some(read) = parse_base64(text, 8) {
        assert!(!read.is_empty() && read.len() <= text.len() * 3 / 4);
    }
}

#[cfg(kani)]
mod kani_proofs {
    use super::*;

    #[kani::proof]
    #[kani::unwind(9)]
    fn hex_of_three_bytes() {
        hex_comes_back(&kani::any::<[u8; 3]>());
    }

    #[kani::proof]
    #[kani::unwind(9)]
    fn base64_of_one_byte() {
        base64_comes_back(&kani::any::<[u8; 1]>());
    }

    #[kani::proof]
    #[kani::unwind(9)]
    fn base64_of_two_bytes() {
        base64_comes_back(&kani::any::<[u8; 2]>());
    }

    #[kani::proof]
    #[kani::unwind(9)]
    fn base64_of_four_bytes() {
        base64_comes_back(&kani::any::<[u8; 4]>());
    }

    #[kani::proof]
    #[kani::unwind(9)]
    fn any_five_characters() {
        // ASCII, so that Kani need not prove what the standard library says of UTF-8.
        let bytes: [u8; 5] = kani::any();
        kani::assume(bytes.is_ascii());
        what_is_read_is_no_longer_than_its_text(&bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_all_pairs_of_bytes_and_many_longer_ones() {
        for pair in 0..=u16::MAX {
            let [a, b] = pair.to_be_bytes();
            hex_comes_back(&[a, b]);
            base64_comes_back(&[a, b]);
            base64_comes_back(&[b, a, !b, a ^ b]);
            what_is_read_is_no_longer_than_its_text(&[a, b]);
            what_is_read_is_no_longer_than_its_text(&[b'A', a, b'=', b, b'=']);
        }
        for byte in 0..=u8::MAX {
            base64_comes_back(&[byte]);
            hex_comes_back(&[0, byte, 0]);
        }
    }
}
