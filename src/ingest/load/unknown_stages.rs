//! What a stage says about a deal, and the stages the configuration does not list.

use std::collections::BTreeMap;

use crate::config::{Rule, RuleSeverity};
use crate::domain::inputs::InputTable;
use crate::domain::stage::{StageKind, kind_of_word};
use crate::ingest::error::{IngestError, StageOutsideList};
use crate::ingest::reader::{RowReader, Stop};

/// Stages outside the configured list, by name.
#[derive(Debug, Default)]
pub(crate) struct UnknownStages(BTreeMap<String, StageOutsideList>);

impl UnknownStages {
    fn add(&mut self, stage: &str, file: &str, line: u64) {
        let first = || StageOutsideList { name: stage.to_owned(), rows: 0, file: file.to_owned(), line };
        self.0.entry(stage.to_owned()).or_insert_with(first).rows += 1;
    }

    /// Takes in those of later rows.
    pub(crate) fn merge(&mut self, later: Self) {
        for (name, stage) in later.0 {
            let rows = stage.rows;
            self.0.entry(name).or_insert(StageOutsideList { rows: 0, ..stage }).rows += rows;
        }
    }

    /// An error where there are any.
    pub(crate) fn check(&self, table: InputTable) -> Result<(), IngestError> {
        if self.0.is_empty() {
            return Ok(());
        }
        let mut stages: Vec<StageOutsideList> = self.0.values().cloned().collect();
        stages.sort_by_key(|stage| std::cmp::Reverse(stage.rows));
        Err(IngestError::UnknownStages { table: table.name(), stages })
    }
}

/// What a stage says about the deal, if anything.
pub(crate) fn known_stage(
    reader: &mut RowReader<'_>,
    field: usize,
    stage: &str,
    unknown: &mut UnknownStages,
) -> Result<Option<StageKind>, Stop> {
    let context = reader.context;
    if let Some(kind) = context.stage(stage) {
        return Ok(kind);
    }
    if context.lists_stages() {
        // an error waits for the end of the table, to name every such stage at once
        if context.rules.severity_of(Rule::UnknownStage) == RuleSeverity::Error {
            let (file, line) = (&reader.layout.file, reader.line());
            unknown.add(stage, file, line);
        } else {
            reader.breaks(Rule::UnknownStage, field, stage, "expected a stage of the configured list")?;
        }
    }
    Ok(kind_of_word(stage))
}
