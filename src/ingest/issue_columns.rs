//! The `issues` table: one row per broken rule and table, with the first example.

use arrow::error::ArrowError;

use super::issues::{Issue, Issues};
use super::reject::{Reject, filled};
use crate::report::column::{Column, TableSpec};
use crate::report::invariants::Invariant;
use crate::report::table::Table;

fn example<'a>(issue: &'a &Issue) -> Option<&'a Reject> {
    issue.examples.first()
}

/// The columns of `issues`.
#[must_use]
pub fn issues_spec<'a>() -> TableSpec<&'a Issue> {
    type Row<'a> = &'a Issue;
    TableSpec::new(
        "issues",
        "broken rule x input table",
        vec![
            Column::text("rule", "name of the rule", |issue: &Row<'_>| Some(issue.rule.name().into())),
            Column::text("table", "input table", |issue: &Row<'_>| Some(issue.table.into())),
            Column::text("severity", "how it was taken", |issue: &Row<'_>| Some(issue.severity.to_string().into()))
                .one_of(&["warn", "reject", "error"]),
            Column::integer("count", "times the rule was broken", |issue: &Row<'_>| i64::try_from(issue.count).ok())
                .unit("rows"),
            Column::text("file", "file of the first example", |issue: &Row<'_>| {
                Some(example(issue)?.file.as_str().into())
            }),
            Column::integer("line", "line in the file; row for Parquet", |issue: &Row<'_>| {
                i64::try_from(example(issue)?.line).ok()
            }),
            Column::text("column", "column as the file names it", |issue: &Row<'_>| filled(&example(issue)?.column))
                .empty("the row as a whole is meant"),
            Column::text("value", "what stood there", |issue: &Row<'_>| filled(&example(issue)?.value))
                .empty("nothing stands there"),
            Column::text("reason", "what was expected", |issue: &Row<'_>| Some(example(issue)?.reason.as_str().into())),
            Column::text("meaning", "what the rule asks for", |issue: &Row<'_>| Some(issue.rule.meaning().into())),
        ],
    )
    .holds([Invariant::Key(&["rule", "table"])])
}

/// What was wrong with the input, in rule order.
///
/// # Errors
/// An arrow error where columns differ in length.
pub fn issues_table(issues: &Issues) -> Result<Table, ArrowError> {
    issues_spec().table(&issues.iter().collect::<Vec<_>>(), 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Rule, RuleSeverity};
    use crate::report::fixtures::assert_row;

    #[test]
    fn every_column_shows_its_own_field() {
        let reject = Reject {
            file: "deals.csv".to_owned(),
            line: 214,
            column: "Closed".to_owned(),
            value: "31/02/2025".to_owned(),
            reason: "expected a date".to_owned(),
            rule: Rule::BadDate,
        };
        let issue = Issue {
            rule: Rule::BadDate,
            table: "deals",
            severity: RuleSeverity::Warn,
            count: 12,
            examples: vec![reject.clone(), Reject { line: 300, ..reject }],
        };
        let expected = [
            ("rule", "bad_date"),
            ("table", "deals"),
            ("severity", "warn"),
            ("count", "12"),
            ("file", "deals.csv"),
            ("line", "214"),
            ("column", "Closed"),
            ("value", "31/02/2025"),
            ("reason", "expected a date"),
            ("meaning", Rule::BadDate.meaning()),
        ];
        assert_row(&issues_spec().table(&[&issue], 2).expect("a table"), 0, &expected);
    }
}
