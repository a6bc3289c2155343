//! Open deals with what the model says of them, and what they are worth.

use crate::analyses::actions::input::ActionsInput;
use crate::analyses::actions::rows::Worth;
use crate::analyses::forecast::{Chances, DealMoney};
use crate::domain::day::Day;
use crate::snapshot::DealState;

/// What is expected of an open deal with `chance`.
pub(super) fn expected(money: &DealMoney, deal: &ActionDeal<'_>, chance: f64) -> Worth {
    let in_base = money.in_base(deal.counted, deal.state.currency, money.day_of(deal.state));
    let base = in_base.map(|minor| money.weighed(minor, chance));
    Worth { chance: Some(chance), native: money.weighed(deal.counted, chance), base }
}

/// An open deal with what the model says of it.
#[derive(Clone, Copy)]
pub(super) struct ActionDeal<'a> {
    /// Position in the facts.
    pub at: usize,
    pub state: &'a DealState,
    /// Its amount, or what deals without one bring.
    pub counted: i64,
    /// Chance to be won within the model's horizon.
    pub chance: Option<f64>,
    /// If it is won: the days by which a tenth and half of its wins have come.
    pub wins: Option<[Day; 2]>,
    chances: Option<Chances<'a>>,
}

impl<'a> ActionDeal<'a> {
    /// The open deals, in the order of the facts.
    pub fn all(input: &ActionsInput<'a>) -> Vec<Self> {
        let facts = input.facts.deals.iter().enumerate();
        facts.map(|(at, facts)| Self::of(input, at, input.snapshot.state(facts.stay.deal))).collect()
    }

    fn of(input: &ActionsInput<'a>, at: usize, state: &'a DealState) -> Self {
        let row = |rows: &[crate::scoring::Score]| rows.binary_search_by_key(&state.deal, |score| score.deal).ok();
        let scored = input.scores.and_then(|scores| Some((scores, row(&scores.rows)?)));
        let score = scored.map(|(scores, row)| &scores.rows[row]);
        Self {
            at,
            state,
            counted: state.amount_minor.get().unwrap_or_else(|| input.outlook.unknown_amounts.of(state.currency)),
            chance: score.map(|score| score.win_probability),
            wins: score.and_then(|score| score.predicted_close).map(|[tenth, half, _]| [tenth, half]),
            chances: scored.map(|(scores, row)| Chances::new(scores, row as u32, Some(input.outlook))),
        }
    }

    /// Chance to be won by the end of the running period at `period_index` of the scores.
    pub fn win_by(&self, period_index: usize) -> Option<f64> {
        self.chances.map(|chances| chances.win_by(period_index))
    }
}
