//! `dealcast check`: what is in the input, what its gaps cost, what got worse, and everything that would stop a run.

use std::fs;

use serde_json::Value;

use crate::harness::{Desk, TABLES, Table, names};
use crate::world::{LAST_DAY, date};

/// The mapping of [`Desk::with_world`], in a configuration.
const CONFIG: &str = "[sources.deals]\npath = \"deals.csv\"\n[sources.stage_history]\npath = \"stage_history.csv\"\n\
                      [sources.users]\npath = \"users.csv\"\n[sources.quotas]\npath = \"quotas.csv\"\n";

/// A way to spoil a world that works.
struct Spoilt {
    what: &'static str,
    spoil: fn(&Desk),
    /// Behind `check` and, with `--out` for `--run-out`, behind `run`.
    arguments: &'static str,
    /// How both end.
    code: i32,
}

const fn spoilt(what: &'static str, spoil: fn(&Desk), arguments: &'static str, code: i32) -> Spoilt {
    Spoilt { what, spoil, arguments, code }
}

fn add_config(desk: &Desk, more: &str) {
    desk.write("dealcast.toml", format!("{CONFIG}{more}"));
}

fn replace(desk: &Desk, file: &str, from: &str, to: &str) {
    let text = desk.read(file);
    assert!(text.contains(from), "{file} has no {from:?}");
    desk.write(file, text.replace(from, to));
}

const SPOILT: &[Spoilt] = &[
    spoilt("nothing", |_| (), "", 0),
    spoilt("a configuration that is no TOML", |desk| add_config(desk, "x = ["), "", 2),
    spoilt("an unknown key", |desk| add_config(desk, "[rules]\nnothing = 1\n"), "", 2),
    spoilt("no such file", |desk| fs::remove_file(desk.path("users.csv")).unwrap(), "", 3),
    spoilt("an empty file", |desk| desk.write("quotas.csv", ""), "", 3),
    spoilt("no rows", |desk| desk.write("deals.csv", "deal_id,stage,created_at\n"), "", 3),
    spoilt("a lost column", |desk| replace(desk, "deals.csv", "deal_id,", "number,"), "", 3),
    spoilt("broken dates", |desk| replace(desk, "deals.csv", ",20", ",soon 20"), "", 3),
    spoilt("a strange history", |desk| replace(desk, "stage_history.csv", "\nD", "\nX"), "", 3),
    spoilt("outputs that are a file", |desk| desk.write("o", ""), "--run-out o", 2),
    spoilt("outputs of somebody else", |desk| fs::create_dir_all(desk.path("o/x")).unwrap(), "--run-out o", 2),
    spoilt("outputs over the input", |_| (), "--run-out .", 2),
    spoilt("outputs among the models", |_| (), "--run-out models/x", 2),
    spoilt("a lock that is none", |desk| desk.write(".o.dealcast-lock", "mine"), "--run-out o", 2),
    spoilt("models that are a file", |desk| desk.write("models", ""), "", 2),
    spoilt("no such model", |_| (), "--model 2020", 2),
    spoilt("a model that is none", |desk| desk.write("m.json", "{}"), "--model m.json", 4),
    spoilt("no such column to split by", |_| (), "--by nothing", 2),
    spoilt("stagnation by nothing", |desk| add_config(desk, "[stagnation]\nby = [\"nothing\"]\n"), "", 2),
    spoilt("a group that is none", |desk| add_config(desk, "[training]\ngroup_by = \"nothing\"\n"), "", 2),
    spoilt("a field that is none", |desk| add_config(desk, "[features]\nexclude = [\"nothing\"]\n"), "", 2),
    spoilt("a day before everything", |_| (), "--as-of 1990-01-01", 3),
    spoilt(
        "a year that is not given",
        |desk| {
            add_config(desk, CALENDAR);
            replace(desk, "dealcast.toml", "[sources.quotas]\npath = \"quotas.csv\"\n", "");
        },
        "",
        2,
    ),
    spoilt(
        "a rule that stops",
        |desk| {
            add_config(desk, "[rules.severity]\nwon_without_close_date = \"error\"\n");
            desk.write("deals.csv", desk.read("deals.csv") + "D9998,x,y,Won,2025-01-01,5,USD,rep1,Web,,\n");
        },
        "",
        3,
    ),
    spoilt(
        "copies in a file",
        |desk| {
            desk.write("copies", "");
            replace(desk, "dealcast.toml", "[sources.deals]\n", "[sources.deals]\nkeep_in = \"copies\"\n");
        },
        "",
        2,
    ),
    spoilt(
        "an export cut off",
        |desk| {
            replace(desk, "dealcast.toml", "[sources.deals]\n", "[sources.deals]\nkeep_in = \"copies\"\n");
            desk.ok("snapshot --day 2020-01-01");
            let cut: String =
                desk.read("deals.csv").lines().take(20).fold(String::new(), |text, line| text + line + "\n");
            desk.write("deals.csv", cut);
        },
        "",
        3,
    ),
];

const CALENDAR: &str = "[[calendar.table]]\nyear = 2001\nlast = \"2001-12-31\"\nmonths = [\"2001-01-01\", \"2001-02-01\", \
                        \"2001-03-01\", \"2001-04-01\", \"2001-05-01\", \"2001-06-01\", \"2001-07-01\", \"2001-08-01\", \
                        \"2001-09-01\", \"2001-10-01\", \"2001-11-01\", \"2001-12-01\"]\n";

