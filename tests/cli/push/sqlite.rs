//! A table of our own in SQLite: put in, changed where it differs, all of a batch or nothing.

use std::collections::BTreeMap;

use rusqlite::Connection;

use super::scene::{books, count, desk, plan, run, scored};
use crate::harness::{Desk, Table};

fn sqlite_desk() -> Desk {
    desk(
        "[push.table]\ntarget = \"sqlite\"\nfile = \"scores.sqlite\"\ntable = \"deal scores\"\n[push.table.fields]\n\
          probability = \"probability\"\nscore = \"score\"\ngrade = \"grade\"\nscored_at = \"scored_at\"\n",
    )
}

/// Chance and day by deal.
fn rows(desk: &Desk) -> BTreeMap<String, (f64, String)> {
    let connection = Connection::open(desk.path("scores.sqlite")).unwrap();
    let mut asked = connection.prepare("SELECT deal_id, probability, scored_at FROM \"deal scores\"").unwrap();
    let rows = asked.query_map([], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?)))).unwrap();
    rows.map(Result::unwrap).collect()
}

#[test]
fn rows_are_put_in_changed_where_they_differ_and_left_where_they_do_not() {
    let desk = sqlite_desk();
    assert_eq!(plan(&desk, "first").code, 0);
    assert!(!desk.path("scores.sqlite").exists(), "a plan writes nothing");
    assert_eq!(desk.run("push apply --limit 5").code, 5);
    desk.ok("push resume");
    desk.ok("push verify");
    let first = rows(&desk);
    for deal in scored("first") {
        assert!((first[&deal.deal].0 - deal.chance).abs() < 1e-6, "{}", deal.deal);
    }
    let again = plan(&desk, "first");
    assert_eq!(Table::parse(&again.stdout).column("step"), vec!["unchanged"; first.len()]);
    let planned = plan(&desk, "second");
    let writes = Table::parse(&planned.stdout).column("step").iter().filter(|step| **step == "write").count();
    desk.ok("push apply");
    let second = rows(&desk);
    let day = |rows: &BTreeMap<String, (f64, String)>, deal: &String| rows.get(deal).map(|row| row.1.clone());
    let touched = second.keys().filter(|deal| day(&second, deal) != day(&first, deal)).count();
    assert_eq!((touched, count(&books(&desk), "written")), (writes, writes));
}

#[test]
fn a_batch_that_fails_leaves_nothing_and_is_gone_on_with() {
    let desk = sqlite_desk();
    desk.write("scores.sqlite", "this is no database, and long enough to be taken for one");
    let refused = desk.run(&format!("push plan --run {}", run("first").display()));
    assert_eq!(refused.code, 2, "{}", refused.stderr);
    for told in ["`push.table.file`", "scores.sqlite", "not a database"] {
        assert!(refused.stderr.contains(told), "{told}: {}", refused.stderr);
    }
    let config = desk.read("dealcast.toml");
    desk.write("dealcast.toml", config.replace("scores.sqlite", "nowhere/scores.sqlite"));
    let refused = plan(&desk, "first");
    assert_eq!(refused.code, 2, "{}", refused.stderr);
    assert!(refused.stderr.contains("nowhere is no folder"), "{}", refused.stderr);
    desk.write("dealcast.toml", config);
    std::fs::remove_file(desk.path("scores.sqlite")).unwrap();
    plan(&desk, "first");
    let connection = Connection::open(desk.path("scores.sqlite")).unwrap();
    let refuse = "CREATE TABLE \"deal scores\" (deal_id TEXT PRIMARY KEY, probability REAL CHECK (probability < 0))";
    connection.execute_batch(refuse).unwrap();
    let stopped = desk.run("push apply");
    assert_eq!(stopped.code, 5);
    assert!(stopped.stderr.contains("nothing of the batch was written"), "{}", stopped.stderr);
    assert_eq!(count(&books(&desk), "unknown"), scored("first").len());
    connection.execute_batch("DROP TABLE \"deal scores\"").unwrap();
    drop(connection);
    desk.ok("push resume");
    assert_eq!(rows(&desk).len(), scored("first").len());
}
