//! Facts to the cells of deals: one sum per node, period, basis, currency and measure.
//!
//! The grouping is polars': first by position and month, which is where the rows become few, then level by level. Every
//! grouping is by one packed integer, several times faster than by its parts. Sums are of 64-bit integers whose bound
//! was checked before, so none can wrap.

use polars::prelude::{
    Column, DataFrame, Expr, IntoLazy, JoinArgs, JoinType, LazyFrame, NamedFrom, PolarsResult, Series, col, len, lit,
};

use crate::analyses::forecast::axes::ForecastAxes;
use crate::analyses::forecast::cells::SumCell;
use crate::analyses::forecast::facts::{Facts, Packing};
use crate::analyses::forecast::measures::MEASURES;
use crate::analyses::forecast::rows::RowBasis;
use crate::books::hierarchy::{Level, Position};
use crate::domain::ids::CurrencyId;

/// The sums of all deals by position and bucket: what every level's cells are added up from.
pub(super) struct DealSums<'a> {
    axes: &'a ForecastAxes<'a>,
    positions: &'a [Position<'a>],
    packing: Packing,
    period_of_bucket: DataFrame,
    /// Columns `position`, `rest` (UInt64), `native`, `base` (Int64) and `deals` (UInt32).
    by_position: DataFrame,
}

impl<'a> DealSums<'a> {
    pub fn new(facts: Facts, axes: &'a ForecastAxes<'a>, positions: &'a [Position<'a>]) -> PolarsResult<Self> {
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
    pub fn cells(&self, level: Level, with_base: bool) -> PolarsResult<Vec<SumCell>> {
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
        unpack.read(&native, "native", RowBasis::Native, &mut cells)?;
        if with_base {
            let measures = lit(MEASURES as u64);
            let key = col("key") / lit(moneys) * lit(moneys) + col("key") % measures;
            unpack.read(&sum(native.lazy(), key).collect()?, "base", RowBasis::Base, &mut cells)?;
        }
        Ok(cells)
    }
}

/// (position number, node number) of one level.
fn nodes_of_positions<'a>(level: Level, axes: &ForecastAxes<'a>, positions: &[Position<'a>]) -> Vec<(u64, u64)> {
    let mut pairs = Vec::new();
    for (number, position) in positions.iter().enumerate() {
        pairs.extend(axes.nodes.numbers(position, level).map(|node| (number as u64, node.into())));
    }
    pairs
}

fn pairs(from: &str, to: &str, values: &[(u64, u64)]) -> PolarsResult<DataFrame> {
    let (left, right): (Vec<u64>, Vec<u64>) = values.iter().copied().unzip();
    DataFrame::new_infer_height(vec![column(from, left), column(to, right)])
}

fn column(name: &str, values: Vec<u64>) -> Column {
    Column::from(Series::new(name.into(), values))
}

fn join(left: DataFrame, right: DataFrame, on: &str) -> LazyFrame {
    left.lazy().join(right.lazy(), [col(on)], [col(on)], JoinArgs::new(JoinType::Inner))
}

fn sum(frame: LazyFrame, key: Expr) -> LazyFrame {
    frame.group_by([key.alias("key")]).agg([col("native").sum(), col("base").sum(), col("deals").sum()])
}

/// Takes packed keys `((node, period), (currency, measure))` apart.
struct Unpack<'a> {
    axes: &'a ForecastAxes<'a>,
    moneys: u64,
    periods: u64,
}

impl Unpack<'_> {
    fn read(&self, frame: &DataFrame, amount: &str, basis: RowBasis, cells: &mut Vec<SumCell>) -> PolarsResult<()> {
        let keys = frame.column("key")?.u64()?.into_no_null_iter();
        let amounts = frame.column(amount)?.i64()?.into_no_null_iter();
        let deals = frame.column("deals")?.u32()?.into_no_null_iter();
        let read = |((key, amount), deals)| self.cell(key, basis, amount, deals);
        cells.extend(keys.zip(amounts).zip(deals).map(read));
        Ok(())
    }

    fn cell(&self, key: u64, basis: RowBasis, amount: i64, deals: u32) -> SumCell {
        let (row, money) = (key / self.moneys, key % self.moneys);
        let measures = MEASURES as u64;
        SumCell {
            node: (row / self.periods) as u32,
            period: (row % self.periods) as u32,
            basis,
            currency: match basis {
                RowBasis::Native => self.axes.currencies.rank(CurrencyId::at((money / measures) as usize)),
                RowBasis::Base => self.axes.currencies.base(),
            },
            measure: (money % measures) as u32,
            amount,
            count: deals,
        }
    }
}
