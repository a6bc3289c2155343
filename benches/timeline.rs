//! `Timeline::build`, stays, snapshot and landmarks on synthetic tables, in deals per second.
//!
//! The log is written in time order, as an export of the whole organisation would be, so that a deal's rows lie far
//! apart: the unfavourable case. About 4.5 change rows and 8 activities per deal.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use dealcast::config::{Config, TrainingConfig};
use dealcast::domain::day::{Day, MICROS_PER_DAY, Moment};
use dealcast::domain::ids::RowIx;
use dealcast::ingest::tables::{ChangeRow, DealRow, Tables};
use dealcast::snapshot::{Snapshot, landmarks};
use dealcast::timeline::Timeline;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const STAGES: [&str; 6] = ["Qualification", "Discovery", "Proposal", "Negotiation", "Closed Won", "Closed Lost"];
const FIRST: i32 = 19_000;
const AS_OF: Day = Day(FIRST + 1_000);

/// A sales world of `n` deals over 1,000 days, the same for every run.
fn tables(n: usize) -> Tables {
    let mut random = ChaCha8Rng::seed_from_u64(7);
    let rows: Vec<DealRow> = (0..n).map(|i| deal(i, &mut random)).collect();
    let mut tables = Tables::from_deals(&rows).expect("columns of one length");
    let stages = STAGES.map(|stage| tables.stage_names.intern(stage));
    let mut log: Vec<(i64, RowIx, ChangeRow)> = Vec::new();
    let mut activities: Vec<(i64, RowIx)> = Vec::new();
    for (row_index, row) in rows.iter().enumerate() {
        let deal = RowIx::at(row_index);
        let end = row.closed_at.unwrap_or(AS_OF.start().0);
        let mut at = row.created_at;
        for &stage in &stages[..4] {
            let change = ChangeRow {
                amount_minor: random.random_range(1_000..10_000_000).into(),
                ..ChangeRow::empty(deal, Moment(at))
            };
            let expected_close = Moment(end).day().plus(random.random_range(-30..30));
            log.push((at, deal, ChangeRow { stage: stage.into(), expected_close: expected_close.into(), ..change }));
            at += random.random_range(1..40) * MICROS_PER_DAY / 2;
            if at >= end {
                break;
            }
        }
        if row.closed_at.is_some() {
            let stage = tables.stage_names.intern(&row.stage).into();
            log.push((end, deal, ChangeRow { stage, ..ChangeRow::empty(deal, Moment(end)) }));
        }
        activities.extend((0..8).map(|_| (random.random_range(row.created_at..=end), deal)));
    }
    log.sort_by_key(|row| (row.0, row.1));
    log.into_iter().for_each(|row| tables.changes.push(row.2));
    activities.sort_unstable();
    let call = tables.activities.kinds.intern("call");
    for (at, deal) in activities {
        tables.activities.deal.push(deal);
        tables.activities.at.push(Moment(at));
        tables.activities.kind.push(call);
        tables.activities.count.push(1);
    }
    tables
}

fn deal(i: usize, random: &mut ChaCha8Rng) -> DealRow {
    let created = FIRST + random.random_range(0..1_000);
    let closed = created + random.random_range(5..200);
    let won = random.random_bool(0.3);
    let is_closed = closed < AS_OF.0;
    DealRow {
        deal_id: format!("006{:012x}", (i as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 16),
        stage: STAGES[if !is_closed {
            2
        } else if won {
            4
        } else {
            5
        }]
        .to_owned(),
        created_at: Day(created).start().0 + MICROS_PER_DAY / 3,
        closed_at: is_closed.then(|| Day(closed).start().0 + MICROS_PER_DAY / 2),
        amount_minor: Some(random.random_range(1_000..10_000_000)),
        owner: Some(format!("owner{}", i % 500)),
        ..DealRow::default()
    }
}

fn benches(criterion: &mut Criterion) {
    let config = Config::default();
    let training = TrainingConfig::default();
    for n in [10_000, 100_000, 1_000_000] {
        let tables = tables(n);
        let timeline = Timeline::build(&tables, &config, AS_OF).expect("a proposable stage list");
        let mut group = criterion.benchmark_group("timeline");
        group.sample_size(10).throughput(Throughput::Elements(n as u64));
        let mut measure = |name: &str, run: &dyn Fn() -> usize| {
            group.bench_function(BenchmarkId::new(name, n), |bencher| bencher.iter(run));
        };
        measure("build", &|| Timeline::build(&tables, &config, AS_OF).map_or(0, |timeline| timeline.steps.len()));
        measure("stays", &|| timeline.stays().len());
        measure("snapshot", &|| Snapshot::of(&timeline).states.len());
        measure("landmarks", &|| landmarks(&timeline, &tables.deals, &training).rows.len());
        group.finish();
    }
}

criterion_group!(timeline, benches);
criterion_main!(timeline);
