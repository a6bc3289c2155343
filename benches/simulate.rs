//! How many deals a second the generator makes, by size and file format.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use dealcast::domain::progress::NoProgress;
use dealcast::simulate::{FileFormat, WorldConfig, simulate};

fn worlds(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("simulate");
    group.sample_size(10);
    for deals in [1_000, 20_000, 100_000] {
        for format in [FileFormat::Csv, FileFormat::Parquet] {
            let config = WorldConfig { deals, format, ..WorldConfig::default() };
            let folder = tempfile::tempdir().expect("a temporary folder");
            group.throughput(Throughput::Elements(deals));
            group.bench_function(BenchmarkId::new(format.extension(), deals), |bencher| {
                bencher.iter(|| simulate(&config, folder.path(), &NoProgress).expect("a world"));
            });
        }
    }
    group.finish();
}

criterion_group!(benches, worlds);
criterion_main!(benches);
