//! What a push leaves in the CRM's history and activities is none of the deals' own, today and as of any day before.

use std::fmt::Write as _;

use crate::harness::{Desk, Table};

/// Days the runs are as of: that of the export, and one before.
const DAYS: [&str; 2] = ["2025-08-23", "2025-08-09"];
/// What must not move.
const COLUMNS: [&str; 4] = ["deal_id", "stage", "days_in_stage", "win_probability"];

/// Both folders hold the same scores of the same deals.
fn assert_same_scores(desk: &Desk, one: &str, other: &str) {
    let (one, other) = (
        Table::read(&desk.path(&format!("{one}/scores.csv"))),
        Table::read(&desk.path(&format!("{other}/scores.csv"))),
    );
    assert!(one.rows() > 10, "{} open deals", one.rows());
    for column in COLUMNS {
        assert_eq!(one.column(column), other.column(column), "{column}");
    }
}

/// `text` with one more column, the same in every row.
fn with_column(text: &str, name: &str, cell: &str) -> String {
    let mut lines = text.lines();
    let mut wider = format!("{},{name}\n", lines.next().unwrap());
    lines.for_each(|line| writeln!(wider, "{line},{cell}").unwrap());
    wider
}

#[test]
fn rows_of_the_user_that_pushes_are_kept_out_by_a_filter() {
    let desk = Desk::with_world(200, 600);
    let filter = |column: &str| format!("filters = [{{ column = \"{column}\", none_of = [\"scorebot\"] }}]\n");
    let tables = "[sources.deals]\npath = \"deals.csv\"\n[sources.stage_history]\npath = \"stage_history.csv\"\n";
    let activities = "[sources.activities]\npath = \"activities.csv\"\n";
    desk.write("dealcast.toml", format!("{tables}{}{activities}{}", filter("changed_by"), filter("created_by")));
    let history = with_column(&desk.read("stage_history.csv"), "changed_by", "alice");
    let ids: Vec<String> = history.lines().skip(1).map(|line| line.split(',').next().unwrap().to_owned()).collect();
    let mut activities = "deal_id,occurred_at,kind,created_by\n".to_owned();
    for (at, id) in ids.iter().enumerate() {
        writeln!(activities, "{id},2025-{:02}-{:02}T10:00:00,call,alice", 1 + at % 8, 1 + at % 22).unwrap();
    }
    desk.write("stage_history.csv", &history);
    desk.write("activities.csv", &activities);
    for (at, day) in DAYS.iter().enumerate() {
        desk.ok(&format!("run --as-of {day} --models clean{at} --reports none --out without{at}"));
    }
    // Every night the scores are written into the CRM, which notes it with the stage the deal is in, and as an activity.
    let (mut noisy, mut busy) = (history, activities);
    for (at, id) in ids.iter().enumerate().step_by(3) {
        writeln!(noisy, "{id},2025-08-{:02}T02:00:00,Prospecting,scorebot", 1 + at % 22).unwrap();
        writeln!(busy, "{id},2025-08-{:02}T02:00:00,update,scorebot", 1 + at % 22).unwrap();
    }
    desk.write("stage_history.csv", noisy);
    desk.write("activities.csv", busy);
    for (at, day) in DAYS.iter().enumerate() {
        desk.ok(&format!("run --as-of {day} --models noisy{at} --reports none --out with{at}"));
        assert_same_scores(&desk, &format!("with{at}"), &format!("without{at}"));
    }
}

/// The history of a CRM as its own query gives it, with the user's name, and the rows its own interface would leave there.
fn is_deaf_to(shape: &str, file: &str, own_filters: &str, noise: impl Fn(&str, usize) -> String) {
    let desk = Desk::empty();
    desk.ok(&format!("simulate --as {shape} --deals 300 --seed 5 --as-of 2025-08-23 --out crm"));
    desk.ok("init crm");
    let config = desk.read("dealcast.toml");
    let filter = "{ column = \"changed_by\", none_of = [\"scorebot\"] }";
    let filtered = match own_filters {
        "" => config.replace("[sources.stage_history]\n", &format!("[sources.stage_history]\nfilters = [{filter}]\n")),
        own => config.replace(own, &format!("{}, {filter}]", own.trim_end_matches(']'))),
    };
    assert_ne!(config, filtered, "{config}");
    desk.write("dealcast.toml", filtered);
    let clean = with_column(&desk.read(file), "changed_by", "admin");
    desk.write(file, &clean);
    desk.ok("run --as-of 2025-08-20 --models clean --reports none --out without");
    let ids: Vec<&str> = clean.lines().skip(1).map(|line| line.split(',').next().unwrap()).collect();
    let noisy = ids.iter().enumerate().step_by(3).map(|(at, id)| noise(id, at)).collect::<String>();
    desk.write(file, format!("{clean}{noisy}"));
    desk.ok("run --as-of 2025-08-20 --models noisy --reports none --out with");
    assert_same_scores(&desk, "with", "without");
}

#[test]
fn the_stream_of_espocrm_is_read_without_the_user_that_pushes() {
    is_deaf_to(
        "espocrm",
        "crm/espocrm_stream.csv",
        "filters = [{ column = \"type\", any_of = [\"Create\", \"Status\"] }]",
        |id, at| {
            let moment = format!("2025-08-{:02} 02:00:00", 1 + at % 19);
            format!(
                "{id},{moment},Update,\"{{\"\"fields\"\":[\"\"cWinScore\"\"]}}\",scorebot\n\
             {id},{moment},Status,\"{{\"\"field\"\":\"\"stage\"\",\"\"value\"\":\"\"Qualification\"\"}}\",scorebot\n"
            )
        },
    );
}

#[test]
fn the_log_of_vtiger_is_read_without_the_user_that_pushes() {
    is_deaf_to("vtiger", "crm/modtracker.csv", "", |id, at| {
        let moment = format!("2025-08-{:02} 02:00:00", 1 + at % 19);
        format!("{id},{moment},cf_852,,0.73,2,scorebot\n{id},{moment},sales_stage,,Qualification,2,scorebot\n")
    });
}
