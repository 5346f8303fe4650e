//! Powers of the generator, by a table of its powers made once (the comb of Lim and Lee, "More
//! flexible exponentiation with precomputation", 1994).
//!
//! A password's verifier is such a power: which entry of the table is taken depends on the password,
//! so all of them are read, and no branch depends on it either.
#![allow(
    clippy::indexing_slicing,
    reason = "each index is below the constant length of its array; iterators take a third longer"
)]

use std::sync::LazyLock;

use rsa::BigUint;

use super::GROUP;

/// Of the prime, in digits of 64 bits.
const DIGITS: usize = 48;
/// An exponent's bits are laid out in so many rows...
const TEETH: usize = 6;
/// ... of so many blocks ...
const BLOCKS: usize = 4;
/// ... of so many columns: 264 bits in all.
const COLUMNS: usize = 11;
/// The longest exponent, in bits.
const LONGEST: usize = 256;

type Number = [u64; DIGITS];

/// g^exponent mod N. Exponents are of 256 bits; of a longer one the time shows something.
pub(super) fn power(exponent: &BigUint) -> BigUint {
    if exponent.bits() > LONGEST {
        return GROUP.g.modpow(exponent, &GROUP.n);
    }
    let Comb { field, table } = &*COMB;
    let bits: [u64; 5] = digits(exponent);
    let mut power = field.one;
    for column in (0..COLUMNS).rev() {
        power = field.multiply(&power, &power);
        for (block, entries) in table.iter().enumerate() {
            let mut wanted = 0;
            for tooth in 0..TEETH {
                let place = (tooth * BLOCKS + block) * COLUMNS + column;
                wanted |= ((bits[place / 64] >> (place % 64)) & 1) << tooth;
            }
            power = field.multiply(&power, &entry(entries, wanted));
        }
    }
    let mut one = [0; DIGITS];
    one[0] = 1;
    let bytes = field.multiply(&power, &one).map(u64::to_le_bytes);
    BigUint::from_bytes_le(bytes.as_flattened())
}

/// For each block what each column of bits stands for.
struct Comb {
    field: Field,
    table: Vec<[Number; 1 << TEETH]>,
}

static COMB: LazyLock<Comb> = LazyLock::new(|| {
    let field = Field::new(&GROUP.n);
    let mut table = vec![[field.one; 1 << TEETH]; BLOCKS];
    let mut power = field.multiply(&digits(&GROUP.g), &field.square_of_radix);
    for tooth in 0..TEETH {
        for entries in &mut table {
            // The powers of two first: g^(2^(place of the tooth)).
            entries[1 << tooth] = power;
            for _ in 0..COLUMNS {
                power = field.multiply(&power, &power);
            }
        }
    }
    for entries in &mut table {
        for at in 1..entries.len() {
            let lowest = at & at.wrapping_neg();
            if at != lowest {
                entries[at] = field.multiply(&entries[at ^ lowest], &entries[lowest]);
            }
        }
    }
    Comb { field, table }
});

/// The entry at `wanted`, by reading all of them.
fn entry(entries: &[Number], wanted: u64) -> Number {
    let mut found = [0; DIGITS];
    for (at, entry) in (0_u64..).zip(entries) {
        // All ones where they are equal.
        let difference = at ^ wanted;
        let mask = ((difference | difference.wrapping_neg()) >> 63).wrapping_sub(1);
        for (found, digit) in found.iter_mut().zip(entry) {
            *found |= digit & mask;
        }
    }
    found
}

/// Arithmetic modulo N in Montgomery's form: a number stands for itself times 2^3072.
struct Field {
    n: Number,
    /// −1/N modulo 2^64.
    inverse: u64,
    square_of_radix: Number,
    one: Number,
}

impl Field {
    fn new(n: &BigUint) -> Self {
        let radix = BigUint::from(1_u8) << (64 * DIGITS);
        let own: Number = digits(n);
        // Newton's iteration: each step doubles the number of right bits.
        let mut inverse = 1_u64;
        for _ in 0..6 {
            inverse = inverse.wrapping_mul(2_u64.wrapping_sub(own[0].wrapping_mul(inverse)));
        }
        Self {
            n: own,
            inverse: inverse.wrapping_neg(),
            square_of_radix: digits(&((&radix * &radix) % n)),
            one: digits(&(&radix % n)),
        }
    }

