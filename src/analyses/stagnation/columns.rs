//! The `stagnation` table: one row per open deal, the worst first; the same in a few numbers, and judged.

use std::iter;

use arrow::error::ArrowError;

use crate::analyses::stagnation::backtest::JudgedRule;
use crate::analyses::stagnation::summary::{StagnationSummary, StatusTally, Tally};
use crate::analyses::stagnation::{Change, Stagnation, StagnationRow, StagnationStatus};
use crate::books::deal_values::DealValues;
use crate::ingest::tables::Tables;
use crate::report::table::{Table, TableBuilder};
use crate::snapshot::Snapshot;
use crate::stats::survival::Share;
use crate::timeline::Timeline;

/// `stagnation` as a table.
///
/// | column | meaning |
/// |---|---|
/// | `days_in_stage` | full days in the present stage, since creation where the stage has no history |
/// | `percentile` | share of stays that went on to advance that were shorter, 0 to 100 |
/// | `advance_30d`, `lost_30d` | chance to advance, to be lost, within 30 days given the days so far, 0 to 1 |
/// | `stalled_since` | first day it counted as stalled |
/// | `status` | `on pace`, `slow` or `stalled` |
/// | `norm_days` | median days of stays that advance |
/// | `basis` | `stage`, or `age` where the stage has no history |
/// | `norm_of` | whose stays it is compared with |
/// | `next_look` | the next day there is something to see |
/// | `previous_status`, `change` | at the last look, and what became of it since |
/// | `name`, `account` | the deal's |
///
/// # Errors
/// An arrow error where columns differ in length.
pub fn table(
    stagnation: &Stagnation,
    tables: &Tables,
    timeline: &Timeline,
    snapshot: &Snapshot,
) -> Result<Table, ArrowError> {
    let mut worst_first: Vec<&StagnationRow> = stagnation.rows.iter().collect();
    worst_first.sort_by_key(|row| (std::cmp::Reverse((row.status, row.days_in_stage)), row.deal));
    let rows = || worst_first.iter().copied();
    let pipelines = tables.deals.pipeline_names();
    let accounts = tables.deals.account();
    let account = |row: &StagnationRow| accounts?.name(timeline.head(row.deal).row);
    let name = |row: &StagnationRow| tables.deals.name(timeline.head(row.deal).row);
    let scale = rows().map(|row| tables.decimals_of(row.currency)).max().unwrap_or(2);
    let id = |row: &StagnationRow| tables.deals.id(timeline.head(row.deal).row);
    let amount =
        |row: &StagnationRow| row.amount_minor.get().map(|minor| (i128::from(minor), tables.decimals_of(row.currency)));
    TableBuilder::default()
        .text("deal_id", rows().map(id))
        .text("owner", rows().map(|row| tables.owners.name(row.owner)))
        .text("stage", rows().map(|row| Some(timeline.stages.name(row.stage))))
        .integer("days_in_stage", rows().map(|row| row.days_in_stage.map(i64::from)))
        .number("percentile", rows().map(|row| row.percentile))
        .number("advance_30d", rows().map(|row| row.advance_30d))
        .date("stalled_since", rows().map(|row| row.stalled_since.map(|day| day.0)))
        .text("status", rows().map(|row| Some(row.status.name())))
        .money("amount", scale, rows().map(amount))
        .text("currency", rows().map(|row| tables.currencies.name(row.currency)))
        .number("lost_30d", rows().map(|row| row.lost_30d))
        .integer("norm_days", rows().map(|row| row.norm_days.map(i64::from)))
        .text("basis", rows().map(|row| Some(if row.stage_tracked { "stage" } else { "age" })))
        .text("norm_of", rows().map(|row| Some(stagnation.norms.whose(snapshot.state(row.deal)))))
        .date("next_look", rows().map(|row| row.next_look.map(|day| day.0)))
        .text("previous_status", rows().map(|row| row.previous.map(StagnationStatus::name)))
        .text("change", rows().map(|row| row.change.map(Change::name)))
        .text("pipeline", rows().map(|row| pipelines.name(timeline.head(row.deal).pipeline)))
        .text("name", rows().map(name))
        .text("account", rows().map(account))
        .finish("stagnation")
}

