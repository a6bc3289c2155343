//! The Monday page: the sentence that matters, the range against the quota, what changed, what the numbers rest on.

use serde::Serialize;

use super::grid::{GridCell, GridView, cell};
use super::movement::{MovementView, movement};
use super::node_bar::{bar_of, range_words};
use super::place::{deal_place, place_of};
use super::remark::Remark;
use super::setting::PageSetting;
use super::since::{since_bridge, since_run};
use super::waterfall::{Bridge, latest_bridge};
use crate::render::chart::range_bar;
use crate::render::material::{TableLine, ToldFinding, ToldQuantity};

/// One number with its name.
#[derive(Debug, Serialize)]
pub(super) struct Tile {
    pub label: String,
    /// Where its definition stands.
    pub define: String,
    pub value: String,
    /// A second line.
    pub note: String,
}

/// What the page shows first.
#[derive(Debug, Serialize)]
pub(super) struct MondayView {
    pub headline: Vec<String>,
    pub tiles: Vec<Tile>,
    pub range: Option<String>,
    pub moved: Option<MovementView>,
    pub changed: Option<Bridge>,
    /// What moved since the earlier run that was named.
    pub since: Option<String>,
    pub since_parts: Option<Bridge>,
    pub actions: Option<GridView>,
    /// What there is to say of their order.
    pub about_actions: Vec<String>,
    pub lagging: Vec<String>,
    pub rests_on: Vec<Remark>,
}

/// The view.
pub(super) fn monday(setting: PageSetting<'_>) -> MondayView {
    let company = setting.company();
    let first = ["forecast.outlook", "forecast.period"].map(|code| headline(setting, code));
    let lagging = setting
        .material
        .findings("gaps.")
        .chain(setting.material.findings("stagnation."))
        .map(|found| setting.sentence(found));
    MondayView {
        headline: first.into_iter().flatten().collect(),
        tiles: company.map(|line| tiles(setting, line)).unwrap_or_default(),
        range: company.map(|line| range_bar(bar_of(line), bar_of(line).top(), &range_words(setting, line)).inline()),
        moved: movement(setting),
        changed: latest_bridge(setting),
        since: since_run(setting, "company", "company"),
        since_parts: since_bridge(setting),
        actions: actions(setting),
        about_actions: setting.material.findings("actions.").map(|found| setting.sentence(found)).collect(),
        lagging: lagging.collect(),
        rests_on: rests_on(setting),
    }
}

/// The sentence of `code` in the currency of the page's sums; where none is, the first.
fn headline(setting: PageSetting<'_>, code: &'static str) -> Option<String> {
    let is_own = |found: &&ToldFinding| {
        let currency = found.numbers.values().find_map(|number| match number {
            ToldQuantity::Money { currency, .. } => Some(currency.as_str()),
            _ => None,
        });
        currency == Some(setting.currency)
    };
    let all = || setting.material.findings(code);
    all().find(is_own).or_else(|| all().next()).map(|found| setting.sentence(found))
}

/// How many things to do are listed.
const ACTIONS: usize = 5;

/// What is said of a thing to do.
pub(super) const ACTION: [&str; 7] = ["name", "what", "why", "owner_name", "worth", "currency", "due"];

/// The deals and forecasts with things to do that are worth most, each once; none where the run has no such table.
fn actions(setting: PageSetting<'_>) -> Option<GridView> {
    let mut lines: Vec<TableLine<'_>> = setting.material.lines("actions").collect();
    lines.sort_by_key(|line| line.number("rank").map(f64::to_bits));
    let mut subjects: Vec<Vec<TableLine<'_>>> = Vec::new();
    for line in lines {
        let known = subjects.iter().position(|known| known.first().is_some_and(|first| same_subject(*first, line)));
        match known {
            Some(place) => subjects[place].push(line),
            None if subjects.len() < ACTIONS => subjects.push(vec![line]),
            None => {}
        }
    }
    let first = subjects.iter().filter_map(|lines| lines.first().copied());
    let mut grid = GridView::of(setting, "actions", &ACTION, first);
    for (row, lines) in grid.rows.iter_mut().zip(&subjects) {
        for (column, cell) in ACTION.iter().zip(row) {
            match *column {
                "name" => *cell = subject(setting, lines[0]),
                "what" | "why" => *cell = together(setting, lines, column),
                _ => {}
            }
        }
    }
    (!subjects.is_empty()).then_some(grid)
}

