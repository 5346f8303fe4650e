//! 3080-bit numbers for arithmetic modulo N: 110 limbs of 28 bits, and Montgomery's product with
//! R = 2^3080.
//!
//! Why 28 bits: a product of two limbs has 56, and the 220 of them that meet in one column of a
//! product and its reduction add up in a `u64` without any carry. Because R is above 256·N, the
//! product of factors up to 16·N each comes out below 2·N: no step ends in a comparison with N. And
//! -1/N is 1 modulo 2^28, as N ends in 64 one-bits: a column is its own quotient digit.

use std::hint::black_box;

use zeroize::Zeroize;

use super::BYTES;

/// Little-endian. Wiped when dropped.
#[derive(Clone)]
pub(super) struct Limbs([u32; LIMBS]);

const LIMBS: usize = 110;
const LIMB_BITS: u32 = 28;
const MASK: u32 = (1 << LIMB_BITS) - 1;

/// N, the last limb first: a column of a product pairs rising limbs with falling ones.
const PRIME_REVERSED: [u32; LIMBS] = prime_reversed(concat!(
    "ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74",
    "020bbea63b139b22514a08798e3404ddef9519b3cd3a431b302b0a6df25f1437",
    "4fe1356d6d51c245e485b576625e7ec6f44c42e9a637ed6b0bff5cb6f406b7ed",
    "ee386bfb5a899fa5ae9f24117c4b1fe649286651ece45b3dc2007cb8a163bf05",
    "98da48361c55d39a69163fa8fd24cf5f83655d23dca3ad961c62f356208552bb",
    "9ed529077096966d670c354e4abc9804f1746c08ca18217c32905e462e36ce3b",
    "e39e772c180e86039b2783a2ec07a28fb5c55df06f4c52c9de2bcbf695581718",
    "3995497cea956ae515d2261898fa051015728e5a8aaac42dad33170d04507a33",
    "a85521abdf1cba64ecfb850458dbef0a8aea71575d060c7db3970f85a6e1e4c7",
    "abf5ae8cdb0933d71e8c94e04a25619dcee3d2261ad2ee6bf12ffa06d98a0864",
    "d87602733ec86a64521f2b18177b200cbbe117577a615d6c770988c0bad946e2",
    "08e24fa074e5ab3143db5bfce0fd108e4b82d120a93ad2caffffffffffffffff",
));

impl Limbs {
    pub(super) const ZERO: Self = Self([0; LIMBS]);

    pub(super) fn one() -> Self {
        Self::from_be_bytes(&[1])
    }

    /// R mod N, which is 1 in Montgomery form: R − 256·N.
    pub(super) fn r() -> Self {
        let mut r = Self::ZERO;
        let mut carry = 0;
        for (limb, prime) in r.0.iter_mut().zip(PRIME_REVERSED.iter().rev()) {
            carry -= i64::from(*prime) << 8;
            *limb = carry as u32 & MASK;
            carry >>= LIMB_BITS;
        }
        r
    }

    /// The number that the last 384 bytes make, big-endian.
    pub(super) fn from_be_bytes(bytes: &[u8]) -> Self {
        let mut number = Self::ZERO;
        let mut rest = bytes.iter().rev().take(BYTES);
        let mut bits = 0_u64;
        let mut width = 0;
        for limb in &mut number.0 {
            while width < LIMB_BITS {
                bits |= u64::from(rest.next().copied().unwrap_or(0)) << width;
                width += 8;
            }
            *limb = bits as u32 & MASK;
            bits >>= LIMB_BITS;
            width -= LIMB_BITS;
        }
        number
    }

    /// The number modulo 2^3072, big-endian.
    pub(super) fn to_be_bytes(&self) -> [u8; BYTES] {
        let mut bytes = [0; BYTES];
        let mut rest = self.0.iter();
        let mut bits = 0_u64;
        let mut width = 0;
        for byte in bytes.iter_mut().rev() {
            if width < 8 {
                bits |= u64::from(rest.next().copied().unwrap_or(0)) << width;
                width += LIMB_BITS;
            }
            *byte = bits as u8;
            bits >>= 8;
            width -= 8;
        }
        bytes
    }

    /// self·other/R modulo N, below 2·N when both are below 16·N.
    pub(super) fn multiply(&mut self, other: &Self) {
        let mut reversed = other.clone();
        reversed.0.reverse();
        self.reduce(|number, column| {
            dot(
                tail(number, column.saturating_sub(LIMBS - 1)),
                tail(&reversed.0, (LIMBS - 1).saturating_sub(column)),
            )
        });
    }

