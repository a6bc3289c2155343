//! `dealcast init`: exports of every preset, with values of our own making, from files to a finished run.

use std::fmt::Write;
use std::fs;

use dealcast::config::ColumnNames;
use dealcast::domain::stage::StageKind;
use dealcast::presets::{HeaderStyle, Preset, PresetTable, presets};

use crate::harness::Desk;

/// Deals of an invented world, enough to train on.
const DEALS: usize = 90;
const OWNERS: [&str; 3] = ["Ann Lee", "Ben Ode", "Cai Wu"];

/// A deal of the invented world.
struct Deal {
    at: usize,
    /// `None` while it is open.
    won: Option<bool>,
}

impl Deal {
    fn all() -> impl Iterator<Item = Self> {
        (0..DEALS).map(|at| Self { at, won: if at % 4 == 3 { None } else { Some(at % 3 == 0) } })
    }

    fn month(&self) -> usize {
        1 + self.at % 12
    }

    /// The cell of a canonical column, as a CRM with these stages writes it.
    fn cell(&self, name: &str, stages: &Stages, status: &StatusWords) -> String {
        let Self { at, won } = *self;
        let closed = format!("2025-{:02}-25", self.month());
        match name {
            "deal_id" => format!("K{at:04}"),
            "name" => format!("Deal {at}"),
            "account" => format!("Account {}", at % 17),
            "stage" => stages.of(won, at),
            "status" => status.of(won),
            "created_at" => format!("2025-{:02}-{:02}", self.month(), 1 + at % 20),
            "amount" => format!("{}.50", 1000 + at * 37),
            "currency" => "EUR".to_owned(),
            "owner" => OWNERS[at % 3].to_owned(),
            "expected_close_date" => closed,
            "closed_at" => won.map(|_| closed).unwrap_or_default(),
            "source" => ["Web", "Fair"][at % 2].to_owned(),
            "probability" => won.map_or("40", |won| if won { "100" } else { "0" }).to_owned(),
            "forecast_category" => "Pipeline".to_owned(),
            "is_won" => (won == Some(true)).to_string(),
            "is_closed" => won.is_some().to_string(),
            _ => "x".to_owned(),
        }
    }
}

/// The stages an export has.
struct Stages {
    open: Vec<String>,
    won: String,
    lost: String,
}

impl Stages {
    /// The stages a CRM comes with; those it has not are named in English.
    fn of_preset(preset: &Preset) -> Self {
        let of = |kind: StageKind| -> Vec<String> {
            let stages = preset.stages.iter().filter(|stage| stage.kind == kind);
            stages.map(|stage| stage.names[0].clone()).collect()
        };
        let name = |kind, other: &str| of(kind).first().map_or(other.to_owned(), Clone::clone);
        let open: Vec<String> = of(StageKind::Open).into_iter().take(3).collect();
        let open = if open.is_empty() { vec!["Qualify".to_owned(), "Propose".to_owned()] } else { open };
        Self { open, won: name(StageKind::Won, "Closed Won"), lost: name(StageKind::Lost, "Closed Lost") }
    }

    fn of(&self, won: Option<bool>, at: usize) -> String {
        match won {
            Some(true) => self.won.clone(),
            Some(false) => self.lost.clone(),
            None => self.open[at % self.open.len()].clone(),
        }
    }
}

/// How an export words what became of a deal.
enum StatusWords {
    /// Open, won, lost.
    Plain,
    /// Archived or not.
    Active,
}

impl StatusWords {
    fn of(&self, won: Option<bool>) -> String {
        match (self, won) {
            (Self::Plain, None) => "Open".to_owned(),
            (Self::Plain, Some(won)) => if won { "Won" } else { "Lost" }.to_owned(),
            (Self::Active, won) => if won == Some(false) { "False" } else { "True" }.to_owned(),
        }
    }
}

/// The columns a way to write the header has for a canonical column: the best way to make it.
fn headers_of(names: &ColumnNames) -> Vec<String> {
    let recipe = names.recipe();
    recipe.first_filled.into_iter().chain(recipe.join).collect()
}

