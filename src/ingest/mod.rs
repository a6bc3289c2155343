//! Files to [`tables::Tables`]: what the CRM exported, decoded, typed, checked, with every rejected row accounted for.
//!
//! Knows file formats and dirty input; knows nothing of models or reports. `order` says which table is loaded when,
//! `decode` turns files into chunks of cells, `layout` finds the canonical columns in them, `cells` reads single cells,
//! `reader` holds them to the rules, `stream` runs it in parallel and in order, `load` has one loader per table, `twice` settles which of
//! the rows that speak of the same thing count.

mod assumption;
mod cells;
mod column_counts;
mod context;
mod counted_rows;
mod decode;
mod error;
mod evidence;
mod file_columns;
pub mod findings;
mod first_stages;
mod issue_columns;
mod issues;
mod layout;
mod load;
mod loaded;
mod lookup;
mod lookup_table;
mod name_order;
mod newest_event;
mod odd_lines;
mod order;
pub mod profile;
mod reader;
mod reject;
mod spellings;
mod stream;
mod streams;
pub mod tables;
mod twice;
mod written;

pub use assumption::Assumption;
pub use cells::currency::currency;
pub use cells::nothing::flag;
pub use cells::words::change_field;
pub use column_counts::ColumnCounts;
pub use decode::guard::{READER_THREAD, decoded};
pub use error::{IngestError, StageOutsideList};
pub use issue_columns::{issues_spec, issues_table};
pub use issues::{Issue, Issues};
pub(crate) use layout::day_in_name;
pub use load::raw_deals::{RawDeal, RawDeals};
pub use loaded::{InputFile, Loaded};
pub use order::{load, load_raw_deals};
pub use reject::{Reject, reject_spec};
