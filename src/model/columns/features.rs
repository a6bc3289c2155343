//! What a model sees: the `features` table of its fields, and the training rows with the fields' values before any
//! encoding.

use arrow::error::ArrowError;

use crate::domain::day::Day;
use crate::features::{Excluded, FeatureContext, FeatureSpec, Field, PlainColumn};
use crate::model::rows::TrainingRows;
use crate::report::column::{Column, TableSpec};
use crate::report::named_column::NamedColumn;
use crate::report::table::Table;

/// A field the model sees, or a field or column it does not.
pub enum FieldLine<'a> {
    /// The field at a position of the spec.
    Used(&'a FeatureSpec, usize),
    /// One that was excluded.
    Excluded(&'a Excluded),
}

impl<'a> FieldLine<'a> {
    fn name(&self) -> &str {
        match self {
            Self::Used(spec, position) => &spec.fields[*position].name,
            Self::Excluded(excluded) => &excluded.name,
        }
    }

    fn status(&self) -> &'static str {
        match self {
            Self::Used(..) => "used",
            Self::Excluded(_) => "excluded",
        }
    }

    fn used(&self) -> Option<(&'a FeatureSpec, usize)> {
        match *self {
            Self::Used(spec, position) => Some((spec, position)),
            Self::Excluded(_) => None,
        }
    }

    fn field(&self) -> Option<&'a Field> {
        self.used().map(|(spec, position)| &spec.fields[position])
    }

    fn excluded(&self) -> Option<&'a Excluded> {
        match *self {
            Self::Used(..) => None,
            Self::Excluded(excluded) => Some(excluded),
        }
    }

    fn encoding(&self) -> Option<String> {
        self.used().map(|(spec, position)| spec.encoding(position))
    }

    fn columns(&self) -> Option<i64> {
        self.used().map(|(spec, position)| spec.columns_of(position) as i64)
    }
}

/// When what is said of a used field is empty.
const EXCLUDED: &str = "the field is excluded";
/// When what is said of an excluded field is empty.
const USED: &str = "the field is used";

/// The columns of `features`.
#[must_use]
pub fn features_spec<'a>() -> TableSpec<FieldLine<'a>> {
    type Line<'a> = FieldLine<'a>;
    TableSpec::new(
        "features",
        "field the model sees, then field or column that is excluded",
        vec![
            Column::text("field", "the field, or the column of the deals table", |line: &Line<'_>| {
                Some(line.name().into())
            }),
            Column::text("status", "whether the model sees it", |line: &Line<'_>| Some(line.status().into()))
                .one_of(&["used", "excluded"]),
            Column::text("factor", "the factor it is part of in explanations", |line: &Line<'_>| {
                Some(line.field()?.factor.as_str().into())
            })
            .empty(EXCLUDED),
            Column::text("meaning", "what it says of a deal", |line: &Line<'_>| {
                Some(line.field()?.meaning.as_str().into())
            })
            .empty(EXCLUDED),
            Column::text("unit", "what its values are counted in", |line: &Line<'_>| {
                Some(line.field()?.measure.unit().into())
            })
            .empty(EXCLUDED),
            Column::text("source", "where its values come from", |line: &Line<'_>| {
                Some(line.field()?.source.as_str().into())
            })
            .empty(EXCLUDED),
            Column::text(
                "known",
                "whether a past day shows the value of that day, or the exported one",
                |line: &Line<'_>| Some(line.field()?.known.to_string().into()),
            )
            .unit("as of the day, as exported")
            .empty(EXCLUDED),
            Column::text("encoding", "how the field becomes numbers", |line: &Line<'_>| {
                line.encoding().map(Into::into)
            })
            .empty(EXCLUDED),
            Column::integer("columns", "columns of numbers the field becomes", FieldLine::columns)
                .unit("columns")
                .empty(EXCLUDED),
            Column::number("missing", "share of the training rows without a value", |line: &Line<'_>| {
                Some(line.field()?.missing_share)
            })
            .between(0, 1)
            .empty(EXCLUDED),
            Column::text("reason", "why it is excluded", |line: &Line<'_>| {
                Some(line.excluded()?.reason.as_str().into())
            })
            .empty(USED),
            Column::text("remedy", "what to do to have it used", |line: &Line<'_>| {
                Some(line.excluded()?.remedy.as_deref()?.into())
            })
            .empty("the field is used, or it takes more deals"),
        ],
    )
}

