//! How long do deals that advance stay in a stage, and how long do deals live at all?
//!
//! [`Timeline`] and its [`Spell`]s in, [`Norms`] out. Stays still running count as censored, so that the slow ones are
//! in the picture. A stay is stalled once its chance to advance at all has fallen to a level that one in twenty of the
//! stays that did advance went through, and slow at the level of one in four. The level is the same for all stages, so
//! that of all thresholds which call as many good deals stalled these find the most others; but nowhere is a stay slow
//! before half, or stalled before three quarters, of those that advance are over. Where a column tells stays
//! apart ([`Levels`]), a deal is held against those of its own value.

use rayon::prelude::*;

use crate::analyses::stagnation::levels::Levels;
use crate::books::segment::Segment;
use crate::config::StagnationConfig;
use crate::domain::day::Day;
use crate::domain::ids::{DealIx, StageId};
use crate::domain::maybe::Maybe;
use crate::domain::stage::StageKind;
use crate::snapshot::DealState;
use crate::stats::survival::{Cause, ExitCounts, ExitCurves};
use crate::timeline::{Exit, Spell, Timeline};

/// A stage with fewer stays that advanced borrows the norm of all stages together.
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
        let first = curves.quantile_given(Cause::Advance, self.not_before)?;
        prospects(curves).find(|prospect| prospect.day >= first && prospect.chance <= chance)
    }
}

/// Items per parallel chunk; fixed, so that the work is cut the same way on every machine.
pub(super) const CHUNK: usize = 1 << 16;

/// What is normal for a stage.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Norm {
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

impl Norm {
    fn new(curves: ExitCurves, pooled: bool, levels: ChanceLevels) -> Self {
        let median = curves.quantile_given(Cause::Advance, 0.5);
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
    let total = curves.steps().last().map_or(0.0, |step| step.incidence[Cause::Advance as usize]);
    curves.steps().iter().map(move |step| {
        let later = total - step.incidence[Cause::Advance as usize];
        let chance = if later > 0.0 { later / step.survival } else { 0.0 };
        Prospect { day: step.day, chance, later: if later > 0.0 { later / total } else { 0.0 } }
    })
}

/// Advances among the stays of a value themselves.
fn own_advances(curves: &ExitCurves) -> u64 {
    curves.steps().iter().map(|step| step.exits[Cause::Advance as usize]).sum()
}

/// The chance to advance at which stays count as slow, and as stalled.
#[derive(Clone, Copy, Debug, PartialEq)]
struct ChanceLevels {
    slow: f64,
    stalled: f64,
}

impl ChanceLevels {
    /// For curves with so many advances each.
    fn of(curves: &[(u64, &ExitCurves)]) -> Self {
        Self { slow: Self::passed_by(SLOW, curves), stalled: Self::passed_by(STALLED, curves) }
    }

