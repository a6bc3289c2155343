//! Sentences of a report, worded by the catalogue: a template with the numbers it names.
//!
//! Named quantities of a finding in, a sentence out. A quantity is worded before it is put in, so that templates hold words
//! only.

use std::collections::BTreeMap;

use minijinja::Environment;
use rust_decimal::Decimal;
use serde::Deserialize;

use crate::domain::day::Day;
use crate::render::language::Language;

/// A number of a finding, read back from JSON.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "lowercase", tag = "unit", content = "value")]
enum Told {
    Count(u64),
    Share(f64),
    Days(i64),
    Number(f64),
    Money(ToldMoney),
    Date(Day),
    Text(String),
    Names(Vec<String>),
}

#[derive(Clone, Debug, Deserialize)]
struct ToldMoney {
    /// Exact, as text.
    amount: String,
    currency: String,
}

/// The numbers of a sentence by name, worded.
pub(super) type Worded = BTreeMap<String, String>;

/// The numbers of a finding as `language` writes them; none where the text is no such JSON.
pub(super) fn worded(json: &str, language: &Language) -> Worded {
    let told: BTreeMap<String, Told> = serde_json::from_str(json).unwrap_or_default();
    told.into_iter().map(|(name, told)| (name, word(&told, language))).collect()
}

fn word(told: &Told, language: &Language) -> String {
    match told {
        Told::Count(number) => language.whole((*number).into()),
        Told::Days(number) => language.whole((*number).into()),
        Told::Share(share) => language.percent(*share),
        Told::Number(number) => language.number(*number, 2),
        Told::Money(ToldMoney { amount, currency }) => {
            let whole = amount.parse().ok().and_then(|amount: Decimal| i128::try_from(amount.round()).ok());
            format!("{} {currency}", language.whole(whole.unwrap_or_default()))
        }
        Told::Date(day) => language.day(*day),
        Told::Text(text) => text.clone(),
        Told::Names(names) => names.join(", "),
    }
}

/// The text of `key` with `numbers` put in. What a template refuses is shown as the catalogue has it: a test words every key.
pub(super) fn sentence(language: &Language, key: &str, numbers: &Worded) -> String {
    let template = language.word(key);
    Environment::new().render_str(template, numbers).unwrap_or_else(|_| template.to_owned())
}
