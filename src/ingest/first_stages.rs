//! The stage a deal began in, where the log has no row for it: many CRMs log moves only, with the old and the new stage.
//!
//! [`Tables`] in; out comes a row more at the creation of each such deal: the old stage of its first move or, where it never
//! moved, the stage it is in. Only deals created since the log began get one: an earlier one may have moved before. Adds no
//! move, and leaves logs alone that have rows for first stages.

use crate::domain::day::{Day, Moment};
use crate::domain::ids::{RowIx, StageNameId};
use crate::domain::maybe::Maybe;
use crate::domain::stage::StageKind;
use crate::ingest::newest_event::ended;
use crate::ingest::tables::{ChangeRow, Changes, Tables};
use crate::stats::survival::{ExitCause, ExitCounts};

/// Share of the deals created since the log began that it must name before its silence on another says that it never moved.
const NAMED_SHARE: f64 = 0.2;

/// How unlikely it must be that the deals created before the first row had not moved until then: less, and the log began
/// later than the deals.
const UNLIKELY: f64 = 0.001;

/// Adds the rows. `kind` says what the name of a stage means, where that is known.
pub(crate) fn add_first_stages(tables: &mut Tables, kind: impl Fn(&str) -> Option<StageKind>) {
    let Some(moves) = FirstMoves::of(&tables.changes, tables.deals.len()) else { return };
    let created = tables.deals.created_at();
    let Some(since) = beginning(&created, &moves.at) else { return };
    let mut firsts = moves.from.clone();
    if moves.silence_tells(&created, since) {
        let stages = never_moved(tables, &kind);
        let silent = firsts.iter_mut().zip(stages).zip(&moves.at).filter(|(_, at)| at.is_none());
        silent.for_each(|((first, stage), _)| *first = stage);
    }
    for (row, (at, stage)) in created.into_iter().zip(firsts).enumerate() {
        if stage.is_some() && at.day() >= since {
            tables.changes.push(ChangeRow { stage, ..ChangeRow::empty(RowIx::at(row), at) });
        }
    }
}

/// The first moves of deals, by their rows.
struct FirstMoves {
    /// When; none of a deal the log does not name.
    at: Vec<Maybe<Moment>>,
    /// Out of which stage, where the log says so.
    from: Vec<Maybe<StageNameId>>,
}

impl FirstMoves {
    /// Those of a log in which more deals begin with an old stage than with a new one; nothing of another log.
    fn of(changes: &Changes, deals: usize) -> Option<Self> {
        if !changes.prior.contains(&true) {
            return None;
        }
        let mut at: Vec<Maybe<Moment>> = vec![Maybe::NONE; deals];
        for row in rows_of_stages(changes) {
            let first = &mut at[changes.deal[row].index()];
            *first = first.get().map_or(changes.at[row], |first| first.min(changes.at[row])).into();
        }
        let mut rows: Vec<usize> =
            rows_of_stages(changes).filter(|row| at[changes.deal[*row].index()] == changes.at[*row].into()).collect();
        rows.sort_unstable_by_key(|row| changes.deal[*row]);
        let mut from = vec![Maybe::NONE; deals];
        let (mut by_old, mut by_new) = (0_u64, 0_u64);
        for rows in rows.chunk_by(|a, b| changes.deal[*a] == changes.deal[*b]) {
            let begins_old = rows.iter().any(|row| changes.prior[*row]);
            *(if begins_old { &mut by_old } else { &mut by_new }) += 1;
            from[changes.deal[rows[0]].index()] = left_first(changes, rows).into();
        }
        (by_old > by_new).then_some(Self { at, from })
    }

    /// Whether the log names so many of the deals created since it began that it tells the moves of all.
    fn silence_tells(&self, created: &[Moment], since: Day) -> bool {
        let young = created.iter().zip(&self.at).filter(|(created, _)| created.day() >= since);
        let (all, named) =
            young.fold((0_u64, 0_u64), |(all, named), (_, at)| (all + 1, named + u64::from(at.is_some())));
        named as f64 >= NAMED_SHARE * all as f64
    }
}

/// Rows of the log that name a stage, old or new, or say that a deal left its stage for one without a name.
fn rows_of_stages(changes: &Changes) -> impl Iterator<Item = usize> {
    (0..changes.len()).filter(|row| changes.stage[*row].is_some() || changes.stage_emptied[*row])
}

