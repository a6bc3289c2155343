//! Tests of `report.html` in a real browser: `report.mjs` drives it, this binary makes the run it looks at.
//!
//! They need Chromium, Node and the packages of `package.json` (in the folder `DEALCAST_BROWSER` names). Where one is
//! missing they are reported as ignored; under `DEALCAST_BROWSER_TESTS=required` they fail.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

#[path = "../cli/harness.rs"]
#[expect(dead_code, reason = "the tests of the command line use the rest")]
mod harness;
#[path = "../cli/world.rs"]
#[expect(dead_code, reason = "the tests of the command line use the rest")]
mod world;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::OnceLock;

use harness::Desk;
use libtest_mimic::{Arguments, Failed, Trial};

/// The tests of `report.mjs`, by name.
const TESTS: [&str; 32] = [
    "every_view_is_drawn_and_none_is_wider_than_the_page",
    "without_scripts_every_view_stands_in_the_page",
    "filters_and_search_count_what_the_tables_say",
    "a_heading_sorts_and_the_board_has_every_stage",
    "a_deal_opens_and_back_leads_to_the_list",
    "the_tree_opens_to_owners_and_a_node_has_the_numbers_of_its_rows",
    "managers_of_managers_have_everybody_below_and_revisions_add_up_as_in_the_table",
    "deals_of_a_node_add_up_to_what_its_forecast_expects_of_open_deals",
    "an_amount_that_is_estimated_is_said_where_it_counts_and_nowhere_else",
    "a_category_empties_what_is_known_of_all_deals_only",
    "what_a_node_does_not_have_of_a_period_is_said",
    "why_nodes_miss_their_quota_follows_the_filters",
    "an_address_that_leads_nowhere_is_told",
    "columns_keep_their_order_and_the_csv_has_people_by_name_and_id",
    "addresses_open_the_same_view_again",
    "the_keyboard_alone_filters_lists_and_opens_deals",
    "a_heading_leads_to_its_definition_and_two_groups_stand_side_by_side",
    "a_stray_percent_sign_and_a_name_of_the_script_do_no_harm",
    "halves_are_rounded_as_everywhere_else",
    "twenty_thousand_deals_stay_within_the_budget",
    "twenty_thousand_deals_of_many_owners_stay_within_the_budget",
    "nothing_is_found_by_axe_in_light_and_dark",
    "the_accessibility_tree_names_everything_in_english_and_french",
    "what_a_filter_finds_is_said_in_a_place_that_stays",
    "whoever_goes_somewhere_goes_on_from_its_heading",
    "long_names_are_wrapped_or_lead_to_where_they_stand_whole",
    "without_scripts_long_names_are_whole",
    "the_forecast_moves_first_and_the_pipeline_is_called_so",
    "tiles_stand_in_full_rows",
    "nothing_is_cut_without_a_way_to_it",
    "names_of_deals_have_room_in_the_list",
    "numbers_and_days_of_a_deal_are_written_in_one_way",
];

/// What `report.mjs` said, a line a test; made once.
static SAID: OnceLock<Result<String, String>> = OnceLock::new();

fn main() -> ExitCode {
    let tools = Tools::find();
    let required = std::env::var("DEALCAST_BROWSER_TESTS").is_ok_and(|value| value == "required");
    let trials = TESTS.map(|name| {
        let tools = tools.clone();
        let ignored = tools.is_none() && !required;
        Trial::test(name, move || judge(name, tools.as_ref())).with_ignored_flag(ignored)
    });
    libtest_mimic::run(&Arguments::from_args(), trials.into()).exit_code()
}

/// What a browser test needs.
#[derive(Clone)]
struct Tools {
    browser: PathBuf,
    modules: PathBuf,
}

impl Tools {
    fn find() -> Option<Self> {
        let browsers = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
        let browser = browsers.map(PathBuf::from).into_iter().find(|path| path.exists())?;
        let modules = PathBuf::from(std::env::var_os("DEALCAST_BROWSER")?);
        let node = Command::new("node").arg("--version").output().is_ok_and(|output| output.status.success());
        (node && modules.join("node_modules/playwright-core").is_dir()).then_some(Self { browser, modules })
    }
}

/// The outcome of one test of the script.
fn judge(name: &str, tools: Option<&Tools>) -> Result<(), Failed> {
    let tools = tools.ok_or("Chromium, Node or the packages of tests/browser/package.json are missing")?;
    let said = SAID.get_or_init(|| look(tools)).as_ref().map_err(Failed::from)?;
    let line = said
        .lines()
        .find(|line| line.trim_start_matches("not ").strip_prefix("ok ").is_some_and(|rest| rest.starts_with(name)));
    match line {
        Some(line) if line.starts_with("ok ") => Ok(()),
        Some(line) => Err(line.into()),
        None => Err(format!("report.mjs said nothing of it: {said}").into()),
    }
}

