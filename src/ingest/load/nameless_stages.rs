//! Stages without a name in a history of one row per change: when an empty cell is one, and when it says that nothing changed.

use std::collections::HashMap;

use crate::config::Rule;
use crate::domain::day::Moment;
use crate::domain::ids::RowIx;
use crate::domain::inputs::stage_history as col;
use crate::ingest::load::history_part::HistoryColumns;
use crate::ingest::reader::{RowReader, Stop};
use crate::ingest::tables::ChangeRow;
use crate::ingest::twice::{Marks, Settling};

/// Columns that may stand beside a stage.
const OTHERS: usize = 5;
/// The first of them do not follow the stage: amount, expected close date, owner.
const INDEPENDENT: usize = 3;

impl HistoryColumns {
    /// Appends a row of a file with one row per change.
    pub(super) fn push_whole(&mut self, reader: &RowReader<'_>, change: ChangeRow) {
        let at = self.changes.len() as u32;
        self.changes.push(change);
        if reader.layout.has(col::STAGE) {
            match self.whole_rows.last_mut().filter(|rows| rows.end == at) {
                Some(rows) => rows.end += 1,
                None => self.whole_rows.push(at..at + 1),
            }
        }
    }

    /// Where rows tell of the whole deal, an empty stage is one without a name: that of a deleted stage. A row does so where
    /// it has all that usually stands beside a stage; else an empty cell says that nothing changed. What usually does is
    /// read off moves: the first row of a deal tells everything in any log.
    pub(super) fn settle_stages(
        &mut self,
        marks: &Marks,
        ends: &[u32],
        settling: &mut Settling<'_>,
    ) -> Result<(), Stop> {
        let whole_rows = std::mem::take(&mut self.whole_rows);
        let rows = || whole_rows.iter().cloned().flatten().map(|row| row as usize);
        let firsts = self.first_moments(rows());
        let is_move =
            |row: &usize| firsts.get(&self.changes.deal[*row]).is_some_and(|first| self.changes.at[*row] > *first);
        let has_stage = |row: &usize| self.changes.stage[*row].is_some();
        let (mut staged, mut beside) = self.named_beside(rows().filter(has_stage).filter(is_move));
        if staged == 0 {
            (staged, beside) = self.named_beside(rows().filter(has_stage));
        }
        if staged == 0 || self.own_alone > self.own_beside {
            return Ok(());
        }
        let usual = beside.map(|count| count * 2 > staged);
        // category and chance follow the stage: they stand beside it where nothing else does
        let is_of_whole_deals = usual[..INDEPENDENT].contains(&true);
        let is_whole = |row: &usize| {
            let named = self.changes.named_beside_stage(*row);
            let has_usual = usual.iter().zip(named).all(|(is_usual, is_named)| is_named || !is_usual);
            has_usual && (is_of_whole_deals || !named.contains(&true))
        };
        let emptied: Vec<usize> = rows().filter(|&row| self.changes.stage[row].is_none()).filter(is_whole).collect();
        for row in emptied {
            let place = ends.binary_search(&(row as u32 + 1)).map(|marked| marks.place(marked));
            let reason = "empty, expected the new stage: the stay before ends here";
            settling.breaks(Rule::EmptyNewValue, place.unwrap_or_default(), col::STAGE, reason)?;
            self.changes.stage_emptied[row] = true;
        }
        Ok(())
    }

    /// When the rows of each deal begin.
    fn first_moments(&self, rows: impl Iterator<Item = usize>) -> HashMap<RowIx, Moment> {
        let mut firsts = HashMap::new();
        for row in rows {
            let first = firsts.entry(self.changes.deal[row]).or_insert(self.changes.at[row]);
            *first = self.changes.at[row].min(*first);
        }
        firsts
    }

    /// How many rows there are, and how many name each of the other columns.
    fn named_beside(&self, rows: impl Iterator<Item = usize>) -> (u64, [u64; OTHERS]) {
        rows.fold((0, [0; OTHERS]), |(all, mut beside), row| {
            let named = self.changes.named_beside_stage(row);
            beside.iter_mut().zip(named).for_each(|(count, is_named)| *count += u64::from(is_named));
            (all + 1, beside)
        })
    }
}
