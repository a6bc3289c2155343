//! How a proposal is put together.

use std::path::Path;

use thiserror::Error;

use crate::config::ConfigError;
use crate::domain::inputs::InputTable;
use crate::domain::progress::Progress;
use crate::ingest::IngestError;
use crate::ingest::profile::{FileLook, FileProfile, look_at};
use crate::presets::TableRole;
use crate::setup::answers::{AnswerError, Answers};
use crate::setup::process::{ProcessFacts, propose_stages};
use crate::setup::proposal::{Proposal, Question};
use crate::setup::recognise::Recognised;
use crate::setup::roles::{Assigned, assign};
use crate::setup::stages::counts::{StageCounts, count};
use crate::setup::stages::list;
use crate::setup::trial::{TrialError, TrialFound, try_it};
use crate::setup::{closing, deals, follow, ids, lookups, money, people, quotas, styles, suggest, wide};
use crate::timeline::StageListError;

/// Why nothing can be proposed.
#[derive(Debug, Error)]
pub enum SetupError {
    /// No file is a table of deals.
    #[error("no file looks like a table of deals: {}", looked.join("; "))]
    NoDeals {
        /// Every file with what became of it.
        looked: Vec<String>,
        /// Answers that would say which column is what.
        answers: Vec<String>,
    },
    /// What is proposed cannot be loaded.
    #[error(transparent)]
    Load(#[from] IngestError),
    /// No process can be made of the stages.
    #[error(transparent)]
    Stages(#[from] StageListError),
    /// An answer cannot be used.
    #[error(transparent)]
    Answer(#[from] AnswerError),
    /// The answers together are no configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
}

impl From<TrialError> for SetupError {
    fn from(error: TrialError) -> Self {
        match error {
            TrialError::Load(error) => Self::Load(error),
            TrialError::Stages(error) => Self::Stages(error),
            TrialError::Config(error) => Self::Config(error),
        }
    }
}

/// Proposes a configuration for the files at `paths`, relative to `base`.
///
/// # Errors
/// [`SetupError`] where there are no deals, or nobody's decision would let them be loaded.
pub fn propose(
    paths: &[String],
    base: &Path,
    answers: &Answers,
    progress: &dyn Progress,
) -> Result<Proposal, SetupError> {
    let mut proposal = Proposal::default();
    let mut files: Vec<FileProfile> = Vec::new();
    for path in paths {
        match look_at(path, base) {
            FileLook::Table(file) => files.push(file),
            FileLook::NoTable { path, reason } => proposal.unread.push(format!("{path}: {reason}")),
        }
    }
    let mut tables = assign(&files, answers, &mut proposal);
    let Some(mut deals) = tables.remove(&TableRole::Input(InputTable::Deals)) else {
        return Err(no_deals(&files, proposal, answers));
    };
    check_path(answers, &files, &deals)?;
    let stages = tables.remove(&TableRole::Stages);
    let counts = propose_deals(&mut proposal, &mut deals, stages.as_ref(), answers, base)?;
    let others: Vec<&FileProfile> = side_files(&files, &deals, stages.as_ref(), &tables);
    let looked_up = lookups::settle_lookups(&mut proposal, &mut deals.reading, &others, &counts);
    let mut beside: Vec<Assigned<'_>> = tables.into_values().collect();
    propose_others(&mut proposal, &mut beside, &deals, base);
    let mut to_follow: Vec<&mut Recognised<'_>> =
        std::iter::once(&mut deals).chain(&mut beside).map(|table| &mut table.reading).collect();
    follow::follow_columns(&mut proposal, &mut to_follow, answers);
    let used: Vec<&Recognised<'_>> = std::iter::once(&deals).chain(&beside).map(|table| &table.reading).collect();
    for table in &used {
        let names = table.file.columns.iter().map(|column| column.name.clone()).collect();
        proposal.headers.insert(table.role().name().to_owned(), names);
    }
    money::settle_currency(&mut proposal, &used);
    money::say_without_amount(&mut proposal, &deals.reading, answers);
    styles::settle_zone(&mut proposal, &used);
    for file in others.iter().filter(|file| !looked_up.contains(&file.path)) {
        if !proposal.unread.iter().any(|line| line.starts_with(&format!("{}:", file.path))) {
            proposal.unread.push(format!("{}: no table dealcast knows (columns {})", file.path, headers(file)));
        }
    }
    people::settle_from_deals(&mut proposal, &deals, base);
    people::say_without_users(&mut proposal);
    in_order(&mut proposal);
    answers.lay_over(&mut proposal)?;
    if let Some(TrialFound { stages: found, order, ages, moves }) = try_it(&mut proposal, base, progress)? {
        let listed = stages.map(|stages| list::in_listed_order(&stages.reading, base)).unwrap_or_default();
        let facts = ProcessFacts { found: &found, order, ages: &ages, moves: &moves, counts: &counts, listed: &listed };
        propose_stages(&mut proposal, &facts, &deals.reading, answers)?;
    }
    answers.lay_over(&mut proposal)?;
    proposal.config()?;
    Ok(proposal)
}

/// That no file holds deals, with what would say which one does.
fn no_deals(files: &[FileProfile], proposal: Proposal, answers: &Answers) -> SetupError {
    if let Some(unknown) = suggest::unknown_column(files, answers) {
        return unknown.into();
    }
    let (told, cures): (Vec<String>, Vec<String>) = follow::explain(files, answers).into_iter().unzip();
    let seen = files.iter().map(|file| format!("{} has the columns {}", file.path, headers(file)));
    let cures = if cures.is_empty() { suggest::columns(files) } else { cures };
    SetupError::NoDeals { looked: told.into_iter().chain(seen).chain(proposal.unread).collect(), answers: cures }
}

/// An answer that names the file of the deals names one of those given.
fn check_path(answers: &Answers, files: &[FileProfile], deals: &Assigned<'_>) -> Result<(), AnswerError> {
    let Some(path) = answers.get("sources.deals.path") else { return Ok(()) };
    if deals.path == path {
        return Ok(());
    }
    let known: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
    if known.contains(&path) {
        let problem = format!("it is no table of deals dealcast knows; {} is", deals.path);
        return Err(AnswerError::Unusable { key: "sources.deals.path".to_owned(), got: path.to_owned(), problem });
    }
    Err(AnswerError::unknown("sources.deals.path", path, &known.join(", ")))
}

fn headers(file: &FileProfile) -> String {
    let names: Vec<&str> = file.columns.iter().take(12).map(|column| column.name.as_str()).collect();
    let more = if file.columns.len() > 12 { ", …" } else { "" };
    format!("{}{more}", names.join(", "))
}

/// The deals: their columns, closing day, statuses, stages' labels.
fn propose_deals(
    proposal: &mut Proposal,
    deals: &mut Assigned<'_>,
    stages: Option<&Assigned<'_>>,
    answers: &Answers,
    base: &Path,
) -> Result<StageCounts, AnswerError> {
    ids::ensure_id(&mut deals.reading);
    deals::ensure_stage(&mut deals.reading, proposal);
    if let Some(stages) = stages {
        list::settle_labels(proposal, &deals.reading, &stages.reading, base);
    }
    let ends = closing::settle_end_dates(&mut deals.reading);
    closing::take_answer(answers, &mut deals.reading)?;
    let counts = count(&deals.reading, &ends, &deals.path, base);
    let entered = if deals.copies.is_some() { Default::default() } else { wide::entered_columns(&deals.reading) };
    if entered.is_empty() && deals.copies.is_none() {
        closing::find_closing(proposal, &mut deals.reading, &counts, &deals.path, base);
    }
    closing::settle_closing(&mut deals.reading, &counts);
    deals::propose_source(proposal, deals);
    wide::propose_entered(proposal, &deals.reading, &entered);
    deals::settle_statuses(proposal, &deals.reading);
    deals::settle_further_columns(proposal, &deals.reading, &entered);
    Ok(counts)
}

/// Files that serve no table of their own.
fn side_files<'a>(
    files: &'a [FileProfile],
    deals: &Assigned<'_>,
    stages: Option<&Assigned<'_>>,
    tables: &std::collections::BTreeMap<TableRole, Assigned<'_>>,
) -> Vec<&'a FileProfile> {
    let assigned: Vec<&Assigned<'_>> = tables.values().chain([deals]).chain(stages).collect();
    let serves = |file: &FileProfile| {
        assigned.iter().any(|table| {
            let (head, tail) = table.path.split_once('*').unwrap_or((&table.path, ""));
            table.reading.file.path == file.path
                || table.path.contains('*') && file.path.starts_with(head) && file.path.ends_with(tail)
        })
    };
    files.iter().filter(|file| !serves(file)).collect()
}

/// The tables beside the deals, with what each needs beside its columns; those that are of no use leave the list.
fn propose_others(proposal: &mut Proposal, beside: &mut Vec<Assigned<'_>>, deals: &Assigned<'_>, base: &Path) {
    let users = TableRole::Input(InputTable::Users);
    beside.retain_mut(|table| {
        table.reading.role() != users || people::settle_owners(table, &deals.reading, base, proposal)
    });
    let months: Vec<bool> =
        beside.iter().chain([deals]).filter_map(|table| styles::is_month_first(&table.reading)).collect();
    let elsewhere = months.first().copied().filter(|first| months.iter().all(|other| other == first));
    for table in std::iter::once(deals).chain(beside.iter()) {
        let reading = &table.reading;
        let month_first = styles::is_month_first(reading).or(elsewhere).unwrap_or(false);
        if reading.role() != deals.reading.role() {
            deals::propose_source(proposal, table);
        }
        styles::settle_dates(proposal, reading, elsewhere);
        styles::settle_marks(proposal, reading);
        styles::settle_dialect(proposal, table);
        if reading.role() == TableRole::Input(InputTable::Quotas) {
            quotas::settle_periods(proposal, reading, month_first);
            quotas::settle_fiscal_year(proposal, reading, "period", month_first, base);
        }
        if reading.role() == deals.reading.role() {
            quotas::settle_fiscal_year(proposal, reading, "expected_close_date", month_first, base);
        }
    }
    let quotas = beside.iter().find(|table| table.reading.role() == TableRole::Input(InputTable::Quotas));
    if let Some(quotas) = quotas {
        let month_first = styles::is_month_first(&quotas.reading).or(elsewhere).unwrap_or(false);
        quotas::ask_for_fiscal_year(proposal, &quotas.reading, month_first);
    }
}

/// Puts what concerns everything first, and each table's sections together.
fn in_order(proposal: &mut Proposal) {
    let place = |name: &str| match name.split('.').next() {
        Some("money") => 0,
        Some("calendar") => 1,
        Some("sources") => 2,
        _ => 3,
    };
    let table = |name: &str| {
        let name = name.split('.').nth(1).and_then(InputTable::from_name);
        name.map_or(usize::MAX, |table| InputTable::ALL.iter().position(|other| *other == table).unwrap_or(usize::MAX))
    };
    proposal
        .sections
        .sort_by_key(|section| (place(&section.name), table(&section.name), section.name.matches('.').count()));
    let given: Vec<String> = InputTable::NAMES
        .iter()
        .map(|name| format!("sources.{name}"))
        .filter(|source| proposal.text_of(source, "path").is_some())
        .collect();
    let is_of = |section: &str, source: &String| section == source || section.starts_with(&format!("{source}."));
    proposal.sections.retain(|section| {
        !section.name.starts_with("sources.") || given.iter().any(|source| is_of(&section.name, source))
    });
    proposal.questions.sort_by_key(|question: &Question| question.key != "sources.deals.path");
}
