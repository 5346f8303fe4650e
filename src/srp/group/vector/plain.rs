//! Lane by lane, for builds that are not for WebAssembly.

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

    /// For each of `four` that digit and the one below it; and the two below those.
    #[inline(always)]
    pub(in super::super) fn spread(below: [i16; 4], four: [i16; 4]) -> [Self; 2] {
        let ([_, x, y, z], [a, b, c, d]) = (below, four);
        let lane = |low: i16, high: i16| (i32::from(low) & 0xffff) + (i32::from(high) << 16);
        [
            Self([lane(a, z), lane(b, a), lane(c, b), lane(d, c)]),
            Self([lane(y, x), lane(z, y), lane(a, z), lane(b, a)]),
        ]
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
