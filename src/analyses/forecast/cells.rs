//! Facts and quotas to cells: one sum per node, period, basis, currency and measure.
//!
//! The grouping is polars': first by position and month, which is where the rows become few, then level by level. Every
//! grouping is by one packed integer, several times faster than by its parts. Sums are of 64-bit integers whose bound
//! was checked before, so none can wrap.

use std::collections::BTreeMap;

use polars::prelude::{
    Column, DataFrame, Expr, IntoLazy, JoinArgs, JoinType, LazyFrame, NamedFrom, PolarsResult, Series, col, len, lit,
};

use crate::analyses::forecast::axes::Axes;
use crate::analyses::forecast::facts::{Facts, MEASURES, Measure, Packing};
use crate::analyses::forecast::{Basis, ForecastError, MOST_MONEY};
use crate::analyses::revisions::Held;
use crate::books::hierarchy::{Level, Position};
use crate::books::quota::{Node, NodeQuota, QuotaAmount, QuotaSource};
use crate::domain::day::Day;
use crate::domain::ids::CurrencyId;
use crate::domain::period::{FiscalCalendar, Period};

/// One sum. Sorts into report order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Cell {
    pub node: u32,
    pub period: u32,
    pub basis: Basis,
    pub currency: u32,
    pub measure: u32,
    pub amount: i64,
    /// Deals, or quotas.
    pub count: u32,
}

impl Cell {
    /// What the cells of one row share.
    pub fn row(&self) -> (u32, u32, Basis, u32) {
        (self.node, self.period, self.basis, self.currency)
    }
}

/// The sums of all deals by position and bucket: what every level's cells are added up from.
pub(super) struct DealSums<'a> {
    axes: &'a Axes<'a>,
    positions: &'a [Position<'a>],
    packing: Packing,
    period_of_bucket: DataFrame,
    /// Columns `position`, `rest` (UInt64), `native`, `base` (Int64) and `deals` (UInt32).
    by_position: DataFrame,
}

impl<'a> DealSums<'a> {
    pub fn new(facts: Facts, axes: &'a Axes<'a>, positions: &'a [Position<'a>]) -> PolarsResult<Self> {
        let packing = facts.packing();
        let sums = [col("native").sum(), col("base").sum(), len().alias("deals")];
        let by_position = facts.into_frame()?.lazy().group_by([col("key")]).agg(sums);
        let by_position = by_position.select([
            (col("key") / lit(packing.rests)).alias("position"),
            (col("key") % lit(packing.rests)).alias("rest"),
            col("native"),
            col("base"),
            col("deals"),
        ]);
        let period_of_bucket = pairs("bucket", "period", &axes.period_of_bucket)?;
        Ok(Self { axes, positions, packing, period_of_bucket, by_position: by_position.collect()? })
    }

    /// The cells of one level's nodes.
    pub fn cells(&self, level: Level, with_base: bool) -> PolarsResult<Vec<Cell>> {
        let Packing { moneys, rests } = self.packing;
        let node_of_position = pairs("position", "node", &nodes_of_positions(level, self.axes, self.positions))?;
        let by_node = join(self.by_position.clone(), node_of_position, "position");
        let by_node = sum(by_node, col("node") * lit(rests) + col("rest")).with_columns([
            (col("key") / lit(rests)).alias("node"),
            (col("key") % lit(rests) / lit(moneys)).alias("bucket"),
            (col("key") % lit(moneys)).alias("money"),
        ]);
        let by_period = join(by_node.collect()?, self.period_of_bucket.clone(), "bucket");
        let periods = self.axes.period_numbers();
        let key = (col("node") * lit(periods) + col("period")) * lit(moneys) + col("money");
        let native = sum(by_period, key).collect()?;
        let unpack = Unpack { axes: self.axes, moneys, periods };
        let mut cells = Vec::new();
        unpack.read(&native, "native", Basis::Native, &mut cells)?;
        if with_base {
            let measures = lit(MEASURES as u64);
            let key = col("key") / lit(moneys) * lit(moneys) + col("key") % measures;
            unpack.read(&sum(native.lazy(), key).collect()?, "base", Basis::Base, &mut cells)?;
        }
        Ok(cells)
    }
}

