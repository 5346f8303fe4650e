//! The digits against another implementation of arithmetic.

use super::*;
use num_bigint::{BigInt, BigUint, Sign};
use sha2::{Digest, Sha256};

// The instructions are those of a browser there.
#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

#[test]
fn four_rows_do_not_overflow_a_column() {
    let largest = i64::from(HALF) + 1;
    let of_prime = PRIME.windows(16).map(|digits| {
        let digits = digits.iter().map(|digit| i64::from(digit.unsigned_abs()));
        digits.sum::<i64>()
    });
    let of_prime = of_prime.max().unwrap();
    assert_eq!(of_prime, 82_309);
    let before = 1 << 18;
    assert!(before + 16 * largest * largest + largest * of_prime < 1 << 31);
}

#[test]
fn r_is_right() {
    let r = value(&Digits::r());
    assert!(in_range(&r, 2));
    assert_eq!(modulo(&r), modulo(&(BigInt::from(1) << 3136)));
}

#[test]
fn numbers_come_back_as_bytes_below_the_prime() {
    for number in [0, 1, 2, -1, -2].map(BigInt::from) {
        for number in [
            number.clone(),
            &number - 1 + prime() / 2,
            number - prime() / 2,
        ] {
            let bytes = digits(&number).to_be_bytes();
            let bytes = BigInt::from_bytes_be(Sign::Plus, &*bytes);
            assert_eq!(bytes, modulo(&number));
        }
    }
    for number in [prime() - 1, 1 - prime()] {
        let bytes = digits(&number).to_be_bytes();
        let bytes = BigInt::from_bytes_be(Sign::Plus, &*bytes);
        assert_eq!(bytes, modulo(&number));
    }
}

#[test]
fn products_of_large_factors_stay_below_the_prime() {
    let one = BigInt::from(1);
    let positive = [
        BigInt::ZERO,
        one.clone(),
        prime() - 1,
        prime(),
        prime() * 2,
        prime() * 8,
    ];
    let factors: Vec<_> = positive.iter().flat_map(|it| [it.clone(), -it]).collect();
    for left in &factors {
        for right in &factors {
            check_product(&digits(left), &digits(right));
        }
    }
}

/// What a digit can be at most, next to one another: above what any sum has in a sign-in.
#[test]
fn products_of_extreme_digits_agree() {
    let of = |digit: fn(usize, i16) -> i16| {
        let mut number = Digits::ZERO;
        for (place, to) in number.0.iter_mut().take(219).enumerate() {
            *to = digit(place, HALF as i16 + 1);
        }
        number
    };
    let numbers = [
        of(|_, largest| largest),
        of(|_, largest| -largest),
        of(|place, largest| if place % 2 == 0 { largest } else { -largest }),
        of(|place, largest| if place % 8 < 4 { largest } else { -largest }),
        // The signs of N's digits, for the largest sums there are.
        of(|place, largest| {
            if PRIME[219 - place] < 0 {
                -largest
            } else {
                largest
            }
        }),
    ];
    for left in &numbers {
        for right in &numbers {
            check_product(left, right);
        }
    }
}

/// Natively by the stand-ins, and in a browser by its instructions.
#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
fn ten_thousand_products_agree() {
    let work = &mut Workspace::new();
    for seed in 0_u32..5_000 {
        let [left, right] = [0, 1].map(|side| digits(&factor(seed, side)));
        let mut product = left.clone();
        product.multiply(work, &right);
        check(&product, value(&left) * value(&right));
        let mut square = left.clone();
        square.square(work);
        check(&square, value(&left) * value(&left));
    }
}

/// Numbers of every shape: random ones of every length, close to N and its multiples, mostly zeros,
/// mostly ones; of both signs.
fn factor(seed: u32, side: u8) -> BigInt {
    let seed = [&seed.to_be_bytes()[..], &[side]].concat();
    let random = random(&seed);
    let dice = |at: usize| u32::from(Sha256::digest(&seed)[at]);
    let one = BigInt::from(1);
    let number = match dice(0) % 6 {
        0 | 1 => random,
        2 => random >> (dice(1) * 12),
        3 => prime() * (dice(1) % 9) - (random >> (2_800 + dice(2))),
        4 => (&one << (dice(1) * 12)) + (&one << (dice(2) * 12)) - (dice(3) % 3),
        _ => (&one << 3_072) - 1 - (&one << (dice(1) * 12)) - (random >> (dice(2) * 12)),
    };
    if dice(4) % 2 == 0 { number } else { -number }
}

#[test]
fn a_workspace_has_nothing_left_of_another_product() {
    let work = &mut Workspace::new();
    let mut used = digits(&(prime() - 1));
    used.square(work);
    let [mut one, mut other] = [3, 3].map(|number| digits(&BigInt::from(number)));
    let factor = digits(&BigInt::from(5));
    one.multiply(work, &factor);
    other.multiply(&mut Workspace::new(), &factor);
    assert_eq!(one.0, other.0);
}

fn check_product(left: &Digits, right: &Digits) {
    let mut product = left.clone();
    product.multiply(&mut Workspace::new(), right);
    check(&product, value(left) * value(right));
}

/// Whether it is the Montgomery product of two numbers whose plain product is this.
fn check(product: &Digits, plain: BigInt) {
    let product = value(product);
    assert!(in_range(&product, 1));
    assert_eq!(modulo(&(product << 3_136)), modulo(&plain));
}

fn in_range(number: &BigInt, primes: u8) -> bool {
    number.magnitude() < &(prime().magnitude() * primes)
}

fn modulo(number: &BigInt) -> BigInt {
    ((number % prime()) + prime()) % prime()
}

fn digits(number: &BigInt) -> Digits {
    let magnitude = number.magnitude();
    let mut wide = [0; DIGITS];
    for (place, digit) in wide.iter_mut().enumerate() {
        let plain: BigUint = (magnitude >> (14 * place)) & BigUint::from(MASK as u32);
        *digit = i32::try_from(plain).unwrap();
        if number.sign() == Sign::Minus {
            *digit = -*digit;
        }
    }
    Digits::balanced(&wide)
}

fn value(digits: &Digits) -> BigInt {
    digits.0.iter().rev().fold(BigInt::ZERO, |value, digit| {
        assert!(i32::from(*digit).abs() <= HALF + 1);
        (value << DIGIT_BITS) + i32::from(*digit)
    })
}

/// The same number of 3072 bits in each run, so that a failure comes back.
fn random(seed: &[u8]) -> BigInt {
    let blocks = (0_u32..12).flat_map(|block| {
        let hash = Sha256::new().chain_update(seed);
        hash.chain_update(block.to_be_bytes()).finalize()
    });
    BigInt::from_bytes_be(Sign::Plus, &blocks.collect::<Vec<_>>())
}

fn prime() -> BigInt {
    let digits = PRIME.iter().rev();
    digits.fold(BigInt::ZERO, |prime, digit| {
        (prime << DIGIT_BITS) + i32::from(*digit)
    }) - 1
}
