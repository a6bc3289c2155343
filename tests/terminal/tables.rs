//! Tables of the sample on a terminal: what people ask first is whole at every width, in every language, with the numbers of
//! the Parquet file.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use arrow::array::RecordBatch;
use dealcast::report::cell::{Cell, TableCells};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::json;

use super::play;

pub const TESTS: [(&str, fn()); 5] = [
    ("a_french_forecast_has_the_numbers_of_the_parquet_file", a_french_forecast_has_the_numbers_of_the_parquet_file),
    ("a_french_list_of_scores_has_the_numbers_of_the_parquet_file", a_french_list_of_scores_has_its_numbers),
    ("findings_are_in_french_beside_tables", findings_are_in_french_beside_tables),
    ("no_line_is_wider_than_the_terminal", no_line_is_wider_than_the_terminal),
    ("colours_are_shown_where_they_are_wanted", colours_are_shown_where_they_are_wanted),
];

/// The narrow blank between digits, and before a percent sign.
const THIN: char = '\u{202f}';

fn home() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A command about the sample with the model of the repository.
fn arguments(command: &str) -> Vec<String> {
    let home = home();
    let current = std::fs::read_to_string(home.join("models/current")).unwrap();
    let words = command.split_whitespace().map(str::to_owned);
    let mut all: Vec<String> = words.collect();
    let path = |name: &str| home.join(name).display().to_string();
    all.extend(["--config".to_owned(), path("data/sample/dealcast.toml"), "--no-progress".to_owned()]);
    if !command.starts_with("stagnation") && !command.starts_with("funnel") && !command.starts_with("sources") {
        all.extend(["--model".to_owned(), path(&format!("models/{}.json", current.trim()))]);
    }
    all
}

/// What a terminal of `width` characters shows, line by line.
fn shown(command: &str, width: u16, environment: &[(&str, &str)]) -> Vec<String> {
    let mut words = vec![env!("CARGO_BIN_EXE_dealcast").to_owned()];
    words.extend(arguments(command));
    let environment: BTreeMap<&str, &str> =
        [("TERM", "xterm")].into_iter().chain(environment.iter().copied()).collect();
    let folder = tempfile::tempdir().unwrap();
    let (seen, code) = play(
        &json!({ "command": words, "folder": folder.path(), "talk": [], "width": width, "environment": environment }),
    );
    assert_eq!(code, 0, "{command}: {seen}");
    seen.lines().map(|line| line.trim_end_matches('\r').to_owned()).collect()
}

/// The same without colours.
fn plain(command: &str, width: u16) -> Vec<String> {
    shown(command, width, &[("NO_COLOR", "1")])
}

/// The table as Parquet.
fn parquet(command: &str) -> RecordBatch {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("table.parquet");
    let mut words = arguments(command);
    words.extend(["--format", "parquet"].map(str::to_owned));
    let program = Path::new(env!("CARGO_BIN_EXE_dealcast"));
    let out = File::create(&path).unwrap();
    let status = Command::new(program).args(words).stdout(out).stderr(Stdio::null()).status().unwrap();
    assert!(status.success(), "{command}");
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap();
    let batches: Vec<RecordBatch> = reader.with_batch_size(1 << 20).build().unwrap().map(Result::unwrap).collect();
    assert_eq!(batches.len(), 1, "{command} in one batch");
    batches.into_iter().next().unwrap()
}

/// The digits of a number in groups of three.
fn grouped(number: i128) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut said = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            said.push(THIN);
        }
        said.push(digit);
    }
    if number < 0 { format!("-{said}") } else { said }
}

/// Money in whole units, halves to the even one.
fn money(cell: Cell<'_>) -> String {
    let Cell::Money(minor, scale) = cell else { return String::new() };
    let unit = 10_i128.pow(scale);
    let (whole, rest) = (minor.div_euclid(unit), minor.rem_euclid(unit));
    let up = 2 * rest > unit || (2 * rest == unit && whole % 2 != 0);
    grouped(whole + i128::from(up))
}

fn percent(cell: Cell<'_>) -> String {
    cell.number().map_or_else(String::new, |share| format!("{:.1}{THIN}%", 100.0 * share).replace('.', ","))
}

/// The cells of a line, which two blanks or more divide.
fn cells(line: &str) -> Vec<&str> {
    line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect()
}

fn a_french_forecast_has_the_numbers_of_the_parquet_file() {
    let command = "forecast --level team --level company --period 2026-Q1";
    let batch = parquet(command);
    let table = TableCells(&batch);
    let lines = plain(&format!("{command} --locale fr"), 200);
    let head = lines.iter().position(|line| line.contains("Couverture")).expect("headings");
    assert!(lines[..=head + 1].join(" ").contains("Attendu"), "{lines:?}");
    let bases = (0..table.rows()).filter(|row| table.at("basis", *row) == Cell::Text("base"));
    let mut compared = 0;
    for row in bases {
        let name = table.at("node_name", row).text().unwrap();
        let name = if name == "company" { "entreprise" } else { name };
        let line = lines.iter().find(|line| line.trim_start().starts_with(&format!("{name} "))).expect(name);
        let cells = cells(line);
        for column in ["quota", "won", "gap", "expected", "p10", "p90"] {
            let expected = money(table.at(column, row));
            assert!(!expected.is_empty() && cells.contains(&expected.as_str()), "{name} {column} {expected}: {line}");
            compared += 1;
        }
        let chance = percent(table.at("p_hit_quota", row));
        assert!(cells.contains(&chance.as_str()), "{name} {chance}: {line}");
    }
    assert_eq!(compared, 6 * 6, "five teams and the company");
}

