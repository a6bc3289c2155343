//! dealcast: which open deals will be won, where deals get stuck, how the funnel converts, how far everyone is from quota.
#![doc = include_str!("ARCHITECTURE.md")]

pub mod analyses;
pub mod books;
pub mod config;
pub mod docs;
pub mod domain;
pub mod features;
pub mod ingest;
pub mod model;
pub mod presets;
pub mod push;
pub mod render;
pub mod report;
pub mod run;
pub mod scoring;
pub mod setup;
pub mod simulate;
pub mod snapshot;
pub mod stats;
pub mod store;
pub mod timeline;
