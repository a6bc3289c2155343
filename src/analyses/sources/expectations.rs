//! Where deals and leads come from, and what the open ones may become.
//!
//! [`Timeline`] and leads in, [`Expectations`]s out, one of all deals and one of all leads: those a filter leaves out teach too.

use super::chance::{AdvanceChances, Lifetime};
use super::credit::{Credit, NOT_GIVEN, Origin, OriginCodes};
use super::input::SourcesInput;
use crate::books::leads::LeadLife;
use crate::domain::day::Day;
use crate::domain::stage::StageKind;
use crate::ingest::tables::{LeadEnd, Words};
use crate::stats::survival::ExitCause;
use crate::timeline::{DealHead, Timeline};

/// Where every life comes from, and what is to be expected of those still open.
pub(super) struct Expectations {
    pub chances_by_source: AdvanceChances,
    /// Source and campaign by life.
    pub origins: Vec<Origin>,
    /// Chance of an open life to advance at all, in parts of [`WHOLE`](super::chance::WHOLE); 0 of a closed one.
    pub chances: Vec<i64>,
}

impl Expectations {
    /// Of the deals of the timeline, which count for `own`, one credit each.
    pub fn of_deals(timeline: &Timeline, own: &[Credit], since: &[Option<Day>], sources: usize) -> Self {
        let lives = timeline.deals.iter().zip(own).zip(since).filter_map(|((deal, own), since)| {
            let cause = match deal.kind {
                StageKind::Open => None,
                StageKind::Won => Some(ExitCause::Advance),
                StageKind::Lost => Some(ExitCause::Lost),
            };
            let end = deal.closed.get().filter(|_| cause.is_some());
            Some(Lifetime::of(own.origin.source, deal.created, (*since)?, end.unwrap_or(timeline.as_of), cause))
        });
        let chances_by_source = AdvanceChances::learn(sources, lives);
        let chance = |(deal, own): (&DealHead, &Credit)| match deal.kind {
            StageKind::Open => {
                chances_by_source.to_advance(own.origin.source, timeline.as_of.0.saturating_sub(deal.created.0))
            }
            _ => 0,
        };
        let chances = timeline.deals.iter().zip(own).map(chance).collect();
        Self { chances, origins: own.iter().map(|own| own.origin).collect(), chances_by_source }
    }

    /// Of the leads.
    pub fn of_leads(input: &SourcesInput<'_>, origins: &OriginCodes) -> Self {
        let SourcesInput { tables, timeline, leads, .. } = *input;
        let nowhere = Origin { source: NOT_GIVEN, campaign: NOT_GIVEN };
        let (sources, campaigns) = (tables.deals.source(), tables.deals.campaign());
        let origin = |life: &LeadLife| match (life.lead, life.deal) {
            (Some(lead), _) => origins.of_lead(tables.leads.source[lead.index()], tables.leads.campaign[lead.index()]),
            (None, deal) => deal.map_or(nowhere, |deal| {
                let word = |column: Words<'_>| column.id(timeline.head(deal).row);
                origins.of_deal(sources.map(word).unwrap_or_default(), campaigns.map(word).unwrap_or_default())
            }),
        };
        let of: Vec<Origin> = leads.lives.iter().map(origin).collect();
        let lives = leads.lives.iter().zip(&of).map(|(life, of)| {
            let cause = match life.end {
                LeadEnd::Open => None,
                LeadEnd::Converted => Some(ExitCause::Advance),
                LeadEnd::Disqualified => Some(ExitCause::Lost),
            };
            Lifetime::of(of.source, life.created, life.created, life.ended.unwrap_or(timeline.as_of), cause)
        });
        let chances_by_source = AdvanceChances::learn(origins.sources.len(), lives);
        let chances = leads.lives.iter().zip(&of).map(|(life, of)| match life.end {
            LeadEnd::Open => chances_by_source.to_advance(of.source, timeline.as_of.0.saturating_sub(life.created.0)),
            _ => 0,
        });
        Self { chances: chances.collect(), origins: of, chances_by_source }
    }
}
