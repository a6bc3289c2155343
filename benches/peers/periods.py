"""How well do past quarters say how the next one differs? The prior of `src/stats/next_effect.rs`, without dealcast.

    python periods.py FOLDER...

A folder holds the `deals.csv` of a simulated world, or dated copies `pipeline_YYYY-MM-DD.csv` of San Francisco's pipeline (a lot
that leaves after CONSTRUCTION is won). For every quarter: the log-odds of winning a deal that was open at its beginning, predicted
from the quarters before by the reference in `tests/fixtures`, with the cases of before and of now, from four quarters (and those of
the same season) and from eight. Prints the mean log score and how often the middle 80 % held.
"""

import sys
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "fixtures"))
import next_effect_reference as reference

BEFORE = [(0.25, 0.15), (0.5, 0.2), (1.0, 0.3), (2.0, 0.2), (4.0, 0.15)]
NOW = list(reference.SCALES)
# Quarters of a world that are predicted, and of the pipeline how many come before the first one.
FIRST, OVER, FEWEST = date(2024, 1, 1), date(2026, 1, 1), 8


def of_world(file: Path) -> tuple[list[tuple[int, int, int]], int]:
    """(season, open at the beginning, of these won) by quarter, and the position of the first one to predict."""
    deals = pl.read_csv(file, infer_schema_length=0).select("created_at", "closed_at", "status")
    days = [[date.fromisoformat(day[:10]).toordinal() if day else 10**7 for day in deals[name].fill_null("")] for name in deals.columns[:2]]
    (created, closed), won = map(np.array, days), (deals["status"] == "won").to_numpy()
    firsts = [date(year, month, 1) for year in range(2021, 2027) for month in (1, 4, 7, 10)]
    known = [(a, b) for a, b in zip(firsts, firsts[1:]) if a.toordinal() >= created.min() + 90 and b <= OVER]
    quarters = []
    for first, after in known:
        is_open = (created < first.toordinal()) & (closed >= first.toordinal())
        quarters.append(((first.month + 2) // 3, is_open.sum(), (is_open & won & (closed < after.toordinal())).sum()))
    return quarters, sum(first < FIRST for first, _ in known)


def of_copies(files: list[Path]) -> tuple[list[tuple[int, int, int]], int]:
    """The same from dated copies."""
    copies = [dict(pl.read_csv(file, infer_schema_length=0).select("lot", "status").iter_rows()) for file in files]
    quarters = []
    for file, before, after in zip(files[1:], copies, copies[1:]):
        built = sum(status == "CONSTRUCTION" and lot not in after for lot, status in before.items())
        quarters.append(((int(file.stem[-5:-3]) + 2) // 3, len(before), built))
    return quarters, FEWEST


def judged(quarters: list[tuple[int, int, int]], first: int, eight: bool) -> list[tuple[float, bool]]:
    """Log score and whether the middle 80 % held, of every quarter from `first` on."""
    log_odds = lambda won, all: np.log((won + 0.5) / (all - won + 0.5))
    found = []
    for i in range(first, len(quarters)):
        season, all, won = quarters[i]
        past = quarters[max(0, i - 8) : i] if eight else quarters[max(0, i - 4) : i] + [q for q in quarters[max(0, i - 8) : max(0, i - 4)] if q[0] == season]
        past = [quarter for quarter in past if quarter[2]]
        if len(past) < 2:
            continue
        share = sum(q[2] for q in quarters[:i]) / sum(q[1] for q in quarters[:i])
        middle, spread = np.log(share / (1 - share)), share * (1 - share)
        values = [log_odds(q[2], q[1]) - middle for q in past]
        mean, variance = reference.predict(values, [1 / (q[1] * spread) for q in past], [q[0] for q in past], season)
        variance += 1 / (all * spread)
        error = (log_odds(won, all) - middle - mean) / variance**0.5
        found.append((-0.5 * np.log(variance) - error**2 / 2, abs(error) < 1.2816))
    return found


def main() -> None:
    worlds = []
    for folder in map(Path, sys.argv[1:]):
        copies = sorted(folder.glob("pipeline_*.csv"))
        worlds.append(of_copies(copies) if copies else of_world(folder / "deals.csv"))
    for label, scales, eight in [("before", BEFORE, False), ("differences", NOW, False), ("and eight", NOW, True)]:
        reference.SCALES = scales
        found = np.array([case for quarters, first in worlds for case in judged(quarters, first, eight)], float)
        print(f"{label}: {len(found)} quarters, log score {found[:, 0].mean():.3f}, middle 80 % held {100 * found[:, 1].mean():.0f} %")


if __name__ == "__main__":
    sys.exit(main())
