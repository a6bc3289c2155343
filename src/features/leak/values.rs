//! A column's values, one per deal: read from the states or from the deals table, and cut into bins.

use crate::domain::day::Day;
use crate::domain::stage::StageKind;
use crate::features::columns::is_identifier;
use crate::features::context::FeatureContext;
use crate::features::leak::bins::{CellBins, ColumnCell};
use crate::features::leak::grounds::Seen;
use crate::features::read::{Coded, date_cells, days_since, log_amount, number_cells, parse_date, parse_number};
use crate::features::state::MISSING;
use crate::ingest::tables::Attribute;
use crate::snapshot::DealState;

/// Quantile bins a numeric column is cut into, for closed and for open deals.
const BINS: usize = 20;

/// Share of deals with one value from which a column is the same on nearly all.
const MOST_ALIKE: f64 = 0.98;
/// Deals counted to see that.
const MOST_COUNTED: usize = 10_000;

/// A column's values, one per deal.
pub(super) enum Values {
    /// NaN where empty.
    Numbers(Vec<f64>),
    /// Positions of the levels.
    Levels(Vec<Option<usize>>),
}

/// A column as the hunter reads it.
pub(super) struct ColumnValues {
    /// One per deal; of a date the days from the deal's creation.
    pub values: Values,
    /// The dates, of a column of dates.
    pub dates: Vec<Option<Day>>,
    /// Whether a date says something while it lies ahead: the expected close date does.
    plan: bool,
    /// What [`Values::Levels`] speaks of.
    pub names: Vec<String>,
}

impl ColumnValues {
    /// Reads a column of the deals table, or one of the built-in ones.
    pub fn of(column: &str, deals: &[DealState], context: &FeatureContext<'_>) -> Self {
        match column {
            "amount" => {
                let amounts = deals.iter().map(|deal| log_amount(deal, context).unwrap_or(MISSING));
                Self::numbers(amounts.collect())
            }
            "probability" => {
                let chances = deals.iter().map(|deal| deal.probability.get().map_or(MISSING, f64::from));
                Self::numbers(chances.collect())
            }
            "expected_close_date" => {
                let dates = deals.iter().map(|deal| deal.expected_close.get()).collect();
                Self { plan: true, ..Self::of_dates(dates, deals) }
            }
            _ if matches!(context.tables.deals.attribute(column), Some(Attribute::Numbers(_))) => {
                Self::numbers(number_cells(column, deals, context))
            }
            _ => Self::of_text(column, deals, context),
        }
    }

    /// The days from each deal's creation to its date, and the dates.
    fn of_dates(dates: Vec<Option<Day>>, deals: &[DealState]) -> Self {
        let days = deals
            .iter()
            .zip(&dates)
            .map(|(deal, date)| date.map_or(MISSING, |date| f64::from(date.0) - f64::from(deal.created.0)));
        Self { values: Values::Numbers(days.collect()), dates, plan: false, names: Vec::new() }
    }

    /// A column of text: numbers or dates where every level is one, else levels.
    fn of_text(column: &str, deals: &[DealState], context: &FeatureContext<'_>) -> Self {
        let coded = Coded::read(column, deals, context);
        if every_level(&coded, |name| parse_number(name).is_some()) {
            Self::numbers(number_cells(column, deals, context))
        } else if every_level(&coded, |name| parse_date(name).is_some()) {
            Self::of_dates(date_cells(column, deals, context), deals)
        } else {
            let levels = coded.cells.iter().map(|cell| cell.position()).collect();
            let names = coded.names.iter().map(ToString::to_string).collect();
            Self { values: Values::Levels(levels), dates: Vec::new(), plan: false, names }
        }
    }

    fn numbers(numbers: Vec<f64>) -> Self {
        Self { values: Values::Numbers(numbers), dates: Vec::new(), plan: false, names: Vec::new() }
    }

    /// Whether it is not the same on nearly all deals.
    pub fn varies(&self) -> bool {
        let deals = match &self.values {
            Values::Numbers(numbers) => numbers.len(),
            Values::Levels(levels) => levels.len(),
        };
        let step = deals.div_ceil(MOST_COUNTED).max(1);
        let cells: Vec<ColumnCell> = (0..deals).step_by(step).map(|deal| self.as_it_stands(deal)).collect();
        let bins = CellBins::of(&cells, &[]);
        let mut counts = vec![0_usize; bins.holds.len()];
        bins.each(&cells).into_iter().for_each(|bin| counts[bin] += 1);
        let most = counts.into_iter().max().unwrap_or(0);
        (most as f64) < MOST_ALIKE * cells.len() as f64
    }

