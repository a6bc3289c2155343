//! The stages in process order, and which of them a name in the export means: that depends on the deal's pipeline and,
//! where stages were renamed or merged, on the day.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::domain::code::Dictionary;
use crate::domain::day::Day;
use crate::domain::ids::{PipelineId, StageId, StageNameId};
use crate::domain::maybe::Maybe;
use crate::domain::stage::kind::{Phase, StageKind};
use crate::domain::stage::process::Stage;

/// The pipelines that have a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pipelines {
    /// All of them, and deals without one.
    All,
    /// This one.
    One(PipelineId),
    /// One that no deal is in.
    Unused,
}

impl Pipelines {
    /// Whether a stage of these is of `pipeline` and of no other; without a pipeline: of all.
    fn are_just(self, pipeline: Maybe<PipelineId>) -> bool {
        match self {
            Self::All => pipeline.is_none(),
            Self::One(own) => pipeline.get() == Some(own),
            Self::Unused => false,
        }
    }
}

/// The stages of all pipelines in process order, and what the names in the data mean.
#[derive(Clone, Debug, Default)]
pub struct StageList {
    stages: Vec<Stage>,
    /// Names no two stages share.
    names: Vec<String>,
    /// Whose they are.
    pipelines: Vec<Pipelines>,
    /// Length of the dictionary of stage names.
    codes: usize,
    /// What a name means on any day `dated` does not speak of, at `slot * codes + code`.
    meanings: Vec<Maybe<StageId>>,
    /// What a name means between two days, by the same index.
    dated: BTreeMap<usize, Vec<(Day, Day, StageId)>>,
}

/// A stage that a name may mean.
struct StageMatch {
    stage: StageId,
    pipelines: Pipelines,
    /// 0 for its name, 1 for a former name, 2 for its name in another spelling.
    rank: u8,
    days: Option<(Day, Day)>,
}

/// Names that differ in case or surrounding blanks only are the same.
pub(crate) fn folded(name: &str) -> String {
    name.trim().to_lowercase()
}

/// Where a pipeline's meanings stand; deals without a pipeline come first.
fn slot(pipeline: Maybe<PipelineId>) -> usize {
    pipeline.get().map_or(0, |pipeline| pipeline.index() + 1)
}

impl StageList {
    /// `stages` in process order, and what the stage names and pipelines of the data mean by them.
    ///
    /// A name means, in this order: the stage it was between two days that include the day asked for; the stage with
    /// this very name; the stage it is a former name of; the stage whose name differs in case only. Stages of the
    /// deal's own pipeline come before those all pipelines share, and these before stages of other pipelines: a deal
    /// that was moved has such a past.
    #[must_use]
    pub fn of(
        stages: Vec<Stage>,
        stage_names: &Dictionary<StageNameId>,
        pipeline_names: &Dictionary<PipelineId>,
    ) -> Self {
        let of_stage = |stage: &Stage| match &stage.pipeline {
            None => Pipelines::All,
            Some(name) => pipeline_names.code(name).map_or(Pipelines::Unused, Pipelines::One),
        };
        let pipelines: Vec<Pipelines> = stages.iter().map(of_stage).collect();
        let stages: Vec<Stage> = stages.into_iter().map(|stage| Stage { kind: stage.outcome(), ..stage }).collect();
        let names = unique_names(&stages);
        let codes = stage_names.len();
        let mut list = Self { stages, names, pipelines, codes, ..Self::default() };
        let slots = pipeline_names.len() + 1;
        list.meanings = vec![Maybe::NONE; slots * codes];
        for (code, name) in stage_names.names().enumerate() {
            let mut candidates = list.candidates(name);
            for pipeline in pipeline_names.ids().map(Maybe::from).chain([Maybe::NONE]) {
                candidates.sort_by_key(|c| {
                    (Reverse(c.pipelines.are_just(pipeline)), c.pipelines != Pipelines::All, c.rank, c.stage)
                });
                let at = slot(pipeline) * codes + code;
                let always = candidates.iter().find(|candidate| candidate.days.is_none());
                list.meanings[at] = always.map(|candidate| candidate.stage).into();
                let dated: Vec<_> =
                    candidates.iter().filter_map(|c| c.days.map(|(from, until)| (from, until, c.stage))).collect();
                if !dated.is_empty() {
                    list.dated.insert(at, dated);
                }
            }
        }
        list
    }

