//! Which values should the open deals have? A finished run in, [`Wanted`] out.
//!
//! Reads the declared columns of `scores`. What is empty there is not wanted anywhere: nothing is ever cleared.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Deserialize;

use crate::config::ScoreField;
use crate::push::error::PushError;
use crate::push::value::FieldValue;
use crate::report::cell::{Cell, TableCells};
use crate::store::finished_run::FinishedRun;

/// The scores of a run, as values of fields.
#[derive(Clone, Debug, PartialEq)]
pub struct Wanted {
    /// The as-of day of the run.
    pub as_of: String,
    /// The model.
    pub model_id: String,
    /// By the deal's id.
    pub deals: BTreeMap<String, BTreeMap<ScoreField, FieldValue>>,
}

/// Most factors in the text.
const FACTORS: usize = 5;

impl Wanted {
    /// What `run` says of every open deal it scored.
    ///
    /// # Errors
    /// [`PushError::NoScores`] where no model was in use; [`PushError::Unreadable`].
    pub fn of(run: &FinishedRun) -> Result<Self, PushError> {
        let no_scores = |reason: &str| PushError::NoScores { reason: reason.to_owned() };
        let Some(model_id) = run.manifest().model_id.clone() else { return Err(no_scores("no model was in use")) };
        let (table, _) = run.table("scores").map_err(|source| PushError::Unreadable { source })?;
        let cells = TableCells(table.batch());
        let rows =
            (0..cells.rows()).filter_map(|row| Some((cells.at("deal_id", row).text()?.to_owned(), values(cells, row))));
        let deals: BTreeMap<_, _> = rows.filter(|(_, values)| values.contains_key(&ScoreField::Score)).collect();
        if deals.is_empty() {
            return Err(no_scores("no open deal was scored"));
        }
        Ok(Self { as_of: run.manifest().as_of.clone(), model_id, deals })
    }
}

/// The values of one row.
fn values(cells: TableCells<'_>, row: usize) -> BTreeMap<ScoreField, FieldValue> {
    let read = |field: ScoreField| match field {
        ScoreField::TopFactors => top_factors(cells, row),
        other => plain(cells.at(column(other), row)),
    };
    ScoreField::ALL.into_iter().filter_map(|field| Some((field, read(field)?))).collect()
}

/// The column of `scores` a field is read from.
fn column(field: ScoreField) -> &'static str {
    match field {
        ScoreField::Probability => "win_probability",
        ScoreField::ScoredAt => "as_of",
        ScoreField::TopFactors => "positive_factors",
        other => other.name(),
    }
}

fn plain(cell: Cell<'_>) -> Option<FieldValue> {
    match cell {
        Cell::Empty => None,
        Cell::Whole(number) => Some(FieldValue::Number(number as f64)),
        Cell::Number(number) => Some(FieldValue::Number(number)),
        other => Some(FieldValue::Text(other.to_string())),
    }
}

/// A factor as `scores` has it.
#[derive(Deserialize)]
struct StoredFactor {
    name: String,
    value: String,
    contribution: f64,
}

/// `stage: Proposal (+); age: 120 days (-)`: the factors that count most, the strongest first.
fn top_factors(cells: TableCells<'_>, row: usize) -> Option<FieldValue> {
    let of = |column: &str| {
        cells.at(column, row).text().and_then(|text| serde_json::from_str::<Vec<StoredFactor>>(text).ok())
    };
    let sides = [of("positive_factors"), of("negative_factors")];
    let mut factors: Vec<StoredFactor> = sides.into_iter().flatten().flatten().collect();
    factors.sort_by(|a, b| b.contribution.abs().total_cmp(&a.contribution.abs()).then_with(|| a.name.cmp(&b.name)));
    let mut text = String::new();
    for StoredFactor { name, value, contribution } in factors.into_iter().take(FACTORS) {
        let (gap, sign) = (if text.is_empty() { "" } else { "; " }, if contribution > 0.0 { '+' } else { '-' });
        // Not at the beginning: spreadsheets take a leading sign for a formula.
        let _ = write!(text, "{gap}{name}: {value} ({sign})");
    }
    (!text.is_empty()).then_some(FieldValue::Text(text))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use arrow::array::{ArrayRef, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray};

    #[test]
    fn a_row_of_scores_becomes_values_and_what_is_empty_is_not_wanted() {
        let positive = r#"[{"name":"stage","value":"Proposal","contribution":0.4}]"#;
        let negative = r#"[{"name":"age","value":"120 days","contribution":-0.9}]"#;
        let columns: Vec<(&str, ArrayRef)> = vec![
            ("win_probability", Arc::new(Float64Array::from(vec![0.734_256]))),
            ("score", Arc::new(Int64Array::from(vec![73]))),
            ("grade", Arc::new(StringArray::from(vec![None::<&str>]))),
            ("as_of", Arc::new(Date32Array::from(vec![0]))),
            ("positive_factors", Arc::new(StringArray::from(vec![positive]))),
            ("negative_factors", Arc::new(StringArray::from(vec![negative]))),
        ];
        let batch = RecordBatch::try_from_iter(columns).expect("a batch");
        let values = values(TableCells(&batch), 0);
        assert_eq!(values[&ScoreField::Probability], FieldValue::Number(0.734_256));
        assert_eq!(values[&ScoreField::Score], FieldValue::Number(73.0));
        assert_eq!(values[&ScoreField::ScoredAt], FieldValue::Text("1970-01-01".to_owned()));
        assert_eq!(
            values[&ScoreField::TopFactors],
            FieldValue::Text("age: 120 days (-); stage: Proposal (+)".to_owned())
        );
        assert!(!values.contains_key(&ScoreField::Grade));
    }
}
