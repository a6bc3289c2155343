//! The history of columns only the input knows, once all of its rows are there.
//!
//! Changes as written in, changes as later stages read them out: numbers and dates as in the deals table, and an empty old
//! value for what it says.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::ids::WordId;
use crate::ingest::cells::own_value::{UsualStyle, ValueStyle};
use crate::ingest::load::deals::DealsLoad;
use crate::ingest::load::history_part::OldValues;
use crate::ingest::tables::FieldChanges;

/// Share of all rows with an old value from which a log writes what stood there before.
const WRITES_OLD_VALUES: f64 = 0.2;

/// Settles what empty old values say, and has numbers and dates written in one way.
pub(super) fn settle_own_columns(fields: &mut FieldChanges, old: OldValues, deals: &DealsLoad, usual: UsualStyle) {
    settle_empty_old_values(fields, old);
    let mut values: BTreeMap<WordId, BTreeSet<WordId>> = BTreeMap::new();
    for row in &fields.rows {
        values.entry(row.column).or_default().extend(row.value.get());
    }
    let styles: BTreeMap<WordId, ValueStyle> = values
        .into_iter()
        .filter_map(|(column, values)| {
            let names: Vec<&str> = values.into_iter().filter_map(|value| fields.values.name(value)).collect();
            let of_table = deals.style(fields.columns.name(column)?);
            Some((column, ValueStyle::of(&names, usual.or(of_table))?))
        })
        .collect();
    if !styles.is_empty() {
        fields.rewrite(|column, value| styles.get(&column)?.plain(value));
    }
}

/// An empty old value says that the column was empty where the log names old values: of this column, or else of one row in
/// five. Where it does not, nothing is known of what stood there before.
fn settle_empty_old_values(fields: &mut FieldChanges, old: OldValues) {
    let named: BTreeSet<WordId> =
        fields.rows.iter().filter(|row| row.prior && row.value.is_some()).map(|row| row.column).collect();
    let all = old.filled as f64 >= WRITES_OLD_VALUES * old.rows as f64 && old.filled > 0;
    fields.rows.retain(|row| !row.prior || row.value.is_some() || all || named.contains(&row.column));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::day::Moment;
    use crate::domain::ids::RowIx;

    fn kept(rows: &[(&str, Option<&str>)], old: OldValues) -> Vec<(bool, Option<String>)> {
        let mut fields = FieldChanges::default();
        for (at, (column, before)) in (0..).zip(rows) {
            fields.push(RowIx::at(0), Moment(at), true, column, *before);
            fields.push(RowIx::at(0), Moment(at), false, column, Some("after"));
        }
        settle_empty_old_values(&mut fields, old);
        fields.rows.iter().map(|row| (row.prior, fields.values.name(row.value).map(str::to_owned))).collect()
    }

    #[test]
    fn an_empty_old_value_says_empty_only_where_the_log_names_old_values() {
        let after = (false, Some("after".to_owned()));
        let silent = OldValues { rows: 10, filled: 0 };
        assert_eq!(kept(&[("Reason", None)], silent), vec![after.clone()]);
        let telling = OldValues { rows: 10, filled: 6 };
        assert_eq!(kept(&[("Reason", None)], telling), [(true, None), after.clone()]);
        let of_the_column = OldValues { rows: 10, filled: 1 };
        let rows = [("Reason", None), ("Reason", Some("x")), ("Other", None)];
        let expected = [(true, None), after.clone(), (true, Some("x".to_owned())), after.clone(), after];
        assert_eq!(kept(&rows, of_the_column), expected);
    }
}
