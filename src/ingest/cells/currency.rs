//! Currencies as people, programs and amounts name them, to their ISO codes.

use crate::domain::spelling::key;

/// Names, signs and abbreviations that mean one currency; in lower case.
const NAMES: &[(&str, &str)] = &[
    ("usdollar", "USD"),
    ("usdollars", "USD"),
    ("unitedstatesdollar", "USD"),
    ("dollar", "USD"),
    ("$", "USD"),
    ("euro", "EUR"),
    ("euros", "EUR"),
    ("€", "EUR"),
    ("britishpound", "GBP"),
    ("poundsterling", "GBP"),
    ("pound", "GBP"),
    ("ukpound", "GBP"),
    ("£", "GBP"),
    ("swissfranc", "CHF"),
    ("yen", "JPY"),
    ("japaneseyen", "JPY"),
    ("yuan", "CNY"),
    ("chineseyuan", "CNY"),
    ("renminbi", "CNY"),
    ("indianrupee", "INR"),
    ("₹", "INR"),
    ("canadiandollar", "CAD"),
    ("australiandollar", "AUD"),
    ("newzealanddollar", "NZD"),
    ("singaporedollar", "SGD"),
    ("hongkongdollar", "HKD"),
    ("swedishkrona", "SEK"),
    ("norwegiankrone", "NOK"),
    ("danishkrone", "DKK"),
    ("polishzloty", "PLN"),
    ("czechkoruna", "CZK"),
    ("brazilianreal", "BRL"),
    ("mexicanpeso", "MXN"),
    ("southafricanrand", "ZAR"),
    ("₽", "RUB"),
    ("руб", "RUB"),
    ("₴", "UAH"),
    ("грн", "UAH"),
    ("₺", "TRY"),
    ("₩", "KRW"),
    ("₪", "ILS"),
    ("₫", "VND"),
    ("฿", "THB"),
    ("₱", "PHP"),
    ("₦", "NGN"),
    ("zł", "PLN"),
    ("kč", "CZK"),
    ("лв", "BGN"),
    // the sign of the yen has the place of the backslash in Japanese encodings
    ("\\", "JPY"),
    ("円", "JPY"),
    ("圓", "JPY"),
    ("元", "CNY"),
    ("人民币", "CNY"),
    ("rmb", "CNY"),
    ("원", "KRW"),
    ("r$", "BRL"),
    ("us$", "USD"),
    ("usa$", "USD"),
    ("a$", "AUD"),
    ("au$", "AUD"),
    ("c$", "CAD"),
    ("ca$", "CAD"),
    ("nz$", "NZD"),
    ("hk$", "HKD"),
    ("s$", "SGD"),
    ("nt$", "TWD"),
    ("mx$", "MXN"),
    ("dollars", "USD"),
    ("pounds", "GBP"),
    ("sterling", "GBP"),
    ("franken", "CHF"),
    ("sfr", "CHF"),
    ("rupees", "INR"),
    ("rupee", "INR"),
    ("zloty", "PLN"),
    ("złotych", "PLN"),
    ("forint", "HUF"),
    ("рублей", "RUB"),
    ("рубль", "RUB"),
    ("гривен", "UAH"),
    ("lira", "TRY"),
    ("ytl", "TRY"),
    ("dirham", "AED"),
    ("riyal", "SAR"),
    ("رس", "SAR"),
    ("ريال", "SAR"),
    ("دإ", "AED"),
    ("درهم", "AED"),
    ("جم", "EGP"),
    ("جنيه", "EGP"),
    ("دك", "KWD"),
    ("رق", "QAR"),
    ("₸", "KZT"),
    ("₾", "GEL"),
    ("₡", "CRC"),
    ("₲", "PYG"),
    ("₵", "GHS"),
];

/// Letters that people write beside amounts for a currency, and beside other numbers for anything: they count where the
/// column has them on most of its cells.
const ABBREVIATIONS: &[(&str, &str)] = &[
    ("r", "ZAR"),
    ("р", "RUB"),
    ("fr", "CHF"),
    ("ft", "HUF"),
    ("tl", "TRY"),
    ("rs", "INR"),
    ("us", "USD"),
    ("din", "RSD"),
    ("lei", "RON"),
];

/// Signs of several currencies, the most usual first.
const SHARED: &[(&str, &[&str])] = &[
    ("$", &["USD", "CAD", "AUD", "NZD", "SGD", "HKD", "TWD", "MXN", "ARS", "CLP", "COP"]),
    ("¥", &["JPY", "CNY"]),
    ("kr", &["SEK", "NOK", "DKK", "ISK"]),
];