/// The stage a deal left first, by its rows of one moment: the only old one there that no row leads to. Nothing is known
/// where several are, or where it went round and came back.
fn left_first(changes: &Changes, rows: &[usize]) -> Option<StageNameId> {
    let stages = |prior: bool| {
        let of_sort = rows.iter().filter(move |row| changes.prior[**row] == prior);
        of_sort.filter_map(|row| changes.stage[*row].get())
    };
    let mut old: Vec<StageNameId> = stages(true).collect();
    if old.len() > 1 {
        for new in stages(false) {
            if let Some(at) = old.iter().position(|stage| *stage == new) {
                old.swap_remove(at);
            }
        }
        old.sort_unstable();
        old.dedup();
    }
    old.first().copied().filter(|_| old.len() == 1)
}

/// The day from which the log tells every move: that of its first row, or of the first deal, where it would be no wonder if
/// none of the deals created before that row had moved until then. How soon deals move is learnt from those created later.
fn beginning(created: &[Moment], first: &[Maybe<Moment>]) -> Option<Day> {
    let days = || first.iter().filter_map(|at| Some(at.get()?.day()));
    let (begin, end) = (days().min()?, days().max()?);
    let mut waits = ExitCounts::default();
    for (created, first) in created.iter().zip(first).filter(|(created, _)| created.day() >= begin) {
        match first.get() {
            Some(at) => waits.push(at.day().0 - created.day().0, ExitCause::Advance),
            None => waits.push_running(end.0 - created.day().0),
        }
    }
    let waits = waits.finish();
    let days_before = created.iter().map(|created| begin.0 - created.day().0).filter(|days| *days > 0);
    let chance: f64 = days_before.map(|days| waits.survival(days - 1)).product();
    if waits.steps().is_empty() || chance < UNLIKELY {
        return Some(begin);
    }
    created.iter().map(|created| created.day()).min().map(|first_deal| first_deal.min(begin))
}

/// Of every deal the stage it is in, if it may have been in it all along: an open one. A deal that is over in it needs a
/// day on which it ended.
fn never_moved(tables: &Tables, kind: &impl Fn(&str) -> Option<StageKind>) -> Vec<Maybe<StageNameId>> {
    let kinds: Vec<Option<StageKind>> = tables.stage_names.names().map(kind).collect();
    let over = ended(tables, kind);
    let of_deal = tables.deals.stages().into_iter().zip(over).zip(dated(tables));
    let stays = of_deal.map(|((stage, over), dated)| {
        let kind = stage.get().and_then(|stage| kinds.get(stage.index()).copied().flatten());
        let may = match kind {
            Some(StageKind::Open) => !over || dated,
            Some(_) => false,
            None => !over,
        };
        stage.get().filter(|_| may).into()
    });
    stays.collect()
}

