//! Names with ids in their own order, whatever the order in which the files name them: what is sorted by an id is sorted by
//! its name then.
//!
//! [`Tables`] in and out. The columns of deals that have names of their own are in order already.

use polars::prelude::PolarsResult;

use crate::domain::code::Dictionary;
use crate::domain::ids::Id;
use crate::domain::maybe::{Compact, Maybe};
use crate::ingest::load::columns::translate;
use crate::ingest::tables::Tables;

/// Gives the names the tables share ids in their own order.
pub(crate) fn put_names_in_order(tables: &mut Tables) -> PolarsResult<()> {
    if let Some(ids) = ordered(&mut tables.stage_names) {
        tables.deals.recode("stage", &ids)?;
        recode(&mut tables.changes.stage, &ids);
    }
    if let Some(ids) = ordered(&mut tables.owners) {
        tables.deals.recode("owner", &ids)?;
        recode(&mut tables.changes.owner, &ids);
        recode(&mut tables.leads.owner, &ids);
    }
    if let Some(ids) = ordered(&mut tables.sources) {
        recode(&mut tables.leads.source, &ids);
        recode(&mut tables.touches.source, &ids);
    }
    if let Some(ids) = ordered(&mut tables.campaigns) {
        recode(&mut tables.leads.campaign, &ids);
        recode(&mut tables.touches.campaign, &ids);
    }
    if let Some(ids) = ordered(&mut tables.activities.kinds) {
        tables.activities.kind.iter_mut().for_each(|kind| *kind = ids[kind.index()]);
    }
    order_currencies(tables)
}

fn order_currencies(tables: &mut Tables) -> PolarsResult<()> {
    let Some(ids) = ordered(&mut tables.currencies) else { return Ok(()) };
    tables.deals.recode("currency", &ids)?;
    tables.changes.recode_currencies(&ids);
    tables.decimals = tables.currencies.names().map(crate::domain::money::exponent).collect();
    tables.quotas.iter_mut().for_each(|row| row.currency = ids[row.currency.index()]);
    tables.fx_rates.iter_mut().for_each(|row| row.currency = ids[row.currency.index()]);
    tables.campaign_costs.iter_mut().for_each(|row| row.currency = ids[row.currency.index()]);
    tables.revisions.iter_mut().for_each(|row| row.currency = ids[row.currency.index()]);
    Ok(())
}

/// Puts `names` into their own order; the new id of each by its old one, where that is another.
fn ordered<T: Id + Compact>(names: &mut Dictionary<T>) -> Option<Vec<T>> {
    if names.names().is_sorted() {
        return None;
    }
    let (ordered, ids) = names.in_name_order();
    *names = ordered;
    Some(ids)
}

fn recode<T: Id + Compact>(cells: &mut [Maybe<T>], ids: &[T]) {
    cells.iter_mut().for_each(|cell| *cell = translate(ids, *cell));
}
