//! What comes before a deal: the lead it was, leads that never became one, and what marketing did to reach both.
//!
//! Input: a [`NewDeal`] and its [`Journey`]; output: [`Lead`]s and [`MarketingTouch`]es before the export. Draws from a stream of its own,
//! so that deals are what they would be without.

use rand::RngExt;

use crate::simulate::calendar::Time;
use crate::simulate::catalogue::SOURCES;
use crate::simulate::deal::NewDeal;
use crate::simulate::journey::Journey;
use crate::simulate::stream::{Purpose, Stream, exponential, pick, stream};
use crate::simulate::world::World;

/// Share of deals that were a lead before.
const FROM_LEAD: f64 = 0.8;
/// Mean days from lead to deal.
const DAYS_TO_DEAL: f64 = 16.0;
/// Mean days until a lead that comes to nothing is given up.
const DAYS_TO_END: f64 = 22.0;
/// Share of the leads that come to nothing which nobody ever gives up.
const FORGOTTEN: f64 = 0.04;
/// Chance that another touch follows a touch.
const ANOTHER: f64 = 0.55;

/// Somebody who may become a customer.
#[derive(Clone, Copy, Debug)]
pub struct Lead {
    /// Ordinal among those of its deal's number: 0 is the deal's own.
    pub ordinal: u8,
    /// When it was created.
    pub created: Time,
    /// When it became the deal.
    pub converted: Option<Time>,
    /// When it was given up.
    pub closed: Option<Time>,
    /// Who works on it.
    pub owner: u32,
    /// Position in [`SOURCES`].
    pub source: usize,
    /// Whether its campaign is the quarter's second one.
    pub second_campaign: bool,
}

impl Lead {
    /// As the CRM calls it on the day of the export.
    pub(super) fn status(&self) -> &'static str {
        match (self.converted, self.closed) {
            (Some(_), _) => "Converted",
            (None, Some(_)) => "Disqualified",
            (None, None) => "Working",
        }
    }
}

/// Marketing reaching a lead or the people of a deal.
#[derive(Clone, Copy, Debug)]
pub struct MarketingTouch {
    /// When.
    pub at: Time,
    /// Position in [`SOURCES`].
    pub source: usize,
    /// Whether the campaign is the quarter's second one.
    pub second_campaign: bool,
    /// Ordinal of the lead; `None` where there was none.
    pub lead: Option<u8>,
    /// Whether the deal was there already.
    pub of_deal: bool,
}

impl MarketingTouch {
    /// Whether the deal is named. A touch without a lead is of the deal, though it came before.
    pub(super) fn names_deal(&self) -> bool {
        self.of_deal || self.lead.is_none()
    }
}

/// Leads and touches that go with deal `deal`, before the export, each in the order they are written.
pub fn of(world: &World, deal: &NewDeal, journey: &Journey) -> (Vec<Lead>, Vec<MarketingTouch>) {
    let rng = &mut stream(world.config.seed, Purpose::Marketing, deal.number);
    let span = world.calendar.span();
    let (mut leads, mut touches) = (Vec::new(), Vec::new());
    let was_lead = rng.random_bool(FROM_LEAD);
    let first = (deal.created - exponential(rng, DAYS_TO_DEAL)).max(0.0).min(deal.created);
    let own = MarketingTouch {
        at: first,
        source: deal.source,
        second_campaign: rng.random_bool(0.5),
        lead: was_lead.then_some(0),
        of_deal: false,
    };
    if was_lead {
        leads.push(Lead {
            ordinal: 0,
            created: first,
            converted: Some(deal.created),
            closed: None,
            owner: deal.owner,
            source: deal.source,
            second_campaign: own.second_campaign,
        });
    }
    let end = journey.moves.last().map_or(deal.created, |last| last.at).min(span);
    follow(own, deal.created, end, rng, &mut touches);
    // For every lead that became a deal there are some of other sources that did not.
    let failed = SOURCES.iter().map(|source| source.share * (1.0 - source.lead_rate) / source.lead_rate);
    let more = FROM_LEAD * failed.clone().sum::<f64>();
    for ordinal in 1..=u8::MAX {
        if !rng.random_bool(more / (1.0 + more)) {
            break;
        }
        let created = (deal.created - 30.0 * rng.random::<f64>()).max(0.0);
        let source = pick(rng, failed.clone());
        let given_up = created + exponential(rng, DAYS_TO_END);
        let forgotten = rng.random_bool(FORGOTTEN);
        let (owner, second_campaign) = (world.organisation.assign(rng, created), rng.random_bool(0.5));
        let closed = Some(given_up).filter(|&at| at < span && !forgotten);
        leads.push(Lead { ordinal, created, converted: None, closed, owner, source, second_campaign });
        let touch = MarketingTouch { at: created, source, second_campaign, lead: Some(ordinal), of_deal: false };
        follow(touch, Time::INFINITY, closed.unwrap_or(span), rng, &mut touches);
    }
    (leads, touches)
}

/// `first`, and the touches after it, until `end`.
fn follow(first: MarketingTouch, deal_created: Time, end: Time, rng: &mut Stream, touches: &mut Vec<MarketingTouch>) {
    touches.push(MarketingTouch { of_deal: first.at >= deal_created, ..first });
    let mut times = Vec::new();
    while times.len() < 20 && rng.random_bool(ANOTHER) {
        times.push(first.at + (end - first.at).max(0.0) * rng.random::<f64>());
    }
    times.sort_by(f64::total_cmp);
    for at in times {
        let source = pick(rng, SOURCES.iter().map(|source| source.share));
        touches.push(MarketingTouch {
            at,
            source,
            second_campaign: rng.random_bool(0.5),
            of_deal: at >= deal_created,
            ..first
        });
    }
}

/// Name of the campaign of `source` that ran on the day `offset`; `None` for sources without campaigns.
#[must_use]
pub fn campaign(world: &World, source: usize, offset: i32, second: bool) -> Option<String> {
    let name = SOURCES[source].campaign?;
    let date = world.calendar.day(offset).civil();
    let quarter = (date.month() - 1) / 3 + 1;
    Some(format!("{name} {} Q{quarter} {}", date.year(), if second { "B" } else { "A" }))
}
