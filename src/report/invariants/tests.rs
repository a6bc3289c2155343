//! Every kind of promise is kept by a right table, and each way to break it is named.

use std::borrow::Cow;

use crate::domain::day::Day;
use crate::report::column::{Column, MoneyCell, TableSpec};
use crate::report::invariants::check::{Others, check};
use crate::report::invariants::declared::{AddsUp, GrowWithDays, Invariant, PartRows, Repeats, SignOf};
use crate::report::table::Table;

/// A node with what it has won, its quota and its chance.
#[derive(Clone, Copy)]
struct Line {
    level: &'static str,
    node: &'static str,
    quota: Option<i64>,
    won: i64,
    gap: Option<i64>,
    deals: i64,
    low: Option<f64>,
    chance: Option<f64>,
}

const PROMISES: &[Invariant] = &[
    Invariant::Key(&["level", "node"]),
    Invariant::Ordered(&["low", "chance"]),
    Invariant::Together(&["quota", "gap"]),
    Invariant::AddsUp(AddsUp {
        over: "level",
        whole: "company",
        parts: PartRows::EachValue(&["manager"]),
        but: None,
        per: &[],
        columns: &["won", "deals"],
    }),
    Invariant::Repeats(Repeats {
        table: "again",
        by: &["level", "node"],
        only: Some(("level", "owner")),
        columns: &[("won", "won")],
        every: false,
    }),
    Invariant::SignOf(SignOf { columns: &["quota"], table: "again", amount: "gap" }),
];

fn spec(name: &'static str) -> TableSpec<Line> {
    let columns = vec![
        Column::text("level", "", |line: &Line| Some(Cow::Borrowed(line.level)))
            .one_of(&["owner", "manager", "company"]),
        Column::text("node", "", |line: &Line| (!line.node.is_empty()).then_some(Cow::Borrowed(line.node))),
        Column::money("quota", "", |line: &Line| Some(MoneyCell::new(line.quota?, 2))).empty("without a quota"),
        Column::money("won", "", |line: &Line| Some(MoneyCell::new(line.won, 2))),
        Column::money("gap", "", |line: &Line| Some(MoneyCell::new(line.gap?, 2)))
            .formula("quota - won")
            .empty("without a quota"),
        Column::integer("deals", "", |line: &Line| Some(line.deals)).unit("deals"),
        Column::number("low", "", |line: &Line| line.low).between(0, 1).empty("not known"),
        Column::number("chance", "", |line: &Line| line.chance).between(0, 1).empty("not known"),
    ];
    TableSpec::new(name, "node", columns).holds(PROMISES)
}

fn right() -> [Line; 4] {
    let ann = Line {
        level: "owner",
        node: "ann",
        quota: Some(500),
        won: 200,
        gap: Some(300),
        deals: 2,
        low: Some(0.25),
        chance: Some(0.5),
    };
    let bob = Line { node: "bob", won: -50, gap: None, quota: None, deals: 1, ..ann };
    let boss = Line { level: "manager", node: "ann", quota: None, gap: None, ..bob };
    let company = Line { level: "company", node: "company", won: 150, gap: Some(350), deals: 3, ..ann };
    [ann, bob, boss, company]
}

fn table(name: &'static str, lines: &[Line]) -> Table {
    spec(name).table(lines, 2).expect("a table")
}

/// The columns, what was got and what was expected, of every broken promise.
fn broken(change: impl Fn(&mut [Line; 4])) -> Vec<String> {
    let mut lines = right();
    change(&mut lines);
    let again = table("again", &right());
    let others = Others::from([("again", &again)]);
    let violations = check(&spec("nodes").declaration(), &table("nodes", &lines), &others);
    let text = |violation: crate::report::invariants::Violation| {
        let row = violation.row.unwrap_or_default();
        format!("{row}: {}: {}, not {}", violation.columns.unwrap_or_default(), violation.got, violation.expected)
    };
    violations.into_iter().map(text).collect()
}

#[test]
fn a_right_table_breaks_nothing() {
    assert_eq!(broken(|_| ()), [""; 0]);
}

#[test]
fn cells_out_of_their_range_or_missing_are_named() {
    let chance = "level owner, node ann: chance: 1.25, not 0 to 1";
    assert_eq!(broken(|lines| lines[0].chance = Some(1.25)), [chance]);
    let infinite = broken(|lines| lines[3].chance = Some(f64::INFINITY));
    assert_eq!(infinite, ["level company, node company: chance: inf, not 0 to 1"]);
    let level = broken(|lines| lines[2].level = "chief");
    assert_eq!(level[0], "level chief, node ann: level: chief, not owner, manager, company");
    let missing = broken(|lines| lines[2].node = "");
    assert_eq!(missing, ["level manager, node nothing: node: nothing, not a value"]);
    let below_zero = broken(|lines| lines[2].deals = -1);
    assert_eq!(below_zero, ["level manager, node ann: deals: -1, not 0 and up"]);
}

#[test]
fn a_formula_holds_to_the_last_unit() {
    let expected = "level owner, node ann: gap, quota, won: 3.01, not 3";
    assert_eq!(broken(|lines| lines[0].gap = Some(301)), [expected]);
}

