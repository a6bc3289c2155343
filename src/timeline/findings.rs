//! What had to be assumed about the deals' past, in sentences.
//!
//! [`TimelineQuality`] and the stages' names in, [`Finding`]s out: the same facts as in `quality.json`, each with what to do
//! about it.

use crate::domain::stage::{Phase, Stage, StageKind, StageList};
use crate::report::finding::{Finding, Quantity, Subject};
use crate::report::words::{count, thousands};
use crate::timeline::deal_history::Timeline;
use crate::timeline::quality::{SparseHistory, StageOrder, TimelineQuality, UnlistedStage};
use crate::timeline::undated::{self, NoPast};

/// Every assumption, the gravest first.
#[must_use]
pub fn assumptions(quality: &TimelineQuality, stages: &StageList) -> Vec<Finding> {
    let mut found: Vec<Finding> = stage_order(quality.stage_order, stages).into_iter().collect();
    found.extend(quality.unknown_pipelines.iter().map(|(name, guess)| unknown_pipeline(name, guess.as_deref())));
    found.extend(quality.unlisted_stages.iter().map(unlisted_stage));
    found.extend(not_used(quality));
    found.extend(reconstructed(quality));
    found.extend(untracked_fields(&quality.untracked_fields));
    found.extend(quality.sparse_histories.iter().map(sparse_history));
    found
}

/// That the deals are a list and no history, where they are, and what follows from it.
#[must_use]
pub fn no_past(timeline: &Timeline) -> Option<Finding> {
    let (why, known) = match undated::no_past(&timeline.deals)? {
        NoPast::Unknown { kind, closed, unknown } => {
            let (closed, unknown) = (closed as u64, unknown as u64);
            let what = count(closed, if kind == StageKind::Won { "won deal" } else { "lost deal" });
            let why = format!("{} of {what} closed on an unknown day", thousands(unknown.into()));
            (why, [("closed", closed), ("unknown", unknown)])
        }
        NoPast::Unseen { closed, unseen } => {
            let (closed, unseen) = (closed as u64, unseen as u64);
            let what = count(closed, "closed deal");
            let why = format!("{} of {what} closed on the day of their creation", thousands(unseen.into()));
            (why, [("closed", closed), ("unseen", unseen)])
        }
    };
    let sentence = format!(
        "the past of the deals is not known ({why}): a model learns from the closed ones as they stand; there are no chances \
         by a day, nothing is expected from open deals in a period, and no past day can be replayed"
    );
    let finding = Finding::warning("timeline.no_past", Subject::the("deals"), sentence);
    let finding = known.into_iter().fold(finding, |finding, (name, deals)| finding.with(name, Quantity::Count(deals)));
    Some(
        finding
            .remedy("name the column of the closing day, if there is one: `closed_at` under [sources.deals.columns]"),
    )
}

fn stage_order(order: StageOrder, stages: &StageList) -> Option<Finding> {
    let guess = match order {
        StageOrder::Configured => return None,
        StageOrder::History => "stage order taken from the history",
        StageOrder::Name => "stages in alphabetical order, for lack of history",
    };
    let told: Vec<String> = stages
        .names()
        .iter()
        .zip(stages.stages())
        .map(|(name, stage)| format!("{name} ({})", kind_of(stage)))
        .collect();
    let finding =
        Finding::warning("timeline.stage_order", Subject::the("stages"), format!("{guess}: {}", told.join(" > ")))
            .with("stages", Quantity::Names(stages.names().to_vec()))
            .with("kinds", Quantity::Names(stages.stages().iter().map(|stage| kind_of(stage).to_owned()).collect()))
            .remedy("list them under [[stages]] to be sure");
    Some(finding)
}

/// What being in a stage says of a deal, in a word.
fn kind_of(stage: &Stage) -> &'static str {
    in_a_word(stage.kind, stage.phase)
}

fn in_a_word(kind: StageKind, phase: Phase) -> &'static str {
    match (kind, phase) {
        (_, Phase::PostSale) => "post-sale",
        (StageKind::Open, _) => "open",
        (StageKind::Won, _) => "won",
        (StageKind::Lost, _) => "lost",
    }
}

