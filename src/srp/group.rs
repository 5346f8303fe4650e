//! Arithmetic modulo N, the 3072-bit prime of RFC 5054 (and RFC 3526), with the generator g = 2.
//!
//! Constant-time by construction: which instructions run and which addresses are touched depends
//! on lengths alone, never on a value. So there is no branch on a digit, no early end, and a table
//! is read in full for each entry wanted.

use std::sync::OnceLock;

use zeroize::Zeroizing;

use digits::Digits;
pub(super) use digits::Workspace;

mod digits;
mod vector;

/// The length in bytes of N, and so of every number modulo it.
pub(super) const BYTES: usize = 384;

/// k = H(N ‖ g), hashed as Cognito does.
const MULTIPLIER: [u8; 32] = [
    0x53, 0x82, 0x82, 0xc4, 0x35, 0x47, 0x42, 0xd7, 0xcb, 0xbd, 0xe2, 0x35, 0x9f, 0xcf, 0x67, 0xf9,
    0xf5, 0xb3, 0xa6, 0xb0, 0x87, 0x91, 0xe5, 0x01, 0x1b, 0x43, 0xb8, 0xa5, 0xb6, 0x6d, 0x9e, 0xe6,
];

/// A number modulo N: x·R mod N for the number x (Montgomery form, see [`Digits`]). Wiped when
/// dropped.
pub(super) struct Element(Digits);

impl Element {
    /// g^exponent; the exponent is big-endian. One of 32 bytes takes a quarter of the time.
    pub(super) fn power_of_two(work: &mut Workspace, exponent: &[u8]) -> Self {
        match exponent.try_into() {
            Ok(exponent) => known(work).power(work, exponent),
            Err(_) => Self::two().pow(work, exponent),
        }
    }

    fn two() -> Self {
        let mut two = Digits::r();
        let mut less_one = Digits::ZERO;
        less_one.subtract(&two);
        two.subtract(&less_one);
        Self(two)
    }

    /// A big-endian number, reduced; `None` when it has more significant bytes than N.
    pub(super) fn from_be_bytes(work: &mut Workspace, bytes: &[u8]) -> Option<Self> {
        let (above, _) = bytes.split_at(bytes.len().saturating_sub(BYTES));
        is_zero(above).then(|| Self::reduced(work, bytes))
    }

    /// self^exponent; the exponent is big-endian.
    pub(super) fn pow(&self, work: &mut Workspace, exponent: &[u8]) -> Self {
        // The powers 0 to 15: four bits of the exponent cost four squarings and one product.
        let mut table = [const { Digits::ZERO }; 16];
        let mut power = Digits::r();
        for entry in &mut table {
            entry.clone_from(&power);
            power.multiply(work, &self.0);
        }
        power = Digits::r();
        for byte in exponent {
            for digit in [byte >> 4, byte & 15] {
                for _ in 0..4 {
                    power.square(work);
                }
                power.multiply(work, &chosen(&table, digit));
            }
        }
        Self(power)
    }

    /// self − k·other, with the k of SRP-6a.
    pub(super) fn minus_multiple(mut self, work: &mut Workspace, other: &Self) -> Self {
        let mut multiple = Self::reduced(work, &MULTIPLIER);
        multiple.0.multiply(work, &other.0);
        self.0.subtract(&multiple.0);
        self
    }

    pub(super) fn is_zero(&self, work: &mut Workspace) -> bool {
        is_zero(&*self.to_be_bytes(work))
    }

    /// Big-endian, below N.
    pub(super) fn to_be_bytes(&self, work: &mut Workspace) -> Zeroizing<[u8; BYTES]> {
        let mut plain = self.0.clone();
        plain.multiply(work, &Digits::from_be_bytes(&[1]));
        plain.to_be_bytes()
    }

