//! Fields and columns in words: what a person would read as a deal's value.

use super::read::{amount_text, category_name, days_since, number_of_state, parse_date};
use super::state::{days, signed_exp};
use super::{Basis, FeatureContext, FeatureSpec, Field, Measure};
use crate::domain::code::NO_AMOUNT;
use crate::snapshot::DealState;

/// Where a deal has no value.
const MISSING_TEXT: &str = "(missing)";

impl FeatureSpec {
    /// What a person would read as this field's value for this deal: "41 days", "Proposal", "(missing)".
    #[must_use]
    pub fn describe(&self, field: usize, state: &DealState, context: &FeatureContext<'_>) -> String {
        let text = self.fields.get(field).and_then(|field| field.measure.describe(state, context));
        text.unwrap_or_else(|| MISSING_TEXT.to_owned())
    }
}

impl Measure {
    fn describe(&self, state: &DealState, context: &FeatureContext<'_>) -> Option<String> {
        match self {
            Self::Level { column, .. } | Self::Rate { column, .. } => level_text(column, state, context),
            Self::Number { column, .. } => number_text(column, state, context),
            Self::Date { column } => {
                let value = days_since(parse_date(&level_text(column, state, context)?), state.day);
                (!value.is_nan()).then(|| format!("{} ago", self.phrase(value)))
            }
            Self::Amount { .. } => (state.amount_minor != NO_AMOUNT).then(|| amount_text(state, context)),
            _ => {
                let value = number_of_state(self, state, context);
                if value.is_infinite() {
                    return Some("(not known from history)".to_owned());
                }
                (!value.is_nan()).then(|| self.phrase(value))
            }
        }
    }

    /// A value on the model's scale, in a person's units.
    pub(super) fn phrase(&self, value: f64) -> String {
        match self {
            Self::State { measure } => measure.phrase(value),
            Self::StageNorm { .. } | Self::Amount { .. } => format!("{:.2} times the usual", value.exp()),
            Self::OpenLoad => format!("{:.0}", value.exp_m1()),
            Self::QuarterEnd => days(value),
            Self::Date { .. } => days(value.exp_m1()),
            Self::Number { log, .. } => plain(if *log { signed_exp(value) } else { value }),
            Self::Level { .. } | Self::Rate { .. } => plain(value),
        }
    }
}

impl Basis {
    /// The name of a field's column.
    pub(super) fn name_of(&self, field: &Field) -> String {
        let name = &field.name;
        match self {
            Self::Value => name.clone(),
            Self::Hinge { knot } => format!("{name}, above {}", field.measure.phrase(*knot)),
            Self::Positive => format!("{name}, any"),
            Self::Missing => format!("{name}, missing"),
            Self::Level { level } => format!("{name}: {level}"),
            Self::Other => format!("{name}: (other)"),
            Self::AtStage { stage, .. } => format!("{name} in {stage}"),
        }
    }
}

fn level_text(column: &str, state: &DealState, context: &FeatureContext<'_>) -> Option<String> {
    let (tables, row) = (context.tables, state.row as usize);
    let name = match column {
        "stage" => Some(context.stages.name(state.stage)),
        "forecast_category" => category_name(state.category),
        "currency" => tables.currencies.name(state.currency),
        "owner" => tables.owners.name(state.owner),
        _ => {
            let code = tables.deals.frame().column(column).ok()?.u32().ok()?.get(row)?;
            tables.deals.dictionary(column)?.name(code)
        }
    };
    name.map(str::to_owned)
}

fn number_text(column: &str, state: &DealState, context: &FeatureContext<'_>) -> Option<String> {
    match context.tables.deals.frame().column(column).ok()?.f64() {
        Ok(numbers) => numbers.get(state.row as usize).filter(|x| x.is_finite()).map(plain),
        Err(_) => level_text(column, state, context),
    }
}

/// A number with at most four digits after the point.
fn plain(x: f64) -> String {
    let text = format!("{x:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
