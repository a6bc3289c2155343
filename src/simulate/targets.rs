//! What was planned: quotas per owner and month and per team and quarter, and marketing spend per source and month.
//!
//! A quota follows what its owner won before the quarter began, pulled towards the company's mean: near enough to be
//! hit by some and missed by others, and free of knowledge about its own quarter.

use std::collections::BTreeMap;

use rand::RngExt;

use crate::domain::period::{FiscalCalendar, Period, PeriodKind};
use crate::simulate::catalogue::SOURCES;
use crate::simulate::chunk::Win;
use crate::simulate::marketing;
use crate::simulate::stream::{Purpose, normal, stream};
use crate::simulate::world::World;

/// Months of own wins that count as much as the company's mean.
const PRIOR_MONTHS: f64 = 6.0;

/// Months before a quarter that its quotas look back on.
const MEMORY_MONTHS: usize = 12;

/// How far a quota asks for more than the record so far.
const STRETCH: f64 = 1.08;

/// Share of its members' quotas a team answers for.
const TEAM_SHARE: f64 = 0.94;

/// Months after the world began that are left out of the record: the pipeline is still filling up.
const WARM_UP_MONTHS: usize = 4;

/// One line of the quotas table; exactly one of owner and team is set.
#[derive(Clone, Debug, PartialEq)]
pub struct QuotaLine {
    /// Position of the owner.
    pub owner: Option<u32>,
    /// Position of the team.
    pub team: Option<usize>,
    /// For when.
    pub period: Period,
    /// Hundredths of the base currency.
    pub quota: i64,
}

/// Won amounts by owner and month; order of adding does not matter.
#[derive(Clone, Debug)]
pub struct WonByMonth {
    months: Vec<Period>,
    won: Vec<i64>,
}

impl WonByMonth {
    /// Nothing won yet.
    #[must_use]
    pub fn new(world: &World) -> Self {
        let calendar = FiscalCalendar::default();
        let year_end = calendar.period_of(PeriodKind::Year, world.config.as_of).last;
        let first = calendar.period_of(PeriodKind::Month, world.config.first_day);
        let months: Vec<Period> =
            (0..).map(|i| calendar.shift(&first, i)).take_while(|month| month.first <= year_end).collect();
        let won = vec![0; months.len() * world.organisation.owners.len()];
        Self { months, won }
    }

    /// Adds one win.
    pub fn add(&mut self, world: &World, win: &Win) {
        let day = world.calendar.day(win.day);
        let month = self.months.partition_point(|month| month.last < day);
        if let Some(cell) = self.won.get_mut(win.owner as usize * self.months.len() + month) {
            *cell += win.base;
        }
    }

    /// The quotas table: owners by month, then teams by quarter.
    #[must_use]
    pub fn quotas(&self, world: &World) -> Vec<QuotaLine> {
        let prior = self.company_mean(world);
        let owners = world.organisation.owners.len() as u32;
        let mut lines: Vec<QuotaLine> = (0..owners).flat_map(|owner| self.owner_quotas(world, owner, prior)).collect();
        lines.extend(team_quotas(world, &lines));
        lines
    }

    /// Mean won per owner and month at work before the export, once the pipeline is filled.
    fn company_mean(&self, world: &World) -> f64 {
        let known = self.months.iter().filter(|month| month.first < world.config.as_of).count();
        let from = WARM_UP_MONTHS.min(known - 1);
        let (mut won, mut at_work) = (0_i64, 0_u32);
        for (owner, months) in self.won.chunks(self.months.len()).enumerate() {
            won += months[from..known].iter().sum::<i64>();
            let works = |month: &&Period| self.at_work(world, owner as u32, month);
            at_work += self.months[from..known].iter().filter(works).count() as u32;
        }
        won as f64 / f64::from(at_work.max(1))
    }

    fn at_work(&self, world: &World, owner: u32, month: &Period) -> bool {
        let owner = world.organisation.owner(owner);
        owner.joined <= world.config.offset(month.first).max(0) && owner.left > world.config.offset(month.last)
    }

