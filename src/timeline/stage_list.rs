//! The ordered stage list: the configured one, with the stages it does not list put where the history before the as-of
//! day has them, or one proposed from names and history alone.
//!
//! Stages that only occur on or after the as-of day are in no list. Order among proposed stages comes from which
//! stage deals enter first, settled pair by pair, so that going back and skipping do not disturb it.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use thiserror::Error;

use crate::domain::code::{Dictionary, NO_CODE};
use crate::domain::stage::{ForecastCategory, Place, Stage, StageKind, StageList, UNKNOWN_STAGE, folded};
use crate::timeline::stage_evidence::{Seen, StageCounts, StageEvidence};
use crate::timeline::stage_names::outcome_of_name;
use crate::timeline::story::TableEnd;

/// Most stages that can be proposed; more means that the column holds something else.
pub const MAX_PROPOSED_STAGES: usize = 200;

/// Most pipelines; more means that the column holds something else.
pub const MAX_PIPELINES: usize = 200;

/// Fewest deals that make a stage entered after the win one of after-sales: a deal or two may have been reopened.
const MIN_AFTER_SALES: u64 = 3;

/// Why no stage list could be made.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StageListError {
    /// Too many stages to propose a process from.
    #[error(
        "the data have {got} different stages that are not configured, expected at most {MAX_PROPOSED_STAGES}: \
         list the stages of the process, or map `stage` to another column"
    )]
    TooManyStages {
        /// Different stages before the as-of day.
        got: usize,
    },
    /// Too many pipelines.
    #[error(
        "the data have {got} different pipelines, expected at most {MAX_PIPELINES}: map `pipeline` to the column \
         that tells sales processes apart"
    )]
    TooManyPipelines {
        /// Different values in the column.
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

/// A stage of the data that the configuration does not list, and the place it was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UnlistedStage {
    /// As written.
    pub stage: String,
    /// Whose deals were in it; `None` where the process is one for all pipelines.
    pub pipeline: Option<String>,
    /// Deals that are or were in it before the as-of day.
    pub deals: u64,
    /// Open, won or lost, by its name or by where deals ended.
    pub kind: StageKind,
    /// Of the deal, or after the sale.
    pub place: Place,
    /// The stage it was put behind; `None` at the start.
    pub after: Option<String>,
}

/// The sales process.
pub(super) struct Process {
    pub stages: StageList,
    pub order: StageOrder,
    /// See [`TimelineQuality::unlisted_stages`](crate::timeline::TimelineQuality::unlisted_stages).
    pub unlisted: Vec<UnlistedStage>,
}

