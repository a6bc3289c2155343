//! One catalogue a language: nothing of it is missing, a report in it says nothing in English, and a further one is a file.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use dealcast::config::Rule;
use dealcast::render::language::LANGUAGES;
use serde_json::Value;

use crate::harness::{Desk, Finished, MARKETING, TABLES, Table, names};
use crate::opened_workbook::OpenedWorkbook;
use crate::world::World;

/// Words no French sentence has.
const ENGLISH: [&str; 11] =
    [" the ", " of ", " and ", " is ", " are ", " with ", " deals ", " from ", " which ", " days ", " for "];

/// Units that list names as files have them.
const NAMES_OF_FILES: [&str; 2] = ["ISO 4217", "nats"];

/// A world with everything, run on two days.
fn desk() -> Desk {
    let desk = Desk::with_world(300, 700);
    World::new(300).marketing(&desk.path(""), 700);
    desk.nightly(&format!("--as-of 2025-11-10 --out before {MARKETING}"));
    desk.nightly(&format!("--out out {MARKETING}"));
    desk
}

fn catalogue(text: &str) -> toml::Table {
    text.parse().expect("a catalogue")
}

fn texts(catalogue: &toml::Table, section: &str) -> BTreeMap<String, String> {
    let section = catalogue[section].as_table().expect("a section");
    section.iter().map(|(key, text)| (key.clone(), text.as_str().expect("a text").to_owned())).collect()
}

/// What the declared tables say of their columns, and the names of these.
fn declared() -> (BTreeSet<String>, BTreeSet<String>) {
    let schema: Value = serde_json::from_str(&Desk::empty().ok("schema outputs").stdout).expect("JSON");
    let (mut said, mut names) = (BTreeSet::new(), BTreeSet::new());
    let tables = schema["tables"].as_array().expect("tables");
    for column in tables.iter().flat_map(|table| table["columns"].as_array().expect("columns")) {
        names.insert(column["name"].as_str().expect("a name").to_owned());
        let notes = ["meaning", "formula", "empty", "unit"].into_iter().filter_map(|note| column[note].as_str());
        said.extend(notes.filter(|text| !text.is_empty()).map(str::to_owned));
    }
    (said, names)
}

#[test]
fn every_declared_text_and_no_other_has_words_in_every_language() {
    let (mut said, names) = declared();
    said.extend(Rule::ALL.iter().map(|rule| rule.meaning().to_owned()));
    let fields: BTreeSet<String> = include_str!("../../models/FEATURES.md")
        .lines()
        .filter(|line| line.matches(" | ").count() >= 4)
        .filter_map(|line| line.strip_prefix("| ")?.split(" | ").next())
        .filter(|name| !["field", "---"].contains(name))
        .map(str::to_owned)
        .collect();
    for (code, text) in &LANGUAGES[1..] {
        let catalogue = catalogue(text);
        let translated: BTreeSet<String> = texts(&catalogue, "declared").into_keys().collect();
        assert_eq!(
            said.difference(&translated).collect::<Vec<_>>(),
            Vec::<&String>::new(),
            "{code} has no words of these"
        );
        assert_eq!(
            translated.difference(&said).collect::<Vec<_>>(),
            Vec::<&String>::new(),
            "{code}: nobody says these"
        );
        let labels: BTreeSet<String> = texts(&catalogue, "columns").into_keys().collect();
        assert_eq!(
            names.difference(&labels).collect::<Vec<_>>(),
            Vec::<&String>::new(),
            "{code} has no label of these"
        );
        let factors: BTreeSet<String> = texts(&catalogue, "factors").into_keys().collect();
        let untold: Vec<&String> =
            fields.iter().filter(|field| field.contains(' ') && !factors.contains(*field)).collect();
        assert!(untold.is_empty(), "{code} has no name of the fields {untold:?}");
        for unit in NAMES_OF_FILES {
            assert!(translated.contains(unit), "{unit}");
        }
    }
}

/// The first English word of a text; names of tables, alone or listed, are the same everywhere.
fn english(text: &str) -> Option<&'static str> {
    if text.split_whitespace().count() < 3 || text.contains("stage_history") {
        return None;
    }
    // What stands between backquotes is a value or a column: they are the same everywhere.
    let said: Vec<&str> = text.split('`').step_by(2).collect();
    let apart = format!(" {} ", said.join(" ").replace(['\n', '(', ')', ',', ';', ':'], " "));
    ENGLISH.into_iter().find(|word| apart.contains(word))
}

