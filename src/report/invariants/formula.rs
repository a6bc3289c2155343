//! The formulas of the reference, read: `quota - won` in, the value of a row out.
//!
//! A formula that is in words (`sum of amount x probability`) reads as none; only those of names, numbers, `+ - x /`,
//! brackets and `round()` are computed. Nothing is declared twice: what the reference says is what is checked.

/// A formula that can be computed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Formula {
    /// A number.
    Number(f64),
    /// The value of a column.
    Column(String),
    /// Two of them, and what is done with them.
    Of(Box<Formula>, Operation, Box<Formula>),
    /// Rounded to a whole number.
    Round(Box<Formula>),
}

/// What is done with two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    Plus,
    Minus,
    Times,
    Over,
}

/// A value, and how far it may be off because the columns it rests on are shown rounded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Computed {
    pub value: f64,
    pub slack: f64,
}

impl Formula {
    /// The formulas of `text`, which may name several (`a - b = c + d`); none where it is in words.
    pub fn read(text: &str, is_column: impl Fn(&str) -> bool) -> Vec<Self> {
        let parts: Option<Vec<Self>> = text.split(" = ").map(|part| Tokens::of(part).whole(&is_column)).collect();
        parts.unwrap_or_default()
    }

    /// The columns it rests on.
    pub fn columns(&self) -> Vec<&str> {
        match self {
            Self::Number(_) => Vec::new(),
            Self::Column(name) => vec![name],
            Self::Of(left, _, right) => [left.columns(), right.columns()].concat(),
            Self::Round(inner) => inner.columns(),
        }
    }

    /// Whether it only adds and subtracts.
    pub fn is_sum(&self) -> bool {
        match self {
            Self::Number(_) | Self::Column(_) => true,
            Self::Of(left, operation, right) => {
                matches!(operation, Operation::Plus | Operation::Minus) && left.is_sum() && right.is_sum()
            }
            Self::Round(_) => false,
        }
    }

    /// Its value with those of the columns; none where one is empty, or something is divided by 0.
    pub fn value(&self, column: &impl Fn(&str) -> Option<Computed>) -> Option<Computed> {
        match self {
            Self::Number(value) => Some(Computed { value: *value, slack: 0.0 }),
            Self::Column(name) => column(name),
            Self::Of(left, operation, right) => operation.of(left.value(column)?, right.value(column)?),
            // At the middle between two whole numbers both will do.
            Self::Round(inner) => inner.value(column).map(|inner| Computed { slack: 0.5 + inner.slack, ..inner }),
        }
    }
}

impl Operation {
    fn of(self, left: Computed, right: Computed) -> Option<Computed> {
        let (a, b) = (left.value, right.value);
        let slack_of_product = a.abs() * right.slack + b.abs() * left.slack + left.slack * right.slack;
        let (value, slack) = match self {
            Self::Plus => (a + b, left.slack + right.slack),
            Self::Minus => (a - b, left.slack + right.slack),
            Self::Times => (a * b, slack_of_product),
            // Too close to 0 to say what comes out.
            Self::Over if b.abs() <= right.slack => return None,
            Self::Over => {
                let least = b.abs() - right.slack;
                (a / b, (left.slack + (a / b).abs() * right.slack) / least)
            }
        };
        // What numbers of 53 bits lose on the way.
        let lost = 4.0 * f64::EPSILON * (a.abs() + b.abs() + value.abs());
        Some(Computed { value, slack: slack + lost })
    }
}

/// The words and signs of a formula, the last first.
struct Tokens<'t>(Vec<&'t str>);

impl<'t> Tokens<'t> {
    fn of(text: &'t str) -> Self {
        let mut tokens = Vec::new();
        for word in text.split_whitespace() {
            let mut rest = word;
            while !rest.is_empty() {
                let first = rest.find(['(', ')']).map_or(rest.len(), |at| at.max(1));
                tokens.push(&rest[..first]);
                rest = &rest[first..];
            }
        }
        tokens.reverse();
        Self(tokens)
    }

