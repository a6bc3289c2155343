//! Worlds made of deals' paths, day by day.

use dealcast::analyses::sources::{Sources, SourcesBy, SourcesInput, sources};
use dealcast::books::leads::LeadLives;
use dealcast::config::Config;
use dealcast::domain::day::{MICROS_PER_DAY, Moment};
use dealcast::domain::period::{FiscalCalendar, PeriodKind};
use dealcast::domain::stage::{Stage, StageKind};
use dealcast::ingest::tables::{ChangeRow, DealRow, Tables};

use crate::world::{AS_OF, World};

pub const FIRST_DAY: i32 = 19_000;
pub const STAGES: usize = 4;

/// One deal's path: day of creation, amount, source, and the (day, stage) it entered from then on; stage `STAGES` is
/// won, one more is lost.
#[derive(Debug)]
pub struct DealPath {
    pub amount: i64,
    pub source: u32,
    pub events: Vec<(i32, usize)>,
}

pub const WON: usize = STAGES;
pub const LOST: usize = STAGES + 1;

fn four_stages() -> Config {
    let stage = |name: &str, kind| Stage { name: name.to_owned(), kind, ..Stage::default() };
    let mut stages: Vec<Stage> = (0..STAGES).map(|i| stage(&format!("S{i}"), StageKind::Open)).collect();
    stages.extend([stage("Won", StageKind::Won), stage("Lost", StageKind::Lost)]);
    Config { stages, ..Config::default() }
}

pub fn world_of(paths: &[DealPath]) -> World {
    let config = four_stages();
    let name = |stage: usize| config.stages[stage].name.clone();
    let row = |(i, path): (usize, &DealPath)| {
        let last = *path.events.last().expect("a deal begins");
        DealRow {
            deal_id: format!("d{i:05}"),
            stage: name(last.1),
            created_at: i64::from(path.events[0].0) * MICROS_PER_DAY,
            closed_at: (last.1 >= STAGES).then_some(moment(last.0, path.events.len() - 1).0),
            amount_minor: Some(path.amount * 100),
            owner: Some(format!("o{}", i % 7)),
            source: Some(format!("s{}", path.source)),
            ..DealRow::default()
        }
    };
    let rows: Vec<DealRow> = paths.iter().enumerate().map(row).collect();
    let mut tables = Tables::from_deals(&rows).expect("a frame");
    for (deal, path) in tables.deals.rows().zip(paths) {
        for (order, &(day, stage)) in path.events.iter().enumerate() {
            let stage = tables.stage_names.intern(&name(stage));
            tables.changes.push(ChangeRow { stage: stage.into(), ..ChangeRow::empty(deal, moment(day, order)) });
        }
    }
    World::new(tables, config, AS_OF)
}

/// The day's minute `order`, so that events of one day keep their order.
fn moment(day: i32, order: usize) -> Moment {
    Moment(i64::from(day) * MICROS_PER_DAY + 60_000_000 * order as i64)
}

/// The world of `funnel_reference.py`.
pub fn reference_world() -> World {
    let mut state: u64 = 20_260_214;
    let mut draw = |n: u64| {
        state = (state * 1_103_515_245 + 12_345) & 0x7FFF_FFFF;
        (state >> 8) % n
    };
    let mut paths = Vec::new();
    for _ in 0..400 {
        let mut day = FIRST_DAY + draw(700) as i32;
        let (amount, source) = (100 * (1 + draw(500)) as i64, draw(3) as u32);
        let mut stage = usize::from(draw(10) == 0);
        let mut events = vec![(day, stage)];
        while stage < STAGES {
            day += draw(40) as i32;
            stage = match draw(100) {
                0..50 => (stage + 1).min(WON),
                50..60 => (stage + 2).min(WON),
                60..75 if stage == 0 => continue,
                60..75 => stage - 1,
                _ => LOST,
            };
            events.push((day, stage));
        }
        paths.push(DealPath { amount, source, events });
    }
    world_of(&paths)
}

impl World {
    pub fn sources(&self, calendar: &FiscalCalendar) -> Sources {
        let Self { tables, timeline, values, keep, .. } = self;
        let (leads, kind) = (&LeadLives::of(tables, timeline), PeriodKind::Quarter);
        let input =
            SourcesInput { tables, timeline, values, keep, leads, keep_leads: &[], with_costs: true, calendar, kind };
        sources(&input, &[SourcesBy::default()]).expect("a frame").remove(0)
    }
}
