//! From the section of the configuration to the target it names.

use std::path::Path;

use crate::config::{PushConfig, PushTarget};
use crate::push::error::PushStop;
use crate::push::target::Target;
use crate::push::targets::espocrm::Espocrm;
use crate::push::targets::hubspot::Hubspot;
use crate::push::targets::odoo::Odoo;
use crate::push::targets::pipedrive::Pipedrive;
use crate::push::targets::salesforce::Salesforce;
use crate::push::targets::sqlite::SqliteTable;
use crate::push::targets::template::TemplateTarget;
use crate::push::targets::vtiger::Vtiger;
use crate::push::targets::zoho::Zoho;
use crate::push::transport::Connection;

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
        PushTarget::Postgres | PushTarget::Mysql => None,
        PushTarget::Salesforce => Some(Box::new(Salesforce::new(connection, config.bulk_from)?)),
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
