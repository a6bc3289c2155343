//! The answer: one row per source (and campaign) and period.

use std::collections::BTreeMap;

use super::chance::WHOLE;
use super::credit::Attribution;
use crate::analyses::funnel::ALL;
use crate::domain::period::{Period, PeriodKind};
use crate::stats::survival::Share;

/// One source (and campaign) and period. Counts are in parts of [`WHOLE`].
#[derive(Clone, Debug, PartialEq)]
pub struct SourceRow {
    /// The source, [`NO_VALUE`](crate::books::segment::NO_VALUE) for deals without one, [`NO_TOUCH`](super::credit::NO_TOUCH) for those no touch is known of.
    pub source: String,
    /// The campaign, where campaigns are told apart.
    pub campaign: Option<String>,
    /// Period the deals and leads were created in and the money was spent in; `None` for all together.
    pub period: Option<Period>,
    /// What is in it.
    pub sums: SourceSums,
    /// Value of the won deals, minor units; `None` without a common currency.
    pub revenue_minor: Option<i128>,
    /// The same with what is to be expected of the open deals.
    pub expected_revenue_minor: Option<i128>,
    /// Value of the open deals.
    pub open_value_minor: Option<i128>,
    /// Mean value of a won deal of known value.
    pub mean_won_minor: Option<f64>,
    /// Share of the deals that is won in the long run, with its 95 % interval.
    pub win_rate: Option<Share>,
    /// Share of the leads that becomes a deal in the long run.
    pub lead_conversion: Option<Share>,
    /// Median days from creation to win among all deals of the source that are won in the long run, whatever their period.
    pub expected_cycle_days: Option<u32>,
}

impl SourceRow {
    /// The period as printed; [`ALL`] for all together.
    #[must_use]
    pub fn period_name(&self) -> String {
        self.period.map_or_else(|| ALL.to_owned(), |period| period.to_string())
    }

    /// won / (won + lost).
    #[must_use]
    pub fn win_rate_so_far(&self) -> Option<f64> {
        let SourceSums { won, lost, .. } = self.sums;
        (won + lost > 0).then(|| won as f64 / (won + lost) as f64)
    }

    /// (`revenue` - cost) / cost: 0.5 is half the money again on top of what was spent.
    #[must_use]
    pub fn return_of(&self, revenue_minor: Option<i128>) -> Option<f64> {
        let cost = self.sums.cost_minor.filter(|&cost| cost > 0)?;
        revenue_minor.map(|revenue| (revenue - cost) as f64 / cost as f64)
    }

    /// Cost, in minor units, per one of `count`, which is in parts of [`WHOLE`].
    #[must_use]
    pub fn cost_per(&self, count: i64) -> Option<f64> {
        let cost = self.sums.cost_minor?;
        (count > 0).then(|| cost as f64 / (count as f64 / WHOLE as f64))
    }
}

/// Exact sums of one row. Counts are in parts of [`WHOLE`], money in minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SourceSums {
    /// Leads created.
    pub leads: i64,
    /// Of these, became a deal.
    pub lead_deals: i64,
    /// Became one, or are expected to.
    pub expected_lead_deals: i64,
    /// Sum of chance x (1 - chance) over the open leads.
    pub lead_spread: i64,
    /// Deals created: records of the deals table that are, or were, more than leads.
    pub created: i64,
    /// Won by now.
    pub won: i64,
    /// Lost by now.
    pub lost: i64,
    /// Won, or expected to be.
    pub expected_won: i64,
    /// Sum of chance x (1 - chance) over the open deals.
    pub spread: i64,
    /// Won deals of known value.
    pub won_valued: i64,
    /// Value of the won deals.
    pub revenue_minor: i128,
    /// Value expected of the open ones.
    pub to_come_minor: i128,
    /// Value of the open deals.
    pub open_value_minor: i128,
    /// Median days from creation to win of the deals won so far; young periods have only their fast deals.
    pub median_cycle_days: Option<f64>,
    /// Money spent; `None` where no cost is known, or not all of it.
    pub cost_minor: Option<i128>,
    /// Whether some of it has no rate into the report currency.
    pub cost_without_rate: bool,
}

impl SourceSums {
    /// Deals neither won nor lost.
    #[must_use]
    pub fn open(&self) -> i64 {
        self.created - self.won - self.lost
    }
}

/// All sources and periods with deals, leads or costs, ordered by source name, campaign name and period.
#[derive(Clone, Debug, PartialEq)]
pub struct Sources {
    /// The model of attribution; `None` where every deal counts for its own source.
    pub attribution: Option<Attribution>,
    /// Whether there are leads at all, in a table of their own or among the deals.
    pub has_leads: bool,
    /// One per source, campaign and period.
    pub rows: Vec<SourceRow>,
    /// Length of the periods: that asked for, or a longer one for which there are costs.
    pub kind: PeriodKind,
    /// Cost rows that no rate brings into the report currency, by currency.
    pub costs_without_rate: BTreeMap<String, u64>,
}
