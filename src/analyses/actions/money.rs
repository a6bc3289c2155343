//! Money of open deals: amounts in both currencies, and what is expected of them.

use crate::analyses::actions::input::ActionsInput;
use crate::analyses::actions::rows::Worth;
use crate::analyses::forecast::{BaseRows, Chances, expected_value};
use crate::books::currency::CurrencyConverter;
use crate::books::currency_axis::RowCurrency;
use crate::domain::day::Day;
use crate::domain::ids::CurrencyId;
use crate::snapshot::DealState;

/// Converts amounts as the forecast does.
pub(super) struct ActionMoney {
    converter: CurrencyConverter,
    /// The base currency, where the forecast has rows in it.
    pub base: Option<RowCurrency>,
    last_known: Day,
    mean_change: f64,
}

impl ActionMoney {
    pub fn new(input: &ActionsInput<'_>) -> Self {
        let as_of = input.snapshot.as_of;
        let converter = CurrencyConverter::new(input.tables, &input.config.money.base_currency, as_of);
        let has_base = input.forecast.quality.base_rows != BaseRows::NoRates;
        let base = RowCurrency { code: converter.base().to_owned(), decimals: converter.base_decimals() };
        Self {
            converter,
            base: has_base.then_some(base),
            last_known: as_of.plus(-1),
            mean_change: input.outlook.mean_change(),
        }
    }

    /// An amount in the base currency; none without a rate.
    pub fn in_base(&self, minor: i64, currency: CurrencyId) -> Option<i64> {
        self.base.as_ref()?;
        self.converter.convert(minor, currency, self.last_known).ok()
    }

    /// What `minor` units of `currency` are expected to bring with `chance`.
    pub fn expected(&self, minor: i64, currency: CurrencyId, chance: f64) -> Worth {
        let value = |minor: i64| expected_value(minor, chance, self.mean_change);
        Worth { chance: Some(chance), native: value(minor), base: self.in_base(minor, currency).map(value) }
    }
}

/// An open deal with what the model says of it.
#[derive(Clone, Copy)]
pub(super) struct ActionDeal<'a> {
    /// Position in the facts.
    pub at: usize,
    pub state: &'a DealState,
    /// Its amount, or what deals without one bring.
    pub counted: i64,
    /// Chance to be won within the model's horizon.
    pub chance: Option<f64>,
    /// If it is won: the days by which a tenth and half of its wins have come.
    pub wins: Option<[Day; 2]>,
    chances: Option<Chances<'a>>,
}

impl<'a> ActionDeal<'a> {
    /// The open deals, in the order of the facts.
    pub fn all(input: &ActionsInput<'a>) -> Vec<Self> {
        let facts = input.facts.deals.iter().enumerate();
        facts.map(|(at, facts)| Self::of(input, at, input.snapshot.state(facts.stay.deal))).collect()
    }

    fn of(input: &ActionsInput<'a>, at: usize, state: &'a DealState) -> Self {
        let row = |rows: &[crate::scoring::Score]| rows.binary_search_by_key(&state.deal, |score| score.deal).ok();
        let scored = input.scores.and_then(|scores| Some((scores, row(&scores.rows)?)));
        let score = scored.map(|(scores, row)| &scores.rows[row]);
        Self {
            at,
            state,
            counted: state.amount_minor.get().unwrap_or_else(|| input.outlook.unknown_amounts.of(state.currency)),
            chance: score.map(|score| score.win_probability),
            wins: score.and_then(|score| score.predicted_close).map(|[tenth, half, _]| [tenth, half]),
            chances: scored.map(|(scores, row)| Chances::new(scores, row as u32, Some(input.outlook))),
        }
    }

    /// Chance to be won by the end of the running period at `period_index` of the scores.
    pub fn win_by(&self, period_index: usize) -> Option<f64> {
        self.chances.map(|chances| chances.win_by(period_index))
    }
}
