//! Landmark rows to a [`WinModel`]: fitted, judged out of time, calibrated, stored.
//!
//! Trains and evaluates; does not score today's deals (`scoring`) and writes no report.

mod win_model;

pub use win_model::{
    AlphaTrial, Calibration, Evaluation, EvaluationRow, FORMAT_VERSION, Fold, ModelError, PeriodColumn, PeriodHead,
    ReliabilityBin, TrainingFacts, WinHead, WinModel,
};
