//! The growing columns of the deals table: of one chunk, or of all of them.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::config::Rule;
use crate::domain::day::{Day, Moment};
use crate::domain::ids::{CurrencyId, OwnerId, StageNameId};
use crate::domain::inputs::deals as col;
use crate::domain::maybe::Maybe;
use crate::domain::stage::{ForecastCategory, StageKind};
use crate::ingest::cells::own_value::{UsualStyle, ValueStyle};
use crate::ingest::context::Decimals;
use crate::ingest::decode::chunk::RawCell;
use crate::ingest::load::chances::ChanceEvidence;
use crate::ingest::load::columns::{Codes, Extra, Texts, take_rows};
use crate::ingest::load::unknown_stages::UnknownStages;
use crate::ingest::reader::RowReader;
use crate::ingest::tables::{category_code, status_code};
use crate::ingest::twice::{Claim, ClaimCell, RowPlace, ordered_bits};
use crate::ingest::written::WrittenChance;

/// Text columns with a dictionary of their own.
pub(super) const NAMED: [usize; 6] =
    [col::ACCOUNT, col::SOURCE, col::PRODUCT, col::REGION, col::PIPELINE, col::CAMPAIGN];

/// What a deal row holds beside its names and extra columns.
#[derive(Clone, Copy)]
pub(super) struct DealCells {
    pub created: Maybe<Moment>,
    pub closed: Maybe<Moment>,
    pub status: Option<StageKind>,
    pub category: Option<ForecastCategory>,
    pub amount: Maybe<i64>,
    pub expected_close: Maybe<Day>,
    pub probability: Option<WrittenChance>,
}

/// The deals of one chunk, or of all of them.
#[derive(Default)]
pub(crate) struct DealsPart {
    /// Whether the layout of the chunk is known.
    started: bool,
    /// Whether files have other extra columns, or have them in another order.
    extras_differ: bool,
    pub places: Vec<RowPlace>,
    /// When rows were last changed, where the mapping says so.
    pub changed: Vec<Option<Moment>>,
    /// The day of the copy each row stands in; empty where the table is no series of copies, as are the next two.
    pub copied: Vec<Day>,
    /// Whether the deal was gone from the copy of that day.
    pub gone: Vec<bool>,
    /// What each row says about its deal, by status or else stage.
    pub outcome: Vec<Option<StageKind>>,
    pub ids: Texts,
    pub stage: Codes<StageNameId>,
    pub owner: Codes<OwnerId>,
    pub currency: Codes<CurrencyId>,
    pub name: Texts,
    pub named: [Codes; NAMED.len()],
    pub created: Vec<Maybe<Moment>>,
    pub closed: Vec<Maybe<Moment>>,
    pub status: Vec<Option<StageKind>>,
    pub category: Vec<Option<ForecastCategory>>,
    pub amount: Vec<Maybe<i64>>,
    pub expected_close: Vec<Maybe<Day>>,
    pub probability: Vec<Maybe<f64>>,
    /// What the chances say about their scale, and the scale that was taken.
    pub chances: ChanceEvidence,
    pub percent: bool,
    pub extras: Vec<(String, Extra)>,
    pub present: BTreeSet<usize>,
    /// Of each row, whether its file says when deals were created.
    pub says_created: Vec<bool>,
    pub unknown_stages: UnknownStages,
    pub rejected: Vec<(String, Rule)>,
    /// Rejected rows of dated copies, with the day of their copy.
    pub rejected_in_copies: Vec<(String, Day, Rule)>,
    pub decimals: Decimals,
    /// Whether some rows name no currency, and whether some name the one these count in.
    pub has_defaulted_currency: bool,
    pub has_named_default: bool,
    /// Whether the file has columns that say when deals entered their stages.
    pub has_entered_columns: bool,
}

impl DealsPart {
    /// Takes over from the layout what all rows of the chunk share.
    pub(super) fn start(&mut self, reader: &RowReader<'_>) {
        if !self.started {
            self.started = true;
            self.has_entered_columns = reader.layout.has_entered();
            self.present = (0..reader.spec.columns.len()).filter(|field| reader.layout.has(*field)).collect();
            for (i, name) in reader.layout.extras().enumerate() {
                let number = reader.layout.extra_is_number(reader.chunk, i);
                let extra = if number { Extra::Numbers(Vec::new()) } else { Extra::Text(Codes::default()) };
                self.extras.push((name.to_owned(), extra));
            }
        }
    }

