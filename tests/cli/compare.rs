//! `dealcast compare`: bridges close to the cent between any two runs, and a run compared with itself says nothing.

use std::collections::{BTreeMap, BTreeSet};

use crate::harness::{Desk, Row, Table, names};

const PARTS: [&str; 14] = [
    "new",
    "won",
    "lost",
    "gone",
    "reopened",
    "moved_in",
    "moved_out",
    "revalued",
    "amount",
    "pulled_in",
    "slipped",
    "rescored",
    "new_business",
    "other",
];

fn cents(amount: &str) -> i128 {
    amount.replace('.', "").parse().unwrap_or(0)
}

fn compare(desk: &Desk, arguments: &str) -> Table {
    Table::parse(&desk.ok(&format!("compare {arguments} --format csv --quiet")).stdout)
}

/// The runs of one world on these days.
fn runs(days: &[&str]) -> Desk {
    let desk = Desk::with_world(300, 700);
    for day in days {
        desk.nightly(&format!("--as-of {day} --out run-{day}"));
    }
    desk
}

fn forecast(desk: &Desk, run: &str) -> BTreeMap<[String; 4], Vec<String>> {
    let table = Table::read(&desk.path(&format!("{run}/forecast.csv")));
    let rows = table.iter().filter(|row| row.get("basis") == "base");
    let key = |row: Row<'_>| ["level", "node", "period", "currency"].map(|column| row.get(column).to_owned());
    rows.map(|row| (key(row), ["expected", "pipeline"].map(|column| row.get(column).to_owned()).to_vec())).collect()
}

#[test]
fn bridges_close_between_any_two_runs() {
    let days = ["2025-05-05", "2025-05-12", "2025-06-20", "2025-07-08", "2025-11-03"];
    let desk = runs(&days);
    let mut moved = 0;
    for (i, old) in days.iter().enumerate() {
        for new in &days[i..] {
            let bridges = compare(&desk, &format!("run-{old} run-{new}"));
            let [then, now] = [old, new].map(|day| forecast(&desk, &format!("run-{day}")));
            assert_eq!(bridges.rows() == 0, old == new, "{old} {new}");
            for row in bridges.iter() {
                let parts: i128 = PARTS.iter().map(|part| cents(row.get(part))).sum();
                let place = format!("{old} to {new}: {} {} {}", row.get("level"), row.get("node"), row.get("measure"));
                assert_eq!(cents(row.get("start")) + parts, cents(row.get("end")), "{place}");
                assert_eq!(cents(row.get("other")), 0, "{place} is not explained by deals");
                let key = ["level", "node", "period", "currency"].map(|column| row.get(column).to_owned());
                let column = usize::from(row.get("measure") == "pipeline");
                let of = |run: &BTreeMap<[String; 4], Vec<String>>| run.get(&key).map_or(0, |row| cents(&row[column]));
                assert_eq!([of(&then), of(&now)], [cents(row.get("start")), cents(row.get("end"))], "{place}");
                moved += 1;
            }
        }
    }
    assert!(moved > 100, "{moved}");
}

#[test]
fn deals_are_listed_with_what_happened_to_them() {
    let desk = Desk::empty();
    desk.ok("simulate --deals 600 --out world");
    for day in ["2025-05-05", "2025-06-20"] {
        desk.ok(&format!("run --config world/dealcast.toml --as-of {day} --out run-{day}"));
    }
    let changed = compare(&desk, "run-2025-05-05 run-2025-06-20 --by-deal");
    let open = |day: &str| -> BTreeMap<String, String> {
        let scores = Table::read(&desk.path(&format!("run-{day}/scores.csv")));
        scores.iter().map(|row| (row.get("deal_id").to_owned(), row.get("amount").to_owned())).collect()
    };
    let (then, now) = (open("2025-05-05"), open("2025-06-20"));
    let mut kinds = BTreeSet::new();
    for row in changed.iter() {
        let (id, what) = (row.get("deal_id"), row.get("changes"));
        kinds.extend(what.split(", ").map(str::to_owned));
        match what.split(", ").next() {
            Some("new") => assert!(!then.contains_key(id) && now.contains_key(id), "{id}: {what}"),
            Some("won" | "lost") => assert!(then.contains_key(id) && !now.contains_key(id), "{id}: {what}"),
            _ => {}
        }
        let is_open = then.get(id).zip(now.get(id));
        if let Some((was, is)) = is_open {
            assert_eq!(what.contains("amount"), was != is, "{id}: {was} {is}");
        }
    }
    assert!(["new", "won", "lost", "slipped", "stage"].iter().all(|kind| kinds.contains(*kind)), "{kinds:?}");
    assert_eq!(compare(&desk, "run-2025-06-20 run-2025-06-20 --by-deal").rows(), 0);
    let told = desk.ok("compare run-2025-05-05 run-2025-06-20").stderr;
    for said in ["from 2025-05-05 to 2025-06-20", "deals changed", "expected of 2025-Q2"] {
        assert!(told.contains(said), "{said}: {told}");
    }
}

