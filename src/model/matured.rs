//! Published scores whose horizon has ended, evaluated by what became of the deals.

use crate::domain::day::Day;
use crate::domain::ids::DealIx;
use crate::domain::stage::StageKind;
use crate::model::evaluation::EvaluationRow;
use crate::model::metrics::EvaluatedChances;
use crate::timeline::Timeline;

/// A score as it was published.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PublishedScore {
    /// Index in [`Timeline::deals`].
    pub deal: DealIx,
    /// The morning it was published.
    pub day: Day,
    /// Days ahead it speaks of.
    pub horizon_days: u32,
    /// Chance to be won within them.
    pub win_probability: f64,
}

/// A published score whose outcome is known.
#[derive(Clone, Copy)]
struct MaturedScore {
    score: PublishedScore,
    won: bool,
}

/// One line per day of publication and one over all (without a cutoff), of scores whose horizon had ended by the
/// timeline's day; none where there are no such scores. Deals closed on an unknown day do not count.
#[must_use]
pub fn evaluate_published(scores: &[PublishedScore], timeline: &Timeline) -> Vec<EvaluationRow> {
    let mut matured: Vec<MaturedScore> = scores.iter().filter_map(|score| score.matured(timeline)).collect();
    matured.sort_by_key(|of| (of.score.day, of.score.deal));
    let days = matured.chunk_by(|a, b| a.score.day == b.score.day);
    let mut lines: Vec<EvaluationRow> = days.map(|rows| line(rows, Some(rows[0].score.day))).collect();
    if !matured.is_empty() {
        lines.push(line(&matured, None));
    }
    lines
}

impl PublishedScore {
    /// The score with its outcome, where the horizon has ended and it is known when the deal closed.
    fn matured(&self, timeline: &Timeline) -> Option<MaturedScore> {
        let horizon = i32::try_from(self.horizon_days).unwrap_or(i32::MAX);
        if self.day.0.saturating_add(horizon) > timeline.as_of.0 {
            return None;
        }
        let deal = timeline.deals.get(self.deal.index())?;
        let won = match (deal.kind, deal.closed.get()) {
            (StageKind::Open, _) | (StageKind::Lost, Some(_)) => false,
            (StageKind::Won, Some(closed)) => closed.0 - self.day.0 < horizon,
            (StageKind::Won | StageKind::Lost, None) => return None,
        };
        Some(MaturedScore { score: *self, won })
    }
}

fn line(rows: &[MaturedScore], cutoff: Option<Day>) -> EvaluationRow {
    let chance: Vec<f64> = rows.iter().map(|of| of.score.win_probability).collect();
    let won: Vec<bool> = rows.iter().map(|of| of.won).collect();
    let group: Vec<u32> = rows.iter().map(|of| of.score.deal.index() as u32).collect();
    EvaluatedChances { chance: &chance, won: &won, group: &group }.line(cutoff, "published scores", "matured")
}
