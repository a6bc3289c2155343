//! Lists of closed and open records: no dates, or one of them. What a model makes of them, and what is not said.

use std::fmt::Write;

use crate::harness::{Desk, Table};

/// A number in 0..1 that follows from two numbers.
pub fn even(i: usize, salt: u64) -> f64 {
    let mut x = (i as u64 * 64 + salt + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 31)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    ((x ^ (x >> 29)) >> 11) as f64 / (1_u64 << 53) as f64
}

/// A record of the list: two numbers, a category, and whether it is won.
struct Record {
    x: f64,
    y: f64,
    city: usize,
    won: bool,
    open: bool,
}

/// `tests/fixtures/list_reference.py` makes the same records.
fn record(i: usize) -> Record {
    let (x, y, city) = (2.0 * even(i, 1) - 1.0, 2.0 * even(i, 2) - 1.0, (40.0 * even(i, 3)) as usize);
    let log_odds = 1.5 * x - y + if city < 20 { 0.8 } else { -0.8 };
    Record { x, y, city, won: even(i, 4) < 1.0 / (1.0 + (-log_odds).exp()), open: even(i, 5) < 0.25 }
}

const RECORDS: usize = 1_200;

/// The list as a table; `dated`: with the day of creation alone, `grouped`: with three records of every account.
fn list(dated: bool, grouped: bool) -> String {
    let mut text = "deal_id,stage,x,y,city".to_owned();
    text += if dated { ",created_at" } else { "" };
    text += if grouped { ",account\n" } else { "\n" };
    for i in 0..RECORDS {
        let Record { x, y, city, won, open } = record(i);
        let stage = if open {
            "Open"
        } else if won {
            "Won"
        } else {
            "Lost"
        };
        write!(text, "R{i:04},{stage},{x:.4},{y:.4},city {city:02}").unwrap();
        if dated {
            write!(text, ",2024-{:02}-{:02}", 1 + i % 12, 1 + i % 28).unwrap();
        }
        if grouped {
            write!(text, ",A{:03}", i / 3).unwrap();
        }
        text.push('\n');
    }
    text
}

/// Mean log loss of the scores of the open records, whose ends only the test knows.
fn loss_of_scores(scores: &Table) -> f64 {
    let losses: Vec<f64> = scores
        .iter()
        .map(|row| {
            let chance: f64 = row.get("win_probability").parse().unwrap();
            let won = record(row.get("deal_id")[1..].parse().unwrap()).won;
            -(if won { chance } else { 1.0 - chance }).ln()
        })
        .collect();
    assert!(losses.len() > 250);
    losses.iter().sum::<f64>() / losses.len() as f64
}

/// Before: "deals.csv has no column `created_at`" (exit 3); with it "0 won and 0 other deals whose outcome is known" (exit 4).
#[test]
fn a_list_without_dates_is_cross_validated_scored_and_reported() {
    let desk = Desk::empty();
    for dated in [false, true] {
        desk.write("deals.csv", list(dated, false));
        let trained = desk.ok(&format!("train --deals deals.csv --format csv --models models-{dated}"));
        let said = "evaluated by grouped cross-validation: the past of the deals is not known: 10 folds of whole deals";
        assert!(trained.stderr.contains(said), "{}", trained.stderr);
        assert!(!trained.stderr.contains("horizon"), "{}", trained.stderr);
        let night = desk.ok(&format!("run --deals deals.csv --models models-{dated} --out out-{dated}"));
        assert!(night.stderr.contains("the past of the deals is not known"), "{}", night.stderr);
        let scores = Table::read(&desk.path(&format!("out-{dated}/scores.csv")));
        // Never far above scikit-learn; the base rate loses 0.6929.
        let loss = loss_of_scores(&scores);
        assert!(loss < SCIKIT_LEARN + 0.01, "{loss}");
        assert!(
            scores.iter().all(|row| row.get("win_in_period").is_empty() && row.get("predicted_close_date").is_empty())
        );
        let forecast = Table::read(&desk.path(&format!("out-{dated}/forecast.csv")));
        assert!(forecast.iter().all(|row| row.get("expected_from_open").is_empty()));
        desk.ok(&format!("check --outputs out-{dated}"));
        let explained = desk.ok(&format!(
            "explain {} --deals deals.csv --models models-{dated}",
            scores.iter().next().unwrap().get("deal_id")
        ));
        assert!(format!("{}{}", explained.stdout, explained.stderr).contains("in the end"), "{}", explained.stderr);
    }
}

