//! Models made by hand and at random, for the tests of what is done with stored ones.

use std::collections::BTreeMap;

use proptest::prelude::*;

use crate::domain::day::Day;
use crate::features::{
    ColumnBasis, Excluded, FEATURE_LAYOUT, Feature, FeatureSpec, Field, Known, LevelHistory, Measure, Profile,
    RateTable, StateMeasure,
};
use crate::model::evaluation::{AlphaTrial, Evaluation, EvaluationRow, Fold, ReliabilityBin, Sees, Validation};
use crate::model::fingerprint::Fingerprint;
use crate::model::period::head::{PeriodColumn, PeriodHead};
use crate::model::period::of_late::PaceOfLate;
use crate::model::period::pace::PaceStep;
use crate::model::period::terms::PeriodTerm;
use crate::model::win_head::{Calibration, HeadKind, WinHead};
use crate::model::win_model::{FORMAT_VERSION, FactorImportance, TrainingFacts, WinModel};

/// The as-of day of [`model`]: 2026-02-14.
pub const TRAINED: Day = Day(20_498);

/// A small model with a field of every sort, sealed.
pub fn model() -> WinModel {
    let spec = spec();
    let weights = vec![-0.5, 0.3, 0.4, 0.25];
    WinModel {
        format_version: FORMAT_VERSION,
        model_id: String::new(),
        as_of: TRAINED,
        horizon_days: 120,
        horizon_source: "95 % of the won deals were won within 120 days".to_owned(),
        training: training(),
        fingerprint: Fingerprint::default(),
        recipe_blake3: "0".repeat(64),
        importance: vec![FactorImportance { factor: "owner".to_owned(), mean_contribution: 0.2, share: 1.0 }],
        without_suspects: None,
        contradiction: None,
        signal: true,
        verdict: "log loss 0.51 against 0.58 of the base rate".to_owned(),
        base_rate: 0.25,
        win: WinHead {
            kind: HeadKind::Regression,
            alpha: 0.001,
            intercept: -1.1,
            std_errors: vec![0.05; weights.len()],
            weights: weights.clone(),
            calibration: Calibration { slope: 0.95, intercept: 0.02, reason: "slope 0.95 out of time".to_owned() },
        },
        period: period(weights),
        grade_cuts: [0.1, 0.2, 0.4],
        evaluation: evaluation(),
        spec,
    }
    .sealed()
}

/// The sample as of `day`; `salt` tells models of one day apart.
pub fn model_of(day: Day, salt: u64) -> WinModel {
    let mut model = WinModel { as_of: day, ..model() };
    model.training.rows_too_young = salt;
    model.sealed()
}

/// Random numbers in the sample's places, rounded and sealed as training does it.
pub fn models() -> impl Strategy<Value = WinModel> {
    let numbers = prop::collection::vec((-1e3..1e3_f64, 0..12_i32).prop_map(|(x, e)| x * 10_f64.powi(-e)), 12);
    (numbers, any::<bool>(), ".*", 1..2_000_u32, -10_000..60_000_i32).prop_map(
        |(x, signal, text, horizon_days, day)| {
            let mut model = WinModel { signal, horizon_days, as_of: Day(day), base_rate: x[0], ..model() };
            model.verdict.clone_from(&text);
            model.spec.excluded[0].name = text;
            model.win.weights.copy_from_slice(&x[1..5]);
            model.period.soon_weights.copy_from_slice(&x[5..9]);
            model.period.columns[0].mean = x[9];
            model.evaluation.rows[0].log_loss = x[10];
            model.evaluation.rows[0].auc = signal.then_some(x[11].abs() / 1e3);
            model.rounded().sealed()
        },
    )
}

fn training() -> TrainingFacts {
    TrainingFacts {
        dated: true,
        landmarks: "monthly".to_owned(),
        landmarks_reason: "half of 950 closed deals took 60 days, the history has 1020 days".to_owned(),
        first_landmark: Some(TRAINED.plus(-900)),
        last_landmark: Some(TRAINED.plus(-120)),
        rows: 4_000,
        won_rows: 1_000,
        deals: 900,
        won_deals: 240,
        rows_before_sampling: 4_600,
        sampled: false,
        known_deals: 1_100,
        known_closed: 950,
        rows_too_young: 600,
    }
}

fn field(name: &str, source: &str, known: Known, measure: Measure) -> Field {
    Field {
        name: name.to_owned(),
        factor: name.to_owned(),
        profile: Profile { edges: vec![1.0, 2.0], shares: vec![0.25, 0.5, 0.125, 0.125, 0.0] },
        meaning: format!("what `{name}` means"),
        source: source.to_owned(),
        known,
        missing_share: 0.125,
        measure,
        range: [0.0, 6.0],
        absence_is_neutral: false,
    }
}

