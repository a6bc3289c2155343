//! The leak hunter: columns of the deals table that know the outcome because they were filled after it.
//!
//! A column without history shows on every past day what stands there now. Five traces give a leak away: it is filled
//! only on closed deals; its values on closed deals never occur on open ones; it falls on the closing day or counts the
//! days up to it; it grows as deals grow old; it tells won from lost almost perfectly on its own. All are counted on
//! deals known before the as-of day, and only where enough deals speak, so that an honest strong column stays.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::day::Day;
use crate::domain::stage::StageKind;
use crate::features::FeatureContext;
use crate::features::columns::is_identifier;
use crate::features::read::{Coded, date_cells, log_amount, number_cells, parse_date, parse_number};
use crate::features::state::MISSING;
use crate::ingest::tables::Attribute;
use crate::snapshot::DealState;

/// Deals of each kind that must speak before a trace counts.
const MIN_DEALS: u64 = 30;

/// Most deals looked at; beyond it every n-th in the order of ids.
const MAX_DEALS: usize = 200_000;

/// Share of closed deals' values that may still occur on open ones in a disjoint column.
const MAX_OVERLAP: f64 = 0.05;

/// Share of closed deals dated on their closing day from which a date counts as set by the closing.
const MIN_ON_CLOSING_DAY: f64 = 0.5;

/// Days after the closing within which a date is set by it (an invoice, a hand-over).
const DAYS_AFTER_CLOSING: i32 = 14;

/// Different cycles that a column which counts the days to the closing must get right.
const MIN_CYCLES: usize = 5;

/// Rank correlation with the age, of closed and of open deals, from which a number counts something that adds up.
const MAX_GROWTH: f64 = 0.6;

/// AUC from which a single column is too good to be honest.
const MAX_AUC: f64 = 0.95;

/// Difference of fill between closed and open deals from which absence tells how far along a deal is.
const MAX_FILL_GAP: f64 = 0.1;

/// Quantile bins a numeric column is cut into, for closed and for open deals.
const BINS: usize = 20;

/// Folds of the level-rate AUC.
const FOLDS: usize = 5;

/// What the hunter found on a column.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Verdict {
    /// Why the column must not be used.
    pub leak: Option<String>,
    /// Why the absence of a value must not be used, though the values may.
    pub absence: Option<String>,
}

/// Findings by column.
pub(super) type Verdicts = BTreeMap<String, Verdict>;

/// Judges a column of the deals table, or one of the untracked `amount`, `expected_close_date`, `probability`,
/// `forecast_category`, `owner`, `currency`.
pub(super) fn judge(column: &str, context: &FeatureContext<'_>) -> Verdict {
    let step = context.snapshot.len().div_ceil(MAX_DEALS).max(1);
    let deals: Vec<DealState> = context.snapshot.iter().step_by(step).copied().collect();
    let (values, dates) = Values::read(column, &deals, context);
    let fill = Fill::of(&values, &deals);
    let leak = fill
        .only_on_closed()
        .or_else(|| on_closing_day(&dates, &deals))
        .or_else(|| counts_to_closing(&values, &deals))
        .or_else(|| if column == "expected_close_date" { None } else { grows_with_age(&values, &deals) })
        .or_else(|| disjoint(&values, &deals))
        .or_else(|| near_perfect(&values, &deals));
    Verdict { leak, absence: fill.gap() }
}

/// A column's values, one per deal.
enum Values {
    /// NaN where empty.
    Numbers(Vec<f64>),
    /// Positions of the levels.
    Levels(Vec<Option<usize>>),
}

