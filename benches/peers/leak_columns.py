"""Columns that know the outcome, and honest ones of the same shape, made for a world whose truth is known.

Input: one row per deal with `created` and `closed` (days; `closed` of an open deal lies after `as_of`), `won`, `open`, `as_of`,
`fit` (a number known at the creation that says how good the deal is), `first_stage` (share of its life spent in the first
stage) and `moves`. Output: a column of texts or numbers, empty where nothing stands there.

What a deal shows is what stands in the export: a closed deal shows the value of its closing, an open one that of today.
"""

import datetime

import numpy as np

DAY = datetime.date(1970, 1, 1)


class Deals:
    """The facts a column is made of, with a generator of its own per column."""

    def __init__(self, created, closed, won, as_of, fit, first_stage, moves, seed):
        self.created, self.closed, self.won, self.as_of = created, closed, won, as_of
        self.fit, self.first_stage, self.moves, self.seed = fit, first_stage, moves, seed
        self.open = closed >= as_of
        self.seen = np.minimum(closed, as_of)
        self.age = self.seen - created
        self.n = len(created)

    def random(self, name):
        return np.random.default_rng([self.seed, *name.encode()])


def filled(values, where):
    return [str(value) if show else None for value, show in zip(values, where)]


def chosen(rng, levels, weights):
    """One level per row; `weights` has one row per deal."""
    sums = np.cumsum(weights / weights.sum(axis=1, keepdims=True), axis=1)
    at = (rng.random((len(weights), 1)) > sums).sum(axis=1)
    return np.array(levels)[np.minimum(at, len(levels) - 1)]


def by_fate(deals, open_, won, lost):
    return np.where(deals.open, open_, np.where(deals.won, won, lost))


def days(numbers):
    return [str(DAY + datetime.timedelta(days=int(x))) for x in numbers]


def fates(deals, open_, won, lost):
    return np.where(deals.open[:, None], open_, np.where(deals.won[:, None], won, lost))


# Leaks.

def close_reason(d, rng):
    reasons = chosen(rng, ["price", "timing", "fit", "service"], fates(d, [3, 3, 2, 2], [1, 1, 4, 4], [4, 4, 1, 1]))
    return filled(reasons, rng.random(d.n) < by_fate(d, 0.05, 0.5, 0.6))


def handover_form(d, rng):
    return filled(chosen(rng, ["a", "b"], np.ones((d.n, 2))), rng.random(d.n) < by_fate(d, 0.04, 0.7, 0.1))


def rare_form(d, rng):
    return filled(["yes"] * d.n, rng.random(d.n) < by_fate(d, 0.01, 0.2, 0.04))


def day_count(d, rng):
    return filled((d.age + rng.normal(0, 4, d.n)).round().clip(0), np.ones(d.n, bool))


def noisy_days(d, rng):
    return filled((d.age * rng.lognormal(0, 0.5, d.n)).round(1), rng.random(d.n) < 0.95)


def stage_ratio(d, rng):
    return filled(d.first_stage.round(3), np.ones(d.n, bool))


def stage_count(d, rng):
    return filled(d.moves + 1, np.ones(d.n, bool))


def total_calls(d, rng):
    burst = by_fate(d, 0.0, 5.0, 1.0)
    return filled(rng.poisson(rng.lognormal(-3.0, 0.8, d.n) * d.age + burst), np.ones(d.n, bool))


def calls_per_week(d, rng):
    calls = rng.poisson(rng.lognormal(-3.0, 0.8, d.n) * d.age + by_fate(d, 0.0, 5.0, 1.0))
    return filled((7 * calls / np.maximum(d.age, 1)).round(3), np.ones(d.n, bool))


def last_activity_date(d, rng):
    return filled(days(np.maximum(d.created, d.seen - 1 - rng.geometric(0.08, d.n))), rng.random(d.n) < 0.97)


def last_activity(d, rng):
    weights = fates(d, [4, 3, 2, 0.3, 0.1], [3, 2, 3, 0.2, 3], [3, 2, 1, 3, 0.1])
    return filled(chosen(rng, ["mail", "call", "meeting", "unreachable", "contract"], weights), np.ones(d.n, bool))


def rep_quality(d, rng):
    weights = fates(d, [1, 2, 7], [7, 2, 1], [1, 7, 2])
    return filled(chosen(rng, ["high", "low", "not sure"], weights), rng.random(d.n) < by_fate(d, 0.6, 0.9, 0.8))