fn spec() -> FeatureSpec {
    let rates = RateTable {
        prior: 0.3,
        strength: 20.0,
        levels: vec![LevelHistory {
            name: "ann".to_owned(),
            known_from: vec![19_000, 19_030],
            won: vec![3, 5],
            closed: vec![7, 12],
        }],
    };
    let feature = |field, name: &str, basis| Feature { field, name: name.to_owned(), basis, mean: 0.5, sd: 0.5 };
    FeatureSpec {
        layout: FEATURE_LAYOUT,
        fields: vec![
            field(
                "days in stage",
                "stage history",
                Known::History,
                Measure::State { measure: StateMeasure::DaysInStage },
            ),
            field(
                "amount",
                "amount history",
                Known::History,
                Measure::Amount { typical: BTreeMap::from([("USD".to_owned(), 9.0)]) },
            ),
            field("owner", "deals column `owner`", Known::Table, Measure::Rate { column: "owner".to_owned(), rates }),
        ],
        features: vec![
            feature(0, "days in stage", ColumnBasis::Value),
            feature(0, "days in stage, above 30 days", ColumnBasis::Hinge { knot: 3.4 }),
            feature(1, "amount", ColumnBasis::Value),
            feature(2, "owner", ColumnBasis::Value),
        ],
        excluded: vec![Excluded {
            name: "loss_reason".to_owned(),
            reason: "filled on closed deals only".to_owned(),
            remedy: Some("export its history".to_owned()),
            is_leak: true,
            worth: Some(0.12),
        }],
        suspects: Vec::new(),
    }
}

fn period(soon_weights: Vec<f64>) -> PeriodHead {
    let column = |name| PeriodColumn { name, mean: 0.1, sd: 1.5, range: [-1.0, 4.5] };
    PeriodHead {
        penalty: 10.0,
        rows: 12_000,
        soon_days: 30,
        soon_intercept: -0.4,
        soon_weights,
        longest_days: 120,
        columns: vec![column(PeriodTerm::Days), column(PeriodTerm::Win)],
        left_out: vec![PeriodTerm::QuarterEnd],
        win_intercept: -1.5,
        win_weights: vec![0.6, 0.8],
        lose_intercept: -0.7,
        lose_weights: vec![0.5, -0.6],
        pace: vec![PaceStep { from_day: 0, win: 0.9, lose: 1.1 }, PaceStep { from_day: 30, win: 1.2, lose: 0.7 }],
        by_age: vec![PaceStep { from_day: 0, win: 1.1, lose: 0.8 }, PaceStep { from_day: 90, win: 0.4, lose: 0.6 }],
        of_late: PaceOfLate { win: 0.95, lose: 1.05 },
    }
}

fn evaluation() -> Evaluation {
    let cutoff = TRAINED.plus(-240);
    let line = |cutoff, model: &str, scope: &str, log_loss| EvaluationRow {
        cutoff,
        model: model.to_owned(),
        scope: scope.to_owned(),
        rows: 500,
        deals: 130,
        won: 125,
        log_loss,
        log_loss_se: Some(0.01),
        brier: 0.17,
        brier_se: Some(0.005),
        auc: (model == "model").then_some(0.74),
        auc_se: (model == "model").then_some(0.02),
        slope: Some(0.97),
        slope_se: Some(0.06),
        intercept: Some(-0.03),
        intercept_se: None,
        ece: None,
    };
    Evaluation {
        validation: Validation::RollingOrigin,
        validation_reason: "1 fold on 130 other deals".to_owned(),
        folds: vec![Fold {
            cutoff: Some(cutoff),
            last_test_day: Some(TRAINED),
            train_rows: 2_000,
            test_rows: 500,
            overlapping_rows: 40,
        }],
        alphas: vec![AlphaTrial {
            sees: Sees::Everything,
            alpha: 0.001,
            log_loss: 0.51,
            excess: 0.0,
            excess_se: 0.0,
            chosen: true,
        }],
        rows: vec![
            line(Some(cutoff), "model", "all", 0.51),
            line(None, "model", "all", 0.51),
            line(None, "base rate", "all", 0.58),
            line(None, "model", "stage=Demo", 0.6),
        ],
        reliability: vec![ReliabilityBin {
            rows: 50,
            won: 5,
            predicted: 0.08,
            observed: 0.1,
            observed_low: 0.04,
            observed_high: 0.21,
        }],
    }
}
