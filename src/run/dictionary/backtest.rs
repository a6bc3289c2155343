//! The columns of `backtest`.

use crate::run::dictionary::{OutputTable, column};

pub(super) const BACKTEST: OutputTable = OutputTable {
    name: "backtest",
    row: "level x forecaster, over all past forecasts on record, by weeks left and by past day; none without a record",
    columns: &[
        column("level", "text", "", "owner, manager, team, region or company"),
        column("weeks_left", "integer", "weeks", "whole weeks of the period left; empty: all"),
        column("cutoff", "date", "", "the first day that was not known; empty: all"),
        column(
            "forecaster",
            "text",
            "",
            "dealcast, stage weighted, crm probability, last period, same period last year or run rate",
        ),
        column("cases", "integer", "", "forecasts judged: node x past day"),
        column("wape", "number", "0 and up", "sum of absolute errors / sum of what was won"),
        column("bias", "number", "", "sum of (forecast - won) / sum of what was won"),
        column("pinball", "number", "0 and up", "mean loss of p10, p50 and p90 / mean of what was won; dealcast only"),
        column("crps", "number", "0 and up", "continuous ranked probability score, from nine deciles / mean won"),
        column("coverage", "number", "0 to 1", "share of sums within p10 to p90; 0.8 is right"),
        column("hit_share", "number", "0 to 1", "share of quotas hit"),
        column("hit_chance", "number", "0 to 1", "mean chance given to that"),
        column("hit_brier", "number", "0 to 1", "mean squared error of that chance"),
        column("hit_slope", "number", "", "calibration slope of that chance: 1 is right, below 1 too sure"),
    ],
};
