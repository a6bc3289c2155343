//! Simulated deals to rows of the big tables, up to the export's day and not beyond.
//!
//! Input: [`DealLife`]s of consecutive deals; output: one record batch per table of [`BIG_TABLES`].

use std::path::{Path, PathBuf};

use arrow::array::RecordBatch;
use arrow::error::ArrowError;

use crate::domain::inputs::InputTable;
use crate::simulate::activity::Activity;
use crate::simulate::calendar::Calendar;
use crate::simulate::catalogue::{
    ACTIVITIES, CATEGORIES, COMPETITORS, CURRENCIES, LOSS_REASONS, LOST, OPEN_STAGES, PRODUCTS, REGIONS, SEGMENTS,
    SOURCES, STAGES, WON, stage_name,
};
use crate::simulate::columns::{Columns, batch, days, full_text, integers, moments, money, numbers, text};
use crate::simulate::deal::NewDeal;
use crate::simulate::journey::Journey;
use crate::simulate::layout::TRUTH;
use crate::simulate::marketing::{Lead, MarketingTouch, campaign};
use crate::simulate::process::{DealProspects, StageExit};
use crate::simulate::record::{CrmChange, CrmEntry};
use crate::simulate::world::World;

/// A table with rows per deal.
#[derive(Clone, Copy, Debug)]
pub enum DealTable {
    /// What the CRM exports.
    Input(InputTable),
    /// What no CRM knows, by its name in the folder of the truth.
    Truth(&'static str),
}

impl DealTable {
    /// The file in the folder of a world, without its ending.
    #[must_use]
    pub fn path(self) -> PathBuf {
        match self {
            Self::Input(table) => PathBuf::from(table.name()),
            Self::Truth(name) => Path::new(TRUTH).join(name),
        }
    }
}

/// The tables with rows per deal, in the order of [`batches`].
pub const BIG_TABLES: [DealTable; 7] = [
    DealTable::Input(InputTable::Deals),
    DealTable::Input(InputTable::StageHistory),
    DealTable::Input(InputTable::Activities),
    DealTable::Input(InputTable::Leads),
    DealTable::Input(InputTable::Touches),
    DealTable::Truth("outcomes"),
    DealTable::Truth("hazards"),
];

/// One deal with everything that happened to it.
#[derive(Clone, Debug)]
pub struct DealLife {
    /// As created.
    pub deal: NewDeal,
    /// Hazards.
    pub prospects: DealProspects,
    /// The truth.
    pub journey: Journey,
    /// What the CRM says, before the export only; never empty.
    pub changes: Vec<CrmChange>,
    /// Before the export only.
    pub activities: Vec<Activity>,
    /// Before the export only.
    pub leads: Vec<Lead>,
    /// Before the export only.
    pub touches: Vec<MarketingTouch>,
    /// Cells people forgot.
    pub blanks: Blanks,
}

/// Which cells of the deals table stay empty, and the reason given for a loss.
#[derive(Clone, Copy, Debug)]
pub struct Blanks {
    /// No source.
    pub source: bool,
    /// No number of employees.
    pub employees: bool,
    /// No lead score.
    pub lead_score: bool,
    /// Position in [`LOSS_REASONS`], shown on lost deals.
    pub loss_reason: usize,
}

impl DealLife {
    /// What the CRM shows on the day of the export.
    #[must_use]
    pub fn last(&self) -> &CrmChange {
        &self.changes[self.changes.len() - 1]
    }

    fn id(&self) -> String {
        format!("D{:08}", self.deal.number + 1)
    }

