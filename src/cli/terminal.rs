//! A [`Table`] for eyes: as many rows and columns as fit, and lines that say what all rows have and what was left out.

use comfy_table::{Cell, CellAlignment, ContentLineStyle, LineStyle, TableStyle};
use dealcast::domain::day::Day;
use dealcast::render::ReadableTable;
use dealcast::render::language::Language;
use dealcast::report::first_columns::columns_in_a_line;

use super::for_eyes::{self, RowsForEyes};
use super::quota_bar::{BAR, bars};
use super::shown::{Shown, letters};

/// Most rows shown of a table that may be of any length.
pub(crate) const ROWS: usize = 40;
/// Characters of a cell that are shown whatever else is; more where the line has room.
const CELL: usize = 36;
/// The same in narrow lines: a part of the line, and no fewer than this.
const LINE_PART: usize = 5;
const NARROW_CELL: usize = 14;
/// Width where standard output is no terminal and `COLUMNS` says nothing.
const DEFAULT_WIDTH: u16 = 160;

/// Columns of the terminal on standard output.
pub(crate) fn width() -> u16 {
    let terminal = comfy_table::Table::new().width();
    terminal.or_else(|| std::env::var("COLUMNS").ok()?.parse().ok()).filter(|w| *w >= 40).unwrap_or(DEFAULT_WIDTH)
}

/// How a table is drawn.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Look {
    /// Characters of a line.
    pub width: u16,
    /// Rows, at most.
    pub most: usize,
    /// Whether colours are wanted.
    pub colours: bool,
    /// The day on whose morning the table stands, where it is of one.
    pub as_of: Option<Day>,
}

/// The first rows of `table`, ending in a line break. No cell commands the terminal.
pub(crate) fn render(readable: ReadableTable<'_>, look: Look) -> String {
    let ReadableTable { table, language, .. } = readable;
    let RowsForEyes { shown: mut rows, twice, ended } = RowsForEyes::of(table, look.as_of);
    let more = rows.len().saturating_sub(look.most);
    rows.truncate(look.most);
    let width = usize::from(look.width);
    let mut columns: Vec<Shown> =
        for_eyes::columns(readable).into_iter().map(|column| Shown::of(readable, column, &rows)).collect();
    let common = make_room(&mut columns, columns_in_a_line(table.name()), width);
    let cell = CELL.min((width / LINE_PART).max(NARROW_CELL));
    let (shown, mut room) = fitting(&columns, width, cell);
    for column in &mut columns[..shown] {
        let more = column.width().saturating_sub(cell).min(room);
        room -= more;
        column.cut(column.width().min(cell) + more);
    }
    let left = columns.split_off(shown);
    if table.name() == "forecast" && room > BAR + 3 {
        columns.extend(bars(table, &rows).map(|bars| Shown::drawn(language.word("won-expected"), bars)));
    }
    let mut text = if common.is_empty() { String::new() } else { format!("{}\n", common.join(", ")) };
    text.push_str(&drawn(&columns, rows.len(), look.colours));
    text.push('\n');
    text.push_str(&left_out([more, ended, twice], &left, language, width));
    text
}

/// Says once what all rows have, then shortens money, until the columns people look at first fit. Returns what all have.
fn make_room(columns: &mut Vec<Shown>, first: &[&str], width: usize) -> Vec<String> {
    let wanted = if first.is_empty() { columns.len() } else { first.len() };
    let fits = |columns: &[Shown]| fitting(columns, width, NARROW_CELL).0 >= wanted.min(columns.len());
    let mut common = Vec::new();
    if fits(columns) {
        return common;
    }
    let mut place = 0;
    columns.retain(|column| {
        place += 1;
        // The first column names the row.
        let all_have = column.common().filter(|_| place > 1 && place <= wanted);
        common.extend(all_have.map(|value| format!("{} {value}", column.name)));
        all_have.is_none()
    });
    if !fits(columns) {
        columns.iter_mut().for_each(Shown::shorten);
    }
    common
}

/// How many columns fit where no cell is wider than `cell`, at least one, and the room that is left.
fn fitting(columns: &[Shown], width: usize, cell: usize) -> (usize, usize) {
    let (mut used, mut shown) = (1, 0);
    for column in columns {
        let next = used + column.width().min(cell) + 3;
        if next > width && shown > 0 {
            break;
        }
        (used, shown) = (next, shown + 1);
    }
    (shown, width.saturating_sub(used))
}

