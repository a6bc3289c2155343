"""Pushes the same scores with `dealcast push` and with drt-core to one server that fails in the same ways, and prints both side by side.

    python push_drt.py --dealcast PATH [--deals 1500]     (2500 has the 210 open deals of the documentation)

Needs `pip install drt-core==1.2.1`. The server speaks EspoCRM's REST interface, as far as `dealcast push` asks it, and takes
the same change of one record at one fixed address, because drt's REST destination puts no id into a path. Both change
the same records; faults are tied to records, not to requests, so that both meet the same ones.

drt is set up as its documentation recommends: retries and rate as below, `on_error: skip`, dead letter queue and `drt retry`
for what failed; once in mode `full` (its default) and once `incremental` with a column that says when a score last changed,
which the source of the scores would have to keep.
"""

import argparse
import collections
import csv
import datetime
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlparse

KEY = "key-of-the-comparison"
SCORE, CHANCE = "cScore", "cWinScore"


class Crm:
    """Records in memory, and what goes wrong with whom."""

    def __init__(self, ids):
        self.lock = threading.Lock()
        self.fields = {CHANCE: 6, SCORE: 0}
        self.records = {id: {"id": id} for id in ids}
        self.faults = {}
        self.pause = 0.0
        self.last = {}
        self.forget()

    def forget(self):
        """A new count; records and faults stay."""
        self.requests = self.writes = self.twice = 0

    def write(self, id, change):
        """The change, done for good, and what is answered. What is stored may be less than what was sent."""
        record = self.records.get(id)
        if record is None:
            return 404, None
        self.writes += 1
        self.twice += self.last.get(id) == change
        self.last[id] = dict(change)
        for name, value in change.items():
            # EspoCRM and vtiger ignore a name they do not know, and answer with success.
            if name in self.fields:
                record[name] = round(float(value), self.fields[name])
        return 200, record

    def fault(self, id):
        """What happens to this write; most happen once."""
        waiting = self.faults.get(id, [])
        if not waiting:
            return None
        return waiting[0] if waiting[0] == "refused" else waiting.pop(0)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    crm = None

    def log_message(self, *_):
        pass

    def answer(self, status, body="", headers=(), half=False):
        text = (json.dumps(body) if body != "" else "").encode()
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text[: len(text) // 2] if half else text)
        if half:
            self.hang_up()

    def hang_up(self):
        self.close_connection = True
        self.wfile.flush()
        self.connection.close()

    def do_GET(self):
        crm, url = self.crm, urlparse(self.path)
        with crm.lock:
            crm.requests += 1
            if self.headers.get("X-Api-Key") != KEY:
                return self.answer(401)
            asked = {name: values[0] for name, values in parse_qs(url.query).items()}
            if url.path.endswith("/App/user"):
                acl = {"table": {"Opportunity": {"read": "all", "edit": "all"}}, "fieldTable": {"Opportunity": {}}}
                return self.answer(200, {"user": {"id": "u1"}, "acl": acl})
            if url.path.endswith("/Metadata"):
                name = asked["key"].rsplit(".", 1)[1]
                kind = {"type": "float", "decimalPlaces": 6, "isCustom": True} if name == CHANCE else {"type": "int", "isCustom": True}
                return self.answer(200, kind if name in (CHANCE, SCORE) and name in crm.fields else None)
            if url.path.endswith("/Opportunity"):
                at, most = int(asked.get("offset", 0)), int(asked.get("maxSize", 20))
                listed = parse_qs(url.query).get("where[0][value][]")
                wanted = [id for id in sorted(crm.records) if listed is None or id in listed]
                page = [crm.records[id] for id in wanted][at : at + most]
                return self.answer(200, {"total": len(wanted), "list": page})
            record = crm.records.get(url.path.rsplit("/", 1)[1])
            if record is None:
                return self.answer(404, "", [("X-Status-Reason", "Record not found.")])
            return self.answer(200, record)

    def change(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        change = json.loads(body)
        id = change.pop("id", None) or urlparse(self.path).path.rsplit("/", 1)[1]
        crm = self.crm
        if crm.pause:
            time.sleep(crm.pause)
        with crm.lock:
            crm.requests += 1
            fault = crm.fault(id)
            if fault == "busy":
                return self.answer(429, "", [("Retry-After", "1")])
            if fault == "failure":
                return self.answer(500)
            if fault == "refused":
                told = {"messageTranslation": {"label": "validationFailure", "data": {"field": CHANCE, "type": "max"}}}
                return self.answer(400, told, [("X-Status-Reason", "Field validation failure")])
            if fault == "gateway":
                crm.write(id, change)
                return self.answer(502)
            status, record = crm.write(id, change)
            if fault == "reset":
                return self.hang_up()
            if status == 404:
                return self.answer(404, "", [("X-Status-Reason", f"Record {id} not found.")])
            return self.answer(status, record, half=fault == "half")

    do_PUT = do_POST = change


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        """A client that was killed."""


def start(crm):
    handler = type("Handler", (Handler,), {"crm": crm})
    server = Server(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_address[1]}"


def scores(run):
    """What every deal should have: chance and score by id."""
    with open(run / "scores.csv") as file:
        return {row["deal_id"]: (float(row["win_probability"]), int(row["score"])) for row in csv.DictReader(file)}


class Dealcast:
    """`dealcast push`, a plan and its application each night."""

    name = "dealcast"

    def __init__(self, program, folder, url, fields):
        self.program, self.folder = program, folder
        names = "".join(f'{of} = "{name}"\n' for of, name in fields.items())
        (folder / "dealcast.toml").write_text(
            f'[push.crm]\ntarget = "espocrm"\nurl = "{url}"\nsecret = {{ file = "key" }}\nmax_reject_share = 0.5\nepsilon = 0.0\n[push.crm.fields]\n{names}'
        )
        (folder / "key").write_text(KEY)

    def call(self, *words, kill_after=None, crm=None):
        process = subprocess.Popen(
            [self.program, "push", *words, "-q"], cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        kill(process, kill_after, crm)
        out, err = process.communicate()
        return process.returncode, out, err.strip()

    def night(self, run, _, kill_after=None, crm=None):
        code, _, err = self.call("plan", "--run", str(run))
        if code:
            return f"refused: {err.splitlines()[0]}"
        self.call("apply", kill_after=kill_after, crm=crm)
        return None

    def again(self):
        """After a crash, or what failed."""
        self.call("retry")

    def told(self):
        """Records it says hold what was sent, records it says were rounded, records it says do not."""
        _, out, _ = self.call("status", "--format", "json")
        if not out:
            return 0, 0, 0
        counts = json.loads(out)["counts"]
        return counts["written"] + counts["unchanged"], counts["rounded"], counts["rejected"] + counts["missing"] + counts["unknown"]


class Drt:
    """drt-core: a table of scores, a sync to the fixed address."""

    def __init__(self, folder, url, fields, mode):
        self.name, self.folder, self.mode = f"drt ({mode})", folder, mode
        self.home = folder / "home"
        (self.home / ".drt").mkdir(parents=True)
        (folder / "syncs").mkdir()
        (self.home / ".drt" / "profiles.yml").write_text(f"local:\n  type: sqlite\n  database: {folder}/scores.sqlite\n")
        (folder / "drt_project.yml").write_text('name: scores\nversion: "0.1"\nprofile: local\n')
        body = ", ".join(f'"{name}": {{{{ row.{of} }}}}' for of, name in fields.items())
        incremental = "  mode: incremental\n  cursor_field: changed_at\n" if mode == "incremental" else "  mode: full\n"
        (folder / "syncs" / "scores.yml").write_text(
            "name: scores\nmodel: ref('scores')\ndestination:\n  type: rest_api\n"
            f"  url: \"{url}/api/v1/scores\"\n  method: POST\n  headers:\n    Content-Type: application/json\n"
            f"  body_template: |\n    {{\"id\": \"{{{{ row.deal_id }}}}\", {body}}}\n"
            "  auth:\n    type: api_key\n    header: X-Api-Key\n    value_env: CRM_KEY\n"
            f"sync:\n{incremental}  batch_size: 100\n  on_error: skip\n  rate_limit:\n    requests_per_second: 500\n"
            "  retry:\n    max_attempts: 3\n    initial_backoff: 0.2\n    max_backoff: 60.0\n  dlq:\n    enabled: true\n"
        )
        self.reported = (0, 0)

    def call(self, *words, kill_after=None, crm=None):
        program = Path(sys.executable).parent / "drt"
        environment = {**os.environ, "HOME": str(self.home), "CRM_KEY": KEY, "DRT_TELEMETRY_DISABLED": "1", "DO_NOT_TRACK": "1"}
        process = subprocess.Popen(
            [program, *words], cwd=self.folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        kill(process, kill_after, crm)
        out, err = process.communicate()
        return process.returncode, out, err.strip()

    def night(self, run, moment, kill_after=None, crm=None):
        table = sqlite3.connect(self.folder / "scores.sqlite")
        table.execute("CREATE TABLE IF NOT EXISTS scores (deal_id TEXT PRIMARY KEY, probability REAL, score INTEGER, changed_at TEXT)")
        for id, (chance, score) in scores(run).items():
            table.execute(
                "INSERT INTO scores VALUES (?, ?, ?, ?) ON CONFLICT (deal_id) DO UPDATE SET probability = excluded.probability, "
                "score = excluded.score, changed_at = excluded.changed_at WHERE probability <> excluded.probability OR score <> excluded.score",
                (id, chance, score, moment),
            )
        gone = set(id for (id,) in table.execute("SELECT deal_id FROM scores")) - set(scores(run))
        table.executemany("DELETE FROM scores WHERE deal_id = ?", [(id,) for id in gone])
        table.commit()
        table.close()
        code, out, err = self.call("run", "--output", "json", kill_after=kill_after, crm=crm)
        self.reported = counts(out)
        return None if out else (f"exit {code}" if kill_after is None else None)

    def again(self, crashed=False):
        if crashed:
            _, out, _ = self.call("run", "--output", "json")
            self.reported = counts(out)
        else:
            # What is still in the dead letter queue failed again.
            self.call("retry", "scores")
            queue = self.folder / ".drt" / "dlq" / "scores.jsonl"
            failed = len(queue.read_text().splitlines()) if queue.exists() else 0
            self.reported = (sum(self.reported) - failed, failed)

    def told(self):
        done, failed = self.reported
        return done, 0, failed


def counts(out):
    """Rows it says it synced, and rows it says failed."""
    try:
        told = json.loads(out[out.index("{") :])
    except ValueError:
        return 0, 0
    syncs = told.get("syncs") or told.get("results") or [told]
    return sum(sync.get("rows_synced", 0) for sync in syncs), sum(sync.get("rows_failed", 0) for sync in syncs)


def kill(process, after, crm):
    """kill -9 once the server has seen so many writes."""
    if after is None:
        return
    while process.poll() is None and crm.writes < after:
        time.sleep(0.001)
    process.send_signal(signal.SIGKILL)


def line(crm, tool, wanted):
    """What the server knows against what the tool says."""
    right, wrong, without = 0, 0, 0
    for id, (chance, score) in wanted.items():
        record = crm.records.get(id, {})
        held = [record.get(CHANCE), record.get(SCORE)]
        if None in held:
            without += 1
        elif abs(held[0] - round(chance, 6)) < 1e-9 and held[1] == score:
            right += 1
        else:
            wrong += 1
    said_right, said_rounded, said_wrong = tool.told()
    return {
        "requests": crm.requests,
        "writes": crm.writes,
        "twice": crm.twice,
        "right": right,
        "wrong": wrong,
        "without": without,
        "said right": said_right,
        "said rounded": said_rounded,
        "said failed": said_wrong,
        # Values that are not what was sent, of records the tool counts as done.
        "unnoticed": max(0, said_right - right),
    }


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--dealcast", required=True, type=Path)
    arguments.add_argument("--deals", type=int, default=1500)
    arguments.add_argument("--json", type=Path)
    given = arguments.parse_args()
    program = given.dealcast.resolve()
    work = Path(tempfile.mkdtemp())
    try:
        lines = compare(program, work, given.deals)
    finally:
        shutil.rmtree(work)
    columns = ["case", "tool", "requests", "writes", "twice", "right", "wrong", "without", "said right", "said rounded", "said failed", "unnoticed", "note"]
    print("| " + " | ".join(columns) + " |")
    print("|" + "---|" * len(columns))
    for entry in lines:
        print("| " + " | ".join(str(entry.get(column, "")) for column in columns) + " |")
    if given.json:
        given.json.write_text(json.dumps(lines, indent=1))


def compare(program, work, deals):
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "check": True}
    subprocess.run([program, "simulate", "--deals", str(deals), "--seed", "3", "--out", work / "world"], **quiet)
    runs = []
    for number, day in enumerate(["2026-01-12", "2026-01-13", "2026-01-19"]):
        out = work / f"run{number}"
        subprocess.run(
            [program, "run", "--config", work / "world/dealcast.toml", "--as-of", day, "--models", work / "models", "--out", out, "--reports", "none"],
            **quiet,
        )
        runs.append(out)
    first, _, week = (scores(run) for run in runs)
    print(f"{len(first)} open deals; a week later {len(week)}, of which {sum(first.get(id) != value for id, value in week.items())} new or changed\n", flush=True)
    lines = []
    both = {"probability": CHANCE, "score": SCORE}

    def tools(url, fields):
        folders = [Path(tempfile.mkdtemp(dir=work)) for _ in range(3)]
        return [Dealcast(program, folders[0], url, fields), Drt(folders[1], url, fields, "full"), Drt(folders[2], url, fields, "incremental")]

    def server(ids, decimals=6):
        crm = Crm(ids)
        crm.fields[CHANCE] = decimals
        return crm, start(crm)

    def note(case, crm, tool, wanted, note=None):
        entry = {"case": case, "tool": tool.name, **line(crm, tool, wanted), "note": note or ""}
        lines.append(entry)
        print(json.dumps(entry), flush=True)

    for which in range(3):
        # Faults of every kind, one refused record, one deleted one.
        ids = sorted(first)
        everybody = sorted(set(first) | set(week))
        crm, url = server(everybody)
        kinds = ["busy", "failure", "reset", "half", "gateway"]
        for at, kind in enumerate(kinds):
            for id in ids[10 + at :: 40]:
                crm.faults[id] = [kind]
        crm.faults[ids[5]] = ["refused"]
        del crm.records[ids[7]]
        tool = tools(url, both)[which]
        told = tool.night(runs[0], "2026-01-12T02:00:00")
        note("first night, faults", crm, tool, first, told)
        crm.faults.clear()
        crm.forget()
        tool.again()
        note("what failed, again", crm, tool, first)
        crm.forget()
        told = tool.night(runs[0], "2026-01-12T02:00:00")
        note("same night again", crm, tool, first, told)
        crm.forget()
        told = tool.night(runs[2], "2026-01-19T02:00:00")
        note("a week later", crm, tool, week, told)

    for which in range(3):
        # Killed in the middle, and started again.
        crm, url = server(sorted(first))
        crm.pause = 0.002
        tool = tools(url, both)[which]
        tool.night(runs[0], "2026-01-12T02:00:00", kill_after=len(first) // 2, crm=crm)
        at = crm.writes
        tool.again() if which == 0 else tool.again(crashed=True)
        note(f"killed at {at} writes, again", crm, tool, first)

    for which in range(3):
        # A server that keeps two decimals and says so nowhere; then one that keeps none.
        for decimals in (2, 0):
            crm, url = server(sorted(first), decimals)
            tool = tools(url, both)[which]
            told = tool.night(runs[0], "2026-01-12T02:00:00")
            note(f"server keeps {decimals} decimals", crm, tool, first, told)

    for which in range(3):
        # A field whose name is misspelt: the server ignores it with success.
        crm, url = server(sorted(first))
        tool = tools(url, {**both, "probability": "cWinScor"})[which]
        told = tool.night(runs[0], "2026-01-12T02:00:00")
        note("a name the server does not know", crm, tool, first, told)
    return lines


if __name__ == "__main__":
    main()
