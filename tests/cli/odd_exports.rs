//! Exports that are right in the CRM and were read wrongly: lost deals that keep their stage, several moves a day, labels that
//! are gone, dates that are plans. Each with what a person would count by hand.

use std::fmt::Write;

use crate::harness::{Desk, Table};

/// The number in `column` of the row of `table` whose cells are `wanted`.
fn cell(table: &str, wanted: &[(&str, &str)], column: &str) -> String {
    let table = Table::parse(table);
    let mut rows = table.iter().filter(|row| wanted.iter().all(|(name, value)| row.get(name) == *value));
    let row = rows.next().unwrap_or_else(|| panic!("no row {wanted:?}"));
    row.get(column).to_owned()
}

/// `column` of `stage` in a funnel over all deals.
fn of_stage(funnel: &str, stage: &str, column: &str) -> String {
    cell(funnel, &[("cohort", "all"), ("stage", stage)], column)
}

/// 40 won deals, lost ones archived in the stage they were lost in, nearly all in the first, and a few open ones.
fn archive(status_of_open: &str) -> String {
    let mut text = "deal_id,stage,status,created_at,closed_at,amount,expected_close_date\n".to_owned();
    for i in 0..40 {
        writeln!(text, "W{i},Signed up - won,won,2025-01-{:02},2025-03-{:02},10,2025-03-15", 1 + i % 28, 1 + i % 28)
            .unwrap();
    }
    for i in 0..90 {
        let stage = if i < 84 { "Intake" } else { "Scoping" };
        writeln!(text, "L{i},{stage},lost,2025-01-{:02},2025-02-{:02},10,2025-02-15", 1 + i % 28, 1 + i % 28).unwrap();
    }
    for i in 0..7 {
        let stage = if i < 4 { "Intake" } else { "Quote" };
        writeln!(text, "O{i},{stage},{status_of_open},2025-03-{:02},,100,2025-06-20", 1 + i).unwrap();
    }
    text
}

#[test]
fn a_stage_with_open_deals_is_open_however_many_were_lost_in_it() {
    let desk = Desk::empty();
    for status in ["open", ""] {
        desk.write("deals.csv", archive(status));
        let checked = desk.ok("check --deals deals.csv --as-of 2025-04-01").stderr;
        for told in ["Intake (open)", "Scoping (open)", "Quote (open)", "Signed up - won (won)", "Lost (lost)"] {
            assert!(checked.contains(told), "{told}: {checked}");
        }
        let funnel = desk.ok("funnel --deals deals.csv --as-of 2025-04-01 --format csv").stdout;
        assert_eq!(["Intake", "Quote", "Lost"].map(|stage| of_stage(&funnel, stage, "open")), ["4", "3", "0"]);
        let story = desk.ok("history L0 --deals deals.csv --as-of 2025-04-01 --format csv").stdout;
        assert!(story.contains("Intake,Lost"), "where it was lost: {story}");
        let forecast = desk.ok("forecast --deals deals.csv --as-of 2025-04-01 --period 2025-Q2 --format csv").stdout;
        assert_eq!(cell(&forecast, &[("level", "company"), ("basis", "base")], "pipeline"), "700.00");
    }
}

#[test]
fn dates_that_were_never_set_are_no_dates() {
    let desk = Desk::empty();
    let mut text = "deal_id,stage,created_at,won_at,lost_at,amount\n".to_owned();
    for i in 0..10 {
        writeln!(text, "W{i},Won,2025-01-02 08:00:00,2025-02-03 08:00:00,0000-00-00 00:00:00,5").unwrap();
        writeln!(text, "L{i},Lost,2025-01-02 08:00:00,00/00/0000,2025-02-04 08:00:00,-").unwrap();
        writeln!(text, "O{i},Demo,2025-01-02 08:00:00,0000-00-00,n/a,\u{2014}").unwrap();
    }
    desk.write("deals.csv", text);
    desk.write(
        "dealcast.toml",
        "[sources.deals]\npath = \"deals.csv\"\ncolumns = { closed_at = [\"won_at\", \"lost_at\"] }\n",
    );
    let checked = desk.ok("check").stderr;
    assert!(checked.contains("30 used + 0 rejected") && checked.contains("every row passes"), "{checked}");
    let total = desk.ok("sources --total --format csv").stdout;
    assert_eq!(["won", "lost", "open"].map(|column| cell(&total, &[("period", "all")], column)), ["10", "10", "10"]);
}

