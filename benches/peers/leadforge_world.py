"""A world of leadforge, a simulator by other hands, mapped to dealcast's inputs.

Input: a bundle in the mode `research_instructor` (only it has the ends). Output: three tables and `dealcast.toml`.

A deal is a lead. It stands in the stage Lead until its opportunity is created, in Opportunity until it closes or the world
ends. leadforge dates no other stage, and its `current_stage` is that of the world's end: it is left out, as are all columns
it flags as leaks. The amount is the opportunity's value, known from its creation. Activities, touches and sessions
are activities of so many kinds.
"""

import subprocess
from pathlib import Path

import polars as pl

RECIPE = "b2b_saas_procurement_v1"
CONFIG = """[money]
base_currency = "USD"

[[stages]]
name = "Lead"
kind = "open"

[[stages]]
name = "Opportunity"
kind = "open"

[[stages]]
name = "Won"
kind = "won"

[[stages]]
name = "Lost"
kind = "lost"

[sources.deals]
path = "deals.csv"

[sources.stage_history]
path = "stage_history.csv"

[sources.activities]
path = "activities.csv"
"""


def generate(command: str, seed: int, leads: int, difficulty: str, bundle: Path) -> None:
    subprocess.run([command, "generate", "--recipe", RECIPE, "--seed", str(seed), "--mode", "research_instructor",
                    "--difficulty", difficulty, "--n-leads", str(leads), "--out", str(bundle)], check=True, capture_output=True)


def write(bundle: Path, folder: Path) -> Path:
    table = {name: pl.read_parquet(bundle / "tables" / f"{name}.parquet") for name in
             ("leads", "accounts", "contacts", "opportunities", "sales_activities", "touches", "sessions")}
    opportunities = table["opportunities"].unique("lead_id", keep="first").select(
        "lead_id", pl.col("created_at").alias("opened"), "estimated_acv", "close_outcome", "closed_at")
    leads = (
        table["leads"].join(opportunities, on="lead_id", how="left")
        .join(table["accounts"].drop("company_name", "created_at"), on="account_id", how="left")
        .join(table["contacts"].drop("account_id", "created_at"), on="contact_id", how="left")
    )
    won, lost = pl.col("close_outcome") == "closed_won", pl.col("current_stage") == "closed_lost"
    lost_untold = lost & pl.col("closed_at").is_null()
    leads = leads.filter(~lost_untold)
    stage = pl.when(won).then(pl.lit("Won")).when(lost).then(pl.lit("Lost")).when(pl.col("opened").is_not_null()).then(pl.lit("Opportunity")).otherwise(pl.lit("Lead"))
    known = ["lead_source", "industry", "region", "employee_band", "estimated_revenue_band", "process_maturity_band",
             "job_title", "role_function", "seniority", "buyer_role", "email_domain_type"]
    deals = leads.select(
        pl.col("lead_id").alias("deal_id"), pl.col("account_id").alias("account"), pl.col("owner_rep_id").alias("owner"), stage.alias("stage"),
        pl.col("lead_created_at").alias("created_at"), "closed_at", pl.col("estimated_acv").alias("amount"), *known)
    history = pl.concat([
        leads.select(deal_id="lead_id", changed_at="lead_created_at", stage=pl.lit("Lead"), amount=pl.lit(None, pl.Int64)),
        leads.filter(pl.col("opened").is_not_null()).select(deal_id="lead_id", changed_at="opened", stage=pl.lit("Opportunity"), amount="estimated_acv"),
        deals.filter(pl.col("closed_at").is_not_null()).select("deal_id", changed_at="closed_at", stage="stage", amount="amount"),
    ])
    kinds = [("sales_activities", "activity_timestamp", pl.col("activity_type")),
             ("touches", "touch_timestamp", pl.format("touch {}", "touch_type")),
             ("sessions", "session_timestamp", pl.format("session {}", "session_type"))]
    activities = pl.concat([table[name].select(deal_id="lead_id", occurred_at=pl.col(when), kind=kind) for name, when, kind in kinds])
    folder.mkdir(parents=True, exist_ok=True)
    deals.write_csv(folder / "deals.csv")
    history.write_csv(folder / "stage_history.csv")
    activities.join(deals.select("deal_id"), on="deal_id", how="semi").sort("occurred_at", "deal_id").write_csv(folder / "activities.csv")
    (folder / "dealcast.toml").write_text(CONFIG)
    return folder / "dealcast.toml"
