"""What the leak hunter catches, what it misses, and whether the claimed log loss is the real one.

    python leaks.py --dealcast PATH [--worlds N] [--deals N] [--flat N] [--leadforge N] [--each] [--out DIR] [--work DIR]

A world whose truth is known is given columns that know the outcome and honest ones of the same shape (`leak_columns.py`).
dealcast trains with its defaults on the export of a day and scores the deals that are open then; the truth says what became
of them. Claimed is the log loss of the evaluation, real that of the scores. Worlds:

- `dealcast simulate`
- --flat: undated tables of a number and a level, closed and open records
- --leadforge: worlds by leadforge (`leadforge_world.py`), cut on a day on which most leads are open; beside the columns above
  with its own: counters of touches and days as they stand on that day, or at the closing

Each world is played bare, with honest columns, and with all columns; with --each also with every column alone.
"""

import argparse
import collections
import datetime
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import polars as pl

import leak_columns
import leadforge_world
from leak_columns import HONEST, IDENTIFIERS, LEAKS

EPOCH = pl.lit(datetime.date(1970, 1, 1))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dealcast", required=True)
    parser.add_argument("--worlds", type=int, default=3)
    parser.add_argument("--deals", type=int, default=6000)
    parser.add_argument("--each", action="store_true", help="also every column alone")
    parser.add_argument("--flat", type=int, default=0, help="undated tables")
    parser.add_argument("--leadforge", type=int, default=0, help="worlds by leadforge")
    parser.add_argument("--leadforge-command", default="leadforge")
    parser.add_argument("--out", type=Path, default=Path("."))
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "dealcast-leaks")
    return parser.parse_args()


def day_numbers(column: str) -> pl.Expr:
    return (pl.col(column).str.slice(0, 10).str.to_date() - EPOCH).dt.total_days()


class Simulated:
    """A world by `dealcast simulate`, with what became of every deal."""

    def __init__(self, options: argparse.Namespace, seed: int):
        self.folder = options.work / f"simulated-{seed}"
        if not (self.folder / "deals.csv").exists():
            subprocess.run([options.dealcast, "simulate", "--deals", str(options.deals), "--seed", str(seed), "--out", str(self.folder), "--quiet"], check=True)
        self.table = pl.read_csv(self.folder / "deals.csv", infer_schema=False)
        truth = pl.read_csv(self.folder / "truth" / "outcomes.csv", infer_schema=False).unique("deal_id", keep="last")
        known = self.table.select("deal_id", "created_at", "closed_at").join(truth, on="deal_id", how="left", maintain_order="left")
        history = pl.read_csv(self.folder / "stage_history.csv", infer_schema=False).filter(pl.col("stage").is_not_null())
        as_of = int(history.select(day_numbers("changed_at").max()).item()) + 1
        number = known.select(created=day_numbers("created_at"), closed=pl.coalesce(day_numbers("closed_at"), day_numbers("closed_on"), as_of + 999),
                              fit=pl.col("deal_index").cast(pl.Float64), won=pl.col("outcome") == "won")
        closed = np.where(known["closed_at"].is_null().to_numpy(), np.maximum(number["closed"].to_numpy(), as_of), number["closed"].to_numpy())
        created = number["created"].to_numpy()
        first_stage, moves = stays(known["deal_id"], history, np.minimum(closed, as_of))
        self.deals = leak_columns.Deals(created, closed, number["won"].fill_null(False).to_numpy(), as_of, number["fit"].fill_null(0.0).to_numpy(), first_stage, moves, seed)

    def write(self, folder: Path, columns: dict[str, list]) -> list[str]:
        """The input arguments of the world with further columns."""
        folder.mkdir(parents=True, exist_ok=True)
        self.table.with_columns(**{name: pl.Series(values, dtype=pl.String) for name, values in columns.items()}).write_csv(folder / "deals.csv")
        return ["--config", str(self.folder / "dealcast.toml"), "--deals", str(folder / "deals.csv")]


