//! Facts: each amount a deal adds to some column, with where, when and in which currency it counts.
//!
//! Filled by `gather`; grouping and adding up come later.

use std::collections::{BTreeMap, BTreeSet};

use polars::prelude::{Column, DataFrame, Int64Chunked, IntoSeries, PolarsResult, UInt64Chunked};

use crate::analyses::forecast::base_money::BaseRows;
use crate::analyses::forecast::measures::{ForecastMeasure, MEASURES};
use crate::analyses::forecast::open_deals::{OpenDeal, ScoredPeriod};
use crate::analyses::forecast::rows::ForecastQuality;
use crate::domain::day::Day;
use crate::domain::ids::CurrencyId;
use crate::domain::period::Period;

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
    /// Deals whose amount has no exchange rate, by currency.
    pub without_rate: BTreeMap<CurrencyId, u64>,
}

/// Where and in which currency the amounts of one deal count.
#[derive(Clone, Copy)]
pub(super) struct CountedAmount {
    pub position: u32,
    pub currency: CurrencyId,
    pub native: i64,
    /// 0 without a rate.
    pub base: i64,
    /// Whether there is a rate, where there are any.
    pub rated: bool,
}

impl Facts {
    /// None yet. There may be so many `currencies`.
    pub fn new(currencies: usize, scored: Vec<ScoredPeriod>, base_rows: BaseRows) -> Self {
        let quality = ForecastQuality {
            base_rows,
            closed_without_date: 0,
            open_without_date: 0,
            without_amount: 0,
            open_without_probability: 0,
        };
        Self {
            position: Vec::new(),
            rest: Vec::new(),
            native: Vec::new(),
            base: Vec::new(),
            all_currencies: currencies.max(1) as u64,
            seen_currencies: BTreeSet::new(),
            bucket_numbers: BTreeMap::new(),
            scored,
            open_deals: Vec::new(),
            quality,
            without_rate: BTreeMap::new(),
        }
    }

    /// Notes that a currency occurs.
    pub fn see_currency(&mut self, currency: CurrencyId) {
        self.seen_currencies.insert(currency);
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

    /// Adds a deal's amounts as they are.
    pub fn count(&mut self, counted: CountedAmount, measure: ForecastMeasure, bucket: u32) {
        self.push(counted, measure, bucket, counted.native, counted.base);
    }

    /// Adds `native` and `base` where `counted` counts.
    pub fn push(&mut self, counted: CountedAmount, measure: ForecastMeasure, bucket: u32, native: i64, base: i64) {
        let money = counted.currency.index() as u64 * MEASURES as u64 + measure as u64;
        self.position.push(counted.position);
        self.rest.push(u64::from(bucket) * self.all_currencies * MEASURES as u64 + money);
        self.native.push(native);
        self.base.push(base);
    }

    /// The number of a bucket, a new one where it is new.
    pub fn number(&mut self, bucket: Bucket) -> u32 {
        let next = self.bucket_numbers.len() as u32;
        *self.bucket_numbers.entry(bucket).or_insert(next)
    }
}
