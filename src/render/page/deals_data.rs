//! What the script works on: tables as columns, repeated texts once, as JSON, compressed where that is shorter.

use std::collections::BTreeMap;
use std::io::{self, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use super::grid::head;
use super::setting::PageSetting;
use crate::render::material::TableLine;
use crate::report::cell::Cell;

/// Below this many bytes the JSON stands in the page as it is.
const PLAIN_BELOW: usize = 4_096;

/// The columns of an open deal.
const DEAL: [&str; 21] = [
    "deal_id",
    "name",
    "account",
    "owner",
    "stage",
    "amount",
    "currency",
    "win_probability",
    "score",
    "grade",
    "trend",
    "previous_score",
    "win_in_period",
    "lose_in_period",
    "slip_in_period",
    "expected_value",
    "predicted_close_low",
    "predicted_close_date",
    "predicted_close_high",
    "days_in_stage",
    "stagnation",
];

/// The columns that the stagnation table adds to a deal.
const STAGNATION: [&str; 4] = ["benchmark_days", "advance_30d", "lost_30d", "next_review"];

/// The columns of a node in a period.
const FORECAST: [&str; 24] = [
    "level",
    "node",
    "node_name",
    "period",
    "period_kind",
    "basis",
    "currency",
    "quota",
    "won",
    "gap",
    "pipeline",
    "best_case",
    "commit",
    "weighted",
    "expected_from_open",
    "expected_from_new",
    "expected",
    "p10",
    "p50",
    "p90",
    "attainment",
    "coverage",
    "p_hit_quota",
    "open_deals",
];

/// The columns of a gap.
const GAPS: [&str; 13] = [
    "level",
    "node",
    "period",
    "currency",
    "target",
    "expected",
    "gap",
    "main_cause",
    "gap_pipeline",
    "gap_slippage",
    "gap_cycle",
    "gap_conversion",
    "gap_deal_size",
];

/// The data as it stands in the page.
#[derive(Debug)]
pub(super) struct Inlined {
    pub text: String,
    /// `gzip` or `plain`.
    pub encoding: &'static str,
}

/// The data of every interactive view.
///
/// # Errors
/// What the compressor refused.
pub(super) fn inlined(setting: PageSetting<'_>) -> io::Result<Inlined> {
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
    let stuck: BTreeMap<&str, TableLine<'_>> =
        material.lines("stagnation").map(|line| (line.text("deal_id"), line)).collect();
    let stuck: Vec<Option<TableLine<'_>>> = deals.iter().map(|line| stuck.get(line.text("deal_id")).copied()).collect();
    let mut of_deals = columns(setting, "scores", &DEAL, &deals.iter().copied().map(Some).collect::<Vec<_>>());
    of_deals.extend(columns(setting, "stagnation", &STAGNATION, &stuck));
    let coming = |line: &TableLine<'_>| line.at("period_end").to_string().as_str() >= material.as_of();
    let forecast: Vec<Option<TableLine<'_>>> = material.lines("forecast").filter(coming).map(Some).collect();
    let gaps: Vec<Option<TableLine<'_>>> = material.lines("gaps").map(Some).collect();
    json!({
        "period": setting.period, "basis": setting.basis, "currency": setting.currency,
        "deals": { "rows": deals.len(), "columns": of_deals },
        "factors": factors(&deals),
        "forecast": { "rows": forecast.len(), "columns": columns(setting, "forecast", &FORECAST, &forecast) },
        "gaps": { "rows": gaps.len(), "columns": columns(setting, "gaps", &GAPS, &gaps) },
    })
}

/// Each column with its heading and its cells.
fn columns(setting: PageSetting<'_>, table: &str, names: &[&str], lines: &[Option<TableLine<'_>>]) -> Vec<Value> {
    let of = |name: &&str| {
        let head = head(setting, table, name);
        let cells = lines.iter().map(|line| match line.map_or(Cell::Empty, |line| line.at(name)) {
            Cell::Text(id) if *name == "owner" => Cell::Text(setting.material.owner(id)),
            cell => cell,
        });
        let share = setting.material.note(table, name, "unit").is_some_and(|unit| unit.ends_with("0 to 1"));
        let (kind, dictionary, values) = encoded(cells.collect(), share);
        json!({ "key": head.key, "label": head.label, "note": head.note, "kind": kind, "words": dictionary, "cells": values })
    };
    names.iter().map(of).collect()
}

/// A column's kind, its different texts, and its cells: places in those texts, or numbers.
fn encoded(cells: Vec<Cell<'_>>, share: bool) -> (&'static str, Vec<String>, Vec<Value>) {
    let mut words: Vec<String> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let mut kind = "text";
    let mut values = Vec::with_capacity(cells.len());
    for cell in cells {
        values.push(match cell {
            Cell::Empty => Value::Null,
            Cell::Money(..) => {
                kind = "money";
                json!(cell.number())
            }
            Cell::Whole(number) => {
                kind = "number";
                json!(number)
            }
            Cell::Number(number) => {
                kind = if share { "share" } else { "number" };
                json!((number * 10_000.0).round() / 10_000.0)
            }
            Cell::Text(_) | Cell::Date(_) | Cell::Flag(_) => {
                kind = if matches!(cell, Cell::Date(_)) { "day" } else { "text" };
                let text = cell.to_string();
                let next = words.len();
                let place = *places.entry(text.clone()).or_insert(next);
                if place == next {
                    words.push(text);
                }
                json!(place)
            }
        });
    }
    (kind, words, values)
}

/// Why each deal has its score: name, value and contribution of each factor, as places in one list of texts.
fn factors(deals: &[TableLine<'_>]) -> Value {
    let mut words: Vec<String> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let mut place = |text: &str| {
        let next = words.len();
        let found = *places.entry(text.to_owned()).or_insert(next);
        if found == next {
            words.push(text.to_owned());
        }
        found
    };
    let mut cells = Vec::with_capacity(deals.len());
    for line in deals {
        let mut of_deal = Vec::new();
        for column in ["positive_factors", "negative_factors"] {
            let Ok(Value::Array(listed)) = serde_json::from_str(line.text(column)) else { continue };
            for factor in &listed {
                let text = |key: &str| factor[key].as_str().map_or_else(|| factor[key].to_string(), str::to_owned);
                let contribution = factor["contribution"].as_f64().unwrap_or(0.0);
                of_deal.push(json!([
                    place(&text("name")),
                    place(&text("value")),
                    (contribution * 100.0).round() / 100.0
                ]));
            }
        }
        cells.push(Value::Array(of_deal));
    }
    json!({ "words": words, "cells": cells })
}
