//! `dealcast init`: what is asked, what may be answered, what stays when it runs again.

use std::fs;

use crate::export_world::{SoldDeal, american, canonical, iso, lines, row};
use crate::harness::Desk;

const STAGES: [&str; 3] = ["Kappa", "Lambda", "Mu"];

/// Deals in stages no name of which speaks of an end, with days that could be read in two ways.
fn puzzling() -> String {
    let deals = SoldDeal::all(60, 3);
    let day = |deal: &SoldDeal| format!("{}/{}/2025", 1 + deal.at % 12, 1 + (deal.at * 5) % 12);
    let header = row(&["deal_id", "stage", "created_at", "amount"]);
    let deal = |deal: &SoldDeal| {
        vec![deal.id(), deal.stage(&STAGES, "Nu", "Lost").to_owned(), day(deal), (deal.cents() / 100).to_string()]
    };
    lines(',', std::iter::once(header).chain(deals.iter().map(deal)))
}

#[test]
fn everything_that_must_be_decided_is_asked_at_once() {
    let desk = Desk::empty();
    desk.write("deals.csv", puzzling());
    let asked = desk.run("init deals.csv");
    assert_eq!(asked.code, 2, "{}", asked.stderr);
    assert!(asked.stderr.contains("2 things must be decided"), "{}", asked.stderr);
    assert!(
        asked.stderr.contains("sources.deals.date_order") && asked.stderr.contains("stages.won"),
        "{}",
        asked.stderr
    );
    desk.ok("init deals.csv --answer sources.deals.date_order=day-first --answer stages.won=Nu");
}

#[test]
fn a_stage_that_is_known_to_be_lost_is_not_proposed_as_the_won_one() {
    let desk = Desk::empty();
    desk.write("deals.csv", puzzling());
    let asked = desk.run("init deals.csv").stderr;
    let hint = asked.lines().find(|line| line.contains("--answer \"stages.won=")).unwrap();
    assert!(!hint.contains("Lost"), "{hint}");
    let choices = asked.lines().find(|line| line.contains("stages.won:")).unwrap();
    assert!(choices.contains("Nu") && !choices.contains("| Lost"), "{choices}");
}

#[test]
fn an_answer_that_names_no_stage_is_refused() {
    let desk = Desk::empty();
    desk.write("deals.csv", canonical(&SoldDeal::all(60, 3), &STAGES));
    let refused = desk.run("init deals.csv --answer stages.won=Omega");
    assert_eq!(refused.code, 2, "{}", refused.stderr);
    assert!(refused.stderr.contains("there is no \"omega\"") && refused.stderr.contains("Kappa"), "{}", refused.stderr);
    assert!(!desk.path("dealcast.toml").exists());
    desk.ok("init deals.csv --answer stages.won=lambda,WON");
    let text = desk.read("dealcast.toml");
    let won = text.matches("# certain: this was answered\nkind = \"won\"").count();
    assert_eq!(won, 2, "{text}");
}

#[test]
fn a_wrong_answer_is_told_in_the_words_of_the_answer() {
    let desk = Desk::empty();
    desk.write("deals.csv", canonical(&SoldDeal::all(20, 3), &STAGES));
    for (answer, told) in [
        ("money.base_curency=EUR", "did you mean `base_currency`?"),
        ("calendar.fiscal_year_start=13", "calendar.fiscal_year_start=13"),
        ("sources.deals.date_order=dayfirst", "day-first"),
        ("sources.deals.path=other.csv", "there is no \"other.csv\""),
        ("sources.deals.columns.closed_at=Ended", "there is no \"Ended\""),
        ("currency", "expected key=value"),
    ] {
        let refused = desk.run(&format!("init deals.csv --answer {answer}"));
        assert_eq!(refused.code, 2, "{answer}: {}", refused.stderr);
        assert!(refused.stderr.contains(told), "{answer}: {}", refused.stderr);
        assert!(!refused.stderr.contains("TOML"), "{answer}: {}", refused.stderr);
    }
}

#[test]
fn the_summary_counts_what_was_answered() {
    let desk = Desk::empty();
    let deals = SoldDeal::all(60, 3);
    desk.write("deals.csv", puzzling());
    let won = deals.iter().filter(|deal| deal.won() == Some(true)).count();
    let lost = deals.iter().filter(|deal| deal.won() == Some(false)).count();
    let done = desk.ok("init deals.csv --answer sources.deals.date_order=day-first --answer stages.won=Nu");
    assert!(done.stderr.contains(&format!("{won} won, {lost} lost")), "{}", done.stderr);
    assert!(done.stderr.contains("won: Nu; lost: Lost"), "{}", done.stderr);
}

#[test]
fn a_later_init_needs_no_answer_twice() {
    let desk = Desk::empty();
    desk.write("deals.csv", puzzling());
    let answers =
        "--answer sources.deals.date_order=month-first --answer stages.won=Nu --answer money.base_currency=CHF";
    desk.ok(&format!("init deals.csv {answers}"));
    let first = desk.read("dealcast.toml");
    let again = desk.ok("init deals.csv");
    assert_eq!(desk.read("dealcast.toml"), first, "{}", again.stderr);
    let other = desk.ok("init deals.csv --answer money.base_currency=EUR");
    assert!(desk.read("dealcast.toml").contains("base_currency = \"EUR\""), "{}", other.stderr);
}

