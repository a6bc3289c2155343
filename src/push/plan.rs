//! What is to be written? What is wanted and what the target holds in, a [`Plan`] out. Pure: asks nobody.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::{Deserialize, Serialize};
use serde_json::ser::Formatter;

use crate::config::{PushConfig, ScoreField};
use crate::push::acknowledged::Acknowledged;
use crate::push::error::PushError;
use crate::push::place::place;
use crate::push::record_ids::foreign_id;
use crate::push::target::TargetField;
use crate::push::value::{FieldValue, FieldValues, distance};
use crate::push::wanted::Wanted;
use crate::report::words::percent;

/// What is to be done with one deal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PlanStep {
    /// Write it.
    Write,
    /// Leave it: it holds what is wanted.
    Unchanged,
    /// Nothing: the target has no such record.
    Missing,
}

impl PlanStep {
    /// Lower case.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Write => "write",
            Self::Unchanged => "unchanged",
            Self::Missing => "missing",
        }
    }
}

/// One deal of a plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlannedDeal {
    /// Its id.
    pub deal: String,
    /// What is to be done.
    pub step: PlanStep,
    /// Why.
    pub reason: String,
    /// What it holds in the fields that are to be written.
    #[serde(default)]
    pub old: FieldValues,
    /// What is to be written.
    #[serde(default)]
    pub new: FieldValues,
    /// Of the fields to be written, those that are the reason.
    #[serde(default)]
    pub changed: Vec<String>,
}

impl PlannedDeal {
    /// A deal to which nothing is written.
    fn left(deal: String, step: PlanStep, reason: &str) -> Self {
        let (old, new) = (FieldValues::new(), FieldValues::new());
        Self { deal, step, reason: reason.to_owned(), old, new, changed: Vec::new() }
    }
}

/// What is to be written to one target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// Names it in the ledger.
    pub id: String,
    /// The name of the target in the configuration.
    pub target: String,
    /// Where it is written to.
    pub place: String,
    /// When it was made.
    pub made_at: String,
    /// The as-of day of the run.
    pub as_of: String,
    /// The model.
    pub model_id: String,
    /// The fields that are written.
    pub fields: Vec<TargetField>,
    /// The folder of the run.
    #[serde(default)]
    pub run: String,
    /// Every scored deal, by id.
    pub deals: Vec<PlannedDeal>,
}

/// What a plan is made from, beside the wanted values.
pub struct PlanBasis<'a> {
    /// The name of the target in the configuration.
    pub target: &'a str,
    /// Its section.
    pub config: &'a PushConfig,
    /// Its fields.
    pub fields: &'a [TargetField],
    /// What its records hold; a deal that is not there has no record. The plan takes it over.
    pub current: BTreeMap<String, FieldValues>,
    /// What they were sent before.
    pub acknowledged: &'a BTreeMap<String, Acknowledged>,
    /// The folder of the run.
    pub run: &'a str,
    /// This moment.
    pub made_at: &'a str,
    /// Whether a record is written with every field where one differs: in a file an empty cell may clear the field.
    pub writes_whole_records: bool,
    /// Whether large changes were looked at and are wanted.
    pub allows_large_changes: bool,
}

/// The least number of deals a share is taken of.
const FEWEST: usize = 20;

impl Plan {
    /// What is to be written so that every deal holds what is wanted.
    ///
    /// # Errors
    /// [`PushError::LargeChanges`] where more deals would change by much than the configuration allows,
    /// [`PushError::NoneFound`].
    pub fn make(wanted: &Wanted, mut basis: PlanBasis<'_>) -> Result<Self, PushError> {
        basis.check_large_changes(wanted)?;
        let deals: Vec<PlannedDeal> = wanted.deals.iter().map(|(deal, values)| basis.planned(deal, values)).collect();
        // One deal may have been deleted since the run; that all of several were is not believed.
        if let [first, _, ..] = deals.as_slice()
            && deals.iter().all(|deal| deal.step == PlanStep::Missing)
        {
            let reason = foreign_id(basis.config, &first.deal).map(|form| form.reason);
            return Err(PushError::NoneFound {
                target: basis.target.to_owned(),
                deals: deals.len(),
                example: first.deal.clone(),
                reason: reason.unwrap_or("it has no such record"),
            });
        }
        let mut plan = Self {
            id: String::new(),
            target: basis.target.to_owned(),
            place: place(basis.config),
            made_at: basis.made_at.to_owned(),
            as_of: wanted.as_of.clone(),
            model_id: wanted.model_id.clone(),
            fields: basis.fields.to_vec(),
            run: basis.run.to_owned(),
            deals,
        };
        let mut hash = blake3::Hasher::new();
        // A plan is plain data, and a hash takes everything.
        let _ = serde_json::to_writer(&mut hash, &plan);
        plan.id = format!("{}-{}", plan.as_of, &hash.finalize().to_hex()[..10]);
        Ok(plan)
    }

