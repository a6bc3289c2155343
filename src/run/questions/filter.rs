//! Which deals and leads a question is about, and by what they are told apart.

use crate::books::deal_values::DealValues;
use crate::books::filter::{ForecastFilter, UnknownName, unknown_person};
use crate::books::leads::LeadLives;
use crate::books::segment::{NO_VALUE, Segment, deal_mask};
use crate::config::Config;
use crate::domain::day::Day;
use crate::domain::period::Period;
use crate::domain::spelling::nearest;
use crate::domain::stage::ForecastCategory;
use crate::run::error::RunError;
use crate::run::questions::as_of::AsOf;
use crate::snapshot::DealState;

/// Which deals an analysis is about.
#[derive(Clone, Debug, Default)]
pub struct DealFilter {
    /// Column and admitted values; all must hold.
    pub columns: Vec<(String, Vec<String>)>,
    /// Forecast categories; any if empty.
    pub categories: Vec<ForecastCategory>,
    /// Periods a deal was created in; any if empty.
    pub created_in: Vec<Period>,
}

impl DealFilter {
    /// Whether something created on `day` is admitted.
    pub(super) fn admits_created(&self, day: Day) -> bool {
        self.created_in.is_empty() || self.created_in.iter().any(|period| period.contains(day))
    }
}

/// The deals and leads an analysis is about.
#[derive(Clone, Debug)]
pub struct Selection {
    /// One flag per deal of the timeline.
    pub deals: Vec<bool>,
    /// All leads; none where the filter names a column leads do not have.
    pub lives: LeadLives,
    /// One flag per lead.
    pub leads: Vec<bool>,
    /// Whether what campaigns cost was spent on these alone.
    pub costs: bool,
}

fn known(unknown: Option<UnknownName>) -> Result<(), RunError> {
    match unknown {
        Some(UnknownName { column, wanted, guess }) => Err(RunError::NoSuchNode { column, wanted, guess }),
        None => Ok(()),
    }
}

impl AsOf {
    /// Whether some deal has each of the values asked for: an empty answer to a misspelt question helps nobody.
    ///
    /// # Errors
    /// [`RunError::NoSuchValue`], [`RunError::Segment`] for a column that cannot tell deals apart.
    pub fn check_values(&self, columns: &[(String, Vec<String>)]) -> Result<(), RunError> {
        for (column, wanted) in columns {
            let values = Segment::by(column, &self.tables, &self.timeline, &self.snapshot)?.values;
            if let Some(unknown) = wanted.iter().find(|value| !values.contains(value)) {
                let guess = nearest(unknown, values.iter().map(String::as_str)).map(str::to_owned);
                return Err(RunError::NoSuchValue { column: column.clone(), wanted: unknown.clone(), guess });
            }
        }
        Ok(())
    }

    /// Whether there is anything of the names a forecast or waterfall is asked for.
    ///
    /// # Errors
    /// [`RunError::NoSuchNode`].
    pub fn check_names(&self, filter: &ForecastFilter) -> Result<(), RunError> {
        known(filter.unknown_name(&self.tables, &self.snapshot))
    }

    /// Whether each of `people` owns a deal, is a user or manages one.
    ///
    /// # Errors
    /// [`RunError::NoSuchNode`].
    pub fn check_people(&self, people: &[String]) -> Result<(), RunError> {
        known(unknown_person(people, &self.tables))
    }

    /// One flag per deal of the timeline: whether `filter` admits it.
    ///
    /// # Errors
    /// [`RunError::NoSuchValue`], [`RunError::Segment`].
    pub fn keep(&self, filter: &DealFilter) -> Result<Vec<bool>, RunError> {
        self.check_values(&filter.columns)?;
        let mut keep = deal_mask(&filter.columns, &self.tables, &self.timeline, &self.snapshot)?;
        if !filter.categories.is_empty() {
            let category = |state: &DealState| state.forecast_category(&self.timeline.stages);
            let admitted = self.snapshot.states.iter().map(|state| filter.categories.contains(&category(state)));
            keep.iter_mut().zip(admitted).for_each(|(keep, admitted)| *keep &= admitted);
        }
        keep.iter_mut().zip(&self.timeline.deals).for_each(|(keep, deal)| *keep &= filter.admits_created(deal.created));
        Ok(keep)
    }

    /// One flag per deal of the timeline, all of them set.
    #[must_use]
    pub fn keep_all(&self) -> Vec<bool> {
        vec![true; self.timeline.deals.len()]
    }

    /// The deals and leads `filter` admits.
    ///
    /// # Errors
    /// As [`AsOf::keep`].
    pub fn select(&self, filter: &DealFilter) -> Result<Selection, RunError> {
        let (tables, timeline) = (&self.tables, &self.timeline);
        let mut lives = LeadLives::of(tables, timeline);
        // Leads have no forecast category.
        let mask = || lives.mask(&filter.columns, |day| filter.admits_created(day), tables, timeline);
        let leads = filter.categories.is_empty().then(mask).flatten();
        if leads.is_none() {
            lives.lives.clear();
        }
        let costs = filter.columns.is_empty() && filter.categories.is_empty();
        Ok(Selection { deals: self.keep(filter)?, lives, leads: leads.unwrap_or_default(), costs })
    }

    /// What the kept deals are worth in one currency.
    #[must_use]
    pub fn values(&self, config: &Config, keep: &[bool]) -> DealValues {
        DealValues::of(&self.tables, &config.money, &self.snapshot, keep)
    }

    /// The deals by each of `columns`.
    ///
    /// # Errors
    /// [`RunError::Segment`] for a column that cannot tell deals apart.
    pub fn segments<'c>(&self, columns: impl Iterator<Item = &'c String>) -> Result<Vec<Segment>, RunError> {
        let by = |column: &String| Segment::by(column, &self.tables, &self.timeline, &self.snapshot);
        Ok(columns.map(by).collect::<Result<_, _>>()?)
    }

    /// The deals by product and source, where any has one.
    #[must_use]
    pub fn usual_segments(&self) -> Vec<Segment> {
        let by = |column| Segment::by(column, &self.tables, &self.timeline, &self.snapshot).ok();
        let is_filled = |segment: &Segment| segment.values.iter().any(|value| value != NO_VALUE);
        ["product", "source"].into_iter().filter_map(by).filter(is_filled).collect()
    }
}
