//! The `actions` of a run: what they say is what the other tables say, and only open deals have any.

use std::collections::{BTreeMap, BTreeSet};

use crate::harness::{Desk, Row, Table};

/// A world with close dates and quotas in `world`, its run in `out`, and the table of actions.
fn night() -> (Desk, Table) {
    let desk = Desk::empty();
    desk.ok("simulate --deals 900 --owners 12 --out world");
    desk.ok("run --config world/dealcast.toml --out out");
    let actions = Table::read(&desk.path("out/actions.csv"));
    (desk, actions)
}

fn by_deal(table: &Table) -> BTreeMap<&str, Row<'_>> {
    table.iter().map(|row| (row.get("deal_id"), row)).collect()
}

fn of_kind<'t>(table: &'t Table, kind: &'static str) -> BTreeSet<&'t str> {
    table.iter().filter(|row| row.get("kind") == kind).map(|row| row.get("deal_id")).collect()
}

#[test]
fn actions_say_what_the_other_tables_say() {
    let (desk, actions) = night();
    let [scores, stagnation] = ["scores", "stagnation"].map(|name| Table::read(&desk.path(&format!("out/{name}.csv"))));
    let (scores, stagnation) = (by_deal(&scores), by_deal(&stagnation));
    for (kind, status) in [("stalled deal", "stalled"), ("slow deal", "slow")] {
        let wanted: BTreeSet<&str> =
            stagnation.iter().filter(|(_, row)| row.get("status") == status).map(|(id, _)| *id).collect();
        assert_eq!(of_kind(&actions, kind), wanted, "{kind}");
    }
    assert!(!of_kind(&actions, "stalled deal").is_empty() && !of_kind(&actions, "close date overdue").is_empty());
    for row in actions.iter() {
        assert!(!row.get("what").is_empty() && !row.get("why").is_empty());
        let Some(score) = scores.get(row.get("deal_id")) else {
            assert!(row.get("kind").ends_with("forecast"), "{} is not open", row.get("deal_id"));
            continue;
        };
        match row.get("kind") {
            "close the gap" => {}
            _ => assert_eq!(row.get("chance"), score.get("win_probability")),
        }
        match row.get("kind") {
            "close date overdue" => assert!(row.get("expected_close") < score.get("as_of")),
            "close date too early" => assert!(row.get("expected_close") < score.get("predicted_close_low")),
            _ => {}
        }
    }
    desk.ok("check --outputs out");
}

#[test]
fn what_closes_a_gap_is_worth_what_the_forecast_expects_of_it() {
    let (desk, actions) = night();
    let listed = desk.ok("forecast --config world/dealcast.toml --by-deal --level company --format csv --quiet").stdout;
    let listed = Table::parse(&listed);
    let expected: BTreeMap<(&str, &str), Row<'_>> =
        listed.iter().map(|row| ((row.get("deal_id"), row.get("period")), row)).collect();
    let gap: Vec<Row<'_>> = actions.iter().filter(|row| row.get("kind") == "close the gap").collect();
    for row in &gap {
        let of_deal = expected[&(row.get("deal_id"), row.get("period"))];
        assert_eq!((row.get("worth"), row.get("chance")), (of_deal.get("expected"), of_deal.get("win_in_period")));
        assert_eq!(of_deal.get("in_pipeline"), "true", "it is due in the period");
    }
    assert!(!gap.is_empty(), "nobody in this world misses a quota");
}

