//! `dealcast init`: exports in several languages, sheets of people's own, and what is found in them without a word.

use std::fs;

use crate::export_world::{SoldDeal, american, canonical, dotted, german_money, iso, lines, row};
use crate::harness::Desk;

/// The open stages of a configuration in order.
fn stages(text: &str) -> Vec<String> {
    let listed = text.split("[[stages]]").skip(1).filter(|stage| stage.contains("kind = \"open\""));
    let name = |stage: &str| {
        let line = stage.lines().find_map(|line| line.strip_prefix("name = ")).unwrap();
        line.trim_matches('"').to_owned()
    };
    listed.map(name).collect()
}

/// What became of the deals, as init says it.
fn ends(deals: &[SoldDeal]) -> String {
    let count = |won| deals.iter().filter(|deal| deal.won() == won).count();
    format!("{} open, {} won, {} lost", count(None), count(Some(true)), count(Some(false)))
}

/// Looks at a file of this name without any answer.
fn looked_at(name: &str, text: impl AsRef<[u8]>) -> (Desk, String, String) {
    let desk = Desk::empty();
    fs::create_dir(desk.path("exports")).unwrap();
    desk.write(&format!("exports/{name}"), text);
    let done = desk.ok("init exports");
    let configuration = desk.read("dealcast.toml");
    (desk, configuration, done.stderr)
}

const GERMAN: [&str; 5] = [
    "Termin vereinbart",
    "Qualifiziert für Kauf",
    "Präsentation geplant",
    "Entscheidungsträger überzeugt",
    "Vertrag gesendet",
];
const GERMAN_ENDS: [&str; 2] = ["Abgeschlossen und gewonnen", "Abgeschlossen und verloren"];

/// A German HubSpot export, with the columns of dates per stage where asked for.
fn hubspot(deals: &[SoldDeal], with_days: bool) -> String {
    let mut header = row(&[
        "Datensatz-ID",
        "Deal-Name",
        "Deal-Phase",
        "Pipeline",
        "Betrag",
        "Abschlussdatum",
        "Erstellungsdatum",
        "Für den Deal zuständiger Mitarbeiter",
    ]);
    if with_days {
        let all = GERMAN.iter().chain(&GERMAN_ENDS);
        header.extend(all.map(|stage| format!("\"Eingangsdatum \"\"{stage} (Sales-Pipeline)\"\"\"")));
    }
    let deal = |deal: &SoldDeal| {
        let closes = deal.end.map_or(deal.created() + 60, |(_, day)| day);
        let mut cells = vec![
            deal.id(),
            format!("Projekt {}", deal.at),
            deal.stage(&GERMAN, GERMAN_ENDS[0], GERMAN_ENDS[1]).to_owned(),
            "Sales-Pipeline".to_owned(),
            format!("{}.50", deal.cents() / 100),
            iso(closes),
            iso(deal.created()),
            deal.owner().to_owned(),
        ];
        if with_days {
            let days = (0..GERMAN.len()).map(|stage| deal.entered(stage)).chain([deal.ended(true), deal.ended(false)]);
            cells.extend(days.map(|day| day.map(iso).unwrap_or_default()));
        }
        cells
    };
    lines(',', std::iter::once(header).chain(deals.iter().map(deal)))
}

#[test]
fn a_german_hubspot_export_has_its_stages_in_order() {
    let deals = SoldDeal::all(200, 5);
    let (_, text, said) = looked_at("alle-deals.csv", hubspot(&deals, false));
    assert_eq!(stages(&text), GERMAN, "{text}");
    assert!(said.contains("HubSpot, view export in German (unverified)"), "{said}");
    assert!(said.contains(&ends(&deals)), "{said}");
    assert!(said.contains("stages in order: Termin vereinbart > Qualifiziert für Kauf"), "{said}");
}

#[test]
fn columns_with_the_day_of_each_stage_are_the_history() {
    let deals = SoldDeal::all(200, 5);
    let (desk, text, said) = looked_at("alle-deals.csv", hubspot(&deals, true));
    assert_eq!(stages(&text), GERMAN, "{text}");
    assert!(text.contains("[sources.deals.entered]") && text.contains("certain, the history shows"), "{text}");
    assert!(said.contains("7 columns say when deals entered a stage"), "{said}");
    let funnel = desk.ok("funnel --format csv");
    assert!(funnel.stdout.contains("Vertrag gesendet"), "{}", funnel.stdout);
    let told = desk.ok("history K00016 --format csv");
    assert!(told.stdout.contains("Termin vereinbart,Qualifiziert für Kauf"), "{}", told.stdout);
}

const OWN: [&str; 4] = ["Lead", "Qualified", "Demo", "Proposal"];

