//! What a recipient is to do: rows of `actions`, a deal once, and deals to look at soon.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::recipients::Recipient;
use crate::domain::day::Day;
use crate::render::action_words::action_sentence;
use crate::render::material::TableLine;
use crate::render::page::PageSetting;
use crate::report::cell::Cell;

/// Deals and forecasts a digest lists, at most.
const SHOWN: usize = 10;
/// Days ahead within which a deal is to be looked at.
const SOON: i32 = 7;

/// Why a deal or forecast is listed.
#[derive(Clone, Debug, Serialize)]
pub(super) struct TodoReason {
    /// As `actions.kind` has it.
    pub kind: String,
    /// The same in the language.
    pub label: String,
    pub what: String,
    pub why: String,
    /// As the tables write days.
    pub due: String,
    /// As the language writes them.
    pub due_shown: String,
}

/// A deal or forecast with all there is to do about it, the most worth first.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Todo {
    pub rank: String,
    pub deal_id: String,
    pub name: String,
    pub account: String,
    pub stage: String,
    pub owner: String,
    pub owner_name: String,
    pub amount: String,
    pub worth: String,
    pub currency: String,
    /// `worth` as people read it.
    pub worth_shown: String,
    pub reasons: Vec<TodoReason>,
}

/// What a recipient is to do.
#[derive(Debug)]
pub(super) struct TodoList {
    pub shown: Vec<Todo>,
    /// Deals and forecasts that are not shown.
    pub more: usize,
    /// Whether some stand last because their currency has no rate.
    pub without_rate: bool,
}

/// The rows of `actions` that are the recipient's.
fn is_for(recipient: &Recipient<'_>, line: TableLine<'_>) -> bool {
    recipient.owners.contains(line.text("owner"))
}

/// The list.
pub(super) fn todo(setting: PageSetting<'_>, recipient: &Recipient<'_>) -> TodoList {
    let mut place: BTreeMap<String, usize> = BTreeMap::new();
    let mut all: Vec<Todo> = Vec::new();
    let mut with_rate = [false; 2];
    for line in setting.material.lines("actions").filter(|line| is_for(recipient, *line)) {
        let key = match line.text("deal_id") {
            "" => format!("forecast\n{}\n{}", line.text("owner"), line.text("period")),
            id => format!("deal\n{id}"),
        };
        let at = *place.entry(key).or_insert_with(|| {
            all.push(entry(setting, line));
            all.len() - 1
        });
        all[at].reasons.push(reason(setting, line));
        if !line.at("worth").is_empty() {
            with_rate[usize::from(!line.at("base_worth").is_empty())] = true;
        }
    }
    let more = all.len().saturating_sub(SHOWN);
    all.truncate(SHOWN);
    TodoList { shown: all, more, without_rate: with_rate == [true; 2] }
}

fn entry(setting: PageSetting<'_>, line: TableLine<'_>) -> Todo {
    let text = |column: &str| line.written(column);
    Todo {
        rank: text("rank"),
        deal_id: text("deal_id"),
        name: text("name"),
        account: text("account"),
        stage: text("stage"),
        owner: text("owner"),
        owner_name: text("owner_name"),
        amount: text("amount"),
        worth: text("worth"),
        currency: text("currency"),
        worth_shown: if line.at("worth").is_empty() { String::new() } else { setting.money(line, "worth") },
        reasons: Vec::new(),
    }
}

fn reason(setting: PageSetting<'_>, line: TableLine<'_>) -> TodoReason {
    let language = setting.language;
    let due = line.written("due");
    TodoReason {
        kind: line.text("kind").to_owned(),
        label: language.value(line.text("kind")).to_owned(),
        what: action_sentence(language, line, "what"),
        why: action_sentence(language, line, "why"),
        due_shown: language.day_text(&due),
        due,
    }
}

/// An open deal to look at.
#[derive(Clone, Debug, Serialize)]
pub(super) struct LookAgain {
    pub deal_id: String,
    pub name: String,
    pub stage: String,
    pub amount: String,
    pub currency: String,
    pub amount_shown: String,
    pub score: String,
    pub next_review: String,
    pub next_review_shown: String,
}

/// The recipient's deals with something to see within a week, but those listed already; the most expected first.
pub(super) fn to_look_at(setting: PageSetting<'_>, recipient: &Recipient<'_>, listed: &TodoList) -> Vec<LookAgain> {
    let listed: BTreeSet<&str> = listed.shown.iter().map(|todo| todo.deal_id.as_str()).collect();
    let soon = setting.material.as_of().parse().map(|day: Day| day.plus(SOON));
    let due = setting.material.lines("stagnation").filter(|line| is_for(recipient, *line));
    let due = due.filter(
        |line| matches!(line.at("next_review"), Cell::Date(day) if soon.as_ref().is_ok_and(|soon| day <= *soon)),
    );
    let reviews: BTreeMap<&str, String> = due.map(|line| (line.text("deal_id"), line.written("next_review"))).collect();
    let of_deals = setting.material.lines("scores").filter_map(|line| {
        let id = line.text("deal_id");
        Some((line, reviews.get(id).filter(|_| !listed.contains(id))?))
    });
    let mut found: Vec<(TableLine<'_>, &String)> = of_deals.collect();
    let worth = |line: TableLine<'_>| line.number("expected_value").unwrap_or(0.0);
    found.sort_by(|a, b| worth(b.0).total_cmp(&worth(a.0)).then_with(|| a.0.text("deal_id").cmp(b.0.text("deal_id"))));
    found.truncate(SHOWN);
    let look = |(line, review): (TableLine<'_>, &String)| {
        let text = |column: &str| line.written(column);
        LookAgain {
            deal_id: text("deal_id"),
            name: text("name"),
            stage: text("stage"),
            amount: text("amount"),
            currency: text("currency"),
            amount_shown: if line.at("amount").is_empty() { String::new() } else { setting.money(line, "amount") },
            score: text("score"),
            next_review: review.clone(),
            next_review_shown: setting.language.day_text(review),
        }
    };
    found.into_iter().map(look).collect()
}
