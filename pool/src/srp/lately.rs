//! Passwords that were set, or found right, lately. A test signs its user up and in, often more than
//! once, and the power of the generator is what takes the most time of either.
//!
//! What is kept is a hash over the private key x and the verifier: it says of no other password whether
//! it is right, and once the verifier changes nothing is found any more. Wrong passwords are not kept,
//! so that each costs what the first did, whether or not there is such a user.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use rsa::BigUint;
use sha2::{Digest, Sha256};

use super::Verifier;

/// So many hashes are read in a microsecond or two.
const KEPT: usize = 1024;

/// The oldest first.
struct Lately(VecDeque<[u8; 32]>);

static LATELY: Mutex<Lately> = Mutex::new(Lately(VecDeque::new()));

/// Whether the verifier is known to be that of the private key.
pub(super) fn was_right(x: &BigUint, verifier: &Verifier) -> bool {
    let tag = tag(x, verifier);
    with(|lately| lately.0.contains(&tag))
}

/// Notes that the verifier is that of the private key.
pub(super) fn note(x: &BigUint, verifier: &Verifier) {
    let tag = tag(x, verifier);
    with(|lately| lately.note(tag));
}

/// As in a process that has just begun.
#[cfg(all(test, feature = "server"))]
pub(crate) fn forget() {
    with(|lately| lately.0.clear());
}

impl Lately {
    fn note(&mut self, tag: [u8; 32]) {
        if self.0.contains(&tag) {
            return;
        }
        if self.0.len() == KEPT {
            self.0.pop_front();
        }
        self.0.push_back(tag);
    }
}

fn with<T>(act: impl FnOnce(&mut Lately) -> T) -> T {
    act(&mut LATELY.lock().unwrap_or_else(PoisonError::into_inner))
}

/// The salt is in x.
fn tag(x: &BigUint, verifier: &Verifier) -> [u8; 32] {
    let mut hash = Sha256::new();
    for number in [x, &verifier.verifier()] {
        let bytes = number.to_bytes_be();
        hash.update(bytes.len().to_be_bytes());
        hash.update(bytes);
    }
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;

    #[test]
    fn a_password_is_known_for_its_verifier_alone() {
        let [x, other_x] = [5_u8, 6].map(BigUint::from);
        let [own, others] = [7_u8, 8].map(|v| Verifier::from_bytes(&[3], &[v]));
        let known = tag(&x, &own);
        assert_eq!(known, tag(&x, &own));
        assert_ne!(known, tag(&x, &others));
        assert_ne!(known, tag(&other_x, &own));
    }

    #[test]
    fn the_oldest_make_room() {
        let mut lately = Lately(VecDeque::new());
        let tags: Vec<[u8; 32]> = (0..=KEPT)
            .map(|at| [at.to_le_bytes(); 4].concat().try_into().unwrap())
            .collect();
        for tag in &tags[..KEPT] {
            lately.note(*tag);
            lately.note(tags[0]);
        }
        assert_eq!(lately.0, &tags[..KEPT]);
        lately.note(tags[KEPT]);
        assert_eq!(lately.0, &tags[1..]);
    }
}
