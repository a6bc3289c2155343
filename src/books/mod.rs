//! What every money question shares: the hierarchy and its nodes, currencies, quotas, segments, what deals are worth, filters.
//!
//! Amounts are whole minor units. Answers no question itself.

pub mod currency;
pub mod currency_axis;
pub mod deal_values;
pub mod filter;
pub mod hierarchy;
pub mod leads;
pub mod node_axis;
pub mod node_columns;
pub mod quota;
pub mod segment;