    /// self²/R modulo N, below 2·N when self is below 16·N.
    pub(super) fn square(&mut self) {
        let mut reversed = self.clone();
        reversed.0.reverse();
        self.reduce(|number, column| {
            // Each pair of different limbs occurs twice in its column.
            let first = column.saturating_sub(LIMBS - 1);
            let pairs = dot(
                number.get(first..column.div_ceil(2)).unwrap_or_default(),
                tail(&reversed.0, (LIMBS - 1).saturating_sub(column)),
            );
            let middle = if column % 2 == 0 {
                number.get(column / 2)
            } else {
                None
            };
            let middle = u64::from(middle.copied().unwrap_or(0));
            2 * pairs + middle * middle
        });
    }

    /// Twice this if `bit` is 1, the same if it is 0.
    pub(super) fn double_if(&mut self, bit: u8) {
        let mask = mask(bit);
        for limb in &mut self.0 {
            *limb += *limb & mask;
        }
        self.carry();
    }

    /// Takes over `other` if `bit` is 1, provided that this is zero.
    pub(super) fn or_if(&mut self, other: &Self, bit: u8) {
        let mask = mask(bit);
        for (limb, other) in self.0.iter_mut().zip(&other.0) {
            *limb |= *other & mask;
        }
    }

    /// self − other + 2·N, for an `other` of at most 2·N.
    pub(super) fn subtract(&mut self, other: &Self) {
        let prime = PRIME_REVERSED.iter().rev();
        for ((limb, other), prime) in self.0.iter_mut().zip(&other.0).zip(prime) {
            *limb = (*limb + 2 * prime).wrapping_sub(*other);
        }
        self.carry();
    }

    /// Takes N away unless that makes it negative.
    pub(super) fn subtract_prime_once(&mut self) {
        for (limb, prime) in self.0.iter_mut().zip(PRIME_REVERSED.iter().rev()) {
            *limb = limb.wrapping_sub(*prime);
        }
        let mask = mask(self.carry());
        for (limb, prime) in self.0.iter_mut().zip(PRIME_REVERSED.iter().rev()) {
            *limb += *prime & mask;
        }
        self.carry();
    }

    /// Brings limbs between -2^31 and 2^31 back to 28 bits; 1 if the number was negative, else 0.
    fn carry(&mut self) -> u8 {
        let mut carry = 0_i32;
        for limb in &mut self.0 {
            carry = carry.wrapping_add(*limb as i32);
            *limb = carry as u32 & MASK;
            carry >>= LIMB_BITS;
        }
        (carry & 1) as u8
    }

    /// Montgomery's reduction, column by column, of the number whose columns `column` tells. It is
    /// asked for them in order and sees the limbs which columns from there on can need.
    fn reduce(&mut self, column_of: impl Fn(&[u32; LIMBS], usize) -> u64) {
        let mut quotient = Self::ZERO;
        // At most 110·2·(2^28 − 1)² and a carry of 2^36, which is below 2^64.
        let mut sum = 0_u64;
        for column in 0..LIMBS {
            sum += column_of(&self.0, column);
            sum += dot(&quotient.0, tail(&PRIME_REVERSED, LIMBS - 1 - column));
            let digit = sum as u32 & MASK;
            if let Some(limb) = quotient.0.get_mut(column) {
                *limb = digit;
            }
            // The digit times the last limb of N, 2^28 − 1, makes the column's low bits zero.
            sum = (sum >> LIMB_BITS) + u64::from(digit);
        }
        for column in 0..LIMBS {
            sum += column_of(&self.0, LIMBS + column);
            sum += dot(tail(&quotient.0, column + 1), &PRIME_REVERSED);
            if let Some(limb) = self.0.get_mut(column) {
                *limb = sum as u32 & MASK;
            }
            sum >>= LIMB_BITS;
        }
    }
}

