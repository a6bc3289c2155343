//! `dealcast init` on an export that has changed, and on one that has rows nobody can read.

use std::fmt::Write;

use crate::harness::Desk;

const HEADER: &str = "deal_id,stage,created_at,amount,closed_at,rep,channel";

/// Deals with this header: open, won and lost ones.
fn deals(header: &str) -> String {
    let mut text = format!("{header}\n");
    for at in 0..60 {
        let (stage, closed) = [("New", ""), ("Won", "2025-11-20"), ("Lost", "2025-11-21")][at % 3];
        let (month, rep, channel) = (1 + at % 9, ["Ann", "Ben"][at % 2], ["Fair", "Web"][at % 2]);
        writeln!(text, "D{at},{stage},2025-0{month}-13,{},{closed},{rep},{channel}", 100 + at).unwrap();
    }
    text
}

fn desk() -> Desk {
    let desk = Desk::empty();
    desk.write("deals.csv", deals(HEADER));
    desk.ok("init deals.csv");
    assert!(desk.read("dealcast.toml").contains("\nowner = \"rep\"\n"), "{}", desk.read("dealcast.toml"));
    desk
}

#[test]
fn a_column_under_a_new_name_is_followed_and_named() {
    for (new, why) in [("Deal Rep", "a like name"), ("handled", "the only new column")] {
        let desk = desk();
        desk.write("deals.csv", deals(&HEADER.replace("rep", new)));
        let again = desk.ok("init deals.csv");
        let text = desk.read("dealcast.toml");
        assert!(text.contains(&format!("\nowner = \"{new}\"\n")), "{why}: {text}");
        assert!(
            again.stderr.contains("\"rep\", which left the export") && again.stderr.contains(new),
            "{}",
            again.stderr
        );
        assert!(again.stderr.contains("-owner = \"rep\""), "{}", again.stderr);
        desk.ok("check");
    }
}

#[test]
fn a_column_that_left_without_a_heir_leaves_the_configuration_and_is_named() {
    let desk = desk();
    desk.write("deals.csv", deals(&HEADER.replace("rep", "")).replace(",Ann,", ",,").replace(",Ben,", ",,"));
    let again = desk.ok("init deals.csv");
    let text = desk.read("dealcast.toml");
    assert!(!text.contains("owner = "), "{text}");
    assert!(text.contains("# - deals: owner was read from the column \"rep\", which left the export"), "{text}");
    assert!(again.stderr.contains("no other column may be it"), "{}", again.stderr);
    desk.ok("check");
}

#[test]
fn a_column_a_person_named_stays_theirs() {
    let desk = desk();
    let by_hand = desk.read("dealcast.toml").replace("owner = \"rep\"", "owner = \"channel\" # ours");
    desk.write("dealcast.toml", &by_hand);
    desk.write("deals.csv", deals(&HEADER.replace("channel", "Channel 2")));
    let stopped = desk.run("init deals.csv");
    assert_eq!(stopped.code, 2, "{}", stopped.stderr);
    assert!(stopped.stderr.contains("--answer sources.deals.columns.owner=\"Channel 2\""), "{}", stopped.stderr);
    assert_eq!(desk.read("dealcast.toml"), by_hand, "nothing is written");
    let mut told = desk.command("init deals.csv --answer");
    assert!(told.arg("sources.deals.columns.owner=Channel 2").output().unwrap().status.success());
    assert!(desk.read("dealcast.toml").contains("owner = \"Channel 2\""));
}

#[test]
fn deals_that_lost_their_stage_are_told_by_what_was_read_before() {
    let desk = desk();
    desk.write("deals.csv", deals(&HEADER.replace("stage", "Kappa")));
    let stopped = desk.run("init deals.csv");
    assert_eq!(stopped.code, 3, "{}", stopped.stderr);
    assert!(stopped.stderr.contains("stage was read from \"stage\", which left deals.csv"), "{}", stopped.stderr);
    assert!(stopped.stderr.contains("--answer 'sources.deals.columns.stage=\"Kappa\"'"), "{}", stopped.stderr);
    let mut told = desk.command("init deals.csv --answer");
    assert!(told.arg("sources.deals.columns.stage=\"Kappa\"").output().unwrap().status.success());
}

