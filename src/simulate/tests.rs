//! Properties of whole worlds, read back from their files.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use rust_decimal::Decimal;
use tempfile::TempDir;

use crate::domain::inputs::InputTable;
use crate::domain::progress::NoProgress;
use crate::simulate::sink::{Piece, encode};
use crate::simulate::tables::BIG_TABLES;
use crate::simulate::{FileFormat, Summary, WorldConfig, simulate};

type Row = BTreeMap<String, String>;

/// Every table of a world: big ones, then small ones.
fn tables() -> Vec<String> {
    let small = [InputTable::Users, InputTable::Quotas, InputTable::FxRates, InputTable::CampaignCosts];
    let big = BIG_TABLES.iter().map(|table| table.path().to_str().unwrap().to_owned());
    big.chain(small.map(|table| table.name().to_owned())).collect()
}

fn config(deals: u64) -> WorldConfig {
    WorldConfig { deals, ..WorldConfig::default() }
}

fn world(config: &WorldConfig) -> (TempDir, Summary) {
    let folder = TempDir::new().unwrap();
    let summary = simulate(config, folder.path(), &NoProgress).unwrap();
    (folder, summary)
}

fn world_on(threads: usize, config: &WorldConfig) -> TempDir {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    pool.install(|| world(config).0)
}

fn rows(folder: &TempDir, table: &str) -> Vec<Row> {
    let mut reader = csv::Reader::from_path(folder.path().join(format!("{table}.csv"))).unwrap();
    reader.deserialize().map(Result::unwrap).collect()
}

fn bytes(folder: &TempDir, format: FileFormat) -> Vec<Vec<u8>> {
    let file = |table: &str| fs::read(folder.path().join(format!("{table}.{}", format.extension()))).unwrap();
    let settings = fs::read(folder.path().join("dealcast.toml")).unwrap();
    tables().iter().map(|table| file(table)).chain([settings]).collect()
}

#[test]
fn same_configuration_same_bytes_on_any_number_of_threads() {
    for format in [FileFormat::Csv, FileFormat::Parquet] {
        // More than two chunks, the last one short.
        let config = WorldConfig { format, ..config(17_000) };
        let alone = bytes(&world_on(1, &config), format);
        assert!(alone == bytes(&world_on(1, &config), format), "a second run differs");
        assert!(alone == bytes(&world_on(3, &config), format), "three threads differ from one");
        let other = bytes(&world_on(2, &WorldConfig { seed: 8, ..config }), format);
        assert!((0..tables().len()).all(|table| alone[table] != other[table]), "another seed gives the same table");
    }
}

#[test]
fn csv_and_parquet_hold_the_same_values() {
    let (text, _) = world(&config(9_000));
    let (columns, _) = world(&WorldConfig { format: FileFormat::Parquet, ..config(9_000) });
    for table in tables() {
        let file = fs::File::open(columns.path().join(format!("{table}.parquet"))).unwrap();
        let batches = ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap();
        let mut printed = Vec::new();
        for batch in batches {
            let Piece::Text(lines, _) = encode(batch.unwrap(), FileFormat::Csv).unwrap() else { panic!("not text") };
            printed.extend(lines);
        }
        let csv = fs::read(text.path().join(format!("{table}.csv"))).unwrap();
        let header = csv.iter().position(|&byte| byte == b'\n').unwrap() + 1;
        assert!(csv[header..] == printed[..], "{table} differs");
    }
}

