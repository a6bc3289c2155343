#!/usr/bin/env bash
# Kills a push with `kill -9` at 200 random moments for every target of tests/cli/push/kills.rs, resumes it, and prints what was counted:
# kills, resumes, wrong values, values written twice to one deal, and books that did not close. The last three must be 0, else it fails.
# usage: benches/push_kills.sh [KILLS]
set -euo pipefail
cd "$(dirname "$0")/.."
DEALCAST_KILLS=${1:-200} cargo test --release --locked --test cli push::kills -- --nocapture --test-threads 1 2>&1 | grep -oE 'push kills .*|^error.*|test result: .*'
