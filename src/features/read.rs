//! Reading one field's value for many rows: from the states, or from a column of the deals table.
//!
//! Levels are matched by name, once per dictionary entry; dictionary codes never reach a value.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::domain::code::{Dictionary, NO_AMOUNT, NO_CODE};
use crate::domain::day::Day;
use crate::domain::money::to_decimal;
use crate::domain::period::PeriodKind;
use crate::features::state::{MISSING, NEUTRAL, log_count, signed_log};
use crate::features::{FeatureContext, Measure};
use crate::ingest::tables::category_of;
use crate::snapshot::DealState;

/// Largest size of a number from the deals table; what is larger counts as this, so that sums stay finite.
const LARGEST: f64 = 1e15;

/// One field's values, one per row.
#[derive(Debug)]
pub(super) enum Cells {
    /// Numbers, [`MISSING`] or [`NEUTRAL`].
    Numbers(Vec<f64>),
    /// Levels of [`Measure::Level`].
    Levels(Vec<Level>),
}

/// A level of a category as the fitted field knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    /// Position in the field's levels.
    Known(u32),
    /// One of the rare ones.
    Pooled,
    /// No value.
    Missing,
    /// Never seen in training, or not comparable.
    Unseen,
}

/// Reads a field for every row.
pub(super) fn read(measure: &Measure, rows: &[DealState], context: &FeatureContext<'_>) -> Cells {
    match measure {
        Measure::Level { column, levels, pooled } => {
            let coded = Coded::read(column, rows, context);
            let known: Vec<Level> = coded.names.iter().map(|name| level(name, levels, pooled)).collect();
            let find = |&code: &u32| match code {
                NO_CODE => Level::Missing,
                code => known.get(code as usize).copied().unwrap_or(Level::Unseen),
            };
            Cells::Levels(coded.codes.iter().map(find).collect())
        }
        Measure::Rate { column, rates } => {
            let coded = Coded::read(column, rows, context);
            let positions: Vec<Option<usize>> = coded.names.iter().map(|name| rates.position(name)).collect();
            let log_odds = |(&code, row): (&u32, &DealState)| match positions.get(code as usize) {
                _ if code == NO_CODE => MISSING,
                position => rates.log_odds(position.copied().flatten(), row.day),
            };
            Cells::Numbers(coded.codes.iter().zip(rows).map(log_odds).collect())
        }
        Measure::QuarterEnd => {
            let mut left: BTreeMap<Day, f64> = BTreeMap::new();
            let read = |row: &DealState| *left.entry(row.day).or_insert_with(|| days_to_quarter_end(row.day, context));
            Cells::Numbers(rows.iter().map(read).collect())
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
        Measure::StageNorm { norms, typical } if row.stage_tracked => {
            let norm = norms.get(context.stages.name(row.stage)).unwrap_or(typical);
            log_count(row.day.0.saturating_sub(row.stage_since.0)) - norm.ln_1p()
        }
        Measure::Amount { .. } if row.amount_minor == NO_AMOUNT => MISSING,
        Measure::Amount { typical } => {
            let code = context.tables.currencies.name(row.currency).unwrap_or_default();
            typical.get(code).map_or(NEUTRAL, |typical| log_amount(row, context) - typical)
        }
        Measure::OpenLoad if row.owner == NO_CODE => MISSING,
        Measure::OpenLoad => context.load.at(row.owner, row.day).map_or(NEUTRAL, log_count),
        Measure::QuarterEnd => days_to_quarter_end(row.day, context),
        _ => NEUTRAL,
    }
}

/// Signed log of the amount in major units of its currency.
pub(super) fn log_amount(row: &DealState, context: &FeatureContext<'_>) -> f64 {
    signed_log(row.amount_minor as f64 / 10_f64.powi(context.tables.decimals_of(row.currency).min(12) as i32))
}

/// The amount as a person writes it.
pub(super) fn amount_text(row: &DealState, context: &FeatureContext<'_>) -> String {
    let amount = to_decimal(row.amount_minor.into(), context.tables.decimals_of(row.currency)).normalize();
    format!("{amount} {}", context.tables.currencies.name(row.currency).unwrap_or_default()).trim_end().to_owned()
}

fn days_to_quarter_end(day: Day, context: &FeatureContext<'_>) -> f64 {
    f64::from(context.calendar.period_of(PeriodKind::Quarter, day).last.0) - f64::from(day.0)
}

/// Log of the days since a date before `day`; a date still ahead is not known yet.
pub(super) fn days_since(date: Option<Day>, day: Day) -> f64 {
    date.filter(|&date| date < day).map_or(MISSING, |date| (f64::from(day.0) - f64::from(date.0)).ln_1p())
}

fn level(name: &str, levels: &[String], pooled: &[String]) -> Level {
    let find = |names: &[String]| names.binary_search_by(|n| n.as_str().cmp(name)).ok();
    match find(levels) {
        Some(position) => Level::Known(position as u32),
        None if find(pooled).is_some() => Level::Pooled,
        None => Level::Unseen,
    }
}

/// A category column, one code per row, with the names behind the codes.
pub(super) struct Coded<'a> {
    /// [`NO_CODE`] = missing; codes beyond `names` cannot be compared.
    pub codes: Vec<u32>,
    /// By code.
    pub names: Vec<Cow<'a, str>>,
}

