//! Which period head to take: the one that loses least on deals and days it has not seen.
//!
//! Rows and a trial in, a [`PeriodChoice`] and its lines of the evaluation out.

use rayon::prelude::*;

use crate::model::evaluation::EvaluationRow;
use crate::model::period::head::PeriodHead;
use crate::model::period::rows::PeriodRows;
use crate::model::period::terms::PeriodTerm;
use crate::model::period::trial::PeriodTrial;

/// Ridge penalties on the standardised weights. A deal stands in many rows, so the likelihood is surer than it should be:
/// where that shows out of time, a stronger one is taken.
const PENALTIES: [f64; 3] = [0.1, 3.0, 100.0];

/// What a head may see, and how far its weights are held back.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PeriodChoice {
    pub terms: &'static [PeriodTerm],
    /// Ridge penalty on the standardised weights.
    pub penalty: f64,
}

impl PeriodChoice {
    /// The days ahead alone: what is taken where nothing shows that more is better.
    pub(crate) const OF_THE_DAYS: Self = Self { terms: &PeriodTerm::OF_THE_DAYS, penalty: PENALTIES[1] };

    /// Those that are tried beside it.
    const OF_THE_DEAL: [Self; 3] = [
        Self { terms: &PeriodTerm::ALL, penalty: PENALTIES[0] },
        Self { terms: &PeriodTerm::ALL, penalty: PENALTIES[1] },
        Self { terms: &PeriodTerm::ALL, penalty: PENALTIES[2] },
    ];
}

/// How good the period head is out of time.
pub(crate) struct PeriodEvidence {
    pub choice: PeriodChoice,
    /// Of the evaluation.
    pub lines: Vec<EvaluationRow>,
}

impl PeriodEvidence {
    /// Nothing was tried.
    pub(crate) fn none() -> Self {
        Self { choice: PeriodChoice::OF_THE_DAYS, lines: Vec::new() }
    }

    /// Heads fitted on `rows`, tried on `trial`. That one of four is taken makes its line a little too good.
    pub(crate) fn of(rows: &PeriodRows, trial: &PeriodTrial<'_>) -> Self {
        if rows.rows.is_empty() || trial.is_empty() {
            return Self::none();
        }
        let base = PeriodHead::fit(rows, PeriodChoice::OF_THE_DAYS);
        let base_line = trial.evaluated(&base, false, "period base rate");
        let seeing: Vec<(PeriodChoice, EvaluationRow)> = PeriodChoice::OF_THE_DEAL
            .into_par_iter()
            .map(|choice| (choice, trial.evaluated(&PeriodHead::fit(rows, choice), true, "period model")))
            .collect();
        let start = (PeriodChoice::OF_THE_DAYS, trial.evaluated(&base, true, "period model"));
        let (choice, line) =
            seeing.into_iter().fold(start, |best, next| if next.1.log_loss < best.1.log_loss { next } else { best });
        Self { choice, lines: vec![line, base_line] }
    }
}