/// An export of the world in the columns of a preset's own.
fn export(preset: &Preset, table: &PresetTable, style: &HeaderStyle) -> String {
    let stages = Stages::of_preset(preset);
    let status = if table.values.contains_key("status") { StatusWords::Active } else { StatusWords::Plain };
    let mut columns: Vec<(String, &str)> = Vec::new();
    for (name, ways) in &style.columns {
        let Some(headers) = ways.0.first().map(headers_of) else { continue };
        for header in headers.into_iter().take(1) {
            if !columns.iter().any(|(known, _)| *known == header) {
                columns.push((header, name));
            }
        }
    }
    let line = |cells: Vec<String>| {
        cells.iter().map(|cell| format!("\"{}\"", cell.replace('"', "\"\""))).collect::<Vec<_>>().join(",")
    };
    let mut text = line(columns.iter().map(|(header, _)| header.clone()).collect()) + "\n";
    for deal in Deal::all() {
        // The one date of many CRMs is filled on open deals too.
        let cell = |name: &str| {
            let name = if name == "closed_at" && !has_own_closing(style) { "expected_close_date" } else { name };
            deal.cell(name, &stages, &status)
        };
        let _ = writeln!(text, "{}", line(columns.iter().map(|(_, name)| cell(name)).collect()));
    }
    text
}

fn has_own_closing(style: &HeaderStyle) -> bool {
    let headers = |name: &str| style.columns.get(name).and_then(|ways| ways.0.first()).map(headers_of);
    headers("closed_at") != headers("expected_close_date")
}

fn deals_tables() -> impl Iterator<Item = (&'static Preset, &'static PresetTable, &'static HeaderStyle)> {
    let tables = presets().iter().flat_map(|preset| preset.tables.iter().map(move |table| (preset, table)));
    let deals = tables.filter(|(_, table)| table.role.name() == "deals");
    deals.flat_map(|(preset, table)| table.headers.iter().map(move |style| (preset, table, style)))
}

#[test]
fn an_export_of_every_preset_in_every_language_needs_no_answer() {
    for (preset, table, style) in deals_tables() {
        let told = format!("{} {} {}", preset.name, style.style, style.language);
        let desk = Desk::empty();
        fs::create_dir(desk.path("exports")).unwrap();
        desk.write("exports/export.csv", export(preset, table, style));
        let done = desk.run("init exports");
        assert_eq!(done.code, 0, "{told}: {}", done.stderr);
        let checked = desk.run("funnel --format csv");
        assert_eq!(checked.code, 0, "{told}: {}{}", checked.stderr, desk.read("dealcast.toml"));
        let (won, lost) = (
            Deal::all().filter(|deal| deal.won == Some(true)).count(),
            Deal::all().filter(|deal| deal.won == Some(false)).count(),
        );
        let said = format!("{} open, {won} won, {lost} lost", DEALS - won - lost);
        assert!(
            done.stderr.contains(&said),
            "{told}, expected {said}: {}\n{}",
            done.stderr,
            desk.read("dealcast.toml")
        );
    }
}

#[test]
fn the_crm_is_named_in_the_configuration() {
    for (preset, table, style) in deals_tables().filter(|(.., style)| style.language == "en") {
        let desk = Desk::empty();
        desk.write("export.csv", export(preset, table, style));
        let done = desk.run("init export.csv --print");
        let known = if preset.name == "plain" {
            "no CRM's own way".to_owned()
        } else {
            format!("{}, {}", preset.title, style.style)
        };
        assert!(done.stdout.contains(&format!("certain: {known}")), "{}: {}", preset.name, done.stdout);
        assert!(!desk.path("dealcast.toml").exists(), "--print writes nothing");
    }
}

const AMBIGUOUS: &str =
    "deal_id,stage,created_at,amount\na,Won,03/04/2025,5\nb,Lost,05/06/2025,6\nc,New,07/08/2025,7\n";

