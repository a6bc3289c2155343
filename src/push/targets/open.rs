//! From the section of the configuration to the target it names.

use std::path::Path;

#[cfg(feature = "sql")]
use crate::config::SqlAddress;
use crate::config::{PushConfig, PushTarget};
use crate::push::connection::Connection;
use crate::push::error::PushStop;
use crate::push::target::Target;
use crate::push::targets::espocrm::Espocrm;
use crate::push::targets::hubspot::Hubspot;
#[cfg(feature = "sql")]
use crate::push::targets::mysql::Mysql;
use crate::push::targets::odoo::Odoo;
use crate::push::targets::pipedrive::Pipedrive;
#[cfg(feature = "sql")]
use crate::push::targets::postgres::Postgres;
use crate::push::targets::salesforce::{Salesforce, ScoreObject};
#[cfg(feature = "sql")]
use crate::push::targets::sql::table::{SqlDialect, SqlTable};
#[cfg(feature = "sql")]
use crate::push::targets::sql::target::SqlTarget;
use crate::push::targets::sqlite::SqliteTable;
use crate::push::targets::template::TemplateTarget;
use crate::push::targets::vtiger::Vtiger;
use crate::push::targets::zoho::Zoho;

/// The server that `config` names; none where it names no server.
///
/// # Errors
/// [`PushStop`] where proxy or certificates cannot be used. Nothing is connected to yet.
pub fn open_server<'a>(
    config: &PushConfig,
    connection: Connection<'a>,
) -> Result<Option<Box<dyn Target + 'a>>, PushStop> {
    Ok(match config.target {
        PushTarget::File | PushTarget::Sqlite => None,
        PushTarget::Postgres | PushTarget::Mysql => open_database(config, connection)?,
        PushTarget::Salesforce => {
            let records = Salesforce::new(connection, config.bulk_from, config.object.as_deref())?;
            Some(match &config.deal_field {
                Some(lookup) => Box::new(ScoreObject::new(records, lookup.clone())),
                None => Box::new(records),
            })
        }
        PushTarget::Hubspot => Some(Box::new(Hubspot::new(connection)?)),
        PushTarget::Zoho => Some(Box::new(Zoho::new(connection, config.automations)?)),
        PushTarget::Pipedrive => Some(Box::new(Pipedrive::new(connection)?)),
        PushTarget::Template => {
            TemplateTarget::new(connection, config)?.map(|target| Box::new(target) as Box<dyn Target + 'a>)
        }
        PushTarget::Odoo => Some(Box::new(Odoo::new(connection, config.database.clone())?)),
        PushTarget::Espocrm => Some(Box::new(Espocrm::new(connection, config.bulk_from)?)),
        PushTarget::Vtiger => Some(Box::new(Vtiger::new(connection, config.user.clone().unwrap_or_default())?)),
    })
}

/// The table that `config` names on a database server.
#[cfg(feature = "sql")]
fn open_database<'a>(
    config: &PushConfig,
    connection: Connection<'a>,
) -> Result<Option<Box<dyn Target + 'a>>, PushStop> {
    let address = config
        .target
        .sql_schemes()
        .and_then(|(schemes, port)| SqlAddress::read(config.url.as_deref().unwrap_or_default(), schemes, port));
    let (Some(address), Some(dialect)) = (address, SqlDialect::of(config.target)) else { return Ok(None) };
    let (pacer, tries, seed) = (connection.pacer, connection.tries, connection.seed);
    let table = SqlTable::named(dialect, &config.table);
    Ok(match config.target {
        PushTarget::Postgres => {
            Some(Box::new(SqlTarget::new(Postgres::new(connection, &address)?, table, pacer, tries, seed)))
        }
        _ => Some(Box::new(SqlTarget::new(Mysql::new(connection, &address), table, pacer, tries, seed))),
    })
}

/// A dealcast without databases. The configuration is refused before it gets here.
#[cfg(not(feature = "sql"))]
fn open_database<'a>(_: &PushConfig, _: Connection<'a>) -> Result<Option<Box<dyn Target + 'a>>, PushStop> {
    Ok(None)
}

/// The table that `config` names, in a file relative to `base`; none where it names no table.
///
/// # Errors
/// [`PushStop`] where the file cannot be opened.
pub fn open_table(config: &PushConfig, base: &Path) -> Result<Option<Box<dyn Target>>, PushStop> {
    match &config.file {
        Some(file) if config.target == PushTarget::Sqlite => {
            Ok(Some(Box::new(SqliteTable::open(base.join(file), &config.table)?)))
        }
        _ => Ok(None),
    }
}
