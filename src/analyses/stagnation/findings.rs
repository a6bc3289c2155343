//! Where open deals stand still, in sentences.
//!
//! A [`StagnationSummary`] in, [`Finding`]s out: how many are stalled and slow and what they are worth, what changed since
//! the reference day, and where most of them are.

use super::status::StagnationStatus;
use super::summary::{DealTotal, StagnationSummary, StatusTally};
use crate::domain::day::Day;
use crate::report::finding::{Finding, Quantity, Subject};
use crate::report::money_unit::MoneyUnit;
use crate::report::words::{by_number, count, thousands};

/// Beside the summary: since when changes are counted, which column has benchmarks of its own, and the currency of the
/// values; none where the deals' currencies cannot be added up.
#[derive(Clone, Copy, Debug)]
pub struct Setting<'a> {
    /// The morning changes are counted from.
    pub reference_day: Day,
    /// The column whose values have benchmark days of their own, where one has.
    pub benchmark_by: Option<&'a str>,
    /// Currency.
    pub unit: Option<MoneyUnit<'a>>,
}

/// Everything there is to say.
#[must_use]
pub fn findings(summary: &StagnationSummary, setting: Setting<'_>) -> Vec<Finding> {
    let mut found = vec![total(summary, setting), since(&summary.total, setting)];
    found.extend(setting.benchmark_by.map(benchmark_by));
    found.extend(most_stalled(summary, setting));
    found.extend(older_than_any_closed(summary));
    found
}

impl Setting<'_> {
    /// ` (1,234 USD)`; nothing of no deals. Deals that add up to nothing have no amount, or none in the currency.
    fn worth(self, tally: DealTotal) -> String {
        match self.unit.filter(|_| tally.deals > 0) {
            Some(unit) if tally.value_minor == 0 => format!(" (amounts not known in {})", unit.code),
            Some(unit) => format!(" ({})", unit.words(tally.value_minor)),
            None => String::new(),
        }
    }

    fn value(self, tally: DealTotal) -> Option<Quantity> {
        let unit = self.unit.filter(|_| tally.deals == 0 || tally.value_minor != 0);
        unit.map(|unit| unit.quantity(tally.value_minor))
    }
}

fn total(summary: &StagnationSummary, setting: Setting<'_>) -> Finding {
    let (stalled, slow) = (summary.total.of(StagnationStatus::Stalled), summary.total.of(StagnationStatus::Slow));
    let sentence = format!(
        "{} of {} stalled{}, {} slow{}",
        thousands(stalled.deals.into()),
        count(summary.total.deals(), "open deal"),
        setting.worth(stalled),
        thousands(slow.deals.into()),
        setting.worth(slow)
    );
    Finding::info("stagnation.total", Subject::the("deals"), sentence)
        .with("open", Quantity::Count(summary.total.deals()))
        .with("stalled", Quantity::Count(stalled.deals))
        .with_known("stalled_value", setting.value(stalled))
        .with("slow", Quantity::Count(slow.deals))
        .with_known("slow_value", setting.value(slow))
}

fn since(total: &StatusTally, setting: Setting<'_>) -> Finding {
    let left = [(total.moved, "moved on"), (total.won, "won"), (total.lost, "lost")];
    let left = left.map(|(tally, how)| format!("{} {how}", thousands(tally.deals.into()))).join(", ");
    let sentence = format!(
        "since {}: {} newly stalled{}; of the {} stalled then {left}",
        setting.reference_day,
        thousands(total.newly_stalled.deals.into()),
        setting.worth(total.newly_stalled),
        thousands(total.previously_stalled.deals.into())
    );
    Finding::info("stagnation.since", Subject::the("deals"), sentence)
        .with("since", Quantity::Date(setting.reference_day))
        .with("newly_stalled", Quantity::Count(total.newly_stalled.deals))
        .with_known("newly_stalled_value", setting.value(total.newly_stalled))
        .with("previously_stalled", Quantity::Count(total.previously_stalled.deals))
        .with("moved", Quantity::Count(total.moved.deals))
        .with("won", Quantity::Count(total.won.deals))
        .with("lost", Quantity::Count(total.lost.deals))
}

fn benchmark_by(column: &str) -> Finding {
    let sentence = format!("benchmark days differ by {column}: each deal is compared with deals of its own {column}");
    Finding::info("stagnation.benchmark", Subject::named("column", column), sentence)
}

/// The stage with most stalled deals; of equal ones the last.
fn most_stalled(summary: &StagnationSummary, setting: Setting<'_>) -> Option<Finding> {
    let stalled = |stage: &StatusTally| stage.of(StagnationStatus::Stalled);
    let stage = summary.by("stage").iter().max_by_key(|stage| stalled(stage).deals)?;
    let tally = stalled(stage);
    let sentence =
        format!("most stalled deals are in {}: {}{}", stage.name, thousands(tally.deals.into()), setting.worth(tally));
    (tally.deals > 0).then(|| {
        Finding::info("stagnation.stage", Subject::named("stage", &stage.name), sentence)
            .with("stalled", Quantity::Count(tally.deals))
            .with_known("stalled_value", setting.value(tally))
    })
}

