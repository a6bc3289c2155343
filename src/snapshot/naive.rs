//! The kernel against a slow second opinion: every value looked up afresh from the world's own rows, moment by moment.

use proptest::prelude::*;

use crate::domain::day::{Day, MICROS_PER_DAY, Moment};
use crate::domain::ids::StageId;
use crate::domain::stage::{ForecastCategory, StageKind};
use crate::ingest::tables::DealRow;
use crate::snapshot::deal_state::DealState;
use crate::snapshot::replay::replay;
use crate::timeline::Timeline;
use crate::timeline::fixtures::{AS_OF, Row, World, worlds};

/// Stage, amount, expected close, owner, category, probability (in quarters).
type Fields = (Option<StageId>, Option<i64>, Option<i32>, Option<String>, Option<ForecastCategory>, Option<i32>);

/// A moment, and how many of the stages of that moment the deal has passed.
#[derive(Clone, Copy)]
struct Now {
    at: Moment,
    passed: usize,
    is_over: bool,
}

impl Now {
    /// All that a moment brings.
    fn whole(at: Moment) -> Self {
        Self { at, passed: usize::MAX, is_over: true }
    }
}

/// A deal's rows before the as-of day, old values before the others of a moment, and what they say.
struct Opinion<'a> {
    timeline: &'a Timeline,
    deal: &'a DealRow,
    log: Vec<&'a Row>,
    later: Vec<&'a Row>,
    created: Moment,
}

impl<'a> Opinion<'a> {
    fn new(world: &'a World, timeline: &'a Timeline, deal: &'a DealRow) -> Self {
        let mut log = world.log_of(&deal.deal_id, AS_OF);
        for tied in log.chunk_by_mut(|a, b| a.at == b.at) {
            if !tied.iter().any(|row| row.prior && row.stage.is_some()) {
                let place = |row: &Row| row.stage.and_then(|name| timeline.stages.position(name));
                tied.sort_by_key(|row| (!row.prior, place(row).is_none(), place(row)));
            }
        }
        let later = world.log_from(&deal.deal_id, AS_OF);
        Self { timeline, deal, log, later, created: Moment(deal.created_at) }
    }

    fn id(&self, name: &str) -> Option<StageId> {
        self.timeline.stages.position(name)
    }

    fn kind(&self, stage: Option<StageId>) -> StageKind {
        self.timeline.stages.kind(stage)
    }

    /// The stage after everything up to `now`.
    fn stage_by_log(&self, now: Now) -> Option<StageId> {
        let passed = |row: &&&Row| row.at == now.at && row.at >= self.created && row.stage.is_some() && !row.prior;
        let in_time = self.log.iter().filter(passed).take(now.passed).last().and_then(|row| row.stage);
        in_time.or_else(|| self.value(now.at, |row| row.stage, None)).and_then(|name| self.id(name))
    }

    /// The value of a field after everything up to and including `now`.
    fn value<T: Copy>(&self, now: Moment, field: impl Fn(&Row) -> Option<T>, table: Option<T>) -> Option<T> {
        let Some(first) = self.log.iter().find(|row| field(row).is_some()) else { return table };
        let new = self.log.iter().rev().filter(|row| !row.prior && row.at <= now);
        let initial = if first.prior || first.at.day() <= self.created.day() { field(first) } else { None };
        new.filter_map(|row| field(row)).next().or(initial)
    }

    /// What stood in a field until the log first named it: the table's value unless that is of a later day.
    fn told<T>(&self, field: impl Fn(&Row) -> Option<T>, table: Option<T>) -> Option<T> {
        let first = self.later.iter().find(|row| field(row).is_some());
        first.map_or(table, |row| field(row).filter(|_| row.prior))
    }

    /// Kind and moment of the table's closing, if it is past.
    fn closing(&self) -> Option<(StageKind, Moment)> {
        let at = self.deal.closed_at.filter(|at| *at < AS_OF.start().0)?;
        Some((self.table_kind(), Moment(at))).filter(|(kind, _)| *kind != StageKind::Open)
    }

