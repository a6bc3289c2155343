//! What every column of every output means: the reference that `dealcast schema outputs` prints.

mod listings;
mod sources;

use serde::Serialize;

use crate::report::column::{ColumnDeclaration, TableDeclaration};

use listings::LISTINGS;
use sources::{ATTRIBUTION, CAMPAIGNS, SOURCES};

/// One column of an output table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct OutputColumn {
    /// Name in every format.
    pub name: &'static str,
    /// `text`, `integer`, `number`, `money`, `date`, `flag` or `json` (text holding JSON).
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Unit or range; empty where the type says it all.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub unit: &'static str,
    /// One line.
    pub meaning: &'static str,
}

/// One output table.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct OutputTable {
    /// File stem.
    pub name: &'static str,
    /// What one row stands for.
    pub row: &'static str,
    /// In order.
    pub columns: &'static [OutputColumn],
}

const fn column(name: &'static str, kind: &'static str, unit: &'static str, meaning: &'static str) -> OutputColumn {
    OutputColumn { name, kind, unit, meaning }
}

/// The tables a run writes that are still declared here and come before the forecast.
pub fn tables_before_the_forecast() -> Vec<TableDeclaration> {
    BEFORE_THE_FORECAST.iter().map(OutputTable::declaration).collect()
}

/// Those of the model.
pub fn tables_of_the_model() -> Vec<TableDeclaration> {
    OF_THE_MODEL.iter().map(OutputTable::declaration).collect()
}

/// The listings still declared here.
pub fn listings() -> Vec<TableDeclaration> {
    LISTINGS.iter().map(OutputTable::declaration).collect()
}

impl OutputTable {
    fn declaration(&self) -> TableDeclaration {
        let column = |column: &OutputColumn| {
            let OutputColumn { name, kind, unit, meaning } = *column;
            ColumnDeclaration { name, kind, unit, meaning, formula: "", empty: "" }
        };
        TableDeclaration { name: self.name, row: self.row, columns: self.columns.iter().map(column).collect() }
    }
}

const BEFORE_THE_FORECAST: &[OutputTable] =
    &[SCORES, STAGNATION, STAGNATION_SUMMARY, FUNNEL, FUNNEL_SUMMARY, FLOW, SOURCES, CAMPAIGNS, ATTRIBUTION];

const OF_THE_MODEL: &[OutputTable] = &[EVALUATION, RELIABILITY, DRIFT];

const SCORES: OutputTable = OutputTable {
    name: "scores",
    row: "open deal",
    columns: &[
        column("deal_id", "text", "", "the deal"),
        column("name", "text", "", "its name"),
        column("account", "text", "", "the customer"),
        column("owner", "text", "", "who works on it"),
        column("stage", "text", "", "stage as of the day"),
        column("amount", "money", "currency", "amount as of the day"),
        column("currency", "text", "ISO 4217", "currency of amount and expected_value"),
        column("win_probability", "number", "0 to 1", "chance to be won within the model's horizon"),
        column("score", "integer", "0 to 100", "win_probability in percent, rounded"),
        column("grade", "text", "A to D", "A is the best quarter of the training rows' scores"),
        column(
            "trend",
            "text",
            "improving, steady, declining",
            "score against the first one within the last 30 days; steady within 4 points",
        ),
        column(
            "previous_score",
            "integer",
            "0 to 100",
            "score in the last run of an earlier day with the same folder of models",
        ),
        column("period", "text", "", "the running fiscal period the next three columns speak of"),
        column("win_in_period", "number", "0 to 1", "chance to be won by the period's end"),
        column("lose_in_period", "number", "0 to 1", "chance to be lost by the period's end"),
        column("slip_in_period", "number", "0 to 1", "chance to be still open at the period's end"),
        column("predicted_close_date", "date", "", "median day of winning, if it is won"),
        column("expected_value", "money", "currency", "amount x win_probability"),
        column("days_in_stage", "integer", "days", "days since it entered its stage"),
        column("stagnation", "text", "on pace, slow, stalled", "days_in_stage against the stage's norm"),
        column("positive_factors", "json", "log-odds", "what raises the score: array of name, value, contribution"),
        column("negative_factors", "json", "log-odds", "what lowers the score: array of name, value, contribution"),
        column("model_id", "text", "", "the model"),
        column("as_of", "date", "", "the morning it was scored as of"),
        column("predicted_close_low", "date", "", "if it is won, it is won before this day with a chance of 10 %"),
        column("predicted_close_high", "date", "", "if it is won, it is won before this day with a chance of 90 %"),
    ],
};

