//! What people write into the CRM about a deal: stages, amounts, close dates, categories, owners.
//!
//! Input: a [`NewDeal`] and its [`Journey`]; output: [`CrmChange`]s in time order, the first one complete. People are late,
//! hopeful and forgetful here; what truly happens stays in the journey.

use rand::RngExt;

use crate::simulate::calendar::Time;
use crate::simulate::catalogue::{CRM_PROBABILITY, LOST, OPEN_STAGES, WON};
use crate::simulate::deal::{NewDeal, round_amount};
use crate::simulate::journey::{Journey, Move};
use crate::simulate::process::DealProspects;
use crate::simulate::stream::{Stream, exponential, normal};
use crate::simulate::world::World;

/// Mean days between two revisions of an amount that nothing else calls for.
const MEAN_DAYS_TO_REVISION: f64 = 130.0;

const PIPELINE: u8 = 0;
const BEST_CASE: u8 = 1;
const COMMIT: u8 = 2;
const CLOSED: u8 = 3;
const OMITTED: u8 = 4;

/// What the CRM shows of a deal at one time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CrmEntry {
    /// Stage number.
    pub stage: u8,
    /// Hundredths of the deal's currency.
    pub amount: Option<i64>,
    /// Expected close date, as an offset.
    pub expected: Option<i32>,
    /// Owner.
    pub owner: u32,
    /// Position in [`CATEGORIES`](crate::simulate::catalogue::CATEGORIES).
    pub category: u8,
    /// The CRM's chance to win, in hundredths.
    pub percent: u8,
}

/// The entry from `at` on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CrmChange {
    /// When.
    pub at: Time,
    /// The whole entry; the tables show only what differs from the one before.
    pub entry: CrmEntry,
}

/// Everything written about `deal` in its life.
pub fn keep(
    world: &World,
    deal: &NewDeal,
    prospects: &DealProspects,
    journey: &Journey,
    rng: &mut Stream,
) -> Vec<CrmChange> {
    let mut clerk = Clerk::new(world, deal, prospects, journey.moves[0], rng);
    for (i, step) in journey.moves.iter().enumerate().skip(1) {
        clerk.wait_until(step.at, rng);
        let reopened = journey.moves[i - 1].to >= OPEN_STAGES as u8;
        clerk.enter(*step, reopened, rng);
    }
    clerk.changes
}

struct Clerk<'a> {
    world: &'a World,
    deal: &'a NewDeal,
    prospects: &'a DealProspects,
    amount_known_late: bool,
    push_due: Time,
    revision_due: Time,
    handover_due: Time,
    entry: CrmEntry,
    changes: Vec<CrmChange>,
}

impl<'a> Clerk<'a> {
    fn new(world: &'a World, deal: &'a NewDeal, prospects: &'a DealProspects, first: Move, rng: &mut Stream) -> Self {
        let missing = world.config.missing;
        let forgets_amount = rng.random_bool((missing * 3.0).min(1.0));
        let forgets_date = rng.random_bool(missing / 2.0);
        let entry = CrmEntry {
            stage: first.to,
            amount: (!forgets_amount).then_some(deal.amount),
            expected: None,
            owner: deal.owner,
            category: PIPELINE,
            percent: 0,
        };
        let mut clerk = Self {
            world,
            deal,
            prospects,
            amount_known_late: forgets_amount && rng.random_bool(2.0 / 3.0),
            push_due: Time::INFINITY,
            revision_due: first.at + exponential(rng, MEAN_DAYS_TO_REVISION),
            handover_due: f64::from(world.organisation.owner(deal.owner).left),
            entry,
            changes: Vec::with_capacity(8),
        };
        clerk.judge(first.at, rng);
        if !forgets_date {
            clerk.plan(first.at, rng);
        }
        clerk.write(first.at);
        clerk
    }

    fn write(&mut self, at: Time) {
        self.changes.push(CrmChange { at, entry: self.entry });
    }

    /// Lets everything happen that falls due before `end`.
    fn wait_until(&mut self, end: Time, rng: &mut Stream) {
        if self.entry.stage >= OPEN_STAGES as u8 {
            return;
        }
        loop {
            let due = self.push_due.min(self.revision_due).min(self.handover_due);
            if due >= end {
                return;
            }
            // What fell due while the deal was closed happens when it is open again.
            let at = self.changes.last().map_or(due, |change| due.max(change.at));
            if due == self.handover_due {
                self.entry.owner = self.world.organisation.owner(self.entry.owner).successor;
                self.handover_due = Time::INFINITY;
            } else if due == self.push_due {
                self.push(at, rng);
            } else {
                self.revise(-0.02, 0.2, rng);
                self.revision_due = at + exponential(rng, MEAN_DAYS_TO_REVISION);
            }
            self.write(at);
        }
    }

