//! Where the definition of a column stands on the page.

/// Where the definition of a column stands.
pub(super) fn place_of(table: &str, column: &str) -> String {
    format!("define/{table}/{column}")
}

/// Where the page of an open deal stands, as the script reads it: letters and digits as they are, other bytes as `%20`.
pub(super) fn deal_place(deal_id: &str) -> String {
    let escaped = deal_id.bytes().map(|byte| match byte {
        byte if byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    });
    format!("deal/{}", escaped.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_one_part_of_an_address() {
        assert_eq!((deal_place("D-01").as_str(), deal_place("a/b é").as_str()), ("deal/D-01", "deal/a%2Fb%20%C3%A9"));
    }
}
