//! What the scores of the open deals have to say, all together and of one deal.
//!
//! [`Scores`] and the model they come from in, [`Finding`]s out.

use std::collections::BTreeSet;

use crate::domain::probability::logit;
use crate::model::WinModel;
use crate::report::finding::{Finding, Quantity, Subject};
use crate::report::words::{count, percent, thousands};
use crate::scoring::scores::{Score, Scores};

/// The grades, best first.
const GRADES: [char; 4] = ['A', 'B', 'C', 'D'];

/// How the open deals are scored.
#[must_use]
pub fn open_deals(scores: &Scores) -> Vec<Finding> {
    let deals = scores.rows.len() as u64;
    let open = count(deals, "open deal");
    if !scores.signal {
        let finding = Finding::info("scores.base_rate", Subject::the("deals"), format!("{open} at the base rate"));
        return vec![finding.with("deals", Quantity::Count(deals))];
    }
    let graded = GRADES.map(|grade| scores.rows.iter().filter(|row| row.grade == Some(grade)).count());
    let words: Vec<String> =
        GRADES.iter().zip(graded).map(|(grade, deals)| format!("{} {grade}", thousands(deals as i128))).collect();
    let finding =
        Finding::info("scores.grades", Subject::the("deals"), format!("{open} by grade: {}", words.join(", ")))
            .with("deals", Quantity::Count(deals));
    let with_grade =
        |finding: Finding, (grade, deals): (&char, usize)| finding.with(grade.to_string(), Quantity::count(deals));
    vec![GRADES.iter().zip(graded).fold(finding, with_grade)]
}

/// That every deal has the same chance, where the model has no signal.
#[must_use]
pub fn without_signal(model: &WinModel) -> Option<Finding> {
    let sentence = format!("every deal has the base rate, {}: {}", percent(model.base_rate), model.verdict);
    (!model.signal).then(|| {
        Finding::warning("scores.no_signal", Subject::named("model", &model.model_id), sentence)
            .with("base_rate", Quantity::Share(model.base_rate))
    })
}

/// That open deals count for nothing, as no model can say what they are worth.
#[must_use]
pub fn nothing_expected(reason: &str) -> Finding {
    let sentence = format!("nothing is expected from open deals: {reason}");
    Finding::warning("scores.nothing_expected", Subject::the("deals"), sentence)
        .remedy("`dealcast train` makes a model")
}

/// The chance of the deal `id`, row `position` of `scores`: by when, and from where.
#[must_use]
pub fn of_deal(id: &str, model: &WinModel, scores: &Scores, position: usize) -> Vec<Finding> {
    let Some(score) = scores.rows.get(position) else { return Vec::new() };
    let mut found = vec![win_probability(id, model, score)];
    let mut said = BTreeSet::new();
    let ends = scores.periods.iter().zip(&score.by_period).filter(|(period, _)| said.insert(period.last));
    found.extend(ends.map(|(period, outcome)| {
        let [win, lose, slip] = [outcome.win, outcome.lose, outcome.slip];
        let words = [win, lose, slip].map(percent);
        let sentence = format!("by the end of {period}: won {}, lost {}, still open {}", words[0], words[1], words[2]);
        Finding::info("scores.deal_by_period", Subject::named("deal", id).in_period(*period), sentence)
            .with("won", Quantity::Share(win))
            .with("lost", Quantity::Share(lose))
            .with("open", Quantity::Share(slip))
    }));
    found.extend(predicted_close(id, score));
    let log_odds = scores.intercept + scores.contributions_of(position).iter().sum::<f64>();
    found.push(from_base_rate(id, model, score, log_odds));
    found
}

fn win_probability(id: &str, model: &WinModel, score: &Score) -> Finding {
    let grade = score.grade.map(|grade| format!(", grade {grade}")).unwrap_or_default();
    let (chance, days) = (score.win_probability, model.training.dated.then_some(model.horizon_days));
    let sentence = format!("{id}: win probability {} {}{grade}", percent(chance), model.within());
    Finding::info("scores.deal", Subject::named("deal", id), sentence)
        .with("win_probability", Quantity::Share(chance))
        .with_known("horizon", days.map(|days| Quantity::Days(days.into())))
        .with_known("grade", score.grade.map(|grade| Quantity::Text(grade.to_string())))
}

fn predicted_close(id: &str, score: &Score) -> Option<Finding> {
    let [low, median, high] = score.predicted_close?;
    let sentence = format!("if won, predicted close: median {median}, 80 % range {low} to {high}");
    let finding = Finding::info("scores.deal_close", Subject::named("deal", id), sentence)
        .with("p10", Quantity::Date(low))
        .with("median", Quantity::Date(median))
        .with("p90", Quantity::Date(high));
    Some(finding)
}

