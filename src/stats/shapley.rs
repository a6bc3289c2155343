//! What does each factor of a product add to the difference between two products? As whole minor units that add up to it.
//!
//! The Shapley value: the mean, over all orders in which the factors could change from the one product's to the other's, of
//! what each change does. Unlike the logarithmic mean (LMDI, Ang 2005, Energy Policy 33) it is defined where a factor is
//! zero, and as exact and as symmetric: nothing is left over, and no order is preferred. Albrecht, François and Schoors
//! (2002), Energy Policy 30; Shorrocks (2013), J. Econ. Inequality 11.

/// What each factor adds to `product(from) - product(to)`.
#[must_use]
pub fn shapley<const N: usize>(from: &[f64; N], to: &[f64; N]) -> [f64; N] {
    let mut parts = [0.0; N];
    for (i, part) in parts.iter_mut().enumerate() {
        for others in (0..1_u32 << N).filter(|others| others >> i & 1 == 0) {
            let of = |j: usize| if others >> j & 1 == 1 { from[j] } else { to[j] };
            let product: f64 = (0..N).filter(|&j| j != i).map(of).product();
            *part += weight(others.count_ones(), N as u32) * product * (from[i] - to[i]);
        }
    }
    parts
}

/// The share of all orders in which exactly `before` given factors change first: before! (n - 1 - before)! / n!.
fn weight(before: u32, factors: u32) -> f64 {
    let factorial = |n: u32| (1..=n).product::<u32>();
    let after = factors - 1 - before;
    f64::from(factorial(before) * factorial(after)) / f64::from(factorial(factors))
}

/// `parts` as whole numbers that add up to `total`, by largest remainder; of equal ones the first. What the parts lack of
/// the total by floating point goes to all alike.
#[must_use]
pub fn rounded<const N: usize>(parts: &[f64; N], total: i64) -> [i64; N] {
    let mut whole = parts.map(|part| part.floor() as i64);
    let rest = i128::from(total) - whole.iter().map(|&part| i128::from(part)).sum::<i128>();
    let (each, ones) = (rest.div_euclid(N as i128) as i64, rest.rem_euclid(N as i128) as usize);
    let mut order: Vec<usize> = (0..N).collect();
    order.sort_by(|&a, &b| (parts[b] - parts[b].floor()).total_cmp(&(parts[a] - parts[a].floor())));
    whole.iter_mut().for_each(|part| *part += each);
    order[..ones].iter().for_each(|&i| whole[i] += 1);
    whole
}

/// `total` shared in proportion to `weights`, by largest remainder; of equal ones the first. Weights below zero are none;
/// nothing where all are.
#[must_use]
pub fn apportioned(total: i64, weights: &[i64]) -> Option<Vec<i64>> {
    let weight = |i: usize| i128::from(weights[i].max(0));
    let all: i128 = (0..weights.len()).map(weight).sum();
    if all == 0 {
        return None;
    }
    let exact = |i: usize| i128::from(total) * weight(i);
    let mut shares: Vec<i64> = (0..weights.len()).map(|i| exact(i).div_euclid(all) as i64).collect();
    let missing = i128::from(total) - shares.iter().map(|&share| i128::from(share)).sum::<i128>();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by_key(|&i| std::cmp::Reverse(exact(i).rem_euclid(all)));
    order.into_iter().take(missing as usize).for_each(|i| shares[i] += 1);
    Some(shares)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_those_of_an_enumeration_of_all_orders() {
        // tests/fixtures/lags_shapley.py
        let norm = [20.0, 0.9, 0.8, 0.25, 1_000.0];
        for (actual, expected) in [
            ([15.0, 0.8, 0.7, 0.3, 900.0], EXPECTED_USUAL),
            ([12.0, 0.9, 0.8, 0.0, 1_000.0], EXPECTED_NO_WINS),
            ([0.0, 0.9, 0.8, 0.25, 1_000.0], [3_600.0, 0.0, 0.0, 0.0, 0.0]),
        ] {
            let parts = shapley(&norm, &actual);
            for (part, wanted) in parts.iter().zip(expected) {
                assert!((part - wanted).abs() < 1e-9, "{parts:?} {expected:?}");
            }
        }
    }

    const EXPECTED_USUAL: [f64; 5] =
        [831.158_333_333_333_3, 342.512_5, 388.075, -536.279_166_666_666_7, 306.533_333_333_333_3];
    const EXPECTED_NO_WINS: [f64; 5] = [720.0, 0.0, 0.0, 2_880.0, 0.0];

    #[test]
    fn whole_parts_add_up() {
        assert_eq!(rounded(&[1.6, 1.6, -0.4, 0.2, 0.0], 3), [2, 2, -1, 0, 0]);
        assert_eq!(rounded(&[0.0; 5], -7), [-1, -1, -1, -2, -2]);
        let huge = rounded(&[4e18, -3e18, 0.3, 0.3, 0.3], 1_000_000_000_000_000_123);
        assert_eq!(huge.iter().sum::<i64>(), 1_000_000_000_000_000_123);
    }

    #[test]
    fn shares_add_up() {
        assert_eq!(apportioned(100, &[1, 1, 1]), Some(vec![34, 33, 33]));
        assert_eq!(apportioned(-100, &[1, 1, 1]), Some(vec![-33, -33, -34]));
        assert_eq!(apportioned(10, &[0, -5, 7]), Some(vec![0, 0, 10]));
        assert_eq!(apportioned(10, &[0, 0]), None);
    }
}
