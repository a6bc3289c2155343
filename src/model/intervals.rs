//! How sure is a line of the evaluation? The 95 % intervals of its metrics.
//!
//! The normal approximation, value -+ 1.96 standard errors; the errors are clustered by deal. Not clipped to the range of
//! the metric, so that a bound beyond it shows how little is known.

use super::evaluation::EvaluationRow;

/// 97.5 % quantile of the normal distribution.
const Z975: f64 = 1.959_963_985;

impl EvaluationRow {
    /// Lower and upper end of the log loss, as of all metrics; `None` where the metric or its standard error is.
    #[must_use]
    pub fn log_loss_interval(&self) -> Option<[f64; 2]> {
        interval(Some(self.log_loss), self.log_loss_se)
    }

    /// Of the Brier score.
    #[must_use]
    pub fn brier_interval(&self) -> Option<[f64; 2]> {
        interval(Some(self.brier), self.brier_se)
    }

    /// Of the area under the ROC curve.
    #[must_use]
    pub fn auc_interval(&self) -> Option<[f64; 2]> {
        interval(self.auc, self.auc_se)
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

fn interval(value: Option<f64>, standard_error: Option<f64>) -> Option<[f64; 2]> {
    let (value, reach) = (value?, Z975 * standard_error?);
    Some([value - reach, value + reach])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// scipy.stats.norm.interval(0.95, 0.74, 0.02) = (0.70080072, 0.77919928)
    #[test]
    fn the_interval_is_that_of_the_normal_distribution() {
        let [low, high] = interval(Some(0.74), Some(0.02)).expect("both are known");
        assert!((low - 0.700_800_72).abs() < 1e-8 && (high - 0.779_199_28).abs() < 1e-8, "{low} {high}");
        assert_eq!((interval(None, Some(0.1)), interval(Some(0.1), None)), (None, None));
    }
}