impl Values {
    /// The values, and the dates among them.
    fn read(column: &str, deals: &[DealState], context: &FeatureContext<'_>) -> (Self, Vec<Option<Day>>) {
        let numbers = |read: &dyn Fn(&DealState) -> f64| Self::Numbers(deals.iter().map(read).collect());
        let since_creation = |dates: &[Option<Day>]| {
            let gap = |(deal, date): (&DealState, &Option<Day>)| match date {
                Some(date) => f64::from(date.0) - f64::from(deal.created.0),
                None => MISSING,
            };
            Self::Numbers(deals.iter().zip(dates).map(gap).collect())
        };
        match column {
            "amount" => (numbers(&|deal| log_amount(deal, context).unwrap_or(MISSING)), Vec::new()),
            "probability" => (numbers(&|deal| deal.probability.get().map_or(MISSING, f64::from)), Vec::new()),
            "expected_close_date" => {
                let dates: Vec<_> = deals.iter().map(|deal| deal.expected_close.get()).collect();
                (since_creation(&dates), dates)
            }
            _ if matches!(context.tables.deals.attribute(column), Some(Attribute::Numbers(_))) => {
                (Self::Numbers(number_cells(column, deals, context)), Vec::new())
            }
            _ => {
                let coded = Coded::read(column, deals, context);
                let levels: Vec<Option<usize>> = coded.cells.iter().map(|cell| cell.position()).collect();
                let mut seen: Vec<usize> = levels.iter().copied().flatten().collect();
                seen.sort_unstable();
                seen.dedup();
                let all = |test: &dyn Fn(&str) -> bool| {
                    !seen.is_empty() && seen.iter().all(|&at| coded.names.get(at).is_some_and(|name| test(name)))
                };
                if all(&|name| parse_number(name).is_some()) {
                    (Self::Numbers(number_cells(column, deals, context)), Vec::new())
                } else if all(&|name| parse_date(name).is_some()) {
                    let dates = date_cells(column, deals, context);
                    (since_creation(&dates), dates)
                } else {
                    (Self::Levels(levels), Vec::new())
                }
            }
        }
    }

    /// Numbers as levels of their own: a price that stands on every lost deal, among won ones of any price.
    fn exact(&self) -> Option<(Vec<usize>, usize)> {
        let Self::Numbers(values) = self else { return None };
        let mut levels: Vec<f64> = values.iter().copied().filter(|x| x.is_finite()).collect();
        levels.sort_unstable_by(f64::total_cmp);
        levels.dedup();
        let level = |x: &f64| if x.is_finite() { levels.partition_point(|level| level <= x) } else { 0 };
        Some((values.iter().map(level).collect(), levels.len() + 1))
    }

    fn are_identifiers(&self) -> bool {
        let Self::Numbers(values) = self else { return false };
        let mut sorted: Vec<f64> = values.iter().copied().filter(|x| x.is_finite()).collect();
        sorted.sort_unstable_by(f64::total_cmp);
        is_identifier(&sorted)
    }

    fn is_filled(&self, i: usize) -> bool {
        match self {
            Self::Numbers(values) => values[i].is_finite(),
            Self::Levels(levels) => levels[i].is_some(),
        }
    }

    /// Every deal's bin, 0 = empty, and the number of bins. Equal values share a bin. Numbers are cut at the quantiles
    /// of closed and of open deals, so that the few of one kind are not lumped together among the many of the other.
    fn bins(&self, deals: &[DealState]) -> (Vec<usize>, usize) {
        match self {
            Self::Numbers(values) => {
                let mut edges = edges(values, deals, |kind| kind == StageKind::Open);
                edges.extend(self::edges(values, deals, |kind| kind != StageKind::Open));
                edges.sort_unstable_by(f64::total_cmp);
                edges.dedup();
                let bin = |x: &f64| if x.is_finite() { edges.partition_point(|edge| edge <= x).max(1) } else { 0 };
                (values.iter().map(bin).collect(), edges.len() + 1)
            }
            Self::Levels(levels) => {
                let bins: Vec<usize> = levels.iter().map(|level| level.map_or(0, |at| at + 1)).collect();
                let count = bins.iter().max().map_or(1, |&most| most + 1);
                (bins, count)
            }
        }
    }
}

