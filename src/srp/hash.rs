//! SHA-256 and what is built on it, over messages in parts.
//!
//! A message is laid out in one piece, padding included, and given to the compression function of
//! `sha2` block by block. That takes a fraction of the code that streaming does, and there is one
//! place to wipe.

use sha2::block_api::compress256;
use zeroize::Zeroizing;

const BLOCK: usize = 64;

pub(super) fn sha256(parts: &[&[u8]]) -> Zeroizing<[u8; 32]> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let padded = (length + 9).next_multiple_of(BLOCK);
    // Room for all of it: a message that moved when it grew would leave a copy behind.
    let mut message = Zeroizing::new(Vec::with_capacity(padded));
    for part in parts {
        message.extend_from_slice(part);
    }
    message.push(0x80);
    message.resize(padded - 8, 0);
    message.extend_from_slice(&(8 * length as u64).to_be_bytes());

    // The square roots of the first eight primes, as FIPS 180-4 has them.
    let mut state = Zeroizing::new([
        0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab,
        0x5be0cd19,
    ]);
    compress256(&mut state, message.as_chunks::<BLOCK>().0);
    let mut digest = Zeroizing::new([0; 32]);
    let bytes = state.iter().flat_map(|word| word.to_be_bytes());
    for (to, from) in digest.iter_mut().zip(bytes) {
        *to = from;
    }
    digest
}

/// HMAC of RFC 2104, for a key of at most one block (64 bytes), as all of SRP's are.
pub(super) fn hmac(key: &[u8], parts: &[&[u8]]) -> Zeroizing<[u8; 32]> {
    let masked = |mask: u8| {
        let mut block = Zeroizing::new([mask; BLOCK]);
        for (to, from) in block.iter_mut().zip(key) {
            *to ^= *from;
        }
        block
    };
    let inner_key = masked(0x36);
    let mut message: Vec<&[u8]> = vec![&*inner_key];
    message.extend_from_slice(parts);
    let inner = sha256(&message);
    sha256(&[&*masked(0x5c), &*inner])
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::{Digest, Sha256};

    #[test]
    fn every_length_around_a_block_is_padded_right() {
        let message: Vec<u8> = (0..=255).collect();
        for length in 0..=message.len() {
            let (part, _) = message.split_at(length);
            let (start, end) = part.split_at(length / 3);
            assert_eq!(
                sha256(&[start, &[], end])[..],
                Sha256::digest(part)[..],
                "{length} bytes"
            );
        }
    }

    #[test]
    fn hmac_agrees_with_rfc_4231() {
        let mac = hmac(&[0x0b; 20], &[b"Hi There"]);
        let expected = "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7";
        assert_eq!(super::super::encoding::hex(&*mac), expected);

        let mac = hmac(b"Jefe", &[b"what do ya want ", b"for nothing?"]);
        let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(super::super::encoding::hex(&*mac), expected);
    }
}