#[test]
fn no_english_stands_in_a_french_report() {
    let desk = desk();
    desk.ok("report out --out french --digest sheets --locale fr");
    let page = desk.read("french/report.html");
    let body = page.split("<body>").nth(1).and_then(|body| body.split("<script").next()).expect("a body");
    let texts: Vec<&str> = body.split('>').filter_map(|part| part.split('<').next()).collect();
    assert!(texts.len() > 2_000, "{} texts", texts.len());
    for text in texts {
        assert_eq!(english(text), None, "on the page: {text}");
    }
    let book = OpenedWorkbook::open(&desk.path("french/report.xlsx"));
    let sheets: Vec<String> = book.names().into_iter().map(str::to_owned).collect();
    let mut cells = 0;
    for (sheet, name) in (1..).zip(&sheets) {
        for text in book.texts(sheet).into_iter().chain(book.notes(sheet).into_iter().map(|(_, note)| note)) {
            cells += 1;
            assert_eq!(english(&text), None, "on sheet {name}: {text}");
        }
    }
    assert!(cells > 2_000, "{cells} texts of the workbook");
    for sheet in names(&desk.path("sheets")).iter().filter(|name| name.ends_with(".md")) {
        let text = desk.read(&format!("sheets/{sheet}"));
        for line in text.lines() {
            assert_eq!(english(line), None, "{sheet}: {line}");
        }
    }
}

#[test]
fn factors_are_in_french_and_people_have_their_names() {
    let desk = desk();
    desk.ok("report out --out french --locale fr --format xlsx");
    let book = OpenedWorkbook::open(&desk.path("french/report.xlsx"));
    let sheet = 1 + book.names().iter().position(|name| *name == "Pipeline").expect("the sheet of scores");
    let texts = book.texts(sheet);
    let reasons: Vec<&String> = texts.iter().filter(|text| text.contains("temps dans l'étape\u{a0}: ")).collect();
    assert!(!reasons.is_empty(), "no reason of the time in stage: {texts:?}");
    assert!(reasons.iter().any(|text| text.contains("durée de référence des opportunités gagnées")), "{reasons:?}");
    assert!(reasons.iter().all(|text| !text.contains(" ; ") && !text.contains("product\u{a0}:")), "{reasons:?}");
}

#[test]
fn the_page_of_250_open_deals_is_small_in_every_language() {
    let home = Path::new(env!("CARGO_MANIFEST_DIR"));
    let current = fs::read_to_string(home.join("models/current")).expect("a model in use");
    let model = home.join("models").join(format!("{}.json", current.trim()));
    let config = home.join("data/sample/dealcast.toml");
    let desk = Desk::empty();
    let (config, model) = (config.display(), model.display());
    desk.ok(&format!("run --config {config} --model {model} --models models --out out --reports none"));
    for (code, _) in LANGUAGES {
        desk.ok(&format!("report out --out {code} --format html --locale {code}"));
        let bytes = desk.read(&format!("{code}/report.html")).len();
        assert!(bytes <= 500_000, "{code}: {bytes} bytes");
    }
}

/// A language made of the French catalogue: every text in angle brackets.
fn made_up() -> String {
    let (head, sections) = LANGUAGES[1].1.split_once("[words]").expect("words");
    let in_brackets = |line: &str| match line.split_once("= \"") {
        Some((key, text)) => format!("{key}= \"«{}»\"", text.trim_end_matches('"')),
        None => line.to_owned(),
    };
    let sections: Vec<String> = sections.lines().map(in_brackets).collect();
    format!("{}[words]{}", head.replace("\"fr\"", "\"zz\""), sections.join("\n"))
}

#[test]
fn a_further_language_is_one_file() {
    let desk = desk();
    desk.write("zz.toml", made_up());
    desk.ok("report out --out made-up --digest sheets --locale zz.toml");
    let page = desk.read("made-up/report.html");
    assert!(page.contains("<html lang=\"zz\">") && page.contains("«Prévision»"), "labels");
    assert!(
        page.contains("«quota du nœud\u{a0}: le sien") && page.contains("«données au "),
        "definitions and findings"
    );
    let book = OpenedWorkbook::open(&desk.path("made-up/report.xlsx"));
    assert!(book.names().contains(&"«Écarts»"), "{:?}", book.names());
    desk.write(
        "cut.toml",
        made_up().lines().filter(|line| !line.starts_with("monday ")).collect::<Vec<_>>().join("\n"),
    );
    let refused = desk.run("report out --out cut --locale cut.toml");
    assert_eq!(refused.code, 2, "{}", refused.stderr);
    assert!(refused.stderr.contains("such as `monday`"), "{}", refused.stderr);
    let missing = desk.run("report out --out cut --locale none.toml");
    assert_eq!(missing.code, 2, "{}", missing.stderr);
}

/// What every command that prints a table or a finding for people is asked.
const FOR_PEOPLE: [&str; 26] = [
    "score",
    "forecast",
    "forecast --by-deal",
    "actions",
    "gaps",
    "gaps --by source",
    "stagnation",
    "stagnation --by owner",
    "stagnation --by team",
    "stagnation --backtest",
    "funnel",
    "funnel --summary",
    "funnel --flow",
    "funnel --compare source=Web source=Referral",
    "sources",
    "waterfall --from 2025-11-10",
    "waterfall --from 2025-11-10 --by-deal",
    "backtest",
    "check",
    "check --columns",
    "check --costs",
    "explain DEAL",
    "history DEAL",
    "compare before out",
    "compare before out --by-deal",
    "check --outputs out",
];

