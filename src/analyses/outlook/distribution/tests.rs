//! Sums held against ten million draws, against the normal and the binomial distribution, and against their means.

use std::f64::consts::TAU;

use proptest::prelude::*;
use rayon::prelude::*;

use crate::analyses::outlook::distribution::ingredients::{Atom, Ingredients, OpenProspect};
use crate::analyses::outlook::distribution::parts::{Parts, UNCHANGED};
use crate::analyses::outlook::distribution::shape::Shape;
use crate::analyses::outlook::distribution::sum::Distribution;
use crate::domain::probability::{logistic, logit};

/// An even number in 0..1 from a counter (the finaliser of SplitMix64).
fn even(state: &mut u64) -> f64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut x = *state;
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((x ^ (x >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}

fn atom(atoms: &[Atom], state: &mut u64) -> f64 {
    let mut left = even(state);
    for atom in atoms {
        left -= atom.share;
        if left < 0.0 {
            return atom.value;
        }
    }
    atoms[atoms.len() - 1].value
}

/// One draw of the sum, in the plainest way.
fn draw(i: &Ingredients<'_>, stretch: f64, state: &mut u64) -> f64 {
    let (radius, angle) = ((-2.0 * (1.0 - even(state)).ln()).sqrt(), TAU * even(state));
    let z = i.factor_sd * radius * angle.cos();
    let mut sum = 0.0;
    for deal in i.deals {
        if even(state) < logistic(stretch * logit(deal.chance) + z) {
            sum += deal.amount * atom(i.changes, state);
        }
    }
    let expected = i.new_deals * (z - i.factor_sd.powi(2) / 2.0).exp();
    let (mut product, end) = (even(state), (-expected).exp());
    while product > end {
        sum += atom(i.new_amounts, state);
        product *= even(state);
    }
    sum
}

const CHANGES: [Atom; 3] =
    [Atom { value: 0.7, share: 0.3 }, Atom { value: 1.0, share: 0.5 }, Atom { value: 1.25, share: 0.2 }];

/// Chances to reach targets, against ten million draws: their standard error is at most 0.016 points.
fn agrees_with_draws(ingredients: &Ingredients<'_>) {
    const DRAWS: u64 = 10_000_000;
    let stretch = (1.0 + std::f64::consts::PI * ingredients.factor_sd.powi(2) / 8.0).sqrt();
    let mean = Distribution::of(ingredients).mean();
    let targets = [0.25, 0.6, 0.9, 1.0, 1.2, 1.7].map(|share| (share * mean).round());
    let count = |chunk: u64| {
        let mut state = chunk.wrapping_mul(0xD134_2543_DE82_EF95);
        let mut counts = [0_u64; 6];
        for _ in 0..DRAWS / 100 {
            let sum = draw(ingredients, stretch, &mut state);
            counts.iter_mut().zip(targets).for_each(|(count, target)| *count += u64::from(sum >= target));
        }
        counts
    };
    let counts = (0..100).into_par_iter().map(count).reduce(|| [0; 6], |a, b| std::array::from_fn(|i| a[i] + b[i]));
    let distribution = Distribution::of(ingredients);
    for (target, count) in targets.into_iter().zip(counts) {
        let (ours, drawn) = (distribution.reaches(target), count as f64 / DRAWS as f64);
        assert!((ours - drawn).abs() < 1e-3, "{target}: {ours:.5}, drawn {drawn:.5}");
        // And back: the value reached with that chance.
        let back = distribution.quantile(1.0 - ours);
        if let Shape::Grid(grid) = &distribution.shape {
            assert!((back - target).abs() <= 1.01 * grid.step, "{target} {back}");
        }
    }
}

fn deals(n: usize) -> Vec<OpenProspect> {
    let mut state = 77;
    (0..n)
        .map(|_| OpenProspect {
            amount: (1e5 + 4e6 * even(&mut state).powi(3)).round(),
            chance: 0.05 + 0.6 * even(&mut state),
        })
        .collect()
}

const NEW: [Atom; 3] =
    [Atom { value: 2e5, share: 0.5 }, Atom { value: 5e5, share: 0.3 }, Atom { value: 1.5e6, share: 0.2 }];

#[test]
fn a_few_deals_agree_with_ten_million_draws() {
    let deals = deals(5);
    let none = Ingredients { deals: &deals, changes: &UNCHANGED, new_deals: 0.0, new_amounts: &[], factor_sd: 0.0 };
    agrees_with_draws(&none);
    agrees_with_draws(&Ingredients { factor_sd: 0.3, changes: &CHANGES, ..none });
}

#[test]
fn an_owner_agrees_with_ten_million_draws() {
    let deals = deals(14);
    agrees_with_draws(&Ingredients {
        deals: &deals,
        changes: &CHANGES,
        new_deals: 2.5,
        new_amounts: &NEW,
        factor_sd: 0.25,
    });
}

#[test]
fn a_team_agrees_with_ten_million_draws() {
    let deals = deals(90);
    agrees_with_draws(&Ingredients {
        deals: &deals,
        changes: &CHANGES,
        new_deals: 12.0,
        new_amounts: &NEW,
        factor_sd: 0.35,
    });
}

/// Thousands of deals and a strong factor: against the normal distribution given the factor, integrated finely.
#[test]
fn a_company_is_normal_given_the_factor() {
    let deals = deals(3_000);
    let ingredients =
        Ingredients { deals: &deals, changes: &CHANGES, new_deals: 900.0, new_amounts: &NEW, factor_sd: 0.3 };
    let parts = Parts::of(&ingredients);
    let distribution = Distribution::of(&ingredients);
    let upper = |x: f64| {
        // Abramowitz and Stegun 26.2.17
        let t = 1.0 / (1.0 + 0.231_641_9 * x.abs());
        let poly =
            t * (0.319_381_530 + t * (-0.356_563_782 + t * (1.781_477_937 + t * (-1.821_255_978 + t * 1.330_274_429))));
        let tail = (-x * x / 2.0).exp() / TAU.sqrt() * poly;
        if x >= 0.0 { tail } else { 1.0 - tail }
    };
    for share in [0.7, 0.9, 1.0, 1.1, 1.4] {
        let target = share * distribution.mean();
        let mut expected = 0.0;
        for i in 0..=4_000 {
            let z = -6.0 + 12.0 * f64::from(i) / 4_000.0;
            let all: Vec<usize> = (0..deals.len()).collect();
            let case = parts.case(z, 0.0, &all, [0.0; 4]);
            let (mean, variance) = parts.moments(&case, &all);
            expected += upper((target - mean) / variance.sqrt()) * (-z * z / 2.0).exp() / TAU.sqrt() * 12.0 / 4_000.0;
        }
        let ours = distribution.reaches(target);
        assert!((ours - expected).abs() < 1e-3, "{share}: {ours} {expected}");
    }
}

#[test]
fn many_cases_are_read_off_a_polynomial_through_few() {
    let deals = deals(40);
    let ingredients =
        Ingredients { deals: &deals, changes: &CHANGES, new_deals: 0.0, new_amounts: &[], factor_sd: 0.6 };
    let parts = Parts::of(&ingredients);
    let all: Vec<usize> = (0..deals.len()).collect();
    let shifts: Vec<f64> = (0..=200).map(|i| -4.5 + 0.045 * f64::from(i)).collect();
    for (shift, read) in shifts.iter().zip(parts.small_sums(&shifts, &all)) {
        // So few that each is summed up.
        let summed = parts.small_sums(&[*shift], &all)[0];
        for (k, (read, summed)) in read.iter().zip(summed).enumerate() {
            let size = parts.small_sums(&[0.0], &all)[0][k].abs();
            assert!((read - summed).abs() <= 1e-7 * size, "{shift} {k}: {read} {summed}");
        }
    }
}

/// So many deals of one price: the binomial distribution, summed up in the plainest way; and with Poisson's on top.
#[test]
fn a_fixed_price_gives_a_binomial_number_of_deals() {
    const PRICE: f64 = 49_900.0;
    let price = [Atom { value: PRICE, share: 1.0 }];
    for (n, new_deals) in [(5, 0.0), (30, 0.0), (30, 4.0), (500, 0.0), (500, 20.0)] {
        let deals = vec![OpenProspect { amount: PRICE, chance: 0.3 }; n];
        let ingredients = Ingredients { deals: &deals, changes: &[], new_deals, new_amounts: &price, factor_sd: 0.0 };
        let distribution = Distribution::of(&ingredients);
        let mut number = vec![1.0];
        for _ in 0..n {
            number.resize(number.len() + 1, 0.0);
            for k in (0..number.len()).rev() {
                number[k] = 0.7 * number[k] + if k > 0 { 0.3 * number[k - 1] } else { 0.0 };
            }
        }
        let (mut poisson, mut all) = (f64::exp(-new_deals), vec![0.0; n + 200]);
        for k in 0..200 {
            number.iter().enumerate().for_each(|(won, mass)| all[won + k] += mass * poisson);
            poisson *= new_deals / (k + 1) as f64;
        }
        let mut at_least = 1.0;
        for (k, mass) in all.iter().enumerate() {
            let ours = distribution.reaches(k as f64 * PRICE);
            assert!((ours - at_least).abs() < 1e-3, "{n} {new_deals}: {k} or more {ours} {at_least}");
            // One minor unit more asks for one deal more.
            let next = distribution.reaches(k as f64 * PRICE + 1.0);
            assert!((next - (at_least - mass)).abs() < 1e-3, "{n} {new_deals}: more than {k} {next}");
            at_least -= mass;
        }
        for p in [0.1, 0.5, 0.9] {
            let (mut below, mut k) = (all[0], 0);
            while below < p {
                k += 1;
                below += all[k];
            }
            let clear = (below - p).abs() > 1e-3 && (below - all[k] - p).abs() > 1e-3;
            assert!(!clear || (distribution.quantile(p) - k as f64 * PRICE).abs() < 1.0, "{n} {new_deals} {p}");
        }
    }
}

#[test]
fn nothing_open_and_nothing_new_is_nothing() {
    let none =
        Distribution::of(&Ingredients { deals: &[], changes: &[], new_deals: 0.0, new_amounts: &[], factor_sd: 0.2 });
    assert_eq!((none.quantile(0.1), none.quantile(0.9), none.reaches(5.0), none.reaches(0.0)), (0.0, 0.0, 0.0, 1.0));
}

#[test]
fn one_deal_is_won_or_not() {
    let deal = [OpenProspect { amount: 100_000.0, chance: 0.3 }];
    let of = |target| {
        Distribution::of(&Ingredients { deals: &deal, changes: &[], new_deals: 0.0, new_amounts: &[], factor_sd: 0.0 })
            .reaches(target)
    };
    assert!((of(100_000.0) - 0.3).abs() < 1e-9 && (of(50_000.0) - 0.3).abs() < 1e-9);
    assert!(of(100_100.0) < 1e-9 && (of(0.0) - 1.0).abs() < 1e-9);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// The mean is the sum of the expected values, credits included, and quantiles stand in order.
    #[test]
    fn means_add_up(
        amounts in prop::collection::vec((-2_000_000_i64..9_000_000, 0.0..1.0_f64), 0..90),
        new in 0.0..20.0_f64,
    ) {
        let deals: Vec<OpenProspect> = amounts.iter().map(|&(amount, chance)| OpenProspect { amount: amount as f64, chance }).collect();
        let distribution = Distribution::of(&Ingredients { deals: &deals, changes: &CHANGES, new_deals: new, new_amounts: &NEW, factor_sd: 0.0 });
        let slack = if let Shape::Grid(grid) = &distribution.shape { grid.step } else { 0.0 };
        let open: f64 = deals.iter().map(|deal| deal.amount * deal.chance * (0.21 + 0.5 + 0.25)).sum();
        let expected = open + new * (1e5 + 1.5e5 + 3e5);
        prop_assert!((distribution.mean() - expected).abs() <= 1e-4 * (1.0 + expected.abs()) + slack, "{} {expected}", distribution.mean());
        let quantiles = [0.05, 0.1, 0.5, 0.9, 0.99].map(|p| distribution.quantile(p));
        prop_assert!(quantiles.is_sorted(), "{quantiles:?}");
    }
}
