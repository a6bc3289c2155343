//! Numbers, money and days as the language writes them.

use super::catalogue::Language;
use crate::domain::day::Day;
use crate::domain::money::to_decimal;
use crate::report::cell::Cell;
use crate::report::words::thousands;

/// The widest number that is written out: above, `1.2 million`.
const MILLION: f64 = 1_000_000.0;

impl Language {
    /// A whole number in groups of three: `1,234,567`.
    #[must_use]
    pub fn whole(&self, number: i128) -> String {
        thousands(number).replace(',', &self.thousands)
    }

    /// Money in whole units of its currency.
    pub(crate) fn money(&self, minor: i128, decimals: u32) -> String {
        let whole = to_decimal(minor, decimals).round();
        self.whole(i128::try_from(whole).unwrap_or(minor))
    }

    /// Money to the last minor unit: `1,234.50`.
    pub(crate) fn exact_money(&self, minor: i128, decimals: u32) -> String {
        let unit = 10_i128.pow(decimals);
        let (whole, part) = (minor.abs() / unit, minor.abs() % unit);
        let sign = if minor < 0 { "-" } else { "" };
        let places = usize::try_from(decimals).unwrap_or(0);
        let parts = if decimals == 0 { String::new() } else { format!("{}{part:0places$}", self.decimal) };
        format!("{sign}{}{parts}", self.whole(whole))
    }

    /// An amount short enough for an axis: `2.4M`, `350k`.
    pub(crate) fn short(&self, amount: f64) -> String {
        let (scaled, letter) = self.scaled(amount);
        let places = usize::from(scaled.abs() < 99.5 && !letter.is_empty());
        format!("{scaled:.places$}").replace('.', &self.decimal) + letter
    }

    /// Money in a few letters, three digits of it: `1.23M`, `45.6k`, `789`.
    #[must_use]
    pub fn few_letters(&self, amount: f64) -> String {
        let (scaled, letter) = self.scaled(amount);
        let places = match scaled.abs() {
            _ if letter.is_empty() => 0,
            size if size < 9.995 => 2,
            size if size < 99.95 => 1,
            _ => 0,
        };
        format!("{scaled:.places$}").replace('.', &self.decimal) + letter
    }

    /// An amount in thousands, millions or billions, and their letter.
    fn scaled(&self, amount: f64) -> (f64, &str) {
        match amount.abs() {
            size if size >= 999.5 * MILLION => (amount / (1000.0 * MILLION), self.word("billion")),
            size if size >= 999_500.0 => (amount / MILLION, self.word("million")),
            size if size >= 999.5 => (amount / 1000.0, self.word("thousand")),
            _ => (amount, ""),
        }
    }

    /// A share of 1 in percent, with one decimal.
    pub(crate) fn percent(&self, share: f64) -> String {
        format!("{:.1}", 100.0 * share).replace('.', &self.decimal) + &self.before_percent + "%"
    }

    /// An English sentence of a run with its percentages as the language writes them: runs write `80 %`.
    pub(crate) fn percents(&self, sentence: &str) -> String {
        sentence.replace(" %", &format!("{}%", self.before_percent))
    }

    /// A number with `places` decimals.
    pub(crate) fn number(&self, number: f64, places: usize) -> String {
        let text = format!("{number:.places$}");
        let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
        // Of -0.4 the whole is `-0`, which a number would lose.
        let whole = if whole.len() > 3 {
            whole.parse().map_or_else(|_| whole.to_owned(), |whole| self.whole(whole))
        } else {
            whole.to_owned()
        };
        if part.is_empty() { whole } else { format!("{whole}{}{part}", self.decimal) }
    }

    /// A day.
    pub(crate) fn day(&self, day: Day) -> String {
        let text = day.to_string();
        let mut parts = text.splitn(3, '-');
        let mut next = || parts.next().unwrap_or_default();
        let (year, month, of_month) = (next(), next(), next());
        self.date.replace("{y}", year).replace("{m}", month).replace("{d}", of_month)
    }

