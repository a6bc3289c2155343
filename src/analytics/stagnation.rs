//! Which open deals have stayed too long where they are?
//!
//! [`Timeline`], its [`Spell`]s and the [`Snapshot`] in, [`Stagnation`] out: every open deal's dwell against the stays
//! that went on to advance from the same stage. All deals teach the norms, whichever ones are asked for. A deal whose
//! stage has no history is judged by its age against the time it takes to win a deal. What it predicts is the stage's
//! average, not this deal's own chance: that is the model's business.

use rayon::prelude::*;

use super::segment::Segment;
use super::stagnation_norms::{Norm, Norms};
use super::survival::Cause;
use crate::config::StagnationConfig;
use crate::domain::code::NO_DAY;
use crate::domain::day::Day;
use crate::domain::stage::{StageId, StageKind};
use crate::snapshot::{DealState, Snapshot, replay};
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

/// What became of a deal's status since the last look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Change {
    /// It was not open then.
    New,
    /// It is stalled and was not.
    NewlyStalled,
    /// It is slow and was on pace.
    NewlySlow,
    /// It was stalled and is not: it moved.
    NoLongerStalled,
    /// None of these.
    Unchanged,
}

impl Change {
    /// As printed.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::NewlyStalled => "newly stalled",
            Self::NewlySlow => "newly slow",
            Self::NoLongerStalled => "no longer stalled",
            Self::Unchanged => "unchanged",
        }
    }

    fn between(then: Option<StagnationStatus>, now: StagnationStatus) -> Self {
        use StagnationStatus::{OnPace, Slow, Stalled};
        match (then, now) {
            (None, _) => Self::New,
            (Some(OnPace | Slow), Stalled) => Self::NewlyStalled,
            (Some(Stalled), OnPace | Slow) => Self::NoLongerStalled,
            (Some(OnPace), Slow) => Self::NewlySlow,
            (Some(_), _) => Self::Unchanged,
        }
    }
}

/// A deal that was stalled at the last look and has closed since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closed {
    /// Index in [`Timeline::deals`].
    pub deal: u32,
    /// The stage it was stalled in.
    pub stage: StageId,
    /// Won or lost.
    pub kind: StageKind,
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
    /// The next day on which there is something to see: it would become slow or stalled, or half of the deals like it
    /// would have left the stage. The as-of day for a stalled deal.
    pub next_look: Option<Day>,
    /// Status at the last look by today's norms; `None` where it was not open then, or there was no look.
    pub previous: Option<StagnationStatus>,
    /// What became of it since; `None` where there was no look.
    pub change: Option<Change>,
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
    /// The day of the last look.
    pub previous: Option<Day>,
    /// Deals that were stalled then and have closed since, in the order of the timeline's deals.
    pub closed: Vec<Closed>,
    /// What was learned.
    pub norms: Norms,
}

/// What stagnation is judged from.
#[derive(Clone, Copy, Debug)]
pub struct StagnationInput<'a> {
    /// The deals.
    pub timeline: &'a Timeline,
    /// Their stays, as [`Timeline::spells`] gives them.
    pub spells: &'a [Spell],
    /// The deals as of the timeline's day.
    pub snapshot: &'a Snapshot,
    /// Fixed thresholds.
    pub config: &'a StagnationConfig,
    /// Columns that may tell stays apart.
    pub candidates: &'a [Segment],
    /// One flag per deal of the timeline: whether it is asked for.
    pub keep: &'a [bool],
    /// The day of the last look, before the timeline's.
    pub previous: Option<Day>,
}