/// Twelve deals that went on twice on one day, dated to the day only.
fn moves(order: &dyn Fn(&mut Vec<String>), log: bool) -> Desk {
    let desk = Desk::empty();
    let mut deals = "deal_id,stage,created_at,closed_at\n".to_owned();
    let mut rows = Vec::new();
    for i in 0..12 {
        let end = if i % 3 == 0 { "Won" } else { "Lost" };
        writeln!(deals, "M{i},{end},2025-01-{:02},2025-02-{:02}", 1 + i, 1 + i).unwrap();
        let days = [format!("2025-01-{:02}", 1 + i), format!("2025-01-{:02}", 12 + i), format!("2025-02-{:02}", 1 + i)];
        let path = [("Lead", 0), ("Visit", 1), (if i % 2 == 0 { "Bid" } else { "Visit" }, 1), ("Bid", 2), (end, 2)];
        let mut before = "";
        for (stage, day) in path.into_iter().filter(|(stage, day)| !(i % 2 == 1 && *stage == "Visit" && *day == 0)) {
            if stage != before {
                let day = &days[day];
                rows.push(if log {
                    format!("M{i},{day},stage,{before},{stage}")
                } else {
                    format!("M{i},{day},{stage}")
                });
                before = stage;
            }
        }
    }
    order(&mut rows);
    desk.write("deals.csv", deals);
    let header = if log { "deal_id,changed_at,field,old_value,new_value" } else { "deal_id,changed_at,stage" };
    desk.write("history.csv", format!("{header}\n{}\n", rows.join("\n")));
    desk
}

#[test]
fn two_moves_on_one_day_are_two_moves_in_any_order_of_the_rows() {
    for log in [false, true] {
        for order in
            [&(|_: &mut Vec<String>| ()) as &dyn Fn(&mut Vec<String>), &|rows| rows.reverse(), &|rows| rows.sort()]
        {
            let desk = moves(order, log);
            let funnel = desk.ok("funnel --deals deals.csv --stage-history history.csv --format csv").stdout;
            for stage in ["Lead", "Visit", "Bid"] {
                let told = ["entered", "skipped", "back"].map(|column| of_stage(&funnel, stage, column));
                assert_eq!(told, ["12", "0", "0"], "{stage}, log {log}");
            }
            assert_eq!([of_stage(&funnel, "Won", "entered"), of_stage(&funnel, "Lost", "entered")], ["4", "8"]);
        }
    }
}

#[test]
fn a_history_row_without_a_stage_ends_the_stay_and_is_told() {
    let (mut deals, mut whole, mut log) = (
        "deal_id,stage,created_at,closed_at,amount\n".to_owned(),
        "deal_id,changed_at,stage_key,stage,amount\n".to_owned(),
        "deal_id,changed_at,field,old_value,new_value\n".to_owned(),
    );
    for i in 0..20 {
        let end = if i % 4 == 0 { "Won" } else { "Lost" };
        writeln!(deals, "D{i},{end},2025-01-01,2025-02-10,70").unwrap();
        for (day, key, stage) in
            [("2025-01-01", 1, "Lead"), ("2025-01-08", 7, ""), ("2025-01-31", 3, "Bid"), ("2025-02-10", 9, end)]
        {
            writeln!(whole, "D{i},{day},{key},{stage},70").unwrap();
            writeln!(log, "D{i},{day},dealstage,,{stage}").unwrap();
        }
    }
    let desk = Desk::empty();
    desk.write("deals.csv", deals);
    desk.write("whole.csv", whole);
    desk.write("log.csv", log);
    for history in ["whole.csv", "log.csv"] {
        let tables = format!("--deals deals.csv --stage-history {history}");
        let checked = desk.ok(&format!("check {tables} --format csv")).stdout;
        let told = [("rule", "empty_new_value"), ("severity", "warn")];
        assert_eq!([cell(&checked, &told, "count"), cell(&checked, &told, "line")], ["20", "3"], "{history}");
        let funnel = desk.ok(&format!("funnel {tables} --format csv")).stdout;
        let days = ["Lead", "Bid"].map(|stage| of_stage(&funnel, stage, "median_days"));
        assert_eq!(days, ["7", "10"], "{history}");
    }
    // where an empty cell means that nothing changed, it still does
    let sparse = "deal_id,changed_at,stage,amount\nD0,2025-01-01,Lead,70\nD0,2025-01-05,,60\nD0,2025-01-07,,65\nD0,2025-02-10,Won,\n";
    desk.write("sparse.csv", sparse);
    let story = desk.ok("history D0 --deals deals.csv --stage-history sparse.csv --format csv").stdout;
    assert!(!story.contains("unknown"), "{story}");
}