def stays(ids: pl.Series, history: pl.DataFrame, seen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The share of each deal's life spent in its first stage, and its moves, as far as seen."""
    order = history.select("deal_id", "stage", at=day_numbers("changed_at")).sort("deal_id", "at", maintain_order=True)
    changed = order.filter((pl.col("stage") != pl.col("stage").shift().over("deal_id")).fill_null(True))
    facts = changed.group_by("deal_id").agg(first=pl.col("at").first(), second=pl.col("at").get(1, null_on_oob=True), moves=pl.len() - 1)
    facts = pl.DataFrame({"deal_id": ids, "seen": seen}).join(facts, on="deal_id", how="left", maintain_order="left")
    share = ((pl.coalesce("second", "seen") - pl.col("first")) / (pl.col("seen") - pl.col("first")).clip(lower_bound=1)).clip(0, 1)
    shares = facts.select(share=share, moves="moves").fill_null(0)
    return shares["share"].to_numpy(), shares["moves"].to_numpy()


class Undated:
    """A flat table of closed and open records without any date."""

    CONFIG = ('[money]\nbase_currency = "USD"\n\n' + "".join(f'[[stages]]\nname = "{name}"\nkind = "{name.lower()}"\n\n' for name in ("Open", "Won", "Lost"))
              + '[sources.deals]\npath = "deals.csv"\n')

    def __init__(self, options: argparse.Namespace, seed: int):
        self.folder = options.work / f"undated-{seed}"
        n, rng = options.deals, np.random.default_rng(seed)
        fit, created = rng.normal(0, 1, n), np.sort(rng.integers(0, 900, n))
        closed = created + rng.exponential(np.exp(4.3 - 0.2 * fit)).astype(int) + 5
        won = rng.random(n) < 1 / (1 + np.exp(0.6 - fit))
        stages = rng.uniform(0.1, 0.9, n)
        self.deals = leak_columns.Deals(created, closed, won, 900, fit, np.where(closed < 900, stages, 1 - 0.5 * stages), rng.poisson(np.where(closed < 900, 3, 1.5)), seed)
        stage = np.where(self.deals.open, "Open", np.where(won, "Won", "Lost"))
        self.table = pl.DataFrame({"deal_id": [f"R{i}" for i in rng.permutation(n)], "stage": stage,
                                   "channel": leak_columns.fit_level(self.deals, rng), "age": (40 + 9 * rng.normal(0.4 * fit, 1)).round()})

    def write(self, folder: Path, columns: dict[str, list]) -> list[str]:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "dealcast.toml").write_text(self.CONFIG)
        self.table.with_columns(**{name: pl.Series(values, dtype=pl.String) for name, values in columns.items()}).write_csv(folder / "deals.csv")
        return ["--config", str(folder / "dealcast.toml")]


class Leadforge:
    """A world of leadforge as it stood on a day, with what became of every lead by its end."""

    DAYS = 55

    def __init__(self, options: argparse.Namespace, seed: int):
        self.folder = options.work / f"leadforge-{seed}"
        bundle, whole = self.folder / "bundle", self.folder / "whole"
        if not bundle.exists():
            leadforge_world.generate(options.leadforge_command, seed, options.deals, "intermediate", bundle)
        leadforge_world.write(bundle, whole)
        deals, history, acts = (pl.read_csv(whole / f"{name}.csv", infer_schema=False) for name in ("deals", "stage_history", "activities"))
        number = deals.select(created=day_numbers("created_at"), closed=day_numbers("closed_at"), won=pl.col("stage") == "Won")
        created = number["created"].to_numpy()
        as_of = int(created.min()) + self.DAYS
        closed = number["closed"].fill_null(as_of + 999).to_numpy()
        cut = str(leak_columns.DAY + datetime.timedelta(days=as_of))
        self.history, self.activities = history.filter(pl.col("changed_at") < cut), acts.filter(pl.col("occurred_at") < cut)
        first_stage, moves = stays(deals["deal_id"], self.history, np.minimum(closed, as_of))
        self.deals = leak_columns.Deals(created, closed, number["won"].to_numpy(), as_of, np.zeros(len(created)), first_stage, moves, seed)
        last = self.history.sort("changed_at", maintain_order=True).group_by("deal_id").agg(now=pl.col("stage").last(), worth=pl.col("amount").last())
        shown = deals.join(last, on="deal_id", how="left", maintain_order="left")
        is_open = pl.Series(self.deals.open)
        self.table = shown.with_columns(stage="now", amount="worth", closed_at=pl.when(is_open).then(None).otherwise("closed_at")).drop("now", "worth")
        seen = pl.DataFrame({"deal_id": deals["deal_id"], "seen": self.deals.seen})
        days = self.activities.select("deal_id", at=day_numbers("occurred_at")).join(seen, on="deal_id").filter(pl.col("at") <= pl.col("seen"))
        counted = days.group_by("deal_id").agg(touches=pl.len(), last=pl.col("at").max(), week=(pl.col("at") > pl.col("seen") - 7).sum())
        counted = seen.join(counted, on="deal_id", how="left", maintain_order="left")
        self.own = {"own_total_touches": counted["touches"].fill_null(0), "own_touches_last_7_days": counted["week"].fill_null(0),
                    "own_days_since_last_touch": (counted["seen"] - counted["last"])}

    def write(self, folder: Path, columns: dict[str, list]) -> list[str]:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "dealcast.toml").write_text(leadforge_world.CONFIG)
        self.history.write_csv(folder / "stage_history.csv")
        self.activities.write_csv(folder / "activities.csv")
        self.table.with_columns(**{name: pl.Series(values, dtype=pl.String) for name, values in columns.items()}).write_csv(folder / "deals.csv")
        return ["--config", str(folder / "dealcast.toml")]