/// The quantiles of one kind of deals that bins begin at.
fn edges(values: &[f64], deals: &[DealState], wanted: impl Fn(StageKind) -> bool) -> Vec<f64> {
    let known = values.iter().zip(deals).filter(|(x, deal)| x.is_finite() && wanted(deal.kind));
    let mut sorted: Vec<f64> = known.map(|(&x, _)| x).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    (0..BINS).filter_map(|k| sorted.get(k * sorted.len() / BINS)).copied().collect()
}

/// How many closed and open deals there are, and how many of them have a value.
struct Fill {
    closed: u64,
    closed_filled: u64,
    open: u64,
    open_filled: u64,
}

impl Fill {
    fn of(values: &Values, deals: &[DealState]) -> Self {
        let mut fill = Self { closed: 0, closed_filled: 0, open: 0, open_filled: 0 };
        for (i, deal) in deals.iter().enumerate() {
            let (all, filled) = match deal.kind {
                StageKind::Open => (&mut fill.open, &mut fill.open_filled),
                StageKind::Won | StageKind::Lost => (&mut fill.closed, &mut fill.closed_filled),
            };
            *all += 1;
            *filled += u64::from(values.is_filled(i));
        }
        fill
    }

    fn shares(&self) -> Option<(f64, f64)> {
        let enough = self.closed >= MIN_DEALS && self.open >= MIN_DEALS;
        enough.then(|| (share(self.closed_filled, self.closed), share(self.open_filled, self.open)))
    }

    /// At least 5 % of closed deals have a value, open ones less than a twentieth as often, and chance would have
    /// filled ten of them.
    fn only_on_closed(&self) -> Option<String> {
        let (closed, open) = self.shares()?;
        let leak = closed >= 0.05 && open <= closed / 20.0 && closed * self.open as f64 >= 10.0;
        leak.then(|| {
            format!(
                "filled on {} of closed deals but {} of open ones: known only at close",
                percent(closed),
                percent(open)
            )
        })
    }

    fn gap(&self) -> Option<String> {
        let (closed, open) = self.shares()?;
        ((closed - open).abs() > MAX_FILL_GAP).then(|| {
            format!(
                "filled on {} of closed deals and {} of open ones: its absence would tell how far along a deal is today",
                percent(closed),
                percent(open)
            )
        })
    }
}

/// The day a deal that is closed now was closed on, if that is known.
fn closing_day(deal: &DealState) -> Option<Day> {
    deal.closed.get().filter(|_| deal.kind != StageKind::Open)
}

/// A date on the closing day, or in the days it sets off, is set by the closing.
fn on_closing_day(dates: &[Option<Day>], deals: &[DealState]) -> Option<String> {
    let dated = dates.iter().zip(deals).filter_map(|(date, deal)| Some(((*date)?, closing_day(deal)?)));
    let (mut filled, mut equal, mut after) = (0, 0, 0);
    for (date, closed) in dated {
        filled += 1;
        let later = date.0.saturating_sub(closed.0);
        equal += u64::from(later.abs() <= 1);
        after += u64::from((-1..=DAYS_AFTER_CLOSING).contains(&later));
    }
    let leaks = |count| filled >= MIN_DEALS && share(count, filled) >= MIN_ON_CLOSING_DAY;
    if leaks(equal) {
        Some(format!("falls on the closing day of {} of closed deals", percent(share(equal, filled))))
    } else if leaks(after) {
        let share = percent(share(after, filled));
        Some(format!("falls within {DAYS_AFTER_CLOSING} days after the closing of {share} of closed deals"))
    } else {
        None
    }
}