    fn reduced(work: &mut Workspace, bytes: &[u8]) -> Self {
        let mut number = Digits::from_be_bytes(bytes);
        let known = known(work);
        number.multiply(work, &known.r_squared);
        Self(number)
    }
}

/// The entry at that place, by reading all of them.
fn chosen(table: &[Digits], wanted: u8) -> Digits {
    let mut entry = Digits::ZERO;
    for (place, other) in (0..).zip(table) {
        entry.or_if(other, is_equal(place, wanted));
    }
    entry
}

/// Powers of g that others are made with, worked out once for all.
struct Known {
    /// The comb of Lim and Lee ("More flexible exponentiation with precomputation", 1994): an exponent's
    /// bits lie in four rows of 64, each in [`BLOCKS`] pieces. What a column of four bits stands for is
    /// here, for each piece.
    comb: Box<[[Digits; 16]; BLOCKS]>,
    /// A product with it brings a number into Montgomery form.
    r_squared: Digits,
}

const BLOCKS: usize = 2;
const COLUMNS: usize = 64 / BLOCKS;

fn known(work: &mut Workspace) -> &'static Known {
    static KNOWN: OnceLock<Known> = OnceLock::new();
    KNOWN.get_or_init(|| Known::new(work))
}

impl Known {
    fn new(work: &mut Workspace) -> Self {
        let mut comb = Box::new([const { [const { Digits::ZERO }; 16] }; BLOCKS]);
        for [one, ..] in &mut *comb {
            *one = Digits::r();
        }
        let Element(mut power) = Element::two();
        for row in 0..4 {
            for table in &mut *comb {
                let (below, above) = table.split_at_mut(1 << row);
                for (entry, other) in above.iter_mut().zip(below) {
                    *entry = power.clone();
                    entry.multiply(work, other);
                }
                for _ in 0..COLUMNS {
                    power.square(work);
                }
            }
        }
        // R = 2^3136, so 2^3136 in Montgomery form is R².
        let Element(r_squared) = Element::two().pow(work, &3136_u16.to_be_bytes());
        Self { comb, r_squared }
    }

    /// g^exponent; the exponent is big-endian.
    fn power(&self, work: &mut Workspace, exponent: &[u8; 32]) -> Element {
        let mut power = Digits::r();
        for column in (0..COLUMNS).rev() {
            power.square(work);
            for (block, table) in self.comb.iter().enumerate() {
                let place = block * COLUMNS + column;
                let rows = exponent.as_chunks().0.iter();
                let digit = rows.fold(0, |digit, row| {
                    2 * digit + (u64::from_be_bytes(*row) >> place & 1) as u8
                });
                power.multiply(work, &chosen(table, digit));
            }
        }
        Element(power)
    }
}

/// Looks at every byte, whatever the first ones are.
pub(super) fn is_zero(bytes: &[u8]) -> bool {
    bytes.iter().fold(0, |any, byte| any | byte) == 0
}

/// 1 if the two are equal, else 0.
fn is_equal(left: u8, right: u8) -> u8 {
    // Only of zero has the predecessor the sign bit set; the bytes are below 128.
    (left ^ right).wrapping_sub(1) >> 7
}

#[cfg(test)]
mod tests {
    use super::*;
    use num_bigint::BigUint;
    use sha2::{Digest, Sha256};

    #[test]
    fn k_is_the_hash_of_the_prime_and_the_generator() {
        let prime = prime().to_bytes_be();
        let k = Sha256::new()
            .chain_update([0])
            .chain_update(prime)
            .chain_update([2])
            .finalize();
        assert_eq!(MULTIPLIER[..], k[..]);
    }

    #[test]
    fn numbers_are_read_and_written_reduced() {
        for number in operands() {
            let element = element(&number);
            assert_eq!(value(&element), &number % prime());
            assert_eq!(
                element.is_zero(&mut Workspace::new()),
                &number % prime() == BigUint::ZERO
            );
        }
    }

