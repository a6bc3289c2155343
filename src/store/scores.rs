//! The scores of earlier runs, kept beside the models: one file per day, `scores/2026-02-14.parquet`.
//!
//! A run reads days before its own only and writes its own, so doing a day again gives the same, whatever was done
//! since.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use arrow::array::{Array, AsArray};
use arrow::datatypes::{Float64Type, Int64Type};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use crate::analyses::history::PastScore;
use crate::domain::day::Day;
use crate::domain::ids::DealIx;
use crate::features::FeatureContext;
use crate::ingest::decoded;
use crate::model::{ModelError, PublishedScore, WinModel};
use crate::report::column::{Column, TableSpec};
use crate::report::sinks::{self, Format, Stamp};
use crate::scoring::{PreviousScore, Score, Scores};
use crate::store::file::write_file;

/// The trend looks back so many days.
const TREND_DAYS: i32 = 30;
/// Most days read to judge published scores; beyond, an even choice.
const MOST_DAYS: usize = 60;

/// Most days whose scores the history of a deal shows.
const RECENT_DAYS: usize = 12;
/// How far back these days lie.
const RECENT_SPAN: i32 = 120;

/// Earlier scores by deal id, in time order.
pub type RecentScores = BTreeMap<String, Vec<PastScore>>;

/// The folder of published scores; need not exist.
#[derive(Clone, Debug)]
pub struct ScoreHistory {
    folder: PathBuf,
}

impl ScoreHistory {
    /// The history in `folder`.
    #[must_use]
    pub fn open(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// The days before `day` scores were published on, ascending.
    fn days_before(&self, day: Day) -> Vec<Day> {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().filter_map(Result::ok);
        let day_of = |path: &Path| path.file_stem()?.to_str()?.parse().ok();
        let mut days: Vec<Day> = entries.filter_map(|entry| day_of(&entry.path())).filter(|d| *d < day).collect();
        days.sort_unstable();
        days
    }

    /// The last day before `day` scores were published on.
    #[must_use]
    pub fn last_before(&self, day: Day) -> Option<Day> {
        self.days_before(day).last().copied()
    }

    fn file(&self, day: Day) -> PathBuf {
        self.folder.join(format!("{day}.parquet"))
    }

    /// What was published on `day`; nothing, with a warning, where its file cannot be read.
    fn rows_of(&self, day: Day) -> Vec<PublishedRow> {
        let file = self.file(day);
        decoded(|| Ok(read(&file))).ok().flatten().unwrap_or_else(|| {
            tracing::warn!(file = %file.display(), "earlier scores cannot be read: left out");
            Vec::new()
        })
    }

    /// Earlier scores by deal id, as of the morning of `day`.
    #[must_use]
    pub fn previous(&self, day: Day) -> BTreeMap<String, PreviousScore> {
        let days = self.days_before(day);
        let Some(&last) = days.last() else { return BTreeMap::new() };
        let first = days.iter().copied().find(|d| d.0 >= day.0 - TREND_DAYS).unwrap_or(last);
        let before = if first < last { self.scores_of(first) } else { BTreeMap::new() };
        let mut previous = BTreeMap::new();
        for (id, score) in self.scores_of(last) {
            let month_ago = before.get(&id).copied().unwrap_or(score);
            previous.insert(id, PreviousScore { score, month_ago });
        }
        previous
    }

    /// What was published on `day`, 0 to 100, by deal id.
    fn scores_of(&self, day: Day) -> BTreeMap<String, u8> {
        let rows = self.rows_of(day).into_iter();
        rows.map(|row| (row.deal_id, (100.0 * row.win_probability).round() as u8)).collect()
    }

    /// The scores of deal `id` published before `day`, in time order.
    #[must_use]
    pub fn of_deal(&self, id: &str, day: Day) -> Vec<PastScore> {
        let of_day = |day: Day| {
            let row = self.rows_of(day).into_iter().find(|row| row.deal_id == id)?;
            let PublishedRow { win_probability, horizon_days, model_id, .. } = row;
            Some(PastScore { day, win_probability, horizon_days, model_id })
        };
        self.days_before(day).into_iter().filter_map(of_day).collect()
    }

    /// The scores published on some of the days before `day`, by deal id, in time order: the newest `RECENT_DAYS` of the
    /// last `RECENT_SPAN` days, evenly spread.
    #[must_use]
    pub fn recent(&self, day: Day) -> RecentScores {
        let days: Vec<Day> = self.days_before(day).into_iter().filter(|known| known.0 >= day.0 - RECENT_SPAN).collect();
        let step = days.len().div_ceil(RECENT_DAYS).max(1);
        let mut chosen: Vec<Day> = days.into_iter().rev().step_by(step).collect();
        chosen.reverse();
        let mut scores = RecentScores::new();
        for day in chosen {
            for PublishedRow { deal_id, win_probability, horizon_days, model_id } in self.rows_of(day) {
                let score = PastScore { day, win_probability, horizon_days, model_id };
                scores.entry(deal_id).or_default().push(score);
            }
        }
        scores
    }

    /// Scores whose horizon ended by the context's day, of the deals it knows.
    #[must_use]
    pub fn matured(&self, context: &FeatureContext<'_>) -> Vec<PublishedScore> {
        let as_of = context.timeline.as_of;
        let days = self.days_before(as_of);
        let step = days.len().div_ceil(MOST_DAYS).max(1);
        let deals = &context.tables.deals;
        let position = |id: &str| {
            let id_of = |head: &crate::timeline::DealHead| deals.id(head.row).unwrap_or_default();
            context.timeline.deals.binary_search_by(|head| id_of(head).cmp(id)).ok()
        };
        let mut scores = Vec::new();
        for day in days.into_iter().step_by(step) {
            let published = |row: PublishedRow| {
                Some(PublishedScore {
                    deal: DealIx::at(position(&row.deal_id)?),
                    day,
                    horizon_days: row.horizon_days,
                    win_probability: row.win_probability,
                })
            };
            let rows = self.rows_of(day);
            let is_over = |row: &PublishedRow| i64::from(day.0) + i64::from(row.horizon_days) <= i64::from(as_of.0);
            scores.extend(rows.into_iter().filter(is_over).filter_map(published));
        }
        scores
    }

    /// Keeps the scores of a day, in place of those kept for it before.
    ///
    /// # Errors
    /// [`ModelError::Io`] where the file cannot be written.
    pub fn keep(&self, scores: &Scores, model: &WinModel, context: &FeatureContext<'_>) -> Result<(), ModelError> {
        let path = self.file(scores.as_of);
        let id = |deal: DealIx| context.tables.deals.id(context.timeline.head(deal).row);
        let (horizon_days, model_id) = (model.horizon_days, scores.model_id.as_str());
        let lines: Vec<PublishedLine<'_>> = scores
            .rows
            .iter()
            .map(|score| PublishedLine { score, deal_id: id(score.deal), horizon_days, model_id })
            .collect();
        let stamp = Stamp { as_of: Some(scores.as_of.to_string()), model_id: Some(scores.model_id.clone()) };
        write_file(&path, |out| {
            let table = published_spec().table(&lines, 2).map_err(std::io::Error::other)?;
            sinks::write(&table, Format::Parquet, &stamp, out).map(|()| Some(table.rows() as u64))
        })
        .map(drop)
        .map_err(|error| error.in_models(&self.folder))
    }
}

/// A score with the deal and the model it is of.
struct PublishedLine<'a> {
    score: &'a Score,
    deal_id: Option<&'a str>,
    horizon_days: u32,
    model_id: &'a str,
}

