"""One export, judged: dealcast is trained on it, and the outside judges answer for the same rows.

Input: a configuration. Output: the truth, the deals and the chances of every contender, row by row.

Where dealcast had test rows (`train --predictions`), every judge is fitted fold by fold on the training rows
(`features --rows`) whose horizon had ended by the fold's cutoff, and asked about the fold's test rows. Where dealcast
found no model and printed no test rows, its chance is the base rate, and the rows are split into five parts by deal.
"""

import json
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl

import judges

KEYS = [judges.DEAL, "landmark"]
LABEL = judges.LABEL


@dataclass
class Compared:
    """Truth, deals and chances of all folds, end to end."""

    verdict: str
    split: str
    signal: bool = False
    won_deals: int = 0
    other_deals: int = 0
    cutoffs: list[str] = field(default_factory=list)
    won: np.ndarray | None = None
    deals: np.ndarray | None = None
    fold: np.ndarray | None = None
    chances: dict[str, np.ndarray] = field(default_factory=dict)


@dataclass
class Fold:
    name: str
    train: pl.DataFrame
    test: pl.DataFrame
    own: dict[str, np.ndarray]


def compare(dealcast: str, inputs: list[str], work: Path, wanted: list[str], quick: bool) -> Compared:
    common = [*inputs, "--quiet", "--no-progress", "--threads", "1"]
    tables = [*common, "--format", "parquet", "--out", str(work)]
    work.mkdir(parents=True, exist_ok=True)
    for stale in ("predictions.parquet", "training_rows.parquet", "models/current"):
        (work / stale).unlink(missing_ok=True)
    trained = subprocess.run([dealcast, "train", "--predictions", "--models", str(work / "models"), *tables], capture_output=True, text=True)
    rows_written = subprocess.run([dealcast, "features", "--rows", *tables], capture_output=True, text=True)
    said = (trained.stderr.strip() or trained.stdout.strip())[-300:]
    if not (work / "training_rows.parquet").exists():
        return Compared(f"no training rows: {rows_written.stderr.strip()[-300:]}", "none")
    rows = pl.read_parquet(work / "training_rows.parquet")
    model = current_model(work / "models")
    found = Compared(model["verdict"] if model else f"exit {trained.returncode}: {said}", "by time")
    if model:
        found.signal = model["signal"]
        found.won_deals = model["training"]["won_deals"]
        found.other_deals = model["training"]["deals"] - found.won_deals
    predictions = work / "predictions.parquet"
    judged = pl.read_parquet(predictions) if predictions.exists() else None
    if judged is not None and len(judged):
        folds = dealcast_folds(judged, rows, model)
    else:
        folds, found.split = own_folds(rows)
    answer(found, folds, wanted, quick)
    return found


def current_model(models: Path) -> dict | None:
    current = models / "current"
    return json.loads((models / f"{current.read_text().strip()}.json").read_text()) if current.exists() else None


def dealcast_folds(judged: pl.DataFrame, rows: pl.DataFrame, model: dict) -> list[Fold]:
    folds = []
    for (cutoff,), fold in judged.group_by("cutoff", maintain_order=True):
        train = rows.filter(pl.col("landmark") + pl.duration(days=model["horizon_days"]) <= cutoff)
        test = fold.select(*KEYS, "group").join(rows, on=KEYS, how="left", maintain_order="left")
        own = {"dealcast": fold["model"] if model["signal"] else fold["base_rate"], "base rate": fold["base_rate"],
               "stage table": fold["stage_table"], "dealcast, fitted": fold["model"]}
        folds.append(Fold(str(cutoff), train, test, {name: chance.to_numpy() for name, chance in own.items()}))
    return folds


def own_folds(rows: pl.DataFrame) -> tuple[list[Fold], str]:
    """Test rows where dealcast judged none: five parts of the deals."""
    days = rows["landmark"].n_unique()
    if len(rows) < 40 or rows[LABEL].n_unique() < 2:
        return [], "too few rows"
    rows = rows.with_columns(group=pl.col("deal_id").rank("dense"))
    part = pl.col("group").hash(seed=1) % 5
    folds = []
    for i in range(5):
        train, test = rows.filter(part != i), rows.filter(part == i)
        if len(test) and train[LABEL].n_unique() == 2:
            own = np.full(len(test), train[LABEL].mean())
            folds.append(Fold(f"part {i + 1}", train.drop("group"), test, {"dealcast": own, "base rate": own}))
    return folds, f"by deal, five parts, {days} landmark days (dealcast: no model, base rate)"


def answer(found: Compared, folds: list[Fold], wanted: list[str], quick: bool) -> None:
    parts = []
    for fold in folds:
        won = fold.train[LABEL].to_numpy()
        if not 0 < won.sum() < len(won):
            continue
        train, test = fold.train.drop("landmark"), fold.test.drop("landmark", "group")
        parts.append((fold, {**fold.own, **judges.judge(wanted, train, test, quick)}))
        found.cutoffs.append(fold.name)
    if not parts:
        return
    found.won = np.concatenate([fold.test[LABEL].to_numpy() for fold, _ in parts])
    found.deals = np.concatenate([fold.test["group"].to_numpy() for fold, _ in parts])
    found.fold = np.concatenate([np.full(len(fold.test), i) for i, (fold, _) in enumerate(parts)])
    found.chances = {name: np.concatenate([chances[name] for _, chances in parts]) for name in parts[0][1]}
