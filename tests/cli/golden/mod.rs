//! The golden run: what the sample gave before the rebuild of schema version 2 and gives now is equal, value for value,
//! under the names in `tests/golden/renames.toml`; what is another value on purpose stands in `tests/golden/changed.toml`.
//!
//! `tests/golden/run` holds the tables of `dealcast run --config data/sample/dealcast.toml`, `answers` what the
//! questions listed in [`answers`] print as CSV, `documents` what is written as JSON: all as the binary of commit
//! 9714b1b gave it, compressed. They are never made anew by the binary under test.

mod answers;
mod cells;
mod changed;
mod compare;
mod documents;
mod parquet;
mod renames;
mod run;
mod stored;
