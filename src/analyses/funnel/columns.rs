//! The `funnel` table: cohort x segment x stage, the `funnel_summary` table: cohort x segment, the `flow` table: the same
//! by moves from stage to stage, and two groups compared.

use arrow::error::ArrowError;

use crate::analyses::funnel::compare::{Compared, Judged};
use crate::analyses::funnel::flow::Flow;
use crate::analyses::funnel::{Funnel, FunnelRow, FunnelSummary, LEADS};
use crate::books::deal_values::DealValues;
use crate::domain::stage::StageList;
use crate::report::table::{Table, TableBuilder};
use crate::stats::survival::Share;

/// `funnel` as a table. `value` is in the currency of `values`, null where the deals have no common one.
///
/// | column | meaning |
/// |---|---|
/// | `entered` | deals that were ever in the stage; for lost stages, that ended there |
/// | `advanced`, `lost`, `back`, `still_there` | of these, by how they last left it, or not; `open` are still in it and open |
/// | `skipped` | deals that passed the stage without being in it |
/// | `conversion`, `_low`, `_high` | long-run share that advances with its 95 % interval, censoring taken into account |
/// | `median_days`, `p90_days` | days within which half, nine of ten leave the stage |
/// | `value` | sum of the amounts of the deals that entered |
/// | `moves_back` | moves to an earlier stage, all of them |
/// | `place`, `pipeline` | position in the stage list, 0 for leads; the pipeline whose stage it is |
/// | `won`, `conversion_to_won` | deals that entered and are won; long-run share that is |
///
/// # Errors
/// An arrow error where columns differ in length.
pub fn table(funnel: &Funnel, stages: &StageList, values: &DealValues) -> Result<Table, ArrowError> {
    let rows = || funnel.rows.iter();
    let count = |read: fn(&FunnelRow) -> u64| rows().map(move |row| i64::try_from(read(row)).ok());
    let share = |read: fn(&Share) -> f64| rows().map(move |row| row.conversion.as_ref().map(read));
    let decimals = values.currency.as_ref().map_or(2, |currency| currency.decimals);
    let is_leads = |row: &FunnelRow| funnel.stages.get(row.stage as usize).is_some_and(|stage| stage == LEADS);
    let place = |row: &FunnelRow| Some(if is_leads(row) { 0 } else { i64::from(row.stage) + 1 });
    TableBuilder::default()
        .text("cohort", rows().map(|row| funnel.cohorts.get(row.cohort as usize)))
        .text("segment", rows().map(|row| funnel.segments.get(row.segment as usize)))
        .text("stage", rows().map(|row| funnel.stages.get(row.stage as usize)))
        .integer("entered", count(|row| row.entered))
        .integer("advanced", count(|row| row.advanced))
        .integer("lost", count(|row| row.lost))
        .integer("back", count(|row| row.back))
        .integer("skipped", count(|row| row.skipped))
        .integer("open", count(|row| row.open))
        .number("conversion", share(|share| share.value))
        .number("conversion_low", share(|share| share.low))
        .number("conversion_high", share(|share| share.high))
        .integer("median_days", rows().map(|row| row.median_days.map(i64::from)))
        .integer("p90_days", rows().map(|row| row.p90_days.map(i64::from)))
        .money("value", decimals, rows().map(|row| row.value_minor.map(|minor| (minor, decimals))))
        .text("currency", rows().map(|_| values.currency.as_ref().map(|currency| currency.name.as_str())))
        .integer("won", count(|row| row.won))
        .number("conversion_to_won", rows().map(|row| row.conversion_to_won.map(|share| share.value)))
        .integer("still_there", count(|row| row.still_there))
        .integer("moves_back", count(|row| row.moves_back))
        .integer("place", rows().map(place))
        .text("pipeline", rows().map(|row| stages.stages().get(row.stage as usize)?.pipeline.as_ref()))
        .finish("funnel")
}

/// The summaries of `funnel` as a table: deals, outcomes, cycle, mean won amount and velocity (money a day).
///
/// # Errors
/// An arrow error where columns differ in length.
pub fn summary_table(funnel: &Funnel, values: &DealValues) -> Result<Table, ArrowError> {
    let rows = || funnel.summaries.iter();
    let count = |read: fn(&FunnelSummary) -> u64| rows().map(move |row| i64::try_from(read(row)).ok());
    let decimals = values.currency.as_ref().map_or(2, |currency| currency.decimals);
    let unit = 10_f64.powi(i32::try_from(decimals).unwrap_or(2));
    TableBuilder::default()
        .text("cohort", rows().map(|row| funnel.cohorts.get(row.cohort as usize)))
        .text("segment", rows().map(|row| funnel.segments.get(row.segment as usize)))
        .integer("deals", count(|row| row.deals))
        .integer("won", count(|row| row.won))
        .integer("lost", count(|row| row.lost))
        .integer("open", count(|row| row.open))
        .number("win_rate", rows().map(|row| row.win_rate))
        .integer("median_cycle_days", rows().map(|row| row.median_cycle_days.map(i64::from)))
        .money("mean_won", decimals, rows().map(|row| row.mean_won_minor.map(|minor| (minor, decimals))))
        .number("velocity_per_day", rows().map(|row| row.velocity_minor.map(|minor| minor / unit)))
        .text("currency", rows().map(|_| values.currency.as_ref().map(|currency| currency.name.as_str())))
        .integer("p90_cycle_days", rows().map(|row| row.p90_cycle_days.map(i64::from)))
        .money("won_value", decimals, rows().map(|row| row.won_value_minor.map(|minor| (minor, decimals))))
        .money("open_value", decimals, rows().map(|row| row.open_value_minor.map(|minor| (minor, decimals))))
        .finish("funnel_summary")
}

