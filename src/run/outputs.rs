//! Every output table there is: what `dealcast schema outputs` prints and `src/docs/reference/outputs.md` lists.
//!
//! Each is declared beside the analysis that fills it; this is the one list of them.

use crate::analyses::{backtest, forecast, gaps, revisions, waterfall};
use crate::ingest::reject_spec;
use crate::report::column::TableDeclaration;
use crate::report::reference::section;
use crate::run::dictionary;

/// What stands above the tables.
const INTRODUCTION: &str = "\
# Output reference

Every table dealcast writes or prints, with its columns in order. CSV, JSON and Parquet have the same columns.
Money is exact, to the smallest unit of its currency. A unit of `currency` is that of the row's `currency`
column. `dealcast schema outputs` prints the same as JSON.
";

/// The tables a run writes, in the order of the reference.
#[must_use]
pub fn tables() -> Vec<TableDeclaration> {
    let mut tables = dictionary::tables_before_the_forecast();
    tables.extend([
        forecast::columns::spec().declaration(),
        revisions::columns::spec().declaration(),
        waterfall::columns::spec().declaration(),
        backtest::columns::spec().declaration(),
        gaps::columns::spec().declaration(),
    ]);
    tables.extend(dictionary::tables_of_the_model());
    tables.push(reject_spec().declaration());
    tables
}

/// The tables that a command prints and no run writes: `--by-deal`, `backtest --cases`, `history`...
#[must_use]
pub fn listings() -> Vec<TableDeclaration> {
    let mut listings = vec![
        forecast::deal_columns::spec().declaration(),
        waterfall::columns::deals_spec().declaration(),
        backtest::columns::cases_spec().declaration(),
    ];
    listings.extend(dictionary::listings());
    listings
}

/// The output reference, `src/docs/reference/outputs.md`.
#[must_use]
pub fn output_reference() -> String {
    let sections = |tables: Vec<TableDeclaration>| tables.iter().map(section).collect::<String>();
    let files = format!("\n## Files of a run\n{}", sections(tables()));
    let printed = format!("\n## Listings of commands\n{}", sections(listings()));
    [INTRODUCTION, &files, &printed].concat()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_differ_and_every_column_is_one_plain_line() {
        let mut names = BTreeSet::new();
        for table in tables().into_iter().chain(listings()) {
            assert!(names.insert(table.name), "{} stands twice", table.name);
            let columns: BTreeSet<&str> = table.columns.iter().map(|column| column.name).collect();
            assert_eq!(columns.len(), table.columns.len(), "{}: two columns have one name", table.name);
            for column in &table.columns {
                let place = format!("{}.{}", table.name, column.name);
                assert!(!column.meaning.is_empty() && !column.meaning.contains('\n'), "{place} has no meaning");
            }
        }
    }

    #[test]
    fn formulas_name_columns_of_their_table() {
        // What a formula says beside names of columns.
        const WORDS: &str = "sum of amount x probability in the period to be won what amounts become last days share \
                             forecast actual quota days";
        let words: BTreeSet<&str> = WORDS.split_whitespace().collect();
        let forecasts = [forecast::columns::spec().declaration(), gaps::columns::spec().declaration()];
        for table in forecasts.into_iter().chain([waterfall::columns::spec().declaration()]) {
            let columns: BTreeSet<&str> = table.columns.iter().map(|column| column.name).collect();
            for column in &table.columns {
                let names = column.formula.split(|c: char| !(c.is_alphanumeric() || c == '_'));
                for name in names.filter(|name| name.starts_with(|c: char| c.is_alphabetic())) {
                    assert!(columns.contains(name) || words.contains(name), "{}: {name}", column.name);
                }
            }
        }
    }
}
