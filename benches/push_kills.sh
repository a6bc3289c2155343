#!/usr/bin/env bash
# Kills a push with `kill -9` at 200 random moments for every target of tests/cli/push/kills.rs (espocrm and its imports, vtiger,
# salesforce and its jobs, hubspot, zoho, odoo, pipedrive, template one by one and in batches, sqlite), resumes it, and prints what was counted: kills,
# resumes, wrong values, values written twice to one deal, and books that did not close. The last three must be 0, else it fails.
# The doubles live in the program that kills: what a killed push sent is done or not done as it would be on a server that stays.
# usage: benches/push_kills.sh [KILLS [WORD]], WORD being part of the name of a test: vtiger, import, table
set -euo pipefail
cd "$(dirname "$0")/.."
DEALCAST_KILLS=${1:-200} cargo test --release --locked --test cli push::kills -- ${2:+"$2"} --nocapture --test-threads 1 2>&1 |
  grep -oE 'push kills .*|^error.*|test result: .*'
