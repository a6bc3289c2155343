//! Findings: what an analysis has to say, as data. Every sentence a person reads is one.
//!
//! Made in the library beside the analysis, unit-tested like numbers, and rendered by whoever shows them: the terminal,
//! `findings.json`, the reports. Codes and numbers are interface, wording is not.

use std::borrow::Cow;

use rust_decimal::Decimal;
use serde::{Serialize, Serializer};

use crate::domain::day::Day;
use crate::domain::money::to_decimal;
use crate::domain::period::Period;

/// How much a reader should care.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// A result.
    Info,
    /// Something to know before trusting a result.
    Warning,
}

/// What a finding is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Subject {
    /// `company`, `team`, `owner`, `stage`, `source`, `model`, `table`, `deals`…
    pub kind: &'static str,
    /// Its name; empty where there is one of its kind.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// The period, where it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period: Option<String>,
}

impl Subject {
    /// The one there is of `kind`.
    #[must_use]
    pub fn the(kind: &'static str) -> Self {
        Self::named(kind, "")
    }

    /// `name` of `kind`.
    #[must_use]
    pub fn named(kind: &'static str, name: impl Into<String>) -> Self {
        Self { kind, name: name.into(), period: None }
    }

    /// In `period`.
    #[must_use]
    pub fn in_period(self, period: Period) -> Self {
        Self { period: Some(period.to_string()), ..self }
    }
}

/// A number of a finding, with what it counts in.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "lowercase", tag = "unit", content = "value")]
pub enum Quantity {
    /// How many.
    Count(u64),
    /// A share of 1.
    Share(f64),
    /// Days.
    Days(i64),
    /// A number without a unit.
    Number(f64),
    /// Money.
    Money(MoneyQuantity),
    /// A day.
    Date(Day),
    /// A name, where the finding names what it counts.
    Text(String),
    /// Names, where it names several.
    Names(Vec<String>),
}

impl Quantity {
    /// How many, of a count of any type; none below zero.
    #[must_use]
    pub fn count(n: impl TryInto<u64>) -> Self {
        Self::Count(n.try_into().unwrap_or(0))
    }

    /// `minor` units of `currency`, which has `decimals` places.
    #[must_use]
    pub fn money(minor: impl Into<i128>, decimals: u32, currency: &str) -> Self {
        Self::Money(MoneyQuantity { amount: to_decimal(minor.into(), decimals), currency: currency.to_owned() })
    }
}

/// Money of a finding, to the last minor unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MoneyQuantity {
    /// Exact, as text in JSON.
    #[serde(serialize_with = "as_text")]
    pub amount: Decimal,
    /// ISO code.
    pub currency: String,
}

fn as_text<S: Serializer>(amount: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(amount)
}

/// One thing an analysis has to say.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    /// What kind of finding it is, for programs: `forecast.outlook`, `stagnation.total`…
    pub code: &'static str,
    /// How much a reader should care.
    pub severity: Severity,
    /// What it is about.
    pub subject: Subject,
    /// The numbers of the sentence, by name, in order.
    #[serde(serialize_with = "as_map")]
    pub numbers: Vec<(Cow<'static, str>, Quantity)>,
    /// In words: short, plain, complete; a lowercase fragment without a full stop, as error texts are.
    pub sentence: String,
    /// What to do about it: names the key, flag or command.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
}

fn as_map<S: Serializer>(numbers: &[(Cow<'static, str>, Quantity)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(numbers.iter().map(|(name, quantity)| (name, quantity)))
}

impl Finding {
    /// A result about `subject`, in words.
    #[must_use]
    pub fn info(code: &'static str, subject: Subject, sentence: impl Into<String>) -> Self {
        Self { code, severity: Severity::Info, subject, numbers: Vec::new(), sentence: sentence.into(), remedy: None }
    }

    /// Something about `subject` to know before trusting a result.
    #[must_use]
    pub fn warning(code: &'static str, subject: Subject, sentence: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::info(code, subject, sentence) }
    }

    /// With the number `name`.
    #[must_use]
    pub fn with(mut self, name: impl Into<Cow<'static, str>>, quantity: Quantity) -> Self {
        self.numbers.push((name.into(), quantity));
        self
    }

    /// With the number `name`, where there is one.
    #[must_use]
    pub fn with_known(self, name: &'static str, quantity: Option<Quantity>) -> Self {
        match quantity {
            Some(quantity) => self.with(name, quantity),
            None => self,
        }
    }

    /// With what to do about it.
    #[must_use]
    pub fn remedy(self, remedy: impl Into<String>) -> Self {
        Self { remedy: Some(remedy.into()), ..self }
    }

    /// The sentence, and after it the remedy: the finding in one line.
    #[must_use]
    pub fn line(&self) -> Cow<'_, str> {
        match &self.remedy {
            Some(remedy) => Cow::Owned(format!("{}; {remedy}", self.sentence)),
            None => Cow::Borrowed(&self.sentence),
        }
    }

    /// Its numbers by name, as JSON.
    #[must_use]
    pub fn numbers_json(&self) -> String {
        let numbers = self.numbers.iter().map(|(name, quantity)| (name, quantity));
        let mut text = Vec::new();
        let written = serde_json::Serializer::new(&mut text).collect_map(numbers);
        written.ok().and_then(|()| String::from_utf8(text).ok()).unwrap_or_default()
    }

    /// The number `name`.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<&Quantity> {
        self.numbers.iter().find(|(known, _)| *known == name).map(|(_, quantity)| quantity)
    }
}

/// Findings under one heading.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Section {
    /// `Input`, `Model`, `Stagnation`…
    pub title: &'static str,
    /// In the order to read them.
    pub findings: Vec<Finding>,
}

impl Section {
    /// `findings` under `title`.
    #[must_use]
    pub fn new(title: &'static str, findings: Vec<Finding>) -> Self {
        Self { title, findings }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::period::{FiscalCalendar, PeriodKind};

    #[test]
    fn a_finding_is_data_and_its_money_is_exact() {
        let quarter = FiscalCalendar::default().period_of(PeriodKind::Quarter, Day(20_498));
        let finding =
            Finding::info("forecast.won", Subject::named("team", "Nord").in_period(quarter), "Nord won 12 EUR")
                .with("won", Quantity::money(1_250, 2, "EUR"))
                .with_known("quota", None)
                .remedy("set a quota");
        let json = serde_json::to_value(&finding).expect("JSON");
        assert_eq!(json["numbers"]["won"]["value"]["amount"], "12.50");
        assert_eq!(json["subject"]["period"], "2026-Q1");
        assert_eq!(finding.line(), "Nord won 12 EUR; set a quota");
        assert_eq!((finding.severity, finding.number("quota")), (Severity::Info, None));
    }
}