fn unknown_pipeline(name: &str, guess: Option<&str>) -> Finding {
    let remedy = match guess {
        Some(guess) => format!("did you mean {guess:?}?"),
        None => "correct `pipeline` under [[stages]]".to_owned(),
    };
    let sentence = format!("no deal is in pipeline {name:?}, which has stages under [[stages]]");
    Finding::warning("timeline.unknown_pipeline", Subject::named("pipeline", name), sentence).remedy(remedy)
}

fn unlisted_stage(found: &UnlistedStage) -> Finding {
    let UnlistedStage { stage, pipeline, deals, kind, phase, after } = found;
    let of = pipeline.as_ref().map(|pipeline| format!(" of pipeline {pipeline}")).unwrap_or_default();
    let after = after.as_ref().map_or_else(|| "first".to_owned(), |stage| format!("after {stage}"));
    let kind = in_a_word(*kind, *phase);
    let deals_of = count(*deals, "deal");
    let sentence = format!("stage {stage}{of} of {deals_of} is not under [[stages]]: taken as {kind}, {after}");
    Finding::warning("timeline.unlisted_stage", Subject::named("stage", stage), sentence)
        .with("deals", Quantity::Count(*deals))
        .remedy("list it there to be sure")
}

/// What is dated on or after the as-of day.
fn not_used(quality: &TimelineQuality) -> impl Iterator<Item = Finding> {
    let changes = quality.change_rows_in_the_future;
    let sentence = format!("{} dated on or after the as-of day: not used", count(changes, "change"));
    let later_changes = Finding::info("input.later_changes", Subject::the("changes"), sentence)
        .with("changes", Quantity::Count(changes));
    let created_later = "created on or after the as-of day: not used";
    let later_deals = about_deals("input.later_deals", quality.deals_in_the_future, created_later);
    Some(later_changes).filter(|_| changes > 0).into_iter().chain(later_deals)
}

/// What was filled in for lack of history.
fn reconstructed(quality: &TimelineQuality) -> impl Iterator<Item = Finding> {
    let rebuilt = "without history: rebuilt from created date, closed date and present stage";
    let undated = "closed on an unknown day: in no period, and no past day to learn from";
    let differing = "with another outcome in the deals table than in the history: the deals table counts";
    let notes = [
        about_deals("timeline.without_history", quality.without_history, rebuilt),
        about_deals("timeline.closed_without_date", quality.closed_without_date, undated),
        about_deals("timeline.history_disagrees", quality.history_disagrees_with_table, differing),
    ];
    notes.into_iter().flatten()
}

/// `3 deals …`, where there are any.
fn about_deals(code: &'static str, deals: u64, what: &str) -> Option<Finding> {
    let sentence = format!("{} {what}", count(deals, "deal"));
    (deals > 0).then(|| Finding::info(code, Subject::the("deals"), sentence).with("deals", Quantity::Count(deals)))
}

fn untracked_fields(fields: &[String]) -> Option<Finding> {
    let sentence = format!("no history of {}: today's value in the deals table counts for all days", fields.join(", "));
    (!fields.is_empty()).then(|| {
        Finding::info("timeline.untracked_fields", Subject::named("table", "deals"), sentence)
            .with("fields", Quantity::Names(fields.to_vec()))
    })
}

