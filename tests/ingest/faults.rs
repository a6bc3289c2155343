//! Input that stops the run: what the message says.

use dealcast::domain::inputs::InputTable;
use dealcast::ingest::IngestError;

use super::world::World;

const DEALS: &str = "deal_id,stage,created_at\nd1,Open,2025-01-02\n";

#[test]
fn a_missing_column_names_itself_and_the_likely_one() {
    let (message, hint) = World::deals("deal_id,stge,created_at\nd1,A,2025-01-02\n").fault();
    assert_eq!(message, "deals.csv has no column `stage`, which the table deals needs");
    assert_eq!(hint, "is it \"stge\"? then: [sources.deals.columns] stage = \"stge\"");
}

#[test]
fn a_change_log_without_changes_is_a_forgotten_mapping() {
    let world = World::deals(DEALS).with("stage_history.csv", "deal_id,changed_at,phase\nd1,2025-01-03,B\n");
    assert_eq!(world.fault().0, "stage_history.csv has no column `stage`, which the table stage_history needs");
    let world =
        World::deals(DEALS).with("stage_history.csv", "deal_id,changed_at,field,value\nd1,2025-01-03,stage,B\n");
    assert_eq!(world.fault().0, "stage_history.csv has no column `new_value`, which the table stage_history needs");
}

#[test]
fn empty_files_and_headers_alone() {
    assert_eq!(World::deals("").fault().0, "deals.csv is empty, expected a header line");
    assert_eq!(
        World::deals("deal_id,stage,created_at\n").fault().0,
        "deals.csv has a header and no rows, expected one row per deal"
    );
}

#[test]
fn a_missing_file_is_named() {
    let world = World::deals(DEALS);
    std::fs::remove_file(world.path().join("deals.csv")).expect("removed");
    assert!(world.fault().0.starts_with("no file at "), "{}", world.fault().0);
}

#[test]
fn duplicate_headers_are_named_with_their_positions() {
    let (message, _) = World::deals("deal_id,stage,created_at,Owner,owner\n").fault();
    assert_eq!(message, "deals.csv has the column \"owner\" twice, at positions 4 and 5");
    let (message, _) = World::deals("deal_id,stage,created_at,Deal ID\n").fault();
    assert_eq!(message, "deals.csv has the column \"deal_id\" twice, at positions 1 and 4");
}

#[test]
fn too_many_rejects_stop_with_the_reasons() {
    let (message, _) = World::deals(
        "deal_id,stage,created_at,closed_at,amount\n\
        d1,A,2025-01-02,31/02/2025,5\nd2,A,2025-01-02,,cheap\nd3,A,2025-01-02,,dear\nd4,A,2025-01-02,,4\n",
    )
    .fault();
    assert_eq!(
        message,
        "3 of 4 rows of deals are rejected (75.0 %), more than the allowed 5.0 %: \
         2 bad_amount, first deals.csv line 3: `amount` is \"cheap\", expected an amount; \
         1 bad_date, first deals.csv line 2: `closed_at` is \"31/02/2025\", expected a date"
    );
}

#[test]
fn a_rule_set_to_error_stops_at_the_row() {
    let (message, hint) = World::deals("deal_id,stage,created_at,closed_at\nd1,A,2025-01-02,31/02/2025\n")
        .configured("[rules.severity]\nbad_date = \"error\"")
        .fault();
    assert_eq!(message, "deals.csv line 2: `closed_at` is \"31/02/2025\", expected a date");
    assert!(hint.contains("rules.severity.bad_date"), "{hint}");
}

#[test]
fn unknown_stages_are_listed_with_their_counts() {
    let stages = "[[stages]]\nname = \"Open\"\nkind = \"open\"\n[rules.severity]\nunknown_stage = \"error\"";
    let world = World::deals("deal_id,stage,created_at\nd1,OPEN,2025-01-02\nd2,Nego,2025-01-02\nd3,Nego,2025-01-02\n");
    let (message, hint) = world.configured(stages).fault();
    assert_eq!(message, "deals: a stage the configuration does not list: \"Nego\" (2 rows, first deals.csv line 3)");
    assert_eq!(hint, "add it to the stage list: [[stages]] name = \"Nego\", kind = \"open\", \"won\" or \"lost\"");
    let world = World::deals(DEALS).with("stage_history.csv", "deal_id,changed_at,stage\nd1,2025-01-03,Gone\n");
    let (message, _) = world.configured(stages).fault();
    assert!(message.starts_with("stage_history: a stage"), "{message}");
}

#[test]
fn a_mapping_to_a_column_that_is_not_there_is_a_configuration_error() {
    let world =
        World::deals("id,stage,created_at\n1,A,2025-01-02\n").configured("[sources.deals.columns]\ndeal_id = \"idd\"");
    let error = world.load().expect_err("no such column");
    assert!(error.is_config());
    assert_eq!(
        error.to_string(),
        "`sources.deals.columns.deal_id` names the column \"idd\", which deals.csv does not have"
    );
    assert_eq!(error.hint().as_deref(), Some("did you mean \"id\"?"));
    let world = World::deals(DEALS)
        .with("stage_history.csv", "deal_id,changed_at\n")
        .configured("[sources.stage_history.columns]\nchanged_on = \"x\"");
    let (message, hint) = world.fault();
    assert_eq!(message, "`sources.stage_history.columns.changed_on` is no column of stage_history");
    assert_eq!(hint, "did you mean `changed_at`?");
}

#[test]
fn damaged_files_are_unreadable_not_a_panic() {
    let mut parquet = b"PAR1".to_vec();
    parquet.extend_from_slice(&[7; 300]);
    let gzip = [0x1f, 0x8b, 8, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
    let zstd = [0x28, 0xb5, 0x2f, 0xfd, 9, 9, 9, 9, 9];
    for bytes in [&parquet[..], &gzip, &zstd] {
        let error = World::deals(bytes).load().expect_err("damaged");
        assert!(matches!(error, IngestError::Unreadable { .. }), "{error}");
    }
}

#[test]
fn an_unclosed_quote_is_told_with_its_line() {
    let (message, _) =
        World::deals("deal_id,stage,created_at\nd1,A,2025-01-02\nd2,\"A,2025-01-02\nd3,A,2025-01-02\n").fault();
    assert_eq!(message, "deals.csv line 3: a quoted cell is never closed");
}

#[test]
fn no_deals_at_all_is_a_configuration_error() {
    let mut world = World::deals(DEALS);
    world.config.sources.remove(InputTable::Deals);
    assert!(world.load().expect_err("no deals").is_config());
}
