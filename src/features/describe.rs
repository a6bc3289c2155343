//! Fields and columns in words: what a person would read as a deal's value.

use crate::features::cells::{CellLevel, Cells};
use crate::features::context::FeatureContext;
use crate::features::kinds::KindMeasure;
use crate::features::past::{Told, told};
use crate::features::read::{
    Coded, amount_text, category_name, days_since, log_amount, number_of_state, parse_date, read,
};
use crate::features::spec::PairSide;
use crate::features::spec::{ColumnBasis, FeatureSpec, Field, Measure};
use crate::features::state::{days, signed_exp};
use crate::ingest::tables::Attribute;
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
        let features = self.features.iter().filter(|feature| feature.field == field);
        let parts: Vec<&str> = features.map(|feature| feature.basis.part()).collect();
        let counted = ENCODING_PARTS.iter().filter_map(|part| {
            let count = parts.iter().filter(|of_feature| *of_feature == part).count();
            (count > 0).then(|| counted_part(count, part))
        });
        counted.collect::<Vec<_>>().join(", ")
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
        if let Measure::Level { column, .. } | Measure::Rate { column, .. } = measure {
            let Coded { cells, names } = Coded::read(column, rows, context);
            let levels = cells.into_iter().map(|cell| names.get(cell.position()?).map(ToString::to_string));
            return PlainColumn::Levels(levels.collect());
        }
        if let Measure::Amount { .. } = measure {
            let amounts = rows.iter().map(|row| log_amount(row, context).map(signed_exp));
            return PlainColumn::Numbers(amounts.collect());
        }
        let values = match read(measure, rows, context) {
            Cells::Numbers(values) => values,
            Cells::Levels(cells) => {
                return PlainColumn::Levels(cells.into_iter().map(|cell| measure.cell_name(cell)).collect());
            }
        };
        let natural = values.into_iter().map(|value| value.is_finite().then(|| measure.natural(value)));
        PlainColumn::Numbers(natural.collect())
    }
}

/// What a field can be spread over, in the order it is listed.
const ENCODING_PARTS: [&str; 8] =
    ["line", "bend", "jump", "exact value", "whether above 0", "level", LINE_IN_A_STAGE, "whether missing"];
const LINE_IN_A_STAGE: &str = "line in a stage";

fn counted_part(count: usize, part: &str) -> String {
    match (count, part) {
        (1, part) => part.to_owned(),
        (count, LINE_IN_A_STAGE) => format!("lines in {count} stages"),
        (count, part) => format!("{count} {part}s"),
    }
}

impl Measure {
    /// The name of a level or of a cell of a pair, where it has one.
    fn cell_name(&self, cell: CellLevel) -> Option<String> {
        match (self, cell) {
            (Self::Pair { cells, .. }, CellLevel::Known(at)) => Some(cells.get(at as usize)?.name.clone()),
            _ => None,
        }
    }

