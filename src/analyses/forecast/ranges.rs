//! What a period will end with: per row the expected new business, the range of the final sum, and the chance to reach
//! the quota.
//!
//! A team's range comes from the team's deals, never from adding its members' ranges. Rows in the base currency have that
//! of all deals, native rows that of the deals in their currency.

use std::collections::BTreeMap;

use hashbrown::HashMap;
use rayon::prelude::*;

use crate::analyses::backtest::{PastEnd, before_stretch, stretched};
use crate::analyses::forecast::axes::ForecastAxes;
use crate::analyses::forecast::cells::SumCell;
use crate::analyses::forecast::chances::Chances;
use crate::analyses::forecast::final_sum::FinalSum;
use crate::analyses::forecast::open_deals::{OpenDeal, ScoredPeriod};
use crate::analyses::forecast::row_money::RowMoney;
use crate::analyses::forecast::rows::{ForecastRow, RowBasis};
use crate::analyses::outlook::{Atom, Distribution, Ingredients, OpenProspect, Outlook};
use crate::books::hierarchy::{Level, Position};
use crate::domain::ids::CurrencyId;
use crate::domain::period::{FiscalCalendar, Period};
use crate::domain::probability::logistic;
use crate::scoring::Scores;

/// Bounds of the standard deviation of the factor that all deals of a period share.
const LEAST_FACTOR: f64 = 0.05;
const MOST_FACTOR: f64 = 0.6;

/// One part of the new business, at its position.
#[derive(Clone, Copy, Debug)]
pub(super) struct PositionedPart {
    pub money: RowMoney,
    pub position: u32,
    pub share: f64,
    pub size: f64,
}

/// What ranges are made from.
pub(super) struct RangeInput<'r, 'n> {
    pub outlook: &'r Outlook,
    pub scores: &'r Scores,
    pub deals: Vec<OpenDeal>,
    pub parts: Vec<PositionedPart>,
    pub scored: &'r [ScoredPeriod],
    pub axes: &'r ForecastAxes<'n>,
    pub positions: &'r [Position<'n>],
    pub calendar: FiscalCalendar,
    /// Whether there are rows in the base currency.
    pub has_base: bool,
}

/// A period the scores cover, with what is known of its new business.
struct CoveredPeriod {
    scored: ScoredPeriod,
    /// Of every open deal, to be won in it.
    chances: Vec<f64>,
    new_deals: f64,
    factor_sd: f64,
}

impl CoveredPeriod {
    fn of(input: &RangeInput<'_, '_>, scored: &ScoredPeriod) -> Self {
        let new = &input.outlook.new;
        let win = |deal: &OpenDeal| {
            // None without a score.
            deal.score.map_or(0.0, |score| Chances::new(input.scores, score, Some(input.outlook)).win_in(scored))
        };
        let chances: Vec<f64> = input.deals.par_iter().map(win).collect();
        let new_deals = new.deals(&scored.period, &input.calendar);
        let of_new = new.factor_sd(&scored.period, &input.calendar);
        let of_open = input.outlook.pace.sd(scored.period.last).unwrap_or(of_new);
        let open_deals: f64 = chances.iter().sum();
        // Both move with one factor: as far as they do together.
        let all = open_deals + new_deals;
        let factor_sd = if all > 0.0 { (open_deals * of_open + new_deals * of_new) / all } else { of_new };
        Self { scored: *scored, chances, new_deals, factor_sd: factor_sd.clamp(LEAST_FACTOR, MOST_FACTOR) }
    }
}

/// The open deals and the new business under a node.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct NodeDeals {
    deals: Vec<u32>,
    parts: Vec<u32>,
}

/// Rows of one distribution.
type RowsAlike<'r, 'u> = HashMap<(RowMoney, &'u NodeDeals), Vec<&'r mut ForecastRow>>;

/// Everything the sums are made from.
pub(super) struct Ranges<'a> {
    outlook: &'a Outlook,
    scores: &'a Scores,
    deals: Vec<OpenDeal>,
    parts: Vec<PositionedPart>,
    covered: Vec<CoveredPeriod>,
    /// By node.
    levels: Vec<Level>,
    /// By node and money. Where every amount is in the base currency native rows have none: they show what base rows show.
    under: BTreeMap<(u32, RowMoney), NodeDeals>,
    /// Whether native rows show what base rows show.
    is_one_currency: bool,
    /// By position among the currencies of the rows.
    currencies: Vec<CurrencyId>,
    calendar: FiscalCalendar,
}

impl<'a> Ranges<'a> {
    pub fn new(input: RangeInput<'a, '_>) -> Self {
        let nodes = &input.axes.nodes;
        let covered = input.scored.par_iter().map(|scored| CoveredPeriod::of(&input, scored)).collect();
        let levels = (0..nodes.len() as u32).map(|node| nodes.level(node).unwrap_or(Level::Company)).collect();
        let under = under_nodes(&input);
        let RangeInput { outlook, scores, deals, parts, calendar, axes, .. } = input;
        let (is_one_currency, currencies) = (axes.same_currency.is_some(), axes.currencies.ids());
        Self { outlook, scores, deals, parts, covered, levels, under, is_one_currency, currencies, calendar }
    }

