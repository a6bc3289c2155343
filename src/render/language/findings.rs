//! Findings in the language of the page: a template a code, filled with the numbers of the finding.
//!
//! A [`ToldFinding`] in, its sentence out. In a template `{name}` stands for a number, `{subject}` and `{period}` for what
//! the finding is about, `{each}` for numbers that the data name and the template does not; `[...]` is left out where a number in it is missing.
//! English needs no template: findings are written in it. The costs of gaps in the input have a template a gap.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::catalogue::Language;
use crate::render::material::{ToldFinding, ToldQuantity};
use crate::report::finding::Finding;

/// The texts of findings that are words of this program.
const WORDED_NUMBERS: [&str; 10] = [
    "contender",
    "decision",
    "main_cause",
    "measure",
    "new",
    "no_main_cause",
    "old",
    "outcome",
    "target_is",
    "validation",
];

/// The node a finding takes as its example.
const EXAMPLE: &str = "example";

/// The levels of nodes.
const LEVELS: [&str; 5] = ["company", "region", "team", "manager", "owner"];

impl Language {
    /// What `finding` says, as a terminal shows it: in English as it was written.
    #[must_use]
    pub fn said(&self, finding: &Finding) -> String {
        let told = ToldFinding::of(finding).filter(|_| !self.is_english());
        told.map_or_else(|| finding.sentence.clone(), |told| self.sentence(&told))
    }

    /// The same, and after it what to do about it: the finding in one line.
    #[must_use]
    pub fn line(&self, finding: &Finding) -> String {
        let told = ToldFinding::of(finding).filter(|_| !self.is_english());
        let Some(told) = told else { return finding.line().into_owned() };
        let parts = [Some(self.sentence(&told)), self.remedy(&told)];
        parts.into_iter().flatten().collect::<Vec<_>>().join(self.word("semicolon"))
    }

    /// The sentence of `found`; the original where the catalogue has no template for its code.
    pub(in crate::render) fn sentence(&self, found: &ToldFinding) -> String {
        let template = told_of(self.findings(), found);
        let worded = template.and_then(|template| self.filled(template, found));
        worded.unwrap_or_else(|| self.original(found))
    }

    /// The sentence the run wrote, its percentages and large counts as everywhere else in the language.
    fn original(&self, found: &ToldFinding) -> String {
        let counts = found.numbers.values().filter_map(|number| match number {
            ToldQuantity::Count(count) if *count >= 1_000 => Some(*count),
            _ => None,
        });
        counts.fold(self.percents(&found.sentence), |text, count| {
            text.replace(&format!(" {count} "), &format!(" {} ", self.whole(i128::from(count))))
        })
    }

    /// What to do about `found`, where the catalogue says it; the original in English.
    pub(in crate::render) fn remedy(&self, found: &ToldFinding) -> Option<String> {
        if self.is_english() {
            return found.remedy.as_ref().map(|remedy| self.percents(remedy));
        }
        found.remedy.as_ref().and_then(|_| told_of(self.remedies(), found)).cloned()
    }

    /// None where a number outside of brackets is missing.
    fn filled(&self, template: &str, found: &ToldFinding) -> Option<String> {
        let mut text = String::new();
        let mut rest = template;
        while let Some(open) = rest.find('[') {
            let close = open + rest[open..].find(']')?;
            text += &self.part(&rest[..open], found)?;
            text += &self.part(&rest[open + 1..close], found).unwrap_or_default();
            rest = &rest[close + 1..];
        }
        Some(text + &self.part(rest, found)?)
    }

    /// A part without brackets.
    fn part(&self, template: &str, found: &ToldFinding) -> Option<String> {
        let mut text = String::new();
        let mut rest = template;
        while let Some(open) = rest.find('{') {
            let close = open + rest[open..].find('}')?;
            text += &rest[..open];
            text += &self.slot(&rest[open + 1..close], found)?;
            rest = &rest[close + 1..];
        }
        Some(text + rest)
    }

    fn slot(&self, name: &str, found: &ToldFinding) -> Option<String> {
        match name {
            "subject" => Some(self.subject(found).to_owned()),
            "period" => found.subject.period.clone(),
            "each" => {
                let template = told_of(self.findings(), found)?;
                let each = largest_first(&found.numbers).into_iter();
                let each = each.filter(|(name, _)| !template.contains(&format!("{{{name}}}")));
                let said: Vec<String> = each.map(|(name, quantity)| self.named(name, quantity)).collect();
                (!said.is_empty()).then(|| said.join(", "))
            }
            _ => match found.numbers.get(name)? {
                ToldQuantity::Text(text) if WORDED_NUMBERS.contains(&name) => Some(self.value(text).to_owned()),
                ToldQuantity::Text(everybody) if name == "largest" && found.subject.name == "company" => {
                    Some(self.value(everybody).to_owned())
                }
                ToldQuantity::Text(node) if name == EXAMPLE => Some(self.node(node)),
                quantity => Some(self.quantity(quantity)),
            },
        }
    }

    /// A number the data name, after its name: what changed by has its sign.
    fn named(&self, name: &str, quantity: &ToldQuantity) -> String {
        let said = self.quantity(quantity);
        match quantity {
            ToldQuantity::Money { amount, .. } if !amount.starts_with('-') => format!("{} +{said}", self.value(name)),
            ToldQuantity::Money { .. } | ToldQuantity::Count(_) => format!("{} {said}", self.value(name)),
            _ => format!("{} {said}", self.factor(name)),
        }
    }

