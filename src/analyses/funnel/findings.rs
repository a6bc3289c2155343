//! How deals go through the stages, in sentences: one per stage.
//!
//! The rows of a [`Funnel`] over all deals in, [`Finding`]s out, in process order, leads first.

use super::rows::{Funnel, FunnelRow, LEADS};
use crate::report::finding::{Finding, Quantity, Subject};
use crate::report::words::{count, percent, thousands};

/// One finding per stage, all deals together.
#[must_use]
pub fn findings(funnel: &Funnel) -> Vec<Finding> {
    funnel.rows.iter().filter(|row| row.cohort == 0 && row.segment == 0).map(|row| of_stage(funnel, row)).collect()
}

fn of_stage(funnel: &Funnel, row: &FunnelRow) -> Finding {
    let stage = funnel.stage(row.stage).unwrap_or_default();
    let what = if stage == LEADS { "lead" } else { "deal" };
    let mut parts = vec![count(row.entered, what)];
    parts.extend(row.conversion.map(|share| format!("{} advance", percent(share.value))));
    parts.extend(row.median_days.map(|days| format!("median {} in stage", count(days.into(), "day"))));
    parts.extend((row.open > 0).then(|| format!("{} still open", thousands(row.open.into()))));
    Finding::info("funnel.stage", Subject::named("stage", stage), format!("{stage}: {}", parts.join(", ")))
        .with("entered", Quantity::Count(row.entered))
        .with_known("conversion", row.conversion.map(|share| Quantity::Share(share.value)))
        .with_known("median", row.median_days.map(|days| Quantity::Days(days.into())))
        .with("open", Quantity::Count(row.open))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::survival::wilson;

    fn row(stage: u32, entered: u64) -> FunnelRow {
        FunnelRow {
            cohort: 0,
            segment: 0,
            stage,
            entered,
            advanced: 0,
            lost: 0,
            back: 0,
            open: 0,
            still_there: 0,
            moves_back: 0,
            skipped: 0,
            conversion: None,
            median_days: None,
            p90_days: None,
            value_minor: None,
            won: 0,
            conversion_to_won: None,
        }
    }

    fn funnel(rows: Vec<FunnelRow>) -> Funnel {
        Funnel {
            cohorts: vec!["all".to_owned(), "current".to_owned()],
            segments: vec!["all".to_owned()],
            stages: ["Demo", "Won", LEADS].map(str::to_owned).to_vec(),
            rows,
            summaries: Vec::new(),
        }
    }

    #[test]
    fn a_stage_says_how_many_went_in_and_on() {
        let leads =
            FunnelRow { conversion: Some(wilson(0.5, 10.0)), median_days: Some(13), open: 190, ..row(2, 5_588) };
        let demo = FunnelRow { median_days: Some(1), ..row(0, 1) };
        let other = FunnelRow { cohort: 1, ..row(0, 9) };
        let found = findings(&funnel(vec![leads, demo, row(1, 0), other]));
        let said: Vec<&str> = found.iter().map(|finding| finding.sentence.as_str()).collect();
        let expected = [
            "(leads): 5,588 leads, 50.0 % advance, median 13 days in stage, 190 still open",
            "Demo: 1 deal, median 1 day in stage",
            "Won: 0 deals",
        ];
        assert_eq!(said, expected);
        assert_eq!((found[0].code, found[0].number("conversion")), ("funnel.stage", Some(&Quantity::Share(0.5))));
        assert_eq!(found[1].number("conversion"), None);
    }

    #[test]
    fn no_deals_are_no_findings() {
        assert!(findings(&funnel(Vec::new())).is_empty());
    }
}
