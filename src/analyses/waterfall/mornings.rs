//! Deals to transitions: where each counted on the two mornings, what it was worth, and how it came from one to the other.
//!
//! The only place that knows which deals are in a pipeline; adding up comes later.

use hashbrown::HashMap;

use crate::analyses::forecast::{BaseRows, ForecastError, MOST_MONEY, base_rows};
use crate::analyses::waterfall::input::WaterfallInput;
use crate::analyses::waterfall::transition::{DualAmount, MorningPosition, Transition, TransitionSums};
use crate::books::currency::CurrencyConverter;
use crate::books::hierarchy::Hierarchy;
use crate::domain::day::Day;
use crate::domain::ids::{DealIx, OwnerId};
use crate::domain::maybe::Maybe;
use crate::domain::period::{FiscalCalendar, PeriodKind};
use crate::domain::stage::{ForecastCategory, StageKind};
use crate::snapshot::{Standing, Standings};

/// The transition of one deal.
pub(super) struct DealTransition<'a> {
    /// The deal.
    pub deal: DealIx,
    /// How it stood on the first morning, if it was open.
    pub start: Option<&'a Standing>,
    /// How it stands on the second.
    pub end: Standing,
    pub transition: Transition,
    pub sums: TransitionSums,
}

/// What a deal is worth on a morning; in the base currency none without a rate.
#[derive(Clone, Copy)]
struct MorningAmount {
    native: i64,
    base: Option<i64>,
}

impl MorningAmount {
    fn in_both(self) -> DualAmount {
        DualAmount { native: self.native, base: self.base.unwrap_or(0) }
    }

    fn native_only(self) -> DualAmount {
        DualAmount { native: self.native, base: 0 }
    }
}

/// The hierarchy as known on one morning.
struct MorningHierarchy<'a> {
    hierarchy: Hierarchy<'a>,
    /// Per position: whether the filter admits it.
    admitted: Vec<bool>,
}

impl<'a> MorningHierarchy<'a> {
    fn new(input: &WaterfallInput<'a>, morning: Day) -> Self {
        let hierarchy = Hierarchy::new(&input.tables.users, &input.tables.owners, morning);
        Self { hierarchy, admitted: Vec::new() }
    }

    fn position(&mut self, input: &WaterfallInput<'_>, owner: Maybe<OwnerId>, day: Day) -> Option<u32> {
        let position = self.hierarchy.position(owner, day);
        while let Some(next) = self.hierarchy.positions().get(self.admitted.len()) {
            self.admitted.push(input.filter.admits_position(next));
        }
        self.admitted[position as usize].then_some(position)
    }
}

/// The two mornings side by side.
pub(super) struct Mornings<'a> {
    input: WaterfallInput<'a>,
    pub from: Day,
    to: Day,
    starts: MorningHierarchy<'a>,
    ends: MorningHierarchy<'a>,
    calendar: FiscalCalendar,
    months: HashMap<Day, Day>,
    /// `None` where either morning lacks the rates.
    into_base: Option<CurrencyConverter>,
    total: u128,
}

impl<'a> Mornings<'a> {
    /// Gives the transition of every deal that has one, in the order of the snapshot, to `collect` with a fresh `T`.
    pub fn walk<T: Default>(
        input: &WaterfallInput<'a>,
        start: &'a Standings,
        collect: impl Fn(&mut T, &Self, &DealTransition<'a>),
    ) -> Result<(Self, T), ForecastError> {
        let (mut mornings, mut collected) = (Self::new(input, start), T::default());
        mornings.compare(start, &mut collected, &collect)?;
        Ok((mornings, collected))
    }

    fn new(input: &WaterfallInput<'a>, start: &'a Standings) -> Self {
        let (from, to) = (start.day, input.snapshot.as_of);
        let converter = |morning| CurrencyConverter::new(input.tables, &input.config.money.base_currency, morning);
        let into_base = converter(to);
        let amounts = input.snapshot.states.iter().filter(|state| state.amount_minor.is_some());
        let at_start = base_rows(input.tables, &converter(from), start.currencies.iter().copied());
        let at_end = base_rows(input.tables, &into_base, amounts.map(|state| state.currency));
        let both = at_start != BaseRows::NoRates && at_end != BaseRows::NoRates;
        Self {
            input: *input,
            from,
            to,
            starts: MorningHierarchy::new(input, from),
            ends: MorningHierarchy::new(input, to),
            calendar: input.config.fiscal_calendar(),
            months: HashMap::new(),
            into_base: both.then_some(into_base),
            total: 0,
        }
    }

    /// Whether base amounts are known.
    pub fn has_base(&self) -> bool {
        self.into_base.is_some()
    }

    /// The hierarchy on the first morning: what the positions of [`Transition::from`] are numbers in.
    pub fn starts(&self) -> &Hierarchy<'a> {
        &self.starts.hierarchy
    }