const STAGNATION: OutputTable = OutputTable {
    name: "stagnation",
    row: "open deal",
    columns: &[
        column("deal_id", "text", "", "the deal"),
        column("owner", "text", "", "who works on it"),
        column("stage", "text", "", "stage as of the day"),
        column(
            "days_in_stage",
            "integer",
            "days",
            "full days since it entered its stage; since creation where `basis` is age",
        ),
        column("percentile", "number", "0 to 100", "share of the stays that went on to advance that were shorter"),
        column("advance_30d", "number", "0 to 1", "chance to advance within 30 days, given the days so far"),
        column("stalled_since", "date", "", "first day it counted as stalled"),
        column("status", "text", "on pace, slow, stalled", "days_in_stage against the stage's norm"),
        column("amount", "money", "currency", "amount as of the day"),
        column("currency", "text", "ISO 4217", "currency of the amount"),
        column("lost_30d", "number", "0 to 1", "chance to be lost within 30 days, given the days so far"),
        column("norm_days", "integer", "days", "median days of stays that advance"),
        column("basis", "text", "stage, age", "age: the stage has no history, days count from creation"),
        column(
            "norm_of",
            "text",
            "",
            "whose stays it is compared with: stage, all stages (too few in it), column=value (held towards the stage) or age",
        ),
        column(
            "next_look",
            "date",
            "",
            "next day there is something to see: it would become slow or stalled, or half like it would have left; today if stalled",
        ),
        column("previous_status", "text", "", "status at the last look by today's norms; empty where it was not open"),
        column(
            "change",
            "text",
            "",
            "since the last look: new, newly slow, newly stalled, no longer stalled or unchanged",
        ),
        column("pipeline", "text", "", "the deal's pipeline"),
        column("name", "text", "", "the deal's name"),
        column("account", "text", "", "its customer"),
    ],
};

const STAGNATION_SUMMARY: OutputTable = OutputTable {
    name: "stagnation_summary",
    row: "stage, owner, team, region or value of a column; `all` first",
    columns: &[
        column("by", "text", "", "all, stage, owner, team, region or the column asked for"),
        column("group", "text", "", "the stage, the owner..."),
        column("on_pace", "integer", "deals", "open deals on pace"),
        column("on_pace_value", "money", "currency", "their amount"),
        column("slow", "integer", "deals", "open deals that are slow"),
        column("slow_value", "money", "currency", "their amount"),
        column("stalled", "integer", "deals", "open deals that are stalled"),
        column("stalled_value", "money", "currency", "their amount"),
        column(
            "stalled_then",
            "integer",
            "deals",
            "stalled at the last look, in the stage of then: less moved_on, won_since and lost_since, and with newly_stalled, it is stalled",
        ),
        column("stalled_then_value", "money", "currency", "their amount"),
        column("newly_stalled", "integer", "deals", "stalled now and not at the last look, or not in this stay"),
        column("newly_stalled_value", "money", "currency", "their amount"),
        column("moved_on", "integer", "deals", "stalled at the last look, open and not stalled now"),
        column("moved_on_value", "money", "currency", "their amount"),
        column("won_since", "integer", "deals", "stalled at the last look and won since"),
        column("won_since_value", "money", "currency", "their amount"),
        column("lost_since", "integer", "deals", "stalled at the last look and lost since"),
        column("lost_since_value", "money", "currency", "their amount"),
        column("currency", "text", "ISO 4217", "currency of the money; empty where the deals have no common one"),
    ],
};

