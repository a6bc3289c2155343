//! Where deals stand still: a map of stage and owner, and the stalled deals worth most.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::grid::GridView;
use super::pipeline::stages;
use super::setting::PageSetting;
use crate::render::material::TableLine;

/// How many deals are listed without scripts.
const LISTED: usize = 40;

/// Owners shown on the map; the others are summed up in the table of owners.
const OWNERS: usize = 40;

/// One field of the map.
#[derive(Debug, Serialize)]
pub(super) struct HeatCell {
    pub text: String,
    /// 0 to 8: how dark.
    pub heat: usize,
    pub note: String,
}

/// The owners down, the stages across.
#[derive(Debug, Serialize)]
pub(super) struct HeatMap {
    pub stages: Vec<String>,
    pub rows: Vec<(String, Vec<HeatCell>)>,
}

/// The view.
#[derive(Debug, Serialize)]
pub(super) struct StagnationView {
    pub said: Vec<String>,
    pub map: HeatMap,
    pub list: GridView,
}

/// The view.
pub(super) fn stagnation(setting: PageSetting<'_>) -> StagnationView {
    let said = setting.material.findings("stagnation.").map(|found| setting.sentence(found)).collect();
    let mut stalled: Vec<TableLine<'_>> =
        setting.material.lines("stagnation").filter(|line| line.text("status") == "stalled").collect();
    let in_base: BTreeMap<&str, f64> = setting
        .material
        .lines("scores")
        .filter_map(|line| Some((line.text("deal_id"), line.number("base_amount")?)))
        .collect();
    let worth = |line: &TableLine<'_>| in_base.get(line.text("deal_id")).copied().or(line.number("amount"));
    stalled.sort_by(|a, b| worth(b).unwrap_or(0.0).total_cmp(&worth(a).unwrap_or(0.0)));
    let list = GridView::of_first(setting, "stagnation", &[], stalled.into_iter().take(LISTED));
    StagnationView { said, map: map(setting), list }
}

/// Open and stalled deals of one owner in one stage.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    open: usize,
    stalled: usize,
}

fn map(setting: PageSetting<'_>) -> HeatMap {
    let mut counts: BTreeMap<&str, BTreeMap<&str, Count>> = BTreeMap::new();
    for line in setting.material.lines("stagnation") {
        let count = counts.entry(line.text("owner")).or_default().entry(line.text("stage")).or_default();
        count.open += 1;
        count.stalled += usize::from(line.text("status") == "stalled");
    }
    let seen: BTreeSet<&str> = counts.values().flat_map(BTreeMap::keys).copied().collect();
    let stages: Vec<String> = stages(setting).into_iter().filter(|stage| seen.contains(stage.as_str())).collect();
    let mut owners: Vec<(&str, BTreeMap<&str, Count>)> = counts.into_iter().collect();
    owners.sort_by_key(|(_, of)| std::cmp::Reverse(of.values().map(|count| count.stalled).sum::<usize>()));
    let rows = owners.iter().take(OWNERS).map(|(owner, of)| {
        let fields = stages.iter().map(|stage| field(setting, of.get(stage.as_str()).copied().unwrap_or_default()));
        (setting.material.people().name(owner).to_owned(), fields.collect())
    });
    HeatMap { rows: rows.collect(), stages }
}

fn field(setting: PageSetting<'_>, count: Count) -> HeatCell {
    let Count { open, stalled } = count;
    let share = stalled as f64 / open.max(1) as f64;
    let text = if open == 0 { String::new() } else { format!("{stalled}/{open}") };
    let note = format!("{stalled} {} {open}", setting.word("stalled-of"));
    HeatCell { text, heat: if open == 0 { 0 } else { (share * 8.0).round() as usize }, note }
}
