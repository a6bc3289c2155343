//! One column of a table for eyes: its heading in lines, its cells in words, what their colours mean.
//!
//! A column of a [`Table`] and the rows to show in, a [`Shown`] out. Chooses no width and draws nothing.

use comfy_table::Color;
use dealcast::report::cell::Cell;
use dealcast::report::table::Table;
use dealcast::report::words::{percent, thousands, whole_units};

use super::plain;

/// Longest text looked at, in characters.
const LONGEST: usize = 400;
/// From this chance on a quota is as likely reached as not.
const EVEN: f64 = 0.5;

/// One column as text.
pub(super) struct Shown {
    pub name: String,
    pub cells: Vec<String>,
    /// Money in few letters, for lines without room.
    short: Option<Vec<String>>,
    pub colours: Vec<Option<Color>>,
    pub numeric: bool,
}

impl Shown {
    /// Column `column` of `rows`.
    pub fn of(table: &Table, column: usize, rows: &[usize]) -> Self {
        let (array, field) = (table.batch().column(column), table.batch().schema_ref().field(column));
        let name = clean(field.name());
        let is_share = field.metadata().get("unit").is_some_and(|unit| unit.ends_with("0 to 1"));
        let values: Vec<Cell<'_>> = rows.iter().map(|row| Cell::of(array, *row)).collect();
        let places = places(&values);
        let short = values.iter().any(|cell| matches!(cell, Cell::Money(..)));
        Self {
            cells: values.iter().map(|value| cell(value, is_share, places)).collect(),
            short: short.then(|| values.iter().map(in_few_letters).collect()),
            colours: values.iter().map(|value| colour(field.name(), value)).collect(),
            numeric: array.data_type().is_numeric(),
            name,
        }
    }

    /// A column of text that is no column of the table.
    pub fn drawn(name: &str, cells: Vec<String>) -> Self {
        let colours = vec![None; cells.len()];
        Self { name: name.to_owned(), cells, short: None, colours, numeric: false }
    }

    /// Characters of the widest cell or heading line.
    pub fn width(&self) -> usize {
        let cells = self.cells.iter().map(|cell| letters(cell)).max().unwrap_or(0);
        self.heading().lines().map(letters).max().unwrap_or(0).max(cells)
    }

    /// The name, broken after its words where the cells are narrower.
    pub fn heading(&self) -> String {
        let words: Vec<&str> = self.name.split_inclusive('_').collect();
        let cells = self.cells.iter().map(|cell| letters(cell)).max().unwrap_or(0);
        let room = words.iter().map(|word| letters(word)).max().unwrap_or(0).max(cells);
        let mut lines = vec![String::new()];
        for word in words {
            let last = lines.last().map_or(0, |line| letters(line));
            if last > 0 && last + letters(word) > room {
                lines.push(String::new());
            }
            if let Some(line) = lines.last_mut() {
                line.push_str(word);
            }
        }
        lines.join("\n")
    }

    /// The value that all rows have, where there are several rows and it is a text.
    pub fn common(&self) -> Option<&str> {
        let first = self.cells.first().filter(|first| !first.is_empty() && !self.numeric)?;
        (self.cells.len() > 1 && self.cells.iter().all(|cell| cell == first)).then_some(first.as_str())
    }

    /// Money in few letters.
    pub fn shorten(&mut self) {
        if let Some(short) = self.short.take() {
            self.cells = short;
        }
    }

    /// Shortens the cells to `width` characters.
    pub fn cut(&mut self, width: usize) {
        for cell in self.cells.iter_mut().filter(|cell| letters(cell) > width) {
            *cell = cell.chars().take(width.saturating_sub(1)).chain(['…']).collect();
        }
    }
}

fn letters(text: &str) -> usize {
    text.chars().count()
}

