//! `report.xlsx`: every cell is that of the outputs, and the file is one a spreadsheet opens without a word.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use calamine::Data;

use crate::harness::{Desk, MARKETING, Row, Table, names};
use crate::opened_workbook::{OpenedWorkbook, SheetTable};
use crate::world::World;

/// Texts that are said otherwise in the workbook.
const REWORDED: [&str; 4] = ["owner", "manager", "positive_factors", "negative_factors"];

/// A world with everything, its run in `out`.
fn desk() -> Desk {
    let desk = Desk::with_world(600, 700);
    World::new(600).marketing(&desk.path(""), 700);
    desk.nightly(&format!("--out out {MARKETING}"));
    desk
}

/// The columns of a table, in the order of the sheet: the first line of the notes of its headings.
fn columns(book: &OpenedWorkbook, table: &SheetTable) -> Vec<String> {
    let notes: BTreeMap<(u32, u32), String> = book.notes(table.sheet).into_iter().collect();
    let places = (table.from.1..=table.to.1).map(|column| (table.from.0, column));
    let names =
        places.map(|place| notes[&place].lines().next().expect("a line").split('.').nth(1).expect("a name").to_owned());
    names.collect()
}

/// Whether a cell says what a CSV file says.
fn agrees(cell: &Data, text: &str) -> bool {
    match cell {
        Data::Empty => text.is_empty(),
        Data::Bool(flag) => flag.to_string() == text,
        Data::String(said) => said == text,
        Data::Float(number) => text.parse::<f64>().is_ok_and(|expected| expected == *number),
        Data::Int(number) => text.parse::<i64>().is_ok_and(|expected| expected == *number),
        Data::DateTime(day) => {
            let date: jiff::civil::Date = text.parse().expect("a date");
            let since = date.since(jiff::civil::date(1899, 12, 30)).expect("days").get_days();
            f64::from(since) == day.as_f64()
        }
        _ => false,
    }
}

/// The rows of a table that its sheet shows.
fn shown<'t>(table: &'t Table, name: &str, as_of: &str) -> Vec<Row<'t>> {
    let has = |column: &str| table.names().any(|known| known == column);
    let base = has("basis") && table.iter().any(|row| row.get("basis") == "base");
    let wanted = |row: &Row<'_>| {
        !base || !["forecast", "gaps", "waterfall", "waterfall_since_run"].contains(&name) || row.get("basis") == "base"
    };
    let coming = |row: &Row<'_>| name != "forecast" || row.get("period_end") >= as_of;
    table.iter().filter(wanted).filter(coming).collect()
}

#[test]
fn every_cell_of_the_workbook_is_that_of_the_outputs() {
    let desk = desk();
    let manifest: serde_json::Value = serde_json::from_str(&desk.read("out/manifest.json")).expect("JSON");
    let as_of = manifest["as_of"].as_str().expect("a day");
    let book = OpenedWorkbook::open(&desk.path("out/report.xlsx"));
    let (mut cells, mut formulas, mut compared) = (0, 0, BTreeSet::new());
    for table in book.tables() {
        let name = table.name.trim_start_matches("dc_");
        let path = desk.path(&format!("out/{name}.csv"));
        if !path.exists() {
            continue;
        }
        let (csv, columns) = (Table::read(&path), columns(&book, &table));
        assert_eq!(columns.iter().map(String::as_str).collect::<BTreeSet<_>>(), csv.names().collect(), "{name}");
        let rows = shown(&csv, name, as_of);
        assert_eq!(rows.len() as u32, table.to.0 - table.from.0, "{name}: as many rows");
        for (place, row) in (table.from.0 + 1..).zip(&rows) {
            for (at, column) in (table.from.1..).zip(&columns) {
                let (cell, text) = (book.cell(table.sheet, (place, at)), row.get(column));
                // Percentages of sentences are written as the language writes them.
                let worded = text.replace(" %", "%");
                let ok = agrees(&cell, text)
                    || agrees(&cell, &worded)
                    || (REWORDED.contains(&column.as_str()) && !text.is_empty());
                assert!(ok, "{name}.{column} in row {place}: {cell:?}, expected {text:?}");
                cells += 1;
            }
        }
        formulas += book.formulas(table.sheet).len();
        compared.insert(name.to_owned());
    }
    let without = ["deal_changes.parquet", "period_deals.parquet"];
    let parquet = |name: &String| name.ends_with(".parquet") && !without.contains(&name.as_str());
    let files = names(&desk.path("out")).iter().filter(|name| parquet(name)).count();
    assert_eq!(book.sheets.len(), files + 4, "a sheet for each table, and overview, charts, findings, definitions");
    assert!(
        compared.len() >= 14 && cells > 3_000 && formulas > 200,
        "{compared:?}, {cells} cells, {formulas} formulas"
    );
    // Sums above the tables, and what owners add up to.
    let overview = book.formulas(1);
    assert!(overview.iter().any(|(_, formula)| formula.starts_with("SUMPRODUCT(")), "{overview:?}");
    for (place, _) in overview.iter().filter(|(_, formula)| formula.starts_with("ROUND(B")) {
        assert!(matches!(book.cell(1, *place), Data::Float(0.0)), "owners add up to the company: {place:?}");
    }
}

