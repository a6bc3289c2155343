//! What the input is like, in sentences: what its gaps cost, and how far the history reaches.

use crate::analyses::quality::column_quality::ColumnQuality;
use crate::analyses::quality::cost::QualityCost;
use crate::analyses::quality::trend::Trend;
use crate::domain::inputs::InputTable;
use crate::report::finding::{Finding, Quantity, Subject};
use crate::report::words::{count, percent};
use crate::timeline::TimelineQuality;

/// What every gap costs; of exchange rates every run speaks by itself.
#[must_use]
pub fn costs(costs: &[QualityCost]) -> Vec<Finding> {
    costs.iter().filter(|cost| cost.gap != "without_rate").map(cost).collect()
}

fn cost(cost: &QualityCost) -> Finding {
    let subject = Subject::named("table", cost.table.name());
    let finding = Finding::warning("quality.cost", subject, cost.sentence.clone())
        .with("gap", Quantity::Text(cost.gap.to_owned()))
        .with("column", Quantity::Text(cost.column.to_owned()))
        .with("deals", Quantity::Count(cost.deals))
        .with("of_deals", Quantity::Count(cost.of_deals));
    let amount = cost.amount_minor.zip(cost.currency.as_ref());
    let amount = amount.map(|(minor, (currency, decimals))| Quantity::money(minor, *decimals, currency));
    let finding = match amount {
        Some(amount) => finding.with("amount", amount),
        None => finding,
    };
    finding.remedy(cost.remedy)
}

/// How far the history reaches: of how many deals there is one, and between which days.
#[must_use]
pub fn history(columns: &[ColumnQuality], quality: &TimelineQuality) -> Option<Finding> {
    let name = InputTable::StageHistory.name();
    let dated = columns.iter().find(|of| of.table == name && of.column == "changed_at");
    let days = dated.and_then(|of| of.counts.days);
    let with = quality.deals.saturating_sub(quality.without_history);
    let share = with as f64 / quality.deals.max(1) as f64;
    let span = days.map(|(first, last)| format!(", from {first} to {last}")).unwrap_or_default();
    let sentence = format!("history of {} ({}){span}", count(with, "deal"), percent(share));
    let finding = Finding::info("quality.history", Subject::named("table", name), sentence)
        .with("deals", Quantity::Count(with))
        .with("share", Quantity::Share(share));
    let finding = days.into_iter().fold(finding, |finding, (first, last)| {
        finding.with("first_day", Quantity::Date(first)).with("last_day", Quantity::Date(last))
    });
    (with > 0).then_some(finding)
}

/// The most that is told in one sentence.
const TOLD: usize = 6;

/// What got worse since the last run, and what got better.
#[must_use]
pub fn trend(trend: &Trend) -> Vec<Finding> {
    let Trend { previous, worse, better } = trend;
    if worse.is_empty() && better.is_empty() {
        let sentence = format!("no better and no worse than at the run of {previous}");
        let same = Finding::info("quality.same", Subject::the("input"), sentence);
        return vec![same.with("previous", Quantity::Date(*previous))];
    }
    let changes = [("quality.worse", "worse", worse), ("quality.better", "better", better)];
    changes
        .into_iter()
        .filter(|(_, _, changes)| !changes.is_empty())
        .map(|(code, way, changes)| {
            let more = changes.len().saturating_sub(TOLD);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let first: Vec<String> = changes.iter().take(TOLD).cloned().collect();
            let sentence = format!("{way} than at the run of {previous}: {}{more}", first.join("; "));
            let finding = match way {
                "worse" => Finding::warning(code, Subject::the("input"), sentence),
                _ => Finding::info(code, Subject::the("input"), sentence),
            };
            finding.with("changes", Quantity::Names(changes.clone())).with("previous", Quantity::Date(*previous))
        })
        .collect()
}
