//! `report.html`: one file that is complete without scripts, and handier with them.
//!
//! [`Material`](crate::render::Material) and a language in, the page as text out. One file per view says what the view
//! shows; `templates` holds the markup, the style and the script. What is shown comes worded: templates compute nothing.

mod csp;
mod deals_data;
mod document;
mod evidence;
mod forecast;
mod funnel;
mod grid;
mod monday;
mod node_bar;
mod pipeline;
mod setting;
mod sources;
mod stagnation;
mod waterfall;

pub use document::html;
pub(super) use setting::PageSetting;
