//! `dealcast forecast`: filters, periods, categories, quotas, currencies, and the deals behind its rows.

use std::collections::BTreeMap;

use crate::harness::{Desk, Row, TABLES, Table};
use crate::world::{LAST_DAY, date};

/// Thousandths of `1234.56` or `1234.567`; nothing for an empty cell.
fn thousandths(text: &str) -> i128 {
    let decimals = text.split_once('.').map_or(0, |(_, decimals)| decimals.len() as u32);
    if text.is_empty() { 0 } else { text.replace('.', "").parse::<i128>().unwrap() * 10_i128.pow(3 - decimals) }
}

fn table(desk: &Desk, arguments: &str) -> Table {
    Table::parse(&desk.ok(&format!("{arguments} --format csv --quiet")).stdout)
}

fn find<'t>(table: &'t Table, wanted: &[(&str, &str)]) -> Option<Row<'t>> {
    table.iter().find(|row| wanted.iter().all(|(column, value)| row.get(column) == *value))
}

/// The columns of the company's base row of a period.
fn company<const N: usize>(table: &Table, period: &str, columns: [&str; N]) -> [String; N] {
    let wanted = [("level", "company"), ("period", period), ("basis", "base")];
    let row = find(table, &wanted).unwrap_or_else(|| panic!("no row of the company in {period}"));
    columns.map(|column| row.get(column).to_owned())
}

/// Deals whose numbers can be checked by hand, on 2026-02-14.
const DEALS: &str = "\
deal_id,stage,status,created_at,closed_at,expected_close_date,amount,currency,owner,forecast_category,probability
A,Won,won,2026-01-02,2026-01-09,,100.00,EUR,a,,
B,Won,won,2026-01-02,2026-01-11,,100.00,EUR,a,,
C,Won,won,2026-01-02,2026-01-12,,100.00,EUR,a,,
D,Won,won,2026-01-02,2026-01-12,,12345,JPY,b,,
E,Won,won,2026-01-02,2026-01-12,,1.235,KWD,b,,
F,Open,open,2026-01-02,,2026-03-01,10.00,EUR,a,Commit,0.5
G,Open,open,2026-01-02,,2026-03-01,1000,JPY,a,Best Case,0.5
H,Open,open,2026-01-02,,2026-03-01,2.005,KWD,b,Pipeline,0.5
I,Open,open,2026-01-02,,2026-03-01,5.00,USD,b,Omitted,0.5
";
/// 2026-01-10 and 11 are a weekend; the as-of day's own rate is not known yet.
const RATES: &str = "\
currency,date,rate
EUR,2026-01-09,1.10
EUR,2026-01-12,1.20
EUR,2026-02-13,1.30
EUR,2026-02-14,9
JPY,2026-01-01,0.0067
KWD,2026-01-01,3.25
";
const BOOKS: &str = "forecast --deals deals.csv --fx-rates rates.csv --as-of 2026-02-14";

#[test]
fn every_currency_at_its_days_rate_by_hand() {
    let desk = Desk::empty();
    desk.write("deals.csv", DEALS);
    desk.write("rates.csv", RATES);
    let told = table(&desk, &format!("{BOOKS} --level company --period 2026-Q1"));
    // Won: 110 + 110 (Sunday: Friday's rate) + 120 + 82.71 (82.7115) + 4.01 (4.01375).
    // Open: 13.00 at the last known rate, 6.70, and 6.52 (6.51625).
    let columns = ["won", "pipeline", "commit", "best_case", "pipeline_single", "omitted"];
    let base = company(&told, "2026-Q1", columns);
    assert_eq!(base, ["426.720", "26.220", "13.000", "6.700", "6.520", "5.000"]);
    let columns = ["commit_cumulative", "best_case_cumulative", "pipeline_cumulative", "weighted"];
    // Half of 13.00, 6.70 and 6.52.
    assert_eq!(company(&told, "2026-Q1", columns), ["439.720", "446.420", "452.940", "13.110"]);
    for (currency, won, pipeline) in [
        ("EUR", "300.000", "10.000"),
        ("JPY", "12345.000", "1000.000"),
        ("KWD", "1.235", "2.005"),
        ("USD", "0.000", "0.000"),
    ] {
        let native = find(&told, &[("basis", "native"), ("currency", currency)]).unwrap();
        assert_eq!([native.get("won"), native.get("pipeline")], [won, pipeline], "{currency}");
    }
    let euros = table(&desk, &format!("{BOOKS} --level company --period 2026-Q1 --currency eur"));
    assert_eq!(company(&euros, "2026-Q1", ["won", "pipeline"]), ["340.00", "13.00"]);
}

