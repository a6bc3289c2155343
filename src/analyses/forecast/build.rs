//! Input to forecast: facts, axes, cells, rows and ranges in order.

use std::collections::BTreeMap;
use std::mem;

use rayon::prelude::*;

use crate::analyses::forecast::axes::ForecastAxes;
use crate::analyses::forecast::base_money::{BaseRows, base_money};
use crate::analyses::forecast::cells::{self, SumCell};
use crate::analyses::forecast::deal_sums::DealSums;
use crate::analyses::forecast::gather::gather;
use crate::analyses::forecast::input::{ForecastError, ForecastInput};
use crate::analyses::forecast::ranges::{PositionedPart, RangeInput, Ranges};
use crate::analyses::forecast::row_builder::{RowBuilder, trailing_year};
use crate::analyses::forecast::row_money::RowMoney;
use crate::analyses::forecast::rows::{Forecast, ForecastRow, RowBasis};
use crate::analyses::forecast::without_rate::WithoutRate;
use crate::analyses::revisions::{HeldForecast, Revisions};
use crate::books::currency::{CurrencyConverter, CurrencyError};
use crate::books::hierarchy::{Hierarchy, Level, Node};
use crate::books::quota::{NodeQuota, QuotaBook};
use crate::domain::day::Day;
use crate::domain::period::{FiscalCalendar, Period};
use crate::domain::stage::StageKind;
use crate::ingest::tables::{Quota, Revision};
use crate::snapshot::DealState;

/// The forecast of every node and period.
///
/// # Errors
/// [`ForecastError`] where the money does not fit 64 bits.
pub fn forecast(input: &ForecastInput<'_>) -> Result<Forecast, ForecastError> {
    let as_of = input.snapshot.as_of;
    let calendar = input.config.fiscal_calendar();
    let (converter, base_rows) = base_money(input);
    let into_base = (base_rows != BaseRows::NoRates).then_some(&converter);
    let mut hierarchy = Hierarchy::new(&input.tables.users, &input.tables.owners, as_of);
    let admitted = |quota: &&Quota| input.filter.admits_quota(quota, input.tables, &hierarchy, as_of);
    let quotas: Vec<&Quota> = input.tables.quotas.iter().filter(admitted).collect();
    let (quotas, facts) = rayon::join(
        || QuotaBook::new(quotas, &calendar, into_base, as_of),
        || gather(input, &mut hierarchy, into_base, base_rows),
    );
    let (quota_book, mut facts) = (quotas?, facts?);
    let quotas = quota_book.node_quotas(&hierarchy);
    let parts = new_parts(input, &mut hierarchy, base_rows);
    parts.iter().filter_map(|part| part.money.native()).for_each(|currency| facts.see_currency(currency));
    let mut revisions = revisions(input, &hierarchy, into_base)?;
    let held = revisions.by_node(input.tables, &hierarchy, as_of);
    let axes = ForecastAxes::new(input, &calendar, &hierarchy, &quotas, &held, &facts, &converter);
    let without_rate = WithoutRate {
        deals: mem::take(&mut facts.without_rate),
        quotas: quota_book.without_rate().clone(),
        revisions: revisions.without_rate(into_base.is_some()),
    };
    let (quality, covered) = (facts.quality, facts.scored_periods());
    let (deals, scored) = (mem::take(&mut facts.open_deals), mem::take(&mut facts.scored));
    // Part of the pipeline has no range of its own: what else will be won is not known.
    let whole = input.filter.categories.is_empty();
    let ranges = input.outlook.zip(input.scores).filter(|_| whole).map(|(outlook, scores)| {
        let (axes, positions, calendar) = (&axes, hierarchy.positions(), calendar.clone());
        let has_base = into_base.is_some();
        Ranges::new(RangeInput { outlook, scores, deals, parts, scored: &scored, axes, positions, calendar, has_base })
    });
    let cells = LevelCells {
        deals: DealSums::new(facts, &axes, hierarchy.positions())?,
        quotas: &quotas,
        held: &held,
        ranges: ranges.as_ref(),
        axes: &axes,
        calendar: &calendar,
        as_of,
        with_base: into_base.is_some(),
    };
    let builder = RowBuilder { axes: &axes, scored: covered, has_scores: input.scores.is_some(), as_of };
    let mut rows = all_rows(&cells, &builder)?;
    if let Some(ranges) = &ranges {
        ranges.fill(&mut rows);
    }
    // Only now: a period is held against the one before it, and numbers do not depend on what else is asked for.
    rows.retain(|row| input.filter.admits_period(&row.period));
    let same = |row: &ForecastRow| axes.same_currency.is_some_and(|currency| row.currency == currency as usize);
    for row in rows.iter_mut().filter(|row| row.basis == RowBasis::Base || same(row)) {
        let node = axes.nodes.at(row.node);
        row.held = node.and_then(|node| held.get(&(node, row.period))).copied().unwrap_or_default();
    }
    if let Some(converter) = into_base.filter(|_| !revisions.lines.is_empty()) {
        revisions.fill_actuals(won(input, converter), as_of);
    }
    let (nodes, currencies) = (axes.nodes.named(Some(&hierarchy)), axes.currencies.with_base(&converter));
    Ok(Forecast { as_of, nodes, currencies, rows, quality, revisions, without_rate })
}

