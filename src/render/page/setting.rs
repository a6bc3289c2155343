//! What every view is made from: the run, the language, and the period and currency the page opens with.

use super::periods::near_periods;
use crate::domain::money::exponent;
use crate::render::cell_words::cell_words;
use crate::render::language::Language;
use crate::render::material::{Material, TableLine};
use crate::report::cell::Cell;

/// The run as one page shows it.
#[derive(Clone, Copy)]
pub(in crate::render) struct PageSetting<'m> {
    pub material: &'m Material,
    pub language: &'m Language,
    /// The running fiscal period, as `forecast.period` names it; empty where nothing is forecast for it.
    pub period: &'m str,
    /// `base`, or `native` where no amounts are converted.
    pub basis: &'m str,
    /// The currency of most sums of the page.
    pub currency: &'m str,
    /// The periods people look at, the running one first.
    pub near_periods: &'m [&'m str],
}

/// The choices of a page that its setting refers to.
#[derive(Debug)]
pub(in crate::render) struct PageChoices<'m> {
    period: &'m str,
    basis: &'m str,
    currency: &'m str,
    near_periods: Vec<&'m str>,
}

impl<'m> PageChoices<'m> {
    /// What a page of `material` opens with.
    pub(in crate::render) fn of(material: &'m Material) -> Self {
        let told = material.findings("forecast.").find_map(|found| found.subject.period.as_deref());
        let period = told.unwrap_or_default();
        let companies =
            || material.lines("forecast").filter(|line| line.is(&[("level", "company"), ("period", period)]));
        let base = companies().find(|line| line.text("basis") == "base");
        let main = base.or_else(|| companies().max_by_key(|line| line.number("won_deals").map(f64::to_bits)));
        let currency = main.map_or("", |line| line.text("currency"));
        let basis = if base.is_some() { "base" } else { "native" };
        Self { period, basis, currency, near_periods: near_periods(material, period, basis) }
    }
}

impl<'m> PageSetting<'m> {
    /// The setting of `material` with the choices made for it.
    pub(in crate::render) fn new(material: &'m Material, language: &'m Language, choices: &'m PageChoices<'m>) -> Self {
        let PageChoices { period, basis, currency, near_periods } = choices;
        Self { material, language, period, basis, currency, near_periods }
    }

    /// What a column says of itself, in the language: `meaning`, `unit`, `formula` or `empty`.
    pub(in crate::render) fn said(self, table: &str, column: &str, note: &str) -> Option<&'m str> {
        self.material.note(table, column, note).map(|text| self.language.declared(text))
    }

    /// The text of a cell as people read it: names for ids of people, sentences and words in the language.
    pub(in crate::render) fn shown_text(self, line: TableLine<'_>, column: &str, text: &str) -> String {
        cell_words(self.language, self.material.people(), line, column, text)
    }

    /// The text of `key`.
    pub(in crate::render) fn word(self, key: &'m str) -> &'m str {
        self.language.word(key)
    }

    /// The forecast rows of the page's basis in `period`.
    pub(in crate::render) fn forecast(self, period: &'m str) -> impl Iterator<Item = TableLine<'m>> {
        self.material.lines("forecast").filter(move |line| line.is(&[("period", period), ("basis", self.basis)]))
    }

    /// The company's row of the period the page opens with.
    pub(in crate::render) fn company(self) -> Option<TableLine<'m>> {
        self.forecast(self.period).find(|line| line.is(&[("level", "company"), ("currency", self.currency)]))
    }

    /// Money of a row with its currency, in whole units; a dash where there is none.
    pub(in crate::render) fn money(self, line: TableLine<'m>, column: &str) -> String {
        match line.at(column) {
            Cell::Money(minor, decimals) => {
                format!("{} {}", self.language.money(minor, decimals), self.currency_of(line))
            }
            _ => "–".to_owned(),
        }
    }

    /// A share of a row in percent; a dash where there is none.
    pub(in crate::render) fn percent(self, line: TableLine<'m>, column: &str) -> String {
        line.number(column).map_or_else(|| "–".to_owned(), |share| self.language.percent(share))
    }

    /// Money that was added up here, in whole units of the page's currency.
    pub(in crate::render) fn amount(self, whole: f64) -> String {
        format!("{} {}", self.language.whole(whole.round_ties_even() as i128), self.currency)
    }

    /// The currency of a row's money.
    pub(in crate::render) fn currency_of(self, line: TableLine<'m>) -> &'m str {
        match line.text("currency") {
            "" => self.currency,
            own => own,
        }
    }

    /// The decimal places of a row's currency.
    pub(in crate::render) fn decimals(self, line: TableLine<'m>) -> u32 {
        exponent(self.currency_of(line))
    }
}