    #[test]
    fn numbers_longer_than_the_prime_are_refused_and_zeros_in_front_are_not() {
        let mut bytes = vec![0; BYTES + 40];
        bytes[40] = 0xff;
        let expected = BigUint::from_bytes_be(&bytes) % prime();
        assert_eq!(
            value(&Element::from_be_bytes(&mut Workspace::new(), &bytes).unwrap()),
            expected
        );
        bytes[39] = 1;
        assert!(Element::from_be_bytes(&mut Workspace::new(), &bytes).is_none());
        assert!(element(&BigUint::ZERO).is_zero(&mut Workspace::new()));
    }

    #[test]
    fn powers_of_two_agree() {
        for exponent in exponents() {
            let expected = BigUint::from(2_u8).modpow(&BigUint::from_bytes_be(&exponent), &prime());
            assert_eq!(
                value(&Element::power_of_two(&mut Workspace::new(), &exponent)),
                expected,
                "{exponent:x?}"
            );
        }
    }

    #[test]
    fn powers_agree() {
        for number in operands() {
            for exponent in exponents() {
                let expected = number.modpow(&BigUint::from_bytes_be(&exponent), &prime());
                assert_eq!(
                    value(&element(&number).pow(&mut Workspace::new(), &exponent)),
                    expected,
                    "{exponent:x?}"
                );
            }
        }
    }

    #[test]
    fn differences_with_a_multiple_agree() {
        let k = BigUint::from_bytes_be(&MULTIPLIER);
        for left in operands() {
            for right in operands() {
                let difference =
                    element(&left).minus_multiple(&mut Workspace::new(), &element(&right));
                let product = &k * &right % prime();
                assert_eq!(value(&difference), (&left + prime() - product) % prime());
                // What comes out must be good to go on with.
                assert_eq!(
                    value(&difference.pow(&mut Workspace::new(), &[1])),
                    value(&difference)
                );
            }
        }
    }

    #[test]
    fn equality_is_a_bit() {
        for left in 0..16 {
            for right in 0..16 {
                assert_eq!(is_equal(left, right), u8::from(left == right));
            }
        }
    }

    fn element(number: &BigUint) -> Element {
        Element::from_be_bytes(&mut Workspace::new(), &number.to_bytes_be()).unwrap()
    }

    fn value(element: &Element) -> BigUint {
        let value = BigUint::from_bytes_be(&*element.to_be_bytes(&mut Workspace::new()));
        assert!(value < prime());
        value
    }

    fn operands() -> Vec<BigUint> {
        let one = BigUint::from(1_u8);
        let above = (&one << 3072) - &one;
        let mut operands = vec![
            BigUint::ZERO,
            one.clone(),
            BigUint::from(2_u8),
            &one << 28,
            &one << 3071,
            prime() - &one,
            prime(),
            prime() + &one,
            above,
        ];
        operands.extend((0..4).map(|seed| BigUint::from_bytes_be(&random(seed, BYTES))));
        operands
    }

    fn exponents() -> Vec<Vec<u8>> {
        vec![
            vec![],
            vec![0],
            vec![1],
            vec![0, 0, 0x10],
            vec![0; 32],
            vec![0xff; 32],
            vec![0xff; 64],
            random(7, 32),
            random(8, 64),
            random(9, 3),
        ]
    }

    /// The same bytes in each run, so that a failure comes back.
    fn random(seed: u8, length: usize) -> Vec<u8> {
        (0_u32..)
            .flat_map(|block| {
                Sha256::new()
                    .chain_update([seed])
                    .chain_update(block.to_be_bytes())
                    .finalize()
            })
            .take(length)
            .collect()
    }

    fn prime() -> BigUint {
        let file = include_str!("../../tests/data/srp-vectors.json");
        let file: serde_json::Value = serde_json::from_str(file).unwrap();
        BigUint::parse_bytes(file["N"].as_str().unwrap().as_bytes(), 16).unwrap()
    }
}
