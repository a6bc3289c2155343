//! `dealcast sources`: sources, campaigns, leads and attribution of the sample as DuckDB counts them from the raw export.

use std::collections::BTreeMap;

use crate::harness::{Desk, Row, Table};

const SAMPLE: &str = concat!("--config ", env!("CARGO_MANIFEST_DIR"), "/data/sample/dealcast.toml");

fn table(desk: &Desk, arguments: &str) -> Table {
    Table::parse(&desk.ok(&format!("{arguments} {SAMPLE} --format csv --quiet")).stdout)
}

fn number(row: Row<'_>, column: &str) -> f64 {
    row.get(column).parse().unwrap_or(0.0)
}

/// `tests/fixtures/sample_sources.py`, duckdb 2.0.1: source, campaign and period of the lines of `what`, with their numbers.
fn counted(what: &str, columns: &[&str]) -> BTreeMap<[String; 3], Vec<f64>> {
    let all = Table::parse(include_str!("../fixtures/sample_sources.csv"));
    let of_table = all.iter().filter(|row| row.get("what") == what);
    of_table
        .map(|row| {
            let key = ["source", "campaign", "period"].map(|column| row.get(column).to_owned());
            (key, columns.iter().map(|column| number(row, column)).collect())
        })
        .collect()
}

#[test]
fn sources_and_campaigns_are_those_of_the_raw_export() {
    let desk = Desk::empty();
    for (what, arguments) in [("sources", "sources"), ("campaigns", "sources --campaigns")] {
        let made = table(&desk, arguments);
        let columns = ["created", "won", "lost", "leads", "leads_converted", "cost"];
        let rows: BTreeMap<[String; 3], Vec<f64>> = made
            .iter()
            .map(|row| {
                let campaign = if what == "campaigns" { row.get("campaign") } else { "" };
                let key = [row.get("source"), campaign, row.get("period")].map(str::to_owned);
                (key, columns.iter().map(|column| number(row, column)).collect())
            })
            .collect();
        assert!(rows.len() > 80);
        assert_eq!(rows, counted(what, &["created", "won", "lost", "leads", "converted", "cost"]), "{what}");
        for row in made.iter().filter(|row| number(*row, "created") > 0.0) {
            let (won, lost, created) = (number(row, "won"), number(row, "lost"), number(row, "created"));
            let expected = number(row, "expected_won");
            assert!(won <= expected && expected <= created - lost + 1e-9);
            assert!(number(row, "expected_win_rate_low") <= expected / created + 1e-9);
            assert!(expected / created <= number(row, "expected_win_rate_high") + 1e-9);
        }
    }
}

#[test]
fn all_periods_together_are_the_sum_of_each() {
    let desk = Desk::empty();
    let (each, total) = (table(&desk, "sources"), table(&desk, "sources --total"));
    for row in total.iter() {
        let own = || each.iter().filter(|each| each.get("source") == row.get("source"));
        assert_eq!(row.get("period"), "all");
        for column in ["created", "won", "lost", "open", "revenue", "cost", "leads", "expected_won", "expected_revenue"]
        {
            let sum = own().map(|row| number(row, column)).sum::<f64>();
            assert!((sum - number(row, column)).abs() < 1e-4, "{column}: {sum} and {}", row.get(column));
        }
    }
    assert_eq!(total.rows(), 8);
}

#[test]
fn attribution_is_that_of_the_raw_touches() {
    let desk = Desk::empty();
    let made = table(&desk, "sources --attribution first --attribution last --attribution linear");
    let own = table(&desk, "sources");
    let total = |table: &Table, column: &str| table.iter().map(|row| number(row, column)).sum::<f64>();
    for (model, whose) in [("first touch", 0), ("last touch", 1), ("linear", 2)] {
        let rows = || made.iter().filter(|row| row.get("attribution") == model);
        let expected = counted(model, &["created", "won", "lost"]);
        for row in rows().filter(|row| number(*row, "created") > 0.0) {
            let key = [row.get("source"), "", row.get("period")].map(str::to_owned);
            let counts = expected.get(&key).unwrap_or_else(|| panic!("{whose}: {key:?}"));
            for (column, expected) in ["created", "won", "lost"].into_iter().zip(counts) {
                assert!((number(row, column) - expected).abs() < 1e-6, "{model} {key:?} {column}");
            }
        }
        assert!(rows().filter(|row| number(*row, "created") > 0.0).count() == expected.len());
        for column in ["created", "won", "lost"] {
            let sum = rows().map(|row| number(row, column)).sum::<f64>();
            assert!((sum - total(&own, column)).abs() < 1e-6, "{model} {column}");
        }
        for column in ["revenue", "expected_revenue"] {
            let cents = |row: Row<'_>| (number(row, column) * 100.0).round() as i64;
            assert_eq!(rows().map(cents).sum::<i64>(), own.iter().map(cents).sum::<i64>(), "{model} {column}");
        }
    }
}

