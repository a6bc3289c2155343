"""What a user would write instead: polars snapshots, a scikit-learn fit, scores for the open deals.

Reads a folder of canonical CSV tables (deals, stage_history, activities), builds one row per deal per monthly
landmark on which it was open, labels it with "won within the horizon", fits a logistic regression on standardised
numbers and one-hot categories, and scores the deals open on the as-of day. Same tables, same landmark days, same
horizon and same as-of day as `dealcast run`; no evaluation, no calibration, no explanations, no reports.

    python winmodel.py WORLD AS_OF HORIZON_DAYS OUT.csv [--max-rows N]
"""

import argparse
import json
import time
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
from sklearn.linear_model import LogisticRegression

STATE = ["stage", "amount", "expected_close_date"]
CATEGORIES = ["stage", "source", "product", "region", "segment", "currency"]


def parse_times(frame: pl.LazyFrame, columns: list[str]) -> pl.LazyFrame:
    """ISO dates or datetimes, as polars' own sniffing leaves them, to datetimes."""
    schema = frame.collect_schema()
    for column in columns:
        if schema[column] == pl.String:
            frame = frame.with_columns(pl.col(column).str.to_datetime(strict=False))
        elif schema[column] == pl.Date:
            frame = frame.with_columns(pl.col(column).cast(pl.Datetime))
    return frame


def load(world: Path) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    def scan(name: str) -> pl.LazyFrame:
        return pl.scan_csv(world / f"{name}.csv", try_parse_dates=True, infer_schema_length=10_000)

    deals = parse_times(scan("deals"), ["created_at", "closed_at", "expected_close_date"]).collect()
    history = parse_times(scan("stage_history"), ["changed_at", "expected_close_date"]).collect()
    activities = parse_times(scan("activities"), ["occurred_at"]).collect()
    return deals, history, activities


def carried_forward(history: pl.DataFrame) -> pl.DataFrame:
    """One row per change with the whole state after it, how long the stage has lasted, and counts so far."""
    history = history.sort("deal_id", "changed_at", maintain_order=True)
    history = history.with_columns(pl.col(column).forward_fill().over("deal_id") for column in STATE)
    entered = pl.col("stage") != pl.col("stage").shift(1).over("deal_id")
    pushed = pl.col("expected_close_date") > pl.col("expected_close_date").shift(1).over("deal_id")
    return history.with_columns(
        pl.when(entered.fill_null(True)).then(pl.col("changed_at")).alias("stage_since"),
        entered.fill_null(True).cast(pl.Int32).cum_sum().over("deal_id").alias("moves"),
        pushed.fill_null(False).cast(pl.Int32).cum_sum().over("deal_id").alias("pushes"),
        pl.col("expected_close_date").first().over("deal_id").alias("first_close_date"),
    ).with_columns(pl.col("stage_since").forward_fill().over("deal_id"))


def snapshots(deals, history, activities, days: list[date]) -> pl.DataFrame:
    """One row per deal and day on which it was open, with what was known that morning."""
    grid = pl.DataFrame({"day": days}).with_columns(pl.col("day").cast(pl.Datetime("us")))
    rows = deals.select("deal_id", "created_at", "closed_at", "status").join(grid, how="cross").filter(
        (pl.col("created_at") < pl.col("day"))
        & (pl.col("closed_at").is_null() | (pl.col("closed_at") >= pl.col("day")))
    )
    rows = rows.sort("day").join_asof(
        history.select("deal_id", "changed_at", *STATE, "stage_since", "moves", "pushes", "first_close_date").sort("changed_at"),
        left_on="day", right_on="changed_at", by="deal_id", allow_exact_matches=False, check_sortedness=False,
    )
    counted = activities.sort("occurred_at").with_columns(
        pl.col("count").fill_null(1).cum_sum().over("deal_id").alias("total") if "count" in activities.columns
        else pl.int_range(1, pl.len() + 1).over("deal_id").alias("total"),
        pl.col("occurred_at").alias("last_activity"),
    ).select("deal_id", "occurred_at", "total", "last_activity")
    rows = rows.join_asof(counted, left_on="day", right_on="occurred_at", by="deal_id", allow_exact_matches=False, check_sortedness=False)
    rows = rows.with_columns((pl.col("day") - pl.duration(days=30)).alias("month_ago")).sort("month_ago").join_asof(
        counted.select("deal_id", "occurred_at", pl.col("total").alias("before")),
        left_on="month_ago", right_on="occurred_at", by="deal_id", allow_exact_matches=False, check_sortedness=False,
    )
    static = [c for c in ["source", "product", "region", "segment", "currency", "owner", "employees"] if c in deals.columns]
    return rows.join(deals.select("deal_id", *static), on="deal_id", how="left")


