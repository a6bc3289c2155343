//! The pipeline: the open deals worth most, as a list and as a board by stage.

use std::collections::BTreeMap;

use serde::Serialize;

use super::grid::GridView;
use super::setting::PageSetting;
use crate::render::material::TableLine;

/// How many deals the list shows without scripts.
const LISTED: usize = 50;

/// How many cards a stage shows without scripts.
const CARDS: usize = 6;

/// A deal on the board.
#[derive(Debug, Serialize)]
pub(super) struct Card {
    pub id: String,
    pub name: String,
    pub account: String,
    pub amount: String,
    pub score: String,
    pub grade: String,
    pub trend: String,
    pub stagnation: String,
    pub stalled: bool,
}

/// A stage on the board.
#[derive(Debug, Serialize)]
pub(super) struct Lane {
    pub stage: String,
    pub deals: String,
    pub expected: String,
    pub cards: Vec<Card>,
    pub more: usize,
}

/// The view.
#[derive(Debug, Serialize)]
pub(super) struct PipelineView {
    pub list: GridView,
    pub all: usize,
    pub listed: usize,
    pub lanes: Vec<Lane>,
}

/// The view.
pub(super) fn pipeline(setting: PageSetting<'_>) -> PipelineView {
    let mut deals: Vec<TableLine<'_>> = setting.material.lines("scores").collect();
    deals.sort_by(|a, b| worth(*b).total_cmp(&worth(*a)));
    let listed = deals.iter().copied().take(LISTED);
    let list = GridView::of_first(setting, "scores", &[], listed);
    PipelineView { list, all: deals.len(), listed: deals.len().min(LISTED), lanes: lanes(setting, &deals) }
}

/// What a deal is worth on average in the currency of the run's sums, else its amount.
pub(super) fn worth(line: TableLine<'_>) -> f64 {
    let chance = line.number("win_probability").unwrap_or(1.0);
    line.number("base_amount").map(|amount| amount * chance).or_else(|| line.number("amount")).unwrap_or(0.0)
}

/// The stages in the order of the process, each with its deals.
fn lanes(setting: PageSetting<'_>, deals: &[TableLine<'_>]) -> Vec<Lane> {
    let mut by_stage: BTreeMap<&str, Vec<TableLine<'_>>> = BTreeMap::new();
    deals.iter().for_each(|line| by_stage.entry(line.text("stage")).or_default().push(*line));
    let order = stages(setting);
    let place = |stage: &str| order.iter().position(|known| known == stage).unwrap_or(usize::MAX);
    let mut lanes: Vec<(&str, Vec<TableLine<'_>>)> = by_stage.into_iter().collect();
    lanes.sort_by_key(|(stage, _)| place(stage));
    lanes.into_iter().map(|(stage, deals)| lane(setting, stage, &deals)).collect()
}

/// The stages of the funnel, in order.
pub(super) fn stages(setting: PageSetting<'_>) -> Vec<String> {
    let lines = setting.material.lines("funnel").filter(|line| line.is(&[("cohort", "all"), ("segment", "all")]));
    lines.map(|line| line.text("stage").to_owned()).collect()
}

fn lane(setting: PageSetting<'_>, stage: &str, deals: &[TableLine<'_>]) -> Lane {
    let cards = deals.iter().take(CARDS).map(|line| card(setting, *line)).collect();
    let win = deals.iter().filter_map(|line| line.number("win_probability")).sum::<f64>();
    let expected = format!("{} {}", setting.language.number(win, 1), setting.word("wins-expected"));
    let count = setting.language.whole(deals.len() as i128);
    Lane { stage: stage.to_owned(), deals: count, expected, cards, more: deals.len().saturating_sub(CARDS) }
}

fn card(setting: PageSetting<'_>, line: TableLine<'_>) -> Card {
    let shown = |column: &str| setting.language.cell(column, line.at(column), false);
    Card {
        id: shown("deal_id"),
        name: shown("name"),
        account: shown("account"),
        amount: setting.money(line, "amount"),
        score: shown("score"),
        grade: shown("grade"),
        trend: shown("trend"),
        stagnation: shown("stagnation"),
        stalled: line.text("stagnation") == "stalled",
    }
}
