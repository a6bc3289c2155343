//! How sure is a line of the evaluation? The 95 % intervals of its metrics.
//!
//! The normal approximation, 1.96 standard errors to either side, on a scale without ends: as it is for the calibration
//! line, the logarithm for the log loss, the log-odds for what lies between 0 and 1 (delta method). So no interval leaves
//! the range of its metric. The errors are clustered by deal.

use super::evaluation::EvaluationRow;
use crate::domain::probability::{logistic, logit, wilson};

/// 97.5 % quantile of the normal distribution.
const Z975: f64 = 1.959_963_985;

impl EvaluationRow {
    /// Lower and upper end of the log loss, as of all metrics; `None` where the metric or its standard error is.
    #[must_use]
    pub fn log_loss_interval(&self) -> Option<[f64; 2]> {
        of_positive(self.log_loss, self.log_loss_se?)
    }

    /// Of the Brier score.
    #[must_use]
    pub fn brier_interval(&self) -> Option<[f64; 2]> {
        Some(of_share(self.brier, self.brier_se?, self.deals as f64))
    }

    /// Of the area under the ROC curve. Where every won deal stands above all others, it is that of a share of the rarer
    /// kind of deals.
    #[must_use]
    pub fn auc_interval(&self) -> Option<[f64; 2]> {
        let rarer = self.won.min(self.rows.saturating_sub(self.won)) as f64;
        let deals = rarer * self.deals as f64 / self.rows.max(1) as f64;
        Some(of_share(self.auc?, self.auc_se?, deals))
    }

    /// Of the calibration slope.
    #[must_use]
    pub fn slope_interval(&self) -> Option<[f64; 2]> {
        interval(self.slope, self.slope_se)
    }

    /// Of the calibration intercept.
    #[must_use]
    pub fn intercept_interval(&self) -> Option<[f64; 2]> {
        interval(self.intercept, self.intercept_se)
    }
}

/// Between 0 and 1, from log-odds. At the ends these have no standard error: there Wilson's interval of `deals` cases.
fn of_share(value: f64, standard_error: f64, deals: f64) -> [f64; 2] {
    let spread = value * (1.0 - value);
    if spread <= 0.0 {
        let share = wilson(value, deals);
        return [share.low, share.high];
    }
    let reach = Z975 * standard_error / spread;
    // Not even by the last digit on the wrong side of the value.
    [logistic(logit(value) - reach).min(value), logistic(logit(value) + reach).max(value)]
}

/// Above 0, from the logarithm; none of 0 itself.
fn of_positive(value: f64, standard_error: f64) -> Option<[f64; 2]> {
    let factor = (Z975 * standard_error / value).exp();
    (value > 0.0).then_some([value / factor, value * factor])
}

fn interval(value: Option<f64>, standard_error: Option<f64>) -> Option<[f64; 2]> {
    let (value, reach) = (value?, Z975 * standard_error?);
    Some([value - reach, value + reach])
}

#[cfg(test)]
mod tests {
    use super::*;

    use proptest::prelude::*;

    /// R: plogis(qlogis(0.74) + c(-1, 1) * qnorm(0.975) * 0.02 / (0.74 * 0.26)), 0.5 * exp(c(-1, 1) * qnorm(0.975) * 0.1)
    #[test]
    fn intervals_of_bounded_metrics_come_from_a_scale_without_ends() {
        let [low, high] = of_share(0.74, 0.02, 100.0);
        assert!((low - 0.698_934_692).abs() < 1e-8 && (high - 0.777_249_140).abs() < 1e-8, "{low} {high}");
        let [low, high] = of_positive(0.5, 0.05).expect("above zero");
        assert!((low - 0.411_007_598).abs() < 1e-8 && (high - 0.608_261_262).abs() < 1e-8, "{low} {high}");
        assert_eq!(of_positive(0.0, 0.05), None);
        // statsmodels: proportion_confint(12, 12, method="wilson")
        let [low, high] = of_share(1.0, 0.0, 12.0);
        assert!((low - 0.757_505_998).abs() < 1e-8 && high == 1.0, "{low} {high}");
    }

    proptest! {
        #[test]
        fn no_interval_leaves_the_range_of_its_metric(
            value in prop_oneof![Just(0.0), Just(1.0), 0.0..=1.0_f64],
            standard_error in prop_oneof![Just(0.0), 0.0..2.0_f64],
            deals in 0.01..1000.0_f64,
        ) {
            let [low, high] = of_share(value, standard_error, deals);
            prop_assert!(0.0 <= low && low <= value && value <= high && high <= 1.0, "{low} {value} {high}");
            if let Some([low, high]) = of_positive(value, standard_error) {
                prop_assert!(0.0 <= low && low <= value && value <= high, "{low} {value} {high}");
            }
        }
    }

    /// scipy.stats.norm.interval(0.95, 0.74, 0.02) = (0.70080072, 0.77919928)
    #[test]
    fn the_interval_is_that_of_the_normal_distribution() {
        let [low, high] = interval(Some(0.74), Some(0.02)).expect("both are known");
        assert!((low - 0.700_800_72).abs() < 1e-8 && (high - 0.779_199_28).abs() < 1e-8, "{low} {high}");
        assert_eq!((interval(None, Some(0.1)), interval(Some(0.1), None)), (None, None));
    }
}
