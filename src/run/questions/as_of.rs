//! Everything known of every deal on the morning of one day: [`AsOf`], loaded from the tables.
//!
//! Its methods ask one question each and stand beside this file, one file per kind of question. What forgets the past is
//! [`AsOf::present`].

use std::collections::BTreeSet;
use std::path::Path;

use tracing::info;

use crate::analyses::forecast::stage_win_rates;
use crate::books::hierarchy::Hierarchy;
use crate::config::Config;
use crate::domain::day::Day;
use crate::domain::period::FiscalCalendar;
use crate::domain::progress::Progress;
use crate::features::FeatureContext;
use crate::ingest::tables::{Activities, Changes, Dating, Tables};
use crate::ingest::{self, InputFile, Issues, Loaded};
use crate::report::people::People;
use crate::run::error::{RunError, check_day};
use crate::run::misspelt::check_names;
use crate::run::morning::Morning;
use crate::run::questions::present::Present;
use crate::run::replay::HistorySums;
use crate::snapshot::{Snapshot, Standings};
use crate::timeline::{StageListError, Timeline};

/// Everything known of every deal on the morning of one day.
#[derive(Debug)]
pub struct AsOf {
    /// The tables; changes and activities have gone into the timeline.
    pub tables: Tables,
    /// The files they were read from.
    pub inputs: Vec<InputFile>,
    /// What was wrong with these.
    pub issues: Issues,
    /// Every deal's changes before the day.
    pub timeline: Timeline,
    /// Every deal as it stood.
    pub snapshot: Snapshot,
    /// The open deals of the earlier days asked for, by day.
    pub earlier: Vec<Standings>,
    /// Whether nobody named the day: it is the one after the newest event then.
    pub day_defaulted: bool,
    calendar: FiscalCalendar,
    stage_win_rates: Vec<Option<f64>>,
    history: HistorySums,
}

impl AsOf {
    /// Loads what `config` names (paths relative to `base`) and looks at it from the morning of `as_of`, or of the day
    /// after the newest event.
    ///
    /// # Errors
    /// [`RunError::Ingest`], [`RunError::Stages`], [`RunError::NothingYet`], [`RunError::OutsideCalendar`].
    pub fn load(config: &Config, base: &Path, as_of: Option<Day>, progress: &dyn Progress) -> Result<Self, RunError> {
        Self::load_with_earlier(config, base, as_of, |_| Vec::new(), progress)
    }

    /// The same, and the open deals of those of `days` (given the day) that lie before it. Each is reconstructed as if
    /// nothing dated on or after it existed.
    ///
    /// # Errors
    /// As [`AsOf::load`].
    pub fn load_with_earlier(
        config: &Config,
        base: &Path,
        as_of: Option<Day>,
        days: impl FnOnce(Day) -> Vec<Day>,
        progress: &dyn Progress,
    ) -> Result<Self, RunError> {
        let Loaded { mut tables, inputs, issues } = ingest::load(config, base, progress)?;
        log_inputs(&inputs);
        progress.begin("reconstructing deals", 0);
        // A table without a deal is dated by nothing.
        let day = as_of.or_else(|| tables.day_after_newest_event()).unwrap_or(Day(0));
        if tables.dating == Dating::Nowhere {
            tables.deals.create_all_on(day.plus(-1))?;
        }
        let calendar = config.fiscal_calendar();
        check_day(&calendar, day)?;
        // Before the timeline that stays: only one is in memory at a time.
        let earlier = standings(&tables, config, days(day).into_iter().filter(|earlier| *earlier < day).collect())?;
        let timeline = Timeline::build(&tables, config, day)?;
        if timeline.deals.is_empty() {
            return Err(RunError::NothingYet { as_of: day });
        }
        let (deals, changes) = (timeline.deals.len(), timeline.steps.len());
        info!(as_of = %day, deals, changes, stages = timeline.stages.stages().len(), "deals reconstructed");
        let history = HistorySums::of(&tables, &timeline);
        // The timeline has what these say in time order; nothing reads them again.
        tables.changes = Changes::default();
        let kinds = std::mem::take(&mut tables.activities.kinds);
        tables.activities = Activities { kinds, ..Activities::default() };
        let snapshot = Snapshot::of(&timeline);
        let stage_win_rates = stage_win_rates(&timeline);
        let day_defaulted = as_of.is_none();
        check_names(config, &tables, &timeline, || {
            FeatureContext::new(&tables, &timeline, &snapshot.states, calendar.clone())
        })?;
        Ok(Self {
            tables,
            inputs,
            issues,
            timeline,
            snapshot,
            earlier,
            day_defaulted,
            calendar,
            stage_win_rates,
            history,
        })
    }

    /// The day.
    #[must_use]
    pub fn day(&self) -> Day {
        self.snapshot.as_of
    }

    /// What the owners and managers of the users table are called.
    #[must_use]
    pub fn people(&self) -> People {
        let hierarchy = Hierarchy::new(&self.tables.users, &self.tables.owners, self.day());
        People::of(hierarchy.listed_owners().filter_map(|owner| Some((owner, hierarchy.name_of(owner)?))))
    }

    /// What training and scoring see.
    #[must_use]
    pub fn context(&self) -> FeatureContext<'_> {
        FeatureContext::new(&self.tables, &self.timeline, &self.snapshot.states, self.calendar.clone())
    }

    /// The flow from here to what is expected.
    #[must_use]
    pub fn morning<'a>(&'a self, config: &'a Config) -> Morning<'a> {
        Morning::new(&self.tables, &self.timeline, &self.snapshot, &self.calendar, config)
    }

    pub(super) fn calendar(&self) -> &FiscalCalendar {
        &self.calendar
    }

    pub(super) fn stage_win_rates(&self) -> &[Option<f64>] {
        &self.stage_win_rates
    }

    /// Sums over the raw log, by day: what forecasts of past days rest on.
    pub(crate) fn history_sums(&self) -> &HistorySums {
        &self.history
    }

    /// Frees what happened to every deal and what the deals table says beside, the larger part of the memory. How deals
    /// stand now remains, and with it the questions of [`Present`].
    #[must_use]
    pub fn present(self) -> Present {
        let Self { tables, inputs, issues, timeline, snapshot, day_defaulted, calendar, stage_win_rates, .. } = self;
        Present::new(tables, timeline, snapshot, calendar, stage_win_rates).read_from(inputs, issues, day_defaulted)
    }
}

fn log_inputs(inputs: &[InputFile]) {
    for file in inputs {
        let (rows, rejected) = (file.rows, file.rejected);
        info!(table = file.table, file = file.path, rows, rejected, blake3 = file.blake3, "table loaded");
    }
}

/// The open deals of each of `days`, one after the other.
fn standings(tables: &Tables, config: &Config, days: BTreeSet<Day>) -> Result<Vec<Standings>, StageListError> {
    days.into_iter().map(|day| Ok(Standings::of(&Timeline::of_changes(tables, config, day)?))).collect()
}
