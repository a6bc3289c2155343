//! Scores and sources as of a past day, judged by what happened afterwards in a simulated world of 50,000 deals.
//!
//! The judge is the simulator's truth, which no table shows, not the engine's own labels.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use dealcast::analyses::sources::{SourcesBy, WHOLE};
use dealcast::config::Config;
use dealcast::domain::day::Day;
use dealcast::domain::ids::{DealIx, StageId};
use dealcast::domain::maybe::Maybe;
use dealcast::domain::period::PeriodKind;
use dealcast::domain::probability::log_loss;
use dealcast::domain::progress::NoProgress;
use dealcast::domain::stage::StageKind;
use dealcast::model::train;
use dealcast::run::questions::{AsOf, DealFilter};
use dealcast::scoring::score;
use dealcast::simulate::{WorldConfig, simulate};

/// How and when every deal really ends, by id.
fn truth(world: &Path) -> BTreeMap<String, (bool, Day)> {
    let mut reader = csv::Reader::from_path(world.join("truth/outcomes.csv")).expect("the truth");
    let header = reader.headers().expect("a header").clone();
    let column = |name: &str| header.iter().position(|h| h == name).unwrap_or_else(|| panic!("{name} in {header:?}"));
    let (id, outcome, closed) = (column("deal_id"), column("outcome"), column("closed_on"));
    let row =
        |row: csv::StringRecord| (row[id].to_owned(), (&row[outcome] == "won", row[closed].parse().expect("a day")));
    reader.records().map(|record| row(record.expect("a row"))).collect()
}

fn mean_loss(rows: impl Iterator<Item = (f64, bool)>) -> f64 {
    let (losses, n) = rows.fold((0.0, 0.0), |(sum, n), (chance, won)| (sum + log_loss(chance, won), n + 1.0));
    losses / n
}

/// The world, and what was known of it in May 2025.
fn past() -> (tempfile::TempDir, Config, AsOf) {
    let folder = tempfile::tempdir().expect("a folder");
    let world = WorldConfig { deals: 50_000, seed: 11, ..WorldConfig::default() };
    simulate(&world, folder.path(), &NoProgress).expect("a world");
    let settings = fs::read_to_string(folder.path().join("dealcast.toml")).expect("its configuration");
    let config = Config::parse(&settings, "dealcast.toml").expect("parses");
    let day: Day = "2025-05-15".parse().expect("a day");
    let as_of = AsOf::load(&config, folder.path(), Some(day), &NoProgress).expect("loads");
    (folder, config, as_of)
}

#[test]
fn young_sources_are_judged_by_what_their_open_deals_become() {
    let (folder, config, as_of) = past();
    let truth = truth(folder.path());
    let all = as_of.select(&DealFilter::default()).expect("all deals");
    let (kind, wanted) = (config.calendar.score_period, [SourcesBy::default()]);
    let sources = &as_of.sources(&as_of.values(&config, &all.deals), &all, kind, &wanted).expect("rows")[0];
    // Wins of all time by source and created quarter.
    let calendar = config.fiscal_calendar();
    let sources_of_deals = as_of.tables.deals.source().expect("sources");
    let mut wins: BTreeMap<(String, String), f64> = BTreeMap::new();
    for deal in &as_of.timeline.deals {
        let source = sources_of_deals.name(deal.row).unwrap_or("(none)").to_owned();
        let period = calendar.period_of(PeriodKind::Quarter, deal.created).to_string();
        let (won, _) = truth[as_of.tables.deals.id(deal.row).expect("an id")];
        *wins.entry((source, period)).or_default() += f64::from(u8::from(won));
    }
    let whole = WHOLE as f64;
    let (mut naive_error, mut error, mut rows, mut held, mut came) = (0.0, 0.0, 0, 0, 0.0);
    for row in sources.rows.iter().filter(|row| ["2025-Q1", "2025-Q2"].contains(&row.period_name().as_str())) {
        let won = wins[&(row.source.clone(), row.period_name())];
        let naive = row.win_rate_so_far().unwrap_or(0.0) * row.sums.created as f64 / whole;
        naive_error += (naive - won).abs();
        error += (row.sums.expected_won as f64 / whole - won).abs();
        came += won;
        let (share, rate) = (row.win_rate.expect("deals"), won * whole / row.sums.created as f64);
        rows += 1;
        held += u32::from(share.low <= rate && rate <= share.high);
    }
    println!(
        "{came} wins of {rows} young sources x quarters: missed by {:.1} %, by win rates so far {:.1} %; {held} intervals held",
        100.0 * error / came,
        100.0 * naive_error / came
    );
    assert!(rows >= 14 && error < 0.7 * naive_error, "missed {error:.0} of {came}, naively {naive_error:.0}");
    assert!(held >= rows - 2, "{held} of {rows} intervals held what came");
}