    /// Empty cells that make sure every node with open deals or new business has a row in every period covered.
    pub fn cells(&self, axes: &ForecastAxes<'_>, level: Level) -> Vec<SumCell> {
        let periods: Vec<u32> = self.covered.iter().filter_map(|covered| axes.period(&covered.scored.period)).collect();
        let mut cells = Vec::new();
        for &(node, money) in self.under.keys().filter(|(node, _)| axes.nodes.level(*node) == Some(level)) {
            for &period in &periods {
                match money {
                    RowMoney::Base => cells.extend(SumCell::presences(node, period, axes)),
                    RowMoney::Native(currency) => {
                        let base = SumCell::presence(node, period, axes);
                        let currency = axes.currencies.rank(currency);
                        cells.push(SumCell { basis: RowBasis::Native, currency, ..base });
                    }
                }
            }
        }
        cells
    }

    /// Fills the rows that can have one.
    pub fn fill(&self, rows: &mut [ForecastRow]) {
        let won: WonByRow =
            rows.iter().filter(|row| row.won != 0).map(|row| (won_key(row, row.period), row.won)).collect();
        let nothing = NodeDeals::default();
        // A team and its manager often have the same deals, and then the same distribution.
        let mut alike: RowsAlike<'_, '_> = HashMap::new();
        for row in rows.iter_mut().filter(|row| self.covering(row).is_some()) {
            let Some(money) = self.money(row) else { continue };
            let under = self.under.get(&(row.node as u32, money)).unwrap_or(&nothing);
            alike.entry((money, under)).or_default().push(row);
        }
        alike.into_par_iter().for_each(|((money, under), rows)| {
            let ends = self.ends(money, under);
            for row in rows {
                if let Some(at) = self.covering(row) {
                    row.final_sum =
                        Some(Box::new(self.final_sum(row, money, &self.covered[at], under, &ends[at], &won)));
                }
            }
        });
        if self.is_one_currency {
            copy_to_native(rows);
        }
    }

    /// The covered period a row is about.
    fn covering(&self, row: &ForecastRow) -> Option<usize> {
        self.covered.iter().position(|covered| covered.scored.period == row.period)
    }

    /// What a row's range is made from; none of its own where native rows show what base rows show.
    fn money(&self, row: &ForecastRow) -> Option<RowMoney> {
        match row.basis {
            RowBasis::Base => Some(RowMoney::Base),
            RowBasis::Native if self.is_one_currency => None,
            RowBasis::Native => self.currencies.get(row.currency).map(|&currency| RowMoney::Native(currency)),
        }
    }

    /// What may be won by what is under a node, for every period covered: nodes without deals differ in the rows they have.
    fn ends(&self, money: RowMoney, under: &NodeDeals) -> Vec<Distribution> {
        let NodeDeals { deals, parts } = under;
        let prospects: Vec<Vec<OpenProspect>> =
            self.covered.iter().map(|covered| self.prospects(money, deals, covered)).collect();
        let (mut share, mut size) = (0.0, 0.0);
        for part in parts.iter().map(|&i| &self.parts[i as usize]) {
            share += part.share;
            size += part.share * part.size;
        }
        let scale = if share > 0.0 { size / share } else { 1.0 };
        let mut new_amounts = self.new_amounts(money).to_vec();
        new_amounts.iter_mut().for_each(|atom| atom.value *= scale);
        let ingredients: Vec<Ingredients<'_>> = self
            .covered
            .iter()
            .zip(&prospects)
            .map(|(covered, deals)| Ingredients {
                deals,
                changes: &self.outlook.changes,
                new_deals: covered.new_deals * share,
                new_amounts: &new_amounts,
                factor_sd: covered.factor_sd,
            })
            .collect();
        Distribution::of_periods(&ingredients)
    }

    /// What new deals are worth.
    fn new_amounts(&self, money: RowMoney) -> &[Atom] {
        let new = &self.outlook.new;
        match money {
            RowMoney::Base => &new.amounts,
            RowMoney::Native(currency) => {
                let of_currency = new.by_currency.iter().find(|business| business.currency == currency);
                of_currency.map_or(&[], |business| &business.amounts)
            }
        }
    }

    /// What a deal is worth.
    fn amount(&self, money: RowMoney, deal: u32) -> i64 {
        let deal = &self.deals[deal as usize];
        if money == RowMoney::Base { deal.base } else { deal.native }
    }

