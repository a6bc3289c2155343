//! Does a number add up while a deal is open?

use crate::domain::stage::StageKind;
use crate::features::leak::closing_day::closing_day;
use crate::features::leak::fill::MIN_DEALS;
use crate::features::leak::values::Values;
use crate::snapshot::DealState;

/// Rank correlation with the age, of closed and of open deals, from which a number counts something that adds up.
const MAX_GROWTH: f64 = 0.6;

/// The same from which it grows at all.
const SOME_GROWTH: f64 = 0.2;

/// How far a number follows the age of deals, as a rank correlation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Growth {
    closed: f64,
    open: f64,
}

impl Growth {
    /// `None` for too few deals.
    pub fn of(values: &Values, deals: &[DealState]) -> Option<Self> {
        let Values::Numbers(numbers) = values else { return None };
        Some(Self { closed: growth_of_closed(numbers, deals)?, open: growth_of_open(numbers, deals)? })
    }

    pub fn is_some(self) -> bool {
        self.closed.min(self.open) >= SOME_GROWTH
    }

    /// A number that adds up while a deal is open (mails sent, hours spent): on past days it would show the total of later
    /// ones, and so how long the deal was going to take. Plans may be long for long deals, and are not asked.
    pub fn leak(self) -> Option<String> {
        let Self { closed, open } = self;
        (closed.min(open) >= MAX_GROWTH).then(|| {
            format!(
                "grows with the age of deals (rank correlation {closed:.2} on closed, {open:.2} on open ones): what stands \
                 there now did not stand there then"
            )
        })
    }
}

/// Rank correlation with the days from creation to closing; `None` for too few deals.
fn growth_of_closed(numbers: &[f64], deals: &[DealState]) -> Option<f64> {
    let closed = numbers.iter().zip(deals);
    growth(closed.filter_map(|(&x, deal)| Some((x, closing_day(deal)?.0 - deal.created.0))))
}

/// Rank correlation with the days since creation; `None` for too few deals.
fn growth_of_open(numbers: &[f64], deals: &[DealState]) -> Option<f64> {
    let open = numbers.iter().zip(deals).filter(|(_, deal)| deal.kind == StageKind::Open);
    growth(open.map(|(&x, deal)| (x, deal.day.0 - deal.created.0)))
}

fn growth(aged: impl Iterator<Item = (f64, i32)>) -> Option<f64> {
    let known = aged.filter(|(x, _)| x.is_finite());
    let (values, ages): (Vec<f64>, Vec<f64>) = known.map(|(x, age)| (x, f64::from(age))).unzip();
    (values.len() as u64 >= MIN_DEALS).then(|| correlation(&ranks(&values), &ranks(&ages)))
}

/// Every value's place in the order, 0 = lowest; ties share their mean.
pub(super) fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let (mut ranks, mut below) = (vec![0.0; values.len()], 0);
    for tied in order.chunk_by(|&a, &b| values[a] == values[b]) {
        tied.iter().for_each(|&i| ranks[i] = below as f64 + (tied.len() - 1) as f64 / 2.0);
        below += tied.len();
    }
    ranks
}

/// Pearson's; 0 where one of them does not vary.
pub(super) fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let (a, b) = (centred(a), centred(b));
    let scale = (dot(&a, &a) * dot(&b, &b)).sqrt();
    if scale > 0.0 { dot(&a, &b) / scale } else { 0.0 }
}

/// How far each value is from their mean.
fn centred(values: &[f64]) -> Vec<f64> {
    let mean = values.iter().sum::<f64>() / values.len().max(1) as f64;
    values.iter().map(|x| x - mean).collect()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}
