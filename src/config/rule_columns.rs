//! The `rules` table: every rule for input rows, and what happens to a row that breaks it.

use arrow::error::ArrowError;

use super::rules::{Rule, RuleConfig, RuleSeverity};
use crate::report::column::{Column, TableSpec};
use crate::report::table::Table;

/// A rule as the configuration has it.
pub struct RuleLine<'a> {
    rule: Rule,
    config: &'a RuleConfig,
}

impl RuleLine<'_> {
    fn severity(&self) -> RuleSeverity {
        self.config.severity_of(self.rule)
    }
}

/// What becomes of a row that breaks a rule of this severity.
fn effect(severity: RuleSeverity) -> &'static str {
    match severity {
        RuleSeverity::Warn => "row kept, counted",
        RuleSeverity::Reject => "row rejected, listed in rejects.csv",
        RuleSeverity::Error => "run stops",
    }
}

/// The columns of `rules`.
#[must_use]
pub fn rules_spec<'a>() -> TableSpec<RuleLine<'a>> {
    type Line<'a> = RuleLine<'a>;
    TableSpec::new(
        "rules",
        "rule for input rows",
        vec![
            Column::text("rule", "name of the rule", |line: &Line<'_>| Some(line.rule.name().into())),
            Column::text("severity", "how a broken rule is taken", |line: &Line<'_>| {
                Some(line.severity().to_string().into())
            })
            .one_of(&["warn", "reject", "error"]),
            Column::text("does", "what becomes of a row that breaks it", |line: &Line<'_>| {
                Some(effect(line.severity()).into())
            }),
            Column::text("holds_that", "what the rule asks for", |line: &Line<'_>| Some(line.rule.meaning().into())),
        ],
    )
}

/// Every rule as `config` has it.
///
/// # Errors
/// An arrow error where columns differ in length.
pub fn rules_table(config: &RuleConfig) -> Result<Table, ArrowError> {
    let lines: Vec<RuleLine<'_>> = Rule::ALL.iter().map(|&rule| RuleLine { rule, config }).collect();
    rules_spec().table(&lines, 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixtures::assert_row;

    #[test]
    fn every_column_shows_its_own_field() {
        let table = rules_table(&RuleConfig::default()).expect("a table");
        assert_eq!(table.rows(), Rule::ALL.len());
        let expected = [
            ("rule", "ragged_line"),
            ("severity", "reject"),
            ("does", "row rejected, listed in rejects.csv"),
            ("holds_that", Rule::RaggedLine.meaning()),
        ];
        assert_row(&table, 0, &expected);
    }
}
