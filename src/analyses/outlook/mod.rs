//! What may still be won by the end of a period: open deals, business that does not exist yet, and how sure that is.
//!
//! Timeline and snapshot to an [`Outlook`], learnt once; with the chances of open deals it gives a [`Distribution`] per
//! node and period. Knows no nodes and no quotas: `forecast` asks.

mod amount_change;
mod distribution;
mod learn;
mod measure_pace;
mod new_business;
mod new_parts;
mod pace;
#[cfg(test)]
mod tests;
mod unknown_amount;

pub use distribution::{Atom, Distribution, Ingredients, OpenProspect};
pub use learn::Outlook;
pub use new_business::NewBusiness;
pub use new_parts::{CurrencyBusiness, OwnerPart};
pub use pace::Pace;
pub use unknown_amount::UnknownAmounts;
