//! What is declared once: columns of outputs, input tables.

use super::source::{SourceFile, assert_none, shipped};

/// Names of input tables that mean nothing else. `deals`, `quotas`, `touches` and the like are also words of outputs.
const INPUT_TABLES: [&str; 3] = ["stage_history", "fx_rates", "campaign_costs"];

/// Where a text literal is the name of an input table.
fn named_tables(files: &[SourceFile], places: &[&str]) -> Vec<String> {
    let outside = files.iter().filter(|file| !file.is_in(places));
    let found = outside.flat_map(|file| {
        let names = INPUT_TABLES.iter().filter(|name| file.code.contains(&format!("\"{name}\"")));
        names.map(move |name| format!("{} names {name}", file.path))
    });
    found.collect()
}

#[test]
fn an_input_table_is_declared_once() {
    assert_none(&named_tables(&shipped(), &["domain/inputs"]));
}

/// Tables come from declared columns: only `report` builds them cell by cell, and no list of columns stands beside.
#[test]
fn a_column_is_declared_once() {
    let files = shipped();
    let builders = files.iter().filter(|file| !file.is_in(&["report"]) && file.bare.contains("TableBuilder"));
    assert_none(&builders.map(|file| format!("{} builds a table by hand", file.path)).collect::<Vec<_>>());
}

#[test]
fn names_of_input_tables_are_found_as_literals() {
    let files = [
        SourceFile::new("domain/inputs.rs", "const A: &str = \"fx_rates\";"),
        SourceFile::new("run/a.rs", "fn fx_rates() { f(\"fx_rates\"); g(\"fx_rates.csv\") } // \"quotas\""),
        SourceFile::new("run/b.rs", "#[cfg(test)]\nmod tests { const B: &str = \"quotas\"; }"),
    ];
    assert_eq!(named_tables(&files, &["domain/inputs.rs"]), ["run/a.rs names fx_rates"]);
}
