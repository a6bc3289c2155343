//! The forecast as a table: one row per node, period, currency and basis; and the open deals behind its rows.

use arrow::error::ArrowError;

use crate::analyses::forecast::{DealInRow, Forecast, ForecastCurrency, ForecastDeals, ForecastNode, ForecastRow};
use crate::ingest::tables::Tables;
use crate::report::table::{Table, TableBuilder};

/// Rows of one of the [`forecast_parts`].
const ROWS_PER_PART: usize = 65_536;

/// The `forecast` table of the contract, columns of our own at its end.
///
/// # Errors
/// An arrow error where columns differ in length.
pub fn forecast_table(forecast: &Forecast) -> Result<Table, ArrowError> {
    table(forecast, &forecast.rows)
}

/// The same table in parts, made one by one; at least one.
pub fn forecast_parts(forecast: &Forecast) -> impl Iterator<Item = Result<Table, ArrowError>> + '_ {
    let rows = &forecast.rows;
    let part = |first: usize| &rows[first..rows.len().min(first + ROWS_PER_PART)];
    (0..rows.len().max(1)).step_by(ROWS_PER_PART).map(move |first| table(forecast, part(first)))
}

fn table(forecast: &Forecast, rows: &[ForecastRow]) -> Result<Table, ArrowError> {
    let scale = forecast.currencies.iter().map(|currency| currency.decimals).max().unwrap_or(2);
    let node = |row: &ForecastRow| -> Option<&ForecastNode> { forecast.nodes.get(row.node) };
    let currency = |row: &ForecastRow| -> Option<&ForecastCurrency> { forecast.currencies.get(row.currency) };
    let money = |table: TableBuilder, name: &str, value: &dyn Fn(&ForecastRow) -> Option<i64>| {
        let decimals = |row| currency(row).map_or(2, |currency| currency.decimals);
        table.money(name, scale, rows.iter().map(|row| value(row).map(|minor| (minor.into(), decimals(row)))))
    };
    let count = |table: TableBuilder, name: &str, value: fn(&ForecastRow) -> u32| {
        table.integer(name, rows.iter().map(|row| Some(value(row).into())))
    };
    let mut table = TableBuilder::default()
        .text("level", rows.iter().map(|row| node(row).map(|node| node.level.name())))
        .text("node", rows.iter().map(|row| node(row).map(|node| &node.key)))
        .text("period", rows.iter().map(|row| Some(row.period.to_string())))
        .text("currency", rows.iter().map(|row| currency(row).map(|currency| &currency.code)))
        .text("basis", rows.iter().map(|row| Some(row.basis.name())));
    table = money(table, "quota", &|row| row.quota);
    table = money(table, "won", &|row| Some(row.won));
    table = money(table, "gap", &|row| row.gap());
    table = money(table, "lost", &|row| Some(row.lost));
    table = money(table, "pipeline", &|row| Some(row.pipeline));
    table = money(table, "best_case", &|row| Some(row.best_case));
    table = money(table, "commit", &|row| Some(row.commit));
    table = money(table, "weighted", &|row| row.weighted);
    table = money(table, "expected_from_open", &|row| row.expected_from_open);
    table = money(table, "expected_from_new", &ForecastRow::expected_from_new);
    for (i, name) in ["p10", "p50", "p90"].into_iter().enumerate() {
        table = money(table, name, &|row| row.final_sum.as_ref().map(|sum| sum.quantiles[i]));
    }
    table = table
        .number("attainment", rows.iter().map(ForecastRow::attainment))
        .number("coverage", rows.iter().map(ForecastRow::coverage))
        .number("required_coverage", rows.iter().map(|row| row.required_coverage))
        .number("p_hit_quota", rows.iter().map(|row| row.final_sum.as_ref()?.hits_quota));
    table = money(table, "submitted", &|row| row.held.submitted);
    table = money(table, "expected", &|row| row.expected());
    table = table
        .text("node_name", rows.iter().map(|row| node(row).map(|node| &node.name)))
        .text("period_kind", rows.iter().map(|row| Some(row.period.kind.name())))
        .date("period_start", rows.iter().map(|row| Some(row.period.first.0)))
        .date("period_end", rows.iter().map(|row| Some(row.period.last.0)))
        .text("quota_source", rows.iter().map(|row| Some(row.quota_source.name())));
    table = money(table, "overdue", &|row| row.overdue);
    table = count(table, "won_deals", |row| row.won_deals);
    table = count(table, "lost_deals", |row| row.lost_deals);
    table = count(table, "open_deals", |row| row.open_deals);
    table = count(table, "overdue_deals", |row| row.overdue_deals);
    table = count(table, "deals_without_amount", |row| row.deals_without_amount);
    table = money(table, "expected_gap", &ForecastRow::expected_gap);
    table = money(table, "gap_at_p50", &|row| Some(row.quota? - row.final_sum.as_ref()?.quantiles[1]));
    table = money(table, "adjusted", &|row| row.held.adjusted);
    table = table
        .number("p_beat_last", rows.iter().map(|row| row.final_sum.as_ref()?.beats_last))
        .integer("deals_to_close", rows.iter().map(|row| row.final_sum.as_ref()?.deals_to_close.map(i64::from)));
    table = money(table, "pipeline_single", &|row| Some(row.pipeline_single()));
    table = money(table, "omitted", &|row| Some(row.omitted));
    table = money(table, "commit_cumulative", &|row| Some(row.commit_cumulative()));
    table = money(table, "best_case_cumulative", &|row| Some(row.best_case_cumulative()));
    table = money(table, "pipeline_cumulative", &|row| Some(row.pipeline_cumulative()));
    table = money(table, "quota_below", &|row| row.quota_below);
    table.finish("forecast")
}

