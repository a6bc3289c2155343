//! Who is behind in the running period, and why, in sentences: one per level of the hierarchy and per column.
//!
//! [`Gaps`] in, [`Finding`]s out: how many are behind, the largest gap, and its main cause.

use crate::analyses::forecast::RowBasis;
use crate::analyses::gaps::rows::{GapRow, Gaps, NoGaps};
use crate::domain::period::PeriodKind;
use crate::report::finding::{Finding, Quantity, Subject};
use crate::report::money_unit::MoneyUnit;
use crate::report::words::thousands;

/// Why there are no gaps to take apart, where there are none.
#[must_use]
pub fn absence(gaps: &Gaps) -> Option<Finding> {
    let NoGaps::NoScores = gaps.absence?;
    let sentence = "no gap attribution: without a model nothing is expected from open deals";
    Some(Finding::warning("gaps.none", Subject::the("gaps"), sentence).remedy("`dealcast train` makes one"))
}

/// Per level, column and money the largest gap of the running period of `kind`.
#[must_use]
pub fn largest_gaps(gaps: &Gaps, kind: PeriodKind) -> Vec<Finding> {
    let of_kind: Vec<&GapRow> = gaps.rows.iter().filter(|row| row.period.kind == kind).collect();
    let alike = of_kind.chunk_by(|a, b| (&a.level, a.basis, a.currency) == (&b.level, b.basis, b.currency));
    absence(gaps).into_iter().chain(alike.filter_map(|rows| largest_of(rows, gaps))).collect()
}

/// The largest gap among the rows of one level and money, which come widest first.
fn largest_of(rows: &[&GapRow], gaps: &Gaps) -> Option<Finding> {
    let worst = rows.iter().find(|row| row.behind && row.gap() > 0)?;
    let currency = gaps.currencies.get(worst.currency)?;
    let unit = MoneyUnit::new(&currency.code, currency.decimals);
    let behind = rows.iter().filter(|row| row.behind).count();
    let whose = match rows.len() {
        1 => String::new(),
        all => format!("{behind} of {} behind, largest gap {}: ", thousands(all as i128), worst.name),
    };
    let target_is = worst.target_source.words();
    let of_what = target_is.map(|words| format!(" ({words})")).unwrap_or_default();
    let short = format!("{} short of {}{of_what}", unit.words(worst.gap()), unit.words(worst.target));
    let of_deals = match worst.basis {
        RowBasis::Base => String::new(),
        RowBasis::Native => format!(", deals in {}", currency.code),
    };
    let sentence = format!("{} in {}{of_deals}: {whose}{short}{}", worst.level, worst.period, why(worst, unit));
    let finding =
        Finding::info("gaps.largest", Subject::named("level", &worst.level).in_period(worst.period), sentence)
            .with("nodes", Quantity::count(rows.len()))
            .with("behind", Quantity::count(behind))
            .with("largest", Quantity::Text(worst.name.clone()))
            .with("gap", unit.quantity(worst.gap()))
            .with("target", unit.quantity(worst.target))
            .with_known("target_is", target_is.map(|words| Quantity::Text(words.to_owned())));
    Some(with_main_cause(finding, worst, unit))
}

/// What is said where no part of a gap is more than chance.
const NO_MAIN_CAUSE: &str = "no single cause is statistically significant";

/// The main cause of a gap, in words; nothing where it was not taken apart.
fn why(row: &GapRow, unit: MoneyUnit<'_>) -> String {
    let Some(attribution) = &row.attribution else { return String::new() };
    match attribution.main_cause() {
        Some(cause) => {
            format!(", mainly {} ({})", cause.name(), unit.words(attribution.part(cause)))
        }
        None => format!(", {NO_MAIN_CAUSE}"),
    }
}

