//! Deals to tallies: what each adds to the running period and to the past ones, by place of its owner and by column.
//!
//! The one walk over the present deals. Places, amounts and chances are the forecast's, so that its sums come out again.

use rayon::prelude::*;

use crate::analyses::forecast::{Chances, expected_value};
use crate::analyses::gaps::LagsInput;
use crate::analyses::gaps::factors::Counts;
use crate::analyses::gaps::history::{Looks, in_play, is_decided};
use crate::books::hierarchy::{Place, Structure};
use crate::books::segment::Segment;
use crate::domain::day::Day;
use crate::domain::ids::OwnerId;
use crate::domain::maybe::Maybe;
use crate::domain::stage::StageKind;
use crate::scoring::Scores;
use crate::snapshot::DealState;

/// What deals add to one node and length of period.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    /// In the running period; chances count as parts of a deal.
    now: Sums,
    /// In the past periods.
    past: Sums,
    /// In what remained of the past periods, of deals created in it.
    late: Sums,
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
struct Sums {
    deals: f64,
    kept: f64,
    decided: f64,
    won: f64,
    value: f64,
    squares: f64,
}

impl Sums {
    /// One deal, kept, decided and won with these chances, that brings `value` if it is won.
    fn of_deal(kept: f64, decided: f64, won: f64, value: f64) -> Self {
        Self { deals: 1.0, kept, decided, won, value: won * value, squares: won * value * value }
    }

    fn add(&mut self, more: &Self) {
        self.deals += more.deals;
        self.kept += more.kept;
        self.decided += more.decided;
        self.won += more.won;
        self.value += more.value;
        self.squares += more.squares;
    }

    fn counts(&self) -> Counts {
        let Self { deals, kept, decided, won, value, squares } = *self;
        let mean = value / won;
        let variance = (won > 1.0).then(|| (squares / won - mean * mean).max(0.0));
        Counts { deals, kept, decided, won, value, variance }
    }
}

impl Tally {
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
    pub fn past(&self) -> Counts {
        self.past.counts()
    }

