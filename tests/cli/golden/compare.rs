//! Two versions of a table, cell by cell.

use crate::harness::{Row, Table};

use super::cells::{Rounding, is_complement, numbers};
use super::renames::{How, Renames};

/// How many differences of a table are told.
const TOLD: usize = 12;

/// A column of the stored table and where it is today.
struct Pair<'a> {
    old: &'a str,
    new: &'a str,
    how: How,
}

/// What a column holds that it should not; empty if `new` holds every value of `old`. `table` is the new name.
pub fn differences(table: &str, old: &Table, new: &Table, renames: &Renames, rounding: Rounding) -> Vec<String> {
    let pairs: Vec<Pair> = old.names().map(|name| pair(table, name, renames)).collect();
    let missing: Vec<String> =
        pairs.iter().filter(|pair| !new.has(pair.new)).map(|pair| missing(table, pair, new)).collect();
    if !missing.is_empty() {
        return missing;
    }
    if old.rows() != new.rows() {
        return vec![format!("{table}: {} rows before, {} after", old.rows(), new.rows())];
    }
    let rows = old.iter().zip(new.iter()).enumerate();
    let all: Vec<String> = rows
        .flat_map(|(at, (before, after))| {
            let differ = |pair: &&Pair| !is_same(table, pair, before, after, renames, rounding);
            pairs.iter().filter(differ).map(move |pair| told(table, at, pair, before, after)).collect::<Vec<_>>()
        })
        .collect();
    let more = all.len().saturating_sub(TOLD);
    let rest = (more > 0).then(|| format!("{table}: and {more} more"));
    all.into_iter().take(TOLD).chain(rest).collect()
}

fn pair<'a>(table: &str, old: &'a str, renames: &'a Renames) -> Pair<'a> {
    let (new, how) = renames.column(table, old);
    Pair { old, new, how }
}

fn missing(table: &str, pair: &Pair, new: &Table) -> String {
    let columns: Vec<&str> = new.names().collect();
    format!("{table}: no column {} (before: {}) among {}", pair.new, pair.old, columns.join(", "))
}

fn is_same(table: &str, pair: &Pair, before: Row, after: Row, renames: &Renames, rounding: Rounding) -> bool {
    let (old, new) = (before.get(pair.old), after.get(pair.new));
    let old = renames.value(table, pair.new, old);
    match pair.how {
        How::Complement => is_complement(&old, new),
        How::Numbers => numbers(&old) == numbers(new),
        How::Same => old == new || rounding.is_same(&old, new),
    }
}

/// Table, row, its first words, column, before and after.
fn told(table: &str, at: usize, pair: &Pair, before: Row, after: Row) -> String {
    let words = before.cells().filter(|cell| !cell.is_empty() && cell.parse::<f64>().is_err() && cell.len() < 40);
    let key: Vec<&str> = words.take(5).collect();
    let (old, new) = (before.get(pair.old), after.get(pair.new));
    let column =
        if pair.old == pair.new { pair.new.to_owned() } else { format!("{} (before: {})", pair.new, pair.old) };
    format!("{table} row {} ({}), {column}: {old:?} before, {new:?} after", at + 1, key.join(", "))
}

mod tests {
    use super::*;
    use crate::golden::renames::EXAMPLE;

    const OLD: &str = "node,kept_share,norm,cause,won\nu1,0.25,0.333333333333,pipeline,7.00\nu2,,,33 % is usual,8.00\n";

    fn compared(new: &str) -> Vec<String> {
        let (old, new) = (Table::parse(OLD), Table::parse(new));
        differences("gaps", &old, &new, &Renames::parse(EXAMPLE), Rounding::LastDigits)
    }

    #[test]
    fn renamed_moved_and_added_columns_are_no_difference() {
        let new = "won,node,slip_rate,benchmark,cause,added\n7.00,u1,0.75,0.33333333333301,insufficient pipeline,x\n\
                   8.00,u2,,,33 % is the benchmark,y\n";
        assert_eq!(compared(new), Vec::<String>::new());
    }

    #[test]
    fn a_changed_value_is_named_with_table_row_and_column() {
        let new = "node,slip_rate,benchmark,cause,won\nu1,0.75,0.333333333333,insufficient pipeline,7.00\n\
                   u2,,,33 % is the benchmark,8.01\n";
        let expected = "gaps row 2 (u2, 33 % is usual), won: \"8.00\" before, \"8.01\" after";
        assert_eq!(compared(new), [expected]);
        let new = new.replace("0.75", "0.25").replace("8.01", "8.00");
        let expected = "gaps row 1 (u1, pipeline), slip_rate (before: kept_share): \"0.25\" before, \"0.25\" after";
        assert_eq!(compared(&new), [expected]);
    }

    #[test]
    fn a_missing_column_or_row_is_named() {
        let new = "node,slip_rate,benchmark,cause,won\nu1,0.75,0.333333333333,insufficient pipeline,7.00\n";
        assert_eq!(compared(new), ["gaps: 2 rows before, 1 after"]);
        assert!(
            compared(&new.replace("slip_rate", "x"))[0].starts_with("gaps: no column slip_rate (before: kept_share)")
        );
    }
}
