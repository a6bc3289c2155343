//! What kind of column is this? Typed on the training rows only: number, date, category with few or many levels, or
//! nothing a model can use.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::day::Day;
use crate::domain::ids::DealIx;
use crate::domain::period::PeriodKind;
use crate::domain::stage::StageKind;
use crate::features::cells::Cells;
use crate::features::context::FeatureContext;
use crate::features::rates::{ClosedDeal, RateTable};
use crate::features::read::{Coded, number_cells, parse_date, parse_number, read};
use crate::features::rounding::rounded;
use crate::features::spec::Measure;
use crate::ingest::tables::Attribute;
use crate::snapshot::DealState;

/// Deals a level needs for a column of its own.
pub(super) const MIN_LEVEL_DEALS: u32 = 10;

/// Deals a stage needs for a column of its own.
const MIN_STAGE_DEALS: u32 = 3;

/// Most levels with columns of their own; beyond it a category is encoded by its win rates.
const MAX_LEVELS: usize = 30;

/// Most levels with columns of their own where there are no win rates to encode the others by.
const MOST_OWN_LEVELS: usize = 100;

/// Share of deals with a value of their own from which a column identifies deals rather than describes them.
const MAX_DISTINCT_SHARE: f64 = 0.5;

/// Share of deals whose code may stand on another deal too.
const MAX_REPEATS: f64 = 0.1;

/// Deals a level needs so that many levels can still be compared.
const MIN_RATE_DEALS: u32 = 3;

/// The training rows, and which deals they are of.
#[derive(Clone, Copy, Debug)]
pub(super) struct Training<'a> {
    /// The rows.
    pub rows: &'a [DealState],
    /// Their labels.
    pub won: &'a [bool],
    /// One row of every deal.
    pub deals: &'a [DealState],
    /// The day of the last row.
    pub until: Day,
}

/// Types a column of the deals table.
///
/// # Errors
/// Why the column cannot be used.
pub(super) fn typed(column: &str, training: &Training<'_>, context: &FeatureContext<'_>) -> Result<Measure, String> {
    if let Some(Attribute::Numbers(_)) = context.tables.deals.attribute(column) {
        return number(column, training, context);
    }
    let counts = LevelCounts::of(column, training, context);
    if counts.by_name.is_empty() {
        Err("no training deal has a value".to_owned())
    } else if counts.by_name.keys().all(|name| parse_number(name).is_some()) {
        number(column, training, context)
    } else if counts.by_name.keys().all(|name| parse_date(name).is_some()) {
        Ok(Measure::Date { column: column.to_owned() })
    } else {
        counts.category(column, training, context)
    }
}

/// A numeric column; on a log scale where it spreads over more than a decade above its median.
fn number(column: &str, training: &Training<'_>, context: &FeatureContext<'_>) -> Result<Measure, String> {
    let mut values = number_cells(column, training.deals, context);
    values.retain(|x| x.is_finite());
    if values.is_empty() {
        return Err("no training deal has a value".to_owned());
    }
    values.sort_unstable_by(f64::total_cmp);
    if is_identifier(&values) {
        return Err(format!(
            "identifier-like: a whole number of its own on each of {} deals, or nearly so",
            values.len()
        ));
    }
    let [lowest, median, highest] = [values[0], values[values.len() / 2], values[values.len() - 1]];
    let log = lowest >= 0.0 && highest > 20.0 * median.max(1.0);
    Ok(Measure::Number { column: column.to_owned(), log })
}

/// Whether ascending numbers are whole, on enough deals for that to be no accident, and all different; or nearly so, where
/// they look like codes: five digits or more, and as many on each deal.
pub(super) fn is_identifier(sorted: &[f64]) -> bool {
    if sorted.len() < 50 || sorted.iter().any(|x| x.fract() != 0.0) {
        return false;
    }
    let repeats = sorted.windows(2).filter(|pair| pair[0] == pair[1]).count();
    let [lowest, highest] = [sorted[0], sorted[sorted.len() - 1]];
    let digits = |x: f64| x.max(1.0).log10() as u32;
    let are_codes = lowest >= 10_000.0 && digits(lowest) == digits(highest);
    repeats == 0 || are_codes && repeats as f64 <= MAX_REPEATS * sorted.len() as f64
}

