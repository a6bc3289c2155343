//! The change log and the activities: parallel columns in no order, one value per cell, because they are only ever
//! walked deal by deal.

use crate::domain::code::Dictionary;
use crate::domain::day::{Day, Moment};
use crate::domain::ids::{ActivityKindId, OwnerId, RowIx, StageNameId};
use crate::domain::maybe::Maybe;
use crate::domain::stage::ForecastCategory;

/// The change log: row `i` of every column belongs together. Rows stand as the files have them, in no order.
///
/// A snapshot-per-change row carries every field it names; a field-change row carries one. No value = unchanged.
/// A field-change row with an old value is preceded by a row of the same moment with [`Changes::prior`] set: it says
/// what the field was *before* that moment.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// Row of the deal in [`Deals`](crate::ingest::tables::Deals).
    pub deal: Vec<RowIx>,
    /// When.
    pub at: Vec<Moment>,
    /// Stage as written.
    pub stage: Vec<Maybe<StageNameId>>,
    /// Amount in minor units of the deal's currency.
    pub amount_minor: Vec<Maybe<i64>>,
    /// Expected close date.
    pub expected_close: Vec<Maybe<Day>>,
    /// Owner.
    pub owner: Vec<Maybe<OwnerId>>,
    /// Forecast category.
    pub category: Vec<Option<ForecastCategory>>,
    /// The CRM's own chance to win, 0 to 1.
    pub probability: Vec<Maybe<f32>>,
    /// Whether the row tells the value before the moment, not after it.
    pub prior: Vec<bool>,
}

/// One row of [`Changes`].
#[derive(Clone, Copy, Debug)]
pub struct ChangeRow {
    /// Row of the deal.
    pub deal: RowIx,
    /// When.
    pub at: Moment,
    /// Stage as written.
    pub stage: Maybe<StageNameId>,
    /// Minor units.
    pub amount_minor: Maybe<i64>,
    /// Expected close date.
    pub expected_close: Maybe<Day>,
    /// Owner.
    pub owner: Maybe<OwnerId>,
    /// Forecast category.
    pub category: Option<ForecastCategory>,
    /// 0 to 1.
    pub probability: Maybe<f32>,
    /// The value before the moment.
    pub prior: bool,
}

impl ChangeRow {
    /// A change that names no field yet.
    #[must_use]
    pub fn empty(deal: RowIx, at: Moment) -> Self {
        Self {
            deal,
            at,
            stage: Maybe::NONE,
            amount_minor: Maybe::NONE,
            expected_close: Maybe::NONE,
            owner: Maybe::NONE,
            category: None,
            probability: Maybe::NONE,
            prior: false,
        }
    }
}

impl Changes {
    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.deal.len()
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.deal.is_empty()
    }

    /// Appends one row.
    pub fn push(&mut self, change: ChangeRow) {
        self.deal.push(change.deal);
        self.at.push(change.at);
        self.stage.push(change.stage);
        self.amount_minor.push(change.amount_minor);
        self.expected_close.push(change.expected_close);
        self.owner.push(change.owner);
        self.category.push(change.category);
        self.probability.push(change.probability);
        self.prior.push(change.prior);
    }

    /// Leaves the rows whose flag is set.
    pub(crate) fn retain(&mut self, keep: &[bool]) {
        retain(&mut self.deal, keep);
        retain(&mut self.at, keep);
        retain(&mut self.stage, keep);
        retain(&mut self.amount_minor, keep);
        retain(&mut self.expected_close, keep);
        retain(&mut self.owner, keep);
        retain(&mut self.category, keep);
        retain(&mut self.probability, keep);
        retain(&mut self.prior, keep);
    }

    /// Row `i`.
    #[must_use]
    pub fn get(&self, i: usize) -> ChangeRow {
        ChangeRow {
            deal: self.deal[i],
            at: self.at[i],
            stage: self.stage[i],
            amount_minor: self.amount_minor[i],
            expected_close: self.expected_close[i],
            owner: self.owner[i],
            category: self.category[i],
            probability: self.probability[i],
            prior: self.prior[i],
        }
    }
}

/// Leaves the values whose flag is set.
pub(crate) fn retain<T: Copy>(values: &mut Vec<T>, keep: &[bool]) {
    let mut kept = keep.iter();
    values.retain(|_| kept.next().copied().unwrap_or(true));
}

impl Activities {
    /// Leaves the rows whose flag is set.
    pub(crate) fn retain(&mut self, keep: &[bool]) {
        retain(&mut self.deal, keep);
        retain(&mut self.at, keep);
        retain(&mut self.kind, keep);
        retain(&mut self.count, keep);
    }
}

/// Activities, as parallel columns in no order.
#[derive(Clone, Debug, Default)]
pub struct Activities {
    /// Row of the deal in [`Deals`](crate::ingest::tables::Deals).
    pub deal: Vec<RowIx>,
    /// When.
    pub at: Vec<Moment>,
    /// Kind, by [`Activities::kinds`].
    pub kind: Vec<ActivityKindId>,
    /// How many at once; 1 where the input has no count.
    pub count: Vec<u32>,
    /// Names of the kinds.
    pub kinds: Dictionary<ActivityKindId>,
}
