//! What reading the input has to say: how many rows of each file are used, how many are not, which tables are missing.
//!
//! [`InputFile`]s and [`Issues`] in, [`Finding`]s out. Which rule rejected a row is in `rejects.csv`, not here.

use std::collections::BTreeSet;

use crate::domain::day::Day;
use crate::domain::inputs::InputTable;
use crate::domain::spelling::key as spelling_key;
use crate::ingest::issues::Issues;
use crate::ingest::loaded::InputFile;
use crate::ingest::tables::{Dating, NewestEvent, Spellings, StrayEvent};
use crate::report::finding::{Finding, Quantity, Subject};
use crate::report::words::{by_number, count, thousands};

/// The as-of day, where it comes from, and how many deals are known by then.
#[must_use]
pub fn as_of(day: Day, is_default: bool, deals: u64) -> Finding {
    let source = if is_default { " (the day after the newest event)" } else { "" };
    let sentence = format!("data as of {day}{source}: {}", count(deals, "deal"));
    Finding::info("input.as_of", Subject::named("table", "deals"), sentence)
        .with("as_of", Quantity::Date(day))
        .with("deals", Quantity::Count(deals))
}

/// What is dated far beyond the rest of the history, and therefore decides nothing.
#[must_use]
pub fn stray_event(newest: &NewestEvent) -> Option<Finding> {
    let StrayEvent { day, table, column, id, events } = newest.stray.as_ref()?;
    let of = if *table == InputTable::Leads { "lead" } else { "deal" };
    let beyond = count(u64::from(day.0.abs_diff(newest.day.0)), "day");
    let more = match events - 1 {
        0 => String::new(),
        more => format!(" ({} such {})", thousands(more.into()), by_number(more, "other", "others")),
    };
    let sentence = format!(
        "{table}: {column} of {of} {id} is {day}, {beyond} after the rest of the history, which ends on {}{more}: \
         it does not move the as-of day",
        newest.day
    );
    let finding = Finding::warning("input.stray_event", Subject::named("table", table.name()), sentence)
        .with("day", Quantity::Date(*day))
        .with("history_ends", Quantity::Date(newest.day))
        .with("column", Quantity::Text((*column).to_owned()))
        .with("id", Quantity::Text(id.clone()))
        .with("events", Quantity::Count(*events));
    Some(finding.remedy("correct the date, or name the day with --as-of"))
}

/// That the deals table does not say when deals were created, where it does not.
#[must_use]
pub fn dating(dating: Dating, as_of: Day) -> Option<Finding> {
    let sentence = match dating {
        Dating::Given => return None,
        Dating::ByEvents => "no column says when deals were created: the first known event of each counts".to_owned(),
        Dating::InSomeFiles { undated } => format!(
            "{} in files that do not say when deals were created: the first known event of each counts, so that nothing is \
             known of the time before",
            count(undated, "deal")
        ),
        Dating::Nowhere => {
            format!("no deal has a date: all count as they stand on {as_of}; name that day with --as-of")
        }
    };
    let finding = Finding::warning("input.no_created_at", Subject::named("table", "deals"), sentence);
    Some(finding.remedy("if there is a column, name it as `created_at` under [sources.deals.columns]"))
}

/// How many rows were rejected; those a filter removed were not wanted.
#[must_use]
pub fn rejected_rows(issues: &Issues) -> Option<Finding> {
    let rejected = issues.rejects() - issues.filtered();
    (rejected > 0).then(|| rejected_finding(rejected))
}

fn rejected_finding(rejected: u64) -> Finding {
    Finding::warning("input.rejected_rows", Subject::the("input"), format!("{} rejected", count(rejected, "row")))
        .with("rejected", Quantity::Count(rejected))
        .remedy(format!("`dealcast check` says why {} rejected", by_number(rejected, "it was", "they were")))
}

/// For every file its rows: rows = used + rejected.
#[must_use]
pub fn row_balance(inputs: &[InputFile]) -> Vec<Finding> {
    inputs.iter().map(balance).collect()
}

fn balance(input: &InputFile) -> Finding {
    let InputFile { table, path, rows, used, rejected, .. } = input;
    let parts = format!("{} used + {} rejected", thousands((*used).into()), thousands((*rejected).into()));
    let sentence = format!("{path}: {} = {parts} ({table})", count(*rows, "row"));
    Finding::info("input.rows", Subject::named("table", *table), sentence)
        .with("file", Quantity::Text(path.clone()))
        .with("rows", Quantity::Count(*rows))
        .with("used", Quantity::Count(*used))
        .with("rejected", Quantity::Count(*rejected))
}

