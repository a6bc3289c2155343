//! Files with what changed, in the layout a CRM's import expects.
//!
//! Nobody can be asked what a file's reader holds: what the ledger says was put into earlier files counts as held. A file is
//! written whole or not at all and never twice under one name with other content than it was noted to have.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::{Map, Value};

use crate::config::{DeltaFormat, ImportLayout, ScoreField};
use crate::push::acknowledged::Acknowledged;
use crate::push::error::{PushStop, StopKind};
use crate::push::ledger::Ledger;
use crate::push::plan::Plan;
use crate::push::target::{BatchReply, RecordAnswer, RecordChange, Target, TargetField};
use crate::push::value::{FieldValue, FieldValues, TargetKind};
use crate::store::file::write_file;

/// The column that names the record, and how far that was verified.
#[must_use]
pub fn layout_columns(layout: ImportLayout) -> (&'static str, &'static str) {
    match layout {
        ImportLayout::Salesforce => ("Id", "name of the column from a real export; the import was not tried"),
        ImportLayout::Hubspot => {
            ("Record ID", "name of the column from third-party readers of exports; the import was not tried")
        }
        ImportLayout::Vtiger => {
            ("Opportunity Number", "name of the column from vtiger's source; the import was not tried")
        }
        ImportLayout::Espocrm => ("id", "an import that updates by it was recorded from an EspoCRM 9.1.7 server"),
        ImportLayout::Zoho => {
            ("Record Id", "name of the column from third-party readers of exports; the import was not tried")
        }
        ImportLayout::DynamicsScores => (
            "msdyn_entityid",
            "names of the columns and their codes from Microsoft's reference; the import was not tried, and makes a score where an opportunity has none",
        ),
        ImportLayout::Dynamics => {
            ("opportunityid", "name of the column from Microsoft's reference; the import was not tried")
        }
    }
}

/// What stands in every row beside the id, by column.
fn in_every_row(layout: ImportLayout) -> &'static [(&'static str, &'static str)] {
    if layout == ImportLayout::DynamicsScores { &[("msdyn_entitytype", "opportunity")] } else { &[] }
}

/// A value as the import takes it: Dynamics' scores have codes for grades and trends.
fn coded(layout: ImportLayout, of: ScoreField, value: &FieldValue) -> FieldValue {
    let FieldValue::Text(word) = value else { return value.clone() };
    if layout != ImportLayout::DynamicsScores || of == ScoreField::ScoredAt {
        return value.clone();
    }
    let code = of.words().iter().position(|known| known == word);
    code.map_or_else(|| value.clone(), |code| FieldValue::Number(code as f64))
}

/// The files of one target.
pub struct DeltaFiles {
    folder: PathBuf,
    layout: ImportLayout,
    format: DeltaFormat,
    /// What the ledger says each record holds.
    held: BTreeMap<String, FieldValues>,
    plan: String,
    /// Files of the plan that are noted.
    part: usize,
}

impl DeltaFiles {
    /// Files in `folder`, for records that hold what is `known` to have been put into earlier files.
    #[must_use]
    pub fn new(
        folder: PathBuf,
        layout: ImportLayout,
        format: DeltaFormat,
        known: &BTreeMap<String, Acknowledged>,
    ) -> Self {
        let held = known.iter().map(|(deal, known)| (deal.clone(), known.held())).collect();
        Self { folder, layout, format, held, plan: String::new(), part: 0 }
    }

    /// For the deals of `plan`: its next file has the number after those that are noted in `ledger`, read for it.
    #[must_use]
    pub fn of(self, plan: &Plan, ledger: &Ledger) -> Self {
        Self { plan: plan.id.clone(), part: ledger.codes(), ..self }
    }

    fn text(&self, batch: &[RecordChange], fields: &[TargetField]) -> Option<String> {
        match self.format {
            DeltaFormat::Csv => csv_text(self.layout, batch, fields),
            DeltaFormat::Jsonl => Some(batch.iter().map(|change| json_line(self.layout, change, fields)).collect()),
        }
    }

