//! Whole columns to [`Styles`]: which of day and month comes first, which mark is the decimal one.
//!
//! Decided once per column from all of its cells, never per row. Clean files (ISO dates, plain numbers) need no
//! evidence and are never looked through twice.

use crate::config::{DateOrder, Rule, RuleConfig, RuleSeverity, TableSource};
use crate::domain::inputs::{CellKind, InputSpec, stage_history};
use crate::ingest::assumption::Assumption;
use crate::ingest::cells::amount::{Beside, MarkEvidence, evidence as mark_evidence, is_abbreviated};
use crate::ingest::cells::date::{self, DateText};
use crate::ingest::cells::words;
use crate::ingest::decode::chunk::{RawCell, RawChunk};
use crate::ingest::error::IngestError;
use crate::ingest::issues::{Notes, excerpt, quoted};
use crate::ingest::layout::FileLayout;
use crate::ingest::reject::Reject;

/// How the columns of a table write what can be written in two ways; by position in the table's spec.
#[derive(Clone, Debug, Default)]
pub struct Styles {
    /// Order of day and month.
    pub orders: Vec<Option<DateOrder>>,
    /// Decimal mark.
    pub marks: Vec<Option<char>>,
    /// What may be a currency beside a number.
    pub beside: Vec<Beside>,
    /// Whether the columns were looked through.
    pub decided: bool,
    /// What was found out by looking, with the cell that proves it.
    pub assumed: Vec<Assumption>,
}

/// What some cells of a table say about the styles of their columns.
#[derive(Debug)]
pub struct StyleEvidence {
    dates: Vec<StyleVotes>,
    marks: Vec<StyleVotes>,
    words: Vec<WordVotes>,
}

/// Cells of a column of amounts that have text, and those that are numbers with letters beside them.
#[derive(Clone, Copy, Debug, Default)]
struct WordVotes {
    cells: u64,
    abbreviated: u64,
}

impl WordVotes {
    /// Letters are a currency where at least half of the cells have them.
    fn beside(self) -> Beside {
        let most = self.abbreviated > 0 && self.abbreviated * 2 >= self.cells;
        if most { Beside::Abbreviations } else { Beside::Currencies }
    }
}

/// Votes of one column.
#[derive(Clone, Debug, Default)]
struct StyleVotes {
    /// Day first; decimal dot.
    one: u64,
    /// Of these, cells with a comma before three digits: thousands, as a rule.
    grouped: u64,
    /// Month first; decimal comma.
    other: u64,
    /// Could be either, and it matters.
    either: u64,
    /// The first cell of each kind.
    of_one: Option<ExampleCell>,
    of_other: Option<ExampleCell>,
    of_either: Option<ExampleCell>,
}

/// A cell that is quoted back.
#[derive(Clone, Debug, Default)]
struct ExampleCell {
    file: String,
    line: u64,
    value: String,
}

impl StyleEvidence {
    /// No evidence yet.
    #[must_use]
    pub fn new(spec: &InputSpec) -> Self {
        let votes = vec![StyleVotes::default(); spec.columns.len()];
        Self { dates: votes.clone(), marks: votes, words: vec![WordVotes::default(); spec.columns.len()] }
    }

    /// Looks through the rows of a chunk.
    pub fn scan(&mut self, spec: &InputSpec, layout: &FileLayout, chunk: &RawChunk, period_is_date: bool) {
        let columns = (0..spec.columns.len()).filter(|field| layout.has(*field));
        let columns: Vec<(usize, CellKind)> = columns.map(|field| (field, spec.columns[field].kind)).collect();
        let field_log = spec.name == stage_history::SPEC.name && layout.has(stage_history::FIELD);
        for row in 0..chunk.rows() {
            for &(field, kind) in &columns {
                self.cell(field, kind, layout.cell(chunk, row, field), period_is_date, layout, chunk.line(row));
            }
            if field_log {
                self.changed_field(layout, chunk, row);
            }
            for (_, cell) in layout.entered(chunk, row) {
                self.cell(stage_history::CHANGED_AT, CellKind::Date, cell, false, layout, chunk.line(row));
            }
        }
    }

    /// The cells of a field-change row vote in the column of the field they are about.
    fn changed_field(&mut self, layout: &FileLayout, chunk: &RawChunk, row: usize) {
        let name = layout.cell(chunk, row, stage_history::FIELD).text();
        let Some(changed) = name.as_deref().and_then(words::change_field) else { return };
        let fields = stage_history::SPEC.columns;
        let Some(at) = stage_history::SPEC.position(changed) else { return };
        for cell in [stage_history::OLD_VALUE, stage_history::NEW_VALUE] {
            let cell = layout.translate(at, layout.cell(chunk, row, cell));
            self.cell(at, fields[at].kind, cell, false, layout, chunk.line(row));
        }
    }

