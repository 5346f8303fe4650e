//! Four lanes of 32 bits, each of which can be taken for two digits of 16: what WebAssembly does in
//! one instruction, and the same lane by lane for builds that are not for it.

#[cfg(not(target_arch = "wasm32"))]
pub(super) use plain::Vector;
#[cfg(target_arch = "wasm32")]
pub(super) use simd::Vector;

#[cfg(not(target_arch = "wasm32"))]
mod plain;
#[cfg(target_arch = "wasm32")]
mod simd;

/// In each lane the two digits `low` and `high`.
pub(super) fn pair(low: i32, high: i32) -> Vector {
    Vector::splat((low & 0xffff) + (high << 16))
}
