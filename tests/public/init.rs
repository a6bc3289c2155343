//! `dealcast init` on exports somebody else made: from files to a finished run, with the answers a person would have to
//! give counted.

use std::path::Path;

use crate::harness::{Desk, Finished};

/// `init` of the files at `exports` with no answer, in a folder of its own.
fn unanswered(exports: &Path) -> (Desk, Finished) {
    let desk = Desk::empty();
    let done = desk.run(&format!("init {}", exports.display()));
    (desk, done)
}

/// The configuration `init` writes without any answer.
fn written(exports: &Path) -> (Desk, String) {
    let (desk, done) = unanswered(exports);
    assert_eq!(done.code, 0, "no answer is needed: {}", done.stderr);
    let text = desk.read("dealcast.toml");
    (desk, text)
}

/// The settings of a text, without comments and blanks.
fn has(text: &str, settings: &[&str]) {
    for setting in settings {
        assert!(text.lines().any(|line| line == *setting), "{setting} is missing:\n{text}");
    }
}

pub fn maven_needs_no_answer_and_finds_what_its_configuration_says(export: &Path) {
    let (desk, text) = written(export);
    let settings = [
        "deal_id = \"opportunity_id\"",
        "owner = \"sales_agent\"",
        "stage = \"deal_stage\"",
        "created_at = \"engage_date\"",
        "closed_at = \"close_date\"",
        "amount = { first_filled = [\"close_value\", \"sales_price\"], except = [\"0\"] }",
        "GTXPro = \"GTX Pro\"",
        "missing_created_at = \"warn\"",
        "manager = \"manager\"",
        "region = \"regional_office\"",
    ];
    has(&text, &settings);
    let kinds: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("kind = ")).collect();
    assert_eq!(kinds, ["\"open\"", "\"open\"", "\"won\"", "\"lost\""]);
    let done = desk.ok("funnel --format csv");
    assert!(done.stdout.contains("Prospecting") && done.stdout.contains("Engaging"), "{}", done.stdout);
    desk.ok("run --out out");
}

pub fn contoso_needs_no_answer_and_finds_what_its_configuration_says(export: &Path) {
    let (desk, text) = written(export);
    let settings = [
        "deal_id = { join = [\"Created On\", \"Topic\", \"Owner\"], with = \" | \" }",
        "amount = \"Est. revenue\"",
        "created_at = \"Created On\"",
        "owner = \"Owner\"",
        "closed_at = \"Actual Close Date\"",
        "status = \"Status\"",
        "stage = \"Sales Stage\"",
        "base_currency = \"USD\"",
        "date_order = \"month-first\"",
        "period_from_date = \"quarter\"",
        "owner = { first_filled = [\"Goal Owner\"], when = { column = \"Parent Goal\", filled = true } }",
        "owner = { join = [\"First Name\", \"Last Name\"] }",
    ];
    has(&text, &settings);
    let forecast = desk.ok("forecast --format csv");
    assert!(forecast.stdout.contains("Alan Ross"), "{}", forecast.stdout);
    desk.ok("run --out out");
}

pub fn a_salesforce_export_needs_no_answer(export: &Path) {
    let (desk, text) = written(export);
    let closing =
        "closed_at = { first_filled = [\"CloseDate\"], when = { column = \"IsClosed\", any_of = [\"TRUE\"] } }";
    has(&text, &["deal_id = \"Id\"", closing, "changed_at = \"CreatedDate\"", "date_order = \"month-first\""]);
    assert!(text.contains("certain: Salesforce, API names (seen on a real export)"), "{text}");
    desk.ok("funnel --format csv");
    desk.ok("run --out out");
}

pub fn a_synced_salesforce_needs_no_answer(export: &Path) {
    let (desk, text) = written(&export.join("salesforce"));
    has(&text, &["deal_id = \"id\"", "changed_at = \"_fivetran_start\"", "stage = \"stage_name\""]);
    desk.ok("check");
}

pub fn a_synced_hubspot_whose_deals_have_no_stage_says_so(export: &Path) {
    // The seeds leave the stage of every deal empty: no answer would make a pipeline of them.
    let (_, done) = unanswered(&export.join("hubspot"));
    assert_eq!(done.code, 3, "{}", done.stderr);
    assert!(done.stderr.contains("`deal_pipeline_stage_id` is \"\", expected a stage"), "{}", done.stderr);
}

