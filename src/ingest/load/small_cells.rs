//! The rows of the tables of few rows, cell by cell in the order of their columns.
//!
//! What tells rows apart, and which of several counts, is not decided here.

use crate::domain::day::Day;
use crate::ingest::load::small::InCurrency;
use crate::ingest::tables::{CampaignCost, FxRate, Quota, QuotaNode, Revision, User};
use crate::ingest::twice::{ClaimCell, TableRow};

fn word(text: &str) -> ClaimCell {
    ClaimCell::Word(text.to_owned())
}

fn words(text: Option<&String>) -> ClaimCell {
    ClaimCell::word(text.map(String::as_str))
}

fn day(day: Option<Day>) -> ClaimCell {
    ClaimCell::number(day.map(|day| day.0))
}

impl TableRow for InCurrency<Quota> {
    fn cells(&self) -> Vec<ClaimCell> {
        let Quota { node, period, quota_minor, .. } = &self.row;
        let none = ClaimCell::Empty;
        let [owner, team, region] = match node {
            QuotaNode::Owner(owner) => [word(owner), none.clone(), none],
            QuotaNode::Team(team) => [none.clone(), word(team), none],
            QuotaNode::Region(region) => [none.clone(), none, word(region)],
            QuotaNode::Company => [none.clone(), none.clone(), none],
        };
        vec![
            owner,
            team,
            region,
            word(&period.to_string()),
            ClaimCell::number(Some(*quota_minor)),
            word(&self.currency),
        ]
    }
}

impl TableRow for User {
    fn cells(&self) -> Vec<ClaimCell> {
        let Self { owner, name, manager, team, region, active_from, active_to } = self;
        let [name, manager, team, region] = [name, manager, team, region].map(|text| words(text.as_ref()));
        vec![word(owner), name, manager, team, region, day(*active_from), day(*active_to)]
    }
}

impl TableRow for InCurrency<FxRate> {
    fn cells(&self) -> Vec<ClaimCell> {
        let FxRate { day: from, rate, .. } = &self.row;
        vec![word(&self.currency), day(Some(*from)), ClaimCell::Rate(*rate)]
    }
}

impl TableRow for InCurrency<CampaignCost> {
    fn cells(&self) -> Vec<ClaimCell> {
        let CampaignCost { source, campaign, period, cost_minor, .. } = &self.row;
        let cost = ClaimCell::number(Some(*cost_minor));
        vec![word(source), word(&period.to_string()), cost, word(&self.currency), words(campaign.as_ref())]
    }
}

impl TableRow for InCurrency<Revision> {
    fn cells(&self) -> Vec<ClaimCell> {
        let Revision { submitted_at, author, owner, period, category, amount_minor, note, .. } = &self.row;
        vec![
            ClaimCell::number(Some(submitted_at.0)),
            word(author),
            word(owner),
            word(&period.to_string()),
            word(category),
            ClaimCell::number(Some(*amount_minor)),
            word(&self.currency),
            words(note.as_ref()),
        ]
    }
}