def tags(d, rng):
    names = ["will buy", "ringing", "no interest", "already a customer", "later", "wrong number", "in talks"]
    weights = fates(d, [0.3, 3, 0.3, 0.2, 3, 0.2, 3], [6, 0.3, 0.0, 0.0, 1, 0.0, 1], [0.1, 3, 3, 2, 1, 1, 0.5])
    return filled(chosen(rng, names, weights), rng.random(d.n) < by_fate(d, 0.5, 0.9, 0.7))


def late_score(d, rng):
    knows = by_fate(d, 0.0, 1.2, -1.2)
    return filled((50 + 10 * rng.normal(d.fit + knows, 1)).round(), np.ones(d.n, bool))


def discount(d, rng):
    values = np.where(rng.random(d.n) < by_fate(d, 0.04, 0.45, 0.12), 5 * rng.integers(1, 6, d.n), 0)
    return filled(values, np.ones(d.n, bool))


def contract_number(d, rng):
    return filled([f"C-{x}" for x in rng.integers(0, 20 * d.n, d.n)], rng.random(d.n) < by_fate(d, 0.06, 0.9, 0.1))


# Honest ones.

def fit_level(d, rng):
    return filled(np.digitize(d.fit + rng.normal(0, 0.7, d.n), [-1, 0, 1]), np.ones(d.n, bool))


def often_forgotten(d, rng):
    return filled(np.array(["weak", "fair", "good"])[np.digitize(d.fit, [-0.5, 0.7])], rng.random(d.n) < 0.5)


def asked_of_good_ones(d, rng):
    return filled(rng.integers(1, 9, d.n), rng.random(d.n) < 1 / (1 + np.exp(-d.fit)))


def drifting(d, rng):
    late = (d.created - d.created.min()) / np.ptp(d.created)
    good = 1 / (1 + np.exp(-d.fit))
    return filled(chosen(rng, ["web", "fair", "phone"], np.stack([late * good, 1 - late, 0.3 + 0 * late], axis=1)), np.ones(d.n, bool))


def new_field(d, rng):
    return filled(np.digitize(d.fit, [-0.5, 0.5]), (d.created > d.as_of - 300) & (rng.random(d.n) < 0.9))


def new_product(d, rng):
    young = np.where(d.created > d.as_of - 200, 1.5, 0.0)
    return filled(chosen(rng, ["basic", "plus", "new"], np.stack([1 + 0 * young, np.exp(0.5 * d.fit), young], axis=1)), np.ones(d.n, bool))


def renamed(d, rng):
    old = d.created < d.as_of - 60
    return filled(np.where(rng.random(d.n) < 0.6, np.where(old, "Web", "Website"), "Shop"), np.ones(d.n, bool))


def season(d, rng):
    return filled((d.created // 30 % 12), rng.random(d.n) < 0.9)


def planned_days(d, rng):
    return filled((0.5 * (d.closed - d.created) * rng.lognormal(0, 0.6, d.n) + 20).round(), np.ones(d.n, bool))


def urgent(d, rng):
    fast = 1 / (1 + np.exp((d.closed - d.created - 60) / 20))
    return filled(np.where(rng.random(d.n) < 0.1 + 0.7 * fast, "yes", "no"), np.ones(d.n, bool))


def strong(d, rng):
    return filled((100 + 30 * rng.normal(np.where(d.won, 0.9, -0.9), 1)).round(1), np.ones(d.n, bool))


def signed_up(d, rng):
    return filled(days(d.created - rng.integers(0, 400, d.n)), np.ones(d.n, bool))


def staff(d, rng):
    return filled(np.exp(rng.normal(4 + 0.3 * d.fit, 1.2)).round(), rng.random(d.n) < 0.8)


def wish_date(d, rng):
    return filled(days(d.created + rng.integers(20, 200, d.n)), rng.random(d.n) < 0.7)


def few_repeats(d, rng):
    return filled(rng.integers(10_000, 10_000 + 12 * d.n, d.n), np.ones(d.n, bool))


LEAKS = [close_reason, handover_form, rare_form, day_count, noisy_days, stage_ratio, stage_count, total_calls, calls_per_week,
         last_activity_date, last_activity, rep_quality, tags, late_score, discount, contract_number]
HONEST = [fit_level, often_forgotten, asked_of_good_ones, drifting, new_field, new_product, renamed, season, planned_days, urgent,
          strong, signed_up, staff, wish_date]
IDENTIFIERS = [few_repeats]


def columns(deals, makers):
    """Name to values, each from a generator of its own."""
    return {make.__name__: make(deals, deals.random(make.__name__)) for make in makers}
