//! Deals made in memory to [`Tables`], for embedding and for tests.

use std::collections::BTreeMap;

use polars::prelude::{Column, DataFrame, NamedFrom, PolarsResult, Series};

use crate::domain::code::Dictionary;
use crate::domain::stage::StageKind;
use crate::ingest::tables::all::Tables;
use crate::ingest::tables::codes::{code, status_code};
use crate::ingest::tables::deals::Deals;

/// One deal, for building tables in memory.
#[derive(Clone, Debug, Default)]
pub struct DealRow {
    /// Unique id.
    pub deal_id: String,
    /// Name of the deal; a column where any deal has one.
    pub name: Option<String>,
    /// Stage as written.
    pub stage: String,
    /// When created.
    pub created_at: i64,
    /// When closed.
    pub closed_at: Option<i64>,
    /// Open, won or lost, where the input says so.
    pub status: Option<StageKind>,
    /// Minor units of `currency`.
    pub amount_minor: Option<i64>,
    /// ISO code; empty = `USD`.
    pub currency: String,
    /// Owner id.
    pub owner: Option<String>,
    /// Expected close date.
    pub expected_close_date: Option<i32>,
    /// The CRM's own chance to win.
    pub probability: Option<f64>,
    /// Marketing source.
    pub source: Option<String>,
    /// Product.
    pub product: Option<String>,
    /// Sales process; a column where any deal has one.
    pub pipeline: Option<String>,
    /// Marketing campaign; a column where any deal has one.
    pub campaign: Option<String>,
    /// Further text columns; every row of a table must name the same ones.
    pub extras: Vec<(String, Option<String>)>,
}

impl Tables {
    /// Tables with these deals and nothing else, for embedding and for tests. Row `i` is deal number `i`.
    ///
    /// # Errors
    /// A polars error where the columns cannot form a frame.
    pub fn from_deals(rows: &[DealRow]) -> PolarsResult<Self> {
        let mut tables = Self::default();
        let mut columns: Vec<Column> = Vec::new();
        let mut add = |series: Series| columns.push(series.into());
        add(Series::new("deal_id".into(), rows.iter().map(|r| r.deal_id.as_str()).collect::<Vec<_>>()));
        add(Series::new("created_at".into(), rows.iter().map(|r| r.created_at).collect::<Vec<_>>()));
        add(Series::new("closed_at".into(), rows.iter().map(|r| r.closed_at).collect::<Vec<_>>()));
        let stages = rows.iter().map(|r| code(tables.stage_names.intern(&r.stage))).collect::<Vec<_>>();
        add(Series::new("stage".into(), stages));
        add(Series::new("status".into(), rows.iter().map(|r| r.status.map(status_code)).collect::<Vec<_>>()));
        let owners = rows.iter().map(|r| r.owner.as_deref().map(|o| code(tables.owners.intern(o)))).collect::<Vec<_>>();
        add(Series::new("owner".into(), owners));
        let currency = |r: &DealRow| if r.currency.is_empty() { "USD".to_owned() } else { r.currency.clone() };
        let codes = rows.iter().map(|r| code(tables.currency(&currency(r)))).collect::<Vec<_>>();
        add(Series::new("currency".into(), codes));
        add(Series::new("amount_minor".into(), rows.iter().map(|r| r.amount_minor).collect::<Vec<_>>()));
        add(Series::new("expected_close_date".into(), rows.iter().map(|r| r.expected_close_date).collect::<Vec<_>>()));
        add(Series::new("probability".into(), rows.iter().map(|r| r.probability).collect::<Vec<_>>()));
        if rows.iter().any(|r| r.name.is_some()) {
            add(Series::new("name".into(), rows.iter().map(|r| r.name.as_deref()).collect::<Vec<_>>()));
        }
        let mut dictionaries = BTreeMap::new();
        let extras: Vec<String> =
            rows.first().map(|r| r.extras.iter().map(|e| e.0.clone()).collect()).unwrap_or_default();
        let mut text = |name: &str, read: &dyn Fn(&DealRow) -> Option<&str>| {
            let mut dictionary = Dictionary::default();
            let codes = rows.iter().map(|r| read(r).map(|v| code(dictionary.intern(v)))).collect::<Vec<_>>();
            add(Series::new(name.into(), codes));
            dictionaries.insert(name.to_owned(), dictionary);
        };
        text("source", &|r| r.source.as_deref());
        text("product", &|r| r.product.as_deref());
        if rows.iter().any(|r| r.pipeline.is_some()) {
            text("pipeline", &|r| r.pipeline.as_deref());
        }
        if rows.iter().any(|r| r.campaign.is_some()) {
            text("campaign", &|r| r.campaign.as_deref());
        }
        for (i, name) in extras.iter().enumerate() {
            text(name, &|r| r.extras.get(i).and_then(|e| e.1.as_deref()));
        }
        tables.deals = Deals::new(DataFrame::new_infer_height(columns)?, dictionaries, extras)?;
        Ok(tables)
    }
}
