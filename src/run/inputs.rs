//! What a flow reads: a configuration, where its paths begin, and the day to look from.

use std::path::PathBuf;

use crate::config::Config;
use crate::domain::day::Day;
use crate::domain::period::Period;
use crate::run::error::RunError;
use crate::run::questions::AsOf;
use crate::run::sections;
use crate::run::watch::Watcher;

/// Inputs, ready to load.
#[derive(Clone, Debug, Default)]
pub struct Inputs {
    /// The configuration, with what was asked for beside it.
    pub config: Config,
    /// Folder its paths are relative to.
    pub base: PathBuf,
    /// Day to look from; the one after the newest event if none is named.
    pub as_of: Option<Day>,
}

impl Inputs {
    /// Reports periods of these lengths too, whatever the configuration names: somebody asks for one.
    pub fn report(&mut self, periods: &[Period]) {
        let kinds = &mut self.config.calendar.periods;
        for period in periods {
            if !kinds.contains(&period.kind) {
                kinds.push(period.kind);
            }
        }
    }

    /// Loads the tables and says from which day they are looked at.
    ///
    /// # Errors
    /// As [`AsOf::load`].
    pub fn load(&self, watcher: &dyn Watcher) -> Result<AsOf, RunError> {
        let as_of = self.load_with_earlier(|_| Vec::new(), watcher)?;
        sections::loaded(&as_of).iter().for_each(|finding| watcher.tell(finding));
        Ok(as_of)
    }

    /// The same without a word, with the open deals of earlier days, which may depend on the day.
    ///
    /// # Errors
    /// As [`AsOf::load`].
    pub fn load_with_earlier(
        &self,
        days: impl FnOnce(Day) -> Vec<Day>,
        watcher: &dyn Watcher,
    ) -> Result<AsOf, RunError> {
        AsOf::load_with_earlier(&self.config, &self.base, self.as_of, days, watcher)
    }
}