/// Decimals all numbers of a column are shown with: none where all are whole, more the smaller they are.
fn places(values: &[Cell<'_>]) -> usize {
    let numbers = values.iter().filter_map(|value| match value {
        Cell::Number(number) => Some(*number),
        _ => None,
    });
    let (mut largest, mut all_whole) = (0.0_f64, true);
    for number in numbers {
        largest = largest.max(number.abs());
        all_whole &= number.fract() == 0.0;
    }
    match largest {
        _ if all_whole => 0,
        100.0.. => 1,
        10.0.. => 2,
        _ => 4,
    }
}

/// A cell as people read it: money in whole units, shares in percent.
fn cell(cell: &Cell<'_>, is_share: bool, places: usize) -> String {
    match *cell {
        Cell::Empty => String::new(),
        Cell::Text(text) => clean(text),
        Cell::Money(minor, decimals) => whole_units(minor, decimals),
        Cell::Whole(number) => thousands(number.into()),
        Cell::Number(share) if is_share => percent(share),
        Cell::Number(number) => format!("{number:.places$}"),
        Cell::Date(_) | Cell::Flag(_) => cell.to_string(),
    }
}

/// Money as `1.23M`, `45.6k`, `789`.
fn in_few_letters(cell: &Cell<'_>) -> String {
    let Some(amount) = cell.number() else { return String::new() };
    let (scaled, letter) = match amount.abs() {
        size if size >= 999.5e6 => (amount / 1e9, "bn"),
        size if size >= 999.5e3 => (amount / 1e6, "M"),
        size if size >= 999.5 => (amount / 1e3, "k"),
        _ => (amount, ""),
    };
    let places = match scaled.abs() {
        _ if letter.is_empty() => 0,
        size if size < 9.995 => 2,
        size if size < 99.95 => 1,
        _ => 0,
    };
    format!("{scaled:.places$}{letter}")
}

/// What a value means: good, to be watched, bad.
fn colour(column: &str, cell: &Cell<'_>) -> Option<Color> {
    match (column, cell) {
        ("status" | "stagnation", Cell::Text("stalled" | "behind")) | ("trend", Cell::Text("declining")) => {
            Some(Color::Red)
        }
        ("p_hit_quota", Cell::Number(chance)) if *chance < EVEN => Some(Color::Red),
        ("status" | "stagnation", Cell::Text("slow")) | ("drifted", Cell::Flag(true)) => Some(Color::Yellow),
        ("trend", Cell::Text("improving")) | ("grade", Cell::Text("A")) | ("p_hit_quota", Cell::Number(_)) => {
            Some(Color::Green)
        }
        ("gap", Cell::Money(minor, _)) if *minor <= 0 => Some(Color::Green),
        _ => None,
    }
}

/// The beginning of a text in one line that commands no terminal.
fn clean(text: &str) -> String {
    plain::line(&text.chars().take(LONGEST).collect::<String>()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str, cells: &[&str]) -> Shown {
        Shown::drawn(name, cells.iter().map(|cell| (*cell).to_owned()).collect())
    }

    #[test]
    fn headings_break_after_words_where_cells_are_narrow() {
        assert_eq!(of("p_hit_quota", &["41.0 %"]).heading(), "p_hit_\nquota");
        assert_eq!(of("p_hit_quota", &["a long enough cell"]).heading(), "p_hit_quota");
        assert_eq!(of("days_in_stage", &["7"]).width(), 5);
        assert_eq!(of("won", &[]).heading(), "won");
    }

    #[test]
    fn money_is_short_and_numbers_have_the_decimals_they_need() {
        let money = |units: i128| in_few_letters(&Cell::Money(units * 100, 2));
        assert_eq!([0, 999, 1_234, 45_600, 789_000].map(money), ["0", "999", "1.23k", "45.6k", "789k"]);
        assert_eq!([1_234_567, -2_500_000_000].map(money), ["1.23M", "-2.50bn"]);
        assert_eq!(in_few_letters(&Cell::Empty), "");
        let places_of =
            |numbers: &[f64]| places(&numbers.iter().map(|number| Cell::Number(*number)).collect::<Vec<_>>());
        assert_eq!(
            [places_of(&[26.0, 14_130.0]), places_of(&[0.3916]), places_of(&[35.25]), places_of(&[135.25])],
            [0, 4, 2, 1]
        );
    }

    #[test]
    fn what_all_rows_have_is_said_once() {
        assert_eq!(of("period", &["2026-Q1", "2026-Q1"]).common(), Some("2026-Q1"));
        assert_eq!(of("period", &["2026-Q1"]).common(), None, "a single row says it itself");
        assert_eq!(of("period", &["2026-Q1", "2026-Q2"]).common(), None);
    }
}