const FUNNEL: OutputTable = OutputTable {
    name: "funnel",
    row: "cohort x segment x stage",
    columns: &[
        column(
            "cohort",
            "text",
            "",
            "`all`; `current`, what deals did in the last `[funnel] current_days`; or the period they were created in",
        ),
        column("segment", "text", "", "`all`, or `column=value`"),
        column("stage", "text", "", "the stage"),
        column("entered", "integer", "deals", "deals that were ever in the stage; for lost stages, that ended there"),
        column("advanced", "integer", "deals", "of these, last left it for a later stage or the win"),
        column("lost", "integer", "deals", "of these, lost from it"),
        column("back", "integer", "deals", "of these, last left it for an earlier stage"),
        column("skipped", "integer", "deals", "went past it without a stay; not among `entered`"),
        column("open", "integer", "deals", "still in it and open; 0 for closed stages"),
        column("conversion", "number", "0 to 1", "long-run share that advances, deals still in it taken into account"),
        column("conversion_low", "number", "0 to 1", "lower end of its 95 % interval"),
        column("conversion_high", "number", "0 to 1", "upper end of its 95 % interval"),
        column("median_days", "integer", "days", "days within which half leave the stage"),
        column("p90_days", "integer", "days", "days within which nine in ten leave it"),
        column("value", "money", "currency", "amount of the deals that entered"),
        column("currency", "text", "ISO 4217", "currency of the value; empty where the deals have no common one"),
        column("won", "integer", "deals", "entered and are won by now"),
        column("conversion_to_won", "number", "0 to 1", "long-run share of those that entered which is won"),
        column(
            "still_there",
            "integer",
            "deals",
            "in it now, open or closed: entered = advanced + lost + back + still_there",
        ),
        column("moves_back", "integer", "moves", "moves from it to an earlier stage, every one"),
        column("place", "integer", "", "position in the process, from 1; deals whose stage has no name come last"),
        column("pipeline", "text", "", "the pipeline the stage belongs to; empty where it is of all"),
    ],
};

const FUNNEL_SUMMARY: OutputTable = OutputTable {
    name: "funnel_summary",
    row: "cohort x segment",
    columns: &[
        column(
            "cohort",
            "text",
            "",
            "`all`; `current`, what deals did in the last `[funnel] current_days`; or the period they were created in",
        ),
        column("segment", "text", "", "`all`, or `column=value`"),
        column("deals", "integer", "deals", "created; of `current` open or closed in its days"),
        column("won", "integer", "deals", "won by now, of `current` in its days"),
        column("lost", "integer", "deals", "lost by now, of `current` in its days"),
        column("open", "integer", "deals", "open"),
        column("win_rate", "number", "0 to 1", "won / (won + lost)"),
        column("median_cycle_days", "integer", "days", "median days from creation to the win"),
        column("mean_won", "money", "currency", "mean amount of a won deal"),
        column("velocity_per_day", "number", "currency", "open deals x win rate x mean won / cycle"),
        column("currency", "text", "ISO 4217", "currency of the money; empty where the deals have no common one"),
        column("p90_cycle_days", "integer", "days", "days within which nine in ten wins come"),
        column("won_value", "money", "currency", "amount of the won deals"),
        column("open_value", "money", "currency", "amount of the open deals"),
    ],
};

const FLOW: OutputTable = OutputTable {
    name: "flow",
    row: "cohort x segment x move from one stage to another: the links of a Sankey diagram",
    columns: &[
        column(
            "cohort",
            "text",
            "",
            "`all`; `current`, moves of the last `[funnel] current_days`; or the period the deals were created in",
        ),
        column("segment", "text", "", "`all`, or `column=value`"),
        column(
            "from",
            "text",
            "",
            "a stage; `(created)`; `(before)`: there when `current` begins; `(unknown)` before the history",
        ),
        column("to", "text", "", "a stage; `(open)`: still there. What flows into an open stage flows out of it"),
        column("kind", "text", "", "created, before, forward, back, won, lost, reopened, after sale or open"),
        column("moves", "integer", "moves", "every one, of a deal that goes back and on again each time"),
        column("deals", "integer", "deals", "that made at least one"),
        column("value", "money", "currency", "amount of these deals"),
        column("currency", "text", "ISO 4217", "currency of the value; empty where the deals have no common one"),
        column("median_days", "integer", "days", "median of the days in `from` before the move; of (open) until now"),
    ],
};

