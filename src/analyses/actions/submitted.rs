//! Which submitted and adjusted forecasts are far from what the owner is likely to win?

use crate::analyses::actions::draft::Draft;
use crate::analyses::actions::findings::{ForecastWords, submitted};
use crate::analyses::actions::input::ActionsInput;
use crate::analyses::actions::rows::{ActionKind, ActionNode, Worth};
use crate::analyses::forecast::{ForecastRow, RowBasis};
use crate::books::hierarchy::Level;

/// The rows of all owners.
pub(super) fn rows(input: &ActionsInput<'_>) -> Vec<Draft> {
    let ahead = input.forecast.rows.iter().filter(|row| !row.is_past && row.basis == RowBasis::Base);
    ahead.flat_map(|row| of_row(input, row)).collect()
}

fn of_row(input: &ActionsInput<'_>, row: &ForecastRow) -> Vec<Draft> {
    let adjusted = row.held.adjusted.filter(|adjusted| row.held.submitted != Some(*adjusted));
    let kinds = [(ActionKind::SubmittedForecast, row.held.submitted), (ActionKind::AdjustedForecast, adjusted)];
    kinds.into_iter().filter_map(|(kind, amount)| draft(input, row, kind, amount?)).collect()
}

/// How far `amount` is from the 80 % range, where that is more than half the range's width: of a normal sum fewer than one
/// in a hundred are.
fn far(amount: i64, low: i64, high: i64) -> Option<i64> {
    let off = if amount > high { i128::from(amount) - i128::from(high) } else { i128::from(low) - i128::from(amount) };
    let width = i128::from(high) - i128::from(low);
    (width > 0 && 2 * off > width).then(|| i64::try_from(off).ok())?
}

fn draft(input: &ActionsInput<'_>, row: &ForecastRow, kind: ActionKind, amount: i64) -> Option<Draft> {
    let (node, currency) = (input.forecast.nodes.get(row.node)?, input.forecast.currencies.get(row.currency)?);
    let range = row.final_sum.as_ref().filter(|_| node.level == Level::Owner)?;
    let off = far(amount, range.p10(), range.p90())?;
    let about = ActionNode { level: node.level, key: node.key.clone(), name: node.name.clone(), period: row.period };
    let words = ForecastWords { node: &about, currency, amount, range: range.quantiles, off };
    let (what, why) = submitted(kind, &words);
    Some(Draft {
        kind,
        deal: None,
        node: Some(about),
        what,
        why,
        amount: Some(amount),
        worth: Some(Worth { chance: None, native: off, base: Some(off) }),
        due: input.snapshot.as_of,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forecast_is_far_beyond_half_the_range_again() {
        assert_eq!([far(151, 0, 100), far(-51, 0, 100)], [Some(51), Some(51)]);
        assert_eq!([far(150, 0, 100), far(-50, 0, 100), far(40, 0, 100)], [None; 3]);
        assert_eq!(far(7, 3, 3), None, "a range without width says nothing");
        assert_eq!(far(i64::MAX, i64::MIN + 1, i64::MIN + 3), None, "what does not fit is left out");
    }
}