    fn owner_quotas(&self, world: &World, owner: u32, prior: f64) -> Vec<QuotaLine> {
        let mut rng = stream(world.config.seed, Purpose::Quota, u64::from(owner));
        let won = &self.won[owner as usize * self.months.len()..][..self.months.len()];
        let mut lines = Vec::new();
        for (i, month) in self.months.iter().enumerate() {
            let negotiated = (0.08 * normal(&mut rng)).exp();
            if !self.at_work(world, owner, month) {
                continue;
            }
            let joined = world.organisation.owner(owner).joined.max(0) / 30;
            let record = self.record_before(i, world, joined as usize + WARM_UP_MONTHS);
            let own: i64 = won[record.clone()].iter().sum();
            let months = record.len() as f64;
            let mean = (own as f64 + PRIOR_MONTHS * prior) / (months + PRIOR_MONTHS);
            let quota = round_to(mean * STRETCH * negotiated, 50_000);
            lines.push(QuotaLine { owner: Some(owner), team: None, period: *month, quota });
        }
        lines
    }

    /// The months a quota for month `i` looks back on: before its quarter, and before the export's month.
    fn record_before(&self, i: usize, world: &World, first: usize) -> std::ops::Range<usize> {
        let quarter = FiscalCalendar::default().period_of(PeriodKind::Quarter, self.months[i].first);
        let known = self.months.partition_point(|month| month.last < world.config.as_of.min(quarter.first));
        known.saturating_sub(MEMORY_MONTHS).max(first).min(known)..known
    }
}

fn team_quotas(world: &World, owners: &[QuotaLine]) -> Vec<QuotaLine> {
    let calendar = FiscalCalendar::default();
    let mut sums: BTreeMap<(usize, Period), i64> = BTreeMap::new();
    for line in owners {
        let Some(owner) = line.owner else { continue };
        let quarter = calendar.period_of(PeriodKind::Quarter, line.period.first);
        *sums.entry((world.organisation.owner(owner).team, quarter)).or_default() += line.quota;
    }
    let line = |((team, period), sum)| QuotaLine {
        owner: None,
        team: Some(team),
        period,
        quota: round_to(sum as f64 * TEAM_SHARE, 100_000),
    };
    sums.into_iter().map(line).collect()
}

/// Marketing spend of one source, or one of its campaigns, in one month.
#[derive(Clone, Debug)]
pub struct Spend {
    /// Position in [`SOURCES`].
    pub source: usize,
    /// The campaign; `None` for sources without campaigns.
    pub campaign: Option<String>,
    /// The month.
    pub month: Period,
    /// Hundredths of the base currency.
    pub cost: i64,
}

/// Marketing spend for every month begun before the export. A source's two campaigns of a quarter share what it costs.
#[must_use]
pub fn campaign_costs(world: &World) -> Vec<Spend> {
    let calendar = FiscalCalendar::default();
    let first = calendar.period_of(PeriodKind::Month, world.config.first_day);
    let mut lines = Vec::new();
    for (i, source) in SOURCES.iter().enumerate() {
        let mut rng = stream(world.config.seed, Purpose::Cost, i as u64);
        let months = (0..).map(|step| calendar.shift(&first, step)).take_while(|m| m.first < world.config.as_of);
        for month in months {
            let share =
                world.calendar.arrivals_between(world.config.offset(month.first), world.config.offset(month.last) + 1);
            let deals = world.config.deals as f64 * share * source.share;
            let spend = deals * source.cost * rng.random_range(0.8..1.25) * 100.0;
            let cost = round_to(spend, 1_000);
            let named = |second| marketing::campaign(world, i, world.config.offset(month.first), second);
            let first = round_to(spend * 0.6, 1_000).min(cost);
            let parts = match (named(false), named(true)) {
                (Some(a), Some(b)) => vec![(Some(a), first), (Some(b), cost - first)],
                _ => vec![(None, cost)],
            };
            lines.extend(parts.into_iter().map(|(campaign, cost)| Spend { source: i, campaign, month, cost }));
        }
    }
    lines
}

fn round_to(value: f64, step: i64) -> i64 {
    ((value / step as f64).round() as i64).max(1) * step
}