const EVALUATION: OutputTable = OutputTable {
    name: "evaluation",
    row: "cutoff x model or baseline x scope",
    columns: &[
        column("cutoff", "date", "", "trained on what was known before this day; empty: all folds together"),
        column("model", "text", "", "model, base rate, stage table, crm probability, period model, period base rate"),
        column("scope", "text", "", "`all`, or `stage=...`"),
        column("rows", "integer", "deals x days", "rows judged, none of them of a deal that was trained on"),
        column("deals", "integer", "deals", "deals they are of"),
        column("won", "integer", "deals x days", "rows won within the horizon"),
        column("log_loss", "number", "nats", "mean of -log(chance given to what happened); lower is better"),
        column("log_loss_se", "number", "nats", "its standard error, clustered by deal"),
        column("brier", "number", "", "mean squared error of the chances; lower is better"),
        column("auc", "number", "0 to 1", "how often a won row has the higher chance of two; 0.5 is guessing"),
        column("calibration_slope", "number", "", "1 is right, below 1 too sure of itself"),
        column("calibration_intercept", "number", "log-odds", "0 is right, above 0 too pessimistic"),
        column("calibration_error", "number", "0 to 1", "mean distance of predicted and observed over ten bins"),
        column("log_loss_low", "number", "nats", "lower end of its 95 % interval; all intervals are clustered by deal"),
        column("log_loss_high", "number", "nats", "upper end"),
        column("brier_low", "number", "", "lower end of its 95 % interval"),
        column("brier_high", "number", "", "upper end"),
        column("auc_low", "number", "0 to 1", "lower end of its 95 % interval"),
        column("auc_high", "number", "0 to 1", "upper end"),
        column("calibration_slope_low", "number", "", "lower end of its 95 % interval"),
        column("calibration_slope_high", "number", "", "upper end"),
        column("calibration_intercept_low", "number", "log-odds", "lower end of its 95 % interval"),
        column("calibration_intercept_high", "number", "log-odds", "upper end"),
    ],
};

const RELIABILITY: OutputTable = OutputTable {
    name: "reliability",
    row: "tenth of the rows judged, by predicted chance",
    columns: &[
        column("bin", "integer", "1 to 10", "1 has the lowest chances"),
        column("rows", "integer", "deals x days", "rows in it"),
        column("won", "integer", "deals x days", "rows won within the horizon"),
        column("predicted", "number", "0 to 1", "mean chance"),
        column("observed", "number", "0 to 1", "share won"),
        column("observed_low", "number", "0 to 1", "lower end of its 95 % interval"),
        column("observed_high", "number", "0 to 1", "upper end of its 95 % interval"),
    ],
};

const DRIFT: OutputTable = OutputTable {
    name: "drift",
    row: "field the model sees",
    columns: &[
        column("field", "text", "", "the field"),
        column("factor", "text", "", "the factor it is part of in explanations"),
        column("factor_share", "number", "0 to 1", "how much of the scores that factor makes"),
        column(
            "psi",
            "number",
            "",
            "population stability index of the open deals against the training rows; 0 is no change",
        ),
        column("psi_by_chance", "number", "", "what it stays below in 95 % of cases where nothing has changed"),
        column("drifted", "flag", "", "psi is above `training.retrain.drift_psi` and above chance"),
        column("model_id", "text", "", "the model"),
    ],
};

/// Asserts that the dictionary lists exactly the columns of `table`, in order and of their types.
#[cfg(test)]
#[track_caller]
pub(crate) fn assert_documents(table: &crate::report::table::Table) {
    use arrow::datatypes::DataType;

    let documented = BEFORE_THE_FORECAST
        .iter()
        .chain(OF_THE_MODEL)
        .chain(LISTINGS)
        .find(|output| output.name == table.name())
        .expect("a documented table");
    let kind = |data_type: &DataType| match data_type {
        DataType::Utf8 => "text",
        DataType::Int64 => "integer",
        DataType::Float64 => "number",
        DataType::Decimal128(..) => "money",
        DataType::Date32 => "date",
        DataType::Boolean => "flag",
        _ => "unknown",
    };
    let schema = table.batch().schema();
    let written: Vec<_> =
        schema.fields().iter().map(|field| (field.name().as_str(), kind(field.data_type()))).collect();
    let stored = |kind| if kind == "json" { "text" } else { kind };
    let listed: Vec<_> = documented.columns.iter().map(|column| (column.name, stored(column.kind))).collect();
    assert_eq!(listed, written);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_contract_names_these_columns() {
        let scores: Vec<&str> = SCORES.columns.iter().map(|c| c.name).collect();
        assert_eq!(
            scores.join(", "),
            "deal_id, name, account, owner, stage, amount, currency, win_probability, score, grade, trend, \
             previous_score, period, win_in_period, lose_in_period, slip_in_period, predicted_close_date, \
             expected_value, days_in_stage, stagnation, positive_factors, negative_factors, model_id, as_of, \
             predicted_close_low, predicted_close_high"
        );
    }
}
