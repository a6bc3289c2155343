//! Bulk API 2.0: many changes as a job. Rows up, `UploadComplete`, wait, and three lists of what became of them.
//!
//! Nothing is processed before `UploadComplete`, and everything after it may be, whatever becomes of the answers: a job whose
//! end is not known is waited for, by this push or the next one, before anything is read again.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use crate::push::error::{PushStop, StopKind};
use crate::push::login::LoggedIn;
use crate::push::target::{RecordAnswer, RecordChange, TargetField};
use crate::push::targets::salesforce::answers::{SalesforceAnswer, error_code, has_code, json as read_json, stop};
use crate::push::targets::salesforce::ids::record_key;
use crate::push::targets::salesforce::rows::{ResultList, pieces, results};
use crate::push::transport::{HttpMethod, HttpQuestion};

/// Where jobs are.
const JOBS: &str = "/services/data/v62.0/jobs/ingest";
/// The longest pause before a job is looked at again.
const LONGEST_LOOK: Duration = Duration::from_secs(20);
/// How long a job is waited for.
const LONGEST_JOB: Duration = Duration::from_secs(3600);

/// Sends `changes` as jobs, one after the other: what became of each, in order; fewer where the push ends.
pub(super) fn send_in_jobs(
    server: &LoggedIn<'_>,
    object: &str,
    changes: &[&RecordChange],
    fields: &[TargetField],
) -> (Vec<SalesforceAnswer>, Option<PushStop>) {
    let mut told = Vec::with_capacity(changes.len());
    for (piece, rows) in pieces(changes, fields) {
        match send_in_one(server, object, piece, &rows) {
            Ok(of_piece) => told.extend(of_piece),
            Err(stop) => return (told, Some(stop)),
        }
    }
    (told, None)
}

/// Waits for jobs that update the object and are under way: one of them may be of a push that was killed.
pub(super) fn wait_for_others(server: &LoggedIn<'_>, object: &str) -> Result<(), PushStop> {
    let mut page = format!("{JOBS}?jobType=V2Ingest");
    loop {
        let listed = read_json(&server.ask(&page, &HttpQuestion::Get(&[]))?, "the jobs cannot be listed")?;
        let jobs = listed.get("records").and_then(Value::as_array).cloned().unwrap_or_default();
        for job in &jobs {
            let text = |name: &str| job.get(name).and_then(Value::as_str).unwrap_or_default();
            let is_ours = text("object") == object && text("operation") == "update";
            let is_under_way = matches!(text("state"), "UploadComplete" | "InProgress");
            if let Some(id) = record_key(text("id")).filter(|_| is_ours && is_under_way) {
                wait_for(server, &id)?;
            }
        }
        match listed.get("nextRecordsUrl").and_then(Value::as_str).filter(|next| next.starts_with('/')) {
            Some(next) => next.clone_into(&mut page),
            None => return Ok(()),
        }
    }
}