impl StageEvidence<'_> {
    /// The process of `configured` and of what the data have beside it.
    pub fn process(
        &self,
        configured: &[Stage],
        names: &Dictionary,
        pipelines: &Dictionary,
    ) -> Result<Process, StageListError> {
        if pipelines.len() > MAX_PIPELINES {
            return Err(StageListError::TooManyPipelines { got: pipelines.len() });
        }
        let listed = StageList::of(configured.to_vec(), names, pipelines);
        let is_unlisted = |seen: Seen| listed.id_of(seen.pipeline, seen.code, seen.day) == UNKNOWN_STAGE;
        let mut found = Found::of(&self.deals_by_name(is_unlisted), configured, names, pipelines);
        if found.stages.len() > MAX_PROPOSED_STAGES {
            return Err(StageListError::TooManyStages { got: found.stages.len() });
        }
        let mut draft = Draft { stages: configured.to_vec(), order: (0..configured.len()).collect() };
        if !found.stages.is_empty() {
            let position = |seen: Seen| match listed.id_of(seen.pipeline, seen.code, seen.day) {
                UNKNOWN_STAGE => found.of_name.get(&(seen.pipeline, seen.code)).map_or(0, |at| configured.len() + at),
                id => usize::from(id),
            };
            let counts = self.count(configured.len() + found.stages.len(), &position);
            found.settle_kinds(configured, &counts);
            draft.place(&found, &counts);
        }
        let mut stages: Vec<Stage> = draft.order.iter().map(|&i| draft.stages[i].clone()).collect();
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
            .map(|(kind, name)| proposed(name, None, kind, Place::Deal))
            .collect()
    }

    fn any_ended_nowhere(&self, list: &StageList, wanted: StageKind) -> bool {
        self.rows.iter().enumerate().any(|(i, &row)| {
            let (row, pipeline) = (row as usize, self.pipeline(i));
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

/// A stage the data have and the configuration has not.
struct FoundStage {
    stage: Stage,
    deals: u64,
}

/// All of them, by pipeline and name.
struct Found {
    stages: Vec<FoundStage>,
    /// Position in `stages` by pipeline code and stage code.
    of_name: BTreeMap<(u32, u32), usize>,
}

impl Found {
    /// Names that differ in case or blanks only are one stage, under the spelling most deals have.
    fn of(deals: &BTreeMap<(u32, u32), u64>, configured: &[Stage], names: &Dictionary, pipelines: &Dictionary) -> Self {
        let name = |code: u32| names.name(code).unwrap_or_default();
        let apart = if configured.is_empty() {
            have_own_processes(deals.keys().map(|&(pipeline, code)| (pipeline, name(code))))
        } else {
            configured.iter().any(|stage| stage.pipeline.is_some())
        };
        let mut spellings: BTreeMap<_, Vec<(u64, (u32, u32))>> = BTreeMap::new();
        for (&(pipeline, code), &deals) in deals {
            let of = pipelines.name(pipeline).filter(|_| apart);
            spellings.entry((of, folded(name(code)))).or_default().push((deals, (pipeline, code)));
        }
        let mut found = Self { stages: Vec::new(), of_name: BTreeMap::new() };
        for ((pipeline, _), spellings) in spellings {
            let usual = spellings.iter().max_by_key(|(deals, (_, code))| (*deals, Reverse(name(*code))));
            let spelling = usual.map_or("", |(_, (_, code))| name(*code));
            found.of_name.extend(spellings.iter().map(|&(_, name)| (name, found.stages.len())));
            found.stages.push(FoundStage {
                stage: proposed(spelling, pipeline, StageKind::Open, Place::Deal),
                deals: spellings.iter().map(|(deals, _)| deals).sum(),
            });
        }
        found
    }

    /// What being in each stage says: by its name, else by where deals ended. A stage that nine in ten of its deals, and
    /// more than one or two, entered after a won stage is after-sales.
    fn settle_kinds(&mut self, configured: &[Stage], counts: &StageCounts) {
        for (at, found) in (configured.len()..).zip(&mut self.stages) {
            let kind = outcome_of_name(&found.stage.name).or_else(|| counts.outcome(at)).unwrap_or_default();
            found.stage = proposed(&found.stage.name, found.stage.pipeline.as_deref(), kind, Place::Deal);
        }
        let all = || configured.iter().chain(self.stages.iter().map(|found| &found.stage));
        let won: Vec<usize> = (0..).zip(all()).filter(|(_, s)| s.outcome() == StageKind::Won).map(|(i, _)| i).collect();
        for (at, found) in (configured.len()..).zip(&mut self.stages) {
            let sold_before: i64 = won.iter().filter(|&&won| won != at).map(|&won| counts.lead(won, at)).sum();
            let is_after_sales = found.deals >= MIN_AFTER_SALES && sold_before * 10 >= found.deals as i64 * 9;
            if found.stage.kind != StageKind::Lost && is_after_sales {
                let name = std::mem::take(&mut found.stage.name);
                found.stage = proposed(&name, found.stage.pipeline.as_deref(), StageKind::Won, Place::PostSale);
            }
        }
    }
}

/// Whether pipelines have stages of their own: not where one of them has all the stages of the others.
fn have_own_processes<'a>(names: impl Iterator<Item = (u32, &'a str)>) -> bool {
    let mut of_pipeline: BTreeMap<u32, BTreeSet<String>> = BTreeMap::new();
    for (pipeline, name) in names.filter(|(pipeline, name)| *pipeline != NO_CODE && outcome_of_name(name).is_none()) {
        of_pipeline.entry(pipeline).or_default().insert(folded(name));
    }
    let all: BTreeSet<&String> = of_pipeline.values().flatten().collect();
    of_pipeline.values().all(|names| names.len() < all.len())
}

/// The process while stages are put into it: positions are those of the evidence, listed stages first.
struct Draft {
    stages: Vec<Stage>,
    order: Vec<usize>,
}

impl Draft {
    /// Puts the stages of `found` in their places, pipeline by pipeline.
    fn place(&mut self, found: &Found, counts: &StageCounts) {
        let listed = self.stages.len();
        self.stages.extend(found.stages.iter().map(|found| found.stage.clone()));
        let positions: Vec<usize> = (listed..self.stages.len()).collect();
        let stages = self.stages.clone();
        for of_pipeline in positions.chunk_by(|&a, &b| stages[a].pipeline == stages[b].pipeline) {
            let of_kind = |wanted: StageKind| -> Vec<usize> {
                of_pipeline.iter().copied().filter(|&i| stages[i].kind == wanted).collect()
            };
            let (mut open, won, lost) = (of_kind(StageKind::Open), of_kind(StageKind::Won), of_kind(StageKind::Lost));
            let like = of_pipeline[0];
            let is_listed = |&i: &usize| i < listed;
            if self.lane(like).any(|i| is_listed(&i) && stages[i].outcome() == StageKind::Open) {
                open.sort_by_key(|&i| Reverse(found.stages[i - listed].deals));
                open.into_iter().for_each(|i| self.insert_open(i, counts));
            } else {
                let first = self.lane(like).find(is_listed).and_then(|i| self.order.iter().position(|&o| o == i));
                let at = first.unwrap_or(self.order.len());
                self.order.splice(at..at, process_order(counts, open));
            }
            for i in process_order(counts, won) {
                self.insert_behind(i, |stage| stage.outcome() != StageKind::Lost);
            }
            for i in process_order(counts, lost) {
                self.insert_behind(i, |_| true);
            }
        }
    }

    /// The stages so far that deals in the stage at `like` may also be in, in order.
    fn lane(&self, like: usize) -> impl Iterator<Item = usize> {
        let pipeline = &self.stages[like].pipeline;
        let fits = move |i: &usize| self.stages[*i].pipeline.is_none() || self.stages[*i].pipeline == *pipeline;
        self.order.iter().copied().filter(fits)
    }

    /// Where the fewest deals contradict the order; of several such places the one next to the stages deals came from
    /// or, where they came from none, the last.
    fn insert_open(&mut self, new: usize, counts: &StageCounts) {
        let open: Vec<usize> = self.lane(new).filter(|&i| self.stages[i].outcome() == StageKind::Open).collect();
        let against = |place: usize| -> i64 {
            let before = open[..place].iter().map(|&i| counts.lead(new, i).max(0));
            before.chain(open[place..].iter().map(|&i| counts.lead(i, new).max(0))).sum()
        };
        let follows = open.iter().any(|&i| counts.lead(i, new) > 0);
        let places = 0..=open.len();
        let place = if follows {
            places.min_by_key(|&place| against(place))
        } else {
            places.rev().min_by_key(|&place| against(place))
        };
        let before = place.and_then(|place| open.get(place));
        match before.and_then(|before| self.order.iter().position(|i| i == before)) {
            Some(at) => self.order.insert(at, new),
            None => self.insert_behind(new, |stage| stage.outcome() == StageKind::Open),
        }
    }

    /// Behind the last stage of the same process that `is_before` takes; at the end where there is none.
    fn insert_behind(&mut self, new: usize, is_before: impl Fn(&Stage) -> bool) {
        let last = self.lane(new).filter(|&i| is_before(&self.stages[i])).last();
        let at = last.and_then(|last| self.order.iter().position(|&i| i == last)).map_or(self.order.len(), |at| at + 1);
        self.order.insert(at, new);
    }

    fn unlisted(&self, found: &Found) -> Vec<UnlistedStage> {
        let listed = self.stages.len() - found.stages.len();
        let places = (0..self.order.len()).filter(|&at| self.order[at] >= listed);
        let unlisted = places.map(|at| {
            let FoundStage { stage, deals } = &found.stages[self.order[at] - listed];
            let lane: Vec<usize> = self.lane(self.order[at]).collect();
            let before = lane.iter().take_while(|&&i| i != self.order[at]).last();
            UnlistedStage {
                stage: stage.name.clone(),
                pipeline: stage.pipeline.clone(),
                deals: *deals,
                kind: stage.kind,
                place: stage.place,
                after: before.map(|&i| self.stages[i].name.clone()),
            }
        });
        unlisted.collect()
    }
}

fn proposed(name: &str, pipeline: Option<&str>, kind: StageKind, place: Place) -> Stage {
    let category = match kind {
        StageKind::Open => ForecastCategory::Pipeline,
        StageKind::Won => ForecastCategory::Closed,
        StageKind::Lost => ForecastCategory::Omitted,
    };
    let pipeline = pipeline.map(str::to_owned);
    Stage { name: name.to_owned(), pipeline, kind, place, category: Some(category), ..Stage::default() }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::domain::day::{Day, WrittenDay};
    use crate::domain::stage::FormerName;
    use crate::timeline::Timeline;
    use crate::timeline::fixtures::World;

    fn names(timeline: &Timeline) -> Vec<&str> {
        timeline.stages.stages().iter().map(|stage| &*stage.name).collect()
    }

    #[test]
    fn order_comes_from_first_entries_whatever_goes_back_or_skips() {
        let world = World::default()
            .deal("a", 0, "Zoom")
            .moved(0, "New")
            .moved(5, "Zoom")
            .moved(7, "Closed Lost")
            .deal("b", 0, "Zoom")
            .moved(0, "Zoom")
            .moved(5, "Contract")
            .moved(6, "Zoom")
            .moved(7, "New")
            .deal("c", 0, "Won")
            .moved(0, "New")
            .moved(5, "Contract")
            .moved(9, "Won")
            .deal("d", 0, "Zoom")
            .moved(0, "New")
            .moved(1, "Zoom")
            .deal("e", 0, "Contract")
            .moved(0, "New")
            .moved(1, "Contract");
        let timeline = world.timeline(50);
        assert_eq!(names(&timeline), ["New", "Zoom", "Contract", "Won", "Closed Lost"]);
        assert_eq!(timeline.quality.stage_order, StageOrder::History);
    }

    #[test]
    fn without_history_names_give_the_order() {
        let world = World::default().deal("a", 0, "2-Develop").deal("b", 0, "1-Qualify").deal("c", 0, "Lost").closed(9);
        let timeline = world.timeline(50);
        assert_eq!(names(&timeline), ["1-Qualify", "2-Develop", "Lost"]);
        assert_eq!(timeline.quality.stage_order, StageOrder::Name);
    }

    #[test]
    fn stages_of_the_future_do_not_exist() {
        let world = World::default().deal("a", 0, "Signed").closed(50).moved(0, "New").moved(50, "Signed");
        let world = world.deal("b", 50, "Other").moved(50, "Other");
        assert_eq!(names(&world.timeline(50)), ["New"]);
    }

    #[test]
    fn a_stage_where_deals_end_as_won_is_a_won_stage() {
        let mut world = World::default().deal("open", 0, "Propose").moved(0, "Propose");
        for id in ["a", "b", "c"] {
            world =
                world.deal(id, 0, "Signed").status(StageKind::Won).closed(20).moved(0, "Propose").moved(20, "Signed");
        }
        let timeline = world.timeline(50);
        assert_eq!(names(&timeline), ["Propose", "Signed"]);
        assert_eq!(timeline.stages.kind(1), StageKind::Won);
        let left = world.deal("d", 0, "Negotiation").moved(0, "Signed").moved(9, "Propose");
        assert_eq!(left.timeline(50).stages.kind(0), StageKind::Open);
    }

    fn configured(names: &[(&str, StageKind)]) -> Config {
        let stage = |&(name, kind): &(&str, StageKind)| Stage { name: name.to_owned(), kind, ..Stage::default() };
        Config { stages: names.iter().map(stage).collect(), ..Config::default() }
    }

    fn build(world: &World, config: &Config, as_of: i32) -> Timeline {
        Timeline::build(&world.tables(), config, Day(as_of)).expect("a process")
    }

    #[test]
    fn unlisted_stages_get_the_place_the_past_gives_them() {
        use StageKind::{Lost, Open, Won};
        let config = configured(&[("new ", Open), ("Offer", Open), ("Won", Won), ("Lost", Lost)]);
        let sold = |world: World, id| {
            let world = world.deal(id, 0, "New").moved(0, "New").moved(5, "Demo").moved(7, "Offer");
            world.moved(9, "Pilot").moved(20, "Won").moved(22, "Delivery")
        };
        let world = ["a", "a1", "a2"]
            .into_iter()
            .fold(World::default(), sold)
            .deal("b", 0, "New")
            .moved(0, "New")
            .moved(3, "Demo")
            .moved(4, "No decision - lost")
            .moved(60, "Future");
        let timeline = build(&world, &config, 50);
        assert_eq!(
            names(&timeline),
            ["new ", "Demo", "Offer", "Pilot", "Won", "Delivery", "Lost", "No decision - lost"]
        );
        let told = |name: &str, deals, kind, place, after: &str| UnlistedStage {
            stage: name.to_owned(),
            pipeline: None,
            deals,
            kind,
            place,
            after: Some(after.to_owned()),
        };
        let unlisted = [
            told("Demo", 4, Open, Place::Deal, "new "),
            told("Pilot", 3, Open, Place::Deal, "Offer"),
            told("Delivery", 3, Won, Place::PostSale, "Won"),
            told("No decision - lost", 1, Lost, Place::Deal, "Lost"),
        ];
        assert_eq!(timeline.quality.unlisted_stages, unlisted);
        assert_eq!(timeline.deals[0].closed, 20);
        assert_eq!(build(&world, &config, 3).quality.unlisted_stages, []);
    }

    #[test]
    fn every_pipeline_has_its_own_order() {
        let world = World::default()
            .deal("a", 0, "Won")
            .pipeline("New")
            .moved(0, "Offer")
            .moved(3, "Trial")
            .moved(5, "Review")
            .moved(7, "Won")
            .deal("b", 0, "Won")
            .pipeline("Renewal")
            .moved(0, "Review")
            .moved(5, "Quote")
            .moved(6, "Offer")
            .moved(9, "Won");
        let timeline = world.timeline(50);
        let new = ["New: Offer", "Trial", "New: Review", "New: Won"];
        let renewal = ["Renewal: Review", "Quote", "Renewal: Offer", "Renewal: Won"];
        assert_eq!(timeline.stages.names(), [new, renewal].concat());
        assert_eq!(timeline.steps_of(1).iter().map(|step| step.stage).collect::<Vec<_>>(), [4, 5, 6, 7]);
        let shared = world.deal("c", 9, "Quote").pipeline("New").moved(9, "Quote").timeline(50);
        assert_eq!(shared.stages.stages().len(), 5, "New has all stages of Renewal: one process");
    }

    #[test]
    fn a_pipeline_that_is_not_configured_is_proposed_behind_the_others() {
        let mut config = configured(&[("Offer", StageKind::Open), ("Won", StageKind::Won)]);
        config.stages[0].pipeline = Some("New".to_owned());
        let world = World::default()
            .deal("a", 0, "Offer")
            .pipeline("New")
            .moved(0, "Offer")
            .deal("b", 0, "Won")
            .pipeline("Renewal")
            .moved(0, "Review")
            .moved(5, "Offers")
            .moved(9, "Won");
        let timeline = build(&world, &config, 50);
        assert_eq!(names(&timeline), ["Offer", "Review", "Offers", "Won"]);
        assert_eq!(timeline.deals[1].kind, StageKind::Won);
        let pipelines: Vec<_> = timeline.quality.unlisted_stages.iter().map(|s| s.pipeline.as_deref()).collect();
        assert_eq!(pipelines, [Some("Renewal"), Some("Renewal")]);
        assert!(timeline.quality.unknown_pipelines.is_empty());
        // Stages of a pipeline that is spelt otherwise in the data are of no deal: that is said.
        config.stages[0].pipeline = Some("Renewl".to_owned());
        let unknown = build(&world, &config, 50).quality.unknown_pipelines;
        assert_eq!(unknown, [("Renewl".to_owned(), Some("Renewal".to_owned()))]);
    }

    #[test]
    fn a_renamed_stage_is_one_stay() {
        let mut config = configured(&[("New", StageKind::Open), ("Demo", StageKind::Open)]);
        let until = Some(WrittenDay(Day(10)));
        config.stages[1].was =
            vec![FormerName::Always("Show".into()), FormerName::Dated { name: "New".into(), from: None, until }];
        let world = World::default().deal("a", 0, "Demo").moved(0, "New").moved(8, "Show").moved(12, "Demo");
        let timeline = build(&world.deal("b", 0, "New").moved(0, "Show").moved(11, "New"), &config, 50);
        let stays: Vec<_> = timeline.stays().iter().map(|stay| (stay.deal, stay.stage, stay.entered.0)).collect();
        assert_eq!(stays, [(0, 1, 0), (1, 1, 0), (1, 0, 11)]);
        assert!(timeline.quality.unlisted_stages.is_empty());
    }

    #[test]
    fn a_deal_closes_in_its_own_pipeline() {
        let mut config =
            configured(&[("Sold", StageKind::Won), ("Renewed", StageKind::Won), ("Open", StageKind::Open)]);
        config.stages[0].pipeline = Some("New".to_owned());
        config.stages[1].pipeline = Some("Renewal".to_owned());
        let deal =
            |world: World, id, pipeline| world.deal(id, 0, "Open").pipeline(pipeline).status(StageKind::Won).closed(9);
        let world = deal(deal(deal(World::default(), "a", "New"), "b", "Renewal"), "c", "Other");
        let timeline = build(&world, &config, 50);
        let ends: Vec<_> = (0..3).map(|i| timeline.stages.name(timeline.steps_of(i)[1].stage)).collect();
        assert_eq!(ends, ["Sold", "Renewed", "Won"]);
    }

    #[test]
    fn a_column_of_free_text_is_no_process() {
        let world =
            (0..=MAX_PROPOSED_STAGES).fold(World::default(), |w, i| w.deal(&format!("D{i}"), 0, &format!("S{i}")));
        let error = Timeline::build(&world.tables(), &Config::default(), Day(9)).expect_err("too many");
        assert!(matches!(error, StageListError::TooManyStages { got } if got == MAX_PROPOSED_STAGES + 1));
        let world = (0..=MAX_PIPELINES)
            .fold(World::default(), |w, i| w.deal(&format!("D{i}"), 0, "New").pipeline(&format!("P{i}")));
        let error = Timeline::build(&world.tables(), &Config::default(), Day(9)).expect_err("too many");
        assert!(matches!(error, StageListError::TooManyPipelines { got } if got == MAX_PIPELINES + 1));
    }
}
