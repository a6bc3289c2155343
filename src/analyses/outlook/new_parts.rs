//! What do deals that do not exist yet bring, and whose are they?
//!
//! Past deals in; the amounts of new ones and every owner's part of them out, in the base currency and in every currency
//! as it is. How many there will be is `new_business`'.
//!
//! Owners share the new business by what they have won, shrunk towards each other; those who no longer sell get none. An
//! owner's part is split over the currencies of the owner's own wins, so who sells in one currency has new business in
//! that one only.

use std::collections::{BTreeMap, BTreeSet};

use crate::analyses::outlook::amount_change::atoms;
use crate::analyses::outlook::distribution::Atom;
use crate::domain::code::Dictionary;
use crate::domain::day::Day;
use crate::domain::ids::{CurrencyId, OwnerId};
use crate::domain::maybe::Maybe;
use crate::domain::stage::StageKind;
use crate::snapshot::DealState;

/// Days back to wins whose amounts still tell.
const MEMORY_DAYS: i32 = 730;
/// Days of wins that say who sells how much.
const TRAILING_DAYS: i32 = 365;
/// Who has neither an open deal nor created one for so long no longer sells.
const IDLE_DAYS: i32 = 90;
/// A deal won within so many days of its creation says what new deals are worth.
const QUICK_DAYS: i32 = 92;
/// Quick wins needed to go by them.
const FEWEST_QUICK: usize = 30;
/// Values the amounts are summed up in.
const ATOMS: usize = 12;
/// Wins of average size an owner's own size is shrunk towards the mean with.
const PRIOR_WINS: f64 = 10.0;

/// What is learnt from one deal.
#[derive(Clone, Copy, Debug)]
pub(super) struct LearntDeal {
    pub created: i32,
    /// None while open, or where nobody knows.
    pub closed: Maybe<Day>,
    pub kind: StageKind,
    pub owner: Maybe<OwnerId>,
    pub currency: CurrencyId,
    /// What was won, minor units of the base currency; none where unknown.
    pub amount: Option<f64>,
    /// The present amount in its own currency.
    pub native: Option<f64>,
}

/// One owner's part of the new business.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OwnerPart {
    /// The owner; none for deals without one.
    pub owner: Maybe<OwnerId>,
    /// Share of the number of deals; those of all owners add up to 1 where every currency is counted.
    pub share: f64,
    /// Amount of the owner's deals over the average.
    pub size: f64,
}

/// The new business in one currency, as it is.
#[derive(Clone, Debug)]
pub struct CurrencyBusiness {
    /// The currency.
    pub currency: CurrencyId,
    /// Amounts of new deals, minor units of the currency.
    pub amounts: Vec<Atom>,
    /// By owner, in the order of their names; shares are of the deals in all currencies.
    pub parts: Vec<OwnerPart>,
}

impl LearntDeal {
    /// `amount` is what was won, in the base currency.
    pub fn of(state: &DealState, amount: Option<f64>) -> Self {
        Self {
            created: state.created.0,
            closed: state.closed,
            kind: state.kind,
            owner: state.owner,
            currency: state.currency,
            amount,
            native: state.amount_minor.get().map(|minor| minor as f64),
        }
    }

    /// Whether it was won on `day` or later, as far as that is known.
    fn is_won_since(&self, day: Day) -> bool {
        self.kind == StageKind::Won && self.closed.get().is_some_and(|closed| closed >= day)
    }

    /// Whether it says in which currencies its owner sells.
    fn is_recent(&self, as_of: Day) -> bool {
        let since = as_of.plus(-TRAILING_DAYS);
        self.kind == StageKind::Open || self.created >= since.0 || self.is_won_since(since)
    }
}

/// What one owner has done of late.
#[derive(Default)]
struct SellerRecord {
    sells: bool,
    wins: f64,
    priced: f64,
    value: f64,
    by_currency: BTreeMap<CurrencyId, CurrencyRecord>,
}

