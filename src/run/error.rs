//! Why a flow stopped: [`RunError`], one type for all of them. What to do about it is said where it is shown.

use arrow::error::ArrowError;
use polars::prelude::PolarsError;
use thiserror::Error;

use crate::analyses::forecast::ForecastError;
use crate::books::segment::SegmentError;
use crate::domain::day::Day;
use crate::domain::period::{FiscalCalendar, PeriodKind};
use crate::ingest::IngestError;
use crate::model::ModelError;
use crate::store::error::OutputError;
use crate::timeline::StageListError;

/// Why a flow stopped.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RunError {
    /// The input cannot be used.
    #[error(transparent)]
    Ingest(#[from] IngestError),
    /// The stages cannot be brought into a process.
    #[error(transparent)]
    Stages(#[from] StageListError),
    /// The configuration names what there is not.
    #[error("{sentence}")]
    Misspelt {
        /// The key and the name.
        sentence: String,
        /// The name that may be meant.
        hint: String,
    },
    /// Copies are kept in the order of their days.
    #[error("{folder} has a copy of {later} already, expected a day after it and not {day}")]
    OldCopy {
        /// The folder.
        folder: String,
        /// The day of the new copy.
        day: Day,
        /// The newest copy.
        later: Day,
    },
    /// An export that may have been cut off.
    #[error("the deals table holds {now} deals, where the copies so far hold {known}: was the export cut off?")]
    ShrunkenExport {
        /// Deals in the table.
        now: usize,
        /// Deals there were.
        known: usize,
    },
    /// A copy is made of one file.
    #[error("the deals table lies in {files} files with rows, expected one: a copy is made of one export")]
    SeveralFiles {
        /// Files with rows.
        files: usize,
    },
    /// No deal was created before the day.
    #[error("no deal was created before {as_of}, the as-of day")]
    NothingYet {
        /// The day.
        as_of: Day,
    },
    /// Nobody named a day, and no row has one.
    #[error("no row has a date: name a day with --as-of")]
    NoDate,
    /// The day lies outside the table of periods.
    #[error("{as_of}, the as-of day, lies outside `calendar.table`, which runs from {first} to {last}")]
    OutsideCalendar {
        /// The day.
        as_of: Day,
        /// First day of the table.
        first: Day,
        /// Last day of the table.
        last: Day,
    },
    /// The day to compare with does not lie before the as-of day.
    #[error("--{flag} is {day}, expected a day before {as_of}, {what}")]
    NotBefore {
        /// Who named it.
        flag: &'static str,
        /// The day.
        day: Day,
        /// The as-of day.
        as_of: Day,
        /// What the as-of day is to it.
        what: &'static str,
    },
    /// The run to start from is of a later day than the other.
    #[error("the first run is as of {old}, the second as of {new}; expected the earlier run first")]
    RunsOutOfOrder {
        /// The day of the first.
        old: Day,
        /// The day of the second.
        new: Day,
    },
    /// A column cannot tell deals apart.
    #[error(transparent)]
    Segment(#[from] SegmentError),
    /// No deal has the value asked for.
    #[error("no deal has the {column} {wanted:?}")]
    NoSuchValue {
        /// The column.
        column: String,
        /// What was asked for.
        wanted: String,
        /// A value there is that may be meant.
        guess: Option<String>,
    },
    /// A forecast is asked for what is not there.
    #[error("no deal, user or quota has the {column} {wanted:?}")]
    NoSuchNode {
        /// `owner`, `team`, `region` or `currency`.
        column: &'static str,
        /// What was asked for.
        wanted: String,
        /// A name there is that may be meant.
        guess: Option<String>,
    },
    /// There is no such deal on the day.
    #[error("no deal {id:?} was there before {as_of}")]
    NoSuchDeal {
        /// What was asked for.
        id: String,
        /// The day.
        as_of: Day,
        /// An id there is that may be meant.
        guess: Option<String>,
    },
    /// A lead that is no deal on the day.
    #[error("lead {id:?} had become no deal before {as_of}")]
    LeadWithoutDeal {
        /// The lead.
        id: String,
        /// The day.
        as_of: Day,
    },
    /// A score is asked of a deal that has none.
    #[error("deal {id:?} is {ended}; only open deals have a score")]
    NotOpen {
        /// The deal.
        id: String,
        /// `won` or `lost`.
        ended: &'static str,
    },
    /// An open deal was not scored.
    #[error("deal {id:?} has no score")]
    Unscored {
        /// The deal.
        id: String,
    },
    /// Two groups to compare have deals in common.
    #[error("{first} and {second} have {deals} in common")]
    GroupsOverlap {
        /// A group.
        first: String,
        /// The other.
        second: String,
        /// How many, in words.
        deals: String,
    },
    /// Costs are given for longer periods than the one asked for.
    #[error("costs are per {}, --period asks for a {}", costs.name(), asked.name())]
    CostsOfLongerPeriods {
        /// Of the costs.
        costs: PeriodKind,
        /// Asked for.
        asked: PeriodKind,
    },
    /// The forecast cannot be made.
    #[error(transparent)]
    Forecast(#[from] ForecastError),
    /// There is no model, or it cannot be used.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// A file cannot be written.
    #[error(transparent)]
    Output(#[from] OutputError),
    /// A grouping failed.
    #[error("grouping the deals failed: {0}")]
    Grouping(#[from] PolarsError),
    /// A table cannot be made.
    #[error(transparent)]
    Table(#[from] ArrowError),
    /// A document cannot be made.
    #[error(transparent)]
    Document(#[from] serde_json::Error),
}

/// Whether the calendar knows the as-of day.
pub(super) fn check_day(calendar: &FiscalCalendar, as_of: Day) -> Result<(), RunError> {
    match calendar.known().filter(|(first, last)| as_of < *first || *last < as_of) {
        Some((first, last)) => Err(RunError::OutsideCalendar { as_of, first, last }),
        None => Ok(()),
    }
}