    /// The hierarchy on the second morning: what the positions of [`Transition::to`] are numbers in.
    pub fn ends(&self) -> &Hierarchy<'a> {
        &self.ends.hierarchy
    }

    fn compare<T>(
        &mut self,
        start: &'a Standings,
        collected: &mut T,
        collect: &impl Fn(&mut T, &Self, &DealTransition<'a>),
    ) -> Result<(), ForecastError> {
        let input = self.input;
        let mut starts = start.open.iter().peekable();
        for state in &input.snapshot.states {
            let start = starts.next_if(|start| start.row == state.row);
            // Closed before: nothing became of it.
            let closed_since = state.closed.get().is_some_and(|closed| closed >= self.from);
            let closed_before = start.is_none() && state.kind != StageKind::Open && !closed_since;
            if closed_before || !input.filter.admits_currency(state.currency, input.tables) {
                continue;
            }
            let end = Standing::of(state, &input.timeline.stages);
            if let Some((transition, sums)) = self.transition(start, &end)? {
                collect(collected, self, &DealTransition { deal: state.deal, start, end, transition, sums });
            }
        }
        Ok(())
    }

    /// The transition of a deal that stood like `start`, if it was open, and stands like `end`.
    fn transition(
        &mut self,
        start: Option<&Standing>,
        end: &Standing,
    ) -> Result<Option<(Transition, TransitionSums)>, ForecastError> {
        let (before, last) = (self.from.plus(-1), self.to.plus(-1));
        let closed = end.closed.get().filter(|_| end.kind != StageKind::Open);
        let closed = closed.filter(|closed| (self.from..=last).contains(closed));
        let day = closed.unwrap_or(last);
        let start = start.and_then(|start| Some((start, self.due_in_pipeline(start)?)));
        let created = start.is_none() && end.created >= self.from;
        let from = start.map(|(start, due)| MorningPosition {
            position: self.starts.position(&self.input, start.owner, before),
            month: self.month(due),
        });
        let end_day = match (end.kind, closed) {
            (StageKind::Open, _) => self.due_in_pipeline(end),
            (StageKind::Won | StageKind::Lost, None) => None,
            (StageKind::Won, Some(closed)) => Some(closed),
            // Nothing is booked: it is lost to the period that counted on it.
            (StageKind::Lost, Some(closed)) => match start {
                Some((_, due)) => Some(due),
                None => created.then_some(end.expected_close.get().unwrap_or(closed)),
            },
        };
        let to = end_day.map(|end_day| MorningPosition {
            position: self.ends.position(&self.input, end.owner, day),
            month: self.month(end_day),
        });
        if from.and_then(|at| at.position).or_else(|| to.and_then(|at| at.position)).is_none() {
            return Ok(None);
        }
        let currency = end.currency;
        let outcome = if to.is_some() { end.kind } else { StageKind::Open };
        let transition = Transition { from, to, outcome, created, currency };
        let finish = self.money(end, day)?;
        let Some((start, _)) = start else {
            return Ok(Some((transition, TransitionSums::arrived(finish.in_both()))));
        };
        let (begun, valued) = (self.money(start, before)?, self.money(start, day)?);
        // Without a rate on one of the mornings it is in no base bar: a bar has two ends.
        let sums = match (begun.base, valued.base, finish.base) {
            (Some(_), Some(valued), Some(_)) => TransitionSums::changed(begun.in_both(), valued, finish.in_both()),
            _ => TransitionSums::changed(begun.native_only(), 0, finish.native_only()),
        };
        Ok(Some((transition, sums)))
    }

    /// When a deal is expected to close that the forecast of its day counts in the pipeline, wherever its owner stood.
    fn due_in_pipeline(&self, standing: &Standing) -> Option<Day> {
        let counts = standing.kind == StageKind::Open
            && standing.category != ForecastCategory::Omitted
            && self.input.filter.admits_category(standing.category);
        standing.expected_close.get().filter(|_| counts)
    }

    /// What a deal is worth at the rate of `day`.
    fn money(&mut self, standing: &Standing, day: Day) -> Result<MorningAmount, ForecastError> {
        let Some(native) = standing.amount_minor.get() else { return Ok(MorningAmount { native: 0, base: Some(0) }) };
        let in_base = |rates: &CurrencyConverter| rates.convert_if_known(native, standing.currency, day);
        let base = self.into_base.as_ref().map_or(Ok(Some(0)), in_base)?;
        // Every amount of a row is at most the sum of these.
        self.total += u128::from(native.unsigned_abs().max(base.unwrap_or(0).unsigned_abs()));
        if self.total > MOST_MONEY {
            Err(ForecastError::TooMuchMoney { total: self.total })
        } else {
            Ok(MorningAmount { native, base })
        }
    }

    fn month(&mut self, day: Day) -> Day {
        let calendar = &self.calendar;
        *self.months.entry(day).or_insert_with(|| calendar.period_of(PeriodKind::Month, day).first)
    }
}
