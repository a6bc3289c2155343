//! Tests of `report.xlsx` in a real spreadsheet: LibreOffice opens it, computes every formula anew and writes what it sees.
//!
//! Where LibreOffice is missing they are reported as ignored; under `DEALCAST_OFFICE_TESTS=required` they fail.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

#[path = "../cli/harness.rs"]
#[expect(dead_code, reason = "the tests of the command line use the rest")]
mod harness;
#[path = "../cli/opened_workbook.rs"]
#[expect(dead_code, reason = "the tests of the command line use the rest")]
mod opened_workbook;
#[path = "../cli/world.rs"]
mod world;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use calamine::Data;
use harness::{Desk, MARKETING};
use libtest_mimic::{Arguments, Failed, Trial};
use opened_workbook::OpenedWorkbook;
use world::World;

/// What makes LibreOffice compute every formula when it opens a file.
const ALWAYS_COMPUTE: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>"#;

/// CSV of every sheet, numbers with all their digits.
const CSV: &str = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false,false,false,-1";

fn main() -> ExitCode {
    let office = ["/usr/bin/soffice", "/usr/bin/libreoffice"].map(PathBuf::from).into_iter().find(|path| path.exists());
    let required = std::env::var("DEALCAST_OFFICE_TESTS").is_ok_and(|value| value == "required");
    let ignored = office.is_none() && !required;
    let trial = Trial::test("a_spreadsheet_computes_what_the_workbook_says", move || computes(office.as_deref()));
    libtest_mimic::run(&Arguments::from_args(), vec![trial.with_ignored_flag(ignored)]).exit_code()
}

/// Every formula, computed anew, against what is stored beside it.
fn computes(office: Option<&Path>) -> Result<(), Failed> {
    let office = office.ok_or("LibreOffice is missing")?;
    let desk = Desk::with_world(600, 700);
    World::new(600).marketing(&desk.path(""), 700);
    desk.nightly(&format!("--out out {MARKETING}"));
    let said = convert(office, &desk)?;
    let book = OpenedWorkbook::open(&desk.path("out/report.xlsx"));
    let mut compared = 0;
    for (sheet, (name, _)) in (1..).zip(&book.sheets) {
        let formulas = book.formulas(sheet);
        if formulas.is_empty() {
            continue;
        }
        let text = fs::read(desk.path(&format!("seen/report-{name}.csv")))
            .map_err(|error| format!("{name}: {error}; {said}"))?;
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_slice());
        let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        for ((row, column), formula) in formulas {
            let Data::Float(stored) = book.cell(sheet, (row, column)) else {
                return Err(format!("{name}: {formula} has no number beside it").into());
            };
            let seen = rows.get(row as usize).and_then(|cells| cells.get(column as usize)).unwrap_or_default();
            // Shares are written in percent.
            let number = match seen.strip_suffix('%') {
                Some(percent) => percent.parse::<f64>().map(|percent| percent / 100.0),
                None => seen.parse(),
            };
            if !number.is_ok_and(|number| (number - stored).abs() <= 1e-6_f64.max(1e-9 * stored.abs())) {
                return Err(format!("{name} {row} {column}: {formula} gives {seen}, stored is {stored}").into());
            }
            compared += 1;
        }
    }
    if compared < 200 { Err(format!("only {compared} formulas").into()) } else { Ok(()) }
}

/// Has LibreOffice write every sheet as CSV into `seen`.
fn convert(office: &Path, desk: &Desk) -> Result<String, Failed> {
    let profile = desk.path("profile");
    fs::create_dir_all(profile.join("user")).unwrap();
    fs::write(profile.join("user/registrymodifications.xcu"), ALWAYS_COMPUTE).unwrap();
    let output = Command::new(office)
        .arg(format!("-env:UserInstallation=file://{}", profile.display()))
        .args(["--headless", "--norestore", "--convert-to", CSV, "--outdir"])
        .args([desk.path("seen"), desk.path("out/report.xlsx")])
        .output()
        .map_err(|error| error.to_string())?;
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if output.status.success() { Ok(said) } else { Err(said.into()) }
}
