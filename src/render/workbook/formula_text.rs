//! A declared formula as a spreadsheet writes it: `quota - won` to `F9-G9`.

use crate::report::invariants::{Computed, Formula, Operation};

/// How far a number may be off that a formula gives: what 53 bits lose.
const CLOSE: f64 = 1e-9;

/// `formula` with its columns as `cell` names them.
pub(super) fn written(formula: &Formula, cell: &impl Fn(&str) -> Option<String>) -> Option<String> {
    Some(match formula {
        Formula::Number(number) => number.to_string(),
        Formula::Column(name) => cell(name)?,
        Formula::Round(inner) => format!("ROUND({},0)", written(inner, cell)?),
        Formula::Of(left, operation, right) => {
            let (sign, level) = sign(*operation);
            let is_strict = matches!(operation, Operation::Minus | Operation::Over);
            let left = bracketed(left, binding(left) < level, cell)?;
            let right = bracketed(right, binding(right) < level || (is_strict && binding(right) == level), cell)?;
            format!("{left}{sign}{right}")
        }
    })
}

fn bracketed(formula: &Formula, brackets: bool, cell: &impl Fn(&str) -> Option<String>) -> Option<String> {
    let text = written(formula, cell)?;
    Some(if brackets { format!("({text})") } else { text })
}

fn sign(operation: Operation) -> (char, u8) {
    match operation {
        Operation::Plus => ('+', 1),
        Operation::Minus => ('-', 1),
        Operation::Times => ('*', 2),
        Operation::Over => ('/', 2),
    }
}

fn binding(formula: &Formula) -> u8 {
    match formula {
        Formula::Of(_, operation, _) => sign(*operation).1,
        _ => 3,
    }
}

/// Whether the formula gives `expected`, which may be off by `step` and no more; `value` gives the numbers of the row.
pub(super) fn gives(formula: &Formula, expected: f64, step: f64, value: &impl Fn(&str) -> Option<f64>) -> bool {
    let exact = |name: &str| value(name).map(|value| Computed { value, slack: 0.0 });
    let computed = formula.value(&exact).map(|computed| match formula {
        Formula::Round(_) => computed.value.round(),
        _ => computed.value,
    });
    computed.is_some_and(|got| (got - expected).abs() <= step.max(CLOSE * expected.abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(formula: &str) -> String {
        let read = Formula::read(formula, |name| ["a", "b", "c"].contains(&name));
        written(&read[0], &|name| Some(format!("{}7", name.to_uppercase()))).expect("every column has a cell")
    }

    #[test]
    fn brackets_stand_where_they_are_needed() {
        let pairs = [
            ("a - b", "A7-B7"),
            ("a - (b - c)", "A7-(B7-C7)"),
            ("a - b + c", "A7-B7+C7"),
            ("a / (b + c)", "A7/(B7+C7)"),
            ("a / (b x c)", "A7/(B7*C7)"),
            ("1 - a - b", "1-A7-B7"),
            ("round(100 x a)", "ROUND(100*A7,0)"),
        ];
        for (declared, expected) in pairs {
            assert_eq!(text(declared), expected);
        }
    }

    #[test]
    fn a_formula_that_gives_another_number_is_not_ours() {
        let formula = &Formula::read("a - b", |name| name == "a" || name == "b")[0];
        let value = |name: &str| Some(if name == "a" { 10.0 } else { 2.5 });
        assert!(gives(formula, 7.5, 0.0, &value) && !gives(formula, 7.51, 0.004, &value));
        assert!(!gives(formula, 7.5, 0.0, &|_: &str| None));
    }
}