#[test]
fn the_tables_agree_with_each_other() {
    let config = WorldConfig { reopen: 0.1, ..config(4_000) };
    let as_of = config.as_of.to_string();
    let (folder, summary) = world(&config);
    let (deals, history) = (rows(&folder, "deals"), rows(&folder, "stage_history"));
    let users: BTreeSet<String> =
        rows(&folder, "users").into_iter().map(|mut row| row.remove("owner").unwrap()).collect();
    let ids: BTreeSet<&str> = deals.iter().map(|deal| deal["deal_id"].as_str()).collect();
    assert_eq!((deals.len(), ids.len()), (4_000, 4_000));
    assert_eq!(summary.won + summary.lost + summary.open, 4_000);
    assert_eq!(summary.won, deals.iter().filter(|deal| deal["status"] == "won").count() as u64);

    let mut changes: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    for change in &history {
        changes.entry(&change["deal_id"]).or_default().push(change);
    }
    let mut reopened = 0;
    for deal in &deals {
        let log = &changes[deal["deal_id"].as_str()];
        assert!(log.windows(2).all(|pair| pair[0]["changed_at"] <= pair[1]["changed_at"]), "{log:?}");
        assert_eq!(log[0]["changed_at"], deal["created_at"]);
        assert!(log.iter().all(|change| change["changed_at"] < as_of));
        for field in ["stage", "amount", "expected_close_date", "owner", "forecast_category", "probability"] {
            let last = log.iter().rev().map(|change| &change[field]).find(|value| !value.is_empty());
            assert_eq!(last.map_or("", |value| value), deal[field], "{field} of {deal:?}");
        }
        let closed = deal["stage"].starts_with("Closed");
        assert_eq!(closed, deal["status"] != "open");
        let closing = log.iter().rev().find(|change| change["stage"].starts_with("Closed"));
        assert_eq!(deal["closed_at"], if closed { closing.unwrap()["changed_at"].as_str() } else { "" });
        reopened += usize::from(log.iter().any(|c| c["stage"].starts_with("Closed")) && !closed);
        assert!(users.contains(&deal["owner"]));
        assert!(deal["amount"].is_empty() || deal["amount"].parse::<Decimal>().unwrap() > Decimal::ZERO);
        assert!(deal["currency"] != "JPY" || deal["amount"].is_empty() || deal["amount"].ends_with("000.00"));
    }
    assert!(reopened > 0, "no deal was opened again");
    for activity in rows(&folder, "activities") {
        assert!(ids.contains(activity["deal_id"].as_str()) && activity["occurred_at"] < as_of);
    }
    for quota in rows(&folder, "quotas") {
        assert!(quota["owner"].is_empty() != quota["team"].is_empty());
        assert!(quota["owner"].is_empty() || users.contains(&quota["owner"]), "{quota:?}");
        assert!(quota["quota"].parse::<Decimal>().unwrap() > Decimal::ZERO);
    }
    assert!(rows(&folder, "fx_rates").iter().all(|rate| rate["date"] < as_of));
}

#[test]
fn the_truth_agrees_with_every_deal_that_closed() {
    let (folder, _) = world(&config(4_000));
    let mut later = 0;
    let (deals, truths) = (rows(&folder, "deals"), rows(&folder, "truth/outcomes"));
    assert_eq!(deals.len(), truths.len());
    for (deal, truth) in deals.iter().zip(truths) {
        assert_eq!(deal["deal_id"], truth["deal_id"]);
        if deal["status"] == "open" {
            assert!(truth["closed_on"] >= config(1).as_of.to_string());
            later += 1;
        } else {
            assert_eq!((&deal["status"], &deal["closed_at"][..10]), (&truth["outcome"], truth["closed_on"].as_str()));
        }
    }
    assert!(later > 100, "{later} open deals");
}

struct Outcomes {
    deals: Vec<Row>,
    won: Vec<bool>,
    chance: Vec<f64>,
}

fn outcomes(config: &WorldConfig) -> Outcomes {
    let (folder, _) = world(config);
    let truth = rows(&folder, "truth/outcomes");
    Outcomes {
        deals: rows(&folder, "deals"),
        won: truth.iter().map(|row| row["outcome"] == "won").collect(),
        chance: truth.iter().map(|row| row["win_probability"].parse().unwrap()).collect(),
    }
}

/// How far the wins among the chosen deals are from what their chances promise, in standard deviations.
fn deviation(outcomes: &Outcomes, chosen: impl Fn(usize) -> bool) -> f64 {
    let (mut surplus, mut variance) = (0.0, 0.0);
    for i in (0..outcomes.won.len()).filter(|&i| chosen(i)) {
        let chance = outcomes.chance[i];
        surplus += f64::from(u8::from(outcomes.won[i])) - chance;
        variance += chance * (1.0 - chance);
    }
    surplus / variance.sqrt()
}

#[test]
fn deals_win_as_often_as_their_true_chance_says() {
    let outcomes = outcomes(&config(12_000));
    for tenth in 0..10 {
        let off = deviation(&outcomes, |i| (outcomes.chance[i] * 10.0) as usize == tenth);
        assert!(off.abs() < 4.0, "between {tenth}0 % and {tenth}9 %: {off} standard deviations");
    }
    let share = outcomes.won.iter().filter(|&&won| won).count() as f64 / 12_000.0;
    assert!((0.25..0.35).contains(&share), "win rate {share}");
    let open = outcomes.deals.iter().filter(|deal| deal["status"] == "open").count() as f64 / 12_000.0;
    assert!((0.06..0.15).contains(&open), "open {open}");
}