/// Whether the table gives each deal a closing day.
fn dated(tables: &Tables) -> Vec<bool> {
    let closed = tables.deals.closed_at();
    (0..tables.deals.len()).map(|row| closed.get(row).is_some_and(|at| at.is_some())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::tables::DealRow;

    /// A move of a deal: its number, the day, the old stage and the new one; empty for none.
    struct Moved(usize, i32, &'static str, &'static str);

    /// Deals created on these days and now in these stages. One that is over closed fifty days later.
    fn tables(deals: &[(i32, &str, Option<StageKind>)], moves: &[Moved]) -> Tables {
        let row = |(at, (created, stage, status)): (usize, &(i32, &str, Option<StageKind>))| DealRow {
            deal_id: format!("D{at:03}"),
            stage: (*stage).to_owned(),
            created_at: Day(*created).start().0,
            status: *status,
            closed_at: status.filter(|kind| *kind != StageKind::Open).map(|_| Day(created + 50).start().0),
            ..DealRow::default()
        };
        let rows: Vec<DealRow> = deals.iter().enumerate().map(row).collect();
        let mut tables = Tables::from_deals(&rows).expect("columns of one length");
        for Moved(deal, day, old, new) in moves {
            for (name, prior) in [(old, true), (new, false)].into_iter().filter(|(name, _)| !name.is_empty()) {
                let stage = tables.stage_names.intern(name).into();
                let change = ChangeRow::empty(RowIx::at(*deal), Day(*day).start());
                tables.changes.push(ChangeRow { stage, prior, ..change });
            }
        }
        tables
    }

    fn kind(stage: &str) -> Option<StageKind> {
        Some(match stage {
            "Won" => StageKind::Won,
            "Lost" => StageKind::Lost,
            _ => StageKind::Open,
        })
    }

    /// The stages deals begin in: number, day, stage.
    fn added(mut tables: Tables) -> Vec<(usize, i32, String)> {
        let before = tables.changes.len();
        add_first_stages(&mut tables, kind);
        let rows = (before..tables.changes.len()).map(|row| tables.changes.get(row));
        let named = rows.map(|row| {
            assert!(!row.prior, "it holds from then on");
            let stage = tables.stage_names.name(row.stage).unwrap_or("?").to_owned();
            (row.deal.index(), row.at.day().0, stage)
        });
        named.collect()
    }

    fn expected(rows: &[(usize, i32, &str)]) -> Vec<(usize, i32, String)> {
        rows.iter().map(|(deal, day, stage)| (*deal, *day, (*stage).to_owned())).collect()
    }

    #[test]
    fn a_deal_begins_in_the_old_stage_of_its_first_move_or_in_the_one_it_never_left() {
        let (lost, won) = (Some(StageKind::Lost), Some(StageKind::Won));
        let deals = [(1, "Offer", None), (2, "New", None), (3, "Demo", lost), (4, "Won", won), (5, "Won", won)];
        let moves = [Moved(0, 9, "Demo", "Offer"), Moved(0, 1, "New", "Demo"), Moved(3, 6, "Demo", "Won")];
        // of the last one nothing is known: it was not created as a won one
        assert_eq!(
            added(tables(&deals, &moves)),
            expected(&[(0, 1, "New"), (1, 2, "New"), (2, 3, "Demo"), (3, 4, "Demo")])
        );
    }

    #[test]
    fn a_log_with_rows_for_first_stages_or_without_old_ones_is_left_alone() {
        let deals = [(1, "Offer", None), (2, "New", None), (3, "Offer", None)];
        let first =
            [Moved(0, 1, "", "New"), Moved(0, 9, "New", "Offer"), Moved(1, 2, "", "New"), Moved(2, 8, "New", "Offer")];
        assert_eq!(added(tables(&deals, &first)), []);
        let new_only = [Moved(0, 9, "", "Offer"), Moved(2, 8, "", "Offer")];
        assert_eq!(added(tables(&deals, &new_only)), []);
    }

    /// Before a log was switched on a deal may have moved without anybody writing it down.
    #[test]
    fn a_deal_that_is_older_than_the_log_gets_none() {
        let deals: Vec<(i32, &str, Option<StageKind>)> = (0..60).map(|at| (at * 5, "Offer", None)).collect();
        let moves = |from: i32| -> Vec<Moved> {
            let since = (0..60).filter(|at| at * 5 + 10 >= from && at % 4 != 3);
            since.map(|at| Moved(at as usize, at * 5 + 10, "New", "Offer")).collect()
        };
        let begins = |from: i32| added(tables(&deals, &moves(from)));
        assert_eq!(begins(0).len(), 60, "it begins with the deals: the first of them moved as soon as later ones do");
        let late = begins(150);
        assert_eq!((late.len(), late[0].clone()), (30, (30, 150, "New".to_owned())), "one of every four never moved");
    }

    #[test]
    fn a_log_that_names_few_deals_says_nothing_by_its_silence() {
        let deals: Vec<(i32, &str, Option<StageKind>)> = (0..30).map(|at| (at, "Offer", None)).collect();
        let told = |deals_named: usize| {
            let moves: Vec<Moved> = (0..deals_named).map(|at| Moved(at, at as i32 + 1, "New", "Offer")).collect();
            added(tables(&deals, &moves)).len()
        };
        assert_eq!((told(5), told(6)), (5, 30));
    }

    #[test]
    fn of_moves_of_one_moment_the_first_is_the_one_no_other_leads_to() {
        // the second deal shows that the log begins with the deals
        let of_one_moment = |moves: [(&'static str, &'static str); 2]| {
            let [first, second] = moves.map(|(old, new)| Moved(0, 9, old, new));
            added(tables(&[(1, "Offer", None), (1, "Demo", None)], &[first, second, Moved(1, 1, "New", "Demo")]))
        };
        let second = (1, 1, "New");
        assert_eq!(of_one_moment([("Demo", "Offer"), ("New", "Demo")]), expected(&[(0, 1, "New"), second]));
        assert_eq!(of_one_moment([("Demo", "New"), ("New", "Demo")]), expected(&[second]));
    }
}
