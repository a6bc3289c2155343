//! Command lines: those a person types, with flags and values in every combination, and some that nobody should.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

use crate::nasty;
use crate::random::Random;
use crate::worlds::World;

/// What stands after a flag.
#[derive(Clone, Copy)]
enum Value {
    /// Nothing.
    Bare,
    Day,
    Number,
    Table,
    Out,
    Models,
    Model,
    Deal,
    Column,
    Name,
    Period,
    OneOf(&'static [&'static str]),
}

use Value::{Bare, Column, Day, Deal, Model, Models, Name, Number, OneOf, Out, Period, Table};

type Flag = (&'static str, Value);

const FORMATS: &[&str] = &["table", "csv", "json", "parquet"];
const KINDS: &[&str] = &["month", "quarter", "half", "year"];
const LEVELS: &[&str] = &["owner", "manager", "team", "region", "company"];

const SHARED: &[Flag] = &[
    ("--threads", Number),
    ("--quiet", Bare),
    ("--verbose", Bare),
    ("-vv", Bare),
    ("--log-format", OneOf(&["text", "json"])),
    ("--no-progress", Bare),
];
const INPUTS: &[Flag] = &[
    ("--as-of", Day),
    ("--as-of", Day),
    ("--config", Table),
    ("--data", Table),
    ("--deals", Table),
    ("--stage-history", Table),
    ("--activities", Table),
    ("--leads", Table),
    ("--touches", Table),
    ("--quotas", Table),
    ("--users", Table),
    ("--fx-rates", Table),
    ("--campaign-costs", Table),
    ("--revisions", Table),
];
const TABLES: &[Flag] = &[("--format", OneOf(FORMATS)), ("--out", Out)];
const MODEL: &[Flag] = &[("--models", Models), ("--model", Model)];
const FILTERS: &[Flag] =
    &[("--owner", Name), ("--team", Name), ("--region", Name), ("--currency", Name), ("--category", Name)];

/// A command: how often of 100, its words, its flags, and those it has alone.
type Shape = (usize, &'static str, &'static [&'static [Flag]], &'static [Flag]);

const COMMANDS: &[Shape] = &[
    (
        30,
        "run",
        &[INPUTS, MODEL],
        &[("--out", Out), ("--retrain", OneOf(&["due", "always", "never"])), ("--by", Column), ("--by", Column)],
    ),
    (5, "check", &[INPUTS, TABLES], &[("--rules", Bare)]),
    (5, "train", &[INPUTS, TABLES], &[("--predictions", Bare), ("--promote", Bare), ("--models", Models)]),
    (3, "features", &[INPUTS, TABLES], &[("--rows", Bare)]),
    (5, "score", &[INPUTS, TABLES, MODEL, FILTERS], &[]),
    (3, "explain", &[INPUTS, TABLES, MODEL], &[("", Deal), ("--fields", Bare)]),
    (4, "history", &[INPUTS, TABLES, MODEL], &[("", Deal)]),
    (4, "stagnation", &[INPUTS, TABLES, FILTERS], &[("--by", Column), ("--since", Day), ("--backtest", Bare)]),
    (
        4,
        "funnel",
        &[INPUTS, TABLES, FILTERS],
        &[
            ("--period", Period),
            ("--by", Column),
            ("--summary", Bare),
            ("--flow", Bare),
            ("--compare source=Web source=Referral", Bare),
            ("--compare 2025-Q1 region=EMEA,current", Bare),
        ],
    ),
    (
        4,
        "sources",
        &[INPUTS, TABLES, FILTERS],
        &[
            ("--period", Period),
            ("--campaigns", Bare),
            ("--total", Bare),
            ("--attribution", OneOf(&["first", "last", "linear"])),
        ],
    ),
    (
        6,
        "forecast",
        &[INPUTS, TABLES, MODEL, FILTERS],
        &[("--period", Period), ("--level", OneOf(LEVELS)), ("--by-deal", Bare)],
    ),
    (
        5,
        "revise",
        &[],
        &[
            ("--config", Table),
            ("--file", Table),
            ("--author", Name),
            ("--category", OneOf(&["forecast", "commit", "best-case", "pipeline", "closed"])),
            ("--currency", Name),
            ("--note", Name),
            ("--owner", Name),
            ("--period", Period),
            ("--amount", Number),
        ],
    ),
    (
        2,
        "backtest",
        &[INPUTS, TABLES],
        &[
            ("--kind", OneOf(KINDS)),
            ("--periods", Number),
            ("--weeks", Number),
            ("--cases", Bare),
            ("--models", Models),
        ],
    ),
    (
        4,
        "waterfall",
        &[INPUTS, TABLES, FILTERS],
        &[("--from", Day), ("--to", Day), ("--period", Period), ("--level", OneOf(LEVELS)), ("--by-deal", Bare)],
    ),
    (2, "actions", &[INPUTS, TABLES, MODEL], &[("--owner", Name)]),
    (4, "gaps", &[INPUTS, TABLES, MODEL, FILTERS], &[("--period", Period), ("--kind", OneOf(KINDS)), ("--by", Column)]),
    (
        3,
        "simulate",
        &[],
        &[
            ("--out", Out),
            ("--deals", Number),
            ("--seed", Number),
            ("--first-day", Day),
            ("--as-of", Day),
            ("--format", OneOf(&["csv", "parquet"])),
            ("--owners", Number),
            ("--one-currency", Bare),
            ("--signal", Number),
            ("--drift", Number),
            ("--missing", Number),
            ("--activity", Number),
            ("--rush", Number),
            ("--reopen", Number),
        ],
    ),
    (1, "schema", &[], &[("", OneOf(&["config", "outputs"]))]),
    (1, "help", &[], &[("", OneOf(&["inputs", "results", "run", "nothing"]))]),
    (1, "completions", &[], &[("", OneOf(&["bash", "zsh", "fish"]))]),
    (1, "models list", &[TABLES], &[("--models", Models)]),
    (1, "models show", &[], &[("", Model), ("--json", Bare), ("--models", Models)]),
    (1, "models compare", &[INPUTS, TABLES], &[("", Model), ("", Model), ("--models", Models)]),
    (2, "models promote", &[], &[("", Model), ("--pin", Bare), ("--models", Models)]),
    (1, "models rollback", &[], &[("--models", Models)]),
    (1, "models unpin", &[], &[("--models", Models)]),
    (1, "models log", &[TABLES], &[("--models", Models)]),
];

/// What a command cannot do without: given in nine of ten cases.
const NEEDED: [(&str, &str); 6] = [
    ("revise", "--owner"),
    ("revise", "--period"),
    ("revise", "--amount"),
    ("waterfall", "--from"),
    ("simulate", "--out"),
    ("simulate", "--deals"),
];

/// The nightly run as it is typed every day, in half of the cases; else any command with any flags.
pub fn any(world: &World, random: &mut Random) -> Vec<OsString> {
    if random.percent(40) {
        return ["run", "--out", "out"].map(OsString::from).to_vec();
    }
    let (_, words, groups, own) = shape(random);
    let mut arguments: Vec<OsString> = words.split(' ').map(OsString::from).collect();
    let often = *random.pick(&[0, 4, 4, 10]);
    for (flag, value) in groups.iter().copied().flatten().chain(SHARED) {
        if random.percent(often) {
            add(&mut arguments, (flag, *value), world, random);
        }
    }
    for (flag, value) in own {
        let needed = flag.is_empty() || NEEDED.contains(&(words, flag));
        if random.percent(if needed { 95 } else { 20 }) {
            add(&mut arguments, (flag, *value), world, random);
        }
    }
    if random.percent(3) {
        let at = random.below(arguments.len() + 1);
        arguments.insert(at, text(nasty::word(random)));
    }
    arguments
}

/// The check that rehearses a run with these arguments; none of another command, or where the run said nothing about its
/// input because its flags are wrong.
pub fn as_check(arguments: &[OsString]) -> Option<Vec<OsString>> {
    let (first, rest) = arguments.split_first()?;
    let renamed = rest.iter().map(|word| if word == "--out" { OsString::from("--run-out") } else { word.clone() });
    (first == "run").then(|| std::iter::once(OsString::from("check")).chain(renamed).collect())
}

fn shape(random: &mut Random) -> Shape {
    let all: usize = COMMANDS.iter().map(|(often, ..)| often).sum();
    let mut at = random.below(all);
    for shape in COMMANDS {
        if at < shape.0 {
            return *shape;
        }
        at -= shape.0;
    }
    COMMANDS[0]
}

fn add(arguments: &mut Vec<OsString>, (flag, value): (&str, Value), world: &World, random: &mut Random) {
    arguments.extend(flag.split_whitespace().map(OsString::from));
    if matches!(value, Bare) {
        return;
    }
    let word = if random.percent(12) { text(nasty::word(random)) } else { plausible(value, world, random) };
    arguments.push(word);
}

/// A value of the kind: mostly one that works, else one of its dictionary.
fn plausible(value: Value, world: &World, random: &mut Random) -> OsString {
    let words: &[&str] = match value {
        Bare => &[""],
        Day => return nasty::day(random).into(),
        Number => &[
            "1",
            "2",
            "3",
            "8",
            "10",
            "100",
            "120",
            "0",
            "-1",
            "0.5",
            "0.05",
            "1e3",
            "1e308",
            "NaN",
            "inf",
            "2.5",
            "-0",
            "99999999999999999999",
            "1,000",
            "300.00",
        ],
        Table => return table(world, random),
        Out => &[
            "out",
            "out",
            "tables",
            "tables",
            "new",
            "new/deep/out",
            ".",
            "models",
            "models/x",
            "out/x",
            "notes.txt",
            "Cargo",
            "",
            "/dev/null",
            "a\u{1b}]0;t\u{7}b",
            "a\nb",
            "..",
            "out/",
            "./out",
            "out/../models",
            "deals.csv/x",
        ],
        Models => &["models", "models", "models", "out", "out/m", ".", "", "nothing", "notes.txt", "new/models"],
        Model => match random.below(5) {
            0 | 1 => return random.pick(&world.models).into(),
            2 => return format!("models/{}.json", random.pick(&world.models)).into(),
            _ => &["20", "2026", "", "nothing", "models/current", "out/model.json", "notes.txt", "../x", "models"],
        },
        Deal if random.percent(85) => return random.pick(&world.deals).into(),
        Deal => &["D1", "", "L00000001-0"],
        Column => &["owner", "source", "employees", "region", "created_at", "stage", "amount", "nothing", "deal_id"],
        Name => &["u00001", "u00002", "EMEA", "USD", "EUR", "commit", "Americas 1", "nobody", "=1+1", "-"],
        Period => &[
            "2026-Q1", "2026", "2025-12", "current", "2026-H1", "2025", "9999", "9999-12", "0000", "2026-Q5", "-1",
            "99999999",
        ],
        OneOf(words) => words,
    };
    (*random.pick(words)).into()
}

fn table(world: &World, random: &mut Random) -> OsString {
    const ODD: [&str; 10] =
        [".", "nothing.csv", "notes.txt", "/dev/null", "*.csv", "out/forecast.csv", "dealcast.toml", "", "-", "out"];
    if random.percent(60) { random.pick(&world.tables).into() } else { (*random.pick(&ODD)).into() }
}

/// Words of a command hold no NUL: the system cuts them there.
fn text(bytes: Vec<u8>) -> OsString {
    OsString::from_vec(bytes.into_iter().filter(|byte| *byte != 0).collect())
}
