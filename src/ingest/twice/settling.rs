//! The end of loading a table: which of the rows that speak of the same thing count.
//!
//! Decided by what the rows say, never by where they stand, so that the order of rows and files changes nothing: the row
//! changed last counts, where `newest_by` says so, then the one created first, then the one with more filled cells, then the
//! first in the order of its cells. Every other row is reported with its own place and that of the row that counts.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::config::{ChanceScale, Rule, RuleConfig, RuleSeverity};
use crate::domain::inputs::{CellKind, InputSpec, RowIdentity};
use crate::ingest::assumption::Assumption;
use crate::ingest::cells::own_value::UsualStyle;
use crate::ingest::decode::files::InputPath;
use crate::ingest::issues::{Notes, excerpt};
use crate::ingest::load::columns::Texts;
use crate::ingest::reader::Stop;
use crate::ingest::reject::Reject;
use crate::ingest::twice::claim::{Claim, ClaimCell, RowPlace, TableRow};
use crate::ingest::twice::marks::Marks;

/// Which of several rows counts, in words.
const ORDER: &str =
    "the one created first, then the one with more filled cells, then the first in the order of its cells";

/// A microsecond count that is not midnight is a time of day.
const DAY: i128 = crate::domain::day::MICROS_PER_DAY as i128;

/// What is being settled, and what there is to say so far.
pub(crate) struct Settling<'a> {
    spec: &'static InputSpec,
    files: &'a [InputPath],
    rules: &'a RuleConfig,
    /// How the files write numbers and dates.
    pub usual: UsualStyle,
    /// How chances are written, where that is configured.
    pub chances: Option<ChanceScale>,
    /// What was found out by looking.
    assumed: Vec<Assumption>,
    /// Rejected rows, by their place.
    rejected: Vec<(RowPlace, Reject)>,
    /// What is said besides.
    notes: Notes,
}

impl<'a> Settling<'a> {
    pub(crate) fn new(
        spec: &'static InputSpec,
        files: &'a [InputPath],
        rules: &'a RuleConfig,
        usual: UsualStyle,
        chances: Option<ChanceScale>,
    ) -> Self {
        let assumed = Vec::new();
        Self { spec, files, rules, usual, chances, assumed, rejected: Vec::new(), notes: Notes::default() }
    }

    /// Says what was found out by looking.
    pub(crate) fn assume(&mut self, assumption: Assumption) {
        self.assumed.push(assumption);
    }

    /// What was said, rejected rows in their order, how many rows of each file are rejected, and what was assumed.
    pub(crate) fn finish(mut self) -> (Notes, Vec<u64>, Vec<Assumption>) {
        let mut of_files = vec![0; self.files.len()];
        self.rejected.sort_by_key(|(place, _)| *place);
        for (place, reject) in self.rejected {
            of_files[place.file as usize] += 1;
            self.notes.reject(reject);
        }
        (self.notes, of_files, self.assumed)
    }

    /// What happens to a row that breaks `rule`.
    pub(crate) fn severity_of(&self, rule: Rule) -> RuleSeverity {
        self.rules.severity_of(rule)
    }

    /// The name of the file a row stands in.
    pub(crate) fn file(&self, place: RowPlace) -> &str {
        self.files.get(place.file as usize).map_or("", |file| &file.name)
    }

    /// The names of the files.
    pub(crate) fn file_names(&self) -> Vec<String> {
        self.files.iter().map(|file| file.name.clone()).collect()
    }

    /// Says what stands in a row that counts all the same, unless the rule it breaks stops the run.
    pub(crate) fn tell(&mut self, row: Reject) -> Result<(), Stop> {
        match self.rules.severity_of(row.rule) {
            RuleSeverity::Error => Err(Stop::Error(Box::new(row))),
            RuleSeverity::Warn | RuleSeverity::Reject => {
                self.warn(row);
                Ok(())
            }
        }
    }

    /// Leaves out a row.
    pub(crate) fn reject(&mut self, place: RowPlace, row: Reject) {
        self.rejected.push((place, row));
    }

    /// Says that a row breaks a rule and stays all the same.
    pub(crate) fn warn(&mut self, row: Reject) {
        self.notes.warn(row.rule, || row);
    }

