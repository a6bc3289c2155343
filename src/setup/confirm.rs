//! What a configuration gives: loaded as a run loads it, so that what would stop a run is found before it is written.

use std::path::Path;

use crate::config::Config;
use crate::domain::day::Day;
use crate::domain::progress::Progress;
use crate::domain::stage::StageKind;
use crate::ingest;
use crate::report::finding::{Finding, Subject};
use crate::report::words::{count, thousands};
use crate::setup::propose::SetupError;
use crate::setup::trial::timeline_of;
use crate::timeline::Timeline;

/// What was loaded, in sentences.
///
/// # Errors
/// [`SetupError`]: what would stop a run.
pub fn confirm(config: &Config, base: &Path, progress: &dyn Progress) -> Result<Vec<Finding>, SetupError> {
    let loaded = ingest::load(config, base, progress)?;
    let currency = loaded.tables.base_currency(&config.money.base_currency).to_owned();
    let (timeline, day) = timeline_of(loaded, config)?;
    let info = |sentence: String| Finding::info("setup.result", Subject::the("deals"), sentence);
    let mut said = vec![info(stages(&timeline)), info(deals(&timeline, day, &currency))];
    said.extend(unlisted(&timeline));
    said.extend(undated(&timeline));
    Ok(said)
}

/// The stages in order, with what being in them says.
fn stages(timeline: &Timeline) -> String {
    let of_kind = |kind: StageKind| -> Vec<&str> {
        let stages = timeline.stages.stages().iter().zip(timeline.stages.names());
        stages.filter(|(stage, _)| stage.kind == kind).map(|(_, name)| name.as_str()).collect()
    };
    let [open, won, lost] = [StageKind::Open, StageKind::Won, StageKind::Lost].map(of_kind);
    let end = |kind: &str, names: &[&str]| {
        if names.is_empty() { String::new() } else { format!("; {kind}: {}", names.join(", ")) }
    };
    let open = if open.is_empty() { "no open stage".to_owned() } else { open.join(" > ") };
    format!("stages in order: {open}{}{}", end("won", &won), end("lost", &lost))
}

/// How many deals there are, from when to when, and what became of them.
fn deals(timeline: &Timeline, day: Day, currency: &str) -> String {
    let of_kind = |kind| timeline.deals.iter().filter(|deal| deal.kind == kind).count() as i128;
    let first = timeline.deals.iter().map(|deal| deal.created).min().unwrap_or(day);
    format!(
        "{} created from {first} on, as of {day}: {} open, {} won, {} lost; amounts in {currency}",
        count(timeline.deals.len() as u64, "deal"),
        thousands(of_kind(StageKind::Open)),
        thousands(of_kind(StageKind::Won)),
        thousands(of_kind(StageKind::Lost))
    )
}

/// Stages of the files the configuration does not list.
fn unlisted(timeline: &Timeline) -> Option<Finding> {
    let stages = &timeline.quality.unlisted_stages;
    let told: Vec<String> =
        stages.iter().map(|stage| format!("{} ({})", stage.stage, count(stage.deals, "deal"))).collect();
    let sentence = format!("the files have stages the configuration does not list: {}", told.join(", "));
    let finding = || Finding::warning("setup.unlisted", Subject::the("stages"), sentence);
    (!stages.is_empty()).then(finding).map(|finding| finding.remedy("add each where it belongs, as [[stages]]"))
}

/// Closed deals whose closing day nothing says.
fn undated(timeline: &Timeline) -> Option<Finding> {
    let undated = timeline.quality.closed_without_date;
    let sentence = format!(
        "{} without a closing day: counted as won or lost, in no period, and nothing is learnt from them",
        count(undated, "closed deal")
    );
    (undated > 0 && !timeline.undated).then(|| Finding::warning("setup.undated", Subject::the("deals"), sentence))
}
