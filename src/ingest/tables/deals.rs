//! The deals table: one row per deal, every column of the input under its canonical name or its own.
//!
//! A polars frame for joins and groupings, read elsewhere by typed columns: one method per column of the contract, and
//! [`Deals::attribute`] for what only the input knows. Holds nothing that changes over time.

use std::collections::BTreeMap;

use polars::prelude::{
    ChunkedArray, Column, DataFrame, DataType, Int64Chunked, IntoColumn, NewChunkedArray, PlSmallStr, PolarsError,
    PolarsNumericType, PolarsResult, StringChunked, UInt32Chunked,
};

use crate::domain::code::Dictionary;
use crate::domain::day::{Day, Moment};
use crate::domain::ids::{CurrencyId, Id, OwnerId, PipelineId, RowIx, StageNameId, WordId};
use crate::domain::maybe::{Compact, Maybe};
use crate::domain::stage::{ForecastCategory, StageKind};
use crate::ingest::tables::attribute::{Attribute, Numbers, Words};
use crate::ingest::tables::codes::{category_of, status_of};

/// The columns of the contract as the frame has them: name, type, and whether every table has it.
const LAYOUT: [(&str, DataType, bool); 18] = [
    ("deal_id", DataType::String, true),
    ("created_at", DataType::Int64, true),
    ("stage", DataType::UInt32, true),
    ("currency", DataType::UInt32, true),
    ("closed_at", DataType::Int64, false),
    ("status", DataType::UInt32, false),
    ("forecast_category", DataType::UInt32, false),
    ("owner", DataType::UInt32, false),
    ("amount_minor", DataType::Int64, false),
    ("expected_close_date", DataType::Int32, false),
    ("probability", DataType::Float64, false),
    ("name", DataType::String, false),
    (ACCOUNT, DataType::UInt32, false),
    (SOURCE, DataType::UInt32, false),
    (PRODUCT, DataType::UInt32, false),
    (REGION, DataType::UInt32, false),
    (PIPELINE, DataType::UInt32, false),
    (CAMPAIGN, DataType::UInt32, false),
];

const ACCOUNT: &str = "account";
const SOURCE: &str = "source";
const PRODUCT: &str = "product";
const REGION: &str = "region";
const PIPELINE: &str = "pipeline";
const CAMPAIGN: &str = "campaign";

/// The columns of the contract that say of what sort a deal is, in words.
const WORD_COLUMNS: [&str; 6] = [ACCOUNT, SOURCE, PRODUCT, REGION, PIPELINE, CAMPAIGN];

/// One row per deal, in a polars frame whose columns are named by the contract.
///
/// | column | type | null |
/// |---|---|---|
/// | `deal_id` | String, unique | never |
/// | `created_at`, `closed_at` | Int64, microseconds ([`Moment`]) | `closed_at` |
/// | `stage`, `owner`, `currency` | UInt32 codes of the shared dictionaries | `owner` |
/// | `status`, `forecast_category` | UInt32, see [`status_code`](crate::ingest::tables::status_code) and [`category_code`](crate::ingest::tables::category_code) | both |
/// | `amount_minor` | Int64, minor units of `currency` | yes |
/// | `expected_close_date` | Int32 days | yes |
/// | `probability` | Float64, 0 to 1 | yes |
/// | `name` | String | yes |
/// | `account`, `source`, `product`, `region`, `pipeline`, `campaign` | UInt32 codes of the column's own dictionary | yes |
/// | every further column of the input | UInt32 codes of its dictionary, or Float64 | yes |
///
/// Optional columns that the input lacks are absent here too, and read as missing on every deal.
#[derive(Clone, Debug, Default)]
pub struct Deals {
    frame: DataFrame,
    dictionaries: BTreeMap<String, Dictionary>,
    pipelines: Dictionary<PipelineId>,
    extras: Vec<String>,
}

impl Deals {
    /// Wraps a frame laid out as documented on the type. `extras` are the columns the contract does not name.
    ///
    /// # Errors
    /// A polars error where a column is of another type, or one that every table has is not there.
    pub fn new(
        frame: DataFrame,
        dictionaries: BTreeMap<String, Dictionary>,
        extras: Vec<String>,
    ) -> PolarsResult<Self> {
        check(&frame)?;
        let pipelines = dictionaries.get(PIPELINE).cloned().unwrap_or_default().retyped();
        Ok(Self { frame, dictionaries, pipelines, extras })
    }

    /// Writes other ids into a column of a shared dictionary: the new one by the old one.
    ///
    /// # Errors
    /// A polars error where the column does not fit the frame, which cannot be.
    pub(crate) fn recode<T: Id>(&mut self, name: &'static str, ids: &[T]) -> PolarsResult<()> {
        let Some(codes) = self.codes(name) else { return Ok(()) };
        let recoded = codes.iter().map(|code| code.and_then(|code| ids.get(code as usize)).map(|id| id.index() as u32));
        let column = if codes.null_count() == 0 {
            UInt32Chunked::from_vec(name.into(), recoded.flatten().collect())
        } else {
            UInt32Chunked::from_iter_options(name.into(), recoded)
        };
        self.frame.with_column(column.into_column())?;
        Ok(())
    }

