//! How a deal came from the first morning to the second, and what that adds to each bar of a row.

use crate::analyses::waterfall::bars::Bar;
use crate::domain::day::Day;
use crate::domain::ids::CurrencyId;
use crate::domain::stage::StageKind;

/// An amount in its own and in the base currency, minor units; base 0 where nothing is converted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct DualAmount {
    pub native: i64,
    pub base: i64,
}

impl DualAmount {
    fn add(&mut self, other: Self) {
        self.native += other.native;
        self.base += other.base;
    }
}

/// Where a deal counts on one of the mornings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct MorningPosition {
    /// Number of the owner's position, `None` where the filter leaves it out.
    pub position: Option<u32>,
    /// First day of the month it is expected, or was closed, in.
    pub month: Day,
}

/// How deals came from the first morning to the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Transition {
    /// In the pipeline of the first morning.
    pub from: Option<MorningPosition>,
    /// In that of the second, or closed in between.
    pub to: Option<MorningPosition>,
    /// Open, won or lost where `to` is.
    pub outcome: StageKind,
    /// Created on the first morning or later.
    pub created: bool,
    pub currency: CurrencyId,
}

/// What the deals of one transition bring.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct TransitionSums {
    pub deals: u32,
    pub start: DualAmount,
    pub increased: DualAmount,
    pub increased_deals: u32,
    pub decreased: DualAmount,
    pub decreased_deals: u32,
    /// In the base currency.
    pub revalued: i64,
    pub revalued_deals: u32,
    pub finish: DualAmount,
}

impl TransitionSums {
    /// One deal that was worth `start`, `start` at the last rate `valued`, and is worth `finish`.
    pub fn changed(start: DualAmount, valued: i64, finish: DualAmount) -> Self {
        let change = DualAmount { native: finish.native - start.native, base: finish.base - valued };
        let revalued = valued - start.base;
        let mut sums =
            Self { deals: 1, start, finish, revalued, revalued_deals: u32::from(revalued != 0), ..Self::default() };
        if change.native > 0 {
            (sums.increased, sums.increased_deals) = (change, 1);
        } else if change.native < 0 {
            (sums.decreased, sums.decreased_deals) = (DualAmount { native: -change.native, base: -change.base }, 1);
        }
        sums
    }

    /// One deal that was not there and is worth `finish`.
    pub fn arrived(finish: DualAmount) -> Self {
        Self { deals: 1, finish, ..Self::default() }
    }

    pub fn add(&mut self, other: &Self) {
        self.deals += other.deals;
        self.start.add(other.start);
        self.increased.add(other.increased);
        self.increased_deals += other.increased_deals;
        self.decreased.add(other.decreased);
        self.decreased_deals += other.decreased_deals;
        self.revalued += other.revalued;
        self.revalued_deals += other.revalued_deals;
        self.finish.add(other.finish);
    }
}

/// How a transition touches a row.
#[derive(Clone, Copy, Debug)]
pub(super) struct RowTouch {
    /// It begins in the row.
    pub begins: bool,
    /// It ends in the row.
    pub ends: bool,
    /// It begins and ends in the row's period, wherever.
    pub stays: bool,
}

/// The rows a transition begins or ends in: the nodes of one level, and the period of one length.
#[derive(Clone, Copy, Debug)]
pub(super) struct TouchedRows<'n> {
    pub nodes: &'n [u32],
    pub period: Option<u32>,
}

/// Every touch of a transition that begins in `start` and ends in `end`.
pub(super) fn touches(start: TouchedRows<'_>, end: TouchedRows<'_>, mut visit: impl FnMut(u32, u32, RowTouch)) {
    let stays = start.period == end.period;
    if let Some(period) = start.period {
        for &node in start.nodes {
            visit(node, period, RowTouch { begins: true, ends: stays && end.nodes.contains(&node), stays });
        }
    }
    if let Some(period) = end.period {
        for &node in end.nodes.iter().filter(|node| !(stays && start.nodes.contains(node))) {
            visit(node, period, RowTouch { begins: false, ends: true, stays });
        }
    }
}

impl Transition {
    /// What its `sums` adds to each bar of a row it touches.
    pub fn bars(&self, sums: &TransitionSums, touch: RowTouch, mut emit: impl FnMut(Bar, u32, DualAmount)) {
        let RowTouch { begins, ends, stays } = touch;
        if begins {
            emit(Bar::Start, sums.deals, sums.start);
            emit(Bar::Increased, sums.increased_deals, sums.increased);
            emit(Bar::Decreased, sums.decreased_deals, sums.decreased);
            emit(Bar::Revalued, sums.revalued_deals, DualAmount { native: 0, base: sums.revalued });
        }
        match (begins, ends) {
            (true, false) if stays => emit(Bar::MovedOut, sums.deals, sums.finish),
            (true, false) => emit(Bar::PushedOut, sums.deals, sums.finish),
            (false, true) if stays => emit(Bar::MovedIn, sums.deals, sums.finish),
            (false, true) if self.created => emit(Bar::Created, sums.deals, sums.finish),
            (false, true) => emit(Bar::PulledIn, sums.deals, sums.finish),
            _ => {}
        }
        if ends {
            let bar = match self.outcome {
                StageKind::Open => Bar::End,
                StageKind::Won => Bar::Won,
                StageKind::Lost => Bar::Lost,
            };
            emit(bar, sums.deals, sums.finish);
        }
    }
}
