//! What every target is to a push: the trait [`Target`].

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::config::ScoreField;
use crate::push::error::PushStop;
use crate::push::value::{FieldValues, TargetKind};

/// A field of the target that takes something of a score.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetField {
    /// What goes in.
    pub of: ScoreField,
    /// The target's name.
    pub name: String,
    /// What it takes.
    pub kind: TargetKind,
}

impl TargetField {
    /// What a chance of 1 is in this field.
    pub(super) fn scale(&self) -> f64 {
        if matches!(self.of, ScoreField::Score | ScoreField::PreviousScore) { 100.0 } else { 1.0 }
    }
}

/// A record and what it is to hold.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordChange {
    /// The deal's id.
    pub deal: String,
    /// The fields to write.
    pub new: FieldValues,
}

/// What a target says of one record it was sent.
#[derive(Clone, Debug, PartialEq)]
pub enum RecordAnswer {
    /// It took it; what it holds now, where it says so.
    Taken {
        /// HTTP status, or none.
        status: Option<u16>,
        /// What it is called there.
        code: Option<String>,
        /// The fields as they are stored.
        echo: Option<FieldValues>,
    },
    /// It refused this record.
    Rejected {
        /// HTTP status.
        status: Option<u16>,
        /// What it calls the reason.
        code: String,
    },
    /// It has no such record.
    Missing {
        /// HTTP status.
        status: Option<u16>,
        /// What it calls the reason.
        code: String,
    },
    /// The whole batch was refused for the sake of some record, and nothing of it written: its halves are sent on their own.
    RefusedTogether {
        /// HTTP status.
        status: Option<u16>,
        /// What it calls the reason.
        code: String,
    },
    /// It failed without a reason: a plain 500.
    Failed {
        /// HTTP status.
        status: u16,
    },
    /// Whether it took it is not known: the connection broke, the answer is half or came from something in between.
    Unknown {
        /// HTTP status, if one came.
        status: Option<u16>,
        /// What happened.
        code: String,
    },
}

/// What a target says of a batch: an answer per record, in order; fewer where it stopped.
#[derive(Clone, Debug, PartialEq)]
pub struct BatchReply {
    /// Answers of the records from the first one on.
    pub answers: Vec<RecordAnswer>,
    /// Why nothing more is to be sent.
    pub stop: Option<PushStop>,
}

impl BatchReply {
    /// The same answer for each of `records` records.
    pub(super) fn all(records: usize, answer: RecordAnswer) -> Self {
        Self { answers: vec![answer; records], stop: None }
    }

    /// No answer, and why.
    pub(super) fn stopped(stop: PushStop) -> Self {
        Self { answers: Vec::new(), stop: Some(stop) }
    }
}

/// What the first write makes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ToMake {
    /// The statements that make it.
    pub statements: Vec<String>,
    /// The fields that are not there until then.
    pub fields: Vec<String>,
}

/// Something that holds deals and takes scores. Writes by id only; creates nothing.
pub trait Target {
    /// How each of these fields is found there; `Err` with the reason for one that is not there or cannot be written.
    ///
    /// # Errors
    /// [`PushStop`] where the target cannot be asked.
    fn resolve(&mut self, fields: &[(ScoreField, String)]) -> Result<Vec<Result<TargetField, String>>, PushStop>;

    /// What every record holds in these fields, by the deal's id, read page by page.
    ///
    /// # Errors
    /// [`PushStop`] where the target cannot be asked.
    fn read_all(&mut self, fields: &[TargetField]) -> Result<BTreeMap<String, FieldValues>, PushStop>;

    /// What these records hold, by the deal's id as it is asked for; nothing of one that is not there.
    ///
    /// # Errors
    /// [`PushStop`] where the target cannot be asked; of kind `Strange` where what it says of a record cannot be made out.
    fn read_some(&mut self, deals: &[&str], fields: &[TargetField]) -> Result<BTreeMap<String, FieldValues>, PushStop>;

    /// Of a table of our own, what is not there of it and is made by the first write.
    ///
    /// # Errors
    /// [`PushStop`] where the target cannot be asked.
    fn to_make(&mut self, _fields: &[TargetField]) -> Result<ToMake, PushStop> {
        Ok(ToMake::default())
    }

    /// So many records are about to be sent: where there is a way for many at once, the target chooses by it.
    fn announce(&mut self, _records: usize) {}

    /// Most records of one batch.
    fn batch_size(&self) -> usize;

    /// Whether every record of a batch is a request of its own, so that a failure is of that record alone.
    fn sends_each(&self) -> bool {
        false
    }

    /// Whether it is somebody else's server: then the first record is tried alone and its echo compared before others are
    /// sent, and what may have arrived is read again.
    fn is_remote(&self) -> bool {
        true
    }

    /// Writes a batch, all of it on the way at once.
    fn write(&mut self, batch: &[RecordChange], fields: &[TargetField]) -> BatchReply;
}