#[test]
fn a_sheet_with_a_column_of_days_per_stage_needs_no_stage() {
    let deals = SoldDeal::all(160, 4);
    let header = row(&[
        "Deal",
        "Customer",
        "Rep",
        "Value",
        "Lead on",
        "Qualified on",
        "Demo on",
        "Proposal on",
        "Won date",
        "Lost date",
    ]);
    let deal = |deal: &SoldDeal| {
        let days = (0..4).map(|stage| deal.entered(stage)).chain([deal.ended(true), deal.ended(false)]);
        let mut cells = row(&["", "Customer", deal.owner()]);
        cells[0] = format!("Deal {}", deal.at);
        cells.push(format!("\"${}\"", deal.cents() / 100));
        cells.extend(days.map(|day| day.map(american).unwrap_or_default()));
        cells
    };
    let (desk, text, said) =
        looked_at("pipeline tracker.csv", lines(',', std::iter::once(header).chain(deals.iter().map(deal))));
    assert_eq!(stages(&text), OWN, "{text}");
    assert!(said.contains(&ends(&deals)), "{said}");
    assert!(text.contains("date_order = \"month-first\""), "{text}");
    desk.ok("funnel --format csv");
    desk.ok("run --out out");
}

const OFFICE: [&str; 4] = ["Erstgespräch", "Bedarfsanalyse", "Angebot", "Verhandlung"];

/// A German spreadsheet: title, semicolons, dotted dates, decimal commas, a day for won and one for lost deals.
fn spreadsheet(deals: &[SoldDeal]) -> Vec<u8> {
    let header = row(&[
        "Nr",
        "Kunde",
        "Projekt",
        "Status",
        "Auftragswert",
        "Angelegt am",
        "Gewonnen am",
        "Verloren am",
        "Verkäufer",
        "Team",
    ]);
    let deal = |deal: &SoldDeal| {
        let day = |day: Option<usize>| day.map(dotted).unwrap_or_default();
        vec![
            (deal.at + 1).to_string(),
            format!("Kunde {}", deal.at % 9),
            format!("Projekt {}", deal.at),
            deal.stage(&OFFICE, "Auftrag", "Absage").to_owned(),
            german_money(deal.cents()),
            dotted(deal.created()),
            day(deal.ended(true)),
            day(deal.ended(false)),
            deal.owner().to_owned(),
            deal.team().to_owned(),
        ]
    };
    let title = row(&["Vertriebsliste Stand 01.10.2025"]);
    let text = lines(';', [title, header].into_iter().chain(deals.iter().map(deal)));
    encoding_rs::WINDOWS_1252.encode(&text).0.into_owned()
}

#[test]
fn a_german_spreadsheet_needs_no_answer() {
    let deals = SoldDeal::all(200, 4);
    let (desk, text, said) = looked_at("Vertriebsliste.csv", spreadsheet(&deals));
    assert_eq!(stages(&text), OFFICE, "{text}");
    assert!(said.contains(&ends(&deals)), "{said}");
    for setting in [
        "closed_at = [\"Gewonnen am\", \"Verloren am\"]",
        "created_at = \"Angelegt am\"",
        "decimal_mark = \",\"",
        "separator = \";\"",
        "encoding = \"windows-1252\"",
        "team = \"Team\"",
    ] {
        assert!(text.lines().any(|line| line == setting), "{setting} is missing:\n{text}");
    }
    let checked = desk.ok("check");
    for key in ["`encoding`", "`separator`", "`decimal_mark`", "`date_order`"] {
        assert!(!checked.stderr.contains(key), "what is written down is not guessed: {}", checked.stderr);
    }
    let forecast = desk.ok("forecast --format csv");
    assert!(forecast.stdout.contains("Nord") && forecast.stdout.contains("Süd"), "{}", forecast.stdout);
}

#[test]
fn canonical_names_are_no_crm() {
    let deals = SoldDeal::all(60, 3);
    let (_, text, said) = looked_at("deals.csv", canonical(&deals, &OFFICE[..3]));
    assert!(said.contains("no CRM's own way to write"), "{said}");
    for setting in ["deal_id = \"deal_id\"", "owner = \"owner\"", "closed_at = \"closed_at\""] {
        assert!(text.lines().any(|line| line == setting), "{setting} is missing:\n{text}");
    }
}

