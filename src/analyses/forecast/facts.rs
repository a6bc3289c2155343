//! Deals to facts: each amount a deal adds to some column, with where, when and in which currency it counts.
//!
//! The only place that knows what a column means; grouping and adding up come later.

use std::collections::{BTreeMap, BTreeSet};

use hashbrown::HashMap;
use polars::prelude::{Column, DataFrame, Int64Chunked, IntoSeries, PolarsResult, UInt64Chunked};

use crate::analyses::forecast::conversion::TRAILING_DAYS;
use crate::analyses::forecast::{BaseRows, ForecastError, ForecastInput, ForecastQuality, MOST_MONEY, expected_value};
use crate::analyses::outlook::Outlook;
use crate::books::currency::{CurrencyConverter, CurrencyError};
use crate::books::hierarchy::Hierarchy;
use crate::domain::day::Day;
use crate::domain::ids::{CurrencyId, DealIx};
use crate::domain::period::{FiscalCalendar, Period, PeriodKind};
use crate::domain::stage::{ForecastCategory, StageKind};
use crate::scoring::Scores;
use crate::snapshot::DealState;

/// The column a fact counts in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Measure {
    Won,
    Lost,
    Pipeline,
    BestCase,
    Commit,
    Omitted,
    Weighted,
    Overdue,
    Expected,
    WithoutAmount,
    WonTrailing,
    LostTrailing,
    /// A quota set for the node itself.
    OwnQuota,
    /// The sum of the quotas below the node.
    SummedQuota,
    /// The sum of the quotas below the node, whatever was set for it.
    QuotaBelow,
    /// Nothing but the row itself.
    Presence,
}

/// How many measures there are.
pub(super) const MEASURES: usize = Measure::Presence as usize + 1;

/// The span of time a fact counts in, before it is spread over months, quarters and years.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Bucket {
    /// The month that begins on this day, and the longer periods around it.
    Month(Day),
    /// The running period of every kind.
    Running,
    /// The period at this position of the scores' periods, and no other.
    Scored(usize),
    /// The trailing year.
    Trailing,
}

/// How keys are packed: `position x rests + rest`, `rest = bucket x moneys + money`, `money = currency x MEASURES + measure`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Packing {
    /// One past the largest `money`.
    pub moneys: u64,
    /// One past the largest `rest`.
    pub rests: u64,
}

/// The facts of all deals as parallel columns, and what could not be placed.
#[derive(Debug)]
pub(super) struct Facts {
    position: Vec<u32>,
    /// Bucket, currency and measure in one number, see [`Packing`].
    rest: Vec<u64>,
    native: Vec<i64>,
    base: Vec<i64>,
    /// How many currencies there may be.
    all_currencies: u64,
    seen_currencies: BTreeSet<CurrencyId>,
    bucket_numbers: BTreeMap<Bucket, u32>,
    pub scored: Vec<ScoredPeriod>,
    pub open_deals: Vec<OpenDeal>,
    pub quality: ForecastQuality,
}

/// A period the scores speak of.
#[derive(Clone, Copy, Debug)]
pub(super) struct ScoredPeriod {
    pub period: Period,
    /// Position in the scores' periods.
    pub period_index: usize,
    /// Position of the period before, whose wins are not in this one; `None` for the running period.
    pub before: Option<usize>,
}

/// An open deal the filter admits.
#[derive(Clone, Copy, Debug)]
pub(super) struct OpenDeal {
    pub deal: DealIx,
    pub position: u32,
    /// Present amount, minor units; 0 where there is none.
    pub native: i64,
    /// The same in the base currency.
    pub base: i64,
    /// Position in the scores' rows.
    pub score: Option<u32>,
}

/// Where and in which currency the amounts of one deal count.
#[derive(Clone, Copy)]
struct Site {
    position: u32,
    currency: CurrencyId,
    native: i64,
    base: i64,
}

