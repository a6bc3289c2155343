//! Deals to counts: what each adds to the running period and to the past ones, by position of its owner and by column.
//!
//! The one walk over the present deals. Positions, amounts and chances are the forecast's, so that its sums come out again.

use rayon::prelude::*;

use crate::analyses::forecast::{Chances, expected_value};
use crate::analyses::gaps::benchmarks::StepCounts;
use crate::analyses::gaps::history::{ReferencePeriods, in_play, is_closed_by};
use crate::analyses::gaps::input::GapsInput;
use crate::analyses::gaps::money::GapMoney;
use crate::books::hierarchy::{Hierarchy, Position};
use crate::books::segment::Segment;
use crate::domain::day::Day;
use crate::domain::ids::OwnerId;
use crate::domain::maybe::Maybe;
use crate::domain::stage::StageKind;
use crate::scoring::Scores;
use crate::snapshot::DealState;

/// What deals add to one node and length of period.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct NodeCounts {
    /// In the running period; chances count as parts of a deal.
    now: StepSums,
    /// In the past periods.
    past: StepSums,
    /// In what remained of the past periods, of deals created in it.
    late: StepSums,
    /// Won in the running period, minor units.
    pub won: i64,
    /// Expected from open deals, minor units.
    pub from_open: i64,
    /// Won in the past periods, minor units.
    pub past_won: i64,
    /// Share of the deals not yet created.
    pub new_share: f64,
}

/// Deals counted step by step. Whole numbers below 2^53, or chances added up in the order of the deals: no sum depends on
/// the number of threads.
#[derive(Clone, Copy, Debug, Default)]
struct StepSums {
    deals: f64,
    kept: f64,
    closed: f64,
    won: f64,
    value: f64,
    squares: f64,
}

impl StepSums {
    /// One deal, kept, closed and won with these chances, that brings `value` if it is won.
    fn of_deal(kept: f64, closed: f64, won: f64, value: f64) -> Self {
        Self { deals: 1.0, kept, closed, won, value: won * value, squares: won * value * value }
    }

    fn add(&mut self, more: &Self) {
        self.deals += more.deals;
        self.kept += more.kept;
        self.closed += more.closed;
        self.won += more.won;
        self.value += more.value;
        self.squares += more.squares;
    }

    fn counts(&self) -> StepCounts {
        let Self { deals, kept, closed, won, value, squares } = *self;
        let mean = value / won;
        let variance = (won > 1.0).then(|| (squares / won - mean * mean).max(0.0));
        StepCounts { deals, kept, closed, won, value, variance }
    }
}

impl NodeCounts {
    pub fn add(&mut self, more: &Self) {
        self.now.add(&more.now);
        self.past.add(&more.past);
        self.late.add(&more.late);
        self.won += more.won;
        self.from_open += more.from_open;
        self.past_won += more.past_won;
        self.new_share += more.new_share;
    }

    /// The deals of the past periods.
    pub fn past(&self) -> StepCounts {
        self.past.counts()
    }

    /// What the period is expected to end with: `expected` minor units of money from the deals there are and from new ones
    /// that bring `new_wins` wins. Of these as many are counted, and as many closed, as went with a win in the past
    /// periods of `all` deals: nothing else is known of them.
    pub fn expected(&self, all: &Self, new_wins: f64, expected: i64) -> StepCounts {
        let late = if all.late.won > 0.0 { all.late } else { all.past };
        let per_win = |deals: f64| if late.won > 0.0 { new_wins * deals / late.won } else { new_wins };
        let now = self.now.counts();
        StepCounts {
            deals: now.deals + per_win(late.deals),
            kept: now.kept + per_win(late.deals),
            closed: now.closed + per_win(late.closed),
            won: now.won + new_wins,
            value: expected as f64,
            variance: now.variance,
        }
    }

    /// What the values of a column may share the money of new deals by: the first that is more than nothing for any.
    pub fn weights(&self) -> [i64; 3] {
        [self.past_won, self.now.deals as i64, self.past.won as i64]
    }

    /// Whether there is nothing to speak of.
    pub fn is_empty(&self) -> bool {
        self.now.deals == 0.0 && self.past.won == 0.0 && self.new_share == 0.0
    }
}

/// All counts, and the positions they are of.
pub(super) struct AllCounts<'a> {
    hierarchy: Hierarchy<'a>,
    pub of_kinds: Vec<KindCounts>,
}

