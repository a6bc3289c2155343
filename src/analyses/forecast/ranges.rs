//! What a period will end with: per row the expected new business, the range of the final sum, and the chance to reach
//! the quota.
//!
//! A team's range comes from the team's deals, never from adding its members' ranges. Rows in the base currency get one;
//! native rows only where everything is in that currency anyway.

use hashbrown::HashMap;
use rayon::prelude::*;

use crate::analyses::backtest::{PastEnd, before_stretch, stretched};
use crate::analyses::forecast::axes::Axes;
use crate::analyses::forecast::cells::Cell;
use crate::analyses::forecast::facts::{Chances, Measure, OpenDeal, ScoredPeriod};
use crate::analyses::forecast::{BaseRows, Basis, ForecastRow};
use crate::analyses::outlook::{Distribution, Ingredients, Outlook, Prospect};
use crate::books::hierarchy::{Level, Position};
use crate::domain::day::Day;
use crate::domain::period::{FiscalCalendar, Period};
use crate::domain::probability::logistic;
use crate::scoring::Scores;

/// One part of the new business, at its position.
#[derive(Clone, Copy, Debug)]
pub(super) struct NewPart {
    pub position: u32,
    pub share: f64,
    pub size: f64,
}

/// What the final sum of a row may be. Money in minor units.
#[derive(Clone, Debug, PartialEq)]
pub struct FinalSum {
    /// Expected from deals that do not exist yet.
    pub expected_from_new: i64,
    /// The final sum is below it with a chance of 10, 50 and 90 %.
    pub quantiles: [i64; 3],
    /// Chance that the quota is reached.
    pub hits_quota: Option<f64>,
    /// Chance that more is won than in the period before, where that is over.
    pub beats_last: Option<f64>,
    /// The fewest open deals whose expected wins cover what is missing to the quota; none where all do not.
    pub deals_to_close: Option<u32>,
    /// The distribution itself, before it was stretched by what past forecasts tell.
    pub unstretched: PastEnd,
}

impl FinalSum {
    /// The low end of the 80 % range.
    #[must_use]
    pub fn p10(&self) -> i64 {
        self.quantiles[0]
    }

    /// The median.
    #[must_use]
    pub fn p50(&self) -> i64 {
        self.quantiles[1]
    }

    /// The high end of the 80 % range.
    #[must_use]
    pub fn p90(&self) -> i64 {
        self.quantiles[2]
    }
}

/// A period with what is known of its new business.
struct Told {
    period: Period,
    /// By open deal: the chance to be won in it, and what that is expected to bring.
    chances: Vec<(f64, i64)>,
    new_deals: f64,
    factor_sd: f64,
}

/// The open deals and the new business under a node.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Under {
    deals: Vec<u32>,
    parts: Vec<u32>,
}

/// Everything the sums are made from.
pub(super) struct Ranges<'a> {
    outlook: &'a Outlook,
    deals: Vec<OpenDeal>,
    parts: Vec<NewPart>,
    told: Vec<Told>,
    /// By node.
    levels: Vec<Level>,
    under: Vec<Under>,
    base_rows: BaseRows,
    calendar: FiscalCalendar,
    as_of: Day,
}

