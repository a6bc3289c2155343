//! The list of stages to propose: the order, the kinds, and the question which stage is the won one.

use std::collections::BTreeMap;

use crate::domain::stage::{Phase, Stage, StageKind};
use crate::report::words::count as counted;
use crate::setup::answers::{AnswerError, Answers};
use crate::setup::outcomes::{StageRows, by_name, usual_place};
use crate::setup::proposal::{ANSWERED, ConfigSection, ConfigValue, Proposal, Question, Sure};
use crate::setup::recognise::Recognised;
use crate::setup::stages::counts::{StageCounts, kind_of};
use crate::setup::stages::order::{Ages, Ordered, StageMoves, StagePlace, by_history, in_order};
use crate::setup::trial::VANISHED;
use crate::timeline::StageOrder;

/// What is known of the process before it is put in order.
pub(super) struct ProcessFacts<'a> {
    /// The stages a trial found, in its order.
    pub found: &'a [Stage],
    /// What that order rests on.
    pub order: StageOrder,
    /// Mean ages of the deals in each stage.
    pub ages: &'a Ages,
    /// In how many deals a stage was entered before another.
    pub moves: &'a StageMoves,
    /// Rows by stage.
    pub counts: &'a StageCounts,
    /// A list of stages another file gives, in order.
    pub listed: &'a [String],
}

/// A stage with why it is of its kind, and how sure that is.
struct Judged {
    stage: Stage,
    why: String,
    sure: Sure,
    rows: StageRows,
}

/// Writes the list of stages.
///
/// # Errors
/// [`AnswerError`] where an answer names a stage there is not.
pub(super) fn propose_stages(
    proposal: &mut Proposal,
    facts: &ProcessFacts<'_>,
    deals: &Recognised<'_>,
    answers: &Answers,
) -> Result<(), AnswerError> {
    let mut judged = judged(proposal, facts, deals);
    for (key, kind) in [("stages.won", StageKind::Won), ("stages.lost", StageKind::Lost)] {
        let named = named(answers, key, &judged)?;
        if !named.is_empty() {
            drop_guesses(&mut judged, kind, deals);
        }
        for at in named {
            (judged[at].stage.kind, judged[at].why, judged[at].sure) = (kind, ANSWERED.to_owned(), Sure::Certain);
        }
    }
    ask_for_the_win(proposal, &judged, deals);
    settle_open(&mut judged);
    complete_ends(&mut judged);
    let order = named(answers, "stages.order", &judged)?;
    let order: Vec<String> = order.into_iter().map(|at| judged[at].stage.name.clone()).collect();
    let comment = put_in_order(proposal, &mut judged, facts, deals, &order);
    say_pipelines(proposal, &judged);
    for (at, judged) in judged.into_iter().enumerate() {
        let mut section = section_of(judged);
        if at == 0 {
            section.comment.clone_from(&comment);
        }
        proposal.sections.push(section);
    }
    Ok(())
}

/// Once a person named the stages of an end, those only their deals spoke for are open.
fn drop_guesses(judged: &mut [Judged], kind: StageKind, deals: &Recognised<'_>) {
    if ["is_closed", "is_won"].iter().any(|flag| deals.columns.contains_key(*flag)) {
        return;
    }
    let is_guess = |judged: &&mut Judged| {
        let stage = &judged.stage;
        let is_counted = judged.rows.rows > 0 && stage.phase != Phase::PostSale;
        stage.kind == kind && is_counted && by_name(&stage.name).is_none()
    };
    for judged in judged.iter_mut().filter(is_guess) {
        (judged.stage.kind, judged.sure) = (StageKind::Open, Sure::Certain);
        judged.why = format!("another stage was answered to be {}", kind_word(kind));
    }
}

/// What being in each stage says.
fn judged(proposal: &Proposal, facts: &ProcessFacts<'_>, deals: &Recognised<'_>) -> Vec<Judged> {
    let labels = labels(proposal);
    let of_stage = |stage: &Stage| {
        let raw = labels.iter().find(|(_, label)| *label == stage.name).map_or(stage.name.as_str(), |(id, _)| id);
        let rows = facts.counts.iter().find(|(name, _)| name.trim().to_lowercase() == raw.trim().to_lowercase());
        let (kind, why, sure) = match rows {
            _ if stage.phase == Phase::PostSale => {
                (StageKind::Won, "deals enter it after they were won".to_owned(), Sure::Certain)
            }
            Some((_, rows)) => kind_of(&stage.name, rows, deals),
            None => (stage.kind, "it stands in the history or stands for the end of deals".to_owned(), Sure::Certain),
        };
        let rows = rows.map(|(_, rows)| rows.clone()).unwrap_or_default();
        Judged { stage: Stage { kind, ..stage.clone() }, why, sure, rows }
    };
    facts.found.iter().map(of_stage).collect()
}