    /// Appends a row; id, stage and currency are appended beside.
    pub(super) fn push(&mut self, reader: &RowReader<'_>, cells: DealCells) {
        self.places.push(reader.place());
        self.owner.push(reader.text(col::OWNER).as_deref());
        self.name.push(&reader.text(col::NAME).unwrap_or_default());
        for (codes, field) in self.named.iter_mut().zip(NAMED) {
            codes.push(reader.text(field).as_deref());
        }
        self.created.push(cells.created);
        self.says_created.push(reader.layout.has(col::CREATED_AT));
        self.closed.push(cells.closed);
        self.status.push(cells.status);
        self.category.push(cells.category);
        self.amount.push(cells.amount);
        self.expected_close.push(cells.expected_close);
        self.probability.push(cells.probability.map(|chance| chance.number).into());
        if let Some(chance) = cells.probability {
            self.chances.note(chance, reader.place(), || told(reader.text(col::PROBABILITY)));
        }
        for (i, (_, extra)) in self.extras.iter_mut().enumerate() {
            let cell = reader.layout.extra(reader.chunk, reader.row, i);
            match extra {
                Extra::Text(codes) => codes.push(cell.text().as_deref()),
                Extra::Numbers(numbers) => numbers.push(as_number(&cell)),
            }
        }
    }

    /// Notes of which copy the next row is.
    pub(super) fn push_copy(&mut self, day: Day, gone: bool, outcome: Option<StageKind>) {
        self.copied.push(day);
        self.gone.push(gone);
        self.outcome.push(outcome);
    }

    /// Appends the rows of `part`.
    pub(super) fn append(&mut self, part: Self) {
        let before = self.created.len();
        self.places.extend(part.places);
        self.changed.extend(part.changed);
        self.copied.extend(part.copied);
        self.rejected_in_copies.extend(part.rejected_in_copies);
        self.gone.extend(part.gone);
        self.outcome.extend(part.outcome);
        self.ids.append(&part.ids);
        self.stage.append(&part.stage);
        self.owner.append(&part.owner);
        self.currency.append(&part.currency);
        for (own, part) in self.named.iter_mut().zip(&part.named) {
            own.append(part);
        }
        self.name.append(&part.name);
        self.created.extend(part.created);
        self.says_created.extend(part.says_created);
        self.closed.extend(part.closed);
        self.status.extend(part.status);
        self.category.extend(part.category);
        self.amount.extend(part.amount);
        self.expected_close.extend(part.expected_close);
        self.probability.extend(part.probability);
        self.chances.merge(part.chances);
        self.append_extras(part.extras, before);
        self.present.extend(part.present);
        self.unknown_stages.merge(part.unknown_stages);
        self.has_defaulted_currency |= part.has_defaulted_currency;
        self.has_named_default |= part.has_named_default;
        self.has_entered_columns |= part.has_entered_columns;
    }

    fn append_extras(&mut self, extras: Vec<(String, Extra)>, before: usize) {
        let names = |extras: &[(String, Extra)]| extras.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
        let is_empty = self.created.len() == before;
        self.extras_differ |= before > 0 && !is_empty && names(&extras) != names(&self.extras);
        let mut in_order = true;
        for (at, (name, extra)) in extras.into_iter().enumerate() {
            // parts have their columns in one order, as a rule: of thousands none is looked for
            in_order &= self.extras.get(at).is_none_or(|(known, _)| *known == name);
            let found = match in_order {
                true => (at < self.extras.len()).then_some(at),
                false => self.extras.iter().position(|(known, _)| *known == name),
            };
            let own = match found {
                Some(at) => at,
                None => {
                    self.extras.push((name, Extra::empty_like(&extra)));
                    self.extras.len() - 1
                }
            };
            self.extras[own].1.pad(before);
            self.extras[own].1.append(extra);
        }
    }

    /// Fills up extra columns that some files lack, has their numbers and dates written in one way, and puts them into an
    /// order that does not rest on that of the files.
    pub(super) fn settle_extras(&mut self, usual: UsualStyle) -> BTreeMap<String, ValueStyle> {
        let rows = self.created.len();
        let mut styles = BTreeMap::new();
        for (name, extra) in &mut self.extras {
            extra.pad(rows);
            styles.extend(extra.make_plain(usual).map(|style| (name.clone(), style)));
        }
        if self.extras_differ {
            self.extras.sort_by(|(name, _), (other, _)| name.cmp(other));
        }
        styles
    }

