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
#[cfg(feature = "sql")]
mod mysql_fault;
#[cfg(feature = "sql")]
mod mysql_rows;
mod odoo;
mod open;
mod pipedrive;
#[cfg(feature = "sql")]
mod postgres;
#[cfg(feature = "sql")]
mod postgres_fault;
#[cfg(feature = "sql")]
mod postgres_rows;
mod salesforce;
mod side_by_side;
#[cfg(feature = "sql")]
mod sql_fault;
#[cfg(feature = "sql")]
mod sql_found;
mod sql_table;
#[cfg(feature = "sql")]
mod sql_target;
mod sqlite;
mod template;
mod vtiger;
mod zoho;

pub use crate::push::transport::{Connection, LoginClient};
pub use file::{DeltaFiles, layout_columns};
pub use open::{open_server, open_table};
pub(super) use sql_table::{SqlDialect, SqlTable};
