//! How long do deals that advance stay in a stage, and how long do deals live at all?
//!
//! [`Timeline`] and its [`Stay`]s in, [`StageBenchmarks`] out. Stays still running count as censored, so that the slow ones are
//! in the picture. A stay is stalled once its chance to advance at all has fallen to a level that one in twenty of the
//! stays that did advance went through, and slow at the level of one in four. The level is the same for all stages, so
//! that of all thresholds which call as many good deals stalled these find the most others; but nowhere is a stay slow
//! before half, or stalled before three quarters, of those that advance are over. Where a column tells stays
//! apart ([`Levels`]), a deal is held against those of its own value.

use super::levels::Levels;
use super::stay_counts::by_stage;
use crate::books::segment::Segment;
use crate::config::StagnationConfig;
use crate::domain::day::Day;
use crate::domain::ids::{DealIx, StageId};
use crate::domain::maybe::Maybe;
use crate::domain::stage::StageKind;
use crate::snapshot::DealState;
use crate::stats::survival::{ExitCause, ExitCounts, ExitCurves};
use crate::timeline::{Stay, Timeline};

/// A stage with fewer stays that advanced borrows the benchmark of all stages together.
pub const MIN_ADVANCES: u64 = 30;
/// Of fewer stays that advanced no threshold is learned.
const MIN_TO_JUDGE: u64 = 10;

/// When a stay counts as slow.
const SLOW: Limit = Limit { at_most: 0.25, not_before: 0.5 };
/// When it counts as stalled.
const STALLED: Limit = Limit { at_most: 0.05, not_before: 0.75 };

/// What a threshold has to observe.
#[derive(Clone, Copy, Debug)]
struct Limit {
    /// Share of the stays of all stages that advance which may do so after they were over it.
    at_most: f64,
    /// Share of the stays of the stage that advance which are over before it.
    not_before: f64,
}

impl Limit {
    /// The first day from which on a stay has no better chance to advance than `chance`.
    fn on(self, curves: &ExitCurves, chance: f64) -> Option<Prospect> {
        let first = curves.quantile_given(ExitCause::Advance, self.not_before)?;
        prospects(curves).find(|prospect| prospect.day >= first && prospect.chance <= chance)
    }
}

/// What is normal for a stage.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StageBenchmark {
    /// How stays end, by days.
    pub curves: ExitCurves,
    /// Whether the stage had too few stays and speaks with the voice of all stages.
    pub pooled: bool,
    /// Median days of the stays that advance.
    pub median: Option<u32>,
    /// Days after which a deal is slow.
    pub slow_after: Option<u32>,
    /// Days after which a deal is stalled.
    pub stalled_after: Option<u32>,
}

impl StageBenchmark {
    fn new(curves: ExitCurves, pooled: bool, levels: ChanceLevels) -> Self {
        let median = curves.quantile_given(ExitCause::Advance, 0.5);
        let slow_after = SLOW.on(&curves, levels.slow).map(|prospect| prospect.day);
        let stalled_after = STALLED.on(&curves, levels.stalled).map(|prospect| prospect.day);
        Self { median, slow_after, stalled_after, curves, pooled }
    }

    fn with_fixed_thresholds(mut self, stage: &str, config: &StagnationConfig) -> Self {
        self.slow_after = config.slow_after_days.get(stage).copied().or(self.slow_after);
        self.stalled_after = config.stalled_after_days.get(stage).copied().or(self.stalled_after);
        self
    }
}

/// What is left of a stage's stays after a day with exits.
struct Prospect {
    day: u32,
    /// Chance that a stay longer than `day` advances at all.
    chance: f64,
    /// Share of the advances that come later.
    later: f64,
}

fn prospects(curves: &ExitCurves) -> impl Iterator<Item = Prospect> {
    let total = curves.steps().last().map_or(0.0, |step| step.incidence[ExitCause::Advance as usize]);
    curves.steps().iter().map(move |step| {
        let later = total - step.incidence[ExitCause::Advance as usize];
        let chance = if later > 0.0 { later / step.survival } else { 0.0 };
        Prospect { day: step.day, chance, later: if later > 0.0 { later / total } else { 0.0 } }
    })
}

/// Curves with the number of stays behind them that advanced.
struct Advances<'a> {
    count: u64,
    curves: &'a ExitCurves,
}

impl<'a> Advances<'a> {
    /// Of curves shrunk towards others: their own stays alone.
    fn own(curves: &'a ExitCurves) -> Self {
        let count = curves.steps().iter().map(|step| step.exits[ExitCause::Advance as usize]).sum();
        Self { count, curves }
    }

