//! Several currencies, with rates, with some and with none: every money has its gaps, and its books close.

use std::collections::BTreeMap;

use proptest::prelude::*;

use crate::analyses::forecast::{Forecast, ForecastRow, RowBasis};
use crate::analyses::gaps::rows::{GapRow, Gaps, TargetSource};
use crate::analyses::gaps::tests::{AS_OF, BEGIN, New, deals, pushes, quarters, quota, run, world};
use crate::books::filter::ForecastFilter;
use crate::domain::day::Day;
use crate::ingest::tables::{DealRow, FxRate, Quota, Tables};

/// A row without its money: level, node, basis, code of the currency.
type Key = (String, String, RowBasis, String);

fn key(gaps: &Gaps, row: &GapRow) -> Key {
    (row.level.clone(), row.node.clone(), row.basis, gaps.currencies[row.currency].code.clone())
}

fn by_key(gaps: &Gaps) -> BTreeMap<Key, &GapRow> {
    gaps.rows.iter().map(|row| (key(gaps, row), row)).collect()
}

fn rate(tables: &mut Tables, code: &str, day: i32) -> FxRate {
    FxRate { currency: tables.currency(code), day: Day(day), rate: "1.25".parse().expect("a rate") }
}

/// The two quarters counted by hand, of `a` in euros and once more of `b` in francs.
fn two_owners() -> Tables {
    let mut world = quarters();
    let in_euros = |deal: &mut DealRow| deal.currency = "EUR".to_owned();
    world.deals.iter_mut().for_each(in_euros);
    let mut again = quarters();
    for deal in &mut again.deals {
        (deal.owner, deal.currency) = (Some("b".to_owned()), "CHF".to_owned());
        deal.deal_id.insert(0, 'b');
    }
    again.rows.iter_mut().for_each(|row| row.deal.insert(0, 'b'));
    world.deals.extend(again.deals);
    world.rows.extend(again.rows);
    let mut tables = world.tables();
    let quotas = [("a", "EUR", 40_000), ("b", "CHF", 40_000)].map(|(owner, code, minor)| {
        let currency = tables.currency(code);
        Quota { currency, ..quota(owner, minor) }
    });
    tables.quotas = quotas.to_vec();
    tables
}

fn asked(tables: &Tables) -> Gaps {
    run(tables, (0.25, 0.25), New::Unknown, &ForecastFilter::default()).0
}

#[test]
fn who_sells_in_one_currency_has_gaps_without_any_rate() {
    let gaps = asked(&two_owners());
    let found = by_key(&gaps);
    for (owner, code) in [("a", "EUR"), ("b", "CHF")] {
        for (level, node) in [("owner", owner), ("company", "company"), ("product", "x")] {
            let key = (level.to_owned(), node.to_owned(), RowBasis::Native, code.to_owned());
            let row = found.get(&key).unwrap_or_else(|| panic!("{key:?} of {:?}", found.keys()));
            // As by hand with the deals of that currency alone.
            assert_eq!((row.target, row.won, row.expected_from_open, row.gap()), (40_000, 8_000, 7_500, 24_500));
            assert_eq!(row.attribution.expect("past periods").parts, [17_702, 0, 3_560, 0, 3_238], "{key:?}");
            assert!(row.behind && row.main_cause() == Some("within noise"));
        }
    }
    assert!(gaps.rows.iter().all(|row| row.basis == RowBasis::Native));
    assert!(gaps.absence.is_none());
}

#[test]
fn a_deal_without_a_rate_leaves_base_rows_only() {
    let mut tables = two_owners();
    // 40,000 francs at 1.25 are 50,000: the quarter's first day has no rate before it.
    tables.fx_rates = vec![rate(&mut tables, "EUR", BEGIN - 500)];
    let gaps = asked(&tables);
    let found = by_key(&gaps);
    let of = |level: &str, node: &str, basis, code: &str| {
        found.get(&(level.to_owned(), node.to_owned(), basis, code.to_owned())).copied()
    };
    let base = of("owner", "a", RowBasis::Base, "USD").expect("a row in the base currency");
    assert_eq!((base.target, base.won, base.expected_from_open), (50_000, 10_000, 9_375));
    let factors = base.attribution.expect("past periods").factors;
    assert_eq!(factors[0], Some(5.0), "the francs are no deals of the euros'");
    let company = of("company", "company", RowBasis::Base, "USD").expect("a row");
    assert_eq!(company.attribution.expect("past periods").factors, factors, "deals in francs are left out of it");
    let francs = of("owner", "b", RowBasis::Native, "CHF").expect("what base rows leave out is in rows of its own");
    assert_eq!((francs.target, francs.gap()), (40_000, 24_500));
    assert_eq!(of("owner", "a", RowBasis::Native, "EUR"), None, "the base row says it");
}

