//! What happened to one deal, event by event.
//!
//! [`HistoryInput`] in, [`DealHistory`] out; the chances a model gives are another question.

use super::events::{DealHistory, EventKind, HistoryEvent, KINDS, PastScore};
use super::words::{date, in_days, overdue, points, share};
use crate::analyses::stagnation::benchmarks::StageBenchmarks;
use crate::domain::day::{Day, Moment};
use crate::domain::ids::{ActivityKindId, CampaignId, DealIx, OwnerId, RowIx, SourceId, StageId};
use crate::domain::maybe::Maybe;
use crate::domain::money::to_decimal;
use crate::domain::stage::{ForecastCategory, StageKind};
use crate::ingest::tables::Tables;
use crate::snapshot::{DealState, Snapshot};
use crate::timeline::{Step, Timeline, stages_between};

/// What is known of all deals.
#[derive(Clone, Copy, Debug)]
pub struct HistoryInput<'a> {
    /// Names.
    pub tables: &'a Tables,
    /// What happened.
    pub timeline: &'a Timeline,
    /// How deals stand.
    pub snapshot: &'a Snapshot,
    /// How long stages take.
    pub benchmarks: &'a StageBenchmarks,
}

/// The story of `deal` with the scores `published` before the as-of day, in time order.
#[must_use]
pub fn deal_history(input: &HistoryInput<'_>, deal: DealIx, published: &[PastScore]) -> DealHistory {
    let mut writer = HistoryWriter::new(input, deal);
    writer.steps();
    writer.marketing();
    writer.activities();
    writer.scores(published);
    let later = |kind| !matches!(kind, EventKind::Score | EventKind::Lead | EventKind::Touch);
    writer.events.sort_by_key(|event| (event.at, later(event.kind)));
    writer.now();
    DealHistory { deal, events: writer.events, stays: input.timeline.stays_of(deal) }
}

/// What happened to `deal` itself and the scores `published` of it, in time order: neither marketing nor activities, and not
/// how it stands today.
#[must_use]
pub fn deal_changes(input: &HistoryInput<'_>, deal: DealIx, published: &[PastScore]) -> Vec<HistoryEvent> {
    let mut writer = HistoryWriter::new(input, deal);
    writer.steps();
    writer.scores(published);
    writer.events.retain(|event| event.kind != EventKind::Probability);
    writer.events.sort_by_key(|event| (event.at, event.kind != EventKind::Score));
    writer.events
}

/// Collects the events of one deal.
struct HistoryWriter<'a> {
    input: HistoryInput<'a>,
    deal: DealIx,
    state: &'a DealState,
    events: Vec<HistoryEvent>,
    /// Since when each kind of value has stood, by [`EventKind`].
    since: [Day; KINDS],
    pushes: u32,
}

impl<'a> HistoryWriter<'a> {
    fn new(input: &HistoryInput<'a>, deal: DealIx) -> Self {
        let created = input.timeline.head(deal).created;
        let state = input.snapshot.state(deal);
        Self { input: *input, deal, state, events: Vec::new(), since: [created; KINDS], pushes: 0 }
    }

    /// The deal's own changes, from its creation on.
    fn steps(&mut self) {
        let steps = self.input.timeline.steps_of(self.deal);
        if let Some(first) = steps.first() {
            self.begin(first);
        }
        for pair in steps.windows(2) {
            self.take_step(&pair[0], &pair[1]);
        }
    }

    fn add(&mut self, at: Moment, kind: EventKind, words: [String; 3], change: Option<f64>) {
        let created = self.input.timeline.head(self.deal).created;
        let of_stage = [EventKind::Won, EventKind::Lost, EventKind::Reopened, EventKind::Created];
        let column = if of_stage.contains(&kind) { EventKind::Stage } else { kind } as usize;
        let [from, to, note] = words;
        let stood = at.day().0 - self.since[column].0;
        self.since[column] = at.day();
        self.events.push(HistoryEvent {
            at,
            kind,
            after_days: (!from.is_empty()).then_some(stood),
            from,
            to,
            change,
            age_days: at.day().0 - created.0,
            note,
            win_probability: None,
        });
    }

    /// The deal as it was created: the stage, then all that was known of it.
    fn begin(&mut self, first: &Step) {
        let stage = self.stage(first.stage);
        let unknown = if first.stage.is_none() { "the stage is not known" } else { "" };
        self.add(first.at, EventKind::Created, [String::new(), stage, unknown.to_owned()], None);
        let nothing = Step {
            at: first.at,
            stage: first.stage,
            amount_minor: Maybe::NONE,
            currency: Maybe::NONE,
            expected_close: Maybe::NONE,
            owner: Maybe::NONE,
            category: None,
            probability: Maybe::NONE,
        };
        self.take_step(&nothing, first);
    }

