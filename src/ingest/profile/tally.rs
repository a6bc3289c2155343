//! How often cells of several columns stand beside each other.

use std::collections::BTreeMap;
use std::path::Path;

use crate::domain::spelling::key;
use crate::ingest::decode::any;
use crate::ingest::decode::files::resolve;
use crate::ingest::error::IngestError;

/// Different rows that are counted; more are left out.
const MOST: usize = 50_000;

/// What of a row's cell is counted.
#[derive(Clone, Copy, Debug)]
pub enum Counted<'a> {
    /// Its text.
    Cell(&'a str),
    /// Whether it is filled.
    Filled(&'a str),
}

impl Counted<'_> {
    fn column(&self) -> &str {
        match self {
            Self::Cell(column) | Self::Filled(column) => column,
        }
    }

    fn of(&self, text: String) -> String {
        match self {
            Self::Filled(_) if !text.is_empty() => "filled".to_owned(),
            Self::Cell(_) | Self::Filled(_) => text,
        }
    }
}

/// Counts the rows of a file by their cells in `columns`; an empty cell, or a column the file has not, is an empty text.
///
/// # Errors
/// Where the file cannot be read.
pub fn tally(path: &str, base: &Path, columns: &[Counted<'_>]) -> Result<BTreeMap<Vec<String>, u64>, IngestError> {
    let mut counts = BTreeMap::new();
    for input in resolve(path, base)? {
        let slots = std::cell::RefCell::new(Vec::new());
        any::read(
            &input,
            any::Options::default(),
            |_| (),
            |names| {
                slots.borrow_mut().extend(columns.iter().map(|column| slot(&names, column.column())));
                Ok(())
            },
            |chunk| {
                for row in 0..chunk.rows() {
                    let cell = |slot: &Option<usize>| {
                        slot.and_then(|slot| chunk.cell(row, slot).text().map(std::borrow::Cow::into_owned))
                            .unwrap_or_default()
                    };
                    let cells: Vec<String> =
                        slots.borrow().iter().zip(columns).map(|(slot, column)| column.of(cell(slot))).collect();
                    if counts.len() < MOST || counts.contains_key(&cells) {
                        *counts.entry(cells).or_insert(0) += 1;
                    }
                }
                Ok(())
            },
        )?;
    }
    Ok(counts)
}

fn slot(names: &[String], column: &str) -> Option<usize> {
    let exact = names.iter().position(|name| name == column);
    exact.or_else(|| names.iter().position(|name| !column.is_empty() && key(name) == key(column)))
}