#[test]
fn the_closing_day_is_found_by_what_is_filled_or_asked_for() {
    let deals = SoldDeal::all(120, 3);
    let without = |name: &str, of: fn(&SoldDeal) -> String| {
        let header = row(&["deal_id", "stage", "created_at", "amount", name]);
        let deal = move |deal: &SoldDeal| {
            let stage = deal.stage(&OFFICE[..3], "Won", "Lost").to_owned();
            vec![deal.id(), stage, iso(deal.created()), "500".to_owned(), of(deal)]
        };
        lines(',', std::iter::once(header).chain(deals.iter().map(deal)))
    };
    let only_closed = without("Finished", |deal| deal.end.map(|(_, day)| iso(day)).unwrap_or_default());
    let (_, text, said) = looked_at("deals.csv", only_closed);
    assert!(text.contains("closed_at = \"Finished\"") && said.contains("closing day: \"Finished\""), "{said}{text}");
    let always = without("Last touched", |deal| iso(deal.end.map_or(deal.created() + 9, |(_, day)| day)));
    let desk = Desk::empty();
    desk.write("deals.csv", &always);
    let asked = desk.run("init deals.csv");
    assert_eq!(asked.code, 2, "{}", asked.stderr);
    assert!(asked.stderr.contains("sources.deals.columns.closed_at") && asked.stderr.contains("Last touched | none"));
    let output = desk.command("init deals.csv --answer").arg("sources.deals.columns.closed_at=Last touched").output();
    assert!(output.unwrap().status.success());
    let text = desk.read("dealcast.toml");
    assert!(text.contains("closed_at = { first_filled = [\"Last touched\"], when = { column = \"stage\""), "{text}");
    fs::remove_file(desk.path("dealcast.toml")).unwrap();
    let none = desk.ok("init deals.csv --answer sources.deals.columns.closed_at=none");
    assert!(none.stderr.contains("120 deals") && !desk.read("dealcast.toml").contains("closed_at"), "{}", none.stderr);
    desk.ok("init deals.csv");
}

#[test]
fn a_file_without_any_closing_day_says_what_that_costs() {
    let deals = SoldDeal::all(60, 3);
    let text = canonical(&deals, &OFFICE[..3]);
    let cut: String = text.lines().map(|line| line.rsplit_once(',').unwrap().0.to_owned() + "\n").collect();
    let (_, _, said) = looked_at("deals.csv", cut);
    assert!(said.contains("no column says on which day deals were won or lost"), "{said}");
}

#[test]
fn several_pipelines_are_said_and_each_has_its_order() {
    let deals = SoldDeal::all(160, 4);
    let header =
        row(&["Record ID", "Deal Name", "Deal Stage", "Pipeline", "Amount", "Close Date", "Create Date", "Deal owner"]);
    let sales = ["Appointment Scheduled", "Qualified To Buy", "Presentation Scheduled", "Contract Sent"];
    let renewals = ["10 - Open", "20 - Offer sent", "30 - Reminded", "100 - Agreed"];
    let deal = |deal: &SoldDeal| {
        let renewal = deal.at % 5 < 2;
        let (stages, pipeline) = if renewal { (renewals, "Renewals") } else { (sales, "Sales Pipeline") };
        let closes = deal.end.map_or(deal.created() + 60, |(_, day)| day);
        vec![
            deal.id(),
            format!("Deal {}", deal.at),
            deal.stage(&stages, "Closed Won", "Closed Lost").to_owned(),
            pipeline.to_owned(),
            "500".to_owned(),
            iso(closes),
            iso(deal.created()),
            deal.owner().to_owned(),
        ]
    };
    let (_, text, said) = looked_at("all-deals.csv", lines(',', std::iter::once(header).chain(deals.iter().map(deal))));
    assert!(said.contains("2 pipelines, each a process of its own"), "{said}");
    assert_eq!(stages(&text), [renewals, sales].concat(), "{text}");
}