#[test]
fn an_amount_of_the_past_counts_in_the_currency_of_its_row() {
    let desk = Desk::empty();
    desk.write("deals.csv", "deal_id,stage,created_at,amount,currency,closed_at,expected_close_date\na,Demo,2025-01-05,9000,CZK,,2025-03-25\nb,Won,2025-01-05,50,EUR,2025-02-20,2025-02-20\n");
    desk.write("history.csv", "deal_id,changed_at,stage,amount,currency\na,2025-01-05,Lead,300,EUR\na,2025-02-10,Demo,9000,CZK\nb,2025-01-05,Lead,50,EUR\nb,2025-02-20,Won,50,EUR\n");
    desk.write("fx_rates.csv", "currency,date,rate\nCZK,2024-01-01,0.04\nEUR,2024-01-01,1\n");
    desk.write("dealcast.toml", "[money]\nbase_currency = \"EUR\"\n");
    let tables = "--deals deals.csv --stage-history history.csv --fx-rates fx_rates.csv --period 2025-Q1 --format csv";
    let pipeline = |day: &str, basis: &[(&str, &str)]| {
        let forecast = desk.ok(&format!("forecast {tables} --as-of {day}")).stdout;
        cell(&forecast, &[&[("level", "company")], basis].concat(), "pipeline")
    };
    assert_eq!(pipeline("2025-02-01", &[("basis", "base")]), "350.00");
    assert_eq!(pipeline("2025-02-01", &[("basis", "native"), ("currency", "EUR")]), "350.00");
    assert_eq!(pipeline("2025-03-01", &[("basis", "base")]), "360.00");
    assert_eq!(pipeline("2025-03-01", &[("basis", "native"), ("currency", "CZK")]), "9000.00");
}

#[test]
fn a_deal_entered_after_it_had_closed_is_won_on_the_day_it_was_won() {
    let desk = Desk::empty();
    desk.write(
        "deals.csv",
        "deal_id,stage,created_at,amount,closed_at\na,Won,2025-05-10,300,2025-02-20\nb,Lost,2025-01-01,5,2025-05-20\n",
    );
    desk.write(
        "dealcast.toml",
        "[sources.deals]\npath = \"deals.csv\"\n[rules.severity]\nclosed_before_created = \"warn\"\n",
    );
    let won = |period: &str| {
        let forecast = desk.ok(&format!("forecast --as-of 2025-06-01 --period {period} --format csv")).stdout;
        cell(&forecast, &[("level", "company"), ("basis", "base")], "won")
    };
    assert_eq!([won("2025-Q1"), won("2025-Q2")], ["300.00", "0.00"]);
}

#[test]
fn the_one_close_date_of_an_open_deal_is_a_plan_and_the_only_currency_is_the_base() {
    let desk = Desk::empty();
    let mut text = "deal_id,stage,created_at,amount,currency,closed_at\n".to_owned();
    for i in 0..6 {
        let currency = if i == 0 { "" } else { "CHF" };
        writeln!(text, "W{i},Closed won,2025-01-10,40,{currency},2025-02-20").unwrap();
        writeln!(text, "O{i},Talks,2025-01-12,7,CHF,2025-0{}-30", if i < 4 { 6 } else { 1 }).unwrap();
    }
    desk.write("deals.csv", text);
    let finished = desk.ok("forecast --deals deals.csv --period 2025-Q2 --format csv");
    assert!(finished.stderr.contains("data as of 2025-02-21"), "{}", finished.stderr);
    let company = [("level", "company"), ("basis", "base"), ("currency", "CHF")];
    assert_eq!(cell(&finished.stdout, &company, "pipeline"), "28.00");
    let first = desk.ok("forecast --deals deals.csv --period 2025-Q1 --format csv").stdout;
    assert_eq!(["won", "overdue"].map(|column| cell(&first, &company, column)), ["240.00", "14.00"]);
    assert!(!finished.stderr.contains("currencies"), "{}", finished.stderr);
    // a currency that somebody names is the base, whatever the input has
    desk.write("dealcast.toml", "[money]\nbase_currency = \"USD\"\n");
    let named = desk.ok("forecast --deals deals.csv --period 2025-Q1 --format csv").stdout;
    assert!(Table::parse(&named).column("basis").iter().all(|basis| *basis == "native"), "{named}");
}

