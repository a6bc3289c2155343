//! Deals to facts: the one walk over the deals, and the only place that knows what a column means.

use hashbrown::HashMap;

use crate::analyses::forecast::base_money::BaseRows;
use crate::analyses::forecast::chances::{Chances, scored_periods, share};
use crate::analyses::forecast::conversion::TRAILING_DAYS;
use crate::analyses::forecast::facts::{Bucket, CountedAmount, Facts};
use crate::analyses::forecast::input::{ForecastError, ForecastInput, MOST_MONEY};
use crate::analyses::forecast::measures::ForecastMeasure;
use crate::analyses::forecast::open_deals::OpenDeal;
use crate::books::currency::{CurrencyConverter, CurrencyError};
use crate::books::hierarchy::Hierarchy;
use crate::domain::day::Day;
use crate::domain::ids::CurrencyId;
use crate::domain::period::{FiscalCalendar, PeriodKind};
use crate::domain::stage::{ForecastCategory, StageKind};
use crate::snapshot::DealState;

/// The facts of every deal the input admits.
pub(super) fn gather<'a>(
    input: &ForecastInput<'a>,
    hierarchy: &mut Hierarchy<'a>,
    into_base: Option<&CurrencyConverter>,
    base_rows: BaseRows,
) -> Result<Facts, ForecastError> {
    let mut gathering = Gathering::new(input, hierarchy, into_base, base_rows);
    for state in &input.snapshot.states {
        let masked = input.mask.is_some_and(|mask| mask.get(state.deal.index()) == Some(&false));
        if masked || !input.filter.admits_currency(state.currency, input.tables) {
            continue;
        }
        match state.kind {
            StageKind::Open => gathering.open(state)?,
            StageKind::Won => gathering.closed(state, ForecastMeasure::Won, ForecastMeasure::WonTrailing)?,
            StageKind::Lost => gathering.closed(state, ForecastMeasure::Lost, ForecastMeasure::LostTrailing)?,
        }
    }
    let total = gathering.total_native.max(gathering.total_base);
    if total > MOST_MONEY {
        return Err(ForecastError::TooMuchMoney { total });
    }
    Ok(gathering.facts)
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
        let scored = scored_periods(input, &calendar);
        let facts = Facts::new(input.tables.currencies.len(), scored, base_rows);
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

    fn closed(
        &mut self,
        state: &DealState,
        measure: ForecastMeasure,
        trailing: ForecastMeasure,
    ) -> Result<(), CurrencyError> {
        let closed = state.closed.get();
        let Some(counted) = self.counted_amount(state, closed.unwrap_or(self.last_known))? else { return Ok(()) };
        let Some(day) = closed else {
            self.facts.quality.closed_without_date += 1;
            return Ok(());
        };
        let month = self.month(day);
        self.facts.count(counted, measure, month);
        self.note_missing(state, counted, month);
        if day.0 > self.last_known.0 - TRAILING_DAYS {
            let bucket = self.facts.number(Bucket::Trailing);
            self.facts.count(counted, trailing, bucket);
        }
        Ok(())
    }

    fn open(&mut self, state: &DealState) -> Result<(), CurrencyError> {
        let category = state.forecast_category(&self.input.timeline.stages);
        if !self.input.filter.admits_category(category) {
            return Ok(());
        }
        let Some(counted) = self.counted_amount(state, self.last_known)? else { return Ok(()) };
        let score = self.input.scores.and_then(|scores| scores.rows.binary_search_by_key(&state.deal, |s| s.deal).ok());
        let CountedAmount { position, currency, native, base, rated } = self.worth(state, counted)?;
        let deal =
            OpenDeal { deal: state.deal, position, currency, native, base, rated, score: score.map(|row| row as u32) };
        self.facts.open_deals.push(deal);
        self.expected(&deal, counted);
        match (state.expected_close.get(), category) {
            (None, _) => self.facts.quality.open_without_date += 1,
            (Some(due), ForecastCategory::Omitted) => {
                let month = self.month(due);
                self.facts.count(counted, ForecastMeasure::Omitted, month);
            }
            (Some(due), _) => self.pipeline(state, due, counted, category),
        }
        Ok(())
    }

    fn pipeline(&mut self, state: &DealState, due: Day, counted: CountedAmount, category: ForecastCategory) {
        let month = self.month(due);
        self.facts.count(counted, ForecastMeasure::Pipeline, month);
        self.note_missing(state, counted, month);
        match category {
            ForecastCategory::BestCase => self.facts.count(counted, ForecastMeasure::BestCase, month),
            ForecastCategory::Commit | ForecastCategory::Closed => {
                self.facts.count(counted, ForecastMeasure::Commit, month);
            }
            ForecastCategory::Pipeline | ForecastCategory::Omitted => {}
        }
        match self.probability(state) {
            Some(p) => self.facts.push(
                counted,
                ForecastMeasure::Weighted,
                month,
                share(counted.native, p),
                share(counted.base, p),
            ),
            None => self.facts.quality.open_without_probability += 1,
        }
        if due <= self.last_known {
            let bucket = self.facts.number(Bucket::Running);
            self.facts.count(counted, ForecastMeasure::Overdue, bucket);
        }
    }

    fn expected(&mut self, deal: &OpenDeal, counted: CountedAmount) {
        let Some(chances) = Chances::of(self.input, deal) else { return };
        for i in 0..self.facts.scored.len() {
            let scored = self.facts.scored[i];
            let (native, base) = (chances.expected(deal.native, &scored), chances.expected(deal.base, &scored));
            if (native, base) != (0, 0) {
                let bucket = self.facts.number(Bucket::Scored(scored.period_index));
                self.facts.push(counted, ForecastMeasure::Expected, bucket, native, base);
            }
        }
    }

    /// Where the deal counts and how much; `None` where the filter leaves its owner out.
    fn counted_amount(&mut self, state: &DealState, day: Day) -> Result<Option<CountedAmount>, CurrencyError> {
        let position = self.hierarchy.position(state.owner, day);
        while let Some(next) = self.hierarchy.positions().get(self.admitted.len()) {
            self.admitted.push(self.input.filter.admits_position(next));
        }
        if !self.admitted[position as usize] {
            return Ok(None);
        }
        let currency = state.currency;
        self.facts.see_currency(currency);
        let Some(native) = state.amount_minor.get() else {
            self.facts.quality.without_amount += 1;
            return Ok(Some(CountedAmount { position, currency, native: 0, base: 0, rated: true }));
        };
        let (base, rated) = self.in_base(native, currency, day)?;
        if !rated {
            *self.facts.without_rate.entry(currency).or_default() += 1;
        }
        Ok(Some(CountedAmount { position, currency, native, base, rated }))
    }

    /// What an open deal is expected with: its amount, or what deals without one bring.
    fn worth(&mut self, state: &DealState, counted: CountedAmount) -> Result<CountedAmount, CurrencyError> {
        let unknown = self.input.outlook.filter(|_| state.amount_minor.is_none());
        let Some(native) = unknown.map(|outlook| outlook.unknown_amounts.of(state.currency)) else {
            return Ok(counted);
        };
        let (base, rated) = self.in_base(native, state.currency, self.last_known)?;
        Ok(CountedAmount { native, base, rated, ..counted })
    }

    /// An amount in the base currency, and whether there is a rate for it.
    fn in_base(&mut self, native: i64, currency: CurrencyId, day: Day) -> Result<(i64, bool), CurrencyError> {
        let convert = |converter: &CurrencyConverter| converter.convert_if_known(native, currency, day);
        let base = self.into_base.map_or(Ok(Some(0)), convert)?;
        self.total_native += u128::from(native.unsigned_abs());
        self.total_base += u128::from(base.unwrap_or(0).unsigned_abs());
        Ok((base.unwrap_or(0), base.is_some()))
    }

    fn note_missing(&mut self, state: &DealState, counted: CountedAmount, bucket: u32) {
        if state.amount_minor.is_none() {
            self.facts.push(counted, ForecastMeasure::WithoutAmount, bucket, 0, 0);
        }
        if !counted.rated {
            self.facts.push(counted, ForecastMeasure::WithoutRate, bucket, 0, 0);
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
