//! The columns of `positions`, and the table made of [`PositionLine`]s.

use arrow::error::ArrowError;

use super::rows::PositionLine;
use crate::report::column::{Column, TableSpec};
use crate::report::invariants::Invariant;
use crate::report::table::Table;

type PositionColumn = Column<PositionLine>;

/// The columns of `positions`.
#[must_use]
pub fn spec() -> TableSpec<PositionLine> {
    let columns = vec![
        PositionColumn::text("owner", "id of the owner, or `(no owner)`", |line| Some(line.owner.as_str().into())),
        PositionColumn::text("owner_name", "name in the users table", |line| line.name.as_deref().map(Into::into))
            .empty("the users table has none"),
        PositionColumn::text("manager", "id of the nearest manager; managers stand under themselves", |line| {
            line.managers.first().map(|manager| manager.as_str().into())
        }),
        PositionColumn::text("managers", "ids of every manager above, nearest first, as a JSON list", |line| {
            serde_json::to_string(&line.managers).ok().map(Into::into)
        }),
        PositionColumn::text("team", "team on the last known day, or `(no team)`", |line| {
            Some(line.team.as_str().into())
        }),
        PositionColumn::text("region", "region on the last known day, or `(no region)`", |line| {
            Some(line.region.as_str().into())
        }),
    ];
    TableSpec::new("positions", "owner", columns).holds([Invariant::Key(&["owner"])])
}

/// `positions` as a table.
///
/// # Errors
/// An arrow error where columns differ in length.
pub fn table(lines: &[PositionLine]) -> Result<Table, ArrowError> {
    spec().table(lines, 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixtures::assert_row;

    #[test]
    fn every_column_shows_its_own_field() {
        let line = PositionLine {
            owner: "u1".to_owned(),
            name: Some("Ann".to_owned()),
            managers: vec!["m1".to_owned(), "m|2".to_owned()],
            team: "North".to_owned(),
            region: "EU".to_owned(),
        };
        let expected = [
            ("owner", "u1"),
            ("owner_name", "Ann"),
            ("manager", "m1"),
            ("managers", r#"["m1","m|2"]"#),
            ("team", "North"),
            ("region", "EU"),
        ];
        assert_row(&table(&[line]).expect("a table"), 0, &expected);
    }
}
