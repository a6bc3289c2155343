//! One column of the page's data: its heading, its kind and its cells, each text once where texts repeat.
//!
//! Rows of a declared table in, JSON out. Money stays exact, or is kept in whole units, as it is shown; shares are kept as they are shown, to a tenth of a percent.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::render::material::TableLine;
use crate::render::page::grid::head;
use crate::render::page::setting::PageSetting;
use crate::report::cell::Cell;

/// A number of a share of 1 that is shown in percent with one decimal.
const SHARE_STEPS: f64 = 1_000.0;
/// Of other numbers.
const NUMBER_STEPS: f64 = 10_000.0;

/// Stands for what another column of the row has.
pub(super) const SAME: &str = "=";

/// How much of an amount is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kept {
    /// All of it: it may be saved, or added up.
    All,
    /// Whole units.
    Whole,
}

/// A column on its way into the page.
#[derive(Debug, Default)]
struct Encoded {
    kind: &'static str,
    /// The different texts, the most frequent first; empty where hardly any text comes twice.
    words: Vec<String>,
    cells: Vec<Value>,
}

/// `names` of `table`, one cell a line of `lines`; empty cells where a deal has no such line.
pub(super) fn columns(
    setting: PageSetting<'_>,
    table: &str,
    names: &[&str],
    lines: &[Option<TableLine<'_>>],
    kept: Kept,
) -> Vec<Value> {
    names.iter().map(|name| column(setting, table, name, lines, kept)).collect()
}

fn column(setting: PageSetting<'_>, table: &str, name: &str, lines: &[Option<TableLine<'_>>], kept: Kept) -> Value {
    let cells = lines.iter().map(|line| line.map_or(Cell::Empty, |line| line.at(name)));
    let share = setting.material.note(table, name, "unit").is_some_and(|unit| unit.ends_with("0 to 1"));
    headed(setting, table, name, &encoded(&cells.collect::<Vec<_>>(), share, kept))
}

/// A column of `table` whose texts are not the cells themselves.
pub(super) fn text_column(setting: PageSetting<'_>, table: &str, name: &str, texts: &[Option<String>]) -> Value {
    headed(setting, table, name, &encoded_texts("text", texts))
}

fn headed(setting: PageSetting<'_>, table: &str, name: &str, encoded: &Encoded) -> Value {
    let head = head(setting, table, name);
    json!({
        "key": head.key, "table": table, "label": head.label, "note": head.note,
        "kind": encoded.kind, "words": encoded.words, "cells": encoded.cells,
    })
}

fn encoded(cells: &[Cell<'_>], share: bool, kept: Kept) -> Encoded {
    let kind = cells.iter().find(|cell| !cell.is_empty()).map_or("text", |cell| kind(cell, share));
    if matches!(kind, "text" | "day") {
        let texts = cells.iter().map(|cell| (!cell.is_empty()).then(|| cell.to_string()));
        return encoded_texts(kind, &texts.collect::<Vec<_>>());
    }
    let steps = if share { SHARE_STEPS } else { NUMBER_STEPS };
    let value = |cell: &Cell<'_>| match cell {
        Cell::Whole(number) => json!(number),
        Cell::Number(number) if share => rounded(*number, steps),
        Cell::Number(number) => as_shown(*number),
        Cell::Money(..) if kept == Kept::Whole => cell.number().map_or(Value::Null, |amount| rounded(amount, 1.0)),
        cell => cell.number().map_or(Value::Null, |number| rounded(number, NUMBER_STEPS)),
    };
    Encoded { kind, words: Vec::new(), cells: cells.iter().map(value).collect() }
}

fn kind(cell: &Cell<'_>, share: bool) -> &'static str {
    match cell {
        Cell::Money(..) => "money",
        Cell::Number(_) if share => "share",
        Cell::Number(_) | Cell::Whole(_) => "number",
        Cell::Date(_) => "day",
        Cell::Text(_) | Cell::Flag(_) | Cell::Empty => "text",
    }
}

/// A number of no unit, short where the short one is shown with the same digits.
fn as_shown(number: f64) -> Value {
    let short = (number * NUMBER_STEPS).round_ties_even() / NUMBER_STEPS;
    let same = [1, 2].iter().all(|&places| format!("{number:.places$}") == format!("{short:.places$}"));
    if same { rounded(number, NUMBER_STEPS) } else { json!(number) }
}

/// A number with as many decimals as are shown, a whole one without any; halves go to the even neighbour.
fn rounded(number: f64, steps: f64) -> Value {
    let number = (number * steps).round_ties_even() / steps;
    if number.fract() == 0.0 && number.abs() < 1e15 { json!(number as i64) } else { json!(number) }
}

fn encoded_texts(kind: &'static str, shown: &[Option<String>]) -> Encoded {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    shown.iter().flatten().for_each(|text| *counts.entry(text).or_default() += 1);
    if counts.len() * 2 > shown.len() {
        let cells = shown.iter().map(|text| text.as_ref().map_or(Value::Null, |text| json!(text)));
        return Encoded { kind, words: Vec::new(), cells: cells.collect() };
    }
    let mut words: Vec<(&str, usize)> = counts.into_iter().collect();
    words.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let places: BTreeMap<&str, usize> = words.iter().enumerate().map(|(place, (word, _))| (*word, place)).collect();
    let place = |text: &Option<String>| json!(text.as_ref().and_then(|text| places.get(text.as_str())));
    let cells = shown.iter().map(place).collect();
    Encoded { kind, words: words.iter().map(|(word, _)| (*word).to_owned()).collect(), cells }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_repeat_stand_once_and_ids_stand_as_they_are() {
        let stages = ["b", "a", "b", "b"].map(Cell::Text);
        let encoded_stages = encoded(&stages, false, Kept::All);
        assert_eq!(
            (encoded_stages.words, encoded_stages.cells),
            (vec!["b".into(), "a".into()], vec![0.into(), 1.into(), 0.into(), 0.into()])
        );
        let ids = encoded(&[Cell::Text("x"), Cell::Empty, Cell::Text("y")], false, Kept::All);
        assert_eq!((ids.words.len(), ids.cells), (0, vec!["x".into(), Value::Null, "y".into()]));
    }

    #[test]
    fn money_is_exact_and_shares_are_as_they_are_shown() {
        let money = encoded(&[Cell::Money(123_456_789_012, 2), Cell::Empty, Cell::Money(500, 2)], false, Kept::All);
        assert_eq!((money.kind, money.cells), ("money", vec![json!(1_234_567_890.12), Value::Null, json!(5)]));
        let whole = encoded(&[Cell::Money(250, 2), Cell::Money(-123_456, 2)], false, Kept::Whole);
        assert_eq!(whole.cells, [json!(2), json!(-1_235)], "a half goes to the even neighbour, as in the static part");
        let shares = encoded(&[Cell::Number(0.481_997)], true, Kept::All);
        assert_eq!((shares.kind, shares.cells), ("share", vec![json!(0.482)]));
        assert_eq!(
            encoded(&[Cell::Number(0.0625)], true, Kept::All).cells,
            [json!(0.062)],
            "as 6.2% stands in the static part"
        );
        let numbers = encoded(&[Cell::Number(1.234_99), Cell::Number(1.234_12)], false, Kept::All);
        assert_eq!(numbers.cells, [json!(1.234_99), json!(1.2341)], "1.235 would be shown as 1.24");
    }
}