#[test]
fn without_signal_nothing_observable_tells_who_wins() {
    let by_source = |signal: f64| {
        let mut outcomes = outcomes(&WorldConfig { signal, reopen: 0.0, ..config(12_000) });
        // Measured against one chance for all: the mean.
        let mean = outcomes.won.iter().filter(|&&won| won).count() as f64 / outcomes.won.len() as f64;
        outcomes.chance.fill(mean);
        let of = |column: &str, value: &str| deviation(&outcomes, |i| outcomes.deals[i][column] == value).abs();
        [of("source", "Referral"), of("source", "Outbound"), of("segment", "Enterprise"), of("competitor", "Kestrel")]
    };
    assert!(by_source(0.0).iter().all(|off| *off < 4.0), "{:?}", by_source(0.0));
    assert!(by_source(1.0).iter().all(|off| *off > 4.0), "{:?}", by_source(1.0));
}

#[test]
fn without_signal_a_late_stage_wins_no_more_than_an_early_one() {
    let won_from_negotiation = |signal: f64| {
        let (folder, _) = world(&WorldConfig { signal, reopen: 0.0, ..config(12_000) });
        let history = rows(&folder, "stage_history");
        let reached: BTreeSet<&str> =
            history.iter().filter(|c| c["stage"] == "Negotiation").map(|c| c["deal_id"].as_str()).collect();
        let truth = rows(&folder, "truth/outcomes");
        let late: Vec<&Row> = truth.iter().filter(|row| reached.contains(row["deal_id"].as_str())).collect();
        late.iter().filter(|row| row["outcome"] == "won").count() as f64 / late.len() as f64
    };
    // Some 5,000 deals reach it: 0.3 +- 0.0065, and five of those either way.
    assert!((won_from_negotiation(0.0) - 0.3).abs() < 0.033);
    assert!(won_from_negotiation(1.0) > 0.5);
}

#[test]
fn a_single_currency_world_needs_no_other() {
    let (folder, _) = world(&WorldConfig { multi_currency: false, ..config(500) });
    assert!(rows(&folder, "deals").iter().all(|deal| deal["currency"] == "USD"));
    assert!(rows(&folder, "fx_rates").iter().all(|rate| rate["currency"] == "USD"));
}

#[test]
fn the_edges_of_the_configuration_make_worlds_too() {
    let base = config(1);
    let edges = [
        WorldConfig { as_of: base.first_day.plus(90), owners: Some(1), ..base.clone() },
        WorldConfig { deals: 300, as_of: base.first_day.plus(14_610), owners: Some(50), ..base.clone() },
        WorldConfig { deals: 300, missing: 0.5, activity: 0.0, rush: 1.0, drift: 0.0, reopen: 0.5, ..base.clone() },
        WorldConfig { deals: 300, missing: 0.0, activity: 10.0, rush: 10.0, drift: 10.0, reopen: 0.0, ..base },
    ];
    for config in edges {
        let (folder, summary) = world(&config);
        assert_eq!(summary.deals, config.deals);
        assert_eq!(rows(&folder, "deals").len() as u64, config.deals);
        assert_eq!(rows(&folder, "activities").is_empty(), config.activity == 0.0, "{config:?}");
    }
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("taken");
    fs::write(&file, "").unwrap();
    let error = simulate(&config(10), &file, &NoProgress).unwrap_err().to_string();
    assert!(error.contains("taken"), "{error}");
}

#[test]
fn the_shipped_sample_is_the_default_world() {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/sample");
    let (fresh, _) = world(&WorldConfig::default());
    for table in tables() {
        let name = format!("{table}.csv");
        let same = fs::read(sample.join(&name)).unwrap() == fs::read(fresh.path().join(&name)).unwrap();
        assert!(same, "data/sample/{name} is not what `dealcast simulate --deals 3000 --seed 7` writes");
    }
}

#[test]
fn every_input_but_the_revisions_is_written_with_declared_columns() {
    let (folder, summary) = world(&config(50));
    for table in InputTable::ALL.iter().filter(|table| **table != InputTable::Revisions) {
        let file = folder.path().join(format!("{table}.csv"));
        assert!(summary.files.iter().any(|written| written.path == file), "{table}");
        let header = csv::Reader::from_path(file).unwrap().headers().unwrap().clone();
        let unknown: Vec<&str> = header.iter().filter(|name| table.spec().position(name).is_none()).collect();
        assert!(unknown.is_empty() || table.spec().further_columns, "{table}: {unknown:?}");
    }
}
