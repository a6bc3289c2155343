//! The bars, and what the way of some deals adds to each of them in one row.

use crate::domain::day::Day;
use crate::domain::ids::CurrencyId;
use crate::domain::stage::StageKind;

/// A column of the waterfall.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bar {
    /// In the pipeline on the first morning.
    Start,
    /// Created since.
    Created,
    /// Older, and come into the period.
    PulledIn,
    /// Amount raised.
    Increased,
    /// Amount lowered.
    Decreased,
    /// Gone from the period, neither lost nor won in it.
    PushedOut,
    /// Expected in the period, and lost.
    Lost,
    /// Won in the period.
    Won,
    /// In the pipeline on the second morning.
    End,
    /// Of the period all along, come from another node.
    MovedIn,
    /// Of the period all along, gone to another node.
    MovedOut,
    /// Other rates.
    Revalued,
}

/// How many bars there are.
pub const BARS: usize = Bar::Revalued as usize + 1;

impl Bar {
    /// All bars, in the order of the table's columns.
    pub const ALL: [Self; BARS] = [
        Self::Start,
        Self::Created,
        Self::PulledIn,
        Self::Increased,
        Self::Decreased,
        Self::PushedOut,
        Self::Lost,
        Self::Won,
        Self::End,
        Self::MovedIn,
        Self::MovedOut,
        Self::Revalued,
    ];

    /// As the column is named.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Created => "created",
            Self::PulledIn => "pulled_in",
            Self::Increased => "increased",
            Self::Decreased => "decreased",
            Self::PushedOut => "pushed_out",
            Self::Lost => "lost",
            Self::Won => "won",
            Self::End => "end",
            Self::MovedIn => "moved_in",
            Self::MovedOut => "moved_out",
            Self::Revalued => "revalued",
        }
    }
}

/// An amount in its own and in the base currency, minor units; base 0 where nothing is converted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Money {
    pub native: i64,
    pub base: i64,
}

impl Money {
    fn add(&mut self, other: Self) {
        self.native += other.native;
        self.base += other.base;
    }
}

/// Where a deal counts on one of the mornings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Stand {
    /// Number of the owner's position, `None` where the filter leaves it out.
    pub position: Option<u32>,
    /// First day of the month it is expected, or was closed, in.
    pub month: Day,
}

/// How deals came from the first morning to the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Way {
    /// In the pipeline of the first morning.
    pub from: Option<Stand>,
    /// In that of the second, or closed in between.
    pub to: Option<Stand>,
    /// Open, won or lost where `to` is.
    pub outcome: StageKind,
    /// Created on the first morning or later.
    pub created: bool,
    /// Currency code.
    pub currency: CurrencyId,
}

/// What the deals of one way bring.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Load {
    pub deals: u32,
    pub start: Money,
    pub increased: Money,
    pub increased_deals: u32,
    pub decreased: Money,
    pub decreased_deals: u32,
    /// In the base currency.
    pub revalued: i64,
    pub revalued_deals: u32,
    pub finish: Money,
}

impl Load {
    /// One deal that was worth `start`, `start` at the last rate `valued`, and is worth `finish`.
    pub fn changed(start: Money, valued: i64, finish: Money) -> Self {
        let change = Money { native: finish.native - start.native, base: finish.base - valued };
        let revalued = valued - start.base;
        let mut load =
            Self { deals: 1, start, finish, revalued, revalued_deals: u32::from(revalued != 0), ..Self::default() };
        if change.native > 0 {
            (load.increased, load.increased_deals) = (change, 1);
        } else if change.native < 0 {
            (load.decreased, load.decreased_deals) = (Money { native: -change.native, base: -change.base }, 1);
        }
        load
    }

    /// One deal that was not there and is worth `finish`.
    pub fn arrived(finish: Money) -> Self {
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

/// How a way touches a row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Touch {
    /// It begins in the row.
    pub begins: bool,
    /// It ends in the row.
    pub ends: bool,
    /// It begins and ends in the row's period, wherever.
    pub stays: bool,
}

/// Every touch of a way with nodes `from` and `to` of one level, in periods `starts` and `finishes` of one kind.
pub(super) fn touches(
    (from, starts): (&[u32], Option<u32>),
    (to, finishes): (&[u32], Option<u32>),
    mut visit: impl FnMut(u32, u32, Touch),
) {
    let stays = starts == finishes;
    if let Some(period) = starts {
        for &node in from {
            visit(node, period, Touch { begins: true, ends: stays && to.contains(&node), stays });
        }
    }
    if let Some(period) = finishes {
        for &node in to.iter().filter(|node| !(stays && from.contains(node))) {
            visit(node, period, Touch { begins: false, ends: true, stays });
        }
    }
}

impl Way {
    /// What its `load` adds to each bar of a row it touches.
    pub fn bars(&self, load: &Load, touch: Touch, mut emit: impl FnMut(Bar, u32, Money)) {
        let Touch { begins, ends, stays } = touch;
        if begins {
            emit(Bar::Start, load.deals, load.start);
            emit(Bar::Increased, load.increased_deals, load.increased);
            emit(Bar::Decreased, load.decreased_deals, load.decreased);
            emit(Bar::Revalued, load.revalued_deals, Money { native: 0, base: load.revalued });
        }
        match (begins, ends) {
            (true, false) if stays => emit(Bar::MovedOut, load.deals, load.finish),
            (true, false) => emit(Bar::PushedOut, load.deals, load.finish),
            (false, true) if stays => emit(Bar::MovedIn, load.deals, load.finish),
            (false, true) if self.created => emit(Bar::Created, load.deals, load.finish),
            (false, true) => emit(Bar::PulledIn, load.deals, load.finish),
            _ => {}
        }
        if ends {
            let bar = match self.outcome {
                StageKind::Open => Bar::End,
                StageKind::Won => Bar::Won,
                StageKind::Lost => Bar::Lost,
            };
            emit(bar, load.deals, load.finish);
        }
    }
}
