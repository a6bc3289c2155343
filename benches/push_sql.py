#!/usr/bin/env python3
"""How fast do scores get into tables, and how fast would the same rows be copied there with nothing else done?

Starts a PostgreSQL and a MariaDB of its own (folders of their own, on loopback, as an unprivileged user) where they are
installed. Of each target it prints seconds, rows per second and most resident memory of `push plan`, of `push apply` into an
empty table, of planning and writing a second run, and of planning a third time, when nothing is to be written; and beside them
the seconds of the server's own way for many rows at once: `\\copy`, LOAD DATA LOCAL, `.import`, of the same rows as files. The
plain copies check nothing, note nothing and cannot be gone on with.

usage: benches/push_sql.py PATH/TO/dealcast RUN SECOND-RUN

RUN is the folder of a finished run. One with some 100,000 open deals:
    dealcast simulate --deals 1150000 --out world && cd world && dealcast run --out run
SECOND-RUN may be the run of a later day, with which values change.
"""
import csv, glob, os, pathlib, pwd, shutil, socket, subprocess, sys, tempfile, threading, time

program, run, second = (str(pathlib.Path(path).resolve()) for path in sys.argv[1:4])
FIELDS = {"score": "score", "probability": "win_probability", "grade": "grade", "trend": "trend", "stagnation": "stagnation",
          "predicted_close_date": "predicted_close_date", "previous_score": "previous_score", "model_id": "model_id",
          "scored_at": "as_of", "top_factors": None}
HOME = pathlib.Path(tempfile.mkdtemp()); os.chmod(HOME, 0o755)


