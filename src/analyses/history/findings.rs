//! Where one deal is now, in a sentence.
//!
//! The end of its story in, a [`Finding`] out.

use super::events::DealHistory;
use crate::domain::day::Day;
use crate::model::WinModel;
use crate::report::finding::{Finding, Quantity, Subject};
use crate::report::words::percent;

/// The deal `id`, called `name`, on the as-of morning: its stage, for how long, and with a model its win probability.
#[must_use]
pub fn now(id: &str, name: Option<&str>, as_of: Day, story: &DealHistory, model: Option<&WinModel>) -> Finding {
    let subject = Subject::named("deal", id);
    let Some(last) = story.events.last() else { return Finding::info("history.now", subject, id) };
    let called = name.map(|name| format!(" ({name})")).unwrap_or_default();
    let known = last.win_probability.zip(model);
    let chance = known.map(|(chance, model)| {
        format!("; win probability {} {} by model {}", percent(chance), model.within(), model.model_id)
    });
    let sentence = format!("{id}{called} as of {as_of}: {}, {}{}", last.to, last.note, chance.unwrap_or_default());
    Finding::info("history.now", subject, sentence)
        .with("as_of", Quantity::Date(as_of))
        .with_known("name", name.map(|name| Quantity::Text(name.to_owned())))
        .with("stage", Quantity::Text(last.to.clone()))
        .with_known("days", last.after_days.map(|days| Quantity::Days(days.into())))
        .with_known("win_probability", known.map(|(chance, _)| Quantity::Share(chance)))
        .with_known("horizon", known.map(|(_, model)| Quantity::Days(model.horizon_days.into())))
}

/// That no model says how likely the deal was to be won.
#[must_use]
pub fn without_model(reason: &str) -> Finding {
    Finding::info("history.no_model", Subject::the("model"), format!("no win probabilities: {reason}"))
        .remedy("`dealcast train` makes a model")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyses::history::events::{EventKind, HistoryEvent};
    use crate::domain::ids::DealIx;
    use crate::model::stored_fixtures;

    fn story(win_probability: Option<f64>) -> DealHistory {
        let event = HistoryEvent {
            at: Day(20_498).start(),
            kind: EventKind::Now,
            from: String::new(),
            to: "Demo".to_owned(),
            change: None,
            age_days: 40,
            after_days: Some(12),
            note: "12 days in the stage".to_owned(),
            win_probability,
        };
        DealHistory { deal: DealIx::at(0), events: vec![event], stays: Vec::new() }
    }

    #[test]
    fn a_deal_says_where_it_is_and_with_what_chance() {
        let plain = now("d1", None, Day(20_498), &story(None), None);
        assert_eq!(plain.sentence, "d1 as of 2026-02-14: Demo, 12 days in the stage");
        let model = stored_fixtures::model();
        let found = now("d1", Some("Acme"), Day(20_498), &story(Some(0.25)), Some(&model));
        let sentence = format!(
            "d1 (Acme) as of 2026-02-14: Demo, 12 days in the stage; win probability 25.0 % within 120 days by model {}",
            model.model_id
        );
        assert_eq!((found.code, found.sentence), ("history.now", sentence));
        let closed = now("d1", None, Day(20_498), &story(None), Some(&model));
        assert_eq!(closed.number("win_probability"), None);
        let empty = DealHistory { deal: DealIx::at(0), events: Vec::new(), stays: Vec::new() };
        assert_eq!(now("d1", None, Day(20_498), &empty, None).sentence, "d1");
        assert_eq!(without_model("none").line(), "no win probabilities: none; `dealcast train` makes a model");
    }
}