/// Before: `check` looked at the tables alone, and said nothing of folders, models, splits and copies.
#[test]
fn whatever_stops_a_run_is_found_by_check_with_the_same_code() {
    for Spoilt { what, spoil, arguments, code } in SPOILT {
        let desk = Desk::with_world(60, LAST_DAY);
        add_config(&desk, "");
        spoil(&desk);
        let before = names(&desk.path(""));
        let checked = desk.run(&format!("check {arguments}"));
        assert_eq!(before, names(&desk.path("")), "{what}: check changes nothing");
        let run = desk.run(&format!("run {}", arguments.replace("--run-out", "--out")));
        assert_eq!((checked.code, run.code), (*code, *code), "{what}: {}\n{}", checked.stderr, run.stderr);
        let error = run.stderr.lines().find(|line| line.starts_with("error: ")).unwrap_or_default();
        assert!(checked.stderr.contains(error), "{what}: {error} is not in: {}", checked.stderr);
    }
}

#[test]
fn every_reason_is_said_and_the_first_decides() {
    let desk = Desk::with_world(60, LAST_DAY);
    desk.write("o", "");
    let checked = desk.run(&format!("check {TABLES} --run-out o --by nothing"));
    assert_eq!(checked.code, 2);
    for word in ["o cannot be written to: it is a file", "--run-out", "column `nothing` is not in the data"] {
        assert!(checked.stderr.contains(word), "{word}: {}", checked.stderr);
    }
    assert!(checked.stdout.contains("created_at"), "the report is printed all the same: {}", checked.stdout);
}

#[test]
fn the_report_counts_columns_and_says_what_gaps_cost() {
    let desk = Desk::with_world(300, LAST_DAY);
    let mut deals = desk.read("deals.csv");
    deals += "E1,x,y,Proposal,2025-06-01,,USD,rep1,Web,,\nE2,x,y,Proposal,soon,10,USD,rep1,Web,,\n";
    desk.write("deals.csv", deals);
    let ask = format!("check {TABLES} --as-of {}", date(LAST_DAY));
    let columns = Table::parse(&desk.ok(&format!("{ask} --columns --format csv")).stdout);
    let amount = columns.iter().find(|row| row.get("table") == "deals" && row.get("column") == "amount").unwrap();
    assert_eq!((amount.get("rows"), amount.get("filled"), amount.get("missing")), ("302", "301", "1"));
    let created = columns.iter().find(|row| row.get("table") == "deals" && row.get("column") == "created_at").unwrap();
    let told = ["invalid", "severity", "rule", "line", "value"].map(|name| created.get(name));
    assert_eq!(told, ["1", "reject", "bad_date", "303", "soon"]);
    assert!(!created.get("first_day").is_empty() && created.get("previous_day").is_empty());
    let costs = Table::parse(&desk.ok(&format!("{ask} --costs --format csv")).stdout);
    let unpriced = costs.iter().find(|row| row.get("gap") == "open_without_amount").unwrap();
    assert_eq!((unpriced.get("deals"), unpriced.get("currency")), ("1", "USD"));
    assert!(unpriced.get("amount").parse::<f64>().unwrap() > 0.0);
    assert!(unpriced.get("meaning").starts_with("1 open deal without an amount ("), "{}", unpriced.get("meaning"));
    let report: Value = serde_json::from_str(&desk.ok(&format!("{ask} --format json")).stdout).unwrap();
    assert_eq!(report["columns"].as_array().unwrap().len(), columns.rows());
    assert_eq!(report["issues"][0]["rule"], "bad_date");
    assert_eq!((report["stops"].as_array().unwrap().len(), report["as_of"].as_str()), (0, Some(&*date(LAST_DAY))));
    let said = desk.ok(&ask).stderr;
    assert!(said.contains("1 row rejected; the table `issues` says why") && !said.contains("`dealcast check` says"));
}

#[test]
fn what_got_worse_since_the_last_run_is_said_by_check_and_by_the_next_run() {
    let desk = Desk::with_world(120, LAST_DAY);
    let (first, second) = (date(LAST_DAY - 7), date(LAST_DAY));
    desk.nightly(&format!("--out out --as-of {first}"));
    let columns = Table::read(&desk.path("out/input_columns.csv"));
    assert!(columns.column("previous_day").iter().all(|day| day.is_empty()), "there was no run before");
    let mut reader = csv::Reader::from_path(desk.path("deals.csv")).unwrap();
    let at = reader.headers().unwrap().iter().position(|name| name == "amount").unwrap();
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(reader.headers().unwrap().clone().iter()).unwrap();
    for record in reader.records().map(Result::unwrap) {
        let cells = record.iter().enumerate().map(|(column, cell)| if column == at { "" } else { cell });
        writer.write_record(cells).unwrap();
    }
    desk.write("deals.csv", writer.into_inner().unwrap());
    let worse = format!("worse than at the run of {first}: amount of deals is 0.0 % filled, 100.0 % before");
    let checked = desk.ok(&format!("check {TABLES} --as-of {second}")).stderr;
    assert!(checked.contains(&worse), "{checked}");
    let run = desk.nightly(&format!("--out out --as-of {second}"));
    assert!((run.stdout.clone() + &run.stderr).contains(&worse), "{}", run.stderr);
    let columns = Table::read(&desk.path("out/input_columns.csv"));
    assert!(columns.column("previous_day").iter().all(|day| *day == first));
    // Doing a day again gives the same: a run is compared with earlier days only.
    let again = fs::read(desk.path("out/input_columns.csv")).unwrap();
    desk.nightly(&format!("--out out --as-of {second}"));
    assert_eq!(again, fs::read(desk.path("out/input_columns.csv")).unwrap());
    let same = desk.ok(&format!("check {TABLES} --as-of {second}")).stderr;
    assert!(same.contains(&format!("no better and no worse than at the run of {second}")), "{same}");
    desk.ok("check --outputs out");
}
