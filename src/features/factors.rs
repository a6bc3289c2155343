//! Fields grouped into what a person would name as one reason, and that reason in words.
//!
//! "Days in stage" and its ratio to the benchmark are two fields and one factor: time in stage. A factor's contribution is
//! the sum of its fields', so factors add up to the score exactly as fields do.

use crate::domain::probability::logistic;
use crate::features::context::FeatureContext;
use crate::features::describe::MISSING_TEXT;
use crate::features::read::{amount_text, number_of_state};
use crate::features::spec::{FeatureSpec, Measure};
use crate::features::state::{StateMeasure, days};
use crate::snapshot::DealState;

pub(super) const STAGE: &str = "stage";
pub(super) const TIME_IN_STAGE: &str = "time in stage";
pub(super) const AGE: &str = "age";
pub(super) const CLOSE_DATE: &str = "close date";
pub(super) const AMOUNT: &str = "amount";
pub(super) const ACTIVITY: &str = "activity";
pub(super) const LAST_CHANGE: &str = "last change";
pub(super) const OWNER: &str = "owner";
pub(super) const QUARTER: &str = "fiscal quarter";
pub(super) const FORECAST_CATEGORY: &str = "forecast category";
pub(super) const CRM_PROBABILITY: &str = "CRM probability";
pub(super) const CURRENCY: &str = "currency";

/// Something that speaks for or against a deal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Factor {
    /// Its name.
    pub name: String,
    /// Indices in [`FeatureSpec::fields`].
    pub fields: Vec<usize>,
}

impl FeatureSpec {
    /// The factors, in the order of their first fields; every field belongs to one.
    #[must_use]
    pub fn factors(&self) -> Vec<Factor> {
        let mut factors: Vec<Factor> = Vec::new();
        for (i, field) in self.fields.iter().enumerate() {
            match factors.iter_mut().find(|factor| factor.name == field.factor) {
                Some(factor) => factor.fields.push(i),
                None => factors.push(Factor { name: field.factor.clone(), fields: vec![i] }),
            }
        }
        factors
    }

    /// How a factor stands on a deal, in words: "in Proposal for 41 days, twice the benchmark".
    #[must_use]
    pub fn phrase(&self, factor: &Factor, state: &DealState, context: &FeatureContext<'_>) -> String {
        let words = match factor.name.as_str() {
            STAGE => Some(stage(state, context)),
            TIME_IN_STAGE => Some(self.time_in_stage(factor, state, context)),
            AGE => Some(format!("created {} ago", days(state.age_days().into()))),
            CLOSE_DATE => Some(close_date(state)),
            AMOUNT => Some(amount(state, context)),
            ACTIVITY => Some(activity(state)),
            LAST_CHANGE => Some(last_change(state)),
            OWNER => self.owner(factor, state, context),
            QUARTER => {
                Some(format!("{} to the quarter's end", days(number_of_state(&Measure::QuarterEnd, state, context))))
            }
            _ => None,
        };
        let first = || factor.fields.first().map(|&field| self.describe(field, state, context));
        words.or_else(first).unwrap_or_default()
    }

    fn time_in_stage(&self, factor: &Factor, state: &DealState, context: &FeatureContext<'_>) -> String {
        if !state.stage_tracked {
            return "not known from history".to_owned();
        }
        let place = format!("in {} for {}", context.stages.name(state.stage), days(state.days_in_stage().into()));
        let benchmark = self.measure_of(factor, |measure| matches!(measure, Measure::StageBenchmark { .. }));
        let ratio = benchmark.map(|measure| number_of_state(measure, state, context).exp());
        match ratio.filter(|ratio| ratio.is_finite()) {
            Some(ratio) => format!("{place}, {} of won deals", times(ratio)),
            None => place,
        }
    }

    fn owner(&self, factor: &Factor, state: &DealState, context: &FeatureContext<'_>) -> Option<String> {
        let name = context.tables.owners.name(state.owner)?;
        let mut parts = vec![name.to_owned()];
        if let Some(Measure::Rate { rates, .. }) = self.measure_of(factor, |m| matches!(m, Measure::Rate { .. })) {
            let benchmark = (rates.prior / (1.0 - rates.prior)).ln();
            let own = logistic(benchmark + rates.log_odds(rates.position(name), state.day));
            parts.push(format!("wins {:.0} % of deals, {:.0} % is the benchmark", 100.0 * own, 100.0 * rates.prior));
        }
        let load = self.measure_of(factor, |measure| *measure == Measure::OpenLoad);
        let load = load.map(|measure| number_of_state(measure, state, context).exp_m1());
        parts.extend(load.filter(|x| x.is_finite()).map(|load| counted(load.round() as i64, "open deal")));
        Some(parts.join(", "))
    }

    /// The first measure of this kind among those of a factor's fields.
    fn measure_of(&self, factor: &Factor, wanted: impl Fn(&Measure) -> bool) -> Option<&Measure> {
        factor.fields.iter().map(|&field| &self.fields[field].measure).find(|measure| wanted(measure))
    }
}

fn stage(state: &DealState, context: &FeatureContext<'_>) -> String {
    if !state.stage_tracked {
        return "not known from history".to_owned();
    }
    let mut words = format!("in {}", context.stages.name(state.stage));
    let moves =
        [(state.back_moves, "move back", "moves back"), (state.skipped_stages, "stage skipped", "stages skipped")];
    for (count, one, many) in moves.into_iter().filter(|(count, ..)| *count > 0) {
        words += &format!(", {count} {}", if count == 1 { one } else { many });
    }
    words
}

