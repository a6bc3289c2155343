//! What the model has to beat: the base rate, the historical stage table, the CRM's own probability.

use std::collections::BTreeMap;

use crate::domain::ids::StageId;
use crate::domain::maybe::Maybe;
use crate::model::rows::RowsView;
use crate::snapshot::DealState;

/// CRMs write 0 % and 100 %; a chance is taken as no surer than this.
const SUREST: f64 = 0.995;

/// Share of the rows that were won.
pub(super) fn base_rate(won: &[bool]) -> f64 {
    won.iter().filter(|&&won| won).count() as f64 / won.len().max(1) as f64
}

/// The share of past rows in each stage that were won: what most forecasts multiply amounts with.
pub(super) struct StageTable {
    chances: BTreeMap<Maybe<StageId>, f64>,
    base_rate: f64,
}

impl StageTable {
    /// Counts `rows`; one row at the base rate is added to every stage, so that none is sure.
    pub fn of(rows: RowsView<'_>) -> Self {
        let base_rate = base_rate(rows.won);
        let mut counts: BTreeMap<Maybe<StageId>, (f64, f64)> = BTreeMap::new();
        for (state, &won) in rows.states.iter().zip(rows.won).filter(|(state, _)| state.stage_tracked) {
            let (wins, all) = counts.entry(state.stage).or_default();
            *wins += f64::from(won);
            *all += 1.0;
        }
        let chances = counts.into_iter().map(|(stage, (wins, all))| (stage, (wins + base_rate) / (all + 1.0)));
        Self { chances: chances.collect(), base_rate }
    }

    /// The base rate where the stage of the day is not known, or was not seen.
    pub fn chance(&self, state: &DealState) -> f64 {
        self.chances.get(&state.stage).filter(|_| state.stage_tracked).copied().unwrap_or(self.base_rate)
    }
}

/// The CRM's own chance to win, where the deal has one.
pub(super) fn crm_chance(state: &DealState) -> Option<f64> {
    let chance = state.probability.get().map(f64::from).filter(|chance| (0.0..=1.0).contains(chance));
    chance.map(|chance| chance.clamp(1.0 - SUREST, SUREST))
}