#[test]
fn what_nothing_tells_is_named_with_its_key_and_can_be_answered() {
    let desk = Desk::empty();
    desk.write("deals.csv", AMBIGUOUS);
    let stopped = desk.run("init deals.csv");
    assert_eq!(stopped.code, 2, "{}", stopped.stderr);
    assert!(
        stopped.stderr.contains("sources.deals.date_order") && stopped.stderr.contains("day-first"),
        "{}",
        stopped.stderr
    );
    assert!(!desk.path("dealcast.toml").exists(), "nothing is written before it is decided");
    let done = desk.run("init deals.csv --answer sources.deals.date_order=day-first");
    assert_eq!(done.code, 0, "{}", done.stderr);
    assert!(desk.read("dealcast.toml").contains("# certain: this was answered\ndate_order = \"day-first\""));
    let run = desk.run("run deals.csv");
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert!(run.stderr.contains("dealcast init"), "{}", run.stderr);
}

#[test]
fn a_stage_nobody_can_know_as_the_win_is_asked_for() {
    let desk = Desk::empty();
    desk.write(
        "deals.csv",
        "deal_id,stage,created_at,amount\na,Kappa,2025-01-02,5\nb,Lambda,2025-01-03,6\nc,Kappa,2025-02-03,6\n",
    );
    let stopped = desk.run("init deals.csv");
    assert_eq!(stopped.code, 2, "{}", stopped.stderr);
    assert!(stopped.stderr.contains("stages.won"), "{}", stopped.stderr);
    let done = desk.run("init deals.csv --answer stages.won=Lambda");
    assert_eq!(done.code, 0, "{}", done.stderr);
    assert!(desk.read("dealcast.toml").contains("name = \"Lambda\"\n# certain: this was answered\nkind = \"won\""));
}

#[test]
fn a_later_init_keeps_what_was_changed_and_shows_what_it_changes() {
    let desk = Desk::empty();
    desk.write(
        "deals.csv",
        AMBIGUOUS
            .replace("/", "-")
            .replace("03-04-2025", "2025-04-13")
            .replace("05-06-2025", "2025-06-15")
            .replace("07-08-2025", "2025-08-17"),
    );
    assert_eq!(desk.run("init deals.csv").code, 0);
    let first = desk.read("dealcast.toml");
    let again = desk.run("init deals.csv");
    assert_eq!((again.code, desk.read("dealcast.toml")), (0, first.clone()), "{}", again.stderr);
    assert!(again.stderr.contains("already"), "{}", again.stderr);
    desk.write("dealcast.toml", first.replace("base_currency = \"USD\"", "base_currency = \"CHF\" # ours"));
    desk.write("deals.csv", "deal_id,stage,created_at,amount,owner\na,Won,2025-04-13,5,Ann\nb,Lost,2025-06-15,6,Ben\nc,New,2025-08-17,7,Ann\n");
    let done = desk.run("init deals.csv");
    let text = desk.read("dealcast.toml");
    assert!(text.contains("base_currency = \"CHF\" # ours") && text.contains("owner = \"owner\""), "{text}");
    assert!(done.stderr.contains("+owner = \"owner\""), "{}", done.stderr);
}

#[test]
fn a_folder_runs_without_a_configuration_where_everything_is_certain() {
    let desk = Desk::with_world(200, 400);
    let done = desk.run("run . --out out");
    assert!(done.stderr.contains("everything about . is certain"), "{}", done.stderr);
    assert!(!desk.path("dealcast.toml").exists());
    assert!(desk.path("out/scores.csv").exists(), "{}", done.stderr);
}

#[test]
fn what_is_no_table_of_deals_is_said_file_by_file() {
    let desk = Desk::empty();
    fs::create_dir(desk.path("exports")).unwrap();
    desk.write("exports/recipes.csv", "dish,minutes\nsoup,20\nbread,200\n");
    desk.write("exports/values.csv", "274,2010-12-28,9\n275,2011-05-24,8\n");
    let done = desk.run("init exports");
    assert_eq!(done.code, 3, "{}", done.stderr);
    assert!(done.stderr.contains("recipes.csv has the columns dish, minutes"), "{}", done.stderr);
    assert!(done.stderr.contains("holds values, not names of columns"), "{}", done.stderr);
    let missing = desk.run("init nowhere");
    assert_eq!(missing.code, 2, "{}", missing.stderr);
}