fn with_main_cause(finding: Finding, row: &GapRow, unit: MoneyUnit<'_>) -> Finding {
    let Some(attribution) = &row.attribution else { return finding };
    match attribution.main_cause() {
        Some(cause) => finding
            .with("main_cause", Quantity::Text(cause.name().to_owned()))
            .with("main_cause_part", unit.quantity(attribution.part(cause))),
        None => finding.with("no_main_cause", Quantity::Text(NO_MAIN_CAUSE.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyses::gaps::causes::CAUSES;
    use crate::analyses::gaps::rows::{GapAttribution, TargetSource};
    use crate::books::currency_axis::RowCurrency;
    use crate::domain::day::Day;
    use crate::domain::period::FiscalCalendar;

    /// Short by 600.00 of 1,000.00 in the first quarter of 2026, 400.00 of it for want of pipeline.
    fn row(level: &str, name: &str, significant: bool) -> GapRow {
        GapRow {
            level: level.to_owned(),
            node: name.to_lowercase(),
            name: name.to_owned(),
            period: FiscalCalendar::default().period_of(PeriodKind::Quarter, Day(20_498)),
            basis: RowBasis::Base,
            currency: 1,
            target: 100_000,
            target_source: TargetSource::Quota,
            won: 40_000,
            expected_from_open: 0,
            expected_from_new: 0,
            hits_quota: None,
            behind: true,
            attribution: Some(GapAttribution {
                parts: [40_000, 20_000, 0, 0, 0],
                factors: [None; CAUSES],
                benchmarks: [None; CAUSES],
                significant: [significant; CAUSES],
            }),
        }
    }

    fn gaps(rows: Vec<GapRow>, absence: Option<NoGaps>) -> Gaps {
        let currencies = ["EUR", "USD"].map(|code| RowCurrency { code: code.to_owned(), decimals: 2 }).to_vec();
        Gaps { as_of: Day(20_498), currencies, rows, absence }
    }

    fn said(rows: Vec<GapRow>) -> Vec<String> {
        let found = largest_gaps(&gaps(rows, None), PeriodKind::Quarter);
        found.into_iter().map(|finding| finding.sentence).collect()
    }

    #[test]
    fn every_level_names_its_largest_gap_and_the_cause() {
        let reached = GapRow { behind: false, won: 100_000, ..row("owner", "Bob", true) };
        let rows = vec![row("owner", "Ann", true), reached, row("company", "company", false)];
        let expected = [
            "owner in 2026-Q1: 1 of 2 behind, largest gap Ann: 600 USD short of 1,000 USD, mainly insufficient pipeline \
             (400 USD)",
            "company in 2026-Q1: 600 USD short of 1,000 USD, no single cause is statistically significant",
        ];
        assert_eq!(said(rows.clone()), expected);
        let found = largest_gaps(&gaps(rows, None), PeriodKind::Quarter);
        assert_eq!(found[0].number("gap"), Some(&Quantity::money(60_000, 2, "USD")));
        assert_eq!(found[0].number("main_cause"), Some(&Quantity::Text("insufficient pipeline".to_owned())));
        assert_eq!(found[1].number("main_cause"), None);
        assert_eq!((found[0].code, found[0].number("behind")), ("gaps.largest", Some(&Quantity::Count(1))));
    }

    #[test]
    fn a_target_that_is_no_quota_is_named() {
        let past = GapRow { target_source: TargetSource::Past, ..row("company", "company", false) };
        let expected = "company in 2026-Q1: 600 USD short of 1,000 USD (the mean of past periods), no single cause is \
                        statistically significant";
        assert_eq!(said(vec![past.clone()]), [expected]);
        let found = largest_gaps(&gaps(vec![past], None), PeriodKind::Quarter).remove(0);
        assert_eq!(found.number("target_is"), Some(&Quantity::Text("the mean of past periods".to_owned())));
    }

    #[test]
    fn nobody_behind_other_periods_and_gaps_not_taken_apart() {
        let reached = GapRow { behind: false, ..row("team", "North", true) };
        assert!(said(vec![reached]).is_empty());
        assert!(largest_gaps(&gaps(vec![row("team", "North", true)], None), PeriodKind::Month).is_empty());
        let bare = GapRow { attribution: None, ..row("company", "company", true) };
        assert_eq!(said(vec![bare]), ["company in 2026-Q1: 600 USD short of 1,000 USD"]);
    }

    #[test]
    fn rows_of_a_currency_are_said_on_their_own() {
        let euros = GapRow { basis: RowBasis::Native, currency: 0, ..row("owner", "Eve", true) };
        let expected = [
            "owner in 2026-Q1: 600 USD short of 1,000 USD, mainly insufficient pipeline (400 USD)",
            "owner in 2026-Q1, deals in EUR: 600 EUR short of 1,000 EUR, mainly insufficient pipeline (400 EUR)",
        ];
        assert_eq!(said(vec![row("owner", "Ann", true), euros]), expected);
    }

    #[test]
    fn no_scores_are_said_with_what_to_do() {
        let line =
            largest_gaps(&gaps(Vec::new(), Some(NoGaps::NoScores)), PeriodKind::Quarter).remove(0).line().into_owned();
        let scores =
            "no gap attribution: without a model nothing is expected from open deals; `dealcast train` makes one";
        assert_eq!(line, scores);
    }
}