/// Makes a run and its page, has the script look at it, and prints what it measured.
#[expect(clippy::print_stderr, reason = "sizes and times are told, not only held")]
fn look(tools: &Tools) -> Result<String, String> {
    let desk = Desk::with_world(600, 700);
    managers_and_revisions(&desk);
    long_names(&desk);
    desk.nightly("--revisions revisions.csv --as-of 2025-11-10 --out before");
    desk.nightly("--revisions revisions.csv --out out");
    desk.ok("report out --out page --since before");
    desk.ok("report out --out french --format html --locale fr");
    // In the sample deals that had no amount were won, so that one without is worth something.
    desk.ok(&format!(
        "run --config {} --out sample",
        concat!(env!("CARGO_MANIFEST_DIR"), "/data/sample/dealcast.toml")
    ));
    let [large, many_owners] = ["", "--owners 3000"].map(large_report);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser/report.mjs");
    let output = Command::new("node")
        .arg(script)
        .args([desk.path("page/report.html"), desk.path("out"), desk.path("french/report.html")])
        .args([desk.path("sample/report.html"), desk.path("sample")])
        .args([large.path("page/report.html"), many_owners.path("page/report.html")])
        .args([tools.modules.clone(), tools.browser.clone()])
        .output()
        .map_err(|error| error.to_string())?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    said.lines().filter_map(|line| line.strip_prefix("# ")).for_each(|measured| eprintln!("{measured}"));
    if output.status.success() { Ok(said) } else { Err(said + &String::from_utf8_lossy(&output.stderr)) }
}

/// Takes the amounts of every third open deal out of `deals.csv`.
fn forget_amounts(dir: &Path) {
    let path = dir.join("deals.csv");
    let mut open = 0;
    let line = |line: &str| {
        let mut cells: Vec<&str> = line.split(',').collect();
        open += usize::from(cells.last().is_some_and(|closed| closed.is_empty()));
        if cells.last().is_some_and(|closed| closed.is_empty()) && open % 3 == 0 {
            cells[5] = "";
        }
        cells.join(",") + "\n"
    };
    let deals: String = fs::read_to_string(&path).unwrap().lines().map(line).collect();
    fs::write(path, deals).unwrap();
}

/// A manager of the managers, an account with a name of the script's own, open deals without an amount, and forecasts of
/// two people.
fn managers_and_revisions(desk: &Desk) {
    let users = desk.read("users.csv");
    desk.write("users.csv", users + "boss0,Boss 0,top,North,EMEA\nboss1,Boss 1,top,South,AMER\ntop,Top,,North,EMEA\n");
    desk.write("deals.csv", desk.read("deals.csv").replace(",Account 3,", ",constructor,"));
    forget_amounts(&desk.path(""));
    desk.write(
        "revisions.csv",
        "submitted_at,author,owner,period,category,amount,currency,note\n\
         2025-10-02T09:00:00,rep1,rep1,2025-Q4,forecast,90000,USD,\n\
         2025-10-03T09:00:00,rep1,rep1,2025-Q4,commit,40000,USD,\n\
         2025-10-04T09:00:00,boss1,rep1,2025-Q4,forecast,70000.50,USD,\n\
         2025-10-05T09:00:00,rep2,rep2,2025-Q4,best case,30000,USD,\n\
         2025-10-06T09:00:00,rep2,rep2,2025-Q4,commit,20000,USD,\n",
    );
}

/// Names of sixty letters and more, without a blank: of a stage, of an owner, of some accounts and deals.
fn long_names(desk: &Desk) {
    let long = "Angebotsverhandlungsvorbereitungsbesprechungsterminvereinbarung";
    for file in ["deals.csv", "stage_history.csv"] {
        desk.write(file, desk.read(file).replace(",Proposal", &format!(",{long}")));
    }
    let users =
        desk.read("users.csv").replace(",Rep 3,", &format!(",{},", "Wolfeschlegelsteinhausenbergerdorff".repeat(2)));
    desk.write("users.csv", users);
    let deals = desk.read("deals.csv").replace(",Account 5,", &format!(",{},", long.replace("Angebots", "Vertrags")));
    let deals = deals.lines().map(|line| match line.split(',').nth(1) {
        Some(name) if name.ends_with('7') => line.replacen(name, &format!("{name}_{long}"), 1) + "\n",
        _ => format!("{line}\n"),
    });
    desk.write("deals.csv", deals.collect::<String>());
}

/// The page of a run with more than 20,000 open deals of people that `owners` counts, some 200 if it says nothing. The
/// model is the sample's, so that nothing is trained.
fn large_report(owners: &str) -> Desk {
    let desk = Desk::empty();
    desk.ok(&format!("simulate --deals 33000 --first-day 2025-11-10 --activity 0 {owners} --out world"));
    let config = desk.read("world/dealcast.toml");
    let (sources, rest) = config.split_at(config.find("[[stages]]").unwrap());
    let wanted = ["deals", "stage_history", "quotas", "users", "fx_rates"].map(|name| format!("[sources.{name}]"));
    let sources = sources.split("\n\n").filter(|source| wanted.iter().any(|name| source.starts_with(name)));
    desk.write("world/dealcast.toml", format!("{}\n\n{rest}", sources.collect::<Vec<_>>().join("\n\n")));
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("models");
    let current = std::fs::read_to_string(models.join("current")).unwrap();
    let model = models.join(format!("{}.json", current.trim()));
    desk.ok(&format!(
        "run --config world/dealcast.toml --model {} --models models --reports none --out out",
        model.display()
    ));
    desk.ok("report out --out page --format html");
    desk
}