/// Whatever makes cells, level by level: all cells at once would be several times the report.
struct LevelCells<'c, 'a> {
    deals: DealSums<'c>,
    quotas: &'c [NodeQuota<'a>],
    held: &'c BTreeMap<(Node<'a>, Period), HeldForecast>,
    ranges: Option<&'c Ranges<'c>>,
    axes: &'c ForecastAxes<'a>,
    calendar: &'c FiscalCalendar,
    as_of: Day,
    with_base: bool,
}

impl LevelCells<'_, '_> {
    /// The cells of one level, in report order.
    fn of(&self, level: Level) -> Result<Vec<SumCell>, ForecastError> {
        let mut cells = self.deals.cells(level, self.with_base)?;
        cells.extend(cells::of_quotas(self.quotas, self.axes, level, self.with_base)?);
        if level == Level::Company {
            cells.extend(cells::of_running_company(self.axes, self.calendar, self.as_of, self.with_base));
        }
        if self.with_base {
            cells.extend(cells::of_held(self.held, self.axes, level));
        }
        if let Some(ranges) = self.ranges {
            cells.extend(ranges.cells(self.axes, level));
        }
        cells.par_sort_unstable();
        Ok(cells)
    }
}

/// The rows of all levels, in report order.
fn all_rows(cells: &LevelCells<'_, '_>, builder: &RowBuilder<'_>) -> Result<Vec<ForecastRow>, ForecastError> {
    let company = trailing_year(&cells.of(Level::Company)?, builder.axes);
    let mut rows = Vec::new();
    for level in Level::ALL {
        builder.append(&mut rows, &cells.of(level)?, &company);
    }
    Ok(rows)
}

/// What was submitted for whom the filter admits, in the currencies it admits.
fn revisions<'a>(
    input: &ForecastInput<'a>,
    hierarchy: &Hierarchy<'a>,
    into_base: Option<&CurrencyConverter>,
) -> Result<Revisions, CurrencyError> {
    let as_of = input.snapshot.as_of;
    let admits = |revision: &'a Revision| {
        let day = revision.period.last.min(as_of.plus(-1));
        input.filter.admits_currency(revision.currency, input.tables)
            && input.filter.admits_position(&hierarchy.position_of(Some(&revision.owner), day))
    };
    Revisions::new(input.tables, hierarchy, into_base, as_of, admits)
}

/// Every deal won: by whom, when, and its amount in the base currency.
fn won<'a>(input: &ForecastInput<'a>, converter: &CurrencyConverter) -> impl Iterator<Item = (&'a str, Day, i64)> {
    let is_won =
        |state: &&DealState| state.kind == StageKind::Won && input.filter.admits_currency(state.currency, input.tables);
    let admitted = input.snapshot.states.iter().enumerate();
    let admitted = admitted.filter(|(i, _)| input.mask.is_none_or(|mask| mask.get(*i) != Some(&false)));
    admitted.map(|(_, state)| state).filter(is_won).filter_map(|state| {
        let (day, minor) = state.closed.get().zip(state.amount_minor.get())?;
        // Without a rate it is in no base row either.
        let base = converter.convert(minor, state.currency, day).ok()?;
        Some((input.tables.owners.name(state.owner)?, day, base))
    })
}

/// The new business by the positions of those who sell, as of the last known day: in the base currency where it is reported,
/// and in every currency as it is, unless that is the same.
fn new_parts<'a>(input: &ForecastInput<'a>, hierarchy: &mut Hierarchy<'a>, base_rows: BaseRows) -> Vec<PositionedPart> {
    let Some(new) = input.outlook.map(|outlook| &outlook.new) else { return Vec::new() };
    let base = (base_rows != BaseRows::NoRates).then_some((RowMoney::Base, &new.parts));
    let native = new.by_currency.iter().filter(|_| base_rows != BaseRows::SameCurrency);
    let native = native.map(|business| (RowMoney::Native(business.currency), &business.parts));
    let last_known = input.snapshot.as_of.plus(-1);
    let mut placed = Vec::new();
    for (money, parts) in base.into_iter().chain(native) {
        for part in parts {
            let position = hierarchy.position(part.owner, last_known);
            let of_position = hierarchy.positions().get(position as usize);
            if of_position.is_some_and(|position| input.filter.admits_position(position)) {
                placed.push(PositionedPart { money, position, share: part.share, size: part.size });
            }
        }
    }
    placed
}
