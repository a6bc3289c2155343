//! What a table can promise beyond its columns: [`Invariant`]. Data only; each puts itself into words.

use serde::{Serialize, Serializer};

/// A promise about the rows of one table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Invariant {
    /// No two rows have the same values in these columns; they name a row.
    Key(&'static [&'static str]),
    /// Each value is at most the next one; empty cells are passed over.
    Ordered(&'static [&'static str]),
    /// All of them are filled, or none is.
    Together(&'static [&'static str]),
    /// Rows about parts add up to the row about the whole.
    AddsUp(AddsUp),
    /// Another table says the same.
    Repeats(Repeats),
    /// Nothing is below zero unless an amount it is made of is.
    SignOf(SignOf),
    /// Chances by a day, each column with the column of its last day: by a later day none is lower, by the same day they are
    /// the same.
    GrowByDay(&'static [(&'static str, &'static str)]),
    /// What happens in some days happens no less in more days that hold them.
    GrowWithDays(GrowWithDays),
}

/// Rows about parts that add up to the row about the whole: money to the last unit, counts exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddsUp {
    /// The column that says whether a row is about the whole or a part.
    pub over: &'static str,
    /// What stands there in the row about the whole.
    pub whole: &'static str,
    /// Which other rows are its parts.
    pub parts: PartRows,
    /// A column and a value of it: such rows have no parts.
    pub but: Option<(&'static str, &'static str)>,
    /// What the whole and its parts have in common.
    pub per: &'static [&'static str],
    /// What adds up.
    pub columns: &'static [&'static str],
}

/// Which rows are the parts of a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartRows {
    /// All rows of one other value, for each such value: all owners, all teams. Not those of the values named.
    EachValue(&'static [&'static str]),
    /// All other rows together, but those of the values named: all periods.
    AllOthers(&'static [&'static str]),
    /// All rows of one `column=value`, for each column.
    EachColumn,
}

/// TableCells that must be those of another table of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repeats {
    /// The other table.
    pub table: &'static str,
    /// The columns that name the row, called the same in both.
    pub by: &'static [&'static str],
    /// What must stand in a column of the other table's row.
    pub only: Option<(&'static str, &'static str)>,
    /// What is said again: the column here, the column there.
    pub columns: &'static [(&'static str, &'static str)],
    /// Whether every row here has its row there.
    pub every: bool,
}

/// Money that is below zero only where an amount of another table is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignOf {
    /// The money.
    pub columns: &'static [&'static str],
    /// The table of the amounts.
    pub table: &'static str,
    /// Their column.
    pub amount: &'static str,
}

/// Chances that something happens in the days of the row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GrowWithDays {
    /// What rows about the same thing have in common.
    pub per: &'static [&'static str],
    /// The first of the days.
    pub first: &'static str,
    /// The last.
    pub last: &'static str,
    /// The chances.
    pub columns: &'static [&'static str],
}

impl Invariant {
    /// In words, for the reference.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Key(columns) => format!("no two rows have the same {}", listed(columns)),
            Self::Ordered(columns) => columns.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(" <= "),
            Self::Together(columns) => format!("{} are filled together, or empty together", listed(columns)),
            Self::AddsUp(sum) => sum.words(),
            Self::Repeats(repeats) => repeats.words(),
            Self::SignOf(sign) => sign.words(),
            Self::GrowByDay(chances) => {
                let by = chances.iter().map(|(chance, day)| format!("`{chance}` by `{day}`"));
                format!("the later the day, the higher the chance: {}", by.collect::<Vec<_>>().join(", "))
            }
            Self::GrowWithDays(grow) => grow.words(),
        }
    }
}

