//! Which deals do the gaps of a money count, and what is each worth in it?
//!
//! Deals and the forecast's [`RowsOfMoney`] in; amounts and parts of the new business out.

use crate::analyses::forecast::{BaseRows, RowMoney, RowsOfMoney};
use crate::analyses::gaps::input::GapsInput;
use crate::analyses::outlook::OwnerPart;
use crate::books::deal_values::rate_day;
use crate::domain::stage::StageKind;
use crate::snapshot::DealState;

/// The money of some rows.
#[derive(Clone, Copy, Debug)]
pub(super) struct GapMoney {
    /// What the forecast says of it.
    pub rows: RowsOfMoney,
}

impl GapMoney {
    /// Whether a deal counts: one without a rate on its day is in no base row.
    pub fn counts(&self, input: &GapsInput<'_>, state: &DealState) -> bool {
        match self.rows.money {
            RowMoney::Native(currency) => state.currency == currency,
            RowMoney::Base if input.forecast.quality.base_rows == BaseRows::SameCurrency => true,
            RowMoney::Base => in_base(input, state, 0).is_some(),
        }
    }

    /// What a deal that counts is worth; an open one without an amount as in the forecast.
    pub fn value(&self, input: &GapsInput<'_>, state: &DealState) -> i64 {
        let is_unknown = state.kind == StageKind::Open && state.amount_minor.is_none();
        let unknown = is_unknown.then(|| input.outlook.unknown_amounts.of(state.currency));
        let value = match self.rows.money {
            RowMoney::Native(_) => state.amount_minor.get().or(unknown),
            RowMoney::Base => input.values.get(state.deal).or_else(|| in_base(input, state, unknown?)),
        };
        value.unwrap_or(0)
    }

    /// The owners' parts of the new business.
    pub fn new_parts<'i>(&self, input: &GapsInput<'i>) -> &'i [OwnerPart] {
        let new = &input.outlook.new;
        match self.rows.money {
            RowMoney::Base => &new.parts,
            RowMoney::Native(currency) => {
                let of_currency = new.by_currency.iter().find(|business| business.currency == currency);
                of_currency.map_or(&[], |business| &business.parts)
            }
        }
    }
}

/// An amount of a deal in the base currency; none without a rate on its day.
fn in_base(input: &GapsInput<'_>, state: &DealState, minor: i64) -> Option<i64> {
    input.values.currency.as_ref()?.convert(minor, state.currency, rate_day(state))
}