    /// The words of a column, deal by deal, where it is one of words and filled.
    pub(crate) fn each_word(&self, name: &str) -> Option<impl Iterator<Item = &str>> {
        let (codes, words) = (self.codes(name)?, self.dictionaries.get(name)?);
        Some(codes.iter().filter_map(|code| words.name(WordId::at(code? as usize))))
    }

    /// Writes words of a column as `kept` has them.
    pub(crate) fn rename_words(&mut self, name: &'static str, kept: &BTreeMap<String, String>) -> PolarsResult<()> {
        let Some(words) = self.dictionaries.get(name) else { return Ok(()) };
        let mut renamed: Dictionary = Dictionary::default();
        let ids: Vec<WordId> =
            words.names().map(|word| renamed.intern(kept.get(word).map_or(word, String::as_str))).collect();
        let (ordered, order) = renamed.in_name_order();
        let ids: Vec<WordId> = ids.into_iter().map(|id| order[id.index()]).collect();
        self.recode(name, &ids)?;
        self.dictionaries.insert(name.to_owned(), ordered);
        Ok(())
    }

    /// Dates all deals to the beginning of `day`: of deals without any date no more is known than that they are there.
    pub(crate) fn create_all_on(&mut self, day: Day) -> PolarsResult<()> {
        let moments = vec![day.start().0; self.len()];
        self.frame.with_column(Int64Chunked::from_vec("created_at".into(), moments).into_column())?;
        Ok(())
    }

    /// The frame itself, for joins and groupings.
    #[must_use]
    pub fn frame(&self) -> &DataFrame {
        &self.frame
    }

    /// Number of deals.
    #[must_use]
    pub fn len(&self) -> usize {
        self.frame.height()
    }

    /// Whether there is no deal.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The rows.
    pub fn rows(&self) -> impl Iterator<Item = RowIx> + use<> {
        (0..self.len()).map(RowIx::at)
    }