    fn write_part(&mut self, batch: &[RecordChange], fields: &[TargetField]) -> Result<String, String> {
        let text = self.text(batch, fields).ok_or_else(|| "the rows make no table".to_owned())?;
        let extension = match self.format {
            DeltaFormat::Csv => "csv",
            DeltaFormat::Jsonl => "jsonl",
        };
        let name = format!("{}-{}.{extension}", self.plan, self.part + 1);
        let rows = batch.len() as u64;
        let written = write_file(&self.folder.join(&name), |out| out.write_all(text.as_bytes()).map(|()| Some(rows)));
        written.map_err(|error| error.to_string())?;
        self.part += 1;
        Ok(name)
    }
}

fn shown(value: &FieldValue) -> String {
    match value {
        FieldValue::Number(number) => number.to_string(),
        FieldValue::Text(text) => text.clone(),
    }
}

/// The columns any row fills; a cell is empty where the run has no value.
fn csv_text(layout: ImportLayout, batch: &[RecordChange], fields: &[TargetField]) -> Option<String> {
    let is_filled = |field: &&TargetField| batch.iter().any(|change| change.new.contains_key(&field.name));
    let filled: Vec<&TargetField> = fields.iter().filter(is_filled).collect();
    let (id, constants) = (layout_columns(layout).0, in_every_row(layout));
    let names = constants.iter().map(|(name, _)| *name).chain(filled.iter().map(|field| field.name.as_str()));
    let mut lines = csv::Writer::from_writer(Vec::new());
    lines.write_record([id].into_iter().chain(names)).ok()?;
    for change in batch {
        let constants = constants.iter().map(|(_, value)| (*value).to_owned());
        let cell = |field: &&TargetField| change.new.get(&field.name).map(|value| coded(layout, field.of, value));
        let cells = filled.iter().map(|field| cell(field).as_ref().map(shown).unwrap_or_default());
        lines.write_record([change.deal.clone()].into_iter().chain(constants).chain(cells)).ok()?;
    }
    String::from_utf8(lines.into_inner().ok()?).ok()
}

fn json_line(layout: ImportLayout, change: &RecordChange, fields: &[TargetField]) -> String {
    let cell = |value: FieldValue| match value {
        FieldValue::Number(number) if number.fract() == 0.0 => Value::from(number as i64),
        FieldValue::Number(number) => Value::from(number),
        FieldValue::Text(text) => Value::from(text),
    };
    let filled = fields
        .iter()
        .filter_map(|field| Some((field.name.clone(), cell(coded(layout, field.of, change.new.get(&field.name)?)))));
    let id = (layout_columns(layout).0.to_owned(), Value::from(change.deal.as_str()));
    let constants = in_every_row(layout).iter().map(|(name, value)| ((*name).to_owned(), Value::from(*value)));
    format!("{}\n", Value::Object([id].into_iter().chain(constants).chain(filled).collect::<Map<_, _>>()))
}

impl Target for DeltaFiles {
    fn resolve(&mut self, fields: &[(ScoreField, String)]) -> Result<Vec<Result<TargetField, String>>, PushStop> {
        let kind = |of: ScoreField| match of {
            ScoreField::Score | ScoreField::PreviousScore => TargetKind::Number(Some(0)),
            ScoreField::Probability => TargetKind::Number(None),
            ScoreField::PredictedCloseDate | ScoreField::ScoredAt => TargetKind::Date,
            _ => TargetKind::Text(None),
        };
        let resolved = fields.iter().map(|(of, name)| Ok(TargetField { of: *of, name: name.clone(), kind: kind(*of) }));
        Ok(resolved.collect())
    }

    fn read_all(&mut self, _: &[TargetField]) -> Result<BTreeMap<String, FieldValues>, PushStop> {
        Ok(self.held.clone())
    }

    fn read_some(&mut self, deals: &[&str], _: &[TargetField]) -> Result<BTreeMap<String, FieldValues>, PushStop> {
        let held = |deal: &&str| ((*deal).to_owned(), self.held.get(*deal).cloned().unwrap_or_default());
        Ok(deals.iter().map(held).collect())
    }

    fn batch_size(&self) -> usize {
        usize::MAX
    }

    fn is_remote(&self) -> bool {
        false
    }

    fn write(&mut self, batch: &[RecordChange], fields: &[TargetField]) -> BatchReply {
        match self.write_part(batch, fields) {
            Ok(name) => {
                BatchReply::all(batch.len(), RecordAnswer::Taken { status: None, code: Some(name), echo: None })
            }
            Err(message) => BatchReply::stopped(PushStop::new(StopKind::Unreachable, message)),
        }
    }
}