    fn table_kind(&self) -> StageKind {
        self.deal.status.unwrap_or(self.kind(self.id(&self.deal.stage)))
    }

    fn stage_for(&self, kind: StageKind) -> Option<StageId> {
        let own = self.id(&self.deal.stage);
        let first = self.timeline.stages.stages().iter().position(|s| s.kind == kind);
        if self.kind(own) == kind { own } else { first.map(StageId::at) }
    }

    fn tracked(&self) -> bool {
        self.log.iter().any(|row| row.stage.is_some())
    }

    /// When the table's closing takes effect.
    fn woven(&self) -> Option<(Moment, Option<StageId>)> {
        let (kind, at) = self.closing()?;
        let end = self.value(Moment(i64::MAX), |row| row.stage, None).and_then(|name| self.id(name));
        let moved = self.log.iter().filter(|row| row.stage.is_some() && !row.prior).map(|row| row.at).max();
        let bare_date = at.0 % MICROS_PER_DAY == 0;
        let in_time = moved.is_none_or(|m| m <= at || bare_date && m.day() == at.day());
        let open_until_then = self.kind(end) == StageKind::Open;
        (in_time && open_until_then).then(|| (at.max(moved.unwrap_or(at)).max(self.created), self.stage_for(kind)))
    }

    fn stage(&self, now: Now) -> Option<StageId> {
        if let Some((at, stage)) = self.woven()
            && (at < now.at || at == now.at && now.is_over)
        {
            return stage;
        }
        if self.tracked() {
            return self.stage_by_log(now);
        }
        let own = self.id(&self.deal.stage);
        let own_if_open = own.filter(|_| self.kind(own) == StageKind::Open);
        match (self.deal.closed_at, self.table_kind()) {
            (Some(at), _) if at >= AS_OF.start().0 => None,
            (None, kind) if kind != StageKind::Open => self.stage_for(kind),
            _ => own_if_open,
        }
    }

    /// Stage, amount, expected close, owner, category, probability (in quarters) at `now`.
    fn all(&self, now: Now) -> Fields {
        let table_owner = self.told(|row| row.owner, self.deal.owner.as_deref());
        let stage = self.stage(now);
        let now = now.at;
        let table_chance = self.deal.probability.map(|p| p as f32);
        (
            stage,
            self.value(now, |row| row.amount, self.told(|row| row.amount, self.deal.amount_minor)),
            self.value(
                now,
                |row| row.expected_close,
                self.told(|row| row.expected_close, self.deal.expected_close_date),
            ),
            self.value(now, |row| row.owner, table_owner).map(str::to_owned),
            self.value(now, |row| row.category, self.told(|row| row.category, None)),
            self.value(now, |row| row.probability, self.told(|row| row.probability, table_chance))
                .map(|p| (p * 4.0) as i32),
        )
    }

    /// Every moment from creation to the evening before `day` at which anything could have changed, stage by stage.
    fn moments(&self, day: Day) -> Vec<Now> {
        let rows = self.log.iter().map(|row| row.at.max(self.created));
        let mut moments: Vec<Moment> = rows.chain(self.woven().map(|w| w.0)).chain([self.created]).collect();
        moments.retain(|at| *at < day.start());
        moments.sort();
        moments.dedup();
        moments.into_iter().flat_map(|at| self.passes(at)).collect()
    }

    /// The stages passed in a moment, then the moment as a whole. A single row passes none.
    fn passes(&self, at: Moment) -> Vec<Now> {
        let is_tied = self.log.iter().filter(|row| row.at.max(self.created) == at).count()
            + usize::from(self.woven().is_some_and(|woven| woven.0 == at))
            > 1;
        let of_moment = self.log.iter().filter(|row| row.at == at && row.stage.is_some() && !row.prior).count();
        let passed = (1..=if is_tied { of_moment } else { 0 }).map(|passed| Now { at, passed, is_over: false });
        passed.chain([Now::whole(at)]).collect()
    }
}