/// What was done after the closing cannot be told from what was done before: invoices of won deals say nothing.
#[test]
fn activities_of_a_list_tell_nothing_of_its_deals() {
    let desk = Desk::empty();
    desk.write("deals.csv", list(true, false));
    let mut activities = "deal_id,occurred_at,kind\n".to_owned();
    for i in 0..RECORDS {
        let (Record { won, open, .. }, month) = (record(i), 1 + i % 12);
        let kind = if won && !open { "invoice" } else { "call" };
        writeln!(activities, "R{i:04},2024-{month:02}-28T10:00:00,{kind}").unwrap();
        writeln!(activities, "R{i:04},2024-{month:02}-28T11:00:00,email").unwrap();
    }
    desk.write("activities.csv", activities);
    let trained = desk.ok("train --deals deals.csv --activities activities.csv");
    assert!(trained.stderr.contains("evaluated by grouped cross-validation"), "{}", trained.stderr);
    let card = std::fs::read_to_string(desk.path("models/current")).unwrap();
    let card: serde_json::Value =
        serde_json::from_str(&desk.read(&format!("models/{}.card.json", card.trim()))).unwrap();
    assert!(!card["fields"].to_string().contains("invoice"), "{}", card["fields"]);
}

/// Log loss of scikit-learn 1.9.1 on the open records: `tests/fixtures/list_reference.py`.
const SCIKIT_LEARN: f64 = 0.5494;

/// Its log loss in the folds of dealcast, and the folds of the first ten closed records: the same script.
const SCIKIT_LEARN_CROSSED: f64 = 0.569;
const FIRST_FOLDS: [&str; 10] = ["1", "10", "7", "6", "7", "7", "9", "1", "1", "7"];

/// The log loss that is claimed of the closed records is about scikit-learn's, fold by fold on the same records.
#[test]
fn the_claim_of_a_cross_validation_is_that_of_scikit_learn_on_the_same_folds() {
    let desk = Desk::empty();
    desk.write("deals.csv", list(false, false));
    let trained = desk.ok("train --deals deals.csv --predictions --format csv");
    let mut predictions: Vec<_> = Table::parse(&trained.stdout)
        .iter()
        .map(|row| {
            let [id, fold] = ["deal_id", "fold"].map(|column| row.get(column).to_owned());
            let chance: f64 = row.get("model").parse().unwrap();
            let loss = -(if row.get("won_within_horizon") == "true" { chance } else { 1.0 - chance }).ln();
            (id, fold, loss)
        })
        .collect();
    predictions.sort_by(|a, b| a.0.cmp(&b.0));
    let first: Vec<&str> = predictions.iter().take(10).map(|(_, fold, _)| fold.as_str()).collect();
    assert_eq!(first, FIRST_FOLDS);
    let claimed = predictions.iter().map(|(_, _, loss)| loss).sum::<f64>() / predictions.len() as f64;
    assert!(trained.stderr.contains(&format!("signal: log loss {claimed:.4}")), "{claimed}: {}", trained.stderr);
    assert!((claimed - SCIKIT_LEARN_CROSSED).abs() < 0.01, "{claimed}");
}

