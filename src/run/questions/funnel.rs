//! From the lead to the win: the funnel, transitions, and two groups side by side.

use crate::analyses::funnel::compare::{CompareInput, Compared, Group, compare};
use crate::analyses::funnel::flow::{Flow, flow};
use crate::analyses::funnel::{Cohorts, Funnel, FunnelInput, FunnelLeads, add_leads, funnel};
use crate::books::deal_values::DealValues;
use crate::books::segment::Segment;
use crate::config::Config;
use crate::domain::day::Day;
use crate::run::error::RunError;
use crate::run::questions::as_of::AsOf;
use crate::run::questions::filter::Selection;
use crate::timeline::Stay;

/// How the deals and leads of a funnel are told apart.
struct FunnelGroups {
    cohorts: Cohorts,
    segments: Vec<Segment>,
    /// See [`FunnelLeads`].
    of_segments: Vec<Option<Vec<u32>>>,
    of_leads: Vec<u32>,
}

impl FunnelGroups {
    /// The leads of `selection`, where there is a table of them.
    fn leads<'a>(&'a self, selection: &'a Selection) -> Option<FunnelLeads<'a>> {
        let (lives, keep) = (&selection.lives, &selection.leads[..]);
        let leads = FunnelLeads { lives, keep, cohorts: &self.of_leads, of_segments: &self.of_segments };
        (!self.of_leads.is_empty()).then_some(leads)
    }
}

impl AsOf {
    /// The funnel of the selected deals and the leads before them, as a whole and by each column of `by`.
    ///
    /// # Errors
    /// [`RunError::Segment`] for a column that cannot tell deals apart.
    pub fn funnel(
        &self,
        config: &Config,
        values: &DealValues,
        selection: &Selection,
        by: &[String],
    ) -> Result<Funnel, RunError> {
        let groups = self.funnel_groups(config, selection, by)?;
        let stays = &self.timeline.stays();
        let input = self.funnel_input(config, stays, values, &selection.deals);
        let mut funnel = funnel(&input, &groups.cohorts, &groups.segments);
        if let Some(leads) = groups.leads(selection) {
            add_leads(&mut funnel, &input, &leads, &groups.segments);
        }
        Ok(funnel)
    }

    /// From where to where the selected deals move, as a whole and by each column of `by`.
    ///
    /// # Errors
    /// [`RunError::Segment`] for a column that cannot tell deals apart.
    pub fn flow(
        &self,
        config: &Config,
        values: &DealValues,
        selection: &Selection,
        by: &[String],
    ) -> Result<Flow, RunError> {
        let groups = self.funnel_groups(config, selection, by)?;
        let input = self.funnel_input(config, &[], values, &selection.deals);
        Ok(flow(&input, &groups.cohorts, &groups.segments, groups.leads(selection).as_ref()))
    }

    /// Whether two groups of deals go through the stages differently.
    #[must_use]
    pub fn compare(&self, values: &DealValues, groups: [&Group; 2]) -> Vec<Compared> {
        let (timeline, snapshot, stays) = (&self.timeline, &self.snapshot, &self.timeline.stays());
        compare(&CompareInput { timeline, stays, snapshot, values }, groups)
    }

    /// First day of the process as it runs now.
    #[must_use]
    pub fn current_from(&self, config: &Config) -> Day {
        self.day().plus(-i32::try_from(config.funnel.current_days).unwrap_or(i32::MAX))
    }

    fn funnel_groups(&self, config: &Config, selection: &Selection, by: &[String]) -> Result<FunnelGroups, RunError> {
        let mut segments = vec![Segment::all(self.timeline.deals.len())];
        segments.extend(self.segments(by.iter())?);
        let (tables, timeline, kind) = (&self.tables, &self.timeline, config.calendar.score_period);
        let lives = &selection.lives;
        let has_leads = !tables.leads.is_empty() && !lives.lives.is_empty();
        let days: Vec<Day> = lives.lives.iter().map(|life| life.created).filter(|_| has_leads).collect();
        let cohorts = Cohorts::with_days(timeline, &days, self.calendar(), kind);
        let of_leads = days.iter().map(|&day| cohorts.of_day(day)).collect();
        let join = |segment| if has_leads { lives.join(segment, tables, timeline) } else { (segment, None) };
        let (segments, of_segments) = segments.into_iter().map(join).unzip();
        Ok(FunnelGroups { cohorts, segments, of_segments, of_leads })
    }

    fn funnel_input<'a>(
        &'a self,
        config: &Config,
        stays: &'a [Stay],
        values: &'a DealValues,
        keep: &'a [bool],
    ) -> FunnelInput<'a> {
        let (timeline, snapshot, current_from) = (&self.timeline, &self.snapshot, self.current_from(config));
        FunnelInput { timeline, stays, snapshot, values, keep, current_from }
    }
}