/// The counts of one length of period.
pub(super) struct KindCounts {
    /// All deals, whatever the filter says of their owners.
    pub all: NodeCounts,
    /// By number of the position.
    of_positions: Vec<NodeCounts>,
    /// By column and value.
    pub of_segments: Vec<Vec<NodeCounts>>,
}

/// Where a deal counts.
#[derive(Clone, Copy)]
enum CountedAt {
    /// Nowhere: another money, or closed on an unknown day.
    Nowhere,
    /// Among all deals only: the filter leaves its owner out.
    All,
    /// At this position too.
    Position(u32),
}

impl<'a> AllCounts<'a> {
    /// Of the deals that count in `money`.
    pub fn of(input: &GapsInput<'a>, scores: &Scores, money: &GapMoney) -> Self {
        let last_known = input.snapshot.as_of.plus(-1);
        let mut hierarchy = Hierarchy::new(&input.tables.users, &input.tables.owners, input.snapshot.as_of);
        let mut position = |owner: Maybe<OwnerId>, day: Day| {
            let position = hierarchy.position(owner, day);
            input.filter.admits_position(&hierarchy.positions()[position as usize]).then_some(position)
        };
        let counted_at = |state: &DealState| {
            let day = if state.kind == StageKind::Open { Some(last_known) } else { state.closed.get() };
            let admits = input.filter.admits_currency(state.currency, input.tables) && money.counts(input, state);
            match day.filter(|_| admits) {
                Some(day) => position(state.owner, day).map_or(CountedAt::All, CountedAt::Position),
                None => CountedAt::Nowhere,
            }
        };
        let counted_at: Vec<CountedAt> = input.snapshot.states.iter().map(counted_at).collect();
        let new = money.new_parts(input).iter();
        let new: Vec<(u32, f64)> =
            new.filter_map(|part| Some((position(part.owner, last_known)?, part.share))).collect();
        let positions = hierarchy.positions().len();
        let walk = Walk { input, scores, money, counted_at: &counted_at };
        let of_kind = |kind| KindCounts::of(&walk, kind, positions, &new);
        let of_kinds = (0..input.history.kinds.len()).into_par_iter().map(of_kind).collect();
        Self { hierarchy, of_kinds }
    }

    /// Every position, with its counts by length of period.
    pub fn positions(&self) -> impl Iterator<Item = (&Position<'a>, Vec<&NodeCounts>)> {
        let of_position = |i: usize| self.of_kinds.iter().map(|counts| &counts.of_positions[i]).collect();
        self.hierarchy.positions().iter().enumerate().map(move |(i, position)| (position, of_position(i)))
    }
}

/// What the walk over the deals goes by.
struct Walk<'w, 'a> {
    input: &'w GapsInput<'a>,
    scores: &'w Scores,
    money: &'w GapMoney,
    /// By deal.
    counted_at: &'w [CountedAt],
}

impl KindCounts {
    fn of(walk: &Walk<'_, '_>, kind: usize, positions: usize, new: &[(u32, f64)]) -> Self {
        let of_values = |segment: &Segment| vec![NodeCounts::default(); segment.values.len()];
        let mut counts = Self {
            all: NodeCounts::default(),
            of_positions: vec![NodeCounts::default(); positions],
            of_segments: walk.input.history.segments.iter().map(of_values).collect(),
        };
        counts.add_deals(walk, kind);
        for of_position in &counts.of_positions {
            counts.all.add(of_position);
        }
        counts.add_new(new);
        counts
    }

    /// Adds every deal where it counts; among all where it counts at no position.
    fn add_deals(&mut self, walk: &Walk<'_, '_>, kind: usize) {
        let Walk { input, scores, money, counted_at } = *walk;
        let periods = &input.history.kinds[kind];
        let oldest = periods.past.last().map_or(periods.running, |reference| reference.period).first;
        let period_index = scores.periods.iter().position(|period| *period == periods.running);
        let mut rows = scores.rows.iter().enumerate().peekable();
        for (i, (state, counted_at)) in input.snapshot.states.iter().zip(counted_at).enumerate() {
            let row = rows.next_if(|(_, score)| score.deal == state.deal).map(|(row, _)| row);
            let long_over = state.kind != StageKind::Open && state.closed.get().is_none_or(|closed| closed < oldest);
            if long_over || matches!(counted_at, CountedAt::Nowhere) {
                continue;
            }
            let chances =
                row.zip(period_index).map(|(row, period_index)| CloseChances::of(input, scores, row, period_index));
            let deal = CountedDeal { state, value: money.value(input, state) };
            let counts = deal.counts(input, kind, periods, chances.unwrap_or_default());
            let CountedAt::Position(position) = counted_at else {
                self.all.add(&counts);
                continue;
            };
            self.of_positions[*position as usize].add(&counts);
            for (values, segment) in self.of_segments.iter_mut().zip(&input.history.segments) {
                values[segment.of_deal[i] as usize].add(&counts);
            }
        }
    }