/// How files were read where nobody said how: with a sample of what shows it.
#[must_use]
pub fn assumed(inputs: &[InputFile]) -> Vec<Finding> {
    let mut alike: Vec<(&InputFile, u64)> = Vec::new();
    for input in inputs.iter().filter(|input| !input.assumed.is_empty()) {
        let same = |first: &InputFile| (first.table, &first.assumed) == (input.table, &input.assumed);
        match alike.iter_mut().find(|(first, _)| same(first)) {
            Some((_, more)) => *more += 1,
            None => alike.push((input, 0)),
        }
    }
    alike.into_iter().map(|(first, more)| assumed_of(first, more)).collect()
}

/// Of one file, and of so many more of which the same is to be said.
fn assumed_of(input: &InputFile, more: u64) -> Finding {
    let InputFile { table, path, assumed, .. } = input;
    let told: Vec<String> = assumed.iter().map(|one| one.what.clone()).collect();
    let files = match more {
        0 => format!("{path} was"),
        more => format!("{path} and {} more were", count(more, "file")),
    };
    let sentence = format!("{files} read, as nobody said how, with {}", told.join("; "));
    let subject = Subject::named("table", *table);
    let finding = match assumed.iter().any(|one| one.is_doubtful) {
        true => Finding::warning("input.assumed", subject, sentence),
        false => Finding::info("input.assumed", subject, sentence),
    };
    let keys: BTreeSet<&str> = assumed.iter().map(|one| one.key).collect();
    let keys: Vec<String> = keys.into_iter().map(|key| format!("`{key}`")).collect();
    let said = keys.join(", ");
    finding
        .with("file", Quantity::Text(path.clone()))
        .with("assumed", Quantity::Names(told))
        .with("keys", Quantity::Names(keys))
        .remedy(format!("{said} under [sources.{table}] say otherwise"))
}

/// Names that were made one, and names that may be meant to be.
#[must_use]
pub fn spellings(spellings: &Spellings) -> Vec<Finding> {
    let told = |pairs: &[(&str, String, String)]| -> Vec<String> {
        pairs.iter().map(|(what, name, other)| format!("{what} {name:?} for {other:?}")).collect()
    };
    let (folded, near) = (told(&spellings.folded), told(&spellings.near));
    let one = (!folded.is_empty()).then(|| {
        let sentence = format!("names that differ in case or blanks only are one: {}", some_of(&folded));
        Finding::info("input.folded_names", Subject::the("names"), sentence).with("names", Quantity::Names(folded))
    });
    let meant = (!near.is_empty()).then(|| {
        let sentence = format!("names that are nearly another, and count apart: {}", some_of(&near));
        Finding::warning("input.near_names", Subject::the("names"), sentence)
            .with("names", Quantity::Names(near))
            .remedy("`values` under the source's section makes one of two")
    });
    one.into_iter().chain(meant).collect()
}

