//! The stages of the deals table, in order, with what being in each says.

use std::collections::BTreeMap;
use std::path::Path;

use crate::config::ColumnNames;
use crate::domain::stage::{Phase, Stage, StageKind};
use crate::ingest::profile::{Counted, tally};
use crate::setup::answers::Answers;
use crate::setup::outcomes::{OutcomeCells, StageRows, by_name, outcome, usual_place};
use crate::setup::proposal::{ConfigSection, ConfigValue, Proposal, Question, Sure};
use crate::setup::recognise::Recognised;
use crate::timeline::StageOrder;

/// Rows by their stage.
pub(super) type StageCounts = BTreeMap<String, StageRows>;

/// Counts the rows of the deals table by stage and outcome.
pub(super) fn count(deals: &Recognised<'_>, path: &str, base: &Path) -> StageCounts {
    let single = |name: &str| deals.single(name).unwrap_or_default();
    let closed_at = match deals.columns.get("closed_at") {
        Some(ColumnNames::One(name)) => name.as_str(),
        _ => "",
    };
    let columns = [
        Counted::Cell(single("stage")),
        Counted::Cell(single("is_won")),
        Counted::Cell(single("is_closed")),
        Counted::Cell(single("status")),
        Counted::Filled(closed_at),
        Counted::Filled(single("amount")),
        Counted::Cell(single("probability")),
    ];
    let values = deals.table.values.get("status").cloned().unwrap_or_default();
    let mut counts = StageCounts::new();
    // A file that cannot be read a second time is told by the trial.
    for (cells, rows) in tally(path, base, &columns).unwrap_or_default() {
        let given = |at: usize| Some(cells[at].as_str()).filter(|cell| !cell.is_empty());
        let outcome = outcome(&OutcomeCells { won: given(1), closed: given(2), status: given(3) }, &values);
        let of_stage = counts.entry(cells[0].clone()).or_default();
        of_stage.add(rows, outcome.or_else(|| by_name(&cells[0])), given(4).is_some(), given(5).is_some());
        if let Some(chance) = given(6).and_then(|cell| cell.trim_end_matches(['%', ' ']).parse::<f64>().ok()) {
            of_stage.chances.0 += chance * rows as f64;
            of_stage.chances.1 += rows;
        }
    }
    counts
}

impl StageRows {
    fn add(&mut self, rows: u64, outcome: Option<StageKind>, dated: bool, priced: bool) {
        self.rows += rows;
        let closed = match outcome {
            Some(StageKind::Won) => &mut self.won,
            Some(StageKind::Lost) => &mut self.lost,
            Some(StageKind::Open) | None => &mut self.open,
        };
        *closed += rows;
        let is_open = !matches!(outcome, Some(StageKind::Won | StageKind::Lost));
        self.dated += if dated { rows } else { 0 };
        self.open_dated += if dated && is_open { rows } else { 0 };
        self.open_priced += if priced && is_open { rows } else { 0 };
        self.closed_priced += if priced && !is_open { rows } else { 0 };
    }

    fn chance(&self) -> Option<f64> {
        (self.chances.1 > 0).then(|| self.chances.0 / self.chances.1 as f64)
    }
}

