//! Stages the data have and the configuration has not: under which name, in which pipeline, of which kind.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::domain::code::Dictionary;
use crate::domain::ids::{PipelineId, StageNameId};
use crate::domain::maybe::Maybe;
use crate::domain::stage::{ForecastCategory, Phase, Stage, StageKind, folded, outcome_of_name};
use crate::timeline::process::counts::StageMoveCounts;
use crate::timeline::process::evidence::NameInPipeline;

/// Fewest deals that make a stage entered after the win one of after-sales: a deal or two may have been reopened.
const MIN_AFTER_SALES: u64 = 3;

/// A stage the data have and the configuration has not.
pub(super) struct FoundStage {
    pub stage: Stage,
    pub deals: u64,
}

/// All of them, by pipeline and name.
pub(super) struct FoundStages {
    pub stages: Vec<FoundStage>,
    /// Position in `stages` by pipeline and name.
    pub of_name: BTreeMap<NameInPipeline, usize>,
}

/// A way a stage's name is written in one pipeline.
struct Spelling<'a> {
    name: NameInPipeline,
    text: &'a str,
    deals: u64,
}

fn text(names: &Dictionary<StageNameId>, name: StageNameId) -> &str {
    names.name(name).unwrap_or_default()
}

impl FoundStages {
    /// Names that differ in case or blanks only are one stage, under the spelling most deals have.
    pub fn of(
        deals: &BTreeMap<NameInPipeline, u64>,
        configured: &[Stage],
        names: &Dictionary<StageNameId>,
        pipelines: &Dictionary<PipelineId>,
    ) -> Self {
        let apart = if configured.is_empty() {
            have_own_processes(deals.keys().map(|&(pipeline, name)| (pipeline, text(names, name))))
        } else {
            configured.iter().any(|stage| stage.pipeline.is_some())
        };
        let mut spellings: BTreeMap<(Option<&str>, String), Vec<Spelling<'_>>> = BTreeMap::new();
        for (&name, &deals) in deals {
            let pipeline = pipelines.name(name.0).filter(|_| apart);
            let spelling = Spelling { name, text: text(names, name.1), deals };
            spellings.entry((pipeline, folded(spelling.text))).or_default().push(spelling);
        }
        let mut found = Self { stages: Vec::new(), of_name: BTreeMap::new() };
        for ((pipeline, _), spellings) in spellings {
            let most_common = spellings.iter().max_by_key(|spelling| (spelling.deals, Reverse(spelling.text)));
            let name = most_common.map_or("", |spelling| spelling.text);
            found.of_name.extend(spellings.iter().map(|spelling| (spelling.name, found.stages.len())));
            found.stages.push(FoundStage {
                stage: proposed(name, pipeline, StageKind::Open, Phase::Deal),
                deals: spellings.iter().map(|spelling| spelling.deals).sum(),
            });
        }
        found
    }

    /// What being in each stage says: by its name, else by where the deals of its process ended. A stage that nine in ten of its deals, and
    /// more than one or two, entered after a won stage is after-sales.
    pub fn settle_kinds(&mut self, configured: &[Stage], counts: &StageMoveCounts) {
        let pipelines: Vec<Option<String>> =
            configured.iter().chain(self.stages.iter().map(|found| &found.stage)).map(|s| s.pipeline.clone()).collect();
        for (at, found) in (configured.len()..).zip(&mut self.stages) {
            let of_process = |i: &usize| pipelines[*i].is_none() || pipelines[*i] == found.stage.pipeline;
            let process: Vec<usize> = (0..pipelines.len()).filter(of_process).collect();
            let kind = outcome_of_name(&found.stage.name).or_else(|| counts.outcome(at, &process)).unwrap_or_default();
            found.stage = proposed(&found.stage.name, found.stage.pipeline.as_deref(), kind, Phase::Deal);
        }
        let all = (0..).zip(configured.iter().chain(self.stages.iter().map(|found| &found.stage)));
        let won: Vec<usize> = all.filter(|(_, stage)| stage.outcome() == StageKind::Won).map(|(at, _)| at).collect();
        for (at, found) in (configured.len()..).zip(&mut self.stages) {
            let sold_before: i64 = won.iter().filter(|&&won| won != at).map(|&won| counts.lead(won, at)).sum();
            let is_after_sales = found.deals >= MIN_AFTER_SALES && sold_before * 10 >= found.deals as i64 * 9;
            if found.stage.kind != StageKind::Lost && is_after_sales {
                let name = std::mem::take(&mut found.stage.name);
                found.stage = proposed(&name, found.stage.pipeline.as_deref(), StageKind::Won, Phase::PostSale);
            }
        }
    }
}

/// Whether pipelines have stages of their own: not where one of them has all the stages of the others.
fn have_own_processes<'a>(names: impl Iterator<Item = (Maybe<PipelineId>, &'a str)>) -> bool {
    let mut of_pipeline: BTreeMap<PipelineId, BTreeSet<String>> = BTreeMap::new();
    let named = names.filter_map(|(pipeline, name)| Some((pipeline.get()?, name)));
    for (pipeline, name) in named.filter(|(_, name)| outcome_of_name(name).is_none()) {
        of_pipeline.entry(pipeline).or_default().insert(folded(name));
    }
    let all: BTreeSet<&String> = of_pipeline.values().flatten().collect();
    of_pipeline.values().all(|names| names.len() < all.len())
}

/// A stage nobody configured.
pub(super) fn proposed(name: &str, pipeline: Option<&str>, kind: StageKind, phase: Phase) -> Stage {
    let category = match kind {
        StageKind::Open => ForecastCategory::Pipeline,
        StageKind::Won => ForecastCategory::Closed,
        StageKind::Lost => ForecastCategory::Omitted,
    };
    let pipeline = pipeline.map(str::to_owned);
    Stage { name: name.to_owned(), pipeline, kind, phase, category: Some(category), ..Stage::default() }
}
