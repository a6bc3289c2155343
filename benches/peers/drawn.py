"""Real exports have no quotas: how right are chances of quotas drawn around past wins?

    python drawn.py CASES.csv MODELS_FOLDER

CASES.csv is what `dealcast backtest --cases --format csv --models MODELS_FOLDER` printed. Every forecast gets twenty quotas: the mean
of what the node won in the quarter before and in the same one a year before, times a log-normal number (deviation 0.3). Their chances
are read off the distribution on record, as wide as the 80 % range that was printed. Prints by level how often that range held, and
slope and intercept of hits on the log-odds of the chances (clustered by quarter), as `money.py` does.
"""

import json
import sys
from pathlib import Path

import numpy as np
import polars as pl
from money import LEVELS, clustered_line, clustered_mean

# Log-odds of the quantiles on record, and of the ends of the 80 % range.
LOG_ODDS = np.linspace(-4.2, 4.2, 15)
TENTH = np.log(9)
QUOTAS, SPREAD = 20, 0.3
KEY = ["cutoff", "period", "level", "node"]


def distributions(models: Path) -> dict[tuple[str, str, str], np.ndarray]:
    """Quantiles by past day, level and node, in units of the base currency with two decimals."""
    found = {}
    for file in (models / "forecasts").glob("*.json"):
        for forecast in json.loads(file.read_text()):
            if forecast["end"] and not forecast.get("currency"):
                quantiles = np.array(forecast["end"]["quantiles"], float) / 100
                found[file.name[:10], forecast["level"], forecast["node"]] = quantiles + np.arange(15) * 1e-9
    return found


def beside(cases: pl.DataFrame) -> pl.DataFrame:
    """dealcast's forecasts, with what two simple forecasters say."""
    own = cases.filter(pl.col("forecaster") == "dealcast")
    for who, name in [("last period", "last"), ("same period last year", "year")]:
        theirs = cases.filter(pl.col("forecaster") == who).select(*KEY, pl.col("forecast").alias(name))
        own = own.join(theirs, on=KEY, how="left")
    return own


def drawn(row: dict, quantiles: np.ndarray, draw: np.random.Generator) -> list[tuple[float, bool]]:
    """Chances of quotas, and whether they were reached; none where nothing was won before or nothing can be."""
    past = [row[name] for name in ("last", "year") if row[name] and row[name] > 0]
    if not past or quantiles[-1] - quantiles[0] < 0.01:
        return []
    at = lambda value: np.interp(value, quantiles, LOG_ODDS)
    stretch = np.clip((at(row["p90"]) - at(row["p10"])) / (2 * TENTH), 0.3, 3)
    found = []
    for quota in np.mean(past) * np.exp(SPREAD * draw.standard_normal(QUOTAS) - SPREAD**2 / 2):
        below = -6.0 if quota <= quantiles[0] else 6.0 if quota >= quantiles[-1] else at(quota) / stretch
        found.append((1 / (1 + np.exp(below)), row["actual"] >= quota))
    return found


def main() -> None:
    cases = pl.read_csv(sys.argv[1], infer_schema_length=None).with_columns(pl.col("cutoff").cast(pl.Utf8))
    own = beside(cases.with_columns(pl.col("forecast", "actual", "p10", "p50", "p90").cast(pl.Float64)))
    known, draw = distributions(Path(sys.argv[2])), np.random.default_rng(3)
    for level in LEVELS:
        held, quarters, quotas, clusters = [], [], [], []
        for row in own.filter((pl.col("level") == level) & pl.col("p10").is_not_null()).iter_rows(named=True):
            held.append(row["p10"] <= row["actual"] <= row["p90"])
            quarters.append(row["period"])
            if (quantiles := known.get((row["cutoff"], level, row["node"]))) is not None:
                quotas += (of_row := drawn(row, quantiles, draw))
                clusters += [row["period"]] * len(of_row)
        if not held:
            continue
        coverage, error = clustered_mean(np.array(held, float), np.ones(len(held)), np.unique(quarters, return_inverse=True)[1])
        print(f"{level}: {len(held):,} forecasts of {len(set(quarters))} quarters, 80 % range covers {100 * coverage:.0f} ± {100 * error:.0f} %", end="")
        chance, hit = np.array(quotas, float).T if quotas else (np.zeros(0), np.zeros(0))
        if 0 < hit.sum() < len(hit):
            (slope, slope_error), (intercept, _) = clustered_line(chance, hit, np.unique(clusters, return_inverse=True)[1])
            print(f", slope {slope:.2f} ± {slope_error:.2f}, intercept {intercept:+.2f}, reached {hit.mean():.2f}, chance {chance.mean():.2f}", end="")
        print()


if __name__ == "__main__":
    sys.exit(main())
