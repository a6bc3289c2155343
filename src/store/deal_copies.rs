//! Dated copies of the deals table, for a team whose CRM keeps no history: a folder with a file per day, each of which
//! holds what is new or has changed since the last one.
//!
//! [`RawDeals`] of today and of the copies so far in; a new file out. What they mean is read by `ingest`, with the mapping of
//! the export itself (`copies = "changes"`).

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::domain::day::Day;
use crate::ingest::{RawDeal, RawDeals};
use crate::store::error::OutputError;
use crate::store::file::{check_writable, write_file};
use crate::store::lock::hold_folder;

/// The column that is filled where a deal is gone.
pub const GONE: &str = "gone";

/// What the names of copies begin with.
const PREFIX: &str = "deals_";

/// The files a folder of copies is read by.
pub const PATTERN: &str = "deals_*.csv";

/// What a day's copy adds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddedCopy {
    /// The new file; none where nothing has changed.
    pub file: Option<PathBuf>,
    /// Deals that were not there before.
    pub new: u64,
    /// Deals that say something else.
    pub changed: u64,
    /// Deals that are gone.
    pub gone: u64,
    /// Deals that are as they were.
    pub unchanged: u64,
}

/// The days of the copies in `folder`, oldest first; none where there is no folder.
///
/// # Errors
/// [`OutputError::Io`] where the folder cannot be listed.
pub fn days(folder: &Path) -> Result<Vec<Day>, OutputError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(OutputError::io("read", folder)(error)),
    };
    let mut days = BTreeSet::new();
    for entry in entries {
        let name = entry.map_err(OutputError::io("read", folder))?.file_name();
        let day: Option<Day> =
            name.to_str().and_then(|name| name.strip_prefix(PREFIX)?.strip_suffix(".csv")?.parse().ok());
        days.extend(day);
    }
    Ok(days.into_iter().collect())
}

/// The name of a day's copy.
#[must_use]
pub fn name_of(day: Day) -> String {
    format!("{PREFIX}{day}.csv")
}

/// A folder of copies that no other process changes.
#[derive(Debug)]
pub struct HeldCopies {
    folder: PathBuf,
    _lock: fs::File,
}

/// Waits for the folder of copies, which is made where it is not there, to be free, and holds it: what is added rests on what
/// is read before.
///
/// # Errors
/// [`OutputError::Io`] where the folder cannot be made or locked.
pub fn hold(folder: &Path) -> Result<HeldCopies, OutputError> {
    check_can_add(folder)?;
    fs::create_dir_all(folder).map_err(OutputError::io("create", folder))?;
    let lock = hold_folder(folder).map_err(OutputError::io("lock", folder))?;
    Ok(HeldCopies { folder: folder.to_owned(), _lock: lock })
}

/// The copies of a folder in a place of their own, which goes with this: what is added there nobody else sees.
#[derive(Debug)]
pub struct BorrowedCopies {
    /// Where copies are added.
    pub held: HeldCopies,
    place: TempDir,
}

impl BorrowedCopies {
    /// Where they lie.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.place.path()
    }
}

/// Borrows the copies of `folder`, which need not be there.
///
/// # Errors
/// [`OutputError::Io`] where a place cannot be made, or a copy not be read.
pub fn borrow(folder: &Path) -> Result<BorrowedCopies, OutputError> {
    let place = tempfile::tempdir().map_err(OutputError::io("create", folder))?;
    for day in days(folder)? {
        let copy = folder.join(name_of(day));
        fs::copy(&copy, place.path().join(name_of(day))).map_err(OutputError::io("read", &copy))?;
    }
    Ok(BorrowedCopies { held: hold(place.path())?, place })
}

/// Whether a copy could be put into `folder`; changes nothing.
///
/// # Errors
/// [`OutputError::Io`].
pub fn check_can_add(folder: &Path) -> Result<(), OutputError> {
    if folder.exists() && !folder.is_dir() {
        return Err(OutputError::Unusable { path: folder.to_owned(), reason: "it is a file" });
    }
    check_writable(folder)
}

