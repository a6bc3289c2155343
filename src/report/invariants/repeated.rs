//! What two tables of a run say of one thing is the same.

use std::collections::HashMap;

use crate::report::cell::{Cell, TableCells};
use crate::report::invariants::checked::Checked;
use crate::report::invariants::declared::Repeats;
use crate::report::invariants::violation::Violation;

/// Rows that `other` lacks, and cells it says otherwise; rows that name nothing are passed over.
pub(super) fn repeats(checked: Checked<'_>, said: &Repeats, other: TableCells<'_>) -> Vec<Violation> {
    let admitted = |row: &usize| said.only.is_none_or(|(column, value)| other.at(column, *row).text() == Some(value));
    let rows: HashMap<Vec<String>, usize> =
        (0..other.rows()).filter(admitted).map(|row| (other.key(said.by, row), row)).collect();
    let mut violations = Vec::new();
    let names_none = |row: usize| said.by.iter().all(|column| checked.cells.at(column, row).is_empty());
    for row in (0..checked.cells.rows()).filter(|row| !names_none(*row)) {
        match rows.get(&checked.cells.key(said.by, row)) {
            Some(there) => violations.extend(differing(checked, said, row, other, *there)),
            None if said.every => {
                let expected = format!("a row of {}", said.table);
                violations.push(checked.violation(row, said.by, "no row".to_owned(), expected));
            }
            None => {}
        }
    }
    violations
}

fn differing(
    checked: Checked<'_>,
    said: &Repeats,
    row: usize,
    other: TableCells<'_>,
    other_row: usize,
) -> Vec<Violation> {
    let differ = said.columns.iter().filter_map(|(here_name, there_name)| {
        let (here, there) = (checked.cells.at(here_name, row), other.at(there_name, other_row));
        let expected = format!("{there}, as {}.{there_name}", said.table);
        (!is_same(&here, &there)).then(|| checked.violation(row, &[*here_name], here.to_string(), expected))
    });
    differ.collect()
}

/// Whether two cells say the same: money by its amount, whatever its decimal places.
fn is_same(here: &Cell<'_>, there: &Cell<'_>) -> bool {
    match (*here, *there) {
        (Cell::Money(a, a_places), Cell::Money(b, b_places)) => {
            let most = a_places.max(b_places);
            let scaled = |minor: i128, places: u32| 10_i128.checked_pow(most - places)?.checked_mul(minor);
            scaled(a, a_places).is_some_and(|here| scaled(b, b_places) == Some(here))
        }
        _ => here == there,
    }
}
