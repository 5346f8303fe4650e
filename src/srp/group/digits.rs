//! Numbers for arithmetic modulo N: balanced digits of 14 bits, and Montgomery's product with
//! R = 2^3136.
//!
//! Why 14 bits: one instruction multiplies eight digits of 16 bits and adds the products in pairs.
//! Why balanced, from -2^13 to 2^13: sums of products stay half as large, so that four digits of a
//! factor are taken before anything is carried. R is 2^64 times N: a product of factors between
//! -8·N and 8·N comes out between -N and N (next to nothing for the two, half of N for the quotient),
//! and no step ends in a comparison with N. And -1/N is 1
//! modulo 2^56, as N ends in 64 one-bits: the four lowest digits of a sum are those of its quotient.

use std::hint::black_box;

use zeroize::{Zeroize, Zeroizing};

use super::BYTES;
use super::vector::{Vector, pair};

/// Little-endian. Wiped when dropped.
#[derive(Clone)]
pub(super) struct Digits([i16; DIGITS]);

/// 3136 bits, of which the upper 56 are zero: so there is a column for what a row ends with.
const DIGITS: usize = 224;
const DIGIT_BITS: u32 = 14;
const MASK: i32 = (1 << DIGIT_BITS) - 1;
const HALF: i32 = 1 << (DIGIT_BITS - 1);

/// A row is four digits of a factor times the other factor, and four of the quotient times N.
///
/// Four rows add less than 2^31 to a column: 16·2^26 by the factors, and by the quotient 2^13 times
/// 16 neighbouring digits of N, which never make more than 82,309 together. That is 1.63·2^30, and
/// what was there before is below 2^18. Five rows can be too many.
const ROWS_WITHOUT_CARRY: usize = 4;