fn older_than_any_closed(summary: &StagnationSummary) -> Option<Finding> {
    let (older, open) = (summary.older_than_any_closed, summary.total.deals());
    let longest = summary.longest_closing_days.filter(|_| older > 0)?;
    let sentence = format!(
        "{} of {} {} older than any deal that ever closed (longest: {longest} days)",
        thousands(older.into()),
        count(open, "open deal"),
        by_number(older, "is", "are")
    );
    let finding = Finding::info("stagnation.older_than_any_closed", Subject::the("deals"), sentence)
        .with("older", Quantity::Count(older))
        .with("open", Quantity::Count(open))
        .with("longest", Quantity::Days(longest.into()));
    Some(finding)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(deals: u64, value_minor: i128) -> DealTotal {
        DealTotal { deals, value_minor }
    }

    fn group(name: &str, by_status: [DealTotal; 3]) -> StatusTally {
        StatusTally { name: name.to_owned(), by_status, ..StatusTally::default() }
    }

    fn summary() -> StagnationSummary {
        let none = tally(0, 0);
        StagnationSummary {
            total: StatusTally {
                previously_stalled: tally(2, 9_000),
                newly_stalled: tally(1, 150_000),
                moved: tally(1, 4_000),
                lost: tally(1, 5_000),
                ..group("all", [tally(7, 70_000), tally(1, 2_000), tally(2, 250_000)])
            },
            groups: vec![(
                "stage".to_owned(),
                vec![group("Demo", [none, none, tally(2, 250_000)]), group("Offer", [tally(8, 0), none, none])],
            )],
            older_than_any_closed: 1,
            longest_closing_days: Some(138),
            without_history: 0,
            pooled_stages: Vec::new(),
        }
    }

    fn setting(unit: Option<MoneyUnit<'_>>) -> Setting<'_> {
        Setting { reference_day: Day(20_491), benchmark_by: None, unit }
    }

    fn said(summary: &StagnationSummary, setting: Setting<'_>) -> Vec<(&'static str, String)> {
        findings(summary, setting).into_iter().map(|finding| (finding.code, finding.sentence)).collect()
    }

    #[test]
    fn stalled_deals_are_counted_and_valued() {
        let dollars = Some(MoneyUnit::new("USD", 2));
        let expected = [
            ("stagnation.total", "2 of 10 open deals stalled (2,500 USD), 1 slow (20 USD)"),
            (
                "stagnation.since",
                "since 2026-02-07: 1 newly stalled (1,500 USD); of the 2 stalled then 1 moved on, 0 won, 1 lost",
            ),
            ("stagnation.stage", "most stalled deals are in Demo: 2 (2,500 USD)"),
            (
                "stagnation.older_than_any_closed",
                "1 of 10 open deals is older than any deal that ever closed (longest: 138 days)",
            ),
        ];
        assert_eq!(said(&summary(), setting(dollars)), expected.map(|(code, line)| (code, line.to_owned())));
        let found = findings(&summary(), setting(dollars));
        assert_eq!(found[0].number("stalled_value"), Some(&Quantity::money(250_000, 2, "USD")));
        assert_eq!(found[1].number("since"), Some(&Quantity::Date(Day(20_491))));
        assert_eq!(found[2].subject, Subject::named("stage", "Demo"));
    }

    #[test]
    fn without_a_common_currency_there_is_no_value() {
        let found = findings(&summary(), setting(None));
        assert_eq!(found[0].sentence, "2 of 10 open deals stalled, 1 slow");
        assert_eq!(found[0].number("stalled_value"), None);
    }

    #[test]
    fn deals_without_a_rate_are_not_worth_nothing() {
        let mut summary = summary();
        summary.total.newly_stalled = tally(2, 0);
        let found = findings(&summary, setting(Some(MoneyUnit::new("USD", 2))));
        let since = "since 2026-02-07: 2 newly stalled (amounts not known in USD); of the 2 stalled then 1 moved on, 0 won, 1 lost";
        assert_eq!((found[1].sentence.as_str(), found[1].number("newly_stalled_value")), (since, None));
    }

    #[test]
    fn no_open_deals_and_a_single_one() {
        let none = StagnationSummary {
            total: StatusTally::default(),
            groups: Vec::new(),
            older_than_any_closed: 0,
            longest_closing_days: None,
            without_history: 0,
            pooled_stages: Vec::new(),
        };
        let lines: Vec<String> = said(&none, setting(None)).into_iter().map(|(_, line)| line).collect();
        let expected = [
            "0 of 0 open deals stalled, 0 slow",
            "since 2026-02-07: 0 newly stalled; of the 0 stalled then 0 moved on, 0 won, 0 lost",
        ];
        assert_eq!(lines, expected);
        let one = StagnationSummary { total: group("all", [tally(0, 0), tally(0, 0), tally(1, 0)]), ..none };
        assert_eq!(said(&one, setting(None))[0].1, "1 of 1 open deal stalled, 0 slow");
    }

    #[test]
    fn a_column_with_benchmarks_of_its_own_is_named() {
        let found = findings(&summary(), Setting { benchmark_by: Some("region"), ..setting(None) });
        let sentence = "benchmark days differ by region: each deal is compared with deals of its own region";
        assert_eq!((found[2].code, found[2].sentence.as_str()), ("stagnation.benchmark", sentence));
    }
}
