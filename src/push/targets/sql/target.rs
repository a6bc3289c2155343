//! A table of our own on a database server, whichever it is: looked at, made, read, and written in one transaction a batch.
//!
//! A [`SqlServer`] below, the trait [`Target`] above. A deal without a row gets one; a row that holds the values already is
//! left alone, so what is written again after a crash changes nothing. Never clears a value.

use std::collections::BTreeMap;

use crate::config::ScoreField;
use crate::push::error::PushStop;
use crate::push::pacer::Pacer;
use crate::push::target::{BatchReply, RecordAnswer, RecordChange, Target, TargetField, ToMake};
use crate::push::targets::sql::fault::{SqlFault, SqlTries};
use crate::push::targets::sql::found::{FoundTable, fault_of_name};
use crate::push::targets::sql::table::SqlTable;
use crate::push::value::FieldValues;

/// Most rows of one transaction.
const BATCH: usize = 100_000;

/// What a database server does. A connection is made when one is needed.
pub(in crate::push::targets) trait SqlServer {
    /// What is there of a table; nothing where it is not there.
    fn look(&mut self, table: &SqlTable) -> Result<Option<FoundTable>, SqlFault>;

    /// Does a statement that makes something.
    fn make(&mut self, statement: &str) -> Result<(), SqlFault>;

    /// What rows hold in these columns: every row, or those of some deals.
    fn read(
        &mut self,
        table: &SqlTable,
        fields: &[&TargetField],
        deals: Option<&[&str]>,
    ) -> Result<BTreeMap<String, FieldValues>, SqlFault>;

    /// Puts rows in and changes those that differ: all of them, or none.
    fn put(&mut self, table: &SqlTable, rows: &[&RecordChange], fields: &[TargetField]) -> Result<(), SqlFault>;
}

/// A table on a server.
pub(in crate::push::targets) struct SqlTarget<'a, S> {
    server: S,
    table: SqlTable,
    tries: SqlTries<'a>,
    /// What was there when somebody last looked; nothing before.
    found: Option<Option<FoundTable>>,
}

impl<'a, S: SqlServer> SqlTarget<'a, S> {
    pub fn new(server: S, table: SqlTable, pacer: &'a dyn Pacer, tries: u32, seed: u64) -> Self {
        Self { server, table, tries: SqlTries::new(pacer, tries, seed), found: None }
    }

    /// What is there, looked at once.
    fn look(&mut self) -> Result<Option<FoundTable>, SqlFault> {
        if let Some(found) = &self.found {
            return Ok(found.clone());
        }
        let (server, table) = (&mut self.server, &self.table);
        let found = self.tries.run(true, || server.look(table))?;
        self.found = Some(found.clone());
        Ok(found)
    }

    fn resolved(&mut self, fields: &[(ScoreField, String)]) -> Result<Vec<Result<TargetField, String>>, SqlFault> {
        self.found = None;
        let found = self.look()?;
        if let Some(fault) = found.as_ref().and_then(|found| found.fault(&self.table, fields)) {
            return Err(SqlFault::Data(fault));
        }
        let dialect = self.table.dialect;
        let resolved = fields.iter().map(|(of, name)| match (fault_of_name(name, fields), &found) {
            (Some(fault), _) => Err(fault),
            (None, Some(found)) => found.field(*of, name, dialect),
            (None, None) => Ok(TargetField { of: *of, name: name.clone(), kind: dialect.kind_of(*of) }),
        });
        Ok(resolved.collect())
    }

    /// What rows hold in those of the fields that have a column.
    fn read(
        &mut self,
        deals: Option<&[&str]>,
        fields: &[TargetField],
    ) -> Result<BTreeMap<String, FieldValues>, SqlFault> {
        let Some(found) = self.look()? else { return Ok(BTreeMap::new()) };
        let (server, table) = (&mut self.server, &self.table);
        let fields: Vec<&TargetField> =
            fields.iter().filter(|field| found.column(&field.name, table.dialect).is_some()).collect();
        self.tries.run(true, || server.read(table, &fields, deals))
    }

    /// What is not there.
    fn absent(&mut self, fields: &[TargetField]) -> Result<ToMake, SqlFault> {
        let (found, table) = (self.look()?, &self.table);
        let is_absent = |field: &&TargetField| {
            found.as_ref().is_none_or(|found| found.column(&field.name, table.dialect).is_none())
        };
        let absent: Vec<&TargetField> = fields.iter().filter(is_absent).collect();
        Ok(table.to_make(found.is_some(), &absent))
    }