/// The same in one currency.
#[derive(Clone, Copy, Default)]
struct CurrencyRecord {
    recent: f64,
    wins: f64,
    priced: f64,
    value: f64,
}

impl SellerRecord {
    fn add(&mut self, deal: &LearntDeal, as_of: Day) {
        self.sells |= deal.kind == StageKind::Open || deal.created >= as_of.0 - IDLE_DAYS;
        let in_currency = self.by_currency.entry(deal.currency).or_default();
        in_currency.recent += f64::from(u8::from(deal.is_recent(as_of)));
        if !deal.is_won_since(as_of.plus(-TRAILING_DAYS)) {
            return;
        }
        self.wins += 1.0;
        in_currency.wins += 1.0;
        if let Some(amount) = deal.amount {
            self.priced += 1.0;
            self.value += amount;
        }
        if let Some(native) = deal.native {
            in_currency.priced += 1.0;
            in_currency.value += native;
        }
    }

    /// The share of the wins that are in a currency for which `counts`: as in the past, and as if one more had come from
    /// the recent deals.
    fn share_in(&self, counts: impl Fn(CurrencyId) -> bool) -> f64 {
        if self.by_currency.keys().all(|&currency| counts(currency)) {
            return 1.0;
        }
        let recent: f64 = self.by_currency.values().map(|record| record.recent).sum();
        let of = |record: &CurrencyRecord| record.wins + record.recent / recent.max(1.0);
        let counted = self.by_currency.iter().filter(|(currency, _)| counts(**currency));
        counted.map(|(_, record)| of(record)).sum::<f64>() / (self.wins + 1.0)
    }
}

/// What every owner who still sells has done, in the order of their names: ids depend on later rows.
fn records(deals: &[LearntDeal], owners: &Dictionary<OwnerId>, as_of: Day) -> Vec<(Maybe<OwnerId>, SellerRecord)> {
    let mut records: BTreeMap<Maybe<OwnerId>, SellerRecord> = BTreeMap::new();
    for deal in deals {
        records.entry(deal.owner).or_default().add(deal, as_of);
    }
    let mut records: Vec<(Maybe<OwnerId>, SellerRecord)> =
        records.into_iter().filter(|(_, record)| record.sells).collect();
    records.sort_by_key(|(owner, _)| owners.name(*owner));
    records
}

/// The owners' shares of the number of deals, before their sum is made 1: a gamma prior by moments, what owners differ
/// beyond noise.
fn shares(records: &[(Maybe<OwnerId>, SellerRecord)]) -> Vec<f64> {
    let number = records.len().max(1) as f64;
    let mean = records.iter().map(|(_, record)| record.wins).sum::<f64>() / number;
    let spread = records.iter().map(|(_, record)| (record.wins - mean).powi(2)).sum::<f64>() / number;
    let weight = if spread > mean { mean / (spread - mean) } else { 1e6 };
    let share = |(_, record): &(Maybe<OwnerId>, SellerRecord)| (record.wins + weight * mean) / (1.0 + weight);
    let shares: Vec<f64> = records.iter().map(share).collect();
    let total: f64 = shares.iter().sum();
    shares.into_iter().map(|share| if total > 0.0 { share / total } else { 1.0 / number }).collect()
}

/// Makes the average size 1.
fn with_average_size(mut parts: Vec<OwnerPart>) -> Vec<OwnerPart> {
    let total: f64 = parts.iter().map(|part| part.share).sum();
    let size: f64 = parts.iter().map(|part| part.share * part.size).sum();
    for part in &mut parts {
        part.size *= if size > 0.0 { total / size } else { 1.0 };
    }
    parts
}

/// An owner's size: `value` of `priced` wins beside an `average` one, shrunk towards it.
fn size(value: f64, priced: f64, average: f64) -> f64 {
    let own = (value + PRIOR_WINS * average) / (priced + PRIOR_WINS);
    if average > 0.0 { own / average } else { 1.0 }
}

