//! Loading deals and their history: plain and compressed CSV, day-first dates with decimal commas, Parquet.
//!
//! Throughput is in rows. Set `DEALCAST_WORLD` to a folder with a `dealcast.toml` to time a whole world instead.

use std::fmt::Write as _;
use std::hint::black_box;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use dealcast::config::{Config, TableSource};
use dealcast::domain::inputs::InputTable;
use dealcast::domain::progress::NoProgress;
use dealcast::ingest::load;

const DEALS: usize = 20_000;
const CHANGES: usize = 4 * DEALS;
const STAGES: [&str; 5] = ["Qualification", "Discovery", "Proposal", "Negotiation", "Closed Won"];

/// The same numbers on every run.
struct Lcg(u64);

impl Lcg {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

/// How a table is written.
#[derive(Clone, Copy, PartialEq)]
enum Dress {
    Clean,
    European,
}

fn table(rows: usize, history: bool, dress: Dress) -> String {
    let mut random = Lcg(7);
    let mut text = String::from(if history {
        "deal_id;changed_at;stage;amount\n"
    } else {
        "deal_id;created_at;stage;amount;owner;segment\n"
    });
    for row in 0..rows {
        let (month, day) = (random.below(12) + 1, random.below(28) + 1);
        let date = match dress {
            Dress::Clean => format!("{}-{month:02}-{day:02}T10:00:00", if history { 2025 } else { 2024 }),
            Dress::European => format!("{day:02}/{month:02}/{} 10:00", if history { 2025 } else { 2024 }),
        };
        let amount = random.below(900_000) + 100_000;
        let amount = match dress {
            Dress::Clean => format!("{amount}.50"),
            Dress::European => format!("{}.{:03},50", amount / 1000, amount % 1000),
        };
        let stage = STAGES[random.below(5) as usize];
        let _ = write!(text, "D{:08};{date};{stage};{amount}", row % DEALS);
        let _ = if history { writeln!(text) } else { writeln!(text, ";u{};seg{}", random.below(300), random.below(5)) };
    }
    text
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text.as_bytes()).and_then(|()| encoder.finish()).expect("compressed in memory")
}

fn parquet(text: &str) -> Vec<u8> {
    let mut lines = text.lines().map(|line| line.split(';').collect::<Vec<_>>());
    let header = lines.next().expect("a header");
    let rows: Vec<Vec<&str>> = lines.collect();
    let column = |i: usize| Arc::new(rows.iter().map(|row| Some(row[i])).collect::<StringArray>()) as ArrayRef;
    let batch = RecordBatch::try_from_iter(header.iter().enumerate().map(|(i, name)| (*name, column(i))));
    let batch = batch.expect("equal lengths");
    let mut bytes = Vec::new();
    let mut writer = parquet::arrow::ArrowWriter::try_new(&mut bytes, batch.schema(), None).expect("a writer");
    writer.write(&batch).expect("written in memory");
    writer.close().expect("closed");
    bytes
}

fn tables(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("ingest");
    group.sample_size(10).throughput(Throughput::Elements((DEALS + CHANGES) as u64));
    let clean = [table(DEALS, false, Dress::Clean), table(CHANGES, true, Dress::Clean)];
    let european = [table(DEALS, false, Dress::European), table(CHANGES, true, Dress::European)];
    let cases: [(&str, [Vec<u8>; 2]); 4] = [
        ("csv", clean.clone().map(String::into_bytes)),
        ("csv_gz", clean.clone().map(|text| gzip(&text))),
        ("csv_day_first_decimal_comma", european.map(String::into_bytes)),
        ("parquet", clean.map(|text| parquet(&text))),
    ];
    for (name, [deals, history]) in cases {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("deals"), deals).expect("written");
        std::fs::write(folder.path().join("history"), history).expect("written");
        let mut config = Config::default();
        config.sources.set(InputTable::Deals, TableSource::at("deals"));
        config.sources.set(InputTable::StageHistory, TableSource::at("history"));
        group.bench_function(name, |bencher| bencher.iter(|| black_box(loaded(&config, folder.path()))));
    }
    group.finish();
}

fn world(criterion: &mut Criterion) {
    let Ok(folder) = std::env::var("DEALCAST_WORLD") else { return };
    let folder = Path::new(&folder);
    let text = std::fs::read_to_string(folder.join("dealcast.toml")).expect("a configuration");
    let config = Config::parse(&text, "dealcast.toml").expect("a configuration");
    let mut group = criterion.benchmark_group("ingest_world");
    group.sample_size(10).throughput(Throughput::Elements(loaded(&config, folder)));
    group.bench_function("all_tables", |bencher| bencher.iter(|| black_box(loaded(&config, folder))));
    group.finish();
}

/// Rows read.
fn loaded(config: &Config, folder: &Path) -> u64 {
    match load(config, folder, &NoProgress) {
        Ok(loaded) => loaded.inputs.iter().map(|input| input.rows).sum(),
        Err(error) => panic!("{error}"),
    }
}

criterion_group!(benches, tables, world);
criterion_main!(benches);
