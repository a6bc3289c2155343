//! Facts and quotas to cells: one sum per node, period, basis, currency and measure.
//!
//! The grouping is polars': first by place and month, which is where the rows become few, then level by level. Sums are
//! of 64-bit integers whose bound was checked before, so none can wrap.

use polars::prelude::{
    Column, DataFrame, DataType, Expr, IntoLazy, JoinArgs, JoinType, LazyFrame, NamedFrom, PolarsResult, Series, col,
    len,
};

use super::Basis;
use super::axes::Axes;
use super::facts::{Facts, Measure};
use crate::analytics::quota::NodeQuota;
use crate::analytics::structure::{Level, Place};
use crate::domain::day::Day;
use crate::domain::period::FiscalCalendar;

/// One sum. Sorts into report order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Cell {
    pub node: u32,
    pub period: u32,
    pub basis: Basis,
    pub currency: u32,
    pub measure: u32,
    pub amount: i128,
    pub deals: i64,
}

impl Cell {
    /// What the cells of one row share.
    pub fn row(&self) -> (u32, u32, Basis, u32) {
        (self.node, self.period, self.basis, self.currency)
    }
}

/// The cells of all deals.
pub(super) fn of_deals(facts: Facts, axes: &Axes, places: &[Place], with_base: bool) -> PolarsResult<Vec<Cell>> {
    let period_of_bucket = pairs("bucket", "period", axes.period_of_bucket.clone())?;
    let by_place = facts.into_frame()?.lazy().group_by(columns(["place", "bucket", "currency", "measure"])).agg([
        col("native").sum(),
        col("base").sum(),
        len().cast(DataType::Int64).alias("deals"),
    ]);
    let by_place = by_place.collect()?;
    let mut cells = Vec::new();
    for level in Level::ALL {
        let node_of_place = pairs("place", "node", nodes_of_places(level, axes, places))?;
        let by_node = sum(join(by_place.clone(), node_of_place, "place"), ["node", "bucket", "currency", "measure"]);
        let by_period = join(by_node.collect()?, period_of_bucket.clone(), "bucket");
        let native = sum(by_period, ["node", "period", "currency", "measure"]).collect()?;
        read(&native, "native", Basis::Native, axes, &mut cells)?;
        if with_base {
            let base = sum(native.lazy(), ["node", "period", "measure"]).collect()?;
            read(&base, "base", Basis::Base, axes, &mut cells)?;
        }
    }
    Ok(cells)
}

/// The cells of the quotas.
pub(super) fn of_quotas(quotas: &[NodeQuota], axes: &Axes, with_base: bool) -> Vec<Cell> {
    let mut cells = Vec::new();
    for quota in quotas {
        let (Some(node), Some(period)) = (axes.node(quota.level, &quota.node), axes.period(&quota.period)) else {
            continue;
        };
        let cell = |basis, currency, amount| Cell {
            node,
            period,
            basis,
            currency,
            measure: Measure::Quota as u32,
            amount,
            deals: 0,
        };
        for (currency, amount) in &quota.amounts {
            cells.push(cell(Basis::Native, axes.currency(*currency), amount.native));
        }
        if with_base {
            let base = quota.amounts.values().map(|amount| amount.base).sum();
            cells.push(cell(Basis::Base, axes.base_currency(), base));
        }
    }
    cells
}

/// Empty cells that make sure the company has a row in every running period.
pub(super) fn of_running_company(axes: &Axes, calendar: &FiscalCalendar, as_of: Day, with_base: bool) -> Vec<Cell> {
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
        deals: 0,
    };
    running.flat_map(|period| money.iter().map(move |money| cell(period, *money))).collect()
}

fn nodes_of_places(level: Level, axes: &Axes, places: &[Place]) -> Vec<(u32, u32)> {
    let of_place = |(number, place): (usize, &Place)| -> Vec<(u32, u32)> {
        let nodes = place.nodes(level);
        nodes.into_iter().filter_map(|key| axes.node(level, key)).map(|node| (number as u32, node)).collect()
    };
    places.iter().enumerate().flat_map(of_place).collect()
}

fn pairs(from: &str, to: &str, values: Vec<(u32, u32)>) -> PolarsResult<DataFrame> {
    let (left, right): (Vec<u32>, Vec<u32>) = values.into_iter().unzip();
    let column = |name: &str, values: Vec<u32>| Column::from(Series::new(name.into(), values));
    DataFrame::new_infer_height(vec![column(from, left), column(to, right)])
}

fn columns<const N: usize>(names: [&str; N]) -> [Expr; N] {
    names.map(col)
}

fn join(left: DataFrame, right: DataFrame, on: &str) -> LazyFrame {
    left.lazy().join(right.lazy(), [col(on)], [col(on)], JoinArgs::new(JoinType::Inner))
}

fn sum<const N: usize>(frame: LazyFrame, by: [&str; N]) -> LazyFrame {
    frame.group_by(columns(by)).agg([col("native").sum(), col("base").sum(), col("deals").sum()])
}

fn read(frame: &DataFrame, amount: &str, basis: Basis, axes: &Axes, cells: &mut Vec<Cell>) -> PolarsResult<()> {
    let codes = |name: &str| PolarsResult::Ok(frame.column(name)?.u32()?.into_no_null_iter());
    let numbers = |name: &str| PolarsResult::Ok(frame.column(name)?.i64()?.into_no_null_iter());
    let currencies: Vec<u32> = match basis {
        Basis::Native => codes("currency")?.map(|code| axes.currency(code)).collect(),
        Basis::Base => vec![axes.base_currency(); frame.height()],
    };
    let keys = codes("node")?.zip(codes("period")?).zip(codes("measure")?).zip(currencies);
    let values = numbers(amount)?.zip(numbers("deals")?);
    cells.extend(keys.zip(values).map(|((((node, period), measure), currency), (amount, deals))| Cell {
        node,
        period,
        basis,
        currency,
        measure,
        amount: amount.into(),
        deals,
    }));
    Ok(())
}