fn sparse_history(found: &SparseHistory) -> Finding {
    let SparseHistory { column, percent } = found;
    let sentence = format!(
        "the history of `{column}` covers {percent} % of the closed deals that have a value: the others count on all days as \
         they stand in the deals table, and the leak hunter looks at the column"
    );
    Finding::warning("timeline.sparse_history", Subject::named("column", column), sentence)
        .with("covered", Quantity::Share(f64::from(*percent) / 100.0))
        .remedy("export its whole history, with the old values")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::code::Dictionary;
    use crate::timeline::fixtures::World;

    fn lines(quality: &TimelineQuality) -> Vec<(&'static str, String)> {
        let stage = |name: &str, kind| Stage { name: name.to_owned(), kind, ..Stage::default() };
        let stages = vec![stage("Demo", StageKind::Open), stage("Won", StageKind::Won)];
        let stages = StageList::of(stages, &Dictionary::default(), &Dictionary::default());
        assumptions(quality, &stages).iter().map(|finding| (finding.code, finding.line().into_owned())).collect()
    }

    #[test]
    fn nothing_assumed_is_nothing_said() {
        assert!(lines(&TimelineQuality::default()).is_empty());
    }

    /// Of 30 closed deals all won ones have a day, and 2 of 15 lost ones.
    #[test]
    fn a_list_says_which_deals_closed_on_an_unknown_day() {
        let world = (0..30).fold(World::default(), |world, i| {
            let world = world.deal(&format!("D{i}"), 3, if i < 15 { "Won" } else { "Lost" });
            if i < 17 { world.closed(9) } else { world }
        });
        let found = no_past(&world.timeline(60)).unwrap();
        assert!(found.line().contains("(13 of 15 lost deals closed on an unknown day)"), "{}", found.line());
        let whole = (0..20).fold(World::default(), |world, i| world.deal(&format!("D{i}"), 3, "Won").closed(3));
        let found = no_past(&whole.timeline(60)).unwrap();
        assert!(
            found.line().contains("(20 of 20 closed deals closed on the day of their creation)"),
            "{}",
            found.line()
        );
    }

    #[test]
    fn a_guessed_order_names_the_stages_and_the_key() {
        let by = |stage_order| lines(&TimelineQuality { stage_order, ..TimelineQuality::default() });
        let history =
            "stage order taken from the history: Demo (open) > Won (won); list them under [[stages]] to be sure";
        assert_eq!(by(StageOrder::History), [("timeline.stage_order", history.to_owned())]);
        let name = "stages in alphabetical order, for lack of history: Demo (open) > Won (won); list them under [[stages]] to be \
             sure";
        assert_eq!(by(StageOrder::Name), [("timeline.stage_order", name.to_owned())]);
    }

    #[test]
    fn stages_and_pipelines_that_do_not_match_are_named() {
        let unlisted = |pipeline: Option<&str>, kind, phase, after: Option<&str>| UnlistedStage {
            stage: "Legal".to_owned(),
            pipeline: pipeline.map(str::to_owned),
            deals: 1,
            kind,
            phase,
            after: after.map(str::to_owned),
        };
        let quality = TimelineQuality {
            unknown_pipelines: vec![("Neww".to_owned(), Some("New".to_owned())), ("Partner".to_owned(), None)],
            unlisted_stages: vec![
                unlisted(None, StageKind::Open, Phase::Deal, Some("Demo")),
                unlisted(Some("EU"), StageKind::Won, Phase::PostSale, None),
            ],
            ..TimelineQuality::default()
        };
        let expected = [
            "no deal is in pipeline \"Neww\", which has stages under [[stages]]; did you mean \"New\"?",
            "no deal is in pipeline \"Partner\", which has stages under [[stages]]; correct `pipeline` under [[stages]]",
            "stage Legal of 1 deal is not under [[stages]]: taken as open, after Demo; list it there to be sure",
            "stage Legal of pipeline EU of 1 deal is not under [[stages]]: taken as post-sale, first; list it there to be \
             sure",
        ];
        assert_eq!(lines(&quality).into_iter().map(|(_, line)| line).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn counts_are_said_where_there_is_something_to_count() {
        let quality = TimelineQuality {
            change_rows_in_the_future: 1,
            deals_in_the_future: 2,
            without_history: 3,
            closed_without_date: 4,
            history_disagrees_with_table: 5,
            untracked_fields: vec!["source".to_owned(), "region".to_owned()],
            sparse_histories: vec![SparseHistory { column: "Score".to_owned(), percent: 3 }],
            ..TimelineQuality::default()
        };
        let expected = [
            ("input.later_changes", "1 change dated on or after the as-of day: not used"),
            ("input.later_deals", "2 deals created on or after the as-of day: not used"),
            (
                "timeline.without_history",
                "3 deals without history: rebuilt from created date, closed date and present stage",
            ),
            (
                "timeline.closed_without_date",
                "4 deals closed on an unknown day: in no period, and no past day to learn from",
            ),
            (
                "timeline.history_disagrees",
                "5 deals with another outcome in the deals table than in the history: the deals table counts",
            ),
            (
                "timeline.untracked_fields",
                "no history of source, region: today's value in the deals table counts for all days",
            ),
            (
                "timeline.sparse_history",
                "the history of `Score` covers 3 % of the closed deals that have a value: the others count on all days as they \
                 stand in the deals table, and the leak hunter looks at the column; export its whole history, with the old \
                 values",
            ),
        ];
        assert_eq!(lines(&quality), expected.map(|(code, line)| (code, line.to_owned())));
        let found = assumptions(&quality, &StageList::default());
        assert_eq!(found[4].number("deals"), Some(&Quantity::Count(5)));
    }
}
