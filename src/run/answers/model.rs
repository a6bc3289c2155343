//! Which saved model is wanted, and where it is.

use crate::model::WinModel;
use crate::model::findings::unknown_columns;
use crate::run::error::RunError;
use crate::run::questions::AsOf;
use crate::run::watch::Watcher;
use crate::store::models::Registry;

/// A folder of models, and which of them.
#[derive(Clone, Debug)]
pub struct ModelWanted {
    /// The folder.
    pub registry: Registry,
    /// Id or file; the one in use, else the newest usable one, if none is named.
    pub named: Option<String>,
}

impl ModelWanted {
    /// The model named, else the current or newest one that may score the day.
    pub(super) fn load(&self, as_of: &AsOf, watcher: &dyn Watcher) -> Result<WinModel, RunError> {
        let model = match &self.named {
            Some(wanted) => self.registry.find(wanted)?,
            None => self.registry.usable(as_of.day())?,
        };
        model.check_knows(&as_of.tables, &as_of.timeline)?;
        unknown_columns(&model, &as_of.tables.deals).iter().for_each(|finding| watcher.tell(finding));
        Ok(model)
    }
}
