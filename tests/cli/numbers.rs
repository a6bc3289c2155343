//! Numbers that cannot be: an expectation below zero, owners that do not add up to the company, an interval beyond the
//! ends of its measure, a chance to reach a quota there is none of.

use std::collections::BTreeMap;

use crate::harness::{Desk, Row, Table};

/// A simulated world of few deals, and its nightly run.
fn desk(world: &str) -> Desk {
    let desk = Desk::empty();
    desk.ok(&format!("simulate --deals 300 --out world {world}"));
    desk
}

fn run(desk: &Desk) -> Table {
    desk.ok("run --config world/dealcast.toml --models models --out out");
    Table::read(&desk.path("out/forecast.csv"))
}

fn number(row: Row, column: &str) -> Option<f64> {
    row.get(column).parse().ok()
}

/// The table with other cells, given by row and column.
fn rewrite(desk: &Desk, name: &str, cell: impl Fn(Row, &str) -> String) {
    let table = Table::read(&desk.path(name));
    let mut changed = csv::Writer::from_path(desk.path(name)).unwrap();
    changed.write_record(table.names()).unwrap();
    for row in table.iter() {
        changed.write_record(table.names().map(|name| cell(row, name))).unwrap();
    }
    changed.flush().unwrap();
}

/// Money in minor units.
fn minor(row: Row, column: &str) -> i128 {
    row.get(column).replace('.', "").parse().unwrap_or(0)
}

#[test]
fn nothing_is_expected_to_bring_less_than_nothing() {
    for world in ["--seed 100", "--seed 7 --rush 10", "--seed 11 --rush 1 --one-currency"] {
        let forecast = run(&desk(world));
        let expected: Vec<f64> = forecast.iter().filter_map(|row| number(row, "expected_from_open")).collect();
        assert!(expected.iter().any(|expected| *expected > 0.0), "{world}");
        let below: Vec<&f64> = expected.iter().filter(|expected| **expected < 0.0).collect();
        assert!(below.is_empty(), "{world}: {below:?}");
    }
}

#[test]
fn a_deal_is_expected_to_bring_what_its_amount_has_the_sign_of() {
    let desk = desk("--seed 100");
    // A third of the deals are credit notes, now and in their history.
    let is_credit = |row: Row| row.get("deal_id").ends_with(['0', '3', '6']);
    for table in ["world/deals.csv", "world/stage_history.csv"] {
        rewrite(&desk, table, |row, name| match name {
            "amount" if is_credit(row) && !row.get(name).is_empty() => format!("-{}", row.get(name)),
            _ => row.get(name).to_owned(),
        });
    }
    desk.ok("run --config world/dealcast.toml --models models --out out");
    let printed = desk.ok("forecast --config world/dealcast.toml --models models --by-deal --format csv --quiet");
    let (mut credits, mut by_deal) = (0, BTreeMap::new());
    let listed = Table::parse(&printed.stdout);
    for row in listed.iter().filter(|row| row.get("level") == "company") {
        let Some(win) = number(row, "win_in_period") else { continue };
        let (amount, expected) = (minor(row, "amount"), minor(row, "expected"));
        assert!((0.0..=1.0).contains(&win), "{win}");
        assert!(amount.signum() * expected.signum() >= 0, "{amount} {expected}");
        credits += usize::from(expected < 0);
        let kind = row.get("period_kind").to_owned();
        *by_deal.entry((row.get("deal_id").to_owned(), kind)).or_insert(0.0) += win;
    }
    assert!(credits > 0 && by_deal.values().all(|win| *win <= 1.0 + 1e-9), "{by_deal:?}");
}

/// Columns of which a level's nodes add up to the company.
const ADDITIVE: [&str; 16] = [
    "won",
    "lost",
    "pipeline",
    "best_case",
    "commit",
    "omitted",
    "weighted",
    "expected_from_open",
    "expected_from_new",
    "expected",
    "overdue",
    "won_deals",
    "lost_deals",
    "open_deals",
    "overdue_deals",
    "deals_without_amount",
];

