//! A team whose CRM keeps no history, with an export of every week: `init`, `run`, and what goes wrong over thirty weeks.

use std::fs;

use crate::crm_shapes::without_ids;
use crate::export_world::iso;
use crate::harness::{Desk, Table};

const STAGES: [&str; 4] = ["Qualification", "Demo", "Proposal", "Negotiation"];
const WEEKS: usize = 30;
const HEADER: [&str; 8] =
    ["Deal ID", "Deal Name", "Stage", "Created Date", "Amount", "Owner", "Expected Close Date", "Closed Date"];

/// A deal as a weekly export shows it.
#[derive(Clone)]
struct Deal {
    id: String,
    name: String,
    stage: usize,
    created: usize,
    amount: usize,
    expected: usize,
    end: Option<(&'static str, usize)>,
    gone: bool,
}

impl Deal {
    fn new(number: usize, created: usize) -> Self {
        Self {
            id: (1000 + number).to_string(),
            name: format!("Deal {number}"),
            stage: 0,
            created,
            amount: 100 * (number * 37 % 800 + 10),
            expected: created + 60,
            end: None,
            gone: false,
        }
    }

    /// What happens to it in the week before `day`: it moves, ends, changes, is deleted, or gets another id.
    fn live(&mut self, day: usize, chance: usize) {
        if self.end.is_some() || self.gone {
            return;
        }
        match chance % 1000 {
            0..120 if self.stage < 3 => self.stage += 1,
            0..120 => self.end = Some(("Closed Won", day - chance % 5)),
            120..200 => self.end = Some(("Closed Lost", day - chance % 5)),
            200..230 => self.amount += 5000,
            230..260 => self.expected += 28,
            260..270 => self.gone = true,
            270..276 => self.id = format!("M{}", self.id),
            _ => {}
        }
    }

