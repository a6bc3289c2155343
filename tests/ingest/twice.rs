//! Rows that stand twice or contradict each other, table by table: which count, and what is said.

use dealcast::ingest::Loaded;

use super::world::{World, rejects};

const DEALS: &str = "deal_id,stage,created_at\nd1,New,2025-01-02\nd2,New,2025-01-02\n";

/// A world with one more table, loaded with its rows in this order and turned round.
fn both_ways(file: &str, header: &str, rows: &[&str], severity: &str) -> [Loaded; 2] {
    let turned: Vec<&str> = rows.iter().rev().copied().collect();
    [rows.to_vec(), turned].map(|rows| {
        let mut world = World::deals(DEALS).with(file, format!("{header}\n{}\n", rows.join("\n")));
        let rules = dealcast::config::Config::parse(&format!("[rules.severity]\n{severity}\n"), "t").expect("rules");
        world.config.rules = rules.rules;
        world.loaded()
    })
}

/// The rules of the rejected rows, sorted.
fn rules(loaded: &Loaded) -> Vec<String> {
    let mut rules: Vec<String> = rejects(loaded).into_iter().map(|reject| reject.3).collect();
    rules.sort();
    rules
}

#[test]
fn a_quota_counts_once_and_of_two_one_does() {
    let rows = ["ann,2025-Q1,100", "ann,2025-Q1,100.00", "bob,2025-Q1,70", "bob,2025-Q1,90", "bob,2025-Q2,1"];
    for loaded in both_ways("quotas.csv", "owner,period,quota", &rows, "") {
        let quotas: Vec<i64> = loaded.tables.quotas.iter().map(|quota| quota.quota_minor).collect();
        assert_eq!(quotas, [10_000, 7_000, 100]);
        assert_eq!(rules(&loaded), ["conflicting_row", "duplicate_row"]);
    }
    let [loaded, _] = both_ways("quotas.csv", "owner,period,quota", &rows, "");
    let examples: Vec<String> = loaded
        .issues
        .iter()
        .flat_map(|issue| &issue.examples)
        .map(|row| format!("{} {} {}: {}", row.file, row.line, row.value, row.reason))
        .collect();
    assert_eq!(examples[0], "quotas.csv 3 ann, 2025-Q1, USD: the same as quotas.csv line 2, which counts");
    assert!(examples[1].starts_with("quotas.csv 5 bob, 2025-Q1, USD: contradicts quotas.csv line 4, which counts: "));
    for loaded in both_ways("quotas.csv", "owner,period,quota", &rows, "conflicting_row = \"warn\"") {
        assert_eq!((loaded.tables.quotas.len(), rules(&loaded)), (4, vec!["duplicate_row".to_owned()]));
    }
}

#[test]
fn costs_users_and_rates_of_one_key_count_once() {
    let rows = ["Web,2025-Q1,100,A", "Web,2025-Q1,100,A", "Web,2025-Q1,100,B", "Web,2025-Q1,50,B"];
    for loaded in both_ways("campaign_costs.csv", "source,period,cost,campaign", &rows, "") {
        let costs: Vec<i64> = loaded.tables.campaign_costs.iter().map(|cost| cost.cost_minor).collect();
        assert_eq!((costs, rules(&loaded).len()), (vec![5_000, 10_000], 2));
    }
    let rows = ["ann,North,", "ann,South,", "ann,South,2025-02-01", "bob,,", "bob,West,"];
    for loaded in both_ways("users.csv", "owner,team,active_from", &rows, "") {
        let teams: Vec<&str> = loaded.tables.users.iter().filter_map(|user| user.team.as_deref()).collect();
        assert_eq!(teams, ["North", "South", "West"], "the fuller row of bob");
        assert_eq!(rules(&loaded), ["conflicting_row", "conflicting_row"]);
    }
    let rows = ["EUR,2025-01-01,1.10", "EUR,2025-01-01,1.1", "EUR,2025-01-01,1.2", "EUR,2025-02-01,1.3"];
    for loaded in both_ways("fx_rates.csv", "currency,date,rate", &rows, "") {
        let rates: Vec<String> = loaded.tables.fx_rates.iter().map(|rate| rate.rate.to_string()).collect();
        assert_eq!(rates, ["1.1", "1.3"]);
        assert_eq!(rules(&loaded), ["conflicting_row", "duplicate_row"]);
    }
}

#[test]
fn an_activity_with_a_time_counts_once_and_one_of_a_day_may_be_two() {
    let rows = ["d1,2025-02-03 10:00,call,7", "d1,2025-02-03 10:00,call,7", "d1,2025-02-03 10:00,call,8"];
    let days = ["d1,2025-02-03,mail,7", "d1,2025-02-03,mail,7"];
    for loaded in both_ways("activities.csv", "deal_id,occurred_at,kind,by", &[rows.as_slice(), &days].concat(), "") {
        assert_eq!(loaded.tables.activities.at.len(), 4, "another person is another call");
        assert_eq!(rules(&loaded), ["duplicate_row"]);
        assert!(loaded.issues.iter().any(|issue| issue.rule.name() == "repeated_row" && issue.count == 1));
    }
    let once = "repeated_row = \"reject\"";
    for loaded in both_ways("activities.csv", "deal_id,occurred_at,kind,by", &days, once) {
        assert_eq!((loaded.tables.activities.at.len(), rules(&loaded)), (1, vec!["repeated_row".to_owned()]));
    }
    let rows = ["d1,2025-02-03,call,a1", "d1,2025-02-03,call,a1", "d1,2025-02-03,call,a2", "d2,2025-02-03,call,a2"];
    for loaded in both_ways("activities.csv", "deal_id,occurred_at,kind,activity_id", &rows, "") {
        assert_eq!(loaded.tables.activities.at.len(), 2);
        assert_eq!(rules(&loaded), ["conflicting_row", "duplicate_row"]);
    }
}

#[test]
fn changes_and_touches_count_once() {
    let rows =
        ["d1,2025-02-03 10:00,stage,New,Demo", "d1,2025-02-03 10:00,stage,New,Demo", "d1,2025-02-04,stage,Demo,New"];
    for loaded in both_ways("stage_history.csv", "deal_id,changed_at,field,old_value,new_value", &rows, "") {
        assert_eq!((loaded.tables.changes.len(), rules(&loaded)), (4, vec!["duplicate_row".to_owned()]));
    }
    let rows = ["2025-02-03 10:00,Web,d1", "2025-02-03 10:00,Web,d1", "2025-02-03 10:00,Web,d2"];
    for loaded in both_ways("touches.csv", "touched_at,source,deal_id", &rows, "") {
        assert_eq!((loaded.tables.touches.at.len(), rules(&loaded)), (2, vec!["duplicate_row".to_owned()]));
    }
}

#[test]
fn an_error_stops_the_run_and_names_both_lines() {
    let world = World::deals("deal_id,stage,created_at\nd1,New,2025-01-02\nd1,New,2025-01-02\n")
        .configured("[rules.severity]\nduplicate_row = \"error\"\n");
    let (message, _) = world.fault();
    assert!(message.contains("line 3") && message.contains("the same as deals.csv line 2"), "{message}");
}
