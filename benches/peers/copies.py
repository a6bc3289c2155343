"""The development pipeline of San Francisco: dated copies of one table, turned into deals and their history.

Input: the folder of `pipeline_DATE.csv`. Output: `deals.csv`, `stage_history.csv` and `dealcast.toml`.

A deal is a lot. A lot that leaves the table after CONSTRUCTION was built (won), one that leaves earlier was given up
(lost), both on the day of the first copy without it. Each copy gives the lot's stage and units of that day. Of several
projects on one lot the one that has come furthest counts. What the first copy of a lot said of its place, use and zoning
is known from then on; later changes of these columns are not used.
"""

import re
from pathlib import Path

import polars as pl

STAGES = ["PL FILED", "PL APPROVED", "BP FILED", "BP REINSTATED", "BP APPROVED", "BP ISSUED", "CONSTRUCTION"]
INTAKE = ["neighborhood", "land_use", "zoning", "planner"]


def write(source: Path, folder: Path) -> Path:
    rows = pl.concat([copy(path) for path in sorted(source.glob("pipeline_*.csv"))], how="diagonal")
    days = rows["day"].unique().sort()
    deals = rows.group_by("deal_id", maintain_order=True).agg(
        *[pl.col(c).first() for c in INTAKE], pl.col("day").first().alias("created_at"), pl.col("day").last().alias("last"),
        pl.col("stage").last(), pl.col("amount").last(), pl.col("total_gsf").first())
    following = pl.DataFrame({"last": days[:-1], "closed_at": days[1:]})
    built = pl.when(pl.col("stage") == "CONSTRUCTION").then(pl.lit("BUILT")).otherwise(pl.lit("GIVEN UP"))
    deals = deals.join(following, on="last", how="left", maintain_order="left").with_columns(
        stage=pl.when(pl.col("closed_at").is_null()).then(pl.col("stage")).otherwise(built)).drop("last")
    history = rows.select("deal_id", pl.col("day").alias("changed_at"), "stage", "amount")
    changed = pl.any_horizontal(pl.col(c).ne_missing(pl.col(c).shift()) for c in ("deal_id", "stage", "amount"))
    ends = deals.filter(pl.col("closed_at").is_not_null()).select("deal_id", pl.col("closed_at").alias("changed_at"), "stage", "amount")
    folder.mkdir(parents=True, exist_ok=True)
    deals.write_csv(folder / "deals.csv")
    pl.concat([history.filter(changed), ends]).write_csv(folder / "stage_history.csv")
    kinds = [(name, "open") for name in STAGES] + [("BUILT", "won"), ("GIVEN UP", "lost")]
    text = "".join(f'[[stages]]\nname = "{name}"\nkind = "{kind}"\n\n' for name, kind in kinds)
    text += '[sources.deals]\npath = "deals.csv"\n\n[sources.stage_history]\npath = "stage_history.csv"\n'
    (folder / "dealcast.toml").write_text(text)
    return folder / "dealcast.toml"


def copy(path: Path) -> pl.DataFrame:
    day = re.search(r"\d{4}-\d{2}-\d{2}", path.name).group()
    rank = pl.col("stage").replace_strict(dict(zip(STAGES, range(len(STAGES)))), default=-1)
    return (
        pl.read_csv(path, infer_schema=False)
        .with_columns(stage=pl.col("status").str.to_uppercase(), day=pl.lit(day).str.to_date(), deal_id=pl.col("lot"),
                      amount=pl.col("units_net").cast(pl.Float64, strict=False).clip(lower_bound=0.0))
        .filter(pl.col("deal_id").is_not_null() & pl.col("stage").is_in(STAGES))
        .sort("deal_id", rank, maintain_order=True)
        .unique("deal_id", keep="last", maintain_order=True)
    )
