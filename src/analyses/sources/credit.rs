//! Which source and campaign does a deal count for?
//!
//! [`Tables`] and [`Timeline`] in, [`Credit`]s out, whose shares of a deal add up to the whole of it: the deal's own source,
//! or the touches that reached it before it closed, by one of three models of attribution.

use rayon::prelude::*;

use super::chance::WHOLE;
use crate::books::segment::NO_VALUE;
use crate::domain::code::{Dictionary, NO_CODE, NO_DAY};
use crate::domain::day::Moment;
use crate::ingest::tables::Tables;
use crate::timeline::{DealHead, Timeline};

/// What stands for the source of a deal no touch is known of.
pub const NO_TOUCH: &str = "(no touch)";

/// How the touches of a deal share in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Attribution {
    /// All to the earliest.
    First,
    /// All to the latest before the deal closed.
    Last,
    /// To all alike.
    Linear,
}

impl Attribution {
    /// All models.
    pub const ALL: [Self; 3] = [Self::First, Self::Last, Self::Linear];

    /// As printed.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::First => "first touch",
            Self::Last => "last touch",
            Self::Linear => "linear",
        }
    }
}

/// A source and a campaign, by code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Origin {
    pub source: u32,
    pub campaign: u32,
}

/// Names of sources and campaigns with codes that mean the same for deals, leads and touches.
#[derive(Clone, Debug)]
pub(super) struct OriginCodes {
    pub sources: Dictionary,
    pub campaigns: Dictionary,
    of_deals: [Vec<u32>; 2],
    of_leads: [Vec<u32>; 2],
}

impl OriginCodes {
    pub fn of(tables: &Tables) -> Self {
        let (mut sources, mut campaigns) = (Dictionary::default(), Dictionary::default());
        sources.intern(NO_VALUE);
        campaigns.intern(NO_VALUE);
        let of_deals = [
            interned(tables.deals.dictionary("source"), &mut sources),
            interned(tables.deals.dictionary("campaign"), &mut campaigns),
        ];
        let of_leads =
            [interned(Some(&tables.sources), &mut sources), interned(Some(&tables.campaigns), &mut campaigns)];
        Self { sources, campaigns, of_deals, of_leads }
    }

    /// Source and campaign of codes of the deals' own dictionaries.
    pub fn of_deal(&self, source: u32, campaign: u32) -> Origin {
        translated(&self.of_deals, source, campaign)
    }

    /// Source and campaign of codes of [`Tables::sources`] and [`Tables::campaigns`].
    pub fn of_lead(&self, source: u32, campaign: u32) -> Origin {
        translated(&self.of_leads, source, campaign)
    }
}

/// A source and a campaign of other dictionaries in the common ones, by the `codes` of both; [`NO_VALUE`] of no code.
fn translated(codes: &[Vec<u32>; 2], source: u32, campaign: u32) -> Origin {
    let [sources, campaigns] = codes;
    let common = |codes: &[u32], code: u32| codes.get(code as usize).copied().unwrap_or(0);
    Origin { source: common(sources, source), campaign: common(campaigns, campaign) }
}

/// The common code of every name.
fn interned(names: Option<&Dictionary>, common: &mut Dictionary) -> Vec<u32> {
    names.into_iter().flat_map(Dictionary::names).map(|name| common.intern(name)).collect()
}

/// The share of a deal that counts for a source and campaign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Credit {
    /// Index in [`Timeline::deals`].
    pub deal: u32,
    pub origin: Origin,
    /// The share runs from here to `end`, in parts of [`WHOLE`]; the first of a deal begins at 0, the last ends at the whole.
    pub begin: i64,
    pub end: i64,
}

impl Credit {
    /// This credit's part of `amount`. The parts of a deal's credits add up to `amount`.
    pub fn part(&self, amount: i64) -> i64 {
        let up_to = |share: i64| (i128::from(amount) * i128::from(share)).div_euclid(i128::from(WHOLE));
        (up_to(self.end) - up_to(self.begin)) as i64
    }
}

/// Every deal wholly for its own source and campaign.
pub(super) fn own(tables: &Tables, timeline: &Timeline, origins: &OriginCodes) -> Vec<Credit> {
    let (sources, campaigns) = (tables.deals.codes("source"), tables.deals.codes("campaign"));
    let credit = |(deal, head): (u32, &DealHead)| {
        let row = head.row as usize;
        Credit { deal, origin: origins.of_deal(sources[row], campaigns[row]), begin: 0, end: WHOLE }
    };
    (0..).zip(&timeline.deals).map(credit).collect()
}

