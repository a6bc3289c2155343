//! Everything the funnel, stagnation and sources are asked with, made of tables and a configuration.

use dealcast::analyses::funnel::{Cohorts, Funnel, FunnelInput, funnel};
use dealcast::analyses::stagnation::{Stagnation, StagnationInput, stagnation};
use dealcast::books::deal_values::DealValues;
use dealcast::books::segment::Segment;
use dealcast::config::Config;
use dealcast::domain::day::Day;
use dealcast::domain::period::{FiscalCalendar, PeriodKind};
use dealcast::ingest::tables::Tables;
use dealcast::snapshot::Snapshot;
use dealcast::timeline::{Stay, Timeline};

pub const AS_OF: Day = Day(19_600);
/// 200 days of process as it runs now.
pub const CURRENT_FROM: Day = Day(19_400);

/// Everything an analysis needs.
pub struct World {
    pub tables: Tables,
    pub config: Config,
    pub timeline: Timeline,
    pub stays: Vec<Stay>,
    pub snapshot: Snapshot,
    pub values: DealValues,
    pub keep: Vec<bool>,
}

impl World {
    pub fn new(tables: Tables, config: Config, as_of: Day) -> Self {
        let timeline = Timeline::build(&tables, &config, as_of).expect("a timeline");
        let (stays, snapshot) = (timeline.stays(), Snapshot::of(&timeline));
        let keep = vec![true; timeline.deals.len()];
        let values = DealValues::of(&tables, &config.money, &snapshot, &keep);
        Self { tables, config, timeline, stays, snapshot, values, keep }
    }

    pub fn segment(&self, column: &str) -> Segment {
        Segment::by(column, &self.tables, &self.timeline, &self.snapshot).expect("a text column")
    }

    pub fn funnel(&self, columns: &[&str]) -> Funnel {
        let Self { timeline, stays, snapshot, values, keep, .. } = self;
        let input = FunnelInput { timeline, stays, snapshot, values, keep, current_from: CURRENT_FROM };
        let cohorts = Cohorts::of(timeline, &FiscalCalendar::default(), PeriodKind::Quarter);
        let mut segments = vec![Segment::all(timeline.deals.len())];
        segments.extend(columns.iter().map(|column| self.segment(column)));
        funnel(&input, &cohorts, &segments)
    }

    pub fn stagnation(&self) -> Stagnation {
        stagnation(&StagnationInput {
            timeline: &self.timeline,
            stays: &self.stays,
            snapshot: &self.snapshot,
            config: &self.config.stagnation,
            candidates: &[],
            keep: &self.keep,
            previous: Some(AS_OF.plus(-60)),
        })
    }
}
