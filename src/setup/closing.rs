//! On which day deals were won or lost: the column that says it, two of them, or a question.

use std::path::Path;

use crate::config::{ColumnNames, ColumnRecipe, Condition};
use crate::domain::stage::{StageKind, outcome_of_name};
use crate::ingest::profile::{ColumnProfile, Counted, tally};
use crate::setup::answers::{AnswerError, Answers, CLOSED_AT, NO_COLUMN};
use crate::setup::fits::truth;
use crate::setup::made_of::parts;
use crate::setup::outcomes::{EndDates, OutcomeCells, by_name, outcome, status_outcome};
use crate::setup::proposal::{Proposal, Question};
use crate::setup::recognise::Recognised;
use crate::setup::stages::counts::{StageCounts, kind_of};

/// The share of closed deals that must have a day in a column that says when they closed.
const NEARLY_ALL: f64 = 0.9;
/// The share of open deals that may have one all the same.
const HARDLY_ANY: f64 = 0.02;
/// More columns with dates are not looked at.
const MOST_COLUMNS: usize = 12;
/// Parts of names that speak of an end.
const ENDS: [&str; 12] = [
    "clos",
    "abschl",
    "clôt",
    "clotur",
    "cierre",
    "fecham",
    "sluit",
    "geschlossen",
    "decid",
    "entschied",
    "end",
    "ferm",
];

/// Finds such columns, and makes the closing day of them where nothing better does.
pub(super) fn settle_end_dates(deals: &mut Recognised<'_>) -> EndDates {
    let of = |kind: StageKind| -> Option<String> {
        let says = |column: &&ColumnProfile| outcome_of_name(&column.name) == Some(kind) && is_date(column);
        deals.file.columns.iter().find(says).map(|column| column.name.clone())
    };
    let ends = EndDates { won: of(StageKind::Won), lost: of(StageKind::Lost) };
    let both: Vec<String> = ends.won.iter().chain(&ends.lost).cloned().collect();
    let said = deals.columns.get("closed_at").map(parts);
    // a CRM's own closing day is better; half of a pair is not
    if !both.is_empty() && said.is_none_or(|said| said.iter().all(|part| both.contains(part))) {
        deals.columns.insert("closed_at", ColumnNames::FirstFilled(both));
    }
    ends
}

fn is_date(column: &ColumnProfile) -> bool {
    column.filled > 0 && column.date_share() >= 0.6
}

/// Of a column with dates: rows that have one, by what became of the deal.
struct Filled {
    column: String,
    won: u64,
    lost: u64,
    open: u64,
}

/// Finds the closing day where no column is known for it: one that is filled where deals are closed, and only there; asks
/// where others could be meant.
pub(super) fn find_closing(
    proposal: &mut Proposal,
    deals: &mut Recognised<'_>,
    counts: &StageCounts,
    path: &str,
    base: &Path,
) {
    if deals.columns.contains_key("closed_at") {
        return;
    }
    let (won, lost) = counts.values().fold((0, 0), |(won, lost), rows| (won + rows.won, lost + rows.lost));
    let open: u64 = counts.values().map(|rows| rows.open).sum();
    let closed = won + lost;
    if closed == 0 {
        return;
    }
    let columns = filled(deals, path, base);
    let is_all = |part: u64, all: u64| all > 0 && part as f64 >= NEARLY_ALL * all as f64;
    let is_none = |part: u64, all: u64| part as f64 <= HARDLY_ANY * all as f64;
    let only_closed = |of: &&Filled| is_all(of.won + of.lost, closed) && is_none(of.open, open);
    let only_won = |of: &&Filled| is_all(of.won, won) && is_none(of.lost + of.open, lost + open);
    let only_lost = |of: &&Filled| is_all(of.lost, lost) && is_none(of.won + of.open, won + open);
    if open > 0
        && let Some(best) = columns.iter().filter(only_closed).max_by_key(|of| speaks_of_end(&of.column))
    {
        let told =
            format!("{} of {closed} closed deals have it, and {} of {open} open ones", best.won + best.lost, best.open);
        proposal.found.push(format!("closing day: {:?} ({told})", best.column));
        deals.columns.insert("closed_at", ColumnNames::One(best.column.clone()));
    } else if let (Some(of_won), Some(of_lost)) = (columns.iter().find(only_won), columns.iter().find(only_lost)) {
        let both = vec![of_won.column.clone(), of_lost.column.clone()];
        proposal
            .found
            .push(format!("closing day: {both:?} (the first one only of won deals, the other only of lost ones)"));
        deals.columns.insert("closed_at", ColumnNames::FirstFilled(both));
    } else {
        ask(proposal, deals, &columns, closed);
    }
}

/// Whether the name of a column speaks of an end.
fn speaks_of_end(column: &str) -> bool {
    let lower = column.to_lowercase();
    ENDS.iter().any(|word| lower.contains(word))
}

