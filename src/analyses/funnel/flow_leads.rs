//! Leads in the flow: deals that were one come from [`LEADS`](super::rows::LEADS) instead of nowhere, and the others are seen to end.
//!
//! [`FunnelLeads`] in, moves out. Over all deals what flows into [`LEADS`](super::rows::LEADS) flows out of it; by cohort and segment a deal
//! counts in its own and its lead in the lead's, which may be others.

use super::leads::FunnelLeads;
use super::walk::is_since;
use crate::books::leads::LeadLife;
use crate::domain::day::Day;
use crate::ingest::tables::LeadEnd;
use crate::timeline::Timeline;

/// What becomes of a lead in the flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LeadMove {
    /// It is there: new, or since before the counted days.
    In {
        /// Whether it was there before the counted days.
        before: bool,
    },
    /// It was given up.
    Disqualified,
    /// It became a deal that is not in the flow, or that another lead is counted for.
    Merged,
    /// It is still worked on.
    Open,
}

/// Which leads the deals of a flow came from.
#[derive(Clone, Debug)]
pub(super) struct LeadOrigins {
    /// For every deal the day its earliest lead was created.
    pub of_deal: Vec<Option<Day>>,
    /// For every lead whether a deal of the flow comes from it.
    is_origin: Vec<bool>,
}

impl LeadOrigins {
    /// Of the kept deals and leads.
    pub fn of(timeline: &Timeline, leads: &FunnelLeads<'_>, keep: &[bool]) -> Self {
        let lives = &leads.lives.lives;
        let mut first: Vec<Option<usize>> = vec![None; timeline.deals.len()];
        for (lead, life) in lives.iter().enumerate().filter(|(lead, life)| leads.keep[*lead] && life.lead.is_some()) {
            let Some(deal) = life.deal.filter(|deal| keep[deal.index()] && life.end == LeadEnd::Converted) else {
                continue;
            };
            let known = &mut first[deal.index()];
            if known.is_none_or(|known| (life.created, life.ended) < (lives[known].created, lives[known].ended)) {
                *known = Some(lead);
            }
        }
        let mut is_origin = vec![false; lives.len()];
        first.iter().flatten().for_each(|&lead| is_origin[lead] = true);
        Self { of_deal: first.iter().map(|lead| lead.map(|lead| lives[lead].created)).collect(), is_origin }
    }

    /// The moves of lead `lead` from the day `from` on, each with the days since it was created.
    pub fn moves_of(
        &self,
        lead: usize,
        life: &LeadLife,
        from: Option<Day>,
        as_of: Day,
    ) -> Vec<(LeadMove, Option<i32>)> {
        let ended = life.ended.unwrap_or(as_of);
        let is_open = life.end == LeadEnd::Open;
        if !is_open && !is_since(ended, from) {
            return Vec::new();
        }
        let days = Some(ended.0 - life.created.0);
        let mut moves = vec![(LeadMove::In { before: !is_since(life.created, from) }, None)];
        moves.extend(match life.end {
            LeadEnd::Open => Some((LeadMove::Open, days)),
            LeadEnd::Disqualified => Some((LeadMove::Disqualified, days)),
            LeadEnd::Converted => (!self.is_origin[lead]).then_some((LeadMove::Merged, days)),
        });
        moves
    }
}