    /// How many of the advances come after the day `limit` sets for `chance`.
    fn passed(&self, limit: Limit, chance: f64) -> f64 {
        limit.on(self.curves, chance).map_or(0.0, |prospect| prospect.later * self.count as f64)
    }
}

/// The chance to advance at which stays count as slow, and as stalled.
#[derive(Clone, Copy, Debug, PartialEq)]
struct ChanceLevels {
    slow: f64,
    stalled: f64,
}

impl ChanceLevels {
    fn of(curves: &[Advances<'_>]) -> Self {
        Self { slow: Self::passed_by(SLOW, curves), stalled: Self::passed_by(STALLED, curves) }
    }

    /// The highest chance that keeps to `limit`; below any chance where there are too few advances to learn from.
    fn passed_by(limit: Limit, curves: &[Advances<'_>]) -> f64 {
        let all = curves.iter().map(|of| of.count).sum::<u64>();
        if all < MIN_TO_JUDGE {
            return -1.0;
        }
        let mut chances: Vec<f64> = curves.iter().flat_map(|of| prospects(of.curves)).map(|p| p.chance).collect();
        chances.sort_unstable_by(f64::total_cmp);
        let passed = |chance: f64| curves.iter().map(|of| of.passed(limit, chance)).sum::<f64>();
        let fits = chances.partition_point(|&chance| passed(chance) <= limit.at_most * all as f64 + 1e-9);
        fits.checked_sub(1).map_or(0.0, |last| chances[last])
    }
}

/// The curves of all stages, each and together.
struct StageCurves {
    /// By stage: stays that advanced.
    advances: Vec<u64>,
    by_stage: Vec<ExitCurves>,
    all_advances: u64,
    all: ExitCurves,
}

impl StageCurves {
    fn of(counts: &[ExitCounts]) -> Self {
        let mut all = ExitCounts::default();
        counts.iter().for_each(|stage| all.merge(stage));
        Self {
            advances: counts.iter().map(|stage| stage.exits(ExitCause::Advance)).collect(),
            by_stage: counts.iter().map(ExitCounts::finish).collect(),
            all_advances: all.exits(ExitCause::Advance),
            all: all.finish(),
        }
    }

    fn has_enough(&self, stage: usize) -> bool {
        self.advances[stage] >= MIN_ADVANCES
    }

    /// From the curves deals will be held against: of each value where values differ, else of the stage; of all stages
    /// together where none has enough stays.
    fn chance_levels(&self, levels: Option<&Levels>) -> ChanceLevels {
        let enough = (0..self.by_stage.len()).filter(|&stage| self.has_enough(stage));
        let mut own: Vec<Advances<'_>> = match levels {
            None => {
                enough.map(|stage| Advances { count: self.advances[stage], curves: &self.by_stage[stage] }).collect()
            }
            Some(levels) => enough.flat_map(|stage| levels.curves[stage].iter().map(Advances::own)).collect(),
        };
        if own.is_empty() {
            own.push(Advances { count: self.all_advances, curves: &self.all });
        }
        ChanceLevels::of(&own)
    }

    /// The benchmark of a stage; of all stages where it has too few stays.
    fn benchmark(&self, stage: usize, chances: ChanceLevels) -> StageBenchmark {
        let few = !self.has_enough(stage);
        let curves = if few { &self.all } else { &self.by_stage[stage] };
        StageBenchmark::new(curves.clone(), few, chances)
    }
}

/// The benchmarks of the values of a stage, given the curves of the values; none where the stage has too few stays.
fn value_benchmarks(stage: &StageBenchmark, curves: &[ExitCurves], chances: ChanceLevels) -> Vec<StageBenchmark> {
    let curves = curves.iter().filter(|_| !stage.pooled);
    curves.map(|curves| StageBenchmark::new(curves.clone(), false, chances)).collect()
}

/// What is normal in this organisation, learned from everything before the timeline's day.
#[derive(Clone, Debug, PartialEq)]
pub struct StageBenchmarks {
    /// By stage, in process order: days in the stage until it is left.
    pub stages: Vec<StageBenchmark>,
    /// By stage, in process order: days from creation to win or loss. Curves are the same for all stages, fixed
    /// thresholds are not. Used for deals whose stage has no history.
    pub lives: Vec<StageBenchmark>,
    /// What tells stays in one stage apart, if anything does.
    pub levels: Option<Levels>,
    /// By stage, then by value of `levels`; none where the stage borrows the benchmark of all.
    by_value: Vec<Vec<StageBenchmark>>,
    /// Age in days of the oldest deal that ever closed, on the day it did.
    pub longest_closing_days: Option<i32>,
    /// Where the present stage is unknown.
    life: StageBenchmark,
}

impl StageBenchmarks {
    /// Learns from all stays and deals of `timeline`; thresholds in `config` win over learned ones. Stays are told apart
    /// by the best of `candidates`.
    #[must_use]
    pub fn learn(timeline: &Timeline, stays: &[Stay], config: &StagnationConfig, candidates: &[Segment]) -> Self {
        let names = timeline.stages.names();
        let counts = by_stage(stays, names.len());
        let levels = Levels::learn(stays, &counts, candidates);
        let stays = StageCurves::of(&counts);
        let chances = stays.chance_levels(levels.as_ref());
        let stages: Vec<StageBenchmark> = (0..names.len())
            .map(|stage| stays.benchmark(stage, chances).with_fixed_thresholds(&names[stage], config))
            .collect();
        let by_value = levels.as_ref().map_or_else(Vec::new, |levels| {
            let of_stage = |stage: usize| value_benchmarks(&stages[stage], &levels.curves[stage], chances);
            let fixed = |stage: usize, benchmarks: Vec<StageBenchmark>| -> Vec<StageBenchmark> {
                benchmarks.into_iter().map(|benchmark| benchmark.with_fixed_thresholds(&names[stage], config)).collect()
            };
            (0..names.len()).map(|stage| fixed(stage, of_stage(stage))).collect()
        });
        let (life, longest_closing_days) = life_counts(timeline);
        let (wins, life) = (life.exits(ExitCause::Advance), life.finish());
        let of_lives = ChanceLevels::of(&[Advances { count: wins, curves: &life }]);
        let life = StageBenchmark::new(life, false, of_lives);
        let lives = names.iter().map(|name| life.clone().with_fixed_thresholds(name, config)).collect();
        Self { stages, levels, by_value, lives, longest_closing_days, life }
    }

