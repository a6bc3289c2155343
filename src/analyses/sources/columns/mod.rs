//! The tables of the sources: `sources` and `campaigns`, one row per source (and campaign) and created period;
//! `attribution`, the same by touches.

mod attribution;
mod line;
mod own;
#[cfg(test)]
mod tests;

pub use attribution::{attribution_spec, attribution_table};
pub use line::SourceLine;
pub use own::{campaigns_spec, spec, table};
