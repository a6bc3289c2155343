//! How the open deals stood on an earlier day, and nothing else of them: small enough to be kept beside the snapshot.

use std::collections::BTreeSet;

use rayon::prelude::*;

use crate::domain::day::Day;
use crate::domain::ids::{CurrencyId, DealIx, OwnerId, RowIx, StageId};
use crate::domain::maybe::Maybe;
use crate::domain::stage::{ForecastCategory, StageKind, StageList};
use crate::snapshot::deal_state::DealState;
use crate::snapshot::replay::last_state;
use crate::timeline::Timeline;

/// What a pipeline needs to know of a deal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Row in [`Deals`](crate::ingest::tables::Deals).
    pub row: RowIx,
    /// Owner.
    pub owner: Maybe<OwnerId>,
    /// Currency of the amount.
    pub currency: CurrencyId,
    /// Amount in minor units.
    pub amount_minor: Maybe<i64>,
    /// Expected close date.
    pub expected_close: Maybe<Day>,
    /// Day created.
    pub created: Day,
    /// Day closed, none while open.
    pub closed: Maybe<Day>,
    /// Stage, of the stage list of its day.
    pub stage: Maybe<StageId>,
    /// Open, won or lost.
    pub kind: StageKind,
    /// Own forecast category, else the stage's, else pipeline.
    pub category: ForecastCategory,
}

impl Standing {
    /// `state` without what a pipeline does not need.
    #[must_use]
    pub fn of(state: &DealState, stages: &StageList) -> Self {
        Self {
            row: state.row,
            owner: state.owner,
            currency: state.currency,
            amount_minor: state.amount_minor,
            expected_close: state.expected_close,
            created: state.created,
            closed: state.closed,
            stage: state.stage,
            kind: state.kind,
            category: state.forecast_category(stages),
        }
    }
}

/// The open deals as they were known on the morning of a day.
#[derive(Clone, Debug)]
pub struct Standings {
    /// The morning.
    pub day: Day,
    /// The stages of that day.
    pub stages: StageList,
    /// The deals open that morning, in the order of [`Timeline::deals`].
    pub open: Vec<Standing>,
    /// Currencies of the amounts of all deals of that day, closed ones included.
    pub currencies: BTreeSet<CurrencyId>,
}

impl Standings {
    /// The open deals of a timeline as of its day.
    #[must_use]
    pub fn of(timeline: &Timeline) -> Self {
        let currencies = timeline.deal_ids().filter_map(|deal| currency_of_amount(timeline, deal)).collect();
        let deals = (0..timeline.deals.len()).into_par_iter().map(DealIx::at);
        let states = deals.map(|deal| last_state(timeline, deal));
        let open = states.filter(|state| state.kind == StageKind::Open);
        let open = open.map(|state| Standing::of(&state, &timeline.stages)).collect();
        Self { day: timeline.as_of, stages: timeline.stages.clone(), open, currencies }
    }
}

/// The currency of a deal's amount, where it has one.
fn currency_of_amount(timeline: &Timeline, deal: DealIx) -> Option<CurrencyId> {
    let last = timeline.steps_of(deal).last().filter(|step| step.amount_minor.is_some())?;
    Some(last.currency.get().unwrap_or(timeline.head(deal).currency))
}