/// The cells of one level's quotas. `quotas` stand by period and node.
///
/// # Errors
/// [`ForecastError::TooMuchMoney`] where a sum does not fit.
pub(super) fn of_quotas<'a>(
    quotas: &[NodeQuota<'a>],
    axes: &Axes<'a>,
    level: Level,
    with_base: bool,
) -> Result<Vec<Cell>, ForecastError> {
    let fitting = |minor: i128| {
        let too_much = ForecastError::TooMuchMoney { total: minor.unsigned_abs() };
        i64::try_from(minor).ok().filter(|_| minor.unsigned_abs() <= MOST_MONEY).ok_or(too_much)
    };
    let by_node = quotas.chunk_by(|a, b| (a.period, a.node) == (b.period, b.node));
    let mut cells = Vec::new();
    for quotas in by_node.filter(|quotas| quotas[0].node.0 == level) {
        let (Some(node), Some(period)) = (axes.node(quotas[0].node), axes.period(&quotas[0].period)) else {
            continue;
        };
        let measure = match quotas[0].source {
            QuotaSource::Own => Measure::OwnQuota,
            QuotaSource::Sum | QuotaSource::Absent => Measure::SummedQuota,
        };
        let mut push = |measure: Measure, basis, currency, minor| -> Result<(), ForecastError> {
            let amount = fitting(minor)?;
            cells.push(Cell { node, period, basis, currency, measure: measure as u32, amount, count: 1 });
            Ok(())
        };
        type Kind<'a> = fn(&NodeQuota<'a>) -> Option<QuotaAmount>;
        let kinds: [(Measure, Kind<'a>); 2] =
            [(measure, |quota| quota.amount), (Measure::QuotaBelow, |quota| quota.below)];
        for (measure, kind) in kinds {
            let amounts = || quotas.iter().filter_map(|quota| Some((quota.currency, kind(quota)?)));
            for (currency, amount) in amounts() {
                push(measure, Basis::Native, axes.currency(currency), amount.native)?;
            }
            if with_base && amounts().next().is_some() {
                push(measure, Basis::Base, axes.base_currency(), amounts().map(|(_, amount)| amount.base).sum())?;
            }
        }
    }
    Ok(cells)
}

/// Empty cells that make sure the company has a row in every running period.
pub(super) fn of_running_company(axes: &Axes<'_>, calendar: &FiscalCalendar, as_of: Day, with_base: bool) -> Vec<Cell> {
    let native = (0..axes.base_currency()).map(|currency| (Basis::Native, currency));
    let base = with_base.then_some((Basis::Base, axes.base_currency()));
    let money: Vec<(Basis, u32)> = native.chain(base).collect();
    let running = axes.kinds().iter().filter_map(|kind| axes.period(&calendar.period_of(*kind, as_of)));
    let cell = |period, (basis, currency)| Cell {
        node: axes.company(),
        period,
        basis,
        currency,
        measure: Measure::Presence as u32,
        amount: 0,
        count: 0,
    };
    running.flat_map(|period| money.iter().map(move |money| cell(period, *money))).collect()
}

/// Empty cells that make sure every node with something submitted has a row to show it in.
pub(super) fn of_held<'a>(held: &BTreeMap<(Node<'a>, Period), Held>, axes: &Axes<'a>, level: Level) -> Vec<Cell> {
    let of_level = held.keys().filter(|((of, _), _)| *of == level);
    let cell = |(node, period): &(Node<'a>, Period)| {
        Some(Cell {
            node: axes.node(*node)?,
            period: axes.period(period)?,
            basis: Basis::Base,
            currency: axes.base_currency(),
            measure: Measure::Presence as u32,
            amount: 0,
            count: 0,
        })
    };
    of_level.filter_map(cell).collect()
}

fn nodes_of_positions<'a>(level: Level, axes: &Axes<'a>, positions: &[Position<'a>]) -> Vec<(u64, u64)> {
    let of_position = |(number, position): (usize, &Position<'a>)| -> Vec<(u64, u64)> {
        let nodes = position.nodes(level).iter().filter_map(|key| axes.node((level, key)));
        nodes.map(|node| (number as u64, node.into())).collect()
    };
    positions.iter().enumerate().flat_map(of_position).collect()
}

fn pairs(from: &str, to: &str, values: &[(u64, u64)]) -> PolarsResult<DataFrame> {
    let (left, right): (Vec<u64>, Vec<u64>) = values.iter().copied().unzip();
    let column = |name: &str, values: Vec<u64>| Column::from(Series::new(name.into(), values));
    DataFrame::new_infer_height(vec![column(from, left), column(to, right)])
}

fn join(left: DataFrame, right: DataFrame, on: &str) -> LazyFrame {
    left.lazy().join(right.lazy(), [col(on)], [col(on)], JoinArgs::new(JoinType::Inner))
}

fn sum(frame: LazyFrame, key: Expr) -> LazyFrame {
    frame.group_by([key.alias("key")]).agg([col("native").sum(), col("base").sum(), col("deals").sum()])
}

/// Takes packed keys `((node, period), (currency, measure))` apart.
struct Unpack<'a> {
    axes: &'a Axes<'a>,
    moneys: u64,
    periods: u64,
}

impl Unpack<'_> {
    fn read(&self, frame: &DataFrame, amount: &str, basis: Basis, cells: &mut Vec<Cell>) -> PolarsResult<()> {
        let keys = frame.column("key")?.u64()?.into_no_null_iter();
        let amounts = frame.column(amount)?.i64()?.into_no_null_iter();
        let deals = frame.column("deals")?.u32()?.into_no_null_iter();
        let read = |((key, amount), deals)| self.cell(key, basis, amount, deals);
        cells.extend(keys.zip(amounts).zip(deals).map(read));
        Ok(())
    }

    fn cell(&self, key: u64, basis: Basis, amount: i64, deals: u32) -> Cell {
        let (row, money) = (key / self.moneys, key % self.moneys);
        let measures = MEASURES as u64;
        Cell {
            node: (row / self.periods) as u32,
            period: (row % self.periods) as u32,
            basis,
            currency: match basis {
                Basis::Native => self.axes.currency(CurrencyId::at((money / measures) as usize)),
                Basis::Base => self.axes.base_currency(),
            },
            measure: (money % measures) as u32,
            amount,
            count: deals,
        }
    }
}
