//! A run of consecutive deals, simulated and made ready for the files. The unit of parallel work.

use std::ops::Range;

use arrow::error::ArrowError;
use rand::RngExt;

use crate::simulate::activity;
use crate::simulate::catalogue::{LOSS_REASONS, LOST, WON};
use crate::simulate::deal::NewDeal;
use crate::simulate::deal_files::pieces;
use crate::simulate::journey::Journey;
use crate::simulate::marketing;
use crate::simulate::record;
use crate::simulate::sink::Piece;
use crate::simulate::stream::{Purpose, pick, stream};
use crate::simulate::tables::{Blanks, DealLife, batches};
use crate::simulate::world::World;

/// Deals per chunk. Fixed: where chunks begin decides where Parquet pages end.
pub const CHUNK_DEALS: u64 = 8_192;

/// Rows for all big tables, and what the small tables need to know of these deals.
#[derive(Debug)]
pub struct DealChunk {
    /// One piece per file of [`deal_files`](crate::simulate::deal_files::deal_files), or per table of the world.
    pub pieces: Vec<Piece>,
    /// Deals in the chunk.
    pub deals: u64,
    /// Of which won before the export.
    pub won: u64,
    /// Of which lost before the export.
    pub lost: u64,
    /// Won deals, for the quotas.
    pub wins: Vec<Win>,
}

/// A deal won before the export.
#[derive(Clone, Copy, Debug)]
pub struct Win {
    /// By whom.
    pub owner: u32,
    /// When, as an offset.
    pub day: i32,
    /// Hundredths of the base currency.
    pub base: i64,
}

impl DealChunk {
    /// Simulates the deals with these numbers.
    ///
    /// # Errors
    /// [`ArrowError`] where rows cannot form a batch.
    pub fn simulate(world: &World, numbers: Range<u64>) -> Result<Self, ArrowError> {
        let lives: Vec<DealLife> = numbers.map(|number| live(world, number)).collect();
        let pieces = pieces(world, batches(world, &lives)?)?;
        let ended = |stage: u8| lives.iter().filter(|life| life.last().entry.stage == stage).count() as u64;
        Ok(Self {
            pieces,
            deals: lives.len() as u64,
            won: ended(WON),
            lost: ended(LOST),
            wins: lives.iter().filter_map(|life| win(world, life)).collect(),
        })
    }
}

fn live(world: &World, number: u64) -> DealLife {
    let rng = &mut stream(world.config.seed, Purpose::Deal, number);
    let deal = NewDeal::new(world, number, rng);
    let prospects = deal.prospects();
    let journey = Journey::new(world, &deal, &prospects, rng);
    let mut changes = record::keep(world, &deal, &prospects, &journey, rng);
    changes.retain(|change| change.at < world.calendar.span());
    let blanks = Blanks {
        source: rng.random_bool(world.config.missing),
        employees: rng.random_bool((world.config.missing * 2.0).min(1.0)),
        lead_score: rng.random_bool(world.config.missing),
        loss_reason: pick(rng, LOSS_REASONS.iter().map(|reason| reason.1)),
    };
    let activities = activity::of(world, &deal, &journey, rng);
    let (leads, touches) = marketing::of(world, &deal, &journey);
    DealLife { deal, prospects, journey, changes, activities, leads, touches, blanks }
}

fn win(world: &World, life: &DealLife) -> Option<Win> {
    let last = life.last();
    let amount = last.entry.amount.filter(|_| last.entry.stage == WON)?;
    let day = last.at as i32;
    let base = amount as f64 * world.rates.rate(life.deal.currency, day);
    Some(Win { owner: last.entry.owner, day, base: base.round() as i64 })
}
