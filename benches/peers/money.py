"""How right the money is: forecasts of past days, level by level, over many simulated worlds.

    python money.py --dealcast PATH [--worlds used|more|kept|quick] [--out DIR] [--work DIR]

Plays each world of a list with `dealcast simulate` and asks `dealcast backtest --cases` for every forecast of its last
periods, made without the future. Prints by level (and by weeks left): slope and intercept of the logistic regression of the
quota being hit on the log-odds of the chance given (Cox 1958), Brier score, coverage of the 80 % range, bias and WAPE.
Standard errors are clustered by world and period: nodes and days of one period share its luck. All worlds have the same
seasons, so the errors of what a season does are somewhat larger than these.

`used` and `more` are worlds defaults were chosen on, `kept` those looked at once, afterwards. `shocked` ones are made of others: in
every quarter some wins are turned into losses, more in some quarters than in others, which the simulator itself never does.
"""

import argparse
import csv
import random
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import polars as pl

LEVELS = ["company", "region", "team", "owner"]
# A chance closer to 0 or 1 counts as this in the slope, as in the backtest's own.
SURE = 1e-4
USED = {
    "plain": "--deals 5000 --seed 301",
    "large": "--deals 10000 --seed 302",
    "drift": "--deals 3000 --seed 303 --drift 3",
    "rush": "--deals 6000 --seed 304 --rush 8",
    "no rush": "--deals 6000 --seed 305 --rush 1",
    "five years": "--deals 8000 --seed 306 --first-day 2021-02-14 --drift 2",
    "gaps": "--deals 6000 --seed 307 --missing 0.2",
    "no gaps": "--deals 6000 --seed 308 --missing 0",
    "noisy": "--deals 4000 --seed 309 --signal 0.3",
    "few owners": "--deals 10000 --seed 310 --owners 40",
    "small": "--deals 2000 --seed 311 --one-currency",
    "four years": "--deals 5000 --seed 312 --first-day 2022-02-14 --activity 0.2 --reopen 0.1",
}
KEPT = {
    "plain": "--deals 5000 --seed 401",
    "large": "--deals 9000 --seed 402",
    "drift": "--deals 4000 --seed 403 --drift 2",
    "rush": "--deals 5000 --seed 404 --rush 5",
    "no rush": "--deals 5000 --seed 405 --rush 1",
    "five years": "--deals 8000 --seed 406 --first-day 2021-02-14",
    "gaps": "--deals 5000 --seed 407 --missing 0.15",
    "noisy": "--deals 5000 --seed 409 --signal 0.5",
    "few owners": "--deals 6000 --seed 410 --owners 25",
    "four years": "--deals 6000 --seed 412 --first-day 2022-02-14",
    "shocked": "--deals 8000 --seed 413 --shock 0.25",
    "shocked, four years": "--deals 8000 --seed 414 --first-day 2022-02-14 --shock 0.25",
}
MORE = {
    "plain 521": "--deals 5000 --seed 521",
    "plain 522": "--deals 4000 --seed 522",
    "plain 523": "--deals 3000 --seed 523",
    "large 524": "--deals 8000 --seed 524",
    "rush 525": "--deals 4000 --seed 525 --rush 6",
    "no rush 526": "--deals 4000 --seed 526 --rush 1",
    "five years 527": "--deals 6000 --seed 527 --first-day 2021-02-14",
    "four years 528": "--deals 5000 --seed 528 --first-day 2022-02-14",
    "few owners 529": "--deals 4000 --seed 529 --owners 25",
    "noisy 530": "--deals 4000 --seed 530 --signal 0.5",
    "drift 531": "--deals 4000 --seed 531 --drift 2",
    "shock532": "--deals 6000 --seed 532 --shock 0.25",
    "shock533": "--deals 6000 --seed 533 --first-day 2022-02-14 --shock 0.25",
    "plain 534": "--deals 4000 --seed 534",
    "four years 535": "--deals 5000 --seed 535 --first-day 2022-02-14 --rush 5",
    "five years 536": "--deals 5000 --seed 536 --first-day 2021-02-14",
    "gaps 537": "--deals 4000 --seed 537 --missing 0.15",
    "few owners 538": "--deals 5000 --seed 538 --owners 30",
    "large 539": "--deals 7000 --seed 539 --first-day 2022-02-14",
    "no rush 540": "--deals 5000 --seed 540 --rush 1 --first-day 2022-02-14",
    "plain 541": "--deals 4000 --seed 541",
    "noisy 542": "--deals 4000 --seed 542 --signal 0.5 --first-day 2022-02-14",
    "shock543": "--deals 5000 --seed 543 --shock 0.15 --first-day 2021-02-14",
    "drift 544": "--deals 5000 --seed 544 --drift 2 --first-day 2021-02-14",
}
WORLDS = {"used": USED, "kept": KEPT, "more": MORE, "quick": {"small": USED["small"]}}


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dealcast", required=True)
    parser.add_argument("--worlds", choices=WORLDS, default="used")
    parser.add_argument("--out", type=Path, help="folder for money.md and the cases as cases.csv")
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "dealcast-money")
    return parser.parse_args()