#[test]
fn a_configuration_that_would_stop_a_run_is_not_said_to_be_right() {
    let desk = Desk::empty();
    desk.write("deals.csv", canonical(&SoldDeal::all(60, 3), &STAGES));
    desk.ok("init deals.csv");
    let text = desk.read("dealcast.toml");
    desk.write("dealcast.toml", text.replacen("kind = \"won\"", "kind = \"wonn\"", 1));
    let broken = desk.run("init deals.csv");
    assert_eq!(broken.code, 2, "{}", broken.stderr);
    assert!(broken.stderr.contains("wonn") && !broken.stderr.contains("already"), "{}", broken.stderr);
    // a person took a stage out: what a run would say, init says
    let by_hand = text.replacen("name = \"Lambda\"", "name = \"Lamda\"", 1);
    desk.write("dealcast.toml", &by_hand);
    let kept = desk.run("init deals.csv");
    assert!(kept.stderr.contains("does not list: Lambda"), "{}", kept.stderr);
    assert!(desk.read("dealcast.toml").contains("\"Lamda\""), "what a person changed stays");
}

#[test]
fn two_versions_of_the_deals_are_asked_for_and_two_copies_are_not() {
    let deals = SoldDeal::all(60, 3);
    let desk = Desk::empty();
    fs::create_dir(desk.path("exports")).unwrap();
    let text = canonical(&deals, &STAGES);
    desk.write("exports/deals.csv", &text);
    desk.write("exports/deals (1).csv", &text);
    let same = desk.ok("init exports");
    assert!(same.stderr.contains("deals (1).csv: has the same rows as deals.csv"), "{}", same.stderr);
    desk.write("exports/deals (1).csv", text.replace(",Kappa,", ",Lambda,"));
    let asked = desk.run("init exports --config other.toml");
    assert_eq!(asked.code, 2, "{}", asked.stderr);
    assert!(asked.stderr.contains("the same deals with other contents: which one counts?"), "{}", asked.stderr);
    let answer = "sources.deals.path=exports/deals (1).csv";
    let output = desk.command("init exports --config other.toml --answer").arg(answer).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(desk.read("other.toml").contains("path = \"exports/deals (1).csv\""));
}

#[test]
fn copies_of_one_table_from_several_days_are_its_history() {
    let desk = Desk::empty();
    fs::create_dir(desk.path("exports")).unwrap();
    let deals = SoldDeal::all(80, 3);
    for (copy, day) in [(0, 200), (1, 260), (2, 400)] {
        let header = row(&["deal_id", "name", "stage", "created_at", "amount", "owner"]);
        let rows = deals.iter().filter(|deal| deal.created() <= day && (copy < 2 || deal.at % 10 != 7)).map(|deal| {
            let stage = match deal.end {
                Some((won, end)) if end <= day => {
                    if won {
                        "Won"
                    } else {
                        "Lost"
                    }
                }
                _ => STAGES[deal.path.iter().rev().find(|(_, at)| *at <= day).unwrap().0],
            };
            let cents = deal.cents() / 100;
            vec![deal.id(), "D".to_owned(), stage.to_owned(), iso(deal.created()), cents.to_string(), "Ann".to_owned()]
        });
        desk.write(&format!("exports/deals_{}.csv", iso(day)), lines(',', std::iter::once(header).chain(rows)));
    }
    let done = desk.ok("init exports");
    assert!(done.stderr.contains("copies of the table of deals from 3 days"), "{}", done.stderr);
    assert!(done.stderr.contains("leave the copies while they are open"), "{}", done.stderr);
    assert!(desk.read("dealcast.toml").contains("copies = \"whole\""));
}

#[test]
fn dates_of_one_file_are_told_by_the_others() {
    let desk = Desk::empty();
    let header = row(&["deal_id", "stage", "created_at", "amount"]);
    let deal = |deal: &SoldDeal| {
        vec![deal.id(), deal.stage(&STAGES, "Won", "Lost").to_owned(), american(deal.created()), "500".to_owned()]
    };
    let deals = SoldDeal::all(60, 3);
    desk.write("deals.csv", lines(',', std::iter::once(header).chain(deals.iter().map(deal))));
    let quotas = (0..12).map(|at| vec!["Ann".to_owned(), american(at * 28), "1000".to_owned()]);
    desk.write("quotas.csv", lines(',', std::iter::once(row(&["owner", "period", "quota"])).chain(quotas)));
    let done = desk.ok("init deals.csv quotas.csv");
    let text = desk.read("dealcast.toml");
    assert_eq!(text.matches("date_order = \"month-first\"").count(), 2, "{text}{}", done.stderr);
    assert!(text.contains("nothing in this file tells; the other files of the export are so"), "{text}");
}
