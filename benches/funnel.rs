//! Funnel, stagnation and sources on synthetic deals with four stages each, in deals per second. `LARGE=1 cargo bench
//! --bench funnel` adds 10 million deals (some 15 GB of memory).

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use dealcast::analyses::funnel::flow::flow;
use dealcast::analyses::funnel::{Cohorts, FunnelInput, funnel};
use dealcast::analyses::sources::{Attribution, SourcesBy, SourcesInput, sources};
use dealcast::analyses::stagnation::{StagnationInput, stagnation};
use dealcast::books::deal_values::DealValues;
use dealcast::books::leads::LeadLives;
use dealcast::books::segment::Segment;
use dealcast::config::Config;
use dealcast::domain::day::{Day, MICROS_PER_DAY, Moment};
use dealcast::domain::ids::{RowIx, SourceId};
use dealcast::domain::maybe::Maybe;
use dealcast::domain::period::{FiscalCalendar, PeriodKind};
use dealcast::ingest::tables::{ChangeRow, DealRow, Tables};
use dealcast::snapshot::Snapshot;
use dealcast::timeline::Timeline;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const STAGES: [&str; 6] = ["Qualification", "Discovery", "Proposal", "Negotiation", "Closed Won", "Closed Lost"];
const FIRST: i32 = 19_000;
const AS_OF: Day = Day(FIRST + 1_000);

/// Deals walking through the stages, about 3.5 changes each; 500 owners, 20 sources, 11 created quarters.
fn tables(n: usize) -> Tables {
    let mut random = ChaCha8Rng::seed_from_u64(11);
    let (mut rows, mut paths) = (Vec::with_capacity(n), Vec::with_capacity(n));
    for i in 0..n {
        let created = FIRST + random.random_range(0..1_000);
        let (mut day, mut stage) = (created, 0);
        let mut path = vec![(day, stage)];
        while stage < 4 {
            day += random.random_range(1..60);
            stage = if random.random_bool(0.3) { 5 } else { stage + 1 };
            path.push((day, stage));
        }
        rows.push(DealRow {
            deal_id: format!("d{i:09}"),
            stage: STAGES[stage].to_owned(),
            created_at: i64::from(created) * MICROS_PER_DAY,
            closed_at: Some(i64::from(day) * MICROS_PER_DAY),
            amount_minor: Some(random.random_range(1_000..10_000_000)),
            owner: Some(format!("owner{}", i % 500)),
            source: Some(format!("source{}", random.random_range(0..20))),
            ..DealRow::default()
        });
        paths.push(path);
    }
    let mut tables = Tables::from_deals(&rows).expect("columns of one length");
    // Two touches of every deal before its first move.
    let names: Vec<SourceId> = (0..20).map(|i| tables.sources.intern(&format!("source{i}"))).collect();
    for (deal, path) in (0..).zip(&paths).flat_map(|path| [path, path]) {
        tables.touches.deal.push(RowIx::at(deal).into());
        tables.touches.at.push(Moment(i64::from(path[0].0 - random.random_range(0..30)) * MICROS_PER_DAY));
        tables.touches.source.push(names[random.random_range(0..20)].into());
        tables.touches.campaign.push(Maybe::NONE);
    }
    let codes = STAGES.map(|stage| tables.stage_names.intern(stage));
    for (deal, path) in (0..).zip(paths) {
        for (day, stage) in path {
            let at = Moment(i64::from(day) * MICROS_PER_DAY);
            tables.changes.push(ChangeRow { stage: codes[stage].into(), ..ChangeRow::empty(RowIx::at(deal), at) });
        }
    }
    tables
}

fn bench(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("funnel");
    group.sample_size(10);
    let (config, calendar) = (Config::default(), FiscalCalendar::default());
    let large = std::env::var_os("LARGE").map(|_| 10_000_000);
    for n in [10_000, 100_000, 1_000_000].into_iter().chain(large) {
        let tables = tables(n);
        let timeline = Timeline::build(&tables, &config, AS_OF).expect("a timeline");
        let (stays, snapshot) = (timeline.stays(), Snapshot::of(&timeline));
        let keep = vec![true; timeline.deals.len()];
        let values = DealValues::of(&tables, &config.money, &snapshot, &keep);
        let by = |column| Segment::by(column, &tables, &timeline, &snapshot).expect("a text column");
        let input = FunnelInput {
            timeline: &timeline,
            stays: &stays,
            snapshot: &snapshot,
            values: &values,
            keep: &keep,
            current_from: AS_OF.plus(-365),
        };
        let cohorts = || Cohorts::of(&timeline, &calendar, PeriodKind::Quarter);
        group.throughput(Throughput::Elements(n as u64));
        group.bench_function(BenchmarkId::new("all", n), |bencher| {
            bencher.iter(|| funnel(&input, &cohorts(), &[Segment::all(keep.len())]));
        });
        group.bench_function(BenchmarkId::new("owner_and_source", n), |bencher| {
            bencher.iter(|| funnel(&input, &cohorts(), &[by("owner"), by("source")]));
        });
        group.bench_function(BenchmarkId::new("flow_by_owner", n), |bencher| {
            bencher.iter(|| flow(&input, &cohorts(), &[Segment::all(keep.len()), by("owner")], None));
        });
        group.bench_function(BenchmarkId::new("stagnation", n), |bencher| {
            let candidates = [by("source")];
            let input = StagnationInput {
                timeline: &timeline,
                stays: &stays,
                snapshot: &snapshot,
                config: &config.stagnation,
                candidates: &candidates,
                keep: &keep,
                previous: Some(AS_OF.plus(-7)),
            };
            bencher.iter(|| stagnation(&input));
        });
        let leads = LeadLives::of(&tables, &timeline);
        let input = SourcesInput {
            tables: &tables,
            timeline: &timeline,
            values: &values,
            keep: &keep,
            leads: &leads,
            keep_leads: &[],
            with_costs: true,
            calendar: &calendar,
            kind: PeriodKind::Quarter,
        };
        group.bench_function(BenchmarkId::new("sources", n), |bencher| {
            bencher.iter(|| sources(&input, &[SourcesBy::default()]));
        });
        group.bench_function(BenchmarkId::new("linear_attribution", n), |bencher| {
            let linear = SourcesBy { attribution: Some(Attribution::Linear), ..SourcesBy::default() };
            bencher.iter(|| sources(&input, &[linear]));
        });
        group.bench_function(BenchmarkId::new("values", n), |bencher| {
            bencher.iter(|| DealValues::of(&tables, &config.money, &snapshot, &keep));
        });
    }
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
