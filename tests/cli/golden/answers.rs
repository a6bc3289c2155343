//! Questions put to the sample, as CSV on standard output.

use crate::harness::{Desk, Table};

use super::cells::Rounding;
use super::changed::Changes;
use super::compare::{Terms, differences};
use super::renames::Renames;
use super::run::{desk_with_models, sample};
use super::stored;

/// A question: the stored answer, its table (old name), and the command as it is spelled today, then as it was.
struct Question {
    stored: &'static str,
    table: &'static str,
    commands: &'static [&'static str],
    rounding: Rounding,
}

const fn question(stored: &'static str, table: &'static str, commands: &'static [&'static str]) -> Question {
    Question { stored, table, commands, rounding: Rounding::LastDigits }
}

const fn trained(stored: &'static str, table: &'static str, commands: &'static [&'static str]) -> Question {
    Question { stored, table, commands, rounding: Rounding::Trained }
}

/// In this order: the last one learns from what the backtests recorded.
const QUESTIONS: [Question; 23] = [
    question(
        "forecast_submitted",
        "forecast",
        &["forecast --models models --period 2026-Q1 --revisions revisions.csv"],
    ),
    question("forecast_deals", "forecast_deals", &["forecast --models models --by-deal"]),
    question("waterfall_from_december", "waterfall", &["waterfall --from 2025-12-01 --level team"]),
    question("waterfall_deals", "waterfall_deals", &["waterfall --from 2025-12-01 --by-deal"]),
    question("funnel_compare", "funnel_compare", &["funnel --compare source=Inbound source=Outbound"]),
    question("funnel_by_owner", "funnel_summary", &["funnel --by owner --summary"]),
    question("flow_by_source", "flow", &["funnel --by source --flow"]),
    question("stagnation_by_owner", "stagnation_summary", &["stagnation --by owner"]),
    question("stagnation_judged", "stagnation_judged", &["stagnation --backtest", "stagnation --judged"]),
    question("stagnation_since_january", "stagnation", &["stagnation --since 2026-01-15 --region Americas"]),
    question("sources_total", "sources", &["sources --total"]),
    question("campaigns_total", "campaigns", &["sources --total --campaigns"]),
    question("campaigns_linear", "attribution", &["sources --campaigns --attribution linear --period 2025-Q4"]),
    question("trace", "trace", &["history D00001750 --models models", "trace D00001750 --models models"]),
    question("trace_won", "trace", &["history D00000001 --models models", "trace D00000001 --models models"]),
    question("explain", "explain", &["explain D00001750 --models models"]),
    question("lags_by_product", "lags", &["gaps --models models --by product", "lags --models models --by product"]),
    question("features", "features", &["features"]),
    question("feature_rows", "feature_rows", &["features --rows"]),
    question("check_rules", "rules", &["check --rules"]),
    trained("backtest_cases", "backtest_cases", &["backtest --models models --periods 2 --weeks 4 --cases"]),
    trained("backtest", "backtest", &["backtest --models models --periods 2 --weeks 4"]),
    trained("forecast_after_backtest", "forecast", &["forecast --models models --period 2026-Q1"]),
];

/// What the first spelling the program knows prints, with `more` arguments.
pub fn answer(desk: &Desk, commands: &[&str], more: &str) -> String {
    let mut told = String::new();
    for command in commands {
        let finished = desk.run(&format!("{command} --config {} --quiet {more}", sample().display()));
        match finished.code {
            0 => return finished.stdout,
            2 => told.push_str(&finished.stderr),
            code => panic!("{command}: code {code}, {}", finished.stderr),
        }
    }
    panic!("{told}");
}

#[test]
fn questions_are_answered_as_they_were() {
    let (desk, renames, changes) = (desk_with_models(), Renames::read(), Changes::read());
    std::fs::copy(stored::golden("revisions.csv"), desk.path("revisions.csv")).unwrap();
    let mut wrong = Vec::new();
    for question in &QUESTIONS {
        let before = Table::parse(&stored::text(&format!("answers/{}.csv", question.stored)));
        let after = Table::parse(&answer(&desk, question.commands, "--format csv"));
        let found = differences(
            &Terms {
                stored: &format!("answers/{}", question.stored),
                table: renames.table(question.table),
                renames: &renames,
                changes: &changes,
                rounding: question.rounding,
            },
            &before,
            &after,
        );
        wrong.extend(found.into_iter().map(|difference| format!("{}: {difference}", question.stored)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn submitted_forecasts_are_judged_as_they_were() {
    let (desk, renames, changes) = (desk_with_models(), Renames::read(), Changes::read());
    let revisions = stored::golden("revisions.csv");
    desk.ok(&format!(
        "run --config {} --models models --out out --revisions {}",
        sample().display(),
        revisions.display()
    ));
    let before = Table::parse(&stored::text("answers/revisions.csv"));
    let after = Table::read(&desk.path("out/revisions.csv"));
    let terms = Terms {
        stored: "answers/revisions",
        table: "revisions",
        renames: &renames,
        changes: &changes,
        rounding: Rounding::LastDigits,
    };
    let wrong = differences(&terms, &before, &after);
    assert!(before.rows() > 10 && wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_rule_of_the_rename_map_matches_something() {
    let of_run = stored::run_tables().into_iter().map(|name| (name.clone(), format!("run/{name}.csv")));
    let of_answers = QUESTIONS.iter().map(|asked| (asked.table.to_owned(), format!("answers/{}.csv", asked.stored)));
    let revisions = ("revisions".to_owned(), "answers/revisions.csv".to_owned());
    let tables: Vec<(String, Table)> = of_run
        .chain(of_answers)
        .chain([revisions])
        .map(|(table, file)| (table, Table::parse(&stored::text(&file))))
        .collect();
    let idle = Renames::read().idle(tables.iter().map(|(name, table)| (name.as_str(), table)));
    assert!(idle.is_empty(), "rules that match nothing: {}", idle.join("\n"));
}

#[test]
fn every_stated_change_is_of_a_stored_file() {
    for stored in Changes::read().stored() {
        let is_file = |end: &str| stored::golden(&format!("{stored}.{end}.zst")).is_file();
        assert!(is_file("csv") || is_file("json"), "changed.toml: no stored file {stored}");
    }
}
