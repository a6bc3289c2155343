//! Which marketing sources earn most, in a few sentences.
//!
//! [`Sources`] by period in, [`Finding`]s about all periods together out; and what is missing for amounts and returns.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::rows::Sources;
use crate::domain::period::PeriodKind;
use crate::report::finding::{Finding, Quantity, Subject};
use crate::report::money_unit::MoneyUnit;
use crate::report::words::{count, percent};

/// Sources named of all there are.
const SOURCES_NAMED: usize = 5;

/// What a source earned in all periods; `at_cost` in those whose cost is known.
#[derive(Clone, Copy, Debug, Default)]
struct Earned {
    won: i128,
    expected: i128,
    at_cost: i128,
    cost: i128,
    created: i64,
    expected_won: i64,
}

impl Earned {
    /// Earned, or to be expected, per money spent; none where nothing was.
    fn return_on_spend(&self) -> Option<f64> {
        (self.cost > 0).then(|| self.at_cost as f64 / self.cost as f64)
    }

    fn win_rate(&self) -> f64 {
        self.expected_won as f64 / self.created as f64
    }
}

/// The sources that earn most, and the one that earns least for what was spent of more than are named. Nothing of a single
/// source: there is no choice. What is expected is told as a multiple of the cost; the columns `return` are net of it.
#[must_use]
pub fn earners(sources: &Sources, unit: MoneyUnit<'_>) -> Vec<Finding> {
    let mut earned: Vec<(&str, Earned)> = by_source(sources).into_iter().filter(|(_, of)| of.created > 0).collect();
    earned.sort_by_key(|(_, of)| Reverse(of.expected));
    if earned.len() < 2 {
        return Vec::new();
    }
    let mut found: Vec<Finding> =
        earned.iter().take(SOURCES_NAMED).map(|(source, of)| earner(source, of, unit)).collect();
    if earned.len() > SOURCES_NAMED {
        found.extend(lowest_return(&earned));
    }
    found
}

fn by_source(sources: &Sources) -> BTreeMap<&str, Earned> {
    let mut all: BTreeMap<&str, Earned> = BTreeMap::new();
    for row in &sources.rows {
        let of = all.entry(&row.source).or_default();
        of.won += row.revenue_minor.unwrap_or(0);
        of.expected += row.expected_revenue_minor.unwrap_or(0);
        of.created += row.sums.created;
        of.expected_won += row.sums.expected_won;
        if let Some(cost) = row.sums.cost_minor {
            of.cost += cost;
            of.at_cost += row.expected_revenue_minor.unwrap_or(0);
        }
    }
    all
}

fn earner(source: &str, of: &Earned, unit: MoneyUnit<'_>) -> Finding {
    let back =
        of.return_on_spend().map(|back| format!(", expected {back:.1} times what was spent")).unwrap_or_default();
    let sentence = format!(
        "{source}: won {}, expected {} with its open deals, long-run win rate {}{back}",
        unit.words(of.won),
        unit.words(of.expected),
        percent(of.win_rate())
    );
    Finding::info("sources.earned", Subject::named("source", source), sentence)
        .with("won", unit.quantity(of.won))
        .with("expected", unit.quantity(of.expected))
        .with("win_rate", Quantity::Share(of.win_rate()))
        .with_known("return_on_spend", of.return_on_spend().map(Quantity::Number))
}

fn lowest_return(earned: &[(&str, Earned)]) -> Option<Finding> {
    let returns = earned.iter().filter_map(|(source, of)| Some((source, of.return_on_spend()?)));
    let (source, lowest) = returns.min_by(|a, b| a.1.total_cmp(&b.1))?;
    let sentence = format!("least for what was spent: {source}, expected {lowest:.1} times that");
    let finding = Finding::info("sources.lowest_return", Subject::named("source", *source), sentence);
    Some(finding.with("return_on_spend", Quantity::Number(lowest)))
}

/// Which costs are not counted, and why periods are longer than `asked`.
#[must_use]
pub fn costs(sources: &Sources, asked: PeriodKind) -> Vec<Finding> {
    let without_rate = |(currency, rows): (&String, &u64)| {
        let rows_of = count(*rows, "campaign cost");
        let sentence =
            format!("{rows_of} in {currency} without an exchange rate: no cost and no return where they belong");
        Finding::warning("sources.costs_without_rate", Subject::named("currency", currency), sentence)
            .with("costs", Quantity::Count(*rows))
            .remedy("add it to the fx_rates table, --fx-rates FILE")
    };
    let mut found: Vec<Finding> = sources.costs_without_rate.iter().map(without_rate).collect();
    if sources.kind > asked {
        let sentence = format!("campaign costs are per {}, and so are the rows", sources.kind.name());
        found.push(Finding::info("sources.longer_periods", Subject::the("sources"), sentence));
    }
    found
}

/// That the costs of all deals are no costs of the deals asked for.
#[must_use]
pub fn costs_excluded() -> Finding {
    let sentence = "costs are excluded: they were spent on all deals, not only on those asked for";
    Finding::info("sources.costs_excluded", Subject::the("sources"), sentence)
}

