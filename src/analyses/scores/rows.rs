//! Every open deal with its score, its stagnation and the score of the run before.
//!
//! [`ScoreTable`] in, [`ScoreLine`]s by deal id out; the expected value and the trend are computed here, the chances
//! come from `scoring`.

use std::borrow::Cow;
use std::collections::BTreeMap;

use rayon::prelude::*;
use rust_decimal::{Decimal, RoundingStrategy};

use super::factors::{FactorSides, ranked_factors};
use crate::analyses::stagnation::{Stagnation, StagnationRow};
use crate::books::deal_values::DealValues;
use crate::domain::day::Day;
use crate::domain::money::to_decimal;
use crate::domain::period::PeriodKind;
use crate::domain::probability::PeriodOutcome;
use crate::features::{Factor, FeatureContext};
use crate::ingest::tables::Words;
use crate::model::WinModel;
use crate::report::column::MoneyCell;
use crate::scoring::{PreviousScore, Score, Scores};
use crate::snapshot::DealState;

/// Points a score may move and still be steady.
const STEADY: i16 = 4;

/// What the table is made from.
#[derive(Clone, Copy, Debug)]
pub struct ScoreTable<'a> {
    /// Names, stages, states.
    pub context: &'a FeatureContext<'a>,
    /// The model, if there is one.
    pub model: Option<&'a WinModel>,
    /// Its scores; without them their columns are empty.
    pub scores: Option<&'a Scores>,
    /// Every open deal's stagnation, in the order of the timeline's deals.
    pub stagnation: &'a Stagnation,
    /// Scores of earlier days, by deal id.
    pub previous: &'a BTreeMap<String, PreviousScore>,
    /// The kind of period the period columns speak of.
    pub period: PeriodKind,
    /// What the deals are worth in one currency.
    pub values: &'a DealValues,
}

/// What the rows share.
pub(super) struct Shared<'a> {
    input: &'a ScoreTable<'a>,
    accounts: Option<Words<'a>>,
    /// Position of the running period among those the scores speak of, and its name.
    period: Option<(usize, String)>,
}

impl<'a> Shared<'a> {
    pub fn of(input: &'a ScoreTable<'a>) -> Self {
        let is_running = |scores: &Scores, i: usize| {
            let period = &scores.periods[i];
            period.kind == input.period && period.contains(scores.as_of)
        };
        let period = input.scores.and_then(|scores| {
            let position = (0..scores.periods.len()).find(|&i| is_running(scores, i))?;
            Some((position, scores.periods[position].to_string()))
        });
        Self { input, accounts: input.context.tables.deals.account(), period }
    }
}

/// An open deal with what is known of it.
pub struct ScoreLine<'a> {
    shared: &'a Shared<'a>,
    pub(super) state: &'a DealState,
    pub(super) score: Option<&'a Score>,
    pub(super) stagnation: &'a StagnationRow,
    pub(super) factors: FactorSides,
}

