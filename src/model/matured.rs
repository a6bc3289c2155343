//! Published scores whose horizon has ended, judged by what became of the deals.

use crate::domain::day::Day;
use crate::domain::ids::DealIx;
use crate::domain::stage::StageKind;
use crate::model::EvaluationRow;
use crate::model::metrics::Judged;
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

/// One line per day of publication and one over all (without a cutoff), of scores whose horizon had ended by the
/// timeline's day; none where there are no such scores. Deals closed on an unknown day do not count.
#[must_use]
pub fn judge_published(scores: &[PublishedScore], timeline: &Timeline) -> Vec<EvaluationRow> {
    let horizon = |score: &PublishedScore| i32::try_from(score.horizon_days).unwrap_or(i32::MAX);
    let is_over = |score: &&PublishedScore| score.day.0.saturating_add(horizon(score)) <= timeline.as_of.0;
    let outcome = |score: &PublishedScore| {
        let deal = timeline.deals.get(score.deal.index())?;
        let in_time = |closed: Day| closed.0 - score.day.0 < horizon(score);
        match (deal.kind, deal.closed.get()) {
            (StageKind::Open, _) | (StageKind::Lost, Some(_)) => Some((*score, false)),
            (StageKind::Won, Some(closed)) => Some((*score, in_time(closed))),
            (StageKind::Won | StageKind::Lost, None) => None,
        }
    };
    let mut known: Vec<(PublishedScore, bool)> = scores.iter().filter(is_over).filter_map(outcome).collect();
    known.sort_by_key(|(score, _)| (score.day, score.deal));
    let line = |rows: &[(PublishedScore, bool)], cutoff| {
        let chance: Vec<f64> = rows.iter().map(|(score, _)| score.win_probability).collect();
        let won: Vec<bool> = rows.iter().map(|row| row.1).collect();
        let group: Vec<u32> = rows.iter().map(|(score, _)| score.deal.index() as u32).collect();
        Judged { chance: &chance, won: &won, group: &group }.line(cutoff, "published scores", "matured")
    };
    let days = known.chunk_by(|a, b| a.0.day == b.0.day).map(|rows| line(rows, Some(rows[0].0.day)));
    let mut lines: Vec<EvaluationRow> = days.collect();
    if !known.is_empty() {
        lines.push(line(&known, None));
    }
    lines
}