/// N + 1, whose four lowest digits are zero.
static PRIME: [i16; DIGITS] = prime(concat!(
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

/// Where products are made. Made once for many, because each needs N laid out. Wiped when dropped.
pub(in super::super) struct Workspace(Box<[Column; COLUMNS]>);

const COLUMNS: usize = DIGITS / 4;

/// Four columns of a sum; and for each of them the four digits, in pairs, that stand there and below,
/// of the second factor and of (N + 1) / 2^56.
#[derive(Clone, Copy)]
struct Column {
    sum: Vector,
    factor: [Vector; 2],
    prime: [Vector; 2],
}

impl Column {
    const ZERO: Self = Self {
        sum: Vector::ZERO,
        factor: [Vector::ZERO; 2],
        prime: [Vector::ZERO; 2],
    };
}

impl Workspace {
    pub(in super::super) fn new() -> Self {
        let mut work = Self(Box::new([Column::ZERO; COLUMNS]));
        work.lay_out(PRIME.get(4..).unwrap_or_default());
        for column in &mut *work.0 {
            column.prime = column.factor;
        }
        work
    }

    /// Makes these digits the second factor of a product.
    #[inline(never)]
    fn lay_out(&mut self, factor: &[i16]) {
        let mut below = [0; 4];
        for (column, four) in self.0.iter_mut().zip(factor.as_chunks::<4>().0) {
            column.sum = Vector::ZERO;
            column.factor = Vector::spread(below, *four);
            below = *four;
        }
    }

    /// Adds two rows: four digits times the second factor, and what makes the lowest four digits of the
    /// sum zero, that multiple of N; moves down by these four; and the same once more. Both at once, so
    /// that each sum is read and written once.
    #[inline(always)]
    fn add_two_rows(&mut self, a: [Vector; 2], b: [Vector; 2]) {
        let [first, second, third, ..] = &mut *self.0;
        let (below, carry) = quotient(first.sum.plus(dots(a, first.factor)));
        let sum = second.sum.plus(carry).plus(dots(a, second.factor));
        let sum = sum.plus(dots(below, first.prime));
        let (above, carry) = quotient(sum.plus(dots(b, first.factor)));
        third.sum = third.sum.plus(carry);
        let [first, second, rest @ ..] = &mut *self.0;
        let (mut this, mut next) = (first, second);
        for last in rest {
            let of_a = dots(a, last.factor).plus(dots(below, next.prime));
            let of_b = dots(b, next.factor).plus(dots(above, this.prime));
            this.sum = last.sum.plus(of_a).plus(of_b);
            (this, next) = (next, last);
        }
        this.sum = dots(b, next.factor).plus(dots(above, this.prime));
    }

    /// Carries from each digit into the next one, once.
    #[inline(never)]
    fn carry_once(&mut self) {
        let mut before = Vector::ZERO;
        for column in &mut *self.0 {
            let above = column.sum.plus(Vector::splat(HALF)).down(DIGIT_BITS);
            let rest = column.sum.minus(above.up(DIGIT_BITS));
            column.sum = rest.plus(above.behind(before));
            before = above;
        }
    }
}

impl Drop for Workspace {
    fn drop(&mut self) {
        *self.0 = [Column::ZERO; COLUMNS];
        // So that this is done although nobody reads it.
        black_box(&self.0);
    }
}

impl Digits {
    pub(super) const ZERO: Self = Self([0; DIGITS]);

    /// R mod N, which is 1 in Montgomery form: R − 2^64·N, of which the digits below R are those of −2^64·N.
    pub(super) fn r() -> Self {
        // N is one less than `PRIME`, and 2^64 is four digits and 8 bits.
        let mut wide = PRIME.map(|digit| -256 * i32::from(digit));
        wide.rotate_right(4);
        let [_, _, _, _, lowest, ..] = &mut wide;
        *lowest += 256;
        Self::balanced(&wide)
    }

    /// The number that the last 384 bytes make, big-endian.
    pub(super) fn from_be_bytes(bytes: &[u8]) -> Self {
        let mut wide = Zeroizing::new([0; DIGITS]);
        let mut rest = bytes.iter().rev().take(BYTES);
        let mut bits = 0;
        let mut width = 0;
        for digit in &mut *wide {
            while width < DIGIT_BITS {
                bits |= i32::from(rest.next().copied().unwrap_or(0)) << width;
                width += 8;
            }
            *digit = bits & MASK;
            bits >>= DIGIT_BITS;
            width -= DIGIT_BITS;
        }
        Self::balanced(&wide)
    }

    /// For a number between -N and N: that modulo N, big-endian.
    pub(super) fn to_be_bytes(&self) -> Zeroizing<[u8; BYTES]> {
        let mut bytes = Zeroizing::new([0; BYTES]);
        let mut negative = 0;
        // N is added in the second round, if it was found negative in the first.
        for _ in 0..2 {
            // N is one less than `PRIME`.
            let mut bits = negative;
            let mut width = 0;
            let mut digits = self.0.iter().zip(&PRIME);
            for byte in bytes.iter_mut().rev() {
                if width < 8 {
                    if let Some((digit, prime)) = digits.next() {
                        bits += (i32::from(*digit) + (i32::from(*prime) & negative)) << width;
                    }
                    width += DIGIT_BITS;
                }
                *byte = bits as u8;
                bits >>= 8;
                width -= 8;
            }
            negative = black_box(bits >> 31);
        }
        bytes
    }

    /// self·other/R modulo N, between -N and N when both are between -8·N and 8·N.
    pub(super) fn multiply(&mut self, work: &mut Workspace, other: &Self) {
        work.lay_out(&other.0);
        self.multiply_laid_out(work);
    }

    /// self²/R modulo N, likewise.
    pub(super) fn square(&mut self, work: &mut Workspace) {
        work.lay_out(&self.0);
        self.multiply_laid_out(work);
    }

    #[inline(never)]
    fn multiply_laid_out(&mut self, work: &mut Workspace) {
        for (rows, [a, b, c, d, e, f, g, h]) in (1..).zip(self.0.as_chunks().0) {
            work.add_two_rows(pairs([*a, *b, *c, *d]), pairs([*e, *f, *g, *h]));
            if rows % (ROWS_WITHOUT_CARRY / 2) == 0 {
                work.carry_once();
            }
        }
        // One carry leaves what is below 2^18, two what is below 2^14.
        work.carry_once();
        for (four, column) in self.0.as_chunks_mut().0.iter_mut().zip(&*work.0) {
            let [a, b, c, d] = column.sum.lanes();
            *four = [a as i16, b as i16, c as i16, d as i16];
        }
    }

    /// Takes over `other` if `bit` is 1, provided that this is zero.
    pub(super) fn or_if(&mut self, other: &Self, bit: u8) {
        let mask = mask(bit) as i16;
        for (digit, other) in self.0.iter_mut().zip(&other.0) {
            *digit |= *other & mask;
        }
    }

    /// self − other.
    pub(super) fn subtract(&mut self, other: &Self) {
        let mut wide = Zeroizing::new(self.0.map(i32::from));
        for (digit, other) in wide.iter_mut().zip(&other.0) {
            *digit -= i32::from(*other);
        }
        *self = Self::balanced(&wide);
    }

    /// Brings larger digits back into range; modulo R.
    #[inline(never)]
    fn balanced(wide: &[i32; DIGITS]) -> Self {
        let mut number = Self::ZERO;
        let mut carry = 0;
        for (digit, wide) in number.0.iter_mut().zip(wide) {
            let (rest, above) = cut(carry + wide);
            *digit = rest as i16;
            carry = above;
        }
        number
    }
}

impl Drop for Digits {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// The lowest digit of a sum, and what is carried on.
#[inline(always)]
fn cut(sum: i32) -> (i32, i32) {
    let above = (sum + HALF) >> DIGIT_BITS;
    (sum - (above << DIGIT_BITS), above)
}

/// What makes these four lowest digits of a sum zero, and what is carried on from them.
#[inline(always)]
fn quotient(sum: Vector) -> ([Vector; 2], Vector) {
    let [a, b, c, d] = sum.lanes();
    let (a, carry) = cut(a);
    let (b, carry) = cut(b + carry);
    let (c, carry) = cut(c + carry);
    let (d, carry) = cut(d + carry);
    ([pair(a, b), pair(c, d)], Vector::of(carry, 0, 0, 0))
}

#[inline(always)]
fn pairs([a, b, c, d]: [i16; 4]) -> [Vector; 2] {
    [pair(a.into(), b.into()), pair(c.into(), d.into())]
}

/// The sums of the products of four digits each.
#[inline(always)]
fn dots([a, b]: [Vector; 2], [c, d]: [Vector; 2]) -> Vector {
    a.dot(c).plus(b.dot(d))
}

/// All ones for 1, zero for 0, in a way that no optimizer turns into a branch.
fn mask(bit: u8) -> i32 {
    black_box(i32::from(bit)).wrapping_neg()
}

#[allow(clippy::indexing_slicing, reason = "runs in the compiler")]
const fn prime(hex: &str) -> [i16; DIGITS] {
    let hex = hex.as_bytes();
    let mut digits = [0; DIGITS];
    // N + 1.
    let (mut bits, mut width, mut carry) = (0_i32, 0, 1_i32);
    let (mut at, mut place) = (hex.len(), 0);
    while place < DIGITS {
        while width < DIGIT_BITS {
            if at > 0 {
                at -= 1;
                let digit = hex[at];
                let value = if digit.is_ascii_digit() {
                    digit - b'0'
                } else {
                    digit - b'a' + 10
                };
                bits |= (value as i32) << width;
            }
            width += 4;
        }
        carry += bits & MASK;
        bits >>= DIGIT_BITS;
        width -= DIGIT_BITS;
        let above = (carry + HALF) >> DIGIT_BITS;
        digits[place] = (carry - (above << DIGIT_BITS)) as i16;
        carry = above;
        place += 1;
    }
    digits
}

#[cfg(any(test, kani))]
mod proofs;

#[cfg(test)]
mod tests;