/// `flow` as a table: the links of a Sankey diagram.
///
/// # Errors
/// An arrow error where columns differ in length.
pub fn flow_table(flow: &Flow, values: &DealValues) -> Result<Table, ArrowError> {
    let rows = || flow.rows.iter();
    let decimals = values.currency.as_ref().map_or(2, |currency| currency.decimals);
    TableBuilder::default()
        .text("cohort", rows().map(|row| flow.cohorts.get(row.cohort as usize)))
        .text("segment", rows().map(|row| flow.segments.get(row.segment as usize)))
        .text("from", rows().map(|row| flow.nodes.get(row.from as usize)))
        .text("to", rows().map(|row| flow.nodes.get(row.to as usize)))
        .text("kind", rows().map(|row| Some(row.kind)))
        .integer("moves", rows().map(|row| i64::try_from(row.moves).ok()))
        .integer("deals", rows().map(|row| i64::try_from(row.deals).ok()))
        .money("value", decimals, rows().map(|row| row.value_minor.map(|minor| (minor, decimals))))
        .text("currency", rows().map(|_| values.currency.as_ref().map(|currency| currency.name.as_str())))
        .integer("median_days", rows().map(|row| row.median_days.map(i64::from)))
        .finish("flow")
}

/// Two groups side by side, named `names`.
///
/// # Errors
/// An arrow error where columns differ in length.
pub fn compare_table(rows: &[Compared], names: [&str; 2]) -> Result<Table, ArrowError> {
    let share =
        |i: usize, read: fn(&Share) -> f64| rows.iter().map(move |row| row.sides[i].conversion.as_ref().map(read));
    let test = |of: fn(&Compared) -> Option<Judged>, read: fn(&Judged) -> f64| {
        rows.iter().map(move |row| of(row).as_ref().map(read))
    };
    let mut table = TableBuilder::default()
        .text("stage", rows.iter().map(|row| Some(row.stage.as_deref().unwrap_or("(all)"))))
        .text("verdict", rows.iter().map(|row| Some(row.verdict(names))));
    for (i, letter) in ["a", "b"].into_iter().enumerate() {
        table = table
            .text(letter, rows.iter().map(|_| Some(names[i])))
            .integer(&format!("entered_{letter}"), rows.iter().map(|row| i64::try_from(row.sides[i].entered).ok()))
            .number(&format!("conversion_{letter}"), share(i, |share| share.value))
            .number(&format!("conversion_low_{letter}"), share(i, |share| share.low))
            .number(&format!("conversion_high_{letter}"), share(i, |share| share.high))
            .integer(&format!("median_days_{letter}"), rows.iter().map(|row| row.sides[i].median_days.map(i64::from)));
    }
    let apart = rows.iter().map(|row| Some(row.sides[0].conversion?.value - row.sides[1].conversion?.value));
    table
        .number("difference", apart)
        .number("difference_low", rows.iter().map(|row| row.difference.map(|[low, _]| low)))
        .number("difference_high", rows.iter().map(|row| row.difference.map(|[_, high]| high)))
        .number("z", test(|row| row.conversion, |judged| judged.test.statistic))
        .number("p_conversion", test(|row| row.conversion, |judged| judged.test.p))
        .number("p_conversion_adjusted", test(|row| row.conversion, |judged| judged.p_adjusted))
        .number("log_rank", test(|row| row.time, |judged| judged.test.statistic))
        .number("p_time", test(|row| row.time, |judged| judged.test.p))
        .number("p_time_adjusted", test(|row| row.time, |judged| judged.p_adjusted))
        .finish("funnel_compare")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::MoneyConfig;
    use crate::run::dictionary::assert_documents;
    use crate::snapshot::Snapshot;
    use crate::timeline::fixtures::World;

    #[test]
    fn the_columns_are_documented() {
        let world = World::default().deal("a", 0, "Won").moved(0, "New").moved(3, "Won");
        let (tables, timeline) = (world.tables(), world.timeline(10));
        let values = DealValues::of(&tables, &MoneyConfig::default(), &Snapshot::of(&timeline), &[true]);
        let (cohorts, segments, stages) = (Vec::new(), Vec::new(), Vec::new());
        let funnel = Funnel { cohorts, segments, stages, rows: Vec::new(), summaries: Vec::new() };
        assert_documents(&table(&funnel, &timeline.stages, &values).expect("a table"));
        assert_documents(&summary_table(&funnel, &values).expect("a table"));
        let flow = Flow { cohorts: Vec::new(), segments: Vec::new(), nodes: Vec::new(), rows: Vec::new() };
        assert_documents(&flow_table(&flow, &values).expect("a table"));
        assert_documents(&compare_table(&[], ["a", "b"]).expect("a table"));
    }
}
