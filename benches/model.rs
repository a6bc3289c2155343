//! The model on simulated worlds: the regression alone, training with all its judging, scoring, and the scores as files.
//!
//! The regression is timed on the training rows of each world. Where `DEALCAST_MATRIX` names a folder, these are left
//! there for `peers/fit.py`, which fits scikit-learn on the same numbers.

use std::collections::BTreeMap;
use std::fs;
use std::hint::black_box;
use std::path::Path;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use dealcast::analyses::scores::ScoreTable;
use dealcast::analyses::scores::columns::table;
use dealcast::config::{Config, TableSource};
use dealcast::domain::inputs::InputTable;
use dealcast::domain::progress::NoProgress;
use dealcast::features::{FeatureContext, FeatureMatrix, FeatureSpec};
use dealcast::model::{self, logistic};
use dealcast::report::sinks::{self, Format, Stamp};
use dealcast::run::questions::AsOf;
use dealcast::scoring::score;
use dealcast::simulate::{WorldConfig, simulate};
use dealcast::snapshot::{DealState, Outcome, landmarks};

const DEALS: [u64; 3] = [1_000, 5_000, 20_000];
const HORIZON_DAYS: i32 = 180;
const ALPHA: f64 = 1e-3;

fn config() -> Config {
    let mut config = Config::default();
    for table in InputTable::ALL {
        let is_read = !matches!(
            table,
            InputTable::Leads | InputTable::Touches | InputTable::CampaignCosts | InputTable::Revisions
        );
        if is_read {
            config.sources.set(*table, TableSource::at(format!("{table}.csv")));
        }
    }
    config
}

fn world(deals: u64, config: &Config) -> AsOf {
    let folder = tempfile::tempdir().expect("a temporary folder");
    simulate(&WorldConfig { deals, ..WorldConfig::default() }, folder.path(), &NoProgress).expect("a world");
    AsOf::load(config, folder.path(), None, &NoProgress).expect("the world loads")
}

/// The landmark rows old enough to know their outcome, encoded, and which of them were won.
fn training_rows(world: &AsOf, context: &FeatureContext<'_>, config: &Config) -> (FeatureMatrix, Vec<bool>) {
    let rows = landmarks(&world.timeline, &world.tables.deals, &config.training).rows;
    let known = rows.partition_point(|row| row.state.day.0 + HORIZON_DAYS <= world.day().0);
    let states: Vec<DealState> = rows[..known].iter().map(|row| row.state).collect();
    let won: Vec<bool> = rows[..known]
        .iter()
        .map(|row| matches!(row.outcome, Outcome::Won(day) if day.0 < row.state.day.0 + HORIZON_DAYS))
        .collect();
    (FeatureSpec::fit(&states, &won, context, &config.features).encode(&states, context), won)
}

/// Column-major little-endian numbers, one byte per outcome, and the shape in the name.
fn leave_for_peers(folder: &Path, deals: u64, matrix: &FeatureMatrix, won: &[bool]) {
    let stem = format!("{deals}-{}x{}", matrix.rows(), matrix.columns());
    let values: Vec<u8> = matrix.values().iter().flat_map(|value| value.to_le_bytes()).collect();
    fs::create_dir_all(folder).expect("a folder for the matrix");
    fs::write(folder.join(format!("{stem}.f64")), values).expect("the matrix is written");
    fs::write(folder.join(format!("{stem}.u8")), won.iter().map(|&won| u8::from(won)).collect::<Vec<u8>>())
        .expect("the outcomes are written");
}

fn benches(criterion: &mut Criterion) {
    let config = config();
    for deals in DEALS {
        let world = world(deals, &config);
        let context = world.context();
        let mut group = criterion.benchmark_group("model");
        group.sample_size(10);

        let (matrix, won) = training_rows(&world, &context, &config);
        if let Some(folder) = std::env::var_os("DEALCAST_MATRIX") {
            leave_for_peers(Path::new(&folder), deals, &matrix, &won);
        }
        group.throughput(Throughput::Elements(matrix.rows() as u64));
        group.bench_function(BenchmarkId::new("fit", deals), |bencher| {
            bencher.iter(|| logistic::fit(&matrix, &won, ALPHA, "win").expect("a minimum"));
        });
        drop(matrix);

        group.throughput(Throughput::Elements(deals));
        group.bench_function(BenchmarkId::new("train", deals), |bencher| {
            bencher.iter(|| model::train(&context, &config, &NoProgress).expect("a model"));
        });
        let model = model::train(&context, &config, &NoProgress).expect("a model").model;
        group.bench_function(BenchmarkId::new("score", deals), |bencher| {
            bencher.iter(|| score(&model, &context, &config, &NoProgress).expect("scores"));
        });

        let scores = score(&model, &context, &config, &NoProgress).expect("scores");
        let stagnation = world.morning(&config).stagnation(&world.keep_all(), None).expect("columns");
        let values = world.values(&config, &world.keep_all());
        let input = ScoreTable {
            context: &context,
            model: Some(&model),
            scores: Some(&scores),
            stagnation: &stagnation,
            previous: &BTreeMap::default(),
            period: config.calendar.score_period,
            values: &values,
        };
        for format in [Format::Csv, Format::Parquet] {
            group.bench_function(BenchmarkId::new(format!("write {}", format.extension()), deals), |bencher| {
                bencher.iter(|| {
                    let mut bytes = Vec::new();
                    sinks::write(&table(&input).expect("a table"), format, &Stamp::default(), &mut bytes)
                        .expect("memory takes everything");
                    black_box(bytes)
                });
            });
        }
        group.finish();
    }
}

criterion_group!(all, benches);
criterion_main!(all);
