//! A [`Table`] for eyes: as many rows and columns as fit, and a line that says what was left out.

use comfy_table::{CellAlignment, ContentLineStyle, LineStyle, TableStyle};
use dealcast::report::cell::Cell;
use dealcast::report::table::Table;
use dealcast::report::words::{percent, thousands, whole_units};

use super::{for_eyes, plain};

/// Most rows shown of a table that may be of any length.
pub(crate) const ROWS: usize = 40;
/// Characters of a cell that are shown whatever else is; more where the line has room.
const CELL: usize = 36;
/// Longest text looked at, in characters.
const LONGEST: usize = 400;
/// Width where standard output is no terminal and `COLUMNS` says nothing.
const DEFAULT_WIDTH: u16 = 160;

/// Columns of the terminal on standard output.
pub(crate) fn width() -> u16 {
    let terminal = comfy_table::Table::new().width();
    terminal.or_else(|| std::env::var("COLUMNS").ok()?.parse().ok()).filter(|w| *w >= 40).unwrap_or(DEFAULT_WIDTH)
}

/// The first `most` rows of `table` in at most `width` characters a line, ending in a line break.
pub(crate) fn render(table: &Table, width: u16, most: usize) -> String {
    let mut rows = for_eyes::rows(table);
    let twice = table.rows() - rows.len();
    let more = rows.len().saturating_sub(most);
    rows.truncate(most);
    let mut columns: Vec<Shown> =
        for_eyes::columns(table).into_iter().map(|column| Shown::of(table, column, &rows)).collect();
    let used: Vec<usize> = columns
        .iter()
        .scan(1, |used, column| {
            *used += column.width.min(CELL) + 3;
            Some(*used)
        })
        .collect();
    let shown = used.iter().take_while(|used| **used <= usize::from(width)).count().max(1).min(columns.len());
    let mut room = shown.checked_sub(1).map_or(0, |last| usize::from(width).saturating_sub(used[last]));
    for column in &mut columns[..shown] {
        let more = column.width.saturating_sub(CELL).min(room);
        room -= more;
        column.cut(column.width.min(CELL) + more);
    }
    let mut drawn = comfy_table::Table::new();
    drawn.load_style(style()).set_header(columns[..shown].iter().map(|column| column.name.clone()));
    for (i, column) in columns[..shown].iter().enumerate() {
        if column.numeric
            && let Some(column) = drawn.column_mut(i)
        {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    for row in 0..rows.len() {
        drawn.add_row(columns[..shown].iter().map(|column| column.cells[row].clone()).collect::<Vec<_>>());
    }
    let mut text = drawn.trim_fmt();
    text.push('\n');
    text.push_str(&left_out([more, twice], &columns[shown..]));
    text
}

/// A line under the header and nothing else.
fn style() -> TableStyle {
    TableStyle::new()
        .header_lines(ContentLineStyle::none().junction(' '))
        .header_separator(LineStyle::none().fill('─').junction('─'))
        .content_lines(ContentLineStyle::none().junction(' '))
}

/// What is not shown: rows that do not fit, the same in the deals' own currencies, and columns.
fn left_out([more, twice]: [usize; 2], columns: &[Shown]) -> String {
    let mut parts = Vec::new();
    if more > 0 {
        parts.push(format!("{more} more rows"));
    }
    if twice > 0 {
        parts.push(format!("{twice} rows in single currencies"));
    }
    if !columns.is_empty() {
        let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
        parts.push(format!("columns {}", names.join(", ")));
    }
    if parts.is_empty() { String::new() } else { format!("… {} (use --format csv)\n", parts.join("; ")) }
}

/// One column as text.
struct Shown {
    name: String,
    cells: Vec<String>,
    width: usize,
    numeric: bool,
}

impl Shown {
    fn of(table: &Table, column: usize, rows: &[usize]) -> Self {
        let (array, field) = (table.batch().column(column), table.batch().schema_ref().field(column));
        let name = clean(field.name());
        let is_share = field.metadata().get("unit").is_some_and(|unit| unit.ends_with("0 to 1"));
        let cells: Vec<String> = rows.iter().map(|row| cell(Cell::of(array, *row), is_share)).collect();
        let width = cells.iter().map(|cell| cell.chars().count()).chain([name.chars().count()]).max().unwrap_or(0);
        let numeric = array.data_type().is_numeric();
        Self { name, cells, width, numeric }
    }

    /// Shortens the cells to `width` characters.
    fn cut(&mut self, width: usize) {
        for cell in self.cells.iter_mut().filter(|cell| cell.chars().count() > width) {
            *cell = cell.chars().take(width - 1).chain(['…']).collect();
        }
    }
}

/// A cell as people read it: money in whole units, shares in percent.
fn cell(cell: Cell<'_>, is_share: bool) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Text(text) => clean(text),
        Cell::Money(minor, decimals) => whole_units(minor, decimals),
        Cell::Whole(number) => thousands(number.into()),
        Cell::Number(share) if is_share => percent(share),
        Cell::Number(number) if number.abs() >= 100.0 => format!("{number:.1}"),
        Cell::Number(number) => format!("{number:.4}"),
        Cell::Date(_) | Cell::Flag(_) => cell.to_string(),
    }
}

/// The beginning of a text in one line that commands no terminal.
fn clean(text: &str) -> String {
    plain::line(&text.chars().take(LONGEST).collect::<String>()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use dealcast::report::column::{Column, TableSpec};

    fn table(rows: i64) -> Table {
        let columns = vec![
            Column::text("deal_id", "", |i: &i64| Some(format!("D-{i}").into())),
            Column::text("name", "", |_: &i64| {
                Some("a\u{1b}[31m very long name that no line has room for at all".into())
            }),
            Column::number("chance", "", |i: &i64| Some(*i as f64 / 3.0)),
        ];
        TableSpec::new("t", "number", columns).table(&(0..rows).collect::<Vec<_>>(), 2).expect("columns of one length")
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let text = render(&table(50), 30, ROWS);
        assert!(text.contains("D-39") && !text.contains("D-40"), "{text}");
        assert!(text.ends_with("… 10 more rows; columns name, chance (use --format csv)\n"), "{text}");
    }

    #[test]
    fn a_table_that_fits_says_nothing_more_and_commands_no_terminal() {
        let text = render(&table(2), 120, ROWS);
        assert!(!text.contains('\u{1b}') && !text.contains("more rows"), "{text}");
        assert!(text.contains("0.3333"), "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= 120));
        assert!(text.contains("for at all"), "there is room for all of it: {text}");
        let narrow = render(&table(2), 70, ROWS);
        assert!(narrow.contains('…') && narrow.contains("0.3333"), "{narrow}");
        assert!(narrow.lines().all(|line| line.chars().count() <= 70), "{narrow}");
    }
}
