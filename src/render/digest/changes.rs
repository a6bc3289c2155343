//! What changed since the last run: in the pipeline of the recipient, and of single deals.

use std::collections::BTreeMap;

use super::recipients::Recipient;
use super::words::{Worded, sentence};
use crate::render::material::TableLine;
use crate::render::page::PageSetting;
use crate::report::cell::Cell;

/// Deals whose score moved that are named, at most.
const NAMED: usize = 5;
/// Points a score moves before it is news.
const NEWS: f64 = 5.0;

/// The bars of a waterfall that change a pipeline.
const BARS: [&str; 6] = ["created", "pulled_in", "pushed_out", "won", "lost", "start"];

/// The sentences.
pub(super) fn changes(setting: PageSetting<'_>, recipient: &Recipient<'_>) -> Vec<String> {
    let mut told: Vec<String> = stays(setting, recipient).into_iter().collect();
    told.extend(moved_scores(setting, recipient));
    told.extend(waterfall(setting, recipient));
    told
}

/// How many deals are new, turned slow or stalled, or moved on.
fn stays(setting: PageSetting<'_>, recipient: &Recipient<'_>) -> Option<String> {
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    let own = setting.material.lines("stagnation").filter(|line| recipient.owners.contains(line.text("owner")));
    for change in own.map(|line| line.text("change")).filter(|change| !["", "unchanged"].contains(change)) {
        *counts.entry(change).or_default() += 1;
    }
    let mut numbers: Worded = counts
        .iter()
        .map(|(change, deals)| (change.replace(' ', "_"), setting.language.whole((*deals).into())))
        .collect();
    if has_earlier_run(setting) {
        numbers.insert("earlier_run".to_owned(), "yes".to_owned());
    }
    (!counts.is_empty()).then(|| sentence(setting.language, "digest-stays", &numbers))
}

fn has_earlier_run(setting: PageSetting<'_>) -> bool {
    setting.material.lines("scores").any(|line| !line.at("previous_score").is_empty())
}

/// The deals whose score moved most since the last run.
fn moved_scores(setting: PageSetting<'_>, recipient: &Recipient<'_>) -> Vec<String> {
    let own = setting.material.lines("scores").filter(|line| recipient.owners.contains(line.text("owner")));
    let moved = own.filter_map(|line| Some((line, line.number("score")? - line.number("previous_score")?)));
    let mut moved: Vec<(TableLine<'_>, f64)> = moved.filter(|(_, by)| by.abs() >= NEWS).collect();
    moved.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()).then_with(|| a.0.text("deal_id").cmp(b.0.text("deal_id"))));
    let said = |(line, by): (TableLine<'_>, f64)| {
        let name = match line.text("name") {
            "" => line.text("deal_id"),
            name => name,
        };
        let pairs = [
            ("deal", name.to_owned()),
            ("from", line.written("previous_score")),
            ("to", line.written("score")),
            ("up", if by > 0.0 { "yes".to_owned() } else { String::new() }),
        ];
        let numbers = pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        sentence(setting.language, "digest-score-moved", &numbers)
    };
    moved.into_iter().take(NAMED).map(said).collect()
}

/// What became of the node's pipeline since the running period began.
fn waterfall(setting: PageSetting<'_>, recipient: &Recipient<'_>) -> Option<String> {
    let wanted =
        [("level", recipient.level), ("node", recipient.id), ("period", setting.period), ("basis", setting.basis)];
    let line = setting.material.lines("waterfall").find(|line| line.is(&wanted))?;
    let mut numbers = Worded::from([("period".to_owned(), setting.period.to_owned())]);
    for bar in BARS {
        if matches!(line.at(bar), Cell::Money(minor, _) if minor != 0) {
            numbers.insert(bar.to_owned(), setting.money(line, bar));
        }
    }
    (numbers.len() > 1).then(|| sentence(setting.language, "digest-waterfall", &numbers))
}