#[test]
fn every_level_adds_up_to_the_company() {
    for (world, kind) in [
        ("--seed 3141 --missing 0.35 --owners 100 --activity 7.9 --one-currency", "half"),
        ("--seed 5 --owners 40", "quarter"),
    ] {
        let desk = desk(world);
        let config = desk.read("world/dealcast.toml");
        desk.write(
            "world/dealcast.toml",
            config.replace("score_period = \"quarter\"", &format!("score_period = {kind:?}")),
        );
        let mut sums: BTreeMap<[String; 4], BTreeMap<String, i128>> = BTreeMap::new();
        for row in run(&desk).iter().filter(|row| row.get("level") != "manager") {
            for column in ADDITIVE {
                let key = [row.get("period"), row.get("basis"), row.get("currency"), column].map(str::to_owned);
                *sums.entry(key).or_default().entry(row.get("level").to_owned()).or_default() += minor(row, column);
            }
        }
        for (key, levels) in &sums {
            let company = levels.get("company");
            assert!(levels.values().all(|sum| Some(sum) == company), "{world}, {key:?}: {levels:?}");
        }
    }
}

#[test]
fn an_interval_lies_within_the_range_of_its_measure() {
    for seed in [3, 17, 23] {
        let desk = Desk::empty();
        desk.ok(&format!("simulate --deals 220 --out world --seed {seed}"));
        let trained = desk.run("train --config world/dealcast.toml --models models --format csv --quiet");
        assert_eq!(trained.code, 0, "{}", trained.stderr);
        let evaluation = Table::parse(&trained.stdout);
        for row in evaluation.iter() {
            for (measure, highest) in [("auc", 1.0), ("brier", 1.0), ("log_loss", f64::INFINITY)] {
                let ends = ["", "_low", "_high"].map(|end| number(row, &format!("{measure}{end}")));
                let [Some(value), Some(low), Some(high)] = ends else { continue };
                let is_within = 0.0 <= low && low <= value && value <= high && high <= highest;
                assert!(
                    is_within,
                    "seed {seed}, {measure} of {} {}: {low} {value} {high}",
                    row.get("model"),
                    row.get("scope")
                );
            }
        }
    }
}

#[test]
fn a_quota_below_zero_has_no_attainment_and_no_chance() {
    let desk = desk("--seed 100");
    rewrite(&desk, "world/quotas.csv", |row, name| match name {
        "quota" if row.get("period").ends_with(['1', '3', '5']) => format!("-{}", row.get(name)),
        "quota" => "0".to_owned(),
        _ => row.get(name).to_owned(),
    });
    let forecast = run(&desk);
    let with = |is: fn(f64) -> bool| -> Vec<Row> {
        forecast.iter().filter(|row| number(*row, "quota").is_some_and(is)).collect()
    };
    let (below, zero) = (with(|quota| quota < 0.0), with(|quota| quota == 0.0));
    assert!(!below.is_empty() && !zero.is_empty());
    for column in ["attainment", "expected_attainment", "coverage", "p_hit_quota", "deals_to_close"] {
        assert!(below.iter().all(|row| row.get(column).is_empty()), "{column}");
    }
    assert!(zero.iter().all(|row| row.get("attainment").is_empty() && row.get("expected_attainment").is_empty()));
    let all = below.iter().chain(&zero);
    assert!(all.into_iter().all(|row| minor(*row, "gap") == minor(*row, "quota") - minor(*row, "won")));
    let gaps = Table::read(&desk.path("out/gaps.csv"));
    assert!(gaps.rows() > 0 && gaps.iter().all(|row| number(row, "deals_needed").is_none_or(|needed| needed >= 0.0)));
    let findings = desk.read("out/findings.json");
    assert!(findings.contains("forecast.negative_quota"));
}

#[test]
fn of_very_many_columns_those_screened_out_are_named() {
    let desk = desk("--seed 5");
    let deals = desk.read("world/deals.csv");
    let bit = |row: usize, column: usize| row.wrapping_mul(2_654_435_761).wrapping_mul(2 * column + 1) >> 13 & 1;
    let more = |(row, line): (usize, &str)| {
        let cell = |column: usize| match row {
            0 => format!(",extra_{column:03}"),
            _ => format!(",{}", ["no", "yes"][bit(row, column)]),
        };
        format!("{line}{}\n", (0..450).map(cell).collect::<String>())
    };
    desk.write("world/deals.csv", deals.lines().enumerate().map(more).collect::<String>());
    run(&desk);
    let findings: serde_json::Value = serde_json::from_str(&desk.read("out/findings.json")).unwrap();
    let all = findings["sections"].as_array().unwrap().iter().flat_map(|of| of["findings"].as_array().unwrap());
    let screened = all.filter(|finding| finding["code"] == "model.screened_columns").count();
    assert_eq!(screened, 1, "said once, with the names");
}
