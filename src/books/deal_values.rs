//! One number of money per deal, all in one currency, so that deals can be summed.
//!
//! [`Tables`] and [`Snapshot`] in, [`DealValues`] out. The currency is the base currency where dated rates cover the
//! deals (one without a rate on its day then has no value), else the only currency the deals have, else there is none and
//! no value is given: a sum over mixed currencies means nothing.

use std::collections::BTreeSet;

use rayon::prelude::*;

use crate::books::currency::CurrencyConverter;
use crate::config::MoneyConfig;
use crate::domain::day::Day;
use crate::domain::ids::{CurrencyId, DealIx};
use crate::domain::maybe::Maybe;
use crate::ingest::tables::Tables;
use crate::report::column::MoneyCell;
use crate::snapshot::{DealState, Snapshot};

/// The currency sums are stated in.
#[derive(Clone, Debug)]
pub struct ReportCurrency {
    /// ISO code.
    pub name: String,
    /// Decimal places.
    pub decimals: u32,
    conversion: Conversion,
}

/// How other amounts come into the currency.
#[derive(Clone, Debug)]
enum Conversion {
    /// At dated rates.
    Rates(Box<CurrencyConverter>),
    /// Not at all: only amounts of this code count.
    Only(CurrencyId),
}

impl ReportCurrency {
    /// `minor` units of `currency` in this one as of `day`, `None` without a rate or beyond 18 digits.
    #[must_use]
    pub fn convert(&self, minor: i64, currency: CurrencyId, day: Day) -> Option<i64> {
        match &self.conversion {
            Conversion::Rates(converter) => converter.convert(minor, currency, day).ok(),
            Conversion::Only(code) => (*code == currency).then_some(minor),
        }
    }
}

/// What every deal of a snapshot is worth in one currency.
#[derive(Clone, Debug)]
pub struct DealValues {
    /// The currency, `None` where the deals' currencies cannot be brought together.
    pub currency: Option<ReportCurrency>,
    /// Minor units by deal; none where the amount is missing, the deal is not kept or there is no currency.
    minor: Vec<Maybe<i64>>,
}

impl DealValues {
    /// Values of the deals of `snapshot` that `keep` marks: closed ones at the rate of their closing day, open ones at
    /// that of the last known day.
    #[must_use]
    pub fn of(tables: &Tables, config: &MoneyConfig, snapshot: &Snapshot, keep: &[bool]) -> Self {
        let converter = CurrencyConverter::new(tables, &config.base_currency, snapshot.as_of);
        let in_base = |state: &DealState, minor| converter.convert(minor, state.currency, rate_day(state)).ok();
        let every = values(snapshot, keep, in_base);
        let some = || {
            let any = with_amount(snapshot, keep).any(|state| converter.knows(state.currency));
            let known = |state: &DealState, minor| Some(Maybe::from(in_base(state, minor)));
            (converter.has_rates() && any).then(|| maybe_values(snapshot, keep, known)).flatten()
        };
        if let Some(minor) = every.or_else(some) {
            let (name, decimals) = (converter.base().to_owned(), converter.base_decimals());
            return Self {
                currency: Some(ReportCurrency { name, decimals, conversion: Conversion::Rates(Box::new(converter)) }),
                minor,
            };
        }
        let used: BTreeSet<CurrencyId> = with_amount(snapshot, keep).map(|state| state.currency).collect();
        let only = used.first().filter(|_| used.len() == 1).and_then(|&code| {
            let name = tables.currencies.name(code)?.to_owned();
            Some(ReportCurrency { name, decimals: tables.decimals_of(code), conversion: Conversion::Only(code) })
        });
        let native = |_: &DealState, minor| only.as_ref().map(|_| minor);
        let minor = values(snapshot, keep, native).unwrap_or_else(|| vec![Maybe::NONE; snapshot.states.len()]);
        Self { currency: only, minor }
    }

    /// The value of `deal` in minor units, if known.
    #[must_use]
    pub fn get(&self, deal: DealIx) -> Option<i64> {
        self.minor.get(deal.index())?.get()
    }

    /// Decimal places of the currency; 2 where there is none.
    #[must_use]
    pub fn decimals(&self) -> u32 {
        self.currency.as_ref().map_or(2, |currency| currency.decimals)
    }

    /// Code of the currency.
    #[must_use]
    pub fn currency_name(&self) -> Option<&str> {
        self.currency.as_ref().map(|currency| currency.name.as_str())
    }

    /// A sum as a table shows it; empty where there is no currency to state it in.
    #[must_use]
    pub fn cell(&self, sum: i128) -> Option<MoneyCell> {
        self.stated(sum).map(|minor| MoneyCell::new(minor, self.decimals()))
    }

    /// Minor units in the currency's own.
    #[must_use]
    pub fn units(&self, minor: f64) -> f64 {
        minor / 10_f64.powi(i32::try_from(self.decimals()).unwrap_or(2))
    }

    /// `sum` where there is a currency to state it in.
    #[must_use]
    pub fn stated(&self, sum: i128) -> Option<i128> {
        self.currency.as_ref().map(|_| sum)
    }
}

