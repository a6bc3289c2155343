//! Which fiscal periods people look at: the running one, then the running and the next one of every other kind.

use crate::render::material::{Material, TableLine};

/// The kinds, the usual one first.
const KINDS: [&str; 4] = ["quarter", "month", "half", "year"];

/// The periods of `material`, the one the page opens with first.
pub(super) fn near_periods<'m>(material: &'m Material, running: &'m str, basis: &str) -> Vec<&'m str> {
    let is_open = |line: &TableLine<'_>| line.at("period_end").to_string().as_str() >= material.as_of();
    let companies = material.lines("forecast").filter(|line| line.is(&[("level", "company"), ("basis", basis)]));
    let mut found: Vec<(&str, String, &str)> = Vec::new();
    for line in companies.filter(is_open) {
        let period = line.text("period");
        if !found.iter().any(|(_, _, known)| *known == period) {
            found.push((line.text("period_kind"), line.at("period_start").to_string(), period));
        }
    }
    found.sort();
    let mut chosen = vec![running];
    for kind in KINDS {
        let of_kind = found.iter().filter(|(known, _, _)| *known == kind).take(2).map(|(_, _, period)| *period);
        chosen.extend(of_kind.filter(|period| *period != running));
    }
    chosen.retain(|period| !period.is_empty());
    chosen
}