fn send_in_one(
    server: &LoggedIn<'_>,
    object: &str,
    changes: &[&RecordChange],
    rows: &str,
) -> Result<Vec<SalesforceAnswer>, PushStop> {
    let all = |told: SalesforceAnswer| Ok(vec![told; changes.len()]);
    let job = json!({
        "object": object, "operation": "update", "contentType": "CSV", "columnDelimiter": "COMMA", "lineEnding": "LF"
    });
    // A job that is made and never filled does nothing: it may be asked for twice.
    let made = server.ask(JOBS, &HttpQuestion::json(HttpMethod::Post, &job.to_string()))?;
    if made.status == 400 && has_code(&made) {
        return all(SalesforceAnswer::Answer(RecordAnswer::RefusedTogether {
            status: Some(400),
            code: error_code(&made),
        }));
    }
    let made = read_json(&made, "no job is made")?;
    let Some(id) = made.get("id").and_then(Value::as_str).and_then(record_key) else {
        return Err(PushStop::new(StopKind::Strange, "no job is made: the server names none"));
    };
    let upload = HttpQuestion::Send { method: HttpMethod::Put, content_type: "text/csv", body: rows };
    match server.tell(&format!("{JOBS}/{id}/batches"), &upload)? {
        Ok(answer) if matches!(answer.status, 200 | 201) => {}
        Ok(answer) if answer.status == 403 => {
            return stop(&answer).map_or(all(SalesforceAnswer::unknown(Some(403), "refused")), Err);
        }
        // What was uploaded in part is never processed.
        Ok(answer) => {
            return all(SalesforceAnswer::unknown(
                Some(answer.status),
                format!("the upload broke off, {}", error_code(&answer)),
            ));
        }
        Err(_) => return all(SalesforceAnswer::unknown(None, "the upload broke off")),
    }
    let Job { state, error } = close(server, &id)?;
    if !matches!(state.as_str(), "JobComplete" | "Failed" | "Aborted") {
        return Err(PushStop::new(StopKind::Strange, format!("the job {id} is {state}")));
    }
    // Of a job that failed part may have been processed: the lists say which.
    let became = lists(server, &id)?;
    if became.is_empty() && state == "Failed" {
        return all(SalesforceAnswer::Answer(RecordAnswer::RefusedTogether { status: Some(200), code: error }));
    }
    let of = |change: &&RecordChange| {
        let told = record_key(&change.deal).and_then(|key| became.get(&key).cloned());
        told.unwrap_or_else(|| SalesforceAnswer::unknown(Some(200), "not in the results of its job"))
    };
    Ok(changes.iter().map(of).collect())
}

/// How a job stands.
struct Job {
    state: String,
    /// What it failed for.
    error: String,
}

impl Job {
    fn is_under_way(&self) -> bool {
        matches!(self.state.as_str(), "UploadComplete" | "InProgress")
    }
}

/// Says that everything is uploaded, until the job shows that it knows; waits for its end.
fn close(server: &LoggedIn<'_>, id: &str) -> Result<Job, PushStop> {
    let complete = json!({ "state": "UploadComplete" }).to_string();
    for tries in 1..=server.http().tries() {
        // Whether it arrived is seen in the job itself.
        if let Ok(answer) = server.tell(&format!("{JOBS}/{id}"), &HttpQuestion::json(HttpMethod::Patch, &complete))? {
            stop(&answer).map_or(Ok(()), Err)?;
        }
        if look_at(server, id)?.state != "Open" {
            return wait_for(server, id);
        }
        server.http().pause(tries, None);
    }
    Err(PushStop::new(StopKind::Unreachable, format!("the job {id} cannot be closed")))
}

fn look_at(server: &LoggedIn<'_>, id: &str) -> Result<Job, PushStop> {
    let answer = server.ask(&format!("{JOBS}/{id}"), &HttpQuestion::Get(&[]))?;
    let job = read_json(&answer, "the job cannot be asked for")?;
    let text = |name: &str| job.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    Ok(Job { state: text("state"), error: text("errorMessage") })
}

/// Waits for the end of a job, looking at it more and more seldom.
fn wait_for(server: &LoggedIn<'_>, id: &str) -> Result<Job, PushStop> {
    let (mut pause, mut waited) = (Duration::from_millis(50), Duration::ZERO);
    loop {
        let job = look_at(server, id)?;
        if !job.is_under_way() {
            return Ok(job);
        }
        if waited >= LONGEST_JOB {
            let message =
                format!("the job {id} is not finished after an hour; what became of it is read at the next push");
            return Err(PushStop::new(StopKind::Unreachable, message));
        }
        server.http().pause_for(pause);
        waited += pause;
        pause = (pause * 2).min(LONGEST_LOOK);
    }
}

/// What became of every record of a job, by its key.
fn lists(server: &LoggedIn<'_>, id: &str) -> Result<BTreeMap<String, SalesforceAnswer>, PushStop> {
    let mut became = BTreeMap::new();
    for list in ResultList::ALL {
        let answer = server.ask(&format!("{JOBS}/{id}/{}/", list.name()), &HttpQuestion::Get(&[]))?;
        if answer.status != 200 {
            read_json(&answer, "the results of the job cannot be read")?;
        }
        became.extend(results(&answer.body, list));
    }
    Ok(became)
}
