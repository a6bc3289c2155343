//! Deals to ways: where each counted on the two mornings, what it was worth, and how it came from one to the other.
//!
//! The only place that knows which deals are in a pipeline; adding up comes later.

use hashbrown::HashMap;

use crate::analyses::forecast::{BaseRows, ForecastError, MOST_MONEY, base_rows};
use crate::analyses::waterfall::bars::{Load, Money, Stand, Way};
use crate::analyses::waterfall::{Span, WaterfallInput};
use crate::books::currency::{CurrencyConverter, CurrencyError};
use crate::books::hierarchy::Hierarchy;
use crate::domain::code::{NO_AMOUNT, NO_DAY};
use crate::domain::day::Day;
use crate::domain::period::{FiscalCalendar, PeriodKind};
use crate::domain::stage::{ForecastCategory, StageKind};
use crate::snapshot::{Standing, Standings};

/// The ways of all deals of one span, equal ones added up.
pub(super) struct Ways<'a> {
    pub sides: Sides<'a>,
    pub kinds: &'a [PeriodKind],
    /// In the order the deals first went them.
    pub sums: Vec<(Way, Load)>,
}

#[derive(Default)]
struct Sums {
    sums: Vec<(Way, Load)>,
    index: HashMap<Way, usize>,
}

impl<'a> Ways<'a> {
    pub fn gather(input: &WaterfallInput<'a>, span: &'a Span<&'a Standings>) -> Result<Self, ForecastError> {
        let (sides, Sums { sums, .. }) = Sides::walk(input, span.from, |Sums { sums, index }, _, told| {
            let next = sums.len();
            let i = *index.entry(told.way).or_insert(next);
            if i == next {
                sums.push((told.way, told.load));
            } else {
                sums[i].1.add(&told.load);
            }
        })?;
        Ok(Self { sides, kinds: &span.kinds, sums })
    }
}

/// The way of one deal.
pub(super) struct Told<'a> {
    /// Position in the snapshot.
    pub deal: usize,
    /// How it stood on the first morning, if it was open.
    pub start: Option<&'a Standing>,
    /// How it stands on the second.
    pub end: Standing,
    pub way: Way,
    pub load: Load,
}

/// The organisation as known on one morning.
struct Side<'a> {
    hierarchy: Hierarchy<'a>,
    /// Per position: whether the filter admits it.
    admitted: Vec<bool>,
}

impl<'a> Side<'a> {
    fn new(input: &WaterfallInput<'a>, morning: Day) -> Self {
        let hierarchy = Hierarchy::new(&input.tables.users, &input.tables.owners, morning);
        Self { hierarchy, admitted: Vec::new() }
    }

    fn position(&mut self, input: &WaterfallInput<'_>, owner: u32, day: Day) -> Option<u32> {
        let position = self.hierarchy.position(owner, day);
        while let Some(next) = self.hierarchy.positions().get(self.admitted.len()) {
            self.admitted.push(input.filter.admits_position(next));
        }
        self.admitted[position as usize].then_some(position)
    }
}

/// The two mornings side by side.
pub(super) struct Sides<'a> {
    input: WaterfallInput<'a>,
    pub from: Day,
    to: Day,
    starts: Side<'a>,
    ends: Side<'a>,
    calendar: FiscalCalendar,
    months: HashMap<i32, Day>,
    /// `None` where either morning lacks the rates.
    into_base: Option<CurrencyConverter>,
    total: u128,
}

