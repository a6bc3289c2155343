//! Every output table there is: what `dealcast schema outputs` prints and `src/docs/reference/outputs.md` lists.
//!
//! Each is declared beside the analysis that fills it; this is the one list of them.

use crate::analyses::scores::explanation;
use crate::analyses::{
    actions, backtest, compare, forecast, funnel, gaps, history, period_deals, positions, quality, revisions, scores,
    sources, stagnation, waterfall,
};
use crate::config::rules_spec;
use crate::ingest::{issues_spec, reject_spec};
use crate::model::columns::{
    drift_spec, evaluation_spec, features_spec, predictions_spec, reliability_spec, training_rows_spec,
};
use crate::model::side_by_side_spec;
use crate::push::columns as push;
use crate::report::column::TableDeclaration;
use crate::report::invariants::violations_spec;
use crate::report::reference::section;
use crate::store::models::{log_spec, models_spec};

/// What stands above the tables.
const INTRODUCTION: &str = "\
# Output reference

Every table dealcast writes or prints, with its columns in order. CSV, JSON and Parquet have the same columns.
A cell is filled unless `empty` says when it is not, a whole number is never below zero, and a formula of columns holds
to the last digit that is shown. A row that names no row of another table (a forecast names no deal) is not held against it.
`dealcast check --outputs DIR` checks these and what always holds of a table.
Money is exact, to the smallest unit of its currency. A unit of `currency` is that of the row's `currency`
column. `dealcast schema outputs` prints the same as JSON.
";

/// The tables a run writes, in the order of the reference.
#[must_use]
pub fn tables() -> Vec<TableDeclaration> {
    vec![
        scores::columns::spec().declaration(),
        history::changes_spec().declaration(),
        positions::columns::spec().declaration(),
        stagnation::columns::spec().declaration(),
        stagnation::columns::summary_spec().declaration(),
        funnel::columns::spec().declaration(),
        funnel::columns::summary_spec().declaration(),
        funnel::columns::flow_spec().declaration(),
        sources::columns::spec().declaration(),
        sources::columns::campaigns_spec().declaration(),
        sources::columns::attribution_spec().declaration(),
        forecast::columns::spec().declaration(),
        revisions::columns::spec().declaration(),
        forecast::runs_spec().declaration(),
        waterfall::columns::spec().declaration(),
        waterfall::columns::since_spec().declaration(),
        backtest::columns::spec().declaration(),
        backtest::columns::cases_spec().declaration(),
        gaps::columns::spec().declaration(),
        compare::columns::spec().declaration(),
        actions::columns::spec().declaration(),
        period_deals::columns::spec().declaration(),
        evaluation_spec().declaration(),
        reliability_spec().declaration(),
        drift_spec().declaration(),
        reject_spec().declaration(),
        issues_spec().declaration(),
        quality::columns::spec().declaration(),
        quality::columns::costs_spec().declaration(),
    ]
}

/// The tables that a command prints and no run writes: `--by-deal`, `backtest --cases`, `history`...
#[must_use]
pub fn listings() -> Vec<TableDeclaration> {
    vec![
        forecast::deal_columns::spec().declaration(),
        waterfall::columns::deals_spec().declaration(),
        history::columns::spec().declaration(),
        compare::columns::deals_spec().declaration(),
        funnel::columns::compare_spec().declaration(),
        stagnation::columns::backtest_spec().declaration(),
        explanation::spec().declaration(),
        explanation::fields_spec().declaration(),
        features_spec().declaration(),
        training_rows_spec().declaration(),
        predictions_spec().declaration(),
        models_spec().declaration(),
        log_spec().declaration(),
        side_by_side_spec().declaration(),
        rules_spec().declaration(),
        violations_spec().declaration(),
        push::plan_spec().declaration(),
        push::probe_spec().declaration(),
        push::receipt_spec().declaration(),
        push::verification_spec().declaration(),
        push::fields_spec().declaration(),
    ]
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
    use crate::report::first_columns::{columns_in_a_line, first_columns};
    use crate::report::invariants::{Invariant, is_computed};

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
    fn columns_people_look_at_first_are_declared() {
        let wide = tables().into_iter().chain(listings()).filter(|table| !columns_in_a_line(table.name).is_empty());
        let wide: Vec<TableDeclaration> = wide.collect();
        assert_eq!(wide.len(), 12, "a table that is shown in part has another name");
        for table in wide {
            let columns: BTreeSet<&str> = table.columns.iter().map(|column| column.name).collect();
            let first = first_columns(table.name).iter().chain(columns_in_a_line(table.name));
            let unknown: Vec<_> = first.filter(|name| !columns.contains(**name)).collect();
            assert!(unknown.is_empty(), "{}: {unknown:?}", table.name);
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

    #[test]
    fn formulas_of_columns_are_computed_and_the_others_are_these() {
        const IN_WORDS: &str = "forecast.weighted forecast.expected_from_open forecast.required_coverage \
                                revisions.author_bias revisions.author_wape backtest.wape backtest.bias \
                                backtest.coverage drift.drifted forecast_deals.expected";
        let mut in_words = Vec::new();
        for table in tables().into_iter().chain(listings()) {
            let formulas = table.columns.iter().filter(|column| !column.formula.is_empty());
            let uncomputed = formulas.filter(|column| !is_computed(&table, column));
            in_words.extend(uncomputed.map(|column| format!("{}.{}", table.name, column.name)));
        }
        assert_eq!(
            in_words.join(" "),
            IN_WORDS,
            "others are held against the rows, so they must be formulas of columns"
        );
    }

    #[test]
    fn promises_name_columns_and_tables_there_are() {
        let all: Vec<TableDeclaration> = tables().into_iter().chain(listings()).collect();
        let has = |table: &str, column: &str| {
            let found = all.iter().find(|declared| declared.name == table);
            let found = found.unwrap_or_else(|| panic!("no table {table}"));
            found.columns.iter().any(|declared| declared.name == column)
        };
        for table in &all {
            for invariant in &table.invariants {
                for (of, column) in named(table.name, invariant) {
                    assert!(has(of, column), "{}: there is no {of}.{column}", table.name);
                }
            }
        }
    }

    /// The columns a promise of `table` names, each with its table.
    fn named<'t>(table: &'t str, invariant: &Invariant) -> Vec<(&'t str, &'static str)> {
        let here = |columns: &[&'static str]| columns.iter().map(|column| (table, *column)).collect::<Vec<_>>();
        match invariant {
            Invariant::Key(columns) | Invariant::Ordered(columns) | Invariant::Together(columns) => here(columns),
            Invariant::AddsUp(sum) => {
                let but: Vec<&str> = sum.but.iter().map(|(column, _)| *column).collect();
                [here(sum.per), here(sum.columns), here(&[sum.over]), here(&but)].concat()
            }
            Invariant::GrowByDay(chances) => {
                here(&chances.iter().flat_map(|(chance, day)| [*chance, *day]).collect::<Vec<_>>())
            }
            Invariant::GrowWithDays(grow) => {
                [here(grow.per), here(&[grow.first, grow.last]), here(grow.columns)].concat()
            }
            Invariant::SignOf(sign) => [here(sign.columns), vec![(sign.table, sign.amount)]].concat(),
            Invariant::Repeats(said) => {
                let there = said.by.iter().copied().chain(said.only.map(|(column, _)| column));
                let there = there.chain(said.columns.iter().map(|(_, there)| *there));
                let mut named: Vec<(&str, &str)> = there.map(|column| (said.table, column)).collect();
                named.extend(here(said.by));
                named.extend(said.columns.iter().map(|(here, _)| (table, *here)));
                named
            }
        }
    }
}
