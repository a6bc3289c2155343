//! How the company's running period stands and may end, in sentences; and what in the forecast contradicts itself.
//!
//! A [`Forecast`] in, [`Finding`]s out. Teams and owners are in the table, not here.

use std::collections::BTreeMap;

use crate::analyses::forecast::base_money::BaseRows;
use crate::analyses::forecast::final_sum::FinalSum;
use crate::analyses::forecast::rows::{Forecast, ForecastRow};
use crate::analyses::forecast::without_rate::WithoutRate;
use crate::books::hierarchy::Level;
use crate::books::node_axis::NamedNode;
use crate::domain::ids::CurrencyId;
use crate::domain::inputs::InputTable;
use crate::domain::period::PeriodKind;
use crate::ingest::tables::Tables;
use crate::report::finding::{Finding, Quantity, Subject};
use crate::report::money_unit::MoneyUnit;
use crate::report::words::{by_number, count, percent};

/// The company's running period of `kind`: where it stands and how it may end.
#[must_use]
pub fn running_period(forecast: &Forecast, kind: PeriodKind) -> Vec<Finding> {
    let mut found: Vec<Finding> = no_base_rows(forecast.quality.base_rows).into_iter().collect();
    for row in forecast.summary(kind) {
        let Some(unit) = unit_of(forecast, row) else { continue };
        found.push(standing(row, unit));
        found.extend(row.final_sum.as_ref().map(|sum| outlook(row, sum, unit)));
    }
    found
}

fn unit_of<'f>(forecast: &'f Forecast, row: &ForecastRow) -> Option<MoneyUnit<'f>> {
    forecast.currencies.get(row.currency).map(|currency| MoneyUnit::new(&currency.code, currency.decimals))
}

fn no_base_rows(base_rows: BaseRows) -> Option<Finding> {
    let sentence = "amounts in other currencies and no exchange rates: no totals in the base currency, every currency stands \
                    for itself";
    (base_rows == BaseRows::NoRates).then(|| {
        Finding::warning("forecast.no_base_currency", Subject::the("company"), sentence)
            .remedy("give dated rates with --fx-rates FILE")
    })
}

fn standing(row: &ForecastRow, unit: MoneyUnit<'_>) -> Finding {
    let mut parts = Vec::new();
    parts.extend(row.quota.map(|quota| format!("quota {}", unit.words(quota))));
    let attainment = row.attainment().map(|share| format!(" ({})", percent(share))).unwrap_or_default();
    parts.push(format!("won {}{attainment}", unit.words(row.won)));
    parts.extend(row.gap().map(|gap| format!("gap {}", unit.words(gap))));
    parts.push(format!("pipeline {}", unit.words(row.pipeline)));
    let expected = row.expected_from_open;
    parts.extend(expected.map(|minor| format!("expected from open deals {}", unit.words(minor))));
    let subject = Subject::the("company").in_period(row.period);
    Finding::info("forecast.period", subject, format!("{}: {}", row.period, parts.join(", ")))
        .with_known("quota", row.quota.map(|minor| unit.quantity(minor)))
        .with("won", unit.quantity(row.won))
        .with_known("attainment", row.attainment().map(Quantity::Share))
        .with_known("gap", row.gap().map(|minor| unit.quantity(minor)))
        .with("pipeline", unit.quantity(row.pipeline))
        .with_known("expected_from_open", expected.map(|minor| unit.quantity(minor)))
}

fn outlook(row: &ForecastRow, sum: &FinalSum, unit: MoneyUnit<'_>) -> Finding {
    let [p10, p50, p90] = sum.quantiles;
    let chance = sum.hits_quota.map(|chance| format!(", probability of reaching the quota {}", percent(chance)));
    let sentence = format!(
        "{} at period end: median {}, 80 % range {}{}; expected from deals not yet created {}",
        row.period,
        unit.words(p50),
        unit.range_words(p10, p90),
        chance.unwrap_or_default(),
        unit.words(sum.expected_from_new)
    );
    Finding::info("forecast.outlook", Subject::the("company").in_period(row.period), sentence)
        .with("p10", unit.quantity(p10))
        .with("median", unit.quantity(p50))
        .with("p90", unit.quantity(p90))
        .with("expected_from_new", unit.quantity(sum.expected_from_new))
        .with_known("quota_probability", sum.hits_quota.map(Quantity::Share))
}

