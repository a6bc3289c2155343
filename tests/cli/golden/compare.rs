//! Two versions of a table, cell by cell.

use crate::harness::{Row, Table};

use super::cells::{Rounding, is_complement, numbers};
use super::changed::Changes;
use super::renames::{How, Renames};

/// How many differences of a table are told.
const TOLD: usize = 40;

/// A column of the stored table and where it is today.
struct Pair<'a> {
    old: &'a str,
    new: &'a str,
    how: How,
}

/// A cell that holds something else than before.
#[derive(Debug)]
pub struct Difference {
    /// Today's name of the column, or the place in a document.
    pub column: String,
    pub old: String,
    pub new: String,
    /// The difference in words.
    pub told: String,
}

impl Difference {
    /// How far the number moved, relative to the larger of the two.
    pub fn relative(&self) -> Option<f64> {
        let (old, new) = (self.old.parse::<f64>().ok()?, self.new.parse::<f64>().ok()?);
        Some((old - new).abs() / old.abs().max(new.abs()).max(f64::MIN_POSITIVE))
    }

    /// Whether both are numbers and no further apart than `within` of the larger.
    pub fn is_within(&self, within: f64) -> bool {
        self.relative().is_some_and(|moved| moved <= within)
    }
}

/// What two versions of a table are compared under.
pub struct Terms<'a> {
    /// The stored file, such as `run/forecast`.
    pub stored: &'a str,
    /// The table's new name.
    pub table: &'a str,
    pub renames: &'a Renames,
    pub changes: &'a Changes,
    pub rounding: Rounding,
}

/// What a column holds that it should not; empty if `new` holds every value of `old`, but for the stated changes.
pub fn differences(terms: &Terms, old: &Table, new: &Table) -> Vec<String> {
    let pairs: Vec<Pair> = old.names().map(|name| pair(terms.table, name, terms.renames)).collect();
    let missing: Vec<String> =
        pairs.iter().filter(|pair| !new.has(pair.new)).map(|pair| missing(terms.table, pair, new)).collect();
    if !missing.is_empty() {
        return missing;
    }
    let rows = match rows(terms, old, new, &pairs) {
        Ok(rows) => rows,
        Err(told) => return vec![format!("{}: {told}", terms.table)],
    };
    let found = rows.into_iter().enumerate().flat_map(|(at, [before, after])| {
        let differ = |pair: &&Pair| !is_same(terms, pair, before, after);
        pairs.iter().filter(differ).map(move |pair| difference(terms, at, pair, [before, after])).collect::<Vec<_>>()
    });
    let all = terms.changes.unstated(terms.stored, &found.collect::<Vec<_>>());
    let more = all.len().saturating_sub(TOLD);
    let rest = (more > 0).then(|| format!("{}: and {more} more", terms.table));
    all.into_iter().take(TOLD).chain(rest).collect()
}

/// Each row as it was and as it is.
fn rows<'a>(terms: &Terms, old: &'a Table, new: &'a Table, pairs: &[Pair<'a>]) -> Result<Vec<[Row<'a>; 2]>, String> {
    if let Some(rule) = terms.changes.rows(terms.stored) {
        let old_name = |name: &String| pairs.iter().find(|pair| pair.new == *name).map(|pair| pair.old);
        let old_key: Option<Vec<&str>> = rule.key.iter().map(old_name).collect();
        return rule.matched(old, new, &old_key.ok_or_else(|| format!("no columns {:?}", rule.key))?);
    }
    if old.rows() != new.rows() {
        return Err(format!("{} rows before, {} after", old.rows(), new.rows()));
    }
    Ok(old.iter().zip(new.iter()).map(|(before, after)| [before, after]).collect())
}

fn pair<'a>(table: &str, old: &'a str, renames: &'a Renames) -> Pair<'a> {
    let (new, how) = renames.column(table, old);
    Pair { old, new, how }
}

fn missing(table: &str, pair: &Pair, new: &Table) -> String {
    let columns: Vec<&str> = new.names().collect();
    format!("{table}: no column {} (before: {}) among {}", pair.new, pair.old, columns.join(", "))
}