/// One part of the deals says when they were created, the other does not. Before: nothing was said of it.
#[test]
fn deals_of_files_without_a_day_of_creation_are_counted() {
    let desk = Desk::empty();
    let rows = |dated: bool| {
        let mut text = format!("deal_id,stage,closed_at,x{}\n", if dated { ",created_at" } else { "" });
        for i in 0..120 {
            let (part, day, month) = (if dated { "A" } else { "B" }, 1 + i % 28, 1 + i % 9);
            let stage = if i % 2 == 0 { "Won" } else { "Lost" };
            write!(text, "{part}{i:03},{stage},2024-{:02}-{day:02},{:.3}", month + 1, even(i, 3)).unwrap();
            text += &if dated { format!(",2024-{month:02}-{day:02}\n") } else { "\n".to_owned() };
        }
        text
    };
    std::fs::create_dir(desk.path("parts")).unwrap();
    desk.write("parts/a.csv", rows(true));
    desk.write("parts/b.csv", rows(false));
    let night = desk.ok("run --deals parts --out out");
    let said = "120 deals in files that do not say when deals were created: the first known event of each counts";
    assert!(night.stderr.contains(said), "{}", night.stderr);
    desk.ok("check --outputs out");
    desk.write("parts/b.csv", rows(true).replace('A', "B"));
    let dated = desk.ok("run --deals parts --out again --models again-models");
    assert!(!dated.stderr.contains("do not say when"), "{}", dated.stderr);
}

#[test]
fn records_of_one_account_stay_in_one_fold() {
    let desk = Desk::empty();
    desk.write("deals.csv", list(false, true));
    let trained = desk.ok("train --deals deals.csv --predictions --format csv");
    assert!(trained.stderr.contains("10 folds of whole groups of one `account`"), "{}", trained.stderr);
    let predictions = Table::parse(&trained.stdout);
    assert!(predictions.iter().all(|row| row.get("cutoff").is_empty()));
    let accounts = predictions.iter().all(|row| {
        let number: usize = row.get("deal_id")[1..].parse().unwrap();
        let mate =
            predictions.iter().find(|other| other.get("deal_id")[1..].parse::<usize>().unwrap() / 3 == number / 3);
        mate.unwrap().get("group") == row.get("group")
    });
    assert!(accounts, "a group is an account");
    desk.write("dealcast.toml", "[training]\ngroup_by = \"city\"\nfolds = 4\n");
    let by_city = desk.ok("train --deals deals.csv --promote");
    assert!(by_city.stderr.contains("4 folds of whole groups of one `city`"), "{}", by_city.stderr);
}

/// A history whose day of creation has another name is no list.
#[test]
fn a_day_of_creation_under_a_name_no_program_gives_it_is_asked_for() {
    let desk = Desk::empty();
    desk.write("deals.csv", list(true, false).replace("created_at", "Creation Day"));
    let refused = desk.run("train --deals deals.csv");
    assert_eq!(refused.code, 3, "{}", refused.stderr);
    assert!(refused.stderr.contains("has no column `created_at`"), "{}", refused.stderr);
}

/// A share of the open, the won and the lost.
fn by_fate(record: &Record, open: f64, won: f64, lost: f64) -> f64 {
    match (record.open, record.won) {
        (true, _) => open,
        (_, true) => won,
        (_, false) => lost,
    }
}

/// The list with further columns: a name and what a record shows there.
fn list_with(columns: &[&str], cell: impl Fn(usize, usize) -> String) -> String {
    let mut text = String::new();
    for (line, row) in list(false, false).lines().enumerate() {
        text += row;
        for (at, name) in columns.iter().enumerate() {
            text.push(',');
            text += &if line == 0 { (*name).to_owned() } else { cell(line - 1, at) };
        }
        text.push('\n');
    }
    text
}

/// What the evaluation promises, and what the scores of the open records are worth.
fn claimed_and_real(desk: &Desk) -> (f64, f64) {
    let trained = desk.ok("train --deals deals.csv --format csv --models models");
    let evaluated = Table::parse(&trained.stdout);
    let overall = evaluated
        .iter()
        .find(|row| row.get("cutoff").is_empty() && row.get("scope") == "all" && row.get("model") == "model");
    let claimed = overall.expect("an overall line").get("log_loss").parse().unwrap();
    let scores = Table::parse(&desk.ok("score --deals deals.csv --format csv --models models").stdout);
    (claimed, loss_of_scores(&scores))
}