/// Every owner's part in the base currency: of what is in a currency that is worth something there (`in_base`).
pub(super) fn parts(
    deals: &[LearntDeal],
    owners: &Dictionary<OwnerId>,
    as_of: Day,
    in_base: impl Fn(CurrencyId) -> bool,
) -> Vec<OwnerPart> {
    let records = records(deals, owners, as_of);
    let priced: f64 = records.iter().map(|(_, record)| record.priced).sum();
    let average = records.iter().map(|(_, record)| record.value).sum::<f64>() / priced.max(1.0);
    let part = |((owner, record), share): (&(Maybe<OwnerId>, SellerRecord), f64)| OwnerPart {
        owner: *owner,
        share: share * record.share_in(&in_base),
        size: size(record.value, record.priced, average),
    };
    with_average_size(records.iter().zip(shares(&records)).map(part).collect())
}

/// The new business by currency, in the order of their names.
pub(super) fn by_currency(deals: &[LearntDeal], owners: &Dictionary<OwnerId>, as_of: Day) -> Vec<CurrencyBusiness> {
    let records = records(deals, owners, as_of);
    let shares = shares(&records);
    let recent = |record: &SellerRecord| {
        let recent = record.by_currency.iter().filter(|(_, of)| of.recent > 0.0);
        recent.map(|(currency, _)| *currency).collect::<Vec<_>>()
    };
    let currencies: BTreeSet<CurrencyId> = records.iter().flat_map(|(_, record)| recent(record)).collect();
    let business = |currency: CurrencyId| {
        let of = |record: &SellerRecord| record.by_currency.get(&currency).copied();
        let priced: f64 = records.iter().filter_map(|(_, record)| of(record)).map(|record| record.priced).sum();
        let value: f64 = records.iter().filter_map(|(_, record)| of(record)).map(|record| record.value).sum();
        let average = value / priced.max(1.0);
        let part = |((owner, record), share): (&(Maybe<OwnerId>, SellerRecord), &f64)| {
            let own = of(record).filter(|own| own.recent > 0.0)?;
            let share = share * record.share_in(|other| other == currency);
            Some(OwnerPart { owner: *owner, share, size: size(own.value, own.priced, average) })
        };
        let parts = with_average_size(records.iter().zip(&shares).filter_map(part).collect());
        CurrencyBusiness { currency, amounts: amounts_in(deals, currency, as_of), parts }
    };
    currencies.into_iter().map(business).collect()
}

/// What new deals are worth in the base currency: what deals won soon after their creation were, if there are enough.
pub(super) fn amounts(deals: &[LearntDeal], as_of: Day) -> Vec<Atom> {
    let won = |deal: &&LearntDeal| deal.is_won_since(as_of.plus(-MEMORY_DAYS));
    let quick = |deal: &&LearntDeal| deal.closed.get().is_some_and(|closed| closed.0 - deal.created <= QUICK_DAYS);
    let quick: Vec<f64> = deals.iter().filter(won).filter(quick).filter_map(|deal| deal.amount).collect();
    let enough = quick.len() >= FEWEST_QUICK;
    let values = if enough { quick } else { deals.iter().filter(won).filter_map(|deal| deal.amount).collect() };
    atoms(values, ATOMS)
}

/// The same in a currency as it is; where nothing was won in it of late, what its deals were worth.
fn amounts_in(deals: &[LearntDeal], currency: CurrencyId, as_of: Day) -> Vec<Atom> {
    let of_currency = deals.iter().filter(|deal| deal.currency == currency);
    let native: Vec<LearntDeal> = of_currency.map(|deal| LearntDeal { amount: deal.native, ..*deal }).collect();
    let won = amounts(&native, as_of);
    if !won.is_empty() {
        return won;
    }
    let recent = native.iter().filter(|deal| deal.is_recent(as_of));
    atoms(recent.filter_map(|deal| deal.amount).collect(), ATOMS)
}