    /// Adds the shares of the deals not yet created: `new` by position; by past wins in columns, where there were none by the
    /// deals there are.
    fn add_new(&mut self, new: &[(u32, f64)]) {
        new.iter().for_each(|&(position, share)| self.of_positions[position as usize].new_share += share);
        let whole: f64 = new.iter().map(|(_, share)| share).sum();
        for values in &mut self.of_segments {
            let sum = |of: fn(&NodeCounts) -> f64| values.iter().map(of).sum::<f64>();
            let weight: fn(&NodeCounts) -> f64 =
                if sum(|t| t.past.won) > 0.0 { |t| t.past.won } else { |t| t.now.deals };
            let all = sum(weight);
            values.iter_mut().filter(|_| all > 0.0).for_each(|counts| counts.new_share = whole * weight(counts) / all);
        }
    }
}

/// One deal.
struct CountedDeal<'s> {
    state: &'s DealState,
    value: i64,
}

impl CountedDeal<'_> {
    /// What the deal adds; while open it is closed and won with these `chances`.
    fn counts(
        &self,
        input: &GapsInput<'_>,
        kind: usize,
        periods: &ReferencePeriods,
        chances: CloseChances,
    ) -> NodeCounts {
        let Self { state, value } = *self;
        let mut counts = NodeCounts::default();
        if in_play(state, &periods.running) {
            let is_open = state.kind == StageKind::Open;
            let change = if is_open { input.outlook.mean_change() } else { 1.0 };
            let CloseChances { closed, won } =
                if is_open { chances } else { CloseChances { closed: 1.0, won: won_or_not(state) } };
            let kept = if input.history.is_pushed(state.deal, kind, 0) { closed } else { 1.0 };
            counts.now = StepSums::of_deal(kept, closed, won, value as f64 * change);
            counts.from_open = if is_open { expected_value(value, won, change) } else { 0 };
            counts.won = if state.kind == StageKind::Won { value } else { 0 };
        }
        for (reference, back) in periods.past.iter().zip(1..).filter(|(reference, _)| in_play(state, &reference.period))
        {
            let closed = is_closed_by(state, &reference.period);
            let won = if closed { won_or_not(state) } else { 0.0 };
            let kept = if input.history.is_pushed(state.deal, kind, back) { 0.0 } else { 1.0 };
            let sums = StepSums::of_deal(kept, f64::from(u8::from(closed)), won, value as f64);
            counts.past.add(&sums);
            if state.created >= reference.morning {
                counts.late.add(&sums);
            }
            counts.past_won += if won > 0.0 { value } else { 0 };
        }
        counts
    }
}

fn won_or_not(state: &DealState) -> f64 {
    f64::from(u8::from(state.kind == StageKind::Won))
}

/// Probabilities of a deal to be closed and to be won by the period's end, 0 to 1.
#[derive(Clone, Copy, Default)]
struct CloseChances {
    closed: f64,
    won: f64,
}

impl CloseChances {
    /// Those of a scored deal, by row of the scores and position of the period. The pace of past periods moves wins; what
    /// remains is lost or stays open in the proportion the model says.
    fn of(input: &GapsInput<'_>, scores: &Scores, row: usize, period_index: usize) -> Self {
        let Some(outcome) = scores.rows[row].by_period.get(period_index) else { return Self::default() };
        let won = Chances::new(scores, row as u32, Some(input.outlook)).win_by(period_index).clamp(0.0, 1.0);
        let not_won = 1.0 - outcome.win;
        let lost = if not_won > 0.0 { outcome.lose / not_won * (1.0 - won) } else { 0.0 };
        Self { closed: won + lost.clamp(0.0, 1.0 - won), won }
    }
}
