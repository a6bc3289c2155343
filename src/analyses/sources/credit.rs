//! Which source and campaign does a deal count for?
//!
//! [`Tables`] and [`Timeline`] in, [`Credit`]s out, whose shares of a deal add up to the whole of it: the deal's own source,
//! or the touches that reached it before it closed, by one of three models of attribution.

use rayon::prelude::*;

use super::chance::WHOLE;
use crate::books::segment::NO_VALUE;
use crate::domain::code::Dictionary;
use crate::domain::day::Moment;
use crate::domain::ids::{CampaignId, DealIx, Id, OriginId, RowIx, SourceId, WordId};
use crate::domain::maybe::{Compact, Maybe};
use crate::ingest::tables::{Tables, Words};
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

/// Where a deal, lead or touch comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Origin {
    /// By [`OriginCodes::sources`].
    pub source: OriginId,
    /// By [`OriginCodes::campaigns`].
    pub campaign: OriginId,
}

/// What stands for a source or campaign that is not given: [`NO_VALUE`], the first name of both.
pub(super) const NOT_GIVEN: OriginId = OriginId::at(0);

/// Names of sources and campaigns with codes that mean the same for deals, leads and touches.
#[derive(Clone, Debug)]
pub(super) struct OriginCodes {
    pub sources: Dictionary<OriginId>,
    pub campaigns: Dictionary<OriginId>,
    source_of_deals: Vec<OriginId>,
    campaign_of_deals: Vec<OriginId>,
    source_of_leads: Vec<OriginId>,
    campaign_of_leads: Vec<OriginId>,
}

impl OriginCodes {
    pub fn of(tables: &Tables) -> Self {
        let (mut sources, mut campaigns) = (Dictionary::default(), Dictionary::default());
        sources.intern(NO_VALUE);
        campaigns.intern(NO_VALUE);
        Self {
            source_of_deals: interned(tables.deals.source().map(Words::names), &mut sources),
            campaign_of_deals: interned(tables.deals.campaign().map(Words::names), &mut campaigns),
            source_of_leads: interned(Some(&tables.sources), &mut sources),
            campaign_of_leads: interned(Some(&tables.campaigns), &mut campaigns),
            sources,
            campaigns,
        }
    }

    /// Where a deal comes from, by the words of its own columns.
    pub fn of_deal(&self, source: Maybe<WordId>, campaign: Maybe<WordId>) -> Origin {
        Origin { source: common(&self.source_of_deals, source), campaign: common(&self.campaign_of_deals, campaign) }
    }

    /// Where a lead or touch comes from.
    pub fn of_lead(&self, source: Maybe<SourceId>, campaign: Maybe<CampaignId>) -> Origin {
        Origin { source: common(&self.source_of_leads, source), campaign: common(&self.campaign_of_leads, campaign) }
    }
}

/// The common code of `id`; [`NOT_GIVEN`] of none.
fn common<T: Id + Compact>(codes: &[OriginId], id: Maybe<T>) -> OriginId {
    id.get().and_then(|id| codes.get(id.index()).copied()).unwrap_or(NOT_GIVEN)
}

/// The common code of every name.
fn interned<T: Id + Compact>(names: Option<&Dictionary<T>>, common: &mut Dictionary<OriginId>) -> Vec<OriginId> {
    names.into_iter().flat_map(Dictionary::names).map(|name| common.intern(name)).collect()
}

/// The share of a deal that counts for a source and campaign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Credit {
    /// Index in [`Timeline::deals`].
    pub deal: DealIx,
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
    let (sources, campaigns) = (tables.deals.source(), tables.deals.campaign());
    let credit = |(deal, head): (DealIx, &DealHead)| {
        let origin = origins.of_deal(word(sources, head.row), word(campaigns, head.row));
        Credit { deal, origin, begin: 0, end: WHOLE }
    };
    timeline.deal_ids().zip(&timeline.deals).map(credit).collect()
}

/// The word in `row` of a column that may not be there.
fn word(column: Option<Words<'_>>, row: RowIx) -> Maybe<WordId> {
    column.map(|column| column.id(row)).unwrap_or_default()
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
        /// The source of deals without any.
        no_touch: OriginId,
    },
}

impl<'a> Credits<'a> {
    /// The credits of the deals that `keep` marks, in the order of the deals.
    pub fn of(self, keep: &'a [bool]) -> Box<dyn Iterator<Item = Credit> + 'a> {
        match self {
            Self::Own(own) => Box::new(own.iter().filter(|own| keep[own.deal.index()]).copied()),
            Self::Shared { touches, model, no_touch } => {
                let mut rest = touches;
                let kept = (0..keep.len()).filter(|&deal| keep[deal]).map(DealIx::at);
                Box::new(kept.flat_map(move |deal| {
                    rest = &rest[rest.iter().take_while(|touch| touch.deal < deal).count()..];
                    let own = &rest[..rest.iter().take_while(|touch| touch.deal == deal).count()];
                    shared(deal, own, model, no_touch)
                }))
            }
        }
    }
}

/// The credits of one deal with the touches `own`, in time order.
fn shared(
    deal: DealIx,
    own: &[DealTouch],
    model: Attribution,
    no_touch: OriginId,
) -> impl Iterator<Item = Credit> + use<'_> {
    let touches = match (model, own) {
        (_, []) => &[],
        (Attribution::First, _) => &own[..1],
        (Attribution::Last, _) => &own[own.len() - 1..],
        (Attribution::Linear, _) => own,
    };
    let n = touches.len() as i64;
    let no_touch = Origin { source: no_touch, campaign: NOT_GIVEN };
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
    deal: DealIx,
    at: Moment,
    origin: Origin,
}

/// The touches before each deal's end, by deal and time; at the same moment by name, so that the order of rows is no matter.
pub(super) fn touches_by_deal(tables: &Tables, timeline: &Timeline, origins: &OriginCodes) -> Vec<DealTouch> {
    let touches = &tables.touches;
    let mut position: Vec<Maybe<DealIx>> = vec![Maybe::NONE; tables.deals.len()];
    timeline.deal_ids().zip(&timeline.deals).for_each(|(deal, head)| position[head.row.index()] = deal.into());
    let touch = |i: usize| {
        let deal = position.get(touches.deal[i].get()?.index())?.get()?;
        let (at, closed) = (touches.at[i], timeline.head(deal).closed.get());
        let in_time = at.day() < timeline.as_of && closed.is_none_or(|closed| at.day() <= closed);
        let origin = origins.of_lead(touches.source[i], touches.campaign[i]);
        in_time.then_some(DealTouch { deal, at, origin })
    };
    let mut all: Vec<DealTouch> = (0..touches.at.len()).into_par_iter().filter_map(touch).collect();
    let (sources, campaigns) = (ranks(&origins.sources), ranks(&origins.campaigns));
    all.par_sort_by_key(|touch| {
        let Origin { source, campaign } = touch.origin;
        (touch.deal, touch.at, sources[source.index()], campaigns[campaign.index()])
    });
    all
}

/// For every code the position of its name in the order of names.
fn ranks(names: &Dictionary<OriginId>) -> Vec<u32> {
    let mut order: Vec<(&str, usize)> = names.names().zip(0..).collect();
    order.sort_unstable();
    let mut ranks = vec![0; order.len()];
    (0..).zip(order).for_each(|(rank, (_, id))| ranks[id] = rank);
    ranks
}