/// What being in a stage says, why, and how sure that is.
pub(super) fn kind_of(name: &str, rows: &StageRows, deals: &Recognised<'_>) -> (StageKind, String, Sure) {
    let StageRows { rows: all, won, lost, open, .. } = *rows;
    if deals.columns.contains_key("is_closed") || deals.columns.contains_key("is_won") {
        let kind = match (won, lost, open) {
            (1.., 0, 0) => StageKind::Won,
            (0, 1.., 0) => StageKind::Lost,
            _ => StageKind::Open,
        };
        let flag = deals.single("is_closed").or(deals.single("is_won")).unwrap_or_default();
        return (
            kind,
            format!("{flag} and its like: {won} won, {lost} lost, {open} open of {all} deals"),
            Sure::Certain,
        );
    }
    if let Some(kind) = by_name(name) {
        return (kind, format!("by its name; {all} deals"), Sure::Certain);
    }
    if let Some(status) = deals.single("status") {
        return (
            StageKind::Open,
            format!("{status}: {won} won, {lost} lost, {open} open of {all} deals"),
            Sure::Certain,
        );
    }
    match rows.chance().filter(|_| rows.chances.1 >= 3) {
        Some(chance) if chance >= 100.0 => {
            (StageKind::Won, format!("all {all} deals have a probability of 100"), Sure::Likely)
        }
        Some(0.0) => (StageKind::Lost, format!("all {all} deals have a probability of 0"), Sure::Likely),
        _ => (StageKind::Open, format!("nothing in its name speaks of an end; {all} deals"), Sure::Likely),
    }
}

/// Stages that a person said mean won or lost.
pub(super) fn answered(answers: &Answers, key: &str) -> Vec<String> {
    answers.get(key).map(|names| names.split(',').map(|name| name.trim().to_lowercase()).collect()).unwrap_or_default()
}

/// Writes the list of stages: the order the trial found, the kinds the deals have.
pub(super) fn propose_stages(
    proposal: &mut Proposal,
    found: &[Stage],
    order: StageOrder,
    deals: &Recognised<'_>,
    counts: &StageCounts,
    answers: &Answers,
) {
    let (won, lost) = (answered(answers, "stages.won"), answered(answers, "stages.lost"));
    let labels = labels(proposal);
    let empty = StageRows::default();
    let mut listed: Vec<(Stage, String, Sure)> = Vec::new();
    for stage in found {
        let raw = labels.iter().find(|(_, label)| *label == stage.name).map_or(stage.name.as_str(), |(id, _)| id);
        let rows = counts.iter().find(|(name, _)| name.eq_ignore_ascii_case(raw)).map(|(_, rows)| rows);
        let (mut kind, mut why, mut sure) = match rows {
            Some(rows) => kind_of(&stage.name, rows, deals),
            None => (stage.kind, "it stands in the history or stands for the end of deals".to_owned(), Sure::Certain),
        };
        let name = stage.name.to_lowercase();
        for (named, as_kind) in [(&won, StageKind::Won), (&lost, StageKind::Lost)] {
            if named.contains(&name) {
                (kind, why, sure) = (as_kind, "this was answered".to_owned(), Sure::Certain);
            }
        }
        if stage.phase == Phase::PostSale {
            (kind, why) = (StageKind::Won, "deals enter it after they were won".to_owned());
        }
        listed.push((Stage { kind, ..stage.clone() }, why, sure));
    }
    ask_for_the_win(proposal, &listed, deals);
    if let Some(win) =
        listed.iter().find(|(stage, ..)| stage.kind == StageKind::Won).map(|(stage, ..)| stage.name.clone())
    {
        for (_, why, sure) in
            listed.iter_mut().filter(|(stage, _, sure)| stage.kind == StageKind::Open && *sure == Sure::Likely)
        {
            why.push_str(&format!("; {win} is where deals are won"));
            *sure = Sure::Certain;
        }
    }
    let from = order_of(&mut listed, order, counts, &empty);
    for (at, (stage, why, sure)) in listed.into_iter().enumerate() {
        let mut section = ConfigSection { name: "stages".to_owned(), is_listed: true, ..ConfigSection::default() };
        if at == 0 {
            section.comment = format!("The stages in process order: {from}.");
        }
        let set = |key: &str, value: String, why: &str, sure| ConfigValue {
            key: key.to_owned(),
            value: value.into(),
            why: why.to_owned(),
            sure,
        };
        section.settings.push(set("name", stage.name, "", Sure::Certain));
        section.settings.push(set("kind", kind_word(stage.kind).to_owned(), &why, sure));
        if let Some(pipeline) = stage.pipeline {
            section.settings.push(set("pipeline", pipeline, "", Sure::Certain));
        }
        if stage.phase == Phase::PostSale {
            section.settings.push(set("phase", "post-sale".to_owned(), "", Sure::Certain));
        }
        proposal.sections.push(section);
    }
}

