//! The fields every pipeline has, and the columns this one adds: candidates, before anything is fitted.

use self::FieldKind::{Curve, CurveByStage, Flagged, Line};
use crate::features::context::FeatureContext;
use crate::features::factors;
use crate::features::spec::{DAYS_TO_EXPECTED_CLOSE, Known};
use crate::features::state::StateMeasure::{self, self as M};
use crate::timeline::FieldPast;

/// A field that may enter the model.
#[derive(Clone, Debug)]
pub(super) struct CandidateField {
    pub name: String,
    /// What a person would name as the reason; fields of one factor are one reason.
    pub factor: String,
    pub meaning: String,
    pub source: String,
    pub known: Known,
    /// The contract's name of what it is made of, which the configuration may name too.
    pub column: String,
    pub kind: FieldKind,
}

impl CandidateField {
    /// Whether that is its own name or its column's, whatever the case.
    pub fn is_called(&self, name: &str) -> bool {
        name.eq_ignore_ascii_case(&self.name) || name.eq_ignore_ascii_case(&self.column)
    }
}

/// What a candidate is made of and how it is spread over columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FieldKind {
    /// One line.
    Line(StateMeasure),
    /// A line and whether it is above 0.
    Flagged(StateMeasure),
    /// A piecewise line.
    Curve(StateMeasure),
    /// A piecewise line, and a line of its own in every stage.
    CurveByStage(StateMeasure),
    /// The stage.
    Stage,
    /// Days in stage against what won deals took.
    StageBenchmark,
    /// The amount against its currency.
    Amount,
    /// The owner's open deals.
    OpenLoad,
    /// Days to the fiscal quarter's end.
    QuarterEnd,
    /// A category with few levels.
    Levels,
    /// A category with many levels.
    Rate,
    /// A column of the deals table, to be typed.
    Column,
}

/// All candidates, the built-in ones first, then the columns of the deals table by name.
pub(super) fn candidates(context: &FeatureContext<'_>) -> Vec<CandidateField> {
    let mut all: Vec<CandidateField> = BUILT_IN.iter().map(|built_in| built_in.candidate(context)).collect();
    let deals = &context.tables.deals;
    let mut columns: Vec<&str> = deals.attributes().collect();
    columns.sort_unstable();
    // Deals of a list are read as they stand, after the closing: no history says what was known before.
    let has_past = !context.timeline.undated;
    for column in columns {
        let past = context.timeline.fields.get(column).filter(|_| has_past);
        let has_history = past.is_some_and(FieldPast::covers);
        let taken = all.iter().any(|candidate| candidate.name == column || candidate.factor == column);
        let name = if taken { format!("{column} (column)") } else { column.to_owned() };
        all.push(CandidateField {
            factor: name.clone(),
            name,
            meaning: "the deals table's own column".to_owned(),
            source: source(column, past),
            known: if has_history { Known::History } else { Known::Table },
            column: column.to_owned(),
            kind: FieldKind::Column,
        });
    }
    all
}

/// Where a column of the deals table comes from.
fn source(column: &str, past: Option<&FieldPast>) -> String {
    match past {
        None => format!("deals column `{column}`"),
        Some(past) if past.covers() => format!("history of `{column}`"),
        Some(past) => {
            format!("deals column `{column}`, with a history of {:.0} % of closed deals", 100.0 * past.covered())
        }
    }
}

struct BuiltIn {
    factor: &'static str,
    name: &'static str,
    meaning: &'static str,
    column: &'static str,
    kind: FieldKind,
}

impl BuiltIn {
    fn candidate(&self, context: &FeatureContext<'_>) -> CandidateField {
        let tracked = &context.timeline.quality.tracked_fields;
        let (source, known) = match self.column {
            "stage" => ("stage history".to_owned(), Known::History),
            "activities" => ("activities".to_owned(), Known::History),
            "created_at" => ("deals column `created_at`".to_owned(), Known::History),
            "calendar" => ("fiscal calendar".to_owned(), Known::History),
            "history" => ("change history".to_owned(), Known::History),
            column if tracked.iter().any(|field| field == column) => (format!("history of `{column}`"), Known::History),
            column => (format!("deals column `{column}`"), Known::Table),
        };
        CandidateField {
            factor: self.factor.to_owned(),
            name: self.name.to_owned(),
            meaning: self.meaning.to_owned(),
            source,
            known,
            column: self.column.to_owned(),
            kind: self.kind,
        }
    }
}

