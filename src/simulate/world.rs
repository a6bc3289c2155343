//! Everything all deals of a world share. Built once from the configuration, then only read.

use crate::simulate::calendar::Calendar;
use crate::simulate::config::WorldConfig;
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
}

impl World {
    /// The world of a checked configuration.
    #[must_use]
    pub fn new(config: &WorldConfig) -> Self {
        Self {
            config: config.clone(),
            calendar: Calendar::new(config),
            organisation: Organisation::new(config),
            rates: Rates::new(config),
        }
    }
}
