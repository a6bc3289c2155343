//! What became of the leads, as of a day?
//!
//! [`Tables`] and [`Timeline`] in, [`LeadLives`] out: one entry per lead, be it a row of the leads table or a record of the
//! deals table that began in a stage of the phase `lead`. Tells leads apart by the columns leads have; counts nothing.

use std::borrow::Cow;

use crate::books::hierarchy::{Hierarchy, Level};
use crate::books::segment::{NO_VALUE, Segment};
use crate::domain::day::{Day, Moment};
use crate::domain::ids::{DealIx, LeadIx, OwnerId, StageId};
use crate::domain::maybe::Maybe;
use crate::domain::stage::{Phase, StageKind};
use crate::ingest::tables::{Attribute, LeadEnd, Tables};
use crate::timeline::Timeline;

/// One lead as it stands on the timeline's day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeadLife {
    /// Row of the leads table; `None` for a record of the deals table.
    pub lead: Option<LeadIx>,
    /// The deal it became, or is a record of: index in [`Timeline::deals`].
    pub deal: Option<DealIx>,
    /// Day it was created.
    pub created: Day,
    /// What became of it.
    pub end: LeadEnd,
    /// When; `None` while open, or where nobody knows.
    pub ended: Option<Day>,
}

/// All leads created before the timeline's day.
#[derive(Clone, Debug, Default)]
pub struct LeadLives {
    /// Those of the leads table in its order, then those among the deals.
    pub lives: Vec<LeadLife>,
    /// For every deal of the timeline the day it became more than a lead; `None` if it never did.
    pub deal_since: Vec<Option<Day>>,
}

impl LeadLives {
    /// Reads the leads.
    #[must_use]
    pub fn of(tables: &Tables, timeline: &Timeline) -> Self {
        let mut lives = from_table(tables, timeline);
        let mut deal_since: Vec<Option<Day>> = timeline.deals.iter().map(|deal| Some(deal.created)).collect();
        let is_lead =
            |stage: Maybe<StageId>| timeline.stages.get(stage).is_some_and(|stage| stage.phase == Phase::Lead);
        if timeline.stages.stages().iter().any(|stage| stage.phase == Phase::Lead) {
            let mut known = vec![false; timeline.deals.len()];
            lives.iter().filter_map(|life| life.deal).for_each(|deal| known[deal.index()] = true);
            for deal in timeline.deal_ids() {
                let Some(life) = among_deals(timeline, deal, is_lead) else { continue };
                deal_since[deal.index()] = life.ended.filter(|_| life.end == LeadEnd::Converted);
                lives.extend((!known[deal.index()]).then_some(life));
            }
        }
        Self { lives, deal_since }
    }

    /// For every lead the name of its value in `column`; `None` where leads have no such column.
    #[must_use]
    pub fn names<'t>(&self, column: &str, tables: &'t Tables, timeline: &Timeline) -> Option<Vec<Cow<'t, str>>> {
        let leads = &tables.leads;
        let named = |of: &dyn Fn(usize) -> Option<&'t str>| -> Vec<Cow<'t, str>> {
            let name = |life: &LeadLife| match (life.lead, life.deal) {
                (Some(lead), _) => of(lead.index()).map(Cow::Borrowed),
                (None, deal) => deal.and_then(|deal| of_deal(column, deal, tables, timeline)).map(Cow::Borrowed),
            };
            self.lives.iter().map(|life| name(life).unwrap_or(Cow::Borrowed(NO_VALUE))).collect()
        };
        match column {
            "source" => Some(named(&|lead| tables.sources.name(leads.source[lead]))),
            "campaign" => Some(named(&|lead| tables.campaigns.name(leads.campaign[lead]))),
            "owner" => Some(named(&|lead| tables.owners.name(leads.owner[lead]))),
            "team" => Some(self.of_owners(Level::Team, tables, timeline)),
            "manager" => Some(self.of_owners(Level::Manager, tables, timeline)),
            "region" => Some(self.of_owners(Level::Region, tables, timeline)),
            _ => None,
        }
    }

    fn of_owners<'t>(&self, level: Level, tables: &'t Tables, timeline: &Timeline) -> Vec<Cow<'t, str>> {
        let hierarchy = Hierarchy::new(&tables.users, &tables.owners, timeline.as_of);
        let day = timeline.as_of.plus(-1);
        let node = |owner: Option<&str>| hierarchy.position_of(owner, day).nodes(level)[0].to_owned();
        let of_owner: Vec<String> = tables.owners.names().map(|owner| node(Some(owner))).collect();
        let nobody = node(None);
        let owner = |life: &LeadLife| match life.lead {
            Some(lead) => tables.leads.owner[lead.index()].get(),
            None => life.deal.and_then(|deal| last_owner(timeline, deal)),
        };
        let name = |life| Cow::Owned(owner(life).map_or(&nobody, |owner| &of_owner[owner.index()]).clone());
        self.lives.iter().map(name).collect()
    }

    /// One flag per lead: whether `filters` (column, admitted values) and `created` admit it; `None` where they name a column
    /// leads do not have, of which nothing can be said then.
    #[must_use]
    pub fn mask(
        &self,
        filters: &[(String, Vec<String>)],
        created: impl Fn(Day) -> bool,
        tables: &Tables,
        timeline: &Timeline,
    ) -> Option<Vec<bool>> {
        let mut keep: Vec<bool> = self.lives.iter().map(|life| created(life.created)).collect();
        for (column, wanted) in filters {
            let names = self.names(column, tables, timeline)?;
            let admitted = names.iter().map(|name| wanted.iter().any(|wanted| wanted == name));
            keep.iter_mut().zip(admitted).for_each(|(keep, admitted)| *keep &= admitted);
        }
        Some(keep)
    }

    /// `segment` with the values that only leads have, and for every lead its position among them; `None` where leads do
    /// not have the column.
    #[must_use]
    pub fn join(&self, segment: Segment, tables: &Tables, timeline: &Timeline) -> (Segment, Option<Vec<u32>>) {
        let Some(column) = &segment.column else { return (segment, Some(vec![0; self.lives.len()])) };
        let Some(names) = self.names(column, tables, timeline).filter(|_| !self.lives.is_empty()) else {
            return (segment, None);
        };
        let mut values = segment.values.clone();
        values.extend(names.iter().map(|name| name.clone().into_owned()));
        values.sort_unstable();
        values.dedup();
        let position = |name: &str| values.partition_point(|value| value.as_str() < name) as u32;
        let moved: Vec<u32> = segment.values.iter().map(|value| position(value)).collect();
        let of_deal = segment.of_deal.iter().map(|&value| moved[value as usize]).collect();
        let of_lead = names.iter().map(|name| position(name)).collect();
        (Segment { column: segment.column, values, of_deal }, Some(of_lead))
    }
}