    /// A day that stands as `2026-02-14` in a document.
    pub(crate) fn day_text(&self, text: &str) -> String {
        text.parse().map_or_else(|_| text.to_owned(), |day| self.day(day))
    }

    /// A day, or a day and a time, that stands as `2026-02-14 09:30:00` in a table.
    pub(crate) fn moment_text(&self, text: &str) -> String {
        match text.split_once(' ') {
            Some((day, time)) if day.parse::<Day>().is_ok() => format!("{} {time}", self.day_text(day)),
            _ => self.day_text(text),
        }
    }

    /// A cell of `column` as people read it; `is_share` says that its number is a share of 1.
    pub(crate) fn cell(&self, column: &str, cell: Cell<'_>, is_share: bool) -> String {
        match cell {
            Cell::Empty => String::new(),
            Cell::Text(text) => self.text(column, text).to_owned(),
            Cell::Whole(number) => self.whole(number.into()),
            Cell::Number(number) if is_share => self.percent(number),
            Cell::Number(number) => self.number(number, if number.abs() < 10.0 { 2 } else { 1 }),
            Cell::Money(minor, decimals) => self.money(minor, decimals),
            Cell::Date(day) => self.day(day),
            Cell::Flag(flag) => self.word(if flag { "yes" } else { "no" }).to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_language_writes_numbers_its_own_way() {
        let [english, french] = ["en", "fr"].map(|code| Language::of(code).expect("a language"));
        assert_eq!(
            (english.money(123_456_789, 2), english.exact_money(-123_405, 2)),
            ("1,234,568".into(), "-1,234.05".into())
        );
        assert_eq!(french.exact_money(123_456_789, 2), "1\u{202f}234\u{202f}567,89");
        assert_eq!((english.percent(0.4129), french.percent(0.4129)), ("41.3%".into(), "41,3\u{202f}%".into()));
        assert_eq!((english.day(Day(20_498)), french.day(Day(20_498))), ("2026-02-14".into(), "14/02/2026".into()));
        assert_eq!([2_362_930.8, 350_400.0, 12.0].map(|amount| english.short(amount)), ["2.4M", "350k", "12"]);
        assert_eq!(english.exact_money(500, 0), "500");
    }

    #[test]
    fn money_in_few_letters_has_three_digits() {
        let [english, french] = ["en", "fr"].map(|code| Language::of(code).expect("a language"));
        let few = [0.0, 999.0, 1_234.0, 45_600.0, 789_000.0].map(|amount| english.few_letters(amount));
        assert_eq!(few, ["0", "999", "1.23k", "45.6k", "789k"]);
        let millions = [1_234_567.0, -2_500_000_000.0];
        assert_eq!(millions.map(|amount| english.few_letters(amount)), ["1.23M", "-2.50bn"]);
        assert_eq!(millions.map(|amount| french.few_letters(amount)), ["1,23\u{202f}M", "-2,50\u{202f}Md"]);
    }

    #[test]
    fn words_are_in_the_language_and_names_are_not() {
        let french = Language::of("fr").expect("a language");
        let shown = |column, text| french.cell(column, Cell::Text(text), false);
        assert_eq!((shown("trend", "declining"), shown("stage", "won")), ("en baisse".to_owned(), "won".to_owned()));
        assert_eq!((shown("source", "product"), shown("name", "source")), ("product".to_owned(), "source".to_owned()));
        assert_eq!(shown("team", "(no team)"), "(sans équipe)");
    }

    #[test]
    fn halves_are_rounded_to_even() {
        let english = Language::of("en").expect("a language");
        assert_eq!([250, 350].map(|minor| english.money(minor, 2)), ["2", "4"]);
        assert_eq!([2.5, 3.5].map(|number| english.number(number, 0)), ["2", "4"]);
        assert_eq!([0.0625, 0.1875].map(|share| english.percent(share)), ["6.2%", "18.8%"]);
    }
}
