//! Words to values: what became of a lead, forecast category, currency, changed field.

use crate::domain::spelling::key;
use crate::domain::stage::ForecastCategory;
use crate::ingest::cells::amount::currency_in;
use crate::ingest::tables::LeadEnd;

/// What became of a lead, in the words CRMs use.
#[must_use]
pub fn lead_status(word: &str) -> Option<LeadEnd> {
    const ENDED: [&str; 22] = [
        "notconverted",
        "unqualified",
        "disqualified",
        "notqualified",
        "notinterested",
        "donotc",
        "nofit",
        "badfit",
        "junk",
        "lost",
        "dead",
        "rejected",
        "invalid",
        "spam",
        "duplicate",
        "cancel",
        "abandon",
        "archived",
        "discard",
        "bounced",
        "unsubscribed",
        "nottarget",
    ];
    const OPEN: [&str; 20] = [
        "open", "new", "working", "contact", "nurtur", "qualif", "attempt", "progress", "pending", "assigned",
        "active", "warm", "hot", "cold", "follow", "engag", "mql", "sql", "hold", "recycl",
    ];
    let key = key(word);
    let is = |words: &[&str]| words.iter().any(|word| key.contains(word));
    if is(&ENDED) {
        Some(LeadEnd::Disqualified)
    } else if ["won", "closedwon"].contains(&key.as_str()) || is(&["converted"]) {
        Some(LeadEnd::Converted)
    } else {
        is(&OPEN).then_some(LeadEnd::Open)
    }
}

/// The forecast category a CRM's label stands for.
#[must_use]
pub fn category(label: &str) -> Option<ForecastCategory> {
    // the customary spellings without a detour
    match label {
        "Pipeline" => Some(ForecastCategory::Pipeline),
        "Best Case" => Some(ForecastCategory::BestCase),
        "Commit" => Some(ForecastCategory::Commit),
        "Closed" => Some(ForecastCategory::Closed),
        "Omitted" => Some(ForecastCategory::Omitted),
        _ => ForecastCategory::from_label(label),
    }
}

/// The column of a change that a field-change log means by `field`.
#[must_use]
pub fn change_field(field: &str) -> Option<&'static str> {
    match key(field).as_str() {
        "stage" | "stagename" | "dealstage" | "salesstage" | "stageid" | "pipelinestage" | "hsdealstage" => {
            Some("stage")
        }
        "amount" | "value" | "dealvalue" | "estimatedvalue" | "expectedrevenue" | "revenue" => Some("amount"),
        "expectedclosedate" | "closedate" | "closingdate" | "estimatedclosedate" | "expectedclose" | "datedeadline" => {
            Some("expected_close_date")
        }
        "owner" | "ownerid" | "assigneduserid" | "assigneduser" | "userid" | "hubspotownerid" | "salesrep" => {
            Some("owner")
        }
        "forecastcategory" | "forecastcategoryname" | "forecast" => Some("forecast_category"),
        "probability" | "closeprobability" | "winprobability" => Some("probability"),
        _ => None,
    }
}

/// ISO code of a currency as written, and whether it is one: codes, and the names CRMs print.
#[must_use]
pub fn currency(text: &str) -> (String, bool) {
    const NAMES: [(&str, &str); 54] = [
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
        ("р", "RUB"),
        ("₴", "UAH"),
        ("грн", "UAH"),
        ("₺", "TRY"),
        ("tl", "TRY"),
        ("₩", "KRW"),
        ("₪", "ILS"),
        ("₫", "VND"),
        ("฿", "THB"),
        ("₱", "PHP"),
        ("₦", "NGN"),
        ("zł", "PLN"),
        ("kč", "CZK"),
        ("ft", "HUF"),
        ("лв", "BGN"),
        ("lei", "RON"),
        ("rs", "INR"),
        ("din", "RSD"),
    ];
    let upper = text.trim().to_uppercase();
    if iso_currency::Currency::from_code(&upper).is_some() {
        return (upper, true);
    }
    let name = key(text);
    let name = if name.is_empty() { text.trim() } else { &name };
    match NAMES.iter().find(|(known, _)| *known == name) {
        Some((_, code)) => ((*code).to_owned(), true),
        None => (upper, false),
    }
}

/// The currency an amount's cell names beside the number; nothing where the sign is that of several.
#[must_use]
pub fn currency_of_amount(text: &str) -> Option<String> {
    const SHARED: [&str; 9] = ["$", "¥", "kr", "Kr", "R", "A", "C", "US", "Fr"];
    let named = currency_in(text).filter(|named| !SHARED.contains(named))?;
    let (code, known) = currency(named);
    known.then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_may_name_its_currency() {
        let named = |text| currency_of_amount(text);
        assert_eq!(
            ["-110.7 €", "95 000 ₽", "150.00|RUB", "CHF 5", "9 руб."].map(named),
            ["EUR", "RUB", "RUB", "CHF", "RUB"].map(|code| Some(code.to_owned()))
        );
        assert_eq!(["$5", "12 kr", "1200", "12k"].map(named), [const { None }; 4]);
    }

    #[test]
    fn currencies_by_code_name_or_sign() {
        assert_eq!(currency("usd"), ("USD".to_owned(), true));
        assert_eq!(currency("US Dollar"), ("USD".to_owned(), true));
        assert_eq!(currency(" € "), ("EUR".to_owned(), true));
        assert_eq!(currency("Credits"), ("CREDITS".to_owned(), false));
    }
}