/// How many training deals have each level.
pub(super) struct LevelCounts {
    by_name: BTreeMap<String, u32>,
}

impl LevelCounts {
    /// Counts deals; one that had several levels over time counts in each.
    pub(super) fn of(column: &str, training: &Training<'_>, context: &FeatureContext<'_>) -> Self {
        let coded = Coded::read(column, training.rows, context);
        let levels = coded.cells.iter().zip(training.rows);
        let mut pairs: Vec<(usize, DealIx)> =
            levels.filter_map(|(cell, row)| Some((cell.position()?, row.deal))).collect();
        pairs.sort_unstable();
        pairs.dedup();
        let named = pairs.chunk_by(|a, b| a.0 == b.0).filter_map(|deals| {
            let name = coded.names.get(deals[0].0)?;
            Some((name.to_string(), deals.len() as u32))
        });
        Self { by_name: named.collect() }
    }

    /// One column per frequent level, the others pooled.
    pub(super) fn levels(self, column: &str) -> Measure {
        self.levels_of(column, MIN_LEVEL_DEALS)
    }

    /// The stages, each with a column of its own as soon as anything can be told: with few deals the stage is what is known.
    pub(super) fn stages(self, column: &str) -> Measure {
        self.levels_of(column, MIN_STAGE_DEALS)
    }

    fn levels_of(self, column: &str, least: u32) -> Measure {
        let (mut levels, mut pooled) = (Vec::new(), Vec::new());
        for (name, deals) in self.by_name {
            if deals >= least { levels.push(name) } else { pooled.push(name) }
        }
        Measure::Level { column: column.to_owned(), levels, pooled }
    }

    /// One column for each of the most frequent levels, the others pooled.
    fn most_frequent(self, column: &str) -> Measure {
        let mut ranked: Vec<(&String, u32)> = self.by_name.iter().map(|(name, &deals)| (name, deals)).collect();
        ranked.sort_by_key(|&(name, deals)| (std::cmp::Reverse(deals), name));
        let own: BTreeSet<&String> = ranked
            .into_iter()
            .take(MOST_OWN_LEVELS)
            .filter(|(_, deals)| *deals >= MIN_LEVEL_DEALS)
            .map(|(name, _)| name)
            .collect();
        let (levels, pooled) = self.by_name.keys().cloned().partition(|name| own.contains(name));
        Measure::Level { column: column.to_owned(), levels, pooled }
    }

    /// Deals in levels of at least `least` deals, as a share of all that have a value.
    fn share_in_levels_of(&self, least: u32) -> f64 {
        let filled: u32 = self.by_name.values().sum();
        let within: u32 = self.by_name.values().filter(|&&deals| deals >= least).sum();
        f64::from(within) / f64::from(filled.max(1))
    }

    fn category(self, column: &str, training: &Training<'_>, context: &FeatureContext<'_>) -> Result<Measure, String> {
        let (distinct, filled) = (self.by_name.len(), self.by_name.values().sum::<u32>());
        let frequent = self.by_name.values().filter(|&&deals| deals >= MIN_LEVEL_DEALS).count();
        if distinct as f64 > MAX_DISTINCT_SHARE * f64::from(filled) && distinct > 2 {
            Err(format!("identifier-like: {distinct} different values on {filled} deals"))
        } else if frequent <= MAX_LEVELS
            && self.share_in_levels_of(MIN_LEVEL_DEALS) >= 0.5
            && distinct <= 10 * MAX_LEVELS
        {
            Ok(self.levels(column))
        } else if self.share_in_levels_of(MIN_RATE_DEALS) >= 0.5 {
            rate(column, training, context)
        } else {
            Err(format!("free text: {distinct} different values on {filled} deals, few of them shared"))
        }
    }
}

