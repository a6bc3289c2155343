//! The transitions of all deals of one span, equal ones added up.

use hashbrown::HashMap;

use crate::analyses::forecast::ForecastError;
use crate::analyses::waterfall::input::{Span, WaterfallInput};
use crate::analyses::waterfall::mornings::{DealTransition, Mornings};
use crate::analyses::waterfall::transition::{Transition, TransitionSums};
use crate::domain::day::Day;
use crate::domain::period::PeriodKind;
use crate::snapshot::Standings;

/// The transitions of all deals of one span.
pub(super) struct Transitions<'a> {
    pub mornings: Mornings<'a>,
    pub kinds: &'a [PeriodKind],
    /// In the order the deals first made them.
    pub sums: Vec<(Transition, TransitionSums)>,
}

#[derive(Default)]
struct Collected {
    sums: Vec<(Transition, TransitionSums)>,
    index: HashMap<Transition, usize>,
}

impl Collected {
    fn add(&mut self, deal: &DealTransition<'_>) {
        let next = self.sums.len();
        let i = *self.index.entry(deal.transition).or_insert(next);
        if i == next {
            self.sums.push((deal.transition, deal.sums));
        } else {
            self.sums[i].1.add(&deal.sums);
        }
    }
}

impl<'a> Transitions<'a> {
    /// Those of every span.
    pub fn of_spans(input: &WaterfallInput<'a>) -> Result<Vec<Self>, ForecastError> {
        input.spans.iter().map(|span| Self::gather(input, span)).collect()
    }

    fn gather(input: &WaterfallInput<'a>, span: &'a Span<&'a Standings>) -> Result<Self, ForecastError> {
        let (mornings, collected) =
            Mornings::walk(input, span.from, |collected: &mut Collected, _, deal| collected.add(deal))?;
        Ok(Self { mornings, kinds: &span.kinds, sums: collected.sums })
    }
}

/// The first mornings without base amounts.
pub(super) fn without_base(spans: &[Transitions<'_>]) -> Vec<Day> {
    spans.iter().filter(|span| !span.mornings.has_base()).map(|span| span.mornings.from).collect()
}
