//! Where things stand on a sheet, and how formulas and charts name it.

use rust_xlsxwriter::utility::column_number_to_name;

/// Rows of a sheet.
pub(super) const MOST_ROWS: usize = 1_048_576;
/// The last row and the last column of a sheet, counted from 0.
const LAST_ROW: u32 = 1_048_575;
const LAST_COLUMN: u16 = 16_383;

/// A table on its sheet.
#[derive(Clone, Debug, Default)]
pub(super) struct Placed {
    pub sheet: String,
    /// The row of the headings, counted from 0.
    pub head: u32,
    /// How many rows it has.
    pub rows: usize,
    /// The names of its columns in the outputs, from left to right.
    pub columns: Vec<String>,
}

/// The last of so many columns.
pub(super) fn last_column(columns: usize) -> u16 {
    u16::try_from(columns.saturating_sub(1)).unwrap_or(LAST_COLUMN)
}

impl Placed {
    /// The place of a column.
    pub(super) fn column(&self, name: &str) -> Option<u16> {
        self.columns.iter().position(|column| column == name).and_then(|at| u16::try_from(at).ok())
    }

    /// The first row of cells.
    pub(super) fn first(&self) -> u32 {
        self.head + 1
    }

    /// The last row of cells.
    pub(super) fn last(&self) -> u32 {
        self.head + u32::try_from(self.rows).unwrap_or(LAST_ROW)
    }

    /// `$C$5:$C$90`: a column's cells, on this sheet.
    pub(super) fn range(&self, column: &str) -> Option<String> {
        let letters = letters(self.column(column)?);
        Some(format!("${letters}${}:${letters}${}", self.first() + 1, self.last() + 1))
    }

    /// The same, from another sheet.
    pub(super) fn range_from_elsewhere(&self, column: &str) -> Option<String> {
        // Names of sheets hold no quotes.
        Some(format!("'{}'!{}", self.sheet, self.range(column)?))
    }
}

/// `F9`.
pub(super) fn cell(row: u32, column: u16) -> String {
    format!("{}{}", letters(column), row + 1)
}

fn letters(column: u16) -> String {
    column_number_to_name(column)
}

/// The height of a line of text, in points.
const LINE: f64 = 15.0;
/// The lines of a row, at most: a spreadsheet has no row above 409 points.
const MOST_LINES: usize = 27;

/// How high a row is whose wrapped texts stand in columns so many letters wide: programs that do not measure texts show
/// rows as high as they are told. None where a line holds each.
pub(super) fn height<'t>(texts: impl Iterator<Item = (&'t str, usize)>) -> Option<f64> {
    let lines = texts.map(|(text, width)| lines(text, width)).max().unwrap_or(1);
    (lines > 1).then(|| LINE * lines.min(MOST_LINES) as f64)
}

/// How many lines a text takes, broken between words.
fn lines(text: &str, width: usize) -> usize {
    // Wide letters take more than their share.
    let room = width.saturating_sub(width / 10 + 1).max(1);
    text.lines().map(|paragraph| lines_of(paragraph, room)).sum()
}

fn lines_of(paragraph: &str, room: usize) -> usize {
    let (mut lines, mut used) = (1, 0);
    for word in paragraph.split(' ').map(|word| word.chars().count()) {
        if used > 0 && used + 1 + word > room {
            (lines, used) = (lines + 1, 0);
        }
        used += word + usize::from(used > 0);
        (lines, used) = (lines + used.saturating_sub(1) / room, used.min(room));
    }
    lines
}

/// A name for a sheet: at most 31 letters, none that is forbidden, unlike those `taken` whatever their case.
pub(super) fn sheet_name(wanted: &str, taken: &[String]) -> String {
    let allowed = |letter: char| if r"[]:*?/\'".contains(letter) || letter.is_control() { ' ' } else { letter };
    let plain: String = wanted.chars().map(allowed).take(31).collect();
    let plain = if plain.trim().is_empty() { "Sheet".to_owned() } else { plain.trim().to_owned() };
    let is_free = |name: &String| !taken.iter().any(|known| known.to_lowercase() == name.to_lowercase());
    let numbered = (2..).map(|number| plain.chars().take(27).collect::<String>() + &format!(" {number}"));
    std::iter::once(plain.clone()).chain(numbered.take(999)).find(is_free).unwrap_or(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_name_the_cells_below_the_heading() {
        let columns = ["a", "b"].map(str::to_owned).to_vec();
        let placed = Placed { sheet: "Won deals".into(), head: 3, rows: 2, columns };
        assert_eq!(placed.range("b").as_deref(), Some("$B$5:$B$6"));
        assert_eq!(placed.range_from_elsewhere("a").as_deref(), Some("'Won deals'!$A$5:$A$6"));
        assert_eq!((placed.range("c"), cell(8, 27)), (None, "AB9".to_owned()));
    }

    #[test]
    fn a_row_is_as_high_as_its_longest_wrapped_text() {
        assert_eq!(height([("short", 20), ("also short", 20)].into_iter()), None);
        assert_eq!(height([("one two three four five six", 12)].into_iter()), Some(45.0));
        assert_eq!(height([("x".repeat(100).as_str(), 12)].into_iter()), Some(150.0));
        assert_eq!(height([("a\nb", 12)].into_iter()), Some(30.0));
        assert_eq!(height([("word ".repeat(9_000).as_str(), 12)].into_iter()), Some(405.0));
    }

    #[test]
    fn names_of_sheets_are_short_plain_and_different() {
        let long = sheet_name(&"Forecast / ".repeat(9), &[]);
        assert!(long.chars().count() <= 31 && !long.contains('/'), "{long}");
        assert_eq!(sheet_name("Funnel", &["FUNNEL".to_owned()]), "Funnel 2");
        assert_eq!(sheet_name("*", &[]), "Sheet");
    }
}
