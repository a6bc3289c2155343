//! The tables of few rows: quotas, users, rates, campaign costs, revisions.

use rust_decimal::Decimal;

use crate::config::Rule;
use crate::domain::ids::CurrencyId;
use crate::domain::inputs::{campaign_costs, fx_rates, quotas, revisions, users};
use crate::domain::money::{exponent, turned_round};
use crate::ingest::reader::{RowReader, Stop};
use crate::ingest::tables::{CampaignCost, FxRate, Quota, QuotaNode, Revision, User};
use crate::ingest::twice::{RowPlace, Settling, TableRow};
use crate::report::sinks::csv::text_of_csv;

/// Reads a row; `None` where it is used and adds nothing.
pub(crate) type ReadRow<T> = fn(&mut RowReader<'_>) -> Result<Option<T>, Stop>;

/// Gathers what `read` makes of each row.
pub(crate) struct RowList<T> {
    read: ReadRow<T>,
    placed: Vec<(T, RowPlace)>,
    /// The rows that count, in the order of their cells.
    pub rows: Vec<T>,
}

impl<T> RowList<T> {
    pub(crate) fn new(read: ReadRow<T>) -> Self {
        Self { read, placed: Vec::new(), rows: Vec::new() }
    }
}

impl<T: TableRow + Send + Sync> crate::ingest::stream::TableLoad for RowList<T> {
    type ChunkPart = Vec<(T, RowPlace)>;

    fn read(&self, reader: &mut RowReader<'_>, part: &mut Self::ChunkPart) -> Result<(), Stop> {
        let row = (self.read)(reader)?;
        part.extend(row.map(|row| (row, reader.place())));
        Ok(())
    }

    fn append(&mut self, part: Self::ChunkPart) {
        self.placed.extend(part);
    }

    fn settle(&mut self, settling: &mut Settling<'_>) -> Result<(), Stop> {
        self.rows = settling.rows(std::mem::take(&mut self.placed))?;
        Ok(())
    }
}

/// What a row has until the currency beside it is looked up.
const NOT_CODED_YET: CurrencyId = CurrencyId::at(0);

/// A row beside the currency its amounts are in, which has no code yet.
pub(crate) struct InCurrency<T> {
    pub row: T,
    pub currency: String,
}

/// Reads a quota; a blank amount sets no target.
pub(crate) fn quota(reader: &mut RowReader<'_>) -> Result<Option<InCurrency<Quota>>, Stop> {
    use quotas as col;
    let text = |field| reader.text(field).map(std::borrow::Cow::into_owned);
    let node = match (text(col::OWNER), text(col::TEAM), text(col::REGION)) {
        (Some(owner), _, _) => QuotaNode::Owner(owner),
        (None, Some(team), _) => QuotaNode::Team(team),
        (None, None, Some(region)) => QuotaNode::Region(region),
        (None, None, None) => QuotaNode::Company,
    };
    let Some(period) = reader.period(col::PERIOD)? else { return Err(missing(reader, col::PERIOD, "a period")) };
    let currency = reader.currency(col::CURRENCY)?.into_owned();
    if reader.cell(col::QUOTA).is_empty() {
        reader.breaks(Rule::MissingQuota, col::QUOTA, "", "expected an amount")?;
    }
    let quota = reader.amount(col::QUOTA, exponent(&currency))?;
    Ok(quota
        .map(|quota_minor| InCurrency { row: Quota { node, period, quota_minor, currency: NOT_CODED_YET }, currency }))
}

/// Reads a user.
pub(crate) fn user(reader: &mut RowReader<'_>) -> Result<Option<User>, Stop> {
    use users as col;
    let owner = reader.required(col::OWNER, Rule::MissingId, "an owner")?.into_owned();
    let text = |field| reader.text(field).map(std::borrow::Cow::into_owned);
    let (name, manager) = (text(col::NAME), text(col::MANAGER));
    let (team, region) = (text(col::TEAM), text(col::REGION));
    let (active_from, active_to) = (reader.first_day(col::ACTIVE_FROM)?, reader.last_day(col::ACTIVE_TO)?);
    Ok(Some(User { owner, name, manager, team, region, active_from, active_to }))
}

/// Reads a rate, which is above zero.
pub(crate) fn rate(reader: &mut RowReader<'_>) -> Result<Option<InCurrency<FxRate>>, Stop> {
    use fx_rates as col;
    if reader.cell(col::CURRENCY).is_empty() {
        return Err(missing(reader, col::CURRENCY, "a currency"));
    }
    let currency = reader.currency(col::CURRENCY)?.into_owned();
    let Some(day) = reader.day(col::DATE)? else { return Err(missing(reader, col::DATE, "a date")) };
    let Some(exact) = reader.exact(col::RATE)? else { return Err(missing(reader, col::RATE, "a rate")) };
    let rate = Decimal::try_from_i128_with_scale(exact.mantissa, exact.scale).ok().filter(|rate| *rate > Decimal::ZERO);
    let turned = if reader.units_per_base { rate.and_then(turned_round) } else { rate };
    match turned.filter(|rate| *rate > Decimal::ZERO) {
        Some(rate) => {
            Ok(Some(InCurrency { row: FxRate { currency: NOT_CODED_YET, day, rate: rate.normalize() }, currency }))
        }
        None => {
            let cell = reader.cell(col::RATE);
            reader.unreadable(Rule::BadNumber, col::RATE, cell, "expected a rate above zero")
        }
    }
}

/// Reads what a source cost in a period.
pub(crate) fn cost(reader: &mut RowReader<'_>) -> Result<Option<InCurrency<CampaignCost>>, Stop> {
    use campaign_costs as col;
    let source = reader.required(col::SOURCE, Rule::MissingId, "a source")?.into_owned();
    let Some(period) = reader.period(col::PERIOD)? else { return Err(missing(reader, col::PERIOD, "a period")) };
    let currency = reader.currency(col::CURRENCY)?.into_owned();
    let Some(cost_minor) = reader.amount(col::COST, exponent(&currency))? else {
        return Err(missing(reader, col::COST, "an amount"));
    };
    let campaign = reader.text(col::CAMPAIGN).map(std::borrow::Cow::into_owned);
    Ok(Some(InCurrency {
        row: CampaignCost { source, campaign, period, cost_minor, currency: NOT_CODED_YET },
        currency,
    }))
}

/// Reads a submitted forecast or adjustment.
pub(crate) fn revision(reader: &mut RowReader<'_>) -> Result<Option<InCurrency<Revision>>, Stop> {
    use revisions as col;
    let Some(submitted_at) = reader.moment(col::SUBMITTED_AT)? else {
        return Err(missing(reader, col::SUBMITTED_AT, "a date"));
    };
    // `dealcast revise` writes this file as it writes every CSV file.
    let named = |text: std::borrow::Cow<'_, str>| text_of_csv(&text).to_owned();
    let author = named(reader.required(col::AUTHOR, Rule::MissingId, "an author")?);
    let owner = named(reader.required(col::OWNER, Rule::MissingId, "an owner")?);
    let category = named(reader.required(col::CATEGORY, Rule::MissingValue, "a category")?);
    let Some(period) = reader.period(col::PERIOD)? else { return Err(missing(reader, col::PERIOD, "a period")) };
    let currency = reader.currency(col::CURRENCY)?.into_owned();
    let Some(amount_minor) = reader.amount(col::AMOUNT, exponent(&currency))? else {
        return Err(missing(reader, col::AMOUNT, "an amount"));
    };
    let note = reader.text(col::NOTE).map(named);
    let row = Revision { submitted_at, author, owner, period, category, amount_minor, currency: NOT_CODED_YET, note };
    Ok(Some(InCurrency { row, currency }))
}

/// A row that cannot be used without this cell.
fn missing(reader: &mut RowReader<'_>, field: usize, what: &str) -> Stop {
    let value = reader.text(field).unwrap_or_default();
    reader.reject(Rule::MissingValue, field, &value, &format!("expected {what}"))
}
