//! What the card says of stored models, and that no text breaks its tables.

use proptest::prelude::*;

use super::*;
use crate::model::stored_fixtures::{model, models};

/// The cells of a table row; a bar after a backslash is text.
fn cells(line: &str) -> Vec<String> {
    let (mut cells, mut escaped) = (vec![String::new()], false);
    for c in line.chars() {
        match c {
            '|' if !escaped => cells.push(String::new()),
            _ => cells.last_mut().unwrap().push(c),
        }
        escaped = c == '\\' && !escaped;
    }
    cells
}

#[test]
fn the_verdict_comes_first_and_every_part_is_there() {
    let model = model();
    let card = card(&model);
    let mut lines = card.lines();
    assert_eq!(lines.next(), Some(&*format!("# Win model {}", model.model_id)));
    assert_eq!(lines.nth(1), Some("**Log loss 0.51 against 0.58 of the base rate.**"));
    for part in [
        "about 30 are won within 120 days. The base rate is 25.0 %.",
        "A from 40.0 %, B from 20.0 %, C from 10.0 %, D below.",
        "| training rows | 4000 (1000 won) |",
        "| deals | 900 (240 won) |",
        "| landmark days | monthly, 2023-08-29 to 2025-10-17 (half of 950 closed deals took 60 days, the history has 1020 days) |",
        "evaluated on other deals after it (1 fold on 130 other deals).",
        "| all | all | base rate | 500 | 0.5800 | 0.0100 | 0.1700 |  | 0.97 | -0.03 |  |",
        "| 8.0 % | 10.0 % | 4.0 % to 21.0 % | 50 |",
        "| everything | 0.001 | 0.5100 | 0.0000 | 0.0000 | chosen |",
        // python3: math.hypot(-0.5, 0.3) -> 0.583
        "| days in stage | what \\`days in stage\\` means | days | stage history | as of the day | 12.5 % | 2 | 0.58 |",
        "| owner | what \\`owner\\` means | level | deals column \\`owner\\` | as exported | 12.5 % | 1 | 0.25 |",
        "| days in stage | -0.500 | 0.050 |",
        "| loss\\_reason | filled on closed deals only | export its history |",
        "| owner | 0.200 | 100.0 % |",
        "Two regressions, of the wins and of the losses per day, on 12000 rows",
        "Nothing is known beyond 120 days",
    ] {
        assert!(card.contains(part), "{part:?} is not in\n{card}");
    }
}

#[test]
fn without_signal_no_weight_and_no_grade_is_shown() {
    let card = card(&WinModel { signal: false, ..model() });
    assert!(card.contains("Every open deal gets the base rate"));
    assert!(!card.contains("Strongest columns") && !card.contains("A from"));
}

#[test]
fn weights_are_shown_without_standard_errors_too() {
    let mut model = model();
    model.win.std_errors.clear();
    assert!(card(&model).contains("| days in stage | -0.500 | not known |"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_name_breaks_a_table(mut model in models(), name in "[|`*_~&<>#\\\\\\[\\]\n\r\ta]{1,12}") {
        model.spec.fields[0].name.clone_from(&name);
        model.spec.features[0].name.clone_from(&name);
        model.spec.excluded[0].name.clone_from(&name);
        model.evaluation.rows[0].scope = format!("stage={name}");
        let card = card(&model);
        let mut wanted = None;
        let (mut tables, mut rows) = (0, 0);
        for line in card.split('\n') {
            if !line.starts_with('|') {
                wanted = None;
                continue;
            }
            let found = cells(line).len();
            tables += usize::from(wanted.is_none());
            rows += 1;
            prop_assert_eq!(found, *wanted.get_or_insert(found), "{}", line);
        }
        let weights = usize::from(model.signal);
        // Facts, folds, metrics, reliability, penalties, fields, importance, weights, excluded, leaks, period, its pace by
        // days ahead and by age: two lines of head each.
        prop_assert_eq!(tables, 12 + weights);
        prop_assert_eq!(rows, 2 * tables + 8 + 1 + 4 + 1 + 1 + 3 + 1 + 4 * weights + 1 + 1 + 2 + 2 + 2);
        prop_assert_eq!(card, crate::model::card::card(&model));
    }
}
