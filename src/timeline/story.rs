//! One deal's story: its row of the deals table and its rows of the change log become [`Step`]s and a [`DealHead`].
//!
//! Here stand the rules on gaps, ties and disagreements:
//! - the first value the log gives a field holds from creation on if the row tells the *old* value or lies on the
//!   day of creation; else the time before it is unknown;
//! - a field the log never names has the deals table's value on all days, except the stage, which may have moved; one the
//!   log first names on or after the as-of day has the old value that row tells, else it is unknown till then: the
//!   table's value is of a later day;
//! - a deal passes all stages of one moment, in the order of the process unless old values tell (`ties`); the last holds;
//! - the table's closing is an event of the day `closed_at`, woven in unless the history went on after it.

use crate::domain::day::{Day, MICROS_PER_DAY, Moment};
use crate::domain::ids::{CurrencyId, PipelineId, RowIx, StageId};
use crate::domain::maybe::Maybe;
use crate::domain::stage::{StageKind, StageList};
use crate::ingest::tables::Changes;
use crate::timeline::deal_history::{DealHead, Step};
use crate::timeline::deal_table::{DealTableColumns, TableEnd};

/// Where a story is read from.
pub(super) struct StorySources<'a> {
    pub table: &'a DealTableColumns,
    pub changes: &'a Changes,
    pub stages: &'a StageList,
    pub as_of: Day,
}

/// The rows of one deal in the log, in time order.
#[derive(Clone, Copy)]
pub(super) struct LogRows<'a> {
    /// Before the as-of day.
    pub before: &'a [u32],
    /// On or after it: they only tell whose value the table's is not.
    pub later: &'a [u32],
}

/// A row of the log: the fields it names, whether it tells their old values, and whether it moves the deal into a stage
/// without a name.
#[derive(Clone, Copy, Debug)]
struct Event {
    named: Step,
    prior: bool,
    emptied: bool,
}

impl Event {
    /// The stage it moves the deal to, none for one without a name; nothing where it names no stage.
    fn moves_to(&self) -> Option<Maybe<StageId>> {
        let moves = !self.prior && (self.emptied || self.named.stage.is_some());
        moves.then_some(self.named.stage)
    }
}

/// The story last read; kept between deals for its buffer.
#[derive(Debug)]
pub(super) struct Story {
    pub head: DealHead,
    pub closed_without_date: bool,
    pub disagrees_with_table: bool,
    events: Vec<Event>,
    /// On or after the as-of day.
    later: Vec<Event>,
}

impl Default for Story {
    fn default() -> Self {
        let head = DealHead {
            row: RowIx::at(0),
            currency: CurrencyId::at(0),
            pipeline: Maybe::NONE,
            created: Day(0),
            kind: StageKind::Open,
            closed: Maybe::NONE,
            stage_tracked: false,
            plan: Maybe::NONE,
        };
        Self { head, closed_without_date: false, disagrees_with_table: false, events: Vec::new(), later: Vec::new() }
    }
}

impl Story {
    /// Reads the deal in table row `row` with its rows of the log, appending its steps to `steps`.
    pub fn read(&mut self, sources: &StorySources<'_>, row: RowIx, log: LogRows<'_>, steps: &mut Vec<Step>) {
        let (table, stages, deal) = (sources.table, sources.stages, row.index());
        let (created_at, pipeline) = (table.created_at[deal], table.pipeline[deal]);
        let read_row = |&row: &u32| event(sources.changes, stages, pipeline, row as usize);
        self.events.clear();
        self.events.extend(log.before.iter().map(read_row));
        self.later.clear();
        self.later.extend(log.later.iter().map(read_row));
        settle_ties(&mut self.events);

        let table_stage = stages.id_of(pipeline, table.stage[deal], table.day_of_stage(deal));
        let end = TableEnd::of(table, deal, stages.kind(table_stage), sources.as_of);
        let outcome = end.outcome();
        let closed_in = outcome.map_or(Maybe::NONE, |kind| closing_stage(stages, pipeline, table_stage, kind));
        let tracked = self.events.iter().any(|event| event.named.stage.is_some());
        self.closed_without_date = !tracked && matches!(end, TableEnd::Undated(_));
        let untracked_stage = stage_without_history(stages, table_stage, end, closed_in);
        let first = self.first_step(table, deal, untracked_stage);
        self.weave_closing(stages, end, closed_in, &first);

        let start = steps.len();
        append_steps(steps, first, &self.events);
        let (kind, closed) = ending(stages, &steps[start..]);
        self.head = DealHead {
            row,
            currency: table.currency[deal],
            pipeline,
            created: created_at.day(),
            kind,
            closed: closed.filter(|_| !self.closed_without_date).into(),
            stage_tracked: tracked,
            plan: table.closed_at[deal]
                .get()
                .filter(|_| table.is_of_the_day && end == TableEnd::Open)
                .map(Moment::day)
                .into(),
        };
    }

