//! The forecast of every node, with the ranges of four periods and without: 1,500 owners, four currencies, three years of
//! closings, 87 of 1,000 deals open.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use dealcast::analyses::forecast::{ForecastInput, forecast};
use dealcast::analyses::outlook::Outlook;
use dealcast::books::currency::CurrencyConverter;
use dealcast::books::filter::ForecastFilter;
use dealcast::config::Config;
use dealcast::domain::day::Day;
use dealcast::domain::ids::{CurrencyId, DealIx, OwnerId, RowIx, StageId};
use dealcast::domain::maybe::Maybe;
use dealcast::domain::period::PeriodKind;
use dealcast::domain::stage::{StageKind, StageList};
use dealcast::ingest::tables::{FxRate, Quota, QuotaNode, Tables, User};
use dealcast::scoring::{PeriodOutcome, Score, Scores};
use dealcast::snapshot::{DealState, Snapshot};
use dealcast::timeline::{Timeline, TimelineQuality};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const AS_OF: Day = Day(20_498);
const OWNERS: u32 = 1_500;

fn tables() -> Tables {
    let mut tables = Tables::default();
    let calendar = Config::default().fiscal_calendar();
    for currency in ["USD", "EUR", "GBP", "JPY"] {
        let currency = tables.currency(currency);
        for day in (19_000..AS_OF.0).filter(|_| currency.index() > 0) {
            let rate = rust_decimal::Decimal::new(10_000 + i64::from(day % 700), 4);
            tables.fx_rates.push(FxRate { currency, day: Day(day), rate });
        }
    }
    for i in 0..OWNERS {
        let owner = format!("owner{i:04}");
        tables.owners.intern(&owner);
        for month in 0..12 {
            let period = calendar.shift(&calendar.period_of(PeriodKind::Month, AS_OF), month - 1);
            tables.quotas.push(Quota {
                node: QuotaNode::Owner(owner.clone()),
                period,
                quota_minor: 5_000_000,
                currency: CurrencyId::at(0),
            });
        }
        tables.users.push(User {
            manager: (i > 0).then(|| format!("owner{:04}", i / 8)),
            team: Some(format!("team{:03}", i / 10)),
            region: Some(format!("region{}", i / 300)),
            owner,
            ..User::default()
        });
    }
    tables
}

fn state(deal: usize, random: &mut ChaCha8Rng) -> DealState {
    let kind = match random.random_range(0..1_000) {
        0..87 => StageKind::Open,
        87..363 => StageKind::Won,
        _ => StageKind::Lost,
    };
    let open = kind == StageKind::Open;
    let amount_minor = random.random_range(10_000..50_000_000);
    DealState {
        deal: DealIx::at(deal),
        row: RowIx::at(deal),
        day: AS_OF,
        kind,
        stage: StageId::at(0).into(),
        stage_tracked: true,
        created: Day(AS_OF.0 - random.random_range(1..1_498)),
        closed: if open { Maybe::NONE } else { Day(AS_OF.0 - random.random_range(1..1_095)).into() },
        currency: CurrencyId::at(random.random_range(0..4_u32) as usize),
        amount_minor: Maybe::from(amount_minor),
        first_amount_minor: Maybe::from(amount_minor),
        amount_changes: 0,
        expected_close: Day(AS_OF.0 + random.random_range(-60..300)).into(),
        first_expected_close: Maybe::NONE,
        pushes: 0,
        owner: OwnerId::at(random.random_range(0..OWNERS) as usize).into(),
        category: None,
        probability: Maybe::from(random.random_range(0.0..1.0_f32)),
        stage_since: Day(19_000),
        forward_moves: 0,
        back_moves: 0,
        skipped_stages: 0,
        last_change: Maybe::NONE,
        activities: 0,
        activities_30d: 0,
        last_activity: Maybe::NONE,
    }
}

fn scores(snapshot: &Snapshot) -> Scores {
    let calendar = Config::default().fiscal_calendar();
    let running = |kind| calendar.period_of(kind, AS_OF);
    let quarter = running(PeriodKind::Quarter);
    let periods = vec![running(PeriodKind::Month), quarter, calendar.shift(&quarter, 1), running(PeriodKind::Year)];
    let outcome = |win: f64| PeriodOutcome { win, lose: 0.0, slip: 1.0 - win };
    let score = |state: &DealState| Score {
        deal: state.deal,
        win_probability: 0.5,
        score: 50,
        grade: Some('B'),
        by_period: [0.05, 0.1, 0.3, 0.5].map(outcome).to_vec(),
        predicted_close: None,
    };
    Scores {
        as_of: AS_OF,
        model_id: "bench".to_owned(),
        signal: true,
        intercept: 0.0,
        periods,
        fields: Vec::new(),
        rows: snapshot.open().map(score).collect(),
        contributions: Vec::new(),
    }
}

fn timeline(deals: u32) -> Timeline {
    Timeline {
        as_of: AS_OF,
        stages: StageList::default(),
        deals: Vec::new(),
        steps: Vec::new(),
        step_offsets: vec![0; deals as usize + 1],
        activities: Vec::new(),
        activity_offsets: vec![0],
        fields: std::collections::BTreeMap::new(),
        quality: TimelineQuality::default(),
        undated: false,
    }
}

fn all_nodes_and_periods(criterion: &mut Criterion) {
    let (tables, config, filter) = (tables(), Config::default(), ForecastFilter::default());
    let mut group = criterion.benchmark_group("forecast");
    group.sample_size(10);
    for deals in [10_000_u32, 100_000, 1_000_000] {
        let mut random = ChaCha8Rng::seed_from_u64(1);
        let states: Vec<DealState> = (0..deals as usize).map(|deal| state(deal, &mut random)).collect();
        let snapshot = Snapshot { as_of: AS_OF, states };
        let (timeline, scores) = (timeline(deals), scores(&snapshot));
        let converter = CurrencyConverter::new(&tables, "USD", AS_OF);
        let all = vec![true; deals as usize];
        let outlook = Outlook::learn(&timeline, &snapshot, &converter, &tables.owners, &all);
        for (name, outlook) in [("sums", None), ("ranges", Some(&outlook))] {
            let input = ForecastInput {
                tables: &tables,
                timeline: &timeline,
                snapshot: &snapshot,
                scores: Some(&scores),
                outlook,
                config: &config,
                stage_win_rates: &[],
                mask: None,
                filter: &filter,
            };
            group.throughput(Throughput::Elements(deals.into()));
            group.bench_function(BenchmarkId::new(name, deals), |bencher| {
                bencher.iter(|| black_box(forecast(&input)));
            });
        }
    }
    group.finish();
}

criterion_group!(benches, all_nodes_and_periods);
criterion_main!(benches);
