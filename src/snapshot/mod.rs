//! [`Timeline`](crate::timeline::Timeline) to [`DealState`]s: what was known of a deal on a day, and, for past days, how it ended.
//!
//! One kernel walks a deal's steps and stops at each wanted day; the as-of snapshot asks for one day, training
//! for a grid of landmarks. So scores and training rows cannot drift apart. Makes no numbers fit for a model.

mod all_deals;
mod as_they_stand;
mod deal_state;
mod landmarks;
#[cfg(test)]
mod naive;
mod replay;
mod spacing;
mod standing;
#[cfg(test)]
pub(crate) mod time_travel;

pub use all_deals::Snapshot;
pub use as_they_stand::as_they_stand;
pub use deal_state::DealState;
pub use landmarks::{Landmark, LandmarkSet, Outcome, landmarks};
pub use replay::replay;
pub use spacing::Spacing;
pub use standing::{Standing, Standings};
