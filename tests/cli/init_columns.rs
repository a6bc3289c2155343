//! `dealcast init` and the columns of exports: ids nobody knows by name, records inside records, addresses of people, and rules.

use std::fmt::Write;

use crate::harness::Desk;

/// Deals of a sheet whose numbers stand under `number`.
fn sheet(number: &str) -> String {
    let mut text = format!("Cliente;{number};Venditore;Fase;Data apertura;Data chiusura;Importo;Oggetto\n");
    for at in 0..60 {
        let (stage, closed) =
            [("Contatto", ""), ("Chiusa vinta", "20/11/2025"), ("Chiusa persa", "21/11/2025")][at % 3];
        let (client, month, who) = (at % 7, 1 + at % 9, ["Anna", "Bruno"][at % 2]);
        writeln!(text, "Rossi {client};TR-{at:04};{who};{stage};13/0{month}/2025;{closed};1{at},50;Fornitura {client}")
            .unwrap();
    }
    text
}

#[test]
fn a_number_in_every_row_is_the_id_by_any_name() {
    for number in ["N. trattativa", "Numero trattativa", "N\u{b0} offerta", "Rif.", "Kappa"] {
        let desk = Desk::empty();
        desk.write("deals.csv", sheet(number));
        desk.ok("init deals.csv");
        let text = desk.read("dealcast.toml");
        assert!(text.contains(&format!("\ndeal_id = \"{number}\"\n")), "{number}: {text}");
    }
}

#[test]
fn numbers_some_rows_share_are_no_id() {
    let desk = Desk::empty();
    desk.write("deals.csv", sheet("Kappa").replace("TR-0008", "TR-0007"));
    desk.ok("init deals.csv");
    assert!(desk.read("dealcast.toml").contains("deal_id = { join = "), "{}", desk.read("dealcast.toml"));
}

/// What the API of Pipedrive answers: people and organisations are records inside a deal.
fn pipedrive() -> String {
    let mut deals = Vec::new();
    for at in 0..60 {
        let (status, end) =
            [("open", "null"), ("won", "\"2025-11-20 10:00:00\""), ("lost", "\"2025-11-21 10:00:00\"")][at % 3];
        let (won, lost) = (if status == "won" { end } else { "null" }, if status == "lost" { end } else { "null" });
        let (who, month) = (["Anna", "Bruno"][at % 2], 1 + at % 9);
        deals.push(format!(
            r#"{{"id": {at}, "title": "Deal {at}", "value": 1{at}.5, "currency": "EUR", "status": "{status}", "stage_id": {stage},
             "pipeline_id": 1, "add_time": "2025-0{month}-13 09:00:00", "won_time": {won}, "lost_time": {lost},
             "expected_close_date": "2025-12-0{month}", "weighted_value": 1{at}.5, "deleted": false,
             "user_id": {{"id": 90{half}, "name": "{who}", "email": "{who}@x.example", "active_flag": true, "value": 90{half}}},
             "person_id": {{"name": "P {at}", "email": [{{"value": "p{at}@y.example", "primary": true}}], "value": {at}}},
             "org_id": {{"name": "Org {org}", "value": {org}}}, "contact mail": "q{at}@y.example"}}"#,
            stage = 1 + at % 4,
            half = at % 2,
            org = at % 7,
        ));
    }
    format!(r#"{{"success": true, "data": [{}]}}"#, deals.join(","))
}

#[test]
fn records_inside_a_deal_name_its_owner_and_account_and_no_address_is_a_field() {
    let desk = Desk::empty();
    desk.write("deals.json", pipedrive());
    let done = desk.ok("init deals.json");
    let text = desk.read("dealcast.toml");
    assert!(text.contains("\nowner = \"user_id.name\"\n") && text.contains("\naccount = \"org_id.name\"\n"), "{text}");
    let further = done.stderr.lines().find(|line| line.contains("further columns")).unwrap_or_default();
    for address in ["user_id.email", "user_id.value", "person_id.email", "contact mail", "org_id.value"] {
        assert!(!further.contains(address), "{further}");
    }
    assert!(text.contains("\"contact mail\""), "it is left unread: {text}");
}

#[test]
fn a_rule_is_named_that_can_be_relaxed_and_none_that_cannot() {
    let desk = Desk::empty();
    let from = "Rossi 6;TR-0006;Anna;Contatto;13/07/2025";
    desk.write("deals.csv", sheet("Numero").replacen(from, "Rossi 6;TR-0006;Anna;Contatto;presto", 1));
    let done = desk.ok("init deals.csv");
    let told =
        done.stderr.lines().find(|line| line.contains("will be rejected")).unwrap_or_else(|| panic!("{}", done.stderr));
    assert!(told.contains("--answer rules.severity.bad_date=warn") && !told.contains("RULE"), "{told}");
    let refused = desk.run("init deals.csv --config other.toml --answer rules.severity.ragged_line=warn");
    assert_eq!(refused.code, 2, "{}", refused.stderr);
    assert!(
        refused.stderr.contains("ragged_line") && refused.stderr.contains("no such row can be kept"),
        "{}",
        refused.stderr
    );
    desk.ok("init deals.csv --config other.toml --answer rules.severity.bad_date=warn");
}

/// What the API of HubSpot answers where it is asked for the past of the stages.
fn hubspot() -> String {
    let mut deals = Vec::new();
    for at in 0..60 {
        let path = [
            &["appointment"][..],
            &["appointment", "qualified"],
            &["appointment", "qualified", "closedwon"],
            &["appointment", "closedlost"],
        ][at % 4];
        let month = 1 + at % 9;
        let past: Vec<String> = path
            .iter()
            .enumerate()
            .rev()
            .map(|(at, stage)| {
                format!(
                    r#"{{"value": "{stage}", "timestamp": "2025-0{month}-{:02}T08:00:00Z", "sourceType": "CRM_UI"}}"#,
                    at * 6 + 6
                )
            })
            .collect();
        deals.push(format!(
            r#"{{"id": "{at}", "properties": {{"hs_object_id": "{at}", "dealname": "Deal {at}", "dealstage": "{}", "amount": "1{at}",
             "createdate": "2025-0{month}-05T08:00:00Z", "closedate": "2025-0{month}-25T08:00:00Z", "hubspot_owner_id": "7{}"}},
             "propertiesWithHistory": {{"dealstage": [{}], "amount": [{{"value": "1{at}", "timestamp": "2025-0{month}-05T08:00:00Z"}}]}},
             "archived": false}}"#,
            path[path.len() - 1], at % 2, past.join(",")
        ));
    }
    format!(r#"{{"results": [{}]}}"#, deals.join(","))
}

#[test]
fn the_past_of_stages_inside_a_deal_is_its_history() {
    let desk = Desk::empty();
    desk.write("deals.json", hubspot());
    let done = desk.ok("init deals.json --answer stages.won=closedwon --answer stages.lost=closedlost");
    let text = desk.read("dealcast.toml");
    assert!(text.contains("[sources.deals.entered]") && text.contains("hs_v2_date_entered_qualified"), "{text}");
    assert!(!done.stderr.contains("propertiesWithHistory"), "the past of an amount is no field: {}", done.stderr);
    desk.ok("check");
}