#[test]
fn a_deal_without_a_rate_leaves_base_sums_only() {
    let desk = Desk::empty();
    desk.write("deals.csv", DEALS);
    desk.write("quotas.csv", "owner,period,quota,currency\na,2026-Q1,5,CHF\nb,2026-Q1,7,USD\n");
    // Won by hand as above: without A (110), and without E (4.01).
    for (rates, won, told) in [
        (
            RATES.replace("EUR,2026-01-09", "EUR,2026-01-10"),
            "316.720",
            "1 deal has no exchange rate on or before the day (1 in EUR)",
        ),
        (RATES.replace("KWD", "AUD"), "422.710", "2 deals have no exchange rate on or before the day (2 in KWD)"),
    ] {
        desk.write("rates.csv", rates);
        let finished = desk.run(&format!("{BOOKS} --level company --period 2026-Q1 --format csv"));
        assert_eq!(finished.code, 0, "{}", finished.stderr);
        assert!(finished.stderr.contains(told), "{}", finished.stderr);
        let rows = Table::parse(&finished.stdout);
        assert_eq!(company(&rows, "2026-Q1", ["won", "won_deals"]), [won, "5"]);
        let kwd = find(&rows, &[("basis", "native"), ("currency", "KWD")]).unwrap();
        assert_eq!([kwd.get("won"), kwd.get("deals_without_amount")], ["1.235", "0"], "as it is");
    }
    desk.write("rates.csv", RATES);
    let finished = desk.run(&format!("{BOOKS} --quotas quotas.csv --period 2026-Q1 --format csv"));
    assert!(
        finished.stderr.contains("1 quota has no exchange rate on or before the day (1 in CHF)"),
        "{}",
        finished.stderr
    );
    let rows = Table::parse(&finished.stdout);
    let quota = |level: &str, node: &str, basis: &str, currency: &str| {
        let row = find(&rows, &[("level", level), ("node", node), ("basis", basis), ("currency", currency)]);
        row.unwrap_or_else(|| panic!("no row of {level} {node}")).get("quota").to_owned()
    };
    assert_eq!(quota("owner", "b", "base", "USD"), "7.000");
    assert_eq!(quota("owner", "a", "native", "CHF"), "5.000");
    assert_eq!(
        [quota("owner", "a", "base", "USD"), quota("company", "company", "base", "USD")],
        ["", ""],
        "not a part of it"
    );
    let ran = desk.run("run --deals deals.csv --fx-rates rates.csv --quotas quotas.csv --as-of 2026-02-14 --out out");
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    desk.ok("check --outputs out");
    let unrated = table(&desk, "forecast --deals deals.csv --as-of 2026-02-14 --level company --period 2026-Q1");
    assert_eq!(unrated.column("currency"), ["EUR", "JPY", "KWD", "USD"]);
    assert!(unrated.iter().all(|row| row.get("basis") == "native"));
}

/// A world in which `rep0` sells in euros, `rep1` in both, and everybody else in dollars.
fn two_currencies() -> Desk {
    let desk = Desk::with_world(900, LAST_DAY);
    let euros = |line: &str, number: usize| match line {
        line if line.contains(",USD,rep0,") || (line.contains(",USD,rep1,") && number.is_multiple_of(2)) => {
            line.replace(",USD,", ",EUR,")
        }
        line => line.to_owned(),
    };
    let deals = desk.read("deals.csv");
    let deals: Vec<String> = deals.lines().enumerate().map(|(number, line)| euros(line, number)).collect();
    desk.write("deals.csv", deals.join("\n") + "\n");
    let quotas = [("rep0", "EUR"), ("rep1", "USD"), ("rep2", "USD")];
    let quotas = quotas.map(|(rep, currency)| format!("{rep},2026-Q1,90000,{currency}\n")).concat();
    desk.write("quotas.csv", format!("owner,period,quota,currency\n{quotas}"));
    desk
}

