//! What the script works on: tables as columns, repeated texts once, as JSON, compressed where that is shorter.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use super::changes::changes;
use super::columns::{Kept, SAME, columns, text_column};
use super::factors::factors;
use super::lists::{CASES, DEAL, FORECAST, FUNNEL, GAPS, PACE, POSITIONS, REVISIONS, RUNS, STAGNATION};
use crate::render::material::TableLine;
use crate::render::page::setting::PageSetting;

/// Below this many bytes the JSON stands in the page as it is.
const PLAIN_BELOW: usize = 4_096;

/// The levels, from everyone to one person.
const LEVELS: [&str; 5] = ["company", "region", "team", "manager", "owner"];

/// Stands for the account at the head of a deal's name.
const ACCOUNT: &str = "{account}";

/// Runs whose forecasts are in the page; the newest.
const MOST_RUNS: usize = 12;
/// Past forecasts of a node in the page, the newest; the page of a node shows no more.
const CASES_OF_NODE: usize = 16;
/// Past forecasts in the page; those of the upper levels first.
const MOST_CASES: usize = 4_000;

/// The data as it stands in the page.
#[derive(Debug)]
pub(in crate::render::page) struct Inlined {
    pub text: String,
    /// `gzip` or `plain`.
    pub encoding: &'static str,
}

/// The data of every interactive view.
///
/// # Errors
/// What the compressor refused.
pub(in crate::render::page) fn inlined(setting: PageSetting<'_>) -> io::Result<Inlined> {
    let json = data(setting).to_string();
    if json.len() < PLAIN_BELOW {
        return Ok(Inlined { text: json.replace('<', "\\u003c"), encoding: "plain" });
    }
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    packed.write_all(json.as_bytes())?;
    Ok(Inlined { text: STANDARD.encode(packed.finish()?), encoding: "gzip" })
}

fn data(setting: PageSetting<'_>) -> Value {
    let material = setting.material;
    let deals: Vec<TableLine<'_>> = material.lines("scores").collect();
    let shown = NodesShown::of(setting);
    let forecast = material.lines("forecast").filter(|line| shown.has(*line));
    let gaps = material.lines("gaps").filter(|line| shown.has_gap(*line));
    let runs = newest_runs(setting).filter(|line| shown.whole || line.text("level") != "owner");
    json!({
        "as_of": material.as_of(), "period": setting.period, "near": setting.near_periods, "basis": setting.basis, "currency": setting.currency,
        "whole": shown.whole,
        "deals": { "rows": deals.len(), "columns": of_deals(setting, &deals) },
        "owners": material.people().names(),
        "factors": factors(setting, &deals),
        "forecast": of_nodes(setting, "forecast", &FORECAST, forecast),
        "gaps": of_nodes(setting, "gaps", &GAPS, gaps),
        "changes": changes(setting, &deals),
        "positions": whole(setting, "positions", &POSITIONS, material.lines("positions")),
        "runs": of_nodes(setting, "forecast_runs", &RUNS, runs),
        "cases": of_nodes(setting, "backtest_cases", &CASES, own_cases(setting).into_iter().take(MOST_CASES)),
        "revisions": whole(setting, "revisions", &REVISIONS, material.lines("revisions")),
        "funnel": whole(setting, "funnel", &FUNNEL, material.lines("funnel")),
    })
}

/// `names` of these rows of `table`, as a table.
fn whole<'m>(
    setting: PageSetting<'m>,
    table: &str,
    names: &[&str],
    lines: impl Iterator<Item = TableLine<'m>>,
) -> Value {
    let lines: Vec<Option<TableLine<'m>>> = lines.map(Some).collect();
    json!({ "rows": lines.len(), "columns": columns(setting, table, names, &lines, Kept::All) })
}

/// By what the rows of nodes are put in order: rows that differ in their node alone follow each other, so that their
/// numbers repeat where those of another period do, and their ids repeat anyway.
const ORDER: [&str; 7] = ["run_as_of", "cutoff", "basis", "currency", "period", "level", "node"];

/// `names` of these rows of `table`, which are of nodes, as a table; amounts in whole units.
fn of_nodes<'m>(
    setting: PageSetting<'m>,
    table: &str,
    names: &[&str],
    lines: impl Iterator<Item = TableLine<'m>>,
) -> Value {
    let mut lines: Vec<Option<TableLine<'m>>> = lines.map(Some).collect();
    lines.sort_by_cached_key(|line| ORDER.map(|column| line.map_or_else(String::new, |line| line.written(column))));
    json!({ "rows": lines.len(), "columns": columns(setting, table, names, &lines, Kept::Whole) })
}

/// The rows of the newest runs.
fn newest_runs<'m>(setting: PageSetting<'m>) -> impl Iterator<Item = TableLine<'m>> {
    let lines = move || setting.material.lines("forecast_runs");
    let days: BTreeSet<String> = lines().map(|line| line.at("run_as_of").to_string()).collect();
    let newest: BTreeSet<String> = days.into_iter().rev().take(MOST_RUNS).collect();
    lines().filter(move |line| newest.contains(&line.at("run_as_of").to_string()))
}

