//! Rows in file order to rows grouped by deal: a counting sort, then a sort inside each deal.
//!
//! Linear in the number of rows. Knows nothing of what the rows mean.

use rayon::prelude::*;

use crate::domain::ids::DealIx;
use crate::domain::maybe::Maybe;

/// Deals per unit of parallel work. Fixed, so that the way the work is cut never depends on the machine.
pub(super) const DEALS_PER_CHUNK: usize = 1 << 13;

/// Items grouped by deal: those of deal `i` are `items[offsets[i]..offsets[i + 1]]`.
pub(super) struct Buckets<T> {
    pub items: Vec<T>,
    pub offsets: Vec<usize>,
    /// Rows that belong to no deal or lie in the future.
    pub excluded: u64,
}

impl<T> Buckets<T> {
    /// The items of a deal.
    pub fn of(&self, deal: DealIx) -> &[T] {
        &self.items[self.offsets[deal.index()]..self.offsets[deal.index() + 1]]
    }
}

/// Groups `rows` rows by deal. `deal_of` names the deal (below `deals`) of a row, none to exclude the row;
/// `item` is what is kept of it; `sort` puts the items of one deal into time order.
///
/// Rows are dealt out to chunks of deals first and to deals inside each chunk then, so that memory is walked in
/// order even where the file is not sorted by deal.
pub(super) fn by_deal<T: Copy + Send>(
    deals: usize,
    rows: usize,
    deal_of: impl Fn(usize) -> Maybe<DealIx> + Sync,
    item: impl Fn(usize) -> T + Sync,
    sort: impl Fn(&mut [T]) + Sync,
) -> Buckets<T> {
    let deal: Vec<Maybe<DealIx>> = (0..rows).into_par_iter().map(&deal_of).collect();
    let index = |row: usize| deal[row].get().map(DealIx::index);
    let (order, ends) =
        group(deals.div_ceil(DEALS_PER_CHUNK), rows, |row| index(row).map(|deal| deal / DEALS_PER_CHUNK));
    let excluded = (rows - order.len()) as u64;
    let chunk = |chunk: usize| {
        let (first, start) = (chunk * DEALS_PER_CHUNK, if chunk == 0 { 0 } else { ends[chunk - 1] });
        let rows = &order[start..ends[chunk]];
        let inside = |i: usize| index(rows[i] as usize).map(|deal| deal - first);
        let (places, deal_ends) = group(DEALS_PER_CHUNK.min(deals - first), rows.len(), inside);
        let mut items: Vec<T> = places.iter().map(|&place| item(rows[place as usize] as usize)).collect();
        sort_each(&mut items, &deal_ends, &sort);
        (items, deal_ends)
    };
    let parts: Vec<(Vec<T>, Vec<usize>)> = (0..ends.len()).into_par_iter().map(chunk).collect();
    let (mut items, mut offsets) = (Vec::with_capacity(order.len()), Vec::with_capacity(deals + 1));
    offsets.push(0);
    for (part, deal_ends) in parts {
        offsets.extend(deal_ends.iter().map(|end| items.len() + end));
        items.extend(part);
    }
    Buckets { items, offsets, excluded }
}

/// A counting sort: the numbers below `n` whose `group_of` is some group, by group, and the end of each group.
fn group(groups: usize, n: usize, group_of: impl Fn(usize) -> Option<usize>) -> (Vec<u32>, Vec<usize>) {
    let mut next = vec![0_usize; groups + 1];
    for group in (0..n).filter_map(&group_of) {
        next[group + 1] += 1;
    }
    for group in 0..groups {
        next[group + 1] += next[group];
    }
    let mut order = vec![0; next[groups]];
    for i in 0..n {
        if let Some(group) = group_of(i) {
            order[next[group]] = i as u32;
            next[group] += 1;
        }
    }
    next.truncate(groups);
    (order, next)
}

fn sort_each<T>(items: &mut [T], ends: &[usize], sort: impl Fn(&mut [T])) {
    let mut start = 0;
    for &end in ends {
        if end - start > 1 {
            sort(&mut items[start..end]);
        }
        start = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_grouped_and_ties_keep_their_file_order() {
        let deal = [2, 0, 2, 9, 0, 2, 2];
        let time = [5, 1, 3, 0, 1, 3, 1];
        let grouped = by_deal(
            3,
            deal.len(),
            |row| (deal[row] < 3).then_some(DealIx::at(deal[row])).into(),
            |row| row,
            |rows| rows.sort_by_key(|&row| time[row]),
        );
        assert_eq!(grouped.of(DealIx::at(0)), [1, 4]);
        assert!(grouped.of(DealIx::at(1)).is_empty());
        assert_eq!(grouped.of(DealIx::at(2)), [6, 2, 5, 0]);
        assert_eq!(grouped.excluded, 1);
    }

    #[test]
    fn many_chunks_give_what_one_sort_gives() {
        let deals = 3 * DEALS_PER_CHUNK + 17;
        let rows: Vec<(u32, u64)> = (0..100_000_u64)
            .map(|i| i.wrapping_mul(0x9E37_79B9_7F4A_7C15))
            .map(|h| ((h >> 33) as u32 % deals as u32, h >> 50))
            .collect();
        let grouped = by_deal(
            deals,
            rows.len(),
            |r| DealIx::at(rows[r].0 as usize).into(),
            |r| rows[r],
            |items| items.sort_by_key(|i| i.1),
        );
        let mut sorted = rows.clone();
        sorted.sort();
        assert_eq!(grouped.items, sorted);
    }
}
