//! Findings in the language of the page: a template a code, filled with the numbers of the finding.
//!
//! A [`ToldFinding`] in, its sentence out. In a template `{name}` stands for a number, `{subject}` and `{period}` for what
//! the finding is about, `{each}` for numbers that the data name; `[...]` is left out where a number in it is missing.
//! English needs no template: findings are written in it.

use super::catalogue::Language;
use crate::render::material::{ToldFinding, ToldQuantity};

impl Language {
    /// The sentence of `found`; the original where the catalogue has no template for its code.
    pub(in crate::render) fn sentence(&self, found: &ToldFinding) -> String {
        let template = self.findings().get(&found.code);
        let worded = template.and_then(|template| self.filled(template, found));
        worded.unwrap_or_else(|| found.sentence.clone())
    }

    /// What to do about `found`, where the catalogue says it; the original in English.
    pub(in crate::render) fn remedy(&self, found: &ToldFinding) -> Option<String> {
        if self.code == "en" {
            return found.remedy.clone();
        }
        found.remedy.as_ref().and_then(|_| self.remedies().get(&found.code)).cloned()
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
            "subject" => Some(self.value(&found.subject.name).to_owned()),
            "period" => found.subject.period.clone(),
            "each" => {
                let each = found.numbers.iter().map(|(name, quantity)| format!("{name} {}", self.quantity(quantity)));
                Some(each.collect::<Vec<_>>().join(", "))
            }
            _ => found.numbers.get(name).map(|quantity| self.quantity(quantity)),
        }
    }

    fn quantity(&self, quantity: &ToldQuantity) -> String {
        match quantity {
            ToldQuantity::Count(count) => self.whole(i128::from(*count)),
            ToldQuantity::Days(days) => self.whole(i128::from(*days)),
            ToldQuantity::Share(share) => self.percent(*share),
            ToldQuantity::Number(number) => self.number(*number, if number.abs() < 10.0 { 3 } else { 1 }),
            ToldQuantity::Money { amount, currency } => {
                let whole = amount.parse::<f64>().unwrap_or_default().round();
                format!("{} {currency}", self.whole(whole as i128))
            }
            ToldQuantity::Date(day) => self.day_text(day),
            ToldQuantity::Text(text) => self.value(text).to_owned(),
            ToldQuantity::Names(names) => names.join(", "),
        }
    }
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
