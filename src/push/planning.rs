//! Is the saved plan still the one that is meant? Notes of a plan newer than the saved one, while it is made and where it came to
//! nothing: [`NewerPlanning`].
//!
//! The note is there before anybody is asked, and goes once the new plan is saved. So a plan that was refused, or whose making
//! was killed, leaves the older one where it is, and nobody takes that for the new one.

use serde::{Deserialize, Serialize};

use crate::push::error::PushError;
use crate::push::plan::Plan;

/// A plan that was begun after the saved one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewerPlanning {
    /// When.
    pub begun: String,
    /// The folder of its run.
    pub run: String,
    /// Why there is none; nothing where its making did not come to an end.
    pub refused: Option<String>,
}

/// What is to be done with the saved plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlanUse {
    /// It is sent.
    Send,
    /// It is gone on with, or sent again in part. Its first part was sent when nothing newer was meant.
    GoOn,
    /// It is meant, whatever was wanted after it: somebody said so, or nothing is sent.
    Older,
}

impl NewerPlanning {
    /// Reads a note. One that is damaged is of a plan that did not come to an end.
    #[must_use]
    pub fn read(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_default()
    }

    /// The note as text.
    #[must_use]
    pub fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default() + "\n"
    }

    /// What became of it, in words: `was refused: ...`.
    #[must_use]
    pub fn became(&self) -> String {
        match &self.refused {
            Some(reason) => format!("was refused: {reason}"),
            None => "did not come to its end".to_owned(),
        }
    }
}

/// Whether `plan` may be used so, though `newer` was begun after it. `is_begun` says whether something of it was sent.
///
/// # Errors
/// [`PushError::Superseded`] where it may not.
pub fn check_newest(plan: &Plan, newer: &NewerPlanning, usage: PlanUse, is_begun: bool) -> Result<(), PushError> {
    if usage == PlanUse::Older || (usage == PlanUse::GoOn && is_begun) {
        return Ok(());
    }
    let (plan, begun, became) = (plan.id.clone(), newer.begun.clone(), newer.became());
    Err(PushError::Superseded { plan, begun, became, is_begun })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::push::fixtures::{Memory, config, plan, wanted};

    #[test]
    fn an_older_plan_is_sent_when_somebody_says_so_and_gone_on_with_where_it_was_begun() {
        let plan = plan(&wanted(1), &Memory::new(1, 0.1).records, &config(""));
        let refused = NewerPlanning { refused: Some("too much".to_owned()), ..NewerPlanning::default() };
        for (usage, is_begun, is_fine) in [
            (PlanUse::Send, false, false),
            (PlanUse::Send, true, false),
            (PlanUse::GoOn, false, false),
            (PlanUse::GoOn, true, true),
            (PlanUse::Older, false, true),
            (PlanUse::Older, true, true),
        ] {
            let told = check_newest(&plan, &refused, usage, is_begun);
            assert_eq!(told.is_ok(), is_fine, "{usage:?} {is_begun}");
        }
        let told = check_newest(&plan, &refused, PlanUse::Send, false).expect_err("refused").to_string();
        assert!(told.contains(&plan.id) && told.contains("was refused: too much"), "{told}");
    }

    #[test]
    fn a_note_is_read_again_and_half_a_note_is_of_a_plan_that_did_not_come_to_its_end() {
        let note = NewerPlanning { begun: "t".to_owned(), run: "out".to_owned(), refused: Some("why".to_owned()) };
        assert_eq!(NewerPlanning::read(&note.text()), note);
        assert_eq!(NewerPlanning::read("{\"begun\":\"t").became(), "did not come to its end");
    }
}
