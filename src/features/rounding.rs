//! How a fitted number is rounded, so that its stored form reads back to the same bits.

/// `x` to 9 significant digits, 0 below 1e-12: every JSON reader gives such a number back exactly, whether or not it
/// rounds correctly, since digits and power of ten are both exact in a double.
pub(crate) fn rounded(x: f64) -> f64 {
    if x.abs() < 1e-12 { 0.0 } else { format!("{x:.8e}").parse().unwrap_or(x) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn rounded_numbers_survive_json(x in -1e15..1e15_f64, shrink in 0..20_i32) {
            let x = rounded(x * 10_f64.powi(-shrink));
            let back: f64 = serde_json::from_str(&serde_json::to_string(&x).unwrap()).unwrap();
            prop_assert_eq!(back.to_bits(), x.to_bits());
        }
    }

    #[test]
    fn nine_digits_are_kept() {
        assert_eq!(rounded(1.234_567_891_234), 1.234_567_89);
        assert_eq!(rounded(-123_456_789_123.0), -123_456_789_000.0);
        assert_eq!(rounded(3e-17), 0.0);
    }
}
