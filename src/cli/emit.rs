//! A result to where it was asked for: standard output, or a file of its name, whole or not at all.

use std::io::{self, Write};

use dealcast::report::people::People;
use dealcast::report::sinks::{self, Format, Stamp};
use dealcast::report::table::Table;
use dealcast::report::words::count;
use dealcast::run::answers::Answer;
use dealcast::store::table_folder::TableFolder;

use super::args::TableFormat;
use super::console::Console;
use super::destination::Destination;
use super::error::CliError;

/// Prints the table of an answer, or writes it to a file of its name in the folder asked for.
pub(crate) fn emit(answer: &Answer, destination: &Destination, console: &Console) -> Result<(), CliError> {
    emit_table(&answer.table, &answer.stamp, &answer.people, destination, console)
}

/// The same for a table that is about no day and no model.
pub(crate) fn emit_plain(table: &Table, destination: &Destination, console: &Console) -> Result<(), CliError> {
    emit_table(table, &Stamp::default(), &People::default(), destination, console)
}

/// The same for a table about `people`.
pub(crate) fn emit_among(
    people: &People,
    table: &Table,
    destination: &Destination,
    console: &Console,
) -> Result<(), CliError> {
    emit_table(table, &Stamp::default(), people, destination, console)
}

fn emit_table(
    table: &Table,
    stamp: &Stamp,
    people: &People,
    destination: &Destination,
    console: &Console,
) -> Result<(), CliError> {
    console.progress.finish();
    let Some(folder) = &destination.folder else {
        return console.printer.table(table, destination.format, stamp, people);
    };
    let format = match destination.format {
        TableFormat::Table | TableFormat::Csv => Format::Csv,
        TableFormat::Json => Format::Json,
        TableFormat::Parquet => Format::Parquet,
    };
    let name = format!("{}.{}", table.name(), format.extension());
    put(folder, &name, table.rows(), console, |out| sinks::write(table, format, stamp, out))
}

/// Prints a JSON document about the rows of `table`, or writes it to a file of the table's name in the folder asked for.
pub(crate) fn emit_document(
    document: &serde_json::Value,
    table: &Table,
    destination: &Destination,
    console: &Console,
) -> Result<(), CliError> {
    console.progress.finish();
    let text = format!("{document:#}\n");
    let Some(folder) = &destination.folder else { return console.printer.document(&text) };
    put(folder, &format!("{}.json", table.name()), table.rows(), console, |out| out.write_all(text.as_bytes()))
}

/// Prints a JSON document on standard output.
pub(crate) fn emit_report(document: &serde_json::Value, console: &Console) -> Result<(), CliError> {
    console.progress.finish();
    console.printer.document(&format!("{document:#}\n"))
}

fn put(
    folder: &TableFolder,
    name: &str,
    rows: usize,
    console: &Console,
    content: impl FnOnce(&mut (dyn Write + Send)) -> io::Result<()>,
) -> Result<(), CliError> {
    let rows = rows as u64;
    folder.write(name, |out| content(out).map(|()| Some(rows)))?;
    console.printer.say(format!("wrote {} ({})", folder.path(name).display(), count(rows, "row")));
    Ok(())
}
