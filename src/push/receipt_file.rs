//! What is kept of a push for whoever asks later? A plan, its books and the commands that worked on it in, a [`ReceiptFile`] out.
//!
//! One file a plan, written anew at the end of every command that sends something of it. Counts and words only: no values of
//! deals, and no secret, because what servers say is stripped of it where it comes in.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::push::ledger::PushOutcome;
use crate::push::plan::Plan;
use crate::push::receipt::{Receipt, ReceiptLine};

/// One command that worked on a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushWork {
    /// When it began.
    pub begun: String,
    /// When it ended.
    pub ended: String,
    /// Requests sent to the server, those that read and those that were tried again included; none of a file or table.
    pub requests: Option<u64>,
    /// At most so many deals.
    pub limit: Option<usize>,
    /// Why it stopped before the end.
    pub stopped: Option<String>,
}

/// The content of `receipts/PLAN.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReceiptFile {
    /// The plan.
    pub plan: String,
    /// The name of the target in the configuration.
    pub target: String,
    /// The folder of the run whose scores were pushed.
    pub run: String,
    /// The as-of day of the run.
    pub as_of: String,
    /// The model.
    pub model_id: String,
    /// When the plan was made.
    pub planned_at: String,
    /// Deals of the plan.
    pub planned: u64,
    /// Deals by outcome; they add up to `planned`.
    pub counts: BTreeMap<String, u64>,
    /// Deals by outcome and reason.
    pub reasons: Vec<ReceiptLine>,
    /// Whether every deal has an outcome that stays.
    pub complete: bool,
    /// Lines of the ledger that cannot be read.
    pub damaged_ledger_lines: u64,
    /// The commands that sent something of it, the earliest first. One that was killed is not here: the ledger has its times.
    pub commands: Vec<PushWork>,
}

impl ReceiptFile {
    /// Of `plan` and its books after `work`; `earlier` is the text of the file so far.
    #[must_use]
    pub fn after(earlier: Option<&str>, plan: &Plan, receipt: &Receipt, work: PushWork) -> Self {
        let earlier =
            earlier.and_then(|text| serde_json::from_str::<Self>(text).ok()).filter(|file| file.plan == plan.id);
        let mut commands = earlier.map(|file| file.commands).unwrap_or_default();
        commands.push(work);
        let counts = PushOutcome::ALL.into_iter().map(|outcome| (outcome.name().to_owned(), receipt.count(outcome)));
        Self {
            plan: plan.id.clone(),
            target: plan.target.clone(),
            run: plan.run.clone(),
            as_of: plan.as_of.clone(),
            model_id: plan.model_id.clone(),
            planned_at: plan.made_at.clone(),
            planned: receipt.planned,
            counts: counts.collect(),
            reasons: receipt.lines.clone(),
            complete: receipt.is_complete(),
            damaged_ledger_lines: receipt.damaged,
            commands,
        }
    }

    /// Deals that took something, or may have, by the text of a receipt; 0 where it is none.
    #[must_use]
    pub fn sent(text: &str) -> u64 {
        let counts = serde_json::from_str::<Self>(text).map(|file| file.counts).unwrap_or_default();
        let sent = [PushOutcome::Written, PushOutcome::Rounded];
        sent.iter().filter_map(|outcome| counts.get(outcome.name())).sum()
    }

    /// The file as text.
    #[must_use]
    pub fn text(&self) -> String {
        serde_json::to_string_pretty(self).map(|text| text + "\n").unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::push::fixtures::{Memory, config, plan, wanted};
    use crate::push::ledger::Ledger;

    fn work(begun: &str) -> PushWork {
        PushWork { begun: begun.to_owned(), ended: "b".to_owned(), requests: Some(3), limit: None, stopped: None }
    }

    #[test]
    fn every_command_is_added_and_another_plans_are_not_taken_over() {
        let plan = plan(&wanted(3), &Memory::new(2, 0.1).records, &config(""));
        let receipt = Receipt::of(&plan, &Ledger::default());
        let first = ReceiptFile::after(None, &plan, &receipt, work("one"));
        let second = ReceiptFile::after(Some(&first.text()), &plan, &receipt, work("two"));
        assert_eq!(second.commands.iter().map(|work| work.begun.as_str()).collect::<Vec<_>>(), ["one", "two"]);
        assert_eq!((second.counts["unknown"], second.counts["missing"], second.planned), (2, 1, 3));
        let other = Plan { id: "other".to_owned(), ..plan };
        assert_eq!(ReceiptFile::after(Some(&first.text()), &other, &receipt, work("three")).commands.len(), 1);
        assert_eq!([first.text().as_str(), "half a fi"].map(ReceiptFile::sent), [0, 0]);
        let counts = BTreeMap::from([("written".to_owned(), 2), ("rounded".to_owned(), 1), ("rejected".to_owned(), 4)]);
        assert_eq!(ReceiptFile::sent(&ReceiptFile { counts, ..first.clone() }.text()), 3);
        assert_eq!(ReceiptFile::after(Some("half a fi"), &other, &receipt, work("four")).commands.len(), 1);
    }
}