/// What contradicts itself or cannot be counted: quotas that are not their roll-up or below zero, revisions of owners
/// nobody else names, amounts without an exchange rate.
#[must_use]
pub fn contradictions(forecast: &Forecast, tables: &Tables) -> Vec<Finding> {
    let owners: Vec<&str> = forecast.revisions.unknown_owners(tables).into_iter().collect();
    let quotas = [quotas_differ(forecast), negative_quotas(forecast)];
    let found = quotas.into_iter().flatten().chain(unknown_owners(&owners));
    found.chain(left_out(&forecast.without_rate, tables)).collect()
}

fn quotas_differ(forecast: &Forecast) -> Option<Finding> {
    let differing = forecast.quota_differences().count() as u64;
    let first = forecast.quota_differences().next()?;
    let (node, unit) = (forecast.nodes.get(first.node)?, unit_of(forecast, first)?);
    let (quota, roll_up) = (first.quota?, first.quota_rollup?);
    let name = named(node);
    let sentence = format!(
        "{} of running and coming periods {} from {} roll-up, such as {name} in {}: quota {}, roll-up {}",
        count(differing, "quota"),
        by_number(differing, "differs", "differ"),
        by_number(differing, "its", "their"),
        first.period,
        unit.words(quota),
        unit.words(roll_up)
    );
    let finding = Finding::info("forecast.quota_differs", Subject::the("quotas").in_period(first.period), sentence)
        .with("quotas", Quantity::Count(differing))
        .with("example", Quantity::Text(name))
        .with("quota", unit.quantity(quota))
        .with("roll_up", unit.quantity(roll_up))
        .remedy("`quota_rollup` of the forecast is the roll-up");
    Some(finding)
}

fn negative_quotas(forecast: &Forecast) -> Option<Finding> {
    let negative = || forecast.own_quotas().filter_map(|row| Some((row, row.quota.filter(|quota| *quota < 0)?)));
    let number = negative().count() as u64;
    let (first, quota) = negative().next()?;
    let (node, unit) = (forecast.nodes.get(first.node)?, unit_of(forecast, first)?);
    let name = named(node);
    let sentence = format!(
        "{} of running and coming periods {} below zero, such as {name} in {}: {}; there is nothing to reach, so no \
         attainment and no probability",
        count(number, "quota"),
        by_number(number, "is", "are"),
        first.period,
        unit.words(quota)
    );
    let finding = Finding::warning("forecast.negative_quota", Subject::the("quotas").in_period(first.period), sentence)
        .with("quotas", Quantity::Count(number))
        .with("example", Quantity::Text(name))
        .with("quota", unit.quantity(quota))
        .remedy("correct `quota` in the quotas table");
    Some(finding)
}

/// `team North`; the company has no other name.
fn named(node: &NamedNode) -> String {
    match node.level {
        Level::Company => node.key.clone(),
        level => format!("{} {}", level.name(), node.key),
    }
}

/// What the base rows leave out for want of an exchange rate.
fn left_out(without_rate: &WithoutRate, tables: &Tables) -> Vec<Finding> {
    let WithoutRate { deals, quotas, revisions } = without_rate;
    let all = [
        ("deal", deals, "their amounts are in rows of their own currency and count as 0 in base rows"),
        ("quota", quotas, "base rows of their owners, and of all above, have no quota"),
        ("revision", revisions, "base rows leave them out"),
    ];
    all.into_iter().filter_map(|(what, counts, effect)| no_rate(what, counts, effect, tables)).collect()
}

fn no_rate(what: &str, counts: &BTreeMap<CurrencyId, u64>, effect: &str, tables: &Tables) -> Option<Finding> {
    let all: u64 = counts.values().sum();
    let name = |currency: &CurrencyId| tables.currencies.name(*currency).unwrap_or("(none)").to_owned();
    let mut named: Vec<(String, u64)> = counts.iter().map(|(currency, number)| (name(currency), *number)).collect();
    named.sort();
    let parts: Vec<String> = named.iter().map(|(code, number)| format!("{number} in {code}")).collect();
    let have = by_number(all, "has", "have");
    let sentence =
        format!("{} {have} no exchange rate on or before the day ({}): {effect}", count(all, what), parts.join(", "));
    (all > 0).then(|| {
        Finding::warning("forecast.no_rate", Subject::named("table", InputTable::FxRates.name()), sentence)
            .with("rows", Quantity::Count(all))
            .with("currencies", Quantity::Names(named.into_iter().map(|(code, _)| code).collect()))
            .remedy("give rates of these currencies from an earlier day on with --fx-rates FILE")
    })
}

