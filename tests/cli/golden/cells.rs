//! When two cells hold the same value.

/// What may differ between two runs of the same program.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rounding {
    /// Another processor may round the last digits of a floating-point number differently. Money, counts and text are
    /// exact.
    LastDigits,
    /// A model was trained on the way: its optimizer stops within five digits of where another processor stops, and
    /// what the model forecasts in money moves with it.
    Trained,
}

impl Rounding {
    fn relative(self) -> f64 {
        match self {
            Self::LastDigits => 1e-9,
            Self::Trained => 1e-5,
        }
    }

    /// Whether two different texts are numbers that only rounding tells apart.
    pub fn is_same(self, old: &str, new: &str) -> bool {
        let (Ok(a), Ok(b)) = (old.parse::<f64>(), new.parse::<f64>()) else { return false };
        let may_round = self == Self::Trained || is_floating(old) || is_floating(new);
        may_round && (a - b).abs() <= self.relative() * a.abs().max(b.abs()) + 1e-12
    }
}

/// Whether a number is written with more than two decimals or with an exponent, as money and counts never are.
fn is_floating(number: &str) -> bool {
    number.contains(['e', 'E']) || number.split_once('.').is_some_and(|(_, decimals)| decimals.len() > 2)
}

/// Whether `new` is one less `old`, or both are empty.
pub fn is_complement(old: &str, new: &str) -> bool {
    match (old.parse::<f64>(), new.parse::<f64>()) {
        (Ok(old), Ok(new)) => (1.0 - old - new).abs() <= 1e-12,
        _ => old.is_empty() && new.is_empty(),
    }
}

/// The numbers of a sentence, sorted as text: what stays when its words change.
pub fn numbers(sentence: &str) -> Vec<&str> {
    let pieces = sentence.split(|c: char| !(c.is_ascii_digit() || ".,".contains(c)));
    let mut numbers: Vec<&str> = pieces.map(|piece| piece.trim_matches(['.', ','])).filter(|n| !n.is_empty()).collect();
    numbers.sort_unstable();
    numbers
}

#[test]
fn money_and_counts_are_exact_and_long_numbers_may_round() {
    let last = |old, new| Rounding::LastDigits.is_same(old, new);
    assert!(
        last("0.4346249843207968", "0.4346249843207969")
            && last("6.4e-7", "0.00000064")
            && last("0.5", "0.5000000000000001")
    );
    assert!(!last("0.434624984", "0.434624994"), "more than the last digits");
    assert!(!last("123456789012.34", "123456789012.35") && !last("7", "8"), "money and counts");
    assert!(!last("", "0.0") && !last("on pace", "slow"));
    let trained = |old, new| Rounding::Trained.is_same(old, new);
    assert!(trained("88797.33", "88797.35") && !trained("88797.33", "88799.33") && !trained("owner", "team"));
}

#[test]
fn a_complement_is_one_less_the_share() {
    assert!(is_complement("0.9714489650249821", "0.0285510349750179") && is_complement("", ""));
    assert!(!is_complement("0.97", "0.97") && !is_complement("", "1.0") && !is_complement("a", "a"));
}

#[test]
fn sentences_keep_their_numbers() {
    assert_eq!(numbers("u00022, wins 40 % of deals, 33.5 % is usual, 1,301 open."), ["00022", "1,301", "33.5", "40"]);
    assert!(numbers("no number").is_empty());
}