/// Judges the open deals asked for.
#[must_use]
pub fn stagnation(input: &StagnationInput<'_>) -> Stagnation {
    let StagnationInput { timeline, snapshot, previous, .. } = *input;
    let norms = Norms::learn(timeline, input.spells, input.config, input.candidates);
    let judged = |state: &DealState| -> (Option<StagnationRow>, Option<Closed>) {
        let then =
            previous.and_then(|day| state_on(timeline, state.deal, day)).map(|then| (judge(&then, &norms), then));
        let was = then.as_ref().map(|(row, _)| row.status);
        if state.kind == StageKind::Open {
            let now = judge(state, &norms);
            let change = previous.map(|_| Change::between(was, now.status));
            return (Some(StagnationRow { previous: was, change, ..now }), None);
        }
        let stalled = then.filter(|(row, _)| row.status == StagnationStatus::Stalled);
        (None, stalled.map(|(row, _)| Closed { deal: state.deal, stage: row.stage, kind: state.kind }))
    };
    let kept = snapshot.states.par_iter().zip(input.keep).filter(|(_, keep)| **keep);
    let judged: Vec<_> = kept.map(|(state, _)| judged(state)).collect();
    let (rows, closed): (Vec<_>, Vec<_>) = judged.into_iter().unzip();
    Stagnation {
        as_of: snapshot.as_of,
        rows: rows.into_iter().flatten().collect(),
        previous,
        closed: closed.into_iter().flatten().collect(),
        norms,
    }
}

/// The deal as it was open on the morning of `day`.
fn state_on(timeline: &Timeline, deal: u32, day: Day) -> Option<DealState> {
    let mut open = None;
    replay(timeline, deal as usize, &[day], &mut |state| {
        open = Some(state).filter(|state| state.kind == StageKind::Open)
    });
    open
}

fn judge(state: &DealState, norms: &Norms) -> StagnationRow {
    let norm = norms.of(state);
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
        next_look: if stalled {
            Some(state.day)
        } else {
            days.and_then(|days| next_look(norm, days)).map(|days| state.day.plus(days))
        },
        previous: None,
        change: None,
        amount_minor: state.amount_minor,
        currency: state.currency,
    }
}

/// In how many days there is something to see of a deal that has been in the stage for `days`.
fn next_look(norm: &Norm, days: i32) -> Option<i32> {
    let crossing = |limit: Option<u32>| Some(i64::from(limit?) + 1 - i64::from(days)).filter(|&wait| wait > 0);
    let half_gone = norm.curves.remaining(days, 0.5).map(i64::from);
    let waits = [crossing(norm.slow_after), crossing(norm.stalled_after), half_gone];
    waits.into_iter().flatten().min().and_then(|wait| i32::try_from(wait).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analytics::deal_values::DealValues;
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
        let spells = timeline.spells();
        let result = stagnation(&StagnationInput {
            timeline: &timeline,
            spells: &spells,
            snapshot: &snapshot,
            config,
            candidates: &[],
            keep: &keep,
            previous: Some(AS_OF.plus(-7)),
        });
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
        let summary = StagnationSummary::of(&result, &timeline, &values, &[segment("owner"), segment("team")]);
        assert_eq!((summary.older_than_any_closed, summary.longest_closing_days), (1, Some(20)));
        assert_eq!((summary.without_history, summary.total.deals()), (3, 3));
        assert_eq!(summary.total.of(StagnationStatus::Stalled), Tally { deals: 1, value_minor: 700 });
        let names =
            |groups: &[StatusTally]| groups.iter().map(|group| (group.name.clone(), group.deals())).collect::<Vec<_>>();
        assert_eq!(names(summary.by("owner")), [("o0".to_owned(), 1), ("o1".to_owned(), 2)]);
        assert_eq!(names(summary.by("stage")), [("Talks".to_owned(), 3)]);
        assert_eq!(names(summary.by("team")), [("(no team)".to_owned(), 3)]);
    }

    #[test]
    fn nothing_closed_means_nothing_to_compare_with() {
        let row = DealRow { deal_id: "d".to_owned(), stage: "Talks".to_owned(), ..DealRow::default() };
        let tables = Tables::from_deals(&[row]).expect("a frame");
        let timeline = Timeline::build(&tables, &Config::default(), AS_OF).expect("a timeline");
        let result = stagnation(&StagnationInput {
            timeline: &timeline,
            spells: &timeline.spells(),
            snapshot: &Snapshot::of(&timeline),
            config: &StagnationConfig::default(),
            candidates: &[],
            keep: &[true],
            previous: None,
        });
        let row = &result.rows[0];
        assert_eq!(
            (row.status, row.percentile, row.advance_30d, row.norm_days),
            (StagnationStatus::OnPace, None, None, None)
        );
        assert_eq!(result.norms.longest_closing_days, None);
    }
}