    fn final_sum(
        &self,
        row: &ForecastRow,
        money: RowMoney,
        covered: &CoveredPeriod,
        under: &NodeDeals,
        distribution: &Distribution,
        won: &WonByRow,
    ) -> FinalSum {
        let before = self.calendar.shift(&row.period, -1);
        let is_over = before.last < self.scores.as_of;
        let last = is_over.then(|| won.get(&won_key(row, before)).copied().unwrap_or(0));
        let &Distribution { sd_by_chance: sd, moved_by_factor: moved, .. } = distribution;
        let stretch = self.outlook.spread.stretch(self.levels[row.node], sd, moved);
        let sum = |addition: f64| row.won + addition.round_ties_even() as i64;
        // Nothing is 0, never -0.
        let reaches = |minor: i64| distribution.reaches(minor as f64) + 0.0;
        let missing = row.target().map(|target| target - row.won);
        let hits_quota = missing.map(|gap| if gap <= 0 { 1.0 } else { reaches(gap) });
        let beats_last = last.map(|last| reaches(last + 1 - row.won));
        FinalSum {
            expected_from_new: self.expected_from_new(money, &under.parts, covered),
            quantiles: distribution.quantiles([0.1, 0.5, 0.9].map(|p| before_stretch(p, stretch))).map(sum),
            hits_quota: hits_quota.map(|chance| stretched(chance, stretch)),
            beats_last: beats_last.map(|chance| stretched(chance, stretch)),
            deals_to_close: missing.and_then(|gap| self.deals_to_close(money, &under.deals, covered, gap)),
            unstretched: PastEnd {
                sd,
                moved,
                quantiles: distribution.quantiles(PastEnd::LOG_ODDS.map(logistic)).map(sum),
                hits_quota,
            },
        }
    }

    fn prospects(&self, money: RowMoney, deals: &[u32], covered: &CoveredPeriod) -> Vec<OpenProspect> {
        let prospect =
            |&i: &u32| OpenProspect { amount: self.amount(money, i) as f64, chance: covered.chances[i as usize] };
        deals.iter().map(prospect).collect()
    }

    /// Rounded owner by owner, so that owners add up to their team.
    fn expected_from_new(&self, money: RowMoney, parts: &[u32], covered: &CoveredPeriod) -> i64 {
        let average: f64 = self.new_amounts(money).iter().map(|atom| atom.value * atom.share).sum();
        let of_part = |&i: &u32| {
            let PositionedPart { share, size, .. } = self.parts[i as usize];
            (covered.new_deals * share * size * average).round_ties_even() as i64
        };
        parts.iter().map(of_part).sum()
    }

    /// How many of a node's open deals, the most expected first, cover `gap`; none where all of them do not.
    fn deals_to_close(&self, money: RowMoney, deals: &[u32], covered: &CoveredPeriod, gap: i64) -> Option<u32> {
        let expected = |&i: &u32| {
            let chances = Chances::new(self.scores, self.deals[i as usize].score?, Some(self.outlook));
            Some(chances.expected(self.amount(money, i), &covered.scored)).filter(|win| *win > 0)
        };
        let mut wins: Vec<i64> = deals.iter().filter_map(expected).collect();
        wins.sort_unstable_by(|a, b| b.cmp(a));
        let (mut left, mut count) = (gap, 0);
        for win in wins {
            if left <= 0 {
                break;
            }
            left -= win;
            count += 1;
        }
        (left <= 0).then_some(count)
    }
}

/// What was won in every row.
type WonByRow = HashMap<(usize, RowBasis, usize, Period), i64>;

/// The row like `row`, in another period.
fn won_key(row: &ForecastRow, period: Period) -> (usize, RowBasis, usize, Period) {
    (row.node, row.basis, row.currency, period)
}

/// Gives native rows the range of the base row, which stands before them.
fn copy_to_native(rows: &mut [ForecastRow]) {
    for of_period in rows.chunk_by_mut(|a, b| (a.node, a.period) == (b.node, b.period)) {
        if let [base, native @ ..] = of_period {
            native.iter_mut().for_each(|row| row.final_sum.clone_from(&base.final_sum));
        }
    }
}

/// By node and money the deals and the new business that are its own.
fn under_nodes(input: &RangeInput<'_, '_>) -> BTreeMap<(u32, RowMoney), NodeDeals> {
    let nodes = &input.axes.nodes;
    let of_position = |position: &Position<'_>| -> Vec<u32> {
        Level::ALL.into_iter().flat_map(|level| nodes.numbers(position, level)).collect()
    };
    let nodes_of_positions: Vec<Vec<u32>> = input.positions.iter().map(of_position).collect();
    let base = input.has_base.then_some(RowMoney::Base);
    let is_native = input.axes.same_currency.is_none();
    let mut under: BTreeMap<(u32, RowMoney), NodeDeals> = BTreeMap::new();
    for (i, deal) in input.deals.iter().enumerate().filter(|(_, deal)| deal.score.is_some()) {
        let base = base.filter(|_| deal.rated);
        let native = is_native.then_some(RowMoney::Native(deal.currency));
        for &node in &nodes_of_positions[deal.position as usize] {
            for money in base.into_iter().chain(native) {
                under.entry((node, money)).or_default().deals.push(i as u32);
            }
        }
    }
    for (i, part) in input.parts.iter().enumerate() {
        for &node in &nodes_of_positions[part.position as usize] {
            under.entry((node, part.money)).or_default().parts.push(i as u32);
        }
    }
    under
}