impl<'a> Sides<'a> {
    /// Tells the way of every deal that has one, in the order of the snapshot, into a fresh `T`. Where a rate turns out
    /// to be missing, all is told anew without base amounts.
    pub fn walk<T: Default>(
        input: &WaterfallInput<'a>,
        start: &'a Standings,
        tell: impl Fn(&mut T, &Self, &Told<'a>),
    ) -> Result<(Self, T), ForecastError> {
        let mut sides = Self::new(input, start);
        loop {
            let mut told = T::default();
            match sides.tell(start, &mut told, &tell) {
                Ok(()) => return Ok((sides, told)),
                Err(ForecastError::Currency(CurrencyError::MissingRate { .. })) if sides.has_base() => {
                    (sides.into_base, sides.total) = (None, 0);
                }
                Err(error) => return Err(error),
            }
        }
    }

    fn new(input: &WaterfallInput<'a>, start: &'a Standings) -> Self {
        let (from, to) = (start.day, input.snapshot.as_of);
        let converter = |morning| CurrencyConverter::new(input.tables, &input.config.money.base_currency, morning);
        let into_base = converter(to);
        let amounts = input.snapshot.states.iter().filter(|state| state.amount_minor != NO_AMOUNT);
        let at_start = base_rows(input.tables, &converter(from), start.currencies.iter().copied());
        let at_end = base_rows(input.tables, &into_base, amounts.map(|state| state.currency));
        let both = at_start != BaseRows::NoRates && at_end != BaseRows::NoRates;
        Self {
            input: *input,
            from,
            to,
            starts: Side::new(input, from),
            ends: Side::new(input, to),
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

    /// The organisation on the first morning: what the positions of [`Way::from`] are numbers in.
    pub fn starts(&self) -> &Hierarchy<'a> {
        &self.starts.hierarchy
    }

    /// The organisation on the second morning: what the positions of [`Way::to`] are numbers in.
    pub fn ends(&self) -> &Hierarchy<'a> {
        &self.ends.hierarchy
    }

    fn tell<T>(
        &mut self,
        start: &'a Standings,
        told: &mut T,
        tell: &impl Fn(&mut T, &Self, &Told<'a>),
    ) -> Result<(), ForecastError> {
        let input = self.input;
        let mut starts = start.open.iter().peekable();
        for (deal, state) in input.snapshot.states.iter().enumerate() {
            let start = starts.next_if(|start| start.row == state.row);
            // Closed before: nothing became of it.
            let closed_before = start.is_none() && state.kind != StageKind::Open && state.closed < self.from.0;
            if closed_before || !input.filter.admits_currency(state.currency, input.tables) {
                continue;
            }
            let end = Standing::of(state, &input.timeline.stages);
            if let Some((way, load)) = self.way(start, &end)? {
                tell(told, self, &Told { deal, start, end, way, load });
            }
        }
        Ok(())
    }

    /// The way of a deal that stood like `start`, if it was open, and stands like `end`.
    fn way(&mut self, start: Option<&Standing>, end: &Standing) -> Result<Option<(Way, Load)>, ForecastError> {
        let (before, last) = (self.from.plus(-1), self.to.plus(-1));
        let closed_since = end.kind != StageKind::Open && self.from.0 <= end.closed && end.closed <= last.0;
        let day = if closed_since { Day(end.closed) } else { last };
        let start = start.filter(|start| self.in_pipeline(start));
        let created = start.is_none() && end.created >= self.from;
        let from = start.map(|start| Stand {
            position: self.starts.position(&self.input, start.owner, before),
            month: self.month(start.expected_close),
        });
        let month = match end.kind {
            StageKind::Open => self.in_pipeline(end).then_some(end.expected_close),
            _ if !closed_since => None,
            StageKind::Won => Some(end.closed),
            // Nothing is booked: it is lost to the period that counted on it.
            StageKind::Lost => match start {
                Some(start) => Some(start.expected_close),
                None if end.expected_close == NO_DAY => created.then_some(end.closed),
                None => created.then_some(end.expected_close),
            },
        };
        let to = month
            .map(|month| Stand { position: self.ends.position(&self.input, end.owner, day), month: self.month(month) });
        if from.and_then(|stand| stand.position).or_else(|| to.and_then(|stand| stand.position)).is_none() {
            return Ok(None);
        }
        let currency = end.currency.min(self.input.tables.currencies.len() as u32);
        let outcome = if to.is_some() { end.kind } else { StageKind::Open };
        let way = Way { from, to, outcome, created, currency };
        let finish = self.money(end, day)?;
        let Some(start) = start else { return Ok(Some((way, Load::arrived(finish)))) };
        let valued = self.money(start, day)?;
        Ok(Some((way, Load::changed(self.money(start, before)?, valued.base, finish))))
    }

    /// Whether the forecast of its day counts a deal in the pipeline, wherever its owner stood.
    fn in_pipeline(&self, standing: &Standing) -> bool {
        standing.kind == StageKind::Open
            && standing.expected_close != NO_DAY
            && standing.category != ForecastCategory::Omitted
            && self.input.filter.admits_category(standing.category)
    }

    /// What a deal is worth at the rate of `day`.
    fn money(&mut self, standing: &Standing, day: Day) -> Result<Money, ForecastError> {
        let native = standing.amount_minor;
        if native == NO_AMOUNT {
            return Ok(Money::default());
        }
        let base = self.into_base.as_ref().map_or(Ok(0), |rates| rates.convert(native, standing.currency, day))?;
        // Every amount of a row is at most the sum of these.
        self.total += u128::from(native.unsigned_abs().max(base.unsigned_abs()));
        if self.total > MOST_MONEY {
            Err(ForecastError::TooMuchMoney { total: self.total })
        } else {
            Ok(Money { native, base })
        }
    }

    fn month(&mut self, day: i32) -> Day {
        let calendar = &self.calendar;
        *self.months.entry(day).or_insert_with(|| calendar.period_of(PeriodKind::Month, Day(day)).first)
    }
}
