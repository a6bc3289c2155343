//! One deal's story: its row of the deals table and its rows of the change log become [`Step`]s and a [`DealHead`].
//!
//! Here stand the rules on gaps, ties and disagreements:
//! - the first value the log gives a field holds from creation on if the row tells the *old* value or lies on the
//!   day of creation; else the time before it is unknown;
//! - a field the log never names has the deals table's value on all days, except the stage, which may have moved;
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
        Self { head, closed_without_date: false, disagrees_with_table: false, events: Vec::new() }
    }
}

impl Story {
    /// Reads the deal in table row `row` with log rows `rows` (in time order), appending its steps to `steps`.
    pub fn read(&mut self, sources: &StorySources<'_>, row: RowIx, rows: &[u32], steps: &mut Vec<Step>) {
        let (table, stages, deal) = (sources.table, sources.stages, row.index());
        let (created_at, pipeline) = (table.created_at[deal], table.pipeline[deal]);
        self.events.clear();
        self.events.extend(rows.iter().map(|&row| event(sources.changes, stages, pipeline, row as usize)));
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
            amount_minor: self.first(at, |named| named.amount_minor, table.amount_minor[deal]),
            currency: self.first_currency(at),
            expected_close: self.first(at, |named| named.expected_close, table.expected_close[deal]),
            owner: self.first(at, |named| named.owner, table.owner[deal]),
            category: self.first(at, |named| named.category, table.category[deal]),
            probability: self.first(at, |named| named.probability, probability.into()),
        }
    }

    /// A field's value at creation: from the first row that names it, else the table's. The default is no value.
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
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::domain::ids::DealIx;
    use crate::domain::stage::Phase;
    use crate::ingest::tables::{NewestEvent, Tables};
    use crate::timeline::deal_history::Timeline;
    use crate::timeline::fixtures::World;

    const T: i32 = 100;

    /// `(day, stage)` of every step of the only deal, then its kind and closing day.
    fn path(timeline: &Timeline) -> (Vec<(i32, &str)>, StageKind, Option<i32>) {
        let steps =
            timeline.steps_of(DealIx::at(0)).iter().map(|step| (step.at.day().0, timeline.stages.name(step.stage)));
        let head = timeline.deals[0];
        (steps.collect(), head.kind, head.closed.get().map(|day| day.0))
    }

    /// Checks the only deal of `world` as of day 100.
    fn check(world: &World, steps: &[(i32, &str)], kind: StageKind, closed: Option<i32>) {
        assert_eq!(path(&world.timeline(T)), (steps.to_vec(), kind, closed));
    }

    #[test]
    fn without_history_the_stage_is_only_known_at_the_end() {
        let open = World::default().deal("a", 10, "Demo");
        check(&open, &[(10, "Demo")], StageKind::Open, None);
        assert!(!open.timeline(T).deals[0].stage_tracked);
        let won = World::default().deal("a", 10, "Closed Won").closed(40);
        check(&won, &[(10, "(unknown)"), (40, "Closed Won")], StageKind::Won, Some(40));
        let won_later = World::default().deal("a", 10, "Closed Won").closed(T);
        check(&won_later, &[(10, "(unknown)")], StageKind::Open, None);
    }

    #[test]
    fn closed_without_a_date_is_never_open() {
        let world = World::default().deal("a", 10, "Closed Lost");
        check(&world, &[(10, "Closed Lost")], StageKind::Lost, None);
        assert_eq!(world.timeline(T).quality.closed_without_date, 1);
        assert!(world.timeline(T).stays().is_empty());
        let with_history = world.moved(20, "Demo");
        check(&with_history, &[(10, "(unknown)"), (20, "Demo")], StageKind::Open, None);
    }

    #[test]
    fn a_status_apart_from_the_stage_closes_the_deal() {
        let world = World::default().deal("a", 10, "Propose").status(StageKind::Won).closed(30);
        let world = world.deal("b", 10, "Propose").status(StageKind::Open);
        check(&world, &[(10, "Propose"), (30, "Won")], StageKind::Won, Some(30));
    }

    #[test]
    fn history_tells_every_stay() {
        let world = World::default().deal("a", 10, "Closed Won").closed(40);
        let world = world.moved(10, "New").moved(20, "Demo").moved(25, "Demo").moved(40, "Closed Won");
        check(&world, &[(10, "New"), (20, "Demo"), (40, "Closed Won")], StageKind::Won, Some(40));
        assert_eq!(world.timeline(T).quality.history_disagrees_with_table, 0);
    }

    #[test]
    fn a_closing_the_history_lacks_is_woven_in() {
        let world = World::default().deal("a", 10, "Closed Won").closed(40).moved(10, "New").moved(40, "Demo");
        check(&world, &[(10, "New"), (40, "Demo"), (40, "Closed Won")], StageKind::Won, Some(40));
        assert_eq!(world.timeline(T).quality.history_disagrees_with_table, 1);
    }

    #[test]
    fn history_after_the_closing_date_wins() {
        let world = World::default().deal("a", 10, "Closed Won").closed(40);
        let world = world.moved(10, "New").moved(40, "Closed Won").moved(41, "Demo");
        check(&world, &[(10, "New"), (40, "Closed Won"), (41, "Demo")], StageKind::Open, None);
        assert_eq!(world.timeline(T).quality.history_disagrees_with_table, 1);
        let closed_again = world.moved(50, "Closed Lost").moved(60, "Closed Won");
        assert_eq!(closed_again.timeline(T).deals[0].closed.get(), Some(Day(60)));
    }

    #[test]
    fn what_the_log_tells_late_is_unknown_before() {
        let world = World::default().deal("a", 10, "Demo").moved(12, "Demo").logged(15, |row| row.amount = Some(7));
        let timeline = world.timeline(T);
        let steps = timeline.steps_of(DealIx::at(0)).iter();
        let steps: Vec<_> = steps.map(|step| (timeline.stages.name(step.stage), step.amount_minor.get())).collect();
        assert_eq!(steps, [("(unknown)", None), ("Demo", None), ("Demo", Some(7))]);
    }

    #[test]
    fn an_old_value_holds_from_creation_on_if_it_is_the_first() {
        let old = |world: World, day, stage| world.logged(day, |row| (row.stage, row.prior) = (Some(stage), true));
        let world = old(World::default().deal("a", 10, "Offer"), 20, "New").moved(20, "Demo").moved(30, "Offer");
        check(&world, &[(10, "New"), (20, "Demo"), (30, "Offer")], StageKind::Open, None);
        let contradicted = old(world, 35, "New");
        check(&contradicted, &[(10, "New"), (20, "Demo"), (30, "Offer")], StageKind::Open, None);
    }

    #[test]
    fn stages_of_one_moment_are_passed_in_the_order_of_the_process() {
        let order = |world: World| world.deal("z", 0, "Offer").moved(0, "New").moved(1, "Demo").moved(2, "Offer");
        let tied = |stages: [&'static str; 2]| {
            let world = World::default().deal("a", 10, "Offer").moved(10, "New");
            order(stages.into_iter().fold(world, |world, stage| world.moved(20, stage)))
        };
        for stages in [["Demo", "Offer"], ["Offer", "Demo"]] {
            check(&tied(stages), &[(10, "New"), (20, "Demo"), (20, "Offer")], StageKind::Open, None);
        }
        for stages in [["Demo", "New"], ["New", "Demo"]] {
            check(&tied(stages), &[(10, "New"), (20, "Demo")], StageKind::Open, None);
        }
    }

    #[test]
    fn a_stage_without_a_name_ends_the_stay_before_it() {
        let world = World::default().deal("a", 10, "Offer").moved(10, "New").logged(20, |row| row.emptied = true);
        let world = world.moved(35, "Offer");
        check(&world, &[(10, "New"), (20, "(unknown)"), (35, "Offer")], StageKind::Open, None);
        let timeline = world.timeline(T);
        let stays: Vec<_> = timeline.stays().iter().map(|stay| (stay.left.0 - stay.entered.0, stay.exit)).collect();
        let offer = timeline.stages.position("Offer").expect("a stage");
        use crate::timeline::Exit::{Advanced, StillThere};
        assert_eq!(stays, [(10, Advanced(offer)), (15, Advanced(offer)), (65, StillThere)]);
    }

    #[test]
    fn the_closing_day_of_an_open_deal_is_a_plan_on_the_day_of_the_table() {
        let world = World::default().deal("a", 10, "Demo").closed(40).deal("b", 10, "Demo").closed(T + 9);
        let mut tables = world.deal("c", 0, "Won").closed(5).tables();
        let heads = |tables: &Tables| {
            let timeline = Timeline::build(tables, &Config::default(), Day(T)).expect("a process");
            let heads = timeline.deals.iter().map(|deal| (deal.kind, deal.closed.get(), deal.plan.get()));
            heads.collect::<Vec<_>>()
        };
        let won = (StageKind::Won, Some(Day(5)), None);
        let open = |plan: Option<i32>| (StageKind::Open, None, plan.map(Day));
        assert_eq!(heads(&tables), [open(None), open(None), won]);
        tables.newest = Some(NewestEvent { day: Day(T - 1), stray: None });
        assert_eq!(heads(&tables), [open(Some(40)), open(Some(T + 9)), won]);
    }

    #[test]
    fn an_amount_is_in_the_currency_its_row_names() {
        let world = World::default().deal("a", 10, "Demo");
        let world = world.logged(10, |row| (row.amount, row.currency) = (Some(7), Some("USD")));
        let timeline = world.logged(20, |row| row.amount = Some(9)).timeline(T);
        let steps = timeline.steps_of(DealIx::at(0)).iter();
        let told: Vec<_> = steps.map(|step| (step.amount_minor.get(), step.currency.is_some())).collect();
        assert_eq!(told, [(Some(7), true), (Some(9), false)]);
    }

    #[test]
    fn history_before_creation_counts_at_creation() {
        let world = World::default().deal("a", 10, "Demo").moved(3, "New").moved(5, "Demo").moved(12, "Offer");
        check(&world, &[(10, "Demo"), (12, "Offer")], StageKind::Open, None);
    }

    #[test]
    fn after_sales_is_no_second_win() {
        let world = World::default().deal("a", 10, "Delivery").moved(10, "New").moved(20, "Won").moved(30, "Delivery");
        let stage = |name: &str, kind, phase| crate::domain::stage::Stage {
            name: name.into(),
            kind,
            phase,
            ..Default::default()
        };
        let stages = vec![
            stage("New", StageKind::Open, Phase::Deal),
            stage("Won", StageKind::Won, Phase::Deal),
            stage("Delivery", StageKind::Open, Phase::PostSale),
        ];
        let config = crate::config::Config { stages, ..Default::default() };
        let timeline = Timeline::build(&world.tables(), &config, Day(T)).expect("covered");
        assert_eq!(path(&timeline), (vec![(10, "New"), (20, "Won"), (30, "Delivery")], StageKind::Won, Some(20)));
    }
}