#[test]
fn money_follows_from_numbers_as_they_are_shown() {
    type Deal = (i64, f64, i64);
    let spec = || {
        let columns = vec![
            Column::money("amount", "", |deal: &Deal| Some(MoneyCell::new(deal.0, 2))),
            Column::number("chance", "", |deal: &Deal| Some(deal.1)),
            Column::money("expected", "", |deal: &Deal| Some(MoneyCell::new(deal.2, 2))).formula("amount x chance"),
        ];
        TableSpec::new("deals", "deal", columns)
    };
    let violations = |deal: Deal| {
        let table = spec().table(&[deal], 2).expect("a table");
        check(&spec().declaration(), &table, &Others::new()).len()
    };
    // 0.012404600, with nine decimals, gives 4,797.355004; with all of them it is 4,797.354828.
    assert_eq!(violations((38_674_000, 0.012_404_599_544_216_08, 479_736)), 0);
    assert_eq!(violations((38_674_000, 0.012_404_599_544_216_08, 479_737)), 1);
}

#[test]
fn order_and_emptiness_within_a_row_are_checked() {
    let order = broken(|lines| lines[0].low = Some(0.75));
    assert_eq!(order, ["level owner, node ann: low, chance: 0.75 and 0.5, not low <= chance"]);
    let together = broken(|lines| lines[0].gap = None);
    assert_eq!(together, ["level owner, node ann: quota, gap: quota filled, gap empty, not all filled or all empty"]);
}

#[test]
fn rows_of_one_name_are_one_too_many() {
    let twice = broken(|lines| lines[2] = Line { won: 0, deals: 0, quota: None, gap: None, ..lines[0] });
    assert_eq!(twice[0], "level owner, node ann: level, node: row 1 and row 3, not one row");
}

#[test]
fn parts_add_up_to_the_last_unit() {
    let sum = broken(|lines| {
        lines[3].won = 151;
        lines[3].gap = Some(349);
    });
    assert_eq!(sum, ["level company, node company: won: 1.51, not 1.50, the sum over owner"]);
    assert_eq!(
        broken(|lines| lines[3].deals = 2),
        ["level company, node company: deals: 2, not 3, the sum over owner"]
    );
}

#[test]
fn another_table_says_the_same() {
    let other = broken(|lines| {
        (lines[1].won, lines[3].won) = (-60, 140);
        lines[3].gap = Some(360);
    });
    assert_eq!(other, ["level owner, node bob: won: -0.60, not -0.50, as again.won"]);
}

#[test]
fn what_is_made_of_amounts_has_their_sign() {
    let below = broken(|lines| (lines[0].quota, lines[0].gap) = (Some(-500), Some(-700)));
    assert_eq!(below, ["level owner, node ann: quota: -5.00, not 0 and up, as every again.gap"]);
}

/// A deal's chance in the days of a period, and to be won by an earlier and a later day.
type Chances = (&'static str, [i32; 2], f64, [f64; 2], i32);

const CHANCES_HOLD: &[Invariant] = &[
    Invariant::Key(&["deal", "first", "last"]),
    Invariant::GrowByDay(&[("by_last", "last"), ("by_end", "end")]),
    Invariant::GrowWithDays(GrowWithDays { per: &["deal"], first: "first", last: "last", columns: &["within"] }),
];

fn told_of_chances(rows: &[Chances]) -> Vec<String> {
    let columns = vec![
        Column::text("deal", "", |row: &Chances| Some(row.0.into())),
        Column::date("first", "", |row: &Chances| Some(Day(row.1[0]))),
        Column::date("last", "", |row: &Chances| Some(Day(row.1[1]))),
        Column::number("within", "", |row: &Chances| Some(row.2)),
        Column::number("by_last", "", |row: &Chances| Some(row.3[0])),
        Column::number("by_end", "", |row: &Chances| Some(row.3[1])),
        Column::date("end", "", |row: &Chances| Some(Day(row.4))),
    ];
    let spec = TableSpec::new("chances", "deal", columns).holds(CHANCES_HOLD);
    let table = spec.table(rows, 2).expect("a table");
    let violations = check(&spec.declaration(), &table, &Others::new());
    let text = |of: crate::report::invariants::Violation| {
        format!("{}: {}: {}, not {}", of.row.unwrap_or_default(), of.columns.unwrap_or_default(), of.got, of.expected)
    };
    violations.into_iter().map(text).collect()
}

/// Days 0 to 30 lie in days 0 to 89, those of another deal in nobody's.
#[test]
fn chances_never_fall_with_the_days() {
    let month = ("d1", [0, 30], 0.25, [0.25, 0.5], 60);
    let quarter = ("d1", [0, 89], 0.5, [0.5, 0.5], 89);
    let other = ("d2", [0, 30], 0.75, [0.75, 0.25], 20);
    assert_eq!(told_of_chances(&[month, quarter, other]), [""; 0]);
    let less = told_of_chances(&[month, ("d1", [0, 89], 0.2, [0.5, 0.5], 89), other]);
    let expected = "0.25 and up, as in within of deal d1, first 1970-01-01, last 1970-01-31";
    assert_eq!(less, [format!("deal d1, first 1970-01-01, last 1970-03-31: within: 0.2, not {expected}")]);
    let earlier = told_of_chances(&[("d1", [0, 30], 0.25, [0.25, 0.5], 20)]);
    assert_eq!(earlier.len(), 1, "{earlier:?}");
    assert!(earlier[0].contains("by_last: 0.25, not 0.5 and up, as in by_end of deal d1"), "{earlier:?}");
    let later = told_of_chances(&[("d1", [0, 30], 0.25, [0.5, 0.25], 60)]);
    assert!(later.len() == 1 && later[0].contains("by_end: 0.25, not 0.5 and up"), "{later:?}");
    let same_day = told_of_chances(&[("d1", [0, 30], 0.25, [0.5, 0.25], 30)]);
    assert_eq!(same_day.len(), 1, "{same_day:?}");
}