impl Facts {
    /// The facts of every deal the input admits.
    pub fn gather<'a>(
        input: &ForecastInput<'a>,
        hierarchy: &mut Hierarchy<'a>,
        into_base: Option<&CurrencyConverter>,
        base_rows: BaseRows,
    ) -> Result<Self, ForecastError> {
        let mut gathering = Gathering::new(input, hierarchy, into_base, base_rows);
        for state in &input.snapshot.states {
            let masked = input.mask.is_some_and(|mask| mask.get(state.deal.index()) == Some(&false));
            if masked || !input.filter.admits_currency(state.currency, input.tables) {
                continue;
            }
            match state.kind {
                StageKind::Open => gathering.open(state)?,
                StageKind::Won => gathering.closed(state, Measure::Won, Measure::WonTrailing)?,
                StageKind::Lost => gathering.closed(state, Measure::Lost, Measure::LostTrailing)?,
            }
        }
        let total = gathering.total_native.max(gathering.total_base);
        if total > MOST_MONEY {
            return Err(ForecastError::TooMuchMoney { total });
        }
        Ok(gathering.facts)
    }

    /// Each bucket that occurs, with its number.
    pub fn buckets(&self) -> impl Iterator<Item = (Bucket, u32)> {
        self.bucket_numbers.iter().map(|(bucket, number)| (*bucket, *number))
    }

    /// The period of a [`Bucket::Scored`].
    pub fn scored_period(&self, period_index: usize) -> Option<Period> {
        self.scored.iter().find(|scored| scored.period_index == period_index).map(|scored| scored.period)
    }

    /// The periods `expected_from_open` is known for, past ones apart.
    pub fn scored_periods(&self) -> Vec<Period> {
        self.scored.iter().map(|scored| scored.period).collect()
    }

    /// The currencies that occur.
    pub fn currencies(&self) -> impl Iterator<Item = CurrencyId> {
        self.seen_currencies.iter().copied()
    }

    /// How the keys of [`Facts::into_frame`] are packed.
    pub fn packing(&self) -> Packing {
        let moneys = self.all_currencies * MEASURES as u64;
        Packing { moneys, rests: moneys * self.bucket_numbers.len().max(1) as u64 }
    }

    /// Columns `key` (UInt64, packed), `native` and `base` (Int64).
    pub fn into_frame(self) -> PolarsResult<DataFrame> {
        let rests = self.packing().rests;
        let mut keys = self.rest;
        keys.iter_mut().zip(&self.position).for_each(|(rest, position)| *rest += u64::from(*position) * rests);
        drop(self.position);
        let money = |name: &str, values| Column::from(Int64Chunked::from_vec(name.into(), values).into_series());
        DataFrame::new_infer_height(vec![
            Column::from(UInt64Chunked::from_vec("key".into(), keys).into_series()),
            money("native", self.native),
            money("base", self.base),
        ])
    }

    fn push(&mut self, site: Site, measure: Measure, bucket: u32, native: i64, base: i64) {
        let money = site.currency.index() as u64 * MEASURES as u64 + measure as u64;
        self.position.push(site.position);
        self.rest.push(u64::from(bucket) * self.all_currencies * MEASURES as u64 + money);
        self.native.push(native);
        self.base.push(base);
    }

    fn number(&mut self, bucket: Bucket) -> u32 {
        let next = self.bucket_numbers.len() as u32;
        *self.bucket_numbers.entry(bucket).or_insert(next)
    }
}

/// The walk over the deals.
struct Gathering<'g, 'a> {
    input: &'g ForecastInput<'a>,
    hierarchy: &'g mut Hierarchy<'a>,
    into_base: Option<&'g CurrencyConverter>,
    calendar: FiscalCalendar,
    last_known: Day,
    month_of_day: HashMap<i32, u32>,
    /// Per position: whether the filter admits it.
    admitted: Vec<bool>,
    total_native: u128,
    total_base: u128,
    facts: Facts,
}

impl<'g, 'a> Gathering<'g, 'a> {
    fn new(
        input: &'g ForecastInput<'a>,
        hierarchy: &'g mut Hierarchy<'a>,
        into_base: Option<&'g CurrencyConverter>,
        base_rows: BaseRows,
    ) -> Self {
        let calendar = input.config.fiscal_calendar();
        let facts = Facts {
            position: Vec::new(),
            rest: Vec::new(),
            all_currencies: input.tables.currencies.len().max(1) as u64,
            seen_currencies: BTreeSet::new(),
            native: Vec::new(),
            base: Vec::new(),
            bucket_numbers: BTreeMap::new(),
            scored: scored_periods(input, &calendar),
            open_deals: Vec::new(),
            quality: ForecastQuality {
                base_rows,
                closed_without_date: 0,
                open_without_date: 0,
                without_amount: 0,
                open_without_probability: 0,
            },
        };
        Self {
            input,
            hierarchy,
            into_base,
            calendar,
            last_known: input.snapshot.as_of.plus(-1),
            month_of_day: HashMap::new(),
            admitted: Vec::new(),
            total_native: 0,
            total_base: 0,
            facts,
        }
    }

