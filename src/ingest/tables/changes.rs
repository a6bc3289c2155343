//! The change log and the activities: parallel columns in no order, one value per cell, because they are only ever
//! walked deal by deal.

use crate::domain::code::Dictionary;
use crate::domain::day::{Day, Moment};
use crate::domain::ids::{ActivityKindId, CurrencyId, Id, OwnerId, RowIx, StageNameId};
use crate::domain::maybe::{Compact, Maybe};
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
    /// Amount in minor units of the row's currency, where it names one, else of the deal's.
    pub amount_minor: Vec<Maybe<i64>>,
    /// Currency of the amount, where rows name one; shorter than the others where the last rows name none.
    currency: Vec<Maybe<CurrencyId>>,
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
    /// Whether the row says that the deal left its stage for one that has no name.
    pub stage_emptied: Vec<bool>,
}

/// The ids that names of some changes have elsewhere, by their own.
pub(crate) struct ChangeNames {
    pub stages: Vec<StageNameId>,
    pub owners: Vec<OwnerId>,
    pub currencies: Vec<CurrencyId>,
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
    /// Currency of the amount, where the row names one.
    pub currency: Maybe<CurrencyId>,
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
    /// Into a stage without a name.
    pub stage_emptied: bool,
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
            currency: Maybe::NONE,
            expected_close: Maybe::NONE,
            owner: Maybe::NONE,
            category: None,
            probability: Maybe::NONE,
            prior: false,
            stage_emptied: false,
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
        if change.currency.is_some() {
            self.currency.resize(self.len(), Maybe::NONE);
            self.currency.push(change.currency);
        }
        self.deal.push(change.deal);
        self.at.push(change.at);
        self.stage.push(change.stage);
        self.amount_minor.push(change.amount_minor);
        self.expected_close.push(change.expected_close);
        self.owner.push(change.owner);
        self.category.push(change.category);
        self.probability.push(change.probability);
        self.prior.push(change.prior);
        self.stage_emptied.push(change.stage_emptied);
    }

    /// Appends the rows of `later`, whose names have the ids that `names` gives them here.
    pub(crate) fn append(&mut self, mut later: Self, names: &ChangeNames) {
        later.rename(names);
        if !later.currency.is_empty() {
            self.currency.resize(self.len(), Maybe::NONE);
            self.currency.extend(later.currency);
        }
        self.deal.extend(later.deal);
        self.at.extend(later.at);
        self.stage.extend(later.stage);
        self.amount_minor.extend(later.amount_minor);
        self.expected_close.extend(later.expected_close);
        self.owner.extend(later.owner);
        self.category.extend(later.category);
        self.probability.extend(later.probability);
        self.prior.extend(later.prior);
        self.stage_emptied.extend(later.stage_emptied);
    }

    /// Which of amount, expected close date, owner, forecast category and chance row `i` names.
    pub(crate) fn named_beside_stage(&self, i: usize) -> [bool; 5] {
        [
            self.amount_minor[i].is_some(),
            self.expected_close[i].is_some(),
            self.owner[i].is_some(),
            self.category[i].is_some(),
            self.probability[i].is_some(),
        ]
    }

    /// Currency of the amount in row `i`, where the row names one.
    #[must_use]
    pub fn currency(&self, i: usize) -> Maybe<CurrencyId> {
        self.currency.get(i).copied().unwrap_or_default()
    }

    /// Gives stages, owners and currencies other ids.
    pub(crate) fn rename(&mut self, names: &ChangeNames) {
        self.stage.iter_mut().for_each(|code| *code = renamed(&names.stages, *code));
        self.owner.iter_mut().for_each(|code| *code = renamed(&names.owners, *code));
        self.recode_currencies(&names.currencies);
    }

    /// Gives the currencies other ids.
    pub(crate) fn recode_currencies(&mut self, ids: &[CurrencyId]) {
        self.currency.iter_mut().for_each(|code| *code = renamed(ids, *code));
    }

    /// Leaves the rows whose flag is set.
    pub(crate) fn retain(&mut self, keep: &[bool]) {
        if !self.currency.is_empty() {
            self.currency.resize(self.len(), Maybe::NONE);
            retain(&mut self.currency, keep);
        }
        retain(&mut self.deal, keep);
        retain(&mut self.at, keep);
        retain(&mut self.stage, keep);
        retain(&mut self.amount_minor, keep);
        retain(&mut self.expected_close, keep);
        retain(&mut self.owner, keep);
        retain(&mut self.category, keep);
        retain(&mut self.probability, keep);
        retain(&mut self.prior, keep);
        retain(&mut self.stage_emptied, keep);
    }

    /// Row `i`.
    #[must_use]
    pub fn get(&self, i: usize) -> ChangeRow {
        ChangeRow {
            deal: self.deal[i],
            at: self.at[i],
            stage: self.stage[i],
            amount_minor: self.amount_minor[i],
            currency: self.currency(i),
            expected_close: self.expected_close[i],
            owner: self.owner[i],
            category: self.category[i],
            probability: self.probability[i],
            prior: self.prior[i],
            stage_emptied: self.stage_emptied[i],
        }
    }
}

/// The id that stands for `id` in `ids`; none stays none.
fn renamed<T: Id + Compact>(ids: &[T], id: Maybe<T>) -> Maybe<T> {
    id.get().and_then(|id| ids.get(id.index()).copied()).into()
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
