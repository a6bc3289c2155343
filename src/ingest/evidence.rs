//! Whole columns to [`Styles`]: which of day and month comes first, which mark is the decimal one.
//!
//! Decided once per column from all of its cells, never per row. Clean files (ISO dates, plain numbers) need no
//! evidence and are never looked through twice.

use crate::config::{DateOrder, Rule, RuleConfig, RuleSeverity, TableSource};
use crate::domain::inputs::{CellKind, InputSpec, stage_history};
use crate::ingest::cells::amount::{MarkEvidence, evidence as mark_evidence};
use crate::ingest::cells::date::{self, DateText};
use crate::ingest::cells::words;
use crate::ingest::decode::chunk::{RawCell, RawChunk};
use crate::ingest::error::IngestError;
use crate::ingest::issues::{Notes, excerpt};
use crate::ingest::layout::FileLayout;
use crate::ingest::reject::Reject;

/// How the columns of a table write what can be written in two ways; by position in the table's spec.
#[derive(Clone, Debug, Default)]
pub struct Styles {
    /// Order of day and month.
    pub orders: Vec<Option<DateOrder>>,
    /// Decimal mark.
    pub marks: Vec<Option<char>>,
    /// Whether the columns were looked through.
    pub decided: bool,
}

/// What some cells of a table say about the styles of their columns.
#[derive(Debug)]
pub struct StyleEvidence {
    dates: Vec<StyleVotes>,
    marks: Vec<StyleVotes>,
}

/// Votes of one column.
#[derive(Clone, Debug, Default)]
struct StyleVotes {
    /// Day first; decimal dot.
    one: u64,
    /// Month first; decimal comma.
    other: u64,
    /// Could be either, and it matters.
    either: u64,
    example: Option<ExampleCell>,
}

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
        Self { dates: votes.clone(), marks: votes }
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
        let (votes, vote) = match kind {
            CellKind::Date => (&mut self.dates[field], date_vote(&text)),
            CellKind::Period if period_is_date => (&mut self.dates[field], date_vote(&text)),
            CellKind::Money => (&mut self.marks[field], money_vote(&text)),
            CellKind::Number => (&mut self.marks[field], number_vote(text.trim_end_matches(['%', ' ']))),
            CellKind::Text | CellKind::Period => return,
        };
        match vote {
            Vote::None => {}
            Vote::One => votes.one += 1,
            Vote::Other => votes.other += 1,
            Vote::Either => {
                votes.either += 1;
                votes.example.get_or_insert_with(|| ExampleCell {
                    file: layout.file.clone(),
                    line,
                    value: excerpt(&text),
                });
            }
        }
    }

    /// Adds what later rows say.
    pub fn merge(&mut self, later: Self) {
        merge_votes(&mut self.dates, later.dates);
        merge_votes(&mut self.marks, later.marks);
    }

    /// The verdict: the larger share of unmistakable cells, else the configuration, else an error naming the column.
    ///
    /// # Errors
    /// [`IngestError::AmbiguousDate`], [`IngestError::AmbiguousAmount`].
    pub(crate) fn decide(
        self,
        spec: &'static InputSpec,
        source: &TableSource,
        rules: &RuleConfig,
        notes: &mut Notes,
    ) -> Result<Styles, IngestError> {
        let mut styles = Styles { decided: true, ..Styles::default() };
        for (field, (dates, marks)) in spec.columns.iter().zip(self.dates.into_iter().zip(self.marks)) {
            let configured = source.date_order.map(|order| order == DateOrder::DayFirst);
            let day_first = verdict(&dates, configured, Rule::AmbiguousDate, field.name, rules, notes);
            let day_first = day_first.map_err(|at| IngestError::AmbiguousDate {
                table: spec.name,
                file: at.file,
                line: at.line,
                column: field.name.to_owned(),
                value: at.value,
            })?;
            styles.orders.push(day_first.map(|first| if first { DateOrder::DayFirst } else { DateOrder::MonthFirst }));
            let configured = source.decimal_mark.map(|mark| mark == '.');
            let dot = verdict(&marks, configured, Rule::AmbiguousAmount, field.name, rules, notes);
            let dot = dot.map_err(|at| IngestError::AmbiguousAmount {
                table: spec.name,
                file: at.file,
                line: at.line,
                column: field.name.to_owned(),
                value: at.value,
            })?;
            styles.marks.push(dot.map(|dot| if dot { '.' } else { ',' }));
        }
        Ok(styles)
    }
}

/// Adds the votes of later rows, column by column.
fn merge_votes(own: &mut [StyleVotes], later: Vec<StyleVotes>) {
    for (own, later) in own.iter_mut().zip(later) {
        own.one += later.one;
        own.other += later.other;
        own.either += later.either;
        own.example = own.example.take().or(later.example);
    }
}

/// `Some(true)` for the first way, `None` where the column never needed to say. `Err`: nothing tells.
fn verdict(
    votes: &StyleVotes,
    configured: Option<bool>,
    rule: Rule,
    column: &str,
    rules: &RuleConfig,
    notes: &mut Notes,
) -> Result<Option<bool>, ExampleCell> {
    if votes.one != votes.other {
        return Ok(Some(votes.one > votes.other));
    }
    if votes.one + votes.either == 0 || configured.is_some() {
        return Ok(configured);
    }
    let at = votes.example.clone().unwrap_or_default();
    if rules.severity_of(rule) == RuleSeverity::Error {
        return Err(at);
    }
    let reason = "nothing in the column tells: day first and a decimal dot are assumed".to_owned();
    notes.warn(rule, || Reject {
        file: at.file,
        line: at.line,
        column: column.to_owned(),
        value: at.value,
        reason,
        rule,
    });
    Ok(Some(true))
}

enum Vote {
    None,
    One,
    Other,
    Either,
}

fn date_vote(text: &str) -> Vote {
    match date::read(text) {
        Some(DateText::Split(split)) => match split.only_order() {
            Some(DateOrder::DayFirst) => Vote::One,
            Some(DateOrder::MonthFirst) => Vote::Other,
            None if split.first == split.second => Vote::None,
            None => Vote::Either,
        },
        _ => Vote::None,
    }
}

/// Money: `1,234` is twelve hundred, since no currency has three decimals behind a comma without a sign of it
/// elsewhere; `1.234` is left open.
fn money_vote(text: &str) -> Vote {
    match mark_evidence(text) {
        Some(MarkEvidence::Decimal('.') | MarkEvidence::Either(',')) => Vote::One,
        Some(MarkEvidence::Decimal(_)) => Vote::Other,
        Some(MarkEvidence::Either(_)) => Vote::Either,
        Some(MarkEvidence::None) | None => Vote::None,
    }
}

/// Rates and chances: `1.085` has three decimals; `1,085` is left open.
fn number_vote(text: &str) -> Vote {
    match mark_evidence(text) {
        Some(MarkEvidence::Decimal('.') | MarkEvidence::Either('.')) => Vote::One,
        Some(MarkEvidence::Decimal(_)) => Vote::Other,
        Some(MarkEvidence::Either(_)) => Vote::Either,
        Some(MarkEvidence::None) | None => Vote::None,
    }
}
