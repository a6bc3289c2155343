//! Which sources earn most, in a few lines.

use std::collections::BTreeMap;

use dealcast::analyses::sources::Sources;
use dealcast::books::deal_values::DealValues;
use dealcast::domain::period::PeriodKind;
use dealcast::run::notes;

use crate::cli::printer::Printer;
use dealcast::report::words::{self, percent};

/// Sources listed in the summary.
const SOURCES_SHOWN: usize = 5;

/// What a source earned in all periods; `at_cost` in those whose cost is known.
#[derive(Clone, Copy, Default)]
struct Earned {
    won: i128,
    expected: i128,
    at_cost: i128,
    cost: i128,
    created: i64,
    expected_won: i64,
}

impl Earned {
    /// Earned, or to be expected, for 1 spent.
    fn back(&self) -> f64 {
        self.at_cost as f64 / self.cost as f64
    }
}

/// The sources that earn most, all periods together; `asked` is the length of the periods wanted.
pub(crate) fn sources(sources: &Sources, asked: PeriodKind, values: &DealValues, printer: Printer) {
    let Some(currency) = &values.currency else { return };
    let mut all: BTreeMap<&str, Earned> = BTreeMap::new();
    for row in &sources.rows {
        let earned = all.entry(&row.source).or_default();
        earned.won += row.revenue_minor.unwrap_or(0);
        earned.expected += row.expected_revenue_minor.unwrap_or(0);
        earned.created += row.sums.created;
        earned.expected_won += row.sums.expected_won;
        if let Some(cost) = row.sums.cost_minor {
            earned.cost += cost;
            earned.at_cost += row.expected_revenue_minor.unwrap_or(0);
        }
    }
    let mut best: Vec<(&str, Earned)> = all.into_iter().filter(|(_, earned)| earned.created > 0).collect();
    best.sort_by_key(|(_, earned)| std::cmp::Reverse(earned.expected));
    if best.len() < 2 {
        return;
    }
    printer.heading("Sources");
    let money = |minor: i128| words::money(minor, currency.decimals, &currency.name);
    for (source, earned) in best.iter().take(SOURCES_SHOWN) {
        let rate = percent(earned.expected_won as f64 / earned.created as f64);
        let back = if earned.cost > 0 { format!(", {:.1} for 1 spent", earned.back()) } else { String::new() };
        printer.say(format!(
            "{source}: won {}, {} with what is expected of the open deals ({rate} are won in the long run){back}",
            money(earned.won),
            money(earned.expected),
        ));
    }
    let least = best.iter().filter(|(_, earned)| earned.cost > 0).min_by(|a, b| a.1.back().total_cmp(&b.1.back()));
    if let Some((source, earned)) = least.filter(|_| best.len() > SOURCES_SHOWN) {
        printer.say(format!("least for what was spent: {source}, {:.1} for 1", earned.back()));
    }
    printer.findings(&notes::costs(sources, asked));
}
