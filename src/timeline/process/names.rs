//! What a stage's name says about the outcome: `Closed Won`, `closedlost`, `Verloren`, `Gagné`…
//!
//! A guess for exports without a configured stage list; names that say both or neither are left open.

use crate::domain::stage::StageKind;

const WON: [&str; 12] = [
    "won",
    "closedwon",
    "gewonnen",
    "gewonnene",
    "gagne",
    "gagné",
    "gagnée",
    "ganado",
    "ganada",
    "vinto",
    "ganho",
    "converted",
];

const LOST: [&str; 20] = [
    "lost",
    "closedlost",
    "verloren",
    "verlorene",
    "perdu",
    "perdue",
    "perdido",
    "perdida",
    "perso",
    "disqualified",
    "unqualified",
    "cancelled",
    "canceled",
    "abandoned",
    "rejected",
    "storniert",
    "abgelehnt",
    "annulé",
    "cancelado",
    "dead",
];

/// The outcome a stage's name speaks of; `None` where it names no outcome or both.
pub(crate) fn outcome_of_name(name: &str) -> Option<StageKind> {
    let lower = name.to_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric()).collect();
    let says_won = words.iter().any(|word| WON.contains(word));
    let says_lost = words.iter().any(|word| LOST.contains(word));
    match (says_won, says_lost) {
        (true, false) => Some(StageKind::Won),
        (false, true) => Some(StageKind::Lost),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[test]
    fn names_tell_outcomes() {
        for name in ["Closed Won", "closedwon", "5 - GEWONNEN", "Gagné", "won"] {
            assert_eq!(outcome_of_name(name), Some(StageKind::Won), "{name}");
        }
        for name in ["Closed-Lost", "closedlost", "Disqualified (no budget)", "Verloren"] {
            assert_eq!(outcome_of_name(name), Some(StageKind::Lost), "{name}");
        }
        for name in ["Won/Lost", "Wonderful", "Negotiation", "4-Close", ""] {
            assert_eq!(outcome_of_name(name), None, "{name}");
        }
    }
}
