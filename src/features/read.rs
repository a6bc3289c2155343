//! Reading one field's value for many rows: from the states, or from a column of the deals table.
//!
//! Levels are matched by name, once per dictionary entry; dictionary codes never reach a value.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::domain::code::Dictionary;
use crate::domain::day::Day;
use crate::domain::ids::Id;
use crate::domain::maybe::{Compact, Maybe};
use crate::domain::money::to_decimal;
use crate::domain::period::PeriodKind;
use crate::domain::stage::ForecastCategory;
use crate::features::cells::{CellLevel, Cells};
use crate::features::context::FeatureContext;
use crate::features::pair::cells_of_pair;
use crate::features::past::{NamesWithPast, Told, number_told, overlaid};
use crate::features::spec::{Measure, PairSide};
use crate::features::state::{MISSING, NEUTRAL, log_count, signed_log};
use crate::ingest::tables::Attribute;
use crate::snapshot::DealState;

/// Largest size of a number from the deals table; what is larger counts as this, so that sums stay finite.
const LARGEST: f64 = 1e15;

/// Reads a field for every row.
pub(super) fn read(measure: &Measure, rows: &[DealState], context: &FeatureContext<'_>) -> Cells {
    match measure {
        Measure::Level { column, levels, pooled } => {
            let coded = Coded::read(column, rows, context);
            let known: Vec<CellLevel> = coded.names.iter().map(|name| level(name, levels, pooled)).collect();
            let cells = coded.cells.iter().map(|cell| match cell {
                CodedCell::Missing => CellLevel::Missing,
                CodedCell::Incomparable => CellLevel::Unseen,
                CodedCell::Name(at) => known.get(*at as usize).copied().unwrap_or(CellLevel::Unseen),
            });
            Cells::Levels(cells.collect())
        }
        Measure::Rate { column, rates } => {
            let coded = Coded::read(column, rows, context);
            let positions: Vec<Option<usize>> = coded.names.iter().map(|name| rates.position(name)).collect();
            let cells = coded.cells.iter().zip(rows).map(|(cell, row)| match cell {
                CodedCell::Missing => MISSING,
                CodedCell::Incomparable => rates.log_odds(None, row.day),
                CodedCell::Name(at) => rates.log_odds(positions.get(*at as usize).copied().flatten(), row.day),
            });
            Cells::Numbers(cells.collect())
        }
        Measure::Pair { first, second, cells } => {
            let of_side = |side: &PairSide| side.classes_of(&read(&side.measure, rows, context));
            cells_of_pair([first, second], [of_side(first), of_side(second)], cells)
        }
        Measure::Kind { kind, measure } => {
            let kind = context.tables.activities.kinds.code(kind);
            Cells::Numbers(rows.iter().map(|row| measure.of(kind, row, context)).collect())
        }
        Measure::QuarterEnd => {
            let mut left: BTreeMap<Day, f64> = BTreeMap::new();
            let days = rows.iter().map(|row| row.day);
            let cells = days.map(|day| *left.entry(day).or_insert_with(|| days_to_quarter_end(day, context)));
            Cells::Numbers(cells.collect())
        }
        Measure::Number { column, log } => {
            let mut cells = number_cells(column, rows, context);
            if *log {
                cells.iter_mut().filter(|x| x.is_finite()).for_each(|x| *x = signed_log(*x));
            }
            Cells::Numbers(cells)
        }
        Measure::Date { column } => {
            let dates = date_cells(column, rows, context);
            Cells::Numbers(dates.iter().zip(rows).map(|(date, row)| days_since(*date, row.day)).collect())
        }
        _ => Cells::Numbers(rows.iter().map(|row| number_of_state(measure, row, context)).collect()),
    }
}

/// The number a state alone gives for a measure that needs no column of the deals table.
pub(super) fn number_of_state(measure: &Measure, row: &DealState, context: &FeatureContext<'_>) -> f64 {
    match measure {
        Measure::State { measure } => measure.of(row),
        Measure::StageBenchmark { benchmarks, typical } if row.stage_tracked => {
            let benchmark = benchmarks.get(context.stages.name(row.stage)).unwrap_or(typical);
            log_count(row.day.0.saturating_sub(row.stage_since.0)) - benchmark.ln_1p()
        }
        Measure::Amount { typical } => {
            let Some(amount) = log_amount(row, context) else { return MISSING };
            let code = context.tables.currencies.name(row.currency).unwrap_or_default();
            typical.get(code).map_or(NEUTRAL, |typical| amount - typical)
        }
        Measure::OpenLoad => {
            let Some(owner) = row.owner.get() else { return MISSING };
            context.load.at(owner, row.day).map_or(NEUTRAL, log_count)
        }
        Measure::Kind { kind, measure } => measure.of(context.tables.activities.kinds.code(kind), row, context),
        Measure::QuarterEnd => days_to_quarter_end(row.day, context),
        _ => NEUTRAL,
    }
}

