//! Files with what changed, in the layout a CRM's import expects.
//!
//! Nobody can be asked what a file's reader holds: what the ledger says was put into earlier files counts as held. A file is
//! written whole or not at all and never twice under one name with other content than it was noted to have.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::{Map, Value};

use crate::config::{DeltaFormat, ImportLayout, ScoreField};
use crate::push::error::{PushStop, StopKind};
use crate::push::ledger::{Acknowledged, Ledger};
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
        ImportLayout::Dynamics => {
            ("opportunityid", "name of the column from Microsoft's reference; the import was not tried")
        }
    }
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
        known: BTreeMap<String, Acknowledged>,
    ) -> Self {
        let held = known.into_iter().map(|(deal, known)| (deal, known.held)).collect();
        Self { folder, layout, format, held, plan: String::new(), part: 0 }
    }

    /// For the deals of `plan`: its next file has the number after those that are noted.
    #[must_use]
    pub fn of(self, plan: &Plan, ledger: &Ledger) -> Self {
        Self { plan: plan.id.clone(), part: ledger.codes(&plan.id).len(), ..self }
    }

    fn text(&self, batch: &[RecordChange], fields: &[TargetField]) -> Option<String> {
        let id = layout_columns(self.layout).0;
        match self.format {
            DeltaFormat::Csv => csv_text(id, batch, fields),
            DeltaFormat::Jsonl => Some(batch.iter().map(|change| json_line(id, change)).collect()),
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
fn csv_text(id: &str, batch: &[RecordChange], fields: &[TargetField]) -> Option<String> {
    let is_filled = |field: &&TargetField| batch.iter().any(|change| change.new.contains_key(&field.name));
    let columns: Vec<&str> = fields.iter().filter(is_filled).map(|field| field.name.as_str()).collect();
    let mut lines = csv::Writer::from_writer(Vec::new());
    lines.write_record([id].iter().chain(&columns)).ok()?;
    for change in batch {
        let cells = columns.iter().map(|name| change.new.get(*name).map(shown).unwrap_or_default());
        lines.write_record([change.deal.clone()].into_iter().chain(cells)).ok()?;
    }
    String::from_utf8(lines.into_inner().ok()?).ok()
}

fn json_line(id: &str, change: &RecordChange) -> String {
    let cell = |value: &FieldValue| match value {
        FieldValue::Number(number) => Value::from(*number),
        FieldValue::Text(text) => Value::from(text.as_str()),
    };
    let fields = change.new.iter().map(|(name, value)| (name.clone(), cell(value)));
    let named = [(id.to_owned(), Value::from(change.deal.as_str()))];
    format!("{}\n", Value::Object(named.into_iter().chain(fields).collect::<Map<_, _>>()))
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