/// One row per field, then one per field or column that is excluded, and why.
///
/// # Errors
/// An arrow error where columns differ in length.
pub fn features_table(spec: &FeatureSpec) -> Result<Table, ArrowError> {
    let used = (0..spec.fields.len()).map(|position| FieldLine::Used(spec, position));
    let lines: Vec<FieldLine<'_>> = used.chain(spec.excluded.iter().map(FieldLine::Excluded)).collect();
    features_spec().table(&lines, 2)
}

/// A row the model is trained on, with the names behind its codes.
pub struct TrainingLine<'a> {
    deal_id: Option<&'a str>,
    landmark: Day,
    won: bool,
}

/// The first columns of `training_rows`; one per field of the model follows.
#[must_use]
pub fn training_rows_spec<'a>() -> TableSpec<TrainingLine<'a>> {
    type Line<'a> = TrainingLine<'a>;
    let columns = vec![
        Column::text("deal_id", "id of the deal", |line: &Line<'_>| line.deal_id.map(Into::into)),
        Column::date("landmark", "the past day the deal is looked at on", |line: &Line<'_>| Some(line.landmark)),
        Column::flag("won_within_horizon", "whether the deal was won within the horizon", |line: &Line<'_>| {
            Some(line.won)
        }),
    ];
    TableSpec::new("training_rows", "row the model is trained on: deal x past day", columns)
}

/// One row per deal and landmark day: the label and every field of `spec`, as another tool would be given them.
///
/// # Errors
/// An arrow error where columns differ in length.
pub fn training_rows_table(
    rows: &TrainingRows,
    spec: &FeatureSpec,
    context: &FeatureContext<'_>,
) -> Result<Table, ArrowError> {
    let deals = &context.tables.deals;
    let labelled = rows.states.iter().zip(&rows.won);
    let lines: Vec<TrainingLine<'_>> =
        labelled.map(|(state, &won)| TrainingLine { deal_id: deals.id(state.row), landmark: state.day, won }).collect();
    let fields = spec.fields.iter().enumerate();
    let fields = fields.map(|(position, field)| match spec.plain(position, &rows.states, context) {
        PlainColumn::Numbers(values) => NamedColumn::number(&field.name, values),
        PlainColumn::Levels(values) => NamedColumn::text(&field.name, values),
    });
    training_rows_spec().table_with(&lines, 2, fields.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::fixtures::{Case, pipeline};
    use crate::model::stored_fixtures::model;
    use crate::report::fixtures::{assert_row, cells};

    #[test]
    fn every_column_shows_its_own_field() {
        let mut spec = model().spec;
        spec.fields[0].factor = "time in stage".to_owned();
        let table = features_table(&spec).expect("a table");
        let used = [
            ("field", "days in stage"),
            ("status", "used"),
            ("factor", "time in stage"),
            ("meaning", "what `days in stage` means"),
            ("unit", "days"),
            ("source", "stage history"),
            ("known", "as of the day"),
            ("encoding", "line, bend"),
            ("columns", "2"),
            ("missing", "0.125"),
            ("reason", ""),
            ("remedy", ""),
        ];
        assert_row(&table, 0, &used);
        let excluded = [
            ("field", "loss_reason"),
            ("status", "excluded"),
            ("factor", ""),
            ("meaning", ""),
            ("unit", ""),
            ("source", ""),
            ("known", ""),
            ("encoding", ""),
            ("columns", ""),
            ("missing", ""),
            ("reason", "filled on closed deals only"),
            ("remedy", "export its history"),
        ];
        assert_row(&table, 3, &excluded);
    }

    #[test]
    fn a_training_row_is_its_label_and_its_fields() {
        let case = Case::of(&pipeline(600, |_| Vec::new()));
        let (rows, spec) =
            (TrainingRows { states: case.rows.clone(), won: case.won.clone(), ..Default::default() }, case.fit());
        let table = training_rows_table(&rows, &spec, &case.context()).expect("a table");
        let cells = cells(&table, 7);
        let (state, id) = (case.rows[7], case.tables.deals.id(case.rows[7].row));
        assert_eq!(cells[0], ("deal_id".to_owned(), id.unwrap_or_default().to_owned()));
        assert_eq!(cells[1], ("landmark".to_owned(), state.day.to_string()));
        assert_eq!(cells[2], ("won_within_horizon".to_owned(), case.won[7].to_string()));
        let names: Vec<&str> = cells[3..].iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, spec.fields.iter().map(|field| field.name.as_str()).collect::<Vec<_>>());
    }
}
