//! Rows of a Bulk API 2.0 job: what goes up, and what the lists of its results say.

use std::collections::{BTreeMap, BTreeSet};

use crate::push::target::{RecordChange, TargetField};
use crate::push::targets::moment::sent;
use crate::push::targets::salesforce::answers::SalesforceAnswer;
use crate::push::targets::salesforce::ids::record_key;
use crate::push::value::FieldValue;

/// Most bytes of one job. Salesforce takes 150 MB, which is 100 MB before it encodes them; the lists of results repeat the
/// rows, and an answer is read up to 64 MB.
const JOB_BYTES: usize = 40_000_000;

/// `changes` in pieces that one job takes each, with their rows: comma, line feed, quotes where they are needed. An empty
/// cell leaves the field as it is.
pub(super) fn pieces<'c>(
    changes: &'c [&'c RecordChange],
    fields: &[TargetField],
) -> Vec<(&'c [&'c RecordChange], String)> {
    pieces_of(changes, fields, JOB_BYTES)
}

fn pieces_of<'c>(
    changes: &'c [&'c RecordChange],
    fields: &[TargetField],
    most: usize,
) -> Vec<(&'c [&'c RecordChange], String)> {
    let names: BTreeSet<&String> = changes.iter().flat_map(|change| change.new.keys()).collect();
    let sent_fields: Vec<&TargetField> = fields.iter().filter(|field| names.contains(&field.name)).collect();
    let header = line(["Id"].into_iter().chain(sent_fields.iter().map(|field| field.name.as_str())));
    let (mut pieces, mut rows, mut first) = (Vec::new(), header.clone(), 0);
    for (at, change) in changes.iter().enumerate() {
        let row = row(change, &sent_fields);
        if at > first && rows.len() + row.len() > most {
            pieces.push((&changes[first..at], std::mem::replace(&mut rows, header.clone())));
            first = at;
        }
        rows += &row;
    }
    pieces.push((&changes[first..], rows));
    pieces
}

fn row(change: &RecordChange, fields: &[&TargetField]) -> String {
    let cell = |field: &&TargetField| match change.new.get(&field.name).map(|value| sent(field.kind, value, "Z")) {
        None => String::new(),
        Some(FieldValue::Number(number)) => number.to_string(),
        Some(FieldValue::Text(text)) => text,
    };
    let cells: Vec<String> = fields.iter().map(cell).collect();
    line([change.deal.as_str()].into_iter().chain(cells.iter().map(String::as_str)))
}

/// Cells as a line.
fn line<'c>(cells: impl Iterator<Item = &'c str>) -> String {
    let quoted = |cell: &str| {
        let needs_quotes = cell.contains([',', '"', '\n', '\r']) || cell.trim() != cell;
        if needs_quotes { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.to_owned() }
    };
    cells.map(quoted).collect::<Vec<_>>().join(",") + "\n"
}

/// One of the lists a job ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ResultList {
    /// Records that were taken.
    Successful,
    /// Records that were refused.
    Failed,
    /// Records the job never came to.
    Unprocessed,
}

impl ResultList {
    /// Every list.
    pub const ALL: [Self; 3] = [Self::Successful, Self::Failed, Self::Unprocessed];

    /// What it is called in an address.
    pub fn name(self) -> &'static str {
        match self {
            Self::Successful => "successfulResults",
            Self::Failed => "failedResults",
            Self::Unprocessed => "unprocessedrecords",
        }
    }
}

/// What a list of results says of each record, by its key.
pub(super) fn results(list: &str, of: ResultList) -> BTreeMap<String, SalesforceAnswer> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(list.as_bytes());
    let columns = reader.headers().cloned().unwrap_or_default();
    let place = |name: &str| columns.iter().position(|column| column == name);
    let (id, own_id, error) = (place("Id"), place("sf__Id"), place("sf__Error"));
    let told = |row: csv::StringRecord| {
        let cell = |place: Option<usize>| place.and_then(|place| row.get(place)).unwrap_or_default();
        let key = record_key(cell(id)).or_else(|| record_key(cell(own_id)))?;
        // `UNABLE_TO_LOCK_ROW:unable to obtain exclusive access to this record:--`
        let code = cell(error).split(':').next().unwrap_or_default();
        let told = match of {
            ResultList::Successful => SalesforceAnswer::Taken,
            ResultList::Failed => SalesforceAnswer::of_error(code, ""),
            ResultList::Unprocessed => SalesforceAnswer::unknown(Some(200), "not processed by its job"),
        };
        Some((key, told))
    };
    reader.records().filter_map(Result::ok).filter_map(told).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::ScoreField;
    use crate::push::target::RecordAnswer;
    use crate::push::value::{FieldValues, TargetKind};

    fn fields() -> Vec<TargetField> {
        let field = |of, name: &str, kind| TargetField { of, name: name.to_owned(), kind };
        vec![
            field(ScoreField::Probability, "P__c", TargetKind::Number(Some(6))),
            field(ScoreField::TopFactors, "F__c", TargetKind::Text(None)),
        ]
    }

    #[test]
    fn rows_are_quoted_and_split_where_a_job_would_be_too_large() {
        let change = |deal: &str, text: Option<&str>| {
            let text = text.map(|text| ("F__c".to_owned(), FieldValue::Text(text.to_owned())));
            let new: FieldValues = [("P__c".to_owned(), FieldValue::Number(0.5))].into_iter().chain(text).collect();
            RecordChange { deal: deal.to_owned(), new }
        };
        let changes = [change("a", Some("stage: \"Won\", (+)\nage")), change("b", None), change("c", Some("plain"))];
        let changes: Vec<&RecordChange> = changes.iter().collect();
        let whole = pieces(&changes, &fields());
        assert_eq!(whole.len(), 1);
        assert_eq!(whole[0].1, "Id,P__c,F__c\na,0.5,\"stage: \"\"Won\"\", (+)\nage\"\nb,0.5,\nc,0.5,plain\n");
        let split = pieces_of(&changes, &fields(), 40);
        let sizes: Vec<usize> = split.iter().map(|(piece, _)| piece.len()).collect();
        assert_eq!(sizes, [1, 2]);
        assert!(split.iter().all(|(_, rows)| rows.starts_with("Id,P__c,F__c\n")));
    }

    #[test]
    fn lists_of_results_are_read_by_the_id_that_was_sent() {
        let failed = "\"sf__Id\",\"sf__Error\",Id,P__c\n\"\",\"UNABLE_TO_LOCK_ROW:unable to obtain exclusive access:--\",\"006000000000001\",\"0.5\"\n\
                      \"\",\"ENTITY_IS_DELETED:entity is deleted:--\",\"006000000000002AAA\",\"0.5\"\n";
        let failed = results(failed, ResultList::Failed);
        assert_eq!(failed["006000000000001"], SalesforceAnswer::Locked);
        assert!(matches!(&failed["006000000000002"], SalesforceAnswer::Answer(RecordAnswer::Missing { .. })));
        let taken = results(
            "\"sf__Id\",\"sf__Created\",Id\n\"006000000000003AAA\",\"false\",\"006000000000003\"\n",
            ResultList::Successful,
        );
        assert_eq!(taken["006000000000003"], SalesforceAnswer::Taken);
        assert!(results("", ResultList::Unprocessed).is_empty());
    }
}