/// Adds to the folder `held` the copy of `day`: what `today` has that the copies `before` it have not, which are in the order of
/// their days. A copy of the same day is replaced.
///
/// # Errors
/// [`OutputError`] where the file cannot be written; what was there stays.
pub fn add(held: &HeldCopies, day: Day, before: &[RawDeals], today: &RawDeals) -> Result<AddedCopy, OutputError> {
    let folder = held.folder.as_path();
    let known = state(before);
    let now = state(std::slice::from_ref(today));
    let is_same = |id: &str, rows: &Rows<'_>| known.get(id).is_some_and(|old| says(old) == says(rows));
    let differing: Vec<&Rows<'_>> = now.iter().filter(|(id, rows)| !is_same(id, rows)).map(|(_, rows)| rows).collect();
    let new = now.keys().filter(|id| !known.contains_key(*id)).count();
    let gone: Vec<&Rows<'_>> = known.iter().filter(|(id, _)| !now.contains_key(*id)).map(|(_, rows)| rows).collect();
    let added = AddedCopy {
        file: (!differing.is_empty() || !gone.is_empty()).then(|| folder.join(name_of(day))),
        new: new as u64,
        changed: (differing.len() - new) as u64,
        gone: gone.len() as u64,
        unchanged: (now.len() - differing.len()) as u64,
    };
    let Some(file) = &added.file else {
        // an earlier copy of the day said something else
        return match fs::remove_file(folder.join(name_of(day))) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(OutputError::io("replace", folder)(error)),
            _ => Ok(added),
        };
    };
    write_file(file, |out| {
        let headers = headers(today, &gone);
        let mut writer = csv::Writer::from_writer(out);
        line(&mut writer, headers.iter().copied().map(Some).chain([Some(GONE)]))?;
        let rows =
            differing.into_iter().map(|rows| (rows, None)).chain(gone.into_iter().map(|rows| (rows, Some("yes"))));
        let mut count = 0;
        for (rows, gone) in rows {
            for row in rows {
                line(&mut writer, headers.iter().map(|header| row.get(header)).chain([gone]))?;
                count += 1;
            }
        }
        writer.flush()?;
        Ok(Some(count))
    })?;
    Ok(added)
}

/// A row under its header.
#[derive(Clone, Copy)]
struct Row<'a> {
    headers: &'a [String],
    row: &'a RawDeal,
}

impl<'a> Row<'a> {
    fn get(&self, header: &str) -> Option<&'a str> {
        let at = self.headers.iter().position(|own| own == header)?;
        self.row.cells[at].as_deref()
    }
}

/// The rows of one deal in one copy: one, in a sound export.
type Rows<'a> = Vec<Row<'a>>;

/// How every deal stood after these copies. A deal that was gone is not there.
fn state(copies: &[RawDeals]) -> BTreeMap<&str, Rows<'_>> {
    let mut state: BTreeMap<&str, Rows<'_>> = BTreeMap::new();
    for copy in copies {
        let mut of_copy: BTreeMap<&str, Rows<'_>> = BTreeMap::new();
        for row in &copy.rows {
            of_copy.entry(&row.id).or_default().push(Row { headers: &copy.headers, row });
        }
        for (id, rows) in of_copy {
            if rows.iter().any(|row| row.row.gone) {
                state.remove(id);
            } else {
                state.insert(id, rows);
            }
        }
    }
    state
}

/// How many deals there are after these copies.
#[must_use]
pub fn deals_in(copies: &[RawDeals]) -> usize {
    state(copies).len()
}

/// What rows say, whatever the order of rows and columns; empty cells say nothing.
fn says<'a>(rows: &Rows<'a>) -> BTreeSet<Vec<(&'a str, &'a str)>> {
    let row = |row: &Row<'a>| {
        let cells = row.headers.iter().zip(&row.row.cells).filter(|(header, _)| *header != GONE);
        let mut filled: Vec<_> = cells.filter_map(|(header, cell)| Some((header.as_str(), cell.as_deref()?))).collect();
        filled.sort_unstable();
        filled
    };
    rows.iter().map(row).collect()
}

/// The columns of a copy: today's, and those only rows that are gone have.
fn headers<'a>(today: &'a RawDeals, gone: &[&Rows<'a>]) -> Vec<&'a str> {
    let mut headers: Vec<&str> = today.headers.iter().map(String::as_str).filter(|header| *header != GONE).collect();
    for header in gone.iter().flat_map(|rows| rows.iter()).flat_map(|row| row.headers) {
        if header != GONE && !headers.contains(&header.as_str()) {
            headers.push(header);
        }
    }
    headers
}

/// Cells as they are: what is read as input is no report, and must come back as the CRM has it.
fn line<'a>(
    writer: &mut csv::Writer<impl Write>,
    cells: impl Iterator<Item = Option<&'a str>>,
) -> Result<(), csv::Error> {
    writer.write_record(cells.map(Option::unwrap_or_default))
}
