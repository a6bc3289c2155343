//! Deals sorted by segment value and created period, so that each group is a slice.

use rayon::prelude::*;

use super::cohort::Cohorts;
use crate::books::segment::Segment;

/// Deals per parallel chunk; fixed, so that the work is cut the same way on every machine.
pub(super) const CHUNK: usize = 1 << 16;

/// Deals ordered by segment value and cohort.
pub(super) struct DealGroups {
    pub cohorts: usize,
    deals: Vec<u32>,
    ends: Vec<usize>,
}

impl DealGroups {
    pub fn of(keep: &[bool], segment: &Segment, cohorts: &Cohorts) -> Self {
        let periods = cohorts.periods.len();
        let group = |deal: u32| group_of(deal as usize, segment, cohorts);
        let mut deals: Vec<u32> = (0..keep.len() as u32).filter(|&deal| keep[deal as usize]).collect();
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

    pub fn deals(&self, value: usize, cohort: usize) -> &[u32] {
        let group = value * self.cohorts + cohort;
        let start = group.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.deals[start..self.ends[group]]
    }

    /// Of all cohorts.
    pub fn all_deals(&self, value: usize) -> &[u32] {
        let group = value * self.cohorts;
        let start = group.checked_sub(1).map_or(0, |before| self.ends[before]);
        let end = (group + self.cohorts).checked_sub(1).map_or(0, |last| self.ends[last]);
        &self.deals[start..end]
    }
}

/// Position of a deal's group: by value, then by period.
fn group_of(deal: usize, segment: &Segment, cohorts: &Cohorts) -> usize {
    segment.of_deal[deal] as usize * cohorts.periods.len() + cohorts.of_deal[deal] as usize
}