/// `stagnation_summary` as a table: all open deals, then each group of each column.
///
/// # Errors
/// An arrow error where columns differ in length.
pub fn summary_table(summary: &StagnationSummary, values: &DealValues) -> Result<Table, ArrowError> {
    let all = iter::once(("all", &summary.total));
    let groups = summary.groups.iter().flat_map(|(by, groups)| groups.iter().map(move |group| (by.as_str(), group)));
    let rows: Vec<(&str, &StatusTally)> = all.chain(groups).collect();
    let decimals = values.currency.as_ref().map_or(2, |currency| currency.decimals);
    let mut table = TableBuilder::default()
        .text("by", rows.iter().map(|row| Some(row.0)))
        .text("group", rows.iter().map(|row| Some(&row.1.name)));
    type Read = fn(&StatusTally) -> Tally;
    let measures: [(&str, Read); 8] = [
        ("on_pace", |group| group.of(StagnationStatus::OnPace)),
        ("slow", |group| group.of(StagnationStatus::Slow)),
        ("stalled", |group| group.of(StagnationStatus::Stalled)),
        ("stalled_then", |group| group.stalled_then),
        ("newly_stalled", |group| group.newly_stalled),
        ("moved_on", |group| group.moved),
        ("won_since", |group| group.won),
        ("lost_since", |group| group.lost),
    ];
    for (name, of) in measures {
        let value = |group: &StatusTally| values.stated(of(group).value_minor).map(|minor| (minor, decimals));
        table = table.integer(name, rows.iter().map(|row| i64::try_from(of(row.1).deals).ok())).money(
            &format!("{name}_value"),
            decimals,
            rows.iter().map(|row| value(row.1)),
        );
    }
    let currency = values.currency.as_ref().map(|currency| currency.name.as_str());
    table.text("currency", rows.iter().map(|_| currency)).finish("stagnation_summary")
}

/// The rules side by side.
///
/// # Errors
/// An arrow error where columns differ in length.
pub fn judged_table(rules: &[JudgedRule]) -> Result<Table, ArrowError> {
    let rows = || rules.iter();
    let count = |read: fn(&JudgedRule) -> u64| rows().map(move |rule| i64::try_from(read(rule)).ok());
    let share = |read: fn(&Share) -> f64| rows().map(move |rule| rule.precision.as_ref().map(read));
    TableBuilder::default()
        .text("rule", rows().map(|rule| Some(&rule.rule)))
        .integer("alerts", count(|rule| rule.alerts))
        .integer("deals", count(|rule| rule.deals))
        .integer("lost", count(|rule| rule.lost))
        .integer("slipped", count(|rule| rule.slipped))
        .number("precision", share(|share| share.value))
        .number("precision_low", share(|share| share.low))
        .number("precision_high", share(|share| share.high))
        .number("recall", rows().map(|rule| rule.recall))
        .finish("stagnation_judged")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyses::stagnation::{StagnationInput, stagnation};
    use crate::config::Config;
    use crate::run::dictionary::assert_documents;
    use crate::timeline::fixtures::World;

    #[test]
    fn the_columns_are_documented() {
        let world = World::default().deal("a", 0, "New").moved(0, "New");
        let (tables, timeline) = (world.tables(), world.timeline(10));
        let (snapshot, config) = (Snapshot::of(&timeline), Config::default());
        let stagnation = stagnation(&StagnationInput {
            timeline: &timeline,
            spells: &timeline.spells(),
            snapshot: &snapshot,
            config: &config.stagnation,
            candidates: &[],
            keep: &[true],
            previous: None,
        });
        let values = DealValues::of(&tables, &config.money, &snapshot, &[true]);
        assert_documents(&table(&stagnation, &tables, &timeline, &snapshot).expect("a table"));
        let summary = StagnationSummary::of(&stagnation, &timeline, &values, &[]);
        assert_documents(&summary_table(&summary, &values).expect("a table"));
        assert_documents(&judged_table(&[]).expect("a table"));
    }
}