fn from_base_rate(id: &str, model: &WinModel, score: &Score, log_odds: f64) -> Finding {
    let (base, chance) = (model.base_rate, score.win_probability);
    let [from, to] = [base, chance].map(percent);
    let sentence = format!(
        "from the base rate {from} to {to} by its reasons, strongest first (log-odds {:+.4} to {log_odds:+.4})",
        logit(base)
    );
    Finding::info("scores.deal_reasons", Subject::named("deal", id), sentence)
        .with("base_rate", Quantity::Share(base))
        .with("win_probability", Quantity::Share(chance))
        .with("log_odds", Quantity::Number(log_odds))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::day::Day;
    use crate::domain::ids::DealIx;
    use crate::domain::period::{FiscalCalendar, PeriodKind};
    use crate::domain::probability::PeriodOutcome;
    use crate::model::stored_fixtures;

    const AS_OF: Day = Day(20_498);

    fn scored(grade: Option<char>) -> Score {
        let outcome = PeriodOutcome { win: 0.25, lose: 0.25, slip: 0.5 };
        Score {
            deal: DealIx::at(0),
            win_probability: 0.5,
            score: 50,
            grade,
            by_period: vec![outcome; 2],
            predicted_close: Some([AS_OF, AS_OF.plus(1), AS_OF.plus(2)]),
        }
    }

    /// Month and quarter: February, and the first quarter of 2026.
    fn scores(signal: bool, rows: Vec<Score>) -> Scores {
        let calendar = FiscalCalendar::default();
        Scores {
            as_of: AS_OF,
            model_id: "m".to_owned(),
            signal,
            intercept: -1.0,
            periods: [PeriodKind::Month, PeriodKind::Quarter].map(|kind| calendar.period_of(kind, AS_OF)).to_vec(),
            fields: vec!["stage".to_owned()],
            contributions: vec![1.0; rows.len()],
            rows,
        }
    }

    #[test]
    fn grades_are_counted_and_no_deals_are_none() {
        let grades = |rows: Vec<Score>| open_deals(&scores(true, rows)).remove(0);
        let found = grades(vec![scored(Some('A')), scored(Some('C')), scored(Some('A'))]);
        assert_eq!(found.sentence, "3 open deals by grade: 2 A, 0 B, 1 C, 0 D");
        assert_eq!((found.code, found.number("A")), ("scores.grades", Some(&Quantity::Count(2))));
        assert_eq!(grades(vec![scored(Some('D'))]).sentence, "1 open deal by grade: 0 A, 0 B, 0 C, 1 D");
        assert_eq!(grades(Vec::new()).sentence, "0 open deals by grade: 0 A, 0 B, 0 C, 0 D");
    }

    #[test]
    fn without_signal_every_deal_has_the_base_rate() {
        let found = open_deals(&scores(false, vec![scored(None)])).remove(0);
        assert_eq!((found.code, found.sentence.as_str()), ("scores.base_rate", "1 open deal at the base rate"));
        let mut model = stored_fixtures::model();
        assert_eq!(without_signal(&model), None);
        (model.signal, model.verdict) = (false, "no signal: none".to_owned());
        let warned = without_signal(&model).expect("a warning");
        assert_eq!(warned.sentence, "every deal has the base rate, 25.0 %: no signal: none");
        assert_eq!(warned.number("base_rate"), Some(&Quantity::Share(0.25)));
        assert_eq!(
            nothing_expected("no model").line(),
            "nothing is expected from open deals: no model; `dealcast train` makes a model"
        );
    }

    #[test]
    fn a_deal_says_its_chance_by_when_and_from_where() {
        let model = stored_fixtures::model();
        let found = of_deal("d1", &model, &scores(true, vec![scored(Some('B'))]), 0);
        let said: Vec<&str> = found.iter().map(|finding| finding.sentence.as_str()).collect();
        let expected = [
            "d1: win probability 50.0 % within 120 days, grade B",
            "by the end of 2026-02: won 25.0 %, lost 25.0 %, still open 50.0 %",
            "by the end of 2026-Q1: won 25.0 %, lost 25.0 %, still open 50.0 %",
            "if won, predicted close: median 2026-02-15, 80 % range 2026-02-14 to 2026-02-16",
            // ln(0.25 / 0.75)
            "from the base rate 25.0 % to 50.0 % by its reasons, strongest first (log-odds -1.0986 to +0.0000)",
        ];
        assert_eq!(said, expected);
        assert_eq!(found[1].subject.period.as_deref(), Some("2026-02"));
        assert_eq!(found[4].number("log_odds"), Some(&Quantity::Number(0.0)));
        let plain = of_deal("d1", &model, &scores(true, vec![Score { predicted_close: None, ..scored(None) }]), 0);
        assert_eq!(plain[0].sentence, "d1: win probability 50.0 % within 120 days");
        assert_eq!(plain.len(), 4);
        assert!(of_deal("d1", &model, &scores(true, Vec::new()), 0).is_empty());
    }
}