/// The columns, side by side.
fn drawn(columns: &[Shown], rows: usize, colours: bool) -> String {
    let mut drawn = comfy_table::Table::new();
    drawn.load_style(style()).set_header(columns.iter().map(Shown::heading));
    if colours {
        drawn.enforce_styling();
    } else {
        drawn.force_no_tty();
    }
    for (i, _) in columns.iter().enumerate().filter(|(_, column)| column.numeric) {
        if let Some(drawn) = drawn.column_mut(i) {
            drawn.set_cell_alignment(CellAlignment::Right);
        }
    }
    let cell = |column: &Shown, row: usize| {
        let cell = Cell::new(&column.cells[row]);
        match column.colours[row].filter(|_| colours) {
            Some(colour) => cell.fg(colour),
            None => cell,
        }
    };
    for row in 0..rows {
        drawn.add_row(columns.iter().map(|column| cell(column, row)).collect::<Vec<_>>());
    }
    drawn.trim_fmt()
}

/// A line under the header and nothing else.
fn style() -> TableStyle {
    TableStyle::new()
        .header_lines(ContentLineStyle::none().junction(' '))
        .header_separator(LineStyle::none().fill('─').junction('─'))
        .content_lines(ContentLineStyle::none().junction(' '))
}

/// What is not shown: rows that do not fit, of ended periods, the same in the deals' own currencies, and columns, as many as
/// two lines have names for.
fn left_out(rows: [usize; 3], columns: &[Shown], language: &Language, width: usize) -> String {
    let words = ["more-rows", "rows-of-ended-periods", "rows-in-currencies"];
    let counted = rows.into_iter().zip(words).filter(|(rows, _)| *rows > 0);
    let mut parts: Vec<String> =
        counted.map(|(rows, word)| format!("{} {}", language.whole(rows as i128), language.word(word))).collect();
    let end = format!(" ({})", language.word("use-csv"));
    parts.extend((!columns.is_empty()).then(|| language.word("columns-left").to_owned()));
    if parts.is_empty() {
        return String::new();
    }
    let mut text = format!("… {}", parts.join(language.word("semicolon")));
    let room = (2 * width).saturating_sub(letters(&end));
    for (i, column) in columns.iter().enumerate() {
        let name = format!("{} {}", if i == 0 { "" } else { "," }, column.name);
        let rest = format!(", … (+{})", columns.len() - i);
        if i > 0 && letters(&text) + letters(&name) + letters(&rest) > room {
            text.push_str(&rest);
            break;
        }
        text.push_str(&name);
    }
    text + &end + "\n"
}
#[cfg(test)]
mod tests {
    use super::*;
    use dealcast::report::column::{Column, MoneyCell, TableSpec};
    use dealcast::report::people::People;
    use dealcast::report::table::Table;

    fn render(table: &Table, look: Look) -> String {
        render_in("en", table, look)
    }

    fn render_in(code: &str, table: &Table, look: Look) -> String {
        let language = Language::of(code).expect("a language").beside_sentences();
        super::render(ReadableTable { table, language: &language, people: &People::default() }, look)
    }