/// The stages an answer names: one, or several with commas. A name may hold commas itself.
fn named(answers: &Answers, key: &str, judged: &[Judged]) -> Result<Vec<usize>, AnswerError> {
    let mut found = Vec::new();
    let lower = answers.get(key).map(str::to_lowercase).unwrap_or_default();
    let mut rest = lower.trim();
    while !rest.is_empty() {
        let begins = |name: &str| {
            rest.strip_prefix(name).map(str::trim_start).filter(|behind| behind.is_empty() || behind.starts_with(','))
        };
        let names = judged.iter().enumerate().map(|(at, judged)| (at, judged.stage.name.trim().to_lowercase()));
        let longest = names.filter(|(_, name)| begins(name).is_some()).max_by_key(|(_, name)| name.len());
        let Some((at, name)) = longest else {
            let known: Vec<&str> = judged.iter().map(|judged| judged.stage.name.as_str()).collect();
            let unknown = rest.split(',').next().unwrap_or_default().trim();
            return Err(AnswerError::unknown(key, unknown, &known.join(", ")));
        };
        found.push(at);
        rest = begins(&name).unwrap_or_default().trim_start_matches(',').trim_start();
    }
    Ok(found)
}

/// Ids of stages with the labels they are translated to.
fn labels(proposal: &Proposal) -> Vec<(String, String)> {
    let section = proposal.sections.iter().find(|section| section.name == "sources.deals.values.stage");
    let settings = section.into_iter().flat_map(|section| &section.settings);
    settings.filter_map(|setting| Some((setting.key.clone(), setting.value.as_str()?.to_owned()))).collect()
}

/// Once it is clear where deals are won, a stage that speaks of no end is open.
fn settle_open(judged: &mut [Judged]) {
    let Some(win) =
        judged.iter().find(|judged| judged.stage.kind == StageKind::Won).map(|judged| judged.stage.name.clone())
    else {
        return;
    };
    for judged in judged.iter_mut().filter(|judged| judged.stage.kind == StageKind::Open && judged.sure == Sure::Likely)
    {
        judged.why.push_str(&format!("; {win} is where deals are won"));
        judged.sure = Sure::Certain;
    }
}

/// Where deals keep their stage as they end, both ends stand behind the open stages: the trial may have taken the stage in which
/// most deals were won for the won one.
fn complete_ends(judged: &mut Vec<Judged>) {
    let is_added = |judged: &Judged| judged.stage.kind == StageKind::Lost && judged.rows.rows == 0;
    let lost = judged.iter().position(|judged| is_added(judged) && judged.stage.name == "Lost");
    let is_won = |judged: &Judged| judged.stage.kind == StageKind::Won;
    let Some(at) = lost.filter(|_| !judged.iter().any(is_won) && judged.iter().any(|judged| judged.rows.won > 0))
    else {
        return;
    };
    let stage = Stage { name: "Won".to_owned(), kind: StageKind::Won, ..judged[at].stage.clone() };
    let why = "it stands for the end of deals".to_owned();
    judged.insert(at, Judged { stage, why, sure: Sure::Certain, rows: StageRows::default() });
}

/// Without a stage or a status that is won there is nothing to learn and nothing to forecast.
fn ask_for_the_win(proposal: &mut Proposal, judged: &[Judged], deals: &Recognised<'_>) {
    let told = ["is_won", "status"].iter().any(|name| deals.columns.contains_key(*name));
    // A CRM's own stages: its won one is known, no deal is in it yet.
    let of_crm = deals.is_of_crm() && judged.iter().any(|judged| usual_place(&judged.stage.name).is_some());
    // deals that leave the copies are answered first: some of them were won
    let is_asked = proposal.questions.iter().any(|question| question.key == VANISHED);
    if told || of_crm || is_asked || judged.iter().any(|judged| judged.stage.kind == StageKind::Won) {
        return;
    }
    let mut open: Vec<&Judged> = judged.iter().filter(|judged| judged.stage.kind == StageKind::Open).collect();
    let chance = |judged: &&Judged| judged.rows.chance().unwrap_or(0.0);
    let closed = |judged: &&Judged| judged.rows.dated as f64 / judged.rows.rows.max(1) as f64;
    open.reverse();
    open.sort_by(|a, b| closed(b).total_cmp(&closed(a)).then(chance(b).total_cmp(&chance(a))));
    let choices = open.iter().map(|judged| judged.stage.name.clone()).collect();
    let rows: Vec<String> =
        open.iter().map(|judged| format!("{} {}", judged.stage.name, counted(judged.rows.rows, "deal"))).collect();
    let asks = format!(
        "no stage's name, status or flag says that a deal is won: in which stage is it (several with commas)? There are {}",
        rows.join(", ")
    );
    proposal.ask(Question { key: "stages.won".to_owned(), asks, choices });
}

