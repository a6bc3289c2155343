//! Marketing sources: what they brought in all quarters, what they cost, and what their open deals may become.
//!
//! The table has a row per source and quarter; only sums of its columns are made here, and ratios of these.

use std::collections::BTreeMap;

use serde::Serialize;

use super::grid::{GridCell, GridView, head};
use super::setting::PageSetting;
use crate::render::chart::{ChartBar, Drawing, bars};
use crate::render::material::TableLine;
use crate::report::cell::Cell;

/// What a row of the view names and shows.
pub(super) const SOURCES: [&str; 11] = [
    "source",
    "campaign",
    "created",
    "won",
    "lost",
    "open",
    "win_rate",
    "revenue",
    "expected_revenue",
    "cost",
    "return",
];

/// What a row shows, in order: sums of columns, and the ratio `return` of two of them.
const COLUMNS: [&str; 9] =
    ["created", "won", "lost", "open", "win_rate", "revenue", "expected_revenue", "cost", "return"];

/// The columns that are summed up.
const SUMMED: [&str; 7] = ["created", "won", "lost", "open", "revenue", "expected_revenue", "cost"];

/// How many campaigns are listed.
const CAMPAIGNS: usize = 30;
/// How many sources are listed.
const LISTED: usize = 100;
/// How many sources are drawn.
const DRAWN: usize = 30;

/// The view.
#[derive(Debug, Serialize)]
pub(super) struct SourcesView {
    pub chart: String,
    /// How many of the sources are listed, where not all are.
    pub listed: Option<String>,
    pub all: GridView,
    pub campaigns: GridView,
}

/// The sums of one source or campaign.
#[derive(Debug, Default)]
struct Total<'m> {
    sums: BTreeMap<&'static str, Cell<'m>>,
    /// Whether a period of a source with revenue has no cost: then what the revenue cost is not known. A campaign is paid once.
    cost_unknown: bool,
}

impl<'m> Total<'m> {
    fn add(&mut self, line: TableLine<'m>) {
        let is_source = line.at("campaign").is_empty();
        let has_revenue = line.number("revenue").is_some_and(|revenue| revenue != 0.0);
        self.cost_unknown |= is_source && has_revenue && line.at("cost").is_empty();
        for column in SUMMED {
            let sum = self.sums.entry(column).or_insert(Cell::Empty);
            *sum = match (*sum, line.at(column)) {
                (Cell::Whole(a), Cell::Whole(b)) => Cell::Whole(a + b),
                (Cell::Money(a, decimals), Cell::Money(b, _)) => Cell::Money(a + b, decimals),
                (Cell::Empty, first) => first,
                (so_far, _) => so_far,
            };
        }
    }

    fn at(&self, column: &str) -> Cell<'m> {
        let number = |column: &str| self.sums.get(column).and_then(Cell::number);
        let ratio = |part: Option<f64>, whole: Option<f64>| {
            part.zip(whole.filter(|whole| *whole > 0.0)).map_or(Cell::Empty, |(part, whole)| Cell::Number(part / whole))
        };
        match column {
            "win_rate" => ratio(number("won"), number("won").zip(number("lost")).map(|(won, lost)| won + lost)),
            "cost" if self.cost_unknown => Cell::Empty,
            "return" => {
                let cost = self.at("cost").number();
                ratio(number("revenue").zip(cost).map(|(revenue, cost)| revenue - cost), cost)
            }
            _ => self.sums.get(column).copied().unwrap_or(Cell::Empty),
        }
    }

    fn number(&self, column: &str) -> f64 {
        self.at(column).number().unwrap_or(0.0)
    }
}

/// The view.
pub(super) fn sources(setting: PageSetting<'_>) -> SourcesView {
    let (all, campaigns) = (totals(setting, "sources"), totals(setting, "campaigns"));
    SourcesView {
        chart: chart_of(setting, &all).inline(),
        listed: (all.len() > LISTED).then(|| listed(setting, all.len())),
        all: grid(setting, "sources", &["source"], all.iter().take(LISTED)),
        campaigns: grid(setting, "campaigns", &["source", "campaign"], campaigns.iter().take(CAMPAIGNS)),
    }
}

fn listed(setting: PageSetting<'_>, all: usize) -> String {
    let whole = |count: usize| setting.language.whole(count as i128);
    setting.word("sources-listed").replace("{listed}", &whole(LISTED)).replace("{all}", &whole(all))
}

/// The chart of the sources.
pub(in crate::render) fn sources_chart(setting: PageSetting<'_>) -> Option<Drawing> {
    let all = totals(setting, "sources");
    (!all.is_empty()).then(|| chart_of(setting, &all))
}

fn chart_of(setting: PageSetting<'_>, all: &[Named<'_>]) -> Drawing {
    let rows: Vec<ChartBar> = all.iter().take(DRAWN).map(|(names, total)| bar(setting, names, total)).collect();
    bars(&rows, setting.word("sources-chart"))
}

/// Source and campaign, and what they add up to; the most expected first.
type Named<'m> = ([&'m str; 2], Total<'m>);

fn totals<'m>(setting: PageSetting<'m>, table: &str) -> Vec<Named<'m>> {
    let mut by_name: BTreeMap<[&str; 2], Total<'_>> = BTreeMap::new();
    for line in setting.material.lines(table) {
        by_name.entry([line.text("source"), line.text("campaign")]).or_default().add(line);
    }
    let mut totals: Vec<Named<'m>> = by_name.into_iter().collect();
    totals.sort_by(|(_, a), (_, b)| b.number("expected_revenue").total_cmp(&a.number("expected_revenue")));
    totals
}

fn grid<'a>(
    setting: PageSetting<'_>,
    table: &str,
    names: &[&str],
    totals: impl IntoIterator<Item = &'a Named<'a>>,
) -> GridView {
    let rows = totals.into_iter().map(|(own, total)| {
        let named = names.iter().zip(own).map(|(column, name)| GridCell {
            text: setting.language.text(column, name).to_owned(),
            ..GridCell::default()
        });
        let summed = COLUMNS.iter().map(|column| GridCell {
            text: setting.language.cell(column, total.at(column), *column == "win_rate"),
            ..GridCell::default()
        });
        named.chain(summed).collect()
    });
    let heads = names.iter().chain(&COLUMNS).map(|column| head(setting, table, column)).collect();
    GridView { heads, rows: rows.collect() }
}

fn bar(setting: PageSetting<'_>, names: &[&str; 2], total: &Total<'_>) -> ChartBar {
    let shown = setting.amount(total.number("expected_revenue"));
    let (part, whole) = (total.number("revenue"), total.number("expected_revenue"));
    ChartBar { label: setting.language.text("source", names[0]).to_owned(), shown, part, whole }
}
