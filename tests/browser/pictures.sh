#!/bin/sh
# Makes the pictures of README.md: the sample run on four mornings, its page, its pictures.
# `pictures.sh DEALCAST MODULES_FOLDER BROWSER`, from the top of the repository; MODULES_FOLDER has the packages of package.json.
set -eu
dealcast=$1 modules=$2 browser=$3
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
cp -r models "$home/models"
for day in 2026-01-24 2026-01-31 2026-02-07 2026-02-14; do
  "$dealcast" run --config data/sample/dealcast.toml --models "$home/models" --retrain never --as-of "$day" --out "$home/out"
done
"$dealcast" report "$home/out" --out "$home/page"
mkdir -p src/docs/pictures
node tests/browser/pictures.mjs "$home/page/report.html" src/docs/pictures "$modules" "$browser"