#[test]
fn leads_stand_before_the_deals_in_the_funnel() {
    let desk = Desk::empty();
    let funnel = table(&desk, "funnel --by source");
    let leads = counted("sources", &["leads", "converted"]);
    for cohort in ["all", "2025-Q1"] {
        let in_cohort = |key: &[String; 3]| cohort == "all" || key[2] == cohort;
        for segment in ["all", "source=Webinar"] {
            let of_segment = |key: &[String; 3]| segment == "all" || segment == format!("source={}", key[0]);
            let wanted = leads.iter().filter(|(key, _)| in_cohort(key) && of_segment(key));
            let sum = wanted.fold([0.0, 0.0], |sum, (_, counts)| [sum[0] + counts[0], sum[1] + counts[1]]);
            let mut rows = funnel.iter().filter(|row| (row.get("cohort"), row.get("segment")) == (cohort, segment));
            let row = rows.next().unwrap();
            assert_eq!(row.get("stage"), "(leads)");
            assert_eq!([number(row, "entered"), number(row, "advanced")], sum, "{cohort} {segment}");
            assert_eq!(number(row, "entered"), number(row, "advanced") + number(row, "lost") + number(row, "open"));
            assert!(rows.all(|row| row.get("stage") != "(leads)"));
        }
    }
    // Leads have no product: the funnel by product has none.
    let by_product = table(&desk, "funnel --by product");
    assert!(by_product.iter().any(|row| row.get("segment") != "all"));
    assert!(by_product.iter().all(|row| row.get("stage") != "(leads)" || row.get("segment") == "all"));
}

#[test]
fn a_filter_leaves_blank_what_it_cannot_tell() {
    let desk = Desk::empty();
    let inbound = |arguments: &str, columns: &[&str]| -> Vec<String> {
        let made = table(&desk, arguments);
        let row = made.iter().find(|row| (row.get("source"), row.get("period")) == ("Inbound", "2025-Q1")).unwrap();
        columns.iter().map(|column| row.get(column).to_owned()).collect()
    };
    // A period asked for shows what is in its row anyway: leads by their own day, whenever their deals came.
    let columns = ["created", "won", "cost", "leads", "leads_converted", "expected_won"];
    assert_eq!(inbound("sources --period 2025-Q1", &columns), inbound("sources", &columns));
    // A month has its own costs, not the quarter's.
    let months: Vec<f64> = ["2025-01", "2025-02", "2025-03"]
        .iter()
        .map(|month| {
            let made = table(&desk, &format!("sources --period {month}"));
            let row = made.iter().find(|row| row.get("source") == "Inbound").unwrap();
            assert_eq!(row.get("period"), *month);
            number(row, "cost")
        })
        .collect();
    assert_eq!(vec![months.iter().sum::<f64>().to_string()], [inbound("sources", &["cost"])[0].replace(".00", "")]);
    // Leads have no currency, and costs were spent on all deals.
    let blank = inbound("sources --currency USD", &["leads", "lead_conversion", "cost", "return", "cost_per_deal"]);
    assert!(blank.iter().all(String::is_empty), "{blank:?}");
    let funnel = table(&desk, "funnel --currency USD");
    assert!(funnel.rows() > 0 && funnel.iter().all(|row| row.get("stage") != "(leads)"));
    // Leads have owners.
    let owned = table(&desk, "funnel --owner u00011");
    assert!(owned.iter().any(|row| row.get("stage") == "(leads)" && number(row, "lost") > 0.0));
}

#[test]
fn wrong_questions_get_a_hint() {
    let desk = Desk::with_world(40, 400);
    let finished = desk.run("sources --deals deals.csv --attribution linear");
    assert_eq!(finished.code, 2);
    assert!(finished.stderr.contains("--touches FILE"), "{}", finished.stderr);
    assert_eq!(desk.run("sources --deals deals.csv --attribution thirdhand").code, 2);
    desk.write("costs.csv", "source,period,cost\nWeb,2024,1200\n");
    let finished = desk.run("sources --deals deals.csv --campaign-costs costs.csv --period 2024-02");
    assert_eq!(finished.code, 2);
    assert!(finished.stderr.contains("costs are per year"), "{}", finished.stderr);
    let finished = desk.ok("sources --deals deals.csv --campaign-costs costs.csv --format csv");
    assert!(finished.stderr.contains("campaign costs are per year, and so are the rows"), "{}", finished.stderr);
    // Without leads their columns are empty, not zero.
    let plain = Table::parse(&desk.ok("sources --deals deals.csv --format csv").stdout);
    assert!(plain.rows() > 0);
    assert!(plain.iter().all(|row| row.get("leads").is_empty() && row.get("lead_conversion").is_empty()));
}
