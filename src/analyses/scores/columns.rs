//! The `scores` table: one row per open deal, by deal id, with the factors in words.

use arrow::error::ArrowError;

use super::rows::{ScoreLine, ScoreTable, Shared, lines};
use crate::report::column::{Column, TableSpec};
use crate::report::invariants::{Invariant, Repeats};
use crate::report::table::Table;

/// When what a model says is empty.
const NO_MODEL: &str = "no model is in use";
/// When what a model says of the running period is empty.
const NO_PERIOD: &str = "no model is in use, or nothing is forecast for the running period";
/// When what a model says of the day of the win is empty.
const NEVER_WON: &str = "no model is in use, or the deal is as good as never won";

/// What always holds of `scores`.
const INVARIANTS: &[Invariant] = &[
    Invariant::Key(&["deal_id"]),
    Invariant::Ordered(&["predicted_close_low", "predicted_close_date", "predicted_close_high"]),
    Invariant::Together(&["period", "win_in_period", "lose_in_period", "slip_in_period", "period_end"]),
    Invariant::GrowByDay(&[("win_in_period", "period_end"), ("win_probability", "horizon_end")]),
    Invariant::Together(&["trend", "previous_score"]),
    Invariant::Together(&["win_probability", "score", "model_id", "positive_factors", "negative_factors"]),
    Invariant::Repeats(Repeats {
        table: "stagnation",
        by: &["deal_id"],
        only: None,
        columns: &[
            ("owner", "owner"),
            ("stage", "stage"),
            ("amount", "amount"),
            ("currency", "currency"),
            ("days_in_stage", "days_in_stage"),
            ("name", "name"),
            ("account", "account"),
            ("stagnation", "status"),
        ],
        every: true,
    }),
];

