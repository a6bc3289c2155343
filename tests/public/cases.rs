//! Small inputs made after public reports, each with what is right (`expect` in its folder): `../shared/cases`.

use std::path::Path;

use dealcast::config::{Config, TableSource};
use dealcast::domain::inputs::InputTable;
use dealcast::domain::progress::NoProgress;
use dealcast::ingest::load;

use crate::harness::{Desk, Finished, Table};
use crate::ingest_world::amounts_minor;

/// A desk with the files of a case.
fn desk(cases: &Path, case: &str) -> Desk {
    let desk = Desk::empty();
    for file in std::fs::read_dir(cases.join(case)).unwrap() {
        let file = file.unwrap();
        desk.write(&file.file_name().into_string().unwrap(), std::fs::read(file.path()).unwrap());
    }
    desk
}

/// The cell in `column` of the first row with the `wanted` cells.
fn cell(finished: &Finished, wanted: &[(&str, &str)], column: &str) -> String {
    let table = Table::parse(&finished.stdout);
    let mut rows = table.iter().filter(|row| wanted.iter().all(|(name, value)| row.get(name) == *value));
    rows.next().unwrap_or_else(|| panic!("no row {wanted:?}: {}", finished.stdout)).get(column).to_owned()
}

fn stage(funnel: &Finished, stage: &str, column: &str) -> String {
    cell(funnel, &[("cohort", "all"), ("stage", stage)], column)
}

/// Won, lost and open deals.
fn ends(desk: &Desk, tables: &str) -> [String; 3] {
    let total = desk.ok(&format!("sources --total --format csv {tables}"));
    // one row per source
    let table = Table::parse(&total.stdout);
    let sum = |column: &str| table.column(column).iter().map(|deals| deals.parse::<u64>().unwrap()).sum::<u64>();
    ["won", "lost", "open"].map(|column| sum(column).to_string())
}

fn company(desk: &Desk, arguments: &str, column: &str) -> String {
    let forecast = desk.ok(&format!("forecast --format csv {arguments}"));
    cell(&forecast, &[("level", "company"), ("basis", "base")], column)
}

pub fn odoo_lost_archived(cases: &Path) {
    let desk = desk(cases, "odoo-lost-archived");
    for file in ["big.csv", "big_nostatus_open.csv"] {
        let tables = format!("--config /dev/null --deals {file} --as-of 2025-11-25");
        let funnel = desk.ok(&format!("funnel --format csv {tables}"));
        assert_eq!(["New", "Qualified", "Proposition"].map(|of| stage(&funnel, of, "open")), ["15", "20", "12"]);
        assert_eq!(ends(&desk, &tables), ["80", "300", "47"]);
        assert_eq!(company(&desk, &format!("{tables} --period 2025-Q4"), "pipeline"), "235400.00");
        let checked = desk.ok(&format!("check {tables}")).stderr;
        assert!(checked.contains("New (open)") && checked.contains("Won (won)"), "{checked}");
    }
    let checked = desk.ok("check --config dealcast_status.toml").stderr;
    assert!(checked.contains("New (open)") && checked.contains("Proposition (open)"), "{checked}");
}

pub fn pipedrive_zero_dates(cases: &Path) {
    let desk = desk(cases, "pipedrive-zero-dates");
    assert_eq!(ends(&desk, ""), ["40", "78", "2"]);
    assert!(desk.ok("history 2 --format csv").stdout.contains("Proposal Made,Lost"));
}

pub fn same_day_moves(cases: &Path) {
    let desk = desk(cases, "same-day-moves");
    for history in ["history.csv", "history_rev.csv", "log.csv", "log_rev.csv"] {
        let funnel = desk.ok(&format!("funnel --format csv --deals deals.csv --stage-history {history}"));
        for of in ["Proposal", "Negotiation"] {
            let told = ["entered", "skipped", "moves_back"].map(|column| stage(&funnel, of, column));
            assert_eq!(told, ["30", "0", "0"], "{history}, {of}");
        }
    }
    for history in ["n_hist.csv", "n_hist_oldest_first.csv"] {
        let tables = format!("--deals n_deals.csv --stage-history {history} --as-of 2025-04-01");
        assert_eq!(ends(&desk, &tables), ["20", "20", "0"]);
    }
}

