//! The `sources` and `campaigns` tables: one row per marketing source (and campaign) and created period; the `attribution`
//! table: the same by touches.

use arrow::error::ArrowError;

use crate::analyses::sources::{Attribution, SourceRow, Sources, WHOLE};
use crate::books::deal_values::DealValues;
use crate::report::table::{Table, TableBuilder};
use crate::stats::survival::Share;

/// How money columns are written.
struct Money {
    decimals: u32,
    unit: f64,
    currency: Option<String>,
}

impl Money {
    fn of(values: &DealValues) -> Self {
        let decimals = values.currency.as_ref().map_or(2, |currency| currency.decimals);
        let unit = 10_f64.powi(i32::try_from(decimals).unwrap_or(2));
        Self { decimals, unit, currency: values.currency.as_ref().map(|currency| currency.name.clone()) }
    }
}

/// `sources` or, where campaigns are told apart, `campaigns` as a table. Money is in the currency of `values`, null where
/// the deals have no common one; counts of leads are null where there are no leads.
///
/// # Errors
/// An arrow error where columns differ in length.
pub fn table(sources: &Sources, by_campaign: bool, values: &DealValues) -> Result<Table, ArrowError> {
    let rows = || sources.rows.iter();
    let Money { decimals, unit, currency } = Money::of(values);
    let count = |read: fn(&SourceRow) -> i64| rows().map(move |row| Some(read(row) / WHOLE));
    let of_leads = |read: fn(&SourceRow) -> i64| rows().map(move |row| sources.has_leads.then(|| read(row) / WHOLE));
    let money = |read: fn(&SourceRow) -> Option<i128>| rows().map(move |row| read(row).map(|minor| (minor, decimals)));
    let cost_per = |read: fn(&SourceRow) -> i64| rows().map(move |row| row.cost_per(read(row)).map(|cost| cost / unit));
    let share = |read: fn(&Share) -> f64| rows().map(move |row| row.win_rate.as_ref().map(read));
    let mut table = TableBuilder::default().text("source", rows().map(|row| Some(&row.source)));
    if by_campaign {
        table = table.text("campaign", rows().map(|row| row.campaign.as_ref()));
    }
    table
        .text("period", rows().map(|row| Some(row.period_name())))
        .integer("created", count(|row| row.sums.created))
        .integer("won", count(|row| row.sums.won))
        .integer("lost", count(|row| row.sums.lost))
        .number("win_rate", rows().map(SourceRow::win_rate_so_far))
        .money("revenue", decimals, money(|row| row.revenue_minor))
        .number("median_cycle_days", rows().map(|row| row.sums.median_cycle_days))
        .money("cost", decimals, money(|row| row.sums.cost_minor))
        .number("return", rows().map(|row| row.return_of(row.revenue_minor)))
        .number("cost_per_win", cost_per(|row| row.sums.won))
        .text("currency", rows().map(|_| currency.as_ref()))
        .integer("leads", of_leads(|row| row.sums.leads))
        .integer("leads_converted", of_leads(|row| row.sums.lead_deals))
        .number("lead_conversion", rows().map(|row| row.lead_conversion.map(|share| share.value)))
        .integer("open", count(|row| row.sums.created - row.sums.won - row.sums.lost))
        .money("open_value", decimals, money(|row| row.open_value_minor))
        .number("mean_won", rows().map(|row| row.mean_won_minor.map(|minor| minor / unit)))
        .number("expected_won", rows().map(|row| Some(row.sums.expected_won as f64 / WHOLE as f64)))
        .number("expected_win_rate", share(|share| share.value))
        .number("expected_win_rate_low", share(|share| share.low))
        .number("expected_win_rate_high", share(|share| share.high))
        .money("expected_revenue", decimals, money(|row| row.expected_revenue_minor))
        .number("expected_return", rows().map(|row| row.return_of(row.expected_revenue_minor)))
        .integer("expected_cycle_days", rows().map(|row| row.expected_cycle_days.map(i64::from)))
        .number("cost_per_lead", cost_per(|row| row.sums.leads))
        .number("cost_per_deal", cost_per(|row| row.sums.created))
        .finish(if by_campaign { "campaigns" } else { "sources" })
}

/// `attribution` as a table: what the touches of deals earn by each model, which share every deal among its touches. Counts
/// are whole and parts of deals, money is exact.
///
/// # Errors
/// An arrow error where columns differ in length.
pub fn attribution_table(models: &[Sources], values: &DealValues) -> Result<Table, ArrowError> {
    let rows = || models.iter().flat_map(|model| model.rows.iter().map(move |row| (model.attribution, row)));
    let Money { decimals, unit, currency } = Money::of(values);
    let count = |read: fn(&SourceRow) -> i64| rows().map(move |(_, row)| Some(read(row) as f64 / WHOLE as f64));
    let money =
        |read: fn(&SourceRow) -> Option<i128>| rows().map(move |(_, row)| read(row).map(|minor| (minor, decimals)));
    let cost_per =
        |read: fn(&SourceRow) -> i64| rows().map(move |(_, row)| row.cost_per(read(row)).map(|cost| cost / unit));
    TableBuilder::default()
        .text("attribution", rows().map(|(model, _)| model.map(Attribution::name)))
        .text("source", rows().map(|(_, row)| Some(&row.source)))
        .text("campaign", rows().map(|(_, row)| row.campaign.as_ref()))
        .text("period", rows().map(|(_, row)| Some(row.period_name())))
        .number("created", count(|row| row.sums.created))
        .number("won", count(|row| row.sums.won))
        .number("lost", count(|row| row.sums.lost))
        .number("win_rate", rows().map(|(_, row)| row.win_rate_so_far()))
        .money("revenue", decimals, money(|row| row.revenue_minor))
        .number("expected_won", count(|row| row.sums.expected_won))
        .money("expected_revenue", decimals, money(|row| row.expected_revenue_minor))
        .money("cost", decimals, money(|row| row.sums.cost_minor))
        .number("return", rows().map(|(_, row)| row.return_of(row.revenue_minor)))
        .number("expected_return", rows().map(|(_, row)| row.return_of(row.expected_revenue_minor)))
        .number("cost_per_deal", cost_per(|row| row.sums.created))
        .number("cost_per_win", cost_per(|row| row.sums.won))
        .text("currency", rows().map(|_| currency.as_ref()))
        .finish("attribution")
}