    /// Leaves the deals at `rows`, in that order, and gives names ids in their own order; places stay behind.
    pub(super) fn take_rows(&mut self, rows: &[u32]) {
        (self.places, self.changed) = (Vec::new(), Vec::new());
        (self.copied, self.gone, self.outcome) = Default::default();
        self.ids.take_rows(rows);
        self.name.take_rows(rows);
        self.stage.take_rows(rows);
        self.owner.take_rows(rows);
        self.currency.take_rows(rows);
        self.named.iter_mut().for_each(|codes| codes.take_rows(rows));
        take_rows(&mut self.created, rows);
        take_rows(&mut self.says_created, rows);
        take_rows(&mut self.closed, rows);
        take_rows(&mut self.status, rows);
        take_rows(&mut self.category, rows);
        take_rows(&mut self.amount, rows);
        take_rows(&mut self.expected_close, rows);
        take_rows(&mut self.probability, rows);
        self.extras.iter_mut().for_each(|(_, extra)| extra.take_rows(rows));
    }

    /// How many columns say of what sort a deal is: the contract's, then the input's own.
    pub(super) fn attributes(&self) -> usize {
        NAMED.len() + self.extras.len()
    }

    /// The name of one of these columns.
    pub(super) fn attribute_name(&self, attribute: usize) -> &str {
        match NAMED.get(attribute) {
            Some(field) => col::SPEC.columns[*field].name,
            None => &self.extras[attribute - NAMED.len()].0,
        }
    }

    /// What a row says in one of these columns.
    pub(super) fn attribute(&self, attribute: usize, row: usize) -> ClaimCell {
        match self.named.get(attribute) {
            Some(codes) => ClaimCell::number(codes.codes[row].get().map(|word| word.index() as i64)),
            None => self.extras[attribute - NAMED.len()].1.cell(row),
        }
    }

    /// The same as text; none where the cell is empty.
    pub(super) fn attribute_text(&self, attribute: usize, row: usize) -> Option<Cow<'_, str>> {
        match self.named.get(attribute) {
            Some(codes) => codes.name(row).map(Cow::Borrowed),
            None => self.extras[attribute - NAMED.len()].1.text(row),
        }
    }

    /// What a row says, in the order of the table's columns; extra columns behind.
    pub(super) fn claim(&self, row: usize) -> Claim {
        let [account, source, product, region, pipeline, campaign] =
            self.named.each_ref().map(|codes| ClaimCell::word(codes.name(row)));
        let text = |texts: &Texts| ClaimCell::word(Some(texts.get(row)).filter(|text| !text.is_empty()));
        let moment = |moments: &[Maybe<Moment>]| ClaimCell::number(moments[row].get().map(|at| at.0));
        let mut cells = vec![
            text(&self.ids),
            ClaimCell::word(self.stage.name(row)),
            moment(&self.created),
            ClaimCell::number(self.amount[row].get()),
            ClaimCell::word(self.currency.name(row)),
            ClaimCell::word(self.owner.name(row)),
            text(&self.name),
            account,
            ClaimCell::number(self.status[row].map(status_code)),
            ClaimCell::number(self.expected_close[row].get().map(|day| day.0)),
            moment(&self.closed),
            source,
            product,
            region,
            ClaimCell::number(self.category[row].map(category_code)),
            ClaimCell::number(self.probability[row].get().map(ordered_bits)),
            pipeline,
            campaign,
        ];
        cells.extend(self.extras.iter().map(|(_, extra)| extra.cell(row)));
        Claim { cells, place: self.places[row], changed: self.changed.get(row).copied().flatten() }
    }
}

fn told(text: Option<Cow<'_, str>>) -> String {
    text.map(Cow::into_owned).unwrap_or_default()
}

fn as_number(cell: &RawCell<'_>) -> f64 {
    match cell {
        RawCell::Integer(value) => *value as f64,
        RawCell::Float(value) => *value,
        RawCell::Decimal(mantissa, scale) => *mantissa as f64 / 10_f64.powi(i32::from(*scale)),
        _ => f64::NAN,
    }
}