pub fn deleted_and_same_stage(cases: &Path) {
    let desk = desk(cases, "deleted-and-same-stage");
    for history in ["history.csv", "fieldlog.csv"] {
        let tables = format!("--deals deals.csv --stage-history {history} --config /dev/null");
        let funnel = desk.ok(&format!("funnel --format csv {tables}"));
        assert_eq!(stage(&funnel, "New", "median_days"), "10", "{history}");
        let checked = desk.ok(&format!("check --format csv {tables}"));
        assert_eq!(cell(&checked, &[("rule", "empty_new_value")], "count"), "60");
    }
}

pub fn history_currency(cases: &Path) {
    let desk = desk(cases, "history-currency");
    let tables = "--deals deals.csv --stage-history history.csv --fx-rates fx.csv";
    assert_eq!(company(&desk, &format!("{tables} --as-of 2025-02-01 --period 2025-Q1"), "pipeline"), "2200.00");
}

pub fn backdated(cases: &Path) {
    let desk = desk(cases, "backdated");
    assert_eq!(company(&desk, "--config w.toml --period 2025-01", "won"), "100.00");
    assert_eq!(company(&desk, "--config w.toml --period 2025-03", "won"), "0.00");
}

pub fn hubspot_standard_export(cases: &Path) {
    let desk = desk(cases, "hubspot-standard-export");
    let tables = "--config /dev/null --deals hubspot-crm-exports-all-deals.csv";
    assert_eq!(ends(&desk, tables), ["40", "78", "2"]);
    let checked = desk.ok(&format!("check {tables}")).stderr;
    assert!(checked.contains("\"Record ID\" as deal_id") && !checked.contains("without fx_rates"), "{checked}");
    let smallest = desk.ok("check --deals min.csv --config /dev/null").stderr;
    assert!(smallest.contains("data as of 2025-02-21"), "{smallest}");
}

pub fn wide_stage_dates(cases: &Path) {
    let desk = desk(cases, "wide-stage-dates");
    desk.write(
        "dealcast.toml",
        "[sources.deals]\npath = \"deals.csv\"\ncolumns = { deal_id = { join = [\"CreateDate\", \"utm_campaign\"] }, created_at = \"CreateDate\" }\n\
         constants = { stage = \"Neu\" }\n[sources.stage_history]\npath = \"deals.csv\"\n\
         columns = { deal_id = { join = [\"CreateDate\", \"utm_campaign\"] } }\n\
         [sources.stage_history.entered]\n\"CreateDate\" = \"Neu\"\n\"Erstgespräch\" = \"Erstgespräch\"\n\"Abschlussgespräch\" = \"Abschlussgespräch\"\n\
         \"Angebot unterschrieben\" = \"Gewonnen\"\n\"Absage\" = \"Absage\"\n",
    );
    let checked = desk.ok("check").stderr;
    assert!(
        checked.contains("Neu (open) > Erstgespräch (open) > Abschlussgespräch (open) > Gewonnen (won)"),
        "{checked}"
    );
}

pub fn status_vs_stage(cases: &Path) {
    let desk = desk(cases, "status-vs-stage");
    let tables = "--deals deals.csv --as-of 2025-03-01";
    assert_eq!(company(&desk, &format!("{tables} --period 2025-Q1"), "won"), "219.00");
    assert_eq!(company(&desk, &format!("{tables} --period 2025-Q1"), "lost"), "103.00");
    let checked = desk.ok(&format!("check --format csv {tables}"));
    assert_eq!(cell(&checked, &[("rule", "contradicting_outcome")], "line"), "6");
}

pub fn status_words(cases: &Path) {
    let desk = desk(cases, "status-words");
    let total = desk.ok("sources --total --deals deleted.csv --config /dev/null --format csv");
    assert_eq!(cell(&total, &[("period", "all")], "win_rate"), "0.6");
    for known in [1, 2, 3, 4, 5, 7, 8, 9, 16, 18, 19] {
        desk.ok(&format!("check --deals w{known}.csv --config /dev/null"));
    }
    for unknown in [6, 12, 13, 14, 15, 17] {
        let told = desk.run(&format!("check --deals w{unknown}.csv --config /dev/null"));
        assert!(told.code == 3 && told.stderr.contains("sources.deals.values.status"), "{unknown}: {}", told.stderr);
    }
}