/// A currency per deal, and from which day on euros have a rate.
fn currencies() -> impl Strategy<Value = (Vec<usize>, Option<i32>)> {
    let since = prop::option::weighted(0.7, prop::sample::select(vec![BEGIN - 500, BEGIN, AS_OF.0 - 30]));
    (prop::collection::vec(0_usize..3, 60), since)
}

fn in_currencies(mut deals: Vec<DealRow>, of_deal: &[usize]) -> Vec<DealRow> {
    for (deal, currency) in deals.iter_mut().zip(of_deal) {
        deal.currency = ["USD", "EUR", "CHF"][*currency].to_owned();
    }
    deals
}

/// What the forecast says of the row, and the row.
fn beside<'g>(gaps: &'g Gaps, forecast: &'g Forecast) -> Vec<(Option<i64>, &'g GapRow)> {
    let of = |row: &GapRow| {
        let same = |there: &&ForecastRow| {
            let node = &forecast.nodes[there.node];
            (node.level.name(), &node.key, there.period) == (&row.level, &row.node, row.period)
                && (there.basis, there.currency) == (row.basis, row.currency)
        };
        forecast.rows.iter().find(same).and_then(ForecastRow::expected)
    };
    gaps.rows.iter().filter(|row| row.level != "product").map(|row| (of(row), row)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_books_of_every_money_close(
        deals in deals(),
        pushes in pushes(),
        chances in (0.0_f64..0.6, 0.0_f64..0.4),
        (of_deal, since) in currencies(),
        quotas in prop::collection::vec((prop::sample::select(vec!["a", "b", "c"]), 0_i64..90_000_000, 0_usize..3), 0..4),
    ) {
        let mut tables = world(in_currencies(deals, &of_deal), &pushes);
        let ids = ["USD", "EUR", "CHF"].map(|code| tables.currency(code));
        tables.fx_rates = since.map(|day| rate(&mut tables, "EUR", day)).into_iter().collect();
        let quota = |(owner, minor, currency): (&str, i64, usize)| {
            Quota { currency: ids[currency], ..quota(owner, minor) }
        };
        tables.quotas = quotas.into_iter().map(quota).collect();
        let (found, forecast) = run(&tables, chances, New::Expected, &ForecastFilter::default());
        for (expected, row) in beside(&found, &forecast) {
            prop_assert_eq!(expected, Some(row.expected()), "{:?}", key(&found, row));
        }
        let mut sums: BTreeMap<(&str, RowBasis, usize), [i64; 2]> = BTreeMap::new();
        for row in &found.rows {
            if let Some(attribution) = row.attribution {
                prop_assert_eq!(attribution.parts.iter().sum::<i64>(), row.gap());
            }
            let sum = sums.entry((&row.level, row.basis, row.currency)).or_default();
            (sum[0], sum[1]) = (sum[0] + row.expected(), sum[1] + row.won);
        }
        for (&(level, basis, currency), sum) in &sums {
            let company = sums.get(&("company", basis, currency));
            if level == "product" {
                prop_assert_eq!(company, Some(sum), "{} {:?} {}", level, basis, currency);
            }
        }
        // Where everybody has a target, owners add up to the company too.
        let every_owner = found.rows.iter().all(|row| row.target_source != TargetSource::Quota);
        for (&(level, basis, currency), sum) in sums.iter().filter(|_| every_owner) {
            if level == "owner" {
                prop_assert_eq!(sums.get(&("company", basis, currency)), Some(sum), "{:?} {}", basis, currency);
            }
        }
    }

    #[test]
    fn deals_without_a_rate_change_no_base_row(deals in deals(), (of_deal, _) in currencies()) {
        let deals = in_currencies(deals, &of_deal);
        let without: Vec<DealRow> = deals.iter().filter(|deal| deal.currency != "CHF").cloned().collect();
        // Periods before the first deal of all are none to compare with.
        let first = |deals: &[DealRow]| deals.iter().map(|deal| deal.created_at).min();
        prop_assume!(first(&deals) == first(&without));
        let found = |deals| {
            let mut tables = world(deals, &[]);
            tables.fx_rates = vec![rate(&mut tables, "EUR", BEGIN - 500)];
            asked(&tables)
        };
        let (all, rated) = (found(deals), found(without));
        let all = by_key(&all);
        for (key, row) in by_key(&rated).iter().filter(|(key, _)| key.2 == RowBasis::Base) {
            let same = all.get(key).map(|row| (row.target, row.won, row.expected(), row.attribution));
            prop_assert_eq!(same, Some((row.target, row.won, row.expected(), row.attribution)), "{:?}", key);
        }
    }
}