/// What an amount says about its currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NamedCurrency {
    /// This one.
    Code(String),
    /// A sign of several, none of which is the usual one: the sign stands for itself.
    Sign(String, &'static [&'static str]),
}

/// ISO code of a currency as written, and whether it is one: codes, and the names CRMs print.
#[must_use]
pub fn currency(text: &str) -> (String, bool) {
    let upper = text.trim().to_uppercase();
    if iso_currency::Currency::from_code(&upper).is_some() {
        return (upper, true);
    }
    match of_name(text) {
        Some(code) => (code.to_owned(), true),
        None => (upper, false),
    }
}

/// The currency that a name, sign or abbreviation means. A sign may be all that tells two of them apart.
fn of_name(text: &str) -> Option<&'static str> {
    let (whole, letters) = (text.trim().to_lowercase(), key(text));
    let all = || NAMES.iter().chain(ABBREVIATIONS);
    let known = |name: &str| all().find(|(known, _)| *known == name).map(|(_, code)| *code);
    known(&whole).or_else(|| known(&letters))
}

/// The currency an amount's cell names with `word`, where `usual` is that of cells that name none; nothing where it is that.
#[must_use]
pub fn currency_beside(word: &str, usual: &str) -> Option<NamedCurrency> {
    let sign = word.to_lowercase();
    let Some((sign, codes)) = SHARED.iter().find(|(shared, _)| *shared == sign) else {
        return Some(currency(word)).filter(|(_, known)| *known).map(|(code, _)| NamedCurrency::Code(code));
    };
    match (codes.contains(&usual), *sign) {
        (true, _) => None,
        (false, "$") => Some(NamedCurrency::Code("USD".to_owned())),
        (false, sign) => Some(NamedCurrency::Sign(sign.to_uppercase(), codes)),
    }
}

/// Whether a word beside a number is a currency: a code in capitals, for `Top 5` is no amount, a name or a sign.
#[must_use]
pub fn is_currency(word: &str) -> bool {
    let is_sign = |c: char| !c.is_alphanumeric();
    !word.is_empty()
        && (word.chars().all(is_sign)
            || SHARED.iter().any(|(shared, _)| *shared == word.to_lowercase())
            || iso_currency::Currency::from_code(word).is_some()
            || of_name(word).is_some() && !is_abbreviation(word))
}

/// Whether a word beside a number may be a currency: where the column has it on most cells, it is.
#[must_use]
pub fn is_abbreviation(word: &str) -> bool {
    let lower = word.to_lowercase();
    ABBREVIATIONS.iter().any(|(known, _)| *known == lower)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn currencies_by_code_name_or_sign() {
        for (text, code) in
            [("usd", "USD"), ("US Dollar", "USD"), (" € ", "EUR"), ("円", "JPY"), ("R$", "BRL"), ("A$", "AUD")]
        {
            assert_eq!(currency(text), (code.to_owned(), true), "{text}");
        }
        assert_eq!(currency("Credits"), ("CREDITS".to_owned(), false));
    }

    #[test]
    fn a_sign_of_several_currencies_is_that_of_the_usual_one() {
        let code = |code: &str| Some(NamedCurrency::Code(code.to_owned()));
        assert_eq!(currency_beside("$", "CAD"), None);
        assert_eq!(currency_beside("$", "EUR"), code("USD"));
        assert_eq!(currency_beside("¥", "CNY"), None);
        assert_eq!(
            currency_beside("kr", "USD"),
            Some(NamedCurrency::Sign("KR".to_owned(), &["SEK", "NOK", "DKK", "ISK"]))
        );
        assert_eq!(currency_beside("€", "USD"), code("EUR"));
        assert_eq!(currency_beside("apples", "USD"), None);
    }

    #[test]
    fn words_are_no_codes() {
        assert!(["Top", "try", "All", "kg", "A", "C", "R", "din", "fr"].into_iter().all(|word| !is_currency(word)));
        assert!(["TRY", "€", "Euro", "zł", "kr", "円", "A$", "R$"].into_iter().all(is_currency));
        assert!(["R", "din", "Fr"].into_iter().all(is_abbreviation) && !is_abbreviation("A"));
    }

    #[test]
    fn no_name_stands_twice() {
        let mut names: Vec<&str> = NAMES.iter().chain(ABBREVIATIONS).map(|(name, _)| *name).collect();
        names.sort_unstable();
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]));
    }
}