#[test]
fn every_currency_has_its_own_range() {
    let desk = two_currencies();
    desk.write("rates.csv", format!("currency,date,rate\nEUR,{},1.1\n", date(0)));
    desk.ok(&format!("train {TABLES} --models models"));
    for rates in ["", "--fx-rates rates.csv"] {
        let rows = table(&desk, &format!("forecast {TABLES} --models models --period 2026-Q1 {rates}"));
        let of =
            |node: &str, currency: &str| find(&rows, &[("node", node), ("basis", "native"), ("currency", currency)]);
        let ranged = ["p10", "p50", "p90", "expected_from_new", "expected_gap", "gap_at_p50", "p_hit_quota"];
        for (node, currency) in
            [("rep0", "EUR"), ("rep1", "USD"), ("rep2", "USD"), ("company", "EUR"), ("company", "USD")]
        {
            let row = of(node, currency).unwrap_or_else(|| panic!("no {currency} row of {node}"));
            ranged.iter().for_each(|column| assert_ne!(row.get(column), "", "{node} {currency} {column} {rates}"));
            assert!(thousandths(row.get("p10")) < thousandths(row.get("p90")), "{node} {currency}");
        }
        assert!(of("rep0", "USD").is_none() && of("rep2", "EUR").is_none(), "nothing in what they do not sell in");
        for currency in ["EUR", "USD"] {
            for column in ["expected_from_open", "expected_from_new", "expected", "won"] {
                let of_level = |level: &str| -> i128 {
                    let of = rows.iter().filter(|row| row.get("level") == level && row.get("basis") == "native");
                    of.filter(|row| row.get("currency") == currency).map(|row| thousandths(row.get(column))).sum()
                };
                assert_eq!(of_level("owner"), of_level("company"), "{currency} {column} {rates}");
                assert_eq!(of_level("team"), of_level("company"), "{currency} {column} {rates}");
            }
        }
        // One owner's euros, alone, are what they are beside everybody else's dollars.
        let base = rows.iter().filter(|row| row.get("basis") == "base").count();
        assert_eq!(base > 0, !rates.is_empty());
    }
    let listed = table(&desk, &format!("forecast {TABLES} --models models --period 2026-Q1 --by-deal --level owner"));
    let rep0: Vec<Row<'_>> = listed.iter().filter(|row| row.get("node") == "rep0").collect();
    assert!(!rep0.is_empty() && rep0.iter().all(|row| !row.get("expected").is_empty()));
    assert!(rep0.windows(2).all(|pair| thousandths(pair[0].get("expected")) >= thousandths(pair[1].get("expected"))));
    for rates in ["", "--fx-rates rates.csv"] {
        desk.ok(&format!("run {TABLES} --models models {rates} --out out"));
        desk.ok("check --outputs out");
    }
}

#[test]
fn the_deals_behind_a_row_make_its_numbers() {
    let desk = Desk::with_world(900, LAST_DAY);
    // Small enough that open deals can close the gap.
    let next = ["rep0", "rep1", "rep2"].map(|rep| format!("{rep},2026-Q1,9000,USD\n")).concat();
    desk.write("quotas.csv", desk.read("quotas.csv") + &next);
    desk.ok(&format!("train {TABLES} --models models"));
    let levels = "--level owner --level manager --level team --level region --level company";
    for filter in ["", "--team North", "--owner rep1 --owner rep2", "--category pipeline", "--period 2025-12"] {
        let forecast = table(&desk, &format!("forecast {TABLES} --models models {filter}"));
        let deals = table(&desk, &format!("forecast {TABLES} --models models {filter} {levels} --by-deal"));
        let key = |row: Row<'_>| ["level", "node", "period"].map(|column| row.get(column).to_owned());
        // Pipeline, expected, deals that close the gap.
        let mut sums: BTreeMap<[String; 3], [i128; 3]> = BTreeMap::new();
        for deal in deals.iter() {
            let sum = sums.entry(key(deal)).or_default();
            let in_pipeline = i128::from(deal.get("in_pipeline") == "true");
            sum[0] += in_pipeline * thousandths(deal.get("base_amount"));
            sum[1] += thousandths(deal.get("base_expected"));
            sum[2] += i128::from(deal.get("closes_gap") == "true");
            if !deal.get("base_expected_cumulative").is_empty() {
                assert_eq!(thousandths(deal.get("base_expected_cumulative")), sum[1]);
            }
        }
        let mut closing = 0;
        for row in forecast.iter().filter(|row| row.get("basis") == "base") {
            let told = [row.get("pipeline"), row.get("expected_from_open")].map(thousandths);
            let sum = sums.remove(&key(row)).unwrap_or_default();
            assert_eq!(told, sum[..2], "{:?}", key(row));
            let fewest: i128 = row.get("deals_to_close").parse().unwrap_or(0);
            assert_eq!(fewest, sum[2], "{:?}", key(row));
            closing += i128::from(fewest > 0);
        }
        assert!(deals.rows() > 0 && sums.is_empty(), "{filter}: {sums:?}");
        assert!(closing > 0 || !filter.is_empty(), "some gap can be closed");
    }
    let company = table(&desk, &format!("forecast {TABLES} --models models --by-deal --owner rep3 --period 2025-12"));
    assert!(company.rows() > 0);
    assert!(company.iter().all(|row| row.get("level") == "company" && row.get("owner") == "rep3"));
    desk.ok(&format!("forecast {TABLES} --models models --by-deal --out lists"));
    assert!(desk.read("lists/forecast_deals.csv").starts_with("level,node,period,deal_id,name,owner,stage,amount,"));
}

