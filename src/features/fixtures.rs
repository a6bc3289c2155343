//! A seeded pipeline for the tests of this stage.

use crate::config::{FeatureConfig, TrainingConfig};
use crate::domain::day::Day;
use crate::domain::ids::{CurrencyId, DealIx, RowIx, StageId};
use crate::domain::maybe::Maybe;
use crate::domain::period::FiscalCalendar;
use crate::domain::stage::StageKind;
use crate::features::context::FeatureContext;
use crate::features::spec::FeatureSpec;
use crate::ingest::tables::Tables;
use crate::snapshot::{DealState, Outcome, Snapshot, landmarks};
use crate::timeline::Timeline;
use crate::timeline::fixtures::World;

/// The day the seeded pipeline is looked at from.
pub const AS_OF: i32 = 700;

/// An open deal about which nothing is known but its days.
pub fn state(row: usize, day: i32, created: i32) -> DealState {
    DealState {
        deal: DealIx::at(row),
        row: RowIx::at(row),
        day: Day(day),
        kind: StageKind::Open,
        stage: StageId::at(0).into(),
        stage_tracked: false,
        created: Day(created),
        closed: Maybe::NONE,
        currency: CurrencyId::at(0),
        amount_minor: Maybe::NONE,
        first_amount_minor: Maybe::NONE,
        amount_changes: 0,
        expected_close: Maybe::NONE,
        first_expected_close: Maybe::NONE,
        pushes: 0,
        owner: Maybe::NONE,
        category: None,
        probability: Maybe::NONE,
        stage_since: Day(created),
        forward_moves: 0,
        back_moves: 0,
        skipped_stages: 0,
        last_change: Maybe::NONE,
        activities: 0,
        activities_30d: 0,
        last_activity: Maybe::NONE,
    }
}

/// A deal of the seeded pipeline.
#[derive(Clone, Copy, Debug)]
pub struct Fate {
    pub i: usize,
    pub created: i32,
    pub closed: i32,
    pub kind: StageKind,
    /// An even number in 0..1 of its own.
    pub luck: f64,
}

/// An even number in 0..1 that follows from two numbers.
pub fn even(i: usize, salt: u64) -> f64 {
    let hash = blake3::hash(&[(i as u64).to_le_bytes(), salt.to_le_bytes()].concat());
    f64::from(u32::from_le_bytes(std::array::from_fn(|b| hash.as_bytes()[b]))) / f64::from(u32::MAX)
}

/// `n` deals created over 660 days, moving through three stages to a closing after 20 to 140 days; owners differ in
/// skill. `text` gives each deal's further columns.
pub fn pipeline(n: usize, text: impl Fn(Fate) -> Vec<(&'static str, Option<String>)>) -> World {
    let mut world = World::default();
    for i in 0..n {
        let created = (i * 660 / n) as i32;
        let closed = created + 20 + (120.0 * even(i, 1)) as i32;
        let (owner, skill) = [("ann", 0.65), ("bob", 0.3), ("cy", 0.45)][(3.0 * even(i, 2)) as usize % 3];
        let won = even(i, 3) < skill;
        let kind = match (closed < AS_OF, won) {
            (false, _) => StageKind::Open,
            (true, true) => StageKind::Won,
            (true, false) => StageKind::Lost,
        };
        world = world.deal(&format!("D{i:05}"), created, "New").moved(created, "New");
        let steps = [((created + (closed - created) / 3), "Demo"), (created + (closed - created) / 2, "Offer")];
        for (day, stage) in steps.into_iter().filter(|step| step.0 < AS_OF) {
            world = world.moved(day, stage);
        }
        if kind != StageKind::Open {
            world = world.moved(closed, if won { "Closed Won" } else { "Closed Lost" });
        }
        let deal = world.deals.last_mut().unwrap();
        deal.stage = match kind {
            StageKind::Open => "Offer",
            StageKind::Won => "Closed Won",
            StageKind::Lost => "Closed Lost",
        }
        .into();
        deal.status = Some(kind);
        deal.closed_at = (kind != StageKind::Open).then_some(Day(closed).start().0);
        deal.owner = Some(owner.into());
        deal.amount_minor = Some(100_000 + (9_000_000.0 * even(i, 4).powi(3)) as i64);
        deal.currency = if even(i, 5) < 0.8 { "USD" } else { "JPY" }.into();
        let fate = Fate { i, created, closed, kind, luck: even(i, 6) };
        deal.extras = text(fate).into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    }
    world
}

/// A world, replayed.
pub struct Case {
    pub tables: Tables,
    pub timeline: Timeline,
    pub snapshot: Snapshot,
    pub rows: Vec<DealState>,
    pub won: Vec<bool>,
}

impl Case {
    pub fn of(world: &World) -> Self {
        Self::replayed(world.tables(), world.timeline(AS_OF))
    }

    pub fn replayed(tables: Tables, timeline: Timeline) -> Self {
        let snapshot = Snapshot::of(&timeline);
        let set = landmarks(&timeline, &tables.deals, &TrainingConfig::default());
        let won = set.rows.iter().map(|row| matches!(row.outcome, Outcome::Won(_))).collect();
        let rows = set.rows.into_iter().map(|row| row.state).collect();
        Self { tables, timeline, snapshot, rows, won }
    }

    pub fn context(&self) -> FeatureContext<'_> {
        FeatureContext::new(&self.tables, &self.timeline, &self.snapshot.states, FiscalCalendar::default())
    }

    pub fn fit(&self) -> FeatureSpec {
        self.fit_with(&FeatureConfig::default())
    }

    pub fn fit_with(&self, config: &FeatureConfig) -> FeatureSpec {
        FeatureSpec::fit(&self.rows, &self.won, &self.context(), config)
    }
}

impl FeatureSpec {
    /// The position of a column by name.
    #[must_use]
    pub fn column(&self, name: &str) -> usize {
        let found = self.features.iter().position(|feature| feature.name == name);
        found.unwrap_or_else(|| panic!("no column {name:?} among {:?}", self.column_names()))
    }

    /// All column names.
    #[must_use]
    pub fn column_names(&self) -> Vec<&str> {
        self.features.iter().map(|feature| feature.name.as_str()).collect()
    }

    /// Whether a field is in.
    #[must_use]
    pub fn has_field(&self, name: &str) -> bool {
        self.fields.iter().any(|field| field.name == name)
    }

    /// Why a field or column was excluded; empty if it was not.
    #[must_use]
    pub fn reason(&self, name: &str) -> &str {
        self.excluded.iter().find(|excluded| excluded.name == name).map_or("", |excluded| &excluded.reason)
    }
}