    fn look(width: u16) -> Look {
        Look { width, most: ROWS, colours: false, as_of: None }
    }

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
        let text = render(&table(50), look(40));
        assert!(text.contains("D-39") && !text.contains("D-40"), "{text}");
        assert!(text.contains("… 10 more rows") && text.ends_with("(use --format csv)\n"), "{text}");
    }

    #[test]
    fn a_table_that_fits_says_nothing_more_and_commands_no_terminal() {
        let text = render(&table(2), look(120));
        assert!(!text.contains('\u{1b}') && !text.contains("more rows"), "{text}");
        assert!(text.contains("0.3333"), "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= 120));
        assert!(text.contains("for at all"), "there is room for all of it: {text}");
        let narrow = render(&table(1), look(50));
        assert!(narrow.contains('…') && narrow.contains("0"), "{narrow}");
        assert!(narrow.lines().all(|line| line.chars().count() <= 50), "{narrow}");
    }

    #[test]
    fn a_list_ranked_by_money_shows_it_in_its_currency_in_eighty_characters() {
        type Row = (&'static str, i64);
        let columns = vec![
            Column::integer("rank", "", |row: &Row| Some(row.1)),
            Column::text("what", "", |row: &Row| Some(format!("advance it, re-plan it or close it {}", row.1).into())),
            Column::text("deal_id", "", |row: &Row| Some(row.0.into())),
            Column::text("currency", "", |_: &Row| Some("JPY".into())),
            Column::money("worth", "", |row: &Row| Some(MoneyCell::new(row.1 * 654_000_000, 2))),
            Column::money("base_worth", "", |row: &Row| Some(MoneyCell::new(row.1 * 4_120_000, 2))),
            Column::text("base_currency", "", |_: &Row| Some("USD".into())),
            Column::text("due", "", |row: &Row| Some(format!("2026-02-1{}", row.1).into())),
            Column::text("owner_name", "", |row: &Row| Some(format!("Anna Kowalska {}", row.1).into())),
        ];
        let actions = TableSpec::new("actions", "rank", columns).table(&[("D00002250", 1), ("D00002167", 2)], 2);
        let text = render(&actions.expect("columns of one length"), look(80));
        assert!(text.starts_with("base_currency USD"), "{text}");
        for shown in ["D00002250", "41.2k", "2026-02-11", "advance it"] {
            assert!(text.contains(shown), "{shown}: {text}");
        }
        assert!(!text.contains("6.54M"), "an amount without its currency: {text}");
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    }

    #[test]
    fn a_waterfall_has_a_row_a_node_and_both_ends_in_eighty_characters() {
        type Row = (&'static str, &'static str);
        let money = |name| Column::money(name, "", |_: &Row| Some(MoneyCell::new(923_456_700, 2)));
        let columns = vec![
            Column::text("level", "", |_: &Row| Some("owner".into())),
            Column::text("node", "", |row: &Row| Some(row.0.into())),
            Column::text("period", "", |_: &Row| Some("2026-Q1".into())),
            Column::text("currency", "", |_: &Row| Some("USD".into())),
            Column::text("basis", "", |row: &Row| Some(row.1.into())),
            money("start"),
            money("created"),
            money("pulled_in"),
            money("increased"),
            money("decreased"),
            money("pushed_out"),
            money("lost"),
            money("won"),
            money("end"),
            Column::text("node_name", "", |row: &Row| Some(row.0.into())),
        ];
        let rows = [("Ines", "base"), ("Ines", "native"), ("Sven", "base"), ("Sven", "native")];
        let table = TableSpec::new("waterfall", "node", columns).table(&rows, 2).expect("columns of one length");
        let text = render(&table, look(80));
        assert_eq!((text.matches("Ines").count(), text.matches("Sven").count()), (1, 1), "{text}");
        let (shown, left) = text.split_once("… ").expect("what is left out");
        for amount in ["start", "won", "end"] {
            assert!(shown.contains(amount) && !left.contains(&format!(" {amount},")), "{amount}: {text}");
        }
        assert!(text.contains("2 rows in single currencies"), "{text}");
    }

    /// A forecast with long names of columns and large amounts.
    fn forecast() -> Table {
        type Row = (&'static str, i64);
        let money = |name| Column::money(name, "", |row: &Row| Some(MoneyCell::new(row.1, 2)));
        let columns = vec![
            Column::text("node_name", "", |row: &Row| Some(row.0.into())),
            Column::text("period", "", |_: &Row| Some("2026-Q1".into())),
            Column::text("currency", "", |_: &Row| Some("EUR".into())),
            money("quota"),
            money("won"),
            money("gap"),
            money("expected"),
            money("p10"),
            money("p90"),
            Column::number("p_hit_quota", "", |row: &Row| Some(row.1 as f64 / 1e10)).between(0, 1),
            Column::number("coverage", "", |row: &Row| Some(row.1 as f64 / 3e9)),
        ];
        let rows = [("Anna Kowalska", 1_234_567_890), ("company", 9_234_567_890)];
        TableSpec::new("forecast", "node", columns).table(&rows, 2).expect("columns of one length")
    }

    #[test]
    fn what_people_ask_first_fits_in_eighty_characters() {
        let text = render(&forecast(), look(80));
        assert!(text.starts_with("period 2026-Q1, currency EUR\n"), "{text}");
        for shown in ["Anna Kowalska", "12.3M", "92.3M", "12.3 %"] {
            assert!(text.contains(shown), "{shown}: {text}");
        }
        assert!(text.ends_with("… columns coverage (use --format csv)\n"), "{text}");
        assert!(!render(&forecast(), look(90)).contains("columns "), "nothing is left out");
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        let wide = render(&forecast(), look(160));
        assert!(wide.contains("12,345,679") && wide.contains("█"), "amounts in full, and a bar: {wide}");
        assert!(!wide.starts_with("period"), "{wide}");
    }

    #[test]
    fn colours_mean_something_and_only_where_they_are_wanted() {
        let coloured = render(&forecast(), Look { colours: true, ..look(160) });
        let plain = render(&forecast(), look(160));
        assert!(!plain.contains('\u{1b}'));
        if std::env::var_os("NO_COLOR").is_none() {
            assert!(coloured.contains("\u{1b}["), "{coloured}");
        }
    }
}