pub fn dated_copies_need_one_answer_which_no_file_tells(export: &Path) {
    let (desk, asked) = unanswered(export);
    assert_eq!(asked.code, 2, "{}", asked.stderr);
    assert!(asked.stderr.contains("sources.deals.vanished"), "{}", asked.stderr);
    let answer = "sources.deals.vanished={CONSTRUCTION=\"won\",\"*\"=\"lost\"}";
    desk.ok(&format!("init {} --answer {answer}", export.display()));
    let text = desk.read("dealcast.toml");
    has(&text, &["copies = \"whole\"", "deal_id = \"lot\"", "stage = \"status\""]);
    // as tests/public/ingest counts them with the configuration written by hand
    let done = desk.ok("run --out out");
    let won = done.stderr.lines().chain(done.stdout.lines()).any(|line| line.starts_with("Won: 1,087 deals"));
    assert!(won, "{}{}", done.stdout, done.stderr);
}

/// The rows of a recorded history without their header, cell by cell.
fn recorded(file: &Path) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(file).unwrap();
    text.lines().skip(1).map(|line| line.split('\t').map(str::to_owned).collect()).collect()
}

/// The deals of a recorded history, as an export of the same day would have them: id, day of creation.
fn deals_of(rows: &[Vec<String>]) -> std::collections::BTreeMap<String, String> {
    let mut deals = std::collections::BTreeMap::new();
    for row in rows {
        let created = deals.entry(row[0].clone()).or_insert_with(|| row[1].clone());
        if row[1] < *created {
            created.clone_from(&row[1]);
        }
    }
    deals
}

/// Runs on a recorded history beside deals in the CRM's own columns.
fn with_recorded(sample: &Path, header: &str, deal: impl Fn(&str, &str) -> String) -> (Desk, String) {
    let rows = recorded(sample);
    let mut deals = header.to_owned() + "\n";
    deals_of(&rows).iter().for_each(|(id, created)| deals.push_str(&format!("{}\n", deal(id, created))));
    let desk = Desk::empty();
    std::fs::create_dir(desk.path("exports")).unwrap();
    desk.write("exports/Opportunities.csv", deals);
    std::fs::copy(sample, desk.path("exports").join(sample.file_name().unwrap())).unwrap();
    desk.ok("init exports");
    let text = desk.read("dealcast.toml");
    (desk, text)
}

pub fn a_recorded_vtiger_history_needs_no_answer(export: &Path) {
    let header = "id,potentialname,amount,closingdate,sales_stage,assigned_user_id,createdtime,probability";
    let deal = |id: &str, created: &str| format!("{id},Deal {id},100,2027-01-11,Prospecting,1,{created},10");
    let (desk, text) = with_recorded(&export.join("vtiger_stage_history_sample.tsv"), header, deal);
    has(
        &text,
        &["deal_id = \"deal_id\"", "field = \"field\"", "new_value = \"new_value\"", "created_at = \"createdtime\""],
    );
    assert!(text.contains("Vtiger, ModTracker query (seen on a real export)"), "{text}");
    let funnel = desk.ok("funnel --format csv");
    assert!(funnel.stdout.contains("Prospecting"), "{}", funnel.stdout);
    desk.ok("run --out out");
}

pub fn a_recorded_espocrm_stream_needs_no_answer(export: &Path) {
    let header = "id,name,stage,createdAt,amount,amountCurrency,closeDate,assignedUserName,probability,deleted";
    let deal = |id: &str, created: &str| format!("{id},Deal {id},Prospecting,{created},100,USD,2027-01-11,admin,10,0");
    let (desk, text) = with_recorded(&export.join("espocrm_stage_history_sample.tsv"), header, deal);
    let stage = "stage = { first_filled = [\"data\"], json = [\"value\", \"statusValue\"], when = { column = \"type\", any_of = [\"Create\", \"Status\"] } }";
    has(&text, &["changed_at = \"changed_at\"", stage, "base_currency = \"USD\""]);
    let funnel = desk.ok("funnel --format csv");
    assert!(funnel.stdout.contains("Prospecting") && funnel.stdout.contains("Negotiation"), "{}", funnel.stdout);
    desk.ok("run --out out");
}

pub fn quotas_without_deals_and_header_say_what_is_missing(export: &Path) {
    let (_, done) = unanswered(export);
    assert_eq!(done.code, 3, "{}", done.stderr);
    assert!(done.stderr.contains("SalesPersonQuotaHistory.csv: its first line holds values"), "{}", done.stderr);
}