    /// Makes what is not there. Where somebody else makes it at the same moment it is looked at again.
    fn make(&mut self, fields: &[TargetField]) -> Result<(), SqlFault> {
        for is_last in [false, true] {
            let statements = self.absent(fields)?.statements;
            if statements.is_empty() {
                return Ok(());
            }
            self.found = None;
            let server = &mut self.server;
            let made = statements.iter().try_for_each(|statement| self.tries.run(true, || server.make(statement)));
            match made {
                Err(SqlFault::Data(_)) if !is_last => {}
                made => return made,
            }
        }
        Ok(())
    }

    fn put(&mut self, rows: &[&RecordChange], fields: &[TargetField]) -> Result<(), SqlFault> {
        self.make(fields)?;
        let (server, table) = (&mut self.server, &self.table);
        self.tries.run(false, || server.put(table, rows, fields))
    }

    /// Why a deal of this id cannot have a row.
    fn refusal_of_id(&self, deal: &str) -> Option<String> {
        let found = self.found.as_ref().and_then(Option::as_ref).cloned().unwrap_or_default();
        let most = found.most_of_id(self.table.dialect);
        if deal.chars().count() > most {
            return Some(format!("the id has more than {most} letters"));
        }
        let is_odd = deal.contains('\0') || deal.trim_end() != deal || deal.is_empty();
        is_odd.then(|| "the id is empty, ends with a blank or holds a character no text may have".to_owned())
    }

    /// What a single row now holds: the first one of a push is compared with what was sent.
    fn echo(&mut self, rows: &[&RecordChange], fields: &[TargetField]) -> Option<FieldValues> {
        let [one] = rows else { return None };
        self.read(Some(&[one.deal.as_str()]), fields).ok()?.remove(&one.deal)
    }

    fn reply(&mut self, batch: &[RecordChange], fields: &[TargetField]) -> BatchReply {
        if let Err(fault) = self.look() {
            return BatchReply::stopped(fault.ended("nothing was written"));
        }
        let refusals: Vec<Option<String>> = batch.iter().map(|change| self.refusal_of_id(&change.deal)).collect();
        let rows: Vec<&RecordChange> =
            batch.iter().zip(&refusals).filter(|(_, refusal)| refusal.is_none()).map(|(change, _)| change).collect();
        let put = if rows.is_empty() { Ok(()) } else { self.put(&rows, fields) };
        let answer = match put {
            Ok(()) => RecordAnswer::Taken { status: None, code: None, echo: self.echo(&rows, fields) },
            Err(SqlFault::Lost(code)) => RecordAnswer::Unknown { status: None, code },
            Err(SqlFault::Data(code)) => {
                return BatchReply::all(batch.len(), RecordAnswer::RefusedTogether { status: None, code });
            }
            Err(fault) => return BatchReply::stopped(fault.ended("nothing of the batch was written")),
        };
        let of = |refusal: Option<String>| match refusal {
            Some(code) => RecordAnswer::Rejected { status: None, code },
            None => answer.clone(),
        };
        BatchReply { answers: refusals.into_iter().map(of).collect(), stop: None }
    }
}

impl<S: SqlServer> Target for SqlTarget<'_, S> {
    fn resolve(&mut self, fields: &[(ScoreField, String)]) -> Result<Vec<Result<TargetField, String>>, PushStop> {
        self.resolved(fields).map_err(|fault| fault.ended("the table cannot be used"))
    }

    fn read_all(&mut self, fields: &[TargetField]) -> Result<BTreeMap<String, FieldValues>, PushStop> {
        self.read(None, fields).map_err(|fault| fault.ended("the table cannot be read"))
    }

    /// A deal without a row gets one: the table is ours.
    fn read_some(&mut self, deals: &[&str], fields: &[TargetField]) -> Result<BTreeMap<String, FieldValues>, PushStop> {
        let mut held = self.read(Some(deals), fields).map_err(|fault| fault.ended("the table cannot be read"))?;
        Ok(deals.iter().map(|deal| ((*deal).to_owned(), held.remove(*deal).unwrap_or_default())).collect())
    }

    fn to_make(&mut self, fields: &[TargetField]) -> Result<ToMake, PushStop> {
        self.absent(fields).map_err(|fault| fault.ended("the table cannot be looked at"))
    }

    fn batch_size(&self) -> usize {
        BATCH
    }

    fn write(&mut self, batch: &[RecordChange], fields: &[TargetField]) -> BatchReply {
        self.reply(batch, fields)
    }
}