def numbers(rows: pl.DataFrame) -> pl.DataFrame:
    def days(later, earlier):
        return (pl.col(later) - pl.col(earlier)).dt.total_days().cast(pl.Float64)

    return rows.select(
        days("day", "stage_since").clip(0).log1p().alias("log_days_in_stage"),
        days("day", "created_at").clip(0).log1p().alias("log_age"),
        days("expected_close_date", "day").clip(-365, 365).alias("days_to_close"),
        (pl.col("expected_close_date") < pl.col("day")).cast(pl.Float64).alias("overdue"),
        days("expected_close_date", "first_close_date").clip(-365, 365).alias("slip"),
        pl.col("moves").cast(pl.Float64),
        pl.col("pushes").cast(pl.Float64),
        pl.col("amount").cast(pl.Float64).clip(0).log1p().alias("log_amount"),
        pl.col("amount").is_null().cast(pl.Float64).alias("no_amount"),
        pl.col("total").fill_null(0).cast(pl.Float64).log1p().alias("activities"),
        (pl.col("total").fill_null(0) - pl.col("before").fill_null(0)).cast(pl.Float64).log1p().alias("activities_30d"),
        days("day", "last_activity").fill_null(365).clip(0, 365).alias("days_since_activity"),
    )


def matrix(rows: pl.DataFrame, fitted: dict | None) -> tuple[np.ndarray, dict]:
    """Standardised numbers beside one-hot categories; `fitted` carries means, deviations and levels."""
    plain = numbers(rows)
    if fitted is None:
        means = {c: plain[c].mean() or 0.0 for c in plain.columns}
        deviations = {c: plain[c].std() or 1.0 for c in plain.columns}
        levels = {c: rows[c].drop_nulls().unique().sort().to_list()[:60] for c in CATEGORIES if c in rows.columns}
        fitted = {"means": means, "deviations": deviations, "levels": levels}
    columns = [((plain[c].fill_null(fitted["means"][c]) - fitted["means"][c]) / fitted["deviations"][c]).to_numpy() for c in plain.columns]
    for c, names in fitted["levels"].items():
        columns += [(rows[c] == name).fill_null(False).cast(pl.Float64).to_numpy() for name in names]
    return np.column_stack(columns), fitted


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("world", type=Path)
    parser.add_argument("as_of", type=date.fromisoformat)
    parser.add_argument("horizon", type=int)
    parser.add_argument("out", type=Path)
    parser.add_argument("--max-rows", type=int, help="fit on a sample of whole deals of about this many rows")
    options = parser.parse_args()
    clock, steps = time.perf_counter(), {}

    def lap(name: str) -> None:
        nonlocal clock
        steps[name], clock = round(time.perf_counter() - clock, 2), time.perf_counter()

    deals, history, activities = load(options.world)
    lap("load")
    first = deals["created_at"].min().date()
    days = [date(y, m, 1) for y in range(first.year, options.as_of.year + 1) for m in range(1, 13)]
    days = [d for d in days if first < d < options.as_of]
    states = carried_forward(history)
    horizon = pl.duration(days=options.horizon)
    train = snapshots(deals, states, activities, days).filter(pl.col("day") + horizon <= options.as_of)
    if options.max_rows and len(train) > options.max_rows:
        share = options.max_rows / len(train)
        train = train.filter(pl.col("deal_id").hash(1) % 1_000_000 < int(share * 1_000_000))
    won = ((train["status"] == "won") & (train["closed_at"] < train["day"] + timedelta(days=options.horizon))).fill_null(False).to_numpy()
    today = snapshots(deals, states, activities, [options.as_of])
    lap("snapshots")
    x, fitted = matrix(train, None)
    lap("matrix")
    model = LogisticRegression(C=1.0 / (1e-3 * len(x)), solver="lbfgs", tol=1e-6, max_iter=500).fit(x, won)
    lap("fit")
    scores = model.predict_proba(matrix(today, fitted)[0])[:, 1]
    today.select("deal_id").with_columns(win_probability=scores).sort("deal_id").write_csv(options.out)
    lap("score")
    print(json.dumps({"rows": len(x), "columns": x.shape[1], "won": int(won.sum()), "open": len(today), "seconds": steps}))


if __name__ == "__main__":
    main()