def play(options: argparse.Namespace, world, name: str, makers: list) -> dict:
    """Trains and scores; what is claimed, what is real, and what was said of each column."""
    folder = world.folder / "played" / name
    columns = leak_columns.columns(world.deals, makers)
    if name == "all":
        columns |= {column: [None if x is None else str(x) for x in values] for column, values in getattr(world, "own", {}).items()}
    inputs = world.write(folder, columns)
    common = [*inputs, "--models", str(folder / "models"), "--quiet", "--no-progress", "--threads", "1"]
    (folder / "models" / "current").unlink(missing_ok=True)
    trained = subprocess.run([options.dealcast, "train", *common], capture_output=True, text=True)
    if not (folder / "models" / "current").exists():
        return {"error": (trained.stderr or trained.stdout)[-200:]}
    identity = (folder / "models" / "current").read_text().split()[-1]
    model = json.loads((folder / "models" / f"{identity}.json").read_text())
    subprocess.run([options.dealcast, "score", *common, "--format", "parquet", "--out", str(folder)], check=True, capture_output=True)
    overall = {row["model"]: row["log_loss"] for row in model["evaluation"]["rows"] if row["cutoff"] is None and row["scope"] == "all"}
    return {"claimed": overall.get("model"), "base": overall.get("base rate"), **real(world, folder, model), "signal": model["signal"],
            "contradicted": model.get("contradiction"), "columns": {column: status(model, column) for column in [*columns]},
            "others": [f"{e['name']}: {e['reason'][:90]}" for e in model["spec"]["excluded"] if e["cure"] and e["name"].removesuffix(", missing") not in columns],
            "reasons": {e["name"]: e["reason"] for e in model["spec"]["excluded"] if e["name"] in columns}}


def real(world, folder: Path, model: dict) -> dict:
    """The log loss of the scores, with its standard error, as the truth has it."""
    scores = pl.read_parquet(folder / "scores.parquet").select("deal_id", "win_probability")
    deals = world.deals
    horizon = model["horizon_days"] if model["training"]["dated"] else 10**6
    truth = pl.DataFrame({"deal_id": world.table["deal_id"], "won": deals.won & (deals.closed < deals.as_of + horizon)})
    rows = scores.join(truth, on="deal_id")
    chance, won = rows["win_probability"].to_numpy().clip(1e-9, 1 - 1e-9), rows["won"].to_numpy()
    losses = -np.where(won, np.log(chance), np.log(1 - chance))
    return {"real": losses.mean(), "real_se": losses.std() / len(losses) ** 0.5, "open": len(losses), "won": float(won.mean()), "expected": float(chance.mean())}


def status(model: dict, column: str) -> str:
    if any(suspect["field"] == column for suspect in model["spec"].get("suspects", [])):
        return "suspect"
    if any(field["name"] == column for field in model["spec"]["fields"]):
        return "used"
    reason = next((e for e in model["spec"]["excluded"] if e["name"] == column), None)
    return "excluded" if reason and reason["cure"] else "unusable" if reason else "absent"


def main() -> None:
    options = arguments()
    worlds = [(f"simulated {seed}", Simulated(options, seed)) for seed in range(601, 601 + options.worlds)]
    worlds += [(f"undated {seed}", Undated(options, seed)) for seed in range(701, 701 + options.flat)]
    worlds += [(f"leadforge {seed}", Leadforge(options, seed)) for seed in range(301, 301 + options.leadforge)]
    plays, counts = {}, collections.defaultdict(collections.Counter)
    for name, world in worlds:
        sets = {"bare": [], "honest": HONEST, "all": LEAKS + HONEST + IDENTIFIERS}
        if options.each:
            sets |= {make.__name__: [make] for make in LEAKS}
        for kind, makers in sets.items():
            played = plays[f"{name}, {kind}"] = play(options, world, kind, makers)
            show = {k: v if not isinstance(v, float) else round(v, 4) for k, v in played.items() if k not in ("columns", "reasons")}
            print(name, kind, show, flush=True)
            for column, what in played.get("columns", {}).items():
                counts[column][what] += kind in ("honest", "all")
                if options.each and kind == column:
                    print("   ", column, what, played["reasons"].get(column))
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "leaks.json").write_text(json.dumps(plays, indent=1, default=float) + "\n")
    own = sorted(column for column in counts if column.startswith("own_"))
    names = [("leak", [make.__name__ for make in LEAKS] + own), ("honest", [make.__name__ for make in HONEST]),
             ("identifier", [make.__name__ for make in IDENTIFIERS])]
    for kind, columns in names:
        for column in columns:
            print(f"{kind:10} {column:26}", dict(counts[column]))
        print(kind, "in all", dict(sum((counts[column] for column in columns), collections.Counter())))


if __name__ == "__main__":
    sys.exit(main())