    /// `team Americas 1`: the level is a word, the name is not.
    fn node(&self, node: &str) -> String {
        match node.split_once(' ') {
            Some((level, name)) if LEVELS.contains(&level) => format!("{} {name}", self.value(level)),
            _ => self.value(node).to_owned(),
        }
    }

    /// What a finding is about: levels and what stands for no name are words, names are not.
    fn subject<'l>(&'l self, found: &'l ToldFinding) -> &'l str {
        match found.subject.kind.as_str() {
            "column" => self.value(&found.subject.name),
            kind => self.text(kind, &found.subject.name),
        }
    }

    fn quantity(&self, quantity: &ToldQuantity) -> String {
        match quantity {
            ToldQuantity::Count(count) => self.whole(i128::from(*count)),
            ToldQuantity::Days(days) => self.whole(i128::from(*days)),
            ToldQuantity::Share(share) => self.percent(*share),
            ToldQuantity::Number(number) => self.number(*number, if number.abs() < 10.0 { 3 } else { 1 }),
            ToldQuantity::Money { amount, currency } => {
                let whole = amount.parse().ok().and_then(|amount: Decimal| i128::try_from(amount.round()).ok());
                format!("{} {currency}", self.whole(whole.unwrap_or_default()))
            }
            ToldQuantity::Date(day) => self.day_text(day),
            ToldQuantity::Text(text) => self.text("", text).to_owned(),
            ToldQuantity::Names(names) => names.join(", "),
        }
    }
}

/// Numbers the data name, as a finding says them: the largest first.
fn largest_first(numbers: &BTreeMap<String, ToldQuantity>) -> Vec<(&String, &ToldQuantity)> {
    let size = |quantity: &ToldQuantity| match quantity {
        ToldQuantity::Share(number) | ToldQuantity::Number(number) => *number,
        ToldQuantity::Count(count) => *count as f64,
        ToldQuantity::Money { amount, .. } => amount.parse::<f64>().map_or(0.0, f64::abs),
        _ => 0.0,
    };
    let mut sorted: Vec<_> = numbers.iter().collect();
    sorted.sort_by(|(_, a), (_, b)| size(b).total_cmp(&size(a)));
    sorted
}

/// What the catalogue has for a finding: for its code and gap, else for its code.
fn told_of<'t>(texts: &'t BTreeMap<String, String>, found: &ToldFinding) -> Option<&'t String> {
    let of_gap = match found.numbers.get("gap") {
        Some(ToldQuantity::Text(gap)) => texts.get(&format!("{}.{gap}", found.code)),
        _ => None,
    };
    of_gap.or_else(|| texts.get(&found.code))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(code: &str) -> ToldFinding {
        let text = r#"{"severity":"info","subject":{"kind":"deals","name":"deals"},"sentence":"56 of 250 open deals stalled",
            "numbers":{"open":{"unit":"count","value":1250},"stalled":{"unit":"count","value":56},
            "slow":{"unit":"count","value":3},"stalled_value":{"unit":"money","value":{"amount":"2743832.28","currency":"USD"}}},"#;
        serde_json::from_str(&format!("{text}\"code\":\"{code}\"}}")).expect("a finding")
    }

    #[test]
    fn an_original_has_the_numbers_of_the_language() {
        let english = Language::of("en").expect("a language");
        let mut told = found("no.such");
        told.sentence = "95 % of 1250 open deals, 1,250 in all".to_owned();
        assert_eq!(english.sentence(&told), "95% of 1,250 open deals, 1,250 in all");
    }

    #[test]
    fn what_is_listed_stands_largest_first_and_levels_are_words() {
        let french = Language::of("fr").expect("a language");
        let told = |code: &str, numbers: &str| {
            let text = format!(
                r#"{{"severity":"info","subject":{{"kind":"quotas","name":"","period":"2026-Q1"}},"sentence":"s","code":"{code}",
                "numbers":{{{numbers}}}}}"#
            );
            french.sentence(&serde_json::from_str(&text).expect("a finding"))
        };
        let share = |name: &str, share: f64| format!(r#""{name}":{{"unit":"share","value":{share}}}"#);
        let said = told("model.factors", &[share("age", 0.1), share("product", 0.3), share("stage", 0.2)].join(","));
        assert!(said.ends_with("produit 30,0\u{202f}%, étape 20,0\u{202f}%, âge 10,0\u{202f}%"), "{said}");
        let money = r#"{"unit":"money","value":{"amount":"1","currency":"USD"}}"#;
        let numbers = format!(
            r#""quotas":{{"unit":"count","value":2}},"example":{{"unit":"text","value":"team Americas 1"}},"quota":{money},"roll_up":{money}"#
        );
        let said = told("forecast.quota_differs", &numbers);
        assert!(said.contains("comme équipe Americas 1 en 2026-Q1"), "{said}");
    }

    #[test]
    fn a_finding_is_worded_from_its_numbers_and_a_part_without_its_number_is_left_out() {
        let french = Language::of("fr").expect("a language");
        let said = french.sentence(&found("stagnation.total"));
        assert!(
            said.contains("56") && said.contains("1\u{202f}250") && said.contains("2\u{202f}743\u{202f}832 USD"),
            "{said}"
        );
        assert!(!said.contains('[') && !said.contains('{'), "{said}");
        assert_eq!(french.sentence(&found("no.such")), "56 of 250 open deals stalled");
        assert_eq!(
            Language::of("en").expect("a language").sentence(&found("stagnation.total")),
            "56 of 250 open deals stalled"
        );
    }
}
