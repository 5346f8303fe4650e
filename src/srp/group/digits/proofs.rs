//! What the arithmetic on digits rests on, said of every value it can meet. Kani proves it (`cargo
//! kani`), with every overflow; the tests try the corners, and what lies between by steps.

use super::*;

/// A digit, and what is carried: together the sum again.
fn a_sum_is_cut_in_two(sum: i32) {
    let (digit, above) = cut(sum);
    assert!((-HALF..HALF).contains(&digit));
    assert!(i64::from(above) * (1 << DIGIT_BITS) + i64::from(digit) == i64::from(sum));
}

/// Sums of four products of balanced digits, as plain arithmetic has them.
fn products_are_those_of_plain_arithmetic(left: [i16; 4], right: [i16; 4]) {
    let pairs = |[a, b, c, d]: [i16; 4]| [pair(a.into(), b.into()), pair(c.into(), d.into())];
    let [lane, ..] = dots(pairs(left), pairs(right)).lanes();
    let plain: i64 = (left.iter().zip(&right))
        .map(|(left, right)| i64::from(*left) * i64::from(*right))
        .sum();
    assert!(i64::from(lane) == plain);
}

/// One step of a carry: what stays is a digit, and nothing is lost on the way.
fn a_carry_keeps_the_sum(sum: i32, before: i32) {
    let sum_of = Vector::splat(sum);
    let above = sum_of.plus(Vector::splat(HALF)).down(DIGIT_BITS);
    let stays = sum_of.minus(above.up(DIGIT_BITS));
    let [_, lane, ..] = stays.plus(above.behind(Vector::splat(before))).lanes();
    let (digit, carried) = cut(sum);
    assert!(i64::from(lane) == i64::from(digit) + i64::from(carried));
    let [first, ..] = above.behind(Vector::splat(before)).lanes();
    assert!(first == before);
}

/// What a column holds at most, before it is carried: see [`ROWS_WITHOUT_CARRY`].
const LARGEST_SUM: i32 = i32::MAX - HALF;

#[cfg(kani)]
mod kani_proofs {
    use super::*;

    fn digit() -> i16 {
        let digit: i16 = kani::any();
        kani::assume(i32::from(digit) >= -HALF && i32::from(digit) <= HALF);
        digit
    }

    fn sum() -> i32 {
        let sum: i32 = kani::any();
        kani::assume(sum >= -LARGEST_SUM && sum <= LARGEST_SUM);
        sum
    }

    #[kani::proof]
    fn every_sum_is_cut_in_two() {
        a_sum_is_cut_in_two(sum());
    }

    #[kani::proof]
    #[kani::unwind(5)]
    fn all_products_are_those_of_plain_arithmetic() {
        let left = [digit(), digit(), digit(), digit()];
        let right = [digit(), digit(), digit(), digit()];
        products_are_those_of_plain_arithmetic(left, right);
    }

    #[kani::proof]
    #[kani::unwind(5)]
    fn every_carry_keeps_the_sum() {
        a_carry_keeps_the_sum(sum(), kani::any());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CORNERS: [i32; 7] = [-HALF, -HALF + 1, -1, 0, 1, HALF - 1, HALF];

    #[test]
    fn of_sums_between_the_largest() {
        for sum in (-LARGEST_SUM..=LARGEST_SUM).step_by(9_973) {
            a_sum_is_cut_in_two(sum);
            a_carry_keeps_the_sum(sum, !sum);
        }
        for sum in [-LARGEST_SUM, LARGEST_SUM].into_iter().chain(CORNERS) {
            a_sum_is_cut_in_two(sum);
            a_carry_keeps_the_sum(sum, sum);
        }
    }

    #[test]
    fn of_products_of_the_corners() {
        let corners = CORNERS.map(|corner| corner as i16);
        for a in corners {
            for b in corners {
                for c in corners {
                    for d in corners {
                        products_are_those_of_plain_arithmetic([a, b, c, d], [d, c, a, b]);
                        products_are_those_of_plain_arithmetic([a, a, b, b], [c, d, c, d]);
                    }
                }
            }
        }
    }
}
