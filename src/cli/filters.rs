//! Arguments of several commands to what the library asks for: filters, levels, the model.

use std::path::{Path, PathBuf};

use dealcast::domain::period::Period;
use dealcast::domain::stage::ForecastCategory;
use dealcast::run::answers::ModelWanted;
use dealcast::run::inputs::Inputs;
use dealcast::run::questions::{DealFilter, ForecastFilter, Level};
use dealcast::store::models::Registry;

use super::args::{DealFilterArgs, ModelArgs, ModelsBesideArgs, ModelsPlaceArgs, NodeLevel};
use super::error::CliError;

/// The folder of models, to read.
pub(crate) fn registry(folder: &Path) -> Result<Registry, CliError> {
    if folder.exists() && !folder.is_dir() {
        let message = format!("{} is a file, expected a folder of models", folder.display());
        return Err(CliError::usage(message).hint("name a folder with --models, or the file with --model"));
    }
    Ok(Registry::open(folder))
}

/// The folder of models, to be written to: that this can be done is checked before the long work.
pub(crate) fn writable_registry(folder: &Path) -> Result<Registry, CliError> {
    Ok(Registry::open_to_write(folder)?)
}

impl ModelArgs {
    /// The folder, and which of its models.
    pub(crate) fn wanted(self, inputs: &Inputs) -> Result<ModelWanted, CliError> {
        Ok(ModelWanted { registry: registry(&self.folder.of(inputs))?, named: self.model })
    }
}

impl ModelsBesideArgs {
    /// The folder named, else the one beside what is read.
    pub(crate) fn of(&self, inputs: &Inputs) -> PathBuf {
        self.models.clone().unwrap_or_else(|| inputs.models_folder())
    }
}

impl ModelsPlaceArgs {
    /// The folder named, else the one beside the configuration.
    pub(crate) fn folder(self) -> PathBuf {
        let Self { models, config } = self;
        models.unwrap_or_else(|| Inputs { file: config, ..Inputs::default() }.models_folder())
    }
}

impl From<NodeLevel> for Level {
    fn from(level: NodeLevel) -> Self {
        match level {
            NodeLevel::Owner => Self::Owner,
            NodeLevel::Manager => Self::Manager,
            NodeLevel::Team => Self::Team,
            NodeLevel::Region => Self::Region,
            NodeLevel::Company => Self::Company,
        }
    }
}

/// The levels typed.
pub(crate) fn levels(typed: Vec<NodeLevel>) -> Vec<Level> {
    typed.into_iter().map(Level::from).collect()
}

impl DealFilterArgs {
    /// As a filter of deals; `periods` are those they were created in.
    pub(crate) fn deals(&self, inputs: &Inputs, periods: &[String]) -> Result<DealFilter, CliError> {
        let (categories, created_in) = (self.categories()?, parse_periods(periods, inputs)?);
        Ok(DealFilter { columns: self.columns(), categories, created_in })
    }

    /// The columns with the values they may have.
    pub(crate) fn columns(&self) -> Vec<(String, Vec<String>)> {
        let currencies = self.currency.iter().map(|code| code.to_uppercase()).collect();
        let given = [
            ("owner", self.owner.clone()),
            ("team", self.team.clone()),
            ("region", self.region.clone()),
            ("currency", currencies),
        ];
        let given = given.into_iter().filter(|(_, values)| !values.is_empty());
        given.map(|(column, values)| (column.to_owned(), values)).collect()
    }

    /// As a filter of a forecast; `periods` are those to report.
    pub(crate) fn forecast(&self, inputs: &Inputs, periods: &[String]) -> Result<ForecastFilter, CliError> {
        Ok(ForecastFilter {
            owners: self.owner.clone(),
            teams: self.team.clone(),
            regions: self.region.clone(),
            periods: parse_periods(periods, inputs)?,
            currencies: self.currency.iter().map(|code| code.to_uppercase()).collect(),
            categories: self.categories()?,
        })
    }

    fn categories(&self) -> Result<Vec<ForecastCategory>, CliError> {
        let parse = |label: &String| {
            let hint = "pipeline, best-case, commit, closed or omitted";
            ForecastCategory::from_label(label).ok_or_else(|| {
                CliError::usage(format!("--category is {label:?}, expected a forecast category")).hint(hint)
            })
        };
        self.category.iter().map(parse).collect()
    }
}

fn parse_periods(labels: &[String], inputs: &Inputs) -> Result<Vec<Period>, CliError> {
    let calendar = inputs.config.fiscal_calendar();
    let parse = |label: &String| {
        let hint = format!("write {} (fiscal)", calendar.labels());
        calendar
            .parse(label)
            .ok_or_else(|| CliError::usage(format!("--period is {label:?}, expected a period")).hint(hint))
    };
    labels.iter().map(parse).collect()
}