/// Signed log of the amount in major units of its currency, if there is one.
pub(super) fn log_amount(row: &DealState, context: &FeatureContext<'_>) -> Option<f64> {
    let unit = 10_f64.powi(context.tables.decimals_of(row.currency).min(12) as i32);
    row.amount_minor.get().map(|minor| signed_log(minor as f64 / unit))
}

/// The amount as a person writes it, if there is one.
pub(super) fn amount_text(row: &DealState, context: &FeatureContext<'_>) -> Option<String> {
    let amount = to_decimal(row.amount_minor.get()?.into(), context.tables.decimals_of(row.currency)).normalize();
    let currency = context.tables.currencies.name(row.currency).unwrap_or_default();
    Some(format!("{amount} {currency}").trim_end().to_owned())
}

fn days_to_quarter_end(day: Day, context: &FeatureContext<'_>) -> f64 {
    f64::from(context.calendar.period_of(PeriodKind::Quarter, day).last.0) - f64::from(day.0)
}

/// Log of the days since a date before `day`; a date still ahead is not known yet.
pub(super) fn days_since(date: Option<Day>, day: Day) -> f64 {
    date.filter(|&date| date < day).map_or(MISSING, |date| (f64::from(day.0) - f64::from(date.0)).ln_1p())
}

fn level(name: &str, levels: &[String], pooled: &[String]) -> CellLevel {
    match position_of(name, levels) {
        Some(position) => CellLevel::Known(position as u32),
        None if position_of(name, pooled).is_some() => CellLevel::Pooled,
        None => CellLevel::Unseen,
    }
}

fn position_of(name: &str, sorted: &[String]) -> Option<usize> {
    sorted.binary_search_by(|other| other.as_str().cmp(name)).ok()
}

/// A category column, one cell per row, with the names behind the cells.
pub(super) struct Coded<'a> {
    /// By row.
    pub cells: Vec<CodedCell>,
    /// What [`CodedCell::Name`] speaks of.
    pub names: Vec<Cow<'a, str>>,
}

/// A cell of a category column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CodedCell {
    /// The deal has no value.
    Missing,
    /// It has one that is not known of that day.
    Incomparable,
    /// Position in [`Coded::names`].
    Name(u32),
}

impl CodedCell {
    fn of<T: Id + Compact>(id: Maybe<T>) -> Self {
        id.get().map_or(Self::Missing, |id| Self::Name(id.index() as u32))
    }

    /// Its position among the names, if it has a name.
    pub(super) fn position(self) -> Option<usize> {
        match self {
            Self::Name(at) => Some(at as usize),
            Self::Missing | Self::Incomparable => None,
        }
    }
}

impl<'a> Coded<'a> {
    /// Reads `stage`, `forecast_category`, `currency`, `owner` from the states, any other column from the deals table.
    pub(super) fn read(column: &str, rows: &[DealState], context: &FeatureContext<'a>) -> Self {
        match column {
            "stage" => {
                let stages = context.stages.names().iter().map(Cow::from).collect();
                Self::of_states(rows, stage_cell, stages)
            }
            "forecast_category" => {
                Self::of_states(rows, category_cell, CATEGORIES.map(category_name).map(Cow::from).to_vec())
            }
            "currency" => {
                Self::of_states(rows, |row| CodedCell::of(row.currency.into()), names(&context.tables.currencies))
            }
            "owner" => Self::of_states(rows, |row| CodedCell::of(row.owner), names(&context.tables.owners)),
            _ => Self::of_table(column, rows, context).with_past(column, rows, context),
        }
    }

    fn of_table(column: &str, rows: &[DealState], context: &FeatureContext<'a>) -> Self {
        match context.tables.deals.attribute(column) {
            Some(Attribute::Words(words)) => {
                Self::of_states(rows, |row| CodedCell::of(words.id(row.row)), names(words.names()))
            }
            Some(Attribute::Numbers(_)) | None => Self::of_states(rows, |_| CodedCell::Missing, Vec::new()),
        }
    }

    /// What stood there on the rows' days, where the column has a history.
    fn with_past(self, column: &str, rows: &[DealState], context: &FeatureContext<'a>) -> Self {
        if !context.timeline.fields.contains_key(column) {
            return self;
        }
        let mut names = NamesWithPast::of(self.names);
        let cells = overlaid(column, self.cells, rows, context, |told| match told {
            Told::Value(name) => CodedCell::Name(names.position(name)),
            Told::Empty => CodedCell::Missing,
            Told::Unknown => CodedCell::Incomparable,
        });
        Self { cells, names: names.names }
    }

    fn of_states(rows: &[DealState], cell: impl Fn(&DealState) -> CodedCell, names: Vec<Cow<'a, str>>) -> Self {
        Self { cells: rows.iter().map(cell).collect(), names }
    }
}

