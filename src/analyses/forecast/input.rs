//! What a forecast is made from, and why there may be none.

use polars::prelude::PolarsError;
use thiserror::Error;

use crate::analyses::outlook::Outlook;
use crate::books::currency::CurrencyError;
use crate::books::filter::ForecastFilter;
use crate::config::Config;
use crate::ingest::tables::Tables;
use crate::scoring::Scores;
use crate::snapshot::Snapshot;
use crate::timeline::Timeline;

/// What a forecast is made from.
#[derive(Clone, Copy, Debug)]
pub struct ForecastInput<'a> {
    /// Quotas, users, rates and dictionaries.
    pub tables: &'a Tables,
    /// Stages, with their categories and probabilities.
    pub timeline: &'a Timeline,
    /// Every deal as of the timeline's day.
    pub snapshot: &'a Snapshot,
    /// The model's view of the open deals; without it nothing is expected from them.
    pub scores: Option<&'a Scores>,
    /// What the past says of what is to come; without it there is no range and nothing is expected of new business.
    pub outlook: Option<&'a Outlook>,
    /// Calendar and base currency.
    pub config: &'a Config,
    /// Past share won per stage, by position in the stage list, for deals without a probability:
    /// `stage_win_rates`, or empty.
    pub stage_win_rates: &'a [Option<f64>],
    /// Which of the timeline's deals count; all without it. Quotas are not affected.
    pub mask: Option<&'a [bool]>,
    /// Which owners, periods, currencies and categories count.
    pub filter: &'a ForecastFilter,
}

/// Largest sum of absolute amounts, and of quotas: what is added to or taken from it once more still fits 64 bits.
pub(crate) const MOST_MONEY: u128 = i64::MAX as u128 / 2;

/// Why there is no forecast.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ForecastError {
    /// An amount has no value in the base currency.
    #[error(transparent)]
    Currency(#[from] CurrencyError),
    /// The sums could overflow.
    #[error("the amounts of all deals add up to {total} minor units, expected fewer than 4.6e18")]
    TooMuchMoney {
        /// The sum of absolute amounts.
        total: u128,
    },
    /// The grouping itself failed.
    #[error("grouping the deals failed: {0}")]
    Grouping(#[from] PolarsError),
}
