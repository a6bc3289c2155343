//! Which open deals have stayed too long where they are?
//!
//! [`Timeline`], its [`Spell`]s and the [`Snapshot`] in, [`Stagnation`] out: every open deal's dwell against the stays
//! that went on to advance from the same stage. All deals teach the norms, whichever ones are asked for. A deal whose
//! stage has no history is judged by its age against the time it takes to win a deal. What it predicts is the stage's
//! average, not this deal's own chance: that is the model's business.

use rayon::prelude::*;

use super::stagnation_norms::{Norm, Norms};
use super::survival::Cause;
use crate::config::StagnationConfig;
use crate::domain::code::NO_DAY;
use crate::domain::day::Day;
use crate::domain::stage::{StageId, StageKind};
use crate::snapshot::{DealState, Snapshot};
use crate::timeline::{Spell, Timeline};

/// Days the chances to advance and to be lost look ahead.
pub const HORIZON_DAYS: i32 = 30;

/// Whether a deal moves as deals that advance do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StagnationStatus {
    /// Within the time most advancing deals take, or nothing to compare with.
    OnPace,
    /// Longer than three quarters of them.
    Slow,
    /// Longer than nineteen of twenty.
    Stalled,
}

impl StagnationStatus {
    /// All statuses, best first.
    pub const ALL: [Self; 3] = [Self::OnPace, Self::Slow, Self::Stalled];

    /// As printed.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::OnPace => "on pace",
            Self::Slow => "slow",
            Self::Stalled => "stalled",
        }
    }
}

/// One open deal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StagnationRow {
    /// Index in [`Timeline::deals`].
    pub deal: u32,
    /// Owner code.
    pub owner: u32,
    /// Present stage.
    pub stage: StageId,
    /// Whether the stage's history is known; if not, days are counted from creation.
    pub stage_tracked: bool,
    /// Full days in the stage; `None` where the beginning is not known.
    pub days_in_stage: Option<i32>,
    /// Share of the stays that went on to advance (untracked: of won deals) that were shorter, 0 to 100.
    pub percentile: Option<f64>,
    /// Chance to advance (untracked: to be won) within [`HORIZON_DAYS`], given the days so far.
    pub advance_30d: Option<f64>,
    /// Chance to be lost within [`HORIZON_DAYS`], given the days so far.
    pub lost_30d: Option<f64>,
    /// Median days of stays that went on to advance.
    pub norm_days: Option<u32>,
    /// First day on which the deal counted as stalled.
    pub stalled_since: Option<Day>,
    /// On pace, slow or stalled.
    pub status: StagnationStatus,
    /// Minor units of `currency`, `NO_AMOUNT` if missing.
    pub amount_minor: i64,
    /// Currency code.
    pub currency: u32,
}

/// All open deals asked for, in the order of the timeline's deals, and what they are compared with.
#[derive(Clone, Debug, PartialEq)]
pub struct Stagnation {
    /// The day.
    pub as_of: Day,
    /// One per open deal.
    pub rows: Vec<StagnationRow>,
    /// What was learned.
    pub norms: Norms,
}

/// Judges the open deals that `keep` marks (one flag per deal of the timeline).
#[must_use]
pub fn stagnation(
    timeline: &Timeline,
    spells: &[Spell],
    snapshot: &Snapshot,
    config: &StagnationConfig,
    keep: &[bool],
) -> Stagnation {
    let norms = Norms::learn(timeline, spells, config);
    let kept = snapshot.states.par_iter().zip(keep).filter(|(state, keep)| **keep && state.kind == StageKind::Open);
    let rows = kept.map(|(state, _)| judge(state, norms.of(state))).collect();
    Stagnation { as_of: snapshot.as_of, rows, norms }
}