/// Ids of stages with the labels they are translated to.
fn labels(proposal: &Proposal) -> Vec<(String, String)> {
    let section = proposal.sections.iter().find(|section| section.name == "sources.deals.values.stage");
    let settings = section.into_iter().flat_map(|section| &section.settings);
    settings.filter_map(|setting| Some((setting.key.clone(), setting.value.as_str()?.to_owned()))).collect()
}

fn kind_word(kind: StageKind) -> &'static str {
    match kind {
        StageKind::Open => "open",
        StageKind::Won => "won",
        StageKind::Lost => "lost",
    }
}

/// Without a stage or a status that is won there is nothing to learn and nothing to forecast.
fn ask_for_the_win(proposal: &mut Proposal, listed: &[(Stage, String, Sure)], deals: &Recognised<'_>) {
    let told = ["is_won", "status"].iter().any(|name| deals.columns.contains_key(*name));
    // A CRM's own stages: its won one is known, no deal is in it yet.
    let of_crm = deals.is_of_crm() && listed.iter().any(|(stage, ..)| usual_place(&stage.name).is_some());
    if told || of_crm || listed.iter().any(|(stage, ..)| stage.kind == StageKind::Won) {
        return;
    }
    let choices = listed.iter().rev().map(|(stage, ..)| stage.name.clone()).collect();
    let asks = "no stage's name, status or flag says that a deal is won: in which stage is it (several with commas)?";
    proposal.ask(Question { key: "stages.won".to_owned(), asks: asks.to_owned(), choices });
}

/// Puts the open stages in order where no history does, the ends behind them; says what the order rests on.
fn order_of(
    listed: &mut [(Stage, String, Sure)],
    order: StageOrder,
    counts: &StageCounts,
    empty: &StageRows,
) -> String {
    let ends = |stage: &Stage| stage.kind as u8;
    if order != StageOrder::Name {
        listed.sort_by_key(|(stage, ..)| (stage.pipeline.clone(), ends(stage)));
        return "certain, the history shows which one deals enter first".to_owned();
    }
    let chance = |stage: &Stage| counts.get(&stage.name).unwrap_or(empty).chance();
    let open = || listed.iter().filter(|(stage, ..)| stage.kind == StageKind::Open);
    let (known, all) = (open().filter(|(stage, ..)| usual_place(&stage.name).is_some()).count(), open().count());
    let numbered =
        all > 1 && open().all(|(stage, ..)| stage.name.trim_start().starts_with(|c: char| c.is_ascii_digit()));
    let mut chances: Vec<i64> =
        open().filter_map(|(stage, ..)| chance(stage)).map(|chance| (chance * 100.0) as i64).collect();
    chances.sort_unstable();
    chances.dedup();
    let by_chance = all > 1 && chances.len() == all;
    let from = if all < 2 {
        "certain, there is no other order"
    } else if numbered {
        "certain, by the numbers in their names"
    } else if by_chance {
        "likely, by the probability the CRM gives them"
    } else if known == all {
        "likely, as CRMs have them out of the box"
    } else {
        "assumed, partly by the alphabet: there is no history, move them where they belong"
    };
    listed.sort_by(|(a, ..), (b, ..)| {
        let place = |stage: &Stage| if numbered || by_chance { None } else { usual_place(&stage.name) };
        let by_chances = || {
            if by_chance {
                chance(a).partial_cmp(&chance(b)).unwrap_or(std::cmp::Ordering::Equal)
            } else {
                std::cmp::Ordering::Equal
            }
        };
        (&a.pipeline, ends(a)).cmp(&(&b.pipeline, ends(b))).then_with(by_chances).then_with(|| place(a).cmp(&place(b)))
    });
    from.to_owned()
}