/// The newest of our own past forecasts of each node, those of the company first.
fn own_cases<'m>(setting: PageSetting<'m>) -> Vec<TableLine<'m>> {
    let mut own: Vec<TableLine<'m>> =
        setting.material.lines("backtest_cases").filter(|line| line.text("forecaster") == "dealcast").collect();
    own.sort_by_cached_key(|line| Reverse(line.at("cutoff").to_string()));
    let mut of_node: BTreeMap<[&str; 3], usize> = BTreeMap::new();
    own.retain(|line| {
        let kept = of_node.entry(["level", "node", "currency"].map(|column| line.text(column))).or_default();
        *kept += 1;
        *kept <= CASES_OF_NODE
    });
    own.sort_by_key(|line| LEVELS.iter().position(|level| *level == line.text("level")));
    own
}

fn of_deals(setting: PageSetting<'_>, deals: &[TableLine<'_>]) -> Vec<Value> {
    let own: Vec<&str> = DEAL.into_iter().filter(|column| *column != "name").collect();
    let mut of_deals =
        columns(setting, "scores", &own, &deals.iter().copied().map(Some).collect::<Vec<_>>(), Kept::All);
    let names: Vec<Option<String>> = deals.iter().map(|line| short_name(*line)).collect();
    of_deals.insert(1, text_column(setting, "scores", "name", &names));
    of_deals.extend(columns(setting, "stagnation", &STAGNATION, &beside(setting, "stagnation", deals), Kept::All));
    of_deals.extend(at_the_pace(setting, deals));
    said_once(&mut of_deals, "base_amount", "amount");
    said_once(&mut of_deals, "base_expected", "expected");
    of_deals
}

/// Stands in the column `key` where it has what the column `of` has.
fn said_once(columns: &mut [Value], key: &str, of: &str) {
    let Some(there) = columns.iter().find(|column| column["key"] == of).map(|column| column["cells"].clone()) else {
        return;
    };
    let Some(column) = columns.iter_mut().find(|column| column["key"] == key) else { return };
    column["of"] = json!(of);
    let (Some(cells), Some(there)) = (column["cells"].as_array_mut(), there.as_array()) else { return };
    for (cell, there) in cells.iter_mut().zip(there) {
        if !cell.is_null() && cell == there {
            *cell = json!(SAME);
        }
    }
}

/// The row of `table` of each deal.
fn beside<'m>(setting: PageSetting<'m>, table: &str, deals: &[TableLine<'m>]) -> Vec<Option<TableLine<'m>>> {
    let of: BTreeMap<&str, TableLine<'m>> =
        setting.material.lines(table).map(|line| (line.text("deal_id"), line)).collect();
    deals.iter().map(|line| of.get(line.text("deal_id")).copied()).collect()
}

/// What the forecast counts of each deal. Its chance is another one than the model's, and so has another key.
fn at_the_pace(setting: PageSetting<'_>, deals: &[TableLine<'_>]) -> Vec<Value> {
    let mut counted = columns(setting, "period_deals", &PACE, &beside(setting, "period_deals", deals), Kept::All);
    for column in &mut counted {
        if column["key"] == PACE[0] {
            column["key"] = json!("win_at_pace");
            column["name"] = json!(PACE[0]);
        }
    }
    counted
}

/// The name of a deal without its account, which many names begin with.
fn short_name(line: TableLine<'_>) -> Option<String> {
    let (name, account) = (line.at("name").text()?, line.text("account"));
    let rest = name.strip_prefix(account).filter(|_| !account.is_empty());
    Some(rest.map_or_else(|| name.to_owned(), |rest| format!("{ACCOUNT}{rest}")))
}

/// The levels of which there are few nodes: all of their coming periods are in the page.
const OF_FEW: [&str; 2] = ["company", "region"];

/// Rows of the near periods in the page at most; of so many nodes that there are more, two periods.
const MOST_NODE_ROWS: usize = 9_000;

/// Which rows of nodes are in the page: those that people look at.
struct NodesShown<'m> {
    setting: PageSetting<'m>,
    /// The periods of teams, managers and owners.
    periods: &'m [&'m str],
    /// Whether that are all near ones; else the page says what it leaves to the files of the run.
    whole: bool,
}

impl<'m> NodesShown<'m> {
    fn of(setting: PageSetting<'m>) -> Self {
        let near = setting.near_periods;
        let nodes = setting.forecast(setting.period).count().max(1);
        let periods = &near[..near.len().min((MOST_NODE_ROWS / nodes).max(2))];
        Self { setting, periods, whole: periods.len() == near.len() }
    }

    /// Whether a row of the forecast is one: its period is not over. Owners and managers have the running and the next
    /// period of each kind, in single currencies the running one.
    fn has(&self, line: TableLine<'_>) -> bool {
        let (level, period) = (line.text("level"), line.text("period"));
        let of_many = match line.text("basis") == self.setting.basis {
            true => self.periods.contains(&period),
            false => period == self.setting.period && (self.whole || level == "team"),
        };
        let coming = line.at("period_end").to_string().as_str() >= self.setting.material.as_of();
        coming && (OF_FEW.contains(&level) || self.whole && level == "team" || of_many)
    }

    /// Whether a row of the gaps is one.
    fn has_gap(&self, line: TableLine<'_>) -> bool {
        let is_of_many = ["team", "manager", "owner"].contains(&line.text("level"));
        self.whole || !is_of_many || line.text("period") == self.setting.period
    }
}
