"""The outside judges: models of other software, fitted on the training rows dealcast saw and asked about its test rows.

Input: rows of `dealcast features --rows` (numbers and texts before any encoding). Output: chances per judge.

- logistic: scikit-learn's LogisticRegression on standardised numbers, missing indicators and one-hot levels
- lightgbm: its defaults, and a slower, smaller setting; native categories
- catboost: its defaults with fewer trees; native categories
- ebm: the explainable boosting machine of interpret, main effects and pairs

A package that is not installed leaves its judge out, and `missing` names it. One thread each. catboost and ebm learn from
at most SLOW_ROWS rows, the quick mode from fewer: above that, whole deals are sampled.
"""

import importlib
import warnings

import numpy as np
import polars as pl
from sklearn.linear_model import LogisticRegression

SMOOTH = {"n_estimators": 300, "learning_rate": 0.03, "num_leaves": 15, "min_child_samples": 50, "reg_lambda": 5.0}
DEAL, LABEL = "deal_id", "won_within_horizon"
LEVELS = 60
SLOW_ROWS, QUICK_ROWS = 15_000, 3_000
PACKAGES = {"lightgbm": "lightgbm", "catboost": "catboost", "ebm": "interpret.glassbox"}


class Plain:
    """What every judge is given: numbers, and texts reduced to the most frequent levels of the training rows."""

    def __init__(self, train: pl.DataFrame):
        self.numbers = [c for c, t in train.schema.items() if t.is_numeric() and train[c].drop_nulls().len()]
        self.means = {c: train[c].mean() for c in self.numbers}
        self.deviations = {c: train[c].std() or 1.0 for c in self.numbers}
        texts = [c for c, t in train.schema.items() if t == pl.String]
        self.levels = {c: train[c].drop_nulls().value_counts(sort=True)[c].head(LEVELS).to_list() for c in texts}

    def matrix(self, rows: pl.DataFrame) -> np.ndarray:
        """Standardised numbers with missing indicators beside one-hot levels."""
        columns = []
        for c in self.numbers:
            columns.append(((rows[c].fill_null(self.means[c]) - self.means[c]) / self.deviations[c]).to_numpy())
            columns.append(rows[c].is_null().cast(pl.Float64).to_numpy())
        for c, names in self.levels.items():
            columns += [(rows[c] == name).fill_null(False).cast(pl.Float64).to_numpy() for name in names]
        return np.column_stack(columns) if columns else np.zeros((len(rows), 1))

    def categories(self) -> list[int]:
        return list(range(len(self.numbers), len(self.numbers) + len(self.levels)))

    def codes(self, rows: pl.DataFrame) -> np.ndarray:
        """Numbers, then levels as codes; what is missing or unknown is not a number."""
        columns = [rows[c].cast(pl.Float64).fill_null(np.nan).to_numpy() for c in self.numbers]
        for c, names in self.levels.items():
            position = {name: float(i) for i, name in enumerate(names)}
            columns.append(np.array([position.get(v, np.nan) for v in rows[c]], dtype=float))
        return np.column_stack(columns)


def missing(wanted: list[str]) -> list[str]:
    absent = []
    for judge in wanted:
        try:
            importlib.import_module(PACKAGES.get(judge, "sklearn"))
        except ImportError:
            absent.append(judge)
    return absent


def judge(wanted: list[str], train: pl.DataFrame, test: pl.DataFrame, quick: bool) -> dict[str, np.ndarray]:
    """Chances of the test rows by every wanted judge. The frames have the deal and the label beside the fields."""
    some = sampled(train, QUICK_ROWS if quick else SLOW_ROWS)
    many = some if quick else train
    test = test.drop(DEAL, LABEL)
    chances = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if "logistic" in wanted:
            chances["logistic"] = logistic(*fields(many), test)
        if "lightgbm" in wanted:
            chances |= lightgbm(*fields(many), test)
        if "catboost" in wanted:
            chances["catboost"] = catboost(*fields(some), test, quick)
        if "ebm" in wanted:
            chances["ebm"] = explainable_boosting(*fields(some), test, quick)
    return chances


def sampled(train: pl.DataFrame, most: int) -> pl.DataFrame:
    """All rows of a seeded sample of deals, about `most` in all."""
    if len(train) <= most:
        return train
    part = train.filter(pl.col(DEAL).hash(seed=1) % 10_000 < 10_000 * most // len(train))
    return part if part[LABEL].n_unique() == 2 else train


def fields(train: pl.DataFrame) -> tuple[Plain, pl.DataFrame, np.ndarray]:
    bare = train.drop(DEAL, LABEL)
    return Plain(bare), bare, train[LABEL].to_numpy()


def logistic(plain: Plain, train: pl.DataFrame, won: np.ndarray, test: pl.DataFrame) -> np.ndarray:
    model = LogisticRegression(max_iter=3000).fit(plain.matrix(train), won)
    return model.predict_proba(plain.matrix(test))[:, 1]


def lightgbm(plain: Plain, train: pl.DataFrame, won: np.ndarray, test: pl.DataFrame) -> dict[str, np.ndarray]:
    from lightgbm import LGBMClassifier

    chances = {}
    for name, setting in [("lightgbm", {}), ("lightgbm, slow", SMOOTH)]:
        model = LGBMClassifier(random_state=1, n_jobs=1, verbose=-1, deterministic=True, **setting)
        model.fit(plain.codes(train), won, categorical_feature=plain.categories())
        chances[name] = model.booster_.predict(plain.codes(test))
    return chances


def catboost(plain: Plain, train: pl.DataFrame, won: np.ndarray, test: pl.DataFrame, quick: bool) -> np.ndarray:
    from catboost import CatBoostClassifier, Pool

    def pool(rows: pl.DataFrame, label: np.ndarray | None) -> Pool:
        texts = [pl.col(c).fill_null("(missing)") for c in plain.levels]
        frame = rows.select(*[pl.col(c).cast(pl.Float64) for c in plain.numbers], *texts).to_pandas()
        return Pool(frame, label, cat_features=list(plain.levels))

    model = CatBoostClassifier(iterations=100 if quick else 300, random_seed=1, thread_count=1, verbose=False, allow_writing_files=False)
    return model.fit(pool(train, won.astype(int))).predict_proba(pool(test, None))[:, 1]


def explainable_boosting(plain: Plain, train: pl.DataFrame, won: np.ndarray, test: pl.DataFrame, quick: bool) -> np.ndarray:
    from interpret.glassbox import ExplainableBoostingClassifier

    kinds = ["continuous"] * len(plain.numbers) + ["nominal"] * len(plain.levels)
    bags, pairs, rounds = (1, 0, 300) if quick else (2, 10, 5000)
    model = ExplainableBoostingClassifier(feature_types=kinds, outer_bags=bags, interactions=pairs, max_rounds=rounds, random_state=1, n_jobs=1)
    return model.fit(plain.codes(train), won).predict_proba(plain.codes(test))[:, 1]
