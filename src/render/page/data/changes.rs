//! What happened to each open deal, small: days as steps from change to change, close dates as days ahead, texts once.
//!
//! Rows of `deal_changes` in, JSON out; what stood before a change is the change of its kind before, which the script
//! knows.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::columns::SAME;
use crate::domain::day::Day;
use crate::render::material::TableLine;
use crate::render::page::setting::PageSetting;
use crate::report::cell::Cell;

/// The changes of all deals in the order of the deals, on their way into the page.
#[derive(Debug, Default)]
struct Changes<'m> {
    /// Changes of each deal.
    counts: Vec<usize>,
    /// Days since the change before; of the first change days before the as-of day.
    days: Vec<i32>,
    /// Position of each event among `kinds`.
    events: Vec<usize>,
    kinds: Vec<&'m str>,
    /// What stood from then on, by kind, in the order of the changes.
    values: BTreeMap<&'m str, Vec<Value>>,
    words: Vec<&'m str>,
    places: BTreeMap<&'m str, usize>,
}

impl<'m> Changes<'m> {
    fn add(&mut self, deal: TableLine<'m>, line: TableLine<'m>, day: Day, since: i32) {
        self.days.push(since);
        let event = line.text("event");
        let known = self.kinds.iter().position(|kind| *kind == event);
        self.events.push(known.unwrap_or(self.kinds.len()));
        if known.is_none() {
            self.kinds.push(event);
        }
        let value = match is_as_now(deal, event, line.text("to")) {
            true => json!(SAME),
            false => self.value(event, line.text("to"), day),
        };
        self.values.entry(event).or_default().push(value);
    }

    /// An amount as a number, a day as days ahead, another text by its place.
    fn value(&mut self, event: &str, to: &'m str, day: Day) -> Value {
        if to.is_empty() {
            return Value::Null;
        }
        let parsed = match event {
            "amount" => to
                .parse::<f64>()
                .ok()
                .map(|amount| if amount.fract() == 0.0 { json!(amount as i64) } else { json!(amount) }),
            "close date" => to.parse::<Day>().ok().map(|due| json!(due.0 - day.0)),
            _ => None,
        };
        parsed.unwrap_or_else(|| {
            let next = self.words.len();
            let place = *self.places.entry(to).or_insert(next);
            if place == next {
                self.words.push(to);
            }
            // A text where a number is usual stands in a list, so that nobody takes its place for one.
            if matches!(event, "amount" | "close date") { json!([place]) } else { json!(place) }
        })
    }
}

/// Whether a change gave the deal the owner or the amount that it has now.
fn is_as_now(deal: TableLine<'_>, event: &str, to: &str) -> bool {
    match event {
        "owner" => !to.is_empty() && deal.text("owner") == to,
        "amount" => deal.number("amount").is_some_and(|now| to.parse::<f64>().is_ok_and(|then| then == now)),
        _ => false,
    }
}

/// The changes of `deals`.
pub(super) fn changes<'m>(setting: PageSetting<'m>, deals: &[TableLine<'m>]) -> Value {
    let mut of_deal: BTreeMap<&str, Vec<TableLine<'_>>> = BTreeMap::new();
    for line in setting.material.lines("deal_changes") {
        of_deal.entry(line.text("deal_id")).or_default().push(line);
    }
    let as_of = setting.material.as_of().parse().unwrap_or(Day(0));
    let mut changes = Changes::default();
    for deal in deals {
        let lines = of_deal.get(deal.text("deal_id")).map_or(&[][..], Vec::as_slice);
        changes.counts.push(lines.len());
        let mut before: Option<Day> = None;
        for line in lines {
            let Cell::Date(day) = line.at("changed_on") else { continue };
            changes.add(*deal, *line, day, before.map_or(as_of.0 - day.0, |before| day.0 - before.0));
            before = Some(day);
        }
    }
    let Changes { counts, days, events, kinds, values, words, .. } = changes;
    json!({ "counts": counts, "days": days, "events": events, "kinds": kinds, "values": values, "words": words })
}
