//! Which source and campaign does a deal count for?
//!
//! [`Tables`] and [`Timeline`] in, [`Credit`]s out, whose shares of a deal add up to the whole of it: the deal's own source,
//! or the touches that reached it before it closed, by one of three models of attribution.

use rayon::prelude::*;

use crate::analyses::sources::chance::WHOLE;
use crate::domain::code::{Dictionary, NO_CODE, NO_DAY};
use crate::domain::day::Moment;
use crate::ingest::tables::Tables;
use crate::timeline::{DealHead, Timeline};

use crate::books::segment::NO_VALUE;

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

/// Names of sources and campaigns with codes that mean the same for deals, leads and touches.
#[derive(Clone, Debug)]
pub(super) struct Origins {
    pub sources: Dictionary,
    pub campaigns: Dictionary,
    of_deals: [Vec<u32>; 2],
    of_leads: [Vec<u32>; 2],
}

impl Origins {
    pub fn of(tables: &Tables) -> Self {
        let mut all = [Dictionary::default(), Dictionary::default()];
        all.iter_mut().for_each(|names| {
            names.intern(NO_VALUE);
        });
        let translated = |names: Option<&Dictionary>, all: &mut Dictionary| -> Vec<u32> {
            names.into_iter().flat_map(Dictionary::names).map(|name| all.intern(name)).collect()
        };
        let [sources, campaigns] = &mut all;
        let of_deals = [
            translated(tables.deals.dictionary("source"), sources),
            translated(tables.deals.dictionary("campaign"), campaigns),
        ];
        let of_leads = [translated(Some(&tables.sources), sources), translated(Some(&tables.campaigns), campaigns)];
        let [sources, campaigns] = all;
        Self { sources, campaigns, of_deals, of_leads }
    }

    /// Source and campaign of codes of the deals' own dictionaries.
    pub fn of_deal(&self, source: u32, campaign: u32) -> (u32, u32) {
        let of = |column: usize, code: u32| self.of_deals[column].get(code as usize).copied().unwrap_or(0);
        (of(0, source), of(1, campaign))
    }

    /// Source and campaign of codes of [`Tables::sources`] and [`Tables::campaigns`].
    pub fn of_lead(&self, source: u32, campaign: u32) -> (u32, u32) {
        let of = |column: usize, code: u32| self.of_leads[column].get(code as usize).copied().unwrap_or(0);
        (of(0, source), of(1, campaign))
    }
}

/// The share of a deal that counts for a source and campaign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Credit {
    /// Index in [`Timeline::deals`].
    pub deal: u32,
    pub source: u32,
    pub campaign: u32,
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
pub(super) fn own(tables: &Tables, timeline: &Timeline, origins: &Origins) -> Vec<Credit> {
    let (sources, campaigns) = (tables.deals.codes("source"), tables.deals.codes("campaign"));
    let credit = |(deal, head): (u32, &DealHead)| {
        let row = head.row as usize;
        let (source, campaign) = origins.of_deal(sources[row], campaigns[row]);
        Credit { deal, source, campaign, begin: 0, end: WHOLE }
    };
    (0..).zip(&timeline.deals).map(credit).collect()
}

/// Whom deals count for.
#[derive(Clone, Copy)]
pub(super) enum Credits<'a> {
    /// Their own source.
    Own(&'a [Credit]),
    /// Their touches, by a model; the code is the source of deals without any.
    Shared(&'a [Touch], Attribution, u32),
}

impl<'a> Credits<'a> {
    /// The credits of the deals that `keep` marks, in the order of the deals.
    pub fn of(self, keep: &'a [bool]) -> Box<dyn Iterator<Item = Credit> + 'a> {
        match self {
            Self::Own(own) => Box::new(own.iter().filter(|own| keep[own.deal as usize]).copied()),
            Self::Shared(touches, model, no_touch) => {
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
fn shared(deal: u32, own: &[Touch], model: Attribution, no_touch: u32) -> impl Iterator<Item = Credit> + use<'_> {
    let touches = match (model, own) {
        (_, []) => &[],
        (Attribution::First, _) => &own[..1],
        (Attribution::Last, _) => &own[own.len() - 1..],
        (Attribution::Linear, _) => own,
    };
    let n = touches.len() as i64;
    let nobody = (n == 0).then_some(Credit { deal, source: no_touch, campaign: 0, begin: 0, end: WHOLE });
    let shares = (0..).zip(touches).map(move |(i, touch)| {
        let (begin, end) = (WHOLE * i / n, WHOLE * (i + 1) / n);
        Credit { deal, source: touch.source, campaign: touch.campaign, begin, end }
    });
    nobody.into_iter().chain(shares)
}

/// A touch of a deal of the timeline.
#[derive(Clone, Copy, Debug)]
pub(super) struct Touch {
    deal: u32,
    at: Moment,
    source: u32,
    campaign: u32,
}

/// The touches before each deal's end, by deal and time; at the same moment by name, so that the order of rows is no matter.
pub(super) fn touches_by_deal(tables: &Tables, timeline: &Timeline, origins: &Origins) -> Vec<Touch> {
    let touches = &tables.touches;
    let mut position = vec![NO_CODE; tables.deals.len()];
    (0..).zip(&timeline.deals).for_each(|(i, deal)| position[deal.row as usize] = i);
    let touch = |i: usize| {
        let deal = position.get(touches.deal[i] as usize).copied().filter(|&deal| deal != NO_CODE)?;
        let (at, closed) = (touches.at[i], timeline.deals[deal as usize].closed);
        let in_time = at.day() < timeline.as_of && (closed == NO_DAY || at.day().0 <= closed);
        let (source, campaign) = origins.of_lead(touches.source[i], touches.campaign[i]);
        in_time.then_some(Touch { deal, at, source, campaign })
    };
    let mut all: Vec<Touch> = (0..touches.at.len()).into_par_iter().filter_map(touch).collect();
    let (sources, campaigns) = (ranks(&origins.sources), ranks(&origins.campaigns));
    all.par_sort_by_key(|touch| {
        (touch.deal, touch.at, sources[touch.source as usize], campaigns[touch.campaign as usize])
    });
    all
}

/// For every code the place of its name in the order of names.
fn ranks(names: &Dictionary) -> Vec<u32> {
    let mut order: Vec<(&str, usize)> = names.names().zip(0..).collect();
    order.sort_unstable();
    let mut ranks = vec![0; order.len()];
    (0..).zip(order).for_each(|(rank, (_, code))| ranks[code] = rank);
    ranks
}
