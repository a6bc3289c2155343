//! How right past forecasts were, in sentences.
//!
//! [`BacktestLine`]s and how many past days there are in, [`Finding`]s out.

use std::collections::BTreeSet;

use crate::analyses::backtest::rows::{BacktestLine, Forecaster};
use crate::books::hierarchy::Level;
use crate::domain::day::Day;
use crate::report::finding::{Finding, Quantity, Subject};
use crate::report::words::{count, percent};

/// How right the forecasts of `days` past days were, currency by currency; `missing` more are not on record.
#[must_use]
pub fn past_forecasts(judged: &[BacktestLine], days: usize, missing: usize) -> Vec<Finding> {
    let currencies: BTreeSet<Option<&str>> = judged.iter().map(|line| line.currency.as_deref()).collect();
    let accurate = currencies.into_iter().filter_map(|currency| accuracy(judged, currency, days as u64));
    accurate.chain(not_on_record(days, missing as u64)).collect()
}

/// The line over all days and weeks.
fn overall<'l>(
    judged: &'l [BacktestLine],
    currency: Option<&str>,
    level: Level,
    forecaster: Forecaster,
) -> Option<&'l BacktestLine> {
    let all = |line: &&BacktestLine| {
        line.cutoff.is_none() && line.weeks_left.is_none() && line.currency.as_deref() == currency
    };
    judged.iter().filter(all).find(|line| (line.level, line.forecaster) == (level, forecaster))
}

fn accuracy(judged: &[BacktestLine], currency: Option<&str>, days: u64) -> Option<Finding> {
    let company = overall(judged, currency, Level::Company, Forecaster::Dealcast)?;
    let error = |forecaster| overall(judged, currency, Level::Company, forecaster).and_then(|line| line.wape);
    let (weighted, last) = (error(Forecaster::StageWeighted), error(Forecaster::LastPeriod));
    let held = overall(judged, currency, Level::Owner, Forecaster::Dealcast).and_then(|line| line.coverage);
    let words = |share: Option<f64>, unknown: &str| share.map_or_else(|| unknown.to_owned(), percent);
    let of_deals = currency.map_or_else(String::new, |code| format!(", deals in {code}"));
    let sentence = format!(
        "{}{of_deals}: the company's total was off by {} (stage-weighted pipeline {}, last period {}); 80 % ranges held {} \
         of the owners' actuals",
        count(days, "past forecast"),
        words(company.wape, "an unknown share"),
        words(weighted, "unknown"),
        words(last, "unknown"),
        words(held, "none"),
    );
    let finding = Finding::info("backtest.accuracy", Subject::the("company"), sentence)
        .with("forecasts", Quantity::Count(days))
        .with_known("wape", company.wape.map(Quantity::Share))
        .with_known("wape_stage_weighted", weighted.map(Quantity::Share))
        .with_known("wape_last_period", last.map(Quantity::Share))
        .with_known("coverage_of_owners", held.map(Quantity::Share))
        .with_known("currency", currency.map(|code| Quantity::Text(code.to_owned())));
    Some(finding)
}

fn not_on_record(days: usize, missing: u64) -> Option<Finding> {
    let sentence = match days {
        0 => "how right past forecasts were is not known".to_owned(),
        _ => format!("{} not on record", count(missing, "past day")),
    };
    (missing > 0).then(|| {
        Finding::info("backtest.not_on_record", Subject::the("forecast"), sentence)
            .with("missing", Quantity::Count(missing))
            .remedy("`dealcast backtest` replays past days, later runs use what it found")
    })
}

/// How many past days were replayed, and how many of them were on record already.
#[must_use]
pub fn replayed(as_of: Day, days: usize, from_record: usize) -> Finding {
    let sentence =
        format!("as of {as_of}: {} replayed, {from_record} of them on record", count(days as u64, "past day"));
    Finding::info("backtest.replayed", Subject::the("forecast"), sentence)
        .with("as_of", Quantity::Date(as_of))
        .with("days", Quantity::count(days))
        .with("from_record", Quantity::count(from_record))
}

/// Why a past day could not be replayed.
#[must_use]
pub fn skipped(cutoff: Day, reason: &str) -> Finding {
    Finding::warning("backtest.skipped", Subject::the("forecast"), format!("{cutoff} skipped: {reason}"))
        .with("day", Quantity::Date(cutoff))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(level: Level, forecaster: Forecaster, wape: Option<f64>) -> BacktestLine {
        BacktestLine {
            cutoff: None,
            weeks_left: None,
            currency: None,
            level,
            forecaster,
            cases: 2,
            wape,
            bias: None,
            pinball: None,
            crps: None,
            coverage: None,
            hit: None,
            hit_chance: None,
            hit_brier: None,
            hit_slope: None,
        }
    }

    #[test]
    fn accuracy_stands_beside_simpler_forecasts() {
        let of_day =
            BacktestLine { cutoff: Some(Day(20_000)), ..line(Level::Company, Forecaster::Dealcast, Some(0.9)) };
        let judged = [
            of_day,
            line(Level::Company, Forecaster::Dealcast, Some(0.125)),
            line(Level::Company, Forecaster::StageWeighted, Some(0.25)),
            line(Level::Company, Forecaster::LastPeriod, None),
            BacktestLine { coverage: Some(0.75), ..line(Level::Owner, Forecaster::Dealcast, None) },
        ];
        let found = past_forecasts(&judged, 24, 0);
        let sentence = "24 past forecasts: the company's total was off by 12.5 % (stage-weighted pipeline 25.0 %, last \
                        period unknown); 80 % ranges held 75.0 % of the owners' actuals";
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].code, found[0].sentence.as_str()), ("backtest.accuracy", sentence));
        assert_eq!(found[0].number("wape"), Some(&Quantity::Share(0.125)));
        assert_eq!(found[0].number("wape_last_period"), None);
        let euros = BacktestLine { currency: Some("EUR".to_owned()), ..judged[1].clone() };
        let found = past_forecasts(&[euros], 24, 0);
        assert!(
            found[0].sentence.starts_with("24 past forecasts, deals in EUR: the company's total was off by 12.5 %")
        );
        assert_eq!(found[0].number("currency"), Some(&Quantity::Text("EUR".to_owned())));
    }

    #[test]
    fn what_is_not_on_record_names_the_command() {
        let said = |days, missing| past_forecasts(&[], days, missing).pop().map(|finding| finding.line().into_owned());
        let remedy = "; `dealcast backtest` replays past days, later runs use what it found";
        assert_eq!(said(0, 24), Some(format!("how right past forecasts were is not known{remedy}")));
        assert_eq!(said(23, 1), Some(format!("1 past day not on record{remedy}")));
        assert_eq!(said(24, 0), None);
    }

    #[test]
    fn a_replay_says_what_it_did() {
        let found = replayed(Day(20_498), 1, 0);
        assert_eq!(found.sentence, "as of 2026-02-14: 1 past day replayed, 0 of them on record");
        assert_eq!(found.number("days"), Some(&Quantity::Count(1)));
        assert_eq!(skipped(Day(20_498), "no deal was there yet").sentence, "2026-02-14 skipped: no deal was there yet");
    }
}
