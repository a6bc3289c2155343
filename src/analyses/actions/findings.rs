//! What is to be done and why, in words: a fragment that says what, a [`Finding`] that says why.
//!
//! Facts and numbers in. Every number of a sentence stands in its finding, so that other languages can word it anew.

use std::collections::BTreeMap;

use crate::analyses::actions::facts::ActionDealFacts;
use crate::analyses::actions::habits::StageHabit;
use crate::analyses::actions::rows::{ActionKind, ActionNode, Actions};
use crate::books::currency_axis::RowCurrency;
use crate::domain::day::Day;
use crate::ingest::tables::Tables;
use crate::report::finding::{Finding, Quantity, Subject};
use crate::report::money_unit::MoneyUnit;
use crate::report::words::{by_number, count, percent};
use crate::stats::survival::SampleShare;

/// What is to be done, and why.
pub(super) type ActionWords = (String, Finding);

/// Fields a sentence names, at most.
const NAMED_FIELDS: usize = 3;

/// A deal that closes a gap.
pub(super) struct GapWords<'a> {
    pub node: &'a ActionNode,
    pub currency: &'a RowCurrency,
    pub quota: i64,
    pub gap: i64,
    /// Chance to be won in the period.
    pub chance: f64,
    /// What its win adds to what is expected.
    pub adds: i64,
}

/// A forecast far from the range.
pub(super) struct ForecastWords<'a> {
    pub node: &'a ActionNode,
    pub currency: &'a RowCurrency,
    pub amount: i64,
    pub range: [i64; 3],
    pub off: i64,
}

/// That actions stand last because nobody knows what they are worth beside the others; nothing where all have a rate, and
/// where none of them has one.
#[must_use]
pub fn without_rate(actions: &Actions, tables: &Tables) -> Option<Finding> {
    let base = actions.base.as_ref()?;
    let mut by_currency: BTreeMap<&str, u64> = BTreeMap::new();
    for row in actions.rows.iter().filter(|row| row.worth.is_some_and(|worth| worth.base.is_none())) {
        let currency = row.currency.and_then(|currency| tables.currencies.name(currency));
        *by_currency.entry(currency.unwrap_or_default()).or_default() += 1;
    }
    let last: u64 = by_currency.values().sum();
    let currencies: Vec<String> = by_currency.into_keys().map(str::to_owned).collect();
    let sentence = format!(
        "{} in {} {} last: without an exchange rate what they are worth in {} is not known",
        count(last, "action"),
        currencies.join(", "),
        by_number(last, "stands", "stand"),
        base.code
    );
    (last > 0).then(|| {
        Finding::warning("actions.no_rate", Subject::the("deals"), sentence)
            .with("actions", Quantity::Count(last))
            .with("currencies", Quantity::Names(currencies))
            .with("base", Quantity::Text(base.code.clone()))
            .remedy("give rates of these currencies with --fx-rates FILE")
    })
}

/// Win it.
pub(super) fn close_gap(of: &GapWords<'_>) -> ActionWords {
    let GapWords { node, currency, quota, gap, chance, adds } = *of;
    let unit = MoneyUnit::new(&currency.code, currency.decimals);
    let sentence = format!(
        "{} is expected to end {} {} short of its quota of {}; a win, now at {}, adds {}",
        node.name,
        node.period,
        unit.words(gap),
        unit.words(quota),
        percent(chance),
        unit.words(adds)
    );
    let subject = Subject::named(node.level.name(), &node.key).in_period(node.period);
    let why = Finding::info("actions.close_gap", subject, sentence)
        .with("node", Quantity::Text(node.name.clone()))
        .with("period", Quantity::Text(node.period.to_string()))
        .with("gap", unit.quantity(gap))
        .with("quota", unit.quantity(quota))
        .with("chance", Quantity::Share(chance))
        .with("adds", unit.quantity(adds));
    (format!("win it in {}", node.period), why)
}

/// Look at a stalled or slow deal.
pub(super) fn stagnant(kind: ActionKind, facts: &ActionDealFacts, stage: &str, due: Day) -> ActionWords {
    let stay = &facts.stay;
    let (code, word, what) = match kind {
        ActionKind::Stalled => ("actions.stalled", "stalled", "advance it, re-plan it or close it".to_owned()),
        _ => ("actions.slow", "slow", format!("look at it by {due}")),
    };
    let days = stay.days_in_stage.map_or(0, i64::from);
    let place = if stay.stage_tracked { format!("in {stage}") } else { "since it was created".to_owned() };
    let usual = stay.benchmark_days.map(|days| {
        let those = if stay.stage_tracked { "deals that advance" } else { "won deals" };
        format!(", where half of the {those} stay {}", count(days.into(), "day"))
    });
    let advance = stay.advance_30d.map(|chance| {
        let how = if stay.stage_tracked { "advance" } else { "are won" };
        format!("; of deals like it {} {how} within 30 days", percent(chance))
    });
    let days_words = count(days.unsigned_abs(), "day");
    let sentence = format!("{word}: {days_words} {place}{}{}", usual.unwrap_or_default(), advance.unwrap_or_default());
    let why = Finding::info(code, Subject::named("deal", &facts.id), sentence)
        .with("days", Quantity::Days(days))
        .with_known("stage", stay.stage_tracked.then(|| Quantity::Text(stage.to_owned())))
        .with_known("benchmark_days", stay.benchmark_days.map(|days| Quantity::Days(days.into())))
        .with_known("advance_30d", stay.advance_30d.map(Quantity::Share));
    (what, why)
}

