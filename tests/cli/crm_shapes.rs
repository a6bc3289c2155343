//! One simulated world in the shape of every CRM: `init` and `run` read the export as what it carries, to the byte.
//!
//! The other side of each comparison is the canonical form of what the shape carries (`simulate --as SHAPE --canonical`),
//! with a configuration of its own.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use dealcast::presets::export_shapes;

use crate::harness::{Desk, names};

/// Answers that `init` needs from a person, by shape; the others need none.
const ANSWERS: [(&str, &str); 0] = [];

/// What a run wrote for tables and people, without the model's id, which names the recipe.
fn written(out: &Path) -> BTreeMap<String, String> {
    let kept = |name: &String| name.ends_with(".csv") || name.ends_with(".md");
    let text = |name: &str| without_ids(&fs::read_to_string(out.join(name)).unwrap());
    names(out).into_iter().filter(kept).map(|name| (name.clone(), text(&name))).collect()
}

/// The text with every `2026-02-14-1a2b3c4d` as `MODEL`.
pub fn without_ids(text: &str) -> String {
    let is_id = |part: &str| {
        part.len() == 19
            && part.char_indices().all(|(at, c)| match at {
                4 | 7 | 10 => c == '-',
                ..10 => c.is_ascii_digit(),
                _ => c.is_ascii_hexdigit(),
            })
    };
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        match rest.get(..19).filter(|part| is_id(part)) {
            Some(_) => {
                out.push_str("MODEL");
                rest = &rest[19..];
            }
            None => {
                out.push(first);
                rest = &rest[first.len_utf8()..];
            }
        }
    }
    out
}

/// Writes a world in a shape and as what the shape carries, reads both, and compares everything.
fn compare(shape: &str, seed: u64, deals: u32, more: &str) {
    let desk = Desk::empty();
    let world = format!("--as {shape} --deals {deals} --owners 6 --seed {seed} {more}");
    let made = desk.ok(&format!("simulate {world} --out exports"));
    assert!(made.stderr.contains("dealcast init exports"), "{shape}: {}", made.stderr);
    desk.ok(&format!("simulate {world} --canonical --out plain"));
    let answers = ANSWERS.iter().find(|(name, _)| *name == shape).map_or("", |(_, answers)| answers);
    let init = desk.run(&format!("init exports {answers}"));
    assert_eq!(init.code, 0, "{shape}: {}", init.stderr);
    desk.ok("run --out read");
    desk.ok("run --config plain/dealcast.toml --out expected");
    let (read, expected) = (written(&desk.path("read")), written(&desk.path("expected")));
    assert!(expected.contains_key("scores.csv") && expected.contains_key("forecast.csv"), "{:?}", expected.keys());
    assert_eq!(read.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>(), "{shape}");
    // How the columns of the files are called is another matter.
    for (name, text) in expected.iter().filter(|(name, _)| *name != "input_columns.csv") {
        let lines = read[name].lines().zip(text.lines());
        let differing = lines.filter(|(read, expected)| read != expected).take(2).collect::<Vec<_>>();
        assert!(
            read[name] == *text,
            "{shape}, seed {seed}: {name} of the export, then of what it carries: {differing:#?}\n{}",
            desk.read("dealcast.toml")
        );
    }
}

#[test]
fn every_shape_is_read_as_what_it_carries() {
    let shapes: Vec<&str> = export_shapes().map(|(_, shape)| shape.name.as_str()).collect();
    assert!(shapes.len() >= 2, "{shapes:?}");
    std::thread::scope(|scope| {
        let half = shapes.len().div_ceil(2);
        for (part, shapes) in shapes.chunks(half).enumerate() {
            scope.spawn(move || {
                for (at, shape) in shapes.iter().enumerate() {
                    compare(shape, (10 * part + at) as u64, 260, "");
                }
            });
        }
    });
}

/// Deals that are opened again have several rows of one moment: before, of two whole rows the larger amount held, whichever it
/// was before.
#[test]
fn deals_that_are_opened_again_are_read_alike() {
    std::thread::scope(|scope| {
        scope.spawn(|| ["salesforce", "zoho"].map(|shape| compare(shape, 1, 500, "--reopen 0.3")));
        scope.spawn(|| {
            ["salesforce-fields", "salesforce-warehouse"].map(|shape| compare(shape, 1, 400, "--reopen 0.3"))
        });
    });
}

/// Of a folder about which everything is certain a run writes what it writes with the configuration of `init`.
#[test]
fn a_folder_runs_as_it_does_with_the_configuration_of_init() {
    let desk = Desk::empty();
    for (shape, seed) in [("zoho", 3), ("pipedrive", 4)] {
        desk.ok(&format!("simulate --as {shape} --deals 240 --owners 6 --seed {seed} --out {shape}"));
        desk.ok(&format!("run {shape} --models models-of-{shape} --out direct-{shape}"));
        desk.ok(&format!("init {shape} --config {shape}.toml"));
        desk.ok(&format!("run --config {shape}.toml --models models-by-{shape} --out via-{shape}"));
        let folders = [format!("direct-{shape}"), format!("via-{shape}")];
        let [direct, via] = folders.map(|folder| desk.path(&folder));
        assert_eq!(names(&direct), names(&via), "{shape}");
        // timings differ, and the configuration has comments
        for name in names(&direct).iter().filter(|name| *name != "manifest.json") {
            assert!(fs::read(direct.join(name)).unwrap() == fs::read(via.join(name)).unwrap(), "{shape}: {name}");
        }
    }
}

#[test]
fn a_shape_is_named_and_writes_text() {
    let desk = Desk::empty();
    let refused = desk.run("simulate --as sugar --out a");
    assert_eq!(refused.code, 2, "{}", refused.stderr);
    assert!(refused.stderr.contains("salesforce"), "{}", refused.stderr);
    let parquet = desk.run("simulate --as salesforce --format parquet --out a");
    assert_eq!(parquet.code, 2, "{}", parquet.stderr);
    assert_eq!(desk.run("simulate --canonical --out a").code, 2);
}