/// Whom deals count for.
#[derive(Clone, Copy)]
pub(super) enum Credits<'a> {
    /// Their own source.
    Own(&'a [Credit]),
    /// Their touches, by a model.
    Shared {
        /// By deal and time.
        touches: &'a [DealTouch],
        /// How they share in a deal.
        model: Attribution,
        /// Code of the source of deals without any.
        no_touch: u32,
    },
}

impl<'a> Credits<'a> {
    /// The credits of the deals that `keep` marks, in the order of the deals.
    pub fn of(self, keep: &'a [bool]) -> Box<dyn Iterator<Item = Credit> + 'a> {
        match self {
            Self::Own(own) => Box::new(own.iter().filter(|own| keep[own.deal as usize]).copied()),
            Self::Shared { touches, model, no_touch } => {
                let mut rest = touches;
                let kept = (0..keep.len()).filter(|&deal| keep[deal]);
                Box::new(kept.flat_map(move |deal| {
                    rest = &rest[rest.iter().take_while(|touch| (touch.deal as usize) < deal).count()..];
                    let own = &rest[..rest.iter().take_while(|touch| touch.deal as usize == deal).count()];
                    shared(deal as u32, own, model, no_touch)
                }))
            }
        }
    }
}

/// The credits of one deal with the touches `own`, in time order.
fn shared(deal: u32, own: &[DealTouch], model: Attribution, no_touch: u32) -> impl Iterator<Item = Credit> + use<'_> {
    let touches = match (model, own) {
        (_, []) => &[],
        (Attribution::First, _) => &own[..1],
        (Attribution::Last, _) => &own[own.len() - 1..],
        (Attribution::Linear, _) => own,
    };
    let n = touches.len() as i64;
    let no_touch = Origin { source: no_touch, campaign: 0 };
    let nobody = (n == 0).then_some(Credit { deal, origin: no_touch, begin: 0, end: WHOLE });
    let shares = (0..).zip(touches).map(move |(i, touch)| {
        let (begin, end) = (WHOLE * i / n, WHOLE * (i + 1) / n);
        Credit { deal, origin: touch.origin, begin, end }
    });
    nobody.into_iter().chain(shares)
}

/// A touch of a deal of the timeline.
#[derive(Clone, Copy, Debug)]
pub(super) struct DealTouch {
    deal: u32,
    at: Moment,
    origin: Origin,
}

/// The touches before each deal's end, by deal and time; at the same moment by name, so that the order of rows is no matter.
pub(super) fn touches_by_deal(tables: &Tables, timeline: &Timeline, origins: &OriginCodes) -> Vec<DealTouch> {
    let touches = &tables.touches;
    let mut position = vec![NO_CODE; tables.deals.len()];
    (0..).zip(&timeline.deals).for_each(|(i, deal)| position[deal.row as usize] = i);
    let touch = |i: usize| {
        let deal = position.get(touches.deal[i] as usize).copied().filter(|&deal| deal != NO_CODE)?;
        let (at, closed) = (touches.at[i], timeline.deals[deal as usize].closed);
        let in_time = at.day() < timeline.as_of && (closed == NO_DAY || at.day().0 <= closed);
        let origin = origins.of_lead(touches.source[i], touches.campaign[i]);
        in_time.then_some(DealTouch { deal, at, origin })
    };
    let mut all: Vec<DealTouch> = (0..touches.at.len()).into_par_iter().filter_map(touch).collect();
    let (sources, campaigns) = (ranks(&origins.sources), ranks(&origins.campaigns));
    all.par_sort_by_key(|touch| {
        let Origin { source, campaign } = touch.origin;
        (touch.deal, touch.at, sources[source as usize], campaigns[campaign as usize])
    });
    all
}

/// For every code the position of its name in the order of names.
fn ranks(names: &Dictionary) -> Vec<u32> {
    let mut order: Vec<(&str, usize)> = names.names().zip(0..).collect();
    order.sort_unstable();
    let mut ranks = vec![0; order.len()];
    (0..).zip(order).for_each(|(rank, (_, code))| ranks[code] = rank);
    ranks
}
