"""linfa's regression beside scikit-learn's lbfgs on the same matrix.

    python fit.py [--runs 5] [--work DIR]

Runs `cargo bench --bench model -- fit`, which leaves the training rows of its simulated worlds in DIR, then fits
scikit-learn on each: to its default tolerance, and to the one dealcast accepts (gradient per row within 1e-6).
Prints median seconds, their ratio, and the largest gradient component per row that is left. Needs requirements.txt.
"""

import argparse
import json
import os
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
import sklearn
from sklearn.linear_model import LogisticRegression

ROOT = Path(__file__).resolve().parents[2]
ALPHA = 1e-3  # as in benches/model.rs
TOLERANCES = {"scikit-learn, tol 1e-4": 1e-4, "scikit-learn, tol 1e-6": 1e-6}


def target_folder() -> Path:
    metadata = subprocess.run(["cargo", "metadata", "--format-version=1", "--no-deps"], cwd=ROOT, check=True, capture_output=True)
    return Path(json.loads(metadata.stdout)["target_directory"])


def steepness(x: np.ndarray, won: np.ndarray, fitted: LogisticRegression) -> float:
    """Largest gradient component per row: what a solution is worth."""
    errors = fitted.predict_proba(x)[:, 1] - won
    gradient = x.T @ errors / len(x) + ALPHA * fitted.coef_[0]
    return max(np.abs(gradient).max(), abs(errors.mean()))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "dealcast-peers" / "matrix")
    options = parser.parse_args()
    subprocess.run(["cargo", "bench", "--bench", "model", "--", "fit"], cwd=ROOT, check=True,
                   env={**os.environ, "DEALCAST_MATRIX": str(options.work)}, stdout=subprocess.DEVNULL)
    print(f"scikit-learn {sklearn.__version__}, {os.cpu_count()} cores, median of {options.runs}")
    print(f"{'deals':>8}{'rows':>9}{'columns':>9}  {'':26}{'seconds':>9}{'ratio':>7}{'gradient':>11}")
    for file in sorted(options.work.glob("*.f64"), key=lambda file: file.stat().st_size):
        deals, shape = file.stem.split("-")
        rows, columns = map(int, shape.split("x"))
        x = np.fromfile(file, dtype="<f8").reshape((rows, columns), order="F")
        won = np.fromfile(file.with_suffix(".u8"), dtype=np.uint8)
        estimates = target_folder() / "criterion" / "model" / "fit" / deals / "new" / "estimates.json"
        own = json.loads(estimates.read_text())["median"]["point_estimate"] / 1e9
        print(f"{deals:>8}{rows:>9}{columns:>9}  {'dealcast (linfa + Newton)':26}{own:>9.3f}{1:>7.2f}{'<= 1e-06':>11}")
        for name, tolerance in TOLERANCES.items():
            seconds = []
            for _ in range(options.runs):
                start = time.perf_counter()
                fitted = LogisticRegression(C=1 / (ALPHA * rows), solver="lbfgs", tol=tolerance, max_iter=5000).fit(x, won)
                seconds.append(time.perf_counter() - start)
            middle = statistics.median(seconds)
            print(f"{'':>26}  {name:26}{middle:>9.3f}{middle / own:>7.2f}{steepness(x, won, fitted):>11.1e}")


if __name__ == "__main__":
    main()
