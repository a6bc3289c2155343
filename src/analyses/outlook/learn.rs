//! The past of deals to an [`Outlook`].

use crate::analyses::backtest::Spread;
use crate::analyses::outlook::amount_change::amount_changes;
use crate::analyses::outlook::distribution::Atom;
use crate::analyses::outlook::measure_pace;
use crate::analyses::outlook::new_business::NewBusiness;
use crate::analyses::outlook::new_parts::LearntDeal;
use crate::analyses::outlook::pace::Pace;
use crate::analyses::outlook::unknown_amount::UnknownAmounts;
use crate::books::currency::CurrencyConverter;
use crate::domain::code::Dictionary;
use crate::domain::ids::OwnerId;
use crate::domain::period::Period;
use crate::domain::stage::StageKind;
use crate::features::FeatureContext;
use crate::model::WinModel;
use crate::snapshot::{DealState, Snapshot};
use crate::timeline::Timeline;

/// What the past says about what is to come. Money in the base currency, of new business also in every other.
#[derive(Clone, Debug)]
pub struct Outlook {
    /// The amount won over an open deal's present amount; empty: it stays.
    pub changes: Vec<Atom>,
    /// What an open deal without an amount counts as.
    pub unknown_amounts: UnknownAmounts,
    /// Deals not yet created.
    pub new: NewBusiness,
    /// By when open deals are won.
    pub pace: Pace,
    /// How much wider or narrower than forecast the sums of past periods came out.
    pub spread: Spread,
}

impl Outlook {
    /// Learns from everything known before the timeline's day. `admits` has one flag per deal; the others do not exist.
    /// Amounts without a rate count as unknown.
    #[must_use]
    pub fn learn(
        timeline: &Timeline,
        snapshot: &Snapshot,
        converter: &CurrencyConverter,
        owners: &Dictionary<OwnerId>,
        admits: &[bool],
    ) -> Self {
        let last_known = snapshot.as_of.plus(-1);
        let value = |state: &DealState| {
            let day = state.closed.get().unwrap_or(last_known);
            let won = state.amount_minor.get().filter(|_| state.kind == StageKind::Won);
            won.and_then(|minor| converter.convert(minor, state.currency, day).ok()).map(|minor| minor as f64)
        };
        let admitted = snapshot.states.iter().zip(admits).filter(|(_, admitted)| **admitted);
        let deals: Vec<LearntDeal> = admitted.map(|(state, _)| LearntDeal::of(state, value(state))).collect();
        let in_base = |currency| converter.rate(currency, last_known).is_ok();
        let changes = amount_changes(timeline, snapshot, admits);
        Self {
            unknown_amounts: UnknownAmounts::learn(timeline, snapshot, converter, admits, mean_change(&changes)),
            changes,
            pace: Pace::default(),
            spread: Spread::default(),
            new: NewBusiness::learn(&deals, owners, in_base, snapshot.as_of),
        }
    }

    /// Measures the pace of open deals at the same point of past periods, for each of `periods`.
    #[must_use]
    pub fn paced(self, model: &WinModel, context: &FeatureContext<'_>, periods: &[Period], admits: &[bool]) -> Self {
        Self { pace: measure_pace::measure(model, context, periods, admits), ..self }
    }

    /// What an amount is multiplied with on the way to its win, on average.
    #[must_use]
    pub fn mean_change(&self) -> f64 {
        mean_change(&self.changes)
    }
}

fn mean_change(changes: &[Atom]) -> f64 {
    if changes.is_empty() { 1.0 } else { changes.iter().map(|atom| atom.value * atom.share).sum() }
}