/// The leads of the leads table.
fn from_table(tables: &Tables, timeline: &Timeline) -> Vec<LeadLife> {
    let leads = &tables.leads;
    if leads.is_empty() {
        return Vec::new();
    }
    let mut position = vec![None; tables.deals.len()];
    timeline.deal_ids().zip(&timeline.deals).for_each(|(deal, head)| position[head.row.index()] = Some(deal));
    let life = |lead: usize| {
        let deal = leads.deal[lead].get().and_then(|row| position.get(row.index()).copied().flatten());
        let ended = leads.ended[lead].get().map(Moment::day);
        let is_over = ended.is_none_or(|day| day < timeline.as_of);
        LeadLife {
            lead: Some(LeadIx::at(lead)),
            deal,
            created: leads.created[lead].day(),
            end: if is_over { leads.end[lead] } else { LeadEnd::Open },
            ended: ended.filter(|_| is_over),
        }
    };
    let known = |lead: &usize| leads.created[*lead].day() < timeline.as_of;
    (0..leads.len()).filter(known).map(life).collect()
}

/// A record of the deals table as a lead, if it was ever one.
fn among_deals(timeline: &Timeline, deal: DealIx, is_lead: impl Fn(Maybe<StageId>) -> bool) -> Option<LeadLife> {
    let head = timeline.head(deal);
    let steps = timeline.steps_of(deal);
    let began = steps.iter().position(|step| is_lead(step.stage))?;
    let is_deal = |stage: Maybe<StageId>| {
        timeline.stages.get(stage).is_some() && !is_lead(stage) && timeline.stages.kind(stage) != StageKind::Lost
    };
    let converted = steps[began..].iter().find(|step| is_deal(step.stage));
    let (end, ended) = match (converted, head.kind) {
        (Some(step), _) => (LeadEnd::Converted, Some(step.at.day())),
        (None, StageKind::Open) => (LeadEnd::Open, None),
        (None, StageKind::Won) => (LeadEnd::Converted, Some(head.closed.get().unwrap_or(head.created))),
        (None, StageKind::Lost) => (LeadEnd::Disqualified, head.closed.get()),
    };
    Some(LeadLife { lead: None, deal: Some(deal), created: head.created, end, ended })
}

fn last_owner(timeline: &Timeline, deal: DealIx) -> Option<OwnerId> {
    timeline.steps_of(deal).last()?.owner.get()
}

fn of_deal<'t>(column: &str, deal: DealIx, tables: &'t Tables, timeline: &Timeline) -> Option<&'t str> {
    if column == "owner" {
        return tables.owners.name(last_owner(timeline, deal));
    }
    match tables.deals.attribute(column)? {
        Attribute::Words(words) => words.name(timeline.head(deal).row),
        Attribute::Numbers(_) => None,
    }
}
