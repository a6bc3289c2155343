//! The waterfall as a table: one row per node, period, currency and basis; and the deals behind its bars.

use arrow::error::ArrowError;

use crate::analyses::forecast::{ForecastCurrency, ForecastNode};
use crate::analyses::waterfall::{Bar, DealBar, Waterfall, WaterfallDeals, WaterfallRow};
use crate::domain::day::Day;
use crate::ingest::tables::Tables;
use crate::report::table::{Table, TableBuilder};

/// Rows of one of the [`waterfall_parts`].
const ROWS_PER_PART: usize = 65_536;

/// The `waterfall` table of the contract, columns of our own at its end.
///
/// # Errors
/// An arrow error where columns differ in length.
pub fn waterfall_table(waterfall: &Waterfall) -> Result<Table, ArrowError> {
    table(waterfall, &waterfall.rows)
}

/// The same table in parts, made one by one; at least one.
pub fn waterfall_parts(waterfall: &Waterfall) -> impl Iterator<Item = Result<Table, ArrowError>> + '_ {
    let rows = &waterfall.rows;
    let part = |first: usize| &rows[first..rows.len().min(first + ROWS_PER_PART)];
    (0..rows.len().max(1)).step_by(ROWS_PER_PART).map(move |first| table(waterfall, part(first)))
}

fn scale(currencies: &[ForecastCurrency]) -> u32 {
    currencies.iter().map(|currency| currency.decimals).max().unwrap_or(2)
}

fn table(waterfall: &Waterfall, rows: &[WaterfallRow]) -> Result<Table, ArrowError> {
    let scale = scale(&waterfall.currencies);
    let node = |row: &WaterfallRow| -> Option<&ForecastNode> { waterfall.nodes.get(row.node) };
    let currency = |row: &WaterfallRow| -> Option<&ForecastCurrency> { waterfall.currencies.get(row.currency) };
    let mut table = TableBuilder::default()
        .text("level", rows.iter().map(|row| node(row).map(|node| node.level.name())))
        .text("node", rows.iter().map(|row| node(row).map(|node| &node.key)))
        .text("period", rows.iter().map(|row| Some(row.period.to_string())))
        .text("currency", rows.iter().map(|row| currency(row).map(|currency| &currency.code)))
        .text("basis", rows.iter().map(|row| Some(row.basis.name())))
        .date("from", rows.iter().map(|row| Some(row.from.0)))
        .date("to", rows.iter().map(|_| Some(waterfall.to.0)));
    for bar in Bar::ALL {
        let decimals = |row| currency(row).map_or(2, |currency| currency.decimals);
        let amounts = rows.iter().map(|row| Some((row.amount(bar).into(), decimals(row))));
        table = table.money(bar.name(), scale, amounts);
    }
    table = table
        .text("node_name", rows.iter().map(|row| node(row).map(|node| &node.name)))
        .text("period_kind", rows.iter().map(|row| Some(row.period.kind.name())))
        .date("period_start", rows.iter().map(|row| Some(row.period.first.0)))
        .date("period_end", rows.iter().map(|row| Some(row.period.last.0)));
    for bar in Bar::ALL {
        let deals = rows.iter().map(|row| Some(row.deals(bar).into()));
        table = table.integer(&format!("{}_deals", bar.name()), deals);
    }
    table.finish("waterfall")
}

/// The `waterfall_deals` table: one row per deal, period and bar of its owner.
///
/// # Errors
/// An arrow error where columns differ in length.
pub fn waterfall_deals_table(deals: &WaterfallDeals<'_>, tables: &Tables) -> Result<Table, ArrowError> {
    let rows = || deals.rows.iter();
    let scale = scale(&deals.currencies);
    let base = deals.currencies.last();
    let native = |row: &DealBar<'_>| deals.currencies.get(row.currency);
    let amount = |row: &DealBar<'_>| (row.native.into(), native(row).map_or(2, |currency| currency.decimals));
    let base_amount = |row: &DealBar<'_>| Some((row.base?.into(), base?.decimals));
    let date = |day: Option<Day>| day.map(|day| day.0);
    TableBuilder::default()
        .text("deal_id", rows().map(|row| tables.deals.id(row.row)))
        .text("owner", rows().map(|row| Some(row.owner)))
        .text("period", rows().map(|row| Some(row.period.to_string())))
        .text("bar", rows().map(|row| Some(row.bar.name())))
        .money("amount", scale, rows().map(|row| Some(amount(row))))
        .text("currency", rows().map(|row| native(row).map(|currency| &currency.code)))
        .money("base_amount", scale, rows().map(base_amount))
        .text("base_currency", rows().map(|row| row.base.and(base).map(|currency| &currency.code)))
        .text("stage_from", rows().map(|row| row.stage_from))
        .text("stage_to", rows().map(|row| Some(row.stage_to)))
        .date("expected_close_from", rows().map(|row| date(row.expected_from)))
        .date("expected_close_to", rows().map(|row| date(row.expected_to)))
        .text("reason", rows().map(|row| row.reason))
        .text("period_kind", rows().map(|row| Some(row.period.kind.name())))
        .date("from", rows().map(|row| Some(row.from.0)))
        .date("to", rows().map(|_| Some(deals.to.0)))
        .finish("waterfall_deals")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::day::Day;
    use crate::run::dictionary::assert_documents;

    #[test]
    fn the_dictionary_lists_every_column() {
        let waterfall = Waterfall {
            to: Day(9),
            nodes: Vec::new(),
            currencies: Vec::new(),
            rows: Vec::new(),
            without_base: Vec::new(),
        };
        let tables: Vec<Table> = waterfall_parts(&waterfall).map(|part| part.expect("a table")).collect();
        assert_eq!(tables.len(), 1);
        assert_documents(&tables[0]);
        let deals = WaterfallDeals { to: Day(9), currencies: Vec::new(), rows: Vec::new(), without_base: Vec::new() };
        let tables = Tables::from_deals(&[]).expect("a frame");
        assert_documents(&waterfall_deals_table(&deals, &tables).expect("a table"));
    }
}
