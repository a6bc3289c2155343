//! Small sales worlds for the tests of this stage and of the next: by name, without dictionary codes.

use std::collections::BTreeMap;

use proptest::prelude::*;

use crate::config::Config;
use crate::domain::day::{Day, MICROS_PER_DAY, Moment};
use crate::domain::ids::RowIx;
use crate::domain::stage::{ForecastCategory, StageKind};
use crate::ingest::tables::{ChangeRow, DealRow, Tables};
use crate::timeline::deal_history::Timeline;
use crate::timeline::ties::{NameRanks, in_order};

/// The day random worlds are looked at from.
pub const AS_OF: Day = Day(60);

/// Noon of `day`: a moment that is no bare date.
pub fn noon(day: i32) -> Moment {
    Moment(Day(day).start().0 + MICROS_PER_DAY / 2)
}

/// One row of the change log, by name.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub deal: String,
    pub at: Moment,
    pub prior: bool,
    pub stage: Option<&'static str>,
    pub amount: Option<i64>,
    pub expected_close: Option<i32>,
    pub owner: Option<&'static str>,
    pub category: Option<ForecastCategory>,
    pub probability: Option<f32>,
    pub currency: Option<&'static str>,
    pub emptied: bool,
}

/// A world: deals, changes in file order, activities `(deal, at, kind, count)`.
#[derive(Clone, Debug, Default)]
pub struct World {
    pub deals: Vec<DealRow>,
    pub rows: Vec<Row>,
    pub activities: Vec<(String, Moment, &'static str, u32)>,
    /// Changes of columns only the input knows: `(deal, at, prior, column, value)`.
    pub fields: Vec<(String, Moment, bool, &'static str, Option<&'static str>)>,
}

impl Row {
    /// A row that names no field.
    pub fn new(deal: &str, at: Moment) -> Self {
        Self {
            deal: deal.to_owned(),
            at,
            prior: false,
            stage: None,
            amount: None,
            expected_close: None,
            owner: None,
            category: None,
            probability: None,
            currency: None,
            emptied: false,
        }
    }
}

impl World {
    /// Adds a deal created at midnight of `created`, with `stage` in the deals table.
    pub fn deal(mut self, id: &str, created: i32, stage: &str) -> Self {
        let created_at = Day(created).start().0;
        self.deals.push(DealRow { deal_id: id.into(), stage: stage.into(), created_at, ..DealRow::default() });
        self
    }

    /// Gives the last deal a closing date.
    pub fn closed(mut self, closed: i32) -> Self {
        self.deals.last_mut().expect("a deal").closed_at = Some(Day(closed).start().0);
        self
    }

    /// Puts the last deal into a pipeline.
    pub fn pipeline(mut self, name: &str) -> Self {
        self.deals.last_mut().expect("a deal").pipeline = Some(name.to_owned());
        self
    }

    /// Gives the last deal a status.
    pub fn status(mut self, kind: StageKind) -> Self {
        self.deals.last_mut().expect("a deal").status = Some(kind);
        self
    }

    /// Logs that the last deal moved to `stage` at noon of `day`.
    pub fn moved(self, day: i32, stage: &'static str) -> Self {
        self.logged(day, |row| row.stage = Some(stage))
    }

    /// Logs any change of the last deal at noon of `day`.
    pub fn logged(mut self, day: i32, change: impl FnOnce(&mut Row)) -> Self {
        let mut row = Row::new(&self.deals.last().expect("a deal").deal_id, noon(day));
        change(&mut row);
        self.rows.push(row);
        self
    }

    /// Logs at noon of `day` that a column of the last deal was given another value.
    pub fn set(
        mut self,
        day: i32,
        column: &'static str,
        before: Option<&'static str>,
        value: Option<&'static str>,
    ) -> Self {
        let deal = self.deals.last().expect("a deal").deal_id.clone();
        if before.is_some() {
            self.fields.push((deal.clone(), noon(day), true, column, before));
        }
        self.fields.push((deal, noon(day), false, column, value));
        self
    }

    /// The tables this world is exported as.
    pub fn tables(&self) -> Tables {
        let mut tables = Tables::from_deals(&self.deals).expect("columns of one length");
        let numbers: BTreeMap<&str, RowIx> =
            self.deals.iter().map(|deal| &*deal.deal_id).zip((0..).map(RowIx::at)).collect();
        let number = |id: &str| *numbers.get(id).expect("a known deal");
        for row in &self.rows {
            let change = ChangeRow {
                stage: row.stage.map(|stage| tables.stage_names.intern(stage)).into(),
                amount_minor: row.amount.into(),
                expected_close: row.expected_close.map(Day).into(),
                owner: row.owner.map(|owner| tables.owners.intern(owner)).into(),
                category: row.category,
                probability: row.probability.into(),
                prior: row.prior,
                currency: row.currency.map(|currency| tables.currency(currency)).into(),
                stage_emptied: row.emptied,
                ..ChangeRow::empty(number(&row.deal), row.at)
            };
            tables.changes.push(change);
        }
        for (deal, at, prior, column, value) in &self.fields {
            tables.field_changes.push(number(deal), *at, *prior, column, *value);
        }
        for (deal, at, kind, count) in &self.activities {
            tables.activities.deal.push(number(deal));
            tables.activities.at.push(*at);
            let kind = tables.activities.kinds.intern(kind);
            tables.activities.kind.push(kind);
            tables.activities.count.push(*count);
        }
        tables
    }

