//! The `predictions` table: every row the model was evaluated on, with the chance each contender gave it out of time.

use arrow::error::ArrowError;

use crate::features::FeatureContext;
use crate::model::predictions::OutOfTimePrediction;
use crate::report::column::{Column, TableSpec};
use crate::report::table::Table;

/// A test row with the names behind its codes.
pub struct PredictionLine<'a> {
    row: &'a OutOfTimePrediction,
    context: &'a FeatureContext<'a>,
}

/// The columns of `predictions`.
#[must_use]
pub fn predictions_spec<'a>() -> TableSpec<PredictionLine<'a>> {
    type Line<'a> = PredictionLine<'a>;
    TableSpec::new(
        "predictions",
        "row the model was evaluated on: deal x past day",
        vec![
            Column::date("cutoff", "the model was trained on what was known before this day", |line: &Line<'_>| {
                line.row.cutoff
            })
            .empty("grouped cross-validation: the model was trained on all other deals"),
            Column::text("deal_id", "id of the deal", |line: &Line<'_>| {
                line.context.tables.deals.id(line.row.state.row).map(Into::into)
            }),
            Column::date("landmark", "the past day the deal is looked at on", |line: &Line<'_>| {
                Some(line.row.state.day)
            }),
            Column::text("stage", "stage of the deal on that day", |line: &Line<'_>| {
                line.row.state.stage_tracked.then(|| line.context.stages.name(line.row.state.stage).into())
            })
            .empty("the stage has no history"),
            Column::integer("group", "number that a deal and its exact copies share", |line: &Line<'_>| {
                Some(line.row.group.into())
            }),
            Column::flag(
                "won_within_horizon",
                "whether the deal was won within the model's horizon",
                |line: &Line<'_>| Some(line.row.won),
            ),
            Column::number("model", "chance by the model as trained at the cutoff", |line: &Line<'_>| {
                Some(line.row.model)
            })
            .between(0, 1),
            Column::number(
                "base_rate",
                "chance by the base rate: share of the training rows won",
                |line: &Line<'_>| Some(line.row.base_rate),
            )
            .between(0, 1),
            Column::number(
                "stage_table",
                "chance by the stage: share of the training rows in this stage won",
                |line: &Line<'_>| Some(line.row.stage_table),
            )
            .between(0, 1),
            Column::number("crm_probability", "chance by the CRM", |line: &Line<'_>| line.row.crm_chance())
                .between(0, 1)
                .empty("the deal had none"),
            Column::integer("fold", "number of the fold the row was tested in, oldest first", |line: &Line<'_>| {
                Some(line.row.fold.into())
            }),
        ],
    )
}

/// Every test row with what each contender gave it: what the evaluation is computed from.
///
/// # Errors
/// An arrow error where columns differ in length.
pub fn predictions_table(rows: &[OutOfTimePrediction], context: &FeatureContext<'_>) -> Result<Table, ArrowError> {
    let lines: Vec<PredictionLine<'_>> = rows.iter().map(|row| PredictionLine { row, context }).collect();
    predictions_spec().table(&lines, 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::day::Day;
    use crate::features::fixtures::Case;
    use crate::report::fixtures::assert_row;
    use crate::timeline::fixtures::World;

    #[test]
    fn every_column_shows_its_own_field() {
        let world = World::default().deal("d1", 0, "Demo").moved(0, "New").moved(5, "Demo");
        let case = Case::replayed(world.tables(), world.timeline(31));
        let mut state = case.snapshot.states[0];
        state.probability = 0.75.into();
        let row = OutOfTimePrediction {
            fold: 3,
            cutoff: Some(Day(59)),
            state,
            won: true,
            group: 7,
            model: 0.5,
            base_rate: 0.25,
            stage_table: 0.375,
        };
        let expected = [
            ("cutoff", "1970-03-01"),
            ("deal_id", "d1"),
            ("landmark", "1970-02-01"),
            ("stage", "Demo"),
            ("group", "7"),
            ("won_within_horizon", "true"),
            ("model", "0.5"),
            ("base_rate", "0.25"),
            ("stage_table", "0.375"),
            ("crm_probability", "0.75"),
            ("fold", "3"),
        ];
        assert_row(&predictions_table(&[row], &case.context()).expect("a table"), 0, &expected);
    }
}
