//! The tables as the rest of the engine sees them: typed, checked, ids resolved, names coded.
//!
//! [`Deals`] is a polars frame; the change log and the activities are parallel columns with one number per cell,
//! because they are only ever walked deal by deal.

mod all;
mod attribute;
mod changes;
mod codes;
mod dating;
mod deals;
mod field_changes;
mod from_deals;
mod marketing;
mod newest;
mod small;

pub use all::{Spellings, Tables};
pub use attribute::{Attribute, Numbers, Words};
pub(crate) use changes::ChangeNames;
pub use changes::{Activities, ChangeRow, Changes};
pub(crate) use codes::code;
pub use codes::{category_code, category_of, status_code, status_of};
pub use dating::Dating;
pub use deals::Deals;
pub use field_changes::{FieldChange, FieldChanges};
pub use from_deals::DealRow;
pub use marketing::{CampaignCost, LeadEnd, Leads, Touches};
pub use newest::{NewestEvent, StrayEvent};
pub use small::{FxRate, Quota, QuotaNode, Revision, User};