/// A number that counts the days from creation to the closing ("age", "days open") stands still from then on: on past
/// days it would say when the deal is going to close.
fn counts_to_closing(values: &Values, deals: &[DealState]) -> Option<String> {
    let Values::Numbers(numbers) = values else { return None };
    let known = numbers.iter().zip(deals).filter(|(x, _)| x.is_finite());
    let closed = known.filter_map(|(x, deal)| Some((x, deal, closing_day(deal)?)));
    let (mut filled, mut equal, mut cycles) = (0, 0, BTreeSet::new());
    for (&x, deal, closed) in closed {
        let cycle = closed.0.saturating_sub(deal.created.0);
        filled += 1;
        if (x - f64::from(cycle)).abs() <= 1.0 {
            equal += 1;
            cycles.insert(cycle);
        }
    }
    let leak = filled >= MIN_DEALS && share(equal, filled) >= MIN_ON_CLOSING_DAY && cycles.len() >= MIN_CYCLES;
    leak.then(|| format!("counts the days to the closing of {} of closed deals", percent(share(equal, filled))))
}

/// A number that adds up while a deal is open (mails sent, hours spent): on past days it would show the total of later
/// ones, and so how long the deal was going to take. Plans may be long for long deals, and are not asked.
fn grows_with_age(values: &Values, deals: &[DealState]) -> Option<String> {
    let Values::Numbers(numbers) = values else { return None };
    let growth = |open: bool| {
        let known = numbers.iter().zip(deals).filter(|(x, _)| x.is_finite());
        let of_kind = known.filter(|(_, deal)| (deal.kind == StageKind::Open) == open);
        let aged = of_kind.filter_map(|(&x, deal)| {
            let until = if open { deal.day } else { closing_day(deal)? };
            Some((x, f64::from(until.0 - deal.created.0)))
        });
        let (values, ages): (Vec<f64>, Vec<f64>) = aged.unzip();
        (values.len() as u64 >= MIN_DEALS).then(|| correlation(&ranks(&values), &ranks(&ages)))
    };
    let (closed, open) = (growth(false)?, growth(true)?);
    (closed >= MAX_GROWTH && open >= MAX_GROWTH).then(|| {
        format!(
            "grows with the age of deals (rank correlation {closed:.2} on closed, {open:.2} on open ones): what stands there \
             now did not stand there then"
        )
    })
}

/// Every value's place in the order, 0 = lowest; ties share their mean.
fn ranks(values: &[f64]) -> Vec<f64> {
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
fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let mean = |of: &[f64]| of.iter().sum::<f64>() / of.len().max(1) as f64;
    let (mean_a, mean_b) = (mean(a), mean(b));
    let sum = |of: &dyn Fn(f64, f64) -> f64| a.iter().zip(b).map(|(x, y)| of(x - mean_a, y - mean_b)).sum::<f64>();
    let scale = (sum(&|x, _| x * x) * sum(&|_, y| y * y)).sqrt();
    if scale > 0.0 { sum(&|x, y| x * y) / scale } else { 0.0 }
}

/// Total variation distance between closed and open deals, over levels or quantile bins. Levels of a handful of deals
/// prove nothing, so most deals must be in larger ones.
fn disjoint(values: &Values, deals: &[DealState]) -> Option<String> {
    const MIN_LEVEL: u64 = 5;
    if values.are_identifiers() {
        // Numbered in the order of creation: disjoint by time, and left out as an identifier.
        return None;
    }
    let (bins, count) = values.bins(deals);
    let mut counts = vec![[0_u64; 2]; count];
    for (&bin, deal) in bins.iter().zip(deals) {
        counts[bin][usize::from(deal.kind == StageKind::Open)] += 1;
    }
    let [closed, open] = counts[1..].iter().fold([0, 0], |sum, c| [sum[0] + c[0], sum[1] + c[1]]);
    let large: u64 = counts[1..].iter().map(|c| c[0] + c[1]).filter(|&level| level >= MIN_LEVEL).sum();
    if closed < MIN_DEALS || open < MIN_DEALS || share(large, closed + open) < 0.8 {
        return None;
    }
    let common: u128 = counts[1..]
        .iter()
        .map(|c| (u128::from(c[0]) * u128::from(open)).min(u128::from(c[1]) * u128::from(closed)))
        .sum();
    let overlap = common as f64 / (u128::from(closed) * u128::from(open)) as f64;
    let words = || format!("its values on closed deals hardly occur on open ones (overlap {})", percent(overlap));
    (overlap <= MAX_OVERLAP).then(words)
}