impl<'a> Ranges<'a> {
    #[expect(clippy::too_many_arguments, reason = "one call, every one another thing")]
    pub fn new<'n>(
        outlook: &'a Outlook,
        scores: &'a Scores,
        deals: Vec<OpenDeal>,
        parts: Vec<NewPart>,
        scored: &[ScoredPeriod],
        (axes, positions): (&Axes<'n>, &[Position<'n>]),
        base_rows: BaseRows,
        calendar: FiscalCalendar,
    ) -> Self {
        let mut under = vec![Under::default(); axes.node_count()];
        let nodes = |position: u32| {
            let position = &positions[position as usize];
            let of_level = |level: Level| position.nodes(level).iter().filter_map(move |key| axes.node((level, key)));
            Level::ALL.into_iter().flat_map(of_level).collect::<Vec<u32>>()
        };
        let nodes_of_positions: Vec<Vec<u32>> = (0..positions.len() as u32).map(nodes).collect();
        for (i, deal) in deals.iter().enumerate().filter(|(_, deal)| deal.score.is_some()) {
            nodes_of_positions[deal.position as usize]
                .iter()
                .for_each(|&node| under[node as usize].deals.push(i as u32));
        }
        for (i, part) in parts.iter().enumerate() {
            nodes_of_positions[part.position as usize]
                .iter()
                .for_each(|&node| under[node as usize].parts.push(i as u32));
        }
        let told = |scored: &ScoredPeriod| {
            let chance = |deal: &OpenDeal| {
                let chances = deal.score.map(|score| Chances::new(scores, score, Some(outlook)));
                chances.map_or((0.0, 0), |chances| (chances.win_in(scored), chances.expected(deal.base, scored)))
            };
            Told {
                period: scored.period,
                chances: deals.par_iter().map(chance).collect(),
                new_deals: outlook.new.deals(&scored.period, &calendar),
                factor_sd: outlook.new.factor_sd(&scored.period, &calendar),
            }
        };
        let told = scored.par_iter().map(told).collect();
        let levels = (0..axes.node_count() as u32).map(|node| axes.level(node).unwrap_or(Level::Company)).collect();
        Self { outlook, deals, parts, told, levels, under, base_rows, calendar, as_of: scores.as_of }
    }

    /// Empty cells that make sure every node with open deals or new business has a row in every period told.
    pub fn cells(&self, axes: &Axes<'_>, level: Level) -> Vec<Cell> {
        let nodes = (0..self.under.len()).filter(|&node| {
            axes.level(node as u32) == Some(level)
                && !(self.under[node].deals.is_empty() && self.under[node].parts.is_empty())
        });
        let periods: Vec<u32> = self.told.iter().filter_map(|told| axes.period(&told.period)).collect();
        let cell = |node: usize, period: u32| Cell {
            node: node as u32,
            period,
            basis: Basis::Base,
            currency: axes.base_currency(),
            measure: Measure::Presence as u32,
            amount: 0,
            count: 0,
        };
        nodes.flat_map(|node| periods.iter().map(move |&period| cell(node, period))).collect()
    }

    /// Fills the rows that can have one.
    pub fn fill(&self, rows: &mut [ForecastRow]) {
        let won: HashMap<(usize, Period), i64> = rows
            .iter()
            .filter(|row| row.basis == Basis::Base && row.won != 0)
            .map(|row| ((row.node, row.period), row.won))
            .collect();
        let same = self.base_rows == BaseRows::SameCurrency;
        // A team and its manager often have the same deals, and then the same distribution.
        let mut alike: HashMap<&Under, Vec<&mut [ForecastRow]>> = HashMap::new();
        for rows in rows.chunk_by_mut(|a, b| a.node == b.node) {
            alike.entry(&self.under[rows[0].node]).or_default().push(rows);
        }
        alike.into_par_iter().for_each(|(under, of_nodes)| {
            let ends = self.ends(under);
            for rows in of_nodes {
                for i in 0..rows.len() {
                    let of_row = |told: &Told| rows[i].basis == Basis::Base && told.period == rows[i].period;
                    let Some(at) = self.told.iter().position(of_row) else { continue };
                    let sum = Box::new(self.final_sum(&rows[i], &self.told[at], under, &ends[at], &won));
                    let native = |row: &&mut ForecastRow| same && row.period == self.told[at].period;
                    rows.iter_mut().filter(native).for_each(|row| row.final_sum = Some(sum.clone()));
                    rows[i].final_sum = Some(sum);
                }
            }
        });
    }

    /// What may be won by what is under a node, for every period told: nodes without deals differ in the rows they have.
    fn ends(&self, Under { deals, parts }: &Under) -> Vec<Distribution> {
        let prospects: Vec<Vec<Prospect>> = self.told.iter().map(|told| self.prospects(deals, told)).collect();
        let (mut share, mut size) = (0.0, 0.0);
        for part in parts.iter().map(|&i| &self.parts[i as usize]) {
            share += part.share;
            size += part.share * part.size;
        }
        let scale = if share > 0.0 { size / share } else { 1.0 };
        let mut new_amounts = self.outlook.new.amounts.clone();
        new_amounts.iter_mut().for_each(|atom| atom.value *= scale);
        let ingredients: Vec<Ingredients<'_>> = self
            .told
            .iter()
            .zip(&prospects)
            .map(|(told, deals)| Ingredients {
                deals,
                changes: &self.outlook.changes,
                new_deals: told.new_deals * share,
                new_amounts: &new_amounts,
                factor_sd: told.factor_sd,
            })
            .collect();
        Distribution::of_periods(&ingredients)
    }

    fn final_sum(
        &self,
        row: &ForecastRow,
        told: &Told,
        under: &Under,
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
        let hits_quota = row.gap().map(|gap| if gap <= 0 { 1.0 } else { reaches(gap) });
        let beats_last = last.map(|last| reaches(last + 1 - row.won));
        FinalSum {
            expected_from_new: self.expected_from_new(&under.parts, told),
            quantiles: distribution.quantiles([0.1, 0.5, 0.9].map(|p| before_stretch(p, stretch))).map(sum),
            hits_quota: hits_quota.map(|chance| stretched(chance, stretch)),
            beats_last: beats_last.map(|chance| stretched(chance, stretch)),
            deals_to_close: row.gap().and_then(|gap| deals_to_close(&under.deals, told, gap)),
            unstretched: PastEnd {
                sd,
                moved,
                quantiles: distribution.quantiles(PastEnd::LOG_ODDS.map(logistic)).map(sum),
                hits_quota,
            },
        }
    }

    fn prospects(&self, deals: &[u32], told: &Told) -> Vec<Prospect> {
        let prospect =
            |&i: &u32| Prospect { amount: self.deals[i as usize].base as f64, chance: told.chances[i as usize].0 };
        deals.iter().map(prospect).collect()
    }

    /// Rounded owner by owner, so that owners add up to their team.
    fn expected_from_new(&self, parts: &[u32], told: &Told) -> i64 {
        let average: f64 = self.outlook.new.amounts.iter().map(|atom| atom.value * atom.share).sum();
        let of_part = |&i: &u32| {
            let NewPart { share, size, .. } = self.parts[i as usize];
            (told.new_deals * share * size * average).round_ties_even() as i64
        };
        parts.iter().map(of_part).sum()
    }
}

/// How many of a node's open deals, the most expected first, cover `gap`; none where all of them do not.
fn deals_to_close(deals: &[u32], told: &Told, gap: i64) -> Option<u32> {
    let mut wins: Vec<i64> = deals.iter().map(|&i| told.chances[i as usize].1).filter(|win| *win > 0).collect();
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
