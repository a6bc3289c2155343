//! The nightly run on public exports, against numbers computed elsewhere (scripts beside the fixtures).

use std::path::Path;

use crate::exports::{configuration, fixture};
use crate::harness::{Desk, Finished, Row, Table};

/// Runs on an export with the configuration of its name in `tests/fixtures`.
fn nightly(desk: &Desk, export: &Path) -> Finished {
    desk.write("dealcast.toml", configuration(export));
    desk.ok(&format!("run --config dealcast.toml --data {} --out out", export.display()))
}

/// The only row of `table` in which every column has the value wanted.
fn only<'t>(table: &'t Table, wanted: &[(&str, &str)]) -> Option<Row<'t>> {
    let mut rows = table.iter().filter(|row| wanted.iter().all(|(column, value)| row.get(column) == *value));
    let first = rows.next();
    assert!(rows.next().is_none(), "several rows have {wanted:?}");
    first
}

pub fn a_hardware_seller_learns_that_there_is_no_signal_and_much_stands_still(export: &Path) {
    let desk = Desk::empty();
    let finished = nightly(&desk, export);
    let funnel = Table::read(&desk.path("out/funnel.csv"));
    let stages = [("Prospecting", "500"), ("Engaging", "1589"), ("Won", "4238"), ("Lost", "2473")];
    for (stage, deals) in stages {
        let row = only(&funnel, &[("cohort", "all"), ("segment", "all"), ("stage", stage)]).unwrap();
        assert_eq!(row.get("entered"), deals, "{stage}");
    }
    let summary = Table::read(&desk.path("out/funnel_summary.csv"));
    let all = only(&summary, &[("cohort", "all"), ("segment", "all")]).unwrap();
    assert_eq!(["deals", "won", "lost", "open"].map(|name| all.get(name)), ["8800", "4238", "2473", "2089"]);
    let forecast = Table::read(&desk.path("out/forecast.csv"));
    let won = Table::read(&fixture("maven_won.csv"));
    assert_eq!(won.rows(), 30);
    for owner in won.iter() {
        let node = [("level", "owner"), ("node", owner.get("owner")), ("period", "2017"), ("basis", "base")];
        let row = only(&forecast, &node).unwrap();
        let (cents, deals) = (format!("{}.00", owner.get("won")), owner.get("won_deals"));
        assert_eq!((row.get("won"), row.get("won_deals")), (cents.as_str(), deals), "{}", owner.get("owner"));
    }
    assert!(finished.stderr.contains("no signal: log loss"), "{}", finished.stderr);
    assert!(finished.stderr.contains("2,089 open deals at the base rate"), "{}", finished.stderr);
    // pandas 3.1.1: open, engaged, (2018-01-01 - engage_date).dt.days > 138 -> 1301 of 1589; all 2089 are open
    let older = "1,301 of 2,089 open deals are older than any deal that ever closed (longest: 138 days)";
    assert!(finished.stderr.contains(older), "{}", finished.stderr);
}

/// The fields of an export as `dealcast features` lists them under a configuration.
fn fields(export: &Path, configuration: &str) -> Table {
    let desk = Desk::empty();
    desk.write("all.toml", configuration);
    let command = format!("features --config all.toml --data {} --format csv", export.display());
    Table::parse(&desk.ok(&command).stdout)
}

/// Asserts that a field is excluded for a reason that names the evidence, with the remedy.
fn assert_leak(table: &Table, field: &str, evidence: &str) {
    let row = table.iter().find(|row| row.get("field") == field).unwrap_or_else(|| panic!("{field}"));
    assert_eq!(row.get("status"), "excluded", "{field}");
    assert!(row.get("reason").contains(evidence), "{field}: {}", row.get("reason"));
    assert!(row.get("remedy").contains("export the history of"), "{field}: {}", row.get("remedy"));
}

/// With nothing set aside by hand, what is known only at the end is found, and the cure is named.
pub fn contoso_columns_that_know_the_outcome_are_found(export: &Path) {
    let text = configuration(export);
    let unguarded: Vec<&str> = text.lines().filter(|line| !line.starts_with("ignore")).collect();
    let table = fields(export, &unguarded.join("\n"));
    assert_leak(&table, "Actual Revenue", "almost perfectly on its own (AUC 1.00");
    assert_leak(&table, "Status Reason", "hardly occur on open ones");
    assert_leak(&table, "Rating", "almost perfectly on its own (AUC 0.96");
    assert_leak(&table, "CRM probability", "almost perfectly on its own (AUC 0.99");
    assert_leak(&table, "forecast category", "hardly occur on open ones");
    assert_leak(&table, "days to expected close", "falls on the closing day of 100 %");
    assert_used(&table);
}

/// The honest columns of Contoso.
fn assert_used(table: &Table) {
    for honest in ["Customer Need", "Purchase Process", "account", "product", "source", "amount"] {
        let row = table.iter().find(|row| row.get("field") == honest).unwrap_or_else(|| panic!("no {honest}"));
        assert_eq!(row.get("status"), "used", "{honest}");
    }
}

/// The same without any date: open deals are of another sort than closed ones there, and differ in what is honest.
pub fn contoso_as_a_list_keeps_its_honest_columns(export: &Path) {
    let text = configuration(export);
    let dates = ["ignore", "created_at", "closed_at", "expected_close_date"];
    let undated: Vec<&str> = text.lines().filter(|line| !dates.iter().any(|name| line.starts_with(name))).collect();
    let ignored = "path = \"Opportunity.csv\"\nignore = [\"Created On\", \"Actual Close Date\", \"Est. close date\"]";
    let table = fields(export, &undated.join("\n").replace("path = \"Opportunity.csv\"", ignored));
    assert_leak(&table, "Actual Revenue", "almost perfectly on its own (AUC 1.00");
    assert_leak(&table, "Status Reason", "hardly occur on open ones");
    assert_used(&table);
}

pub fn maven_amounts_that_know_the_outcome_are_found(export: &Path) {
    assert_leak(&fields(export, &configuration(export)), "amount", "almost perfectly on its own (AUC 1.00");
}

pub fn reps_with_goals_see_quota_won_gap_and_attainment(export: &Path) {
    let desk = Desk::empty();
    nightly(&desk, export);
    let forecast = Table::read(&desk.path("out/forecast.csv"));
    let expected = Table::read(&fixture("contoso_quota.csv"));
    let money = |cents: &str| match cents.parse::<i64>() {
        Ok(cents) => format!("{}{}.{:02}", if cents < 0 { "-" } else { "" }, cents.abs() / 100, cents.abs() % 100),
        Err(_) => String::new(),
    };
    let mut compared = 0;
    for goal in expected.iter() {
        let company = goal.get("node") == "(company)";
        let (level, node) = if company { ("company", "company") } else { ("owner", goal.get("node")) };
        let place = [("level", level), ("node", node), ("period", goal.get("period")), ("basis", "base")];
        let row = only(&forecast, &place).unwrap_or_else(|| panic!("no {place:?}"));
        for name in ["quota", "won", "gap"] {
            assert_eq!(row.get(name), money(goal.get(name)), "{name} of {place:?}");
        }
        let [got, wanted] = [row, goal].map(|row| row.get("attainment").parse::<f64>().ok());
        assert_eq!(got.is_some(), wanted.is_some(), "{place:?}");
        assert!(
            got.zip(wanted).is_none_or(|(got, wanted)| (got - wanted).abs() < 1e-9),
            "{place:?}: {got:?} {wanted:?}"
        );
        compared += usize::from(got.is_some());
    }
    assert!(compared > 100, "{compared}");
}
