//! The kernel: open deals in chunks, encoded, scored and explained.

use rayon::prelude::*;
use tracing::info;

use crate::config::Config;
use crate::domain::day::Day;
use crate::domain::period::{FiscalCalendar, Period, PeriodKind};
use crate::domain::probability::logistic;
use crate::domain::progress::Progress;
use crate::domain::stage::StageKind;
use crate::features::FeatureContext;
use crate::model::{DaysAhead, ModelError, PeriodInput, WinModel};
use crate::scoring::scores::{Score, Scores};
use crate::snapshot::DealState;

/// Deals encoded at a time; bounds memory.
const CHUNK: usize = 16_384;
/// Months, quarters, halves and years the outcomes look ahead: the running one and so many more.
const PERIODS_AHEAD: [(PeriodKind, i32); 4] =
    [(PeriodKind::Month, 2), (PeriodKind::Quarter, 1), (PeriodKind::Half, 1), (PeriodKind::Year, 1)];

/// Of the chance to be won, what has come by the ends and the middle of the predicted close date's 80 % interval.
const CLOSE_SHARES: [f64; 3] = [0.1, 0.5, 0.9];

/// Scores every open deal of the context's as-of day.
///
/// # Errors
/// [`ModelError::FromTheFuture`] where the model knows more than that day.
pub fn score(
    model: &WinModel,
    context: &FeatureContext<'_>,
    config: &Config,
    progress: &dyn Progress,
) -> Result<Scores, ModelError> {
    let as_of = context.timeline.as_of;
    if model.as_of > as_of {
        return Err(ModelError::FromTheFuture { model_id: model.model_id.clone(), trained: model.as_of, as_of });
    }
    let open: Vec<DealState> = context.snapshot.iter().filter(|state| state.kind == StageKind::Open).copied().collect();
    progress.begin("scoring open deals", open.len() as u64);
    // A model of deals whose closing days are not known says nothing of when.
    let wanted = if model.training.dated { &config.calendar.periods[..] } else { &[] };
    let periods = periods(as_of, wanted, &context.calendar);
    let ends = periods.iter().map(|period| days_to(as_of, period.last)).collect();
    let scorer = Scorer::new(model, context, as_of, ends);
    let fields = model.spec.fields.len();
    let mut rows = Vec::with_capacity(open.len());
    let mut contributions = Vec::with_capacity(open.len() * fields);
    for states in open.chunks(CHUNK) {
        scorer.score(states, &mut rows, &mut contributions);
        progress.advance(states.len() as u64);
    }
    info!(%as_of, deals = rows.len(), model_id = model.model_id, "open deals scored");
    Ok(Scores {
        as_of,
        model_id: model.model_id.clone(),
        signal: model.signal,
        intercept: model.win.calibrated_intercept(),
        periods,
        fields: model.spec.fields.iter().map(|field| field.name.clone()).collect(),
        rows,
        contributions,
    })
}

/// The chances to be won by the evening of each of `lasts` (ascending), for each of `states`, all of the morning of `day`.
#[must_use]
pub fn wins_by(
    model: &WinModel,
    context: &FeatureContext<'_>,
    states: &[DealState],
    day: Day,
    lasts: &[Day],
) -> Vec<Vec<f64>> {
    let scorer = Scorer::new(model, context, day, lasts.iter().map(|last| days_to(day, *last)).collect());
    let (mut rows, mut contributions) = (Vec::new(), Vec::new());
    for states in states.chunks(CHUNK) {
        contributions.clear();
        scorer.score(states, &mut rows, &mut contributions);
    }
    rows.iter().map(|row| row.by_period.iter().map(|outcome| outcome.win).collect()).collect()
}

/// The running and the next periods of the wanted kinds, by their last day.
fn periods(as_of: Day, wanted: &[PeriodKind], calendar: &FiscalCalendar) -> Vec<Period> {
    let mut periods = Vec::new();
    for (kind, ahead) in PERIODS_AHEAD.into_iter().filter(|(kind, _)| wanted.contains(kind)) {
        let running = calendar.period_of(kind, as_of);
        periods.extend((0..=ahead).map(|steps| calendar.shift(&running, steps)));
    }
    periods.sort_by_key(|period| (period.last, period.kind));
    periods
}

struct Scorer<'a> {
    model: &'a WinModel,
    context: &'a FeatureContext<'a>,
    ahead: DaysAhead,
    /// Ends of the periods, in days from the morning the deals are looked at.
    ends: Vec<i32>,
    /// Whether the period head sees when a deal is expected to close.
    knows_dates: bool,
}

/// From the morning of `day` to the evening of `last`, in days.
fn days_to(day: Day, last: Day) -> i32 {
    last.0.saturating_sub(day.0).saturating_add(1)
}

impl<'a> Scorer<'a> {
    fn new(model: &'a WinModel, context: &'a FeatureContext<'a>, day: Day, ends: Vec<i32>) -> Self {
        let until = ends.iter().copied().max().unwrap_or(1);
        let knows_dates = model.spec.knows_expected_close();
        Self { model, context, ahead: model.ahead(day, until, &context.calendar), ends, knows_dates }
    }

    fn score(&self, states: &[DealState], rows: &mut Vec<Score>, contributions: &mut Vec<f64>) {
        let (spec, win, period) = (&self.model.spec, &self.model.win, &self.model.period);
        let fields = spec.fields.len();
        let start = contributions.len();
        contributions.resize(start + states.len() * fields, 0.0);
        let mut soon = vec![period.soon_intercept; states.len()];
        if self.model.signal {
            let matrix = spec.encode(states, self.context);
            for (j, feature) in spec.features.iter().enumerate() {
                let (weight, soon_weight) = (win.calibration.slope * win.weights[j], period.soon_weights[j]);
                let cells = contributions[start..].iter_mut().skip(feature.field).step_by(fields);
                for ((x, cell), soon) in matrix.column(j).iter().zip(cells).zip(&mut soon) {
                    *cell += weight * x;
                    *soon += soon_weight * x;
                }
            }
        }
        let of_fields = contributions[start..].par_chunks(fields.max(1));
        let log_odds: Vec<f64> = if fields == 0 {
            vec![win.calibrated_intercept(); states.len()]
        } else {
            of_fields.map(|of_deal| win.calibrated_intercept() + of_deal.iter().sum::<f64>()).collect()
        };
        rows.par_extend(
            states.par_iter().zip(log_odds).zip(soon).map(|((state, win), soon)| self.row(state, win, soon)),
        );
    }

    /// `win_log_odds` are calibrated.
    fn row(&self, state: &DealState, win_log_odds: f64, soon_log_odds: f64) -> Score {
        let model = self.model;
        let win_probability = logistic(win_log_odds);
        let input = PeriodInput::of(state, win_log_odds, soon_log_odds, self.knows_dates);
        let dated = model.training.dated;
        let course = dated.then(|| model.period.course(&input, &self.ahead, Some(win_probability)));
        Score {
            deal: state.deal,
            win_probability,
            score: (100.0 * win_probability).round() as u8,
            grade: model.signal.then(|| grade(win_probability, model.grade_cuts)),
            by_period: course.iter().flat_map(|course| self.ends.iter().map(|&days| course.by(days))).collect(),
            predicted_close: course.map(|course| course.days_to_win(CLOSE_SHARES).map(|days| state.day.plus(days))),
        }
    }
}

fn grade(chance: f64, cuts: [f64; 3]) -> char {
    match cuts.iter().filter(|&&cut| chance >= cut).count() {
        3 => 'A',
        2 => 'B',
        1 => 'C',
        _ => 'D',
    }
}