    fn closed(&mut self, state: &DealState, measure: Measure, trailing: Measure) -> Result<(), CurrencyError> {
        let closed = state.closed.get();
        let Some(site) = self.site(state, closed.unwrap_or(self.last_known))? else { return Ok(()) };
        let Some(day) = closed else {
            self.facts.quality.closed_without_date += 1;
            return Ok(());
        };
        let month = self.month(day);
        self.facts.push(site, measure, month, site.native, site.base);
        self.note_missing_amount(state, site, month);
        if day.0 > self.last_known.0 - TRAILING_DAYS {
            let bucket = self.facts.number(Bucket::Trailing);
            self.facts.push(site, trailing, bucket, site.native, site.base);
        }
        Ok(())
    }

    fn open(&mut self, state: &DealState) -> Result<(), CurrencyError> {
        let category = state.forecast_category(&self.input.timeline.stages);
        if !self.input.filter.admits_category(category) {
            return Ok(());
        }
        let Some(site) = self.site(state, self.last_known)? else { return Ok(()) };
        let score = self.input.scores.and_then(|scores| scores.rows.binary_search_by_key(&state.deal, |s| s.deal).ok());
        let Site { position, native, base, .. } = site;
        let deal = OpenDeal { deal: state.deal, position, native, base, score: score.map(|row| row as u32) };
        self.facts.open_deals.push(deal);
        self.expected(&deal, site);
        match (state.expected_close.get(), category) {
            (None, _) => self.facts.quality.open_without_date += 1,
            (Some(due), ForecastCategory::Omitted) => {
                let month = self.month(due);
                self.facts.push(site, Measure::Omitted, month, native, base);
            }
            (Some(due), _) => self.pipeline(state, due, site, category),
        }
        Ok(())
    }

    fn pipeline(&mut self, state: &DealState, due: Day, site: Site, category: ForecastCategory) {
        let month = self.month(due);
        self.facts.push(site, Measure::Pipeline, month, site.native, site.base);
        self.note_missing_amount(state, site, month);
        match category {
            ForecastCategory::BestCase => self.facts.push(site, Measure::BestCase, month, site.native, site.base),
            ForecastCategory::Commit | ForecastCategory::Closed => {
                self.facts.push(site, Measure::Commit, month, site.native, site.base);
            }
            ForecastCategory::Pipeline | ForecastCategory::Omitted => {}
        }
        match self.probability(state) {
            Some(p) => self.facts.push(site, Measure::Weighted, month, share(site.native, p), share(site.base, p)),
            None => self.facts.quality.open_without_probability += 1,
        }
        if due <= self.last_known {
            let bucket = self.facts.number(Bucket::Running);
            self.facts.push(site, Measure::Overdue, bucket, site.native, site.base);
        }
    }

    fn expected(&mut self, deal: &OpenDeal, site: Site) {
        let Some(chances) = Chances::of(self.input, deal) else { return };
        for i in 0..self.facts.scored.len() {
            let scored = self.facts.scored[i];
            let (native, base) = (chances.expected(deal.native, &scored), chances.expected(deal.base, &scored));
            if (native, base) != (0, 0) {
                let bucket = self.facts.number(Bucket::Scored(scored.period_index));
                self.facts.push(site, Measure::Expected, bucket, native, base);
            }
        }
    }

    /// Where the deal counts and how much; `None` where the filter leaves its owner out.
    fn site(&mut self, state: &DealState, day: Day) -> Result<Option<Site>, CurrencyError> {
        let position = self.hierarchy.position(state.owner, day);
        while let Some(next) = self.hierarchy.positions().get(self.admitted.len()) {
            self.admitted.push(self.input.filter.admits_position(next));
        }
        if !self.admitted[position as usize] {
            return Ok(None);
        }
        let currency = state.currency;
        self.facts.seen_currencies.insert(currency);
        let Some(native) = state.amount_minor.get() else {
            self.facts.quality.without_amount += 1;
            return Ok(Some(Site { position, currency, native: 0, base: 0 }));
        };
        let base = self.into_base.map_or(Ok(0), |converter| converter.convert(native, state.currency, day))?;
        self.total_native += u128::from(native.unsigned_abs());
        self.total_base += u128::from(base.unsigned_abs());
        Ok(Some(Site { position, currency, native, base }))
    }

