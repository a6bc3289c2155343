//! Words to values: status, currency names, change-log field names, column names.

use crate::domain::stage::StageKind;

/// Only the letters and digits of a name, in lower case: `Deal ID`, `deal-id` and `DealId` are the same.
#[must_use]
pub fn key(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Open, won or lost, in the words CRMs use.
#[must_use]
pub fn status(word: &str) -> Option<StageKind> {
    match key(word).as_str() {
        "open" | "inprogress" | "active" | "pending" | "onhold" | "new" | "ongoing" => Some(StageKind::Open),
        "won" | "closedwon" | "win" | "success" | "sold" => Some(StageKind::Won),
        "lost" | "closedlost" | "loss" | "canceled" | "cancelled" | "outsold" | "abandoned" | "disqualified"
        | "deleted" => Some(StageKind::Lost),
        _ => None,
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
    const NAMES: [(&str, &str); 34] = [
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

/// The name nearest to `wanted`, if any is near enough to be a misspelling of it.
#[must_use]
pub fn nearest<'a>(wanted: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = key(wanted);
    let limit = (wanted.chars().count() / 3).clamp(1, 3);
    let distance = |name: &str| edit_distance(&wanted, &key(name));
    names.into_iter().map(|name| (distance(name), name)).filter(|(d, _)| *d <= limit).min().map(|(_, name)| name)
}

/// Insertions, deletions and replacements that lead from `a` to `b` (Levenshtein).
fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = i;
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replace = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = replace.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn currencies_by_code_name_or_sign() {
        assert_eq!(currency("usd"), ("USD".to_owned(), true));
        assert_eq!(currency("US Dollar"), ("USD".to_owned(), true));
        assert_eq!(currency(" € "), ("EUR".to_owned(), true));
        assert_eq!(currency("Credits"), ("CREDITS".to_owned(), false));
    }

    #[test]
    fn statuses_in_any_case() {
        assert_eq!(status("Closed Won"), Some(StageKind::Won));
        assert_eq!(status("LOST"), Some(StageKind::Lost));
        assert_eq!(status("in-progress"), Some(StageKind::Open));
        assert_eq!(status("maybe"), None);
    }

    #[test]
    fn a_misspelling_finds_its_word() {
        assert_eq!(nearest("stag", ["status", "stage", "name"]), Some("stage"));
        assert_eq!(nearest("Crated At", ["created_at", "closed_at"]), Some("created_at"));
        assert_eq!(nearest("xyzzy", ["stage"]), None);
        assert_eq!(edit_distance("kitten", "sitting"), 3);
    }
}
