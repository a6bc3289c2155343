"""How good chances are, and whether one set of chances is better than another on the same rows.

Standard errors are clustered by deal: rows of one deal are not independent.
"""

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score


def row_losses(chance: np.ndarray, won: np.ndarray) -> np.ndarray:
    chance = np.clip(chance, 1e-12, 1 - 1e-12)
    return -np.where(won, np.log(chance), np.log1p(-chance))


def slope(chance: np.ndarray, won: np.ndarray) -> float:
    """Calibration slope (Cox 1958): 1 is right, below 1 the chances are too sure."""
    chance = np.clip(chance, 1e-12, 1 - 1e-12)
    log_odds = np.log(chance / (1 - chance)).reshape(-1, 1)
    if log_odds.std() < 1e-9:
        return float("nan")
    return float(LogisticRegression(C=np.inf, tol=1e-8, max_iter=500).fit(log_odds, won).coef_[0, 0])


def calibration_error(chance: np.ndarray, won: np.ndarray, bins: int = 10) -> float:
    """Mean distance of predicted and observed share, tenth by tenth."""
    parts = np.array_split(np.argsort(chance, kind="stable"), bins)
    return float(sum(len(p) * abs(chance[p].mean() - won[p].mean()) for p in parts if len(p)) / len(won))


def measures(chance: np.ndarray, won: np.ndarray) -> dict[str, float]:
    both = 0 < won.sum() < len(won)
    return {
        "log_loss": float(row_losses(chance, won).mean()),
        "brier": float(((chance - won) ** 2).mean()),
        "auc": float(roc_auc_score(won, chance)) if both else float("nan"),
        "calibration_error": calibration_error(chance, won),
        "slope": slope(chance, won) if both else float("nan"),
    }


def paired(first: np.ndarray, second: np.ndarray, won: np.ndarray, deals: np.ndarray) -> dict[str, float]:
    """Log loss of `first` less that of `second`, with its standard error clustered by deal."""
    difference = row_losses(first, won) - row_losses(second, won)
    mean = difference.mean()
    _, position = np.unique(deals, return_inverse=True)
    per_deal = np.bincount(position, weights=difference - mean)
    clusters = len(per_deal)
    scale = np.sqrt(clusters / (clusters - 1)) if clusters > 1 else float("nan")
    return {"difference": float(mean), "standard_error": float(scale * np.sqrt((per_deal**2).sum()) / len(difference))}