    /// What the period is expected to end with: `expected` minor units of money from the deals there are and from new ones
    /// that bring `new_wins` wins. Of these as many are counted, and as many decided, as went with a win in the past
    /// periods of `all` deals: nothing else is known of them.
    pub fn counts(&self, all: &Self, new_wins: f64, expected: i64) -> Counts {
        let late = if all.late.won > 0.0 { all.late } else { all.past };
        let per_win = |deals: f64| if late.won > 0.0 { new_wins * deals / late.won } else { new_wins };
        let now = self.now.counts();
        Counts {
            deals: now.deals + per_win(late.deals),
            kept: now.kept + per_win(late.deals),
            decided: now.decided + per_win(late.decided),
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

/// All tallies, and the places they are of.
pub(super) struct Tallies<'a> {
    structure: Structure<'a>,
    pub of_kinds: Vec<KindTallies>,
}

/// The tallies of one length of period.
pub(super) struct KindTallies {
    /// All deals, whatever the filter says of their owners.
    pub all: Tally,
    /// By number of the place.
    of_places: Vec<Tally>,
    /// By column and value.
    pub of_segments: Vec<Vec<Tally>>,
}

/// Where a deal counts.
#[derive(Clone, Copy)]
enum Site {
    /// Nowhere: another currency, or closed on an unknown day.
    Nowhere,
    /// Among all deals only: the filter leaves its owner out.
    All,
    /// At this place too.
    Place(u32),
}

impl<'a> Tallies<'a> {
    pub fn of(input: &LagsInput<'a>, scores: &Scores) -> Self {
        let last_known = input.snapshot.as_of.plus(-1);
        let mut structure = Structure::new(&input.tables.users, &input.tables.owners, input.snapshot.as_of);
        let mut place = |owner: Maybe<OwnerId>, day: Day| {
            let place = structure.place(owner, day);
            input.filter.admits_place(&structure.places()[place as usize]).then_some(place)
        };
        let site = |state: &DealState| {
            let day = if state.kind == StageKind::Open { Some(last_known) } else { state.closed.get() };
            match day.filter(|_| input.filter.admits_currency(state.currency, input.tables)) {
                Some(day) => place(state.owner, day).map_or(Site::All, Site::Place),
                None => Site::Nowhere,
            }
        };
        let sites: Vec<Site> = input.snapshot.states.iter().map(site).collect();
        let new = input.outlook.new.parts.iter();
        let new: Vec<(u32, f64)> = new.filter_map(|part| Some((place(part.owner, last_known)?, part.share))).collect();
        let places = structure.places().len();
        let of_kind = |kind| KindTallies::of(input, scores, kind, places, &sites, &new);
        let of_kinds = (0..input.history.kinds.len()).into_par_iter().map(of_kind).collect();
        Self { structure, of_kinds }
    }

    /// Every place, with its tallies by length of period.
    pub fn places(&self) -> impl Iterator<Item = (&Place<'a>, Vec<&Tally>)> {
        let of_place = |i: usize| self.of_kinds.iter().map(|tallies| &tallies.of_places[i]).collect();
        self.structure.places().iter().enumerate().map(move |(i, place)| (place, of_place(i)))
    }
}

impl KindTallies {
    fn of(
        input: &LagsInput<'_>,
        scores: &Scores,
        kind: usize,
        places: usize,
        sites: &[Site],
        new: &[(u32, f64)],
    ) -> Self {
        let of_values = |segment: &Segment| vec![Tally::default(); segment.values.len()];
        let mut tallies = Self {
            all: Tally::default(),
            of_places: vec![Tally::default(); places],
            of_segments: input.history.segments.iter().map(of_values).collect(),
        };
        tallies.walk(input, scores, kind, sites);
        for tally in &tallies.of_places {
            tallies.all.add(tally);
        }
        tallies.add_new(new);
        tallies
    }

    /// Adds every deal where it counts; among all where it counts at no place.
    fn walk(&mut self, input: &LagsInput<'_>, scores: &Scores, kind: usize, sites: &[Site]) {
        let looks = &input.history.kinds[kind];
        let oldest = looks.past.last().map_or(looks.running, |look| look.period).first;
        let position = scores.periods.iter().position(|period| *period == looks.running);
        let mut rows = scores.rows.iter().enumerate().peekable();
        for (i, (state, site)) in input.snapshot.states.iter().zip(sites).enumerate() {
            let row = rows.next_if(|(_, score)| score.deal == state.deal).map(|(row, _)| row);
            let long_over = state.kind != StageKind::Open && state.closed.get().is_none_or(|closed| closed < oldest);
            if long_over || matches!(site, Site::Nowhere) {
                continue;
            }
            let chances = row.zip(position).map_or((0.0, 0.0), |at| chances(input, scores, at));
            let deal = Deal { state, value: input.values.get(state.deal).unwrap_or(0) };
            let tally = deal.tally(input, kind, looks, chances);
            let Site::Place(place) = site else {
                self.all.add(&tally);
                continue;
            };
            self.of_places[*place as usize].add(&tally);
            for (values, segment) in self.of_segments.iter_mut().zip(&input.history.segments) {
                values[segment.of_deal[i] as usize].add(&tally);
            }
        }
    }

    /// Adds the shares of the deals not yet created: `new` by place; by past wins in columns, where there were none by the
    /// deals there are.
    fn add_new(&mut self, new: &[(u32, f64)]) {
        new.iter().for_each(|&(place, share)| self.of_places[place as usize].new_share += share);
        let whole: f64 = new.iter().map(|(_, share)| share).sum();
        for values in &mut self.of_segments {
            let sum = |of: fn(&Tally) -> f64| values.iter().map(of).sum::<f64>();
            let weight: fn(&Tally) -> f64 = if sum(|t| t.past.won) > 0.0 { |t| t.past.won } else { |t| t.now.deals };
            let all = sum(weight);
            values.iter_mut().filter(|_| all > 0.0).for_each(|tally| tally.new_share = whole * weight(tally) / all);
        }
    }
}

/// One deal.
struct Deal<'s> {
    state: &'s DealState,
    value: i64,
}

impl Deal<'_> {
    /// What the deal adds; while open it is decided and won with these `chances`.
    fn tally(&self, input: &LagsInput<'_>, kind: usize, looks: &Looks, chances: (f64, f64)) -> Tally {
        let Self { state, value } = *self;
        let mut tally = Tally::default();
        if in_play(state, &looks.running) {
            let is_open = state.kind == StageKind::Open;
            let change = if is_open { input.outlook.mean_change() } else { 1.0 };
            let (decided, won) = if is_open { chances } else { (1.0, won_or_not(state)) };
            let kept = if input.history.is_pushed(state.deal, kind, 0) { decided } else { 1.0 };
            tally.now = Sums::of_deal(kept, decided, won, value as f64 * change);
            tally.from_open = if is_open { expected_value(value, won, change) } else { 0 };
            tally.won = if state.kind == StageKind::Won { value } else { 0 };
        }
        for (look, back) in looks.past.iter().zip(1..).filter(|(look, _)| in_play(state, &look.period)) {
            let decided = is_decided(state, &look.period);
            let won = if decided { won_or_not(state) } else { 0.0 };
            let kept = if input.history.is_pushed(state.deal, kind, back) { 0.0 } else { 1.0 };
            let sums = Sums::of_deal(kept, f64::from(u8::from(decided)), won, value as f64);
            tally.past.add(&sums);
            if state.created >= look.morning {
                tally.late.add(&sums);
            }
            tally.past_won += if won > 0.0 { value } else { 0 };
        }
        tally
    }
}

fn won_or_not(state: &DealState) -> f64 {
    f64::from(u8::from(state.kind == StageKind::Won))
}

/// Chances of a scored deal, by row and position of the period, to be decided and to be won by the period's end. The pace
/// of past periods moves wins; what remains is lost or stays open in the proportion the model says.
fn chances(input: &LagsInput<'_>, scores: &Scores, (row, position): (usize, usize)) -> (f64, f64) {
    let Some(outcome) = scores.rows[row].by_period.get(position) else { return (0.0, 0.0) };
    let won = Chances::new(scores, row as u32, Some(input.outlook)).win_by(position).clamp(0.0, 1.0);
    let not_won = 1.0 - outcome.win;
    let lost = if not_won > 0.0 { outcome.lose / not_won * (1.0 - won) } else { 0.0 };
    (won + lost.clamp(0.0, 1.0 - won), won)
}
