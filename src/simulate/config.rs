//! What world to make: [`WorldConfig`], its defaults and its checks. Makes nothing itself.

use crate::domain::day::Day;
use crate::simulate::crm::CrmForm;
use crate::simulate::error::SimulateError;

/// The kind of file every table is written as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FileFormat {
    /// Comma-separated text with a header line, UTF-8, no byte-order mark.
    #[default]
    Csv,
    /// Parquet, Snappy-compressed.
    Parquet,
}

impl FileFormat {
    /// The file name's ending, without the dot.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Parquet => "parquet",
        }
    }
}

/// Size, span and character of a simulated world. Equal configurations give equal bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct WorldConfig {
    /// Deals to create.
    pub deals: u64,
    /// Seed of every random draw.
    pub seed: u64,
    /// Day the first deal may be created.
    pub first_day: Day,
    /// The export's day: nothing in the tables is dated on or after it.
    pub as_of: Day,
    /// CSV or Parquet.
    pub format: FileFormat,
    /// People who own deals; one per hundred deals (4 to 5,000) when absent.
    pub owners: Option<u32>,
    /// Dollars, euros, pounds and yen; only dollars when false.
    pub multi_currency: bool,
    /// Share of deals, 0 to 1, whose outcome follows from how they are going. The rest end by a coin of their own;
    /// at 0 no observable column or event tells anything about who wins.
    pub signal: f64,
    /// How fast the effect of a source moves over the years: 0 not at all, 1 as the catalogue says.
    pub drift: f64,
    /// Share of cells left blank, 0 to 0.5, in the columns people forget (amount, source, expected close date, employees).
    pub missing: f64,
    /// Mean number of activities relative to the default (about eight per deal), 0 to 10.
    pub activity: f64,
    /// Pace of decisions in the last days of a quarter relative to ordinary days, 1 to 10.
    pub rush: f64,
    /// Chance, 0 to 0.5, that a lost deal is opened again.
    pub reopen: f64,
    /// Whether deals carry `loss_reason`, filled at closing: a column no honest model may use.
    pub loss_reason: bool,
    /// In whose shape the tables are written; the canonical tables when absent.
    pub crm: Option<CrmForm>,
}

impl Default for WorldConfig {
    /// Three thousand deals in the three years before 2026-02-14, in CSV.
    fn default() -> Self {
        Self {
            deals: 3_000,
            seed: 7,
            first_day: Day(19_402),
            as_of: Day(20_498),
            format: FileFormat::Csv,
            owners: None,
            multi_currency: true,
            signal: 1.0,
            drift: 1.0,
            missing: 0.05,
            activity: 1.0,
            rush: 3.0,
            reopen: 0.01,
            loss_reason: true,
            crm: None,
        }
    }
}

/// Most deals a world may have: their ids have eight digits.
const MAX_DEALS: u64 = 99_999_999;

/// Shortest and longest span of a world, in days.
const SPAN_DAYS: std::ops::RangeInclusive<i32> = 90..=14_610;

impl WorldConfig {
    /// Days from the first day to the export.
    #[must_use]
    pub fn span_days(&self) -> i32 {
        self.as_of.0.saturating_sub(self.first_day.0)
    }

    /// Days from the first day to `day`.
    #[must_use]
    pub fn offset(&self, day: Day) -> i32 {
        day.0 - self.first_day.0
    }

    /// The same world in one currency where its shape has no exchange rates.
    #[must_use]
    pub fn with_rates_only(&self) -> Self {
        let has_rates = self.crm.as_ref().is_none_or(CrmForm::has_rates);
        Self { multi_currency: self.multi_currency && has_rates, ..self.clone() }
    }

    /// How many people own deals.
    #[must_use]
    pub fn owner_count(&self) -> u32 {
        self.owners.unwrap_or((self.deals / 100).clamp(4, 5_000) as u32)
    }

    /// Whether such a world can be made.
    ///
    /// # Errors
    /// [`SimulateError::Config`] with the first value that is out of range.
    pub fn check(&self) -> Result<(), SimulateError> {
        require((1..=MAX_DEALS).contains(&self.deals), "deals", self.deals, "1 to 99999999")?;
        require(SPAN_DAYS.contains(&self.span_days()), "as_of", self.as_of, "90 to 14610 days after first_day")?;
        require((1..=100_000).contains(&self.owner_count()), "owners", self.owner_count(), "1 to 100000")?;
        require((0.0..=1.0).contains(&self.signal), "signal", self.signal, "0 to 1")?;
        require((0.0..=10.0).contains(&self.drift), "drift", self.drift, "0 to 10")?;
        require((0.0..=0.5).contains(&self.missing), "missing", self.missing, "0 to 0.5")?;
        require((0.0..=10.0).contains(&self.activity), "activity", self.activity, "0 to 10")?;
        require((1.0..=10.0).contains(&self.rush), "rush", self.rush, "1 to 10")?;
        require((0.0..=0.5).contains(&self.reopen), "reopen", self.reopen, "0 to 0.5")?;
        let Some(form) = &self.crm else { return Ok(()) };
        let known = CrmForm::shapes().any(|name| name == form.shape);
        require(known, "as", &form.shape, "a shape that `dealcast help presets` lists")?;
        require(self.format == FileFormat::Csv, "format", "parquet", "csv: CRMs export text")
    }
}

fn require(
    holds: bool,
    key: &'static str,
    got: impl std::fmt::Display,
    expected: &'static str,
) -> Result<(), SimulateError> {
    if holds { Ok(()) } else { Err(SimulateError::Config { key, got: got.to_string(), expected }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_world_is_three_years_to_the_fourteenth_of_february() {
        let config = WorldConfig::default();
        assert_eq!(
            (config.first_day.to_string(), config.as_of.to_string()),
            ("2023-02-14".into(), "2026-02-14".into())
        );
        assert!(config.check().is_ok());
    }

    #[test]
    fn values_out_of_range_are_named() {
        let named = |change: fn(&mut WorldConfig)| {
            let mut config = WorldConfig::default();
            change(&mut config);
            match config.check() {
                Err(SimulateError::Config { key, .. }) => key,
                _ => "accepted",
            }
        };
        assert_eq!(named(|c| c.deals = 0), "deals");
        assert_eq!(named(|c| c.as_of = c.first_day), "as_of");
        assert_eq!(named(|c| c.signal = f64::NAN), "signal");
        assert_eq!(named(|c| c.missing = 0.9), "missing");
        assert_eq!(named(|c| c.owners = Some(0)), "owners");
        assert_eq!(named(|c| c.rush = 0.5), "rush");
    }
}
