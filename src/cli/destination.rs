//! Where outputs go, checked before the work: [`Destination`] of a table, and what no output may touch.

use std::path::Path;

use dealcast::run::inputs::Inputs;
use dealcast::store::reserved::ReservedPlaces;
use dealcast::store::table_folder::TableFolder;

use super::args::{TableArgs, TableFormat};
use super::error::CliError;

/// Where a table goes.
pub(crate) struct Destination {
    /// How it is printed or written.
    pub format: TableFormat,
    /// The folder it is written into; printed if there is none.
    pub folder: Option<TableFolder>,
}

impl Destination {
    /// Whether the table is printed for eyes.
    pub(crate) fn is_for_eyes(&self) -> bool {
        self.format == TableFormat::Table && self.folder.is_none()
    }
}

/// Where the table goes, once it is sure that it can be written there beside what is read.
pub(crate) fn destination(
    table: TableArgs,
    inputs: Option<&Inputs>,
    models: Option<&Path>,
) -> Result<Destination, CliError> {
    let TableArgs { format, out } = table;
    let open = |out| TableFolder::open(out, reserved_places(inputs, models));
    Ok(Destination { format, folder: out.map(open).transpose()? })
}

/// What no output may replace: what is read, the folder of models, where the user stands and is at home.
pub(crate) fn reserved_places(inputs: Option<&Inputs>, models: Option<&Path>) -> ReservedPlaces {
    let mut reserved = inputs.map(Inputs::reserved).unwrap_or_default();
    models.iter().for_each(|models| reserved.reserve_models(models));
    reserved.reserve("the working folder", Path::new("."));
    if let Some(home) = std::env::home_dir().filter(|home| home.is_absolute()) {
        reserved.reserve("the home folder", &home);
    }
    reserved
}