    fn closed(&self) -> Option<&CrmChange> {
        Some(self.last()).filter(|change| change.entry.stage >= OPEN_STAGES as u8)
    }
}

/// Rows of all [`BIG_TABLES`].
///
/// # Errors
/// [`ArrowError`] where columns cannot form a batch.
pub fn batches(world: &World, lives: &[DealLife]) -> Result<[RecordBatch; 7], ArrowError> {
    let ids: Vec<String> = lives.iter().map(DealLife::id).collect();
    Ok([
        deals(world, lives, &ids)?,
        stage_history(world, lives, &ids)?,
        activities(&world.calendar, lives, &ids)?,
        leads(world, lives, &ids)?,
        touches(world, lives, &ids)?,
        outcomes(&world.calendar, lives, &ids)?,
        hazards(lives, &ids)?,
    ])
}

fn deals(world: &World, lives: &[DealLife], ids: &[String]) -> Result<RecordBatch, ArrowError> {
    let calendar = &world.calendar;
    let entries = || lives.iter().map(|life| &life.last().entry);
    let each = || lives.iter().map(|life| &life.deal);
    let mut columns: Columns = vec![
        ("deal_id", full_text(ids.iter())),
        ("name", full_text(each().map(|d| format!("{} - {}", account_name(d.account), PRODUCTS[d.product].name)))),
        ("account", full_text(each().map(|d| account_name(d.account)))),
        ("owner", full_text(entries().map(|e| &world.organisation.owner(e.owner).id))),
        ("stage", full_text(entries().map(|e| stage_name(e.stage)))),
        ("status", full_text(entries().map(|e| status(e.stage)))),
        ("amount", money(entries().map(|e| e.amount))?),
        ("currency", full_text(each().map(|d| CURRENCIES[d.currency].code))),
        ("created_at", moments(each().map(|d| Some(calendar.moment(d.created))))),
        ("closed_at", moments(lives.iter().map(|l| l.closed().map(|change| calendar.moment(change.at))))),
        ("expected_close_date", days(entries().map(|e| e.expected.map(|day| calendar.day(day))))),
        ("forecast_category", full_text(entries().map(|e| CATEGORIES[usize::from(e.category)]))),
        ("probability", numbers(entries().map(|e| Some(f64::from(e.percent) / 100.0)), 2)),
        ("source", text(lives.iter().map(|l| (!l.blanks.source).then_some(SOURCES[l.deal.source].name)))),
        ("product", full_text(each().map(|d| PRODUCTS[d.product].name))),
        ("region", full_text(each().map(|d| REGIONS[d.region].name))),
        ("segment", full_text(each().map(|d| SEGMENTS[d.segment].name))),
        ("employees", integers(lives.iter().map(|l| (!l.blanks.employees).then_some(l.deal.employees)))),
        ("competitor", text(each().map(|d| d.competitor.map(|rival| COMPETITORS[rival].0)))),
        ("lead_score", integers(lives.iter().map(|l| (!l.blanks.lead_score).then_some(l.deal.lead_score)))),
        ("batch_code", full_text(each().map(|d| format!("B{:02}", d.batch_code)))),
    ];
    if world.config.loss_reason {
        columns.push(("loss_reason", text(lives.iter().map(loss_reason))));
    }
    batch(columns)
}

fn account_name(account: u64) -> String {
    format!("Account {account:06}")
}

fn status(stage: u8) -> &'static str {
    match stage {
        WON => "won",
        LOST => "lost",
        _ => "open",
    }
}

fn loss_reason(life: &DealLife) -> Option<&'static str> {
    (life.last().entry.stage == LOST).then_some(LOSS_REASONS[life.blanks.loss_reason].0)
}

/// One row per change: what differs from the row before, everything in the first.
struct HistoryRow<'a> {
    deal: usize,
    change: &'a CrmChange,
    before: Option<&'a CrmEntry>,
}

impl HistoryRow<'_> {
    fn new_value<T: PartialEq>(&self, read: impl Fn(&CrmEntry) -> Option<T>) -> Option<T> {
        let value = read(&self.change.entry);
        if self.before.is_some_and(|before| read(before) == value) { None } else { value }
    }
}

fn stage_history(world: &World, lives: &[DealLife], ids: &[String]) -> Result<RecordBatch, ArrowError> {
    let calendar = &world.calendar;
    let rows: Vec<HistoryRow> = lives
        .iter()
        .enumerate()
        .flat_map(|(deal, life)| {
            let entries = life.changes.iter().map(|change| &change.entry);
            let before = std::iter::once(None).chain(entries.map(Some));
            life.changes.iter().zip(before).map(move |(change, before)| HistoryRow { deal, change, before })
        })
        .collect();
    batch(vec![
        ("deal_id", full_text(rows.iter().map(|r| &ids[r.deal]))),
        ("changed_at", moments(rows.iter().map(|r| Some(calendar.moment(r.change.at))))),
        ("stage", text(rows.iter().map(|r| r.new_value(|e| Some(e.stage)).map(stage_name)))),
        ("amount", money(rows.iter().map(|r| r.new_value(|e| e.amount)))?),
        ("expected_close_date", days(rows.iter().map(|r| r.new_value(|e| e.expected).map(|day| calendar.day(day))))),
        (
            "owner",
            text(rows.iter().map(|r| r.new_value(|e| Some(e.owner)).map(|owner| &world.organisation.owner(owner).id))),
        ),
        (
            "forecast_category",
            text(rows.iter().map(|r| r.new_value(|e| Some(e.category)).map(|c| CATEGORIES[usize::from(c)]))),
        ),
        (
            "probability",
            numbers(rows.iter().map(|r| r.new_value(|e| Some(e.percent)).map(|p| f64::from(p) / 100.0)), 2),
        ),
    ])
}

