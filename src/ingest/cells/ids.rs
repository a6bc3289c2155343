//! Ids as programs write them: the same id in two forms, and ids that a spreadsheet has spoilt. Knows no table.

/// Characters of the ids of Salesforce in which case matters, and of those that say it in three more.
const SHORT: usize = 15;
const LONG: usize = 18;

/// The same id as other programs write it: of 15 characters where it has 18 and the other way round, `42` for `42.0`.
#[must_use]
pub fn other_form(id: &str) -> Option<String> {
    if id.len() == SHORT {
        return case_of(id).map(|case| format!("{id}{case}"));
    }
    if id.len() == LONG {
        let (short, case) = id.split_at_checked(SHORT)?;
        return case_of(short).filter(|of| of == case).map(|_| short.to_owned());
    }
    let whole = id.strip_suffix(".0")?;
    (!whole.is_empty() && whole.bytes().all(|b| b.is_ascii_digit())).then(|| whole.to_owned())
}

/// The three characters that say which letters of an id of 15 are large.
fn case_of(id: &str) -> Option<String> {
    const SIGNS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
    let is_id = id.bytes().all(|b| b.is_ascii_alphanumeric()) && id.bytes().any(|b| b.is_ascii_digit());
    let sign = |five: &[u8]| {
        let bits = five.iter().rev().fold(0, |bits, b| bits * 2 + usize::from(b.is_ascii_uppercase()));
        char::from(SIGNS[bits])
    };
    is_id.then(|| id.as_bytes().chunks(5).map(sign).collect())
}

/// Whether a spreadsheet has written a long number as `1.23457E+11`: its last digits are lost.
#[must_use]
pub fn is_shortened(id: &str) -> bool {
    let Some((number, exponent)) = id.split_once("E+").or_else(|| id.split_once("e+")) else { return false };
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    is_digits(exponent) && is_digits(&number.replacen(['.', ','], "", 1))
}

/// What is left of an id without what programs lose: leading zeros, case, blanks and signs.
#[must_use]
pub fn reduced(id: &str) -> String {
    let letters: String = id.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    letters.trim_start_matches('0').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_salesforce_have_two_forms() {
        // the id of the documentation of its API, in both forms
        assert_eq!(other_form("00570000001ZwTi").as_deref(), Some("00570000001ZwTiAAK"));
        assert_eq!(other_form("00570000001ZwTiAAK").as_deref(), Some("00570000001ZwTi"));
        assert_eq!(other_form("00570000001ZwTiAAA"), None, "the last three contradict the case");
        assert_eq!(other_form("42.0").as_deref(), Some("42"));
        assert_eq!(["D7", "1.5", "abcdefghijklmno"].map(other_form), [None, None, None]);
    }

    #[test]
    fn a_spreadsheet_spoils_ids() {
        assert!(is_shortened("1.23457E+11") && is_shortened("1,23E+15") && is_shortened("5E+10"));
        assert!(!is_shortened("123457") && !is_shortened("LE+1") && !is_shortened("E+1"));
        assert_eq!(reduced("'00042"), reduced("42"));
    }

    proptest::proptest! {
        #[test]
        fn no_id_panics(id in "\\PC{0,20}") {
            let _ = (other_form(&id), is_shortened(&id), reduced(&id));
        }

        #[test]
        fn the_other_form_of_the_other_form_is_the_id(id in "[0-9]{3}[0-9A-Za-z]{12}") {
            let long = other_form(&id).expect("a form");
            proptest::prop_assert_eq!(other_form(&long), Some(id));
        }
    }
}
