//! The ordered stage list, settled from the configuration and from what the data have beside it.

use crate::domain::code::Dictionary;
use crate::domain::ids::{DealIx, PipelineId, StageNameId};
use crate::domain::stage::{Phase, Stage, StageKind, StageList};
use crate::timeline::deal_table::TableEnd;
use crate::timeline::process::draft::ProcessDraft;
use crate::timeline::process::error::{MAX_PIPELINES, MAX_PROPOSED_STAGES, StageListError};
use crate::timeline::process::evidence::{StageEvidence, StageSighting};
use crate::timeline::process::found::{FoundStages, proposed};
use crate::timeline::quality::{StageOrder, UnlistedStage};

/// The sales process.
pub(crate) struct Process {
    pub stages: StageList,
    pub order: StageOrder,
    /// See [`TimelineQuality::unlisted_stages`](crate::timeline::quality::TimelineQuality::unlisted_stages).
    pub unlisted: Vec<UnlistedStage>,
}

impl StageEvidence<'_> {
    /// The process of `configured` and of what the data have beside it.
    pub fn process(
        &self,
        configured: &[Stage],
        names: &Dictionary<StageNameId>,
        pipelines: &Dictionary<PipelineId>,
    ) -> Result<Process, StageListError> {
        if pipelines.len() > MAX_PIPELINES {
            return Err(StageListError::TooManyPipelines { got: pipelines.len() });
        }
        let listed = StageList::of(configured.to_vec(), names, pipelines);
        let unlisted_deals = self.deals_by_name(|seen| seen.stage_in(&listed).is_none());
        let mut found = FoundStages::of(&unlisted_deals, configured, names, pipelines);
        if found.stages.len() > MAX_PROPOSED_STAGES {
            return Err(StageListError::TooManyStages { got: found.stages.len() });
        }
        let mut draft = ProcessDraft::of(configured);
        if !found.stages.is_empty() {
            let stages = configured.len() + found.stages.len();
            let counts = self.count(stages, &|seen| position(seen, &listed, configured.len(), &found));
            found.settle_kinds(configured, &counts);
            draft.place(&found, &counts);
        }
        let mut stages = draft.in_order();
        let unlisted = if configured.is_empty() { Vec::new() } else { draft.unlisted(&found) };
        stages.extend(self.missing_endings(&StageList::of(stages.clone(), names, pipelines)));
        let order = match configured {
            [_, ..] => StageOrder::Configured,
            [] if self.has_history() => StageOrder::History,
            [] => StageOrder::Name,
        };
        Ok(Process { stages: StageList::of(stages, names, pipelines), order, unlisted })
    }

    /// A won or a lost stage, where deals have that status but no stage of their process stands for it.
    fn missing_endings(&self, list: &StageList) -> Vec<Stage> {
        [(StageKind::Won, "Won"), (StageKind::Lost, "Lost")]
            .into_iter()
            .filter(|&(kind, _)| self.any_ended_nowhere(list, kind))
            .map(|(kind, name)| proposed(name, None, kind, Phase::Deal))
            .collect()
    }

    fn any_ended_nowhere(&self, list: &StageList, wanted: StageKind) -> bool {
        self.rows.iter().enumerate().any(|(i, row)| {
            let (i, row) = (DealIx::at(i), row.index());
            let pipeline = self.pipeline(i);
            let stage = list.kind(list.id_of(pipeline, self.table.stage[row], self.table.day_of_stage(row)));
            let ended = match TableEnd::of(self.table, row, stage, self.as_of) {
                TableEnd::Closed(kind, _) => kind == wanted,
                TableEnd::Undated(kind) => kind == wanted && !self.is_tracked(i),
                TableEnd::Open | TableEnd::Later => false,
            };
            ended && stage != wanted && list.ending(pipeline, wanted).is_none()
        })
    }
}

/// Where a stage of the data stands among the `configured` listed ones, followed by the found ones.
fn position(seen: StageSighting, listed: &StageList, configured: usize, found: &FoundStages) -> usize {
    match seen.stage_in(listed) {
        None => found.of_name.get(&(seen.pipeline, seen.name)).map_or(0, |at| configured + at),
        Some(id) => id.index(),
    }
}
