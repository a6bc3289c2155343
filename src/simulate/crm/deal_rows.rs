//! The rows of the deals file.

use crate::presets::{ExportShape, ExportTable, HeaderStyle};
use crate::simulate::crm::carried::Carried;
use crate::simulate::crm::cells::{CellStyle, column_for};
use crate::simulate::crm::names::Names;
use crate::simulate::crm::story::STAGE;
use crate::simulate::crm::text_table::TextTable;

/// How a column of the file is filled.
enum Filled<'a> {
    /// With a canonical column, or the words of one of several columns for it.
    From(&'a str),
    /// With whether the deal is won.
    Won,
    /// With whether the deal is closed.
    Closed,
    /// With what a company's own column says.
    Further(usize),
    /// With one value.
    Constant(&'a str),
    /// With the moment the deal entered a stage.
    Entered(&'static str),
}

/// The file of the deals.
pub(super) fn deal_rows(
    shape: &ExportShape,
    table: &ExportTable,
    header: &HeaderStyle,
    names: &Names,
    carried: &Carried,
    entered: Option<&ExportTable>,
    stages: &[&'static str],
) -> TextTable {
    let columns = columns(table, header, &carried.deals, entered, stages);
    let mut file = TextTable::new(columns.iter().map(|(name, _)| name.clone()).collect());
    let style = CellStyle::of(shape, table, names);
    for (at, row) in carried.deals.rows.iter().enumerate() {
        let outcome = carried.outcomes[at].as_str();
        let cell = |(name, filled): &(String, Filled<'_>)| match filled {
            Filled::From(column) => {
                let shared = *column == "closed_at" && shape.closing.is_shared();
                let source = if shared && outcome == "open" { "expected_close_date" } else { column };
                let goes_here =
                    column_for(&table.written(header, column), &[outcome]).is_none_or(|place| place == name);
                let is_general = !["won", "lost"].iter().any(|word| name.to_lowercase().contains(word));
                let value = carried.deals.cell(row, source);
                if goes_here || is_general { style.cell(column, value) } else { String::new() }
            }
            Filled::Won => truth(outcome == "won"),
            Filled::Closed => truth(outcome != "open"),
            Filled::Further(place) => row[*place].clone(),
            Filled::Constant(value) => (*value).to_owned(),
            Filled::Entered(stage) => {
                let entry = carried.stories[at].iter().find(|entry| entry.values[STAGE] == *stage);
                entry.map_or(String::new(), |entry| style.cell("changed_at", &entry.at))
            }
        };
        file.rows.push(columns.iter().map(cell).collect());
    }
    file
}

fn truth(is: bool) -> String {
    is.to_string()
}

/// The columns of the file, each once.
fn columns<'a>(
    table: &'a ExportTable,
    header: &'a HeaderStyle,
    deals: &'a TextTable,
    entered: Option<&'a ExportTable>,
    stages: &[&'static str],
) -> Vec<(String, Filled<'a>)> {
    let mut columns: Vec<(String, Filled<'a>)> = Vec::new();
    let mut add = |name: &str, filled| {
        if !columns.iter().any(|(known, _)| known == name) {
            columns.push((name.to_owned(), filled));
        }
    };
    for (at, name) in deals.columns.iter().enumerate() {
        // the closing day is written where open deals have the day that is expected
        let is_shared =
            name == "expected_close_date" && table.written(header, name) == table.written(header, "closed_at");
        let source = if is_shared { "closed_at" } else { name.as_str() };
        let written = table.written(header, source);
        if written.is_empty() {
            add(name, Filled::Further(at));
        }
        written.into_iter().for_each(|column| add(column, Filled::From(source)));
    }
    let flags = [("is_won", Filled::Won), ("is_closed", Filled::Closed)];
    for (name, filled) in flags {
        if let Some(column) = table.written(header, name).first() {
            add(column, filled);
        }
    }
    table.constants.iter().for_each(|(name, value)| add(name, Filled::Constant(value)));
    for stage in entered.iter().flat_map(|_| stages) {
        let pattern = entered.map(|table| table.entered.as_str()).unwrap_or_default();
        add(&pattern.replace("{}", stage), Filled::Entered(stage));
    }
    columns
}
