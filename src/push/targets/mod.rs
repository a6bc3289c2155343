//! One file per target. To add one: its file, an arm in `open`, a line in `config/push/choices`, its row in `docs/push.md`.

mod caller;
mod echo;
mod espocrm;
mod file;
mod hubspot;
mod json_record;
mod moment;
#[cfg(feature = "sql")]
mod mysql;
mod odoo;
mod open;
mod path_part;
mod pipedrive;
#[cfg(feature = "sql")]
mod postgres;
mod salesforce;
mod side_by_side;
mod sql;
mod sqlite;
mod template;
mod vtiger;
mod zoho;

pub use file::{DeltaFiles, layout_columns};
pub use open::{open_server, open_table};
pub(super) use salesforce::is_salesforce_id;
pub(super) use sql::{SqlDialect, SqlTable};
