//! Deals sorted by segment value and created period, so that each group is a slice.

use rayon::prelude::*;

use super::cohort::Cohorts;
use crate::books::segment::Segment;
use crate::domain::ids::DealIx;

/// Deals per parallel chunk; fixed, so that the work is cut the same way on every machine.
pub(super) const CHUNK: usize = 1 << 16;

/// Deals ordered by segment value and cohort.
pub(super) struct DealGroups {
    pub cohorts: usize,
    deals: Vec<DealIx>,
    ends: Vec<usize>,
}

impl DealGroups {
    pub fn of(keep: &[bool], segment: &Segment, cohorts: &Cohorts) -> Self {
        let periods = cohorts.periods.len();
        let group = |deal: DealIx| group_of(deal, segment, cohorts);
        let mut deals: Vec<DealIx> = (0..keep.len()).filter(|&deal| keep[deal]).map(DealIx::at).collect();
        deals.par_sort_unstable_by_key(|&deal| (group(deal), deal));
        let mut ends = vec![0; segment.values.len() * periods];
        deals.iter().for_each(|&deal| ends[group(deal)] += 1);
        let mut end = 0;
        for group in &mut ends {
            end += *group;
            *group = end;
        }
        Self { cohorts: periods, deals, ends }
    }

    pub fn deals(&self, value: usize, cohort: usize) -> &[DealIx] {
        let group = value * self.cohorts + cohort;
        let start = group.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.deals[start..self.ends[group]]
    }

    /// Of all cohorts.
    pub fn all_deals(&self, value: usize) -> &[DealIx] {
        let group = value * self.cohorts;
        let start = group.checked_sub(1).map_or(0, |before| self.ends[before]);
        let end = (group + self.cohorts).checked_sub(1).map_or(0, |last| self.ends[last]);
        &self.deals[start..end]
    }
}

/// Position of a deal's group: by value, then by period.
fn group_of(deal: DealIx, segment: &Segment, cohorts: &Cohorts) -> usize {
    segment.of_deal[deal.index()] as usize * cohorts.periods.len() + cohorts.of_deal[deal.index()] as usize
}
