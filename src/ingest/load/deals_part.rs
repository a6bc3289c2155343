//! The growing columns of the deals table: of one chunk, or of all of them.

use std::collections::BTreeSet;

use crate::config::Rule;
use crate::domain::day::{Day, Moment};
use crate::domain::ids::{CurrencyId, OwnerId, StageNameId};
use crate::domain::inputs::deals as col;
use crate::domain::maybe::Maybe;
use crate::domain::stage::{ForecastCategory, StageKind};
use crate::ingest::context::Decimals;
use crate::ingest::decode::chunk::RawCell;
use crate::ingest::load::columns::{Codes, Extra, Texts, kept};
use crate::ingest::load::unknown_stages::UnknownStages;
use crate::ingest::reader::RowReader;

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
    pub probability: Maybe<f64>,
}

/// The deals of one chunk, or of all of them.
#[derive(Default)]
pub(crate) struct DealsPart {
    pub file: String,
    pub lines: Vec<u64>,
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
    pub percent: bool,
    pub extras: Vec<(String, Extra)>,
    pub present: BTreeSet<usize>,
    pub unknown_stages: UnknownStages,
    pub rejected: Vec<(String, Rule)>,
    pub decimals: Decimals,
}

impl DealsPart {
    /// Takes over from the layout what all rows of the chunk share.
    pub(super) fn start(&mut self, reader: &RowReader<'_>) {
        if self.file.is_empty() {
            self.file.clone_from(&reader.layout.file);
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
        self.lines.push(reader.line());
        self.owner.push(reader.text(col::OWNER).as_deref());
        self.name.push(&reader.text(col::NAME).unwrap_or_default());
        for (codes, field) in self.named.iter_mut().zip(NAMED) {
            codes.push(reader.text(field).as_deref());
        }
        self.created.push(cells.created);
        self.closed.push(cells.closed);
        self.status.push(cells.status);
        self.category.push(cells.category);
        self.amount.push(cells.amount);
        self.expected_close.push(cells.expected_close);
        self.probability.push(cells.probability);
        self.percent |= cells.probability.get().is_some_and(|chance| chance > 1.0);
        for (i, (_, extra)) in self.extras.iter_mut().enumerate() {
            let cell = reader.layout.extra(reader.chunk, reader.row, i);
            match extra {
                Extra::Text(codes) => codes.push(cell.text().as_deref()),
                Extra::Numbers(numbers) => numbers.push(as_number(&cell)),
            }
        }
    }

    /// Appends the kept rows of `part`; lines and ids stay behind.
    pub(super) fn append(&mut self, part: Self, keep: &[bool]) {
        let before = self.created.len();
        self.stage.append(&part.stage, keep);
        self.owner.append(&part.owner, keep);
        self.currency.append(&part.currency, keep);
        for (own, part) in self.named.iter_mut().zip(&part.named) {
            own.append(part, keep);
        }
        part.name.iter().zip(keep).filter(|(_, keep)| **keep).for_each(|(name, _)| self.name.push(name));
        self.created.extend(kept(&part.created, keep));
        self.closed.extend(kept(&part.closed, keep));
        self.status.extend(kept(&part.status, keep));
        self.category.extend(kept(&part.category, keep));
        self.amount.extend(kept(&part.amount, keep));
        self.expected_close.extend(kept(&part.expected_close, keep));
        self.probability.extend(kept(&part.probability, keep));
        self.percent |= part.percent;
        for (name, extra) in part.extras {
            let own = match self.extras.iter().position(|(known, _)| *known == name) {
                Some(at) => at,
                None => {
                    self.extras.push((name, Extra::empty_like(&extra)));
                    self.extras.len() - 1
                }
            };
            self.extras[own].1.pad(before);
            self.extras[own].1.append(extra, keep);
        }
        self.present.extend(part.present);
        self.unknown_stages.merge(part.unknown_stages);
    }
}

fn as_number(cell: &RawCell<'_>) -> f64 {
    match cell {
        RawCell::Integer(value) => *value as f64,
        RawCell::Float(value) => *value,
        RawCell::Decimal(mantissa, scale) => *mantissa as f64 / 10_f64.powi(i32::from(*scale)),
        _ => f64::NAN,
    }
}