/// The state of the deal the opinion is about on the morning of `day`, codes of `like` kept.
fn opinion(world: &World, o: &Opinion<'_>, day: Day, like: DealState) -> DealState {
    let moments = o.moments(day);
    let changes = || moments.windows(2).map(|pair| (o.all(pair[0]), o.all(pair[1]), pair[1].at.day()));
    let stages = &o.timeline.stages;
    let open = |stage: &StageId| stages.kind(*stage) == StageKind::Open;
    let moves = || {
        let known = changes().filter_map(|(a, b, _)| Some((a.0?, b.0?)));
        known.filter(|(a, b)| open(a) && open(b) && a != b)
    };
    let (stage, amount_minor, expected_close, _, category, probability) = o.all(*moments.last().expect("creation"));
    let kind = stages.kind(stage);
    let undated = !o.tracked() && o.deal.closed_at.is_none() && kind != StageKind::Open;
    let turned = changes().filter(|(a, b, _)| stages.kind(a.0) != stages.kind(b.0)).map(|c| c.2).next_back();
    let never_turned = (!undated).then_some(o.created.day());
    let done: Vec<_> = world.activities.iter().filter(|a| a.0 == o.deal.deal_id && a.1 < day.start()).collect();
    DealState {
        kind,
        stage: stage.into(),
        stage_tracked: o.tracked() && stage.is_some(),
        closed: turned.or(never_turned).filter(|_| kind != StageKind::Open).into(),
        amount_minor: amount_minor.into(),
        first_amount_minor: moments.iter().find_map(|m| o.all(*m).1).into(),
        amount_changes: changes().filter(|(a, b, _)| a.1.is_some() && a.1 != b.1).count() as u16,
        expected_close: expected_close.map(Day).into(),
        first_expected_close: moments.iter().find_map(|m| o.all(*m).2).map(Day).into(),
        pushes: changes().filter(|(a, b, _)| a.2.is_some() && b.2 > a.2).count() as u16,
        category,
        probability: probability.map(|quarters| quarters as f32 / 4.0).into(),
        stage_since: changes().filter(|(a, b, _)| a.0 != b.0).map(|c| c.2).next_back().unwrap_or(o.created.day()),
        forward_moves: moves().filter(|(a, b)| b > a).count() as u16,
        back_moves: moves().filter(|(a, b)| b < a).count() as u16,
        skipped_stages: moves().map(|(a, b)| stages.ids_between(a, b).filter(open).count()).sum::<usize>() as u16,
        last_change: changes().filter(|(a, b, _)| a != b).map(|c| c.2).next_back().into(),
        activities: done.iter().map(|a| a.3).sum(),
        activities_30d: done.iter().filter(|a| a.1.day() >= day.plus(-30)).map(|a| a.3).sum(),
        last_activity: done.iter().map(|a| a.1.day()).max().into(),
        day,
        created: o.created.day(),
        ..like
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn the_kernel_agrees_with_looking_everything_up(world in worlds()) {
        let (tables, timeline) = (world.tables(), world.timeline(AS_OF.0));
        let days: Vec<Day> = (-6..=AS_OF.0).map(Day).collect();
        let mut seen = 0;
        for i in timeline.deal_ids() {
            let o = Opinion::new(&world, &timeline, &world.deals[timeline.head(i).row.index()]);
            let mut states = Vec::new();
            replay(&timeline, i, &days, &mut |state| states.push(state));
            prop_assert_eq!(states.len() as i32, AS_OF.0 - o.created.day().0.max(-7));
            for state in states {
                let expected = opinion(&world, &o, state.day, state);
                prop_assert_eq!(format!("{state:?}"), format!("{expected:?}"), "{}", o.deal.deal_id);
                let owner = o.all(Now::whole(Moment(state.day.start().0 - 1))).3;
                prop_assert_eq!(tables.owners.name(state.owner), owner.as_deref());
                seen += 1;
            }
        }
        prop_assert!(seen > 0 || timeline.deals.iter().all(|d| d.created >= AS_OF));
    }
}