fn a_french_list_of_scores_has_its_numbers() {
    let batch = parquet("score");
    let table = TableCells(&batch);
    let lines = plain("score --locale fr", 200);
    for row in 0..40 {
        let id = table.at("deal_id", row).text().unwrap();
        let line = lines.iter().find(|line| line.contains(id)).expect(id);
        let cells = cells(line);
        let (amount, chance) = (money(table.at("amount", row)), percent(table.at("win_in_period", row)));
        for expected in [&amount, &chance].into_iter().filter(|expected| !expected.is_empty()) {
            assert!(cells.contains(&expected.as_str()), "{id} {expected}: {line}");
        }
        let close = table.at("predicted_close_date", row).to_string();
        if let [year, month, day] = close.split('-').collect::<Vec<_>>()[..] {
            assert!(line.contains(&format!("{day}/{month}/{year}")), "{id} {close}: {line}");
        }
        let owner = table.at("owner", row).text().unwrap();
        assert!(!cells.contains(&owner), "{id} has the id of its owner: {line}");
    }
}

fn findings_are_in_french_beside_tables() {
    let lines = plain("explain D00001750 --locale fr", 120);
    let all = lines.join("\n");
    assert!(
        all.contains("D00001750\u{a0}: probabilité de gain ") || all.contains("D00001750 : probabilité de gain "),
        "{all}"
    );
    assert!(all.contains("taux de base") && all.contains("Raison"), "{all}");
    let lines = plain("history D00001750 --locale fr", 120);
    let told = |line: &String| line.contains("D00001750") && line.contains(" au 14/02/2026");
    assert!(lines.iter().any(told), "{lines:?}");
}

/// What people look at first of every table, as it is in English; whole at the width.
const FIRST: [(&str, u16, &[&str]); 8] = [
    ("forecast --period 2026-Q1", 80, &["quota", "won", "gap", "expected", "p10", "p90", "quota"]),
    ("forecast --period 2026-Q1", 100, &["quota", "won", "gap", "expected", "p10", "p90", "coverage"]),
    ("forecast --by-deal", 80, &["deal_id", "name", "expected"]),
    ("score", 80, &["deal_id", "name", "score", "grade", "amount"]),
    ("score", 140, &["deal_id", "name", "score", "amount", "stage", "owner", "trend"]),
    ("stagnation", 80, &["deal_id", "name", "amount", "stage"]),
    ("actions", 80, &["deal_id", "owner_name", "due", "what"]),
    ("gaps", 80, &["node_name", "target", "expected", "gap", "status"]),
];

fn no_line_is_wider_than_the_terminal() {
    for (command, width, columns) in FIRST {
        let lines = plain(command, width);
        for line in &lines {
            // Findings are sentences, which the terminal breaks.
            let is_row = line.starts_with(' ') || line.contains('─');
            assert!(!is_row || line.chars().count() <= usize::from(width), "{command} at {width}: {line}");
        }
        let rule = lines.iter().position(|line| line.contains('─')).expect("a line under the headings");
        let headings = lines[..rule].iter().rev().take_while(|line| line.starts_with(' ')).cloned().collect::<String>();
        for column in columns {
            assert!(headings.contains(column), "{command} at {width} has no {column}: {headings}");
        }
    }
    for command in ["forecast", "score", "stagnation", "actions", "forecast --by-deal", "gaps", "funnel", "sources"] {
        for (width, locale) in [(60, "fr"), (80, "fr"), (100, "fr"), (140, "fr"), (60, "en"), (140, "en")] {
            for line in plain(&format!("{command} --quiet --locale {locale}"), width) {
                let left_out = line.starts_with('…') || !line.starts_with(' ');
                assert!(left_out || line.chars().count() <= usize::from(width), "{command} at {width}: {line}");
            }
        }
    }
}

fn colours_are_shown_where_they_are_wanted() {
    let coloured = shown("forecast --period 2026-Q1 --quiet", 140, &[("COLORTERM", "truecolor")]).join("\n");
    assert!(coloured.contains("\u{1b}["), "{coloured}");
    let plain = plain("forecast --period 2026-Q1 --quiet", 140).join("\n");
    assert!(!plain.contains('\u{1b}'), "{plain}");
    let without = |text: &str| {
        let mut parts = text.split('\u{1b}');
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |said, part| said + part.split_once('m').map_or(part, |(_, rest)| rest))
    };
    assert_eq!(without(&coloured), plain, "the same but for the colours");
}
