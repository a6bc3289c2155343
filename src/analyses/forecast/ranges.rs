//! What a period will end with: per row the expected new business, the range of the final sum, and the chance to reach
//! the quota.
//!
//! A team's range comes from the team's deals, never from adding its members' ranges. Rows in the base currency get one;
//! native rows only where everything is in that currency anyway.

use hashbrown::HashMap;
use rayon::prelude::*;

use crate::analyses::backtest::{PastEnd, before_stretch, stretched};
use crate::analyses::forecast::axes::ForecastAxes;
use crate::analyses::forecast::cells::SumCell;
use crate::analyses::forecast::chances::Chances;
use crate::analyses::forecast::final_sum::FinalSum;
use crate::analyses::forecast::open_deals::{OpenDeal, ScoredPeriod};
use crate::analyses::forecast::rows::{ForecastRow, RowBasis};
use crate::analyses::outlook::{Distribution, Ingredients, OpenProspect, Outlook};
use crate::books::hierarchy::{Level, Position};
use crate::domain::day::Day;
use crate::domain::period::{FiscalCalendar, Period};
use crate::domain::probability::logistic;
use crate::scoring::Scores;

/// One part of the new business, at its position.
#[derive(Clone, Copy, Debug)]
pub(super) struct PositionedPart {
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
}

/// What one open deal may bring in a period.
#[derive(Clone, Copy, Default)]
struct PeriodChance {
    /// Chance to be won in it.
    win: f64,
    /// What that is expected to bring, minor units of the base currency.
    expected: i64,
}

/// A period the scores cover, with what is known of its new business.
struct CoveredPeriod {
    period: Period,
    /// By open deal.
    chances: Vec<PeriodChance>,
    new_deals: f64,
    factor_sd: f64,
}

impl CoveredPeriod {
    fn of(input: &RangeInput<'_, '_>, scored: &ScoredPeriod) -> Self {
        let new = &input.outlook.new;
        Self {
            period: scored.period,
            chances: input.deals.par_iter().map(|deal| PeriodChance::of(input, deal, scored)).collect(),
            new_deals: new.deals(&scored.period, &input.calendar),
            factor_sd: new.factor_sd(&scored.period, &input.calendar),
        }
    }
}

impl PeriodChance {
    /// None without a score.
    fn of(input: &RangeInput<'_, '_>, deal: &OpenDeal, scored: &ScoredPeriod) -> Self {
        let Some(score) = deal.score else { return Self::default() };
        let chances = Chances::new(input.scores, score, Some(input.outlook));
        Self { win: chances.win_in(scored), expected: chances.expected(deal.base, scored) }
    }
}

/// The open deals and the new business under a node.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct NodeDeals {
    deals: Vec<u32>,
    parts: Vec<u32>,
}

/// Everything the sums are made from.
pub(super) struct Ranges<'a> {
    outlook: &'a Outlook,
    deals: Vec<OpenDeal>,
    parts: Vec<PositionedPart>,
    covered: Vec<CoveredPeriod>,
    /// By node.
    levels: Vec<Level>,
    under: Vec<NodeDeals>,
    same_currency: Option<u32>,
    calendar: FiscalCalendar,
    as_of: Day,
}

impl<'a> Ranges<'a> {
    pub fn new(input: RangeInput<'a, '_>) -> Self {
        let nodes = &input.axes.nodes;
        let covered = input.scored.par_iter().map(|scored| CoveredPeriod::of(&input, scored)).collect();
        let levels = (0..nodes.len() as u32).map(|node| nodes.level(node).unwrap_or(Level::Company)).collect();
        let under = under_nodes(&input);
        let RangeInput { outlook, scores, deals, parts, calendar, axes, .. } = input;
        let same_currency = axes.same_currency;
        Self { outlook, deals, parts, covered, levels, under, same_currency, calendar, as_of: scores.as_of }
    }

    /// Empty cells that make sure every node with open deals or new business has a row in every period covered.
    pub fn cells(&self, axes: &ForecastAxes<'_>, level: Level) -> Vec<SumCell> {
        let is_empty = |node: usize| self.under[node].deals.is_empty() && self.under[node].parts.is_empty();
        let nodes =
            (0..self.under.len()).filter(|&node| axes.nodes.level(node as u32) == Some(level) && !is_empty(node));
        let periods: Vec<u32> = self.covered.iter().filter_map(|covered| axes.period(&covered.period)).collect();
        let of_node = |node| periods.iter().flat_map(move |&period| SumCell::presences(node as u32, period, axes));
        nodes.flat_map(of_node).collect()
    }

    /// Fills the rows that can have one.
    pub fn fill(&self, rows: &mut [ForecastRow]) {
        let won: HashMap<(usize, Period), i64> = rows
            .iter()
            .filter(|row| row.basis == RowBasis::Base && row.won != 0)
            .map(|row| ((row.node, row.period), row.won))
            .collect();
        // A team and its manager often have the same deals, and then the same distribution.
        let mut alike: HashMap<&NodeDeals, Vec<&mut [ForecastRow]>> = HashMap::new();
        for rows in rows.chunk_by_mut(|a, b| a.node == b.node) {
            alike.entry(&self.under[rows[0].node]).or_default().push(rows);
        }
        alike.into_par_iter().for_each(|(under, of_nodes)| {
            let ends = self.ends(under);
            for rows in of_nodes {
                for i in 0..rows.len() {
                    let of_row =
                        |covered: &CoveredPeriod| rows[i].basis == RowBasis::Base && covered.period == rows[i].period;
                    let Some(at) = self.covered.iter().position(of_row) else { continue };
                    let sum = Box::new(self.final_sum(&rows[i], &self.covered[at], under, &ends[at], &won));
                    let native =
                        |row: &&mut ForecastRow| self.is_same_currency(row) && row.period == self.covered[at].period;
                    rows.iter_mut().filter(native).for_each(|row| row.final_sum = Some(sum.clone()));
                    rows[i].final_sum = Some(sum);
                }
            }
        });
    }