#[test]
fn rows_that_a_run_will_reject_are_told_with_why_and_where() {
    let desk = Desk::empty();
    let spoilt = deals(HEADER)
        .replace("D7,Won,2025-08-13,107", "D7,Won,2025-08-13,plenty")
        .replace("D8,Lost,2025", "D8,Lost,soon");
    desk.write("deals.csv", spoilt);
    let done = desk.ok("init deals.csv");
    let told =
        done.stderr.lines().find(|line| line.contains("will be rejected")).unwrap_or_else(|| panic!("{}", done.stderr));
    assert!(told.contains("2 of 60 rows of deals"), "{told}");
    assert!(told.contains("bad_amount") && told.contains("amount is \"plenty\"") && told.contains("line 9"), "{told}");
    assert!(told.contains("bad_date") && told.contains("line 10"), "{told}");
    let clean = Desk::empty();
    clean.write("deals.csv", deals(HEADER));
    assert!(!clean.ok("init deals.csv").stderr.contains("will be rejected"));
}

#[test]
fn two_ways_in_one_column_are_asked_beside_everything_else() {
    let desk = Desk::empty();
    let text = deals(HEADER)
        .replace("D1,Won,2025-02-13", "D1,Won,13/02/2025")
        .replace("D2,Lost,2025-03-13", "D2,Lost,03/13/2025")
        .replace("Won", "Kappa")
        .replace("Lost", "Lambda");
    desk.write("deals.csv", text);
    let asked = desk.run("init deals.csv");
    assert_eq!(asked.code, 2, "{}", asked.stderr);
    assert!(asked.stderr.contains("things must be decided"), "{}", asked.stderr);
    for told in [
        "sources.deals.date_order",
        "13/02/2025",
        "03/13/2025",
        "stages.won",
        "--answer \"sources.deals.date_order=day-first\"",
    ] {
        assert!(asked.stderr.contains(told), "{told}: {}", asked.stderr);
    }
    assert!(
        !asked.stderr.contains("say which way counts with sources."),
        "no key of a file that is not there: {}",
        asked.stderr
    );
    desk.ok("init deals.csv --answer sources.deals.date_order=day-first --answer stages.won=Kappa --answer stages.lost=Lambda");
}

/// Deals of an Italian sheet whose amounts stand under `header`.
fn trattative(header: &str) -> String {
    let mut text = format!("N. trattativa;Cliente;Venditore;Fase;Data apertura;Data chiusura;{header};Origine\n");
    for at in 0..60 {
        let (stage, closed) =
            [("Contatto", ""), ("Chiusa vinta", "20/11/2025"), ("Chiusa persa", "21/11/2025")][at % 3];
        let (month, who) = (1 + at % 9, ["Anna", "Bruno"][at % 2]);
        writeln!(
            text,
            "TR-{at:04};Rossi {};{who};{stage};13/0{month}/2025;{closed};\u{20ac} 3.1{:02},86;Web",
            at % 7,
            at
        )
        .unwrap();
    }
    text
}

#[test]
fn amounts_under_a_name_nobody_knows_keep_their_currency() {
    for new in ["Corrispettivo", "Valore trattativa"] {
        let desk = Desk::empty();
        desk.write("deals.csv", trattative("Importo offerta"));
        desk.ok("init deals.csv");
        assert!(desk.read("dealcast.toml").contains("base_currency = \"EUR\""), "{}", desk.read("dealcast.toml"));
        desk.write("deals.csv", trattative(new));
        for again in [desk.ok("init deals.csv"), desk.ok("init deals.csv")] {
            let text = desk.read("dealcast.toml");
            assert!(text.contains(&format!("\namount = \"{new}\"\n")), "{text}");
            assert!(text.contains("base_currency = \"EUR\"") && text.contains("decimal_mark = \",\""), "{text}");
            assert!(!again.stderr.contains("no column of amounts"), "{}", again.stderr);
        }
        let text = desk.read("dealcast.toml");
        let third = desk.ok("init deals.csv");
        assert_eq!(desk.read("dealcast.toml"), text, "{}", third.stderr);
    }
}

#[test]
fn what_changes_is_shown_line_by_line() {
    let desk = desk();
    desk.write("deals.csv", deals(&HEADER.replace("rep", "Deal Rep")));
    let again = desk.ok("init deals.csv");
    let lines: Vec<&str> = again.stderr.lines().collect();
    for line in ["--- dealcast.toml", "-owner = \"rep\"", "+owner = \"Deal Rep\""] {
        assert!(lines.contains(&line), "{line}: {}", again.stderr);
    }
}