#[test]
fn other_configurations_and_models_are_told_and_what_is_no_run_is_refused() {
    let desk = runs(&["2025-05-05"]);
    desk.write("other.toml", "[training]\nseed = 7\n");
    desk.nightly("--as-of 2025-05-05 --out other --models elsewhere --config other.toml");
    let told = desk.ok("compare run-2025-05-05 other").stderr;
    assert!(told.contains("different configurations") && told.contains("both runs are as of 2025-05-05"), "{told}");
    let refused = desk.run("compare run-2025-05-05 nowhere");
    assert_eq!(refused.code, 3, "{}", refused.stderr);
    desk.nightly("--as-of 2025-05-12 --out later");
    let refused = desk.run("compare later run-2025-05-05");
    assert_eq!(refused.code, 2, "{}", refused.stderr);
    assert!(refused.stderr.contains("expected the earlier run first"), "{}", refused.stderr);
}

#[test]
fn reports_say_what_moved_since_a_named_run() {
    let desk = Desk::with_world(300, 700);
    desk.nightly("--as-of 2025-11-10 --out before");
    desk.nightly("--out out");
    desk.ok("report out --out page --digest sheets --since before");
    desk.ok("compare before out --format csv --out moved");
    let moved = Table::read(&desk.path("moved/compare_bridge.csv"));
    let company = moved.iter().find(|row| (row.get("level"), row.get("measure")) == ("company", "expected"));
    let company = company.expect("the company moved");
    let whole = |text: &str| format!("{:.0}", text.parse::<f64>().expect("an amount"));
    let plain = |text: &str| text.replace(',', "");
    let page = desk.read("page/report.html");
    let said = page.split("<p>Since the run of 2025-11-10").nth(1).and_then(|rest| rest.split("</p>").next());
    let said = plain(said.expect("a sentence on the Monday page"));
    let ends = format!("went from {} USD to {} USD", whole(company.get("start")), whole(company.get("end")));
    assert!(said.contains(&ends), "{ends}: {said}");
    let sheets = names(&desk.path("sheets"));
    let told = sheets
        .iter()
        .filter(|name| name.ends_with(".md"))
        .filter(|name| desk.read(&format!("sheets/{name}")).contains("Since the run of 2025-11-10"));
    assert!(told.count() > 2, "digests that say so");
    assert!(!desk.read("out/report.html").contains("Since the run of"), "no earlier run was named");
    assert_eq!(desk.run("report out --out page --since nowhere").code, 3);
}

#[test]
fn a_night_says_what_moved_since_the_run_it_replaces() {
    let desk = Desk::with_world(300, 700);
    for out in ["out", "before", "same", "others", "configured"] {
        desk.nightly(&format!("--as-of 2025-11-10 --out {out}"));
        assert!(!desk.path(&format!("{out}/compare_bridge.csv")).exists(), "there was no run before");
    }
    desk.nightly("--out out");
    desk.ok("compare before out --format csv --out moved");
    assert_eq!(desk.read("out/compare_bridge.csv"), desk.read("moved/compare_bridge.csv"));
    let page = desk.read("out/report.html");
    assert!(page.contains("<p>Since the run of 2025-11-10"), "the Monday page does not say it");
    desk.ok("check --outputs out");
    desk.ok("report out --out again");
    assert!(page == desk.read("again/report.html"), "the run alone gives another page");
    desk.nightly("--out same");
    assert_eq!(desk.read("out/compare_bridge.csv"), desk.read("same/compare_bridge.csv"));
    desk.nightly("--out same");
    assert!(!desk.path("same/compare_bridge.csv").exists(), "the run before was of the same day");
    desk.write("other.toml", "[training]\nseed = 7\n");
    desk.nightly("--config other.toml --models elsewhere --out configured");
    assert!(!desk.path("configured/compare_bridge.csv").exists(), "the run before had another configuration");
    for file in ["deals.csv", "stage_history.csv"] {
        let others: String =
            desk.read(file).lines().map(|line| format!("{}\n", line.replacen("D0", "E0", 1))).collect();
        desk.write(file, others);
    }
    desk.nightly("--models elsewhere --out others");
    assert!(!desk.path("others/compare_bridge.csv").exists(), "the run before was of other deals");
}
