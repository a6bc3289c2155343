//! What becomes of a deal: its moves from stage to stage until the true end, and where it was worked on or left alone.
//!
//! Input: a [`NewDeal`]'s [`DealProspects`] and the calendar. Knows nothing of what is written into the CRM.

use rand::RngExt;
use rand_distr::{Distribution, Gamma};

use crate::simulate::calendar::{Time, WorkClock};
use crate::simulate::catalogue::{LOST, OPEN_STAGES, WON};
use crate::simulate::deal::NewDeal;
use crate::simulate::process::{DealProspects, StageExit};
use crate::simulate::stream::{Stream, exponential, pick};
use crate::simulate::world::World;

/// Shape of the waiting time in a live stage: above 1, so that hardly anything moves on the first day.
const DWELL_SHAPE: f64 = 1.7;

/// Chance to win of a deal whose outcome follows from nothing, each time it closes.
const BLIND_WIN: f64 = 0.3;

/// Share of deals that are entered when they are already in the second stage.
const LATE_ENTRY: f64 = 0.12;

/// Stages a deal may pass before it is given up; no deal gets there in practice, but every loop needs an end.
const MAX_STAYS: usize = 400;

/// A change of stage.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Move {
    /// When.
    pub at: Time,
    /// To which stage number; [`WON`] and [`LOST`] close.
    pub to: u8,
}

/// A time in which a deal was either worked on or not.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SimulatedStay {
    /// Begin.
    pub from: Time,
    /// End.
    pub until: Time,
    /// Stage number.
    pub stage: u8,
    /// False while stalled.
    pub live: bool,
}

/// A deal's life.
#[derive(Clone, Debug)]
pub struct Journey {
    /// In time order; the first is its creation, the last closes it.
    pub moves: Vec<Move>,
    /// In time order; they cover all the time it was open.
    pub stays: Vec<SimulatedStay>,
    /// Chance to be won as it stood at creation.
    pub win_probability: f64,
}

impl Journey {
    /// Lives the whole life of `deal`.
    pub fn new(world: &World, deal: &NewDeal, prospects: &DealProspects, rng: &mut Stream) -> Self {
        let config = &world.config;
        let first_stage = usize::from(rng.random_bool(LATE_ENTRY));
        let win = prospects.win_probability(config.reopen)[first_stage];
        let blind_win = BLIND_WIN / (1.0 - (1.0 - BLIND_WIN) * config.reopen);
        let mut walk = JourneyWalk {
            world,
            prospects,
            blind: !rng.random_bool(config.signal),
            journey: Self {
                moves: vec![Move { at: deal.created, to: first_stage as u8 }],
                stays: Vec::new(),
                win_probability: config.signal * win + (1.0 - config.signal) * blind_win,
            },
        };
        let mut closed = walk.until_closed(deal.created, first_stage, rng);
        while let Some(again) = walk.reopened(closed, rng) {
            closed = walk.until_closed(again, 1, rng);
        }
        walk.journey
    }

    /// The move that ended it.
    #[must_use]
    pub fn end(&self) -> Move {
        self.moves[self.moves.len() - 1]
    }
}

struct JourneyWalk<'a> {
    world: &'a World,
    prospects: &'a DealProspects,
    blind: bool,
    journey: Journey,
}

impl JourneyWalk<'_> {
    fn until_closed(&mut self, start: Time, first_stage: usize, rng: &mut Stream) -> Move {
        let mut now = start;
        let mut stage = first_stage;
        while self.journey.stays.len() < MAX_STAYS {
            now = self.stay(now, stage, true, rng);
            let exit = StageExit::ALL[pick(rng, self.prospects.live[stage])];
            let next = match exit {
                StageExit::Advance => stage + 1,
                StageExit::Skip => stage + 2,
                StageExit::Back => stage.saturating_sub(1),
                StageExit::Lose => usize::from(LOST),
                StageExit::Stall => {
                    now = self.stay(now, stage, false, rng);
                    if rng.random_bool(self.prospects.revive) { stage } else { usize::from(LOST) }
                }
            };
            if next >= OPEN_STAGES {
                return self.close(now, next as u8, rng);
            }
            if next != stage {
                self.journey.moves.push(Move { at: now, to: next as u8 });
            }
            stage = next;
        }
        self.close(now, LOST, rng)
    }

    fn stay(&mut self, from: Time, stage: usize, live: bool, rng: &mut Stream) -> Time {
        let effort = if live {
            dwell(self.prospects.live_days[stage], rng)
        } else {
            exponential(rng, self.prospects.stalled_days)
        };
        let until = self.clock(stage).after(from, effort);
        self.journey.stays.push(SimulatedStay { from, until, stage: stage as u8, live });
        until
    }

    fn clock(&self, stage: usize) -> &WorkClock {
        let calendar = &self.world.calendar;
        if stage + 1 == OPEN_STAGES { &calendar.closing } else { &calendar.working }
    }

    fn close(&mut self, at: Time, to: u8, rng: &mut Stream) -> Move {
        let to = match (self.blind, rng.random_bool(BLIND_WIN)) {
            (false, _) => to,
            (true, true) => WON,
            (true, false) => LOST,
        };
        let end = Move { at, to };
        self.journey.moves.push(end);
        end
    }

    /// When a lost deal is opened again; only inside the world, so that a closed deal of the tables stays closed.
    fn reopened(&mut self, closed: Move, rng: &mut Stream) -> Option<Time> {
        if closed.to != LOST || !rng.random_bool(self.world.config.reopen) {
            return None;
        }
        let at = self.world.calendar.working.after(closed.at, 5.0 + exponential(rng, 25.0));
        if at >= self.world.calendar.span() {
            return None;
        }
        self.journey.moves.push(Move { at, to: 1 });
        Some(at)
    }
}

fn dwell(mean: f64, rng: &mut Stream) -> f64 {
    // The shape and mean are positive by construction; the mean itself is as good where they were not.
    Gamma::new(DWELL_SHAPE, mean / DWELL_SHAPE).map_or(mean, |gamma| gamma.sample(rng))
}