def find(name):
    places = [shutil.which(name), f"/usr/sbin/{name}", *sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{name}"))]
    return next((place for place in places if place and os.path.exists(place)), None)


def free_port():
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return held.getsockname()[1]


def as_user(user, *words):
    return ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups", *words] if os.geteuid() == 0 else list(words)


def measured(words, folder):
    """Seconds and most resident MiB of a command that must end well."""
    begin = time.time()
    child = subprocess.Popen(words, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    told = []
    reader = threading.Thread(target=lambda: told.append(child.stderr.read())); reader.start()
    _, status, usage = os.wait4(child.pid, 0)
    reader.join()
    if os.waitstatus_to_exitcode(status) != 0:
        sys.exit(f"{words}: {told[0].decode(errors='replace')}")
    return time.time() - begin, usage.ru_maxrss / 1024


def section(target, place):
    fields = "\n".join(f'{name} = "{name}"' for name in FIELDS)
    return f'[push.table]\ntarget = "{target}"\n{place}\n[push.table.fields]\n{fields}\n'


def rows_of(folder):
    """The rows of a plan as a table, in the order of FIELDS."""
    import json
    with open(folder / "push/table/plan.json") as text:
        deals = json.load(text)["deals"]
    # Whole numbers of a plan are written as 73.0.
    def cell(value):
        return int(value) if isinstance(value, float) and value.is_integer() else value
    return [[deal["deal"]] + [cell(deal["new"].get(name)) for name in FIELDS] for deal in deals]


def show(target, what, rows, seconds, memory=None):
    told = f"{memory:6.0f} MiB" if memory else " " * 10
    print(f"{target:10} {what:28} {rows:8} rows {seconds:7.2f} s {rows / seconds:9.0f} rows/s {told}", flush=True)


def push(target, place, password):
    folder = HOME / target; folder.mkdir()
    (folder / "dealcast.toml").write_text(section(target, place))
    (folder / "password").write_text(password)
    def part(what, *words):
        rows = len(rows_of(folder)) if what != "plan" else None
        seconds, memory = measured([program, "push", *words, "--format", "csv", "--no-progress"], folder)
        rows = rows if rows is not None else len(rows_of(folder))
        show(target, what, rows, seconds, memory)
        return seconds
    part("plan", "plan", "--run", run)
    rows = rows_of(folder)
    taken = part("apply into an empty table", "apply")
    part("verify", "verify")
    part("plan", "plan", "--run", second)
    part("apply of changes", "apply")
    part("plan", "plan", "--run", second)
    return taken, rows


def compare(target, taken, plain):
    print(f"{target:10} push apply takes {taken / plain:.1f} times as long as the plain copy\n", flush=True)


def write_csv(path, rows, delimiter=",", null=""):
    with open(path, "w", newline="") as out:
        writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
        writer.writerows([null if cell is None else cell for cell in row] for row in rows)
    os.chmod(path, 0o644)


def timed(words, **more):
    begin = time.time()
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, **more)
    return time.time() - begin


def postgres():
    server, init, client = find("postgres"), find("initdb"), find("psql")
    if not (server and init and client):
        return print("postgres   is not installed")
    home, port = HOME / "pg", free_port(); home.mkdir()
    if os.geteuid() == 0:
        os.chown(home, pwd.getpwnam("postgres").pw_uid, -1)
    subprocess.run(as_user("postgres", init, "-D", f"{home}/data", "-U", "admin", "-A", "trust", "-E", "UTF8", "--locale=C"), check=True, stdout=subprocess.DEVNULL, cwd=home)
    child = subprocess.Popen(as_user("postgres", server, "-D", f"{home}/data", "-p", str(port), "-h", "127.0.0.1", "-k", str(home)), stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL, cwd=home)
    try:
        ask = [client, "-X", "-q", "-h", "127.0.0.1", "-p", str(port), "-U", "admin", "-d", "postgres", "-v", "ON_ERROR_STOP=1"]
        while subprocess.run([*ask, "-c", "SELECT 1"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode:
            time.sleep(0.1)
        taken, rows = push("postgres", f'url = "postgres://admin@127.0.0.1:{port}/postgres"\nsecret = {{ file = "password" }}', "any")
        write_csv(HOME / "pg.csv", rows)
        subprocess.run([*ask, "-c", "CREATE TABLE plain (LIKE deal_scores INCLUDING ALL)"], check=True)
        columns = ", ".join(["deal_id", *FIELDS])
        begin = time.time()
        subprocess.run([*ask, "-c", f"\\copy plain ({columns}) FROM '{HOME}/pg.csv' CSV"], check=True)
        plain = time.time() - begin
        show("postgres", "\\copy", len(rows), plain)
        compare("postgres", taken, plain)
    finally:
        child.send_signal(2); child.wait()


def mariadb():
    server, init, client = find("mariadbd"), find("mariadb-install-db"), find("mariadb")
    if not (server and init and client):
        return print("mysql      MariaDB is not installed")
    home, port = HOME / "my", free_port(); home.mkdir()
    if os.geteuid() == 0:
        os.chown(home, pwd.getpwnam("mysql").pw_uid, -1)
    subprocess.run(as_user("mysql", init, "--no-defaults", f"--datadir={home}/data", "--auth-root-authentication-method=normal", "--skip-test-db"), check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=home)
    child = subprocess.Popen(as_user("mysql", server, "--no-defaults", f"--datadir={home}/data", f"--socket={home}/socket", f"--pid-file={home}/pid", f"--port={port}", "--bind-address=127.0.0.1"), stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL, cwd=home)
    try:
        ask = [client, "--no-defaults", f"--socket={home}/socket", "-u", "root", "--local-infile=1"]
        while subprocess.run([*ask, "-e", "SELECT 1"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode:
            time.sleep(0.1)
        subprocess.run([*ask, "-e", "CREATE DATABASE sales; CREATE USER scorer@'%' IDENTIFIED BY 'any'; GRANT ALL ON sales.* TO scorer@'%'"], check=True)
        taken, rows = push("mysql", f'url = "mysql://scorer@127.0.0.1:{port}/sales"\nsecret = {{ file = "password" }}', "any")
        write_csv(HOME / "my.csv", rows, null="\\N")
        subprocess.run([*ask, "sales", "-e", "CREATE TABLE plain LIKE deal_scores"], check=True)
        columns = ", ".join(["deal_id", *FIELDS])
        begin = time.time()
        subprocess.run([*ask, "sales", "-e", f"LOAD DATA LOCAL INFILE '{HOME}/my.csv' INTO TABLE plain CHARACTER SET utf8mb4 FIELDS TERMINATED BY ',' OPTIONALLY ENCLOSED BY '\"' ({columns})"], check=True)
        plain = time.time() - begin
        show("mysql", "LOAD DATA LOCAL", len(rows), plain)
        compare("mysql", taken, plain)
    finally:
        child.send_signal(15); child.wait()


def sqlite():
    import sqlite3
    taken, rows = push("sqlite", 'file = "scores.sqlite"', "any")
    path = HOME / "plain.sqlite"
    columns = ", ".join(["deal_id TEXT PRIMARY KEY", *(f"{name} {'REAL' if name == 'probability' else 'INTEGER' if 'score' in name and name != 'scored_at' else 'TEXT'}" for name in FIELDS)])
    write_csv(HOME / "lite.csv", rows)
    if find("sqlite3"):
        plain = timed([find("sqlite3"), path, f"CREATE TABLE plain ({columns}) WITHOUT ROWID", ".mode csv", f".import {HOME}/lite.csv plain"])
    else:
        # Without the command: what it does.
        begin = time.time()
        with sqlite3.connect(path) as base, open(HOME / "lite.csv", newline="") as text:
            base.execute(f"CREATE TABLE plain ({columns}) WITHOUT ROWID")
            base.executemany(f"INSERT INTO plain VALUES ({', '.join('?' * (len(FIELDS) + 1))})", csv.reader(text))
        plain = time.time() - begin
    show("sqlite", ".import", len(rows), plain)
    compare("sqlite", taken, plain)


try:
    only = sys.argv[4:] or ["sqlite", "postgres", "mariadb"]
    for name in only:
        {"sqlite": sqlite, "postgres": postgres, "mariadb": mariadb}[name]()
finally:
    shutil.rmtree(HOME, ignore_errors=True)