/// A category as shrunk win rates, from the closed deals of the snapshot.
///
/// Where the past of the deals is not known, no rate can be as of a row's day: the most frequent levels then have columns
/// of their own, which the penalty shrinks.
pub(super) fn rate(column: &str, training: &Training<'_>, context: &FeatureContext<'_>) -> Result<Measure, String> {
    if context.timeline.undated {
        return Ok(LevelCounts::of(column, training, context).most_frequent(column));
    }
    let coded = Coded::read(column, context.snapshot, context);
    let deals = coded.cells.iter().zip(context.snapshot).filter(|(_, deal)| deal.kind != StageKind::Open);
    let closed = deals.filter_map(|(cell, deal)| {
        Some(ClosedDeal {
            level: coded.names.get(cell.position()?)?,
            closed: deal.closed.get()?,
            won: deal.kind == StageKind::Won,
        })
    });
    let rates = RateTable::fit(closed.collect(), training.until, context.timeline.as_of)?;
    Ok(Measure::Rate { column: column.to_owned(), rates })
}

/// Quarters the training rows must lie in for the days to a quarter's end to be told from the passing of time.
const FEWEST_QUARTERS: usize = 4;

/// The days to the quarter's end, where the training rows have seen enough quarters.
pub(super) fn season(training: &Training<'_>, context: &FeatureContext<'_>) -> Result<Measure, String> {
    let days: BTreeSet<Day> = training.rows.iter().map(|row| row.day).collect();
    let quarter = |day| context.calendar.period_of(PeriodKind::Quarter, day).last;
    let quarters = days.into_iter().map(quarter).collect::<BTreeSet<Day>>().len();
    if quarters >= FEWEST_QUARTERS {
        return Ok(Measure::QuarterEnd);
    }
    Err(format!(
        "the training rows lie in {quarters} fiscal quarters: a season is told from a trend from {FEWEST_QUARTERS} on"
    ))
}

/// What won rows had spent in each stage when they were looked at: median days, by stage name, and over all.
pub(super) fn stage_benchmarks(training: &Training<'_>, context: &FeatureContext<'_>) -> Result<Measure, String> {
    let won = training.rows.iter().zip(training.won).filter(|(row, won)| **won && row.stage_tracked);
    let mut days: Vec<(&str, i32)> = won
        .map(|(row, _)| (context.stages.name(row.stage), row.day.0.saturating_sub(row.stage_since.0).max(0)))
        .collect();
    if days.is_empty() {
        return Err("no won training row has a stage history".to_owned());
    }
    days.sort_unstable();
    let stages = days.chunk_by(|a, b| a.0 == b.0).filter(|stays| stays.len() >= MIN_LEVEL_DEALS as usize);
    let benchmarks = stages.map(|stays| (stays[0].0.to_owned(), median_days(stays))).collect();
    Ok(Measure::StageBenchmark { benchmarks, typical: median_days(&days) })
}

/// The median of the days of stays, each with its stage.
fn median_days(stays: &[(&str, i32)]) -> f64 {
    let mut days: Vec<i32> = stays.iter().map(|stay| stay.1).collect();
    days.sort_unstable();
    f64::from(days[(days.len() - 1) / 2]) / 2.0 + f64::from(days[days.len() / 2]) / 2.0
}

/// Amounts against the mean log amount of their currency, for currencies with enough rows.
pub(super) fn amounts(training: &Training<'_>, context: &FeatureContext<'_>) -> Measure {
    let currencies = LevelCounts::of("currency", training, context).by_name;
    let plain = Measure::Amount { typical: currencies.into_keys().map(|name| (name, 0.0)).collect() };
    let Cells::Numbers(logs) = read(&plain, training.rows, context) else { return plain };
    let mut sums: BTreeMap<&str, (f64, u32)> = BTreeMap::new();
    for (row, log) in training.rows.iter().zip(logs).filter(|(_, log)| log.is_finite()) {
        let sum = sums.entry(context.tables.currencies.name(row.currency).unwrap_or_default()).or_default();
        *sum = (sum.0 + log, sum.1 + 1);
    }
    let enough = sums.into_iter().filter(|(_, (_, n))| *n >= MIN_LEVEL_DEALS);
    let typical = enough.map(|(name, (sum, n))| (name.to_owned(), rounded(sum / f64::from(n)))).collect();
    Measure::Amount { typical }
}
