//! Trying the period head on landmarks it has not seen: one line of the evaluation.

use rayon::prelude::*;

use crate::domain::day::Day;
use crate::domain::ids::DealIx;
use crate::domain::period::{FiscalCalendar, PeriodKind};
use crate::domain::probability::{PeriodOutcome, log_loss, logistic};
use crate::domain::stage::StageKind;
use crate::model::evaluation::EvaluationRow;
use crate::model::metrics::clustered_mean;
use crate::model::period::ahead::DaysAhead;
use crate::model::period::head::PeriodHead;
use crate::model::period::rows::{SeenLandmark, is_drawn};
use crate::model::rows::closed_within;

/// Horizons without a period's end: this many steps up to the model's horizon.
const GRID: i32 = 12;
/// Rows (landmark x horizon) tried on, about; beyond, an even draw of landmarks.
const MOST_ROWS: usize = 60_000;

/// Landmarks of one day, and the horizons that had ended when they are looked back on.
struct TrialDay<'a> {
    ahead: DaysAhead,
    horizons: Vec<i32>,
    landmarks: Vec<&'a SeenLandmark>,
}

/// Landmarks the head has not seen.
pub(crate) struct PeriodTrial<'a> {
    days: Vec<TrialDay<'a>>,
    cutoff: Option<Day>,
}

/// A landmark seen at one horizon: the chances given, and what happened.
struct Told {
    chances: PeriodOutcome,
    closed: Option<StageKind>,
    deal: DealIx,
}

impl<'a> PeriodTrial<'a> {
    /// Landmarks, ordered by day, at every horizon that had ended by the morning of `known_until`.
    pub fn new(
        landmarks: &'a [SeenLandmark],
        horizon: i32,
        cutoff: Option<Day>,
        known_until: Day,
        calendar: &FiscalCalendar,
    ) -> Self {
        let by_day = landmarks.chunk_by(|a, b| a.landmark.state.day == b.landmark.state.day);
        let mut days: Vec<TrialDay<'a>> = by_day
            .map(|of_day| {
                let day = of_day[0].landmark.state.day;
                let mut horizons = horizons(day, horizon, calendar);
                horizons.retain(|days| day.0 + days <= known_until.0);
                let until = horizons.last().copied().unwrap_or(1);
                TrialDay {
                    ahead: DaysAhead::of(day, horizon, until, calendar),
                    horizons,
                    landmarks: of_day.iter().collect(),
                }
            })
            .filter(|day| !day.horizons.is_empty())
            .collect();
        let rows: usize = days.iter().map(|day| day.horizons.len() * day.landmarks.len()).sum();
        let share = MOST_ROWS as f64 / rows.max(1) as f64;
        let mut position = 0_u64;
        for day in &mut days {
            day.landmarks.retain(|_| {
                position += 1;
                is_drawn(position, share)
            });
        }
        Self { days, cutoff }
    }

    /// Whether there is nothing to try on.
    pub fn is_empty(&self) -> bool {
        self.days.iter().all(|day| day.landmarks.is_empty())
    }

    /// How good `head` is; with `meets_win` its chances meet the win probability.
    pub fn evaluated(&self, head: &PeriodHead, meets_win: bool, name: &str) -> EvaluationRow {
        let told: Vec<Told> = self.days.par_iter().flat_map_iter(|day| day.told(head, meets_win)).collect();
        let losses: Vec<f64> = told.iter().map(Told::log_loss).collect();
        let squares: Vec<f64> = told.iter().map(Told::squared_error).collect();
        let mut deals: Vec<u32> = told.iter().map(|told| told.deal.index() as u32).collect();
        let brier = clustered_mean(&squares, &deals);
        let log_loss = clustered_mean(&losses, &deals);
        deals.sort_unstable();
        deals.dedup();
        EvaluationRow {
            cutoff: self.cutoff,
            model: name.to_owned(),
            scope: "all".to_owned(),
            rows: told.len() as u64,
            deals: deals.len() as u64,
            won: told.iter().filter(|told| told.closed == Some(StageKind::Won)).count() as u64,
            log_loss: log_loss.mean,
            log_loss_se: Some(log_loss.se).filter(|se| se.is_finite()),
            brier: brier.mean,
            brier_se: Some(brier.se).filter(|se| se.is_finite()),
            auc: None,
            auc_se: None,
            slope: None,
            slope_se: None,
            intercept: None,
            intercept_se: None,
            ece: None,
        }
    }
}

impl TrialDay<'_> {
    fn told(&self, head: &PeriodHead, meets_win: bool) -> impl Iterator<Item = Told> {
        self.landmarks.iter().flat_map(move |seen| {
            let win_probability = meets_win.then(|| logistic(seen.input.win_log_odds));
            let course = head.course(&seen.input, &self.ahead, win_probability);
            self.horizons.iter().map(move |&days| Told {
                chances: course.by(days),
                closed: closed_within(&seen.landmark, days),
                deal: seen.landmark.state.deal,
            })
        })
    }
}

impl Told {
    /// Of win, lose and slip: the chance given, and whether it happened.
    fn cases(&self) -> [(f64, bool); 3] {
        let PeriodOutcome { win, lose, slip } = self.chances;
        [
            (win, self.closed == Some(StageKind::Won)),
            (lose, self.closed == Some(StageKind::Lost)),
            (slip, self.closed.is_none()),
        ]
    }

    fn log_loss(&self) -> f64 {
        self.cases().iter().filter(|(_, happened)| *happened).map(|(chance, _)| log_loss(*chance, true)).sum()
    }

    /// The squared distance of the three chances from what happened.
    fn squared_error(&self) -> f64 {
        self.cases().iter().map(|(chance, happened)| (chance - f64::from(*happened)).powi(2)).sum()
    }
}

/// The horizons a landmark of `day` is tried on: the ends of the running and the next periods, and some days between.
fn horizons(day: Day, horizon: i32, calendar: &FiscalCalendar) -> Vec<i32> {
    let ends = PeriodKind::USUAL.into_iter().flat_map(|kind| {
        let running = calendar.period_of(kind, day);
        [running.last, calendar.shift(&running, 1).last]
    });
    let mut days: Vec<i32> = ends.map(|last| last.0 - day.0 + 1).collect();
    days.extend(grid_days(horizon).into_iter().skip(2).step_by(3));
    days.sort_unstable();
    days.dedup();
    days
}

/// Days up to `horizon`, strictly ascending.
fn grid_days(horizon: i32) -> Vec<i32> {
    // Squares: closer together where more happens.
    let squares = (1..=GRID).map(|k| (f64::from(k) / f64::from(GRID)).powi(2));
    let mut days: Vec<i32> = squares.map(|square| (f64::from(horizon) * square).ceil() as i32).collect();
    days.dedup();
    days
}
