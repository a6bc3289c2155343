//! What will be won in a period by deals that do not exist yet?
//!
//! Deals created per day x the share of deals won within so many days of their creation (Aalen-Johansen, so that deals
//! still open count for as long as they were seen), summed over the days left; then measured at the same day of past
//! periods, where the actuals are known, and corrected by what it missed there. Owners share it by what they have won,
//! shrunk towards each other; those who no longer sell get none.

use std::collections::BTreeMap;

use crate::analyses::outlook::amount_change::atoms;
use crate::analyses::outlook::distribution::Atom;
use crate::domain::code::Dictionary;
use crate::domain::day::Day;
use crate::domain::ids::OwnerId;
use crate::domain::maybe::Maybe;
use crate::domain::period::{FiscalCalendar, Period};
use crate::domain::stage::StageKind;
use crate::snapshot::DealState;
use crate::stats::survival::{ExitCause, ExitCounts};

/// Days the rate of creation is measured over.
const RATE_DAYS: i32 = 182;
/// Days back to the creation of deals the time to a win is learnt from.
const MEMORY_DAYS: i32 = 730;
/// Days of wins that say who sells how much.
const TRAILING_DAYS: i32 = 365;
/// Who has neither an open deal nor created one for so long no longer sells.
const IDLE_DAYS: i32 = 90;
/// Past periods measured, at most.
const PAST_PERIODS: i32 = 8;
/// Days of history a past period needs before its day.
const FEWEST_DAYS: i32 = 90;
/// Deals at which a past period's own measure weighs as much as the rate.
const PRIOR_DEALS: f64 = 10.0;
/// A deal won within so many days of its creation says what new deals are worth.
const QUICK_DAYS: i32 = 92;
/// Quick wins needed to go by them.
const FEWEST_QUICK: usize = 30;
/// Values the amounts are summed up in.
const ATOMS: usize = 12;
/// Wins of average size an owner's own size is shrunk towards the mean with.
const PRIOR_WINS: f64 = 10.0;
/// Strength of the common factor where little is known, and past periods it weighs.
const PRIOR_FACTOR: (f64, f64) = (0.2, 4.0);

/// What is learnt from one deal.
#[derive(Clone, Copy, Debug)]
pub(super) struct LearntDeal {
    pub created: i32,
    /// None while open, or where nobody knows.
    pub closed: Maybe<Day>,
    pub kind: StageKind,
    pub owner: Maybe<OwnerId>,
    /// Minor units of the base currency; none where unknown.
    pub amount: Option<f64>,
}

impl LearntDeal {
    pub fn of(state: &DealState, amount: Option<f64>) -> Self {
        Self { created: state.created.0, closed: state.closed, kind: state.kind, owner: state.owner, amount }
    }
}

impl LearntDeal {
    /// Whether it was won on `day` or later, as far as that is known.
    fn is_won_since(&self, day: Day) -> bool {
        self.kind == StageKind::Won && self.closed.get().is_some_and(|closed| closed >= day)
    }
}

/// One owner's part of the new business.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OwnerPart {
    /// The owner; none for deals without one.
    pub owner: Maybe<OwnerId>,
    /// Share of the number of deals; those of all owners add up to 1.
    pub share: f64,
    /// Amount of the owner's deals over the average.
    pub size: f64,
}

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
}

impl PastPeriod {
    /// All of them together.
    fn sum(past: &[Self]) -> Self {
        let none = Self { actual: 0.0, forecast: 0.0 };
        past.iter().fold(none, |sum, period| Self {
            actual: sum.actual + period.actual,
            forecast: sum.forecast + period.forecast,
        })
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
    /// By owner, in the order of their names.
    pub parts: Vec<OwnerPart>,
}

impl NewBusiness {
    pub(super) fn learn(deals: &[LearntDeal], owners: &Dictionary<OwnerId>, as_of: Day) -> Self {
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
        let won_within = (0..=MEMORY_DAYS).map(|days| curves.incidence(ExitCause::Advance, days)).collect();
        Self {
            as_of,
            first: created.first().copied().unwrap_or(as_of.0),
            won_within,
            amounts: amounts(deals, as_of),
            parts: parts(deals, owners, as_of),
            created,
            won,
        }
    }

