//! What the cells of one column look like.

use std::collections::{BTreeMap, HashSet};
use std::hash::BuildHasher;

use foldhash::fast::FixedState;

use crate::config::DateOrder;
use crate::domain::day::{Day, MICROS_PER_DAY};
use crate::ingest::cells::amount::{self, Beside, MarkEvidence};
use crate::ingest::cells::date::{self, DateText};
use crate::ingest::decode::chunk::RawCell;
use crate::ingest::issues::excerpt;
use crate::ingest::profile::zone::ZoneEvidence;

/// Different values that are kept as text; a column with more holds ids, names or numbers.
const MOST_VALUES: usize = 3000;
/// Different values that are told apart.
const MOST_DISTINCT: usize = 3_000_000;
/// Longest value that is kept.
const LONGEST: usize = 120;

/// A cell to show, with its line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// Line (CSV) or row (Parquet, workbooks) in the file.
    pub line: u64,
    /// The cell, cut short.
    pub value: String,
}

/// What the cells of a column look like.
#[derive(Clone, Debug, Default)]
pub struct ColumnProfile {
    /// Its header.
    pub name: String,
    /// Cells with a value.
    pub filled: u64,
    /// Different values with their counts; not all of them where `has_more` says so.
    pub values: BTreeMap<String, u64>,
    /// Whether there are values that `values` lacks.
    pub has_more: bool,
    /// Cells that read as a date.
    pub dates: u64,
    /// Dates that can only be day first, with the first of them.
    pub day_first: (u64, Option<Example>),
    /// Dates that can only be month first.
    pub month_first: (u64, Option<Example>),
    /// Dates that could be either.
    pub either_order: (u64, Option<Example>),
    /// Dates that could be either, and are day first by their dots alone.
    pub dotted: u64,
    /// Cells that read as a number.
    pub numbers: u64,
    /// Of these, numbers with letters beside them that may be a currency.
    abbreviated: u64,
    /// Numbers that are written with a decimal dot.
    pub decimal_dot: (u64, Option<Example>),
    /// Numbers that are written with a decimal comma.
    pub decimal_comma: (u64, Option<Example>),
    /// What moments with a time zone say of where the export was made.
    pub zone: ZoneEvidence,
    /// Signs and codes of currencies in the cells.
    pub currencies: BTreeMap<String, u64>,
    /// The smallest number.
    pub least: Option<f64>,
    /// The largest number.
    pub most: Option<f64>,
    /// The first value.
    pub first: Option<Example>,
    distinct: HashSet<u64, FixedState>,
}