    /// What a deal shows on a day: a date in days before it, and nothing while it lies ahead.
    pub fn on_the_day(&self, row: Seen) -> ColumnCell {
        match self.dates.get(row.deal) {
            Some(&date) if self.plan => number(date.map_or(MISSING, |date| f64::from(date.0) - f64::from(row.day.0))),
            Some(&date) => number(days_since(date, row.day)),
            None => self.as_it_stands(row.deal),
        }
    }

    /// What a deal shows, whenever; a date in days since its creation.
    pub fn as_it_stands(&self, deal: usize) -> ColumnCell {
        match &self.values {
            Values::Numbers(numbers) => number(numbers[deal]),
            Values::Levels(levels) => levels[deal].map_or(ColumnCell::Empty, ColumnCell::Level),
        }
    }
}

fn number(x: f64) -> ColumnCell {
    if x.is_finite() { ColumnCell::Number(x) } else { ColumnCell::Empty }
}

/// Every deal's bin: equal values share one, and 0 is that of deals without a value.
pub(super) struct Bins {
    /// One per deal.
    pub of_deals: Vec<usize>,
    /// How many there are, the one without a value included.
    pub count: usize,
}

impl Values {
    pub fn are_identifiers(&self) -> bool {
        let Self::Numbers(values) = self else { return false };
        is_identifier(&sorted(values.iter().copied().filter(|x| x.is_finite())))
    }

    pub fn is_filled(&self, i: usize) -> bool {
        match self {
            Self::Numbers(values) => values[i].is_finite(),
            Self::Levels(levels) => levels[i].is_some(),
        }
    }

    /// Levels as they are; numbers cut at the quantiles of closed and of open deals, so that the few of one kind are not
    /// lumped together among the many of the other.
    pub fn bins(&self, deals: &[DealState]) -> Bins {
        match self {
            Self::Numbers(values) => {
                let mut edges = edges(values, deals, |kind| kind == StageKind::Open);
                edges.extend(self::edges(values, deals, |kind| kind != StageKind::Open));
                edges.sort_unstable_by(f64::total_cmp);
                edges.dedup();
                let of_deals = values.iter().map(|&x| edges_passed(x, &edges).map_or(0, |passed| passed.max(1)));
                Bins { of_deals: of_deals.collect(), count: edges.len() + 1 }
            }
            Self::Levels(levels) => {
                let of_deals: Vec<usize> = levels.iter().map(|level| level.map_or(0, |at| at + 1)).collect();
                let count = of_deals.iter().max().map_or(1, |&most| most + 1);
                Bins { of_deals, count }
            }
        }
    }

    /// Numbers as levels of their own: a price that stands on every lost deal, among won ones of any price.
    pub fn exact_bins(&self) -> Option<Bins> {
        let Self::Numbers(values) = self else { return None };
        let mut levels = sorted(values.iter().copied().filter(|x| x.is_finite()));
        levels.dedup();
        let of_deals = values.iter().map(|&x| edges_passed(x, &levels).unwrap_or(0));
        Some(Bins { of_deals: of_deals.collect(), count: levels.len() + 1 })
    }
}

/// Whether there are levels and every one of them passes the test.
fn every_level(coded: &Coded<'_>, test: impl Fn(&str) -> bool) -> bool {
    let mut seen: Vec<usize> = coded.cells.iter().filter_map(|cell| cell.position()).collect();
    seen.sort_unstable();
    seen.dedup();
    !seen.is_empty() && seen.iter().all(|&at| coded.names.get(at).is_some_and(|name| test(name)))
}

fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut sorted: Vec<f64> = values.collect();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted
}

/// How many of the ascending `edges` are at or below a number; `None` for one that is none.
fn edges_passed(x: f64, edges: &[f64]) -> Option<usize> {
    x.is_finite().then(|| edges.partition_point(|&edge| edge <= x))
}

/// The quantiles of one kind of deals that bins begin at.
fn edges(values: &[f64], deals: &[DealState], wanted: impl Fn(StageKind) -> bool) -> Vec<f64> {
    let known = values.iter().zip(deals).filter(|(x, deal)| x.is_finite() && wanted(deal.kind));
    let sorted = sorted(known.map(|(&x, _)| x));
    (0..BINS).filter_map(|k| sorted.get(k * sorted.len() / BINS)).copied().collect()
}