    /// One event per field that differs.
    fn take_step(&mut self, was: &Step, is: &Step) {
        if is.stage != was.stage {
            self.move_stage(was.stage, is);
        }
        if is.amount_minor != was.amount_minor {
            let both = was.amount_minor.get().zip(is.amount_minor.get());
            let change = both.map(|(was, is)| self.units(is) - self.units(was));
            let base = was.amount_minor.get().filter(|minor| *minor > 0);
            let share = change.zip(base).map(|(by, minor)| 100.0 * by / self.units(minor));
            let note = share
                .map(|share| format!("{:.0} % {}", share.abs(), if share < 0.0 { "less" } else { "more" }))
                .unwrap_or_default();
            let words = [self.amount(was.amount_minor), self.amount(is.amount_minor), note];
            self.add(is.at, EventKind::Amount, words, change.map(|by| (by * 1e4).round() / 1e4));
        }
        if is.expected_close != was.expected_close {
            let days = was.expected_close.get().zip(is.expected_close.get()).map(|(was, is)| is.0 - was.0);
            let words = [date(was.expected_close), date(is.expected_close), self.moved(days)];
            self.add(is.at, EventKind::CloseDate, words, days.map(f64::from));
        }
        if is.owner != was.owner {
            let owner = |owner: Maybe<OwnerId>| self.input.tables.owners.name(owner).unwrap_or_default().to_owned();
            self.add(is.at, EventKind::Owner, [owner(was.owner), owner(is.owner), String::new()], None);
        }
        if is.category != was.category {
            let category = |of: Option<ForecastCategory>| of.map_or("", ForecastCategory::name).to_owned();
            self.add(is.at, EventKind::Category, [category(was.category), category(is.category), String::new()], None);
        }
        if let Some(now) = is.probability.get().filter(|_| is.probability != was.probability) {
            let before = was.probability.get();
            let points = before.map(|before| (100.0 * f64::from(now - before)).round());
            let said = before.map(|before| share(before.into())).unwrap_or_default();
            let words = [said, share(now.into()), "the CRM's own".to_owned()];
            self.add(is.at, EventKind::Probability, words, points);
        }
    }

    fn move_stage(&mut self, from: Maybe<StageId>, is: &Step) {
        let stages = &self.input.timeline.stages;
        let days = is.at.day().0 - self.since[EventKind::Stage as usize].0;
        let mut said = Vec::new();
        let mut moved = None;
        let kind = match (stages.kind(from), stages.kind(is.stage)) {
            (StageKind::Open | StageKind::Lost, StageKind::Won) => EventKind::Won,
            (StageKind::Open | StageKind::Won, StageKind::Lost) => EventKind::Lost,
            (StageKind::Won | StageKind::Lost, StageKind::Open) => EventKind::Reopened,
            (StageKind::Won, StageKind::Won) | (StageKind::Lost, StageKind::Lost) => EventKind::Stage,
            (StageKind::Open, StageKind::Open) => {
                let Some((from, to)) = from.get().zip(is.stage.get()) else { return self.begin_stage(from, is) };
                let (first, last) = (from.min(to), from.max(to));
                let pipeline = self.input.timeline.head(self.deal).pipeline;
                let between: Vec<&str> =
                    stages_between(stages, pipeline, first, last).map(|stage| stages.name(stage)).collect();
                let by = between.len() as f64 + 1.0;
                if to < from {
                    said.push("back".to_owned());
                    moved = Some(-by);
                } else {
                    said.push("forward".to_owned());
                    moved = Some(by);
                    said.extend((!between.is_empty()).then(|| format!("skips {}", between.join(", "))));
                }
                EventKind::Stage
            }
        };
        if stages.kind(from) == StageKind::Open {
            said.extend(self.input.benchmarks.of_stay(self.deal, from).and_then(|benchmark| overdue(benchmark, days)));
        }
        self.add(is.at, kind, [self.stage(from), self.stage(is.stage), said.join("; ")], moved);
    }

    /// From an unknown stage into the first known one.
    fn begin_stage(&mut self, from: Maybe<StageId>, is: &Step) {
        self.add(is.at, EventKind::Stage, [self.stage(from), self.stage(is.stage), String::new()], None);
    }

    fn moved(&mut self, days: Option<i32>) -> String {
        match days {
            Some(days) if days > 0 => {
                self.pushes += 1;
                let times = if self.pushes == 1 { String::new() } else { format!(", push {}", self.pushes) };
                format!("pushed by {}{times}", in_days(days))
            }
            Some(days) => format!("pulled in by {}", in_days(-days)),
            None => String::new(),
        }
    }

