//! The ordered stage list: the configured one, or one proposed from names and history before the as-of day.
//!
//! Stages that only occur on or after the as-of day are in no list. Order among proposed stages comes from which
//! stage deals enter first, settled pair by pair, so that going back and skipping do not disturb it.

use serde::Serialize;
use thiserror::Error;

use super::stage_evidence::{StageCounts, StageEvidence};
use super::stage_names::outcome_of_name;
use super::story::TableEnd;
use crate::domain::code::Dictionary;
use crate::domain::stage::{ForecastCategory, Place, Stage, StageId, StageKind, StageList, UNKNOWN_STAGE};

/// Most stages a process can be proposed with; more means that the column holds something else.
pub const MAX_PROPOSED_STAGES: usize = 200;

/// Why no stage list could be made.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StageListError {
    /// The data have stages the configuration does not list.
    #[error("stage {stage:?} of {deals} deals is not in the configured stage list")]
    UnknownStage {
        /// The stage as written.
        stage: String,
        /// How many deals are or were in it.
        deals: u64,
    },
    /// Too many stages to propose a process from.
    #[error("the data have {got} different stages, expected at most {MAX_PROPOSED_STAGES} or a configured stage list")]
    TooManyStages {
        /// Different stages before the as-of day.
        got: usize,
    },
}

/// Where the order of the stages comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StageOrder {
    /// The configuration.
    #[default]
    Configured,
    /// Proposed: which stage deals entered first.
    History,
    /// Proposed: the alphabet, because there is no history to tell.
    Name,
}

impl StageEvidence<'_> {
    /// The stage list: `configured`, or a proposed one where that is empty.
    pub fn stage_list(
        &self,
        configured: &[Stage],
        names: &Dictionary,
    ) -> Result<(StageList, StageOrder), StageListError> {
        let deals = self.deals_per_code(names.len());
        let (stages, order) = if configured.is_empty() {
            let order = if self.has_history() { StageOrder::History } else { StageOrder::Name };
            (self.propose(names, &deals)?, order)
        } else {
            (configured.iter().map(settled).collect(), StageOrder::Configured)
        };
        let of_code = codes(&stages, names);
        check_covered(&of_code, &deals, names)?;
        let list = StageList::new(stages, of_code.clone());
        let endings = self.missing_endings(&list);
        if endings.is_empty() {
            return Ok((list, order));
        }
        Ok((StageList::new([list.stages(), &endings].concat(), of_code), order))
    }

    /// A list of the stages in use before the as-of day: open ones in process order, then won, then lost.
    fn propose(&self, names: &Dictionary, deals: &[u64]) -> Result<Vec<Stage>, StageListError> {
        let mut used: Vec<(&str, u32)> = names.names().zip(0..).filter(|&(_, code)| deals[code as usize] > 0).collect();
        if used.len() > MAX_PROPOSED_STAGES {
            return Err(StageListError::TooManyStages { got: used.len() });
        }
        used.sort_unstable();
        let mut position = vec![0; names.len()];
        for (i, &(_, code)) in used.iter().enumerate() {
            position[code as usize] = i;
        }
        let counts = self.count(used.len(), &|code| position[code as usize]);
        let kind = |i: usize| outcome_of_name(used[i].0).or_else(|| counts.outcome(i)).unwrap_or(StageKind::Open);
        let in_order = [StageKind::Open, StageKind::Won, StageKind::Lost]
            .into_iter()
            .flat_map(|wanted| process_order(&counts, (0..used.len()).filter(|&i| kind(i) == wanted).collect()));
        Ok(in_order.map(|i| proposed(used[i].0, kind(i))).collect())
    }

    /// A won or a lost stage, where deals have that status but no stage of `list` stands for it.
    fn missing_endings(&self, list: &StageList) -> Vec<Stage> {
        [(StageKind::Won, "Won"), (StageKind::Lost, "Lost")]
            .into_iter()
            .filter(|&(kind, _)| !list.stages().iter().any(|stage| stage.kind == kind) && self.any_ended(list, kind))
            .map(|(kind, name)| proposed(name, kind))
            .collect()
    }

    fn any_ended(&self, list: &StageList, wanted: StageKind) -> bool {
        self.rows.iter().enumerate().any(|(i, &row)| {
            let stage = list.id_of_code(self.table.stage[row as usize]);
            match TableEnd::of(self.table, row as usize, list.kind(stage), self.as_of) {
                TableEnd::Closed(kind, _) => kind == wanted,
                TableEnd::Undated(kind) => kind == wanted && !self.is_tracked(i),
                TableEnd::Open | TableEnd::Later => false,
            }
        })
    }
}

/// A configured stage as it counts: whatever lies after the sale is won.
fn settled(stage: &Stage) -> Stage {
    let kind = if stage.place == Place::PostSale { StageKind::Won } else { stage.kind };
    Stage { kind, ..stage.clone() }
}

fn proposed(name: &str, kind: StageKind) -> Stage {
    let category = match kind {
        StageKind::Open => ForecastCategory::Pipeline,
        StageKind::Won => ForecastCategory::Closed,
        StageKind::Lost => ForecastCategory::Omitted,
    };
    Stage { name: name.to_owned(), kind, place: Place::Deal, category: Some(category), probability: None }
}

/// Takes, again and again, the stage that the fewest deals entered after one of those still waiting; among equals the
/// one most deals went on from, then the first by name (stages come in name order).
fn process_order(counts: &StageCounts, mut waiting: Vec<usize>) -> Vec<usize> {
    let mut order = Vec::with_capacity(waiting.len());
    while !waiting.is_empty() {
        let behind = |a: usize| -> i64 { waiting.iter().map(|&b| counts.lead(b, a).max(0)).sum() };
        let ahead = |a: usize| -> i64 { waiting.iter().map(|&b| counts.lead(a, b).max(0)).sum() };
        let next = (0..waiting.len()).min_by_key(|&i| (behind(waiting[i]), -ahead(waiting[i]))).unwrap_or(0);
        order.push(waiting.remove(next));
    }
    order
}

/// Stage positions by dictionary code: by name as written, else regardless of case and surrounding blanks.
fn codes(stages: &[Stage], names: &Dictionary) -> Vec<StageId> {
    let plain = |name: &str| name.trim().to_lowercase();
    let plain_stages: Vec<String> = stages.iter().map(|stage| plain(&stage.name)).collect();
    let find = |name: &str| {
        let exact = stages.iter().position(|stage| stage.name == name);
        exact.or_else(|| plain_stages.iter().position(|stage| *stage == plain(name)))
    };
    names.names().map(|name| find(name).map_or(UNKNOWN_STAGE, |i| i as StageId)).collect()
}

fn check_covered(of_code: &[StageId], deals: &[u64], names: &Dictionary) -> Result<(), StageListError> {
    let missing =
        names.names().zip(of_code.iter().zip(deals)).filter(|(_, (id, deals))| **id == UNKNOWN_STAGE && **deals > 0);
    match missing.min_by_key(|(name, _)| *name) {
        Some((name, (_, deals))) => Err(StageListError::UnknownStage { stage: name.to_owned(), deals: *deals }),
        None => Ok(()),
    }
}