    /// Deals expected to be created from the as-of day on and won in `period`.
    #[must_use]
    pub fn deals(&self, period: &Period, calendar: &FiscalCalendar) -> f64 {
        let past = PastPeriod::sum(&self.past(period, calendar));
        // Multiplied before it is divided: the other way round the last digits differ.
        self.by_rate(self.as_of.0, period) * (past.actual + PRIOR_DEALS) / (past.forecast + PRIOR_DEALS)
    }

    /// How much past periods differ from each other beyond noise, as the standard deviation of the log of their number
    /// of deals; shrunk towards the usual where there are few.
    #[must_use]
    pub fn factor_sd(&self, period: &Period, calendar: &FiscalCalendar) -> f64 {
        let past = self.past(period, calendar);
        let all = PastPeriod::sum(&past);
        let correction = (all.actual + PRIOR_DEALS) / (all.forecast + PRIOR_DEALS);
        let (mut excess, mut scale) = (0.0, 0.0);
        for period in &past {
            let expected = correction * period.forecast;
            excess += (period.actual - expected).powi(2) - expected;
            scale += expected.powi(2);
        }
        let own = if scale > 0.0 { (excess / scale).max(0.0) } else { 0.0 };
        let (usual, weight) = PRIOR_FACTOR;
        let periods = past.len() as f64;
        ((periods * own + weight * usual * usual) / (periods + weight)).sqrt().clamp(0.05, 0.6)
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
            past.push(PastPeriod { actual, forecast: self.by_rate(day, &then) });
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

fn amounts(deals: &[LearntDeal], as_of: Day) -> Vec<Atom> {
    let won = |deal: &&LearntDeal| deal.is_won_since(as_of.plus(-MEMORY_DAYS));
    let quick = |deal: &&LearntDeal| deal.closed.get().is_some_and(|closed| closed.0 - deal.created <= QUICK_DAYS);
    let quick: Vec<f64> = deals.iter().filter(won).filter(quick).filter_map(|deal| deal.amount).collect();
    let enough = quick.len() >= FEWEST_QUICK;
    let values = if enough { quick } else { deals.iter().filter(won).filter_map(|deal| deal.amount).collect() };
    atoms(values, ATOMS)
}

/// In the order of the owners' names: ids depend on later rows.
fn parts(deals: &[LearntDeal], owners: &Dictionary<OwnerId>, as_of: Day) -> Vec<OwnerPart> {
    #[derive(Default)]
    struct SellerRecord {
        sells: bool,
        wins: f64,
        priced: f64,
        value: f64,
    }
    let mut records: BTreeMap<Maybe<OwnerId>, SellerRecord> = BTreeMap::new();
    for deal in deals {
        let record = records.entry(deal.owner).or_default();
        record.sells |= deal.kind == StageKind::Open || deal.created >= as_of.0 - IDLE_DAYS;
        if deal.is_won_since(as_of.plus(-TRAILING_DAYS)) {
            record.wins += 1.0;
            if let Some(amount) = deal.amount {
                record.priced += 1.0;
                record.value += amount;
            }
        }
    }
    let mut records: Vec<(Maybe<OwnerId>, SellerRecord)> =
        records.into_iter().filter(|(_, record)| record.sells).collect();
    records.sort_by_key(|(owner, _)| owners.name(*owner));
    let number = records.len().max(1) as f64;
    let mean = records.iter().map(|(_, record)| record.wins).sum::<f64>() / number;
    let spread = records.iter().map(|(_, record)| (record.wins - mean).powi(2)).sum::<f64>() / number;
    // A gamma prior by moments: what owners differ beyond noise.
    let weight = if spread > mean { mean / (spread - mean) } else { 1e6 };
    let priced: f64 = records.iter().map(|(_, record)| record.priced).sum();
    let average = records.iter().map(|(_, record)| record.value).sum::<f64>() / priced.max(1.0);
    let part = |(owner, record): &(Maybe<OwnerId>, SellerRecord)| {
        let share = (record.wins + weight * mean) / (1.0 + weight);
        let own = (record.value + PRIOR_WINS * average) / (record.priced + PRIOR_WINS);
        OwnerPart { owner: *owner, share, size: if average > 0.0 { own / average } else { 1.0 } }
    };
    let mut parts: Vec<OwnerPart> = records.iter().map(part).collect();
    let total: f64 = parts.iter().map(|part| part.share).sum();
    let size: f64 = parts.iter().map(|part| part.share * part.size).sum();
    for part in &mut parts {
        part.share = if total > 0.0 { part.share / total } else { 1.0 / number };
        part.size *= if size > 0.0 { total / size } else { 1.0 };
    }
    parts
}
