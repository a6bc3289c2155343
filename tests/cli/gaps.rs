//! `dealcast gaps`: parts add up to the forecast's gap, the run writes the same, and a planted weakness is named.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::harness::{Desk, Row, TABLES, Table};
use crate::world::LAST_DAY;

const SAMPLE: &str = concat!("--config ", env!("CARGO_MANIFEST_DIR"), "/data/sample/dealcast.toml");
const PARTS: [&str; 5] = ["gap_pipeline", "gap_slippage", "gap_cycle", "gap_conversion", "gap_deal_size"];

fn cents(amount: &str) -> i128 {
    amount.replace('.', "").parse().unwrap_or(0)
}

fn table(desk: &Desk, arguments: &str) -> Table {
    Table::parse(&desk.ok(&format!("{arguments} --format csv --quiet")).stdout)
}

fn key(row: Row<'_>) -> [String; 3] {
    ["level", "node", "period"].map(|column| row.get(column).to_owned())
}

/// Whether target - expected = gap = the sum of its parts, where it is taken apart.
fn adds_up(row: Row<'_>) -> bool {
    let money = |column: &str| cents(row.get(column));
    let parts: i128 = PARTS.iter().map(|part| money(part)).sum();
    money("target") - money("expected") == money("gap") && (row.get("gap_cycle").is_empty() || parts == money("gap"))
}

#[test]
fn the_sample_adds_up_to_the_forecast_and_the_run_says_the_same() {
    let desk = Desk::empty();
    desk.ok(&format!("run {SAMPLE} --out out"));
    let night = Table::read(&desk.path("out/gaps.csv"));
    let alone = desk.ok(&format!("gaps {SAMPLE} --format csv --quiet --threads 1")).stdout;
    assert_eq!(alone, desk.read("out/gaps.csv"));
    assert!(night.rows() > 100 && night.iter().all(adds_up));
    let gaps: BTreeMap<[String; 3], String> = Table::read(&desk.path("out/forecast.csv"))
        .iter()
        .filter(|row| row.get("basis") == "base" && !row.get("expected_gap").is_empty())
        .map(|row| (key(row), row.get("expected_gap").to_owned()))
        .collect();
    let with_quota: Vec<Row<'_>> = night.iter().filter(|row| row.get("target_source") == "quota").collect();
    assert!(with_quota.len() > 50);
    for row in with_quota {
        assert_eq!(gaps.get(&key(row)).map(String::as_str), Some(row.get("gap")), "{:?}", key(row));
    }
    let sum = |level: &str, column: &str| -> i128 {
        let quarter = night.iter().filter(|row| row.get("level") == level && row.get("period_kind") == "quarter");
        quarter.map(|row| cents(row.get(column))).sum()
    };
    for column in ["target", "expected", "gap"] {
        // Owners' quotas are not their team's in the sample.
        for level in ["team", "region", "product", "source"] {
            assert_eq!(sum(level, column), sum("company", column), "{level} {column}");
        }
    }
    for level in
        night.iter().collect::<Vec<_>>().chunk_by(|a, b| ["level", "period"].map(|c| a.get(c) == b.get(c)) == [true; 2])
    {
        assert!(level.is_sorted_by_key(|row| -cents(row.get("gap"))), "most behind first");
    }
}

#[test]
fn flags_choose_rows_and_change_no_number() {
    let desk = Desk::with_world(900, LAST_DAY);
    desk.nightly("--out out");
    let night = Table::read(&desk.path("out/gaps.csv"));
    let asked = table(&desk, &format!("gaps {TABLES} --by team --by source --kind quarter"));
    let wanted = |row: &Row<'_>| ["team", "source"].contains(&row.get("level")) && row.get("period_kind") == "quarter";
    let rows = |table: &Table, wanted: &dyn Fn(&Row<'_>) -> bool| -> Vec<Vec<String>> {
        let cells =
            |row: Row<'_>| ["node", "gap", "main_cause", "win_rate"].map(|column| row.get(column).to_owned()).to_vec();
        table.iter().filter(|row| wanted(row)).map(cells).collect()
    };
    assert_eq!(rows(&asked, &|_| true), rows(&night, &wanted));
    assert!(asked.rows() >= 5);
    let north = table(&desk, &format!("gaps {TABLES} --team North --by team"));
    let is_north = |row: &Row<'_>| row.get("level") == "team" && row.get("node") == "North";
    assert_eq!(rows(&north, &|_| true).len(), 3);
    assert_eq!(rows(&north, &is_north), rows(&night, &is_north));
    let label = night.column("period")[0].to_owned();
    assert!(
        table(&desk, &format!("gaps {TABLES} --period {label}")).column("period").iter().all(|period| *period == label)
    );
    for wrong in ["--category commit", "--by nonsense", "--kind week", "--team Nowhere"] {
        let refused = desk.run(&format!("gaps {TABLES} {wrong}"));
        assert_eq!(refused.code, 2, "{wrong}: {}", refused.stderr);
    }
    let without = desk.ok(&format!("gaps {TABLES} --models none --format csv"));
    assert!(without.stdout.lines().count() == 1 && without.stderr.contains("no gap attribution"), "{}", without.stderr);
}

/// The cells of a row.
fn cells<'r>(row: Row<'r>, columns: &[&str]) -> Vec<&'r str> {
    columns.iter().map(|column| row.get(column)).collect()
}