/// The `forecast_deals` table: one row per node, period and open deal behind it.
///
/// # Errors
/// An arrow error where columns differ in length.
pub fn forecast_deals_table(listed: &ForecastDeals<'_>, tables: &Tables) -> Result<Table, ArrowError> {
    let deals = || listed.deals.iter();
    let base = listed.forecast.currencies.last();
    let base_decimals = base.map_or(2, |currency| currency.decimals);
    let decimals = |deal: &DealInRow<'_>| tables.decimals_of(deal.currency);
    let scale = deals().map(decimals).max().unwrap_or(2).max(base_decimals);
    let node = |deal: &DealInRow<'_>| -> Option<&ForecastNode> { listed.forecast.nodes.get(deal.node) };
    let native = |table: TableBuilder, name: &str, value: fn(&DealInRow<'_>) -> Option<i64>| {
        table.money(name, scale, deals().map(|deal| Some((value(deal)?.into(), decimals(deal)))))
    };
    let in_base = |table: TableBuilder, name: &str, value: fn(&DealInRow<'_>) -> Option<i64>| {
        table.money(name, scale, deals().map(|deal| Some((value(deal)?.into(), base_decimals))))
    };
    let mut table = TableBuilder::default()
        .text("level", deals().map(|deal| node(deal).map(|node| node.level.name())))
        .text("node", deals().map(|deal| node(deal).map(|node| &node.key)))
        .text("period", deals().map(|deal| Some(deal.period.to_string())))
        .text("deal_id", deals().map(|deal| tables.deals.id(deal.row)))
        .text("name", deals().map(|deal| tables.deals.name(deal.row)))
        .text("owner", deals().map(|deal| Some(deal.owner)))
        .text("stage", deals().map(|deal| Some(deal.stage)));
    table = native(table, "amount", |deal| deal.amount);
    table = table.text("currency", deals().map(|deal| tables.currencies.name(deal.currency)));
    table = in_base(table, "base_amount", |deal| deal.base_amount);
    table = table
        .text("base_currency", deals().map(|deal| deal.base_amount.and(base).map(|currency| &currency.code)))
        .date("expected_close_date", deals().map(|deal| deal.expected_close.map(|day| day.0)))
        .text("category", deals().map(|deal| Some(deal.category.name())))
        .flag("in_pipeline", deals().map(|deal| Some(deal.in_pipeline)))
        .number("win_in_period", deals().map(|deal| deal.win_in_period));
    table = native(table, "expected", |deal| deal.expected);
    table = in_base(table, "base_expected", |deal| deal.base_expected);
    table = in_base(table, "base_expected_cumulative", |deal| deal.base_cumulative);
    table
        .flag("closes_gap", deals().map(|deal| deal.closes_gap))
        .text("node_name", deals().map(|deal| node(deal).map(|node| &node.name)))
        .text("period_kind", deals().map(|deal| Some(deal.period.kind.name())))
        .finish("forecast_deals")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyses::forecast::{BaseRows, ForecastQuality};
    use crate::analyses::revisions::Revisions;
    use crate::domain::day::Day;
    use crate::run::dictionary::assert_documents;

    #[test]
    fn the_dictionary_lists_every_column() {
        let quality = ForecastQuality {
            base_rows: BaseRows::NoRates,
            closed_without_date: 0,
            open_without_date: 0,
            without_amount: 0,
            open_without_probability: 0,
        };
        let forecast = Forecast {
            as_of: Day(9),
            nodes: Vec::new(),
            currencies: Vec::new(),
            rows: Vec::new(),
            quality,
            revisions: Revisions::default(),
        };
        assert_documents(&forecast_table(&forecast).expect("a table"));
        let tables = Tables::from_deals(&[]).expect("a frame");
        let deals = ForecastDeals { forecast, deals: Vec::new() };
        assert_documents(&forecast_deals_table(&deals, &tables).expect("a table"));
    }
}