    /// A row that breaks `rule` in an empty cell of the column at `field`; it stays where the rule is no error.
    pub(crate) fn breaks(&mut self, rule: Rule, place: RowPlace, field: usize, reason: &str) -> Result<(), Stop> {
        let told = || Reject {
            file: self.files.get(place.file as usize).map_or("", |file| &file.name).to_owned(),
            line: place.line.into(),
            column: self.spec.columns[field].name.to_owned(),
            value: String::new(),
            reason: reason.to_owned(),
            rule,
        };
        if self.rules.severity_of(rule) == RuleSeverity::Error {
            return Err(Stop::Error(Box::new(told())));
        }
        let mut notes = std::mem::take(&mut self.notes);
        notes.warn(rule, told);
        self.notes = notes;
        Ok(())
    }

    /// Which of `rows` count, and in which order they stand then: that of their cells.
    pub(crate) fn rows<T: TableRow>(&mut self, rows: Vec<(T, RowPlace)>) -> Result<Vec<T>, Stop> {
        let claims: Vec<Claim> =
            rows.iter().map(|(row, place)| Claim { cells: row.cells(), place: *place, changed: None }).collect();
        let mut by_key: BTreeMap<Vec<&ClaimCell>, Vec<usize>> = BTreeMap::new();
        for (i, claim) in claims.iter().enumerate() {
            by_key.entry(self.key(&claim.cells)).or_default().push(i);
        }
        let mut keep = vec![true; rows.len()];
        for group in by_key.into_values().filter(|group| group.len() > 1) {
            let sure = self.is_sure(&claims[group[0]].cells);
            let of_group: Vec<&Claim> = group.iter().map(|&i| &claims[i]).collect();
            let counts = self.counting(&of_group, sure)?;
            group.into_iter().zip(counts).for_each(|(i, counts)| keep[i] = counts);
        }
        let mut rows: Vec<(Vec<ClaimCell>, T)> =
            claims.into_iter().map(|claim| claim.cells).zip(rows.into_iter().map(|(row, _)| row)).collect();
        let mut kept = keep.into_iter();
        rows.retain(|_| kept.next().unwrap_or(true));
        rows.sort_by(|(cells, _), (other, _)| cells.cmp(other));
        Ok(rows.into_iter().map(|(_, row)| row).collect())
    }

    /// The rows of a table of ids that count, in the order of these. `claim` gives what a row says.
    pub(crate) fn ids(&mut self, ids: &Texts, claim: impl Fn(usize) -> Claim) -> Result<Vec<u32>, Stop> {
        let id = |row: &u32| ids.get(*row as usize);
        let mut order: Vec<u32> = (0..ids.len() as u32).collect();
        if !order.is_sorted_by(|a, b| id(a) < id(b)) {
            order.par_sort_by(|a, b| id(a).cmp(id(b)));
        }
        let mut counting = Vec::with_capacity(order.len());
        for group in order.chunk_by(|a, b| id(a) == id(b)) {
            if let [row] = group {
                counting.push(*row);
                continue;
            }
            let claims: Vec<Claim> = group.iter().map(|row| claim(*row as usize)).collect();
            let counts = self.counting(&claims.iter().collect::<Vec<_>>(), true)?;
            counting.extend(group.iter().zip(counts).filter(|(_, counts)| *counts).map(|(row, _)| *row));
        }
        Ok(counting)
    }

    /// Which rows of a log count; `None` where all do. `cells` gives those of a row.
    pub(crate) fn events(
        &mut self,
        marks: &Marks,
        rows: usize,
        cells: impl Fn(usize) -> Vec<ClaimCell>,
    ) -> Result<Option<Vec<bool>>, Stop> {
        let mut keep: Option<Vec<bool>> = None;
        for (sure, group) in marks.alike() {
            let claims: Vec<Claim> =
                group.iter().map(|&i| Claim { cells: cells(i), place: marks.place(i), changed: None }).collect();
            let claims: Vec<&Claim> = claims.iter().collect();
            let counts = self.counting(&claims, sure)?;
            for (i, _) in group.into_iter().zip(counts).filter(|(_, counts)| !counts) {
                keep.get_or_insert_with(|| vec![true; rows])[i] = false;
            }
        }
        Ok(keep)
    }