impl ScoreLine<'_> {
    pub(super) fn id(&self) -> Option<Cow<'_, str>> {
        self.shared.input.context.tables.deals.id(self.state.row).map(Cow::from)
    }

    pub(super) fn name(&self) -> Option<Cow<'_, str>> {
        self.shared.input.context.tables.deals.name(self.state.row).map(Cow::from)
    }

    pub(super) fn account(&self) -> Option<Cow<'_, str>> {
        self.shared.accounts?.name(self.state.row).map(Cow::from)
    }

    pub(super) fn owner(&self) -> Option<Cow<'_, str>> {
        self.shared.input.context.tables.owners.name(self.state.owner).map(Cow::from)
    }

    pub(super) fn stage(&self) -> &str {
        self.shared.input.context.stages.name(self.state.stage)
    }

    pub(super) fn currency(&self) -> Option<Cow<'_, str>> {
        self.shared.input.context.tables.currencies.name(self.state.currency).map(Cow::from)
    }

    pub(super) fn decimals(&self) -> u32 {
        self.shared.input.context.tables.decimals_of(self.state.currency)
    }

    pub(super) fn amount(&self) -> Option<MoneyCell> {
        self.amount_minor().map(|minor| MoneyCell::new(minor, self.decimals()))
    }

    /// The amount in the currency of the run's sums.
    pub(super) fn base_amount(&self) -> Option<MoneyCell> {
        let values = self.shared.input.values;
        Some(MoneyCell::new(values.get(self.state.deal)?, values.decimals()))
    }

    /// The forecast category the deal counts under.
    pub(super) fn category(&self) -> &'static str {
        self.state.forecast_category(self.shared.input.context.stages).name()
    }

    fn amount_minor(&self) -> Option<i64> {
        self.state.amount_minor.get()
    }

    /// Amount x chance.
    pub(super) fn expected_value(&self) -> Option<MoneyCell> {
        let expected = expected_value(self.amount_minor()?, self.score?.win_probability)?;
        Some(MoneyCell::new(expected, self.decimals()))
    }

    /// The scores of earlier runs.
    pub(super) fn previous(&self) -> Option<PreviousScore> {
        let id = self.shared.input.context.tables.deals.id(self.state.row)?;
        self.shared.input.previous.get(id).copied()
    }

    pub(super) fn trend(&self) -> Option<&'static str> {
        Some(trend(self.score?.score, self.previous()?.month_ago))
    }

    /// The running period.
    pub(super) fn period(&self) -> Option<&str> {
        self.shared.period.as_ref().map(|(_, name)| name.as_str())
    }

    /// The last day of that period.
    pub(super) fn period_end(&self) -> Option<Day> {
        let (position, _) = self.shared.period.as_ref()?;
        Some(self.shared.input.scores?.periods[*position].last)
    }

    /// The last day on which a win is one within the model's horizon; none where nothing is known of when.
    pub(super) fn horizon_end(&self) -> Option<Day> {
        let model = self.score.and(self.shared.input.model).filter(|model| model.training.dated)?;
        Some(self.state.day.plus(i32::try_from(model.horizon_days).ok()?.saturating_sub(1)))
    }

    /// What becomes of the deal by the end of that period.
    pub(super) fn outcome(&self) -> Option<PeriodOutcome> {
        let (position, _) = self.shared.period.as_ref()?;
        Some(self.score?.by_period[*position])
    }

    /// The lower end of the predicted close date's 80 % interval, its middle and its upper end.
    pub(super) fn predicted_close(&self) -> Option<[Day; 3]> {
        self.score?.predicted_close
    }

    pub(super) fn model_id(&self) -> Option<&str> {
        self.score.and(self.shared.input.scores).map(|scores| scores.model_id.as_str())
    }
}

/// Every open deal with its score, by deal id (the order of the timeline's deals).
pub(super) fn lines<'a>(shared: &'a Shared<'a>) -> Vec<ScoreLine<'a>> {
    let factors = shared.input.model.map(|model| model.spec.factors()).unwrap_or_default();
    shared.input.stagnation.rows.par_iter().map(|of| line(shared, &factors, of)).collect()
}

fn line<'a>(shared: &'a Shared<'a>, factors: &[Factor], stagnation: &'a StagnationRow) -> ScoreLine<'a> {
    let ScoreTable { context, model, scores, .. } = *shared.input;
    let state = &context.snapshot[stagnation.deal.index()];
    let scored = scores.map_or(&[][..], |scores| &scores.rows);
    let position = scored.binary_search_by_key(&stagnation.deal, |score| score.deal).ok();
    let sides = || {
        let ranked = ranked_factors(factors, scores?.contributions_of(position?));
        Some(FactorSides::of(&ranked, state, &model?.spec, context))
    };
    let factors = sides().unwrap_or_default();
    ScoreLine { shared, state, score: position.map(|position| &scored[position]), stagnation, factors }
}

/// Amount x chance, rounded once, half to even. The chance counts with nine decimals.
pub(super) fn expected_value(amount_minor: i64, chance: f64) -> Option<i64> {
    let chance = Decimal::new((chance * 1e9).round() as i64, 9);
    let value = to_decimal(i128::from(amount_minor), 0).checked_mul(chance)?;
    i64::try_from(value.round_dp_with_strategy(0, RoundingStrategy::MidpointNearestEven)).ok()
}

/// A score against an earlier one, both 0 to 100.
pub(super) fn trend(now: u8, before: u8) -> &'static str {
    match i16::from(now) - i16::from(before) {
        change if change > STEADY => "improving",
        change if change < -STEADY => "declining",
        _ => "steady",
    }
}
