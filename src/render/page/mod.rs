//! `report.html`: one file that is complete without scripts, and handier with them.
//!
//! [`Material`](crate::render::Material) and a language in, the page as text out. One file per view says what the view
//! shows; `templates` holds the markup, the style and the script. What is shown comes worded: templates compute nothing.

mod csp;
mod data;
mod define;
mod document;
mod evidence;
mod forecast;
mod funnel;
mod grid;
mod monday;
mod movement;
mod node_bar;
mod past_forecasts;
mod periods;
mod pipeline;
mod place;
mod remark;
mod setting;
mod since;
mod sources;
mod stagnation;
mod waterfall;

pub use document::html;
pub(super) use evidence::{contenders_chart, reliability_chart};
pub(super) use funnel::{flow_chart, stages_chart};
pub(super) use monday::rests_on;
pub(super) use node_bar::bar_of;
pub(super) use setting::{PageChoices, PageSetting};
pub(super) use since::since_run;
pub(super) use sources::sources_chart;
pub(super) use waterfall::{bridge_chart, latest_line, steps_of, title_of};
