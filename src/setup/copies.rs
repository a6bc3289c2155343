//! Files of one kind beside each other: parts of one table, the same deals twice, or one table day after day.

use crate::config::Copies;
use crate::domain::day::Day;
use crate::domain::inputs::deals;
use crate::domain::stage::{StageKind, kind_of_word};
use crate::ingest::day_in_name;
use crate::ingest::profile::FileProfile;
use crate::setup::recognise::Recognised;

/// Files share fewer ids than this if they are parts of one table.
const APART: f64 = 0.02;
/// Files share at least so many if they hold the same deals.
const SAME: f64 = 0.9;

/// The pattern that names exactly these files, if they are parts of one table.
pub(super) fn parts_of_one_table(rivals: &[Recognised<'_>], files: &[&FileProfile]) -> Option<String> {
    let first = rivals.first()?;
    // months of a log speak of the same deals
    let is_log = ["changed_at", "occurred_at", "touched_at", "submitted_at"]
        .iter()
        .any(|moment| first.columns.contains_key(moment));
    let overlaps = |pair: &[Recognised<'_>]| !is_log && shared_ids(&pair[0], &pair[1]) > APART;
    let overlaps_first = |other: &Recognised<'_>| !is_log && shared_ids(first, other) > APART;
    let alike = rivals.iter().all(|other| other.file.has_header_of(first.file));
    if rivals.len() < 2 || !alike || rivals.windows(2).any(overlaps) || rivals[1..].iter().any(overlaps_first) {
        return None;
    }
    pattern_of_all(rivals, files)
}

/// Takes files out that hold what another one holds, row by row; says which.
pub(super) fn without_doubles<'a>(rivals: Vec<Recognised<'a>>) -> (Vec<Recognised<'a>>, Vec<(String, String)>) {
    let (mut kept, mut doubles): (Vec<Recognised<'a>>, Vec<(String, String)>) = (Vec::new(), Vec::new());
    let mut rivals = rivals;
    rivals.sort_by(|a, b| (a.file.path.len(), &a.file.path).cmp(&(b.file.path.len(), &b.file.path)));
    for rival in rivals {
        let is_double = |other: &&Recognised<'_>| {
            rival.file.is_copy_of(other.file) && day_in_name(&rival.file.path) == day_in_name(&other.file.path)
        };
        match kept.iter().find(is_double) {
            Some(first) => doubles.push((rival.file.path.clone(), first.file.name.clone())),
            None => kept.push(rival),
        }
    }
    (kept, doubles)
}

/// The column that only copies of what changed have: filled where a deal is gone.
pub(super) const GONE: &str = deals::SPEC.columns[deals::GONE].name;

/// Dated copies that were found to be such.
#[derive(Clone, Copy, Debug)]
pub(super) struct CopySeries {
    /// Whether its files are whole tables, or hold what changed.
    pub mode: Copies,
    /// How many files.
    pub files: u64,
    /// Whether a stage or a status in any of them says that a deal was won.
    pub tells_wins: bool,
}

/// Whether a stage or a status says that a deal was won.
pub(super) fn tells_wins(reading: &Recognised<'_>) -> bool {
    let words = ["status", "stage"].into_iter().filter_map(|name| reading.file.column(reading.single(name)?));
    words.flat_map(|column| column.values.keys()).any(|word| kind_of_word(word) == Some(StageKind::Won))
}

/// One table as it was copied day after day.
pub(super) struct DatedCopies {
    /// The pattern that names exactly its files.
    pub path: String,
    /// Whether its files are whole tables, or hold what changed.
    pub mode: Copies,
    /// The file that shows what its columns are, by its position: the newest whole one, or the one with the most rows.
    pub shown_by: usize,
    /// Files of one day that differ.
    pub twice: Vec<String>,
}

/// The copies, if files have a day of their own in their names and hold deals of each other, or say of deals that they are gone.
pub(super) fn dated_copies(rivals: &[Recognised<'_>], files: &[&FileProfile]) -> Option<DatedCopies> {
    let days: Vec<Day> = rivals.iter().map(|reading| day_in_name(&reading.file.path)).collect::<Option<_>>()?;
    let mut order: Vec<usize> = (0..rivals.len()).collect();
    order.sort_by_key(|at| days[*at]);
    let mode = if rivals.iter().all(tells_who_is_gone) { Copies::Changes } else { Copies::Whole };
    if mode == Copies::Whole && !follow_each_other(rivals, &days, &order) {
        return None;
    }
    let path = match rivals {
        [one] => pattern_of_one(&one.file.path, files)?,
        _ => pattern_of_days(&pattern_of_all(rivals, files)?, rivals.len(), files)?,
    };
    let mut twice: Vec<String> = Vec::new();
    for pair in order.windows(2).filter(|pair| days[pair[0]] == days[pair[1]]) {
        twice.push(format!("{} and {}", rivals[pair[0]].file.name, rivals[pair[1]].file.name));
    }
    let shown_by = match mode {
        Copies::Whole => order.iter().rev().find(|at| rivals[**at].file.rows > 0).or(order.last()),
        Copies::Changes => order.iter().max_by_key(|at| rivals[**at].file.rows),
    };
    Some(DatedCopies { path, mode, shown_by: *shown_by?, twice })
}

/// Whether files of several days hold deals of those before them. Nothing is told by one without any row.
fn follow_each_other(rivals: &[Recognised<'_>], days: &[Day], order: &[usize]) -> bool {
    let filled: Vec<usize> = order.iter().copied().filter(|at| rivals[*at].file.rows > 0).collect();
    let of_one_day = filled.iter().all(|at| days[*at] == days[filled[0]]);
    filled.len() > 1
        && !of_one_day
        && filled.windows(2).all(|pair| shared_ids(&rivals[pair[0]], &rivals[pair[1]]) > APART)
}

/// Whether a file has the column that says which deals are gone.
fn tells_who_is_gone(reading: &Recognised<'_>) -> bool {
    reading.file.columns.iter().any(|column| column.name == GONE)
}

/// The pattern for copies of which there is one so far: a star in the place of its day.
fn pattern_of_one(path: &str, files: &[&FileProfile]) -> Option<String> {
    let is_of_day = |sign: char| sign.is_ascii_digit() || sign == '-';
    let begin = path.char_indices().map(|(at, _)| at).find(|at| {
        let run = path[*at..].chars().take_while(|sign| is_of_day(*sign));
        run.filter(char::is_ascii_digit).count() >= 8
    })?;
    let (head, tail) = (&path[..begin], path[begin..].trim_start_matches(is_of_day));
    let matches = files.iter().filter(|file| file.path.starts_with(head) && file.path.ends_with(tail)).count();
    (matches == 1).then(|| format!("{head}*{tail}"))
}

/// The pattern with a star for the whole day, so that it names the copies of later days too; as it is where that would name
/// other files.
fn pattern_of_days(pattern: &str, copies: usize, files: &[&FileProfile]) -> Option<String> {
    let of_day = |sign: char| sign.is_ascii_digit() || sign == '-';
    let (head, tail) = pattern.split_once('*')?;
    let (head, tail) = (head.trim_end_matches(of_day), tail.trim_start_matches(of_day));
    let matches = files.iter().filter(|file| file.path.starts_with(head) && file.path.ends_with(tail)).count();
    Some(if matches == copies { format!("{head}*{tail}") } else { pattern.to_owned() })
}

/// The pattern that names exactly the files of `rivals`.
fn pattern_of_all(rivals: &[Recognised<'_>], files: &[&FileProfile]) -> Option<String> {
    let paths: Vec<&str> = rivals.iter().map(|reading| reading.file.path.as_str()).collect();
    let pattern = pattern_of(&paths)?;
    let (head, tail) = pattern.split_once('*')?;
    let matches = files.iter().filter(|file| file.path.starts_with(head) && file.path.ends_with(tail)).count();
    (matches == rivals.len()).then_some(pattern)
}

/// Whether two files hold the same deals.
pub(super) fn same_deals(one: &Recognised<'_>, other: &Recognised<'_>) -> bool {
    one.file.path == other.file.path || shared_ids(one, other) >= SAME
}

/// The share of the smaller file's ids the other one has too.
fn shared_ids(one: &Recognised<'_>, other: &Recognised<'_>) -> f64 {
    let id = |reading: &Recognised<'_>| -> Option<_> {
        reading.file.column(reading.single("deal_id").or(reading.single("owner"))?).cloned()
    };
    match (id(one), id(other)) {
        (Some(one), Some(other)) => one.shares_values_with(&other),
        _ => 0.0,
    }
}

/// What the names have in common, with a star for what they have not.
fn pattern_of(paths: &[&str]) -> Option<String> {
    let first: Vec<char> = paths.first()?.chars().collect();
    let shared = |other: &Vec<char>| first.iter().zip(other).take_while(|(a, b)| a == b).count();
    let shared_end = |other: &Vec<char>| first.iter().rev().zip(other.iter().rev()).take_while(|(a, b)| a == b).count();
    let others: Vec<Vec<char>> = paths[1..].iter().map(|path| path.chars().collect()).collect();
    let head = others.iter().map(shared).min()?;
    let shortest = others.iter().map(Vec::len).chain([first.len()]).min()?;
    let tail = others.iter().map(shared_end).min()?.min(shortest.saturating_sub(head));
    let text: String = first[..head].iter().chain(['*'].iter()).chain(&first[first.len() - tail..]).collect();
    (!text.contains(['?', '['])).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_what_names_have_in_common() {
        assert_eq!(pattern_of(&["x/deals_1.csv", "x/deals_2.csv"]).as_deref(), Some("x/deals_*.csv"));
        assert_eq!(pattern_of(&["a.csv", "aa.csv"]).as_deref(), Some("a*.csv"));
    }
}