#[test]
fn deals_without_an_amount_count_in_the_workbook_as_in_the_outputs() {
    // In the sample deals that had no amount were won, so that one without is worth something.
    let desk = Desk::empty();
    desk.ok(&format!("run --config {} --out out", concat!(env!("CARGO_MANIFEST_DIR"), "/data/sample/dealcast.toml")));
    let csv = |name: &str| Table::read(&desk.path(&format!("out/{name}.csv")));
    let (scores, parts, forecast) = (csv("scores"), csv("period_deals"), csv("forecast"));
    let number = |text: &str| text.parse::<f64>().expect("a number");
    let open: Vec<Row<'_>> = parts.iter().filter(|row| row.get("status") == "open").collect();
    let (period, sum) = (open[0].get("period"), open.iter().map(|row| number(row.get("base_expected"))).sum::<f64>());
    let unknown = open.iter().filter(|row| row.get("amount").is_empty());
    let estimated = unknown.map(|row| number(row.get("base_expected"))).sum::<f64>();
    assert!(estimated > 1_000.0, "deals without an amount bring {estimated}");

    let book = OpenedWorkbook::open(&desk.path("out/report.xlsx"));
    let tables = book.tables();
    let sheet = |name: &str| tables.iter().find(|table| table.name == format!("dc_{name}")).expect("a table");
    let at = |table: &SheetTable, row: u32, column: &str| {
        let place = columns(&book, table).iter().position(|known| known == column).expect("a column") as u32;
        book.cell(table.sheet, (table.from.0 + 1 + row, table.from.1 + place))
    };
    let deals = sheet("scores");
    let mut without = 0;
    for (place, row) in (0..).zip(scores.iter()) {
        let (amount, value) = (at(deals, place, "amount"), at(deals, place, "expected_value"));
        assert_eq!(amount == Data::Empty, row.get("amount").is_empty(), "{amount:?}");
        assert!(agrees(&value, row.get("expected_value")), "{value:?}");
        without += u32::from(amount == Data::Empty);
    }
    assert!(without > 4, "{without} deals have no amount");
    let shown = shown(&forecast, "forecast", "2026-02-14");
    let place = shown.iter().position(|row| row.get("level") == "company" && row.get("period") == period);
    let Data::Float(expected) = at(sheet("forecast"), place.expect("a row") as u32, "expected_from_open") else {
        panic!("nothing is expected of open deals");
    };
    assert!((expected - sum).abs() < 0.01 * open.len() as f64, "{expected} with the {estimated} of {sum}");
}

#[test]
fn a_spreadsheet_finds_nothing_to_repair() {
    let desk = desk();
    let book = OpenedWorkbook::open(&desk.path("out/report.xlsx"));
    let names = book.names();
    let different: BTreeSet<String> = names.iter().map(|name| name.to_lowercase()).collect();
    assert_eq!(different.len(), names.len(), "names of sheets differ: {names:?}");
    assert!(names.iter().all(|name| name.chars().count() <= 31) && names[0] == "Overview", "{names:?}");
    let tables = book.tables();
    let different: BTreeSet<String> = tables.iter().map(|table| table.name.to_lowercase()).collect();
    assert_eq!(different.len(), tables.len(), "names of tables differ");
    for table in &tables {
        assert!(table.to.0 > table.from.0, "{} has no row", table.name);
        let headings: BTreeSet<String> = table.headings.iter().map(|heading| heading.to_lowercase()).collect();
        assert_eq!(headings.len(), table.headings.len(), "{}: headings differ", table.name);
        for (column, heading) in (table.from.1..).zip(&table.headings) {
            assert!(heading.chars().count() <= 255, "{heading}");
            let cell = book.cell(table.sheet, (table.from.0, column));
            assert_eq!(cell, Data::String(heading.clone()), "{}: the heading is its cell", table.name);
        }
        let xml = book.sheet_xml(table.sheet);
        let is_of_outputs = desk.path(&format!("out/{}.csv", table.name.trim_start_matches("dc_"))).exists();
        if is_of_outputs {
            assert!(xml.contains("state=\"frozen\""), "{}: headings stay in sight", table.name);
            assert_eq!(book.notes(table.sheet).len(), table.headings.len(), "{}: a note for every heading", table.name);
        }
    }
    for (path, text) in &book.parts {
        assert!(!text.contains('\u{0}') && !text.contains("NaN<"), "{path}");
    }
    let count = |begin: &str| book.parts.keys().filter(|path| path.starts_with(begin)).count();
    assert!(count("xl/charts/chart") >= 4, "forecast, bridge, reliability and funnel are drawn");
    let rules = book.parts.values().map(|text| text.matches("<cfRule").count()).sum::<usize>();
    assert!(rules > 10, "{rules} conditional formats");
    let styles = &book.parts["xl/styles.xml"];
    for pattern in ["[$USD]", "0.0%", "yyyy-mm-dd"] {
        assert!(styles.contains(pattern), "{pattern} is no format: {styles}");
    }
}

