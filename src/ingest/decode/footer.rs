//! The odd lines below a table to those that are its footer: who made the report, and whose it is. Knows no cells.

use crate::ingest::decode::chunk::Ragged;

/// More lines than any report writes below its table.
const MOST_LINES: usize = 12;

/// The last row of a table.
#[derive(Clone, Copy, Debug)]
pub(super) struct LastRow {
    /// The line it starts on.
    pub starts: u64,
    /// The line it ends on: its cells may hold line ends.
    pub ends: u64,
    /// Cells it has.
    pub width: usize,
}

/// Where the footer begins among `ragged`: the lines below the last row that have words in one cell only. The first stands
/// behind a blank line or has more than one word: no row cut short has more than one word in its first cell, as a rule.
pub(super) fn footer_start(ragged: &[Ragged], last: LastRow) -> usize {
    let is_below = |line: &Ragged| line.line > last.starts && line.cells == 1 && last.width > 2;
    let below = ragged.iter().rposition(|line| !is_below(line)).map_or(0, |at| at + 1);
    let mut above = below.checked_sub(1).and_then(|at| ragged.get(at)).map_or(last.ends, |line| line.line);
    let start = (below..ragged.len()).find(|at| {
        let line = &ragged[*at];
        let is_apart = line.line > above + 1;
        above = line.line;
        is_apart || line.text.trim().contains(' ')
    });
    let is_short = |start: &usize| ragged.len() - start <= MOST_LINES;
    start.filter(is_short).unwrap_or(ragged.len())
}
