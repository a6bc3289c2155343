//! The kernel: one pass over a deal's steps and activities, a state at each wanted day.

use crate::domain::day::Day;
use crate::domain::ids::DealIx;
use crate::domain::maybe::Maybe;
use crate::domain::stage::StageKind;
use crate::snapshot::deal_state::DealState;
use crate::timeline::{ActivityStep, DealHead, Step, Timeline, stages_between};

/// Days of the window of [`DealState::activities_30d`].
const RECENT_DAYS: i32 = 30;

/// The states of `deal` of `timeline` on each of `days` (ascending) after its creation, closed days included.
///
/// Days after the timeline's own day get the state of that day: nothing later is known.
pub fn replay(timeline: &Timeline, deal: DealIx, days: &[Day], emit: &mut impl FnMut(DealState)) {
    let mut replay = DealReplay::start(timeline, deal);
    let alive = days.partition_point(|&day| day <= timeline.head(deal).created);
    for &day in &days[alive..] {
        replay.advance(day);
        emit(replay.state);
    }
}

/// The state of `deal` on the timeline's day.
pub(super) fn last_state(timeline: &Timeline, deal: DealIx) -> DealState {
    let mut replay = DealReplay::start(timeline, deal);
    replay.advance(timeline.as_of);
    replay.state
}

/// A deal on its way through time.
struct DealReplay<'a> {
    timeline: &'a Timeline,
    head: &'a DealHead,
    state: DealState,
    last: &'a Step,
    steps: &'a [Step],
    activities: &'a [ActivityStep],
    /// Activities already counted, and those of them already too old for the recent window.
    counted: usize,
    faded: usize,
}

impl<'a> DealReplay<'a> {
    fn start(timeline: &'a Timeline, deal: DealIx) -> Self {
        let head = timeline.head(deal);
        let (first, steps) = timeline.steps_of(deal).split_first().expect("every deal has a step at its creation");
        let state = newborn(timeline, deal, first);
        let activities = timeline.activities_of(deal);
        Self { timeline, head, state, last: first, steps, activities, counted: 0, faded: 0 }
    }

    /// Lets everything dated before `day` happen.
    fn advance(&mut self, day: Day) {
        self.state.day = day;
        let due = self.steps.iter().take_while(|step| step.at < day.start()).count();
        let (due, later) = self.steps.split_at(due);
        self.steps = later;
        for step in due {
            self.take_step(step);
        }
        self.state.stage_tracked = self.head.stage_tracked && self.state.stage.is_some();
        self.count_activities(day);
    }

    fn take_step(&mut self, step: &'a Step) {
        let last = self.last;
        if step.stage != last.stage {
            self.move_stage(step);
        }
        let state = &mut self.state;
        if (step.amount_minor, step.currency) != (last.amount_minor, last.currency) {
            // amounts of two currencies are no growth
            if last.amount_minor.is_none() || step.currency != last.currency {
                state.first_amount_minor = step.amount_minor;
            } else {
                state.amount_changes = state.amount_changes.saturating_add(1);
            }
        }
        match (last.expected_close.get(), step.expected_close.get()) {
            (None, _) => state.first_expected_close = step.expected_close,
            (Some(before), Some(after)) if after > before => state.pushes = state.pushes.saturating_add(1),
            (Some(_), _) => {}
        }
        state.last_change = step.at.day().into();
        carry(state, step);
        state.currency = step.currency.get().unwrap_or(self.head.currency);
        self.last = step;
    }

    /// Counts the move to another stage; moves out of the unknown and reopenings have no direction.
    fn move_stage(&mut self, step: &Step) {
        let (stages, from, state) = (&self.timeline.stages, self.last.stage, &mut self.state);
        state.stage_since = step.at.day();
        let (was, is) = (stages.kind(from), stages.kind(step.stage));
        if was != is {
            state.kind = is;
            state.closed = (is != StageKind::Open).then_some(step.at.day()).into();
        } else if let (StageKind::Open, Some(from), Some(to)) = (is, from.get(), step.stage.get()) {
            if to < from {
                state.back_moves = state.back_moves.saturating_add(1);
            } else {
                state.forward_moves = state.forward_moves.saturating_add(1);
                let skipped = stages_between(stages, self.head.pipeline, from, to).count() as u16;
                state.skipped_stages = state.skipped_stages.saturating_add(skipped);
            }
        }
    }

    fn count_activities(&mut self, day: Day) {
        let state = &mut self.state;
        while let Some(activity) = self.activities.get(self.counted).filter(|activity| activity.day < day) {
            state.activities = state.activities.saturating_add(activity.count);
            state.last_activity = activity.day.into();
            self.counted += 1;
        }
        let recent_from = day.plus(-RECENT_DAYS);
        let recent = &self.activities[self.faded..self.counted];
        self.faded += recent.iter().take_while(|activity| activity.day < recent_from).count();
        let recent = &self.activities[self.faded..self.counted];
        state.activities_30d = recent.iter().fold(0, |sum: u32, activity| sum.saturating_add(activity.count));
    }
}

/// The state of `deal` in its first step.
fn newborn(timeline: &Timeline, deal: DealIx, first: &Step) -> DealState {
    let head = timeline.head(deal);
    let kind = timeline.stages.kind(first.stage);
    let undated = head.kind != StageKind::Open && head.closed.is_none();
    DealState {
        deal,
        row: head.row,
        day: head.created,
        kind,
        stage: first.stage,
        stage_tracked: head.stage_tracked,
        created: head.created,
        closed: (kind != StageKind::Open && !undated).then_some(head.created).into(),
        currency: first.currency.get().unwrap_or(head.currency),
        amount_minor: first.amount_minor,
        first_amount_minor: first.amount_minor,
        amount_changes: 0,
        expected_close: first.expected_close,
        first_expected_close: first.expected_close,
        pushes: 0,
        owner: first.owner,
        category: first.category,
        probability: first.probability,
        stage_since: head.created,
        forward_moves: 0,
        back_moves: 0,
        skipped_stages: 0,
        last_change: Maybe::NONE,
        activities: 0,
        activities_30d: 0,
        last_activity: Maybe::NONE,
    }
}

/// Takes over the values that hold from `step` on.
fn carry(state: &mut DealState, step: &Step) {
    state.stage = step.stage;
    state.amount_minor = step.amount_minor;
    state.expected_close = step.expected_close;
    state.owner = step.owner;
    state.category = step.category;
    state.probability = step.probability;
}