    fn note_missing_amount(&mut self, state: &DealState, site: Site, bucket: u32) {
        if state.amount_minor.is_none() {
            self.facts.push(site, Measure::WithoutAmount, bucket, 0, 0);
        }
    }

    fn month(&mut self, day: Day) -> u32 {
        let (calendar, facts) = (&self.calendar, &mut self.facts);
        *self
            .month_of_day
            .entry(day.0)
            .or_insert_with(|| facts.number(Bucket::Month(calendar.period_of(PeriodKind::Month, day).first)))
    }

    /// The CRM's chance to win, 0 to 1: the deal's, else its stage's, else the stage's past rate.
    fn probability(&self, state: &DealState) -> Option<f64> {
        // 32 bits hold seven decimals: 0.1 is 0.1 again, and not 15 cents more on every hundred million.
        let decimal = |p: f32| (f64::from(p) * 1e7).round() / 1e7;
        let own = state.probability.get().map(decimal);
        let configured = || self.input.timeline.stages.get(state.stage).and_then(|stage| stage.probability);
        let past = || self.input.stage_win_rates.get(state.stage.get()?.index()).copied().flatten();
        own.or_else(configured).or_else(past)
    }
}

/// When one scored deal may be won.
#[derive(Clone, Copy)]
pub(crate) struct Chances<'a> {
    scores: &'a Scores,
    row: usize,
    outlook: Option<&'a Outlook>,
}

impl<'a> Chances<'a> {
    /// `None` where the deal has no score.
    pub(super) fn of(input: &ForecastInput<'a>, deal: &OpenDeal) -> Option<Self> {
        Some(Self::new(input.scores?, deal.score?, input.outlook))
    }

    pub fn new(scores: &'a Scores, score: u32, outlook: Option<&'a Outlook>) -> Self {
        Self { scores, row: score as usize, outlook }
    }

    /// The chance to be won in the period, 0 to 1.
    pub(super) fn win_in(&self, scored: &ScoredPeriod) -> f64 {
        let before = scored.before.map_or(0.0, |before| self.win_by(before));
        (self.win_by(scored.period_index) - before).clamp(0.0, 1.0)
    }

    /// What an amount is expected to bring in the period: by its end, less by the end of the period before. Both are
    /// rounded, so that the differences add up to the whole.
    pub(super) fn expected(&self, amount: i64, scored: &ScoredPeriod) -> i64 {
        let change = self.outlook.map_or(1.0, Outlook::mean_change);
        let by = |period_index| expected_value(amount, self.win_by(period_index), change);
        by(scored.period_index) - scored.before.map_or(0, by)
    }

    /// The chance to be won by the end of the period at `period_index`.
    pub(crate) fn win_by(&self, period_index: usize) -> f64 {
        let win = self.scores.rows[self.row].by_period.get(period_index).map_or(0.0, |outcome| outcome.win);
        match (self.outlook, self.scores.periods.get(period_index)) {
            (Some(outlook), Some(period)) => outlook.chance(win, period),
            _ => win,
        }
    }
}

/// The periods of the scores that can be told: the running one of each kind, and each that follows a told one.
fn scored_periods(input: &ForecastInput<'_>, calendar: &FiscalCalendar) -> Vec<ScoredPeriod> {
    let periods = input.scores.map_or(&[][..], |scores| &scores.periods);
    let kinds = &input.config.calendar.periods;
    let told = |(period_index, period): (usize, &Period)| {
        let before = periods.iter().position(|p| *p == calendar.shift(period, -1));
        let running = period.contains(input.snapshot.as_of);
        let known = kinds.contains(&period.kind) && (running || before.is_some());
        known.then_some(ScoredPeriod { period: *period, period_index, before: before.filter(|_| !running) })
    };
    periods.iter().enumerate().filter_map(told).collect()
}

/// `amount` x `probability`, rounded half to even; never more than the amount.
fn share(amount: i64, probability: f64) -> i64 {
    expected_value(amount, probability, 1.0)
}