pub fn missing_rate(cases: &Path) {
    let desk = desk(cases, "missing-rate");
    let tables = "--deals deals.csv --fx-rates fx_rates.csv --quotas quotas.csv --as-of 2025-03-01";
    let checked = desk.ok(&format!("check {tables}")).stderr;
    assert!(checked.contains("2 deals without an exchange rate") && checked.contains("2 in VND"), "{checked}");
    assert_eq!(company(&desk, &format!("{tables} --period 2025-Q1"), "won"), "320.00");
    desk.ok(&format!("run {tables} --out out"));
}

pub fn windows_1251(cases: &Path) {
    let desk = desk(cases, "windows-1251");
    for file in ["dealcast.toml", "sjis.toml"] {
        let config = desk.read(file).replace("encoding = \"shift_jis\"\n", "");
        desk.write("dealcast.toml", config);
        let checked = desk.ok("check").stderr;
        let (encoding, sample) =
            if file == "sjis.toml" { ("shift_jis", "成約") } else { ("windows-1251", "Сделка успешна") };
        assert!(checked.contains(&format!("encoding {encoding} (")) && checked.contains(sample), "{checked}");
    }
    let checked = desk.ok("check --deals ascii_header.csv --config /dev/null").stderr;
    assert!(checked.contains("windows-1251") && checked.contains("Сделка провалена (lost)"), "{checked}");
}

pub fn date_order(cases: &Path) {
    let desk = desk(cases, "date-order");
    let checked = desk.ok("check --deals one_column_tells.csv").stderr;
    assert!(checked.contains("closed_at with day first, as the other columns"), "{checked}");
    for file in ["mixed_orders.csv", "mixed2.csv"] {
        let told = desk.run(&format!("check --deals {file}"));
        assert!(
            told.code == 3 && told.stderr.contains("line 2 (") && told.stderr.contains("line 3 ("),
            "{}",
            told.stderr
        );
    }
    assert!(desk.run("check --deals never_tells.csv").stderr.contains("tells day from month"));
}

pub fn amount_forms(cases: &Path) {
    let folder = cases.join("amount-forms");
    let right: serde_json::Value = serde_json::from_slice(&std::fs::read(folder.join("right.json")).unwrap()).unwrap();
    for (file, amounts) in right.as_object().unwrap() {
        let mut config = Config::default();
        config.sources.set(InputTable::Deals, TableSource::at(format!("{file}.csv")));
        let minor = |amount: &serde_json::Value| amount.as_f64().map(|amount| (amount * 100.0).round() as i64);
        match load(&config, &folder, &NoProgress) {
            Ok(loaded) => {
                let expected: Vec<Option<i64>> = amounts.as_array().unwrap().iter().map(minor).collect();
                assert_eq!(amounts_minor(&loaded), expected, "{file}");
            }
            Err(error) => {
                let told = error.to_string();
                assert!(file == "mixed" && told.contains("line 2") && told.contains("line 3"), "{file}: {told}");
            }
        }
    }
}

pub fn trailing_empty(cases: &Path) {
    let desk = desk(cases, "trailing-empty");
    for file in [
        "blank_headers",
        "rows_longer",
        "blank_header_with_data",
        "newline_header",
        "sep_line",
        "title_rows",
        "dup_notes",
        "quoted_tail_newline",
        "bare_newline",
    ] {
        let checked = desk.ok(&format!("check --deals {file}.csv --config /dev/null")).stderr;
        assert!(checked.contains("120 used"), "{file}: {checked}");
    }
    let unnamed = desk.ok("check --deals blank_header_with_data.csv --config /dev/null --format csv");
    assert_eq!(cell(&unnamed, &[("rule", "unnamed_column")], "value"), "has data D0000");
    assert!(desk.run("check --deals dup_headers.csv --config /dev/null").stderr.contains("at positions 4 and 6"));
    for config in ["ig1.toml", "ig2.toml"] {
        let total = desk.ok(&format!("sources --total --format csv --config {config}"));
        assert_eq!(cell(&total, &[("period", "all")], "revenue"), "1785200.00", "the first of the two amounts");
    }
}