#[test]
fn a_period_is_the_same_whether_asked_for_alone_or_not() {
    let desk = Desk::with_world(900, LAST_DAY);
    desk.ok(&format!("train {TABLES} --models models"));
    let all = desk.ok(&format!("forecast {TABLES} --models models --format csv --quiet")).stdout;
    for period in ["2025-Q4", "2026-Q1", "2025-12", "2025"] {
        let alone =
            desk.ok(&format!("forecast {TABLES} --models models --format csv --quiet --period {period}")).stdout;
        let of_period = |line: &&str| line.split(',').nth(2) == Some(period);
        let (alone, among): (Vec<&str>, Vec<&str>) =
            (alone.lines().skip(1).collect(), all.lines().filter(of_period).collect());
        assert!(!alone.is_empty() && alone == among, "{period}");
    }
    // Halves are not reported unless somebody asks for one.
    let half = table(&desk, &format!("forecast {TABLES} --models models --period 2025-H2 --level company"));
    let [won, expected, p50] = company(&half, "2025-H2", ["won", "expected", "p50"]);
    let quarters = Table::parse(&all);
    let parts = ["2025-Q3", "2025-Q4"].map(|quarter| thousandths(&company(&quarters, quarter, ["won"])[0]));
    assert_eq!(thousandths(&won), parts.iter().sum::<i128>());
    assert!(!expected.is_empty() && !p50.is_empty());
    let from = format!("waterfall {TABLES} --from {} --period 2025-H2", date(600));
    assert!(table(&desk, &from).column("period").contains(&"2025-H2"));
}

#[test]
fn new_business_adds_up_and_ends_with_the_period() {
    let desk = Desk::with_world(900, LAST_DAY);
    desk.ok(&format!("train {TABLES} --models models"));
    let forecast = table(&desk, &format!("forecast {TABLES} --models models"));
    let mut sums: BTreeMap<(&str, &str), i128> = BTreeMap::new();
    let mut told = 0;
    for row in forecast.iter().filter(|row| row.get("basis") == "base") {
        let new = row.get("expected_from_new");
        *sums.entry((row.get("level"), row.get("period"))).or_default() += thousandths(new);
        if row.get("period_end") < date(LAST_DAY).as_str() {
            assert_eq!((new, row.get("p50")), ("0.00", ""));
            assert_eq!(row.get("expected"), row.get("won"));
        }
        told += i128::from(thousandths(new) > 0);
    }
    assert!(told > 30);
    for ((level, period), sum) in sums.iter().filter(|((level, _), _)| *level != "company") {
        assert_eq!(sum, &sums[&("company", *period)], "{level} {period}");
    }
}

