//! A result to where it was asked for: standard output, or a file of its name, whole or not at all.

use std::io::{self, Write};
use std::path::Path;

use dealcast::report::sinks::{self, Format, Stamp};
use dealcast::report::table::Table;
use dealcast::report::words::count;
use dealcast::run::answers::Answer;
use dealcast::store::file::write_file;

use super::args::{TableArgs, TableFormat};
use super::console::Console;
use super::error::CliError;

/// Prints the table of an answer, or writes it to a file of its name in the folder asked for.
pub(crate) fn emit(answer: &Answer, args: &TableArgs, console: &Console) -> Result<(), CliError> {
    emit_table(&answer.table, &answer.stamp, args, console)
}

/// The same for a table that is about no day and no model.
pub(crate) fn emit_plain(table: &Table, args: &TableArgs, console: &Console) -> Result<(), CliError> {
    emit_table(table, &Stamp::default(), args, console)
}

fn emit_table(table: &Table, stamp: &Stamp, args: &TableArgs, console: &Console) -> Result<(), CliError> {
    console.progress.finish();
    let Some(folder) = &args.out else { return console.printer.table(table, args.format, stamp) };
    let format = match args.format {
        TableFormat::Table | TableFormat::Csv => Format::Csv,
        TableFormat::Json => Format::Json,
        TableFormat::Parquet => Format::Parquet,
    };
    let path = folder.join(format!("{}.{}", table.name(), format.extension()));
    put(&path, table.rows(), console, |out| sinks::write(table, format, stamp, out))
}

/// Prints a JSON document about the rows of `table`, or writes it to a file of the table's name in the folder asked for.
pub(crate) fn emit_document(
    document: &serde_json::Value,
    table: &Table,
    args: &TableArgs,
    console: &Console,
) -> Result<(), CliError> {
    console.progress.finish();
    let text = format!("{document:#}\n");
    let Some(folder) = &args.out else { return console.printer.document(&text) };
    let path = folder.join(format!("{}.json", table.name()));
    put(&path, table.rows(), console, |out| out.write_all(text.as_bytes()))
}

fn put(
    path: &Path,
    rows: usize,
    console: &Console,
    content: impl FnOnce(&mut (dyn Write + Send)) -> io::Result<()>,
) -> Result<(), CliError> {
    let rows = rows as u64;
    write_file(path, |out| content(out).map(|()| Some(rows)))?;
    console.printer.say(format!("wrote {} ({})", path.display(), count(rows, "row")));
    Ok(())
}
