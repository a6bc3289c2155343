//! Questions that can be asked of a day: [`AsOf`] answers all of them, [`Present`] those that need no history.

mod as_of;
mod filter;
mod forecast;
mod funnel;
mod history;
mod present;
mod sources;
mod stagnation;
mod waterfall;

pub use crate::books::filter::ForecastFilter;
pub use crate::books::hierarchy::Level;
pub use as_of::AsOf;
pub use filter::{DealFilter, Selection};
pub use present::{ActionsBasis, GapsBasis, Present};
pub use stagnation::REFERENCE_DAYS;
