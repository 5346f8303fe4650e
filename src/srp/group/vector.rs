//! Four lanes of 32 bits, each of which can be taken for two digits of 16: what WebAssembly does in
//! one instruction, and the same lane by lane for builds that are not for it.

pub(super) use lanes::Vector;

/// In each lane the two digits `low` and `high`.
pub(super) fn pair(low: i32, high: i32) -> Vector {
    Vector::splat(low & 0xffff | high << 16)
}

#[cfg(target_arch = "wasm32")]
mod lanes {
    use core::arch::wasm32::{
        i16x8, i32x4, i32x4_add, i32x4_dot_i16x8, i32x4_extract_lane, i32x4_shl, i32x4_shr,
        i32x4_shuffle, i32x4_splat, i32x4_sub, v128, v128_and,
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

        #[inline(always)]
        pub(in super::super) fn of_digits([a, b, c, d, e, f, g, h]: [i16; 8]) -> Self {
            Self(i16x8(a, b, c, d, e, f, g, h))
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
        pub(in super::super) fn and(self, other: Self) -> Self {
            Self(v128_and(self.0, other.0))
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
}

#[cfg(not(target_arch = "wasm32"))]
mod lanes {
    #[derive(Clone, Copy)]
    pub(in super::super) struct Vector([i32; 4]);

    impl Vector {
        pub(in super::super) const ZERO: Self = Self([0; 4]);

        #[inline(always)]
        pub(in super::super) fn splat(lane: i32) -> Self {
            Self([lane; 4])
        }

        #[inline(always)]
        pub(in super::super) fn of(a: i32, b: i32, c: i32, d: i32) -> Self {
            Self([a, b, c, d])
        }

        #[inline(always)]
        pub(in super::super) fn of_digits([a, b, c, d, e, f, g, h]: [i16; 8]) -> Self {
            let lane = |low: i16, high: i16| i32::from(low) & 0xffff | i32::from(high) << 16;
            Self([lane(a, b), lane(c, d), lane(e, f), lane(g, h)])
        }

        #[inline(always)]
        pub(in super::super) fn lanes(self) -> [i32; 4] {
            self.0
        }

        // What is too large must fail a test, so nothing here wraps but what the instruction is
        // meant to cut off.
        #[inline(always)]
        pub(in super::super) fn plus(self, other: Self) -> Self {
            self.with(other, |lane, other| lane + other)
        }

        #[inline(always)]
        pub(in super::super) fn minus(self, other: Self) -> Self {
            self.with(other, |lane, other| lane - other)
        }

        #[inline(always)]
        pub(in super::super) fn and(self, other: Self) -> Self {
            self.with(other, |lane, other| lane & other)
        }

        #[inline(always)]
        pub(in super::super) fn up(self, bits: u32) -> Self {
            Self(self.0.map(|lane| lane << bits))
        }

        /// Keeps the sign.
        #[inline(always)]
        pub(in super::super) fn down(self, bits: u32) -> Self {
            Self(self.0.map(|lane| lane >> bits))
        }

        /// In each lane the sum of the products of its two digits.
        #[inline(always)]
        pub(in super::super) fn dot(self, other: Self) -> Self {
            self.with(other, |lane, other| {
                let low = i32::from(lane as i16) * i32::from(other as i16);
                low + (lane >> 16) * (other >> 16)
            })
        }

        /// The last lane of `before`, and all but the last of this.
        #[inline(always)]
        pub(in super::super) fn behind(self, before: Self) -> Self {
            let ([_, _, _, last], [a, b, c, _]) = (before.0, self.0);
            Self([last, a, b, c])
        }

        #[inline(always)]
        fn with(self, other: Self, both: impl Fn(i32, i32) -> i32) -> Self {
            let ([a, b, c, d], [e, f, g, h]) = (self.0, other.0);
            Self([both(a, e), both(b, f), both(c, g), both(d, h)])
        }
    }
}
