//! `manifest.json`: what was read, with what and as of when, and what was written.

use serde_json::{Value, json};

use crate::config::Config;
use crate::domain::day::Day;
use crate::ingest::InputFile;
use crate::report::sinks::SCHEMA_VERSION;
use crate::run::nightly::result::NightResults;
use crate::run::watch::Timings;
use crate::store::file::OutputFile;

/// The manifest; `since` is the day of the run that is replaced, where the outputs say what moved since then.
pub(super) fn manifest(
    results: &NightResults,
    config: &Config,
    since: Option<Day>,
    files: &[OutputFile],
    timings: &Timings,
) -> Value {
    let present = &results.present;
    let chosen = results.model.as_ref().map(|scored| &scored.chosen);
    let inputs = present.inputs();
    let total = |of: fn(&InputFile) -> u64| inputs.iter().map(of).sum::<u64>();
    let config = serde_json::to_vec(config).unwrap_or_default();
    json!({
        "dealcast": env!("CARGO_PKG_VERSION"),
        "schema_version": SCHEMA_VERSION,
        "as_of": present.day(),
        "as_of_is_day_after_newest_event": present.day_defaulted(),
        "deals_created_later": present.assumed().deals_in_the_future,
        "changes_made_later": present.assumed().change_rows_in_the_future,
        "model_id": chosen.map(|chosen| &chosen.model.model_id),
        "model_decision": chosen.map(|chosen| &chosen.decision),
        "signal": chosen.map(|chosen| chosen.model.signal),
        "config_blake3": blake3::hash(&config).to_hex().as_str(),
        "since": since,
        "inputs": inputs,
        "row_balance": {
            "rows": total(|input| input.rows),
            "used": total(|input| input.used),
            "rejected": total(|input| input.rejected),
        },
        "files": files,
        "timings": timings.steps,
        "seconds": timings.seconds,
    })
}