/// Puts the open stages of each pipeline in order, its ends behind them; says what the order rests on.
fn put_in_order(
    proposal: &mut Proposal,
    judged: &mut [Judged],
    facts: &ProcessFacts<'_>,
    deals: &Recognised<'_>,
    answered: &[String],
) -> String {
    let ends = |stage: &Stage| stage.kind as u8;
    judged.sort_by(|a, b| (&a.stage.pipeline, ends(&a.stage)).cmp(&(&b.stage.pipeline, ends(&b.stage))));
    let answered_at = |name: &str| answered.iter().position(|known| known == name).unwrap_or(usize::MAX);
    if !answered.is_empty() {
        judged.sort_by_key(|judged| {
            (judged.stage.pipeline.clone(), ends(&judged.stage), answered_at(&judged.stage.name))
        });
        return format!("The stages in process order: certain, {ANSWERED}.");
    }
    let mut said: Vec<(Option<String>, String, Sure)> = Vec::new();
    for of_pipeline in judged.chunk_by_mut(|a, b| a.stage.pipeline == b.stage.pipeline) {
        let open = of_pipeline.iter().take_while(|judged| judged.stage.kind == StageKind::Open).count();
        let places: Vec<StagePlace> = of_pipeline[..open].iter().map(|judged| place_of(judged, facts)).collect();
        let by_names = in_order(&places, deals.preset, facts.listed);
        let Ordered { names, from, sure } = if facts.order == StageOrder::Name || places.len() < 2 {
            by_names
        } else {
            let found: Vec<String> = places.into_iter().map(|place| place.name).collect();
            by_history(&found, facts.moves, by_names)
        };
        of_pipeline[..open].sort_by_key(|judged| names.iter().position(|name| *name == judged.stage.name));
        let pipeline = of_pipeline.first().and_then(|judged| judged.stage.pipeline.clone());
        if sure != Sure::Certain {
            let of = pipeline.as_ref().map_or(String::new(), |pipeline| format!(" of {pipeline}"));
            let cure = match sure {
                Sure::Assumed => format!(" (--answer stages.order=\"{}\", or move them)", names.join(",")),
                _ => String::new(),
            };
            proposal.doubts.push(format!("the order of the stages{of} is {}: {from}{cure}", sure.word()));
        }
        said.push((pipeline, from, sure));
    }
    said.dedup_by(|a, b| (&a.1, a.2) == (&b.1, b.2));
    let one = |(pipeline, from, sure): &(Option<String>, String, Sure)| match pipeline {
        Some(pipeline) if said.len() > 1 => format!("{pipeline}: {}, {from}", sure.word()),
        _ => format!("{}, {from}", sure.word()),
    };
    format!("The stages in process order: {}.", said.iter().map(one).collect::<Vec<_>>().join("; "))
}

fn place_of(judged: &Judged, facts: &ProcessFacts<'_>) -> StagePlace {
    let mean = |(sum, deals): &(f64, u64)| (*deals > 0).then(|| sum / *deals as f64);
    StagePlace {
        name: judged.stage.name.clone(),
        chance: judged.rows.chance(),
        age: facts.ages.get(&judged.stage.name).and_then(mean),
    }
}

/// Says which pipelines there are, where there are several.
fn say_pipelines(proposal: &mut Proposal, judged: &[Judged]) {
    let mut pipelines: BTreeMap<&str, (usize, u64)> = BTreeMap::new();
    for judged in judged {
        if let Some(pipeline) = &judged.stage.pipeline {
            let (stages, deals) = pipelines.entry(pipeline).or_default();
            *stages += 1;
            *deals += judged.rows.rows;
        }
    }
    if pipelines.len() < 2 {
        return;
    }
    let told: Vec<String> = pipelines.iter().map(|(name, (stages, _))| format!("{name} ({stages} stages)")).collect();
    proposal.found.push(format!(
        "{} pipelines, each a process of its own: {}; a filter in [sources.deals] keeps one of them",
        pipelines.len(),
        told.join(", ")
    ));
}

fn section_of(judged: Judged) -> ConfigSection {
    let Judged { stage, why, sure, .. } = judged;
    let mut section = ConfigSection { name: "stages".to_owned(), is_listed: true, ..ConfigSection::default() };
    let mut set = |key: &str, value: &str, why: &str, sure| {
        section.settings.push(ConfigValue { key: key.to_owned(), value: value.into(), why: why.to_owned(), sure });
    };
    set("name", &stage.name, "", Sure::Certain);
    set("kind", kind_word(stage.kind), &why, sure);
    if let Some(pipeline) = &stage.pipeline {
        set("pipeline", pipeline, "", Sure::Certain);
    }
    if stage.phase == Phase::PostSale {
        set("phase", "post-sale", "", Sure::Certain);
    }
    section
}

fn kind_word(kind: StageKind) -> &'static str {
    match kind {
        StageKind::Open => "open",
        StageKind::Won => "won",
        StageKind::Lost => "lost",
    }
}
