//! Fields and columns in words: what a person would read as a deal's value.

use crate::domain::code::NO_AMOUNT;
use crate::features::read::{
    Cells, Coded, amount_text, category_name, days_since, log_amount, number_of_state, parse_date, read,
};
use crate::features::state::{days, signed_exp};
use crate::features::{Basis, FeatureContext, FeatureSpec, Field, Measure};
use crate::snapshot::DealState;

/// Where a deal has no value.
pub(super) const MISSING_TEXT: &str = "(missing)";

impl FeatureSpec {
    /// What a person would read as this field's value for this deal: "41 days", "Proposal", "(missing)".
    #[must_use]
    pub fn describe(&self, field: usize, state: &DealState, context: &FeatureContext<'_>) -> String {
        let text = self.fields.get(field).and_then(|field| field.measure.describe(state, context));
        text.unwrap_or_else(|| MISSING_TEXT.to_owned())
    }
}

/// A field's values as a person would tabulate them, one per row.
#[derive(Clone, Debug, PartialEq)]
pub enum PlainColumn {
    /// In the unit of [`Measure::unit`].
    Numbers(Vec<Option<f64>>),
    /// Names of levels.
    Levels(Vec<Option<String>>),
}

impl FeatureSpec {
    /// How `field` is spread over columns, in words.
    #[must_use]
    pub fn encoding(&self, field: usize) -> String {
        let of = |wanted: fn(&Basis) -> bool| {
            self.features.iter().filter(|feature| feature.field == field && wanted(&feature.basis)).count()
        };
        let parts = [
            (of(|basis| matches!(basis, Basis::Value)), "line"),
            (of(|basis| matches!(basis, Basis::Hinge { .. })), "bend"),
            (of(|basis| matches!(basis, Basis::Positive)), "whether above 0"),
            (of(|basis| matches!(basis, Basis::Level { .. } | Basis::Other)), "level"),
            (of(|basis| matches!(basis, Basis::AtStage { .. })), "line in a stage"),
            (of(|basis| matches!(basis, Basis::Missing)), "whether missing"),
        ];
        let plural = |(count, what): (usize, &str)| match (count, what) {
            (1, what) => what.to_owned(),
            (count, "line in a stage") => format!("lines in {count} stages"),
            (count, what) => format!("{count} {what}s"),
        };
        parts.into_iter().filter(|(count, _)| *count > 0).map(plural).collect::<Vec<_>>().join(", ")
    }

    /// Columns of the matrix that `field` becomes.
    #[must_use]
    pub fn columns_of(&self, field: usize) -> usize {
        self.features.iter().filter(|feature| feature.field == field).count()
    }

    /// The values of `field` before any encoding: what another tool would be given for these rows. `None` where a deal
    /// has no value, or none that is known of that day.
    #[must_use]
    pub fn plain(&self, field: usize, rows: &[DealState], context: &FeatureContext<'_>) -> PlainColumn {
        let Some(Field { measure, .. }) = self.fields.get(field) else {
            return PlainColumn::Numbers(vec![None; rows.len()]);
        };
        let numbers = |natural: &dyn Fn(f64) -> f64| {
            let Cells::Numbers(values) = read(measure, rows, context) else { return vec![None; rows.len()] };
            values.into_iter().map(|value| value.is_finite().then(|| natural(value))).collect()
        };
        PlainColumn::Numbers(match measure {
            Measure::Level { column, .. } | Measure::Rate { column, .. } => {
                let Coded { codes, names } = Coded::read(column, rows, context);
                let name = |code: u32| names.get(code as usize).map(ToString::to_string);
                return PlainColumn::Levels(codes.into_iter().map(name).collect());
            }
            Measure::Amount { .. } => {
                let amount =
                    |row: &DealState| (row.amount_minor != NO_AMOUNT).then(|| signed_exp(log_amount(row, context)));
                rows.iter().map(amount).collect()
            }
            Measure::State { measure } => numbers(&|value| measure.natural(value)),
            Measure::StageNorm { .. } => numbers(&f64::exp),
            Measure::OpenLoad | Measure::Date { .. } => numbers(&f64::exp_m1),
            Measure::Number { log: true, .. } => numbers(&signed_exp),
            Measure::Number { .. } | Measure::QuarterEnd => numbers(&|value| value),
        })
    }
}

impl Measure {
    /// What [`FeatureSpec::plain`] numbers are counted in.
    #[must_use]
    pub fn unit(&self) -> &'static str {
        match self {
            Self::State { measure } => measure.unit(),
            Self::StageNorm { .. } => "times the benchmark",
            Self::Amount { .. } => "currency",
            Self::OpenLoad => "deals",
            Self::QuarterEnd | Self::Date { .. } => "days",
            Self::Number { .. } => "as exported",
            Self::Level { .. } | Self::Rate { .. } => "level",
        }
    }

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
