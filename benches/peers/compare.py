"""Runs whole processes in turn on the same simulated world and prints wall, CPU and peak-memory ratios.

    python compare.py --dealcast PATH [--deals 1000000] [--runs 3] [--work DIR]

Needs the packages of requirements.txt. Everything runs on this machine; the world is made by `dealcast simulate`.
"""

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent


def measure(command: list[str]) -> dict:
    """Wall and CPU seconds and peak resident memory of one process, from the kernel's own accounting."""
    with tempfile.TemporaryFile() as log:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        log.seek(0)
        text = log.read().decode(errors="replace")
    if process.returncode != 0:
        sys.exit(f"{' '.join(command)} ended with {process.returncode}:\n{text[-2000:]}")
    return {"wall": wall, "cpu": usage.ru_utime + usage.ru_stime, "mb": usage.ru_maxrss / 1024, "text": text}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--dealcast", required=True)
    parser.add_argument("--deals", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "dealcast-peers")
    parser.add_argument("--sampled", action="store_true", help="also the Python script with dealcast's own row cap")
    options = parser.parse_args()
    world = options.work / f"world-{options.deals}-{options.seed}"
    if not (world / "deals.csv").exists():
        subprocess.run([options.dealcast, "simulate", "--deals", str(options.deals), "--seed", str(options.seed), "--out", str(world)], check=True)
    out = options.work / "out"
    shutil.rmtree(out, ignore_errors=True)
    tables = [f"--{t.replace('_', '-')}={world}/{t}.csv" for t in
              ["deals", "stage_history", "activities", "quotas", "users", "fx_rates", "campaign_costs"]]
    run = [options.dealcast, "run", *tables, "--out", str(out), "--models", str(options.work / "models"), "--quiet", "--no-progress"]
    kept, run = run, [*run, "--retrain", "always"]
    first = measure(run)
    manifest = json.loads((out / "manifest.json").read_text())
    model = json.loads((out / "model.json").read_text())
    as_of, horizon = manifest["as_of"], str(model["horizon_days"])
    script = [sys.executable, str(HERE / "winmodel.py"), str(world), as_of, horizon, str(options.work / "scores.csv")]
    peers = {"python: snapshots + fit + score": script, "duckdb: funnel + quota": [sys.executable, str(HERE / "aggregates.py"), str(world), str(options.work / "duck")]}
    if options.sampled:
        peers["python, fit on 100,000 rows"] = [*script, "--max-rows", "100000"]
    peers["dealcast run, model kept"] = kept
    figures: dict[str, list[dict]] = {"dealcast run": [], **{name: [] for name in peers}}
    for _ in range(options.runs):
        figures["dealcast run"].append(measure(run))
        for name, command in peers.items():
            figures[name].append(measure(command))
    print(f"{options.deals:,} deals, as of {as_of}, horizon {horizon} days, {os.cpu_count()} cores, {platform.machine()}, median of {options.runs} (first dealcast run {first['wall']:.1f} s not counted)")
    print(f"{'':36}{'wall s':>10}{'CPU s':>10}{'peak MB':>10}{'wall x':>9}{'CPU x':>9}{'memory x':>10}")
    middle = {name: {k: statistics.median(r[k] for r in rows) for k in ("wall", "cpu", "mb")} for name, rows in figures.items()}
    own = middle["dealcast run"]
    for name, m in middle.items():
        print(f"{name:36}{m['wall']:>10.2f}{m['cpu']:>10.2f}{m['mb']:>10.0f}{m['wall'] / own['wall']:>9.2f}{m['cpu'] / own['cpu']:>9.2f}{m['mb'] / own['mb']:>10.2f}")
    for name in peers:
        if "dealcast" in name:
            continue
        print(f"{name}: {figures[name][-1]['text'].strip()[-400:]}")


if __name__ == "__main__":
    main()
