//! The columns of what `--by-deal`, `backtest --cases` and `trace` list: no files of a run.

use crate::run::dictionary::{OutputTable, column};

/// Every table that a command prints and no run writes.
pub const LISTINGS: &[OutputTable] = &[TRACE, FUNNEL_COMPARE, STAGNATION_JUDGED];

const TRACE: OutputTable = OutputTable {
    name: "trace",
    row: "event of one deal, in time order; how it stands on the as-of morning comes last",
    columns: &[
        column(
            "at",
            "text",
            "date, time of day where known",
            "when, in the configured time zone; activities and scores are of a day",
        ),
        column(
            "event",
            "text",
            "",
            "created, stage, won, lost, reopened, amount, close date, owner, category, probability, activity, score or now",
        ),
        column("from", "text", "", "the value before; empty where there was none or it is not known"),
        column("to", "text", "", "the value from then on; of an activity its kind; of a score the published chance"),
        column(
            "change",
            "number",
            "",
            "open stages forward (back: negative), amount in its currency, days the close date moved, points of chance \
             (of 100), activities of the kind on the day",
        ),
        column("after_days", "integer", "days", "how long the value before had stood"),
        column("age_days", "integer", "days", "since the deal was created"),
        column(
            "win_probability",
            "number",
            "0 to 1",
            "chance to be won within the horizon that the model named or in use gives it the morning after the event (of \
             scores and `now` that morning), by what was known of the deal then; empty while closed or without a model",
        ),
        column("note", "text", "", "what it means: forward, back, skipped stages, slow, stalled, pushes, who scored"),
    ],
};

const FUNNEL_COMPARE: OutputTable = OutputTable {
    name: "funnel_compare",
    row: "open stage, and `(all)` for deals as a whole",
    columns: &[
        column("stage", "text", "", "the stage, or `(all)`"),
        column("verdict", "text", "", "what differs beyond chance (adjusted p below 0.05), in words"),
        column("a", "text", "", "the first group"),
        column("entered_a", "integer", "deals", "of it, that entered the stage; of (all), deals"),
        column("conversion_a", "number", "0 to 1", "long-run share of them that advances; of (all), that is won"),
        column("conversion_low_a", "number", "0 to 1", "lower end of its 95 % interval"),
        column("conversion_high_a", "number", "0 to 1", "upper end of its 95 % interval"),
        column("median_days_a", "integer", "days", "within which half leave the stage; of (all), close"),
        column("b", "text", "", "the second group"),
        column("entered_b", "integer", "deals", "of it, that entered the stage; of (all), deals"),
        column("conversion_b", "number", "0 to 1", "long-run share of them that advances; of (all), that is won"),
        column("conversion_low_b", "number", "0 to 1", "lower end of its 95 % interval"),
        column("conversion_high_b", "number", "0 to 1", "upper end of its 95 % interval"),
        column("median_days_b", "integer", "days", "within which half leave the stage; of (all), close"),
        column("difference", "number", "-1 to 1", "conversion_a - conversion_b"),
        column("difference_low", "number", "-1 to 1", "lower end of its 95 % interval (Newcombe)"),
        column("difference_high", "number", "-1 to 1", "upper end of its 95 % interval"),
        column("z", "number", "", "z-test of the difference, pooled"),
        column("p_conversion", "number", "0 to 1", "its two-sided p-value"),
        column(
            "p_conversion_adjusted",
            "number",
            "0 to 1",
            "the same as it counts among all tests of the table (Holm)",
        ),
        column("log_rank", "number", "", "chi-squared of the log-rank test of the times"),
        column("p_time", "number", "0 to 1", "its p-value"),
        column("p_time_adjusted", "number", "0 to 1", "the same as it counts among all tests of the table (Holm)"),
    ],
};

const STAGNATION_JUDGED: OutputTable = OutputTable {
    name: "stagnation_judged",
    row: "rule by which deals of past mornings are named",
    columns: &[
        column("rule", "text", "", "all open deals; stalled ones; as many that had been in their stage the longest"),
        column("alerts", "integer", "deals", "named, once per morning"),
        column("deals", "integer", "deals", "different ones among them"),
        column("lost", "integer", "deals", "of the alerts, ended lost"),
        column(
            "slipped",
            "integer",
            "deals",
            "of the alerts, not closed by the day expected then (90 days where there was none to come)",
        ),
        column("precision", "number", "0 to 1", "(lost + slipped) / alerts"),
        column("precision_low", "number", "0 to 1", "lower end of its 95 % interval"),
        column("precision_high", "number", "0 to 1", "upper end of its 95 % interval"),
        column("recall", "number", "0 to 1", "share of all that ended so which the rule names"),
    ],
};