/// Columns filled in, or counted up, as records close. Before: claimed 0.218, real 2.455; a list of one day was taken to
/// drift by all it holds.
#[test]
fn what_is_filled_in_as_records_close_is_left_out_of_a_list() {
    let desk = Desk::empty();
    let cell = |i: usize, at: usize| {
        let record = record(i);
        let picks = |salt: u64, share: f64| even(i, salt) < share;
        let text = match at {
            0 if !picks(6, by_fate(&record, 0.05, 0.7, 0.4)) => "",
            0 if picks(7, by_fate(&record, 0.5, 0.8, 0.3)) => "fit",
            0 => "price",
            1 if picks(8, by_fate(&record, 0.6, 0.15, 0.15)) => "unsure",
            1 if picks(9, by_fate(&record, 0.5, 0.85, 0.2)) => "good",
            1 => "bad",
            _ => return ((by_fate(&record, 1.0, 5.0, 2.0) + 6.0 * even(i, 10)) as i32).to_string(),
        };
        text.to_owned()
    };
    desk.write("deals.csv", list_with(&["note", "mood", "calls"], cell));
    let (claimed, real) = claimed_and_real(&desk);
    assert!((claimed - real).abs() < 0.05 && real < 0.6, "claimed {claimed}, real {real}");
}

/// Most columns tell of the time a record has been open and of nothing else, and open records differ in them: before, that
/// made such differences usual, and a counter of calls passed for honest (claimed 0.511, real 0.669). `x` is honest.
#[test]
fn a_counter_is_found_among_columns_that_tell_of_the_time() {
    let desk = Desk::empty();
    let names = ["calls", "spare", "t0", "t1", "t2", "t3", "t4", "t5", "t6"];
    let cell = |i: usize, at: usize| {
        let record = record(i);
        let own = 8.0 * even(i, 10) * even(i, 11) + 4.0 * even(i, 13);
        match at {
            0 => ((by_fate(&record, 0.0, 3.0, 1.0) + own) as i32).to_string(),
            1 if even(i, 12) < 0.2 => "yes".to_owned(),
            1 => String::new(),
            _ if record.open => (100.0 * even(i, 20 + at as u64)).round().to_string(),
            _ => (100.0 - 55.0 * even(i, 20 + at as u64)).round().to_string(),
        }
    };
    desk.write("deals.csv", list_with(&names, cell));
    let fields = Table::parse(&desk.ok("features --deals deals.csv --format csv").stdout);
    let status = |name: &str| fields.iter().find(|row| row.get("field") == name).map(|row| row.get("status"));
    for (field, wanted) in [("calls", "excluded"), ("x", "used"), ("y", "used"), ("city", "used")] {
        assert_eq!(status(field), Some(wanted), "{field}");
    }
    let (claimed, real) = claimed_and_real(&desk);
    assert!((claimed - real).abs() < 0.05, "claimed {claimed}, real {real}");
}

/// Twelve columns that know a little each: none stands out, and open records contradict them together. Before: claimed 0.361,
/// real 1.084, with a warning.
#[test]
fn a_claim_that_open_records_contradict_is_withdrawn() {
    let desk = Desk::empty();
    let names = ["w0", "w1", "w2", "w3", "w4", "w5", "w6", "w7", "w8", "w9", "w10", "w11"];
    let cell = |i: usize, at: usize| {
        if even(i, 20 + at as u64) < by_fate(&record(i), 0.3, 0.65, 0.4) { "yes" } else { "no" }.to_owned()
    };
    desk.write("deals.csv", list_with(&names, cell));
    let trained = desk.ok("train --deals deals.csv --models models");
    assert!(trained.stderr.contains("which was withdrawn"), "{}", trained.stderr);
    let (claimed, real) = claimed_and_real(&desk);
    assert!((claimed - real).abs() < 0.12 && real < 0.65, "claimed {claimed}, real {real}");
}