/// The columns of a day's file.
fn published_spec<'a>() -> TableSpec<PublishedLine<'a>> {
    type Line<'a> = PublishedLine<'a>;
    TableSpec::new(
        "scores",
        "open deal",
        vec![
            Column::text("deal_id", "id of the deal", |line: &Line<'_>| line.deal_id.map(Into::into)),
            Column::number("win_probability", "chance to be won within the horizon", |line: &Line<'_>| {
                Some(line.score.win_probability)
            })
            .between(0, 1),
            Column::integer("horizon_days", "days the chance looks ahead", |line: &Line<'_>| {
                Some(line.horizon_days.into())
            })
            .unit("days"),
            Column::text("model_id", "the model", |line: &Line<'_>| Some(line.model_id.into())),
        ],
    )
}

/// A row of a day's file.
struct PublishedRow {
    deal_id: String,
    win_probability: f64,
    horizon_days: u32,
    model_id: String,
}

fn read(path: &Path) -> Option<Vec<PublishedRow>> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(path).ok()?).ok()?.build().ok()?;
    let mut rows = Vec::new();
    for batch in reader {
        let batch = batch.ok()?;
        let ids = batch.column_by_name("deal_id")?.as_string_opt::<i32>()?;
        let chances = batch.column_by_name("win_probability")?.as_primitive_opt::<Float64Type>()?;
        let horizons = batch.column_by_name("horizon_days")?.as_primitive_opt::<Int64Type>()?;
        let models = batch.column_by_name("model_id")?.as_string_opt::<i32>()?;
        for row in (0..batch.num_rows()).filter(|&row| chances.is_valid(row)) {
            rows.push(PublishedRow {
                deal_id: ids.value(row).to_owned(),
                win_probability: chances.value(row),
                horizon_days: u32::try_from(horizons.value(row)).ok()?,
                model_id: models.value(row).to_owned(),
            });
        }
    }
    Some(rows)
}
