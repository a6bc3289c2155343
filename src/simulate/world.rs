//! Everything all deals of a world share. Built once from the configuration, then only read.

use crate::simulate::calendar::Calendar;
use crate::simulate::config::WorldConfig;
use crate::simulate::crm::CrmExport;
use crate::simulate::fx::Rates;
use crate::simulate::org::Organisation;

/// The stage on which deals play.
#[derive(Clone, Debug)]
pub struct World {
    /// What was asked for.
    pub config: WorldConfig,
    /// Time.
    pub calendar: Calendar,
    /// People.
    pub organisation: Organisation,
    /// Exchange rates.
    pub rates: Rates,
    /// In whose shape the tables are written, if not in the canonical one.
    pub export: Option<CrmExport>,
}

impl World {
    /// The world of a checked configuration.
    #[must_use]
    pub fn new(config: &WorldConfig) -> Self {
        let config = config.with_rates_only();
        let organisation = Organisation::new(&config);
        let export = config.crm.as_ref().and_then(|form| CrmExport::of(form, &organisation));
        Self { calendar: Calendar::new(&config), rates: Rates::new(&config), organisation, export, config }
    }
}
