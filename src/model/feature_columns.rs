//! What a model sees: the table of its fields, and the training rows with the fields' values before any encoding.

use arrow::error::ArrowError;

use crate::features::{FeatureContext, FeatureSpec, Field, PlainColumn};
use crate::model::rows::TrainingRows;
use crate::report::table::{Table, TableBuilder};

/// One row per field, then one per field or column that was left out and why.
///
/// # Errors
/// An arrow error where columns differ in length.
pub fn table(spec: &FeatureSpec) -> Result<Table, ArrowError> {
    let none = || spec.excluded.iter().map(|_| None);
    let of = |read: fn(&Field) -> String| spec.fields.iter().map(move |field| Some(read(field)));
    let columns = |i: usize| spec.features.iter().filter(|feature| feature.field == i).count() as i64;
    TableBuilder::default()
        .text("field", of(|field| field.name.clone()).chain(spec.excluded.iter().map(|e| Some(e.name.clone()))))
        .text("status", spec.fields.iter().map(|_| Some("used")).chain(spec.excluded.iter().map(|_| Some("left out"))))
        .text("factor", of(|field| field.factor.clone()).chain(none()))
        .text("meaning", of(|field| field.meaning.clone()).chain(none()))
        .text("unit", of(|field| field.measure.unit().to_owned()).chain(none()))
        .text("source", of(|field| field.source.clone()).chain(none()))
        .text("known", of(|field| field.known.to_string()).chain(none()))
        .text("encoding", (0..spec.fields.len()).map(|i| Some(spec.encoding(i))).chain(none()))
        .integer("columns", (0..spec.fields.len()).map(|i| Some(columns(i))).chain(spec.excluded.iter().map(|_| None)))
        .number(
            "missing",
            spec.fields.iter().map(|field| Some(field.missing_share)).chain(spec.excluded.iter().map(|_| None)),
        )
        .text("reason", spec.fields.iter().map(|_| None).chain(spec.excluded.iter().map(|e| Some(&e.reason))))
        .text("cure", spec.fields.iter().map(|_| None).chain(spec.excluded.iter().map(|e| e.remedy.as_ref())))
        .finish("features")
}

/// One row per deal and landmark day: the label and every field of `spec`, as another tool would be given them.
///
/// # Errors
/// An arrow error where columns differ in length.
pub fn rows_table(rows: &TrainingRows, spec: &FeatureSpec, context: &FeatureContext<'_>) -> Result<Table, ArrowError> {
    let id = |row| context.tables.deals.id(row);
    let mut table = TableBuilder::default()
        .text("deal_id", rows.states.iter().map(|state| id(state.row)))
        .date("landmark", rows.states.iter().map(|state| Some(state.day.0)))
        .flag("won_within_horizon", rows.won.iter().map(|&won| Some(won)));
    for (i, field) in spec.fields.iter().enumerate() {
        table = match spec.plain(i, &rows.states, context) {
            PlainColumn::Numbers(values) => table.number(&field.name, values),
            PlainColumn::Levels(values) => table.text(&field.name, values),
        };
    }
    table.finish("training_rows")
}