/// The first few of many.
fn some_of(names: &[String]) -> String {
    const SHOWN: usize = 5;
    let shown = names.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// Columns of the history that nothing is read from; `own` are the columns of the deals, whose histories are read too.
#[must_use]
pub fn unread_history(inputs: &[InputFile], own: &BTreeSet<String>) -> Vec<Finding> {
    let of_history = inputs.iter().filter(|input| input.table == InputTable::StageHistory.name());
    let unread = of_history.filter_map(|input| {
        let names = input.unread.iter().filter(|name| !own.contains(&spelling_key(name))).cloned();
        let names: Vec<String> = names.collect();
        (!names.is_empty()).then(|| {
            let sentence = format!("{}: nothing is read from {}", input.path, names.join(", "));
            Finding::info("input.unread_columns", Subject::named("table", input.table), sentence)
                .with("columns", Quantity::Names(names))
                .remedy(
                    "name a column under [sources.stage_history.columns] to read it, or under `ignore` to say no more",
                )
        })
    });
    unread.collect()
}

/// What a missing optional table costs.
#[must_use]
pub fn absences(absent: impl IntoIterator<Item = (InputTable, &'static str)>) -> Vec<Finding> {
    absent.into_iter().map(|(table, cost)| absence(table, cost)).collect()
}

fn absence(table: InputTable, cost: &str) -> Finding {
    Finding::info("input.absent_table", Subject::named("table", table.name()), format!("without {table}: {cost}"))
        .remedy(format!("name the file with --{} FILE", table.flag()))
}

/// That no rule is broken.
#[must_use]
pub fn no_issues() -> Finding {
    Finding::info("input.no_issues", Subject::the("input"), "every row passes every rule")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::assumption::Assumption;
    use crate::report::finding::Severity;

    fn file(table: &'static str, rows: u64, rejected: u64) -> InputFile {
        InputFile {
            table,
            path: format!("{table}.csv"),
            bytes: 0,
            blake3: String::new(),
            rows,
            used: rows - rejected,
            rejected,
            assumed: Vec::new(),
            unread: Vec::new(),
        }
    }

    #[test]
    fn what_was_assumed_is_told_with_the_keys_that_say_otherwise() {
        let assumed = vec![
            Assumption::doubtful("encoding", "encoding windows-1251 (\"Сделка\")".to_owned()),
            Assumption::plain("separator", "separator ';'".to_owned()),
        ];
        let said = super::assumed(&[InputFile { assumed, ..file("deals", 3, 0) }, file("users", 1, 0)]);
        let line = "deals.csv was read, as nobody said how, with encoding windows-1251 (\"Сделка\"); separator ';'; \
                    `encoding`, `separator` under [sources.deals] say otherwise";
        assert_eq!(said.iter().map(|finding| finding.line().into_owned()).collect::<Vec<_>>(), [line]);
        assert_eq!(said[0].severity, Severity::Warning);
    }

    #[test]
    fn the_day_says_where_it_comes_from() {
        let named = as_of(Day(20_498), false, 1);
        assert_eq!(named.sentence, "data as of 2026-02-14: 1 deal");
        let default = as_of(Day(20_498), true, 3_000);
        assert_eq!(default.sentence, "data as of 2026-02-14 (the day after the newest event): 3,000 deals");
        assert_eq!(default.number("deals"), Some(&Quantity::Count(3_000)));
        assert_eq!(default.number("as_of"), Some(&Quantity::Date(Day(20_498))));
    }

    #[test]
    fn a_stray_event_names_its_row() {
        let stray = |events| StrayEvent {
            day: Day(355_000),
            table: InputTable::StageHistory,
            column: "changed_at",
            id: "D7".to_owned(),
            events,
        };
        let newest = NewestEvent { day: Day(20_497), stray: Some(stray(1)) };
        let one = "stage_history: changed_at of deal D7 is 2941-12-16, 334,503 days after the rest of the history, which \
                   ends on 2026-02-13: it does not move the as-of day; correct the date, or name the day with --as-of";
        let said = stray_event(&newest).expect("a finding");
        assert_eq!((said.line().as_ref(), said.severity), (one, Severity::Warning));
        let three = stray_event(&NewestEvent { stray: Some(stray(3)), ..newest }).expect("a finding");
        assert!(three.sentence.contains("2026-02-13 (2 such others): "), "{}", three.sentence);
        assert_eq!(stray_event(&NewestEvent { day: Day(1), stray: None }), None);
    }

    #[test]
    fn rows_add_up_in_words_and_numbers() {
        let said = row_balance(&[file("deals", 3_000, 2), file("lookup", 1, 0)]);
        assert_eq!(said[0].sentence, "deals.csv: 3,000 rows = 2,998 used + 2 rejected (deals)");
        assert_eq!(said[1].sentence, "lookup.csv: 1 row = 1 used + 0 rejected (lookup)");
        assert_eq!((said[0].code, said[0].number("used")), ("input.rows", Some(&Quantity::Count(2_998))));
        assert!(row_balance(&[]).is_empty());
    }

    #[test]
    fn rejected_rows_are_a_warning_and_none_are_nothing() {
        assert_eq!(rejected_rows(&Issues::default()), None);
        let one = rejected_finding(1);
        assert_eq!((one.code, one.severity), ("input.rejected_rows", Severity::Warning));
        assert_eq!(one.line(), "1 row rejected; `dealcast check` says why it was rejected");
        assert_eq!(rejected_finding(12).line(), "12 rows rejected; `dealcast check` says why they were rejected");
    }

    #[test]
    fn a_missing_table_says_what_it_costs_and_which_flag_gives_it() {
        let said = absences([(InputTable::FxRates, "amounts stay in their own currencies")]);
        assert_eq!(said[0].sentence, "without fx_rates: amounts stay in their own currencies");
        assert_eq!(said[0].remedy.as_deref(), Some("name the file with --fx-rates FILE"));
        assert_eq!((said[0].code, said[0].subject.name.as_str()), ("input.absent_table", "fx_rates"));
        assert!(absences([]).is_empty());
    }
}
