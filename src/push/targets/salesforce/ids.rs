//! Ids of Salesforce's records: 15 characters, in which case counts, or 18, in which it does not.

/// How a record is named so that both forms of its id are one; none for what is no id.
///
/// Each of the last three of 18 characters says of five others which are capitals, the first in the lowest bit.
pub(super) fn record_key(id: &str) -> Option<String> {
    if !id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    match id.len() {
        15 => Some(id.to_owned()),
        18 => {
            let (bare, capitals) = id.split_at(15);
            let bits = capitals.bytes().map(capital_bits).collect::<Option<Vec<u8>>>()?;
            let letter = |(at, letter): (usize, char)| match bits.get(at / 5).map(|bits| bits >> (at % 5) & 1) {
                Some(1) => letter.to_ascii_uppercase(),
                _ => letter.to_ascii_lowercase(),
            };
            Some(bare.chars().enumerate().map(letter).collect())
        }
        _ => None,
    }
}

/// Whether `id` can be one of Salesforce's.
pub(in crate::push) fn is_salesforce_id(id: &str) -> bool {
    record_key(id).is_some()
}

/// What one of the last three characters says: A is 0, Z is 25, 0 to 5 are 26 to 31.
fn capital_bits(byte: u8) -> Option<u8> {
    match byte.to_ascii_uppercase() {
        letter @ b'A'..=b'Z' => Some(letter - b'A'),
        digit @ b'0'..=b'5' => Some(digit - b'0' + 26),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_an_id_are_one_record() {
        // Both from Salesforce's documentation of ids: 001xx000003DGb1AAG has D, G and the b is small.
        let key = record_key("001xx000003DGb1").expect("an id");
        assert_eq!(record_key("001xx000003DGb1AAG"), Some(key.clone()));
        assert_eq!(record_key("001XX000003DGB1AAG"), Some(key), "a tool wrote it in capitals");
        assert_ne!(record_key("001xx000003dgb1"), record_key("001xx000003DGb1"));
        for none in ["", "001xx000003DGb", "001xx000003DGb1A", "001xx000003DGb' ", "001xx000003DGb1A9G"] {
            assert_eq!(record_key(none), None, "{none}");
        }
    }
}
