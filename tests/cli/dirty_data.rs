//! Exports that are dirty in several ways at once, as a user in another country has them: without a configuration and with one.

use crate::harness::{Desk, Table};

/// Sixty deals of a German export: a title, semicolons, Windows-1252, dotted dates, decimal commas, words for nothing.
fn german_export() -> Vec<u8> {
    let mut text = String::from("Vertriebsbericht\n\nDeal-ID;Phase;Erstellt am;Betrag;Besitzer;Abgeschlossen am\n");
    for i in 0..60 {
        let stage = ["Angebot geprüft", "Verhandlung", "Gewonnen", "Verloren"][i % 4];
        let closed = if i % 4 > 1 { format!("{:02}.{:02}.2025", 1 + i % 27, 2 + i % 9) } else { "k. A.".to_owned() };
        let (day, month) = (1 + i % 27, 1 + i % 9);
        text +=
            &format!("{i:05};{stage};{day:02}.{month:02}.2025;{}.{:03},50 €;Jürgen Müßig;{closed}\n", 1 + i % 5, i * 7);
    }
    text += "Erstellt von Jürgen am 01.11.2025\n";
    encoding_rs::WINDOWS_1252.encode(&text).0.into_owned()
}

#[test]
fn an_export_in_german_is_read_by_a_configuration() {
    let desk = Desk::empty();
    desk.write("deals.csv", german_export());
    let columns = "{ deal_id = \"Deal-ID\", stage = \"Phase\", created_at = \"Erstellt am\", amount = \"Betrag\", \
                   owner = \"Besitzer\", closed_at = \"Abgeschlossen am\" }";
    desk.write("dealcast.toml", format!("[sources.deals]\npath = \"deals.csv\"\ncolumns = {columns}\n"));
    let said = desk.ok("run --out out").stderr;
    assert!(said.contains("60 rows = 60 used + 0 rejected"), "{said}");
    for told in
        ["encoding windows-1252", "amount with a decimal comma", "line above the header", "line below the table"]
    {
        assert!(said.contains(told), "{told}: {said}");
    }
    let scores = Table::read(&desk.path("out/scores.csv"));
    let first = scores.iter().find(|row| row.get("deal_id") == "00001").expect("the deal");
    let told = ["amount", "currency", "owner", "stage"].map(|column| first.get(column));
    assert_eq!(told, ["2007.50", "EUR", "Jürgen Müßig", "Verhandlung"]);
}

#[test]
fn a_column_renamed_between_two_nights_is_named() {
    let desk = Desk::with_world(200, 700);
    desk.nightly("--out out");
    let deals = desk.read("deals.csv");
    desk.write("deals.csv", deals.replacen("amount", "Betrag", 1));
    let said = desk.nightly("--out out").stderr;
    assert!(said.contains("the deals do not have, counted as unknown: amount; it does not know \"Betrag\""), "{said}");
}

#[test]
fn writing_scores_back_is_no_history() {
    let desk = Desk::empty();
    desk.write("deals.csv", "deal_id,stage,created_at\n1,Talks,2025-01-02\n");
    desk.write(
        "stage_history.csv",
        "deal_id,changed_at,field,old_value,new_value,changed_by\n1,2025-01-05,Stage,New,Talks,ann\n\
         1,2025-02-01,Stage,Talks,Talks,score.bot\n",
    );
    desk.write(
        "activities.csv",
        "deal_id,occurred_at,kind,created_by\n1,2025-01-06,call,ann\n1,2025-02-01,update,score.bot\n",
    );
    let filter = |column: &str| format!("filters = [{{ column = \"{column}\", none_of = [\"score.bot\"] }}]\n");
    let sources = |history: &str, activities: &str| {
        format!(
            "[sources.deals]\npath = \"deals.csv\"\n[sources.stage_history]\npath = \"stage_history.csv\"\n{history}\
             [sources.activities]\npath = \"activities.csv\"\n{activities}"
        )
    };
    desk.write("dealcast.toml", sources("", ""));
    assert!(desk.ok("check").stderr.contains("2025-02-02"), "with its own writes the day is that of the last");
    desk.write("dealcast.toml", sources(&filter("changed_by"), &filter("created_by")));
    let said = desk.ok("check");
    assert!(said.stderr.contains("data as of 2025-01-06"), "{}", said.stderr);
    for table in ["stage_history", "activities"] {
        assert!(said.stderr.contains(&format!("{table}.csv: 2 rows = 1 used + 1 rejected")), "{}", said.stderr);
    }
    assert!(!said.stderr.contains("nothing is read from changed_by"), "the filter reads it: {}", said.stderr);
    let story = desk.ok("history 1 --format csv").stdout;
    assert!(story.contains("2025-01-06") && !story.contains("2025-02-01"), "{story}");
}

#[test]
fn rows_that_are_valid_for_a_time_are_a_history() {
    let desk = Desk::empty();
    let rows = "id,stage,amount,created,valid_from,valid_to\n1,New,10,2025-01-02,2025-01-02 09:00,2025-01-10 10:00\n\
                1,Talks,20,2025-01-02,2025-01-10 10:00,2025-02-01 08:00\n1,Won,20,2025-01-02,2025-02-01 08:00,\n";
    desk.write("versions.csv", rows);
    let columns = "deal_id = \"id\", created_at = \"created\"";
    desk.write(
        "dealcast.toml",
        format!(
            "[sources.deals]\npath = \"versions.csv\"\nnewest_by = \"valid_from\"\ncolumns = {{ {columns} }}\n\
             [sources.stage_history]\npath = \"versions.csv\"\ncolumns = {{ deal_id = \"id\", changed_at = \"valid_from\" }}\n"
        ),
    );
    let story = desk.ok("history 1 --format csv").stdout;
    for told in ["2025-01-10", "2025-02-01", "Won"] {
        assert!(story.contains(told), "{told}: {story}");
    }
}

#[test]
fn new_values_of_one_moment_go_by_the_process() {
    let desk = Desk::empty();
    desk.write("deals.csv", "deal_id,stage,created_at\n1,Offer,2025-01-02\n2,Offer,2025-01-02\n");
    let log = "deal_id,changed_at,stage\n1,2025-01-05 10:00,Offer\n1,2025-01-05 10:00,Talks\n2,2025-01-03 10:00,Talks\n\
               2,2025-01-05 10:00,Offer\n";
    desk.write("stage_history.csv", log);
    let story = desk.ok("history 1 --deals deals.csv --stage-history stage_history.csv --format csv").stdout;
    let (talks, offer) = (story.find("Talks").expect("Talks"), story.rfind("Offer").expect("Offer"));
    assert!(talks < offer, "{story}");
}
