"""How good the win probabilities are, beside scikit-learn and LightGBM on the same rows.

    python quality.py --dealcast PATH [--worlds N] [--deals 1000 3000 10000] [--small 40] [--data CONFIG...] [--work DIR]

For every simulated world (and every configuration named by --data) dealcast trains and prints the rows it was judged
on (`train --judged`) and the training rows with their fields before any encoding (`features --rows`). The peers are
then fitted fold by fold on the same rows, known by the same cutoffs, and judged on the same test rows:

- scikit-learn: LogisticRegression on standardised numbers, missing indicators and one-hot levels
- LightGBM: the better of its defaults and a slower, smaller setting, on numbers and native categories

Prints log loss, calibration slope and error of dealcast and how each target is met. --small draws worlds whose
training ends with about that many won deals and as many others. Needs requirements.txt.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import lightgbm
import numpy as np
import polars as pl
from sklearn.linear_model import LogisticRegression

KEYS = ["deal_id", "landmark"]
LABEL = "won_within_horizon"
SMOOTH = {"n_estimators": 300, "learning_rate": 0.03, "num_leaves": 15, "min_child_samples": 50, "reg_lambda": 5.0}


def loss(chance: np.ndarray, won: np.ndarray) -> float:
    chance = np.clip(chance, 1e-12, 1 - 1e-12)
    return float(-np.mean(np.where(won, np.log(chance), np.log1p(-chance))))


def slope(chance: np.ndarray, won: np.ndarray) -> float:
    x = np.log(chance / (1 - chance)).reshape(-1, 1)
    if x.std() < 1e-9:
        return float("nan")
    return float(LogisticRegression(C=np.inf, tol=1e-8, max_iter=500).fit(x, won).coef_[0, 0])


def calibration_error(chance: np.ndarray, won: np.ndarray, bins: int = 10) -> float:
    order = np.argsort(chance, kind="stable")
    parts = np.array_split(order, bins)
    return float(sum(len(p) * abs(chance[p].mean() - won[p].mean()) for p in parts if len(p)) / len(won))


class Plain:
    """Standardised numbers with missing indicators beside one-hot levels."""

    def __init__(self, train: pl.DataFrame):
        self.numbers = [c for c, t in train.schema.items() if t.is_numeric()]
        self.means = {c: train[c].mean() or 0.0 for c in self.numbers}
        self.deviations = {c: train[c].std() or 1.0 for c in self.numbers}
        texts = [c for c, t in train.schema.items() if t == pl.String]
        self.levels = {c: train[c].drop_nulls().value_counts(sort=True)[c].head(60).to_list() for c in texts}

    def matrix(self, rows: pl.DataFrame) -> np.ndarray:
        columns = []
        for c in self.numbers:
            columns.append(((rows[c].fill_null(self.means[c]) - self.means[c]) / self.deviations[c]).to_numpy())
            columns.append(rows[c].is_null().cast(pl.Float64).to_numpy())
        for c, names in self.levels.items():
            columns += [(rows[c] == name).fill_null(False).cast(pl.Float64).to_numpy() for name in names]
        return np.column_stack(columns)

    def codes(self, rows: pl.DataFrame) -> np.ndarray:
        columns = [rows[c].cast(pl.Float64).fill_null(np.nan).to_numpy() for c in self.numbers]
        for c, names in self.levels.items():
            position = {name: float(i) for i, name in enumerate(names)}
            columns.append(np.array([position.get(v, np.nan) for v in rows[c]]))
        return np.column_stack(columns)


def peers(train: pl.DataFrame, test: pl.DataFrame, won: np.ndarray) -> dict[str, np.ndarray]:
    plain = Plain(train)
    regression = LogisticRegression(max_iter=3000).fit(plain.matrix(train), won)
    chances = {"scikit-learn": regression.predict_proba(plain.matrix(test))[:, 1]}
    categories = list(range(len(plain.numbers), len(plain.numbers) + len(plain.levels)))
    x, z = plain.codes(train), plain.codes(test)
    for name, setting in [("lightgbm", {}), ("lightgbm, slow", SMOOTH)]:
        model = lightgbm.LGBMClassifier(random_state=1, n_jobs=2, verbose=-1, deterministic=True, **setting)
        model.fit(x, won, categorical_feature=categories)
        chances[name] = model.booster_.predict(z)
    return chances


def judge(dealcast: str, config: Path, work: Path) -> dict | None:
    """Trains on one export and holds the same folds against the peers; None where nothing was trained."""
    inputs = ["--config", str(config), "--quiet", "--no-progress"]
    tables = [*inputs, "--format", "parquet", "--out", str(work)]
    models = work / "models"
    for command in (["train", "--judged", "--models", str(models), *tables], ["features", "--rows", *tables]):
        done = subprocess.run([dealcast, *command], capture_output=True, text=True)
        if done.returncode != 0:
            print(f"{config}: {done.stderr.strip()[-300:]}")
            return None
    model = json.loads((models / f"{(models / 'current').read_text().strip()}.json").read_text())
    judged, rows = pl.read_parquet(work / "judged.parquet"), pl.read_parquet(work / "training_rows.parquet")
    facts = {"won": model["training"]["won_deals"], "other": model["training"]["deals"] - model["training"]["won_deals"],
             "signal": model["signal"], "rows": len(judged), "deals": judged["group"].n_unique(), "folds": []}
    if not len(judged):
        return facts
    parts = []
    for (cutoff,), fold in judged.group_by("cutoff", maintain_order=True):
        train = rows.filter(pl.col("landmark") + pl.duration(days=model["horizon_days"]) <= cutoff)
        test = fold.select(KEYS).join(rows, on=KEYS, how="left", maintain_order="left")
        won = train[LABEL].to_numpy()
        train, test = (part.drop(*KEYS, LABEL) for part in (train, test))
        chances = {"dealcast": (fold["model"] if model["signal"] else fold["base_rate"]).to_numpy(),
                   "base rate": fold["base_rate"].to_numpy(), "stage table": fold["stage_table"].to_numpy(),
                   "fitted": fold["model"].to_numpy(), **peers(train, test, won)}
        truth = fold[LABEL].to_numpy()
        facts["folds"].append({name: loss(chance, truth) for name, chance in chances.items()})
        parts.append((truth, chances))
    truth = np.concatenate([part[0] for part in parts])
    for name in parts[0][1]:
        chance = np.concatenate([part[1][name] for part in parts])
        facts[name] = loss(chance, truth)
        if name == "dealcast":
            facts["slope"], facts["error"] = slope(chance, truth) if model["signal"] else float("nan"), calibration_error(chance, truth)
    facts["boosting"] = min(facts["lightgbm"], facts["lightgbm, slow"])
    return facts


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--dealcast", required=True)
    parser.add_argument("--worlds", type=int, default=4, help="seeds per size")
    parser.add_argument("--deals", type=int, nargs="*", default=[1000, 3000, 10000])
    parser.add_argument("--small", type=int, default=0, help="seeds of worlds with about 40 won and 40 other deals")
    parser.add_argument("--small-deals", type=int, default=150)
    parser.add_argument("--data", type=Path, nargs="*", default=[], help="configurations of real exports")
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "dealcast-quality")
    options = parser.parse_args()
    named = [(f"{deals} deals, seed {seed}", ["--deals", str(deals), "--seed", str(seed)])
             for deals in options.deals for seed in range(101, 101 + options.worlds)]
    named += [(f"small, seed {seed}", ["--deals", str(options.small_deals), "--seed", str(seed)])
              for seed in range(201, 201 + options.small)]
    results = {}
    print(f"{'world':24}{'won':>6}{'other':>7}{'judged':>8}{'dealcast':>10}{'base':>8}{'stage':>8}{'sklearn':>9}{'boosting':>9}{'slope':>7}{'error':>7}")
    for name, arguments in [*named, *((str(path), None) for path in options.data)]:
        work = options.work / name.replace(" ", "-").replace("/", "-")
        if arguments:
            if not (work / "world" / "deals.csv").exists():
                subprocess.run([options.dealcast, "simulate", *arguments, "--out", str(work / "world"), "--quiet"], check=True)
            config = work / "world" / "dealcast.toml"
        else:
            config = Path(name)
        facts = judge(options.dealcast, config, work)
        if facts is None or "dealcast" not in facts:
            print(f"{name:24} not judged{'' if facts is None else ': too few deals'}")
            continue
        results[name] = facts
        note = "" if facts["signal"] else f"  no signal (fitted {facts['fitted']:.4f})"
        print(f"{name[-24:]:24}{facts['won']:>6}{facts['other']:>7}{facts['deals']:>8}{facts['dealcast']:>10.4f}{facts['base rate']:>8.4f}{facts['stage table']:>8.4f}"
              f"{facts['scikit-learn']:>9.4f}{facts['boosting']:>9.4f}{facts['slope']:>7.2f}{facts['error']:>7.3f}{note}", flush=True)
    targets(results)


def targets(results: dict[str, dict]) -> None:
    large = {n: f for n, f in results.items() if not n.startswith("small")}
    small = {n: f for n, f in results.items() if n.startswith("small")}

    def share(met: list[bool]) -> str:
        return f"{sum(met)} of {len(met)}"

    def worst(excess: dict[str, float]) -> str:
        name = max(excess, key=excess.get)
        return f"{excess[name]:+.4f} in {name}"

    for peer, what in [("scikit-learn", "below scikit-learn"), ("boosting", "at or below LightGBM")]:
        if large:
            excess = {n: f["dealcast"] - f[peer] for n, f in large.items()}
            print(f"log loss {what}: {share([x <= 0 for x in excess.values()])}; worst {worst(excess)}")
    many = {n: f for n, f in large.items() if f["deals"] >= 5000 and f["signal"]}
    if many:
        print(f"5,000 judged deals or more: slope within 0.9-1.1 in {share([0.9 <= f['slope'] <= 1.1 for f in many.values()])}, error <= 0.02 in {share([f['error'] <= 0.02 for f in many.values()])}")
    folds = {f"{n}, fold {i + 1}": fold["dealcast"] / fold["base rate"] - 1 for n, f in results.items() for i, fold in enumerate(f["folds"])}
    if folds:
        print(f"folds within 0.5 % of the base rate: {share([x <= 0.005 for x in folds.values()])}; worst {worst(folds)}")
    if small:
        excess = {n: f["dealcast"] - f["stage table"] for n, f in small.items()}
        print(f"small worlds no worse than the stage table: {share([x <= 0 for x in excess.values()])}; worst {worst(excess)}")


if __name__ == "__main__":
    sys.exit(main())
