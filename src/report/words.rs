//! Numbers as people write them.

use crate::domain::money::to_decimal;

/// `1 row`, `12,345 rows`.
#[must_use]
pub fn count(n: u64, noun: &str) -> String {
    let ending = if n == 1 { "" } else { "s" };
    format!("{} {noun}{ending}", thousands(n.into()))
}

/// The word for 1 of something, or for several: `is` or `are`.
#[must_use]
pub fn by_number(n: u64, one: &'static str, several: &'static str) -> &'static str {
    if n == 1 { one } else { several }
}

/// `-12,345`.
#[must_use]
pub fn thousands(n: i128) -> String {
    let digits = n.unsigned_abs().to_string();
    let head = digits.len() % 3;
    let mut text = digits[..head].to_owned();
    for group in digits.as_bytes()[head..].chunks(3) {
        if !text.is_empty() {
            text.push(',');
        }
        text.extend(group.iter().map(|&digit| char::from(digit)));
    }
    if n < 0 { format!("-{text}") } else { text }
}

/// Money without its cents: `1,234,567 USD`. For reading; the tables have every cent.
#[must_use]
pub fn money(minor: i128, decimals: u32, currency: &str) -> String {
    format!("{} {currency}", whole_units(minor, decimals))
}

/// The same without the currency: `1,234,567`.
#[must_use]
pub fn whole_units(minor: i128, decimals: u32) -> String {
    let whole = to_decimal(minor, decimals).round();
    thousands(i128::try_from(whole).unwrap_or(minor))
}

/// `41.3 %`.
#[must_use]
pub fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(
            (count(1, "row"), count(0, "row"), count(12_345, "row")),
            ("1 row".into(), "0 rows".into(), "12,345 rows".into())
        );
        assert_eq!([0, 999, 1_000, -1_234_567].map(thousands), ["0", "999", "1,000", "-1,234,567"]);
        assert_eq!(money(123_456_789, 2, "USD"), "1,234,568 USD");
        assert_eq!(money(-50, 0, "JPY"), "-50 JPY");
        assert_eq!(percent(0.4129), "41.3 %");
    }
}
