//! What is declared of the output tables holds in random worlds: every run is held against its declarations.
//!
//! `DEALCAST_WORLDS` says how many worlds (30 if not given), `DEALCAST_FIRST_WORLD` the number of the first; a world is
//! the same whenever its number is.

mod spoil;
mod world;

use std::env;

use dealcast::domain::progress::NoProgress;
use dealcast::render::ReportKind;
use dealcast::render::language::Language;
use dealcast::report::invariants::Violation;
use dealcast::run::champion::Retrain;
use dealcast::run::check::check_run;
use dealcast::run::nightly::{ModelChoice, Nightly, Reports, nightly};
use dealcast::store::models::Registry;
use dealcast::store::outputs::Outputs;
use dealcast::store::reserved::ReservedPlaces;

use crate::world::RandomWorld;

/// Violations of one world that are printed.
const SHOWN: usize = 12;

fn setting(name: &str, otherwise: u64) -> u64 {
    env::var(name).ok().map_or(otherwise, |text| text.parse().expect("a number"))
}

/// A page and a workbook in French: whatever a world holds, it can be shown.
fn reports() -> Reports {
    Reports::Of(ReportKind::ALL.to_vec(), Box::new(Language::of("fr").expect("a language")))
}

/// What cannot be in the outputs of a world; an error text where the run was refused.
fn violations(world: &RandomWorld) -> Result<Vec<String>, String> {
    let folder = tempfile::tempdir().expect("a folder");
    let inputs = world.make(folder.path());
    let asked = Nightly { inputs, model: ModelChoice::Champion(Retrain::Due), by: world.by(), reports: reports() };
    let out = folder.path().join("out");
    let registry = Registry::open(&folder.path().join("models"));
    let outputs = Outputs::open(&out, &ReservedPlaces::default()).expect("a folder for outputs");
    let found = nightly(&asked, &registry, outputs, &NoProgress).map_err(|error| error.to_string())?;
    assert_eq!(found.unreported, [], "every world has its reports");
    let checked = check_run(&out).expect("a finished run");
    assert!(checked.tables >= 14 && checked.files > 30, "{checked:?}");
    let shown = |violation: Violation| {
        let (row, columns) = (violation.row.unwrap_or_default(), violation.columns.unwrap_or_default());
        format!("{} [{row}] {columns}: {}, expected {}", violation.table, violation.got, violation.expected)
    };
    Ok(checked.violations.into_iter().map(shown).collect())
}

#[test]
fn outputs_of_random_worlds_are_as_declared() {
    let first = setting("DEALCAST_FIRST_WORLD", 0);
    let (mut finished, mut wrong) = (0, Vec::new());
    let worlds = setting("DEALCAST_WORLDS", 30);
    for number in first..first + worlds {
        let world = RandomWorld::of(number);
        match violations(&world) {
            Ok(found) if found.is_empty() => finished += 1,
            Ok(found) => {
                let more = found.len().saturating_sub(SHOWN);
                println!(
                    "world {number}: {world:?}\n  {}\n  and {more} more",
                    found[..found.len() - more].join("\n  ")
                );
                wrong.push(number);
            }
            Err(refused) => println!("world {number}: {world:?}\n  refused: {refused}"),
        }
    }
    assert!(wrong.is_empty(), "worlds with outputs that cannot be: {wrong:?}");
    assert!(worlds < 10 || finished * 4 >= worlds * 3, "only {finished} of {worlds} worlds gave outputs");
}