/// Set another close date: this one will not hold. `wins` are the days by which a tenth and half of its wins have come.
pub(super) fn close_date_early(
    facts: &ActionDealFacts,
    expected: Day,
    [tenth, half]: [Day; 2],
    pushes: u16,
) -> ActionWords {
    let moved = match pushes {
        0 => String::new(),
        times => format!("; moved later {} so far", count(times.into(), "time")),
    };
    let sentence = format!(
        "its close date is {expected}; if it is won, nine of ten days on which that may be come after {tenth}, half after {half}{moved}"
    );
    let why = Finding::info("actions.close_date_early", Subject::named("deal", &facts.id), sentence)
        .with("expected_close", Quantity::Date(expected))
        .with("tenth", Quantity::Date(tenth))
        .with("half", Quantity::Date(half))
        .with("pushes", Quantity::Count(pushes.into()));
    (format!("move the close date: {half} is as likely as not, if it is won"), why)
}

/// Set another close date: this one has passed.
pub(super) fn close_date_overdue(facts: &ActionDealFacts, expected: Day, today: Day, half: Option<Day>) -> ActionWords {
    let late = i64::from(today.0) - i64::from(expected.0);
    let sentence = format!("its close date, {expected}, is {} past", count(late.unsigned_abs(), "day"));
    let why = Finding::info("actions.close_date_overdue", Subject::named("deal", &facts.id), sentence)
        .with("expected_close", Quantity::Date(expected))
        .with("days", Quantity::Days(late))
        .with_known("half", half.map(Quantity::Date));
    let what = match half {
        Some(half) => format!("set a new close date: {half} is as likely as not, if it is won"),
        None => "set a new close date, or close it".to_owned(),
    };
    (what, why)
}

/// `94.0 % of 210`.
fn share_words(share: SampleShare) -> String {
    format!("{} of {}", percent(share.value), share.size)
}

/// How often the others had it.
fn habit_words(habit: &StageHabit, stage: &str) -> String {
    format!(
        "{} deals that went on from {stage} had it, {} lost there",
        share_words(habit.advanced),
        share_words(habit.lost)
    )
}

fn with_habit(finding: Finding, habit: &StageHabit, stage: &str, facts: &ActionDealFacts) -> Finding {
    finding
        .with("stage", Quantity::Text(stage.to_owned()))
        .with("days", Quantity::Days(facts.stay.days_in_stage.map_or(0, i64::from)))
        .with("advanced", Quantity::Share(habit.advanced.value))
        .with("advanced_deals", Quantity::Count(habit.advanced.size as u64))
        .with("lost", Quantity::Share(habit.lost.value))
        .with("lost_deals", Quantity::Count(habit.lost.size as u64))
}

fn after_days(facts: &ActionDealFacts) -> String {
    let days = facts.stay.days_in_stage.map_or(0, i32::unsigned_abs);
    format!("after {} there", count(days.into(), "day"))
}

/// Fill in what is missing; nothing where nothing is. The sentence is of the most telling field.
pub(super) fn fields_missing(facts: &ActionDealFacts, stage: &str, habits: &[&StageHabit]) -> Option<ActionWords> {
    let first = habits.first()?;
    let names: Vec<String> = habits.iter().take(NAMED_FIELDS).map(|habit| habit.thing.name().to_owned()).collect();
    let more = match habits.len().saturating_sub(NAMED_FIELDS) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let sentence =
        format!("{}: {}; this one has none {}", first.thing.name(), habit_words(first, stage), after_days(facts));
    let why = Finding::info("actions.fields_missing", Subject::named("deal", &facts.id), sentence)
        .with("field", Quantity::Text(first.thing.name().to_owned()))
        .with("fields", Quantity::Names(habits.iter().map(|habit| habit.thing.name().to_owned()).collect()));
    Some((format!("fill in {}{more}", names.join(", ")), with_habit(why, first, stage, facts)))
}

/// Get in touch.
pub(super) fn activity_missing(
    facts: &ActionDealFacts,
    stage: &str,
    habit: &StageHabit,
    last: Option<Day>,
) -> ActionWords {
    let last_words = last.map_or_else(|| "never any".to_owned(), |day| format!("the last on {day}"));
    let sentence = format!(
        "an activity in the last 30 days: {}; this one has none {}, {last_words}",
        habit_words(habit, stage),
        after_days(facts)
    );
    let why = Finding::info("actions.activity_missing", Subject::named("deal", &facts.id), sentence)
        .with_known("last_activity", last.map(Quantity::Date));
    ("get in touch: no activity for 30 days".to_owned(), with_habit(why, habit, stage, facts))
}

/// Think the forecast over.
pub(super) fn submitted(kind: ActionKind, of: &ForecastWords<'_>) -> ActionWords {
    let ForecastWords { node, currency, amount, range: [low, median, high], off } = *of;
    let unit = MoneyUnit::new(&currency.code, currency.decimals);
    let (code, word) = match kind {
        ActionKind::AdjustedForecast => ("actions.adjusted", "adjusted"),
        _ => ("actions.submitted", "submitted"),
    };
    let side = if amount > high { "above" } else { "below" };
    let sentence = format!(
        "{} {word} for {} in {}; the 80 % range of what will be won is {}: {} {side} it, more than half its width",
        unit.words(amount),
        node.name,
        node.period,
        unit.range_words(low, high),
        unit.words(off)
    );
    let why = Finding::info(code, Subject::named(node.level.name(), &node.key).in_period(node.period), sentence)
        .with("amount", unit.quantity(amount))
        .with("node", Quantity::Text(node.name.clone()))
        .with("period", Quantity::Text(node.period.to_string()))
        .with("p10", unit.quantity(low))
        .with("p50", unit.quantity(median))
        .with("p90", unit.quantity(high))
        .with("off", unit.quantity(off));
    (format!("review the {word} forecast of {} for {}", unit.words(amount), node.period), why)
}