    fn candidates(&self, name: &str) -> Vec<StageMatch> {
        let key = folded(name);
        let mut candidates = Vec::new();
        for (i, (stage, &pipelines)) in self.stages.iter().zip(&self.pipelines).enumerate() {
            let mut add = |rank, days| candidates.push(StageMatch { stage: StageId::at(i), pipelines, rank, days });
            if folded(&stage.name) == key {
                add(if stage.name == name { 0 } else { 2 }, None);
            }
            stage.was.iter().filter(|was| folded(was.name()) == key).for_each(|was| add(1, was.days()));
        }
        candidates
    }

    /// The stages in process order.
    #[must_use]
    pub fn stages(&self) -> &[Stage] {
        &self.stages
    }

    /// The stage at `id`; `None` where history does not say which it is.
    #[must_use]
    pub fn get(&self, id: impl Into<Maybe<StageId>>) -> Option<&Stage> {
        self.stages.get(id.into().get()?.index())
    }

    /// The ids of the stages, in process order.
    pub fn ids(&self) -> impl DoubleEndedIterator<Item = StageId> + Clone + use<> {
        (0..self.stages.len()).map(StageId::at)
    }

    /// The ids of the stages behind `from` and before `to`.
    pub fn ids_between(&self, from: StageId, to: StageId) -> impl DoubleEndedIterator<Item = StageId> + use<> {
        (from.index() + 1..to.index()).map(StageId::at)
    }

    /// The stage that `name` meant on `day` for a deal of `pipeline`; none where the list has no such stage.
    #[must_use]
    pub fn id_of(&self, pipeline: Maybe<PipelineId>, name: Maybe<StageNameId>, day: Day) -> Maybe<StageId> {
        let Some(name) = name.get() else { return Maybe::NONE };
        let at = slot(pipeline) * self.codes + name.index();
        let dated = if self.dated.is_empty() { None } else { self.dated.get(&at) };
        let then = dated.and_then(|dated| dated.iter().find(|(from, until, _)| (*from..*until).contains(&day)));
        then.map_or_else(|| self.meanings.get(at).copied().unwrap_or_default(), |(.., id)| Maybe::from(*id))
    }

    /// Whether a deal of pipeline `pipeline` can be expected in the stage at `id`.
    #[must_use]
    pub fn is_of(&self, id: StageId, pipeline: Maybe<PipelineId>) -> bool {
        let of = self.pipelines.get(id.index());
        of.is_some_and(|of| *of == Pipelines::All || of.are_just(pipeline))
    }

    /// The stage of a deal of `pipeline` that closed with `kind` where no stage tells more: the first of that kind,
    /// stages of the deal itself before those after the sale.
    #[must_use]
    pub fn ending(&self, pipeline: Maybe<PipelineId>, kind: StageKind) -> Option<StageId> {
        let of_kind = |after_sale: bool| {
            let fits = |(id, stage): &(StageId, &Stage)| {
                stage.kind == kind && (stage.phase == Phase::PostSale) == after_sale && self.is_of(*id, pipeline)
            };
            self.ids().zip(&self.stages).find(fits).map(|(id, _)| id)
        };
        of_kind(false).or_else(|| of_kind(true))
    }

    /// Open, won or lost; an unknown stage is open.
    #[must_use]
    pub fn kind(&self, id: impl Into<Maybe<StageId>>) -> StageKind {
        self.get(id).map_or(StageKind::Open, |stage| stage.kind)
    }

    /// A name no other stage has, `(unknown)` where history does not say: the stage's own, after its pipeline's where
    /// pipelines share it.
    #[must_use]
    pub fn name(&self, id: impl Into<Maybe<StageId>>) -> &str {
        id.into().get().and_then(|id| self.names.get(id.index())).map_or("(unknown)", String::as_str)
    }