#[test]
fn scores_of_a_past_day_beat_the_historical_stage_table() {
    let (folder, config, as_of) = past();
    let day = as_of.day();
    let context = as_of.context();
    let model = train(&context, &config, &NoProgress).expect("trains").model;
    let scores = score(&model, &context, &config, &NoProgress).expect("scores");
    let truth = truth(folder.path());
    let horizon = i32::try_from(model.horizon_days).expect("days");
    let id = |deal: DealIx| as_of.tables.deals.id(as_of.timeline.head(deal).row).expect("an id");
    let won = |deal: DealIx| {
        let (won, closed) = truth[id(deal)];
        won && closed < day.plus(horizon)
    };

    // The stage table of sales handbooks: of the deals closed so far that were ever in the stage, the share won.
    let mut table: BTreeMap<Maybe<StageId>, (f64, f64)> = BTreeMap::new();
    let heads = as_of.timeline.deal_ids().zip(&as_of.timeline.deals);
    for (i, head) in heads.filter(|(_, head)| head.kind != StageKind::Open) {
        let mut stages: Vec<Maybe<StageId>> = as_of.timeline.steps_of(i).iter().map(|step| step.stage).collect();
        stages.sort_unstable();
        stages.dedup();
        for stage in stages {
            let (wins, all) = table.entry(stage).or_default();
            *wins += f64::from(u8::from(head.kind == StageKind::Won));
            *all += 1.0;
        }
    }
    let by_stage = |deal: DealIx| {
        let (wins, all) = table[&as_of.snapshot.state(deal).stage];
        wins / all
    };
    // The fairer one: of past days' open deals in the stage, the share won within the horizon.
    let evaluated = |name: &str| {
        model
            .evaluation
            .rows
            .iter()
            .find(|r| r.cutoff.is_none() && r.scope == "all" && r.model == name)
            .expect("a line")
    };
    let model_loss = mean_loss(scores.rows.iter().map(|row| (row.win_probability, won(row.deal))));
    let table_loss = mean_loss(scores.rows.iter().map(|row| (by_stage(row.deal), won(row.deal))));
    let wins = scores.rows.iter().filter(|row| won(row.deal)).count();
    let base_loss = mean_loss(scores.rows.iter().map(|row| (wins as f64 / scores.rows.len() as f64, won(row.deal))));
    println!("{} open deals on {day}, {wins} won within {horizon} days", scores.rows.len());
    println!(
        "log loss: scores {model_loss:.4}, historical stage table {table_loss:.4}, base rate known afterwards {base_loss:.4}"
    );
    assert!(model_loss < table_loss - 0.05, "scores {model_loss:.4}, stage table {table_loss:.4}");
    assert!(model_loss < base_loss - 0.05, "scores {model_loss:.4}, base rate {base_loss:.4}");
    // What the evaluation promised is what came.
    let promised = evaluated("model");
    println!(
        "promised by the evaluation: {:.4} against {:.4} of its stage table",
        promised.log_loss,
        evaluated("stage table").log_loss
    );
    assert!((model_loss - promised.log_loss).abs() < 0.05, "came {model_loss:.4}, promised {:.4}", promised.log_loss);
    let predicted: f64 = scores.rows.iter().map(|row| row.win_probability).sum();
    assert!((predicted / wins as f64 - 1.0).abs() < 0.15, "{predicted:.0} wins predicted, {wins} came");
}