#[test]
fn teams_and_fiscal_years_are_proposed_where_files_show_them() {
    let deals = SoldDeal::all(120, 3);
    let desk = Desk::empty();
    fs::create_dir(desk.path("exports")).unwrap();
    // a fiscal year that begins in April, and is named after the year it ends in
    let fiscal = |day: usize| {
        let month = day / 28;
        let (year, month) = (2024 + month / 12, month % 12 + 1);
        format!("Q{}-{}", (month + 8) % 12 / 3 + 1, if month >= 4 { year + 1 } else { year })
    };
    let header =
        row(&["deal_id", "stage", "created_at", "amount", "owner", "expected_close_date", "closed_at", "Period"]);
    let deal = |deal: &SoldDeal| {
        let closes = deal.end.map_or(deal.created() + 60, |(_, day)| day);
        let closed = deal.end.map(|(_, day)| iso(day)).unwrap_or_default();
        let stage = deal.stage(&OFFICE[..3], "Won", "Lost").to_owned();
        let cells = [deal.id(), stage, iso(deal.created()), "900".into(), deal.owner().into(), iso(closes), closed];
        cells.into_iter().chain([fiscal(closes)]).collect()
    };
    desk.write("exports/deals.csv", lines(',', std::iter::once(header).chain(deals.iter().map(deal))));
    desk.write(
        "exports/people.csv",
        "Name,Email,Manager,Team,Region\nJürgen Groß,a@x,Boss,Nord,DE\nÄnne Müller,b@x,Boss,Nord,DE\nZoë Schäfer,c@x,Boss,Süd,DE\nKarl Weiß,d@x,Boss,Süd,DE\n",
    );
    let done = desk.ok("init exports");
    let text = desk.read("dealcast.toml");
    for setting in ["fiscal_year_start = 4", "fiscal_year_name = \"end\"", "manager = \"Manager\"", "owner = \"Name\""]
    {
        assert!(text.lines().any(|line| line == setting), "{setting} is missing:\n{text}{}", done.stderr);
    }
    desk.write("exports/targets.csv", "Rep,Period,Target\nKarl Weiß,FY2025-Q1,1000\nKarl Weiß,FY2025-Q2,1000\n");
    desk.ok("init exports");
    let plain = Desk::empty();
    plain.write("deals.csv", canonical(&deals, &OFFICE[..3]));
    plain.write("targets.csv", "Rep,Period,Target\nKarl Weiß,FY2025-Q1,1000\nKarl Weiß,FY2025-Q2,1000\n");
    let asked = plain.run("init deals.csv targets.csv");
    assert_eq!(asked.code, 2, "{}", asked.stderr);
    assert!(asked.stderr.contains("calendar.fiscal_year_start"), "{}", asked.stderr);
}

/// What init says of each stage: its name and kind.
fn kinds(text: &str) -> Vec<(String, String)> {
    let of = |stage: &str, key: &str| {
        let value = stage.lines().find_map(|line| line.strip_prefix(key)).unwrap_or_default();
        value.trim_matches(|c| " =\"".contains(c)).to_owned()
    };
    text.split("[[stages]]").skip(1).map(|stage| (of(stage, "name"), of(stage, "kind"))).collect()
}

/// An export of a CRM whose lost deals keep their last stage: 19 of 20 deals of the first two are lost.
fn kept_stages() -> String {
    let mut header = row(&["Deal - ID", "Deal - Title", "Deal - Value", "Deal - Stage", "Deal - Deal created"]);
    header.extend(row(&["Deal - Won time", "Deal - Lost time", "Deal - Owner", "Deal - Status"]));
    let deal = |at: usize| {
        let stage = ["Lead In", "Contact Made", "Negotiation"][at % 3];
        let (won, lost) = (at % 3 == 2 && !at.is_multiple_of(4), at % 3 < 2 && !(at / 3).is_multiple_of(20));
        let day = |ended: bool| if ended { iso(at + 40) } else { String::new() };
        let status = if won {
            "Won"
        } else if lost {
            "Lost"
        } else {
            "Open"
        };
        row(&[&format!("{at}"), &format!("Deal {at}"), "500.5", stage, &iso(at), &day(won), &day(lost), "Ann", status])
    };
    lines(',', std::iter::once(header).chain((0..240).map(deal)))
}

#[test]
fn stages_in_which_lost_deals_stay_are_open() {
    let (desk, text, said) = looked_at("deals.csv", kept_stages());
    for name in ["Lead In", "Contact Made", "Negotiation"] {
        assert!(kinds(&text).contains(&(name.to_owned(), "open".to_owned())), "{name}: {said}\n{text}");
    }
    fs::remove_file(desk.path("dealcast.toml")).unwrap();
    desk.ok("init exports --answer stages.lost=Lost");
    let answered = kinds(&desk.read("dealcast.toml"));
    let lost: Vec<&str> = answered.iter().filter(|of| of.1 == "lost").map(|of| of.0.as_str()).collect();
    assert_eq!(lost, ["Lost"]);
}

#[test]
fn a_column_of_amounts_is_known_with_words_for_tax_and_missed_aloud() {
    let deals = SoldDeal::all(60, 3);
    let named = |name: &str| canonical(&deals, &OFFICE[..3]).replacen("amount", name, 1);
    for name in ["Montant HT", "Betrag netto (EUR)", "Deal value gross", "Angebotssumme"] {
        let (_, text, said) = looked_at("deals.csv", named(name));
        assert!(text.contains(&format!("amount = {name:?}")), "{said}\n{text}");
    }
    let (_, _, said) = looked_at("deals.csv", named("Zulu"));
    assert!(said.contains("no column of amounts was recognised") && said.contains("columns.amount=\"Zulu\""), "{said}");
}