/// Whether two things to do are about one deal, or one forecast of one person.
fn same_subject(one: TableLine<'_>, other: TableLine<'_>) -> bool {
    let keys: &[&str] = if one.text("deal_id").is_empty() { &["deal_id", "owner", "period"] } else { &["deal_id"] };
    keys.iter().all(|key| one.text(key) == other.text(key))
}

/// What `column` says of each of `lines`.
fn together(setting: PageSetting<'_>, lines: &[TableLine<'_>], column: &str) -> GridCell {
    let said = lines.iter().map(|line| cell(setting, "actions", *line, column).text);
    let text = said.collect::<Vec<_>>().join(" · ");
    GridCell { text, class: "long".to_owned(), ..GridCell::default() }
}

/// The deal, leading to its page, or the forecast that is to be looked at.
fn subject(setting: PageSetting<'_>, line: TableLine<'_>) -> GridCell {
    let id = line.text("deal_id");
    if id.is_empty() {
        let text = format!("{} {}", setting.word("forecast"), line.text("period"));
        return GridCell { text, ..GridCell::default() };
    }
    let text = Some(line.text("name")).filter(|name| !name.is_empty()).unwrap_or(id).to_owned();
    GridCell { text, link: Some(deal_place(id)), ..GridCell::default() }
}

fn tiles(setting: PageSetting<'_>, line: TableLine<'_>) -> Vec<Tile> {
    let tile = |column: &'static str, value: String, note: String| Tile {
        label: setting.language.column(column),
        define: place_of("forecast", column),
        value,
        note,
    };
    let range = format!("{} {} – {}", setting.word("range-80"), setting.money(line, "p10"), setting.money(line, "p90"));
    let of_quota = |column: &'static str| match line.number(column) {
        Some(share) => format!("{} {}", setting.language.percent(share), setting.word("of-quota")),
        None => String::new(),
    };
    let expected = [of_quota("expected_attainment"), range].into_iter().filter(|note| !note.is_empty());
    let expected = expected.collect::<Vec<_>>().join(" · ");
    vec![
        tile("quota", setting.money(line, "quota"), setting.period.to_owned()),
        tile("won", setting.money(line, "won"), of_quota("attainment")),
        tile("gap", setting.money(line, "gap"), String::new()),
        tile("expected", setting.money(line, "expected"), expected),
        tile("p_hit_quota", setting.percent(line, "p_hit_quota"), String::new()),
        tile("pipeline", setting.money(line, "pipeline"), coverage(setting, line)),
    ]
}

fn coverage(setting: PageSetting<'_>, line: TableLine<'_>) -> String {
    let shown = line
        .number("coverage")
        .map(|times| format!("{}x {}", setting.language.number(times, 1), setting.word("coverage")));
    shown.unwrap_or_default()
}

/// Findings that say most about what a number is worth.
const TRUST: [&str; 6] =
    ["input.as_of", "input.rejected_rows", "model.verdict", "model.training", "model.leaks", "model.drift"];

/// What is known of the input and the model: warnings first, then what matters most; the evidence has all of it.
pub(in crate::render) fn rests_on(setting: PageSetting<'_>) -> Vec<Remark> {
    let sections =
        setting.material.sections().iter().filter(|section| ["Input", "Model"].contains(&section.title.as_str()));
    let mut remarks: Vec<Remark> = sections
        .flat_map(|section| &section.findings)
        .filter(|found| found.severity == "warning" || TRUST.contains(&found.code.as_str()))
        .map(|found| setting.remark(found))
        .collect();
    remarks.sort_by_key(|remark| !remark.warning);
    remarks
}
