//! `push probe`: one record, field by field, before the others.

use super::espocrm::{double, espo_desk};
use super::espocrm_double::KEY;
use super::scene::{books, count, desk, plan, scored};
use crate::harness::Table;

#[test]
fn one_record_is_written_and_every_field_of_it_is_told() {
    let (double, deals) = (double(), scored("first").len());
    let desk = espo_desk(&double.url, KEY, "");
    plan(&desk, "first");
    let probed = desk.ok("push probe --format csv");
    let table = Table::parse(&probed.stdout);
    assert_eq!((table.rows(), double.crm().writes.len()), (4, 1), "{}", probed.stdout);
    for row in table.iter() {
        assert_eq!((row.get("verdict"), row.get("before")), ("as sent", ""), "{}", probed.stdout);
        assert_eq!((row.get("sent"), row.get("echo")), (row.get("held"), row.get("held")));
    }
    assert!(probed.stderr.contains("4 of 4 fields hold what was sent"), "{}", probed.stderr);
    assert_eq!(count(&books(&desk), "written"), 1);
    desk.ok("push apply");
    assert_eq!(double.crm().writes.len(), deals);
    let nothing = desk.ok("push probe");
    assert!(nothing.stderr.contains("nothing is to be written"), "{}", nothing.stderr);
    assert_eq!(double.crm().writes.len(), deals);
}

#[test]
fn a_field_that_keeps_nothing_is_told_and_ends_it() {
    let double = double();
    // Success is answered, and nothing is stored: as with a name EspoCRM does not know.
    double.crm().ignored.push("cWinScore");
    let desk = espo_desk(&double.url, KEY, "");
    plan(&desk, "first");
    let probed = desk.run("push probe --format csv");
    assert_eq!((probed.code, double.crm().writes.len()), (5, 1), "{}", probed.stderr);
    let table = Table::parse(&probed.stdout);
    let verdict =
        table.iter().find(|row| row.get("custom_field") == "cWinScore").map(|row| row.get("verdict").to_owned());
    assert_eq!(verdict.as_deref(), Some("not stored"), "{}", probed.stdout);
    assert!(probed.stderr.contains("cWinScore was not stored"), "{}", probed.stderr);
    let held = desk.run("push apply");
    assert_eq!((held.code, double.crm().writes.len()), (2, 1), "{}", held.stderr);
    assert!(held.stderr.contains("cWinScore was not stored") && held.stderr.contains("`dealcast push probe`"));
    // A probe that fails again leaves it so.
    assert_eq!((desk.run("push probe").code, desk.run("push apply").code), (5, 2));
    double.crm().ignored.clear();
    desk.ok("push probe");
    assert_eq!(desk.run("push apply").code, 5, "two records were refused");
    desk.ok("push retry");
}

#[test]
fn a_table_is_tried_and_files_are_not() {
    let table =
        desk("[push.table]\ntarget = \"sqlite\"\nfile = \"scores.sqlite\"\n[push.table.fields]\nprobability = \"p\"\n");
    plan(&table, "first");
    let probed = table.ok("push probe --format csv");
    assert_eq!(Table::parse(&probed.stdout).column("verdict"), ["as sent"], "{}", probed.stdout);
    let files = desk("[push.f]\ntarget = \"file\"\nlayout = \"zoho\"\n[push.f.fields]\nscore = \"Score\"\n");
    plan(&files, "first");
    assert_eq!(files.run("push probe").code, 2);
}
