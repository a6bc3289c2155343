//! `dealcast init`: files that are no tables, and what is said of them.

use std::fs;

use crate::export_world::{SoldDeal, iso};
use crate::harness::Desk;
use crate::workbooks::{Sheet, workbook};

/// What is said of a folder with this file in it.
fn refused(name: &str, bytes: &[u8]) -> String {
    let desk = Desk::empty();
    fs::create_dir(desk.path("exports")).unwrap();
    desk.write(&format!("exports/{name}"), bytes);
    let done = desk.run("init exports");
    assert_eq!(done.code, 3, "{name}: {}", done.stderr);
    assert!(done.stderr.chars().all(|c| !c.is_control() || c == '\n'), "{name}: {:?}", done.stderr);
    done.stderr
}

#[test]
fn what_is_no_table_is_named_by_what_it_is() {
    for (name, bytes, told) in [
        ("deals.csv", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj, x, y\n".as_slice(), "it is a PDF document"),
        ("deals.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR,\0,\x01\n1,2,3\n", "it is a picture (PNG)"),
        ("deals.xls", b"<html><table><tr><th>deal_id</th><th>stage</th></tr></table></html>", "it is a web page"),
        ("deals.json", b"{\"results\": [1, 2]}", "it has one column"),
        ("deals.jsonl", b"{\"id\": 1, \"amount\": 5}\n{\"id\": 2, \"am", "it begins as JSON, but EOF"),
        ("deals.csv", b"", "it is empty"),
    ] {
        let said = refused(name, bytes);
        assert!(said.contains(told), "{name}: {said}");
    }
}

#[test]
fn a_workbook_that_was_cut_short_says_so() {
    let rows = vec![vec!["deal_id", "stage", "created_at"], vec!["a", "Won", "2025-01-05"]];
    let whole = workbook(&[Sheet::of_texts("Deals", rows)], false);
    let said = refused("deals.xlsx", &whole[..whole.len() / 2]);
    assert!(said.contains("cut short or damaged") && said.contains("export or copy the file again"), "{said}");
}

#[test]
fn a_folder_without_exports_is_named() {
    let desk = Desk::empty();
    fs::create_dir(desk.path("exports")).unwrap();
    let done = desk.run("init exports");
    assert!(done.stderr.contains("lies in exports"), "{}", done.stderr);
    desk.write("notes.csv", "%PDF-1.7 1,2,3\n4,5,6\n");
    let run = desk.run("check --deals notes.csv");
    assert_eq!(run.code, 3, "{}", run.stderr);
    assert!(run.stderr.contains("PDF"), "a run says it too: {}", run.stderr);
}

#[test]
fn records_of_an_api_are_a_table() {
    let deals = SoldDeal::all(90, 3);
    let stages = ["appointmentscheduled", "qualifiedtobuy", "contractsent"];
    let record = |deal: &SoldDeal| {
        let closes = iso(deal.end.map_or(deal.created() + 60, |(_, day)| day));
        format!(
            "{{\"id\": \"{}\", \"properties\": {{\"dealname\": \"D\", \"dealstage\": \"{}\", \"amount\": \"{}\", \"closedate\": \
             \"{closes}T10:00:00Z\", \"createdate\": \"{}T09:00:00Z\", \"hubspot_owner_id\": \"{}\"}}}}",
            deal.id(),
            deal.stage(&stages, "closedwon", "closedlost"),
            deal.cents() / 100,
            iso(deal.created()),
            deal.at % 4
        )
    };
    let records: Vec<String> = deals.iter().map(record).collect();
    let desk = Desk::empty();
    fs::create_dir(desk.path("page")).unwrap();
    fs::create_dir(desk.path("lines")).unwrap();
    desk.write("page/deals.json", format!("{{\"results\": [{}], \"paging\": {{\"next\": 5}}}}", records.join(",")));
    desk.write("lines/deals.jsonl", records.join("\n"));
    for folder in ["page", "lines"] {
        let done = desk.ok(&format!("init {folder} --config {folder}.toml"));
        assert!(
            done.stderr.contains("HubSpot, API property names") && done.stderr.contains("90 deals"),
            "{}",
            done.stderr
        );
        desk.ok(&format!("funnel --config {folder}.toml --format csv"));
    }
}

/// How many deals `init` says were open, won and lost.
fn ends(said: &str) -> &str {
    said.lines().find(|line| line.contains("deals created from")).unwrap_or_else(|| panic!("{said}"))
}

fn counted(deals: &[SoldDeal]) -> String {
    let of = |end: Option<bool>| deals.iter().filter(|deal| deal.end.map(|(won, _)| won) == end).count();
    format!("{} open, {} won, {} lost", of(None), of(Some(true)), of(Some(false)))
}

/// What `search_read` of `crm.lead` gives: references as number and name, `false` for nothing.
#[test]
fn records_of_odoo_have_names_and_no_false() {
    let deals = SoldDeal::all(90, 3);
    let record = |deal: &SoldDeal| {
        let is_won = matches!(deal.end, Some((true, _)));
        let is_lost = matches!(deal.end, Some((false, _)));
        let closed = deal.end.map_or("false".to_owned(), |(_, day)| format!("\"{} 10:00:00\"", iso(day)));
        format!(
            "{{\"id\": {}, \"name\": \"D\", \"stage_id\": [{}, \"{}\"], \"expected_revenue\": {}, \"create_date\": \"{} \
             09:00:00\", \"date_closed\": {closed}, \"user_id\": [{}, \"Ann {}\"], \"active\": {}}}",
            deal.at + 1,
            if is_won { 9 } else { 1 },
            deal.stage(&["New", "Qualified", "Proposition"], "Won", "Qualified"),
            deal.cents() / 100,
            iso(deal.created()),
            deal.at % 4,
            deal.at % 4,
            !is_lost,
        )
    };
    let desk = Desk::empty();
    desk.write("crm_lead.json", format!("[{}]", deals.iter().map(record).collect::<Vec<_>>().join(",")));
    let said = desk.ok("init crm_lead.json").stderr;
    assert!(ends(&said).contains(&counted(&deals)), "{said}");
    assert!(said.contains("won: Won"), "{said}");
    let written = fs::read_to_string(desk.path("dealcast.toml")).unwrap();
    assert!(written.contains("user_id/name") && written.contains("closed_at = \"date_closed\""), "{written}");
}

/// What the Web API of Dynamics gives: numbers for the states, and formatted values beside ids.
#[test]
fn states_of_dynamics_are_numbers() {
    let deals = SoldDeal::all(90, 3);
    let record = |deal: &SoldDeal| {
        let (state, closed) = match deal.end {
            None => (0, "null".to_owned()),
            Some((won, day)) => (if won { 1 } else { 2 }, format!("\"{}\"", iso(day))),
        };
        format!(
            "{{\"@odata.etag\": \"1\", \"opportunityid\": \"{}\", \"name\": \"D\", \"estimatedvalue\": {}, \"createdon\": \
             \"{}T09:00:00Z\", \"actualclosedate\": {closed}, \"statecode\": {state}, \"stepname\": \"{}\", \"_ownerid_value\": \
             \"u{}\", \"_ownerid_value@OData.Community.Display.V1.FormattedValue\": \"Ann {}\"}}",
            deal.id(),
            deal.cents() / 100,
            iso(deal.created()),
            deal.stage(&["1-Qualify", "2-Develop", "3-Propose"], "3-Propose", "2-Develop"),
            deal.at % 4,
            deal.at % 4,
        )
    };
    let desk = Desk::empty();
    let records = deals.iter().map(record).collect::<Vec<_>>().join(",");
    desk.write("opportunities.json", format!("{{\"@odata.context\": \"x\", \"value\": [{records}]}}"));
    let said = desk.ok("init opportunities.json").stderr;
    assert!(ends(&said).contains(&counted(&deals)), "{said}");
    let written = fs::read_to_string(desk.path("dealcast.toml")).unwrap();
    assert!(written.contains("owner = \"_ownerid_value@OData.Community.Display.V1.FormattedValue\""), "{written}");
}

/// Codes nobody knows, and stages that tell no end: `init` asks, and does not call every deal open.
#[test]
fn codes_of_states_are_asked_for() {
    let deals = SoldDeal::all(90, 3);
    let mut csv = "deal_id,stage,created_at,closed_at,amount,status\n".to_owned();
    for deal in &deals {
        let (state, closed) = deal.end.map_or((7, String::new()), |(won, day)| (if won { 8 } else { 9 }, iso(day)));
        let stage = deal.stage(&["Call", "Visit", "Offer"], "Offer", "Visit");
        csv += &format!("{},{stage},{},{closed},{},{state}\n", deal.id(), iso(deal.created()), deal.cents() / 100);
    }
    let desk = Desk::empty();
    desk.write("deals.csv", csv);
    let done = desk.run("init deals.csv");
    assert_eq!(done.code, 2, "{}", done.stderr);
    assert!(done.stderr.contains("sources.deals.values.status.8"), "{}", done.stderr);
    let answers = "--answer sources.deals.values.status.7=open --answer sources.deals.values.status.8=won --answer sources.deals.values.status.9=lost";
    let said = desk.ok(&format!("init deals.csv {answers}")).stderr;
    assert!(ends(&said).contains(&counted(&deals)), "{said}");
}
