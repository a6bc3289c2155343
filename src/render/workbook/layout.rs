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
    fn names_of_sheets_are_short_plain_and_different() {
        let long = sheet_name(&"Forecast / ".repeat(9), &[]);
        assert!(long.chars().count() <= 31 && !long.contains('/'), "{long}");
        assert_eq!(sheet_name("Funnel", &["FUNNEL".to_owned()]), "Funnel 2");
        assert_eq!(sheet_name("*", &[]), "Sheet");
    }
}