#[test]
fn owners_have_their_own_order_and_managers_all_below_them() {
    let (_desk, actions) = night();
    let mut next: BTreeMap<&str, usize> = BTreeMap::new();
    for (row, rank) in actions.iter().zip(1_usize..) {
        let of_owner = next.entry(row.get("owner")).or_insert(0);
        *of_owner += 1;
        assert_eq!(
            (row.get("rank"), row.get("owner_rank")),
            (rank.to_string().as_str(), of_owner.to_string().as_str())
        );
        let managers: Vec<String> = serde_json::from_str(row.get("managers")).expect("JSON");
        let nearest = managers.iter().find(|manager| manager.as_str() != row.get("owner"));
        assert_eq!(nearest.map_or("", String::as_str), row.get("manager"));
        let numbers: serde_json::Value = serde_json::from_str(row.get("numbers")).expect("JSON");
        assert!(numbers.is_object());
    }
    assert!(next.len() > 2, "{next:?}");
}

#[test]
fn the_command_says_what_the_run_says_and_of_one_person_only() {
    let (desk, actions) = night();
    let asked = desk.ok("actions --config world/dealcast.toml --format csv --quiet");
    assert_eq!(asked.stdout, desk.read("out/actions.csv"));
    let owner = actions.iter().map(|row| row.get("owner")).find(|owner| !owner.is_empty()).unwrap();
    let own = Table::parse(
        &desk.ok(&format!("actions --config world/dealcast.toml --owner {owner} --format csv --quiet")).stdout,
    );
    let of_owner = |row: &Row<'_>| row.get("owner") == owner || row.get("manager") == owner;
    assert_eq!(own.rows(), actions.iter().filter(of_owner).count());
}

#[test]
fn somebody_nobody_knows_is_said_and_a_near_name_guessed() {
    let desk = Desk::with_world(400, crate::world::LAST_DAY);
    for (owner, hint) in [("nobody-at-all", "as the input does"), ("rep1x", "did you mean")] {
        let refused = desk.run(&format!("actions --deals deals.csv --owner {owner}"));
        assert_eq!(refused.code, 2, "{}", refused.stderr);
        assert!(
            refused.stderr.contains(&format!("no deal, user or quota has the owner {owner:?}")),
            "{}",
            refused.stderr
        );
        assert!(refused.stderr.contains(hint), "{}", refused.stderr);
        assert!(refused.stdout.is_empty(), "{}", refused.stdout);
    }
}

/// What a command prints for eyes in eighty columns.
fn in_eighty(desk: &Desk, arguments: &str) -> String {
    let output = desk.command(arguments).env("COLUMNS", "80").output().unwrap();
    let text = crate::harness::Finished::of(output, arguments).stdout;
    let (rows, _) = text.split_once("… ").unwrap_or((text.as_str(), ""));
    assert!(rows.lines().all(|line| line.chars().count() <= 80), "{text}");
    text
}

#[test]
fn eighty_columns_hold_what_rows_are_ordered_by() {
    let desk = Desk::empty();
    let folder = env!("CARGO_MANIFEST_DIR");
    let world = format!("--config {folder}/data/sample/dealcast.toml --format table --quiet");
    let scored = format!("{world} --models {folder}/models");
    for (command, wanted) in [
        ("actions", &["deal_id", "owner_name", "base_worth", "due", "what"][..]),
        ("score", &["deal_id", "score", "grade", "win_in_period"][..]),
        ("stagnation", &["deal_id", "days_in_stage", "benchmark_days", "advance_30d"][..]),
        ("forecast --by-deal", &["deal_id", "period", "win_in_period", "base_expected"][..]),
        ("waterfall --from 2025-10-01", &["node_name", "start", "won", "end"][..]),
    ] {
        let of_scores = !matches!(command.split(' ').next(), Some("stagnation" | "waterfall"));
        let text = in_eighty(&desk, &format!("{command} {}", if of_scores { &scored } else { &world }));
        let left = text.split_once("columns ").map_or("", |(_, left)| left.trim_end());
        let left: BTreeSet<&str> = left.split([',', ' ']).collect();
        for column in wanted {
            assert!(!left.contains(column), "{command} leaves out {column}: {text}");
        }
    }
    let actions = in_eighty(&desk, &format!("actions {scored}"));
    assert!(actions.contains("base_currency USD"), "{actions}");
}