    fn enter(&mut self, step: Move, reopened: bool, rng: &mut Stream) {
        let ahead = step.to > self.entry.stage;
        self.entry.stage = step.to;
        if step.to >= OPEN_STAGES as u8 {
            self.close(step, rng);
        } else {
            self.judge(step.at, rng);
            if reopened || (self.entry.expected.is_some() && rng.random_bool(0.3)) {
                self.plan(step.at, rng);
            }
            if step.to >= 2 && self.amount_known_late && self.entry.amount.is_none() {
                self.entry.amount = Some(self.deal.amount);
            } else if ahead && rng.random_bool(0.2) {
                self.revise(-0.03, 0.15, rng);
            }
        }
        self.write(step.at);
    }

    fn close(&mut self, step: Move, rng: &mut Stream) {
        let won = step.to == WON;
        self.entry.category = if won { CLOSED } else { OMITTED };
        self.entry.percent = percent_of(step.to);
        if rng.random_bool(if won { 0.8 } else { 0.4 }) {
            self.entry.expected = Some(step.at as i32);
        }
        if won && self.entry.amount.is_none() && rng.random_bool(0.97) {
            self.entry.amount = Some(self.deal.amount);
        } else if won && rng.random_bool(0.3) {
            self.revise(-0.06, 0.06, rng);
        }
    }

    /// Category and probability on entering a stage: the CRM's defaults, and the owner's opinion of the deal.
    fn judge(&mut self, at: Time, rng: &mut Stream) {
        let stage = self.entry.stage;
        self.entry.percent = percent_of(stage);
        if rng.random_bool(0.15) {
            self.entry.percent = (self.entry.percent + 10 * rng.random_range(1..=2)).min(90);
        }
        let hope = 1.0 / (1.0 + (-0.4 - 0.5 * self.deal.index).exp());
        let soon = self.entry.expected.is_none_or(|day| day <= self.world.calendar.quarter_end(at as i32) + 31);
        self.entry.category = match stage {
            0 | 1 if rng.random_bool(0.02) => OMITTED,
            2 if rng.random_bool(hope) => BEST_CASE,
            0..=2 => PIPELINE,
            _ if soon && rng.random_bool(hope) => COMMIT,
            _ => BEST_CASE,
        };
    }

    /// Sets the expected close date from what is left to do, and when someone will look at it again.
    fn plan(&mut self, at: Time, rng: &mut Stream) {
        let left: f64 = self.prospects.live_days[usize::from(self.entry.stage).min(OPEN_STAGES - 1)..].iter().sum();
        let guess = at + 5.0 + left * (0.25 * normal(rng)).exp();
        self.expect(at, guess, rng);
    }

    fn push(&mut self, at: Time, rng: &mut Stream) {
        let later = f64::from(self.entry.expected.unwrap_or(0)).max(at) + 12.0 + exponential(rng, 25.0);
        self.expect(at, later, rng);
        if self.entry.category == COMMIT && rng.random_bool(0.4) {
            self.entry.category = BEST_CASE;
        }
        // Some deals are pushed once more and then forgotten with an overdue date.
        if rng.random_bool(0.12) {
            self.push_due = Time::INFINITY;
        }
    }

    fn expect(&mut self, at: Time, guess: Time, rng: &mut Stream) {
        let day = guess as i32;
        let calendar = &self.world.calendar;
        let date = match rng.random_range(0..10) {
            0..4 => calendar.month_end(day),
            4..6 => calendar.quarter_end(day),
            _ => day,
        };
        self.entry.expected = Some(date);
        let delay = self.world.organisation.owner(self.entry.owner).push_delay;
        let noticed = f64::from(date) - 5.0 + exponential(rng, delay) + rng.random::<f64>();
        self.push_due = noticed.max(at + 1.0);
    }

    fn revise(&mut self, mean: f64, spread: f64, rng: &mut Stream) {
        let factor = (mean + spread * normal(rng)).exp();
        let odd = rng.random_bool(0.2);
        if let Some(amount) = self.entry.amount {
            self.entry.amount = Some(round_amount(amount as f64 * factor, self.deal.currency, odd));
        }
    }
}

fn percent_of(stage: u8) -> u8 {
    (CRM_PROBABILITY[usize::from(stage.min(LOST))] * 100.0).round() as u8
}