    /// Whether a native row shows what the base row shows.
    fn is_same_currency(&self, row: &ForecastRow) -> bool {
        row.basis == RowBasis::Native && self.same_currency.is_some_and(|currency| row.currency == currency as usize)
    }

    /// What may be won by what is under a node, for every period covered: nodes without deals differ in the rows they have.
    fn ends(&self, under: &NodeDeals) -> Vec<Distribution> {
        let NodeDeals { deals, parts } = under;
        let prospects: Vec<Vec<OpenProspect>> =
            self.covered.iter().map(|covered| self.prospects(deals, covered)).collect();
        let (mut share, mut size) = (0.0, 0.0);
        for part in parts.iter().map(|&i| &self.parts[i as usize]) {
            share += part.share;
            size += part.share * part.size;
        }
        let scale = if share > 0.0 { size / share } else { 1.0 };
        let mut new_amounts = self.outlook.new.amounts.clone();
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

    fn final_sum(
        &self,
        row: &ForecastRow,
        covered: &CoveredPeriod,
        under: &NodeDeals,
        distribution: &Distribution,
        won: &HashMap<(usize, Period), i64>,
    ) -> FinalSum {
        let before = self.calendar.shift(&row.period, -1);
        let last = (before.last < self.as_of).then(|| won.get(&(row.node, before)).copied().unwrap_or(0));
        let &Distribution { sd_by_chance: sd, moved_by_factor: moved, .. } = distribution;
        let stretch = self.outlook.spread.stretch(self.levels[row.node], sd, moved);
        let sum = |addition: f64| row.won + addition.round_ties_even() as i64;
        // Nothing is 0, never -0.
        let reaches = |minor: i64| distribution.reaches(minor as f64) + 0.0;
        let missing = row.target().map(|target| target - row.won);
        let hits_quota = missing.map(|gap| if gap <= 0 { 1.0 } else { reaches(gap) });
        let beats_last = last.map(|last| reaches(last + 1 - row.won));
        FinalSum {
            expected_from_new: self.expected_from_new(&under.parts, covered),
            quantiles: distribution.quantiles([0.1, 0.5, 0.9].map(|p| before_stretch(p, stretch))).map(sum),
            hits_quota: hits_quota.map(|chance| stretched(chance, stretch)),
            beats_last: beats_last.map(|chance| stretched(chance, stretch)),
            deals_to_close: missing.and_then(|gap| deals_to_close(&under.deals, covered, gap)),
            unstretched: PastEnd {
                sd,
                moved,
                quantiles: distribution.quantiles(PastEnd::LOG_ODDS.map(logistic)).map(sum),
                hits_quota,
            },
        }
    }

    fn prospects(&self, deals: &[u32], covered: &CoveredPeriod) -> Vec<OpenProspect> {
        let prospect = |&i: &u32| OpenProspect {
            amount: self.deals[i as usize].base as f64,
            chance: covered.chances[i as usize].win,
        };
        deals.iter().map(prospect).collect()
    }

    /// Rounded owner by owner, so that owners add up to their team.
    fn expected_from_new(&self, parts: &[u32], covered: &CoveredPeriod) -> i64 {
        let average: f64 = self.outlook.new.amounts.iter().map(|atom| atom.value * atom.share).sum();
        let of_part = |&i: &u32| {
            let PositionedPart { share, size, .. } = self.parts[i as usize];
            (covered.new_deals * share * size * average).round_ties_even() as i64
        };
        parts.iter().map(of_part).sum()
    }
}

/// By node the deals and the new business that are its own.
fn under_nodes(input: &RangeInput<'_, '_>) -> Vec<NodeDeals> {
    let nodes = &input.axes.nodes;
    let of_position = |position: &Position<'_>| -> Vec<u32> {
        Level::ALL.into_iter().flat_map(|level| nodes.numbers(position, level)).collect()
    };
    let nodes_of_positions: Vec<Vec<u32>> = input.positions.iter().map(of_position).collect();
    let mut under = vec![NodeDeals::default(); nodes.len()];
    for (i, deal) in input.deals.iter().enumerate().filter(|(_, deal)| deal.score.is_some()) {
        nodes_of_positions[deal.position as usize].iter().for_each(|&node| under[node as usize].deals.push(i as u32));
    }
    for (i, part) in input.parts.iter().enumerate() {
        nodes_of_positions[part.position as usize].iter().for_each(|&node| under[node as usize].parts.push(i as u32));
    }
    under
}

/// How many of a node's open deals, the most expected first, cover `gap`; none where all of them do not.
fn deals_to_close(deals: &[u32], covered: &CoveredPeriod, gap: i64) -> Option<u32> {
    let mut wins: Vec<i64> =
        deals.iter().map(|&i| covered.chances[i as usize].expected).filter(|win| *win > 0).collect();
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