/// The day whose rate counts: that of closing, or the last known.
pub(crate) fn rate_day(state: &DealState) -> Day {
    state.closed.get().unwrap_or(state.day.plus(-1))
}

fn with_amount<'a>(snapshot: &'a Snapshot, keep: &'a [bool]) -> impl Iterator<Item = &'a DealState> {
    let kept = snapshot.states.iter().zip(keep).filter(|(_, keep)| **keep);
    kept.map(|(state, _)| state).filter(|state| state.amount_minor.is_some())
}

/// One value per deal, `None` as soon as one amount has none.
fn values(
    snapshot: &Snapshot,
    keep: &[bool],
    value: impl Fn(&DealState, i64) -> Option<i64> + Sync,
) -> Option<Vec<Maybe<i64>>> {
    maybe_values(snapshot, keep, |state, minor| value(state, minor).map(Maybe::from))
}

/// One value per deal that has an amount, `None` as soon as `value` gives up.
fn maybe_values(
    snapshot: &Snapshot,
    keep: &[bool],
    value: impl Fn(&DealState, i64) -> Option<Maybe<i64>> + Sync,
) -> Option<Vec<Maybe<i64>>> {
    let of = |(state, keep): (&DealState, &bool)| match state.amount_minor.get().filter(|_| *keep) {
        Some(minor) => value(state, minor),
        None => Some(Maybe::NONE),
    };
    snapshot.states.par_iter().zip(keep).map(of).collect()
}

/// Values without a world, for the tests of what sums them up.
#[cfg(test)]
pub(crate) mod fixtures {
    use super::{Conversion, DealValues, ReportCurrency};
    use crate::domain::ids::CurrencyId;
    use crate::domain::maybe::Maybe;

    /// Deals worth these minor units, all in US dollars.
    pub(crate) fn in_dollars(minor: &[i64]) -> DealValues {
        let currency =
            ReportCurrency { name: "USD".to_owned(), decimals: 2, conversion: Conversion::Only(CurrencyId::at(0)) };
        DealValues { currency: Some(currency), minor: minor.iter().copied().map(Maybe::from).collect() }
    }

    /// Deals without a common currency.
    pub(crate) fn without_currency() -> DealValues {
        DealValues { currency: None, minor: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::domain::day::MICROS_PER_DAY;
    use crate::domain::stage::StageKind;
    use crate::ingest::tables::{DealRow, FxRate};
    use crate::timeline::Timeline;

    /// d1: 100.00 EUR won on day 15; d2: 1,000 JPY, open; d3: 7.00 USD, open; d4: no amount.
    fn world(rates: bool) -> (Tables, Snapshot) {
        let deal = |id: &str, stage: &str, closed: Option<i64>, amount_minor: Option<i64>, currency: &str| DealRow {
            deal_id: id.to_owned(),
            stage: stage.to_owned(),
            status: Some(if closed.is_some() { StageKind::Won } else { StageKind::Open }),
            created_at: 11 * MICROS_PER_DAY,
            closed_at: closed.map(|day| day * MICROS_PER_DAY),
            amount_minor,
            currency: currency.to_owned(),
            ..DealRow::default()
        };
        let rows = [
            deal("d1", "Won", Some(15), Some(10_000), "EUR"),
            deal("d2", "Open", None, Some(1_000), "JPY"),
            deal("d3", "Open", None, Some(700), "USD"),
            deal("d4", "Open", None, None, "XXX"),
        ];
        let mut tables = Tables::from_deals(&rows).expect("a frame");
        let [eur, jpy] = ["EUR", "JPY"].map(|code| tables.currency(code));
        let rate =
            |currency, day, rate: &str| FxRate { currency, day: Day(day), rate: rate.parse().expect("a number") };
        if rates {
            tables.fx_rates = vec![rate(eur, 10, "1.10"), rate(eur, 20, "1.20"), rate(jpy, 10, "0.0067")];
        }
        let timeline = Timeline::build(&tables, &Config::default(), Day(30)).expect("a timeline");
        (tables, Snapshot::of(&timeline))
    }

    fn value(rates: bool, keep: [bool; 4]) -> (Option<String>, Vec<Option<i64>>) {
        let (tables, snapshot) = world(rates);
        let values = DealValues::of(&tables, &MoneyConfig::default(), &snapshot, &keep);
        let of_deals = (0..4).map(|deal| values.get(DealIx::at(deal))).collect();
        (values.currency.map(|currency| currency.name), of_deals)
    }

    #[test]
    fn rates_of_the_closing_day_bring_everything_to_the_base() {
        let usd = Some("USD".to_owned());
        assert_eq!(value(true, [true; 4]), (usd, vec![Some(11_000), Some(670), Some(700), None]));
    }

    #[test]
    fn without_rates_one_currency_stays_and_several_have_no_sum() {
        assert_eq!(value(false, [true; 4]), (None, vec![None; 4]));
        let jpy = Some("JPY".to_owned());
        assert_eq!(value(false, [false, true, false, true]), (jpy, vec![None, Some(1_000), None, None]));
    }
}
