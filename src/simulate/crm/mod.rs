//! Simulated tables to files in the shape of a CRM's export.
//!
//! Input: batches of the canonical tables and an [`ExportShape`](crate::presets::ExportShape); output: tables of text with the
//! CRM's names. What the shape cannot say is taken away first: the same step gives the canonical tables that say just that
//! much, against which a reading of the export can be held. Draws nothing, writes no file.
//!
//! | file | from | to |
//! |---|---|---|
//! | `text_table` | batches | rows of text |
//! | `names` | canonical ids | ids and names as the CRM has them |
//! | `story` | rows of the log | what holds of a deal from each moment on |
//! | `carried` | deals and stories | what the shape carries of them |
//! | `cells` | a value | how the CRM writes it |
//! | `deal_rows`, `history_rows`, `small_rows` | what is carried | rows of the files |
//! | `form` | the name of a shape | the shape |
//! | `files` | batches of a chunk, or of the small tables | every file |

mod carried;
mod cells;
mod deal_rows;
mod files;
mod form;
mod history_rows;
mod names;
mod small_rows;
mod story;
mod text_table;

pub use files::{CrmExport, CrmFile};
pub use form::CrmForm;
