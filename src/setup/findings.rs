//! What a proposal has to say, in sentences: what was recognised, what is not read, what is only likely; and what its
//! configuration gives once loaded.

use crate::config::{Rule, RuleSeverity};
use crate::domain::day::Day;
use crate::domain::inputs::InputTable;
use crate::domain::stage::StageKind;
use crate::ingest::{Issue, Loaded};
use crate::report::finding::{Finding, Subject};
use crate::report::words::{count, thousands};
use crate::setup::proposal::{ConfigValue, Proposal, Sure};
use crate::timeline::Timeline;

/// Likely values that are told one by one; the configuration has the others.
const MOST_TOLD: usize = 6;

/// Everything a person should know before using it.
#[must_use]
pub fn findings(proposal: &Proposal) -> Vec<Finding> {
    let files = |code, sentence: String| Finding::info(code, Subject::the("files"), sentence);
    let found = proposal.found.iter().map(|line| files("setup.found", line.clone()));
    let unread = proposal.unread.iter().map(|line| files("setup.unread", format!("not read: {line}")));
    let doubts = proposal.doubts.iter().map(|line| files("setup.doubt", format!("look at this: {line}")));
    let mut said: Vec<Finding> = found.chain(unread).chain(doubts).collect();
    let likely = likely(proposal);
    let told = likely.iter().take(MOST_TOLD).map(|(key, value)| {
        let sentence = format!("likely: {key} = {} ({})", value.value.to_string().trim(), value.why);
        Finding::info("setup.likely", Subject::named("key", key), sentence)
    });
    said.extend(told);
    if likely.len() > MOST_TOLD {
        let more = count((likely.len() - MOST_TOLD) as u64, "more value");
        said.push(files("setup.likely", format!("{more} only likely: look for \"likely\" in the configuration")));
    }
    said
}

/// The values that are only likely, by their keys.
fn likely(proposal: &Proposal) -> Vec<(String, &ConfigValue)> {
    // what a stage is waits for the answer which one is the won one
    let waits = |key: &str| !proposal.is_decided() && key.starts_with("stages.");
    let all = proposal.uncertain().into_iter();
    all.filter(|(key, value)| value.sure == Sure::Likely && !waits(key)).collect()
}

/// That nothing about the files of a folder is left to guess.
#[must_use]
pub fn all_certain(folder: &str) -> Finding {
    Finding::info(
        "setup.certain",
        Subject::the("files"),
        format!("no configuration: everything about {folder} is certain"),
    )
}

/// What was loaded: stages and deals, and what is missing of them.
pub(super) fn loaded_findings(timeline: &Timeline, day: Day, currency: &str) -> Vec<Finding> {
    let sentences = [stages(timeline), deals(timeline, day, currency)];
    let results = sentences.map(|sentence| Finding::info("setup.result", Subject::the("deals"), sentence));
    results.into_iter().chain(unlisted(timeline)).chain(undated(timeline)).collect()
}

/// Reasons for which rows are rejected that are told one by one, of each table.
const MOST_REASONS: usize = 4;

/// The rows of each table that a run will reject: how many, why, and the first lines.
pub(super) fn rejected(loaded: &Loaded) -> Vec<Finding> {
    InputTable::ALL.iter().filter_map(|table| rejected_of(loaded, table.name())).collect()
}

fn rejected_of(loaded: &Loaded, table: &'static str) -> Option<Finding> {
    let rows: u64 = loaded.inputs.iter().filter(|input| input.table == table).map(|input| input.rows).sum();
    let of_table = loaded.issues.iter().filter(|issue| issue.table == table);
    let is_loss = |issue: &&Issue| {
        issue.severity == RuleSeverity::Reject && ![Rule::Filtered, Rule::Deleted].contains(&issue.rule)
    };
    let mut issues: Vec<&Issue> = of_table.filter(is_loss).collect();
    issues.sort_by_key(|issue| std::cmp::Reverse(issue.count));
    let rejected: u64 = issues.iter().map(|issue| issue.count).sum();
    let mut reasons: Vec<String> = issues.iter().take(MOST_REASONS).map(|issue| reason(issue)).collect();
    if issues.len() > MOST_REASONS {
        reasons.push(format!("{} more", count((issues.len() - MOST_REASONS) as u64, "rule")));
    }
    let sentence = format!(
        "{} of {} of {table} will be rejected: {}",
        thousands(rejected.into()),
        count(rows, "row"),
        reasons.join("; ")
    );
    let is_relaxed = |issue: &&&Issue| issue.rule.least_severity() == RuleSeverity::Warn;
    let relaxed = issues
        .iter()
        .find(is_relaxed)
        .map_or(String::new(), |issue| format!("; or keep the rows with --answer rules.severity.{}=warn", issue.rule));
    let remedy = format!("correct the export{relaxed}: `dealcast check` lists all of them");
    let finding = || Finding::warning("setup.rejected", Subject::named("table", table), sentence).remedy(remedy);
    (!issues.is_empty()).then(finding)
}

/// A broken rule in words, with its first lines.
fn reason(issue: &Issue) -> String {
    let lines: Vec<String> = issue.examples.iter().map(|example| example.line.to_string()).collect();
    let more = if issue.count > lines.len() as u64 { ", ..." } else { "" };
    let what = issue.examples.first().map_or(String::new(), |example| {
        let cell = if example.value.is_empty() { "empty".to_owned() } else { format!("{:?}", example.value) };
        match example.column.is_empty() {
            true => format!(" ({})", example.reason),
            false => format!(" ({} is {cell}, {})", example.column, example.reason),
        }
    });
    let on = if lines.len() == 1 { "line" } else { "lines" };
    format!("{} {}{what} on {on} {}{more}", issue.count, issue.rule, lines.join(", "))
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
