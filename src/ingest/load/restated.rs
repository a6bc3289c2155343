//! Rows of one moment that tell of the whole deal: what one of them repeats of before, while another says something else, is
//! no news.
//!
//! A log of whole rows has one for each change, and each repeats all that did not change. Where two of a deal bear one moment,
//! the older of them repeats what the newer changes. Changes in, the same without what is repeated there out. A row that names
//! one field repeats nothing.

use crate::domain::ids::RowIx;
use crate::ingest::tables::Changes;

/// Takes what is repeated out of `changes`.
pub(super) fn forget_restated(changes: &mut Changes) {
    let several: Vec<bool> = (0..changes.len()).map(|row| names_several(changes, row)).collect();
    if !several.contains(&true) {
        return;
    }
    let mut rows: Vec<u32> = (0..changes.len() as u32).collect();
    let moment = |row: &u32| (changes.deal[*row as usize], changes.at[*row as usize]);
    rows.sort_unstable_by_key(moment);
    let is_tied = |pair: &[u32]| moment(&pair[0]) == moment(&pair[1]);
    let tied: Vec<RowIx> = rows.windows(2).filter(|pair| is_tied(pair)).map(|pair| moment(&pair[0]).0).collect();
    rows.retain(|row| tied.binary_search(&moment(row).0).is_ok());
    let moments: Vec<Vec<&[u32]>> = rows
        .chunk_by(|a, b| moment(a).0 == moment(b).0)
        .map(|deal| deal.chunk_by(|a, b| moment(a) == moment(b)).collect())
        .collect();
    let of_past: Vec<bool> = changes.prior.clone();
    for deal in &moments {
        let rows = Told { moments: deal, several: &several, prior: &of_past };
        rows.forget_in(&mut changes.stage);
        rows.forget_in(&mut changes.amount_minor);
        rows.forget_in(&mut changes.expected_close);
        rows.forget_in(&mut changes.owner);
        rows.forget_in(&mut changes.category);
        rows.forget_in(&mut changes.probability);
    }
}

fn names_several(changes: &Changes, row: usize) -> bool {
    let beside = changes.named_beside_stage(row).into_iter().filter(|is_named| *is_named).count();
    beside + usize::from(changes.stage[row].is_some()) > 1
}

/// The rows of one deal, moment by moment.
struct Told<'a> {
    moments: &'a [&'a [u32]],
    /// Of all changes, whether they name several fields.
    several: &'a [bool],
    /// Of all changes, whether they tell old values.
    prior: &'a [bool],
}

impl Told<'_> {
    /// Takes out of one field what rows of a moment repeat while others of it say something else.
    fn forget_in<T: Copy + PartialEq + Default>(&self, field: &mut [T]) {
        let none = T::default();
        let mut held = none;
        for moment in self.moments {
            let rows = || moment.iter().map(|row| *row as usize).filter(|row| !self.prior[*row]);
            let is_news = rows().any(|row| field[row] != none && field[row] != held);
            if is_news && held != none {
                for row in rows().filter(|row| self.several[*row]) {
                    if field[row] == held {
                        field[row] = none;
                    }
                }
            }
            let mut named = rows().map(|row| field[row]).filter(|value| *value != none);
            if let Some(first) = named.next() {
                // of several nobody knows which one holds
                held = if named.all(|value| value == first) { first } else { none };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::day::Day;
    use crate::domain::ids::StageNameId;
    use crate::ingest::tables::ChangeRow;

    /// Rows of a deal: day, stage, amount; 0 for none.
    fn told(rows: &[(i32, usize, i64)]) -> Vec<(usize, i64)> {
        let mut changes = Changes::default();
        for &(day, stage, amount) in rows {
            let stage = Some(stage).filter(|stage| *stage > 0).map(StageNameId::at).into();
            let amount_minor = Some(amount).filter(|amount| *amount > 0).into();
            changes.push(ChangeRow { stage, amount_minor, ..ChangeRow::empty(RowIx::at(0), Day(day).start()) });
        }
        forget_restated(&mut changes);
        let row = |row| {
            let row = changes.get(row);
            (row.stage.get().map_or(0, StageNameId::index), row.amount_minor.get().unwrap_or(0))
        };
        (0..changes.len()).map(row).collect()
    }

    #[test]
    fn of_whole_rows_of_one_moment_the_change_holds() {
        assert_eq!(told(&[(1, 1, 500), (5, 2, 500), (5, 2, 400)]), [(1, 500), (2, 0), (2, 400)]);
        assert_eq!(told(&[(1, 2, 500), (5, 2, 400), (5, 1, 400)]), [(2, 500), (0, 400), (1, 400)]);
        assert_eq!(told(&[(5, 2, 400), (1, 1, 500), (5, 2, 500)]), [(2, 400), (1, 500), (2, 0)], "in any order");
    }

    #[test]
    fn what_is_no_repetition_stays() {
        let there_and_back = [(1, 2, 0), (5, 1, 0), (5, 2, 0)];
        assert_eq!(told(&there_and_back), [(2, 0), (1, 0), (2, 0)], "a row of one field names a move");
        let apart = [(1, 1, 500), (5, 2, 500), (6, 2, 400)];
        assert_eq!(told(&apart), [(1, 500), (2, 500), (2, 400)]);
        let of_first = [(1, 1, 500), (1, 2, 400)];
        assert_eq!(told(&of_first), [(1, 500), (2, 400)], "nothing held before");
    }
}
