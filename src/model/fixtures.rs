//! Data for tests that follow from arithmetic alone, so that `tests/fixtures/model_reference.py` can make them again.

use crate::domain::probability::logistic;
use crate::features::FeatureMatrix;
use crate::model::period::rows::mixed;

/// A number in 0..1 that follows from two numbers.
pub fn even(i: usize, salt: u64) -> f64 {
    let x = (64 * i as u64 + salt + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed(x) >> 11) as f64 / (1_u64 << 53) as f64
}

/// `n` rows of three columns between -1 and 1, and an outcome that depends on them.
pub fn rows(n: usize, shift: f64) -> (FeatureMatrix, Vec<bool>) {
    let mut matrix = FeatureMatrix::zeros(n, 3);
    for j in 0..3 {
        matrix.column_mut(j).iter_mut().enumerate().for_each(|(i, x)| *x = 2.0 * even(i, j as u64) - 1.0);
    }
    let log_odds = |i: usize| shift + 1.5 * matrix.column(0)[i] - 0.8 * matrix.column(1)[i] + 0.4 * matrix.column(2)[i];
    let won = (0..n).map(|i| even(i, 9) < logistic(log_odds(i))).collect();
    (matrix, won)
}

/// Asserts that numbers agree to `digits` decimals.
#[track_caller]
pub fn assert_close(got: &[f64], expected: &[f64], digits: i32) {
    assert_eq!(got.len(), expected.len());
    for (got, expected) in got.iter().zip(expected) {
        assert!((got - expected).abs() < 0.6 * 10_f64.powi(-digits), "got {got}, expected {expected}");
    }
}