/// The AUC of the column alone between won and lost deals: of the number itself in either direction, and of level
/// (or bin) win rates learned on other deals.
fn near_perfect(values: &Values, deals: &[DealState]) -> Option<String> {
    let closed: Vec<usize> = (0..deals.len()).filter(|&i| deals[i].kind != StageKind::Open).collect();
    let won: Vec<bool> = closed.iter().map(|&i| deals[i].kind == StageKind::Won).collect();
    let ranked = |keep: &[(f64, bool)]| auc(keep).filter(|auc| *auc >= MAX_AUC);
    let number = match values {
        Values::Numbers(numbers) => {
            let filled: Vec<(f64, bool)> =
                closed.iter().zip(&won).map(|(&i, &won)| (numbers[i], won)).filter(|(x, _)| x.is_finite()).collect();
            let turned: Vec<(f64, bool)> = filled.iter().map(|&(x, won)| (-x, won)).collect();
            ranked(&filled).or_else(|| ranked(&turned))
        }
        Values::Levels(_) => None,
    };
    let rates = |(bins, count): (Vec<usize>, usize)| ranked(&level_rates(&bins, count, &closed, &won));
    let best = number.or_else(|| rates(values.bins(deals))).or_else(|| rates(values.exact()?))?;
    Some(format!("tells won from lost almost perfectly on its own (AUC {best:.2} on {} closed deals)", closed.len()))
}

/// Every closed deal's level win rate among the deals of the other folds, smoothed by two deals of the overall rate.
fn level_rates(bins: &[usize], count: usize, closed: &[usize], won: &[bool]) -> Vec<(f64, bool)> {
    let mut counts = vec![[[0_u32; 2]; FOLDS]; count];
    for (k, (&i, &won)) in closed.iter().zip(won).enumerate() {
        counts[bins[i]][k % FOLDS][usize::from(won)] += 1;
    }
    let overall = share(won.iter().filter(|&&won| won).count() as u64, won.len() as u64);
    let others = |bin: usize, fold: usize, side: usize| -> u32 {
        (0..FOLDS).filter(|&other| other != fold).map(|other| counts[bin][other][side]).sum()
    };
    let rate = |k: usize| {
        let (bin, fold) = (bins[closed[k]], k % FOLDS);
        let (lost, won) = (f64::from(others(bin, fold, 0)), f64::from(others(bin, fold, 1)));
        (won + 2.0 * overall) / (won + lost + 2.0)
    };
    (0..closed.len()).map(|k| (rate(k), won[k])).collect()
}

/// The share of (won, lost) pairs the number puts in order, ties half; `None` below 30 of either.
fn auc(pairs: &[(f64, bool)]) -> Option<f64> {
    let mut sorted = pairs.to_vec();
    sorted.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let (mut below, mut wins, mut halves) = (0_u64, 0_u64, 0_u128);
    for tied in sorted.chunk_by(|a, b| a.0 == b.0) {
        let won = tied.iter().filter(|pair| pair.1).count() as u64;
        let lost = tied.len() as u64 - won;
        halves += u128::from(won) * u128::from(2 * below + lost);
        (below, wins) = (below + lost, wins + won);
    }
    (wins >= MIN_DEALS && below >= MIN_DEALS).then(|| halves as f64 / (2 * u128::from(wins) * u128::from(below)) as f64)
}

fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

fn percent(share: f64) -> String {
    format!("{:.0} %", 100.0 * share)
}

#[cfg(test)]
mod tests;
