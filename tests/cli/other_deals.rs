//! A model knows whose deals it was trained on, and lies beside what it was trained on.

use crate::harness::{Desk, TABLES};
use crate::world::{LAST_DAY, World, date};

/// The export of the world of `desk`, as another company would have it: other ids, owners and sources.
fn of_another_company(text: &str) -> String {
    let mut lines = text.lines();
    let header = lines.next().unwrap();
    let owner = header.split(',').position(|name| name == "owner");
    let source = header.split(',').position(|name| name == "source");
    let renamed = lines.map(|line| {
        let mut cells: Vec<String> = line.split(',').map(str::to_owned).collect();
        cells[0] = format!("other-{}", cells[0]);
        for column in [owner, source].into_iter().flatten() {
            cells[column] = format!("other {}", cells[column]);
        }
        cells.join(",")
    });
    format!("{header}\n{}\n", renamed.collect::<Vec<_>>().join("\n"))
}

/// Before: every deal was scored without a word, with contributions of 0.
#[test]
fn another_companys_deals_are_refused_by_every_command_that_scores() {
    let desk = Desk::empty();
    let world = World::new(900);
    World::structure(&desk.path(""));
    world.export(&desk.path(""), LAST_DAY);
    desk.ok(&format!("train {TABLES} --as-of {} --quiet", date(LAST_DAY)));
    let id = desk.read("models/current");
    for name in ["deals.csv", "stage_history.csv"] {
        desk.write(&format!("other_{name}"), of_another_company(&desk.read(name)));
    }
    let day = date(LAST_DAY);
    let others =
        format!("--deals other_deals.csv --stage-history other_stage_history.csv --models models --as-of {day}");
    for command in ["score", "run --out out", "train", &format!("score --model {}", id.trim())] {
        let refused = desk.run(&format!("{command} {others}"));
        assert_eq!(refused.code, 4, "{command}: {}", refused.stderr);
        assert!(refused.stderr.contains("was trained on other deals than these"), "{command}: {}", refused.stderr);
        assert!(refused.stderr.contains("--models"), "{command}: {}", refused.stderr);
    }
    assert_eq!(desk.read("models/current"), id);
    desk.ok(&format!("train {others} --promote"));
}

#[test]
fn the_next_quarter_is_scored_with_its_new_owners() {
    let desk = Desk::empty();
    let world = World::new(900);
    World::structure(&desk.path(""));
    world.export(&desk.path(""), LAST_DAY - 90);
    desk.ok(&format!("train {TABLES} --as-of {} --quiet", date(LAST_DAY - 90)));
    world.export(&desk.path(""), LAST_DAY);
    let deals = desk.read("deals.csv").replace(",rep", ",new");
    desk.write("deals.csv", deals);
    desk.ok(&format!("score {TABLES} --as-of {} --quiet", date(LAST_DAY)));
}

/// Before: in the folder the job was started in, wherever the configuration lay.
#[test]
fn models_lie_beside_the_configuration_or_the_deals() {
    let desk = Desk::empty();
    for folder in ["a", "b", "elsewhere"] {
        std::fs::create_dir(desk.path(folder)).unwrap();
    }
    World::new(900).export(&desk.path("a"), LAST_DAY);
    World::new(900).export(&desk.path("b"), LAST_DAY);
    desk.write(
        "b/dealcast.toml",
        "[sources.deals]\npath = \"deals.csv\"\n[sources.stage_history]\npath = \"stage_history.csv\"\n",
    );
    let day = date(LAST_DAY);
    desk.ok(&format!("train --deals a/deals.csv --stage-history a/stage_history.csv --as-of {day} --quiet"));
    desk.ok(&format!("train --config b/dealcast.toml --as-of {day} --quiet"));
    assert!(desk.path("a/models/current").is_file() && desk.path("b/models/current").is_file());
    assert!(!desk.path("models").exists());
    let listed = desk.ok("models list --config b/dealcast.toml --format csv");
    assert_eq!(listed.stdout.lines().count(), 2, "{}", listed.stdout);
    desk.ok(&format!("score --config b/dealcast.toml --as-of {day} --quiet"));
}