impl Drop for Limbs {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// The sum of the products of limbs at the same place, as far as both go.
fn dot(left: &[u32], right: &[u32]) -> u64 {
    let length = left.len().min(right.len());
    let (left, left_last) = left.get(..length).unwrap_or_default().as_chunks();
    let (right, right_last) = right.get(..length).unwrap_or_default().as_chunks();
    let product = |left: &u32, right: &u32| u64::from(*left) * u64::from(*right);
    // Two at a time, because a build for size does not unroll loops: a sixth faster. More than
    // two gain nothing.
    let pairs = left.iter().zip(right);
    let sum: u64 = pairs
        .map(|([l0, l1], [r0, r1])| product(l0, r0) + product(l1, r1))
        .sum();
    let last: u64 = left_last
        .iter()
        .zip(right_last)
        .map(|(l, r)| product(l, r))
        .sum();
    sum + last
}

fn tail(limbs: &[u32; LIMBS], first: usize) -> &[u32] {
    limbs.get(first..).unwrap_or_default()
}

/// All ones for 1, zero for 0, in a way that no optimizer turns into a branch.
fn mask(bit: u8) -> u32 {
    black_box(u32::from(bit)).wrapping_neg()
}

#[allow(clippy::indexing_slicing, reason = "runs in the compiler")]
const fn prime_reversed(hex: &str) -> [u32; LIMBS] {
    let hex = hex.as_bytes();
    let mut limbs = [0; LIMBS];
    let mut place = 0;
    // Seven digits make a limb; the first one has but five.
    while place < hex.len() {
        let digit = hex[place];
        let value = if digit.is_ascii_digit() {
            digit - b'0'
        } else {
            digit - b'a' + 10
        };
        let limb = (place + 2) / 7;
        limbs[limb] = limbs[limb] << 4 | value as u32;
        place += 1;
    }
    limbs
}

#[cfg(test)]
mod tests {
    use super::*;
    use num_bigint::BigUint;

    #[test]
    fn r_is_reduced_and_right() {
        assert_eq!(value(&Limbs::r()), (BigUint::from(1_u8) << 3080) % prime());
    }

    #[test]
    fn products_stay_below_twice_the_prime_for_factors_below_sixteen_times_it() {
        let one = BigUint::from(1_u8);
        let r = (&one << 3080_u32) % prime();
        let factors = [
            BigUint::ZERO,
            one.clone(),
            prime() - &one,
            prime(),
            2_u8 * prime(),
            4_u8 * prime() - &one,
            16_u8 * prime() - &one,
        ];
        for left in &factors {
            for right in &factors {
                let mut product = limbs(left);
                product.multiply(&limbs(right));
                assert!(value(&product) <= 2_u8 * prime());
                assert_eq!(value(&product) * &r % prime(), left * right % prime());
            }
            let mut square = limbs(left);
            square.square();
            let mut product = limbs(left);
            product.multiply(&limbs(left));
            assert_eq!(value(&square), value(&product));
        }
    }

    #[test]
    fn no_column_overflows() {
        // Every limb at its largest: above what any product sees.
        let mut all_ones = Limbs([MASK; LIMBS]);
        all_ones.square();
        let mut product = Limbs([MASK; LIMBS]);
        product.multiply(&Limbs([MASK; LIMBS]));
        assert_eq!(all_ones.0, product.0);
    }

    #[test]
    fn doubling_and_subtracting_agree() {
        for number in [
            BigUint::ZERO,
            prime() - 1_u8,
            prime(),
            2_u8 * prime() - 1_u8,
        ] {
            for bit in [0, 1] {
                let mut doubled = limbs(&number);
                doubled.double_if(bit);
                assert_eq!(value(&doubled), &number << bit);
            }
            for other in [BigUint::ZERO, BigUint::from(1_u8), prime(), 2_u8 * prime()] {
                let mut difference = limbs(&number);
                difference.subtract(&limbs(&other));
                assert_eq!(value(&difference), &number + 2_u8 * prime() - &other);
            }
        }
    }

    #[test]
    fn the_prime_is_taken_away_only_where_it_fits() {
        for (number, left) in [
            (BigUint::ZERO, BigUint::ZERO),
            (prime() - 1_u8, prime() - 1_u8),
            (prime(), BigUint::ZERO),
            (prime() + 1_u8, BigUint::from(1_u8)),
        ] {
            let mut reduced = limbs(&number);
            reduced.subtract_prime_once();
            assert_eq!(value(&reduced), left);
        }
    }

    /// Beyond what `from_be_bytes` takes, too: limbs hold 3080 bits.
    fn limbs(number: &BigUint) -> Limbs {
        let mut limbs = Limbs::ZERO;
        for (place, limb) in limbs.0.iter_mut().enumerate() {
            let digit: BigUint = (number >> (28 * place)) & BigUint::from(MASK);
            *limb = digit.try_into().unwrap();
        }
        limbs
    }

    fn value(limbs: &Limbs) -> BigUint {
        limbs.0.iter().rev().fold(BigUint::ZERO, |value, limb| {
            assert!(*limb <= MASK);
            (value << LIMB_BITS) + BigUint::from(*limb)
        })
    }

    fn prime() -> BigUint {
        let reversed = PRIME_REVERSED.iter();
        reversed.fold(BigUint::ZERO, |prime, limb| {
            (prime << LIMB_BITS) + BigUint::from(*limb)
        })
    }
}
