//! `FeatureSpec::fit` and `encode` on synthetic deals, in training rows (and open deals) per second.
//!
//! 200 owners, four stages with history, two currencies, and ten columns of its own: four numbers, four categories,
//! one category of many levels, one date.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use dealcast::config::{Config, FeatureConfig, TrainingConfig};
use dealcast::domain::day::{Day, MICROS_PER_DAY, Moment};
use dealcast::domain::ids::RowIx;
use dealcast::domain::maybe::Maybe;
use dealcast::domain::period::FiscalCalendar;
use dealcast::features::{FeatureContext, FeatureSpec};
use dealcast::ingest::tables::{ChangeRow, DealRow, Tables};
use dealcast::snapshot::{DealState, Outcome, Snapshot, landmarks};
use dealcast::timeline::Timeline;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const STAGES: [&str; 6] = ["Qualification", "Discovery", "Proposal", "Negotiation", "Closed Won", "Closed Lost"];
const FIRST: i32 = 19_000;
const AS_OF: Day = Day(FIRST + 1_000);

fn deal(i: usize, random: &mut ChaCha8Rng) -> DealRow {
    let created = FIRST + random.random_range(0..1_000);
    let closed = created + random.random_range(10..250);
    let stage = if closed >= AS_OF.0 { "Negotiation" } else { STAGES[random.random_range(4..6)] };
    let mut extras: Vec<(String, Option<String>)> = Vec::new();
    for k in 0..4 {
        extras.push((format!("number {k}"), Some(random.random_range(0..10_000).to_string())));
        extras.push((format!("category {k}"), Some(format!("level {}", random.random_range(0..8)))));
    }
    extras.push(("campaign".to_owned(), Some(format!("c{}", random.random_range(0..500)))));
    extras.push(("trial".to_owned(), Some(Day(created - random.random_range(0..90)).to_string())));
    DealRow {
        deal_id: format!("D{i:07}"),
        stage: stage.to_owned(),
        created_at: Day(created).start().0,
        closed_at: (closed < AS_OF.0).then(|| Day(closed).start().0),
        amount_minor: Some(random.random_range(1_000..10_000_000)),
        currency: ["USD", "EUR"][random.random_range(0..2)].to_owned(),
        owner: Some(format!("owner {}", random.random_range(0..200))),
        expected_close_date: Some(created + 90),
        source: Some(format!("source {}", random.random_range(0..6))),
        product: Some(format!("product {}", random.random_range(0..12))),
        extras,
        ..DealRow::default()
    }
}

fn tables(n: usize) -> Tables {
    let mut random = ChaCha8Rng::seed_from_u64(11);
    let rows: Vec<DealRow> = (0..n).map(|i| deal(i, &mut random)).collect();
    let mut tables = Tables::from_deals(&rows).expect("columns of one length");
    let stages = STAGES.map(|stage| tables.stage_names.intern(stage));
    for (number, row) in rows.iter().enumerate() {
        let end = row.closed_at.unwrap_or(AS_OF.start().0);
        let mut at = row.created_at;
        for &stage in &stages[..4] {
            let expected_close = Moment(at).day().plus(random.random_range(20..120)).into();
            let amount_minor = Maybe::from(random.random_range(1_000..10_000_000_i64));
            let change = ChangeRow::empty(RowIx::at(number), Moment(at));
            tables.changes.push(ChangeRow { stage: stage.into(), expected_close, amount_minor, ..change });
            at += random.random_range(1..40) * MICROS_PER_DAY;
            if at >= end {
                break;
            }
        }
    }
    tables
}

fn features(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("features");
    group.sample_size(10);
    for deals in [20_000, 200_000] {
        let tables = tables(deals);
        let timeline = Timeline::build(&tables, &Config::default(), AS_OF).expect("a proposable stage list");
        let snapshot = Snapshot::of(&timeline);
        let set = landmarks(&timeline, &tables.deals, &TrainingConfig::default());
        let won: Vec<bool> = set.rows.iter().map(|row| matches!(row.outcome, Outcome::Won(_))).collect();
        let rows: Vec<DealState> = set.rows.into_iter().map(|row| row.state).collect();
        let calendar = FiscalCalendar::default();
        group.throughput(Throughput::Elements(deals as u64));
        group.bench_function(BenchmarkId::new("context", deals), |bencher| {
            bencher.iter(|| FeatureContext::new(&tables, &timeline, &snapshot.states, calendar.clone()));
        });
        let context = FeatureContext::new(&tables, &timeline, &snapshot.states, calendar);
        let fit = || FeatureSpec::fit(&rows, &won, &context, &FeatureConfig::default());
        let spec = fit();
        let shape = format!("{deals} deals, {} rows x {} columns", rows.len(), spec.features.len());
        group.throughput(Throughput::Elements(rows.len() as u64));
        group.bench_function(BenchmarkId::new("fit", &shape), |bencher| bencher.iter(fit));
        group.bench_function(BenchmarkId::new("encode training", &shape), |bencher| {
            bencher.iter(|| spec.encode(&rows, &context));
        });
        let open: Vec<DealState> = snapshot.open().copied().collect();
        group.throughput(Throughput::Elements(open.len() as u64));
        group.bench_function(BenchmarkId::new("encode open", format!("{} deals", open.len())), |bencher| {
            bencher.iter(|| spec.encode(&open, &context));
        });
    }
    group.finish();
}

criterion_group!(benches, features);
criterion_main!(benches);