fn judge(state: &DealState, norm: &Norm) -> StagnationRow {
    let since = if state.stage_tracked { state.stage_since } else { state.created };
    let days = (since.0 != NO_DAY).then(|| state.day.0.saturating_sub(since.0).max(0));
    let within = |cause| norm.curves.within(cause, days?, HORIZON_DAYS);
    let beyond =
        |limit: Option<u32>| limit.is_some_and(|limit| days.is_some_and(|days| i64::from(days) > i64::from(limit)));
    let stalled_on = |limit: u32| since.plus(i32::try_from(limit).unwrap_or(i32::MAX).saturating_add(1));
    let stalled = beyond(norm.stalled_after);
    StagnationRow {
        deal: state.deal,
        owner: state.owner,
        stage: state.stage,
        stage_tracked: state.stage_tracked,
        days_in_stage: days,
        percentile: days.and_then(|days| norm.curves.rank(Cause::Advance, days)).map(|rank| rank * 100.0),
        advance_30d: within(Cause::Advance),
        lost_30d: within(Cause::Lost),
        norm_days: norm.median,
        stalled_since: norm.stalled_after.filter(|_| stalled).map(stalled_on),
        status: match (stalled, beyond(norm.slow_after)) {
            (true, _) => StagnationStatus::Stalled,
            (false, true) => StagnationStatus::Slow,
            (false, false) => StagnationStatus::OnPace,
        },
        amount_minor: state.amount_minor,
        currency: state.currency,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analytics::deal_values::DealValues;
    use crate::analytics::segment::Segment;
    use crate::analytics::stagnation_summary::{StagnationSummary, StatusTally, Tally};
    use crate::config::Config;
    use crate::domain::day::MICROS_PER_DAY;
    use crate::ingest::tables::{DealRow, Tables};

    const AS_OF: Day = Day(20_000);

    /// Deals without stage history: 20 won after 1, 2, … 20 days; three open for 5, 19 and 400 days, 7.00 each.
    fn world() -> (Tables, Timeline, Snapshot) {
        let deal = |id: String, days: i32, closed: bool| DealRow {
            deal_id: id,
            stage: if closed { "Won" } else { "Talks" }.to_owned(),
            status: Some(if closed { StageKind::Won } else { StageKind::Open }),
            created_at: i64::from(AS_OF.0 - if closed { 50 } else { days }) * MICROS_PER_DAY,
            closed_at: closed.then(|| i64::from(AS_OF.0 - 50 + days) * MICROS_PER_DAY),
            amount_minor: Some(700),
            owner: Some(format!("o{}", days % 2)),
            ..DealRow::default()
        };
        let won = (1..=20).map(|days| deal(format!("w{days:02}"), days, true));
        let open = [5, 19, 400].map(|days| deal(format!("a{days:03}"), days, false));
        let tables = Tables::from_deals(&open.into_iter().chain(won).collect::<Vec<_>>()).expect("a frame");
        let timeline = Timeline::build(&tables, &Config::default(), AS_OF).expect("a timeline");
        let snapshot = Snapshot::of(&timeline);
        (tables, timeline, snapshot)
    }

    fn run(config: &StagnationConfig) -> (Tables, Timeline, Snapshot, Stagnation) {
        let (tables, timeline, snapshot) = world();
        let keep = vec![true; timeline.deals.len()];
        let result = stagnation(&timeline, &timeline.spells(), &snapshot, config, &keep);
        (tables, timeline, snapshot, result)
    }

    #[test]
    fn without_history_age_is_held_against_the_time_to_win() {
        let (.., result) = run(&StagnationConfig::default());
        // Aalen-Johansen by hand: the three open deals weigh the late wins a little more, but no quantile moves a day
        // beyond 11 (half), 16 (three quarters) and 20 (95 %).
        let norm = &result.norms.lives[0];
        assert_eq!((norm.median, norm.slow_after, norm.stalled_after), (Some(11), Some(16), Some(20)));
        let row = |i: usize| &result.rows[i];
        let days: Vec<_> = result.rows.iter().map(|row| row.days_in_stage).collect();
        assert_eq!(days, [Some(5), Some(19), Some(400)]);
        let status: Vec<_> = result.rows.iter().map(|row| row.status.name()).collect();
        assert_eq!(status, ["on pace", "slow", "stalled"]);
        assert_eq!(row(1).stalled_since, None);
        assert_eq!(row(2).stalled_since, Some(AS_OF.plus(-400 + 21)));
        assert_eq!((row(2).percentile, row(2).advance_30d, row(2).lost_30d), (Some(100.0), Some(0.0), Some(0.0)));
        assert!(row(0).percentile < row(1).percentile);
        assert!(!row(0).stage_tracked);
    }

    #[test]
    fn configured_thresholds_win() {
        let mut config = StagnationConfig::default();
        config.stalled_after_days.insert("Talks".to_owned(), 4);
        let (.., result) = run(&config);
        assert!(result.rows.iter().all(|row| row.status == StagnationStatus::Stalled));
        assert_eq!(result.rows[0].stalled_since, Some(AS_OF));
    }

    #[test]
    fn the_summary_adds_up_deals_and_money() {
        let (tables, timeline, snapshot, result) = run(&StagnationConfig::default());
        let keep = vec![true; timeline.deals.len()];
        let values = DealValues::of(&tables, &Config::default().money, &snapshot, &keep);
        let segment = |column| Segment::by(column, &tables, &timeline, &snapshot).expect("a column");
        let summary = StagnationSummary::of(&result, &timeline, &values, &segment("owner"), &segment("team"));
        assert_eq!((summary.older_than_any_closed, summary.longest_closing_days), (1, Some(20)));
        assert_eq!((summary.without_history, summary.total.deals()), (3, 3));
        assert_eq!(summary.total.of(StagnationStatus::Stalled), Tally { deals: 1, value_minor: 700 });
        let names =
            |groups: &[StatusTally]| groups.iter().map(|group| (group.name.clone(), group.deals())).collect::<Vec<_>>();
        assert_eq!(names(&summary.by_owner), [("o0".to_owned(), 1), ("o1".to_owned(), 2)]);
        assert_eq!(names(&summary.by_stage), [("Talks".to_owned(), 3)]);
        assert_eq!(names(&summary.by_team), [("(no team)".to_owned(), 3)]);
    }

    #[test]
    fn nothing_closed_means_nothing_to_compare_with() {
        let row = DealRow { deal_id: "d".to_owned(), stage: "Talks".to_owned(), ..DealRow::default() };
        let tables = Tables::from_deals(&[row]).expect("a frame");
        let timeline = Timeline::build(&tables, &Config::default(), AS_OF).expect("a timeline");
        let result =
            stagnation(&timeline, &timeline.spells(), &Snapshot::of(&timeline), &StagnationConfig::default(), &[true]);
        let row = &result.rows[0];
        assert_eq!(
            (row.status, row.percentile, row.advance_30d, row.norm_days),
            (StagnationStatus::OnPace, None, None, None)
        );
        assert_eq!(result.norms.longest_closing_days, None);
    }
}
