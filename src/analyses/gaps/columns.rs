//! The gaps taken apart, as a table: one row per node, or value of a column, and running period.

use arrow::error::ArrowError;

use crate::analyses::gaps::{CAUSES, Cause, LagRow, Lags};
use crate::report::table::{Table, TableBuilder};

/// The factor and its norm, by [`Cause`].
const FACTORS: [(&str, &str); CAUSES] = [
    ("deals", "deals_needed"),
    ("kept_share", "kept_share_norm"),
    ("decided_share", "decided_share_norm"),
    ("win_rate", "win_rate_norm"),
    ("deal_size", "deal_size_norm"),
];

/// The `lags` table.
///
/// # Errors
/// An arrow error where columns differ in length.
pub fn table(lags: &Lags) -> Result<Table, ArrowError> {
    let rows = || lags.rows.iter();
    let decimals = lags.currency.decimals;
    let money = |table: TableBuilder, name: &str, value: &dyn Fn(&LagRow) -> Option<i64>| {
        table.money(name, decimals, rows().map(|row| value(row).map(|minor| (minor.into(), decimals))))
    };
    // A size is money, but a mean: shown in whole units of it.
    let unit = 10_f64.powi(decimals as i32);
    let scale = |cause: Cause, value: f64| if cause == Cause::DealSize { value / unit } else { value };
    let mut table = TableBuilder::default()
        .text("level", rows().map(|row| Some(&row.level)))
        .text("node", rows().map(|row| Some(&row.node)))
        .text("period", rows().map(|row| Some(row.period.to_string())))
        .text("currency", rows().map(|_| Some(&lags.currency.code)));
    table = money(table, "target", &|row| Some(row.target));
    table = money(table, "expected", &|row| Some(row.expected()));
    table = money(table, "gap", &|row| Some(row.gap()));
    table = table
        .text("status", rows().map(|row| Some(if row.behind { "behind" } else { "on track" })))
        .text("main_cause", rows().map(LagRow::main_cause));
    for cause in Cause::ALL {
        let part = |row: &LagRow| row.reasons.map(|reasons| reasons.parts[cause as usize]);
        table = money(table, &format!("gap_{}", cause.name()), &part);
    }
    for (cause, (factor, norm)) in Cause::ALL.into_iter().zip(FACTORS) {
        let reasons = |row: &LagRow| row.reasons;
        table = table
            .number(factor, rows().map(|row| Some(scale(cause, reasons(row)?.factors[cause as usize]?))))
            .number(norm, rows().map(|row| Some(scale(cause, reasons(row)?.norms[cause as usize]?))));
    }
    table = table.text("target_source", rows().map(|row| Some(row.target_source.name())));
    table = money(table, "won", &|row| Some(row.won));
    table = money(table, "expected_from_open", &|row| Some(row.expected_from_open));
    table = money(table, "expected_from_new", &|row| Some(row.expected_from_new));
    table
        .number("p_hit_quota", rows().map(|row| row.hits_quota))
        .text("node_name", rows().map(|row| Some(&row.name)))
        .text("period_kind", rows().map(|row| Some(row.period.kind.name())))
        .date("period_start", rows().map(|row| Some(row.period.first.0)))
        .date("period_end", rows().map(|row| Some(row.period.last.0)))
        .finish("lags")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyses::forecast::ForecastCurrency;
    use crate::domain::day::Day;
    use crate::run::dictionary::assert_documents;

    #[test]
    fn the_dictionary_lists_every_column() {
        let currency = ForecastCurrency { code: "USD".to_owned(), decimals: 2 };
        let lags = Lags { as_of: Day(9), currency, rows: Vec::new(), absence: None };
        assert_documents(&table(&lags).expect("a table"));
    }
}