/// How the columns with dates that mean nothing else are filled.
fn filled(deals: &Recognised<'_>, path: &str, base: &Path) -> Vec<Filled> {
    let taken: Vec<String> = deals.columns.values().flat_map(parts).collect();
    let free = deals.file.columns.iter().filter(|column| is_date(column) && !taken.contains(&column.name));
    let mut columns: Vec<Filled> = free
        .take(MOST_COLUMNS)
        .map(|column| Filled { column: column.name.clone(), won: 0, lost: 0, open: 0 })
        .collect();
    let names: Vec<String> = columns.iter().map(|of| of.column.clone()).collect();
    let single = |name: &str| deals.single(name).unwrap_or_default();
    let told = ["stage", "is_won", "is_closed", "status"].map(|name| Counted::Cell(single(name)));
    let counted: Vec<Counted<'_>> = told.into_iter().chain(names.iter().map(|name| Counted::Filled(name))).collect();
    let values = deals.table.values.get("status").cloned().unwrap_or_default();
    for (cells, rows) in tally(path, base, &counted).unwrap_or_default() {
        let given = |at: usize| Some(cells[at].as_str()).filter(|cell| !cell.is_empty());
        let kind = outcome(&OutcomeCells { won: given(1), closed: given(2), status: given(3) }, &values);
        let kind = kind.or_else(|| by_name(&cells[0])).unwrap_or(StageKind::Open);
        for (of, _) in columns.iter_mut().zip(&cells[4..]).filter(|(_, cell)| !cell.is_empty()) {
            *match kind {
                StageKind::Won => &mut of.won,
                StageKind::Lost => &mut of.lost,
                StageKind::Open => &mut of.open,
            } += rows;
        }
    }
    columns
}

/// Asks which column it is, where any closed deals have a date in it.
fn ask(proposal: &mut Proposal, deals: &Recognised<'_>, columns: &[Filled], closed: u64) {
    let mut could: Vec<(bool, u64, String)> = columns
        .iter()
        .filter(|of| (of.won + of.lost) as f64 >= NEARLY_ALL * closed as f64)
        .map(|of| (speaks_of_end(&of.column), of.won + of.lost, of.column.clone()))
        .collect();
    could.extend(deals.single("expected_close_date").map(|expected| (true, 0, expected.to_owned())));
    could.sort_by(|a, b| (b.0, b.1, &a.2).cmp(&(a.0, a.1, &b.2)));
    if could.is_empty() {
        let sentence = format!(
            "no column says on which day deals were won or lost: {closed} closed deals count in no period, and the deals are \
             a list without a past"
        );
        proposal.doubts.push(sentence);
        return;
    }
    let choices = could.into_iter().map(|(.., column)| column).chain([NO_COLUMN.to_owned()]).collect();
    let asks = format!(
        "no column says plainly on which day the {closed} closed deals were won or lost: which one is it? With {NO_COLUMN:?} they \
         count in no period, and the deals are a list without a past"
    );
    proposal.ask(Question { key: CLOSED_AT.to_owned(), asks, choices });
}

/// Takes the column a person named, in place of a guess.
///
/// # Errors
/// [`AnswerError`] where the file has no such column.
pub(super) fn take_answer(answers: &Answers, deals: &mut Recognised<'_>) -> Result<(), AnswerError> {
    let Some(name) = answers.get(CLOSED_AT).filter(|name| !name.starts_with(['[', '{'])) else { return Ok(()) };
    if name == NO_COLUMN {
        deals.columns.remove("closed_at");
        return Ok(());
    }
    let Some(column) = deals.file.column(name) else {
        let known: Vec<&str> = deals.file.columns.iter().map(|column| column.name.as_str()).collect();
        return Err(AnswerError::unknown(CLOSED_AT, name, &known.join(", ")));
    };
    deals.columns.insert("closed_at", ColumnNames::One(column.name.clone()));
    Ok(())
}

/// The closing day of a column that open deals fill too: it is one only where the deal is closed.
pub(super) fn settle_closing(deals: &mut Recognised<'_>, counts: &StageCounts) {
    let Some(closing) = deals.single("closed_at").map(str::to_owned) else { return };
    let shared = deals.single("expected_close_date") == Some(closing.as_str());
    let (open, dated) = counts.values().fold((0, 0), |(open, dated), rows| (open + rows.open, dated + rows.open_dated));
    if !shared && (dated * 2 <= open || open == 0) {
        return;
    }
    if !deals.columns.contains_key("expected_close_date") {
        deals.columns.insert("expected_close_date", ColumnNames::One(closing.clone()));
    }
    let when = closed_rows(deals, counts);
    let recipe = ColumnRecipe { first_filled: vec![closing], when, ..ColumnRecipe::default() };
    deals.columns.insert("closed_at", ColumnNames::Recipe(recipe));
}

/// The rows of deals that are closed.
fn closed_rows(deals: &Recognised<'_>, counts: &StageCounts) -> Option<Condition> {
    let of = |column: &str, words: Vec<String>| Condition {
        column: column.to_owned(),
        any_of: Some(words),
        ..Condition::default()
    };
    let words = |column: &str, is_closed: &dyn Fn(&str) -> bool| -> Vec<String> {
        let values = deals
            .file
            .column(column)
            .map(|column| column.values.keys().cloned().collect::<Vec<_>>())
            .unwrap_or_default();
        values.into_iter().filter(|value| is_closed(value)).collect()
    };
    if let Some(flag) = deals.single("is_closed") {
        return Some(of(flag, words(flag, &|value| truth(value) == Some(true))));
    }
    let values = deals.table.values.get("status").cloned().unwrap_or_default();
    let ends = |value: &str| matches!(status_outcome(value, &values), Some(StageKind::Won | StageKind::Lost));
    if let Some(status) = deals.single("status").filter(|status| !words(status, &ends).is_empty()) {
        return Some(of(status, words(status, &ends)));
    }
    let stage = deals.single("stage")?;
    let closed = counts.iter().filter(|(name, rows)| kind_of(name, rows, deals).0 != StageKind::Open);
    let closed: Vec<String> = closed.map(|(name, _)| name.clone()).collect();
    (!closed.is_empty()).then(|| of(stage, closed))
}