fn stage_cell(row: &DealState) -> CodedCell {
    let known = row.stage.get().filter(|_| row.stage_tracked);
    known.map_or(CodedCell::Incomparable, |stage| CodedCell::Name(stage.index() as u32))
}

fn category_cell(row: &DealState) -> CodedCell {
    let position = row.category.and_then(|category| CATEGORIES.iter().position(|other| *other == category));
    position.map_or(CodedCell::Missing, |at| CodedCell::Name(at as u32))
}

fn names<T: Id + Compact>(dictionary: &Dictionary<T>) -> Vec<Cow<'_, str>> {
    dictionary.names().map(Cow::from).collect()
}

const CATEGORIES: [ForecastCategory; 5] = [
    ForecastCategory::Pipeline,
    ForecastCategory::BestCase,
    ForecastCategory::Commit,
    ForecastCategory::Closed,
    ForecastCategory::Omitted,
];

/// The words for a forecast category.
pub(super) fn category_name(category: ForecastCategory) -> &'static str {
    match category {
        ForecastCategory::Pipeline => "Pipeline",
        ForecastCategory::BestCase => "Best case",
        ForecastCategory::Commit => "Commit",
        ForecastCategory::Closed => "Closed",
        ForecastCategory::Omitted => "Omitted",
    }
}

/// A numeric column of the deals table, one number per row, whether it was read as numbers or as text. Text that is no
/// number is [`NEUTRAL`].
pub(super) fn number_cells(column: &str, rows: &[DealState], context: &FeatureContext<'_>) -> Vec<f64> {
    let table = numbers_of_table(column, rows, context);
    overlaid(column, table, rows, context, |told| number_told(told, parse_number))
}

fn numbers_of_table(column: &str, rows: &[DealState], context: &FeatureContext<'_>) -> Vec<f64> {
    match context.tables.deals.attribute(column) {
        Some(Attribute::Numbers(numbers)) => {
            rows.iter().map(|row| numbers.get(row.row).map_or(MISSING, bounded)).collect()
        }
        Some(Attribute::Words(words)) => {
            let parsed: Vec<f64> = words.names().names().map(|name| parse_number(name).unwrap_or(NEUTRAL)).collect();
            let number = |row: &DealState| words.id(row.row).get().map_or(MISSING, |word| parsed[word.index()]);
            rows.iter().map(number).collect()
        }
        None => vec![MISSING; rows.len()],
    }
}

/// A date column of the deals table, one date per row; `None` for what is no date.
pub(super) fn date_cells(column: &str, rows: &[DealState], context: &FeatureContext<'_>) -> Vec<Option<Day>> {
    let Some(Attribute::Words(words)) = context.tables.deals.attribute(column) else { return vec![None; rows.len()] };
    let parsed: Vec<Option<Day>> = words.names().names().map(parse_date).collect();
    let table = rows.iter().map(|row| words.id(row.row).get().and_then(|word| parsed[word.index()])).collect();
    overlaid(column, table, rows, context, |told| if let Told::Value(text) = told { parse_date(text) } else { None })
}

fn bounded(x: f64) -> f64 {
    if x.is_finite() { x.clamp(-LARGEST, LARGEST) } else { MISSING }
}

/// Reads a plain number. Digits behind a leading zero are a code ("007"), not a number.
pub(super) fn parse_number(text: &str) -> Option<f64> {
    let digits = text.trim_start_matches(['-', '+']);
    let is_code = digits.len() > 1 && digits.starts_with('0') && !digits.starts_with("0.");
    let plain = digits.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    text.parse().ok().filter(|_| plain && !is_code).map(bounded)
}

/// Reads `YYYY-MM-DD`, alone or before a time.
pub(super) fn parse_date(text: &str) -> Option<Day> {
    let (date, rest) = text.split_at_checked(10)?;
    date.parse().ok().filter(|_| rest.is_empty() || rest.starts_with(['T', ' ']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_dates_are_told_from_codes_and_text() {
        assert_eq!(parse_number("-12.5"), Some(-12.5));
        assert_eq!(parse_number("0.25"), Some(0.25));
        assert_eq!(parse_number("1e300"), Some(LARGEST));
        for text in ["007", "", "nan", "inf", "12 kg", "1,200"] {
            assert_eq!(parse_number(text), None, "{text}");
        }
        assert_eq!(parse_date("1970-01-03T10:00"), Some(Day(2)));
        assert_eq!(parse_date("1970-01-03x"), None);
        assert_eq!(parse_date("03/01/1970"), None);
    }

    #[test]
    fn a_date_counts_from_the_day_after_it() {
        assert!(days_since(Some(Day(10)), Day(10)).is_nan());
        assert_eq!(days_since(Some(Day(10)), Day(13)), 4_f64.ln());
    }
}
