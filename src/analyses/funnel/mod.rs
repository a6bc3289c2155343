//! How do deals go through the stages: how many enter, advance, are lost, go back, skip, and how long does it take?
//!
//! [`Timeline`](crate::timeline::Timeline), its stays and the [`Snapshot`](crate::snapshot::Snapshot) in, [`Funnel`] out: a row per segment, cohort (created period) and
//! stage, and a summary per segment and cohort. A deal counts once per stage and is judged by how it *last* left it, so
//! that entered = advanced + lost + back + still there. A won deal advances from its last stage; a deal that passed a
//! stage without being in it has skipped it. A won deal goes on through the won stages, from the win to after-sales.
//! Deals without stage history count where they are or ended, and nowhere else: they say nothing of conversions and
//! durations.
//!
//! Leads stand before the deals they became, by [`add_leads`].
//!
//! Beside the cohorts there is the process as it runs now ([`CURRENT`]): whatever deals did since
//! [`FunnelInput::current_from`], whenever they were created. A stay that had begun before is at risk from the day it is
//! first seen (delayed entry), so that neither the old deals nor the young ones are favoured.
//!
//! Conversion is the share of exits that are advances in the long run ([`ExitCurves::eventual`](crate::stats::survival::ExitCurves::eventual)): advanced / entered
//! with Wilson's interval once no deal is left in the stage, Aalen-Johansen while some are. Times in a stage are
//! Kaplan-Meier quantiles over all stays of a deal together.

mod by_segment;
mod cohort;
pub mod columns;
pub mod compare;
mod counts;
pub mod findings;
pub mod flow;
mod flow_leads;
mod groups;
mod input;
mod leads;
mod rows;
mod stage_row;
#[cfg(test)]
mod tests;
mod walk;

pub use by_segment::funnel;
pub use cohort::Cohorts;
pub use input::FunnelInput;
pub use leads::{FunnelLeads, add_leads};
pub use rows::{ALL, CURRENT, Funnel, FunnelRow, FunnelSummary, LEADS};