/// The columns of `scores`: those of the contract, then the interval of the predicted close date.
#[must_use]
pub fn spec<'a>() -> TableSpec<ScoreLine<'a>> {
    type Line<'a> = ScoreLine<'a>;
    TableSpec::new(
        "scores",
        "open deal",
        vec![
            Column::text("deal_id", "id of the deal", ScoreLine::id),
            Column::text("name", "name of the deal", ScoreLine::name).empty("the deal has none"),
            Column::text("account", "customer", ScoreLine::account).empty("the deal names none"),
            Column::text("owner", "who works on the deal", ScoreLine::owner).empty("the deal has no owner"),
            Column::text("stage", "stage of the deal as of the day", |line: &Line<'_>| Some(line.stage().into())),
            Column::money("amount", "amount as of the day", ScoreLine::amount).empty("the deal has no amount"),
            Column::text("currency", "currency of amount and expected_value", ScoreLine::currency).unit("ISO 4217"),
            Column::number("win_probability", "chance to be won within the model's horizon", |line: &Line<'_>| {
                Some(line.score?.win_probability)
            })
            .between(0, 1)
            .empty(NO_MODEL),
            Column::integer("score", "win_probability in percent, rounded", |line: &Line<'_>| {
                Some(line.score?.score.into())
            })
            .between(0, 100)
            .formula("round(100 x win_probability)")
            .empty(NO_MODEL),
            Column::text(
                "grade",
                "quarter of the training rows' scores the deal is in; A is the best",
                |line: &Line<'_>| Some(line.score?.grade?.to_string().into()),
            )
            .one_of(&["A", "B", "C", "D"])
            .empty("no model is in use, or it has no signal"),
            Column::text(
                "trend",
                "score against the first one within the last 30 days; steady within 4 points",
                |line: &Line<'_>| line.trend().map(Into::into),
            )
            .one_of(&["improving", "steady", "declining"])
            .empty("the deal has no score of an earlier day"),
            Column::integer(
                "previous_score",
                "score in the last run of an earlier day with the same folder of models",
                |line: &Line<'_>| Some(line.previous()?.score.into()),
            )
            .between(0, 100)
            .empty("the deal has no score of an earlier day"),
            Column::text("period", "the running fiscal period the next three columns speak of", |line: &Line<'_>| {
                line.period().map(Into::into)
            })
            .empty(NO_PERIOD),
            Column::number("win_in_period", "chance to be won by the end of the period", |line: &Line<'_>| {
                Some(line.outcome()?.win)
            })
            .between(0, 1)
            .empty(NO_PERIOD),
            Column::number("lose_in_period", "chance to be lost by the end of the period", |line: &Line<'_>| {
                Some(line.outcome()?.lose)
            })
            .between(0, 1)
            .empty(NO_PERIOD),
            Column::number("slip_in_period", "chance to be still open at the end of the period", |line: &Line<'_>| {
                Some(line.outcome()?.slip)
            })
            .between(0, 1)
            .formula("1 - win_in_period - lose_in_period")
            .empty(NO_PERIOD),
            Column::date("predicted_close_date", "median day of winning, if the deal is won", |line: &Line<'_>| {
                line.predicted_close().map(|[_, median, _]| median)
            })
            .empty(NEVER_WON),
            Column::money("expected_value", "amount the deal is worth on average", ScoreLine::expected_value)
                .formula("amount x win_probability")
                .empty("the deal has no amount, or no model is in use"),
            Column::integer(
                "days_in_stage",
                "full days since the deal entered its stage; since it was created where the stage has no history",
                |line: &Line<'_>| line.stagnation.days_in_stage.map(i64::from),
            )
            .unit("days")
            .empty("nobody knows since when"),
            Column::text("stagnation", "days_in_stage against the benchmark", |line: &Line<'_>| {
                Some(line.stagnation.status.name().into())
            })
            .one_of(&["on pace", "slow", "stalled"]),
            Column::json(
                "positive_factors",
                "what raises the score: array of name, value, contribution",
                |line: &Line<'_>| line.factors.positive.as_deref().map(Into::into),
            )
            .unit("log-odds")
            .empty(NO_MODEL),
            Column::json(
                "negative_factors",
                "what lowers the score: array of name, value, contribution",
                |line: &Line<'_>| line.factors.negative.as_deref().map(Into::into),
            )
            .unit("log-odds")
            .empty(NO_MODEL),
            Column::text("model_id", "the model", |line: &Line<'_>| line.model_id().map(Into::into)).empty(NO_MODEL),
            Column::date("as_of", "the morning the deal was scored as of", |line: &Line<'_>| Some(line.state.day)),
            Column::date(
                "predicted_close_low",
                "if the deal is won, it is won before this day with a chance of 10 %",
                |line: &Line<'_>| line.predicted_close().map(|[low, _, _]| low),
            )
            .empty(NEVER_WON),
            Column::date(
                "predicted_close_high",
                "if the deal is won, it is won before this day with a chance of 90 %",
                |line: &Line<'_>| line.predicted_close().map(|[_, _, high]| high),
            )
            .empty(NEVER_WON),
            Column::date("period_end", "last day of `period`", ScoreLine::period_end).empty(NO_PERIOD),
            Column::date(
                "horizon_end",
                "last day of the model's horizon: `win_probability` is the chance to be won by then",
                ScoreLine::horizon_end,
            )
            .empty("no model is in use, or the closing days of the deals are not known"),
            Column::date("expected_close_date", "day the owner expects the deal to close", |line: &Line<'_>| {
                line.state.expected_close.get()
            })
            .empty("the deal has none"),
            Column::text("forecast_category", "forecast category: the deal's, else its stage's", |line: &Line<'_>| {
                Some(line.category().into())
            })
            .one_of(&["pipeline", "best-case", "commit", "closed", "omitted"]),
            Column::money(
                "base_amount",
                "`amount` in the currency of the run's sums, at the last known rate",
                ScoreLine::base_amount,
            )
            .unit("base currency")
            .empty("the deal has no amount, or no rate leads to that currency"),
        ],
    )
    .holds(INVARIANTS)
}

/// `scores` as a table.
///
/// # Errors
/// An arrow error where columns differ in length.
pub fn table(input: &ScoreTable<'_>) -> Result<Table, ArrowError> {
    let shared = Shared::of(input);
    let lines = lines(&shared);
    let scale = lines.iter().map(ScoreLine::decimals).max().unwrap_or(2).max(input.values.decimals());
    spec().table(&lines, scale)
}
