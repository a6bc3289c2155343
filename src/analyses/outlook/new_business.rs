//! What will be won in a period by deals that do not exist yet?
//!
//! Deals created per day x the share of deals won within so many days of their creation (Aalen-Johansen, so that deals
//! still open count for as long as they were seen), summed over the days left; then measured at the same day of past
//! periods, where the actuals are known, and corrected by what it missed there, those of the same season above all
//! ([`NextEffect`]). What they bring and who brings them is `new_parts`'.

use crate::analyses::outlook::distribution::Atom;
use crate::analyses::outlook::new_parts::{CurrencyBusiness, LearntDeal, OwnerPart, amounts, by_currency, parts};
use crate::domain::code::Dictionary;
use crate::domain::day::Day;
use crate::domain::ids::{CurrencyId, OwnerId};
use crate::domain::period::{FiscalCalendar, Period};
use crate::domain::stage::StageKind;
use crate::stats::next_effect::{NextEffect, SeenEffect};
use crate::stats::survival::{ExitCause, ExitCounts};

/// Days the rate of creation is measured over.
const RATE_DAYS: i32 = 182;
/// Days back to the creation of deals the time to a win is learnt from.
const MEMORY_DAYS: i32 = 730;
/// Past periods measured, at most.
const PAST_PERIODS: i32 = 8;
/// Days of history a past period needs before its day.
const FEWEST_DAYS: i32 = 90;
/// Deals at which what all past periods missed weighs as much as the rate.
const PRIOR_DEALS: f64 = 10.0;
/// A past period of which fewer deals were expected tells nothing.
const LEAST_DEALS: f64 = 0.5;

/// The days a won deal was created and closed on.
#[derive(Clone, Copy, Debug)]
struct WonDays {
    created: i32,
    closed: i32,
}

/// Deals created and won in what remained of a past period.
struct PastPeriod {
    actual: f64,
    /// By the rate.
    forecast: f64,
    season: u32,
}

impl PastPeriod {
    /// The log of actual over forecast, measured from `common`, that of all past periods. Deals come one by one (Poisson).
    fn effect(&self, common: f64) -> Option<SeenEffect> {
        let expected = common * self.forecast;
        let value = common.ln() + (self.actual - expected) / expected;
        let effect = SeenEffect { value, variance: 1.0 / expected, season: self.season };
        (expected >= LEAST_DEALS).then_some(effect)
    }
}

/// Business to come.
#[derive(Clone, Debug)]
pub struct NewBusiness {
    as_of: Day,
    first: i32,
    /// Days deals were created on, ascending.
    created: Vec<i32>,
    won: Vec<WonDays>,
    /// Of the deals created on a day, the share won within so many days.
    won_within: Vec<f64>,
    /// Amounts of new deals, minor units of the base currency.
    pub amounts: Vec<Atom>,
    /// By owner, in the order of their names; of what has a value in the base currency.
    pub parts: Vec<OwnerPart>,
    /// The same by currency, as it is.
    pub by_currency: Vec<CurrencyBusiness>,
}

impl NewBusiness {
    /// Learns from `deals`; `in_base` says whose currency has a value in the base currency.
    pub(super) fn learn(
        deals: &[LearntDeal],
        owners: &Dictionary<OwnerId>,
        in_base: impl Fn(CurrencyId) -> bool,
        as_of: Day,
    ) -> Self {
        let mut created: Vec<i32> = deals.iter().map(|deal| deal.created).collect();
        created.sort_unstable();
        let is_won = |deal: &&LearntDeal| deal.kind == StageKind::Won;
        let dated = |deal: &LearntDeal| Some(WonDays { created: deal.created, closed: deal.closed.get()?.0 });
        let won: Vec<WonDays> = deals.iter().filter(is_won).filter_map(dated).collect();
        let mut counts = ExitCounts::default();
        for deal in deals.iter().filter(|deal| deal.created >= as_of.0 - MEMORY_DAYS) {
            match (deal.kind, deal.closed.get()) {
                (StageKind::Open, _) => counts.push_running(as_of.0 - deal.created),
                (StageKind::Won, Some(closed)) => counts.push(closed.0 - deal.created, ExitCause::Advance),
                (StageKind::Lost, Some(closed)) => counts.push(closed.0 - deal.created, ExitCause::Lost),
                (StageKind::Won | StageKind::Lost, None) => {}
            }
        }
        let curves = counts.finish();
        let by_currency = by_currency(deals, owners, as_of);
        let won_within = (0..=MEMORY_DAYS).map(|days| curves.incidence(ExitCause::Advance, days)).collect();
        Self {
            as_of,
            first: created.first().copied().unwrap_or(as_of.0),
            won_within,
            amounts: amounts(deals, as_of),
            parts: parts(deals, owners, as_of, in_base),
            by_currency,
            created,
            won,
        }
    }

    /// Deals expected to be created from the as-of day on and won in `period`.
    #[must_use]
    pub fn deals(&self, period: &Period, calendar: &FiscalCalendar) -> f64 {
        self.by_rate(self.as_of.0, period) * self.effect(period, calendar).mean.exp()
    }

    /// How far the log of their number may be off, beyond that they come one by one.
    #[must_use]
    pub fn factor_sd(&self, period: &Period, calendar: &FiscalCalendar) -> f64 {
        self.effect(period, calendar).variance.sqrt()
    }

    /// What their number is multiplied with, as a log, in `period`: from what past ones missed.
    fn effect(&self, period: &Period, calendar: &FiscalCalendar) -> NextEffect {
        let past = self.past(period, calendar);
        let actual: f64 = past.iter().map(|period| period.actual).sum();
        let forecast: f64 = past.iter().map(|period| period.forecast).sum();
        let common = (actual + PRIOR_DEALS) / (forecast + PRIOR_DEALS);
        let seen: Vec<SeenEffect> = past.iter().filter_map(|period| period.effect(common)).collect();
        NextEffect::predict(&seen, u32::from(period.number))
    }

    /// Of past periods, at the same distance from the period's beginning.
    fn past(&self, period: &Period, calendar: &FiscalCalendar) -> Vec<PastPeriod> {
        let mut past = Vec::new();
        for back in 1..=PAST_PERIODS {
            let then = calendar.shift(period, -back);
            let day = self.as_of.0 - (period.first.0 - then.first.0);
            if then.last >= self.as_of {
                continue;
            }
            if day - self.first < FEWEST_DAYS {
                break;
            }
            let in_time =
                |win: &&WonDays| win.created >= day && win.closed >= then.first.0 && win.closed <= then.last.0;
            let actual = self.won.iter().filter(in_time).count() as f64;
            past.push(PastPeriod { actual, forecast: self.by_rate(day, &then), season: u32::from(then.number) });
        }
        past
    }

    /// Deals created per day before `day`.
    fn rate(&self, day: i32) -> f64 {
        let days = RATE_DAYS.min(day - self.first).max(1);
        let before = |day: i32| self.created.partition_point(|&created| created < day);
        (before(day) - before(day - days)) as f64 / f64::from(days)
    }

    fn by_rate(&self, day: i32, period: &Period) -> f64 {
        let within = |days: i32| {
            let longest = self.won_within.len() as i32 - 1;
            if days < 0 { 0.0 } else { self.won_within[days.min(longest) as usize] }
        };
        let of_day = |created: i32| within(period.last.0 - created) - within(period.first.0 - 1 - created);
        self.rate(day) * (day..=period.last.0).map(of_day).sum::<f64>()
    }
}
