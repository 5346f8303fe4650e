//! By the instructions of WebAssembly.

use core::arch::wasm32::{
    i16x8_shuffle, i32x4, i32x4_add, i32x4_dot_i16x8, i32x4_extract_lane, i32x4_shl, i32x4_shr,
    i32x4_shuffle, i32x4_splat, i32x4_sub, u64x2, v128,
};

#[derive(Clone, Copy)]
pub(in super::super) struct Vector(v128);

impl Vector {
    pub(in super::super) const ZERO: Self = Self(i32x4(0, 0, 0, 0));

    #[inline(always)]
    pub(in super::super) fn splat(lane: i32) -> Self {
        Self(i32x4_splat(lane))
    }

    #[inline(always)]
    pub(in super::super) fn of(a: i32, b: i32, c: i32, d: i32) -> Self {
        Self(i32x4(a, b, c, d))
    }

    /// For each of `four` that digit and the one below it; and the two below those.
    #[inline(always)]
    pub(in super::super) fn spread(below: [i16; 4], four: [i16; 4]) -> [Self; 2] {
        let digits = u64x2(packed(below), packed(four));
        [
            Self(i16x8_shuffle::<4, 3, 5, 4, 6, 5, 7, 6>(digits, digits)),
            Self(i16x8_shuffle::<2, 1, 3, 2, 4, 3, 5, 4>(digits, digits)),
        ]
    }

    #[inline(always)]
    pub(in super::super) fn lanes(self) -> [i32; 4] {
        [
            i32x4_extract_lane::<0>(self.0),
            i32x4_extract_lane::<1>(self.0),
            i32x4_extract_lane::<2>(self.0),
            i32x4_extract_lane::<3>(self.0),
        ]
    }

    #[inline(always)]
    pub(in super::super) fn plus(self, other: Self) -> Self {
        Self(i32x4_add(self.0, other.0))
    }

    #[inline(always)]
    pub(in super::super) fn minus(self, other: Self) -> Self {
        Self(i32x4_sub(self.0, other.0))
    }

    #[inline(always)]
    pub(in super::super) fn up(self, bits: u32) -> Self {
        Self(i32x4_shl(self.0, bits))
    }

    /// Keeps the sign.
    #[inline(always)]
    pub(in super::super) fn down(self, bits: u32) -> Self {
        Self(i32x4_shr(self.0, bits))
    }

    /// In each lane the sum of the products of its two digits.
    #[inline(always)]
    pub(in super::super) fn dot(self, other: Self) -> Self {
        Self(i32x4_dot_i16x8(self.0, other.0))
    }

    /// The last lane of `before`, and all but the last of this.
    #[inline(always)]
    pub(in super::super) fn behind(self, before: Self) -> Self {
        Self(i32x4_shuffle::<3, 4, 5, 6>(before.0, self.0))
    }
}

/// As they lie in memory, so that this is one instruction.
#[inline(always)]
fn packed([a, b, c, d]: [i16; 4]) -> u64 {
    let wide = |digit| u64::from(digit as u16);
    wide(a) | wide(b) << 16 | wide(c) << 32 | wide(d) << 48
}
