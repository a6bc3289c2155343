//! Does a model know anything? Its out-of-time predictions against the base rate, in one sentence.

use crate::domain::probability::log_loss;
use crate::model::evaluation::Sees;
use crate::model::metrics::{Estimate, clustered_mean};
use crate::model::predictions::OutOfTimePrediction;

/// Standard errors by which the model must beat the base rate.
const SURE: f64 = 1.0;

/// Whether there is a signal, and the sentence that says so.
pub(super) struct Verdict {
    pub signal: bool,
    pub words: String,
}

impl Verdict {
    /// Whether the model beats the base rate, on all folds together beyond doubt and on the newest at all. The newest
    /// counts by itself because deals of one month share their fate: errors clustered by deal do not know that. `shrink`
    /// is none where no shrinkage keeps every fold near the base rate.
    pub fn of(rows: &[OutOfTimePrediction], shrink: Option<f64>, sees: Sees) -> Self {
        let model = mean(rows, |row| log_loss(row.model, row.won)).mean;
        let base = mean(rows, |row| log_loss(row.base_rate, row.won)).mean;
        let gain = mean(rows, gain_of);
        let newest = rows.chunk_by(|a, b| a.cutoff == b.cutoff).next_back().unwrap_or_default();
        let newest_gain = newest.iter().map(gain_of).sum::<f64>() / newest.len().max(1) as f64;
        let crossed = rows.iter().any(|row| row.cutoff.is_none());
        let how = if crossed { " in grouped cross-validation" } else { "" };
        let numbers = format!(
            "log loss {model:.4} against {base:.4} of the base rate on {} rows the model had not seen{how} \
             (lower by {:.4}, standard error {:.4})",
            rows.len(),
            gain.mean,
            gain.se
        );
        let seen = match sees {
            Sees::Everything => "",
            Sees::Stage => " in the stage alone",
            Sees::StageTable => " in the table of stages",
        };
        let (signal, words) = if gain.mean <= SURE * gain.se {
            (false, format!("no signal: {numbers}"))
        } else if shrink.is_none() {
            (false, format!("no signal: {numbers}, but in one fold it is worse than the base rate by over 0.5 %"))
        } else if newest_gain <= 0.0 {
            (false, format!("no signal: {numbers}, but none in the newest fold (lower by {newest_gain:.4})"))
        } else {
            (true, format!("signal{seen}: {numbers}"))
        };
        Self { signal, words }
    }
}

/// By how much the model's log loss is below the base rate's.
fn gain_of(row: &OutOfTimePrediction) -> f64 {
    log_loss(row.base_rate, row.won) - log_loss(row.model, row.won)
}

fn mean(rows: &[OutOfTimePrediction], value: impl Fn(&OutOfTimePrediction) -> f64) -> Estimate {
    let groups: Vec<u32> = rows.iter().map(|row| row.group).collect();
    clustered_mean(&rows.iter().map(value).collect::<Vec<f64>>(), &groups)
}
