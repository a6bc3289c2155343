//! Does a date lie ahead of days on which it is supposed to have stood there already?

use crate::features::leak::fill::{MIN_DEALS, percent};
use crate::features::leak::grounds::{Grounds, Seen};
use crate::features::leak::values::ColumnValues;

/// Share of dates that must lie ahead on past days.
const MIN_AHEAD: f64 = 0.1;
/// Open deals whose dates lie ahead are at most one of so many, measured by that share.
const MOST_PLANS: f64 = 0.2;
/// Open deals that would have a date ahead, were it as on past days.
const FEWEST_EXPECTED: f64 = 10.0;

/// A date of something that has happened (the last mail, the last visit) never lies ahead on open deals. On past days it
/// does, where it was written later: there it would say how long the deal was going to be worked on. A plan lies ahead on
/// open deals too.
pub(super) fn ahead_of_past_days(values: &ColumnValues, grounds: &Grounds) -> Option<String> {
    let like = grounds.aged.as_ref().filter(|like| like.worth >= MIN_DEALS as f64)?;
    let then = share_ahead(values, like.rows.iter().zip(like.weights.iter().copied()))?;
    let now = share_ahead(values, like.open.iter().map(|row| (row, 1.0)))?;
    let expected = then.share * now.dated;
    let is_leak = then.share >= MIN_AHEAD && now.share <= MOST_PLANS * then.share && expected >= FEWEST_EXPECTED;
    is_leak.then(|| {
        format!(
            "lies ahead of past days on {} of deals of the same age, of today on {} of open ones: it was written later",
            percent(then.share),
            percent(now.share)
        )
    })
}

/// Deals with a date, and the share of them whose date lies ahead.
struct Dated {
    dated: f64,
    share: f64,
}

fn share_ahead<'a>(values: &ColumnValues, rows: impl Iterator<Item = (&'a Seen, f64)>) -> Option<Dated> {
    let (mut dated, mut ahead) = (0.0, 0.0);
    for (row, weight) in rows {
        let Some(date) = values.dates.get(row.deal).copied().flatten() else { continue };
        dated += weight;
        ahead += if date >= row.day { weight } else { 0.0 };
    }
    (dated > 0.0).then(|| Dated { dated, share: ahead / dated })
}
