# Shortcuts; each line is a plain cargo command.
export CARGO_TARGET_DIR := env("CARGO_TARGET_DIR", env("HOME") / ".cache/dealcast-target")

default: test

test:
    .ci/run

try:
    .ci/try

bench:
    cargo bench

peers deals="1000000":
    cargo build --release --locked
    python3 benches/peers/compare.py --dealcast "$CARGO_TARGET_DIR/release/dealcast" --deals {{deals}}