    /// Names of the columns, as the contract or the input has them.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        let names = self.frame.get_column_names().into_iter().map(PlSmallStr::as_str);
        names.map(|name| if name == "amount_minor" { "amount" } else { name })
    }

    /// Names of the columns the contract does not know: candidate features.
    #[must_use]
    pub fn extras(&self) -> &[String] {
        &self.extras
    }

    /// The id of the deal in `row`.
    #[must_use]
    pub fn id(&self, row: RowIx) -> Option<&str> {
        self.text("deal_id", row)
    }

    /// Every deal's id.
    #[must_use]
    pub fn ids(&self) -> Vec<&str> {
        self.texts("deal_id").map(|ids| ids.iter().map(Option::unwrap_or_default).collect()).unwrap_or_default()
    }

    /// The name of the deal in `row`; `None` where it has none.
    #[must_use]
    pub fn name(&self, row: RowIx) -> Option<&str> {
        self.text("name", row)
    }

    /// When each deal was created.
    #[must_use]
    pub fn created_at(&self) -> Vec<Moment> {
        let cells = self.integers("created_at").into_iter().flat_map(ChunkedArray::iter);
        cells.map(|at| Moment(at.unwrap_or_default())).collect()
    }

    /// When each deal was closed.
    #[must_use]
    pub fn closed_at(&self) -> Vec<Maybe<Moment>> {
        self.filled(self.integers("closed_at"), Moment)
    }

    /// Each deal's stage, as written.
    #[must_use]
    pub fn stages(&self) -> Vec<Maybe<StageNameId>> {
        self.filled(self.codes("stage"), |code| StageNameId::at(code as usize))
    }

    /// Whether each deal is open, won or lost, where the input says so.
    #[must_use]
    pub fn statuses(&self) -> Vec<Option<StageKind>> {
        self.optional(self.codes("status"), status_of)
    }

    /// Each deal's owner.
    #[must_use]
    pub fn owners(&self) -> Vec<Maybe<OwnerId>> {
        self.filled(self.codes("owner"), |code| OwnerId::at(code as usize))
    }

    /// The currency of each deal's amount.
    #[must_use]
    pub fn currencies(&self) -> Vec<CurrencyId> {
        let cells = self.codes("currency").into_iter().flat_map(ChunkedArray::iter);
        cells.map(|code| CurrencyId::at(code.unwrap_or_default() as usize)).collect()
    }

    /// Each deal's forecast category, where the input has one.
    #[must_use]
    pub fn categories(&self) -> Vec<Option<ForecastCategory>> {
        self.optional(self.codes("forecast_category"), category_of)
    }

    /// Each deal's amount in minor units.
    #[must_use]
    pub fn amounts_minor(&self) -> Vec<Maybe<i64>> {
        self.filled(self.integers("amount_minor"), |minor| minor)
    }

    /// The day each deal is expected to close on.
    #[must_use]
    pub fn expected_closes(&self) -> Vec<Maybe<Day>> {
        let days = self.frame.column("expected_close_date").ok().and_then(|column| column.i32().ok());
        self.filled(days, Day)
    }

    /// The CRM's own chance to win each deal, 0 to 1.
    #[must_use]
    pub fn probabilities(&self) -> Vec<Maybe<f64>> {
        let chances = self.frame.column("probability").ok().and_then(|column| column.f64().ok());
        self.filled(chances, |chance| chance)
    }

    /// Each deal's pipeline.
    #[must_use]
    pub fn pipelines(&self) -> Vec<Maybe<PipelineId>> {
        self.filled(self.codes(PIPELINE), |code| PipelineId::at(code as usize))
    }

    /// Names of the pipelines.
    #[must_use]
    pub fn pipeline_names(&self) -> &Dictionary<PipelineId> {
        &self.pipelines
    }

    /// The `account` column, if the input has it.
    #[must_use]
    pub fn account(&self) -> Option<Words<'_>> {
        self.words(ACCOUNT)
    }

    /// The `source` column, if the input has it.
    #[must_use]
    pub fn source(&self) -> Option<Words<'_>> {
        self.words(SOURCE)
    }

    /// The `campaign` column, if the input has it.
    #[must_use]
    pub fn campaign(&self) -> Option<Words<'_>> {
        self.words(CAMPAIGN)
    }

    /// What says of what sort a deal is, by name: a word column of the contract, or a column only the input knows.
    /// `None` where the input has no such column.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<Attribute<'_>> {
        if WORD_COLUMNS.contains(&name) { self.words(name).map(Attribute::Words) } else { self.extra(name) }
    }

    /// Names of all attributes: the contract's in its order, then the input's own.
    pub fn attributes(&self) -> impl Iterator<Item = &str> {
        let own = self.extras.iter().map(String::as_str);
        WORD_COLUMNS.into_iter().filter(|name| self.words(name).is_some()).chain(own)
    }

    /// A column the contract does not know, by its name in the input. `None` where the input has no such column.
    #[must_use]
    pub fn extra(&self, name: &str) -> Option<Attribute<'_>> {
        self.extras.iter().find(|extra| *extra == name)?;
        let numbers = || self.frame.column(name).ok()?.f64().ok().map(Numbers::of);
        self.words(name).map(Attribute::Words).or_else(|| numbers().map(Attribute::Numbers))
    }

    /// Whether the input has a column of numbers, attribute or not, by this name.
    #[must_use]
    pub fn is_number(&self, name: &str) -> bool {
        self.frame.column(name).is_ok_and(|column| column.dtype() == &DataType::Float64)
    }

    /// The words of a column; ids of the shared dictionaries are none.
    fn words(&self, name: &str) -> Option<Words<'_>> {
        Some(Words::of(self.codes(name)?, self.dictionaries.get(name)?))
    }

    /// A column as long as the table, without any value where the input has none.
    fn filled<C: PolarsNumericType, T: Compact>(
        &self,
        cells: Option<&ChunkedArray<C>>,
        value: impl Fn(C::Native) -> T,
    ) -> Vec<Maybe<T>> {
        match cells {
            Some(cells) => cells.iter().map(|cell| cell.map(&value).into()).collect(),
            None => vec![Maybe::NONE; self.len()],
        }
    }

    fn optional<T: Clone>(&self, codes: Option<&UInt32Chunked>, value: impl Fn(u32) -> Option<T>) -> Vec<Option<T>> {
        match codes {
            Some(codes) => codes.iter().map(|code| code.and_then(&value)).collect(),
            None => vec![None; self.len()],
        }
    }

    fn codes(&self, name: &str) -> Option<&UInt32Chunked> {
        self.frame.column(name).ok()?.u32().ok()
    }

    fn integers(&self, name: &'static str) -> Option<&Int64Chunked> {
        self.frame.column(name).ok()?.i64().ok()
    }

    fn texts(&self, name: &'static str) -> Option<&StringChunked> {
        self.frame.column(name).ok()?.str().ok()
    }

    fn text(&self, name: &'static str, row: RowIx) -> Option<&str> {
        self.texts(name)?.get(row.index())
    }
}

fn check(frame: &DataFrame) -> PolarsResult<()> {
    for (name, expected, required) in LAYOUT {
        match frame.column(name).map(Column::dtype) {
            Ok(found) if *found == expected => {}
            Ok(found) => {
                let problem = format!("column `{name}` of the deals is {found}, expected {expected}");
                return Err(PolarsError::SchemaMismatch(problem.into()));
            }
            Err(error) if required => return Err(error),
            Err(_) => {}
        }
    }
    Ok(())
}
