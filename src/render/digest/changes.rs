//! What changed since the last run: in the pipeline of the recipient, and of single deals.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::headline::row_of;
use super::recipients::Recipient;
use crate::domain::money::to_decimal;
use crate::render::material::TableLine;
use crate::render::page::{PageSetting, since_run};
use crate::render::sentences::{Worded, sentence};
use crate::report::cell::Cell;

/// Deals whose score moved that are named, at most.
const NAMED: usize = 5;
/// The bars of a waterfall and what they do to the pipeline: all but the last add up to it.
const BARS: [(&str, Sign); 12] = [
    ("start", Sign::Total),
    ("created", Sign::More),
    ("pulled_in", Sign::More),
    ("increased", Sign::More),
    ("moved_in", Sign::More),
    ("revalued", Sign::More),
    ("decreased", Sign::Less),
    ("pushed_out", Sign::Less),
    ("moved_out", Sign::Less),
    ("lost", Sign::Less),
    ("won", Sign::Less),
    ("end", Sign::Total),
];

/// What a bar does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sign {
    Total,
    More,
    Less,
}

impl Sign {
    fn factor(self) -> i128 {
        if self == Self::Less { -1 } else { 1 }
    }
}

/// Points a score moves before it is news.
const NEWS: f64 = 5.0;

/// The sentences.
pub(super) fn changes(setting: PageSetting<'_>, recipient: &Recipient<'_>) -> Vec<String> {
    let mut told: Vec<String> = stays(setting, recipient).into_iter().collect();
    told.extend(moved_scores(setting, recipient));
    told.extend(waterfall(setting, recipient));
    told.extend(since_run(setting, recipient.level, recipient.id));
    told
}

/// How many deals are new, turned slow or stalled, or moved on.
fn stays(setting: PageSetting<'_>, recipient: &Recipient<'_>) -> Option<String> {
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    let own = setting.material.lines("stagnation").filter(|line| recipient.owners.contains(line.text("owner")));
    for change in own.map(|line| line.text("change")).filter(|change| !["", "unchanged"].contains(change)) {
        *counts.entry(change).or_default() += 1;
    }
    let mut numbers: Worded = counts
        .iter()
        .map(|(change, deals)| (change.replace(' ', "_"), setting.language.whole((*deals).into())))
        .collect();
    if has_earlier_run(setting) {
        numbers.insert("earlier_run".to_owned(), "yes".to_owned());
    }
    (!counts.is_empty()).then(|| sentence(setting.language, "digest-stays", &numbers))
}

fn has_earlier_run(setting: PageSetting<'_>) -> bool {
    setting.material.lines("scores").any(|line| !line.at("previous_score").is_empty())
}

/// The deals whose score moved most since the last run.
fn moved_scores(setting: PageSetting<'_>, recipient: &Recipient<'_>) -> Vec<String> {
    let own = setting.material.lines("scores").filter(|line| recipient.owners.contains(line.text("owner")));
    let moved = own.filter_map(|line| Some((line, line.number("score")? - line.number("previous_score")?)));
    let mut moved: Vec<(TableLine<'_>, f64)> = moved.filter(|(_, by)| by.abs() >= NEWS).collect();
    moved.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()).then_with(|| a.0.text("deal_id").cmp(b.0.text("deal_id"))));
    let said = |(line, by): (TableLine<'_>, f64)| {
        let name = match line.text("name") {
            "" => line.text("deal_id"),
            name => name,
        };
        let pairs = [
            ("deal", name.to_owned()),
            ("from", line.written("previous_score")),
            ("to", line.written("score")),
            ("up", if by > 0.0 { "yes".to_owned() } else { String::new() }),
        ];
        let numbers = pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        sentence(setting.language, "digest-score-moved", &numbers)
    };
    moved.into_iter().take(NAMED).map(said).collect()
}

/// What became of the node's pipeline since the running period began, in the currency of the headline: every bar there
/// is, so that they add up.
fn waterfall(setting: PageSetting<'_>, recipient: &Recipient<'_>) -> Option<String> {
    let wanted = [
        ("level", recipient.level),
        ("node", recipient.id),
        ("period", setting.period),
        ("basis", setting.basis),
        ("currency", row_of(setting, recipient)?.text("currency")),
    ];
    let line = setting.material.lines("waterfall").find(|line| line.is(&wanted))?;
    if BARS.iter().all(|(bar, _)| matches!(line.at(bar), Cell::Money(0, _) | Cell::Empty)) {
        return None;
    }
    let mut numbers = Worded::from([
        ("period".to_owned(), setting.period.to_owned()),
        ("from".to_owned(), setting.language.day_text(&line.written("from"))),
    ]);
    let exact = !add_up_rounded(line);
    for (bar, sign) in BARS {
        let Cell::Money(minor, decimals) = line.at(bar) else { continue };
        let number = match exact {
            true => setting.language.exact_money(sign.factor() * minor, decimals),
            false => setting.language.money(sign.factor() * minor, decimals),
        };
        let plus = if sign == Sign::Total || sign.factor() * minor < 0 { "" } else { "+" };
        if minor != 0 || sign == Sign::Total {
            numbers.insert(bar.to_owned(), format!("{plus}{number} {}", setting.currency_of(line)));
        }
    }
    Some(sentence(setting.language, "digest-waterfall", &numbers))
}

/// Whether the bars add up when each is rounded to whole units; else they are told to the last digit.
fn add_up_rounded(line: TableLine<'_>) -> bool {
    let rounded = |bar: &str| match line.at(bar) {
        Cell::Money(minor, decimals) => to_decimal(minor, decimals).round(),
        _ => Decimal::ZERO,
    };
    let sum: Decimal = BARS
        .iter()
        .map(|(bar, sign)| match (*bar, sign) {
            ("end", _) | (_, Sign::Less) => -rounded(bar),
            _ => rounded(bar),
        })
        .sum();
    sum == Decimal::ZERO
}