    fn cell(
        &mut self,
        field: usize,
        kind: CellKind,
        cell: RawCell<'_>,
        period_is_date: bool,
        layout: &FileLayout,
        line: u64,
    ) {
        let RawCell::Text(text) = cell else { return };
        if kind == CellKind::Money {
            self.words[field].cells += 1;
            self.words[field].abbreviated += u64::from(is_abbreviated(&text));
        }
        let (votes, vote) = match kind {
            CellKind::Date => (&mut self.dates[field], date_vote(&text)),
            CellKind::Period if period_is_date => (&mut self.dates[field], date_vote(&text)),
            CellKind::Money => (&mut self.marks[field], money_vote(&text)),
            CellKind::Number => (&mut self.marks[field], number_vote(text.trim_end_matches(['%', ' ']))),
            CellKind::Text | CellKind::Period => return,
        };
        let (count, example) = match vote {
            Vote::None => return,
            Vote::One => (&mut votes.one, &mut votes.of_one),
            Vote::Grouped => {
                votes.grouped += 1;
                (&mut votes.one, &mut votes.of_one)
            }
            Vote::Other => (&mut votes.other, &mut votes.of_other),
            Vote::Either => (&mut votes.either, &mut votes.of_either),
        };
        *count += 1;
        example.get_or_insert_with(|| ExampleCell { file: layout.file.clone(), line, value: excerpt(&text) });
    }

    /// Adds what later rows say.
    pub fn merge(&mut self, later: Self) {
        merge_votes(&mut self.dates, later.dates);
        merge_votes(&mut self.marks, later.marks);
        for (own, later) in self.words.iter_mut().zip(later.words) {
            own.cells += later.cells;
            own.abbreviated += later.abbreviated;
        }
    }

    /// The verdict on every column: what all of its unmistakable cells say, else the configuration, else what the other
    /// columns of the table say, else an error naming the column.
    ///
    /// # Errors
    /// [`IngestError::AmbiguousDate`], [`IngestError::AmbiguousAmount`], [`IngestError::TwoStyles`].
    pub(crate) fn decide(
        self,
        spec: &'static InputSpec,
        source: &TableSource,
        rules: &RuleConfig,
        notes: &mut Notes,
    ) -> Result<Styles, IngestError> {
        let mut styles = Styles { decided: true, ..Styles::default() };
        let day_first = source.date_order.map(|order| order == DateOrder::DayFirst);
        let dates = Choice { rule: Rule::AmbiguousDate, key: "date_order", words: DATES, spec, configured: day_first };
        let dot = source.decimal_mark.map(|mark| mark == '.');
        let marks = Choice { rule: Rule::AmbiguousAmount, key: "decimal_mark", words: MARKS, spec, configured: dot };
        styles.beside = self.words.iter().map(|words| words.beside()).collect();
        for first in dates.decide(&self.dates, rules, notes, &mut styles.assumed)? {
            styles.orders.push(first.map(|first| if first { DateOrder::DayFirst } else { DateOrder::MonthFirst }));
        }
        for dot in marks.decide(&self.marks, rules, notes, &mut styles.assumed)? {
            styles.marks.push(dot.map(|dot| if dot { '.' } else { ',' }));
        }
        Ok(styles)
    }
}

