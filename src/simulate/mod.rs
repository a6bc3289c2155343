//! A seeded sales world with its truth: for the sample, the tests and the benchmarks.
//!
//! [`WorldConfig`] in, files out: the input tables under their canonical names, a `dealcast.toml`, and `truth/` with
//! what no CRM knows. Equal configurations give equal bytes, whatever the number of threads: every deal draws from a
//! random stream of its own, chunks of deals are made in parallel and written in order, so memory does not grow with
//! the number of deals. Imports nothing but [`domain`](crate::domain), prints nothing, reads no clock.
//!
//! | step | from | to |
//! |---|---|---|
//! | `world` | configuration | calendar, organisation, exchange rates |
//! | `deal` | world, stream | a deal at its creation, with its index |
//! | `process` | index | hazards, chance to win |
//! | `journey` | hazards, calendar | moves between stages until the true end |
//! | `record`, `activity` | journey | what people write down, up to the export |
//! | `marketing` | deal, journey | leads and touches before and beside it |
//! | `tables`, `targets`, `small_tables` | lives of deals | rows |
//! | `sink` | rows | files |

mod activity;
mod calendar;
mod catalogue;
mod chunk;
mod columns;
mod config;
mod deal;
mod fx;
mod journey;
mod marketing;
mod org;
mod process;
mod record;
mod settings;
mod sink;
mod small_tables;
mod stream;
mod tables;
mod targets;
#[cfg(test)]
mod tests;
mod world;

use std::ops::Range;
use std::path::{Path, PathBuf};

use arrow::error::ArrowError;
use parquet::errors::ParquetError;
use rayon::prelude::*;
use thiserror::Error;

pub use config::{FileFormat, WorldConfig};
pub use settings::{WORLD_FILE, earlier_world};

use crate::domain::progress::Progress;
use chunk::{CHUNK_DEALS, Chunk};
use settings::TRUTH;
use sink::Sink;
use tables::BIG_TABLES;
use targets::WonByMonth;
use world::World;

/// Why a world could not be made.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SimulateError {
    /// A value of the configuration is out of range.
    #[error("`{key}` is {got}, expected {expected}")]
    Config {
        /// Field of [`WorldConfig`].
        key: &'static str,
        /// The value found.
        got: String,
        /// What would do.
        expected: &'static str,
    },
    /// A file or folder cannot be written.
    #[error("cannot write {}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A Parquet file cannot be written.
    #[error("cannot write {}: {source}", path.display())]
    Parquet {
        /// The file.
        path: PathBuf,
        /// What the writer says.
        source: ParquetError,
    },
    /// Rows cannot form a table.
    #[error("{0}")]
    Arrow(#[source] ArrowError),
}

impl SimulateError {
    fn io(path: &Path, source: std::io::Error) -> Self {
        Self::Io { path: path.to_owned(), source }
    }

    fn parquet(path: &Path, source: ParquetError) -> Self {
        Self::Parquet { path: path.to_owned(), source }
    }
}

/// A file of the world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenFile {
    /// Where it is.
    pub path: PathBuf,
    /// Rows, without the header.
    pub rows: u64,
}

/// What was made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Deals created.
    pub deals: u64,
    /// Of which won before the export.
    pub won: u64,
    /// Of which lost before the export.
    pub lost: u64,
    /// Of which open on the day of the export.
    pub open: u64,
    /// The tables, big ones first; `dealcast.toml` is not among them.
    pub files: Vec<WrittenFile>,
}

/// Makes the world of `config` in the folder `out`, which is created where it is missing. Files of the same name are
/// replaced.
///
/// # Errors
/// [`SimulateError`] where the configuration is out of range or a file cannot be written.
pub fn simulate(config: &WorldConfig, out: &Path, progress: &dyn Progress) -> Result<Summary, SimulateError> {
    config.check()?;
    let truth = out.join(TRUTH);
    std::fs::create_dir_all(&truth).map_err(|source| SimulateError::io(&truth, source))?;
    let world = World::new(config);
    let mut sinks = open_sinks(&world, out)?;
    let mut summary = Summary::default();
    let mut won = WonByMonth::new(&world);
    progress.begin("simulate deals", config.deals);
    in_waves(
        &world,
        |chunk| {
            progress.advance(chunk.deals);
            summary.deals += chunk.deals;
            summary.won += chunk.won;
            summary.lost += chunk.lost;
            chunk.wins.iter().for_each(|win| won.add(&world, win));
        },
        &mut sinks,
    )?;
    summary.open = summary.deals - summary.won - summary.lost;
    for sink in sinks {
        summary.files.push(sink.finish()?);
    }
    for (name, batch) in small_tables::batches(&world, &won).map_err(SimulateError::Arrow)? {
        summary.files.push(sink::write_table(out, name, batch, config.format)?);
    }
    let settings = out.join(WORLD_FILE);
    std::fs::write(&settings, settings::dealcast_toml(config.format))
        .map_err(|source| SimulateError::io(&settings, source))?;
    Ok(summary)
}

fn open_sinks(world: &World, out: &Path) -> Result<Vec<Sink>, SimulateError> {
    let schemas = tables::batches(world, &[]).map_err(SimulateError::Arrow)?;
    let sinks = BIG_TABLES
        .iter()
        .zip(&schemas)
        .map(|((folder, name), batch)| Sink::create(&out.join(folder), name, &batch.schema(), world.config.format));
    sinks.collect()
}

/// Makes a wave of chunks while the wave before is written; chunks are counted and written in order.
fn in_waves(world: &World, mut count: impl FnMut(&Chunk) + Send, sinks: &mut [Sink]) -> Result<(), SimulateError> {
    let chunks: Vec<Range<u64>> = (0..world.config.deals)
        .step_by(CHUNK_DEALS as usize)
        .map(|first| first..(first + CHUNK_DEALS).min(world.config.deals))
        .collect();
    let mut finished: Vec<Chunk> = Vec::new();
    for wave in chunks.chunks(2 * rayon::current_num_threads()) {
        let done = std::mem::take(&mut finished);
        let (written, made) = rayon::join(|| write(done, sinks), || make(world, wave));
        written?;
        finished = made?;
        finished.iter().for_each(&mut count);
    }
    write(finished, sinks)
}

fn make(world: &World, wave: &[Range<u64>]) -> Result<Vec<Chunk>, SimulateError> {
    wave.par_iter().map(|numbers| Chunk::simulate(world, numbers.clone()).map_err(SimulateError::Arrow)).collect()
}

/// Appends every chunk's piece to its table, tables in parallel.
fn write(chunks: Vec<Chunk>, sinks: &mut [Sink]) -> Result<(), SimulateError> {
    let mut by_table: Vec<Vec<sink::Piece>> = sinks.iter().map(|_| Vec::new()).collect();
    for chunk in chunks {
        by_table.iter_mut().zip(chunk.pieces).for_each(|(pieces, piece)| pieces.push(piece));
    }
    sinks
        .par_iter_mut()
        .zip(by_table)
        .try_for_each(|(sink, pieces)| pieces.into_iter().try_for_each(|piece| sink.append(piece)))
}