    /// What `state` is to be compared with.
    #[must_use]
    pub fn of(&self, state: &DealState) -> &StageBenchmark {
        let life = || self.lives.get(state.stage.get()?.index());
        let benchmark = if state.stage_tracked { self.of_stay(state.deal, state.stage) } else { life() };
        benchmark.unwrap_or(&self.life)
    }

    /// What a stay of `deal` in `stage` is to be compared with.
    #[must_use]
    pub fn of_stay(&self, deal: DealIx, stage: Maybe<StageId>) -> Option<&StageBenchmark> {
        let stage = stage.get()?.index();
        let own = || self.by_value.get(stage)?.get(self.levels.as_ref()?.value_of(deal));
        own().or_else(|| self.stages.get(stage))
    }

    /// Whose stays `state` is compared with, in words: those of the stage, of one value, of all stages, or whole lives.
    #[must_use]
    pub fn whose(&self, state: &DealState) -> String {
        let of_stage = state.stage.get().and_then(|stage| self.stages.get(stage.index()));
        match (state.stage_tracked, &self.levels) {
            (false, _) => "age".to_owned(),
            (true, _) if of_stage.is_some_and(|benchmark| benchmark.pooled) => "all stages".to_owned(),
            (true, Some(levels)) => format!("{}={}", levels.column, levels.values[levels.value_of(state.deal)]),
            (true, None) => "stage".to_owned(),
        }
    }
}

/// Days from creation to the end of all deals (won = advanced), and the greatest of a closed one.
fn life_counts(timeline: &Timeline) -> (ExitCounts, Option<i32>) {
    let mut counts = ExitCounts::default();
    let mut longest = None;
    for deal in &timeline.deals {
        let days_until = |day: Day| day.0.saturating_sub(deal.created.0);
        // Where nobody knows when: as late as it can have been.
        let days = days_until(deal.closed.get().unwrap_or(timeline.as_of));
        match deal.kind {
            StageKind::Open => counts.push_running(days_until(timeline.as_of)),
            StageKind::Won => counts.push(days, ExitCause::Advance),
            StageKind::Lost => counts.push(days, ExitCause::Lost),
        }
        if deal.kind != StageKind::Open && deal.closed.is_some() {
            longest = longest.max(Some(days));
        }
    }
    (counts, longest)
}

/// Names of the stages that borrow the benchmark of all stages.
#[must_use]
pub fn pooled_stages(timeline: &Timeline, benchmarks: &StageBenchmarks) -> Vec<StageId> {
    let open = |id: &StageId| timeline.stages.kind(*id) == StageKind::Open;
    let pooled =
        benchmarks.stages.iter().zip(timeline.stages.ids()).filter(|(benchmark, _)| benchmark.pooled).map(|(_, id)| id);
    pooled.filter(open).collect()
}