fn close_date(state: &DealState) -> String {
    let Some(expected_close) = state.expected_close.get() else { return "no expected close date".to_owned() };
    let ahead = expected_close.0.saturating_sub(state.day.0);
    let mut words = match ahead {
        0 => "expected to close today".to_owned(),
        1.. => format!("expected to close in {}", days(ahead.into())),
        _ => format!("expected to close {} ago", days(f64::from(-ahead))),
    };
    if state.pushes > 0 {
        words += &format!(", pushed {}", counted(state.pushes.into(), "time"));
        let slip = StateMeasure::Slip;
        let slipped = slip.natural(slip.of(state)).round();
        if slipped > 0.0 {
            words += &format!(", {} in all", days(slipped));
        }
    }
    words
}

fn amount(state: &DealState, context: &FeatureContext<'_>) -> String {
    let Some(mut words) = amount_text(state, context) else { return MISSING_TEXT.to_owned() };
    let change = StateMeasure::AmountChange;
    let moved = (100.0 * change.natural(change.of(state))).round();
    if moved.is_finite() && moved != 0.0 {
        words += &format!(", {} {:.0} % since the first", if moved > 0.0 { "up" } else { "down" }, moved.abs());
    }
    if state.amount_changes > 0 {
        words += &format!(", changed {}", counted(state.amount_changes.into(), "time"));
    }
    words
}

fn activity(state: &DealState) -> String {
    let Some(last_activity) = state.last_activity.get() else { return "none so far".to_owned() };
    let last = days(f64::from(state.day.0) - f64::from(last_activity.0));
    format!("last {last} ago, {} in the last 30 days, {} in all", state.activities_30d, state.activities)
}

fn last_change(state: &DealState) -> String {
    match state.last_change.get() {
        None => "nothing changed since creation".to_owned(),
        Some(day) => format!("nothing changed for {}", days(f64::from(state.day.0) - f64::from(day.0))),
    }
}

/// "twice the benchmark", "2.6 times the benchmark".
fn times(ratio: f64) -> String {
    match ratio {
        r if (0.8..1.25).contains(&r) => "about the benchmark".to_owned(),
        r if (0.45..0.55).contains(&r) => "half the benchmark".to_owned(),
        r if (1.8..2.2).contains(&r) => "twice the benchmark".to_owned(),
        r if r < 10.0 => format!("{r:.1} times the benchmark"),
        r => format!("{r:.0} times the benchmark"),
    }
}

fn counted(count: i64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::day::Day;
    use crate::domain::stage::StageKind;
    use crate::features::fixtures::{AS_OF, Case, pipeline, state};

    #[test]
    fn every_field_belongs_to_one_factor() {
        let spec = Case::of(&pipeline(600, |_| vec![("activity", Some("x".to_owned()))])).fit();
        let factors = spec.factors();
        let mut fields: Vec<usize> = factors.iter().flat_map(|factor| factor.fields.clone()).collect();
        fields.sort_unstable();
        assert_eq!(fields, (0..spec.fields.len()).collect::<Vec<_>>());
        let mut names: Vec<&str> = factors.iter().map(|factor| factor.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), factors.len());
    }

    #[test]
    fn reasons_read_as_a_person_would_say_them() {
        let case = Case::of(&pipeline(600, |_| Vec::new()));
        let (spec, context) = (case.fit(), case.context());
        let open = context.snapshot.iter().find(|state| state.kind == StageKind::Open).unwrap();
        let phrase = |name: &str, state: &DealState| {
            let factors = spec.factors();
            let factor = factors.iter().find(|factor| factor.name == name);
            spec.phrase(factor.unwrap_or_else(|| panic!("{name} in {factors:?}")), state, &context)
        };
        let words = phrase(TIME_IN_STAGE, open);
        let stage = context.stages.name(open.stage);
        assert!(words.starts_with(&format!("in {stage} for {} day", open.days_in_stage())), "{words}");
        assert!(words.ends_with("the benchmark of won deals"), "{words}");
        assert!(phrase(OWNER, open).contains(" is the benchmark"), "{}", phrase(OWNER, open));
        assert_eq!(phrase(AGE, open), format!("created {} ago", days(open.age_days().into())));
    }

    #[test]
    fn dates_and_counts_are_in_the_singular_where_they_are_one() {
        let mut deal = state(0, AS_OF, AS_OF - 50);
        assert_eq!(close_date(&deal), "no expected close date");
        (deal.first_expected_close, deal.expected_close, deal.pushes) =
            (Day(AS_OF - 31).into(), Day(AS_OF - 1).into(), 1);
        assert_eq!(close_date(&deal), "expected to close 1 day ago, pushed 1 time, 30 days in all");
        deal.expected_close = Day(AS_OF + 5).into();
        assert!(close_date(&deal).starts_with("expected to close in 5 days"));
        assert_eq!(activity(&deal), "none so far");
        assert_eq!(
            [0.5, 1.1, 2.0, 2.6, 31.4].map(times).join("; "),
            "half the benchmark; about the benchmark; twice the benchmark; 2.6 times the benchmark; 31 times the benchmark"
        );
    }
}