/// Whether a command reads the tables of the export.
fn reads_tables(command: &str) -> bool {
    !["compare", "check --outputs", "models"].iter().any(|other| command.starts_with(other))
}

fn asked(command: &str, deal: &str) -> String {
    let tables = if reads_tables(command) { format!("{TABLES} {MARKETING}") } else { String::new() };
    format!("{} {tables}", command.replace("DEAL", deal))
}

/// An open deal of the run in `out`.
fn open_deal(desk: &Desk) -> String {
    Table::read(&desk.path("out/scores.csv")).iter().next().expect("a deal").get("deal_id").to_owned()
}

#[test]
fn no_english_stands_in_a_french_terminal() {
    let desk = desk();
    let deal = open_deal(&desk);
    for command in FOR_PEOPLE {
        let arguments = format!("{} --locale fr", asked(command, &deal));
        let output = desk.command(&arguments).env("COLUMNS", "2000").output().expect("an end");
        let said = Finished::of(output, command);
        assert_eq!(said.code, 0, "{command}: {}", said.stderr);
        assert!(!said.stdout.is_empty() || command == "check --outputs out", "{command} prints nothing");
        for line in said.stdout.lines().chain(said.stderr.lines()) {
            // Between cells there are several blanks.
            for text in line.split("  ") {
                assert_eq!(english(text), None, "{command}: {line}");
            }
        }
        let head = said.stdout.lines().find(|line| !line.is_empty()).unwrap_or_default();
        assert!(!head.contains('_'), "names of columns in {command}: {head}");
    }
}

#[test]
fn what_programs_read_is_the_same_in_every_language() {
    let desk = desk();
    let deal = open_deal(&desk);
    for command in FOR_PEOPLE.into_iter().filter(|command| !command.starts_with("backtest")) {
        for format in ["csv", "json", "parquet"] {
            let said = |locale: &str| {
                let arguments = format!("{} --format {format} {locale}", asked(command, &deal));
                desk.command(&arguments).output().expect("an end")
            };
            let (english, french) = (said(""), said("--locale fr"));
            assert!(english.status.success() && !english.stdout.is_empty(), "{command}");
            assert!(english.stdout == french.stdout, "{command} as {format} differs");
        }
    }
    let written = |folder: &str, locale: &str| {
        desk.ok(&format!("{} --out {folder} {locale}", asked("forecast", &deal)));
        desk.read(&format!("{folder}/forecast.csv"))
    };
    assert_eq!(written("english", ""), written("francais", "--locale fr"));
}

#[test]
fn a_terminal_takes_a_language_from_a_file() {
    let desk = desk();
    desk.write("zz.toml", made_up());
    let said = desk.ok(&format!("{} --locale zz.toml", asked("actions", "")));
    assert!(said.stdout.contains("«Échéance»") && said.stdout.contains("«opportunité lente»"), "{}", said.stdout);
    let said = desk.ok("compare before out --locale zz.toml");
    assert!(said.stderr.contains("«du 10/11/2025 au "), "{}", said.stderr);
    let refused = desk.run(&format!("{} --locale xx", asked("forecast", "")));
    assert_eq!((refused.code, refused.stdout.as_str()), (2, ""), "{}", refused.stderr);
}

#[test]
fn owners_have_their_names_where_people_look_and_their_ids_where_programs_do() {
    let desk = desk();
    let users = Table::read(&desk.path("users.csv"));
    let names: BTreeMap<String, String> =
        users.iter().map(|user| (user.get("owner").to_owned(), user.get("name").to_owned())).collect();
    for (command, column) in [
        ("score", "owner"),
        ("stagnation", "owner"),
        ("forecast --by-deal", "owner"),
        ("stagnation --by owner", "group"),
    ] {
        let csv = Table::parse(&desk.ok(&format!("{} --format csv", asked(command, ""))).stdout);
        let shown = desk.command(&asked(command, "")).env("COLUMNS", "2000").output().expect("an end");
        let shown = Finished::of(shown, command).stdout;
        let owners: BTreeSet<&str> = csv.iter().take(40).map(|row| row.get(column)).collect();
        let known: Vec<&str> = owners.into_iter().filter(|owner| names.contains_key(*owner)).collect();
        assert!(!known.is_empty(), "{command} as CSV has ids");
        for owner in known {
            assert!(shown.contains(names[owner].as_str()), "{command} has no {}: {shown}", names[owner]);
            let cells = shown.lines().flat_map(|line| line.split("  ")).map(str::trim);
            assert!(cells.clone().all(|cell| cell != owner), "{command} has the id {owner}: {shown}");
        }
    }
}