impl<'a> Coded<'a> {
    /// Reads `stage`, `forecast_category`, `currency`, `owner` from the states, any other column from the deals table.
    pub(super) fn read(column: &str, rows: &[DealState], context: &FeatureContext<'a>) -> Self {
        let of_states = |code: fn(&DealState) -> u32, names: Vec<Cow<'a, str>>| Self {
            codes: rows.iter().map(code).collect(),
            names,
        };
        match column {
            "stage" => {
                let stages = context.stages.names().iter().map(Cow::from).collect();
                of_states(|row| if row.stage_tracked { row.stage.into() } else { NO_CODE - 1 }, stages)
            }
            "forecast_category" => {
                of_states(|row| row.category, (0..5).map_while(category_name).map(Cow::from).collect())
            }
            "currency" => of_states(|row| row.currency, names(&context.tables.currencies)),
            "owner" => of_states(|row| row.owner, names(&context.tables.owners)),
            _ => {
                let deals = &context.tables.deals;
                let names = deals.dictionary(column).map(names).unwrap_or_default();
                Self { codes: deals.codes_of(column, rows.iter().map(|row| row.row)), names }
            }
        }
    }
}

fn names(dictionary: &Dictionary) -> Vec<Cow<'_, str>> {
    dictionary.names().map(Cow::from).collect()
}

/// The words for a forecast category.
pub(super) fn category_name(code: u32) -> Option<&'static str> {
    use crate::domain::stage::ForecastCategory::{BestCase, Closed, Commit, Omitted, Pipeline};
    Some(match category_of(code)? {
        Pipeline => "Pipeline",
        BestCase => "Best case",
        Commit => "Commit",
        Closed => "Closed",
        Omitted => "Omitted",
    })
}

/// A numeric column of the deals table, one number per row, whether it was read as numbers or as text. Text that is no
/// number is [`NEUTRAL`].
pub(super) fn number_cells(column: &str, rows: &[DealState], context: &FeatureContext<'_>) -> Vec<f64> {
    let (deals, places) = (&context.tables.deals, rows.iter().map(|row| row.row));
    if deals.is_number(column) {
        return deals.numbers_of(column, places).into_iter().map(bounded).collect();
    }
    let parsed: Vec<f64> = deals
        .dictionary(column)
        .map(|names| names.names().map(|name| parse_number(name).unwrap_or(NEUTRAL)).collect())
        .unwrap_or_default();
    let number = |code: u32| parsed.get(code as usize).copied().unwrap_or(MISSING);
    deals.codes_of(column, places).into_iter().map(number).collect()
}

/// A date column of the deals table, one date per row; `None` for what is no date.
pub(super) fn date_cells(column: &str, rows: &[DealState], context: &FeatureContext<'_>) -> Vec<Option<Day>> {
    let deals = &context.tables.deals;
    let dictionary = deals.dictionary(column);
    let parsed: Vec<Option<Day>> = dictionary.map(|names| names.names().map(parse_date).collect()).unwrap_or_default();
    let date = |code: u32| parsed.get(code as usize).copied().flatten();
    deals.codes_of(column, rows.iter().map(|row| row.row)).into_iter().map(date).collect()
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