def played(dealcast: str, settings: str, folder: Path) -> Path:
    """The configuration of the world, made unless it is there."""
    words = settings.split()
    shock = float(words[words.index("--shock") + 1]) if "--shock" in words else 0.0
    if shock:
        at = words.index("--shock")
        del words[at : at + 2]
    if not (folder / "deals.csv").exists():
        subprocess.run([dealcast, "simulate", "--quiet", "--out", str(folder), *words], check=True)
        if shock:
            turn_wins(folder, shock)
    return folder / "dealcast.toml"


def turn_wins(folder: Path, shock: float) -> None:
    """Turns a share of the wins into losses, another one every quarter: its deviation is `shock`."""
    draw = random.Random(folder.name)
    shares: dict[str, float] = {}
    lost: dict[str, str] = {}
    deals = pl.read_csv(folder / "deals.csv", infer_schema_length=0)
    for deal, closed, status in deals.select("deal_id", "closed_at", "status").iter_rows():
        if status == "won":
            quarter = f"{closed[:4]}-{(int(closed[5:7]) + 2) // 3}"
            share = shares.setdefault(quarter, min(max(0.35 + shock * draw.gauss(0, 1), 0.0), 0.8))
            if draw.random() < share:
                lost[deal] = closed
    is_lost = pl.col("deal_id").is_in(list(lost))
    ends = {"stage": "Closed Lost", "status": "lost", "probability": "0.0", "forecast_category": "Omitted"}
    columns = [pl.when(is_lost).then(pl.lit(value)).otherwise(pl.col(name)).alias(name) for name, value in ends.items()]
    deals.with_columns(columns).write_csv(folder / "deals.csv")
    history = folder / "stage_history.csv"
    rows = list(csv.DictReader(history.open()))
    for row in rows:
        if row["deal_id"] in lost and row["stage"] == "Closed Won":
            row["stage"] = "Closed Lost"
            row["probability"] = "0.0" if row["probability"] else ""
            row["forecast_category"] = "Omitted" if row["forecast_category"] else ""
    with history.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def cases(dealcast: str, name: str, config: Path, models: Path) -> pl.DataFrame:
    """Every forecast of the world, beside what was won."""
    command = [dealcast, "backtest", "--config", str(config), "--models", str(models), "--cases", "--format", "csv"]
    printed = subprocess.run([*command, "--quiet", "--no-progress"], check=True, capture_output=True).stdout
    frame = pl.read_csv(printed, infer_schema_length=None).filter(pl.col("forecaster") == "dealcast")
    numbers = ["forecast", "actual", "p10", "p50", "p90", "quota", "p_hit_quota"]
    return frame.with_columns(pl.col(numbers).cast(pl.Float64), world=pl.lit(name))


def clustered_line(chance: np.ndarray, hit: np.ndarray, cluster: np.ndarray) -> list[tuple[float, float]]:
    """Slope and intercept with their standard errors (sandwich, by cluster)."""
    chance = np.clip(chance, SURE, 1 - SURE)
    rows = np.column_stack([np.log(chance / (1 - chance)), np.ones(len(chance))])
    line = np.zeros(2)
    for _ in range(60):
        fitted = 1 / (1 + np.exp(-np.clip(rows @ line, -30, 30)))
        curve = rows.T @ (rows * (fitted * (1 - fitted))[:, None]) + 1e-9 * np.eye(2)
        step = np.linalg.solve(curve, rows.T @ (hit - fitted))
        line += np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-10:
            break
    pulls = np.zeros((cluster.max() + 1, 2))
    np.add.at(pulls, cluster, rows * (hit - fitted)[:, None])
    bread = np.linalg.inv(curve)
    errors = np.sqrt(np.diag(bread @ (pulls.T @ pulls) @ bread))
    return list(zip(line, errors))