const fn built_in(
    factor: &'static str,
    name: &'static str,
    column: &'static str,
    kind: FieldKind,
    meaning: &'static str,
) -> BuiltIn {
    BuiltIn { factor, name, meaning, column, kind }
}

/// The fields that need no column of the organisation's own.
const BUILT_IN: [BuiltIn; 24] = [
    built_in(factors::STAGE, "stage", "stage", FieldKind::Stage, "present stage"),
    built_in(
        factors::TIME_IN_STAGE,
        "days in stage",
        "stage",
        CurveByStage(M::DaysInStage),
        "days in the present stage, log",
    ),
    built_in(
        factors::TIME_IN_STAGE,
        "days in stage vs won deals",
        "stage",
        FieldKind::StageBenchmark,
        "log ratio to the median of the stage's won deals",
    ),
    built_in(factors::STAGE, "forward moves", "stage", Line(M::ForwardMoves), "moves to a later stage, log"),
    built_in(factors::STAGE, "back moves", "stage", Flagged(M::BackMoves), "moves to an earlier stage, log"),
    built_in(factors::STAGE, "skipped stages", "stage", Line(M::SkippedStages), "stages jumped over, log"),
    built_in(factors::AGE, "deal age", "created_at", CurveByStage(M::Age), "days since creation, log"),
    built_in(
        factors::CLOSE_DATE,
        "close date pushes",
        "expected_close_date",
        Flagged(M::Pushes),
        "times the expected close date moved later, log",
    ),
    built_in(
        factors::CLOSE_DATE,
        "close date slip",
        "expected_close_date",
        Line(M::Slip),
        "days from the first expected close date to the present one, signed log",
    ),
    built_in(
        factors::CLOSE_DATE,
        DAYS_TO_EXPECTED_CLOSE,
        "expected_close_date",
        Curve(M::DaysToExpectedClose),
        "days to the expected close date, signed log",
    ),
    built_in(
        factors::CLOSE_DATE,
        "days overdue",
        "expected_close_date",
        Flagged(M::Overdue),
        "days since the expected close date passed, log",
    ),
    built_in(
        factors::AMOUNT,
        "amount",
        "amount",
        FieldKind::Amount,
        "log amount less the mean log amount of its currency",
    ),
    built_in(factors::AMOUNT, "amount change", "amount", Line(M::AmountChange), "log ratio to the first known amount"),
    built_in(factors::AMOUNT, "amount revisions", "amount", Line(M::AmountRevisions), "times the amount changed, log"),
    built_in(
        factors::ACTIVITY,
        "days since last activity",
        "activities",
        Curve(M::DaysSinceActivity),
        "days since the last activity, log",
    ),
    built_in(
        factors::ACTIVITY,
        "recent activities",
        "activities",
        Flagged(M::RecentActivities),
        "activities in the last 30 days, log",
    ),
    built_in(
        factors::ACTIVITY,
        "activity pace",
        "activities",
        Curve(M::ActivityPace),
        "activities per 30 days of age, log",
    ),
    built_in(
        factors::LAST_CHANGE,
        "days since last change",
        "history",
        Curve(M::DaysSinceChange),
        "days since any field changed, log",
    ),
    built_in(
        factors::OWNER,
        "owner",
        "owner",
        FieldKind::Rate,
        "owner's win rate before the landmark, shrunk, log-odds",
    ),
    built_in(
        factors::OWNER,
        "owner's open deals",
        "owner",
        FieldKind::OpenLoad,
        "open deals of the owner that morning, log",
    ),
    built_in(
        factors::QUARTER,
        "days to quarter end",
        "calendar",
        FieldKind::QuarterEnd,
        "days left in the fiscal quarter",
    ),
    built_in(
        factors::FORECAST_CATEGORY,
        "forecast category",
        "forecast_category",
        FieldKind::Levels,
        "the CRM's forecast category",
    ),
    built_in(
        factors::CRM_PROBABILITY,
        "CRM probability",
        "probability",
        Curve(M::Probability),
        "the CRM's own chance to win, 0 to 1",
    ),
    built_in(factors::CURRENCY, "currency", "currency", FieldKind::Levels, "the amount's currency"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_field_is_documented() {
        let documented = include_str!("../../models/FEATURES.md");
        for field in &BUILT_IN {
            let line = format!("| {} | {} | {} |", field.name, field.factor, field.meaning);
            assert!(documented.contains(&line), "models/FEATURES.md has no line that begins with {line}");
        }
    }
}