    /// Which of several rows of one thing count. `sure`: the same cells again are the same row.
    pub(crate) fn counting(&mut self, claims: &[&Claim], sure: bool) -> Result<Vec<bool>, Stop> {
        let mut order: Vec<usize> = (0..claims.len()).collect();
        order.sort_by(|&a, &b| self.rank(claims[a]).cmp(&self.rank(claims[b])));
        let mut keep = vec![true; claims.len()];
        let Some((&first, others)) = order.split_first() else { return Ok(keep) };
        let mut counted = first;
        for &other in others {
            let rule = match claims[other].cells == claims[counted].cells {
                true if sure => Rule::DuplicateRow,
                true => Rule::RepeatedRow,
                false if is_older(claims[other], claims[counted]) => Rule::ConflictingRow,
                false => self.contradiction(),
            };
            keep[other] = self.stays(rule, claims[other], claims[counted])?;
            if keep[other] {
                counted = other;
            }
        }
        Ok(keep)
    }

    /// What sorts rows of one thing: the first counts.
    fn rank<'c>(&self, claim: &'c Claim) -> impl Ord + use<'c> {
        let date = self.spec.columns.iter().position(|column| column.kind == CellKind::Date);
        let created = date.and_then(|at| claim.cells.get(at)).filter(|cell| !cell.is_empty());
        let filled = claim.cells.iter().filter(|cell| !cell.is_empty()).count();
        (Reverse(claim.changed), (created.is_none(), created), Reverse(filled), &claim.cells, claim.place)
    }

    fn contradiction(&self) -> Rule {
        if self.is_of_ids() { Rule::DuplicateId } else { Rule::ConflictingRow }
    }

    /// Whether rows are told by one id, as deals and leads are.
    fn is_of_ids(&self) -> bool {
        matches!(self.spec.identity, RowIdentity::OnePer([_]))
    }

    /// The cells that tell what a row speaks of.
    fn key<'c>(&self, cells: &'c [ClaimCell]) -> Vec<&'c ClaimCell> {
        match self.spec.identity {
            RowIdentity::OnePer(key) | RowIdentity::SumPer(key) => key.iter().map(|at| &cells[*at]).collect(),
            RowIdentity::Events { .. } => cells.iter().collect(),
        }
    }

    /// Whether a row with the same cells as this one is the same row.
    fn is_sure(&self, cells: &[ClaimCell]) -> bool {
        match self.spec.identity {
            RowIdentity::OnePer(_) | RowIdentity::SumPer(_) => true,
            RowIdentity::Events { at, .. } => matches!(cells[at], ClaimCell::Number(micros) if micros % DAY != 0),
        }
    }

    /// Reports a row that breaks `rule` beside the one at `counts`; whether it stays all the same.
    fn stays(&mut self, rule: Rule, claim: &Claim, counts: &Claim) -> Result<bool, Stop> {
        // One id is one deal: even as a warning the other row goes.
        let may_stay = !matches!(self.spec.identity, RowIdentity::OnePer(_));
        match self.rules.severity_of(rule) {
            RuleSeverity::Error => Err(Stop::Error(Box::new(self.told(rule, claim, counts)))),
            RuleSeverity::Warn if may_stay => {
                // Of a log in days, millions of rows may stand twice: only the examples are put into words.
                let mut notes = std::mem::take(&mut self.notes);
                notes.warn(rule, || self.told(rule, claim, counts));
                self.notes = notes;
                Ok(true)
            }
            RuleSeverity::Warn | RuleSeverity::Reject => {
                self.rejected.push((claim.place, self.told(rule, claim, counts)));
                Ok(false)
            }
        }
    }

    /// What is said of a row that stands beside the one that counts.
    fn told(&self, rule: Rule, claim: &Claim, counts: &Claim) -> Reject {
        let beside = format!("{} line {}", self.file(counts.place), counts.place.line);
        let reason = match rule {
            Rule::DuplicateRow => format!("the same as {beside}, which counts"),
            Rule::RepeatedRow => format!("the same as {beside}; without a time of day it may be a second one"),
            _ if is_older(claim, counts) => format!("changed before {beside}, which counts"),
            _ => format!("contradicts {beside}, which counts: {ORDER}"),
        };
        let key = self.key(&claim.cells);
        let words: Vec<&str> = key.into_iter().filter_map(ClaimCell::quoted).collect();
        let column = match self.spec.identity {
            RowIdentity::OnePer([at]) => self.spec.columns[*at].name,
            _ => "",
        };
        Reject {
            file: self.file(claim.place).to_owned(),
            line: claim.place.line.into(),
            column: column.to_owned(),
            value: excerpt(&words.join(", ")),
            reason,
            rule,
        }
    }
}

/// Whether a row was changed before the other one, and both say when.
fn is_older(claim: &Claim, other: &Claim) -> bool {
    claim.changed.is_some() && claim.changed < other.changed
}