impl AddsUp {
    fn words(&self) -> String {
        let Self { over, whole, parts, but, per, columns } = self;
        let rows = match parts {
            PartRows::EachValue([]) => format!("the rows of each `{over}`"),
            PartRows::EachValue(but) => format!("the rows of each `{over}` other than {}", listed(but)),
            PartRows::AllOthers([]) => format!("the rows of every other `{over}`"),
            PartRows::AllOthers(but) => format!("the rows of every other `{over}` than {}", listed(but)),
            PartRows::EachColumn => format!("the rows of all values of one column in `{over}`"),
        };
        let per = if per.is_empty() { String::new() } else { format!(", per {}", listed(per)) };
        let but = but.map_or_else(String::new, |(column, value)| format!(", but where `{column}` is {value}"));
        format!("{rows} add up to that of `{whole}`{per}{but}: {}", listed(columns))
    }
}

impl Repeats {
    fn words(&self) -> String {
        let Self { table, by, only, columns, every } = self;
        let only = only.map_or_else(String::new, |(column, value)| format!(" whose `{column}` is {value}"));
        let row = format!("row of `{table}` with the same {}{only}", listed(by));
        let said: Vec<String> = columns.iter().map(|(here, there)| same(here, there)).collect();
        match (every, said.is_empty()) {
            (true, true) => format!("every row has a {row}"),
            (true, false) => format!("every row has a {row}, and its {}", said.join(", ")),
            (false, _) => format!("where there is a {row}: its {}", said.join(", ")),
        }
    }
}

impl SignOf {
    fn words(&self) -> String {
        let Self { columns, table, amount } = self;
        format!("{} are not below zero, unless an `{amount}` of `{table}` is", listed(columns))
    }
}

impl GrowWithDays {
    fn words(&self) -> String {
        let Self { per, first, last, columns } = self;
        let fall = if columns.len() == 1 { "falls" } else { "fall" };
        let days = format!("from days to more days around them (`{first}` to `{last}`)");
        format!("per {}, {} never {fall} {days}", listed(per), listed(columns))
    }
}

fn same(here: &str, there: &str) -> String {
    if here == there { quoted(here) } else { format!("`{there}` as `{here}`") }
}

fn quoted(name: &str) -> String {
    format!("`{name}`")
}

/// `a`, `b` and `c`.
fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => quoted(one),
        [first @ .., last] => {
            let first: Vec<String> = first.iter().map(|name| quoted(name)).collect();
            format!("{} and {}", first.join(", "), quoted(last))
        }
    }
}

impl Serialize for Invariant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.words())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn promises_read_well() {
        let key = Invariant::Key(&["level", "node"]);
        assert_eq!(key.words(), "no two rows have the same `level` and `node`");
        assert_eq!(Invariant::Ordered(&["p10", "p50", "p90"]).words(), "`p10` <= `p50` <= `p90`");
        let together = Invariant::Together(&["low", "high"]);
        assert_eq!(together.words(), "`low` and `high` are filled together, or empty together");
        let sum = AddsUp {
            over: "level",
            whole: "company",
            parts: PartRows::EachValue(&["manager"]),
            but: Some(("period", "2026")),
            per: &["period"],
            columns: &["won"],
        };
        let words = "the rows of each `level` other than `manager` add up to that of `company`, per `period`, \
                     but where `period` is 2026: `won`";
        assert_eq!(Invariant::AddsUp(sum).words(), words);
        let repeats = Repeats {
            table: "forecast",
            by: &["node"],
            only: Some(("basis", "base")),
            columns: &[("won", "won"), ("end", "pipeline")],
            every: true,
        };
        let words = "every row has a row of `forecast` with the same `node` whose `basis` is base, and its `won`, \
                     `pipeline` as `end`";
        assert_eq!(Invariant::Repeats(repeats).words(), words);
        let by_day = Invariant::GrowByDay(&[("soon", "friday"), ("late", "sunday")]);
        assert_eq!(by_day.words(), "the later the day, the higher the chance: `soon` by `friday`, `late` by `sunday`");
        let grow = GrowWithDays { per: &["node", "deal_id"], first: "from", last: "to", columns: &["chance"] };
        let words =
            "per `node` and `deal_id`, `chance` never falls from days to more days around them (`from` to `to`)";
        assert_eq!(Invariant::GrowWithDays(grow).words(), words);
    }
}