    /// What [`FeatureSpec::plain`] numbers are counted in.
    #[must_use]
    pub fn unit(&self) -> &'static str {
        match self {
            Self::State { measure } => measure.unit(),
            Self::StageBenchmark { .. } => "times the benchmark",
            Self::Amount { .. } => "currency",
            Self::OpenLoad => "deals",
            Self::QuarterEnd | Self::Date { .. } => "days",
            Self::Number { .. } => "as exported",
            Self::Kind { measure, .. } => measure.unit(),
            Self::Level { .. } | Self::Rate { .. } | Self::Pair { .. } => "level",
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
            Self::Amount { .. } => amount_text(state, context),
            Self::Pair { first, second, .. } => {
                let of_side = |side: &PairSide| {
                    let value = side.measure.describe(state, context);
                    format!("{} {}", side.field, value.as_deref().unwrap_or(MISSING_TEXT))
                };
                Some(format!("{}, {}", of_side(first), of_side(second)))
            }
            _ => {
                let value = number_of_state(self, state, context);
                if value.is_infinite() {
                    return Some("(not known from history)".to_owned());
                }
                (!value.is_nan()).then(|| self.phrase(value))
            }
        }
    }

    /// A value on the model's scale, in the [`unit`](Self::unit); those of categories and amounts are left as they are.
    fn natural(&self, value: f64) -> f64 {
        match self {
            Self::State { measure } => measure.natural(value),
            Self::StageBenchmark { .. } => value.exp(),
            Self::OpenLoad | Self::Date { .. } | Self::Kind { .. } => value.exp_m1(),
            Self::Number { log: true, .. } => signed_exp(value),
            Self::Number { .. }
            | Self::QuarterEnd
            | Self::Amount { .. }
            | Self::Level { .. }
            | Self::Rate { .. }
            | Self::Pair { .. } => value,
        }
    }

    /// A value on the model's scale, in a person's units.
    pub(super) fn phrase(&self, value: f64) -> String {
        match self {
            Self::State { measure } => measure.phrase(value),
            // Part of the names a stored model keeps: the words change with the next one.
            Self::StageBenchmark { .. } | Self::Amount { .. } => format!("{:.2} times the usual", value.exp()),
            Self::QuarterEnd | Self::Date { .. } | Self::Kind { measure: KindMeasure::DaysSince, .. } => {
                days(self.natural(value))
            }
            Self::OpenLoad | Self::Kind { .. } => format!("{:.0}", self.natural(value)),
            Self::Number { .. } | Self::Level { .. } | Self::Rate { .. } | Self::Pair { .. } => {
                plain(self.natural(value))
            }
        }
    }
}

impl ColumnBasis {
    /// Which of [`ENCODING_PARTS`] it is.
    fn part(&self) -> &'static str {
        match self {
            Self::Value => "line",
            Self::Hinge { .. } => "bend",
            Self::From { .. } => "jump",
            Self::Exactly { .. } => "exact value",
            Self::Positive => "whether above 0",
            Self::Level { .. } | Self::Other => "level",
            Self::AtStage { .. } => LINE_IN_A_STAGE,
            Self::Missing => "whether missing",
        }
    }

    /// The name of a field's column.
    pub(super) fn name_of(&self, field: &Field) -> String {
        let name = &field.name;
        match self {
            Self::Value => name.clone(),
            Self::Hinge { knot } => format!("{name}, above {}", field.measure.phrase(*knot)),
            Self::From { least } => format!("{name}, from {}", field.measure.phrase(*least)),
            Self::Exactly { value } => format!("{name}, exactly {}", field.measure.phrase(*value)),
            Self::Positive => format!("{name}, any"),
            Self::Missing => format!("{name}, missing"),
            Self::Level { level } => format!("{name}: {level}"),
            Self::Other => format!("{name}: (other)"),
            Self::AtStage { stage, .. } => format!("{name} in {stage}"),
        }
    }
}

fn level_text(column: &str, state: &DealState, context: &FeatureContext<'_>) -> Option<String> {
    let tables = context.tables;
    match told(column, state, context) {
        Some(Told::Value(value)) => return Some(value.to_owned()),
        Some(Told::Empty | Told::Unknown) => return None,
        None => {}
    }
    let name = match column {
        "stage" => Some(context.stages.name(state.stage)),
        "forecast_category" => state.category.map(category_name),
        "currency" => tables.currencies.name(state.currency),
        "owner" => tables.owners.name(state.owner),
        _ => match tables.deals.attribute(column)? {
            Attribute::Words(words) => words.name(state.row),
            Attribute::Numbers(_) => None,
        },
    };
    name.map(str::to_owned)
}

fn number_text(column: &str, state: &DealState, context: &FeatureContext<'_>) -> Option<String> {
    if told(column, state, context).is_some() {
        return level_text(column, state, context);
    }
    match context.tables.deals.attribute(column)? {
        Attribute::Numbers(numbers) => numbers.get(state.row).filter(|x| x.is_finite()).map(plain),
        Attribute::Words(_) => level_text(column, state, context),
    }
}

/// A number with at most four digits after the point.
fn plain(x: f64) -> String {
    let text = format!("{x:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