fn activities(calendar: &Calendar, lives: &[DealLife], ids: &[String]) -> Result<RecordBatch, ArrowError> {
    let rows = || lives.iter().zip(ids).flat_map(|(life, id)| life.activities.iter().map(move |a| (id, a)));
    batch(vec![
        ("deal_id", full_text(rows().map(|(id, _)| id))),
        ("occurred_at", moments(rows().map(|(_, a)| Some(calendar.moment(a.at))))),
        ("kind", full_text(rows().map(|(_, a)| ACTIVITIES[a.kind].0))),
        ("count", integers(rows().map(|(_, a)| Some(a.count)))),
    ])
}

fn lead_id(life: &DealLife, ordinal: u8) -> String {
    format!("L{:08}-{ordinal}", life.deal.number + 1)
}

fn leads(world: &World, lives: &[DealLife], ids: &[String]) -> Result<RecordBatch, ArrowError> {
    let calendar = &world.calendar;
    let rows = || lives.iter().zip(ids).flat_map(|(life, id)| life.leads.iter().map(move |lead| (life, id, lead)));
    batch(vec![
        ("lead_id", full_text(rows().map(|(life, _, lead)| lead_id(life, lead.ordinal)))),
        ("created_at", moments(rows().map(|(_, _, lead)| Some(calendar.moment(lead.created))))),
        ("status", full_text(rows().map(|(_, _, lead)| lead.status()))),
        ("deal_id", text(rows().map(|(_, id, lead)| lead.converted.map(|_| id)))),
        ("converted_at", moments(rows().map(|(_, _, lead)| lead.converted.map(|at| calendar.moment(at))))),
        ("closed_at", moments(rows().map(|(_, _, lead)| lead.closed.map(|at| calendar.moment(at))))),
        ("owner", full_text(rows().map(|(_, _, lead)| &world.organisation.owner(lead.owner).id))),
        ("source", full_text(rows().map(|(_, _, lead)| SOURCES[lead.source].name))),
        (
            "campaign",
            text(rows().map(|(_, _, lead)| campaign(world, lead.source, lead.created as i32, lead.second_campaign))),
        ),
    ])
}

fn touches(world: &World, lives: &[DealLife], ids: &[String]) -> Result<RecordBatch, ArrowError> {
    let calendar = &world.calendar;
    let rows = || lives.iter().zip(ids).flat_map(|(life, id)| life.touches.iter().map(move |touch| (life, id, touch)));
    batch(vec![
        ("touched_at", moments(rows().map(|(_, _, touch)| Some(calendar.moment(touch.at))))),
        ("deal_id", text(rows().map(|(_, id, touch)| touch.names_deal().then_some(id)))),
        ("lead_id", text(rows().map(|(life, _, touch)| touch.lead.map(|ordinal| lead_id(life, ordinal))))),
        ("source", full_text(rows().map(|(_, _, touch)| SOURCES[touch.source].name))),
        (
            "campaign",
            text(rows().map(|(_, _, touch)| campaign(world, touch.source, touch.at as i32, touch.second_campaign))),
        ),
    ])
}

fn outcomes(calendar: &Calendar, lives: &[DealLife], ids: &[String]) -> Result<RecordBatch, ArrowError> {
    let ends = || lives.iter().map(|life| life.journey.end());
    batch(vec![
        ("deal_id", full_text(ids.iter())),
        ("outcome", full_text(ends().map(|end| status(end.to)))),
        ("closed_on", days(ends().map(|end| Some(calendar.day(end.at as i32))))),
        ("quality", numbers(lives.iter().map(|l| Some(l.deal.quality)), 4)),
        ("deal_index", numbers(lives.iter().map(|l| Some(l.deal.index)), 4)),
        ("win_probability", numbers(lives.iter().map(|l| Some(l.journey.win_probability)), 5)),
        ("stalled_revive", numbers(lives.iter().map(|l| Some(l.prospects.stalled_hazard(true))), 5)),
        ("stalled_lose", numbers(lives.iter().map(|l| Some(l.prospects.stalled_hazard(false))), 5)),
    ])
}

fn hazards(lives: &[DealLife], ids: &[String]) -> Result<RecordBatch, ArrowError> {
    let rows = || lives.iter().zip(ids).flat_map(|(life, id)| (0..OPEN_STAGES).map(move |stage| (life, id, stage)));
    let hazard = |exit: StageExit| numbers(rows().map(|(life, _, stage)| Some(life.prospects.hazard(stage, exit))), 5);
    batch(vec![
        ("deal_id", full_text(rows().map(|(_, id, _)| id))),
        ("stage", full_text(rows().map(|(_, _, stage)| STAGES[stage]))),
        ("advance", hazard(StageExit::Advance)),
        ("skip", hazard(StageExit::Skip)),
        ("back", hazard(StageExit::Back)),
        ("lose", hazard(StageExit::Lose)),
        ("stall", hazard(StageExit::Stall)),
    ])
}
