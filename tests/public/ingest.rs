//! Public CRM exports through the fixture configurations: rows, words, amounts and moments as counted elsewhere.

use std::collections::BTreeMap;
use std::path::Path;

use dealcast::config::{Config, Rule};
use dealcast::domain::progress::NoProgress;
use dealcast::domain::stage::StageKind;
use dealcast::ingest::tables::QuotaNode;
use dealcast::ingest::{Loaded, load};

use crate::exports::configuration;
use crate::ingest_world::{amounts_minor, assert_balance, moment, moments, names};

/// What `configuration` reads of an export, every row accounted for.
fn loaded(export: &Path, configuration: &str) -> Loaded {
    let config = Config::parse(configuration, "test").unwrap_or_else(|error| panic!("{error}"));
    let loaded = load(&config, export, &NoProgress).unwrap_or_else(|error| panic!("{error}"));
    assert_balance(&loaded);
    loaded
}

fn counts(values: impl IntoIterator<Item = String>) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    values.into_iter().for_each(|value| *counts.entry(value).or_insert(0) += 1);
    counts
}

pub fn maven_has_all_its_deals(export: &Path) {
    let loaded = loaded(export, &configuration(export));
    // data/README of the set; pandas 2: df.deal_stage.value_counts()
    let stages = counts(names(&loaded, "stage"));
    let expected = [("Engaging", 1589), ("Lost", 2473), ("Prospecting", 500), ("Won", 4238)];
    assert_eq!(stages, expected.map(|(stage, n)| (stage.to_owned(), n)).into());
    assert_eq!(loaded.issues.rejects(), 0);
    assert_eq!(loaded.issues.count(Rule::MissingCreatedAt), 500);
    assert_eq!(counts(names(&loaded, "product")).get("GTX Pro"), Some(&1480));
    assert!(amounts_minor(&loaded).iter().all(|amount| *amount > Some(0)));
    // awk -F, '$5=="Won"{s+=$8} END{print s}' sales_pipeline.csv
    let won = names(&loaded, "stage").into_iter().zip(amounts_minor(&loaded));
    let won: i64 = won.filter(|(stage, _)| stage == "Won").filter_map(|(_, amount)| amount).sum();
    assert_eq!(won, 1_000_553_400);
    // undated deals count as created on the newest day, and so do not move the default as-of day
    assert_eq!(moments(&loaded, "created_at").iter().max().map(String::as_str), Some("2017-12-31 00:00:00"));
    assert_eq!(
        (loaded.tables.users.len(), names(&loaded, "region").iter().all(|region| !region.is_empty())),
        (35, true)
    );
}

pub fn maven_with_day_first_dates_is_the_same(export: &Path) {
    let iso = configuration(export);
    let day_first = loaded(export, &iso.replace("sales_pipeline.csv", "sales_pipeline_ddmmyy.csv"));
    let iso = loaded(export, &iso);
    assert_eq!(day_first.tables.deals.created_at(), iso.tables.deals.created_at());
    assert_eq!(day_first.tables.deals.closed_at(), iso.tables.deals.closed_at());
    assert_eq!(amounts_minor(&day_first), amounts_minor(&iso));
}

pub fn a_pipeline_of_dated_copies_has_its_lots_and_their_ends(export: &Path) {
    let loaded = loaded(export, &configuration(export));
    // Python's csv over all copies: 4,101 lots, of which 2,106 are not in the last one; 610 rows stand beside another one of
    // their lot and copy
    let deals = &loaded.tables.deals;
    assert_eq!(names(&loaded, "stage").len(), 4101);
    let ended: Vec<StageKind> = deals.statuses().into_iter().flatten().collect();
    assert_eq!(ended.len(), 2106);
    assert_eq!(loaded.issues.rejects(), 610);
    // data/README of the set
    assert_eq!(ended.iter().filter(|kind| **kind == StageKind::Won).count(), 1087);
    // a lot whose copies say BP ISSUED in one quarter and CONSTRUCTION in the next moved in between
    let changes = &loaded.tables.changes;
    let moves = (0..changes.len()).filter(|i| loaded.tables.stage_names.name(changes.get(*i).stage).is_some()).count();
    assert!(moves > 8000, "{moves}");
}

pub fn contoso_has_its_deals_goals_and_people(export: &Path) {
    let loaded = loaded(export, &configuration(export));
    let tables = &loaded.tables;
    // data/README of the set: 5,229 opportunities, 45 closed without a date
    assert_eq!((tables.deals.len(), loaded.issues.rejects()), (5229, 0));
    assert_eq!(loaded.issues.count(Rule::LostWithoutCloseDate), 45);
    let kinds = tables.deals.statuses().into_iter().map(|status| format!("{status:?}"));
    let expected = [(StageKind::Lost, 2794), (StageKind::Open, 521), (StageKind::Won, 1914)];
    assert_eq!(counts(kinds), expected.map(|(kind, n)| (format!("{:?}", Some(kind)), n)).into());
    let stages = counts(names(&loaded, "stage"));
    let expected = [("Close", 116), ("Develop", 143), ("Lost", 2794), ("Propose", 94), ("Qualify", 168), ("Won", 1914)];
    assert_eq!(stages, expected.map(|(stage, n)| (stage.to_owned(), n)).into());
    assert!(!amounts_minor(&loaded).contains(&None));
    // python csv: 209 filled targets of 220; company goals 2025: 7.45 + 8.0 + 8.4 + 6.15 million
    assert_eq!((tables.quotas.len(), loaded.issues.count(Rule::MissingQuota)), (209, 11));
    let sum = |node: &QuotaNode, year: &str| -> i64 {
        let of = tables.quotas.iter().filter(|q| q.node == *node && q.period.to_string().starts_with(year));
        of.map(|q| q.quota_minor).sum()
    };
    assert_eq!(sum(&QuotaNode::Company, "2025"), 3_000_000_000);
    assert_eq!(sum(&QuotaNode::Owner("Charles Lamanna".to_owned()), "2023"), 220_000_000);
    let jim = tables.users.iter().find(|user| user.owner == "Jim Nakashima").expect("Jim");
    assert_eq!(jim.manager.as_deref(), Some("Julie Strauss"));
}

pub fn a_salesforce_history_with_two_digit_years_and_twelve_hour_times(export: &Path) {
    let loaded = loaded(
        export,
        "[sources.deals]\npath = \"Opportunity.csv\"\n\
         columns = { deal_id = \"Id\", stage = \"StageName\", created_at = \"CreatedDate\", expected_close_date = \"CloseDate\" }\n\
         [sources.stage_history]\npath = \"OpportunityHistory.csv\"\n\
         columns = { deal_id = \"OpportunityId\", changed_at = \"CreatedDate\", stage = \"StageName\", expected_close_date = \"CloseDate\" }\n",
    );
    assert_eq!((loaded.tables.deals.len(), loaded.tables.changes.len()), (36, 48));
    let first = loaded.tables.changes.at[0];
    assert_eq!(first, moment("2026-02-23T20:55"));
}
