//! Loading what is proposed: what stops it, what is rejected, which stages there are.

use std::path::Path;

use crate::config::{Config, ConfigError, Rule, RuleSeverity};
use crate::domain::day::Day;
use crate::domain::ids::DealIx;
use crate::domain::inputs::InputTable;
use crate::domain::progress::Progress;
use crate::domain::stage::{Stage, StageKind};
use crate::ingest::tables::Dating;
use crate::ingest::{self, IngestError, Loaded};
use crate::report::words::count;
use crate::setup::answers::place_of;
use crate::setup::proposal::{Proposal, Question, Sure};
use crate::setup::stages::order::{Ages, StageMoves};
use crate::timeline::{StageListError, StageOrder, Timeline};

/// The key that says what became of deals that leave the copies.
pub(super) const VANISHED: &str = "sources.deals.vanished";
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
    /// How old the deals in each open stage are.
    pub ages: Ages,
    /// In how many deals one open stage was entered before another.
    pub moves: StageMoves,
}

/// A proposal while it is tried: what is still open is taken for the first choice, so that everything is asked at once.
struct Trial<'a> {
    proposal: &'a mut Proposal,
    base: &'a Path,
    progress: &'a dyn Progress,
}

/// Loads what is proposed. Nothing is found where an answer changes everything.
///
/// # Errors
/// What stops the load whatever anybody decides.
pub(super) fn try_it(
    proposal: &mut Proposal,
    base: &Path,
    progress: &dyn Progress,
) -> Result<Option<TrialFound>, TrialError> {
    let mut trial = Trial { proposal, base, progress };
    let Some((loaded, config)) = trial.load()? else { return Ok(None) };
    let (loaded, config) = match relax(trial.proposal, &loaded) {
        false => (loaded, config),
        true => match trial.load()? {
            Some(again) => again,
            None => return Ok(None),
        },
    };
    say_who_vanished(trial.proposal, &loaded, &config);
    let (timeline, _) = timeline_of(loaded, &config)?;
    let (ages, moves) = (ages(&timeline), moves(&timeline));
    Ok(Some(TrialFound { stages: timeline.stages.stages().to_vec(), order: timeline.quality.stage_order, ages, moves }))
}

/// Says how many open deals leave the copies, where nobody said what became of them.
fn say_who_vanished(proposal: &mut Proposal, loaded: &Loaded, config: &Config) {
    let is_copies = config.sources.get(InputTable::Deals).is_some_and(|deals| deals.copies.is_some());
    let vanished = |issue: &&ingest::Issue| issue.rule == Rule::VanishedDeal && issue.table == InputTable::Deals.name();
    let deals: u64 = loaded.issues.iter().filter(vanished).map(|issue| issue.count).sum();
    let asked = proposal.questions.iter().any(|question| question.key == VANISHED);
    if is_copies && deals > 0 && !asked {
        proposal.doubts.push(format!(
            "deals leave the copies while they are open ({}): they count until then and are neither won nor lost; where they \
             were, say so with --answer {VANISHED}='{{ \"*\" = \"lost\" }}'",
            count(deals, "deal")
        ));
    }
}

/// The deals as of the day after the newest event, and that day.
pub(super) fn timeline_of(loaded: Loaded, config: &Config) -> Result<(Timeline, Day), TrialError> {
    let mut tables = loaded.tables;
    let day = tables.day_after_newest_event().unwrap_or(Day(0));
    if tables.dating == Dating::Nowhere {
        tables.deals.create_all_on(day.plus(-1)).map_err(IngestError::from)?;
    }
    Ok((Timeline::of_changes(&tables, config, day).map_err(TrialError::Stages)?, day))
}

/// Days from the creation of deals to their end, or to today, by the last open stage they were in.
fn ages(timeline: &Timeline) -> Ages {
    let mut ages = Ages::new();
    for (at, deal) in timeline.deals.iter().enumerate() {
        let steps = timeline.steps_of(DealIx::at(at)).iter().rev();
        let mut open =
            steps.filter_map(|step| timeline.stages.get(step.stage)).filter(|stage| stage.kind == StageKind::Open);
        if let Some(stage) = open.next() {
            let end = deal.closed.get().unwrap_or(timeline.as_of);
            let (sum, deals) = ages.entry(stage.name.clone()).or_default();
            *sum += f64::from(end.0 - deal.created.0);
            *deals += 1;
        }
    }
    ages
}

