//! The files of a folder to the tables they serve: one reading for each file, one file (or set of parts) for each table.

use std::collections::BTreeMap;

use crate::config::{ColumnNames, Copies};
use crate::domain::inputs::InputTable;
use crate::ingest::day_in_name;
use crate::ingest::profile::FileProfile;
use crate::presets::TableRole;
use crate::report::words::count;
use crate::setup::answers::Answers;
use crate::setup::copies::{
    CopySeries, DatedCopies, GONE, dated_copies, parts_of_one_table, same_deals, tells_wins, without_doubles,
};
use crate::setup::proposal::{Proposal, Question};
use crate::setup::recognise::{Recognised, readings};
use crate::setup::renamed::{OlderNames, older_names};

/// A table with the files it is read from.
pub(super) struct Assigned<'a> {
    /// What its columns are.
    pub reading: Recognised<'a>,
    /// The path the configuration names: a file, or a pattern for parts.
    pub path: String,
    /// What is known of them where these are dated copies of the table.
    pub copies: Option<CopySeries>,
    /// What older copies call its columns.
    pub older: OlderNames,
}

/// Which file serves which table. What is read into nothing is said in the proposal.
pub(super) fn assign<'a>(
    files: &'a [FileProfile],
    answers: &Answers,
    proposal: &mut Proposal,
) -> BTreeMap<TableRole, Assigned<'a>> {
    let all: Vec<Vec<Recognised<'a>>> = files.iter().map(|file| readings(file, answers)).collect();
    let crm = leading_crm(&all);
    let chosen = all.into_iter().filter_map(|readings| of_leading_crm(readings, crm.as_deref()));
    let mut by_role: BTreeMap<TableRole, Vec<Recognised<'a>>> = BTreeMap::new();
    chosen.for_each(|reading| by_role.entry(reading.role()).or_default().push(reading));
    let mut assigned = BTreeMap::new();
    for (role, rivals) in by_role {
        if let Some(table) = settle(role, rivals, files, answers, proposal) {
            assigned.insert(role, table);
        }
    }
    assigned
}

/// The CRM that explains most of the folder.
fn leading_crm(all: &[Vec<Recognised<'_>>]) -> Option<String> {
    let mut weight: BTreeMap<&str, usize> = BTreeMap::new();
    for best in all.iter().filter_map(|readings| readings.first()).filter(|reading| reading.is_of_crm()) {
        *weight.entry(&best.preset.name).or_default() += best.own;
    }
    weight.into_iter().max_by_key(|(_, own)| *own).map(|(name, _)| name.to_owned())
}

/// A file's best reading: that of the leading CRM where it explains nearly as much.
fn of_leading_crm<'a>(readings: Vec<Recognised<'a>>, crm: Option<&str>) -> Option<Recognised<'a>> {
    let best = readings.first()?.clone();
    let of_crm = readings.into_iter().find(|reading| Some(reading.preset.name.as_str()) == crm);
    let is_near = |reading: &Recognised<'_>| {
        reading.role() == best.role() && reading.columns.len() >= best.columns.len()
            || reading.known * 5 >= best.known * 4 && reading.hint >= best.hint
    };
    Some(of_crm.filter(is_near).unwrap_or(best))
}

/// One of several files that could serve one table.
fn settle<'a>(
    role: TableRole,
    rivals: Vec<Recognised<'a>>,
    files: &[FileProfile],
    answers: &Answers,
    proposal: &mut Proposal,
) -> Option<Assigned<'a>> {
    let (kept, doubles) = without_doubles(rivals);
    for (double, first) in &doubles {
        proposal.unread.push(format!("{double}: has the same rows as {first}"));
    }
    let counted: Vec<&FileProfile> =
        files.iter().filter(|file| !doubles.iter().any(|(double, _)| *double == file.path)).collect();
    let mut rivals = kept;
    rivals.sort_by_key(|reading| std::cmp::Reverse((reading.hint > 0, reading.rank(), reading.file.rows)));
    let is_deals = role == TableRole::Input(InputTable::Deals);
    if let Some(path) = answers.get("sources.deals.path").filter(|_| is_deals)
        && let Some(named) = rivals.iter().position(|reading| reading.file.path == path)
    {
        return Some(alone(rivals.swap_remove(named)));
    }
    if is_deals && let Some(copies) = dated_copies(&rivals, &counted) {
        return Some(of_copies(rivals, copies, proposal));
    }
    if let Some(path) = parts_of_one_table(&rivals, &counted) {
        proposal.found.push(format!("{path}: {} parts of one table of {role}", rivals.len()));
        return rivals.into_iter().next().map(|reading| Assigned {
            reading,
            path,
            copies: None,
            older: OlderNames::new(),
        });
    }
    one_of(role, rivals, proposal)
}