/// That the deals' `currencies` cannot be added up.
#[must_use]
pub fn no_common_currency<'c>(currencies: impl Iterator<Item = &'c str>) -> Finding {
    let currencies: Vec<String> = currencies.map(str::to_owned).collect();
    let sentence = format!("no amounts: deals are in {}, and not all have exchange rates", currencies.join(", "));
    Finding::warning("sources.no_common_currency", Subject::the("deals"), sentence)
        .with("currencies", Quantity::Names(currencies))
        .remedy("--currency CODE asks for one")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyses::sources::chance::WHOLE;
    use crate::analyses::sources::rows::{SourceRow, SourceSums};

    const DOLLARS: MoneyUnit<'static> = MoneyUnit { code: "USD", decimals: 2 };

    /// A source that won half of its deals.
    fn row(source: &str, created: i64, expected: i128, cost: Option<i128>) -> SourceRow {
        let sums = SourceSums {
            created: created * WHOLE,
            expected_won: created * WHOLE / 2,
            cost_minor: cost,
            ..SourceSums::default()
        };
        SourceRow {
            source: source.to_owned(),
            campaign: None,
            period: None,
            sums,
            revenue_minor: Some(expected / 2),
            expected_revenue_minor: Some(expected),
            open_value_minor: None,
            mean_won_minor: None,
            win_rate: None,
            lead_conversion: None,
            expected_cycle_days: None,
        }
    }

    fn sources(rows: Vec<SourceRow>) -> Sources {
        Sources {
            attribution: None,
            has_leads: false,
            rows,
            kind: PeriodKind::Quarter,
            costs_without_rate: BTreeMap::new(),
        }
    }

    #[test]
    fn sources_are_named_by_what_they_earn() {
        // Two periods of Web: 600,000 + 400,000 expected, the cost of the first alone is known.
        let rows = vec![
            row("Event", 2, 300_000, Some(100_000)),
            row("Web", 4, 600_000, Some(200_000)),
            row("Web", 4, 400_000, None),
            row("Idle", 0, 0, Some(5_000)),
        ];
        let found = earners(&sources(rows), DOLLARS);
        let said: Vec<&str> = found.iter().map(|finding| finding.sentence.as_str()).collect();
        let expected = [
            "Web: won 5,000 USD, expected 10,000 USD with its open deals, long-run win rate 50.0 %, expected 3.0 times what was spent",
            "Event: won 1,500 USD, expected 3,000 USD with its open deals, long-run win rate 50.0 %, expected 3.0 times what was spent",
        ];
        assert_eq!(said, expected);
        assert_eq!(
            (found[0].code, found[0].number("return_on_spend")),
            ("sources.earned", Some(&Quantity::Number(3.0)))
        );
        assert_eq!(found[0].number("won"), Some(&Quantity::money(500_000, 2, "USD")));
    }

    #[test]
    fn without_costs_there_is_no_return_and_a_single_source_is_no_choice() {
        assert!(earners(&sources(vec![row("Web", 4, 600_000, None)]), DOLLARS).is_empty());
        assert!(earners(&sources(Vec::new()), DOLLARS).is_empty());
        let found = earners(&sources(vec![row("Web", 1, 200, None), row("Ads", 1, 100, None)]), DOLLARS);
        assert!(found[0].sentence.ends_with("long-run win rate 50.0 %"), "{}", found[0].sentence);
        assert_eq!(found[0].number("return_on_spend"), None);
    }

    #[test]
    fn the_lowest_return_is_named_where_not_all_sources_are() {
        let mut rows: Vec<SourceRow> = (1..=5).map(|i| row(&format!("s{i}"), 1, i * 1_000, None)).collect();
        rows.push(row("Show", 1, 500, Some(250)));
        let last = earners(&sources(rows), DOLLARS).pop().expect("findings");
        assert_eq!(
            (last.code, last.sentence.as_str()),
            ("sources.lowest_return", "least for what was spent: Show, expected 2.0 times that")
        );
    }

    #[test]
    fn costs_without_rates_and_longer_periods_are_said() {
        let mut of_years = sources(Vec::new());
        assert!(costs(&of_years, PeriodKind::Quarter).is_empty());
        of_years.kind = PeriodKind::Year;
        of_years.costs_without_rate.insert("EUR".to_owned(), 1);
        let said: Vec<String> =
            costs(&of_years, PeriodKind::Quarter).iter().map(|finding| finding.line().into_owned()).collect();
        let expected = [
            "1 campaign cost in EUR without an exchange rate: no cost and no return where they belong; add it to the \
             fx_rates table, --fx-rates FILE",
            "campaign costs are per year, and so are the rows",
        ];
        assert_eq!(said, expected);
    }

    #[test]
    fn currencies_that_do_not_add_up_are_named() {
        let said = no_common_currency(["EUR", "USD"].into_iter());
        let line = "no amounts: deals are in EUR, USD, and not all have exchange rates; --currency CODE asks for one";
        assert_eq!((said.code, said.line().as_ref()), ("sources.no_common_currency", line));
    }
}
