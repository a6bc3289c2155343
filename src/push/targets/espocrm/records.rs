//! EspoCRM's REST interface, as an EspoCRM 9.1.7 server was recorded to speak it.
//!
//! Fields from the metadata, because a PUT takes names it does not know with success, and what the user may write from
//! `App/user`; a PUT per record, whose answer is the record as it is stored. Many records go as imports of 500.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::config::ScoreField;
use crate::push::connection::Connection;
use crate::push::error::{PushStop, StopKind};
use crate::push::target::{BatchReply, RecordAnswer, RecordChange, Target, TargetField};
use crate::push::targets::espocrm::access::EspoAccess;
use crate::push::targets::espocrm::definition::kind;
use crate::push::targets::espocrm::import::{ImportEnd, import, wait_for_imports};
use crate::push::targets::espocrm::server::{EspoServer, by_id, no_json, selection, strange};
use crate::push::targets::side_by_side::side_by_side;
use crate::push::value::FieldValues;

/// Where nothing says otherwise: from how many changes on they are imported. A PUT takes about 50 ms, so that 300 on four
/// connections take four seconds; an import has to be put there, carried out and read again.
const BULK_FROM: u32 = 300;
/// Records of an import: few enough that its answer comes long before the time-out of whatever stands in between.
const ROWS: usize = 500;
/// Imports that would be smaller are not worth it.
const FEWEST_ROWS: usize = 50;

/// The opportunities of an EspoCRM server.
pub(in crate::push::targets) struct Espocrm<'a> {
    server: EspoServer<'a>,
    bulk_from: u32,
    /// What the user may do, once it was asked.
    access: EspoAccess,
    /// Records of an import; none where records are sent one by one.
    rows: Option<usize>,
    /// Whether no import of ours can be under way.
    is_quiet: bool,
}

impl<'a> Espocrm<'a> {
    /// Imports from `bulk_from` changes on, where it says so; 0 is never.
    pub fn new(connection: Connection<'a>, bulk_from: Option<u32>) -> Result<Self, PushStop> {
        let (server, bulk_from) = (EspoServer::new(connection)?, bulk_from.unwrap_or(BULK_FROM));
        Ok(Self { server, bulk_from, access: EspoAccess::default(), rows: None, is_quiet: false })
    }

    /// Waits for what a push that is gone may have left under way.
    fn settle_imports(&mut self) -> Result<(), PushStop> {
        if self.access.may_import && !self.is_quiet {
            // Who may not look at imports cannot wait for one whose answer is lost: there are to be none then.
            self.access.may_import = wait_for_imports(&self.server, &self.access.user)?;
        }
        self.is_quiet = true;
        Ok(())
    }

    fn write_each(&self, batch: &[RecordChange], fields: &[TargetField]) -> BatchReply {
        let mut reply = BatchReply { answers: Vec::with_capacity(batch.len()), stop: None };
        for some in batch.chunks(self.server.parallel()) {
            let sent = side_by_side(some, |change| self.server.put(change, fields));
            reply.answers.extend(sent.answers);
            if sent.stop.is_some() {
                return BatchReply { stop: sent.stop, ..reply };
            }
        }
        reply
    }

    fn write_together(&mut self, batch: &[RecordChange], fields: &[TargetField], rows: usize) -> BatchReply {
        if let Err(stop) = self.settle_imports() {
            return BatchReply::stopped(stop);
        }
        if !self.access.may_import {
            self.rows = None;
            return self.write_each(batch, fields);
        }
        self.is_quiet = false;
        let end = match import(&self.server, batch, fields) {
            Ok(end) => end,
            Err(stop) => return BatchReply::stopped(stop),
        };
        match end {
            ImportEnd::Declined => {
                self.rows = None;
                self.write_each(batch, fields)
            }
            // Perhaps it took too long: the next one is shorter.
            ImportEnd::Lost(code) => {
                self.rows = Some(rows / 2).filter(|rows| *rows >= FEWEST_ROWS);
                BatchReply::all(batch.len(), RecordAnswer::Unknown { status: None, code })
            }
            ImportEnd::Answered(mut answers, alone) => {
                self.is_quiet = true;
                let each: Vec<RecordChange> = alone.iter().map(|at| batch[*at].clone()).collect();
                let sent = self.write_each(&each, fields);
                for (at, answer) in alone.into_iter().zip(sent.answers) {
                    answers[at] = answer;
                }
                BatchReply { answers, stop: sent.stop }
            }
        }
    }
}

impl Target for Espocrm<'_> {
    fn resolve(&mut self, fields: &[(ScoreField, String)]) -> Result<Vec<Result<TargetField, String>>, PushStop> {
        self.access = EspoAccess::read(&self.server.who_am_i()?);
        let mut resolved = Vec::with_capacity(fields.len());
        for (of, name) in fields {
            let key = format!("entityDefs.Opportunity.fields.{name}");
            let answer = self.server.get("/Metadata", &[("key", &key)])?;
            let definition = match answer.status {
                // `Core/Api/ControllerActionProcessor.php`, `handleResult`: of nothing no body is written.
                200 if answer.body.trim().is_empty() => Value::Null,
                // A page of something in between, a login or a maintenance, is no word on fields.
                200 => serde_json::from_str(&answer.body).map_err(|_| no_json(&answer))?,
                404 if answer.reason.is_some() => Value::Null,
                _ => return Err(strange(&answer, "the fields cannot be asked for")),
            };
            let found = self.access.fault(name).map_or_else(|| kind(*of, &definition), Err);
            let field = found.map(|kind| TargetField { of: *of, name: name.clone(), kind });
            resolved.push(field.map_err(|what| format!("{name} {what}")));
        }
        Ok(resolved)
    }

    fn read_all(&mut self, fields: &[TargetField]) -> Result<BTreeMap<String, FieldValues>, PushStop> {
        self.settle_imports()?;
        let select = selection(fields);
        let asked = [("select", select.as_str()), ("orderBy", "createdAt"), ("order", "asc")];
        let rows = self.server.list("/Opportunity", &asked, "the deals cannot be read")?;
        Ok(by_id(&rows, fields).collect())
    }

    fn read_some(&mut self, deals: &[&str], fields: &[TargetField]) -> Result<BTreeMap<String, FieldValues>, PushStop> {
        self.settle_imports()?;
        if deals.len() > 1 {
            match self.server.read_listed(deals, fields) {
                Err(stop) if stop.kind == StopKind::Strange => {}
                listed => return listed,
            }
        }
        let mut records = BTreeMap::new();
        for deal in deals {
            records.extend(self.server.read_record(deal, fields)?.map(|held| ((*deal).to_owned(), held)));
        }
        Ok(records)
    }

    fn announce(&mut self, records: usize) {
        let is_many = self.bulk_from > 0 && records >= self.bulk_from as usize;
        self.rows = (is_many && self.access.may_import).then_some(ROWS);
    }

    fn sends_each(&self) -> bool {
        self.rows.is_none()
    }

    fn batch_size(&self) -> usize {
        self.rows.unwrap_or_else(|| self.server.parallel())
    }

    fn write(&mut self, batch: &[RecordChange], fields: &[TargetField]) -> BatchReply {
        match self.rows {
            Some(rows) if batch.len() > self.server.parallel() => self.write_together(batch, fields, rows),
            _ => self.write_each(batch, fields),
        }
    }
}
