"""Closed records as a CRM keeps them, made up: what a linear effect per column misses.

Input: a seed, a number of rows, and which of two shapes. Output: a table with the column `won`.

- `records`: some twenty intake columns. The chance jumps where a price needs another approval, dips or rises at single
  values (no discount, a contract of 12 months, a budget left at its default), and a few columns matter together (source
  with product, region with price, trial with seats).
- `leads`: thirty columns of a web form, most of them noise, with the same three kinds of effect in the others.

The effects are drawn anew for each seed, so that nothing can be tuned to one of them.
"""

import numpy as np
import polars as pl


def table(shape: str, seed: int, rows: int) -> pl.DataFrame:
    """`rows` records of the shape `records` or `leads`."""
    return {"records": records, "leads": leads}[shape](np.random.default_rng([seed, rows]), rows)


def chances(score: np.ndarray, rate: float) -> np.ndarray:
    """Chances whose mean is about `rate`."""
    low, high = -20.0, 20.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if (1 / (1 + np.exp(-(score + middle)))).mean() < rate else (low, middle)
    return 1 / (1 + np.exp(-(score + low)))


def effects(rng: np.random.Generator, codes: np.ndarray, size: float) -> np.ndarray:
    """An effect per level."""
    return rng.normal(0, size, codes.max() + 1)[codes]


def pair(rng: np.random.Generator, first: np.ndarray, second: np.ndarray, size: float) -> np.ndarray:
    """An effect per cell of two, beyond what each does alone."""
    cells = rng.normal(0, size, (first.max() + 1, second.max() + 1))
    cells -= cells.mean(0) + cells.mean(1)[:, None] - cells.mean()
    return cells[first, second]


def levels(rng: np.random.Generator, rows: int, count: int) -> np.ndarray:
    """Levels, the first ones more frequent."""
    share = 1 / np.arange(1, count + 1) ** 0.8
    return rng.choice(count, rows, p=share / share.sum())


def named(prefix: str, codes: np.ndarray) -> list[str]:
    return [f"{prefix} {code + 1}" for code in codes]


def records(rng: np.random.Generator, rows: int) -> pl.DataFrame:
    source, product, region, industry = (levels(rng, rows, n) for n in (10, 7, 6, 18))
    employees = np.exp(rng.normal(3.5, 1.4, rows)).round()
    seats = np.maximum(1, (employees * rng.uniform(0.05, 0.6, rows)).round())
    price = (seats * rng.choice([90, 120, 150, 240], rows) * rng.lognormal(0, 0.3, rows)).round(-1)
    discount = rng.choice([0, 5, 7.5, 10, 12, 15, 20, 25, 30], rows, p=[0.42, 0.1, 0.03, 0.16, 0.04, 0.1, 0.08, 0.04, 0.03])
    months = rng.choice([1, 3, 6, 12, 18, 24, 36, 48], rows, p=[0.1, 0.05, 0.08, 0.4, 0.05, 0.18, 0.1, 0.04])
    budget = np.where(rng.random(rows) < 0.35, 10_000, np.exp(rng.normal(9, 1.2, rows)).round(-2))
    budget = np.where(rng.random(rows) < 0.15, 0, budget)
    score, contacts = rng.integers(0, 101, rows), rng.poisson(2.2, rows)
    trial, partner = rng.random(rows) < 0.3, rng.random(rows) < 0.2
    size = np.digitize(np.log(price + 1), np.quantile(np.log(price + 1), [0.25, 0.5, 0.75]))
    steps = [p for p in (5_000, 20_000, 50_000)]
    z = effects(rng, source, 0.4) + effects(rng, product, 0.4) + effects(rng, region, 0.2) + effects(rng, industry, 0.3)
    z += sum(rng.normal(0, 0.5) * (price >= step) for step in steps) + rng.normal(0, 0.3) * np.log1p(price)
    z += rng.normal(0, 0.8) * (discount == 0) + rng.normal(0, 0.6) * (discount == 20) + 0.02 * discount
    z += rng.normal(0, 0.8) * (months == 12) + rng.normal(0, 0.5) * (months == 1)
    z += rng.normal(0, 1.0) * (budget == 10_000) + rng.normal(0, 0.6) * (budget == 0) + 0.15 * np.log1p(budget)
    z += 0.8 * np.sin(score / rng.uniform(12, 22)) + 0.2 * contacts + 0.4 * trial - 0.2 * partner
    z += pair(rng, source, product, 0.6) + pair(rng, region, size, 0.5) + pair(rng, trial.astype(int), np.digitize(seats, [3, 10, 40]), 0.6)
    won = rng.random(rows) < chances(z, rng.uniform(0.2, 0.6))
    return pl.DataFrame({
        "Source": named("Source", source), "Product": named("Product", product), "Region": named("Region", region),
        "Industry": named("Industry", industry), "Employees": employees, "Seats": seats, "Price": price, "Discount": discount,
        "Months": months, "Budget": budget, "Lead Score": score, "Contacts": contacts,
        "Trial": np.where(trial, "yes", "no"), "Partner": partner,
        "Payment Days": rng.choice([14, 30, 60, 90], rows), "Questions": rng.poisson(4, rows), "Region Code": rng.integers(1, 40, rows),
        "Distance": pl.Series(rng.gamma(2, 100, rows).round(1)).set(pl.Series(rng.random(rows) < 0.2), None), "won": won})


def leads(rng: np.random.Generator, rows: int) -> pl.DataFrame:
    columns, z = {}, np.zeros(rows)
    choices = [levels(rng, rows, int(rng.integers(2, 9))) for _ in range(12)]
    for i, codes in enumerate(choices):
        columns[f"Choice {i + 1}"] = named("Option", codes)
        z += effects(rng, codes, 0.5) if i % 3 == 0 else 0
    for i in range(8):
        flag = rng.random(rows) < rng.uniform(0.05, 0.6)
        columns[f"Tick {i + 1}"] = flag
        z += rng.normal(0, 0.6) * flag if i % 3 == 0 else 0
    for i in range(10):
        number = np.exp(rng.normal(2, 1, rows)).round(0)
        number = np.where(rng.random(rows) < 0.4, rng.choice([0, 1, 5, 10]), number)
        number = np.where(rng.random(rows) < 0.1, None, number).astype(float)
        columns[f"Number {i + 1}"] = [None if np.isnan(x) else x for x in number]
        if i % 3 == 0:
            mode = np.bincount(np.nan_to_num(number).astype(int)).argmax()
            z += rng.normal(0, 1.0) * (number == mode) + 0.3 * np.log1p(np.nan_to_num(number))
    z += pair(rng, choices[0], choices[1], 0.7) + pair(rng, choices[3], choices[5], 0.5)
    return pl.DataFrame({**columns, "won": rng.random(rows) < chances(z, rng.uniform(0.2, 0.5))})