fn alone(reading: Recognised<'_>) -> Assigned<'_> {
    let path = reading.file.path.clone();
    Assigned { reading, path, copies: None, older: OlderNames::new() }
}

/// The table that was copied day after day.
fn of_copies<'a>(rivals: Vec<Recognised<'a>>, copies: DatedCopies, proposal: &mut Proposal) -> Assigned<'a> {
    let DatedCopies { path, mode, shown_by, twice } = copies;
    let days = count((rivals.len() - twice.len()) as u64, "day");
    let of_what = match mode {
        Copies::Whole => "copies of the table of deals",
        Copies::Changes => "what changed in the table of deals, as `dealcast snapshot` keeps it,",
    };
    proposal.found.push(format!("{path}: {of_what} from {days}"));
    for pair in twice {
        proposal.found.push(format!("{pair} are of one day and differ: the later name counts"));
    }
    let copies = Some(CopySeries { mode, files: rivals.len() as u64, tells_wins: rivals.iter().any(tells_wins) });
    let mut others = rivals;
    let mut reading = others.remove(shown_by);
    others.sort_by_key(|other| std::cmp::Reverse(day_in_name(&other.file.path)));
    if mode == Copies::Changes {
        reading.columns.insert(GONE, ColumnNames::One(GONE.to_owned()));
    }
    let older = older_names(&mut reading, &others, &mut proposal.doubts);
    Assigned { reading, path, copies, older }
}

/// One file of several; which one is asked where nothing tells.
fn one_of<'a>(role: TableRole, mut rivals: Vec<Recognised<'a>>, proposal: &mut Proposal) -> Option<Assigned<'a>> {
    let is_deals = role == TableRole::Input(InputTable::Deals);
    let best = rivals.iter().enumerate().min_by_key(|(at, reading)| (doubt(reading), *at)).map_or(0, |(at, _)| at);
    let same = is_deals && rivals.len() > 1 && rivals.iter().all(|other| same_deals(&rivals[0], other));
    rivals.swap(0, if same { best } else { 0 });
    let mut rest = rivals.split_off(1.min(rivals.len()));
    let first = rivals.pop()?;
    let versions = rest.iter().any(|other| other.file.has_header_of(first.file));
    let is_near = || rest.first().is_some_and(|next| first.rank() <= (next.rank().0 + 3, usize::MAX));
    if is_deals && (same && versions || !same && is_near()) {
        let choices: Vec<String> =
            std::iter::once(&first).chain(&rest).map(|reading| reading.file.path.clone()).collect();
        let asks = if same {
            format!(
                "{} have the same deals with other contents: which one counts? (If they are of different days, give them \
                 names such as deals_2026-01-05.csv: then what changed between them is the history.)",
                choices.join(" and ")
            )
        } else {
            format!("{} files look like a deals table: which one is it?", choices.len())
        };
        proposal.ask(Question { key: "sources.deals.path".to_owned(), asks, choices });
    }
    for other in rest.drain(..) {
        let reason = if same {
            format!("has the deals of {} once more", first.file.name)
        } else {
            format!("{} is read as {role}", first.file.name)
        };
        proposal.unread.push(format!("{}: {reason}", other.file.path));
    }
    Some(alone(first))
}

/// Dates whose order nothing tells, or that need telling.
fn doubt(reading: &Recognised<'_>) -> u64 {
    let split = |column: &crate::ingest::profile::ColumnProfile| {
        column.either_order.0 + column.day_first.0 + column.month_first.0
    };
    reading.file.columns.iter().map(split).sum()
}