    /// The state at creation.
    fn first_step(&self, table: &DealTableColumns, deal: usize, untracked_stage: Maybe<StageId>) -> Step {
        let at = table.created_at[deal];
        let probability = table.probability[deal].get().map(|chance| chance as f32);
        Step {
            at,
            stage: self.first(at, |named| named.stage, untracked_stage),
            amount_minor: self.first_of_field(at, |named| named.amount_minor, table.amount_minor[deal]),
            currency: self.first_currency(at),
            expected_close: self.first_of_field(at, |named| named.expected_close, table.expected_close[deal]),
            owner: self.first_of_field(at, |named| named.owner, table.owner[deal]),
            category: self.first_of_field(at, |named| named.category, table.category[deal]),
            probability: self.first_of_field(at, |named| named.probability, probability.into()),
        }
    }

    /// The same of a field whose `table` value may be of a later day.
    fn first_of_field<T: PartialEq + Default>(&self, created_at: Moment, field: impl Fn(&Step) -> T, table: T) -> T {
        let none = T::default();
        let later = self.later.iter().find(|event| field(&event.named) != none);
        let untouched = later.map_or(table, |event| if event.prior { field(&event.named) } else { none });
        self.first(created_at, field, untouched)
    }

    /// A field's value at creation: from the first row that names it, else `table`. The default is no value.
    fn first<T: PartialEq + Default>(&self, created_at: Moment, field: impl Fn(&Step) -> T, table: T) -> T {
        let none = T::default();
        match self.events.iter().find(|event| field(&event.named) != none) {
            None => table,
            Some(event) if holds_from_creation(event, created_at) => field(&event.named),
            Some(_) => none,
        }
    }

    /// The currency of the amount at creation, where the row that gives it names one.
    fn first_currency(&self, created_at: Moment) -> Maybe<CurrencyId> {
        let first = self.events.iter().find(|event| event.named.amount_minor.is_some());
        let first = first.filter(|event| holds_from_creation(event, created_at));
        first.map_or(Maybe::NONE, |event| event.named.currency)
    }

    /// Adds the table's closing to the events unless the history already closed the deal or went on after it.
    fn weave_closing(&mut self, stages: &StageList, end: TableEnd, closed_in: Maybe<StageId>, first: &Step) {
        let moved = self.events.iter().rev().find(|event| event.moves_to().is_some());
        let (stage, since) = moved.map_or((first.stage, first.at), |event| (event.named.stage, event.named.at));
        self.disagrees_with_table = false;
        let TableEnd::Closed(kind, closed_at) = end else { return };
        self.disagrees_with_table = moved.is_some() && stages.kind(stage) != kind;
        if stages.kind(stage) != StageKind::Open || moved.is_some() && latest_reading(closed_at) < since {
            return;
        }
        let at = closed_at.max(since);
        let named = Step { at, stage: closed_in, ..NOTHING };
        let place = self.events.partition_point(|event| event.named.at <= at);
        self.events.insert(place, Event { named, prior: false, emptied: false });
    }
}

/// A step that names no field.
const NOTHING: Step = Step {
    at: Moment(0),
    stage: Maybe::NONE,
    amount_minor: Maybe::NONE,
    currency: Maybe::NONE,
    expected_close: Maybe::NONE,
    owner: Maybe::NONE,
    category: None,
    probability: Maybe::NONE,
};

fn event(changes: &Changes, stages: &StageList, pipeline: Maybe<PipelineId>, row: usize) -> Event {
    let named = Step {
        at: changes.at[row],
        stage: stages.id_of(pipeline, changes.stage[row], changes.at[row].day()),
        amount_minor: changes.amount_minor[row],
        currency: changes.currency(row),
        expected_close: changes.expected_close[row],
        owner: changes.owner[row],
        category: changes.category[row],
        probability: changes.probability[row],
    };
    Event { named, prior: changes.prior[row], emptied: changes.stage_emptied[row] }
}

/// Puts the stages of one moment into the order of the process, unless old values say which came first.
fn settle_ties(events: &mut [Event]) {
    for tied in events.chunk_by_mut(|a, b| a.named.at == b.named.at) {
        let is_told = tied.iter().any(|event| event.prior && event.named.stage.is_some());
        if tied.len() > 1 && !is_told {
            tied.sort_by_key(|event| (!event.prior, event.named.stage));
        }
    }
}

