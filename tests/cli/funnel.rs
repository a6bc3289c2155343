//! `dealcast funnel`: stages and moves of the sample as DuckDB counts them, flows that add up, two groups compared.

use std::collections::BTreeMap;

use crate::harness::{Desk, Row, Table};

const SAMPLE: &str = concat!("--config ", env!("CARGO_MANIFEST_DIR"), "/data/sample/dealcast.toml");

fn table(desk: &Desk, arguments: &str) -> Table {
    Table::parse(&desk.ok(&format!("{arguments} {SAMPLE} --format csv --quiet")).stdout)
}

fn whole<'t>(table: &'t Table) -> impl Iterator<Item = Row<'t>> {
    table.iter().filter(|row| (row.get("cohort"), row.get("segment")) == ("all", "all"))
}

#[test]
fn stages_and_moves_are_those_of_the_raw_export() {
    let desk = Desk::empty();
    // tests/fixtures/sample_funnel.py, duckdb 2.0.0.
    let counted = Table::parse(include_str!("../fixtures/sample_funnel.csv"));
    let counted: BTreeMap<String, Vec<String>> = counted
        .iter()
        .map(|row| {
            (row.get("what").to_owned(), ["a", "b", "c", "d", "e", "f", "g"].map(|c| row.get(c).to_owned()).to_vec())
        })
        .collect();
    let (funnel, flow) = (table(&desk, "funnel"), table(&desk, "funnel --flow"));
    let columns = ["entered", "advanced", "lost", "back", "open", "moves_back", "skipped"];
    let stages = whole(&funnel).filter(|row| !row.get("stage").starts_with("Closed") && row.get("stage") != "(leads)");
    let mut made: BTreeMap<String, Vec<String>> =
        stages.map(|row| (row.get("stage").to_owned(), columns.map(|c| row.get(c).to_owned()).to_vec())).collect();
    assert_eq!(made.len(), 4);
    // Deals that were a lead come from there: together with the others they were created, and every lead ends somewhere.
    let to = |from: &str, to: &str| {
        let mut rows = whole(&flow).filter(|row| (row.get("from"), row.get("to")) == (from, to));
        rows.next().map_or(0, |row| row.get("moves").parse::<u32>().unwrap())
    };
    let raw = Table::parse(include_str!("../../data/sample/leads.csv"));
    let of_status = |status: &str| raw.column("status").iter().filter(|is| **is == status).count() as u32;
    assert_eq!(to("(created)", "(leads)"), raw.rows() as u32);
    assert_eq!([to("(leads)", "(disqualified)"), to("(leads)", "(open)")], ["Disqualified", "Working"].map(of_status));
    let converted: u32 = ["Qualification", "Discovery"].map(|stage| to("(leads)", stage)).iter().sum();
    assert_eq!(converted, of_status("Converted"));
    for stage in ["Qualification", "Discovery"] {
        let all = to("(created)", stage) + to("(leads)", stage);
        assert_eq!(Some(&all.to_string()), counted[&format!("(created) > {stage}")].first());
    }
    let of_deals = |row: &Row<'_>| {
        let ends = [row.get("from"), row.get("to")];
        !ends.contains(&"(leads)") && ends[0] != "(created)"
    };
    let counted: BTreeMap<_, _> = counted.into_iter().filter(|(what, _)| !what.starts_with("(created)")).collect();
    made.extend(whole(&flow).filter(of_deals).map(|row| {
        let mut cells = ["moves", "deals", "median_days"].map(|column| row.get(column).to_owned()).to_vec();
        cells.resize(7, String::new());
        (format!("{} > {}", row.get("from"), row.get("to")), cells)
    }));
    assert_eq!(made, counted);
}