    fn line(&self) -> String {
        let (stage, closed) = self.end.map_or((STAGES[self.stage], String::new()), |(end, day)| (end, iso(day)));
        let owner = ["Ann Lee", "Bob Ray", "Cy Young"][self.amount / 100 % 3];
        let (created, expected) = (iso(self.created), iso(self.expected));
        format!("{},{},{stage},{created},{},{owner},{expected},{closed}\n", self.id, self.name, self.amount)
    }
}

/// The exports of so many weeks, each with its day.
fn exports(weeks: usize) -> Vec<(String, String)> {
    let mut seed: usize = 7;
    let mut next = || {
        seed = (seed * 1_103_515_245 + 12_345) % (1 << 31);
        seed >> 8
    };
    let mut deals: Vec<Deal> = (0..120).map(|number| Deal::new(number, 95 - number % 90)).collect();
    // some were over before
    deals.iter_mut().step_by(10).for_each(|deal| deal.end = Some(("Closed Won", 96)));
    deals.iter_mut().skip(1).step_by(10).for_each(|deal| deal.end = Some(("Closed Lost", 97)));
    let mut exports = Vec::new();
    for week in 0..weeks {
        let day = 100 + 7 * week;
        deals.iter_mut().for_each(|deal| deal.live(day, next()));
        let born = deals.len();
        deals.extend((born..born + 8).map(|number| Deal::new(number, day - number % 6)));
        let rows: String = deals.iter().filter(|deal| !deal.gone).map(Deal::line).collect();
        exports.push((iso(day), format!("{}\n{rows}", HEADER.join(","))));
    }
    exports
}

/// The exports as files of a folder.
fn desk_with(exports: &[(String, String)]) -> Desk {
    let desk = Desk::empty();
    fs::create_dir(desk.path("exports")).unwrap();
    exports.iter().for_each(|(day, text)| desk.write(&format!("exports/deals_{day}.csv"), text));
    desk
}

/// What a run of the folder wrote in these tables, after `init`; and what both said.
fn run(desk: &Desk) -> (Vec<String>, String) {
    let said = desk.ok("init exports").stderr + &desk.ok("run --out out").stderr;
    (written(desk, "out"), said)
}

fn written(desk: &Desk, out: &str) -> Vec<String> {
    ["scores", "forecast", "funnel", "flow", "stagnation", "gaps"]
        .iter()
        .map(|name| without_ids(&desk.read(&format!("{out}/{name}.csv"))))
        .collect()
}

/// The same exports, with a column called otherwise from the middle on.
fn renamed(exports: &[(String, String)], old: &str, new: &str) -> Vec<(String, String)> {
    let text = |(week, (day, text)): (usize, &(String, String))| {
        (day.clone(), if week < WEEKS / 2 { text.clone() } else { text.replacen(old, new, 1) })
    };
    exports.iter().enumerate().map(text).collect()
}

/// Before: init ended with 2, since "the first copy does not have" the name it had itself proposed.
#[test]
fn a_column_that_is_renamed_in_the_middle_is_read_by_both_names() {
    let exports = exports(WEEKS);
    let (plain, said) = run(&desk_with(&exports));
    assert!(said.contains("leave the copies while they are open"), "{said}");
    assert!(!said.contains("dated on or after the as-of day"), "changes of deals that are gone: {said}");
    assert!(plain[0].lines().count() > 50, "{}", plain[0]);
    let known = desk_with(&renamed(&exports, "Amount", "Deal Value"));
    assert_eq!(run(&known).0, plain);
    let config = known.read("dealcast.toml");
    assert!(config.contains("amount = [\"Deal Value\", \"Amount\"]"), "{config}");
    // a name no preset knows is guessed, and so a run without a configuration refuses
    let guessed = desk_with(&renamed(&exports, "Expected Close Date", "Signing planned for"));
    let (tables, said) = run(&guessed);
    assert!(said.contains("is gone from the newer copies and \"Signing planned for\" is new in them"), "{said}");
    assert_eq!(tables, plain);
    assert_eq!(guessed.run("run exports --out direct").code, 2);
}

/// Before: a file without a byte stopped `init` and every run, and so did a copy that was cut off half a year ago.
#[test]
fn a_copy_that_is_empty_or_cut_in_the_middle_costs_nothing_else() {
    let exports = exports(WEEKS);
    let without: Vec<(String, String)> =
        exports.iter().enumerate().filter(|(week, _)| *week != 9).map(|(_, export)| export.clone()).collect();
    let (plain, _) = run(&desk_with(&without));
    for text in [String::new(), format!("{}\n", HEADER.join(","))] {
        let mut emptied = exports.clone();
        emptied[9].1 = text;
        let desk = desk_with(&emptied);
        assert_eq!(run(&desk).0, plain);
        let issues = desk.read("out/issues.csv");
        assert!(issues.contains("empty_copy"), "{issues}");
        let said = desk.ok("check").stderr;
        assert!(!said.contains(", which deals_"), "it lacks no column in particular: {said}");
    }
    let mut cut = exports.clone();
    cut[20].1 = cut[20].1.lines().take(60).map(|line| format!("{line}\n")).collect();
    let desk = desk_with(&cut);
    let (tables, _) = run(&desk);
    assert_eq!(Table::parse(&tables[0]).rows(), Table::parse(&plain[0]).rows(), "every deal is there again");
    assert!(desk.read("out/issues.csv").contains("was cut off"), "{}", desk.read("out/issues.csv"));
    // the last one may be all there is
    cut.truncate(21);
    let refused = desk_with(&cut).run("init exports");
    assert_eq!(refused.code, 3, "{}", refused.stderr);
    assert!(refused.stderr.contains("is it whole?"), "{}", refused.stderr);
}

/// Before: `init` took one file for the table and the others for copies of nothing.
#[test]
fn what_snapshot_keeps_is_read_as_the_whole_copies_are() {
    let exports = exports(14);
    let (plain, _) = run(&desk_with(&exports));
    let desk = Desk::empty();
    for (week, (day, text)) in exports.iter().enumerate() {
        desk.write("export.csv", text);
        desk.ok(&format!("snapshot --deals export.csv --into kept --day {day}"));
        if week == 0 {
            let done = desk.ok("init kept --config first.toml");
            assert!(done.stderr.contains("from 1 day"), "{}", done.stderr);
            let config = desk.read("first.toml");
            assert!(config.contains("path = \"kept/deals_*.csv\"") && config.contains("\"changes\""), "{config}");
        }
    }
    let done = desk.ok("init kept");
    assert!(done.stderr.contains("as `dealcast snapshot` keeps it, from 14 days"), "{}", done.stderr);
    let config = desk.read("dealcast.toml");
    assert!(config.contains("copies = \"changes\""), "{config}");
    desk.ok("run --out out");
    assert_eq!(written(&desk, "out"), plain);
}
