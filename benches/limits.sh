#!/usr/bin/env bash
# The memory and time of inputs that no export is. Prints one line per input: what, exit code, seconds, most resident MiB, the error.
# Takes some minutes and 5 GB of disk; an input that takes longer than two minutes is ended and shown with code 124.
# usage: benches/limits.sh PATH/TO/dealcast [PART-OF-A-NAME]
set -u
program=$(realpath "${1:?the program}")
only=${2:-}
here=$(realpath "$(dirname "$0")")
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
measure() {
  case "$1" in *"$only"*) ;; *) return ;; esac
  python3 - "$program" "$@" <<'PY'
import os, subprocess, sys, threading, time
program, what, path = sys.argv[1:4]
begin = time.time()
told = open("told", "w+b")
command = [program, "check", "--quiet", "--no-progress", "--deals", path]
if len(sys.argv) > 4: command = [program, sys.argv[4], path, "--print"]
child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=told, stdin=subprocess.DEVNULL)
late = threading.Timer(120, child.kill); late.start()
_, status, usage = os.wait4(child.pid, 0)
late.cancel()
seconds, code = time.time() - begin, os.waitstatus_to_exitcode(status)
told.seek(0)
lines = told.read().decode(errors="replace").splitlines()
first = next((line for line in lines if line.startswith("error")), lines[-1] if code and lines else "")
print(f"{what:40} {124 if code == -9 else code:4} {seconds:7.1f} s {usage.ru_maxrss / 1024:8.0f} MiB  {first[:150]}", flush=True)
PY
}
header='deal_id,stage,created_at,amount'
row='D%d,Open,2025-01-01,5\n'
{ echo "$header"; for i in $(seq 1000); do printf "$row" "$i"; done; } > usual.csv
measure "1,000 deals" usual.csv
python3 - <<'PY'
import gzip, zipfile
head = b"deal_id,stage,created_at,amount\n"
with open("cell.csv", "wb") as f:
    f.write(head + b'D1,"')
    for _ in range(1024): f.write(b"x" * (1 << 20))
    f.write(b'",2025-01-01,5\n')
with open("line.csv", "wb") as f:
    for _ in range(1024): f.write(b"x" * (1 << 20))
with open("columns.csv", "wb") as f:
    f.write(",".join(f"c{i}" for i in range(400_000)).encode() + b"\n")
with open("wide.csv", "wb") as f:
    f.write(head.strip() + b"," + ",".join(f"c{i}" for i in range(9_990)).encode() + b"\n")
    for i in range(500): f.write(f"D{i},Open,2025-01-01,5".encode() + b",1" * 9_990 + b"\n")
with gzip.open("same.csv.gz", "wb", 9) as f:
    f.write(head)
    for i in range(4_000): f.write(b"D1,Open,2025-01-01,5\n" * 20_000)
with gzip.open("blank.csv.gz", "wb", 9) as f:
    f.write(head)
    for i in range(4_096): f.write(b"\n" * (1 << 20))
with gzip.open("cell.csv.gz", "wb", 9) as f:
    f.write(head + b'D1,"')
    for i in range(2_048): f.write(b"x" * (1 << 20))
def book(name, sheet):
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    with zipfile.ZipFile(name, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as z:
        z.writestr("[Content_Types].xml", "<Types/>")
        z.writestr("xl/workbook.xml", f'<workbook xmlns:r="{kind}"><sheets><sheet name="A" sheetId="1" r:id="r1"/></sheets></workbook>')
        z.writestr("xl/_rels/workbook.xml.rels", f'<Relationships><Relationship Id="r1" Type="{kind}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>')
        with z.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as s: sheet(s)
cell = '<c r="%s" t="inlineStr"><is><t>x</t></is></c>'
book("corners.xlsx", lambda s: s.write(("<worksheet><sheetData><row>" + cell % "A1" + "</row><row>" + cell % "XFD1048576" + "</row></sheetData></worksheet>").encode()))
book("spaces.xlsx", lambda s: [s.write(b" " * (1 << 20)) for _ in range(2_000)])
with open("nested.toml", "w") as f: f.write("x = " + "[" * 1_000_000)
with open("dotted.toml", "w") as f: f.write(".".join(["a"] * 1_000_000) + " = 1\n")
PY
if command -v zstd > /dev/null; then
  for name in same blank cell; do gzip -dc $name.csv.gz | zstd -q -T1 -3 -o $name.csv.zst; done
  # a frame that asks for a window of 2 GiB
  gzip -dc blank.csv.gz | zstd -q --long=31 -1 -o window.csv.zst
else
  echo "no zstd here: its bombs are left out" >&2
fi
python3 "$here/parquet_bombs.py" .
measure "a cell of 1 GiB" cell.csv
measure "a line of 1 GiB without an end" line.csv
measure "400,000 columns" columns.csv
measure "9,994 columns, 500 rows" wide.csv
measure "9,994 columns, 500 rows, init" wide.csv init
measure "1.7 GB of one row in 5 MB of gzip" same.csv.gz
measure "4 GiB of blank lines in gzip" blank.csv.gz
measure "2 GiB of one cell in gzip" cell.csv.gz
for bomb in same blank cell window; do
  [ -e $bomb.csv.zst ] && measure "zstd: $bomb" $bomb.csv.zst
done
for bomb in *.parquet; do
  measure "parquet: ${bomb%.parquet}" $bomb
done
measure "a workbook of two far corners" corners.xlsx
measure "a workbook of 2 GiB of blanks" spaces.xlsx
mkdir many; (cd many; seq 20000 | sed 's/$/.csv/' | xargs touch)
measure "20,000 files" many
for toml in nested dotted; do
  cp $toml.toml dealcast.toml; measure "a configuration: $toml" usual.csv; rm dealcast.toml
done