    /// The names of all stages, as [`StageList::name`] gives them.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The stage with this name, as [`StageList::name`] gives it.
    #[must_use]
    pub fn position(&self, name: &str) -> Option<StageId> {
        self.names.iter().position(|own| own == name).map(StageId::at)
    }
}

fn unique_names(stages: &[Stage]) -> Vec<String> {
    let shared = |name: &str| stages.iter().filter(|stage| stage.name == name).count() > 1;
    let unique = |stage: &Stage| match &stage.pipeline {
        Some(pipeline) if shared(&stage.name) => format!("{pipeline}: {}", stage.name),
        _ => stage.name.clone(),
    };
    stages.iter().map(unique).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::day::WrittenDay;
    use crate::domain::ids::Id;
    use crate::domain::maybe::Compact;
    use crate::domain::stage::FormerName;

    fn stage(name: &str, pipeline: Option<&str>) -> Stage {
        Stage { name: name.to_owned(), pipeline: pipeline.map(str::to_owned), ..Stage::default() }
    }

    fn dictionary<T: Id + Compact>(names: &[&str]) -> Dictionary<T> {
        let mut dictionary = Dictionary::default();
        names.iter().for_each(|name| {
            dictionary.intern(name);
        });
        dictionary
    }

    fn position(id: Maybe<StageId>) -> Option<usize> {
        id.get().map(StageId::index)
    }

    #[test]
    fn names_mean_the_stages_of_the_deals_own_pipeline_first() {
        let stages = vec![
            stage("Intake", None),
            stage("Offer", Some("New")),
            stage("offer", Some("Renewal")),
            stage("Review", Some("Renewal")),
        ];
        let names = dictionary(&["Offer", "INTAKE", "Review", "Else"]);
        let list = StageList::of(stages, &names, &dictionary(&["Renewal", "New"]));
        let of = |pipeline: Option<usize>| {
            let pipeline = pipeline.map(PipelineId::at).into();
            [0, 1, 2, 3].map(|name| position(list.id_of(pipeline, StageNameId::at(name).into(), Day(0))))
        };
        assert_eq!(of(Some(0)), [Some(2), Some(0), Some(3), None], "Renewal");
        assert_eq!(of(Some(1)), [Some(1), Some(0), Some(3), None], "New: a moved deal was in Review");
        assert_eq!(of(None), [Some(1), Some(0), Some(3), None], "no pipeline");
        let is_of_new = |id| list.is_of(StageId::at(id), PipelineId::at(1).into());
        assert_eq!([0, 1, 3].map(is_of_new), [true, true, false]);
    }

    #[test]
    fn former_names_count_between_their_days() {
        let day = |d| Some(WrittenDay(Day(d)));
        let name = "Demo".to_owned();
        let qualified = Stage {
            was: vec![
                FormerName::Always("SQL".into()),
                FormerName::Dated { name: name.clone(), from: day(10), until: day(20) },
                FormerName::Dated { name: "Pilot".into(), from: None, until: day(5) },
            ],
            ..stage("Qualified", None)
        };
        let names = dictionary(&["Demo", "SQL", "qualified", "Pilot"]);
        let list = StageList::of(vec![stage("Demo", None), qualified], &names, &Dictionary::default());
        let on = |name, day| position(list.id_of(Maybe::NONE, StageNameId::at(name).into(), Day(day)));
        assert_eq!([9, 10, 19, 20].map(|day| on(0, day)), [0, 1, 1, 0].map(Some));
        assert_eq!([on(1, 0), on(2, 0), on(3, 4), on(3, 5)], [Some(1), Some(1), Some(1), None]);
    }

    #[test]
    fn only_names_that_pipelines_share_carry_the_pipeline() {
        let stages = vec![stage("Offer", Some("New")), stage("Offer", Some("Renewal")), stage("Review", Some("New"))];
        let list = StageList::of(stages, &Dictionary::default(), &Dictionary::default());
        assert_eq!(list.names(), ["New: Offer", "Renewal: Offer", "Review"]);
        assert_eq!(list.position("Renewal: Offer"), Some(StageId::at(1)));
        assert_eq!(list.name(Maybe::NONE), "(unknown)");
    }
}
