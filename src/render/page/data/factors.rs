//! Why each deal has its score, small: a column per factor, each value with its contribution once.
//!
//! Rows of `scores` in, JSON out, in the words of the page. The amount of the deal in a value stands as [`OWN_AMOUNT`],
//! which the script fills in.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::domain::money::to_decimal;
use crate::render::material::TableLine;
use crate::render::page::setting::PageSetting;
use crate::report::cell::Cell;

/// The deal's own amount in the value of a factor.
const OWN_AMOUNT: &str = "{amount}";

/// What one factor says of the deals: different pairs of value and contribution in hundredths, and who has which.
#[derive(Debug, Default)]
struct FactorColumn {
    pairs: BTreeMap<(String, i64), usize>,
    /// By deal; none where the factor says nothing of it.
    cells: Vec<Option<usize>>,
}

impl FactorColumn {
    fn add(&mut self, deal: usize, value: String, hundredths: i64) {
        let next = self.pairs.len();
        self.cells.resize(deal, None);
        self.cells.push(Some(*self.pairs.entry((value, hundredths)).or_insert(next)));
    }

    /// The pairs by number, and each deal's number; -1 for none.
    fn finish(mut self, name: &str, deals: usize) -> Value {
        self.cells.resize(deals, None);
        let mut pairs: Vec<(usize, Value)> =
            self.pairs.into_iter().map(|((value, hundredths), number)| (number, json!([value, hundredths]))).collect();
        pairs.sort_by_key(|(number, _)| *number);
        let pairs: Vec<Value> = pairs.into_iter().map(|(_, pair)| pair).collect();
        let cells: Vec<Value> =
            self.cells.into_iter().map(|cell| cell.map_or(json!(-1), |number| json!(number))).collect();
        json!({ "name": name, "pairs": pairs, "cells": cells })
    }
}

/// The factors of `deals`, a column each.
pub(super) fn factors(setting: PageSetting<'_>, deals: &[TableLine<'_>]) -> Vec<Value> {
    let mut worded: BTreeMap<(String, String), String> = BTreeMap::new();
    let mut columns: BTreeMap<String, FactorColumn> = BTreeMap::new();
    for (deal, line) in deals.iter().enumerate() {
        let own = own_amount(setting, *line);
        for column in ["positive_factors", "negative_factors"] {
            let Ok(Value::Array(listed)) = serde_json::from_str(line.text(column)) else { continue };
            for factor in &listed {
                let text = |key: &str| factor[key].as_str().map_or_else(|| factor[key].to_string(), str::to_owned);
                let said = (text("name"), text("value"));
                let value = worded
                    .entry(said)
                    .or_insert_with_key(|(name, value)| setting.language.reason(name, value, setting.material.people()))
                    .clone();
                let value = own.as_ref().map_or(value.clone(), |own| value.replacen(own, OWN_AMOUNT, 1));
                let hundredths = (factor["contribution"].as_f64().unwrap_or(0.0) * 100.0).round() as i64;
                columns.entry(text("name")).or_default().add(deal, value, hundredths);
            }
        }
    }
    columns.into_iter().map(|(name, column)| column.finish(setting.language.factor(&name), deals.len())).collect()
}

/// The amount as the factors word it: `17,460.5 GBP`.
fn own_amount(setting: PageSetting<'_>, line: TableLine<'_>) -> Option<String> {
    match line.at("amount") {
        Cell::Money(minor, decimals) => {
            let amount = setting.language.written_number(&to_decimal(minor, decimals).normalize().to_string());
            Some(format!("{amount} {}", line.text("currency")))
        }
        _ => None,
    }
}
