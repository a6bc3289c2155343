"""How good the win probabilities are, beside other software on the same rows.

    python quality.py --dealcast PATH [--quick] [--worlds N] [--deals 1000 3000 10000] [--small 60]
                      [--leadforge N] [--data CONFIG[=FOLDER]...] [--copies FOLDER] [--flat used kept made FILE:LABEL:POSITIVE...]
                      [--judges logistic lightgbm catboost ebm] [--out DIR] [--work DIR]

Sets, all by argument; none of their data is part of the source:

- simulated worlds by `dealcast simulate`, and --small ones whose training ends with about 40 won and 60 other deals
- worlds of leadforge, a simulator by other hands (`leadforge_world.py` says how they are mapped)
- real exports by their configuration, relative to its own folder or to FOLDER
- a folder of dated copies of one pipeline (`copies.py`)
- flat tables of closed records (`flat.py`, with the dates they are given): those that packages ship, made up ones
  (`records.py`), or CSV files

For every set dealcast trains with its defaults and prints the rows it was judged on; `compared.py` fits the judges on the
same rows. --variant "weekly" repeats sets it has written itself, flat ones apart, with weekly landmarks. Writes quality.json and quality.md to --out.
--quick takes one small set of each kind and fewer trees (under three minutes). Needs requirements.txt.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import polars as pl

import copies
import flat
import judges
import leadforge_world
import report
from compared import compare

QUICK_ROWS = 3_000


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dealcast", required=True)
    parser.add_argument("--quick", action="store_true", help="one small set of each kind, fewer trees")
    parser.add_argument("--worlds", type=int, default=4, help="seeds per size")
    parser.add_argument("--deals", type=int, nargs="*", default=[1000, 3000, 10000])
    parser.add_argument("--small", type=int, default=0, help="seeds of worlds with about 40 won and 60 other deals")
    parser.add_argument("--small-deals", type=int, default=150)
    parser.add_argument("--leadforge", type=int, default=0, help="seeds of worlds by leadforge")
    parser.add_argument("--leadforge-command", default=str(Path(sys.executable).parent / "leadforge"))
    parser.add_argument("--data", nargs="*", default=[], help="configurations of real exports, as CONFIG or CONFIG=FOLDER")
    parser.add_argument("--copies", type=Path, help="folder of pipeline_DATE.csv")
    parser.add_argument("--flat", nargs="*", default=[], help="used, kept, made, or FILE:LABEL:POSITIVE")
    parser.add_argument("--variant", choices=["weekly"], help="repeat dated sets with weekly landmarks")
    parser.add_argument("--judges", nargs="*", default=["logistic", "lightgbm", "catboost", "ebm"])
    parser.add_argument("--out", type=Path, default=Path("."))
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "dealcast-quality")
    options = parser.parse_args()
    if options.quick:
        options.worlds, options.deals, options.leadforge = 1, [1000], min(options.leadforge, 1)
    return options


def sets(options: argparse.Namespace) -> Iterator[tuple[str, list[str], Path]]:
    """Name, input arguments and working folder of every set, written out where that is needed."""
    for name, inputs in [*simulated(options), *leadforge(options), *exports(options)]:
        yield name, inputs, options.work / name.replace(" ", "-").replace("/", "-")
        if options.variant == "weekly":
            config = Path(inputs[1])
            changed = config.with_name("weekly.toml")
            if config.is_relative_to(options.work):
                changed.write_text(config.read_text() + '\n[training]\nlandmarks = "weekly"\n')
                yield f"{name}, weekly", ["--config", str(changed)], options.work / f"{name}-weekly".replace(" ", "-")
    for name, config in flat_tables(options):
        yield name, ["--config", str(config)], options.work / name.replace(" ", "-")


def simulated(options: argparse.Namespace) -> Iterator[tuple[str, list[str]]]:
    worlds = [(f"{deals} deals, seed {seed}", deals, seed) for deals in options.deals for seed in range(101, 101 + options.worlds)]
    worlds += [(f"small, seed {seed}", options.small_deals, seed) for seed in range(201, 201 + options.small)]
    for name, deals, seed in worlds:
        world = options.work / name.replace(" ", "-") / "world"
        if not (world / "deals.csv").exists():
            subprocess.run([options.dealcast, "simulate", "--deals", str(deals), "--seed", str(seed), "--out", str(world), "--quiet"], check=True)
        yield name, ["--config", str(world / "dealcast.toml")]


def leadforge(options: argparse.Namespace) -> Iterator[tuple[str, list[str]]]:
    difficulties = ["intermediate", "intro", "advanced"]
    for i in range(options.leadforge):
        difficulty, seed = difficulties[i % 3], 301 + i
        folder = options.work / f"leadforge-{difficulty}-{seed}"
        if not (folder / "bundle").exists():
            folder.mkdir(parents=True, exist_ok=True)
            leadforge_world.generate(options.leadforge_command, seed, 2000 if options.quick else 5000, difficulty, folder / "bundle")
        yield f"leadforge {difficulty} {seed}", ["--config", str(leadforge_world.write(folder / "bundle", folder / "world"))]


def exports(options: argparse.Namespace) -> Iterator[tuple[str, list[str]]]:
    for given in options.data:
        config, _, folder = given.partition("=")
        yield Path(config).stem, ["--config", config, *(["--data", folder] if folder else [])]
    if options.copies:
        yield options.copies.name, ["--config", str(copies.write(options.copies, options.work / options.copies.name / "world"))]


def flat_tables(options: argparse.Namespace) -> Iterator[tuple[str, Path]]:
    for given in options.flat:
        lists = {"used": flat.USED, "kept": flat.KEPT, "made": flat.MADE}
        if given in lists:
            for table in lists[given][:1] if options.quick else lists[given]:
                folder = options.work / f"flat-{table.name}" / "world"
                yield f"flat {table.name}", flat.write(table, flat.shipped(table), folder, QUICK_ROWS if options.quick else None)
        else:
            path, label, positive = given.rsplit(":", 2)
            table = flat.FlatTable(Path(path).stem, label, positive)
            frame = pl.read_csv(path, infer_schema_length=None)
            yield f"flat {table.name}", flat.write(table, frame, options.work / f"flat-{table.name}" / "world", QUICK_ROWS if options.quick else None)


def main() -> None:
    options = arguments()
    absent = judges.missing(options.judges)
    wanted = [name for name in options.judges if name not in absent]
    remarks = [f"not installed, left out: {', '.join(absent)}"] if absent else []
    results = {}
    for name, inputs, work in sets(options):
        results[name] = report.facts(compare(options.dealcast, inputs, work, wanted, options.quick))
        contenders = results[name].get("contenders", {})
        print(name, *(f"{judge} {m['log_loss']:.4f}" for judge, m in contenders.items()), results[name]["verdict"][:100], sep="; ", flush=True)
        options.out.mkdir(parents=True, exist_ok=True)
        (options.out / "quality.json").write_text(json.dumps(results, indent=1) + "\n")
        (options.out / "quality.md").write_text(report.markdown(results, remarks + report.aims(results)))
    print(*report.aims(results), sep="\n")


if __name__ == "__main__":
    sys.exit(main())
