//! The input tables and their columns, each declared once in `declared`.
//!
//! Configuration keys and their schema, command-line flags, loading, what the absence of a table costs, the checksum of a
//! model's recipe and the input reference derive from the declaration. Plain values: nothing here reads a file.

mod declared;
mod names;
mod reference;
mod spec;

pub use declared::{
    InputTable, activities, campaign_costs, deals, fx_rates, leads, quotas, revisions, stage_history, touches, users,
};
pub use reference::input_reference;
pub use spec::{CellKind, InputColumn, InputSpec, RowIdentity};
