//! Loading what is proposed: what stops it, what is rejected, which stages there are.

use std::path::Path;

use crate::config::{Config, Rule, RuleSeverity};
use crate::domain::day::Day;
use crate::domain::inputs::InputTable;
use crate::domain::progress::Progress;
use crate::domain::stage::Stage;
use crate::ingest::tables::Dating;
use crate::ingest::{self, IngestError, Loaded};
use crate::setup::proposal::{Proposal, Question, Sure};
use crate::timeline::{StageListError, StageOrder, Timeline};

/// Rules that may be broken without the row being useless.
const BEARABLE: [Rule; 3] = [Rule::MissingCreatedAt, Rule::ClosedBeforeCreated, Rule::HistoryBeforeCreation];

/// Rules whose rows never count as lost.
const UNCOUNTED: [Rule; 8] = [
    Rule::Filtered,
    Rule::DuplicateRow,
    Rule::RepeatedRow,
    Rule::ConflictingRow,
    Rule::Deleted,
    Rule::VanishedDeal,
    Rule::UnknownDeal,
    Rule::TouchOfNobody,
];

/// So few rows are never too many, where at least as many are left.
const FEW: u64 = 3;
/// The share of a table's rows that may be lost without asking anybody.
const MOST_LOST: f64 = 0.2;

/// What a load showed.
pub(super) struct TrialFound {
    pub stages: Vec<Stage>,
    pub order: StageOrder,
    /// Deals by what became of them, and the day they are seen from.
    pub said: String,
}

/// Loads what is proposed. Nothing is found where something must be decided first.
///
/// # Errors
/// What stops the load whatever anybody decides.
pub(super) fn try_it(
    proposal: &mut Proposal,
    base: &Path,
    progress: &dyn Progress,
) -> Result<Option<TrialFound>, TrialError> {
    let Some((loaded, config)) = load(proposal, base, progress)? else { return Ok(None) };
    let (loaded, config) = match relax(proposal, &loaded) {
        false => (loaded, config),
        true => match load(proposal, base, progress)? {
            Some(again) => again,
            None => return Ok(None),
        },
    };
    let mut tables = loaded.tables;
    let day = tables.day_after_newest_event().unwrap_or(Day(0));
    if tables.dating == Dating::Nowhere {
        tables.deals.create_all_on(day.plus(-1)).map_err(IngestError::from)?;
    }
    let timeline = Timeline::of_changes(&tables, &config, day).map_err(TrialError::Stages)?;
    let kinds = |kind| timeline.deals.iter().filter(|deal| deal.kind == kind).count();
    use crate::domain::stage::StageKind::{Lost, Open, Won};
    let said = format!(
        "{} deals as of {day}: {} open, {} won, {} lost",
        timeline.deals.len(),
        kinds(Open),
        kinds(Won),
        kinds(Lost)
    );
    Ok(Some(TrialFound { stages: timeline.stages.stages().to_vec(), order: timeline.quality.stage_order, said }))
}