#[test]
fn words_for_the_end_of_a_deal_are_known_in_many_languages_and_deleted_deals_are_no_losses() {
    let desk = Desk::empty();
    let mut text = "deal_id,stage,status,created_at,closed_at\n".to_owned();
    for (i, word) in ["Gewonnen", "Ganado", "Выиграна", "Perdu", "Rejected", "Dead", "Abierto"].iter().enumerate()
    {
        writeln!(text, "D{i},Angebot,{word},2025-01-01,{}", if *word == "Abierto" { "" } else { "2025-02-01" })
            .unwrap();
    }
    for i in 0..8 {
        writeln!(text, "X{i},Angebot,{},2025-01-01,2025-02-01", if i < 4 { "Deleted" } else { "Gelöscht" }).unwrap();
    }
    desk.write("deals.csv", text);
    let total = desk.ok("sources --total --deals deals.csv --format csv");
    let told = ["won", "lost", "win_rate", "open"].map(|column| cell(&total.stdout, &[("period", "all")], column));
    assert_eq!(told, ["3", "3", "0.5", "1"]);
    let checked = desk.ok("check --deals deals.csv --format csv").stdout;
    assert_eq!(cell(&checked, &[("rule", "deleted")], "count"), "8");
}

#[test]
fn contradictions_are_named_and_the_status_decides() {
    let desk = Desk::empty();
    desk.write("deals.csv", "deal_id,stage,status,created_at,closed_at,expected_close_date,amount\na,Won,open,2025-01-05,,2025-03-10,7\nb,Lost,won,2025-01-05,2025-02-01,,9\nc,Demo,open,2025-01-05,2025-02-01,2025-03-01,1\nd,Demo,lost,2025-01-05,2025-02-01,,1\n");
    let checked = desk.ok("check --deals deals.csv --as-of 2025-03-01 --format csv").stdout;
    let told = [("rule", "contradicting_outcome")];
    assert_eq!(["count", "line", "value"].map(|column| cell(&checked, &told, column)), ["3", "2", "open"]);
    let total = desk.ok("sources --total --deals deals.csv --as-of 2025-03-01 --format csv").stdout;
    assert_eq!(["won", "lost", "open"].map(|column| cell(&total, &[("period", "all")], column)), ["1", "1", "2"]);
}

#[test]
fn a_misspelt_name_in_the_configuration_stops_with_the_one_that_may_be_meant() {
    let desk = Desk::empty();
    desk.write("deals.csv", "deal_id,stage,created_at,region\na,Visit,2025-01-05,North\nb,Offer,2025-01-05,South\n");
    for (section, told, meant) in [
        ("[stagnation]\nslow_after_days = { Vist = 5 }\n", "`stagnation.slow_after_days` names \"Vist\"", "\"Visit\""),
        ("[features]\nexclude = [\"regio\"]\n", "`features.exclude` names \"regio\"", "\"region\""),
        ("[sources.deals.values.statuss]\nx = \"open\"\n", "sources.deals.values.statuss", "`status`"),
    ] {
        desk.write(
            "dealcast.toml",
            format!(
                "{}{section}",
                if section.contains("sources") { "" } else { "[sources.deals]\npath = \"deals.csv\"\n" }
            ),
        );
        let flag = if section.contains("sources") { "--deals deals.csv" } else { "" };
        let finished = desk.run(&format!("check {flag}"));
        assert_eq!(finished.code, 2, "{}", finished.stderr);
        assert!(
            finished.stderr.contains(told) && finished.stderr.contains(&format!("did you mean {meant}")),
            "{}",
            finished.stderr
        );
    }
    desk.write(
        "dealcast.toml",
        "[sources.deals]\npath = \"deals.csv\"\n[stagnation]\nslow_after_days = { Visit = 5 }\n",
    );
    desk.ok("check");
}

#[test]
fn a_deal_without_a_rate_is_named_before_anything_is_added_up() {
    let desk = Desk::empty();
    desk.write("deals.csv", "deal_id,stage,created_at,amount,currency\na,Demo,2025-01-05,100,USD\nb,Demo,2025-01-05,40,GBP\nc,Demo,2025-01-05,9,SEK\n");
    desk.write("rates.csv", "currency,date,rate\nUSD,2024-01-01,1\nGBP,2024-01-01,1.3\n");
    let checked = desk.ok("check --deals deals.csv --fx-rates rates.csv --as-of 2025-02-01").stderr;
    assert!(checked.contains("1 deal without an exchange rate on or before the day (1 in SEK)"), "{checked}");
}
