//! What rows of the deals table say about won and lost: by flags, by status words, by the names of stages.

use std::collections::BTreeMap;

use crate::domain::stage::{StageKind, kind_of_word, outcome_of_name};
use crate::presets::{PresetStage, presets};
use crate::setup::fits::truth;

/// What is known of the rows of one stage.
#[derive(Clone, Debug, Default)]
pub(super) struct StageRows {
    pub rows: u64,
    pub won: u64,
    pub lost: u64,
    pub open: u64,
    /// Rows a flag or a status calls won or lost.
    pub told: u64,
    /// Rows with a day in the closing column.
    pub dated: u64,
    /// Open rows with one.
    pub open_dated: u64,
    /// Open rows with an amount.
    pub open_priced: u64,
    /// Closed rows with an amount.
    pub closed_priced: u64,
    /// Rows with a day in a column for won deals only, and in one for lost deals only.
    pub ended_by_date: (u64, u64),
    /// Sum and number of the CRM's own chances.
    pub chances: (f64, u64),
}

/// The columns that hold the day only won or only lost deals ended on, by their names.
#[derive(Debug, Default)]
pub(super) struct EndDates {
    pub won: Option<String>,
    pub lost: Option<String>,
}

/// The cells of a row that may tell its outcome.
pub(super) struct OutcomeCells<'a> {
    pub won: Option<&'a str>,
    pub closed: Option<&'a str>,
    pub status: Option<&'a str>,
}

/// What the cells of a row say; nothing where they do not tell.
pub(super) fn outcome(cells: &OutcomeCells<'_>, values: &BTreeMap<String, String>) -> Option<StageKind> {
    let won = cells.won.and_then(truth);
    let closed = cells.closed.and_then(truth);
    match (won, closed) {
        (Some(true), _) => return Some(StageKind::Won),
        (_, Some(false)) => return Some(StageKind::Open),
        (Some(false), Some(true)) => return Some(StageKind::Lost),
        (None, Some(true)) | (Some(false) | None, None) => {}
    }
    status_outcome(cells.status?, values)
}

/// What a status says, after the preset's own words for it.
pub(super) fn status_outcome(status: &str, values: &BTreeMap<String, String>) -> Option<StageKind> {
    let said = values.iter().find(|(word, _)| word.eq_ignore_ascii_case(status)).map_or(status, |(_, meant)| meant);
    kind_of_word(said).or_else(|| outcome_of_name(said))
}

/// What a stage's name says: by the words for won and lost, else as a stage some CRM comes with.
pub(super) fn by_name(name: &str) -> Option<StageKind> {
    let known = || preset_stage(name).map(|(_, stage)| stage.kind).filter(|kind| *kind != StageKind::Open);
    outcome_of_name(name).or_else(|| kind_of_word(name).filter(|kind| *kind != StageKind::Open)).or_else(known)
}

/// The place of a stage among those a CRM comes with.
pub(super) fn usual_place(name: &str) -> Option<usize> {
    preset_stage(name).map(|(place, _)| place)
}

fn preset_stage(name: &str) -> Option<(usize, &'static PresetStage)> {
    let name = bare(name);
    presets().iter().find_map(|preset| {
        preset.stages.iter().enumerate().find(|(_, stage)| stage.names.iter().any(|known| bare(known) == name))
    })
}

/// A stage's name without the number people put before it.
pub(super) fn bare(name: &str) -> String {
    crate::domain::spelling::key(name.trim_start_matches(|c: char| c.is_ascii_digit() || " .-_)(".contains(c)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_come_before_words() {
        let values = BTreeMap::from([("False".to_owned(), "lost".to_owned()), ("True".to_owned(), String::new())]);
        let cells = |won, closed, status| OutcomeCells { won, closed, status };
        assert_eq!(outcome(&cells(Some("1"), Some("1"), None), &values), Some(StageKind::Won));
        assert_eq!(outcome(&cells(Some("false"), Some("true"), None), &values), Some(StageKind::Lost));
        assert_eq!(outcome(&cells(Some("false"), Some("false"), Some("lost")), &values), Some(StageKind::Open));
        assert_eq!(outcome(&cells(None, None, Some("False")), &values), Some(StageKind::Lost));
        assert_eq!(outcome(&cells(None, None, Some("True")), &values), None);
    }

    #[test]
    fn stages_are_known_in_several_languages() {
        assert_eq!(by_name("Geschlossen und gewonnen"), Some(StageKind::Won));
        assert_eq!(by_name("Cerrada-Perdida"), Some(StageKind::Lost));
        assert_eq!(by_name("Angebot"), None);
        assert!(usual_place("2-Angebot") > usual_place("Qualifizierung"));
    }
}
