//! Cases to lines: how right each forecaster was, by currency and level, over all, by weeks left and by cutoff.

use std::cmp::Reverse;

use crate::analyses::backtest::rows::{BacktestLine, Forecaster, Replayed};
use crate::books::hierarchy::Level;
use crate::domain::day::Day;
use crate::domain::probability::logit;
use crate::model::line_through;

/// A chance closer to 0 or 1 counts as this in the slope.
const SURE: f64 = 1e-4;

/// What the cases of a line have in common; in the order of the lines: the base currency first, the company first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Kind<'c> {
    currency: Option<&'c str>,
    level: Reverse<Level>,
    forecaster: Forecaster,
}

impl<'c> Kind<'c> {
    fn of(case: &'c Replayed) -> Self {
        Self { currency: case.currency.as_deref(), level: Reverse(case.level), forecaster: case.forecaster }
    }
}

/// Everything, by weeks left, and by cutoff; for each currency, level and forecaster. The money of different currencies is
/// never added up.
#[must_use]
pub fn judge(replayed: &[Replayed]) -> Vec<BacktestLine> {
    let mut lines = Vec::new();
    let mut weeks: Vec<i32> = replayed.iter().map(Replayed::weeks_left).collect();
    let mut cutoffs: Vec<Day> = replayed.iter().map(|case| case.cutoff).collect();
    let mut kinds: Vec<Kind<'_>> = replayed.iter().map(Kind::of).collect();
    weeks.sort_unstable_by(|a, b| b.cmp(a));
    weeks.dedup();
    cutoffs.sort_unstable();
    cutoffs.dedup();
    kinds.sort_unstable();
    kinds.dedup();
    let groups = std::iter::once((None, None))
        .chain(weeks.into_iter().map(|weeks| (Some(weeks), None)))
        .chain(cutoffs.into_iter().map(|cutoff| (None, Some(cutoff))));
    for (weeks_left, cutoff) in groups {
        for kind in &kinds {
            let admits = |case: &&Replayed| {
                Kind::of(case) == *kind
                    && weeks_left.is_none_or(|weeks| weeks == case.weeks_left())
                    && cutoff.is_none_or(|cutoff| cutoff == case.cutoff)
            };
            let cases: Vec<&Replayed> = replayed.iter().filter(admits).collect();
            if !cases.is_empty() {
                lines.push(line(&cases, cutoff, weeks_left));
            }
        }
    }
    lines
}

fn line(cases: &[&Replayed], cutoff: Option<Day>, weeks_left: Option<i32>) -> BacktestLine {
    let won: f64 = cases.iter().map(|case| case.actual as f64).sum();
    let of_won = |sum: f64| (won > 0.0).then(|| sum / won);
    let mean = |values: Vec<f64>| (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64);
    let error = |case: &&Replayed| (case.forecast - case.actual) as f64;
    let ranges = || cases.iter().filter_map(|case| Some((case.actual, case.deciles?)));
    // Of the deciles k (0 to 8), their mean.
    let loss = |ks: &[usize]| {
        let of_decile = |actual: i64, quantile: i64, p: f64| {
            let above = (actual - quantile) as f64;
            if above >= 0.0 { p * above } else { (p - 1.0) * above }
        };
        let of_case = |(actual, deciles): (i64, [i64; 9])| {
            ks.iter().map(|&k| of_decile(actual, deciles[k], (k + 1) as f64 / 10.0)).sum::<f64>() / ks.len() as f64
        };
        (ranges().count() > 0).then(|| of_won(ranges().map(of_case).sum())).flatten()
    };
    let held = |(actual, deciles): (i64, [i64; 9])| f64::from(u8::from(deciles[0] <= actual && actual <= deciles[8]));
    let quotas = || cases.iter().filter_map(|case| Some((case.actual >= case.quota?, case.hits_quota?)));
    let (hits, log_odds): (Vec<bool>, Vec<f64>) =
        quotas().map(|(hit, chance)| (hit, logit(chance.clamp(SURE, 1.0 - SURE)))).unzip();
    BacktestLine {
        cutoff,
        weeks_left,
        currency: cases[0].currency.clone(),
        level: cases[0].level,
        forecaster: cases[0].forecaster,
        cases: cases.len() as u64,
        wape: of_won(cases.iter().map(|case| error(case).abs()).sum()),
        bias: of_won(cases.iter().map(error).sum()),
        pinball: loss(&[0, 4, 8]),
        crps: loss(&[0, 1, 2, 3, 4, 5, 6, 7, 8]).map(|loss| 2.0 * loss),
        coverage: mean(ranges().map(held).collect()),
        hit: mean(quotas().map(|(hit, _)| f64::from(u8::from(hit))).collect()),
        hit_chance: mean(quotas().map(|(_, chance)| chance).collect()),
        hit_brier: mean(quotas().map(|(hit, chance)| (chance - f64::from(u8::from(hit))).powi(2)).collect()),
        hit_slope: line_through(&log_odds, &hits).map(|line| line.slope),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::period::{FiscalCalendar, PeriodKind};

    fn case(node: &str, forecast: i64, actual: i64, [p10, p50, p90]: [i64; 3]) -> Replayed {
        let between = |low: i64, high: i64, k: i64| low + (high - low) * k / 4;
        let period = FiscalCalendar::default().period_of(PeriodKind::Quarter, Day(20_498));
        Replayed {
            cutoff: Day(20_498),
            period,
            level: Level::Owner,
            node: node.to_owned(),
            currency: None,
            forecaster: Forecaster::Dealcast,
            forecast,
            actual,
            deciles: Some(std::array::from_fn(|k| match k as i64 {
                k @ 0..=4 => between(p10, p50, k),
                k => between(p50, p90, k - 4),
            })),
            quota: Some(100),
            hits_quota: Some(0.75),
        }
    }

    #[test]
    fn measures_by_hand() {
        let replayed = [case("a", 90, 100, [50, 80, 120]), case("b", 130, 60, [70, 100, 150])];
        let lines = judge(&replayed);
        assert_eq!(lines.len(), 3, "all, one number of weeks, one cutoff");
        let all = &lines[0];
        assert_eq!((all.cases, all.cutoff, all.weeks_left), (2, None, None));
        // 2026-02-14 to 2026-03-31 are 46 days
        assert_eq!(lines[1].weeks_left, Some(6));
        assert_eq!((all.wape, all.bias), (Some(80.0 / 160.0), Some(60.0 / 160.0)));
        // a: .1 x 50, .5 x 20, .1 x 20; b: .9 x 10, .5 x 40, .1 x 90; each a third
        assert!(all.pinball.is_some_and(|x| (x - (17.0 + 38.0) / 3.0 / 160.0).abs() < 1e-12), "{:?}", all.pinball);
        assert_eq!((all.coverage, all.hit, all.hit_chance), (Some(0.5), Some(0.5), Some(0.75)));
        assert_eq!(all.hit_brier, Some((0.0625 + 0.5625) / 2.0));
    }

    #[test]
    fn currencies_are_judged_one_by_one() {
        let in_euros = Replayed { currency: Some("EUR".to_owned()), ..case("a", 900, 1_000, [500, 800, 1_200]) };
        let lines = judge(&[in_euros, case("b", 130, 60, [70, 100, 150])]);
        let all = lines.iter().filter(|line| line.cutoff.is_none() && line.weeks_left.is_none());
        let found: Vec<_> = all.map(|line| (line.currency.as_deref(), line.cases, line.bias)).collect();
        assert_eq!(found, [(None, 1, Some(70.0 / 60.0)), (Some("EUR"), 1, Some(-0.1))]);
    }
}
