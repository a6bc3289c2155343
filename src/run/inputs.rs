//! What a flow reads: a configuration, where its paths begin, and the as-of day.

use std::path::{Path, PathBuf};

use crate::config::Config;
use crate::domain::day::Day;
use crate::domain::inputs::InputTable;
use crate::domain::period::Period;
use crate::run::error::RunError;
use crate::run::outputs;
use crate::run::questions::AsOf;
use crate::run::sections;
use crate::run::watch::Watcher;
use crate::store::reserved::ReservedPlaces;

/// The folder of models if nobody names another.
const MODELS: &str = "models";

/// Inputs, ready to load.
#[derive(Clone, Debug, Default)]
pub struct Inputs {
    /// The configuration, with what was asked for beside it.
    pub config: Config,
    /// Folder its paths are relative to.
    pub base: PathBuf,
    /// The file of the configuration, if there is one.
    pub file: Option<PathBuf>,
    /// The as-of day; the one after the newest event if none is named.
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

    /// Where models are kept if nobody says where: beside the configuration, else beside the deals table (the file, or the
    /// folder of its parts), whatever folder a job was started in.
    #[must_use]
    pub fn models_folder(&self) -> PathBuf {
        let of_config = self.file.as_deref().and_then(Path::parent).map(Path::to_owned);
        of_config.or_else(|| self.folder_of_deals()).unwrap_or_default().join(MODELS)
    }

    /// The folder the deals table lies in; that of a pattern is the last one without a wildcard. What comes through a
    /// pipe lies nowhere.
    fn folder_of_deals(&self) -> Option<PathBuf> {
        let source = self.config.sources.get(InputTable::Deals).filter(|source| source.path != "-")?;
        let path = Some(self.base.join(&source.path)).filter(|path| !path.starts_with("/dev"))?;
        let beside = path.ancestors().skip(1).find(|place| !place.to_string_lossy().contains(['*', '?', '[']))?;
        Some(beside.to_owned())
    }

    /// What is read: no output may replace it, or be read in its place the next time.
    #[must_use]
    pub fn reserved(&self) -> ReservedPlaces {
        let mut reserved = ReservedPlaces::default();
        self.file.iter().for_each(|file| reserved.reserve("the configuration", file));
        let sources = InputTable::ALL.iter().filter_map(|table| self.config.sources.get(*table));
        for source in sources.filter(|source| source.path != "-") {
            reserved.reserve_input(&self.base.join(&source.path));
        }
        self.copies_folder().iter().for_each(|folder| reserved.reserve("the copies of the deals table", folder));
        reserved.expect_tables(outputs::tables().into_iter().map(|table| table.name));
        reserved
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::TableSource;

    fn folder(file: Option<&str>, base: &str, deals: &str) -> String {
        let mut inputs = Inputs { base: base.into(), file: file.map(PathBuf::from), ..Inputs::default() };
        inputs.config.sources.set(InputTable::Deals, TableSource::at(deals));
        inputs.models_folder().display().to_string()
    }

    #[test]
    fn models_are_kept_beside_what_they_learn_from() {
        assert_eq!(folder(Some("crm/dealcast.toml"), "exports", "deals.csv"), "crm/models");
        assert_eq!(folder(Some("dealcast.toml"), "", "deals.csv"), "models");
        assert_eq!(folder(None, "", "exports/deals.csv"), "exports/models");
        assert_eq!(folder(None, "exports", "deals/*.csv"), "exports/deals/models");
        assert_eq!(folder(None, "", "deals.csv"), "models");
        assert_eq!(folder(None, "", "-"), "models", "standard input lies nowhere");
        assert_eq!(folder(None, "", "/dev/fd/63"), "models", "as little as a pipe of the shell");
    }
}
