//! What the configuration says about values, prepared for millions of them: zone, calendar, stages, rules.

use std::collections::HashMap;

use jiff::tz::{AmbiguousOffset, Offset, TimeZone};
use jiff::{Timestamp, civil};

use crate::config::{Config, RuleConfig};
use crate::domain::money::exponent;
use crate::domain::period::FiscalCalendar;
use crate::domain::stage::{FormerName, StageKind, folded, kind_of_word};
use crate::ingest::cells::currency::currency;

/// What the configuration says about values, prepared for reading millions of them.
pub(crate) struct ReadContext<'a> {
    pub rules: &'a RuleConfig,
    pub calendar: FiscalCalendar,
    pub default_currency: String,
    /// Whether nobody named a currency: then it is the only one of the deals, if they have only one.
    pub currency_is_assumed: bool,
    zone: TimeZone,
    is_utc: bool,
    /// What the configured stages say, by name and former name; nothing where pipelines disagree.
    stages: HashMap<String, Option<StageKind>>,
}

impl<'a> ReadContext<'a> {
    pub(crate) fn new(config: &'a Config) -> Self {
        let zone = TimeZone::get(&config.calendar.time_zone).unwrap_or(TimeZone::UTC);
        let mut stages = HashMap::new();
        for stage in &config.stages {
            let kind = Some(stage.outcome());
            for name in std::iter::once(&*stage.name).chain(stage.was.iter().map(FormerName::name)) {
                stages.entry(folded(name)).and_modify(|own| *own = kind.filter(|_| *own == kind)).or_insert(kind);
            }
        }
        let default = config.money.default_currency.as_deref().unwrap_or(&config.money.base_currency);
        Self {
            rules: &config.rules,
            calendar: config.fiscal_calendar(),
            default_currency: currency(default).0,
            currency_is_assumed: config.money.default_currency.is_none() && !config.money.base_currency.is_named(),
            is_utc: zone == TimeZone::UTC,
            zone,
            stages,
        }
    }

    /// Whether the configuration lists the stages.
    pub(crate) fn lists_stages(&self) -> bool {
        !self.stages.is_empty()
    }

    /// What the configured stage with this name says about a deal, if one has it; inside, nothing where it depends on
    /// the pipeline.
    pub(crate) fn stage(&self, name: &str) -> Option<Option<StageKind>> {
        self.stages.get(name).or_else(|| self.stages.get(&folded(name))).copied()
    }

    /// What a stage's name says about a deal: by the configuration, else in any CRM's words.
    pub(crate) fn kind_of(&self, name: &str) -> Option<StageKind> {
        self.stage(name).unwrap_or_else(|| kind_of_word(name))
    }

    /// The wall-clock time of an instant in the configured zone.
    pub(crate) fn civil(&self, instant: i64) -> Option<i64> {
        if self.is_utc {
            return Some(instant);
        }
        let at = Timestamp::from_microsecond(instant).ok()?;
        let local = self.zone.to_datetime(at);
        let micros = micros_of(local)?;
        match self.zone.to_ambiguous_timestamp(local).offset() {
            AmbiguousOffset::Fold { before, .. } => self.in_doubled_hour(at, before, micros),
            AmbiguousOffset::Unambiguous { .. } | AmbiguousOffset::Gap { .. } => Some(micros),
        }
    }

    /// A moment of the hour the clock shows twice. What happens when it shows it again stands in its last half second, so
    /// that nothing is put before what stood before it.
    fn in_doubled_hour(&self, at: Timestamp, before: Offset, micros: i64) -> Option<i64> {
        let is_again = self.zone.to_offset(at) != before;
        let change = if is_again { self.zone.preceding(at).next() } else { self.zone.following(at).next() };
        let change = change?.timestamp();
        let end = micros_of(before.to_datetime(change))?;
        if !is_again {
            return Some(micros.min(end - HALF_A_SECOND));
        }
        let past = at.as_microsecond() - change.as_microsecond();
        let hour = micros_of(before.to_datetime(change))? - micros_of(self.zone.to_datetime(change))?;
        Some(end - HALF_A_SECOND + past * HALF_A_SECOND / hour.max(1))
    }
}

const HALF_A_SECOND: i64 = 500_000;

fn micros_of(local: civil::DateTime) -> Option<i64> {
    let since = local.duration_since(civil::date(1970, 1, 1).to_datetime(civil::Time::midnight()));
    i64::try_from(since.as_micros()).ok()
}

/// Decimal places of currencies, remembered for the last one asked.
#[derive(Debug, Default)]
pub(crate) struct Decimals {
    last: String,
    places: u32,
}

impl Decimals {
    /// Decimal places of a currency.
    pub(crate) fn of(&mut self, currency: &str) -> u32 {
        if self.last != currency || currency.is_empty() {
            currency.clone_into(&mut self.last);
            self.places = exponent(currency);
        }
        self.places
    }
}
