//! The tables of the funnel: `funnel`, cohort x segment x stage; `funnel_summary`, cohort x segment; `flow`, moves from
//! stage to stage; `funnel_compare`, two groups side by side.

mod compare;
mod flow;
mod stages;
mod summary;

pub use compare::{CompareLine, compare_spec, compare_table};
pub use flow::{FlowLine, flow_spec, flow_table};
pub use stages::{StageLine, spec, table};
pub use summary::{FunnelSummaryLine, summary_spec, summary_table};