#[test]
fn the_same_run_gives_the_same_workbook_and_french_says_it_in_french() {
    let desk = desk();
    desk.ok("report out --out again --threads 1");
    for file in ["report.html", "report.xlsx"] {
        let (run, again) = (fs::read(desk.path("out").join(file)), fs::read(desk.path("again").join(file)));
        assert!(run.expect("a file") == again.expect("a file"), "{file}: the run and `report` make the same");
    }
    desk.ok("report out --out french --locale fr --format xlsx");
    assert!(!desk.path("french/report.html").exists());
    let french = OpenedWorkbook::open(&desk.path("french/report.xlsx"));
    assert!(french.names().contains(&"Prévision") && french.names()[0] == "Synthèse");
    assert!(french.parts["xl/styles.xml"].contains("dd/mm/yyyy"));
    let english = OpenedWorkbook::open(&desk.path("out/report.xlsx"));
    assert_eq!(english.tables().len(), french.tables().len());
}

#[test]
fn a_run_that_knows_little_has_a_workbook_and_no_text_becomes_a_formula() {
    let desk = Desk::empty();
    let long = "long ".repeat(9_000);
    let names = [
        "=HYPERLINK(\"\"http://x\"\",\"\"y\"\")",
        "+1+1",
        "-2",
        "@sum",
        "\"\"quoted\"\" & <b>",
        "🚀 deal",
        long.as_str(),
    ];
    let mut deals = "deal_id,name,stage,amount,currency\n".to_owned();
    for (id, name) in names.iter().enumerate() {
        deals += &format!("{id},\"{name}\",Open,{}0.05,{}\n", id + 1, ["EUR", "JPY"][id % 2]);
    }
    desk.write("deals.csv", deals);
    desk.ok("run --deals deals.csv --out out --models models");
    desk.ok("check --outputs out");
    let book = OpenedWorkbook::open(&desk.path("out/report.xlsx"));
    let scores = book.tables().into_iter().find(|table| table.name == "dc_scores").expect("open deals");
    let columns = columns(&book, &scores);
    let at = scores.from.1 + columns.iter().position(|column| column == "name").expect("a column") as u32;
    let said: BTreeSet<String> =
        (scores.from.0 + 1..=scores.to.0).map(|row| book.cell(scores.sheet, (row, at)).to_string()).collect();
    for name in &names[..6] {
        assert!(said.contains(&name.replace("\"\"", "\"")), "{name}: {said:?}");
    }
    assert!(said.iter().any(|name| name.ends_with("… (cut)") && name.chars().count() <= 32_767));
    for sheet in 1..=book.sheets.len() {
        for (place, formula) in book.formulas(sheet) {
            let is_ours = !formula.contains("HYPERLINK") && !formula.contains("1+1") && !formula.contains("sum");
            assert!(is_ours, "{place:?}: {formula}");
        }
    }
    let empty = book
        .sheets
        .iter()
        .filter(|(_, cells)| cells.rows().flatten().any(|cell| *cell == Data::String("No rows.".into())));
    assert!(empty.count() > 3, "sheets without rows say so");
}

#[test]
fn a_run_writes_the_reports_that_are_asked_for() {
    let desk = Desk::with_world(60, 600);
    desk.nightly("--out out --reports none");
    assert!(!desk.path("out/report.html").exists() && !desk.path("out/report.xlsx").exists());
    desk.nightly("--out out --reports html --locale fr");
    assert!(desk.read("out/report.html").contains("<html lang=\"fr\">") && !desk.path("out/report.xlsx").exists());
    let manifest: serde_json::Value = serde_json::from_str(&desk.read("out/manifest.json")).expect("JSON");
    let listed = manifest["files"].as_array().expect("files");
    assert!(listed.iter().any(|file| file["file"] == "report.html"), "{listed:?}");
    desk.ok("check --outputs out");
    let refused = desk.run("run --deals deals.csv --locale xx --out other");
    assert_eq!((refused.code, desk.path("other").exists()), (2, false), "{}", refused.stderr);
}

#[test]
fn rows_of_sentences_are_as_high_as_these() {
    let desk = desk();
    let book = OpenedWorkbook::open(&desk.path("out/report.xlsx"));
    for table in book.tables().iter().filter(|table| table.name == "dc_actions" || table.name == "dc_findings") {
        let xml = book.sheet_xml(table.sheet);
        let high = xml.split("<row ").filter(|row| row.split('>').next().is_some_and(|head| head.contains("ht=\"")));
        assert!(high.count() > 2, "{}: programs that do not measure texts lay them over one another", table.name);
    }
}
