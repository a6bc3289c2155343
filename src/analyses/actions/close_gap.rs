//! Which deals close the gap of a node that is expected to miss its quota?

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::analyses::actions::draft::Draft;
use crate::analyses::actions::findings::{GapWords, close_gap};
use crate::analyses::actions::input::ActionsInput;
use crate::analyses::actions::money::{ActionDeal, expected};
use crate::analyses::actions::rows::{ActionKind, ActionNode, Worth};
use crate::analyses::forecast::{DealMoney, ForecastRow, RowBasis};
use crate::books::currency_axis::RowCurrency;
use crate::books::hierarchy::{Level, Position};
use crate::books::node_axis::NamedNode;
use crate::domain::period::Period;
use crate::domain::stage::ForecastCategory;

/// A node with a quota, in a currency its deals count in.
#[derive(Clone, Copy)]
struct QuotaNode<'a> {
    row: &'a ForecastRow,
    node: &'a NamedNode,
    currency: &'a RowCurrency,
}

/// The nodes with a quota in the running period, by level, node and currency.
pub(super) struct GapsToClose<'a> {
    period: Period,
    period_index: usize,
    basis: RowBasis,
    nodes: BTreeMap<(Level, &'a str, &'a str), QuotaNode<'a>>,
}

/// A deal that could be won in the period, and what its win adds to what is expected.
struct Candidate<'d, 'a> {
    deal: &'d ActionDeal<'a>,
    chance: f64,
    worth: Worth,
    /// In the money of the node.
    adds: i64,
}

impl<'a> GapsToClose<'a> {
    /// None where the scores say nothing of the running period.
    pub fn of(input: &ActionsInput<'a>, money: &DealMoney) -> Option<Self> {
        let period = input.calendar.period_of(input.config.calendar.score_period, input.snapshot.as_of);
        let period_index = input.scores?.periods.iter().position(|scored| *scored == period)?;
        let basis = if money.base.is_some() { RowBasis::Base } else { RowBasis::Native };
        let of_period = input.forecast.rows.iter().filter(|row| row.period == period && row.basis == basis);
        let nodes = of_period.filter(|row| row.target().is_some()).filter_map(|row| {
            let (node, currency) = (input.forecast.nodes.get(row.node)?, input.forecast.currencies.get(row.currency)?);
            Some(((node.level, node.key.as_str(), currency.code.as_str()), QuotaNode { row, node, currency }))
        });
        Some(Self { period, period_index, basis, nodes: nodes.collect() })
    }

    /// The lowest node of `position` with a quota, where it is expected to miss it.
    fn node_of(&self, position: &Position<'_>, currency: &str) -> Option<QuotaNode<'a>> {
        let nodes =
            Level::ALL.into_iter().flat_map(|level| position.nodes(level).iter().map(move |node| (level, *node)));
        let lowest = nodes.filter_map(|(level, node)| self.nodes.get(&(level, node, currency))).next();
        lowest.filter(|of| of.row.expected_gap().is_some_and(|gap| gap > 0)).copied()
    }

    fn candidate<'d>(&self, deal: &'d ActionDeal<'a>, money: &DealMoney) -> Option<Candidate<'d, 'a>> {
        let chance = deal.win_by(self.period_index)?;
        let worth = expected(money, deal, chance);
        let won = expected(money, deal, 1.0);
        let adds = match self.basis {
            RowBasis::Base => won.base? - worth.base?,
            RowBasis::Native => won.native - worth.native,
        };
        (adds > 0 && chance > 0.0).then_some(Candidate { deal, chance, worth, adds })
    }

    /// The rows: per node the fewest deals whose wins close the gap, those first whose win adds most, times its chance.
    pub fn rows<'p>(
        &self,
        input: &ActionsInput<'a>,
        money: &DealMoney,
        deals: &[ActionDeal<'a>],
        position_of: impl Fn(&ActionDeal<'a>) -> &'p Position<'a>,
    ) -> Vec<Draft>
    where
        'a: 'p,
    {
        let mut by_node: BTreeMap<(usize, usize), (QuotaNode<'a>, Vec<Candidate<'_, 'a>>)> = BTreeMap::new();
        for deal in deals.iter().filter(|deal| self.is_due(input, deal)) {
            let native = input.tables.currencies.name(deal.state.currency).unwrap_or_default();
            let currency = money.base.as_ref().map_or(native, |base| base.code.as_str());
            let node = self.node_of(position_of(deal), currency);
            if let Some((of, candidate)) = node.zip(self.candidate(deal, money)) {
                let (_, candidates) = by_node.entry((of.row.node, of.row.currency)).or_insert((of, Vec::new()));
                candidates.push(candidate);
            }
        }
        by_node.into_values().flat_map(|(of, candidates)| self.of_node(of, candidates)).collect()
    }

    /// Expected to close in the period, on the as-of day or later, and not omitted.
    fn is_due(&self, input: &ActionsInput<'_>, deal: &ActionDeal<'_>) -> bool {
        let due = deal.state.expected_close.get();
        let is_counted = deal.state.forecast_category(&input.timeline.stages) != ForecastCategory::Omitted;
        is_counted && due.is_some_and(|due| self.period.contains(due) && due >= input.snapshot.as_of)
    }

    fn of_node(&self, of: QuotaNode<'a>, mut candidates: Vec<Candidate<'_, 'a>>) -> Vec<Draft> {
        let pull = |candidate: &Candidate<'_, '_>| (candidate.adds as f64 * candidate.chance).round_ties_even() as i64;
        candidates.sort_by_key(|candidate| (Reverse(pull(candidate)), candidate.deal.at));
        let mut left = of.row.expected_gap().unwrap_or(0);
        let mut drafts = Vec::new();
        for candidate in candidates {
            if left <= 0 {
                break;
            }
            left = left.saturating_sub(candidate.adds);
            drafts.push(self.draft(of, &candidate));
        }
        drafts
    }

    fn draft(&self, of: QuotaNode<'a>, candidate: &Candidate<'_, '_>) -> Draft {
        let QuotaNode { row, node, currency } = of;
        let state = candidate.deal.state;
        let node =
            ActionNode { level: node.level, key: node.key.clone(), name: node.name.clone(), period: self.period };
        let (what, why) = close_gap(&GapWords {
            node: &node,
            currency,
            quota: row.quota.unwrap_or(0),
            gap: row.expected_gap().unwrap_or(0),
            chance: candidate.chance,
            adds: candidate.adds,
        });
        let due = state.expected_close.get().unwrap_or(self.period.last);
        let draft = Draft::of_deal(candidate.deal, ActionKind::CloseGap, due, what, why);
        Draft { node: Some(node), worth: Some(candidate.worth), ..draft }
    }
}
