//! Rows in file order to rows grouped by deal: a counting sort, then a stable sort by time inside each deal.
//!
//! Linear in the number of rows and stable, so that rows of one moment keep their file order. Knows nothing of
//! what the rows mean.

use rayon::prelude::*;

/// Deals per unit of parallel work. Fixed, so that the way the work is cut never depends on the machine.
pub(super) const DEALS_PER_CHUNK: usize = 1 << 13;

/// Items grouped by deal: those of deal `i` are `items[offsets[i]..offsets[i + 1]]`.
pub(super) struct Buckets<T> {
    pub items: Vec<T>,
    pub offsets: Vec<usize>,
    /// Rows that belong to no deal or lie in the future.
    pub left_out: u64,
}

impl<T> Buckets<T> {
    /// The items of deal `i`.
    pub fn of(&self, i: usize) -> &[T] {
        &self.items[self.offsets[i]..self.offsets[i + 1]]
    }
}

/// Groups `rows` rows by deal. `deal_of` names the deal (below `deals`) of a row, `None` to leave the row out;
/// `item` is what is kept of it; `sort` puts the items of one deal into time order.
pub(super) fn by_deal<T: Copy + Send>(
    deals: usize,
    rows: usize,
    deal_of: impl Fn(usize) -> Option<u32>,
    item: impl Fn(usize) -> T,
    sort: impl Fn(&mut [T]) + Sync,
) -> Buckets<T> {
    let mut offsets = vec![0_usize; deals + 1];
    for deal in (0..rows).filter_map(&deal_of) {
        offsets[deal as usize + 1] += 1;
    }
    for i in 0..deals {
        offsets[i + 1] += offsets[i];
    }
    let kept = offsets[deals];
    let Some(filler) = (0..rows).find(|&row| deal_of(row).is_some()).map(&item) else {
        return Buckets { items: Vec::new(), offsets, left_out: rows as u64 };
    };
    let mut items = vec![filler; kept];
    let mut next = offsets.clone();
    for row in 0..rows {
        if let Some(deal) = deal_of(row) {
            let slot = &mut next[deal as usize];
            items[*slot] = item(row);
            *slot += 1;
        }
    }
    sort_inside(&mut items, &offsets, sort);
    Buckets { items, offsets, left_out: (rows - kept) as u64 }
}

fn sort_inside<T: Send>(items: &mut [T], offsets: &[usize], sort: impl Fn(&mut [T]) + Sync) {
    let mut rest = items;
    let mut chunks = Vec::new();
    let deals = offsets.len() - 1;
    for first in (0..deals).step_by(DEALS_PER_CHUNK) {
        let bounds = &offsets[first..=(first + DEALS_PER_CHUNK).min(deals)];
        let (chunk, tail) = rest.split_at_mut(bounds[bounds.len() - 1] - bounds[0]);
        chunks.push((chunk, bounds));
        rest = tail;
    }
    chunks.into_par_iter().for_each(|(mut chunk, bounds)| {
        for pair in bounds.windows(2) {
            let (deal, tail) = chunk.split_at_mut(pair[1] - pair[0]);
            if deal.len() > 1 {
                sort(deal);
            }
            chunk = tail;
        }
    });
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
            |row| (deal[row] < 3).then_some(deal[row]),
            |row| row,
            |rows| rows.sort_by_key(|&row| time[row]),
        );
        assert_eq!(grouped.of(0), [1, 4]);
        assert!(grouped.of(1).is_empty());
        assert_eq!(grouped.of(2), [6, 2, 5, 0]);
        assert_eq!(grouped.left_out, 1);
    }

    #[test]
    fn many_chunks_give_what_one_sort_gives() {
        let deals = 3 * DEALS_PER_CHUNK + 17;
        let rows: Vec<(u32, u64)> = (0..100_000_u64)
            .map(|i| i.wrapping_mul(0x9E37_79B9_7F4A_7C15))
            .map(|h| ((h >> 33) as u32 % deals as u32, h >> 50))
            .collect();
        let grouped = by_deal(deals, rows.len(), |r| Some(rows[r].0), |r| rows[r], |items| items.sort_by_key(|i| i.1));
        let mut sorted = rows.clone();
        sorted.sort();
        assert_eq!(grouped.items, sorted);
    }
}