    /// All of it as one formula.
    fn whole(mut self, is_column: &impl Fn(&str) -> bool) -> Option<Formula> {
        let formula = self.sum(is_column)?;
        self.0.is_empty().then_some(formula)
    }

    fn operation(&mut self, of: [(&str, Operation); 2]) -> Option<Operation> {
        let next = *self.0.last()?;
        let found = of.into_iter().find(|(sign, _)| *sign == next)?;
        self.0.pop();
        Some(found.1)
    }

    fn sum(&mut self, is_column: &impl Fn(&str) -> bool) -> Option<Formula> {
        let mut left = self.product(is_column)?;
        while let Some(operation) = self.operation([("+", Operation::Plus), ("-", Operation::Minus)]) {
            left = Formula::Of(Box::new(left), operation, Box::new(self.product(is_column)?));
        }
        Some(left)
    }

    fn product(&mut self, is_column: &impl Fn(&str) -> bool) -> Option<Formula> {
        let mut left = self.value(is_column)?;
        while let Some(operation) = self.operation([("x", Operation::Times), ("/", Operation::Over)]) {
            left = Formula::Of(Box::new(left), operation, Box::new(self.value(is_column)?));
        }
        Some(left)
    }

    fn value(&mut self, is_column: &impl Fn(&str) -> bool) -> Option<Formula> {
        let next = self.0.pop()?;
        if next == "(" || next == "round" {
            if next == "round" && self.0.pop() != Some("(") {
                return None;
            }
            let inner = self.sum(is_column)?;
            let closed = self.0.pop() == Some(")");
            let formula = if next == "round" { Formula::Round(Box::new(inner)) } else { inner };
            return closed.then_some(formula);
        }
        if is_column(next) {
            return Some(Formula::Column(next.to_owned()));
        }
        next.parse().ok().map(Formula::Number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<Formula> {
        Formula::read(text, |name| ["quota", "won", "lost", "rate"].contains(&name))
    }

    fn value(text: &str) -> Option<f64> {
        let column = |name: &str| {
            let value = match name {
                "quota" => 100.0,
                "won" => 30.0,
                "lost" => 10.0,
                _ => return None,
            };
            Some(Computed { value, slack: 0.005 })
        };
        read(text).first()?.value(&column).map(|computed| computed.value)
    }

    #[test]
    fn signs_bind_as_in_school() {
        assert_eq!(value("quota - won - lost"), Some(60.0));
        assert_eq!(value("quota - (won - lost)"), Some(80.0));
        assert_eq!(value("won / (won + lost)"), Some(0.75));
        assert_eq!(value("2 x won + lost"), Some(70.0));
        assert_eq!(value("round(0.5 x won)"), Some(15.0));
    }

    #[test]
    fn what_is_in_words_is_no_formula_and_what_is_not_known_has_no_value() {
        for text in ["", "sum of quota x won", "|quota - won| / won", "quota -", "(quota", "share of won <= quota"] {
            assert_eq!(read(text), [], "{text}");
        }
        assert_eq!((value("quota x rate"), value("quota / (won - won)")), (None, None));
        assert_eq!(read("quota - won = won + lost").len(), 2);
    }

    #[test]
    fn a_value_knows_how_far_it_may_be_off() {
        let column = |_: &str| Some(Computed { value: 10.0, slack: 0.5 });
        let slack = |text: &str| read(text)[0].value(&column).expect("a value").slack;
        assert!((slack("won + lost") - 1.0).abs() < 1e-9, "{}", slack("won + lost"));
        assert!((slack("won x lost") - 10.25).abs() < 1e-9, "{}", slack("won x lost"));
        assert!((slack("won / lost") - 1.0 / 9.5).abs() < 1e-9, "{}", slack("won / lost"));
    }
}
