"""What was compared, as tables for eyes and for programs, and how the aims are met.

Input: `Compared` per set. Output: a Markdown text and a dictionary for JSON.
"""

import numpy as np

from compared import Compared
from measures import measures, paired, row_losses

BESIDE = ["logistic", "lightgbm", "lightgbm, slow", "catboost", "ebm"]


def facts(found: Compared) -> dict:
    out = {"verdict": found.verdict, "split": found.split, "signal": found.signal, "won_deals": found.won_deals, "other_deals": found.other_deals}
    if found.won is None:
        return out
    won, deals = found.won, found.deals
    own = found.chances["dealcast"]
    out |= {"rows": len(won), "deals": len(np.unique(deals)), "share_won": float(won.mean()), "contenders": {}, "folds": []}
    for name, chance in found.chances.items():
        out["contenders"][name] = measures(chance, won)
        if name != "dealcast":
            out["contenders"][name]["dealcast_less_this"] = paired(own, chance, won, deals)
    for i, cutoff in enumerate(found.cutoffs):
        here = found.fold == i
        out["folds"].append({"cutoff": cutoff, "rows": int(here.sum()),
                             **{name: float(row_losses(chance[here], won[here]).mean()) for name, chance in found.chances.items()}})
    return out


def markdown(results: dict[str, dict], remarks: list[str]) -> str:
    lines = ["Log loss, lower is better. In brackets: dealcast less this judge on the same rows, with its standard error clustered by deal.", ""]
    head = ["set", "rows", "deals", "won", "dealcast", "base rate", *BESIDE]
    lines += [row(head), row(["---"] + ["--:"] * (len(head) - 1))]
    for name, fact in results.items():
        if "contenders" in fact:
            lines.append(row([name + ("" if fact["signal"] else " (no signal)"), f"{fact['rows']:,}", f"{fact['deals']:,}", f"{fact['share_won']:.3f}",
                              f"**{fact['contenders']['dealcast']['log_loss']:.4f}**", *(beside(fact, judge) for judge in ["base rate", *BESIDE])]))
    lines += ["", "All measures.", ""]
    head = ["set", "contender", "log loss", "Brier", "AUC", "calibration error", "slope"]
    lines += [row(head), row(["---", "---"] + ["--:"] * 5)]
    for name, fact in results.items():
        for contender, m in fact.get("contenders", {}).items():
            lines.append(row([name, contender, *(f"{m[k]:.4f}" for k in ("log_loss", "brier", "auc", "calibration_error")), f"{m['slope']:.2f}"]))
    lines += ["", "What dealcast said.", ""]
    lines += [f"- {name}: {fact['verdict']} [{fact['split']}]" for name, fact in results.items()]
    return "\n".join(lines + [""] + [f"- {remark}" for remark in remarks]) + "\n"


def row(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def beside(fact: dict, judge: str) -> str:
    m = fact["contenders"].get(judge)
    if m is None:
        return ""
    p = m["dealcast_less_this"]
    return f"{m['log_loss']:.4f} ({p['difference']:+.4f} ± {p['standard_error']:.4f})"


def aims(results: dict[str, dict]) -> list[str]:
    """How often dealcast is at or below each judge, and the aims of the simulated worlds."""
    told = {name: fact for name, fact in results.items() if "contenders" in fact}
    small = {name: fact for name, fact in told.items() if name.startswith("small")}
    large = {name: fact for name, fact in told.items() if name not in small}
    lines = []
    for judge in ["base rate", *BESIDE]:
        excess = {name: f["contenders"][judge]["dealcast_less_this"] for name, f in large.items() if judge in f["contenders"]}
        if excess:
            clear = sum(e["difference"] > 2 * e["standard_error"] for e in excess.values())
            lines.append(f"log loss at or below {judge}: {share([e['difference'] <= 0 for e in excess.values()])}; clearly above in {clear}; "
                         f"worst {worst({name: e['difference'] for name, e in excess.items()})}")
    many = [f["contenders"]["dealcast"] for f in large.values() if f["deals"] >= 5000 and f["signal"]]
    if many:
        lines.append(f"5,000 judged deals or more: slope within 0.9-1.1 in {share([0.9 <= m['slope'] <= 1.1 for m in many])}, "
                     f"error <= 0.02 in {share([m['calibration_error'] <= 0.02 for m in many])}")
    folds = {f"{name}, {fold['cutoff']}": fold["dealcast"] / fold["base rate"] - 1 for name, f in told.items() for fold in f["folds"]}
    if folds:
        lines.append(f"folds within 0.5 % of the base rate: {share([x <= 0.005 for x in folds.values()])}; worst {worst(folds)}")
    if small:
        excess = {name: f["contenders"]["stage table"]["dealcast_less_this"]["difference"] for name, f in small.items() if "stage table" in f["contenders"]}
        lines.append(f"small worlds no worse than the stage table: {share([x <= 0 for x in excess.values()])}; worst {worst(excess)}")
    return lines


def share(met: list[bool]) -> str:
    return f"{sum(met)} of {len(met)}"


def worst(excess: dict[str, float]) -> str:
    name = max(excess, key=excess.get)
    return f"{excess[name]:+.4f} in {name}"
