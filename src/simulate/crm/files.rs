//! Every file of an export: those with rows per deal chunk by chunk, then the small ones.

use std::path::PathBuf;

use arrow::array::RecordBatch;
use arrow::error::ArrowError;

use crate::domain::inputs::InputTable;
use crate::presets::{ExportShape, ExportTable, HeaderStyle, HistoryRows, Preset, PresetTable, StageAtEnd, TableRole};
use crate::simulate::catalogue::{LOST, OPEN_STAGES, WON, stage_name};
use crate::simulate::crm::carried::{Carried, carried};
use crate::simulate::crm::deal_rows::deal_rows;
use crate::simulate::crm::form::CrmForm;
use crate::simulate::crm::history_rows::{HistoryFile, canonical_rows, told};
use crate::simulate::crm::names::Names;
use crate::simulate::crm::small_rows::{carried_rows, small_rows, stage_rows};
use crate::simulate::crm::text_table::TextTable;
use crate::simulate::layout::TRUTH;
use crate::simulate::org::Organisation;

/// A file of an export, by its path in the folder.
#[derive(Clone, Debug)]
pub struct CrmFile {
    /// Path in the folder of the world.
    pub path: PathBuf,
    /// Its rows.
    pub table: TextTable,
}

/// Writes tables in the shape of a CRM.
#[derive(Clone, Debug)]
pub struct CrmExport {
    preset: &'static Preset,
    shape: &'static ExportShape,
    names: Names,
    canonical: bool,
}

/// A file of the shape with how its header is written.
type Written = (&'static ExportTable, &'static PresetTable, &'static HeaderStyle);

impl CrmExport {
    /// The export of a form that is known.
    #[must_use]
    pub fn of(form: &CrmForm, organisation: &Organisation) -> Option<Self> {
        let (preset, shape) = form.found()?;
        Some(Self { preset, shape, names: Names::of(shape, organisation), canonical: form.canonical })
    }

    /// Whether every cell is quoted.
    #[must_use]
    pub fn is_quoted(&self) -> bool {
        self.shape.quoted && !self.canonical
    }

    /// Whether what is carried is written under canonical names.
    #[must_use]
    pub fn is_canonical(&self) -> bool {
        self.canonical
    }

    /// The tables that are carried.
    pub fn tables(&self) -> impl Iterator<Item = InputTable> {
        InputTable::ALL.iter().copied().filter(|table| self.shape.table(*table).is_some())
    }

    /// The stages deals can be in.
    pub fn stages(&self) -> impl Iterator<Item = u8> + use<> {
        let ends = self.shape.ends;
        (0..=LOST).filter(move |stage| match ends {
            StageAtEnd::Stages => true,
            StageAtEnd::Status => usize::from(*stage) < OPEN_STAGES,
            StageAtEnd::StatusOfLost => *stage != LOST,
        })
    }

    fn written(&self, role: TableRole) -> Option<Written> {
        let file = self.shape.tables.iter().find(|file| file.role == role)?;
        self.preset.table(role, &file.style).map(|(table, header)| (file, table, header))
    }

    /// The files with rows per deal, from the batches of the deals, of their log, and of what no CRM knows.
    ///
    /// # Errors
    /// [`ArrowError`] for a type that has no text.
    pub fn deal_files(&self, deals: &RecordBatch, history: &RecordBatch) -> Result<Vec<CrmFile>, ArrowError> {
        let Some((file, _, header)) = self.written(TableRole::Input(InputTable::Deals)) else { return Ok(Vec::new()) };
        let log = self.shape.table(InputTable::StageHistory);
        let log_header = self.written(TableRole::Input(InputTable::StageHistory)).map(|(.., header)| header);
        let fields = log.map_or(Vec::new(), |log| told(log, log_header));
        let (deals, history) = (TextTable::of(deals)?, TextTable::of(history)?);
        let carried = carried(self.shape, header, &self.names, &deals, &history, &fields);
        if self.canonical {
            let mut files = vec![canonical(InputTable::Deals, carried.deals.clone())];
            files.extend(log.map(|_| canonical(InputTable::StageHistory, canonical_rows(&carried))));
            return Ok(files);
        }
        let entered = log.filter(|log| log.rows == HistoryRows::Entered);
        let stages: Vec<&str> = self.stages().map(stage_name).collect();
        let table = deal_rows(self.shape, file, header, &self.names, &carried, entered, &stages);
        let mut files = vec![CrmFile { path: PathBuf::from(&file.file), table }];
        files.extend(self.log_file(&carried));
        Ok(files)
    }

    fn log_file(&self, carried: &Carried) -> Option<CrmFile> {
        let (table, _, header) = self.written(TableRole::Input(InputTable::StageHistory))?;
        let file = HistoryFile { shape: self.shape, table, header, names: &self.names };
        Some(CrmFile { path: PathBuf::from(&table.file), table: file.rows(carried) })
    }

    /// A table of the truth, which names deals as the export does.
    ///
    /// # Errors
    /// [`ArrowError`] for a type that has no text.
    pub fn truth(&self, name: &str, batch: &RecordBatch) -> Result<CrmFile, ArrowError> {
        let mut table = TextTable::of(batch)?;
        if let Some(at) = table.position("deal_id") {
            table.rows.iter_mut().for_each(|row| row[at] = self.names.deal(&row[at]));
        }
        Ok(CrmFile { path: PathBuf::from(TRUTH).join(format!("{name}.csv")), table })
    }

    /// The small tables the shape has, and its list of stages.
    ///
    /// # Errors
    /// [`ArrowError`] for a type that has no text.
    pub fn small_files(&self, tables: &[(InputTable, RecordBatch)]) -> Result<Vec<CrmFile>, ArrowError> {
        let mut files = Vec::new();
        for (name, batch) in tables {
            let Some((file, read_as, header)) = self.written(TableRole::Input(*name)) else { continue };
            let rows = carried_rows(file, read_as, header, &self.names, &TextTable::of(batch)?);
            files.push(if self.canonical {
                canonical(*name, rows)
            } else {
                let table = small_rows(self.shape, file, read_as, header, &self.names, &rows);
                CrmFile { path: PathBuf::from(&file.file), table }
            });
        }
        if let Some((file, _, header)) = self.written(TableRole::Stages).filter(|_| !self.canonical) {
            let last = self.stages().max().unwrap_or(WON);
            let table = stage_rows(self.shape, file, header, &self.names, last);
            files.push(CrmFile { path: PathBuf::from(&file.file), table });
        }
        Ok(files)
    }
}

fn canonical(table: InputTable, rows: TextTable) -> CrmFile {
    CrmFile { path: PathBuf::from(format!("{table}.csv")), table: rows }
}
