//! What tables of our own share, whatever the database: their layout; and on servers, all that is not a server's own.

#[cfg(feature = "sql")]
pub(super) mod fault;
#[cfg(feature = "sql")]
pub(super) mod found;
pub(super) mod table;
#[cfg(feature = "sql")]
pub(super) mod target;

pub(in crate::push) use table::{SqlDialect, SqlTable};
