//! One column of a table for eyes: its heading in lines, its cells in words, what their colours mean.
//!
//! A column of a [`Table`] and the rows to show in, a [`Shown`] out. Chooses no width and draws nothing.

use comfy_table::Color;
use dealcast::render::ReadableTable;
use dealcast::report::cell::Cell;

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
    pub fn of(readable: ReadableTable<'_>, column: usize, rows: &[usize]) -> Self {
        let batch = readable.table.batch();
        let (array, field) = (batch.column(column), batch.schema_ref().field(column));
        let unit = field.metadata().get("unit").map(String::as_str);
        let is_share = unit.is_some_and(|unit| unit.ends_with("0 to 1"));
        let values: Vec<Cell<'_>> = rows.iter().map(|row| Cell::of(array, *row)).collect();
        let places = if unit == Some("ratio") { 2 } else { places(&values) };
        let few = |value: &Cell<'_>| value.number().map_or_else(String::new, |n| readable.language.few_letters(n));
        let short = values.iter().any(|cell| matches!(cell, Cell::Money(..)));
        Self {
            cells: rows.iter().map(|row| clean(&readable.cell(field.name(), *row, is_share, places))).collect(),
            short: short.then(|| values.iter().map(few).collect()),
            colours: values.iter().map(|value| colour(field.name(), value)).collect(),
            numeric: array.data_type().is_numeric(),
            name: clean(&readable.heading(field.name())),
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
        let words: Vec<&str> = self.name.split_inclusive(['_', ' ']).collect();
        let cells = self.cells.iter().map(|cell| letters(cell)).max().unwrap_or(0);
        let room = words.iter().map(|word| letters(word.trim_end())).max().unwrap_or(0).max(cells);
        let mut lines = vec![String::new()];
        for word in words {
            let last = lines.last().map_or(0, |line| letters(line));
            if last > 0 && last + letters(word.trim_end()) > room {
                lines.push(String::new());
            }
            if let Some(line) = lines.last_mut() {
                line.push_str(word);
            }
        }
        lines.iter().map(|line| line.trim_end()).collect::<Vec<_>>().join("\n")
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

pub(super) fn letters(text: &str) -> usize {
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
        assert_eq!(of("Chance d'atteindre le quota", &["41,0 %"]).heading(), "Chance\nd'atteindre\nle quota");
    }

    #[test]
    fn numbers_have_the_decimals_they_need() {
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