#[test]
fn names_without_a_deal_today_may_be_asked_for() {
    let desk = Desk::with_world(300, LAST_DAY);
    let users = "owner,team,region,active_from,active_to\n\
                 rep0,Old,EMEA,,2025-06-30\nrep0,New,AMER,2025-07-01,\nhire,New,AMER,,\n";
    desk.write("users.csv", users);
    desk.write("quotas.csv", "owner,period,quota,currency\nhire,2025-Q4,900,USD\n");
    // A region of the deals is none of the people.
    let deals = desk.read("deals.csv");
    let (header, rows) = deals.split_once('\n').unwrap();
    let rows: String = rows.lines().map(|row| format!("{row},Moon\n")).collect();
    desk.write("deals.csv", format!("{header},region\n{rows}"));
    let forecast = |filter: &str| table(&desk, &format!("forecast {TABLES} --level company {filter}"));
    let (old, new) = (forecast("--team Old"), forecast("--team New"));
    let (all, emea) = (forecast("--owner rep0"), forecast("--region EMEA"));
    let won = |table: &Table, period: &str| thousandths(&company(table, period, ["won"])[0]);
    assert!(won(&old, "2025") > 0 && won(&new, "2025") > 0);
    assert_eq!(won(&old, "2025") + won(&new, "2025"), won(&all, "2025"));
    assert_eq!(won(&emea, "2025"), won(&old, "2025"));
    assert_eq!(company(&forecast("--owner hire"), "2025-Q4", ["quota", "gap"]), ["900.00", "900.00"]);
    for (filter, told) in [
        ("--region Moon", "no deal, user or quota has the region \"Moon\""),
        ("--team Odd", "hint: did you mean \"Old\"?"),
        ("--owner rep99", "no deal, user or quota has the owner \"rep99\""),
    ] {
        let finished = desk.run(&format!("forecast {TABLES} {filter}"));
        assert_eq!(finished.code, 2, "{filter}: {}", finished.stderr);
        assert!(finished.stderr.contains(told), "{filter}: {}", finished.stderr);
    }
}

#[test]
fn a_quota_that_differs_from_its_roll_up_is_told() {
    let desk = Desk::with_world(600, LAST_DAY);
    let quotas = desk.read("quotas.csv").replace("owner,period", "owner,team,period").replace(",2025", ",,2025");
    // The members of North have 150,000, 170,000 and 190,000.
    desk.write("quotas.csv", quotas + ",North,2025-Q4,500000,USD\n,,2025-Q4,1100000,USD\n");
    let said = desk.nightly(&format!("--out out --as-of {}", date(LAST_DAY - 10))).stderr;
    let told = "2 quotas of running and coming periods differ from their roll-up, such as team North in 2025-Q4: \
                quota 500,000 USD, roll-up 510,000 USD";
    assert!(said.contains(told), "{said}");
    let forecast = Table::read(&desk.path("out/forecast.csv"));
    let wanted = [("node", "North"), ("period", "2025-Q4"), ("basis", "base")];
    let north = find(&forecast, &wanted).unwrap();
    assert_eq!(
        [north.get("quota"), north.get("quota_rollup"), north.get("quota_source")],
        ["500000.00", "510000.00", "own"]
    );
    // South sums its own; the company's 1,100,000 stand against 500,000 + 540,000.
    assert_eq!(company(&forecast, "2025-Q4", ["quota", "quota_rollup"]), ["1100000.00", "1040000.00"]);
    let quality: serde_json::Value = serde_json::from_str(&desk.read("out/quality.json")).unwrap();
    let unlike = quality["forecast"]["quotas_unlike_rollup"].as_array().unwrap();
    assert_eq!(unlike.len(), 2);
    assert_eq!((unlike[1]["node"].as_str(), unlike[1]["quota_rollup"].as_str()), (Some("company"), Some("1040000.00")));
}

#[test]
fn a_quota_without_any_deals_has_a_range_in_its_period() {
    let desk = Desk::with_world(900, LAST_DAY);
    desk.write(
        "quotas.csv",
        "owner,period,quota,currency\nx,2026-01,5,USD\ny,2026-Q1,5,USD\ny,2026,5,USD\nz,2026-Q1,0,USD\n",
    );
    desk.ok(&format!("train {TABLES} --models models"));
    let forecast = table(&desk, &format!("forecast {TABLES} --models models --level owner"));
    for (owner, period, chance) in
        [("x", "2026-01", "0.0"), ("y", "2026-Q1", "0.0"), ("y", "2026", "0.0"), ("z", "2026-Q1", "1.0")]
    {
        let row = find(&forecast, &[("node", owner), ("period", period), ("basis", "base")]).unwrap();
        let told = ["p10", "p90", "expected_from_new", "p_hit_quota"].map(|column| row.get(column));
        assert_eq!(told, ["0.00", "0.00", "0.00", chance], "{owner} {period}");
    }
}