    /// Reads a saved plan of the target `name`, whose section is `config`.
    ///
    /// # Errors
    /// [`PushError::NoPlan`]; also where it was made for another place or other fields than `config` has now.
    pub fn read(text: Option<&str>, name: &str, config: &PushConfig) -> Result<Self, PushError> {
        let no_plan = |reason: String| PushError::NoPlan { reason };
        let text = text.ok_or_else(|| no_plan("none was made".to_owned()))?;
        let plan: Self = serde_json::from_str(text).map_err(|error| no_plan(format!("it is damaged: {error}")))?;
        if plan.target != name {
            return Err(no_plan(format!("it is for {}, expected {name}", plan.target)));
        }
        let fields = plan.fields.iter().map(|field| (&field.of, &field.name));
        if plan.place != place(config) || !fields.eq(&config.fields) {
            return Err(no_plan(
                "it was made for another target or other fields than the configuration has".to_owned(),
            ));
        }
        Ok(plan)
    }

    /// Writes the plan as text: a line per deal.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut lines = serde_json::Serializer::with_formatter(out, DealPerLine::default());
        self.serialize(&mut lines)?;
        lines.into_inner().write_all(b"\n")
    }
}

/// JSON with a line break before every value of a list that is not within another one's values.
#[derive(Default)]
struct DealPerLine {
    objects: usize,
}

impl Formatter for DealPerLine {
    fn begin_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.objects += 1;
        out.write_all(b"{")
    }

    fn end_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.objects -= 1;
        out.write_all(b"}")
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, is_first: bool) -> io::Result<()> {
        out.write_all(if is_first { b"" } else { b"," })?;
        out.write_all(if self.objects == 1 { b"\n" } else { b"" })
    }
}

impl PlanBasis<'_> {
    fn planned(&mut self, deal: &str, wanted: &BTreeMap<ScoreField, FieldValue>) -> PlannedDeal {
        let Some(mut old) = self.current.remove(deal) else {
            let reason = foreign_id(self.config, deal).map_or("no such record", |form| form.reason);
            return PlannedDeal::left(deal.to_owned(), PlanStep::Missing, reason);
        };
        let fitted = |field: &TargetField| Some((field.clone(), field.kind.fit(wanted.get(&field.of)?)?));
        let fitted: Vec<(TargetField, FieldValue)> = self.fields.iter().filter_map(fitted).collect();
        let other = |(field, value): &&(TargetField, FieldValue)| !self.holds(deal, field, value, &old);
        let differing: Vec<&(TargetField, FieldValue)> = fitted.iter().filter(other).collect();
        let causes: Vec<&TargetField> =
            differing.iter().map(|(field, _)| field).filter(|field| !field.of.goes_along()).collect();
        if causes.is_empty() {
            return PlannedDeal::left(deal.to_owned(), PlanStep::Unchanged, "holds what is wanted");
        }
        let reason = causes.iter().map(|field| field.of.name()).collect::<Vec<_>>().join(", ");
        let changed = causes.into_iter().map(|field| field.name.clone()).collect();
        let written = if self.writes_whole_records { fitted.iter().collect() } else { differing };
        let new: FieldValues = written.into_iter().map(|(field, value)| (field.name.clone(), value.clone())).collect();
        old.retain(|field, _| new.contains_key(field));
        PlannedDeal { deal: deal.to_owned(), step: PlanStep::Write, reason, old, new, changed }
    }

    /// Whether a field of a record holds `wanted`: at the field's precision, within epsilon, or as the target stored the
    /// same value before.
    fn holds(&self, deal: &str, field: &TargetField, wanted: &FieldValue, current: &FieldValues) -> bool {
        let Some(held) = current.get(&field.name) else { return false };
        if field.kind.same(held, wanted) {
            return true;
        }
        let is_near = distance(held, wanted).is_some_and(|distance| distance < self.config.epsilon * field.scale());
        let is_as_before = || {
            let before = self.acknowledged.get(deal).and_then(|before| before.field(&field.name));
            before.is_some_and(|(sent, stored)| field.kind.same(sent, wanted) && field.kind.same(stored, held))
        };
        is_near || is_as_before()
    }

    /// Whether a number is one that was never filled: some servers call it 0. A 0 of ours is known.
    fn is_never_filled(&self, deal: &str, field: &TargetField, held: &FieldValue) -> bool {
        let is_ours = || self.acknowledged.get(deal).is_some_and(|before| before.field(&field.name).is_some());
        matches!(held, FieldValue::Number(number) if *number == 0.0) && !is_ours()
    }

    fn check_large_changes(&self, wanted: &Wanted) -> Result<(), PushError> {
        let measured =
            self.fields.iter().filter(|field| matches!(field.of, ScoreField::Probability | ScoreField::Score));
        let measured: Vec<&TargetField> = measured.collect();
        let changes = wanted.deals.iter().filter_map(|(deal, values)| {
            let current = self.current.get(deal)?;
            let change = |field: &&TargetField| {
                let held = current.get(&field.name).filter(|held| !self.is_never_filled(deal, field, held))?;
                Some(distance(held, values.get(&field.of)?)? / field.scale())
            };
            measured.iter().filter_map(change).max_by(f64::total_cmp)
        });
        let changes: Vec<f64> = changes.collect();
        let large = changes.iter().filter(|change| **change >= self.config.large_change).count();
        let is_too_many = changes.len() >= FEWEST && large as f64 > self.config.max_large_share * changes.len() as f64;
        if is_too_many && !self.allows_large_changes {
            return Err(PushError::LargeChanges {
                large,
                compared: changes.len(),
                by: percent(self.config.large_change),
                share: percent(self.config.max_large_share),
            });
        }
        Ok(())
    }
}
