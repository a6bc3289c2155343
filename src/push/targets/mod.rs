//! One file per target. To add one: its file, an arm in `open`, a line in `config/push/choices`, its row in `docs/push.md`.

mod caller;
mod echo;
mod espocrm;
mod file;
mod json_record;
mod odoo;
mod open;
mod pipedrive;
mod side_by_side;
mod sqlite;
mod template;
mod vtiger;

pub use crate::push::transport::{Connection, LoginClient};
pub use file::{DeltaFiles, layout_columns};
pub use open::{open_server, open_table};
