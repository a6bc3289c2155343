//! A simulated export made dirtier: amounts and quotas below zero, closings nobody dated.

use std::path::Path;

use dealcast::domain::day::Day;

use crate::world::Draw;

/// Rewrites the rows of the file `name` of `folder`, where it has `column`; `change` is given its position.
fn rewrite_rows(
    folder: &Path,
    name: &str,
    column: &str,
    change: impl FnOnce(Vec<csv::StringRecord>, usize) -> Vec<csv::StringRecord>,
) {
    let path = folder.join(name);
    let Ok(mut reader) = csv::Reader::from_path(&path) else { return };
    let header = reader.headers().expect("a header").clone();
    let Some(position) = header.iter().position(|known| known == column) else { return };
    let rows: Vec<csv::StringRecord> = reader.records().map(|row| row.expect("a row")).collect();
    let mut writer = csv::Writer::from_path(&path).expect("writes");
    writer.write_record(&header).expect("writes");
    change(rows, position).iter().for_each(|row| writer.write_record(row).expect("writes"));
    writer.flush().expect("writes");
}

/// Rewrites the cells of `column` in the file `name` of `folder`, where both are there.
fn rewrite(folder: &Path, name: &str, column: &str, mut cell: impl FnMut(&str) -> String) {
    rewrite_rows(folder, name, column, |rows, position| {
        let mut changed = |row: csv::StringRecord| {
            let cells = row.iter().enumerate().map(|(i, old)| if i == position { cell(old) } else { old.to_owned() });
            cells.collect()
        };
        rows.into_iter().map(&mut changed).collect()
    });
}

/// Every `one_in`th amount, by chance, below zero.
pub fn negative(folder: &Path, file: &str, column: &str, draw: &mut Draw, one_in: u64) {
    rewrite(folder, file, column, |old| {
        let turn = !old.is_empty() && !old.starts_with('-') && draw.below(one_in) == 0;
        if turn { format!("-{old}") } else { old.to_owned() }
    });
}

/// Every `one_in`th cell, by chance, is `new`.
pub fn replaced(folder: &Path, file: &str, column: &str, new: &str, draw: &mut Draw, one_in: u64) {
    rewrite(folder, file, column, |old| if draw.below(one_in) == 0 { new.to_owned() } else { old.to_owned() });
}

/// Leaves out the rows with `value` in `column`.
pub fn without(folder: &Path, name: &str, column: &str, value: &str) {
    rewrite_rows(folder, name, column, |mut rows, position| {
        rows.retain(|row| row.get(position) != Some(value));
        rows
    });
}

/// `2026-01` as calendars of weeks call it, `2026-P01`.
pub fn numbered_months(folder: &Path, file: &str) {
    rewrite(folder, file, "period", |old| match old.split_once('-') {
        Some((year, month)) if month.parse::<u8>().is_ok() => format!("{year}-P{month}"),
        _ => old.to_owned(),
    });
}

/// Cycles of days: every date of these columns lies `times` as near to `last`, without its time of day.
pub fn quickened(folder: &Path, file: &str, columns: &[&str], last: Day, times: i32) {
    for column in columns {
        rewrite(folder, file, column, |old| match old.get(..10).and_then(|day| day.parse::<Day>().ok()) {
            Some(day) => last.plus((day.0 - last.0) / times).to_string(),
            None => old.to_owned(),
        });
    }
}