#[test]
fn without_rates_every_currency_has_gaps_and_past_forecasts_of_its_own() {
    let desk = Desk::empty();
    desk.ok("simulate --out world --deals 1200 --seed 31 --owners 8 --quiet");
    let config = desk.read("world/dealcast.toml");
    desk.write("world/dealcast.toml", config.replace("[sources.fx_rates]\npath = \"fx_rates.csv\"\n", ""));
    let world = "--config world/dealcast.toml --models models";
    desk.ok(&format!("train {world} --quiet"));
    let past = table(&desk, &format!("backtest {world} --periods 2 --cases"));
    let ranged = |row: &Row<'_>| row.get("forecaster") == "dealcast" && !row.get("p10").is_empty();
    for code in ["USD", "EUR", "GBP"] {
        for level in ["owner", "company"] {
            let of = |row: &Row<'_>| cells(*row, &["currency", "level"]) == [code, level] && ranged(row);
            assert!(past.iter().filter(of).count() > 2, "{code} {level}");
        }
    }
    assert!(past.iter().all(|row| !row.get("currency").is_empty()));
    desk.ok(&format!("run {world} --out out --quiet"));
    desk.ok("check --outputs out");
    let found = Table::read(&desk.path("out/gaps.csv"));
    assert!(found.iter().all(|row| adds_up(row) && row.get("basis") == "native"));
    let name = ["level", "node", "period", "currency"];
    let forecast = Table::read(&desk.path("out/forecast.csv"));
    let expected: BTreeMap<Vec<&str>, &str> =
        forecast.iter().map(|row| (cells(row, &name), row.get("expected"))).collect();
    let mut owners = 0;
    for row in found.iter().filter(|row| ["owner", "team", "company"].contains(&row.get("level"))) {
        assert_eq!(expected.get(&cells(row, &name)), Some(&row.get("expected")));
        owners += usize::from(row.get("level") == "owner" && !row.get("gap_cycle").is_empty());
    }
    assert!(owners > 8, "{owners} gaps of owners taken apart");
    let judged = Table::read(&desk.path("out/backtest.csv"));
    assert!(
        judged.iter().any(|row| cells(row, &["currency", "level", "forecaster"]) == ["EUR", "company", "dealcast"])
    );
}

/// Rewrites a table of the simulated world in `folder`: `change` is given every row by column and says whether it stays.
fn rewrite(desk: &Desk, name: &str, folder: &str, change: impl Fn(&mut BTreeMap<&str, String>) -> bool) {
    let mut reader = csv::Reader::from_path(desk.path(&format!("world/{name}.csv"))).unwrap();
    let header = reader.headers().unwrap().clone();
    let mut writer = csv::Writer::from_path(desk.path(&format!("{folder}/{name}.csv"))).unwrap();
    writer.write_record(&header).unwrap();
    for record in reader.records() {
        let mut row = header.iter().zip(record.unwrap().iter().map(str::to_owned)).collect();
        if change(&mut row) {
            writer.write_record(header.iter().map(|column| &row[column])).unwrap();
        }
    }
    writer.flush().unwrap();
}

#[test]
fn a_weakness_planted_in_a_team_is_named() {
    const TEAM: &str = "Europe 1";
    let desk = Desk::empty();
    desk.ok("simulate --out world --deals 6000 --seed 101 --owners 40 --one-currency --quiet");
    let users = Table::read(&desk.path("world/users.csv"));
    let team: BTreeSet<&str> = users.iter().filter(|row| row.get("team") == TEAM).map(|row| row.get("owner")).collect();
    let deals = Table::read(&desk.path("world/deals.csv"));
    let theirs = deals.iter().filter(|row| team.contains(row.get("owner")));
    // Less than half as large; three of five not there; six of seven lost instead of won.
    let ids: BTreeSet<String> = theirs.map(|row| row.get("deal_id").to_owned()).collect();
    for (weakness, cause) in
        [("deal_size", "smaller deals"), ("pipeline", "insufficient pipeline"), ("conversion", "lower win rate")]
    {
        let folder = format!("world-{weakness}");
        copy(&desk.path("world"), &desk.path(&folder));
        for table in ["deals", "stage_history", "activities"] {
            rewrite(&desk, table, &folder, |row| {
                let id = &row["deal_id"];
                if !ids.contains(id) {
                    return true;
                }
                let number: u32 = id[1..].parse().unwrap();
                match weakness {
                    "pipeline" => return number % 5 < 2,
                    "deal_size" if row.get("amount").is_some_and(|amount| !amount.is_empty()) => {
                        let amount: f64 = row["amount"].parse().unwrap();
                        row.insert("amount", format!("{:.2}", 0.4 * amount));
                    }
                    "conversion" if number % 7 < 6 && row.get("stage").is_some_and(|stage| stage == "Closed Won") => {
                        row.insert("stage", "Closed Lost".to_owned());
                        row.insert("forecast_category", String::new());
                        row.insert("probability", String::new());
                        row.insert("status", "lost".to_owned());
                    }
                    _ => {}
                }
                true
            });
        }
        desk.ok(&format!("run --config {folder}/dealcast.toml --out {folder}/out --models {folder}/models --quiet"));
        let lags = Table::read(&desk.path(&format!("{folder}/out/gaps.csv")));
        let quarter =
            |row: &Row<'_>| [row.get("level"), row.get("node"), row.get("period_kind")] == ["team", TEAM, "quarter"];
        let row = lags.iter().find(quarter).unwrap();
        assert_eq!([row.get("status"), row.get("main_cause")], ["behind", cause]);
        assert!(adds_up(row));
    }
}

/// Copies the files of a folder.
fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap).filter(|entry| entry.path().is_file()) {
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}