def clustered_mean(values: np.ndarray, weights: np.ndarray, cluster: np.ndarray) -> tuple[float, float]:
    """Sum of `values` over sum of `weights`, with its standard error."""
    mean = values.sum() / weights.sum()
    return mean, np.sqrt((np.bincount(cluster, values - mean * weights) ** 2).sum()) / weights.sum()


def measures(of_level: pl.DataFrame) -> dict[str, str]:
    """One line of the table."""
    cluster = np.unique((of_level["world"] + of_level["period"]).to_numpy(), return_inverse=True)[1]
    forecast, actual = of_level["forecast"].to_numpy(), of_level["actual"].to_numpy()
    found = {"forecasts": f"{len(of_level):,}"}
    has_quota = (of_level["quota"].is_not_null() & of_level["p_hit_quota"].is_not_null()).to_numpy()
    chance, hit = of_level["p_hit_quota"].to_numpy()[has_quota], (actual >= of_level["quota"].to_numpy())[has_quota].astype(float)
    if 0 < hit.sum() < len(hit):
        slope, intercept = clustered_line(chance, hit, cluster[has_quota])
        found["slope"], found["intercept"] = (f"{value:.2f} ± {error:.2f}" for value, error in (slope, intercept))
        found["Brier"] = f"{((chance - hit) ** 2).mean():.4f}"
    ranged = of_level["p10"].is_not_null().to_numpy()
    low, high = (of_level[name].to_numpy()[ranged] for name in ("p10", "p90"))
    held = ((low <= actual[ranged]) & (actual[ranged] <= high)).astype(float)
    coverage, error = clustered_mean(held, np.ones(len(held)), cluster[ranged])
    found["80 % range covers"] = f"{100 * coverage:.0f} ± {100 * error:.0f} %"
    bias, error = clustered_mean(forecast - actual, actual, cluster)
    found["bias"] = f"{100 * bias:+.1f} ± {100 * error:.1f} %"
    found["WAPE"] = f"{100 * np.abs(forecast - actual).sum() / actual.sum():.1f} %"
    return found


def table(frame: pl.DataFrame) -> str:
    """Measures by level: over all, of worlds with and without shocks, and by weeks left."""
    lines = []
    shocked = pl.col("world").str.starts_with("shock")
    weeks = sorted(((frame["weeks_left"] + 1) // 4).unique().to_list(), reverse=True)
    kinds = [("calm", frame.filter(~shocked)), ("shocked", frame.filter(shocked))]
    kinds = kinds if all(len(part) for _, part in kinds) else []
    for label, part in [("all", frame), *kinds, *((f"some {4 * w} weeks left", frame.filter((pl.col("weeks_left") + 1) // 4 == w)) for w in weeks)]:
        for level in LEVELS:
            found = measures(part.filter(pl.col("level") == level))
            if not lines:
                lines += ["| days | level | " + " | ".join(found) + " |", "|---|---|" + "--:|" * len(found)]
            lines.append(f"| {label} | {level} | " + " | ".join(found.values()) + " |")
    return "\n".join(lines) + "\n"


def main() -> None:
    options = arguments()
    frames = []
    for name, settings in WORLDS[options.worlds].items():
        folder = options.work / options.worlds / name.replace(" ", "-").replace(",", "")
        config = played(options.dealcast, settings, folder)
        with tempfile.TemporaryDirectory() as models:
            frames.append(cases(options.dealcast, name, config, Path(models)))
        print(name, measures(frames[-1].filter(pl.col("level") == "team")), flush=True)
    frame = pl.concat(frames, how="vertical_relaxed")
    print(table(frame))
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        frame.write_csv(options.out / "cases.csv")
        (options.out / "money.md").write_text(table(frame))


if __name__ == "__main__":
    sys.exit(main())
