//! A column in, its [`LeakVerdict`] out: the traces of a leak are looked for one after the other.

use crate::features::context::FeatureContext;
use crate::features::leak::closing::{counts_to_closing, on_closing_day};
use crate::features::leak::fill::FillCounts;
use crate::features::leak::growth::grows_with_age;
use crate::features::leak::overlap::disjoint;
use crate::features::leak::strength::near_perfect;
use crate::features::leak::values::Values;
use crate::features::leak::verdict::LeakVerdict;
use crate::snapshot::DealState;

/// Most deals looked at; beyond it every n-th in the order of ids.
const MAX_DEALS: usize = 200_000;

/// Looks at a column of the deals table, or at one of the untracked `amount`, `expected_close_date`, `probability`,
/// `forecast_category`, `owner`, `currency`.
pub(crate) fn hunt(column: &str, context: &FeatureContext<'_>) -> LeakVerdict {
    let step = context.snapshot.len().div_ceil(MAX_DEALS).max(1);
    let deals: Vec<DealState> = context.snapshot.iter().step_by(step).copied().collect();
    let (values, dates) = Values::read(column, &deals, context);
    let fill = FillCounts::of(&values, &deals);
    let leak = fill
        .only_on_closed()
        .or_else(|| on_closing_day(&dates, &deals))
        .or_else(|| counts_to_closing(&values, &deals))
        .or_else(|| if column == "expected_close_date" { None } else { grows_with_age(&values, &deals) })
        .or_else(|| disjoint(&values, &deals))
        .or_else(|| near_perfect(&values, &deals));
    LeakVerdict { leak, absence: fill.gap() }
}
