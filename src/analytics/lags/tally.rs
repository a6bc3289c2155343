//! Deals to tallies: what each adds to the running period and to the past ones, by place of its owner and by segment.
//!
//! The one walk over the present deals. Places, amounts and chances are the forecast's, so that its sums come out again.

use super::LagsInput;
use super::factors::Counts;
use super::history::in_play;
use crate::analytics::forecast::{expected_value, win_by};
use crate::analytics::segment::Segment;
use crate::analytics::structure::{Place, Structure};
use crate::domain::code::NO_DAY;
use crate::domain::day::Day;
use crate::domain::period::Period;
use crate::domain::stage::StageKind;
use crate::scoring::Scores;
use crate::snapshot::DealState;

/// Days the rate of creation is measured over.
const RATE_DAYS: i32 = 182;

/// What deals add to one node and period. Chances are counted as parts of a deal.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    /// Deals in play so far; not pushed out or decided all the same; decided; won.
    deals: f64,
    kept: f64,
    decided: f64,
    pub wins: f64,
    /// Amounts of these wins, and their squares.
    value: f64,
    squares: f64,
    /// Won in the period.
    pub won: i64,
    /// Expected from open deals.
    pub from_open: i64,
    /// Deals created in the last [`RATE_DAYS`].
    created: u32,
    /// Share of the deals not yet created.
    pub new_share: f64,
    /// Deals won in the past periods, and what they brought.
    pub past_wins: u32,
    pub past_won: i64,
}

/// Deals of a node that do not exist yet.
#[derive(Clone, Copy, Debug)]
pub(super) struct ToCome {
    /// Days of the period that are left.
    pub days: i32,
    /// Days the rate of creation was measured over.
    pub rate_days: i32,
    /// Expected to be won in the period.
    pub wins: f64,
    /// Expected to be decided for each of them.
    pub decided_per_win: f64,
}

impl Tally {
    pub fn add(&mut self, more: &Self) {
        self.deals += more.deals;
        self.kept += more.kept;
        self.decided += more.decided;
        self.wins += more.wins;
        self.value += more.value;
        self.squares += more.squares;
        self.won += more.won;
        self.from_open += more.from_open;
        self.created += more.created;
        self.new_share += more.new_share;
        self.past_wins += more.past_wins;
        self.past_won += more.past_won;
    }

    /// What the period is expected to end with: `expected` minor units of money, `new` deals included.
    pub fn counts(&self, new: ToCome, expected: i64, slips: bool) -> Counts {
        let decided = new.wins * new.decided_per_win;
        let at_rate = f64::from(self.created) / f64::from(new.rate_days.max(1)) * f64::from(new.days);
        let created = at_rate.max(decided);
        let mean = self.value / self.wins;
        Counts {
            deals: self.deals + created,
            kept: if slips { self.kept } else { self.deals } + created,
            decided: self.decided + decided,
            won: self.wins + new.wins,
            value: expected as f64,
            variance: (self.wins > 1.0).then(|| (self.squares / self.wins - mean * mean).max(0.0)),
        }
    }

    /// Whether there is anything to speak of.
    pub fn is_empty(&self) -> bool {
        self.deals == 0.0 && self.new_share == 0.0
    }
}

/// Tallies by length of period.
pub(super) struct Tallies<'a> {
    structure: Structure<'a>,
    /// Per length and number of the place.
    of_places: Vec<Vec<Tally>>,
    /// Per length, segment and value.
    pub of_segments: Vec<Vec<Vec<Tally>>>,
    /// Days the rate of creation was measured over.
    pub rate_days: i32,
}

/// One length of period.
struct Span<'p> {
    running: &'p Period,
    /// Position in the scores' periods.
    position: Option<usize>,
    /// First and last day of the past periods; none where there are none.
    past: Option<(Day, Day)>,
}

impl<'a> Tallies<'a> {
    pub fn of(input: &LagsInput<'a>, scores: &Scores) -> Self {
        let as_of = input.snapshot.as_of;
        let values = |segment: &Segment| vec![Tally::default(); segment.values.len()];
        let of_kind = || input.history.segments.iter().map(values).collect();
        let kinds = &input.history.kinds;
        let first = input.snapshot.states.iter().map(|state| state.created).min().unwrap_or(as_of);
        let mut tallies = Self {
            structure: Structure::new(&input.tables.users, &input.tables.owners, as_of),
            of_places: vec![Vec::new(); kinds.len()],
            of_segments: kinds.iter().map(|_| of_kind()).collect(),
            rate_days: RATE_DAYS.min(as_of.0 - first.0),
        };
        tallies.walk(input, scores);
        tallies.add_new(input);
        tallies
    }

