//! What a push leaves in the CRM's history is none of the deals' own.

use std::fmt::Write as _;

use crate::harness::{Desk, Table};

#[test]
fn rows_of_the_user_that_pushes_are_kept_out_by_a_filter() {
    let desk = Desk::with_world(200, 600);
    let tables = "[sources.deals]\npath = \"deals.csv\"\n[sources.stage_history]\npath = \"stage_history.csv\"\n";
    let filter = "filters = [{ column = \"changed_by\", none_of = [\"scorebot\"] }]\n";
    desk.write("dealcast.toml", format!("{tables}{filter}"));
    let history = desk.read("stage_history.csv");
    let mut lines = history.lines();
    let mut with_user = format!("{},changed_by\n", lines.next().unwrap());
    lines.for_each(|line| writeln!(with_user, "{line},alice").unwrap());
    desk.write("stage_history.csv", &with_user);
    desk.ok("run --as-of 2025-08-23 --models clean --out without");
    // Every night the scores are written into the CRM, which notes it with the stage the deal is in.
    let ids: Vec<String> = history.lines().skip(1).map(|line| line.split(',').next().unwrap().to_owned()).collect();
    for (at, id) in ids.iter().enumerate().step_by(3) {
        writeln!(with_user, "{id},2025-08-{:02}T02:00:00,Prospecting,scorebot", 1 + at % 22).unwrap();
    }
    desk.write("stage_history.csv", with_user);
    desk.ok("run --as-of 2025-08-23 --models noisy --out with");
    let (with, without) = (Table::read(&desk.path("with/scores.csv")), Table::read(&desk.path("without/scores.csv")));
    for column in ["deal_id", "stage", "days_in_stage", "win_probability"] {
        assert_eq!(with.column(column), without.column(column), "{column}");
    }
}
