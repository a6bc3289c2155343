//! Files to [`Tables`]: what the CRM exported, decoded, typed, checked, with every rejected row accounted for.
//!
//! Knows file formats and dirty input; knows nothing of models or reports.

pub mod tables;
