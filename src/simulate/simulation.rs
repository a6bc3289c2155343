//! The whole way from a [`WorldConfig`] to the files of its world: chunks of deals are made in parallel and written in order.

use std::ops::Range;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::domain::progress::Progress;
use crate::simulate::chunk::{CHUNK_DEALS, DealChunk};
use crate::simulate::config::WorldConfig;
use crate::simulate::deal_files::{open_sinks, write_file};
use crate::simulate::error::SimulateError;
use crate::simulate::file_list::write_file_list;
use crate::simulate::layout::{TRUTH, WORLD_FILE};
use crate::simulate::settings::{carried_toml, dealcast_toml};
use crate::simulate::sink::{Piece, Sink, WorldFile, write_table};
use crate::simulate::small_tables;
use crate::simulate::targets::WonByMonth;
use crate::simulate::world::World;

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
    /// The tables, big ones first; `dealcast.toml` and the list of all are not among them.
    pub files: Vec<WorldFile>,
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
    write_small(&world, &won, out, &mut summary)?;
    let settings = write_settings(&world, out)?;
    let tables = summary.files.iter().map(|file| file.path.clone());
    write_file_list(out, &tables.chain(settings).collect::<Vec<PathBuf>>())?;
    Ok(summary)
}

fn write_small(world: &World, won: &WonByMonth, out: &Path, summary: &mut Summary) -> Result<(), SimulateError> {
    let tables = small_tables::batches(world, won).map_err(SimulateError::Arrow)?;
    if let Some(export) = &world.export {
        for file in export.small_files(&tables).map_err(SimulateError::Arrow)? {
            summary.files.push(write_file(export, &file, out)?);
        }
        return Ok(());
    }
    for (table, batch) in tables {
        summary.files.push(write_table(&out.join(table.name()), batch, world.config.format)?);
    }
    Ok(())
}

/// Writes the configuration; that of a CRM's export is for `dealcast init` to find.
fn write_settings(world: &World, out: &Path) -> Result<Option<PathBuf>, SimulateError> {
    let text = match &world.export {
        None => dealcast_toml(world.config.format),
        Some(export) if export.is_canonical() => carried_toml(export),
        Some(_) => return Ok(None),
    };
    let settings = out.join(WORLD_FILE);
    std::fs::write(&settings, text).map_err(|source| SimulateError::io(&settings, source))?;
    Ok(Some(settings))
}

/// Makes a wave of chunks while the wave before is written; chunks are counted and written in order.
fn in_waves(world: &World, mut count: impl FnMut(&DealChunk) + Send, sinks: &mut [Sink]) -> Result<(), SimulateError> {
    let chunks: Vec<Range<u64>> = (0..world.config.deals)
        .step_by(CHUNK_DEALS as usize)
        .map(|first| first..(first + CHUNK_DEALS).min(world.config.deals))
        .collect();
    let mut finished: Vec<DealChunk> = Vec::new();
    for wave in chunks.chunks(2 * rayon::current_num_threads()) {
        let done = std::mem::take(&mut finished);
        let (written, made) = rayon::join(|| write(done, sinks), || make(world, wave));
        written?;
        finished = made?;
        finished.iter().for_each(&mut count);
    }
    write(finished, sinks)
}

fn make(world: &World, wave: &[Range<u64>]) -> Result<Vec<DealChunk>, SimulateError> {
    wave.par_iter().map(|numbers| DealChunk::simulate(world, numbers.clone()).map_err(SimulateError::Arrow)).collect()
}

/// Appends every chunk's piece to its table, tables in parallel.
fn write(chunks: Vec<DealChunk>, sinks: &mut [Sink]) -> Result<(), SimulateError> {
    let mut by_table: Vec<Vec<Piece>> = sinks.iter().map(|_| Vec::new()).collect();
    for chunk in chunks {
        by_table.iter_mut().zip(chunk.pieces).for_each(|(pieces, piece)| pieces.push(piece));
    }
    sinks
        .par_iter_mut()
        .zip(by_table)
        .try_for_each(|(sink, pieces)| pieces.into_iter().try_for_each(|piece| sink.append(piece)))
}