fn holds_from_creation(event: &Event, created_at: Moment) -> bool {
    event.prior || event.named.at.day() <= created_at.day()
}

/// The stage of a deal without stage history, from creation to its closing (if that is known).
///
/// An open deal has its present stage all along, and so has one that closed and was left in an open stage: that is where it
/// was won or lost. One closed on an unknown day is closed all along, so that it is never counted as open.
fn stage_without_history(
    stages: &StageList,
    table_stage: Maybe<StageId>,
    end: TableEnd,
    closed_in: Maybe<StageId>,
) -> Maybe<StageId> {
    match end {
        TableEnd::Open | TableEnd::Closed(..) if stages.kind(table_stage) == StageKind::Open => table_stage,
        TableEnd::Undated(_) => closed_in,
        TableEnd::Open | TableEnd::Closed(..) | TableEnd::Later => Maybe::NONE,
    }
}

/// The stage a deal closed in: the table's, or its process's first of that kind where the table's is another kind
/// (a CRM that keeps the status apart leaves won deals in the stage they were won from).
fn closing_stage(
    stages: &StageList,
    pipeline: Maybe<PipelineId>,
    table_stage: Maybe<StageId>,
    kind: StageKind,
) -> Maybe<StageId> {
    let told = table_stage.get().filter(|&stage| stages.kind(stage) == kind);
    told.or_else(|| stages.ending(pipeline, kind)).into()
}

/// The latest moment a timestamp can stand for: the end of its day where it is a bare date.
fn latest_reading(at: Moment) -> Moment {
    if at.0.rem_euclid(MICROS_PER_DAY) == 0 { Moment(at.0 + MICROS_PER_DAY - 1) } else { at }
}

/// Carries the state forward through `events`: one step per moment at which something changed, and one per stage the deal
/// passed in a moment.
fn append_steps(steps: &mut Vec<Step>, first: Step, events: &[Event]) {
    steps.push(first);
    let mut state = first;
    // a row dated before creation counts at creation
    let moment = |event: &Event| event.named.at.max(first.at);
    for tied in events.chunk_by(|a, b| moment(a) == moment(b)) {
        for event in tied.iter().filter(|event| !event.prior) {
            apply(&mut state, event, first.at);
        }
        let mut has_passed = false;
        let passed = tied.iter().filter(|event| tied.len() > 1 && event.named.at >= first.at);
        for stage in passed.filter_map(Event::moves_to) {
            append_step(steps, Step { stage, ..state }, has_passed);
            has_passed = true;
        }
        append_step(steps, state, has_passed);
    }
}

/// Appends a step that changes something. It takes the place of one of the same moment unless the deal has passed that one's
/// stage.
fn append_step(steps: &mut Vec<Step>, step: Step, has_passed: bool) {
    match steps.last_mut() {
        Some(last) if same_state(last, &step) => {}
        Some(last) if last.at == step.at && !has_passed => *last = step,
        _ => steps.push(step),
    }
}

/// Overwrites the fields an event names. A row dated before creation counts at creation.
fn apply(state: &mut Step, event: &Event, created_at: Moment) {
    fn set<T: PartialEq + Default>(field: &mut T, value: T) {
        if value != T::default() {
            *field = value;
        }
    }
    let named = &event.named;
    state.at = named.at.max(created_at);
    if let Some(stage) = event.moves_to() {
        state.stage = stage;
    }
    if named.amount_minor.is_some() {
        (state.amount_minor, state.currency) = (named.amount_minor, named.currency);
    }
    set(&mut state.expected_close, named.expected_close);
    set(&mut state.owner, named.owner);
    set(&mut state.category, named.category);
    set(&mut state.probability, named.probability);
}

fn same_state(a: &Step, b: &Step) -> bool {
    *a == Step { at: a.at, ..*b }
}

/// The kind of the last stage and, if that is closed, the day it became so. Won to post-sale is no second win.
fn ending(stages: &StageList, steps: &[Step]) -> (StageKind, Option<Day>) {
    let kind = steps.last().map_or(StageKind::Open, |step| stages.kind(step.stage));
    if kind == StageKind::Open {
        return (kind, None);
    }
    let same = steps.iter().rev().take_while(|step| stages.kind(step.stage) == kind);
    (kind, same.last().map(|step| step.at.day()))
}

#[cfg(test)]
mod tests;