/// The two ways in words: the first one, the other one.
type Ways = [&'static str; 2];

const DATES: Ways = ["day first", "month first"];
const MARKS: Ways = ["a decimal dot", "a decimal comma"];

/// What is to be chosen for every column: the first way (`true`) or the other.
struct Choice {
    rule: Rule,
    /// The key that says which.
    key: &'static str,
    words: Ways,
    spec: &'static InputSpec,
    configured: Option<bool>,
}

impl Choice {
    /// By column; nothing where a column never needed to say.
    fn decide(
        &self,
        votes: &[StyleVotes],
        rules: &RuleConfig,
        notes: &mut Notes,
        assumed: &mut Vec<Assumption>,
    ) -> Result<Vec<Option<bool>>, IngestError> {
        let of_table = self.of_table(votes);
        let columns = self.spec.columns.iter().zip(votes);
        columns.map(|(column, votes)| self.of_column(column.name, votes, of_table, rules, notes, assumed)).collect()
    }

    /// What the columns that say it without a contradiction all say.
    fn of_table(&self, votes: &[StyleVotes]) -> Option<bool> {
        let clear = |votes: &&StyleVotes| (votes.one > 0) != (votes.other > 0);
        let mut said = votes.iter().filter(clear).map(|votes| votes.one > 0);
        let first = said.next()?;
        said.all(|other| other == first).then_some(first)
    }

    fn of_column(
        &self,
        column: &'static str,
        votes: &StyleVotes,
        of_table: Option<bool>,
        rules: &RuleConfig,
        notes: &mut Notes,
        assumed: &mut Vec<Assumption>,
    ) -> Result<Option<bool>, IngestError> {
        let told = |first: bool| self.words[usize::from(!first)];
        match (&votes.of_one, &votes.of_other) {
            (Some(one), Some(other)) => {
                if self.configured.is_some() {
                    return Ok(self.configured);
                }
                if rules.severity_of(self.rule) == RuleSeverity::Error {
                    return Err(self.two_ways(column, one, other));
                }
                let reason =
                    format!("the column has {} and {} cells: the larger share counts", told(true), told(false));
                notes.warn(self.rule, || other.reject(column, reason, self.rule));
                Ok(Some(votes.one >= votes.other))
            }
            (Some(at), None) | (None, Some(at)) => {
                let first = votes.of_one.is_some();
                if first && votes.one == votes.grouped && votes.grouped > 0 {
                    let what = format!("{column} with a comma between thousands ({})", at.told());
                    assumed.push(Assumption::plain(self.key, what));
                    return Ok(Some(true));
                }
                // a mark that is read in one way only needs no word
                if (votes.either > 0 || !first) && self.configured != Some(first) {
                    let what = format!("{column} with {} ({})", told(first), at.told());
                    assumed.push(Assumption::plain(self.key, what).written(self.value(first)));
                }
                Ok(Some(first))
            }
            (None, None) => match (&votes.of_either, self.configured, of_table) {
                (None, configured, _) => Ok(configured),
                (Some(_), Some(configured), _) => Ok(Some(configured)),
                (Some(at), None, Some(first)) => {
                    let what = format!("{column} with {}, as the other columns ({})", told(first), at.told());
                    assumed.push(Assumption::doubtful(self.key, what));
                    Ok(Some(first))
                }
                (Some(at), None, None) if rules.severity_of(self.rule) == RuleSeverity::Error => {
                    Err(self.undecided(column, at))
                }
                (Some(at), None, None) => {
                    let reason = "nothing in the column tells: day first and a decimal dot are assumed".to_owned();
                    notes.warn(self.rule, || at.reject(column, reason, self.rule));
                    Ok(Some(true))
                }
            },
        }
    }

    /// The first or the other way, as the configuration writes it.
    fn value(&self, first: bool) -> &'static str {
        match (self.rule, first) {
            (Rule::AmbiguousDate, true) => "day-first",
            (Rule::AmbiguousDate, false) => "month-first",
            (_, true) => ".",
            (_, false) => ",",
        }
    }

    fn undecided(&self, column: &str, at: &ExampleCell) -> IngestError {
        let (table, file, line) = (self.spec.name, at.file.clone(), at.line);
        let (column, value) = (column.to_owned(), at.value.clone());
        match self.rule {
            Rule::AmbiguousDate => IngestError::AmbiguousDate { table, file, line, column, value },
            _ => IngestError::AmbiguousAmount { table, file, line, column, value },
        }
    }

    fn two_ways(&self, column: &str, one: &ExampleCell, other: &ExampleCell) -> IngestError {
        let cell = |at: &ExampleCell, way| format!("{} on {} line {} ({way})", quoted(&at.value), at.file, at.line);
        IngestError::TwoStyles {
            table: self.spec.name,
            column: column.to_owned(),
            one: cell(one, self.words[0]),
            other: cell(other, self.words[1]),
            key: self.key,
        }
    }
}

impl ExampleCell {
    fn told(&self) -> String {
        format!("{} on line {}", quoted(&self.value), self.line)
    }

    fn reject(&self, column: &str, reason: String, rule: Rule) -> Reject {
        let Self { file, line, value } = self.clone();
        Reject { file, line, column: column.to_owned(), value, reason, rule }
    }
}

/// Adds the votes of later rows, column by column.
fn merge_votes(own: &mut [StyleVotes], later: Vec<StyleVotes>) {
    for (own, later) in own.iter_mut().zip(later) {
        own.one += later.one;
        own.grouped += later.grouped;
        own.other += later.other;
        own.either += later.either;
        own.of_one = own.of_one.take().or(later.of_one);
        own.of_other = own.of_other.take().or(later.of_other);
        own.of_either = own.of_either.take().or(later.of_either);
    }
}

enum Vote {
    None,
    One,
    /// The first way, most likely.
    Grouped,
    Other,
    Either,
}

fn date_vote(text: &str) -> Vote {
    match date::read(text) {
        Some(DateText::Split(split)) => match split.only_order() {
            Some(DateOrder::DayFirst) => Vote::One,
            Some(DateOrder::MonthFirst) => Vote::Other,
            None if split.is_open() => Vote::Either,
            None => Vote::None,
        },
        _ => Vote::None,
    }
}

/// Money: `1,234` is twelve hundred, since no currency has three decimals behind a comma without a sign of it
/// elsewhere; `1.234` is left open.
fn money_vote(text: &str) -> Vote {
    match mark_evidence(text, Beside::Abbreviations) {
        Some(MarkEvidence::Decimal('.')) => Vote::One,
        Some(MarkEvidence::Either(',')) => Vote::Grouped,
        Some(MarkEvidence::Decimal(_)) => Vote::Other,
        Some(MarkEvidence::Either(_)) => Vote::Either,
        Some(MarkEvidence::None) | None => Vote::None,
    }
}

/// Rates and chances: `1.085` has three decimals; `1,085` is left open.
fn number_vote(text: &str) -> Vote {
    match mark_evidence(text, Beside::Currencies) {
        Some(MarkEvidence::Decimal('.') | MarkEvidence::Either('.')) => Vote::One,
        Some(MarkEvidence::Decimal(_)) => Vote::Other,
        Some(MarkEvidence::Either(_)) => Vote::Either,
        Some(MarkEvidence::None) | None => Vote::None,
    }
}