    /// The leads that became the deal and the touches of both, some of them before there was a deal.
    fn marketing(&mut self) {
        let Tables { leads, touches, sources, campaigns, owners, .. } = self.input.tables;
        let (row, as_of) = (self.input.timeline.head(self.deal).row, self.input.timeline.as_of);
        let source = |source: Maybe<SourceId>| sources.name(source).unwrap_or_default().to_owned();
        let campaign = |of: Maybe<CampaignId>| campaigns.name(of).map(|name| format!("campaign {name}"));
        let of_deal = |deals: &[Maybe<RowIx>]| -> Vec<usize> {
            (0..deals.len()).filter(|&i| deals[i].get() == Some(row)).collect()
        };
        for i in of_deal(&leads.deal).into_iter().filter(|&i| leads.created[i].day() < as_of) {
            let owner = owners.name(leads.owner[i]).map(|name| format!("of {name}"));
            let said = [Some(leads.ids[i].clone()), owner, campaign(leads.campaign[i])];
            let note = said.into_iter().flatten().collect::<Vec<_>>().join(", ");
            self.add(leads.created[i], EventKind::Lead, [String::new(), source(leads.source[i]), note], None);
        }
        for i in of_deal(&touches.deal).into_iter().filter(|&i| touches.at[i].day() < as_of) {
            let note = campaign(touches.campaign[i]).unwrap_or_default();
            self.add(touches.at[i], EventKind::Touch, [String::new(), source(touches.source[i]), note], None);
        }
    }

    /// Activities of one kind on one day are one event, at the end of what is known of the day.
    fn activities(&mut self) {
        let activities = self.input.timeline.activities_of(self.deal);
        let name =
            |kind: ActivityKindId| self.input.tables.activities.kinds.name(kind).unwrap_or("activity").to_owned();
        let mut by_kind: Vec<(Day, String, u32)> =
            activities.iter().map(|activity| (activity.day, name(activity.kind), activity.count)).collect();
        by_kind.sort_unstable();
        let born = self.input.timeline.steps_of(self.deal).first().map(|first| first.at);
        for same in by_kind.chunk_by(|a, b| (a.0, &a.1) == (b.0, &b.1)) {
            let (day, kind) = (same[0].0, same[0].1.clone());
            let count: u32 = same.iter().map(|activity| activity.2).fold(0, u32::saturating_add);
            let at = born.map_or(day.start(), |born| day.start().max(born));
            self.add(at, EventKind::Activity, [String::new(), kind, String::new()], Some(count.into()));
        }
    }

    fn scores(&mut self, published: &[PastScore]) {
        let mut before: Option<f64> = None;
        for score in published {
            let (was, change) = points(before, score.win_probability);
            let note = format!("to be won within {}, by {}", in_days(score.horizon_days as i32), score.model_id);
            let words = [was, share(score.win_probability), note];
            self.add(score.day.start(), EventKind::Score, words, change);
            before = Some(score.win_probability);
        }
    }

    fn now(&mut self) {
        let (state, benchmarks) = (self.state, self.input.benchmarks);
        let days = state.day.0 - state.stage_since.0;
        let ago = |what: &str| match state.closed.get() {
            Some(closed) => format!("{what} {} ago", in_days(state.day.0 - closed.0)),
            None => what.to_owned(),
        };
        let said = match state.kind {
            StageKind::Won => vec![ago("won")],
            StageKind::Lost => vec![ago("lost")],
            StageKind::Open if state.stage_tracked => {
                let mut said = vec![format!("{} in the stage", in_days(days))];
                said.extend(overdue(benchmarks.of(state), days));
                said
            }
            StageKind::Open => vec![format!("{} old", in_days(state.age_days()))],
        };
        let stage = self.stage(state.stage);
        let at = state.day.start();
        self.add(at, EventKind::Now, [String::new(), stage, said.join("; ")], None);
    }

    fn stage(&self, id: Maybe<StageId>) -> String {
        self.input.timeline.stages.name(id).to_owned()
    }

    fn decimals(&self) -> u32 {
        self.input.tables.decimals_of(self.state.currency)
    }

    fn amount(&self, minor: Maybe<i64>) -> String {
        minor.get().map(|minor| to_decimal(minor.into(), self.decimals()).to_string()).unwrap_or_default()
    }

    fn units(&self, minor: i64) -> f64 {
        minor as f64 / 10_f64.powi(self.decimals() as i32)
    }
}