/// Why nothing can be proposed.
#[derive(Debug, thiserror::Error)]
pub(super) enum TrialError {
    #[error(transparent)]
    Load(#[from] IngestError),
    #[error(transparent)]
    Stages(#[from] StageListError),
    #[error(transparent)]
    Config(#[from] crate::config::ConfigError),
}

fn load(proposal: &mut Proposal, base: &Path, progress: &dyn Progress) -> Result<Option<(Loaded, Config)>, TrialError> {
    loop {
        let mut config = proposal.config()?;
        config.stages.clear();
        config.rules.max_reject_share = 1.0;
        let error = match ingest::load(&config, base, progress) {
            Ok(loaded) => return Ok(Some((loaded, config))),
            Err(error) => error,
        };
        if let Some(question) = question(&error) {
            proposal.ask(question);
            return Ok(None);
        }
        if !drop_culprit(proposal, &config, base, &error) {
            return Err(error.into());
        }
    }
}

/// What a person can decide to cure an error.
fn question(error: &IngestError) -> Option<Question> {
    match error {
        IngestError::AmbiguousDate { table, .. } => Some(Question {
            key: format!("sources.{table}.date_order"),
            asks: format!("{error}: which comes first?"),
            choices: vec!["day-first".to_owned(), "month-first".to_owned()],
        }),
        IngestError::AmbiguousAmount { table, .. } => Some(Question {
            key: format!("sources.{table}.decimal_mark"),
            asks: format!("{error}: which mark is the decimal one?"),
            choices: vec![".".to_owned(), ",".to_owned()],
        }),
        _ => None,
    }
}

/// Leaves out the table that cannot be loaded, if it is not the deals.
fn drop_culprit(proposal: &mut Proposal, config: &Config, base: &Path, error: &IngestError) -> bool {
    let others: Vec<InputTable> =
        config.sources.iter().map(|(table, _)| table).filter(|table| *table != InputTable::Deals).collect();
    for table in others {
        let mut without = config.clone();
        without.sources.remove(table);
        if ingest::load(&without, base, &crate::domain::progress::NoProgress).is_ok() {
            let source = format!("sources.{table}");
            proposal
                .sections
                .retain(|section| section.name != source && !section.name.starts_with(&format!("{source}.")));
            proposal.unread.push(format!("{table}: {error}"));
            return true;
        }
    }
    false
}

/// Bears with broken rules where too many rows would be lost; asks where that is not enough. Says whether anything changed.
fn relax(proposal: &mut Proposal, loaded: &Loaded) -> bool {
    let limit = crate::config::RuleConfig::default().max_reject_share;
    let mut changed = false;
    for table in InputTable::ALL {
        let rows: u64 = loaded.inputs.iter().filter(|input| input.table == table.name()).map(|input| input.rows).sum();
        let rejecting = |issue: &&ingest::Issue| {
            issue.table == table.name() && issue.severity == RuleSeverity::Reject && !UNCOUNTED.contains(&issue.rule)
        };
        let issues: Vec<&ingest::Issue> = loaded.issues.iter().filter(rejecting).collect();
        let all: u64 = issues.iter().map(|issue| issue.count).sum();
        if (all as f64) <= limit * rows as f64 || all <= FEW && all * 2 <= rows {
            continue;
        }
        let mut rest = all;
        for issue in issues.iter().filter(|issue| BEARABLE.contains(&issue.rule)) {
            let why = format!("{} of {rows} rows of {table} break it, and are used all the same", issue.count);
            proposal.set("rules.severity", issue.rule.name(), "warn", why, Sure::Likely);
            rest -= issue.count;
            changed = true;
        }
        let reasons: Vec<String> = issues.iter().map(|issue| format!("{} {}", issue.count, issue.rule)).collect();
        let lost = format!("{rest} of {rows} rows of {table} cannot be used ({})", reasons.join(", "));
        if rest as f64 > MOST_LOST * rows as f64 {
            proposal.ask(Question {
                key: "rules.max_reject_share".to_owned(),
                asks: format!("{lost}: go on without them?"),
                choices: vec![share_of(rest, rows).to_string()],
            });
        } else if rest as f64 > limit * rows as f64 {
            allow_rejects(proposal, share_of(rest, rows), lost);
        }
    }
    changed
}

/// A share in whole percent, rounded up.
fn share_of(part: u64, all: u64) -> f64 {
    ((part as f64 / all.max(1) as f64 * 100.0).ceil() / 100.0).min(1.0)
}

/// Allows that so many rows of a table are rejected, if no other table asks for more.
fn allow_rejects(proposal: &mut Proposal, share: f64, why: String) {
    let known = proposal.section("rules").settings.iter().find(|value| value.key == "max_reject_share");
    if known.is_none_or(|known| known.value.as_float().unwrap_or(0.0) < share) {
        proposal.set("rules", "max_reject_share", share, why, Sure::Likely);
    }
}