    /// a·b/2^3072 mod N, by two digits of `a` at once: each sum is read and written half as often, which
    /// takes a quarter of the time away.
    fn multiply(&self, a: &Number, b: &Number) -> Number {
        let n = &self.n;
        let mut sum = [0_u64; DIGITS];
        let mut top = 0;
        for digits in a.as_chunks::<2>().0 {
            let [first, second] = *digits;
            let (low, mut carry) = add_product(sum[0], first, b[0], 0);
            let factor = low.wrapping_mul(self.inverse);
            let (_, mut carry_n) = add_product(low, factor, n[0], 0);

            let mut next = sum[1];
            (next, carry) = add_product(next, first, b[1], carry);
            (next, carry_n) = add_product(next, factor, n[1], carry_n);
            let (low, mut second_carry) = add_product(next, second, b[0], 0);
            let second_factor = low.wrapping_mul(self.inverse);
            let (_, mut second_carry_n) = add_product(low, second_factor, n[0], 0);

            for at in 2..DIGITS {
                let mut next = sum[at];
                (next, carry) = add_product(next, first, b[at], carry);
                (next, carry_n) = add_product(next, factor, n[at], carry_n);
                (next, second_carry) = add_product(next, second, b[at - 1], second_carry);
                (next, second_carry_n) =
                    add_product(next, second_factor, n[at - 1], second_carry_n);
                sum[at - 2] = next;
            }

            let (next, over) = add_three(carry, carry_n, top);
            let (next, carry) = add_product(next, second, b[DIGITS - 1], second_carry);
            let (next, carry_n) = add_product(next, second_factor, n[DIGITS - 1], second_carry_n);
            sum[DIGITS - 2] = next;
            (sum[DIGITS - 1], top) = add_three(carry, carry_n, over);
        }
        self.reduced(&sum, top)
    }

    /// `sum` with `top` above it, less N if it is not below N.
    fn reduced(&self, sum: &Number, top: u64) -> Number {
        let mut less = [0; DIGITS];
        let mut borrow = 0_u64;
        for ((less, sum), n) in less.iter_mut().zip(sum).zip(&self.n) {
            let (difference, first) = sum.overflowing_sub(*n);
            let (difference, second) = difference.overflowing_sub(borrow);
            *less = difference;
            borrow = u64::from(first | second);
        }
        // All ones where the sum was below N.
        let mask = 0_u64.wrapping_sub(borrow & (top ^ 1));
        for (less, sum) in less.iter_mut().zip(sum) {
            *less = (sum & mask) | (*less & !mask);
        }
        less
    }
}

/// `sum` + `a`·`b` + `carry`, its low and its high half. It fits: (2^64 − 1)² + 2·(2^64 − 1).
#[inline(always)]
fn add_product(sum: u64, a: u64, b: u64, carry: u64) -> (u64, u64) {
    let whole = u128::from(a) * u128::from(b) + u128::from(sum) + u128::from(carry);
    (low_half(whole), low_half(whole >> 64))
}

/// The low and the high half of a sum.
#[inline(always)]
fn add_three(a: u64, b: u64, c: u64) -> (u64, u64) {
    let whole = u128::from(a) + u128::from(b) + u128::from(c);
    (low_half(whole), low_half(whole >> 64))
}

#[inline(always)]
#[allow(
    clippy::cast_possible_truncation,
    reason = "the low half is what is wanted"
)]
fn low_half(number: u128) -> u64 {
    number as u64
}

/// The lowest digits of a number.
fn digits<const LENGTH: usize>(number: &BigUint) -> [u64; LENGTH] {
    let mut digits = [0; LENGTH];
    let bytes = number.to_bytes_le();
    for (digit, bytes) in digits.iter_mut().zip(bytes.chunks(8)) {
        *digit = bytes
            .iter()
            .rev()
            .fold(0, |digit, byte| digit << 8 | u64::from(*byte));
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::randomness::{Draw, Randomness, SeededRandomness};

    fn is_right(exponent: &BigUint) {
        assert_eq!(
            power(exponent),
            GROUP.g.modpow(exponent, &GROUP.n),
            "{exponent}"
        );
    }

    #[test]
    fn powers_are_those_of_the_library() {
        let one = BigUint::from(1_u8);
        for bit in [0, 1, 10, 11, 43, 44, 63, 64, 131, 132, 219, 255_usize] {
            let power = &one << bit;
            is_right(&power);
            is_right(&(&power - &one));
        }
        is_right(&((&one << 256_usize) - &one));
        is_right(&(&one << 256_usize));
        is_right(&(&one << 300_usize));
        let mut seeded = SeededRandomness::new(5);
        let randomness: &mut dyn Randomness = &mut seeded;
        for _ in 0..50 {
            is_right(&BigUint::from_bytes_be(&randomness.array::<32>()));
        }
    }

    #[test]
    fn products_that_meet_the_modulus_are_reduced() {
        let field = Field::new(&GROUP.n);
        let last: Number = digits(&(&GROUP.n - BigUint::from(1_u8)));
        // (−1)² = 1.
        let last = field.multiply(&last, &field.square_of_radix);
        assert_eq!(field.multiply(&last, &last), field.one);
        assert_eq!(field.reduced(&field.n, 0), [0; DIGITS]);
    }
}