/// Per cohort, segment and open stage, what flows in flows out; and cohorts and values of a column add up to all.
#[test]
fn flows_add_up() {
    let desk = Desk::empty();
    let flow = table(&desk, "funnel --flow --by source --by owner");
    let number = |row: &Row<'_>, column: &str| row.get(column).parse::<i64>().unwrap();
    let mut balance: BTreeMap<[&str; 3], i64> = BTreeMap::new();
    let mut sums: BTreeMap<(&str, [&str; 2]), [i64; 2]> = BTreeMap::new();
    for row in flow.iter() {
        let (cohort, segment, moves) = (row.get("cohort"), row.get("segment"), number(&row, "moves"));
        *balance.entry([cohort, segment, row.get("from")]).or_default() -= moves;
        *balance.entry([cohort, segment, row.get("to")]).or_default() += moves;
        assert!(0 < number(&row, "deals") && number(&row, "deals") <= moves);
        let kind = match (cohort, segment) {
            ("all", "all") => "all",
            ("all", _) if segment.starts_with("source=") => "source",
            ("all", _) => "owner",
            ("current", _) => continue,
            (_, "all") => "cohort",
            _ => continue,
        };
        let sum = sums.entry((kind, [row.get("from"), row.get("to")])).or_default();
        *sum = [sum[0] + moves, sum[1] + number(&row, "deals")];
    }
    let ends =
        ["(created)", "(before)", "(open)", "Closed Won", "Closed Lost", "(leads)", "(disqualified)", "(other deals)"];
    assert_eq!(balance[&["all", "all", "(leads)"]], 0);
    let open: Vec<_> = balance.iter().filter(|(key, _)| !ends.contains(&key[2])).collect();
    assert!(open.len() > 500 && open.iter().all(|(_, sum)| **sum == 0), "{open:?}");
    let of = |kind: &str| -> Vec<_> {
        sums.iter().filter(|(key, _)| key.0 == kind).map(|(key, sum)| (key.1, *sum)).collect()
    };
    for kind in ["source", "owner", "cohort"] {
        assert_eq!(of(kind), of("all"), "{kind}");
    }
    assert!(flow.iter().any(|row| row.get("cohort") == "current" && row.get("kind") == "before"));
}

#[test]
fn two_groups_are_compared() {
    let desk = Desk::empty();
    let compared = table(&desk, "funnel --compare segment=Enterprise segment=SMB");
    let row = compared.iter().next().unwrap();
    assert_eq!((row.get("stage"), row.get("a"), row.get("b")), ("(all)", "segment=Enterprise", "segment=SMB"));
    let p = |row: Row<'_>, column: &str| row.get(column).parse::<f64>().unwrap();
    for row in compared.iter() {
        for column in ["p_conversion", "p_time"] {
            let adjusted = p(row, &format!("{column}_adjusted"));
            assert!(p(row, column) <= adjusted && adjusted <= 1.0);
        }
        let differs = p(row, "p_conversion_adjusted") < 0.05 || p(row, "p_time_adjusted") < 0.05;
        assert_eq!(differs, row.get("verdict") != "no significant difference", "{}", row.get("verdict"));
    }
    // The same group cut by a letter nobody chose: nothing is found.
    let none = table(&desk, "funnel --compare batch_code=B03 batch_code=B16");
    assert!(none.rows() == 5 && none.iter().all(|row| row.get("verdict") == "no significant difference"));
    // Periods, and now against then.
    let periods = table(&desk, "funnel --compare 2024-Q1 2025-Q1,source=Inbound");
    assert!(periods.rows() == 5 && periods.iter().all(|row| row.get("b") == "2025-Q1,source=Inbound"));

    for (groups, words) in [
        ("segment=Enterprise source=Inbound", "in common"),
        ("segment=Enterprise segment=Emterprise", "did you mean"),
        ("segment=Enterprise 2024-Q9", "expected a group of deals"),
    ] {
        let finished = desk.run(&format!("funnel --compare {groups} {SAMPLE}"));
        assert_eq!(finished.code, 2, "{groups}");
        assert!(finished.stderr.contains(words), "{}", finished.stderr);
    }
}
