//! Scores in an object of their own beside the opportunities, such as `Deal_Score__c`, whose lookup leads to them.
//!
//! Records are found by that lookup and updated by their own ids; none is made, and no opportunity is touched. Of several records of
//! one opportunity the one with the lowest id counts.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use serde_json::Value;

use crate::config::ScoreField;
use crate::push::error::PushStop;
use crate::push::target::{BatchReply, RecordAnswer, RecordChange, Target, TargetField};
use crate::push::targets::salesforce::ids::record_key;
use crate::push::targets::salesforce::opportunities::{Salesforce, values};
use crate::push::value::FieldValues;

/// Most opportunities of one query: an address may have some 16,000 characters.
const ASKED_AT_ONCE: usize = 200;

/// The records of an object of scores.
pub(in crate::push::targets) struct ScoreObject<'a> {
    records: Salesforce<'a>,
    /// The field that leads to the opportunity.
    lookup: String,
    /// The record of each opportunity, by the opportunity's key.
    ids: BTreeMap<String, String>,
}

impl<'a> ScoreObject<'a> {
    pub fn new(records: Salesforce<'a>, lookup: String) -> Self {
        Self { records, lookup, ids: BTreeMap::new() }
    }

    /// What the records hold whose lookup is `which`, by the opportunity's key.
    fn find(&mut self, which: &str, fields: &[TargetField]) -> Result<BTreeMap<String, FieldValues>, PushStop> {
        let names = ["Id", self.lookup.as_str()].into_iter().chain(fields.iter().map(|field| field.name.as_str()));
        let names = names.collect::<Vec<_>>().join(", ");
        let (object, lookup) = (self.records.object(), &self.lookup);
        let rows = self.records.rows(&format!("SELECT {names} FROM {object} WHERE {lookup} {which} ORDER BY Id"))?;
        let mut held = BTreeMap::new();
        for row in &rows {
            let text = |name: &str| row.get(name).and_then(Value::as_str);
            let (Some(deal), Some(id)) = (text(&self.lookup).and_then(record_key), text("Id")) else { continue };
            if let Entry::Vacant(first) = held.entry(deal) {
                self.ids.insert(first.key().clone(), id.to_owned());
                first.insert(values(row, fields));
            }
        }
        Ok(held)
    }

    /// What is wrong with the lookup.
    fn fault(&self) -> Result<Option<String>, PushStop> {
        let described = self.records.described()?;
        let is_meant = |field: &&Value| field.get("name").and_then(Value::as_str) == Some(self.lookup.as_str());
        let leads = |field: &Value| {
            let to = field.get("referenceTo").and_then(Value::as_array);
            to.is_some_and(|to| to.iter().any(|object| object.as_str() == Some("Opportunity")))
        };
        Ok(match described.iter().find(is_meant) {
            None => Some(format!("{} is not there, or the user does not see it", self.lookup)),
            Some(field) if !leads(field) => Some(format!("{} is no lookup to opportunities", self.lookup)),
            Some(_) => None,
        })
    }

    /// The record of a deal.
    fn own(&self, change: &RecordChange) -> Option<RecordChange> {
        let deal = self.ids.get(&record_key(&change.deal)?)?.clone();
        Some(RecordChange { deal, new: change.new.clone() })
    }
}

impl Target for ScoreObject<'_> {
    fn resolve(&mut self, fields: &[(ScoreField, String)]) -> Result<Vec<Result<TargetField, String>>, PushStop> {
        match self.fault()? {
            Some(fault) => Ok(vec![Err(fault); fields.len()]),
            None => self.records.resolve(fields),
        }
    }

    fn read_all(&mut self, fields: &[TargetField]) -> Result<BTreeMap<String, FieldValues>, PushStop> {
        self.find("!= null", fields)
    }

    fn read_some(&mut self, deals: &[&str], fields: &[TargetField]) -> Result<BTreeMap<String, FieldValues>, PushStop> {
        let named: Vec<(&str, String)> = deals.iter().filter_map(|deal| Some((*deal, record_key(deal)?))).collect();
        let mut records = BTreeMap::new();
        for some in named.chunks(ASKED_AT_ONCE) {
            let keys: Vec<String> = some.iter().map(|(_, key)| format!("'{key}'")).collect();
            let held = self.find(&format!("IN ({})", keys.join(", ")), fields)?;
            records.extend(some.iter().filter_map(|(deal, key)| Some(((*deal).to_owned(), held.get(key)?.clone()))));
        }
        Ok(records)
    }

    fn announce(&mut self, records: usize) {
        self.records.announce(records);
    }

    fn batch_size(&self) -> usize {
        self.records.batch_size()
    }

    fn write(&mut self, batch: &[RecordChange], fields: &[TargetField]) -> BatchReply {
        let unknown = batch.iter().filter(|change| self.own(change).is_none()).map(|change| change.deal.as_str());
        let unknown: Vec<&str> = unknown.collect();
        if let Err(stop) = self.read_some(&unknown, fields) {
            return BatchReply::stopped(stop);
        }
        let own: Vec<Option<RecordChange>> = batch.iter().map(|change| self.own(change)).collect();
        let sent: Vec<RecordChange> = own.iter().flatten().cloned().collect();
        let BatchReply { answers, stop } = match sent.as_slice() {
            [] => BatchReply { answers: Vec::new(), stop: None },
            sent => self.records.write(sent, fields),
        };
        let mut answers = answers.into_iter();
        let gone = || RecordAnswer::Missing { status: None, code: "no score record".to_owned() };
        let answers = own.iter().map_while(|own| if own.is_some() { answers.next() } else { Some(gone()) }).collect();
        BatchReply { answers, stop }
    }
}