fn is_same(terms: &Terms, pair: &Pair, before: Row, after: Row) -> bool {
    let (old, new) = (before.get(pair.old), after.get(pair.new));
    let old = terms.renames.value(terms.table, pair.new, old);
    match pair.how {
        How::Complement => is_complement(&old, new),
        How::Numbers => numbers(&old) == numbers(new),
        How::Same => old == new || terms.rounding.is_same(&old, new),
    }
}

/// Told with table, row, its first words, column, before and after.
fn difference(terms: &Terms, at: usize, pair: &Pair, [before, after]: [Row; 2]) -> Difference {
    let words = before.cells().filter(|cell| !cell.is_empty() && cell.parse::<f64>().is_err() && cell.len() < 40);
    let key: Vec<&str> = words.take(5).collect();
    let (table, row, key) = (terms.table, at + 1, key.join(", "));
    let (old, new) = (before.get(pair.old).to_owned(), after.get(pair.new).to_owned());
    let column =
        if pair.old == pair.new { pair.new.to_owned() } else { format!("{} (before: {})", pair.new, pair.old) };
    let told = format!("{table} row {row} ({key}), {column}: {old:?} before, {new:?} after");
    Difference { column: pair.new.to_owned(), old, new, told }
}

mod tests {
    use super::*;
    use crate::golden::renames::EXAMPLE;

    const OLD: &str = "node,kept_share,norm,cause,won\nu1,0.25,0.333333333333,pipeline,7.00\nu2,,,33 % is usual,8.00\n";

    fn compared(new: &str) -> Vec<String> {
        compared_under("", new)
    }

    fn compared_under(changes: &str, new: &str) -> Vec<String> {
        let (renames, changes) = (Renames::parse(EXAMPLE), Changes::parse(changes));
        let terms = Terms {
            stored: "run/gaps",
            table: "gaps",
            renames: &renames,
            changes: &changes,
            rounding: Rounding::LastDigits,
        };
        differences(&terms, &Table::parse(OLD), &Table::parse(new))
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

    const CHANGED: &str = "[[changed]]\nstored = \"run/gaps\"\ncolumn = \"won\"\ncells = 1\nwithin = 0.01\n\
                           reason = \"a deal counted twice counts once\"\n";

    #[test]
    fn a_stated_change_is_no_difference_and_an_unstated_one_is() {
        let new = "node,slip_rate,benchmark,cause,won\nu1,0.75,0.333333333333,insufficient pipeline,7.00\n\
                   u2,,,33 % is the benchmark,8.01\n";
        assert_eq!(compared_under(CHANGED, new), Vec::<String>::new());
        let elsewhere = compared_under(&CHANGED.replace("run/", "answers/"), new);
        assert_eq!(elsewhere, ["gaps row 2 (u2, 33 % is usual), won: \"8.00\" before, \"8.01\" after"]);
    }

    #[test]
    fn a_statement_that_is_not_so_is_named() {
        let same = "node,slip_rate,benchmark,cause,won\nu1,0.75,0.333333333333,insufficient pipeline,7.00\n\
                    u2,,,33 % is the benchmark,8.00\n";
        assert_eq!(compared_under(CHANGED, same), ["changed.toml states 1 other cells in won, 0 are"]);
        let far = compared_under(CHANGED, &same.replace("8.00", "9.00"));
        assert!(far[0].starts_with("changed.toml states won to be within Some(0.01): gaps row 2"), "{far:?}");
    }

    #[test]
    fn stated_rows_are_left_out_and_the_others_compared() {
        let list = "[[rows]]\nstored = \"run/gaps\"\nkey = [\"node\"]\nadded = 1\nremoved = 1\n\
                    reason = \"u2 left, u3 came in its stead\"\n";
        let new =
            "node,slip_rate,benchmark,cause,won\nu3,,,x,1.00\nu1,0.75,0.333333333333,insufficient pipeline,7.00\n";
        assert_eq!(compared_under(list, new), Vec::<String>::new());
        let expected = "gaps row 1 (u1, pipeline), won: \"7.00\" before, \"7.50\" after";
        assert_eq!(compared_under(list, &new.replace("7.00", "7.50")), [expected]);
        let told = compared_under(&list.replace("added = 1", "added = 2"), new);
        assert_eq!(told, ["gaps: changed.toml states (added, removed) rows (2, 1) in run/gaps, there are (1, 1)"]);
    }
}