    /// The rows of a deal before `day` in the order of its timeline, but for ties the process settles.
    pub fn log_of(&self, deal: &str, day: Day) -> Vec<&Row> {
        self.log_where(|row| row.deal == deal && row.at < day.start())
    }

    /// The rows of a deal from `day` on, in the same order.
    pub fn log_from(&self, deal: &str, day: Day) -> Vec<&Row> {
        self.log_where(|row| row.deal == deal && row.at >= day.start())
    }

    fn log_where(&self, is_wanted: impl Fn(&Row) -> bool) -> Vec<&Row> {
        let tables = self.tables();
        let is_wanted = |row: &u32| is_wanted(&self.rows[*row as usize]);
        let mut rows: Vec<u32> = (0..self.rows.len() as u32).filter(is_wanted).collect();
        in_order(&tables.changes, &NameRanks::of(&tables), &mut rows);
        rows.into_iter().map(|row| &self.rows[row as usize]).collect()
    }

    /// The timeline as of `as_of`, with a proposed stage list.
    pub fn timeline(&self, as_of: i32) -> Timeline {
        Timeline::build(&self.tables(), &Config::default(), Day(as_of)).expect("a proposable stage list")
    }
}

/// The stages of random worlds, in the order a configuration may give them.
pub const STAGES: [&str; 6] = ["New", "Demo", "Offer", "Signed", "Closed Won", "Closed Lost"];
/// The owners of random worlds.
pub const OWNERS: [&str; 3] = ["ann", "bob", "cy"];
const KINDS: [&str; 2] = ["call", "mail"];
const CATEGORIES: [ForecastCategory; 5] = [
    ForecastCategory::Pipeline,
    ForecastCategory::BestCase,
    ForecastCategory::Commit,
    ForecastCategory::Closed,
    ForecastCategory::Omitted,
];

/// A moment from day -5 to day 89, in quarters of a day, so that ties and bare dates are common.
fn moment() -> impl Strategy<Value = Moment> {
    (-20_i64..360).prop_map(|quarters| Moment(quarters * MICROS_PER_DAY / 4))
}

fn stage() -> impl Strategy<Value = &'static str> {
    prop::sample::select(&STAGES[..])
}

fn status() -> impl Strategy<Value = Option<StageKind>> {
    prop::option::of(prop::sample::select(vec![StageKind::Open, StageKind::Won, StageKind::Lost]))
}

fn table_row() -> impl Strategy<Value = DealRow> {
    let plan = (prop::option::of(1_i64..5), prop::option::of(0_i32..120), prop::option::of(0_u8..4));
    let owner = prop::option::of(prop::sample::select(&OWNERS[..]));
    (moment(), stage(), prop::option::of(moment()), status(), plan, owner).prop_map(
        |(created, stage, closed_at, status, (amount_minor, expected_close_date, probability), owner)| DealRow {
            stage: stage.into(),
            created_at: created.0,
            closed_at: closed_at.map(|at| at.0.max(created.0)),
            status,
            amount_minor,
            expected_close_date,
            probability: probability.map(|p| f64::from(p) / 4.0),
            owner: owner.map(Into::into),
            ..DealRow::default()
        },
    )
}

fn log_row() -> impl Strategy<Value = Row> {
    let fields = (
        prop::option::weighted(0.6, stage()),
        prop::option::weighted(0.3, 1_i64..5),
        prop::option::weighted(0.3, 0_i32..120),
        prop::option::weighted(0.2, prop::sample::select(&OWNERS[..])),
        prop::option::weighted(0.2, prop::sample::select(&CATEGORIES[..])),
        prop::option::weighted(0.2, 0_u8..4),
    );
    (moment(), prop::bool::weighted(0.15), fields).prop_map(|(at, prior, fields)| {
        let (stage, amount, expected_close, owner, category, probability) = fields;
        let probability = probability.map(|p| f32::from(p) / 4.0);
        Row { prior, stage, amount, expected_close, owner, category, probability, ..Row::new("", at) }
    })
}

/// Random worlds of up to five deals, dirty on purpose: history before creation, closings without date, old values
/// that no new value follows, moments shared by several rows.
pub fn worlds() -> impl Strategy<Value = World> {
    let deals = prop::collection::vec(table_row(), 1..6);
    let rows = prop::collection::vec((0_usize..6, log_row()), 0..25);
    let activities = prop::collection::vec((0_usize..6, moment(), prop::sample::select(&KINDS[..]), 1_u32..4), 0..12);
    (deals, rows, activities).prop_map(|(mut deals, rows, activities)| {
        for (i, deal) in deals.iter_mut().enumerate() {
            deal.deal_id = format!("D{}", (i * 7) % 5);
        }
        let id = |i: usize| deals[i % deals.len()].deal_id.clone();
        let rows = rows.into_iter().map(|(i, row)| Row { deal: id(i), ..row }).collect();
        let activities = activities.into_iter().map(|(i, at, kind, count)| (id(i), at, kind, count)).collect();
        World { deals, rows, activities, fields: Vec::new() }
    })
}
