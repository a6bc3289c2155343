//! Amounts as people and programs write them.

use crate::ingest::cells::amount::*;

#[test]
fn amounts() {
    for (text, mark, cents) in [
        ("1054", None, 105_400),
        ("-12.5", None, -1_250),
        ("1234.567", None, 123_457),
        ("0.125", None, 12),
        ("$1,500,000.00", Some('.'), 150_000_000),
        ("(1,500.25)", Some('.'), -150_025),
        ("-$5", Some('.'), -500),
        ("$-5.00", Some('.'), -500),
        ("1.234,56 €", Some(','), 123_456),
        ("1.234", Some(','), 123_400),
        ("1,234", Some('.'), 123_400),
        ("CHF 1'234.50", Some('.'), 123_450),
        ("12 500,00 kr", Some(','), 1_250_000),
        ("R$ 10,50", Some(','), 1_050),
        ("USD 7", None, 700),
        ("7 EUR", None, 700),
        ("12,34,567.5", Some('.'), 123_456_750),
        ("1.5E+6", Some('.'), 150_000_000),
        ("2.5e-1", Some('.'), 25),
        ("1\u{a0}234", None, 123_400),
        (".5", None, 50),
        ("$1.2M", Some('.'), 120_000_000),
        ("95k", None, 9_500_000),
        ("1,5 bn", Some(','), 150_000_000_000),
        ("'-250.00", Some('.'), -25_000),
        ("150000.00|RUB", Some('.'), 15_000_000),
        ("10 500 руб.", None, 1_050_000),
        ("١٢٣٤٫٥", Some('.'), 123_450),
        ("₹1,00,000", Some('.'), 10_000_000),
        ("5.", None, 500),
        ("1,200.50 ر.س", Some('.'), 120_050),
        ("1,200 ر.س.", Some('.'), 120_000),
    ] {
        assert_eq!(
            read(text, mark, Beside::Currencies).expect("an amount").to_minor(2).map(|m| m.0),
            Some(cents),
            "{text}"
        );
    }
}

#[test]
fn not_amounts() {
    for text in ["n/a", "12 apples", "1.2.3,4.5", "12q", "-", ".", "$", "1,23,4", "99999999999999999999999999999999"] {
        assert_eq!(read(text, Some('.'), Beside::Currencies), Err(AmountError::NotANumber), "{text}");
    }
}

#[test]
fn letters_beside_a_number_are_a_currency_only_where_the_column_says_so() {
    for text in ["A500", "R500", "C 12", "500 din", "12 fr", "Rs. 500", "500 Ft", "R 1,200"] {
        assert_eq!(read(text, Some('.'), Beside::Currencies), Err(AmountError::NotANumber), "{text}");
    }
    for (text, whole) in [("R500", 500), ("500 din", 500), ("Rs. 500", 500), ("500 Ft", 500), ("R 1,200", 1200)] {
        let read = |mark| read(text, mark, Beside::Abbreviations).ok().and_then(|exact| exact.to_minor(0));
        assert_eq!(read(Some('.')), Some((whole, false)), "{text}");
        assert!(is_abbreviated(text), "{text}");
    }
    assert_eq!(
        read("R500", None, Beside::Currencies),
        Err(AmountError::NeedsMark),
        "the column is to be looked through"
    );
    assert!(["A500", "500", "€500", "500 kg"].into_iter().all(|text| !is_abbreviated(text)));
}

#[test]
fn a_cell_may_name_its_currency() {
    for (text, named) in [
        ("CHF 1'234.50", Some("CHF")),
        ("-110.7 €", Some("€")),
        ("150000.00|RUB", Some("RUB")),
        ("10 500 руб.", Some("руб")),
        ("1,200 ر.س", Some("رس")),
        ("1200", None),
        ("12k", None),
    ] {
        assert_eq!(currency_in(text).as_deref(), named, "{text}");
    }
}

#[test]
fn a_cell_against_its_column_is_refused() {
    assert_eq!(read("12,50", Some('.'), Beside::Currencies), Err(AmountError::NotANumber));
    assert_eq!(read("12.50", Some(','), Beside::Currencies), Err(AmountError::NotANumber));
}

#[test]
fn marks() {
    for (text, expected) in [
        ("1.234", MarkEvidence::Either('.')),
        ("12,345", MarkEvidence::Either(',')),
        ("1234,567", MarkEvidence::Decimal(',')),
        ("0,125", MarkEvidence::Decimal(',')),
        ("1.234.567", MarkEvidence::Decimal(',')),
        ("1,234.5", MarkEvidence::Decimal('.')),
        ("1.234,5", MarkEvidence::Decimal(',')),
        ("$12", MarkEvidence::None),
    ] {
        assert_eq!(evidence(text, Beside::Currencies), Some(expected), "{text}");
    }
}

#[test]
fn unmarked_columns_need_no_second_look() {
    assert_eq!(read("1.234", None, Beside::Currencies), Err(AmountError::NeedsMark));
    assert_eq!(read("1,5", None, Beside::Currencies), Err(AmountError::NeedsMark));
    assert_eq!(read("$15", None, Beside::Currencies).map(|e| e.mantissa), Ok(15));
}

#[test]
fn half_a_cent_goes_to_the_even_neighbour() {
    let cents = |text| read(text, Some('.'), Beside::Currencies).ok().and_then(|e| e.to_minor(2));
    assert_eq!(cents("0.125"), Some((12, true)));
    assert_eq!(cents("0.135"), Some((14, true)));
    assert_eq!(cents("-0.125"), Some((-12, true)));
    assert_eq!(cents("0.1250"), Some((12, true)));
    assert_eq!(cents("0.130"), Some((13, false)));
    assert_eq!(cents("10000000000000000"), None);
}

proptest::proptest! {
    #[test]
    fn an_integer_reads_back(value in -10_i64.pow(15)..10_i64.pow(15)) {
        let text = format!("{value}");
        proptest::prop_assert_eq!(read(&text, None, Beside::Currencies).ok().and_then(|e| e.to_minor(2)), Some((value * 100, false)));
    }

    #[test]
    fn a_float_reads_back(value in -1e12_f64..1e12) {
        let exact = Exact::from_f64(value).expect("finite");
        proptest::prop_assert!((exact.to_f64() - value).abs() <= value.abs() * 1e-15);
    }

    #[test]
    fn no_text_panics(text in "\\PC{0,40}", mark in proptest::option::of(proptest::sample::select(vec!['.', ',']))) {
        let _ = (read(&text, mark, Beside::Abbreviations), evidence(&text, Beside::Abbreviations));
    }

    #[test]
    fn no_number_like_text_panics(text in "[-0-9.,()$€ eE_']{0,40}", mark in proptest::option::of(proptest::sample::select(vec!['.', ',']))) {
        let _ = (read(&text, mark, Beside::Abbreviations), evidence(&text, Beside::Abbreviations));
    }
}