fn unknown_owners(owners: &[&str]) -> Option<Finding> {
    let what = by_number(owners.len() as u64, "an owner", "owners");
    let sentence = format!("revisions name {what} no deal, user or quota has: {}", owners.join(", "));
    (!owners.is_empty()).then(|| {
        Finding::warning("forecast.unknown_owners", Subject::named("table", "revisions"), sentence)
            .with("owners", Quantity::Names(owners.iter().map(|&owner| owner.to_owned()).collect()))
            .remedy("correct `owner` in the revisions table")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyses::backtest::PastEnd;
    use crate::analyses::forecast::rows::{ForecastQuality, RowBasis};
    use crate::analyses::revisions::{HeldForecast, Revisions};
    use crate::books::currency_axis::RowCurrency;
    use crate::books::quota::QuotaSource;
    use crate::domain::day::Day;
    use crate::domain::period::FiscalCalendar;

    const AS_OF: Day = Day(20_498);

    /// The first quarter of 2026; cents of dollars.
    fn row(node: usize) -> ForecastRow {
        ForecastRow {
            node,
            period: FiscalCalendar::default().period_of(PeriodKind::Quarter, AS_OF),
            currency: 0,
            basis: RowBasis::Base,
            quota: Some(100_000),
            quota_source: QuotaSource::Own,
            quota_rollup: None,
            won: 25_000,
            lost: 0,
            pipeline: 40_000,
            best_case: 0,
            commit: 0,
            omitted: 0,
            weighted: None,
            expected_from_open: Some(10_000),
            required_coverage: None,
            overdue: None,
            won_deals: 0,
            lost_deals: 0,
            open_deals: 0,
            overdue_deals: 0,
            deals_without_amount: 0,
            held: HeldForecast::default(),
            is_past: false,
            final_sum: None,
        }
    }

    fn end(hits_quota: Option<f64>) -> Box<FinalSum> {
        Box::new(FinalSum {
            expected_from_new: 5_000,
            quantiles: [30_000, 150_000, 250_000],
            hits_quota,
            beats_last: None,
            deals_to_close: None,
            unstretched: PastEnd { sd: 0.0, moved: 0.0, quantiles: [0; 15], hits_quota },
        })
    }

    fn forecast(rows: Vec<ForecastRow>, base_rows: BaseRows) -> Forecast {
        let node = |level, key: &str| NamedNode { level, key: key.to_owned(), name: key.to_owned() };
        Forecast {
            as_of: AS_OF,
            nodes: vec![node(Level::Company, "company"), node(Level::Team, "North")],
            currencies: vec![RowCurrency { code: "USD".to_owned(), decimals: 2 }],
            rows,
            quality: ForecastQuality {
                base_rows,
                closed_without_date: 0,
                open_without_date: 0,
                without_amount: 0,
                open_without_probability: 0,
            },
            revisions: Revisions::default(),
            without_rate: WithoutRate::default(),
        }
    }

    fn said(rows: Vec<ForecastRow>, base_rows: BaseRows) -> Vec<String> {
        let found = running_period(&forecast(rows, base_rows), PeriodKind::Quarter);
        found.iter().map(|finding| finding.line().into_owned()).collect()
    }

    #[test]
    fn the_running_period_says_where_it_stands_and_may_end() {
        let company = ForecastRow { final_sum: Some(end(Some(0.75))), ..row(0) };
        let found = running_period(&forecast(vec![company, row(1)], BaseRows::Converted), PeriodKind::Quarter);
        let lines: Vec<&str> = found.iter().map(|finding| finding.sentence.as_str()).collect();
        let expected = [
            "2026-Q1: quota 1,000 USD, won 250 USD (25.0 %), gap 750 USD, pipeline 400 USD, expected from open deals 100 USD",
            "2026-Q1 at period end: median 1,500 USD, 80 % range 300 to 2,500 USD, probability of reaching the quota 75.0 %; \
             expected from deals not yet created 50 USD",
        ];
        assert_eq!(lines, expected, "the company's alone");
        assert_eq!(found[0].number("attainment"), Some(&Quantity::Share(0.25)));
        assert_eq!(found[1].number("median"), Some(&Quantity::money(150_000, 2, "USD")));
        assert_eq!((found[0].code, found[1].code), ("forecast.period", "forecast.outlook"));
        assert_eq!(found[1].subject.period.as_deref(), Some("2026-Q1"));
    }

    #[test]
    fn without_quota_scores_or_rates_less_is_said() {
        let bare = ForecastRow { quota: None, expected_from_open: None, ..row(0) };
        assert_eq!(said(vec![bare], BaseRows::Converted), ["2026-Q1: won 250 USD, pipeline 400 USD"]);
        let unknown = ForecastRow { final_sum: Some(end(None)), ..row(0) };
        let last = said(vec![unknown], BaseRows::Converted).pop().expect("an outlook");
        assert!(last.ends_with("to 2,500 USD; expected from deals not yet created 50 USD"), "{last}");
        let no_rates = "amounts in other currencies and no exchange rates: no totals in the base currency, every currency \
                        stands for itself; give dated rates with --fx-rates FILE";
        assert_eq!(said(Vec::new(), BaseRows::NoRates), [no_rates]);
        assert!(said(Vec::new(), BaseRows::SameCurrency).is_empty());
    }

    #[test]
    fn quotas_that_are_not_their_roll_up_are_counted_with_an_example() {
        let unlike = |node| ForecastRow { quota_rollup: Some(110_000), ..row(node) };
        let lines = |rows| {
            let found = contradictions(&forecast(rows, BaseRows::Converted), &Tables::default());
            found.iter().map(|finding| finding.line().into_owned()).collect::<Vec<_>>()
        };
        let one = "1 quota of running and coming periods differs from its roll-up, such as team North in 2026-Q1: quota \
                   1,000 USD, roll-up 1,100 USD; `quota_rollup` of the forecast is the roll-up";
        assert_eq!(lines(vec![unlike(1)]), [one]);
        let two = lines(vec![unlike(0), unlike(1)]).remove(0);
        let begin = "2 quotas of running and coming periods differ from their roll-up, such as company in 2026-Q1:";
        assert!(two.starts_with(begin), "{two}");
        let same = ForecastRow { quota_rollup: Some(100_000), ..row(1) };
        assert!(lines(vec![same, ForecastRow { is_past: true, ..unlike(1) }]).is_empty());
    }

    #[test]
    fn a_quota_below_zero_is_a_warning_and_nothing_to_reach() {
        let below = |quota| ForecastRow { quota: Some(quota), ..row(1) };
        let rows = vec![below(-50_000), below(0), ForecastRow { quota_source: QuotaSource::Sum, ..below(-1) }];
        assert_eq!((rows[0].target(), rows[1].target()), (None, Some(0)));
        let credit = ForecastRow { won: -80_000, ..below(-50_000) };
        assert_eq!((credit.gap(), credit.coverage(), credit.attainment()), (Some(30_000), None, None));
        let found = contradictions(&forecast(rows, BaseRows::Converted), &Tables::default());
        let line = "1 quota of running and coming periods is below zero, such as team North in 2026-Q1: -500 USD; there is \
                    nothing to reach, so no attainment and no probability; correct `quota` in the quotas table";
        assert_eq!(found.iter().map(|finding| finding.line().into_owned()).collect::<Vec<_>>(), [line]);
    }

    #[test]
    fn owners_nobody_else_names_are_a_warning() {
        assert_eq!(unknown_owners(&[]), None);
        let one = unknown_owners(&["zed"]).expect("a finding");
        let line = "revisions name an owner no deal, user or quota has: zed; correct `owner` in the revisions table";
        assert_eq!((one.code, one.line().as_ref()), ("forecast.unknown_owners", line));
        assert!(
            unknown_owners(&["a", "b"]).expect("two").sentence.ends_with("owners no deal, user or quota has: a, b")
        );
    }

    #[test]
    fn what_has_no_rate_is_counted_by_currency() {
        let mut tables = Tables::default();
        let [eur, chf] = ["EUR", "CHF"].map(|code| tables.currency(code));
        assert!(left_out(&WithoutRate::default(), &tables).is_empty());
        let unrated =
            WithoutRate { deals: [(eur, 2), (chf, 1)].into(), quotas: [(chf, 1)].into(), revisions: BTreeMap::new() };
        let lines: Vec<String> = left_out(&unrated, &tables).iter().map(|found| found.sentence.to_string()).collect();
        let expected = [
            "3 deals have no exchange rate on or before the day (1 in CHF, 2 in EUR): their amounts are in rows of their \
             own currency and count as 0 in base rows",
            "1 quota has no exchange rate on or before the day (1 in CHF): base rows of their owners, and of all above, \
             have no quota",
        ];
        assert_eq!(lines, expected);
    }
}