    /// Adds what each kept deal brings.
    fn walk(&mut self, input: &LagsInput<'a>, scores: &Scores) {
        let last_known = input.snapshot.as_of.plus(-1);
        let spans: Vec<Span<'_>> = (input.history.kinds.iter())
            .map(|kind| Span {
                running: &kind.running,
                position: scores.periods.iter().position(|period| *period == kind.running),
                past: kind.past.last().zip(kind.past.first()).map(|(oldest, newest)| (oldest.first, newest.last)),
            })
            .collect();
        let mut rows = scores.rows.iter().enumerate().peekable();
        for (i, state) in input.snapshot.states.iter().enumerate() {
            let row = rows.next_if(|(_, score)| score.deal as usize == i).map(|(row, _)| row);
            let is_open = state.kind == StageKind::Open;
            if !input.filter.admits_currency(state.currency, input.tables) || (!is_open && state.closed == NO_DAY) {
                continue;
            }
            let day = if is_open { last_known } else { Day(state.closed) };
            let Some(place) = self.place(input, state.owner, day) else { continue };
            for (k, span) in spans.iter().enumerate() {
                let pushed = input.history.pushed[i] >> k & 1 == 1;
                let deal = Deal { state, row, value: input.values.get(i).unwrap_or(0), pushed };
                let tally = deal.tally(input, scores, span);
                self.of_places[k][place].add(&tally);
                for (values, segment) in self.of_segments[k].iter_mut().zip(&input.history.segments) {
                    values[segment.of_deal[i] as usize].add(&tally);
                }
            }
        }
    }

    /// Adds the shares of the deals not yet created: those of the outlook where the owners stand, by past wins in segments.
    fn add_new(&mut self, input: &LagsInput<'a>) {
        let last_known = input.snapshot.as_of.plus(-1);
        let mut whole = 0.0;
        for part in &input.outlook.new.parts {
            let Some(place) = self.place(input, part.owner, last_known) else { continue };
            whole += part.share;
            self.of_places.iter_mut().for_each(|tallies| tallies[place].new_share += part.share);
        }
        for values in self.of_segments.iter_mut().flatten() {
            let wins: u32 = values.iter().map(|tally| tally.past_wins).sum();
            for tally in values.iter_mut().filter(|_| wins > 0) {
                tally.new_share = whole * f64::from(tally.past_wins) / f64::from(wins);
            }
        }
    }

    /// Number of the place of an owner on `day`; `None` where the filter leaves it out.
    fn place(&mut self, input: &LagsInput<'a>, owner: u32, day: Day) -> Option<usize> {
        let place = self.structure.place(owner, day) as usize;
        let places = self.structure.places();
        self.of_places.iter_mut().for_each(|tallies| tallies.resize(places.len(), Tally::default()));
        input.filter.admits_place(&places[place]).then_some(place)
    }

    /// Every place, with its tallies by length of period.
    pub fn places(&self) -> impl Iterator<Item = (&Place<'a>, Vec<&Tally>)> {
        let of_place = |i: usize| self.of_places.iter().filter_map(|tallies| tallies.get(i)).collect();
        self.structure.places().iter().enumerate().map(move |(i, place)| (place, of_place(i)))
    }
}

/// One deal.
struct Deal<'s> {
    state: &'s DealState,
    /// Position in the scores' rows, while open.
    row: Option<usize>,
    value: i64,
    pushed: bool,
}

impl Deal<'_> {
    fn tally(&self, input: &LagsInput<'_>, scores: &Scores, span: &Span<'_>) -> Tally {
        let Self { state, value, .. } = *self;
        let created = u32::from(state.created.0 >= input.snapshot.as_of.0 - RATE_DAYS);
        let mut tally = Tally { created, ..Tally::default() };
        if in_play(state, span.running) {
            let (decided, won) = self.chances(input, scores, span);
            tally.deals = 1.0;
            tally.kept = if self.pushed { decided } else { 1.0 };
            (tally.decided, tally.wins) = (decided, won);
            let size = if state.kind == StageKind::Open {
                let change = input.outlook.mean_change();
                tally.from_open = expected_value(value, won, change);
                value as f64 * change
            } else {
                tally.won = if state.kind == StageKind::Won { value } else { 0 };
                value as f64
            };
            (tally.value, tally.squares) = (won * size, won * size * size);
        }
        let past = |(first, last): (Day, Day)| first.0 <= state.closed && state.closed <= last.0;
        if state.kind == StageKind::Won && span.past.is_some_and(past) {
            (tally.past_wins, tally.past_won) = (1, value);
        }
        tally
    }

    /// Chances to be decided and to be won by the period's end. The pace of past periods moves wins; what remains is lost or
    /// stays open in the proportion the model says.
    fn chances(&self, input: &LagsInput<'_>, scores: &Scores, span: &Span<'_>) -> (f64, f64) {
        match self.state.kind {
            StageKind::Won => (1.0, 1.0),
            StageKind::Lost => (1.0, 0.0),
            StageKind::Open => {
                let Some((row, position)) = self.row.zip(span.position) else { return (0.0, 0.0) };
                let Some(outcome) = scores.rows[row].by_period.get(position) else { return (0.0, 0.0) };
                let won = win_by(scores, row, position, Some(input.outlook)).clamp(0.0, 1.0);
                let not_won = 1.0 - outcome.win;
                let lost = if not_won > 0.0 { outcome.lose / not_won * (1.0 - won) } else { 0.0 };
                (won + lost.clamp(0.0, 1.0 - won), won)
            }
        }
    }
}