impl ColumnProfile {
    pub(super) fn new(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    /// Different values, up to some millions.
    #[must_use]
    pub fn distinct(&self) -> u64 {
        self.distinct.len() as u64
    }

    /// The values as numbers that stand for them, the same in every file.
    #[must_use]
    pub fn shares_values_with(&self, other: &Self) -> f64 {
        let (small, large) = if self.distinct.len() <= other.distinct.len() { (self, other) } else { (other, self) };
        let both = small.distinct.iter().filter(|value| large.distinct.contains(value)).count();
        both as f64 / small.distinct.len().max(1) as f64
    }

    /// The share of this column's different values that `other` has too.
    #[must_use]
    pub fn is_covered_by(&self, other: &Self) -> f64 {
        let both = self.distinct.iter().filter(|value| other.distinct.contains(value)).count();
        both as f64 / self.distinct.len().max(1) as f64
    }

    /// The share of filled cells that read as dates.
    #[must_use]
    pub fn date_share(&self) -> f64 {
        self.dates as f64 / self.filled.max(1) as f64
    }

    /// The share of filled cells that read as numbers; those with letters beside them where most cells have such.
    #[must_use]
    pub fn number_share(&self) -> f64 {
        let letters = if self.abbreviated * 2 >= self.filled { 0 } else { self.abbreviated };
        (self.numbers - letters) as f64 / self.filled.max(1) as f64
    }

    /// Takes one cell in.
    pub(super) fn add(&mut self, cell: RawCell<'_>, line: u64) {
        match &cell {
            RawCell::Empty => return,
            RawCell::Time(at, is_instant) => {
                self.dates += 1;
                if *is_instant {
                    self.zone.add(*at, "");
                }
            }
            RawCell::Integer(_) | RawCell::Float(_) | RawCell::Decimal(..) => self.numbers += 1,
            RawCell::Flag(_) => {}
            RawCell::Text(text) => self.read(text, line),
        }
        let Some(text) = cell.text() else { return };
        self.filled += 1;
        if let Ok(number) = text.parse::<f64>() {
            self.least = Some(self.least.map_or(number, |least| least.min(number)));
            self.most = Some(self.most.map_or(number, |most| most.max(number)));
        }
        self.first.get_or_insert_with(|| example(&text, line));
        if self.distinct.len() < MOST_DISTINCT {
            self.distinct.insert(FixedState::default().hash_one(&*text));
        }
        self.keep(&text);
    }

    fn keep(&mut self, text: &str) {
        if let Some(count) = self.values.get_mut(text) {
            *count += 1;
        } else if self.values.len() < MOST_VALUES && text.len() <= LONGEST {
            self.values.insert(text.to_owned(), 1);
        } else {
            self.has_more = true;
        }
    }

    fn read(&mut self, text: &str, line: u64) {
        let date = date::read(text);
        // 12.03.2024 could be a number too, if a strange one
        let is_date = date.is_some_and(|date| matches!(date, DateText::Split(_)) || has_marks(text));
        if is_date {
        } else if let Some(evidence) = amount::evidence(text.trim_end_matches(['%', ' ']), Beside::Abbreviations) {
            self.numbers += 1;
            self.abbreviated += u64::from(amount::is_abbreviated(text));
            match evidence {
                MarkEvidence::Decimal('.') => count(&mut self.decimal_dot, text, line),
                MarkEvidence::Decimal(_) => count(&mut self.decimal_comma, text, line),
                MarkEvidence::Either(_) | MarkEvidence::None => {}
            }
            let sign: String =
                text.chars().filter(|c| !c.is_ascii_digit() && !" .,'()-+%\u{a0}\u{202f}".contains(*c)).collect();
            if !sign.is_empty() && sign.chars().count() <= 3 {
                *self.currencies.entry(sign).or_default() += 1;
            }
            return;
        }
        match date {
            None => return,
            Some(DateText::Split(split)) => match split.only_order() {
                Some(DateOrder::DayFirst) => count(&mut self.day_first, text, line),
                Some(DateOrder::MonthFirst) => count(&mut self.month_first, text, line),
                None if split.is_open() => count(&mut self.either_order, text, line),
                None if split.is_dotted_only() => self.dotted += 1,
                None => {}
            },
            Some(DateText::Civil(_)) => {}
            Some(DateText::Instant(at)) => self.zone.add(at, text),
        }
        self.dates += 1;
    }
}

/// Whether a date is written with marks between its numbers, or with the name of its month: no amount is.
fn has_marks(text: &str) -> bool {
    text.matches(['-', '/', ':', '.']).count() >= 2 || text.contains(char::is_alphabetic)
}

fn count(counted: &mut (u64, Option<Example>), text: &str, line: u64) {
    counted.0 += 1;
    counted.1.get_or_insert_with(|| example(text, line));
}

fn example(text: &str, line: u64) -> Example {
    Example { line, value: excerpt(text) }
}

/// The day a cell says, read in `order` where that matters.
#[must_use]
pub fn day_in(text: &str, order: DateOrder) -> Option<Day> {
    let at = match date::read(text)? {
        DateText::Split(split) => match split.resolve_in(Some(order))? {
            DateText::Civil(at) | DateText::Instant(at) => at,
            DateText::Split(_) => return None,
        },
        DateText::Civil(at) | DateText::Instant(at) => at,
    };
    i32::try_from(at.div_euclid(MICROS_PER_DAY)).ok().map(Day)
}