/// Which open stages deals entered before which, by the first day in each.
fn moves(timeline: &Timeline) -> StageMoves {
    let stages = timeline.stages.stages();
    let mut counts = vec![0_u64; stages.len() * stages.len()];
    for deal in timeline.deal_ids() {
        let mut path: Vec<usize> = Vec::new();
        for step in timeline.steps_of(deal) {
            let Some(id) = step.stage.get().filter(|id| timeline.stages.kind(*id) == StageKind::Open) else { continue };
            if !path.contains(&id.index()) {
                path.iter().for_each(|before| counts[before * stages.len() + id.index()] += 1);
                path.push(id.index());
            }
        }
    }
    let name = |at: usize| stages[at].name.clone();
    let counted = counts.into_iter().enumerate().filter(|(_, deals)| *deals > 0);
    counted.map(|(at, deals)| ((name(at / stages.len()), name(at % stages.len())), deals)).collect()
}

/// Why nothing can be proposed.
#[derive(Debug, thiserror::Error)]
pub(super) enum TrialError {
    #[error(transparent)]
    Load(#[from] IngestError),
    #[error(transparent)]
    Stages(#[from] StageListError),
    #[error(transparent)]
    Config(#[from] ConfigError),
}

impl Trial<'_> {
    /// The configuration, with the first choice for everything that is open.
    fn config(&self) -> Result<Config, ConfigError> {
        let mut assumed = self.proposal.clone();
        for question in self.proposal.questions.iter().filter(|question| is_of_cells(&question.key)) {
            let (section, key) = place_of(&question.key);
            assumed.set(&section, key, question.choices.first().map_or("", String::as_str), "", Sure::Open);
        }
        let mut config = assumed.config()?;
        config.stages.clear();
        config.rules.max_reject_share = 1.0;
        Ok(config)
    }

    fn load(&mut self) -> Result<Option<(Loaded, Config)>, TrialError> {
        loop {
            let config = self.config()?;
            let error = match ingest::load(&config, self.base, self.progress) {
                Ok(loaded) => return Ok(Some((loaded, config))),
                Err(error) => error,
            };
            if let Some(question) = question(&error, &config) {
                let is_new = self.proposal.questions.iter().all(|known| known.key != question.key);
                self.proposal.ask(question);
                if is_new {
                    continue;
                }
                return Ok(None);
            }
            if !drop_culprit(self.proposal, &config, self.base, &error) {
                return Err(error.into());
            }
        }
    }
}

/// Whether a key says what cells mean, or how dates and numbers are written.
fn is_of_cells(key: &str) -> bool {
    let style = [".date_order", ".decimal_mark", ".probability_scale"];
    style.into_iter().any(|style| key.ends_with(style)) || key.starts_with("sources.deals.values.")
}

/// What a person can decide to cure an error.
fn question(error: &IngestError, config: &Config) -> Option<Question> {
    match error {
        IngestError::AmbiguousDate { table, .. } => Some(Question {
            key: format!("sources.{table}.date_order"),
            asks: format!("{error}: which comes first?"),
            choices: ways("date_order"),
        }),
        IngestError::AmbiguousAmount { table, .. } => Some(Question {
            key: format!("sources.{table}.decimal_mark"),
            asks: format!("{error}: which mark is the decimal one?"),
            choices: ways("decimal_mark"),
        }),
        IngestError::TwoStyles { table, key, .. } => Some(Question {
            key: format!("sources.{table}.{key}"),
            asks: format!(
                "{error}: correct the export, or say which way counts; rows with cells of the other way are rejected then"
            ),
            choices: ways(key),
        }),
        IngestError::Row { file, rule: Rule::MixedPercent, .. } => Some(Question {
            key: format!("sources.{}.probability_scale", table_of(config, file)),
            asks: format!("{error}: which one counts?"),
            choices: ["percent", "share"].map(str::to_owned).to_vec(),
        }),
        _ => None,
    }
}

/// The table a file is of.
fn table_of(config: &Config, file: &str) -> InputTable {
    let is_it = |path: &str| Path::new(path).file_name().is_some_and(|name| name == file);
    let mut tables = config.sources.iter().filter(|(_, source)| is_it(&source.path));
    tables.next().map_or(InputTable::Deals, |(table, _)| table)
}

/// What a key of dates or numbers may say.
fn ways(key: &str) -> Vec<String> {
    let ways = if key == "date_order" { ["day-first", "month-first"] } else { [".", ","] };
    ways.map(str::to_owned).to_vec()
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