    /// The highest chance that keeps to `limit`; below any chance where there are too few advances to learn from.
    fn passed_by(limit: Limit, curves: &[(u64, &ExitCurves)]) -> f64 {
        let mut chances: Vec<f64> = curves.iter().flat_map(|(_, curves)| prospects(curves)).map(|p| p.chance).collect();
        chances.sort_unstable_by(f64::total_cmp);
        let all = curves.iter().map(|(advances, _)| *advances).sum::<u64>();
        if all < MIN_TO_JUDGE {
            return -1.0;
        }
        let passed = |chance: f64| -> f64 {
            let of = |(advances, curves): &(u64, &ExitCurves)| {
                limit.on(curves, chance).map_or(0.0, |prospect| prospect.later * *advances as f64)
            };
            curves.iter().map(of).sum::<f64>()
        };
        let fits = chances.partition_point(|&chance| passed(chance) <= limit.at_most * all as f64 + 1e-9);
        fits.checked_sub(1).map_or(0.0, |last| chances[last])
    }
}

/// What is normal in this organisation, learned from everything before the timeline's day.
#[derive(Clone, Debug, PartialEq)]
pub struct Norms {
    /// By stage, in process order: days in the stage until it is left.
    pub stages: Vec<Norm>,
    /// By stage, in process order: days from creation to win or loss. Curves are the same for all stages, fixed
    /// thresholds are not. Used for deals whose stage has no history.
    pub lives: Vec<Norm>,
    /// What tells stays in one stage apart, if anything does.
    pub levels: Option<Levels>,
    /// By stage, then by value of `levels`; none where the stage borrows the norm of all.
    by_value: Vec<Vec<Norm>>,
    /// Age in days of the oldest deal that ever closed, on the day it did.
    pub longest_closing_days: Option<i32>,
    /// Where the present stage is unknown.
    life: Norm,
}

impl Norms {
    /// Learns from all spells and deals of `timeline`; thresholds in `config` win over learned ones. Stays are told apart
    /// by the best of `candidates`.
    #[must_use]
    pub fn learn(timeline: &Timeline, spells: &[Spell], config: &StagnationConfig, candidates: &[Segment]) -> Self {
        let counts = stage_counts(timeline, spells);
        let mut all = ExitCounts::default();
        counts.iter().for_each(|stage| all.merge(stage));
        let pooled = all.finish();
        let (life, longest_closing_days) = life_counts(timeline);
        let (wins, life) = (life.exits(Cause::Advance), life.finish());
        let of_lives = ChanceLevels::of(&[(wins, &life)]);
        let life = Norm::new(life, false, of_lives);
        let names = || timeline.stages.names().iter().map(String::as_str);
        let curves: Vec<ExitCurves> = counts.iter().map(ExitCounts::finish).collect();
        let advances = || counts.iter().map(|stage| stage.exits(Cause::Advance));
        let levels = Levels::learn(spells, &counts, candidates);
        // The curves deals will be held against: of each value where values differ, else of the stage.
        let enough = |(advances, _): &(u64, &ExitCurves)| *advances >= MIN_ADVANCES;
        let mut own: Vec<_> = advances().zip(&curves).filter(enough).collect();
        if let Some(levels) = &levels {
            let of_stage = advances().zip(&levels.curves).filter(|(advances, _)| *advances >= MIN_ADVANCES);
            own = of_stage.flat_map(|(_, values)| values.iter().map(|curves| (own_advances(curves), curves))).collect();
        }
        if own.is_empty() {
            own.push((all.exits(Cause::Advance), &pooled));
        }
        let levels_of_chance = ChanceLevels::of(&own);
        let of_stage = |((name, advances), curves): ((&str, u64), &ExitCurves)| {
            let few = advances < MIN_ADVANCES;
            let curves = if few { &pooled } else { curves };
            Norm::new(curves.clone(), few, levels_of_chance).with_fixed_thresholds(name, config)
        };
        let stages: Vec<Norm> = names().zip(advances()).zip(&curves).map(of_stage).collect();
        let own = |((name, norm), curves): ((&str, &Norm), &Vec<ExitCurves>)| -> Vec<Norm> {
            let curves = curves.iter().filter(|_| !norm.pooled);
            let norm = |curves: &ExitCurves| Norm::new(curves.clone(), false, levels_of_chance);
            curves.map(|curves| norm(curves).with_fixed_thresholds(name, config)).collect()
        };
        let by_value = levels.iter().flat_map(|levels| names().zip(&stages).zip(&levels.curves).map(own)).collect();
        Self {
            stages,
            levels,
            by_value,
            lives: names().map(|name| life.clone().with_fixed_thresholds(name, config)).collect(),
            longest_closing_days,
            life,
        }
    }

    /// What `state` is to be compared with.
    #[must_use]
    pub fn of(&self, state: &DealState) -> &Norm {
        let life = || self.lives.get(state.stage.get()?.index());
        let norm = if state.stage_tracked { self.of_stay(state.deal, state.stage) } else { life() };
        norm.unwrap_or(&self.life)
    }

    /// What a stay of `deal` in `stage` is to be compared with.
    #[must_use]
    pub fn of_stay(&self, deal: DealIx, stage: Maybe<StageId>) -> Option<&Norm> {
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
            (true, _) if of_stage.is_some_and(|norm| norm.pooled) => "all stages".to_owned(),
            (true, Some(levels)) => format!("{}={}", levels.column, levels.values[levels.value_of(state.deal)]),
            (true, None) => "stage".to_owned(),
        }
    }
}

/// Stays by stage, from deals whose history is known.
fn stage_counts(timeline: &Timeline, spells: &[Spell]) -> Vec<ExitCounts> {
    let stages = timeline.stages.stages().len();
    let count = |chunk: &[Spell]| {
        let mut counts = vec![ExitCounts::default(); stages];
        for spell in chunk {
            if let Some(stage) = spell.stage.get() {
                add_stay(&mut counts[stage.index()], spell);
            }
        }
        counts
    };
    let parts: Vec<_> = spells.par_chunks(CHUNK).map(count).collect();
    let mut counts = vec![ExitCounts::default(); stages];
    for part in &parts {
        counts.iter_mut().zip(part).for_each(|(stage, more)| stage.merge(more));
    }
    counts
}

pub(super) fn add_stay(counts: &mut ExitCounts, spell: &Spell) {
    match spell.exit {
        Exit::Advanced(_) | Exit::Won => counts.push(spell.days(), Cause::Advance),
        Exit::Lost => counts.push(spell.days(), Cause::Lost),
        Exit::Back(_) => counts.push(spell.days(), Cause::Back),
        Exit::StillThere => counts.push_running(spell.days()),
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
            StageKind::Won => counts.push(days, Cause::Advance),
            StageKind::Lost => counts.push(days, Cause::Lost),
        }
        if deal.kind != StageKind::Open && deal.closed.is_some() {
            longest = longest.max(Some(days));
        }
    }
    (counts, longest)
}

/// Names of the stages that borrow the norm of all stages.
#[must_use]
pub fn pooled_stages(timeline: &Timeline, norms: &Norms) -> Vec<StageId> {
    let open = |id: &StageId| timeline.stages.kind(*id) == StageKind::Open;
    let pooled = norms.stages.iter().zip(timeline.stages.ids()).filter(|(norm, _)| norm.pooled).map(|(_, id)| id);
    pooled.filter(open).collect()
}
