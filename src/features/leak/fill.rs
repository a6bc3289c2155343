//! Is a column filled only once a deal is closed?

use crate::domain::stage::StageKind;
use crate::features::leak::values::Values;
use crate::snapshot::DealState;

/// Deals of each kind that must speak before a trace counts.
pub(super) const MIN_DEALS: u64 = 30;

/// Difference of fill between closed and open deals from which absence tells how far along a deal is.
const MAX_FILL_GAP: f64 = 0.1;

/// How many closed and open deals there are, and how many of them have a value.
#[derive(Default)]
pub(super) struct FillCounts {
    closed: u64,
    closed_filled: u64,
    open: u64,
    open_filled: u64,
}

/// The shares of closed and of open deals that have a value.
struct FillShares {
    closed: f64,
    open: f64,
}

impl FillCounts {
    pub fn of(values: &Values, deals: &[DealState]) -> Self {
        let mut fill = Self::default();
        for (i, deal) in deals.iter().enumerate() {
            let (all, filled) = match deal.kind {
                StageKind::Open => (&mut fill.open, &mut fill.open_filled),
                StageKind::Won | StageKind::Lost => (&mut fill.closed, &mut fill.closed_filled),
            };
            *all += 1;
            *filled += u64::from(values.is_filled(i));
        }
        fill
    }

    fn shares(&self) -> Option<FillShares> {
        let enough = self.closed >= MIN_DEALS && self.open >= MIN_DEALS;
        enough.then(|| FillShares {
            closed: share(self.closed_filled, self.closed),
            open: share(self.open_filled, self.open),
        })
    }

    /// At least 5 % of closed deals have a value, open ones less than a twentieth as often, and chance would have
    /// filled ten of them.
    pub fn only_on_closed(&self) -> Option<String> {
        let FillShares { closed, open } = self.shares()?;
        let leak = closed >= 0.05 && open <= closed / 20.0 && closed * self.open as f64 >= 10.0;
        leak.then(|| {
            format!(
                "filled on {} of closed deals but {} of open ones: known only at close",
                percent(closed),
                percent(open)
            )
        })
    }

    /// Why having no value would say how far along a deal is, where it would.
    pub fn gap(&self) -> Option<String> {
        let FillShares { closed, open } = self.shares()?;
        ((closed - open).abs() > MAX_FILL_GAP).then(|| {
            format!(
                "filled on {} of closed deals and {} of open ones: its absence would tell how far along a deal is today",
                percent(closed),
                percent(open)
            )
        })
    }
}

pub(super) fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

pub(super) fn percent(share: f64) -> String {
    format!("{:.0} %", 100.0 * share)
}
